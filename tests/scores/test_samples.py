"""The paper's samples: who is in them, and what is said about them, against pandas and scipy alone."""

import dataclasses
from pathlib import Path

import jupytext
import numpy as np
import pandas as pd
import pytest
from scipy import stats as sps

from yardsticks import datasets
from yardsticks.scores import attention
from yardsticks.scores.consistency import GROUPS, paper_leaves
from yardsticks.scores.opening import open_scores
from yardsticks.scores.samples import (
    attention_map_margin,
    brain_score_groups,
    figure1_groups,
    insignificance_margin,
    listed_models,
    odd_one_out_margin,
    paper_models,
)
from yardsticks.scores.specifications import PAPER_PROXY
from yardsticks.scores.twin.draw import make_twin

NAMES = [*GROUPS, "Odd-one-out", "Attention map"]


@pytest.fixture
def groups(rng):
    return pd.DataFrame(rng.normal(size=(60, 11)), columns=NAMES)


@pytest.fixture
def listed_twin(monkeypatch, tmp_path):
    """A table and a later one that call some models as the list does, and a table of attention maps."""
    twin, listed = make_twin(), datasets.catalogue("paper_models")
    complete = brain_score_groups(figure1_groups(twin, twin)).index[:42]
    ids = dict(zip(complete, listed["model_id"], strict=True))
    values = twin.values.rename(index=ids)
    models = twin.models.set_axis(values.index)
    models.loc[listed["model_id"], "name"] = listed["model_name"].to_numpy()
    origin = dataclasses.replace(twin.origin, kind="real")
    table = dataclasses.replace(twin, values=values, models=models, cells=None, origin=origin)
    odd = values.loc[listed["model_id"], "Hebart2023-match"]
    later = values.rename(index=dict(zip(listed["model_id"], listed["odd_one_out_id"].fillna("none"), strict=True)))
    later = later[later.index != "none"]
    later = dataclasses.replace(table, values=later, models=pd.DataFrame({"name": "m"}, index=later.index))
    maps = pd.DataFrame({"model": listed["timm_name"].dropna().unique()})
    maps["spearman"] = np.linspace(-0.5, 0.5, len(maps))
    maps.to_csv(tmp_path / "maps.csv", index=False)
    monkeypatch.setattr(attention, "locate", lambda name: (tmp_path / "maps.csv", None))
    return table, later, odd, maps.set_index("model")["spearman"]


def test_the_list_has_the_papers_models():
    listed = datasets.catalogue("paper_models")
    assert len(listed) == 42
    assert listed["model_id"].is_unique
    assert listed["listed"].value_counts()[["MobileNetV2 variants (13)", "BiT-S variants (6)"]].tolist() == [13, 6]
    assert (listed["odd_one_out_id"].notna() == listed["odd_one_out_match"].notna()).all()
    assert (listed["timm_name"].notna() == listed["attention_map_match"].notna()).all()


def test_groups_outside_brain_score_come_by_the_ids_of_the_list(listed_twin):
    table, later, odd, maps = listed_twin
    listed = datasets.catalogue("paper_models").set_index("model_id")
    found = figure1_groups(table, later)
    assert list(found.index) == list(listed.index)
    expected = odd.where(listed["odd_one_out_id"].notna())
    pd.testing.assert_series_equal(found["Odd-one-out"], expected, check_names=False)
    assert found["Attention map"].dropna().to_dict() == listed["timm_name"].dropna().map(maps).to_dict()


def test_a_model_that_shares_only_the_id_is_not_the_listed_one(listed_twin):
    table = listed_twin[0]
    models = table.models.copy()
    models.loc["643", "name"] = "mine"
    assert set(listed_models(table).index) - set(listed_models(dataclasses.replace(table, models=models)).index) == {
        "643"
    }
    with pytest.raises(ValueError, match="none of the models that the paper's appendix lists"):
        listed_models(dataclasses.replace(table, models=models.assign(name="mine")))


def test_margins_by_scipy(groups):
    groups.loc[:9, "Attention map"] = np.nan
    odd = {name: sps.spearmanr(groups[name], groups["Odd-one-out"]).statistic for name in GROUPS}
    rivals = [odd[name] for name in ("IT", "Rajalingham2018", "Geirhos2021 error consistency")]
    assert odd_one_out_margin(groups) == pytest.approx(odd["V1"] - max(rivals))
    p = [sps.spearmanr(groups["Attention map"], groups[n], nan_policy="omit").pvalue for n in NAMES[:-1]]
    assert attention_map_margin(groups) == pytest.approx(min(1, 55 * min(p)) - 0.05)
    pairs = [sps.spearmanr(groups[a], groups[b]).pvalue for i, a in enumerate(GROUPS) for b in [*GROUPS][:i]]
    assert insignificance_margin(groups) == pytest.approx(np.mean(np.array(pairs) * 36 >= 0.05) - 0.5)
    groups["V1"] = 0.5  # without a correlation, so that 28 pairs are left
    pairs = [sps.spearmanr(groups[a], groups[b]).pvalue for i, a in enumerate(GROUPS) for b in [*GROUPS][1:i] if i > 1]
    assert len(pairs) == 28
    assert insignificance_margin(groups) == pytest.approx(np.mean(np.array(pairs) * 28 >= 0.05) - 0.5)
    assert np.isnan(insignificance_margin(groups.assign(**dict.fromkeys(GROUPS, 0.5))))


def test_margins_say_which_way(groups):
    groups["Odd-one-out"] = groups["V1"] + 0.01 * groups["Odd-one-out"]
    assert odd_one_out_margin(groups) > 0
    groups["IT"] = groups["Odd-one-out"]
    assert odd_one_out_margin(groups) < 0
    groups["Attention map"] = groups["V2"]
    assert attention_map_margin(groups) == pytest.approx(-0.05)
    assert np.isnan(odd_one_out_margin(groups.assign(IT=np.nan)))


@pytest.mark.skipif(datasets.is_synthetic("brainscore-2024-01"), reason="the real leaderboard is not at hand")
def test_all_listed_models_are_on_the_real_table_with_the_nine_groups():
    table = open_scores()
    assert len(listed_models(table)) == 42
    found = figure1_groups(table, open_scores("brainscore-2025-05"))
    assert found.count().drop(["Odd-one-out", "Attention map"]).eq(42).all()
    assert found[["Odd-one-out", "Attention map"]].count().tolist() == [36, 11]


@pytest.mark.parametrize("chapter", ["02_consistency", "03_neural_behaviour", "04_missing_scores", "05_integration"])
def test_chapters_draw_the_papers_figures_on_the_sample_of_the_claims_page(chapter):
    book = jupytext.read(Path(__file__).parents[2] / f"notebooks/{chapter}.py")
    (cell,) = (cell for cell in book.cells if "parameters" in cell.metadata.get("tags", []))
    declared = {}
    exec(cell.source, declared)
    everyone = chapter == "04_missing_scores"  # of Figure 7, so that nothing is left out but what was not there yet
    for name in ("until", "public_only", *([] if everyone else ["nonzero", "imagenet_floor"])):
        assert declared[name] == getattr(PAPER_PROXY, name)
    assert everyone or declared["one_per_name"] is (PAPER_PROXY.deduplicate == "name")


class TestPaperModels:
    @pytest.fixture
    def few(self):
        """Ten complete models of the twin, in a table of its own."""
        twin = make_twin()
        return twin.select(models=paper_models(twin, imagenet_floor=0).values.index[:10])

    def test_scores_from_the_date_on_are_not_counted(self, few):
        counted = few.cells[few.cells["metric"].isin(paper_leaves(few))]
        late = counted.groupby("model_id")["timestamp"].max()
        date = late.sort_values().iloc[5]
        until = (date.floor("D") + pd.Timedelta(days=1)).strftime("%Y-%m-%d")
        before = late.index[late < pd.Timestamp(until, tz="UTC")]
        assert 3 <= len(before) < 10
        assert set(paper_models(few, imagenet_floor=0, until=until).values.index) == set(before)

    def test_hidden_models_are_left_out(self, few):
        hidden, name = datasets.catalogue("not_public_in_2023")[["model_id", "model_name"]].astype(str).iloc[0]
        index = pd.Index([hidden, *few.values.index[1:]], name=few.values.index.name)
        models, values = few.models.set_axis(index), few.values.set_axis(index)
        mine = dataclasses.replace(few, values=values, models=models, cells=None)
        kept = paper_models(mine, imagenet_floor=0, public_only=True).values.index
        assert list(kept) == list(index)  # of the id alone it is another model
        models = models.copy()
        models.loc[hidden, "name"] = f"{name} "
        table = dataclasses.replace(mine, models=models)
        kept = paper_models(table, imagenet_floor=0, public_only=True).values.index
        assert list(kept) == list(few.values.index[1:])
        assert hidden in paper_models(table, imagenet_floor=0).values.index

    def test_what_rounds_to_zero_counts_as_missing(self, few):
        first, second, third = few.values.index[:3]
        metric = "MajajHong2015.IT-pls"
        values, cells = few.values.copy(), few.cells.copy()
        of = cells["metric"] == metric
        # a score is the square of raw over the ceiling, which the others show
        ceiling = np.median(cells.loc[of, "score_raw"] / np.sqrt(cells.loc[of, "score"]))
        assert 0.5 < ceiling < 1
        # all three are cut to .000, and the first two are one: .01 / .8 squared is .0002, and .05 / .8 squared .004
        for model, raw in ((first, 0.0), (second, 0.01), (third, 0.05)):
            values.loc[model, metric] = 0.0
            cells.loc[(cells["model_id"] == model) & of, ["score", "score_raw"]] = 0.0, raw
        table = dataclasses.replace(few, values=values, cells=cells)
        kept = paper_models(table, imagenet_floor=0, nonzero=True).values.index
        assert list(kept) == list(few.values.index[2:])
        assert len(paper_models(table, imagenet_floor=0).values) == 10

    def test_models_of_one_name_are_kept_where_asked_for(self, few):
        models = few.models.assign(name="the same")
        models.iloc[2:, models.columns.get_loc("name")] = [f"m{n}" for n in range(8)]
        table = dataclasses.replace(few, models=models)
        assert len(paper_models(table, imagenet_floor=0).values) == 9
        assert len(paper_models(table, imagenet_floor=0, one_per_name=False).values) == 10
