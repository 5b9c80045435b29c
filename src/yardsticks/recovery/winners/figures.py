"""Figures of recovery studies: frames of `credit` and `curves` in, a Figure out. Only positions are computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter

from yardsticks.claims import OUTSIDE
from yardsticks.literal import in_figure
from yardsticks.style import EMPHASIS, QUIET, WIDE

LINES = (("#0072B2", "o"), (EMPHASIS, "s"), ("#009E73", "D"), ("#666666", "^"))  # colour and marker
OUTCOMES = {"generator wins": ("#0072B2", "o"), "first place shared": ("black", "x"), "another wins": (EMPHASIS, "^")}
RANK_COLOURS = ("#084594", "#4292C6", "#C6DBEF", "#FDBE85", "#D94801")  # from first alone to far behind
SCORE_NAMES = {
    "test_accuracy": "sampled answers",
    "noise_free_accuracy": "without sampling noise",
    "nll": "sampled answers, nll",
    "noise_free_nll": "without sampling noise, nll",
}
# the same in all chapters
SCORE_STYLES = {
    "test_accuracy": LINES[0],
    "noise_free_accuracy": LINES[1],
    "nll": ("#56B4E9", "o"),
    "noise_free_nll": ("#E69F00", "s"),
}
SHARES = "Blues"  # of confusions: most are 0 and shall look empty
_ALL_NAMED = 12  # winners at most that are each named on the axis of a confusion


def plot_recovery(curves: pd.DataFrame, *, line: str, looks: Sequence[tuple[str, str]] = LINES) -> Figure:
    """Draw recovery against the number of training triplets, one panel for each score.

    Parameters
    ----------
    curves : DataFrame
        As from `recovery_curve`: n_triplets, score, recovery, low, high, chance; and the column `line`.
    line : str
        Column that tells the curves of a panel apart. Chance is a dotted line in each one's colour.
    looks : sequence of (str, str)
        Colour and marker of each curve.

    Examples
    --------
    >>> curves = pd.DataFrame({"n_triplets": [100, 400], "score": "nll", "recovery": [0.5, 0.8], "low": [0.3, 0.6]})
    >>> figure = plot_recovery(curves.assign(high=0.9, chance=0.25, study="mine"), line="study")
    >>> [axes.get_title() for axes in figure.axes]
    ['sampled answers, nll']
    """
    scores, names = list(dict.fromkeys(curves["score"])), list(dict.fromkeys(curves[line]))
    figure = Figure(figsize=(WIDE, 4), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(scores), sharey=True))
    shifts = 1.07 ** (np.arange(len(names)) - (len(names) - 1) / 2)  # side by side, as intervals overlap
    for axes, score in zip(panels, scores, strict=True):
        for name, shift, (colour, marker) in zip(names, shifts, looks, strict=False):
            part = curves[(curves["score"] == score) & (curves[line] == name)].sort_values("n_triplets")
            # a mean of shared credits may lie a rounding beside its interval
            error = [(part["recovery"] - part["low"]).clip(0), (part["high"] - part["recovery"]).clip(0)]
            axes.errorbar(part["n_triplets"] * shift, part["recovery"], error, color=colour, marker=marker, ms=5,
                          lw=1.4, elinewidth=1, capsize=2, label=name)  # fmt: skip
            axes.plot(part["n_triplets"], part["chance"], color=colour, lw=1, ls=":")
        axes.set(title=SCORE_NAMES.get(score, score), ylim=(0, 1.03))
        _mark_sizes(axes, curves["n_triplets"])
    panels[0].set_ylabel("recovery accuracy")
    panels[0].yaxis.set_major_formatter(PercentFormatter(1))
    figure.supxlabel("training triplets in each fold", fontsize=10)
    handles, labels = panels[0].get_legend_handles_labels()
    handles.append(Line2D([], [], color=QUIET, lw=1, ls=":"))
    figure.legend(handles, [*labels, "chance of each"], loc="outside upper left", ncols=len(names) + 1)
    return in_figure(figure)


def plot_recovery_and_lead(curve: pd.DataFrame) -> Figure:
    """Draw recovery and the generator's lead against the number of training triplets, all scores in one panel each.

    Parameters
    ----------
    curve : DataFrame
        As from `recovery_curve`, of accuracies of one set of models: n_triplets, score, recovery, low, high, chance,
        lead, lead_low, lead_high.

    Examples
    --------
    >>> curve = pd.DataFrame({"n_triplets": [100, 400], "score": "test_accuracy", "recovery": [0.5, 0.8]})
    >>> curve = curve.assign(low=0.3, high=0.9, chance=0.25, lead=0.01, lead_low=0.0, lead_high=0.02)
    >>> [axes.get_ylabel() for axes in plot_recovery_and_lead(curve).axes]
    ['recovery accuracy', 'lead over the best other']
    """
    figure = Figure(figsize=(WIDE, 4), layout="constrained")
    panels = figure.subplots(1, 2)
    scores = list(dict.fromkeys(curve["score"]))
    shifts = 1.07 ** (np.arange(len(scores)) - (len(scores) - 1) / 2)  # side by side, as intervals overlap
    drawn = (("recovery", "low", "high"), ("lead", "lead_low", "lead_high"))
    for axes, (value, low, high) in zip(panels, drawn, strict=True):
        for score, shift in zip(scores, shifts, strict=True):
            part, (colour, marker) = curve[curve["score"] == score].sort_values("n_triplets"), SCORE_STYLES[score]
            error = [(part[value] - part[low]).clip(0), (part[high] - part[value]).clip(0)]
            axes.errorbar(part["n_triplets"] * shift, part[value], error, color=colour, marker=marker, ms=5,
                          lw=1.4, elinewidth=1, capsize=2, label=SCORE_NAMES[score])  # fmt: skip
        _mark_sizes(axes, curve["n_triplets"])
        axes.tick_params(axis="x", labelrotation=40)
    chance = curve.drop_duplicates("n_triplets").sort_values("n_triplets")
    panels[0].plot(chance["n_triplets"], chance["chance"], color=QUIET, lw=1, ls=":", label="chance")
    panels[0].set(ylim=(0, 1.03), ylabel="recovery accuracy")
    panels[0].yaxis.set_major_formatter(PercentFormatter(1))
    panels[1].axhline(0, color=QUIET, lw=0.8)
    panels[1].set_ylabel("lead over the best other")
    figure.supxlabel("training triplets in each fold", fontsize=10)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper left", ncols=len(scores) + 1)
    return in_figure(figure)


def plot_confusions(
    matrices: Mapping[int, pd.DataFrame], *, labels: Mapping[str, str], families: Mapping[str, str]
) -> Figure:
    """Draw who wins when each model is the generator, one matrix for each size.

    Parameters
    ----------
    matrices : mapping of n_triplets to DataFrame
        As from `confusion`, in a common order; rows of NaN (no job) are grey.
    labels, families : mapping of model to str
        Lines part the families.

    Examples
    --------
    >>> won = pd.DataFrame([[0.9, 0.1], [0.3, 0.7]], index=["a", "b"], columns=["a", "b"])
    >>> names = {"a": "Model A", "b": "Model B"}
    >>> figure = plot_confusions({100: won}, labels=names, families=names)
    >>> figure.axes[0].get_title()
    '100 triplets'
    """
    n = max(map(len, matrices.values()))
    few = n <= _ALL_NAMED
    figure = Figure(figsize=(WIDE + 1.5, max(4.3, 0.17 * n + 1.1)), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(matrices), sharey=True))
    for axes, (n_triplets, matrix) in zip(panels, matrices.items(), strict=True):
        names = list(matrix.index)
        axes.set_facecolor(QUIET)
        image = axes.imshow(matrix.to_numpy(float), cmap=SHARES, vmin=0, vmax=1, aspect="equal" if few else "auto")
        for place in range(1, len(names)):
            if families[names[place]] != families[names[place - 1]]:
                axes.axhline(place - 0.5, color=QUIET, lw=0.4)
                axes.axvline(place - 0.5, color=QUIET, lw=0.4)
        shown = [place for place in range(len(names)) if few or place == 0 or place % 5 == 4]
        axes.set_xticks(shown, [place + 1 for place in shown], fontsize=9)
        axes.set_title(f"{n_triplets:,} triplets")
        axes.set_xlabel("winner")
        axes.tick_params(length=0)
    panels[0].set_yticks(range(len(names)), [f"{labels[name]}  {n}" for n, name in enumerate(names, 1)], fontsize=10)
    panels[0].set_ylabel("generator")
    bar = figure.colorbar(image, ax=panels, label="share of the generator's jobs", shrink=0.7)
    bar.ax.yaxis.set_major_formatter(PercentFormatter(1))
    return in_figure(figure)


def plot_margins(jobs: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw by how much the generator leads the best other candidate, or trails it: one point for each job.

    Parameters
    ----------
    jobs : mapping of score to DataFrame
        As from `winners`: n_triplets, credit, margin.
    """
    figure = Figure(figsize=(WIDE, 3.8), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(jobs), sharey=True))
    for axes, (score, table) in zip(panels, jobs.items(), strict=True):
        table = table.dropna(subset="margin").sort_values(["n_triplets", "seed", "generator"])
        sizes = sorted(table["n_triplets"].unique())
        # multiples of the golden ratio spread points evenly, however many there are
        x = table["n_triplets"].map(sizes.index) + 0.6 * (np.arange(len(table)) * 0.6180339887 % 1 - 0.5)
        outcome = np.select([table["credit"] == 1, table["credit"] > 0], list(OUTCOMES)[:2], list(OUTCOMES)[2])
        for name, (colour, marker) in OUTCOMES.items():
            shown = outcome == name
            axes.scatter(x[shown], table["margin"][shown], s=9, c=colour, marker=marker, alpha=0.5, lw=0.8,
                         label=name)  # fmt: skip
        axes.axhline(0, color=QUIET, lw=0.8)
        axes.set_title(SCORE_NAMES.get(score, score))
        axes.set_xticks(range(len(sizes)), [f"{size:,}" for size in sizes])
    panels[0].set_ylabel("generator's accuracy less best other's")
    figure.supxlabel("training triplets in each fold", fontsize=10)
    handles, labels = panels[0].get_legend_handles_labels()
    legend = figure.legend(handles, labels, loc="outside upper left", ncols=len(OUTCOMES), markerscale=2)
    for handle in legend.legend_handles:
        handle.set_alpha(1)
    return in_figure(figure)


def plot_ranks(shares: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw which rank the generator takes among the candidates, as stacked shares of jobs.

    Parameters
    ----------
    shares : mapping of score to DataFrame
        As from `rank_shares`: index n_triplets, one column for each class of ranks, best first.
    """
    figure = Figure(figsize=(WIDE, 3.6), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(shares), sharey=True))
    for axes, (score, table) in zip(panels, shares.items(), strict=True):
        below = np.zeros(len(table))
        for name, colour in zip(table.columns, RANK_COLOURS, strict=True):
            axes.bar(range(len(table)), table[name], bottom=below, color=colour, width=0.8, label=name)
            below = below + table[name].to_numpy()
        axes.set(title=SCORE_NAMES.get(score, score), ylim=(0, 1))
        axes.set_xticks(range(len(table)), [f"{size:,}" for size in table.index])
    panels[0].set_ylabel("share of jobs")
    panels[0].yaxis.set_major_formatter(PercentFormatter(1))
    figure.supxlabel("training triplets in each fold", fontsize=10)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=len(labels))
    return in_figure(figure)


def plot_printed(table: pd.DataFrame) -> Figure:
    """Draw printed shares beside those of our main study and of the simulated one.

    Parameters
    ----------
    table : DataFrame
        As from `claims.verdict_table`: what, kind, printed, ours, verdict; and ``simulated``, ``verdict_simulated``,
        the same of the study with simulated people. Open marks are numbers `OUTSIDE` the published regime. An arrow
        marks a bound that is said not to be reached.

    Examples
    --------
    >>> numbers = {"kind": ["bound"], "printed": [0.8], "ours": [1.0], "verdict": ["outside the published regime"]}
    >>> numbers |= {"simulated": [0.9], "verdict_simulated": ["differs"], "what": ["recovery"]}
    >>> plot_printed(pd.DataFrame(numbers)).axes[0].get_xlabel()
    'share'
    """
    known = table[["ours", "simulated"]].notna().any(axis=1)
    shown = table[table["kind"].isin(["share", "reading", "bound"]) & table["printed"].between(0, 1) & known]
    figure = Figure(figsize=(WIDE, 0.34 * len(shown) + 1.1), layout="constrained")
    axes, y = figure.subplots(), np.arange(len(shown))
    for row in range(0, len(shown), 2):
        axes.axhspan(row - 0.5, row + 0.5, color=QUIET, alpha=0.12, lw=0)
    looks = {
        "ours": ("verdict", *LINES[0], "ours"),
        "simulated": ("verdict_simulated", *LINES[2], "ours, simulated people"),
    }
    handles = [Line2D([], [], ls="", marker="x", color="black", mew=2, ms=7, label="printed")]
    for column, (verdict, colour, marker, name) in looks.items():
        outside = (shown[verdict] == OUTSIDE).to_numpy()
        for mask, inside in ((~outside, colour), (outside, "white")):
            axes.plot(shown[column].to_numpy()[mask], y[mask], ls="", marker=marker, ms=7, color=colour, mfc=inside)
        handles.append(Line2D([], [], ls="", marker=marker, ms=7, color=colour, label=name))
    handles.append(
        Line2D([], [], ls="", marker="o", ms=7, color=QUIET, mfc="white", label="of fewer triplets than printed")
    )
    axes.plot(shown["printed"], y, ls="", marker="x", color="black", mew=2, ms=7)
    for place in y[(shown["kind"] == "bound").to_numpy()]:
        value = shown["printed"].iloc[place]
        axes.annotate("", (value - 0.06, place), (value, place), arrowprops={"arrowstyle": "->", "lw": 1.2})
    axes.set_yticks(y, [fill(what, 46) for what in shown["what"]], fontsize=8)
    axes.set(xlabel="share", xlim=(0, 1.03), ylim=(len(shown) - 0.5, -0.5))
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.tick_params(axis="y", length=0)
    figure.legend(handles=handles, loc="outside upper left", ncols=4)
    return in_figure(figure)


def _mark_sizes(axes: Axes, sizes: pd.Series) -> None:
    """Scale the axis logarithmically, with a tick at each size that there is."""
    present = sorted(sizes.unique())
    axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_locator(FixedLocator(present))
    axes.set_xticklabels([f"{size:,}" for size in present], fontsize=8)
