"""Cells of a factorial study and what is said of them, on hand-made rows and against scipy; invented models."""

import numpy as np
import pandas as pd
import pytest
from oracles.studies import FAMILIES, HAND, random_rows, rows_of
from scipy import stats

from yardsticks.recovery.plateau import cells as cells_module
from yardsticks.recovery.plateau import contrasts, settings
from yardsticks.recovery.plateau import words as words_module
from yardsticks.recovery.studies.experiment import THINGS_OPEN
from yardsticks.recovery.winners import credit
from yardsticks.stats import exact_interval

ALL = {"all": list(FAMILIES)}
BASE = THINGS_OPEN.settings()
SIMULATED = {"world": "surrogate", "n_judgements": 4_500_000}
CODES = contrasts.code_cells(["64-open", "256-many"], {"components": ("64", "256"), "judgements": ("open", "many")})
CELLS = {
    "64-open": BASE,
    "256-many": BASE | SIMULATED | {"components": 256, "strengths": [1.0]},
    "solver": BASE | {"solver": "published"},
    "all": BASE | SIMULATED | {"components": None, "n_seeds": [1]},
    "inside": BASE | {"components": 256},
    "far": BASE | {"transform": "diagonal", "scale": "raw"},
}


@pytest.fixture
def rows(rng):
    cells = {name: random_rows(rng, sizes=(8, 16), n_seeds=(3, 1)) for name in ("one", "two")}
    return pd.concat(cells, names=["cell"]).reset_index("cell").reset_index(drop=True)


class TestJobs:
    def test_they_are_the_winners_of_each_cell_set_and_score(self, rows):
        sets = ALL | {"few": ["a1", "b", "c"]}
        jobs = cells_module.cell_jobs(rows, scores=["nll", "test_accuracy"], sets=sets)
        assert len(jobs) == 2 * 2 * (16 + 12)
        for (cell, name, score), part in jobs.groupby(["cell", "candidates", "score"]):
            own = rows[rows["cell"] == cell]
            expected = credit.winners(own, score=score, models=sets[name])
            pd.testing.assert_frame_equal(part[expected.columns].reset_index(drop=True), expected)
            for _, job in part.iterrows():
                same = (own[["n_triplets", "seed", "generator"]] == job[["n_triplets", "seed", "generator"]]).all(
                    axis=1
                )
                scores = own[same].set_index("candidate")[score]
                assert job["own"] == scores[job["generator"]]
                rivals = scores.drop(job["generator"]).reindex(sets[name]).dropna()
                lead = rivals.min() - job["own"] if score == "nll" else job["own"] - rivals.max()
                assert job["margin"] == pytest.approx(lead)

    def test_those_whose_generator_has_no_score_are_left_out(self):
        jobs = cells_module.cell_jobs(rows_of(HAND).assign(cell="one"), scores=["nll"], sets=ALL)
        assert list(zip(jobs["seed"], jobs["generator"], strict=True)) == [(0, x) for x in FAMILIES] + [(1, "b")]

    def test_description_by_hand(self):
        jobs = cells_module.cell_jobs(rows_of(HAND).assign(cell="one"), scores=["test_accuracy"], sets=ALL)
        found = cells_module.describe_jobs(jobs, ["cell", "score"]).squeeze()
        assert found["n_jobs"] == 5
        assert found["recovery"] == pytest.approx((1 + 1 / 3 + 0 + 1 + 0) / 5)
        assert (found["low"], found["high"]) == pytest.approx(exact_interval(7 / 3, 5))
        assert found["own"] == pytest.approx((0.6 + 0.6 + 0.5 + 0.3 + 0.4) / 5)
        assert found["margin"] == pytest.approx((0.1 + 0 - 0.1 + 0.1 - 0.1) / 5)
        assert (found["n_lost"], found["false_winner"], found["false_wins"]) == (2, "a1", 2)

    def test_nobody_wins_falsely_where_no_job_is_lost(self):
        jobs = cells_module.cell_jobs(
            rows_of({(8, 0, "a1"): {"a1": 1, "b": 0}}).assign(cell="one"), scores=["nll"], sets=ALL
        )
        found = cells_module.describe_jobs(jobs, ["cell"]).squeeze()
        assert (found["n_lost"], found["false_winner"], found["false_wins"]) == (0, "", 0)


class TestSettings:
    def test_layout_has_factors_first_and_then_what_else_differs(self):
        layout, levels = settings.lay_out(CELLS, CODES)
        assert levels == {
            "components": ("64", "256"),
            "judgements": ("open", "4.5 M simulated"),
            "scale": ("unit_rms", "raw"),
            "transform": ("full", "diagonal"),
            "solver": ("exact", "published"),
        }
        assert list(layout.columns) == list(levels)
        assert layout.loc["all"].tolist() == ["all", "4.5 M simulated", "unit_rms", "full", "exact"]
        assert layout.at["solver", "solver"] == "published"

    def test_layout_of_two_studies_shows_what_older_ones_did(self):
        old = {key: value for key, value in BASE.items() if key != "n_folds_run"}
        layout, levels = settings.lay_out({"old": old, "new": BASE | {"n_folds_run": 1, "n_judgements": 1000}})
        assert levels == {"n_judgements": ("open", "0.001 M of the open"), "n_folds_run": ("all", "1")}
        assert list(layout.index) == ["old", "new"]

    def test_departures_by_hand(self):
        found = settings.departures(CELLS, list(CODES.index))
        assert found.to_numpy().tolist() == [
            ["64-open", "solver", "solver", "exact", "published"],
            ["inside", "64-open", "components", "256", "64"],
            ["256-many", "all", "components", "256", "all"],
            ["inside", "256-many", "n_judgements", "open", "4.5 M simulated"],
        ]

    def test_cells_of_the_fraction_alone_do_not_depart(self):
        cells = {name: CELLS[name] for name in ("64-open", "inside")}
        assert settings.departures(cells, list(cells)).empty


class TestComparison:
    PAIRS = pd.DataFrame({"reference": ["one", "one"], "cell": ["two", "absent"], "departs": ["solver", "x"]})

    def test_it_is_a_paired_test_over_generators(self, rows):
        jobs = cells_module.cell_jobs(rows, scores=["nll", "test_accuracy"], sets=ALL)
        found = cells_module.compare_cells(jobs, self.PAIRS, responses=["credit", "margin"], seed=0)
        assert len(found) == 4, "the pair without jobs is not there"
        assert set(found["departs"]) == {"solver"}
        for _, row in found.iterrows():
            part = jobs[jobs["score"] == row["score"]]
            means = part.groupby(["cell", "generator"])[row["response"]].mean()
            test = stats.ttest_rel(means["two"], means["one"])
            assert row["effect"] == pytest.approx((means["two"] - means["one"]).mean())
            assert row["p"] == pytest.approx(test.pvalue)
            assert (row["low"], row["high"]) == pytest.approx(tuple(test.confidence_interval()))
            assert row["effect"] == pytest.approx(row["of_cell"] - row["of_reference"])
            assert row[["n_jobs", "n_seeds", "n_generators"]].tolist() == [16, 3, 4]

    def test_only_common_jobs_count_and_p_is_corrected_over_pairs(self, rows):
        jobs = cells_module.cell_jobs(rows, scores=["nll"], sets=ALL)
        fewer = jobs[(jobs["cell"] == "one") | (jobs["seed"] == 0)]
        pairs = pd.DataFrame({"reference": ["one", "two"], "cell": ["two", "one"]})
        found = cells_module.compare_cells(fewer, pairs, responses=["margin"], seed=0)
        assert found["n_jobs"].tolist() == [8, 8]
        np.testing.assert_allclose(found["p_corrected"], np.minimum(2 * found["p"], 1))
        assert found["effect"].sum() == pytest.approx(0)

    def test_without_common_jobs_there_is_nothing(self, rows):
        jobs = cells_module.cell_jobs(rows, scores=["nll"], sets=ALL)
        assert cells_module.compare_cells(jobs, self.PAIRS.iloc[1:], responses=["own"], seed=0).empty


class TestCauses:
    def test_are_the_differences_of_their_two_sides_job_by_job(self, rows):
        jobs = cells_module.cell_jobs(rows, scores=["test_accuracy", "nll"], sets=ALL)
        sides = {key: part for key, part in jobs.groupby(["cell", "score", "n_triplets"])}
        causes = {
            "fewer triplets": (sides["one", "test_accuracy", 16], sides["one", "test_accuracy", 8]),
            "other cell, score and size": (sides["one", "nll", 16], sides["two", "test_accuracy", 8]),
        }
        found = cells_module.compare_causes(causes, responses=["credit", "margin"], seed=0)
        assert found["cause"].tolist() == [cause for cause in causes for _ in range(2)]
        for _, row in found.iterrows():
            without, with_it = (side.set_index(["generator", "seed"])[row["response"]] for side in causes[row["cause"]])
            each = (with_it - without).dropna()  # pandas pairs them by generator and seed
            test = stats.ttest_1samp(each.groupby("generator").mean(), 0)
            assert row["n_jobs"] == len(each) == 4, "of the seed that both sizes have"
            assert row["effect"] == pytest.approx(each.mean())
            assert (row["low"], row["high"]) == pytest.approx(tuple(test.confidence_interval()), nan_ok=True)
            assert row["of_reference"] == pytest.approx(without[each.index].mean())
        np.testing.assert_allclose(
            found.groupby("response")["p_corrected"].min(), 2 * found.groupby("response")["p"].min().clip(upper=0.5)
        )


def test_fits_are_described_with_each_cells_grid(rows):
    cells = {"one": {"strengths": [1.0, 0.1]}, "two": {"strengths": [1.0, 0.1, 0.01]}}
    found = cells_module.fits_by_cell(rows, cells)
    assert found[["cell", "n_triplets"]].to_numpy().tolist() == [["one", 8], ["one", 16], ["two", 8], ["two", 16]]
    assert found["weakest"].tolist() == [1, 1, 0, 0]  # all strengths are 0.1
    assert found["n_jobs"].tolist() == [12, 4, 12, 4]


class TestWords:
    def test_effects(self):
        found = pd.DataFrame(
            {"term": ["a_b", "c", "d"], "effect": [-0.214, 0.01, 0.5], "p_corrected": [0.04, 0.2, 0.01]}
        )
        assert words_module.say_effects(found, unit="points") == (
            "2 of the 3 effects can be told from zero: d (+50 points), a b (-21 points)"
        )
        assert words_module.say_effects(found, unit="accuracy").endswith("d (+0.500), a b (-0.214)")
        levels = {"a_b": ("object_cv", "triplet_holdout")}
        assert words_module.say_effects(found, unit="points", levels=levels).endswith(
            "d (+50 points), a b by other triplets instead of by objects (-21 points)"
        )
        none = found.assign(p_corrected=[0.05, np.nan, 1])
        assert words_module.say_effects(none, unit="points") == "none of the 3 effects can be told from zero"
        with pytest.raises(ValueError, match="unit='nats' is none of points, accuracy"):
            words_module.say_effects(found, unit="nats")

    def test_picks(self):
        picks = pd.DataFrame({"strength": [0.001, 0.01, 1.0], "n_generators": [1, 3, 4]})
        assert words_module.say_picks(picks) == "0.001 for 1, 0.01 for 3 and 1 for 4"
        assert words_module.say_picks(picks[1:]) == "0.01 for 3 and 1 for 4"
        assert words_module.say_picks(picks[2:]) == "1 for 4"

    def test_largest_effect(self):
        found = pd.DataFrame({"term": ["a", "c_d"], "effect": [-0.214, 0.3], "low": [-0.3, 0.1], "high": [-0.1, 0.5]})
        found = found.assign(share=[0.3, 0.6], p_corrected=[0.1, 0.032]).set_axis(["same", "same"])
        assert words_module.say_largest(found, unit="points") == (
            "the largest share of the variance between cells, 60%, goes with c d: "
            "+30 points (95% interval +10 points to +50 points, corrected p 0.032)"
        )
        assert "goes with c d: +0.300 (95%" in words_module.say_largest(found, unit="accuracy")
        agreed = words_module.say_largest(found.assign(p_corrected=np.nan), unit="points")
        assert agreed.endswith("no p, as all generators agree)")
        even = words_module.say_largest(found.assign(share=[0.5, 0.5 - 1e-12]), unit="points")
        assert even == "the largest share of the variance between cells, 50%, goes with each of a, c d"
        assert words_module.say_largest(found.assign(share=np.nan), unit="points") == "the cells do not differ"
        with pytest.raises(ValueError, match="unit='nats' is none of points, accuracy"):
            words_module.say_largest(found, unit="nats")

    @pytest.mark.parametrize(
        ("n_lost", "false_wins", "words"),
        [
            (0, 0, "none of 8 jobs is lost"),
            (1, 1, "1 of 8 jobs is lost, to Model b"),
            (3, 1, "3 of 8 jobs are lost, 1 of them to Model b"),
            (3, 3, "3 of 8 jobs are lost, all to Model b"),
        ],
    )
    def test_lost_jobs(self, n_lost, false_wins, words):
        group = pd.Series({"n_jobs": 8, "n_lost": n_lost, "false_wins": false_wins, "false_winner": "b"})
        assert words_module.say_lost(group, {"b": "Model b"}) == words

    def test_bound(self):
        said = [
            words_module.say_bound(low, high, 0.8) for low, high in ((0.1, 0.79), (0.81, 1), (0.7, 0.8), (0.8, 0.9))
        ]
        assert said == ["below", "above", "on both sides of", "on both sides of"]
