"""Random numbers from what is computed: one stream a purpose, seeded from the identity of the job."""

from __future__ import annotations

import hashlib

import numpy as np

Seed = int | np.random.SeedSequence | np.random.Generator


def random_stream(purpose: str, *identity) -> np.random.Generator:
    """Return the random numbers that belong to a purpose and an identity: the same wherever and whenever asked for."""
    digest = hash_of("|".join([purpose, *map(str, identity)]))
    return np.random.default_rng(np.random.SeedSequence(int(digest, 16)))


def hash_of(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def as_rng(seed: Seed) -> np.random.Generator:
    """Return the random numbers that a seed stands for: a Generator is itself, and moved on by what is drawn.

    Raises
    ------
    ValueError
        No seed: the result could not be had again.
    """
    if seed is None:
        raise ValueError(
            "seed is None: give an integer, a SeedSequence or a Generator, so that the draw can be repeated."
        )
    return np.random.default_rng(seed)


def as_sequence(seed: Seed) -> np.random.SeedSequence:
    """Return the SeedSequence that a seed stands for, from which independent streams are made; else as `as_rng`."""
    if isinstance(seed, np.random.SeedSequence):
        return seed
    if isinstance(seed, np.random.Generator) or seed is None:
        return np.random.SeedSequence(int(as_rng(seed).integers(2**63)))
    return np.random.SeedSequence(seed)
