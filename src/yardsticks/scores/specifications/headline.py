"""The paper's headline numbers, computed from the models that any set of choices leaves."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from math import comb
from typing import NamedTuple

import numpy as np
import pandas as pd

from yardsticks.scores.consistency import GROUPS, group_scores, paper_leaves
from yardsticks.scores.integration import LEVELS, agreement_with_mean, score_parts, variance_explained
from yardsticks.scores.integration.schemes import average, rescale
from yardsticks.scores.specifications.choices import Specification, apply, specifications
from yardsticks.scores.table import POLICIES, ScoreTable
from yardsticks.stats import check_option, coefficients, explained_variance, mean_correlation

METRIC_SETS = ("groups", "leaves", "leaves and engineering")
BEST_MODELS = {"neural_rank_best": "1885", "neural_rank_second": "646"}


@dataclass(frozen=True)
class Analysis:
    """What is computed from the models that a `Specification` leaves.

    Parameters
    ----------
    policy : {"complete", "zero", "available"}
        Take the models that have every score; or all models, with averages that count a missing score as 0
        (Brain-Score's rule) or of what is there, and correlations over the models that have both metrics. Kar2019-ost,
        which nearly no model has, is left out under ``complete`` and a metric like any other otherwise.
    method : {"spearman", "kendall", "pearson"}
        Measure of agreement between metrics and between integrations. Explained variance is that of Pearson always.
    metrics : {"groups", "leaves", "leaves and engineering"}
        Whose agreement is averaged: the nine groups of Figures 1 and 5, the leaves of Figure 4, or these with the
        engineering metrics of the groups (69 in the paper). Under ``complete`` models must have all of them.
        Engineering metrics enter no integration.
    over : {"domains", "areas", "metrics"}
        What z scores and ranks are averaged over, see `integration.integrate`. The arithmetic mean, to which they are
        compared, is the overall score always.
    """

    policy: str = "complete"
    method: str = "spearman"
    metrics: str = "leaves"
    over: str = "domains"


class Prepared(NamedTuple):
    """What the headline numbers are computed from; the rows of all are the same models.

    Parameters
    ----------
    metrics : DataFrame, (n_models, n_metrics)
        Whose agreement is averaged.
    areas : DataFrame, (n_models, ...)
        As from `ScoreTable.areas`.
    parts : mapping of str to DataFrame, (n_models, n_parts)
        What z scores and ranks may be averaged over, by the name of `Analysis.over`.
    """

    metrics: pd.DataFrame
    areas: pd.DataFrame
    parts: Mapping[str, pd.DataFrame]


def prepare(models: Mapping[str, ScoreTable], choices: Specification, *, policy: str, metrics: str) -> Prepared:
    """Bring a leaderboard into the form that the headline numbers are computed from.

    Parameters
    ----------
    models : mapping of str to ScoreTable
        Its sets of models under `choices`, as from `apply`.
    choices : Specification
    policy, metrics : str
        See `Analysis`.

    Raises
    ------
    ValueError
        The leaderboard lacks neural or behavioural metrics of the paper's.
    """
    check_option("policy", policy, POLICIES)
    check_option("metrics", metrics, METRIC_SETS)
    if policy == "complete":
        sample = models["analysed" if metrics == "leaves" else "grouped"]
        ranked = _paper_part(sample, choices)
    else:
        sample = choices.usable(models["all"])
        ranked = sample.select(metrics=paper_leaves(sample, ost=True))
    areas = _areas(ranked, choices, policy)
    parts = {over: score_parts(ranked, areas, policy=policy, over=over) for over in LEVELS}
    return Prepared(_compared(sample, choices, policy=policy, metrics=metrics), areas, parts)


def _areas(ranked: ScoreTable, choices: Specification, policy: str) -> pd.DataFrame:
    areas = ranked.areas(policy=policy, nesting=choices.nesting)
    if "overall" not in areas:
        raise ValueError(
            f"{ranked.origin.name} lacks neural or behavioural metrics of the paper's, which the specifications are "
            "about."
        )
    return areas


def _compared(sample: ScoreTable, choices: Specification, *, policy: str, metrics: str) -> pd.DataFrame:
    """Return the scores whose agreement is averaged, (n_models, n_metrics).

    A missing score counts as 0 in averages alone, as Brain-Score's rule has it: where a model has no score under a
    metric, or under any of a group, it has no part in that one's correlations.
    """
    ost = policy != "complete"
    if metrics == "groups":
        options = {"nesting": choices.nesting, "ost": ost}
        groups = group_scores(sample, policy=policy, **options)
        return groups.where(group_scores(sample, policy="available", **options).notna()) if policy == "zero" else groups
    return sample.values[paper_leaves(sample, ost=ost) + (_engineering(sample) if metrics != "leaves" else [])]


def _engineering(table: ScoreTable) -> list[str]:
    """Return the engineering metrics of the paper's groups."""
    single = (GROUPS["ImageNet top-1"], GROUPS["Shape bias"])
    return [m for m in table.values if re.fullmatch(r"Geirhos2021.+-top1", m) or m in single]


def _explained(domain: str, inputs: Prepared, analysis: Analysis) -> float:
    return explained_variance(inputs.areas[domain], inputs.areas["overall"])


def _agreement_with_mean(scheme: str, inputs: Prepared, analysis: Analysis) -> float:
    both = beside_overall(inputs, analysis)
    return agreement_with_overall(both, scheme=scheme, method=analysis.method)


def beside_overall(inputs: Prepared, analysis: Analysis) -> pd.DataFrame:
    """Return the overall score and, in the other columns, what z scores and ranks are averaged over."""
    scores = np.column_stack([inputs.areas["overall"], inputs.parts[analysis.over]])
    return pd.DataFrame(scores)


def agreement_with_overall(both: pd.DataFrame, *, scheme: str, method: str) -> float:
    """Correlate the overall score with another integration of the other columns."""
    scores = both.to_numpy()
    other = average(rescale(scores[:, 1:], scheme=scheme), axis=1)
    return float(coefficients(pd.DataFrame({0: scores[:, 0], 1: other}), method=method).iat[0, 1])


# by name in data/published.toml, a function of Prepared and Analysis
HEADLINES: dict[str, Callable[[Prepared, Analysis], float]] = {
    "mean_rho": lambda inputs, analysis: mean_correlation(inputs.metrics, policy="pairwise", method=analysis.method),
    "r2_behaviour": partial(_explained, "behaviour"),
    "r2_neural": partial(_explained, "neural"),
    "rho_mean_z": partial(_agreement_with_mean, "z"),
    "rho_mean_rank": partial(_agreement_with_mean, "rank"),
}


def headline_numbers(table: ScoreTable, choices: Specification) -> dict[str, float]:
    """Compute every number of the paper that the leaderboard alone decides, under one specification.

    Each with the analysis that the paper describes for it.

    Returns
    -------
    dict of str to float
        Keys as in ``data/published.toml``; NaN where the table cannot say.
    """
    models = apply(table, choices)
    return _headline_numbers(table, models, choices, _agreement_of_leaves(models, choices))


def _agreement_of_leaves(models: Mapping[str, ScoreTable], choices: Specification) -> dict[str, float]:
    """Return the mean correlations that how leaves are averaged has no part in."""
    # the workshop version took every complete model
    samples = {"mean_rho_69": ("grouped", "leaves and engineering"), "workshop_mean_rho": ("complete", "leaves")}
    return {
        key: mean_correlation(_compared(models[sample], choices, policy="complete", metrics=metrics), policy="pairwise")
        for key, (sample, metrics) in samples.items()
    }


def _headline_numbers(
    table: ScoreTable, models: Mapping[str, ScoreTable], choices: Specification, of_leaves: Mapping[str, float]
) -> dict[str, float]:
    analysed = _areas(_paper_part(models["analysed"], choices), choices, "complete")
    groups = _compared(models["grouped"], choices, policy="complete", metrics="groups")
    everyone = models["all"].select(metrics=paper_leaves(table, ost=True))  # as in the workshop version
    workshop = variance_explained(_areas(everyone, choices, "zero"))
    neural = _paper_part(models["all"], choices).areas(policy="zero", nesting=choices.nesting)["neural"]
    neural_ranks = neural.rank(ascending=False, method="min")
    return {
        "n_metrics": len(paper_leaves(table, ost=True)),
        "n_models_figure7": len(models["all"].values),
        "n_complete": len(models["complete"].values),
        "n_models_figure4": len(models["analysed"].values),
        "n_models_figure5": len(models["grouped"].values),
        "alpha_figure1": 0.05 / comb(len(GROUPS) + 2, 2),
        "alpha_figure5": 0.05 / comb(len(GROUPS), 2),
        "mean_rho_figure5": mean_correlation(groups, policy="pairwise"),
        "mean_rho_69": of_leaves["mean_rho_69"],
        **variance_explained(analysed).add_prefix("r2_")[["r2_behaviour", "r2_neural"]],
        **agreement_with_mean(analysed[["neural", "behaviour"]]).add_prefix("rho_mean_"),
        "workshop_mean_rho": of_leaves["workshop_mean_rho"],
        "workshop_r2_behaviour": workshop["behaviour"],
        "workshop_r2_neural": workshop["neural"],
        **{key: neural_ranks.get(model, float("nan")) for key, model in BEST_MODELS.items()},
    }


def all_headline_numbers(table: ScoreTable) -> pd.DataFrame:
    """Compute the headline numbers under every specification of `specifications`.

    Returns
    -------
    DataFrame, (n_specifications, n_choices + n_numbers)
        The choices, named as the fields of `Specification`, then the numbers of `headline_numbers`.
    """
    rows = []
    # how leaves are averaged does not decide which models are left
    for _, group in itertools.groupby(specifications(), lambda c: replace(c, nesting="website", ost_as_zero=False)):
        group = list(group)
        models = apply(table, group[0])
        of_leaves = _agreement_of_leaves(models, group[0])
        rows += [asdict(choices) | _headline_numbers(table, models, choices, of_leaves) for choices in group]
    return pd.DataFrame(rows)


def _paper_part(table: ScoreTable, choices: Specification) -> ScoreTable:
    """Keep the paper's leaves, with Kar2019-ost filled or left out as the specification says."""
    if choices.ost_as_zero:
        table = replace(table, values=table.values.fillna({"Kar2019-ost": 0.0}))
    return table.select(metrics=paper_leaves(table, ost=choices.ost_as_zero))
