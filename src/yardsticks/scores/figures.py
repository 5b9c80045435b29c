"""Figures of wing A: tidy frames in, a matplotlib Figure out. Nothing is computed here but positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from textwrap import fill

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from yardsticks.style import AREA_COLOURS, DIVERGING, EMPHASIS, NARROW, QUIET, SEQUENTIAL, WIDE, short_name

UNKNOWN = "unknown area"  # of metrics that the catalogue does not have


def plot_coverage(coverage: pd.DataFrame) -> Figure:
    """Draw how many models each metric has a score for, coloured by area.

    Parameters
    ----------
    coverage : DataFrame
        As from `missing.coverage`.
    """
    figure = Figure(figsize=(WIDE, max(0.165 * len(coverage) + 1, 2)), layout="constrained")
    axes = figure.subplots()
    y = np.arange(len(coverage))
    axes.barh(y, coverage["n_models"], color=[_colour(area) for area in coverage["area"]], height=0.8)
    axes.set_yticks(y, [short_name(metric) for metric in coverage.index], fontsize=7)
    axes.set_ylim(len(coverage) - 0.4, -0.6)
    axes.set_xlabel("models with a score")
    _area_legend(axes, coverage["area"], loc="lower right", bbox_to_anchor=(1, 1.0), ncols=7)
    return figure


def plot_presence(values: pd.DataFrame, areas: Mapping[str, str]) -> Figure:
    """Draw which scores a table has: a row for each model, those with the most scores first, a column for each metric.

    Parameters
    ----------
    values : DataFrame, (n_models, n_metrics)
        NaN is missing.
    areas : mapping of metric to area
        Colours the scores, and names the areas above.
    """
    figure = Figure(figsize=(WIDE, 4.6), layout="constrained")
    axes = figure.subplots()
    kinds = [areas[metric] for metric in values]
    order = values.notna().sum(axis=1).sort_values(ascending=False, kind="stable").index
    picture = np.ones((*values.shape, 3))
    for column, kind in enumerate(kinds):
        picture[values.loc[order].notna().to_numpy()[:, column], column] = to_rgb(_colour(kind))
    axes.imshow(picture, aspect="auto", interpolation="nearest", extent=(0, values.shape[1], len(values), 0))
    starts = [i for i in range(len(kinds)) if i == 0 or kinds[i] != kinds[i - 1]]
    for start in starts[1:]:
        axes.axvline(start, color="white", lw=2)
    axes.set(xlabel=f"{values.shape[1]} metrics", ylabel=f"{len(values):,} models, most scores first", xticks=[])
    _area_legend(axes, pd.Series(kinds, dtype=object), loc="lower left", bbox_to_anchor=(0, 1.0), ncols=7)
    return figure


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
    """
    if pairs["rho"].isna().all():
        raise ValueError("no two metrics have 3 models in common whose scores differ, so none can be correlated.")
    figure = Figure(figsize=(WIDE, 4.2), layout="constrained")
    axes = figure.subplots()
    colours = [AREA_COLOURS["V1"], AREA_COLOURS["behaviour"], AREA_COLOURS["V2"], QUIET]
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
    return figure


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
    """
    if coverage.empty:
        raise ValueError("there is no metric but those of engineering, which have no ceiling.")
    figure = Figure(figsize=(WIDE, max(0.175 * len(coverage) + 1, 2)), layout="constrained")
    axes, errors = figure.subplots(1, 2, sharey=True, width_ratios=[2, 1])
    y = np.arange(len(coverage))
    colours = [_colour(area) for area in coverage["area"]]
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
    return figure


def plot_consistency(pairs: pd.DataFrame, *, alpha: float = 0.05, areas: Mapping[str, str] | None = None) -> Figure:
    """Draw a heat map of the correlations between metrics, bold where significant.

    Parameters
    ----------
    pairs : DataFrame
        As from `consistency.pair_table`: metric_a, metric_b, rho, p_adjusted.
    alpha : float
        Level that the adjusted p values are held against.
    areas : mapping of metric to area, optional
        Draws a line where the area changes, and names the areas.

    Raises
    ------
    ValueError
        There is no correlation to draw.

    References
    ----------
    Ahlert et al. 2024, Figures 1, 4 and 5.
    """
    if pairs["rho"].isna().all():
        raise ValueError("no two metrics have 3 models in common whose scores differ, so none can be correlated.")
    names = list(dict.fromkeys([*pairs["metric_a"], *pairs["metric_b"]]))
    n = len(names)
    position = {name: i for i, name in enumerate(names)}
    rho = np.full((n, n), np.nan)
    significant = np.zeros((n, n), bool)
    a, b = (pairs[column].map(position).to_numpy() for column in ("metric_a", "metric_b"))
    rho[a, b] = rho[b, a] = pairs["rho"]
    significant[a, b] = significant[b, a] = pairs["p_adjusted"] < alpha
    np.fill_diagonal(rho, 1.0)

    large = n > 20
    side = max(NARROW, min(0.29 * n, 15)) if large else 0.72 * n + 1.5
    figure = Figure(figsize=(side + 1.2, side), layout="constrained")
    axes = figure.subplots()
    shown = ~np.isnan(rho) & ~np.eye(n, dtype=bool)
    labels = [short_name(name) for name in names]
    sns.heatmap(
        rho, ax=axes, cmap=DIVERGING, vmin=-1, vmax=1, square=True, xticklabels=labels, yticklabels=labels,
        annot=np.where(shown, np.vectorize(_two_digits)(rho), ""), fmt="", annot_kws={"size": 5.2 if large else 9},
        cbar_kws={"label": "correlation over models", "shrink": 0.6, "aspect": 30},
    )  # fmt: skip
    cells = np.argwhere(~np.isnan(rho))  # in the order in which seaborn writes
    for (i, j), text in zip(cells, axes.texts, strict=True):
        text.set_fontweight("bold" if significant[i, j] else "normal")
        text.set_color("white" if abs(rho[i, j]) > 0.65 else "black" if significant[i, j] else "#555555")
    axes.set_xticks(axes.get_xticks(), labels, rotation=90 if large else 40, ha="center" if large else "right",
                    rotation_mode="default" if large else "anchor", fontsize=7 if large else 10)  # fmt: skip
    axes.set_yticks(axes.get_yticks(), labels, rotation=0, fontsize=7 if large else 10)
    axes.tick_params(length=0)
    if areas is not None:
        kinds = [areas[name] or UNKNOWN for name in names]
        starts = [i for i in range(n) if i == 0 or kinds[i] != kinds[i - 1]]
        for start, end in zip(starts, [*starts[1:], n], strict=True):
            axes.axhline(start, color="black", lw=1)
            axes.axvline(start, color="black", lw=1)
            axes.text((start + end) / 2, -0.6, kinds[start], ha="center", va="bottom", fontsize=10,
                      fontweight="bold", color=_colour(areas[names[start]]))  # fmt: skip
    return figure


def plot_neural_behaviour(frame: pd.DataFrame, *, marked: Sequence[str] = (), outlier: float = 4.0) -> Figure:
    """Draw neural against behavioural scores, raw and z-transformed, coloured by overall rank.

    Parameters
    ----------
    frame : DataFrame
        As from `integration.neural_behaviour`.
    marked : sequence of str
        Model ids to ring and label with their neural rank.
    outlier : float
        Models further than this many standard deviations from the mean, on either axis, are named.

    References
    ----------
    Ahlert et al. 2024, Figure 2.
    """
    figure = Figure(figsize=(WIDE, 4.4), layout="constrained")
    panels = figure.subplots(1, 2)
    far = frame[["neural_z", "behaviour_z"]].abs().max(axis=1) > outlier
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
    return figure


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
    """
    figure = Figure(figsize=(NARROW + 1, 4), layout="constrained")
    axes, ticks = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    for row, (area, curve) in enumerate(densities.groupby("name", sort=False)):
        width = curve["bandwidth"].iloc[0]
        axes.plot(curve["x"], curve["density"], color=_colour(area), lw=2, label=f"{area} (bandwidth {width:.3f})")
        axes.fill_between(curve["x"], curve["density"], color=_colour(area), alpha=0.12)
        ticks.scatter(scores[area], np.full(len(scores), row), marker="|", s=50, color=_colour(area), lw=0.6)
    axes.set(ylabel="density", ylim=(0, None))
    axes.legend()
    names = list(densities["name"].unique())
    ticks.set_yticks(range(len(names)), names)
    ticks.set(xlabel="score", ylim=(len(names) - 0.5, -0.5))
    return figure


def plot_missing(frame: pd.DataFrame, *, label_from: int = 10) -> Figure:
    """Draw neural against behavioural averages with missing scores as 0, coloured by the number of non-zero scores.

    Parameters
    ----------
    frame : DataFrame
        As from `missing.missing_scores`.
    label_from : int
        Groups of at least this many models are named beside their centre.

    References
    ----------
    Ahlert et al. 2024, Figure 7.
    """
    figure = Figure(figsize=(WIDE, 5.2), layout="constrained")
    axes = figure.subplots()
    points = axes.scatter(frame["neural"], frame["behaviour"], c=frame["n_nonzero"], cmap=SEQUENTIAL, s=26,
                          edgecolor="white", lw=0.3)  # fmt: skip
    groups = frame[frame["group"] != "other counts"].groupby("group")
    named = groups[["neural", "behaviour", "n_nonzero"]].median().assign(n=groups.size())
    named = named[named["n"] >= label_from].sort_values("behaviour")
    # labels stand in a column to the right, in the order of the groups' height, so that they never overlap
    right = frame["neural"].max()
    margin = 0.07 * (right - frame["neural"].min()) or 0.035  # whatever the unit of the scores
    span = frame["behaviour"].max() - frame["behaviour"].min()
    heights = np.linspace(frame["behaviour"].min() + 0.08 * span, frame["behaviour"].max() - 0.1 * span, len(named))
    for (label, group), height in zip(named.iterrows(), heights, strict=True):
        axes.annotate(
            f"{label}\n({group['n']:.0f} models)", (group["neural"], group["behaviour"]),
            xytext=(right + margin, height), fontsize=8, va="center",
            arrowprops={"arrowstyle": "-", "color": "#444444", "lw": 0.7},
        )  # fmt: skip
    axes.text(right + margin, 0.99, "non-zero scores: lacking", transform=axes.get_xaxis_transform(), fontsize=8,
              fontweight="bold", va="top")  # fmt: skip
    axes.set_xlim(frame["neural"].min() - margin / 2, right + margin * 0.9)
    axes.set(xlabel="neural score, missing counted as 0", ylabel="behavioural score, missing counted as 0")
    figure.colorbar(points, ax=axes, label="non-zero scores", location="left", pad=0.02)
    return figure


def plot_integrations(shifts: pd.DataFrame, *, labels: Mapping[str, str], threshold: int = 10) -> Figure:
    """Draw each model's normalised score under several integration schemes, far movers in colour.

    Parameters
    ----------
    shifts : DataFrame
        As from `integration.rank_shifts`.
    labels : mapping of scheme to str
        The schemes to draw, left to right, with their names.
    threshold : int
        Models that move by more ranks than this between two neighbouring schemes are drawn in colour there.

    References
    ----------
    Ahlert et al. 2024, Figure 3.
    """
    figure = Figure(figsize=(NARROW + 1, 6), layout="constrained")
    axes = figure.subplots()
    schemes = list(labels)
    for x, (left, right) in enumerate(pairwise(schemes)):
        moved = (shifts[f"rank_{left}"] - shifts[f"rank_{right}"]).abs() > threshold
        for far, style in (
            (False, {"color": QUIET, "lw": 0.6, "alpha": 0.6}),
            (True, {"color": EMPHASIS, "lw": 0.8}),
        ):
            part = shifts[moved == far]
            axes.plot([x, x + 1], part[[left, right]].to_numpy().T, zorder=2 + far, **style)
    for x, scheme in enumerate(schemes):
        axes.scatter(np.full(len(shifts), x), shifts[scheme], s=10, color="black", zorder=4)
    axes.set_xticks(range(len(schemes)), [labels[scheme] for scheme in schemes])
    axes.set(ylabel="score, min-max normalised", xlim=(-0.15, len(schemes) - 0.85))
    handles = [Line2D([], [], color=EMPHASIS), Line2D([], [], color=QUIET)]
    axes.legend(handles, [f"moves more than {threshold} ranks", "moves less"], loc="upper center",
                bbox_to_anchor=(0.5, 1.08), ncols=2)  # fmt: skip
    return figure


def plot_twin(comparison: pd.DataFrame) -> Figure:
    """Draw the headline statistics of the real table and of its twin, those that lie between -1 and 1.

    Parameters
    ----------
    comparison : DataFrame
        Index statistic; columns real and twin.
    """
    shown = comparison[(comparison[["real", "twin"]].abs() <= 1).all(axis=1)]
    figure = Figure(figsize=(WIDE, 0.27 * len(shown) + 1), layout="constrained")
    axes = figure.subplots()
    y = np.arange(len(shown))
    axes.hlines(y, shown["real"], shown["twin"], color=QUIET, lw=1.5)
    axes.scatter(shown["real"], y, color="black", s=40, label="real", zorder=3)
    axes.scatter(shown["twin"], y, facecolor="white", edgecolor=EMPHASIS, lw=1.8, s=40, label="twin", zorder=4)
    axes.set_yticks(y, shown.index, fontsize=8)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.axvline(0, color=QUIET, lw=0.8)
    axes.set_xlabel("value of the statistic")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)
    return figure


def plot_claims(claims: pd.DataFrame) -> Figure:
    """Draw printed numbers against ours and their range, those that lie between 0 and 1.

    Parameters
    ----------
    claims : DataFrame
        As from `claims.claim_table`: what, printed, ours, plain, lowest, highest.
    """
    shown = claims[claims["printed"].between(0, 1, inclusive="neither") & claims["lowest"].notna()]
    shown = shown[shown["printed"] > 0.01]  # significance levels are the same under every specification
    figure = Figure(figsize=(WIDE, 0.42 * len(shown) + 1), layout="constrained")
    axes = figure.subplots()
    y = np.arange(len(shown))
    axes.hlines(y, shown["lowest"], shown["highest"], color=QUIET, lw=6, alpha=0.5, label="all specifications")
    axes.scatter(shown["plain"], y, s=44, facecolor="white", edgecolor="black", zorder=3, label="plain")
    axes.scatter(shown["ours"], y, s=44, color="black", zorder=4, label="paper proxy")
    axes.scatter(shown["printed"], y, s=60, marker="x", color=EMPHASIS, lw=2.2, zorder=5, label="printed")
    labels = [fill(what, 52) for what in shown["what"]]
    axes.set_yticks(y, labels, fontsize=8)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set(xlabel="value", xlim=(0, 1))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4)
    return figure


def _colour(area: str | None) -> str:
    return AREA_COLOURS.get(area, AREA_COLOURS[None])


def _two_digits(value: float) -> str:
    """Two decimals without the leading zero, so that large heat maps stay legible."""
    text = f"{value:.2f}"
    return "0" if text in ("0.00", "-0.00") else text.replace("0.", ".", 1)


def _area_legend(axes: Axes, areas: pd.Series, **where) -> None:
    present = [area for area in AREA_COLOURS if area in set(areas)]
    handles = [Line2D([], [], color=_colour(area), lw=5) for area in present]
    axes.legend(handles, [area or UNKNOWN for area in present], fontsize=8, handlelength=1, columnspacing=1, **where)
