"""Axioms on rules of which it is known whether they keep them, by theorems and by construction."""

import numpy as np
import pandas as pd
import pytest

from yardsticks.scores.axioms import (
    ALWAYS,
    AXIOMS,
    RULES,
    axiom_table,
    complete_scores,
    count_axioms,
    counterexample,
    describe_counterexamples,
    plot_axioms,
    stability,
)
from yardsticks.scores.integration.votes import vote
from yardsticks.scores.twin.draw import make_twin


def draw(rng, n_models=5, n_metrics=4):
    scores = rng.normal(size=(n_models, n_metrics)) * rng.lognormal(0, 1.5, n_metrics)
    return pd.DataFrame(scores, [f"m{k}" for k in range(n_models)], [f"s{k}" for k in range(n_metrics)])


@pytest.mark.parametrize("scheme", ALWAYS)
def test_what_is_proved_has_no_counterexample(scheme, rng):
    for name in sorted(ALWAYS[scheme]):
        for _ in range(4):
            assert AXIOMS[name].find(RULES[scheme], draw(rng)) is None, name


PLANTED = {  # rules that break one thing
    "anonymity": lambda scores: pd.Series(np.arange(len(scores), 0, -1.0), scores.index),
    "monotonicity": lambda scores: -scores.mean(axis=1),
    "Pareto": lambda scores: pd.Series(1.0, scores.index),
    "scale invariance": lambda scores: scores.sum(axis=1),
    "no ruling variance": lambda scores: scores[scores.std().idxmax()],
    "independence of irrelevant models": lambda scores: scores.rank().mean(axis=1),
    "clone-proofness": lambda scores: scores.rank().mean(axis=1),
    "honesty with holes": lambda scores: scores.mean(axis=1),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_broken_is_found_and_is_so(name, rng):
    assert set(PLANTED) == set(AXIOMS)
    scores = pd.concat([draw(rng, 12, 5), pd.DataFrame(-9.0, ["low"], [f"s{k}" for k in range(5)])])
    rule = PLANTED[name]
    found, looked = counterexample(AXIOMS[name], rule, scores, seed=1, tries=40)
    assert looked > 0
    assert found.before.equals(scores.loc[found.before.index, found.before.columns])
    before, after = rule(found.before), rule(found.after)
    if name == "Pareto":
        assert (found.before.loc[found.first] >= found.before.loc[found.second]).all()
        assert before[found.first] <= before[found.second]
    else:
        assert before[found.first] > before[found.second]
        assert after[found.first] < after[found.second]
    if name == "monotonicity":
        assert (found.after.loc[found.first] >= found.before.loc[found.first]).all()
        others = found.before.index.drop(found.first)
        assert found.after.loc[others].equals(found.before.loc[others])
    if name == "honesty with holes":
        gone = found.after.isna() & found.before.notna()
        assert gone.to_numpy().sum() == 1
        assert gone.loc[found.second].any()


def test_a_rule_of_one_metric_keeps_everything_but_what_it_cannot(rng):
    """The first metric's dictator, by name: deaf to the others, and so proof against what is done to them."""
    dictator = lambda scores: scores["s0"].fillna(-99.0)  # noqa: E731
    scores = draw(rng)
    broken = {name for name, axiom in AXIOMS.items() if axiom.find(dictator, scores)}
    assert broken == set()
    equal = scores.assign(s0=0.0)
    equal.loc["m1"] = equal.loc["m0"] + [0, 1, 1, 1]
    assert AXIOMS["Pareto"].find(dictator, equal) is not None


def test_without_holes_bradley_terry_orders_as_borda(rng):
    scores = draw(rng, 9, 6)
    orders = [vote(scores, scheme=scheme).rank().round(6).tolist() for scheme in ("borda", "bradley_terry")]
    assert orders[0] == orders[1]


def test_table_words_and_figure():
    rules = {scheme: RULES[scheme] for scheme in ("mean", "borda")}
    scores = draw(np.random.default_rng(3), 10, 6)
    table = axiom_table(scores, seed=2, rules=rules, tries=8)
    assert len(table) == 2 * len(AXIOMS)
    assert not table.set_index(["scheme", "axiom"]).at[("mean", "scale invariance"), "holds"]
    assert ALWAYS["mean"] == set(table.loc[(table["scheme"] == "mean") & table["holds"], "axiom"])
    assert count_axioms(table).sum() == table["holds"].sum()
    words = describe_counterexamples(table)
    assert len(words) == (~table["holds"]).sum()
    assert words["what happens"].str.contains("falls behind|not ahead").all()
    axes = plot_axioms(table).axes[0]
    texts = [text.get_text() for text in axes.texts]
    assert texts.count("always") == table["always"].sum() == len(ALWAYS["mean"]) + len(ALWAYS["borda"])
    assert texts.count("none found") == (table["holds"] & ~table["always"]).sum()
    assert len(texts) == len(table)
    with pytest.raises(ValueError, match="1 missing scores"):
        axiom_table(scores.mask(scores == scores.iloc[0, 0]), seed=1)


def test_stability_by_hand(rng):
    scores = draw(rng, 6, 3)
    found = stability(scores, rules={"rank": RULES["rank"], "kemeny": RULES["kemeny"]})
    assert found.index.tolist() == ["rank"]
    place = scores.rank().mean(axis=1).rank(ascending=False)
    moves = [(scores.drop(columns=m).rank().mean(axis=1).rank(ascending=False) - place).abs().max() for m in scores]
    assert found.at["rank", "by_metric"] == pytest.approx(np.mean(moves))
    assert found.at["rank", "worst_metric"] == scores.columns[int(np.argmax(moves))]


def test_models_are_called_by_names_that_are_theirs_alone():
    table = make_twin()
    some = table.select(metrics=[*table.values][:2])
    scores = complete_scores(some)
    assert scores.index.is_unique
    assert scores.to_numpy().tolist() == some.values.dropna().to_numpy().tolist()
