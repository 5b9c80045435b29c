"""Geometry of embeddings: distances between objects, how alike two such sets are, how many dimensions are in use.

A representational dissimilarity matrix (RDM) holds the squared Euclidean distances between all objects, divided by the
number of channels. Distances that share an object are correlated, so two RDMs are compared by the whitened Pearson
correlation (``corr_cov``) [1]_, which allows for that. It has a closed form in the embeddings, and no RDM is formed.

References
----------
.. [1] Diedrichsen et al. (2021), Comparing representational geometries using whitened unbiased-distance-matrix
   similarity.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

_SAME = 1e-12  # of the whole variance: what is left of distances that all are equal


def similarity(a: np.ndarray, b: np.ndarray) -> float:
    """Return the whitened Pearson correlation of two embeddings' RDMs.

    Parameters
    ----------
    a, b : array, (n_objects, n_channels)
        Of the same objects; the numbers of channels may differ.

    Returns
    -------
    float
        In [-1, 1]; 1 is the same geometry up to scale. Unchanged when either is rotated, shifted or scaled as a whole.

    Raises
    ------
    ValueError
        Different numbers of objects, fewer than three, values that are not finite, or an embedding whose objects are
        all equally far from one another (or all the same), for which no correlation is defined.

    Notes
    -----
    With X centred over objects, K = XX', t = tr K and n objects, f(A, B) = <K_A, K_B> - t_A t_B / (n - 1), and the
    similarity is f(A, B) / sqrt(f(A, A) f(B, B)). This is linear centred kernel alignment without the part of each
    kernel that treats all objects alike.
    """
    return float(similarities({"a": a, "b": b}).iat[0, 1])


def similarities(embeddings: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return `similarity` of every pair of embeddings of the same objects.

    Returns
    -------
    DataFrame, (n_embeddings, n_embeddings)
        Symmetric, with ones on the diagonal; index and columns are the names.
    """
    names = list(embeddings)
    scaled = [_to_norm_one(embeddings[name], name) for name in names]
    if len(sizes := {len(x) for x in scaled}) > 1:
        raise ValueError(f"embeddings of {' and '.join(map(str, sorted(sizes)))} objects cannot be compared.")
    inner = np.empty((len(names), len(names)))
    for i, x in enumerate(scaled):
        for j, y in enumerate(scaled[: i + 1]):
            inner[i, j] = inner[j, i] = _inner(x, y)
    own = inner.diagonal()
    if (own <= _SAME).any():
        raise ValueError(f"{names[int(np.argmin(own))]}: all objects are equally far from one another.")
    values = np.clip(inner / np.sqrt(np.outer(own, own)), -1.0, 1.0)
    np.fill_diagonal(values, 1.0)
    return pd.DataFrame(values, pd.Index(names), pd.Index(names))


def shift(raw: np.ndarray, aligned: np.ndarray) -> float:
    """Return how far alignment moves a model's geometry: 1 less the `similarity` before and after.

    Returns
    -------
    float
        In [0, 2]; 0 where alignment only rotates, shifts or scales. Avitan & Golan (2025) call it alignment-induced.
    """
    return 1.0 - similarity(raw, aligned)


def effective_dimensionality(embedding: np.ndarray) -> float:
    """Return how many dimensions an embedding spreads over: (sum of l)^2 / sum of l^2 of its PCA eigenvalues l.

    Parameters
    ----------
    embedding : array, (n_objects, n_channels)

    Returns
    -------
    float
        From 1, all objects on a line, to the rank of the centred embedding, all its directions equally wide (the
        participation ratio).

    Raises
    ------
    ValueError
        Fewer than three objects, values that are not finite, or objects that are all the same.
    """
    x = _to_norm_one(embedding, "the embedding")
    return 1.0 / _product(x, x)  # the eigenvalues of such an embedding sum to 1


def _checked(embedding: np.ndarray, name: str = "the embedding") -> np.ndarray:
    x = np.asarray(embedding, dtype=np.float64)
    if x.ndim != 2 or len(x) < 3 or not x.shape[1]:
        raise ValueError(f"{name} has the shape {x.shape}; (n_objects, n_channels) with three objects is the least.")
    if not (finite := np.isfinite(x).all(axis=1)).all():
        raise ValueError(
            f"{name}: row {int(np.argmin(finite))} (from 0) is not finite. Keep the objects that all have features of."
        )
    return x


def _to_norm_one(embedding: np.ndarray, name: str) -> np.ndarray:
    """Return an embedding centred over objects, with squared entries that sum to 1."""
    x = _checked(embedding, name)
    size = np.abs(x).max()
    x = x - x.mean(axis=0)
    if np.abs(x).max() <= _SAME * size:
        raise ValueError(f"{name}: all objects are the same.")
    return x / np.linalg.norm(x)


def _product(x: np.ndarray, y: np.ndarray) -> float:
    """Return <XX', YY'>, in the cheaper of two ways."""
    n, p, q = len(x), x.shape[1], y.shape[1]
    if p * q <= n * (p + q):
        return float((np.square(x.T @ y)).sum())
    return float(((x @ x.T) * (y @ y.T)).sum())


def _inner(x: np.ndarray, y: np.ndarray) -> float:
    return _product(x, y) - 1.0 / (len(x) - 1)
