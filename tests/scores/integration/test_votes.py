"""Votes of the metrics against well-kept implementations on shared inputs, loops by hand, and what must not matter.

The expected values of the shared inputs are those of pref_voting 1.18.2 (Borda, Copeland, Kemeny-Young) and of choix
(Bradley-Terry, `opt_pairwise` with alpha=5e-4), which the environment does not have; Borda's sum is also that of the
leaderboard of mteb 2.26: over the tasks, the number of models less the mean rank from above.
"""

import itertools

import numpy as np
import pandas as pd
import pytest

from yardsticks.scores.integration.kemeny import kemeny_order
from yardsticks.scores.integration.votes import VOTES, Ballots, vote, vote_many

FULL = pd.DataFrame(
    [[1, 4, 2, 3, 6, 5, 0], [0, 1, 3, 6, 4, 2, 5], [6, 2, 3, 1, 0, 5, 4], [2, 1, 4, 3, 0, 6, 5], [3, 5, 4, 2, 0, 6, 1]]
).T
HOLED = pd.DataFrame(
    [
        [-0.63, np.nan, -0.71, 0.55, -0.06, -0.59],
        [0.41, 0.83, -1.64, -0.26, -0.98, -0.17],
        [-1.29, 0.02, -0.04, np.nan, -1.05, -0.4],
        [np.nan, -1.36, 0.22, -1.11, 1.17, 0.72],
    ]
).T


def draw(rng, n_models=6, n_metrics=5, holes=0.2):
    values = np.round(rng.normal(size=(n_models, n_metrics)), 1)
    values[rng.random(values.shape) < holes] = np.nan
    return pd.DataFrame(values, [f"m{k}" for k in range(n_models)], [f"s{k}" for k in range(n_metrics)])


def test_borda_and_copeland_are_those_of_pref_voting():
    n, n_metrics = FULL.shape
    assert (vote(FULL, scheme="borda") * (n - 1) * n_metrics).round(6).tolist() == [12, 13, 16, 15, 10, 24, 15]
    by_mteb = (n - FULL.rank(ascending=False)).sum(axis=1)
    np.testing.assert_allclose(vote(FULL, scheme="borda") * (n - 1) * n_metrics, by_mteb)
    # there: wins less losses; here: the share of wins
    assert ((2 * vote(FULL, scheme="copeland") - 1) * (n - 1)).round(6).tolist() == [-2, 0, 2, 0, -6, 6, 0]


def test_kemeny_is_that_of_pref_voting():
    wins, _ = Ballots(FULL).against(np.ones(5))
    found = kemeny_order(wins)
    assert (found.cost, found.bound) == (35, 35)
    assert found.order.tolist() in ([5, 2, 1, 3, 0, 6, 4], [5, 6, 2, 1, 3, 0, 4])
    score = vote(FULL, scheme="kemeny")
    assert score.sort_values(ascending=False).index.tolist() == found.order.tolist()


def test_bradley_terry_is_that_of_choix():
    expected = [-0.4503516087, 0.7061361396, -0.7462983695, 0.1181058289, 0.0848353222, 0.2875726875]
    np.testing.assert_allclose(vote(HOLED, scheme="bradley_terry"), expected, atol=1e-6)


@pytest.mark.parametrize("number", range(8))
def test_kemeny_is_the_best_of_all_orders(number, rng):
    parts = draw(rng)
    wins, _ = Ballots(parts).against(rng.integers(0, 3, parts.shape[1]).astype(float))
    least = min(
        sum(wins[later, earlier] for earlier, later in itertools.combinations(order, 2))
        for order in itertools.permutations(range(len(parts)))
    )
    found = kemeny_order(wins)
    assert found.cost == pytest.approx(least)
    assert found.bound == pytest.approx(least)
    assert sorted(found.order) == list(range(len(parts)))


def test_kemeny_that_runs_out_of_time_tells_its_gap(rng, monkeypatch):
    monkeypatch.setattr("yardsticks.scores.integration.kemeny._SECONDS", 0.0)
    wins, _ = Ballots(draw(rng, 20, 7, 0.0)).against(np.ones(7))
    hasty = kemeny_order(wins)
    monkeypatch.undo()
    best = kemeny_order(wins)
    assert hasty.bound < best.bound == pytest.approx(best.cost)
    assert best.cost <= hasty.cost < 1.1 * best.cost


def test_models_with_the_same_scores_share_a_place_under_every_vote(rng):
    parts = draw(rng, 5, 6, 0.2)
    parts.iloc[[0, 3]] = parts.iloc[[0]].to_numpy()
    for scheme in VOTES:
        score = vote(parts, scheme=scheme)
        assert score["m0"] == score["m3"], scheme
    alike = pd.DataFrame({"a": [2.0, 3.0, 2.0, 1.0], "b": [2.0, 3.0, 2.0, 1.0]})
    assert vote(alike, scheme="kemeny").rank(ascending=False, method="min").tolist() == [2, 1, 2, 4]


@pytest.mark.parametrize("number", range(4))
def test_shares_and_majorities_by_hand(number, rng):
    parts = draw(rng)
    weights = pd.Series(rng.integers(0, 3, parts.shape[1]), parts.columns)
    repeated = parts[[metric for metric in parts for _ in range(weights[metric])]]

    def half(a, b):
        return 1.0 if a > b else 0.5 if a == b else 0.0

    for model in parts.index:
        others = [other for other in parts.index if other != model]
        shares, majorities = [], []
        for metric in range(repeated.shape[1]):
            column = repeated.iloc[:, metric]
            met = [half(column[model], column[other]) for other in others if not np.isnan(column[[model, other]]).any()]
            shares += [np.mean(met)] if met else []
        for other in others:
            pair = repeated.loc[[model, other]].dropna(axis=1).to_numpy()
            if pair.shape[1]:
                lead = np.sign(pair[0] - pair[1]).sum()
                majorities.append(half(lead, 0))
        expected = {
            "borda": np.mean(shares) if shares else np.nan,
            "median": np.median(shares) if shares else np.nan,
            "copeland": np.mean(majorities) if majorities else np.nan,
        }
        for scheme, value in expected.items():
            assert vote(parts, scheme=scheme, weights=weights)[model] == pytest.approx(value, nan_ok=True), scheme


def test_first_component_is_that_of_a_decomposition(rng):
    parts = draw(rng, 30, 6, 0.0) + rng.normal(size=(30, 1))
    z = ((parts - parts.mean()) / parts.std(ddof=0)).to_numpy()
    loadings = np.linalg.svd(z)[2][0]
    loadings *= np.sign(loadings.sum())
    expected = z @ loadings / np.abs(loadings).sum()
    np.testing.assert_allclose(vote(parts, scheme="pca"), expected, atol=1e-8)


@pytest.mark.parametrize("scheme", VOTES)
def test_what_does_not_matter(scheme, rng):
    parts = draw(rng, 7, 5, 0.1)
    score = vote(parts, scheme=scheme)
    np.testing.assert_allclose(vote(parts[parts.columns[::-1]], scheme=scheme), score)
    np.testing.assert_allclose(vote(7 * parts + 3, scheme=scheme), score, atol=1e-8)
    doubled = pd.concat([parts, parts.add_suffix(" again")], axis=1)
    twice = vote(parts, scheme=scheme, weights=pd.Series(2, parts.columns))
    np.testing.assert_allclose(vote(doubled, scheme=scheme), twice, atol=1e-8)
    if scheme != "kemeny":  # of several orders that are as good it takes one
        np.testing.assert_allclose(vote(parts[::-1], scheme=scheme)[::-1], score, atol=1e-8)
    counts = rng.integers(0, 3, (4, 5))
    counts[:, 0] = 1
    for found, row in zip(vote_many(parts, counts, scheme=scheme).to_numpy().T, counts, strict=True):
        np.testing.assert_allclose(found, vote(parts, scheme=scheme, weights=pd.Series(row, parts.columns)), atol=1e-8)


@pytest.mark.parametrize("scheme", VOTES)
def test_one_metric_is_its_own_order_and_who_is_not_compared_has_no_score(scheme):
    parts = pd.DataFrame({"a": [0.1, 0.7, 0.4, np.nan], "b": [np.nan] * 4}, index=list("wxyz"))
    score = vote(parts, scheme=scheme)
    assert score.dropna().sort_values().index.tolist() == ["w", "y", "x"]
    assert np.isnan(score["z"])
