"""Recovery by number of triplets, by set of models and by family, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from yardsticks.recovery.winners.credit import confusion, winners
from yardsticks.stats import cluster_interval, exact_interval


def recovery_curve(
    rows: pd.DataFrame,
    *,
    scores: Sequence[str],
    seed: int,
    models: Sequence[str] | None = None,
    families: Mapping[str, str] | None = None,
    ties: str = "shared",
    by: Sequence[str] = ("n_triplets",),
    n_bootstrap: int = 2000,
) -> pd.DataFrame:
    """Return the recovery accuracy: how often the generator wins.

    Parameters
    ----------
    rows, models, families, ties
        As for `winners`.
    scores : sequence of str
        Each is one of `SCORES`.
    seed : int
        For the intervals from resampling.
    by : sequence of str
        Columns of `winners` by which jobs are grouped.

    Returns
    -------
    DataFrame
        For each group and score: ``recovery``, the mean credit; ``low`` and ``high``, its exact (Clopper-Pearson) 95%
        interval, which takes jobs for independent; ``seed_low`` and ``seed_high``, from resampling seeds, as jobs of a
        seed share their triplets, and ``generator_low`` and ``generator_high``, from resampling generators, as some are
        easier to recover than others and other models are what one would like to speak of (see `cluster_interval`);
        ``lead``, the mean margin over the best other candidate, in the score's unit, with ``lead_low`` and
        ``lead_high`` from resampling generators; ``chance``; ``n_jobs``, ``n_seeds``, and ``n_left_out``, jobs whose
        generator has no score.

    Examples
    --------
    >>> from yardsticks.recovery import open_results
    >>> curve = recovery_curve(open_results("things_open").rows, scores=["test_accuracy"], seed=0, n_bootstrap=10)
    >>> bool(curve["recovery"].is_monotonic_increasing), curve["n_jobs"].tolist()
    (True, [400, 400, 400, 100, 100, 100, 100])
    """
    rng, table = np.random.default_rng(seed), []
    for score in scores:
        jobs = winners(rows, score=score, models=models, families=families, ties=ties)
        for group, part in jobs.groupby(list(by)):
            known = part.dropna(subset="credit")
            low, high = exact_interval(known["credit"].sum(), len(known))
            limits = {}
            for cluster in ("seed", "generator"):
                ends = cluster_interval(known, "credit", cluster, rng, n_bootstrap)
                limits[f"{cluster}_low"], limits[f"{cluster}_high"] = ends
            ends = cluster_interval(known, "margin", "generator", np.random.default_rng(seed), n_bootstrap)
            limits |= {"lead": known["margin"].mean(), "lead_low": ends[0], "lead_high": ends[1]}
            table.append(
                dict(zip(by, group, strict=True))
                | {"score": score, "recovery": known["credit"].mean(), "low": low, "high": high}
                | limits
                | {"chance": known["chance"].mean()}
                | {"n_jobs": len(known), "n_seeds": known["seed"].nunique(), "n_left_out": len(part) - len(known)}
            )
    return pd.DataFrame(table)


def recovery_by_set(
    rows: pd.DataFrame, sets: Mapping[str, Sequence[str]], *, scores: Sequence[str], seed: int
) -> pd.DataFrame:
    """Return `recovery_curve` within each set of models: ``models`` is its name and ``n_models`` its size."""
    curves = [
        recovery_curve(rows, scores=scores, models=models, seed=seed).assign(models=name, n_models=len(models))
        for name, models in sets.items()
    ]
    return pd.concat(curves, ignore_index=True)


def recovery_by_family(
    rows: pd.DataFrame, families: Mapping[str, str], models: Sequence[str], *, scores: Sequence[str], seed: int
) -> pd.DataFrame:
    """Return `recovery_curve` three times, told apart by the column ``question``.

    Does the generator itself win; does a model of its family win; does it win where each family has but one model, the
    first of `models`? Chance differs between the three and is given for each.
    """
    asked = {
        "the model itself": {"models": models},
        "a model of its family": {"models": models, "families": families},
        "the model, one per family": {"models": one_per_family(families, models)},
    }
    curves = [
        recovery_curve(rows, scores=scores, seed=seed, **options).assign(question=question)
        for question, options in asked.items()
    ]
    return pd.concat(curves, ignore_index=True)


def one_per_family(families: Mapping[str, str], models: Sequence[str]) -> tuple[str, ...]:
    """Return the first model of each family, in the order of `models`: a choice that looks at no result."""
    first: dict[str, str] = {}
    for model in models:
        first.setdefault(families[model], model)
    return tuple(first.values())


def model_sets(catalogue: pd.DataFrame, models: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Sort models by the photographs that they were shown, and by whether they are networks.

    Parameters
    ----------
    catalogue : DataFrame
        Index model; columns ``stimuli`` and ``objective``, as from `list_features`.
    models : sequence of str

    Returns
    -------
    dict of str to tuple of str
        ``reference photographs``: shown the photographs that people judged. Among them, another one could only win by
        its network. ``networks among them``: without hand-made descriptors. ``other photographs``: the stimulus
        control. ``all``.
    """
    known = catalogue.loc[list(models)]
    reference = (known["stimuli"] == "reference").to_numpy()
    network = (known["objective"] != "hand-made").to_numpy()
    chosen = {
        "reference photographs": reference,
        "networks among them": reference & network,
        "other photographs": ~reference,
        "all": np.ones(len(known), bool),
    }
    return {name: tuple(known.index[mask]) for name, mask in chosen.items()}


def taken_for(rows: pd.DataFrame, *, pair: tuple[str, str], scores: Sequence[str]) -> pd.DataFrame:
    """Return how often each of two models is taken for the other, among all candidates and between the two alone.

    Returns
    -------
    DataFrame
        n_triplets, score, generator, n_jobs; fractions of the generator's jobs, summing to 1: ``itself``, ``the_other``
        and ``anyone_else`` wins (credit shared in ties); ``alone``: it wins when only the two compete.
    """
    table = []
    for score in scores:
        for n_triplets, part in rows.groupby("n_triplets"):
            counts = winners(part, score=score).dropna(subset="credit")["generator"].value_counts()
            won = confusion(part, n_triplets=n_triplets, score=score)
            two = confusion(part, n_triplets=n_triplets, score=score, models=pair)
            for model, other in (pair, pair[::-1]):
                if model in counts:
                    shares = won.loc[model]
                    others = shares.drop([model, other]).sum()
                    found = shares[model], shares[other], others, two.at[model, model]
                    table.append((n_triplets, score, model, counts[model], *found))
    names = ["n_triplets", "score", "generator", "n_jobs", "itself", "the_other", "anyone_else", "alone"]
    return pd.DataFrame(table, columns=names)


def describe_end(curve: pd.DataFrame) -> str:
    """Say in words how a recovery curve ends: a clause for the text that is right whatever came out.

    Parameters
    ----------
    curve : DataFrame
        As from `recovery_curve`, of one score. Recovery is said to rise or fall where the exact intervals at the
        smallest and the largest size do not meet.
    """
    first, last = (row for _, row in curve.sort_values("n_triplets").iloc[[0, -1]].iterrows())
    if first["recovery"] == last["recovery"] == 1:
        return "the generator wins every job, at the smallest size as at the largest"
    course = "is not seen to win more often"
    if last["low"] > first["high"] or last["high"] < first["low"]:
        course = "wins more often" if last["low"] > first["high"] else "wins less often"
    # to win every job is a count, not a certainty: the interval says what it leaves open
    outcome = "every job" if last["recovery"] == 1 else "not every job"
    return f"the generator {course} with more triplets, and wins {outcome} at the largest size"
