"""The specification curve on the twin: its points by hand, and its analysis against statsmodels."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from statsmodels.stats.anova import anova_lm

from yardsticks.claims import CLOSE, printed_numbers
from yardsticks.scores.consistency import paper_leaves
from yardsticks.scores.specifications.choices import PAPER_PROXY, Specification, apply
from yardsticks.scores.specifications.curve import bootstrap_curve, grid, specification_curve, spread_along
from yardsticks.scores.specifications.figures import plot_curve, plot_explained, plot_ranges
from yardsticks.scores.specifications.headline import HEADLINES, headline_numbers, prepare
from yardsticks.scores.specifications.spread import (
    MEAN_RHO,
    count_distinct,
    describe,
    distances,
    explained_by_choice,
    leading_choices,
    most_important,
    nearest,
    printed_lines,
    say_close,
    set_beside_printed,
    shared_values,
)
from yardsticks.scores.twin.draw import make_twin

ROOT = Path(__file__).resolve().parents[3]
NUMBERS = list(HEADLINES)
BARE = {"until": None, "public_only": False, "nonzero": False, "deduplicate": None, "imagenet_floor": 0.0}


@pytest.fixture(scope="module")
def twin():
    return make_twin()


@pytest.fixture(scope="module")
def tables(twin):
    return {"dated": twin, "undated": replace(twin, cells=None)}


@pytest.fixture(scope="module")
def bare(twin):
    """Every analysis of the plainest set of models."""
    points = grid({"dated": twin}, only=BARE)
    return points, specification_curve({"dated": twin}, points)


def row(frame, **values):
    found = frame[np.logical_and.reduce([frame[name] == value for name, value in values.items()])]
    assert len(found) == 1
    return found.iloc[0]


def made_up(rng, n_repeats=1):
    """A frame like a curve's, with an additive number, one of interactions, and one that does not vary."""
    levels = {"policy": ["complete", "zero", "available"], "method": ["spearman", "kendall"], "nesting": ["a", "b"]}
    frame = pd.DataFrame(list(product(*levels.values())) * n_repeats, columns=list(levels))
    policy, method = frame["policy"].map({"complete": 0, "zero": 2, "available": 3}), frame["method"] == "kendall"
    frame["mean_rho"] = policy + 0.5 * method
    frame["r2_behaviour"] = policy * method + 0.1 * rng.normal(size=len(frame))
    frame["r2_neural"] = rng.normal(size=len(frame))
    frame["rho_mean_z"] = 0.9
    frame["rho_mean_rank"] = np.nan
    return frame


def test_grid_crosses_what_means_something(tables):
    points = grid(tables)
    assert len(points) == len(set(points))
    frame = pd.DataFrame([point.words() for point in points])
    # dated: none, cut, cut and public; then deduplicate x floor x nesting; then complete twice, zero, available
    n_analyses = 8 * 4 * 3 * 3 * 3
    assert frame["table"].value_counts().to_dict() == {"dated": 3 * n_analyses, "undated": n_analyses}
    assert (frame.loc[frame["table"] == "undated", "until"] == "none").all()
    assert (frame.loc[frame["nonzero"] == "yes", "policy"] == "complete").all()
    assert PAPER_PROXY in {point.choices for point in points}


def test_grid_is_restricted_by_values_or_words(tables):
    by_value = grid(tables, only={"imagenet_floor": 0.019, "until": None, "public_only": False, "method": ""})
    by_word = grid(tables, only={"imagenet_floor": "0.019", "until": "none", "public_only": "no"})
    assert by_value == by_word
    assert {point.choices.imagenet_floor for point in by_value} == {0.019}
    with pytest.raises(ValueError, match=r"method='tau' is none of spearman"):
        grid(tables, only={"method": "tau"})
    with pytest.raises(ValueError, match="no specification has nonzero = yes, policy = zero"):
        grid(tables, only={"nonzero": True, "policy": "zero"})
    with pytest.raises(ValueError, match=r"choice='colour' is none of table, until"):
        grid(tables, only={"colour": "red"})


@pytest.mark.parametrize("choices", [Specification(), Specification(nonzero=True, deduplicate=None, nesting="flat")])
def test_curve_runs_through_the_numbers_of_the_claims(twin, choices):
    values = {name: getattr(choices, name) for name in (*BARE, "nesting")}
    points = grid({"t": twin}, only=values | {"policy": "complete", "over": "domains", "method": "spearman"})
    curve = specification_curve({"t": twin}, points)
    numbers = headline_numbers(twin, choices)
    leaves = row(curve, metrics="leaves")
    assert leaves["n_models"] == numbers["n_models_figure4"]
    for name in NUMBERS[1:]:
        assert leaves[name] == pytest.approx(numbers[name])
    for metrics in ("groups", "leaves and engineering"):
        assert row(curve, metrics=metrics)["mean_rho"] == pytest.approx(numbers[MEAN_RHO[metrics]])


@pytest.mark.parametrize("method", ["spearman", "kendall", "pearson"])
def test_mean_correlation_under_each_policy_by_pandas(twin, bare, method):
    _, curve = bare
    leaves = paper_leaves(twin, ost=True)
    values = twin.values[leaves]
    samples = {
        "complete": values.drop(columns="Kar2019-ost", errors="ignore").dropna(),
        "zero": values,  # which counts a missing score as 0 in averages alone
        "available": values,
    }
    for policy, sample in samples.items():
        corr = sample.corr(method=method, min_periods=3).to_numpy()
        expected = np.nanmean(corr[np.triu_indices(len(corr), 1)])
        found = row(curve, policy=policy, method=method, metrics="leaves", over="domains", nesting="website")
        assert found["mean_rho"] == pytest.approx(expected, abs=1e-12)


def test_integrations_under_zeros_by_hand(twin, bare):
    _, curve = bare
    found = row(curve, policy="zero", method="kendall", metrics="leaves", over="areas", nesting="flat")
    areas = twin.select(metrics=paper_leaves(twin, ost=True)).areas(policy="zero", nesting="flat")
    five = areas[["V1", "V2", "V4", "IT", "behaviour"]]
    z = ((five - five.mean()) / five.std()).mean(axis=1).round(10)
    assert found["rho_mean_z"] == pytest.approx(areas["overall"].corr(z, method="kendall"))
    rank = five.rank().mean(axis=1).round(10)
    assert found["rho_mean_rank"] == pytest.approx(areas["overall"].corr(rank, method="kendall"))
    assert found["r2_neural"] == pytest.approx(areas["neural"].corr(areas["overall"]) ** 2)
    assert found["n_models"] == len(twin.values)


def test_what_was_computed_before_changes_nothing(twin, bare):
    points, curve = bare
    for position in (0, len(points) // 2, len(points) - 1):
        alone = specification_curve({"dated": twin}, [points[position]]).iloc[0]
        pd.testing.assert_series_equal(alone, curve.iloc[position], check_names=False)


def test_numbers_are_inert_where_they_should_be(bare):
    _, curve = bare
    by_models = curve.groupby(["nesting", "policy", "metrics"])
    assert (by_models[["r2_behaviour", "r2_neural"]].nunique() == 1).all(axis=None)
    assert (curve.groupby(["nesting", "policy", "metrics", "method"])["mean_rho"].nunique() == 1).all()


def test_spread_along_takes_both_ends_and_no_gaps():
    values = pd.Series([0.3, np.nan, 0.1, 0.2, 0.5, 0.4])
    assert spread_along(values, 3) == [2, 0, 4]
    assert spread_along(values, 9) == [2, 3, 0, 5, 4]
    assert spread_along(pd.Series([np.nan]), 3) == []


def test_bootstrap_by_hand_and_independent_of_company(twin, bare):
    points, curve = bare
    options = {"n_resamples": 20, "seed": 3}
    some = bootstrap_curve({"dated": twin}, points, curve, n_specifications=3, also=[7], **options)
    alone = bootstrap_curve({"dated": twin}, points, curve, n_specifications=0, also=[7], **options)
    kept = some[some["specification"] == 7].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, alone)
    assert alone["number"].tolist() == NUMBERS
    assert (some["low"] <= some["high"]).all()
    other = bootstrap_curve({"dated": twin}, points, curve, n_specifications=0, also=[7], n_resamples=20, seed=4)
    assert (other["low"] != alone["low"]).any()


def test_bootstrap_interval_has_the_width_of_theory(twin):
    """Fisher's z of a Pearson correlation over n models has a standard error of about 1 / sqrt(n)."""
    points = grid({"t": twin}, only=BARE | {"metrics": "leaves", "nesting": "website", "method": "pearson"})
    points = [p for p in points if p.analysis.policy == "complete" and p.analysis.over == "domains"]
    curve = specification_curve({"t": twin}, points)
    found = bootstrap_curve({"t": twin}, points, curve, n_specifications=1, n_resamples=200, seed=0)
    r2 = row(found, number="r2_neural")
    assert r2["low"] < r2["value"] < r2["high"]
    width = np.arctanh(np.sqrt(r2["high"])) - np.arctanh(np.sqrt(max(r2["low"], 0)))
    assert width == pytest.approx(2 * 1.96 / np.sqrt(r2["n_models"]), rel=0.5)


# the products of a combination that does not occur are empty
@pytest.mark.filterwarnings("ignore:The design matrix is rank-deficient")
@pytest.mark.parametrize("balanced", [True, False])
def test_shares_are_those_of_statsmodels(rng, balanced):
    frame = made_up(rng, n_repeats=4)
    if not balanced:
        frame = frame[~((frame["policy"] == "zero") & (frame["method"] == "kendall"))]
        frame = frame.drop(frame.index[::5]).reset_index(drop=True)
    shares = explained_by_choice(frame)
    for number in ("mean_rho", "r2_behaviour", "r2_neural"):
        y = frame[number] - frame[number].mean()
        fit = smf.ols(f"{number} ~ C(policy) + C(method) + C(nesting)", frame).fit()
        table = anova_lm(fit, typ=2)["sum_sq"] / (y @ y)
        for name in ("policy", "method", "nesting"):
            assert shares.at[name, number] == pytest.approx(table[f"C({name})"], abs=1e-9)
        two = smf.ols(f"{number} ~ (C(policy) + C(method) + C(nesting)) ** 2", frame).fit()
        assert shares.at["interactions of two", number] == pytest.approx(two.rsquared - fit.rsquared, abs=1e-9)
        assert shares[number].sum() == pytest.approx(1)
    if balanced:
        assert shares.loc["shared by choices"].dropna().abs().max() < 1e-9
    assert shares[["rho_mean_z", "rho_mean_rank"]].isna().all(axis=None)
    assert most_important(shares, "mean_rho") == "policy"
    assert most_important(shares, "rho_mean_z") == "none"


def planted(metrics):
    """A specification that prints what the paper prints, and one that is five units off in one number."""
    printed = pd.concat([printed_numbers(paper)["value"] for paper in ("ahlert2024", "ahlert2024workshop")])
    numbers = {name: printed[name] for name in NUMBERS[1:]} | {"mean_rho": printed[MEAN_RHO[metrics]]}
    off = numbers | {"rho_mean_rank": numbers["rho_mean_rank"] + 5 * CLOSE["correlation"]}
    return pd.DataFrame([off, numbers]).assign(metrics=metrics, method="spearman", table="early")


@pytest.mark.parametrize("metrics", MEAN_RHO)
def test_distance_from_what_is_printed(metrics):
    frame = planted(metrics)
    found = distances(frame)
    np.testing.assert_allclose(found["distance"], [np.sqrt(5.0), 0], atol=1e-9)
    assert found["n_close"].tolist() == [4, 5]
    np.testing.assert_allclose(distances(frame, without=["rho_mean_rank"])["distance"], 0, atol=1e-9)
    workshop = distances(frame, version="workshop")
    assert workshop["distance"].isna().all() == (metrics != "leaves")
    assert set(workshop) == {"mean_rho", "r2_behaviour", "r2_neural", "distance", "n_close"}
    assert nearest(frame, real=True) == 1
    assert nearest(frame, real=False) is None
    # what the paper excludes: another coefficient, a leaderboard later than it
    assert nearest(frame.assign(method=["spearman", "kendall"]), real=True) == 0
    assert nearest(frame.assign(table=["early", "late"]), real=True) == 0
    assert nearest(frame.assign(r2_neural=np.nan), real=True) is None


def test_values_are_counted_once(bare):
    _, curve = bare
    found = count_distinct(curve)
    assert found["r2_neural"] == len({round(value, 10) for value in curve["r2_neural"]})
    assert found["r2_neural"] < len(curve)


def test_a_group_without_any_score_is_no_zero_in_a_correlation(twin):
    """Under Brain-Score's rule a missing leaf is 0 in its group's average; a group without leaves has no average."""
    models = apply(twin, Specification(**BARE))
    found = prepare(models, Specification(**BARE), policy="zero", metrics="groups").metrics
    leaves = [m for m in twin.values if m.startswith("Geirhos2021") and m.endswith("error_consistency")]
    known = twin.values.loc[found.index, leaves]
    expected = known.fillna(0.0).mean(axis=1).where(known.notna().any(axis=1))
    pd.testing.assert_series_equal(
        found["Geirhos2021 error consistency"], expected.round(10), check_names=False, atol=1e-9
    )
    assert expected.isna().any()


def test_ranges_beside_what_is_printed():
    frame = planted("groups")
    beside = set_beside_printed(frame, real=True).set_index(["number", "of"])
    rank = beside.loc["rho_mean_rank", "paper"]
    assert rank["lowest"] == pytest.approx(0.47)
    assert rank["highest"] == pytest.approx(0.57)
    assert (rank["n"], rank["n_close"], rank["share_below"]) == (2, 1, 0)
    assert beside.loc["mean_rho", "groups"]["n_close"] == 2
    assert ("mean_rho", "leaves") not in beside.index
    assert printed_lines(beside.reset_index(), "rho_mean_rank") == {"paper: 0.47": 0.47}
    synthetic = set_beside_printed(frame, real=False)
    assert synthetic[["printed", "share_below"]].isna().all(axis=None)
    assert printed_lines(synthetic, "r2_neural") == {}


def test_what_comes_close_is_said_in_words():
    said = say_close(planted("leaves").assign(method="kendall"), real=True)
    assert said.startswith(
        "Of 2 specifications 1 come close to all five numbers at once; the most that any comes close"
    )
    assert "is 5. 2 come close to the four other numbers, without the mean rank. 1 come close to the printed" in said
    assert "What they share: metrics = leaves, method = kendall, table = early. " in said
    assert "is 0.92 to 0.92 in them." in said
    assert said.endswith("0 come close to the three numbers of the workshop version.")
    far = planted("leaves").assign(rho_mean_rank=0.0)
    assert "0 come close to the printed correlation with the mean rank. 0 come" in say_close(far, real=True)
    assert say_close(far, real=False) == "These data are not compared with what is printed."


def test_shared_values_are_those_without_exception(rng):
    frame = made_up(rng)
    assert shared_values(frame) == "nothing"
    assert shared_values(frame[frame["method"] == "kendall"]) == "method = kendall"
    assert shared_values(frame[:0]) == "nothing"


def test_description_lays_specifications_side_by_side():
    shown = describe(planted("groups"), {"first": 0, "second": 1, "none": None})
    assert list(shown) == ["what", "first", "second"]
    assert shown.set_index("what").loc["rho_mean_rank"].tolist() == ["0.570", "0.470"]


def test_curve_figure_is_sorted_and_marks_choices(bare):
    _, curve = bare
    intervals = pd.DataFrame({"number": "mean_rho", "specification": [5], "low": [0.1], "high": [0.3]})
    figure = plot_curve(curve, number="mean_rho", choices=["policy", "method"], intervals=intervals,
                        printed={"paper: 0.17": 0.17}, marked={"nearest": 5, "none": None})  # fmt: skip
    top, matrix = figure.axes
    place = int(np.flatnonzero(curve["mean_rho"].sort_values(kind="stable").index == 5)[0])
    assert top.collections[0].get_segments()[0].tolist() == [[place, 0.1], [place, 0.3]]
    drawn = top.collections[1].get_offsets()[:, 1]
    np.testing.assert_array_equal(drawn, np.sort(curve["mean_rho"]))
    np.testing.assert_allclose(top.collections[2].get_offsets(), [[place, curve["mean_rho"].iloc[5]]])
    assert [text.get_text() for text in top.texts] == ["paper: 0.17"]
    labels = [label.get_text() for label in matrix.get_yticklabels()]
    assert labels == ["missing scores: complete models", "count as 0", "left out",
                      "coefficient: spearman", "kendall", "pearson"]  # fmt: skip
    shade = [c.get_alpha() for c in matrix.collections if len(c.get_offsets()) > 1]
    np.testing.assert_allclose(np.sum(shade[:3], axis=0), 1)
    assert len(plot_curve(curve.iloc[:1], number="r2_neural", choices=["policy"]).axes) == 2


def test_figure_of_shares_writes_percentages(rng):
    shares = explained_by_choice(made_up(rng))
    axes = plot_explained(shares).axes[0]
    texts = {(t.get_position()[1], t.get_position()[0]): t.get_text() for t in axes.texts}
    assert texts[0, 0] == f"{100 * shares.iat[0, 0]:.0f}"
    assert texts[0, 3] == ""


def test_figure_of_ranges_draws_each_row_and_crosses_on_real_data_alone(bare):
    beside = set_beside_printed(bare[1], real=True)
    axes = plot_ranges(beside).axes[0]
    (line, median, cross) = axes.collections
    drawn = np.array([segment[:, 0] for segment in line.get_segments()])
    np.testing.assert_allclose(drawn, beside[["lowest", "highest"]])
    np.testing.assert_allclose(median.get_offsets()[:, 0], beside["median"])
    np.testing.assert_allclose(cross.get_offsets()[:, 0], beside["printed"])
    assert len(plot_ranges(beside.assign(printed=np.nan)).axes[0].collections) == 2


def test_a_figure_lays_out_the_choices_that_have_a_part_in_its_number(bare):
    frame = bare[1]
    for number, absent in (("mean_rho", ["z and rank over"]), ("r2_neural", ["coefficient", "z and rank over"])):
        labels = " ".join(label.get_text() for label in plot_curve(frame, number=number).axes[1].get_yticklabels())
        assert not [choice for choice in absent if choice in labels]
        assert "missing scores" in labels


def test_each_number_has_a_leading_choice(rng):
    shares = explained_by_choice(made_up(rng))
    assert leading_choices(shares).to_dict() == {number: most_important(shares, number) for number in shares}


# an option of each that is not the first
