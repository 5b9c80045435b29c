"""Figures of why recovery fails, by the artists they hold; invented frames."""

import numpy as np
import pandas as pd
import pytest
from oracles.studies import FAMILIES, random_rows

from yardsticks.recovery.failure import figures, rivals
from yardsticks.recovery.failure.candidates import recovery_by_candidates
from yardsticks.recovery.prediction.figures import LOOKS

SCORES = ["test_accuracy", "noise_free_accuracy"]


@pytest.fixture
def coefficients(rng):
    rows = [
        {"score": score, "role": role, "predictor": predictor, "coefficient": rng.normal(), "p_corrected": p}
        for score in SCORES
        for role, predictor, p in [
            ("", "intercept", 1.0),
            *((role, name, p) for role in ("generator", "candidate") for name, p in (("shift", 0.01), ("ed_raw", 0.2))),
        ]
    ]
    table = pd.DataFrame(rows)
    return table.assign(low=table["coefficient"] - 0.3, high=table["coefficient"] + 0.2)


@pytest.fixture
def points(rng):
    rows = [
        {"score": score, "constraint": name, "n_triplets": size, "recovery": rng.uniform(0.3, 0.9), "prediction": y}
        for score in SCORES
        for name, y in (("none", 0.43), ("full", 0.48), ("rank 30", np.nan))
        for size in (100, 400)
    ]
    table = pd.DataFrame(rows)
    return table.assign(low=table["recovery"] - 0.1, high=table["recovery"] + 0.1)


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_coefficients_have_a_panel_for_each_role_and_a_row_for_each_predictor(coefficients):
    figure = figures.plot_coefficients(coefficients)
    figure.canvas.draw()
    assert [axes.get_title() for axes in figure.axes] == ["of the generator", "of the candidate"]
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert names == ["shift by alignment", "dimensionality before alignment"]
    for axes, role in zip(figure.axes, ("generator", "candidate"), strict=True):
        points = [line for line in axes.lines if line.get_marker() not in ("", "None", None)]
        for n, score in enumerate(SCORES):
            own = coefficients[(coefficients["role"] == role) & (coefficients["score"] == score)]
            sure, unsure = points[2 * n : 2 * n + 2]
            assert sure.get_xdata() == own["coefficient"].iloc[:1].to_numpy()
            assert unsure.get_xdata() == own["coefficient"].iloc[1:].to_numpy()
            assert unsure.get_markerfacecolor() == "white" != sure.get_markerfacecolor()
            assert np.round(sure.get_ydata()) == [0]
            ends = [segment[:, 0] for segment in axes.collections[n].get_segments()]
            np.testing.assert_allclose(ends, own[["low", "high"]])
    assert legend(figure) == ["sampled answers", "without sampling noise", "corrected p of 0.05 or more"]


def test_candidates_have_a_line_for_each_size_and_one_of_chance(rng):
    curves = recovery_by_candidates(random_rows(rng), scores=SCORES, resample="generator", seed=0)
    figure = figures.plot_candidates(curves)
    figure.canvas.draw()
    for axes, score in zip(figure.axes, SCORES, strict=True):
        chance, *lines = axes.lines
        np.testing.assert_allclose(chance.get_ydata(), [1 / 2, 1 / 3, 1 / 4])
        for line, size in zip(lines, (8, 16), strict=True):
            part = curves[(curves["score"] == score) & (curves["n_triplets"] == size)]
            np.testing.assert_allclose(line.get_xdata(), [2, 3, 4])
            np.testing.assert_allclose(line.get_ydata(), part["recovery"])
        assert len(axes.collections) == 2
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["2", "4"]
    assert legend(figure) == ["8 triplets", "16 triplets", "chance"]


def test_trade_off_joins_sizes_and_leaves_out_what_has_no_prediction(points):
    figure = figures.plot_trade_off(points)
    figure.canvas.draw()
    for axes, score in zip(figure.axes, SCORES, strict=True):
        part = points[points["score"] == score].dropna()
        for dash, size in (("-", 100), ("--", 400)):
            (line,) = (line for line in axes.lines if line.get_linestyle() == dash)
            own = part[part["n_triplets"] == size]
            np.testing.assert_allclose(line.get_xdata(), own["recovery"])
            np.testing.assert_allclose(line.get_ydata(), own["prediction"])
        for container, name in zip(axes.containers, ("none", "full", "rank 30"), strict=True):
            own = part[part["constraint"] == name]
            np.testing.assert_allclose(container.lines[0].get_xdata().astype(float), own["recovery"])
            ends = [segment[:, 0] for segment in container.lines[2][0].get_segments()]
            np.testing.assert_allclose(np.reshape(ends, (-1, 2)), own[["low", "high"]])
        colours = {container.lines[0].get_color() for container in axes.containers}
        assert len(colours) == 3
    assert legend(figure) == ["none", "full", "rank 30", "100 triplets", "400 triplets"]


def test_transforms_look_as_where_predictions_are_drawn(points):
    points = points.replace({"constraint": {"none": "full, Frobenius"}})
    zero, full, low_rank = figures.plot_trade_off(points).legends[0].legend_handles[:3]
    for handle, transform in ((zero, "full"), (full, "full"), (low_rank, "low_rank")):
        assert (handle.get_color(), handle.get_marker()) == LOOKS[transform][1:]
    assert (zero.get_label(), zero.get_markerfacecolor()) == ("full, Frobenius", "white")
    assert full.get_markerfacecolor() != "white"


def test_penalties_have_a_point_for_each_size_and_one_of_people():
    rows = [
        {"transform": name, "score": score, "n_triplets": size, "difference": 0.1, "low": -0.1, "high": 0.2}
        | {"prediction": 0.01, "prediction_low": -0.02, "prediction_high": 0.03}
        for name in ("full", "diagonal")
        for score in SCORES
        for size in (100, 400)
    ]
    figure = figures.plot_penalties(pd.DataFrame(rows))
    figure.canvas.draw()
    assert [axes.get_title() for axes in figure.axes] == [
        "sampled answers",
        "without sampling noise",
        "prediction of people",
    ]
    *panels, people = figure.axes
    for axes in panels:
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["100", "400"]
        for line in axes.lines[:2]:
            np.testing.assert_allclose(line.get_ydata(), [0.1, 0.1])
        for intervals in axes.collections:
            np.testing.assert_allclose([part[:, 1] for part in intervals.get_segments()], 2 * [[-0.1, 0.2]])
        low, high = axes.get_ylim()
        assert low < -0.1
        assert high > 0.2
    np.testing.assert_allclose([line.get_ydata()[0] for line in people.lines[:2]], 0.01)
    assert legend(figure) == ["full", "diagonal"]


def test_similarity_has_a_point_for_each_pair(rng):
    rows = random_rows(rng)
    square = pd.DataFrame(rng.uniform(size=(4, 4)), list(FAMILIES), list(FAMILIES))
    pairs = {score: rivals.pair_margins(rows, square, FAMILIES, n_triplets=8, score=score) for score in SCORES}
    figure = figures.plot_similarity(pairs)
    figure.canvas.draw()
    for axes, table in zip(figure.axes, pairs.values(), strict=True):
        for drawn, same in zip(axes.collections, (False, True), strict=True):
            own = table[table["same_family"] == same]
            np.testing.assert_allclose(drawn.get_offsets(), own[["similarity", "margin"]])
    assert [axes.get_title() for axes in figure.axes] == ["sampled answers", "without sampling noise"]
    assert legend(figure) == ["other family", "same family"]


def test_ranks_are_in_the_order_of_false_winners(rng):
    rows = random_rows(rng)
    ranks = {score: rivals.ranks_by_role(rows, n_triplets=8, score=score, seed=0) for score in SCORES}
    figure = figures.plot_ranks_by_role(ranks, labels={name: f"Model {name}" for name in FAMILIES})
    figure.canvas.draw()
    first = ranks[SCORES[0]].set_index("role").loc[rivals.OTHERS].sort_values("rank")
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == [f"Model {m}" for m in first["model"]]
    for axes, table in zip(figure.axes, ranks.values(), strict=True):
        for line, role in zip(axes.lines[1:], (rivals.ANSWERS, rivals.OTHERS), strict=True):
            own = table[table["role"] == role].set_index("model").loc[first["model"]]
            np.testing.assert_allclose(line.get_xdata(), own["rank"])
        assert axes.lines[0].get_xdata()[0] == 2.5
    assert legend(figure) == [rivals.ANSWERS, rivals.OTHERS, "blind"]


def test_what_is_not_there_is_said(coefficients, points):
    bare = coefficients[coefficients["role"] == ""]
    empty = pd.DataFrame(columns=["similarity", "margin", "same_family"], dtype=float)
    drawn = [
        figures.plot_coefficients(bare),
        figures.plot_trade_off(points.assign(prediction=np.nan)),
        figures.plot_similarity({"nll": empty}),
    ]
    for figure in drawn:
        figure.canvas.draw()
        assert "not computed yet" in [text.get_text() for axes in figure.axes for text in axes.texts]
