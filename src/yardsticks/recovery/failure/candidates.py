"""How recovery depends on the number of candidates: the mean over all smaller sets of a finished study's models.

What a candidate scores does not depend on who else competes. A generator with b candidates ahead of it and t beside it
earns credit in those sets that hold none of the b, and shares it with those of the t that are in the set. The mean over
all sets is a matter of counting, so that no set has to be drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import comb

from yardsticks.recovery.data.rows import JOB, sign_of
from yardsticks.recovery.winners.credit import CLOSE, competes, confusion, winners
from yardsticks.stats import check_option, cluster_interval

CLUSTERS = ("seed", "generator")


def set_credit(n_ahead: np.ndarray, n_beside: np.ndarray, n_models: np.ndarray, n_candidates: int) -> np.ndarray:
    """Return the generator's mean credit over all sets of candidates of one size that hold it.

    Parameters
    ----------
    n_ahead, n_beside : arrays of int, (n_jobs,)
        Other models with a better score, and with the same, b and t.
    n_models : array of int, (n_jobs,)
        All models that compete, the generator among them, M.
    n_candidates : int
        Size k of the sets, the generator counted, at least 2.

    Returns
    -------
    array, (n_jobs,)
        In [0, 1]: 1 where the generator wins alone in each set; NaN where fewer than k models compete.

    Notes
    -----
    A set of k without the b has credit 1 to give if it holds any of the t + 1 best, and over all such sets each of
    these earns as much. So the mean is (C(M - b, k) - C(M - b - t - 1, k)) / ((t + 1) C(M - 1, k - 1)), which for k = M
    is the credit of `winners`.

    Examples
    --------
    One of nine rivals is better. A set of two holds it in one case of nine, one of four in three of nine.

    >>> [round(float(set_credit(1, 0, 10, k)), 3) for k in (2, 4, 10)]
    [0.889, 0.667, 0.0]
    """
    n_ahead, n_beside, n_models = (np.asarray(values) for values in (n_ahead, n_beside, n_models))
    rest = n_models - n_ahead  # the generator, those beside it, and those behind
    sets = comb(n_models - 1, n_candidates - 1)
    credit = (comb(rest, n_candidates) - comb(rest - n_beside - 1, n_candidates)) / (n_beside + 1)
    return np.where(n_models >= n_candidates, credit / np.where(sets > 0, sets, 1), np.nan)


def recovery_by_candidates(
    rows: pd.DataFrame,
    *,
    scores: Sequence[str],
    resample: str,
    seed: int,
    models: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the recovery accuracy for every number of candidates, from two to all.

    Parameters
    ----------
    rows : DataFrame
        As from `run_job`.
    scores : sequence of str
        Each is one of `SCORES`.
    resample : {"seed", "generator"}
        What the intervals resample. With generators, the candidates that sets are drawn from stay the same: the
        interval says how far recovery depends on who answers, not on which models were collected.
    seed : int
        For the intervals.
    models : sequence of str, optional
        Leave out all other generators and candidates.

    Returns
    -------
    DataFrame
        For each size, score and number of candidates: n_triplets, score, n_candidates; ``recovery``, the mean over jobs
        of `set_credit`; ``low`` and ``high``, a 95% interval (NaN below five clusters); ``chance``, 1 /
        n_candidates; ``n_jobs``, ``n_units``, clusters that were resampled, and ``n_left_out``, jobs whose generator
        has no score or that have fewer candidates.

    Raises
    ------
    ValueError
        An unknown score, or nothing that can be resampled.
    """
    check_option("resample", resample, CLUSTERS)
    table = []
    for score in scores:
        jobs = count_rivals(*rivals(rows, score, models))
        for n_triplets, part in jobs.groupby("n_triplets"):
            for n_candidates in range(2, int(part["n_models"].max()) + 1):
                credit = set_credit(part["n_ahead"], part["n_beside"], part["n_models"], n_candidates)
                known = part.assign(credit=credit).dropna(subset="credit")
                # the same resamples for every number of candidates
                low, high = cluster_interval(known, "credit", resample, np.random.default_rng(seed))
                table.append(
                    {"n_triplets": n_triplets, "score": score, "n_candidates": n_candidates}
                    | {"recovery": known["credit"].mean(), "low": low, "high": high, "chance": 1 / n_candidates}
                    | {
                        "n_jobs": len(known),
                        "n_units": known[resample].nunique(),
                        "n_left_out": len(part) - len(known),
                    }
                )
    return pd.DataFrame(table)


def add_candidate(rows: pd.DataFrame, newcomer: str, *, scores: Sequence[str], seed: int) -> pd.DataFrame:
    """Return what one more candidate does to the recovery of the others.

    Parameters
    ----------
    rows : DataFrame
        As from `run_job`, of a study in which the newcomer is generator and candidate.
    newcomer : str
    scores : sequence of str
    seed : int
        For the intervals.

    Returns
    -------
    DataFrame
        n_triplets, score, n_jobs; the other generators' recovery ``without`` and ``together`` with the newcomer among
        the candidates, and ``change``, with the 95% interval ``low`` and ``high`` from resampling
        generators; ``taken``, the share of their jobs that the newcomer wins (split in ties, the mean over generators);
        ``itself``, how often it is recovered when it is the generator.
    """
    models = sorted({*rows["generator"], *rows["candidate"]} - {newcomer, ""})
    names = ["n_triplets", "score", "n_jobs", "without", "together", "change", "low", "high", "taken", "itself"]
    table = []
    for score in scores:
        for n_triplets, part in rows.groupby("n_triplets"):
            alone, both = (winners(part, score=score, models=some) for some in (models, [*models, newcomer]))
            jobs = alone.merge(both, on=JOB, suffixes=("", "_both")).dropna(subset=["credit", "credit_both"])
            jobs["change"] = jobs["credit_both"] - jobs["credit"]
            low, high = cluster_interval(jobs, "change", "generator", np.random.default_rng(seed))
            won = confusion(part, n_triplets=n_triplets, score=score, models=[*models, newcomer])[newcomer]
            means = jobs[["credit", "credit_both", "change"]].mean()
            taken = won.drop(newcomer).mean()
            table.append((n_triplets, score, len(jobs), *means, low, high, taken, won[newcomer]))
    return pd.DataFrame(table, columns=names)


def rivals(rows: pd.DataFrame, score: str, models: Sequence[str] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return all jobs, and each rival of a generator that has a score, with whether it is ahead of it or beside.

    Parameters
    ----------
    rows, score, models
        As for `recovery_by_candidates`.

    Returns
    -------
    jobs : DataFrame
        The columns of `JOB`, sorted.
    others : DataFrame
        Those columns, ``candidate``, ``n_ahead``, ``n_beside``: the latter 1 where so and 0 elsewhere, to be summed.
    """
    sign = sign_of(score)
    if models is not None:
        rows = rows[rows["generator"].isin(models) & rows["candidate"].isin([*models, ""])]  # a failed job has none
    jobs = rows[JOB].drop_duplicates().sort_values(JOB)
    entries = rows[competes(rows) & rows[score].notna()]
    itself = entries["candidate"] == entries["generator"]
    own = entries[itself].set_index(JOB)[score].rename("own")
    others = entries[~itself].join(own, on=JOB, how="inner")
    lead = (others[score] - others["own"]) * sign
    flags = {"n_ahead": (lead > CLOSE).astype(int), "n_beside": (lead.abs() <= CLOSE).astype(int)}
    return jobs, others[[*JOB, "candidate"]].assign(**flags)


def count_rivals(jobs: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Return jobs with n_ahead, n_beside and n_models, counted over *others*; see `rivals`.

    n_models is 0 where a job has none of them.
    """
    counts = others.assign(n_models=1).groupby(JOB)[["n_ahead", "n_beside", "n_models"]].sum()
    counts["n_models"] += 1
    return jobs.join(counts, on=JOB).fillna(0).astype({name: int for name in counts})
