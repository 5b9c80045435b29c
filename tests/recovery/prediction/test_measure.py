"""Probes fitted to people: the nested choice against a plain loop, no leakage, the published choice, going on."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold, train_test_split

from yardsticks.recovery.people.ceiling import METHODS
from yardsticks.recovery.prediction import measure
from yardsticks.recovery.probes.fitting import fit_path
from yardsticks.recovery.studies import tables
from yardsticks.recovery.studies.experiment import SMOKE
from yardsticks.recovery.studies.generator import make_generator
from yardsticks.recovery.studies.inputs import freeze_inputs
from yardsticks.recovery.studies.store import begin_study, open_study
from yardsticks.recovery.triplets.triplets import Triplets

SMALL = replace(SMOKE, models=("toy-a1", "toy-a2"), strengths=(1.0, 0.1, 0.01))
ALL = measure.PROBES
FEW = (("none", "none"), ("diagonal", "frobenius"), ("full", "scaled_identity"))


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    return freeze_inputs(SMALL, tmp_path_factory.mktemp("inputs"))


@pytest.fixture(scope="module")
def probed(inputs):
    """The scores and credits of one model, by all probes."""
    return measure.probe_model(SMALL, inputs, "toy-a1")


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(measure, "PROBES", FEW)


def test_no_object_is_fitted_and_tested(inputs):
    splits = measure.split_people(SMALL, inputs)
    assert len(splits) == SMALL.n_folds
    tested = []
    for split in splits:
        train, validation, both = (set(part.objects.ravel()) for part in split[:3])
        test = set(inputs.people.objects[split.test].ravel())
        assert not train & validation
        assert not test & both
        assert both >= train | validation
        rows = set(map(tuple, split.both.objects))
        assert rows >= set(map(tuple, np.concatenate([split.train.objects, split.validation.objects])))
        tested.append(test)
    assert not tested[0] & tested[1]
    assert set.union(*tested) == set(inputs.objects), "every object is tested"


def test_published_folds_do_not_mix_what_is_fitted_and_validated(inputs):
    n = inputs.people.n_objects
    objects = np.array(inputs.objects)
    for (rest, test), split in zip(
        KFold(3, shuffle=True, random_state=42).split(objects),
        measure.split_people(replace(SMALL, people_folds="published"), inputs),
        strict=True,
    ):
        part = np.full(n, "absent", dtype=object)
        train, validation = train_test_split(objects[rest], test_size=0.2, random_state=42)
        part[train], part[validation] = "train", "validation"
        part[objects[test]] = "test"
        rows = {"train": [], "validation": [], "test": []}
        for row, triplet in enumerate(inputs.people.objects):
            if len(parts := set(part[triplet])) == 1:
                rows[parts.pop()].append(row)
        assert split.test.tolist() == rows["test"]
        for found, wanted in (
            (split.train, rows["train"]),
            (split.validation, rows["validation"]),
            (split.both, sorted(rows["train"] + rows["validation"])),
        ):
            assert found.objects.tolist() == inputs.people.objects[wanted].tolist()
            assert found.odd.tolist() == inputs.people.odd[wanted].tolist()


def right(probe, features, triplets: Triplets) -> np.ndarray:
    """Credits by a loop."""
    credits = []
    for logits, odd in zip(probe.logits(features, triplets).tolist(), triplets.odd.tolist(), strict=True):
        best = [i for i in range(3) if logits[i] == max(logits)]
        credits.append((odd in best) / len(best))
    return np.array(credits)


@pytest.mark.parametrize("selection", ["accuracy", "nll"])
def test_nested_choice_is_that_of_a_loop(inputs, probed, few, selection):
    if selection == "accuracy":
        scores, credits = probed
        credits = credits[[ALL.index(probe) for probe in FEW]]
    else:
        scores, credits = measure.probe_model(replace(SMALL, selection="nll"), inputs, "toy-a1")
    features = inputs.features["toy-a1"]
    for (transform, penalty), found_credits in zip(FEW, credits, strict=True):
        rows = scores[(scores["transform"] == transform) & (scores["penalty"] == penalty)].set_index("fold")
        by_strength, nested = [], []
        for fold, split in enumerate(measure.split_people(SMALL, inputs)):
            test = inputs.people.subset(split.test)
            options = {"transform": transform, "strengths": SMALL.strengths if transform != "none" else [1.0]}
            options |= {"penalty": penalty} if transform != "none" else {}
            found = {}
            for probe in fit_path(features, split.train, **options):
                accuracy = right(probe, features, split.validation).mean()
                loss = probe.score(features, split.validation).nll
                found[probe.strength] = (accuracy, -loss) if selection == "accuracy" else (-loss,)
            strength = max(found, key=found.get)
            tests = {p.strength: right(p, features, test) for p in fit_path(features, split.both, **options)}
            nested.append(tests[strength])
            by_strength.append({s: values.mean() for s, values in tests.items()})
            if transform != "none":
                assert rows.at[fold, "strength"] == strength
            assert rows.at[fold, "accuracy"] == pytest.approx(tests[strength].mean())
            assert rows.at[fold, "n_test"] == len(test)
            assert rows.at[fold, "n_fitted"] == len(split.both)
            assert tests[strength].mean() <= max(by_strength[-1].values()), "nothing beats the best on the test"
        np.testing.assert_allclose(found_credits, np.concatenate(nested))
        means = pd.DataFrame(by_strength).mean()
        published = rows["accuracy_published"].mean()
        assert published == pytest.approx(means.max()), "no strength for all folds is better on the test"
        if transform != "none":
            assert (rows["strength_published"] == rows["strength_published"].iloc[0]).all()
            assert means[rows["strength_published"].iloc[0]] == pytest.approx(published)


def test_answers_of_tested_objects_do_not_reach_the_choice(inputs, few, rng):
    before = measure.probe_model(SMALL, inputs, "toy-a1")[0]
    split = measure.split_people(SMALL, inputs)[0]
    odd = inputs.people.odd.copy()
    odd[split.test] = rng.integers(3, size=len(split.test))
    changed = replace(inputs, people=inputs.people.answered(odd))
    after = measure.probe_model(SMALL, changed, "toy-a1")[0]
    first, second = (table[table["fold"] == 0] for table in (before, after))
    fitted = ["strength", "at_grid_end", "converged", "gap", "n_evaluations", "n_fitted"]
    pd.testing.assert_frame_equal(first[fitted], second[fitted])
    assert not np.allclose(first["accuracy"], second["accuracy"])


def test_published_choice_is_the_one_of_generators(inputs, probed):
    generator = make_generator(replace(SMALL, selection="accuracy"), inputs, "toy-a1")
    rows = probed[0][(probed[0]["transform"] == "full") & (probed[0]["penalty"] == SMALL.penalty)]
    assert rows["strength_published"].unique().tolist() == [generator.strength]
    assert rows["accuracy_published"].mean() == pytest.approx(generator.accuracy)
    assert rows["nll_published"].mean() == pytest.approx(generator.nll)


def test_scores_have_a_row_for_each_probe_and_fold(probed):
    scores, credits = probed
    assert list(zip(scores["transform"], scores["penalty"], strict=True))[::3] == list(measure.PROBES)
    assert len(scores) == 3 * len(measure.PROBES)
    low = scores["transform"] == "low_rank"
    assert (scores.loc[low, "rank"] == 8).all(), "no higher than the number of components"
    assert scores.loc[~low, "rank"].isna().all()
    ends = scores["strength"].isin([max(SMALL.strengths), min(SMALL.strengths)])
    assert (scores["at_grid_end"] == ends).all()
    assert scores["nll"].between(0.9, 2).all()
    assert credits.shape == (len(measure.PROBES), scores["n_test"].head(3).sum())


def test_ties_share_the_credit(inputs, monkeypatch):
    monkeypatch.setattr(measure, "PROBES", (("none", "none"),))
    apart = np.eye(inputs.people.n_objects, dtype=np.float32)  # no two objects have anything in common
    alike = replace(inputs, features={"apart": apart})
    scores, credits = measure.probe_model(SMALL, alike, "apart")
    np.testing.assert_allclose(credits, 1 / 3)
    np.testing.assert_allclose(scores[["accuracy", "accuracy_published"]], 1 / 3)
    np.testing.assert_allclose(scores["nll"], np.log(3))
    assert (scores["n_ties"] == scores["n_test"]).all()
    assert (scores["error_objects"] < 1e-12).all()


def test_random_judgements_are_a_set_of_their_own(inputs, few, monkeypatch):
    things = replace(SMALL, world="things")
    random = inputs.people.subset(slice(1000))
    monkeypatch.setattr(measure, "open_human_triplets", lambda *args, **options: (random, None))
    masks = measure.judgement_sets(things, inputs)
    assert {name: mask.sum() for name, mask in masks.items()} == {"all": len(inputs.people), "random50k": 1000}
    scores, credits = measure.probe_model(things, inputs, "toy-a1")
    split = measure.split_people(things, inputs)[0]
    part = scores[(scores["fold"] == 0) & (scores["transform"] == "full")].set_index("judgements")
    inside = split.test < 1000
    assert part["n_test"].to_dict() == {"all": len(split.test), "random50k": inside.sum()}
    assert part.at["random50k", "accuracy"] == pytest.approx(credits[2][: len(split.test)][inside].mean())
    assert part["strength"].nunique() == 1
    monkeypatch.setattr(measure, "open_human_triplets", lambda *args, **options: (random.subset(slice(1, None)), None))
    with pytest.raises(ValueError, match="other ones than those of the study's folder"):
        measure.judgement_sets(things, inputs)


class TestGoingOn:
    @pytest.fixture(autouse=True)
    def setting(self, few):
        pass

    def test_what_is_done_is_not_done_again(self, tmp_path, monkeypatch):
        asked, probe_model = [], measure.probe_model

        def counting(experiment, inputs, model):
            asked.append(model)
            if len(asked) == 2:
                raise KeyboardInterrupt
            return probe_model(experiment, inputs, model)

        monkeypatch.setattr(measure, "probe_model", counting)
        with pytest.raises(KeyboardInterrupt):
            measure.probe_models(SMALL, tmp_path / "study")
        scores, pairs = measure.collect_probes(open_study(tmp_path / "study"))
        assert scores["model"].unique().tolist() == ["toy-a1"]
        assert pairs.empty
        scores, pairs = measure.probe_models(SMALL, tmp_path / "study")
        assert asked == ["toy-a1", "toy-a2", "toy-a2"]
        monkeypatch.setattr(measure, "probe_model", probe_model)
        at_once = measure.probe_models(SMALL, tmp_path / "other")
        pd.testing.assert_frame_equal(scores, at_once[0])
        pd.testing.assert_frame_equal(pairs, at_once[1])
        assert pairs[["transform", "first", "second"]].to_numpy().tolist() == [
            [transform, "toy-a1", "toy-a2"] for transform, _ in FEW
        ]
        accuracy = scores[scores["transform"] == "full"].groupby("model")[["accuracy", "n_test"]]
        means = accuracy.apply(lambda part: np.average(part["accuracy"], weights=part["n_test"]))
        last = pairs.iloc[-1]
        assert last["difference"] == pytest.approx(means["toy-a1"] - means["toy-a2"])

    def test_tables_are_written_with_their_provenance(self, tmp_path, monkeypatch):
        measure.probe_models(SMALL, tmp_path / "study")
        study = open_study(tmp_path / "study")
        paths = measure.write_probes(study, tmp_path / "mine.parquet")
        assert sorted(path.name for path in tmp_path.glob("*.parquet")) == ["mine.parquet", "mine_pairs.parquet"]
        assert [path.name for path in paths] == ["mine.parquet", "mine_pairs.parquet"]
        monkeypatch.setattr(tables, "FOLDER", tmp_path)
        scores, provenance, origin = tables.open_results("mine")
        expected, pairs = measure.collect_probes(study)
        pd.testing.assert_frame_equal(scores, expected)
        pd.testing.assert_frame_equal(tables.open_results("mine_pairs")[0], pairs)
        assert len(scores) == 2 * len(FEW) * SMALL.n_folds, "no row is of a judgement"
        assert origin.kind == "synthetic"
        assert origin.title == "Probes fitted to people, smoke, 18 rows, run beforehand"
        assert set(provenance["ceilings"]) == set(METHODS)
        assert provenance["inputs"] == study.inputs.hash

    def test_what_does_not_belong_is_refused(self, tmp_path, monkeypatch):
        with pytest.raises(ValueError, match=r"smoke has no model toy-z9\. It has: toy-a1, toy-a2\."):
            measure.probe_models(SMALL, tmp_path / "study", models=["toy-z9"])
        measure.probe_models(SMALL, tmp_path / "study", models=["toy-a2"])
        with pytest.raises(ValueError, match="with other settings"):
            measure.probe_models(replace(SMALL, strengths=(1.0,)), tmp_path / "study")
        monkeypatch.setattr(measure, "RANK", 5)
        with pytest.raises(ValueError, match=r"toy-a2.npz was made with other settings, data, probes or code"):
            measure.collect_probes(begin_study(SMALL, tmp_path / "study"))

    def test_features_that_cannot_be_used(self, inputs):
        with pytest.raises(ValueError, match="toy-a1: all zero"):
            measure.probe_model(SMALL, replace(inputs, unusable={"toy-a1": "all zero"}), "toy-a1")
