"""Tables as people hold them, brought to one row per model and metric, every cell still text.

The text is recognised by its content and laid out; what the cells mean is the business of `readers`. Each step that
cannot go on raises a ValueError that says where in the file, what stands there, and the way out.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from yardsticks.scores.reading.files import read_text, shown

LONG = ["model_id", "model_name", "metric", "score", "score_raw", "error", "version", "timestamp", "status"]
# names that a column may have, whatever its case; a blank or a hyphen stands for an underscore
ALIASES = {
    "model_id": ("model_id", "id"),
    "model_name": ("model_name", "model", "name"),
    "metric": ("metric", "benchmark", "measure"),
    "score": ("score", "value", "ceiled", "score_ceiled"),
    "score_raw": ("score_raw", "raw"),
    "error": ("error", "err", "se"),
    "version": ("version",),
    "timestamp": ("timestamp", "date"),
    "status": ("status",),
}
MOST_COLUMNS, MOST_CELLS = 10_000, 2_000_000  # the site's whole snapshot has 150 and 200,000
# columns of a wide table that describe the model and hold no score
ABOUT_MODEL = ("rank", "layers", "submitter", "version", "timestamp", "date", "status")
_FIELDS = {alias: field for field, aliases in ALIASES.items() for alias in aliases}
_NAMELESS = re.compile(r"(?:Unnamed: [0-9]+(?:\.[0-9]+)?)?")  # pandas names a column without a header so
_COMMENT = re.compile(r"#(?![,;\t])")  # `#,` would be a header that calls its first column so


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


def read_cells(path: Path) -> RawCells:
    """Read a file of any accepted format.

    Raises
    ------
    ValueError
        It is none of them; the message says where and what to do.
    OSError
        There is no such file, it is a folder, or it may not be read.
    """
    text = read_text(path)
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
    header, rows, numbers = _parse_table(text)
    fields = {column: _FIELDS.get(_plain(column)) for column in header}
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


def _parse_table(text: str) -> tuple[list[str], list[list[str]], list[int]]:
    """Split a delimited text into header, rows that hold anything, and the number of each row in the file."""
    lines = io.StringIO(text, newline="")
    skipped, start = 0, 0
    for line in iter(lines.readline, ""):
        if line.strip() and not _COMMENT.match(line):
            break
        skipped, start = skipped + 1, start + len(line)
    text = text[start:]
    number = skipped + 1
    rows, numbers = [], []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        header = [column.strip() for column in next(reader, [])]
        while header and not header[-1]:
            header.pop()
        _check_header(header, number)
        width = len(header)
        for number, row in enumerate(reader, skipped + 2):
            if any(map(str.strip, row)):
                if len(row) != width:
                    row = _cut(row, number, width)
                rows.append(row)
                numbers.append(number)
                if len(rows) * width > MOST_CELLS:
                    raise ValueError(
                        f"up to row {number} it has more cells than any table of scores. Name the right file."
                    )
    except csv.Error as error:
        raise ValueError(
            f"at or after row {number}: {error}. Perhaps a quotation mark is not closed, or this is no table."
        ) from error
    return *_without_nameless(header, rows, numbers), numbers


def _delimiter(text: str) -> str:
    """Take the delimiter under which the header names a model, and among those the one with the most columns."""

    def fitness(delimiter: str) -> tuple[bool, int]:
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        return _names_models(header[:MOST_COLUMNS]), len(header)

    return max(",;\t", key=fitness)


def _plain(column: str) -> str:
    return re.sub(r"[\s_-]+", "_", column.strip().casefold())


def _names_models(header: list[str]) -> bool:
    return any(_FIELDS.get(_plain(column)) in ("model_id", "model_name") for column in header)


def _check_header(header: list[str], row: int) -> None:
    if len(header) > MOST_COLUMNS:
        raise ValueError(f"row {row} has {len(header):,} columns, which no table of scores has. Name the right file.")
    repeated = [column for column, n in Counter(header).items() if n > 1 and not _NAMELESS.fullmatch(column)]
    if repeated:
        raise ValueError(f"row {row}: column {shown(repeated[0])} occurs twice. Remove or rename one.")
    # models may stand in a first column without a name, as pandas writes an index
    if not _names_models(header) and not (len(header) > 1 and _NAMELESS.fullmatch(header[0])):
        raise ValueError(
            f"row {row} should name the columns; it holds {shown(', '.join(header[:5]))}, and neither model_id nor "
            f"model_name (nor {', '.join(ALIASES['model_id'][1:] + ALIASES['model_name'][1:])}). Name the column of "
            "the models so, in the first row."
        )


def _cut(row: list[str], number: int, width: int) -> list[str]:
    """Cut empty cells beyond the header; refuse a row that has more or fewer cells than it."""
    if len(row) < width or any(map(str.strip, row[width:])):
        raise ValueError(
            f"row {number} has {len(row)} cells, and the header has {width} columns; its last cell is "
            f"{shown(row[-1])}. Perhaps a delimiter is missing or too many, or a quotation mark is not closed."
        )
    return row[:width]


def _without_nameless(
    header: list[str], rows: list[list[str]], numbers: list[int]
) -> tuple[list[str], list[list[str]]]:
    """Drop columns without a name that are empty, or in front and an index; one in front may hold the models."""
    header, keep = list(header), []
    for position, column in enumerate(header):
        texts = [row[position].strip() for row in rows] if _NAMELESS.fullmatch(column) else []
        in_front, index = not keep, all(map(str.isdigit, texts))
        if not _NAMELESS.fullmatch(column):
            keep.append(position)
        elif any(texts) and in_front and not index and not _names_models(header):
            header[position] = "model_name"
            keep.append(position)
        elif any(texts) and not (in_front and index):
            row, text = next((number, text) for number, text in zip(numbers, texts, strict=True) if text)
            raise ValueError(
                f"column {position + 1} has no name, and row {row} holds {shown(text)} in it. Name it, or remove it."
            )
    if not _names_models(header):
        raise ValueError("no column names the models. Name the column of the models model_id or model_name.")
    if len(keep) < len(header):
        rows = [[row[position] for position in keep] for row in rows]
    return [header[position] for position in keep], rows


def _places(header: list[str], wanted: list[str]) -> dict[str, int]:
    """Find the place of each field among the columns; two columns of one meaning are refused."""
    places: dict[str, int] = {}
    for position, column in enumerate(header):
        field = _FIELDS.get(_plain(column))
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
    meant = {_FIELDS.get(_plain(column)): column for column in header}
    besides = meant.keys() & {"score_raw", "error"}
    if "score" in meant and besides:
        raise ValueError(
            f"columns {shown(meant['score'])} and {shown(meant[min(besides)])} are a score and what belongs to it, and "
            "no column names the metric. Add a column metric that says what was measured."
        )
    metrics = [i for i, column in enumerate(header) if i not in places.values() and _plain(column) not in ABOUT_MODEL]
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
