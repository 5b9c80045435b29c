"""Leads by setting: of a small invented design, and the artists that show them."""

import numpy as np
import pandas as pd
import pytest
from oracles.studies import random_rows

from yardsticks import style
from yardsticks.recovery.plateau import leads as module
from yardsticks.recovery.studies.tables import Results
from yardsticks.recovery.winners.credit import winners

MODELS = ("a", "b", "c")


@pytest.fixture
def results(rng):
    cells = {
        "few": {"components": 4, "generator_strengths": [0.1], "n_judgements": None},
        "many": {"components": None, "generator_strengths": [0.1], "n_judgements": 500},
        "more": {"components": 32, "generator_strengths": None, "n_judgements": 500},
    }
    rows = pd.concat([random_rows(rng, models=MODELS, levels=1000).assign(cell=name) for name in cells])
    return Results(rows, {"experiment": {"models": list(MODELS)}, "cells": cells}, None)


def test_each_job_has_the_settings_of_its_cell(results):
    leads = module.cell_leads(results, settings=["components", "n_judgements", "choices"], score="test_accuracy")
    told = leads.drop_duplicates("cell").set_index("cell")
    assert told["components"].to_dict() == {"few": 4, "many": "all", "more": 32}
    assert told["n_judgements"].to_dict() == {"few": "open", "many": 500, "more": 500}
    assert set(told["choices"]) == {"sampled"}  # what studies did before they said so
    for cell, part in leads.groupby("cell"):
        alone = winners(results.rows[results.rows["cell"] == cell], score="test_accuracy")
        np.testing.assert_allclose(part["margin"], alone["margin"])
    one = module.cell_leads(results, settings=["generator_strengths"], score="test_accuracy")
    assert one.drop_duplicates("cell")["generator_strengths"].tolist() == [0.1, 0.1, "all"]


def test_leads_are_drawn_by_generator_and_open_where_another_leads(results):
    leads = module.cell_leads(results, settings=["components", "n_judgements"], score="test_accuracy")
    figure = module.plot_leads(
        leads, x="components", panel="n_judgements", labels={m: m.upper() for m in MODELS}, axis="components"
    )
    assert [axes.get_title() for axes in figure.axes] == ["open", "500"]
    names = [[tick.get_text() for tick in axes.get_xticklabels()] for axes in figure.axes]
    assert names == [["4"], ["32", "all"]], "a panel has no tick where nothing was run"
    means = leads[leads["n_judgements"] == 500].groupby(["generator", "components"])["margin"].mean()
    _, *lines = figure.axes[1].lines
    for generator, line, lost in zip(leads["generator"].unique(), lines[::2], lines[1::2], strict=True):
        expected = means[generator].reindex([32, "all"])
        np.testing.assert_array_equal(line.get_xdata(), [0, 1])
        np.testing.assert_allclose(line.get_ydata(), expected)
        np.testing.assert_allclose(lost.get_ydata(), expected[expected <= 0])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["A", "B", "C", "another model leads"]
    never = module.plot_leads(
        leads.assign(margin=0.1), x="components", panel="n_judgements", labels=dict.fromkeys(MODELS, "x"), axis="x"
    )
    assert "another model leads" not in [text.get_text() for text in never.legends[0].get_texts()]


def test_models_of_a_family_share_a_colour_and_no_two_models_a_marker():
    models = ["clip_vit_b32", "clip_vit_b32_cc0", "mine", "pixels"]
    looks = module._looks(models)
    assert looks["clip_vit_b32"][0] == looks["clip_vit_b32_cc0"][0] == style.FAMILY_LOOKS["clip"][1]
    assert len({colour for colour, _ in looks.values()}) == 3
    assert len({marker for _, marker in looks.values()}) == 4


def test_a_dotted_line_marks_a_value_and_is_named(results):
    leads = module.cell_leads(results, settings=["components", "n_judgements"], score="test_accuracy")
    told = {"x": "components", "panel": "n_judgements", "labels": {m: m.upper() for m in MODELS}}
    figure = module.plot_leads(leads, **told, axis="components", marked={"most pick it": 32, "nobody ran it": 8})
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["4", "8", "32"]
    assert [tick.get_text() for tick in figure.axes[1].get_xticklabels()] == ["8", "32", "all"]
    for axes, place in zip(figure.axes, (2, 1), strict=True):
        (line,) = [line for line in axes.lines if line.get_label() == "most pick it"]
        assert line.get_xdata() == [place, place]
        assert line.get_linestyle() == ":"
    assert [text.get_text() for text in figure.legends[0].get_texts()][-2:] == ["most pick it", "nobody ran it"]


def test_picks_of_a_rule_are_counted_where_there_was_a_choice(results):
    made = [{"model": name, "strength": strength} for name, strength in zip(MODELS, (0.1, 0.01, 0.1), strict=True)]
    cells = {
        "one": {"generator_strengths": [0.1], "n_judgements": None, "strength_rule": "object_cv"},
        "open": {"generator_strengths": [0.1, 0.01], "n_judgements": None, "strength_rule": "object_cv"},
        "many": {"generator_strengths": [0.1, 0.01, 1.0], "n_judgements": 500, "strength_rule": "triplet_holdout"},
    }
    about = {"cells": cells, "generators": {"one": made, "open": made, "many": made[:1]}}
    picks = module.rule_picks(results._replace(provenance=about))
    assert picks.to_numpy().tolist() == [
        ["open", "open", "object_cv", 0.01, 1],
        ["open", "open", "object_cv", 0.1, 2],
        ["many", 500, "triplet_holdout", 0.1, 1],
    ]
    chosen = {"few": {"components": 4, "generator_strengths": [0.1, 0.01], "n_judgements": None}}
    results = results._replace(provenance=results.provenance | {"cells": results.provenance["cells"] | chosen})
    leads = module.cell_leads(results, settings=["generator_strengths"], score="test_accuracy")
    assert set(leads.loc[leads["cell"] == "few", "generator_strengths"]) == {"several"}
