"""Correlations without noise: what is known of simulated tables comes back, and Spearman's formula by hand."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from yardsticks.scores.reliability import (
    Noise,
    correct_for_noise,
    disattenuate,
    domains_without_noise,
    key_noise,
    noise_again,
    noise_shares,
    reliability,
    reliability_by_area,
)
from yardsticks.scores.reliability.attenuation import ALL


def simulate(rng, reliabilities, r, n=150, n_networks=80):
    """Draw models whose true scores all correlate at r (Pearson), and networks that were measured twice."""
    k = len(reliabilities)
    root = np.linalg.cholesky(np.full((k, k), r) + (1 - r) * np.eye(k))
    noise = np.sqrt(1 / np.array(reliabilities) - 1)

    def measure(true):
        return pd.DataFrame(true + noise * rng.normal(size=true.shape))

    values = measure(rng.normal(size=(n, k)) @ root.T).rename(index=lambda row: f"m{row}")
    true = rng.normal(size=(n_networks, k)) @ root.T
    again = pd.concat([measure(true), measure(true)], ignore_index=True).rename(index=lambda row: f"n{row}")
    label = pd.Series([f"network {row % n_networks}" for row in range(2 * n_networks)], again.index)
    return values, noise_again(again, label)


def spearman_of(r):
    """Spearman's correlation of a normal pair that correlates at r."""
    return 6 / np.pi * np.arcsin(r / 2)


def test_known_reliability_and_correlation_come_back_within_the_stated_error(rng):
    reliabilities, r = (0.8, 0.5), 0.6
    found, covered = [], []
    areas = pd.Series({0: "IT", 1: "behaviour"})
    for run in range(20):
        values, noise = simulate(rng, reliabilities, r)
        row = correct_for_noise(values, areas, {"again": noise}, seed=run, n_resamples=50, kinds=(ALL,)).iloc[1]
        found.append([*reliability(values, noise), row["rho"], row["raw"]])
        covered.append(row["low"] <= spearman_of(r) <= row["high"])
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(mean[:3] - [*reliabilities, spearman_of(r)]) < 3 * error[:3]).all(), (mean, error)
    assert mean[3] < spearman_of(r) - 10 * error[3], "as measured it is far lower"
    assert np.mean(covered) >= 0.85  # of intervals of 95 %, from 50 resamples each


def test_the_mean_of_many_pairs_comes_back(rng):
    values, noise = simulate(rng, np.linspace(0.3, 1, 20), 0.4, n=400, n_networks=200)
    rho = values.corr(method="spearman")
    assert disattenuate(rho, reliability(values, noise)) == pytest.approx(spearman_of(0.4), abs=0.05)
    assert rho.to_numpy()[np.triu_indices(20, 1)].mean() < 0.3


def test_one_pair_is_spearmans_formula_and_many_are_a_ratio_of_means(rng):
    rho = pd.DataFrame(rng.normal(size=(30, 4))).corr(method="spearman")
    r = pd.Series([0.9, 0.4, 0.7, -0.2])
    pair = np.zeros((4, 4), bool)
    pair[0, 2] = True
    assert disattenuate(rho, r, pair) == pytest.approx(rho.at[0, 2] / np.sqrt(0.9 * 0.7))
    above = below = 0.0
    for a in range(4):
        for b in range(a + 1, 4):
            above += rho.at[a, b]
            below += np.sqrt(max(r[a], 0) * max(r[b], 0))  # below 0 counts as 0
    assert disattenuate(rho, r) == pytest.approx(above / below)
    assert disattenuate(rho, pd.Series(1.0, range(4))) == pytest.approx(rho.to_numpy()[np.triu_indices(4, 1)].mean())
    assert np.isnan(disattenuate(rho, pd.Series(0.0, range(4))))
    assert np.isnan(disattenuate(rho, pd.Series(np.nan, range(4))))


@pytest.fixture
def three(rng):
    base = rng.normal(size=(50, 1))
    values = pd.DataFrame(base + rng.normal(size=(50, 3)), [f"m{i}" for i in range(50)], ["v1", "it", "b"])
    return values, pd.Series({"v1": "V1", "it": "IT", "b": "behaviour"})


def test_no_noise_changes_nothing_and_much_changes_much(three):
    values, areas = three
    sure = Noise(values * 0.0, values * 0.0 + 1, pd.Series(values.index, values.index))
    half = sure._replace(squares=values * 0.0 + values.var() / 2)
    got = correct_for_noise(values, areas, {"none": sure, "half": half}, seed=1, n_resamples=20)
    assert list(got["kind"].unique()) == [ALL, "two neural metrics", "one of each"]
    by = got.set_index(["kind", "source"])
    rho = values.corr(method="spearman")
    for kind, raw in ((ALL, rho.to_numpy()[np.triu_indices(3, 1)].mean()), ("two neural metrics", rho.at["v1", "it"])):
        assert by.at[(kind, "as measured"), "rho"] == pytest.approx(raw)
        assert by.loc[(kind, "none"), "rho":].equals(by.loc[(kind, "as measured"), "rho":])
        assert by.at[(kind, "half"), "rho"] == pytest.approx(2 * raw)
    shares = noise_shares(values, {"none": sure, "half": half}, seed=1, n_resamples=20)
    share = shares.loc["half"]
    raw = by.at[(ALL, "as measured"), "rho"]
    assert share["share"] == pytest.approx(raw / (1 - raw))
    assert share["low"] < share["share"] < share["high"]
    assert shares.loc["none"].abs().max() < 1e-12
    assert (by["low"] < by["rho"]).all()
    assert (by["n_networks"] == 50).all()


def test_as_measured_with_holes_is_the_mean_of_the_pairs(rng):
    values = pd.DataFrame(rng.normal(size=(60, 1)) + rng.normal(size=(60, 4)), [f"m{i}" for i in range(60)])
    values.iloc[[3, 20, 41], 1] = np.nan
    sure = Noise(values.fillna(0) * 0, values.notna().astype(float), pd.Series(values.index, values.index))
    got = correct_for_noise(values, pd.Series("IT", range(4)), {"none": sure}, seed=1, n_resamples=40, kinds=(ALL,))
    pairs = [values[[a, b]].dropna().corr(method="spearman").iat[0, 1] for a, b in combinations(range(4), 2)]
    for row in got.itertuples():
        assert row.n_pairs == 6
        assert row.raw == pytest.approx(np.mean(pairs))
        assert row.rho == pytest.approx(np.mean(pairs))
        assert row.low < row.rho < row.high


def test_metrics_of_which_nothing_is_known_are_in_no_corrected_pair(three):
    values, areas = three
    noise = Noise(values * 0.0, values * 0.0 + 1, pd.Series(values.index, values.index))
    noise.weights["b"] = 0.0
    got = correct_for_noise(values, areas, {"known": noise}, seed=1, n_resamples=5).set_index(["kind", "source"])
    assert got["n_pairs"].to_dict() == {
        (ALL, "as measured"): 3, (ALL, "known"): 1,
        ("two neural metrics", "as measured"): 1, ("two neural metrics", "known"): 1,
        ("one of each", "as measured"): 2,
    }  # fmt: skip
    keyed = key_noise(got.reset_index().replace("known", "published errors"))
    assert keyed.at[("all", "published"), "n_pairs"] == 1
    assert keyed.at[("between", "measured"), "n_pairs"] == 2
    with pytest.raises(ValueError, match="neither errors nor a network in two rows"):
        correct_for_noise(values, areas, {}, seed=1)
    with pytest.raises(ValueError, match="a pair needs 2 metrics, and there are 1"):
        correct_for_noise(values[["b"]], areas, {"known": noise}, seed=1)


def test_families_are_drawn_with_the_networks_that_are_of_them(three):
    values, areas = three
    again = values.iloc[:10] + 0.3
    noise = noise_again(
        pd.concat([values.iloc[:10].rename(index=lambda m: f"{m}-again"), again]),
        pd.Series({f"{model}{end}": model for model in again.index for end in ("", "-again")}),
    )
    families = pd.Series({model: f"f{int(model[1:]) // 5}" for model in values.index})
    families = pd.concat([families, families[again.index].rename(index=lambda model: f"{model}-again")])
    options = {"seed": 3, "n_resamples": 40, "kinds": (ALL,)}
    one = correct_for_noise(values, areas, {"again": noise}, families=families, **options).iloc[1]
    assert one["rho"] == pytest.approx(correct_for_noise(values, areas, {"again": noise}, **options).iloc[1]["rho"])
    assert one["low"] < one["rho"] < one["high"]
    assert one["n_networks"] == 10
    few = families.map(lambda name: "one")
    assert np.isnan(correct_for_noise(values, areas, {"again": noise}, families=few, **options).iloc[1]["low"])


def test_reliabilities_by_area_are_medians(three):
    values, areas = three
    noise = Noise(values * 0.0, values * 0.0 + 1, pd.Series(values.index, values.index))
    noise.squares[:] = np.array([0.1, 0.3, 0.5]) * values.var().to_numpy()
    got = reliability_by_area(values, areas.replace("IT", "V1"), {"errors": noise})
    assert got["errors"].round(6).to_dict() == {"V1": 0.8, "behaviour": 0.5}
    assert got["n_metrics"].to_dict() == {"V1": 2, "behaviour": 1}


def test_the_two_domains_by_hand(three):
    values, _ = three
    domains = pd.DataFrame({"neural": values[["v1", "it"]].mean(axis=1), "behaviour": values["b"]})
    parts = {"neural": values[["v1", "it"]], "behaviour": values[["b", "it"]]}
    noise = Noise(domains * 0.0 + 0.2, domains * 0.0 + 1, pd.Series(domains.index, domains.index))
    got = domains_without_noise(domains, parts, {"again": noise}, seed=1, n_resamples=30)
    rho = domains["neural"].corr(domains["behaviour"], method="spearman")
    share = 1 - 0.2 / domains.var()
    assert got.at["as measured", "rho"] == pytest.approx(rho)
    assert got.at["again", "neural"] == pytest.approx(share["neural"])
    assert got.at["again", "rho"] == pytest.approx(rho / np.sqrt(share.prod()))
    alpha = [2 * (1 - part.var().sum() / part.sum(axis=1).var()) for part in parts.values()]
    assert got.iloc[-1]["rho"] == pytest.approx(rho / np.sqrt(np.prod(alpha)))
    assert (got["low"] < got["rho"]).all()
    assert list(key_noise(got.rename(index={"again": "published errors"})).index) == ["measured", "published", "alpha"]
