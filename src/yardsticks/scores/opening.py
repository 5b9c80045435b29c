"""Opening scores: the real leaderboard, a user's file, or the synthetic twin where nothing else can be had."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from yardsticks.datasets import DEFAULT_SCORES, Origin, locate, registered, warn_synthetic
from yardsticks.scores.reading.areas import reverse_metrics, use_catalogue
from yardsticks.scores.reading.rules import read_frame, read_scores
from yardsticks.scores.table import ScoreTable


def open_scores(
    source: str | os.PathLike | pd.DataFrame = "",
    *,
    catalogue: str | os.PathLike = "",
    lower_better: Sequence[str] = (),
    **options,
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
    **options
        Those of `read_scores`, of a file: ``metrics``, ``model_column``, ``transpose``.

    Returns
    -------
    ScoreTable
        Its `origin` says which of the two it is.

    Raises
    ------
    ValueError, OSError
        As `read_scores`; or the name of registered data that are no scores of models under metrics.

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
        table = read_frame(source)
    else:
        path, origin = _find(str(source) or DEFAULT_SCORES)
        if path is None:
            from yardsticks.scores.twin.draw import make_twin

            warn_synthetic(origin)
            table = replace(make_twin(), origin=origin)
        else:
            table = read_scores(path, origin=origin, **options)
    lower = list(lower_better)
    if str(catalogue):
        table, lower_there = use_catalogue(table, catalogue)
        lower += lower_there
    return reverse_metrics(table, lower)


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
