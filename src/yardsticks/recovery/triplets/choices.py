"""Choices among three: logits, probabilities, simulated choices, ties, and how well logits predict choices."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yardsticks.recovery.triplets.randomness import Seed, as_rng
from yardsticks.recovery.triplets.triplets import Triplets
from yardsticks.stats import check_option

TIES = ("shared", "first")  # where several are equal: each has its share, or the first of them has it all
_PAIRS_A_TRIPLET = 64  # a table of all pairs is made where it has no more for each triplet: about what it gains
_PAIRS = 1 << 25  # ... and no more than so many
_GATHERED = 1 << 20  # numbers gathered at a time where it is not, for each of the three objects


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


def simulate(logits: np.ndarray, *, temperature: float, seed: Seed) -> np.ndarray:
    """Draw one answer to each triplet.

    Parameters
    ----------
    logits : array, (n, 3)
        As in `choice_probabilities`.
    temperature : float
        Positive.
    seed : int, SeedSequence or Generator
        The only source of randomness: one uniform number is taken for each triplet, in order.

    Returns
    -------
    int8 array, (n,)
        The odd one's position, 0, 1 or 2.

    Raises
    ------
    ValueError
        As `choice_probabilities`; no seed.

    Examples
    --------
    >>> from yardsticks.recovery import make_world
    >>> world = make_world(seed=1)
    >>> odd = simulate(world.logits(world.people), temperature=1.0, seed=2)
    >>> odd.shape, round(float((odd == world.people.odd).mean()), 2)  # how often two people would agree
    ((4000,), 0.52)
    """
    cumulative = choice_probabilities(logits, temperature).cumsum(axis=1)  # (n, 3)
    # the last entry may fall short of 1 by rounding: two comparisons never point past position 2
    return (as_rng(seed).random(len(cumulative))[:, None] >= cumulative[:, :2]).sum(axis=1, dtype=np.int8)


def embedding_logits(embedding: np.ndarray, triplets: Triplets) -> np.ndarray:
    """Return the similarity of the two objects that stay together, for each possible odd one.

    Parameters
    ----------
    embedding : array, (n_objects, n_dimensions)
        Similarity is the dot product, as in the models that such embeddings come from.
    triplets : Triplets

    Returns
    -------
    float64 array, (n, 3)
        For (i, j, k) the similarities of (j, k), (i, k) and (i, j).

    Raises
    ------
    ValueError
        The embedding has another number of objects than the triplets.

    Notes
    -----
    Beside its result it takes 8 bytes for each pair of objects where there are many triplets of them, and a block of
    fixed size where there are few: never the rows of all triplets.
    """
    if len(embedding) != triplets.n_objects:
        raise ValueError(f"the embedding has {len(embedding)} objects, the triplets are of {triplets.n_objects}")
    occur = np.bincount(triplets.objects.ravel(), minlength=len(embedding)) > 0
    n_used, n = int(occur.sum()), len(triplets)
    if n_used**2 <= min(_PAIRS_A_TRIPLET * n, _PAIRS):  # many triplets of few objects: all pairs at once, and each once
        rows = np.asarray(embedding[occur], float)
        first, second = remaining_pairs((np.cumsum(occur) - 1)[triplets.objects])
        return (rows @ rows.T)[first, second]
    logits = np.empty((n, 3))
    size = max(1, _GATHERED // embedding.shape[1])
    for start in range(0, n, size):
        i, j, k = np.asarray(embedding[triplets.objects[start : start + size].T], float)  # each (size, n_dimensions)
        part = (np.einsum("ij,ij->i", *pair) for pair in ((j, k), (i, k), (i, j)))
        logits[start : start + size] = np.stack(list(part), axis=1)
    return logits


def remaining_pairs(three):
    """Return the two that remain when the first, second or third is taken out: two arrays (n, 3, ...) of (n, 3, ...).

    Of arrays and of tensors.
    """
    return three[:, [1, 0, 0]], three[:, [2, 2, 1]]


def choose(logits: np.ndarray, *, ties: str = "shared") -> np.ndarray:
    """Return the most probable answer as shares (..., 3): a single 1 in each row, or equal shares of what is tied.

    With ties="first" the first of those that are tied has the 1.
    """
    check_option("ties", ties, TIES)
    if ties == "first":
        return np.eye(logits.shape[-1])[logits.argmax(axis=-1)]
    best = logits == logits.max(axis=-1, keepdims=True)
    return best / best.sum(axis=-1, keepdims=True)


def credits_of(logits: np.ndarray, odd: np.ndarray, *, ties: str = "shared") -> np.ndarray:
    """Return for each answer (n,) 1 where it has the highest logit, 1/m where m are tied for it, else 0.

    With ties="first" it is 1 for the first of the m and 0 for the others. Of chances (n, 3) in place of answers, the
    mean of this over the answers that they lead one to expect.
    """
    shares = choose(logits, ties=ties)
    return shares[np.arange(len(odd)), odd] if odd.ndim == 1 else (shares * odd).sum(axis=1)


class Score(NamedTuple):
    """Accuracy, a fraction (higher is better; chance is 1/3), and nll in nats per trial (lower is better)."""

    accuracy: float
    nll: float


def accuracy(logits: np.ndarray, odd: np.ndarray, *, ties: str = "shared") -> float:
    """Share of answers that have the highest logit; of m tied ones each counts 1/m, or the first alone. Chance is 1/3.

    Answers are (n,), or chances (n, 3), whose answers are those that are to be expected.
    """
    return float(credits_of(logits, odd, ties=ties).mean())


def nll(logits: np.ndarray, odd: np.ndarray) -> float:
    """Mean negative log-likelihood of the answers in nats per trial; log 3 = 1.0986 is chance.

    Answers are (n,), or chances (n, 3), whose mean is then the cross-entropy.
    """
    if odd.ndim == 2:
        away = logits.astype(float) - logits.max(axis=1, keepdims=True)
        logs = away - np.log(np.exp(away).sum(axis=1, keepdims=True))
        return float(-(odd * logs).sum(axis=1).mean())
    away = logits.astype(float) - logits[np.arange(len(odd)), odd][:, None]
    top = away.max(axis=1)
    return float((top + np.log(np.exp(away - top[:, None]).sum(axis=1))).mean())


def answers(triplets: Triplets) -> np.ndarray:
    """Return the answers (n,) of triplets, or raise a ValueError where there are none."""
    if triplets.odd is None:
        raise ValueError("the triplets have no answers; give them some with triplets.answered(odd).")
    return triplets.odd


def targets(triplets: Triplets) -> np.ndarray:
    """Return what a fit to triplets aims at and a score compares with: chances (n, 3) where there are any, or answers.

    Raises
    ------
    ValueError
        There are neither.
    """
    return answers(triplets) if triplets.chances is None else triplets.chances
