"""The first ten of each board, and the models that weigh most."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from yardsticks.scores.integration import variance_explained
from yardsticks.scores.intervals import influence
from yardsticks.scores.structure.months import Board

TOP = 10  # ranks that are followed


def heaviest(board: Board) -> dict[str, float | str]:
    """Name the model that weighs most in what the neural score explains of a board's overall score.

    Parameters
    ----------
    board : Board

    Returns
    -------
    dict
        name, and without, the explained variance on the board without it, in [0, 1].

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> from yardsticks.scores.structure import find_boards
    >>> metrics = ["MajajHong2015.IT-pls", "MajajHong2015.V4-pls", "Rajalingham2018-i2n"]
    >>> boards = find_boards(make_twin().select(metrics=metrics), {}, seed=1, n=2)
    >>> heaviest(boards["2023-03"])["name"]
    'twin-234'
    """
    domains = board.ranking.rename(columns={"score": "overall"})[["neural", "behaviour", "overall"]]
    found = influence(domains, lambda part: variance_explained(part)["neural"])
    return {"name": board.ranking["model_name"].get(found["model"]), "without": found["without"]}


def leaders(boards: Mapping[str, Board]) -> pd.DataFrame:
    """Follow the models that were ever among the first ten.

    Parameters
    ----------
    boards : mapping of str to Board
        As from `find_boards`.

    Returns
    -------
    DataFrame
        One row for each such model and board that ranks it; columns month, model_id, model_name, rank, rank_low,
        rank_high and p_first, as from `integrate`.

    Examples
    --------
    >>> from yardsticks.scores import make_twin, paper_leaves
    >>> from yardsticks.scores.structure import find_boards
    >>> table = make_twin()
    >>> boards = find_boards(table.select(metrics=paper_leaves(table)), {}, seed=1, n=2)
    >>> int(leaders(boards)["rank"].min())
    1
    """
    ever = {model for board in boards.values() for model in board.ranking.index[board.ranking["rank"] <= TOP]}
    columns = ["model_name", "rank", "rank_low", "rank_high", "p_first"]
    found = [
        board.ranking.loc[[model for model in board.ranking.index if model in ever], columns].assign(month=month)
        for month, board in boards.items()
    ]
    frame = pd.concat(found).rename_axis("model_id").reset_index()
    return frame[["month", "model_id", *columns]]


def describe_leaders(found: pd.DataFrame) -> dict[str, int | float | str]:
    """Say how much the first ranks changed.

    Parameters
    ----------
    found : DataFrame
        As from `leaders`.

    Returns
    -------
    dict
        n_boards; n_first, different models that were first; n_ever, among the first ten; n_stay, of the first ten
        halfway through the boards still there on the last; halfway, the month of that; name, p_first, rank_low and
        rank_high of the last board's first.

    Examples
    --------
    >>> boards = {"month": ["2022-01", "2022-02"], "model_id": ["1", "2"], "model_name": ["x", "y"], "rank": [1, 1]}
    >>> found = pd.DataFrame(boards).assign(rank_low=1, rank_high=2, p_first=0.7)
    >>> describe_leaders(found)["n_first"]
    2
    """
    months = list(dict.fromkeys(found["month"]))
    top = found[found["rank"] <= TOP]
    of = {month: set(models) for month, models in top.groupby("month")["model_id"]}
    halfway = months[len(months) // 2 - 1] if len(months) > 1 else months[0]
    last = found[(found["month"] == months[-1]) & (found["rank"] == 1)].iloc[0]
    return {
        "n_boards": len(months),
        "n_first": found.loc[found["rank"] == 1, "model_id"].nunique(),
        "n_ever": top["model_id"].nunique(),
        "n_stay": len(of[halfway] & of[months[-1]]),
        "halfway": halfway,
        "name": last["model_name"],
        **last[["p_first", "rank_low", "rank_high"]],
    }
