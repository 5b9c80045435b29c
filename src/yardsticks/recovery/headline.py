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
_LEVEL = 0.05


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


def trade_off_numbers(points: pd.DataFrame, changes: pd.DataFrame) -> dict[str, float]:
    """Compute what studies with several transforms can say about the published trade-off.

    Parameters
    ----------
    points : DataFrame
        As from `flexibility.trade_off`. Numbers are those of `SCORE` at the largest size.
    changes : DataFrame
        As from `flexibility.compare_constraints`, with the full transform as the baseline.

    Returns
    -------
    dict of str to float
        Keys as in ``data/published.toml``. The statement of the trade-off is 1 where a probe without a transform
        predicts less than a full one, and at one size at least is recovered more often, at none less; 0 where either
        is the other way round; NaN where 95% intervals of both changes hold zero.
    """
    largest = points[(points["score"] == SCORE) & (points["n_triplets"] == points["n_triplets"].max())]
    largest = largest.set_index("constraint")
    found = {}
    for key, kind in (("none", "none"), ("diagonal", "diagonal"), ("low_rank", "rank 30"), ("full", "full")):
        found[f"accuracy_{key}"] = largest.at[kind, "prediction"]
        if key != "full":  # of which the published recovery stands elsewhere
            found[f"recovery_{key}"] = largest.at[kind, "recovery"]
    none = changes[(changes["score"] == SCORE) & (changes["constraint"] == "none")]
    recovered, predicted = (
        _sign(none[low], none[high]) for low, high in (("low", "high"), ("prediction_low", "prediction_high"))
    )
    found["tradeoff"] = np.nan if 0 in (recovered, predicted) else float(recovered > 0 > predicted)
    return found


def geometry_numbers(toward_people: pd.DataFrame) -> dict[str, float]:
    """Say whether alignment moves every model towards people.

    Parameters
    ----------
    toward_people : DataFrame
        As from `geometry_analysis.similarity_to`, with the states ``raw`` and ``full``.
    """
    return {"toward_people": float((toward_people["full"] > toward_people["raw"]).all())}


def regression_numbers(coefficients: pd.DataFrame) -> dict[str, float]:
    """Compute what the regression of margins can say about the published one.

    Parameters
    ----------
    coefficients : DataFrame
        Of one regression, as from `misidentification.regress`.

    Returns
    -------
    dict of str to float
        Keys as in ``data/published.toml``. A statement is 1 where a coefficient that is published as significant is so
        here, with the same sign and after correction; 0 where one is significant with the other sign and none with the
        same; NaN where none is significant.
    """
    terms = coefficients.set_index(["role", "predictor"])
    published = {  # with the published signs
        "shift_misleads": {("candidate", "shift"): 1, ("generator", "shift"): -1},
        "dimensionality_misleads": {("generator", "ed_aligned"): -1},
    }
    found = {
        "beta_shift_candidate": terms.at[("candidate", "shift"), "coefficient"],
        "beta_shift_generator": terms.at[("generator", "shift"), "coefficient"],
        "beta_dimensionality_generator": terms.at[("generator", "ed_aligned"), "coefficient"],
    }
    for statement, signs in published.items():
        told = [
            sign * np.sign(terms.at[term, "coefficient"])
            for term, sign in signs.items()
            if terms.at[term, "p_corrected"] < _LEVEL
        ]
        found[statement] = float(max(told) > 0) if told else np.nan
    return found


def _sign(low: pd.Series, high: pd.Series) -> int:
    """Return 1 where some intervals lie above zero and none below, -1 the other way round, else 0."""
    return int((low > 0).any() and not (high < 0).any()) - int((high < 0).any() and not (low > 0).any())


def _exceeds(first: pd.Series, second: pd.Series) -> float:
    """Return 1 where the first interval lies above the second, 0 where below, NaN where they meet."""
    if first["low"] > second["high"]:
        return 1.0
    return 0.0 if first["high"] < second["low"] else np.nan
