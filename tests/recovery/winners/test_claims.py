"""What a study says about the published claims, against numbers counted by hand."""

import numpy as np
import pandas as pd
import pytest
from oracles.studies import ends_of
from scipy import stats

from yardsticks.claims import printed_numbers, verdict_table
from yardsticks.datasets import catalogue
from yardsticks.recovery.studies.tables import open_results
from yardsticks.recovery.winners.claims import (
    candidate_numbers,
    component_numbers,
    false_winners,
    geometry_numbers,
    outside_regime,
    published_curve,
    shrinkage_numbers,
    study_numbers,
    trade_off_numbers,
)
from yardsticks.recovery.winners.coefficients import difference_numbers, regression_numbers
from yardsticks.recovery.winners.credit import winners
from yardsticks.recovery.winners.curves import model_sets

FAMILIES = {"a1": "a", "a2": "a", "b1": "b", "b2": "b", "c": "c"}
MODELS = tuple(FAMILIES)
PAIRED = {f"{name}{n}": str(n) for n in range(5) for name in "xy"}  # two models in each of five families
MATES = {model: ("y" if model[0] == "x" else "x") + model[1] for model in PAIRED}
STRANGERS = {model: model[0] + str((int(model[1]) + 1) % 5) for model in PAIRED}


def study(won, n_seeds=10, models=MODELS):
    """Rows of a study in which a rule says who wins: won(size, seed, generator) -> candidate, or several that tie."""
    rows = []
    for size in won.sizes:
        for seed in range(n_seeds):
            for generator in models:
                best = won(size, seed, generator)
                best = best if isinstance(best, tuple) else (best,)
                rows += [(size, seed, generator, model, 0.6 if model in best else 0.4) for model in models]
    frame = pd.DataFrame(rows, columns=["n_triplets", "seed", "generator", "candidate", "test_accuracy"])
    return frame.assign(error="")


def rule(function, sizes=(100, 10_000)):
    function.sizes = sizes
    return function


def numbers(rows, models=MODELS, families=FAMILIES):
    return study_numbers(rows, models=models, families=families)


def later(size, seed, generator):
    """Nine in ten jobs go to model c at the smallest size, and one in ten at the others."""
    wrong = seed > 0 if size == 100 else seed == 0
    return "c" if wrong else generator


def test_recovery_that_rises():
    found = numbers(study(rule(later)))
    assert found["recovery_rises"] == 1
    assert found["n_models"] == 5
    # of generators other than c 1 in 10 jobs is recovered at 100 triplets and 9 at 10,000; of c all
    first, last = (4 * 0.1 + 1) / 5, (4 * 0.9 + 1) / 5
    assert found["recovery_10k"] == pytest.approx(last)
    assert found["recovery_1k"] == pytest.approx((first + last) / 2)  # half way on the logarithm of the size
    assert {"recovery_100k", "recovery_1m"}.isdisjoint(found)


def test_recovery_that_falls_or_stays():
    falls = study(rule(lambda size, seed, generator: later(10_100 - size, seed, generator), sizes=(100, 10_000)))
    assert numbers(falls)["recovery_rises"] == 0
    for sizes in ((100, 10_000), (100,)):
        stays = study(rule(lambda size, seed, generator: "c" if seed == 0 else generator, sizes=sizes))
        assert np.isnan(numbers(stays)["recovery_rises"])


def test_of_millions_a_study_of_fewer_triplets_cannot_speak():
    above = study(rule(later))  # 46 of 50 at the largest size
    assert numbers(above)["recovery_plateau"] == numbers(above)["recovery_highest"] == pytest.approx(0.92)
    printed = printed_numbers("avitan2025")
    outside = outside_regime(above)
    assert set(outside) <= set(printed.index)
    million = {"recovery_plateau", "recovery_full", "recovery_30_models", "n_misranked"}
    assert {"recovery_100k", "recovery_1m", *million} <= set(outside)
    assert not {"recovery_1k", "recovery_10k", "recovery_rises", "accuracy_full"} & set(outside)
    many = study(rule(later, sizes=(100, 2_000_000)))
    assert outside_regime(many) == []
    assert {"recovery_1k", "recovery_100k", "recovery_1m"} <= set(numbers(many))


def test_misranked_generators_are_counted_at_the_largest_size():
    def won(size, seed, generator):
        # a1 always loses; the others that do not win are second of five, tied with three: rank 3.5
        return "c" if size == 100 or generator == "a1" else generator

    assert numbers(study(rule(won)))["n_misranked"] == 1
    rare = rule(lambda size, seed, generator: "c" if generator == "a1" and seed < 4 else generator)
    assert numbers(study(rare))["n_misranked"] == 0  # a mean rank of 1 + 0.4 * 2.5 = 2, not above
    more = rule(lambda size, seed, generator: "c" if generator == "a1" and seed < 5 else generator)
    assert numbers(study(more))["n_misranked"] == 1


def test_the_published_curve_is_read_at_four_numbers_of_triplets():
    keys = ["recovery_1k", "recovery_10k", "recovery_100k", "recovery_1m"]
    printed = pd.DataFrame({"value": [0.1, 0.2, 0.4, 0.7, 0.8]}, index=[*keys, "recovery_plateau"])
    assert published_curve(printed).to_dict() == {1_000: 0.1, 10_000: 0.2, 100_000: 0.4, 1_000_000: 0.7}


def test_relatives():
    jobs = winners(study(rule(lambda size, seed, generator: MATES[generator]), models=PAIRED), score="test_accuracy")
    found = false_winners(jobs, models=tuple(PAIRED), families=PAIRED)
    expected = {"n_lost": 200, "within": 1, "chance": 1 / 9, "excess": 8 / 9, "low": 8 / 9, "high": 8 / 9}
    assert found.to_dict() == pytest.approx(expected)  # one relative among nine others, and all families alike
    rows = study(rule(lambda size, seed, generator: MATES[generator]), models=PAIRED)
    assert numbers(rows, models=tuple(PAIRED), families=PAIRED)["relatives_confused"] == 1


def test_relatives_are_of_the_models_that_took_part():
    jobs = winners(study(rule(lambda size, seed, generator: MATES[generator]), models=PAIRED), score="test_accuracy")
    with pytest.raises(ValueError, match=r"not among those given: y4\.$"):
        false_winners(jobs, models=tuple(PAIRED)[:-1], families=PAIRED)


def test_few_families_do_not_decide():
    mate = {"a1": "a2", "a2": "a1", "b1": "b2", "b2": "b1", "c": "c"}
    rows = study(rule(lambda size, seed, generator: mate[generator]))
    found = false_winners(winners(rows, score="test_accuracy"), models=MODELS, families=FAMILIES)
    assert found[["n_lost", "within", "chance", "excess"]].tolist() == [80, 1, 0.25, 0.75]
    assert found[["low", "high"]].isna().all()  # two families lost
    assert np.isnan(numbers(rows)["relatives_confused"])


def test_strangers():
    rows = study(rule(lambda size, seed, generator: STRANGERS[generator]), models=PAIRED)
    found = false_winners(winners(rows, score="test_accuracy"), models=tuple(PAIRED), families=PAIRED)
    assert (found["n_lost"], found["within"]) == (200, 0)
    assert found["chance"] == pytest.approx(1 / 9)
    assert found["high"] < 0
    assert numbers(rows, models=tuple(PAIRED), families=PAIRED)["relatives_confused"] == 0
    alone = study(rule(lambda size, seed, generator: "a1" if generator == "c" else generator))
    lost = false_winners(winners(alone, score="test_accuracy"), models=MODELS, families=FAMILIES)
    assert lost["chance"] == 0  # c has no relative


def test_intervals_of_relatives_draw_whole_families(rng):
    """Against a loop that draws families, with other draws."""
    chosen = {}

    def won(size, seed, generator):
        best = MATES[generator] if seed < int(PAIRED[generator]) * 2 else STRANGERS[generator]
        return chosen.setdefault((size, seed, generator), best)

    jobs = winners(study(rule(won), models=PAIRED), score="test_accuracy")
    found = false_winners(jobs, models=tuple(PAIRED), families=PAIRED)
    shares = np.array([0, 0.2, 0.4, 0.6, 0.8])  # of each family's lost jobs
    assert found["within"] == pytest.approx(shares.mean())
    means = shares[rng.integers(5, size=(20_000, 5))].mean(axis=1) - 1 / 9
    assert found[["low", "high"]].tolist() == pytest.approx(np.quantile(means, ends_of(5)), abs=0.02)


def test_blind_losers_leave_relatives_undecided(rng):
    choice = {}

    def won(size, seed, generator):
        others = [model for model in PAIRED if model != generator]
        return choice.setdefault((size, seed, generator), str(rng.choice(others)))

    found = numbers(study(rule(won), models=PAIRED), models=tuple(PAIRED), families=PAIRED)
    assert np.isnan(found["relatives_confused"])


def test_ties_have_no_winner_and_without_a_loss_nothing_is_decided():
    ties = study(rule(lambda size, seed, generator: ("a1", "a2", "b1")))
    found = false_winners(winners(ties, score="test_accuracy"), models=MODELS, families=FAMILIES)
    assert found["n_lost"] == 0
    assert found.drop("n_lost").isna().all()
    won = numbers(study(rule(lambda size, seed, generator: generator)))
    assert np.isnan(won["relatives_confused"])


def test_other_models_are_left_out():
    rows = study(rule(later))
    found = numbers(rows, models=MODELS[:4])  # without c, everybody ties where c won
    assert found["n_models"] == 4
    assert found["recovery_10k"] == pytest.approx(0.9 + 0.1 / 4)


MORE, LESS, OPEN = (0.1, 0.2), (-0.2, -0.1), (-0.1, 0.1)  # 95% intervals of a change
CONSTRAINTS = ("none", "diagonal", "rank 30", "full")


def traded(recovered=(LESS,), predicted=MORE, others=None):
    """Tables of a trade-off as it was published, with one comparison, full less none, that may differ at some sizes."""
    points = pd.DataFrame(
        [
            (score, size, kind, 0.3 + place / 10, 0.9 - place / 10 if score == "test_accuracy" else 0.0)
            for score in ("test_accuracy", "nll")
            for size in (100, 400)
            for place, kind in enumerate(CONSTRAINTS)
        ],
        columns=["score", "n_triplets", "constraint", "prediction", "recovery"],
    )
    points.loc[points["n_triplets"] == 100, "recovery"] = 0.01
    columns = ["score", "constraint", "low", "high", "prediction_low", "prediction_high"]
    low, full = (others or {}).get("none", (LESS, MORE)), (others or {}).get("full", (MORE, LESS))
    from_none = [("test_accuracy", kind, *low[0], *low[1]) for kind in ("diagonal", "rank 30")]
    from_full = [("test_accuracy", kind, *full[0], *full[1]) for kind in ("diagonal", "rank 30")]
    from_none += [("test_accuracy", "full", *interval, *predicted) for interval in recovered]
    aside = [("nll", "full", *MORE, *LESS), ("nll", "none", *LESS, *MORE)]  # another score
    return points, *(pd.DataFrame(table + aside, columns=columns) for table in (from_none, from_full))


def test_numbers_of_the_trade_off_are_those_at_the_largest_size():
    found = trade_off_numbers(*traded())
    assert found.pop("tradeoff") == 1
    assert found == pytest.approx(
        {
            "accuracy_none": 0.3,
            "accuracy_diagonal": 0.4,
            "accuracy_low_rank": 0.5,
            "accuracy_full": 0.6,
            "recovery_none": 0.9,
            "recovery_diagonal": 0.8,
            "recovery_low_rank": 0.7,
            "recovery_full": 0.6,
        }
    )
    assert set(found) < set(printed_numbers("avitan2025").index)


@pytest.mark.parametrize(
    ("recovered", "predicted", "others", "holds"),
    [
        ([LESS], MORE, {}, 1),
        ([OPEN, LESS], MORE, {}, 1),  # one size is enough
        ([OPEN, (0.0, 0.2)], MORE, {}, np.nan),
        ([MORE, LESS], MORE, {}, np.nan),  # sizes disagree
        ([LESS], OPEN, {}, np.nan),
        ([LESS], LESS, {}, 0),
        ([MORE], MORE, {}, 0),
        ([LESS], MORE, {"none": (OPEN, MORE)}, np.nan),
        ([LESS], MORE, {"none": (MORE, MORE)}, 0),
        ([LESS], MORE, {"full": (MORE, OPEN)}, np.nan),
        ([LESS], MORE, {"full": (LESS, LESS)}, 0),  # a diagonal is recovered less than full
        ([LESS], MORE, {"none": (OPEN, MORE), "full": (MORE, MORE)}, 0),
    ],
)
def test_trade_off_holds_where_all_comparisons_say_so(recovered, predicted, others, holds):
    found = trade_off_numbers(*traded(recovered, predicted, others))
    assert found["tradeoff"] == pytest.approx(holds, nan_ok=True)


def test_which_of_low_rank_and_full_is_recovered_more_often_is_left_open_as_printed():
    points, from_none, from_full = traded()
    low_rank = from_full["constraint"] == "rank 30"
    from_full.loc[low_rank, ["low", "high"]] = LESS
    assert trade_off_numbers(points, from_none, from_full)["tradeoff"] == 1
    from_full.loc[low_rank, ["prediction_low", "prediction_high"]] = MORE  # but full predicts better
    assert trade_off_numbers(points, from_none, from_full)["tradeoff"] == 0


@pytest.mark.parametrize(
    ("intervals", "equivalent", "recovers", "predicts"),
    [
        ([MORE, MORE], (True, True), 1, 1),
        ([MORE, OPEN], (True, False), np.nan, np.nan),
        ([LESS, MORE], (False, False), np.nan, np.nan),
        ([LESS, LESS], (True, True), 0, 1),
    ],
)
def test_shrinkage_is_judged_by_recovery_and_equivalence(intervals, equivalent, recovers, predicts):
    gains = pd.DataFrame(intervals, columns=["low", "high"])
    same = pd.DataFrame(
        [("diagonal", not equivalent[0], False), ("full", *equivalent)],
        columns=["transform", "equivalent_t", "equivalent_bootstrap"],
    )
    found = shrinkage_numbers(gains, same)
    assert found["shrinkage_recovers"] == pytest.approx(recovers, nan_ok=True)
    assert found["shrinkage_predicts"] == pytest.approx(predicts, nan_ok=True)


@pytest.mark.parametrize(
    ("first", "second", "low", "high", "judged"),
    [
        (0.8, 0.8, -0.2, 0.0, 1),
        (0.9, 0.5, -0.6, -0.1, 1),
        (0.5, 0.9, 0.1, 0.6, 0),
        (0.5, 0.6, -0.1, 0.3, np.nan),
        (1.0, 1.0, 0.0, 0.0, np.nan),  # nothing can improve
        (0.8, 1.0, 0.05, 0.4, 0),
    ],
)
def test_fewer_components_improve_nothing_or_something(first, second, low, high, judged):
    table = [("test_accuracy", first, second, low, high), ("nll", 0.0, 1.0, 0.5, 1.0)]
    compared = pd.DataFrame(table, columns=["score", "first", "second", "low", "high"])
    assert component_numbers(compared)["pca_500"] == pytest.approx(judged, nan_ok=True)


def test_what_more_candidates_cost_is_read_at_the_smallest_size():
    table = [("test_accuracy", n, k, 1 - k / n) for n in (100, 400) for k in range(2, 8)]
    table += [("nll", 100, k, 0.0) for k in range(2, 8)]
    by_number = pd.DataFrame(table, columns=["score", "n_triplets", "n_candidates", "recovery"])
    assert candidate_numbers(by_number)["more_models_lower"] == pytest.approx((7 - 3) / 100)


@pytest.mark.parametrize(
    ("low", "high", "p", "judged"),
    [
        (-0.05, 0.09, 0.5, 1),
        (0.01, 0.09, 0.001, 1),  # told from zero, and negligible
        (-0.05, 0.2, 0.5, np.nan),
        (0.05, 0.2, 0.001, np.nan),
        (0.12, 0.2, 0.001, 0),
        (-0.2, -0.12, 0.001, 0),
        (-0.2, -0.12, 0.2, np.nan),
    ],
)
def test_a_difference_explains_nothing_where_its_coefficient_is_surely_small(low, high, p, judged):
    table = pd.DataFrame(
        [("similarity", -0.9, -0.5, 0.001), ("ed_aligned_difference", low, high, p)],
        columns=["predictor", "low", "high", "p_corrected"],
    )
    found = difference_numbers(table, negligible=0.1)["difference_explains_not"]
    assert found == pytest.approx(judged, nan_ok=True)


def test_every_model_has_to_come_nearer_to_people():
    near = pd.DataFrame({"raw": [0.1, 0.2], "diagonal": [0.0, 0.0], "full": [0.2, 0.3]})
    assert geometry_numbers(near) == {"toward_people": 1}
    near.loc[1, "full"] = 0.2
    assert geometry_numbers(near) == {"toward_people": 0}


@pytest.mark.parametrize(
    ("candidate", "generator", "shift"),
    [
        ((0.5, 0.01), (-0.2, 0.5), 1),
        ((0.5, 0.2), (-0.2, 0.01), 1),
        ((0.5, 0.2), (-0.2, 0.5), np.nan),
        ((-0.5, 0.01), (0.2, 0.04), 0),
        ((-0.5, 0.01), (-0.2, 0.04), 1),
    ],
)
def test_regression_is_judged_by_corrected_p_and_sign(candidate, generator, shift):
    table = pd.DataFrame(
        [
            ("candidate", "shift", *candidate),
            ("generator", "shift", *generator),
            ("generator", "ed_aligned", 0.3, 0.001),
            ("candidate", "ed_aligned", -0.3, 0.001),
        ],
        columns=["role", "predictor", "coefficient", "p_corrected"],
    )
    found = regression_numbers(table)
    assert found["shift_misleads"] == pytest.approx(shift, nan_ok=True)
    assert found["dimensionality_misleads"] == 0
    assert found["beta_shift_candidate"] == candidate[0]
    assert found["beta_shift_generator"] == generator[0]
    assert found["beta_dimensionality_generator"] == 0.3


def test_of_the_finished_study():
    rows, provenance, _ = open_results("things_open")
    described = catalogue("features").set_index("model")
    models = model_sets(described, provenance["experiment"]["models"])["reference photographs"]
    printed = printed_numbers("avitan2025")
    found = study_numbers(rows, models=models, families=described["family"])
    verdict = verdict_table(printed, found, outside=outside_regime(rows))["verdict"]
    intervals = []
    for _, part in rows[rows["generator"].isin(models) & rows["candidate"].isin(models)].groupby("n_triplets"):
        grid = part.pivot(index=["seed", "generator"], columns="candidate", values="test_accuracy").dropna()
        best = grid.ge(grid.max(axis=1) - 1e-9, axis=0)
        won = [at.loc[generator] / at.sum() for (_, generator), at in best.iterrows()]
        n, k = len(won), sum(won)
        intervals.append((stats.beta.ppf(0.025, k, n - k + 1), stats.beta.ppf(0.975, k + 1, n - k)))
    assert found["recovery_rises"] == (intervals[-1][0] > intervals[0][1])
    assert verdict["recovery_plateau"] == verdict["recovery_1m"] == "outside the published regime"
    assert found["n_models"] == len(models)
