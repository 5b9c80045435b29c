"""Opening scores: the real leaderboard, a user's file, or the synthetic twin where nothing else can be had."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from yardsticks.datasets import DEFAULT_SCORES, Origin, locate, registered, warn_synthetic
from yardsticks.scores.reading.areas import reverse_metrics, use_catalogue
from yardsticks.scores.reading.names import choose_names
from yardsticks.scores.reading.rules import read_frame, read_scores
from yardsticks.scores.table import ScoreTable


def open_scores(
    source: str | os.PathLike | pd.DataFrame = "",
    *,
    catalogue: str | os.PathLike = "",
    lower_better: Sequence[str] = (),
    metrics: Sequence[str] | None = None,
    model_column: str = "",
    transpose: bool = False,
) -> ScoreTable:
    """Open a leaderboard: real where it can be found, else its synthetic twin with a warning.

    Parameters
    ----------
    source : str, path or DataFrame
        A registered name, a file of any format that `read_scores` takes, a frame of scores (models x metrics, the
        models in a column such as ``model`` or as the index), or "" for the default leaderboard.
    catalogue : path, optional
        A CSV that says the areas of metrics which the catalogue does not know, see `areas.read_areas`, and in a column
        ``better``, with ``lower``, under which lower scores are better. The table has to have these; other metrics
        that it does not have are counted in its origin.
    lower_better : sequence of str
        Metrics under which lower scores are better. Their scores change sign, so that higher is better throughout.
    metrics : sequence of str, optional
        Read no others: names, or several with commas between. By default all.
    model_column, transpose
        As for `read_scores`, of a file; ``model_column`` of a frame too.

    Returns
    -------
    ScoreTable
        Its `origin` says which of the two it is.

    Raises
    ------
    ValueError, OSError
        As `read_scores`; the name of registered data that are no scores of models under metrics; or an option that
        says how a file lies, of what is none.

    Warns
    -----
    SyntheticDataWarning
        The registered data are not on this machine.

    Examples
    --------
    >>> frame = pd.DataFrame({"MajajHong2015.IT-pls": [0.3, 0.5], "my-metric": [0.2, None]}, index=["x", "y"])
    >>> table = open_scores(frame)
    >>> table.metrics["area"].to_dict()
    {'MajajHong2015.IT-pls': 'IT', 'my-metric': None}
    """
    if isinstance(source, pd.DataFrame):
        if transpose:
            raise ValueError("the frame: transpose=True is for a file. Give frame.T, with the models as its index.")
        table = read_frame(source, metrics=metrics, model_column=model_column)
    else:
        path, origin = _find(str(source) or DEFAULT_SCORES)
        if origin is not None and (model_column or transpose):
            raise ValueError(
                f"{origin.name} is registered and its layout known: model_column and transpose are for your own file. "
                "Leave them out."
            )
        if path is None:
            warn_synthetic(origin)
            table = _twin(origin, metrics)
        else:
            table = read_scores(path, origin=origin, metrics=metrics, model_column=model_column, transpose=transpose)
    lower = list(lower_better)
    if str(catalogue):
        table, lower_there = use_catalogue(table, catalogue)
        lower += lower_there
    return reverse_metrics(table, lower)


def _twin(origin: Origin, metrics: Sequence[str] | None) -> ScoreTable:
    """Make the twin that stands in for registered scores, with the metrics that are asked for."""
    from yardsticks.scores.twin.draw import make_twin

    table = replace(make_twin(), origin=origin)
    if metrics is None:
        return table
    try:
        names = choose_names(metrics, table.values)
    except ValueError as error:
        raise ValueError(f"{origin.name}: {error}") from error
    absent = tuple(metric for metric in table.values if metric not in names)
    return replace(table.select(metrics=names), origin=replace(origin, not_asked_for=absent))


def _find(source: str) -> tuple[Path | None, Origin | None]:
    """Find registered scores, as `locate` does, or a file, whose origin is for the reader to say."""
    entries = registered()
    tables = [name for name, entry in entries.items() if entry.reader.endswith(".read_scores")]
    if source in tables:
        return locate(source)
    if source in entries:
        raise ValueError(
            f"{source} is no table of scores ({entries[source].title}). Name {' or '.join(tables)}, or your own file."
        )
    if not Path(source).exists():
        raise FileNotFoundError(f"{source!r} is neither a file nor a registered table: {', '.join(tables)}.")
    return Path(source), None
