"""Metric multidimensional scaling: exact where it can be, never worse from step to step, at a minimum in the end."""

import re

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.spatial import procrustes
from scipy.spatial.distance import pdist, squareform

from yardsticks.recovery.geometry import scaling
from yardsticks.recovery.geometry.scaling import scale


def stress_by_hand(target, points):
    """Normalised stress, pair by pair."""
    n = len(points)
    pairs = [(i, j) for i in range(n) for j in range(i)]
    away = [(np.linalg.norm(points[i] - points[j]) - target[i, j]) ** 2 for i, j in pairs]
    return np.sqrt(sum(away) / sum(target[i, j] ** 2 for i, j in pairs))


@pytest.fixture
def target(rng):
    """Dissimilarities that no plane has: distances in five dimensions, disturbed."""
    apart = squareform(pdist(rng.standard_normal((14, 5))))
    noise = rng.uniform(0, 0.3, apart.shape)
    return apart + np.triu(noise, 1) + np.triu(noise, 1).T


@pytest.mark.parametrize("n_dimensions", [1, 2])
def test_distances_that_can_be_embedded_are_embedded_exactly(rng, n_dimensions):
    points = rng.standard_normal((15, n_dimensions))
    found = scale(squareform(pdist(points)), seed=0)
    assert found.converged
    assert found.stress == pytest.approx(0, abs=1e-7)
    np.testing.assert_allclose(pdist(found.points), pdist(points), rtol=1e-6)
    if n_dimensions > 1:
        assert procrustes(points, found.points)[2] < 1e-12


def test_classical_scaling_is_exact_where_it_can_be(rng):
    points = rng.standard_normal((12, 3))
    np.testing.assert_allclose(pdist(scaling.classical(squareform(pdist(points)), 3)), pdist(points), rtol=1e-9)
    wide = scaling.classical(1 - np.eye(3), 5)  # fewer dimensions than asked for
    assert wide.shape == (3, 5)
    np.testing.assert_allclose(pdist(wide), 1)


def test_no_step_raises_the_stress(rng, target):
    points = rng.standard_normal((14, 2)) * 10
    course = []
    for _ in range(200):
        course.append(scaling.stress(target, points))
        points = scaling.majorise(target, points)
    assert (np.diff(course) <= 1e-14).all()
    assert course[-1] < course[0] / 5
    assert scaling.stress(target, points) == pytest.approx(stress_by_hand(target, points), rel=1e-12)


def test_the_end_is_a_minimum_of_the_stress(target, monkeypatch):
    monkeypatch.setattr(scaling, "TOLERANCE", 1e-14)
    found = scale(target, seed=0)

    def raw(flat):
        return np.square(pdist(flat.reshape(-1, 2)) - squareform(target, checks=False)).sum()

    again = minimize(raw, found.points.ravel(), method="L-BFGS-B")
    assert raw(found.points.ravel()) == pytest.approx(again.fun, rel=1e-6)
    assert found.stress == pytest.approx(stress_by_hand(target, found.points), rel=1e-12)


def test_more_starts_are_never_worse_and_the_same_seed_is_the_same_map(target, monkeypatch):
    many = scale(target, seed=3)
    np.testing.assert_array_equal(many.points, scale(target, seed=3).points)
    monkeypatch.setattr(scaling, "N_STARTS", 0)
    assert many.stress <= scale(target, seed=3).stress


def test_points_are_centred_on_their_principal_axes(target):
    points = scale(target, seed=0).points
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-12)
    products = points.T @ points
    assert products[0, 0] >= products[1, 1]
    assert abs(products[0, 1]) < 1e-10 * products[0, 0]
    assert (points[np.abs(points).argmax(axis=0), [0, 1]] > 0).all()


def test_scale_of_the_dissimilarities_scales_the_points(target):
    one, thousand = (scale(factor * target, seed=0) for factor in (1, 1000))
    np.testing.assert_allclose(thousand.points, 1000 * one.points, rtol=1e-6)
    assert thousand.stress == pytest.approx(one.stress)


def test_objects_in_one_place_share_it():
    target = squareform(pdist(np.array([[0.0, 0], [0, 0], [3, 0], [0, 4]])))
    found = scale(target, seed=0)
    np.testing.assert_allclose(pdist(found.points), squareform(target), atol=1e-4)


def test_an_end_before_convergence_is_told(target, monkeypatch):
    monkeypatch.setattr(scaling, "MAX_STEPS", 2)
    assert not scale(target, seed=0).converged


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (np.zeros((3, 3)), "all dissimilarities are zero"),
        (np.ones((3, 2)), "shape (3, 2)"),
        (np.ones((3, 3)), "zero on the diagonal"),
        (np.triu(np.ones((3, 3)), 1), "symmetric"),
        (-1 + np.eye(3), "not negative"),
        (np.where(np.eye(3), 0, np.nan), "finite"),
    ],
)
def test_what_are_no_dissimilarities_is_refused(target, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        scale(target, seed=0)


def test_a_seed_is_needed(target):
    with pytest.raises(ValueError, match="seed is None"):
        scale(target, seed=None)
