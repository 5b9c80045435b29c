"""What flexibility buys and costs: prediction of people and recovery, for studies with different transforms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from yardsticks.recovery.studies.tables import Results, open_results, open_several, split_cells
from yardsticks.recovery.winners.compare import compare_studies
from yardsticks.recovery.winners.curves import recovery_curve
from yardsticks.stats import cluster_interval

Studies = Mapping[str, Results]  # by name, as from `open_several`
SETTINGS = ("transform", "rank", "penalty", "components")


def open_transforms(*, longer: bool = False) -> dict[str, Results]:
    """Open the studies that differ in transform and penalty alone.

    Parameters
    ----------
    longer : bool
        Open instead the cells of ``shrinkage`` whose generators chose from a longer grid, of weaker strengths too.

    Returns
    -------
    dict of str to Results
        ``things_open_none``, ``things_open`` (full, with shrinkage), and the cells of ``shrinkage``. They share objects
        and triplets, but not their numbers of seeds and sizes.
    """
    cells = split_cells(open_results("shrinkage"))
    if longer:
        return {name: cell for name, cell in cells.items() if _has_own_grid(cell)}
    cells = {name: cell for name, cell in cells.items() if not _has_own_grid(cell)}
    return open_several(["things_open_none", "things_open"]) | cells


def _has_own_grid(study: Results) -> bool:
    return study.provenance["experiment"].get("generator_strengths") is not None


def name_constraint(transform: str, rank: float | None, penalty: str) -> str:
    """Return what a transform with its penalty is called: ``none``, ``diagonal``, ``rank 30``, ``full, Frobenius`` ...

    ``Frobenius`` marks the penalty that draws weights to zero, not to a multiple of the identity (shrinkage).
    """
    if transform == "none":
        return transform  # nothing is penalised
    return (f"rank {rank:g}" if transform == "low_rank" else transform) + ", Frobenius" * (penalty == "frobenius")


def shared_models(studies: Studies, models: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the models that are generators and candidates in every study, and in `models` where these are given."""
    sets = [set(study.rows[role]) for study in studies.values() for role in ("generator", "candidate")]
    return tuple(sorted(set.intersection(*sets, *([set(models)] if models is not None else [])) - {""}))


def recovery_by_study(
    studies: Studies, *, scores: Sequence[str], seed: int, models: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return the recovery curves of several studies, among the models that all of them have.

    Parameters
    ----------
    studies : mapping of str to Results
    scores : sequence of str
        Each is one of `SCORES`.
    seed : int
        For the intervals.
    models : sequence of str, optional
        Leave out all other models.

    Returns
    -------
    DataFrame
        As from `recovery_curve`, in the order of `studies`, with ``study``, ``constraint`` (see
        `name_constraint`), ``transform``, ``rank`` (NaN where there is none), ``penalty``, ``components`` and
        ``n_models`` in front.
    """
    models, curves = shared_models(studies, models), []
    for name, study in studies.items():
        settings = {key: study.provenance["experiment"][key] for key in SETTINGS}
        about = {"study": name, "constraint": _constraint(study), **settings, "n_models": len(models)}
        about["rank"] = np.nan if about["rank"] is None else float(about["rank"])
        curve = recovery_curve(study.rows, scores=scores, seed=seed, models=models)
        curves.append(pd.DataFrame(about, curve.index).join(curve))
    return pd.concat(curves, ignore_index=True)


def mean_prediction(prediction: pd.DataFrame, *, seed: int, models: Sequence[str] | None = None) -> pd.DataFrame:
    """Return how well people's choices are predicted under each constraint, as a mean over models.

    Parameters
    ----------
    prediction : DataFrame
        One row for each model and constraint, as from `prediction.pool`, of one set of judgements: ``model``,
        ``transform``, ``rank``, ``penalty``, ``accuracy``, the fraction of people's judgements that is predicted, of
        objects that the probe has not seen.
    seed : int
        For the intervals.
    models : sequence of str, optional
        Leave out all other models.

    Returns
    -------
    DataFrame
        ``constraint``; ``prediction``, the mean over models; ``prediction_low`` and ``prediction_high``, its 95%
        interval from resampling models (NaN below five); ``prediction_sd``, the standard deviation over models;
        ``n_predicted``, their number. No row without models.

    Raises
    ------
    ValueError
        A model has two accuracies under one constraint.
    """
    table = []
    for constraint, values in prediction_grid(prediction, models).items():
        known = values.dropna().rename("accuracy").reset_index()
        low, high = cluster_interval(known, "accuracy", "model", np.random.default_rng(seed))
        sd = known["accuracy"].std() if len(known) > 1 else np.nan
        table.append((constraint, known["accuracy"].mean(), low, high, sd, len(known)))
    names = ["constraint", "prediction", "prediction_low", "prediction_high", "prediction_sd", "n_predicted"]
    return pd.DataFrame(table, columns=names)


def trade_off(
    studies: Studies,
    prediction: pd.DataFrame,
    *,
    scores: Sequence[str],
    seed: int,
    models: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Set recovery beside the prediction of people, for each constraint and size.

    Parameters
    ----------
    studies, scores, seed, models
        As for `recovery_by_study`.
    prediction : DataFrame
        As for `mean_prediction`.

    Returns
    -------
    DataFrame
        `recovery_by_study` with the columns of `mean_prediction`, both over the models that all studies have; NaN where
        a constraint has no prediction.

    Notes
    -----
    Figure 5 of the published study. There, people's judgements are cut to the number of simulated triplets; here all of
    them are fitted, so that the prediction is the same at all sizes.
    """
    curves = recovery_by_study(studies, scores=scores, seed=seed, models=models)
    means = mean_prediction(prediction, seed=seed, models=shared_models(studies, models))
    return curves.merge(means, on="constraint", how="left")


def compare_constraints(
    studies: Studies,
    prediction: pd.DataFrame,
    *,
    baseline: str,
    scores: Sequence[str],
    seed: int,
    models: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Compare each study with one of them, pair by pair: what recovery and what prediction is gained or lost.

    Parameters
    ----------
    studies, prediction, scores, seed, models
        As for `trade_off`.
    baseline : str
        Name of the study that the others are compared with.

    Returns
    -------
    DataFrame
        For each other study, size and score that both have: ``constraint``, ``n_triplets``, ``score``, ``n_jobs``,
        ``n_seeds``; ``recovery_change``, over the jobs that both have, with ``low`` and ``high`` (see
        `compare_studies`); ``prediction_change``, over the models that have both accuracies, with
        ``prediction_low`` and ``prediction_high`` from resampling models. Positive where the baseline is lower.

    Notes
    -----
    Jobs of one seed share objects and triplets in all studies. A generator answers them with its own transform.
    """
    models = shared_models(studies, models)
    kept = {
        name: study.rows[study.rows["generator"].isin(models) & study.rows["candidate"].isin([*models, ""])]
        for name, study in studies.items()
    }
    grid, own, tables = prediction_grid(prediction, models), _constraint(studies[baseline]), []
    for other in (name for name in studies if name != baseline):
        constraint = _constraint(studies[other])
        both = grid.reindex(columns=[constraint, own]).dropna()
        change = (both.iloc[:, 0] - both.iloc[:, 1]).rename("change").reset_index()
        low, high = cluster_interval(change, "change", "model", np.random.default_rng(seed))
        compared = compare_studies(kept[baseline], kept[other], scores=scores, seed=seed)
        compared = compared.rename(columns={"difference": "recovery_change"}).assign(
            constraint=constraint,
            prediction_change=change["change"].mean(),
            prediction_low=low,
            prediction_high=high,
        )
        tables.append(compared)
    names = ["constraint", "n_triplets", "score", "n_jobs", "n_seeds", "recovery_change", "low", "high"]
    names += ["prediction_change", "prediction_low", "prediction_high"]
    return pd.concat(tables, ignore_index=True)[names] if tables else pd.DataFrame(columns=names)


def _constraint(study: Results) -> str:
    return name_constraint(*(study.provenance["experiment"][key] for key in ("transform", "rank", "penalty")))


def prediction_grid(prediction: pd.DataFrame, models: Sequence[str] | None) -> pd.DataFrame:
    """Return accuracies (n_models, n_constraints)."""
    if models is not None:
        prediction = prediction[prediction["model"].isin(models)]
    names = [name_constraint(*setting) for setting in prediction[["transform", "rank", "penalty"]].to_numpy()]
    table = prediction[["model", "accuracy"]].assign(constraint=names).astype({"accuracy": float})
    if (twice := table.duplicated(["model", "constraint"])).any():
        first = table[twice].iloc[0]
        raise ValueError(
            f"{first['model']} has several accuracies for {first['constraint']!r}: leave one row for each model, "
            "transform, rank and penalty."
        )
    return table.pivot(index="model", columns="constraint", values="accuracy")
