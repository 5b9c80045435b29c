"""Numbers for the text about a recovery study, on hand-made rows."""

import numpy as np
import pandas as pd
import pytest
from oracles.studies import HAND, random_rows, rows_of

from yardsticks.recovery.winners import compare, credit, curves, describe, fits


def test_design_is_read_from_the_settings():
    study = {"models": ["a", "b", "c"], "components": 64, "n_folds": 3, "n_noise_free": 9, "strengths": [1, 0.1]}
    catalogue = pd.DataFrame({"objective": ["hand-made", "supervised", "hand-made"]}, index=list("abc"))
    assert describe.describe_design(study, catalogue).to_dict() == {
        "n_models": 3,
        "n_descriptors": 2,
        "n_components": 64,
        "n_folds": 3,
        "n_noise_free": 9,
        "n_strengths": 2,
        "weakest": 0.1,
        "strongest": 1,
    }


def test_generators_are_described():
    made = pd.DataFrame(
        {"strength": [0.1, 0.1, 1], "accuracy": [0.5, 0.4, 0.6], "at_one": [0.5, 0.7, 0.6]}
        | {"temperature": [0.9, 0.2, 0.4], "target": 0.65},
        index=list("abc"),
    )
    assert describe.describe_generators(made, [0.1, 1, 10]).to_dict() == {
        "target": 0.65,
        "least": 0.4,
        "most": 0.6,
        "least_at_one": 0.5,
        "most_at_one": 0.7,
        "coldest": 0.2,
        "hottest": 0.9,
        "coldest_model": "b",
        "hottest_model": "a",
        "n_at_weakest": 2,
    }


def test_lost_jobs_are_those_of_the_smallest_size():
    larger = {(20, seed, generator): scores for (_, seed, generator), scores in HAND.items()}
    jobs = credit.winners(rows_of(HAND | larger), score="test_accuracy")
    found = describe.describe_lost(jobs)  # b loses twice, by 0.1 each, on rank 2.5 and 2
    assert [found["n"], found["rank"]] == [2, 2.25]
    assert found["behind"] == pytest.approx(0.1)
    assert found["top"] == 1
    assert found["tied"] == pytest.approx(1 / 5)


def test_hardest_and_easiest_generators(rng):
    rows = random_rows(rng)
    by_generator = curves.recovery_curve(rows, scores=["nll"], seed=0, by=["n_triplets", "generator"])
    found = describe.hardest_and_easiest(by_generator)
    means = {name: part["recovery"].mean() for name, part in by_generator.groupby("generator")}
    assert found["hardest_value"] == means[found["hardest"]] == min(means.values())
    assert found["easiest_value"] == means[found["easiest"]] == max(means.values())


def test_ends_of_fits_are_those_of_all_rows(rng):
    rows = random_rows(rng)
    rows["strength"] = rng.choice([0.01, 0.1, 10], len(rows))
    rows["at_grid_end"] = rows["strength"] != 0.1
    rows["gap"] = rng.choice([1e-4, 0.5], len(rows))
    rows["converged"] = rng.random(len(rows)) < 0.8
    found = describe.describe_ends(rows, fits.describe_fits(rows, [0.01, 0.1, 10]))
    own = rows["generator"] == rows["candidate"]
    expected = {
        "n": len(rows),
        "n_errors": 0,
        "n_not_converged": (~rows["converged"]).sum(),
        "ends": (rows["strength"] != 0.1).mean(),
        "weakest": (rows["strength"] == 0.01).mean(),
        "strongest": (rows["strength"] == 10).mean(),
        "strongest_first": (rows.loc[rows["n_triplets"] == 8, "strength"] == 10).mean(),
        "median_gap": rows["gap"].median(),
        "max_gap": 0.5,
        "loose": (rows["gap"] == 0.5).mean(),
        "loose_own": (rows.loc[own, "gap"] == 0.5).mean(),
    }
    assert found.to_dict() == pytest.approx(expected)
    one = rows.assign(strength=0.1, at_grid_end=True)  # of a grid with one strength, which is either end
    found = describe.describe_ends(one, fits.describe_fits(one, [0.1]))
    assert found[["ends", "weakest", "strongest"]].tolist() == [1, 1, 1]


def test_several_studies_are_compared_one_by_one(rng):
    rows, others = random_rows(rng), {"x": random_rows(rng), "y": random_rows(rng)}
    scores = ["test_accuracy", "nll"]
    table = describe.compare_several(rows, others, scores=scores, seed=3)
    for name, part in table.groupby("study"):
        alone = compare.compare_studies(rows, others[name], scores=scores, seed=3)
        pd.testing.assert_frame_equal(part.drop(columns="study").reset_index(drop=True), alone)
    summed = describe.describe_compared(table)
    x = table[(table["study"] == "x") & (table["score"] == "nll")]
    assert summed.loc[("x", "nll"), "change"] == pytest.approx(100 * np.mean(x["difference"]))
    assert summed.loc[("x", "nll"), "accuracy"] == pytest.approx(100 * np.mean(x["score_difference"]))
    assert summed.loc[("x", "nll"), ["n_models", "n_sizes", "n_jobs"]].tolist() == [4, 2, sum(x["n_jobs"])]
