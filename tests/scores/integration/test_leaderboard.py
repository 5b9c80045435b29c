"""The turnable leaderboard against rankings made one by one, and against ranks counted by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from yardsticks.scores.consistency import paper_leaves
from yardsticks.scores.integration import (
    describe_case,
    describe_models,
    describe_ways,
    domain_ranks,
    integrate,
    rank_every_way,
    turnable,
)
from yardsticks.scores.reading.areas import reverse_metrics
from yardsticks.scores.twin.draw import make_twin

SCHEMES, POLICIES = {"mean": "the mean", "z": "z scores"}, {"complete": "whole", "available": "rest", "zero": "zeros"}


@pytest.fixture(scope="module")
def table():
    """Sixteen models of the twin under the paper's metrics, half of them with holes."""
    twin = make_twin()
    twin = twin.select(metrics=paper_leaves(twin))
    holed = twin.values.isna().any(axis=1)
    some = holed & (twin.values.notna().mean(axis=1) > 0.6)
    return twin.select(models=[*twin.values.index[~holed][:8], *twin.values.index[some][:8]])


@pytest.fixture(scope="module")
def ranks(table):
    return rank_every_way(table, schemes=SCHEMES, policies=POLICIES, seed=3, n=20)


def part_of(ranks: pd.DataFrame, **asked: str) -> pd.DataFrame:
    return ranks[(ranks[[*asked]] == pd.Series(asked)).all(axis=1)].set_index("model_id")


def test_each_way_is_the_ranking_made_alone(table, ranks):
    for policy in POLICIES:
        enough = 0.0 if policy == "zero" else 0.5
        for scheme in SCHEMES:
            alone = integrate(table, scheme=scheme, policy=policy, min_coverage=enough, n=20, seed=3)
            found = part_of(ranks, by="overall", scheme=scheme, policy=policy)
            pd.testing.assert_frame_equal(found[["score", "rank"]], alone[["score", "rank"]], check_names=False)
            assert found["rank_low"].tolist() == alone["rank_low"].tolist()


def test_an_area_is_ranked_as_by_itself(table, ranks):
    for part in ("neural", "V4", "behaviour"):
        alone = domain_ranks(table, part, policy="available", n=20, seed=3)
        found = part_of(ranks, by=part, policy="available").loc[alone.index]
        pd.testing.assert_frame_equal(
            found[["rank", "rank_low", "rank_high"]], alone.drop(columns="p_first"), check_names=False
        )
        score = table.areas(policy="available")[part]
        assert all(found["rank"] == [1 + (score > score[model]).sum() for model in found.index])


def test_a_policy_that_ranks_nobody_is_left_out(table):
    holed = table.select(models=table.values.index[table.values.isna().any(axis=1)])
    found = rank_every_way(holed, schemes=["mean"], policies=["complete", "zero"], seed=1, n=0)
    assert set(found.loc[found["by"] == "overall", "policy"]) == {"zero"}
    assert found["rank_low"].isna().all()
    # by an area alone those are ranked who have all of its metrics, though nobody has all of the table's
    for part in ("V1", "IT"):
        own = holed.values.loc[:, (holed.metrics["area"] == part) & holed.metrics["parent"].notna()]
        whole = own.index[own.notna().all(axis=1)]
        assert set(part_of(found, by=part, policy="complete").index) == set(whole)
        assert len(whole) > 1
    with pytest.raises(ValueError, match="a ranking needs 2 models"):
        rank_every_way(holed, schemes=["mean"], policies=["complete"], seed=1, n=0)


@pytest.mark.parametrize(
    ("schemes", "policies", "said"),
    [(["mean", "kemeny"], ["zero"], "scheme='kemeny' is none of"), (["mean"], ["zero", "x"], "policy='x' is none of")],
)
def test_an_unknown_way_is_refused(table, schemes, policies, said):
    with pytest.raises(ValueError, match=said):
        rank_every_way(table, schemes=schemes, policies=policies, seed=1, n=0)


def test_where_lower_is_better_the_other_policies_rank(table):
    turned = reverse_metrics(table, [table.values.columns[0]])
    found = rank_every_way(turned, schemes=["mean"], policies=["zero", "available"], seed=1, n=0)
    assert set(found["policy"]) == {"available"}


def test_the_page_has_each_score_error_hole_and_rank(table, ranks):
    board = turnable(table, ranks, schemes=SCHEMES, policies=POLICIES)
    assert board["parts"] == [
        part for part in ("neural", "V1", "V2", "V4", "IT", "behaviour") if part in set(ranks["by"])
    ]
    metrics = [metric for metric, _ in board["metrics"]]
    errors = {(cell.model_id, cell.metric): cell.error for cell in table.cells.itertuples()}
    rows = {(row.by, row.scheme, row.policy, row.model_id): row for row in ranks.itertuples()}
    n_holes = 0
    for model in board["models"]:
        for metric, score, error in zip(metrics, model["scores"], model["errors"], strict=True):
            value, given = table.values.at[model["id"], metric], errors.get((model["id"], metric), np.nan)
            n_holes += score is None
            assert (score is None) == bool(np.isnan(value))
            assert score is None or abs(score - value) < 1e-4
            assert error == (None if np.isnan(given) else round(given, 4))
        for way, found in zip(board["ways"], model["ranks"], strict=True):
            row = rows.get((*way.split("|"), model["id"]))
            assert (found is None) == (row is None)
            assert found is None or found[:3] == [row.rank, row.rank_low, row.rank_high]
    assert n_holes == table.values.isna().sum().sum() > 0
    assert sum(place is not None for model in board["models"] for place in model["ranks"]) == len(ranks)


def test_models_are_filtered_by_family_and_by_the_year_of_their_first_score(table):
    about = describe_models(table)
    for model in about.index[:5]:
        times = [cell.timestamp for cell in table.cells.itertuples() if cell.model_id == model]
        assert about.at[model, "year"] == min(times).year
    assert about["n_scores"].sum() == table.values.count().sum()
    assert describe_models(replace(table, cells=None))["year"].isna().all()


def test_a_case_is_followed_by_name_through_the_schemes():
    def ranking(order, names):
        places = range(1, len(order) + 1)
        ends = {"rank_low": pd.array([1, 1, 2], "Int64"), "rank_high": pd.array([2, 3, 3], "Int64")}
        return pd.DataFrame({"model_name": [names[m] for m in order], "rank": places, **ends}, index=[*order])

    names = {"x": "A name", "y": "Y", "z": "Z"}
    case = describe_case({"mean": ranking("xyz", names), "rank": ranking("yzx", names)})
    assert case == {
        "name": "A name",
        "mean": 1,
        "mean_low": 1,
        "mean_high": 2,
        "rank": 3,
        "rank_low": 2,
        "rank_high": 3,
    }


def test_how_far_places_depend_on_the_way():
    places = {("mean", "zero"): "wxyz", ("z", "zero"): "xwzy", ("mean", "complete"): "wzx"}
    rows = [
        {"by": "overall", "scheme": scheme, "policy": policy, "model_id": model, "rank": number}
        for (scheme, policy), order in places.items()
        for number, model in enumerate(order, start=1)
    ]
    rows.append({"by": "V1", "scheme": "", "policy": "zero", "model_id": "z", "rank": 1})
    told = describe_ways(pd.DataFrame(rows), pd.Series({model: model.upper() for model in "wxyz"}))
    # y is not ranked by all; without it w is 1, 2, 1; x is 2, 1, 3; z is 3, 3, 2
    assert told == {
        "n_ways": 3,
        "n_orders": 3,
        "n_first": 2,
        "firsts": "W and X",
        "n_always": 3,
        "span": 1,
        "largest": 2,
        "furthest": "X",
    }

    twice = [row | {"policy": "available"} for row in rows if row["scheme"] == "z"]
    told = describe_ways(pd.DataFrame([*rows, *twice]), pd.Series({model: model.upper() for model in "wxyz"}))
    assert (told["n_ways"], told["n_orders"]) == (4, 3)
