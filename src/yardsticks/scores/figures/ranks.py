"""Figures of rankings: how sure each rank is."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from yardsticks.literal import in_figure
from yardsticks.style import EMPHASIS, QUIET, WIDE, cut

MOST = 40  # models, the best: more rows could not be read


def plot_ranking(ranking: pd.DataFrame) -> Figure:
    """Draw the rank of the first models with its interval, the best on top.

    Parameters
    ----------
    ranking : DataFrame
        As from `integrate`: model_name, rank, rank_low, rank_high. The first 40 are drawn; without intervals only the
        ranks.

    Examples
    --------
    >>> from yardsticks.scores import integrate, make_twin
    >>> figure = plot_ranking(integrate(make_twin(), scheme="mean", policy="available"))
    >>> figure.axes[0].get_xlabel()
    'rank, and its 95 % interval over resampled metrics: the first 40 of 140 models'
    """
    shown = ranking.head(MOST)
    figure = Figure(figsize=(WIDE, 0.2 * len(shown) + 1), layout="constrained")
    axes = figure.subplots()
    y = np.arange(len(shown))
    low, high = (shown[f"rank_{end}"].astype(float) for end in ("low", "high"))
    axes.hlines(y, low, high, color=QUIET, lw=3)
    axes.scatter(shown["rank"], y, color=EMPHASIS, s=24, zorder=3)
    axes.set_yticks(y, [cut(name) for name in shown["model_name"]], fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    sure = "" if low.isna().all() else ", and its 95 % interval over resampled metrics"
    of = f"the first {len(shown)} of {len(ranking)} models" if len(shown) < len(ranking) else f"{len(ranking)} models"
    axes.set_xlabel(f"rank{sure}: {of}")
    return in_figure(figure)
