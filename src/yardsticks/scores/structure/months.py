"""The leaderboard at the end of each month: what its metrics agreed on and whom it ranked first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from yardsticks.scores.integration import domain_scores, integrate, variance_explained
from yardsticks.scores.integration.schemes import ranked_by
from yardsticks.scores.intervals import interval, resample
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import coefficients, mean_correlation

FEWEST_SCORES = 10  # models scored under a metric, from which on it is on the board
FEWEST_MODELS = 20  # ranked, from which on there is a board


class Board(NamedTuple):
    """What stood on the leaderboard at a time.

    Parameters
    ----------
    table : ScoreTable
        The models that were ranked, under the metrics that were on the board.
    ranking : DataFrame
        As from `integrate`, by the mean of what is available.
    """

    table: ScoreTable
    ranking: pd.DataFrame


def find_boards(
    table: ScoreTable | None, later: Mapping[str, ScoreTable], *, seed: int, n: int = 500
) -> dict[str, Board]:
    """Return the board at the end of each month in which scores were given, and those of later tables.

    Parameters
    ----------
    table : ScoreTable or None
        With timestamps; None for the later tables alone.
    later : mapping of str to ScoreTable
        By month, such as ``2025-05``; whole tables, of which no timestamp is asked.
    seed, n : int
        Of the resamples of metrics, by which ranks get their intervals.

    Returns
    -------
    dict of str to Board
        By month, such as ``2022-06``. A metric that a ranking goes by is on the board once 10 models have a score, and
        a model is ranked that has half of the metrics of each domain. Months with fewer than 20 ranked models are left
        out.

    Raises
    ------
    ValueError
        The table has no timestamps, or ranks too few models in every month.

    Notes
    -----
    A score stands in the table with the time of its last computation. One that was computed again counts from then on
    only, and one that has been withdrawn is not there at all: this is the table of today cut at a date, not what the
    site showed then.

    Examples
    --------
    >>> from yardsticks.scores import make_twin, paper_leaves
    >>> table = make_twin()
    >>> boards = find_boards(table.select(metrics=paper_leaves(table)), {}, seed=1, n=2)
    >>> list(boards)[0], list(boards)[-1]
    ('2021-04', '2023-07')
    """
    tables = (_by_month(table) if table is not None else {}) | dict(later)
    if not tables:
        raise ValueError("there is no later table, so there is no later board.")
    boards, why = {}, ""
    for month, whole in tables.items():
        enough = ranked_by(whole) & (whole.values.count() >= FEWEST_SCORES)
        part = whole.select(metrics=whole.values.columns[enough])
        try:
            ranking = integrate(part, scheme="mean", policy="available", n=n, seed=seed)
        except ValueError as error:  # a domain without metrics, or no model with half of them
            why = str(error)
            continue
        if len(ranking) >= FEWEST_MODELS:
            boards[month] = Board(part.select(models=ranking.index), ranking)
    if not boards:
        raise ValueError(f"{whole.origin.name} ranks {FEWEST_MODELS} models in no month. {why}".strip())
    return boards


def _by_month(table: ScoreTable) -> dict[str, ScoreTable]:
    when = None if table.cells is None else table.cells["timestamp"].dropna()
    if when is None or when.empty:
        raise ValueError(f"{table.origin.name} has no timestamps, so there is no month to go back to.")
    months = when.dt.tz_localize(None).dt.to_period("M").drop_duplicates().sort_values()
    return {str(month): table.select(until=str((month + 1).start_time.date())) for month in months}


def through_time(boards: Mapping[str, Board], *, seed: int, n: int = 500) -> pd.DataFrame:
    """Say of each board how far its metrics agree, which domain decides, and how far the ranking is that of before.

    Parameters
    ----------
    boards : mapping of str to Board
        As from `find_boards`.
    seed, n : int
        Of the resamples of models.

    Returns
    -------
    DataFrame, (n_boards, 17)
        Index month; columns n_models (ranked), n_metrics, mean_rho (mean Spearman correlation of two metrics, each over
        the models that have both), mean_rho_first (the same, of the metrics that were on the first board and still are,
        NaN where these are fewer than two), r2_neural
        and r2_behaviour (of the overall score's variance, as `variance_explained`), rho_before (Spearman of the overall
        score with that of the board before, over the n_common models that both rank); all but the counts also with
        ``_low`` and ``_high``, 95 % intervals over models.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> metrics = ["MajajHong2015.IT-pls", "MajajHong2015.V4-pls", "Rajalingham2018-i2n"]
    >>> boards = find_boards(make_twin().select(metrics=metrics), {}, seed=1, n=2)
    >>> int(through_time(boards, seed=1, n=2)["n_metrics"].iloc[-1])
    3
    """
    rows, before = {}, None
    first = next(iter(boards.values())).table.values.columns
    for month, (table, ranking) in boards.items():
        domains = ranking.rename(columns={"score": "overall"})[["neural", "behaviour", "overall"]]
        both = pd.concat([domains["overall"], before], axis=1, join="inner") if before is not None else None
        numbers = {**variance_explained(domains).add_prefix("r2_")}
        draws = resample(domains, "pearson", seed=seed, n=n).xs("overall", level="metric_b") ** 2
        draws.index = [f"r2_{domain}" for domain in draws.index]
        still = table.values[first.intersection(table.values.columns, sort=False)]
        for name, columns in (("mean_rho", table.values), ("mean_rho_first", still)):
            if columns.shape[1] < 2:
                numbers[name] = draws.loc[name] = float("nan")
                continue
            numbers[name] = mean_correlation(columns, policy="pairwise")
            draws.loc[name] = resample(columns, "spearman", seed=seed, n=n).mean()
        if both is not None:
            numbers["rho_before"] = coefficients(both, method="spearman").iat[0, 1]
            draws.loc["rho_before"] = resample(both, "spearman", seed=seed, n=n).iloc[0]
        ends = interval(draws)
        rows[month] = {
            "n_models": len(ranking),
            "n_metrics": table.values.shape[1],
            "n_common": 0 if both is None else len(both),
            **numbers,
            **{f"{name}_{end}": ends.at[name, end] for name in ends.index for end in ends},
        }
        before = domains["overall"].rename("before")
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("month")


def describe_months(frame: pd.DataFrame) -> dict[str, int | float | str]:
    """Say what changed from the first board to the last, and where most.

    Parameters
    ----------
    frame : DataFrame
        As from `through_time`.

    Returns
    -------
    dict
        first, last, lowest and highest (months, the latter two by what the neural score explains), with mean_rho,
        r2_neural, r2_behaviour and their intervals as ``first_mean_rho``, ``first_mean_rho_low`` and so on; the last
        mean_rho of the first board's metrics as ``last_mean_rho_first``, with its interval; n_models and n_metrics of
        the last board, first_n_models and first_n_metrics of the first; least_behaviour, the least that behaviour
        explains; fall, the month in which mean_rho fell most, from fall_before to fall_after, with fall_first (of the
        metrics of the first board), fall_metrics, fall_metrics_before, fall_models and fall_models_before; least, the
        month whose ranking agrees least with that of before, with least_rho, its interval, and least_n. What needs two
        boards is missing where there is one.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> metrics = ["MajajHong2015.IT-pls", "MajajHong2015.V4-pls", "Rajalingham2018-i2n"]
    >>> boards = find_boards(make_twin().select(metrics=metrics), {}, seed=1, n=2)
    >>> describe_months(through_time(boards, seed=1, n=2))["last"]
    '2023-03'
    """
    found = {"least_behaviour": frame["r2_behaviour"].min()}
    numbers = [f"{what}{end}" for what in ("mean_rho", "r2_neural", "r2_behaviour") for end in ("", "_low", "_high")]
    months = {"first": frame.index[0], "last": frame.index[-1]}
    months |= {"lowest": frame["r2_neural"].idxmin(), "highest": frame["r2_neural"].idxmax()}
    for name, month in months.items():
        found |= {name: month} | {f"{name}_{number}": frame.at[month, number] for number in numbers}
    found |= {f"last_mean_rho_first{end}": frame[f"mean_rho_first{end}"].iloc[-1] for end in ("", "_low", "_high")}
    for number in ("n_models", "n_metrics"):
        found |= {number: int(frame[number].iloc[-1]), f"first_{number}": int(frame[number].iloc[0])}
    if len(frame) > 1:
        fall, least = frame["mean_rho"].diff().idxmin(), frame["rho_before"].idxmin()
        place = frame.index.get_loc(fall)
        before, after = frame.iloc[place - 1], frame.iloc[place]
        found |= {"fall": fall, "fall_before": before["mean_rho"], "fall_after": after["mean_rho"]}
        found["fall_first"] = before["mean_rho_first"] - after["mean_rho_first"]
        for what in ("metrics", "models"):
            found[f"fall_{what}"], found[f"fall_{what}_before"] = int(after[f"n_{what}"]), int(before[f"n_{what}"])
        found |= {"least": least, "least_n": int(frame.at[least, "n_common"])}
        found |= {f"least_rho{end}": frame.at[least, f"rho_before{end}"] for end in ("", "_low", "_high")}
    return found


def later_part(table: ScoreTable, later: ScoreTable) -> tuple[pd.DataFrame, pd.Index]:
    """Return the domain scores of the complete models of a later table, and which of them the earlier one had.

    Parameters
    ----------
    table, later : ScoreTable
        The later one is taken for the scores of both, as tables round differently.

    Returns
    -------
    parts : DataFrame, (n_models, 2)
        Columns neural and behaviour.
    earlier : Index

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> metrics = ["MajajHong2015.IT-pls", "Rajalingham2018-i2n"]
    >>> parts, earlier = later_part(make_twin(), make_twin().select(metrics=metrics))
    >>> len(parts) == len(earlier)
    True
    """
    parts = domain_scores(later, policy="complete")[["neural", "behaviour"]].dropna()
    return parts, parts.index[parts.index.isin(table.values.index)]
