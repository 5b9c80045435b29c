"""What a study costs before it is begun: measured speeds of this machine, and arithmetic."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from yardsticks.recovery.studies.experiment import Experiment

# evaluations of loss and gradient for one strength: measured on the performance page and in the study of THINGS_OPEN
EVALUATIONS = {"exact": 20, "published": 160}
_ROW_BYTES = 90  # of a compressed shard, measured


@dataclass(frozen=True)
class Speeds:
    """How fast one core of a machine is.

    Parameters
    ----------
    gflops : float
        Products of float32 matrices, in 1e9 operations a second.
    per_triplet : float
        Seconds to read, transform and add up the scores of a triplet once.
    per_step : float
        Seconds of a step of the solver that does next to nothing.
    """

    gflops: float
    per_triplet: float
    per_step: float


def measure_speeds() -> Speeds:
    """Measure one core of this machine; takes a second or two."""
    from yardsticks.recovery.probes.fitting import fit_path
    from yardsticks.recovery.triplets.sampling import sample_triplets
    from yardsticks.recovery.triplets.triplets import Triplets

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        square, n_triplets = torch.rand(768, 768), 100_000
        scores = torch.rand(square.numel())
        index = torch.as_tensor(np.random.default_rng(0).integers(square.numel(), size=3 * n_triplets))

        def gather() -> None:
            chances = torch.softmax(scores.index_select(0, index).view(3, -1), dim=0)
            torch.zeros_like(scores).scatter_add_(0, index, chances.view(-1))

        rng = np.random.default_rng(0)
        few = sample_triplets(30, 60, seed=rng)
        few = Triplets(few.objects, rng.integers(3, size=60), 30)
        features, steps = rng.normal(size=(30, 4)).astype(np.float32), []

        def fit() -> None:
            steps.append(sum(probe.record.n_evaluations for probe in fit_path(features, few, strengths=[1.0, 0.1])))

        products = _fastest(lambda: square @ square)
        return Speeds(2e-9 * 768**3 / products, _fastest(gather) / n_triplets, _fastest(fit) / steps[-1])
    finally:
        torch.set_num_threads(threads)


def predict(experiment: Experiment, speeds: Speeds, *, n_objects: int, n_features: int) -> pd.DataFrame:
    """Predict what a study takes, by arithmetic.

    Parameters
    ----------
    experiment : Experiment
    speeds : Speeds
    n_objects, n_features : int
        Objects, and features of a model where it keeps all of them.

    Returns
    -------
    DataFrame
        One row for each size: n_triplets, n_jobs, n_fits, seconds_a_job and hours, of one core, and megabytes on disk.
        Right within a factor of two or three.

    Notes
    -----
    An evaluation for n objects, rank r and N triplets costs the solver's step, 4 n r^2 + 3 n^2 r operations (the exact
    solver: n the training objects, r at most n; few triplets only touch their own objects), or 4 n p^2 + 6 n^2 p with
    all objects and features (the published one), and N times the time of a triplet. Scoring adds a tenth.
    """
    n_models = len(experiment.models)
    p = min(experiment.components or n_features, n_features)
    n_train = experiment.n_train_objects or round(n_objects * (4 / 5 - 1 / experiment.n_folds))  # see `object_folds`
    rows = []
    for n_triplets, n_seeds in zip(experiment.sizes, experiment.n_seeds, strict=True):
        if experiment.solver == "published":
            operations = 4 * n_objects * p**2 + 6 * n_objects**2 * p
        else:
            n = n_train * (1 - (1 - 3 / n_train) ** n_triplets)  # expected number of objects that occur
            r = min(n, p)
            operations = 4 * n * r**2 + min(3 * n**2, 36 * n_triplets) * r
        evaluation = speeds.per_step + 1e-9 * operations / speeds.gflops + n_triplets * speeds.per_triplet
        n_strengths = 0 if experiment.transform == "none" else len(experiment.strengths)
        fits_a_job = n_models * (experiment.n_folds_run or experiment.n_folds) * n_strengths
        seconds = 1.1 * (fits_a_job * EVALUATIONS[experiment.solver] * evaluation + 0.2)
        n_jobs = len(experiment.generators) * n_seeds
        rows.append(
            {
                "n_triplets": n_triplets,
                "n_jobs": n_jobs,
                "n_fits": n_jobs * fits_a_job,
                "seconds_a_job": seconds,
                "hours": n_jobs * seconds / 3600,
                "megabytes": n_jobs * n_models * _ROW_BYTES / 1e6,
            }
        )
    return pd.DataFrame(rows)


def _fastest(function: Callable[[], object]) -> float:
    """Return the shortest time in seconds that a function takes, of five."""
    times = []
    function()
    for _ in range(5):
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return min(times)
