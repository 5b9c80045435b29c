"""Which metrics a ranking needs: few that keep every model within its interval, chosen one by one and cross-validated.

The choice is greedy: at each step the metric that brings the ranking nearest to that by all. Trying all sets is out of
reach with 50 metrics, and the best set may be smaller than the one found.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from yardsticks.scores.integration import domain_scores, rank_intervals, resampled_ranks
from yardsticks.scores.intervals import ENDS, FEWEST, interval
from yardsticks.scores.metrics import NEURAL_AREAS
from yardsticks.scores.missing import study
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import draw_counts

FEWEST_MODELS = 10
KEPT = 0.95  # of models within their interval, from which on a ranking is kept


def subset_scores(table: ScoreTable, chosen: np.ndarray) -> np.ndarray:
    """Average complete models' scores along Brain-Score's tree as if the table had only some of its metrics.

    Parameters
    ----------
    table : ScoreTable
        Without missing scores, and with both neural and behavioural metrics.
    chosen : array of bool, (n_sets, n_metrics)

    Returns
    -------
    array, (n_models, n_sets)
        The mean of neural and behavioural score, rounded to 10 decimals: for each set as `ScoreTable.areas` has it for
        the table of just these metrics; NaN where a set has no metric of one of the two.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> table = make_twin().select(metrics=["MajajHong2015.IT-pls", "Rajalingham2018-i2n"]).complete()
    >>> scores = subset_scores(table, np.array([[True, True], [True, False]]))
    >>> bool(np.allclose(scores[:, 0], table.values.mean(axis=1))), bool(np.isnan(scores[:, 1]).all())
    (True, True)
    """
    values = table.values.to_numpy(float)
    column = {metric: number for number, metric in enumerate(table.values)}
    children = table.children()

    def average(parts: list[np.ndarray]) -> np.ndarray:
        stacked = np.array(parts)
        there = ~np.isnan(stacked)
        with np.errstate(invalid="ignore"):
            return np.where(there, stacked, 0.0).sum(axis=0) / there.sum(axis=0)

    def descend(node: str) -> np.ndarray | None:
        if node in column:
            return np.where(chosen[:, column[node]], values[:, [column[node]]], np.nan)
        below = [score for child in children.get(node, ()) if (score := descend(child)) is not None]
        return average(below) if below else None

    neural = [score for area in NEURAL_AREAS if (score := descend(area)) is not None]
    return ((average(neural) + descend("behavior_vision")) / 2).round(10)


def choose_greedily(table: ScoreTable, *, most: int, chosen: Sequence[str] = ()) -> list[str]:
    """Choose metrics one by one, each time the one with which the ranking comes nearest to that by all of them.

    Parameters
    ----------
    table : ScoreTable
        As for `subset_scores`.
    most : int
        Metrics to choose, at least 2.
    chosen : sequence of str
        To begin with; without any, with the best pair of one neural and one behavioural metric, all pairs tried.

    Returns
    -------
    list of str
        In the order of choice. Nearest is the highest Spearman correlation over models; of equals the first.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> metrics = ["MajajHong2015.IT-pls", "MajajHong2015.V4-pls", "Rajalingham2018-i2n"]
    >>> len(choose_greedily(make_twin().select(metrics=metrics).complete(), most=2))
    2
    """
    names = table.values.columns
    goal = _ranks(subset_scores(table, np.ones((1, len(names)), bool)))
    chosen = list(chosen)
    if not chosen:
        domain = table.metrics["domain"]
        first, second = np.meshgrid(np.flatnonzero(domain == "neural"), np.flatnonzero(domain == "behaviour"))
        pairs = np.zeros((first.size, len(names)), bool)
        pairs[np.arange(first.size), first.ravel()] = pairs[np.arange(first.size), second.ravel()] = True
        best = pairs[np.argmax(_nearness(table, pairs, goal))]
        chosen = list(names[best])
    while len(chosen) < min(most, len(names)):
        rest = [name for name in names if name not in chosen]
        sets = np.array([names.isin([*chosen, name]) for name in rest])
        chosen.append(rest[int(np.argmax(_nearness(table, sets, goal)))])
    return chosen


def held_out(table: ScoreTable, *, most: int, seed: int, n_folds: int = 5, n: int = 1000) -> pd.DataFrame:
    """Say how well the first metrics of a greedy choice rank models that had no part in it.

    Parameters
    ----------
    table : ScoreTable
        As for `subset_scores`.
    most : int
        Metrics to choose.
    seed : int
        Of the folds, and of the resamples.
    n_folds : int
        Parts of the models; each is left out in turn, and metrics are chosen on the others.
    n : int
        Resamples.

    Returns
    -------
    DataFrame
        Index n_metrics, from 2; columns within (of the models left out, the share whose rank by the chosen metrics,
        among all models, lies in the 95 % interval of their rank by all metrics), low and high (its 95 % interval over
        models, the choice as it is), enough (of the resamples of the models, those in which this many metrics or fewer
        keep 95 % of them within), rho (Spearman with the ranking by all, over all models, mean of the folds) and
        by_chance (the share within for as many metrics drawn at random, of each domain at least one, mean of 200
        draws).

    Raises
    ------
    ValueError
        The table lacks neural or behavioural metrics; fewer than 10 models or 5 metrics.

    Examples
    --------
    >>> from yardsticks.scores import make_twin, paper_leaves, paper_models
    >>> table = paper_models(make_twin(), imagenet_floor=0.019)
    >>> table = table.select(metrics=paper_leaves(table)[:24] + paper_leaves(table)[-4:])
    >>> list(held_out(table, most=3, seed=1, n=50).index)
    [2, 3]
    """
    models, names = table.values.index, table.values.columns
    domain_scores(table, policy="complete")
    if len(models) < FEWEST_MODELS or len(names) < FEWEST:
        raise ValueError(
            f"{table.origin.name}: to leave models out, {FEWEST_MODELS} with all metrics are needed, and {FEWEST} "
            f"metrics, by which ranks get intervals; there are {len(models)} and {len(names)}."
        )
    rng = np.random.default_rng(seed)
    draws = resampled_ranks(table, models, scheme="mean", policy="complete", n=n, seed=seed)
    ends = rank_intervals(draws)[["rank_low", "rank_high"]].to_numpy(float)
    whole = _ranks(subset_scores(table, np.ones((1, len(names)), bool)))
    sizes = range(2, min(most, len(names)) + 1)
    fold = rng.permutation(len(models)) % n_folds
    inside, rho = np.empty((len(models), len(sizes))), np.empty((n_folds, len(sizes)))
    for number in range(n_folds):
        order = choose_greedily(table.select(models=models[fold != number]), most=sizes[-1])
        sets = np.array([names.isin(order[:size]) for size in sizes])
        ranks = _ranks(subset_scores(table, sets))
        inside[fold == number] = _inside(ranks, ends)[fold == number]
        rho[number] = _spearman(ranks, whole)
    counts = draw_counts(np.arange(len(models)), n=n if len(models) >= FEWEST else 0, rng=rng)
    frame = pd.DataFrame({"within": inside.mean(axis=0)}, pd.Index(sizes, name="n_metrics"))
    shares = (counts @ inside / len(models)).round(10)
    frame = frame.join(interval(pd.DataFrame(shares.T, frame.index)))
    frame["enough"] = np.logical_or.accumulate(shares >= KEPT, axis=1).mean(axis=0)
    by_chance = [_inside(_ranks(subset_scores(table, _random_sets(table, size, rng))), ends).mean() for size in sizes]
    return frame.assign(rho=rho.mean(axis=0), by_chance=by_chance)


def needed(found: pd.DataFrame) -> dict[str, float]:
    """Say how many metrics it takes to keep 95 % of the models left out within their interval.

    Parameters
    ----------
    found : DataFrame
        As from `held_out`.

    Returns
    -------
    dict of str to float
        n, and its 95 % interval over models, low and high, of which one is NaN that no number that was tried reaches.

    Raises
    ------
    ValueError
        No number of metrics that was tried does.

    Examples
    --------
    >>> found = {"within": [0.8, 0.97, 0.96], "enough": [0.01, 0.6, 0.99]}
    >>> needed(pd.DataFrame(found, pd.Index([2, 3, 4], name="n_metrics")))
    {'n': 3, 'low': 3, 'high': 4}
    """
    reached = {"n": found["within"] >= KEPT, "low": found["enough"] > ENDS[0], "high": found["enough"] >= ENDS[1]}
    if not reached["n"].any():
        raise ValueError(
            f"up to {found.index[-1]} metrics keep {found['within'].max():.0%} of the models within their interval, "
            f"not {KEPT:.0%}. Let more be chosen."
        )
    return {name: int(found.index[true.argmax()]) if true.any() else np.nan for name, true in reached.items()}


def describe_savings(table: ScoreTable, chosen: Sequence[str]) -> dict[str, int | float]:
    """Count what need not be measured if only the chosen metrics are.

    Parameters
    ----------
    table : ScoreTable
    chosen : sequence of str

    Returns
    -------
    dict of str to int or float
        n_chosen, n_skipped (metrics), n_scores (scores that the table's models have under the skipped ones), n_studies
        and n_studies_chosen (whose data all and the chosen metrics need) and skipped (share of the metrics).

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> table = make_twin().select(metrics=["MajajHong2015.IT-pls", "MajajHong2015.V4-pls", "Rajalingham2018-i2n"])
    >>> describe_savings(table, ["MajajHong2015.IT-pls"])["n_studies"]
    2
    """
    rest = [metric for metric in table.values if metric not in set(chosen)]
    return {
        "n_chosen": len(chosen),
        "n_skipped": len(rest),
        "n_scores": int(table.values[rest].count().sum()),
        "n_studies": len({study(metric) for metric in table.values}),
        "n_studies_chosen": len({study(metric) for metric in chosen}),
        "skipped": len(rest) / table.values.shape[1],
    }


def _ranks(scores: np.ndarray) -> np.ndarray:
    """Rank (n_models, n_sets), 1 the best; ties share the better rank."""
    return pd.DataFrame(scores).rank(ascending=False, method="min").to_numpy()


def _spearman(ranks: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Correlate each column of ranks (n_models, n_sets) with the ranking by all metrics; -1 of one that is constant."""
    mean_ranks = [pd.DataFrame(part).rank().to_numpy() for part in (ranks, whole)]
    a, b = (part - part.mean(axis=0) for part in mean_ranks)
    size = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(size > 0, (a * b).sum(axis=0) / size, -1.0)


def _nearness(table: ScoreTable, sets: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Correlate the rankings by sets (n_sets, n_metrics) with that by all, in 12 decimals, so that ties tie."""
    return _spearman(_ranks(subset_scores(table, sets)), whole).round(12)


def _inside(ranks: np.ndarray, ends: np.ndarray) -> np.ndarray:
    return (ends[:, [0]] <= ranks) & (ranks <= ends[:, [1]])


def _random_sets(table: ScoreTable, size: int, rng: np.random.Generator, n: int = 200) -> np.ndarray:
    """Draw sets of metrics with at least one of each domain."""
    domain = table.metrics["domain"].to_numpy()
    n_metrics = len(domain)
    sets = np.zeros((n, n_metrics), bool)
    for row in sets:
        row[[rng.choice(np.flatnonzero(domain == name)) for name in ("neural", "behaviour")]] = True
        row[rng.choice(np.flatnonzero(~row), size - 2, replace=False)] = True
    return sets
