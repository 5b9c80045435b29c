"""Statistics of predicting people, against scipy, statsmodels and plain loops."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, norm
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_paired

from yardsticks import stats
from yardsticks.recovery.people.embeddings import choice_agreement
from yardsticks.recovery.prediction import accuracy, comparison
from yardsticks.recovery.triplets.triplets import Triplets
from yardsticks.stats import Z95

MODELS = ("a", "b", "c", "d")


def random_triplets(rng, n=60, n_objects=12) -> Triplets:
    """Few objects, so that judgements have one, two or three of them in common."""
    objects = np.array([rng.choice(n_objects, 3, replace=False) for _ in range(n)])
    return Triplets(objects, rng.integers(3, size=n), n_objects)


def random_scores(rng, models=MODELS, n_folds=3) -> pd.DataFrame:
    """A table as of `probe_models`, with any numbers in it."""
    probes = [("none", "none"), *itertools.product(("diagonal", "full"), ("scaled_identity", "frobenius"))]
    rows = []
    for model, (transform, penalty), fold in itertools.product(models, probes, range(n_folds)):
        n = int(rng.integers(50, 90))
        for judgements, n_test in (("all", n), ("random50k", n // 3)):
            fitted = transform != "none"
            rows.append(
                {"model": model, "transform": transform, "penalty": penalty, "fold": fold, "judgements": judgements}
                | {"rank": np.nan}
                | {"n_test": n_test, "accuracy": rng.integers(n_test + 1) / n_test, "nll": rng.uniform(0.9, 1.1)}
                | {"error_triplets": rng.uniform(0.01, 0.02), "error_objects": rng.uniform(0.02, 0.03)}
                | {"strength": rng.choice([0.1, 1.0]) if fitted else np.nan, "at_grid_end": fold == 1 and fitted}
                | {"strength_published": 0.1 if fitted else np.nan, "accuracy_published": rng.uniform(0.4, 0.6)}
                | {"nll_published": 1.0, "n_ties": fold, "converged": True, "gap": 1e-5 * fold if fitted else np.nan}
            )
    return pd.DataFrame(rows)


def pooled_of(accuracies: dict) -> pd.DataFrame:
    """Pooled scores from {(model, transform, penalty): accuracy}."""
    rows = [(*key, "all", value) for key, value in accuracies.items()]
    return pd.DataFrame(rows, columns=["model", "transform", "penalty", "judgements", "accuracy"])


class TestClusteredErrors:
    def test_are_those_of_a_loop_over_pairs_of_judgements(self, rng):
        for n_objects in (5, 12, 40):
            triplets = random_triplets(rng, n_objects=n_objects)
            values = rng.choice([0, 1 / 3, 1 / 2, 1], size=len(triplets))
            away = values - values.mean()
            sets = [set(row) for row in triplets.objects.tolist()]
            alike = common = 0.0
            for i, j in itertools.product(range(len(sets)), repeat=2):
                alike += away[i] * away[j] * (sets[i] == sets[j])
                common += away[i] * away[j] * bool(sets[i] & sets[j])
            found = comparison.clustered_errors(values, triplets)
            assert found.error_triplets == pytest.approx(np.sqrt(alike) / len(values))
            assert found.error_objects == pytest.approx(np.sqrt(max(common, alike)) / len(values))

    def test_for_triplets_is_the_interval_of_chapter_11(self, rng):
        triplets = random_triplets(rng, n_objects=6)
        embedding = rng.normal(size=(6, 2))
        row = choice_agreement(triplets, {"x": embedding}).iloc[0]
        from yardsticks.recovery.triplets.choices import choose, embedding_logits

        right = choose(embedding_logits(embedding, triplets))[np.arange(len(triplets)), triplets.odd]
        error = comparison.clustered_errors(right, triplets).error_triplets
        assert row["agreement"] + Z95 * error == pytest.approx(row["high"])

    def test_without_common_objects_judgements_are_independent(self, rng):
        triplets = Triplets(np.arange(90).reshape(-1, 3), None, 90)
        values = rng.normal(size=30)
        found = comparison.clustered_errors(values, triplets)
        assert found == pytest.approx((values.std() / np.sqrt(30),) * 2)

    def test_order_plays_no_part(self, rng):
        triplets, values = random_triplets(rng), rng.normal(size=60)
        order, turned = rng.permutation(60), triplets.objects[:, [2, 0, 1]]
        other = Triplets(turned, None, triplets.n_objects).subset(order)
        expected = comparison.clustered_errors(values, triplets)
        assert comparison.clustered_errors(values[order], other) == pytest.approx(expected)

    def test_nothing_is_known_without_judgements_and_sure_without_variation(self, rng):
        triplets = random_triplets(rng)
        assert np.isnan(comparison.clustered_errors(np.array([]), triplets.subset(slice(0)))).all()
        assert comparison.clustered_errors(np.ones(60), triplets) == (0, 0)

    @pytest.mark.parametrize("n", [1, 4, 5])
    def test_fewer_than_five_triplets_tell_none(self, rng, n):
        """However many judgements of them there are; and no pair is then told apart by its error."""
        once = Triplets(np.arange(3 * n).reshape(-1, 3), None, 3 * n)
        triplets, values = once.subset(np.repeat(np.arange(n), 20)), rng.random(20 * n)
        assert np.isfinite(comparison.clustered_errors(values, triplets)).all() == (n == 5)
        if n < 5:
            pairs = comparison.compare_pairs({"a": values + 1, "b": np.zeros(20 * n)}, triplets)
            pairs = pairs.assign(transform="full", penalty="x", judgements="all")
            for correction in ("none", "holm", "bonferroni"):
                found = comparison.dominance(pairs, test="objects", correction=correction)
                assert found["better"].tolist() == [""]

    def test_tells_the_spread_of_repeated_studies(self, rng):
        triplets = random_triplets(rng, n=400, n_objects=80)
        means, errors = [], []
        for _ in range(300):
            values = rng.normal(size=80)[triplets.objects].sum(axis=1) + rng.normal(size=400)
            means.append(values.mean())
            errors.append(comparison.clustered_errors(values, triplets))
        naive, clustered = np.mean(np.square(errors), axis=0)
        # the mean deviation is taken off first, so that the estimate is somewhat low with so few objects
        assert 0.75 < clustered / np.var(means) < 1.1
        assert naive / np.var(means) < 0.5


class TestPairs:
    def test_sign_test_is_scipys(self):
        for first, second in [*itertools.product(range(9), repeat=2), (180, 240), (5000, 4800), (3, 9000)]:
            expected = binomtest(first, first + second).pvalue if first + second else 1.0
            assert stats.sign_test(first, second) == pytest.approx(expected, rel=1e-9)

    def test_are_those_of_a_loop_and_shared_credit_counts(self, rng):
        triplets = random_triplets(rng, n=200)
        credits = {model: rng.choice([0, 0, 1 / 3, 1 / 2, 1, 1], size=200) for model in MODELS}
        credits["e"] = credits["a"].copy()
        found = comparison.compare_pairs(credits, triplets).set_index(["first", "second"])
        assert list(found.index) == list(itertools.combinations(credits, 2))
        for (first, second), row in found.iterrows():
            pairs = list(zip(credits[first], credits[second], strict=True))
            better, worse = sum(x > y for x, y in pairs), sum(x < y for x, y in pairs)
            assert (row["n_discordant"], row["n_first_better"], row["n_test"]) == (better + worse, better, 200)
            p = binomtest(better, better + worse).pvalue if better + worse else 1.0
            assert row["p"] == pytest.approx(p)
            assert row["difference"] == pytest.approx(credits[first].mean() - credits[second].mean())
            change = credits[first] - credits[second]
            assert row["error_objects"] == comparison.clustered_errors(change, triplets).error_objects
        assert found.loc[("a", "e"), ["n_discordant", "p", "difference", "error_objects"]].tolist() == [0, 1, 0, 0]

    def test_one_model_has_nobody_to_be_compared_with(self, rng):
        found = comparison.compare_pairs({"a": np.ones(60)}, random_triplets(rng))
        assert found.empty
        assert "n_discordant" in found

    @pytest.mark.parametrize(("correction", "name"), [("bonferroni", "bonferroni"), ("holm", "holm"), ("none", None)])
    def test_dominance_corrects_each_transform_by_itself(self, rng, correction, name):
        triplets = random_triplets(rng, n=300)
        tables = []
        for transform in ("none", "full"):
            credits = {model: (rng.random(300) < 0.4 + 0.08 * i).astype(float) for i, model in enumerate(MODELS)}
            about = {"transform": transform, "penalty": "x", "judgements": "all"}
            tables.append(comparison.compare_pairs(credits, triplets).assign(**about))
        table = pd.concat(tables, ignore_index=True)
        found = comparison.dominance(table, test="sign", correction=correction)
        for transform, part in found.groupby("transform"):
            p = table[table["transform"] == transform]["p"]
            expected = multipletests(p, method=name)[1] if name else p
            np.testing.assert_allclose(part["p_corrected"], expected)
            for row in part.itertuples():
                ahead = row.first if row.difference > 0 else row.second
                assert row.better == (ahead if row.p_corrected < 0.05 else "")
        assert (found["better"] != "").any()

    def test_decided_pairs_are_counted_by_test_and_correction(self, rng):
        triplets = random_triplets(rng, n=300, n_objects=100)
        credits = {model: (rng.random(300) < 0.4 + 0.06 * i).astype(float) for i, model in enumerate(MODELS)}
        table = comparison.compare_pairs(credits, triplets).assign(transform="full", penalty="x", judgements="all")
        found = comparison.count_decided(table, corrections=["bonferroni", "fdr_bh"])
        assert len(found) == 4
        for row in found.itertuples():
            decided = comparison.dominance(table, test=row.test, correction=row.correction)["better"] != ""
            assert (row.n_pairs, row.n_decided) == (6, decided.sum())
        assert 0 < found["n_decided"].max()

    def test_dominance_by_difference_and_error(self):
        table = pd.DataFrame(
            {"first": "a", "second": ["b", "c", "d", "e"], "transform": "full", "penalty": "x", "judgements": "all"}
            | {"difference": [0.02, -0.05, 0.0, 0.01], "error_objects": [0.01, 0.01, 0.0, 0.0]}
            | {"n_discordant": 10, "n_first_better": 5, "p": 1.0}
        )
        found = comparison.dominance(table, test="objects", correction="none")
        np.testing.assert_allclose(found["p"], [2 * norm.sf(2), 2 * norm.sf(5), 1, 0])
        assert found["better"].tolist() == ["a", "c", "", "a"]

    def test_wrong_options_are_named(self, rng):
        table = comparison.compare_pairs({"a": np.ones(60), "b": np.zeros(60)}, random_triplets(rng))
        table = table.assign(transform="full", penalty="x", judgements="all")
        with pytest.raises(ValueError, match="test='t' is none of sign, objects"):
            comparison.dominance(table, test="t", correction="holm")
        with pytest.raises(ValueError, match="correction='tukey' is none of"):
            comparison.dominance(table, test="sign", correction="tukey")


class TestPool:
    def test_folds_weigh_by_their_judgements_and_ranks_are_told_apart(self, rng):
        scores = random_scores(rng, models=("m",), n_folds=2)
        scores = scores[(scores["transform"] == "full") & (scores["penalty"] == "frobenius")]
        scores = scores[scores["judgements"] == "all"].assign(n_test=[100, 300], accuracy=[0.5, 0.7])
        low = scores.assign(transform="low_rank", rank=[30.0, 5.0])
        found = accuracy.pool(pd.concat([scores, low]))
        assert found["rank"].tolist()[1:] == [30.0, 5.0]
        assert np.isnan(found["rank"].iloc[0])
        np.testing.assert_allclose(found["accuracy"], [0.65, 0.5, 0.7])

    def test_is_that_of_a_loop(self, rng):
        scores = random_scores(rng)
        found = accuracy.pool(scores).set_index(["model", "transform", "penalty", "judgements"])
        groups = scores.groupby(["model", "transform", "penalty", "judgements"])
        assert len(found) == 4 * 5 * 2
        for key, row in found.iterrows():
            part = groups.get_group(key)
            n = part["n_test"].sum()
            right = round((part["accuracy"] * part["n_test"]).sum())
            assert (row["n_test"], row["n_folds"], row["n_ties"]) == (n, 3, 3)
            assert row["accuracy"] == pytest.approx(right / n)
            interval = binomtest(right, int(n)).proportion_ci(method="exact")
            assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))
            error = np.sqrt(((part["n_test"] * part["error_objects"]) ** 2).sum()) / n
            half = row["high_objects"] - row["accuracy"], row["accuracy"] - row["low_objects"]
            assert half == pytest.approx((min(Z95 * error, 1 - right / n), min(Z95 * error, right / n)))
            published = (part["accuracy_published"] * part["n_test"]).sum() / n
            assert row["flattery"] == pytest.approx(published - right / n)
            assert row["n_at_end"] == (key[1] != "none")
            assert np.isnan(row["strength"]) == (key[1] == "none")

    def test_means_over_models(self, rng):
        pooled = accuracy.pool(random_scores(rng))
        found = accuracy.by_transform(pooled)
        assert found["transform"].tolist() == ["none"] * 2 + ["diagonal"] * 4 + ["full"] * 4
        row = found[(found["transform"] == "full") & (found["penalty"] == "frobenius")].iloc[0]
        part = pooled[(pooled["transform"] == "full") & (pooled["penalty"] == "frobenius")]
        part = part[part["judgements"] == row["judgements"]].set_index("model")
        assert row["accuracy"] == pytest.approx(part["accuracy"].mean())
        assert row["best_model"] == part["accuracy"].idxmax()
        assert (row["n_models"], row["n_at_end"], row["n_choices"]) == (4, 4, 12)


class TestOrder:
    def gains(self):
        known = {"none": (0.4, 0.5), "diagonal": (0.45, 0.48), "low_rank": (0.5, 0.6), "full": (0.55, 0.54)}
        table = {
            (model, transform, "none" if transform == "none" else "scaled_identity"): values[i]
            for transform, values in known.items()
            for i, model in enumerate("ab")
        }
        table |= {("a", "full", "frobenius"): 0.99}
        return accuracy.steps(pooled_of(table), penalty="scaled_identity", judgements="all")

    def test_steps(self):
        found = self.gains()
        assert found[["less", "more"]].to_numpy().tolist() == [
            ["none", "diagonal"],
            ["diagonal", "low_rank"],
            ["low_rank", "full"],
        ]
        np.testing.assert_allclose(found["gain"], [0.015, 0.085, -0.005])
        np.testing.assert_allclose(found["smallest"], [-0.02, 0.05, -0.06])
        assert found["n_better"].tolist() == [1, 2, 1]

    def test_words(self):
        gains = self.gains()
        assert accuracy.describe_order(gains) == "does not rise from low rank to full"
        assert accuracy.describe_order(gains.assign(gain=1.0)) == "rises with every step of flexibility"
        text = accuracy.describe_order(gains.assign(gain=[-1, 1, 0]))
        assert text == "does not rise from none to diagonal nor from low rank to full"


class TestEquivalence:
    def table(self, rng, shift, n=12):
        first = rng.uniform(0.4, 0.6, size=n)
        second = first - shift + rng.normal(scale=0.03, size=n)
        accuracies = {}
        for i in range(n):
            for penalty, values in (("scaled_identity", first), ("frobenius", second)):
                accuracies |= {(f"m{i:02d}", transform, penalty): values[i] for transform in ("diagonal", "full")}
            accuracies[f"m{i:02d}", "none", "none"] = 0.4
        return pooled_of(accuracies), first, second

    @pytest.mark.parametrize("shift", [0.0, 0.02, -0.03, 0.05, -0.2])
    def test_by_t_is_statsmodels(self, rng, shift):
        pooled, first, second = self.table(rng, shift)
        found = comparison.equivalence(pooled, seed=0, judgements="all")
        assert found["transform"].tolist() == ["diagonal", "full"]
        p, (_, p_low, _), (_, p_high, _) = ttost_paired(first, second, -0.05, 0.05)
        np.testing.assert_allclose(found["p_t"], p)
        assert p == max(p_low, p_high)
        row = found.iloc[0]
        assert row["difference"] == pytest.approx((first - second).mean())
        # the interval lies within the bounds where the corrected test says so
        assert row["equivalent_t"] == (p < 0.025) == (-0.05 < row["low"] and row["high"] < 0.05)

    def test_by_bootstrap_is_that_of_a_loop(self, rng, monkeypatch):
        monkeypatch.setattr(comparison, "_N_BOOTSTRAP", 400)
        pooled, first, second = self.table(rng, 0.04)
        found = comparison.equivalence(pooled, seed=3, judgements="all")
        change, resamples = first - second, np.random.default_rng(3)
        for row in found.itertuples():  # one draw for each transform, in their order
            means = [resample.mean() for resample in resamples.choice(change, size=(400, 12))]
            beyond = max(sum(mean >= 0.05 for mean in means), sum(mean <= -0.05 for mean in means))
            assert 0 < beyond < 400
            assert row.p_bootstrap == pytest.approx((beyond + 1) / 401)

    def test_penalties_that_are_the_same_are_equivalent(self, rng):
        pooled, _, _ = self.table(rng, 0.0)
        pooled["accuracy"] = 0.5
        found = comparison.equivalence(pooled, seed=0, judgements="all")
        assert found["p_t"].tolist() == [0, 0]
        assert found[["equivalent_t", "equivalent_bootstrap"]].all(axis=None)

    def test_one_model_shows_nothing(self, rng):
        pooled, _, _ = self.table(rng, 0.0, n=1)
        found = comparison.equivalence(pooled, seed=0, judgements="all")
        assert found[["p_t", "p_bootstrap", "low"]].isna().all(axis=None)
        assert not found[["equivalent_t", "equivalent_bootstrap"]].any(axis=None)

    def test_order_of_penalties_turns_the_difference(self, rng):
        pooled, _, _ = self.table(rng, 0.02)
        turned = {"scaled_identity": "frobenius", "frobenius": "scaled_identity"}
        both = [
            comparison.equivalence(table, seed=0, judgements="all")
            for table in (pooled, pooled.replace({"penalty": turned}))
        ]
        np.testing.assert_allclose(both[0]["difference"], -both[1]["difference"])
        np.testing.assert_allclose(both[0]["p_t"], both[1]["p_t"])
        np.testing.assert_allclose(both[0]["low"], -both[1]["high"])
