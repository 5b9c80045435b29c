"""Figures of what a table holds and lacks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from yardsticks.literal import in_figure
from yardsticks.style import AREA_COLOURS, QUIET, SEQUENTIAL, UNKNOWN, WIDE, area_colour, short_name


def plot_coverage(coverage: pd.DataFrame) -> Figure:
    """Draw how many models each metric has a score for, coloured by area.

    Parameters
    ----------
    coverage : DataFrame
        As from `missing.coverage`.

    Examples
    --------
    >>> from yardsticks.scores import coverage, make_twin
    >>> figure = plot_coverage(coverage(make_twin()))
    >>> figure.axes[0].get_xlabel()
    'models with a score'
    """
    figure = Figure(figsize=(WIDE, max(0.165 * len(coverage) + 1, 2)), layout="constrained")
    axes = figure.subplots()
    y = np.arange(len(coverage))
    axes.barh(y, coverage["n_models"], color=[area_colour(area) for area in coverage["area"]], height=0.8)
    axes.set_yticks(y, [short_name(metric) for metric in coverage.index], fontsize=7)
    axes.set_ylim(len(coverage) - 0.4, -0.6)
    axes.set_xlabel("models with a score")
    _area_legend(axes, coverage["area"], loc="lower right", bbox_to_anchor=(1, 1.0), ncols=7)
    return in_figure(figure)


def plot_presence(values: pd.DataFrame, areas: Mapping[str, str]) -> Figure:
    """Draw which scores a table has: a row for each model, those with the most scores first, a column for each metric.

    Parameters
    ----------
    values : DataFrame, (n_models, n_metrics)
        NaN is missing.
    areas : mapping of metric to area
        Colours the scores, and names the areas above.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> table = make_twin()
    >>> figure = plot_presence(table.values, table.metrics["area"])
    >>> figure.axes[0].get_ylabel()
    '280 models, most scores first'
    """
    figure = Figure(figsize=(WIDE, 4.6), layout="constrained")
    axes = figure.subplots()
    kinds = [areas[metric] for metric in values]
    order = values.notna().sum(axis=1).sort_values(ascending=False, kind="stable").index
    picture = np.ones((*values.shape, 3))
    for column, kind in enumerate(kinds):
        picture[values.loc[order].notna().to_numpy()[:, column], column] = to_rgb(area_colour(kind))
    axes.imshow(picture, aspect="auto", interpolation="nearest", extent=(0, values.shape[1], len(values), 0))
    starts = [i for i in range(len(kinds)) if i == 0 or kinds[i] != kinds[i - 1]]
    for start in starts[1:]:
        axes.axvline(start, color="white", lw=2)
    axes.set(xlabel=f"{values.shape[1]} metrics", ylabel=f"{len(values):,} models, most scores first", xticks=[])
    _area_legend(axes, pd.Series(kinds, dtype=object), loc="lower left", bbox_to_anchor=(0, 1.0), ncols=7)
    return in_figure(figure)


def plot_score_ranges(coverage: pd.DataFrame) -> Figure:
    """Draw the quartiles of each metric's scores, and the median published error where there is one.

    Parameters
    ----------
    coverage : DataFrame
        As from `missing.coverage`; engineering metrics may be left out by the caller.

    Raises
    ------
    ValueError
        There is no metric.

    Examples
    --------
    >>> from yardsticks.scores import coverage, make_twin
    >>> figure = plot_score_ranges(coverage(make_twin()))
    >>> figure.axes[1].get_xlabel()
    'median published error'
    """
    if coverage.empty:
        raise ValueError("there is no metric but those of engineering, which have no ceiling.")
    figure = Figure(figsize=(WIDE, max(0.175 * len(coverage) + 1, 2)), layout="constrained")
    axes, errors = figure.subplots(1, 2, sharey=True, width_ratios=[2, 1])
    y = np.arange(len(coverage))
    colours = [area_colour(area) for area in coverage["area"]]
    axes.hlines(y, coverage["q25"], coverage["q75"], color=colours, lw=4, alpha=0.5)
    axes.scatter(coverage["median"], y, c=colours, s=16, zorder=3)
    axes.axvline(0, color=QUIET, lw=0.8)
    axes.set_yticks(y, [short_name(metric) for metric in coverage.index], fontsize=7)
    axes.set_ylim(len(coverage) - 0.4, -0.6)
    axes.set_xlabel("score: median and quartiles over models")
    errors.scatter(coverage["error"], y, c=colours, s=16)
    errors.set_xlabel("median published error")
    if coverage["error"].isna().all():
        errors.text(0.5, 0.5, "the table has\nno errors", transform=errors.transAxes, ha="center", va="center")
        errors.set_xticks([])
    else:
        errors.set_xlim(left=0)
    _area_legend(axes, coverage["area"], loc="lower left", bbox_to_anchor=(0, 1.0), ncols=7)
    return in_figure(figure)


def plot_missing(frame: pd.DataFrame) -> Figure:
    """Draw neural against behavioural averages with missing scores as 0, coloured by the number of non-zero scores.

    Parameters
    ----------
    frame : DataFrame
        As from `missing.missing_scores`; its groups are named beside their centre.

    References
    ----------
    Ahlert et al. 2024, Figure 7.

    Examples
    --------
    >>> from yardsticks.scores import make_twin, missing_scores
    >>> figure = plot_missing(missing_scores(make_twin()))
    >>> figure.axes[0].get_xlabel()
    'neural score, missing counted as 0'
    """
    figure = Figure(figsize=(WIDE, 5.2), layout="constrained")
    axes = figure.subplots()
    points = axes.scatter(frame["neural"], frame["behaviour"], c=frame["n_nonzero"], cmap=f"{SEQUENTIAL}_r", s=26,
                          edgecolor="white", lw=0.3)  # fmt: skip
    groups = frame[frame["group"] != "other counts"].groupby("group")
    named = groups[["neural", "behaviour", "n_nonzero"]].median().assign(n=groups.size())
    named = named.sort_values("behaviour")
    # labels stand in a column to the right, in the order of the groups' height, so that they never overlap
    right = frame["neural"].max()
    margin = 0.07 * (right - frame["neural"].min()) or 0.035  # whatever the unit of the scores
    span = frame["behaviour"].max() - frame["behaviour"].min()
    heights = np.linspace(frame["behaviour"].min() + 0.08 * span, frame["behaviour"].max() - 0.1 * span, len(named))
    for (label, group), height in zip(named.iterrows(), heights, strict=True):
        axes.annotate(
            f"{label}\n({group['n']:.0f} models)", (group["neural"], group["behaviour"]),
            xytext=(right + margin, height), fontsize=8, va="center",
            arrowprops={"arrowstyle": "-", "color": "#444444", "lw": 0.7, "shrinkB": 3},
        )  # fmt: skip
    axes.scatter(named["neural"], named["behaviour"], s=36, facecolor="none", edgecolor="#444444", lw=1.2, zorder=3)
    axes.text(right + margin, 0.99, "non-zero scores: what is lacking", transform=axes.get_xaxis_transform(),
              fontsize=8, fontweight="bold", va="top")  # fmt: skip
    axes.set_xlim(frame["neural"].min() - margin / 2, right + margin * 0.9)
    axes.set(xlabel="neural score, missing counted as 0", ylabel="behavioural score, missing counted as 0")
    figure.colorbar(points, ax=axes, label="non-zero scores", location="left", pad=0.02)
    return in_figure(figure)


def _area_legend(axes: Axes, areas: pd.Series, **where) -> None:
    present = [area for area in AREA_COLOURS if area in set(areas)]
    handles = [Line2D([], [], color=area_colour(area), lw=5) for area in present]
    axes.legend(handles, [area or UNKNOWN for area in present], fontsize=8, handlelength=1, columnspacing=1, **where)
