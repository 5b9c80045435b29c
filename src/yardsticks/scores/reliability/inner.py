"""Do the parts of an average measure one thing? Internal consistency of areas and domains."""

from __future__ import annotations

import pandas as pd

from yardsticks.scores.intervals import bootstrap


def cronbach_alpha(parts: pd.DataFrame) -> float:
    """Return Cronbach's alpha of the sum of some parts over models.

    Parameters
    ----------
    parts : DataFrame, (n_models, n_parts)
        Scores on one scale, such as the leaves of an area. Models without one of them are left out.

    Returns
    -------
    float
        At most 1: the parts order all models alike, with the same distances. 0 where they do not go together, and
        negative where they go against one another. NaN below 2 parts or 3 models, or where nothing varies.

    Notes
    -----
    With k parts, k / (k - 1) times (1 less the sum of the parts' variances over the variance of their sum). It is the
    mean of all split-half reliabilities (Cronbach 1951), and a lower bound on the reliability of the average: what each
    part measures on its own counts as noise.

    References
    ----------
    Cronbach 1951, Psychometrika 16, 297-334.

    Examples
    --------
    >>> round(cronbach_alpha(pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 3, 2, 4]})), 3)
    0.889
    """
    data = parts.dropna().to_numpy(float)
    n, k = data.shape
    if k < 2 or n < 3:
        return float("nan")
    total = data.sum(axis=1).var(ddof=1)
    return float(k / (k - 1) * (1 - data.var(axis=0, ddof=1).sum() / total)) if total > 0 else float("nan")


def spearman_brown(rho: float, n_parts: int) -> float:
    """Return the reliability of the average of some parts that correlate at `rho` on average.

    Examples
    --------
    >>> spearman_brown(0.5, 2)
    0.6666666666666666
    """
    return n_parts * rho / (1 + (n_parts - 1) * rho)


def inner_consistency(
    values: pd.DataFrame, areas: pd.Series, *, seed: int, n_resamples: int = 200, families: pd.Series | None = None
) -> pd.DataFrame:
    """Return Cronbach's alpha of the leaves of each area.

    Parameters
    ----------
    values : DataFrame, (n_models, n_leaves)
    areas : Series
        Of each leaf; None where it is not known.
    seed, n_resamples, families
        As for `intervals.bootstrap`.

    Returns
    -------
    DataFrame
        Index area, of those with two leaves or more; columns n_leaves; n_models, that have all of these; alpha, at
        most 1; low and high, its 95 % interval over models or families; one_leaf, what Spearman and Brown's formula
        makes of alpha for a single leaf.

    Raises
    ------
    ValueError
        No area has two leaves.

    Examples
    --------
    >>> from yardsticks.scores import make_twin, paper_leaves
    >>> twin = make_twin()
    >>> found = inner_consistency(twin.values[paper_leaves(twin)], twin.metrics["area"], seed=1, n_resamples=10)
    >>> found["n_leaves"].to_dict()
    {'V1': 23, 'V4': 4, 'IT': 4, 'behaviour': 18}
    """
    rows = {}
    for area, leaves in values.T.groupby(areas.reindex(values.columns), sort=False):
        part = leaves.T.dropna()
        if part.shape[1] < 2:
            continue
        alpha = cronbach_alpha(part)
        unit = "models" if families is None else "families"
        interval = bootstrap(part, cronbach_alpha, seed=seed, n=n_resamples, unit=unit, families=families)
        rows[area] = {
            "n_leaves": part.shape[1],
            "n_models": len(part),
            "alpha": alpha,
            "low": interval["low"],
            "high": interval["high"],
            "one_leaf": spearman_brown(alpha, 1 / part.shape[1]),
        }
    if not rows:
        raise ValueError("no area has two metrics, whose agreement with one another could be looked at.")
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("area")
