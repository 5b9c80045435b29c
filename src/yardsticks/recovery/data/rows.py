"""The rows of a recovery study, one for each job and candidate: their columns, what names a job, and the scores."""

from __future__ import annotations

from yardsticks.stats import check_option

COLUMNS = {
    "n_triplets": int,
    "seed": int,
    "generator": str,
    "candidate": str,
    "test_accuracy": float,
    "noise_free_accuracy": float,
    "validation_accuracy": float,
    "nll": float,
    "noise_free_nll": float,
    "validation_nll": float,
    "strength": float,
    "at_grid_end": bool,
    "converged": bool,
    "gap": float,
    "n_evaluations": int,
    "n_ties": int,
    "n_test": int,
    "error": str,
}
JOB = ["n_triplets", "seed", "generator"]  # what names a job
SCORES = ("test_accuracy", "noise_free_accuracy", "validation_accuracy", "nll", "noise_free_nll", "validation_nll")


def sign_of(score: str) -> int:
    """Return 1 for a score of which higher is better (accuracies), and -1 where lower is (nll).

    Raises
    ------
    ValueError
        It is none of `SCORES`.
    """
    check_option("score", score, SCORES)
    return -1 if score.endswith("nll") else 1
