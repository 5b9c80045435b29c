"""Read score tables as people hold them: tidy long tables, wide CSV, the site's ZIP, its snapshot JSON.

The format is recognised by content, never by the file's name (`formats`). Whatever the format, the same rules apply,
and each thing left out is counted in the table's `Origin.notes`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from yardsticks.datasets import Origin, catalogue, locate, registered
from yardsticks.scores.reading.columns import LONG, names_models
from yardsticks.scores.reading.files import read_text, shown
from yardsticks.scores.reading.formats import RawCells, parse_cells
from yardsticks.scores.reading.numbers import read_numbers, read_times
from yardsticks.scores.table import ScoreTable, table_from_cells

_SITE_AVERAGES = (
    "filtered score",
    "filtered_score",
    "global score",
    "average score",
)  # of the site's ZIP, no identifiers
_UNNAMED = re.compile(r"(?:Model [0-9]+)?")
_VERSION = re.compile(r"(?<=.)_v([0-9]+)$")
_LAB = re.compile(r"^[a-z]+\.")
_LANGUAGE = re.compile(r"language|Pereira2018|Fedorenko2016|Blank2014|Tuckute2024|Futrell2018|syntaxgym", re.I)


def read_scores(path: str | os.PathLike, *, origin: Origin | None = None) -> ScoreTable:
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
    kept, and a long one by model name. `numbers.MISSING` and ``X`` are missing. A metric without a ceiling has its raw
    score as its score: an engineering metric, a cell with the status ``raw_only``, a metric that the catalogue does not
    know and that has no ceiled score in the whole file, and in the site's snapshot (all models that there were) any
    metric without a ceiled score. Aggregates of other metrics, language metrics and models without a public name
    (none, or ``Model <id>``) are dropped. Metrics are named as in the catalogue, without ``_v<n>`` and whether or not a
    lab stands before them; of several versions of a score the newest stays.

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
        cells, notes = _apply_rules(parse_cells(read_text(path)))
    except ValueError as error:
        raise ValueError(f"{origin.name if origin else path.name}: {error}") from error
    return table_from_cells(cells, replace(origin or locate(path.absolute())[1], notes=notes))


def read_frame(frame: pd.DataFrame) -> ScoreTable:
    """Read a frame by the rules of `read_scores`, as if it were a file.

    Parameters
    ----------
    frame : DataFrame
        Wide, a row for each model and a column for each metric, or long. The models stand in a column such as
        ``model``, or are the index.

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
    by_column = names_models([str(column) for column in frame])
    text = frame.to_csv(index=not by_column, index_label="model_id", lineterminator="\n")
    try:
        cells, notes = _apply_rules(parse_cells(text))
    except ValueError as error:
        raise ValueError(f"the frame: {error}") from error
    digest = hashlib.sha256(text.encode()).hexdigest()
    return table_from_cells(cells, Origin("the frame", "real", digest, notes=notes))


def _apply_rules(raw: RawCells) -> tuple[pd.DataFrame, dict[str, int]]:
    """Bring the cells of any format to the same rules; count what is left out."""
    notes = {}
    cells = raw.frame[LONG].astype({column: "str" for column in ("model_id", "model_name", "metric", "status")})
    numbers, written = read_numbers(raw)
    cells[list(numbers)] = numbers
    cells["timestamp"] = read_times(raw)
    _refuse_two_names(raw, cells)
    suffix = cells["metric"].str.extract(_VERSION, expand=False).astype(float)
    cells["metric"] = cells["metric"].map(_known_names(cells["metric"].unique())).astype("str")

    unnamed = cells["model_name"].str.fullmatch(_UNNAMED)
    notes["models without a public name"] = cells.loc[unnamed, "model_id"].nunique()
    cells = cells[~unnamed]

    parents = set(catalogue("hierarchy")["parent"])
    language = cells["metric"].str.contains(_LANGUAGE)
    aggregate = cells["metric"].isin(parents) | cells["metric"].str.lower().isin(_SITE_AVERAGES)
    notes["aggregate columns"] = cells.loc[aggregate, "metric"].nunique()
    notes["language metrics"] = cells.loc[language & ~aggregate, "metric"].nunique()
    cells = cells[~(aggregate | language)]
    if cells.empty:
        left_out = "; ".join(f"{reason}: {count}" for reason, count in notes.items())
        raise ValueError(f"no score of a metric is left, everything in it is left out on reading ({left_out}).")

    # an empty cell was never scored and supersedes nothing; a score's own version is worth more than its name's suffix
    order = cells.assign(suffix=suffix, written=written)
    evaluated = order["written"] | order["timestamp"].notna()
    order = order[evaluated | ~order.duplicated("model_id")]
    order = order.sort_values(["written", "version", "timestamp", "suffix"], na_position="first", kind="stable")
    _refuse_two_scores(raw, order[order["written"]])
    superseded = order.duplicated(["model_id", "metric"], keep="last")
    notes["scores superseded by a newer version"] = int((superseded & order["written"]).sum())
    cells = cells.loc[order.index[~superseded]].sort_index(kind="stable")

    raw_only = _without_ceiling(cells, raw.kind) & cells["score_raw"].notna()
    cells.loc[raw_only, "score"] = cells.loc[raw_only, "score_raw"]
    known = cells["status"].notna() & (cells["status"] != "")
    status = np.select([raw_only, cells["score"].notna()], ["raw_only", "score"], "failed")
    cells["status"] = cells["status"].where(known, status)
    return cells, notes


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


def _known_names(metrics: Iterable[str]) -> dict[str, str]:
    """Name metrics as the catalogue does: without a version, and whether or not a lab stands before them.

    The site writes ``tong.Coggan2024_fMRI.V1-rdm`` without ``tong.`` where it shows names, and older identifiers began
    with a lab throughout (``dicarlo.MajajHong2015.V4-pls``).
    """
    known = {_LAB.sub("", name): name for name in catalogue("metrics")["metric"]}
    plain = {metric: _VERSION.sub("", metric) for metric in metrics}
    return {metric: known.get(_LAB.sub("", name), name) for metric, name in plain.items()}


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
    key = ["model_id", "metric", "version", "timestamp", "suffix"]
    again = order.duplicated(key, keep=False)
    if again.any():
        same = order[again]
        first, second = same.index[(same[key[:2]] == same[key[:2]].iloc[0]).all(axis=1)][:2]
        model, metric = same.loc[first, key[:2]]
        raise ValueError(
            f"{raw.place(second, 'score')}: model {shown(model)} has a score under {shown(metric)} already, in "
            f"{raw.place(first, 'score')}. Remove one, or tell them apart by version, timestamp or model_id."
        )
