"""Generators in a study's folder: whose they are, and that they are what was written. What the version stands for."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from yardsticks.datasets.files import Damaged
from yardsticks.recovery.studies import jobs, store
from yardsticks.recovery.studies.experiment import SMOKE, VERSION
from yardsticks.recovery.studies.jobs import do_job, have_generator, list_generators, run_here
from yardsticks.recovery.studies.store import begin_study, read_ledger

TOY = replace(SMOKE, name="toy", models=SMOKE.models[:3], strengths=(1.0, 0.1))
# What a job of `smoke` gave when the version was raised to this one: size 200, seed 0, generator toy-b1
ROWS = {
    2: {
        "candidate": ["toy-a1", "toy-a2", "toy-b1", "toy-b2"],
        "strength": [1.0, 0.01, 0.1, 1.0],
        "test_accuracy": [29 / 75, 27 / 75, 45 / 75, 25 / 75],
        "nll": [1.092874, 1.12192, 0.833638, 1.108632],
        "noise_free_nll": [1.101204, 1.126321, 0.87544, 1.068491],
    }
}


@pytest.fixture
def study(tmp_path):
    return begin_study(TOY, tmp_path / "study")


def test_generator_comes_back_as_it_was_made(study):
    made, again = have_generator(study, "toy-a1"), have_generator(study, "toy-a1")
    np.testing.assert_array_equal(made.embedding, again.embedding)
    assert (made.model, made.strength, made.temperature) == (again.model, again.strength, again.temperature)
    with np.load(study.folder / "generators" / "toy-a1.npz") as file:  # as anybody does
        np.testing.assert_array_equal(file["embedding"], made.embedding)


def test_generator_of_another_model_is_refused(study):
    have_generator(study, "toy-a1")
    path = study.folder / "generators" / "toy-a2.npz"
    shutil.copy(path.with_stem("toy-a1"), path)
    with pytest.raises(ValueError, match=f"{path} belongs to another study, model or state of the code. Move it out"):
        have_generator(study, "toy-a2")
    with pytest.raises(ValueError, match="belongs to another"):
        list_generators(study)


def test_generator_of_other_code_is_refused(study, tmp_path, monkeypatch):
    have_generator(study, "toy-a1")
    monkeypatch.setattr(store, "CODE", store.CODE | {"scipy": "0.1"})
    other = begin_study(TOY, tmp_path / "other")
    shutil.copytree(study.folder / "generators", other.folder / "generators")
    with pytest.raises(ValueError, match="belongs to another study, model or state of the code"):
        have_generator(other, "toy-a1")


def test_no_flipped_bit_of_a_generator_is_overlooked(study, rng):
    have_generator(study, "toy-a1")
    path = study.folder / "generators" / "toy-a1.npz"
    content = path.read_bytes()
    for place in rng.integers(len(content), size=60):
        harmed = bytearray(content)
        harmed[place] ^= 1 << rng.integers(8)
        path.write_bytes(harmed)
        with pytest.raises(Damaged, match=rf"^{path} is damaged .*Delete it"):
            have_generator(study, "toy-a1")
    for shorter in (content[:-32], content[:100], b""):
        path.write_bytes(shorter)
        with pytest.raises(Damaged, match=rf"^{path} is damaged .*Delete it"):
            have_generator(study, "toy-a1")


def test_what_was_done_before_an_interruption_is_not_done_again(tmp_path, monkeypatch):
    done, small = [], replace(TOY, sizes=(20,), n_seeds=(2,), n_noise_free=50)

    def interrupted(study, job, **options):
        if len(done) == 4:
            raise KeyboardInterrupt
        done.append(job)
        return do_job(study, job, **options)

    monkeypatch.setattr(jobs, "do_job", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_here(small, tmp_path / "study")
    assert len(read_ledger(begin_study(small, tmp_path / "study")).seconds) == 4
    monkeypatch.setattr(jobs, "do_job", lambda study, job: done.append(job) or do_job(study, job))
    rows = run_here(small, tmp_path / "study")
    assert len(done) == len(set(done)) == 6
    assert len(rows) == 6 * 3


def test_a_study_of_more_triplets_than_there_are_is_not_begun(tmp_path):
    """The 90 toy objects leave 42 to train, 18 to validate and 30 to test on: 11,480, 816 and 4,060 triplets."""
    most = replace(TOY, sizes=(6_528,), n_seeds=(1,), n_noise_free=4_060 - 816)
    assert begin_study(most, tmp_path / "most").experiment == most
    for changes, text in (
        (
            {"sizes": (6_536,)},
            r"817 triplets of the 18 validation objects that 90 objects leave in 3 folds: there are 816",
        ),
        (
            {"n_noise_free": 4_060 - 815},
            r"4,061 triplets of the 30 test objects .* 4,060\. Ask for smaller .*n_noise_free",
        ),
        ({"n_train_objects": 34}, r"6,528 triplets of the 34 train objects .*there are 5,984"),
    ):
        with pytest.raises(ValueError, match=text):
            begin_study(replace(most, **changes), tmp_path / "more")


def test_rows_are_those_of_the_version(tmp_path):
    """Tables of other code are taken over where the version is the same, so it stands for these rows.

    Where this fails, the same job gives other rows: raise `VERSION`, and write the new ones down here. The tolerance is
    for other machines, whose sums differ in their last digits.
    """
    rows = run_here(replace(SMOKE, sizes=(200,), n_seeds=(1,)), tmp_path / "study").query("generator == 'toy-b1'")
    expected = ROWS[VERSION]
    for name in ("candidate", "strength"):
        assert rows[name].tolist() == expected[name]
    for name in ("test_accuracy", "nll", "noise_free_nll"):
        np.testing.assert_allclose(rows[name], expected[name], atol=2e-4, err_msg=name)
