"""Resamples as counts against loops that ask scipy and pandas for each; p values by random orders against scipy's."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as sps

from yardsticks.stats import METHODS, correlate, draw_counts, resampled_correlations, resampling

ORACLES = {"spearman": sps.spearmanr, "kendall": sps.kendalltau, "pearson": sps.pearsonr}


def scores(rng, n_rows=25, n_columns=5, holes=0.0):
    """Correlated columns with ties, one of few values, and with holes in every pattern."""
    data = np.round(rng.normal(size=(n_rows, 1)) + rng.normal(size=(n_rows, n_columns)), 1)
    data[:, 0] = data[:, 0] > 0.5
    data[rng.random(data.shape) < holes] = np.nan
    return data


def drawn(data, times):
    return data[np.repeat(np.arange(len(times)), times)]


def alone(x, y, method):
    both = ~np.isnan(x) & ~np.isnan(y)
    if both.sum() < 3 or np.ptp(x[both]) == 0 or np.ptp(y[both]) == 0:
        return np.nan
    return ORACLES[method](x[both], y[both]).statistic


def test_counts_are_those_of_the_rows_drawn(rng):
    clusters = np.array(["b", "a", "b", "c", "c", "c"])
    counts = draw_counts(clusters, n=500, rng=rng)
    assert counts.shape == (500, 6)
    for name in "abc":
        members = counts[:, clusters == name]
        assert (members == members[:, :1]).all()
        assert members[:, 0].mean() == pytest.approx(1, abs=4 * np.sqrt(2 / 3 / 500))
    assert (counts[:, [1, 0, 3]].sum(axis=1) == 3).all()  # one of each: as many clusters as there are
    rows = draw_counts(np.arange(9), n=50, rng=np.random.default_rng(3))
    again = np.random.default_rng(3).integers(9, size=(50, 9))
    assert (rows == [np.bincount(picks, minlength=9) for picks in again]).all()


@pytest.mark.parametrize("holes", [0.0, 0.3])
@pytest.mark.parametrize("method", METHODS)
def test_each_resample_as_scipy_and_pandas_on_its_rows(rng, method, holes):
    data = scores(rng, holes=holes)
    counts = draw_counts(np.arange(25), n=12, rng=rng)
    counts[0] = 0
    counts[0, 3] = 25  # one row alone: nothing varies
    found = resampled_correlations(data, counts, method=method)
    first, second = np.triu_indices(5, 1)
    assert found.shape == (10, 12)
    for resample, times in enumerate(counts):
        rows = drawn(data, times)
        expected = [alone(rows[:, a], rows[:, b], method) for a, b in zip(first, second, strict=True)]
        np.testing.assert_allclose(found[:, resample], expected, atol=1e-12)
        theirs = pd.DataFrame(rows).corr(method, min_periods=3).to_numpy()[first, second]
        np.testing.assert_allclose(found[:, resample], theirs, atol=1e-12)
    assert np.isnan(found[:, 0]).all()


@pytest.mark.parametrize("method", METHODS)
def test_blocks_make_no_difference(rng, method, monkeypatch):
    data, counts = scores(rng, holes=0.1), draw_counts(np.arange(25), n=9, rng=rng)
    whole = resampled_correlations(data, counts, method=method)
    monkeypatch.setattr(resampling, "_BLOCK", 500)
    monkeypatch.setattr(resampling, "_KEPT", 0)
    np.testing.assert_allclose(resampled_correlations(data, counts, method=method), whole, atol=1e-14)


def test_sums_too_large_for_32_bits_are_exact(rng):
    data = np.round(rng.normal(size=(900, 2)), 2)
    counts = draw_counts(np.arange(900), n=3, rng=rng)
    found = resampled_correlations(data, counts, method="spearman")
    expected = [sps.spearmanr(drawn(data, times)).statistic for times in counts]
    np.testing.assert_allclose(found[0], expected, atol=1e-14)


@pytest.mark.parametrize("method", METHODS)
def test_monotone_transforms_leave_resamples_of_ranks_unchanged(rng, method):
    data, counts = scores(rng), draw_counts(np.arange(25), n=9, rng=rng)
    changed = np.column_stack([np.exp(data[:, :2]), 1e6 + 3 * data[:, 2:]])
    same = np.allclose(
        resampled_correlations(data, counts, method=method), resampled_correlations(changed, counts, method=method)
    )
    assert same == (method != "pearson")


@pytest.mark.parametrize("method", METHODS)
def test_p_by_random_orders_as_scipys(rng, method):
    few = pd.DataFrame(np.round(rng.normal(size=(14, 1)) + 1.5 * rng.normal(size=(14, 2)), 0), columns=["a", "b"])
    tied = pd.DataFrame(rng.normal(size=(40, 2)), columns=["a", "b"])
    tied.loc[tied["a"] < 1, "a"] = 0.0
    n = 400 if method == "kendall" else 9999
    for values in (few, tied):
        x, y = (sps.rankdata(values[name]) if method == "spearman" else values[name].to_numpy() for name in "ab")

        def size(order, axis, x=x):
            if method == "kendall":
                return np.apply_along_axis(lambda one: abs(sps.kendalltau(x, one).statistic), axis, order)
            return np.abs(((order - order.mean(axis=axis, keepdims=True)) * (x - x.mean())).mean(axis=axis)).round(12)

        options = {"permutation_type": "pairings", "alternative": "greater", "vectorized": True}
        theirs = sps.permutation_test([y], size, n_resamples=n, rng=np.random.default_rng(1), **options).pvalue
        ours = correlate(values, policy="complete", method=method, seed=2).p.at["a", "b"]
        assert ours == pytest.approx(theirs, abs=4 * np.sqrt(0.5 / n))
        assert ours != correlate(values, policy="complete", method=method).p.at["a", "b"]
        assert ours == correlate(values, policy="complete", method=method, seed=2).p.at["a", "b"]


def test_p_of_many_rows_without_ties_is_not_drawn(rng):
    values = pd.DataFrame(rng.normal(size=(30, 3)))
    drawn_p, p = (correlate(values, policy="complete", seed=seed).p for seed in (1, None))
    pd.testing.assert_frame_equal(drawn_p, p)


@pytest.mark.parametrize("n", [12, 33, 34, 60])
def test_kendall_without_ties_as_scipy(rng, n):
    data = pd.DataFrame({"x": np.arange(n), "random": rng.permutation(n), "up": np.arange(n), "down": -np.arange(n)})
    data.loc[[3, 4], "up"] = [4, 3]  # one pair out of order
    result = correlate(data.astype(float), policy="complete", method="kendall")
    for other in ("random", "up", "down"):
        expected = sps.kendalltau(data["x"], data[other])
        assert result.corr.at["x", other] == pytest.approx(expected.statistic, abs=1e-14)
        assert result.p.at["x", other] == pytest.approx(expected.pvalue, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("missing", [None, np.nan])
def test_a_row_without_a_cluster_is_refused(rng, missing):
    clusters = np.array(["a", "b", missing, "b"], dtype=object)
    with pytest.raises(ValueError, match=r"^row 2 \(from 0\) has no cluster to be drawn with: (None|nan)\."):
        draw_counts(clusters, n=3, rng=rng)
    with pytest.raises(ValueError, match=r"row 1 .* has no cluster"):
        draw_counts(np.array([1.0, np.nan]), n=3, rng=rng)
