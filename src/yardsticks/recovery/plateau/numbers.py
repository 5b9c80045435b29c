"""Numbers for the text, from the tables of this folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from yardsticks.recovery.plateau.cells import cell_jobs
from yardsticks.recovery.plateau.words import say_effects, say_largest
from yardsticks.recovery.studies.tables import Results
from yardsticks.recovery.winners.credit import lost


def regime_jobs(studies: Mapping[str, Results], *, models: Sequence[str], scores: Sequence[str]) -> pd.DataFrame:
    """Return `cell_jobs` of whole studies, each a cell of its name, among the same models."""
    rows = pd.concat([study.rows.assign(cell=name) for name, study in studies.items()])
    return cell_jobs(rows, scores=scores, sets={"the same models": models})


def narrow_losses(jobs: pd.DataFrame, *, n_noise_free: int, sd_lead: float) -> dict[str, float | int]:
    """Count the lost jobs whose deficit lies within the error of a mean over so many triplets.

    Parameters
    ----------
    jobs : DataFrame
        As from `cell_jobs`.
    n_noise_free : int
        Triplets of the mean.
    sd_lead : float
        Standard deviation of a lead over triplets.

    Returns
    -------
    dict
        ``narrow``, two standard errors of a lead; ``n_lost`` jobs; ``n_narrow`` of them, with a deficit below that.
    """
    narrow = 2 * sd_lead / n_noise_free**0.5
    deficits = jobs.loc[lost(jobs), "margin"]
    return {"narrow": narrow, "n_lost": len(deficits), "n_narrow": int((deficits > -narrow).sum())}


def count_changed(jobs: pd.DataFrame, first: str, second: str) -> dict[str, int]:
    """Count the jobs whose outcome differs between two sets of candidates.

    Parameters
    ----------
    jobs : DataFrame
        As from `cell_jobs`, of one score.
    first, second : str
        Sets of candidates.

    Returns
    -------
    dict of str to int
        ``n_outcomes``, jobs of generators that are in both sets; ``n_changed`` of them, with another credit.
    """
    keys = ["cell", "generator", "seed", "n_triplets"]
    both = jobs.pivot(index=keys, columns="candidates", values="credit")[[first, second]].dropna()
    return {"n_outcomes": len(both), "n_changed": int((both[first] != both[second]).sum())}


def count_ended(ends: pd.DataFrame, codes: pd.DataFrame, *, factor: str) -> dict[str, int]:
    """Count the cells in which most generators chose the weakest strength of their grid.

    Parameters
    ----------
    ends : DataFrame
        Index cell, as from `winners.generators_at_ends`.
    codes : DataFrame of int, (n_cells, n_factors)
        As from `code_cells`; other cells do not count.
    factor : str
        Column of `codes`.

    Returns
    -------
    dict of str to int
        ``n_ended_cells``; ``n_cells_low``, cells with the factor at its low level, and ``n_ended_low`` of them.
    """
    found = ends.reindex(codes.index)
    ended, low = found["weakest"] > found["n"] / 2, codes[factor] == -1
    return {"n_ended_cells": int(ended.sum()), "n_cells_low": int(low.sum()), "n_ended_low": int((ended & low).sum())}


def effect_numbers(
    found: pd.DataFrame, *, exact: str, sampled: str, levels: Mapping[str, Sequence[str]]
) -> dict[str, float | int | str]:
    """Return what the effects on recovery, lead and own score amount to.

    Parameters
    ----------
    found : DataFrame
        As from `effects`, with the responses ``credit``, ``margin`` and ``own``.
    exact, sampled : str
        The scores without sampling noise and by sampled answers; all is by the first where nothing is said.
    levels : mapping of factor to (low, high)
        As for `say_effects`.

    Returns
    -------
    dict
        ``n_generators``; ``n_effects`` of a response, and ``even_share``, 1 / n_effects; ``width``, half the median
        width of an interval of recovery, in points; ``what_recovery``, ``what_lead`` and ``what_own``, see
        `say_effects`, the first two also by sampled answers, ``what_sampled`` and ``what_lead_sampled``;
        ``largest_recovery`` and ``largest_lead``, see `say_largest`.
    """
    of_response = {key: part for key, part in found.groupby(["score", "response"], sort=False)}
    recovered, lead, own = (of_response[exact, name] for name in ("credit", "margin", "own"))
    return {
        "n_generators": int(recovered["n_generators"].iloc[0]),
        "n_effects": len(recovered),
        "even_share": 1 / len(recovered),
        "width": ((recovered["high"] - recovered["low"]) / 2).median() * 100,
        "what_recovery": say_effects(recovered, unit="points", levels=levels),
        "what_sampled": say_effects(of_response[sampled, "credit"], unit="points", levels=levels),
        "what_lead": say_effects(lead, unit="accuracy", levels=levels),
        "what_lead_sampled": say_effects(of_response[sampled, "margin"], unit="accuracy", levels=levels),
        "what_own": say_effects(own, unit="accuracy", levels=levels),
        "largest_recovery": say_largest(recovered, unit="points"),
        "largest_lead": say_largest(lead, unit="accuracy"),
    }
