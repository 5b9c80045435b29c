"""How many dimensions the metrics of a table have: parallel analysis with intervals over models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from yardsticks.scores.intervals import FEWEST, interval
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import check_option, coefficients, draw_counts, resampled_correlations

HOLES = ("complete", "pairwise", "zero")
CHANCE = 0.95  # of tables without agreement: a dimension is larger than in this share of them
DEALT = 200  # such tables


def fill_holes(scores: ScoreTable | pd.DataFrame, policy: str) -> pd.DataFrame:
    """Prepare scores for their correlations under a missing-value policy.

    Parameters
    ----------
    scores : ScoreTable, or DataFrame (n_models, n_metrics), which does not say under which metrics lower is better
        NaN is missing.
    policy : {"complete", "pairwise", "zero"}
        Keep the models without a missing score; keep all, so that each pair rests on the models that have both; or
        count what is missing as 0, which a table refuses where lower is better: 0 would be the best.

    Returns
    -------
    DataFrame, (n_kept, n_metrics)

    Examples
    --------
    >>> scores = pd.DataFrame({"A": [0.1, None], "B": [0.3, 0.4]})
    >>> [len(fill_holes(scores, policy)) for policy in HOLES]
    [1, 2, 2]
    """
    check_option("policy", policy, HOLES)
    if isinstance(scores, ScoreTable):
        scores.refuse_zero(policy)
        scores = scores.values
    return scores.dropna() if policy == "complete" else scores.fillna(0.0) if policy == "zero" else scores


def analyse_dimensions(values: pd.DataFrame, *, policy: str, seed: int, n: int = 1000) -> pd.DataFrame:
    """Compare the eigenvalues of the metrics' correlations with those of tables whose metrics have nothing in common.

    Parameters
    ----------
    values : DataFrame, (n_models, n_metrics)
        NaN is missing.
    policy : {"complete", "pairwise", "zero"}
        See `fill_holes`.
    seed : int
        Of the random numbers.
    n : int
        Resamples of the models.

    Returns
    -------
    DataFrame, (n_metrics, 5)
        Index dimension, from 1; columns eigenvalue (of the Spearman correlations; their sum is the number of metrics),
        low and high (95 % interval over models), chance (what 95 % of 200 tables without agreement stay below) and
        share_kept (of the resamples, those that have at least so many dimensions larger than by chance, in [0, 1]).

    Raises
    ------
    ValueError
        Two metrics cannot be correlated.

    Notes
    -----
    In a table without agreement the scores of each metric are dealt to its models at random: same ties, same holes.
    The dimensions are those before the first whose eigenvalue is no larger than by chance, see `count_dimensions`.

    A resample holds some models twice, which spreads eigenvalues wider than they are. So the resampled eigenvalues of a
    dimension are moved together until their mean is the eigenvalue of the table.

    References
    ----------
    Horn 1965, Psychometrika 30; permutations after Buja and Eyuboglu 1992, Multivariate Behavioral Research 27.

    Examples
    --------
    >>> models = np.random.default_rng(1).normal(size=(60, 1))
    >>> noise = np.random.default_rng(2).normal(size=(60, 4))
    >>> count_dimensions(analyse_dimensions(pd.DataFrame(models + noise), policy="complete", seed=1))["n"]
    1
    """
    filled = fill_holes(values, policy)
    found, data = eigenvalues(correlations(filled).to_numpy()), filled.to_numpy(float)
    rng = np.random.default_rng(seed)
    chance = [
        eigenvalues(coefficients(pd.DataFrame(deal(data, rng)), method="spearman").to_numpy()) for _ in range(DEALT)
    ]
    drawn = eigenvalues(resampled_matrices(filled, n=n, rng=rng))
    drawn = drawn[~np.isnan(drawn).any(axis=1)]
    frame = pd.DataFrame({"eigenvalue": found}, pd.RangeIndex(1, len(found) + 1, name="dimension"))
    if len(drawn):
        drawn += found - drawn.mean(axis=0)
    frame = frame.join(interval(pd.DataFrame(drawn.T, frame.index)))
    frame["chance"] = np.nanquantile(chance, CHANCE, axis=0)
    larger = np.logical_and.accumulate(drawn > frame["chance"].to_numpy(), axis=1)
    return frame.assign(share_kept=larger.mean(axis=0) if len(drawn) else np.nan)


def count_dimensions(analysis: pd.DataFrame) -> dict[str, int]:
    """Count the leading dimensions that are larger than by chance, with the 95 % interval of their number over models.

    Parameters
    ----------
    analysis : DataFrame
        As from `analyse_dimensions`.

    Returns
    -------
    dict of str to int
        n, low, high.

    Examples
    --------
    >>> analysis = {"eigenvalue": [2.0, 0.7, 0.3], "chance": [1.2, 1.0, 0.8], "share_kept": [1.0, 0.3, 0.01]}
    >>> count_dimensions(pd.DataFrame(analysis))
    {'n': 1, 'low': 1, 'high': 2}
    """
    larger = np.logical_and.accumulate(analysis["eigenvalue"] > analysis["chance"])
    kept = analysis["share_kept"]
    return {"n": int(larger.sum()), "low": int((kept >= 0.975).sum()), "high": int((kept > 0.025).sum())}


def by_policy(
    tables: Mapping[str, ScoreTable | pd.DataFrame], *, seed: int, n: int = 1000, policies: Iterable[str] = HOLES
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Analyse the dimensions under several missing-value policies, those that `fill_holes` and correlations allow.

    Parameters
    ----------
    tables : mapping of policy to ScoreTable, or DataFrame (n_models, n_metrics)
    seed, n : int
        As for `analyse_dimensions`.
    policies : iterable of str

    Returns
    -------
    analyses : DataFrame
        As from `analyse_dimensions`, with a first column policy.
    counts : DataFrame
        Index policy; columns n_models, n (dimensions), low, high, and first, the share of the variance that the
        first has, with its 95 % interval over models, first_low and first_high.

    Raises
    ------
    ValueError
        There is no such policy, or none that is allowed.

    Examples
    --------
    >>> from yardsticks.scores import make_twin, paper_leaves
    >>> table = make_twin()
    >>> values = table.values[paper_leaves(table)]
    >>> by_policy({"zero": values}, seed=1, n=20, policies=["zero"])[1].index.tolist()
    ['zero']
    """
    found, counts, why = [], {}, None
    for policy in policies:
        check_option("policy", policy, HOLES)
        try:
            values = fill_holes(tables[policy], policy)
            analysis = analyse_dimensions(values, policy=policy, seed=seed, n=n)
        except ValueError as error:
            why = error
            continue
        found.append(analysis.reset_index().assign(policy=policy))
        first = (analysis.loc[1, ["eigenvalue", "low", "high"]] / len(analysis)).set_axis(
            ["first", "first_low", "first_high"]
        )
        counts[policy] = {"n_models": len(values), **count_dimensions(analysis), **first}
    if why is not None and not found:
        raise why
    analyses = pd.concat(found, ignore_index=True)
    counts = pd.DataFrame.from_dict(counts, orient="index").rename_axis("policy")
    return analyses[["policy", *analyses.columns.drop("policy")]], counts


def one_of_each(values: pd.DataFrame, families: pd.Series, *, policy: str, seed: int, n: int = 10) -> dict[str, float]:
    """Count the dimensions with a single model of each family, and with as many models drawn from all.

    Models of a family are variants of one another, which makes metrics agree for no other reason. With fewer models
    fewer dimensions can be told from chance, so the one count is to be held against the other.

    Parameters
    ----------
    values, policy
        As for `analyse_dimensions`.
    families : Series
        Of each model, such as `intervals.family` of its name. Of fewer than five families nothing is known: each model
        is then its own.
    seed, n : int
        Of the draws of models, and how many.

    Returns
    -------
    dict of str to float
        n_families; single and anyone, the mean number of dimensions over the draws.

    Examples
    --------
    >>> things = np.random.default_rng(1).normal(size=(60, 1))
    >>> values = pd.DataFrame(things + np.random.default_rng(2).normal(size=(60, 4)))
    >>> one_of_each(values, pd.Series(range(60)), policy="complete", seed=1, n=1)
    {'n_families': 60, 'single': 1.0, 'anyone': 1.0}
    """
    filled = fill_holes(values, policy)
    families, rng = families.loc[filled.index], np.random.default_rng(seed)
    if families.nunique() < FEWEST:
        families = filled.index.to_series()
    counts = {"single": [], "anyone": []}
    for _ in range(n):
        order = filled.index[rng.permutation(len(filled))]
        single = order[~families[order].duplicated()]
        for name, models in (("single", single), ("anyone", order[: len(single)])):
            analysis = analyse_dimensions(filled.loc[models], policy=policy, seed=seed, n=0)
            counts[name].append(count_dimensions(analysis)["n"])
    return {"n_families": families.nunique(), **{name: float(np.mean(found)) for name, found in counts.items()}}


def explained_by_holes(scores: ScoreTable | pd.DataFrame, n_dimensions: int = 2) -> float:
    """Say how far the leading dimensions tell which scores a model has, where missing ones count as 0.

    Parameters
    ----------
    scores : ScoreTable, or DataFrame (n_models, n_metrics)
        As for `fill_holes`.
    n_dimensions : int

    Returns
    -------
    float
        Of the variance of the models' places on these dimensions, the share that a linear regression on which metrics
        they were scored under explains, in [0, 1]; NaN where two metrics cannot be correlated.

    Examples
    --------
    >>> scores = pd.DataFrame({"A": [0.5, None, 0.4, None], "B": [0.5, None, 0.4, 0.1]})
    >>> round(explained_by_holes(scores, 1), 2)
    0.89
    """
    ranks = fill_holes(scores, "zero").rank().to_numpy()
    spread = ranks.std(axis=0)
    if not spread.all():
        return float("nan")
    standard = (ranks - ranks.mean(axis=0)) / spread
    places = standard @ np.linalg.eigh(standard.T @ standard)[1][:, -n_dimensions:]
    values = scores.values if isinstance(scores, ScoreTable) else scores
    there = np.column_stack([np.ones(len(values)), values.notna()]).astype(float)
    left = places - there @ np.linalg.lstsq(there, places)[0]
    return float(1 - (left**2).sum() / (places**2).sum())


def correlations(values: pd.DataFrame) -> pd.DataFrame:
    """Correlate all metrics (Spearman); raise a ValueError where two cannot be."""
    corr = coefficients(values, method="spearman")
    if len(corr) < 2 or corr.isna().to_numpy().any():
        lost = corr.isna().sum()
        what = f"{lost.idxmax()!r} has no correlation with every other" if lost.any() else f"there are {len(corr)}"
        raise ValueError(
            f"each two metrics need 3 models in common, whose scores differ, and {what} ({len(values)} models). "
            "Take fewer metrics, or another policy."
        )
    return corr


def eigenvalues(matrices: np.ndarray) -> np.ndarray:
    """Return the eigenvalues of symmetric matrices, largest first; NaN of one that has a NaN."""
    whole = ~np.isnan(matrices).any(axis=(-2, -1))
    found = np.linalg.eigvalsh(np.where(whole[..., None, None], matrices, 0.0))[..., ::-1]
    return np.where(whole[..., None], found, np.nan)


def resampled_matrices(filled: pd.DataFrame, *, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return the correlations of all metrics for resamples of the models, (n, n_metrics, n_metrics)."""
    n = n if len(filled) >= FEWEST else 0
    counts = draw_counts(np.arange(len(filled)), n=n, rng=rng)
    pairs = resampled_correlations(filled.to_numpy(float), counts, method="spearman")
    matrices = np.empty((n, filled.shape[1], filled.shape[1]))
    matrices[:] = np.eye(filled.shape[1])
    first, second = np.triu_indices(filled.shape[1], 1)
    matrices[:, first, second] = matrices[:, second, first] = pairs.T
    return matrices


def deal(data: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Deal the scores of each column anew to the rows that have one."""
    dealt = data.copy()
    for column in dealt.T:
        there = ~np.isnan(column)
        column[there] = rng.permutation(column[there])
    return dealt
