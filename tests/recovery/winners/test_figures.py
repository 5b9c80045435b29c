"""Figures of recovery studies, by the artists they hold."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from oracles.studies import FAMILIES, random_rows

from yardsticks.recovery.winners import credit, figures
from yardsticks.recovery.winners import curves as curves_module

SCORES = ["test_accuracy", "noise_free_accuracy"]


@pytest.fixture
def rows(rng):
    return random_rows(rng, sizes=(100, 400, 1600), n_seeds=(4, 2, 1))


def test_recovery_has_curves_intervals_and_chance_in_each_panel(rows):
    sets = {"all": tuple(FAMILIES), "few": ("a1", "b", "c")}
    curves = curves_module.recovery_by_set(rows, sets, scores=SCORES, seed=0)
    figure = figures.plot_recovery(curves, line="models")
    figure.canvas.draw()
    assert [axes.get_title() for axes in figure.axes] == ["sampled answers", "without sampling noise"]
    for axes, score in zip(figure.axes, SCORES, strict=True):
        assert axes.get_xscale() == "log"
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["100", "400", "1,600"]
        chance = [line for line in axes.lines if line.get_linestyle() == ":"]
        for container, dotted, name in zip(axes.containers, chance, sets, strict=True):
            part = curves[(curves["score"] == score) & (curves["models"] == name)]
            drawn = container.lines[0]
            np.testing.assert_allclose(drawn.get_ydata().astype(float), part["recovery"])
            np.testing.assert_allclose(drawn.get_xdata().astype(float), part["n_triplets"], rtol=0.1)
            ends = [segment[:, 1] for segment in container.lines[2][0].get_segments()]
            np.testing.assert_allclose(ends, part[["low", "high"]])
            np.testing.assert_allclose(dotted.get_ydata().astype(float), part["chance"])
            assert dotted.get_color() == drawn.get_color()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["all", "few", "chance of each"]


def test_recovery_and_lead_have_both_scores_in_one_panel_each(rng):
    rows = random_rows(rng, models=tuple("abcdef"), sizes=(100, 400, 1600), n_seeds=(2, 2, 1))
    curve = curves_module.recovery_curve(rows, scores=SCORES[::-1], seed=0)
    figure = figures.plot_recovery_and_lead(curve)
    figure.canvas.draw()
    for axes, columns in zip(
        figure.axes, (["recovery", "low", "high"], ["lead", "lead_low", "lead_high"]), strict=True
    ):
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["100", "400", "1,600"]
        for container, score in zip(axes.containers, SCORES[::-1], strict=True):
            part = curve[curve["score"] == score]
            np.testing.assert_allclose(container.lines[0].get_ydata().astype(float), part[columns[0]])
            ends = [segment[:, 1] for segment in container.lines[2][0].get_segments()]
            known = part[columns[1:]].dropna()
            np.testing.assert_allclose(ends[: len(known)], known)
            assert container.lines[0].get_color() == figures.SCORE_STYLES[score][0]  # whatever the order of the scores
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["chance", "without sampling noise", "sampled answers"]


@pytest.mark.parametrize(("n", "shown"), [(8, range(1, 9)), (17, [1, 5, 10, 15])])
def test_each_winner_of_few_is_named(n, shown):
    names = [f"m{i}" for i in range(n)]
    matrices = {100: pd.DataFrame(np.eye(n), names, names)}
    figure = figures.plot_confusions(
        matrices, labels=dict(zip(names, names, strict=True)), families=dict.fromkeys(names, "f")
    )
    assert [int(tick.get_text()) for tick in figure.axes[0].get_xticklabels()] == list(shown)


def test_confusions_share_an_order_and_leave_grey_what_is_unknown(rows):
    rows = rows[~((rows["n_triplets"] == 1600) & (rows["generator"] == "c"))]
    matrices = credit.confusions(rows, [100, 25600], score="test_accuracy", models=list(FAMILIES))
    labels = {name: f"Model {name}" for name in FAMILIES}
    figure = figures.plot_confusions(matrices, labels=labels, families=FAMILIES)
    figure.canvas.draw()
    for axes, (n_triplets, matrix) in zip(figure.axes, matrices.items(), strict=False):
        drawn = np.ma.filled(axes.images[0].get_array(), np.nan)
        np.testing.assert_array_equal(drawn, matrix)
        assert axes.get_title() == f"{n_triplets:,} triplets"
        assert to_hex(axes.get_facecolor()) == figures.QUIET.lower()
        assert {line.get_ydata()[0] for line in axes.lines[::2]} == {1.5, 2.5}, "a line parts the families"
    assert np.isnan(drawn[-1]).all()
    names = [tick.get_text().rsplit(maxsplit=1) for tick in figure.axes[0].get_yticklabels()]
    assert names == [[label, str(n)] for n, label in enumerate(labels.values(), 1)]


def test_margins_show_every_job_in_the_colour_of_its_outcome(rows):
    jobs = {score: credit.winners(rows, score=score) for score in SCORES}
    figure = figures.plot_margins(jobs)
    for axes, table in zip(figure.axes, jobs.values(), strict=True):
        masks = (table["credit"] == 1, table["credit"].between(0.01, 0.99), table["credit"] == 0)
        for points, mask in zip(axes.collections, masks, strict=True):
            x, y = points.get_offsets().T
            np.testing.assert_allclose(sorted(y), sorted(table["margin"][mask]))
            places = table["n_triplets"][mask].map([100, 400, 1600].index)
            assert sorted(np.round(x)) == sorted(places)
        assert axes.lines[0].get_ydata()[0] == 0
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(figures.OUTCOMES)


def test_ranks_are_stacked_to_one(rows):
    shares = {score: credit.rank_shares(credit.winners(rows, score=score)) for score in SCORES}
    figure = figures.plot_ranks(shares)
    for axes, table in zip(figure.axes, shares.values(), strict=True):
        heights = np.array([[bar.get_height() for bar in bars] for bars in axes.containers])
        np.testing.assert_allclose(heights.T, table)
        tops = [bar.get_y() + bar.get_height() for bar in axes.containers[-1]]
        np.testing.assert_allclose(tops, 1)
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["100", "400", "1,600"]


def test_one_panel_is_enough(rows):
    curve = curves_module.recovery_curve(rows, scores=["nll"], seed=0).assign(models="all")
    figure = figures.plot_recovery(curve, line="models")
    assert [axes.get_title() for axes in figure.axes] == ["sampled answers, nll"]
    assert len(figures.plot_ranks({"own": pd.DataFrame(np.eye(1, 5), [7], list(credit.RANKS))}).axes) == 1


def test_printed_shares_have_a_row_each_and_open_marks_outside():
    table = pd.DataFrame(
        {
            "what": ["recovery", "a bound", "a pattern", "a count", "never looked at"],
            "kind": ["share", "bound", "statement", "count", "share"],
            "printed": [0.4, 0.8, 1.0, 20.0, 0.3],
            "ours": [0.5, 1.0, 1.0, 17.0, np.nan],
            "verdict": ["differs", "outside the published regime", "reproduced", "differs", "not yet examined"],
            "simulated": [0.6, np.nan, np.nan, 7.0, np.nan],
            "verdict_simulated": ["differs", "not yet examined", "not yet examined", "differs", "not yet examined"],
        }
    )
    figure = figures.plot_printed(table)
    figure.canvas.draw()
    axes = figure.axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["recovery", "a bound"]
    inside, outside, simulated, _, printed = axes.lines
    assert (inside.get_xydata().tolist(), outside.get_xydata().tolist()) == ([[0.5, 0]], [[1, 1]])
    assert outside.get_markerfacecolor() == "white" != inside.get_markerfacecolor()
    assert simulated.get_xdata()[0] == 0.6
    assert printed.get_xydata().tolist() == [[0.4, 0], [0.8, 1]]
    assert len(axes.texts) == 1  # the arrow of the bound
