"""The exact solver: its objective against plain formulas, its optimum against scipy, and what must not matter."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
import torch
from torch.nn import functional

from yardsticks.recovery.probes import reduction
from yardsticks.recovery.probes.certificate import certificate, escape
from yardsticks.recovery.probes.fitting import fit_probe, measure_gap
from yardsticks.recovery.probes.history import History, polar_rotation
from yardsticks.recovery.probes.objective import Objective
from yardsticks.recovery.probes.options import Options
from yardsticks.recovery.probes.published_solver import solve_published
from yardsticks.recovery.probes.reduction import reduce
from yardsticks.recovery.probes.solver import solve
from yardsticks.recovery.triplets.triplets import Triplets

SHAPES = [
    ("full", "scaled_identity", "output"),
    ("full", "frobenius", "output"),
    ("diagonal", "scaled_identity", "output"),
    ("diagonal", "frobenius", "output"),
    ("low_rank", "scaled_identity", "output"),
    ("low_rank", "scaled_identity", "published"),
    ("low_rank", "frobenius", "output"),
]
TIGHT = {"tolerance": 1e-12, "max_steps": 20_000}


def make(rng, n_objects=20, p=6, n=120, noise=1.0):
    """Features, triplets and answers by somebody who weighs the features unequally."""
    features = rng.normal(size=(n_objects, p)) + 0.3
    objects = np.array([rng.choice(n_objects, 3, replace=False) for _ in range(n)])
    z = features * np.linspace(1.2, 0.1, p)
    return features, objects, answer(z @ z.T, objects, rng, noise)


def answer(scores, objects, rng, noise=1.0):
    a, b, c = objects.T
    logits = np.stack([scores[b, c], scores[a, c], scores[a, b]], axis=1)
    return np.argmax(logits + noise * rng.gumbel(size=logits.shape), axis=1).astype(np.int8)


def penalty_of(w, transform, penalty, low_rank_penalty):
    """The penalty on weights in the features' own coordinates, spelt out."""
    if penalty == "frobenius":
        return (w**2).sum()
    if transform == "diagonal":
        return ((w - w.mean()) ** 2).sum()
    if transform == "low_rank":
        w = w @ w.T if low_rank_penalty == "output" else w.T @ w
    return ((w - w.trace() / len(w) * torch.eye(len(w), dtype=w.dtype)) ** 2).sum()


def plain(w, features, objects, odd, strength, transform="full", penalty="scaled_identity", low_rank_penalty="output"):
    """Objective by the definition, through torch's own cross-entropy; differentiable."""
    x = torch.as_tensor(features)
    z = x * w if transform == "diagonal" else x @ w.T
    a, b, c = torch.as_tensor(objects).T
    logits = torch.stack([(z[b] * z[c]).sum(1), (z[a] * z[c]).sum(1), (z[a] * z[b]).sum(1)], dim=1)
    nll = functional.cross_entropy(logits, torch.as_tensor(odd, dtype=torch.long))
    return nll + strength * penalty_of(w, transform, penalty, low_rank_penalty)


def oracle(start, *arguments):
    """Best objective and weights that scipy finds from a start."""

    def value(flat):
        w = torch.tensor(flat.reshape(start.shape), requires_grad=True)
        loss = plain(w, *arguments)
        loss.backward()
        return loss.item(), w.grad.numpy().ravel()

    limits = {"maxiter": 20_000, "maxfun": 50_000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 30}
    end = scipy.optimize.minimize(value, start.ravel(), jac=True, method="L-BFGS-B", options=limits)
    return end.fun, end.x.reshape(start.shape)


def own_axes(features, objects, odd, *shape):
    """An objective in the features' own axes and in float64, as a function of W."""
    problem = reduce(features, objects, rotate=False, dtype=torch.float64)
    objective = Objective([(problem, odd)], *shape)

    def value(w, strength):
        inner = w[None] * problem.scale
        (nll, slope, _), (size, bend) = objective.nll(inner), objective.penalise(inner)
        scaled = strength * float(objective.unit)
        return float(nll + scaled * size), (slope + scaled * bend)[0] * problem.scale

    return value


def start_of(transform, p, rng):
    return torch.tensor(rng.normal(size={"full": (p, p), "diagonal": (p,), "low_rank": (3, p)}[transform]))


@pytest.mark.parametrize("shape", SHAPES, ids="-".join)
def test_objective_is_the_definition(rng, shape):
    features, objects, odd = make(rng)
    w = start_of(shape[0], 6, rng)
    ours, _ = own_axes(features, objects, odd, *shape)(w, 0.05)
    assert ours == pytest.approx(float(plain(w, features, objects, odd, 0.05, *shape)), rel=1e-13)


@pytest.mark.parametrize("shape", SHAPES, ids="-".join)
def test_gradient(rng, shape):
    value = own_axes(*make(rng), *shape)

    class Loss(torch.autograd.Function):
        @staticmethod
        def forward(context, w):
            loss, context.gradient = value(w.detach(), 0.05)
            return torch.tensor(loss, dtype=torch.float64)

        @staticmethod
        def backward(context, upstream):
            return upstream * context.gradient

    assert torch.autograd.gradcheck(Loss.apply, (start_of(shape[0], 6, rng).requires_grad_(),), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("shape", SHAPES, ids="-".join)
def test_gradient_is_that_of_autograd(rng, shape):
    features, objects, odd = make(rng)
    w = start_of(shape[0], 6, rng).requires_grad_()
    plain(w, features, objects, odd, 0.05, *shape).backward()
    _, gradient = own_axes(features, objects, odd, *shape)(w.detach(), 0.05)
    torch.testing.assert_close(gradient, w.grad, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("penalty", ["scaled_identity", "frobenius"])
def test_objective_does_not_depend_on_what_must_not_matter(rng, penalty):
    features, objects, odd = make(rng)
    w = start_of("full", 6, rng)
    before, _ = own_axes(features, objects, odd, "full", penalty)(w, 0.05)

    def same(features, objects, odd, w, strength=0.05):
        return own_axes(features, objects, odd, "full", penalty)(w, strength)[0] == pytest.approx(before, rel=1e-12)

    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    turned = torch.tensor(turn.T) @ w @ torch.tensor(turn)
    assert same(features @ turn, objects, odd, turned)
    order = rng.permutation(len(objects))
    assert same(features, objects[order], odd[order], w)
    shown = np.array([rng.permutation(3) for _ in objects])
    assert same(features, np.take_along_axis(objects, shown, 1), (shown == odd[:, None]).argmax(1), w)
    assert same(features, np.tile(objects, (2, 1)), np.tile(odd, 2), w)
    # at temperature T with strength s: as at temperature 1 with strength s T, by weights divided by the root of T
    assert same(features * 3.7, objects, odd, w / 3.7, 0.05 * 3.7**2)


@pytest.mark.parametrize("penalty", ["scaled_identity", "frobenius"])
def test_fit_does_not_depend_on_what_must_not_matter(rng, penalty):
    features, objects, odd = make(rng)

    def best(features, objects, odd, strength=0.02):
        problem = reduce(features, objects, dtype=torch.float64)
        return solve([(problem, odd)], strengths=[strength], penalty=penalty, **TIGHT)[0][0].objective

    before = best(features, objects, odd)
    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    order = rng.permutation(len(objects))
    assert best(features @ turn, objects, odd) == pytest.approx(before, abs=1e-9)
    assert best(features, objects[order], odd[order]) == pytest.approx(before, abs=1e-9)
    assert best(features, np.tile(objects, (3, 1)), np.tile(odd, 3)) == pytest.approx(before, abs=1e-9)
    for scale in (1e6, 1e-6):
        assert best(features * scale, objects, odd, 0.02 * scale**2) == pytest.approx(before, abs=1e-9)
    assert abs(best(features + 1, objects, odd) - before) > 1e-4  # what does matter: where zero is


@pytest.mark.parametrize("p", [5, 24])
@pytest.mark.parametrize("penalty", ["scaled_identity", "frobenius"])
@pytest.mark.parametrize("strength", [0.3, 0.01])
def test_optimum_is_that_of_scipy(rng, p, penalty, strength):
    features, objects, odd = make(rng, n_objects=16, p=p, n=150)
    # from an identity that is rescaled, so that scipy does not start where its gradient vanishes
    truth, _ = oracle(0.5 * np.eye(p), features, objects, odd, strength, "full", penalty)
    wide, narrow = (
        solve([(reduce(features, objects, dtype=dtype), odd)], strengths=[strength], penalty=penalty, **options)[0][0]
        for dtype, options in ((torch.float64, TIGHT), (torch.float32, {}))
    )
    assert wide.objective == pytest.approx(truth, abs=1e-6)
    assert wide.status == narrow.status == "converged"
    assert -1e-5 < narrow.objective - truth < 5e-4
    assert wide.nll < wide.objective


@pytest.mark.parametrize("penalty", ["scaled_identity", "frobenius"])
@pytest.mark.parametrize("strength", [0.5, 0.005])
def test_diagonal_optimum_is_that_of_scipy(rng, penalty, strength):
    features, objects, odd = make(rng, p=9)
    arguments = features, objects, odd, strength, "diagonal", penalty
    truth = min(oracle(start, *arguments)[0] for start in (np.full(9, 0.5), rng.uniform(0.1, 1, 9)))
    problem = reduce(features, objects, rotate=False, dtype=torch.float64)
    ours = solve([(problem, odd)], strengths=[strength], transform="diagonal", penalty=penalty, **TIGHT)[0][0]
    assert ours.objective == pytest.approx(truth, abs=1e-7)
    assert float(plain(ours.weights, *arguments)) == pytest.approx(ours.objective, rel=1e-10)


@pytest.mark.parametrize("shape", SHAPES[4:], ids="-".join)
def test_low_rank_ends_where_scipy_finds_nothing_better(rng, shape):
    features, objects, odd = make(rng, p=8)
    problem = reduce(features, objects, dtype=torch.float64)
    solutions = solve(
        [(problem, odd)],
        strengths=[0.2, 0.01],
        transform="low_rank",
        penalty=shape[1],
        low_rank_penalty=shape[2],
        start=3,
        **TIGHT,
    )[0]
    for strength, end in zip((0.2, 0.01), solutions, strict=True):
        w = end.weights.numpy() @ problem.basis.T
        arguments = features, objects, odd, strength, *shape
        assert float(plain(torch.tensor(w), *arguments)) == pytest.approx(end.objective, rel=1e-10)
        assert oracle(w, *arguments)[0] == pytest.approx(end.objective, abs=1e-7)
        others = [oracle(0.5 * rng.normal(size=(3, 8)), *arguments)[0] for _ in range(2)]
        assert end.objective < np.median(others) + 1e-6


def test_low_rank_of_all_features_is_the_full_fit(rng):
    features, objects, odd = make(rng)
    problem = reduce(features, objects, dtype=torch.float64)
    full = solve([(problem, odd)], strengths=[0.01], penalty="frobenius", **TIGHT)[0][0]
    all_ranks = solve([(problem, odd)], strengths=[0.01], transform="low_rank", penalty="frobenius", start=6, **TIGHT)
    assert all_ranks[0][0].objective == pytest.approx(full.objective, abs=1e-9)


@pytest.mark.parametrize("penalty", ["scaled_identity", "frobenius"])
def test_reduced_fit_is_the_fit_over_all_features(rng, penalty):
    features, objects, odd = make(rng, n_objects=30, p=40, n=150)
    objects %= 20  # the last ten objects are held out, and the first twenty span half of the features' space
    keep = [len(set(row)) == 3 for row in objects]
    objects, odd = objects[keep], odd[keep]
    truth, w = oracle(0.5 * np.eye(40), features, objects, odd, 0.02, "full", penalty)
    problem = reduce(features, objects, dtype=torch.float64)
    end = solve([(problem, odd)], strengths=[0.02], penalty=penalty, **TIGHT)[0][0]
    assert problem.rank == 20
    assert end.objective == pytest.approx(truth, abs=1e-8)
    inner, basis, held_out = end.weights.numpy(), problem.basis, features[20:]
    c = np.trace(inner) / 20 if penalty == "scaled_identity" else 0
    outer = basis @ inner @ basis.T + c * (np.eye(40) - basis @ basis.T)
    expected = held_out @ w.T @ w @ held_out.T
    assert np.abs(held_out @ outer.T @ outer @ held_out.T - expected).max() < 1e-3 * np.abs(expected).max()
    if penalty == "scaled_identity":  # what lies outside the training features is far from negligible
        inside = held_out @ basis @ inner
        assert np.abs(inside @ inside.T - expected).max() > 0.1 * np.abs(expected).max()


def test_bases_found_before_are_of_the_same_content(rng):
    """Arrays that were changed, or seen on other threads, are reduced anew; the oldest bases go."""
    x, y, z = rng.normal(size=(3, 9, 6))
    bases = reduction._Bases(2 * 6 * 6 * 8)

    def of(kept):
        return bases.of(kept, torch.as_tensor(kept), None)[0]

    first = of(x)
    assert of(x.copy()) is first
    assert of(y) is not first
    assert of(x) is first
    of(z)  # y goes
    assert of(x) is first
    assert len(bases.found) == 2
    x[0] += 1
    np.testing.assert_array_equal(of(x), reduction._row_space(torch.as_tensor(x))[0])
    assert of(x) is not first
    start = np.eye(2, 6)
    wide, rank = bases.of(x[:3], torch.as_tensor(x[:3]), start)
    assert (wide.shape, rank) == ((6, 5), 3)


def test_limits_of_the_strength(rng):
    features, objects, odd = make(rng)
    problem = reduce(features, objects, dtype=torch.float64)
    end = solve([(problem, odd)], strengths=[1e7], **TIGHT)[0][0].weights
    c = scipy.optimize.minimize_scalar(
        lambda c: float(plain(c * torch.eye(6, dtype=torch.float64), features, objects, odd, 0.0)),
        bounds=(0.01, 3),
        method="bounded",
        options={"xatol": 1e-9},
    ).x
    torch.testing.assert_close(end, c * torch.eye(6, dtype=torch.float64), rtol=0, atol=1e-5)
    nothing = solve([(problem, odd)], strengths=[1e7], penalty="frobenius", **TIGHT)[0][0]
    assert nothing.weights.abs().max() < 1e-8
    assert nothing.objective == pytest.approx(np.log(3), abs=1e-9)


def test_loss_and_penalty_are_convex_in_the_metric(rng):
    features, objects, odd = make(rng)
    value = own_axes(features, objects, odd, "full", "scaled_identity")

    def at(metric):
        values, vectors = np.linalg.eigh(metric)
        root = torch.tensor((vectors * np.sqrt(values)) @ vectors.T)
        loss = value(root, 0.0)[0]
        return loss, value(root, 1.0)[0] - loss

    for _ in range(200):
        first, second = (part @ part.T for part in rng.normal(size=(2, 6, 6)))
        middle = at((first + second) / 2)
        for at_middle, one, other in zip(middle, at(first), at(second), strict=True):
            assert at_middle <= (one + other) / 2 + 1e-12


@pytest.mark.parametrize("penalty", ["scaled_identity", "frobenius"])
def test_path_is_monotone_and_in_the_order_given(rng, penalty):
    features, objects, odd = make(rng)
    problem = reduce(features, objects, dtype=torch.float64)
    strengths = [0.01, 10.0, 0.1, 1.0]
    path = solve([(problem, odd)], strengths=strengths, penalty=penalty, **TIGHT)[0]
    alone = [solve([(problem, odd)], strengths=[s], penalty=penalty, **TIGHT)[0][0] for s in strengths]
    assert [end.objective for end in path] == pytest.approx([end.objective for end in alone], abs=1e-9)
    rising = [path[place] for place in np.argsort(strengths)]
    for weaker, stronger in pairwise(rising):
        assert weaker.objective < stronger.objective + 1e-10
        assert weaker.nll < stronger.nll + 1e-7


@pytest.mark.parametrize("transform", ["full", "diagonal"])
@pytest.mark.parametrize("penalty", ["scaled_identity", "frobenius"])
@pytest.mark.parametrize("p", [5, 40])  # fewer features than objects, and more
def test_gap_of_a_probe_is_that_of_its_fit(rng, transform, penalty, p):
    features, objects, odd = make(rng, n=300, p=p)
    triplets = Triplets(objects, odd, len(features))
    options = {"transform": transform, "penalty": penalty, "certificate": True, "tolerance": 1e-8}
    probe = fit_probe(features, triplets, strength=0.05, **options)
    assert measure_gap(probe, features, triplets) == pytest.approx(probe.record.gap, rel=1e-3, abs=1e-9)
    worse = replace(probe, core=1.1 * probe.core)
    assert measure_gap(worse, features, triplets) > 10 * probe.record.gap
    with pytest.raises(ValueError, match="no bound"):
        measure_gap(replace(probe, transform="none"), features, triplets)


@pytest.mark.parametrize("transform", ["full", "diagonal"])
@pytest.mark.parametrize("penalty", ["scaled_identity", "frobenius"])
@pytest.mark.parametrize("listed", [False, True])  # both ways to score pairs
def test_scores_of_pairs_alone_are_those_of_the_table(rng, transform, penalty, listed, monkeypatch):
    features, objects, odd = make(rng, n=300)
    problem = reduce(features, objects, rotate=transform == "full", dtype=torch.float64)
    monkeypatch.setattr("yardsticks.recovery.probes.objective._FEW", 1e9 if listed else 0)
    objective = Objective([(problem, odd)], transform, penalty)
    w = start_of(transform, 6, rng)[None]
    loss, gradient, _ = objective.nll(w)
    z = objective.embed(w)[0]
    first, second, third = (z[problem_objects] for problem_objects in np.searchsorted(np.unique(objects), objects).T)
    logits = torch.stack([(second * third).sum(1), (first * third).sum(1), (first * second).sum(1)], dim=1)
    expected = torch.nn.functional.cross_entropy(logits, torch.as_tensor(odd, dtype=torch.int64))
    assert float(loss) == pytest.approx(float(expected), abs=1e-12)
    step = torch.as_tensor(rng.normal(size=w.shape))
    slope = (objective.nll(w + 1e-6 * step)[0] - objective.nll(w - 1e-6 * step)[0]) / 2e-6
    assert float((gradient * step).sum()) == pytest.approx(float(slope), rel=1e-6)


@pytest.mark.parametrize("transform", ["full", "diagonal"])
@pytest.mark.parametrize("penalty", ["scaled_identity", "frobenius"])
def test_gap_bounds_what_is_left(rng, transform, penalty):
    features, objects, odd = make(rng, n=300)
    problem = reduce(features, objects, rotate=transform == "full", dtype=torch.float64)
    options = {"strengths": [0.05], "transform": transform, "penalty": penalty, "certify": True}
    best = solve([(problem, odd)], **options, **TIGHT)[0][0]
    assert -1e-12 <= best.gap < 1e-5
    for tolerance in (1e-2, 1e-3, 1e-4, 1e-6):
        end = solve([(problem, odd)], **options, tolerance=tolerance)[0][0]
        assert end.gap >= end.objective - best.objective - 1e-12
    objective = Objective([(problem, odd)], transform, penalty)
    for _ in range(20):  # anywhere at all
        w = start_of(transform, 6, rng)[None]
        strength = 0.05 * objective.unit
        here = float(objective.nll(w)[0] + strength * objective.penalise(w)[0])
        assert certificate(objective, w, strength, [0])[0] >= here - best.objective - 1e-12


@pytest.mark.parametrize("shape", SHAPES, ids="-".join)
@pytest.mark.parametrize("ragged", [False, True])
def test_batch_fits_what_single_fits_do(rng, shape, ragged):
    sizes = [(20, 6, 120), (14, 9, 200), (25, 4, 77)] if ragged else [(20, 6, 120)] * 3
    data = [make(rng, *size) for size in sizes]
    start = 3 if shape[0] == "low_rank" else None
    options = {"transform": shape[0], "penalty": shape[1], "low_rank_penalty": shape[2], "start": start}

    def ends(dtype, batches, **more):
        problems = [(reduce(x, t, rotate=shape[0] != "diagonal", dtype=dtype), odd) for x, t, odd in data]
        groups = [problems] if batches else [[problem] for problem in problems]
        fits = [solve(group, strengths=[1.0, 0.03], **options, **more) for group in groups]
        return [end for group in fits for path in group for end in path]

    for together, alone in zip(ends(torch.float64, True, **TIGHT), ends(torch.float64, False, **TIGHT), strict=True):
        assert together.weights.shape == alone.weights.shape
        assert together.objective == pytest.approx(alone.objective, abs=1e-6)
        assert together.status == alone.status == "converged"
    if shape[0] != "low_rank":
        for together, alone in zip(ends(torch.float32, True), ends(torch.float32, False), strict=True):
            assert together.objective == pytest.approx(alone.objective, abs=1.4e-4)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
@pytest.mark.parametrize("shape", SHAPES[:4], ids="-".join)
def test_card_agrees_with_processor(rng, shape):
    data = [make(rng, n_objects=120, p=40, n=3000) for _ in range(4)]
    options = {"strengths": [1.0, 0.03], "transform": shape[0], "penalty": shape[1]}
    ends = []
    for device in ("cpu", "cuda"):
        problems = [(reduce(x, t, rotate=shape[0] != "diagonal", device=device), odd) for x, t, odd in data]
        ends.append([end for path in solve(problems, **options) for end in path])
    for here, there in zip(*ends, strict=True):
        assert there.weights.device.type == "cuda"
        assert there.objective == pytest.approx(here.objective, abs=1.4e-4)


@pytest.mark.parametrize("transform", ["full", "diagonal"])
def test_published_solver_ends_near_and_never_below_the_optimum(rng, transform):
    features, objects, odd = make(rng, n=400)
    features = features.astype(np.float32)
    problem = reduce(features, objects, rotate=transform == "full", dtype=torch.float64)
    for penalty in ("scaled_identity", "frobenius"):
        shape = {"transform": transform, "penalty": penalty}
        best = solve([(problem, odd)], strengths=[0.1], **shape, **TIGHT)[0][0]
        end = solve_published(features, objects, odd, [0.1], Options(**shape))[0]
        recomputed = plain(end.weights.double(), features.astype(float), objects, odd, 0.1, transform, penalty)
        assert float(recomputed) == pytest.approx(end.objective, abs=1e-6)
        assert -1e-9 < float(recomputed) - best.objective < 5e-3
        assert end.status == "converged"


def test_published_solver_starts_at_the_identity_and_can_be_cut(rng):
    features, objects, odd = make(rng)
    end = solve_published(features, objects, odd, [0.1], Options(solver="published", time_limit=0.0))[0]
    assert (end.status, end.n_evaluations) == ("cut", 1)
    torch.testing.assert_close(end.weights, torch.eye(6))
    cut = Options(transform="low_rank", rank=2, solver="published", time_limit=0.0)
    low = solve_published(features, objects, odd, [0.1], cut)[0]
    torch.testing.assert_close(low.weights, torch.eye(6)[:2])


def test_many_triplets_are_taken_in_blocks(rng, monkeypatch):
    features, objects, odd = make(rng, n=5000)
    whole = solve([(reduce(features, objects, dtype=torch.float64), odd)], strengths=[0.01], **TIGHT)[0][0]
    monkeypatch.setattr("yardsticks.recovery.probes.objective._BLOCK", 1100)
    monkeypatch.setattr("yardsticks.recovery.probes.reduction._SAMPLE", 500)  # sorted, and scaled by a sample
    parts = solve([(reduce(features, objects, dtype=torch.float64), odd)], strengths=[0.01], **TIGHT)[0][0]
    assert parts.objective == pytest.approx(whole.objective, abs=1e-9)
    torch.testing.assert_close(parts.weights.mT @ parts.weights, whole.weights.mT @ whole.weights, rtol=0, atol=1e-4)


@pytest.mark.parametrize("decompose", [True, False])
def test_polar_rotation(rng, decompose):
    w = torch.tensor(rng.normal(size=(3, 8, 8)))
    w[2, 5:], w[2, :, 5:] = 0, 0  # a padded problem
    turn = polar_rotation(w, decompose=decompose)
    assert torch.allclose(turn @ turn.mT, torch.eye(8, dtype=w.dtype).expand(3, 8, 8), atol=1e-10)
    for rotation, matrix, size in zip(turn.numpy(), w.numpy(), (8, 8, 5), strict=True):
        expected = scipy.linalg.polar(matrix[:size, :size])[1]
        assert np.abs((rotation @ matrix)[:size, :size] - expected).max() < 1e-9


def test_polar_rotation_leaves_alone_what_products_cannot_rotate(rng):
    singular = torch.tensor(np.outer(rng.normal(size=6), rng.normal(size=6)))[None]
    torch.testing.assert_close(polar_rotation(singular, decompose=False)[0], torch.eye(6, dtype=torch.float64))


@pytest.mark.parametrize("lifted", [False, True])
@pytest.mark.parametrize("n_steps", [0, 3, 11])
def test_direction_is_that_of_dense_bfgs(rng, n_steps, lifted):
    """The compact form against the update of the inverse Hessian, one pair after the other."""
    history = History(torch.zeros(1, 4, 4, dtype=torch.float64))
    bowl = rng.normal(size=(16, 16))
    bowl = bowl @ bowl.T + np.eye(16)
    diagonal, lift = rng.uniform(0.5, 2, 16), rng.normal(size=4)
    dense = np.diag(diagonal)
    if lifted:
        dense[np.ix_(range(0, 16, 5), range(0, 16, 5))] += np.outer(lift, lift)
    pairs = [(s, bowl @ s) for s in rng.normal(size=(n_steps, 16))]
    for s, y in pairs:
        history.push(*(torch.tensor(v).view(1, 4, 4) for v in (s, y)), torch.tensor([True]))
    history.push(*torch.ones(2, 1, 4, 4, dtype=torch.float64), torch.tensor([False]))
    pairs = pairs[-(history.s.shape[1] - 1) :]  # the rejected step takes a place
    if pairs:
        dense = dense * np.mean([(s @ y) / (y @ dense @ y) for s, y in pairs])
    for s, y in pairs:
        shear = np.eye(16) - np.outer(s, y) / (s @ y)
        dense = shear @ dense @ shear.T + np.outer(s, s) / (s @ y)
    g = rng.normal(size=16)
    lift = torch.tensor(lift)[None] if lifted else None
    ours = history.descend(torch.tensor(g).view(1, 4, 4), torch.tensor(diagonal).view(1, 4, 4), lift)
    np.testing.assert_allclose(ours.numpy().ravel(), -dense @ g, rtol=1e-8, atol=1e-10)


def test_fit_ends_and_says_so_when_it_may_not_step_on(rng):
    features, objects, odd = make(rng)
    problem = reduce(features, objects, dtype=torch.float64)
    end = solve([(problem, odd)], strengths=[1e-3], tolerance=1e-12, max_steps=3)[0][0]
    assert (end.status, end.decrement > 1e-12) == ("max_steps", True)


@pytest.mark.parametrize("penalty", ["scaled_identity", "frobenius"])
def test_answers_against_the_features_are_fitted(rng, penalty):
    """The best multiple of the identity is then zero, where the gradient vanishes."""
    features, objects, _ = make(rng, n_objects=12, p=6, n=400)
    odd = answer(-4 * features @ features.T, objects, rng)
    problem = reduce(features, objects, dtype=torch.float64)
    end = solve([(problem, odd)], strengths=[1e-3], penalty=penalty, **TIGHT)[0][0]
    truth = oracle(0.3 * rng.normal(size=(6, 6)), features, objects, odd, 1e-3, "full", penalty)[0]
    assert end.objective == pytest.approx(truth, abs=1e-6)


@pytest.mark.parametrize("n", [1, 3])
def test_few_triplets_are_fitted(rng, n):
    features, objects, odd = make(rng, n=n)
    end = solve([(reduce(features, objects), odd)], strengths=[0.1])[0][0]
    assert end.status == "converged"
    assert end.objective < np.log(3)


def test_global_state_is_left_alone(rng):
    features, objects, odd = make(rng)
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), torch.get_num_threads(), features.copy()  # noqa: NPY002
    solve([(reduce(features, objects), odd)], strengths=[0.1])
    solve_published(features, objects, odd, [0.1], Options())
    assert torch.equal(before[0], torch.get_rng_state())
    assert np.array_equal(before[1], np.random.get_state()[1])  # noqa: NPY002
    assert before[2] == torch.get_num_threads()
    assert np.array_equal(before[3], features)


def test_same_fit_twice_is_the_same_to_the_last_bit(rng):
    features, objects, odd = make(rng, n_objects=60, p=30, n=2000)
    first, second = (solve([(reduce(features, objects), odd)], strengths=[0.01])[0][0] for _ in range(2))
    assert first.objective == second.objective
    assert torch.equal(first.weights, second.weights)


@pytest.mark.parametrize("transform", ["full", "diagonal"])
@pytest.mark.parametrize("penalty", ["scaled_identity", "frobenius"])
@pytest.mark.parametrize("batch", [1, 3])
def test_weights_that_vanish_come_back_where_that_is_better(rng, transform, penalty, batch):
    """Answers go against the features but for one of them: no multiple of the identity is better than nothing."""
    features, objects, _ = make(rng, n=400, p=6)
    sign = np.where(np.arange(6) == 2, 1.0, -1.0)
    scores = 3 * (features * sign) @ features.T
    i, j, k = objects.T
    odd = np.stack([scores[j, k], scores[i, k], scores[i, j]], axis=1).argmax(axis=1)
    problem = reduce(features, objects, rotate=transform == "full", dtype=torch.float32)
    strengths = [30.0, 0.3, 0.02]
    starts = [np.abs(start_of(transform, 6, rng).numpy()) for _ in range(2)]
    best = [
        min(oracle(start, features, objects, odd, strength, transform, penalty)[0] for start in starts)
        for strength in strengths
    ]
    assert best[0] > math.log(3) - 1e-3
    assert best[-1] < math.log(3) - 0.02
    for path in solve([(problem, odd)] * batch, strengths=strengths, transform=transform, penalty=penalty):
        for solution, lowest in zip(path, best, strict=True):
            assert -1e-5 < solution.objective - lowest < 5e-4


@pytest.mark.parametrize("transform", ["full", "diagonal", "low_rank"])
def test_way_out_of_a_saddle_is_a_matter_of_that_problem_alone(rng, transform):
    features, objects, _ = make(rng, n=400, p=6)
    scores = 3 * (features * np.where(np.arange(6) == 2, 1.0, -1.0)) @ features.T
    problem = reduce(features, objects, rotate=transform != "diagonal", dtype=torch.float64)
    against, along = answer(scores, objects, rng), answer(-scores, objects, rng)
    penalty = "frobenius" if transform == "low_rank" else "scaled_identity"
    objective = Objective([(problem, along), (problem, against)], transform, penalty)
    w = torch.zeros_like(start_of(transform, 6, rng)[None].repeat(2, *[1] * (1 if transform == "diagonal" else 2)))
    w[0] = 0.3
    before = objective.nll(w)
    strength = torch.tensor([7.0, 0.02])
    found = escape(objective, w, strength, 1)
    assert all(torch.equal(*pair) for pair in zip(objective.nll(w), before, strict=True))
    left = torch.stack([w[0], found])
    values = [(objective.nll(v)[0] + strength * objective.penalise(v)[0])[1] for v in (w, left)]
    assert values[1] < values[0] - 0.01
    assert escape(objective, w, torch.tensor([7.0, 1e6]), 1) is None


def test_low_rank_does_not_creep_along_the_valley_of_its_penalty(rng):
    """The weights of one strength are as good a start for any other: what they would cost there bounds the optimum."""
    features, _, _ = make(rng, n_objects=200, p=40)
    features = features * np.geomspace(3, 0.3, 40)
    objects = np.stack([rng.choice(200, 3, replace=False) for _ in range(1200)])
    odd = answer(features @ features.T / 4, objects, rng)  # nearly separable, so the valley is long
    strengths = [10.0, 1.0, 0.1, 0.01]
    path = solve([(reduce(features, objects), odd)], strengths=strengths, transform="low_rank", start=15)[0]
    assert {end.status for end in path} == {"converged"}
    for strength, end in zip(strengths, path, strict=True):
        for weaker, other in zip(strengths, path, strict=True):
            assert end.objective <= other.nll + strength * (other.objective - other.nll) / weaker + 1e-4
