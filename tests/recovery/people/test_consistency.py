"""What people choose: against loops over a small toy world, and against what was built into the data."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from yardsticks import datasets
from yardsticks.recovery.data.toy import make_world
from yardsticks.recovery.people.consistency import (
    category_consistency,
    concept_consistency,
    decidedness,
    shared_category_consistency,
)
from yardsticks.recovery.people.counts import leave_one_out, response_counts
from yardsticks.recovery.people.embeddings import PEOPLE, choice_agreement, embedding_scores, unanimity
from yardsticks.recovery.triplets.choices import choose, embedding_logits
from yardsticks.recovery.triplets.triplets import Triplets

N = 30


@pytest.fixture(scope="module")
def world():
    return make_world(seed=7, n_objects=N, n_judgements=600, n_repeated=80, n_answers=8)


@pytest.fixture(scope="module")
def categories():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.random((N, 5)) < 0.22, columns=list("abcde"))
    return frame.assign(empty=False)


def triplets_by_loop(repeated):
    """Sorted objects and leave-one-out agreement of each repeated triplet, and its counts."""
    objects, counts = response_counts(repeated)
    return list(zip(map(tuple, objects.tolist()), leave_one_out(counts), counts, strict=True))


def test_logits_are_the_similarity_of_the_pair_that_stays(world):
    logits = embedding_logits(world.dimensions, world.people)
    for row, objects in zip(logits[:50], world.people.objects[:50], strict=True):
        for k in range(3):
            left, right = (world.dimensions[o] for o in np.delete(objects, k))
            assert row[k] == pytest.approx(np.dot(left, right), rel=1e-12)
    with pytest.raises(ValueError, match="29 objects, the triplets are of 30"):
        embedding_logits(world.dimensions[1:], world.people)


def test_choices_share_what_is_tied():
    logits = np.array([[1.0, 3.0, 2.0], [5.0, 5.0, 0.0], [0.0, 0.0, 0.0]])
    np.testing.assert_array_equal(choose(logits), [[0, 1, 0], [0.5, 0.5, 0], [1 / 3, 1 / 3, 1 / 3]])


def test_scores_equal_a_loop(world):
    row = embedding_scores({"all": world.people}, {"truth": world.dimensions}).iloc[0]
    right, nll, top = [], [], []
    for objects, odd in zip(world.people.objects, world.people.odd, strict=True):
        i, j, k = world.dimensions[objects]
        s = np.array([j @ k, i @ k, i @ j])
        p = np.exp(s) / np.exp(s).sum()
        right.append(np.argmax(s) == odd)
        nll.append(-np.log(p[odd]))
        top.append(p.max())
    assert row["accuracy"] == pytest.approx(np.mean(right))
    assert row["nll"] == pytest.approx(np.mean(nll))
    assert row["max_p"] == pytest.approx(np.mean(top))
    assert (row["n_judgements"], row["n_dimensions"], row["judgements"]) == (600, world.dimensions.shape[1], "all")


def test_interval_is_binomial_where_every_triplet_is_new_and_wider_where_answers_repeat(rng):
    objects = np.array(list(combinations(range(18), 3)))  # 816 triplets
    once = Triplets(objects, rng.integers(0, 3, len(objects)), 18)
    embedding = rng.normal(size=(18, 4))
    row = embedding_scores({"once": once}, {"e": embedding}).iloc[0]
    half = 1.959964 * np.sqrt(row["accuracy"] * (1 - row["accuracy"]) / len(once))
    assert row["high"] - row["low"] == pytest.approx(2 * half, rel=1e-9)
    # nine people who all say the same are no more than one
    ninefold = Triplets(np.repeat(objects, 9, axis=0), np.repeat(once.odd, 9), 18)
    copy = embedding_scores({"ninefold": ninefold}, {"e": embedding}).iloc[0]
    assert copy[["accuracy", "low", "high"]].tolist() == pytest.approx(row[["accuracy", "low", "high"]].tolist())


@pytest.mark.parametrize("n", [1, 4, 5])
def test_fewer_than_five_triplets_have_no_interval(n, rng):
    """However many people answered them."""
    triplets = Triplets(np.repeat(np.arange(3 * n).reshape(-1, 3), 20, axis=0), rng.integers(3, size=20 * n), 3 * n)
    embedding = rng.normal(size=(3 * n, 2))
    frames = {
        "accuracy": embedding_scores({"few": triplets}, {"e": embedding}),
        "agreement": choice_agreement(triplets, {"e": embedding}),
        "leave_one_out": category_consistency(triplets, pd.DataFrame({"all": np.ones(3 * n, bool)}), seed=0),
    }
    for name, frame in frames.items():
        assert np.isfinite(frame.at[0, name])
        assert frame.loc[0, ["low", "high"]].notna().all() == (n == 5)
        assert frame.loc[0, ["low", "high"]].isna().all() == (n < 5)


def test_a_rare_category_does_not_move_the_interval_of_the_next(rng):
    """Draws are made for it too, though no interval is told: intervals of stored pages stay what they were."""
    triplets = Triplets(np.repeat(np.arange(36).reshape(-1, 3), 9, axis=0), rng.integers(3, size=108), 36)
    categories = pd.DataFrame({"rare": np.arange(36) < 6, "most": np.arange(36) >= 6})
    frame = category_consistency(triplets, categories, seed=0, n_bootstrap=500).set_index("category")
    agreement = np.array([share for _, share, _ in triplets_by_loop(triplets)])
    stream = np.random.default_rng(0)
    draws = [stream.choice(part, size=(500, len(part))) for part in (agreement[:2], agreement[2:])]
    expected = np.quantile(draws[1].mean(axis=1), [0.025, 0.975])
    assert frame.loc["most", ["low", "high"]].tolist() == pytest.approx(expected)
    assert frame.loc["rare", ["low", "high"]].isna().all()


def test_an_answer_that_is_ruled_out_costs_infinitely_much_and_no_warning():
    embedding = np.array([[1e3, 0], [1e3, 0], [0, 1.0]])
    frame = embedding_scores({"one": Triplets([[0, 1, 2]], [0], 3)}, {"e": embedding})
    assert frame.at[0, "nll"] == np.inf
    assert frame.at[0, "accuracy"] == 0


def test_agreement_has_a_row_for_each_pair_and_equals_a_loop(world):
    embeddings = {"truth": world.dimensions, "half": world.dimensions[:, :3], "same": 2 * world.dimensions}
    frame = choice_agreement(world.people, embeddings).set_index(["a", "b"])
    names = [PEOPLE, *embeddings]
    assert list(frame.index) == list(combinations(names, 2))
    assert frame.at[("truth", "same"), "agreement"] == 1
    scores = embedding_scores({"all": world.people}, embeddings).set_index("embedding")
    assert frame.at[(PEOPLE, "half"), "agreement"] == pytest.approx(scores.at["half", "accuracy"])
    best = [embedding_logits(embeddings[name], world.people).argmax(axis=1) for name in ("truth", "half")]
    assert frame.at[("truth", "half"), "agreement"] == pytest.approx(np.mean(best[0] == best[1]))
    assert ((frame["low"] <= frame["agreement"]) & (frame["agreement"] <= frame["high"])).all()


def test_people_are_more_decided_where_embeddings_agree(world):
    frame = unanimity(world.repeated, {"truth": world.dimensions, "half": world.dimensions[:, :3]})
    assert frame["n_triplets"].sum() == 80
    expected = {True: [], False: []}
    for objects, _, counts in triplets_by_loop(world.repeated):
        one = Triplets([objects], None, N)
        answers = {int(embedding_logits(e, one).argmax()) for e in (world.dimensions, world.dimensions[:, :3])}
        expected[len(answers) == 1].append(counts.max() / counts.sum())
    assert frame.at[True, "majority_share"] == pytest.approx(np.mean(expected[True]))
    assert frame.at[False, "majority_share"] == pytest.approx(np.mean(expected[False]))
    alone = unanimity(world.repeated, {"truth": world.dimensions})
    assert alone["n_triplets"].tolist() == [80, 0]
    assert np.isnan(alone.at[False, "majority_share"])


def test_decidedness_counts_triplets_that_reach_a_share(world):
    shares = np.array([1 / 3, 0.5, 0.75, 1.0])
    frame = decidedness(world.repeated, shares)
    tops = np.array([counts.max() / counts.sum() for *_, counts in triplets_by_loop(world.repeated)])
    assert frame["observed"].tolist() == [np.mean(tops >= share - 1e-12) for share in shares]
    assert frame["corrected"].iloc[0] == pytest.approx(1)
    assert (np.diff(frame["corrected"]) <= 0).all()


def test_corrected_decidedness_is_nearer_to_the_truth_than_the_observed(rng):
    p = rng.dirichlet([1.5] * 3, 3000)
    counts = rng.multinomial(6, p)
    rows, odd = np.nonzero(counts)
    objects = np.arange(9000).reshape(-1, 3)
    triplets = Triplets(np.repeat(objects[rows], counts[rows, odd], axis=0), np.repeat(odd, counts[rows, odd]), 9000)
    frame = decidedness(triplets, np.linspace(0.4, 0.95, 23))
    truth = (p.max(axis=1) >= frame["share"].to_numpy()[:, None]).mean(axis=1)
    errors = (frame[["observed", "corrected"]].sub(truth, axis=0)).abs().mean()
    assert errors["corrected"] < errors["observed"] / 3


def test_concepts_equal_a_loop(world):
    names = [f"object {i}" for i in range(N + 1)]
    wider = Triplets(world.repeated.objects, world.repeated.odd, N + 1)  # one object more, which is never shown
    frame = concept_consistency(wider, names)
    rows = triplets_by_loop(world.repeated)
    for i in range(N):
        mine = [(agreement, counts, objects.index(i)) for objects, agreement, counts in rows if i in objects]
        row = frame.loc[f"object {i}"]
        assert row["n_triplets"] == len(mine)
        assert row["n_responses"] == 8 * len(mine)
        assert row["leave_one_out"] == pytest.approx(np.mean([agreement for agreement, *_ in mine]))
        assert row["odd_share"] == pytest.approx(np.mean([counts[at] / 8 for _, counts, at in mine]))
    assert frame.iloc[N][["n_triplets", "n_responses"]].tolist() == [0, 0]
    assert frame.iloc[N][["leave_one_out", "odd_share"]].isna().all()


def test_categories_equal_a_loop(world, categories):
    frame = category_consistency(world.repeated, categories, seed=0).set_index("category")
    assert sorted(frame.index) == list("abcde")
    assert frame["leave_one_out"].is_monotonic_decreasing
    sets = {i: set(categories.columns[categories.loc[i]]) for i in range(N)}
    rows = triplets_by_loop(world.repeated)
    for name, row in frame.iterrows():
        mine = [(o, agreement) for o, agreement, _ in rows if any(name in sets[i] for i in o)]
        unpaired = [agreement for o, agreement in mine if not any(sets[i] & sets[j] for i, j in combinations(o, 2))]
        assert (row["n_triplets"], row["n_no_pair"]) == (len(mine), len(unpaired))
        assert row["leave_one_out"] == pytest.approx(np.mean([agreement for _, agreement in mine]))
        assert row["no_pair"] == pytest.approx(np.mean(unpaired))
        assert row["low"] <= row["leave_one_out"] <= row["high"]
    assert frame["n_concepts"].to_dict() == {name: categories[name].sum() for name in frame.index}


def test_category_interval_is_the_bootstrap_of_its_mean(world, categories):
    frame = category_consistency(world.repeated, categories, seed=0, n_bootstrap=5000).set_index("category")
    members = categories["a"].to_numpy()
    values = np.array([a for o, a, _ in triplets_by_loop(world.repeated) if members[list(o)].any()])
    other = stats.bootstrap((values,), np.mean, n_resamples=5000, method="percentile", rng=1).confidence_interval
    np.testing.assert_allclose(frame.loc["a", ["low", "high"]].astype(float), other, atol=0.01)


def test_sharing_equals_a_loop(world, categories):
    frame = shared_category_consistency(world.repeated, categories, seed=0).set_index("sharing")
    sets = {i: set(categories.columns[categories.loc[i]]) for i in range(N)}
    groups, third = {"no pair": [], "one pair": [], "more pairs": []}, []
    for objects, agreement, counts in triplets_by_loop(world.repeated):
        pairs = [pair for pair in combinations(range(3), 2) if sets[objects[pair[0]]] & sets[objects[pair[1]]]]
        groups[["no pair", "one pair", "more pairs"][min(len(pairs), 2)]].append(agreement)
        if len(pairs) == 1:
            third.append(counts[({0, 1, 2} - set(pairs[0])).pop()] / counts.sum())
    assert all(groups.values()), "this test wants triplets of each kind"
    assert frame["n_triplets"].to_dict() == {name: len(values) for name, values in groups.items()}
    for name, values in groups.items():
        assert frame.at[name, "leave_one_out"] == pytest.approx(np.mean(values))
    assert frame.at["one pair", "third_odd"] == pytest.approx(np.mean(third))
    assert frame.loc[["no pair", "more pairs"], "third_odd"].isna().all()


def test_sharing_without_a_kind_is_unknown(world, categories):
    frame = shared_category_consistency(world.repeated, categories[["empty"]], seed=0)
    assert frame["n_triplets"].tolist() == [80, 0, 0]
    assert frame.loc[1:, ["leave_one_out", "low", "high", "third_odd"]].isna().all(axis=None)


def test_categories_of_other_objects_are_refused(world, categories):
    with pytest.raises(ValueError, match="categories are of 29 objects, the triplets of 30"):
        category_consistency(world.repeated, categories.iloc[1:], seed=0)


@pytest.mark.skipif(
    datasets.data_folder() is None or not (datasets.data_folder() / "things").is_dir(),
    reason="the judgements of THINGS are not at hand",
)
def test_accuracy_of_the_embeddings_is_the_one_in_the_data_card():
    folder = datasets.data_folder() / "things"
    with np.load(folder / "human_triplets.npz") as stored:
        random = Triplets(stored["random50k"], np.full(50_000, 2), 1854)
    with np.load(folder / "human_embeddings.npz") as stored:
        embeddings = {name: stored[name] for name in ("spose49", "spose66", "vice42")}
    accuracy = embedding_scores({"random": random}, embeddings)["accuracy"]
    assert [round(accuracy[0], 4), round(accuracy[1], 4), round(accuracy[2], 3)] == [0.6405, 0.6486, 0.639]
