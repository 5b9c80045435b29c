"""Figures of geometry, by the artists they hold."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from yardsticks import style
from yardsticks.datasets import catalogue
from yardsticks.recovery.geometry import figures

FAMILIES = {"a1": "a", "a2": "a", "b": "b", "c": "c"}
LABELS = {name: f"Model {name}" for name in FAMILIES} | {"human": "People"}


@pytest.fixture
def table(rng):
    """As measured: every model in every state, and people."""
    rows = [(m, s) for s in ("raw", "diagonal", "full", "unreduced") for m in FAMILIES] + [("human", "people")]
    frame = pd.DataFrame(rows, columns=["model", "state"])
    return frame.assign(effective_dimensionality=rng.uniform(1, 40, 17), shift=rng.uniform(0, 1, 17))


def texts(axes):
    return [text.get_text() for text in axes.texts if text.get_text()]


def overlaps(figure, artists):
    """Pairs of texts whose boxes overlap as drawn."""
    figure.canvas.draw()
    boxes = [artist.get_window_extent() for artist in artists]
    return [(i, j) for i in range(len(boxes)) for j in range(i) if boxes[i].overlaps(boxes[j])]


def test_map_has_an_arrow_a_model_and_a_star_for_people(rng, table):
    points = table[table["state"].isin(["raw", "full", "people"])].reset_index(drop=True)
    points[["x", "y"]] = rng.standard_normal((len(points), 2))
    figure = figures.plot_map(points, labels=LABELS, families=FAMILIES)
    axes = figure.axes[0]
    xy = points.set_index(["model", "state"])[["x", "y"]]
    arrows = [text for text in axes.texts if getattr(text, "arrow_patch", None) is not None]
    for arrow, model in zip(arrows, FAMILIES, strict=True):
        assert tuple(arrow.xy) == tuple(xy.loc[(model, "full")])
        assert tuple(arrow.xyann) == tuple(xy.loc[(model, "raw")])
    assert texts(axes) == ["1", "2", "3", "4"]
    star = [line for line in axes.lines if line.get_marker() == "*"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in star] == [tuple(xy.loc[("human", "people")])]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend[:5] == ["1  Model a1", "2  Model a2", "3  Model b", "4  Model c", "People"]
    assert overlaps(figure, [text for text in axes.texts if text.get_text()]) == []


def test_numbers_of_points_close_together_do_not_overlap(rng):
    names = [f"m{i}" for i in range(20)]
    points = pd.DataFrame({"model": names * 2, "state": ["raw"] * 20 + ["full"] * 20})
    points[["x", "y"]] = np.vstack([0.02 * rng.standard_normal((20, 2)), rng.standard_normal((20, 2))])
    labels = dict(zip(names, names, strict=True))
    figure = figures.plot_map(points, labels=labels, families=labels)
    assert overlaps(figure, [text for text in figure.axes[0].texts if text.get_text()]) == []


def test_dimensionality_is_joined_and_labelled_at_both_ends(table):
    figure = figures.plot_dimensionality(table, labels=LABELS, families=FAMILIES)
    axes = figure.axes[0]
    wide = table.set_index(["model", "state"])["effective_dimensionality"]
    courses = [line.get_ydata() for line in axes.lines if len(line.get_xdata()) == 3]
    np.testing.assert_allclose(courses, [[wide[m, s] for s in ("raw", "diagonal", "full")] for m in FAMILIES])
    assert texts(axes) == [LABELS[m] for m in FAMILIES] * 2
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["before", "diagonal probe", "full probe"]
    dashed = [line for line in axes.lines if line.get_linestyle() == "--"]
    assert [line.get_ydata()[0] for line in dashed] == [wide["human", "people"]]
    assert overlaps(figure, axes.texts) == []


def test_shift_has_a_bar_and_a_diamond_a_model(table):
    axes = figures.plot_shifts(table, labels=LABELS, families=FAMILIES).axes[0]
    wide = table.set_index(["model", "state"])["shift"]
    np.testing.assert_allclose([bar.get_width() for bar in axes.patches], [wide[m, "full"] for m in FAMILIES])
    np.testing.assert_allclose(axes.lines[0].get_xdata(), [wide[m, "diagonal"] for m in FAMILIES])
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [LABELS[m] for m in FAMILIES]
    assert {to_hex(bar.get_facecolor()) for bar in axes.patches} == {style.QUIET.lower()}, "the legend's"


def test_similarities_share_an_order_and_a_scale(rng):
    names = [*FAMILIES, "human"]
    matrices = {state: pd.DataFrame(rng.uniform(size=(5, 5)), names, names) for state in ("raw", "full")}
    figure = figures.plot_similarities(matrices, labels=LABELS, families=FAMILIES)
    figure.canvas.draw()
    for axes, matrix in zip(figure.axes, matrices.values(), strict=False):
        np.testing.assert_array_equal(axes.images[0].get_array(), matrix)
        assert axes.images[0].get_clim() == (0, 1)
        assert {line.get_ydata()[0] for line in axes.lines[::2]} == {1.5, 2.5, 3.5}, "lines part families and people"
    assert [axes.get_title() for axes in figure.axes[:2]] == ["before", "full probe"]
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert names == [f"{LABELS[name]}  {n}" for n, name in enumerate(matrices["raw"], 1)]


def test_margins_show_each_generator_of_the_sizes_asked_for(rng):
    table = pd.DataFrame([(n, g) for n in (100, 400, 1600) for g in FAMILIES], columns=["n_triplets", "generator"])
    table = table.assign(score="test_accuracy", margin=rng.standard_normal(12), similarity=rng.uniform(size=12))
    figure = figures.plot_margins_by_similarity(
        table, labels=LABELS, families=FAMILIES, sizes=[100, 1600], score="test_accuracy"
    )
    assert [axes.get_title() for axes in figure.axes] == ["100 triplets", "1,600 triplets"]
    for axes, size in zip(figure.axes, (100, 1600), strict=True):
        part = table[table["n_triplets"] == size]
        drawn = [(line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines[1:]]
        np.testing.assert_allclose(drawn, part[["similarity", "margin"]])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b", "c"]


def test_no_two_families_look_alike():
    known = catalogue("features")["family"]
    assert set(known) == set(style.FAMILY_LOOKS)
    for families in (known, map(str, range(12)), [*known[:5], "mine", "yours"]):
        looks = style.family_looks(families)
        assert len({look[1:] for look in looks.values()}) == len(looks)
    assert style.family_looks(["mine", "clip"])["clip"] == style.FAMILY_LOOKS["clip"]


def test_spread_places_keep_order_and_distance(rng):
    values = rng.standard_normal(30)
    places = style.spread(values, 0.3)
    order = np.argsort(values)
    assert (np.diff(places[order]) >= 0.3 - 1e-12).all()
    np.testing.assert_array_equal(style.spread(np.array([5.0, 1.0, 3.0]), 0.5), [5, 1, 3])
    np.testing.assert_allclose(style.spread(np.array([0.0, 0.0]), 1), [-0.5, 0.5])
