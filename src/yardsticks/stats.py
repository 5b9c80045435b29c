"""Statistics of agreement: correlation under a named missing-value policy, and corrections for many tests."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special, stats

_FEWEST = 5  # clusters: resamples of two or three are hardly more than these themselves
Z95 = 1.959964  # standard errors to either side of a 95% interval
METHODS = ("spearman", "kendall", "pearson")
CORRECTIONS = ("bonferroni", "holm", "fdr_bh", "none")


def check_option(name: str, value: object, options: Iterable[str]) -> None:
    """Raise a ValueError that lists the options where a value is none of them."""
    if value not in options:
        raise ValueError(f"{name} {value!r} is none of {', '.join(options)}.")


class Consistency(NamedTuple):
    """Pairwise correlation of the columns of a table.

    Parameters
    ----------
    corr : DataFrame, (n_columns, n_columns)
        Coefficients in [-1, 1]; NaN where fewer than 3 rows are shared or a column is constant on them.
    n : DataFrame of int, (n_columns, n_columns)
        Rows that each coefficient rests on.
    p : DataFrame, (n_columns, n_columns)
        Two-sided p values, uncorrected; NaN on the diagonal, where nothing is tested.
    """

    corr: pd.DataFrame
    n: pd.DataFrame
    p: pd.DataFrame


def correlate(values: pd.DataFrame, *, policy: str, method: str = "spearman") -> Consistency:
    """Correlate every pair of columns.

    Parameters
    ----------
    values : DataFrame, (n_rows, n_columns)
        NaN is missing.
    policy : {"complete", "pairwise"}
        Rest every pair on the rows without any missing value, or each pair on the rows that have both.
    method : {"spearman", "kendall", "pearson"}
        Rank correlation (average ranks for ties), Kendall's tau-b, or Pearson's r. The p values of spearman and
        pearson come from Student's t with n - 2 degrees of freedom; those of kendall are scipy's.

    Raises
    ------
    ValueError
        An unknown policy or method.

    Notes
    -----
    A pair's coefficient depends on its two columns (and, under ``complete``, on which rows are complete) alone.
    """
    if policy not in ("complete", "pairwise"):
        raise ValueError(f"policy={policy!r} is not one of 'complete', 'pairwise'.")
    if method not in METHODS:
        raise ValueError(f"method={method!r} is not one of {', '.join(map(repr, METHODS))}.")
    if policy == "complete":
        values = values.dropna()
    names = values.columns
    data = values.to_numpy(float)  # (n_rows, n_columns)
    present = ~np.isnan(data)
    n = present.T.astype(int) @ present.astype(int)
    corr, p = (_kendall if method == "kendall" else _moment)(data, present, method)
    np.fill_diagonal(p, np.nan)
    return Consistency(*(pd.DataFrame(matrix, names, names) for matrix in (corr, n, p)))


def _moment(data: np.ndarray, present: np.ndarray, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Spearman or Pearson for all pairs, one pass for each pair of missingness patterns."""
    n_columns = data.shape[1]
    corr = np.full((n_columns, n_columns), np.nan)
    p = corr.copy()
    patterns, which = np.unique(present, axis=1, return_inverse=True)
    members = [np.flatnonzero(which == pattern) for pattern in range(patterns.shape[1])]
    for a in range(len(members)):
        for b in range(a, len(members)):
            rows = patterns[:, a] & patterns[:, b]
            n = int(rows.sum())
            if n < 3:
                continue
            columns = _standardise(data[np.ix_(rows, np.concatenate([members[a], members[b]]))], method)
            left, right = np.split(columns, [len(members[a])], axis=1)
            r = np.clip(left.T @ right, -1.0, 1.0)  # (n_left, n_right)
            perfect = np.abs(r) > 1 - 1e-14  # rounding alone keeps equal ranks from exactly 1, and p from 0
            r[perfect] = np.sign(r[perfect])
            if a == b:
                r = (r + r.T) / 2
                np.fill_diagonal(r, np.where(np.isnan(np.diag(r)), np.nan, 1.0))
            with np.errstate(divide="ignore"):
                t = np.abs(r) * np.sqrt((n - 2) / ((1 - r) * (1 + r)))
            two_sided = 2 * special.stdtr(n - 2, -t)
            corr[np.ix_(members[a], members[b])], p[np.ix_(members[a], members[b])] = r, two_sided
            corr[np.ix_(members[b], members[a])], p[np.ix_(members[b], members[a])] = r.T, two_sided.T
    return corr, p


def _standardise(columns: np.ndarray, method: str) -> np.ndarray:
    """Centre to unit length, after ranking for spearman; constant columns become NaN."""
    if method == "spearman":
        columns = stats.rankdata(columns, axis=0)
    centred = columns - columns.mean(axis=0)
    length = np.linalg.norm(centred, axis=0)
    length[np.ptp(columns, axis=0) == 0] = np.nan
    return centred / length


def _kendall(data: np.ndarray, present: np.ndarray, method: str) -> tuple[np.ndarray, np.ndarray]:
    corr = np.full((data.shape[1],) * 2, np.nan)
    p = corr.copy()
    for a, b in combinations(range(data.shape[1]), 2):
        rows = present[:, a] & present[:, b]
        if rows.sum() >= 3:
            result = stats.kendalltau(data[rows, a], data[rows, b])
            corr[a, b] = corr[b, a] = result.statistic
            p[a, b] = p[b, a] = result.pvalue
    for a in range(data.shape[1]):
        column = data[present[:, a], a]
        corr[a, a] = 1.0 if len(column) >= 3 and np.ptp(column) > 0 else np.nan
    return corr, p


def coefficients(values: pd.DataFrame, *, method: str) -> pd.DataFrame:
    """Correlate every pair of columns on the rows that have both, without p values: as `correlate`, and faster.

    Parameters
    ----------
    values : DataFrame, (n_rows, n_columns)
        NaN is missing.
    method : {"spearman", "kendall", "pearson"}
        As in `correlate`.

    Returns
    -------
    DataFrame, (n_columns, n_columns)
        Coefficients in [-1, 1]; NaN where fewer than 3 rows are shared or a column is constant on them.
    """
    if method != "kendall":
        return correlate(values, policy="pairwise", method=method).corr
    data = values.to_numpy(float)
    first, second = np.triu_indices(len(data), 1)  # pairs of rows
    signs = np.sign(data[first] - data[second]).astype(np.float32)  # (n_pairs, n_columns); whole numbers, hence exact
    present = ~np.isnan(signs)
    signs[~present] = 0.0
    untied = np.abs(signs).T @ present.astype(np.float32)  # (a, b): pairs that both columns have and a tells apart
    with np.errstate(invalid="ignore"):
        # in 64 bits: the product of two counts is too large for 32
        corr = (signs.T @ signs).astype(float) / np.sqrt(untied.astype(float) * untied.T)
    has = (~np.isnan(data)).astype(int)
    corr[has.T @ has < 3] = np.nan
    return pd.DataFrame(corr, values.columns, values.columns)


def correct(p: pd.DataFrame | np.ndarray, method: str) -> pd.DataFrame | np.ndarray:
    """Adjust p values for the number of tests made.

    Parameters
    ----------
    p : array, (n_tests,) or symmetric DataFrame, (n, n)
        NaN is no test. Of a DataFrame each pair counts once and the diagonal not at all.
    method : {"bonferroni", "holm", "fdr_bh", "none"}
        Bonferroni and Holm bound the chance of any false discovery, Benjamini-Hochberg their expected share.

    Returns
    -------
    array or DataFrame
        As `p`, adjusted, at most 1; compare with alpha itself.

    Raises
    ------
    ValueError
        An unknown method; a DataFrame that is not square and symmetric.
    """
    if method not in CORRECTIONS:
        raise ValueError(f"correction {method!r} is not one of {', '.join(map(repr, CORRECTIONS))}.")
    if isinstance(p, pd.DataFrame):
        if not (p.index.equals(p.columns) and np.array_equal(p, p.T, equal_nan=True)):
            raise ValueError(
                f"p values of pairs must be symmetric, with the same names on both sides; these are {p.shape[0]} x "
                f"{p.shape[1]}. Pass a list of p values as an array."
            )
        upper = np.triu_indices(len(p), 1)
        adjusted = np.full(p.shape, np.nan)
        adjusted[upper] = correct(p.to_numpy()[upper], method)
        adjusted.T[upper] = adjusted[upper]
        return pd.DataFrame(adjusted, p.index, p.columns)
    p = np.asarray(p, float)
    tested = ~np.isnan(p)
    values = p[tested]
    order = np.argsort(values, kind="stable")
    m = len(values)
    ranked = values[order]
    if method == "bonferroni":
        ranked = ranked * m
    elif method == "holm":
        ranked = np.maximum.accumulate(ranked * (m - np.arange(m)))
    elif method == "fdr_bh":
        ranked = np.minimum.accumulate((ranked * m / np.arange(1, m + 1))[::-1])[::-1]
    adjusted = np.full(p.shape, np.nan)
    restored = np.empty(m)
    restored[order] = np.minimum(ranked, 1.0)
    adjusted[tested] = restored
    return adjusted


def explained_variance(x: pd.Series, y: pd.Series) -> float:
    """Return the squared Pearson correlation of two columns over the rows that have both; NaN below 3 rows."""
    both = np.array(x.align(y), float)  # (2, n_rows)
    both = both[:, ~np.isnan(both).any(axis=0)]
    if both.shape[1] < 3 or (np.ptp(both, axis=1) == 0).any():
        return float("nan")
    return float(np.corrcoef(both)[0, 1] ** 2)


def density(values: pd.DataFrame, *, n_points: int = 400) -> pd.DataFrame:
    """Estimate the density of each column with a Gaussian kernel and Scott's bandwidth.

    Parameters
    ----------
    values : DataFrame, (n_rows, n_columns)
        Missing values are left out column by column.
    n_points : int
        Points of the common grid, which reaches three bandwidths beyond the data.

    Returns
    -------
    DataFrame, (n_columns * n_points, 5)
        Columns name, x, density, bandwidth (standard deviation of the kernel, in units of x) and n.

    Raises
    ------
    ValueError
        A column has fewer than 2 values, or only equal ones: it has no width to smooth by.
    """
    for name, column in values.items():
        if column.nunique() < 2:
            raise ValueError(
                f"column {name!r} has {column.count()} values, {column.nunique()} of them different; a density needs "
                "two. Leave the column out."
            )
    kernels = {name: stats.gaussian_kde(column.dropna()) for name, column in values.items()}
    widths = {name: float(np.sqrt(kernel.covariance[0, 0])) for name, kernel in kernels.items()}
    margin = 3 * max(widths.values())
    grid = np.linspace(values.min().min() - margin, values.max().max() + margin, n_points)
    return pd.concat(
        pd.DataFrame({"name": name, "x": grid, "density": kernel(grid), "bandwidth": widths[name], "n": kernel.n})
        for name, kernel in kernels.items()
    ).reset_index(drop=True)


def exact_interval(successes: float, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the Clopper-Pearson interval of a proportion; credit shared in ties makes fractions of successes.

    Returns
    -------
    low, high : float
        For whole successes scipy's ``binomtest(...).proportion_ci()``; (nan, nan) for n = 0.
    """
    if not n:
        return np.nan, np.nan
    tail = (1 - level) / 2
    low = special.betaincinv(successes, n - successes + 1, tail) if successes > 0 else 0.0
    high = special.betaincinv(successes + 1, n - successes, 1 - tail) if successes < n else 1.0
    return float(low), float(high)


def cluster_interval(
    jobs: pd.DataFrame, column: str, cluster: str, rng: np.random.Generator, n_bootstrap: int = 2000
) -> tuple[float, float]:
    """Return a 95% percentile interval of a column's mean over jobs, from resampling clusters with all their jobs.

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
        (nan, nan) with fewer than five clusters. No width where all of them have the same mean.
    """
    clusters = jobs.groupby(cluster)[column]
    sums, counts = clusters.sum().to_numpy(), clusters.size().to_numpy()
    if len(counts) < _FEWEST:
        return np.nan, np.nan
    weights = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=n_bootstrap)
    low, high = np.quantile((weights @ sums) / (weights @ counts), (0.025, 0.975))
    return float(low), float(high)


def sign_test(n_first: int, n_second: int) -> float:
    """Return the two-sided p value of the exact sign test: scipy's ``binomtest(n_first, n_first + n_second)``."""
    few, n = min(n_first, n_second), n_first + n_second
    # twice the smaller tail, in which the middle would be counted twice
    return float(min(1.0, 2 * special.bdtr(few, n, 0.5))) if n else 1.0
