"""What is done to features before a probe sees them: scale, centre, principal components."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from yardsticks.recovery.data.features import Features
from yardsticks.recovery.triplets.randomness import random_stream
from yardsticks.stats import check_option

SCALES = ("unit_rms", "raw")
RANK_CUT = 1e-6  # of the largest singular value; smaller ones are rounding


def treat(
    features: Features | np.ndarray,
    *,
    components: int | None = 64,
    centre: bool = False,
    constant: bool = False,
    scale: str = "unit_rms",
) -> np.ndarray:
    """Bring features to a common size and scale before a probe is fitted.

    Parameters
    ----------
    features : Features or (n_objects, n_features) array
        Rows that are NaN as a whole are missing objects.
    components : int or None
        Number of components to keep; None keeps the features as they are.
    centre : bool
        Subtract from each feature its mean over the objects.
    constant : bool
        Append a column of ones.
    scale : {"unit_rms", "raw"}
        Divide all by one number, so that the root mean square of all entries is 1; or leave the scale.

    Returns
    -------
    (n_objects, n_columns) float32 array
        *components* columns, or all; one more with *constant*. Missing objects stay NaN.

    Raises
    ------
    ValueError
        Values that are not finite, all equal to zero; fewer objects, features or independent components than
        *components*; an unknown scale.

    Notes
    -----
    In this order, with X the rows of the objects that are present, in float64:

    1. ``centre``: X <- X - 1 m', m the column means.
    2. ``components=k``: X <- X V, V the k leading right singular vectors of X. Without ``centre`` these are not the
       principal components: the first is close to the mean. The sign of each column makes its entry of largest
       magnitude positive. Dot products of rows are those of the best approximation of X of rank k.
    3. ``constant``: X <- [X, 1].
    4. ``scale="unit_rms"``: X <- X / sqrt(mean(X * X)), the mean over all entries.

    All of X is used, and no answer of anybody. The default is the study's: the direction that all objects share lets a
    full probe weigh each object by itself, which centring takes away; the two differ by about a percentage point of
    accuracy. That published probes are fitted to ``components=None, scale="raw"`` [1]_ makes the same strength mean
    something else for each model.

    References
    ----------
    .. [1] Avitan & Golan (2025), Model recovery for flexible alignment.

    Examples
    --------
    >>> from yardsticks.recovery.data.toy import make_world
    >>> treated = treat(make_world(seed=1).models["toy-a1"], components=8)
    >>> treated.shape, round(float((treated**2).mean()), 4)
    ((120, 8), 1.0)
    """
    check_option("scale", scale, SCALES)
    values = np.asarray(features)
    if values.ndim != 2 or values.dtype.kind not in "fiu":
        raise ValueError(f"features must be numbers of the shape (n_objects, n_features), not {values.shape}.")
    present = ~np.isnan(values).all(axis=1)
    x = values[present].astype(np.float64)
    if not np.isfinite(x).all():
        row, column = (int(at[0]) for at in np.nonzero(~np.isfinite(values) & present[:, None]))
        raise ValueError(f"row {row} (from 0), column {column}: {values[row, column]}, beside numbers in that row.")
    if not x.any():
        raise ValueError("all features are zero." if x.size else "no object has features.")
    if centre:
        size = np.abs(x).max()
        x -= x.mean(axis=0)
        if np.abs(x).max() <= RANK_CUT * size:
            raise ValueError("all objects have the same features, and nothing is left when these are centred.")
    if components is not None:
        x = _components(x, components)
    if constant:
        x = np.hstack([x, np.ones((len(x), 1))])
    if scale == "unit_rms":
        x /= np.sqrt(np.mean(x * x))
    treated = np.full((len(values), x.shape[1]), np.nan, dtype=np.float32)
    treated[present] = x
    return treated


def _components(x: np.ndarray, k: int) -> np.ndarray:
    """Return the k leading left singular vectors of x (n, p) times their singular values: (n, k)."""
    n, p = x.shape
    if not 1 <= k <= min(n, p):
        raise ValueError(f"components={k}, and there are {n} objects with {p} features. Ask for fewer, or for None.")
    gram = x.T @ x if p <= n else x @ x.T  # the smaller one
    values, vectors = linalg.eigh(gram, subset_by_index=(len(gram) - k, len(gram) - 1))
    values, vectors = values[::-1], vectors[:, ::-1]  # falling
    independent = int((values > RANK_CUT**2 * values[0]).sum())
    if independent < k:
        raise ValueError(f"components={k}, and the features have only {independent} independent ones. Ask for fewer.")
    scores = x @ vectors if p <= n else vectors * np.sqrt(values)
    largest = np.take_along_axis(scores, np.abs(scores).argmax(axis=0)[None], axis=0)
    return scores * np.sign(largest)


def half_of(values: np.ndarray, name: str) -> np.ndarray:
    """Return a random half of the features of a model, (n_objects, p // 2), in their order; the same for each name."""
    n = values.shape[1]
    return values[:, np.sort(random_stream("half of the features", name).permutation(n)[: n // 2])]
