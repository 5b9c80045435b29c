"""Intervals over models and families, and the weight of single models, against theory and by hand."""

import numpy as np
import pandas as pd
import pytest

from yardsticks.scores.consistency import choose_metrics
from yardsticks.scores.integration import domain_scores, variance_explained
from yardsticks.scores.intervals import bootstrap, family, influence, interval, resample
from yardsticks.scores.samples import paper_models
from yardsticks.scores.twin.draw import make_twin


@pytest.fixture(scope="module")
def twin():
    return make_twin()


def mean(part):
    return part["x"].mean()


def test_the_interval_of_a_mean_is_that_of_theory(rng):
    values = pd.DataFrame({"x": rng.normal(size=400)})
    got = bootstrap(values, mean, seed=1, n=1200)
    half = 1.96 * values["x"].std() / 20
    assert got["n"] == 400
    assert got["low"] == pytest.approx(values["x"].mean() - half, abs=0.1 * half)
    assert got["high"] == pytest.approx(values["x"].mean() + half, abs=0.1 * half)
    again = bootstrap(values, mean, seed=1, n=1200)
    assert again.equals(got)


def test_there_is_no_interval_where_there_is_nothing_to_resample():
    for n in (0, 1, 4):
        few = bootstrap(pd.DataFrame({"x": np.arange(n, dtype=float)}), mean, seed=1)
        assert np.isnan(few["low"])
        assert np.isnan(few["high"])
        assert few["n"] == n
    undefined = bootstrap(pd.DataFrame({"x": [np.nan] * 9}), mean, seed=1)
    assert np.isnan(undefined["low"])
    same = bootstrap(pd.DataFrame({"x": [2.0] * 9}), mean, seed=1)
    assert (same["low"], same["high"]) == (2, 2)
    pairs = bootstrap(pd.DataFrame({"x": [1.0, 2, 3], "y": [1.0, 3, 2]}), "spearman", seed=1)
    assert list(pairs.index) == [("x", "y")]
    assert pairs["low"].isna().all()


def test_correlations_are_those_of_the_same_resamples_drawn_row_by_row(rng):
    values = pd.DataFrame(rng.normal(size=(30, 3)).round(1), columns=list("abc"))
    values.iloc[:4, 0] = np.nan

    def plainly(part):
        corr = part.corr("spearman", min_periods=3)
        return pd.Series({(a, b): corr.at[a, b] for a, b in (("a", "b"), ("a", "c"), ("b", "c"))})

    at_once, by_rows = (resample(values, how, seed=5, n=40) for how in ("spearman", plainly))
    assert list(at_once.index) == list(by_rows.index)
    np.testing.assert_allclose(at_once, by_rows, atol=1e-12)
    ends = bootstrap(values, "spearman", seed=5, n=40)
    np.testing.assert_allclose(ends[["low", "high"]].T, np.quantile(by_rows, (0.025, 0.975), axis=1))


def test_resamples_without_the_number_are_left_out_of_its_interval():
    draws = pd.DataFrame([[1.0, 2, 3, np.nan, 4], [1.0, np.nan, np.nan, np.nan, 4]])
    ends = interval(draws)
    assert ends.loc[0].tolist() == pytest.approx(np.quantile([1, 2, 3, 4], (0.025, 0.975)))
    assert ends.loc[1].isna().all()


@pytest.mark.parametrize("method", ["spearman", "pearson"])
def test_intervals_hold_the_true_correlation_as_often_as_they_say(rng, method):
    rho, n_samples = 0.5, 200
    truth = rho if method == "pearson" else 6 / np.pi * np.arcsin(rho / 2)  # of the bivariate normal
    held = 0
    for seed in range(n_samples):
        x = rng.normal(size=(60, 2))
        values = pd.DataFrame({"x": x[:, 0], "y": rho * x[:, 0] + np.sqrt(1 - rho**2) * x[:, 1]})
        low, high = bootstrap(values, method, seed=seed, n=200)[["low", "high"]].iloc[0]
        held += low <= truth <= high
    # percentile intervals of 60 models are a little too narrow
    assert 0.95 - 4 * np.sqrt(0.95 * 0.05 / n_samples) - 0.02 < held / n_samples < 0.98


def test_intervals_of_explained_variance_hold_it(twin):
    models = paper_models(twin, imagenet_floor=0).select(metrics=choose_metrics(twin, "paper"))
    domains = domain_scores(models, policy="complete")
    got = bootstrap(domains, variance_explained, seed=2, n=100)
    assert (got["low"] < variance_explained(domains)).all()
    assert (got["high"] > variance_explained(domains)).all()


def test_families_are_drawn_whole(rng):
    """Of families that are each all alike only their number counts: as the mean of one model from each."""
    families = pd.Series(np.repeat([f"f{i:02d}" for i in range(12)], 5))
    level = rng.normal(size=12)
    values = pd.DataFrame({"x": np.repeat(level, 5)})
    got = bootstrap(values, mean, seed=4, n=200, unit="families", families=families)
    each = bootstrap(pd.DataFrame({"x": level}), mean, seed=4, n=200)
    assert got["n"] == 12
    assert got["low"] == pytest.approx(each["low"])
    assert got["high"] == pytest.approx(each["high"])
    alone = bootstrap(values, mean, seed=4, n=200)
    assert alone["high"] - alone["low"] < got["high"] - got["low"]
    one = bootstrap(values, mean, seed=4, unit="families", families=pd.Series("one", values.index))
    assert np.isnan(one["low"])


def test_families_are_known_by_name(twin):
    names = twin.models["name"]
    told = bootstrap(twin, "spearman", seed=1, n=5, unit="families", families=names.map(family))
    pd.testing.assert_frame_equal(bootstrap(twin, "spearman", seed=1, n=5, unit="families"), told)
    frame = pd.DataFrame({"x": np.arange(12.0)}, [f"{kind}-{i}" for kind in ("vgg", "deit", "bit") for i in range(4)])
    assert bootstrap(frame, mean, seed=1, unit="families")["n"] == 3


def test_metrics_are_drawn_and_models_stay(rng):
    """The mean over many metrics has the interval of a mean of as many numbers."""
    values = pd.DataFrame(rng.normal(size=(3, 200)), list("xyz")).add([0, 1, 2], axis=0)
    got = bootstrap(values, lambda part: part.mean(axis=1), seed=3, unit="metrics", n=800)
    half = 1.96 * values.std(axis=1) / np.sqrt(200)
    assert (got["n"] == 200).all()
    np.testing.assert_allclose(got["low"], values.mean(axis=1) - half, atol=0.15 * half.max())
    np.testing.assert_allclose(got["high"], values.mean(axis=1) + half, atol=0.15 * half.max())
    with pytest.raises(ValueError, match="models, families, metrics"):
        bootstrap(values, "spearman", seed=3, unit="cells")
    with pytest.raises(ValueError, match="give a function, not 'spearman'"):
        bootstrap(values, "spearman", seed=3, unit="metrics")


def test_a_model_without_a_family_is_named():
    values = pd.DataFrame({"a": [0.1, 0.2, 0.3]}, index=["x", "y", "z"])
    for families in (pd.Series({"x": "f", "y": None, "z": "g"}), pd.Series({"x": "f", "z": "g"})):
        with pytest.raises(ValueError, match=r"model 'y' \(row 1 .* has no family.*leave the model out"):
            resample(values, mean, seed=1, unit="families", families=families)


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


def test_several_numbers_at_once_are_each_as_alone(rng):
    values = pd.DataFrame(rng.normal(size=(12, 2)), [f"model {i}" for i in range(12)], ["x", "y"])
    alone = {"least": lambda part: part["x"].min(), "never": lambda part: np.nan, "mean": lambda part: part["y"].mean()}

    def together(part):
        return {name: of(part) for name, of in alone.items()}

    ends, moved = bootstrap(values, together, seed=1, n=30), influence(values, together)
    assert list(ends.index) == list(moved.index) == list(alone)
    for name, of in alone.items():
        pd.testing.assert_series_equal(
            ends.loc[name], bootstrap(values, of, seed=1, n=30), check_names=False, check_dtype=False
        )
        pd.testing.assert_series_equal(moved.loc[name], influence(values, of), check_names=False)
