"""Numbers for the text, from the tables of this folder."""

from __future__ import annotations

import pandas as pd

from yardsticks.recovery.winners.credit import lost


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
