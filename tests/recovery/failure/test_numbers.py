"""Numbers for the text, by hand and put together from their parts; invented models."""

import numpy as np
import pandas as pd
import pytest
from oracles.studies import MODELS, random_rows

from yardsticks.recovery.failure import compare_constraints, mean_gains, numbers, penalties, regress_each, trade_off
from yardsticks.recovery.failure.rivals import ANSWERS, OTHERS
from yardsticks.recovery.prediction.comparison import equivalence
from yardsticks.recovery.studies.tables import Results
from yardsticks.recovery.winners.claims import SCORE, shrinkage_numbers, trade_off_numbers
from yardsticks.recovery.winners.coefficients import coefficient_intervals, difference_numbers, regression_numbers

SETTINGS = {"transform": "full", "rank": None, "penalty": "scaled_identity", "components": 64}


def test_ranks_by_hand():
    own = pd.DataFrame({"model": list("abc"), "role": ANSWERS, "rank": [1.0, 2.5, 1.0], "wins": [1.0, 0.5, 1.0]})
    others = pd.DataFrame({"model": list("abc"), "role": OTHERS, "rank": [2.0, 1.5, 3.0], "wins": [0.4, 0.3, 0.0]})
    ranks = pd.concat([own, others]).assign(blind=2.0)
    labels = {"a": "A", "b": "B", "c": "C"}
    assert numbers.rank_numbers(ranks, labels) == {
        "own_rank": 1.5,
        "blind_rank": 2.0,
        "n_below_two": 1,
        "false_winner": "A",
        "false_wins": 0.4,
        "n_never": 1,
    }
    assert numbers.nearest_rival(ranks, labels) == {
        "best_rival": "B",
        "best_rival_rank": 1.5,
        "best_rival_wins": 0.3,
    }


def test_exchanges_by_hand():
    changes = pd.DataFrame(
        [
            (0.1, 0.05, 0.15, -0.1, -0.2, -0.05),  # traded, both sure
            (-0.1, -0.2, 0.05, 0.1, 0.05, 0.2),  # traded, recovery's interval holds zero
            (0.2, 0.1, 0.3, 0.1, -0.05, 0.2),  # together, prediction's does
            (0.0, -0.1, 0.1, 0.3, 0.2, 0.4),
            (np.nan, np.nan, np.nan, 0.2, 0.1, 0.3),
        ],
        columns=["recovery_change", "low", "high", "prediction_change", "prediction_low", "prediction_high"],
    )
    counts = {"n_comparisons": 4, "n_traded": 2, "n_traded_sure": 1, "n_together": 1, "n_together_sure": 0, "n_even": 1}
    assert numbers.count_exchanges(changes) == counts


def test_each_coefficient_is_said_under_its_name():
    coefficients = pd.DataFrame(
        [
            ("after, alone", "", "intercept", 0.0, 0.9),
            ("after, alone", "pair", "similarity", -0.5, 0.01),
            ("after, alone", "candidate", "shift", 0.2, 0.04),
            ("after, alone", "generator", "shift", 0.2, 0.2),
        ],
        columns=["predictors", "role", "predictor", "coefficient", "p_corrected"],
    )
    assert numbers.say_each(coefficients, ["predictors", "role", "predictor"]) == {
        "after_alone_pair_similarity": "is negative",
        "after_alone_candidate_shift": "is positive",
        "after_alone_generator_shift": "cannot be told from zero",
    }


def test_sure_coefficients_are_named_with_their_size():
    coefficients = pd.DataFrame(
        [
            ("", "intercept", 0.9, 0.5, 1.3, 0.001),
            ("generator", "ed_raw", -0.58, -1.13, -0.17, 0.043),
            ("candidate", "shift", 0.4, 0.0, 0.8, 0.05),
        ],
        columns=["role", "predictor", "coefficient", "low", "high", "p_corrected"],
    )
    said = numbers.say_sure(coefficients)
    assert said == "the generator's dimensionality before alignment (-0.58, -1.13 to -0.17, corrected p = .043)"
    assert numbers.say_sure(coefficients[:1]) == "none"


def test_claims_of_transforms_are_those_of_the_sizes_that_count(rng):
    changes = {"none": {"transform": "none"}, "diagonal": {"transform": "diagonal"}, "full": {}}
    changes["low"] = {"transform": "low_rank", "rank": 30}
    studies = {
        name: Results(random_rows(rng, models=MODELS), {"experiment": SETTINGS | change}, None)
        for name, change in changes.items()
    }
    prediction = pd.DataFrame(
        [
            {"model": model, **SETTINGS, **change, "accuracy": rng.uniform(0.4, 0.6)}
            for change in changes.values()
            for model in MODELS
        ]
    )
    options = {"scores": [SCORE], "models": MODELS, "seed": 0}
    found = numbers.trade_off_claims(studies, prediction, none="none", full="full", sizes=[8], models=MODELS, seed=0)
    small = {name: study._replace(rows=study.rows[study.rows["n_triplets"] == 8]) for name, study in studies.items()}
    expected = trade_off_numbers(
        trade_off(small, prediction, **options),
        compare_constraints(small, prediction, baseline="none", **options),
        compare_constraints(small, prediction, baseline="full", **options),
    )
    for name in expected:
        np.testing.assert_equal(found[name], expected[name])
    zero = {"experiment": SETTINGS | {"penalty": "frobenius"}}
    more = studies | {"zero": Results(random_rows(rng, models=MODELS), zero, None)}  # does not count
    again = numbers.trade_off_claims(more, prediction, none="none", full="full", sizes=[8], models=MODELS, seed=0)
    np.testing.assert_equal(again, found)
    assert (
        found["recovery_none"] == trade_off(small, prediction, **options).set_index("constraint").at["none", "recovery"]
    )


def test_claims_of_the_regression_leave_the_number_of_parameters_out(rng):
    names = [f"m{i}" for i in range(14)]
    rows = random_rows(rng, models=names, levels=1000)
    known = pd.DataFrame(
        rng.gamma(2.0, size=(14, 5)), names, ["n_features", "shift", "ed_raw", "ed_aligned", "n_params"]
    )
    found, ends = numbers.regression_claims(rows, known, size=8, models=names, seed=0, n_bootstrap=50)
    predictors = {"x": ["n_features", "shift", "ed_raw", "ed_aligned"]}
    alone = regress_each(
        rows[rows["n_triplets"] == 8], known, predictors, sizes=[8], scores=[SCORE], seed=0, n_bootstrap=50
    )
    np.testing.assert_equal(found, regression_numbers(alone.coefficients))
    pd.testing.assert_frame_equal(ends, coefficient_intervals(alone.coefficients))
    candidate = alone.coefficients.query("role == 'candidate' and predictor == 'shift'").iloc[0]
    assert ends.loc["beta_shift_candidate"].tolist() == [candidate["low"], candidate["high"]]


def test_claims_of_the_penalty_are_those_of_its_two_tables(rng):
    changes = {"identity": {"penalty": "scaled_identity"}, "zero": {"penalty": "frobenius"}}
    grids = [
        {
            name: Results(random_rows(rng, models=MODELS), {"experiment": SETTINGS | change}, None)
            for name, change in changes.items()
        }
        for _ in range(2)
    ]
    prediction = pd.DataFrame(
        [
            {"model": model, "judgements": "all", **SETTINGS, **change, "accuracy": rng.uniform(0.4, 0.6)}
            for change in changes.values()
            for model in MODELS
        ]
    )
    found = numbers.shrinkage_claims(grids, prediction, seed=0)
    gains = pd.concat([mean_gains(studies, score=SCORE, seed=0) for studies in grids])
    expected = shrinkage_numbers(gains, equivalence(prediction, seed=0, judgements="all"))
    np.testing.assert_equal(found, expected)


def test_penalties_are_told_where_most_is_gained_and_at_the_end():
    full = pd.DataFrame(
        {"shrinkage": [0.9, 0.5, 0.3], "frobenius": [0.9, 0.3, 0.2], "difference": [0.0, 0.2, 0.1]}
        | {"low": [-0.1, 0.05, 0.0], "high": [0.1, 0.4, 0.2], "n_jobs": [17, 85, 85], "n_predicted": 16}
        | {"prediction": -0.001, "prediction_low": -0.002, "prediction_high": 0.0005, "prediction_bound": 0.002},
        index=[1600, 200, 100],
    )
    expected = {"size": 200, "largest": 1600, "shrinkage": 0.5, "frobenius": 0.3, "n_jobs": 85, "gain": 20, "low": 5}
    expected |= {"high": 40, "last_gain": 0, "last_low": -10, "last_high": 10, "prediction": -0.1, "n_predicted": 16}
    expected |= {"prediction_low": -0.2, "prediction_high": 0.05, "bound": 0.2, "n_clear": 1, "n_sizes": 3}
    found = penalties.penalty_numbers(full)
    assert found == pytest.approx({f"penalty_{name}": value for name, value in expected.items()})


def test_claims_of_a_difference_are_of_the_regression_beside_similarity(rng):
    names = [f"m{i}" for i in range(10)]
    rows = random_rows(rng, models=names, levels=1000)
    rows["noise_free_accuracy"] = rng.uniform(0.3, 0.6, len(rows))
    known = pd.DataFrame(rng.gamma(2.0, size=(10, 1)), names, ["ed_aligned"])
    similarity = pd.DataFrame(rng.uniform(size=(10, 10)), names, names)
    options = {"similarity": similarity, "seed": 0, "n_bootstrap": 50}
    found = numbers.difference_claims(rows, known, size=8, models=names, negligible=10.0, **options)
    predictors = {"x": ["similarity", "ed_aligned_difference"]}
    options |= {"sizes": [8], "scores": ["noise_free_accuracy"], "among": names}
    alone = regress_each(rows, known, predictors, **options)
    np.testing.assert_equal(found, difference_numbers(alone.coefficients, negligible=10.0))
    assert found == {"difference_explains_not": 1.0}
