"""Figures of why recovery fails: tidy frames in, a matplotlib Figure out; without rows it says that there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

from yardsticks.literal import in_figure
from yardsticks.recovery.prediction.figures import LOOKS
from yardsticks.recovery.winners.figures import LINES, SCORE_NAMES, SCORE_STYLES
from yardsticks.style import QUIET, SEQUENTIAL, WIDE

PREDICTOR_NAMES = {
    "n_features": "number of features",
    "shift": "shift by alignment",
    "ed_raw": "dimensionality before alignment",
    "ed_aligned": "dimensionality after alignment",
    "n_params": "number of parameters",
    "ed_raw_difference": "difference in dimensionality before",
    "ed_aligned_difference": "difference in dimensionality after",
    "similarity": "similarity after alignment",
}
_NOT_YET = "not computed yet"
_DASHES = ("-", "--", ":", "-.")


def plot_coefficients(coefficients: pd.DataFrame) -> Figure:
    """Draw coefficients with their intervals: one panel for each role, one row for each predictor.

    Parameters
    ----------
    coefficients : DataFrame
        As from `regress_each`, of one size and set of predictors: score, role, predictor,
        coefficient, low, high, p_corrected. Filled points have a corrected p below 0.05. The intercept is not drawn.
    """
    shown = coefficients[coefficients["role"] != ""]
    roles = list(dict.fromkeys(shown["role"])) or ["generator"]
    names, scores = list(dict.fromkeys(shown["predictor"])), list(dict.fromkeys(shown["score"]))
    figure = Figure(figsize=(WIDE, 1.5 + 0.5 * max(len(names), 2)), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(roles), sharex=True, sharey=True))
    for axes, role in zip(panels, roles, strict=True):
        axes.axvline(0, color=QUIET, lw=0.8)
        for number, score in enumerate(scores):
            colour, marker = SCORE_STYLES[score]
            part = shown[(shown["role"] == role) & (shown["score"] == score)]
            y = part["predictor"].map(names.index) + 0.22 * (number - (len(scores) - 1) / 2)
            axes.hlines(y, part["low"], part["high"], color=colour, lw=1.4)
            sure = (part["p_corrected"] < 0.05).to_numpy()
            for mask, fill in ((sure, colour), (~sure, "white")):
                axes.plot(part["coefficient"][mask], y[mask], ls="", marker=marker, color=colour, mfc=fill, ms=6)
        axes.set_title({"pair": "of the pair"}.get(role, f"of the {role}"))
        axes.set_yticks(range(len(names)), [PREDICTOR_NAMES.get(name, name) for name in names])
        axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
    figure.supxlabel("standardised coefficient (right of 0: the generator leads by more)", fontsize=10)
    handles = [
        Line2D([], [], color=colour, marker=marker, lw=1.4, ms=6, label=SCORE_NAMES[score])
        for score, (colour, marker) in SCORE_STYLES.items()
        if score in scores
    ]
    handles.append(
        Line2D([], [], color=QUIET, marker="o", mfc="white", lw=1.4, ms=6, label="corrected p of 0.05 or more")
    )
    _legend(figure, handles if scores else [])
    _say_empty(panels[0], shown)
    return in_figure(figure)


def plot_candidates(curves: pd.DataFrame) -> Figure:
    """Draw recovery against the number of candidates, one line for each size and one panel for each score.

    Parameters
    ----------
    curves : DataFrame
        As from `candidates.recovery_by_candidates`: n_triplets, score, n_candidates, recovery, low, high, chance.
    """
    scores, sizes = list(dict.fromkeys(curves["score"])), sorted(curves["n_triplets"].unique())
    figure = Figure(figsize=(WIDE, 3.9), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(scores), sharey=True))
    colours = _shades(len(sizes))
    for axes, score in zip(panels, scores, strict=True):
        part = curves[curves["score"] == score]
        chance = part.drop_duplicates("n_candidates").sort_values("n_candidates")
        axes.plot(chance["n_candidates"], chance["chance"], color=QUIET, lw=1.2, ls=":")
        for n_triplets, colour, (_, marker) in zip(sizes, colours, _cycle(LINES, len(sizes)), strict=True):
            line = part[part["n_triplets"] == n_triplets].sort_values("n_candidates")
            axes.fill_between(line["n_candidates"], line["low"], line["high"], color=colour, alpha=0.15, lw=0)
            axes.plot(line["n_candidates"], line["recovery"], color=colour, marker=marker, ms=4, lw=1.4, markevery=3)
        axes.set(title=SCORE_NAMES.get(score, score), ylim=(0, 1.03))
        last = int(curves["n_candidates"].max())
        axes.set_xticks(sorted({2, last, *range(5, last + 1, 5)}))
    panels[0].set_ylabel("recovery accuracy")
    panels[0].yaxis.set_major_formatter(PercentFormatter(1))
    figure.supxlabel("number of candidates, the generator among them", fontsize=10)
    handles = [
        Line2D([], [], color=colour, marker=marker, ms=4, lw=1.4, label=f"{n_triplets:,} triplets")
        for n_triplets, colour, (_, marker) in zip(sizes, colours, _cycle(LINES, len(sizes)), strict=True)
    ]
    _legend(figure, [*handles, Line2D([], [], color=QUIET, lw=1.2, ls=":", label="chance")])
    return in_figure(figure)


def plot_trade_off(points: pd.DataFrame) -> Figure:
    """Draw prediction of people against recovery, one point for each constraint and size, one panel for each score.

    Parameters
    ----------
    points : DataFrame
        As from `trade_off`: score, constraint, n_triplets, recovery, low, high, prediction,
        prediction_low, prediction_high. Points without a prediction are not drawn. Lines join those of one size.
    """
    shown = points.dropna(subset=["recovery", "prediction"])
    scores, names = list(dict.fromkeys(points["score"])), list(dict.fromkeys(points["constraint"]))
    sizes = sorted(points["n_triplets"].unique())
    figure = Figure(figsize=(WIDE, 4.4), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(scores), sharey=True, sharex=True))
    dashes, looks = _cycle(_DASHES, len(sizes)), [_constraint_look(name) for name in names]
    for axes, score in zip(panels, scores, strict=True):
        part = shown[shown["score"] == score]
        for n_triplets, dash in zip(sizes, dashes, strict=True):
            line = part[part["n_triplets"] == n_triplets].sort_values("prediction")
            axes.plot(line["recovery"], line["prediction"], color=QUIET, lw=1.2, ls=dash, zorder=1)
        for name, look in zip(names, looks, strict=True):
            own = part[part["constraint"] == name]
            error = [(own["recovery"] - own["low"]).clip(0), (own["high"] - own["recovery"]).clip(0)]
            axes.errorbar(
                own["recovery"], own["prediction"], xerr=error, ms=7, ls="", elinewidth=0.8, capsize=2, **look
            )
        axes.set_title(SCORE_NAMES.get(score, score))
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    panels[0].set_ylabel("prediction of people,\nmean accuracy over models")
    figure.supxlabel("recovery accuracy", fontsize=10)
    handles = [Line2D([], [], ls="", ms=7, label=name, **look) for name, look in zip(names, looks, strict=True)]
    handles += [
        Line2D([], [], color=QUIET, lw=1.2, ls=dash, label=f"{n_triplets:,} triplets")
        for n_triplets, dash in zip(sizes, dashes, strict=True)
    ]
    figure.legend(handles=handles, loc="outside right upper")
    _say_empty(panels[0], shown)
    return in_figure(figure)


def plot_penalties(compared: pd.DataFrame) -> Figure:
    """Draw what shrinkage gains over the Frobenius penalty: recovery by each score, and prediction of people.

    Parameters
    ----------
    compared : DataFrame
        As from `compare_penalties`.
    """
    scores, names = list(dict.fromkeys(compared["score"])), list(dict.fromkeys(compared["transform"]))
    sizes = sorted(compared["n_triplets"].unique())
    figure = Figure(figsize=(WIDE, 3.4), layout="constrained")
    ratios = {"width_ratios": [3] * len(scores) + [2]}
    *panels, people = np.atleast_1d(figure.subplots(1, len(scores) + 1, gridspec_kw=ratios))
    looks = [_constraint_look(name) for name in names]
    for number, (name, look) in enumerate(zip(names, looks, strict=True)):
        own = compared[compared["transform"] == name]
        shift = 0.22 * (number - (len(names) - 1) / 2)
        for axes, score in zip(panels, scores, strict=True):
            part = own[own["score"] == score]
            _points(axes, part["n_triplets"].map(sizes.index) + shift, part, ("difference", "low", "high"), look)
        columns = ("prediction", "prediction_low", "prediction_high")
        _points(people, [number], own[:1], columns, look)
    for axes, score in zip(panels, scores, strict=True):
        axes.set(title=SCORE_NAMES.get(score, score), xlabel="training triplets", ylim=_shared_limits(compared))
        axes.set_xticks(range(len(sizes)), [f"{size:,}" for size in sizes], fontsize=8)
    for axes in panels[1:]:
        axes.tick_params(labelleft=False)
    panels[0].set_ylabel("recovery: shrinkage less Frobenius")
    people.set(title="prediction of people", xlim=(-0.6, len(names) - 0.4))
    people.set_xticks(range(len(names)), names, fontsize=8)
    for axes in (*panels, people):
        axes.axhline(0, color=QUIET, lw=0.8, zorder=0)
        axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" pts"))
        axes.yaxis.set_major_locator(MaxNLocator(5))
    handles = [Line2D([], [], ls="", ms=6, label=name, **look) for name, look in zip(names, looks, strict=True)]
    _legend(figure, handles)
    return in_figure(figure)


def _points(axes: Axes, x, table: pd.DataFrame, columns: tuple[str, str, str], look: Mapping[str, str]) -> None:
    """Draw a value with its interval, which may not be known."""
    value, low, high = (table[name].to_numpy(float) for name in columns)
    axes.vlines(x, low, high, color=look["color"], lw=1.4)
    axes.plot(x, value, ls="", ms=6, **look)


def _shared_limits(compared: pd.DataFrame) -> tuple[float, float]:
    """Return limits that hold every difference with its interval, and zero."""
    values = compared[["difference", "low", "high"]].to_numpy(float)
    low, high = np.nanmin(values, initial=0), np.nanmax(values, initial=0)
    margin = 0.08 * max(high - low, 0.01)
    return low - margin, high + margin


def _constraint_look(name: str) -> dict[str, str]:
    """Return the look of the transform of a constraint; one with the Frobenius penalty is open."""
    transform, frobenius, _ = name.partition(", Frobenius")
    _, colour, marker = LOOKS["low_rank" if transform.startswith("rank ") else transform]
    return {"color": colour, "marker": marker, "mec": colour, "mfc": "white" if frobenius else colour}


def plot_similarity(pairs: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw by how much generators lead other candidates against the similarity of the two: one point for each pair.

    Parameters
    ----------
    pairs : mapping of score to DataFrame
        As from `pair_margins`: similarity, margin, same_family.
    """
    figure = Figure(figsize=(WIDE, 3.8), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(pairs), sharex=True, sharey=True))
    kinds = {False: (*LINES[0], "other family"), True: (*LINES[1], "same family")}
    for axes, (score, table) in zip(panels, pairs.items(), strict=True):
        known = table.dropna(subset=["similarity", "margin"])
        axes.axhline(0, color=QUIET, lw=0.8)
        for same, (colour, marker, _) in kinds.items():
            part = known[known["same_family"] == same]
            axes.scatter(part["similarity"], part["margin"], s=14, c=colour, marker=marker, alpha=0.6, lw=0)
        axes.set_title(SCORE_NAMES.get(score, score))
        _say_empty(axes, known)
    panels[0].set_ylabel("generator's accuracy less the candidate's")
    figure.supxlabel("similarity of the two after alignment", fontsize=10)
    _legend(
        figure,
        [Line2D([], [], color=colour, marker=marker, ls="", label=name) for colour, marker, name in kinds.values()],
    )
    return in_figure(figure)


def plot_ranks_by_role(ranks: Mapping[str, pd.DataFrame], *, labels: Mapping[str, str]) -> Figure:
    """Draw each model's mean rank on its own answers and on those of others, one panel for each score.

    Parameters
    ----------
    ranks : mapping of score to DataFrame
        As from `ranks_by_role`: model, role, rank, low, high, blind.
    labels : mapping of model to str
        Models are drawn in the order of the first table's ranks on others' answers, the best first.
    """
    first = next(iter(ranks.values()))
    roles = list(dict.fromkeys(first["role"]))
    order = list(first[first["role"] == roles[-1]].sort_values("rank")["model"])
    figure = Figure(figsize=(WIDE, 1.4 + 0.24 * len(order)), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(ranks), sharey=True, sharex=True))
    for axes, (score, table) in zip(panels, ranks.items(), strict=True):
        axes.axvline(table["blind"].mean(), color=QUIET, lw=1, ls=":")
        for role, (colour, marker) in zip(roles, LINES, strict=False):
            part = table[table["role"] == role].set_index("model").reindex(order)
            axes.hlines(range(len(order)), part["low"], part["high"], color=colour, lw=1.2)
            axes.plot(part["rank"], range(len(order)), ls="", marker=marker, color=colour, ms=5, label=role)
        axes.set_title(SCORE_NAMES.get(score, score))
        axes.set_yticks(range(len(order)), [labels[name] for name in order], fontsize=8)
        axes.set_ylim(len(order) - 0.5, -0.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.tick_params(axis="y", length=0)
    figure.supxlabel("mean rank among the candidates (1 is best)", fontsize=10)
    handles = [*panels[0].get_legend_handles_labels()[0], Line2D([], [], color=QUIET, lw=1, ls=":", label="blind")]
    _legend(figure, handles)
    return in_figure(figure)


def _shades(n: int) -> list:
    """Return n colours from dark to light, without the palest."""
    return list(mpl.colormaps[SEQUENTIAL](np.linspace(0, 0.85, n)))


def _cycle(styles: Sequence, n: int) -> list:
    return [styles[i % len(styles)] for i in range(n)]


def _legend(figure: Figure, handles: Sequence[Line2D]) -> None:
    if handles:
        figure.legend(handles=handles, loc="outside upper left", ncols=min(len(handles), 4))


def _say_empty(axes: Axes, table: pd.DataFrame) -> None:
    if table.empty:
        axes.text(0.5, 0.5, _NOT_YET, transform=axes.transAxes, ha="center", va="center", color=QUIET)
