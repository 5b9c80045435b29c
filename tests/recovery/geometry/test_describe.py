"""Numbers for the text about geometry, on tables small enough to follow by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from yardsticks.recovery.geometry import change, describe

FAMILIES = pd.Series({"a1": "a", "a2": "a", "b": "b"})
SHIFTS = {"a1": (0.1, 0.2, 0.01), "a2": (0.1, 0.4, 0.02), "b": (0.3, 0.9, 0.06)}
STATES = ("diagonal", "full", "unreduced")
MEASURED = pd.DataFrame(
    [
        {"model": model, "state": state, "shift": shift, "accuracy": shift / 2, "effective_dimensionality": 10 * shift}
        for model, shifts in SHIFTS.items()
        for state, shift in zip(("raw", *STATES), (0.0, *shifts), strict=True)
    ]
    + [{"model": "vice42", "state": "people", "effective_dimensionality": 99.0}]
)


def similarities(raw=(0.1, 0.2, 0.3), full=(0.6, 0.5, 0.2)):
    """Similarities of the three models to two embeddings of people, which are alike by 0.9."""
    rows = [
        (model, state, person, "people", objects, value)
        for person, objects in describe.COMPARED_WITH.values()
        for state, values in (("raw", raw), ("full", full))
        for model, value in zip(SHIFTS, values, strict=True)
    ]
    rows.append(("vice42", "people", "spose66", "people", "all", 0.9))
    return pd.DataFrame(rows, columns=["a", "a_state", "b", "b_state", "objects", "similarity"])


def test_changes_toward_each_embedding_of_people():
    table = describe.changes_toward(similarities(), FAMILIES, states=["raw", "full"])
    assert table["similarity to"].tolist() == list(describe.COMPARED_WITH)
    assert (table[["n_up", "n_down", "n_families", "n_families_up"]] == [2, 1, 2, 1]).all(axis=None)
    assert table["median_change"].tolist() == pytest.approx([0.3] * 3)
    assert describe.people_alike(similarities(), "vice42", "spose66") == 0.9


def test_shifts_of_families_and_models():
    table = describe.shifts_by_family(MEASURED, FAMILIES).set_index("family")
    assert table.loc["a"].tolist() == pytest.approx([0.1, 0.3, 0.015, 2])
    assert list(table.index) == ["a", "b"]
    found = describe.describe_shifts(MEASURED, FAMILIES)
    assert [found["least"], found["most"]] == ["a1", "b"]
    numbers = ["full", "diagonal", "reduction", "reduction_max", "least_value", "most_value", "between", "within"]
    expected = [0.4, 0.1, 0.02, 0.06, 0.2, 0.9, np.std([0.3, 0.9], ddof=1), np.std([0.2, 0.4], ddof=1)]
    assert found[numbers].tolist() == pytest.approx(expected)


def test_correlations_of_shifts_are_scipys():
    found = describe.shift_correlations(MEASURED, similarities(raw=(0.1, 0.3, 0.2)), "vice42")
    assert found["raw"] == pytest.approx(spearmanr([0.2, 0.4, 0.9], [0.1, 0.3, 0.2]).statistic)
    assert found["accuracy"] == pytest.approx(-1)
    assert found["accuracy_raw"] == pytest.approx(found["raw"])  # here accuracies have the order of the shifts


def test_dimensionalities_are_those_of_models():
    values, spread = describe.dimensionalities(MEASURED)
    assert list(values.index) == list(SHIFTS)
    assert values.loc["b", ["diagonal", "full"]].tolist() == [3, 9]
    assert spread.to_dict() == pytest.approx({"before": 0, "after": 7, "unreduced": 0.2})


def test_neighbours_are_described_in_each_state():
    names = list(SHIFTS)
    near = pd.DataFrame([[1, 0.2, 0.5], [0.2, 1, 0.3], [0.5, 0.3, 1]], names, names)
    table = describe.describe_neighbours({"raw": change.nearest(near, FAMILIES)}, {"raw": near}, FAMILIES).loc["raw"]
    assert table[["n_related", "n_same"]].tolist() == [2, 0]
    assert table[["within", "between", "closest_value"]].tolist() == pytest.approx([0.2, 0.4, 0.5])
    assert {table["closest"], table["closest_to"]} == {"a1", "b"}
