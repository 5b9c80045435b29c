"""Choices among three: what they have in common with plain loops, and how randomness is asked for."""

import tracemalloc

import numpy as np
import pytest
import torch

from yardsticks.recovery.triplets.choices import (
    accuracy,
    choice_probabilities,
    choose,
    credits_of,
    embedding_logits,
    nll,
    remaining_pairs,
    simulate,
)
from yardsticks.recovery.triplets.randomness import as_rng, as_sequence
from yardsticks.recovery.triplets.triplets import Triplets


@pytest.mark.parametrize("pairs_a_triplet", [0, 64])  # rows gathered in blocks, a table of all pairs
def test_logits_are_of_the_pairs_that_remain(pairs_a_triplet, rng, monkeypatch):
    monkeypatch.setattr("yardsticks.recovery.triplets.choices._PAIRS_A_TRIPLET", pairs_a_triplet)
    monkeypatch.setattr("yardsticks.recovery.triplets.choices._GATHERED", 28)  # seven triplets at a time
    embedding = rng.normal(size=(9, 4)).astype(np.float32)
    objects = np.array([rng.choice(9, 3, replace=False) for _ in range(30)])
    logits = embedding_logits(embedding, Triplets(objects, None, 9))
    assert logits.dtype == float
    for row, (i, j, k) in zip(logits, objects, strict=True):
        pairs = (embedding[j], embedding[k]), (embedding[i], embedding[k]), (embedding[i], embedding[j])
        expected = [sum(float(a) * float(b) for a, b in zip(*pair, strict=True)) for pair in pairs]
        np.testing.assert_allclose(row, expected, rtol=1e-12)
    for three in (objects, torch.as_tensor(objects)):
        first, second = remaining_pairs(three)
        assert first.tolist() == [[j, i, i] for i, j, k in objects.tolist()]
        assert second.tolist() == [[k, k, j] for i, j, k in objects.tolist()]
    with pytest.raises(ValueError, match="9 objects, the triplets are of 8"):
        embedding_logits(embedding, Triplets([[0, 1, 2]], None, 8))
    assert embedding_logits(embedding, Triplets(np.empty((0, 3), int), None, 9)).shape == (0, 3)


@pytest.mark.parametrize("n_objects", [60, 9000])  # with a table of all pairs, and where there are too many of them
def test_logits_never_hold_the_rows_of_all_triplets(n_objects, rng):
    embedding = rng.normal(size=(n_objects, 1000)).astype(np.float32)
    triplets = Triplets(rng.permuted(np.tile(np.arange(60), (20_000, 1)), axis=1)[:, :3], None, n_objects)
    if n_objects > 60:
        triplets = Triplets(triplets.objects + 60 * rng.integers(n_objects // 60, size=(20_000, 1)), None, n_objects)
    tracemalloc.start()
    try:
        logits = embedding_logits(embedding, triplets)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert logits.nbytes < peak < 0.4 * 3 * len(triplets) * embedding.shape[1] * 8


def test_ties_are_shared():
    logits = np.array([[1.0, 3, 2], [2, 2, 1], [5, 5, 5]])
    np.testing.assert_allclose(choose(logits), [[0, 1, 0], [0.5, 0.5, 0], [1 / 3, 1 / 3, 1 / 3]])
    np.testing.assert_allclose(choose(np.stack([logits, -logits]))[1], [[1, 0, 0], [0, 0, 1], [1 / 3, 1 / 3, 1 / 3]])
    np.testing.assert_allclose(credits_of(logits, np.array([0, 1, 2])), [0, 0.5, 1 / 3])
    for row, three in zip(choose(logits, ties="first"), logits.tolist(), strict=True):
        assert row.tolist() == [place == three.index(max(three)) for place in range(3)]
    for place in range(3):
        firsts = [three.index(max(three)) == place for three in logits.tolist()]
        assert credits_of(logits, np.full(3, place), ties="first").tolist() == firsts
    with pytest.raises(ValueError, match="ties='last' is none of shared, first"):
        choose(logits, ties="last")


def test_scores_on_chances_are_what_answers_lead_one_to_expect(rng):
    """The mean over all answers, each weighed by its chance; ties among the logits too."""
    logits = rng.integers(-2, 3, size=(40, 3)).astype(np.float32)
    chances = rng.dirichlet(np.ones(3), size=40)
    for score in (accuracy, nll):
        each = np.array([[score(row[None], np.array([odd])) for odd in range(3)] for row in logits])
        assert score(logits, chances) == pytest.approx((each * chances).sum(axis=1).mean(), rel=1e-12)
        odd = rng.integers(3, size=40)
        assert score(logits, np.eye(3)[odd]) == pytest.approx(score(logits, odd), rel=1e-12)
    assert nll(logits, choice_probabilities(logits, 1.0)) <= nll(logits, chances)


def test_a_seed_is_a_number_a_sequence_or_a_generator(rng):
    logits = rng.normal(size=(50, 3))

    def answers(seed):
        return simulate(logits, temperature=1.0, seed=seed).tolist()

    assert answers(5) == answers(np.random.SeedSequence(5)) == answers(np.random.default_rng(5)) == answers(np.int64(5))
    assert answers(5) != answers(6)
    moved = np.random.default_rng(5)
    first = answers(moved)
    assert first != answers(moved)
    with pytest.raises(ValueError, match="seed is None"):
        answers(None)
    assert as_rng(moved) is moved


def test_a_seed_makes_independent_streams():
    sequence = np.random.SeedSequence(5, spawn_key=(2,))
    assert as_sequence(sequence) is sequence
    assert as_sequence(5).entropy == 5
    one, same = (as_sequence(np.random.default_rng(5)).entropy for _ in range(2))
    assert one == same
    moved = np.random.default_rng(5)
    assert as_sequence(moved).entropy != as_sequence(moved).entropy
    with pytest.raises(ValueError, match="seed is None"):
        as_sequence(None)
