"""How the winners of two studies of the same jobs differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from yardsticks.recovery.data.rows import JOB, sign_of
from yardsticks.recovery.winners.credit import best_candidates, winners
from yardsticks.stats import cluster_interval


def compare_studies(first: pd.DataFrame, second: pd.DataFrame, *, scores: Sequence[str], seed: int) -> pd.DataFrame:
    """Compare two studies job by job, over the jobs and the models that both have.

    Parameters
    ----------
    first, second : DataFrame
        Rows of the two. Models that are not generators and candidates in both are left out of both.
    scores : sequence of str
    seed : int
        For the intervals.

    Returns
    -------
    DataFrame
        For each size and score: ``n_jobs``, ``n_seeds``, ``n_models``; ``first`` and ``second``, their recovery;
        ``difference`` (second less first) with ``low`` and ``high``, a 95% interval from resampling generators (see
        `cluster_interval`); ``only_first`` and ``only_second``, credit that only one of them gives;
        ``score_difference``, mean over jobs and candidates, and ``own_difference``, of the generators' own scores;
        ``same_winner``, fraction of jobs.
    """
    models = _models_of_both(first, second)
    rng, table = np.random.default_rng(seed), []
    for score in scores:
        both = _jobs_of_both(first, second, score=score, models=models)
        grids = [best_candidates(rows, score, models)[0] for rows in (first, second)]
        shift = (sign_of(score) * (grids[1] - grids[0])).reindex(pd.MultiIndex.from_frame(both[JOB]))
        both["shift"] = shift.mean(axis=1).to_numpy()
        both["own"] = [
            row.get(name, np.nan) for name, (_, row) in zip(both["generator"], shift.iterrows(), strict=True)
        ]
        both["same"] = both["winner_first"] == both["winner_second"]
        for n_triplets, part in both.groupby("n_triplets"):
            low, high = cluster_interval(part, "change", "generator", rng)
            table.append(
                {"n_triplets": n_triplets, "score": score, "n_jobs": len(part), "n_seeds": part["seed"].nunique()}
                | {"n_models": len(models), "first": part["credit_first"].mean()}
                | {"second": part["credit_second"].mean(), "difference": part["change"].mean(), "low": low}
                | {"high": high, "only_first": (-part["change"]).clip(lower=0).sum()}
                | {"only_second": part["change"].clip(lower=0).sum(), "score_difference": part["shift"].mean()}
                | {"own_difference": part["own"].mean(), "same_winner": part["same"].mean()}
            )
    return pd.DataFrame(table)


def mean_change(first: pd.DataFrame, second: pd.DataFrame, *, score: str, seed: int) -> dict[str, float | int]:
    """Compare the recovery of two studies over all sizes together: one number, and so one test.

    Parameters
    ----------
    first, second, seed
        As for `compare_studies`.
    score : str

    Returns
    -------
    dict
        ``difference``, second less first, over the jobs that both have: each of a generator's ``n_sizes`` sizes counts
        the same, and so does each of the ``n_generators``; ``low`` and ``high``, its 95% interval from resampling
        generators (see `cluster_interval`); and ``n_jobs``.
    """
    both = _jobs_of_both(first, second, score=score, models=_models_of_both(first, second))
    by_size = both.groupby(["generator", "n_triplets"])["change"].mean()
    each = by_size.groupby("generator").mean().reset_index()
    low, high = cluster_interval(each, "change", "generator", np.random.default_rng(seed))
    counts = {"n_jobs": len(both), "n_sizes": both["n_triplets"].nunique(), "n_generators": len(each)}
    return {"difference": each["change"].mean(), "low": low, "high": high} | counts


def _models_of_both(first: pd.DataFrame, second: pd.DataFrame) -> list[str]:
    present = [set(part[column]) for part in (first, second) for column in ("generator", "candidate")]
    return sorted(set.intersection(*present) - {""})


def _jobs_of_both(first: pd.DataFrame, second: pd.DataFrame, *, score: str, models: Sequence[str]) -> pd.DataFrame:
    jobs = [winners(rows, score=score, models=models).dropna(subset="credit") for rows in (first, second)]
    both = jobs[0].merge(jobs[1], on=JOB, suffixes=("_first", "_second"))
    return both.assign(change=both["credit_second"] - both["credit_first"])
