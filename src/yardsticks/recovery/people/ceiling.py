"""How far people agree with one another: the ceiling for whatever predicts them.

It is estimated from triplets that were answered many times.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from yardsticks.recovery.people.counts import (
    count_types,
    kept_answers,
    leave_one_out,
    majority_share,
    mixing_distribution,
    most_likely_mixing,
    response_counts,
    simplex_grid,
)
from yardsticks.recovery.triplets.randomness import Seed, as_rng
from yardsticks.recovery.triplets.triplets import FEWEST, Triplets
from yardsticks.stats import check_option

METHODS = ("majority", "leave_one_out", "corrected", "maximum_likelihood")
# people of `ceiling_errors`: the parameter of the symmetric Dirichlet distribution that their probabilities come from
INVENTED = {"undecided": 3.0, "mixed": 0.8, "decided": 0.35}
_LEVEL = 0.95  # coverage of the interval


class Ceiling(NamedTuple):
    """How often the best possible predictor of people would be right.

    Parameters
    ----------
    value : float
        Fraction in [1/3, 1] (below 1/3 is possible for leave_one_out); higher is more consistent.
    low, high : float
        95% percentile bootstrap interval over triplets; NaN when none was asked for, or below five triplets.
    n_triplets, n_responses : int
        Unordered triplets with at least two answers, and their answers.
    """

    value: float
    low: float
    high: float
    n_triplets: int
    n_responses: int


def noise_ceiling(triplets: Triplets, *, method: str, seed: Seed, n_bootstrap: int = 1000) -> Ceiling:
    """Estimate how often the best possible predictor would give the answer that people give.

    Parameters
    ----------
    triplets : Triplets
        Answered, each unordered triplet more than once; triplets with a single answer are left out.
    method : {"majority", "leave_one_out", "corrected", "maximum_likelihood"}
        - majority: the mean share of the most frequent answer. Biased up: the most frequent of few answers is partly
          chance.
        - leave_one_out: how often an answer is the majority of the others, ties shared. Biased down: the majority of
          few others misses the truth.
        - corrected: E[max p], the mean over triplets of the most probable answer's probability, under the distribution
          of p over the simplex that explains the counts. The search for it begins at the uniform one and ends early,
          which keeps it smooth (`mixing_distribution`).
        - maximum_likelihood: the same, with the search run to its end (`most_likely_mixing`). Only moments of p up to
          the number of answers are identified, so this wants many answers a triplet; with few it says little.
    seed : int, SeedSequence or Generator
        For the bootstrap.
    n_bootstrap : int
        Resamples of triplets; 0 for no interval.

    Raises
    ------
    ValueError
        An unknown method; no answers; no triplet with two answers.

    Examples
    --------
    >>> from yardsticks.recovery import make_world
    >>> ceiling = noise_ceiling(make_world(seed=1).repeated, method="corrected", seed=2, n_bootstrap=100)
    >>> round(ceiling.value, 2), ceiling.low < ceiling.value < ceiling.high, ceiling.n_triplets
    (0.63, True, 100)
    """
    check_option("method", method, METHODS)
    counts = _repeated(response_counts(triplets)[1])
    types, n_each = count_types(counts)
    low, high = np.nan, np.nan
    if n_bootstrap and len(counts) >= FEWEST:
        # triplets of one type are alike, so drawing triplets is drawing how many there are of each type
        resamples = as_rng(seed).multinomial(len(counts), n_each / len(counts), n_bootstrap)
        tails = [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2]
        low, high = (float(bound) for bound in np.quantile(_estimate(types, resamples, method), tails))
    value = float(_estimate(types, n_each[None], method)[0])
    return Ceiling(value, low, high, len(counts), int(counts.sum()))


def ceilings(triplets: Triplets, *, seed: Seed, n_bootstrap: int = 1000) -> pd.DataFrame:
    """Return `noise_ceiling` by every method: index method, columns the fields of `Ceiling`."""
    rows = [noise_ceiling(triplets, method=method, seed=seed, n_bootstrap=n_bootstrap) for method in METHODS]
    return pd.DataFrame(rows, index=pd.Index(METHODS, name="method"))


def ceilings_by_raters(triplets: Triplets, raters: Sequence[int]) -> pd.DataFrame:
    """Estimate each ceiling as if every triplet had had fewer answers.

    Parameters
    ----------
    triplets : Triplets
        Answered and repeated.
    raters : sequence of int
        Numbers of answers to keep, at least 2; triplets with fewer are left out at that number.

    Returns
    -------
    DataFrame
        Columns n_raters, n_triplets, and one per method. Exact means over all ways to keep that many answers, so
        nothing is random; `corrected` is the estimate from the expected counts.
    """
    counts = _repeated(response_counts(triplets)[1])
    rows = []
    for n in raters:
        enough = counts[counts.sum(axis=1) >= n]
        if n < 2 or not len(enough):
            raise ValueError(f"raters={n}: at least 2, and no more than the largest number of answers to a triplet")
        kept, share = kept_answers(*count_types(enough), n)
        row = {method: _estimate(kept, share[None], method)[0] for method in METHODS}
        rows.append({"n_raters": n, "n_triplets": len(enough), **row})
    return pd.DataFrame(rows)


def ceiling_errors(n_answers: int, *, n_triplets: int, n_sets: int, seed: Seed) -> pd.DataFrame:
    """Say how far each estimate is from the truth where that is known: for invented people.

    Parameters
    ----------
    n_answers : int
        To each triplet.
    n_triplets : int
    n_sets : int
        Sets of answers for each kind of people.
    seed : int, SeedSequence or Generator

    Returns
    -------
    DataFrame
        Columns people (a key of `INVENTED`), truth (the mean probability of the most probable answer), and for each
        method its ``_bias`` (mean error) and ``_rmse`` (root mean squared error) over the sets.
    """
    rng, rows = as_rng(seed), []
    for kind, concentration in INVENTED.items():
        truth, found = [], []
        for _ in range(n_sets):
            p = rng.dirichlet([concentration] * 3, n_triplets)
            truth.append(p.max(axis=1).mean())
            types, n_each = count_types(rng.multinomial(n_answers, p))
            found.append([_estimate(types, n_each[None], method)[0] for method in METHODS])
        errors = pd.DataFrame(np.subtract(found, np.array(truth)[:, None]), columns=list(METHODS))
        bias, rmse = errors.mean().add_suffix("_bias"), (errors**2).mean().pow(0.5).add_suffix("_rmse")
        rows.append({"people": kind, "truth": np.mean(truth), **bias, **rmse})
    return pd.DataFrame(rows)


def _repeated(counts: np.ndarray) -> np.ndarray:
    counts = counts[counts.sum(axis=1) >= 2]
    if not len(counts):
        raise ValueError("no triplet was answered twice or more: agreement among people cannot be told from these")
    return counts


def _estimate(types: np.ndarray, weights: np.ndarray, method: str) -> np.ndarray:
    """Return the ceiling under each row of weights (n_resamples, n_types)."""
    if method == "corrected":
        points, mixing = mixing_distribution(types, weights)
        return mixing @ points[:, 0]
    if method == "maximum_likelihood":
        return most_likely_mixing(types, weights) @ simplex_grid()[:, 0]
    statistic = majority_share(types) if method == "majority" else leave_one_out(types)
    return weights @ statistic / weights.sum(axis=1)
