"""Numbers and words for the text, from the tables of this folder."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from yardsticks.recovery.failure.figures import PREDICTOR_NAMES
from yardsticks.recovery.failure.flexibility import Studies, compare_constraints, trade_off
from yardsticks.recovery.failure.penalties import mean_gains
from yardsticks.recovery.failure.regression import regress_each, say_coefficient
from yardsticks.recovery.failure.rivals import ANSWERS, OTHERS
from yardsticks.recovery.prediction.comparison import equivalence
from yardsticks.recovery.studies.tables import Results
from yardsticks.recovery.winners.claims import SCORE, shrinkage_numbers, trade_off_numbers
from yardsticks.recovery.winners.coefficients import coefficient_intervals, difference_numbers, regression_numbers
from yardsticks.words import say_test


def rank_numbers(ranks: pd.DataFrame, labels: Mapping[str, str]) -> dict[str, float | int | str]:
    """Return what the ranks of one score say about recovery and about rivals.

    Parameters
    ----------
    ranks : DataFrame
        As from `ranks_by_role`, of one score.
    labels : mapping of model to str

    Returns
    -------
    dict
        ``own_rank``, the mean rank on own answers; ``blind_rank``, that of a blind judgement; ``n_below_two``, models
        whose mean rank on their own answers is worse than 2. On others' answers: ``false_winner``, the model that wins
        most often, and ``false_wins``, its share of the jobs; ``n_never``, models that never win.
    """
    own, others = (ranks[ranks["role"] == role].set_index("model") for role in (ANSWERS, OTHERS))
    winner = others["wins"].idxmax()
    return {
        "own_rank": own["rank"].mean(),
        "blind_rank": own["blind"].mean(),
        "n_below_two": int((own["rank"] > 2).sum()),
        "false_winner": labels[winner],
        "false_wins": others.at[winner, "wins"],
        "n_never": int((others["wins"] == 0).sum()),
    }


def nearest_rival(ranks: pd.DataFrame, labels: Mapping[str, str]) -> dict[str, float | str]:
    """Return the ``best_rival``, which has the best mean rank on others' answers; ``best_rival_rank`` and ``_wins``.

    Parameters
    ----------
    ranks, labels
        As for `rank_numbers`.
    """
    others = ranks[ranks["role"] == OTHERS]
    rival = others.loc[others["rank"].idxmin()]
    return {
        "best_rival": labels[rival["model"]],
        "best_rival_rank": rival["rank"],
        "best_rival_wins": rival["wins"],
    }


def count_exchanges(changes: pd.DataFrame) -> dict[str, int]:
    """Count how often prediction is gained where recovery is lost.

    Parameters
    ----------
    changes : DataFrame
        As from `compare_constraints`, of one score.

    Returns
    -------
    dict of str to int
        ``n_comparisons`` with both changes; of these ``n_traded``, where one is gained and the other lost,
        ``n_together``, where both go the same way, and ``n_even``, where one of them does not change.
        ``n_traded_sure`` and ``n_together_sure`` count those where both intervals exclude zero.
    """
    product = changes["recovery_change"] * changes["prediction_change"]
    sure = (changes["low"] * changes["high"] > 0) & (changes["prediction_low"] * changes["prediction_high"] > 0)
    return {
        "n_comparisons": int(product.notna().sum()),
        "n_traded": int((product < 0).sum()),
        "n_traded_sure": int((sure & (product < 0)).sum()),
        "n_together": int((product > 0).sum()),
        "n_together_sure": int((sure & (product > 0)).sum()),
        "n_even": int((product == 0).sum()),
    }


def say_each(coefficients: pd.DataFrame, names: Sequence[str]) -> dict[str, str]:
    """Say in words what became of each coefficient, see `say_coefficient`.

    Parameters
    ----------
    coefficients : DataFrame
        As from `regress_each`, of one size and score.
    names : sequence of str
        Columns. Their values, joined by underscores, name a coefficient; other characters than letters and digits
        become underscores.

    Returns
    -------
    dict of str to str
        Without the intercepts.
    """
    found = {}
    for _, row in coefficients[coefficients["role"] != ""].iterrows():
        name = re.sub(r"\W+", "_", "_".join(row[list(names)]))
        found[name] = say_coefficient(row.to_frame().T, role=row["role"], predictor=row["predictor"])
    return found


def say_sure(coefficients: pd.DataFrame) -> str:
    """Name the coefficients of properties of single models that differ from zero after correction.

    Parameters
    ----------
    coefficients : DataFrame
        As from `regress_each`, of one size, score and set of predictors.
    """
    sure = coefficients[(coefficients["role"] != "") & (coefficients["p_corrected"] < 0.05)]
    named = [
        f"the {row.role}'s {PREDICTOR_NAMES[row.predictor]} ({row.coefficient:.2f}, {row.low:.2f} to {row.high:.2f}, "
        f"corrected {say_test(row.p_corrected)})"
        for row in sure.itertuples()
    ]
    return ", ".join(named) or "none"


def trade_off_claims(
    studies: Studies,
    prediction: pd.DataFrame,
    *,
    none: str,
    full: str,
    sizes: Sequence[int],
    models: Sequence[str],
    seed: int,
) -> dict[str, float]:
    """Return `winners.trade_off_numbers` of studies with several transforms, by the published score.

    Parameters
    ----------
    studies, prediction, models, seed
        As for `trade_off`. Studies with the Frobenius penalty are left out: each transform counts once.
    none, full : str
        Names of the studies without a transform and with a full one.
    sizes : sequence of int
        Numbers of triplets that count.
    """
    studies = {name: study for name, study in studies.items() if _as_published(study)}
    options = {"scores": [SCORE], "models": models, "seed": seed}
    tables = [trade_off(studies, prediction, **options)]
    tables += [compare_constraints(studies, prediction, baseline=name, **options) for name in (none, full)]
    return trade_off_numbers(*(table[table["n_triplets"].isin(sizes)] for table in tables))


def _as_published(study: Results) -> bool:
    settings = study.provenance["experiment"]
    return settings["transform"] == "none" or settings["penalty"] != "frobenius"


def regression_claims(
    rows: pd.DataFrame, known: pd.DataFrame, *, size: int, models: Sequence[str], seed: int, n_bootstrap: int
) -> tuple[dict[str, float], pd.DataFrame]:
    """Return `winners.regression_numbers` of one size by the published score, and `winners.coefficient_intervals`.

    The number of parameters is left out.

    Parameters
    ----------
    rows, seed, n_bootstrap
        As for `regress_each`.
    known : DataFrame
        Index model: n_features, shift, ed_raw, ed_aligned.
    size : int
        Number of triplets.
    models : sequence of str
        Leave out all other models.
    """
    options = {"sizes": [size], "scores": [SCORE], "among": models, "seed": seed, "n_bootstrap": n_bootstrap}
    predictors = {"all": ["n_features", "shift", "ed_raw", "ed_aligned"]}
    coefficients = regress_each(rows, known, predictors, **options).coefficients
    return regression_numbers(coefficients), coefficient_intervals(coefficients)


def shrinkage_claims(grids: Sequence[Studies], pooled: pd.DataFrame, *, seed: int) -> dict[str, float]:
    """Return `winners.shrinkage_numbers` of the full transform by the published score.

    Parameters
    ----------
    grids : sequence of mapping of str to Results
        As for `mean_gains`: the studies of each grid of strengths that generators chose from.
    pooled : DataFrame
        As for `compare_penalties`, of all judgements.
    seed : int
        For the intervals.
    """
    gains = pd.DataFrame([mean_gains(studies, score=SCORE, seed=seed).loc["full"] for studies in grids])
    return shrinkage_numbers(gains, equivalence(pooled, seed=seed, judgements="all"))


def difference_claims(
    rows: pd.DataFrame,
    known: pd.DataFrame,
    *,
    size: int,
    models: Sequence[str],
    similarity: pd.DataFrame,
    negligible: float,
    seed: int,
    n_bootstrap: int,
) -> dict[str, float]:
    """Return `winners.difference_numbers` of one size without sampling noise, beside the similarity of the models.

    Parameters
    ----------
    rows, known, size, models, seed, n_bootstrap
        As for `regression_claims`.
    similarity : DataFrame
        As for `regress_each`.
    negligible : float
        As for `winners.difference_numbers`.
    """
    options = {"sizes": [size], "scores": ["noise_free_accuracy"], "among": models, "similarity": similarity}
    options |= {"seed": seed, "n_bootstrap": n_bootstrap}
    predictors = {"beside": ["similarity", "ed_aligned_difference"]}
    return difference_numbers(regress_each(rows, known, predictors, **options).coefficients, negligible=negligible)
