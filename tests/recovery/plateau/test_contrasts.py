"""Effects of two-level designs, against designs worked out by hand, least squares, and scipy; invented responses."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from oracles.studies import ends_of
from scipy import stats

from yardsticks.recovery.plateau import contrasts

FACTORS = {"A": ("lo", "hi"), "B": ("few", "many"), "C": ("raw", "unit")}


def design(n_free: int, generators=()) -> pd.DataFrame:
    """A factorial of n_free factors A, B, ...; each generator adds one that is a product of them, such as "-AB"."""
    free = list("ABCDEF"[:n_free])
    codes = pd.DataFrame(list(itertools.product((-1, 1), repeat=n_free)), columns=free)
    for name, word in zip("ABCDEF"[n_free:], generators, strict=False):
        codes[name] = codes[list(word.lstrip("-"))].prod(axis=1) * (-1 if word[0] == "-" else 1)
    return codes.set_axis([f"cell{n}" for n in codes.index]).rename_axis("cell")


def jobs_of(codes, rng, n_generators=4, n_seeds=2, sizes=(10, 20)) -> pd.DataFrame:
    index = itertools.product(codes.index, range(n_generators), range(n_seeds), sizes)
    jobs = pd.DataFrame(index, columns=["cell", "generator", "seed", "n_triplets"])
    jobs["generator"] = "g" + jobs["generator"].astype(str)
    return jobs.assign(score="nll", y=rng.normal(size=len(jobs)))


@pytest.fixture
def half():
    return design(4, ["ABCD"])


def found_of(jobs, codes, **options):
    return contrasts.effects(jobs, codes, responses=["y"], seed=0, **options).set_index("term")


class TestDesign:
    def test_codes_come_from_names(self):
        codes = contrasts.code_cells(["lo-many-unit", "hi-few-unit"], FACTORS)
        assert codes.to_dict("list") == {"A": [-1, 1], "B": [1, -1], "C": [1, 1]}
        assert list(codes.index) == ["lo-many-unit", "hi-few-unit"]
        with pytest.raises(ValueError, match="cell 'lo-unit' is no combination of levels such as 'lo-few-raw'"):
            contrasts.code_cells(["lo-unit"], FACTORS)

    def test_full_factorial_confounds_nothing(self):
        codes = design(4)
        assert contrasts.defining_words(codes) == {}
        assert contrasts.resolution(codes) == math.inf
        assert (contrasts.aliases(codes)["aliased_with"] == "").all()

    def test_half_fraction_by_hand(self, half):
        assert contrasts.defining_words(half) == {("A", "B", "C", "D", "E"): 1}
        assert contrasts.resolution(half) == 5
        aliases = contrasts.aliases(half).set_index("term")["aliased_with"]
        assert len(aliases) == 15
        assert aliases["A"] == "B × C × D × E"
        assert aliases["B × E"] == "A × C × D"

    def test_quarter_fraction_and_signs_by_hand(self):
        codes = design(3, ["AB", "-AC"])  # D = AB, E = -AC, so that DE = -BC
        words = contrasts.defining_words(codes)
        assert words == {("A", "B", "D"): 1, ("A", "C", "E"): -1, ("B", "C", "D", "E"): -1}
        assert contrasts.resolution(codes) == 3
        aliases = contrasts.aliases(codes).set_index("term")["aliased_with"]
        assert aliases["A"] == "B × D, -C × E, -A × B × C × D × E"
        assert aliases["B × C"] == "A × C × D, -A × B × E, -D × E"

    def test_a_missing_cell_confounds_in_part_and_a_constant_factor_with_the_mean(self):
        codes = design(2).iloc[:3]
        assert contrasts.defining_words(codes) == pytest.approx({("A",): -1 / 3, ("B",): -1 / 3, ("A", "B"): -1 / 3})
        assert contrasts.aliases(codes)["aliased_with"][0] == "-mean (0.33), -A × B (0.33), -B (0.33)"
        assert contrasts.aliases(design(2).iloc[:2])["aliased_with"].tolist() == ["-mean", "-A × B", "-B"]

    def test_a_crossed_factor_keeps_the_resolution(self, half):
        codes = contrasts.cross(half, "who", ("all", "few"))
        assert codes.shape == (32, 6)
        assert codes.index.names == ["cell", "who"]
        assert codes.loc[("cell3", "all"), "who"] == -1 == -codes.loc[("cell3", "few"), "who"]
        assert contrasts.defining_words(codes) == {("A", "B", "C", "D", "E"): 1}


class TestEffects:
    def test_effects_are_twice_the_coefficients_of_least_squares(self, half, rng):
        jobs = jobs_of(half, rng)
        found = found_of(jobs, half)
        table = jobs.join(half, on="cell")
        fit = smf.ols("y ~ (A + B + C + D + E) ** 2", table).fit()
        for term, row in found.iterrows():
            assert row["effect"] == pytest.approx(2 * fit.params[term.replace(" × ", ":")])
        assert found["share"].sum() == pytest.approx(1), "15 effects take up 15 degrees of freedom"
        cells = table.groupby("cell")["y"].mean()
        assert found.at["A", "share"] == pytest.approx(16 * fit.params["A"] ** 2 / (cells - cells.mean()).pow(2).sum())
        assert (found["n_jobs"] == 16).all()
        assert (found["n_left_out"] == 0).all()

    @pytest.mark.parametrize("n_factors", [2, 3])
    def test_full_factorials_are_means_of_high_less_low(self, n_factors, rng):
        codes = design(n_factors)
        jobs = jobs_of(codes, rng, n_generators=5)
        found = found_of(jobs, codes)
        signs = codes.loc[jobs["cell"]].reset_index(drop=True)
        for term in contrasts.list_terms(codes.columns):
            sign = signs[list(term)].prod(axis=1)
            expected = [y[sign == 1].mean() - y[sign == -1].mean() for y in [jobs["y"]]]
            expected += [
                jobs["y"][(sign == 1) & own].mean() - jobs["y"][(sign == -1) & own].mean()
                for own in (jobs["generator"] == name for name in (f"g{n}" for n in range(5)))
            ]
            row, test = found.loc[contrasts.name_term(term)], stats.ttest_1samp(expected[1:], 0)
            assert row["effect"] == pytest.approx(expected[0])
            assert row["p"] == pytest.approx(test.pvalue)
            assert (row["low"], row["high"]) == pytest.approx(tuple(test.confidence_interval()))
            ends = min(expected) - 1e-12, max(expected) + 1e-12  # rounding
            assert ends[0] <= row["boot_low"] < row["boot_high"] <= ends[1]
        anova = smf.ols("y ~ " + " + ".join(codes.columns), jobs.join(codes, on="cell")).fit()
        assert found.at["B", "effect"] == pytest.approx(2 * anova.params["B"])

    def test_interaction_is_half_of_what_one_factor_adds_to_the_other(self, rng):
        codes = design(2)
        jobs = jobs_of(codes, rng)
        mean = jobs.join(codes, on="cell").groupby(["A", "B"])["y"].mean()
        adds = (mean[1, 1] - mean[-1, 1]) - (mean[1, -1] - mean[-1, -1])
        assert found_of(jobs, codes).at["A × B", "effect"] == pytest.approx(adds / 2)

    def test_what_all_cells_of_a_job_share_does_not_matter(self, half, rng):
        jobs = jobs_of(half, rng)
        easy = jobs.groupby(["generator", "seed", "n_triplets"])["y"].transform(lambda y: rng.normal(scale=10))
        before, after = (found_of(table, half) for table in (jobs, jobs.assign(y=jobs["y"] + easy)))
        # the bootstrap draws the same generators
        np.testing.assert_allclose(before.select_dtypes(float), after.select_dtypes(float), atol=1e-9)

    def test_swapped_levels_turn_signs(self, rng):
        codes = design(3)
        jobs = jobs_of(codes, rng)
        before, after = (found_of(jobs, table)["effect"] for table in (codes, codes.assign(A=-codes["A"])))
        turned = [-1 if "A" in term else 1 for term in before.index]
        np.testing.assert_allclose(after, before * turned)

    def test_one_effect_that_all_generators_share(self, half, rng):
        jobs = jobs_of(half, rng)
        jobs["y"] = 0.1 * half.loc[jobs["cell"], "C"].to_numpy() + jobs["generator"].str[1:].astype(float)
        found = found_of(jobs, half)
        assert found.at["C", "effect"] == pytest.approx(0.2)
        assert found.at["C", "share"] == pytest.approx(1)
        assert found.loc["C", ["low", "high", "seed_low", "seed_high"]].tolist() == pytest.approx([0.2] * 4)
        assert np.isnan(found.at["C", "p"])
        others = found.drop("C")
        np.testing.assert_allclose(others[["effect", "share"]], 0, atol=1e-12)
        assert (others["p_corrected"] == 1).all()

    def test_cells_that_are_all_the_same_have_no_shares(self, half, rng):
        found = found_of(jobs_of(half, rng).assign(y=0.5), half)
        assert (found["effect"] == 0).all()
        assert found["share"].isna().all()
        assert (found["p"] == 1).all()

    def test_p_is_corrected_within_each_group_and_seeds_are_told(self, half, rng):
        jobs = jobs_of(half, rng)
        found = contrasts.effects(jobs, half, responses=["y"], seed=0, by=["score", "n_triplets"])
        assert found["n_triplets"].tolist() == [10] * 15 + [20] * 15
        for size, part in found.groupby("n_triplets"):
            own = jobs[jobs["n_triplets"] == size]
            pd.testing.assert_series_equal(
                found_of(own, half)["p_corrected"].reset_index(drop=True), part["p_corrected"].reset_index(drop=True)
            )
            of_seeds = [found_of(own[own["seed"] == seed], half)["effect"] for seed in (0, 1)]
            np.testing.assert_allclose(part["seed_low"], np.minimum(*of_seeds))
            np.testing.assert_allclose(part["seed_high"], np.maximum(*of_seeds))

    def test_jobs_that_lack_a_cell_are_left_out(self, half, rng):
        jobs = jobs_of(half, rng)
        lacking = (jobs["generator"] == "g1") & (jobs["seed"] == 1) & (jobs["n_triplets"] == 10)
        jobs.loc[lacking & (jobs["cell"] == "cell5"), "y"] = np.nan
        found = found_of(jobs, half)
        assert found["n_left_out"].unique().tolist() == [1]
        pd.testing.assert_frame_equal(
            found.drop(columns="n_left_out"), found_of(jobs[~lacking], half).drop(columns="n_left_out")
        )

    def test_crossed_designs_use_both_levels_of_the_index(self, rng):
        codes = contrasts.cross(design(2), "who", ("all", "few"))
        jobs = pd.concat([jobs_of(design(2), rng).assign(who=who) for who in ("all", "few")])
        found = found_of(jobs, codes)
        mean = jobs.groupby("who")["y"].mean()
        assert found.at["who", "effect"] == pytest.approx(mean["few"] - mean["all"])
        assert list(found.index) == ["A", "B", "who", "A × B", "A × who", "B × who"]

    def test_what_cannot_be_computed_says_why(self, half, rng):
        jobs = jobs_of(half, rng)
        with pytest.raises(ValueError, match="there is no job of cell 'cell3': 1 of 16 have none"):
            found_of(jobs[jobs["cell"] != "cell3"], half)
        with pytest.raises(ValueError, match="no job is in all 16 cells of nll"):
            found_of(jobs[(jobs["cell"] == "cell3") == (jobs["generator"] == "g1")], half)
        with pytest.raises(ValueError, match="these 8 cells cannot tell C × D from A × B"):
            found_of(jobs, design(3, ["ABC"]))
        with pytest.raises(ValueError, match="these 8 cells cannot tell A from the mean"):
            found_of(jobs, half[half["A"] == 1])


def test_one_generator_says_nothing_of_others():
    found = contrasts.generator_intervals(pd.DataFrame({"y": [0.3]}, ["g"]), seed=0).loc["y"]
    assert found["effect"] == 0.3
    assert found[["low", "high", "boot_low", "boot_high", "p"]].isna().all()


def test_bootstrap_of_few_generators_is_about_as_wide_as_student(rng):
    """Somewhat narrower: no resample lies beyond the least and the most of six."""
    values = pd.DataFrame(rng.normal(size=(6, 40)), index=[f"g{n}" for n in range(6)])
    found = contrasts.generator_intervals(values, seed=0)
    width, boot = (found[f"{kind}high"] - found[f"{kind}low"] for kind in ("", "boot_"))
    assert (boot <= values.max() - values.min()).all()
    draws = values.to_numpy()[rng.integers(6, size=(20_000, 6))].mean(axis=1)  # (n_draws, n_effects)
    low, high = np.quantile(draws, ends_of(6), axis=0)
    assert boot.mean() == pytest.approx((high - low).mean(), rel=0.05)
    assert 0.85 < boot.mean() / width.mean() < 1
