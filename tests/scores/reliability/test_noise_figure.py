"""The figure of correlations without noise, by its artists."""

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection

from yardsticks.scores.reliability import plot_noise


def test_each_estimate_has_its_point_and_interval_and_what_is_beyond_the_edge_an_arrow():
    frame = pd.DataFrame(
        {
            "kind": ["all pairs", "all pairs", "one of each"],
            "source": ["as measured", "errors", "errors"],
            "raw": [0.2, 0.15, 0.25],
            "rho": [0.2, 0.4, 0.9],
            "low": [0.1, -0.7, np.nan],
            "high": [0.3, 2.5, np.nan],
        }
    )
    axes = plot_noise(frame).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["all pairs", "one of each"]
    lines = [collection for collection in axes.collections if isinstance(collection, LineCollection)]
    spans = [segment[:, 0].tolist() for line in lines for segment in line.get_segments() if len(segment)]
    left, right = axes.get_xlim()
    assert [0.1, 0.3] in spans
    assert [left, right] in spans
    points = [c for c in axes.collections if not isinstance(c, LineCollection)]
    x = np.concatenate([np.asarray(c.get_offsets())[:, 0] for c in points])
    assert sorted(x) == sorted([0.2, 0.4, 0.9, right, *frame["raw"]])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["as measured", "errors"]
