"""What the chapters say in a line, against counts by hand, loops and scipy."""

import dataclasses
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats as sps

from yardsticks.claims import claim_table, printed_numbers
from yardsticks.scores import summaries
from yardsticks.scores.consistency import choose_metrics, consistency, mean_by_areas, pair_table
from yardsticks.scores.intervals import resample
from yardsticks.scores.missing import coverage, missing_scores
from yardsticks.scores.reading.rules import read_frame
from yardsticks.scores.samples import paper_models
from yardsticks.scores.twin.draw import make_twin
from yardsticks.stats import mean_correlation


@pytest.fixture(scope="module")
def twin():
    return make_twin()


@pytest.fixture(scope="module")
def pairs(twin):
    return pair_table(consistency(paper_models(twin, imagenet_floor=0).values, policy="pairwise"))


def test_a_table_is_counted_cell_by_cell(twin):
    said = summaries.describe_table(twin)
    cells = [value for row in twin.values.to_numpy() for value in row]
    known = [value for value in cells if value == value]
    assert said["n_models"] * said["n_metrics"] == len(cells)
    assert said["n_scores"] == len(known)
    assert said["missing_share"] == pytest.approx(1 - len(known) / len(cells))
    assert said["n_negative"] == sum(value < 0 for value in known)
    assert said["n_above_one"] == sum(value > 1 for value in known)
    assert said["n_names"] == len(set(twin.models["name"]))
    assert said["n_paper"] == 51


def test_areas_sum_their_metrics_and_unknown_ones_stand_together(twin):
    frame = coverage(twin)
    areas = summaries.describe_areas(frame)
    assert areas["n_metrics"].sum() == len(frame)
    assert areas["n_negative"].sum() == (twin.values < 0).sum().sum()
    v4 = [metric for metric in twin.values if twin.metrics.at[metric, "area"] == "V4"]
    assert areas.at["V4", "n_metrics"] == len(v4)
    assert areas.at["V4", "median_n_models"] == np.median([twin.values[metric].count() for metric in v4])
    frame["area"] = None
    assert summaries.describe_areas(frame).index.to_list() == ["unknown"]


def test_pairs_are_of_one_kind_each(twin, pairs):
    areas = twin.metrics["area"]
    kinds = summaries.pair_kinds(pairs, areas)
    domain = {m: "n" if a in ("V1", "V2", "V4", "IT") else "b" if a == "behaviour" else "x" for m, a in areas.items()}
    names = {"nn": "two neural metrics", "bb": "two behavioural metrics", "bn": "one of each"}
    for kind, a, b in zip(kinds, pairs["metric_a"], pairs["metric_b"], strict=True):
        assert kind == names.get("".join(sorted(domain[a] + domain[b])), "others")


def test_means_by_kind_are_those_of_a_loop(twin, pairs):
    areas = twin.metrics["area"]
    means = summaries.mean_by_kind(pairs, areas)
    a, b = pairs["metric_a"].map(areas), pairs["metric_b"].map(areas)
    neural = ["V1", "V2", "V4", "IT"]
    mixed = pairs[(a.isin(neural) & (b == "behaviour")) | ((a == "behaviour") & b.isin(neural))]
    assert means["between"] == pytest.approx(np.nanmean(mixed["rho"]))
    assert means["within_neural"] == pytest.approx(np.nanmean(pairs.loc[a.isin(neural) & b.isin(neural), "rho"]))
    both = ((a == "V4") & (b == "IT")) | ((a == "IT") & (b == "V4"))
    assert means["V4_IT"] == pytest.approx(np.nanmean(pairs.loc[both, "rho"]))
    assert np.isnan(means["V2_V2"])  # one metric
    unknown = summaries.mean_by_kind(pairs, pd.Series(None, areas.index, dtype=object))
    assert unknown.isna().all()
    assert list(unknown.index) == list(means.index)


def test_intervals_of_pairs_and_of_their_means_are_those_of_a_loop(twin):
    values = twin.values[choose_metrics(twin, "paper")].dropna().iloc[:, ::6].head(60)
    areas = twin.metrics.loc[values.columns, "area"]
    draws = resample(values, "spearman", seed=1, n=50)
    result = consistency(values, policy="complete")
    pairs = pair_table(result, draws=draws)
    plain = pair_table(result)
    pd.testing.assert_frame_equal(pairs[plain.columns], plain)
    for row in pairs.itertuples():
        expected = np.quantile(draws.loc[(row.metric_a, row.metric_b)], (0.025, 0.975))
        assert (row.low, row.high) == pytest.approx(tuple(expected))
    kinds = summaries.mean_by_kind(pairs, areas, draws=draws)
    by_area = mean_by_areas(pairs, areas.to_dict(), draws=draws)
    counted = summaries.describe_pairs(pairs, draws=draws)
    without = summaries.mean_by_kind(plain, areas)
    assert kinds[without.index].equals(without)
    neural = areas.isin(["V1", "V2", "V4", "IT"])
    wanted = {
        "within_neural": lambda a, b: neural[a] and neural[b],
        "between": lambda a, b: neural[a] != neural[b],
        "V1_behaviour": lambda a, b: {areas[a], areas[b]} == {"V1", "behaviour"},
    }
    for name, belongs in wanted.items():
        rows = [draws.loc[(a, b)] for a, b in zip(pairs["metric_a"], pairs["metric_b"], strict=True) if belongs(a, b)]
        ends = np.quantile(np.mean(rows, axis=0), (0.025, 0.975))
        assert (kinds[f"{name}_low"], kinds[f"{name}_high"]) == pytest.approx(tuple(ends))
    assert by_area.loc[("V1", "behaviour"), ["low", "high"]].tolist() == pytest.approx(list(ends))
    negative = [(draws[number] < 0).mean() for number in draws]
    assert counted["share_negative_high"] == pytest.approx(np.quantile(negative, 0.975))
    one = values.columns[2]
    with_one = summaries.pairs_with(pairs, one)
    assert set(values.columns) == {one, *(name for name in with_one if name in values)}
    for other in values.columns.drop(one):
        assert with_one[other] == result.corr.at[one, other]
        assert with_one[f"{other}_low"] < with_one[other] < with_one[f"{other}_high"]
    with pytest.raises(ValueError, match="'gone' is not among the metrics"):
        summaries.pairs_with(pairs, "gone")


def test_pairs_are_counted_and_those_without_a_correlation_are_no_hits():
    pairs = pd.DataFrame({"n": [9, 5, 3], "rho": [0.8, -0.2, np.nan], "p_adjusted": [0.01, 0.6, np.nan]})
    assert summaries.describe_pairs(pairs).to_dict() == {
        "n_pairs": 2,
        "n_undefined": 1,
        "n_min": 5,
        "n_max": 9,
        "mean": pytest.approx(0.3),
        "share_negative": pytest.approx(1 / 2),
        "share_significant": pytest.approx(1 / 2),
        "n_significant": 1,
    }
    none = summaries.describe_pairs(pairs.tail(1))
    assert (none["n_pairs"], none["n_undefined"], none["n_significant"]) == (0, 1, 0)
    assert none.drop(["n_pairs", "n_undefined", "n_significant"]).isna().all()


def test_a_constant_metric_changes_nothing_that_is_said_of_the_others(rng):
    values = pd.DataFrame(rng.normal(size=(12, 4)), columns=list("abcd"))
    values["d"] = np.repeat([1.0, 0.0], [11, 1])  # in a third of the resamples constant
    said = []
    for columns in (values, values.assign(constant=0.5)):
        draws = resample(columns, "spearman", seed=1, n=60)
        said.append(summaries.describe_pairs(pair_table(consistency(columns, policy="complete")), draws=draws))
    assert said[1].drop("n_undefined").to_dict() == pytest.approx(said[0].drop("n_undefined").to_dict())
    assert (said[0]["n_undefined"], said[1]["n_undefined"]) == (0, 4)
    draws = resample(values, "spearman", seed=1, n=60)
    assert draws.isna().any(axis=None)
    shares = [np.mean([rho < 0 for rho in draws[number] if not np.isnan(rho)]) for number in draws]
    ends = tuple(said[0][["share_negative_low", "share_negative_high"]])
    assert ends == pytest.approx(tuple(np.quantile(shares, (0.025, 0.975))))


def test_models_with_holes_are_in_a_group_or_in_none(twin):
    frame = missing_scores(twin)
    said = summaries.describe_missing(twin, frame)
    assert said["n_models"] == said["n_complete"] + said["n_clustered"] + said["n_other"]
    holes = [twin.values.loc[model, choose_metrics(twin, "paper")].isna().any() for model in twin.values.index]
    assert said["n_complete"] == len(holes) - sum(holes)
    others = [g == "other counts" and hole for g, hole in zip(frame["group"], holes, strict=True)]
    assert said["n_other"] == sum(others)


def test_verdicts_are_counted_where_they_could_have_been_otherwise():
    printed = printed_numbers("ahlert2024")
    weighed = pd.DataFrame({"ours": printed["value"]})
    weighed = weighed.reindex(columns=["ours", "low", "high", "family_low", "family_high", "n"])
    claims = claim_table(printed, weighed, {}, pd.DataFrame(), real=True)
    counts = summaries.count_claims_by_tally(claims)
    assert counts["n_claims"] == len(printed) == counts["n_free"] + counts["n_fitted"] + counts["n_given"]
    assert counts["n_free"] == counts["n_reproduced"] == counts["n_undecided_plain"]
    assert counts["n_differs"] == counts["n_close_plain"] == counts["n_compatible"] == counts["n_not_compatible"] == 0
    free = printed[printed["tally"] == "free"]
    stated = (free["kind"] == "statement").sum()
    assert counts["n_statements"] == counts["n_statements_reproduced"] == stated > 0
    assert counts["n_numbers"] == counts["n_numbers_reproduced"] == len(free) - stated > 0
    assert counts["n_cannot_be_told"] == (~free["kind"].isin(["count", "level"])).sum()
    assert counts["n_not_estimated"] == counts["n_free"] - counts["n_cannot_be_told"] > 0
    lacking = summaries.count_claims_by_tally(claims.assign(verdict=[*claims["verdict"].iloc[:-1], "undecided"]))
    for kind in ("numbers", "statements"):
        told = [lacking[f"n_{kind}_{verdict}"] for verdict in ("reproduced", "close", "differs", "undecided")]
        assert sum(told) == lacking[f"n_{kind}"]
    assert lacking["n_statements_undecided"] == 1
    assert lacking["n_numbers_undecided"] == 0


@pytest.mark.parametrize("method", ["spearman", "kendall", "pearson"])
def test_mean_correlation_averages_the_pairs_that_have_one(rng, method):
    values = pd.DataFrame(rng.normal(size=(12, 4)), columns=list("abcd"))
    values.iloc[:3, 0], values["d"] = np.nan, 1.0
    known = {"spearman": sps.spearmanr, "kendall": sps.kendalltau, "pearson": sps.pearsonr}[method]
    for policy, a_rows in (("pairwise", slice(None)), ("complete", slice(3, None))):
        each = [known(*values[[x, y]].iloc[a_rows].dropna().T.to_numpy())[0] for x, y in combinations("abc", 2)]
        got = mean_correlation(values, policy=policy, method=method)
        assert got == pytest.approx(np.mean(each), abs=1e-6)
    assert np.isnan(mean_correlation(values[["a", "d"]], policy="pairwise", method=method))


def test_errors_beyond_the_spread_of_models_are_named(rng):
    names = ["MajajHong2015.IT-pls", "MajajHong2015.V4-pls", "Rajalingham2018-i2n", "FreemanZiemba2013.V1-pls"]
    values = pd.DataFrame(rng.normal(size=(40, 4)), columns=names, index=[f"m{n}" for n in range(40)])
    values["MajajHong2015.V4-pls"] = values["MajajHong2015.IT-pls"] + 0.1 * rng.normal(size=40)
    cells = values.rename_axis("model_id").reset_index().melt("model_id", var_name="metric", value_name="score")
    cells["error"] = cells["metric"].map(dict(zip(names, [1.5, 2.0, 0.5, np.nan], strict=True)))
    cells["model_name"] = cells["model_id"]
    table = read_frame(cells)
    rho = sps.spearmanr(values[names[0]], values[names[1]]).statistic
    assert summaries.describe_errors(table) == {
        "n_metrics": 3,
        "n_large": 2,
        "large": ", ".join(names[:2]),
        "highest_rho": f"{rho:.2f}",
    }
    assert summaries.describe_errors(dataclasses.replace(table, cells=None))["n_metrics"] == 0
