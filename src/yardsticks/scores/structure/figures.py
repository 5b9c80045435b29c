"""Figures of dimensions, clusters, the fewest metrics, and time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from yardsticks.literal import in_figure
from yardsticks.style import AREA_COLOURS, DIVERGING, EMPHASIS, NARROW, QUIET, WIDE, area_colour, short_name

SHOWN = 12  # dimensions
ENOUGH = 0.95  # of models within their interval
TOP = 10
_LINES = [AREA_COLOURS[area] for area in ("V1", "IT", "V4", "behaviour", "V2")]
_MARKS = "osD^v"


def plot_dimensions(analyses: pd.DataFrame, counts: pd.DataFrame) -> Figure:
    """Draw the largest eigenvalues with their intervals, and how large they are by chance, a panel for each policy.

    Parameters
    ----------
    analyses, counts : DataFrame
        As from `dimensions.by_policy`.

    Examples
    --------
    >>> from yardsticks.scores import make_twin, paper_leaves
    >>> table = make_twin()
    >>> from yardsticks.scores.structure import by_policy
    >>> found = by_policy({"zero": table.values[paper_leaves(table)]}, seed=1, n=20, policies=["zero"])
    >>> plot_dimensions(*found).axes[0].get_xlabel()
    'dimension'
    """
    figure = Figure(figsize=(WIDE, 3.7), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(counts), sharey=True))
    for axes, (policy, analysis) in zip(panels, analyses.groupby("policy", sort=False), strict=True):
        shown = analysis[analysis["dimension"] <= SHOWN]
        kept = shown["dimension"] <= counts.at[policy, "n"]
        axes.plot(shown["dimension"], shown["chance"], color=QUIET, lw=1.5, ls="--", label="by chance (95 %)")
        for part, face, label in ((kept, EMPHASIS, "larger than by chance"), (~kept, "white", "not larger")):
            of = shown[part]
            axes.vlines(of["dimension"], of["low"], of["high"], color=EMPHASIS, lw=1.5)
            axes.scatter(
                of["dimension"], of["eigenvalue"], s=34, facecolor=face, edgecolor=EMPHASIS, zorder=3, label=label
            )
        n, low, high = counts.loc[policy, ["n", "low", "high"]].astype(int)
        axes.set_title(f"{policy}: {n} dimensions ({low} to {high})\n{counts.at[policy, 'n_models']:.0f} models")
        axes.set(xlabel="dimension", yscale="log", xticks=range(1, len(shown) + 1))
        axes.tick_params(axis="x", labelsize=8)
    panels[0].set(
        ylabel="eigenvalue (log scale)", yticks=[0.5, 1, 2, 5, 10, 20], yticklabels=["0.5", "1", "2", "5", "10", "20"]
    )
    panels[0].minorticks_off()
    panels[-1].legend(loc="upper right", fontsize=8)
    return in_figure(figure)


def plot_clusters(
    corr: pd.DataFrame, tree: pd.DataFrame, clusters: pd.DataFrame, areas: Mapping[str, str | None]
) -> Figure:
    """Draw a heat map of the correlations of metrics in the order of their tree, with the tree and its clusters.

    Parameters
    ----------
    corr : DataFrame, (n_metrics, n_metrics)
        Spearman correlations.
    tree : DataFrame
        As from `clusters.merges`.
    clusters : DataFrame
        As from `clusters.cluster_metrics`; each is framed, and beside it stands how often its metrics stay together.
    areas : mapping of metric to area
        Colours the names.

    Examples
    --------
    >>> values = pd.DataFrame({"A": [1.0, 2, 3, 4], "B": [2.0, 1, 4, 3], "C": [1.0, 2, 4, 3]})
    >>> clusters = pd.DataFrame({"cluster": 1, "together": 1.0}, list("ACB"))
    >>> tree = {"left": [0, 0.5], "right": [1, 2], "left_height": [0, 0.2], "right_height": 0, "height": [0.2, 0.3]}
    >>> figure = plot_clusters(values.corr("spearman"), pd.DataFrame(tree), clusters, dict.fromkeys("ABC"))
    >>> [label.get_text() for label in figure.axes[1].get_yticklabels()]
    ['A', 'C', 'B']
    """
    names, n = list(clusters.index), len(clusters)
    side = max(NARROW, min(0.19 * n, 15))
    figure = Figure(figsize=(side + 2.2, side + 1.2), layout="constrained")
    above, axes = figure.subplots(2, 1, height_ratios=[1, 7], sharex=True)
    for bracket in tree.itertuples():
        x = [bracket.left, bracket.left, bracket.right, bracket.right]
        above.plot(
            x, [bracket.left_height, bracket.height, bracket.height, bracket.right_height], color="black", lw=0.9
        )
    above.set(ylabel="1 - correlation", ylim=(0, None))
    above.spines["bottom"].set_visible(False)
    above.tick_params(bottom=False, labelbottom=False)
    image = axes.imshow(corr.loc[names, names], cmap=DIVERGING, vmin=-1, vmax=1, aspect="auto", interpolation="nearest")
    axes.set_yticks(range(n), [short_name(name) for name in names], fontsize=8)
    axes.set_xticks([])
    for label, name in zip(axes.get_yticklabels(), names, strict=True):
        label.set_color(area_colour(areas[name]))
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    for cluster, of in clusters.groupby("cluster", sort=False):
        start, end = names.index(of.index[0]) - 0.5, names.index(of.index[-1]) + 0.5
        axes.add_patch(Rectangle((start, start), end - start, end - start, fill=False, lw=1.8))
        share = of["together"].mean()
        said = f"{cluster}: together {share:.0%}" if share == share else f"{cluster}: alone"
        axes.text(n - 0.2, (start + end) / 2, said, va="center", fontsize=9)
    bar = figure.colorbar(image, ax=axes, location="bottom", shrink=0.5, aspect=40, pad=0.01)
    bar.set_label("correlation over models (Spearman)")
    present = [area for area in AREA_COLOURS if area in {areas[name] for name in names}]
    handles = [Rectangle((0, 0), 1, 1, color=area_colour(area)) for area in present]
    above.legend(handles, [area or "unknown" for area in present], loc="upper right", ncols=len(present), fontsize=8,
                 title="area, by the colour of the name", title_fontsize=8, bbox_to_anchor=(1, 1.35))  # fmt: skip
    return in_figure(figure)


def plot_fewest(found: pd.DataFrame, n_needed: int) -> Figure:
    """Draw how many models left out stay within their interval, by the number of metrics.

    Parameters
    ----------
    found : DataFrame
        As from `redundancy.held_out`.
    n_needed : int
        As from `redundancy.needed`; marked.

    Examples
    --------
    >>> found = {"within": [0.7, 0.96], "low": [0.6, 0.9], "high": [0.8, 1.0], "by_chance": [0.5, 0.6]}
    >>> figure = plot_fewest(pd.DataFrame(found, pd.Index([2, 3], name="n_metrics")), 3)
    >>> figure.axes[0].get_xlabel()
    'metrics that are measured'
    """
    figure = Figure(figsize=(NARROW + 1.5, 3.8), layout="constrained")
    axes = figure.subplots()
    axes.axhline(ENOUGH, color="black", lw=0.8, ls=":")
    axes.fill_between(found.index, found["low"], found["high"], color=AREA_COLOURS["V1"], alpha=0.18, lw=0)
    axes.plot(
        found.index,
        found["within"],
        color=AREA_COLOURS["V1"],
        marker="o",
        ms=4,
        label="chosen one by one, on other models",
    )
    axes.plot(found.index, found["by_chance"], color=QUIET, marker="s", ms=4, label="as many drawn at random")
    axes.scatter(
        [n_needed], [found.at[n_needed, "within"]], s=110, facecolor="none", edgecolor=EMPHASIS, lw=2, zorder=4
    )
    axes.annotate(f"{n_needed} metrics", (n_needed, found.at[n_needed, "within"]), xytext=(6, -22), color=EMPHASIS,
                  textcoords="offset points")  # fmt: skip
    axes.set(xlabel="metrics that are measured", ylabel="models within their interval", ylim=(None, 1.01))
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="lower right")
    return in_figure(figure)


def plot_months(frame: pd.DataFrame) -> Figure:
    """Draw how far metrics agreed and which domain decided, with 95 % intervals, and how many metrics there were.

    Parameters
    ----------
    frame : DataFrame
        As from `months.through_time`.

    Examples
    --------
    >>> names = ["mean_rho", "mean_rho_first", "r2_neural", "r2_behaviour"]
    >>> frame = {f"{name}{end}": [0.4, 0.2] for name in names for end in ("", "_low", "_high")}
    >>> frame = pd.DataFrame(frame | {"n_models": 60, "n_metrics": 11}, pd.Index(["2021-01", "2021-02"], name="month"))
    >>> plot_months(frame).axes[2].get_xlabel()
    'month'
    """
    figure = Figure(figsize=(WIDE, 5.2), layout="constrained")
    rho, r2, size = figure.subplots(3, 1, sharex=True, height_ratios=[3, 3, 1.7])
    dates = pd.PeriodIndex(frame.index, freq="M").to_timestamp()
    lines = {
        rho: [
            ("mean_rho", "all metrics on the board", "black", "o"),
            ("mean_rho_first", "those on the first board", "#777777", "s"),
        ],
        r2: [
            ("r2_behaviour", "behaviour", AREA_COLOURS["behaviour"], "o"),
            ("r2_neural", "neural", AREA_COLOURS["V1"], "s"),
        ],
    }
    for axes, of in lines.items():
        for name, label, colour, mark in of:
            axes.fill_between(dates, frame[f"{name}_low"], frame[f"{name}_high"], color=colour, alpha=0.16, lw=0)
            axes.plot(dates, frame[name], color=colour, marker=mark, ms=3.5, lw=1.3, label=label)
    rho.legend(loc="upper right", fontsize=9)
    r2.legend(loc="upper right", bbox_to_anchor=(1, 0.86), fontsize=9)
    size.plot(dates, frame["n_models"], color="black", marker="o", ms=3.5, lw=1.3, label="models ranked")
    size.plot(dates, frame["n_metrics"], color=QUIET, marker="s", ms=3.5, lw=1.3, label="metrics")
    size.legend(loc="upper left", ncols=2, fontsize=9)
    rho.axhline(0, color=QUIET, lw=0.8)
    rho.set_ylabel("mean correlation\nof two metrics")
    r2.set(ylabel="explained variance\nof the overall score", ylim=(0, 1))
    size.set(ylabel="number", xlabel="month", ylim=(0, 1.35 * frame[["n_models", "n_metrics"]].to_numpy().max()))
    return in_figure(figure)


def plot_leaders(found: pd.DataFrame) -> Figure:
    """Draw the first ten of each board; those that were ever first in colour, with their names.

    Parameters
    ----------
    found : DataFrame
        As from `months.leaders`.

    Examples
    --------
    >>> found = pd.DataFrame({"month": ["2022-01", "2022-02"], "model_id": "1", "model_name": "x", "rank": 1})
    >>> plot_leaders(found).axes[0].get_ylabel()
    'rank'
    """
    months = list(dict.fromkeys(found["month"]))
    first = list(dict.fromkeys(found.loc[found["rank"] == 1, "model_id"]))
    figure = Figure(figsize=(WIDE, 5.2), layout="constrained")
    axes = figure.subplots()
    ranks = found.pivot(index="model_id", columns="month", values="rank").reindex(columns=months)
    names = found.drop_duplicates("model_id").set_index("model_id")["model_name"]
    for model in [*ranks.index.difference(first), *first]:  # those in colour last, on top
        y, inside = ranks.loc[model].clip(upper=TOP + 1), (ranks.loc[model] <= TOP).to_numpy()
        number = first.index(model) if model in first else None
        colour, mark = QUIET, "o"
        if number is not None:
            colour, mark = _LINES[number % len(_LINES)], _MARKS[number // len(_LINES) % len(_MARKS)]
            axes.annotate(f"{number + 1}", (int(np.argmax(ranks.loc[model] == 1)), 1), xytext=(0, 7), ha="center",
                          textcoords="offset points", fontsize=9, fontweight="bold", color=colour)  # fmt: skip
        axes.plot(
            range(len(months)), y, color=colour, lw=0.8 if number is None else 2, zorder=2 if number is None else 3
        )
        axes.plot(np.flatnonzero(inside), y[inside], mark, ms=3 if number is None else 5, color=colour,
                  label=None if number is None else f"{number + 1}  {names[model]}")  # fmt: skip
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.2), ncols=2, fontsize=8, title="ever first, in this order",
                title_fontsize=9, alignment="left")  # fmt: skip
    axes.set_xticks(range(len(months)), months, rotation=90, fontsize=8)
    axes.set(ylabel="rank", ylim=(TOP + 0.7, 0.2), yticks=range(1, TOP + 1))
    return in_figure(figure)
