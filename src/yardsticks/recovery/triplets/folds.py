"""Folds over objects, not triplets: probes are fitted, chosen and tested on different objects."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yardsticks.recovery.triplets.randomness import Seed, as_rng
from yardsticks.recovery.triplets.triplets import distinct_objects


class Fold(NamedTuple):
    """Three disjoint sets of objects, ascending, that together are all: to fit, to choose the strength, to test."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def object_folds(objects, *, seed: Seed, n_folds: int = 3) -> list[Fold]:
    """Split objects, not triplets, into folds, so that a probe is tested on objects that it never saw.

    Parameters
    ----------
    objects : int or (m,) array of int
        The objects, each once; an int m is short for all of 0 ... m - 1.
    seed : int, SeedSequence or Generator
        The only source of randomness.
    n_folds : int
        Each object is in the test set of one fold.

    Returns
    -------
    list of Fold
        With 1,854 objects and 3 folds each holds 865, 371 and 618 objects (the published sizes): test sets are as
        equal as can be, and of the rest the fraction K / (5 (K - 1)) is for validation.

    Raises
    ------
    ValueError
        Too few objects for three in every set; fewer than two folds; an object is given twice.

    Examples
    --------
    >>> [tuple(map(len, fold)) for fold in object_folds(1854, seed=0)]
    [(865, 371, 618), (865, 371, 618), (865, 371, 618)]
    """
    objects = distinct_objects(objects)
    rng = as_rng(seed)
    folds = []
    for test in np.array_split(rng.permutation(objects), _checked_count(n_folds)):
        rest = rng.permutation(np.setdiff1d(objects, test))
        n_validation = round(n_folds / ((n_folds - 1) * 5) * len(rest))
        fold = Fold(*map(np.sort, (rest[n_validation:], rest[:n_validation], test)))
        folds.append(_checked_fold(fold, len(objects), n_folds))
    return folds


def published_folds(objects, *, n_folds: int = 3, seed: int = 42) -> list[Fold]:
    """Split objects into the folds of the published predictions of people (Avitan & Golan 2025, Figures 2, 5 and S1).

    Parameters
    ----------
    objects : int or (m,) array of int
        As for `object_folds`.
    n_folds : int
    seed : int
        Of numpy's older generator, which the published code draws from; 42 in it.

    Returns
    -------
    list of Fold
        With 1,854 objects and 3 folds each holds 988, 248 and 618 objects, the same ones as scikit-learn's
        ``KFold(3, shuffle=True, random_state=42)`` and, within the rest, ``train_test_split(test_size=0.2,
        random_state=42)``. That the second has the same seed is our reading.

    Raises
    ------
    ValueError
        As `object_folds`.

    Examples
    --------
    >>> [tuple(map(len, fold)) for fold in published_folds(1854)]
    [(988, 248, 618), (988, 248, 618), (988, 248, 618)]
    """
    objects = distinct_objects(objects)
    folds = []
    for test in np.array_split(_published_order(len(objects), seed), _checked_count(n_folds)):
        rest = np.setdiff1d(np.arange(len(objects)), test)
        order = _published_order(len(rest), seed)
        n_validation = -(-len(rest) // 5)  # rounded up
        parts = (rest[order[n_validation:]], rest[order[:n_validation]], test)
        folds.append(_checked_fold(Fold(*(np.sort(objects[part]) for part in parts)), len(objects), n_folds))
    return folds


def with_training(fold: Fold, n: int, *, seed: Seed) -> Fold:
    """Return a fold with another number of training objects: some of those that it has, or test objects beside them.

    Parameters
    ----------
    fold : Fold
    n : int
        How many to train on. The objects to validate on stay; those to test on get fewer where *n* is more than there
        are to train on.
    seed : int, SeedSequence or Generator
        One order for all *n*: the fewer are always among the more.

    Raises
    ------
    ValueError
        Fewer than three objects would be left to train or to test on.

    Examples
    --------
    >>> more = with_training(object_folds(1854, seed=0)[0], 1236, seed=0)
    >>> tuple(map(len, more))
    (1236, 371, 247)
    """
    rng = as_rng(seed)
    order = np.concatenate([rng.permutation(fold.train), rng.permutation(fold.test)])
    train, test = order[:n], order[max(n, len(fold.train)) :]
    if min(len(train), len(test)) < 3:
        raise ValueError(
            f"{n} training objects: there are {len(order)} to train and test on, and each part needs at least three."
        )
    return Fold(np.sort(train), fold.validation, np.sort(test))


def _published_order(n: int, seed: int) -> np.ndarray:
    return np.random.RandomState(seed).permutation(n)


def _checked_count(n_folds: int) -> int:
    if n_folds < 2:
        raise ValueError(f"n_folds is {n_folds}: at least two are needed.")
    return n_folds


def _checked_fold(fold: Fold, n_objects: int, n_folds: int) -> Fold:
    if min(map(len, fold)) < 3:
        raise ValueError(
            f"{n_objects} objects in {n_folds} folds leave {' + '.join(str(len(part)) for part in fold)} "
            "(train + validation + test), and a triplet needs three. Give more objects, or ask for fewer folds."
        )
    return fold
