"""What the chapters on dimensions and time find on the real leaderboard, computed again."""

import numpy as np
import pytest
from scipy import stats as sps

from yardsticks.datasets import is_synthetic
from yardsticks.scores.consistency import paper_leaves
from yardsticks.scores.opening import open_scores
from yardsticks.scores.samples import paper_models
from yardsticks.scores.structure.board import share_turned
from yardsticks.scores.structure.dimensions import by_policy
from yardsticks.scores.structure.months import find_boards, later_part, through_time
from yardsticks.scores.structure.redundancy import held_out, needed

pytestmark = pytest.mark.skipif(
    any(is_synthetic(name) for name in ("brainscore-2024-01", "brainscore-2025-05")),
    reason="the real leaderboards are not at hand",
)


@pytest.fixture(scope="module")
def table():
    return open_scores()


@pytest.fixture(scope="module")
def complete(table):
    return paper_models(table, imagenet_floor=0.019).select(metrics=paper_leaves(table))


def parallel_analysis(scores, rng, n_tables=400):
    """Count by ranks and singular values the leading dimensions beyond 95 % of tables with each column shuffled."""
    ranks = sps.rankdata(scores, axis=0)
    ranks = (ranks - ranks.mean(axis=0)) / ranks.std(axis=0)
    shuffled = [np.linalg.svd(rng.permuted(ranks, axis=0), compute_uv=False) for _ in range(n_tables)]
    larger = np.linalg.svd(ranks, compute_uv=False) > np.quantile(shuffled, 0.95, axis=0)
    return int(np.argmin(larger))


def test_alignment_has_seven_dimensions_but_three_where_holes_are_zeros(table, complete, rng):
    everyone = paper_models(table, imagenet_floor=0.019, policy="zero").values[complete.values.columns]
    tables = {"complete": complete.values, "zero": everyone}
    _, counts = by_policy(tables, seed=20, n=300, policies=["complete", "zero"])
    again = {
        policy: parallel_analysis(filled.to_numpy(), rng)
        for policy, filled in {"complete": complete.values.dropna(), "zero": everyone.fillna(0.0)}.items()
    }
    assert counts["n"].to_dict() == again == {"complete": 7, "zero": 3}
    assert counts["n_models"].to_dict() == {"complete": 127, "zero": 263}
    assert 5 <= counts.at["complete", "low"] <= counts.at["complete", "high"] <= 8


def test_some_eight_metrics_keep_the_ranking(complete):
    found = needed(held_out(complete, most=12, seed=20))
    assert 6 <= found["low"] <= found["n"] <= found["high"] <= 12


def test_metrics_agreed_less_once_twenty_of_v1_came(table):
    now = paper_models(table, imagenet_floor=0.019, policy="available")
    now = now.select(metrics=paper_leaves(table), until="2021-11-01")
    boards = find_boards(now, {}, seed=21, n=2)
    months = through_time({month: boards[month] for month in ("2021-09", "2021-10")}, seed=21, n=50)
    assert months["n_metrics"].tolist() == [11, 31]
    assert months.at["2021-10", "mean_rho_high"] < months.at["2021-09", "mean_rho_low"]


def test_models_that_came_turned_no_pair_under_the_mean_and_some_under_ranks(complete):
    later = open_scores("brainscore-2025-05")
    full = paper_models(later, imagenet_floor=0.019).select(metrics=complete.values.columns)
    parts, earlier = later_part(complete, full)
    assert len(parts) > len(earlier) > 100
    shares = [share_turned(parts, earlier, scheme=scheme) for scheme in ("mean", "z", "rank")]
    assert shares[0] == 0 < shares[1] < shares[2] < 0.05
