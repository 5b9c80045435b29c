"""Fits to the chances of answers: against autograd, scipy and the answers that they stand for."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.optimize
import torch
from torch.nn import functional

from yardsticks.recovery.probes.certificate import certificate, escape
from yardsticks.recovery.probes.fitting import fit_batch, fit_path, fit_probe, measure_gap
from yardsticks.recovery.probes.objective import Objective
from yardsticks.recovery.probes.reduction import reduce
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
CONVEX = [shape for shape in SHAPES if shape[0] != "low_rank"]
TIGHT = {"tolerance": 1e-12}


def options_of(shape):
    rank = {"rank": 3} if shape[0] == "low_rank" else {}
    return {"transform": shape[0], "penalty": shape[1], "low_rank_penalty": shape[2], **rank, **TIGHT}


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def logits_of(scores, objects):
    a, b, c = objects.T
    return np.stack([scores[b, c], scores[a, c], scores[a, b]], axis=1)


@pytest.fixture
def world(rng):
    """Features, and triplets with the chances of somebody who weighs the features unequally."""

    def make(n_objects=20, p=6, n=120):
        features = rng.normal(size=(n_objects, p)) + 0.3
        objects = np.array([rng.choice(n_objects, 3, replace=False) for _ in range(n)])
        z = features * np.linspace(1.2, 0.1, p)
        return features, Triplets(objects, None, n_objects, softmax(logits_of(z @ z.T, objects)))

    return make


def draw(triplets, rng):
    """Answers with the triplets' chances."""
    return (rng.random((len(triplets), 1)) >= triplets.chances.cumsum(axis=1)[:, :2]).sum(axis=1)


def start_of(transform, p, rng):
    return torch.tensor(rng.normal(size={"full": (p, p), "diagonal": (p,), "low_rank": (3, p)}[transform]))


def plain(w, features, triplets, strength, shape):
    """Objective by the definition, through torch's own cross-entropy with probabilities; differentiable."""
    transform, penalty, low_rank_penalty = shape
    x, (a, b, c) = torch.as_tensor(features), torch.as_tensor(triplets.objects).T
    z = x * w if transform == "diagonal" else x @ w.T
    logits = torch.stack([(z[b] * z[c]).sum(1), (z[a] * z[c]).sum(1), (z[a] * z[b]).sum(1)], dim=1)
    nll = functional.cross_entropy(logits, torch.as_tensor(triplets.chances))
    if penalty == "frobenius":
        return nll + strength * (w**2).sum()
    if transform == "diagonal":
        return nll + strength * ((w - w.mean()) ** 2).sum()
    if transform == "low_rank":
        w = w @ w.T if low_rank_penalty == "output" else w.T @ w
    return nll + strength * ((w - w.trace() / len(w) * torch.eye(len(w), dtype=w.dtype)) ** 2).sum()


def gram_of(probe):
    w = probe.weights
    return np.diag(w**2) if w.ndim == 1 else w.T @ w


@pytest.mark.parametrize("shape", SHAPES, ids="-".join)
@pytest.mark.parametrize("listed", [False, True])  # both ways to score pairs
def test_objective_and_gradient_are_those_of_autograd(world, rng, shape, listed, monkeypatch):
    monkeypatch.setattr("yardsticks.recovery.probes.objective._FEW", 1e9 if listed else 0)
    features, triplets = world()
    problem = reduce(features, triplets.objects, rotate=False, dtype=torch.float64)
    objective = Objective([(problem, triplets.chances)], *shape)
    w = start_of(shape[0], 6, rng).requires_grad_()
    truth = plain(w, features, triplets, 0.05, shape)
    truth.backward()
    inner, strength = w.detach()[None] * problem.scale, 0.05 * float(objective.unit)
    (nll, slope, _), (size, bend) = objective.nll(inner), objective.penalise(inner)
    assert float(nll + strength * size) == pytest.approx(truth.item(), rel=1e-13)
    gradient = (slope + strength * bend)[0] * problem.scale
    torch.testing.assert_close(gradient, w.grad, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("shape", CONVEX, ids="-".join)
@pytest.mark.parametrize("strength", [1.0, 0.01])
def test_optimum_is_that_of_scipy_and_certified(world, rng, shape, strength):
    features, triplets = world()
    start = start_of(shape[0], 6, rng).abs().numpy()  # a diagonal's signs are a matter of the start

    def value(flat):
        w = torch.tensor(flat.reshape(start.shape), requires_grad=True)
        loss = plain(w, features, triplets, strength, shape)
        loss.backward()
        return loss.item(), w.grad.numpy().ravel()

    limits = {"maxiter": 20_000, "maxfun": 50_000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 30}
    truth = scipy.optimize.minimize(value, start.ravel(), jac=True, method="L-BFGS-B", options=limits)
    probe = fit_probe(features, triplets, strength=strength, certificate=True, **options_of(shape))
    assert probe.record.objective == pytest.approx(truth.fun, abs=1e-8)
    w = truth.x.reshape(start.shape)
    np.testing.assert_allclose(gram_of(probe), np.diag(w**2) if w.ndim == 1 else w.T @ w, atol=1e-3)
    assert -1e-12 <= probe.record.gap < 1e-5
    assert probe.record.nll == pytest.approx(probe.score(features, triplets).nll, abs=1e-6)


@pytest.mark.parametrize("shape", SHAPES, ids="-".join)
def test_certain_chances_are_answers(world, rng, shape):
    features, triplets = world()
    odd = draw(triplets, rng)
    path = {"strengths": [1.0, 0.03], **options_of(shape)}
    answered = fit_path(features, triplets.answered(odd), **path)
    certain = fit_path(features, triplets.expecting(np.eye(3)[odd]), **path)
    for one, other in zip(answered, certain, strict=True):
        assert other.record.objective == pytest.approx(one.record.objective, abs=1e-9)
        np.testing.assert_allclose(gram_of(other), gram_of(one), atol=1e-4)


@pytest.mark.parametrize("shape", CONVEX, ids="-".join)
def test_shares_of_repeated_answers_are_those_answers(world, rng, shape):
    """Seven answers to each triplet, one row for each, or a row with their shares: the same objective."""
    features, triplets = world()
    odd = np.stack([draw(triplets, rng) for _ in range(7)])
    shares = np.eye(3)[odd].mean(axis=0)
    rows = Triplets(np.tile(triplets.objects, (7, 1)), odd.ravel(), 20)
    one = fit_probe(features, rows, strength=0.05, **options_of(shape))
    other = fit_probe(features, triplets.expecting(shares), strength=0.05, **options_of(shape))
    assert other.record.objective == pytest.approx(one.record.objective, abs=1e-9)
    np.testing.assert_allclose(gram_of(other), gram_of(one), atol=1e-4)
    assert other.score(features, triplets.expecting(shares)) == pytest.approx(one.score(features, rows), abs=1e-5)


@pytest.mark.parametrize("shape", CONVEX, ids="-".join)
def test_fits_to_ever_more_answers_come_nearer(world, rng, shape):
    features, triplets = world(n=400)
    limit = gram_of(fit_probe(features, triplets, strength=0.03, **options_of(shape)))
    away = []
    for n_answers in (1, 30, 900):
        counts = rng.multinomial(n_answers, triplets.chances)
        repeated = np.repeat(np.tile(np.arange(3), len(triplets)), counts.ravel())
        rows = Triplets(np.repeat(triplets.objects, n_answers, axis=0), repeated, 20)
        found = gram_of(fit_probe(features, rows, strength=0.03, **options_of(shape)))
        away.append(np.linalg.norm(found - limit) / np.linalg.norm(limit))
    assert away[0] > 2 * away[1] > 4 * away[2]  # by the root of 30 each time
    assert away[2] < 0.02


def test_probe_of_somebody_s_own_features_becomes_that_somebody(world):
    """The chances are those of a transform of the features: with next to no penalty it is found."""
    features, triplets = world(n=2000)
    probe = fit_probe(features, triplets, strength=1e-7, **TIGHT)
    np.testing.assert_allclose(gram_of(probe), np.diag(np.linspace(1.2, 0.1, 6) ** 2), atol=2e-3)


@pytest.mark.parametrize("shape", SHAPES, ids="-".join)
def test_batch_may_mix_answers_and_chances(world, rng, shape):
    """Of different sizes too; each is fitted as alone."""
    problems = [world(), world(14, 9, 200), world(25, 7, 77)]
    features, triplets = problems[1]
    problems[1] = features, triplets.answered(draw(triplets, rng))
    together = fit_batch(problems, strengths=[1.0, 0.03], **options_of(shape))
    for problem, path in zip(problems, together, strict=True):
        alone = fit_path(*problem, strengths=[1.0, 0.03], **options_of(shape))
        for one, other in zip(path, alone, strict=True):
            assert one.record.objective == pytest.approx(other.record.objective, abs=1e-6)


@pytest.mark.parametrize("shape", CONVEX, ids="-".join)
def test_gap_bounds_what_is_left(world, rng, shape):
    features, triplets = world(n=300)
    best = fit_probe(features, triplets, strength=0.05, **options_of(shape))
    assert -1e-12 <= measure_gap(best, features, triplets) < 1e-5
    worse = replace(best, core=1.1 * best.core)
    assert measure_gap(worse, features, triplets) > 1e-3
    problem = reduce(features, triplets.objects, rotate=shape[0] == "full", dtype=torch.float64)
    objective = Objective([(problem, triplets.chances)], *shape)
    for _ in range(20):  # anywhere at all
        w = start_of(shape[0], 6, rng)[None]
        strength = 0.05 * objective.unit
        here = float(objective.nll(w)[0] + strength * objective.penalise(w)[0])
        assert certificate(objective, w, strength, [0])[0] >= here - best.record.objective - 1e-12


def test_weights_that_vanished_come_back(rng):
    """The chances go against the features but for one of them: no multiple of the identity is better than nothing."""
    features = rng.normal(size=(20, 6))
    objects = np.array([rng.choice(20, 3, replace=False) for _ in range(400)])
    scores = 3 * (features * np.where(np.arange(6) == 2, 1.0, -1.0)) @ features.T
    triplets = Triplets(objects, None, 20, softmax(logits_of(scores, objects)))
    problem = reduce(features, objects, dtype=torch.float64)
    objective = Objective([(problem, triplets.chances)], "full", "scaled_identity")
    nothing = torch.zeros(1, 6, 6, dtype=torch.float64)
    assert escape(objective, nothing, torch.tensor([0.02]), 0) is not None
    assert escape(objective, nothing, torch.tensor([1e6]), 0) is None
    best = fit_probe(features, triplets, strength=0.02, certificate=True, **TIGHT).record
    assert best.objective < np.log(3) - 0.02
    assert best.gap < 1e-5


@pytest.mark.parametrize("transform", ["full", "diagonal"])
def test_published_solver_takes_them_and_ends_near_the_optimum(world, transform):
    features, triplets = world(n=400)
    best = fit_probe(features.astype(np.float32), triplets, strength=0.1, transform=transform, **TIGHT)
    end = fit_probe(features, triplets, strength=0.1, transform=transform, solver="published")
    assert -1e-6 < end.record.objective - best.record.objective < 5e-3


def test_features_as_they_are_have_the_expected_loss(world):
    features, triplets = world()
    probe = fit_probe(features, triplets, strength=1.0, transform="none")
    expected = -(triplets.chances * np.log(softmax(logits_of(features @ features.T, triplets.objects)))).sum(axis=1)
    assert probe.record.nll == pytest.approx(expected.mean(), rel=1e-12)


def test_triplets_without_either_are_refused(world):
    features, triplets = world()
    with pytest.raises(ValueError, match="the triplets have no answers"):
        fit_probe(features, replace(triplets, chances=None), strength=0.1)
