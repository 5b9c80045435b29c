"""The numbers that a recovery study of ours sets beside those of Avitan & Golan (2025)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from yardsticks.recovery.analysis import exact_interval, recovery_curve, winners

SCORE = "test_accuracy"  # the published one
_READ_AT = {"recovery_1k": 1_000, "recovery_10k": 10_000, "recovery_100k": 100_000, "recovery_1m": 1_000_000}
_MILLION = 1_000_000
_HIGH_RANK = 2


def study_numbers(
    rows: pd.DataFrame, *, models: Sequence[str], families: Mapping[str, str], plateau: float
) -> dict[str, float]:
    """Compute what a recovery study can say about the published claims.

    Parameters
    ----------
    rows : DataFrame
        As from `simulation.run_job` or `open_published_recovery`.
    models : sequence of str
        Generators and candidates; all others are left out.
    families : mapping of model to family
        Models with common weights or a common design.
    plateau : float
        The recovery accuracy that is said not to be reached.

    Returns
    -------
    dict of str to float
        Keys as in ``data/published.toml``. A statement is 1 where it holds, 0 where not, NaN where the data do not
        decide: where 95% intervals overlap. Intervals take jobs for independent, although those of a seed share their
        triplets. Recovery at a size that was not studied is interpolated on the logarithm of the size, and absent
        beyond the sizes that were.
    """
    curve = recovery_curve(rows, scores=[SCORE], seed=0, models=models, n_bootstrap=1).sort_values("n_triplets")
    sizes, recovery = np.log(curve["n_triplets"].to_numpy()), curve["recovery"].to_numpy()
    jobs = winners(rows, score=SCORE, models=models).dropna(subset="credit")
    first, last = curve.iloc[0], curve.iloc[-1]
    largest = jobs[jobs["n_triplets"] == last["n_triplets"]]
    # what is not above it with fewer triplets may still be with more
    decided = last["n_triplets"] >= _MILLION or last["low"] > plateau
    numbers = {
        "n_models": float(len(models)),
        "recovery_rises": _exceeds(last, first),
        "recovery_plateau": last["recovery"] if decided else np.nan,
        "n_misranked": float((largest.groupby("generator")["rank"].mean() > _HIGH_RANK).sum()),
    }
    for key, size in _READ_AT.items():
        if sizes[0] <= np.log(size) <= sizes[-1]:
            numbers[key] = float(np.interp(np.log(size), sizes, recovery))
    within = false_winners(jobs, models=models, families=families)
    numbers["relatives_confused"] = _exceeds(within, pd.Series({"low": within["chance"], "high": within["chance"]}))
    return numbers


def false_winners(jobs: pd.DataFrame, *, models: Sequence[str], families: Mapping[str, str]) -> pd.Series:
    """Say how often the winner is a relative of the generator, where it is not the generator.

    Parameters
    ----------
    jobs : DataFrame
        As from `winners`, restricted to `models`. Ties have no winner and do not count.

    Returns
    -------
    Series
        ``n_lost``, jobs that one other model won; ``within``, the fraction won by a model of the generator's family;
        ``low`` and ``high``, its exact 95% interval; ``chance``, what a blind choice among the other models would give
        in the same jobs. NaN but for n_lost where no job was lost.
    """
    lost = jobs[(jobs["credit"] == 0) & (jobs["winner"] != "tie")]
    n_of = pd.Series([families[model] for model in models]).value_counts()
    own = [families[model] for model in lost["generator"]]
    same = sum(families[model] == family for model, family in zip(lost["winner"], own, strict=True))
    low, high = exact_interval(same, len(lost))
    shares = {"within": np.nan, "chance": np.nan}
    if own:
        shares = {
            "within": same / len(own),
            "chance": np.mean([n_of[family] - 1 for family in own]) / (len(models) - 1),
        }
    return pd.Series({"n_lost": len(lost), "low": low, "high": high} | shares)


def _exceeds(first: pd.Series, second: pd.Series) -> float:
    """Return 1 where the first interval lies above the second, 0 where below, NaN where they meet."""
    if first["low"] > second["high"]:
        return 1.0
    return 0.0 if first["high"] < second["low"] else np.nan
