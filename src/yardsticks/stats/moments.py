"""Coefficients of all pairs of columns at once: moments of values or ranks, and pairs of rows in the same order."""

from __future__ import annotations

import numpy as np

_BLOCK = 4_000_000  # numbers at a time
_DIGIT = 0.1  # of a sum of squares that is left after centring, so that rounding costs one digit at most
_TINY = 1e-200  # sums of squares from which all their digits count


def moment(data: np.ndarray, present: np.ndarray, n: np.ndarray, method: str) -> np.ndarray:
    """Spearman or Pearson for all pairs; in one product where all columns have the same rows."""
    if (present == present[:, :1]).all():
        columns = standardise(data[present.all(axis=1)], method)
        r = columns.T @ columns.copy(order="K")  # of two arrays the product is summed as of any, to the last digit
        return _settle((r + r.T) / 2, n)
    return _settle(_spearman(data, present) if method == "spearman" else _pearson(data, present, n), n)


def _spearman(data: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Correlate ranks among the rows that each pair shares, in blocks of pairs."""
    n_columns = data.shape[1]
    corr = np.full((n_columns, n_columns), np.nan)
    order = np.argsort(data, axis=0, kind="stable")  # missing values last
    width = max(1, min(n_columns, int(np.sqrt(_BLOCK / max(1, len(data))))))
    starts = range(0, n_columns, width)
    for first in starts:
        a = slice(first, first + width)
        for second in starts[first // width :]:
            b = slice(second, second + width)
            left = _shared_ranks(data[:, a], present[:, b], order[:, a])  # (n_a, n_b, n_rows)
            right = _shared_ranks(data[:, b], present[:, a], order[:, b]).swapaxes(0, 1)
            corr[a, b] = np.einsum("abr,abr->ab", left, right)
            corr[b, a] = corr[a, b].T
    return corr


def _pearson(data: np.ndarray, present: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Correlate by sums of products for all pairs at once, but pair by pair where these would cost digits."""
    count = np.maximum(present.sum(axis=0), 1)
    x = np.where(present, data, 0.0)
    for _ in range(2):  # before and after centring, as in `standardise`
        x /= power_of_two(np.abs(x).max(axis=0, initial=0))
        x = np.where(present, x - x.sum(axis=0) / count, 0.0)
    there, shared = present.astype(float), np.maximum(n, 1)
    sums, squares = x.T @ there, (x * x).T @ there  # (a, b): of a over the rows that it shares with b
    left = squares - sums**2 / shared
    with np.errstate(divide="ignore", invalid="ignore"):
        corr = (x.T @ x - sums * sums.T / shared) / np.sqrt(left * left.T)
    sure = (left > _DIGIT * squares) & (squares > _TINY)
    a, b = np.nonzero(np.triu(~(sure & sure.T) & (n >= 3)))
    for start in range(0, len(a), max(1, _BLOCK // max(1, len(data)))):
        part = slice(start, start + max(1, _BLOCK // max(1, len(data))))
        corr[a[part], b[part]] = corr[b[part], a[part]] = _pairs(data[:, a[part]], data[:, b[part]])
    return corr


def _pairs(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Correlate each column of x with that of y, (n_rows, n_pairs), on the rows that both have."""
    shared = ~np.isnan(x) & ~np.isnan(y)
    sides = []
    for values in (x, y):
        varies = np.where(shared, values, -np.inf).max(axis=0) > np.where(shared, values, np.inf).min(axis=0)
        values = np.where(shared, values, 0.0)
        values /= power_of_two(np.abs(values).max(axis=0))
        values = np.where(shared, values - values.sum(axis=0) / shared.sum(axis=0), 0.0)
        values /= power_of_two(np.abs(values).max(axis=0))  # what is left of nearly equal values may be tiny
        length = np.sqrt((values**2).sum(axis=0))
        sides.append(values / np.where(varies & (length > 0), length, np.nan))
    return (sides[0] * sides[1]).sum(axis=0)


def _settle(r: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Bring coefficients into [-1, 1]; NaN where fewer than 3 rows are shared."""
    r = np.where(n < 3, np.nan, np.clip(r, -1.0, 1.0))
    perfect = np.abs(r) > 1 - 1e-14  # rounding alone keeps equal ranks from exactly 1, and p from 0
    r[perfect] = np.sign(r[perfect])
    np.fill_diagonal(r, np.where(np.isnan(np.diag(r)), np.nan, 1.0))
    return r


def _shared_ranks(columns: np.ndarray, partners: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Centre each column's ranks to unit length on the rows that it shares with each partner; 0 elsewhere, or NaN.

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
        NaN where the column is constant.
    """
    shared = ~np.isnan(columns).T[:, None] & partners.T  # (n_columns, n_partners, n_rows)
    values = np.empty(shared.shape)
    for column, rows in enumerate(order.T):
        values[column][:, rows] = _ranks(columns[rows, column], shared[column][:, rows])
    values -= values.sum(axis=2, keepdims=True) / np.maximum(shared.sum(axis=2, keepdims=True), 1)
    values *= shared
    length = np.sqrt(np.einsum("abr,abr->ab", values, values))[..., None]
    values /= np.where(length > 0, length, np.nan)  # ranks that are all the same are 0 when centred
    return values


def _ranks(values: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Rank sorted values (n_rows,) among the rows that are shared (n_partners, n_rows), ties by their mean; else 0."""
    new = np.append(True, values[1:] != values[:-1])
    last = np.append(np.flatnonzero(new)[1:], len(values)) - 1
    up_to = shared.cumsum(axis=1)[:, last]  # (n_partners, n_distinct): shared rows up to each distinct value
    before = np.hstack([np.zeros((len(shared), 1), int), up_to[:, :-1]])
    return np.where(shared, ((before + up_to + 1) / 2)[:, new.cumsum() - 1], 0.0)


def standardise(columns: np.ndarray, method: str) -> np.ndarray:
    """Centre to unit length, after ranking for spearman; constant columns become NaN."""
    if method == "spearman":
        columns = rank_columns(columns)
    elif columns.size:  # squares of tiny or huge values are 0 or infinite; a power of two changes no other digit
        columns = columns / power_of_two(np.abs(columns).max(axis=0))
    centred = columns - columns.mean(axis=0) if len(columns) else columns
    if method == "pearson" and centred.size:
        centred = centred / power_of_two(np.abs(centred).max(axis=0))
    length = np.linalg.norm(centred, axis=0)
    length[(columns == columns[:1]).all(axis=0)] = np.nan
    return centred / length


def rank_columns(columns: np.ndarray) -> np.ndarray:
    """Rank each column (n_rows, n_columns) without missing values, ties by their mean: scipy's, in half the time."""
    rows = np.ascontiguousarray(columns.T)
    n_columns, n_rows = rows.shape
    if not rows.size:
        return np.empty(columns.shape)
    order = (np.argsort(rows, axis=1, kind="stable") + n_rows * np.arange(n_columns)[:, None]).ravel()
    ordered = rows.ravel()[order]
    new = np.append(True, ordered[1:] != ordered[:-1])
    new[::n_rows] = True
    first = np.flatnonzero(new)
    times = np.diff(first, append=len(ordered))
    ranks = np.empty(len(ordered))
    ranks[order] = np.repeat(first % n_rows + (times + 1) / 2, times)
    return ranks.reshape(rows.shape).T


def power_of_two(sizes: np.ndarray) -> np.ndarray:
    """Return for each size a power of two near it, by which to divide exactly; 1 for 0."""
    return np.where(sizes > 0, np.exp2(np.clip(np.frexp(sizes)[1], -1021, 1022)), 1.0)


def kendall(
    data: np.ndarray, n: np.ndarray, times: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return tau-b of all pairs, the concordant less the discordant pairs of rows, and those that a alone tells apart.

    With times each row counts so often. All are (n_columns, n_columns); the last is of the first column over the rows
    that it shares with the second.
    """
    present = ~np.isnan(data)
    first, second = np.triu_indices(len(data), 1)  # pairs of rows
    score, untied = np.zeros(n.shape), np.zeros(n.shape)
    step = max(1, _BLOCK // max(1, data.shape[1]))
    for start in range(0, len(first), step):
        a, b = first[start : start + step], second[start : start + step]
        there = (present[a] & present[b]).astype(np.float32)
        signs = np.where(there, np.sign(data[a] - data[b]), 0.0).astype(np.float32)  # whole numbers, hence exact
        weighted = signs if times is None else signs * (times[a] * times[b]).astype(np.float32)[:, None]
        score += weighted.T @ signs
        untied += np.abs(weighted).T @ there
    with np.errstate(invalid="ignore"):
        corr = np.clip(score / np.sqrt(untied * untied.T), -1.0, 1.0)
    corr[n < 3] = np.nan
    np.fill_diagonal(corr, np.where(np.isnan(np.diag(corr)), np.nan, 1.0))
    return corr, score, untied
