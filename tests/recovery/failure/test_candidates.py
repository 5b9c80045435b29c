"""Recovery against the number of candidates, by going through all sets."""

import itertools

import numpy as np
import pandas as pd
import pytest
from oracles.studies import FAMILIES, HAND, MODELS, ends_of, random_rows, rows_of

from yardsticks.recovery.failure.candidates import add_candidate, recovery_by_candidates, set_credit
from yardsticks.recovery.winners import credit, curves

SCORES = ["test_accuracy", "nll"]


@pytest.mark.parametrize("n_models", [2, 3, 6])
def test_credit_is_the_mean_over_all_sets(n_models):
    for ahead in range(n_models):
        for beside in range(n_models - ahead):
            others = [1] * ahead + [0] * beside + [-1] * (n_models - 1 - ahead - beside)
            for k in range(2, n_models + 1):
                credits = [
                    0 if 1 in rivals else 1 / (1 + rivals.count(0)) for rivals in itertools.combinations(others, k - 1)
                ]
                assert set_credit(ahead, beside, n_models, k) == pytest.approx(np.mean(credits), abs=1e-14)


def test_credit_has_its_limits():
    n = np.arange(2, 21)
    np.testing.assert_allclose([set_credit(0, 0, 20, k) for k in n], 1)
    np.testing.assert_allclose([set_credit(0, 19, 20, k) for k in n], 1 / n)
    np.testing.assert_allclose([set_credit(19, 0, 20, k) for k in n], 0)
    assert set_credit(7, 0, 20, 2) == pytest.approx(12 / 19)
    np.testing.assert_array_equal(np.isnan(set_credit([0, 0], [0, 1], [4, 5], 5)), [True, False])


def test_mean_over_all_places_is_chance():
    """Whoever wins: the models' credits of one ranking add up to one in each set."""
    for k in (2, 3, 7):
        assert np.mean([set_credit(place, 0, 7, k) for place in range(7)]) == pytest.approx(1 / k)


def test_recovery_is_that_of_every_set_of_models(rng):
    models = ("a", "b", "c", "d", "e")
    rows = random_rows(rng, models=models, sizes=(8, 16), n_seeds=(3, 1), levels=4)
    table = recovery_by_candidates(rows, scores=SCORES, resample="generator", seed=0)
    assert list(table["n_candidates"]) == 4 * [2, 3, 4, 5]
    for row in table.itertuples():
        credits = []
        for some in itertools.combinations(models, row.n_candidates):
            jobs = credit.winners(rows[rows["n_triplets"] == row.n_triplets], score=row.score, models=some)
            credits += list(jobs["credit"])  # each set once for each of its generators, as many sets for each
        assert row.recovery == pytest.approx(np.mean(credits))
        assert row.chance == 1 / row.n_candidates
        assert row.low - 1e-12 <= row.recovery <= row.high + 1e-12
    full = curves.recovery_curve(rows, scores=SCORES, seed=0)
    last = table[table["n_candidates"] == 5].set_index(["score", "n_triplets"])["recovery"]
    np.testing.assert_allclose(last.loc[list(zip(full["score"], full["n_triplets"], strict=True))], full["recovery"])


def test_failed_rows_do_not_compete_and_short_jobs_are_left_out():
    table = recovery_by_candidates(rows_of(HAND), scores=["test_accuracy"], resample="seed", seed=0)
    table = table.set_index("n_candidates")
    # of seven jobs two have no score of the generator; b of seed 1 has three candidates, and so has c of seed 0
    assert table["n_jobs"].to_dict() == {2: 5, 3: 5, 4: 3}
    assert table["n_left_out"].to_dict() == {2: 2, 3: 2, 4: 4}
    assert table["n_units"].to_dict() == {2: 2, 3: 2, 4: 1}
    assert np.isnan(table.at[4, "low"])
    credits = [1, (0.5 + 0.5 + 1) / 3, (0 + 0.5 + 1) / 3, 1, (0 + 1) / 2]
    assert table.at[2, "recovery"] == pytest.approx(np.mean(credits))
    whole = credit.winners(rows_of(HAND), score="test_accuracy").query("n_candidates == 4")["credit"].mean()
    assert table.at[4, "recovery"] == pytest.approx(whole)


def test_models_may_be_fewer(rng):
    rows = random_rows(rng)
    few = recovery_by_candidates(rows, scores=["nll"], resample="seed", seed=0, models=("a1", "c"))
    alone = curves.recovery_curve(rows, scores=["nll"], seed=0, models=("a1", "c"))
    np.testing.assert_allclose(few["recovery"], alone["recovery"])
    np.testing.assert_allclose(few[["n_candidates", "n_left_out"]], [[2, 0], [2, 0]])


def test_intervals_resample_what_is_asked_for(rng):
    """Against a loop that draws whole generators, with the same draws."""
    rows = random_rows(rng, models=MODELS, sizes=(8,), n_seeds=(5,))
    row = recovery_by_candidates(rows, scores=["nll"], resample="generator", seed=3).iloc[-1]
    jobs = credit.winners(rows, score="nll")
    by_generator = [part["credit"].to_numpy() for _, part in jobs.groupby("generator")]
    draws = np.random.default_rng(3).multinomial(6, np.full(6, 1 / 6), size=2000)
    means = [np.concatenate([np.tile(by_generator[i], n) for i, n in enumerate(draw)]).mean() for draw in draws]
    np.testing.assert_allclose([row["low"], row["high"]], np.quantile(means, ends_of(6)))


def test_order_of_rows_does_not_matter(rng):
    rows = random_rows(rng)
    mixed = rows.sample(frac=1, random_state=1)
    first, second = (recovery_by_candidates(part, scores=SCORES, resample="seed", seed=0) for part in (rows, mixed))
    pd.testing.assert_frame_equal(first, second)


def test_wrong_options_are_named():
    rows = rows_of(HAND)
    with pytest.raises(ValueError, match=r"resample='job' is none of seed, generator"):
        recovery_by_candidates(rows, scores=["nll"], resample="job", seed=0)
    with pytest.raises(ValueError, match=r"score='loss' is none of"):
        recovery_by_candidates(rows, scores=["loss"], resample="seed", seed=0, models=list(FAMILIES))


def test_a_newcomer_can_only_take_wins_away(rng):
    rows = random_rows(rng, models=MODELS, n_seeds=(4, 3))
    table = add_candidate(rows, "b", scores=SCORES, seed=0).set_index(["score", "n_triplets"])
    for (score, n_triplets), row in table.iterrows():
        part = rows[rows["n_triplets"] == n_triplets]
        before, after, taken = [], [], {}
        for _, job in part[part["generator"] != "b"].groupby(["seed", "generator"]):
            generator = job["generator"].iloc[0]
            values = job.set_index("candidate")[score] * (-1 if score == "nll" else 1)
            top, rest = values[values == values.max()], values.drop("b")
            best = rest[rest == rest.max()]
            before.append((generator in best) / len(best))
            after.append((generator in top) / len(top))
            taken.setdefault(generator, []).append(("b" in top) / len(top))
        assert row["without"] == pytest.approx(np.mean(before))
        assert row["together"] == pytest.approx(np.mean(after))
        assert row["change"] == pytest.approx(np.mean(after) - np.mean(before))
        assert row["taken"] == pytest.approx(np.mean([np.mean(shares) for shares in taken.values()]))
        assert row["low"] <= row["change"] <= row["high"] <= 0
        itself = credit.winners(part[part["generator"] == "b"], score=score)["credit"].mean()
        assert row["itself"] == pytest.approx(itself)
        assert row["n_jobs"] == len(before)
    empty = add_candidate(rows.iloc[:0], "b", scores=SCORES, seed=0)
    assert empty.empty
    assert list(empty.columns[:3]) == ["n_triplets", "score", "n_jobs"]
