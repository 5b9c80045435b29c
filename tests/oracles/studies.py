"""Rows of studies, made by hand or at random, with known winners."""

import numpy as np
import pandas as pd
from scipy import stats

from yardsticks.recovery.data.rows import SCORES

FAMILIES = {"a1": "a", "a2": "a", "b": "b", "c": "c"}
MODELS = (*FAMILIES, "d", "e")  # enough for intervals


def rows_of(jobs: dict) -> pd.DataFrame:
    """Rows from {(n_triplets, seed, generator): {candidate: test accuracy}}; a text stands for an error."""
    rows = []
    for (n_triplets, seed, generator), scores in jobs.items():
        for candidate, score in scores.items():
            failed = isinstance(score, str)
            value = np.nan if failed else score
            rows.append(
                {"n_triplets": n_triplets, "seed": seed, "generator": generator, "candidate": candidate}
                | {name: -value if name.endswith("nll") else value for name in SCORES}
                | {"strength": 0.1, "at_grid_end": False, "converged": not failed, "gap": 1e-4, "n_test": n_triplets}
                | {"error": score if failed else ""}
            )
    return pd.DataFrame(rows)


def random_rows(rng, models=tuple(FAMILIES), sizes=(8, 16), n_seeds=(4, 2), levels=6) -> pd.DataFrame:
    """Rows with many ties, as there are only a few levels of accuracy."""
    jobs = {
        (size, seed, generator): {model: rng.integers(levels) / levels for model in models}
        for size, n in zip(sizes, n_seeds, strict=True)
        for seed in range(n)
        for generator in models
    }
    return rows_of(jobs)


HAND = {
    (10, 0, "a1"): {"a1": 0.6, "a2": 0.5, "b": 0.4, "c": 0.3},  # wins
    (10, 0, "a2"): {"a1": 0.6, "a2": 0.6 + 1e-12, "b": 0.6, "c": 0.3},  # one of three
    (10, 0, "b"): {"a1": 0.6, "a2": 0.5, "b": 0.5, "c": 0.3},  # loses, tied for the second place
    (10, 0, "c"): {"a1": 0.2, "a2": 0.1, "b": np.nan, "c": 0.3},  # wins, one did not compete
    (10, 1, "a1"): {"a1": "no features", "a2": 0.5, "b": 0.4, "c": 0.3},  # not there itself
    (10, 1, "a2"): {"": "Traceback"},  # failed as a whole
    (10, 1, "b"): {"a1": 0.5, "a2": "broken", "b": 0.4, "c": 0.3},
}


def ends_of(n: int) -> np.ndarray:
    """Which quantiles of resamples of n clusters are a 95% interval: as far out as Student's t, divided by n - 1."""
    return stats.norm.cdf(stats.t.ppf([0.025, 0.975], n - 1) * np.sqrt(n / (n - 1)))
