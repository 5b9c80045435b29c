"""Ranks over resampled metrics: how a ranking would come out with other metrics of the same kind."""

from __future__ import annotations

import numpy as np
import pandas as pd

from yardsticks.scores.integration.schemes import average, ranked_by, rescale
from yardsticks.scores.integration.votes import VOTES, vote_many
from yardsticks.scores.intervals import ENDS, FEWEST
from yardsticks.scores.metrics import NEURAL_AREAS
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import draw_counts


def resampled_areas(
    table: ScoreTable, models: pd.Index, *, policy: str, nesting: str = "website", n: int = 1000, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """Average the leaves up to areas and domains, as `ScoreTable.areas` does, for resamples of the metrics.

    Of each domain as many metrics are drawn as it has, with replacement. One that is drawn twice counts twice at its
    place in the tree; a study, property or area of which none is drawn has no part in the average above it. So what
    hangs on a single metric, such as V2, is sometimes missing: the interval knows that another study might have been
    made in its place.

    Parameters
    ----------
    table : ScoreTable
    models : Index
        The models to average, the same in all resamples.
    policy, nesting : str
        As for `ScoreTable.areas`. Under ``complete`` `models` have all metrics.
    n, seed : int
        Resamples, and of their random numbers: tables with the same metrics are resampled alike.

    Returns
    -------
    dict of str to DataFrame, (n_models, n)
        By area and domain; rounded to 10 decimals; NaN where a model has none of the drawn metrics.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> table = make_twin()
    >>> resampled_areas(table, table.values.index, policy="zero", n=7)["neural"].shape
    (280, 7)
    """
    values, counts = _drawn(table, models, policy=policy, n=n, seed=seed)
    children, areas = table.children(), {}

    def leaves_and(leaves: list[str], parts: list[np.ndarray]) -> np.ndarray | None:
        if not (leaves or parts):
            return None
        return _average(values[leaves].to_numpy(float), counts[leaves].to_numpy(), parts)

    def descend(node: str) -> np.ndarray | None:
        names = children.get(node, ())
        parts = [score for name in names if name not in values and (score := descend(name)) is not None]
        return leaves_and([name for name in names if name in values], parts)

    for area in [*NEURAL_AREAS, "behaviour"]:
        if nesting == "flat":
            found = leaves_and([leaf for leaf in values if table.metrics.at[leaf, "area"] == area], [])
        else:
            found = descend("behavior_vision" if area == "behaviour" else area)
        if found is not None:
            areas[area] = found
    if neural := [areas[area] for area in NEURAL_AREAS if area in areas]:
        areas["neural"] = leaves_and([], neural)
    if "neural" in areas and "behaviour" in areas:
        areas["overall"] = leaves_and([], [areas["neural"], areas["behaviour"]])
    return {name: pd.DataFrame(score.round(10), models) for name, score in areas.items()}


def resampled_ranks(
    table: ScoreTable,
    models: pd.Index,
    *,
    scheme: str,
    policy: str,
    over: str = "domains",
    nesting: str = "website",
    weights: pd.Series | None = None,
    n: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Rank models by resampled metrics, everything that a scheme computes over models anew each time.

    Parameters
    ----------
    table, models, policy, nesting, n, seed
        As for `resampled_areas`.
    scheme, over, weights
        As for `integrate`.

    Returns
    -------
    DataFrame, (n_models, n)
        1 is best, ties share the better rank; NaN where a model has none of the drawn metrics.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> table = make_twin()
    >>> resampled_ranks(table, table.values.index, scheme="z", policy="zero", n=7).shape
    (280, 7)
    """
    if over == "metrics":
        values, counts = _drawn(table, models, policy=policy, n=0 if scheme == "kemeny" else n, seed=seed)
        times = (counts if weights is None else counts * weights.reindex(counts.columns)).to_numpy()
        if scheme in VOTES:
            score = vote_many(values, times, scheme=scheme)
        else:
            rescaled = rescale(values.to_numpy(float), scheme=scheme)
            score = pd.DataFrame(_average(rescaled, times, []).round(10), models)
    else:
        areas = resampled_areas(table, models, policy=policy, nesting=nesting, n=n, seed=seed)
        names = ["neural", "behaviour"] if over == "domains" else [*NEURAL_AREAS, "behaviour"]
        parts = [rescale(areas[name].to_numpy(), scheme=scheme) for name in names if name in areas]
        score = pd.DataFrame(average(np.stack(parts), axis=0), models)
    return score.rank(ascending=False, method="min")


def rank_intervals(draws: pd.DataFrame) -> pd.DataFrame:
    """Summarise resampled ranks.

    Parameters
    ----------
    draws : DataFrame, (n_models, n)
        As from `resampled_ranks`.

    Returns
    -------
    DataFrame, (n_models, 3)
        Columns rank_low and rank_high, whole ranks between which at least 95 % of the resamples lie, and p_first, the
        share of resamples in which the model is first, in [0, 1], those who tie sharing it. Missing where there were
        no resamples.

    Examples
    --------
    >>> rank_intervals(pd.DataFrame([[1.0, 1.0, 2.0], [2.0, 1.0, 1.0]], ["x", "y"])).loc["x"].tolist()
    [1.0, 2.0, 0.5]
    """
    ranks = draws.to_numpy(float)
    known = ~np.isnan(ranks)
    frame = pd.DataFrame(np.nan, draws.index, ["rank_low", "rank_high", "p_first"])
    if ranks.size:
        ordered = np.sort(ranks, axis=1)  # missing ranks last
        last = np.maximum(known.sum(axis=1) - 1, 0)
        rows = np.arange(len(ranks))
        frame["rank_low"] = ordered[rows, np.floor(ENDS[0] * last).astype(int)]
        frame["rank_high"] = ordered[rows, np.ceil(ENDS[1] * last).astype(int)]
        first = ranks == 1
        frame["p_first"] = (first / np.maximum(first.sum(axis=0), 1)).mean(axis=1)
    return frame.astype({"rank_low": "Int64", "rank_high": "Int64"})


def _drawn(table: ScoreTable, models: pd.Index, *, policy: str, n: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the models' scores (n_models, n_metrics), and how often each metric is drawn (n, n_metrics)."""
    metrics = table.metrics[ranked_by(table)]
    values = table.values.loc[models, metrics.index]
    rng = np.random.default_rng(seed)
    counts = {}
    for _, leaves in metrics.groupby(metrics["domain"].fillna("unknown")).groups.items():
        drawn = draw_counts(np.arange(len(leaves)), n=n if len(metrics) >= FEWEST else 0, rng=rng)
        counts |= dict(zip(leaves, drawn.T, strict=True))
    return values.fillna(0.0) if policy == "zero" else values, pd.DataFrame(counts, dtype=float)[[*values]]


def _average(scores: np.ndarray, counts: np.ndarray, parts: list[np.ndarray]) -> np.ndarray:
    """Average leaves (n_models, n_leaves) as often as drawn (n, n_leaves) and other parts, each (n_models, n)."""
    there = ~np.isnan(scores)
    total, weight = np.where(there, scores, 0.0) @ counts.T, there @ counts.T
    for part in parts:
        known = ~np.isnan(part)
        total, weight = total + np.where(known, part, 0.0), weight + known
    with np.errstate(invalid="ignore"):
        return total / weight
