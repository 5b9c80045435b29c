"""Fitting probes: one, along a path of strengths, or several side by side.

A fit minimises

    mean cross-entropy in nats  +  strength * penalty(W),

with the penalty ||W - c I||^2, c = tr(W) / p (`scaled_identity`), or ||W||^2 (`frobenius`), both of them sums over
entries, not means. Features are taken as they are: features times a with strength times a squared are the same fit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from yardsticks.recovery.probes.certificate import certificate
from yardsticks.recovery.probes.objective import LOW_RANK_PENALTIES, PENALTIES, Objective
from yardsticks.recovery.probes.probe import Probe, Record
from yardsticks.recovery.probes.published_solver import solve_published
from yardsticks.recovery.probes.reduction import Reduced, check_features, reduce
from yardsticks.recovery.probes.solver import Solution, solve
from yardsticks.recovery.triplets.choices import answers
from yardsticks.recovery.triplets.triplets import Triplets

TRANSFORMS = ("full", "diagonal", "low_rank", "none")
SOLVERS = ("exact", "published")
STARTS = ("principal", "features")
_FLOAT64_BELOW = 1e-6  # tolerance, in nats; float32 cannot tell such losses apart


def fit_probe(features: np.ndarray, triplets: Triplets, *, strength: float, **options) -> Probe:
    """Fit one probe: `fit_batch` with one problem and one strength; the options are described there.

    Examples
    --------
    >>> import numpy as np
    >>> from yardsticks.recovery.triplets.triplets import Triplets
    >>> rng = np.random.default_rng(1)
    >>> features = rng.normal(size=(30, 5))
    >>> objects = np.array([rng.choice(30, 3, replace=False) for _ in range(400)])
    >>> scores = features[:, :2] @ features[:, :2].T  # people see two of the five features
    >>> odd = np.array([np.argmax([scores[b, c], scores[a, c], scores[a, b]]) for a, b, c in objects])
    >>> probe = fit_probe(features, Triplets(objects, odd, 30), strength=0.01)
    >>> probe.record.converged, probe.weights.shape
    (True, (5, 5))
    >>> probe.score(features, Triplets(objects, odd, 30)).accuracy > 0.9
    True
    """
    return fit_batch([(features, triplets)], strengths=[strength], **options)[0][0]


def fit_path(features: np.ndarray, triplets: Triplets, *, strengths: Sequence[float], **options) -> list[Probe]:
    """Fit a probe at each of several strengths: `fit_batch` with one problem; the options are described there."""
    return fit_batch([(features, triplets)], strengths=strengths, **options)[0]


def fit_batch(
    problems: Sequence[tuple[np.ndarray, Triplets]],
    *,
    strengths: Sequence[float],
    transform: str = "full",
    penalty: str = "scaled_identity",
    solver: str = "exact",
    rank: int | None = None,
    low_rank_penalty: str = "output",
    start: str = "principal",
    tolerance: float = 1e-5,
    max_steps: int | None = None,
    certificate: bool = False,
    time_limit: float | None = None,
    device: str = "cpu",
    reduced: Sequence[Reduced] | None = None,
) -> list[list[Probe]]:
    """Fit several problems side by side, each at every strength. On a processor one problem at a time is quicker.

    Parameters
    ----------
    problems : list of (features, triplets)
        Features (n_objects, n_features), used as they are; only the rows of objects that occur are read. Triplets with
        answers.
    strengths : list of float
        Positive. Solved from the largest down, each from the one before where that is safe.
    transform : {"full", "diagonal", "low_rank", "none"}
        The shape of W: (p, p), diagonal, (rank, p), or the identity, which nothing is fitted in.
    penalty : {"scaled_identity", "frobenius"}
    solver : {"exact", "published"}
        `published` repeats the optimiser and the stopping rule of the published study, which ends above the optimum.
    rank : int
        Of a low-rank transform; it has no default.
    low_rank_penalty : {"output", "published"}
        Whether `scaled_identity` asks W W' (rank x rank; the paper's text) or W'W (p x p; the published code) to be a
        multiple of the identity. The low-rank problem is not convex: the fit is a local optimum.
    start : {"principal", "features"}
        Where an exact low-rank fit starts: at the leading principal axes of the training objects' features, or at the
        first `rank` features, as published. Directions outside those of the training features and of the start, which
        the data do not tell apart, stay at zero.
    tolerance : float
        In nats; see `Record.decrement`. Below 1e-6 the fit is made in float64.
    max_steps : int, optional
        For each strength; default 400, or 20,000 in float64.
    certificate : bool
        Compute `Record.gap`.
    time_limit : float, optional
        Seconds after which a fit of the published solver is cut.
    device : str
        torch's name of the device.
    reduced : list of Reduced, optional
        What `prepare` made of each problem, for use again with other answers to the same triplets.

    Returns
    -------
    list of list of Probe
        For each problem, in the order of `strengths`.

    Raises
    ------
    ValueError
        An unknown option; a strength or tolerance that is not positive; triplets without answers; features of the
        wrong number of rows; features that are, for the objects in the triplets, not finite, all zero, all equal, or
        such that they score the pairs of every triplet alike.
    """
    _check_options(transform, penalty, solver, low_rank_penalty, start, tolerance)
    if transform != "none" and not all(strength > 0 and math.isfinite(strength) for strength in strengths):
        raise ValueError(f"strengths={list(strengths)} must all be positive and finite.")
    odds = [answers(triplets) for _, triplets in problems]
    if transform == "none" or solver == "published":
        options = {"rank": rank, "low_rank_penalty": low_rank_penalty, "device": device, "time_limit": time_limit}
        options |= {"transform": transform, "penalty": penalty}
        fit = _identity if transform == "none" else _published
        return [[fit(x, triplets, float(s), tolerance, options) for s in strengths] for x, triplets in problems]
    options = {"transform": transform, "rank": rank, "start": start, "tolerance": tolerance, "device": device}
    reduced = reduced or [prepare(*problem, **options) for problem in problems]
    wide = reduced[0].rows.dtype == torch.float64
    solutions = solve(
        list(zip(reduced, odds, strict=True)),
        strengths=[float(strength) for strength in strengths],
        transform=transform,
        penalty=penalty,
        start=_first(reduced, rank, start) if transform == "low_rank" else None,
        low_rank_penalty=low_rank_penalty,
        tolerance=tolerance,
        max_steps=max_steps or (20_000 if wide else 400),
        certify=certificate,
    )
    return [
        [
            _exact(problem, path, float(s), transform, penalty, tolerance)
            for path, s in zip(paths, strengths, strict=True)
        ]
        for problem, paths in zip(reduced, solutions, strict=True)
    ]


def prepare(
    features: np.ndarray,
    triplets: Triplets,
    *,
    transform: str = "full",
    rank: int | None = None,
    start: str = "principal",
    tolerance: float = 1e-5,
    device: str = "cpu",
) -> Reduced:
    """Reduce features and triplets once, for fits with many sets of answers; options as in `fit_batch`."""
    features = _check_problem(features, triplets, transform, rank)
    first = np.eye(rank, features.shape[1]) if transform == "low_rank" and start == "features" else None
    return reduce(
        features,
        triplets.objects,
        rotate=transform != "diagonal",
        start=first,
        dtype=torch.float32 if tolerance >= _FLOAT64_BELOW else torch.float64,
        device=device,
    )


def measure_gap(probe: Probe, features: np.ndarray, triplets: Triplets, *, device: str = "cpu") -> float:
    """Bound what a probe's objective lies above its optimum on the triplets that it was fitted to.

    Returns
    -------
    float
        In nats, as `Record.gap`; for one probe of a path this is less work than a certificate for each.

    Raises
    ------
    ValueError
        The probe's transform is neither full nor diagonal: there is no bound.
    """
    if probe.transform not in ("full", "diagonal"):
        raise ValueError(f"there is no bound for transform={probe.transform!r}.")
    problem = prepare(features, triplets, transform=probe.transform, tolerance=_tolerance_of(probe), device=device)
    w = torch.as_tensor(probe.core).to(problem.rows)
    if probe.transform == "full":
        own = np.eye(probe.n_features, dtype=probe.core.dtype) if probe.basis is None else probe.basis
        turn = torch.as_tensor(problem.basis.T @ own).to(w)  # from the probe's basis to the problem's
        w = turn @ w @ turn.mT
    objective = Objective([(problem, answers(triplets))], probe.transform, probe.penalty)
    strength = probe.strength * objective.unit
    return certificate(objective, (w * problem.scale)[None], strength, [0])[0]


def _tolerance_of(probe: Probe) -> float:
    """Return a tolerance that keeps the precision in which the probe was fitted."""
    return _FLOAT64_BELOW / 10 if probe.core.dtype == np.float64 else 1e-5


def _first(reduced: Sequence[Reduced], rank: int, start: str) -> list[torch.Tensor] | int:
    """First weights of low-rank fits, in the basis of each problem, or the number of leading axes."""
    return [torch.as_tensor(problem.basis[:rank]) for problem in reduced] if start == "features" else rank


def _exact(problem: Reduced, path: Solution, strength: float, transform: str, penalty: str, tolerance: float) -> Probe:
    """Make a probe of a solution by the exact solver."""
    core = path.weights.cpu().numpy()
    outside = float(core.diagonal().mean()) if transform == "full" and penalty == "scaled_identity" else 0.0
    record = Record(
        objective=path.objective,
        nll=path.nll,
        gradient_norm=path.gradient_norm,
        n_evaluations=path.n_evaluations,
        converged=path.status == "converged",
        status=path.status,
        gap=path.gap,
        decrement=path.decrement,
        rank=problem.rank,
        n_used=len(problem.rows),
        solver="exact",
        tolerance=tolerance,
    )
    return Probe(core, problem.basis, outside, transform, penalty, strength, record)


def _published(features, triplets: Triplets, strength: float, tolerance: float, options: dict) -> Probe:
    """Fit a probe by the published solver."""
    features = _check_problem(features, triplets, options["transform"], options["rank"])
    used = check_features(features, triplets.objects)
    features = np.where((used | np.isfinite(features).all(axis=1))[:, None], features, 0)
    end = solve_published(features, triplets.objects, triplets.odd, strength=strength, **options)
    record = Record(
        objective=end.objective,
        nll=end.nll,
        gradient_norm=end.gradient_norm,
        n_evaluations=end.n_evaluations,
        converged=end.status == "converged",
        status=end.status,
        gap=math.nan,
        decrement=math.nan,
        rank=features.shape[1],
        n_used=len(features),
        solver="published",
        tolerance=math.nan,
    )
    return Probe(end.weights.cpu().numpy(), None, 0.0, options["transform"], options["penalty"], strength, record)


def _identity(features, triplets: Triplets, strength: float, tolerance: float, options: dict) -> Probe:
    """Take the features as they are, with their loss on the triplets."""
    features = _check_problem(features, triplets, "none", options["rank"])
    n_used = int(check_features(features, triplets.objects).sum())
    unfitted = Record(
        math.nan,
        math.nan,
        math.nan,
        0,
        True,
        "not_fitted",
        math.nan,
        math.nan,
        features.shape[1],
        n_used,
        "none",
        math.nan,
    )
    core = np.ones(features.shape[1], dtype=np.result_type(features, np.float32))
    probe = Probe(core, None, 0.0, "none", options["penalty"], strength, unfitted)
    loss = probe.score(features, triplets).nll
    return replace(probe, record=replace(unfitted, objective=loss, nll=loss))


def _check_problem(features: np.ndarray, triplets: Triplets, transform: str, rank: int | None) -> np.ndarray:
    """Return the features as an array, if they go with the triplets and the transform."""
    features = np.asarray(features)
    if features.ndim != 2 or len(features) != triplets.n_objects:
        raise ValueError(
            f"features have the shape {features.shape}, and the triplets are of {triplets.n_objects} objects: give one "
            "row an object."
        )
    if transform == "low_rank" and not (rank and 0 < rank <= features.shape[1]):
        raise ValueError(f"rank={rank} of a low-rank transform must lie in 1 ... {features.shape[1]}.")
    if transform != "low_rank" and rank is not None:
        raise ValueError(f"rank={rank} is for transform='low_rank', not {transform!r}.")
    return features


def _check_options(transform, penalty, solver, low_rank_penalty, start, tolerance) -> None:
    for name, value, known in (
        ("transform", transform, TRANSFORMS),
        ("penalty", penalty, PENALTIES),
        ("solver", solver, SOLVERS),
        ("low_rank_penalty", low_rank_penalty, LOW_RANK_PENALTIES),
        ("start", start, STARTS),
    ):
        if value not in known:
            raise ValueError(f"{name}={value!r} is not one of {', '.join(map(repr, known))}.")
    if not tolerance > 0:
        raise ValueError(f"tolerance={tolerance} must be positive.")
