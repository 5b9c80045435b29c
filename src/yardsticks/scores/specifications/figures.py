"""Figures of the specifications: frames in, a matplotlib Figure out. Only positions are computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from yardsticks.literal import in_figure
from yardsticks.style import EMPHASIS, QUIET, WIDE, spread

N_BINS = 90  # columns of dots; with more specifications a column stands for neighbours in the order
MARKS = (("D", EMPHASIS), ("o", "#0072B2"))
NUMBERS = {
    "mean_rho": "mean correlation",
    "r2_behaviour": "R² behaviour",
    "r2_neural": "R² neural",
    "rho_mean_z": "mean with z scores",
    "rho_mean_rank": "mean with mean rank",
}
CHOICES = {
    "table": "leaderboard",
    "until": "scores given",
    "public_only": "models",
    "nonzero": "a score of .000",
    "deduplicate": "rows",
    "imagenet_floor": "ImageNet top-1",
    "nesting": "nesting",
    "policy": "missing scores",
    "metrics": "metric set",
    "method": "coefficient",
    "over": "z and rank over",
}
# from models to numbers, as the figures lay them out
ORDER = (
    *("table", "until", "public_only", "nonzero", "deduplicate"),
    *("imagenet_floor", "policy", "metrics", "nesting", "method", "over"),
)
APART = {"mean_rho": ("over",), "r2_neural": ("method", "over"), "r2_behaviour": ("method", "over")}  # without a part
VALUES = {
    ("until", "none"): "at any time",
    ("public_only", "no"): "all",
    ("public_only", "yes"): "public in 2023",
    ("nonzero", "no"): "is a score",
    ("nonzero", "yes"): "is missing",
    ("deduplicate", "none"): "all",
    ("deduplicate", "name"): "one a name",
    ("imagenet_floor", "0"): "any",
    ("imagenet_floor", "0.019"): "from 1.9 %",
    ("policy", "complete"): "complete models",
    ("policy", "zero"): "count as 0",
    ("policy", "available"): "left out",
    ("metrics", "groups"): "nine groups",
    ("metrics", "leaves and engineering"): "and engineering",
}


def plot_curve(
    frame: pd.DataFrame,
    *,
    number: str,
    choices: Sequence[str] | None = None,
    intervals: pd.DataFrame | None = None,
    printed: Mapping[str, float] | None = None,
    marked: Mapping[str, int | None] | None = None,
) -> Figure:
    """Draw a headline number under every specification in ascending order, above the choices that made it.

    Parameters
    ----------
    frame : DataFrame, (n_specifications, ...)
        As from `curve.specification_curve`.
    number : str
        The column to draw.
    choices : sequence of str, optional
        Columns to lay out below; by default those that have a part in the number. The darker a dot, the more of the
        specifications there have the value.
    intervals : DataFrame, optional
        As from `curve.bootstrap_curve`: number, specification (position in `frame`), low, high.
    printed : mapping of label to value, optional
        Lines to draw across.
    marked : mapping of label to position, optional
        Up to two specifications to mark, by their position in `frame`; None is left out.
    """
    if choices is None:
        choices = [choice for choice in ORDER if choice not in APART.get(number, ())]
    shown = frame[frame[number].notna()]
    order = shown[number].sort_values(kind="stable").index
    place = pd.Series(np.arange(len(order)), order)
    values = {choice: list(dict.fromkeys(frame[choice])) for choice in choices}
    n_rows = sum(map(len, values.values())) + 0.5 * len(values)
    figure = Figure(figsize=(WIDE, 2.9 + 0.175 * n_rows), layout="constrained")
    top, matrix = figure.subplots(2, 1, sharex=True, height_ratios=[2.6, 0.175 * n_rows + 0.2])

    if intervals is not None:
        known = intervals[intervals["number"] == number]
        at = place.reindex(known["specification"])
        top.vlines(at, known["low"], known["high"], color="#56B4E9", lw=1.8, label="95 % over models")
    top.scatter(place, shown[number][order], s=12 if len(order) < 200 else 3, color="black", lw=0, zorder=3,
                label="specification")  # fmt: skip
    marks = [(label, at, *look) for (label, at), look in zip((marked or {}).items(), MARKS, strict=False)]
    marks = [mark for mark in marks if mark[1] in place.index]
    for label, at, marker, colour in marks:
        top.scatter(place[at], frame.at[at, number], s=65, marker=marker, color=colour, edgecolor="white", lw=0.8,
                    zorder=5, label=label)  # fmt: skip
    _draw_printed(top, printed or {})
    top.set_ylabel(NUMBERS.get(number, number))
    top.tick_params(bottom=False)
    top.spines["bottom"].set_visible(False)
    legend = top.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4, fontsize=8)
    for handle, name in zip(legend.legend_handles, legend.get_texts(), strict=True):
        if name.get_text() == "specification":  # a dot of the curve can hardly be seen alone
            handle.set_sizes([20])

    n_bins = min(len(order), N_BINS)
    bins = np.arange(len(order)) * n_bins // max(len(order), 1)
    centres = pd.Series(np.arange(len(order))).groupby(bins).mean().to_numpy()
    y, ticks, labels = 0.0, [], []
    for row, (choice, options) in enumerate(values.items()):
        taken = shown.loc[order, choice].to_numpy()
        for option in options:
            share = pd.Series(taken == option).groupby(bins).mean().to_numpy()
            if row % 2:
                matrix.axhspan(y - 0.5, y + 0.5, color=QUIET, alpha=0.12, lw=0)
            matrix.scatter(centres, np.full(n_bins, y), s=13, marker="s", color="black", alpha=share, lw=0)
            for _, at, marker, colour in marks:
                if frame.at[at, choice] == option:
                    matrix.scatter(place[at], y, s=28, marker=marker, color=colour, edgecolor="white", lw=0.6, zorder=4)
            head = f"{CHOICES.get(choice, choice)}: " if option == options[0] else ""
            ticks.append(y)
            labels.append(head + VALUES.get((choice, option), option if choice != "until" else f"before {option}"))
            y += 1
        y += 0.5
    matrix.set_yticks(ticks, labels, fontsize=7.5)
    matrix.tick_params(left=False)
    matrix.set(ylim=(y - 0.5, -1), xlim=(-0.01 * len(order) - 1, 1.01 * len(order)))
    matrix.set_xlabel(f"{len(order):,} specifications, in ascending order of the number")
    matrix.spines["left"].set_visible(False)
    return in_figure(figure)


def plot_ranges(beside: pd.DataFrame) -> Figure:
    """Draw the range of each headline number over specifications beside what is printed.

    Parameters
    ----------
    beside : DataFrame
        As from `spread.set_beside_printed`.
    """
    figure = Figure(figsize=(WIDE, 0.42 * len(beside) + 1), layout="constrained")
    axes = figure.subplots()
    y = np.arange(len(beside))
    axes.hlines(y, beside["lowest"], beside["highest"], color=QUIET, lw=6, alpha=0.5, label="all specifications")
    axes.scatter(beside["median"], y, s=44, color="black", zorder=4, label="their median")
    if beside["printed"].notna().any():
        axes.scatter(beside["printed"], y, s=60, marker="x", color=EMPHASIS, lw=2.2, zorder=5, label="printed")
    labels = [
        f"{NUMBERS.get(number, number)} ({of})" for number, of in zip(beside["number"], beside["of"], strict=True)
    ]
    axes.set_yticks(y, labels, fontsize=9)
    axes.set_ylim(len(beside) - 0.4, -0.6)
    axes.axvline(0, color=QUIET, lw=0.8)
    axes.set_xlabel("value under each specification")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3)
    return in_figure(figure)


def _draw_printed(axes: Axes, printed: Mapping[str, float]) -> None:
    """Draw lines with their labels at the right; labels that would touch are moved apart, each led to its line."""
    if not printed:
        return
    lines = pd.Series(printed, dtype=float)
    low, high = axes.get_ylim()
    low, high = min(low, lines.min()), max(high, lines.max())
    axes.set_ylim(low - 0.06 * (high - low), high + 0.08 * (high - low))
    places = spread(lines.to_numpy(), 0.085 * (high - low))
    for label, value, place in zip(lines.index, lines, places, strict=True):
        axes.axhline(value, color=EMPHASIS, lw=1.2, ls="--", zorder=2)
        axes.annotate(label, (1, value), (1.03, place), xycoords=axes.get_yaxis_transform(), fontsize=8,
                      color=EMPHASIS, va="center", annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "color": EMPHASIS, "lw": 0.7, "shrinkA": 1, "shrinkB": 0,
                                  "relpos": (0, 0.5)})  # fmt: skip


def plot_explained(shares: pd.DataFrame) -> Figure:
    """Draw how much of each headline number's variance each choice explains.

    Parameters
    ----------
    shares : DataFrame, (n_choices + 3, n_numbers)
        As from `spread.explained_by_choice`.
    """
    figure = Figure(figsize=(WIDE - 1.5, 0.34 * len(shares) + 1.2), layout="constrained")
    axes = figure.subplots()
    drawn = shares.to_numpy(float)
    axes.imshow(np.clip(drawn, 0, 1), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (i, j), share in np.ndenumerate(drawn):
        text = "" if np.isnan(share) else "<1" if 0 < share < 0.01 else f"{100 * share:.0f}".replace("-0", "0")
        axes.text(j, i, text, ha="center", va="center", fontsize=9, color="white" if share > 0.55 else "black")
    axes.set_xticks(range(shares.shape[1]), [fill(NUMBERS.get(name, name), 12) for name in shares], fontsize=9)
    axes.set_yticks(range(len(shares)), [CHOICES.get(name, name) for name in shares.index], fontsize=9)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    rest = sum(name not in CHOICES for name in shares.index)
    axes.axhline(len(shares) - rest - 0.5, color="black", lw=1)
    axes.set_xlabel("% of the variance over specifications")
    return in_figure(figure)
