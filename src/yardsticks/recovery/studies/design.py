"""Factorial studies: one recovery study for each cell of a fractional design, and one table of them all."""

from __future__ import annotations

import itertools
import math
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from yardsticks.recovery.studies.experiment import EXPERIMENTS, NAME, Experiment, from_settings, is_name, list_jobs
from yardsticks.recovery.studies.finished import collect
from yardsticks.recovery.studies.jobs import list_generators
from yardsticks.recovery.studies.store import Study, begin_study, taken_over
from yardsticks.recovery.studies.tables import read_table, take_over, write_table
from yardsticks.stats import check_option


@dataclass(frozen=True)
class Design:
    """Cells of a factorial study.

    Parameters
    ----------
    name : str
    factors : dict of str to (str, str)
        Low and high level of each factor.
    cells : dict of str to Experiment
        Each is named by its levels; those of the fraction come first.
    fraction : tuple of str
        Cells of the half fraction. The others stand for themselves.
    """

    name: str
    factors: Mapping[str, tuple[str, str]]
    cells: Mapping[str, Experiment]
    fraction: tuple[str, ...]


def half_fraction(n_factors: int) -> list[tuple[int, ...]]:
    """Return the runs of a two-level half fraction in which the last factor is the product of all others.

    Parameters
    ----------
    n_factors : int
        At least 2.

    Returns
    -------
    list of tuple of int
        2^(n_factors - 1) runs with -1 (low) and 1 (high) for each factor. The resolution is `n_factors`: of five
        factors, main effects and interactions of two are all clear of each other.

    Notes
    -----
    Box, Hunter and Hunter, *Statistics for Experimenters*, chapter 6.
    """
    if n_factors < 2:
        raise ValueError(f"n_factors is {n_factors}: at least two are needed.")
    return [(*signs, math.prod(signs)) for signs in itertools.product((-1, 1), repeat=n_factors - 1)]


def read_design(path: Path) -> Design:
    """Read a design from a TOML file.

    Parameters
    ----------
    path : Path
        With ``name``, ``base`` (a named experiment) and settings that all cells share; ``[factors.NAME]`` with two
        levels, low first, each a table of the settings that it stands for; and ``[cells.NAME]``, one for each cell
        outside the half fraction, with ``levels``, one for each factor, and settings of its own. Without factors there
        is no fraction, and each cell is its settings.

    Raises
    ------
    ValueError
        With the file and what is wrong.
    """
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
        for needed in ("name", "base"):
            if needed not in settings:
                raise ValueError(f"{needed} is missing: a design needs a name, and as base a named experiment.")
        factors = _tables("factors", settings.pop("factors", {}))
        more = _tables("cells", settings.pop("cells", {}))
        if not (factors or more):
            raise ValueError("there is no cell: give [factors.NAME] with two levels, or [cells.NAME].")
        check_option("base", base := settings.pop("base"), EXPERIMENTS)
        shared = EXPERIMENTS[base].settings() | settings
        for name, levels in factors.items():
            if len(levels) != 2:
                raise ValueError(f"factor {name} has the levels {', '.join(levels)}: there must be two, low first.")
            _tables(f"factors.{name}", levels)
        cells = {}
        for signs in half_fraction(len(factors)) if factors else []:
            chosen = [list(levels)[sign > 0] for levels, sign in zip(factors.values(), signs, strict=True)]
            cells["-".join(chosen)] = _cell(shared, factors, dict(zip(factors, chosen, strict=True)), {})
        fraction = tuple(cells)
        for name, own in more.items():
            levels = _levels_of(name, own.pop("levels", None), factors) if factors else []
            cells[name] = _cell(shared, factors, dict(zip(factors, levels, strict=True)), own)
        if unfit := [name for name in cells if not is_name(name)]:
            raise ValueError(f"a cell is called {unfit[0]!r}: it must be {NAME}.")
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from error
    pairs = {name: tuple(levels) for name, levels in factors.items()}
    return Design(settings["name"], pairs, cells, fraction)


def _tables(name: str, value: object) -> dict[str, dict]:
    """Return what must be a table of tables; a ValueError names the first that is none."""
    wrong = {name: value} if not isinstance(value, dict) else {f"{name}.{key}": part for key, part in value.items()}
    for key, part in wrong.items():
        if not isinstance(part, dict):
            raise ValueError(f"{key}={part!r} must be a table: write [{key}], and settings below it.")
    return value


def _levels_of(cell: str, levels: object, factors: dict[str, dict]) -> list[str]:
    """Return the levels of a cell, one of each factor in their order; a ValueError says what is wrong with them."""
    if not (isinstance(levels, list) and len(levels) == len(factors)):
        given = "has no levels" if levels is None else f"has the levels {levels!r}"
        raise ValueError(f"cell {cell} {given}: give a list with one for each of the factors {', '.join(factors)}.")
    for (factor, known), level in zip(factors.items(), levels, strict=True):
        check_option(f"cell {cell}: {factor}", level, known)
    return levels


def _cell(shared: dict, factors: dict, chosen: dict[str, str], own: dict) -> Experiment:
    of_levels = {key: value for factor, level in chosen.items() for key, value in factors[factor][level].items()}
    return from_settings(shared | of_levels | own)


def import_cells(design: Design, path: Path, folder: Path) -> dict[str, int]:
    """Begin, each in a folder of its name, the cells that a table of `write_cells` has, and take over their jobs.

    Returns
    -------
    dict of str to int
        How many jobs were taken over in each cell.

    Raises
    ------
    ValueError
        The table has cells that the design does not have, or that differ in settings or data; it is of no design, or
        of an earlier version, which does not say what data each cell is of.
    """
    frame, provenance = read_table(path)
    if "inputs_of" not in provenance:
        raise ValueError(f"{path} does not say of each cell what data it is of: it cannot be taken over.")
    if unknown := sorted(set(provenance["cells"]) - set(design.cells)):
        raise ValueError(f"{path} has the cells {', '.join(unknown)}, which the design does not have.")
    taken = {}
    for name, settings in provenance["cells"].items():
        about = provenance | {"experiment": settings, "inputs": provenance["inputs_of"][name]}
        rows = frame[frame["cell"] == name].drop(columns="cell")
        taken[name] = take_over(begin_study(design.cells[name], folder / name), rows, about, path)
    return taken


def write_cells(
    design: Design, studies: Mapping[str, Study], path: Path, *, taken_from: Path | None = None
) -> pd.DataFrame:
    """Write the finished jobs that the design asks for to one table with a column ``cell``; return it.

    The provenance has the design: ``factors``, ``fraction``, and for each cell that was begun its settings
    (``cells``), the hash of its data (``inputs_of``) and its generators (``generators``): those made here, and those
    of the table whose jobs were taken over.
    """
    before = {} if taken_from is None else read_table(taken_from)[1]["generators"]
    asked = {name: pd.DataFrame(list_jobs(design.cells[name])) for name in studies}  # a folder may hold more
    tables = {name: collect(study).merge(asked[name]) for name, study in studies.items()}
    frame = pd.concat(tables, names=["cell"]).reset_index("cell").reset_index(drop=True)
    about = {
        "what": "Factorial study",
        "factors": {name: list(levels) for name, levels in design.factors.items()},
        "fraction": list(design.fraction),
        "code": {name: study.code for name, study in studies.items()},
        "cells": {name: design.cells[name].settings() for name in studies},
        "inputs_of": {name: study.inputs.hash for name, study in studies.items()},
        "generators": {name: _generators(study, before.get(name, [])) for name, study in studies.items()},
    }
    taken = Counter()
    for study in studies.values():
        taken.update(taken_over(study))
    if taken:
        about["taken_over"] = dict(taken)
    name, study = next(iter(studies.items()))
    write_table(replace(study, experiment=design.cells[name]), frame, path, schema=None, about=about)
    return frame


def _generators(study: Study, before: list[dict]) -> list[dict]:
    """Return what is known of a cell's generators: of those made here, else as it was told before."""
    made = {row["model"]: row for row in list_generators(study).to_dict("records")}
    return list(({row["model"]: row for row in before} | made).values())
