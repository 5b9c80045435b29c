"""Figures of agreement and integration.

Longer than 300 lines: five figures that share their marks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from yardsticks.literal import in_figure
from yardsticks.scores.consistency import Consistency, pair_table
from yardsticks.style import (
    AREA_COLOURS,
    DIVERGING,
    EMPHASIS,
    NARROW,
    QUIET,
    SEQUENTIAL,
    UNKNOWN,
    WIDE,
    area_colour,
    short_name,
)

LEVEL = 0.05  # that adjusted p values are held against
OUTLIER = 4.0  # standard deviations from the mean, from which on a model is named
UNDEFINED = "#E6E6E6"  # ground of what has no correlation, hatched
FAR = 10  # ranks, beyond which a move is drawn in colour


def plot_consistency(
    pairs: pd.DataFrame | Consistency,
    *,
    areas: Mapping[str, str] | None = None,
    subgroups: Mapping[str, str] | None = None,
) -> Figure:
    """Draw a heat map of the correlations between metrics.

    Of up to twenty metrics the correlations are written, bold where significant; where the pairs rest on different
    models, their number stands below. What has no correlation is hatched. Of more metrics, numbers could not be read,
    and a dot marks what is significant.

    Parameters
    ----------
    pairs : DataFrame or Consistency
        As from `pair_table`: metric_a, metric_b, n, rho, p_adjusted (significant below 0.05). Of what `consistency`
        returns the pairs are made here, with Bonferroni's correction.
    areas : mapping of metric to area, optional
        Draws a line where the area changes, and names the areas.
    subgroups : mapping of metric to subgroup, optional
        Inside areas: frames and names those of several metrics.

    Raises
    ------
    ValueError
        There is no correlation to draw.

    References
    ----------
    Ahlert et al. 2024, Figures 1, 4 and 5.

    Examples
    --------
    >>> from yardsticks.scores import consistency
    >>> scores = pd.DataFrame({"A": [0.1, 0.2, 0.4], "B": [0.5, 0.6, 0.7], "C": [0.3, 0.1, 0.2]})
    >>> figure = plot_consistency(consistency(scores, policy="complete"))
    >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
    ['A', 'B', 'C']
    """
    if isinstance(pairs, Consistency):
        pairs = pair_table(pairs)
    if pairs["rho"].isna().all():
        raise ValueError("no two metrics have 3 models in common whose scores differ, so none can be correlated.")
    names = list(dict.fromkeys([*pairs["metric_a"], *pairs["metric_b"]]))
    n = len(names)
    position = {name: i for i, name in enumerate(names)}
    rho = np.full((n, n), np.nan)
    significant = np.zeros((n, n), bool)
    a, b = (pairs[column].map(position).to_numpy() for column in ("metric_a", "metric_b"))
    rho[a, b] = rho[b, a] = pairs["rho"]
    significant[a, b] = significant[b, a] = pairs["p_adjusted"] < LEVEL
    counts = np.zeros((n, n), int)
    counts[a, b] = counts[b, a] = pairs["n"]
    alone = np.isnan(rho).sum(axis=0) >= n  # of such a metric, as one of constant scores, not even that with itself
    np.fill_diagonal(rho, np.where(alone, np.nan, 1.0))

    large = n > 20
    side = max(NARROW, min(0.2 * n, 15)) if large else 0.72 * n + 1.5
    labels = [short_name(name) for name in names]
    room = 0.07 * max(max(map(len, labels)) - 30, 0)  # for names longer than most
    figure = Figure(figsize=(side + 1.2 + room, side + room), layout="constrained")
    axes = figure.subplots()
    shown = ~np.isnan(rho) & ~np.eye(n, dtype=bool)
    written = np.vectorize(_two_digits)(rho)
    if pairs["n"].nunique() > 1 and not large:
        written = np.char.add(np.char.add(written.astype(str), "\n"), counts.astype(str))
    sns.heatmap(
        rho, ax=axes, cmap=DIVERGING, vmin=-1, vmax=1, square=True, xticklabels=False, yticklabels=False,
        annot=None if large else np.where(shown, written, ""), fmt="", annot_kws={"size": 9},
        cbar_kws={"label": "correlation over models", "shrink": 0.6, "aspect": 30},
    )  # fmt: skip
    for i, j in np.argwhere(np.isnan(rho)):
        axes.add_patch(Rectangle((j, i), 1, 1, facecolor=UNDEFINED, edgecolor=QUIET, hatch="////", lw=0))
    if large:
        i, j = np.nonzero(significant & shown)
        axes.scatter(j + 0.5, i + 0.5, s=2, color=np.where(abs(rho[i, j]) > 0.6, "white", "black"), lw=0)
    cells = np.argwhere(~np.isnan(rho))  # in the order in which seaborn writes
    for (i, j), text in zip(() if large else cells, axes.texts, strict=True):
        text.set_fontweight("bold" if significant[i, j] else "normal")
        text.set_color("white" if abs(rho[i, j]) > 0.6 else "black")  # by the ground; bold alone says significant
    axes.set_xticks(np.arange(n) + 0.5, labels, rotation=90 if large else 40, ha="center" if large else "right",
                    rotation_mode="default" if large else "anchor", fontsize=8 if large else 10)  # fmt: skip
    axes.set_yticks(np.arange(n) + 0.5, labels, rotation=0, va="center", fontsize=8 if large else 10)
    axes.tick_params(length=0)
    if areas is not None:
        kinds = [areas[name] or UNKNOWN for name in names]
        starts = [i for i in range(n) if i == 0 or kinds[i] != kinds[i - 1]]
        for start, end in zip(starts, [*starts[1:], n], strict=True):
            axes.axhline(start, color="black", lw=1)
            axes.axvline(start, color="black", lw=1)
            axes.text((start + end) / 2, -0.6, kinds[start], ha="center", va="bottom", fontsize=10,
                      fontweight="bold", color=area_colour(areas[names[start]]))  # fmt: skip
    if areas is not None and subgroups is not None:
        kinds = [subgroups[name] for name in names]
        starts = [i for i in range(n) if i == 0 or kinds[i] != kinds[i - 1]]
        for start, end in zip(starts, [*starts[1:], n], strict=True):
            if end - start > 1 and kinds[start] != areas[names[start]]:
                axes.add_patch(Rectangle((start, start), end - start, end - start, fill=False, lw=1))
                name = kinds[start].rpartition("-")[2].replace("_", " ")
                axes.text(n + 0.4, (start + end) / 2, name, va="center", fontsize=8)
    return in_figure(figure)


def plot_pairs(pairs: pd.DataFrame, kinds: pd.Categorical) -> Figure:
    """Draw how the correlations of pairs of metrics are spread, stacked by the kind of pair, with their mean.

    Parameters
    ----------
    pairs : DataFrame, (n_pairs, ...)
        As from `consistency.pair_table`.
    kinds : Categorical, (n_pairs,)
        As from `summaries.pair_kinds`.

    Raises
    ------
    ValueError
        There is no correlation to draw.

    Examples
    --------
    >>> from yardsticks.scores import consistency, make_twin, pair_table, summaries
    >>> table = make_twin()
    >>> pairs = pair_table(consistency(table, policy="pairwise"))
    >>> plot_pairs(pairs, summaries.pair_kinds(pairs, table.metrics["area"])).axes[0].get_ylabel()
    'pairs of metrics'
    """
    if pairs["rho"].isna().all():
        raise ValueError("no two metrics have 3 models in common whose scores differ, so none can be correlated.")
    figure = Figure(figsize=(WIDE, 4.2), layout="constrained")
    axes = figure.subplots()
    colours = [AREA_COLOURS["V1"], AREA_COLOURS["behaviour"], QUIET, "#DDDDDD"]  # the last two: of no domain
    shown = [(kind, colour) for kind, colour in zip(kinds.categories, colours, strict=True) if (kinds == kind).any()]
    axes.hist(
        [pairs.loc[kinds == kind, "rho"].dropna() for kind, _ in shown],
        bins=np.linspace(-1, 1, 41), stacked=True, color=[colour for _, colour in shown], edgecolor="white", lw=0.4,
        label=[f"{kind} ({(kinds == kind).sum():,})" for kind, _ in shown],
    )  # fmt: skip
    mean = pairs["rho"].mean()
    axes.axvline(0, color="black", lw=0.8)
    axes.axvline(mean, color="black", lw=1.5, ls="--", label=f"mean of all: {mean:.2f}")
    axes.set(xlabel="correlation of two metrics over models", ylabel="pairs of metrics", xlim=(-1, 1))
    axes.legend(loc="upper left")
    return in_figure(figure)


def plot_neural_behaviour(frame: pd.DataFrame, *, marked: Sequence[str] = ()) -> Figure:
    """Draw neural against behavioural scores, raw and z-transformed, coloured by overall rank.

    Models more than 4 standard deviations from the mean, on either axis, are named.

    Parameters
    ----------
    frame : DataFrame
        As from `integration.neural_behaviour`.
    marked : sequence of str
        Model ids to ring and label with their neural rank.

    References
    ----------
    Ahlert et al. 2024, Figure 2.

    Examples
    --------
    >>> from yardsticks.scores import make_twin, neural_behaviour
    >>> figure = plot_neural_behaviour(neural_behaviour(make_twin(), policy="zero"))
    >>> figure.axes[0].get_ylabel()
    'behavioural score'
    """
    figure = Figure(figsize=(WIDE, 4.4), layout="constrained")
    panels = figure.subplots(1, 2)
    far = frame[["neural_z", "behaviour_z"]].abs().max(axis=1) > OUTLIER
    for axes, suffix, title in zip(panels, ("", "_z"), ("scores", "z-transformed scores"), strict=True):
        x, y = frame[f"neural{suffix}"], frame[f"behaviour{suffix}"]
        points = axes.scatter(x, y, c=frame["rank"], cmap=f"{SEQUENTIAL}_r", s=22, edgecolor="white", lw=0.3)
        for model in frame.index[far]:
            left = x[model] > x.mean()
            axes.annotate(frame.at[model, "model_name"], (x[model], y[model]), fontsize=7, textcoords="offset points",
                          xytext=(-5 if left else 5, 4), ha="right" if left else "left")  # fmt: skip
        for model in frame.index.intersection(marked):
            axes.scatter(x[model], y[model], s=90, facecolor="none", edgecolor=EMPHASIS, lw=1.5)
            axes.annotate(
                f"neural rank {frame.at[model, 'neural_rank']:.0f}", (x[model], y[model]), fontsize=8, color=EMPHASIS,
                textcoords="offset points", xytext=(-58, 0), ha="right", va="center",
                arrowprops={"arrowstyle": "-", "color": EMPHASIS, "lw": 0.8, "shrinkB": 6},
            )  # fmt: skip
        axes.set(xlabel="neural score", ylabel="behavioural score", title=title)
    figure.colorbar(points, ax=panels, label="overall rank (1 is best)").ax.invert_yaxis()
    return in_figure(figure)


def plot_densities(densities: pd.DataFrame, scores: pd.DataFrame) -> Figure:
    """Draw kernel density estimates of the area scores, with one tick per model.

    Parameters
    ----------
    densities : DataFrame
        As from `stats.density`: name, x, density, bandwidth, n.
    scores : DataFrame, (n_models, n_areas)
        The scores themselves, drawn as ticks below.

    References
    ----------
    Ahlert et al. 2024, Figure 6.

    Examples
    --------
    >>> from yardsticks import density
    >>> scores = pd.DataFrame({"V1": [0.1, 0.2, 0.4], "IT": [0.3, 0.5, 0.6]})
    >>> figure = plot_densities(density(scores), scores)
    >>> figure.axes[1].get_xlabel()
    'score'
    """
    figure = Figure(figsize=(NARROW + 1, 4), layout="constrained")
    axes, ticks = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    for row, (area, curve) in enumerate(densities.groupby("name", sort=False)):
        width = curve["bandwidth"].iloc[0]
        axes.plot(curve["x"], curve["density"], color=area_colour(area), lw=2, label=f"{area} (bandwidth {width:.3f})")
        axes.fill_between(curve["x"], curve["density"], color=area_colour(area), alpha=0.12)
        ticks.scatter(scores[area], np.full(len(scores), row), marker="|", s=50, color=area_colour(area), lw=0.6)
    axes.set(ylabel="density", ylim=(0, None))
    axes.legend()
    names = list(densities["name"].unique())
    ticks.set_yticks(range(len(names)), names)
    ticks.set(xlabel="score", ylim=(len(names) - 0.5, -0.5))
    return in_figure(figure)


def plot_integrations(shifts: pd.DataFrame, *, labels: Mapping[str, str]) -> Figure:
    """Draw each model's normalised score under several integration schemes, a row for each.

    Points are coloured by the model's rank under the first scheme. Lines join a model from row to row; it is drawn in
    colour down to each row in which it is more than 10 ranks away from where the first scheme puts it.

    Parameters
    ----------
    shifts : DataFrame
        As from `integration.rank_shifts`.
    labels : mapping of scheme to str
        The schemes to draw, from the top, with their names.

    References
    ----------
    Ahlert et al. 2024, Figure 3.

    Examples
    --------
    >>> from yardsticks.scores import integrate, make_twin, rank_shifts
    >>> rankings = {scheme: integrate(make_twin(), scheme=scheme, policy="zero") for scheme in ("mean", "rank")}
    >>> figure = plot_integrations(rank_shifts(rankings), labels={"mean": "mean", "rank": "mean rank"})
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['mean', 'mean rank']
    """
    figure = Figure(figsize=(WIDE, 1.3 * len(labels) + 1), layout="constrained")
    axes = figure.subplots()
    schemes = list(labels)
    default = shifts[f"rank_{schemes[0]}"]
    for y, (above, below) in enumerate(pairwise(schemes)):
        moved = (shifts[f"rank_{below}"] - default).abs() > FAR
        for far, style in ((False, {"color": QUIET, "lw": 0.6, "alpha": 0.6}), (True, {"color": EMPHASIS, "lw": 0.8})):
            axes.plot(shifts.loc[moved == far, [above, below]].to_numpy().T, [y, y + 1], zorder=2 + far, **style)
    for y, scheme in enumerate(schemes):
        points = axes.scatter(shifts[scheme], np.full(len(shifts), y), s=16, c=default, cmap=f"{SEQUENTIAL}_r",
                              zorder=4, edgecolor="white", lw=0.3)  # fmt: skip
    axes.set_yticks(range(len(schemes)), [labels[scheme] for scheme in schemes])
    axes.set(xlabel="score, min-max normalised", ylim=(len(schemes) - 0.85, -0.15))
    handles = [Line2D([], [], color=EMPHASIS), Line2D([], [], color=QUIET)]
    words = [f"more than {FAR} ranks from where the {labels[schemes[0]]} puts it", "less"]
    axes.legend(handles, words, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)
    figure.colorbar(points, ax=axes, label=f"rank by the {labels[schemes[0]]}").ax.invert_yaxis()
    return in_figure(figure)


def _two_digits(value: float) -> str:
    """Two decimals without the leading zero, so that large heat maps stay legible."""
    text = f"{value:.2f}"
    return "0" if text in ("0.00", "-0.00") else text.replace("0.", ".", 1)
