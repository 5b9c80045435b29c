"""Intervals over models and families, and the weight of single models, against theory and by hand."""

import numpy as np
import pandas as pd
import pytest

from yardsticks.scores.consistency import choose_metrics
from yardsticks.scores.integration import domain_scores, variance_explained
from yardsticks.scores.intervals import bootstrap, family, influence
from yardsticks.scores.samples import paper_models
from yardsticks.scores.twin.draw import make_twin


@pytest.fixture(scope="module")
def twin():
    return make_twin()


def test_the_interval_of_a_mean_is_that_of_theory(rng):
    values = pd.DataFrame({"x": rng.normal(size=400)})
    got = bootstrap(values, lambda part: part["x"].mean(), seed=1, n_resamples=4000)
    half = 1.96 * values["x"].std() / 20
    assert got["n"] == 400
    assert got["low"] == pytest.approx(values["x"].mean() - half, abs=0.1 * half)
    assert got["high"] == pytest.approx(values["x"].mean() + half, abs=0.1 * half)
    again = bootstrap(values, lambda part: part["x"].mean(), seed=1, n_resamples=4000)
    assert again.equals(got)


def test_there_is_no_interval_where_there_is_nothing_to_resample():
    def mean(part):
        return part["x"].mean()

    for n in (0, 1, 4):
        few = bootstrap(pd.DataFrame({"x": np.arange(n, dtype=float)}), mean, seed=1)
        assert np.isnan(few["low"])
        assert np.isnan(few["high"])
        assert few["n"] == n
    undefined = bootstrap(pd.DataFrame({"x": [np.nan] * 9}), mean, seed=1)
    assert np.isnan(undefined["low"])
    same = bootstrap(pd.DataFrame({"x": [2.0] * 9}), mean, seed=1)
    assert (same["low"], same["high"]) == (2, 2)


def test_intervals_of_explained_variance_hold_it(twin):
    models = paper_models(twin, imagenet_floor=0).select(metrics=choose_metrics(twin, "paper"))
    domains = domain_scores(models, policy="complete")
    got = bootstrap(domains, lambda part: variance_explained(part)["neural"], seed=2, n_resamples=100)
    assert 0 <= got["low"] < variance_explained(domains)["neural"] < got["high"] <= 1


def test_families_are_drawn_whole(rng):
    """Of families that are each all alike only their number counts: as the mean of one model from each."""
    families = pd.Series(np.repeat([f"f{i:02d}" for i in range(12)], 5))
    level = rng.normal(size=12)
    values = pd.DataFrame({"x": np.repeat(level, 5)})

    def mean(part):
        return part["x"].mean()

    got = bootstrap(values, mean, seed=4, families=families)
    each = bootstrap(pd.DataFrame({"x": level}), mean, seed=4)
    assert got["n"] == 12
    assert got["low"] == pytest.approx(each["low"])
    assert got["high"] == pytest.approx(each["high"])
    alone = bootstrap(values, mean, seed=4)
    assert alone["high"] - alone["low"] < got["high"] - got["low"]
    assert np.isnan(bootstrap(values, mean, seed=4, families=pd.Series("one", values.index))["low"])


def test_a_family_is_named_by_its_architecture():
    names = {
        "mobilenet_v2_1.4_224-tf": "mobilenet",
        "AdvProp_efficientnet-b0": "efficientnet",
        "effnetb1_cutmix": "efficientnet",
        " resnet50-SIN": "resnet",
        "resnext101_32x8d_wsl": "resnext",
        "BiT-S-R50x1": "bit",
        "CLIP-RN50": "clip",
        "vonealexnet": "alexnet",
        "21": "21",
    }
    assert {name: family(name) for name in names} == names


def test_influence_by_hand():
    values = pd.DataFrame({"x": [1.0, 2.0, 3.0, 10.0]}, index=list("abcd"))
    got = influence(values, lambda part: part["x"].mean())
    assert got.to_dict() == {"lowest": 2.0, "highest": 5.0, "model": "d", "without": 2.0}
    nothing = influence(values, lambda part: np.nan)
    assert nothing["model"] is None
    assert np.isnan(nothing["lowest"])
