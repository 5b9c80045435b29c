"""Coverage and missing scores on a small table with one hole of each kind."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as sps

from yardsticks.datasets import Origin
from yardsticks.scores.consistency import paper_leaves
from yardsticks.scores.missing import coverage, missing_scores, rank_where_scored, study, variance_by_policy
from yardsticks.scores.reading.columns import LONG
from yardsticks.scores.table import table_from_cells
from yardsticks.scores.twin.draw import make_twin

METRICS = ["FreemanZiemba2013.V1-pls", "Marques2020_Schiller1976-sf_selective", "Rajalingham2018-i2n"]


@pytest.fixture
def table():
    scores = {"1": [0.2, 0.4, -0.1], "2": [0.4, np.nan, 0.3], "3": [0.6, 0.0, 0.5], "4": [0.8, 0.6, np.nan]}
    rows = [
        (model, f"model {model}", metric, score, np.nan, 0.01 * int(model), 1, pd.Timestamp("2023-01-01", tz="UTC"),
         "failed" if np.isnan(score) else "score")
        for model, row in scores.items()
        for metric, score in zip(METRICS, row, strict=True)
    ]  # fmt: skip
    return table_from_cells(pd.DataFrame(rows, columns=LONG), Origin("hand-made", "real", ""))


def test_coverage_by_hand(table):
    frame = coverage(table)
    row = frame.loc["Marques2020_Schiller1976-sf_selective"]
    assert (row["n_models"], row["share"], row["n_failed"], row["n_negative"]) == (3, 0.75, 1, 0)
    assert row["median"] == 0.4
    assert row["error"] == pytest.approx(0.025)
    assert frame.at["Rajalingham2018-i2n", "n_negative"] == 1


def test_coverage_of_a_table_without_cells(table):
    import dataclasses

    frame = coverage(dataclasses.replace(table, cells=None))
    assert frame["n_failed"].eq(0).all()
    assert frame["error"].isna().all()


def test_missing_counts_as_zero_and_zero_is_not_a_score_to_count(table):
    frame = missing_scores(table)
    assert frame["n_nonzero"].to_dict() == {"1": 3, "2": 2, "3": 2, "4": 2}
    # V1 is the mean of the study with one leaf and Marques2020, whose only leaf here is missing in model 2
    assert frame.at["2", "neural"] == pytest.approx((0.4 + 0.0) / 2)
    assert frame.at["4", "behaviour"] == 0


def test_what_models_lack_is_named(table):
    lacks = missing_scores(table)["lacks"]
    assert lacks.to_dict() == {
        "1": "nothing",
        "2": "no Marques2020",
        "3": "Marques2020 at 0",
        "4": "no Rajalingham2018",
    }


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        ("Marques2020_Cavanaugh2002-surround_diameter", "Marques2020"),
        ("SanghaviJozwik2020.V4-pls", "Sanghavi2020"),
        ("Geirhos2021colour-error_consistency", "Geirhos2021"),
        ("FreemanZiemba2013.V2-pls", "FreemanZiemba2013"),
        ("Rajalingham2018-i2n", "Rajalingham2018"),
    ],
)
def test_study_of_a_metric(metric, name):
    assert study(metric) == name


def test_groups_are_named_and_hold_all_models():
    frame = missing_scores(make_twin())
    sizes = frame["group"].value_counts()
    assert sizes.sum() == len(frame)
    assert (sizes.drop("other counts", errors="ignore") >= 10).all()
    for group, members in frame[frame["group"] != "other counts"].groupby("group"):
        assert members["n_nonzero"].nunique() == 1, group


def test_variance_by_policy_agrees_with_numpy():
    twin = make_twin()
    from yardsticks.scores.consistency import paper_leaves

    result = variance_by_policy(twin).set_index(["policy", "group"])
    for policy in ("complete", "zero", "available"):
        part = twin.select(metrics=paper_leaves(twin, ost=policy != "complete"))
        areas = part.areas(policy=policy).dropna()
        row = result.loc[(policy, "all models")]
        assert row["n"] == len(areas)
        for domain in ("neural", "behaviour"):
            assert row[domain] == pytest.approx(np.corrcoef(areas[domain], areas["overall"])[0, 1] ** 2)
    # of a table of the paper's metrics alone all are these, and complete is not nobody
    alone = variance_by_policy(twin.select(metrics=paper_leaves(twin, ost=True)), metrics="all")
    pd.testing.assert_frame_equal(alone.set_index(["policy", "group"]), result)
    sure = variance_by_policy(twin, seed=1).set_index(["policy", "group"])
    pd.testing.assert_frame_equal(sure[result.columns], result)
    areas = twin.select(metrics=paper_leaves(twin, ost=True)).areas(policy="zero")
    drawn = [areas.sample(len(areas), replace=True, random_state=i).corr()["overall"] ** 2 for i in range(400)]
    ends = np.quantile(drawn, (0.025, 0.975), axis=0)[
        :, [areas.columns.get_loc(name) for name in ("neural", "behaviour")]
    ]
    found = sure.loc[("zero", "all models"), ["neural_low", "behaviour_low", "neural_high", "behaviour_high"]]
    assert found.tolist() == pytest.approx(ends.ravel().tolist(), abs=0.02)
    # the figure of these models and this table rest on the same scores
    figure = missing_scores(twin)
    assert result.at[("zero", "all models"), "neural"] == pytest.approx(figure["neural"].corr(figure["overall"]) ** 2)
    sizes = figure["group"].value_counts()
    zero = result.loc["zero"].drop("all models")
    assert zero["n"].to_dict() == sizes.to_dict()


def test_rank_where_nothing_is_missing_by_hand():
    table = make_twin()
    found = rank_where_scored(table, n_metrics=3)
    leaves = paper_leaves(table)
    counts = {leaf: table.values[leaf].notna().sum() for leaf in leaves}
    most = sorted(leaves, key=lambda leaf: -counts[leaf])[:3]
    known = table.values[most].dropna()
    assert list(found.index) == list(known.index)
    ranks = sps.rankdata(known, axis=0) / len(known)
    np.testing.assert_allclose(found["mean_rank"], ranks.mean(axis=1), atol=1e-9)
    assert (found["n_nonzero"] == missing_scores(table)["n_nonzero"].loc[found.index]).all()
