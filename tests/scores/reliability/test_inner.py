"""Cronbach's alpha against its theorems: the mean of all split halves, and Hoyt's analysis of variance."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from yardsticks.scores.reliability import cronbach_alpha, domain_parts, inner_consistency, spearman_brown


@pytest.fixture
def parts(rng):
    return pd.DataFrame(rng.normal(size=(60, 1)) + rng.normal(size=(60, 6)))


def test_alpha_is_the_mean_of_all_split_halves(parts):
    """By Cronbach's theorem, with the split-half formula of Flanagan and Rulon."""
    found = []
    for half in combinations(range(6), 3):
        first, second = parts[list(half)].sum(axis=1), parts.drop(columns=list(half)).sum(axis=1)
        found.append(2 * (1 - (first.var() + second.var()) / (first + second).var()))
    assert cronbach_alpha(parts) == pytest.approx(np.mean(found))


def test_alpha_is_hoyts_analysis_of_variance(parts):
    long = parts.reset_index().melt("index", var_name="part", value_name="score")
    table = sm.stats.anova_lm(smf.ols("score ~ C(index) + C(part)", long).fit())
    mean_squares = table["mean_sq"]
    assert cronbach_alpha(parts) == pytest.approx(1 - mean_squares["Residual"] / mean_squares["C(index)"])


def test_of_parts_with_one_variance_alpha_is_spearman_and_browns_formula(parts):
    alike = (parts - parts.mean()) / parts.std()
    mean_rho = alike.corr().to_numpy()[np.triu_indices(6, 1)].mean()
    assert cronbach_alpha(alike) == pytest.approx(spearman_brown(mean_rho, 6))
    assert spearman_brown(spearman_brown(0.3, 5), 1 / 5) == pytest.approx(0.3)


def test_degenerate_parts(parts):
    same = pd.DataFrame({"a": parts[0], "b": parts[0] + 1})
    assert cronbach_alpha(same) == pytest.approx(1)
    assert cronbach_alpha(same * [1, -1] + 0.1 * parts[[1, 2]].to_numpy()) < 0
    for few in (parts[[0]], parts.iloc[:2], parts * 0, parts * np.nan):
        assert np.isnan(cronbach_alpha(few))
    holes = parts.copy()
    holes.iloc[:20, 3] = np.nan
    assert cronbach_alpha(holes) == pytest.approx(cronbach_alpha(parts.iloc[20:]))


def test_each_area_alone(parts):
    areas = pd.Series(["V1", "V1", "V1", "IT", None, "V2"], index=range(6))
    with pytest.raises(ValueError, match="no area has two metrics"):
        inner_consistency(parts[[0, 3, 4]], areas, seed=1)
    holes = parts.copy()
    holes.iloc[:10, 5] = np.nan  # of another area
    got = inner_consistency(holes, areas, seed=1, n_resamples=50)
    assert list(got.index) == ["V1"]
    assert got.at["V1", "alpha"] == pytest.approx(cronbach_alpha(parts[[0, 1, 2]]))
    assert got.loc["V1", ["n_leaves", "n_models"]].tolist() == [3, 60]
    assert got.at["V1", "low"] < got.at["V1", "alpha"] < got.at["V1", "high"]
    assert spearman_brown(got.at["V1", "one_leaf"], 3) == pytest.approx(got.at["V1", "alpha"])


def test_the_averages_of_the_parts_are_the_domains(twin):
    areas = twin.areas(policy="available")
    parts = domain_parts(twin, areas, policy="available")
    assert list(parts["neural"]) == ["V1", "V2", "V4", "IT"]
    assert {"Rajalingham2018-i2n", "Geirhos2021-error_consistency"} <= set(parts["behaviour"])
    for domain, part in parts.items():
        assert np.allclose(part.mean(axis=1), areas[domain], equal_nan=True, atol=1e-9)
