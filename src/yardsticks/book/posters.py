"""Small pictures for the book's introduction: one idea each, of one size, with few and large words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from yardsticks.recovery.winners.figures import SCORE_NAMES, SCORE_STYLES
from yardsticks.scores.figures.agreement import FAR
from yardsticks.style import DIVERGING, EMPHASIS, QUIET

SIZE = (3.2, 2.4)  # inches


def plot_agreement(pairs: pd.DataFrame) -> Figure:
    """Draw the correlations of metrics as a heat map without names.

    Parameters
    ----------
    pairs : DataFrame
        As from `scores.pair_table`: metric_a, metric_b, rho.
    """
    axes = _axes()
    names = list(dict.fromkeys([*pairs["metric_a"], *pairs["metric_b"]]))
    turned = pairs.rename(columns={"metric_a": "metric_b", "metric_b": "metric_a"})
    rho = pd.concat([pairs, turned]).pivot(index="metric_a", columns="metric_b", values="rho")
    rho = rho.reindex(index=names, columns=names).to_numpy(float, copy=True)
    np.fill_diagonal(rho, 1)
    image = axes.imshow(rho, cmap=DIVERGING, vmin=-1, vmax=1)
    axes.set(xticks=[], yticks=[])
    axes.figure.colorbar(image, ax=axes, ticks=[-1, 0, 1], label="correlation")
    return axes.figure


def plot_places(shifts: pd.DataFrame, *, labels: Mapping[str, str]) -> Figure:
    """Draw each model's rank under several schemes, in colour where it leaves the first one's by more than ten ranks.

    Parameters
    ----------
    shifts : DataFrame
        As from `scores.rank_shifts`.
    labels : mapping of scheme to str
        From the left.
    """
    axes = _axes()
    ranks = shifts[[f"rank_{scheme}" for scheme in labels]]
    far = ranks.sub(ranks.iloc[:, 0], axis=0).abs().max(axis=1) > FAR
    axes.plot(ranks[~far].to_numpy().T, color=QUIET, lw=0.6, alpha=0.7)
    axes.plot(ranks[far].to_numpy().T, color=EMPHASIS, lw=0.6, alpha=0.7)
    axes.set(yticks=[1, int(ranks.max().max())], ylabel="rank", xlim=(0, len(labels) - 1))
    axes.set_xticks(range(len(labels)), [label.replace(" of ", " of\n") for label in labels.values()])
    axes.invert_yaxis()
    return axes.figure


def plot_recovery(curve: pd.DataFrame) -> Figure:
    """Draw how often the right model is found against the number of training triplets, a line for each score.

    Parameters
    ----------
    curve : DataFrame
        As from `recovery.recovery_curve`, of one set of models: n_triplets, score, recovery.
    """
    axes = _axes()
    for score, part in curve.sort_values("n_triplets").groupby("score", sort=False):
        colour, marker = SCORE_STYLES[score]
        axes.plot(part["n_triplets"], part["recovery"], color=colour, marker=marker, lw=2, label=SCORE_NAMES[score])
    smallest, largest = curve["n_triplets"].min(), curve["n_triplets"].max()
    axes.set(xscale="log", ylim=(0, 1.03), yticks=[0, 0.5, 1], xlabel="triplets")
    axes.set_xticks([smallest, largest], [f"{smallest:,}", f"{largest:,}"])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend(loc="lower right", fontsize=10)
    return axes.figure


def _axes() -> Axes:
    """Return the axes of a new figure, whose frame keeps the image from being cut to what is drawn."""
    figure = Figure(figsize=SIZE, layout="constrained")
    figure.add_artist(Rectangle((0, 0), 1, 1, transform=figure.transFigure, fill=False, lw=0))
    axes = figure.subplots()
    axes.tick_params(labelsize=11)
    axes.xaxis.label.set_size(11)
    axes.yaxis.label.set_size(11)
    return axes
