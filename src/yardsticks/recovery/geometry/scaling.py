"""Multidimensional scaling: points in a plane whose distances come near given dissimilarities."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yardsticks.recovery.triplets.randomness import as_rng

N_STARTS = 20  # random ones
TOLERANCE = 1e-9  # a start ends when a step lowers the stress by less than this share of it
MAX_STEPS = 5_000


class Scaling(NamedTuple):
    """Points of a metric multidimensional scaling.

    Parameters
    ----------
    points : (n, 2) float64 array
        Centred; axes are the points' principal axes, the widest first, each with its entry of largest magnitude
        positive.
    stress : float
        sqrt(sum (distance - dissimilarity)^2 / sum dissimilarity^2) over pairs, in [0, 1]; 0 is a perfect map.
    n_steps : int
        Of the start that came out best.
    converged : bool
        Whether that start met the tolerance.
    """

    points: np.ndarray
    stress: float
    n_steps: int
    converged: bool


def scale(
    dissimilarities: np.ndarray,
    *,
    seed: int | np.random.Generator,
) -> Scaling:
    """Place points in a plane so that distances come near dissimilarities: metric scaling by majorisation (SMACOF).

    Parameters
    ----------
    dissimilarities : array, (n, n)
        Symmetric, not negative, zero on the diagonal.
    seed : int or Generator
        For the random starts.

    Returns
    -------
    Scaling

    Raises
    ------
    ValueError
        Dissimilarities that cannot be, or that are all zero.

    Notes
    -----
    Each step replaces the points X by B(X) X / n (the Guttman transform), which never raises the stress: b_ij is
    -dissimilarity / distance off the diagonal, and rows sum to zero. Stress has local minima: of `N_STARTS`
    random starts and classical scaling the lowest found is kept.
    """
    target = np.asarray(dissimilarities, dtype=np.float64)
    if target.ndim != 2 or target.shape[0] != target.shape[1] or len(target) < 2:
        raise ValueError(f"dissimilarities have the shape {target.shape}; (n, n) with two points is the least.")
    if not np.isfinite(target).all() or (target < 0).any():
        raise ValueError("dissimilarities must be finite and not negative.")
    if not np.allclose(target, target.T, atol=1e-12) or target.diagonal().any():
        raise ValueError("dissimilarities must be symmetric, and zero on the diagonal.")
    if not target.any():
        raise ValueError("all dissimilarities are zero: there is nothing to place.")
    rng = as_rng(seed)
    size = target.max()
    target = (target + target.T) / (2 * size)
    starts = [classical(target, 2), *rng.standard_normal((N_STARTS, len(target), 2))]
    best = min((_majorise(target, start) for start in starts), key=lambda found: found.stress)
    return best._replace(points=_turn(best.points) * size)


def classical(dissimilarities: np.ndarray, n_dimensions: int) -> np.ndarray:
    """Return the points (n, n_dimensions) of classical scaling; exact where the dissimilarities are distances."""
    squared = np.square(dissimilarities)
    centred = squared - squared.mean(axis=0) - squared.mean(axis=1, keepdims=True) + squared.mean()
    values, vectors = np.linalg.eigh(-centred / 2)
    width = np.sqrt(np.maximum(values[::-1][:n_dimensions], 0.0))
    points = np.zeros((len(squared), n_dimensions))
    points[:, : len(width)] = vectors[:, ::-1][:, :n_dimensions] * width
    return points


def distances(points: np.ndarray) -> np.ndarray:
    """Return the Euclidean distances (n, n) between points (n, n_dimensions)."""
    return np.sqrt(np.square(points[:, None] - points[None]).sum(axis=-1))


def majorise(target: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the Guttman transform of points (n, n_dimensions): one step towards dissimilarities (n, n)."""
    apart = distances(points)
    ratio = np.divide(target, apart, out=np.zeros_like(apart), where=apart > 0)
    return (ratio.sum(axis=1, keepdims=True) * points - ratio @ points) / len(points)


def stress(target: np.ndarray, points: np.ndarray) -> float:
    """Return the stress of points (n, n_dimensions), see `Scaling`."""
    return float(np.sqrt(np.square(distances(points) - target).sum() / np.square(target).sum()))


def _majorise(target: np.ndarray, points: np.ndarray) -> Scaling:
    before = stress(target, points)
    for step in range(1, MAX_STEPS + 1):
        points = majorise(target, points)
        after = stress(target, points)
        if before - after <= TOLERANCE * before:
            return Scaling(points, after, step, True)
        before = after
    return Scaling(points, before, MAX_STEPS, False)


def _turn(points: np.ndarray) -> np.ndarray:
    """Return points centred, on their principal axes, with signs that do not depend on the start."""
    points = points - points.mean(axis=0)
    points = points @ np.linalg.svd(points, full_matrices=False)[2].T
    largest = np.take_along_axis(points, np.abs(points).argmax(axis=0)[None], axis=0)
    return points * np.where(largest < 0, -1.0, 1.0)
