"""Agreement of columns: correlation under a named policy for missing values."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from yardsticks.stats.moments import kendall, moment, power_of_two
from yardsticks.stats.options import check_option
from yardsticks.stats.p_values import by_t, kendall_p, try_orders

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


def correlate(values: pd.DataFrame, *, policy: str, method: str = "spearman", seed: int | None = None) -> Consistency:
    """Correlate every pair of columns.

    Parameters
    ----------
    values : DataFrame, (n_rows, n_columns)
        NaN is missing.
    policy : {"complete", "pairwise"}
        Rest every pair on the rows without any missing value, or each pair on the rows that have both.
    method : {"spearman", "kendall", "pearson"}
        Rank correlation (average ranks for ties), Kendall's tau-b, or Pearson's r.
    seed : int, optional
        Of random orders, see the notes; without it there are none.

    Raises
    ------
    ValueError
        An unknown policy or method.

    Notes
    -----
    A pair's coefficient depends on its two columns (and, under ``complete``, on which rows are complete) alone.

    The p value of a pair with at most 8 rows is exact: the share of all orders of one column under which the
    coefficient is at least as far from 0, ties as they are. With more rows those of spearman and pearson come from
    Student's t with n - 2 degrees of freedom, and those of kendall are scipy's. These are doubtful with at most 20
    rows, or where more than half of them have the same value in a column: with a seed, p is there the share of 9,999
    random orders, and the one found, under which the coefficient is as far from 0. Where none of these is, there are
    more, a hundred for each pair of the table (at most a million), so that a correction for all pairs does not take
    away what no order reaches.

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
    n = _shared(present)
    if method == "kendall":
        corr, *pairs = kendall(data, n)
        p = np.where(np.isnan(corr), np.nan, kendall_p(data, n, *pairs))
    else:
        corr = moment(data, present, n, method)
        p = by_t(corr, n)
    try_orders(data, n, corr, p, method=method, seed=seed)
    np.fill_diagonal(p, np.nan)
    return Consistency(*(pd.DataFrame(matrix, names, names) for matrix in (corr, n, p)))


def _shared(present: np.ndarray) -> np.ndarray:
    """Count the rows that each two columns share; in 64 bits, as whole numbers have no fast product."""
    return (present.T.astype(float) @ present.astype(float)).astype(int)


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
    check_option("method", method, METHODS)
    data = values.to_numpy(float)
    present = ~np.isnan(data)
    n = _shared(present)
    corr = kendall(data, n)[0] if method == "kendall" else moment(data, present, n, method)
    return pd.DataFrame(corr, values.columns, values.columns)


def mean_correlation(values: pd.DataFrame, *, policy: str, method: str = "spearman") -> float:
    """Average the correlations of all pairs of columns.

    Parameters
    ----------
    values : DataFrame, (n_rows, n_columns)
        NaN is missing. Of two columns this is their correlation.
    policy : {"complete", "pairwise"}
        As for `correlate`.
    method : {"spearman", "kendall", "pearson"}

    Returns
    -------
    float
        In [-1, 1]; NaN where no pair has a correlation.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [1.0, 2, 3], "c": [3.0, 1, 2]})
    >>> round(mean_correlation(frame, policy="pairwise"), 12)
    0.0
    """
    corr = coefficients(values.dropna() if policy == "complete" else values, method=method).to_numpy()
    pairs = corr[np.triu_indices(len(corr), 1)]
    return float(pairs[~np.isnan(pairs)].mean()) if np.isfinite(pairs).any() else np.nan


def explained_variance(x: pd.Series | np.ndarray, y: pd.Series | np.ndarray) -> float:
    """Return the squared Pearson correlation of two columns over the rows that have both; NaN below 3 rows."""
    if isinstance(x, pd.Series) and x.index is not y.index:
        x, y = x.align(y)
    both = np.array([x, y], float)  # (2, n_rows)
    both = both[:, ~np.isnan(both).any(axis=0)]
    if both.shape[1] < 3 or (both == both[:, :1]).all(axis=1).any():
        return float("nan")
    both = both / power_of_two(np.abs(both).max(axis=1, keepdims=True))
    return float(np.corrcoef(both)[0, 1] ** 2)
