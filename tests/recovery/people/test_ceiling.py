"""Ceilings by loops, by hand and against known truths; temperatures by Monte Carlo and by enumeration."""

from itertools import combinations, permutations, product

import numpy as np
import pytest
from scipy import stats

from yardsticks import datasets
from yardsticks.recovery.people import ceiling
from yardsticks.recovery.people.calibration import calibrate
from yardsticks.recovery.people.ceiling import METHODS, ceilings_by_raters, noise_ceiling
from yardsticks.recovery.people.counts import (
    count_types,
    leave_one_out,
    majority_share,
    mixing_distribution,
    most_likely_mixing,
    response_counts,
)
from yardsticks.recovery.triplets.choices import choice_probabilities, simulate
from yardsticks.recovery.triplets.triplets import Triplets


def repeated(counts):
    """Triplets (0, 1, 2), (3, 4, 5) ... answered as often as the counts (n, 3) say."""
    counts = np.asarray(counts)
    rows, odd = np.nonzero(counts)
    times = counts[rows, odd]
    objects = np.arange(3 * len(counts)).reshape(-1, 3)
    return Triplets(np.repeat(objects[rows], times, axis=0), np.repeat(odd, times), 3 * len(counts))


def value(triplets, method):
    return noise_ceiling(triplets, method=method, seed=0, n_bootstrap=0).value


def share_of_right_guesses(answers):
    """Leave-one-out agreement of a list of answers, as one would do it by hand."""
    total = 0.0
    for i, answer in enumerate(answers):
        others = answers[:i] + answers[i + 1 :]
        votes = [others.count(option) for option in range(3)]
        winners = [option for option in range(3) if votes[option] == max(votes)]
        total += (answer in winners) / len(winners)
    return total / len(answers)


def by_loop(triplets):
    """Majority and leave-one-out ceilings from the raw rows, with dictionaries."""
    answers = {}
    for objects, odd in zip(triplets.objects.tolist(), triplets.odd.tolist(), strict=True):
        answers.setdefault(tuple(sorted(objects)), []).append(objects[odd])
    named = [[sorted(key).index(a) for a in given] for key, given in answers.items() if len(given) > 1]
    majority = [max(given.count(option) for option in range(3)) / len(given) for given in named]
    return np.mean(majority), np.mean([share_of_right_guesses(given) for given in named])


@pytest.mark.parametrize(("counts", "expected"), [((2, 0, 0), 1), ((1, 1, 0), 0), ((2, 1, 0), 1 / 3), ((1, 1, 1), 0)])
def test_leave_one_out_of_counts_done_by_hand(counts, expected):
    assert leave_one_out(np.array([counts]))[0] == pytest.approx(expected, abs=1e-15)
    assert value(repeated([counts]), "leave_one_out") == pytest.approx(expected, abs=1e-15)


def test_majority_of_counts_done_by_hand():
    assert majority_share(np.array([[2, 0, 0], [1, 1, 0], [1, 2, 5]])).tolist() == [1, 0.5, 0.625]


def test_both_ceilings_equal_loops_on_random_counts(rng):
    counts = rng.multinomial(rng.integers(1, 9, size=60), rng.dirichlet([1, 1, 1], 60))
    triplets = repeated(counts)
    majority, loo = by_loop(triplets)
    assert value(triplets, "majority") == pytest.approx(majority, abs=1e-12)
    assert value(triplets, "leave_one_out") == pytest.approx(loo, abs=1e-12)
    result = noise_ceiling(triplets, method="majority", seed=0, n_bootstrap=0)
    often = counts.sum(axis=1) >= 2
    assert (result.n_triplets, result.n_responses) == (often.sum(), counts[often].sum())
    assert 0 < often.sum() < len(counts), "this test wants triplets that are left out"
    assert np.isnan(result.low)
    assert np.isnan(result.high)


def test_order_of_rows_and_of_presentation_change_nothing(rng):
    triplets = repeated(rng.multinomial(6, rng.dirichlet([1, 1, 1], 40)))
    rows = rng.permutation(len(triplets))
    places = rng.permuted(np.tile(np.arange(3), (len(rows), 1)), axis=1)  # (n, 3): the object now shown at each place
    objects = np.take_along_axis(triplets.objects[rows], places, axis=1)
    shuffled = Triplets(objects, np.argmax(places == triplets.odd[rows, None], axis=1), triplets.n_objects)
    assert len(np.unique(objects, axis=0)) > len(np.unique(triplets.objects, axis=0))
    for method in METHODS:
        assert noise_ceiling(shuffled, method=method, seed=1, n_bootstrap=20) == noise_ceiling(
            triplets, method=method, seed=1, n_bootstrap=20
        )


def test_response_counts_are_the_answers(rng):
    counts = rng.multinomial(5, [0.5, 0.3, 0.2], 30)
    objects, found = response_counts(repeated(counts))
    np.testing.assert_array_equal(objects, np.arange(90).reshape(30, 3))
    np.testing.assert_array_equal(found, counts)


def people(kind, n, rng):
    """Answer probabilities (n, 3) with a known mean of the largest."""
    if kind == "two kinds":
        p = np.where(rng.random(n)[:, None] < 0.5, [0.9, 0.06, 0.04], [0.42, 0.34, 0.24])
        return rng.permuted(p, axis=1)
    return rng.dirichlet([{"even": 3.0, "broad": 0.8, "decided": 0.35}[kind]] * 3, n)


@pytest.mark.parametrize("n_answers", [20, 10, 6])
@pytest.mark.parametrize("kind", ["even", "broad", "decided", "two kinds"])
def test_corrected_ceiling_finds_the_truth_between_the_other_two(kind, n_answers, rng):
    errors, n_triplets = [], 1000
    for _ in range(10):
        p = people(kind, n_triplets, rng)
        triplets = repeated(rng.multinomial(n_answers, p))
        majority, loo, corrected = (value(triplets, method) for method in METHODS[:3])
        assert majority > corrected > loo
        errors.append(np.array([majority, loo, corrected]) - p.max(axis=1).mean())
    (up, down, error), (*_, scatter) = np.mean(errors, axis=0), np.std(errors, axis=0, ddof=1)
    assert up > 0 > down
    assert abs(error) < min(up, -down) / 2
    # bias is lost in the sampling error of one data set, unless triplets are of few sharply different kinds
    assert kind == "two kinds" or abs(error) < 1.5 * scatter


def test_mixing_distribution_has_the_moments_of_the_people_and_rows_are_separate_problems(rng):
    p = people("broad", 4000, rng)
    types, n_each = np.unique(np.sort(rng.multinomial(12, p), axis=1)[:, ::-1], axis=0, return_counts=True)
    other = rng.multinomial(4000, n_each / 4000)
    points, mixing = mixing_distribution(types, np.stack([n_each, other]))
    np.testing.assert_allclose(mixing.sum(axis=1), 1, rtol=1e-9)
    assert (np.diff(points, axis=1) <= 0).all()
    np.testing.assert_allclose(points.sum(axis=1), 1)
    assert mixing[0] @ (points**2).sum(axis=1) == pytest.approx((p**2).sum(axis=1).mean(), abs=0.012)
    alone = mixing_distribution(types, other[None])[1][0]
    np.testing.assert_allclose(mixing[1], alone, atol=1e-12)


def test_mixing_distribution_likelihood_is_that_of_the_multinomial():
    """Two answers to every triplet, always alike: the best single point is certainty."""
    points, mixing = mixing_distribution(np.array([[2, 0, 0]]), np.array([[50]]), tolerance=1e-12)
    assert mixing[0] @ points[:, 0] > 0.999


@pytest.mark.parametrize(("kind", "n_answers"), [("even", 20), ("broad", 9), ("decided", 4), ("two kinds", 12)])
def test_most_likely_mixing_is_the_end_of_the_plain_search(kind, n_answers, rng):
    """No other mixing is likelier: not by any point of the grid, and not after many steps of the plain search."""
    types, n_each = count_types(rng.multinomial(n_answers, people(kind, 500, rng)))
    weights = np.stack([n_each, rng.multinomial(500, n_each / 500)])
    found = most_likely_mixing(types, weights)
    points, slow = mixing_distribution(types, weights, tolerance=1e-9, max_steps=3000)
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-12)
    orders = list(permutations(range(3)))
    each = np.array([stats.multinomial.pmf(types[:, None, order], n_answers, points) for order in orders]).mean(axis=0)
    for share, mixing, other in zip(weights / 500, found, slow, strict=True):
        density = each @ mixing
        assert ((share / density) @ each).max() <= 1 + 1e-6  # the gradient: Lindsay's condition
        assert share @ np.log(density) >= share @ np.log(each @ other) - 1e-9


def test_errors_are_those_of_estimates_against_the_truth(monkeypatch):
    """Estimates that are always .6 err by .6 less the truth."""
    monkeypatch.setattr(ceiling, "_estimate", lambda *_: np.array([0.6]))
    found = ceiling.ceiling_errors(7, n_triplets=4000, n_sets=3, seed=0)
    assert list(found["people"]) == list(ceiling.INVENTED)
    # E[max p] of a flat Dirichlet lies between those of the more and the less decided
    assert found["truth"].is_monotonic_increasing
    flat = np.random.default_rng(5).dirichlet([0.8] * 3, 200_000).max(axis=1).mean()
    assert found.set_index("people").at["mixed", "truth"] == pytest.approx(flat, abs=0.005)
    for method in METHODS:
        np.testing.assert_allclose(found[f"{method}_bias"], 0.6 - found["truth"])
        assert (found[f"{method}_rmse"] >= found[f"{method}_bias"].abs() - 1e-12).all()
        np.testing.assert_allclose(found[f"{method}_rmse"], found[f"{method}_bias"].abs(), atol=0.01)


def test_many_answers_do_not_underflow():
    assert value(repeated([[3000, 1000, 1000], [2000, 2000, 1000]]), "corrected") == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("method", METHODS)
def test_interval_covers_the_expected_value(method, rng):
    """Of 95% intervals about 95% hold the estimator's expectation over new triplets and new answers."""
    n_sets, n_triplets, n_answers = {"corrected": 150, "maximum_likelihood": 40}.get(method, 400), 200, 5
    sets = [repeated(rng.multinomial(n_answers, people("broad", n_triplets, rng))) for _ in range(n_sets)]
    results = [noise_ceiling(t, method=method, seed=rng, n_bootstrap=100) for t in sets]
    expectation = np.mean([result.value for result in results])
    covered = sum(result.low <= expectation <= result.high for result in results)
    assert stats.binomtest(covered, n_sets, 0.95).pvalue > 1e-3
    assert all(result.low <= result.value <= result.high for result in results)


@pytest.mark.parametrize("method", METHODS)
def test_fewer_than_five_triplets_have_no_interval(method):
    for n in (1, 4, 5):
        result = noise_ceiling(repeated([[6, 2, 1]] * n), method=method, seed=0, n_bootstrap=20)
        assert np.isfinite(result.value)
        assert np.isfinite([result.low, result.high]).all() == (n == 5)
        assert np.isnan([result.low, result.high]).all() == (n < 5)


def test_interval_is_that_of_resampled_triplets(rng):
    counts = rng.multinomial(6, people("broad", 150, rng))
    result = noise_ceiling(repeated(counts), method="majority", seed=3, n_bootstrap=4000)
    shares = counts.max(axis=1) / 6
    plain = [rng.choice(shares, size=len(shares)).mean() for _ in range(4000)]
    np.testing.assert_allclose([result.low, result.high], np.quantile(plain, [0.025, 0.975]), atol=0.004)
    assert noise_ceiling(repeated(counts), method="majority", seed=3, n_bootstrap=4000) == result


def test_ceilings_by_raters_equal_the_mean_over_all_subsets(rng):
    """Every way to keep n of the answers, by enumeration."""
    counts = rng.multinomial(5, people("broad", 12, rng))
    frame = ceilings_by_raters(repeated(counts), [2, 4, 5])
    for row in frame.itertuples():
        per_triplet = []
        for c in counts:
            answers = [option for option in range(3) for _ in range(c[option])]
            kept = list(combinations(answers, row.n_raters))
            best = [max(map(part.count, range(3))) / row.n_raters for part in kept]
            per_triplet.append((np.mean(best), np.mean([share_of_right_guesses(list(part)) for part in kept])))
        np.testing.assert_allclose((row.majority, row.leave_one_out), np.mean(per_triplet, axis=0), atol=1e-12)
    whole = [value(repeated(counts), method) for method in METHODS]
    np.testing.assert_allclose(frame.iloc[-1][list(METHODS)].astype(float), whole, atol=1e-9)
    with pytest.raises(ValueError, match="raters=6"):
        ceilings_by_raters(repeated(counts), [6])


@pytest.mark.skipif(datasets.data_folder() is None, reason="the repeated triplets of THINGS are not at hand")
def test_real_repeated_triplets_as_counted_by_a_loop():
    with np.load(datasets.data_folder() / "things" / "noise_ceiling_triplets.npz") as stored:
        triplets = Triplets(stored["triplet"], stored["choice"], 1854)
    majority, loo = by_loop(triplets)
    results = {method: noise_ceiling(triplets, method=method, seed=0, n_bootstrap=100) for method in METHODS}
    assert {(r.n_triplets, r.n_responses) for r in results.values()} == {(1000, 20000)}
    assert results["majority"].value == pytest.approx(majority, abs=1e-12)
    assert results["leave_one_out"].value == pytest.approx(loo, abs=1e-12)
    assert majority > results["corrected"].value > loo


@pytest.mark.parametrize(
    ("triplets", "match"),
    [
        (Triplets([[0, 1, 2]], None, 3), "no answers"),
        (Triplets([[0, 1, 2], [0, 1, 3]], [0, 1], 4), "twice or more"),
    ],
)
def test_ceiling_refuses_what_cannot_tell(triplets, match):
    with pytest.raises(ValueError, match=match):
        noise_ceiling(triplets, method="majority", seed=0)


def test_unknown_method_is_named_with_the_valid_ones():
    with pytest.raises(ValueError, match="'mean' is none of majority, leave_one_out, corrected, maximum_likelihood"):
        noise_ceiling(repeated([[2, 0, 0]]), method="mean", seed=0)


def loo_by_enumeration(p, raters):
    """Every sequence of answers that this many people can give, with its probability."""
    total = 0.0
    for answers in product(range(3), repeat=raters):
        chance = np.prod([p[:, a] for a in answers], axis=0)  # (n,)
        total += chance.mean() * share_of_right_guesses(list(answers))
    return total


@pytest.mark.parametrize("raters", [2, 3, 5])
def test_calibration_for_loo_by_enumeration(raters, rng):
    logits = rng.normal(scale=20, size=(50, 3))
    target = 0.55
    result = calibrate(logits, match="loo", target=target, raters=raters)
    assert loo_by_enumeration(choice_probabilities(logits, result.temperature), raters) == pytest.approx(
        target, abs=1e-6
    )
    assert result.reached == pytest.approx(target, abs=1e-6)
    assert result.target == target


def test_two_raters_left_out_are_two_that_agree(rng):
    logits = rng.normal(size=(200, 3))
    loo = calibrate(logits, match="loo", target=0.5, raters=2)
    assert loo.temperature == pytest.approx(calibrate(logits, match="pairwise", target=0.5).temperature, rel=1e-8)


def test_calibration_for_loo_by_monte_carlo(rng):
    logits = rng.normal(scale=5, size=(4000, 3))
    temperature = calibrate(logits, match="loo", target=0.6, raters=20).temperature
    answers = np.stack([simulate(logits, temperature=temperature, seed=rng) for _ in range(20)], axis=1)
    counts = np.stack([(answers == option).sum(axis=1) for option in range(3)], axis=1)
    found = leave_one_out(counts)
    assert found.mean() == pytest.approx(0.6, abs=4 * found.std() / np.sqrt(len(found)))


def test_calibration_for_max_p_is_the_accuracy_of_an_oracle(rng):
    logits = rng.normal(scale=40, size=(100_000, 3))
    result = calibrate(logits, target=0.657)
    odd = simulate(logits, temperature=result.temperature, seed=rng)
    right = np.count_nonzero(odd == logits.argmax(axis=1))
    assert stats.binomtest(right, len(odd), 0.657).pvalue > 1e-3
    at_one = np.exp(logits.max(axis=1)) / np.exp(logits).sum(axis=1)
    assert result.at_one == pytest.approx(at_one.mean(), abs=1e-12)
    assert result.at_one > 0.95


@pytest.mark.parametrize(("match", "raters"), [("max_p", None), ("pairwise", None), ("loo", 2), ("loo", 7)])
def test_higher_targets_want_lower_temperatures_and_scale_moves_them_along(match, raters, rng):
    logits = rng.normal(size=(300, 3))
    targets = np.linspace(0.36, 0.97, 14)
    temperatures = [calibrate(logits, match=match, target=t, raters=raters).temperature for t in targets]
    assert (np.diff(temperatures) < 0).all()
    for scale in (1e-6, 1e6):
        scaled = calibrate(scale * logits + 5, match=match, target=targets[4], raters=raters).temperature
        assert scaled == pytest.approx(scale * temperatures[4], rel=1e-6)


@pytest.mark.parametrize("target", [0.2, 1 / 3, 0.8, 1.0])
def test_unreachable_target_names_the_range(target):
    logits = np.array([[1.0, 1.0, 0.0], [3.0, 1.0, 0.0]])  # the first never tells its two best apart: 3/4 at most
    with pytest.raises(ValueError, match=r"between 0\.333333 .* and 0\.750000"):
        calibrate(logits, target=target)
    assert calibrate(logits, target=0.74).reached == pytest.approx(0.74, abs=1e-6)


def test_equal_logits_cannot_be_calibrated():
    with pytest.raises(ValueError, match=r"between 0\.333333 .* and 0\.333333"):
        calibrate(np.ones((4, 3)), target=0.5)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"match": "median"}, "'median' is none of"),
        ({"match": "loo"}, "raters=None"),
        ({"match": "loo", "raters": 1}, "raters=1"),
        ({"match": "max_p", "raters": 20}, "raters=20"),
    ],
)
def test_calibrate_refuses_options_that_do_not_fit(options, match, rng):
    with pytest.raises(ValueError, match=match):
        calibrate(rng.normal(size=(5, 3)), target=0.5, **options)


def test_choice_probabilities_are_a_softmax_and_safe():
    logits = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    expected = np.exp(logits / 2) / np.exp(logits / 2).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(choice_probabilities(logits, 2.0), expected, rtol=1e-14)
    extreme = choice_probabilities(np.array([[1e8, -1e8, 1e8], [1e300, 0, -1e300]]), 1e-200)
    np.testing.assert_array_equal(extreme, [[0.5, 0, 0.5], [1, 0, 0]])


@pytest.mark.parametrize(
    ("logits", "temperature", "match"),
    [
        (np.zeros((2, 2)), 1.0, r"shape \(2, 2\)"),
        (np.array([[0, 0, 0], [0, np.nan, 0]]), 1.0, "row 1"),
        (np.zeros((1, 3)), 0.0, "temperature=0.0"),
        (np.zeros((1, 3)), -1.0, "temperature=-1.0"),
        (np.zeros((1, 3)), np.nan, "temperature=nan"),
        (np.zeros((1, 3)), np.inf, "temperature=inf"),
    ],
)
def test_choice_probabilities_refuse(logits, temperature, match):
    with pytest.raises(ValueError, match=match):
        choice_probabilities(logits, temperature)


def test_simulated_answers_have_their_probabilities(rng):
    logits = np.array([[2.0, 0.5, 0.0], [-1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    p = choice_probabilities(logits, 1.5)
    odd = simulate(np.repeat(logits, 20_000, axis=0), temperature=1.5, seed=rng).reshape(3, -1)
    assert odd.dtype == np.int8
    for answers, chances in zip(odd, p, strict=True):
        observed = np.bincount(answers, minlength=3)
        assert stats.chisquare(observed, 20_000 * chances).pvalue > 1e-4


def test_simulated_answers_depend_on_the_generator_alone(rng):
    logits = rng.normal(size=(100, 3))
    first, again = (simulate(logits, temperature=1.0, seed=np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    shorter = simulate(logits[:40], temperature=1.0, seed=np.random.default_rng(5))
    np.testing.assert_array_equal(first[:40], shorter)
    certain = simulate(1e6 * logits, temperature=1.0, seed=rng)
    np.testing.assert_array_equal(certain, logits.argmax(axis=1))
