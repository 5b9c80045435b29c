"""Who is ahead of whom, and by how much: margins beside what is known of the models, ranks in either role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from yardsticks.recovery.data.rows import sign_of
from yardsticks.recovery.failure.properties import pair_similarity
from yardsticks.recovery.winners.credit import CLOSE, competes
from yardsticks.stats import cluster_interval

ANSWERS = "its own answers"
OTHERS = "others' answers"


def margins(rows: pd.DataFrame, *, n_triplets: int, score: str, models: Sequence[str] | None = None) -> pd.DataFrame:
    """Return by how much the generator is ahead of each other candidate.

    Parameters
    ----------
    rows : DataFrame
        As from `run_job`.
    n_triplets : int
    score : str
        One of `SCORES`.
    models : sequence of str, optional
        Leave out all other generators and candidates.

    Returns
    -------
    DataFrame
        One row for each seed, generator and other candidate that have a score: ``seed``, ``generator``, ``candidate``,
        ``margin``, in the score's unit, positive where the generator is better.

    Raises
    ------
    ValueError
        An unknown score, or a size without rows.
    """
    sign = sign_of(score)
    part = rows[(rows["n_triplets"] == n_triplets) & competes(rows)]
    if part.empty:
        raise ValueError(
            f"no rows of {n_triplets} triplets. There are: {sorted(rows['n_triplets'].unique().tolist())}."
        )
    if models is not None:
        part = part[part["generator"].isin(models) & part["candidate"].isin(models)]
    itself = part["candidate"] == part["generator"]
    own = part[itself].set_index(["seed", "generator"])[score].rename("own")
    others = part[~itself].join(own, on=["seed", "generator"])
    others["margin"] = (others["own"] - others[score]) * sign
    kept = others.dropna(subset="margin")[["seed", "generator", "candidate", "margin"]]
    return kept.sort_values(["seed", "generator", "candidate"], ignore_index=True)


def ranks_by_role(
    rows: pd.DataFrame,
    *,
    n_triplets: int,
    score: str,
    seed: int,
    models: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return each model's mean rank when it is the generator, and when another model is.

    Parameters
    ----------
    rows : DataFrame
        As from `run_job`.
    n_triplets : int
    score : str
        One of `SCORES`.
    seed : int
        For the intervals.
    models : sequence of str, optional
        Leave out all other generators and candidates.

    Returns
    -------
    DataFrame
        Two rows for each model, ``role`` (`ANSWERS` or `OTHERS`): ``model``, ``rank`` (1 is best, means among ties; the
        mean over jobs, and of others' answers over generators), its 95% interval ``low`` and ``high``, from resampling
        seeds or, for others' answers, generators (NaN below five); ``wins``, the share of jobs
        won, split in ties: recovery in the one role, false wins in the other; ``blind``, the rank that a blind
        judgement gives on average; ``n_jobs``.

    Notes
    -----
    Figure 3 of the published study, with the rank itself and one kind of interval in both roles. A recovered model has
    rank 1 on its own answers; a false winner comes near it on others'.
    """
    sign = sign_of(score)
    part = rows[(rows["n_triplets"] == n_triplets) & competes(rows)]
    if models is not None:
        part = part[part["generator"].isin(models) & part["candidate"].isin(models)]
    grid = sign * part.pivot(index=["seed", "generator"], columns="candidate", values=score)
    values = grid.to_numpy(float)
    apart = values[:, None, :] - values[:, :, None]  # (n_jobs, n_models, n_models): each other one less this one
    ahead, beside = (apart > CLOSE).sum(axis=2), (np.abs(apart) <= CLOSE).sum(axis=2)  # beside itself too
    job, candidate = np.nonzero(~np.isnan(values))  # who has a score
    jobs = grid.index[job].to_frame(index=False).assign(candidate=grid.columns[candidate])
    jobs["rank"] = (ahead + (beside + 1) / 2)[job, candidate]
    jobs["win"] = np.where(ahead == 0, 1 / np.maximum(beside, 1), 0)[job, candidate]
    jobs["blind"] = (jobs.groupby(["seed", "generator"])["rank"].transform("size") + 1) / 2
    rng, table = np.random.default_rng(seed), []
    for model, own in jobs.groupby("candidate"):
        itself = own["generator"] == model
        for role, some, cluster in ((ANSWERS, own[itself], "seed"), (OTHERS, own[~itself], "generator")):
            each = some.groupby(cluster)[["rank", "win", "blind"]].mean()  # clusters weigh alike, of whatever size
            low, high = cluster_interval(each.reset_index(), "rank", cluster, rng)
            table.append(
                {"model": model, "role": role, "rank": each["rank"].mean(), "low": low, "high": high}
                | {"wins": each["win"].mean(), "blind": each["blind"].mean(), "n_jobs": len(some)}
            )
    return pd.DataFrame(table)


def pair_margins(
    rows: pd.DataFrame,
    similarity: pd.DataFrame,
    families: Mapping[str, str],
    *,
    n_triplets: int,
    score: str,
    models: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return by how much each generator is ahead of each other candidate, beside the similarity of the two.

    Parameters
    ----------
    rows, n_triplets, score, models
        As for `margins`.
    similarity : DataFrame, (n_models, n_models)
    families : mapping of model to family

    Returns
    -------
    DataFrame
        One row for each ordered pair: ``generator``, ``candidate``, ``margin`` (mean over seeds), ``n_jobs``,
        ``similarity`` (NaN where unknown), ``same_family``.
    """
    table = margins(rows, n_triplets=n_triplets, score=score, models=models)
    each = table.groupby(["generator", "candidate"])["margin"].agg(margin="mean", n_jobs="size").reset_index()
    families = pd.Series(dict(families))
    same = families.loc[each["generator"]].to_numpy() == families.loc[each["candidate"]].to_numpy()
    return each.assign(similarity=pair_similarity(each, similarity), same_family=same)
