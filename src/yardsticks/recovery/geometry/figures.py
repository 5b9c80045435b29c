"""Figures of models' geometry: frames of `change` in, a Figure out. Only positions are computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from yardsticks.literal import in_figure
from yardsticks.recovery.winners.figures import SCORE_NAMES
from yardsticks.style import QUIET, SEQUENTIAL, WIDE, family_looks, spread

STATE_NAMES = {"raw": "before", "diagonal": "diagonal probe", "full": "full probe"}


def plot_map(points: pd.DataFrame, *, labels: Mapping[str, str], families: Mapping[str, str]) -> Figure:
    """Draw a map of models before and after alignment: an arrow for each, a star for each embedding of people.

    Parameters
    ----------
    points : DataFrame
        As from `place`, of ``raw`` and one more state: model, state, x, y.
    labels : mapping of name to str
        Of models and of embeddings of people.
    families : mapping of model to family
        Each has a colour and a marker of its own. A number at each arrow's tail names the model.
    """
    figure = Figure(figsize=(WIDE, 5.7), layout="constrained")
    axes = figure.subplots()
    people = points[points["state"] == "people"].set_index("model")
    ends = {state: part.set_index("model")[["x", "y"]] for state, part in points.groupby("state", sort=False)}
    tails, heads = ends["raw"], ends[next(state for state in ends if state not in ("raw", "people"))]
    looks = family_looks(families[model] for model in tails.index)
    handles = []
    for number, model in enumerate(tails.index, 1):
        _, colour, marker = looks[families[model]]
        tail, head = tails.loc[model].to_numpy(), heads.loc[model].to_numpy()
        axes.annotate("", head, tail, arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1, "alpha": 0.6,
                                                  "shrinkA": 0, "shrinkB": 3})  # fmt: skip
        axes.plot(*tail, marker=marker, ms=6, mfc="white", mec=colour, mew=1.2)
        axes.plot(*head, marker=marker, ms=6, color=colour, mec="white", mew=0.5)
        handles.append(Line2D([], [], color=colour, marker=marker, ls="", label=f"{number}  {labels[model]}"))
    for _, point in people.iterrows():
        axes.plot(point["x"], point["y"], marker="*", ms=17, color="black", mec="white", mew=0.8, zorder=4)
    axes.set_aspect("equal")
    axes.margins(0.06)
    axes.set(xticks=[], yticks=[], xlabel="first axis", ylabel="second axis")
    everything = points[["x", "y"]].to_numpy()
    middle, size = everything.mean(axis=0), np.ptp(everything)
    numbers = [str(number) for number in range(1, len(tails) + 1)]
    _label(axes, tails.to_numpy(), numbers, middle, 0.028 * size)
    for name in people.index:
        handles.append(Line2D([], [], color="black", marker="*", ms=12, ls="", label=labels[name]))
    handles.append(Line2D([], [], color=QUIET, marker="o", mfc="white", ls="", label="before alignment (number)"))
    handles.append(Line2D([], [], color=QUIET, marker="o", ls="", label="after alignment"))
    figure.legend(handles=handles, loc="outside right upper", fontsize=8)
    return in_figure(figure)


def plot_dimensionality(table: pd.DataFrame, *, labels: Mapping[str, str], families: Mapping[str, str]) -> Figure:
    """Draw the effective dimensionality of each model in each state, joined by lines; that of people as a dashed line.

    Parameters
    ----------
    table : DataFrame
        As from `measure_geometry`: model, state, effective_dimensionality. Other states than those of
        `STATE_NAMES` and people are left out.
    """
    models = table[table["state"].isin(list(STATE_NAMES))]
    wide = models.pivot(index="model", columns="state", values="effective_dimensionality")
    wide = wide.loc[list(dict.fromkeys(models["model"])), [state for state in STATE_NAMES if state in wide]]
    looks = family_looks(families[model] for model in wide.index)
    figure = Figure(figsize=(WIDE, 6), layout="constrained")
    axes = figure.subplots()
    for model, values in wide.iterrows():
        _, colour, marker = looks[families[model]]
        axes.plot(range(wide.shape[1]), values, color=colour, marker=marker, ms=5, lw=1.1)
    low, high = wide.min(axis=None), wide.max(axis=None)
    for side, column in ((0, wide.iloc[:, 0]), (1, wide.iloc[:, -1])):
        places = spread(column.to_numpy(), 0.034 * (high - low))
        edge = side * (wide.shape[1] - 1)
        away = 0.12 if side else -0.12
        for place, value, model in zip(places, column, wide.index, strict=True):
            axes.plot([edge + 0.2 * away, edge + 0.9 * away], [value, place], color=looks[families[model]][1], lw=0.6)
            axes.text(edge + away, place, labels[model], fontsize=8.5, va="center", ha="left" if side else "right")
    for name, value in table.loc[table["state"] == "people"].set_index("model")["effective_dimensionality"].items():
        axes.plot([0, wide.shape[1] - 1], [value, value], color="black", lw=1, ls="--", zorder=0, label=labels[name])
    axes.set_xticks(range(wide.shape[1]), [STATE_NAMES[state] for state in wide])
    axes.set_xlim(-1, wide.shape[1])
    axes.set_ylabel("effective dimensionality")
    axes.legend(loc="upper right")
    return in_figure(figure)


def plot_shifts(table: pd.DataFrame, *, labels: Mapping[str, str], families: Mapping[str, str]) -> Figure:
    """Draw how far alignment moves each model: a bar for the full probe, a diamond for the diagonal one.

    Parameters
    ----------
    table : DataFrame
        As from `measure_geometry`: model, state, shift.
    """
    wide = table[table["state"].isin(["diagonal", "full"])].pivot(index="model", columns="state", values="shift")
    wide = wide.loc[[model for model in dict.fromkeys(table["model"]) if model in wide.index]]
    families_of = [families[model] for model in wide.index]
    figure = Figure(figsize=(WIDE, 4.8), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(wide))
    axes.barh(places, wide["full"], color=QUIET, height=0.7, label="full probe")
    axes.plot(wide["diagonal"], places, ls="", marker="D", color="black", mfc="white", ms=5, label="diagonal probe")
    for place in range(1, len(wide)):
        if families_of[place] != families_of[place - 1]:
            axes.axhline(place - 0.5, color=QUIET, lw=0.4)
    axes.set_yticks(places, [labels[model] for model in wide.index], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("alignment-induced shift (1 - similarity of the geometry before and after)")
    axes.set_xlim(0, None)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return in_figure(figure)


def plot_similarities(
    matrices: Mapping[str, pd.DataFrame], *, labels: Mapping[str, str], families: Mapping[str, str]
) -> Figure:
    """Draw the similarity of all pairs, one matrix for each state, in a common order.

    Parameters
    ----------
    matrices : mapping of state to DataFrame, (n, n)
        Index and columns are models, and names of people's embeddings where they are in `labels`; these have no
        family. Lines part the families.
    """
    figure = Figure(figsize=(WIDE + 1, 5.2), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(matrices), sharey=True))
    for axes, (state, matrix) in zip(panels, matrices.items(), strict=True):
        names = list(matrix.index)
        image = axes.imshow(matrix.to_numpy(float), cmap=SEQUENTIAL, vmin=0, vmax=1, aspect="equal")
        for place in range(1, len(names)):
            if families.get(names[place]) != families.get(names[place - 1]):
                axes.axhline(place - 0.5, color="white", lw=0.5)
                axes.axvline(place - 0.5, color="white", lw=0.5)
        shown = [place for place in range(len(names)) if place == 0 or place % 5 == 4]
        axes.set_xticks(shown, [place + 1 for place in shown], fontsize=7)
        axes.set_title(STATE_NAMES.get(state, state))
        axes.tick_params(length=0)
    panels[0].set_yticks(range(len(names)), [f"{labels[name]}  {n}" for n, name in enumerate(names, 1)], fontsize=7.5)
    figure.colorbar(image, ax=panels, label="similarity of the geometries", shrink=0.7)
    return in_figure(figure)


def plot_margins_by_similarity(
    table: pd.DataFrame, *, labels: Mapping[str, str], families: Mapping[str, str], sizes: Sequence[int], score: str
) -> Figure:
    """Draw each generator's mean margin against its similarity to the nearest other model, one panel for each size.

    Parameters
    ----------
    table : DataFrame
        As from `nearest_margins`, of one state.
    sizes : sequence of int
        Those of `table` that are shown.
    """
    figure = Figure(figsize=(WIDE, 4.6), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(sizes), sharex=True, sharey=True))
    names = list(dict.fromkeys(table["generator"]))
    looks = family_looks(families[name] for name in names)
    for axes, size in zip(panels, sizes, strict=True):
        part = table[(table["n_triplets"] == size) & (table["score"] == score)]
        axes.axhline(0, color=QUIET, lw=0.8)
        for row in part.itertuples():
            _, colour, marker = looks[families[row.generator]]
            axes.plot(row.similarity, row.margin, marker=marker, ms=6, color=colour, mec="white", mew=0.5)
        axes.set_title(f"{size:,} triplets")
    panels[0].set_ylabel(f"mean margin, {SCORE_NAMES.get(score, score)}")
    figure.supxlabel("similarity to the nearest other model", fontsize=10)
    shown = [looks[family] for family in dict.fromkeys(families[name] for name in names)]
    handles = [Line2D([], [], color=colour, marker=marker, ls="", label=said) for said, colour, marker in shown]
    figure.legend(handles=handles, loc="outside upper left", ncols=6, fontsize=8)
    return in_figure(figure)


def _label(axes: Axes, points: np.ndarray, texts: list[str], middle: np.ndarray, size: float) -> None:
    """Write texts beside points, pushed outwards from the middle and apart from each other, with lines to them."""
    away = points - middle
    places = points + 1.6 * size * away / np.linalg.norm(away, axis=1, keepdims=True)
    for _ in range(300):
        apart = places[:, None] - places[None]  # (n, n, 2)
        gap = np.hypot(apart[..., 0], apart[..., 1]) + np.eye(len(places)) * 1e9
        push = np.where(gap < 2 * size, 2 * size - gap, 0)
        if not push.any():
            break
        places = places + (apart / gap[..., None] * push[..., None]).sum(axis=1) / 4
    for point, place, text in zip(points, places, texts, strict=True):
        axes.plot(*zip(point, place, strict=True), color=QUIET, lw=0.4, zorder=1)
        outline = [withStroke(linewidth=2, foreground="white")]  # an arrow may pass below
        axes.text(*place, text, fontsize=8, ha="center", va="center", path_effects=outline, zorder=5)
