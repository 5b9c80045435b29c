"""Recovery by the nearest rival, by going through all sets; and who is first where nobody is the generator."""

import itertools

import numpy as np
import pandas as pd
import pytest
from oracles.studies import HAND, MODELS, random_rows, rows_of

from yardsticks.recovery.failure import nearest
from yardsticks.recovery.winners import credit

EDGES = [0.3, 0.7]
CLASSES = ["0.3 or less", "above 0.3, to 0.7", "above 0.7"]


@pytest.fixture
def similarity(rng):
    values = rng.choice([0.1, 0.3, 0.5, 0.7, 0.9], size=(6, 6))
    return pd.DataFrame(np.triu(values, 1) + np.triu(values, 1).T + np.eye(6), list(MODELS), list(MODELS))


@pytest.mark.parametrize("score", ["test_accuracy", "nll"])
def test_recovery_is_that_of_every_set_by_its_nearest(rng, similarity, score):
    similarity.loc["a1"] = similarity["a1"] = [1, 0.9, 0.5, 0.3, 0.1, 0.7]  # has rivals of each class
    rows = random_rows(rng, models=MODELS, sizes=(8, 16), n_seeds=(3, 2), levels=4)
    table = nearest.recovery_by_nearest(rows, similarity, EDGES, score=score, seed=0)
    found = table.set_index(["n_triplets", "nearest", "n_candidates"])
    alike = {model: similarity.loc[model].drop(model) for model in MODELS}
    bins = {model: pd.cut(values, [-1, *EDGES, 1], labels=CLASSES) for model, values in alike.items()}
    counted = [model for model, classes in bins.items() if classes.nunique() == 3]
    expected = {}
    for n_triplets, part in rows[rows["generator"].isin(counted)].groupby("n_triplets"):
        for generator, seed in part.groupby(["generator", "seed"]).groups:
            job = part[(part["generator"] == generator) & (part["seed"] == seed)]
            for k in range(2, 7):
                sums = {name: [] for name in CLASSES}
                for some in itertools.combinations(alike[generator].index, k - 1):
                    earned = credit.winners(job, score=score, models=[generator, *some])["credit"].iloc[0]
                    sums[bins[generator][alike[generator][list(some)].idxmax()]].append(earned)
                for name, credits in sums.items():
                    expected.setdefault((n_triplets, name, k), []).append(np.mean(credits) if credits else np.nan)
    expected = {key: np.mean(values) for key, values in expected.items() if not np.isnan(values).any()}
    assert "a1" in counted
    assert set(found.index) == set(expected)
    for key, value in expected.items():
        assert found.at[key, "recovery"] == pytest.approx(value, abs=1e-12)
    assert (found["n_generators"] == len(counted)).all()


def test_all_models_are_one_set_which_holds_the_nearest(rng, similarity):
    rows = random_rows(rng, models=MODELS, n_seeds=(3, 2))
    similarity.loc[:, "e"] = similarity.loc["e", :] = -0.5  # so that all but e have rivals of both classes
    found = nearest.recovery_by_nearest(rows, similarity, [-0.4], score="nll", seed=4)
    assert set(found["nearest"]) == {"-0.4 or less", "above -0.4"}
    last = found[found["n_candidates"] == 6].set_index(["nearest", "n_triplets"])["recovery"]
    jobs = credit.winners(rows[rows["generator"] != "e"], score="nll")
    expected = jobs.groupby("n_triplets")["credit"].mean()
    assert set(last.index.get_level_values(0)) == {"above -0.4"}
    np.testing.assert_allclose(last["above -0.4"], expected)


def test_what_is_not_known_is_named(rng, similarity):
    rows = random_rows(rng, models=MODELS)
    with pytest.raises(ValueError, match=r"edges \[0.5, 0.2\] do not ascend"):
        nearest.recovery_by_nearest(rows, similarity, [0.5, 0.2], score="nll", seed=0)
    with pytest.raises(ValueError, match="no similarity is known of a1 and e"):
        nearest.recovery_by_nearest(rows, similarity.drop(columns="e"), EDGES, score="nll", seed=0)


def test_first_leads_by_hand():
    jobs = HAND | {(10, 2, "x"): {"a1": 0.6, "b": 0.45, "c": 0.4}, (10, 3, "x"): {"a1": 0.2, "b": np.nan}}
    table = nearest.first_leads(rows_of(jobs), score="test_accuracy").set_index(["seed", "generator"])
    told = table[["winner", "second", "who"]].apply(tuple, axis=1).to_dict()
    assert told == {
        (0, "a1"): ("a1", "a2", nearest.RIGHT),
        (0, "a2"): ("a2", "a1", nearest.FALSE),  # shares the best score
        (0, "b"): ("a1", "a2", nearest.FALSE),
        (0, "c"): ("c", "a1", nearest.RIGHT),
        (1, "a1"): ("a2", "b", nearest.NOBODY),
        (1, "b"): ("a1", "b", nearest.FALSE),
        (2, "x"): ("a1", "b", nearest.NOBODY),  # alone in seed 3
    }
    leads = [0.1, 0.0, 0.1, 0.1, 0.1, 0.1, 0.15]
    np.testing.assert_allclose(table["lead"], leads, atol=1e-9)
    by_loss = nearest.first_leads(rows_of(jobs), score="nll").set_index(["seed", "generator"])
    np.testing.assert_allclose(by_loss["lead"], leads, atol=1e-9)


def test_a_right_lead_is_the_margin(rng):
    rows = random_rows(rng, models=MODELS, levels=50)
    leads = nearest.first_leads(rows, score="nll")
    jobs = credit.winners(rows, score="nll")
    both = leads.merge(jobs, on=["n_triplets", "seed", "generator"])
    right = both[both["who"] == nearest.RIGHT]
    assert len(right) == (jobs["credit"] == 1).sum() > 0
    np.testing.assert_allclose(right["lead"], right["margin"])


def test_first_leads_among_fewer(rng):
    rows = random_rows(rng, models=MODELS, levels=50)
    rows = rows[(rows["generator"] != "e") | (rows["candidate"] != "e")].replace({"generator": {"e": "stranger"}})
    rows = rows[rows["candidate"] != "e"]
    few = nearest.first_leads(rows, score="nll", models=["a1", "b", "c"])
    assert set(few["generator"]) == {"a1", "b", "c", "stranger"}
    assert set(few["winner"]) | set(few["second"]) <= {"a1", "b", "c"}
    assert set(few.loc[few["generator"] == "stranger", "who"]) == {nearest.NOBODY}
    jobs = credit.winners(rows, score="nll", models=["a1", "b", "c"])
    assert (few["who"] == nearest.RIGHT).sum() == (jobs["credit"] == 1).sum()


def test_leads_of_nobody_by_hand():
    table = [("a", 0.1, nearest.RIGHT), ("b", 0.4, nearest.RIGHT), ("a", 0.02, nearest.FALSE)]
    table += [("a", 0.1, nearest.NOBODY), ("b", 0.2, nearest.NOBODY), ("b", 0.3, nearest.NOBODY)]
    leads = pd.DataFrame(table, columns=["winner", "lead", "who"]).assign(n_triplets=100)
    more = pd.DataFrame([("a", 0.5, nearest.RIGHT)], columns=["winner", "lead", "who"]).assign(n_triplets=200)
    found = nearest.describe_first_leads(pd.concat([leads, more]), by=["n_triplets"])
    expected = {"n_nobody": 3, "n_right": 2, "n_false": 1, "nobody": 0.2, "right": 0.25, "false": 0.02}
    assert found.loc[100].to_dict() == pytest.approx(expected | {"largest": 0.3, "as_small": 0.5})
    assert found.loc[200, ["n_nobody", "n_right", "n_false", "right"]].tolist() == [0, 1, 0, 0.5]
    assert found.loc[200, ["nobody", "largest", "as_small"]].isna().all()  # nobody's lead is not known to be small


def test_figures_show_each_class_and_each_job(rng, similarity):
    similarity.loc["a1"] = similarity["a1"] = [1, 0.9, 0.5, 0.3, 0.1, 0.7]
    rows = random_rows(rng, models=MODELS, n_seeds=(3, 2))
    of_score = {
        s: nearest.recovery_by_nearest(rows, similarity, EDGES, score=s, seed=0) for s in ("nll", "test_accuracy")
    }
    curves = pd.concat(of_score, names=["score"]).reset_index("score")
    figure = nearest.plot_nearest(curves)
    figure.canvas.draw()
    assert [axes.get_title() for axes in figure.axes] == ["8 triplets", "16 triplets", "", ""]
    assert [axes.get_ylabel() for axes in figure.axes] == ["sampled answers, nll", "", "sampled answers", ""]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [*CLASSES, "chance"]
    for axes, (score, size) in zip(figure.axes, itertools.product(of_score, (8, 16)), strict=True):
        of = of_score[score]
        of = of[of["n_triplets"] == size]
        for line, name in zip(axes.lines[1:], CLASSES, strict=True):
            np.testing.assert_allclose(line.get_ydata(), of.loc[of["nearest"] == name, "recovery"])
    leads = nearest.first_leads(rows[(rows["generator"] != "e") | (rows["candidate"] != "e")], score="nll")
    both = pd.concat([leads.assign(candidates="all"), leads.assign(candidates="some")])
    figure = nearest.plot_first_leads(both, panel="candidates")
    assert [axes.get_title() for axes in figure.axes] == ["all", "some"]
    for axes in figure.axes:
        assert sum(len(points.get_offsets()) for points in axes.collections) == len(leads) == 30
    assert set(leads.loc[leads["generator"] == "e", "who"]) == {nearest.NOBODY}
