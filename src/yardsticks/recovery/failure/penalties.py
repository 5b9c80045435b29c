"""Which penalty is recovered more often, and predicts people better: shrinkage or Frobenius."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from yardsticks.recovery.failure.flexibility import SETTINGS, Studies, name_constraint, prediction_grid, shared_models
from yardsticks.recovery.probes.options import PENALTIES
from yardsticks.recovery.studies.tables import Results
from yardsticks.recovery.winners.compare import compare_studies, mean_change
from yardsticks.stats import cluster_interval


def compare_penalties(studies: Studies, pooled: pd.DataFrame, *, scores: Sequence[str], seed: int) -> pd.DataFrame:
    """Compare the two penalties under each transform, job by job and model by model: shrinkage less Frobenius.

    Parameters
    ----------
    studies : mapping of str to Results
        A transform of which there is but one penalty is left out.
    pooled : DataFrame
        As from `prediction.pool`, of one set of judgements.
    scores : sequence of str
        Each is one of `SCORES`.
    seed : int
        For the intervals.

    Returns
    -------
    DataFrame
        For each transform, size and score: ``transform``, as `name_constraint` has it; ``n_triplets``, ``score``,
        ``n_jobs``, ``n_seeds``, ``n_models``; recovery with ``shrinkage`` and with ``frobenius``, ``difference``, the
        former less the latter, over the jobs that both have, ``low`` and ``high``, its 95% interval from resampling
        generators; and ``bound``: the larger of the two ends, without its sign. So much, and no more, either penalty
        may be ahead. The columns ``prediction``, ``prediction_low``, ``prediction_high``, ``prediction_bound`` and
        ``n_predicted`` are the same of the prediction of people, over the models that have both accuracies.
    """
    grid = prediction_grid(pooled, None)
    tables = []
    for names, shrinkage, frobenius in _pairs(studies):
        compared = compare_studies(frobenius.rows, shrinkage.rows, scores=scores, seed=seed)
        both = grid.reindex(shared_models({"shrinkage": shrinkage, "frobenius": frobenius}), columns=names).dropna()
        change = (both[names[0]] - both[names[1]]).rename("change").reset_index()
        low, high = cluster_interval(change, "change", "model", np.random.default_rng(seed))
        tables.append(
            compared.rename(columns={"first": "frobenius", "second": "shrinkage"}).assign(
                transform=names[0],
                bound=compared[["low", "high"]].abs().max(axis=1, skipna=False),
                prediction=change["change"].mean(),
                prediction_low=low,
                prediction_high=high,
                prediction_bound=max(abs(low), abs(high)),
                n_predicted=len(change),
            )
        )
    names = [
        "transform",
        "n_triplets",
        "score",
        "n_jobs",
        "n_seeds",
        "n_models",
        "shrinkage",
        "frobenius",
        "difference",
    ]
    names += ["low", "high", "bound", "prediction", "prediction_low", "prediction_high", "prediction_bound"]
    names += ["n_predicted"]
    return pd.concat(tables, ignore_index=True)[names] if tables else pd.DataFrame(columns=names)


def mean_gains(studies: Studies, *, score: str, seed: int) -> pd.DataFrame:
    """Return what shrinkage gains in recovery over the Frobenius penalty, as a mean over the numbers of triplets.

    Parameters
    ----------
    studies, seed
        As for `compare_penalties`.
    score : str
        One of `SCORES`.

    Returns
    -------
    DataFrame
        Index transform, the columns of `mean_change`: ``difference``, shrinkage less Frobenius, as a fraction, with its
        95% interval ``low`` to ``high`` over generators, ``n_jobs``, ``n_sizes`` and ``n_generators``. One interval for
        each transform: the largest of several differences would be picked by what came out.
    """
    found = {
        names[0]: mean_change(frobenius.rows, shrinkage.rows, score=score, seed=seed)
        for names, shrinkage, frobenius in _pairs(studies)
    }
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("transform")


def _pairs(studies: Studies) -> Iterator[tuple[list[str], Results, Results]]:
    """Yield of each transform that has both penalties their names and the two studies, in the order of `PENALTIES`."""
    by_transform: dict[tuple, dict[str, Results]] = {}
    for study in studies.values():
        transform, rank, penalty, components = (study.provenance["experiment"][key] for key in SETTINGS)
        by_transform.setdefault((transform, rank, components), {})[penalty] = study
    for (transform, rank, _), of in by_transform.items():
        if transform != "none" and set(PENALTIES) <= set(of):
            names = [name_constraint(transform, rank, penalty) for penalty in PENALTIES]
            yield names, *(of[penalty] for penalty in PENALTIES)


def penalty_numbers(full: pd.DataFrame) -> dict[str, float | int]:
    """Return what shrinkage gains over the Frobenius penalty: where it gains most, and at the largest size.

    Parameters
    ----------
    full : DataFrame
        Of one transform and score, as from `compare_penalties`, with the index n_triplets.

    Returns
    -------
    dict
        Of the size at which it gains most: ``penalty_size``, ``penalty_shrinkage`` and ``penalty_frobenius``,
        fractions, and ``penalty_n_jobs``. ``penalty_gain``, ``penalty_low`` and ``penalty_high``, in percentage points;
        the same with ``penalty_last_`` of the largest size, ``penalty_largest``. ``penalty_n_clear`` of
        ``penalty_n_sizes`` sizes have an interval above zero. ``penalty_prediction``, ``_low``, ``_high`` and
        ``penalty_bound``, of the prediction of people, in percentage points over ``penalty_n_predicted`` models.
    """
    most, last = full.loc[full["difference"].idxmax()], full.loc[full.index.max()]
    numbers = {"size": int(most.name), "largest": int(last.name)}
    numbers |= {name: most[name] for name in ("shrinkage", "frobenius", "n_jobs", "n_predicted")}
    columns = {"gain": "difference", "low": "low", "high": "high"}
    for row, prefix in ((most, ""), (last, "last_")):
        numbers |= {prefix + name: 100 * row[column] for name, column in columns.items()}
    numbers |= {"n_clear": int((full["low"] > 0).sum()), "n_sizes": len(full)}
    numbers |= {name: 100 * most[name] for name in ("prediction", "prediction_low", "prediction_high")}
    numbers["bound"] = 100 * most["prediction_bound"]
    return {f"penalty_{name}": value for name, value in numbers.items()}


def say_penalties(compared: pd.DataFrame, *, score: str) -> str:
    """Say of each transform where shrinkage and the Frobenius penalty differ most in recovery.

    Parameters
    ----------
    compared : DataFrame
        As from `compare_penalties`.
    score : str

    Examples
    --------
    >>> row = {"transform": "diagonal", "score": "nll", "n_triplets": 400}
    >>> row |= {"difference": 0.04, "low": -0.02, "high": 0.1, "n_jobs": 34}
    >>> say_penalties(pd.DataFrame([row, row | {"n_triplets": 100, "difference": 0.01}]), score="nll")
    'With diagonal probes the largest difference is +4 points, at 400 triplets (95% interval -2 to +10, 34 jobs).'
    """
    said = []
    for name, part in compared[compared["score"] == score].groupby("transform"):
        row = part.loc[part["difference"].abs().idxmax()]
        change, low, high = (f"{100 * row[key]:+.0f}" for key in ("difference", "low", "high"))
        where = f"at {row['n_triplets']:,} triplets (95% interval {low} to {high}, {row['n_jobs']} jobs)"
        probe = f"{name} probes" if name in ("full", "diagonal") else f"probes of {name}"
        said.append(f"With {probe} the largest difference is {change} points, {where}.")
    return " ".join(said)
