"""Jobs and generators on a card that only pretends to be one: the results are those of the processor."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from oracles.card import Card

from yardsticks.recovery.studies import simulation
from yardsticks.recovery.studies.experiment import SMOKE, Job
from yardsticks.recovery.studies.generator import make_generator
from yardsticks.recovery.studies.inputs import freeze_inputs
from yardsticks.recovery.studies.simulation import run_job

PAIR = replace(SMOKE, name="pair", models=SMOKE.models[:2], strengths=(1.0, 0.03), n_noise_free=200)
PAIR = replace(PAIR, selection="nll")  # an accuracy on few triplets hangs on the last bits
KINDS = [
    {},
    {"penalty": "frobenius"},
    {"transform": "diagonal"},
    {"transform": "diagonal", "penalty": "frobenius"},
    {"transform": "low_rank", "rank": 2},
    {"transform": "low_rank", "rank": 2, "penalty": "frobenius"},
    {"transform": "none"},
    {"choices": "expected"},
    {"solver": "published"},
]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    return freeze_inputs(PAIR, tmp_path_factory.mktemp("inputs"))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(map(str, kind.values())) or "full")
def test_generator_and_job_are_those_of_the_processor(inputs, kind, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    experiment = replace(PAIR, **kind)
    if experiment.transform == "low_rank":  # one of several optima, which a batch shares with the same batch alone
        experiment = replace(experiment, n_folds_run=1)
    if experiment.solver == "published":  # slower
        inputs = replace(inputs, people=inputs.people.subset(slice(600)))
    job = Job(80, 0, "toy-a1")
    generator = make_generator(experiment, inputs, "toy-a1")
    rows = run_job(experiment, job, inputs, generator)
    with Card() as card:
        there = make_generator(experiment, inputs, "toy-a1", device="cuda")
        on_card = run_job(experiment, job, inputs, generator, device="cuda")
    assert card.uploads
    gram, other = (made.embedding @ made.embedding.T for made in (generator, there))
    assert np.linalg.norm(gram - other) < 0.02 * np.linalg.norm(gram)
    assert there.nll == pytest.approx(generator.nll, abs=1e-3)
    np.testing.assert_array_equal(on_card["strength"], rows["strength"])
    for column in ("nll", "noise_free_nll", "validation_nll"):
        np.testing.assert_allclose(on_card[column], rows[column], atol=4e-3)
    assert (abs(on_card["noise_free_accuracy"] - rows["noise_free_accuracy"]) < 0.01).all()
    assert on_card["gap"].isna().equals(rows["gap"].isna())
    assert on_card["converged"].equals(rows["converged"])


def test_candidates_of_all_folds_are_one_batch(inputs, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    sizes, fit_batch = [], simulation.fit_batch

    def counted(problems, **options):
        sizes.append(len(problems))
        return fit_batch(problems, **options)

    monkeypatch.setattr(simulation, "fit_batch", counted)
    generator = make_generator(PAIR, inputs, "toy-a1")
    run_job(PAIR, Job(80, 0, "toy-a1"), inputs, generator)
    assert sizes == [2] * PAIR.n_folds
    sizes.clear()
    with Card():
        run_job(PAIR, Job(80, 0, "toy-a1"), inputs, generator, device="cuda")
    assert sizes == [2 * PAIR.n_folds]
