"""Figures of wing B: tidy frames in, a matplotlib Figure out. Nothing is computed here but positions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from yardsticks.literal import in_figure
from yardsticks.style import EMPHASIS, NARROW, QUIET, SEQUENTIAL, WIDE, spread

CHANCE = 1 / 3
CEILING_COLOURS = {
    "majority": "#56B4E9", "leave_one_out": "#0072B2", "corrected": EMPHASIS, "maximum_likelihood": "#000000",
}  # fmt: skip
CEILING_NAMES = {
    "majority": "majority",
    "leave_one_out": "leave one out",
    "corrected": "corrected",
    "maximum_likelihood": "corrected, to the end",
}


def plot_ceilings(by_raters: pd.DataFrame, ceilings: pd.DataFrame) -> Figure:
    """Draw each estimate of the ceiling against the number of answers to a triplet, and from all answers.

    Parameters
    ----------
    by_raters : DataFrame
        As from `ceiling.ceilings_by_raters`: n_raters and one column per method.
    ceilings : DataFrame
        Index method; columns value, low, high, n_triplets, n_responses: from all answers.
    """
    figure = Figure(figsize=(NARROW + 1, 4), layout="constrained")
    axes = figure.subplots()
    everything = (ceilings["n_responses"] / ceilings["n_triplets"]).max()
    values, lowest = ceilings["value"].astype(float), by_raters[list(CEILING_COLOURS)].min().min()
    places = spread(values.to_numpy(), 0.06 * (by_raters["majority"].max() - lowest))
    heights = dict(zip(ceilings.index, places, strict=True))
    for offset, method in zip((-0.3, 0.3, 0, 0.6), CEILING_COLOURS, strict=True):
        colour, row = CEILING_COLOURS[method], ceilings.loc[method]
        axes.plot(by_raters["n_raters"], by_raters[method], color=colour, marker="o", ms=4, lw=1.5)
        error = [[row["value"] - row["low"]], [row["high"] - row["value"]]]
        axes.errorbar(everything + offset, row["value"], error, color=colour, marker="o", ms=7, capsize=3)
        axes.annotate(f"{CEILING_NAMES[method]} {row['value']:.3f}", (everything, heights[method]), xytext=(18, 0),
                      textcoords="offset points", va="center", color=colour)  # fmt: skip
    axes.axhline(ceilings.at["corrected", "value"], color=QUIET, lw=0.8, ls=":")
    axes.set(xlabel="answers to a triplet (right: all of them)", ylabel="estimated ceiling")
    axes.set_xlim(right=everything + 0.9)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return in_figure(figure)


def plot_decidedness(shares: pd.DataFrame) -> Figure:
    """Draw how many triplets have a most frequent answer of at least a given share, as observed and as corrected.

    Parameters
    ----------
    shares : DataFrame
        As from `people.decidedness`: share, observed, corrected.
    """
    figure = Figure(figsize=(NARROW, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.step(shares["share"], shares["observed"], where="post", color=CEILING_COLOURS["majority"], lw=1.5,
              label="share among the answers")  # fmt: skip
    axes.step(shares["share"], shares["corrected"], where="post", color=CEILING_COLOURS["corrected"], lw=1.5,
              label="probability, corrected for few answers")  # fmt: skip
    axes.set(xlabel="most frequent answer: at least", ylabel="fraction of triplets", xlim=(CHANCE, 1), ylim=(0, 1.02))
    axes.legend(loc="upper right")
    return in_figure(figure)


def plot_accuracies(scores: pd.DataFrame, ceilings: Mapping[str, float]) -> Figure:
    """Draw how often each embedding is right about people's answers, beside the ceilings; chance is far to the left.

    Parameters
    ----------
    scores : DataFrame
        As from `people.embedding_scores`: embedding, judgements, accuracy, low, high.
    ceilings : mapping of method to float
    """
    embeddings, sets = list(dict.fromkeys(scores["embedding"])), list(dict.fromkeys(scores["judgements"]))
    figure = Figure(figsize=(WIDE, 0.7 * len(embeddings) + 1.6), layout="constrained")
    axes = figure.subplots()
    markers, shifts = "osDv^", np.linspace(-0.2, 0.2, len(sets))
    for name, marker, shift in zip(sets, markers, shifts, strict=False):
        part = scores[scores["judgements"] == name].set_index("embedding").loc[embeddings]
        error = [part["accuracy"] - part["low"], part["high"] - part["accuracy"]]
        face = "black" if shift < 0 else "white" if shift > 0 else QUIET
        axes.errorbar(part["accuracy"], np.arange(len(embeddings)) + shift, xerr=error, fmt=marker, color="black",
                      mfc=face, ms=6, lw=1, label=name)  # fmt: skip
    axes.set_yticks(range(len(embeddings)), embeddings)
    axes.set_ylim(len(embeddings) - 0.5, -0.5)
    axes.set_xlabel("accuracy")
    draw_reference_lines(axes, ceilings, chance=False)  # from where on little could be told apart
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.08), ncols=len(sets), title="judgements", alignment="left")
    return in_figure(figure)


def plot_agreement(agreement: pd.DataFrame) -> Figure:
    """Draw how often people and embeddings have the same odd one, as a heat map with its numbers.

    Parameters
    ----------
    agreement : DataFrame
        As from `people.choice_agreement`: a, b, agreement.
    """
    names = list(dict.fromkeys([*agreement["a"], *agreement["b"]]))
    position = {name: i for i, name in enumerate(names)}
    matrix = np.full((len(names), len(names)), np.nan)
    a, b = (agreement[column].map(position).to_numpy() for column in ("a", "b"))
    matrix[a, b] = matrix[b, a] = agreement["agreement"]
    side = 0.9 * len(names) + 1
    figure = Figure(figsize=(side + 1.3, side), layout="constrained")
    axes = figure.subplots()
    sns.heatmap(
        matrix, ax=axes, cmap=SEQUENTIAL, vmin=CHANCE, vmax=1, square=True, xticklabels=False, yticklabels=False,
        annot=True, fmt=".3f", cbar_kws={"label": "same odd one (from chance to always)", "shrink": 0.8},
    )  # fmt: skip
    axes.set_xticks(np.arange(len(names)) + 0.5, names)
    axes.set_yticks(np.arange(len(names)) + 0.5, names, va="center")
    axes.tick_params(length=0, rotation=0)
    return in_figure(figure)


def plot_categories(categories: pd.DataFrame, sharing: pd.DataFrame, *, overall: float) -> Figure:
    """Draw how consistent people are about triplets of each category, and by whether objects share one.

    Parameters
    ----------
    categories : DataFrame
        As from `people.category_consistency`: category, n_triplets, leave_one_out, low, high.
    sharing : DataFrame
        As from `people.shared_category_consistency`: sharing, n_triplets, leave_one_out, low, high.
    overall : float
        Leave-one-out ceiling of all triplets, drawn as a line.
    """
    n, m = len(categories), len(sharing)
    figure = Figure(figsize=(NARROW + 1.5, 0.23 * (n + m) + 1.4), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[m + 1, n + 1])
    for axes, frame, label in ((upper, sharing, "sharing"), (lower, categories, "category")):
        y = np.arange(len(frame))
        axes.hlines(y, frame["low"], frame["high"], color=QUIET, lw=1.5)
        axes.scatter(frame["leave_one_out"], y, s=30, color="black", zorder=3)
        axes.axvline(overall, color=CEILING_COLOURS["leave_one_out"], lw=1, zorder=0)
        rows = zip(frame[label], frame["n_triplets"], strict=True)
        axes.set_yticks(y, [f"{name} ({count:,})" for name, count in rows], fontsize=8)
        axes.set_ylim(len(frame) - 0.4, -0.6)
    upper.set_title("pairs in the triplet that share a category (triplets)")
    lower.set_title("category of at least one object (triplets)")
    lower.set_xlabel("how often an answer is what most others said")
    return in_figure(figure)


def draw_reference_lines(axes: Axes, ceilings: Mapping[str, float], *, chance: bool = True) -> None:
    """Draw chance, unless it is not wanted, and the ceilings as vertical lines, named above the axes."""
    above = axes.get_xaxis_transform()
    if chance:
        axes.axvline(CHANCE, color=QUIET, lw=1, ls="--")
        axes.text(CHANCE, 1.01, "chance", transform=above, ha="center", va="bottom", fontsize=8, color=QUIET)
    alone = len(ceilings) == 1
    for step, method in enumerate(sorted(ceilings, key=ceilings.get, reverse=True)):  # names one above the other
        axes.axvline(ceilings[method], color=CEILING_COLOURS[method], lw=1)
        name = f"ceiling ({CEILING_NAMES[method]})" if alone else CEILING_NAMES[method]
        axes.annotate(name, (ceilings[method], 1.01), xycoords=above, xytext=(3, 11 * step), va="bottom", fontsize=8,
                      textcoords="offset points", ha="center" if alone else "right",
                      color=CEILING_COLOURS[method])  # fmt: skip
