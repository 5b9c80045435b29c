"""The choices between a leaderboard and a number, and the paper's headline numbers under any set of choices."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from math import comb

import numpy as np
import pandas as pd

from yardsticks.datasets import catalogue
from yardsticks.scores.consistency import GROUPS, group_scores, paper_leaves
from yardsticks.scores.integration import SCHEMES, integrate, variance_explained
from yardsticks.scores.table import NEURAL_AREAS, ScoreTable
from yardsticks.stats import correlate

BEST_MODELS = {"neural_rank_best": "1885", "neural_rank_second": "646"}


@dataclass(frozen=True)
class Specification:
    """One defensible way from the leaderboard to the paper's numbers.

    Parameters
    ----------
    until : str or None
        Keep scores given before this date.
    public_only : bool
        Leave out the catalogue's models that were probably not public when the paper's data were taken (inferred).
    nonzero : bool
        Count a score that rounds to .000 as missing: the paper speaks of non-zero scores.
    deduplicate : {"name"} or None
        One row per model name.
    imagenet_floor : float
        Models known to have a lower ImageNet top-1 are left out; 0 keeps all.
    nesting : {"website", "flat"}
        How leaves make areas.
    ost_as_zero : bool
        Count a missing Kar2019-ost as 0 in the IT average, instead of leaving that metric out.
    """

    until: str | None = None
    public_only: bool = False
    nonzero: bool = False
    deduplicate: str | None = "name"
    imagenet_floor: float = 0.019
    nesting: str = "website"
    ost_as_zero: bool = False

    def describe(self) -> str:
        """Say the specification in words."""
        return "; ".join(
            [
                f"scores before {self.until}" if self.until else "all scores",
                "models probably public in 2023" if self.public_only else "all models",
                "complete and none at .000" if self.nonzero else "complete",
                "one row a name" if self.deduplicate else "every row",
                f"ImageNet top-1 at least {self.imagenet_floor:.1%}" if self.imagenet_floor else "no ImageNet floor",
                f"{self.nesting} nesting",
                "Kar2019-ost at 0 where missing" if self.ost_as_zero else "without Kar2019-ost",
            ]
        )


PLAIN = Specification()
# Comes nearest to the printed numbers; what in it is inferred is said in the catalogue and on the claims page.
PAPER_PROXY = Specification(until="2023-09-01", public_only=True, nonzero=True)
CHOICES = {
    "until": (None, "2023-09-01", "2023-08-01"),
    "public_only": (False, True),
    "nonzero": (False, True),
    "deduplicate": (None, "name"),
    "imagenet_floor": (0.0, 0.019),
    "nesting": ("website", "flat"),
    "ost_as_zero": (False, True),
}


def specifications() -> Iterator[Specification]:
    """Cross every choice with every other."""
    for values in itertools.product(*CHOICES.values()):
        yield Specification(**dict(zip(CHOICES, values, strict=True)))


def apply(table: ScoreTable, choices: Specification) -> dict[str, ScoreTable]:
    """Cut a leaderboard down to the sets of models that the paper's analyses use.

    Returns
    -------
    dict of str to ScoreTable
        ``all`` models (Figure 7), ``complete`` (every leaf but Kar2019-ost), ``analysed`` (less duplicates and models
        below the floor; Figures 2, 3, 4 and 6) and ``grouped`` (those that have all nine groups; Figure 5).
    """
    if choices.public_only:
        hidden = set(catalogue("not_public_in_2023")["model_id"])
        table = table.select(models=[model for model in table.values.index if model not in hidden])
    if choices.until:
        table = table.select(until=choices.until)
    leaves = paper_leaves(table)
    complete = table.complete(metrics=leaves)
    if choices.nonzero:
        nonzero = (_untruncated(complete)[leaves].abs() >= 0.0005).all(axis=1)
        complete = complete.select(models=nonzero.index[nonzero])
    floor = {"ImageNet-top1": choices.imagenet_floor} if choices.imagenet_floor else None
    analysed = complete.select(deduplicate=choices.deduplicate, at_least=floor)
    groups = group_scores(analysed, policy="complete").dropna()
    return {"all": table, "complete": complete, "analysed": analysed, "grouped": analysed.select(models=groups.index)}


def _untruncated(table: ScoreTable) -> pd.DataFrame:
    """Restore scores that the snapshot cut to .000, from the raw score and the metric's usual ratio of score to raw.

    The snapshot cuts ceiled scores after three decimals, so a .000 there may be a score that rounds to .001.
    """
    raw = table.cells.pivot(index="model_id", columns="metric", values="score_raw").reindex_like(table.values)
    ratio = (table.values / raw).where(table.values > 0).median()
    return table.values.where(table.values != 0, raw * ratio).fillna(table.values)


def headline_numbers(table: ScoreTable, choices: Specification) -> dict[str, float]:
    """Compute every number of the paper that the leaderboard alone decides, under one specification.

    Returns
    -------
    dict of str to float
        Keys as in ``data/published.toml``; NaN where the table cannot say.
    """
    models = apply(table, choices)
    leaves = paper_leaves(table)
    ranked = _paper_part(models["analysed"], choices)
    nesting = choices.nesting
    explained = variance_explained(ranked.areas(policy="complete", nesting=nesting))
    schemes = {s: integrate(ranked, scheme=s, policy="complete", nesting=nesting)["score"] for s in SCHEMES}
    agreement = correlate(pd.DataFrame(schemes), policy="complete").corr
    grouped = models["grouped"]
    engineering = [
        metric
        for metric in table.values
        if re.fullmatch(r"Geirhos2021.+-top1", metric) or metric in (GROUPS["ImageNet top-1"], GROUPS["Shape bias"])
    ]
    everyone = models["all"].select(metrics=paper_leaves(table, ost=True)).areas(policy="zero", nesting=nesting)
    zeros = variance_explained(everyone)
    neural = _paper_part(models["all"], choices).areas(policy="zero", nesting=nesting)["neural"]
    neural_ranks = neural.rank(ascending=False, method="min")
    return {
        "n_metrics": len(paper_leaves(table, ost=True)),
        "n_models_figure7": len(models["all"].values),
        "n_complete": len(models["complete"].values),
        "n_models_figure4": len(ranked.values),
        "n_models_figure5": len(grouped.values),
        "alpha_figure1": 0.05 / comb(len(GROUPS) + 2, 2),
        "alpha_figure5": 0.05 / comb(len(GROUPS), 2),
        "mean_rho_figure5": mean_rho(group_scores(grouped, policy="complete")),
        "mean_rho_69": mean_rho(grouped.values[leaves + engineering]),
        "r2_behaviour": explained["behaviour"],
        "r2_neural": explained["neural"],
        "rho_mean_z": agreement.at["mean", "z"],
        "rho_mean_rank": agreement.at["mean", "rank"],
        "workshop_mean_rho": mean_rho(models["complete"].values[leaves]),
        "workshop_r2_behaviour": zeros["behaviour"],
        "workshop_r2_neural": zeros["neural"],
        **{key: neural_ranks.get(model, float("nan")) for key, model in BEST_MODELS.items()},
    }


def all_headline_numbers(table: ScoreTable) -> pd.DataFrame:
    """Compute the headline numbers under every specification of `specifications`.

    Returns
    -------
    DataFrame, (n_specifications, n_choices + n_numbers)
        The choices, named as the fields of `Specification`, then the numbers of `headline_numbers`.
    """
    return pd.DataFrame({**asdict(choices), **headline_numbers(table, choices)} for choices in specifications())


def rank_readings(table: ScoreTable, choices: Specification) -> pd.Series:
    """Correlate the arithmetic mean with the mean rank, under every reading of what the rank is averaged over.

    Returns
    -------
    Series
        Spearman's correlation in [-1, 1] by reading in words.

    References
    ----------
    Ahlert et al. 2024, Figure 3, which prints 0.47.
    """
    models = _paper_part(apply(table, choices)["analysed"], choices)
    options = {"policy": "complete", "nesting": choices.nesting}
    mean = integrate(models, scheme="mean", **options)["score"]
    areas = models.areas(**options)
    neural = models.values.loc[:, models.metrics["domain"] == "neural"]
    readings = {
        "neural and behavioural score": integrate(models, scheme="rank", **options)["score"],
        "five areas": integrate(models, scheme="rank", over="areas", **options)["score"],
        "all leaves": integrate(models, scheme="rank", over="metrics", **options)["score"],
        "the four neural areas alone": areas[NEURAL_AREAS].rank().mean(axis=1).round(10),
        "the neural leaves alone": neural.rank().mean(axis=1).round(10),
    }
    return pd.Series({name: mean.corr(score, method="spearman") for name, score in readings.items()})


def _paper_part(table: ScoreTable, choices: Specification) -> ScoreTable:
    """Keep the paper's leaves, with Kar2019-ost filled or left out as the specification says."""
    if choices.ost_as_zero:
        table = replace(table, values=table.values.fillna({"Kar2019-ost": 0.0}))
    return table.select(metrics=paper_leaves(table, ost=choices.ost_as_zero))


def mean_rho(values: pd.DataFrame) -> float:
    """Average Spearman's correlation over all pairs of columns, on complete rows."""
    corr = correlate(values, policy="complete").corr.to_numpy()
    pairs = corr[np.triu_indices(len(corr), 1)]
    return float(np.nanmean(pairs)) if np.isfinite(pairs).any() else float("nan")
