"""Fits and scores on a card that only pretends to be one: nothing meets the processor, and results are its results."""

import numpy as np
import pytest
import torch
from oracles.card import Card, OnCard

from yardsticks.recovery.probes import fitting, objective
from yardsticks.recovery.probes.fitting import fit_batch, fit_path, fit_probe, measure_gap
from yardsticks.recovery.probes.probe import score_path
from yardsticks.recovery.probes.reduction import reduce
from yardsticks.recovery.triplets.triplets import Triplets

KINDS = [
    {},
    {"penalty": "frobenius"},
    {"transform": "diagonal"},
    {"transform": "diagonal", "penalty": "frobenius"},
    {"transform": "low_rank", "rank": 3},
    {"transform": "low_rank", "rank": 3, "penalty": "frobenius"},
    {"transform": "low_rank", "rank": 3, "low_rank_penalty": "published", "start": "features"},
    {"transform": "none"},
    {"solver": "published"},
    {"solver": "published", "penalty": "frobenius"},
    {"solver": "published", "transform": "diagonal"},
    {"solver": "published", "transform": "low_rank", "rank": 3},
]


def kind_name(kind):
    return "-".join(map(str, kind.values())) or "full"


@pytest.fixture
def card(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with Card() as card:
        yield card


def make(rng, n_objects=20, p=6, n=120):
    features = (rng.normal(size=(n_objects, p)) + 0.3).astype(np.float32)
    objects = np.array([rng.choice(n_objects, 3, replace=False) for _ in range(n)])
    z = features * np.linspace(1.2, 0.1, p)
    (a, b, c), s = objects.T, z @ z.T
    logits = np.stack([s[b, c], s[a, c], s[a, b]], axis=1)
    return features, Triplets(objects, np.argmax(logits + rng.gumbel(size=logits.shape), axis=1), n_objects)


class TestCardItself:
    def test_tensors_say_where_they_are(self, card):
        here, there = torch.ones(3), torch.ones(3, device="cuda")
        assert (here.device.type, there.device.type, there.device.index) == ("cpu", "cuda", 0)
        for made in (
            there + 1,
            there[1:],
            there.new_zeros(2),
            torch.zeros_like(there),
            here.to("cuda"),
            there.view(3, 1).T,
        ):
            assert isinstance(made, OnCard)
            assert made.device == there.device
        assert torch.zeros(2, device=there.device).is_cuda
        assert not there.cpu().is_cuda
        assert type(there.to("cpu")) is torch.Tensor
        first, _, _ = there
        assert first.is_cuda

    def test_partners_on_the_processor_are_refused(self, card):
        here, there = torch.ones(3), torch.ones(3, device="cuda")
        for mix in (
            lambda: here + there,
            lambda: there * here,
            lambda: torch.stack([here, there]),
            lambda: there[torch.tensor([0, 1])],
            lambda: there.index_add_(0, torch.tensor([0]), there[:1]),
            lambda: torch.where(there > 0, here, there),
        ):
            with pytest.raises(RuntimeError, match="same device"):
                mix()
        for mix in (lambda: there.numpy(), lambda: np.asarray(there), lambda: there[np.array([0])]):
            with pytest.raises(TypeError):
                mix()
        assert (there * torch.tensor(2.0)).is_cuda  # a single number may come along

    def test_reads_and_uploads_are_counted(self, card):
        there = torch.as_tensor(np.ones((2, 3)), device="cuda")
        assert card.uploads == [6]
        assert not card.reads
        there[there > 2] = 0  # needs no number of entries
        assert not card.reads
        for read in (
            lambda: there.tolist(),
            lambda: bool((there > 0).all()),
            lambda: float(there.sum()),
            lambda: there.cpu(),
            lambda: there[there > 0],
            lambda: torch.nonzero(there),
        ):
            before = card.reads.total()
            read()
            assert card.reads.total() == before + 1
        there.requires_grad_()
        (there * there).sum().backward()
        assert there.grad.is_cuda


@pytest.mark.parametrize("kind", KINDS, ids=kind_name)
@pytest.mark.parametrize("ragged", [False, True])
def test_fits_are_those_of_the_processor(rng, card, kind, ragged):
    problems = [make(rng, *size) for size in ([(20, 6, 120), (14, 9, 200), (25, 4, 77)] if ragged else [(20, 6, 150)])]
    asked = {"strengths": [1.0, 0.03], "certificate": True, **kind}
    here, there = (fit_batch(problems, device=device, **asked) for device in ("cpu", "cuda"))
    assert card.uploads or kind == {"transform": "none"}
    for (features, triplets), one, other in zip(problems, here, there, strict=True):
        for a, b in zip(one, other, strict=True):
            assert type(b.core) is np.ndarray
            assert b.record.objective == pytest.approx(a.record.objective, abs=1.4e-4)
            assert b.record.status == a.record.status
            assert np.isnan(b.record.gap) == np.isnan(a.record.gap)
            np.testing.assert_allclose(b.scores(features, device="cuda"), b.scores(features), rtol=1e-5, atol=1e-5)
            assert b.score(features, triplets, device="cuda") == pytest.approx(b.score(features, triplets), abs=1e-6)
            predicted = b.predict(features, triplets, device="cuda"), b.predict(features, triplets)
            assert np.array_equal(predicted[0].odd, predicted[1].odd)
            if kind.get("transform") in (None, "diagonal"):
                gaps = [measure_gap(b, features, triplets, device=device) for device in ("cpu", "cuda")]
                assert gaps[0] == pytest.approx(gaps[1], abs=1e-6)


@pytest.mark.parametrize("kind", KINDS[:7], ids=kind_name)
def test_fits_to_chances_and_in_float64_are_those_of_the_processor(rng, card, kind):
    features, triplets = make(rng)
    chances = triplets.expecting(rng.dirichlet(np.ones(3), size=len(triplets)))
    here, there = (
        fit_probe(features, chances, strength=0.03, tolerance=1e-10, device=device, **kind)
        for device in ("cpu", "cuda")
    )
    assert there.record.objective == pytest.approx(here.record.objective, abs=1e-8)


@pytest.mark.parametrize("penalty", ["scaled_identity", "frobenius"])
def test_weights_that_vanish_come_back(rng, card, penalty):
    features = rng.normal(size=(20, 6)).astype(np.float32)
    objects = np.array([rng.choice(20, 3, replace=False) for _ in range(400)])
    s = 3 * (features * np.where(np.arange(6) == 2, 1.0, -1.0)) @ features.T
    i, j, k = objects.T
    triplets = Triplets(objects, np.stack([s[j, k], s[i, k], s[i, j]], axis=1).argmax(axis=1), 20)
    here, there = (
        fit_probe(features, triplets, strength=0.02, penalty=penalty, device=device) for device in ("cpu", "cuda")
    )
    assert there.record.objective == pytest.approx(here.record.objective, abs=5e-4)


class TestTraffic:
    """What goes between the host and the card."""

    @pytest.fixture
    def fit(self, rng, monkeypatch):
        """Fit a batch on a card of its own; return it and the number of batched evaluations."""
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
        problems = [make(rng, 40, 10, 400) for _ in range(12)]
        evaluations, nll = [0], objective.Objective.nll

        def counted(self, w):
            evaluations[0] += 1
            return nll(self, w)

        def fit(n_problems, strengths, **kind):
            evaluations[0] = 0
            with monkeypatch.context() as patched, Card() as card:
                patched.setattr(objective.Objective, "nll", counted)
                fit_batch(problems[:n_problems], strengths=strengths, device="cuda", **kind)
            return card, evaluations[0]

        return fit

    @pytest.mark.parametrize("kind", KINDS[:7], ids=kind_name)
    def test_an_evaluation_of_a_batch_is_read_a_few_times(self, fit, kind):
        """Three times, however many problems there are; more is read of each where it begins and where it ends."""
        for n_problems in (4, 12):
            card, n = fit(n_problems, [1.0, 0.1, 0.01, 0.001], **kind)
            once = 10 + 14 * n_problems  # start, reduction
            ends = 7 * 4 * n_problems  # of a strength, at the most: one after the other
            assert card.reads.total() <= 3 * n + once + ends
            assert n > 20

    @pytest.mark.parametrize("kind", KINDS[8:], ids=kind_name)
    def test_published_solver_is_read_as_often_as_its_optimiser_reads(self, rng, card, kind):
        """Seven times an evaluation; each strength once more at its end, and at each start of the optimiser."""
        path = fit_path(*make(rng, 40, 10, 400), strengths=[1.0, 0.1, 0.01], device="cuda", **kind)
        n = sum(probe.record.n_evaluations for probe in path)
        assert card.reads.total() <= 7 * n + 10 * len(path)
        assert sorted(card.uploads) == [400, 40 * 10, 3 * 400]  # answers, features, triplets
        assert n > 20

    def test_features_and_triplets_are_brought_once_for_all_strengths(self, fit):
        few, many = (fit(4, strengths)[0].uploads for strengths in ([1.0], [1.0, 0.3, 0.1, 0.03, 0.01, 0.003]))
        assert sum(size > 30 for size in few) == sum(size > 30 for size in many)
        assert sum(few) >= 4 * (40 * 10 + 3 * 400)
        assert sum(many) < sum(few) + 4 * 6 * 10  # places of problems, a few numbers each

    def test_path_is_scored_with_features_brought_once(self, rng, card):
        features, triplets = make(rng, 40, 60, 400)
        train = triplets.within(np.arange(40) < 25)
        path = fit_path(features, train, strengths=[1.0, 0.3, 0.1, 0.03])
        expected = [probe.score(features, triplets) for probe in path]
        card.uploads.clear()
        scores = score_path(path, features, triplets, device="cuda")
        np.testing.assert_allclose(scores, expected, rtol=1e-5)
        rank = path[0].basis.shape[1]
        assert sorted(card.uploads) == sorted([40 * 60, 60 * rank, 3 * 400, *[rank**2] * 4])

    def test_indices_stay_short(self, rng, card):
        """No table of 46,340 objects or fewer has an index of 64 bits, on the way or in the loss."""
        features, triplets = make(rng)
        problem = reduce(features, triplets.objects, device="cuda")
        assert problem.pairs.dtype == torch.int32
        made = objective.Objective([(problem, triplets.odd)] * 3, "full", "scaled_identity")
        assert {block.index.dtype for block in made.blocks} == {torch.int32}
        assert {block.index.dtype for block in made.some(torch.tensor([2, 0], device="cuda")).blocks} == {torch.int32}


class TestMemory:
    def test_batch_is_halved_until_it_fits(self, rng, monkeypatch):
        problems = [make(rng) for _ in range(5)]
        asked, sizes = {"strengths": [0.1, 0.01]}, []
        solve = fitting.solve

        def solve_two(batch, **more):
            sizes.append(len(batch))
            if len(batch) > 2:
                raise torch.OutOfMemoryError("CUDA out of memory.")
            return solve(batch, **more)

        whole = fit_batch(problems, **asked)
        monkeypatch.setattr(fitting, "solve", solve_two)
        parts = fit_batch(problems, **asked)
        assert sizes == [5, 2, 3, 1, 2]
        for one, other in zip(whole, parts, strict=True):
            assert [probe.strength for probe in other] == [0.1, 0.01]
            for a, b in zip(one, other, strict=True):
                assert b.record.objective == pytest.approx(a.record.objective, abs=1.4e-4)

    def test_one_problem_too_large_is_said(self, rng, monkeypatch):
        def solve(batch, **more):
            raise torch.OutOfMemoryError("CUDA out of memory.")

        monkeypatch.setattr(fitting, "solve", solve)
        with pytest.raises(torch.OutOfMemoryError, match="out of memory"):
            fit_batch([make(rng), make(rng)], strengths=[0.1])
