"""What a recovery study says, on hand-made rows with known answers and against plain loops."""

import itertools

import numpy as np
import pandas as pd
import pytest
from oracles.studies import FAMILIES, HAND, MODELS, ends_of, random_rows, rows_of
from scipy.stats import binomtest

from yardsticks import stats
from yardsticks.datasets import catalogue
from yardsticks.recovery.studies.experiment import IMAGE_MODELS
from yardsticks.recovery.winners import compare, credit, curves, fits


def test_winners_of_known_jobs():
    table = credit.winners(rows_of(HAND), score="test_accuracy").set_index(["seed", "generator"])
    assert list(table.loc[0, "credit"]) == [1, pytest.approx(1 / 3), 0, 1]
    assert list(table.loc[0, "rank"]) == [1, 2, 2.5, 1]
    np.testing.assert_allclose(table.loc[0, "margin"], [0.1, 0, -0.1, 0.1], atol=1e-9)
    assert list(table.loc[0, "winner"]) == ["a1", "tie", "a1", "c"]
    assert list(table.loc[0, "n_candidates"]) == [4, 4, 4, 3]
    np.testing.assert_allclose(table.loc[0, "chance"], [1 / 4, 1 / 4, 1 / 4, 1 / 3])
    left_out = table.loc[1].loc[["a1", "a2"]]
    assert left_out[["credit", "rank", "margin", "chance"]].isna().all(axis=None)
    assert list(left_out["winner"]) == ["", ""]
    assert table.loc[(1, "b"), ["credit", "rank", "winner"]].tolist() == [0, 2, "a1"]


def test_a_lower_loss_is_better():
    rows = rows_of(HAND)
    by_accuracy, by_loss = (credit.winners(rows, score=score) for score in ("test_accuracy", "nll"))
    pd.testing.assert_frame_equal(by_accuracy, by_loss)


def test_a_generator_alone_has_nobody_to_win_against():
    table = credit.winners(rows_of(HAND), score="test_accuracy", models=["c"])
    assert table["credit"].isna().all()
    assert list(table["generator"]) == ["c"]


@pytest.mark.parametrize("rows", ["all jobs failed", "no job"])
def test_where_nobody_competes_nothing_is_known(rows):
    failed = rows_of(HAND).drop_duplicates(["n_triplets", "seed", "generator"])
    failed = failed.assign(candidate="", error="ValueError: none")
    failed = failed if rows == "all jobs failed" else failed.iloc[:0]
    table = credit.winners(failed, score="test_accuracy")
    assert len(table) == len(failed)
    assert table[["credit", "rank", "margin", "chance"]].isna().all(axis=None)
    assert (table["winner"] == "").all()
    assert (table["n_candidates"] == 0).all()
    curve = curves.recovery_curve(failed, scores=["test_accuracy"], seed=0)
    if len(failed):
        assert curve["n_left_out"].tolist() == [len(failed)]
        assert curve[["recovery", "low", "high", "chance"]].isna().all(axis=None)
    else:
        assert curve.empty


def test_wrong_options_are_named():
    with pytest.raises(ValueError, match=r"score='accuracy' is none of test_accuracy"):
        credit.winners(rows_of(HAND), score="accuracy")
    with pytest.raises(ValueError, match="no family is given for c"):
        credit.winners(rows_of(HAND), score="nll", families={name: "x" for name in ("a1", "a2", "b")})


def test_winners_are_those_of_a_plain_loop_for_every_set_of_models(rng):
    rows = random_rows(rng)
    sets = [models for n in (2, 3, 4) for models in itertools.combinations(FAMILIES, n)]
    for models in sets:
        found = credit.winners(rows, score="test_accuracy", models=models, families=FAMILIES)
        plain = credit.winners(rows, score="test_accuracy", models=models)
        expected = []
        for (n_triplets, seed, generator), job in rows.groupby(["n_triplets", "seed", "generator"]):
            scores = job.set_index("candidate")["test_accuracy"].to_dict()
            if generator in models:
                scores = {model: scores[model] for model in models}
                own, best = scores[generator], max(scores.values())
                top = [model for model in models if scores[model] == best]
                ahead = sum(score > own for score in scores.values())
                expected.append(
                    {"n_triplets": n_triplets, "seed": seed, "generator": generator}
                    | {"credit": (generator in top) / len(top)}
                    | {"family": sum(FAMILIES[model] == FAMILIES[generator] for model in top) / len(top)}
                    | {"rank": ahead + (1 + list(scores.values()).count(own)) / 2}
                    | {"margin": own - max(score for model, score in scores.items() if model != generator)}
                    | {"chance": np.mean([FAMILIES[model] == FAMILIES[generator] for model in models])}
                )
        expected = pd.DataFrame(expected)
        for name in ("n_triplets", "seed", "generator", "rank", "margin", "chance"):
            np.testing.assert_array_equal(found[name], expected[name])
        np.testing.assert_allclose(plain["credit"], expected["credit"])
        np.testing.assert_allclose(found["credit"], expected["family"])


@pytest.mark.parametrize("models", [("c", "a2", "b", "a1"), ("b", "c", "a1"), ("a1", "a2", "b", "c", "absent")])
def test_first_of_ties_wins_as_in_a_plain_loop(rng, models):
    rows = random_rows(rng)
    asked = {"score": "test_accuracy", "models": models, "ties": "first"}
    found = credit.winners(rows, **asked)
    expected = []
    for (_, _, generator), job in rows.groupby(["n_triplets", "seed", "generator"]):
        if generator in models:
            scores = job.set_index("candidate")["test_accuracy"].to_dict()
            first = None
            for model in models:
                if model in scores and (first is None or scores[model] > scores[first]):
                    first = model
            expected.append(first)
    assert found["winner"].tolist() == expected
    assert found["credit"].tolist() == (found["generator"] == expected).astype(float).tolist()
    shared = credit.winners(rows, score="test_accuracy", models=models)
    assert (shared["winner"] == "tie").any()
    assert found.drop(columns=["credit", "winner"]).equals(shared.drop(columns=["credit", "winner"]))
    for n_triplets, won in credit.confusions(rows, (8, 16), **asked).items():
        jobs = found[found["n_triplets"] == n_triplets]
        counted = pd.crosstab(jobs["generator"], jobs["winner"], normalize="index")
        assert won.fillna(0).reindex(index=counted.index, columns=counted.columns).equals(counted)
    curve = curves.recovery_curve(rows, scores=["test_accuracy"], seed=0, models=models, ties="first", n_bootstrap=10)
    assert curve["recovery"].tolist() == found.groupby("n_triplets")["credit"].mean().tolist()


def test_first_of_ties_needs_an_order():
    with pytest.raises(ValueError, match="ties='first' needs models"):
        credit.winners(rows_of(HAND), score="nll", ties="first")


def test_order_of_rows_does_not_matter(rng):
    rows = random_rows(rng)
    mixed = rows.sample(frac=1, random_state=1)
    for models in (None, ("a1", "c")):
        first, second = (credit.winners(part, score="nll", models=models) for part in (rows, mixed))
        pd.testing.assert_frame_equal(first, second)


def test_curve_has_counts_chance_and_exact_intervals():
    curve = curves.recovery_curve(rows_of(HAND), scores=["test_accuracy", "nll"], seed=0)
    assert list(curve["score"]) == ["test_accuracy", "nll"]
    row = curve.iloc[0]
    assert row[["n_jobs", "n_left_out", "n_seeds"]].tolist() == [5, 2, 2]
    assert row["recovery"] == pytest.approx((1 + 1 / 3 + 0 + 1 + 0) / 5)
    assert row["chance"] == pytest.approx((3 / 4 + 2 / 3) / 5)
    assert (row["low"], row["high"]) == pytest.approx(stats.exact_interval(7 / 3, 5))
    assert row[["seed_low", "seed_high", "generator_low", "generator_high"]].isna().all()  # too few of either


def test_lead_is_the_mean_margin_with_its_interval_over_generators(rng):
    models = [f"m{i}" for i in range(8)]
    rows = random_rows(rng, models=models, sizes=(8,), n_seeds=(6,), levels=50)
    row = curves.recovery_curve(rows, scores=["nll"], seed=0, n_bootstrap=20_000).iloc[0]
    margins = credit.winners(rows, score="nll").groupby("generator")["margin"].mean()
    assert row["lead"] == pytest.approx(margins.mean())
    means = margins.to_numpy()[rng.integers(8, size=(20_000, 8))].mean(axis=1)
    assert row[["lead_low", "lead_high"]].tolist() == pytest.approx(np.quantile(means, ends_of(8)), abs=0.006)


def test_interval_is_scipys_and_grows_steadily_between_whole_numbers():
    for n in (1, 2, 7, 100):
        for successes in range(n + 1):
            expected = binomtest(successes, n).proportion_ci(0.95, method="exact")
            np.testing.assert_allclose(stats.exact_interval(successes, n), expected, atol=1e-12)
    values = np.array([stats.exact_interval(k, 9) for k in np.linspace(0, 9, 37)])
    assert (np.diff(values, axis=0) >= 0).all()
    assert (values[:, 0] <= np.linspace(0, 1, 37)).all()
    assert (values[:, 1] >= np.linspace(0, 1, 37)).all()
    assert np.isnan(stats.exact_interval(0, 0)).all()


def test_sizes_may_have_different_numbers_of_seeds(rng):
    curve = curves.recovery_curve(random_rows(rng, n_seeds=(5, 1)), scores=["test_accuracy"], seed=0)
    assert list(curve["n_seeds"]) == [5, 1]
    assert list(curve["n_jobs"]) == [20, 4]
    assert curve.loc[0, "seed_low"] <= curve.loc[0, "recovery"] <= curve.loc[0, "seed_high"]
    assert curve.loc[1, ["seed_low", "seed_high"]].isna().all()


@pytest.mark.parametrize("unit", ["seed", "generator"])
def test_intervals_of_the_curve_draw_whole_seeds_or_generators(rng, unit):
    """Against a loop that draws whole units, with other draws and percentiles by hand."""
    rows = random_rows(rng, models=MODELS, sizes=(8,), n_seeds=(7,))
    curve = curves.recovery_curve(rows, scores=["test_accuracy"], seed=0, n_bootstrap=20_000).iloc[0]
    jobs = credit.winners(rows, score="test_accuracy")
    shares = [part["credit"].to_numpy() for _, part in jobs.groupby(unit)]
    draws = rng.integers(len(shares), size=(20_000, len(shares)))
    means = [np.concatenate([shares[i] for i in draw]).mean() for draw in draws]
    found = curve[[f"{unit}_low", f"{unit}_high"]].astype(float)
    np.testing.assert_allclose(found, np.quantile(means, ends_of(len(shares))), atol=0.015)


@pytest.mark.parametrize("n_clusters", [5, 10])
def test_intervals_of_few_clusters_hold_the_truth_about_as_often_as_they_say(rng, n_clusters):
    """Of normal clusters: plain percentiles of resamples hold it in 85% of cases for five, 91% for ten."""
    held = []
    for _ in range(600):
        jobs = pd.DataFrame({"cluster": np.repeat(range(n_clusters), 3)})
        jobs["value"] = rng.standard_normal(n_clusters)[jobs["cluster"]]
        low, high = stats.cluster_interval(jobs, "value", "cluster", rng, 1000)
        held.append(low <= 0 <= high)
    assert 0.915 < np.mean(held) < 0.98


def test_intervals_need_five_units_and_have_no_width_where_these_agree(rng):
    jobs = pd.DataFrame({"unit": range(4), "value": 0.25})
    assert np.isnan(stats.cluster_interval(jobs, "value", "unit", rng, 100)).all()
    jobs.loc[4] = [4, 0.25]
    assert stats.cluster_interval(jobs, "value", "unit", rng, 100) == (0.25, 0.25)


def test_a_tie_between_others_is_neither_won_nor_lost():
    jobs = credit.winners(
        rows_of(
            {
                (10, 0, "a1"): {"a1": 0.6, "a2": 0.5, "b": 0.5},
                (10, 1, "a1"): {"a1": 0.5, "a2": 0.6, "b": 0.5},
                (10, 2, "a1"): {"a1": 0.5, "a2": 0.6, "b": 0.6},
                (10, 3, "a1"): {"a1": 0.6, "a2": 0.6, "b": 0.5},
                (10, 4, "a1"): {"a1": "no features", "a2": 0.6, "b": 0.5},
            }
        ),
        score="test_accuracy",
    )
    assert credit.lost(jobs).tolist() == [False, True, False, False, False]


def test_generators_at_the_ends_of_the_grid():
    made = [{"strength": value} for value in (0.01 * (1 + 1e-15), 0.01, 0.1, 10.0)]
    assert fits.generators_at_end(made, [0.1, 10, 0.01]).to_dict() == {"weakest": 2, "strongest": 1, "n": 4}
    assert fits.generators_at_end([], [0.1]).to_dict() == {"weakest": 0, "strongest": 0, "n": 0}


def test_ends_of_several_studies_leave_out_those_without_a_penalty():
    made = [{"strength": 0.1}, {"strength": 1.0}]
    studies = {
        name: {"generators": made, "experiment": {"strengths": grid, "transform": transform}}
        for name, grid, transform in (("x", [0.1, 1], "full"), ("y", [0.1, 10], "diagonal"), ("z", [0.1], "none"))
    }
    studies["own"] = {"generators": made, "experiment": studies["x"]["experiment"] | {"generator_strengths": [0.01, 1]}}
    found = fits.generators_at_ends(studies)
    assert found.to_dict("index") == {
        "x": {"weakest": 1, "strongest": 1, "n": 2},
        "y": {"weakest": 1, "strongest": 0, "n": 2},
        "own": {"weakest": 0, "strongest": 1, "n": 2},
    }


def test_curve_by_generator_averages_to_the_curve(rng):
    rows = random_rows(rng)
    whole = curves.recovery_curve(rows, scores=["nll"], seed=0)
    parts = curves.recovery_curve(rows, scores=["nll"], seed=0, by=["n_triplets", "generator"])
    assert len(parts) == 2 * len(FAMILIES)
    np.testing.assert_allclose(parts.groupby("n_triplets")["recovery"].mean(), whole["recovery"])


def test_confusion_of_known_jobs():
    table = credit.confusion(rows_of(HAND), n_triplets=10, score="test_accuracy", models=list(FAMILIES))
    assert list(table.index) == list(table.columns) == list(FAMILIES)
    np.testing.assert_allclose(table, [[1, 0, 0, 0], [1 / 3, 1 / 3, 1 / 3, 0], [1, 0, 0, 0], [0, 0, 0, 1]])


def test_confusion_rows_sum_to_one_and_its_diagonal_is_the_recovery(rng):
    rows = random_rows(rng)
    curve = curves.recovery_curve(rows, scores=["test_accuracy"], seed=0).set_index("n_triplets")
    for n_triplets, table in credit.confusions(rows, [8, 99], score="test_accuracy").items():
        np.testing.assert_allclose(table.sum(axis=1), 1)
        assert np.diag(table).mean() == pytest.approx(curve.at[n_triplets, "recovery"])


def test_confusion_of_a_generator_without_jobs_is_unknown_not_zero():
    rows = rows_of({key: scores for key, scores in HAND.items() if key[2] != "c"})
    table = credit.confusion(rows, n_triplets=10, score="test_accuracy")
    assert table.loc["c"].isna().all()
    np.testing.assert_allclose(table.drop(index="c").sum(axis=1), 1)


def test_families_and_their_representatives(rng):
    assert curves.one_per_family(FAMILIES, ["c", "a2", "a1", "b"]) == ("c", "a2", "b")
    rows = random_rows(rng)
    table = curves.recovery_by_family(rows, pd.Series(FAMILIES), list(FAMILIES), scores=["nll"], seed=0)
    by_question = table.set_index(["question", "n_triplets"])
    itself, family, one = (by_question.loc[question] for question in dict.fromkeys(table["question"]))
    assert (family["recovery"] >= itself["recovery"]).all()
    np.testing.assert_allclose(itself["chance"], 1 / 4)
    np.testing.assert_allclose(family["chance"], (2 / 4 + 2 / 4 + 1 / 4 + 1 / 4) / 4)
    np.testing.assert_allclose(one["chance"], 1 / 3)
    assert list(one["n_jobs"]) == [12, 6]


def test_sets_follow_the_photographs():
    sets = curves.model_sets(catalogue("features").set_index("model"), IMAGE_MODELS)
    assert sets["all"] == IMAGE_MODELS
    assert sets["other photographs"] == ("clip_vit_b32_cc0", "blip_base_cc0", "cvcl_cc0")
    assert set(sets["reference photographs"]) == set(IMAGE_MODELS) - set(sets["other photographs"])
    assert len(sets["networks among them"]) == 13
    assert not {"pixels", "hog"} & set(sets["networks among them"])


def test_recovery_by_set_is_the_curve_of_each_set(rng):
    rows = random_rows(rng)
    table = curves.recovery_by_set(rows, {"few": ("a1", "b"), "all": tuple(FAMILIES)}, scores=["nll"], seed=0)
    alone = curves.recovery_curve(rows, scores=["nll"], seed=0, models=("a1", "b"))
    few = table[table["models"] == "few"].reset_index(drop=True)
    pd.testing.assert_frame_equal(few[alone.columns], alone)
    assert table.groupby("models")["n_models"].first().to_dict() == {"few": 2, "all": 4}


def test_taken_for_of_known_jobs():
    table = curves.taken_for(rows_of(HAND), pair=("a2", "b"), scores=["test_accuracy"]).set_index("generator")
    np.testing.assert_allclose(table.loc["a2", ["itself", "the_other", "anyone_else"]].astype(float), 1 / 3)
    assert table.loc["a2", "alone"] == pytest.approx(0.5)
    assert table.loc["b", ["itself", "the_other", "anyone_else"]].tolist() == [0, 0, 1]
    assert table.loc["b", "alone"] == pytest.approx(0.5)  # tied with a2 once, a2 missing once
    assert table["n_jobs"].to_dict() == {"a2": 1, "b": 2}


def test_rank_shares_of_known_jobs():
    shares = credit.rank_shares(credit.winners(rows_of(HAND), score="test_accuracy"))
    assert list(shares.columns) == list(credit.RANKS)
    np.testing.assert_allclose(shares.loc[10], [2 / 5, 1 / 5, 2 / 5, 0, 0])


def test_fits_are_described():
    rows = rows_of(HAND)
    rows.loc[0, ["strength", "at_grid_end", "gap", "converged"]] = [10 * (1 + 1e-15), True, 0.5, False]
    rows.loc[1, ["strength", "at_grid_end"]] = [0.01, True]
    row = fits.describe_fits(rows, [0.01, 0.1, 10]).loc[10]
    n = 4 * 4 + 3 + 3  # that of b in the first job of c has no score, but did not fail
    assert row[["n_seeds", "n_jobs", "n_rows", "n_errors"]].tolist() == [2, 7, n, 3]
    assert row["strongest"] == row["weakest"] == row["loose_gap"] == pytest.approx(1 / n)
    assert row["not_converged"] == 1
    assert row["itself_at_end"] == pytest.approx(1 / 5)
    assert row["max_gap"] == 0.5


def test_studies_are_compared_over_what_both_have():
    jobs = {key: scores for key, scores in HAND.items() if key[1] == 0}
    other = {
        (10, 0, "a1"): {"a1": 0.5, "a2": 0.6, "b": 0.4},  # lost now
        (10, 0, "a2"): {"a1": 0.6, "a2": 0.7, "b": 0.6},  # won alone now
        (20, 0, "b"): {"a1": 0.6, "a2": 0.7, "b": 0.8},  # the first study has no such job
    }
    table = compare.compare_studies(rows_of(jobs), rows_of(other), scores=["test_accuracy", "nll"], seed=0)
    assert list(table["n_triplets"]) == [10, 10]
    assert list(table["n_models"]) == [3, 3]  # c is no generator of the second
    row = table.iloc[0]
    assert row["n_jobs"] == 2
    np.testing.assert_allclose(
        row[["first", "second", "difference", "only_first", "only_second"]].astype(float),
        [(1 + 1 / 3) / 2, 1 / 2, -1 / 6, 1, 2 / 3],
    )
    assert row["score_difference"] == pytest.approx((-0.1 + 0.1 + 0 + 0 + 0.1 + 0) / 6)
    assert row["own_difference"] == pytest.approx((-0.1 + 0.1) / 2)
    assert table.loc[1, "score_difference"] == pytest.approx(-row["score_difference"])  # a loss, with its own sign
    assert row["same_winner"] == 0
    assert np.isnan(row["low"])


def test_a_study_compared_with_itself_differs_in_nothing(rng):
    rows = random_rows(rng, models=MODELS)
    table = compare.compare_studies(rows, rows, scores=["test_accuracy"], seed=0)
    names = ["difference", "low", "high", "only_first", "only_second", "score_difference", "own_difference"]
    assert (table[names] == 0).all(axis=None)
    assert (table["same_winner"] == 1).all()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((0.4, 0.9), "the generator wins more often with more triplets, and wins not every job at the largest size"),
        ((0.4, 1.0), "the generator wins more often with more triplets, and wins every job at the largest size"),
        ((1.0, 1.0), "the generator wins every job, at the smallest size as at the largest"),
        ((0.9, 0.4), "the generator wins less often with more triplets, and wins not every job at the largest size"),
        (
            (0.8, 1.0),  # the intervals meet
            "the generator is not seen to win more often with more triplets, and wins every job at the largest size",
        ),
        (
            (0.8, 0.7),
            "the generator is not seen to win more often with more triplets, "
            "and wins not every job at the largest size",
        ),
    ],
)
def test_the_end_of_a_curve_in_words(values, words):
    recovery = np.array(values)
    ends = {"low": recovery - 0.1, "high": (recovery + 0.1).clip(max=1)}
    curve = pd.DataFrame({"n_triplets": [100, 400], "recovery": recovery} | ends)
    assert curves.describe_end(curve) == curves.describe_end(curve[::-1]) == words
