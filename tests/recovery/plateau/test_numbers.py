"""Numbers for the text, by hand; invented cells and models."""

import numpy as np
import pandas as pd
import pytest
from oracles.studies import FAMILIES, random_rows

from yardsticks.recovery.plateau import numbers, say_effects, say_largest
from yardsticks.recovery.studies.tables import Results
from yardsticks.recovery.winners import winners


def test_jobs_of_regimes_are_the_winners_of_each_study(rng):
    studies = {name: Results(random_rows(rng), {}, None) for name in ("one", "two")}
    jobs = numbers.regime_jobs(studies, models=list(FAMILIES), scores=["test_accuracy"])
    for name, study in studies.items():
        expected = winners(study.rows, score="test_accuracy", models=list(FAMILIES))
        found = jobs.loc[jobs["cell"] == name, expected.columns].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, expected)


def test_narrow_losses_by_hand():
    jobs = pd.DataFrame(
        {
            "generator": list("aaaaa"),
            "winner": ["b", "b", "a", "", "b"],
            "credit": [0.0, 0.0, 1.0, 0.5, 0.0],
            "margin": [-0.01, -0.03, 0.01, 0.0, -0.0199],
        }
    )
    found = numbers.narrow_losses(jobs, n_noise_free=400, sd_lead=0.2)
    assert found == {"narrow": pytest.approx(0.02), "n_lost": 3, "n_narrow": 2}


def test_changed_outcomes_by_hand():
    jobs = pd.DataFrame(
        [("one", "a", 0, 8, name, credit) for name, credit in (("all", 0.0), ("few", 1.0))]
        + [("one", "b", 0, 8, name, 1.0) for name in ("all", "few")]
        + [("two", "c", 0, 8, "all", 1.0)],  # not in both
        columns=["cell", "generator", "seed", "n_triplets", "candidates", "credit"],
    )
    assert numbers.count_changed(jobs, "all", "few") == {"n_outcomes": 2, "n_changed": 1}


def test_cells_at_the_end_of_their_grid_by_hand():
    codes = pd.DataFrame({"scale": [-1, -1, 1]}, index=["x", "y", "z"])
    ends = pd.DataFrame({"weakest": [4, 3, 6, 6], "n": 6}, index=["x", "y", "z", "other"])
    found = numbers.count_ended(ends, codes, factor="scale")
    assert found == {"n_ended_cells": 2, "n_cells_low": 2, "n_ended_low": 1}


def test_effects_are_said_of_the_right_score_and_response():
    table = []
    for score in ("exact", "sampled"):
        for response in ("credit", "margin", "own"):
            for place, term in enumerate(("x", "y")):
                size, p = len(table) / 100, len(table) / 1000
                table.append((score, response, term, size, size - 0.02 * (place + 1), size + 0.02, p, size + 0.1))
    names = ["score", "response", "term", "effect", "low", "high", "p_corrected", "share"]
    found = pd.DataFrame(table, columns=names).assign(n_generators=6)
    said = numbers.effect_numbers(found, exact="exact", sampled="sampled", levels={})
    assert (said["n_generators"], said["n_effects"], said["even_share"]) == (6, 2, 0.5)
    assert said["width"] == pytest.approx(100 * np.mean([0.02, 0.03]))
    assert said["what_recovery"] == say_effects(found[:2], unit="points")
    assert said["what_lead"] == say_effects(found[2:4], unit="accuracy")
    assert said["what_own"] == say_effects(found[4:6], unit="accuracy")
    assert said["what_lead_sampled"] == say_effects(found[8:10], unit="accuracy")
    assert said["what_sampled"] == say_effects(found[6:8], unit="points")
    assert said["largest_recovery"] == say_largest(found[:2], unit="points")
    assert said["largest_lead"] == say_largest(found[2:4], unit="accuracy")
    assert len(set(said.values())) == len(said)
