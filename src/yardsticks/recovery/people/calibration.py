"""Calibration: the temperature at which simulated people agree as much as people do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import optimize
from scipy.special import gammaln

from yardsticks.recovery.people.counts import compositions, leave_one_out, log_safe
from yardsticks.recovery.triplets.choices import choice_probabilities, choose
from yardsticks.stats import check_option

MATCHES = ("max_p", "loo", "pairwise")
TARGET_TOLERANCE = 1e-6


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

    Examples
    --------
    >>> from yardsticks.recovery import make_world
    >>> world = make_world(seed=1)
    >>> found = calibrate(world.logits(world.people), target=0.6)
    >>> round(found.temperature, 2), round(found.reached, 4)
    (1.17, 0.6)
    """
    check_option("match", match, MATCHES)
    if (match == "loo") != (raters is not None) or (raters is not None and raters < 2):
        raise ValueError(
            f"match={match!r} with raters={raters}: 'loo' needs raters of at least 2, the others take none"
        )
    logits = np.asarray(logits, float)
    at_one = float(choice_probabilities(logits, 1.0).max(axis=1).mean())
    highest = _agreement(choose(logits), match, raters)
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
