"""Numbers and dates from the text of cells; what is neither is refused, with its place and the way out."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from yardsticks.scores.reading.files import shown
from yardsticks.scores.reading.formats import MISSING, RawCells

NUMBERS = ("score", "score_raw", "error")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?inf(?:inity)?", re.I)
_THOUSANDTHS = re.compile(r"\.-[0-9]+")
_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?")
_PERHAPS_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_DOTTED = re.compile(r"v?([0-9]+(?:\.[0-9]+)*)", re.I)


def parse_score(text: str) -> float:
    """Turn a cell of the leaderboard into a number.

    `MISSING` and ``X`` are missing (NaN). The site's older pages wrote negative scores as thousandths after the point:
    ``.-53`` is -0.053.

    Raises
    ------
    ValueError
        It is no number; unlike `float` this takes no ``1_000`` and no digits of other scripts.
    """
    text = text.strip()
    if text in MISSING or text == "X":
        return float("nan")
    if _THOUSANDTHS.fullmatch(text):
        return -int(text[2:]) / 1000
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{shown(text)} is no number.")
    return float(text)


def read_numbers(raw: RawCells) -> tuple[pd.DataFrame, pd.Series]:
    """Read the numbers of all cells.

    Returns
    -------
    numbers : DataFrame, (n_cells, 3)
        Columns as in `NUMBERS`; NaN is missing.
    written : Series of bool, (n_cells,)
        Whether a score stands in the cell at all: with a number, or with an ``X``.

    Raises
    ------
    ValueError
        A cell that is neither a finite number nor missing; a comma that may be decimal or not.
    """
    texts = {column: _with_hyphens(_factorize(raw.frame[column])) for column in NUMBERS}
    codes, distinct = texts["score"]
    raw_codes, raw_distinct = texts["score_raw"]
    written = pd.Series(~np.isin(distinct, MISSING)[codes] | ~np.isin(raw_distinct, MISSING)[raw_codes])
    if raw.kind != "snapshot":
        _write_points(raw, texts)
    return pd.DataFrame({column: _to_numbers(raw, texts, column) for column in NUMBERS}), written


def _factorize(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Return the number of each cell's text, and the distinct texts; an empty one where the file has no such column."""
    if column.isna().all():
        return np.zeros(len(column), int), [""]
    codes, texts = pd.factorize(column)
    return codes, list(texts)


def _with_hyphens(texts: tuple[np.ndarray, list[str]]) -> tuple[np.ndarray, list[str]]:
    """Write the minus sign of typesetters as the hyphen that numbers have."""
    return texts[0], [text.replace("\u2212", "-") for text in texts[1]]


def _write_points(raw: RawCells, texts: dict[str, tuple[np.ndarray, list[str]]]) -> None:
    """Read commas, in place, as decimal or as marks of thousands, where they cannot be anything else in this file."""

    def place(column: str, text: str) -> str:
        codes, distinct = texts[column]
        return f"{raw.place((codes == distinct.index(text)).argmax(), column)}"

    distinct = [(column, text) for column, (_, column_texts) in texts.items() for text in column_texts]
    commas = [(column, text) for column, text in distinct if _COMMA.fullmatch(text) or _THOUSANDS.fullmatch(text)]
    points = [(column, text) for column, text in distinct if "." in text]
    if not commas:
        return
    text = commas[0][1]
    # a point somewhere, or two marks in one number, leaves no other reading of marks before each three digits
    if all(_THOUSANDS.fullmatch(text) for _, text in commas) and (points or any(t.count(",") > 1 for _, t in commas)):
        for column, (codes, column_texts) in texts.items():
            plain = [text.replace(",", "") if _THOUSANDS.fullmatch(text) else text for text in column_texts]
            texts[column] = codes, plain
        return
    if points:
        raise ValueError(
            f"{place(*commas[0])}: {shown(text)} has a decimal comma, but {place(*points[0])} holds "
            f"{shown(points[0][1])} with a point. Write all numbers with a point."
        )
    if all(_PERHAPS_THOUSANDS.fullmatch(text) for _, text in commas):
        raise ValueError(
            f"{place(*commas[0])}: {shown(text)} may be {text.replace(',', '.')} or {text.replace(',', '')}, and no "
            "other number of the file tells. Write all numbers with a point."
        )
    for column, (codes, column_texts) in texts.items():
        pointed = [text.replace(",", ".") if _COMMA.fullmatch(text) else text for text in column_texts]
        texts[column] = codes, pointed


def _to_numbers(raw: RawCells, texts: dict[str, tuple[np.ndarray, list[str]]], column: str) -> np.ndarray:
    codes, distinct = texts[column]
    numbers = np.empty(len(distinct))
    for code, text in enumerate(distinct):
        wrong = "is infinite"
        try:
            numbers[code] = parse_score(text)
        except ValueError:
            numbers[code], wrong = np.inf, "is no number"
        if np.isinf(numbers[code]):
            cell = (codes == code).argmax()
            model, metric = raw.frame.loc[cell, ["model_name", "metric"]]
            raise ValueError(
                f"{raw.place(cell, column)}: {shown(text)} (model {shown(model)}, metric {shown(metric)}) {wrong}. "
                "Write a number such as 0.453, leave the cell empty if it is missing, or remove the column if it holds "
                "no scores (--metrics NAME reads those named alone)."
            )
    return numbers[codes]


def read_versions(raw: RawCells) -> tuple[np.ndarray, pd.Series]:
    """Read the versions of all cells: number by number, so that 1.10 is newer than 1.9.

    Returns
    -------
    order : array, (n_cells,)
        Newer versions have larger numbers; NaN where a cell has none, or one that is no row of numbers.
    versions : Series, (n_cells,)
        Numbers where all versions of the file are whole ones, else their text.
    """
    codes, distinct = _factorize(raw.frame["version"])
    keys = []
    for text in distinct:
        found = _DOTTED.fullmatch(text)
        key = [int(part) for part in found[1].split(".")] if found else []
        while len(key) > 1 and not key[-1]:
            key.pop()
        keys.append(tuple(key))
    ranks = {key: float(rank) for rank, key in enumerate(sorted(set(keys)))} | {(): float("nan")}
    order = np.array([ranks[key] for key in keys])[codes]
    whole = all(len(key) == 1 or text in MISSING for key, text in zip(keys, distinct, strict=True))
    shown = [(key[0] if key else float("nan")) if whole else text for key, text in zip(keys, distinct, strict=True)]
    return order, pd.Series(np.array(shown, float if whole else object)[codes])


def read_times(raw: RawCells) -> pd.Series:
    """Read the timestamps of all cells, in UTC; NaT is missing.

    Raises
    ------
    ValueError
        A cell that is no ISO 8601 date.
    """
    texts = raw.frame["timestamp"]
    given = texts.notna() & ~texts.isin(MISSING)
    times = pd.to_datetime(texts.where(given, None), utc=True, format="ISO8601", errors="coerce")
    wrong = given & times.isna()
    if wrong.any():
        cell = wrong.idxmax()
        raise ValueError(
            f"{raw.place(cell, 'timestamp')}: {shown(texts[cell])} is no date. Write it as 2023-06-29, with or without "
            "a time, or leave the cell empty."
        )
    return times
