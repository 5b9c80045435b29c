"""Figures of what makes recovery plateau, by the artists they hold; invented frames."""

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from oracles.studies import random_rows

from yardsticks.recovery.plateau import figures
from yardsticks.recovery.winners import curves as curves_module
from yardsticks.recovery.winners.figures import SCORE_STYLES

SCORES = ["noise_free_accuracy", "test_accuracy"]
READ = pd.Series([0.1, 0.4], [100, 400])
LEVELS = {"components": ("64", "256"), "strength_rule": ("few", "many")}


def markers(axes):
    return [line for line in axes.lines if line.get_marker() not in ("", "None", None)]


def test_regimes_have_the_bound_in_each_panel_and_its_name_once(rng):
    curves = pd.concat(
        curves_module.recovery_curve(random_rows(rng, sizes=sizes, n_seeds=(2, 2)), scores=SCORES, seed=0).assign(
            study=name
        )
        for name, sizes in {"open": (100, 400), "simulated people": (400, 102_400)}.items()
    )
    figure = figures.plot_regimes(curves, line="study", bound=0.8, published=READ)
    figure.canvas.draw()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["open", "simulated people", "chance of each"]
    for axes in figure.axes:
        assert [line.get_ydata()[0] for line in axes.lines if line.get_linestyle() == "--"] == [0.8]
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["100", "400", "102,400"]
    assert [[text.xy[1] for text in axes.texts] for axes in figure.axes] == [[], [0.4, 0.8]]
    assert [
        [list(line.get_xydata().ravel()) for line in axes.lines if line.get_marker() == "x"] for axes in figure.axes
    ] == [
        [],
        [[100, 0.1, 400, 0.4]],
    ], "what was published has a score"
    colours = {handle.lines[0].get_color() for handle in figure.axes[0].containers}
    assert len(colours) == 2
    assert colours.isdisjoint(colour for colour, _ in SCORE_STYLES.values()), "which mean scores elsewhere"


def test_curves_of_the_authors_stand_beside_ours_where_they_have_the_score(rng):
    ours, theirs = (
        curves_module.recovery_curve(random_rows(rng, sizes=(100, 400), n_seeds=(2, 2)), scores=scores, seed=0)
        for scores in (SCORES, SCORES[:1])
    )
    drawn = pd.concat([ours.assign(study="simulated people"), theirs.assign(study="authors: full_W")])
    figure = figures.plot_regimes(drawn, line="study", bound=0.8, published=READ)
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert named == ["simulated people", "authors: full_W", "chance of each"]
    per_panel = [[list(line.get_ydata()) for line in axes.lines] for axes in figure.axes]
    assert [theirs["recovery"].tolist() in lines for lines in per_panel] == [True, False]


@pytest.fixture
def effects(rng):
    terms = [("components", 1, 0.01), ("strength_rule", 1, 0.2), ("components × strength_rule", 2, np.nan)]
    table = pd.DataFrame(
        [
            {
                "score": score,
                "response": response,
                "term": term,
                "n_factors": n,
                "effect": rng.normal(),
                "p_corrected": p,
            }
            for score, response, (term, n, p) in itertools.product(SCORES, ["credit", "margin"], terms)
        ]
    )
    return table.assign(low=table["effect"] - 0.3, high=table["effect"] + 0.2)


def test_effects_have_a_panel_for_each_response_and_a_row_for_each_term(effects):
    figure = figures.plot_effects(effects, levels=LEVELS)
    figure.canvas.draw()
    assert [axes.get_title() for axes in figure.axes] == ["recovery", "lead over the best other"]
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert names == ["components: 64 → 256", "strength rule: few → many", "components × strength rule"]
    for axes, response in zip(figure.axes, ("credit", "margin"), strict=True):
        for n, score in enumerate(SCORES):
            own = effects[(effects["response"] == response) & (effects["score"] == score)]
            sure, unsure = markers(axes)[2 * n : 2 * n + 2]
            assert sure.get_xdata().tolist() == own["effect"].iloc[:1].tolist()
            assert unsure.get_xdata().tolist() == own["effect"].iloc[1:].tolist()
            assert unsure.get_markerfacecolor() == "white" != sure.get_markerfacecolor()
            assert np.round(unsure.get_ydata()).tolist() == [1, 2]
            ends = [segment[:, 0] for segment in axes.collections[n].get_segments()]
            np.testing.assert_allclose(ends, own[["low", "high"]])
        zero, parting = axes.lines[:2]
        assert zero.get_xdata()[0] == 0
        assert parting.get_ydata()[0] == 1.5, "a line parts main effects from interactions"


def test_causes_are_rows_with_both_sides_and_the_change():
    compared = pd.DataFrame(
        {
            "cause": ["few", "few", "weak", "weak"],
            "response": ["credit", "margin"] * 2,
            "of_reference": [0.9, 0.05, 0.8, 0.02],
            "of_cell": [0.5, -0.01, 0.7, 0.01],
            "effect": [-0.4, -0.06, -0.1, -0.01],
            "low": [-0.6, -0.08, -0.2, -0.02],
            "high": [-0.2, -0.04, 0.0, 0.0],
            "p_corrected": [0.01, 0.2, 0.3, np.nan],
        }
    )
    figure = figures.plot_causes(compared, labels={"few": "few answers", "weak": "weak penalty"})
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["few answers", "weak penalty"]
    for number, response in enumerate(("credit", "margin")):
        part = compared[compared["response"] == response]
        levels, change = figure.axes[2 * number : 2 * number + 2]
        without, with_it = markers(levels)[:2]
        np.testing.assert_allclose(without.get_xdata(), part["of_reference"])
        assert without.get_markerfacecolor() == "white"
        np.testing.assert_allclose(with_it.get_xdata(), part["of_cell"])
        effects, sure = markers(change)[:2]
        np.testing.assert_allclose(effects.get_xdata(), part["effect"])
        assert effects.get_markerfacecolor() == "white"
        np.testing.assert_allclose(sure.get_xdata(), part.loc[part["p_corrected"] < 0.05, "effect"])
        (intervals,) = change.collections
        ends = np.array([segment[:, 0] for segment in intervals.get_segments()])
        np.testing.assert_allclose(ends, part[["low", "high"]])


def test_cells_are_rows_of_dots_in_the_order_of_recovery():
    values = [["64", "few"], ["256", "many"], ["all", "few"]]
    layout = pd.DataFrame(values, pd.Index(["low", "high", "outside"], name="cell"), columns=list(LEVELS))
    described = pd.DataFrame(list(itertools.product(layout.index, SCORES)), columns=["cell", "score"])
    described["recovery"] = [0.2, 0.3, 0.9, 0.8, 0.5, 0.4]
    figure = figures.plot_cells(layout, described, levels=LEVELS, fraction=["low", "high"])
    figure.canvas.draw()
    left, right = figure.axes
    # rows, from the top: high, outside, low
    dots = {
        (line.get_xdata()[0], y): (to_hex(line.get_markerfacecolor()), to_hex(line.get_color()))
        for line in markers(left)
        for y in line.get_ydata()
    }
    inside, outside, white = "#000000", to_hex(figures.OUTSIDE), "#ffffff"
    assert dots == {
        (0, 0): (inside, inside),
        (1, 0): (inside, inside),
        (1, 1): (white, outside),
        (0, 2): (white, inside),
        (1, 2): (white, inside),
    }
    assert [(text.get_text(), *text.get_position()) for text in left.texts] == [("all", 0, 1)]
    heads = [tick.get_text() for tick in left.get_xticklabels()]
    assert heads == ["components\n○ 64\n● 256", "strength rule\n○ few\n● many"]
    for line, expected in zip(markers(right), ([0.9, 0.5, 0.2], [0.8, 0.4, 0.3]), strict=True):
        assert line.get_xdata().tolist() == expected
        assert np.round(line.get_ydata()).tolist() == [0, 1, 2]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["without sampling noise", "sampled answers", "settings of a cell outside the fraction"]


def test_settings_are_called_in_words():
    layout = pd.DataFrame([["unit_rms"], ["object_cv"]], pd.Index(["low", "other"], name="cell"), columns=["rule"])
    described = pd.DataFrame({"cell": ["low", "other"], "score": "nll", "recovery": [0.1, 0.2]})
    figure = figures.plot_cells(layout, described, levels={"rule": ("unit_rms", "raw")}, fraction=["low"])
    left = figure.axes[0]
    assert left.get_xticklabels()[0].get_text() == "rule\n○ unit RMS\n● raw"
    assert [text.get_text() for text in left.texts] == ["by objects"]


def test_cells_without_any_outside_say_nothing_of_them():
    layout = pd.DataFrame([["64"], ["256"]], pd.Index(["low", "high"], name="cell"), columns=["components"])
    described = pd.DataFrame({"cell": ["low", "high"], "score": "nll", "recovery": [0.1, 0.2]})
    levels = {"components": LEVELS["components"]}
    figure = figures.plot_cells(layout, described, levels=levels, fraction=["low", "high"])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [figures.SCORE_NAMES["nll"]]
