"""Boards by month on a table made by hand, and the order of two models under other boards against brute force."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy import stats as sps

from yardsticks.datasets import Origin
from yardsticks.scores.structure.board import dependence, say_turned, share_turned, without_one
from yardsticks.scores.structure.figures import plot_leaders, plot_months
from yardsticks.scores.structure.first import describe_leaders, heaviest, leaders
from yardsticks.scores.structure.months import (
    describe_months,
    find_boards,
    later_part,
    through_time,
)
from yardsticks.scores.table import table_from_cells

METRICS = ["MajajHong2015.V4-pls", "MajajHong2015.IT-pls", "Rajalingham2018-i2n"]
NEW = "FreemanZiemba2013.V1-pls"


@pytest.fixture
def table(rng):
    """Thirty models scored in January 2022; ten more, and a fourth metric for all, in March; three in April."""
    scores = rng.random((43, 4)).round(3)
    months = np.repeat([1, 3, 4], [30, 10, 3])
    cells = pd.DataFrame(
        [
            (f"{model}", f"model {model}", metric, score, f"2022-{max(month, 3 * (metric == NEW)):02d}-10")
            for model, (month, row) in enumerate(zip(months, scores, strict=True))
            for metric, score in zip([*METRICS, NEW], row, strict=True)
        ],
        columns=["model_id", "model_name", "metric", "score", "timestamp"],
    )
    cells["timestamp"] = pd.to_datetime(cells["timestamp"], utc=True)
    return table_from_cells(cells, Origin("hand-made", "real", ""))


def test_a_board_is_what_had_been_scored_by_then(table):
    boards = find_boards(table, {"2023-05": table}, seed=1, n=9)
    assert list(boards) == ["2022-01", "2022-03", "2022-04", "2023-05"]
    assert boards["2022-01"].table.values.shape == (30, 3)
    assert boards["2022-03"].table.values.shape == (40, 4)
    first = table.values.loc[[str(model) for model in range(30)], METRICS]
    mean = (first[METRICS[:2]].mean(axis=1) + first[METRICS[2]]) / 2
    ranking = boards["2022-01"].ranking
    np.testing.assert_allclose(ranking["score"], mean[ranking.index], atol=1e-9)
    assert ranking.index[0] == mean.idxmax()
    assert boards["2022-04"].ranking["score"].equals(boards["2023-05"].ranking["score"])


def test_numbers_of_a_board_against_scipy(table):
    boards = find_boards(table, {}, seed=1, n=9)
    found = through_time(boards, seed=1, n=60)
    assert found["n_models"].tolist() == [30, 40, 43]
    assert found["n_metrics"].tolist() == [3, 4, 4]
    assert found["n_common"].tolist() == [0, 30, 40]
    for month, (part, ranking) in boards.items():
        rho = sps.spearmanr(part.values).statistic
        assert found.at[month, "mean_rho"] == pytest.approx(rho[np.triu_indices(len(rho), 1)].mean())
        three = sps.spearmanr(part.values[METRICS]).statistic
        assert found.at[month, "mean_rho_first"] == pytest.approx(three[np.triu_indices(3, 1)].mean())
        for domain in ("neural", "behaviour"):
            r2 = sps.pearsonr(ranking[domain], ranking["score"]).statistic ** 2
            assert found.at[month, f"r2_{domain}"] == pytest.approx(r2)
    before, after = (boards[month].ranking["score"] for month in ("2022-01", "2022-03"))
    rho = sps.spearmanr(before, after[before.index]).statistic
    assert found.at["2022-03", "rho_before"] == pytest.approx(rho)
    assert found.at["2022-04", "rho_before"] == 1  # three models more, and nobody's score is another
    assert np.isnan(found.at["2022-01", "rho_before"])
    weight = heaviest(boards["2022-04"])
    part, ranking = boards["2022-04"]
    left = {
        name: sps.pearsonr(*ranking.drop(model)[["neural", "score"]].to_numpy().T).statistic ** 2
        for model, name in ranking["model_name"].items()
    }
    full = found.at["2022-04", "r2_neural"]
    assert weight["name"] == max(left, key=lambda name: abs(left[name] - full))
    assert weight["without"] == pytest.approx(left[weight["name"]])
    said = describe_months(found)
    steps = found["mean_rho"].diff()
    assert (said["fall"], said["fall_after"] - said["fall_before"]) == (steps.idxmin(), pytest.approx(steps.min()))
    assert (said["first_n_models"], said["n_models"]) == tuple(found["n_models"].iloc[[0, -1]])
    assert said["last_mean_rho_first"] == found.at["2022-04", "mean_rho_first"]
    assert said["fall_models"] > said["fall_models_before"]
    assert (said["first"], said["last"], said["least"]) == ("2022-01", "2022-04", "2022-03")
    assert said["least_rho"] == pytest.approx(rho)
    assert said["highest_r2_neural"] == found["r2_neural"].max()
    assert "fall" not in describe_months(found[:1])
    for name in ("mean_rho", "mean_rho_first", "r2_neural", "r2_behaviour"):
        assert ((found[f"{name}_low"] <= found[name]) & (found[name] <= found[f"{name}_high"])).all()


def test_a_metric_of_the_first_board_may_be_gone_later(table):
    kept = [METRICS[0], METRICS[2], NEW]
    boards = find_boards(table, {"2023-05": table.select(metrics=kept)}, seed=1, n=9)
    boards["2023-06"] = boards["2023-05"]._replace(table=table.select(metrics=[METRICS[0], NEW]))
    found = through_time(boards, seed=1, n=30)
    rho = sps.spearmanr(*boards["2023-05"].table.values[[METRICS[0], METRICS[2]]].to_numpy().T).statistic
    assert found.at["2023-05", "mean_rho_first"] == pytest.approx(rho)
    assert found.loc["2023-06", ["mean_rho_first", "mean_rho_first_low", "mean_rho_first_high"]].isna().all()
    assert found.at["2023-06", "n_metrics"] == 2


def test_the_first_ten_are_followed(table):
    boards = find_boards(table, {}, seed=1, n=9)
    found = leaders(boards)
    top = {month: set(board.ranking.index[board.ranking["rank"] <= 10]) for month, board in boards.items()}
    assert set(found["model_id"]) == set.union(*top.values())
    said = describe_leaders(found)
    firsts = [board.ranking.index[0] for board in boards.values()]
    assert said["n_first"] == len(set(firsts))
    assert said["n_ever"] == len(set.union(*top.values()))
    assert said["name"] == f"model {firsts[-1]}"
    assert (said["halfway"], said["n_stay"]) == ("2022-01", len(top["2022-01"] & top["2022-04"]))
    axes = plot_leaders(found).axes[0]
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == [f"{n}  model {model}" for n, model in enumerate(dict.fromkeys(firsts), start=1)]
    panels = plot_months(through_time(boards, seed=1, n=9)).axes
    assert [len(axes.lines) for axes in panels] == [3, 2, 2]  # one of them is zero


def test_a_table_that_tells_no_months_says_so(table):
    blank = table.cells.assign(timestamp=pd.NaT)
    for cells in (None, blank):
        with pytest.raises(ValueError, match="hand-made has no timestamps"):
            find_boards(type(table)(table.values, table.metrics, table.models, cells, table.origin), {}, seed=1)
    with pytest.raises(ValueError, match="no later board"):
        find_boards(None, {}, seed=1)
    with pytest.raises(ValueError, match=r"ranks 20 models in no month.*no behavioural metrics"):
        find_boards(table.select(metrics=METRICS[:2]), {}, seed=1, n=2)


def test_engineering_is_on_no_board(table):
    more = table.cells[table.cells["metric"] == NEW].assign(metric="ImageNet-top1")
    both = table_from_cells(pd.concat([table.cells, more]), table.origin)
    boards = find_boards(None, {"2022-05": both}, seed=1, n=2)
    assert sorted(boards["2022-05"].table.values) == sorted([*METRICS, NEW])


def test_the_later_table_gives_the_scores_of_both(table):
    then = table.select(models=[str(model) for model in range(30)])
    parts, earlier = later_part(then, table)
    assert len(parts) == 43
    assert list(earlier) == list(then.values.index)
    assert parts.columns.tolist() == ["neural", "behaviour"]


def ordered(parts, scheme):
    """Return each model's score, by scipy."""
    data = parts.to_numpy()
    part = {"mean": data, "z": sps.zscore(data), "rank": sps.rankdata(data, axis=0) / len(data)}[scheme]
    return dict(zip(parts.index, part.mean(axis=1).round(9), strict=True))


@pytest.mark.parametrize("scheme", ["mean", "z", "rank"])
def test_pairs_that_a_third_turns_against_brute_force(rng, scheme):
    parts = pd.DataFrame(rng.random((8, 2)), list("abcdefgh"))
    whole = ordered(parts, scheme)
    expected = set()
    for one, other in permutations(parts.index, 2):
        for third in set(parts.index) - {one, other}:
            rest = ordered(parts.drop(third), scheme)
            if whole[one] > whole[other] and rest[one] < rest[other]:
                expected.add((one, other, third))
    found = without_one(parts, scheme=scheme)
    assert set(found[["before", "after", "third"]].itertuples(index=False, name=None)) == expected
    assert found["rank"].is_monotonic_increasing
    if scheme == "mean":
        assert not expected


def test_ranks_turn_a_pair_by_hand():
    # x is ahead of y by 5 + 5 + 2 ranks against 3 + 3 + 5; without u, by whom it gains twice, it has 4 + 4 + 1 against
    # 3 + 3 + 4
    parts = pd.DataFrame({"A": [5, 3, 4, 2, 1], "B": [5, 3, 4, 2, 1], "C": [2, 5, 1, 4, 3]}, list("xyuvw"))
    found = without_one(parts, scheme="rank")
    assert ("x", "y", "u", 1) in set(found.itertuples(index=False, name=None))
    assert share_turned(parts, pd.Index(list("xyvw")), scheme="rank") == 1 / 6
    assert share_turned(parts[["A", "C"]], pd.Index(["x", "y"]), scheme="rank") == 0  # they tie, which is no turn
    said = say_turned(found[found["third"] == "u"], pd.Series({name: f"net {name}" for name in parts.index}))
    assert said == "net x (rank 1) is ahead of net y, and behind it once net u leaves"


def test_dependence_is_none_under_the_mean_and_counted_under_the_others(rng):
    parts = pd.DataFrame(rng.random((14, 2)) * [1, 9])
    found = dependence(parts, seed=3, n=25)
    assert found.loc["mean", ["by_one", "by_half", "low", "high"]].tolist() == [0, 0, 0, 0]
    assert found["n_pairs"].tolist() == [91, 91, 91]
    for scheme in ("z", "rank"):
        pairs = without_one(parts, scheme=scheme)[["before", "after"]].drop_duplicates()
        assert found.at[scheme, "by_one"] == len(pairs) / 91
        assert 0 < found.at[scheme, "low"] + found.at[scheme, "high"]
    assert say_turned(without_one(parts, scheme="mean"), pd.Series(dtype=str)) == "there is no such pair"
    with pytest.raises(ValueError, match="3 models are too few"):
        dependence(parts[:3], seed=1)
