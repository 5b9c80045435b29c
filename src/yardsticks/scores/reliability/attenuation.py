"""How much of a low correlation is noise: reliabilities, and correlations without noise, with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from yardsticks.scores.intervals import bootstrap
from yardsticks.scores.reliability.noise import Noise
from yardsticks.scores.summaries import KINDS, pair_kinds
from yardsticks.stats import coefficients

AS_MEASURED = "as measured"
ALL = "all pairs"
_LEAST = 0.0  # a reliability below counts as this: less than nothing is what few pairs of rows can give


def reliability(values: pd.DataFrame, noise: Noise) -> pd.Series:
    """Return the reliability of each column: the share of its variance over models that is not noise.

    Returns
    -------
    Series, (n_columns,)
        At most 1: a model has the same score each time. 0 or below where its score moves as far as models differ. NaN
        where nothing was measured twice.

    Examples
    --------
    >>> from yardsticks.scores.reliability import noise_again
    >>> values = pd.DataFrame({"score": [0.1, 0.3, 0.5, 0.7]}, index=list("abcd"))
    >>> reliability(values, noise_again(values, pd.Series({"a": "a", "b": "a"}))).round(2).to_dict()
    {'score': 0.7}
    """
    return 1 - noise.variance() / values.var()


def disattenuate(rho: pd.DataFrame, reliabilities: pd.Series, pairs: np.ndarray | None = None) -> float:
    """Return the mean correlation that columns would have, were they measured without noise.

    Parameters
    ----------
    rho : DataFrame, (n_columns, n_columns)
        Correlations in [-1, 1].
    reliabilities : Series, (n_columns,)
        At most 1.
    pairs : array of bool, (n_columns, n_columns), optional
        Which pairs; only those above the diagonal count.

    Returns
    -------
    float
        The mean correlation by the mean of the roots of the two reliabilities' products, over the pairs that have
        both. Of one pair this is Spearman's rho / sqrt(r_a r_b). May be beyond 1, if the reliabilities are too low;
        NaN where no pair has any.

    Notes
    -----
    The formula holds for noise that does not go with the scores or with one another. A mean of Spearman's ratios would
    hang on those pairs whose reliability is near 0; here each pair counts by how far it can be seen through the noise.

    References
    ----------
    Spearman 1904, American Journal of Psychology 15, 72-101.

    Examples
    --------
    >>> rho = pd.DataFrame([[1.0, 0.4], [0.4, 1.0]])
    >>> round(disattenuate(rho, pd.Series([0.8, 0.5])), 3)
    0.632
    """
    corr = rho.to_numpy(float)
    return _ratio(corr, reliabilities.to_numpy(float), np.ones(corr.shape, bool) if pairs is None else pairs)


def _ratio(corr: np.ndarray, reliabilities: np.ndarray, pairs: np.ndarray) -> float:
    """Compute `disattenuate` from arrays."""
    r = np.sqrt(reliabilities.clip(_LEAST))
    dulled = np.outer(r, r)
    kept = np.triu(pairs, 1) & ~np.isnan(corr) & ~np.isnan(dulled)
    total = dulled[kept].sum()
    return float(corr[kept].sum() / total) if total > 0 else float("nan")


def stack(values: pd.DataFrame, noise: Noise, families: pd.Series | None) -> tuple[pd.DataFrame, pd.Series]:
    """Put scores and noise one below the other, so that both are drawn anew together, and name their clusters.

    Rows of one model, or of one network, are drawn together; of one family where families are given. The last column
    is 1 in a row of scores and 0 in one of noise.
    """
    both = [
        pd.concat({"score": values}, axis=1),
        pd.concat({"squares": noise.squares, "weight": noise.weights}, axis=1),
    ]
    is_score = np.repeat([1.0, 0.0], [len(values), len(noise.squares)])
    # in one block, from which rows are taken fast
    rows = pd.DataFrame(np.column_stack([pd.concat(both).to_numpy(float), is_score]))
    ids = [*values.index, *noise.squares.index]
    clusters = [*values.index, *noise.networks] if families is None else families.loc[ids]
    return rows, pd.Series(list(clusters), rows.index)


def without_noise(rows: pd.DataFrame, n_columns: int, pairs: np.ndarray) -> float:
    """Compute `disattenuate` from rows as `stack` makes them: scores, squares, weights and what a row is."""
    data = rows.to_numpy(float)
    is_score = data[:, -1] == 1
    scores = pd.DataFrame(data[is_score, :n_columns])
    var = scores.var().to_numpy() if np.isnan(data[is_score, :n_columns]).any() else scores.to_numpy().var(0, ddof=1)
    squares, weights = (data[~is_score, start : start + n_columns].sum(axis=0) for start in (n_columns, 2 * n_columns))
    with np.errstate(divide="ignore", invalid="ignore"):
        noise = np.where(weights > 0, squares / weights, np.nan)
        return _ratio(coefficients(scores, method="spearman").to_numpy(), 1 - noise / var, pairs)


def correct_for_noise(
    values: pd.DataFrame,
    areas: pd.Series,
    sources: Mapping[str, Noise],
    *,
    seed: int,
    n_resamples: int = 200,
    families: pd.Series | None = None,
    kinds: Sequence[str] = (ALL, *KINDS),
) -> pd.DataFrame:
    """Say how far pairs of metrics would agree without noise, by what the noise is known from.

    Parameters
    ----------
    values : DataFrame, (n_models, n_metrics)
        NaN is missing: each pair rests on the models that have both.
    areas : Series
        Of each metric; None where it is not known.
    sources : mapping of str to Noise
        As from `noise_sources`.
    seed, n_resamples : int
        Of models, and with them of the networks that the noise is known from.
    families : Series, optional
        Of each model and of each network's rows, by id: families are drawn then.
    kinds : sequence of str
        Of ``all pairs`` and `summaries.KINDS`.

    Returns
    -------
    DataFrame
        One row for each kind of pair and source (``as measured`` first); columns kind, source, n_pairs (whose
        reliabilities are known), n_networks (or models with errors), raw (their mean Spearman correlation as measured),
        rho (the same without noise, `disattenuate`), low and high (95 % interval of rho).

    Raises
    ------
    ValueError
        There is no pair of metrics, or no source.

    Examples
    --------
    >>> from yardsticks.scores import make_twin, paper_leaves
    >>> from yardsticks.scores.reliability import noise_sources
    >>> twin = make_twin()
    >>> values = twin.complete(metrics=paper_leaves(twin)).values[paper_leaves(twin)[:4]]
    >>> sources = noise_sources(twin, values, twin, twin.values)
    >>> found = correct_for_noise(values, twin.metrics["area"], sources, seed=1, n_resamples=5)
    >>> found[["kind", "source", "n_pairs"]].head(2).to_numpy().tolist()
    [['all pairs', 'as measured', 6], ['all pairs', 'published errors', 6]]
    """
    k = values.shape[1]
    if k < 2 or not sources:
        raise ValueError(
            "neither errors nor a network in two rows say how far scores would move if they were measured again."
            if k > 1
            else f"a pair needs 2 metrics, and there are {k}."
        )
    rho = coefficients(values, method="spearman")
    first, second = np.triu_indices(k, 1)
    named = pd.DataFrame({"metric_a": values.columns[first], "metric_b": values.columns[second]})
    of = np.full((k, k), "", object)
    of[first, second] = np.asarray(pair_kinds(named, areas))
    rows = []
    for kind in kinds:
        wanted = np.triu(np.ones((k, k), bool), 1) if kind == ALL else of == kind
        zeros = pd.DataFrame(0.0, values.index, values.columns)  # where a score is missing too: NaN would spread
        none = Noise(zeros, values.notna().astype(float), pd.Series(values.index, values.index))
        for source, noise in ({AS_MEASURED: none} | dict(sources)).items():
            known = noise.variance().reindex(values.columns).notna().to_numpy()
            pairs = wanted & np.outer(known, known) & rho.notna().to_numpy()
            if not pairs.any():
                continue
            raw = float(rho.to_numpy()[pairs].mean())
            stacked, clusters = stack(values, noise, families)
            corrected = without_noise(stacked, k, pairs)
            interval = bootstrap(
                stacked,
                lambda part, pairs=pairs: without_noise(part, k, pairs),
                seed=seed,
                n=n_resamples,
                unit="families",
                families=clusters,
            )
            rows.append(
                {
                    "kind": kind,
                    "source": source,
                    "n_pairs": int(pairs.sum()),
                    "n_networks": noise.networks[(noise.weights > 0).any(axis=1)].nunique(),
                    "raw": raw,
                    "rho": corrected,
                    "low": interval["low"],
                    "high": interval["high"],
                }
            )
    return pd.DataFrame(rows)


def noise_shares(
    values: pd.DataFrame,
    sources: Mapping[str, Noise],
    *,
    seed: int,
    n_resamples: int = 200,
    families: pd.Series | None = None,
) -> pd.DataFrame:
    """Say how much of what metrics miss to perfect agreement is noise, over all pairs of them.

    Parameters
    ----------
    values, sources, seed, n_resamples, families
        As for `correct_for_noise`.

    Returns
    -------
    DataFrame
        Index what the noise is known from; columns share, (rho - raw) / (1 - raw) of the mean correlations without
        noise and as measured, 0 where nothing is noise and 1 where everything is; low and high, its 95 % interval.
    """
    rows = {}
    for source, noise in sources.items():
        stacked, clusters = stack(values, noise, families)
        interval = bootstrap(stacked, _share, seed=seed, n=n_resamples, unit="families", families=clusters)
        rows[source] = {"share": _share(stacked), **interval[["low", "high"]]}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["share", "low", "high"]).astype(float)


def _share(rows: pd.DataFrame) -> float:
    k = rows.shape[1] // 3
    data = rows.to_numpy(float)
    is_score = data[:, -1] == 1
    known = data[~is_score, 2 * k : 3 * k].sum(axis=0) > 0
    pairs = np.outer(known, known)
    rho = coefficients(pd.DataFrame(data[is_score, :k]), method="spearman").to_numpy()
    raw = _ratio(rho, np.ones(k), pairs)
    return (without_noise(rows, k, pairs) - raw) / (1 - raw)


def reliability_by_area(values: pd.DataFrame, areas: pd.Series, sources: Mapping[str, Noise]) -> pd.DataFrame:
    """Return the median reliability of the metrics of each area, by what the noise is known from.

    Parameters
    ----------
    values, areas, sources
        As for `correct_for_noise`.

    Returns
    -------
    DataFrame, (n_areas, 1 + n_sources)
        Index area; n_metrics, and a column for each source, at most 1, NaN where the source says nothing.
    """
    of = areas.reindex(values.columns).fillna("unknown")
    found = pd.DataFrame({source: reliability(values, noise) for source, noise in sources.items()}, values.columns)
    frame = found.groupby(of, sort=False).median()
    frame.insert(0, "n_metrics", of.value_counts())
    return frame.rename_axis("area")
