"""Figures of wing B, by the artists they hold."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from yardsticks.recovery.data.toy import make_world
from yardsticks.recovery.people import figures
from yardsticks.recovery.people.ceiling import ceilings, ceilings_by_raters
from yardsticks.recovery.people.consistency import category_consistency, decidedness, shared_category_consistency
from yardsticks.recovery.people.embeddings import choice_agreement, embedding_scores


@pytest.fixture(scope="module")
def world():
    return make_world(seed=5, n_objects=40, n_judgements=500, n_repeated=60, n_answers=9)


@pytest.fixture(scope="module")
def table(world):
    return ceilings(world.repeated, seed=0, n_bootstrap=50)


@pytest.fixture(scope="module")
def embeddings(world):
    return {"all": world.dimensions, "three": world.dimensions[:, :3], "two": world.dimensions[:, :2]}


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_ceilings_have_a_curve_and_a_point_with_its_interval_each(world, table):
    by_raters = ceilings_by_raters(world.repeated, range(2, 8))
    axes = figures.plot_ceilings(by_raters, table).axes[0]
    curves = {to_hex(line.get_color()): line for line in axes.lines if len(line.get_xdata()) == len(by_raters)}
    intervals = [container for container in axes.containers if container.has_yerr]
    assert len(intervals) == 4
    for container, (method, colour) in zip(intervals, figures.CEILING_COLOURS.items(), strict=True):
        np.testing.assert_allclose(curves[colour.lower()].get_ydata(), by_raters[method])
        segment = container.lines[2][0].get_segments()[0]
        np.testing.assert_allclose(segment[:, 1], table.loc[method, ["low", "high"]].astype(float))
        assert segment[0, 0] == pytest.approx(9, abs=0.65)
    assert [text.rsplit(maxsplit=1)[1] for text in texts(axes)] == [f"{v:.3f}" for v in table["value"]]


def test_decidedness_has_both_curves(world):
    shares = decidedness(world.repeated, np.linspace(1 / 3, 1, 9))
    axes = figures.plot_decidedness(shares).axes[0]
    observed, corrected = axes.lines
    np.testing.assert_allclose(observed.get_ydata(), shares["observed"])
    np.testing.assert_allclose(corrected.get_ydata(), shares["corrected"])
    assert len(axes.get_legend().get_texts()) == 2


def test_accuracies_are_in_place_beside_the_ceilings(world, table, embeddings):
    scores = embedding_scores({"people": world.people, "repeated": world.repeated}, embeddings)
    axes = figures.plot_accuracies(scores, table["value"].to_dict()).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(embeddings)
    drawn = [container.lines[0].get_xdata() for container in axes.containers]
    for found, (_, part) in zip(drawn, scores.groupby("judgements", sort=False), strict=True):
        np.testing.assert_allclose(found.astype(float), part["accuracy"])
    verticals = {line.get_xdata()[0] for line in axes.lines if list(line.get_ydata()) == [0, 1]}
    assert verticals == set(table["value"])
    assert set(texts(axes)) == {"majority", "leave one out", "corrected", "corrected, to the end"}
    bottom, top = axes.get_ylim()
    assert bottom > top, "the first embedding belongs above"


def test_agreement_is_symmetric_with_its_numbers(world, embeddings):
    agreement = choice_agreement(world.people, embeddings)
    axes = figures.plot_agreement(agreement).axes[0]
    drawn = np.ma.filled(axes.collections[0].get_array(), np.nan)
    np.testing.assert_array_equal(drawn, drawn.T)
    assert np.isnan(np.diag(drawn)).all()
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert names == ["people", *embeddings]
    for row in agreement.itertuples():
        assert drawn[names.index(row.a), names.index(row.b)] == row.agreement
    assert sorted(texts(axes)) == sorted(2 * [f"{value:.3f}" for value in agreement["agreement"]])


def test_categories_show_means_intervals_and_numbers(world):
    strongest = world.dimensions.argmax(axis=1)
    kinds = pd.get_dummies(pd.Series(strongest).map("kind {}".format)).astype(bool)
    categories = category_consistency(world.repeated, kinds, seed=0, n_bootstrap=50)
    sharing = shared_category_consistency(world.repeated, kinds, seed=0, n_bootstrap=50)
    figure = figures.plot_categories(categories, sharing, overall=0.6)
    for axes, frame, label in zip(figure.axes, (sharing, categories), ("sharing", "category"), strict=True):
        bars, points = axes.collections
        np.testing.assert_allclose(points.get_offsets()[:, 0], frame["leave_one_out"])
        ends = [segment[:, 0] for segment in bars.get_segments() if len(segment)]  # none where nothing is known
        np.testing.assert_allclose(ends, frame[["low", "high"]].dropna())
        labels = [tick.get_text() for tick in axes.get_yticklabels()]
        assert labels == [f"{name} ({n})" for name, n in zip(frame[label], frame["n_triplets"], strict=True)]
        assert axes.lines[0].get_xdata()[0] == 0.6


def test_categories_of_a_kind_that_never_occurs_draw_nothing_there(world):
    none = pd.DataFrame({"rare": np.arange(40) == world.repeated.objects[0, 0]})
    sharing = shared_category_consistency(world.repeated, none, seed=0, n_bootstrap=20)
    figure = figures.plot_categories(category_consistency(world.repeated, none, seed=0), sharing, overall=0.6)
    figure.canvas.draw()
    assert figure.axes[0].get_yticklabels()[1].get_text() == "one pair (0)"
