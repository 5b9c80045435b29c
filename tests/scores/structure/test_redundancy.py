"""The fewest metrics: greedy choice against every set of a small table, and held-out models."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from yardsticks.scores.consistency import paper_leaves
from yardsticks.scores.samples import paper_models
from yardsticks.scores.structure import redundancy
from yardsticks.scores.structure.figures import plot_fewest
from yardsticks.scores.structure.redundancy import (
    choose_greedily,
    describe_savings,
    held_out,
    needed,
    subset_scores,
)
from yardsticks.scores.twin.draw import make_twin

SMALL = [
    "FreemanZiemba2013.V1-pls",
    "FreemanZiemba2013.V2-pls",
    "MajajHong2015.V4-pls",
    "MajajHong2015.IT-pls",
    "Rajalingham2018-i2n",
    "Geirhos2021colour-error_consistency",
    "Geirhos2021sketch-error_consistency",
]


@pytest.fixture(scope="module")
def table():
    twin = make_twin()
    return paper_models(twin, imagenet_floor=0.019).select(metrics=paper_leaves(twin))


@pytest.fixture(scope="module")
def small(table):
    return table.select(metrics=SMALL)


def overall(table, metrics):
    return table.select(metrics=metrics).areas(policy="complete")["overall"]


def test_scores_of_a_set_are_those_of_the_table_of_just_these(table, rng):
    names = table.values.columns
    sets = rng.random((12, len(names))) < 0.2
    sets[:, [names.get_loc("FreemanZiemba2013.V2-pls"), names.get_loc("Rajalingham2018-i2n")]] = True
    got = subset_scores(table, sets)
    for column, chosen in zip(got.T, sets, strict=True):
        np.testing.assert_allclose(column, overall(table, list(names[chosen])), atol=2e-10)
    neural_only = table.metrics["domain"].eq("neural").to_numpy()[None]
    assert np.isnan(subset_scores(table, neural_only)).all()


def test_each_choice_is_the_best_of_its_step_and_the_first_pair_the_best_of_all(small):
    whole = overall(small, SMALL)

    def nearness(metrics):
        return overall(small, list(metrics)).corr(whole, method="spearman")

    order = choose_greedily(small, most=6)
    pairs = [pair for pair in combinations(SMALL, 2) if len({*small.metrics.loc[list(pair), "domain"]}) == 2]
    assert nearness(order[:2]) == pytest.approx(max(map(nearness, pairs)))
    for size in range(3, 7):
        tried = [nearness([*order[: size - 1], name]) for name in SMALL if name not in order[: size - 1]]
        assert nearness(order[:size]) == pytest.approx(max(tried))
        best = max(
            nearness(each) for each in combinations(SMALL, size) if len({*small.metrics.loc[list(each), "domain"]}) == 2
        )
        assert nearness(order[:size]) <= best + 1e-9
        assert nearness(order[:size]) >= best - 0.05
    assert choose_greedily(small, most=9)[:6] == order
    assert set(choose_greedily(small, most=9)) == set(SMALL)


def test_every_model_is_judged_by_metrics_chosen_without_it(small, monkeypatch):
    seen = []
    choose = redundancy.choose_greedily

    def record(part, **options):
        seen.append(set(small.values.index) - set(part.values.index))
        return choose(part, **options)

    monkeypatch.setattr(redundancy, "choose_greedily", record)
    found = held_out(small, most=7, seed=2, n=200)
    assert sum(map(len, seen)) == len(small.values)
    assert set.union(*seen) == set(small.values.index)
    assert found.index.tolist() == [2, 3, 4, 5, 6, 7]
    assert found.at[7, "rho"] == pytest.approx(1)
    assert found.at[7, "within"] == found.at[7, "by_chance"]  # there is one set of all
    assert ((found["low"] <= found["within"]) & (found["within"] <= found["high"])).all()
    assert found["enough"].is_monotonic_increasing
    again = held_out(small, most=7, seed=2, n=200)
    assert again.equals(found)


def test_what_repeats_is_not_needed(table):
    # one neural metric, and ten behavioural ones with the same scores
    names = ["MajajHong2015.IT-pls", *[leaf for leaf in table.values if leaf.startswith("Geirhos2021")][:10]]
    part = table.select(metrics=names)
    values = part.values.copy()
    values[names[1:]] = np.repeat(values[[names[1]]].to_numpy(), 10, axis=1)
    same = type(part)(values, part.metrics, part.models, part.cells, part.origin)
    found = held_out(same, most=4, seed=1, n=100)
    assert needed(found) == {"n": 2, "low": 2, "high": 2}
    assert found.at[2, "rho"] == pytest.approx(1)


def test_a_table_without_enough_says_so(small):
    with pytest.raises(ValueError, match="no behavioural metrics"):
        held_out(small.select(metrics=SMALL[:4]), most=3, seed=1)
    with pytest.raises(ValueError, match="there are 9 and 7"):
        held_out(small.select(models=small.values.index[:9]), most=3, seed=1)


def test_where_no_number_is_enough_it_says_so():
    found = pd.DataFrame({"within": [0.5, 0.9], "enough": [0.0, 0.1]}, pd.Index([2, 3], name="n_metrics"))
    with pytest.raises(ValueError, match="up to 3 metrics keep 90%"):
        needed(found)
    sure = needed(found.assign(within=[0.5, 0.96]))
    assert (sure["n"], sure["low"]) == (3, 3)
    assert np.isnan(sure["high"])


def test_savings_are_counted(small):
    saved = describe_savings(small, SMALL[:3])
    assert (saved["n_chosen"], saved["n_skipped"], saved["n_studies"], saved["n_studies_chosen"]) == (3, 4, 4, 2)
    assert saved["n_scores"] == 4 * len(small.values)


def test_the_number_needed_is_marked():
    found = {"within": [0.7, 0.96], "low": [0.6, 0.9], "high": [0.8, 1.0], "by_chance": [0.5, 0.6]}
    axes = plot_fewest(pd.DataFrame(found, pd.Index([2, 3], name="n_metrics")), 3).axes[0]
    assert [text.get_text() for text in axes.texts] == ["3 metrics"]
    assert axes.collections[-1].get_offsets().tolist() == [[3, 0.96]]
