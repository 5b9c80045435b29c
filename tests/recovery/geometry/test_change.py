"""What is said about geometry, on tables small enough to follow by hand."""

import numpy as np
import pandas as pd
import pytest
from oracles.studies import rows_of
from scipy import stats

from yardsticks.recovery.geometry import change as analysis

FAMILIES = {"a1": "a", "a2": "a", "b": "b", "c": "c"}
NEAR = pd.DataFrame(
    [[1, 0.9, 0.2, 0.1], [0.9, 1, 0.5, 0.3], [0.2, 0.5, 1, 0.6], [0.1, 0.3, 0.6, 1]], list(FAMILIES), list(FAMILIES)
)


def pairs(matrix, state="raw", person=None):
    """A table of pairs as it is measured: each once, people last."""
    names = list(matrix.index)
    states = {name: "people" if name == person else state for name in names}
    rows = [(a, states[a], b, states[b], "all", matrix.at[a, b]) for i, a in enumerate(names) for b in names[i + 1 :]]
    return pd.DataFrame(rows, columns=["a", "a_state", "b", "b_state", "objects", "similarity"])


def test_matrix_comes_back_from_its_pairs_in_any_order():
    table = pd.concat([pairs(NEAR), pairs(NEAR).assign(objects="held-out", similarity=-1.0)])
    order = ["c", "a1", "b", "a2"]
    matrix = analysis.similarity_matrix(table.sample(frac=1, random_state=1), [(name, "raw") for name in order])
    np.testing.assert_array_equal(matrix, NEAR.loc[order, order])
    assert list(matrix.columns) == [(name, "raw") for name in order]


def test_a_pair_that_was_not_measured_is_named():
    with pytest.raises(ValueError, match="no similarity of a1 raw and c full"):
        analysis.similarity_matrix(pairs(NEAR), [("a1", "raw"), ("c", "full")])


def test_matrix_of_a_state_has_people_last():
    table = pairs(NEAR, "full", "c")
    matrix = analysis.state_matrix(table, ["b", "a1"], "full", people=["c"])
    assert list(matrix.index) == list(matrix.columns) == ["b", "a1", "c"]
    np.testing.assert_array_equal(matrix, NEAR.loc[matrix.index, matrix.index])


def test_similarity_to_people_has_a_column_a_state():
    table = pd.concat([pairs(NEAR, "raw", "c"), pairs(NEAR / 2, "full", "c")])
    found = analysis.similarity_to(table, "c")
    assert list(found.index) == ["a1", "a2", "b"]
    np.testing.assert_array_equal(found["raw"], [0.1, 0.3, 0.6])
    np.testing.assert_array_equal(found["full"], [0.05, 0.15, 0.3])
    with pytest.raises(ValueError, match="no similarities to 'c' over 'held-out' objects"):
        analysis.similarity_to(table, "c", objects="held-out")
    with pytest.raises(ValueError, match="no similarities to 'a1'"):
        analysis.similarity_to(table, "a1")


def test_changes_are_counted_by_model_and_by_family():
    values = pd.DataFrame({"raw": [1.0, 2, 3, 4], "full": [2.0, 1, 5, 4], "part": [2.0, 3, 4, 5]}, list(FAMILIES))
    table = analysis.changes(values, FAMILIES)
    assert table.loc["full", ["n_models", "n_up", "n_down", "n_families", "n_families_up"]].tolist() == [4, 2, 1, 3, 1]
    assert table.at["full", "p"] == pytest.approx(1.0)  # two of three, the tie left out
    assert table.at["part", "p"] == pytest.approx(2 * 0.5**4)
    assert table.at["part", "p_families"] == pytest.approx(2 * 0.5**3)
    assert table.loc["full", ["median_before", "median_after", "median_change"]].tolist() == [2.5, 3, 0.5]
    assert table.loc["full", ["lowest_change", "highest_change"]].tolist() == [-1, 2]


def test_p_is_the_binomial_tail(rng):
    change = pd.DataFrame({"raw": 0.0, "full": rng.standard_normal(19) + 0.4}, [f"m{i}" for i in range(19)])
    row = analysis.changes(change, {model: model for model in change.index}).loc["full"]
    n = int((change["full"] > 0).sum())
    tail = stats.binom.sf(max(n, 19 - n) - 1, 19, 0.5)
    assert row["p"] == row["p_families"] == pytest.approx(min(1, 2 * tail))
    assert analysis.changes(change.assign(full=0.0), {model: "a" for model in change.index}).at["full", "p"] == 1


def test_nearest_model_is_never_the_model_itself():
    table = analysis.nearest(NEAR, FAMILIES)
    assert table["nearest"].tolist() == ["a2", "a1", "c", "b"]
    assert table["similarity"].tolist() == [0.9, 0.9, 0.6, 0.6]
    assert table["same_family"].tolist() == [True, True, False, False]
    np.testing.assert_array_equal(np.diag(NEAR), 1)  # what was passed is as it was


def test_families_are_contrasted_pair_by_pair():
    found = analysis.family_contrast(NEAR, FAMILIES)
    assert found["within"] == pytest.approx(0.9)
    assert found["between"] == pytest.approx(np.mean([0.2, 0.1, 0.5, 0.3, 0.6]))
    assert np.isnan(analysis.family_contrast(NEAR.iloc[1:, 1:], FAMILIES)["within"])


def test_people_and_models_are_placed_on_one_map():
    points = np.array([[0, 0], [0, 0.3], [0.4, 0], [0.4, 0.3]])
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1)
    similarity = pd.DataFrame(1 - apart, NEAR.index, NEAR.columns)
    placed, found = analysis.place(pairs(similarity, "raw", "c"), ["b", "a1", "a2"], ["raw"], ["c"], seed=0)
    assert placed["model"].tolist() == ["b", "a1", "a2", "c"]
    assert placed["state"].tolist() == ["raw", "raw", "raw", "people"]
    assert found.stress == pytest.approx(0, abs=1e-6)
    xy = placed.set_index("model")[["x", "y"]]
    assert np.linalg.norm(xy.loc["b"] - xy.loc["c"]) == pytest.approx(0.3, abs=1e-5)
    assert np.linalg.norm(xy.loc["a1"] - xy.loc["c"]) == pytest.approx(0.5, abs=1e-5)


JOBS = {
    (10, 0, "a1"): {"a1": 0.5, "a2": 0.6, "b": 0.4, "c": 0.1},  # taken for its nearest
    (10, 1, "a1"): {"a1": 0.5, "a2": 0.4, "b": 0.4, "c": 0.7},  # for its farthest
    (10, 0, "a2"): {"a1": 0.5, "a2": 0.7, "b": 0.4, "c": 0.1},
    (10, 0, "b"): {"a1": 0.1, "a2": 0.2, "b": 0.6, "c": 0.3},
    (10, 0, "c"): {"a1": 0.5, "a2": 0.5, "b": 0.2, "c": 0.4},  # two others tied: no single winner
    (20, 0, "b"): {"a1": 0.1, "a2": 0.7, "b": 0.6, "c": 0.3},  # second nearest
}


def test_margins_stand_beside_the_nearest_similarity():
    neighbours = {"raw": analysis.nearest(NEAR, FAMILIES)}
    table = analysis.nearest_margins(rows_of(JOBS), neighbours, scores=["test_accuracy"])
    ten = table[table["n_triplets"] == 10].set_index("generator")
    np.testing.assert_allclose(ten["margin"], [(-0.1 - 0.2) / 2, 0.2, 0.3, -0.1])
    np.testing.assert_allclose(ten["similarity"], [0.9, 0.9, 0.6, 0.6])
    assert set(table["state"]) == {"raw"}
    few = {"raw": neighbours["raw"].loc[["a1", "b"]]}
    alone = analysis.nearest_margins(rows_of(JOBS), few, scores=["test_accuracy"]).set_index(
        ["n_triplets", "generator"]
    )
    assert alone.at[(10, "a1"), "margin"] == pytest.approx(0.1)  # models that are left out do not compete


def test_correlations_of_margins_are_spearmans(rng):
    table = pd.DataFrame({"n_triplets": 10, "score": "nll", "state": np.repeat(["raw", "full"], 9)})
    table["margin"], table["similarity"] = rng.standard_normal((2, 18))
    found = analysis.margin_correlations(table).set_index("state")
    for state, part in table.groupby("state"):
        expected = stats.spearmanr(part["margin"], part["similarity"])
        assert found.at[state, "rho"] == pytest.approx(expected.statistic)
        assert found.at[state, "p"] == pytest.approx(expected.pvalue)
        assert found.at[state, "n_generators"] == 9


def test_wrong_winners_are_ranked_by_their_similarity():
    table = analysis.wrong_winners(rows_of(JOBS), {"raw": NEAR}, scores=["test_accuracy"]).set_index("n_triplets")
    assert table["n_wrong"].tolist() == [2, 1]
    assert table["nearest"].tolist() == [0.5, 0]
    assert table["rank"].tolist() == [2, 2]  # ranks 1 and 3; rank 2
    assert table["three_nearest"].tolist() == [1, 1]
    assert table[["chance_nearest", "chance_three", "chance_rank"]].iloc[0].tolist() == [1 / 3, 1, 2]


def test_where_nobody_is_mistaken_there_is_nothing_to_rank():
    jobs = {key: scores for key, scores in JOBS.items() if key[2] == "a2"}
    row = analysis.wrong_winners(rows_of(jobs), {"raw": NEAR}, scores=["test_accuracy"]).iloc[0]
    assert row["n_wrong"] == 0
    assert row[["nearest", "three_nearest", "rank"]].isna().all()


def test_blind_winners_have_the_rank_of_chance(rng):
    names = [f"m{i}" for i in range(6)]
    values = np.eye(6)
    values[np.triu_indices(6, 1)] = rng.uniform(size=15)
    near = pd.DataFrame(np.maximum(values, values.T), names, names)
    jobs = {(10, s, g): dict(zip(names, rng.uniform(size=6), strict=True)) for s in range(300) for g in names}
    row = analysis.wrong_winners(rows_of(jobs), {"raw": near}, scores=["test_accuracy"]).iloc[0]
    spread = np.sqrt((5**2 - 1) / 12 / row["n_wrong"])
    assert abs(row["rank"] - row["chance_rank"]) < 4 * spread
    assert abs(row["nearest"] - row["chance_nearest"]) < 4 * np.sqrt(0.16 / row["n_wrong"])
