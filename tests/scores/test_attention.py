"""Figure 1's two groups from outside Brain-Score, on small tables."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from yardsticks import datasets
from yardsticks.scores import attention
from yardsticks.scores.attention import MATCHES, attention_map, extended_groups
from yardsticks.scores.consistency import GROUPS
from yardsticks.scores.twin.draw import make_twin


@pytest.fixture
def table():
    """A table whose first models carry the ids of the crosswalk and no attention-map column."""
    twin = make_twin()
    twin = twin.select(metrics=[metric for metric in twin.values if metric != "attention-map"])
    ids = [*datasets.catalogue("attention_map_crosswalk")["model_id"]]
    index = pd.Index([*ids, *twin.values.index[len(ids) :]], name="model_id")
    models = twin.models.set_axis(index)
    models.loc[ids, "name"] = [*datasets.catalogue("attention_map_crosswalk")["brain_score_name"]]
    return dataclasses.replace(twin, values=twin.values.set_axis(index), models=models, cells=None)


@pytest.fixture
def similarity(tmp_path, monkeypatch):
    crosswalk = datasets.catalogue("attention_map_crosswalk")
    frame = pd.DataFrame({"model": crosswalk["timm_name"].unique()})
    frame["spearman"] = np.linspace(-0.5, 0.5, len(frame))
    path = tmp_path / "similarity.csv"
    frame.to_csv(path, index=False)
    monkeypatch.setattr(attention, "locate", lambda name: (path, None))
    return frame.set_index("model")["spearman"]


def test_a_model_that_shares_only_the_id_has_no_attention_map(table, similarity):
    models = table.models.assign(name="mine")
    assert attention_map(dataclasses.replace(table, models=models), match=MATCHES[-1]).isna().all()


@pytest.mark.parametrize("match", MATCHES)
def test_crosswalk_gives_each_model_its_timm_models_value(table, similarity, match):
    found = attention_map(table, match=match)
    allowed = MATCHES[: MATCHES.index(match) + 1]
    crosswalk = datasets.catalogue("attention_map_crosswalk")
    expected = {}
    for row in crosswalk.itertuples():
        if row.match in allowed:
            expected.setdefault(row.model_id, similarity[row.timm_name])
    assert found.dropna().to_dict() == expected


def test_without_the_table_the_group_is_missing(table, monkeypatch):
    monkeypatch.setattr(attention, "locate", lambda name: (None, None))
    with pytest.warns(UserWarning, match="its group is empty"):
        groups = extended_groups(table, policy="complete", match="same_checkpoint")
    assert list(groups) == [*GROUPS, "Odd-one-out", "Attention map"]
    assert groups["Attention map"].isna().all()


def test_twin_brings_its_own():
    twin = make_twin()
    found = attention_map(twin, match="same_checkpoint")
    pd.testing.assert_series_equal(found, twin.values["attention-map"])


def test_unknown_match_lists_the_known(table):
    with pytest.raises(ValueError, match="likely_same_checkpoint"):
        attention_map(table, match="roughly")
