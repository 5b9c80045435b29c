"""The introduction's small pictures."""

import numpy as np
import pandas as pd
import pytest

from yardsticks.book import posters


def test_agreement_is_symmetric_with_ones_on_the_diagonal_and_holes_where_nothing_is_known():
    pairs = pd.DataFrame({"metric_a": ["V4", "V4", "IT"], "metric_b": ["IT", "V1", "V1"], "rho": [0.5, -0.2, np.nan]})
    drawn = posters.plot_agreement(pairs).axes[0].images[0].get_array().filled(9)
    assert drawn == pytest.approx(np.array([[1, 0.5, -0.2], [0.5, 1, 9], [-0.2, 9, 1]]))


def test_places_are_in_colour_where_a_model_moves_by_more_than_ten_ranks():
    shifts = pd.DataFrame({"rank_mean": [1, 2], "rank_z": [12, 3], "rank_rank": [2, 12]})
    axes = posters.plot_places(shifts, labels={"mean": "mean", "z": "mean of z scores", "rank": "mean rank"}).axes[0]
    lines = {line.get_color(): list(line.get_ydata()) for line in axes.lines}
    assert lines == {posters.QUIET: [2, 3, 12], posters.EMPHASIS: [1, 12, 2]}
    assert [label.get_text() for label in axes.get_xticklabels()] == ["mean", "mean of\nz scores", "mean rank"]


def test_recovery_has_a_line_for_each_score_and_the_ends_of_the_sizes():
    curve = pd.DataFrame({"n_triplets": [400, 100, 1600], "score": "test_accuracy", "recovery": [0.8, 0.5, 1.0]})
    axes = posters.plot_recovery(curve).axes[0]
    assert [list(line.get_ydata()) for line in axes.lines] == [[0.5, 0.8, 1.0]]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["100", "1,600"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["sampled answers"]
