"""Triplets, the draw of new ones against enumeration, and folds over objects."""

import doctest
import itertools
import tracemalloc
from math import comb

import numpy as np
import pytest
from scipy import stats
from sklearn.model_selection import KFold, train_test_split

from yardsticks.recovery.data import toy, treatment
from yardsticks.recovery.triplets import combinations, triplets
from yardsticks.recovery.triplets.folds import object_folds, published_folds, with_training
from yardsticks.recovery.triplets.sampling import sample_triplets
from yardsticks.recovery.triplets.triplets import Triplets


@pytest.mark.parametrize("module", [triplets, toy, treatment], ids=lambda module: module.__name__)
def test_examples_in_docstrings(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def sets_of(drawn):
    return [frozenset(row) for row in drawn.objects.tolist()]


class TestTriplets:
    def test_holds_what_it_is_given(self):
        made = Triplets([[2, 0, 1], [3, 1, 0]], [0, 2], 4)
        assert made.objects.dtype == np.int64
        assert made.odd.dtype == np.int8
        assert made.objects.tolist() == [[2, 0, 1], [3, 1, 0]]
        assert made.odd.tolist() == [0, 2]
        assert (len(made), made.n_objects) == (2, 4)

    def test_chances_stand_in_place_of_answers(self, rng):
        chances = rng.dirichlet(np.ones(3), size=4)
        asked = Triplets([[2, 0, 1], [3, 1, 0], [0, 1, 2], [1, 2, 3]], None, 4)
        made = asked.expecting(chances)
        assert np.array_equal(made.chances, chances)
        assert (made.odd, asked.chances) == (None, None)
        for part in (made.subset([2, 0]), made.subset(np.array([True, False, True, False]))):
            assert sorted(part.chances.tolist()) == sorted(chances[[2, 0]].tolist())
        assert np.array_equal(made.within([0, 1, 2]).chances, chances[[0, 2]])
        answered = made.answered([0, 1, 2, 0])
        assert (answered.chances, answered.odd.tolist()) == (None, [0, 1, 2, 0])
        assert answered.expecting(chances).odd is None

    @pytest.mark.parametrize(
        ("chances", "message"),
        [
            ([[0.2, 0.3, 0.5], [0.6, 0.6, -0.2]], r"row 1: the chances \[0.6, 0.6, -0.2\]"),
            ([[0.2, 0.3, 0.4], [0.6, 0.2, 0.2]], r"row 0: .* sum to 1"),
            ([[0.2, 0.3, 0.5], [np.nan, 0.5, 0.5]], "row 1: the chances"),
            ([0.2, 0.8], r"the shape \(2,\), not \(2, 3\)"),
        ],
    )
    def test_what_are_no_chances_is_refused(self, chances, message):
        with pytest.raises(ValueError, match=message):
            Triplets([[0, 1, 2], [1, 2, 3]], None, 4, chances)
        with pytest.raises(ValueError, match="answers or chances, not both"):
            Triplets([[0, 1, 2]], [0], 4, [[1, 0, 0]])

    def test_none_at_all(self):
        empty = Triplets(np.empty((0, 3)), [], 4)
        assert len(empty) == len(empty.unordered()[0]) == len(empty.ranks()) == 0

    @pytest.mark.parametrize(
        ("objects", "odd", "message"),
        [
            ([[0, 1, 2], [1, 1, 2]], None, r"row 1: the triplet \(1, 1, 2\) has an object twice"),
            ([[0, 1, 2], [1, 2, 1]], None, "row 1.*twice"),
            ([[0, 1, 2], [2, 1, 1]], None, "row 1.*twice"),
            ([[0, 1, 4]], None, r"row 0.*outside 0 \.\.\. 3"),
            ([[0, -1, 2]], None, r"row 0.*\(0, -1, 2\).*outside"),
            ([[0, 1, 2], [0, 1, 3]], [0, 3], "row 1.*answer 3 has an answer that is none"),
            ([[0, 1, 2]], [-1], "row 0.*answer -1"),
            ([[0, 1, 9], [1, 1, 2]], None, "row 0.*outside"),
            ([[0, 1, 2]], [0, 1], r"\(2,\), and there are 1"),
            ([[0, 1]], None, r"\(n, 3\), not \(1, 2\)"),
            ([0, 1, 2], None, r"\(n, 3\)"),
            ([[0.0, 1.0, 2.5]], None, "whole numbers, not float64"),
            ([[0, 1, 2]], [0.5], "odd must be whole numbers"),
        ],
    )
    def test_what_is_no_triplet_is_refused(self, objects, odd, message):
        with pytest.raises(ValueError, match=message):
            Triplets(objects, odd, 4)

    def test_an_answer_too_large_for_a_byte_is_refused_not_wrapped(self):
        with pytest.raises(ValueError, match="answer 256"):
            Triplets([[0, 1, 2]], np.array([256]), 3)

    def test_subset_within_answered(self, rng):
        made = sample_triplets(12, 100, seed=rng).answered(rng.integers(3, size=100))
        mask = rng.random(100) < 0.5
        for index in (mask, np.flatnonzero(mask)):
            assert made.subset(index).objects.tolist() == made.objects[mask].tolist()
            assert made.subset(index).odd.tolist() == made.odd[mask].tolist()
        assert made.subset(slice(5)).n_objects == 12
        some = [1, 3, 4, 8, 9, 11]
        expected = [row for row in made.objects.tolist() if set(row) <= set(some)]
        assert 0 < len(expected) < 100
        assert made.within(some).objects.tolist() == expected
        assert made.within(np.isin(np.arange(12), some)).objects.tolist() == expected
        with pytest.raises(ValueError, match=r"\(11,\).*12 objects"):
            made.within(np.ones(11, dtype=bool))
        with pytest.raises(ValueError, match=r"row 0.*answer 7"):
            made.answered(np.full(100, 7))

    @pytest.mark.parametrize("nothing", [[], np.array([]), np.zeros(5, bool)])
    def test_nothing_is_within_nothing(self, nothing):
        assert len(Triplets([[0, 1, 4]], [2], 5).within(nothing)) == 0

    def test_numbers_that_are_not_whole_are_no_objects(self):
        with pytest.raises(ValueError, match="objects must be whole numbers, not float64"):
            Triplets([[0, 1, 4]], None, 5).within(np.array([0.0, 1.0, 4.0]))

    @pytest.mark.parametrize("objects", [[-1, 0, 1], [0, 1, 5]])
    def test_objects_that_are_not_there_are_refused(self, objects):
        with pytest.raises(ValueError, match=rf"objects {min(objects)} to {max(objects)} were given; .* 0 to 4"):
            Triplets([[0, 1, 4]], None, 5).within(objects)
        with pytest.raises(ValueError, match=r"n_objects=5\.5 must be a whole number"):
            Triplets([[0, 1, 4]], None, 5.5)

    def test_distinct_sets_come_once(self, rng):
        triplets = sample_triplets(6, 20, seed=rng)
        twice = Triplets(np.concatenate([triplets.objects, triplets.objects[:, ::-1]]), np.zeros(40, int), 6)
        found = twice.distinct()
        assert found.odd is None
        assert found.objects.tolist() == [list(c) for c in itertools.combinations(range(6), 3)]

    def test_unordered_keeps_the_odd_object(self, rng):
        made = sample_triplets(9, 60, seed=rng).answered(rng.integers(3, size=60))
        objects, odd = made.unordered()
        for row, position, sorted_row, sorted_position in zip(made.objects, made.odd, objects, odd, strict=True):
            assert sorted_row.tolist() == sorted(row)
            assert sorted_row[sorted_position] == row[position]
        assert sample_triplets(9, 6, seed=rng).unordered()[1] is None

    def test_ranks_are_those_of_the_enumeration(self):
        # colexicographic: by the largest object, then the middle, then the smallest
        every = sorted(itertools.combinations(range(9), 3), key=lambda three: three[::-1])
        shown = [three[i % 3 :] + three[: i % 3] for i, three in enumerate(every)]
        assert Triplets(shown, None, 9).ranks().tolist() == list(range(comb(9, 3)))


class TestCombinations:
    @pytest.mark.parametrize("m", [3, 4, 11, 30])
    def test_unranking_enumerates(self, m):
        every = sorted(itertools.combinations(range(m), 3), key=lambda three: three[::-1])
        assert combinations.unrank(np.arange(comb(m, 3)), m).tolist() == [list(three) for three in every]

    def test_exact_where_floating_point_is_not(self):
        m = 3_800_000  # nearly all that 64 bits can number
        last = comb(m, 3) - 1
        for a, b, c in [(0, 1, 2), (m - 3, m - 2, m - 1), (17, 2_999_999, 3_700_001)]:
            rank = comb(c, 3) + comb(b, 2) + a
            assert rank <= last
            assert combinations.rank(np.array([[a, b, c]])).tolist() == [rank]
            assert combinations.unrank(np.array([rank]), m).tolist() == [[a, b, c]]
        with pytest.raises(ValueError, match="64 bits"):
            combinations.capacity(3_900_000)

    def test_distinct_values_in_order(self, rng):
        values = rng.integers(50, size=200)
        assert combinations.ascending(values).tolist() == sorted(set(values.tolist()))


class TestSampler:
    @pytest.mark.parametrize("sampler", ["uniform", "published"])
    @pytest.mark.parametrize(("m", "n"), [(30, 50), (30, 3000), (12, 220), (3, 1), (5, 0)])
    def test_distinct_and_of_the_given_objects(self, rng, sampler, m, n):
        objects = rng.choice(100, size=m, replace=False)
        drawn = sample_triplets(objects, n, seed=rng, sampler=sampler, n_objects=100)
        assert len(drawn) == len(set(sets_of(drawn))) == n
        assert set(drawn.objects.ravel()) <= set(objects)
        assert (drawn.odd, drawn.n_objects) == (None, 100)

    def test_all_triplets_are_equally_likely(self):
        # every triplet of 8 objects, 10 of 56 at a time; both ways to draw, with few and with many of all
        for n in (10, 40):
            counts = np.zeros(56)
            for seed in range(3000):
                counts[sample_triplets(8, n, seed=seed).ranks()] += 1
            # without replacement: the variance of a count is smaller than multinomial by (56 - n) / 55
            statistic = ((counts - 3000 * n / 56) ** 2).sum() / (3000 * n / 56) / ((56 - n) / 55)
            assert 0.001 < stats.chi2(55).sf(statistic) < 0.999

    @pytest.mark.parametrize("n", [30_000, 100_000])
    def test_all_objects_are_equally_likely(self, rng, n):
        drawn = sample_triplets(100, n, seed=rng)
        counts = np.bincount(drawn.objects.ravel(), minlength=100)
        share = (comb(100, 3) - n) / (comb(100, 3) - 1)  # of the variance that is left without replacement
        p = 3 / 100
        statistic = ((counts - n * p) ** 2).sum() / (n * p * (1 - p) * share) * 99 / 100
        assert 0.001 < stats.chi2(99).sf(statistic) < 0.999

    @pytest.mark.parametrize("sampler", ["uniform", "published"])
    def test_objects_are_shown_in_random_order(self, rng, sampler):
        shown = np.argsort(sample_triplets(60, 6000, seed=rng, sampler=sampler).objects, axis=1)
        _, counts = np.unique(shown, axis=0, return_counts=True)
        assert len(counts) == 6
        assert stats.chisquare(counts).pvalue > 0.001

    @pytest.mark.parametrize("n", [50, 4000])
    def test_rows_come_in_random_order(self, rng, n):
        ranks = sample_triplets(40, n, seed=rng).ranks()
        assert abs(stats.spearmanr(ranks, np.arange(n)).statistic) < 4 / np.sqrt(n)

    @pytest.mark.parametrize("sampler", ["uniform", "published"])
    def test_what_is_excluded_is_never_drawn(self, rng, sampler):
        objects = np.array([2, 3, 5, 7, 11, 13, 17, 19])
        taken = sample_triplets(20, 300, seed=rng)  # of which some lie within the objects, in other orders
        shuffled = Triplets(np.tile(rng.permuted(taken.objects, axis=1), (2, 1)), None, 20)
        inside = {three for three in sets_of(taken) if three <= set(objects.tolist())}
        left = comb(8, 3) - len(inside)
        assert 0 < len(inside) < comb(8, 3)
        drawn = sample_triplets(objects, left, seed=rng, exclude=shuffled, sampler=sampler)
        every = {frozenset(three) for three in itertools.combinations(objects.tolist(), 3)}
        assert set(sets_of(drawn)) == every - inside
        assert drawn.n_objects == 20
        with pytest.raises(ValueError, match=rf"{left + 1} triplets of 8 objects.* 56, of which {len(inside)} are"):
            sample_triplets(objects, left + 1, seed=rng, exclude=shuffled, sampler=sampler)

    def test_exclusion_leaves_the_others_equally_likely(self):
        taken = Triplets([[0, 1, 2], [5, 4, 3], [6, 0, 3]], None, 7)
        counts = np.zeros(35)
        for seed in range(2000):
            counts[sample_triplets(7, 5, seed=seed, exclude=taken).ranks()] += 1
        assert (counts[taken.ranks()] == 0).all()
        free = np.delete(counts, taken.ranks())
        statistic = ((free - 2000 * 5 / 32) ** 2).sum() / (2000 * 5 / 32) / (27 / 31)
        assert 0.001 < stats.chi2(31).sf(statistic) < 0.999

    @pytest.mark.parametrize(("n", "exclude"), [(40, False), (40, True), (600, False), (1140, False)])
    def test_the_published_draw_is_that_of_plain_loops(self, n, exclude):
        taken = Triplets([[0, 1, 2], [4, 1, 0], [3, 2, 9]], None, 20) if exclude else None
        drawn = sample_triplets(20, n, seed=3, sampler="published", exclude=taken)
        every = sorted(itertools.combinations(range(20), 3), key=lambda three: three[::-1])
        excluded = {tuple(sorted(row)) for row in taken.objects.tolist()} if exclude else set()
        rng = np.random.default_rng(3)
        found = set()
        while len(found) < n:
            for rank in rng.integers(len(every), size=5 * n):
                if every[rank] not in excluded:
                    found.add(every[rank])
        assert sorted(map(tuple, drawn.unordered()[0].tolist())) == sorted(found)[:n]

    def test_the_published_draw_prefers_the_first_objects(self):
        # the published sizes; a tenth of the objects should fill a tenth of the places
        first = {
            sampler: (sample_triplets(865, 51_200, seed=0, sampler=sampler).objects < 87).mean()
            for sampler in ("uniform", "published")
        }
        assert first["uniform"] == pytest.approx(87 / 865, abs=0.005)
        assert first["published"] > 0.35

    def test_the_seed_decides_everything(self):
        state = np.random.get_state()[1].copy()  # noqa: NPY002
        same = [sample_triplets(50, 70, seed=seed).objects.tolist() for seed in (5, 5, np.random.default_rng(5))]
        assert same[0] == same[1] == same[2]
        assert same[0] != sample_triplets(50, 70, seed=6).objects.tolist()
        sequence = np.random.SeedSequence(5)
        assert same[0] == sample_triplets(50, 70, seed=sequence).objects.tolist()
        shuffled = np.random.default_rng(0).permutation(50)
        assert same[0] == sample_triplets(shuffled, 70, seed=5).objects.tolist()
        np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"objects": 5, "n": 11}, "11 triplets of 5 objects: there are 10"),
            ({"objects": 2, "n": 1}, "there are 0"),
            ({"objects": 5, "n": -1}, "-1 triplets"),
            ({"objects": [3, 4, 4, 5], "n": 1}, "object 4 is given 2 times"),
            ({"objects": [-1, 4, 5], "n": 1}, "object -1"),
            ({"objects": [0.5, 4, 5], "n": 1}, "whole numbers"),
            ({"objects": np.ones((3, 3), int), "n": 1}, r"shape \(3, 3\)"),
            ({"objects": 5, "n": 2, "sampler": "sorted"}, "'sorted' is none of uniform, published"),
            ({"objects": 5, "n": 2, "seed": None}, "seed is None"),
            ({"objects": [1, 5, 9], "n": 1, "n_objects": 9}, "outside"),
        ],
    )
    def test_what_cannot_be_drawn_is_refused(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            sample_triplets(**{"seed": 1, **arguments})

    def test_millions_take_memory_for_themselves_alone(self):
        tracemalloc.start()
        drawn = sample_triplets(865, 1_000_000, seed=1)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(combinations.ascending(drawn.ranks())) == 1_000_000
        assert peak < comb(865, 3) * 2  # bytes; a list of all triplets would have four times as many, or more


class TestFolds:
    @pytest.mark.parametrize(("n", "sizes"), [(1854, (865, 371, 618)), (1853, (865, 370, 618)), (120, (56, 24, 40))])
    def test_sizes(self, n, sizes):
        # as KFold(3) and the published fraction of the rest: 618; round(0.3 * 1236) = 371
        folds = object_folds(n, seed=1)
        assert tuple(map(len, folds[0])) == sizes
        assert sum(len(fold.test) for fold in folds) == n

    @pytest.mark.parametrize("n_folds", [2, 3, 5])
    def test_disjoint_and_covering(self, rng, n_folds):
        objects = rng.choice(500, size=101, replace=False)
        folds = object_folds(objects, seed=rng, n_folds=n_folds)
        assert len(folds) == n_folds
        for fold in folds:
            assert sorted(np.concatenate(fold)) == sorted(objects)
            assert all((np.diff(part) > 0).all() for part in fold)
        assert sorted(np.concatenate([fold.test for fold in folds])) == sorted(objects)
        assert np.ptp([len(fold.test) for fold in folds]) <= 1

    def test_the_seed_decides_everything(self):
        first, again, other = ([part.tolist() for fold in object_folds(90, seed=s) for part in fold] for s in (1, 1, 2))
        assert first == again != other

    def test_every_object_is_as_likely_in_each_set(self):
        counts = np.zeros((3, 30))
        for seed in range(1000):
            for number, part in enumerate(object_folds(30, seed=seed)[0]):
                counts[number, part] += 1
        for row, size in zip(counts, (14, 6, 10), strict=True):
            p = size / 30
            statistic = ((row - 1000 * p) ** 2).sum() / (1000 * p * (1 - p)) * 29 / 30
            assert 0.001 < stats.chi2(29).sf(statistic) < 0.999

    @pytest.mark.parametrize(("objects", "n_folds"), [(1854, 3), (101, 4), (np.arange(3, 300, 2), 3)])
    def test_published_ones_are_those_of_scikit_learn(self, objects, n_folds):
        folds = published_folds(objects, n_folds=n_folds)
        objects = np.arange(objects) if np.ndim(objects) == 0 else objects
        outer = KFold(n_folds, shuffle=True, random_state=42)
        for fold, (rest, test) in zip(folds, outer.split(objects), strict=True):
            train, validation = train_test_split(objects[rest], test_size=0.2, random_state=42)
            assert fold.test.tolist() == objects[test].tolist()
            assert fold.train.tolist() == sorted(train)
            assert fold.validation.tolist() == sorted(validation)

    def test_what_published_ones_cannot_split_is_refused(self):
        with pytest.raises(ValueError, match=r"14 objects in 3 folds leave 7 \+ 2 \+ 5"):
            published_folds(14)

    def test_more_or_fewer_are_trained_on(self):
        fold = object_folds(120, seed=1)[0]
        trained = {n: with_training(fold, n, seed=2) for n in (3, 28, 56, 57, 80)}
        for n, other in trained.items():
            assert len(other.train) == n
            assert np.array_equal(other.validation, fold.validation)
            assert len(other.test) == 40 - max(0, n - 56)
            assert not set(other.train) & set(other.test)
            assert set(other.train) | set(other.test) <= set(fold.train) | set(fold.test)
            assert all((np.diff(part) > 0).all() for part in other)
        for fewer, more in itertools.pairwise(trained.values()):
            assert set(fewer.train) < set(more.train)
            assert set(more.test) <= set(fewer.test)
        assert np.array_equal(trained[56].train, fold.train)
        assert not np.array_equal(with_training(fold, 28, seed=3).train, trained[28].train)
        for n in (2, 94):
            with pytest.raises(ValueError, match=f"{n} training objects: there are 96"):
                with_training(fold, n, seed=2)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"objects": 12}, r"12 objects in 3 folds leave 6 \+ 2 \+ 4"),
            ({"objects": 90, "n_folds": 1}, "at least two"),
            ({"objects": 90, "seed": None}, "seed is None"),
            ({"objects": [1, 1, 2]}, "object 1 is given 2 times"),
        ],
    )
    def test_what_cannot_be_split_is_refused(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            object_folds(**{"seed": 1, **arguments})
