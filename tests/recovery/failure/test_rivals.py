"""Ranks by role and margins beside similarity, against scipy and loops; invented models."""

import numpy as np
import pandas as pd
import pytest
from oracles.studies import FAMILIES, HAND, MODELS, random_rows, rows_of
from scipy.stats import rankdata

from yardsticks.recovery.failure import properties, rivals
from yardsticks.recovery.winners import credit

NAMES = list(FAMILIES)


@pytest.fixture
def rows(rng):
    return random_rows(rng, sizes=(8, 16), n_seeds=(3, 1))


@pytest.fixture
def similarity(rng):
    square = rng.uniform(size=(4, 4))
    return pd.DataFrame(square + square.T, NAMES, NAMES)


@pytest.mark.parametrize("score", ["test_accuracy", "nll"])
def test_ranks_are_those_of_scipy(rng, score):
    rows = random_rows(rng, models=MODELS, sizes=(8, 16), n_seeds=(3, 1))
    table = rivals.ranks_by_role(rows, n_triplets=8, score=score, seed=0).set_index(["model", "role"])
    own, others = {name: [] for name in MODELS}, {name: {g: [] for g in MODELS if g != name} for name in MODELS}
    for (_, generator), job in rows[rows["n_triplets"] == 8].groupby(["seed", "generator"]):
        ranks = rankdata(job[score] if score == "nll" else -job[score])
        for name, rank in zip(job["candidate"], ranks, strict=True):
            if name == generator:
                own[name].append(rank)
            else:
                others[name][generator].append(rank)
    for name in MODELS:
        assert table.at[(name, rivals.ANSWERS), "rank"] == pytest.approx(np.mean(own[name]))
        means = [np.mean(ranks) for ranks in others[name].values()]
        assert table.at[(name, rivals.OTHERS), "rank"] == pytest.approx(np.mean(means))
        row = table.loc[(name, rivals.OTHERS)]
        assert min(means) <= row["low"] <= row["rank"] <= row["high"] <= max(means)
        assert np.isnan(table.at[(name, rivals.ANSWERS), "low"])  # three seeds are too few
    assert (table["blind"] == 3.5).all()
    assert table["n_jobs"].tolist() == [3, 15] * 6


def test_wins_are_those_of_the_confusions(rows):
    table = rivals.ranks_by_role(rows, n_triplets=8, score="nll", seed=0).set_index(["model", "role"])["wins"]
    won = credit.confusion(rows, n_triplets=8, score="nll")
    for name in NAMES:
        assert table[name, rivals.ANSWERS] == pytest.approx(won.at[name, name])
        assert table[name, rivals.OTHERS] == pytest.approx(won.drop(index=name)[name].mean())


def test_ranks_of_jobs_with_gaps():
    """A candidate that did not compete has no rank, and the others' blind rank is that of three."""
    table = rivals.ranks_by_role(rows_of(HAND), n_triplets=10, score="test_accuracy", seed=0, models=NAMES)
    table = table.set_index(["model", "role"])
    # jobs with a score of b: two of its own, a1's and a2's of seed 0 and a1's of seed 1
    assert table.loc["b", "n_jobs"].tolist() == [2, 3]
    assert table.at[("c", rivals.ANSWERS), "rank"] == 1
    assert table.at[("c", rivals.ANSWERS), "blind"] == 2
    assert table.at[("a2", rivals.ANSWERS), "rank"] == 2
    assert np.isnan(table.at[("a2", rivals.ANSWERS), "low"])


def test_a_perfect_study_has_rank_one_and_no_false_win():
    jobs = {(8, seed, g): {c: 0.9 if c == g else 0.5 for c in MODELS} for seed in range(5) for g in MODELS}
    table = rivals.ranks_by_role(rows_of(jobs), n_triplets=8, score="test_accuracy", seed=0)
    own = table["role"] == rivals.ANSWERS
    assert (table.loc[own, ["rank", "low", "high", "wins"]] == 1).all(axis=None)
    assert (table.loc[~own, "rank"] == 4).all()  # the five others share ranks 2 to 6
    assert (table.loc[~own, "wins"] == 0).all()


def test_pairs_have_mean_margins_and_similarities(rows, similarity):
    pairs = rivals.pair_margins(rows, similarity, FAMILIES, n_triplets=8, score="test_accuracy")
    assert len(pairs) == 12
    for row in pairs.itertuples():
        part = rows[(rows["n_triplets"] == 8) & (rows["generator"] == row.generator)].set_index("candidate")
        differences = part.loc[[row.generator], "test_accuracy"].to_numpy() - part.loc[[row.candidate], "test_accuracy"]
        assert row.margin == pytest.approx(differences.mean())
        assert row.n_jobs == 3
        assert row.similarity == similarity.at[row.generator, row.candidate]
        assert row.same_family == (FAMILIES[row.generator] == FAMILIES[row.candidate])
    unknown = rivals.pair_margins(rows, pd.DataFrame(), FAMILIES, n_triplets=8, score="nll", models=NAMES[:3])
    assert unknown["similarity"].isna().all()
    assert len(unknown) == 6


def test_geometry_is_read_by_state():
    table = pd.DataFrame(
        [("m", "raw", 9.0, 0.0), ("m", "full", 4.0, 0.3), ("m", "diagonal", 5.0, 0.1), ("n", "raw", 7.0, 0.0)],
        columns=["model", "state", "effective_dimensionality", "shift"],
    )
    found = properties.model_geometry(table)
    assert found.loc["m"].to_dict() == {"shift": 0.3, "ed_raw": 9.0, "ed_aligned": 4.0}
    assert found.loc["n"].dropna().to_dict() == {"ed_raw": 7.0}


def test_wrong_scores_are_named(rows):
    with pytest.raises(ValueError, match="score='loss' is none of"):
        rivals.ranks_by_role(rows, n_triplets=8, score="loss", seed=0)
