"""Agreement of columns: correlation under a named policy for missing values."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special, stats

from yardsticks.stats.options import check_option

METHODS = ("spearman", "kendall", "pearson")
PAIR_POLICIES = ("complete", "pairwise")


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

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 3, 2, 4]})
    >>> result = correlate(frame, policy="complete")
    >>> int(result.n.at["a", "b"])
    4
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

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 3, 2, 4]})
    >>> round(float(correlate(frame, policy="pairwise").corr.at["a", "b"]), 3)
    0.8
    """
    check_option("policy", policy, PAIR_POLICIES)
    check_option("method", method, METHODS)
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


def explained_variance(x: pd.Series, y: pd.Series) -> float:
    """Return the squared Pearson correlation of two columns over the rows that have both; NaN below 3 rows."""
    both = np.array(x.align(y), float)  # (2, n_rows)
    both = both[:, ~np.isnan(both).any(axis=0)]
    if both.shape[1] < 3 or (np.ptp(both, axis=1) == 0).any():
        return float("nan")
    return float(np.corrcoef(both)[0, 1] ** 2)
