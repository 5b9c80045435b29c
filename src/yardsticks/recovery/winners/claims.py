"""The numbers that a recovery study of ours sets beside those of Avitan & Golan (2025)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from yardsticks.recovery.winners.credit import lost, winners
from yardsticks.recovery.winners.curves import recovery_curve
from yardsticks.stats import cluster_interval

SCORE = "test_accuracy"  # the published one
_READ_AT = {"recovery_1k": 1_000, "recovery_10k": 10_000, "recovery_100k": 100_000, "recovery_1m": 1_000_000}
_MILLION = 1_000_000
# what is printed for millions of triplets, besides `recovery_1m`
_AT_MILLIONS = (
    "recovery_plateau", "recovery_highest", "recovery_30_models", "n_misranked",
    "recovery_none", "recovery_diagonal", "recovery_low_rank", "recovery_full",
)  # fmt: skip
_HIGH_RANK = 2


def study_numbers(rows: pd.DataFrame, *, models: Sequence[str], families: Mapping[str, str]) -> dict[str, float]:
    """Compute what a recovery study can say about the published claims.

    Parameters
    ----------
    rows : DataFrame
        As from `run_job` or `open_published_recovery`.
    models : sequence of str
        Generators and candidates; all others are left out.
    families : mapping of model to family
        Models with common weights or a common design.

    Returns
    -------
    dict of str to float
        Keys as in ``data/published.toml``. A statement is 1 where it holds, 0 where not, NaN where the data do not
        decide: where 95% intervals overlap (of relatives see `false_winners`). Those of recovery take jobs for
        independent, although those of a seed share their triplets. Recovery at a size that was not studied is
        interpolated on the logarithm of the size, and absent beyond the sizes that were.
    """
    curve = recovery_curve(rows, scores=[SCORE], seed=0, models=models, n_bootstrap=1).sort_values("n_triplets")
    sizes, recovery = np.log(curve["n_triplets"].to_numpy()), curve["recovery"].to_numpy()
    jobs = winners(rows, score=SCORE, models=models).dropna(subset="credit")
    first, last = curve.iloc[0], curve.iloc[-1]
    largest = jobs[jobs["n_triplets"] == last["n_triplets"]]
    numbers = {
        "n_models": float(len(models)),
        "recovery_rises": _exceeds(last, first),
        "recovery_plateau": last["recovery"],
        "recovery_highest": last["recovery"],
        "n_misranked": float((largest.groupby("generator")["rank"].mean() > _HIGH_RANK).sum()),
    }
    for key, size in _READ_AT.items():
        if sizes[0] <= np.log(size) <= sizes[-1]:
            numbers[key] = float(np.interp(np.log(size), sizes, recovery))
    relatives = false_winners(jobs, models=models, families=families)
    numbers["relatives_confused"] = _exceeds(relatives, pd.Series({"low": 0.0, "high": 0.0}))
    return numbers


def published_curve(printed: pd.DataFrame) -> pd.Series:
    """Return the recovery that is printed at single numbers of triplets, by that number.

    Parameters
    ----------
    printed : DataFrame
        As from `claims.printed_numbers`, of Avitan & Golan (2025): their Figure 1, as a third party reads it.
    """
    return pd.Series({size: printed.at[key, "value"] for key, size in _READ_AT.items()}, name="recovery")


def outside_regime(rows: pd.DataFrame) -> list[str]:
    """Return the printed numbers of which a study cannot speak, as they are of more triplets than it has."""
    largest = rows["n_triplets"].max()
    return [] if largest >= _MILLION else [*_AT_MILLIONS, *(key for key, size in _READ_AT.items() if size > largest)]


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
        ``chance``, what a blind choice among the other models would give in the same jobs; ``excess``, by how much
        `within` is above that, with ``low`` and ``high``, its 95% interval from resampling generators' families, whose
        jobs stand or fall together (NaN with fewer than five of them). NaN but for n_lost where no job was lost.

    Raises
    ------
    ValueError
        A job is of a model that is not among `models`.
    """
    others = set(jobs["generator"]) - set(models)
    if others:
        raise ValueError(f"Jobs of models that are not among those given: {', '.join(sorted(others))}.")
    false = jobs[lost(jobs)]
    n_of = pd.Series([families[model] for model in models]).value_counts()
    own = false["generator"].map(dict(families))
    each = pd.DataFrame(
        {
            "family": own,
            "within": (false["winner"].map(dict(families)) == own).astype(float),
            "chance": (own.map(n_of).astype(float) - 1) / (len(models) - 1),
        }
    )
    each["excess"] = each["within"] - each["chance"]
    low, high = cluster_interval(each, "excess", "family", np.random.default_rng(0))
    means = each[["within", "chance", "excess"]].mean().to_dict()
    return pd.Series({"n_lost": len(false)} | means | {"low": low, "high": high})


def trade_off_numbers(points: pd.DataFrame, from_none: pd.DataFrame, from_full: pd.DataFrame) -> dict[str, float]:
    """Compute what studies with several transforms can say about the published trade-off.

    Parameters
    ----------
    points : DataFrame
        As from `trade_off`. Numbers are those of `SCORE` at the largest size.
    from_none, from_full : DataFrame
        As from `compare_constraints`, with no transform and with the full one as the baseline.

    Returns
    -------
    dict of str to float
        Keys as in ``data/published.toml``. The statement of the trade-off is 1 where probes without a transform predict
        less than all others and are recovered more often (at one size at least, and at none less), and full ones the
        other way round; 0 where any of these comparisons comes out reversed; NaN where none does and some are left open
        by their 95% interval. Whether low rank or full is recovered more often does not count: of .75 and "below .80"
        either may be the larger.
    """
    largest = points[(points["score"] == SCORE) & (points["n_triplets"] == points["n_triplets"].max())]
    largest = largest.set_index("constraint")
    found = {}
    for key, kind in (("none", "none"), ("diagonal", "diagonal"), ("low_rank", "rank 30"), ("full", "full")):
        found[f"accuracy_{key}"], found[f"recovery_{key}"] = largest.loc[kind, ["prediction", "recovery"]]
    signs = []  # 1 as published, -1 reversed
    for changes, of_others in ((from_none, -1), (from_full, 1)):
        for kind, other in changes[changes["score"] == SCORE].groupby("constraint"):
            if not (of_others == 1 and kind == "rank 30"):
                signs.append(of_others * _sign(other["low"], other["high"]))
            signs.append(-of_others * _sign(other["prediction_low"], other["prediction_high"]))
    found["tradeoff"] = 0.0 if min(signs) < 0 else np.nan if 0 in signs else 1.0
    return found


def shrinkage_numbers(gains: pd.DataFrame, same: pd.DataFrame) -> dict[str, float]:
    """Say whether a penalty towards a multiple of the identity is recovered more often than one towards zero.

    Parameters
    ----------
    gains : DataFrame
        As from `mean_gains`, of the full transform: a row for each grid of strengths that generators chose from.
    same : DataFrame
        As from `equivalence`.

    Returns
    -------
    dict of str to float
        Keys as in ``data/published.toml``. Recovery: 1 where the 95% interval of the mean gain lies above zero with
        every grid, 0 where below with every one, else NaN. Prediction: 1 where both tests find it equivalent for the
        full transform, else NaN.
    """
    above, below = (gains["low"] > 0).all(), (gains["high"] < 0).all()
    full = same.set_index("transform").loc["full", ["equivalent_t", "equivalent_bootstrap"]]
    return {
        "shrinkage_recovers": 1.0 if above else 0.0 if below else np.nan,
        "shrinkage_predicts": 1.0 if full.all() else np.nan,
    }


def candidate_numbers(by_number: pd.DataFrame) -> dict[str, float]:
    """Say how much recovery is lost from half of the candidates to all of them.

    Parameters
    ----------
    by_number : DataFrame
        As from `recovery_by_candidates`. The smallest size counts, where most is lost.

    Returns
    -------
    dict of str to float
        ``more_models_lower``: recovery with half of the candidates less that with all, as a fraction.
    """
    part = by_number[(by_number["score"] == SCORE) & (by_number["n_triplets"] == by_number["n_triplets"].min())]
    recovery = part.set_index("n_candidates")["recovery"]
    return {"more_models_lower": recovery[recovery.index.max() // 2] - recovery[recovery.index.max()]}


def component_numbers(compared: pd.DataFrame) -> dict[str, float]:
    """Say whether recovery improves where the features of all models are reduced to about 500 components.

    Parameters
    ----------
    compared : DataFrame
        As from `compare_studies`, of one size: all components first, the reduced ones second.

    Returns
    -------
    dict of str to float
        ``pca_500``: 1 where the 95% interval of the change, reduced less all, does not go above zero; 0 where it lies
        above; NaN where it is on both sides, or where nothing is lost with either, so that nothing can improve.
    """
    row = compared.set_index("score").loc[SCORE]
    if min(row["first"], row["second"]) == 1:
        return {"pca_500": np.nan}
    return {"pca_500": 1.0 if row["high"] <= 0 else 0.0 if row["low"] > 0 else np.nan}


def geometry_numbers(toward_people: pd.DataFrame) -> dict[str, float]:
    """Say whether alignment moves every model towards people.

    Parameters
    ----------
    toward_people : DataFrame
        As from `similarity_to`, with the states ``raw`` and ``full``.
    """
    return {"toward_people": float((toward_people["full"] > toward_people["raw"]).all())}


def _sign(low: pd.Series, high: pd.Series) -> int:
    """Return 1 where some intervals lie above zero and none below, -1 the other way round, else 0."""
    return int((low > 0).any() and not (high < 0).any()) - int((high < 0).any() and not (low > 0).any())


def _exceeds(first: pd.Series, second: pd.Series) -> float:
    """Return 1 where the first interval lies above the second, 0 where below, NaN where they meet."""
    if first["low"] > second["high"]:
        return 1.0
    return 0.0 if first["high"] < second["low"] else np.nan
