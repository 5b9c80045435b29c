"""The synthetic twin: a leaderboard of invented models that behaves like the real one, from aggregate statistics.

Two halves that meet only in the small files of data/twin. Maintainers, who have the real data, write these with
``python -m yardsticks.scores.twin``; everyone else's `make_twin` reads them and nothing else. No statistic in them
describes fewer than `SMALLEST` models, so that no real row is in the twin or can be rebuilt from it.

The model is a Gaussian copula with a shift. Patterns of missing scores occur as often as in reality. A model's latent
scores are normal around the mean of its pattern: models that were scored on more metrics are better ones, and Figure
7 and every statistic over complete models depend on it. Each metric's scores then follow its quantiles.
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
from yardsticks.scores.readers import LONG, open_scores, table_from_cells
from yardsticks.scores.table import ScoreTable, describe_metrics
from yardsticks.stats import correct, correlate, explained_variance

EXTRA = ["Hebart2023-match", "attention-map"]
FILES = ["metrics", "quantiles", "rank_correlations", "missingness", "levels", "dates", "headline"]
SMALLEST = 5  # models behind a published statistic, at least
STEP = 10  # models between neighbouring quantiles, at least
SHARED = 20  # models behind a published rank correlation, at least
N_SAME_NAME = 7  # rows of one name: the real table holds seven complete alexnets


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


def make_twin(*, seed: int = 2024, n_models: int = 280) -> ScoreTable:
    """Draw a synthetic leaderboard.

    Parameters
    ----------
    seed : int
        The default is the twin that stands in wherever the real leaderboard is not at hand.
    n_models : int
        As many as the real table has, or more to study the twin itself.

    Returns
    -------
    ScoreTable
        Invented models ``twin-001``, ``twin-002`` ... with the real table's metrics and `EXTRA`. The `N_SAME_NAME`
        models with the most scores share the name ``twin-net``, as alexnets do in reality.

    Notes
    -----
    Patterns occur in proportion to the published counts, and exactly so for 280 models. Scores have 3 decimals, the
    raw score follows from the metric's ceiling, the error is the metric's median error. Metrics too rare to publish
    anything but their number of models borrow the statistics of their area.
    """
    statistics = {name: pd.read_csv(datasets.TWIN / f"{name}.csv") for name in FILES}
    metrics = _fill_rare(statistics["metrics"].set_index("metric"))
    counts = _fill_pooled(statistics["missingness"].set_index("metric"))[["models", *metrics.index]]
    presence_rng, score_rng, date_rng = np.random.default_rng(seed).spawn(3)
    pattern = presence_rng.permutation(np.repeat(np.arange(len(counts)), _allocate(n_models, counts["models"])))
    evaluated = _draw_presence(counts, pattern, presence_rng)
    scores = _draw_scores(statistics, metrics, counts, pattern, score_rng)
    times = _draw_times(statistics["dates"], metrics["month"], evaluated, counts.index[pattern], date_rng)
    for column in np.flatnonzero(metrics["n"] < SMALLEST):  # evaluated, and a score came out for few
        among = presence_rng.permutation(np.flatnonzero(evaluated[:, column]))
        scores[among[metrics["n"].iloc[column] :], column] = np.nan

    ids = np.array([f"twin-{position:03d}" for position in range(1, n_models + 1)], object)
    names = ids.copy()
    names[np.argsort(-evaluated.sum(axis=1), kind="stable")[:N_SAME_NAME]] = "twin-net"
    row, column = np.nonzero(evaluated)
    score = scores[row, column]
    about = metrics.iloc[column].reset_index()
    raw = np.sign(score) * np.abs(score) ** (1 / about["exponent"]) * about["ceiling"]
    cells = pd.DataFrame(
        {
            "model_id": ids[row],
            "model_name": names[row],
            "metric": about["metric"],
            "score": score,
            "score_raw": raw.where(about["status"] == "score", score),
            "error": about["error"].where(~np.isnan(score)),
            "version": 1.0,
            "timestamp": pd.to_datetime(times[row, column].astype("datetime64[us]"), utc=True),
            "status": about["status"].where(~np.isnan(score), "failed"),
        },
        columns=LONG,
    )
    title = f"Synthetic twin of the Brain-Score vision leaderboard, seed {seed}"
    return table_from_cells(cells, datasets.Origin("twin", "synthetic", datasets._twin_hash(), title))


def _areas(metrics: pd.Index) -> pd.Series:
    return describe_metrics(metrics)["area"].reindex(metrics)


def _fill_rare(metrics: pd.DataFrame) -> pd.DataFrame:
    """Give metrics with too few models to publish anything the median statistics of their area."""
    rare = metrics["n"] < SMALLEST
    columns = ["mean", "sd", "n_zero", "error", "ceiling", "exponent"]
    typical = metrics.loc[~rare, columns].groupby(_areas(metrics.index)).median()
    metrics.loc[rare, columns] = typical.reindex(_areas(metrics.index)[rare]).to_numpy()
    return metrics


def _fill_pooled(missingness: pd.DataFrame) -> pd.DataFrame:
    """Spread the pooled counts over the patterns whose own is not published: int, (n_patterns, 1 + n_metrics)."""
    counts = missingness.drop(columns="pooled").T
    for metric, pooled in missingness["pooled"].items():
        blank = counts[metric].isna()
        if blank.any():
            counts.loc[blank, metric] = _allocate(pooled, counts.loc[blank, "models"])
    return counts.astype(int)


def _allocate(total: int, weights: pd.Series) -> np.ndarray:
    """Share out `total` in proportion to the weights, in whole numbers, by largest remainder."""
    exact = total * weights.to_numpy(float) / weights.sum()
    shares = np.floor(exact).astype(int)
    shares[np.argsort(shares - exact, kind="stable")[: total - shares.sum()]] += 1
    return shares


def _draw_presence(counts: pd.DataFrame, pattern: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw which models are evaluated under which metric: bool, (n_models, n_metrics)."""
    rates = counts.drop(columns="models").div(counts["models"], axis=0).to_numpy()  # (n_patterns, n_metrics)
    evaluated = rates[pattern] == 1
    for k, column in np.argwhere((rates > 0) & (rates < 1)):
        among = rng.permutation(np.flatnonzero(pattern == k))
        evaluated[among[: round(rates[k, column] * len(among))], column] = True
    return evaluated


def _draw_scores(
    statistics: dict[str, pd.DataFrame],
    metrics: pd.DataFrame,
    counts: pd.DataFrame,
    pattern: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw a score for every model and metric, present or not: (n_models, n_metrics)."""
    level = statistics["levels"].set_index("metric").loc[metrics.index, counts.index].T.fillna(0).to_numpy()
    present = counts[metrics.index].to_numpy(float)  # (n_patterns, n_metrics) models
    rho = _fill_blocks(statistics["rank_correlations"].set_index("metric").loc[metrics.index, metrics.index])
    within, sd = within_patterns(2 * np.sin(np.pi * rho / 6), level, present, counts["models"].to_numpy(float))
    in_paper = describe_metrics(metrics.index)["in_paper_51"]
    is_complete = (counts[in_paper.index[in_paper]] > 0).all(axis=1).to_numpy()
    noise = _standard_normal(pattern, is_complete[pattern], len(metrics), rng)
    latent = level[pattern] + sd * (noise @ _root(nearest_correlation(within)))
    # the latent scores of a metric are a mixture of normals, one of each pattern that has it
    weights = present / present.sum(axis=0)
    u = sum(weight * special.ndtr((latent - mean) / sd) for weight, mean in zip(weights, level, strict=True))

    scores = np.empty_like(latent)
    grids = dict(list(statistics["quantiles"].groupby("metric")))
    for column, (metric, about) in enumerate(metrics.iterrows()):
        if metric in grids:
            scores[:, column] = np.interp(u[:, column], grids[metric]["probability"], grids[metric]["score"])
            scores[u[:, column] < about["n_zero"] / about["n"], column] = 0.0
        else:
            scores[:, column] = about["mean"] + about["sd"] * special.ndtri(u[:, column])
    return scores.round(3) + 0.0


def _fill_blocks(rho: pd.DataFrame) -> np.ndarray:
    """Complete the lower triangle to a symmetric matrix; unknown pairs get the mean of their two areas' pairs, or 0."""
    area = _areas(rho.index).fillna("none").to_numpy(object)
    block = area[:, None] + "~" + area
    rho = rho.to_numpy()
    known = pd.Series(np.where(np.isnan(rho), rho.T, rho).ravel())
    filled = known.fillna(known.groupby(block.ravel()).transform("mean")).fillna(0.0)
    filled = np.array(filled).reshape(rho.shape)
    np.fill_diagonal(filled, 1.0)
    return filled


def within_patterns(
    total: np.ndarray, level: np.ndarray, present: np.ndarray, size: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Take from correlations over all models what the patterns' levels explain already.

    Parameters
    ----------
    total : array, (n_metrics, n_metrics)
        Latent correlation of each pair over the models that have both metrics.
    level, present : array, (n_patterns, n_metrics)
        Mean latent score, and number of models that have the metric.
    size : array, (n_patterns,)
        Models of each pattern.

    Returns
    -------
    within : array, (n_metrics, n_metrics)
        Correlation inside a pattern; symmetric, not necessarily positive semi-definite.
    sd : array, (n_metrics,)
        Standard deviation inside a pattern; with the levels it makes a variance of 1 over all models.
    """
    rate = present / size[:, None]
    shared = rate.T @ present  # (n_metrics, n_metrics) models that have both
    shared[shared == 0] = np.inf  # nobody has both: nothing to take away
    mean = (rate * level).T @ present / shared  # [i, j]: mean level of i where j is present too
    variance = (rate * level**2).T @ present / shared - mean**2
    between = (rate * level).T @ (present * level) / shared - mean * mean.T
    weight = present / present.sum(axis=0)
    sd = np.sqrt(1 - (weight * level**2).sum(axis=0) + (weight * level).sum(axis=0) ** 2)
    spread = np.sqrt(sd[:, None] ** 2 + variance)  # [i, j]: standard deviation of i where j is present too
    within = (total * spread * spread.T - between) / np.outer(sd, sd)
    np.fill_diagonal(within, 1.0)
    return within, sd


def nearest_correlation(matrix: np.ndarray) -> np.ndarray:
    """Make a symmetric matrix a correlation matrix: negative eigenvalues become 0, then the diagonal 1."""
    values, vectors = np.linalg.eigh(matrix)
    repaired = vectors * np.maximum(values, 0) @ vectors.T
    scale = np.sqrt(np.diag(repaired))
    return repaired / np.outer(scale, scale)


def _root(matrix: np.ndarray, power: float = 0.5) -> np.ndarray:
    """Return the symmetric root: unlike other roots it is unique, so that every machine draws the same twin."""
    values, vectors = np.linalg.eigh(matrix)
    return vectors * np.maximum(values, 0) ** power @ vectors.T


def _standard_normal(pattern: np.ndarray, group: np.ndarray, n_columns: int, rng: np.random.Generator) -> np.ndarray:
    """Draw normal numbers (n_rows, n_columns) with exactly mean 0 in each pattern and covariance 1 in each group.

    The statistics of a group of patterns then differ less from seed to seed. A group needs as many rows beyond one a
    pattern as there are columns; a smaller one is left as drawn.
    """
    draws = rng.standard_normal((len(pattern), n_columns))
    for name in np.unique(group):
        inside = group == name
        if inside.sum() - len(np.unique(pattern[inside])) >= n_columns:
            rows = pd.DataFrame(draws[inside])
            rows = (rows - rows.groupby(pattern[inside]).transform("mean")).to_numpy()
            draws[inside] = rows @ _root(rows.T @ rows / len(rows), -0.5)
    return draws


def _draw_times(
    dates: pd.DataFrame, month: pd.Series, evaluated: np.ndarray, pattern: pd.Index, rng: np.random.Generator
) -> np.ndarray:
    """Draw when each score came about: datetime64, (n_models, n_metrics).

    A model's first and last score follow its pattern; between them its metrics come in the order of their own mean
    months, those without one at the start.
    """
    months = {key: group["month"].to_numpy("datetime64[M]") for key, group in dates.groupby(["pattern", "event"])}
    u, second = rng.random(len(pattern)), rng.integers(0, 28 * 86400, len(pattern))

    def pick(event: str) -> np.ndarray:
        groups = [months[name, event] for name in pattern]
        return np.array([g[int(x * len(g))] for g, x in zip(groups, u, strict=True)]).astype("datetime64[s]") + second

    first, last = pick("first"), pick("last")
    start = month.fillna("NaT").to_numpy("datetime64[M]")
    # metrics of one month one after the other, so that a model's last score is later than its first
    age = np.where(np.isnat(start), np.nan, start.astype(float) + np.arange(len(month)) / len(month))
    age = np.where(evaluated, age, np.nan)  # (n_models, n_metrics) months
    low, high = np.nanmin(age, axis=1, keepdims=True), np.nanmax(age, axis=1, keepdims=True)
    share = np.nan_to_num((age - low) / np.maximum(high - low, 1e-9))
    return first[:, None] + ((last - first).astype(float)[:, None] * share).astype("timedelta64[s]")


if __name__ == "__main__":
    write_statistics()
