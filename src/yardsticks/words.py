"""What readers call the columns and values of tables, models and p values: code and CSV files keep their own names."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from yardsticks.literal import in_html

WORDS = {  # of columns; of others the name itself is in words, without n_
    "n_real": "n, real",
    "n_twin": "n, twin",
    "n_train_objects": "training objects",
    "n_wrong": "jobs lost",
    "n_lost": "jobs lost",
    "n_test": "test answers",
    "n_judgements": "answers",
    "n_responses": "answers",
    "n_missing": "missing values",
    "n_bootstrap": "resamples",
    "n_degenerate": "resamples without a solution",
    "n_folds_run": "folds run",
    "p_t": "p (t)",
    "p_bootstrap": "p (bootstrap)",
    "p_first": "share of resamples first",
    "equivalent_t": "equivalent (t)",
    "equivalent_bootstrap": "equivalent (bootstrap)",
    "model_id": "model",
    "model_name": "model",
    "low": "from",
    "high": "to",
    "boot_low": "from (generators resampled)",
    "boot_high": "to (generators resampled)",
    "seed_low": "lowest of a seed",
    "seed_high": "highest of a seed",
    "nll": "loss (nats)",
    "r2": "R²",
    "r_squared": "R²",
    "vif": "variance inflation",
    "sd": "SD",
    "std": "SD",
    "margin": "lead",
    "margin_sd": "SD of leads",
    "own": "own score",
    "false_wins": "its wins",
    "at_one": "accuracy at temperature 1",
    "bonferroni": "Bonferroni",
    "holm": "Holm",
    "fdr_bh": "Benjamini-Hochberg",
    "weakest": "at the weakest strength",
    "strongest": "at the strongest strength",
    "itself_at_end": "own fits at either",
    "max_gap": "largest gap",
    "loose_gap": "share of large gaps",
}
VALUES = {  # of cells, and within their texts; what has no entry stays
    "test_accuracy": "sampled answers",
    "noise_free_accuracy": "without sampling noise",
    "credit": "recovery",
    "margin": "lead",
    "own": "own score",
    "frobenius": "Frobenius",
    "scaled_identity": "shrinkage",
    "n_judgements": "judgements",
    "object_cv": "by objects",
    "triplet_cv": "by other triplets, in folds",
    "triplet_holdout": "by other triplets",
    "unit_rms": "unit RMS",
    "vice42": "People (VICE-42)",
    "spose66": "People (SPoSE-66)",
}
_SPACED = ["low_rank", "leave_one_out", "maximum_likelihood", "strength_rule", "fewer_answers"]
_SPACED += ["weaker_penalty", "all_components", "sampled_test"]
VALUES |= {name: name.replace("_", " ") for name in _SPACED}


def say_column(name: Any) -> str:
    """Return the name of a column in words, as HTML."""
    text = re.sub("^p_", "p, ", re.sub("_low$", " from", re.sub("_high$", " to", str(name))))
    return in_html(WORDS.get(str(name)) or text.removeprefix("n_").replace("_", " "))


def say_value(value: Any) -> Any:
    """Return what a cell says in words, where it is a text with names of settings.

    Examples
    --------
    >>> say_value("credit"), say_value("components × strength_rule"), say_value("a credit card"), say_value(3)
    ('recovery', 'components × strength rule', 'a credit card', 3)
    >>> say_value("64-object_cv-unit_rms-uniform")
    '64, by objects, unit RMS, uniform'
    """
    if not isinstance(value, str):
        return value
    if value in VALUES:
        return VALUES[value]
    parts = value.split("-")
    if any("_" in part and part in VALUES for part in parts):  # the name of a cell that lists its settings
        return ", ".join(VALUES.get(part, part) for part in parts)
    return re.sub(r"\w+_\w+", lambda name: VALUES.get(name[0], name[0]), value)


def say_p(p: float) -> str:
    """Return a p value in three decimals, ``< .001`` below that.

    Examples
    --------
    >>> say_p(0.0321), say_p(2e-9)
    ('.032', '< .001')
    """
    if pd.isna(p):
        return ""
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def say_test(p: float) -> str:
    """Return the p value of a test for the prose, with its letter.

    Examples
    --------
    >>> say_test(0.0321), say_test(2e-9)
    ('p = .032', 'p < .001')
    """
    said = say_p(p)
    return f"p {said}" if said.startswith("<") else f"p = {said or 'unknown'}"


def say_interval(low: float, high: float, form: str = ".2f") -> str:
    """Return the ends of an interval for the prose, ``unknown`` where there is none.

    Parameters
    ----------
    low, high : float
    form : str
        Of each end, as in a format.

    Examples
    --------
    >>> say_interval(-0.134, 0.5), say_interval(0.06, 0.31, ".0%"), say_interval(float("nan"), 1)
    ('-0.13 to 0.50', '6% to 31%', 'unknown')
    """
    return "unknown" if pd.isna([low, high]).any() else f"{low:{form}} to {high:{form}}"


def say_zero(low: float, high: float) -> str:
    """Return for the prose whether an interval includes zero, to follow its name.

    Examples
    --------
    >>> say_zero(-0.13, 0.58), say_zero(0.1, 0.3), say_zero(-0.3, -0.1), say_zero(float("nan"), 1)
    ('includes zero', 'lies above zero', 'lies below zero', 'is unknown')
    """
    if pd.isna([low, high]).any():
        return "is unknown"
    return "includes zero" if low <= 0 <= high else f"lies {'above' if low > 0 else 'below'} zero"
