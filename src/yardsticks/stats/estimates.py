"""Estimates with their width: intervals of proportions and of means over clusters, densities."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special, stats

Z95 = 1.959964  # standard errors to either side of a 95% interval
_FEWEST = 5  # clusters: resamples of two or three are hardly more than these themselves
_N_POINTS = 400  # of a density


def exact_interval(successes: float, n: int) -> tuple[float, float]:
    """Return the 95% Clopper-Pearson interval of a proportion; credit shared in ties makes fractions of successes.

    Returns
    -------
    low, high : float
        For whole successes scipy's ``binomtest(...).proportion_ci()``; (nan, nan) for n = 0.
    """
    if not n:
        return np.nan, np.nan
    tail = (1 - 0.95) / 2
    low = special.betaincinv(successes, n - successes + 1, tail) if successes > 0 else 0.0
    high = special.betaincinv(successes + 1, n - successes, 1 - tail) if successes < n else 1.0
    return float(low), float(high)


def cluster_interval(
    jobs: pd.DataFrame, column: str, cluster: str, rng: np.random.Generator, n_bootstrap: int = 2000
) -> tuple[float, float]:
    """Return a 95% interval of a column's mean over jobs, from resampling clusters with their jobs.

    Parameters
    ----------
    jobs : DataFrame
        With the columns `column`, without missing values, and `cluster`, such as ``seed`` or ``generator``.
    column, cluster : str
    rng : Generator
    n_bootstrap : int

    Returns
    -------
    low, high : float
        (nan, nan) with fewer than five clusters. No width where all clusters have the same mean.

    Notes
    -----
    Percentiles of resamples of few clusters lie too close: of five clusters those of 2.5 and 97.5% hold the truth in
    some 85% of cases. The expanded percentiles [1]_ that are taken here lie as much further out as Student's t with
    n - 1 degrees of freedom does, and hold it in 90 to 95%; for many clusters both are the same.

    References
    ----------
    .. [1] Hesterberg (2015), What teachers should know about the bootstrap: resampling in the undergraduate statistics
       curriculum.
    """
    clusters = jobs.groupby(cluster)[column]
    sums, counts = clusters.sum().to_numpy(), clusters.size().to_numpy()
    if (n := len(counts)) < _FEWEST:
        return np.nan, np.nan
    weights = rng.multinomial(n, np.full(n, 1 / n), size=n_bootstrap)
    tail = special.ndtr(-special.stdtrit(n - 1, 0.975) * np.sqrt(n / (n - 1)))
    low, high = np.quantile((weights @ sums) / (weights @ counts), (tail, 1 - tail))
    return float(low), float(high)


def density(values: pd.DataFrame) -> pd.DataFrame:
    """Estimate the density of each column with a Gaussian kernel and Scott's bandwidth.

    Parameters
    ----------
    values : DataFrame, (n_rows, n_columns)
        Missing values are left out column by column.

    Returns
    -------
    DataFrame, (400 n_columns, 5)
        On a common grid that reaches three bandwidths beyond the data; columns name, x, density, bandwidth (standard
        deviation of the kernel, in units of x) and n.

    Raises
    ------
    ValueError
        There is no column; or one has fewer than 2 values, or only equal ones: it has no width to smooth by.

    Examples
    --------
    >>> curve = density(pd.DataFrame({"V1": [0.1, 0.2, 0.4]}))
    >>> len(curve), round(float(curve["bandwidth"].iloc[0]), 3)
    (400, 0.123)
    """
    if values.columns.empty:
        raise ValueError("there is no column to estimate a density of, such as the average of an area.")
    for name, column in values.items():
        if column.nunique() < 2:
            raise ValueError(
                f"column {name!r} has {column.count()} values, {column.nunique()} of them different; a density needs "
                "two. Leave the column out."
            )
    kernels = {name: stats.gaussian_kde(column.dropna()) for name, column in values.items()}
    widths = {name: float(np.sqrt(kernel.covariance[0, 0])) for name, kernel in kernels.items()}
    margin = 3 * max(widths.values())
    grid = np.linspace(values.min().min() - margin, values.max().max() + margin, _N_POINTS)
    return pd.concat(
        pd.DataFrame({"name": name, "x": grid, "density": kernel(grid), "bandwidth": widths[name], "n": kernel.n})
        for name, kernel in kernels.items()
    ).reset_index(drop=True)
