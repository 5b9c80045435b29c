"""What is missing from a leaderboard, and what the way of treating it does to the conclusions."""

from __future__ import annotations

import re

import pandas as pd

from yardsticks.scores.consistency import choose_metrics
from yardsticks.scores.integration import domain_scores, variance_explained
from yardsticks.scores.intervals import interval, resample
from yardsticks.scores.table import POLICIES, ScoreTable

# A count of non-zero scores is a group of its own when at least this many models share it
SMALLEST_GROUP = 10


def coverage(table: ScoreTable) -> pd.DataFrame:
    """Count and summarise the scores of each metric.

    Returns
    -------
    DataFrame, (n_metrics, 9)
        Index metric; columns area, n_models, share (of the table's models), n_failed (evaluated without a number; 0
        where the table does not say), q25, median, q75 of the scores, n_negative, and error (median published error,
        in score units; NaN where none is published).

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> int(coverage(make_twin()).at["ImageNet-top1", "n_models"])
    149
    """
    values = table.values
    quartiles = values.quantile([0.25, 0.5, 0.75])
    frame = pd.DataFrame(
        {
            "area": table.metrics["area"],
            "n_models": values.count(),
            "share": values.notna().mean(),
            "n_failed": 0,
            "q25": quartiles.loc[0.25],
            "median": quartiles.loc[0.5],
            "q75": quartiles.loc[0.75],
            "n_negative": (values < 0).sum(),
            "error": float("nan"),
        }
    )
    if table.cells is not None:
        by_metric = table.cells.groupby("metric")
        failed = by_metric["status"].apply(lambda status: (status == "failed").sum())
        frame["n_failed"] = failed.reindex(frame.index, fill_value=0)
        frame["error"] = by_metric["error"].median().reindex(frame.index)
    return frame


def study(metric: str) -> str:
    """Return the study a metric's data come from, such as ``Marques2020``; the three Sanghavi sets are one."""
    name = re.split(r"[._-]|(?<=\d{4})", metric)[0]
    return "Sanghavi2020" if name.startswith("Sanghavi") else name


def missing_scores(table: ScoreTable, *, metrics: str = "paper") -> pd.DataFrame:
    """Average all models with missing scores counted as 0, and say what each model lacks.

    Parameters
    ----------
    table : ScoreTable
        A leaderboard.
    metrics : {"paper", "all"}
        The paper's 51 metrics, or every one of the table.

    Returns
    -------
    DataFrame, (n_models, 7)
        Index model_id; columns model_name, neural, behaviour, overall (policy ``zero``), n_nonzero (non-zero scores
        among these metrics), lacks (studies of which the model has less than half of the scores: missing,
        or scored exactly 0) and group (``n_nonzero`` with what most of its models lack; counts shared by fewer than
        10 models are pooled).

    References
    ----------
    Ahlert et al. 2024, Figure 7.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> int(missing_scores(make_twin())["n_nonzero"].max())
    51
    """
    part = table.select(metrics=choose_metrics(table, metrics, ost=True))
    frame = domain_scores(part, policy="zero")[["neural", "behaviour", "overall"]].copy()
    frame.insert(0, "model_name", part.models["name"])
    frame["n_nonzero"] = (part.values.notna() & (part.values != 0)).sum(axis=1)

    values = part.values.drop(columns="Kar2019-ost", errors="ignore")  # which nearly every model lacks
    studies = values.columns.map(study)
    absent = values.isna().T.groupby(studies).mean().T  # (n_models, n_studies)
    zero = (values == 0).T.groupby(studies).mean().T
    words = pd.DataFrame("", absent.index, absent.columns)
    for name in words:
        words.loc[(absent + zero)[name] > 0.5, name] = f"{name} at 0"
        words.loc[absent[name] > 0.5, name] = f"no {name}"
    frame["lacks"] = words.apply(lambda row: ", ".join(filter(None, row)), axis=1).replace("", "nothing")

    by_count = frame.groupby("n_nonzero")
    label = frame["n_nonzero"].astype(str) + ": " + by_count["lacks"].transform(lambda lacks: lacks.mode()[0])
    label = label.str.replace("nothing", "complete")  # Kar2019-ost aside
    frame["group"] = label.where(by_count["lacks"].transform("size") >= SMALLEST_GROUP, "other counts")
    return frame


def rank_where_scored(table: ScoreTable, *, metrics: str = "paper", n_metrics: int = 5) -> pd.DataFrame:
    """Rank models by the metrics that most have, so that no missing score has a part in it.

    Parameters
    ----------
    table, metrics
        As for `missing_scores`.
    n_metrics : int
        How many metrics: those with the most scores.

    Returns
    -------
    DataFrame, (n_models, 2)
        The models that have all of these metrics; columns n_nonzero, as from `missing_scores`, and mean_rank, the mean
        of their ranks over the metrics, in (0, 1]; higher is more aligned.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> list(rank_where_scored(make_twin()))
    ['n_nonzero', 'mean_rank']
    """
    values = table.values[choose_metrics(table, metrics)]
    most = values.count().sort_values(ascending=False, kind="stable").index[:n_metrics]
    known = values[most].dropna()
    count = missing_scores(table, metrics=metrics)["n_nonzero"].loc[known.index]
    return pd.DataFrame({"n_nonzero": count, "mean_rank": known.rank(pct=True).mean(axis=1).round(10)})


def variance_by_policy(table: ScoreTable, *, metrics: str = "paper", seed: int | None = None) -> pd.DataFrame:
    """Return the variance of the overall score that each domain explains, overall and within groups.

    Parameters
    ----------
    table, metrics
        As for `missing_scores`.
    seed : int, optional
        Of resamples of the models; without it there are no intervals.

    Returns
    -------
    DataFrame
        One row per policy and group (``all models``, then the groups of `missing_scores`); columns policy, group,
        n (models that have all three scores under the policy), neural, behaviour (squared Pearson, in [0, 1]; NaN
        below 3 models or without variance). With a seed also the ends of the 95 % intervals over models, neural_low to
        behaviour_high.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> variance_by_policy(make_twin()).head(2).round(2)
         policy         group    n  neural  behaviour
    0  complete    all models  140    0.37       0.93
    1  complete  50: complete  126    0.28       0.94
    """
    group = missing_scores(table, metrics=metrics)["group"]
    rows = []
    for policy in POLICIES:
        # Kar2019-ost is a hole of nearly every model: it would leave none complete, and is a hole like any other else
        part = table.select(metrics=choose_metrics(table, metrics, ost=policy != "complete"))
        areas = domain_scores(part, policy=policy)
        if policy == "complete":
            areas = areas.dropna()
        groups = {"all models": areas} | dict(list(areas.groupby(group.loc[areas.index])))
        for name, members in groups.items():
            n = len(members.dropna())
            rows.append({"policy": policy, "group": name, "n": n, **variance_explained(members)})
            if seed is not None:
                columns = members[["neural", "behaviour", "overall"]].dropna()
                ends = interval(resample(columns, "pearson", seed=seed) ** 2).xs("overall", level="metric_b")
                rows[-1] |= {f"{domain}_{end}": ends.at[domain, end] for domain in ends.index for end in ends}
    return pd.DataFrame(rows)
