"""Tables as people hold them, brought to one row per model and metric, every cell still text.

The text is recognised by its content and laid out; what the cells mean is the business of `rules`. Each step that
cannot go on raises a ValueError that says where in the file, what stands there, and the way out.

Longer than 300 lines, as each step hands on what the one before has recognised.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from yardsticks.datasets import catalogue
from yardsticks.scores.reading.columns import LONG, MOST_CELLS, field_of, names_metrics, parse_table, plain
from yardsticks.scores.reading.files import shown
from yardsticks.scores.reading.names import clean, known_names

MISSING = ("", "NA", "NaN", "nan", "n/a", "N/A", "null", "None")  # and X, which was evaluated, without a number
# columns that describe the model and hold no score
ABOUT_MODEL = ("rank", "layers", "submitter", "version", "timestamp", "date", "status")
PRIVATE = "submitter"  # is not kept
_RANK = re.compile(r"rank_?\(.*\)")
# nearly a number: who wrote it meant a score, and it is refused rather than taken for a word
_MEANT = re.compile(
    r"[+\-\u2212\u2013±~<>$€]?\s*(?!\d+\.\d+\.\d)[\d.,_]*\d[\d.,_]*\s*(?:%|±.*|\(.*\)|\*+|†)?|[+-]?inf(?:inity)?", re.I
)
_AROUND = "()*_$'\"`\u2018\u2019\u201c\u201d "  # what people write around a number for its looks
MOST_NAMES = 3  # shown where names repeat


@dataclass(frozen=True)
class RawCells:
    """The content of a file, one row per model and metric.

    Parameters
    ----------
    frame : DataFrame, (n_cells, ...)
        Columns as in `LONG` (text; missing throughout where the file has no such column), ``row`` (as a person counts:
        the first line is 1; in a snapshot, the model's place in the list) and ``column`` (the header, or the
        snapshot's key).
    kind : {"snapshot", "long", "wide", "sideways"}
        What the file was recognised as; sideways has metrics in rows, and ``row`` is the column of the model.
    headers : dict of str to str
        The file's own name of a field of `LONG`.
    about : dict of str to (dict of str to str) or None
        Columns that hold no score: the text of each model id, where each model has one, else None.
    repeated : tuple of str
        Names that stand in several rows of a wide table without ids, each of which is a model of its own.
    """

    frame: pd.DataFrame
    kind: str
    headers: dict[str, str]
    about: dict[str, dict[str, str] | None] = dataclasses.field(default_factory=dict)
    repeated: tuple[str, ...] = ()

    def place(self, cell: int, field: str) -> str:
        """Say where in the file the given field of a cell (a label of the frame's index) stands."""
        row, column = self.frame.loc[cell, ["row", "column"]]
        if self.kind == "snapshot":
            return f"model {row} of the list, {shown(column)}, {self.headers.get(field, field)!r}"
        if self.kind == "sideways":
            return f"column {row}, in the row of {shown(column)}"
        return f"row {row}, column {shown(self.headers.get(field, column))}"


def parse_cells(text: str, *, model_column: str = "", transpose: bool = False) -> RawCells:
    """Lay out a text of any accepted format; the options are those of `columns.parse_table`.

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
    if (first := start.partition("\n")[0].strip()).startswith("|") and first.endswith("|"):
        raise ValueError(
            f"row 1 is {shown(first)}: this is a table copied from a page (Markdown), with | between its columns. Save "
            "it as CSV."
        )
    header, rows, numbers = parse_table(text, model_column=model_column, transpose=transpose)
    if {"metric", "score"} <= {field_of(column) for column in header} and not transpose:
        return _from_long(header, rows, numbers)
    if transpose or names_metrics(header) or (not model_column and _lies_on_its_side(header, rows)):
        turned = [column.strip() for column, *_ in rows]
        if twice := [name for number, name in enumerate(turned) if name in turned[:number]]:
            raise ValueError(f"{shown(twice[0])} stands in two rows of the first column, which are metrics here.")
        sides = [list(side) for side in zip(header, *rows, strict=True)][1:]
        return _from_wide(["model_name", *turned], sides, list(range(2, len(header) + 1)), "sideways")
    return _from_wide(header, rows, numbers)


def _lies_on_its_side(header: list[str], rows: list[list[str]]) -> bool:
    """Tell whether the rows are called as Brain-Score's metrics, and no column is."""
    known = set(catalogue("metrics")["metric"])

    def share(names: list[str]) -> float:
        return np.mean([name in known for name in known_names(names).values()]) if names else 0.0

    return share([row[0].strip() for row in rows]) > 0.5 and share(header[1:]) == 0


def _parse_json(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_once)
    except _KeyTwice:
        raise
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and text[: error.pos].strip() and text[error.pos] in "[{":
            raise ValueError(
                f"line {error.lineno} begins another object: these are records, one a line (JSON Lines). Save them as "
                "CSV, in Python by pandas.read_json(FILE, lines=True).to_csv(...)."
            ) from error
        raise ValueError(
            f"line {error.lineno}, column {error.colno}: {error.msg}. It begins like JSON and is cut off or damaged. "
            "Download it again."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it begins like JSON, and cannot be read ({error}). Download it again.") from error


class _KeyTwice(ValueError):
    pass


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make an object of JSON; a key given twice would silently lose the first."""
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in made if keys.count(key) > 1)
        values = " and ".join(shown(json.dumps(value)) for key, value in pairs if key == twice)
        raise _KeyTwice(f"the key {shown(twice)} stands twice in one object, with {values}. Remove one.")
    return made


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
                names = [clean(str(name or "")).strip() for name in (about["id"], about.get("name"), key)]
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
    if not rows:
        raise ValueError("there is no score in it: no row follows the header.")
    columns = list(zip(*rows, strict=True))
    header = _without_row_key(header, columns)
    places = _places(header, LONG)
    texts = {field: [text.strip() for text in columns[place]] for field, place in places.items()}
    headers = {field: header[place] for field, place in places.items()}
    for field, other in (("model_id", "model_name"), ("model_name", "model_id")):
        texts.setdefault(field, texts.get(other))
        headers.setdefault(field, headers.get(other))
    frame = pd.DataFrame(texts, dtype=object).reindex(columns=LONG)
    others = {header[place]: columns[place] for place in range(len(header)) if place not in places.values()}
    cells = RawCells(
        frame.assign(row=numbers, column=headers["score"]), "long", headers, _about(others, texts["model_id"])
    )
    for field in ("model_id", "metric"):
        _refuse_empty(cells, field)
    n_models, n_metrics = len(set(texts["model_id"])), len(set(texts["metric"]))
    if n_models * n_metrics > MOST_CELLS:
        raise ValueError(
            f"{n_models:,} models under {n_metrics:,} metrics are more than any table of scores has. Check the columns "
            f"{shown(headers['model_id'])} and {shown(headers['metric'])}."
        )
    return cells


def _without_row_key(header: list[str], columns: list[tuple[str, ...]]) -> list[str]:
    """Take a column `id` that differs in every row for the row's key, where the models must be told otherwise."""
    fields = [field_of(column) for column in header]
    keys = [n for n, column in enumerate(header) if plain(column) == "id" and len(set(columns[n])) == len(columns[n])]
    metrics = columns[fields.index("metric")]
    if not keys or len(set(metrics)) == 1 or len(set(metrics)) == len(metrics):
        return header
    if "model_name" not in fields:
        raise ValueError(
            f"column {shown(header[keys[0]])} differs in each of {len(metrics)} rows and would make each a model with "
            "one score: it is the row's key, and no column names the models. Call that column model, or say which it "
            "is (--model-column NAME)."
        )
    names = columns[fields.index("model_name")]
    if len(set(names)) == len(names):
        return header
    return [f"{column} (of the row)" if n == keys[0] else column for n, column in enumerate(header)]


def _about(columns: dict[str, Iterable[str]], ids: list[str]) -> dict[str, dict[str, str] | None]:
    """Keep what columns without scores say of each model, where they say one thing of it."""
    about: dict[str, dict[str, str] | None] = {}
    for column, texts in columns.items():
        pairs = dict.fromkeys(zip(ids, map(str.strip, texts), strict=True))
        one_each = len(pairs) == len(dict.fromkeys(ids)) and plain(column) != PRIVATE
        about[column] = dict(pairs.keys()) if one_each else None
    return about


def _is_text(texts: Iterable[str]) -> bool:
    """Tell whether a column holds words: nothing that is a number, or nearly one, nor mostly such with signs around."""
    written = {text for text in map(str.strip, texts) if text not in MISSING and text != "X"}
    if not written or any(map(_is_meant, written)):
        return False
    return 2 * sum(_is_meant(text.strip(_AROUND)) for text in written) <= len(written)


def _is_meant(text: str) -> bool:
    """Tell whether a text is a number, or nearly one."""
    if _MEANT.fullmatch(text):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True


def _from_wide(header: list[str], rows: list[list[str]], numbers: list[int], kind: str = "wide") -> RawCells:
    places = _places(header, ["model_id", "model_name"])
    meant = {field_of(column): column for column in header}
    besides = meant.keys() & {"score_raw", "error"}
    if "score" in meant and besides:
        raise ValueError(
            f"columns {shown(meant['score'])} and {shown(meant[min(besides)])} are a score and what belongs to it, and "
            "no column names the metric. Add a column metric that says what was measured."
        )
    others = [i for i in range(len(header)) if i not in places.values()]
    metrics = [i for i in others if plain(header[i]) not in ABOUT_MODEL and not _RANK.fullmatch(plain(header[i]))]
    if not metrics or not rows:
        raise ValueError(
            f"there is no score in it: {'no row follows the header' if metrics else 'no column holds a metric'} "
            f"({shown(', '.join(header[:5]))}). A table has one column per metric, or the columns metric and score."
        )
    columns = list(zip(*rows, strict=True))
    metrics = [i for i in metrics if not _is_text(columns[i])] or metrics
    if kind == "wide" and (len(metrics) == 1 or "score" in meant):
        _refuse_unknown_long(header, columns, places, [i for i in others if i not in metrics])
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
    about = {header[i]: columns[i] for i in others if i not in metrics}
    again = tuple(name for name, n in Counter(names).items() if n > 1 and name and "model_id" not in places)
    cells = RawCells(frame, kind, headers, _about(about, ids), again)
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


def _refuse_unknown_long(
    header: list[str], columns: list[tuple[str, ...]], places: dict[str, int], others: list[int]
) -> None:
    """Refuse what looks like a long table whose column of metrics has a name that is not known."""
    keys = [place for place in places.values() if len(set(columns[place])) == len(columns[place])]
    if any(plain(header[place]) == "model_id" for place in keys):
        return
    for place in (place for place in places.values() if place not in keys):
        for other in (i for i in others if plain(header[i]) not in ABOUT_MODEL):
            pairs = set(zip(columns[place], columns[other], strict=True))
            if len(set(columns[other])) < len(pairs) == len(columns[place]):
                numbers = [i for i in range(len(header)) if i not in others and i not in places.values()]
                score = next((i for i in numbers if field_of(header[i]) == "score"), numbers[0])
                raise ValueError(
                    f"this looks like a long table, with models in column {shown(header[place])}, metrics in "
                    f"{shown(header[other])} and scores in {shown(header[score])}. Call the columns model, metric and "
                    "score, and it is read so. Where each row is a model of its own, give each its own model_id."
                )


def _refuse_empty(cells: RawCells, field: str) -> None:
    empty = cells.frame[field] == ""
    if empty.any():
        raise ValueError(f"{cells.place(empty.idxmax(), field)} is empty. Fill it in, or remove the row.")
