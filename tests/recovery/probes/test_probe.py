"""Probes: fits from features and triplets, and the scores of what was fitted, against formulas spelt out."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.special
import torch

from yardsticks.datasets import Origin
from yardsticks.recovery.data.features import Features
from yardsticks.recovery.probes.fitting import fit_batch, fit_path, fit_probe, measure_gap
from yardsticks.recovery.triplets.choices import accuracy, nll
from yardsticks.recovery.triplets.triplets import Triplets

TIGHT = {"tolerance": 1e-11}
KINDS = [
    {"transform": "full"},
    {"transform": "full", "penalty": "frobenius"},
    {"transform": "diagonal"},
    {"transform": "low_rank", "rank": 4},
    {"transform": "low_rank", "rank": 4, "start": "features"},
    {"transform": "low_rank", "rank": 4, "low_rank_penalty": "published"},
    {"transform": "none"},
    {"transform": "full", "solver": "published"},
    {"transform": "diagonal", "solver": "published"},
    {"transform": "low_rank", "rank": 4, "solver": "published"},
]


def kind_name(kind):
    return "-".join(map(str, kind.values()))


@pytest.fixture
def world(rng):
    """Forty objects with sixty features, a dozen of them held out, and answered triplets within both sets."""
    features = rng.normal(size=(40, 60)) + 0.2
    z = features * np.geomspace(1, 0.05, 60)

    def draw(objects, n):
        shown = np.array([rng.choice(objects, 3, replace=False) for _ in range(n)])
        return answered(z @ z.T, shown, rng)

    return features, draw(np.arange(28), 400), draw(np.arange(28, 40), 150)


def answered(scores, objects, rng):
    logits = by_hand(scores, objects)
    return Triplets(objects, np.argmax(logits + rng.gumbel(size=logits.shape), axis=1), len(scores))


def by_hand(scores, objects):
    return np.array([[scores[b, c], scores[a, c], scores[a, b]] for a, b, c in objects])


@pytest.mark.parametrize("kind", KINDS, ids=kind_name)
def test_logits_and_scores_are_those_of_the_weights(world, kind):
    features, train, test = world
    probe = fit_probe(features, train, strength=0.05, **kind)
    shape = {"full": (60, 60), "diagonal": (60,), "low_rank": (4, 60), "none": (60,)}[kind["transform"]]
    assert probe.weights.shape == shape
    assert probe.n_features == 60
    weights = probe.weights.astype(float)
    z = features * weights if weights.ndim == 1 else features @ weights.T
    size = np.abs(z @ z.T).max()
    np.testing.assert_allclose(probe.scores(features), z @ z.T, rtol=0, atol=1e-5 * size)
    warm = replace(probe, temperature=2.5)
    logits = by_hand(z @ z.T, test.objects) / 2.5
    np.testing.assert_allclose(warm.logits(features, test), logits, rtol=0, atol=1e-5 * size)
    score = warm.score(features, test)
    chances = scipy.special.softmax(logits, axis=1)
    assert score.accuracy == (logits.argmax(axis=1) == test.odd).mean()
    assert score.nll == pytest.approx(-np.log(chances[np.arange(len(test)), test.odd]).mean(), abs=1e-5)


@pytest.mark.parametrize("kind", KINDS, ids=kind_name)
def test_record_is_of_the_weights(world, kind):
    features, train, _ = world
    probe = fit_probe(features, train, strength=0.05, **kind)
    w = probe.weights.astype(float)
    record = probe.record
    assert record.nll == pytest.approx(probe.score(features, train).nll, abs=1e-5)
    if probe.penalty == "frobenius":
        penalty = (w**2).sum()
    elif w.ndim == 1:
        penalty = ((w - w.mean()) ** 2).sum()
    else:
        if probe.transform == "low_rank":
            w = w.T @ w if kind.get("low_rank_penalty") == "published" else w @ w.T
        penalty = ((w - np.trace(w) / len(w) * np.eye(len(w))) ** 2).sum()
    expected = record.nll if probe.transform == "none" else record.nll + 0.05 * penalty
    assert record.objective == pytest.approx(expected, abs=2e-5)
    assert record.converged
    assert record.status == ("not_fitted" if probe.transform == "none" else "converged")
    assert record.solver == ("none" if probe.transform == "none" else kind.get("solver", "exact"))
    assert np.isnan(record.gap)
    if record.solver == "exact":
        assert (record.n_used, record.rank) == (28, 28)
        assert record.decrement < record.tolerance == 1e-5
    assert record.n_evaluations == 0 if probe.transform == "none" else record.n_evaluations > 1


def test_fit_recovers_what_made_the_answers(rng):
    features = rng.normal(size=(60, 8))
    z = features * np.array([2.0, 2, 2, 0, 0, 0, 0, 0])
    objects = np.array([rng.choice(60, 3, replace=False) for _ in range(6000)])
    triplets = answered(z @ z.T, objects, rng)
    for kind in ({"transform": "full"}, {"transform": "diagonal"}, {"transform": "low_rank", "rank": 3}):
        probe = fit_probe(features, triplets, strength=1e-4, **kind)
        away = probe.scores(features) - z @ z.T
        assert np.linalg.norm(away) < 0.15 * np.linalg.norm(z @ z.T)
    nothing = fit_probe(features, triplets, strength=1e-4, transform="none")
    assert probe.score(features, triplets).accuracy > nothing.score(features, triplets).accuracy + 0.1


def test_tied_answers_get_their_share_of_credit():
    logits = np.array([[1.0, 1, 0], [2, 2, 2], [0, 3, 1], [0, 3, 1], [5, 1, 5]])
    odd = np.array([0, 2, 1, 0, 1])
    assert accuracy(logits, odd) == pytest.approx((1 / 2 + 1 / 3 + 1 + 0 + 0) / 5)
    assert nll(np.zeros((4, 3)), np.array([0, 1, 2, 0])) == pytest.approx(np.log(3))
    assert nll(np.array([[1e5, 0, 0]]), np.array([1])) == pytest.approx(1e5)


def test_probe_of_zero_weights_is_at_chance(world):
    features, train, test = world
    probe = fit_probe(features, train, strength=1.0, transform="diagonal", **TIGHT)
    score = replace(probe, core=np.zeros(60)).score(features, test)
    assert score.accuracy == pytest.approx(1 / 3)
    assert score.nll == pytest.approx(np.log(3))


def test_path_and_batch_are_single_fits(world):
    features, train, _ = world
    strengths = [0.02, 2.0, 0.2]
    options = {"strengths": strengths, **TIGHT}
    path = fit_path(features, train, **options)
    other = features[:, :9], train.subset(slice(0, 250))
    batch = fit_batch([(features, train), other], **options)
    for strength, along, beside in zip(strengths, path, batch[0], strict=True):
        alone = fit_probe(features, train, strength=strength, **TIGHT)
        assert alone.strength == along.strength == beside.strength == strength
        assert along.record.objective == pytest.approx(alone.record.objective, abs=1e-8)
        assert beside.record.objective == pytest.approx(alone.record.objective, abs=1e-6)
        scores = alone.scores(features)
        np.testing.assert_allclose(along.scores(features), scores, rtol=0, atol=1e-4 * scores.max())
    last = fit_probe(*other, strength=0.2, **TIGHT)
    assert batch[1][2].record.objective == pytest.approx(last.record.objective, abs=1e-6)
    assert batch[1][2].weights.shape == (9, 9)


def test_single_strength_is_a_path_of_one(world):
    features, train, _ = world
    (probe,) = fit_path(features, train, strengths=0.1)
    ((other,),) = fit_batch([(features, train)], strengths=np.float32(0.1))
    alone = fit_probe(features, train, strength=0.1)
    assert probe.strength == alone.strength == 0.1
    assert other.strength == np.float32(0.1)
    np.testing.assert_array_equal(probe.weights, alone.weights)


@pytest.mark.parametrize("kind", KINDS, ids=kind_name)
def test_features_as_opened_are_fitted_as_arrays_are(world, kind):
    values, train, test = world
    values = values.astype(np.float32)
    opened = Features(values, np.ones(40, bool), "mine", "Mine", Origin("mine", "real", "", "Mine"))
    ours, plain = (fit_probe(features, train, strength=0.1, **kind) for features in (opened, values))
    np.testing.assert_array_equal(ours.weights, plain.weights)
    np.testing.assert_array_equal(ours.logits(opened, test), plain.logits(values, test))
    np.testing.assert_array_equal(ours.scores(opened), plain.scores(values))
    assert ours.score(opened, test) == plain.score(values, test)
    if kind["transform"] in ("full", "diagonal"):
        assert measure_gap(ours, opened, train) == measure_gap(plain, values, train)


def test_missing_objects_of_opened_features_are_said(world):
    values, train, _ = world
    values[3] = np.nan
    present = np.arange(40) != 3
    opened = Features(values.astype(np.float32), present, "mine", "Mine", Origin("mine", "real", "", "Mine"))
    with pytest.raises(ValueError, match="object 3 are not finite; leave its triplets out"):
        fit_probe(opened, train, strength=0.1)
    assert fit_probe(opened, train.within(present), strength=0.1).record.converged


@pytest.mark.parametrize("kind", KINDS, ids=kind_name)
def test_prediction_is_the_softmax_of_the_logits_by_hand(world, kind):
    features, train, test = world
    probe = replace(fit_probe(features, train, strength=0.05, **kind), temperature=1.7)
    w = probe.weights.astype(float)
    z = features * w if w.ndim == 1 else features @ w.T
    powers = np.exp(by_hand(z @ z.T, test.objects) / 1.7)
    odd, probabilities = probe.predict(features, replace(test, odd=None))
    np.testing.assert_allclose(probabilities, powers / powers.sum(axis=1, keepdims=True), rtol=0, atol=1e-4)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=0, atol=1e-12)
    assert (odd.dtype, probabilities.dtype) == (np.int8, float)
    assert odd.tolist() == [row.tolist().index(max(row)) for row in probabilities]
    assert (odd == test.odd).mean() == pytest.approx(probe.score(features, test).accuracy)


def test_prediction_takes_the_first_of_what_is_tied(world):
    features, train, _ = world
    probe = fit_probe(features, train, strength=0.1, transform="none")
    same = np.ones((4, 60))
    odd, probabilities = probe.predict(same, Triplets([[0, 1, 2], [3, 2, 1]], None, 4))
    assert odd.tolist() == [0, 0]
    np.testing.assert_allclose(probabilities, 1 / 3, rtol=1e-15)
    same[0] = 2  # alike with all others: the pairs that hold it are tied, whichever place it has
    odd, probabilities = probe.predict(same, Triplets([[1, 0, 2], [0, 1, 2]], None, 4))
    assert odd.tolist() == [0, 1]
    assert probabilities[0, 0] == probabilities[0, 2]


@pytest.mark.skipif(torch.cuda.is_available(), reason="a machine without a card")
def test_card_that_is_not_there_is_said(world):
    features, train, _ = world
    probe = fit_probe(features, train, strength=1.0)
    asked = {"device": "cuda"}
    for ask in (
        lambda: fit_probe(features, train, strength=1.0, **asked),
        lambda: fit_path(features, train, strengths=[1.0], solver="published", **asked),
        lambda: fit_batch([(features, train)], strengths=[1.0], transform="none", **asked),
        lambda: measure_gap(probe, features, train, **asked),
        lambda: probe.scores(features, **asked),
        lambda: probe.logits(features, train, **asked),
        lambda: probe.predict(features, train, **asked),
        lambda: probe.score(features, train, device="cuda:1"),
    ):
        with pytest.raises(ValueError, match=r"device='cuda(:1)?', and torch finds no such GPU\. Say device='cpu'"):
            ask()


def test_tolerance_sets_precision(world):
    features, train, _ = world
    rough, fine = (fit_probe(features, train, strength=0.02, tolerance=t, certificate=True) for t in (1e-5, 1e-11))
    assert (rough.core.dtype, fine.core.dtype) == (np.float32, np.float64)
    assert fine.record.gap < 1e-6
    assert rough.record.gap >= rough.record.objective - fine.record.objective - 1e-6
    assert -1e-6 < rough.record.objective - fine.record.objective < 5e-4


def test_objects_that_do_not_occur_do_not_matter(world):
    features, train, test = world
    changed = features.copy()
    changed[28:] = np.nan
    for solver in ("published", "exact"):
        before, after = (fit_probe(x, train, strength=0.1, solver=solver) for x in (features, changed))
        assert after.record.objective == pytest.approx(before.record.objective, abs=1e-5)
    first = min(set(test.objects.ravel()) & set(range(28, len(changed))))
    with pytest.raises(ValueError, match=f"features of object {first} are not finite; leave its triplets out"):
        after.score(changed, test)
    with pytest.raises(ValueError, match="features of object 28 are not finite"):
        after.scores(changed)


@pytest.mark.parametrize("transform", ["full", "diagonal"])
def test_a_certificate_of_the_published_solver_bounds_what_it_missed(world, transform):
    features, train, _ = world
    asked = {"strength": 0.1, "transform": transform}
    best = fit_probe(features, train, tolerance=1e-10, **asked).record.objective
    record = fit_probe(features, train, solver="published", certificate=True, **asked).record
    assert 0 < record.objective - best <= record.gap < 0.1
    low = fit_probe(features, train, strength=0.1, transform="low_rank", rank=2, solver="published", certificate=True)
    assert np.isnan(low.record.gap)


def test_low_rank_start_at_the_features_reaches_outside_the_data(world):
    """The first features are not in the span of 28 objects; the penalty moves what of them is outside."""
    features, train, _ = world
    probe = fit_probe(features, train, strength=0.1, transform="low_rank", rank=4, start="features")
    inside = fit_probe(features, train, strength=0.1, transform="low_rank", rank=4)
    span = np.linalg.svd(features[:28], full_matrices=False)[2]

    def outside(weights):
        return np.linalg.norm(weights - weights @ span.T @ span) / np.linalg.norm(weights)

    assert outside(probe.weights) > 0.1
    assert outside(inside.weights) < 1e-5


def test_triplets_that_are_an_array_are_refused(world):
    features, train, _ = world
    for transform in ("full", "none"):
        with pytest.raises(TypeError, match=r"triplets are ndarray, not Triplets: make these by .*`read_triplets`"):
            fit_probe(features, train.objects, strength=0.1, transform=transform)


def test_features_that_score_pairs_alike_are_refused(rng):
    """Rows differ, but in ways that no score sees: every two of them have the same product."""
    features = np.concatenate([np.full((12, 1), 3.0), 1e-6 * np.eye(12)], axis=1)
    objects = np.array([rng.choice(12, 3, replace=False) for _ in range(50)])
    with pytest.raises(ValueError, match="alike"):
        fit_probe(features, Triplets(objects, np.zeros(50, int), 12), strength=0.1)


def wrong_features(kind):
    def spoil(features, train):
        features = features.copy()
        if kind == "nan":
            features[3, 2] = np.nan
        if kind == "inf":
            features[3, 2] = np.inf
        if kind == "zero":
            features[:] = 0
        if kind == "equal":
            features[:] = features[0]
        if kind == "rows":
            features = features[:-1]
        if kind == "vector":
            features = features[:, 0]
        return features, train

    return spoil


@pytest.mark.parametrize("solver", ["exact", "published"])
@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("nan", "object 3 are not finite"),
        ("inf", "object 3 are not finite"),
        ("zero", "zero"),
        ("equal", "are equal"),
        ("rows", "one row an object"),
        ("vector", "one row an object"),
    ],
)
def test_features_that_cannot_be_fitted_are_refused(world, kind, message, solver):
    features, train = wrong_features(kind)(*world[:2])
    with pytest.raises(ValueError, match=message):
        fit_probe(features, train, strength=0.1, solver=solver)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strength": 0.0}, "positive"),
        ({"strength": -1.0}, "positive"),
        ({"strength": np.nan}, "positive"),
        ({"strength": np.inf}, "positive"),
        ({"tolerance": 0.0}, "tolerance"),
        ({"tolerance": np.nan}, "tolerance"),
        ({"transform": "rectangular"}, "none, diagonal, low_rank, full"),
        ({"penalty": "l2"}, "scaled_identity, frobenius"),
        ({"solver": "adam"}, "exact, published"),
        ({"low_rank_penalty": "input"}, "output, published"),
        ({"start": "random"}, "principal, features"),
        ({"transform": "low_rank"}, "rank=None"),
        ({"transform": "low_rank", "rank": 61}, "rank=61"),
        ({"transform": "low_rank", "rank": 0, "solver": "published"}, "rank=0"),
        ({"rank": 4}, "rank=4"),
        ({"transform": "low_rank", "rank": 2.5}, r"rank=2\.5 must be a whole number"),
        ({"time_limit": 3.0}, r"time_limit=3\.0 is for solver='published'"),
        ({"strength": [0.1, 1.0]}, "takes one number, fit_path"),
        ({"device": "gpu"}, "device='gpu' is none of cpu, cuda"),
    ],
)
def test_options_that_make_no_sense_are_refused(world, options, message):
    features, train, _ = world
    with pytest.raises(ValueError, match=message):
        fit_probe(features, train, **{"strength": 0.1, **options})


def test_no_strength_is_refused(world):
    with pytest.raises(ValueError, match="strengths is empty"):
        fit_path(*world[:2], strengths=[])


def test_triplets_without_answers_or_rows_are_refused(world):
    features, train, test = world
    probe = fit_probe(features, train, strength=1.0)
    with pytest.raises(ValueError, match="no answers"):
        fit_probe(features, replace(train, odd=None), strength=0.1)
    with pytest.raises(ValueError, match="no answers"):
        probe.score(features, replace(test, odd=None))
    with pytest.raises(ValueError, match="no triplets"):
        fit_probe(features, train.subset([]), strength=0.1)
    assert probe.logits(features, replace(test, odd=None)).shape == (150, 3)


def test_probe_checks_itself(world):
    features, train, _ = world
    probe = fit_probe(features, train, strength=1.0)
    for temperature in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="temperature"):
            replace(probe, temperature=temperature)
    with pytest.raises(ValueError, match="basis"):
        replace(probe, core=probe.core[:, :-1])
    with pytest.raises(ValueError, match="60 features"):
        probe.scores(features[:, :59])
    with pytest.raises(ValueError, match="one row an object"):
        probe.logits(features[:-1], train)
