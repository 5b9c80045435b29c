"""Aggregate statistics of the real leaderboard, from which its synthetic twin is drawn.

Maintainers, who have the real data, write the small files of ``data/twin`` with
``python -m yardsticks.scores.write_twin``; `make_twin` reads these and nothing else. No statistic in them
describes fewer than `SMALLEST` models, so that no real row is in the twin or can be rebuilt from it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from yardsticks.scores.metrics import describe_metrics, find_ceiling
from yardsticks.scores.table import ScoreTable
from yardsticks.scores.twin.compare import compared_statistics, table_with
from yardsticks.scores.twin.draw import SMALLEST
from yardsticks.stats import correlate

STEP = 10  # models between neighbouring quantiles, at least
SHARED = 20  # models behind a published rank correlation, at least


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
        ``headline``: see `compared_statistics`.

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
        "headline": compared_statistics(table_with(table, extra)),
    }


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
                row["ceiling"], row["exponent"] = find_ceiling(scored)
            if len(cells) >= SMALLEST:
                row["month"] = _month_name(_month_number(cells["timestamp"]).mean())
        rows.append(row)
    columns = ["metric", "n", "status", "mean", "sd", "n_zero", "error", "ceiling", "exponent", "month"]
    return pd.DataFrame(rows, columns=columns).round({"mean": 3, "sd": 3, "error": 4, "ceiling": 3})


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
