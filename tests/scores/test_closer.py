"""Charts to turn of wing A: their data are the numbers that the figures show."""

from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
from scipy.cluster import hierarchy

from yardsticks.scores import chart_consistency, chart_integrations, chart_neural_behaviour, consistency, pair_table
from yardsticks.scores.intervals import resample
from yardsticks.scores.structure import cluster_order


def rows(content, name: str) -> pd.DataFrame:
    data = content["data"][name]
    return pd.DataFrame(data["rows"], columns=data["columns"])


@pytest.fixture
def scores(rng) -> pd.DataFrame:
    frame = pd.DataFrame(rng.random((12, 4)), [f"m{n}" for n in range(12)], list("ABCD"))
    return frame.mask(rng.random(frame.shape) < 0.1)


def test_a_cell_says_its_pair_and_the_scatter_has_the_scores(scores):
    pairs = pair_table(consistency(scores, policy="pairwise"), draws=resample(scores, "spearman", seed=1, n=20))
    areas = {"A": "V1", "B": "IT", "C": None, "D": "V1"}
    names = {f"m{n}": f"model {n}" for n in range(12)}
    made = chart_consistency(pairs, scores, names=names, areas=areas, clustered=list("DCBA"))
    given = {parameter["name"]: parameter["value"] for parameter in made["spec"]["params"]}
    cells, models = rows(made, "pairs"), rows(made, "models")
    assert given["clustered"] == [3, 2, 1, 0]
    assert given["areas"] == ["V1", "IT", "unknown area", "V1"]
    for cell in cells.itertuples():
        one, other = given["metrics"][cell.a], given["metrics"][cell.b]
        both = scores[[one, other]].dropna()
        rho = both.rank().corr().iat[0, 1]
        assert (cell.n, cell.rho) == (len(both), pytest.approx(rho, rel=1e-3))
        assert cell.low <= cell.high
    assert len(cells) == 6
    assert models["name"].tolist() == list(names.values())
    shown = pd.DataFrame(models["scores"].tolist(), columns=given["metrics"], dtype=float)
    np.testing.assert_allclose(shown, scores[given["metrics"]], atol=1e-4)
    (picked,) = made["spec"]["vconcat"][0]["params"][0]["value"]
    strongest = pairs.loc[pairs["rho"].abs().idxmax()]
    assert (picked["metric"], picked["with"]) == (strongest["metric_a"], strongest["metric_b"])


def test_metrics_that_agree_stand_together(rng):
    things = rng.normal(size=(50, 3))
    wide = pd.DataFrame(
        {f"{thing}{copy}": things[:, thing] + 0.3 * rng.normal(size=50) for copy in range(3) for thing in range(3)}
    )
    order = cluster_order(pair_table(consistency(wide, policy="complete")))
    assert sorted(order) == sorted(wide)
    kinds = [name[0] for name in order]
    assert sum(one != other for one, other in pairwise(kinds)) == 2
    unknown = pd.DataFrame({"metric_a": ["A", "A", "B"], "metric_b": ["B", "C", "C"], "rho": [np.nan, 0.5, np.nan]})
    assert set(map(frozenset, pairwise(cluster_order(unknown)))) >= {frozenset("AC")}
    assert cluster_order(unknown.head(1)) == ["A", "B"]


@pytest.mark.parametrize("times", range(4))
def test_the_order_of_metrics_is_the_best_of_their_tree_whatever_the_order_of_pairs(rng, times):
    corr = np.corrcoef(rng.normal(size=(9, 7)) + rng.normal(size=(9, 1)), rowvar=False)
    names = np.array([*"gbdaecf"])
    rows, columns = np.triu_indices(7, 1)
    pairs = pd.DataFrame({"metric_a": names[rows], "metric_b": names[columns], "rho": corr[rows, columns]})
    order = cluster_order(pairs)
    for seed in range(5):
        shuffled = pairs.sample(frac=1, random_state=seed)
        turned = shuffled.rename(columns={"metric_a": "metric_b", "metric_b": "metric_a"})
        assert cluster_order(shuffled) == cluster_order(turned) == order

    # every order that scipy's tree can be drawn in, by turning each of its joins or not
    apart = 1 - corr

    def orders(branch):
        if branch.is_leaf():
            return [[branch.id]]
        both = list(product(orders(branch.left), orders(branch.right)))
        return [left + right for left, right in both] + [right + left for left, right in both]

    def cost(leaves):
        return sum(apart[one, other] for one, other in pairwise(leaves))

    every = orders(hierarchy.to_tree(hierarchy.linkage(apart[rows, columns], "average")))
    assert len(every) == 2**6
    assert cost([[*names].index(name) for name in order]) == pytest.approx(min(map(cost, every)))


def test_points_of_models_have_their_names_and_ranks():
    frame = pd.DataFrame({"model_name": ["X", "Y"], "neural": [0.1, 0.2], "behaviour": [0.5, 0.4]}, index=["1", "2"])
    frame = frame.assign(neural_z=[-1.0, 1.0], behaviour_z=[1.0, -1.0], rank=[1, 2], neural_rank=[2, 1])
    points = rows(chart_neural_behaviour(frame), "points")
    assert points[["name", "neural", "rank", "neural_rank"]].values.tolist() == [["X", 0.1, 1, 2], ["Y", 0.2, 2, 1]]


def test_a_line_joins_a_model_through_the_schemes():
    shifts = pd.DataFrame({"model_name": ["X", "Y"]}, index=["1", "2"])
    for scheme, order in {"mean": [1, 2], "z": [2, 1]}.items():
        shifts[scheme] = [2.0 - place for place in order]
        shifts[f"rank_{scheme}"] = order
        shifts[f"rank_{scheme}_low"], shifts[f"rank_{scheme}_high"] = 1, pd.array([2, None], "Int64")
    points = rows(chart_integrations(shifts, labels={"mean": "the mean", "z": "z scores"}), "points")
    found = points.set_index(["model", "scheme"])["rank"].to_dict()
    assert found == {("1", "the mean"): 1, ("2", "the mean"): 2, ("1", "z scores"): 2, ("2", "z scores"): 1}
    assert points["high"].dropna().tolist() == [2, 2]
