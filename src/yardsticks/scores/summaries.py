"""What the chapters say about tables of scores and of pairs in one line each: counts, means, intervals, words."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from yardsticks.claims import CANNOT_BE_TOLD, COMPATIBLE, NOT_COMPATIBLE, TALLIES, UNDECIDED, VERDICTS
from yardsticks.scores.consistency import choose_metrics, mean_by_areas
from yardsticks.scores.intervals import with_ends
from yardsticks.scores.metrics import NEURAL_AREAS
from yardsticks.scores.missing import SMALLEST_GROUP
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import coefficients

KINDS = ("two neural metrics", "two behavioural metrics", "one of each", "others")


def describe_table(table: ScoreTable) -> dict[str, float]:
    """Count a table's models, names, metrics and scores.

    Returns
    -------
    dict of str to float
        Keys n_models, n_names (different ones), n_metrics, n_paper (metrics among the paper's 51), n_scores,
        missing_share (of all cells, in [0, 1]), n_negative and n_above_one (scores).
    """
    values = table.values
    return {
        "n_models": len(values),
        "n_names": table.models["name"].nunique(),
        "n_metrics": values.shape[1],
        "n_paper": table.metrics["in_paper_51"].sum(),
        "n_scores": values.count().sum(),
        "missing_share": values.isna().to_numpy().mean(),
        "n_negative": (values < 0).sum().sum(),
        "n_above_one": (values > 1).sum().sum(),
    }


def describe_errors(table: ScoreTable, n_least: int = 30) -> dict[str, int | str]:
    """Compare published errors with how much models differ, for the metrics that are scores over a ceiling.

    Parameters
    ----------
    table : ScoreTable
    n_least : int
        Metrics with an error for fewer models are left out.

    Returns
    -------
    dict
        n_metrics, those with enough errors; n_large, those of them whose mean squared error exceeds the variance
        between the same models; large, their names; highest_rho, the highest Spearman correlation of two of these.
        The last two in words, as there may be none.
    """
    leaves = table.metrics.index[table.metrics["domain"].isin(["neural", "behaviour"])]
    errors = pd.DataFrame(index=table.values.index)
    if table.cells is not None:
        cells = table.cells[table.cells["metric"].isin(leaves)]
        errors = cells.pivot(index="model_id", columns="metric", values="error").reindex(table.values.index)
        errors = errors.where(table.values[errors.columns].notna()).astype(float)
    errors = errors.loc[:, errors.count() >= n_least]
    scores = table.values[errors.columns].where(errors.notna())
    large = errors.columns[(errors**2).mean() > scores.var()]
    rho = coefficients(scores[large], method="spearman").to_numpy()[np.triu_indices(len(large), 1)]
    return {
        "n_metrics": errors.shape[1],
        "n_large": len(large),
        "large": ", ".join(large) or "none",
        "highest_rho": f"{rho.max():.2f}" if rho.size else "an unknown value",
    }


def describe_areas(coverage: pd.DataFrame) -> pd.DataFrame:
    """Sum the coverage of metrics up to areas.

    Parameters
    ----------
    coverage : DataFrame
        As from `missing.coverage`.

    Returns
    -------
    DataFrame, (n_areas, 5)
        Index area, ``unknown`` for metrics that the catalogue does not have; columns n_metrics, median_n_models and
        median_score (medians over metrics), n_negative (scores) and n_failed (evaluations without a number).
    """
    return (
        coverage.fillna({"area": "unknown"})
        .groupby("area", sort=False)
        .agg(
            n_metrics=("n_models", "size"),
            median_n_models=("n_models", "median"),
            median_score=("median", "median"),
            n_negative=("n_negative", "sum"),
            n_failed=("n_failed", "sum"),
        )
    )


def pair_kinds(pairs: pd.DataFrame, areas: pd.Series) -> pd.Categorical:
    """Say of each pair of metrics whether both are neural, both behavioural, one of each, or something else.

    Parameters
    ----------
    pairs : DataFrame, (n_pairs, ...)
        As from `consistency.pair_table`.
    areas : Series
        Area of each metric; None where it is not known.

    Returns
    -------
    Categorical, (n_pairs,)
        Of `KINDS`.
    """
    sides = [pairs[column].map(areas) for column in ("metric_a", "metric_b")]
    n_neural = sum(side.isin(NEURAL_AREAS).astype(int) for side in sides)
    n_behaviour = sum((side == "behaviour").astype(int) for side in sides)
    found = np.select([n_neural == 2, n_behaviour == 2, (n_neural == 1) & (n_behaviour == 1)], KINDS[:3], KINDS[3])
    return pd.Categorical(found, KINDS, ordered=True)


def describe_pairs(pairs: pd.DataFrame, *, draws: pd.DataFrame | None = None, alpha: float = 0.05) -> pd.Series:
    """Count and average the correlations of pairs of metrics.

    Parameters
    ----------
    pairs : DataFrame
        As from `consistency.pair_table`.
    draws : DataFrame, (n_pairs, n), optional
        As there.
    alpha : float
        Level that the adjusted p values are held against.

    Returns
    -------
    Series
        Index n_pairs, those with a correlation, which all else is of, and n_undefined, those without; n_min and n_max,
        the models that a pair rests on; mean in [-1, 1]; share_negative, share_significant, n_significant. With draws
        also mean_low and mean_high, share_negative_low and share_negative_high: 95 % intervals.
    """
    known = pairs.dropna(subset="rho")
    significant = known["p_adjusted"] < alpha
    found = {
        "n_pairs": len(known),
        "n_undefined": len(pairs) - len(known),
        "n_min": known["n"].min(),
        "n_max": known["n"].max(),
        "mean": known["rho"].mean(),
        "share_negative": (known["rho"] < 0).mean(),
        "share_significant": significant.mean(),
        "n_significant": significant.sum(),
    }
    if draws is not None:
        found |= with_ends(pd.DataFrame({"mean": draws.mean(), "share_negative": (draws < 0).sum() / draws.count()}).T)
    return pd.Series(found, dtype=object)


def extreme_pairs(pairs: pd.DataFrame, n: int = 20) -> pd.DataFrame:
    """Return of many pairs those that agree most and those that agree least, half of `n` each, by falling correlation.

    Parameters
    ----------
    pairs : DataFrame
        As from `consistency.pair_table`; where it has no more than `n`, all of them in their order.
    n : int

    Examples
    --------
    >>> extreme_pairs(pd.DataFrame({"rho": [0.1, 0.3, 0.2]}), n=2)["rho"].tolist()
    [0.3, 0.1]
    """
    if len(pairs) <= n:
        return pairs
    order = pairs.sort_values("rho", ascending=False, kind="stable")  # those without a correlation last
    known = order.dropna(subset="rho")
    return pd.concat([known.head(n // 2), known.iloc[n // 2 :].tail(n // 2)])


def pairs_with(pairs: pd.DataFrame, metric: str) -> dict[str, float]:
    """Return one metric's correlation with each other, named as that is, and its interval, ``_low`` and ``_high``.

    Parameters
    ----------
    pairs : DataFrame
        As from `consistency.pair_table`, with draws.
    metric : str
    """
    first = pairs["metric_a"] == metric
    of = pairs[first | (pairs["metric_b"] == metric)]
    if of.empty:
        raise ValueError(f"{metric!r} is not among the metrics.")
    others = of["metric_b"].where(first, of["metric_a"])
    columns = (("", "rho"), ("_low", "low"), ("_high", "high"))
    return {f"{other}{end}": value for end, column in columns for other, value in zip(others, of[column], strict=True)}


def mean_by_kind(pairs: pd.DataFrame, areas: pd.Series, *, draws: pd.DataFrame | None = None) -> pd.Series:
    """Average the correlations of pairs by kind and by area.

    Parameters
    ----------
    pairs, areas
        As for `pair_kinds`.
    draws : DataFrame, (n_pairs, n), optional
        As for `consistency.pair_table`.

    Returns
    -------
    Series
        In [-1, 1], NaN where there is no such pair; index within_neural, within_behaviour, between, and
        ``<area>_<area>`` for each two areas, V1 to behaviour; with draws also the ends of the 95 % intervals, index
        ``<name>_low`` and ``<name>_high``.
    """
    kinds = pair_kinds(pairs, areas)
    names = dict(zip(KINDS, ("within_neural", "within_behaviour", "between"), strict=False))
    by_kind = pairs["rho"].groupby(kinds, observed=False).mean().rename(names)
    by_areas = mean_by_areas(pairs, areas.dropna().to_dict(), draws=draws).rename(columns={"mean_rho": ""})
    found = by_kind[[*names.values()]].to_dict()
    if draws is not None:
        found |= with_ends(draws.groupby(kinds, observed=False).mean().rename(names).loc[[*names.values()]])
    for two in combinations_with_replacement([*NEURAL_AREAS, "behaviour"], 2):
        for column in by_areas.columns.drop("n_pairs"):
            found["_".join(filter(None, [*two, column]))] = by_areas[column].get(two, np.nan)
    return pd.Series(found, dtype=float)


def describe_missing(table: ScoreTable, frame: pd.DataFrame, *, metrics: str = "paper") -> dict[str, int]:
    """Count models with holes by the groups they form.

    Parameters
    ----------
    table, metrics
        As for `missing.missing_scores`.
    frame : DataFrame
        As from there.

    Returns
    -------
    dict of str to int
        Keys n_models, n_complete (all metrics but Kar2019-ost), n_groups (of incomplete models), n_clustered (models in
        one of these), n_other (incomplete, in none) and smallest_group.
    """
    incomplete = table.values[choose_metrics(table, metrics)].isna().any(axis=1)
    clusters = frame.loc[incomplete, "group"].value_counts()
    return {
        "n_models": len(frame),
        "n_complete": (~incomplete).sum(),
        "n_groups": (clusters.index != "other counts").sum(),
        "n_clustered": clusters.drop("other counts", errors="ignore").sum(),
        "n_other": clusters.get("other counts", 0),
        "smallest_group": SMALLEST_GROUP,
    }


def count_claims_by_tally(claims: pd.DataFrame) -> dict[str, int]:
    """Count the verdicts of `claims.claim_table`: those that could have been otherwise apart from the others.

    Returns
    -------
    dict of str to int
        Keys n_claims; n_free, n_fitted and n_given, by what the verdict is worth; of the free ones ``n_<verdict>`` and
        ``n_<verdict>_plain`` for reproduced, close, differs and undecided; n_compatible, n_not_compatible,
        n_cannot_be_told and n_not_estimated, counts, of which this is not asked; and by kind n_numbers and
        n_statements, each also with ``_<verdict>``.
    """
    counts = {"n_claims": len(claims)} | {f"n_{tally}": int((claims["tally"] == tally).sum()) for tally in TALLIES}
    free = claims[claims["tally"] == "free"]
    for column, suffix in (("verdict", ""), ("verdict_plain", "_plain")):
        for verdict in (*VERDICTS, UNDECIDED):
            counts[f"n_{verdict}{suffix}"] = int((free[column] == verdict).sum())
    for verdict in (COMPATIBLE, NOT_COMPATIBLE, CANNOT_BE_TOLD):
        counts[f"n_{verdict.replace(' ', '_')}"] = int((free["compatible"] == verdict).sum())
    counts["n_not_estimated"] = int((free["compatible"] == "").sum())
    stated = free["printed"].isna()
    for kind, of in (("numbers", free[~stated]), ("statements", free[stated])):
        counts[f"n_{kind}"] = len(of)
        counts |= {f"n_{kind}_{verdict}": int((of["verdict"] == verdict).sum()) for verdict in (*VERDICTS, UNDECIDED)}
    return counts
