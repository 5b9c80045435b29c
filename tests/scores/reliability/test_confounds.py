"""Partial rank correlations against another library's least squares and the textbook; reversals by design."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats as sps

from yardsticks.scores.reliability import (
    adjust_pairs,
    confounders,
    interval_of_partial,
    partial_correlations,
    reversals,
)


@pytest.fixture
def frame(rng):
    base = rng.normal(size=(80, 1))
    frame = pd.DataFrame(base + rng.normal(size=(80, 5)), columns=list("abcxy")).round(1)  # with ties
    frame.iloc[:7, 3] = np.nan
    frame.iloc[5:9, 0] = np.nan
    return frame


def residuals(ranks, given):
    return sm.OLS(ranks, sm.add_constant(given)).fit().resid


@pytest.mark.parametrize("given", [["x"], ["x", "y"], []], ids=str)
def test_partial_correlations_are_those_of_residuals_of_ranks(frame, given):
    got = partial_correlations(frame[["a", "b", "c"]], frame[given])
    rows = frame[["a", "b", "c", *given]].dropna().rank()
    for a, b in (("a", "b"), ("a", "c"), ("b", "c")):
        left = [residuals(rows[name], rows[given]) if given else rows[name] for name in (a, b)]
        r = sps.pearsonr(*left)[0]
        assert got.corr.at[a, b] == pytest.approx(r)
        df = len(rows) - 2 - len(given)
        t = r * np.sqrt(df / (1 - r**2))
        assert got.p.at[a, b] == pytest.approx(2 * sps.t.sf(abs(t), df))
        assert got.n.at[a, b] == len(rows)
    assert got.corr.equals(got.corr.T)


def test_given_one_column_it_is_the_textbooks_formula(frame):
    rho = frame[["a", "b", "y"]].dropna().corr(method="spearman")
    a, b = rho.at["a", "y"], rho.at["b", "y"]
    expected = (rho.at["a", "b"] - a * b) / np.sqrt((1 - a**2) * (1 - b**2))
    assert partial_correlations(frame[["a", "b"]], frame[["y"]]).corr.at["a", "b"] == pytest.approx(expected)


def test_partial_correlations_stay_when_scores_or_what_is_given_are_stretched(frame):
    stretched = frame.assign(a=np.exp(frame["a"]), y=frame["y"] ** 3, x=-frame["x"])
    first, second = (partial_correlations(part[["a", "b"]], part[["x", "y"]]) for part in (frame, stretched))
    pd.testing.assert_frame_equal(first.corr, second.corr)


def test_nothing_is_left_of_what_is_given_or_never_varies(frame):
    whole = frame.dropna()
    got = partial_correlations(whole[["a", "b"]], whole[["a"]])
    assert got.corr.loc["a"].isna().all()
    constant = partial_correlations(whole[["b", "c"]].assign(k=1.0), whole[["a"]])
    assert constant.corr["k"].isna().all()
    assert constant.corr.at["b", "c"] == partial_correlations(whole[["b", "c"]], whole[["a"]]).corr.at["b", "c"]
    same = partial_correlations(whole[["b", "c"]], whole[["a"]].assign(k=1.0))  # nor does that take a degree of freedom
    assert same.p.at["b", "c"] == pytest.approx(partial_correlations(whole[["b", "c"]], whole[["a"]]).p.at["b", "c"])
    for few in (0, 1, 3):
        assert partial_correlations(whole[["b", "c"]][:few], whole[["a"]][:few]).corr.isna().all(axis=None)


@pytest.fixture
def simpson(rng):
    """Four families whose means go up together, and inside which the two scores go against one another."""
    family = pd.Series(np.repeat(["one", "two", "three", "four"], 12), [f"m{i:02d}" for i in range(48)])
    level = family.map({"one": 0, "two": 4, "three": 8, "four": 12})
    inside = rng.normal(size=48)
    scores = pd.DataFrame({"neural": level + inside, "behaviour": level - inside + 0.1 * rng.normal(size=48)})
    about = pd.DataFrame({"ImageNet top-1": level + rng.normal(size=48), "number of scores": 5.0})
    return scores.set_axis(family.index), about.set_axis(family.index), family


def test_a_reversal_inside_families_is_found_and_named(simpson):
    scores, about, family = simpson
    got = adjust_pairs(scores, about, family).set_index("given")
    conditions = ["ImageNet top-1", "number of scores", "all 2", "families"]
    assert set(got.index) == {*conditions, *(f"family {name}" for name in family.unique())}
    ranks = scores.rank()
    left = ranks.copy()
    for name in family.unique():
        left[family == name] -= ranks[family == name].mean()
        r, p = sps.spearmanr(scores[family == name])
        assert got.loc[f"family {name}", ["adjusted", "p_adjusted"]].tolist() == pytest.approx([r, p])
        assert got.at[f"family {name}", "n"] == 12
    assert got.at["families", "adjusted"] == pytest.approx(np.corrcoef(left.T)[0, 1])
    rho, p = sps.spearmanr(scores)
    assert got["rho"].tolist() == pytest.approx([rho] * 8)
    assert got["p_rho"].tolist() == pytest.approx([p] * 8)
    assert got.at["number of scores", "adjusted"] == pytest.approx(rho)  # which is the same for all
    turned = reversals(got.reset_index())
    assert turned["sure"].all()
    assert {"families", "family one", "family four"} <= set(turned["given"])
    change = (turned["rho"] - turned["adjusted"]).tolist()
    assert change == sorted(change, reverse=True)


def test_models_alone_in_their_family_say_nothing_of_it(simpson):
    scores, about, family = simpson
    alone = family.copy()
    alone.iloc[:12] = [f"alone {i}" for i in range(12)]
    got = adjust_pairs(scores, about, alone).set_index("given")
    assert got.at["families", "n"] == 36
    assert got.at["families", "adjusted"] == pytest.approx(
        adjust_pairs(scores[12:], about, family).set_index("given").at["families", "adjusted"]
    )
    with pytest.raises(ValueError, match="there are 2 scores and 2 models"):
        adjust_pairs(scores[:2], about, family)


def test_intervals_hold_their_estimates(simpson):
    scores, about, family = simpson
    for over in ("models", "families"):
        got = interval_of_partial(scores, about, family, over=over, seed=1, n_resamples=30)
        pairs = adjust_pairs(scores, about, family).set_index("given").loc[got.index]
        for column in ("n", "rho", "adjusted"):
            assert got[column].tolist() == pytest.approx(pairs[column].tolist())
        assert got["change"].tolist() == pytest.approx((got["adjusted"] - got["rho"]).tolist())
        if over == "models":
            assert (got["low"] <= got["adjusted"]).all()
            assert (got["change_low"] <= got["change"] + 1e-12).all()
        else:  # four of them are too few
            assert got[["low", "high", "change_low"]].isna().all(axis=None)
    with pytest.raises(ValueError, match="over='rows' is none of models, families"):
        interval_of_partial(scores, about, family, over="rows", seed=1)


def test_confounders_are_read_off_the_table(make_table):
    values = pd.DataFrame({"ImageNet-top1": [0.5, np.nan], "Rajalingham2018-i2n": [0.1, 0.2]}, ["a", "b"])
    when = pd.to_datetime(["1970-01-11", "1970-01-02", "1970-01-03", "1970-01-04"], utc=True)
    cells = pd.DataFrame({"model_id": list("abbb"), "metric": "x", "timestamp": when})
    got = confounders(make_table(values, cells=cells))
    assert got.loc["a"].tolist() == [0.5, 10, 2]
    assert got.loc["b", ["date", "number of scores"]].tolist() == [2, 1]
    assert list(confounders(make_table(values[["Rajalingham2018-i2n"]]))) == ["number of scores"]
