"""Fitting probes: one, along a path of strengths, or several side by side.

A fit minimises

    mean cross-entropy in nats  +  strength * penalty(W)

on answers or on the chances of them, with the penalty ||W - c I||^2, c = tr(W) / p (`scaled_identity`), or ||W||^2
(`frobenius`), both of them sums over entries, not means. Features are taken as they are: features times a with strength
times a squared are the same fit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from yardsticks.recovery.probes.certificate import certificate
from yardsticks.recovery.probes.objective import Objective
from yardsticks.recovery.probes.options import Options
from yardsticks.recovery.probes.probe import Probe, Record, rows_of
from yardsticks.recovery.probes.published_solver import solve_published
from yardsticks.recovery.probes.reduction import Reduced, check_features, reduce
from yardsticks.recovery.probes.solver import Solution, solve
from yardsticks.recovery.triplets.choices import targets
from yardsticks.recovery.triplets.triplets import Triplets

_FLOAT64_BELOW = 1e-6  # tolerance, in nats; float32 cannot tell such losses apart
_MAX_STEPS = {torch.float32: 400, torch.float64: 20_000}  # for each strength


def fit_probe(features, triplets: Triplets, *, strength: float, **options) -> Probe:
    """Fit one probe at one strength.

    Parameters
    ----------
    features, triplets, **options
        As in `fit_batch`.
    strength : float
        Of the penalty; positive.

    Examples
    --------
    >>> from yardsticks.recovery import make_world
    >>> world = make_world(seed=1)
    >>> probe = fit_probe(world.models["toy-a1"], world.people, strength=0.01)
    >>> probe.record.converged, probe.weights.shape
    (True, (24, 24))
    """
    if np.ndim(strength):
        raise ValueError(f"strength={strength}: fit_probe takes one number, fit_path as many as you like.")
    return fit_path(features, triplets, strengths=strength, **options)[0]


def fit_path(features, triplets: Triplets, *, strengths: Sequence[float] | float, **options) -> list[Probe]:
    """Fit a probe at each of several strengths.

    Parameters
    ----------
    features, triplets, strengths, **options
        As in `fit_batch`.

    Returns
    -------
    list of Probe
        In the order of `strengths`.

    Examples
    --------
    >>> from yardsticks.recovery import make_world
    >>> world = make_world(seed=1)
    >>> path = fit_path(world.models["toy-a1"], world.people, strengths=[1.0, 0.1, 0.01])
    >>> path[0].record.nll > path[1].record.nll > path[2].record.nll  # the less it costs, the closer the fit
    True
    """
    return fit_batch([(features, triplets)], strengths=strengths, **options)[0]


def fit_batch(
    problems: Sequence[tuple[np.ndarray, Triplets]], *, strengths: Sequence[float] | float, **options
) -> list[list[Probe]]:
    """Fit several problems side by side, each at every strength. On a processor one problem at a time is quicker.

    Parameters
    ----------
    problems : list of (features, triplets)
        `Features`, or arrays (n_objects, n_features), used as they are; only the rows of objects that occur are read.
        Triplets with answers, or with the chances of answers (`Triplets.chances`): fitted to those, a probe is what
        infinitely many answers to each of these triplets would make of it.
    strengths : list of float, or float
        Positive. Solved one from another where that is safe: see `solve`.
    **options
        Transform, penalty, solver, device ...: see `Options`.

    Returns
    -------
    list of list of Probe
        For each problem, in the order of `strengths`.

    Notes
    -----
    A batch that a card has no memory for is fitted in two halves, and so on. On a processor the same call on the same
    number of threads gives the same bits. On a card it does not: derivatives are added up there in whatever order
    threads come (`index_add_` is atomic). Neither gives those of another batch or device: all are within the tolerance
    of the same optimum, which says little of a low rank.

    Raises
    ------
    TypeError
        Triplets that are an array, say, rather than `Triplets`.
    ValueError
        See `Options`; no strength, or one that is not positive; triplets without answers or chances; features of the
        wrong number of rows; features that are, for the objects in the triplets, not finite, all zero, all equal, or
        such that they score the pairs of every triplet alike.
    """
    asked = Options(**options)
    if other := [type(triplets).__name__ for _, triplets in problems if not isinstance(triplets, Triplets)]:
        raise TypeError(
            f"triplets are {other[0]}, not Triplets: make these by `Triplets(objects, odd, n_objects)`, or by "
            "`read_triplets` from a file."
        )
    strengths = [float(strength) for strength in np.atleast_1d(strengths)]
    if not strengths:
        raise ValueError("strengths is empty: give at least one.")
    if asked.transform != "none" and not all(strength > 0 and math.isfinite(strength) for strength in strengths):
        raise ValueError(f"strengths={strengths} must all be positive and finite.")
    odds = [targets(triplets) for _, triplets in problems]
    if asked.transform == "none":
        return [[_fit_nothing(*problem, strength, asked) for strength in strengths] for problem in problems]
    if asked.solver == "published":
        return [_fit_as_published(*problem, strengths, asked) for problem in problems]
    try:
        return _fit_exactly(problems, odds, strengths, asked)
    except torch.OutOfMemoryError:
        if len(problems) == 1:
            raise
    half = len(problems) // 2  # here, where no traceback keeps what filled the memory
    return [
        path for part in (problems[:half], problems[half:]) for path in fit_batch(part, strengths=strengths, **options)
    ]


def _fit_exactly(problems, odds, strengths: list[float], asked: Options) -> list[list[Probe]]:
    """Fit a batch by the exact solver."""
    reduced = [_reduce(*problem, asked) for problem in problems]
    solutions = solve(
        list(zip(reduced, odds, strict=True)),
        strengths=strengths,
        transform=asked.transform,
        penalty=asked.penalty,
        start=_first(reduced, asked) if asked.transform == "low_rank" else None,
        low_rank_penalty=asked.low_rank_penalty,
        tolerance=asked.tolerance,
        max_steps=_MAX_STEPS[reduced[0].rows.dtype],
        certify=asked.certificate,
    )
    return [
        [_exact(problem, end, strength, asked) for end, strength in zip(path, strengths, strict=True)]
        for problem, path in zip(reduced, solutions, strict=True)
    ]


def measure_gap(probe: Probe, features, triplets: Triplets, *, device: str = "cpu") -> float:
    """Bound what a probe's objective lies above its optimum on the triplets that it was fitted to.

    Returns
    -------
    float
        In nats, as `Record.gap`; for one probe of a path this is less work than a certificate for each.

    Raises
    ------
    ValueError
        The probe's transform is neither full nor diagonal: there is no bound; there is no such device.
    """
    if probe.transform not in ("full", "diagonal"):
        raise ValueError(f"there is no bound for transform={probe.transform!r}.")
    precision = _FLOAT64_BELOW / 10 if probe.core.dtype == np.float64 else 1e-5  # that of the fit
    problem = _reduce(features, triplets, Options(transform=probe.transform, tolerance=precision, device=device))
    w = torch.as_tensor(probe.core).to(problem.rows)
    if probe.transform == "full":
        own = np.eye(probe.n_features, dtype=probe.core.dtype) if probe.basis is None else probe.basis
        turn = torch.as_tensor(problem.basis.T @ own).to(w)  # from the probe's basis to the problem's
        w = turn @ w @ turn.mT
    objective = Objective([(problem, targets(triplets))], probe.transform, probe.penalty)
    strength = probe.strength * objective.unit
    return certificate(objective, (w * problem.scale)[None], strength, [0])[0]


def _reduce(features, triplets: Triplets, asked: Options) -> Reduced:
    """Reduce features and triplets as the exact solver takes them."""
    features = _check_problem(features, triplets, asked)
    low_rank = asked.transform == "low_rank"
    return reduce(
        features,
        triplets.objects,
        rotate=asked.transform != "diagonal",
        start=np.eye(asked.rank, features.shape[1]) if low_rank and asked.start == "features" else None,
        dtype=torch.float32 if asked.tolerance >= _FLOAT64_BELOW else torch.float64,
        device=asked.device,
    )


def _first(reduced: Sequence[Reduced], asked: Options) -> list[torch.Tensor] | int:
    """First weights of low-rank fits, in the basis of each problem, or the number of leading axes."""
    if asked.start == "features":
        return [torch.as_tensor(problem.basis[: asked.rank]) for problem in reduced]
    return asked.rank


def _exact(problem: Reduced, end: Solution, strength: float, asked: Options) -> Probe:
    """Make a probe of a solution by the exact solver."""
    core = end.weights.cpu().numpy()
    outside = float(core.diagonal().mean()) if asked.transform == "full" and asked.penalty == "scaled_identity" else 0.0
    about = {"rank": problem.rank, "n_used": len(problem.rows), "solver": "exact", "tolerance": asked.tolerance}
    return Probe(core, problem.basis, outside, asked.transform, asked.penalty, strength, _record(end, **about))


def _fit_as_published(features, triplets: Triplets, strengths: list[float], asked: Options) -> list[Probe]:
    """Fit a probe at each strength by the published solver."""
    features = _check_problem(features, triplets, asked)
    used = check_features(features, triplets.objects)
    features = np.where((used | np.isfinite(features).all(axis=1))[:, None], features, 0)
    ends = solve_published(features, triplets.objects, targets(triplets), strengths, asked)
    about = {"rank": features.shape[1], "n_used": len(features), "solver": "published"}
    probes = [
        Probe(end.weights.cpu().numpy(), None, 0.0, asked.transform, asked.penalty, strength, _record(end, **about))
        for end, strength in zip(ends, strengths, strict=True)
    ]
    if not asked.certificate or asked.transform == "low_rank":
        return probes
    gaps = [measure_gap(probe, features, triplets, device=asked.device) for probe in probes]
    return [replace(p, record=replace(p.record, gap=gap)) for p, gap in zip(probes, gaps, strict=True)]


def _record(end: Solution, **about) -> Record:
    return Record(
        objective=end.objective,
        nll=end.nll,
        gradient_norm=end.gradient_norm,
        n_evaluations=end.n_evaluations,
        converged=end.status == "converged",
        status=end.status,
        gap=end.gap,
        decrement=end.decrement,
        **about,
    )


def _fit_nothing(features, triplets: Triplets, strength: float, asked: Options) -> Probe:
    """Take the features as they are, with their loss on the triplets."""
    features = _check_problem(features, triplets, asked)
    unfitted = Record(
        objective=math.nan,
        nll=math.nan,
        gradient_norm=math.nan,
        n_evaluations=0,
        converged=True,
        status="not_fitted",
        rank=features.shape[1],
        n_used=int(check_features(features, triplets.objects).sum()),
        solver="none",
    )
    core = np.ones(features.shape[1], dtype=np.result_type(features, np.float32))
    probe = Probe(core, None, 0.0, "none", asked.penalty, strength, unfitted)
    loss = probe.score(features, triplets).nll
    return replace(probe, record=replace(unfitted, objective=loss, nll=loss))


def _check_problem(features, triplets: Triplets, asked: Options) -> np.ndarray:
    """Return the features as an array, if they go with the triplets and the transform."""
    features = rows_of(features, triplets)
    if asked.transform == "low_rank" and not (asked.rank and 0 < asked.rank <= features.shape[1]):
        raise ValueError(f"rank={asked.rank} of a low-rank transform must lie in 1 ... {features.shape[1]}.")
    return features
