"""Jobs of a study: which triplets are drawn, who answers them and how, and rows re-computed by hand; toy worlds."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from yardsticks.recovery.data.rows import COLUMNS
from yardsticks.recovery.people.ceiling import METHODS, noise_ceiling
from yardsticks.recovery.probes import reduction
from yardsticks.recovery.probes.fitting import fit_path, fit_probe, measure_gap
from yardsticks.recovery.studies import generator as generator_module
from yardsticks.recovery.studies import simulation
from yardsticks.recovery.studies.experiment import SMOKE, Job
from yardsticks.recovery.studies.generator import Generator, make_generator
from yardsticks.recovery.studies.inputs import freeze_inputs
from yardsticks.recovery.studies.simulation import run_job
from yardsticks.recovery.triplets.folds import object_folds
from yardsticks.recovery.triplets.randomness import random_stream
from yardsticks.recovery.triplets.triplets import Triplets

TOY = replace(SMOKE, name="toy", sizes=(40, 160), n_seeds=(1, 1), models=SMOKE.models[:3], n_noise_free=200)
PAIR = replace(TOY, models=TOY.models[:2], strengths=(1.0, 0.03))
JOB = Job(160, 0, "toy-a1")
PARTS = ("train", "validation", "test", "fresh")


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def one_by_one(monkeypatch):
    """Fit candidates one by one at all sizes; side by side they differ within the solver's tolerance."""
    monkeypatch.setattr(simulation, "_BATCH", 1)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    return freeze_inputs(TOY, tmp_path_factory.mktemp("inputs"))


@pytest.fixture(scope="module")
def generators(inputs):
    return {model: make_generator(TOY, inputs, model) for model in TOY.models[:2]}


@pytest.fixture(scope="module")
def rows(inputs, generators):
    return run_job(TOY, JOB, inputs, generators["toy-a1"])


def draw(inputs, generator, job=JOB, experiment=TOY):
    folds = simulation._folds(experiment, job, inputs)
    return [simulation._draw(experiment, job, inputs, generator, number, fold) for number, fold in enumerate(folds)]


def logits_by_hand(points, objects):
    """Similarity of the pair that is left when the first, second or third is taken out, one triplet at a time."""
    points = np.asarray(points, np.float64)
    return np.array([[points[b] @ points[c], points[a] @ points[c], points[a] @ points[b]] for a, b, c in objects])


def softmax_by_hand(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def transformed(probe, features):
    """Features after the probe's transform, by its weights alone."""
    w = probe.weights.astype(np.float64)
    return features * w if w.ndim == 1 else features @ w.T


def score_by_hand(points, triplets):
    """Accuracy and nll on answered triplets."""
    right, lost = [], []
    for row, odd in zip(logits_by_hand(points, triplets.objects), triplets.odd, strict=True):
        winners = np.flatnonzero(row == row.max())
        right.append((odd in winners) / len(winners))
        lost.append(math.log(sum(math.exp(value - row[odd]) for value in row)))
    return float(np.mean(right)), float(np.mean(lost))


def expected_by_hand(points, triplets, probabilities):
    """Accuracy and nll that are to be expected of answers with these probabilities."""
    right, lost = [], []
    for row, chances in zip(logits_by_hand(points, triplets.objects), probabilities, strict=True):
        winners = np.flatnonzero(row == row.max())
        right.append(sum(chances[place] for place in winners) / len(winners))
        total = math.log(sum(math.exp(value - row.max()) for value in row)) + row.max()
        lost.append(sum(p * (total - value) for p, value in zip(chances, row, strict=True)))
    return float(np.mean(right)), float(np.mean(lost))


def choose_by_hand(scores, selection):
    """Place of the best of [(accuracy, nll), ...]; equal accuracies are told apart by nll."""
    places = range(len(scores))
    if selection == "nll":
        return min(places, key=lambda place: scores[place][1])
    return min(places, key=lambda place: (-round(scores[place][0], 10), scores[place][1]))


class TestDraw:
    def test_parts_of_a_fold_share_no_object(self, inputs, generators):
        for fold, parts in zip(simulation._folds(TOY, JOB, inputs), draw(inputs, generators["toy-a1"]), strict=True):
            sets = [set(fold.train), set(fold.validation), set(fold.test)]
            assert sum(map(len, sets)) == len(set().union(*sets)) == len(inputs.objects)
            for part, objects in zip(PARTS, [*sets, sets[2]], strict=True):
                assert set(getattr(parts, part).objects.ravel()) <= objects

    def test_each_object_is_tested_once(self, inputs):
        folds = simulation._folds(TOY, JOB, inputs)
        assert len(folds) == TOY.n_folds
        assert sorted(np.concatenate([fold.test for fold in folds])) == inputs.objects.tolist()

    def test_no_triplet_comes_twice_or_was_seen_by_people(self, inputs, generators):
        judged = set(inputs.seen.ranks())
        assert judged > set(inputs.people.ranks())
        assert judged > set(inputs.repeated.ranks())
        for parts in draw(inputs, generators["toy-a1"]):
            ranks = [getattr(parts, part).ranks().tolist() for part in PARTS]
            everything = [rank for part in ranks for rank in part]
            assert len(set(everything)) == len(everything)
            assert not judged & set(everything)

    @pytest.mark.parametrize("sampler", ["uniform", "published"])
    def test_what_people_judged_is_drawn_where_that_is_asked_for(self, inputs, generators, sampler):
        """Of all triplets but the few of the toy world's people; with the switch off these come as others do."""
        judged = {}
        for exclude in ("judged", "none"):
            experiment = replace(TOY, exclude=exclude, sampler=sampler)
            parts = draw(inputs, generators["toy-a1"], Job(4000, 0, "toy-a1"), experiment)
            found = [getattr(fold, part).ranks() for fold in parts for part in PARTS]
            judged[exclude] = np.mean([np.isin(ranks, inputs.seen.ranks()).mean() for ranks in found])
            assert [len(np.unique(np.concatenate(found[at : at + 4]))) for at in (0, 4, 8)] == [5200] * 3
        share = len(np.unique(inputs.seen.ranks())) / math.comb(90, 3)
        assert judged["judged"] == 0
        assert judged["none"] == pytest.approx(share, rel=0.3)

    @pytest.mark.parametrize(("size", "few"), [(40, 5), (44, 6), (36, 4), (160, 20), (5, 1)])
    def test_number_of_triplets(self, inputs, generators, size, few):
        for parts in draw(inputs, generators["toy-a1"], Job(size, 0, "toy-a1")):
            assert [len(getattr(parts, part)) for part in PARTS] == [size, few, few, TOY.n_noise_free]
            assert parts.fresh.chances.shape == (TOY.n_noise_free, 3)

    def test_generators_share_triplets_and_not_answers(self, inputs, generators):
        one = draw(inputs, generators["toy-a1"])
        other = draw(inputs, generators["toy-a2"], Job(160, 0, "toy-a2"))
        for a, b in zip(one, other, strict=True):
            for part in PARTS:
                assert np.array_equal(getattr(a, part).objects, getattr(b, part).objects)
            assert (a.train.odd != b.train.odd).mean() > 0.1
            assert not np.allclose(a.fresh.chances, b.fresh.chances)

    def test_same_probabilities_by_another_name_are_other_answers(self, inputs, generators):
        one = draw(inputs, generators["toy-a1"])
        other = draw(inputs, generators["toy-a1"], Job(160, 0, "toy-a2"))
        for a, b in zip(one, other, strict=True):
            assert np.array_equal(a.fresh.chances, b.fresh.chances)
            assert (a.train.odd != b.train.odd).any()

    def test_seed_splits_objects_and_size_does_not(self, inputs):
        def tests_of(*job):
            return [fold.test.tolist() for fold in simulation._folds(TOY, Job(*job), inputs)]

        assert tests_of(40, 0, "toy-a1") == tests_of(160, 0, "toy-a2")
        assert tests_of(40, 0, "toy-a1") != tests_of(40, 1, "toy-a1")

    @pytest.mark.parametrize("job", [Job(160, 1, "toy-a1"), Job(161, 0, "toy-a1")])
    def test_other_draws_are_other_triplets(self, inputs, generators, job):
        for a, b in zip(draw(inputs, generators["toy-a1"]), draw(inputs, generators["toy-a1"], job), strict=True):
            assert len(set(a.train.ranks()) & set(b.train.ranks())) < 40  # of 160 from some 10,000

    def test_published_sampler_prefers_low_numbers(self, inputs, generators):
        published = draw(inputs, generators["toy-a1"], experiment=replace(TOY, sampler="published"))
        for fold, biased, uniform in zip(
            simulation._folds(TOY, JOB, inputs), published, draw(inputs, generators["toy-a1"]), strict=True
        ):
            low = fold.train[: len(fold.train) // 5]
            assert np.isin(biased.train.objects, low).mean() > 0.3
            assert np.isin(uniform.train.objects, low).mean() < 0.3
            assert not np.array_equal(biased.test.objects, uniform.test.objects)

    def test_answers_follow_the_probabilities(self, inputs, generators):
        generator = generators["toy-a1"]
        parts = draw(inputs, generator, Job(4000, 0, "toy-a1"))
        for part in ("train", "test"):
            drawn = [getattr(fold, part) for fold in parts]
            chances = np.concatenate([softmax_by_hand(logits_by_hand(generator.embedding, t.objects)) for t in drawn])
            hits = np.concatenate([np.eye(3)[t.odd] for t in drawn])
            assert len(hits) == {"train": 12_000, "test": 1500}[part]
            bins = np.digitize(chances, np.linspace(0, 1, 11)[1:-1])
            for place in range(3):
                for number in range(10):
                    chosen = chances[bins[:, place] == number, place]
                    if (spread := math.sqrt((chosen * (1 - chosen)).sum())) < 2:
                        continue  # too few for a normal approximation
                    excess = hits[bins[:, place] == number, place].sum() - chosen.sum()
                    assert abs(excess) < 4.5 * spread
            assert bins.max() - bins.min() >= 8

    def test_fresh_triplets_carry_the_generator_s_probabilities(self, inputs, generators):
        for model, generator in generators.items():
            for fold in draw(inputs, generator, Job(40, 0, model)):
                chances = softmax_by_hand(logits_by_hand(generator.embedding, fold.fresh.objects))
                np.testing.assert_allclose(fold.fresh.chances, chances, rtol=1e-9)


class TestGenerator:
    def test_who_stands_in_for_people_is_calibrated_and_no_candidate(self, inputs, monkeypatch, rng):
        embedding = rng.random((len(inputs.features["toy-a1"]), 5))
        monkeypatch.setattr(generator_module, "open_embedding", lambda name: (embedding, None))
        asked = replace(TOY, world="surrogate", n_judgements=100, stand_in=True)
        made = make_generator(asked, inputs, "spose66")
        np.testing.assert_allclose(made.embedding * made.temperature**0.5, embedding, rtol=1e-6)
        assert np.isnan([made.strength, made.accuracy, made.nll]).all()
        unordered = Triplets(np.unique(inputs.repeated.unordered()[0], axis=0), None, len(embedding))
        most = softmax_by_hand(made.logits(unordered)).max(axis=1).mean()
        assert most == pytest.approx(noise_ceiling(inputs.repeated, method=TOY.ceiling, seed=0, n_bootstrap=0).value)
        rows = run_job(asked, Job(40, 0, "spose66"), inputs, made)
        assert set(rows["generator"]) == {"spose66"}
        assert sorted(rows["candidate"]) == sorted(TOY.models)
        assert rows["noise_free_accuracy"].between(1 / 3 - 0.1, 1).all()

    @pytest.mark.parametrize("method", METHODS)
    def test_agrees_with_itself_as_people_do(self, inputs, method):
        generator = make_generator(replace(TOY, ceiling=method, strengths=(0.1,)), inputs, "toy-a1")
        ceiling = noise_ceiling(inputs.repeated, method=method, seed=0, n_bootstrap=0).value
        triplets = sorted({tuple(sorted(row)) for row in inputs.repeated.objects.tolist()})
        assert len(triplets) == 100
        logits = logits_by_hand(generator.embedding, triplets)
        assert generator.target == ceiling
        assert softmax_by_hand(logits).max(axis=1).mean() == pytest.approx(ceiling, abs=1e-6)
        at_one = softmax_by_hand(logits * generator.temperature).max(axis=1).mean()
        assert generator.at_one == pytest.approx(at_one, abs=1e-5)

    def test_agrees_with_itself_as_a_number_says(self, inputs):
        generator = make_generator(replace(TOY, ceiling=0.6, strengths=(0.1,)), inputs, "toy-a1")
        triplets = sorted({tuple(sorted(row)) for row in inputs.repeated.objects.tolist()})
        chances = softmax_by_hand(logits_by_hand(generator.embedding, triplets))
        assert generator.target == 0.6
        assert chances.max(axis=1).mean() == pytest.approx(0.6, abs=1e-6)

    def test_logits_are_those_of_the_probe_at_the_temperature(self, inputs, generators):
        for model, generator in generators.items():
            probe = fit_probe(inputs.features[model], inputs.people, strength=generator.strength)
            np.testing.assert_allclose(
                generator.logits(inputs.people),
                replace(probe, temperature=generator.temperature).logits(inputs.features[model], inputs.people),
                rtol=1e-4,
                atol=1e-5,
            )
            by_hand = logits_by_hand(transformed(probe, inputs.features[model]), inputs.people.objects[:50])
            np.testing.assert_allclose(
                generator.logits(inputs.people)[:50], by_hand / generator.temperature, rtol=1e-4, atol=1e-5
            )

    @pytest.mark.parametrize("selection", ["accuracy", "nll"])
    @pytest.mark.parametrize("rule", ["object_cv", "triplet_cv", "triplet_holdout"])
    def test_strength_is_the_best_of_a_loop_over_folds(self, inputs, selection, rule):
        strengths = (3.0, 0.3, 0.03, 0.003)
        people, features = inputs.people, inputs.features["toy-a2"]
        if rule == "object_cv":
            folds = []
            for fold in object_folds(inputs.objects, seed=random_stream("people", rule), n_folds=3):
                tested = np.array([set(row) <= set(fold.test) for row in people.objects])
                fitted = np.array([not set(row) & set(fold.test) for row in people.objects])
                folds.append((fitted, tested))
        else:
            number = random_stream("people", rule).integers(5, size=len(people))
            folds = [(number != fold, number == fold) for fold in range(5)]
            assert sum(tested.sum() for _, tested in folds) == len(people)
            folds = folds[:1] if rule == "triplet_holdout" else folds
        scores = np.zeros((len(folds), len(strengths), 2))
        for i, (fitted, tested) in enumerate(folds):
            path = fit_path(features, people.subset(fitted), strengths=strengths)
            for j, probe in enumerate(path):
                scores[i, j] = score_by_hand(transformed(probe, features), people.subset(tested))
        mean = scores.mean(axis=0)
        best = choose_by_hand(mean.tolist(), selection)
        experiment = replace(TOY, strengths=strengths, selection=selection, strength_rule=rule)
        generator = make_generator(experiment, inputs, "toy-a2")
        assert generator.strength == strengths[best]
        assert generator.accuracy == pytest.approx(mean[best, 0], abs=1e-3)  # a near tie may fall the other way
        assert generator.nll == pytest.approx(mean[best, 1], rel=1e-4)

    @pytest.mark.parametrize("rule", ["object_cv", "triplet_cv"])
    def test_no_strength_is_chosen_by_no_judgement(self, inputs, rule):
        few = replace(inputs, people=inputs.people.subset(slice(4)))
        with pytest.raises(
            ValueError, match=r"fold \d of people's 4 judgements has \d to fit, 0 to choose by: .*Give more"
        ):
            make_generator(replace(TOY, strength_rule=rule), few, "toy-a1")

    def test_missing_objects_have_no_place(self, inputs):
        features = {name: values.copy() for name, values in inputs.features.items()}
        features["toy-b1"][5] = np.nan
        present = np.arange(90) != 5
        holed = replace(
            inputs,
            features=features,
            objects=np.flatnonzero(present),
            people=inputs.people.within(present),
            repeated=inputs.repeated.within(present),
        )
        generator = make_generator(PAIR, holed, "toy-b1")
        assert np.array_equal(np.isnan(generator.embedding).any(axis=1), ~present)
        table = run_job(TOY, Job(160, 0, "toy-b1"), holed, generator)
        assert np.isfinite(table[["test_accuracy", "noise_free_nll", "gap"]]).all(axis=None)
        for fold in draw(holed, generator):
            assert not any((getattr(fold, part).objects == 5).any() for part in PARTS)

    def test_unusable_model_says_why(self, inputs):
        with pytest.raises(ValueError, match="toy-x: it has no features"):
            make_generator(TOY, replace(inputs, unusable={"toy-x": "it has no features"}), "toy-x")

    def test_generators_may_have_a_grid_of_their_own(self, inputs):
        """One strength, which the candidates do not have, gives what a study of that strength alone gives."""
        own = make_generator(replace(TOY, generator_strengths=(0.3,)), inputs, "toy-a1")
        alone = make_generator(replace(TOY, strengths=(0.3,)), inputs, "toy-a1")
        assert own.strength == 0.3
        np.testing.assert_array_equal(own.embedding, alone.embedding)
        few = replace(PAIR, generator_strengths=(0.3,))
        rows = run_job(few, JOB, inputs, own)
        assert set(rows["strength"]) <= set(few.strengths)


class TestRows:
    @pytest.mark.parametrize("selection", ["accuracy", "nll"])
    @pytest.mark.parametrize("candidate", ["toy-a1", "toy-b1"])
    def test_are_those_of_a_computation_by_hand(self, inputs, generators, one_by_one, candidate, selection):
        experiment = replace(TOY, selection=selection)
        table = run_job(experiment, JOB, inputs, generators["toy-a1"]).set_index("candidate")
        x = inputs.features[candidate]
        folds = draw(inputs, generators["toy-a1"])
        paths = [fit_path(x, fold.train, strengths=TOY.strengths) for fold in folds]
        validation = [
            np.mean(
                [
                    score_by_hand(transformed(path[place], x), fold.validation)
                    for path, fold in zip(paths, folds, strict=True)
                ],
                axis=0,
            ).tolist()
            for place in range(len(TOY.strengths))
        ]
        best = choose_by_hand(validation, selection)
        test, free = [], []
        for path, fold in zip(paths, folds, strict=True):
            points = transformed(path[best], x)
            test.append(score_by_hand(points, fold.test))
            chances = softmax_by_hand(logits_by_hand(generators["toy-a1"].embedding, fold.fresh.objects))
            free.append(expected_by_hand(points, fold.fresh, chances))
        row = table.loc[candidate]
        found = row[["validation_accuracy", "test_accuracy", "noise_free_accuracy"]].astype(float)
        np.testing.assert_allclose(found, [validation[best][0], np.mean(test, 0)[0], np.mean(free, 0)[0]], atol=1e-9)
        found = row[["validation_nll", "nll", "noise_free_nll"]].astype(float)
        np.testing.assert_allclose(found, [validation[best][1], np.mean(test, 0)[1], np.mean(free, 0)[1]], rtol=1e-5)
        assert row["strength"] == TOY.strengths[best]
        assert row["at_grid_end"] == (best in (0, 2))
        assert row["converged"]
        gaps = [measure_gap(path[best], x, fold.train) for path, fold in zip(paths, folds, strict=True)]
        assert row["gap"] == pytest.approx(max(gaps), rel=1e-9)
        assert row["n_evaluations"] == sum(probe.record.n_evaluations for path in paths for probe in path)
        assert row["error"] == ""

    def test_ties_within_triplets_are_shared_or_the_first_is_the_answer(self, inputs, rng):
        """Features are whole numbers, of which many pairs are equally similar, to the last bit."""
        features = {name: rng.integers(-1, 2, size=(90, 3)).astype(np.float32) for name in PAIR.models}
        tied, right = replace(inputs, features=features), {}
        for ties in ("shared", "first"):
            experiment = replace(PAIR, transform="none", ties=ties)
            generator = make_generator(experiment, tied, "toy-a1")
            row = run_job(experiment, JOB, tied, generator).set_index("candidate").loc["toy-a2"]
            folds = draw(tied, generator)
            right[ties] = []
            for fold in folds:
                logits, counted = logits_by_hand(features["toy-a2"], fold.test.objects).tolist(), []
                for three, odd in zip(logits, fold.test.odd, strict=True):
                    best = [place for place in range(3) if three[place] == max(three)]
                    best = best[:1] if ties == "first" else best
                    counted.append((odd in best) / len(best))
                right[ties].append(np.mean(counted))
            assert row["test_accuracy"] == pytest.approx(np.mean(right[ties]), abs=1e-12)
            people = logits_by_hand(features["toy-a1"], tied.people.objects)
            if ties == "first":
                by_hand = [max(range(3), key=lambda place: (three[place], -place)) for three in people.tolist()]
                scores = []
                for fold in object_folds(tied.objects, seed=random_stream("people", "object_cv"), n_folds=3):
                    tested = np.isin(tied.people.objects, fold.test).all(axis=1)
                    scores.append((np.array(by_hand) == tied.people.odd)[tested].mean())
                assert generator.accuracy == pytest.approx(np.mean(scores), abs=1e-12)
        assert right["shared"] != right["first"]

    def test_equal_validation_accuracies_are_told_apart_by_nll(self):
        accuracies, nlls = np.array([0.5, 0.7, 0.7 + 1e-14, 0.7]), np.array([0.1, 0.9, 0.8, 0.7])
        strengths = (0.001, 1.0, 0.1, 10.0)
        for selection, place in {"accuracy": 3, "nll": 0, "published": 2}.items():
            assert generator_module.best_strength(accuracies, nlls, strengths, selection=selection) == place

    def test_are_one_for_each_candidate(self, rows):
        assert list(rows.columns) == list(COLUMNS)
        assert rows["candidate"].tolist() == sorted(TOY.models)
        assert set(rows["generator"]) == {"toy-a1"}
        assert set(rows["n_triplets"]) == {160}
        assert set(rows["seed"]) == {0}
        assert set(rows["n_test"]) == {60}
        assert rows["strength"].isin(TOY.strengths).all()

    def test_features_are_reduced_once_for_all_generators(self, inputs, generators, monkeypatch):
        """Also for the certificates of their fits; and the numbers are those of features reduced anew each time."""
        row_space, calls, tables = reduction._row_space, [], {}

        def counted(x, **more):
            calls.append(len(x))
            return row_space(x, **more)

        monkeypatch.setattr(reduction, "_row_space", counted)
        n_reduced = len(PAIR.models) * PAIR.n_folds
        for room, expected in ((0, [2 * n_reduced, 2 * n_reduced]), (1 << 30, [n_reduced, 0])):
            monkeypatch.setattr(reduction, "_BASES", reduction._Bases(room))
            for (model, generator), n_calls in zip(generators.items(), expected, strict=True):
                calls.clear()
                tables[room, model] = run_job(PAIR, Job(160, 0, model), inputs, generator)
                assert len(calls) == n_calls
        for model in generators:
            pd.testing.assert_frame_equal(tables[0, model], tables[1 << 30, model], check_exact=True)

    def test_are_the_same_again(self, inputs, generators, rows):
        again = run_job(TOY, JOB, inputs, make_generator(TOY, inputs, "toy-a1"))
        pd.testing.assert_frame_equal(again, rows, check_exact=True)

    def test_depend_on_no_other_candidate(self, inputs, generators, one_by_one):
        fewer = replace(inputs, features={name: inputs.features[name] for name in ("toy-b1", "toy-a1")})
        table = run_job(replace(TOY, models=("toy-b1", "toy-a1")), JOB, fewer, generators["toy-a1"])
        whole = run_job(TOY, JOB, inputs, generators["toy-a1"])
        kept = whole[whole["candidate"] != "toy-a2"].reset_index(drop=True)
        pd.testing.assert_frame_equal(table.drop(columns="n_ties"), kept.drop(columns="n_ties"), check_exact=True)

    def test_side_by_side_are_those_one_by_one(self, inputs, generators, rows, one_by_one):
        single = run_job(TOY, JOB, inputs, generators["toy-a1"])
        assert single["strength"].equals(rows["strength"])
        for column in ("nll", "noise_free_nll", "validation_nll"):
            np.testing.assert_allclose(single[column], rows[column], atol=4e-3)
        assert (abs(single["noise_free_accuracy"] - rows["noise_free_accuracy"]) < 0.01).all()

    def test_same_features_tie(self, inputs, generators):
        features = dict(inputs.features)
        features["toy-a2"] = features["toy-a1"]
        table = run_job(TOY, JOB, replace(inputs, features=features), generators["toy-a1"]).set_index("candidate")
        same = table.loc["toy-a1", "test_accuracy"]
        assert same == table.loc["toy-a2", "test_accuracy"]
        third = table.loc["toy-b1", "test_accuracy"] == same
        assert table["n_ties"].to_dict() == {"toy-a1": 1 + third, "toy-a2": 1 + third, "toy-b1": 2 * third}

    def test_ties_are_counted(self, inputs, generators):
        found = set()
        for seed in range(3):
            table = run_job(TOY, Job(8, seed, "toy-a1"), inputs, generators["toy-a1"])  # three test triplets in all
            accuracies = table["test_accuracy"].tolist()
            by_hand = [sum(abs(a - b) < 1e-9 for b in accuracies) - 1 for a in accuracies]
            assert table["n_ties"].tolist() == by_hand
            found |= set(by_hand)
        assert len(found) > 1

    def test_end_of_the_grid_is_told(self, inputs, generators):
        table = run_job(replace(PAIR, strengths=(0.1,)), JOB, inputs, generators["toy-a1"])
        assert table["at_grid_end"].all()
        inner = run_job(replace(PAIR, strengths=(1e-6, 0.1, 1e6)), JOB, inputs, generators["toy-a1"])
        assert (inner["at_grid_end"] == (inner["strength"] != 0.1)).all()
        assert not inner["at_grid_end"].all()

    def test_unusable_candidate_is_a_row_with_its_error(self, inputs, generators, one_by_one):
        features = {name: values for name, values in inputs.features.items() if name != "toy-b1"}
        broken = replace(inputs, features=features, unusable={"toy-b1": "row 3"})
        table = run_job(TOY, JOB, broken, generators["toy-a1"])
        row = table.set_index("candidate").loc["toy-b1"]
        assert row["error"] == "row 3"
        assert row[["test_accuracy", "noise_free_accuracy", "nll", "gap", "strength"]].isna().all()
        assert (row["n_ties"], row["converged"], row["n_evaluations"]) == (0, False, 0)
        others = table[table["candidate"] != "toy-b1"].drop(columns="n_ties")
        rows = run_job(TOY, JOB, inputs, generators["toy-a1"])
        pd.testing.assert_frame_equal(
            others.reset_index(drop=True),
            rows[rows["candidate"] != "toy-b1"].drop(columns="n_ties").reset_index(drop=True),
            check_exact=True,
            check_dtype=False,
        )


class TestExpected:
    """Candidates fitted to, chosen by and tested on the generator's probabilities."""

    EXPERIMENT = replace(TOY, choices="expected")

    def test_triplets_are_those_of_sampled_answers_with_their_probabilities(self, inputs, generators):
        generator = generators["toy-a1"]
        for a, b in zip(draw(inputs, generator), draw(inputs, generator, experiment=self.EXPERIMENT), strict=True):
            for part in PARTS:
                sampled, expected = getattr(a, part), getattr(b, part)
                assert np.array_equal(sampled.objects, expected.objects)
                assert expected.odd is None
                by_hand = softmax_by_hand(logits_by_hand(generator.embedding, expected.objects))
                np.testing.assert_allclose(expected.chances, by_hand, rtol=1e-9)

    def test_rows_are_those_of_a_computation_by_hand(self, inputs, generators, one_by_one):
        generator, x = generators["toy-a1"], inputs.features["toy-b1"]
        row = run_job(self.EXPERIMENT, JOB, inputs, generator).set_index("candidate").loc["toy-b1"]
        folds = draw(inputs, generator, experiment=self.EXPERIMENT)
        paths = [fit_path(x, fold.train, strengths=TOY.strengths) for fold in folds]

        def score(place, part):
            return np.mean(
                [
                    expected_by_hand(transformed(path[place], x), getattr(fold, part), getattr(fold, part).chances)
                    for path, fold in zip(paths, folds, strict=True)
                ],
                axis=0,
            ).tolist()

        validation = [score(place, "validation") for place in range(len(TOY.strengths))]
        best = choose_by_hand(validation, "accuracy")
        assert row["strength"] == TOY.strengths[best]
        for part, names in {
            "validation": ("validation_accuracy", "validation_nll"),
            "test": ("test_accuracy", "nll"),
            "fresh": ("noise_free_accuracy", "noise_free_nll"),
        }.items():
            np.testing.assert_allclose(row[list(names)].astype(float), score(best, part), rtol=1e-5)
        assert row["gap"] < 0.02
        assert row["converged"]

    def test_sampling_costs_accuracy_and_nothing_else_does(self, inputs, generators):
        """Ever more sampled triplets come to what as many expected ones had from the start."""
        scores = {
            (choices, n): run_job(replace(PAIR, choices=choices), Job(n, 0, "toy-a1"), inputs, generators["toy-a1"])
            .set_index("candidate")["noise_free_nll"]
            .loc["toy-a1"]
            for choices in ("sampled", "expected")
            for n in (160, 5000)
        }
        assert scores["expected", 160] < scores["sampled", 160]
        lost = [scores["sampled", n] - scores["expected", n] for n in (160, 5000)]
        assert abs(lost[1]) < 0.25 * lost[0]


class TestTrainingObjects:
    @pytest.mark.parametrize("n", [20, 42, 50])
    def test_are_as_many_as_asked_for(self, inputs, generators, n):
        few = draw(inputs, generators["toy-a1"], experiment=replace(TOY, n_train_objects=n))
        for fold, other in zip(simulation._folds(TOY, JOB, inputs), few, strict=True):
            trained = set(other.train.objects.ravel())
            assert len(trained) == n
            assert trained <= set(fold.train) | set(fold.test)
            assert set(other.validation.objects.ravel()) <= set(fold.validation)
            assert set(other.test.objects.ravel()) | set(other.fresh.objects.ravel()) <= set(fold.test) - trained

    def test_are_nested_and_the_same_for_all_generators(self, inputs):
        folds = [
            simulation._folds(replace(TOY, n_train_objects=n), Job(160, 0, model), inputs)[1]
            for n, model in ((12, "toy-a1"), (12, "toy-a2"), (42, "toy-a1"))
        ]
        assert np.array_equal(folds[0].train, folds[1].train)
        assert set(folds[0].train) < set(folds[2].train)


class TestLimits:
    def test_generator_wins_against_random_features(self, inputs, generators, rng):
        features = {"toy-a1": inputs.features["toy-a1"]}
        features |= {name: rng.normal(size=(90, 8)).astype(np.float32) for name in TOY.models[1:]}
        table = run_job(TOY, Job(1600, 0, "toy-a1"), replace(inputs, features=features), generators["toy-a1"])
        scores = table.set_index("candidate")["noise_free_accuracy"]
        assert scores.idxmax() == "toy-a1"
        assert scores["toy-a1"] > 0.55
        assert (abs(scores.drop("toy-a1") - 1 / 3) < 0.08).all()

    def test_nobody_beats_the_generator_s_own_probabilities(self, inputs, generators, rows):
        chances = np.concatenate([fold.fresh.chances for fold in draw(inputs, generators["toy-a1"])])
        assert (rows["noise_free_accuracy"] <= chances.max(axis=1).mean() + 1e-12).all()
        assert (rows["noise_free_nll"] >= -(chances * np.log(chances)).sum(axis=1).mean() - 1e-12).all()

    def test_generator_itself_as_candidate_reaches_the_bound(self, inputs, generators):
        generator = generators["toy-a1"]
        features = {"toy-a1": generator.embedding, "toy-a2": inputs.features["toy-a2"]}
        table = run_job(replace(PAIR, transform="none"), JOB, replace(inputs, features=features), generator)
        row = table.set_index("candidate").loc["toy-a1"]
        chances = np.concatenate([fold.fresh.chances for fold in draw(inputs, generator)])
        assert row["noise_free_accuracy"] == pytest.approx(chances.max(axis=1).mean(), abs=1e-9)
        assert row["noise_free_nll"] == pytest.approx(-(chances * np.log(chances)).sum(axis=1).mean(), abs=1e-6)

    def test_generator_that_guesses_is_predicted_by_nobody(self, inputs, generators):
        guesses = replace(generators["toy-a1"], embedding=np.zeros((90, 8), np.float32))
        table = run_job(TOY, JOB, inputs, guesses)
        np.testing.assert_allclose(table["noise_free_accuracy"], 1 / 3, atol=1e-9)
        assert (table["noise_free_nll"] >= math.log(3) - 1e-12).all()


@pytest.mark.parametrize(
    ("changes", "width"),
    [
        ({"transform": "none"}, 8),
        ({"transform": "diagonal"}, 8),
        ({"transform": "diagonal", "penalty": "frobenius"}, 8),
        ({"transform": "low_rank", "rank": 2}, 2),
        ({"transform": "low_rank", "rank": 2, "low_rank_penalty": "published", "start": "features"}, 2),
        ({"selection": "published", "sampler": "published", "ceiling": 0.678}, 8),
        ({"transform": "full", "penalty": "frobenius"}, 8),
        ({"solver": "published"}, 8),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else str(value),
)
def test_every_kind_of_fit_runs(inputs, changes, width):
    experiment = replace(PAIR, **changes)
    if experiment.solver == "published":  # slower
        inputs = replace(inputs, people=inputs.people.subset(slice(600)))
    generator = make_generator(experiment, inputs, "toy-a1")
    assert isinstance(generator, Generator)
    assert generator.embedding.shape == (90, width)
    if experiment.transform == "none":
        np.testing.assert_allclose(
            generator.embedding * generator.temperature**0.5, inputs.features["toy-a1"], rtol=1e-5
        )
    table = run_job(experiment, Job(80, 0, "toy-a1"), inputs, generator)
    bounded = experiment.transform in ("full", "diagonal")
    assert np.isfinite(table["gap"]).all() if bounded else table["gap"].isna().all()
    assert not (table["gap"] < 0).any()
    assert table["test_accuracy"].between(0, 1).all()
    assert np.isfinite(table[["nll", "noise_free_nll", "validation_nll"]]).all(axis=None)
    assert (table["n_evaluations"] > 0).all() == (experiment.transform != "none")


def test_without_a_transform_there_is_no_strength_to_choose(inputs):
    experiment = replace(PAIR, transform="none")
    generator = make_generator(experiment, inputs, "toy-a1")
    assert math.isnan(generator.strength)
    table = run_job(experiment, JOB, inputs, generator)
    assert table["strength"].isna().all()
    assert not table["at_grid_end"].any()
    other = run_job(replace(experiment, strengths=(7.0,)), JOB, inputs, generator)
    pd.testing.assert_frame_equal(table, other)
    for row in table.itertuples():
        scores = [score_by_hand(inputs.features[row.candidate], fold.test) for fold in draw(inputs, generator)]
        assert row.test_accuracy == pytest.approx(np.mean(scores, axis=0)[0], abs=1e-9)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_train_objects": 72}, "n_train_objects=72 of 90 objects in 3 folds: 72 training objects: there are 72 to"),
        ({"n_train_objects": 65}, "220 test|test objects that 90 objects leave"),
        ({"transform": "low_rank", "rank": 9}, "rank=9: the models have at most 8 columns"),
    ],
)
def test_what_no_job_can_do_is_refused_beforehand(inputs, changes, message):
    experiment = replace(PAIR, **changes)
    with pytest.raises(ValueError, match=message):
        simulation.check_sizes(experiment, len(inputs.objects))
    with pytest.raises(ValueError, match=message):
        simulation.check_inputs(experiment, inputs)
    with pytest.raises(ValueError, match=r"training objects|triplets|rank="):  # as every job would
        run_job(experiment, JOB, inputs, Generator("toy-a1", np.eye(90), 1.0, 1.0, 0.0, 0.0, np.nan, np.nan))


def test_rank_is_compared_with_the_narrowest_model(inputs):
    narrow = replace(inputs, features=inputs.features | {"toy-a2": inputs.features["toy-a2"][:, :3]})
    for rank in (3, 4):
        experiment = replace(PAIR, transform="low_rank", rank=rank)
        simulation.check_sizes(experiment, len(inputs.objects))
        simulation.check_inputs(experiment, inputs)
        if rank == 3:
            simulation.check_inputs(experiment, narrow)
        else:
            with pytest.raises(ValueError, match="rank=4: toy-a2 has 3 columns"):
                simulation.check_inputs(experiment, narrow)


def test_logits_read_only_the_objects_of_the_triplets(generators):
    holed = generators["toy-a1"].embedding.copy()
    holed[50:] = np.nan
    triplets = Triplets([[3, 1, 2], [49, 0, 7]], None, 90)
    logits = replace(generators["toy-a1"], embedding=holed).logits(triplets)
    np.testing.assert_allclose(logits, logits_by_hand(holed, triplets.objects), rtol=1e-12)
    assert logits.dtype == np.float64
