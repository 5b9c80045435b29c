"""How far the generator leads in each cell of a design, against one of its settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from yardsticks.datasets import catalogue
from yardsticks.literal import in_figure
from yardsticks.recovery.plateau.cells import cell_jobs
from yardsticks.recovery.studies.experiment import LATER
from yardsticks.recovery.studies.tables import Results
from yardsticks.style import QUIET, WIDE, family_looks

_MARKERS = "osD^vPX<>pdh"  # tell generators of one family, and so of one colour, apart
_DASHES = (":", "--")


def cell_leads(results: Results, *, settings: Sequence[str], score: str) -> pd.DataFrame:
    """Return each job of a design without factors, with the settings of its cell.

    Parameters
    ----------
    results : Results
        As from `open_results`, of a design (`write_cells`): maybe of some of its cells only.
    settings : sequence of str
        Of an `Experiment`. A list of one value is that value, one of several is ``several``; None is ``all`` for
        components, and ``open`` for judgements.
    score : str
        One of `SCORES`.

    Returns
    -------
    DataFrame
        One row for each job whose generator has a score: the columns of `cell_jobs`, of which ``credit`` is recovery
        and ``margin`` the lead, and the settings.
    """
    models = results.provenance["experiment"]["models"]
    jobs = cell_jobs(results.rows, scores=[score], sets={"all": models})
    cells = {name: LATER | dict(cell) for name, cell in results.provenance["cells"].items()}
    for setting in settings:
        values = {name: _plain(setting, cell[setting]) for name, cell in cells.items()}
        jobs[setting] = jobs["cell"].map(values)
    return jobs


def rule_picks(results: Results) -> pd.DataFrame:
    """Return how many generators took each strength, in the cells whose rule had several to pick from.

    Parameters
    ----------
    results : Results
        As for `cell_leads`.

    Returns
    -------
    DataFrame
        ``cell``, ``n_judgements`` (``open`` for people's), ``strength_rule``, ``strength`` and ``n_generators``,
        ascending in strength within a cell.
    """
    table = []
    for name, cell in results.provenance["cells"].items():
        made = pd.DataFrame(results.provenance["generators"][name])
        if len(cell["generator_strengths"] or ()) < 2 or made.empty:
            continue
        about = {"cell": name, "n_judgements": _plain("n_judgements", cell["n_judgements"])}
        for strength, number in made["strength"].value_counts().sort_index().items():
            picked = {"strength_rule": cell["strength_rule"], "strength": strength, "n_generators": number}
            table.append(about | picked)
    return pd.DataFrame(table)


def plot_leads(
    leads: pd.DataFrame,
    *,
    x: str,
    panel: str,
    labels: Mapping[str, str],
    axis: str,
    marked: Mapping[str, float] | None = None,
) -> Figure:
    """Draw the lead of each generator against one setting, in a panel for each value of another.

    Parameters
    ----------
    leads : DataFrame
        As from `cell_leads`; of jobs that differ in nothing drawn, the mean is taken.
    x, panel : str
        Columns. The values of *x* that a panel has stand side by side in ascending order, words last; panels in order
        of appearance.
    labels : mapping of model to str
    axis : str
        What *x* is called.
    marked : mapping of str to float, optional
        Values of *x*, by what is said of them: a line in each panel, at most two.
    """
    marked = marked or {}
    panels = list(dict.fromkeys(leads[panel]))
    figure = Figure(figsize=(WIDE, 4.2), layout="constrained")
    axes_of = np.atleast_1d(figure.subplots(1, len(panels), sharey=True))
    looks, another_leads = _looks(sorted(set(leads["generator"]))), False
    for axes, value in zip(axes_of, panels, strict=True):
        axes.axhline(0, color=QUIET, lw=1)
        means = leads[leads[panel] == value].groupby(["generator", x])["margin"].mean()
        places = _ascending([*means.index.get_level_values(x), *marked.values()])
        for generator, (colour, marker) in looks.items():
            if generator not in means.index.get_level_values(0):
                continue
            line = means[generator].reindex(places).dropna()
            at = [places.index(place) for place in line.index]
            axes.plot(at, line, color=colour, marker=marker, ms=6, lw=1.2)
            lost = (line <= 0).to_numpy()
            another_leads |= lost.any()
            axes.plot(np.array(at)[lost], line[lost], ls="", color=colour, marker=marker, ms=6, mfc="white")
        for number, (said, place) in enumerate(marked.items()):
            axes.axvline(places.index(place), color="black", lw=1, ls=_DASHES[number], label=said)
        axes.set_title(value)
        axes.set_xticks(range(len(places)), [f"{place:g}" if not isinstance(place, str) else place for place in places])
        axes.set_xlim(-0.4, len(places) - 0.6)
    axes_of[0].set_ylabel("generator's lead over the best other")
    figure.supxlabel(axis, fontsize=10)
    handles = [
        Line2D([], [], color=colour, marker=marker, ms=6, lw=1.2, label=labels[name])
        for name, (colour, marker) in looks.items()
    ]
    if another_leads:
        handles.append(Line2D([], [], ls="", color=QUIET, marker="o", mfc="white", ms=6, label="another model leads"))
    handles += [line for line in axes_of[0].lines if line.get_label() in marked]
    figure.legend(handles=handles, loc="outside upper left", ncols=4, fontsize=8)
    return in_figure(figure)


def _looks(models: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the colour of each model's family, and a marker that no other of the models has."""
    families = catalogue("features").set_index("model")["family"].reindex(models)
    families = families.fillna(pd.Series(models, models))  # one that is not listed is a family of its own
    looks = family_looks(families)
    return {model: (looks[families[model]][1], marker) for model, marker in zip(models, cycle(_MARKERS), strict=False)}


def _plain(setting: str, value: object) -> object:
    if isinstance(value, list | tuple) and len(value) > 1:
        return "several"
    if value is None:
        return {"components": "all", "n_judgements": "open"}.get(setting, "all")
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


def _ascending(values: Iterable) -> list:
    """Return the distinct values: numbers first, in ascending order, then words."""
    values = list(dict.fromkeys(values))
    words = [value for value in values if isinstance(value, str)]
    return sorted(set(values) - set(words)) + sorted(words)
