"""Aggregate statistics of the real leaderboard, from which its synthetic twin is drawn.

Maintainers, who have the real data, write the small files of ``data/twin`` with
``python -m yardsticks.scores.twin_statistics``; `twin.make_twin` reads these and nothing else. No statistic in them
describes fewer than `SMALLEST` models, so that no real row is in the twin or can be rebuilt from it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special

from yardsticks import datasets
from yardsticks.scores.consistency import paper_leaves
from yardsticks.scores.readers import open_scores
from yardsticks.scores.table import ScoreTable, describe_metrics
from yardsticks.stats import correct, correlate, explained_variance

EXTRA = ["Hebart2023-match", "attention-map"]
FILES = ["metrics", "quantiles", "rank_correlations", "missingness", "levels", "dates", "headline"]
SMALLEST = 5  # models behind a published statistic, at least
STEP = 10  # models between neighbouring quantiles, at least
SHARED = 20  # models behind a published rank correlation, at least


def read_extra() -> pd.DataFrame:
    """Read odd-one-out and attention-map similarity of the leaderboard's models: a column each, by model id.

    Attention maps carry timm's names; data/catalogue/attention_map_crosswalk.csv says which Brain-Score model is
    which, and all its qualities of match are used.

    Raises
    ------
    FileNotFoundError
        The real data are not on this machine.
    """
    path, _ = datasets.locate("attention-map")
    if path is None or datasets.is_synthetic("brainscore-2025-05"):
        raise FileNotFoundError("The twin's statistics come from the real data: set YARDSTICKS_DATA to their folder.")
    similarity = pd.read_csv(path).set_index("model")["spearman"]
    names = datasets.catalogue("attention_map_crosswalk").set_index("model_id")["timm_name"]
    odd_one_out = open_scores("brainscore-2025-05").values["Hebart2023-match"]
    return pd.concat([odd_one_out, names.map(similarity)], axis=1, keys=EXTRA)


def write_statistics(folder: str | os.PathLike = datasets.TWIN) -> None:
    """Write `summarise` of the real data to ``<name>.csv``, each file as a whole or not at all.

    Raises
    ------
    FileNotFoundError
        The real data are not on this machine.
    """
    extra = read_extra()
    for name, frame in summarise(open_scores(), extra).items():
        path = Path(folder) / f"{name}.csv"
        unfinished = path.with_suffix(".part")
        frame.to_csv(unfinished, index=False, lineterminator="\n")
        os.replace(unfinished, path)


def summarise(table: ScoreTable, extra: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Condense a leaderboard to aggregate statistics.

    Parameters
    ----------
    table : ScoreTable
        With cells and timestamps.
    extra : DataFrame, (n_models, n_extra)
        Scores under further metrics, by model id; NaN is missing.

    Returns
    -------
    dict of str to DataFrame
        ``metrics``: n (models with a score), the usual status and, from `SMALLEST` models on, mean, sd, n_zero (exact
        zeros of a metric that is never negative, if there are `SMALLEST`), median error, ceiling and exponent of
        score = (raw / ceiling) ** exponent, and the mean month of the scores.
        ``quantiles``: see `quantile_grid`.
        ``rank_correlations``: lower triangle of Spearman's rho on the models that have both, blank below `SHARED`.
        ``missingness``: models evaluated, by metric and pattern (p01, p02, ...; the first row counts all models).
        Counts of 1 to `SMALLEST` - 1 are blank and added up in ``pooled``.
        ``levels``: mean normal score by metric and pattern (0 is the average model, 1 a standard deviation more);
        metrics of one area that the same patterns have share their mean.
        ``dates``: mean month of the models' first and last score by pattern, from early to late, in groups of at
        least `STEP` models, or the whole pattern.
        ``headline``: see `headline`.

    Raises
    ------
    ValueError
        No pattern of missing scores is shared by `SMALLEST` models.
    """
    extra = extra.reindex(table.values.index)
    values = table.values.join(extra)
    counts = pd.crosstab(table.cells["model_id"], table.cells["metric"])
    evaluated = counts.reindex(index=values.index, columns=table.values.columns, fill_value=0) > 0
    frequent = evaluated.sum() >= SMALLEST
    merged = merge_patterns(evaluated.loc[:, frequent])
    by_size = sorted(set(merged), key=lambda bits: (-(merged == bits).sum(), bits))
    names = {bits: f"p{position:02d}" for position, bits in enumerate(by_size, start=1)}
    pattern = merged.map(names)
    bits = pd.DataFrame({name: bits for bits, name in names.items()}, index=evaluated.columns[frequent])
    missingness = _missingness(pattern, bits, evaluated.loc[:, ~frequent].join(extra.notna()))
    grids = {metric: quantile_grid(scores) for metric, scores in values.items()}
    rho = correlate(values, policy="pairwise")
    rho = rho.corr.where(np.tri(len(rho.corr), k=-1, dtype=bool) & (rho.n >= SHARED)).round(2)
    return {
        "metrics": _metric_statistics(table, extra),
        "quantiles": pd.concat(grids, names=["metric", "step"]).reset_index("metric").reset_index(drop=True),
        "rank_correlations": rho.rename_axis("metric").reset_index(),
        "missingness": missingness,
        "levels": _levels(values, pattern, bits),
        "dates": _dates(table, pattern),
        "headline": headline(_table_with(table, extra)),
    }


def _table_with(table: ScoreTable, extra: pd.DataFrame) -> ScoreTable:
    """Return the table with further metrics, given by model id; they come without cells."""
    values = table.values.join(extra)
    metrics = describe_metrics(values.columns)
    return replace(table, values=values[metrics.index], metrics=metrics)


def headline(table: ScoreTable) -> pd.DataFrame:
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
    """Set the headline statistics of a twin beside those of the real table, which need not be at hand.

    Returns
    -------
    DataFrame
        Index statistic; columns real, twin, and n_real, n_twin, the models that they rest on.
    """
    real = pd.read_csv(datasets.TWIN / "headline.csv").set_index("statistic")
    made = headline(twin).set_index("statistic").reindex(real.index)
    return pd.DataFrame({"real": real["value"], "twin": made["value"], "n_real": real["n"], "n_twin": made["n"]})


def _spearman(a: pd.Series, b: pd.Series) -> tuple[float, int]:
    result = correlate(pd.concat([a, b], axis=1, keys=["a", "b"]), policy="pairwise")
    return result.corr.at["a", "b"], result.n.at["a", "b"]


def quantile_grid(scores: pd.Series) -> pd.DataFrame:
    """Return quantiles with at least `STEP` scores between neighbours; none where there is no room for two steps.

    The ends (probability 0 and 1) are not the extreme scores. They are where a straight line from the outermost inner
    quantile must end to have the mean of the scores beyond it, but inside [0, 1] if all scores are.

    Returns
    -------
    DataFrame
        Columns probability and score, rounded to 4 and 3 decimals.
    """
    scores = np.sort(scores.dropna().to_numpy())
    n_steps = len(scores) // STEP
    if n_steps < 2:
        return pd.DataFrame({"probability": [], "score": []})
    probability = np.arange(n_steps + 1) / n_steps
    grid = np.quantile(scores, probability)
    n_tail = (len(scores) - 1) // n_steps + 1  # scores up to the first inner quantile: at least `STEP`
    grid[0] = 2 * scores[:n_tail].mean() - grid[1]
    grid[-1] = 2 * scores[-n_tail:].mean() - grid[-2]
    if scores[0] >= 0 and scores[-1] <= 1:
        grid = np.clip(grid, 0, 1)
    return pd.DataFrame({"probability": probability.round(4), "score": grid.round(3) + 0.0})


def merge_patterns(evaluated: pd.DataFrame) -> pd.Series:
    """Give every model a pattern of evaluated metrics that at least `SMALLEST` models have.

    Parameters
    ----------
    evaluated : DataFrame of bool, (n_models, n_metrics)

    Returns
    -------
    Series of tuple of bool, (n_models,)
        A rarer pattern is replaced by the frequent one that differs in the fewest metrics; of several by the most
        frequent.

    Raises
    ------
    ValueError
        No pattern is frequent enough.
    """
    own = pd.Series(list(evaluated.itertuples(index=False, name=None)), evaluated.index)
    counts = own.value_counts()
    # by count, then by content: independent of the order of the models
    frequent = sorted(counts.index[counts >= SMALLEST], key=lambda bits: (-counts[bits], bits))
    if not frequent:
        raise ValueError(f"No pattern of missing scores is shared by {SMALLEST} models.")
    patterns = np.array(frequent)
    nearest = {bits: frequent[(patterns != np.array(bits)).sum(axis=1).argmin()] for bits in counts.index}
    return own.map(nearest)


def _metric_statistics(table: ScoreTable, extra: pd.DataFrame) -> pd.DataFrame:
    rows = []
    by_metric = dict(list(table.cells.groupby("metric")))
    for metric, scores in table.values.join(extra).items():
        row = {"metric": metric, "n": scores.count(), "status": "score"}
        if row["n"] >= SMALLEST:
            n_zero = (scores == 0).sum() if scores.min() >= 0 else 0
            row |= {"mean": scores.mean(), "sd": scores.std(), "n_zero": n_zero if n_zero >= SMALLEST else 0}
        if metric in by_metric:
            cells = by_metric[metric]
            scored = cells[cells["score"].notna()]
            if row["n"]:
                row["status"] = scored["status"].mode()[0]
            if row["n"] >= SMALLEST and row["status"] == "score":
                row["error"] = scored["error"].median()
                row["ceiling"], row["exponent"] = _ceiling(scored)
            if len(cells) >= SMALLEST:
                row["month"] = _month_name(_month_number(cells["timestamp"]).mean())
        rows.append(row)
    columns = ["metric", "n", "status", "mean", "sd", "n_zero", "error", "ceiling", "exponent", "month"]
    return pd.DataFrame(rows, columns=columns).round({"mean": 3, "sd": 3, "error": 4, "ceiling": 3})


def _ceiling(cells: pd.DataFrame) -> tuple[float, int]:
    """Find c and e of score = (raw / c) ** e: e is 1 or 2, whichever makes the ceilings of the models more alike."""
    cells = cells[(cells["score"] > 0) & (cells["score_raw"] > 0)]
    ceilings = {e: cells["score_raw"] / cells["score"] ** (1 / e) for e in (1, 2)}
    exponent = min(ceilings, key=lambda e: np.subtract(*ceilings[e].quantile([0.75, 0.25])) / ceilings[e].median())
    return ceilings[exponent].median(), exponent


def _month_number(times: pd.Series) -> pd.Series:
    return times.dt.year * 12 + times.dt.month - 1


def _month_name(number: float) -> str:
    return f"{int(number) // 12}-{int(number) % 12 + 1:02d}"


def _missingness(pattern: pd.Series, bits: pd.DataFrame, loose: pd.DataFrame) -> pd.DataFrame:
    """Count the models evaluated, by metric and pattern; `loose` metrics are no part of the patterns."""
    sizes = pattern.value_counts().sort_index().rename("models")
    counts = loose.groupby(pattern).sum().T
    small = (counts > 0) & (counts < SMALLEST)
    frame = pd.concat([sizes.to_frame().T, bits * sizes, counts.mask(small)]).astype("Int64")
    frame["pooled"] = counts.where(small).sum(axis=1).reindex(frame.index, fill_value=0).astype(int)
    return frame.rename_axis("metric").reset_index()


def _levels(values: pd.DataFrame, pattern: pd.Series, bits: pd.DataFrame) -> pd.DataFrame:
    ranks = values.rank()
    normal = pd.DataFrame(special.ndtri((ranks - 0.5) / ranks.count()), ranks.index, ranks.columns)
    area = describe_metrics(values.columns)["area"]
    # a metric outside the patterns (joined from elsewhere) has nothing to share with others
    blocks = {m: (area[m] or m, *bits.loc[m]) if m in bits.index else (m,) for m in values}
    levels = {}
    for block in dict.fromkeys(blocks.values()):
        members = [metric for metric in values if blocks[metric] == block]
        scores = normal[members].mean(axis=1).groupby(pattern)
        mean = scores.mean().where(scores.count() >= SMALLEST).round(2) + 0.0
        # some models had a score that their merged pattern does not have
        levels |= {metric: mean.where(bits.loc[metric]) if metric in bits.index else mean for metric in members}
    return pd.DataFrame(levels)[list(values)].T.rename_axis("metric").reset_index()


def _dates(table: ScoreTable, pattern: pd.Series) -> pd.DataFrame:
    times = table.cells.groupby("model_id")["timestamp"]
    months = {"first": _month_number(times.min()), "last": _month_number(times.max())}
    rows = []
    for name, models in pattern.groupby(pattern).groups.items():
        for event in months:
            groups = np.array_split(months[event].loc[models].sort_values(), max(1, len(models) // STEP))
            rows += [(name, event, k, _month_name(group.mean())) for k, group in enumerate(groups, start=1)]
    return pd.DataFrame(rows, columns=["pattern", "event", "group", "month"])


if __name__ == "__main__":
    write_statistics()
