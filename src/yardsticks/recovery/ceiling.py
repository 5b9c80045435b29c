"""How far people agree with one another, and generators made just as decided as they are.

People's ceiling is estimated from triplets that were answered many times. A generator, a model that answers in their
stead, is calibrated to it by one temperature.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize
from scipy.special import gammaln

from yardsticks.recovery.agreement import (
    compositions,
    count_types,
    kept_answers,
    leave_one_out,
    log_safe,
    majority_share,
    mixing_distribution,
    response_counts,
)
from yardsticks.recovery.triplets import Triplets, generator

METHODS = ("majority", "leave_one_out", "corrected")
MATCHES = ("max_p", "loo", "pairwise")
TARGET_TOLERANCE = 1e-6


class Ceiling(NamedTuple):
    """How often the best possible predictor of people would be right.

    Parameters
    ----------
    value : float
        Fraction in [1/3, 1] (below 1/3 is possible for leave_one_out); higher is more consistent.
    low, high : float
        Percentile bootstrap interval over triplets; NaN when none was asked for.
    n_triplets, n_responses : int
        Unordered triplets with at least two answers, and their answers.
    """

    value: float
    low: float
    high: float
    n_triplets: int
    n_responses: int


class Calibration(NamedTuple):
    """A temperature, and what it was chosen for.

    Parameters
    ----------
    temperature : float
        Positive; above 1 makes the choices more random.
    target, reached : float
        What was asked for, and the statistic at this temperature.
    at_one : float
        E[max p] at temperature 1, whatever was matched: how decided the fit itself is.
    """

    temperature: float
    target: float
    reached: float
    at_one: float


def noise_ceiling(
    triplets: Triplets, *, method: str, seed: int | np.random.Generator, n_bootstrap: int = 1000, level: float = 0.95
) -> Ceiling:
    """Estimate how often the best possible predictor would give the answer that people give.

    Parameters
    ----------
    triplets : Triplets
        Answered, each unordered triplet more than once; triplets with a single answer are left out.
    method : {"majority", "leave_one_out", "corrected"}
        - majority: the mean share of the most frequent answer. Biased up: the most frequent of few answers is partly
          chance.
        - leave_one_out: how often an answer is the majority of the others, ties shared. Biased down: the majority of
          few others misses the truth.
        - corrected: E[max p], the mean over triplets of the most probable answer's probability, under the mixing
          distribution of p over the simplex with the highest likelihood. Only moments of p up to the number of
          answers are identified, so this wants more than two or three answers a triplet.
    seed : int or Generator
        For the bootstrap.
    n_bootstrap : int
        Resamples of triplets; 0 for no interval.
    level : float
        Coverage of the percentile interval.

    Raises
    ------
    ValueError
        An unknown method; no answers; no triplet with two answers.
    """
    if method not in METHODS:
        raise ValueError(f"method={method!r} is not one of {', '.join(map(repr, METHODS))}")
    counts = _repeated(response_counts(triplets)[1])
    types, n_each = count_types(counts)
    low, high = np.nan, np.nan
    if n_bootstrap:
        # triplets of one type are alike, so drawing triplets is drawing how many there are of each type
        resamples = generator(seed).multinomial(len(counts), n_each / len(counts), n_bootstrap)
        tails = [(1 - level) / 2, (1 + level) / 2]
        low, high = (float(bound) for bound in np.quantile(_estimate(types, resamples, method), tails))
    value = float(_estimate(types, n_each[None], method)[0])
    return Ceiling(value, low, high, len(counts), int(counts.sum()))


def ceilings(triplets: Triplets, *, seed: int, n_bootstrap: int = 1000) -> pd.DataFrame:
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


def choice_probabilities(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Return the probability that each of the three is the odd one.

    Parameters
    ----------
    logits : array, (n, 3)
        For the triplet (i, j, k) the similarities of (j, k), (i, k), (i, j): of the pair left when each is taken out.
    temperature : float
        Positive.

    Returns
    -------
    array, (n, 3)
        softmax(logits / temperature) in float64, rows summing to 1; safe at any scale.

    Raises
    ------
    ValueError
        Another shape, values that are not finite, or a temperature that is not positive and finite.
    """
    logits = np.asarray(logits, float)
    if logits.ndim != 2 or logits.shape[1] != 3:
        raise ValueError(f"logits have shape {logits.shape}, expected (n, 3)")
    if not np.isfinite(logits).all():
        raise ValueError(f"logits hold NaN or infinity, first in row {np.argwhere(~np.isfinite(logits))[0][0]}")
    if not 0 < temperature < np.inf:
        raise ValueError(f"temperature={temperature} must be positive and finite")
    with np.errstate(over="ignore"):  # an answer infinitely less likely has probability 0
        p = np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)
    return p / p.sum(axis=1, keepdims=True)


def calibrate(logits: np.ndarray, *, target: float, match: str = "max_p", raters: int | None = None) -> Calibration:
    """Find the temperature at which simulated people agree as much as real ones.

    Parameters
    ----------
    logits : array, (n, 3)
        Of the generator on the repeated triplets, at temperature 1.
    target : float
        The ceiling to reach: fraction in (1/3, 1).
    match : {"max_p", "loo", "pairwise"}
        What shall equal the target, on average over triplets: the probability of the most probable answer (what an
        ideal predictor reaches); the expected leave-one-out ceiling of so many `raters`; the probability that two
        people answer alike.
    raters : int, optional
        Answers to a triplet, for ``"loo"`` alone.

    Raises
    ------
    ValueError
        A target that no temperature reaches, with the range that is reachable; an unknown match; `raters` missing or
        out of place; logits as in `choice_probabilities`.

    Notes
    -----
    Each statistic falls from its value for the argmax alone (temperature to 0) to that of guessing (temperature to
    infinity); the root is bracketed in log temperature, so nothing stalls where the softmax is saturated. The
    published rule is ``max_p`` onto the leave-one-out ceiling.
    """
    if match not in MATCHES:
        raise ValueError(f"match={match!r} is not one of {', '.join(map(repr, MATCHES))}")
    if (match == "loo") != (raters is not None) or (raters is not None and raters < 2):
        raise ValueError(
            f"match={match!r} with raters={raters}: 'loo' needs raters of at least 2, the others take none"
        )
    logits = np.asarray(logits, float)
    at_one = float(choice_probabilities(logits, 1.0).max(axis=1).mean())
    best = logits == logits.max(axis=1, keepdims=True)
    highest = _agreement(best / best.sum(axis=1, keepdims=True), match, raters)
    lowest = _agreement(np.full((1, 3), 1 / 3), match, raters)
    if not lowest < target < highest:
        raise ValueError(
            f"match={match!r} cannot reach target={target}: over all temperatures it lies between {lowest:.6f} "
            f"(guessing) and {highest:.6f} (always the most probable answer)"
        )

    scale = np.ptp(logits, axis=1).max()  # so that logits of any size are as easy

    def excess(log_temperature: float) -> float:
        return _agreement(choice_probabilities(logits / scale, np.exp(log_temperature)), match, raters) - target

    lower, upper = -1.0, 1.0
    while excess(lower) < 0:
        lower *= 2
    while excess(upper) > 0:
        upper *= 2
    temperature = float(scale * np.exp(optimize.brentq(excess, lower, upper, xtol=1e-13)))
    reached = _agreement(choice_probabilities(logits, temperature), match, raters)
    if abs(reached - target) > TARGET_TOLERANCE:
        raise ValueError(f"match={match!r} reaches {reached:.8f} and no closer to target={target}")
    return Calibration(temperature, float(target), reached, at_one)


def simulate(logits: np.ndarray, *, temperature: float, rng: np.random.Generator) -> np.ndarray:
    """Draw one answer to each triplet.

    Parameters
    ----------
    logits : array, (n, 3)
        As in `choice_probabilities`.
    temperature : float
        Positive.
    rng : Generator
        One uniform number is taken for each triplet, in order.

    Returns
    -------
    int8 array, (n,)
        The odd one's position, 0, 1 or 2.
    """
    cumulative = choice_probabilities(logits, temperature).cumsum(axis=1)  # (n, 3)
    # the last entry may fall short of 1 by rounding: two comparisons never point past position 2
    return (rng.random(len(cumulative))[:, None] >= cumulative[:, :2]).sum(axis=1, dtype=np.int8)


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
    statistic = majority_share(types) if method == "majority" else leave_one_out(types)
    return weights @ statistic / weights.sum(axis=1)


def _agreement(p: np.ndarray, match: str, raters: int | None) -> float:
    """Return the statistic that `calibrate` matches, the mean over answer probabilities (n, 3)."""
    if match == "max_p":
        return float(p.max(axis=1).mean())
    if match == "pairwise":
        return float((p * p).sum(axis=1).mean())
    counts = compositions(raters)
    value = leave_one_out(counts)
    coefficient = gammaln(raters + 1) - gammaln(counts + 1).sum(axis=1)
    blocks = np.array_split(log_safe(p), 1 + len(p) * len(counts) // 2**21)
    return float(sum((np.exp(block @ counts.T + coefficient) @ value).sum() for block in blocks) / len(p))
