"""What a study is predicted to cost: its counts, and how they and the time change with the settings."""

import math
from dataclasses import astuple, fields, replace

import numpy as np
import pytest
import torch

from yardsticks.recovery.studies import costs
from yardsticks.recovery.studies.costs import EVALUATIONS, Speeds, measure_speeds, predict
from yardsticks.recovery.studies.experiment import EXPERIMENTS, SMOKE, THINGS_OPEN, list_jobs

SPEEDS = Speeds(gflops=50.0, per_triplet=5e-8, per_step=2e-4)


def plan(experiment, speeds=SPEEDS):
    return predict(experiment, speeds, n_objects=1854, n_features=2048)


@pytest.fixture(scope="module")
def measured():
    return measure_speeds()


def test_speeds_are_those_of_a_computer(measured):
    assert [entry.name for entry in fields(measured)] == ["gflops", "per_triplet", "per_step"]
    assert all(math.isfinite(value) and value > 0 for value in astuple(measured))


@pytest.mark.parametrize("fails", [False, True])
def test_measuring_gives_the_threads_back(monkeypatch, fails):
    during = []

    def fastest(function):
        during.append(torch.get_num_threads())
        if fails:
            raise KeyboardInterrupt
        function()
        return 1.0

    monkeypatch.setattr(costs, "_fastest", fastest)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        if fails:
            with pytest.raises(KeyboardInterrupt):
                measure_speeds()
        else:
            assert measure_speeds().gflops == pytest.approx(2e-9 * 768**3)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert set(during) == {1}


def test_measuring_leaves_the_common_random_numbers_of_numpy_alone(monkeypatch):
    monkeypatch.setattr(costs, "_fastest", lambda function: function() is None or 1.0)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    measure_speeds()
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_counts_are_those_of_the_plan(experiment):
    table = plan(experiment)
    jobs = list(list_jobs(experiment))
    fits_a_job = len(experiment.models) * experiment.n_folds * len(experiment.strengths)
    assert table["n_triplets"].tolist() == list(experiment.sizes)
    for row in table.itertuples():
        assert row.n_jobs == sum(job.n_triplets == row.n_triplets for job in jobs)
        assert row.n_fits == row.n_jobs * fits_a_job
        assert row.hours == pytest.approx(row.n_jobs * row.seconds_a_job / 3600)
    assert table["n_jobs"].sum() == len(jobs)
    assert (table["megabytes"] > 0).all()
    assert np.isfinite(table).all(axis=None)


def test_smoke_has_864_fits():
    assert plan(SMOKE)[["n_jobs", "n_fits"]].sum().tolist() == [24, 864]


@pytest.mark.parametrize("solver", ["exact", "published"])
def test_time_grows_with_the_size(solver):
    table = plan(replace(THINGS_OPEN, solver=solver, sizes=(50, 100, 1000, 10_000, 10**6, 10**7), n_seeds=(1,) * 6))
    assert (np.diff(table["seconds_a_job"]) > 0).all()


@pytest.mark.parametrize("components", [None, 64])
def test_published_solver_costs_more(components):
    exact = plan(replace(THINGS_OPEN, components=components))
    published = plan(replace(THINGS_OPEN, components=components, solver="published"))
    ratio = published["seconds_a_job"] / exact["seconds_a_job"]
    assert (ratio > 0.9 * EVALUATIONS["published"] / EVALUATIONS["exact"]).all()
    assert ratio.iloc[0] > 3 * ratio.iloc[-1]  # few triplets are where it does most in vain
    assert exact["n_fits"].equals(published["n_fits"])


def test_identity_is_not_fitted():
    table = plan(replace(THINGS_OPEN, transform="none"))
    assert (table["n_fits"] == 0).all()
    assert (table["n_jobs"] > 0).all()
    assert (table["seconds_a_job"] < plan(THINGS_OPEN)["seconds_a_job"]).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"n_folds": 6, "n_train_objects": 865},
        {"strengths": (*THINGS_OPEN.strengths, *(2.0 * np.array(THINGS_OPEN.strengths)))},
    ],
)
def test_twice_as_many_fits_take_twice_as_long(changes):
    fixed = plan(replace(THINGS_OPEN, transform="none"))["seconds_a_job"]
    one, two = plan(THINGS_OPEN), plan(replace(THINGS_OPEN, **changes))  # 865 objects train in three folds
    assert (two["n_fits"] == 2 * one["n_fits"]).all()
    np.testing.assert_allclose(two["seconds_a_job"] - fixed, 2 * (one["seconds_a_job"] - fixed))


@pytest.mark.parametrize(("name", "factor"), [("gflops", 0.5), ("per_triplet", 2), ("per_step", 2)])
def test_slower_machine_takes_longer(name, factor):
    slower = plan(THINGS_OPEN, replace(SPEEDS, **{name: factor * getattr(SPEEDS, name)}))
    ratio = slower["seconds_a_job"] / plan(THINGS_OPEN)["seconds_a_job"]
    assert ratio.between(1, 2, inclusive="right" if name == "per_step" else "both").all()
    assert ratio.max() > 1.1


def test_more_features_than_there_are_cost_nothing():
    few = {"n_objects": 90, "n_features": 24}
    assert predict(replace(SMOKE, components=None), SPEEDS, **few).equals(
        predict(replace(SMOKE, components=24), SPEEDS, **few)
    )
    assert predict(replace(SMOKE, components=100), SPEEDS, **few).equals(
        predict(replace(SMOKE, components=24), SPEEDS, **few)
    )
