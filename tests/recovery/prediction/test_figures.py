"""Figures of predicting people, by the artists they hold."""

import numpy as np
import pandas as pd
import pytest

from yardsticks.recovery.prediction import figures

MODELS = {f"m{i}": f"Model {i}" for i in range(6)}


@pytest.fixture
def pooled(rng):
    rows = []
    for transform in figures.LOOKS:
        for penalty in ("none",) if transform == "none" else figures.PENALTY_NAMES:
            for model in MODELS:
                accuracy = rng.uniform(0.4, 0.6)
                rows.append((model, transform, penalty, accuracy, accuracy - 0.01, accuracy + 0.02))
    return pd.DataFrame(rows, columns=["model", "transform", "penalty", "accuracy", "low_objects", "high_objects"])


@pytest.fixture
def one(pooled):
    return pooled[pooled["penalty"] != "frobenius"]


def test_predictions_have_points_intervals_and_lines(one):
    ceilings = {"majority": 0.67, "leave_one_out": 0.64, "corrected": 0.66}
    figure = figures.plot_predictions(one, ceilings, labels=MODELS)
    figure.canvas.draw()
    (axes,) = figure.axes
    full = one[one["transform"] == "full"].sort_values("accuracy", ascending=False)
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [MODELS[name] for name in full["model"]]
    for container, transform in zip(axes.containers, figures.LOOKS, strict=True):
        part = one[one["transform"] == transform].set_index("model").loc[full["model"]]
        np.testing.assert_allclose(container.lines[0].get_xdata().astype(float), part["accuracy"])
        ends = [segment[:, 0] for segment in container.lines[2][0].get_segments()]
        np.testing.assert_allclose(ends, part[["low_objects", "high_objects"]])
    upright = [line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1]
    assert set(np.round(upright, 9)) >= {round(1 / 3, 9), *ceilings.values()}
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["none", "diagonal", "low rank", "full"]


def test_dominance_orders_by_accuracy_and_shades_by_tests(one):
    rows = []
    for transform, part in one.groupby("transform"):
        accuracy = part.set_index("model")["accuracy"]
        for i, first in enumerate(MODELS):
            for second in list(MODELS)[i + 1 :]:
                gap = accuracy[first] - accuracy[second]
                better = first if gap > 0 else second
                rows.append((transform, first, second, abs(gap), better))
    table = pd.DataFrame(rows, columns=["transform", "first", "second", "gap", "better"])
    strict = table.assign(better=table["better"].where(table["gap"] > 0.1, ""))
    lenient = table.assign(better=table["better"].where(table["gap"] > 0.03, ""))
    figure = figures.plot_dominance(one, {"sign test": lenient, "objects": strict}, labels=MODELS)
    figure.canvas.draw()
    for axes, transform in zip(figure.axes, figures.LOOKS, strict=True):
        accuracy = one[one["transform"] == transform].sort_values("accuracy", ascending=False)["accuracy"].to_numpy()
        gaps = accuracy[:, None] - accuracy[None, :]
        np.testing.assert_array_equal(axes.images[0].get_array(), (gaps > 0.03).astype(int) + (gaps > 0.1))
        assert axes.get_title() == figures.LOOKS[transform][0]
        assert len(axes.get_yticklabels()) == len(MODELS)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["sign test", "objects"]
    alone = figures.plot_dominance(one[one["transform"] == "full"], {"sign test": lenient}, labels=MODELS)
    assert [text.get_text() for text in alone.legends[0].get_texts()] == ["sign test"]
    assert [axes.get_title() for axes in alone.axes] == ["full"]


def test_penalties_are_joined_for_each_model(pooled):
    verdicts = pd.DataFrame(
        {"transform": ["diagonal", "full"], "difference": [0.0123, -0.2]}
        | {"equivalent_t": [True, False], "equivalent_bootstrap": [True, False]}
    )
    figure = figures.plot_penalties(pooled, verdicts, epsilon=0.05)
    figure.canvas.draw()
    for axes, transform in zip(figure.axes, verdicts["transform"], strict=True):
        part = pooled[pooled["transform"] == transform].pivot(index="model", columns="penalty", values="accuracy")
        drawn = np.array([line.get_ydata() for line in axes.lines])
        np.testing.assert_allclose(drawn[:-1], part[["scaled_identity", "frobenius"]])
        np.testing.assert_allclose(drawn[-1], part[["scaled_identity", "frobenius"]].mean())
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[0] == "diagonal: +0.0123\nequivalent within 0.05\nby t and bootstrap"
    assert titles[1] == "full: -0.2000\nequivalence\nnot shown"
