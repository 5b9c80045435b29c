"""The regression of margins, against statsmodels and loops over resamples; invented models throughout."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from oracles.studies import FAMILIES, HAND, random_rows, rows_of
from statsmodels.stats.outliers_influence import variance_inflation_factor

from yardsticks.recovery.failure import properties, rivals
from yardsticks.recovery.failure import regression as mis
from yardsticks.recovery.winners import credit

NAMES = [f"m{i}" for i in range(9)]
TERMS = ["generator_shift", "generator_ed_raw", "candidate_shift", "candidate_ed_raw"]


@pytest.fixture
def models(rng):
    values = rng.gamma(2.0, size=(len(NAMES), 4))
    return pd.DataFrame(values, NAMES, ["shift", "ed_raw", "ed_aligned", "n_features"])


@pytest.fixture
def table(rng, models):
    """Three seeds of margins, some missing, with predictors."""
    pairs = [(seed, g, c) for seed in range(3) for g in NAMES for c in NAMES if g != c]
    table = pd.DataFrame(pairs, columns=["seed", "generator", "candidate"])
    table = properties.add_models(table.assign(margin=rng.normal(size=len(table))), models, ["shift", "ed_raw"])
    table["margin"] += 0.5 * table["candidate_shift"] - 0.3 * table["generator_ed_raw"]
    return table.sample(frac=0.9, random_state=1)


@pytest.fixture
def similarity(rng):
    square = rng.uniform(size=(len(NAMES), len(NAMES)))
    return pd.DataFrame(square + square.T, NAMES, NAMES)


def z(values):
    return (values - values.mean()) / values.std(ddof=0)


def test_margins_are_those_of_a_loop(rng):
    rows = random_rows(rng, sizes=(8, 16), n_seeds=(3, 2))
    rows.loc[3, "test_accuracy"] = np.nan
    rows.loc[10, "error"] = "broken"
    for score, sign in (("test_accuracy", 1), ("nll", -1)):
        found = rivals.margins(rows, n_triplets=8, score=score)
        expected = []
        for (seed, generator), job in rows[rows["n_triplets"] == 8].groupby(["seed", "generator"]):
            scores = job[job["error"] == ""].set_index("candidate")[score].dropna()
            for candidate in scores.index.drop(generator, errors="ignore"):
                if generator in scores:
                    expected.append((seed, generator, candidate, sign * (scores[generator] - scores[candidate])))
        assert list(found.columns) == ["seed", "generator", "candidate", "margin"]
        assert [tuple(row) for row in found.itertuples(index=False)] == expected
    assert len(rivals.margins(rows_of(HAND), n_triplets=10, score="test_accuracy", models=["a2", "c"])) == 2


def test_margin_of_the_best_other_is_that_of_winners(rng):
    rows = random_rows(rng)
    found = rivals.margins(rows, n_triplets=8, score="nll").groupby(["seed", "generator"])["margin"].min()
    jobs = credit.winners(rows, score="nll").query("n_triplets == 8").set_index(["seed", "generator"])
    np.testing.assert_allclose(found, jobs["margin"])


def test_what_is_known_of_models_and_pairs(models, similarity):
    table = pd.DataFrame({"generator": ["m1", "m1", "m8"], "candidate": ["m0", "new", "m3"]}, index=[5, 6, 9])
    similarity = similarity.drop(index="m8").rename_axis(index="a")
    found = properties.add_pairs(properties.add_models(table, models, ["shift", "n_params"]), models, similarity)
    assert found["generator_shift"].tolist() == models.loc[["m1", "m1", "m8"], "shift"].tolist()
    assert found.loc[[5, 9], "candidate_shift"].tolist() == models.loc[["m0", "m3"], "shift"].tolist()
    assert found[["generator_n_params", "candidate_n_params"]].isna().all(axis=None)
    assert found.at[5, "ed_raw_difference"] == abs(models.at["m1", "ed_raw"] - models.at["m0", "ed_raw"])
    assert found.at[9, "ed_aligned_difference"] == abs(models.at["m8", "ed_aligned"] - models.at["m3", "ed_aligned"])
    assert found.at[5, "similarity"] == similarity.at["m1", "m0"]
    assert found.loc[[6, 9], "similarity"].isna().all()
    assert found.loc[6, ["candidate_shift", "ed_raw_difference"]].isna().all()


def test_coefficients_are_those_of_statsmodels(table):
    found = mis.regress(table, TERMS, seed=0, n_bootstrap=50)
    x = sm.add_constant(table[TERMS].apply(z))
    fit = sm.OLS(z(table["margin"]), x).fit()
    coefficients = found.coefficients.set_index("predictor")
    np.testing.assert_allclose(found.coefficients["coefficient"], fit.params, atol=1e-12)
    assert found.fit["r_squared"] == pytest.approx(fit.rsquared)
    assert found.fit["margin_sd"] == pytest.approx(table["margin"].std(ddof=0))
    vif = [variance_inflation_factor(x.to_numpy(), i) for i in range(1, 5)]
    np.testing.assert_allclose(coefficients["vif"].iloc[1:], vif)
    assert list(found.coefficients["role"]) == ["", "generator", "generator", "candidate", "candidate"]
    assert list(found.coefficients["predictor"]) == ["intercept", "shift", "ed_raw", "shift", "ed_raw"]
    assert found.fit["n_rows"] == len(table)
    assert (found.fit["n_models"], found.fit["n_pairs"]) == (9, 72)
    assert found.left_out.empty


def test_bootstrap_is_that_of_a_loop_over_the_same_resamples(table):
    n = 60
    found = mis.regress(table, TERMS, seed=4, n_bootstrap=n)
    x, y = sm.add_constant(table[TERMS].apply(z)).to_numpy(), z(table["margin"]).to_numpy()
    draws = np.random.default_rng(4).multinomial(9, np.full(9, 1 / 9), size=n)
    betas, n_singular = [], 0
    for draw in draws:
        drawn = dict(zip(NAMES, draw, strict=True))
        weights = np.array([drawn[g] * drawn[c] for g, c in zip(table["generator"], table["candidate"], strict=True)])
        rows = np.repeat(np.arange(len(table)), weights)  # every row as often as it was drawn
        if np.linalg.matrix_rank(x[rows]) < x.shape[1]:
            n_singular += 1
            continue
        betas.append(sm.WLS(y, x, weights=weights).fit().params)
        np.testing.assert_allclose(betas[-1], sm.OLS(y[rows], x[rows]).fit().params, atol=1e-8)
    betas = np.array(betas)
    coefficients = found.coefficients
    assert found.fit["n_degenerate"] == n_singular
    np.testing.assert_allclose(coefficients[["low", "high"]].T, np.quantile(betas, [0.025, 0.975], axis=0), atol=1e-8)
    m = len(betas)
    p = [min(1, 2 * min((sum(b <= 0) + 1) / (m + 1), (sum(b >= 0) + 1) / (m + 1))) for b in betas.T]
    np.testing.assert_allclose(coefficients["p"], p)
    np.testing.assert_allclose(coefficients["p_corrected"], np.minimum(np.array(p) * 5, 1))


def test_a_planted_effect_is_found_with_its_sign(rng, models):
    """Candidates that shift fall behind, generators that shift win by less: more of it, more misidentification."""
    names = [f"m{i}" for i in range(20)]
    models = pd.DataFrame(rng.normal(size=(20, 2)), names, ["shift", "ed_raw"])
    pairs = [(0, g, c) for g in names for c in names if g != c]
    table = properties.add_models(
        pd.DataFrame(pairs, columns=["seed", "generator", "candidate"]), models, ["shift", "ed_raw"]
    )
    table["margin"] = 0.02 * table["candidate_shift"] - 0.01 * table["generator_shift"]
    table["margin"] += rng.normal(scale=0.01, size=len(table))
    found = mis.regress(table, TERMS, seed=0, n_bootstrap=1000).coefficients.set_index(["role", "predictor"])
    assert found.at[("candidate", "shift"), "low"] > 0 > found.at[("generator", "shift"), "high"]
    assert (found.loc[[("candidate", "shift"), ("generator", "shift")], "p_corrected"] < 0.05).all()
    assert (found["low"] <= found["coefficient"]).all()
    assert (found["coefficient"] <= found["high"]).all()
    assert found.at[("candidate", "ed_raw"), "p_corrected"] > 0.05


def test_units_order_and_further_equal_seeds_change_nothing(table):
    first = mis.regress(table, TERMS, seed=0, n_bootstrap=200)
    changed = table.sample(frac=1, random_state=2).assign(
        margin=table["margin"] * 7 - 1, generator_shift=table["generator_shift"] * 100 + 3
    )
    twice = pd.concat([table, table.assign(seed=table["seed"] + 10)])
    for other in (changed, twice):
        second = mis.regress(other, TERMS, seed=0, n_bootstrap=200)
        columns = ["coefficient", "low", "high", "p", "vif"]
        np.testing.assert_allclose(second.coefficients[columns], first.coefficients[columns], atol=1e-9)
    flipped = mis.regress(table.assign(margin=-table["margin"]), TERMS, seed=0, n_bootstrap=200).coefficients
    np.testing.assert_allclose(flipped["coefficient"], -first.coefficients["coefficient"], atol=1e-12)
    np.testing.assert_allclose(flipped["low"], -first.coefficients["high"], atol=1e-9)


def test_what_cannot_be_used_is_left_out_by_name(table, models):
    models = models.assign(n_features=512)
    models.loc["m4", "ed_aligned"] = np.nan
    names = ["shift", "n_features", "n_params", "ed_aligned"]
    wide = properties.add_models(table.drop(columns=TERMS), models, names)
    found = mis.regress(wide, [f"{role}_{name}" for role in properties.ROLES for name in names], seed=0, n_bootstrap=20)
    assert list(found.coefficients["predictor"]) == ["intercept", *(2 * ["shift", "ed_aligned"])]
    left_out = found.left_out.set_index("name")
    assert left_out.at["generator_n_params", "why"] == left_out.at["candidate_n_params", "why"] == "it has no value"
    assert left_out.at["candidate_n_features", "why"] == "it is 512 in all rows"
    assert left_out.at["m4", "what"] == "model"
    assert left_out.at["m4", "why"] == "it lacks a value: ed_aligned"
    assert len(left_out) == 5
    assert found.fit["n_models"] == 8
    plain = mis.regress(
        wide[(wide["generator"] != "m4") & (wide["candidate"] != "m4")],
        ["generator_shift", "generator_ed_aligned", "candidate_shift", "candidate_ed_aligned"],
        seed=0,
        n_bootstrap=20,
    )
    pd.testing.assert_frame_equal(found.coefficients, plain.coefficients)


def test_pairs_without_a_value_are_counted(table, models, similarity):
    similarity.loc["m0", "m1"] = np.nan
    found = mis.regress(properties.add_pairs(table, models, similarity), ["similarity"], seed=0, n_bootstrap=20)
    n = ((table["generator"] == "m0") & (table["candidate"] == "m1")).sum()
    assert found.left_out.to_numpy().tolist() == [["rows", str(n), "their pair of models lacks a value"]]
    assert found.fit["n_rows"] == len(table) - n
    assert found.coefficients["role"].tolist() == ["", "pair"]


def test_without_predictors_the_intercept_is_left(table):
    found = mis.regress(table.assign(shift=np.nan), ["shift"], seed=0, n_bootstrap=20)
    assert found.coefficients["predictor"].tolist() == ["intercept"]
    assert found.coefficients.at[0, "coefficient"] == pytest.approx(0, abs=1e-12)
    assert found.left_out["name"].tolist() == ["shift"]


def test_predictors_that_make_up_one_another_are_refused(table):
    table = table.assign(generator_twice=2 * table["generator_shift"] + 1)
    with pytest.raises(ValueError, match="generator_shift, generator_twice can each be made of the other"):
        mis.regress(table, [*TERMS, "generator_twice"], seed=0)
    few = table[table["generator"].isin(NAMES[:2]) & table["candidate"].isin(NAMES[:2])]
    with pytest.raises(ValueError, match="over these 2 models"):
        mis.regress(few, TERMS, seed=0)


def test_resamples_without_a_solution_count_for_nothing(table):
    """Of three models, a resample often holds but one or two."""
    few = table[table["generator"].isin(NAMES[:3]) & table["candidate"].isin(NAMES[:3])]
    found = mis.regress(few, ["generator_shift"], seed=0, n_bootstrap=300)
    draws = np.random.default_rng(0).multinomial(3, np.full(3, 1 / 3), size=300)
    n_single = ((draws > 0).sum(axis=1) == 1).sum()  # one model has no pair; two have different shifts
    assert found.fit["n_degenerate"] == n_single
    assert np.isfinite(found.coefficients[["low", "high", "p"]]).all(axis=None)


def test_rows_and_errors(table):
    with pytest.raises(ValueError, match="0 rows with all predictors"):
        mis.regress(table.iloc[:0], ["generator_shift"], seed=0)
    with pytest.raises(ValueError, match="1 different margins: no fit"):
        mis.regress(table.assign(margin=0.1), TERMS, seed=0)
    with pytest.raises(ValueError, match=r"no rows of 9 triplets\. There are: \[10\]"):
        rivals.margins(rows_of(HAND), n_triplets=9, score="nll")
    with pytest.raises(ValueError, match="score='loss' is none of"):
        rivals.margins(rows_of(HAND), n_triplets=10, score="loss")


def test_many_regressions_are_each_what_one_is(rng, models, similarity):
    rows = random_rows(rng, models=NAMES, sizes=(8, 16), n_seeds=(2, 1))
    sets = {"of models": ["shift", "ed_raw"], "of pairs": ["ed_raw_difference", "similarity"]}
    found = mis.regress_each(
        rows, models, sets, sizes=[8, 16], scores=["nll"], seed=0, similarity=similarity, n_bootstrap=30
    )
    table = properties.add_models(rivals.margins(rows, n_triplets=16, score="nll"), models, ["shift", "ed_raw"])
    one = mis.regress(table, TERMS, seed=0, n_bootstrap=30)
    own = found.coefficients.query("n_triplets == 16 and predictors == 'of models'")
    pd.testing.assert_frame_equal(own[list(one.coefficients)].reset_index(drop=True), one.coefficients)
    pairs = properties.add_pairs(rivals.margins(rows, n_triplets=8, score="nll"), models, similarity)
    two = mis.regress(pairs, sets["of pairs"], seed=0, n_bootstrap=30)
    own = found.coefficients.query("n_triplets == 8 and predictors == 'of pairs'")
    pd.testing.assert_frame_equal(own[list(two.coefficients)].reset_index(drop=True), two.coefficients)
    assert found.fit["n_rows"].tolist() == [144, 144, 72, 72]
    assert list(found.fit.columns[:3]) == ["n_triplets", "score", "predictors"]
    none = mis.regress_each(rows, models, sets, sizes=[8], scores=["nll"], seed=0, among=NAMES[:6], n_bootstrap=30)
    assert none.left_out["name"].tolist() == ["similarity"]
    assert (none.fit["n_models"] == 6).all()
    assert set(FAMILIES).isdisjoint(NAMES)


def test_coefficients_in_words():
    table = pd.DataFrame(
        [("pair", "a", 0.5, 0.01), ("pair", "b", -0.5, 0.04), ("candidate", "a", 0.5, 0.05)],
        columns=["role", "predictor", "coefficient", "p_corrected"],
    )
    words = {
        ("pair", "a"): "is positive",
        ("pair", "b"): "is negative",
        ("candidate", "a"): "cannot be told from zero",
        ("generator", "a"): "is not known yet",
    }
    for (role, predictor), expected in words.items():
        assert mis.say_coefficient(table, role=role, predictor=predictor) == expected
