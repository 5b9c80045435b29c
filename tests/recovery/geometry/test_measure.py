"""What alignment does to models of a toy world: tables against embeddings made here, limits, missing objects."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from yardsticks.recovery.geometry import measure
from yardsticks.recovery.geometry.change import similarity_matrix, similarity_to
from yardsticks.recovery.geometry.dissimilarity import effective_dimensionality, similarity
from yardsticks.recovery.geometry.measure import measure_geometry
from yardsticks.recovery.studies import inputs, jobs
from yardsticks.recovery.studies.experiment import SMOKE
from yardsticks.recovery.studies.store import begin_study

FEW = replace(SMOKE, models=SMOKE.models[:2], strengths=(0.1,))


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("aligned")
    return *measure_geometry(FEW, folder), folder


def test_every_model_is_there_in_every_state(measured):
    models, pairs, study, _ = measured
    states = [*measure.STATES, measure.UNREDUCED]
    expected = {(model, state) for model in FEW.models for state in states} | {("toy people", "people")}
    assert set(zip(models["model"], models["state"], strict=True)) == expected
    assert len(models) == len(expected)
    everything = pairs[pairs["objects"] == "all"]
    n = 2 * 3 + 1  # aligned, and people
    assert len(everything) == n * (n - 1) / 2 + 2 * 2
    assert len(pairs) - len(everything) == 2 * 3
    assert study.experiment == FEW
    assert models["at_grid_end"].dtype == bool


def test_tables_against_embeddings_made_again(measured):
    models, pairs, study, _ = measured
    people = inputs.toy_world(FEW).dimensions
    table = models.set_index(["model", "state"])
    aligned = {model: jobs.fit_generator(study, model) for model in FEW.models}
    raw = {model: study.inputs.features[model] for model in FEW.models}
    near = similarity_to(pairs, "toy people")
    for model, generator in aligned.items():
        row = table.loc[(model, "full")]
        assert row["effective_dimensionality"] == pytest.approx(effective_dimensionality(generator.embedding))
        assert row["shift"] == pytest.approx(1 - similarity(raw[model], generator.embedding))
        assert row[["accuracy", "nll", "strength"]].tolist() == [generator.accuracy, generator.nll, generator.strength]
        assert table.at[(model, "raw"), "effective_dimensionality"] == pytest.approx(
            effective_dimensionality(raw[model])
        )
        assert near.at[model, "full"] == pytest.approx(similarity(generator.embedding, people))
        assert near.at[model, "raw"] == pytest.approx(similarity(raw[model], people))
        assert near.at[model, "unreduced"] == pytest.approx(similarity(inputs.toy_world(FEW).models[model], people))
    first, second = FEW.models
    both = similarity_matrix(pairs, [(first, "full"), (second, "raw")]).iat[0, 1]
    assert both == pytest.approx(similarity(aligned[first].embedding, raw[second]))
    assert table.at[("toy people", "people"), "effective_dimensionality"] == effective_dimensionality(people)


def test_without_a_transform_nothing_moves(measured):
    models, _, _, _ = measured
    assert (models.loc[models["state"] == "raw", "shift"] == 0).all()
    assert models.loc[models["state"] == "raw", ["strength"]].isna().all(axis=None)
    assert not models.loc[models["state"] == "raw", "at_grid_end"].any()


def test_held_out_similarity_is_that_of_objects_outside_the_fit(measured, monkeypatch):
    _, pairs, study, _ = measured
    generator = jobs.have_generator(study, FEW.models[0])
    fits = []
    real = measure.align

    def spy(experiment, features, people, **options):
        fits.append((set(people.objects.ravel()), real(experiment, features, people, **options)))
        return fits[-1][1]

    monkeypatch.setattr(measure, "align", spy)
    people = inputs.toy_world(FEW).dimensions
    found = measure._held_out(study, generator, {"toy people": people})["toy people"]
    values = []
    for seen, embedding in fits:
        unseen = np.array(sorted(set(range(len(people))) - seen))
        assert len(unseen) == len(people) / 3
        values.append(similarity(embedding[unseen], people[unseen]))
    assert len(fits) == FEW.n_folds
    assert found == pytest.approx(np.mean(values))
    assert found == pytest.approx(similarity_to(pairs, "toy people", objects="held-out").at[FEW.models[0], "full"])


def test_a_stopped_run_goes_on_from_what_is_kept(measured, monkeypatch):
    models, pairs, _, folder = measured

    def never(*arguments, **options):
        raise AssertionError("fitted again")

    monkeypatch.setattr(jobs, "fit_generator", never)
    again = measure_geometry(FEW, folder)
    pd.testing.assert_frame_equal(again[0], models, check_exact=True)
    pd.testing.assert_frame_equal(again[1], pairs, check_exact=True)


def test_data_are_gathered_once(tmp_path, monkeypatch):
    gathered, treat = [], inputs.treat

    def spy(values, **options):
        gathered.append(len(values))
        return treat(values, **options)

    monkeypatch.setattr(inputs, "treat", spy)
    _, _, study = measure_geometry(FEW, tmp_path)
    assert len(gathered) == len(FEW.models)
    assert study.hash == begin_study(study.experiment, tmp_path / "alone").hash


def test_what_is_kept_of_other_settings_is_refused(measured):
    *_, folder = measured
    with pytest.raises(ValueError, match="belongs to another study"):
        measure_geometry(replace(FEW, strengths=(1.0,)), folder)


def test_a_strong_penalty_moves_nothing(tmp_path):
    models, _, _ = measure_geometry(replace(FEW, strengths=(1e5,)), tmp_path)
    shifts = models.loc[models["state"].isin(["diagonal", "full"]), "shift"]
    assert len(shifts) == 4
    np.testing.assert_allclose(shifts, 0, atol=1e-6)  # W = c I


def test_objects_that_a_model_lacks_are_left_out_for_all(tmp_path, monkeypatch):
    make = inputs.make_world

    def holed(**options):
        world = make(**options)
        world.models["toy-a1"][5] = np.nan
        return world

    monkeypatch.setattr(inputs, "make_world", holed)
    models, pairs, study = measure_geometry(FEW, tmp_path)
    kept = np.delete(np.arange(90), 5)
    people = holed(**inputs._TOY).dimensions
    expected = similarity(study.inputs.features["toy-a2"][kept], people[kept])
    assert similarity_to(pairs, "toy people").at["toy-a2", "raw"] == pytest.approx(expected)
    assert models["effective_dimensionality"].notna().all()


def test_people_of_things_have_both_their_embeddings():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the toy world may stand in
        people = measure._people(replace(FEW, world="things"))
    assert list(people) == list(measure.HUMAN)
    assert len({len(values) for values in people.values()}) == 1


def test_progress_sees_every_fit(tmp_path):
    seen = []

    def progress(steps):
        for step in steps:
            seen.append(step[0])
            yield step

    measure_geometry(FEW, tmp_path, progress=progress)
    assert seen == [model for model in FEW.models for _ in measure.STATES]
