"""Resamples as counts: how often each row is drawn, and the correlations of all columns for each drawing at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from yardsticks.stats.correlation import METHODS
from yardsticks.stats.moments import kendall, power_of_two
from yardsticks.stats.options import check_option

_BLOCK = 2_000_000  # numbers at a time, which a processor's cache about holds
_KEPT = 2**27  # numbers that may be held from one block to the next
_EXACT = 2**24  # whole numbers up to this are exact in 32 bits


def draw_counts(clusters: np.ndarray, *, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw clusters with replacement, as many as there are, and count how often each row is drawn with its cluster.

    Parameters
    ----------
    clusters : array, (n_rows,)
        The cluster of each row; all different where rows are drawn one by one.
    n : int
        Resamples.
    rng : Generator

    Returns
    -------
    array of int, (n, n_rows)

    Raises
    ------
    ValueError
        A row without a cluster.

    Examples
    --------
    >>> draw_counts(np.array(["a", "a", "b"]), n=2, rng=np.random.default_rng(1)).tolist()
    [[1, 1, 1], [0, 0, 2]]
    """
    number, names = pd.factorize(clusters, sort=True)
    if (number < 0).any():
        row = int(np.argmax(number < 0))
        raise ValueError(
            f"row {row} (from 0) has no cluster to be drawn with: {clusters[row]!r}. Name one, or leave the row out."
        )
    k = max(len(names), 1)
    drawn = rng.integers(k, size=(n, k)) + k * np.arange(n)[:, None]
    return np.bincount(drawn.ravel(), minlength=n * k).reshape(n, k)[:, number]


def resampled_correlations(data: np.ndarray, counts: np.ndarray, *, method: str) -> np.ndarray:
    """Correlate every pair of columns in every resample, each pair over the drawn rows that have both.

    Parameters
    ----------
    data : array, (n_rows, n_columns)
        NaN is missing.
    counts : array of int, (n_resamples, n_rows)
        How often each row is drawn, as from `draw_counts`.
    method : {"spearman", "kendall", "pearson"}
        As in `correlate`.

    Returns
    -------
    array, (n_pairs, n_resamples)
        In [-1, 1], the pairs in the order of ``numpy.triu_indices``; NaN where fewer than 3 drawn rows have both
        columns, or one is constant on them.

    Notes
    -----
    No resample is sorted. Twice a row's distance from the mean rank, ties sharing theirs, is the number of drawn rows
    below it less those above: the counts times a matrix of signs, which is the same in all resamples. These and the
    sums of their products are whole numbers, without rounding.

    Examples
    --------
    >>> data = np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 3.0]])
    >>> resampled_correlations(data, np.array([[1, 1, 1], [2, 0, 1]]), method="spearman").round(12)
    array([[0.5, 1. ]])
    """
    check_option("method", method, METHODS)
    n_columns = data.shape[1]
    first, second = np.triu_indices(n_columns, 1)
    place = np.zeros((n_columns, n_columns), int)
    place[first, second] = place[second, first] = np.arange(len(first))
    found = np.empty((len(counts), len(first)))
    if method == "kendall" and np.isnan(data).any():  # patterns of them may be as many as pairs
        present = ~np.isnan(data)
        for number, times in enumerate(counts):
            drawn = np.flatnonzero(times)
            n = (present[drawn] * times[drawn, None]).T @ present[drawn].astype(float)
            found[number] = kendall(data[drawn], n, times[drawn])[0][first, second]
        return found.T
    patterns, pattern = np.unique(~np.isnan(data), axis=1, return_inverse=True)  # of missing values
    pattern = pattern.ravel()
    for p in range(patterns.shape[1]):
        for q in range(p, patterns.shape[1]):
            rows = patterns[:, p] & patterns[:, q]
            columns = np.flatnonzero((pattern == p) | (pattern == q))
            across = (pattern[columns] == p)[:, None] & (pattern[columns] == q)
            a, b = np.nonzero(np.triu(across | across.T, 1))
            pairs, enough = place[columns[a], columns[b]], counts[:, rows].sum(axis=1) >= 3
            if len(pairs) == len(first):  # all, in their order
                pairs = slice(None)
            if not rows.any():
                found[:, pairs] = np.nan
                continue
            for block, products in _products(data[np.ix_(rows, columns)], counts[:, rows], method):
                size = np.sqrt(np.einsum("raa->ra", products))
                with np.errstate(invalid="ignore", divide="ignore"):
                    products /= np.where(enough[block, None] & (size > 0), size, np.nan)[:, :, None]
                    products /= size[:, None, :]
                r = np.take(products.reshape(len(products), -1), a * len(columns) + b, axis=1)
                found[block, pairs] = np.clip(r, -1.0, 1.0, out=r)
    return found.T


def _products(data: np.ndarray, counts: np.ndarray, method: str) -> Iterator[tuple[slice, np.ndarray]]:
    """Give, for blocks of resamples, the products of centred columns summed over the drawn rows, (n, m, m)."""
    n_rows, n_columns = data.shape
    most = counts.sum(axis=1).max(initial=0)
    exact = method != "pearson" and most**3 / 3 < _EXACT  # the largest sum of squared ranks
    number = np.float32 if exact else float
    if method == "pearson":
        columns = data.T - data.T.mean(axis=1, keepdims=True)
        columns /= power_of_two(np.abs(columns).max(axis=1, keepdims=True))
    elif method == "kendall":
        low, high = np.triu_indices(n_rows, 1)
        columns = np.sign(data[high] - data[low]).T.astype(number)  # (n_columns, n_pairs)
    else:
        signs = list(_signs(data, number)) if n_columns * n_rows**2 <= _KEPT else None
    length = len(low) if method == "kendall" else n_rows
    step = max(1, _BLOCK // max(1, n_columns * length))
    for start in range(0, len(counts), step):
        block = slice(start, start + step)
        weights = counts[block].astype(number)
        if method == "kendall":
            weights, centred = weights[:, low] * weights[:, high], columns
        elif method == "pearson":
            mean = weights @ columns.T / np.maximum(weights.sum(axis=1, keepdims=True), 1)
            centred = columns - mean[:, :, None]
        else:
            centred = np.empty((len(weights), n_columns, n_rows), number)
            for part, sign in signs or _signs(data, number):
                centred[:, part] = (weights @ sign).reshape(len(weights), -1, n_rows)
        products = np.matmul(centred * weights[:, None, :], centred.swapaxes(-1, -2)).astype(float)
        if method == "pearson":  # what rounding leaves of a constant column
            products[np.abs(products) < 1e-24 * n_rows] = 0.0
        yield block, products


def _signs(data: np.ndarray, number: type) -> Iterator[tuple[slice, np.ndarray]]:
    """Give, for blocks of columns, which of two rows is higher, (n_rows, n_columns * n_rows): 1 for the second."""
    step = max(1, _BLOCK // max(1, len(data) ** 2))
    for start in range(0, data.shape[1], step):
        part = slice(start, start + step)
        differences = data.T[None, part] - data[:, part, None]  # (n_rows, n_columns, n_rows)
        yield part, np.sign(differences).astype(number).reshape(len(data), -1)
