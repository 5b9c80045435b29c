"""Correlation, corrections, explained variance and density against scipy, statsmodels and loops by hand."""

import math
from functools import cache
from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.multitest import multipletests

from yardsticks import datasets
from yardsticks.scores.opening import open_scores
from yardsticks.stats import (
    CORRECTIONS,
    METHODS,
    coefficients,
    correct,
    correlate,
    density,
    explained_variance,
    moments,
)
from yardsticks.stats.p_values import EXACT_UP_TO

ORACLES = {
    "spearman": scipy_stats.spearmanr,
    "kendall": scipy_stats.kendalltau,
    "pearson": scipy_stats.pearsonr,
}
POLICIES = ("complete", "pairwise")
# the same examples on every run: a test's randomness comes from its name
examples = settings(derandomize=True, deadline=None, max_examples=150)


def scores(rng, n_rows=40, n_columns=6, holes=0.2, decimals=1):
    """Correlated columns with ties and with holes in every pattern."""
    latent = rng.normal(size=(n_rows, 1))
    data = np.round(latent + rng.normal(size=(n_rows, n_columns)), decimals)
    data[rng.random(data.shape) < holes] = np.nan
    return pd.DataFrame(data, [f"model {row}" for row in range(n_rows)], [f"m{column}" for column in range(n_columns)])


def alone(x, y, method):
    """One pair by scipy: coefficient, number of rows, p; NaN where there is nothing to correlate."""
    both = [(a, b) for a, b in zip(x, y, strict=True) if not (math.isnan(a) or math.isnan(b))]
    if len(both) < 3 or len({a for a, _ in both}) == 1 or len({b for _, b in both}) == 1:
        return math.nan, len(both), math.nan
    result = ORACLES[method]([a for a, _ in both], [b for _, b in both])
    small = len(both) <= EXACT_UP_TO
    return result.statistic, len(both), by_all_orders(*zip(*both, strict=True), method) if small else result.pvalue


@cache
def by_all_orders(x, y, method):
    """The share of all orders of y whose coefficient with x is as far from 0 as that of y, by counting."""

    if method == "spearman":
        x, y = scipy_stats.rankdata(x), scipy_stats.rankdata(y)
    pairs, n = list(combinations(range(len(x)), 2)), len(x)

    def size(y):
        if method == "kendall":
            return abs(
                sum(math.copysign((x[i] - x[j]) * (y[i] - y[j]) != 0, (x[i] - x[j]) * (y[i] - y[j])) for i, j in pairs)
            )
        return abs(sum(a * b for a, b in zip(x, y, strict=True)) - sum(x) * sum(y) / n)

    sizes = [size(order) for order in permutations(y)]
    return sum(other >= sizes[0] - 1e-9 for other in sizes) / len(sizes)


def assert_as_scipy(values, method, policy, tolerance=1e-12):
    result = correlate(values, policy=policy, method=method)
    rows = values.dropna() if policy == "complete" else values
    assert all(matrix.equals(matrix.T) for matrix in result)
    for i, a in enumerate(values.columns):
        for j, b in enumerate(values.columns[: i + 1]):
            corr, n, p = alone(rows[a].tolist(), rows[b].tolist(), method)
            assert result.n.iloc[i, j] == n
            assert result.corr.iloc[i, j] == pytest.approx(corr, abs=tolerance, nan_ok=True)
            # near |r| = 1 p hangs on the last digit of r: perfect agreement has tests of its own
            if i != j and (n <= EXACT_UP_TO or not abs(corr) > 1 - 1e-9):
                assert result.p.iloc[i, j] == pytest.approx(p, abs=tolerance, nan_ok=True)


def assert_same(left, right, tolerance=1e-12):
    for ours, theirs in zip(left, right, strict=True):
        pd.testing.assert_frame_equal(ours, theirs, rtol=0, atol=tolerance)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("method", METHODS)
def test_every_pair_as_scipy(rng, method, policy):
    values = scores(rng, holes=0.1)
    assert values.dropna().shape[0] >= 10
    assert_as_scipy(values, method, policy)


@pytest.mark.parametrize("method", METHODS)
def test_columns_that_share_a_pattern_of_missingness_as_scipy(rng, method):
    values = scores(rng, n_columns=7, holes=0)
    values.iloc[:10, [0, 3]] = np.nan
    values.iloc[5:30, [1, 4, 6]] = np.nan
    assert_as_scipy(values, method, "pairwise")


@pytest.mark.parametrize("method", METHODS)
@examples
@given(data=st.data())
def test_small_tables_with_ties_and_holes_as_scipy(method, data):
    cell = st.one_of(st.just(math.nan), st.integers(-3, 3).map(lambda value: value / 4))
    n_columns = data.draw(st.integers(1, 4))
    rows = data.draw(st.lists(st.lists(cell, min_size=n_columns, max_size=n_columns), max_size=5))
    rows += data.draw(st.sampled_from([[], [[step / 3] * n_columns for step in (1, 5, 2, 5, 8, 3, 2, 9, 4)]]))
    values = pd.DataFrame(rows, columns=[f"m{column}" for column in range(n_columns)], dtype=float)
    for policy in POLICIES:
        assert_as_scipy(values, method, policy)


def test_real_leaderboard_pairwise_spearman_as_scipy():
    if datasets.find("brainscore-2024-01") is None:
        pytest.skip("the real leaderboard is not on this machine")
    values = open_scores("brainscore-2024-01").values
    assert values.shape == (280, 81)
    for start in range(0, 81, 27):  # pairs within each third, and of each third with the next
        assert_as_scipy(values.iloc[:, start : start + 30 : 2], "spearman", "pairwise")
    ours = correlate(values, policy="pairwise", method="spearman")[0]
    theirs = values.corr(method="spearman", min_periods=3)
    pd.testing.assert_frame_equal(ours, theirs, check_names=False, atol=1e-12, rtol=0)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("method", METHODS)
def test_form(rng, method, policy):
    values = scores(rng)
    before = values.copy()
    corr, n, p = correlate(values, policy=policy, method=method)
    for matrix in (corr, n, p):
        assert list(matrix.index) == list(matrix.columns) == list(values.columns)
        assert matrix.equals(matrix.T)
    assert (np.diag(corr) == 1).all()
    assert np.isnan(np.diag(p)).all()
    assert (corr.abs() <= 1).all(axis=None)
    off_diagonal = p.to_numpy()[~np.eye(len(p), dtype=bool)]
    assert ((off_diagonal >= 0) & (off_diagonal <= 1)).all()
    assert all(np.issubdtype(dtype, np.integer) for dtype in n.dtypes)
    pd.testing.assert_frame_equal(values, before)


def test_spearman_is_the_default(rng):
    values = scores(rng)
    assert_same(correlate(values, policy="pairwise"), correlate(values, policy="pairwise", method="spearman"), 0)


@pytest.mark.parametrize("method", METHODS)
def test_pairwise_equals_the_pair_alone(rng, method):
    values = scores(rng, holes=0.3)
    together = correlate(values, policy="pairwise", method=method)
    for a in values.columns:
        for b in values.columns.drop(a):
            pair = correlate(values[[a, b]], policy="pairwise", method=method)
            for whole, part in zip(together, pair, strict=True):
                assert whole.at[a, b] == pytest.approx(part.at[a, b], abs=1e-14)


@pytest.mark.parametrize("method", METHODS)
def test_models_with_holes_leave_complete_case_unchanged(rng, method):
    values = scores(rng, holes=0)
    more = scores(rng, n_rows=30, holes=0)
    hole = rng.integers(0, more.shape[1], len(more))
    more = more.mask(np.arange(more.shape[1]) == hole[:, None]).set_axis([f"holed {row}" for row in range(30)])
    assert more.isna().any(axis=1).all()
    larger = pd.concat([more[:15], values, more[15:]])
    assert_same(
        correlate(larger, policy="complete", method=method),
        correlate(values, policy="complete", method=method),
        0,
    )
    assert not correlate(larger, policy="pairwise", method=method).n.equals(
        correlate(values, policy="pairwise", method=method).n
    )


def test_policies_agree_without_holes(rng):
    values = scores(rng, holes=0)
    assert_same(correlate(values, policy="complete"), correlate(values, policy="pairwise"), 0)


@pytest.mark.parametrize("method", ["spearman", "kendall"])
def test_monotone_transforms_leave_ranks_unchanged(rng, method):
    values = scores(rng)
    transformed = values.assign(m0=np.exp(values["m0"]), m1=values["m1"] ** 3, m2=values["m2"] * 1000 - 7)
    assert_same(
        correlate(transformed, policy="pairwise", method=method),
        correlate(values, policy="pairwise", method=method),
    )
    pearson = correlate(transformed, policy="pairwise", method="pearson").corr
    assert not np.allclose(pearson, correlate(values, policy="pairwise", method="pearson").corr)


@pytest.mark.parametrize("method", METHODS)
def test_reversing_a_column_changes_the_sign_alone(rng, method):
    values = scores(rng)
    plain = correlate(values, policy="pairwise", method=method)
    reversed_ = correlate(values.assign(m2=-values["m2"]), policy="pairwise", method=method)
    sign = pd.DataFrame(1.0, values.columns, values.columns)
    sign.loc["m2"] *= -1
    sign["m2"] *= -1
    assert_same(reversed_, (plain.corr * sign, plain.n, plain.p))


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("method", METHODS)
def test_order_of_rows_and_columns_does_not_matter(rng, method, policy):
    values = scores(rng)
    columns = list(rng.permutation(values.columns))
    shuffled = values.loc[rng.permutation(values.index), columns]
    plain = correlate(values, policy=policy, method=method)
    assert_same(correlate(shuffled, policy=policy, method=method), [matrix.loc[columns, columns] for matrix in plain])


@pytest.mark.parametrize("n", [3, 4, 5, 8, 9, 10, 100])
@pytest.mark.parametrize("direction", [1, -1])
def test_perfect_agreement_of_ranks_is_the_rarer_the_more_rows(direction, n):
    x = np.arange(float(n))
    result = correlate(pd.DataFrame({"x": x, "y": direction * x**3}), policy="pairwise")
    assert result.corr.at["x", "y"] == pytest.approx(direction, abs=1e-15)
    # of n! orders two agree perfectly; beyond the exact ones Student's t says 0, as scipy does
    expected = 2 / math.factorial(n) if n <= EXACT_UP_TO else scipy_stats.spearmanr(x, direction * x**3).pvalue
    assert result.p.at["x", "y"] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_three_rows_are_never_significant(method):
    values = pd.DataFrame({"x": [1.0, 2, 3], "y": [1.0, 3, 4], "tied": [1.0, 1, 2]})
    p = correlate(values, policy="complete", method=method).p
    assert p.at["x", "y"] == pytest.approx(
        2 / 6 if method != "pearson" else by_all_orders((1, 2, 3), (1, 3, 4), method)
    )
    assert p.at["x", "tied"] == pytest.approx(by_all_orders((1, 2, 3), (1, 1, 2), method))
    assert p.min(axis=None) >= 1 / 3 - 1e-12


def test_exact_p_of_ranks_as_scipys_permutation_test(rng):
    x, y = rng.integers(0, 5, 7).astype(float), rng.random(7)
    p = correlate(pd.DataFrame({"x": x, "y": y}), policy="complete").p.at["x", "y"]

    def size(y):
        return abs(scipy_stats.spearmanr(x, y).statistic)

    test = scipy_stats.permutation_test(
        (y,), size, permutation_type="pairings", n_resamples=np.inf, alternative="greater"
    )
    assert p == pytest.approx(test.pvalue, abs=1e-12)


@pytest.mark.parametrize("scale", [1e-320, 1e-162, 1e-300, 1e154, 1e300, 1e306])
@pytest.mark.parametrize("holes", [False, True])
def test_pearson_of_tiny_and_huge_values(rng, scale, holes):
    values = pd.DataFrame(rng.integers(0, 40, (12, 3)).astype(float), columns=list("abc"))
    if holes:
        values = values.mask(rng.random(values.shape) < 0.1)
    expected = correlate(values, policy="pairwise", method="pearson")
    result = correlate(values.assign(a=values["a"] * scale), policy="pairwise", method="pearson")
    for ours, plain in zip(result, expected, strict=True):
        pd.testing.assert_frame_equal(ours, plain, rtol=1e-3 if scale == 1e-320 else 1e-9, atol=0)
    assert explained_variance(values["a"] * scale, values["b"]) == pytest.approx(
        explained_variance(values["a"], values["b"]), rel=1e-3 if scale == 1e-320 else 1e-9
    )


def test_pearson_of_values_far_from_zero_as_scipy(rng):
    values = 1e6 + scores(rng, decimals=3) * 1e-3
    values.iloc[0] = 1.0  # on the rows that a pair shares
    assert_as_scipy(values, "pearson", "pairwise", tolerance=1e-9)


@pytest.mark.parametrize("method", ["spearman", "pearson"])
def test_blocks_of_pairs_make_no_difference(rng, method, monkeypatch):
    values = scores(rng, n_columns=9, holes=0.3)
    whole = correlate(values, policy="pairwise", method=method)
    monkeypatch.setattr(moments, "_BLOCK", 4 * len(values))  # two columns at a time
    assert_same(whole, correlate(values, policy="pairwise", method=method), 1e-15)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("method", METHODS)
def test_degenerate_columns(method, policy):
    values = pd.DataFrame({"x": [0.1, 0.4, 0.2, 0.3], "constant": [0.7] * 4, "y": [0.2, 0.2, 0.1, 0.9]})
    corr, n, p = correlate(values, policy=policy, method=method)
    assert corr["constant"].isna().all()
    assert p["constant"].isna().all()
    assert (n == 4).all(axis=None)
    assert corr.at["x", "y"] == pytest.approx(alone(values["x"], values["y"], method)[0], abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_a_column_constant_on_the_shared_rows_alone(method):
    values = pd.DataFrame({"x": [1, 2, 3, 4, 5.0], "y": [7, 7, 7, np.nan, 8]}).assign(
        z=[1, 3, 2, 9, np.nan]
    )  # y varies, but not on the rows that z has
    corr = correlate(values, policy="pairwise", method=method).corr
    assert math.isnan(corr.at["y", "z"])
    assert not corr.drop(index="z", columns="z").isna().any(axis=None)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("n_rows", "holes"), [(0, False), (1, False), (2, False), (5, True)])
def test_too_little_to_correlate(method, policy, n_rows, holes):
    values = pd.DataFrame({"x": np.arange(float(n_rows)), "y": np.arange(float(n_rows)) ** 2})
    if holes:
        values[:] = np.nan
    corr, n, p = correlate(values, policy=policy, method=method)
    assert corr.isna().all(axis=None)
    assert p.isna().all(axis=None)
    assert (n == (0 if holes else n_rows)).all(axis=None)


@pytest.mark.parametrize("method", METHODS)
def test_a_single_column_and_none(method):
    one = correlate(pd.DataFrame({"x": [1.0, 2, 3]}), policy="pairwise", method=method)
    assert one.corr.at["x", "x"] == 1
    assert one.n.at["x", "x"] == 3
    assert correlate(pd.DataFrame(index=range(3)), policy="pairwise", method=method).corr.shape == (0, 0)


def test_wrong_options_name_the_right_ones():
    values = pd.DataFrame({"x": [1.0, 2, 3]})
    with pytest.raises(ValueError, match=r"policy='zero'.*complete.*pairwise"):
        correlate(values, policy="zero")
    with pytest.raises(ValueError, match=r"'rank'.*spearman.*kendall.*pearson"):
        correlate(values, policy="complete", method="rank")
    with pytest.raises(TypeError, match="policy"):
        correlate(values)
    with pytest.raises(ValueError, match=r"'sidak'.*bonferroni.*holm.*fdr_bh.*none"):
        correct(np.array([0.1]), "sidak")


def by_statsmodels(p, method):
    """Leave NaN out by hand; statsmodels corrects the rest."""
    tested = [value for value in p if not math.isnan(value)]
    adjusted = iter(tested if method == "none" or not tested else multipletests(tested, method=method)[1])
    return [value if math.isnan(value) else next(adjusted) for value in p]


@pytest.mark.parametrize("method", CORRECTIONS)
@settings(examples, max_examples=40)
@given(p=st.lists(st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.01, 0.05, 1.0, math.nan])), max_size=25))
def test_corrections_as_statsmodels(method, p):
    np.testing.assert_allclose(correct(np.array(p), method), by_statsmodels(p, method), rtol=1e-12, atol=0)


@examples
@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=25), seed=st.integers(0, 99))
def test_corrections_are_ordered_and_follow_their_tests(p, seed):
    p = np.array(p)
    adjusted = {method: correct(p, method) for method in CORRECTIONS}
    for larger, smaller in [("bonferroni", "holm"), ("holm", "fdr_bh"), ("fdr_bh", "none")]:
        assert (adjusted[larger] >= adjusted[smaller] * (1 - 1e-12)).all()
    order = np.random.default_rng(seed).permutation(len(p))
    for method in CORRECTIONS:
        assert (adjusted[method] <= 1).all()
        np.testing.assert_allclose(correct(p[order], method), adjusted[method][order], rtol=1e-12)


@pytest.mark.parametrize("method", CORRECTIONS)
def test_of_a_frame_each_pair_counts_once(rng, method):
    values = scores(rng, n_columns=5)
    values["constant"] = 1.0
    p = correlate(values, policy="pairwise").p
    before = p.copy()
    adjusted = correct(p, method)
    pairs = [(a, b) for i, a in enumerate(p.columns) for b in p.columns[i + 1 :]]
    expected = by_statsmodels([p.at[pair] for pair in pairs], method)
    assert sum(not math.isnan(value) for value in expected) == 10  # 5 * 4 / 2, nothing of the constant column
    for (a, b), value in zip(pairs, expected, strict=True):
        assert adjusted.at[a, b] == pytest.approx(value, rel=1e-12, nan_ok=True)
        assert adjusted.at[b, a] == pytest.approx(value, rel=1e-12, nan_ok=True)
    assert np.isnan(np.diag(adjusted)).all()
    pd.testing.assert_frame_equal(p, before)


@pytest.mark.parametrize(
    "p",
    [
        pd.DataFrame([[np.nan, 0.1, 0.2], [0.1, np.nan, 0.3]], ["a", "b"], ["a", "b", "c"]),
        pd.DataFrame([[0.1, 0.2]]),
        pd.DataFrame([[np.nan, 0.1], [0.1, np.nan]], ["a", "b"], ["b", "a"]),
        pd.DataFrame([[np.nan, 0.1], [0.2, np.nan]], ["a", "b"], ["a", "b"]),
    ],
    ids=["3 columns", "one row", "other names", "not symmetric"],
)
@pytest.mark.parametrize("method", CORRECTIONS)
def test_a_frame_that_is_no_table_of_pairs_is_refused(p, method):
    with pytest.raises(ValueError, match=rf"symmetric.*{p.shape[0]} x {p.shape[1]}"):
        correct(p, method)


def test_explained_variance_as_scipy(rng):
    values = scores(rng, n_columns=2)
    expected = alone(values["m0"].tolist(), values["m1"].tolist(), "pearson")[0] ** 2
    assert explained_variance(values["m0"], values["m1"]) == pytest.approx(expected, abs=1e-12)
    shuffled = values["m1"].loc[rng.permutation(values.index)]  # rows are matched by model, not by position
    assert explained_variance(values["m0"], shuffled) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([1.0, 2], [1.0, 2]),
        ([1.0, 2, 3], [5.0, 5, 5]),
        ([1, 2, np.nan], [1.0, 2, 3]),
        ([np.nan] * 4, [1.0, 2, 3, 4]),
    ],
)
def test_explained_variance_of_too_little(x, y):
    assert math.isnan(explained_variance(pd.Series(x), pd.Series(y)))


def test_density_by_hand(rng):
    values = pd.DataFrame({"V1": rng.normal(size=30), "V2": rng.normal(0.2, 0.1, 30)})
    values.loc[:9, "V2"] = np.nan
    frame = density(values)
    assert list(frame.columns) == ["name", "x", "density", "bandwidth", "n"]
    widths = []
    for name, part in frame.groupby("name"):
        points = [value for value in values[name] if not math.isnan(value)]
        n, mean = len(points), math.fsum(points) / len(points)
        # Scott's rule in one dimension: the sample's standard deviation times n to the power -1/5
        width = math.sqrt(math.fsum((value - mean) ** 2 for value in points) / (n - 1)) * n ** (-1 / 5)
        widths.append(width)
        assert len(part) == 400
        assert set(part["n"]) == {n}
        np.testing.assert_allclose(part["bandwidth"], width, rtol=1e-12)
        for x, height in zip(part["x"], part["density"], strict=True):
            kernel = [math.exp(-(((x - value) / width) ** 2) / 2) for value in points]
            assert height == pytest.approx(math.fsum(kernel) / (n * width * math.sqrt(2 * math.pi)), rel=1e-9)
    lowest, highest = np.nanmin(values), np.nanmax(values)
    assert frame["x"].min() == pytest.approx(lowest - 3 * max(widths))
    assert frame["x"].max() == pytest.approx(highest + 3 * max(widths))


def test_density_integrates_to_one(rng):
    frame = density(pd.DataFrame({"V1": rng.random(50), "IT": rng.random(50)}))
    for _, part in frame.groupby("name"):
        assert np.trapezoid(part["density"], part["x"]) == pytest.approx(1, abs=0.005)


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ([], "0 values, 0 of them"),
        ([np.nan] * 3, "0 values, 0 of them"),
        ([0.5], "1 values, 1 of them"),
        ([0.5, np.nan, 0.5], "2 values, 1 of them"),
    ],
)
def test_density_without_width_names_the_column(column, told):
    values = pd.DataFrame({"V1": pd.Series([0.1, 0.2, 0.4]), "V2": pd.Series(column, dtype=float)})
    with pytest.raises(ValueError, match=f"'V2' has {told}"):
        density(values)


@pytest.mark.parametrize("method", ["spearman", "kendall", "pearson"])
@pytest.mark.parametrize("n", [2, 3, 40])
def test_coefficients_are_those_of_correlate(rng, method, n):
    values = pd.DataFrame(rng.normal(size=(n, 6)).round(1), columns=list("abcdef"))
    values["tied"] = rng.integers(0, 3, n)
    values["constant"] = 1.0
    holes = values.mask(rng.random(values.shape) < 0.3)
    holes["empty"] = np.nan
    for frame in (values, holes):
        expected = correlate(frame, policy="pairwise", method=method).corr
        pd.testing.assert_frame_equal(coefficients(frame, method=method), expected, atol=1e-12)


def test_coefficients_refuse_an_unknown_method():
    with pytest.raises(ValueError, match="'tau' is none of spearman"):
        coefficients(pd.DataFrame({"a": [1.0, 2, 3]}), method="tau")


class TestRandomOrders:
    """With a seed, where the approximation is doubtful: 9,999 orders of one column, and the one found."""

    def test_pairs_that_agree_nearly_perfectly_survive_any_correction(self, rng):
        values = pd.DataFrame(rng.normal(size=(20, 1)) + 0.05 * rng.normal(size=(20, 40)))
        p = correlate(values, policy="complete", seed=1).p.to_numpy()[np.triu_indices(40, 1)]
        assert len(p) == 780
        assert (correct(p, "bonferroni") < 0.05).all()
        assert (p == 1 / (1 + 9_999 * (1 + 7))).all()  # no draw reaches any of these; 78,000 more are asked for

    @pytest.mark.parametrize("method", METHODS)
    def test_out_of_reach_p_is_about_that_of_all_orders(self, rng, method):
        """Of 362,880 orders of 9 rows, which are too many to be tried each time; two swaps keep all but few away."""
        values = pd.DataFrame(rng.normal(size=(9, 45)))
        values[0], values[1] = np.arange(9.0), np.array([1.0, 0, 3, 2, 4, 5, 6, 7, 8])
        p = correlate(values, policy="complete", method=method, seed=2).p.at[0, 1]
        orders = np.array(list(permutations(values[1])))
        if method == "kendall":
            i, j = np.triu_indices(9, 1)
            size = np.abs(np.sign(orders[:, i] - orders[:, j]).sum(axis=1))
        else:
            size = np.abs((orders - 4) @ (values[0] - 4))
        exact = (size >= size[0] - 1e-9).mean()
        assert 1e-5 < exact < 6e-4
        assert 0.4 <= p / exact <= 2.5

    def test_first_draws_are_all_where_one_reaches(self, rng):
        """More columns change no p that the first draws tell."""
        values = pd.DataFrame(rng.normal(size=(15, 1)) * 0.8 + rng.normal(size=(15, 40)))
        p, of_two = (correlate(values[names], policy="complete", seed=3).p for names in (list(values), [0, 1]))
        assert of_two.at[0, 1] > 2e-4
        assert p.at[0, 1] == of_two.at[0, 1]
