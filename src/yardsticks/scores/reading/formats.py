"""Tables as people hold them, brought to one row per model and metric, every cell still text.

The text is recognised by its content and laid out; what the cells mean is the business of `rules`. Each step that
cannot go on raises a ValueError that says where in the file, what stands there, and the way out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from yardsticks.scores.reading.columns import LONG, MOST_CELLS, field_of, parse_table, plain
from yardsticks.scores.reading.files import shown

# columns of a wide table that describe the model and hold no score
ABOUT_MODEL = ("rank", "layers", "submitter", "version", "timestamp", "date", "status")


@dataclass(frozen=True)
class RawCells:
    """The content of a file, one row per model and metric.

    Parameters
    ----------
    frame : DataFrame, (n_cells, ...)
        Columns as in `LONG` (text; missing throughout where the file has no such column), ``row`` (as a person counts:
        the first line is 1; in a snapshot, the model's place in the list) and ``column`` (the header, or the
        snapshot's key).
    kind : {"snapshot", "long", "wide"}
        What the file was recognised as.
    headers : dict of str to str
        The file's own name of a field of `LONG`.
    """

    frame: pd.DataFrame
    kind: str
    headers: dict[str, str]

    def place(self, cell: int, field: str) -> str:
        """Say where in the file the given field of a cell (a label of the frame's index) stands."""
        row, column = self.frame.loc[cell, ["row", "column"]]
        if self.kind == "snapshot":
            return f"model {row} of the list, {shown(column)}, {self.headers.get(field, field)!r}"
        return f"row {row}, column {shown(self.headers.get(field, column))}"


def parse_cells(text: str) -> RawCells:
    """Lay out a text of any accepted format.

    Raises
    ------
    ValueError
        It is none of them; the message says where and what to do.
    """
    start = text[:1000].lstrip()
    if not start and not text.strip():
        raise ValueError("the file is empty. Download or export it again.")
    if start.startswith("<"):
        raise ValueError(
            f"row 1 begins with {shown(start.splitlines()[0])}: this is a web page (HTML or XML), not a table. "
            "Download the file itself: on GitHub by the button 'Raw', on the leaderboard by its CSV export."
        )
    if start.startswith(("[", "{")):
        return _from_snapshot(_parse_json(text))
    header, rows, numbers = parse_table(text)
    fields = {column: field_of(column) for column in header}
    return (_from_long if {"metric", "score"} <= set(fields.values()) else _from_wide)(header, rows, numbers)


def _parse_json(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"line {error.lineno}, column {error.colno}: {error.msg}. It begins like JSON and is cut off or damaged. "
            "Download it again."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it begins like JSON, and cannot be read ({error}). Download it again.") from error


def _from_snapshot(models: object) -> RawCells:
    """Cells of the site's snapshot: a list of models, each with one object per versioned metric."""
    records = []
    for row, model in enumerate(models if isinstance(models, list) else [models], 1):
        about = model.get("model") if isinstance(model, dict) else None
        if not isinstance(about, dict) or about.get("id") in (None, "") or not isinstance(models, list):
            raise ValueError(
                f"entry {row} is {shown(model)}, without a model and its id: this JSON is not the site's snapshot, a "
                "list of objects {model: {id, name}, metric: {value, raw, ...}}. Give a long or wide table as CSV."
            )
        for key, entry in model.items():
            if isinstance(entry, dict) and "value" in entry:
                names = [str(name or "").strip() for name in (about["id"], about.get("name"), key)]
                taken = [entry.get(field) for field in ("value", "raw", "error", "version", "timestamp")]
                records.append([*names, *("" if item is None else str(item) for item in taken), None, row, key])
    frame = pd.DataFrame(records, columns=[*LONG, "row", "column"], dtype=object)
    if frame.empty:
        raise ValueError("there is no score in it: no model of this JSON has a metric with a value.")
    return RawCells(frame, "snapshot", {"score": "value", "score_raw": "raw"})


def _places(header: list[str], wanted: list[str]) -> dict[str, int]:
    """Find the place of each field among the columns; two columns of one meaning are refused."""
    places: dict[str, int] = {}
    for position, column in enumerate(header):
        field = field_of(column)
        if field in places:
            raise ValueError(
                f"columns {shown(header[places[field]])} and {shown(column)} both mean {field}. Remove or rename one."
            )
        if field in wanted:
            places[field] = position
    return places


def _from_long(header: list[str], rows: list[list[str]], numbers: list[int]) -> RawCells:
    places = _places(header, LONG)
    if not rows:
        raise ValueError("there is no score in it: no row follows the header.")
    columns = list(zip(*rows, strict=True))
    texts = {field: [text.strip() for text in columns[place]] for field, place in places.items()}
    headers = {field: header[place] for field, place in places.items()}
    for field, other in (("model_id", "model_name"), ("model_name", "model_id")):
        texts.setdefault(field, texts.get(other))
        headers.setdefault(field, headers.get(other))
    frame = pd.DataFrame(texts, dtype=object).reindex(columns=LONG)
    cells = RawCells(frame.assign(row=numbers, column=headers["score"]), "long", headers)
    for field in ("model_id", "metric"):
        _refuse_empty(cells, field)
    n_models, n_metrics = len(set(texts["model_id"])), len(set(texts["metric"]))
    if n_models * n_metrics > MOST_CELLS:
        raise ValueError(
            f"{n_models:,} models under {n_metrics:,} metrics are more than any table of scores has. Check the columns "
            f"{shown(headers['model_id'])} and {shown(headers['metric'])}."
        )
    return cells


def _from_wide(header: list[str], rows: list[list[str]], numbers: list[int]) -> RawCells:
    places = _places(header, ["model_id", "model_name"])
    meant = {field_of(column): column for column in header}
    besides = meant.keys() & {"score_raw", "error"}
    if "score" in meant and besides:
        raise ValueError(
            f"columns {shown(meant['score'])} and {shown(meant[min(besides)])} are a score and what belongs to it, and "
            "no column names the metric. Add a column metric that says what was measured."
        )
    metrics = [i for i, column in enumerate(header) if i not in places.values() and plain(column) not in ABOUT_MODEL]
    if not metrics or not rows:
        raise ValueError(
            f"there is no score in it: {'no row follows the header' if metrics else 'no column holds a metric'} "
            f"({shown(', '.join(header[:5]))}). A table has one column per metric, or the columns metric and score."
        )
    columns = list(zip(*rows, strict=True))
    # without ids each row is a model of its own, so that models of one name all stay
    ids = [str(position) for position in range(len(rows))]
    if "model_id" in places:
        ids = [text.strip() for text in columns[places["model_id"]]]
    names = [text.strip() for text in columns[places["model_name"]]] if "model_name" in places else ids
    repeated = np.repeat(np.array([header[i] for i in metrics], object), len(rows))
    texts = {
        "model_id": ids * len(metrics),
        "model_name": names * len(metrics),
        "metric": repeated,
        "score": [text.strip() for i in metrics for text in columns[i]],
        "row": numbers * len(metrics),
        "column": repeated,
    }
    headers = {field: header[place] for field, place in places.items()}
    frame = pd.DataFrame(texts, dtype=object).reindex(columns=[*LONG, "row", "column"])
    cells = RawCells(frame, "wide", headers)
    _refuse_empty(cells, "model_id")
    first: dict[str, int] = {}
    for key, number in zip(ids, numbers, strict=True):
        if key in first:
            raise ValueError(
                f"row {number}, column {shown(headers['model_id'])}: {shown(key)} stands in row {first[key]} already. "
                "Remove one of the two rows, or give it an id of its own."
            )
        first[key] = number
    return cells


def _refuse_empty(cells: RawCells, field: str) -> None:
    empty = cells.frame[field] == ""
    if empty.any():
        raise ValueError(f"{cells.place(empty.idxmax(), field)} is empty. Fill it in, or remove the row.")
