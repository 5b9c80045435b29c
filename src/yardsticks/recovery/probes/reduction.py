"""From features and triplets to the smallest equivalent fitting problem.

The scores of the training triplets see the features of the objects that occur in them and nothing else. The fit is
therefore made in an orthonormal basis of the space that these rows span, which is exact: the optimum in the directions
outside is known in closed form (`scaled_identity`: the mean of the transform's diagonal; `frobenius`: zero).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import torch

_RANK_CUT = 1e-6  # of the largest singular value; features are float32 at best
_FLAT = 1e-9  # of the size of the scores: spread below which no transform can tell the objects of a triplet apart
_SAMPLE = 16_384  # triplets from which scale and start are taken


@dataclass(frozen=True, eq=False)
class Reduced:
    """One set of triplets over one set of features, ready to be fitted with any answers.

    Parameters
    ----------
    rows : Tensor, (n_used, r)
        Features of the objects that occur, in the basis, divided by `scale`.
    pairs : Tensor of int32, or of int64 for more than 46,340 objects, (3, n)
        For each triplet and option, where the pair of the two *other* objects lies in the flattened matrix of scores;
        triplets in an order that keeps neighbours in memory together.
    order : array, (n,)
        The row of the given triplets that each column of `pairs` is.
    weights : Tensor, (n_used,)
        How often each object occurs, as a share of all occurrences.
    basis : array, (n_features, r), or None
        Orthonormal columns; None where the features are kept as they are.
    scale : float
        Divisor of the features: scores then differ within a triplet by about one. Exact, as features times a and
        strength times a squared are the same problem.
    n_features, rank : int
        Columns of the features; dimension of the space that the used rows span.
    """

    rows: torch.Tensor
    pairs: torch.Tensor
    order: np.ndarray
    weights: torch.Tensor
    basis: np.ndarray | None
    scale: float
    n_features: int
    rank: int

    def chosen_first(self, odd: np.ndarray) -> torch.Tensor:
        """Return the pairs with the answered option in the first row, (3, n)."""
        odd = torch.as_tensor(odd[self.order].astype(np.int64), device=self.pairs.device)
        # row by row: an index for all three at once would be the largest array of the whole fit
        return torch.stack([self.pairs.gather(0, ((odd + row) % 3)[None])[0] for row in range(3)])

    def chances(self, odd: np.ndarray) -> torch.Tensor:
        """Return chances (n, 3), or answers (n,) as ones and zeros, in the order of the pairs, (3, n)."""
        chances = odd[self.order] if odd.ndim == 2 else np.eye(3)[odd[self.order]]
        return torch.as_tensor(chances.T, device=self.rows.device).to(self.rows.dtype)


def reduce(
    features: np.ndarray,
    objects: np.ndarray,
    *,
    rotate: bool = True,
    start: np.ndarray | None = None,
    dtype: torch.dtype = torch.float32,
    device: str = "cpu",
) -> Reduced:
    """Reduce features and triplets to the objects that occur and the space that their features span.

    Parameters
    ----------
    features : (n_objects, n_features) array
    objects : (n, 3) array of int
        Rows of `features`; three distinct ones in each triplet.
    rotate : bool
        False keeps the features' own axes (a diagonal transform depends on them).
    start : (k, n_features) array, optional
        The basis is extended to hold these directions too.
    dtype, device
        Of the tensors returned; the basis is always found in float64.

    Raises
    ------
    ValueError
        See `check_features`; also features that score every pair within a triplet alike.
    """
    used = check_features(features, objects)
    local = (np.cumsum(used, dtype=np.int32) - 1)[objects]  # (n, 3), numbered within the used ones
    counts = np.bincount(objects.ravel(), minlength=len(features))[used]
    kept = features[used]
    x = torch.as_tensor(kept, device=device).double()  # (n_used, p)
    basis, rank = _BASES.of(kept, x, start)
    rows = x @ basis if rotate else x

    order, pairs = _pairs(local, len(x))
    sample = pairs[:, :: max(1, pairs.shape[1] // _SAMPLE)]
    scores = (rows @ rows.mT).view(-1)[torch.as_tensor(sample, device=device).long()]  # (3, n_sample)
    size = float(rows.square().sum(dim=1).mean())
    spread = float(scores.var(dim=0, correction=0).mean().sqrt())
    if not spread > _FLAT * size:
        raise ValueError("the features score the pairs of every triplet alike: no transform can tell them apart.")
    scale = spread**0.5
    return Reduced(
        rows=(rows / scale).to(dtype),
        pairs=torch.as_tensor(pairs, device=device),
        order=order,
        weights=torch.as_tensor(counts / objects.size, device=device).to(dtype),
        basis=basis.to(dtype).cpu().numpy() if rotate else None,
        scale=scale,
        n_features=features.shape[1],
        rank=rank,
    )


def check_features(features: np.ndarray, objects: np.ndarray) -> np.ndarray:
    """Return which rows of the features the triplets use, as a mask (n_objects,), if a fit can be made with them.

    Raises
    ------
    ValueError
        There are no triplets; the features of the used objects are not finite, all zero, or all equal.
    """
    if len(objects) == 0:
        raise ValueError("there are no triplets to fit.")
    used = np.bincount(objects.ravel(), minlength=len(features)) > 0
    finite = np.isfinite(features).all(axis=1) | ~used
    if not finite.all():
        raise ValueError(f"features of object {np.argmin(finite)} are not finite; leave its triplets out of the fit.")
    kept = features[used]
    if not kept.any():
        raise ValueError("the features of all objects in the triplets are zero.")
    if (kept == kept[0]).all():
        raise ValueError("the features of all objects in the triplets are equal.")
    return used


class _Bases:
    """Bases found last: generators answer the same triplets, and so each candidate's features come again and again.

    They are known by what they are of: the features' content, since arrays may change, and all that the last bits hang
    on. The oldest go where there are too many for the memory.
    """

    def __init__(self, room: int):
        self.room, self.found = room, {}  # bytes; by key, the oldest first

    def of(self, kept: np.ndarray, x: torch.Tensor, start: np.ndarray | None) -> tuple[torch.Tensor, int]:
        """Return a basis of some rows and their rank; *x* holds them on the device."""
        content = hashlib.sha256(np.ascontiguousarray(kept)).digest()
        first = None if start is None else start.tobytes()
        key = content, kept.shape, kept.dtype, first, x.device, torch.get_num_threads()
        if key not in self.found:
            self.found[key] = _basis(x, start)
        self.found[key] = self.found.pop(key)  # the last now
        while len(self.found) > 1 and sum(basis.nbytes for basis, _ in self.found.values()) > self.room:
            del self.found[next(iter(self.found))]
        return self.found[key]


_BASES = _Bases(1 << 30)


def _basis(x: torch.Tensor, start: np.ndarray | None) -> tuple[torch.Tensor, int]:
    """Orthonormal basis (p, r) of the rows of x, extended to hold those of *start*, and the rank of x alone."""
    basis, rank = _row_space(x)
    if start is not None:
        extra = torch.as_tensor(start, device=x.device).double()
        extra, n_extra = _row_space(extra - (extra @ basis) @ basis.mT, cut_at=_RANK_CUT * float(extra.abs().max()))
        basis = torch.cat([basis, extra], dim=1) if n_extra else basis
    return basis, rank


def _row_space(x: torch.Tensor, cut_at: float = 0.0) -> tuple[torch.Tensor, int]:
    """Orthonormal basis (p, r) of the rows of x (n, p), leading principal directions first, and its dimension r."""
    n, p = x.shape
    size = float(x.abs().max()) or 1.0
    x = x / size
    values, vectors = torch.linalg.eigh(x.mT @ x if p <= n else x @ x.mT)
    singular = values.clamp_min(0).sqrt().flip(0)
    rank = int((singular > max(_RANK_CUT * float(singular[0]), cut_at / size)).sum())
    vectors, singular = vectors.flip(1)[:, :rank], singular[:rank]
    if p > n and rank:
        vectors = (x.mT @ vectors) / singular
        if singular[-1] < 1e-3 * singular[0]:  # what division by a small number has cost in orthogonality
            vectors = torch.linalg.qr(vectors).Q
    return vectors, rank


def _pairs(local: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Order of the triplets, and the flat index of each option's pair (3, n_triplets), smaller object first."""
    a, b, c = local.T
    first = np.stack([np.minimum(b, c), np.minimum(a, c), np.minimum(a, b)])  # (3, n_triplets)
    second = np.stack([np.maximum(b, c), np.maximum(a, c), np.maximum(a, b)])
    order = np.arange(len(local))
    if len(local) > _SAMPLE:  # neighbours in memory; numpy sorts 16 bits in linear time
        low = first.min(axis=0)
        middle = a + b + c - low - second.max(axis=0)
        for key in (middle, low):
            order = order[np.argsort(key[order].astype(np.uint16 if n < 2**16 else np.int64), kind="stable")]
    dtype = np.int32 if index_type(n * n) is torch.int32 else np.int64
    return order, (first.astype(dtype, copy=False) * dtype(n) + second)[:, order]


def index_type(size: int) -> torch.dtype:
    """Type of indices into a table of some size: half the memory where it suffices."""
    return torch.int32 if size < 2**31 else torch.int64
