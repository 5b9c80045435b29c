"""The twin held against the real leaderboard: the statistics that the chapters show, of both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from yardsticks import datasets
from yardsticks.scores.consistency import ATTENTION_MAP, ODD_ONE_OUT, paper_leaves
from yardsticks.scores.metrics import describe_metrics
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import correct, correlate, explained_variance

EXTRA = [ODD_ONE_OUT, ATTENTION_MAP]


def table_with(table: ScoreTable, extra: pd.DataFrame) -> ScoreTable:
    """Return the table with further metrics, given by model id; they come without cells."""
    values = table.values.join(extra)
    metrics = describe_metrics(values.columns)
    return replace(table, values=values[metrics.index], metrics=metrics)


def compared_statistics(table: ScoreTable) -> pd.DataFrame:
    """Compute the statistics by which the twin is compared with the real table.

    Parameters
    ----------
    table : ScoreTable
        With cells and timestamps.

    Returns
    -------
    DataFrame
        Columns statistic, value (4 decimals) and n, the number of models the value rests on. Complete models have all
        of the paper's leaves but Kar2019-ost, which almost no model has. The two metrics joined from elsewhere
        (`EXTRA`) count in the rows that name them and in no other.
    """
    own = [metric for metric in table.values if metric not in EXTRA]
    paper, leaves = paper_leaves(table, ost=True), paper_leaves(table)
    n_models = len(table.values)
    complete = table.complete(metrics=leaves).select(metrics=leaves)
    early = table.select(metrics=own, until="2023-09-01")
    n_scores = ((table.values[paper] != 0) & table.values[paper].notna()).sum(axis=1)
    correlation = correlate(complete.values, policy="complete")
    pairs = np.triu_indices(len(leaves), 1)
    significant = correct(correlation.p.to_numpy()[pairs], "bonferroni") < 0.05
    available = table.select(metrics=leaves).areas(policy="available")
    whole, zero = complete.areas(policy="complete"), table.select(metrics=paper).areas(policy="zero")
    n = len(complete.values)
    rows = [
        ("models", n_models, n_models),
        ("metrics", len(own), n_models),
        ("share of missing scores", table.values[own].isna().to_numpy().mean(), n_models),
        ("complete models", n, n_models),
        ("complete models, one per name", len(complete.select(deduplicate="name").values), n_models),
        ("models scored before 2023-09", len(early.values), n_models),
        ("complete models scored before 2023-09", len(early.complete(metrics=leaves).values), n_models),
        *((f"models with {k} non-zero scores", (n_scores == k).sum(), n_models) for k in (50, 33, 30, 5)),
        ("mean Spearman of two metrics, complete models", correlation.corr.to_numpy()[pairs].mean(), n),
        ("share of significant pairs (Bonferroni), complete models", significant.mean(), n),
        *((f"mean score, {area}", scores.mean(), scores.count()) for area, scores in available.items()),
        (
            "R2 of overall and behaviour, complete models",
            explained_variance(whole["overall"], whole["behaviour"]),
            n,
        ),
        (
            "R2 of overall and neural, complete models",
            explained_variance(whole["overall"], whole["neural"]),
            n,
        ),
        (
            "Spearman of neural and behaviour, complete models",
            *_spearman(whole["neural"], whole["behaviour"]),
        ),
        (
            "R2 of neural and behaviour, missing as 0",
            explained_variance(zero["neural"], zero["behaviour"]),
            n_models,
        ),
    ]
    for metric in [metric for metric in EXTRA if metric in table.values]:
        rows.append((f"models with {metric}", table.values[metric].count(), n_models))
        for area in ("V1", "behaviour"):
            rows.append((f"Spearman of {metric} and {area}", *_spearman(table.values[metric], available[area])))
    return pd.DataFrame(rows, columns=["statistic", "value", "n"]).astype({"value": float, "n": int}).round(4)


def compare_with_real(twin: ScoreTable) -> pd.DataFrame:
    """Set the statistics of a twin beside those of the real table, which need not be at hand.

    Returns
    -------
    DataFrame
        Index statistic; columns real, twin, and n_real, n_twin, the models that they rest on.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> compare_with_real(make_twin()).loc["models", ["real", "twin"]].to_dict()
    {'real': 280.0, 'twin': 280.0}
    """
    real = pd.read_csv(datasets.TWIN / "headline.csv").set_index("statistic")
    made = compared_statistics(twin).set_index("statistic").reindex(real.index)
    return pd.DataFrame({"real": real["value"], "twin": made["value"], "n_real": real["n"], "n_twin": made["n"]})


def _spearman(a: pd.Series, b: pd.Series) -> tuple[float, int]:
    result = correlate(pd.concat([a, b], axis=1, keys=["a", "b"]), policy="pairwise")
    return result.corr.at["a", "b"], result.n.at["a", "b"]
