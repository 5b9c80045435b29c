"""Numbers for the text about predictions, on tables small enough to follow by hand."""

import pandas as pd
import pytest

from yardsticks.recovery.prediction import describe

POOLED = pd.DataFrame(
    [
        ("a", "none", "none", "all", 0.40, 0.00, 100),
        ("b", "none", "none", "all", 0.35, 0.00, 100),
        ("a", "full", "scaled_identity", "all", 0.50, 0.02, 100),
        ("b", "full", "scaled_identity", "all", 0.51, -0.01, 100),
        ("a", "none", "none", "random50k", 0.42, 0.00, 10),
        ("b", "none", "none", "random50k", 0.37, 0.00, 10),
        ("a", "full", "scaled_identity", "random50k", 0.54, 0.00, 10),
        ("b", "full", "scaled_identity", "random50k", 0.53, 0.00, 10),
    ],
    columns=["model", "transform", "penalty", "judgements", "accuracy", "flattery", "n_test"],
).assign(
    accuracy_published=lambda table: table["accuracy"] + table["flattery"],
    low=lambda table: table["accuracy"] - 0.01,
    high=lambda table: table["accuracy"] + 0.01,
    low_objects=lambda table: table["accuracy"] - 0.02,
    high_objects=lambda table: table["accuracy"] + 0.03,
)
ALL = POOLED[POOLED["judgements"] == "all"]


def test_best_and_worst_with_a_full_probe():
    found = describe.describe_best(ALL, ceiling=0.6)
    assert [found["name"], found["worst"]] == ["b", "a"]
    numbers = ["accuracy", "low", "high", "below", "naive", "clustered", "wide", "worst_accuracy"]
    assert found[numbers].tolist() == pytest.approx([0.51, 0.49, 0.54, 0.09, 0.01, 0.025, 2.5, 0.5])


def test_random_sample_is_compared_with_all():
    found = describe.compare_random(POOLED, penalty="scaled_identity")
    assert found["n"] == 10
    assert found["full"] == pytest.approx(0.535)
    assert found["difference"] == pytest.approx(100 * (0.02 + 0.02 + 0.04 + 0.02) / 4)
    assert found["half"] == pytest.approx(2.5)
    assert found["correlation"] == pytest.approx(-1)  # the order of the two is turned round


def test_flattery_is_of_probes_that_have_a_strength():
    found = describe.describe_flattery(ALL, penalty="scaled_identity")
    assert [found["n"], found["n_worse"], found["n_swapped"], found["name"]] == [2, 1, 2, "a"]
    assert found[["mean", "lowest", "highest"]].tolist() == pytest.approx([0.5, -1, 2])


def test_ends_of_fits_are_counted():
    rows = [
        ("none", "none", False, True, None, 0),
        ("full", "scaled_identity", True, True, 0.1, 1),
        ("full", "scaled_identity", False, False, 0.3, 0),
        ("full", "frobenius", False, True, 0.2, 0),
        ("diagonal", "frobenius", True, True, 0.9, 2),
    ]
    names = ["transform", "penalty", "at_grid_end", "converged", "gap", "n_ties"]
    found = describe.describe_fits(pd.DataFrame(rows, columns=names).assign(judgements="all", n_test=10))
    assert found.to_dict() == pytest.approx(
        {"end_scaled_identity": 0.5, "end_frobenius": 0.5, "n_not_converged": 1}
        | {"median_gap": 0.2, "max_gap": 0.3, "ties": 0.2}
    )
