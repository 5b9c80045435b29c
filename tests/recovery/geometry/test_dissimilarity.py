"""Similarity of geometries and effective dimensionality, against the explicit definitions and what theory asks."""

import re
from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import pdist

from yardsticks.recovery.geometry import dissimilarity as similarity_module
from yardsticks.recovery.geometry.dissimilarity import effective_dimensionality, similarities, similarity


def rdm_by_hand(x):
    """Squared distances a channel, pair by pair."""
    return np.array([np.mean((x[i] - x[j]) ** 2) for i, j in combinations(range(len(x)), 2)])


def covariance(n):
    """Covariance of the distances among n objects with independent equal noise: each pair's contrast with each other's.

    The entry of pairs (i, j) and (k, l) is the squared product of their contrasts e_i - e_j and e_k - e_l, up to scale.
    """
    contrasts = np.array([np.eye(n)[i] - np.eye(n)[j] for i, j in combinations(range(n), 2)])
    return (contrasts @ contrasts.T) ** 2


def whitened(a, b):
    """The whitened Pearson correlation by its definition: centre, solve with the covariance, cosine."""
    first, second = (rdm_by_hand(x) - rdm_by_hand(x).mean() for x in (a, b))
    v = covariance(len(a))
    inner = [p @ np.linalg.solve(v, q) for p, q in ((first, second), (first, first), (second, second))]
    return inner[0] / np.sqrt(inner[1] * inner[2])


def pair(rng, n=24, p=10, q=40):
    """Two embeddings that have something in common; the second has more channels than objects."""
    a = rng.standard_normal((n, p)) + 3
    return a, np.hstack([a, rng.standard_normal((n, q - p))])


def rotation(rng, p):
    return np.linalg.qr(rng.standard_normal((p, p)))[0]


class TestSimilarity:
    @pytest.mark.parametrize(("p", "q"), [(10, 40), (3, 5), (30, 60)])
    def test_against_the_explicit_covariance(self, rng, p, q):
        a, b = pair(rng, p=p, q=q)
        assert similarity(a, b) == pytest.approx(whitened(a, b), abs=1e-10)
        assert similarity(a, b**3) == pytest.approx(whitened(a, b**3), abs=1e-10)

    def test_unlike_a_plain_correlation(self, rng):
        a, b = pair(rng)
        a[0] += 8  # one object far from all others makes many distances large together
        b[0] += 8
        plain = stats.pearsonr(pdist(a, "sqeuclidean"), pdist(b, "sqeuclidean")).statistic
        assert similarity(a, b) < plain - 0.01

    def test_both_ways_to_multiply_agree(self, rng):
        a, b = pair(rng, n=12, p=30, q=50)  # more channels than objects: kernels
        few = [x @ np.linalg.svd(x, full_matrices=False)[2].T for x in (a, b)]  # the same geometry, as many as objects
        assert similarity(a, b) == pytest.approx(similarity(*few), abs=1e-12)
        x, y = (similarity_module._to_norm_one(z, "") for z in (a, b))
        assert similarity_module._product(x, y) == pytest.approx(np.square(x.T @ y).sum(), rel=1e-12)

    def test_rotation_shift_and_scale_change_nothing(self, rng):
        a, b = pair(rng)
        moved = 1e-3 * (b @ rotation(rng, b.shape[1])) + rng.standard_normal(b.shape[1])
        assert similarity(a, moved) == pytest.approx(similarity(a, b), abs=1e-12)
        assert similarity(b, moved) == pytest.approx(1, abs=1e-12)
        order = rng.permutation(len(a))
        assert similarity(a[order], b[order]) == pytest.approx(similarity(a, b), abs=1e-12)

    def test_a_single_feature_scaled_does_change_it(self, rng):
        a, _ = pair(rng)
        assert similarity(a, a * np.r_[5, np.ones(9)]) < 0.99

    def test_many_independent_features_are_unrelated(self, rng):
        values = [similarity(*rng.standard_normal((2, 30, 20))) for _ in range(200)]
        assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(200)

    def test_matrix_of_many(self, rng):
        a, b = pair(rng)
        c = rng.standard_normal((24, 1))
        table = similarities({"a": a, "b": b, "c": c})
        assert list(table.index) == list(table.columns) == ["a", "b", "c"]
        np.testing.assert_array_equal(table, table.T)
        np.testing.assert_array_equal(np.diag(table), 1)
        assert table.at["c", "a"] == similarity(a, c)

    @pytest.mark.parametrize(
        ("other", "message"),
        [
            (np.ones((24, 3)), "b: all objects are the same"),
            (np.eye(24), "b: all objects are equally far from one another"),
            (np.ones((23, 3)) * np.arange(23)[:, None], "embeddings of 23 and 24 objects cannot be compared"),
        ],
    )
    def test_without_a_geometry_it_is_refused(self, rng, other, message):
        with pytest.raises(ValueError, match=re.escape(message)):
            similarity(pair(rng)[0], other)


class TestEffectiveDimensionality:
    def test_against_the_eigenvalues(self, rng):
        for p in (4, 60):
            x = rng.standard_normal((30, p)) * np.linspace(0.1, 2, p) + 7
            values = np.linalg.eigvalsh(np.cov(x.T))
            assert effective_dimensionality(x) == pytest.approx(values.sum() ** 2 / (values**2).sum(), rel=1e-10)

    @pytest.mark.parametrize("k", [1, 3, 8])
    def test_k_equal_eigenvalues_are_k_dimensions(self, rng, k):
        x = rng.standard_normal((40, k))
        x = np.linalg.qr(x - x.mean(axis=0))[0]  # centred, orthonormal columns
        assert effective_dimensionality(x @ rotation(rng, 10)[:k]) == pytest.approx(k, rel=1e-10)

    def test_between_one_and_the_rank(self, rng):
        x = rng.standard_normal((20, 3)) @ rng.standard_normal((3, 15))
        assert 1 <= effective_dimensionality(x) <= 3
        assert effective_dimensionality(np.eye(12)) == pytest.approx(11)  # centring takes one

    def test_rotation_shift_and_scale_change_nothing(self, rng):
        x = rng.standard_normal((20, 6)) * np.arange(1, 7)
        moved = 50 * x @ rotation(rng, 6) + 1e3
        assert effective_dimensionality(moved) == pytest.approx(effective_dimensionality(x), rel=1e-9)

    def test_no_extent_is_refused(self):
        with pytest.raises(ValueError, match="the embedding: all objects are the same"):
            effective_dimensionality(np.full((5, 2), 0.1))


class TestShift:
    def test_a_multiple_of_the_identity_or_a_rotation_is_no_shift(self, rng):
        x = rng.standard_normal((30, 8))
        for w in (0.01 * np.eye(8), -3 * rotation(rng, 8)):
            assert similarity_module.shift(x, x @ w.T) == pytest.approx(0, abs=1e-12)

    def test_it_grows_with_the_way_gone(self, rng):
        x = rng.standard_normal((30, 8))
        w = np.diag(np.linspace(0, 2, 8))
        shifts = [similarity_module.shift(x, x @ ((1 - t) * np.eye(8) + t * w)) for t in (0.0, 0.3, 0.6, 1.0)]
        assert (np.diff(shifts) > 0).all()
        assert shifts[-1] <= 2
