"""The models of a table ranked by each scheme under each policy for missing scores, as a report shows them."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import pandas as pd

from yardsticks.scores.integration import SCHEMES, integrate, rank_shifts
from yardsticks.scores.integration.schemes import ranked_by
from yardsticks.scores.table import POLICIES, ScoreTable

N_RANKS = 1000  # resamples of the metrics, as of `integrate`
SCHEME_WORDS = {"mean": "mean of scores", "z": "mean of z scores", "rank": "mean of ranks"}
POLICY_WORDS = {"complete": "complete models only", "zero": "missing as 0", "available": "over what there is"}


class Rankings(NamedTuple):
    """A table's models ranked in every way, and what cannot be had.

    Parameters
    ----------
    over : {"domains", "metrics"}
    found : dict of (policy, scheme) to DataFrame
        As from `integrate`.
    refused : dict of (policy, scheme) to str
        Why there is no such ranking.
    warned : dict of (policy, scheme) to list of str
        What is warned of, such as scores on different scales.
    """

    over: str
    found: dict[tuple[str, str], pd.DataFrame]
    refused: dict[tuple[str, str], str]
    warned: dict[tuple[str, str], list[str]]


def rank_in_every_way(table: ScoreTable, *, seed: int) -> Rankings:
    """Rank a table's models under each policy for missing scores and each scheme, as far as it allows."""
    domains = table.metrics.loc[ranked_by(table), "domain"]
    over = "domains" if domains.nunique() == 2 and domains.notna().mean() >= 0.5 else "metrics"
    rankings = Rankings(over, {}, {}, {})
    for way in [(policy, scheme) for policy in POLICIES for scheme in SCHEMES]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            try:
                options = {"policy": way[0], "scheme": way[1], "over": over}
                rankings.found[way] = integrate(table, **options, n=N_RANKS, seed=seed)
            except ValueError as error:
                rankings.refused[way] = str(error)
        rankings.warned[way] = [str(warning.message) for warning in caught]
    return rankings


def choose_lead(rankings: Rankings, policy: str) -> tuple[str, str] | None:
    """Choose the ranking that is shown first: under the policy, by the first scheme that scales do not distort."""
    ways = [way for way in rankings.found if way[0] == policy] or [*rankings.found]
    return next((way for way in ways if not rankings.warned[way]), ways[-1] if ways else None)


def ranking_metrics(table: ScoreTable, over: str) -> list[str]:
    """Name the metrics that the rankings go by."""
    used = ranked_by(table)
    return list(table.metrics.index[used & table.metrics["domain"].notna() if over == "domains" else used])


def say_moves(rankings: Rankings, policy: str) -> list[str]:
    """Say how far a model moves from scheme to scheme, where there is more than one."""
    found = {scheme: ranking for (of, scheme), ranking in rankings.found.items() if of == policy}
    try:
        shifts = rank_shifts(found)
    except (KeyError, ValueError):  # no mean, other models, or no order
        return []
    most = shifts.loc[shifts["largest_shift"].idxmax()]
    if not most["largest_shift"]:
        return ["The three schemes give the same ranks."]
    ranks = ", ".join(f"{most[f'rank_{scheme}']} by the {SCHEME_WORDS[scheme]}" for scheme in found)
    return [
        f"The way to average moves a model by up to {most['largest_shift']} ranks: {most['model_name']} is {ranks}."
    ]


def in_words(way: tuple[str, str]) -> str:
    """Say a policy and a scheme."""
    return f"{SCHEME_WORDS[way[1]]}, {POLICY_WORDS[way[0]]}"
