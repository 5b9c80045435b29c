"""Tables of a sweep: a row a run, or the rows of a table that each run wrote."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pandas as pd

from yardsticks.notebooks.sweep import Sweep, plan, read_ledger


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
        In the order in which the runs were asked for. `run` is the name of the run's folder, `status` done or failed,
        `synthetic` whether the notebook showed synthetic data, `not_shown` what a file of the user's could not show
        and why, `error` the last line of the traceback. A parameter that is a list or a mapping is JSON. A number named
        like one of the other columns is called glued_NAME.
    """
    rows = []
    for name, record, current in _ended(sweep, outdated):
        row = _parameters(sweep, record) | {"run": name, "status": "failed" if record["error"] else "done"}
        row |= {"current": current} if outdated else {}
        row |= {"synthetic": record["synthetic"]} | ({"seconds": record["seconds"]} if times else {})
        row |= {"not_shown": _not_shown(record), "error": last_line(record["error"])}
        rows.append(row | {f"glued_{key}" if key in row else key: value for key, value in record["numbers"].items()})
    return pd.DataFrame(rows)


def stack(sweep: Sweep, table: str, *, outdated: bool = False) -> pd.DataFrame:
    """Return one of the tables that the runs wrote, of all runs that are done, below one another.

    Parameters
    ----------
    sweep : Sweep
    table : str
        Of the file tables/NAME.csv.
    outdated : bool
        As for `collect`.

    Returns
    -------
    DataFrame
        Its columns as text, as they were written, after the parameters, `run` and `synthetic` (see `collect`); one that
        is named like these is called table_NAME.

    Raises
    ------
    ValueError
        No run has this table.
    """
    frames, known = [], set()
    for name, record, current in _ended(sweep, outdated):
        paths = {path.stem: path for path in (sweep.folder / "runs" / name / "tables").glob("*.csv")}
        known |= set(paths)
        if table in paths and not record["error"]:
            about = _parameters(sweep, record) | {"run": name} | ({"current": current} if outdated else {})
            about |= {"synthetic": record["synthetic"]}
            frame = pd.read_csv(paths[table], dtype=str, keep_default_na=False)
            frame.columns = [f"table_{column}" if column in about else column for column in frame.columns]
            frames.append(pd.concat([pd.DataFrame([about] * len(frame), index=frame.index), frame], axis="columns"))
    if not frames:
        raise ValueError(
            f"no run that is done wrote a table {table!r}. There is: {', '.join(sorted(known)) or 'none'}."
        )
    return pd.concat(frames, ignore_index=True)


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table as read from its CSV, where only an empty cell is missing: each column of one type."""
    return pd.read_csv(io.StringIO(frame.to_csv(index=False)), keep_default_na=False, na_values=[""])


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


def _parameters(sweep: Sweep, record: dict) -> dict[str, Any]:
    values = {name: record["parameters"].get(name) for name in sweep.names}
    return {name: json.dumps(value) if isinstance(value, list | dict) else value for name, value in values.items()}
