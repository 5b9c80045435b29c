"""Do metrics agree about models? Pairwise consistency of metrics, and the groups of Figures 1 and 5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from yardsticks.scores.intervals import interval
from yardsticks.scores.metrics import AREA_ORDER, NEURAL_AREAS
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import PAIR_POLICIES, Consistency, check_option, correct, correlate

METRICS = ("paper", "all")
# two behavioural yardsticks from outside the paper's metrics
ODD_ONE_OUT = "Hebart2023-match"
ATTENTION_MAP = "attention-map"
# The paper does not list its nine Brain-Score groups; these are inferred: they explain its number of metrics
# (69), its significance levels (0.05/36 and 0.05/55) and its number of models (80) together.
GROUPS = {
    **{area: area for area in NEURAL_AREAS},
    "Rajalingham2018": "Rajalingham2018-i2n",
    "Geirhos2021 error consistency": "Geirhos2021-error_consistency",
    "Geirhos2021 top-1": "Geirhos2021-top1",
    "ImageNet top-1": "ImageNet-top1",
    "Shape bias": "Hermann2020cueconflict-shape_bias",
}


def consistency(
    scores: ScoreTable | pd.DataFrame, *, policy: str, method: str = "spearman", seed: int | None = None
) -> Consistency:
    """Correlate every pair of metrics over models.

    Parameters
    ----------
    scores : ScoreTable, or DataFrame (n_models, n_metrics)
        The leaves of a table, any columns made from it such as those of `group_scores`, or a frame of your own, whose
        columns are all correlated: none is taken for a rank or an average and left out, as `open_scores` does.
    policy : {"complete", "pairwise"}
        Use the models that have every metric, or for each pair those that have both.
    method : {"spearman", "kendall", "pearson"}
        Measure of agreement.
    seed : int, optional
        Of random orders, by which p values are found where few models or many ties make others doubtful, see
        `stats.correlate`.

    Returns
    -------
    Consistency
        Coefficients in [-1, 1] (1: the two metrics order all models alike), number of models, and p values.

    Raises
    ------
    ValueError
        An unknown policy or method; a column of text, or one that occurs twice; an infinite score; fewer than 2
        metrics, or than 3 models to rest on.

    References
    ----------
    Ahlert et al. 2024, Figures 1, 4 and 5.

    Examples
    --------
    >>> scores = pd.DataFrame({"A": [0.1, 0.2, 0.4], "B": [0.5, 0.6, 0.7]}, index=["x", "y", "z"])
    >>> float(consistency(scores, policy="complete").corr.at["A", "B"])
    1.0
    """
    check_option("policy", policy, PAIR_POLICIES)
    values, name = (scores.values, scores.origin.name) if isinstance(scores, ScoreTable) else (scores, "the frame")
    if words := [column for column, dtype in values.dtypes.items() if not pd.api.types.is_numeric_dtype(dtype)]:
        raise ValueError(f"{name}: column {words[0]!r} holds no numbers. Make the models the index: set_index().")
    if not values.columns.is_unique:
        twice = values.columns[values.columns.duplicated()][0]
        raise ValueError(f"{name}: column {twice!r} occurs twice. Remove or rename one.")
    infinite = np.argwhere(np.isinf(values.to_numpy(float, na_value=np.nan)))
    if len(infinite):
        row, column = infinite[0]
        raise ValueError(
            f"{name}: row {row + 2}, column {values.columns[column]!r}: {values.iat[row, column]} (model "
            f"{values.index[row]!r}) is infinite. Write a number, or leave the cell empty if it is missing."
        )
    if values.shape[1] < 2:
        raise ValueError(f"{name}: a pair needs 2 metrics, and there are {values.shape[1]}. Take more of them.")
    n_models = len(values.dropna(how="any" if policy == "complete" else "all"))
    if n_models < 3:
        counts = values.count()
        every = "every one of" if policy == "complete" else "scores under"
        raise ValueError(
            f"{name}: a correlation needs 3 models, and {n_models} of {len(values)} have {every} the {len(counts)} "
            f"metrics (fewest have {counts.idxmin()}: {counts.min()}). "
            + (
                "Take the policy pairwise, or fewer metrics."
                if policy == "complete" and len(values.dropna(how="all")) >= 3
                else "Take a table with more."
            )
        )
    return correlate(values, policy=policy, method=method, seed=seed)


def paper_leaves(table: ScoreTable, *, ost: bool = False) -> list[str]:
    """Return the paper's leaf metrics that the table has, V1 to behaviour.

    Parameters
    ----------
    table : ScoreTable
        A leaderboard.
    ost : bool
        Include Kar2019-ost, which nearly no model has; without it the paper's 51 metrics are 50.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> len(paper_leaves(make_twin()))
    50
    """
    return _with_ost(table.metrics.index[table.metrics["in_paper_51"]], ost)


def _with_ost(leaves: Iterable[str], ost: bool) -> list[str]:
    return [leaf for leaf in leaves if ost or leaf != "Kar2019-ost"]


def choose_metrics(table: ScoreTable, metrics: str, *, ost: bool = False) -> list[str]:
    """Return the metrics that an analysis uses.

    Parameters
    ----------
    table : ScoreTable
        A leaderboard, or a table of your own.
    metrics : {"paper", "all"}
        The paper's metrics that the table has, or every one that it has.
    ost : bool
        As for `paper_leaves`: without it ``all`` leaves Kar2019-ost out too, as no model would be complete.

    Raises
    ------
    ValueError
        Another choice; or the table has no such metric.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> [len(choose_metrics(make_twin(), "all", ost=ost)) for ost in (False, True)]
    [82, 83]
    """
    check_option("metrics", metrics, METRICS)
    leaves = paper_leaves(table, ost=ost) if metrics == "paper" else _with_ost(table.values, ost)
    if not leaves and metrics == "all":
        raise ValueError(
            f"{table.origin.name} has no metric but Kar2019-ost, which is left out. Take a table with more."
        )
    if not leaves:
        raise ValueError(
            f"{table.origin.name} has none of the paper's metrics. Take those it has: metrics='all' (--metrics all)."
        )
    return leaves


def group_scores(
    table: ScoreTable, *, policy: str, metrics: str = "paper", nesting: str = "website", ost: bool = False
) -> pd.DataFrame:
    """Average the leaves to the nine Brain-Score groups of Figures 1 and 5, as far as the table has them.

    Parameters
    ----------
    policy : {"complete", "zero", "available"}
        What a missing leaf does to its group's average, see `ScoreTable.areas`.
    metrics : {"paper", "all"}
        Which leaves are averaged: the paper's, or all of the table.
    nesting : {"website", "flat"}
        How leaves make areas.
    ost : bool
        As for `paper_leaves`.

    Returns
    -------
    DataFrame, (n_models, n_groups)
        Rounded to 10 decimals, so that ties stay ties.

    Raises
    ------
    ValueError
        The table has none of the groups.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> groups = group_scores(make_twin(), policy="available")
    >>> list(groups)[:5]
    ['V1', 'V2', 'V4', 'IT', 'Rajalingham2018']
    """
    check_option("metrics", metrics, METRICS)
    chosen = set(_with_ost(table.values, ost) if metrics == "all" else paper_leaves(table, ost=ost))
    leaves = [leaf for leaf in table.values if leaf in chosen or table.metrics.at[leaf, "domain"] == "engineering"]
    part = table.select(metrics=leaves)
    areas = part.areas(policy=policy, nesting=nesting)
    groups = {
        label: areas.get(node) if label in NEURAL_AREAS else part.node(node, policy=policy)
        for label, node in GROUPS.items()
    }
    groups = {label: score for label, score in groups.items() if score is not None}
    if not groups:
        raise ValueError(f"{table.origin.name} has no metric of the groups {', '.join(GROUPS)}.")
    return pd.DataFrame(groups, index=part.values.index).round(10)


def pair_table(
    result: Consistency, *, correction: str = "bonferroni", draws: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List the pairs of a consistency matrix, one row each.

    Parameters
    ----------
    result : Consistency
    correction : {"bonferroni", "holm", "fdr_bh", "none"}
        Of the p values, for the number of pairs.
    draws : DataFrame, (n_pairs, n), optional
        The same correlations on resamples, as from `intervals.resample`.

    Returns
    -------
    DataFrame, (n_metrics (n_metrics - 1) / 2, 6 or 8)
        Columns metric_a, metric_b, n, rho, p, p_adjusted; with draws also low and high, the 95 % interval.

    Examples
    --------
    >>> scores = pd.DataFrame({"A": [0.1, 0.2, 0.4], "B": [0.5, 0.6, 0.7], "C": [0.3, 0.1, 0.2]})
    >>> pair_table(consistency(scores, policy="complete"))[["metric_a", "metric_b", "n", "rho"]]
      metric_a metric_b  n  rho
    0        A        B  3  1.0
    1        A        C  3 -0.5
    2        B        C  3 -0.5
    """
    rows, columns = np.triu_indices(len(result.corr), 1)
    names = result.corr.index.to_numpy()
    pairs = pd.DataFrame(
        {
            "metric_a": names[rows],
            "metric_b": names[columns],
            "n": result.n.to_numpy()[rows, columns],
            "rho": result.corr.to_numpy()[rows, columns],
            "p": result.p.to_numpy()[rows, columns],
            "p_adjusted": correct(result.p, correction).to_numpy()[rows, columns],
        }
    )
    return pairs if draws is None else pairs.join(interval(draws), on=["metric_a", "metric_b"])


def mean_by_areas(pairs: pd.DataFrame, areas: Mapping[str, str], *, draws: pd.DataFrame | None = None) -> pd.DataFrame:
    """Average the correlations of metrics within each area and between each two areas.

    Parameters
    ----------
    pairs : DataFrame
        As from `pair_table`.
    areas : mapping of metric to area
        Pairs with a metric of no known area are left out.
    draws : DataFrame, (n_pairs, n), optional
        As for `pair_table`.

    Returns
    -------
    DataFrame
        One row for each two areas between which there are pairs, index area_a, area_b, V1 to engineering; columns
        n_pairs (that have a correlation) and mean_rho in [-1, 1], NaN where none has one; with draws also low and high,
        its 95 % interval.

    Examples
    --------
    >>> pairs = pd.DataFrame({"metric_a": ["A", "A"], "metric_b": ["B", "C"], "rho": [0.5, 0.7]})
    >>> mean_by_areas(pairs, {"A": "V1", "B": "IT", "C": "IT"}).loc[("V1", "IT")].to_dict()
    {'n_pairs': 2.0, 'mean_rho': 0.6}
    """
    known = [area for area in AREA_ORDER if area in set(areas.values())]
    position = {area: i for i, area in enumerate(known)}
    of = pairs[["metric_a", "metric_b"]].apply(lambda metrics: metrics.map(areas).map(position))
    inside = of.notna().all(axis=1)
    two = [of[inside].min(axis=1), of[inside].max(axis=1)]
    means = pairs.loc[inside, "rho"].groupby(two).agg(["count", "mean"]).set_axis(["n_pairs", "mean_rho"], axis=1)
    if draws is not None:
        labels = [side.to_numpy() for side in two]
        means = means.join(interval(draws.set_axis(pairs.index)[inside].groupby(labels).mean()))
    index = pd.MultiIndex.from_tuples(
        [(known[int(a)], known[int(b)]) for a, b in means.index], names=["area_a", "area_b"]
    )
    return means.set_axis(index)
