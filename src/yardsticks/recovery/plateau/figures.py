"""Figures of what makes recovery plateau: tidy frames in, a matplotlib Figure out; nothing is computed but places."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from yardsticks.literal import in_figure
from yardsticks.recovery.winners.claims import SCORE
from yardsticks.recovery.winners.figures import LINES, SCORE_NAMES, SCORE_STYLES, plot_recovery
from yardsticks.style import QUIET, WIDE
from yardsticks.words import say_value

_NARROW = 12  # characters in a column of cells
# of studies: not the colours of the scores
REGIMES = (("#009E73", "D"), ("#CC79A7", "^"), ("#444444", "v"), ("#999933", "P"))
OUTSIDE = LINES[2][0]  # colour of cells outside the fraction
RESPONSE_NAMES = {"credit": "recovery", "margin": "lead over the best other", "own": "generator's own score"}


def plot_regimes(curves: pd.DataFrame, *, line: str, bound: float, published: pd.Series) -> Figure:
    """Draw `plot_recovery` of two studies, with the published recovery and the bound that is said not to be reached.

    Parameters
    ----------
    curves : DataFrame
    line : str
        As for `plot_recovery`.
    bound : float
        Drawn in each panel as a dashed line; it is said of millions of triplets and other models.
    published : Series
        As from `winners.published_curve`; drawn as crosses where the score is theirs, by sampled answers.
    """
    figure = plot_recovery(curves, line=line, looks=[*REGIMES, *LINES])
    of_score = dict(zip(dict.fromkeys(curves["score"]), figure.axes, strict=True))
    of_score[SCORE].plot(published.index, published, "x", color="black", ms=5)
    last = (published.index[-1], published.iloc[-1])
    of_score[SCORE].annotate("published", last, (0, -6), textcoords="offset points", ha="right", va="top", fontsize=8)
    for axes in figure.axes:
        axes.axhline(bound, color="black", lw=1, ls="--", zorder=0)
        axes.tick_params(axis="x", labelrotation=40)
    axes = figure.axes[-1]  # beside the last panel, where no curve is
    axes.annotate("published:\nbelow, for\nmillions", (1.02, bound), xycoords=axes.get_yaxis_transform(), va="center",
                  fontsize=8, annotation_clip=False)  # fmt: skip
    return in_figure(figure)


def plot_effects(effects: pd.DataFrame, *, levels: Mapping[str, tuple[str, str]]) -> Figure:
    """Draw effects with their intervals: one panel for each response, one row for each effect.

    Parameters
    ----------
    effects : DataFrame
        As from `effects`: score, response, term, n_factors, effect, low, high, p_corrected. Filled points
        have a corrected p below 0.05.
    levels : mapping of factor to (str, str)
        Low and high, which main effects are labelled with.
    """
    responses, scores = list(dict.fromkeys(effects["response"])), list(dict.fromkeys(effects["score"]))
    terms = effects.drop_duplicates("term").sort_values("n_factors", kind="stable")
    names = list(terms["term"])
    figure = Figure(figsize=(WIDE, 1.4 + 0.27 * len(names)), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(responses), sharey=True))
    for axes, response in zip(panels, responses, strict=True):
        axes.axvline(0, color=QUIET, lw=0.8)
        axes.axhline((terms["n_factors"] == 1).sum() - 0.5, color=QUIET, lw=0.5, ls=":")
        for number, score in enumerate(scores):
            colour, marker = SCORE_STYLES[score]
            part = effects[(effects["response"] == response) & (effects["score"] == score)]
            y = part["term"].map(names.index) + 0.3 * (number - (len(scores) - 1) / 2)
            axes.hlines(y, part["low"], part["high"], color=colour, lw=1.3)
            sure = (part["p_corrected"] < 0.05).to_numpy()
            for mask, fill in ((sure, colour), (~sure, "white")):
                axes.plot(part["effect"][mask], y[mask], ls="", marker=marker, color=colour, mfc=fill, ms=5)
        axes.set_title(RESPONSE_NAMES.get(response, response))
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=8)
        axes.locator_params(axis="x", nbins=4)
        if response == "credit":
            axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    panels[0].set_yticks(range(len(names)), [_label(name, levels) for name in names], fontsize=8)
    panels[0].set_ylim(len(names) - 0.5, -0.5)
    figure.supxlabel("mean at the high level less mean at the low level", fontsize=10)
    handles = [
        Line2D([], [], color=colour, marker=marker, lw=1.3, ms=5, label=SCORE_NAMES[score])
        for score, (colour, marker) in SCORE_STYLES.items()
        if score in scores
    ]
    handles.append(
        Line2D([], [], color=QUIET, marker="o", mfc="white", lw=1.3, ms=5, label="corrected p of 0.05 or more")
    )
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles))
    return in_figure(figure)


def plot_causes(compared: pd.DataFrame, *, labels: Mapping[str, str]) -> Figure:
    """Draw recovery and the lead without and with each cause of failure, and the change of each with its interval.

    Parameters
    ----------
    compared : DataFrame
        As from `compare_causes`, with the responses ``credit`` and ``margin``. Causes stand in its order. A change is
        filled where its corrected p is below 0.05; its interval is not corrected.
    labels : mapping of cause to str
        Words for each; may have several lines.
    """
    causes = list(dict.fromkeys(compared["cause"]))
    figure = Figure(figsize=(WIDE, 1.5 + 0.62 * len(causes)), layout="constrained")
    panels = figure.subplots(1, 4, sharey=True, gridspec_kw={"width_ratios": [1.1, 1, 1.1, 1]})
    colour = SCORE_STYLES["noise_free_accuracy"][0]
    for number, (response, name) in enumerate((("credit", "recovery"), ("margin", "lead"))):
        levels, change = panels[2 * number : 2 * number + 2]
        part = compared[compared["response"] == response].set_index("cause").reindex(causes)
        y = np.arange(len(causes))
        levels.hlines(y, part["of_reference"], part["of_cell"], color=colour, lw=1.3)
        levels.plot(part["of_reference"], y, ls="", marker="o", color=colour, mfc="white", ms=6)
        levels.plot(part["of_cell"], y, ls="", marker="o", color=colour, ms=6)
        change.hlines(y, part["low"], part["high"], color=colour, lw=1.3)
        sure = (part["p_corrected"] < 0.05).to_numpy()
        change.plot(part["effect"], y, ls="", marker="D", color=colour, ms=5, mfc="white")
        change.plot(part["effect"][sure], y[sure], ls="", marker="D", color=colour, ms=5)
        change.axvline(0, color=QUIET, lw=0.8)
        levels.set_title(name)
        change.set_title("its change")
        for axes in (levels, change):
            axes.tick_params(axis="y", length=0)
            axes.tick_params(axis="x", labelsize=8)
            axes.locator_params(axis="x", nbins=4)
        if response == "credit":
            levels.set_xlim(-0.05, 1.05)
            levels.xaxis.set_major_formatter(PercentFormatter(1))
            change.xaxis.set_major_formatter(PercentFormatter(1, symbol=" pts"))
        else:
            levels.axvline(0, color=QUIET, lw=0.8)
    panels[0].set_yticks(range(len(causes)), [labels[cause] for cause in causes], fontsize=9)
    panels[0].set_ylim(len(causes) - 0.5, -0.5)
    marks = {"ls": "", "marker": "o", "color": colour, "ms": 6}
    handles = [
        Line2D([], [], mfc="white", label="without the cause", **marks),
        Line2D([], [], label="with it", **marks),
    ]
    marks |= {"marker": "D", "ms": 5}
    handles.append(Line2D([], [], color=colour, mfc="white", lw=1.3, marker="D", ms=5, label="change, 95% interval"))
    handles.append(Line2D([], [], label="corrected p below .05", **marks))
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles), fontsize=9)
    return in_figure(figure)


def plot_cells(
    layout: pd.DataFrame,
    described: pd.DataFrame,
    *,
    levels: Mapping[str, tuple[str, str]],
    fraction: Sequence[str],
) -> Figure:
    """Draw the settings of each cell as a row of dots, and beside them its recovery.

    Parameters
    ----------
    layout : DataFrame of str, (n_cells, n_settings)
        As from `lay_out`: open dots are low, filled ones high, other values are written.
    described : DataFrame
        As from `describe_jobs`: cell, score, recovery. Cells are ordered by it, in the order of the scores.
    levels : mapping of setting to (str, str)
        Low and high.
    fraction : sequence of str
        Cells of the fraction; the others are set off by colour.
    """
    scores = list(dict.fromkeys(described["score"]))
    wide = described.pivot(index="cell", columns="score", values="recovery").reindex(columns=scores)
    order = list(wide.reindex([name for name in layout.index if name in wide.index]).sort_values(scores).index)[::-1]
    figure = Figure(figsize=(WIDE, 1.9 + 0.25 * len(order)), layout="constrained")
    ratios = [0.75 * len(layout.columns), 3.2]
    left, right = figure.subplots(1, 2, sharey=True, gridspec_kw={"width_ratios": ratios})
    inside = np.array([name in fraction for name in order])
    for place, setting in enumerate(layout):
        values, (low, high) = layout.loc[order, setting].to_numpy(), levels[setting]
        for member, colour in ((inside, "black"), (~inside, OUTSIDE)):
            for level, fill in ((low, "white"), (high, colour)):
                rows = np.flatnonzero((values == level) & member)
                left.plot(np.full(len(rows), place), rows, ls="", marker="o", ms=6, color=colour, mfc=fill)
        for row in np.flatnonzero((values != low) & (values != high)):
            left.text(place, row, _wrap(values[row]), ha="center", va="center", fontsize=7.5,
                      color=OUTSIDE, linespacing=0.9)  # fmt: skip
    heads = [f"{name.replace('_', ' ')}\n○ {_wrap(low)}\n● {_wrap(high)}" for name, (low, high) in levels.items()]
    left.set_xticks(range(len(heads)), heads, fontsize=7.5)
    left.xaxis.tick_top()
    left.set(xlim=(-0.6, len(heads) - 0.4), ylim=(len(order) - 0.5, -0.5))
    left.set_yticks([])
    left.set_ylabel("cells, best recovered first")
    left.tick_params(length=0)
    left.spines[:].set_visible(False)
    for axes in (left, right):
        for row in range(0, len(order), 2):
            axes.axhspan(row - 0.5, row + 0.5, color=QUIET, alpha=0.12, lw=0)
    for number, score in enumerate(scores):
        colour, marker = SCORE_STYLES[score]
        y = np.arange(len(order)) + 0.26 * (number - (len(scores) - 1) / 2)
        right.plot(wide.loc[order, score], y, ls="", marker=marker, ms=5, color=colour,
                   label=SCORE_NAMES.get(score, score))  # fmt: skip
    right.set(xlim=(-0.03, 1.03), xlabel="recovery accuracy")
    right.xaxis.set_major_formatter(PercentFormatter(1))
    right.tick_params(axis="y", length=0)
    handles = [*right.get_legend_handles_labels()[0]]
    if not inside.all():
        handles.append(
            Line2D([], [], ls="", marker="o", color=OUTSIDE, label="settings of a cell outside the fraction")
        )
    figure.legend(handles=handles, loc="outside lower left", ncols=len(handles))
    return in_figure(figure)


def _wrap(text: str) -> str:
    return textwrap.fill(say_value(text), _NARROW, break_long_words=False)


def _label(term: str, levels: Mapping[str, tuple[str, str]]) -> str:
    """Return the name of an effect, a main one with its levels."""
    name = term.replace("_", " ")
    return f"{name}: {' → '.join(map(say_value, levels[term]))}" if term in levels else name
