"""Agreement of columns: correlation under a named policy for missing values."""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import combinations, permutations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special, stats

from yardsticks.stats.options import check_option

METHODS = ("spearman", "kendall", "pearson")
PAIR_POLICIES = ("complete", "pairwise")
EXACT_UP_TO = 8  # rows, whose 40,320 orders are all tried
_BLOCK = 4_000_000  # numbers at a time


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
        Rank correlation (average ranks for ties), Kendall's tau-b, or Pearson's r.

    Raises
    ------
    ValueError
        An unknown policy or method.

    Notes
    -----
    A pair's coefficient depends on its two columns (and, under ``complete``, on which rows are complete) alone.

    The p value of a pair with at most 8 rows is exact: the share of all orders of one column under which the
    coefficient is at least as far from 0, ties as they are. With more rows those of spearman and pearson come from
    Student's t with n - 2 degrees of freedom, and those of kendall are scipy's.

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
    if method == "kendall":
        corr, p = _kendall(data, present)
    else:
        corr = _moment(data, present, method)
        p = _by_t(corr, n)
    _make_exact(data, present, method, corr, p)
    np.fill_diagonal(p, np.nan)
    return Consistency(*(pd.DataFrame(matrix, names, names) for matrix in (corr, n, p)))


def _moment(data: np.ndarray, present: np.ndarray, method: str) -> np.ndarray:
    """Spearman or Pearson for all pairs, in blocks of pairs; in one product where all columns have the same rows."""
    n_columns = data.shape[1]
    if (present == present[:, :1]).all():
        columns = _standardise(data[present.all(axis=1)], method)
        r = columns.T @ columns.copy(order="K")  # of two arrays the product is summed as of any, to the last digit
        return _settle((r + r.T) / 2, present.T.astype(int) @ present.astype(int))
    corr = np.full((n_columns, n_columns), np.nan)
    order = np.argsort(data, axis=0, kind="stable")  # missing values last
    width = max(1, min(n_columns, int(np.sqrt(_BLOCK / max(1, len(data))))))
    starts = range(0, n_columns, width)
    for first in starts:
        a = slice(first, first + width)
        for second in starts[first // width :]:
            b = slice(second, second + width)
            left = _shared(data[:, a], present[:, b], order[:, a], method)  # (n_a, n_b, n_rows)
            right = _shared(data[:, b], present[:, a], order[:, b], method).swapaxes(0, 1)
            corr[a, b] = np.einsum("abr,abr->ab", left, right)
            corr[b, a] = corr[a, b].T
    return _settle(corr, present.T.astype(int) @ present.astype(int))


def _settle(r: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Bring coefficients into [-1, 1]; NaN where fewer than 3 rows are shared."""
    r = np.where(n < 3, np.nan, np.clip(r, -1.0, 1.0))
    perfect = np.abs(r) > 1 - 1e-14  # rounding alone keeps equal ranks from exactly 1, and p from 0
    r[perfect] = np.sign(r[perfect])
    np.fill_diagonal(r, np.where(np.isnan(np.diag(r)), np.nan, 1.0))
    return r


def _shared(columns: np.ndarray, partners: np.ndarray, order: np.ndarray, method: str) -> np.ndarray:
    """Centre each column to unit length on the rows that it shares with each partner; 0 elsewhere, NaN if constant.

    Parameters
    ----------
    columns : array, (n_rows, n_columns)
    partners : array of bool, (n_rows, n_partners)
        Which rows each partner has.
    order : array, (n_rows, n_columns)
        What sorts each column.

    Returns
    -------
    array, (n_columns, n_partners, n_rows)
    """
    shared = ~np.isnan(columns).T[:, None] & partners.T  # (n_columns, n_partners, n_rows)
    if method == "spearman":
        values = np.empty(shared.shape)
        for column, rows in enumerate(order.T):
            values[column][:, rows] = _ranks(columns[rows, column], shared[column][:, rows])
    else:
        values = np.where(shared, np.nan_to_num(columns.T)[:, None], 0.0)
        values /= _power_of_two(np.abs(values).max(axis=2, keepdims=True, initial=0))
    n = shared.sum(axis=2, keepdims=True)
    if method == "spearman":
        varies = True  # ranks that are all the same are 0 when centred
    else:
        low = np.where(shared, values, np.inf).min(axis=2, keepdims=True, initial=np.inf)
        varies = np.where(shared, values, -np.inf).max(axis=2, keepdims=True, initial=-np.inf) > low
    values -= values.sum(axis=2, keepdims=True) / np.maximum(n, 1)
    values *= shared
    if method == "pearson":  # what is left of nearly equal values may be tiny
        values /= _power_of_two(np.abs(values).max(axis=2, keepdims=True, initial=0))
    length = np.sqrt(np.einsum("abr,abr->ab", values, values))[..., None]
    values /= np.where(varies & (length > 0), length, np.nan)
    return values


def _ranks(values: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Rank sorted values (n_rows,) among the rows that are shared (n_partners, n_rows), ties by their mean; else 0."""
    new = np.append(True, values[1:] != values[:-1])
    last = np.append(np.flatnonzero(new)[1:], len(values)) - 1
    up_to = shared.cumsum(axis=1)[:, last]  # (n_partners, n_distinct): shared rows up to each distinct value
    before = np.hstack([np.zeros((len(shared), 1), int), up_to[:, :-1]])
    return np.where(shared, ((before + up_to + 1) / 2)[:, new.cumsum() - 1], 0.0)


def _standardise(columns: np.ndarray, method: str) -> np.ndarray:
    """Centre to unit length, after ranking for spearman; constant columns become NaN."""
    if method == "spearman":
        columns = stats.rankdata(columns, axis=0)
    elif columns.size:  # squares of tiny or huge values are 0 or infinite; a power of two changes no other digit
        columns = columns / _power_of_two(np.abs(columns).max(axis=0))
    centred = columns - columns.mean(axis=0) if len(columns) else columns
    if method == "pearson" and centred.size:
        centred = centred / _power_of_two(np.abs(centred).max(axis=0))
    length = np.linalg.norm(centred, axis=0)
    length[(columns == columns[:1]).all(axis=0)] = np.nan
    return centred / length


def _power_of_two(sizes: np.ndarray) -> np.ndarray:
    """Return for each size a power of two near it, by which to divide exactly; 1 for 0."""
    return np.where(sizes > 0, np.exp2(np.clip(np.frexp(sizes)[1], -1021, 1022)), 1.0)


def _kendall(data: np.ndarray, present: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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


def _by_t(r: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Two-sided p values of coefficients by Student's t with n - 2 degrees of freedom."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(r) * np.sqrt((n - 2) / ((1 - r) * (1 + r)))
    return np.where(np.isnan(r), np.nan, 2 * special.stdtr(np.maximum(n - 2, 1), -t))


def _make_exact(data: np.ndarray, present: np.ndarray, method: str, corr: np.ndarray, p: np.ndarray) -> None:
    """Replace, in place, the p values of pairs with at most `EXACT_UP_TO` rows by those of all orders."""
    n = present.T.astype(int) @ present.astype(int)
    for a, b in zip(*np.nonzero(np.triu((n <= EXACT_UP_TO) & ~np.isnan(corr), 1)), strict=True):
        rows = present[:, a] & present[:, b]
        # what the coefficient is made from: ranks, whose signs count for kendall, or values brought near 1
        of_values = method == "pearson"
        x, y = (
            _standardise(data[rows, column][:, None], method)[:, 0] if of_values else stats.rankdata(data[rows, column])
            for column in (a, b)
        )
        null = _null(np.sort(x).tobytes(), np.sort(y).tobytes(), method)
        size = abs(_statistic(x, y[None], method)[0])
        p[a, b] = p[b, a] = 1 - np.searchsorted(null, size - 1e-10 * null[-1]) / len(null)


@lru_cache(maxsize=256)
def _null(x: bytes, y: bytes, method: str) -> np.ndarray:
    """Return how far from 0 the statistic of two columns is under all orders of one, sorted."""
    first, second = np.frombuffer(x), np.frombuffer(y)
    return np.sort(np.abs(_statistic(first, second[_permutations(len(second))], method)))


def _statistic(x: np.ndarray, y: np.ndarray, method: str) -> np.ndarray:
    """Return what orders the coefficients of x (n,) with each row of y (n_orders, n), as their denominator is one."""
    if method != "kendall":
        return (y - y.mean(axis=1, keepdims=True)) @ (x - x.mean())
    i, j = np.triu_indices(len(x), 1)
    return np.sign(y[:, i] - y[:, j]) @ np.sign(x[i] - x[j])


@cache
def _permutations(n: int) -> np.ndarray:
    """All orders of n things, (n!, n), as they are first."""
    return np.array(list(permutations(range(n))))


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
    if method != "kendall":
        data = values.to_numpy(float)
        return pd.DataFrame(_moment(data, ~np.isnan(data), method), values.columns, values.columns)
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
    if both.shape[1] < 3 or (both == both[:, :1]).all(axis=1).any():
        return float("nan")
    both = both / _power_of_two(np.abs(both).max(axis=1, keepdims=True))
    return float(np.corrcoef(both)[0, 1] ** 2)
