"""Settings of the factorial study's cells: laid out, and where one departs from the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from yardsticks.recovery.studies.experiment import LATER

# settings that are no part of what distinguishes two cells: how far a study goes, and what follows from others (the
# grid of strengths from the scale of the features; the world is told with the number of judgements)
_ASIDE = {"name", "models", "sizes", "n_seeds", "strengths", "world", "version"}
_NAMES = {("components", "None"): "all", ("n_judgements", "None"): "open", ("n_folds_run", "None"): "all"}


def lay_out(
    cells: Mapping[str, Mapping], codes: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, dict[str, tuple[str, str]]]:
    """Return in which settings cells differ.

    Parameters
    ----------
    cells : mapping of str to mapping
        Settings by cell, as from `Experiment.settings`.
    codes : DataFrame, optional
        As from `code_cells`, of some of the cells.

    Returns
    -------
    layout : DataFrame of str, (n_cells, n_settings)
        Index cell: a column for each factor of `codes`, then one for each other setting that differs.
    levels : dict of str to (str, str)
        What is low and what is high in each column. Of a setting that is no factor, low is what the coded cells have
        (without codes, the first cell), and high the first other value.
    """
    settings = {name: _settings(cell) for name, cell in cells.items()}
    table = pd.DataFrame.from_dict(settings, orient="index").rename_axis("cell")
    columns, levels = {}, {}
    for factor, signs in ({} if codes is None else codes.reindex(table.index).dropna()).items():
        for name in table:
            low, high = (set(table.loc[signs.index[signs == sign], name]) for sign in (-1, 1))
            if len(low) == len(high) == 1 and low != high:
                columns[factor], levels[factor] = name, (*low, *high)
                break
    for name in table:
        others = list(dict.fromkeys(table[name]))
        if len(others) > 1 and name not in columns.values():
            coded = [] if codes is None else table.loc[table.index.isin(codes.index), name].tolist()
            low = (coded or others)[0]
            columns[name], levels[name] = name, (low, next(other for other in others if other != low))
    return table[list(columns.values())].set_axis(list(columns), axis=1), levels


def departures(cells: Mapping[str, Mapping], fraction: Sequence[str]) -> pd.DataFrame:
    """Return the pairs of cells that differ in one setting alone, and of which one at least is not of the fraction.

    Parameters
    ----------
    cells : mapping of str to mapping
        Settings by cell, as from `Experiment.settings`.
    fraction : sequence of str

    Returns
    -------
    DataFrame
        ``reference`` and ``cell``, the setting that ``departs``, and its values there, ``from`` and ``to``. The
        reference is the cell whose settings all occur in the fraction; of two such the one outside it, so that one
        reads what each factor does there; else the first of the two.
    """
    settings, pairs = {name: _settings(cell) for name, cell in cells.items()}, []
    names = list(settings)
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            one, two = settings[first], settings[second]
            differ = [key for key in one if one[key] != two[key]]
            if len(differ) != 1 or (first in fraction and second in fraction):
                continue
            key = differ[0]
            known = {settings[name][key] for name in fraction if name in settings}
            swap = (two[key] in known, second not in fraction) > (one[key] in known, first not in fraction)
            pair = (second, first) if swap else (first, second)
            pairs.append((*pair, key, *(settings[name][key] for name in pair)))
    return pd.DataFrame(pairs, columns=["reference", "cell", "departs", "from", "to"])


def _settings(cell: Mapping) -> dict:
    """Return what distinguishes a cell, by setting, as it is shown."""
    cell = dict(cell) | {key: value for key, value in LATER.items() if key not in cell}
    shown = {key: _NAMES.get((key, str(value)), str(value)) for key, value in cell.items() if key not in _ASIDE}
    if (n := cell["n_judgements"]) is not None:
        shown["n_judgements"] = f"{n / 1e6:g} M " + ("simulated" if cell["world"] == "surrogate" else "of the open")
    return shown
