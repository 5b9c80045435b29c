"""Dimensions and clusters of metrics against plain loops, brute force and known populations."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.multivariate.factor_rotation import rotate_factors

from yardsticks.scores.structure import dimensions
from yardsticks.scores.structure.clusters import cluster_metrics, describe_clusters, merges
from yardsticks.scores.structure.dimensions import (
    analyse_dimensions,
    by_policy,
    correlations,
    count_dimensions,
    explained_by_holes,
    fill_holes,
    one_of_each,
)
from yardsticks.scores.structure.figures import plot_clusters, plot_dimensions
from yardsticks.scores.structure.naming import describe_loadings, loadings

BLOCKS = [0, 0, 0, 1, 1, 1, 2, 2, 2]  # which of three things a metric measures


@pytest.fixture
def blocks(rng):
    """Nine metrics of three things, 80 models."""
    things = rng.normal(size=(80, 3))
    return pd.DataFrame(things[:, BLOCKS] + 0.7 * rng.normal(size=(80, 9)), columns=list("abcdefghi"))


@pytest.fixture
def holes(blocks, rng):
    return blocks.mask(rng.random(blocks.shape) < 0.05)


def plain_eigenvalues(values):
    return np.sort(np.linalg.eigvals(values.corr("spearman")).real)[::-1]


@pytest.mark.parametrize("policy", ["complete", "pairwise", "zero"])
def test_eigenvalues_and_chance_are_those_of_a_plain_loop(holes, policy, monkeypatch):
    monkeypatch.setattr(dimensions, "DEALT", 30)
    got = analyse_dimensions(holes, policy=policy, seed=3, n=5)
    values = {"complete": holes.dropna(), "pairwise": holes, "zero": holes.fillna(0)}[policy]
    np.testing.assert_allclose(got["eigenvalue"], plain_eigenvalues(values), atol=1e-10)
    assert got["eigenvalue"].sum() == pytest.approx(9)
    rng, chance = np.random.default_rng(3), []
    for _ in range(30):
        dealt = values.copy()
        for column in dealt:
            there = values[column].notna()
            dealt.loc[there, column] = rng.permutation(values.loc[there, column])
        chance.append(plain_eigenvalues(dealt))
    np.testing.assert_allclose(got["chance"], np.quantile(chance, 0.95, axis=0), atol=1e-10)


def test_as_many_dimensions_as_there_are_things(blocks, holes):
    analysis = analyse_dimensions(blocks, policy="complete", seed=1, n=200)
    assert count_dimensions(analysis) == {"n": 3, "low": 3, "high": 3}
    assert ((analysis["low"] < analysis["eigenvalue"]) & (analysis["eigenvalue"] < analysis["high"])).all()
    _, counts = by_policy(dict.fromkeys(["complete", "pairwise", "zero"], holes), seed=1, n=100)
    assert counts["n"].tolist() == [3, 3, 3]
    assert counts["n_models"].tolist() == [len(holes.dropna()), 80, 80]


def test_metrics_without_agreement_have_a_dimension_as_rarely_as_the_level_says(rng, monkeypatch):
    monkeypatch.setattr(dimensions, "DEALT", 60)
    found = [
        count_dimensions(analyse_dimensions(pd.DataFrame(rng.normal(size=(40, 5))), policy="complete", seed=seed, n=5))
        for seed in range(20)
    ]
    assert sum(counts["n"] > 0 for counts in found) <= 4  # of 20 at 5 %: more has a probability of .003


def test_intervals_hold_the_eigenvalue_of_the_population(rng, monkeypatch):
    monkeypatch.setattr(dimensions, "DEALT", 1)  # chance has no part in them
    truth = 1 + 3 * 6 / np.pi * np.arcsin(0.5 / 2)  # of four normal metrics that correlate at .5, by ranks
    held = 0
    for seed in range(60):
        shared, own = rng.normal(size=(70, 1)), rng.normal(size=(70, 4))
        values = pd.DataFrame(np.sqrt(0.5) * (shared + own))
        low, high = analyse_dimensions(values, policy="complete", seed=seed, n=150).loc[1, ["low", "high"]]
        held += low <= truth <= high
    assert held >= 51  # of 60 at 95 %: fewer has a probability of .002


def test_copies_of_models_make_dimensions_that_single_ones_do_not_have(rng):
    single = rng.normal(size=(12, 6))
    copies = pd.DataFrame(np.repeat(single, 8, axis=0) + 0.01 * rng.normal(size=(96, 6)))
    found = one_of_each(copies, copies.index.to_series() // 8, policy="complete", seed=1, n=3)
    assert found["n_families"] == 12
    assert count_dimensions(analyse_dimensions(copies, policy="complete", seed=1, n=9))["n"] >= 2
    assert found["single"] <= 0.5
    other = one_of_each(copies, pd.Series(range(96)), policy="complete", seed=1, n=1)
    assert other["single"] == other["anyone"]


def test_zeros_for_holes_make_a_dimension_of_who_was_scored(rng):
    values = pd.DataFrame(1 + rng.random((60, 6)))
    values.iloc[:30, :3] = np.nan
    values.iloc[::2, 3:] = np.nan
    found = explained_by_holes(values)
    ranks = values.fillna(0).rank()
    vectors, sizes, _ = np.linalg.svd((ranks - ranks.mean()) / ranks.std(), full_matrices=False)
    places = vectors[:, :2] * sizes[:2]
    fits = [sm.OLS(place, sm.add_constant(values.notna().astype(float)[[0, 3]])).fit() for place in places.T]
    assert found == pytest.approx(sum(fit.ess for fit in fits) / (places**2).sum())
    assert found > 0.9
    assert explained_by_holes(values.fillna(1.5)) == pytest.approx(0, abs=1e-9)
    assert np.isnan(explained_by_holes(values.assign(**{"0": 1.0})))


def test_policies_without_correlations_are_left_out(blocks, monkeypatch):
    monkeypatch.setattr(dimensions, "DEALT", 9)
    few = blocks.mask(np.arange(80)[:, None] % 9 == np.arange(9))  # no model has all
    assert by_policy(dict.fromkeys(dimensions.HOLES, few), seed=1, n=9)[1].index.tolist() == ["pairwise", "zero"]
    with pytest.raises(ValueError, match="no correlation"):
        by_policy({"complete": few}, seed=1, n=9, policies=["complete"])


def test_order_and_scale_of_scores_do_not_matter(blocks):
    one = analyse_dimensions(blocks, policy="complete", seed=1, n=20)
    other = blocks.sample(frac=1, random_state=1).assign(a=lambda frame: np.exp(frame["a"]))
    assert one["eigenvalue"].tolist() == pytest.approx(
        analyse_dimensions(other, policy="complete", seed=1, n=20)["eigenvalue"].tolist()
    )


def test_what_cannot_be_correlated_is_named(blocks):
    for policy in ("complete", "zero"):
        with pytest.raises(ValueError, match=r"'c' has no correlation .* \(80 models\)"):
            analyse_dimensions(blocks.assign(c=0.5), policy=policy, seed=1)
    with pytest.raises(ValueError, match="there are 1"):
        correlations(blocks[["a"]])
    with pytest.raises(ValueError, match="complete, pairwise, zero"):
        fill_holes(blocks, "none")
    few = analyse_dimensions(blocks[:4], policy="complete", seed=1)
    assert few[["low", "high", "share_kept"]].isna().all(axis=None)
    assert few["chance"].notna().all()


def test_without_a_dimension_there_is_nothing_to_name(blocks):
    with pytest.raises(ValueError, match="no dimension of 9 metrics"):
        loadings(blocks, 0, policy="complete")
    with pytest.raises(ValueError, match="cut into 0 clusters"):
        cluster_metrics(blocks, 0, policy="complete", seed=1)


def test_loadings_keep_what_the_dimensions_have_and_cannot_be_turned_to_a_simpler_shape(blocks):
    corr = blocks.corr("spearman").to_numpy()
    whole = loadings(blocks, 9, policy="complete").to_numpy()
    np.testing.assert_allclose(whole @ whole.T, corr, atol=1e-8)
    found = loadings(blocks, 3, policy="complete")
    sizes, vectors = np.linalg.eigh(corr)
    np.testing.assert_allclose(
        (found**2).sum(axis=1), (vectors[:, -3:] ** 2 @ sizes[-3:]), atol=1e-8
    )  # what a metric has in common with the three does not depend on how they are turned
    criterion = (found**2).var(ddof=0).sum()
    plain = vectors[:, -3:] * np.sqrt(sizes[-3:])
    assert criterion == pytest.approx((rotate_factors(plain, "varimax")[0] ** 2).var(axis=0).sum(), abs=1e-6)
    for first, second in ((0, 1), (0, 2), (1, 2)):
        for angle in np.linspace(-0.5, 0.5, 21):
            turn = np.eye(3)
            turn[np.ix_([first, second], [first, second])] = [
                [np.cos(angle), -np.sin(angle)],
                [np.sin(angle), np.cos(angle)],
            ]
            assert ((found.to_numpy() @ turn) ** 2).var(axis=0).sum() <= criterion + 1e-9
    said = describe_loadings(found, dict.fromkeys("abcdef", "V1") | dict.fromkeys("ghi", None))
    assert sorted(said["areas"]) == ["V1 3", "V1 3", "unknown 3"]
    assert {"".join(sorted(name.split()[0] for name in row.split(", "))) for row in said["made_of"]} == {
        "abc",
        "def",
        "ghi",
    }
    assert said["share"].is_monotonic_decreasing


def test_a_dimension_points_to_where_its_metrics_grow(blocks):
    found = loadings(-blocks, 3, policy="complete")
    np.testing.assert_allclose(found, loadings(blocks, 3, policy="complete"), atol=1e-8)
    assert (found.sum() > 0).all()


def flips(branch):
    """All orders in which a tree of nested pairs can be drawn."""
    if not isinstance(branch, tuple):
        return [[branch]]
    one, other = (flips(part) for part in branch)
    return [a + b for a in one for b in other] + [b + a for a in one for b in other]


def test_the_tree_joins_by_mean_distance_in_the_best_of_all_orders(rng):
    values = pd.DataFrame(rng.normal(size=(25, 6)), columns=list("abcdef"))
    tree, distance = merges(values, policy="complete"), 1 - values.corr("spearman")
    order = tree.attrs["order"]
    branches = dict(enumerate(order))  # by place of its first leaf
    for row in tree.itertuples():
        inside = order[row.first : row.last + 1]
        (split,) = [
            k
            for k in range(1, len(inside))
            if all(start in branches for start in (row.first, row.first + k))
            and {*leaves(branches[row.first])} == {*inside[:k]}
        ]
        mean = distance.loc[inside[:split], inside[split:]].to_numpy().mean()
        assert row.height == pytest.approx(mean)
        assert row.height >= max(row.left_height, row.right_height)
        branches[row.first] = (branches[row.first], branches.pop(row.first + split))
    lengths = [sum(distance.loc[a, b] for a, b in pairwise(o)) for o in flips(branches[0])]
    assert len(lengths) == 2**5
    found = sum(distance.loc[a, b] for a, b in pairwise(order))
    assert found == pytest.approx(min(lengths))


def leaves(branch):
    return [leaf for part in branch for leaf in leaves(part)] if isinstance(branch, tuple) else [branch]


def test_clusters_are_the_things_and_stay_together(blocks):
    clusters = cluster_metrics(blocks, 3, policy="complete", seed=1, n=60)
    assert {"".join(sorted(of.index)) for _, of in clusters.groupby("cluster")} == {"abc", "def", "ghi"}
    assert list(clusters.index) == merges(blocks, policy="complete").attrs["order"]
    assert clusters["cluster"].is_monotonic_increasing
    assert (clusters["together"] > 0.9).all()
    assert (clusters["apart"] < 0.1).all()
    said = describe_clusters(clusters, dict.fromkeys("abcdefghi", "IT"), n_named=2)
    assert said["areas"].tolist() == ["IT 3"] * 3
    assert said["members"].str.endswith(" and 1 more").all()


def test_metrics_without_agreement_do_not_stay_together(rng):
    clusters = cluster_metrics(pd.DataFrame(rng.normal(size=(40, 8))), 3, policy="complete", seed=1, n=60)
    assert clusters["together"].mean() < 0.8
    alone = cluster_metrics(pd.DataFrame(rng.normal(size=(40, 3))), 3, policy="complete", seed=1, n=9)
    assert alone["together"].isna().all()
    assert (alone["apart"] == 0).all()


def test_figures_show_each_policy_and_each_cluster(blocks):
    panels = plot_dimensions(
        *by_policy({"complete": blocks, "zero": blocks}, seed=1, n=20, policies=["complete", "zero"])
    )
    titles = [axes.get_title(loc=where) for axes in panels.axes for where in ("left", "center")]
    assert [title.split(" dim")[0] for title in titles if title] == ["complete: 3", "zero: 3"]
    clusters = cluster_metrics(blocks, 3, policy="complete", seed=1, n=20)
    figure = plot_clusters(
        correlations(blocks), merges(blocks, policy="complete"), clusters, dict.fromkeys("abcdefghi", "V1")
    )
    tree, heat = figure.axes[:2]
    assert len(tree.lines) == 8
    assert len(heat.patches) == 3
    np.testing.assert_allclose(heat.images[0].get_array(), blocks[clusters.index].corr("spearman"), atol=1e-12)
