"""Integration schemes on a hand-made table of four metrics whose area scores can be worked out on paper."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as sps

from yardsticks.datasets import Origin
from yardsticks.scores.integration import (
    agreement_with_mean,
    combine,
    divided_variance,
    integrate,
    neural_behaviour,
    rank_shifts,
    rankings,
    variance_explained,
    variance_shares,
)
from yardsticks.scores.integration.votes import VOTES, vote
from yardsticks.scores.metrics import describe_metrics
from yardsticks.scores.table import ScoreTable

METRICS = ["FreemanZiemba2013.V1-pls", "FreemanZiemba2013.V2-pls", "MajajHong2015.V4-pls", "Rajalingham2018-i2n"]


def make_table(rows):
    """Return a table of models m0, m1, ... with scores (V1, V2, V4, behaviour)."""
    index = pd.Index([f"m{i}" for i in range(len(rows))], name="model_id")
    values = pd.DataFrame(rows, index, METRICS, dtype=float)
    models = pd.DataFrame({"name": [f"model {i}" for i in range(len(rows))]}, index)
    return ScoreTable(values, describe_metrics(METRICS), models, None, Origin("hand-made", "real", ""))


@pytest.fixture
def table():
    return make_table([[0.3, 0.3, 0.3, 0.1], [0.2, 0.2, 0.2, 0.9], [0.1, 0.1, 0.1, 0.5], [0.4, 0.4, np.nan, 0.2]])


def test_mean_by_hand(table):
    ranking = integrate(table, scheme="mean", policy="complete")
    assert list(ranking.columns)[:5] == ["model_name", "neural", "behaviour", "score", "rank"]
    assert list(ranking.index) == ["m1", "m2", "m0"]
    assert ranking["score"].tolist() == pytest.approx([0.55, 0.3, 0.2])
    assert ranking["rank"].tolist() == [1, 2, 3]


def test_policies_treat_the_hole_as_they_say(table):
    assert "m3" not in integrate(table, scheme="mean", policy="complete").index
    zero = integrate(table, scheme="mean", policy="zero").loc["m3"]
    assert zero["neural"] == pytest.approx((0.4 + 0.4 + 0) / 3)
    available = integrate(table, scheme="mean", policy="available").loc["m3"]
    assert available["neural"] == pytest.approx(0.4)
    assert available["score"] == pytest.approx((0.4 + 0.2) / 2)


def test_z_against_scipy(table):
    ranking = integrate(table, scheme="z", policy="complete")
    neural, behaviour = [0.3, 0.2, 0.1], [0.1, 0.9, 0.5]
    expected = (sps.zscore(neural) + sps.zscore(behaviour)) / 2
    assert ranking.loc[["m0", "m1", "m2"], "score"].tolist() == pytest.approx(list(expected))


def test_rank_against_scipy(table):
    ranking = integrate(table, scheme="rank", policy="complete", over="metrics")
    scores = np.array([[0.3, 0.3, 0.3, 0.1], [0.2, 0.2, 0.2, 0.9], [0.1, 0.1, 0.1, 0.5]])
    expected = ((sps.rankdata(scores, axis=0) - 0.5) / len(scores)).mean(axis=1)
    assert ranking.loc[["m0", "m1", "m2"], "score"].tolist() == pytest.approx(list(expected))


def test_over_areas_weighs_the_areas_alike(table):
    ranking = integrate(table, scheme="mean", policy="complete", over="areas")
    assert ranking.at["m0", "score"] == pytest.approx((0.3 + 0.3 + 0.3 + 0.1) / 4)


def test_the_best_of_few_ranks_with_the_best_of_many():
    # m0 is the best of five under V1, m5 the better of the two that have a score under V2
    parts = pd.DataFrame({"V1": [0.5, 0.4, 0.3, 0.2, 0.1, None, None], "V2": [None] * 5 + [0.9, 0.1]})
    assert combine(parts, scheme="rank").tolist() == pytest.approx([0.9, 0.7, 0.5, 0.3, 0.1, 0.75, 0.25])


@pytest.mark.parametrize("scheme", ["mean", "z", "rank"])
@pytest.mark.parametrize("policy", ["zero", "available"])
def test_who_lacks_more_than_half_of_a_domain_is_not_ranked(policy, scheme):
    rows = [
        [0.1, 0.2, 0.3, 0.4],
        [0.9, np.nan, np.nan, 0.9],  # one of three neural metrics
        [0.9, 0.9, 0.9, np.nan],  # nothing of behaviour
        [np.nan, 0.5, 0.7, 0.2],  # two of three
    ]
    for over in ("domains", "areas", "metrics"):
        options = {"scheme": scheme, "policy": policy, "over": over}
        ranking = integrate(make_table(rows), **options)
        assert set(ranking.index) == {"m0", "m3"}
        assert ranking.attrs["left_out"] == {
            "m1": "has 33% of the neural metrics",
            "m2": "has 0% of the behaviour metrics",
        }
        everyone = integrate(make_table(rows), **options, min_coverage=0)
        assert (len(everyone), everyone.attrs["left_out"]) == (4, {})
        more = make_table([*rows, [0.3, 0.1, 0.2, 0.9]])
        assert set(integrate(more, **options, min_coverage=1).index) == {"m0", "m4"}
    if (scheme, policy) == ("mean", "available"):
        assert ranking["score"].to_dict() == pytest.approx({"m3": 1.4 / 3, "m0": 0.25})
        assert everyone.index[0] == "m1"  # it would win by what it was not scored on
    with pytest.raises(ValueError, match="from 0 to 1, not 50"):
        integrate(make_table(rows), **options, min_coverage=50)


@pytest.mark.parametrize("scheme", ["mean", "z", "rank"])
def test_higher_scores_never_lower_a_rank(scheme, rng):
    values = rng.random((12, 4))
    before = integrate(make_table(values), scheme=scheme, policy="complete")["rank"]
    values[3] += 0.4
    after = integrate(make_table(values), scheme=scheme, policy="complete")["rank"]
    assert after["m3"] <= before["m3"]


@pytest.mark.parametrize("scheme", ["z", "rank"])
def test_unit_of_a_domain_does_not_matter_but_for_the_mean(scheme, rng):
    values = rng.random((12, 4))
    wider = values * [1, 1, 1, 50]
    orders = [list(integrate(make_table(v), scheme=scheme, policy="complete").index) for v in (values, wider)]
    assert orders[0] == orders[1]
    first = list(integrate(make_table(values), scheme="mean", policy="complete").index)
    with pytest.warns(UserWarning, match=r"very different sizes.*Rajalingham2018-i2n \(") as told:
        assert list(integrate(make_table(wider), scheme="mean", policy="complete").index) != first
    assert len(told) == 1


def test_ties_share_the_better_rank():
    ranking = integrate(make_table([[1, 1, 1, 1], [2, 2, 2, 2], [1, 1, 1, 1]]), scheme="mean", policy="complete")
    assert ranking["rank"].tolist() == [1, 2, 2]


def test_a_domain_without_variance_does_not_blow_up_z():
    ranking = integrate(make_table([[1, 1, 1, 1], [1, 1, 1, 2]]), scheme="z", policy="complete")
    assert ranking.index[0] == "m1"


def test_unknown_options_name_the_valid_ones(table):
    with pytest.raises(ValueError, match="mean, z, rank"):
        integrate(table, scheme="most", policy="complete")
    with pytest.raises(ValueError, match="complete, zero, available"):
        integrate(table, scheme="mean", policy="drop")
    with pytest.raises(ValueError, match="domains, areas, metrics"):
        integrate(table, scheme="mean", policy="zero", over="leaves")
    with pytest.raises(ValueError, match="median is a vote of the metrics: ask for over='metrics'"):
        integrate(table, scheme="median", policy="complete")


@pytest.mark.parametrize("scheme", VOTES)
def test_votes_rank_as_the_vote_and_only_one_has_no_interval(scheme, rng):
    columns = ["MajajHong2015.IT-pls", "MajajHong2015.V4-pls", "Rajalingham2018-i2n", "a", "b", "c"]
    frame = pd.DataFrame(rng.normal(size=(7, 6)).round(2), [f"m{k}" for k in range(7)], columns)
    ranking = integrate(frame, scheme=scheme, policy="available", over="metrics", n=40)
    expected = vote(frame, scheme=scheme).rank(ascending=False, method="min")
    assert ranking["rank"].to_dict() == expected.astype(int).to_dict()
    if scheme == "kemeny":
        assert ranking[["rank_low", "rank_high", "p_first"]].isna().all(axis=None)
    else:
        assert (ranking["rank_low"] <= ranking["rank_high"]).all()
        assert ranking["p_first"].sum() == pytest.approx(1)


def test_without_behaviour_there_is_nothing_to_integrate(table):
    with pytest.raises(ValueError, match="no behavioural metrics"):
        integrate(table.select(metrics=METRICS[:3]), scheme="mean", policy="zero")


def test_rank_shifts_by_hand():
    index = pd.Index(["a", "b", "c"], name="model_id")
    ranks = {"rank": [1, 2, 3], "rank_low": [1, 1, 2], "rank_high": [2, 3, 3]}
    mean = pd.DataFrame({"model_name": ["A", "B", "C"], "score": [3.0, 2.0, 1.0], **ranks}, index)
    z = pd.DataFrame({"model_name": ["C", "B", "A"], "score": [9.0, 5.0, 1.0], **ranks}, index[::-1])
    shifts = rank_shifts({"mean": mean, "z": z})
    assert shifts["mean"].tolist() == [1.0, 0.5, 0.0]
    assert shifts["z"].tolist() == [0.0, 0.5, 1.0]
    assert shifts["largest_shift"].tolist() == [2, 0, 2]
    assert shifts[["rank_z", "rank_z_low", "rank_z_high"]].loc["a"].tolist() == [3, 2, 3]
    with pytest.raises(ValueError, match="not of the same models"):
        rank_shifts({"mean": mean, "z": z.iloc[:2]})


def test_neural_behaviour_has_unit_z_scores_and_both_ranks(rng):
    frame = neural_behaviour(make_table(rng.random((20, 4))), policy="complete")
    for column in ("neural_z", "behaviour_z"):
        assert frame[column].mean() == pytest.approx(0, abs=1e-12)
        assert frame[column].std(ddof=0) == pytest.approx(1)
    assert frame.loc[frame["neural_rank"] == 1, "neural"].item() == frame["neural"].max()
    assert frame["rank"].is_monotonic_increasing


def test_variance_explained_is_squared_pearson(rng):
    areas = make_table(rng.random((20, 4))).areas(policy="complete")
    explained = variance_explained(areas)
    for domain in ("neural", "behaviour"):
        assert explained[domain] == pytest.approx(sps.pearsonr(areas[domain], areas["overall"]).statistic ** 2)


@pytest.mark.parametrize("policy", ["complete", "available"])
def test_metrics_that_do_not_vary_are_named(policy):
    frame = pd.DataFrame({"A": [0.25] * 3, "B": [0.5] * 3}, index=["x", "y", "z"])
    with pytest.raises(ValueError, match=r"No two models differ in A, B: take the scheme mean or rank\.$"):
        integrate(frame, scheme="z", policy=policy, over="metrics")
    assert integrate(frame, scheme="rank", policy=policy, over="metrics")["rank"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("policy", ["complete", "zero", "available"])
@pytest.mark.parametrize("scheme", ["mean", "z", "rank"])
def test_a_frame_is_ranked_as_its_table(table, scheme, policy):
    options = {"scheme": scheme, "policy": policy}
    by_frame = integrate(table.values, **options)
    pd.testing.assert_frame_equal(by_frame.drop(columns="model_name"), integrate(table, **options).iloc[:, 1:])
    assert list(by_frame["model_name"]) == list(by_frame.index)


def test_without_complete_models_the_way_out_is_said():
    nobody = make_table([[0.1, 0.2, np.nan, 0.3], [0.1, 0.3, np.nan, 0.5], [0.1, 0.2, 0.3, np.nan]])
    told = r"2 models, and under the policy complete 0 of 3 .* Fewest have MajajHong2015.V4-pls \(1\): take the pol"
    with pytest.raises(ValueError, match=told):
        integrate(nobody, scheme="mean", policy="complete")
    assert len(integrate(nobody, scheme="mean", policy="available")) == 2
    with pytest.raises(ValueError, match=r"1 of 1 have a score by mean over areas\. Give a table with more models\."):
        integrate(make_table([[0.1, 0.2, 0.3, 0.4]]), scheme="mean", policy="zero", over="areas")


def test_shares_of_variance_add_up_to_one(rng):
    neural, behaviour = rng.normal(size=80), 3 * rng.normal(size=80)
    behaviour += neural
    frame = pd.DataFrame({"neural": neural, "behaviour": behaviour})
    shares = variance_shares(frame)
    assert shares.sum().tolist() == pytest.approx([1, 1, 1])
    overall = (neural + behaviour) / 2
    # of a sum, the slope of each half on the whole
    assert shares.at["neural", "covariance"] == pytest.approx(sps.linregress(overall, neural / 2).slope)
    alone = {name: sps.pearsonr(frame[name], overall).statistic ** 2 for name in frame}
    expected = (alone["behaviour"] + 1 - alone["neural"]) / 2  # first, and after the other
    assert shares.at["behaviour", "shapley"] == pytest.approx(expected)
    assert shares.at["neural", "spread"] == pytest.approx(np.var(neural) / (np.var(neural) + np.var(behaviour)))
    with_hole = pd.concat([frame, pd.DataFrame({"neural": [9.0], "behaviour": [np.nan]})])
    pd.testing.assert_frame_equal(variance_shares(with_hole), shares)
    assert variance_shares(pd.DataFrame({"neural": [1.0, 1.0], "behaviour": [2.0, 2.0]})).isna().all(axis=None)


def test_schemes_agree_as_their_rankings_do(rng):
    table = make_table(rng.random((30, 4)))
    ranked = rankings(table, ("mean", "rank"), policy="complete")
    assert ranked["rank"].equals(integrate(table, scheme="rank", policy="complete"))
    parts = table.areas(policy="complete")[["neural", "behaviour"]]
    expected = sps.spearmanr(ranked["mean"]["score"], ranked["rank"]["score"].loc[ranked["mean"].index]).statistic
    assert agreement_with_mean(parts)["rank"] == pytest.approx(expected)
    assert divided_variance(parts)["shapley_neural"] == variance_shares(parts).at["neural", "shapley"]


@pytest.mark.parametrize("scheme", ["mean", "z", "rank", "borda", "copeland"])
def test_a_weight_of_two_is_a_metric_entered_twice(scheme, rng):
    columns = ["MajajHong2015.IT-pls", "Rajalingham2018-i2n", "a", "b", "c"]
    frame = pd.DataFrame(rng.normal(size=(8, 5)).round(2), [f"m{k}" for k in range(8)], columns)
    options = {"scheme": scheme, "policy": "available", "over": "metrics", "n": 30}
    weighted = integrate(frame, weights=pd.Series([1, 2, 1, 0, 1.0], columns), **options)
    doubled = frame[["MajajHong2015.IT-pls", "Rajalingham2018-i2n", "a", "c"]].assign(d=frame["Rajalingham2018-i2n"])
    expected = integrate(doubled, **options)
    pd.testing.assert_series_equal(weighted["score"], expected["score"])
    assert weighted["p_first"].sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("weights", "over", "message"),
    [
        ({"a": 1, "b": 1}, "domains", "weights are of metrics: ask for over='metrics'"),
        ({"a": 1}, "metrics", "b has nan"),
        ({"a": 1, "b": -1}, "metrics", "b has -1"),
        ({"a": 0, "b": 0}, "metrics", "all are 0"),
    ],
)
def test_weights_that_cannot_be(weights, over, message):
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, 3.0]}, index=["x", "y"])
    with pytest.raises(ValueError, match=message):
        integrate(frame, scheme="mean", policy="complete", over=over, weights=pd.Series(weights, dtype=float))
