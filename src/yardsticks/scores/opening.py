"""Opening scores: the real leaderboard, a user's file, or the synthetic twin where nothing else can be had."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from yardsticks.datasets import DEFAULT_SCORES, locate, registered, warn_synthetic
from yardsticks.scores.reading.areas import assign_areas, read_areas
from yardsticks.scores.reading.rules import read_scores
from yardsticks.scores.table import ScoreTable


def open_scores(source: str | os.PathLike = "", *, catalogue: str | os.PathLike = "") -> ScoreTable:
    """Open a leaderboard: real where it can be found, else its synthetic twin with a warning.

    Parameters
    ----------
    source : str or path
        A registered name, a file of any format that `read_scores` takes, or "" for the default leaderboard.
    catalogue : path, optional
        A CSV that says the areas of metrics which the catalogue does not know, see `areas.read_areas`.

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
    """
    if str(catalogue):
        return assign_areas(open_scores(source), read_areas(catalogue), source=Path(catalogue).name)
    source = str(source) or DEFAULT_SCORES
    entries = registered()
    tables = [name for name, entry in entries.items() if entry.reader.endswith(".read_scores")]
    if source not in entries:
        if not Path(source).exists():
            raise FileNotFoundError(f"{source!r} is neither a file nor a registered table: {', '.join(tables)}.")
        return read_scores(source)
    if source not in tables:
        raise ValueError(
            f"{source} is no table of scores ({entries[source].title}). Name {' or '.join(tables)}, or your own file."
        )
    path, origin = locate(source)
    if path is None:
        from yardsticks.scores.twin.draw import make_twin

        warn_synthetic(origin)
        return replace(make_twin(), origin=origin)
    return read_scores(path, origin=origin)
