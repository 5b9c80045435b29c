"""Read score tables as people hold them: tidy long tables, wide CSV, the site's ZIP, its snapshot JSON.

The format is recognised by content, never by the file's name (`formats`). Whatever the format, the same rules apply,
and each thing left out is counted in the table's `Origin.notes`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from yardsticks.datasets import Origin, catalogue, locate, registered
from yardsticks.scores.reading.columns import LONG, names_models
from yardsticks.scores.reading.files import read_text, shown
from yardsticks.scores.reading.formats import MOST_NAMES, RawCells, parse_cells
from yardsticks.scores.reading.names import choose_names, clean, is_average, known_names, version_of
from yardsticks.scores.reading.numbers import NUMBERS, read_numbers, read_times, read_versions
from yardsticks.scores.table import ScoreTable, table_from_cells

_SITE_AVERAGES = (
    "filtered score",
    "filtered_score",
    "global score",
    "average score",
)  # of the site's ZIP, no identifiers
_SITE_NODE = re.compile(r"(average|neural|behavior|engineering)_(vision|language)", re.I)
_LANGUAGE = re.compile(r"language|Pereira2018|Fedorenko2016|Blank2014|Tuckute2024|Futrell2018|syntaxgym", re.I)


def read_scores(
    path: str | os.PathLike,
    *,
    origin: Origin | None = None,
    metrics: Sequence[str] | None = None,
    model_column: str = "",
    transpose: bool = False,
) -> ScoreTable:
    r"""Read a table of scores.

    Parameters
    ----------
    path : path
        A long table (model, metric, score and optionally raw, error, version, timestamp, status), a wide one (a row
        for each model, a column for each metric, as the leaderboard site's CSV), each with commas, semicolons or tabs;
        the site's ZIP; or its snapshot JSON. Each but the ZIP may be gzipped. `columns.ALIASES` lists the names that
        columns may have.
    origin : Origin, optional
        Where the file comes from; by default a user's file, with its hash.
    metrics : sequence of str, optional
        Read no others: names, or several with commas between. By default all.
    model_column : str
        The header of the column that names the models, where it has another name than those.
    transpose : bool
        Whether a row is a metric and a column a model. A table whose rows are called as Brain-Score's metrics, or whose
        first column is called ``metric`` or ``task``, is read so without being told.

    Returns
    -------
    ScoreTable

    Raises
    ------
    ValueError
        The file cannot be understood; the message names file, row (the file's first is 1), column and value, and the
        way out.
    OSError
        There is no such file, it is a folder, or it may not be read.

    Notes
    -----
    The rules: the key is ``model_id``; a wide table without that column is keyed by row, so that repeated names are
    kept, and a long one by model name. An ``id`` that differs in each row of a long table is the row's. Names that
    look alike are one. `formats.MISSING` and ``X`` are missing. A metric without a ceiling has its raw score as its
    score: an engineering metric, a cell with the status ``raw_only``, a metric that the catalogue does not know and
    that has no ceiled score in the whole file, and in the site's snapshot (all models that there were) any metric
    without a ceiled score. Columns of words, and those called ``rank``, ``layers``, ``version``, ``date`` or
    ``status``, are no scores and become columns of `ScoreTable.models`. Columns that are called as an average of the
    others (``avg``, ``Mean (Task)``) are left out. Metrics of Brain-Score's are named as in the catalogue, without
    ``_v<n>`` and whether or not a lab stands before them; of several versions of a score the newest stays.

    In a file of Brain-Score's (its snapshot, or a table with its averages or mostly with its metrics) its averages,
    language metrics and models without a public name (none, or ``Model <id>``) are left out too.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "my.csv")
    ...     _ = file.write_text("model,MajajHong2015.IT-pls\nx,0.3\ny,\n")
    ...     table = read_scores(file)
    >>> table.values["MajajHong2015.IT-pls"].tolist()
    [0.3, nan]
    """
    path = Path(path)
    if str(path) in registered() and not path.exists():
        raise FileNotFoundError(f"{str(path)!r} is the name of registered data, not a file: open_scores opens it.")
    try:
        raw = parse_cells(read_text(path), model_column=clean(model_column), transpose=transpose)
        return _apply_rules(raw, origin or locate(path.absolute())[1], metrics)
    except ValueError as error:
        raise ValueError(f"{origin.name if origin else path.name}: {error}") from error


def read_frame(frame: pd.DataFrame, *, metrics: Sequence[str] | None = None, model_column: str = "") -> ScoreTable:
    """Read a frame by the rules of `read_scores`, as if it were a file.

    Parameters
    ----------
    frame : DataFrame
        Wide, a row for each model and a column for each metric, or long. The models stand in a column such as
        ``model``, or are the index.
    metrics, model_column
        As for `read_scores`.

    Returns
    -------
    ScoreTable
        Its origin is called "the frame".

    Raises
    ------
    ValueError
        The frame cannot be understood; rows count as in a file, whose first is that of the columns.
    """
    if max(frame.index.nlevels, frame.columns.nlevels) > 1:
        raise ValueError("the frame has several levels of rows or columns. Give a row a model and a column a metric.")
    by_column = bool(model_column) or names_models([str(column) for column in frame])
    text = frame.to_csv(index=not by_column, index_label="model_id", lineterminator="\n")
    digest = hashlib.sha256(text.encode()).hexdigest()
    try:
        raw = parse_cells(clean(text), model_column=clean(model_column))
        return _apply_rules(raw, Origin("the frame", "real", digest), metrics)
    except ValueError as error:
        raise ValueError(f"the frame: {error}") from error


def _apply_rules(raw: RawCells, origin: Origin, wanted: Sequence[str] | None = None) -> ScoreTable:
    """Bring the cells of any format to the same rules; count and name what is left out."""
    names: dict[str, tuple[str, ...]] = {}
    cells = raw.frame[LONG].astype({column: "str" for column in ("model_id", "model_name", "metric", "status")})
    named = known_names(cells["metric"].unique(), versioned=raw.kind == "snapshot")
    suffix = cells["metric"].map({metric: version_of(metric, name) for metric, name in named.items()})
    cells["metric"] = cells["metric"].map(named).astype("str")
    site = _is_brain_score(raw.kind, set(named.values()))
    chosen = None if wanted is None else choose_names(wanted, dict.fromkeys(named.values()))
    if chosen is not None:
        given = [column for column in NUMBERS if raw.frame[column].notna().any()]
        raw.frame.loc[~cells["metric"].isin(chosen), given] = ""
        origin = replace(origin, not_asked_for=tuple(m for m in dict.fromkeys(named.values()) if m not in chosen))
    numbers, written = read_numbers(raw)
    cells[list(numbers)] = numbers
    cells["timestamp"] = read_times(raw)
    version, cells["version"] = read_versions(raw)
    cells = cells.assign(suffix=suffix, written=written, order=version)
    _refuse_two_names(raw, cells)

    if not site:
        _refuse_no_name(raw, cells)
    unnamed = _without_public_name(raw, cells) if site else pd.Series(False, cells.index)
    notes = {"models without a public name": cells.loc[unnamed, "model_id"].nunique()}  # not to be named
    cells = cells[~unnamed]
    for reason, metrics in _no_leaves(dict.fromkeys(cells["metric"]), site, chosen or ()).items():
        names[reason] = metrics
        cells = cells[~cells["metric"].isin(metrics)]
    names["columns about the models, which hold no scores"] = tuple(c for c, texts in raw.about.items() if texts)
    names["columns that say nothing of a model"] = tuple(c for c, texts in raw.about.items() if not texts)
    notes |= {reason: len(items) for reason, items in names.items()}
    origin = replace(origin, notes=notes, names=names, rules="Brain-Score's files" if site else "")
    if raw.kind == "sideways":
        origin = replace(origin, layout="read with a metric in each row and a model in each column")
    if raw.repeated:
        some = ", ".join(map(shown, raw.repeated[:MOST_NAMES])) + (" ..." if raw.repeated[MOST_NAMES:] else "")
        layout = f"read with each row as a model of its own, though names repeat ({len(raw.repeated):,}: {some})"
        origin = replace(origin, layout=layout)
    if cells.empty:
        raise ValueError(
            f"no score of a metric is left, everything in it is left out on reading ({origin.left_out()})."
        )

    # an empty cell was never scored and supersedes nothing; a score's own version is worth more than its name's suffix
    evaluated = cells["written"] | cells["timestamp"].notna()
    order = cells[evaluated | ~cells.duplicated("model_id")]
    order = order.sort_values(["written", "order", "timestamp", "suffix"], na_position="first", kind="stable")
    _refuse_two_scores(raw, order[order["written"]])
    superseded = order.duplicated(["model_id", "metric"], keep="last")
    older = order[superseded & order["written"]]
    notes["scores superseded by a newer version"] = len(older)
    names["scores superseded by a newer version"] = tuple(
        f"{m} of {n}" for m, n in zip(older["metric"], older["model_name"], strict=True)
    )
    before = dict.fromkeys(cells["metric"])
    cells = cells.loc[order.index[~superseded]].sort_index(kind="stable")
    left = set(cells["metric"])
    names["metrics without any score"] = tuple(m for m in (chosen or before) if m not in left)
    notes["metrics without any score"] = len(names["metrics without any score"])

    raw_only = _without_ceiling(cells, raw.kind) & cells["score_raw"].notna()
    cells.loc[raw_only, "score"] = cells.loc[raw_only, "score_raw"]
    known = cells["status"].notna() & (cells["status"] != "")
    # an empty cell is no evaluation; one that ended without a number has an X, or a date
    conditions = [raw_only, cells["score"].notna(), evaluated.loc[cells.index]]
    status = np.select(conditions, ["raw_only", "score", "failed"], "missing")
    cells["status"] = cells["status"].where(known, status)
    table = table_from_cells(cells[LONG], origin)
    for column, texts in raw.about.items():
        if texts and column not in table.models:
            table.models[column] = table.models.index.map(texts)
    return table if chosen is None else table.select(metrics=chosen)


def _is_brain_score(kind: str, metrics: set[str]) -> bool:
    """Tell whether a file is one of Brain-Score's: its snapshot, or has its averages, or mostly its metrics."""
    known = set(catalogue("metrics")["metric"])
    n_known, n_nodes = len(metrics & known), sum(_SITE_NODE.fullmatch(metric) is not None for metric in metrics)
    return kind == "snapshot" or n_nodes > 0 or 2 * n_known > len(metrics)


def _without_public_name(raw: RawCells, cells: pd.DataFrame) -> pd.Series:
    """Tell which cells are of models that the site shows without a name: none, or ``Model`` and the model's id."""
    name = cells["model_name"]
    hidden = name == "Model " + cells["model_id"]
    # without ids to compare with, and in the snapshot, where all who asked not to be named are
    if raw.kind == "snapshot" or raw.headers.get("model_id") in (None, raw.headers.get("model_name")):
        hidden = name.str.fullmatch(r"Model [0-9]+")
    return (name == "") | hidden


def _no_leaves(metrics: Iterable[str], site: bool, chosen: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Name what is no metric of its own, by the reason: averages of others, and the site's language metrics."""
    names = [metric for metric in metrics if metric not in chosen]
    parents = set(catalogue("hierarchy")["parent"])
    with_leaves = site or not set(metrics).isdisjoint(catalogue("metrics")["metric"])  # which the nodes average
    averages = [
        name
        for name in names
        if (name in parents and with_leaves)
        or (site and name.lower() in _SITE_AVERAGES)
        or (is_average(name) and len(names) > 1)
    ]
    language = [name for name in names if site and name not in averages and _LANGUAGE.search(name)]
    return {"aggregate columns": tuple(averages), "language metrics": tuple(language)}


def _without_ceiling(cells: pd.DataFrame, kind: str) -> pd.Series:
    """Tell which cells have no ceiling, so that the raw score is the score.

    That a metric has no ceiled score in a file says little when the file is somebody's selection: the scores of a known
    metric may have failed, and its raw scores are on another scale. It is believed where nothing else is known: of
    metrics outside the catalogue, and in the snapshot, which holds every model and does not say which scores are raw.
    """
    known = catalogue("metrics").set_index("metric")["domain"]
    never = cells.groupby("metric")["score"].transform("count") == 0
    guessed = never & (~cells["metric"].isin(known.index) | (kind == "snapshot"))
    return (cells["metric"].map(known) == "engineering") | (cells["status"] == "raw_only") | guessed


def _refuse_no_name(raw: RawCells, cells: pd.DataFrame) -> None:
    empty = cells["model_name"] == ""
    if empty.any():
        raise ValueError(f"{raw.place(empty.idxmax(), 'model_name')} is empty. Name the model, or remove the row.")


def _refuse_two_names(raw: RawCells, cells: pd.DataFrame) -> None:
    names = cells[["model_id", "model_name"]].drop_duplicates()
    again = names.duplicated("model_id")
    if again.any():
        second = again.idxmax()
        first = (names["model_id"] == names.at[second, "model_id"]).idxmax()
        raise ValueError(
            f"{raw.place(second, 'model_name')}: model_id {shown(names.at[second, 'model_id'])} is called "
            f"{shown(names.at[second, 'model_name'])} here and {shown(names.at[first, 'model_name'])} in row "
            f"{raw.frame.at[first, 'row']}. Give each id one name."
        )


def _refuse_two_scores(raw: RawCells, order: pd.DataFrame) -> None:
    key = ["model_id", "metric", "order", "timestamp", "suffix"]
    again = order.duplicated(key, keep=False)
    if again.any():
        same = order[again]
        first, second = same.index[(same[key[:2]] == same[key[:2]].iloc[0]).all(axis=1)][:2]
        model, metric = same.loc[first, key[:2]]
        raise ValueError(
            f"{raw.place(second, 'score')}: model {shown(model)} has a score under {shown(metric)} already, in "
            f"{raw.place(first, 'score')}. Remove one, or tell them apart by version, timestamp or model_id."
        )
