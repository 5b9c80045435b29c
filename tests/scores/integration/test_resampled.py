"""Ranks over resampled metrics against tables that hold the drawn metrics; groups against all sets of models."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from yardsticks.scores.consistency import paper_leaves
from yardsticks.scores.integration import (
    SCHEMES,
    describe_leader,
    describe_shifts,
    domain_ranks,
    first_by_scheme,
    group_letters,
    integrate,
    leading_models,
    neural_behaviour,
    rank_intervals,
    rank_shifts,
    rankings,
    resampled_areas,
    resampled_ranks,
    say_ranks,
    told_apart,
)
from yardsticks.scores.integration.resampled import _drawn
from yardsticks.scores.table import ScoreTable
from yardsticks.scores.twin.draw import make_twin


@pytest.fixture(scope="module")
def table():
    """Forty models of the twin under the paper's metrics, half of them with holes."""
    twin = make_twin()
    twin = twin.select(metrics=paper_leaves(twin))
    holed = twin.values.isna().any(axis=1)
    some = holed & (twin.values.notna().mean(axis=1) > 0.6)
    return twin.select(models=[*twin.values.index[~holed][:20], *twin.values.index[some][:20]])


def hold(table: ScoreTable, times: pd.Series) -> ScoreTable:
    """Return the table that has each metric as often as it was drawn, each time at its place in the tree."""
    drawn = [metric for metric, n in times.items() for _ in range(int(n))]
    names = [f"{metric} #{i}" for i, metric in enumerate(drawn)]
    values, metrics = table.values[drawn].set_axis(names, axis=1), table.metrics.loc[drawn].set_axis(names)
    return replace(table, values=values, metrics=metrics, cells=None)


@pytest.mark.parametrize(
    ("policy", "nesting"), [("complete", "flat"), ("zero", "website"), ("available", "website"), ("available", "flat")]
)
def test_a_resample_is_the_table_with_the_metrics_drawn(table, policy, nesting):
    part = table.complete() if policy == "complete" else table
    options = {"policy": policy, "n": 2, "seed": 1}
    models = part.values.index
    counts = _drawn(part, models, **options)[1]
    domains = part.metrics["domain"]
    for domain, size in domains.value_counts().items():  # as many of each as there are
        assert (counts.loc[:, domains == domain].sum(axis=1) == size).all()
    areas = resampled_areas(part, models, nesting=nesting, **options)
    for number, times in counts.iterrows():
        held = hold(part, times)
        expected = held.areas(policy=policy, nesting=nesting)
        assert {"IT", "behaviour", "neural", "overall"} <= set(expected)
        for name, scores in expected.items():
            np.testing.assert_allclose(areas[name][number], scores, atol=1e-9)
        for name in set(areas) - set(expected):
            assert areas[name][number].isna().all()  # no metric of the area was drawn
        for scheme in SCHEMES:
            for over in ("domains", "areas", "metrics"):
                how = {"scheme": scheme, "over": over, "nesting": nesting}
                ranks = resampled_ranks(part, models, **how, **options)[number]
                ranking = integrate(held, policy=policy, min_coverage=0, n=0, **how)
                pd.testing.assert_series_equal(ranks, ranking["rank"].loc[models], check_names=False, check_dtype=False)


def test_rank_intervals_by_hand():
    draws = pd.DataFrame([[1, 1, 2, 1], [2, 1, 1, 3], [3, 3, 3, np.nan]], list("xyz"))
    found = rank_intervals(draws)
    assert found["rank_low"].tolist() == [1, 1, 3]
    assert found["rank_high"].tolist() == [2, 3, 3]
    assert found["p_first"].tolist() == [(1 + 0.5 + 0 + 1) / 4, (0 + 0.5 + 1 + 0) / 4, 0]
    many = rank_intervals(pd.DataFrame([np.arange(1, 1001)]))  # 2.5 % of the resamples on either side, at most
    assert many.loc[0, ["rank_low", "rank_high"]].tolist() == [25, 976]


@pytest.mark.parametrize("policy", ["complete", "zero", "available"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_ranking_has_intervals(table, scheme, policy):
    ranking = integrate(table, scheme=scheme, policy=policy, n=200)
    assert ranking["p_first"].sum() == pytest.approx(1)
    assert (ranking["rank_low"] <= ranking["rank_high"]).all()
    inside = ranking["rank"].between(ranking["rank_low"], ranking["rank_high"])
    assert inside.mean() > 0.9
    assert ranking.equals(integrate(table, scheme=scheme, policy=policy, n=200))
    other = integrate(table, scheme=scheme, policy=policy, n=200, seed=1)
    assert other["rank"].equals(ranking["rank"])
    assert not other["p_first"].equals(ranking["p_first"])


def test_metrics_that_agree_leave_no_doubt_and_noise_leaves_all(rng):
    names = [f"metric {i}" for i in range(40)]
    true = pd.DataFrame(np.arange(6.0)[:, None] + 0.01 * rng.normal(size=(6, 40)), list("abcdef"), names)
    sure = integrate(true, scheme="mean", policy="complete", over="metrics")
    assert (sure["rank_low"] == sure["rank"]).all()
    assert (sure["rank_high"] == sure["rank"]).all()
    assert sure["p_first"].tolist() == [1, 0, 0, 0, 0, 0]
    noise = pd.DataFrame(rng.normal(size=(6, 40)), list("abcdef"), names)
    unsure = integrate(noise, scheme="mean", policy="complete", over="metrics")
    assert (unsure["rank_high"] - unsure["rank_low"]).mean() > 2.5
    assert unsure["p_first"].iloc[0] < 0.95
    few = integrate(true[names[:4]], scheme="mean", policy="complete", over="metrics")
    assert few[["rank_low", "rank_high", "p_first"]].isna().all(axis=None)  # of four metrics there is no sample


def test_ranks_of_a_domain_are_those_of_its_score(table):
    found = domain_ranks(table, "neural", policy="available", n=100)
    neural = table.areas(policy="available")["neural"]
    assert (found["rank"] == [1 + (neural > score).sum() for score in neural]).all()
    assert found["p_first"].sum() == pytest.approx(1)
    frame = neural_behaviour(table, policy="available")
    assert {"rank_low", "rank_high", "neural_rank_low", "neural_rank_high"} <= set(frame)


def maximal_groups(apart):
    """All largest sets of models no two of which can be told apart, by looking at every set."""
    models = range(len(apart))
    sets = [set(s) for n in range(1, len(apart) + 1) for s in combinations(models, n)]
    alike = [s for s in sets if not any(apart[a, b] for a, b in combinations(s, 2))]
    return [s for s in alike if not any(s < other for other in alike)]


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_models_share_a_letter_if_and_only_if_they_cannot_be_told_apart(rng, share):
    for _ in range(8):
        apart = np.triu(rng.random((7, 7)) < share, 1)
        apart |= apart.T
        letters = group_letters(pd.DataFrame(apart)).map(set)
        for a, b in combinations(range(7), 2):
            assert bool(letters[a] & letters[b]) != apart[a, b]
        groups = {letter: {row for row in range(7) if letter in letters[row]} for letter in set.union(*letters)}
        largest = maximal_groups(apart)
        assert all(group in largest for group in groups.values())
        for letter in groups:  # each is needed
            rest = [group for other, group in groups.items() if other != letter]
            covered = {(a, b) for group in rest for a in group for b in group}
            assert any((a, b) not in covered for a in groups[letter] for b in groups[letter])
        assert min(letters[0]) == "a"


def test_groups_of_many_models_that_do_not_follow_their_order_are_refused(rng):
    apart = np.triu(rng.random((60, 60)) < 0.4, 1)
    with pytest.raises(ValueError, match="60 models make more than 52 groups"):
        group_letters(pd.DataFrame(apart | apart.T))


def test_told_apart_by_the_interval_of_the_difference(rng):
    draws = pd.DataFrame(rng.normal([[0.0], [0.5], [3.0], [3.0]], 1, (4, 500))).rank()
    draws.iloc[3] = draws.iloc[2]  # ties throughout
    apart = told_apart(draws)
    for a, b in combinations(range(4), 2):
        low, high = np.quantile(draws.loc[a] - draws.loc[b], (0.025, 0.975))
        assert apart.at[a, b] == apart.at[b, a] == (not low <= 0 <= high)
    assert not apart.at[2, 3]
    assert not np.diag(apart).any()


def test_models_that_no_draw_ranks_together_are_not_told_apart():
    draws = pd.DataFrame([[1.0, 1.0, np.nan], [2.0, 2.0, np.nan], [np.nan, np.nan, 1.0]], list("xyz"))
    apart = told_apart(draws)
    assert apart.at["x", "y"]
    assert apart.at["y", "x"]
    assert not apart["z"].any()
    assert not apart.loc["z"].any()


def test_what_is_said_of_a_ranking(table):
    options = {"policy": "available"}
    ranking = integrate(table, scheme="mean", n=200, seed=3, **options)
    draws = resampled_ranks(table, ranking.index, scheme="mean", n=200, seed=3, **options)
    pd.testing.assert_frame_equal(rank_intervals(draws), ranking[["rank_low", "rank_high", "p_first"]])
    apart = told_apart(draws)
    listed = leading_models(ranking, apart, 5)
    assert listed["rank"].tolist() == ranking["rank"].head(5).tolist()
    assert set(listed["group"].iloc[0]) & set(listed["group"].iloc[1]) or apart.iloc[0, 1]
    leader = describe_leader(ranking, apart)
    assert leader["name"] == ranking["model_name"].iloc[0]
    assert leader["p_first"] == (draws.iloc[0] == 1).mean()
    assert leader["n_with"] == sum(not apart.iloc[0, other] for other in range(1, len(apart)))
    schemes = ("mean", "rank")
    shifts = rank_shifts(rankings(table, schemes, **options))
    told = describe_shifts(table, shifts, schemes, seed=3, **options)
    assert told["largest"] == (shifts["rank_mean"] - shifts["rank_rank"]).abs().max()
    assert told["n_moved_low"] <= told["n_moved"] <= told["n_moved_high"]
    assert 0 <= told["same_winner"] <= 1
    assert say_ranks(ranking, [ranking.index[0], "gone"]).startswith("1 (1 to ")
    assert say_ranks(ranking, ["gone"]) == "unknown: they are not on this table"
    assert say_ranks(pd.DataFrame({"rank": [2], "rank_low": [pd.NA], "rank_high": [pd.NA]}, ["x"]), ["x"]) == "2"


def test_all_that_share_the_first_place_are_named():
    scores = pd.DataFrame({"a": [1.0, 2.0, 2.0], "b": [1.0, 3.0, 3.0], "c": [2.0, 1.0, 1.0]}, index=["x", "y", "z"])
    options = {"policy": "complete", "n": 50}
    found = rankings(scores, ["mean", "median"], over="metrics", **options)
    assert first_by_scheme(found)["model_name"].tolist() == ["y and z"] * 2
    apart = pd.DataFrame(False, found["mean"].index, found["mean"].index)
    assert describe_leader(found["mean"], apart)["name"] == "y and z"
