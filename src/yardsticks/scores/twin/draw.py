"""The synthetic twin: a leaderboard of invented models that behaves like the real one, from aggregate statistics.

The model is a Gaussian copula with a shift. Patterns of missing scores occur as often as in reality. A model's latent
scores are normal around the mean of its pattern in each area: models that were scored on more metrics are better
ones, and Figure 7 and every statistic over complete models depend on it. Each metric's scores follow its quantiles.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from yardsticks import datasets
from yardsticks.scores.metrics import describe_metrics
from yardsticks.scores.reading.columns import LONG
from yardsticks.scores.table import ScoreTable, table_from_cells

FILES = ["metrics", "quantiles", "rank_correlations", "missingness", "levels", "dates", "headline"]
SMALLEST = 5  # models behind a published statistic, at least
N_SAME_NAME = 7  # rows of one name: the real table holds seven complete alexnets


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

    Examples
    --------
    >>> twin = make_twin()
    >>> twin.values.shape, twin.origin.kind
    ((280, 83), 'synthetic')
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
    return table_from_cells(cells, datasets.Origin("twin", "synthetic", datasets.twin_hash(), title))


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
