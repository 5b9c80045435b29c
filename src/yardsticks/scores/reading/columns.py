"""From a delimited text to named columns and rows of cells, all still text.

Each step that cannot go on raises a ValueError that says where in the file, what stands there, and the way out.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

from yardsticks.scores.reading.files import shown

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
# names of a first column whose rows are metrics: the table lies on its side
_METRICS_IN_ROWS = (*ALIASES["metric"], "metrics", "dataset", "datasets", "task", "tasks", "test_set")
_SEPARATOR = re.compile(r'"?sep=.?"?', re.I)  # a first line by which spreadsheets say what stands between columns
MOST_COLUMNS, MOST_CELLS = 10_000, 2_000_000  # the site's whole snapshot has 150 and 200,000
_FIELDS = {alias: field for field, aliases in ALIASES.items() for alias in aliases}
_NAMELESS = re.compile(r"(?:Unnamed: [0-9]+(?:\.[0-9]+)?)?")  # pandas names a column without a header so
_COMMENT = re.compile(r"#(?![,;\t])")  # `#,` would be a header that calls its first column so


def field_of(column: str) -> str | None:
    """Return the field of `LONG` that a column is called by, whatever its case; None for any other."""
    return _FIELDS.get(plain(column))


def plain(column: str) -> str:
    """Write a column's name without case, and with underscores."""
    return re.sub(r"[\s_-]+", "_", column.strip().casefold())


def names_models(header: list[str]) -> bool:
    """Tell whether a column says which model a row is about."""
    return any(field_of(column) in ("model_id", "model_name") for column in header)


def names_metrics(header: list[str]) -> bool:
    """Tell whether the first column says which metric a row is about, and the others are models."""
    fields = [field_of(column) for column in header]
    return (
        len(header) > 1 and plain(header[0]) in _METRICS_IN_ROWS and not {"score", "model_id", "model_name"} & {*fields}
    )


def parse_table(
    text: str, *, model_column: str = "", transpose: bool = False
) -> tuple[list[str], list[list[str]], list[int]]:
    """Split a delimited text into header, rows that hold anything, and the number of each row in the file.

    Parameters
    ----------
    text : str
    model_column : str
        The header of the column that names the models, where no name of `ALIASES` does.
    transpose : bool
        Whether the first column names metrics, and the others are models.
    """
    lines = io.StringIO(text, newline="")
    skipped, start, comment = 0, 0, ""
    for line in iter(lines.readline, ""):
        if line.strip() and not _COMMENT.match(line) and not _SEPARATOR.fullmatch(line.strip()):
            break
        comment = line if line.strip() else comment
        skipped, start = skipped + 1, start + len(line)
    text = text[start:]
    if _heads(comment.lstrip("# "), text, model_column):
        # the line behind the mark is as if it stood directly before the rows
        text, skipped = comment.lstrip("# ") + text, skipped - 1
    number = skipped + 1
    rows, numbers = [], []
    try:
        delimiter = _delimiter(text, model_column)
        lines = _Lines(text, delimiter)
        reader = csv.reader(lines, delimiter=delimiter)
        header = [column.strip() for column in next(reader, [])]
        while header and not header[-1]:
            header.pop()
        header = _with_model_column(header, model_column, number)
        _check_header(header, number, transpose)
        width = len(header)
        for number, row in enumerate(reader, skipped + 2):
            lines.n_cells = 0
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


class _Lines:
    """Lines of a text; where a row has far too many cells, it is refused before they fill the memory."""

    def __init__(self, text: str, delimiter: str):
        self._lines, self._delimiter, self.n_cells = io.StringIO(text, newline=""), delimiter, 0

    def __iter__(self):
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.n_cells += line.count(self._delimiter)
        if self.n_cells > 10 * MOST_COLUMNS:
            raise csv.Error(f"more than {10 * MOST_COLUMNS:,} columns, which no table of scores has")
        return line


def _heads(comment: str, text: str, model_column: str) -> bool:
    """Tell whether a line behind a # is the header of a text that has none."""
    try:
        delimiter = _delimiter(comment, model_column)
        header, first = (
            next(csv.reader(_Lines(lines, delimiter), delimiter=delimiter), []) for lines in (comment, text)
        )
    except csv.Error:  # which is said of the text itself
        return False
    named = names_models(header) or (model_column and model_column in map(str.strip, header))
    return bool(named) and 1 < len(header) == len(first) and not names_models(first)


def _delimiter(text: str, model_column: str) -> str:
    """Take the delimiter under which the header names a model, and among those the one with the most columns."""

    def fitness(delimiter: str) -> tuple[bool, int]:
        header = [column.strip() for column in next(csv.reader(_Lines(text, delimiter), delimiter=delimiter), [])]
        return names_models(header[:MOST_COLUMNS]) or model_column in header, len(header)

    return max(",;\t", key=fitness)


def _with_model_column(header: list[str], model_column: str, row: int) -> list[str]:
    """Call the column that was named for it the models', and no other."""
    if not model_column:
        return header
    if model_column not in header:
        raise ValueError(
            f"row {row} has no column {model_column!r} for the models; it holds {shown(', '.join(header[:5]))}."
        )
    about = {column: f"{column} (not the model)" for column in header if names_models([column])}
    return ["model_name" if column == model_column else about.get(column, column) for column in header]


def _check_header(header: list[str], row: int, transpose: bool) -> None:
    if len(header) > MOST_COLUMNS:
        raise ValueError(f"row {row} has {len(header):,} columns, which no table of scores has. Name the right file.")
    repeated = [column for column, n in Counter(header).items() if n > 1 and not _NAMELESS.fullmatch(column)]
    if repeated:
        raise ValueError(f"row {row}: column {shown(repeated[0])} occurs twice. Remove or rename one.")
    # models may stand in a first column without a name, as pandas writes an index
    named = transpose or names_models(header) or names_metrics(header)
    if not named and not (len(header) > 1 and _NAMELESS.fullmatch(header[0])):
        raise ValueError(
            f"row {row} should name the columns; it holds {shown(', '.join(header[:5]))}, and neither model_id nor "
            f"model_name (nor {', '.join(ALIASES['model_id'][1:] + ALIASES['model_name'][1:])}). Name the column of "
            "the models so, in the first row, or say which it is (--model-column NAME)."
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
        elif any(texts) and in_front and not index and not names_models(header):
            header[position] = "model_name"
            keep.append(position)
        elif any(texts) and not (in_front and index):
            row, text = next((number, text) for number, text in zip(numbers, texts, strict=True) if text)
            raise ValueError(
                f"column {position + 1} has no name, and row {row} holds {shown(text)} in it. Name it, or remove it."
            )
    kept = [header[position] for position in keep]
    if not (names_models(kept) or names_metrics(kept) or keep[:1] == [0]):
        raise ValueError("no column names the models. Name the column of the models model_id or model_name.")
    if len(keep) < len(header):
        rows = [[row[position] for position in keep] for row in rows]
    return kept, rows
