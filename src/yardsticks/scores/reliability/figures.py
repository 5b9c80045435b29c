"""How far metrics would agree without noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from yardsticks.literal import in_figure
from yardsticks.style import AREA_COLOURS, EMPHASIS, QUIET, WIDE

_COLOURS = ("black", AREA_COLOURS["V1"], AREA_COLOURS["V4"], AREA_COLOURS["IT"], EMPHASIS, QUIET)
_FROM, _TO = -0.3, 1.05


def plot_noise(corrected: pd.DataFrame) -> Figure:
    """Draw the mean correlation of two metrics by kind of pair, as measured and without noise.

    Parameters
    ----------
    corrected : DataFrame
        As from `correct_for_noise`: kind, source, raw, rho, low, high. A tick is what the same pairs are at as
        measured. What is beyond 1 ends at the edge with an arrow.

    Examples
    --------
    >>> frame = pd.DataFrame({"kind": ["all pairs"], "source": ["as measured"], "rho": [0.2]})
    >>> plot_noise(frame.assign(raw=0.2, low=0.1, high=0.3)).axes[0].get_xlabel()
    'mean correlation of two metrics over models'
    """
    kinds, sources = list(dict.fromkeys(corrected["kind"])), list(dict.fromkeys(corrected["source"]))
    figure = Figure(figsize=(WIDE, 0.8 * len(kinds) + 1.3), layout="constrained")
    axes = figure.subplots()
    step = 0.8 / len(sources)
    for number, (source, colour) in enumerate(zip(sources, _COLOURS, strict=False)):
        part = corrected[corrected["source"] == source]
        y = np.array([kinds.index(kind) for kind in part["kind"]]) + (number - (len(sources) - 1) / 2) * step
        axes.hlines(y, part["low"].clip(_FROM, _TO), part["high"].clip(_FROM, _TO), color=colour, lw=1.8)
        axes.scatter(part["rho"].clip(_FROM, _TO), y, color=colour, s=40, label=source, zorder=3)
        axes.scatter(part["raw"], y, color="black", marker="|", s=50, lw=1.2, zorder=4)
        beyond = (part["high"] > _TO).to_numpy()
        axes.scatter(np.full(beyond.sum(), _TO), y[beyond], color=colour, marker=">", s=30, zorder=3, clip_on=False)
    axes.axvline(0, color=QUIET, lw=0.8)
    axes.axvline(1, color="black", lw=1, ls="--")
    axes.set_yticks(range(len(kinds)), kinds)
    axes.set_ylim(len(kinds) - 0.5, -0.5)
    axes.set(xlabel="mean correlation of two metrics over models", xlim=(_FROM, _TO))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, fontsize=9)
    return in_figure(figure)
