"""Tables of a sweep: a row a run, or the rows of a table that each run wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from yardsticks.notebooks.sweep import Sweep, plan, read_ledger

# columns that are about the run, whether or not a table has them all; what else is called so gets a longer name
ABOUT = ("run", "status", "current", "synthetic", "seconds", "not_shown", "error")
_LARGEST = 2**63 - 1  # of whole numbers in a column
_EXACT = 2**53  # the whole numbers up to here have fractions beside them


def collect(sweep: Sweep, *, outdated: bool = False, times: bool = False) -> pd.DataFrame:
    """Return a row for each run that has ended: its parameters, outcome, and the numbers that the notebook glued.

    Parameters
    ----------
    sweep : Sweep
    outdated : bool
        Add the runs of another state of the notebook, the package or the data; the column ``current`` tells them apart.
    times : bool
        Add the seconds that each run took, which differ whenever it is repeated.

    Returns
    -------
    DataFrame
        In the order in which the runs were asked for. What varies stands first: parameters, what became of the run,
        numbers; then what is the same in all runs (see `constants`), and last `run`, the name of the run's folder.
        `status` is done or failed, `synthetic` whether the notebook showed synthetic data, `not_shown` what a file of
        the user's could not show and why, `error` the last line of the traceback. A parameter that is called like one
        of these (`ABOUT`) is in parameter_NAME, a number that is called like these or like a parameter in glued_NAME.
        Each column has the type of its values: a parameter that is a list or a mapping is JSON; values of several
        types, and whole numbers of more than 64 bits, are text.
    """
    ended = list(_ended(sweep, outdated))
    parameters = _columns(sweep.names, ABOUT, "parameter_")
    glued = [name for _, record, _ in ended for name in record["numbers"]]
    numbers = _columns(glued, (*ABOUT, *parameters.values()), "glued_")
    rows = []
    for name, record, current in ended:
        row = _parameters(record, parameters) | {"status": "failed" if record["error"] else "done"}
        row |= {"current": current} if outdated else {}
        row |= {"synthetic": record["synthetic"]} | ({"seconds": record["seconds"]} if times else {})
        row |= {"not_shown": _not_shown(record), "error": last_line(record["error"])}
        rows.append(row | {numbers[key]: value for key, value in record["numbers"].items()} | {"run": name})
    frame = _frame(rows)
    fixed = constants(frame)
    return frame if frame.empty else frame[[*(name for name in frame if name not in ("run", *fixed)), *fixed, "run"]]


def parameter_columns(sweep: Sweep) -> list[str]:
    """Return the columns of `collect` that hold the parameters that were set."""
    return list(_columns(sweep.names, ABOUT, "parameter_").values())


def constants(frame: pd.DataFrame) -> dict[str, Any]:
    """Return what is the same in all rows of a sweep's table: parameters, outcomes and numbers, by column.

    Of a single row, nothing is; where a column has no value at all, it is None.
    """
    same = [name for name in frame if name != "run" and len(frame) > 1 and frame[name].nunique(dropna=False) == 1]
    return {name: None if pd.isna(frame[name].iloc[0]) else frame[name].iloc[0] for name in same}


def stack(sweep: Sweep, table: str, *, outdated: bool = False, numbers: bool = False) -> pd.DataFrame:
    """Return one of the tables that the runs wrote, of all runs that are done, below one another.

    Parameters
    ----------
    sweep : Sweep
    table : str
        Of the file tables/NAME.csv.
    outdated : bool
        As for `collect`.
    numbers : bool
        Have numbers in the columns that hold nothing else, written as `glue.table` or pandas write numbers. What would
        be written otherwise (001, 1e3, 0.10) is text, with all of its column, as no type is known of a CSV.

    Returns
    -------
    DataFrame
        Its columns as text, as they were written, after the parameters that vary; the others, `synthetic` and `run`
        (see `collect`) stand behind. One that is named like these is called table_NAME.

    Raises
    ------
    ValueError
        No run has this table.
    """
    parameters = _columns(sweep.names, ABOUT, "parameter_")
    about, frames, known = [], [], set()
    for name, record, current in _ended(sweep, outdated):
        paths = {path.stem: path for path in (sweep.folder / "runs" / name / "tables").glob("*.csv")}
        known |= set(paths)
        if table in paths and not record["error"]:
            frames.append(pd.read_csv(paths[table], dtype=str, keep_default_na=False))
            row = _parameters(record, parameters) | ({"current": current} if outdated else {})
            about += [row | {"synthetic": record["synthetic"], "run": name}] * len(frames[-1])
    if not frames:
        raise ValueError(
            f"no run that is done wrote a table {table!r}. There is: {', '.join(sorted(known)) or 'none'}."
        )
    rows = pd.concat(frames, ignore_index=True)
    if numbers:
        rows = rows.apply(_as_numbers)
    taken = ("run", "current", "synthetic", *parameters.values())
    about, rows = _frame(about), rows.rename(columns=_columns(rows.columns, taken, "table_"))
    vary = [name for name in parameters.values() if name not in constants(about)]
    return pd.concat([about[vary], rows, about.drop(columns=vary)], axis="columns")


def last_line(error: str) -> str:
    """Return the line of a traceback that says what went wrong; "" of nothing."""
    return error.splitlines()[-1] if error else ""


def _ended(sweep: Sweep, outdated: bool) -> Iterator[tuple[str, dict, bool]]:
    """Yield name, record and whether it is current, of each run that has ended, in the order of the sweep."""
    planned = plan(sweep)
    ledger = read_ledger(sweep, planned)
    ended = ledger.done | ledger.failed
    yield from ((name, ended[name], True) for name in planned if name in ended)
    if outdated:
        yield from ((name, record, False) for name, record in ledger.outdated.items())


def _not_shown(record: dict) -> str:
    """Say which parts of the notebook have a box, by reason; runs of an earlier package do not tell."""
    parts: dict[str, list[str]] = {}
    for box in record.get("not_shown", []):
        parts.setdefault(box["why"], []).append(f"{box['part']} ({box['what']})".strip())
    return "; ".join(f"{', '.join(dict.fromkeys(places))}: {why}" for why, places in parts.items())


def _columns(names: Iterable[str], taken: Iterable[str], prefix: str) -> dict[str, str]:
    """Return the column of each name: the name itself, behind as many prefixes as make it one of its own."""
    names, taken = dict.fromkeys(names), set(taken)
    columns = {}
    for name in names:
        column = name
        while column in taken or (column != name and column in names):
            column = prefix + column
        columns[name] = column
    return columns


def _parameters(record: dict, columns: dict[str, str]) -> dict[str, Any]:
    values = {column: record["parameters"].get(name) for name, column in columns.items()}
    return {name: json.dumps(value) if isinstance(value, list | dict) else value for name, value in values.items()}


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    columns = dict.fromkeys(name for row in rows for name in row)
    return pd.DataFrame({name: _typed([row.get(name) for row in rows]) for name in columns})


def _typed(values: list) -> pd.Series:
    """Return values as a column of the one type that they all have, without a loss; else as text. None is missing."""
    there = [value for value in values if value is not None]
    types = {type(value) for value in there}
    whole = [abs(value) for value in there if type(value) is int]
    if types == {bool}:
        return pd.Series(values, dtype="bool" if len(there) == len(values) else "boolean")
    if types == {int} and max(whole) <= _LARGEST:
        return pd.Series(values, dtype="int64" if len(there) == len(values) else "Int64")
    if float in types and types <= {int, float} and max(whole, default=0) <= _EXACT:
        return pd.Series(values, dtype="float64")
    return pd.Series([value if value is None else str(value) for value in values], dtype="str")


def _as_numbers(column: pd.Series) -> pd.Series:
    """Return a column of text as the numbers that it holds; as it is where a cell would be written otherwise."""
    values = []
    for cell in column:
        try:
            number = None if cell == "" or pd.isna(cell) else float(cell)
            whole = int(cell) if number is not None and cell.lstrip("-").isdigit() else number
        except ValueError:
            return column
        if (number is not None and cell not in (str(whole), repr(number), f"{number:.6g}")) or cell == "nan":
            return column
        values.append(whole)
    typed = _typed(values)
    return typed.set_axis(column.index) if pd.api.types.is_numeric_dtype(typed) else column
