"""Ways to make one score of many, and who has enough scores for it."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from yardsticks.scores.metrics import NEURAL_AREAS
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import check_option
from yardsticks.stats.moments import rank_columns

SCHEMES = ("mean", "z", "rank")
LEVELS = ("domains", "areas", "metrics")
MIN_COVERAGE = 0.5  # of each domain's metrics that a model has, to be ranked
_MAGNITUDE = 10  # times another metric's size, from which one metric alone decides a mean


def domain_scores(table: ScoreTable, *, policy: str, nesting: str = "website") -> pd.DataFrame:
    """Return `ScoreTable.areas` of a table that has both neural and behavioural metrics.

    Raises
    ------
    ValueError
        It lacks one of the two.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> list(domain_scores(make_twin(), policy="available"))
    ['V1', 'V2', 'V4', 'IT', 'behaviour', 'neural', 'overall']
    """
    areas = table.areas(policy=policy, nesting=nesting)
    if "overall" not in areas:
        lacks = "behavioural" if "neural" in areas else "neural" if "behaviour" in areas else "neural or behavioural"
        raise ValueError(
            f"{table.origin.name} has no {lacks} metrics in Brain-Score's tree, so there is nothing to integrate. Name "
            "the metrics as Brain-Score does, give a catalogue of your own that says their areas, or rank over "
            "metrics, which needs no areas."
        )
    return areas


def score_parts(table: ScoreTable, areas: pd.DataFrame, *, policy: str, over: str) -> pd.DataFrame:
    """Return the scores that an integration averages.

    Parameters
    ----------
    table : ScoreTable
        A leaderboard.
    areas : DataFrame
        Its areas and domains, as from `ScoreTable.areas`.
    policy : {"complete", "zero", "available"}
        Under ``zero`` a missing leaf counts as 0.
    over : {"domains", "areas", "metrics"}
        The neural and the behavioural score, the five areas, or the leaves.

    Returns
    -------
    DataFrame, (n_models, n_parts)

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> table = make_twin()
    >>> list(score_parts(table, table.areas(policy="zero"), policy="zero", over="areas"))
    ['V1', 'V2', 'V4', 'IT', 'behaviour']
    """
    check_option("over", over, LEVELS)
    if over == "domains":
        return areas[["neural", "behaviour"]]
    if over == "areas":
        return areas[[area for area in [*NEURAL_AREAS, "behaviour"] if area in areas]]
    parts = table.values.loc[:, ranked_by(table)]
    return parts.fillna(0.0) if policy == "zero" else parts


def combine(parts: pd.DataFrame, *, scheme: str, weights: pd.Series | None = None) -> pd.Series:
    """Average each model's parts to one score.

    Parameters
    ----------
    parts : DataFrame, (n_models, n_parts)
        As from `score_parts`; a missing part is left out of the average.
    scheme : {"mean", "z", "rank"}
        As in `integrate`.
    weights : Series, optional
        How much each part counts; by default all the same.

    Returns
    -------
    Series, (n_models,)
        Rounded to 10 decimals, so that ties stay ties; NaN for a model without any part.
    """
    times = None if weights is None else weights.reindex(parts.columns).to_numpy(float)
    return pd.Series(average(rescale(parts.to_numpy(float), scheme=scheme), axis=1, times=times), parts.index)


def rescale(scores: np.ndarray, *, scheme: str) -> np.ndarray:
    """Bring each column (n_models, n_columns) to what a scheme averages: as it is, z scores, or ranks in (0, 1)."""
    check_option("scheme", scheme, SCHEMES)
    there = ~np.isnan(scores)
    n = there.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        if scheme == "rank":
            ranks = rank_columns(scores) if there.all() else pd.DataFrame(scores).rank().to_numpy()
            return (ranks - 0.5) / n
        if scheme == "z":
            scores = scores - np.where(there, scores, 0.0).sum(axis=0) / n
            sd = np.sqrt(np.where(there, scores**2, 0.0).sum(axis=0) / n)
            return scores / np.where(sd > 0, sd, np.nan)
    return scores


def average(scores: np.ndarray, *, axis: int, times: np.ndarray | None = None) -> np.ndarray:
    """Average what is there, each column as many times as is said, rounded to 10 decimals; NaN of nothing."""
    there = (~np.isnan(scores)).astype(float) * (1.0 if times is None else times)
    with np.errstate(invalid="ignore"):
        return ((np.nan_to_num(scores) * there).sum(axis=axis) / there.sum(axis=axis)).round(10)


def ranked_by(table: ScoreTable) -> pd.Series:
    """Tell which metrics a ranking goes by: those below Brain-Score's averages, and those that it does not know."""
    domain = table.metrics["domain"]
    return domain.isna() | (domain.isin(["neural", "behaviour"]) & table.metrics["parent"].notna())


def domain_coverage(table: ScoreTable) -> pd.DataFrame:
    """Return the share of each domain's metrics that a model has, (n_models, n_domains), in [0, 1].

    Of metrics that a ranking goes by. Where the domain of none is known, all are the domain ``unknown``.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> domain_coverage(make_twin()).round(2).iloc[0].to_dict()
    {'behaviour': 0.05, 'neural': 0.12}
    """
    domains = table.metrics.loc[ranked_by(table), "domain"]
    if domains.notna().any():
        domains = domains.dropna()
    return table.values[domains.index].notna().T.groupby(domains.fillna("unknown")).mean().T


def has_enough(table: ScoreTable, min_coverage: float = MIN_COVERAGE) -> pd.Series:
    """Tell which models have at least this share of the metrics of each domain."""
    return (domain_coverage(table) >= min_coverage).all(axis=1)


def warn_of_scales(table: ScoreTable, *, scheme: str, over: str) -> None:
    """Warn where scores of very different sizes are averaged as they are."""
    metrics = table.metrics[ranked_by(table)]
    groups = pd.Series("all", metrics.index)
    if over != "metrics":
        metrics = metrics.dropna(subset="domain")
        groups = metrics["domain" if over == "domains" else "area"] if scheme != "mean" else groups[metrics.index]
    elif scheme != "mean":
        return
    sizes = table.values[metrics.index].abs().median()
    for _, size in sizes[sizes > 0].groupby(groups):
        large = size[(size > 1) & (size >= _MAGNITUDE * size.min())]
        if len(large):
            named = ", ".join(f"{metric} ({typical:.3g})" for metric, typical in large.items())
            warnings.warn(
                f"{table.origin.name}: scores of very different sizes are averaged as they are, so the larger decide: "
                f"{named}, beside {size.idxmin()} ({size.min():.3g}; medians). Bring them to one scale, or take the "
                "scheme z or rank over metrics.",
                stacklevel=4,
            )
