"""What a study is: its settings and what they refuse, the names of its jobs, and the random numbers that are theirs."""

import json
import math
import tomllib
from collections import Counter
from dataclasses import asdict, fields, replace
from itertools import pairwise

import numpy as np
import pytest

from yardsticks.datasets import OURS, catalogue
from yardsticks.recovery.data.treatment import SCALES
from yardsticks.recovery.people.ceiling import METHODS
from yardsticks.recovery.probes.options import PENALTIES, SOLVERS, TRANSFORMS
from yardsticks.recovery.studies.experiment import (
    EXPERIMENTS,
    PAPER,
    SMOKE,
    THINGS_OPEN,
    Experiment,
    Job,
    from_settings,
    list_jobs,
    study_hash,
)
from yardsticks.recovery.triplets.randomness import random_stream
from yardsticks.recovery.triplets.sampling import SAMPLERS

ALLOWED = {
    "world": ["things", "surrogate", "toy", "own"],
    "scale": SCALES,
    "transform": TRANSFORMS,
    "penalty": PENALTIES,
    "solver": SOLVERS,
    "sampler": SAMPLERS,
    "choices": ["sampled", "expected"],
    "selection": ["accuracy", "nll", "published"],
    "ties": ["shared", "first"],
    "exclude": ["judged", "none"],
    "low_rank_penalty": ["output", "published"],
    "start": ["principal", "features"],
    "strength_rule": ["object_cv", "triplet_cv", "triplet_holdout"],
    "ceiling": METHODS,
}
# every setting that a job's rows depend on, with another value than SMOKE's
CHANGES = {
    "models": ("toy-a1", "toy-a2", "toy-b1"),
    "strengths": (1.0, 0.1),
    "generator_strengths": (0.3,),
    "world": "things",
    "n_judgements": 500,
    "components": 7,
    "centre": True,
    "constant": True,
    "scale": "raw",
    "transform": "diagonal",
    "penalty": "frobenius",
    "solver": "published",
    "sampler": "published",
    "selection": "nll",
    "ties": "first",
    "exclude": "none",
    "strength_rule": "triplet_cv",
    "ceiling": "majority",
    "n_folds": 4,
    "n_folds_run": 2,
    "choices": "expected",
    "n_train_objects": 30,
    "low_rank_penalty": "published",
    "start": "features",
    "people_folds": "published",
    "n_noise_free": 501,
    "version": SMOKE.version + 1,
}
EXTENT = {"name": "other", "sizes": (50, 100), "n_seeds": (1, 2)}


@pytest.mark.parametrize("setting", ALLOWED)
def test_value_that_is_not_allowed_is_refused_with_those_that_are(setting):
    with pytest.raises(ValueError, match=f"^{setting}='x' is none of {', '.join(ALLOWED[setting])}[.]$"):
        replace(SMOKE, **{setting: "x"})


@pytest.mark.parametrize(("setting", "value"), [(name, value) for name in ALLOWED for value in ALLOWED[name]])
def test_value_that_is_allowed_is_kept(setting, value):
    needed = {"low_rank": {"rank": 2}, "surrogate": {"n_judgements": 100}, "own": {"folder": "mine"}}.get(value, {})
    assert getattr(replace(SMOKE, **{setting: value}, **needed), setting) == value


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sizes": (50, 100)}, r"2 sizes and 3 n_seeds: give one for each"),
        ({"n_judgements": 0}, r"n_judgements=0 must be a positive whole number"),
        ({"world": "surrogate"}, r"world='surrogate' needs n_judgements: how many choices are sampled"),
        ({"models": ("toy-a1",)}, "at least two models"),
        ({"models": ("toy-a1", "toy-a2", "toy-a1")}, "^models=.* names something twice"),
        ({"models": "ab"}, "^models='ab' must be a list"),
        ({"sizes": (50, 50, 100)}, "^sizes=.* names something twice"),
        ({"sizes": (4, 50, 100)}, "^sizes=.* whole numbers of at least 5"),
        ({"sizes": (), "n_seeds": ()}, "^sizes=.* must be a list that is not empty"),
        ({"sizes": (-1, 50, 100)}, "^sizes=.* at least 5"),
        ({"sizes": (50.5, 51, 100)}, "^sizes=.* whole numbers"),
        ({"n_seeds": (2, 0, 2)}, "^n_seeds=.* at least 1"),
        ({"n_seeds": (2.0, 1, 2)}, "^n_seeds=.* whole numbers"),
        ({"n_noise_free": 0}, "^n_noise_free=0 .* at least 1"),
        ({"n_folds": 1}, "^n_folds=1 .* at least 2"),
        ({"strengths": (1.0, 1.0)}, "^strengths=.* names something twice"),
        ({"components": "some"}, "^components='some' must be a positive whole number, or all"),
        ({"components": 0}, "^components=0 must be a positive whole number, or all"),
        ({"n_train_objects": 2}, "^n_train_objects=2 must be a whole number of at least 3"),
        ({"n_folds_run": 0}, "^n_folds_run=0 .* from 1 to n_folds[.]$"),
        ({"n_folds_run": 4}, "^n_folds_run=4 .* from 1 to n_folds=3"),
        ({"strengths": ()}, r"^strengths=\(\) must be a list"),
        ({"strengths": (1.0, 0.0)}, r"^strengths=\(1\.0, 0\.0\) must be positive"),
        ({"strengths": (-1.0,)}, r"^strengths=\(-1\.0,\) must be positive"),
        ({"strengths": (True, 0.5)}, r"^strengths=\(True, 0\.5\) must be positive"),
        ({"n_seeds": (True, 2, 2)}, r"^n_seeds=.* must be whole numbers of at least 1"),
        ({"centre": "false"}, "^centre='false' must be true or false, without quotation marks"),
        ({"constant": 1}, "^constant=1 must be true or false"),
        ({"transform": "low_rank", "rank": -3}, "^rank=-3 must be a positive whole number[.]$"),
        ({"transform": "low_rank", "rank": "30"}, "^rank='30' must be a positive whole number[.]$"),
        ({"models": (1, 2)}, r"^models=\(1, 2\) must be a name"),
        ({"models": ("/abs/x.npz", "toy-a1")}, "^models=.*/abs/x.npz.* must be a name, not a path"),
        ({"models": ("toy-a1", "../up")}, "must be a name, not a path"),
        ({"models": ("toy-a1", "..")}, "must be a name, not a path"),
        ({"models": ("toy-a1", "_people")}, "must be a name, not a path"),
        ({"models": ("toy-a1", "C:\\x")}, "must be a name, not a path"),
        ({"models": ("toy-a1", "a\0b")}, "must be a name, not a path"),
        ({"models": ("toy-a1", "é" * 101)}, "must be a name, not a path"),
        ({"name": ""}, "^name='' must be text"),
        ({"strengths": (math.nan,)}, "^strengths=.* must be positive and finite"),
        ({"ceiling": 0.3}, "^ceiling=0.3 must lie between 1/3 and 1"),
        ({"ceiling": 1.0}, "^ceiling=1.0 must lie between 1/3 and 1"),
        ({"ceiling": -1}, "^ceiling=-1 is none of"),
        ({"ceiling": True}, "^ceiling=True is none of"),
        ({"transform": "low_rank"}, "a low rank needs one"),
        ({"rank": 3}, "a low rank needs one"),
        ({"stand_in": True}, "stand_in=true needs world='surrogate', not 'toy'"),
        ({"stand_in": 1}, "^stand_in=1 must be true or false"),
        ({"world": "own"}, "world='own' with folder=None: 'own' needs one"),
        ({"folder": "mine"}, "world='toy' with folder='mine': 'own' needs one, others take none"),
    ],
)
def test_settings_that_make_no_study_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(SMOKE, **changes)


def test_smallest_size_still_has_something_to_test_on():
    assert round(replace(SMOKE, sizes=(5, 50, 100)).sizes[0] / 8) == 1


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_settings_lead_back_to_the_experiment(experiment):
    settings = experiment.settings()
    assert set(settings) == {entry.name for entry in fields(Experiment)}
    assert from_settings(settings) == experiment
    assert from_settings(json.loads(json.dumps(settings))) == experiment
    assert from_settings(asdict(experiment)) == experiment
    assert hash(from_settings(settings)) == hash(experiment)


def test_all_components_can_be_said_in_a_file():
    assert from_settings(SMOKE.settings() | {"components": "all"}) == replace(SMOKE, components=None)


def test_settings_that_came_later_leave_the_names_of_older_studies_as_they_are():
    assert "n_folds_run" not in json.loads(SMOKE.identity())
    assert json.loads(replace(SMOKE, n_folds_run=2).identity())["n_folds_run"] == 2


def test_settings_that_there_are_none_of_are_named():
    with pytest.raises(ValueError, match=r"an experiment has no colour, taste\. It has: ceiling, .*, world\."):
        from_settings(SMOKE.settings() | {"taste": 1, "colour": 2})


def test_settings_are_checked_as_the_experiment_is():
    with pytest.raises(ValueError, match="solver='quick' is none of exact, published"):
        from_settings(SMOKE.settings() | {"solver": "quick"})


def test_changes_of_this_file_are_of_all_settings():
    assert set(CHANGES) | set(EXTENT) | {"rank", "folder", "triplets_base", "triplets_odd", "stand_in"} == {
        entry.name for entry in fields(Experiment)
    }
    assert not set(CHANGES) & set(EXTENT)


def names_of(experiment, inputs="data"):
    """The study's identity, its name, and that of one job."""
    study = study_hash(experiment, inputs)
    return experiment.identity(), study, Job(50, 0, "toy-a1").key(study)


@pytest.mark.parametrize("setting", CHANGES)
def test_jobs_of_other_settings_have_other_names(setting):
    assert getattr(SMOKE, setting) != CHANGES[setting]
    for before, after in zip(names_of(SMOKE), names_of(replace(SMOKE, **{setting: CHANGES[setting]})), strict=True):
        assert before != after


def test_rank_is_part_of_the_name():
    two, three = (names_of(replace(SMOKE, transform="low_rank", rank=rank)) for rank in (2, 3))
    assert not set(two) & set(three)


def test_extent_of_a_study_names_nothing():
    assert names_of(replace(SMOKE, **EXTENT)) == names_of(SMOKE)
    here = replace(SMOKE, world="own", folder="here")
    assert names_of(replace(here, folder="there")) == names_of(here)  # the inputs' hash tells other data apart
    assert names_of(replace(SMOKE, name="other")) == names_of(SMOKE)


def test_who_stands_in_for_people_answers_too_and_changes_no_other_job():
    people = replace(SMOKE, world="surrogate", n_judgements=100)
    both = replace(people, stand_in=True)
    assert both.generators == (*SMOKE.models, "spose66")
    assert names_of(both) == names_of(people)
    jobs = list(list_jobs(both))
    assert [job for job in jobs if job.generator != "spose66"] == list(list_jobs(people))
    assert len(jobs) == len(list(list_jobs(people))) * 5 // 4


def test_jobs_on_other_data_have_other_names():
    (identity, *names), (other_identity, *others) = names_of(SMOKE), names_of(SMOKE, "other data")
    assert identity == other_identity
    assert not set(names) & set(others)


def test_each_job_has_a_name_of_its_own():
    study = study_hash(THINGS_OPEN, "data")
    keys = [job.key(study) for job in list_jobs(THINGS_OPEN)]
    assert len(set(keys)) == len(keys)
    assert Job(1, 11, "x").key(study) != Job(11, 1, "x").key(study)
    assert Job(1, 1, "1").key(study) != Job(11, 1, "").key(study)


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_all_jobs_are_listed_once(experiment):
    jobs = list(list_jobs(experiment))
    assert len(jobs) == len(set(jobs)) == sum(experiment.n_seeds) * len(experiment.models)
    found = Counter((job.n_triplets, job.generator) for job in jobs)
    for size, n_seeds in zip(experiment.sizes, experiment.n_seeds, strict=True):
        assert [found[size, model] for model in experiment.models] == [n_seeds] * len(experiment.models)
        assert {job.seed for job in jobs if job.n_triplets == size} == set(range(n_seeds))


def test_jobs_come_seed_by_seed_and_small_ones_first():
    jobs = list(list_jobs(replace(SMOKE, sizes=(200, 50, 100), n_seeds=(1, 3, 2))))
    models = list(SMOKE.models)
    order = [(0, 50), (0, 100), (0, 200), (1, 50), (1, 100), (2, 50)]
    assert [(job.seed, job.n_triplets) for job in jobs[:: len(models)]] == order
    assert [job.generator for job in jobs] == models * len(order)
    assert all((a.seed, a.n_triplets) <= (b.seed, b.n_triplets) for a, b in pairwise(jobs))


def test_extension_of_a_study_keeps_its_jobs():
    more = replace(SMOKE, sizes=(*SMOKE.sizes, 1000), n_seeds=(3, 3, 3, 1))
    assert set(list_jobs(SMOKE)) < set(list_jobs(more))


def test_random_numbers_belong_to_purpose_and_identity():
    def draw(*arguments):
        return tuple(random_stream(*arguments).random(4))

    assert draw("folds", 1, "a") == draw("folds", 1, "a")
    others = [("folds", 1, "a"), ("folds", 2, "a"), ("folds", 1, "b"), ("test", 1, "a"), ("folds", 1), ("folds",)]
    assert len({draw(*arguments) for arguments in others}) == len(others)


def test_random_numbers_of_neighbours_are_unrelated():
    draws = np.array([random_stream("folds", seed).random(2000) for seed in range(8)])  # (8, 2000)
    assert abs(np.corrcoef(draws) - np.eye(8)).max() < 5 / 2000**0.5  # 5 standard errors
    assert abs(draws.mean() - 0.5) < 5 / (12 * 16000) ** 0.5


def test_random_numbers_leave_the_common_ones_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    random_stream("folds", 1).random(10)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


def test_paper_is_as_published():
    assert len(PAPER.sizes) == 18
    assert PAPER.sizes[:3] == (50, 100, 200)
    assert PAPER.sizes[-2:] == (3_276_800, 4_200_000)
    assert set(PAPER.n_seeds) == {30}
    assert len(PAPER.models) == 20
    np.testing.assert_allclose(PAPER.strengths, 10.0 ** np.arange(4, -7, -1))
    assert len(PAPER.strengths) == 11
    assert PAPER.n_folds == 3
    np.testing.assert_allclose(PAPER.generator_strengths, 10.0 ** np.arange(2, -7, -1))
    published = ("solver", "sampler", "selection", "low_rank_penalty", "people_folds")
    assert {getattr(PAPER, name) for name in published} == {"published"}
    assert (PAPER.strength_rule, PAPER.start) == ("triplet_cv", "features")
    assert (PAPER.ties, PAPER.exclude) == ("first", "judged")
    claims = tomllib.loads((OURS / "published.toml").read_text())
    assert PAPER.ceiling == claims["avitan2025"]["noise_ceiling"]["value"]
    assert (PAPER.components, PAPER.scale, PAPER.centre) == (None, "raw", False)
    assert len(list(list_jobs(PAPER))) == 18 * 30 * 20


def test_open_study_is_of_all_models_of_images():
    models = catalogue("features").set_index("model")
    assert len(THINGS_OPEN.models) == 20
    assert set(THINGS_OPEN.models) == set(models.index[models["objective"] != "text"])
    assert len(models) == 21
    assert THINGS_OPEN.models == PAPER.models


def test_open_study_has_half_decades_of_strengths():
    np.testing.assert_allclose(THINGS_OPEN.strengths, 10 ** np.array([1, 0.5, 0, -0.5, -1, -1.5, -2]), rtol=1e-15)
    assert THINGS_OPEN.strengths[0] == 10.0
    assert THINGS_OPEN.strengths[-1] == 0.01
