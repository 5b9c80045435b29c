"""Consistency of metrics on small tables, against scipy and loops by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as sps

from yardsticks.scores.consistency import (
    GROUPS,
    choose_metrics,
    consistency,
    group_scores,
    mean_by_areas,
    pair_table,
    paper_leaves,
)
from yardsticks.scores.opening import open_scores
from yardsticks.scores.samples import paper_models
from yardsticks.scores.twin.draw import make_twin


@pytest.fixture(scope="module")
def twin():
    return make_twin()


def test_paper_leaves_are_fifty_and_ost_makes_fifty_one(twin):
    leaves = paper_leaves(twin)
    assert len(leaves) == 50
    assert "Kar2019-ost" not in leaves
    assert set(paper_leaves(twin, ost=True)) - set(leaves) == {"Kar2019-ost"}


def test_all_metrics_are_without_ost_too(twin):
    """Of a table of the paper's metrics alone, those and all are the same: no model would have all with Kar2019-ost."""
    table = twin.select(metrics=paper_leaves(twin, ost=True))
    assert table.complete().values.shape[0] < 3
    for ost in (False, True):
        assert choose_metrics(table, "all", ost=ost) == choose_metrics(table, "paper", ost=ost)
        every = [group_scores(table, policy="available", metrics=metrics, ost=ost) for metrics in ("all", "paper")]
        pd.testing.assert_frame_equal(*every)
    models = paper_models(table, imagenet_floor=0, metrics="all")
    assert list(models.values.index) == list(paper_models(table, imagenet_floor=0).values.index)
    with pytest.raises(ValueError, match="no metric but Kar2019-ost"):
        choose_metrics(table.select(metrics=["Kar2019-ost"]), "all")


def test_paper_leaves_come_in_the_order_of_the_areas(twin):
    areas = list(dict.fromkeys(twin.metrics.loc[paper_leaves(twin), "area"]))
    assert areas == ["V1", "V2", "V4", "IT", "behaviour"]


def test_paper_models_are_complete_unique_and_above_the_floor(twin):
    models = paper_models(twin, imagenet_floor=0.6)
    assert models.values[paper_leaves(twin)].notna().all(axis=None)
    assert models.models["name"].is_unique
    assert not (models.values["ImageNet-top1"] < 0.6).any()
    below = twin.complete(metrics=paper_leaves(twin)).values["ImageNet-top1"] < 0.6
    assert below.any(), "the floor is not tested"


def test_paper_models_without_imagenet_keeps_all_complete_models(twin):
    leaves = paper_leaves(twin)
    without = twin.select(metrics=leaves)
    names = without.models.loc[without.complete().values.index, "name"]
    assert len(paper_models(without, imagenet_floor=0.6).values) == names.nunique()


def test_table_and_frame_give_the_same(twin):
    part = twin.select(metrics=paper_leaves(twin)[:6])
    ours, plain = consistency(part, policy="pairwise"), consistency(part.values, policy="pairwise")
    pd.testing.assert_frame_equal(ours.corr, plain.corr)


def test_groups_are_means_along_the_tree(twin):
    complete = twin.complete(metrics=paper_leaves(twin))
    groups = group_scores(complete, policy="complete")
    assert list(groups) == list(GROUPS)
    values = complete.values
    for label, metrics in {
        "V4": [m for m in values if m in paper_leaves(twin) and ".V4" in m],
        "Geirhos2021 error consistency": [m for m in values if m.endswith("error_consistency")],
        "Geirhos2021 top-1": [m for m in values if m.startswith("Geirhos2021") and m.endswith("top1")],
    }.items():
        by_hand = [sum(values.loc[model, metrics]) / len(metrics) for model in values.index]
        np.testing.assert_allclose(groups[label], by_hand, atol=1e-9)
    properties = complete.metrics.loc[complete.metrics["parent"].astype(str).str.startswith("V1-"), "parent"]
    seven = pd.DataFrame({p: values[properties.index[properties == p]].mean(axis=1) for p in properties.unique()})
    assert seven.shape[1] == 7
    v1 = (values["FreemanZiemba2013.V1-pls"] + seven.mean(axis=1)) / 2
    np.testing.assert_allclose(groups["V1"], v1, atol=1e-9)


def test_groups_that_the_table_lacks_are_left_out(twin):
    part = twin.select(metrics=["FreemanZiemba2013.V2-pls", "ImageNet-top1"])
    assert list(group_scores(part, policy="available")) == ["V2", "ImageNet top-1"]


def test_pair_table_lists_each_pair_once_with_scipys_numbers(rng):
    values = pd.DataFrame(rng.normal(size=(30, 4)), columns=list("abcd"))
    pairs = pair_table(consistency(values, policy="complete"))
    assert list(zip(pairs["metric_a"], pairs["metric_b"], strict=True)) == [
        ("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c", "d")
    ]  # fmt: skip
    for row in pairs.itertuples():
        expected = sps.spearmanr(values[row.metric_a], values[row.metric_b])
        assert row.rho == pytest.approx(expected.statistic, abs=1e-12)
        assert row.p == pytest.approx(expected.pvalue, abs=1e-12)
        assert row.p_adjusted == pytest.approx(min(1.0, 6 * expected.pvalue), abs=1e-12)
        assert row.n == 30


def test_a_model_with_holes_changes_no_complete_correlation(twin):
    leaves = paper_leaves(twin)
    everyone = consistency(twin.select(metrics=leaves), policy="complete")
    complete = consistency(twin.select(metrics=leaves).complete(), policy="complete")
    assert (twin.values[leaves].isna().any(axis=1)).any()
    pd.testing.assert_frame_equal(everyone.corr, complete.corr)


def test_means_by_areas_are_those_of_a_loop_over_pairs(rng):
    values = pd.DataFrame(rng.normal(size=(30, 6)), columns=list("abcdef"))
    values["f"] = 0.0  # no correlation
    areas = {"a": "IT", "b": "V1", "c": "IT", "d": "behaviour", "f": "V1"}  # e has none
    pairs = pair_table(consistency(values, policy="complete"))
    means = mean_by_areas(pairs, areas)
    expected = {}
    for a, b in [("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c", "d")]:
        place = tuple(sorted((areas[a], areas[b]), key=["V1", "IT", "behaviour"].index))
        expected.setdefault(place, []).append(sps.spearmanr(values[a], values[b]).statistic)
    assert means["n_pairs"].drop(("V1", "V1")).to_dict() == {place: len(rho) for place, rho in expected.items()}
    assert means["mean_rho"].drop(("V1", "V1")).to_dict() == pytest.approx({p: np.mean(r) for p, r in expected.items()})
    assert means.loc[("V1", "V1"), "n_pairs"] == 0
    assert np.isnan(means.loc[("V1", "V1"), "mean_rho"])
    backwards = pairs.rename(columns={"metric_a": "metric_b", "metric_b": "metric_a"})
    pd.testing.assert_frame_equal(mean_by_areas(backwards, areas), means)


HOLES = pd.DataFrame({"A": [0.1, 0.2, 0.3, 0.4], "B": [0.2, None, 0.1, None]}, index=list("wxyz"))


@pytest.mark.parametrize(
    ("frame", "policy", "told"),
    [
        (HOLES, "complete", r"2 of 4 have every one of the 2 metrics \(fewest have B: 2\). Take the policy pairwise"),
        (HOLES[:2], "pairwise", r"2 of 2 have scores under the 2 metrics"),
        (HOLES[["A"]], "complete", "a pair needs 2 metrics, and there are 1"),
        (HOLES.reset_index(names="model"), "pairwise", "column 'model' holds no numbers. Make the models the index"),
        (HOLES, "zero", "policy='zero' is none of complete, pairwise"),
        (HOLES[["A", "B", "A"]], "pairwise", "^the frame: column 'A' occurs twice. Remove or rename one"),
        (HOLES.fillna(-np.inf), "pairwise", r"^the frame: row 3, column 'B': -inf \(model 'x'\) is infinite\. Write a"),
    ],
)
def test_what_cannot_be_correlated_is_said(frame, policy, told):
    with pytest.raises(ValueError, match=told):
        consistency(frame, policy=policy)


def test_the_reader_refuses_frames_in_the_same_words():
    twice, infinite = HOLES[["A", "B", "A"]], HOLES.fillna(-np.inf)
    with pytest.raises(ValueError, match=r"^the frame: .*column 'A' occurs twice. Remove or rename one\.$"):
        open_scores(twice)
    with pytest.raises(
        ValueError, match=r"^the frame: row 3, column 'B': '-inf' \(model 'x', .* is infinite\. Write a"
    ):
        open_scores(infinite)


def test_every_column_of_a_frame_is_correlated():
    frame = HOLES.assign(rank=[4.0, 3, 2, 1], average=[1.0, 2, 3, 4])
    assert list(consistency(frame, policy="pairwise").corr) == ["A", "B", "rank", "average"]
    assert list(open_scores(frame).values) == ["A", "B"]


def test_a_table_without_complete_models_is_named(twin):
    with pytest.raises(ValueError, match=r"^twin: a correlation needs 3 models, and 0 of 280 have every one"):
        consistency(twin, policy="complete")
