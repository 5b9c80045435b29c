"""What a recovery study says: how often the generator wins, for whom it is taken otherwise, how two studies differ.

All functions are pure and take the rows of `run_job`. What a candidate scores does not depend on who else
competes, so a question about fewer models is answered by leaving the others out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from yardsticks.recovery.data.rows import JOB, sign_of
from yardsticks.recovery.triplets.choices import TIES
from yardsticks.stats import check_option

CLOSE = 1e-9  # scores that differ by no more are tied: sampled ones are fractions of a few answers
RANKS = ("first alone", "first, tied", "rank to 3", "rank to 10", "rank above 10")


def winners(
    rows: pd.DataFrame,
    *,
    score: str,
    models: Sequence[str] | None = None,
    families: Mapping[str, str] | None = None,
    ties: str = "shared",
) -> pd.DataFrame:
    """Say of each job whether its generator won.

    Parameters
    ----------
    rows : DataFrame
        As from `run_job`, of any number of jobs; a failed job is one row without a candidate. Rows with an
        error or without a score do not compete.
    score : str
        One of `SCORES`; the highest accuracy wins, or the lowest nll. Scores that differ by less than `CLOSE` are ties.
    models : sequence of str, optional
        Leave out all other generators and candidates.
    families : mapping of model to family, optional
        Give the generator credit for every winner of its family, not for itself alone.
    ties : {"shared", "first"}
        Whether candidates with the same best score share the win, or (as published) the first of `models`, which are
        then needed, wins alone: pass ``ties`` and ``models`` of the study's settings.

    Returns
    -------
    DataFrame
        One row for each job, with n_triplets, seed, generator and: ``credit``, in [0, 1], 1 where the generator alone
        has the best score, 1/m where it is one of m that share the win; ``rank``, 1 is best, the mean rank among ties;
        ``margin``, by how much it is better than the best other (negative where it is worse), in the score's unit;
        ``winner``, a candidate or ``tie``; ``n_candidates`` that competed; ``chance``, the credit that a blind choice
        would earn. Where the generator has no score, or nobody else has, all of these are NaN (winner empty, see
        n_left_out of `recovery_curve`) but for n_candidates.

    Raises
    ------
    ValueError
        An unknown score, a job with two rows for a candidate, a model without a family; ties="first" without `models`.
    """
    grid, own, best = best_candidates(rows, score, models, ties)
    values, counted = grid.to_numpy(), best.any(axis=1)
    n_best = np.where(counted, best.sum(axis=1), 1)
    names, generators = grid.columns.to_numpy(str), grid.index.get_level_values("generator").to_numpy(str)
    itself = names == generators[:, None]  # (n_jobs, n_candidates)
    same = itself
    if families is not None:
        families = dict(families)  # a Series would do as well
        if unknown := sorted({*names, *generators} - set(families)):
            raise ValueError(f"no family is given for {', '.join(unknown)}.")
        same = np.array([families[n] for n in names]) == np.array([families[g] for g in generators])[:, None]
    competing = ~np.isnan(values)
    others = np.fmax.reduce(np.where(itself, np.nan, values), axis=1, initial=-np.inf)
    equal = np.abs(values - own[:, None]) <= CLOSE
    found = {
        "credit": (best & same).sum(axis=1) / n_best,
        "rank": (values > own[:, None] + CLOSE).sum(axis=1) + (equal.sum(axis=1) + 1) / 2,
        "margin": own - others,
        "chance": (competing & same).sum(axis=1) / np.maximum(competing.sum(axis=1), 1),
    }
    table = pd.DataFrame({name: np.where(counted, value, np.nan) for name, value in found.items()}, grid.index)
    # where all jobs failed nobody competes, and there is no first to name
    first = names[best.argmax(axis=1)] if len(names) else ""
    table["winner"] = np.where(counted, np.where(n_best > 1, "tie", first), "")
    table["n_candidates"] = competing.sum(axis=1)
    return table.reset_index()


def lost(jobs: pd.DataFrame) -> pd.Series:
    """Tell which jobs, as from `winners`, one other model won; a tie between others is neither won nor lost."""
    return (jobs["credit"] == 0) & (jobs["winner"] != "tie")


def confusion(
    rows: pd.DataFrame,
    *,
    n_triplets: int,
    score: str,
    models: Sequence[str] | None = None,
    ties: str = "shared",
) -> pd.DataFrame:
    """Return how often each candidate wins when each model is the generator; options are those of `winners`.

    Returns
    -------
    DataFrame, (n_models, n_models)
        Generators in rows, winners in columns, both in the order of `models` (else by name): fractions of a generator's
        jobs of that size, the credit shared in a tie. Each row sums to 1; it is NaN where the generator has no job.

    Examples
    --------
    >>> from yardsticks.recovery import open_results
    >>> rows = open_results("things_open").rows
    >>> confusion(rows, n_triplets=100, score="noise_free_accuracy", models=["hog", "pixels"]).shape
    (2, 2)
    """
    grid, _, best = best_candidates(rows[rows["n_triplets"] == n_triplets], score, models, ties)
    counted = best.any(axis=1)
    shares = pd.DataFrame(best[counted] / best[counted].sum(axis=1, keepdims=True), grid.index[counted], grid.columns)
    names = list(models) if models is not None else sorted(set(rows["generator"]) | set(grid.columns))
    table = shares.groupby(level="generator").mean().reindex(index=names, columns=names)
    table.loc[table.notna().any(axis=1)] = table.fillna(0.0)  # candidates that never competed never won
    return table.rename_axis(index="generator")


def confusions(
    rows: pd.DataFrame,
    sizes: Sequence[int],
    *,
    score: str,
    models: Sequence[str] | None = None,
    ties: str = "shared",
) -> dict[int, pd.DataFrame]:
    """Return `confusion` at several sizes; one larger than all that there are stands for the largest."""
    shown = sorted({min(int(size), int(rows["n_triplets"].max())) for size in sizes})
    return {size: confusion(rows, n_triplets=size, score=score, models=models, ties=ties) for size in shown}


def rank_shares(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return how the generator's ranks are spread at each size.

    Parameters
    ----------
    jobs : DataFrame
        As from `winners`.

    Returns
    -------
    DataFrame
        Index n_triplets, columns `RANKS`: fractions of jobs, which sum to 1.
    """
    known = jobs.dropna(subset="credit")
    tied = (known["credit"] > 0) & (known["credit"] < 1)
    edges = np.select([known["credit"] == 1, tied, known["rank"] <= 3, known["rank"] <= 10], RANKS[:4], RANKS[4])
    table = pd.crosstab(known["n_triplets"], edges, normalize="index").reindex(columns=list(RANKS), fill_value=0.0)
    return table.rename_axis(columns=None)


def competes(rows: pd.DataFrame) -> pd.Series:
    """Tell which rows are of a candidate that was fitted without an error."""
    return (rows["error"].fillna("") == "") & (rows["candidate"] != "")


def best_candidates(
    rows: pd.DataFrame, score: str, models: Sequence[str] | None, ties: str = "shared"
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return scores (n_jobs, n_candidates), higher is better; the generators' own; and who shares the best.

    Nobody is best in a job whose generator has no score, or no competitor.
    """
    check_option("ties", ties, TIES)
    if ties == "first" and models is None:
        raise ValueError("ties='first' needs models: their order says who is the first.")
    sign = sign_of(score)
    if models is not None:
        rows = rows[rows["generator"].isin(models)]
    entries = rows[competes(rows) & (rows["candidate"].isin(models) if models is not None else True)]
    jobs = pd.MultiIndex.from_frame(rows[JOB].drop_duplicates()).sort_values()
    grid = entries.pivot(index=JOB, columns="candidate", values=score).reindex(jobs).astype(float) * sign
    values = grid.to_numpy()
    place = grid.columns.get_indexer(jobs.get_level_values("generator"))
    own = np.full(len(grid), np.nan)
    own[place >= 0] = values[np.flatnonzero(place >= 0), place[place >= 0]]
    top = np.fmax.reduce(values, axis=1, initial=-np.inf)
    counted = ~np.isnan(own) & ((~np.isnan(values)).sum(axis=1) > 1)
    best = (values >= top[:, None] - CLOSE) & counted[:, None]
    if ties == "first":
        order = np.array([column for column in grid.columns.get_indexer(list(models)) if column >= 0], int)
        best[:, order] &= best[:, order].cumsum(axis=1) == 1
    return grid, own, best
