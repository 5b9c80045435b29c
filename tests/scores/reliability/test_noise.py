"""Which rows are one network, and what their scores differ by: by hand and by plain loops."""

import numpy as np
import pandas as pd
import pytest

from yardsticks import datasets
from yardsticks.scores.opening import open_scores
from yardsticks.scores.reliability import (
    families_of,
    list_networks,
    networks,
    noise_again,
    noise_sources,
    published_noise,
)

ACCURACIES = ["ImageNet-top1", *(f"ImageNet-C-{kind}-top1" for kind in ("noise", "blur", "weather", "digital"))]
ACCURACIES += [f"Geirhos2021{kind}-top1" for kind in ("colour", "contrast", "edge", "sketch", "rotation", "lowpass")]


@pytest.fixture
def accuracies(rng):
    return pd.DataFrame(rng.uniform(0.3, 0.9, (7, 11)).round(3), list("abcdefg"), ACCURACIES)


def test_rows_with_the_same_accuracies_are_one_network(accuracies, make_table):
    values = accuracies
    values.loc["b"] = values.loc["a"]
    values.loc["b", "ImageNet-top1"] = np.nan  # ten are left to share
    values.loc["d"] = values.loc["c"]
    values.loc["d", ["ImageNet-top1", "ImageNet-C-blur-top1"]] = np.nan  # nine are not enough
    values.loc["f"] = values.loc["e"] + 0.001  # the last digit
    values.loc["g"] = values.loc["e"] + 0.0001
    assert networks(make_table(values), by="accuracies").to_dict() == {"a": "a", "b": "a", "e": "e", "g": "e"}
    values.loc["h"] = values.loc["i"] = 0.05  # at chance all are alike
    assert set(networks(make_table(values), by="accuracies").index) == {"a", "b", "e", "g"}


def test_a_network_goes_on_over_rows_that_share_enough_with_a_third(accuracies, make_table):
    values = accuracies.loc[["a", "b", "c"]].copy()
    values.loc["b"] = values.loc["c"] = values.loc["a"]
    values.loc["a", "ImageNet-top1"] = np.nan
    values.loc["c", "ImageNet-top1"] += 0.1  # as it was reported, and not measured
    assert networks(make_table(values), by="accuracies").to_dict() == {"a": "a", "b": "a", "c": "a"}


def test_names_are_the_same_but_for_spelling_and_library(make_table):
    names = ["resnet-50_v1-tf", "resnet_50_v1", "ResNet50-v1-keras", "resnet_50_v2", " vgg_16", "vgg-16-pytorch"]
    names += ["my-model", "my-model", "pytorch", "??", "??"]
    values = pd.DataFrame({"ImageNet-top1": np.linspace(0.5, 0.7, 11)}, [f"m{i}" for i in range(11)])
    found = networks(make_table(values, names), by="name")
    assert found.to_dict() == {"m0": "m0", "m1": "m0", "m2": "m0", "m4": "m4", "m5": "m4"}
    assert networks(make_table(values, names), by="catalogue").empty
    with pytest.raises(ValueError, match="by='id' is none of accuracies, catalogue, name"):
        networks(make_table(values), by="id")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("mobilenet_v2_0.5_192", "MobileNet-v2 0_5_192", True),
        ("ViT-B/32", "vit_b_32", True),
        ("net 1.0", "net-10", False),
        ("c", "c++", False),
        ("a, b", "a|b", False),
        ("\u03b1-net", "\u03b2-net", False),
    ],
)
def test_models_of_like_names_are_told_apart(make_table, one, other, same):
    table = make_table(pd.DataFrame({"ImageNet-top1": [0.5, 0.6]}, ["x", "y"]), [one, other])
    assert networks(table, by="name").to_dict() == ({"x": "x", "y": "x"} if same else {})


def test_the_catalogue_is_believed_where_id_and_name_agree(make_table):
    listed = datasets.catalogue("paper_models")
    again = listed[listed["odd_one_out_match"] == "registered_again"].iloc[:3]
    ids = [*again["model_id"], *again["odd_one_out_id"]]
    names = [*again["model_name"].iloc[:2], "another", "x", "y", "z"]
    table = make_table(pd.DataFrame({"ImageNet-top1": range(6)}, ids, dtype=float), names)
    first = again["model_id"].tolist()
    assert networks(table, by="catalogue").to_dict() == dict(zip([*ids[:2], *ids[3:5]], [*first[:2]] * 2, strict=True))


@pytest.mark.skipif(datasets.is_synthetic("brainscore-2025-05"), reason="the real leaderboard is not at hand")
def test_the_catalogues_networks_are_on_the_real_table_and_have_one_name():
    later = open_scores("brainscore-2025-05")
    listed, named = networks(later, by="catalogue"), networks(later, by="name")
    assert listed.nunique() == 17
    together = named.groupby(named).groups.values()
    for first, second in zip(listed, listed.index, strict=True):
        assert any({first, second} <= set(rows) for rows in together)


def test_the_variance_of_noise_is_the_mean_over_networks_of_the_variance_between_rows(rng):
    values = pd.DataFrame(rng.normal(size=(40, 6)), [f"m{i}" for i in range(40)])
    values[rng.random(values.shape) < 0.2] = np.nan
    values[5] = np.nan
    label = pd.Series(rng.integers(0, 12, 30).astype(str), values.index[:30])
    got = noise_again(values, pd.concat([label, pd.Series({"elsewhere": "0"})]))
    for column in range(5):
        variances = []
        for network in label.unique():
            rows = [values.at[m, column] for m in label.index[label == network] if not np.isnan(values.at[m, column])]
            if len(rows) > 1:
                variances.append(np.var(rows, ddof=1))
        assert got.variance()[column] == pytest.approx(np.mean(variances))
    assert np.isnan(got.variance()[5])


def test_errors_are_refuted_by_a_correlation_that_they_would_not_allow(make_table):
    """A metric that correlates at .9 with another is at least .81 reliable, so errors as wide as models are none."""
    n = 60
    x = np.linspace(0, 1, n)
    y = x + 0.2 * np.tile([-1, 1], n // 2)  # correlates with x at about .83
    values = pd.DataFrame({"first": x, "second": y, "third": x}, [f"m{i}" for i in range(n)])
    wide, narrow = np.full(n, 0.95 * x.std(ddof=1)), np.full(n, 0.01)
    long = values.rename_axis("model_id").reset_index().melt("model_id", var_name="metric", value_name="score")
    cells = long.assign(error=np.r_[wide, narrow, np.full(n, np.nan)], score_raw=np.nan, timestamp=pd.NaT)
    noise, refuted = published_noise(make_table(values, cells=cells), values)
    assert refuted == ["first"]
    assert noise.variance().fillna(-1).round(8).to_dict() == {"first": -1, "second": 1e-4, "third": -1}
    nothing, none = published_noise(make_table(values), values)
    assert (nothing.variance().isna().all(), none) == (True, [])


def test_sources_that_say_nothing_are_left_out(make_table, twin):
    values = pd.DataFrame({"first": [0.1, 0.2, 0.4, 0.3], "second": [0.3, 0.1, 0.2, 0.5]}, list("abcd"))
    assert noise_sources(make_table(values), values, make_table(values), values) == {}
    table = make_table(values, ["one", "two", "three", "one-tf"])
    (source,) = noise_sources(table, values, table, values)
    assert source == "registered again, by name"
    assert len(noise_sources(twin, twin.values, twin, twin.values)) == 4


def test_networks_are_listed_by_how_far_their_rows_are_apart(make_table):
    values = pd.DataFrame(
        {"first": [0.1, 0.2, 0.5, np.nan, 0.3], "second": [0.9, 0.8, 0.1, 0.5, np.nan]}, list("abcde")
    )
    table = make_table(values, ["one", "one-tf", "two", "two", "three"])
    got = list_networks(table, ["first", "second", "absent"], by="name")
    assert got.round(3).to_numpy().tolist() == [
        ["two", 2, 1, "second", 0.1, 0.5],
        ["one, one-tf", 2, 2, "first", 0.1, 0.2],
    ]
    assert list_networks(table, ["first"], by="accuracies").empty


def test_families_are_those_of_the_first_table_that_names_a_model(make_table):
    values = pd.DataFrame({"first": [0.1, 0.2]}, ["1", "2"])
    other = pd.DataFrame({"first": [0.1, 0.2]}, ["2", "3"])
    got = families_of(make_table(values, ["resnet-18", "vgg-16"]), make_table(other, ["alexnet", "resnet50"]))
    assert got.to_dict() == {"1": "resnet", "2": "vgg", "3": "resnet"}
