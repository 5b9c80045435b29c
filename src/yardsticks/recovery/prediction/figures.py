"""Figures of how well probed models predict people: frames of `accuracy` and `comparison` in, a Figure out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from yardsticks.literal import in_figure
from yardsticks.recovery.people.figures import draw_reference_lines
from yardsticks.recovery.probes.options import PENALTY_NAMES
from yardsticks.style import EMPHASIS, QUIET, WIDE

# name, colour and marker of each transform, the least flexible first
LOOKS = {
    "none": ("none", "#666666", "^"),
    "diagonal": ("diagonal", "#E69F00", "D"),
    "low_rank": ("low rank", "#009E73", "s"),
    "full": ("full", "#0072B2", "o"),
}
DECIDED = ("white", "#9ECAE1", "#08519C")  # by no test, by the first, by the second


def plot_predictions(pooled: pd.DataFrame, ceilings: Mapping[str, float], *, labels: Mapping[str, str]) -> Figure:
    """Draw how often each model predicts people under each transform, between chance and the ceilings.

    Parameters
    ----------
    pooled : DataFrame
        As from `pool`, one row for each model and transform: accuracy, low_objects, high_objects.
    ceilings : mapping of method to float
    labels : mapping of model to str
    """
    names = _ordered(pooled, "full")
    figure = Figure(figsize=(WIDE, 0.21 * len(names) + 1.4), layout="constrained")
    axes = figure.subplots()
    for transform, (name, colour, marker) in LOOKS.items():
        part = pooled[pooled["transform"] == transform].set_index("model").reindex(names)
        error = [part["accuracy"] - part["low_objects"], part["high_objects"] - part["accuracy"]]
        axes.errorbar(part["accuracy"], range(len(names)), xerr=error, fmt=marker, color=colour, ms=5, lw=1, capsize=2,
                      label=name)  # fmt: skip
    for place in range(len(names)):
        axes.axhline(place, color=QUIET, lw=0.3, zorder=0)
    axes.set_yticks(range(len(names)), [labels[name] for name in names], fontsize=9)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("accuracy on people's judgements of other objects")
    draw_reference_lines(axes, ceilings)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=len(LOOKS),
                  title="transform", alignment="left")  # fmt: skip
    return in_figure(figure)


def plot_dominance(pooled: pd.DataFrame, decisions: Mapping[str, pd.DataFrame], *, labels: Mapping[str, str]) -> Figure:
    """Draw which model predicts people significantly better than which other, one matrix for each transform.

    Parameters
    ----------
    pooled : DataFrame
        As for `plot_predictions`: gives the order, the most accurate first.
    decisions : mapping of str to DataFrame
        One or two tests by name, as from `dominance`; the second is drawn over the first.
    labels : mapping of model to str
    """
    shown = [name for name in LOOKS if name in set(pooled["transform"])]
    n = pooled["model"].nunique()
    height = (0.165 * n + 0.7) * -(-len(shown) // 2) + 0.5
    figure = Figure(figsize=(WIDE, height), layout="constrained")
    panels = np.atleast_1d(figure.subplots(-(-len(shown) // 2), min(len(shown), 2))).ravel()
    for axes, transform in zip(panels, shown, strict=False):
        names = _ordered(pooled, transform)
        place = {name: i for i, name in enumerate(names)}
        levels = np.zeros((len(names), len(names)))
        for level, table in enumerate(decisions.values(), 1):
            part = table[(table["transform"] == transform) & (table["better"] != "")]
            other = part["first"].where(part["better"] != part["first"], part["second"])
            levels[part["better"].map(place), other.map(place)] = level
        axes.imshow(levels, cmap=ListedColormap(DECIDED), vmin=0, vmax=2, aspect="auto")
        axes.plot(range(len(names)), range(len(names)), ls="", marker=".", ms=3, color=QUIET)
        marked = [i for i in range(len(names)) if i == 0 or i % 5 == 4]
        axes.set_xticks(marked, [i + 1 for i in marked], fontsize=8.5)
        axes.set_yticks(range(len(names)), [f"{labels[name]}  {i}" for i, name in enumerate(names, 1)], fontsize=8.5)
        axes.tick_params(length=0)
        axes.set_title(LOOKS[transform][0])
    for axes in panels[len(shown) :]:
        axes.set_visible(False)
    handles = [Patch(fc=colour, ec=QUIET, label=name) for colour, name in zip(DECIDED[1:], decisions, strict=False)]
    figure.legend(handles=handles, loc="outside upper center", ncols=2, title="row is better than column by")
    return in_figure(figure)


def plot_penalties(pooled: pd.DataFrame, verdicts: pd.DataFrame, *, epsilon: float) -> Figure:
    """Draw the accuracy of every model under two penalties, one panel for each transform.

    Parameters
    ----------
    pooled : DataFrame
        As from `pool`, of one set of judgements.
    verdicts : DataFrame
        As from `equivalence`.
    epsilon : float
        What was called equivalent there.
    """
    figure = Figure(figsize=(WIDE, 4.2), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(verdicts), sharey=True))
    for axes, row in zip(panels, verdicts.itertuples(), strict=True):
        part = pooled[pooled["transform"] == row.transform]
        grid = part.pivot(index="model", columns="penalty", values="accuracy")[list(PENALTY_NAMES)].dropna()
        axes.plot([0, 1], grid.to_numpy().T, color=QUIET, lw=0.8, marker="o", ms=3.5)
        axes.plot([0, 1], grid.mean(), color=EMPHASIS, lw=2.2, marker="o", ms=7, zorder=3)
        axes.set_xticks([0, 1], list(PENALTY_NAMES.values()))
        axes.set_xlim(-0.3, 1.3)
        axes.yaxis.set_major_locator(MaxNLocator(6))
        found = {"t": row.equivalent_t, "bootstrap": row.equivalent_bootstrap}
        yes = [name for name, answer in found.items() if answer]
        verdict = f"equivalent within {epsilon:g}\nby {' and '.join(yes)}" if yes else "equivalence\nnot shown"
        axes.set_title(f"{LOOKS[row.transform][0]}: {row.difference:+.4f}\n{verdict}", fontsize=10)
    panels[0].set_ylabel("accuracy")
    return in_figure(figure)


def _ordered(pooled: pd.DataFrame, transform: str) -> list[str]:
    part = pooled[pooled["transform"] == transform]
    return part.sort_values("accuracy", ascending=False, kind="stable")["model"].tolist()
