"""Triplets as integers: each set of three numbers has a rank, which is drawn, excluded and turned back exactly.

The combinatorial number system: a < b < c have the rank C(c, 3) + C(b, 2) + a, and the triplets of 0 ... m - 1 have
the ranks 0 ... C(m, 3) - 1.
"""

from __future__ import annotations

from math import comb

import numpy as np


def capacity(m: int) -> int:
    """Return the number of triplets of m objects, which must fit 64 bits."""
    if comb(m, 3) >= 2**63:
        raise ValueError(f"{m:,} objects have more triplets than 64 bits can number.")
    return comb(m, 3)


def rank(ascending: np.ndarray) -> np.ndarray:
    """Return the ranks (n,) of triplets (n, 3) whose rows ascend."""
    pairs, triples = _tables(int(ascending.max(initial=0)) + 1)
    return triples[ascending[:, 2]] + pairs[ascending[:, 1]] + ascending[:, 0]


def unrank(ranks: np.ndarray, m: int) -> np.ndarray:
    """Return the triplets (n, 3) of 0 ... m - 1 with these ranks, each row ascending."""
    pairs, triples = _tables(m)
    c = np.searchsorted(triples, ranks, side="right") - 1
    rest = ranks - triples[c]
    b = np.searchsorted(pairs, rest, side="right") - 1
    return np.stack([rest - pairs[b], b, c], axis=1)


def draw_uniform(n: int, m: int, taken: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw n distinct ranks of triplets of m objects, none of them taken; all sets of n are equally likely.

    Parameters
    ----------
    n, m : int
        At most C(m, 3) - len(taken), which the caller has seen to; number of objects.
    taken : array of int
        Ranks that are not drawn, ascending and distinct.

    Returns
    -------
    (n,) array of int
        In random order.
    """
    free = capacity(m) - len(taken)
    if free <= 4 * n:  # many draws would be repeats
        drawn = rng.permutation(free)[:n]
    else:
        drawn = _draw_distinct(n, free, rng)
    # the k-th free rank is k plus the number of taken ranks below it
    return drawn + np.searchsorted(taken - np.arange(len(taken)), drawn, side="right")


def draw_published(n: int, m: int, taken: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw 5 n ranks with repeats, and keep the n whose triplets come first by their first, second, third object.

    Parameters and result are those of `draw_uniform`, except for the order.
    """
    drawn = np.array([], dtype=np.int64)
    while len(drawn) < n:  # a second round is needed only when nearly all triplets are asked for
        drawn = ascending(np.concatenate([drawn, rng.integers(capacity(m), size=5 * n)]))
        drawn = drawn[~_is_among(drawn, taken)]
    a, b, c = unrank(drawn, m).T
    keys = np.sort((a * m + b) * m + c)[:n]
    return rank(np.stack([keys // m**2, keys // m % m, keys % m], axis=1))


def ascending(values: np.ndarray) -> np.ndarray:
    """Return the distinct values >= 0 in order: `numpy.unique`, which takes ten times as long for integers."""
    values = np.sort(values)
    return values[np.diff(values, prepend=-1) > 0]


def _draw_distinct(n: int, high: int, rng: np.random.Generator) -> np.ndarray:
    """Return the first n distinct numbers below *high* of an endless row of independent draws, as they come."""
    seen = np.array([], dtype=np.int64)
    while len(seen) < n:
        seen = np.concatenate([seen, rng.integers(high, size=n + n // 4 + 16)])
        seen = seen[np.sort(np.unique(seen, return_index=True)[1])]
    return seen[:n]


def _is_among(values: np.ndarray, ascending: np.ndarray) -> np.ndarray:
    if not len(ascending):
        return np.zeros(len(values), dtype=bool)
    at = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
    return ascending[at] == values


def _tables(m: int) -> tuple[np.ndarray, np.ndarray]:
    """Return C(i, 2) and C(i, 3) for i = 0 ... m - 1, exactly: sums of whole numbers."""
    pairs = np.concatenate([[0], np.cumsum(np.arange(m, dtype=np.int64))])[:m]
    return pairs, np.concatenate([[0], np.cumsum(pairs)])[:m]
