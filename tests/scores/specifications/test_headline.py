"""Specifications of the paper's numbers, on the twin, against the steps done by hand."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats as sps

from yardsticks.datasets import catalogue, is_synthetic
from yardsticks.scores.consistency import paper_leaves
from yardsticks.scores.opening import open_scores
from yardsticks.scores.specifications import choices as choices_module
from yardsticks.scores.specifications.choices import CHOICES, PAPER_PROXY, PLAIN, Specification, apply
from yardsticks.scores.specifications.evidence import readings
from yardsticks.scores.specifications.headline import headline_numbers
from yardsticks.scores.twin.draw import make_twin

BARE = Specification(deduplicate=None, imagenet_floor=0.0)


@pytest.fixture(scope="module")
def twin():
    return make_twin()


def test_bare_specification_is_completeness_alone(twin):
    models = apply(twin, BARE)
    assert list(models["all"].values.index) == list(twin.values.index)
    complete = twin.values[paper_leaves(twin)].notna().all(axis=1)
    assert list(models["complete"].values.index) == list(twin.values.index[complete])
    assert list(models["analysed"].values.index) == list(models["complete"].values.index)
    engineering = [m for m in twin.values if m.startswith("Geirhos2021") and m.endswith("top1")]
    engineering += ["ImageNet-top1", "Hermann2020cueconflict-shape_bias"]
    grouped = complete & twin.values[engineering].notna().all(axis=1)
    assert list(models["grouped"].values.index) == list(twin.values.index[grouped])


def test_each_filter_removes_what_it_says(twin):
    sets = {name: set(m.values.index) for name, m in apply(twin, PLAIN).items()}
    bare = {name: set(m.values.index) for name, m in apply(twin, BARE).items()}
    gone = bare["analysed"] - sets["analysed"]
    names, imagenet = twin.models["name"], twin.values["ImageNet-top1"]
    kept_names = set(names[list(sets["analysed"])])
    assert gone
    assert all(names[model] in kept_names or imagenet[model] < PLAIN.imagenet_floor for model in gone)
    cut = dataclasses.replace(BARE, until="2022-01-01")
    early = apply(twin, cut)["all"]
    first = twin.cells.groupby("model_id")["timestamp"].min()
    assert set(early.values.index) == set(first.index[first < pd.Timestamp("2022-01-01", tz="UTC")])


def test_public_only_leaves_out_the_catalogues_models(twin):
    hidden = catalogue("not_public_in_2023").iloc[0]
    renamed = twin.values.rename(index={twin.values.index[0]: hidden["model_id"]})
    models = twin.models.set_axis(renamed.index)
    models.loc[hidden["model_id"], "name"] = hidden["model_name"]
    table = dataclasses.replace(twin, values=renamed, models=models, cells=None)
    left = apply(table, dataclasses.replace(BARE, public_only=True))["all"].values.index
    assert list(left) == list(renamed.index[1:])


def test_nonzero_drops_true_zeros_and_restores_truncated_ones(twin):
    complete = twin.complete(metrics=paper_leaves(twin))
    leaf = "Geirhos2021edge-error_consistency"
    zero, truncated = complete.values.index[complete.values[paper_leaves(twin)].abs().gt(0.01).all(axis=1)][:2]
    values = complete.values.copy()
    values.loc[[zero, truncated], leaf] = 0.0
    cells = complete.cells.copy()
    ratio = complete.cells[complete.cells["metric"] == leaf].eval("score / score_raw").median()
    at = (cells["metric"] == leaf) & (cells["model_id"] == truncated)
    cells.loc[at, ["score", "score_raw"]] = 0.0, 0.0009 / ratio
    cells.loc[(cells["metric"] == leaf) & (cells["model_id"] == zero), ["score", "score_raw"]] = 0.0
    table = dataclasses.replace(complete, values=values, cells=cells)
    kept = apply(table, dataclasses.replace(BARE, nonzero=True))["complete"].values.index
    assert truncated in kept
    assert zero not in kept


def test_headline_numbers_by_hand(twin):
    numbers = headline_numbers(twin, BARE)
    complete = twin.complete(metrics=paper_leaves(twin))
    leaves = paper_leaves(twin)
    pairs = [
        sps.spearmanr(complete.values[a], complete.values[b]).statistic
        for i, a in enumerate(leaves)
        for b in leaves[:i]
    ]
    assert numbers["workshop_mean_rho"] == pytest.approx(np.mean(pairs), abs=1e-12)
    areas = complete.select(metrics=leaves).areas(policy="complete")
    assert numbers["r2_neural"] == pytest.approx(sps.pearsonr(areas["neural"], areas["overall"]).statistic ** 2)
    z = (sps.zscore(areas["neural"]) + sps.zscore(areas["behaviour"])).round(10)
    assert numbers["rho_mean_z"] == pytest.approx(sps.spearmanr(areas["overall"], z).statistic)
    assert numbers["n_complete"] == len(complete.values)
    assert numbers["alpha_figure5"] == pytest.approx(0.05 / 36)
    assert numbers["alpha_figure1"] == pytest.approx(0.05 / 55)


def test_ost_at_zero_lowers_it_and_changes_the_neural_share(twin):
    left_out, at_zero = (headline_numbers(twin, dataclasses.replace(BARE, ost_as_zero=ost)) for ost in (False, True))
    assert left_out["n_complete"] == at_zero["n_complete"]
    assert left_out["r2_neural"] != at_zero["r2_neural"]


def test_specifications_cross_every_choice_once():
    every = list(choices_module.specifications())
    assert len(every) == len(set(every)) == np.prod([len(options) for options in CHOICES.values()])
    assert PLAIN in every
    assert PAPER_PROXY in every
    assert len({choices.describe() for choices in every}) == len(every)


def test_readings_of_z_scores_and_mean_rank(twin):
    found = readings(twin, BARE)
    assert found.stack().between(-1, 1).all()
    numbers = headline_numbers(twin, BARE)
    assert found.loc["neural and behavioural score"].tolist() == pytest.approx(
        [numbers["rho_mean_z"], numbers["rho_mean_rank"]]
    )
    leaves = twin.complete(metrics=paper_leaves(twin)).select(metrics=paper_leaves(twin))
    overall = leaves.areas(policy="complete")["overall"]
    for scheme, of in (("z", sps.zscore(leaves.values)), ("rank", sps.rankdata(leaves.values, axis=0))):
        expected = sps.spearmanr(overall, np.round(np.mean(of, axis=1), 10)).statistic
        assert found.at["every metric, as the text says", scheme] == pytest.approx(expected, abs=1e-9)


@pytest.mark.skipif(is_synthetic("brainscore-2024-01"), reason="the real leaderboard is not at hand")
def test_the_counts_of_the_specification_on_the_real_table():
    table = open_scores()
    plain, proxy = headline_numbers(table, PLAIN), headline_numbers(table, PAPER_PROXY)
    # counted in the table by hand, see the specification of the paper's analyses
    counts = ["n_models_figure7", "n_complete", "n_models_figure4", "n_models_figure5"]
    assert [plain[key] for key in counts] == [280, 137, 127, 96]
    assert [proxy[key] for key in counts] == [242, 95, 88, 80]
