"""Probes: features, linearly transformed to predict which of three objects people call the odd one.

A probe's score matrix is S = Z Z' with Z = X W'; the logits of a triplet (i, j, k) for the odd one being i, j or k are
S_jk, S_ik and S_ij, divided by a temperature that is 1 in fits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from yardsticks.devices import check_device
from yardsticks.recovery.triplets.choices import Score, accuracy, choice_probabilities, nll, remaining_pairs, targets
from yardsticks.recovery.triplets.triplets import Triplets


@dataclass(frozen=True)
class Record:
    """How a fit went.

    Parameters
    ----------
    objective, nll : float
        On the training triplets, in nats per trial; the objective is nll + strength * penalty. Lower is better.
    gradient_norm : float
        Of the objective at the end, with respect to the fitted weights.
    n_evaluations : int
        Evaluations of loss and gradient.
    converged : bool
        Whether the solver's own stopping rule was met. At the default tolerance of the exact solver the objective is
        then some 1e-6 to 2e-4 nats above its optimum; up to 2e-3 where the strength is 1e-4 or less and the features
        explain nearly every answer. `gap` tells, if a certificate is asked for; a tighter tolerance comes nearer.
    status : {"converged", "max_steps", "line_search", "cut", "not_fitted"}
    rank, n_used : int
        Dimension of the space that the features of the training objects span; number of these objects. The published
        solver, which works with all, has the numbers of features and of all objects there.
    solver : {"exact", "published", "none"}
    gap : float
        Upper bound on what the objective lies above its optimum, in nats; NaN where it was not asked for, and for a
        low rank, whose problem has no such bound.
    decrement, tolerance : float
        What the exact solver compares with its tolerance, in nats; NaN for the published one.
    """

    objective: float
    nll: float
    gradient_norm: float
    n_evaluations: int
    converged: bool
    status: str
    rank: int
    n_used: int
    solver: str
    gap: float = math.nan
    decrement: float = math.nan
    tolerance: float = math.nan


class Prediction(NamedTuple):
    """What a probe expects people to answer.

    Parameters
    ----------
    odd : (n,) int8 array
        Position of the most probable odd one, 0, 1 or 2; the first of those that are equally probable.
    probabilities : (n, 3) float64 array
        That each position is the odd one, at the probe's temperature.
    """

    odd: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True, eq=False)
class Probe:
    """A fitted transform of features, kept in the small basis that it was fitted in.

    Parameters
    ----------
    core : array, (r, r), (k, r) or (p,)
        The transform within the basis; a vector is a diagonal.
    basis : array, (p, r), or None
        Orthonormal columns; None stands for the features' own axes.
    outside : float
        Multiple of the identity that acts on what the basis does not span.
    transform, penalty : str
    strength : float
    temperature : float
        Positive; divides the logits.
    record : Record

    Raises
    ------
    ValueError
        Shapes that disagree, or a temperature that is not positive and finite.

    Notes
    -----
    Features, wherever they are asked for, are `Features` or an array (n_objects, n_features); only the rows of the
    objects in the triplets are read. `device` is ``"cpu"`` or ``"cuda"``.

    Examples
    --------
    >>> from yardsticks.recovery import fit_probe, make_world
    >>> world = make_world(seed=1)
    >>> features = world.models["toy-a1"]
    >>> some, others = world.people.subset(slice(3000)), world.people.subset(slice(3000, None))
    >>> probe = fit_probe(features, some, strength=0.1)
    >>> probe.score(features, others).accuracy > 0.4  # chance is 1/3
    True
    >>> prediction = probe.predict(features, others)
    >>> prediction.odd.shape, prediction.probabilities.shape
    ((1000,), (1000, 3))
    """

    core: np.ndarray
    basis: np.ndarray | None
    outside: float
    transform: str
    penalty: str
    strength: float
    record: Record
    temperature: float = 1.0

    def __post_init__(self):
        if self.basis is not None and self.basis.shape[1] != self.core.shape[-1]:
            raise ValueError(f"a core of shape {self.core.shape} does not fit a basis of shape {self.basis.shape}.")
        if not (self.temperature > 0 and math.isfinite(self.temperature)):
            raise ValueError(f"temperature={self.temperature} must be positive and finite.")

    @property
    def n_features(self) -> int:
        """Number of features p that the probe takes."""
        return self.core.shape[-1] if self.basis is None else self.basis.shape[0]

    @property
    def weights(self) -> np.ndarray:
        """W itself: (p, p), (k, p) or, for a diagonal, (p,). Formed anew at each call; scoring does not need it."""
        if self.basis is None:
            return self.core
        if self.transform == "low_rank":
            return self.core @ self.basis.T
        inside = self.basis @ (self.core - self.outside * np.eye(len(self.core), dtype=self.core.dtype))
        return inside @ self.basis.T + self.outside * np.eye(self.n_features, dtype=self.core.dtype)

    def scores(self, features, *, device: str = "cpu") -> np.ndarray:
        """Score matrix S = X W'W X', (n_objects, n_objects), at temperature 1. W is not formed."""
        return next(_score_matrices([self], np.asarray(features), device)).cpu().numpy()

    def logits(self, features, triplets: Triplets, *, device: str = "cpu") -> np.ndarray:
        """Logits (n, 3) of each position being the odd one: scores of the other two, divided by the temperature."""
        return next(_logits([self], features, triplets, device))

    def predict(self, features, triplets: Triplets, *, device: str = "cpu") -> Prediction:
        """Most probable odd one of each triplet, and the probabilities of all three; answers are not needed."""
        logits = self.logits(features, triplets, device=device)
        return Prediction(logits.argmax(axis=1).astype(np.int8), choice_probabilities(logits, 1.0))

    def score(self, features, triplets: Triplets, *, device: str = "cpu", ties: str = "shared") -> Score:
        """Accuracy and mean nll on triplets with answers or with chances of them; see `accuracy` and `nll`."""
        return score_path([self], features, triplets, device=device, ties=ties)[0]


def score_path(
    path: Sequence[Probe], features, triplets: Triplets, *, device: str = "cpu", ties: str = "shared"
) -> list[Score]:
    """Score probes of the same features as `Probe.score` does; features and triplets go to the device once for all.

    Of equally probable odd ones each has its share of an answer that is one of them, or with ties="first" the first.
    """
    odd = targets(triplets)
    return [
        Score(accuracy(logits, odd, ties=ties), nll(logits, odd))
        for logits in _logits(path, features, triplets, device)
    ]


def _logits(path: Sequence[Probe], features, triplets: Triplets, device: str) -> Iterator[np.ndarray]:
    """Yield the logits (n, 3) of each probe."""
    features = rows_of(features, triplets)
    counts = np.bincount(triplets.objects.ravel(), minlength=len(features))
    scores = _score_matrices(path, features[counts > 0], device, np.flatnonzero(counts))
    place = None
    for probe, matrix in zip(path, scores, strict=True):
        if place is None:
            first, second = remaining_pairs((np.cumsum(counts > 0) - 1)[triplets.objects])  # (n, 3)
            place = torch.as_tensor(first * len(matrix) + second, device=device)
        yield (matrix.view(-1)[place] / probe.temperature).cpu().numpy()


def _score_matrices(
    path: Sequence[Probe], features: np.ndarray, device: str, objects: np.ndarray | None = None
) -> Iterator[torch.Tensor]:
    """Yield the score matrix (n, n) of each probe; what those in one basis have in common is computed once.

    The rows are of these objects; by default of all.
    """
    check_device(device)
    x = basis = axes = None
    for probe in path:
        if features.ndim != 2 or features.shape[1] != probe.n_features:
            raise ValueError(f"features of shape {features.shape} do not fit a probe of {probe.n_features} features.")
        core = torch.as_tensor(probe.core, device=device)
        if x is None or x.dtype != core.dtype:
            x, basis = _placed(features, device, objects).to(core.dtype), None  # (n, p)
        if probe.basis is None:
            z = x * core if core.ndim == 1 else x @ core.T
            yield z @ z.T
            continue
        if basis is not probe.basis:
            basis, axes = probe.basis, torch.as_tensor(probe.basis, device=device)
            within, rest = x @ axes, None  # (n, r)
        z = within @ core.T
        scores = z @ z.T
        if probe.outside and basis.shape[1] < basis.shape[0]:
            if rest is None:
                rest = x - within @ axes.T
                rest = rest @ rest.T
            scores += probe.outside**2 * rest
        yield scores


def _placed(features: np.ndarray, device: str, objects: np.ndarray | None) -> torch.Tensor:
    """Return features of objects on a device, or say in a ValueError of which object they are not finite."""
    if not (finite := np.isfinite(features).all(axis=1)).all():
        row = int(np.argmin(finite))
        where = row if objects is None else objects[row]
        raise ValueError(f"features of object {where} are not finite; leave its triplets out.")
    return torch.as_tensor(features, device=device)


def rows_of(features, triplets: Triplets) -> np.ndarray:
    """Return features as an array with one row for each object of the triplets, or raise a ValueError."""
    features = np.asarray(features)
    if features.ndim != 2 or len(features) != triplets.n_objects:
        raise ValueError(
            f"features have the shape {features.shape}, and the triplets are of {triplets.n_objects} objects: give one "
            "row an object."
        )
    return features
