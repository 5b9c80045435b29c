"""Findings of ours on the real leaderboard, each from the CSV files with pandas and scipy alone."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats as sps

from yardsticks import datasets
from yardsticks.scores import domain_scores, integrate, open_scores, paper_leaves, paper_models
from yardsticks.scores.axioms import complete_scores
from yardsticks.scores.integration.votes import vote
from yardsticks.scores.reliability import confounders, correct_ceilings, interval_of_partial, leaf_ceilings

pytestmark = pytest.mark.skipif(
    datasets.is_synthetic("brainscore-2024-01"), reason="the real leaderboard is not at hand"
)
CATALOGUE = Path(__file__).parents[2] / "data" / "catalogue"


@pytest.fixture(scope="module")
def long():
    path = Path(os.environ["YARDSTICKS_DATA"]) / "brainscore" / "leaderboard_2024-01-01_long.csv"
    return pd.read_csv(path, dtype={"model_id": str})


@pytest.fixture(scope="module")
def table():
    return open_scores("brainscore-2024-01")


def test_a_corrected_score_is_the_raw_one_squared_over_the_ceiling(table, long):
    """Of the leaf that has most models, and with it the direction: r^2 / c is less than (r / c)^2."""
    found = leaf_ceilings(table)
    leaf = found[found["outcome"] == "corrected"]["n_models"].idxmax()
    rows = long[long["metric"].eq(leaf) & long["score"].gt(0) & long["score_raw"].gt(0)].set_index("model_id")
    ceilings = rows["score_raw"] / np.sqrt(rows["score"])
    assert ceilings.std() < 1e-3 * ceilings.mean()
    expected = rows["score_raw"] ** 2 / ceilings
    corrected = correct_ceilings(table).values.loc[rows.index, leaf]
    np.testing.assert_allclose(corrected, expected, rtol=0, atol=5e-4)  # raw scores are published with three digits
    assert (corrected < table.values.loc[rows.index, leaf]).all()


def test_given_imagenet_neural_and_behaviour_go_together_no_less(table):
    models = paper_models(table, imagenet_floor=0.019)
    scores = domain_scores(models.select(metrics=paper_leaves(models)), policy="complete")
    about = confounders(table)
    got = interval_of_partial(scores, about, table.models["name"], over="models", seed=1, n_resamples=5)
    both = scores[["neural", "behaviour"]].join(about["ImageNet top-1"]).dropna().rank()
    rho = both.corr()
    a, b, c = rho.iloc[0, 1], rho.iloc[0, 2], rho.iloc[1, 2]
    expected = (a - b * c) / np.sqrt((1 - b**2) * (1 - c**2))
    assert got.at["ImageNet top-1", "adjusted"] == pytest.approx(expected)
    assert got.at["ImageNet top-1", "rho"] == pytest.approx(sps.spearmanr(both.iloc[:, 0], both.iloc[:, 1]).statistic)
    assert expected > a


def test_two_models_turn_by_the_unit_of_a_metric_and_by_a_third_model(table):
    """Counterexamples of the chapter on axioms, by hand."""
    models = paper_models(table, imagenet_floor=0.019)
    scores = complete_scores(models.select(metrics=paper_leaves(models)))
    unit = scores.loc[
        ["resnet50-barlow", "resnet50_byol"],
        ["Marques2020_Cavanaugh2002-grating_summation_field", "Geirhos2021stylized-error_consistency"],
    ]
    barlow, byol = unit.sum(axis=1)
    assert byol > barlow
    barlow, byol = (unit * [100, 1]).sum(axis=1)
    assert byol < barlow
    board = scores.iloc[:, :6]
    for leaver in board.index[:40]:
        stay = board.drop(index=leaver)
        before, after = board.rank().mean(axis=1)[stay.index], stay.rank().mean(axis=1)
        lead, later = (np.sign(np.subtract.outer(score.to_numpy(), score.to_numpy())) for score in (before, after))
        if (lead * later < 0).any():
            break
    else:
        pytest.fail("no model's leaving turns a pair under the mean rank")
    np.testing.assert_allclose(vote(board, scheme="borda") * (len(board) - 1) + 1, board.rank().mean(axis=1), atol=1e-6)


def test_the_leader_is_first_in_about_half_of_the_resamples(table):
    models = paper_models(table, imagenet_floor=0.019)
    ranking = integrate(models.select(metrics=paper_leaves(models)), scheme="mean", policy="complete", n=400, seed=2)
    assert ranking["p_first"].iloc[0] < 0.75
    assert ranking["p_first"].sum() == pytest.approx(1)
    assert ranking["rank_high"].iloc[0] > 1
