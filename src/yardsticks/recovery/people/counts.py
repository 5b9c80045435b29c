"""Answer counts: how often each of a triplet's three objects was the odd one, and what such counts tell.

No statistic here depends on which of the three objects got which count, so triplets may be put together by *count
type*: the three counts in falling order. A thousand triplets have only a few hundred types.
"""

from __future__ import annotations

from functools import cache
from itertools import permutations

import numpy as np
from scipy.optimize import nnls
from scipy.special import gammaln

from yardsticks.recovery.triplets.choices import answers, choose
from yardsticks.recovery.triplets.triplets import Triplets

GRID = 60  # steps from 0 to 1 in which the mixing distribution is sought; the centre and the midpoints are on the grid

_LET_IN = 20  # points of the grid that a step may add
_SHORTEST = 1e-12  # part of a step


def response_counts(triplets: Triplets) -> tuple[np.ndarray, np.ndarray]:
    """Count the answers to each unordered triplet.

    Parameters
    ----------
    triplets : Triplets
        Answered; the same three objects may stand in any order, each row with its own odd one.

    Returns
    -------
    objects : int array, (n_unordered, 3)
        Ascending in each row, rows in lexicographic order.
    counts : int array, (n_unordered, 3)
        How often each of the three was the odd one.

    Raises
    ------
    ValueError
        The triplets carry no answers.
    """
    answers(triplets)
    objects, odd = triplets.unordered()
    objects, which = np.unique(objects, axis=0, return_inverse=True)
    counts = np.bincount(3 * which + odd, minlength=3 * len(objects)).reshape(-1, 3)
    return objects, counts


def majority_share(counts: np.ndarray) -> np.ndarray:
    """Return the share of the most frequent answer, in [1/3, 1], for answer counts (n, 3)."""
    return counts.max(axis=1) / counts.sum(axis=1)


def leave_one_out(counts: np.ndarray) -> np.ndarray:
    """Return how often an answer is the majority of the *other* answers, ties shared, in [0, 1].

    Parameters
    ----------
    counts : int array, (n, 3)
        At least two answers in each row: (2, 0, 0) gives 1, (1, 1, 0) gives 0, (2, 1, 0) gives 1/3.

    References
    ----------
    The published code's ceiling, there called leave-one-subject-out.
    """
    others = counts[:, None, :] - np.eye(3, dtype=int)  # (n, 3 answers left out, 3)
    right = np.diagonal(choose(others), axis1=1, axis2=2)  # (n, 3)
    return (counts * right).sum(axis=1) / counts.sum(axis=1)


def count_types(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct rows of counts in falling order (n_types, 3), and how many triplets have each."""
    return np.unique(np.sort(counts, axis=1)[:, ::-1], axis=0, return_counts=True)


def compositions(n: int) -> np.ndarray:
    """Return all counts of n answers over three positions, (n_compositions, 3)."""
    a, b = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    all_three = np.stack([a, b, n - a - b], axis=-1).reshape(-1, 3)
    return all_three[all_three[:, 2] >= 0]


def kept_answers(types: np.ndarray, n_each: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return counts of n answers (n_kept, 3), and the expected share of triplets with each when n answers are kept."""
    kept, full = compositions(n), types[:, None, :]  # (n_kept, 3), (n_types, 1, 3)
    possible = (kept <= full).all(axis=2)
    ways = _log_choose(full, np.minimum(kept, full)).sum(axis=2)
    chance = np.where(possible, np.exp(ways - _log_choose(types.sum(axis=1), n)[:, None]), 0)  # (n_types, n_kept)
    share = n_each @ chance / n_each.sum()
    return kept[share > 0], share[share > 0]


def mixing_distribution(
    types: np.ndarray, weights: np.ndarray, *, tolerance: float = 1e-5, max_steps: int = 5000
) -> tuple[np.ndarray, np.ndarray]:
    """Estimate the distribution of answer probabilities over triplets by nonparametric maximum likelihood.

    Parameters
    ----------
    types : int array, (n_types, 3)
        Answer counts of a triplet.
    weights : array, (n_resamples, n_types)
        How many triplets have these counts; each row is a problem of its own.
    tolerance : float
        Expectation-maximisation ends when a step raises no problem's mean log-likelihood by more, in nats a triplet.
    max_steps : int
        And after this many steps at the latest.

    Returns
    -------
    points : array, (n_points, 3)
        Probabilities in falling order, on a regular grid of the simplex.
    mixing : array, (n_resamples, n_points)
        Their shares; rows sum to 1.

    Notes
    -----
    The positions of the three objects carry no meaning, so the distribution is symmetric: the likelihood of a point is
    the mean over its six permutations. The start is uniform over the grid, and the default tolerance ends early on
    purpose: run to the end (`most_likely_mixing`), the distribution gathers in a few points that follow the sample, and
    where the truth is known its E[max p] is mostly further from it, though not for decided people (`ceiling_errors`).
    """
    points, likelihood = simplex_grid(), _likelihood(types)  # (n_points, 3), (n_types, n_points)
    share = weights / weights.sum(axis=1, keepdims=True)  # (n_resamples, n_types)
    mixing = np.full((len(share), len(points)), 1 / len(points))
    before = np.full(len(share), -np.inf)
    running = np.arange(len(share))
    for _ in range(max_steps):
        density = mixing[running] @ likelihood.T  # (n_running, n_types)
        now = (share[running] * np.log(density)).sum(axis=1)
        gains = now - before[running] >= tolerance
        before[running] = now
        running = running[gains]
        if not len(running):
            break
        mixing[running] *= (share[running] / density[gains]) @ likelihood
    return points, mixing


def most_likely_mixing(types: np.ndarray, weights: np.ndarray, *, tolerance: float = 1e-6) -> np.ndarray:
    """Find the mixing distribution of the highest likelihood, to the end.

    Parameters
    ----------
    types, weights
        As for `mixing_distribution`.
    tolerance : float
        At most so far below the highest mean log-likelihood is what is returned, in nats a triplet: the gradient bounds
        the distance.

    Returns
    -------
    mixing : array, (n_resamples, n_points)
        On the points of `mixing_distribution`; rows sum to 1, and few entries are not 0.

    Raises
    ------
    ArithmeticError
        The bound was not reached.

    Notes
    -----
    The constrained Newton method of Wang (2007, Journal of the Royal Statistical Society B 69, 185-198): points with
    the steepest gradient are let in, and a quadratic problem without negative shares (after Dax 1990) finds the step.
    """
    likelihood, found = _likelihood(types), []  # (n_types, n_points)
    start = np.full(likelihood.shape[1], 1 / likelihood.shape[1])
    for share in weights / weights.sum(axis=1, keepdims=True):
        found.append(_climb(likelihood, share, found[0] if found else start, tolerance))
    return np.array(found)


def _climb(likelihood: np.ndarray, share: np.ndarray, mixing: np.ndarray, tolerance: float) -> np.ndarray:
    for _ in range(500):
        density = likelihood @ mixing
        gradient = (share / density) @ likelihood  # 1 where there is mixing, and below elsewhere, at the end
        if gradient.max() <= 1 + tolerance:
            return mixing
        points = np.union1d(np.flatnonzero(mixing), np.argsort(gradient)[-_LET_IN:])
        rows = np.sqrt(share)[:, None] * (likelihood[:, points] / density[:, None] - 2)
        target = np.zeros(len(rows) + 1)
        target[-1] = 1
        part, _ = nnls(np.vstack([rows, np.ones(len(points))]), target, maxiter=100 * len(points))
        ahead = -mixing
        ahead[points] += part / part.sum()
        step, now, slope = 1.0, share @ np.log(density), gradient @ ahead
        while share @ np.log(likelihood @ (mixing + step * ahead)) < now + step * slope / 3:
            step /= 2
            if step < _SHORTEST:
                raise ArithmeticError("the most likely mixing distribution was not found: no step gains anything.")
        mixing = mixing + step * ahead
    raise ArithmeticError(f"the most likely mixing distribution was not found to {tolerance:g} nats a triplet.")


@cache
def simplex_grid() -> np.ndarray:
    """Return the points on which mixing distributions are sought: probabilities in falling order, (n_points, 3)."""
    a, b = np.meshgrid(np.arange(GRID + 1), np.arange(GRID + 1), indexing="ij")
    points = np.stack([a, b, GRID - a - b], axis=-1).reshape(-1, 3)
    return points[(points[:, 0] >= points[:, 1]) & (points[:, 1] >= points[:, 2]) & (points[:, 2] >= 0)] / GRID


def _likelihood(types: np.ndarray) -> np.ndarray:
    """Return the likelihood of each grid point (n_types, n_points), scaled within each type."""
    log_p = log_safe(simplex_grid()).T  # (3, n_points)
    each = np.stack([types[:, order] @ log_p for order in permutations(range(3))])  # (6, n_types, n_points)
    # the multinomial coefficient is the same for all points; without scaling, many answers would underflow
    return np.exp(each - each.max(axis=(0, 2), keepdims=True)).mean(axis=0)


def log_safe(p: np.ndarray) -> np.ndarray:
    """Return log p with a floor, so that 0 ** 0 is 1 and every other power of 0 is 0."""
    return np.log(np.maximum(p, 1e-300))


def _log_choose(n: np.ndarray, k: np.ndarray | int) -> np.ndarray:
    return gammaln(n + 1) - gammaln(np.asarray(k) + 1) - gammaln(n - k + 1)
