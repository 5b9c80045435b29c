"""The toy world: its truth is known, it is seeded, and it resembles what it stands in for where that matters."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from yardsticks.recovery.data.toy import make_world


def probabilities(world, triplets):
    """The chance of each answer, in plain loops."""
    result = []
    for i, j, k in world.dimensions[triplets.objects]:
        weight = np.exp([np.dot(j, k), np.dot(i, k), np.dot(i, j)])
        result.append(weight / weight.sum())
    return np.array(result)


def arrays(world):
    yield from world.models.values()
    yield from (world.dimensions, world.people.objects, world.people.odd, world.repeated.objects, world.repeated.odd)
    yield world.workers


def test_same_seed_same_world():
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    a, b, c = (make_world(seed=seed) for seed in (3, 3, 4))
    for one, same, other in zip(arrays(a), arrays(b), arrays(c), strict=True):
        np.testing.assert_array_equal(one, same)
        assert not np.array_equal(one, other)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_seed_may_be_a_sequence_or_a_generator():
    small = {"n_objects": 20, "n_judgements": 30, "n_repeated": 3}
    number, sequence, child = (
        make_world(seed=seed, **small) for seed in (3, np.random.SeedSequence(3), np.random.SeedSequence(3).spawn(1)[0])
    )
    for one, same, other in zip(arrays(number), arrays(sequence), arrays(child), strict=True):
        np.testing.assert_array_equal(one, same)
        assert not np.array_equal(one, other)
    first, again = (make_world(seed=np.random.default_rng(3), **small) for _ in range(2))
    np.testing.assert_array_equal(first.people.odd, again.people.odd)
    moved = np.random.default_rng(3)
    assert not np.array_equal(make_world(seed=moved, **small).dimensions, make_world(seed=moved, **small).dimensions)
    with pytest.raises(ValueError, match="seed is None"):
        make_world(seed=None)


def test_more_of_one_thing_changes_no_other():
    small, large = make_world(seed=3), make_world(seed=3, n_models=6, n_judgements=5000)
    assert list(large.models) == ["toy-a1", "toy-a2", "toy-b1", "toy-b2", "toy-c1", "toy-c2"]
    for name, features in small.models.items():
        np.testing.assert_array_equal(features, large.models[name])
    np.testing.assert_array_equal(small.dimensions, large.dimensions)
    np.testing.assert_array_equal(small.repeated.odd, large.repeated.odd)


def test_shapes_and_names():
    families = {"x": "first", "y": "second", "z": "first"}
    world = make_world(
        seed=1,
        n_objects=40,
        n_dimensions=3,
        families=families,
        n_features=7,
        n_judgements=11,
        n_repeated=5,
        n_answers=4,
    )
    assert world.dimensions.shape == (40, 3)
    assert (world.dimensions > 0).all()
    assert {name: features.shape for name, features in world.models.items()} == dict.fromkeys("xyz", (40, 7))
    assert all(features.dtype == np.float32 for features in world.models.values())
    assert world.families == families
    assert (len(world.people), len(world.repeated), len(world.workers)) == (11, 20, 20)
    assert world.people.n_objects == world.repeated.n_objects == 40
    assert len(make_world(seed=1, n_objects=4, n_repeated=50, n_answers=3).repeated) == 4 * 3  # all there are
    with pytest.raises(dataclasses.FrozenInstanceError):
        world.workers = None


def test_logits_are_the_similarities_of_those_that_stay(toy_world):
    some = toy_world.people.subset(slice(50))
    expected = np.log(probabilities(toy_world, some))
    logits = toy_world.logits(some)
    np.testing.assert_allclose(logits - logits[:, :1], expected - expected[:, :1], rtol=1e-9, atol=1e-9)


def test_people_answer_as_the_dimensions_say(toy_world):
    for triplets in (toy_world.people, toy_world.repeated):
        p = probabilities(toy_world, triplets)
        for low, high in [(0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.8), (0.8, 1)]:
            for position in range(3):
                of = (p[:, position] > low) & (p[:, position] <= high)
                expected, chosen = p[of, position], triplets.odd[of] == position
                error = np.sqrt((expected * (1 - expected)).sum())
                assert of.sum() > 20
                assert abs(chosen.sum() - expected.sum()) < 4 * error
        # no position is favoured
        assert stats.chisquare(np.bincount(triplets.odd, minlength=3)).pvalue > 1e-4


def test_people_are_about_as_decided_as_real_ones():
    decided = [probabilities(world := make_world(seed=seed), world.people).max(axis=1).mean() for seed in range(5)]
    assert 0.6 < np.mean(decided) < 0.72


def test_the_repeated_triplets(toy_world):
    ranks = toy_world.repeated.ranks()
    _, counts = np.unique(ranks, return_counts=True)
    assert counts.tolist() == [20] * 100
    assert len(np.unique(toy_world.repeated.objects, axis=0)) > 500  # shown in many orders
    for rank in np.unique(ranks):
        assert len(set(toy_world.workers[ranks == rank])) == 20  # nobody is asked twice


def test_models_see_something_of_the_dimensions_and_families_are_alike():
    world = make_world(seed=2, n_models=6)

    def similarities(features):
        return np.corrcoef(features)[np.triu_indices(len(features), 1)]

    people = similarities(world.dimensions)
    seen = {name: similarities(features) for name, features in world.models.items()}
    assert all(0.05 < stats.spearmanr(people, one).statistic < 0.9 for one in seen.values())
    alike, different = [], []
    for a in seen:
        for b in seen:
            if a < b:
                pair = alike if world.families[a] == world.families[b] else different
                pair.append(stats.spearmanr(seen[a], seen[b]).statistic)
    assert len(alike) == 3
    assert min(alike) > max(different)
    assert max(alike) < 0.99


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"n_objects": 2}, "a triplet needs three"), ({"n_models": 53}, "families=")],
)
def test_what_cannot_be_made_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_world(seed=1, **arguments)
