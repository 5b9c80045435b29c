"""Read score tables as people hold them: tidy long tables, the site's wide CSV, its snapshot JSON.

The format is recognised by content, never by the file's name. Whatever the format, the same rules apply, and each
thing left out is counted in the table's `Origin.notes`.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from yardsticks.datasets import DEFAULT_SCORES, Origin, catalogue, locate, warn_synthetic
from yardsticks.scores.table import ScoreTable, describe_metrics

LONG = ["model_id", "model_name", "metric", "score", "score_raw", "error", "version", "timestamp", "status"]
_NUMBERS = ["score", "score_raw", "error", "version"]
# columns of the site's exports that describe the model
_ABOUT_MODEL = ["model_id", "model_name", "rank", "layers", "submitter"]
_UNNAMED = re.compile(r"Model \d+")
_VERSION = re.compile(r"_v(\d+)$")
_LANGUAGE = re.compile(r"language|Pereira2018|Fedorenko2016|Blank2014|Tuckute2024|Futrell2018|syntaxgym", re.I)


def open_scores(source: str | os.PathLike = "") -> ScoreTable:
    """Open a leaderboard: real where it can be found, else its synthetic twin with a warning.

    Parameters
    ----------
    source : str or path
        A registered name, a file of any format that `read_scores` takes, or "" for the default leaderboard.

    Returns
    -------
    ScoreTable
        Its `origin` says which of the two it is.

    Warns
    -----
    SyntheticDataWarning
        The registered data are not on this machine.
    """
    path, origin = locate(str(source) or DEFAULT_SCORES)
    if path is None:
        from yardsticks.scores.twin import make_twin

        warn_synthetic(origin)
        return replace(make_twin(), origin=origin)
    return read_scores(path, origin=origin)


def read_scores(path: str | os.PathLike, *, origin: Origin | None = None) -> ScoreTable:
    """Read a table of scores.

    Parameters
    ----------
    path : path
        A tidy long table (model, metric, score and optionally raw, error, version, timestamp, status), the
        leaderboard site's wide CSV (one row per model), or its snapshot JSON; each may be gzipped.
    origin : Origin, optional
        Where the file comes from; by default a user's file, with its hash.

    Returns
    -------
    ScoreTable

    Raises
    ------
    ValueError
        The file cannot be understood; the message names row, column and value.

    Notes
    -----
    The rules: the key is ``model_id``; a wide table without that column is keyed by row, so that repeated names are
    kept, and a long one by model name. Empty and ``X`` are missing. A metric without a ceiling (no ceiled score in
    the whole file, or an engineering metric) has its raw score as its score. Aggregates of other metrics, language
    metrics and models without a public name (``Model <id>``) are dropped. Versioned metric names lose their
    ``_v<n>``; of several versions of a score the newest stays.
    """
    path = Path(path)
    origin = origin or locate(path)[1]
    try:
        cells, notes = _apply_rules(_read_cells(_decode(path)))
    except ValueError as error:
        raise ValueError(f"{origin.name}: {error}") from error
    return table_from_cells(cells, replace(origin, notes=notes))


def _read_cells(text: str) -> pd.DataFrame:
    """Recognise the format by its content, and bring it to one row per model and metric, numbers still as text."""
    if text.lstrip()[:1] in ("[", "{"):
        cells = _from_snapshot(json.loads(text))
    else:
        header = next(csv.reader(io.StringIO(text)), [])
        repeated = [column for column in header if header.count(column) > 1]
        if repeated:
            raise ValueError(f"column {repeated[0]!r} occurs twice.")
        frame = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
        if not {"model_id", "model_name"} & set(frame.columns):
            raise ValueError("there is neither a column model_id nor model_name.")
        cells = _from_long(frame) if {"metric", "score"} <= set(frame.columns) else _from_wide(frame)
    if cells.empty:
        raise ValueError("there is no score in it.")
    return cells


def table_from_cells(cells: pd.DataFrame, origin: Origin) -> ScoreTable:
    """Build the table from one row per model and metric (columns as in `LONG`), models in order of appearance."""
    models = cells.drop_duplicates("model_id").set_index("model_id")[["model_name"]]
    models.columns = ["name"]
    metrics = describe_metrics(dict.fromkeys(cells["metric"]))
    values = cells.pivot(index="model_id", columns="metric", values="score")
    values = values.reindex(index=models.index, columns=metrics.index)
    return ScoreTable(values, metrics, models, cells.reset_index(drop=True), origin)


def parse_score(text: str) -> float:
    """Turn a cell of the leaderboard into a number.

    Empty and ``X`` are missing (NaN). The site's older pages wrote negative scores as thousandths after the point:
    ``.-53`` is -0.053.
    """
    text = text.strip()
    if text in ("", "X"):
        return float("nan")
    if text.startswith(".-"):
        return -int(text[2:]) / 1000
    return float(text)


def _decode(path: Path) -> str:
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    return content.decode("utf-8-sig")


def _from_snapshot(rows: list[dict]) -> pd.DataFrame:
    """Cells of the site's snapshot: a list of models, each with one object per versioned metric."""
    try:
        records = [
            {
                "model_id": str(row["model"]["id"]),
                "model_name": row["model"]["name"] or f"Model {row['model']['id']}",
                "metric": key,
                "score": entry["value"],
                "score_raw": entry.get("raw"),
                "error": entry.get("error"),
                "version": entry.get("version"),
                "timestamp": entry.get("timestamp"),
            }
            for row in rows
            for key, entry in row.items()
            if isinstance(entry, dict) and "value" in entry
        ]
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("this JSON is not the site's list of models.") from error
    return pd.DataFrame(records, columns=LONG)


def _from_long(frame: pd.DataFrame) -> pd.DataFrame:
    cells = frame.reindex(columns=LONG)
    if "model_id" not in frame:
        cells["model_id"] = cells["model_name"]
    if "model_name" not in frame:
        cells["model_name"] = cells["model_id"]
    return cells


def _from_wide(frame: pd.DataFrame) -> pd.DataFrame:
    if "model_id" not in frame:
        frame = frame.assign(model_id=[str(position) for position in range(len(frame))])
    if "model_name" not in frame:
        frame = frame.assign(model_name=frame["model_id"])
    metrics = [column for column in frame.columns if column not in _ABOUT_MODEL]
    cells = frame.melt(["model_id", "model_name"], metrics, var_name="metric", value_name="score")
    return cells.reindex(columns=LONG)


def _to_numbers(cells: pd.DataFrame, column: str) -> list[float]:
    numbers = []
    for text, model, metric in zip(cells[column], cells["model_id"], cells["metric"], strict=True):
        try:
            numbers.append(parse_score("" if pd.isna(text) else str(text)))
        except ValueError as error:
            raise ValueError(f"{column} {text!r} of model {model!r} under {metric!r} is no number.") from error
    return numbers


def _apply_rules(cells: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Bring the cells of any format to the same rules; count what is left out."""
    notes = {}
    cells = cells.copy()
    cells["model_id"] = cells["model_id"].str.strip()
    cells["model_name"] = cells["model_name"].str.strip()
    cells["metric"] = cells["metric"].str.strip()
    suffix = cells["metric"].str.extract(_VERSION, expand=False).astype(float)
    cells["metric"] = cells["metric"].str.replace(_VERSION, "", regex=True)
    written = cells[["score", "score_raw"]].astype(object).fillna("").astype(str).ne("").any(axis=1)
    for column in _NUMBERS:
        cells[column] = _to_numbers(cells, column)
    cells["timestamp"] = pd.to_datetime(cells["timestamp"].replace("", None), utc=True, format="ISO8601")

    unnamed = cells["model_name"].str.fullmatch(_UNNAMED)
    notes["models without a public name"] = cells.loc[unnamed, "model_id"].nunique()
    cells = cells[~unnamed]

    parents = set(catalogue("hierarchy")["parent"])
    language = cells["metric"].str.contains(_LANGUAGE)
    aggregate = cells["metric"].isin(parents)
    notes["aggregate columns"] = cells.loc[aggregate, "metric"].nunique()
    notes["language metrics"] = cells.loc[language & ~aggregate, "metric"].nunique()
    cells = cells[~(aggregate | language)]

    # an empty cell was never scored and supersedes nothing; a score's own version is worth more than its name's suffix
    order = cells.assign(suffix=suffix, written=written)
    evaluated = order["written"] | order["timestamp"].notna()
    order = order[evaluated | ~order.duplicated("model_id")]
    order = order.sort_values(["written", "version", "timestamp", "suffix"], na_position="first", kind="stable")
    again = order[order["written"]].duplicated(["model_id", "metric", "version", "timestamp", "suffix"])
    if again.any():
        model, metric = order.loc[again.idxmax(), ["model_id", "metric"]]
        raise ValueError(f"model_id {model!r} has two scores under {metric!r}.")
    superseded = order.duplicated(["model_id", "metric"], keep="last")
    notes["scores superseded by a newer version"] = int((superseded & order["written"]).sum())
    cells = cells.loc[order.index[~superseded]].sort_index(kind="stable")

    domain = describe_metrics(dict.fromkeys(cells["metric"]))["domain"]
    ceiled = cells.groupby("metric")["score"].transform("count") > 0
    unceiled = ~ceiled | (cells["metric"].map(domain) == "engineering")
    raw_only = unceiled & cells["score_raw"].notna()
    cells.loc[raw_only, "score"] = cells.loc[raw_only, "score_raw"]
    known = cells["status"].notna() & (cells["status"] != "")
    status = np.select([raw_only, cells["score"].notna()], ["raw_only", "score"], "failed")
    cells["status"] = cells["status"].where(known, status)
    return cells, notes
