"""The smallest part of a leaderboard that shows that a way to integrate breaks an axiom."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from yardsticks.scores.axioms.definitions import ALWAYS, AXIOMS, Axiom, Rule, Violation
from yardsticks.scores.integration.schemes import SCHEMES, combine
from yardsticks.scores.integration.votes import VOTES, vote
from yardsticks.scores.table import ScoreTable
from yardsticks.style import short_name

SIZES = ((2, 2), (3, 2), (3, 3), (4, 4), (6, 7))  # models, metrics
_TRIES = 15
WORDS = {
    "mean": "mean",
    "z": "mean of z scores",
    "rank": "mean rank",
    "median": "median rank",
    "borda": "Borda",
    "copeland": "Copeland",
    "kemeny": "Kemeny-Young",
    "bradley_terry": "Bradley-Terry",
    "pca": "first component",
}


def complete_scores(table: ScoreTable) -> pd.DataFrame:
    """Return the scores of the models that have all of a table's metrics, by the models' names.

    Returns
    -------
    DataFrame, (n_models, n_metrics)
        A name that several models have is followed by the model's id.

    Examples
    --------
    >>> from yardsticks.scores import make_twin, paper_leaves, paper_models
    >>> models = paper_models(make_twin(), imagenet_floor=0.019)
    >>> complete_scores(models.select(metrics=paper_leaves(models))).shape
    (134, 50)
    """
    scores = table.values.dropna()
    names = table.models.loc[scores.index, "name"].astype(str)
    twice = names.duplicated(keep=False)
    return scores.set_axis(names.where(~twice, names + " (" + scores.index.astype(str) + ")"))


def _rule(scheme: str) -> Rule:
    return lambda parts: (vote if scheme in VOTES else combine)(parts, scheme=scheme)


RULES: dict[str, Rule] = {scheme: _rule(scheme) for scheme in (*SCHEMES, *VOTES)}


def counterexample(
    axiom: Axiom, rule: Rule, scores: pd.DataFrame, *, seed: int, tries: int = _TRIES
) -> tuple[Violation | None, int]:
    """Look for the smallest part of a table on which a rule breaks an axiom.

    Parameters
    ----------
    axiom : Axiom
    rule : function of DataFrame to Series
    scores : DataFrame, (n_models, n_metrics)
        Without missing scores; higher is better.
    seed : int
    tries : int
        Parts that are drawn at random of each size, the sizes from 2 models and 2 metrics to 6 models and 7 metrics.

    Returns
    -------
    Violation or None
        Of the first size at which there is one.
    int
        How many parts were looked at.

    Examples
    --------
    >>> scores = pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [3.0, 2.5, 0.0]}, index=["x", "y", "z"])
    >>> found, _ = counterexample(AXIOMS["scale invariance"], RULES["mean"], scores, seed=1)
    >>> found.change, found.first, found.second
    ('b is given in another unit, times 100', 'y', 'x')
    """
    rng, looked = np.random.default_rng(seed), 0
    for n_models, n_metrics in SIZES:
        if n_models > len(scores) or n_metrics > scores.shape[1]:
            continue
        for _ in range(tries):
            rows = rng.choice(len(scores), n_models, replace=False)
            part = scores.iloc[rows, rng.choice(scores.shape[1], n_metrics, replace=False)]
            looked += 1
            if found := axiom.find(rule, part):
                return found, looked
    return None, looked


def axiom_table(
    scores: pd.DataFrame, *, seed: int, rules: Mapping[str, Rule] = RULES, tries: int = _TRIES
) -> pd.DataFrame:
    """Look for a counterexample to each axiom under each scheme.

    Parameters
    ----------
    scores : DataFrame, (n_models, n_metrics)
        Models with a score under each metric; higher is better.
    seed, tries : int
        As for `counterexample`.
    rules : mapping of str to function

    Returns
    -------
    DataFrame
        One row for each scheme and axiom: scheme, axiom, always (by a theorem, see `ALWAYS`; nothing is searched),
        holds (always, or no counterexample was found, which proves nothing), n_looked, n_models, n_metrics, change,
        first, second, violation. What was found is the smallest that random parts of the table showed; a smaller one
        may exist.

    Raises
    ------
    ValueError
        A score is missing, or there are fewer than 3 models or 2 metrics.
    """
    if scores.isna().any(axis=None) or len(scores) < 3 or scores.shape[1] < 2:
        raise ValueError(
            f"{len(scores)} models, {scores.shape[1]} metrics, {int(scores.isna().sum().sum())} missing scores: axioms "
            "are looked at among models that have every score, three of them and two metrics at least."
        )
    rows = []
    for scheme, rule in rules.items():
        for axiom in AXIOMS.values():
            always = axiom.name in ALWAYS.get(scheme, ())
            found, looked = (None, 0) if always else counterexample(axiom, rule, scores, seed=seed, tries=tries)
            row = {"scheme": scheme, "axiom": axiom.name, "always": always, "holds": found is None, "n_looked": looked}
            if found:
                shape = dict(zip(("n_models", "n_metrics"), found.before.shape, strict=True))
                row |= shape | {"change": found.change, "first": found.first, "second": found.second}
            rows.append(row | {"violation": found})
    columns = ["scheme", "axiom", "always", "holds", "n_looked", "n_models", "n_metrics", "change", "first", "second"]
    frame = pd.DataFrame(rows, columns=[*columns, "violation"])
    return frame.astype({"n_models": "Int64", "n_metrics": "Int64"})


def stability(scores: pd.DataFrame, *, rules: Mapping[str, Rule] = RULES) -> pd.DataFrame:
    """Say how far ranks move when one metric, or one model, is left out.

    Parameters
    ----------
    scores : DataFrame, (n_models, n_metrics)
    rules : mapping of str to function

    Returns
    -------
    DataFrame
        Index scheme; by_metric and by_model, the mean over what is left out of the largest move of a model, in places;
        and worst_metric, the metric whose absence moves a model furthest. Kemeny-Young is left out: each order takes
        seconds.
    """
    rows = {}
    for scheme, rule in rules.items():
        if scheme == "kemeny":
            continue
        rank = rule(scores).rank(ascending=False)
        moves = {
            metric: float((rule(scores.drop(columns=metric)).rank(ascending=False) - rank).abs().max())
            for metric in scores
        }
        without = [
            float((rule(rest).rank(ascending=False) - rank[rest.index].rank()).abs().max())
            for rest in (scores.drop(index=model) for model in scores.index)
        ]
        rows[scheme] = {
            "by_metric": np.mean(list(moves.values())),
            "by_model": np.mean(without),
            "worst_metric": max(moves, key=moves.get),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("scheme")


def describe_counterexamples(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each counterexample of an `axiom_table`: scheme, axiom, models, metrics and what happens."""
    rows = []
    for row in table[~table["holds"]].itertuples():
        found = row.violation
        order = f"{found.first} falls behind {found.second}"
        words = "and is not ahead" if found.before is found.after else f"and {order}"
        rows.append(
            {
                "scheme": WORDS[row.scheme],
                "axiom": row.axiom,
                "models": ", ".join(found.before.index),
                "metrics": ", ".join(short_name(metric) for metric in found.before),
                "what happens": f"{found.change}, {words}",
            }
        )
    return pd.DataFrame(rows, columns=["scheme", "axiom", "models", "metrics", "what happens"])


def count_axioms(table: pd.DataFrame) -> pd.Series:
    """Return how many axioms each scheme keeps, by scheme, the most first."""
    return table.groupby("scheme", sort=False)["holds"].sum().sort_values(ascending=False, kind="stable")
