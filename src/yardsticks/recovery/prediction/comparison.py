"""Which of two models predicts better: paired tests over judgements and over objects, and equivalence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from yardsticks.recovery.probes.options import PENALTIES, TRANSFORMS
from yardsticks.recovery.triplets.triplets import FEWEST, Triplets
from yardsticks.stats import check_option, correct, sign_test

TESTS = ("sign", "objects")
ALPHA = 0.05  # a corrected p below it decides
_N_BOOTSTRAP = 10_000


class Errors(NamedTuple):
    """Standard errors of a mean over judgements, which are not independent.

    Parameters
    ----------
    error_triplets : float
        Judgements of the same three objects may go together.
    error_objects : float
        So may judgements that have any object in common.
    """

    error_triplets: float
    error_objects: float


def clustered_errors(values: np.ndarray, triplets: Triplets) -> Errors:
    """Estimate the standard error of the mean of a value for each judgement.

    Parameters
    ----------
    values : (n,) array
    triplets : Triplets
        What was judged.

    Returns
    -------
    Errors
        In the unit of the values; NaN below five distinct triplets. Where the one for objects comes out below the
        other, which few objects make possible, it is set to that.

    Notes
    -----
    The variance of the sum is estimated by the sum of e_i e_j over pairs of judgements that may go together, e being
    the deviations from the mean: the cluster-robust estimate, for objects that of Aronow, Samii and Assenova (2015,
    Political Analysis 23) with three members instead of two. With C(S) the sum of squared totals of e over sets S of
    judgements, it is C(objects) - C(pairs of objects) + C(triplets), as two judgements with m common objects are
    counted m - m (m - 1) / 2 + (m = 3) = 1 time. For a mean over folds, errors are of each fold, and add up in squares.
    """
    distinct, which = np.unique(triplets.ranks(), return_inverse=True)
    if len(distinct) < FEWEST:
        return Errors(np.nan, np.nan)
    away = values - values.mean()
    objects, n = triplets.unordered()[0], triplets.n_objects
    places = np.unique(objects[:, [0, 0, 1]] * n + objects[:, [1, 2, 2]], return_inverse=True)[1].reshape(-1, 3)
    alike = _squared_totals(away, which[:, None])
    common = _squared_totals(away, objects) - _squared_totals(away, places) + alike
    return Errors(*(float(np.sqrt(max(square, alike))) / len(values) for square in (alike, common)))


def compare_pairs(credits: Mapping[str, np.ndarray], triplets: Triplets) -> pd.DataFrame:
    """Compare all pairs of models on the same judgements.

    Parameters
    ----------
    credits : mapping of model to (n,) array
        For each judgement 1 where the model is right, 1/m where it shares the first place among m answers, else 0.
    triplets : Triplets
        The judgements.

    Returns
    -------
    DataFrame
        One row a pair: first, second, n_test; n_discordant judgements on which their credits differ, and of these
        n_first_better; ``p``, two-sided, of the exact sign test (that each is better equally often; 1 without a
        discordant judgement), which takes judgements for independent; ``difference`` in accuracy (first less second),
        and its standard error ``error_objects``, which does not (see `clustered_errors`). Nothing is corrected for the
        number of pairs.
    """
    rows = []
    for first, second in combinations(credits, 2):
        change = credits[first] - credits[second]
        n_first, n_second = int((change > 0).sum()), int((change < 0).sum())
        row = {"first": first, "second": second, "n_test": len(change), "n_discordant": n_first + n_second}
        row |= {"n_first_better": n_first, "p": sign_test(n_first, n_second), "difference": change.mean()}
        rows.append(row | {"error_objects": clustered_errors(change, triplets).error_objects})
    columns = ["first", "second", "n_test", "n_discordant", "n_first_better", "p", "difference", "error_objects"]
    return pd.DataFrame(rows, columns=columns)


def dominance(pairs: pd.DataFrame, *, test: str, correction: str) -> pd.DataFrame:
    """Say for each pair of models whether one predicts people significantly better.

    Parameters
    ----------
    pairs : DataFrame
        As from `compare_pairs`, of one or several transforms; each is corrected by itself, as published.
    test : {"sign", "objects"}
        The exact sign test on discordant judgements (published), or the difference in accuracy by its standard error
        for judgements with common objects, as a normal deviate.
    correction : str
        See `correct`.

    Returns
    -------
    DataFrame
        `pairs` with ``p_corrected`` and ``better``: the model that is significantly better, or empty.

    Raises
    ------
    ValueError
        An unknown test or correction.
    """
    check_option("test", test, TESTS)
    pairs = pairs.copy()
    if test == "objects":
        with np.errstate(divide="ignore", invalid="ignore"):
            deviate = (pairs["difference"] / pairs["error_objects"]).abs()
        pairs["p"] = np.where(pairs["difference"] == 0, 1.0, 2 * stats.norm.sf(deviate))
        first = pairs["difference"] > 0
    else:
        first = 2 * pairs["n_first_better"] > pairs["n_discordant"]
    groups = pairs.groupby(["transform", "penalty", "judgements"])["p"]
    pairs["p_corrected"] = groups.transform(lambda p: correct(p.to_numpy(), correction))
    ahead = np.where(first, pairs["first"], pairs["second"])
    pairs["better"] = np.where(pairs["p_corrected"] < ALPHA, ahead, "")
    return pairs


def count_decided(pairs: pd.DataFrame, *, corrections: Sequence[str]) -> pd.DataFrame:
    """Count the pairs of models of which one predicts people significantly better, by both tests of `dominance`.

    Returns
    -------
    DataFrame
        transform, penalty, judgements, n_pairs, test, correction and n_decided.
    """
    table = []
    for test, correction in product(TESTS, corrections):
        decided = dominance(pairs, test=test, correction=correction)
        decided["n_decided"] = decided["better"] != ""
        groups = decided.groupby(["transform", "penalty", "judgements"], sort=False)["n_decided"]
        counts = groups.agg(n_pairs="size", n_decided="sum").reset_index()
        table.append(counts.assign(test=test, correction=correction))
    return pd.concat(table, ignore_index=True)


def equivalence(
    pooled: pd.DataFrame,
    *,
    seed: int,
    judgements: str,
    epsilon: float = 0.05,
) -> pd.DataFrame:
    """Test whether two penalties predict people equally well: two one-sided tests, paired by model.

    Parameters
    ----------
    pooled : DataFrame
        As from `pool`.
    seed : int
        For the bootstrap over models.
    judgements : str
    epsilon : float
        Accuracies that differ by less are called equivalent, as published (supplement, Figure S1).

    Returns
    -------
    DataFrame
        For each transform with both: n_models; difference (``scaled_identity`` less ``frobenius``, mean over models),
        sd, smallest, largest; p_t (the larger of two one-sided paired t tests) and p_bootstrap (the larger share, over
        resampled models, of mean differences beyond a bound), uncorrected; low and high, the interval of the mean by t
        that has to lie within epsilon, of level 1 - 2 `ALPHA` after correction; equivalent_t and equivalent_bootstrap.

    Notes
    -----
    `ALPHA` is divided by the number of transforms, as published by that of transforms and ranks.

    Models are taken for independent draws, and those of one family are not: p values are rather too small.
    """
    part = pooled[pooled["judgements"] == judgements]
    grids = part.pivot(index="model", columns=["transform", "penalty"], values="accuracy")
    tested = [name for name in TRANSFORMS if all((name, penalty) in grids for penalty in PENALTIES)]
    level = ALPHA / max(len(tested), 1)
    rng, rows = np.random.default_rng(seed), []
    for transform in tested:
        first, second = (grids[transform, penalty] for penalty in PENALTIES)
        change = (first - second).dropna().to_numpy()
        n, mean = len(change), change.mean()
        sd, p_t, p_bootstrap = np.nan, np.nan, np.nan  # one model says nothing about others
        if n > 1:
            sd = change.std(ddof=1)
            with np.errstate(divide="ignore"):
                p_t = stats.t.sf((epsilon - abs(mean)) / (sd / np.sqrt(n)), n - 1)
            means = rng.choice(change, size=(_N_BOOTSTRAP, n)).mean(axis=1)
            p_bootstrap = (max((means >= epsilon).sum(), (means <= -epsilon).sum()) + 1) / (_N_BOOTSTRAP + 1)
        margin = stats.t.ppf(1 - level, n - 1) * sd / np.sqrt(n)
        rows.append(
            {"transform": transform, "n_models": n, "difference": mean, "sd": sd, "smallest": change.min()}
            | {"largest": change.max(), "low": mean - margin, "high": mean + margin, "p_t": p_t}
            | {"p_bootstrap": p_bootstrap, "equivalent_t": bool(p_t < level)}
            | {"equivalent_bootstrap": bool(p_bootstrap < level)}
        )
    return pd.DataFrame(rows)


def _squared_totals(values: np.ndarray, groups: np.ndarray) -> float:
    """Return the sum over groups of squared totals of values (n,); judgement i is in groups[i], (n, k)."""
    return float((np.bincount(groups.ravel(), np.repeat(values, groups.shape[1])) ** 2).sum())
