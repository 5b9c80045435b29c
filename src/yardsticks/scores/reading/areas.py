"""Areas of metrics that the catalogue does not know, from a file of the user's."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from yardsticks.datasets import catalogue
from yardsticks.scores.metrics import AREA_ORDER, NEURAL_AREAS
from yardsticks.scores.reading.files import read_text, shown
from yardsticks.scores.reading.names import choose_names, known_names, nearest
from yardsticks.scores.table import ScoreTable

# the node of Brain-Score's tree that averages an area
_NODES = {**{area: area for area in NEURAL_AREAS}, "behaviour": "behavior_vision", "engineering": "engineering_vision"}


def read_areas(path: str | os.PathLike) -> dict[str, str]:
    r"""Read which area each metric belongs to: a CSV with the columns metric and area, and perhaps better.

    Returns
    -------
    dict of str to {"V1", "V2", "V4", "IT", "behaviour", "engineering"}

    Raises
    ------
    ValueError
        A column is missing, a metric stands in two rows, or an area is none of these; with file, row and value.
    OSError
        There is no such file, or it may not be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "areas.csv")
    ...     _ = file.write_text("metric,area\nmy-metric,IT\n")
    ...     areas = read_areas(file)
    >>> areas
    {'my-metric': 'IT'}
    """
    return _read(path)[0]


def use_catalogue(table: ScoreTable, path: str | os.PathLike) -> tuple[ScoreTable, list[str]]:
    """Give metrics the areas of a file, and name those under which it says that lower is better.

    Returns
    -------
    table : ScoreTable
        Its origin counts and names the metrics of the file that it does not have.
    lower : list of str
        Its metrics with ``lower`` in the column ``better``.

    Raises
    ------
    ValueError, OSError
        As `read_areas` and `assign_areas`; the column ``better`` holds something other than higher, lower or nothing;
        or the table does not have a metric under which it says lower: its scores would silently keep their sign.
    """
    areas, lower, rows = _read(path)
    names = _match(rows, table.values.columns)
    others = _match(rows, table.origin.not_asked_for)
    for metric in lower:
        if metric not in names and metric not in others:
            raise ValueError(
                f"{Path(path).name}, row {rows[metric]}: lower is better under {shown(metric)}, and "
                f"{table.origin.name} has no such metric. Perhaps {nearest(metric, table.values.columns)}; correct "
                "the name, or delete the row."
            )
    absent = tuple(metric for metric in rows if metric not in names and metric not in others)
    what = "rows of the catalogue without a metric here"
    origin = table.origin
    origin = replace(origin, notes=origin.notes | {what: len(absent)}, names=origin.names | {what: absent})
    table = replace(assign_areas(table, areas, source=Path(path).name), origin=origin)
    return table, [names[metric] for metric in lower if metric in names]


def _match(given: Iterable[str], metrics: Iterable[str]) -> dict[str, str]:
    """Name metrics as a table does, those that it has: as they are given, or as the catalogue does."""
    metrics = set(metrics)
    named = {name: name if name in metrics else known for name, known in known_names(given).items()}
    return {name: metric for name, metric in named.items() if metric in metrics}


def _read(path: str | os.PathLike) -> tuple[dict[str, str], list[str], dict[str, int]]:
    """Read the areas, the metrics under which lower is better, and the row of each metric."""
    path = Path(path)
    try:
        text = read_text(path)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    try:
        rows = csv.DictReader(io.StringIO(text), strict=True)
        return _areas(rows, path.name)
    except csv.Error as error:
        raise ValueError(f"{path.name}, row {rows.line_num + 1}: this is no CSV ({error}).") from None


def _areas(rows: csv.DictReader, name: str) -> tuple[dict[str, str], list[str], dict[str, int]]:
    if not {"metric", "area"} <= set(rows.fieldnames or ()):
        raise ValueError(
            f"{name}: its first row holds {shown(', '.join(rows.fieldnames or ()))}. Name the columns metric and "
            "area, with a comma between."
        )
    areas: dict[str, str] = {}
    seen: dict[str, int] = {}
    lower = []
    for row in rows:
        metric, area, better = (str(row.get(column) or "").strip() for column in ("metric", "area", "better"))
        if not metric:
            raise ValueError(f"{name}, row {rows.line_num}: its metric is empty. Name one, or delete the row.")
        if better not in ("", "higher", "lower"):
            raise ValueError(f"{name}, row {rows.line_num}: {shown(better)} is neither higher nor lower.")
        if area not in _NODES and not (better and not area):
            raise ValueError(f"{name}, row {rows.line_num}: {shown(area)} is no area. There are: {', '.join(_NODES)}.")
        if metric in seen:
            raise ValueError(f"{name}, row {rows.line_num}: {shown(metric)} stands there a second time.")
        seen[metric] = rows.line_num
        areas |= {metric: area} if area else {}
        lower += [metric] if better == "lower" else []
    return areas, lower, seen


def reverse_metrics(table: ScoreTable, metrics: Sequence[str]) -> ScoreTable:
    """Turn the scores of metrics under which lower is better, by their sign, so that higher is better throughout.

    Raises
    ------
    ValueError
        There is no such metric, or it was not read; the message names the file.

    Examples
    --------
    >>> import pandas as pd
    >>> from yardsticks.scores import open_scores
    >>> table = open_scores(pd.DataFrame({"loss": [0.1, 0.2]}))
    >>> reverse_metrics(table, ["loss"]).values["loss"].tolist()
    [-0.1, -0.2]
    """
    if not metrics:
        return table
    origin = table.origin
    try:
        names = choose_names(metrics, table.values.columns, option="lower_better", not_read=origin.not_asked_for)
    except ValueError as error:
        raise ValueError(f"{origin.name}: {error}") from error
    turned = table.values.columns.isin(names)
    values = table.values * np.where(turned, -1.0, 1.0)
    return replace(table, values=values, metrics=table.metrics.assign(reversed=turned))


def assign_areas(table: ScoreTable, areas: Mapping[str, str], *, source: str = "the areas") -> ScoreTable:
    """Give metrics that the catalogue does not know an area, of which they become leaves; order all by area.

    Parameters
    ----------
    table : ScoreTable
        Any table.
    areas : mapping of metric to area
        As from `read_areas`. Metrics that the table does not have do no harm.
    source : str
        Where they come from, for messages.

    Raises
    ------
    ValueError
        The catalogue knows a metric in another area.

    Examples
    --------
    >>> import pandas as pd
    >>> from yardsticks.scores import open_scores
    >>> table = open_scores(pd.DataFrame({"my-metric": [0.1, 0.2]}))
    >>> assign_areas(table, {"my-metric": "IT"}).metrics["area"].to_dict()
    {'my-metric': 'IT'}
    """
    metrics = table.metrics.copy()
    known = catalogue("metrics").set_index("metric")["area"]
    for given, area in areas.items():
        metric = given if given in metrics.index else known_names([given])[given]
        if metric in known.index and known[metric] != area:
            raise ValueError(
                f"{source}: {shown(metric)} is Brain-Score's, of the area {known[metric]}, not {area}. Correct "
                "the area, or give your metric another name."
            )
        if metric in metrics.index and metric not in known.index:
            domain = "neural" if area in NEURAL_AREAS else area
            metrics.loc[metric, ["domain", "area", "parent"]] = [domain, area, _NODES[area]]
    place = {area: number for number, area in enumerate(AREA_ORDER)}
    order = sorted(metrics.index, key=lambda metric: place.get(metrics.at[metric, "area"], len(place)))  # stable
    return replace(table, values=table.values[order], metrics=metrics.loc[order])
