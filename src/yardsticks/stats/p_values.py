"""Two-sided p values of correlations: by Student's t, by all orders of few rows, and Kendall's."""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import permutations

import numpy as np
from scipy import special, stats

from yardsticks.stats.moments import standardise

EXACT_UP_TO = 8  # rows, whose 40,320 orders are all tried
FEW = 20  # rows, up to which p values of Student's t are doubtful
N_ORDERS = 9_999  # random ones
_FOR_EACH_PAIR = 100  # random orders of a table, so that what none of them reaches has p < .05 corrected for all pairs
_MOST_ORDERS = 1_000_000


def by_t(r: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Two-sided p values of coefficients by Student's t with n - 2 degrees of freedom."""
    p = np.full(r.shape, np.nan)
    pairs = np.nonzero(np.triu(~np.isnan(r)))
    r, df = r[pairs], n[pairs] - 2
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(r) * np.sqrt(df / ((1 - r) * (1 + r)))
    p[pairs] = p.T[pairs] = 2 * special.stdtr(np.maximum(df, 1), -t)
    return p


def try_orders(
    data: np.ndarray, n: np.ndarray, corr: np.ndarray, p: np.ndarray, *, method: str, seed: int | None
) -> None:
    """Replace, in place, p values by the share of orders of one column whose coefficient is as far from 0.

    All orders where a pair has at most `EXACT_UP_TO` rows; with a seed `N_ORDERS` random ones where the approximation
    is doubtful: with at most `FEW` rows, or where half of them have the same value. Where none of these is as far from
    0 there are more, up to a hundred for each pair of the table: p cannot be below 1 in their number, which a
    correction multiplies by that of the pairs.
    """
    few = n <= EXACT_UP_TO
    n_pairs = np.count_nonzero(np.triu(~np.isnan(corr), 1))
    n_more = min(_FOR_EACH_PAIR * n_pairs, _MOST_ORDERS) // N_ORDERS
    tried = few if seed is None else np.full(n.shape, True)
    for a, b in zip(*np.nonzero(np.triu(tried & ~np.isnan(corr), 1)), strict=True):
        rows = ~np.isnan(data[:, [a, b]]).any(axis=1)
        if not (few[a, b] or _doubtful(data[rows][:, [a, b]])):
            continue
        # what the coefficient is made from: ranks, whose signs count for kendall, or values brought near 1
        of_values = method == "pearson"
        x, y = (
            standardise(data[rows, column][:, None], method)[:, 0] if of_values else stats.rankdata(data[rows, column])
            for column in (a, b)
        )
        size = abs(_statistic(x, y[None], method)[0])
        if few[a, b]:
            null = _null(np.sort(x).tobytes(), np.sort(y).tobytes(), method)
            p[a, b] = p[b, a] = 1 - np.searchsorted(null, size - 1e-10 * null[-1]) / len(null)
        else:
            null, n_drawn = _draw(x, y, method, np.random.default_rng(seed)), N_ORDERS
            reached = (null >= size - 1e-10 * null.max()).sum()
            if n_more and not reached:
                null = _draw_more(np.sort(x).tobytes(), np.sort(y).tobytes(), method, seed, n_more)
                reached, n_drawn = (null >= size - 1e-10 * null.max()).sum(), N_ORDERS + len(null)
            # the order that was found is one of them, so that p is never 0
            p[a, b] = p[b, a] = (1 + reached) / (1 + n_drawn)


def _doubtful(columns: np.ndarray) -> bool:
    """Say whether two columns have few rows, or one value in more than half of them."""
    most = max(np.unique(column, return_counts=True)[1].max() for column in columns.T)
    return len(columns) <= FEW or 2 * most > len(columns)


def _draw(x: np.ndarray, y: np.ndarray, method: str, rng: np.random.Generator) -> np.ndarray:
    """Return how far from 0 the statistic of two columns is under `N_ORDERS` random orders of one."""
    return np.abs(_statistic(x, rng.permuted(np.tile(y, (N_ORDERS, 1)), axis=1), method))


@lru_cache(maxsize=16)  # without ties all pairs of as many rows have the same ranks
def _draw_more(x: bytes, y: bytes, method: str, seed: int, n_times: int) -> np.ndarray:
    """Return what `_draw` gives so many times, of draws of their own."""
    rng = np.random.default_rng([seed, n_times])
    first, second = np.frombuffer(x), np.frombuffer(y)
    return np.concatenate([_draw(first, second, method, rng) for _ in range(n_times)])


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


def kendall_p(data: np.ndarray, n: np.ndarray, score: np.ndarray, untied: np.ndarray) -> np.ndarray:
    """Return scipy's p values of tau-b: exact with few rows or nearly perfect order and no ties, else of the normal."""
    there = (~np.isnan(data)).astype(np.float32)
    cubes, others = np.zeros(n.shape), np.zeros(n.shape)  # sums over ties of t rows of a, among those shared with b
    for a, column in enumerate(data.T):
        values, counts = np.unique(column[~np.isnan(column)], return_counts=True)
        t = there.T @ (column[:, None] == values[counts > 1]).astype(np.float32)  # (n_columns, n_ties)
        cubes[a] = (t * (t - 1) * (t - 2)).sum(axis=1)
        others[a] = (t * (t - 1) * (2 * t + 5)).sum(axis=1)
    ordered = n * (n - 1.0)
    tied = ordered / 2 - untied
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (ordered * (2 * n + 5) - (others + others.T)) / 18 + 2 * tied * tied.T / ordered
        variance += cubes * cubes.T / (9 * ordered * (n - 2))
        p = 2 * special.ndtr(-np.abs(score) / np.sqrt(variance))
    fewer = (ordered / 2 - np.abs(score)) / 2  # of concordant and discordant pairs, where none are tied
    exact = (n >= 3) & (tied == 0) & (tied.T == 0) & ((n <= 33) | (fewer <= 1))
    for a, b in zip(*np.nonzero(np.triu(exact, 1)), strict=True):
        p[a, b] = p[b, a] = min(1.0, 2 * _share_of_orders(int(n[a, b]))[int(fewer[a, b])])
    return p


@cache
def _share_of_orders(n: int) -> np.ndarray:
    """Return the share of all orders of n things with at most 0, 1, ... pairs out of order."""
    share = np.ones(1)
    for k in range(2, n + 1):  # the k-th thing stands before 0 to k - 1 others
        share = np.convolve(share, np.full(k, 1 / k))
    return share.cumsum()
