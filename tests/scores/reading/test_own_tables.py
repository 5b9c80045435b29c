"""Tables that have nothing to do with Brain-Score, in the shapes that public leaderboards have; names are invented."""

import bz2
import json
import lzma

import numpy as np
import pandas as pd
import pytest

from yardsticks.scores import consistency, integrate, open_scores, structure
from yardsticks.scores.missing import coverage
from yardsticks.scores.reading.rules import read_scores

V4, IT, I2N = "MajajHong2015.V4-pls", "MajajHong2015.IT-pls", "Rajalingham2018-i2n"
NONE = np.nan


def read(tmp_path, text, **options):
    path = tmp_path / "own.csv"
    path.write_text(text, encoding="utf-8")
    return read_scores(path, **options)


def refusal(tmp_path, text, **options):
    with pytest.raises(ValueError, match=r"own\.csv") as told:
        read(tmp_path, text, **options)
    assert "\n" not in str(told.value)
    return str(told.value)


# content, options, models by name, scores by metric, what else is known of the models, and what is named as left out
SHAPES = {
    "two test sets are no two versions": (
        "model,imagenet,imagenet_v2\na,.7,.6\nb,.8,.5\n",
        {},
        ["a", "b"],
        {"imagenet": [0.7, 0.8], "imagenet_v2": [0.6, 0.5]},
        {},
        "",
    ),
    "language in a name": (
        "model,sign-language,syntaxgym_own\nModel 1,.7,.6\nModel 2,.8,.5\n",
        {},
        ["Model 1", "Model 2"],
        {"sign-language": [0.7, 0.8], "syntaxgym_own": [0.6, 0.5]},
        {},
        "",
    ),
    "words, and numbers about the model": (
        "model,family,licence,layers,version,date,status,qa\na,vit,MIT,12,1.0,2024-01-02,ok,.7\nb,cnn,,50,2,,ok,.8\n",
        {},
        ["a", "b"],
        {"qa": [0.7, 0.8]},
        {"family": ["vit", "cnn"], "licence": ["MIT", ""], "layers": ["12", "50"], "version": ["1.0", "2"]},
        "(family, licence, layers, version, date, status)",
    ),
    "averages and ranks": (
        "Rank (Borda),Model,Mean (Task),avg,Average perf. on 3 sets,qa,mean IoU\n1,a,.6,6,6,.7,.5\n2,b,.5,5,5,.8,.2\n",
        {},
        ["a", "b"],
        {"qa": [0.7, 0.8], "mean IoU": [0.5, 0.2]},
        {},
        "(Mean (Task), avg, Average perf. on 3 sets)",
    ),
    "an average alone is a metric": ("model,avg\na,.1\nb,.2\n", {}, ["a", "b"], {"avg": [0.1, 0.2]}, {}, ""),
    "marks of thousands": (
        'name,params (M),acc\na,"1,012.66",70.5\nb,86.2,71\nc,"2,345",\n',
        {},
        ["a", "b", "c"],
        {"params (M)": [1012.66, 86.2, 2345], "acc": [70.5, 71, NONE]},
        {},
        "",
    ),
    "marks of thousands alone": (
        'name,n\na,"1,012,660"\nb,"12,345"\n',
        {},
        ["a", "b"],
        {"n": [1012660, 12345]},
        {},
        "",
    ),
    "a name twice, told apart by a word": (
        "name,pretrained,acc\nvit,laion,.5\nvit,openai,.6\n",
        {},
        ["vit", "vit"],
        {"acc": [0.5, 0.6]},
        {"pretrained": ["laion", "openai"]},
        "(pretrained)",
    ),
    "a first line for spreadsheets": (
        "sep=;\nmodel;qa;x\na;.1;.3\nb;.2;.4\n",
        {},
        ["a", "b"],
        {"qa": [0.1, 0.2], "x": [0.3, 0.4]},
        {},
        "",
    ),
    "rows that stand twice": (
        "model,acc\na,.5\nb,.6\na,.5\n",
        {},
        ["a", "b", "a"],
        {"acc": [0.5, 0.6, 0.5]},
        {},
        "read with each row as a model of its own, though names repeat (1: 'a')",
    ),
    "names twice, told apart by a word that repeats, with ids": (
        "model_id,name,pretrained,acc\n1,a,x,.5\n2,a,y,.6\n3,b,x,.4\n4,b,y,.3\n",
        {},
        ["a", "a", "b", "b"],
        {"acc": [0.5, 0.6, 0.4, 0.3]},
        {},
        "(pretrained)",
    ),
    "the minus sign of typesetters": (
        "model,loss,net\u22121\na,\u22120.5,1\nb,\u22121e\u22122,2\n",
        {},
        ["a", "b"],
        {"loss": [-0.5, -0.01], "net\u22121": [1, 2]},
        {},
        "",
    ),
    "words with signs and a number": (
        "model,from,acc\na,(2020),.5\nb,at home,.6\nc,(in press),.6\n",
        {},
        ["a", "b", "c"],
        {"acc": [0.5, 0.6, 0.6]},
        {"from": ["(2020)", "at home", "(in press)"]},
        "(from)",
    ),
    "a header behind a mark": (
        "# made on a Monday\n# name, avg., V1, V2\na,.25,.21,.27\nb,.31,.20,.28\n",
        {},
        ["a", "b"],
        {"V1": [0.21, 0.20], "V2": [0.27, 0.28]},
        {},
        "(avg.)",
    ),
    "a header behind a mark, with tabs": ("#model\tqa\na\t.1\nb\t.2\n", {}, ["a", "b"], {"qa": [0.1, 0.2]}, {}, ""),
    "the key of a row": (
        "id,model,benchmark,score\n1,a,x,.1\n2,a,y,.2\n3,b,x,.3\n4,b,y,.4\n",
        {},
        ["a", "b"],
        {"x": [0.1, 0.3], "y": [0.2, 0.4]},
        {},
        "id (of the row)",
    ),
    "ids of models in a long table": (
        "id,model,benchmark,score\n1,a,x,.1\n1,a,y,.2\n2,a,x,.3\n2,a,y,.4\n",
        {},
        ["a", "a"],
        {"x": [0.1, 0.3], "y": [0.2, 0.4]},
        {},
        "",
    ),
    "more columns in a long table": (
        "model,family,metric,score,seconds\na,vit,x,.1,5\na,vit,y,.2,6\nb,cnn,x,.3,7\n",
        {},
        ["a", "b"],
        {"x": [0.1, 0.3], "y": [0.2, NONE]},
        {"family": ["vit", "cnn"]},
        "(seconds)",
    ),
    "versions with points": (
        "model,metric,score,version\na,x,.1,1.9\na,x,.9,1.10\nb,x,.8,1.10\nb,x,.2,1.9\na,y,.5,v2\n",
        {},
        ["a", "b"],
        {"x": [0.9, 0.8], "y": [0.5, NONE]},
        {},
        "superseded by a newer version: 2 (x of a, x of b)",
    ),
    "accents and invisible characters": (
        "model,metric,score\ncaf\u00e9,x,1\ncafe\u0301,y,2\nnet\u200b,x,3\nnet,y\ufeff,4\nb\u00a0c,x,5\nb c,y,6\n",
        {},
        ["caf\u00e9", "net", "b c"],
        {"x": [1, 3, 5], "y": [2, 4, 6]},
        {},
        "",
    ),
    "on its side, with Brain-Score's names": (
        f",a,b,c\n{IT},.4,.2,.1\ndicarlo.{I2N}_v2,.3,,.5\n",
        {},
        ["a", "b", "c"],
        {IT: [0.4, 0.2, 0.1], I2N: [0.3, NONE, 0.5]},
        {},
        "a model in each column",
    ),
    "on its side, called so": (
        "task,a,b\nqa,.4,.2\nlicence,MIT,BSD\ncounting,.1,.3\n",
        {},
        ["a", "b"],
        {"qa": [0.4, 0.2], "counting": [0.1, 0.3]},
        {"licence": ["MIT", "BSD"]},
        "a model in each column",
    ),
    "on its side, as the user says": (
        ",a,b\nqa,.4,.2\ncounting,.1,.3\n",
        {"transpose": True},
        ["a", "b"],
        {"qa": [0.4, 0.2], "counting": [0.1, 0.3]},
        {},
        "a model in each column",
    ),
    "models under another header": (
        "Method,name,qa\na,paper A,.1\nb,paper B,.2\n",
        {"model_column": "Method"},
        ["a", "b"],
        {"qa": [0.1, 0.2]},
        {"name (not the model)": ["paper A", "paper B"]},
        "name (not the model)",
    ),
    "one column that can be read": (
        "model,qa,broken\na,.1,.2 of 3\nb,.2,.5\n",
        {"metrics": ["qa"]},
        ["a", "b"],
        {"qa": [0.1, 0.2]},
        {},
        "",
    ),
    "commas in names": (
        'model,"acc, top-1","acc, top-5",z\na,1,2,4\nb,2,1,3\n',
        {"metrics": ["acc, top-1", "z"]},
        ["a", "b"],
        {"acc, top-1": [1, 2], "z": [4, 3]},
        {},
        "",
    ),
    "metrics asked for in one text": (
        f"model,x,{V4},z\na,1,2,4\nb,2,1,3\n",
        {"metrics": [f"z, {V4}_v3"]},
        ["a", "b"],
        {"z": [4, 3], V4: [2, 1]},
        {},
        "",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_public_shapes(tmp_path, shape):
    text, options, models, scores, about, named = SHAPES[shape]
    table = read(tmp_path, text, **options)
    assert table.models["name"].tolist() == models
    assert set(table.values.columns) == set(scores)
    for metric, expected in scores.items():
        np.testing.assert_array_equal(table.values[metric], np.array(expected, float))
    for column, expected in about.items():
        assert table.models[column].tolist() == expected
    told = table.origin.left_out()
    assert named in told
    assert bool(told) == bool(named)
    for reason, names in table.origin.names.items():
        assert table.origin.notes[reason] == len(names)


def test_brain_scores_rules_act_on_its_files_and_are_named(tmp_path):
    text = f"model,id,rank,average_vision,{V4},{IT},Pereira2018.x\nModel 7,7,1,.5,.1,.2,.3\na,8,2,.5,.1,.2,.3\n"
    table = read(tmp_path, text)
    assert list(table.values.columns) == [V4, IT]
    assert table.models["name"].tolist() == ["a"]
    assert table.origin.left_out() == (
        "models without a public name: 1; aggregate columns: 1 (average_vision); language metrics: 1 (Pereira2018.x); "
        "columns about the models, which hold no scores: 1 (rank) [by the rules for Brain-Score's files]"
    )


def test_a_frame_is_read_as_a_file():
    frame = pd.DataFrame({"family": ["vit", "cnn"], "qa": [0.1, 0.2], "qa_v2": [0.3, 0.4]}, index=["a", "b"])
    table = open_scores(frame)
    assert table.values.to_dict("list") == {"qa": [0.1, 0.2], "qa_v2": [0.3, 0.4]}
    assert table.models["family"].to_dict() == {"a": "vit", "b": "cnn"}


REFUSED = {
    "keys of rows": ("id,metric,score\n1,x,1\n2,y,2\n3,x,3\n", {}, "it is the row's key", "--model-column"),
    "a column half of words": ("model,qa,x\na,.1,lots\nb,.1,.2\n", {}, "row 2, column 'x': 'lots'", "--metrics"),
    "per cent beside numbers": ("model,qa,x\na,.1,45%\nb,.1,50%\n", {}, "row 2, column 'x': '45%'"),
    "plus or minus": ("model,qa,x\na,.1,0.4 ± 0.1\nb,.1,0.5 ± 0.1\n", {}, "'0.4 ± 0.1'"),
    "a long table called otherwise": (
        "Task,Model,family,Score\nx,a,vit,1\nx,b,cnn,2\ny,a,vit,3\ny,b,cnn,4\n",
        {},
        "looks like a long table, with models in column 'Model', metrics in 'Task' and scores in 'Score'",
        "Call the columns model, metric and score",
        "give each its own model_id",
    ),
    "a long table of other scores": (
        "id,model,benchmark,accuracy\n1,a,x,1\n2,a,y,2\n3,b,x,3\n",
        {},
        "models in column 'model', metrics in 'benchmark' and scores in 'accuracy'",
    ),
    "a long table by ids": ("model_id,dataset,value,n\na,x,1,9\na,y,2,9\nb,x,3,9\n", {}, "column 'model_id', metrics"),
    "in brackets": ("model,qa,x\na,.1,(0.45)\nb,.1,(0.5)\n", {}, "row 2, column 'x': '(0.45)'", "is no number"),
    "bold": ("model,qa,x\na,.1,**0.45**\nb,.1,\n", {}, "row 2, column 'x': '**0.45**'", "is no number"),
    "in dollars": ("model,qa,x\na,.1,$0.45$\nb,.1,$.5$\n", {}, "row 2, column 'x': '$0.45$'", "is no number"),
    "quoted": ("model,qa,x\na,.1,'0.45'\nb,.1,'.5\n", {}, "row 2, column 'x': \"'0.45'\"", "is no number"),
    "on its side": ("task,a,b\nqa,.4,.2\ncounting,.1,lots\n", {}, "column 3, in the row of 'counting': 'lots'"),
    "a metric in two rows": ("task,a,b\nqa,.4,.2\nqa,.1,.3\n", {}, "'qa' stands in two rows"),
    "models nowhere": ("Method,qa\na,.1\n", {}, "'Method, qa'", "--model-column"),
    "no such column": ("Method,qa\na,.1\n", {"model_column": "Methods"}, "no column 'Methods'", "'Method, qa'"),
    "no such metric": ("model,Alpha\na,.1\n", {"metrics": ["Alpah"]}, "no metric 'Alpah'. Perhaps Alpha"),
    "names that look the same": ("model,x,x\u200b\na,.1,.2\n", {}, "column 'x' occurs twice"),
    "two versions that are no numbers": (
        "model,metric,score,version\na,x,.1,old\na,x,.2,new\n",
        {},
        "has a score under 'x' already",
    ),
    "records": ('{"model": "a", "x": 0.1}\n{"model": "b", "x": 0.2}\n', {}, "line 2 begins another", "lines=True"),
    "a copied table": ("| model | x |\n|---|---|\n| a | 1 |\n", {}, "'| model | x |'", "Markdown", "CSV"),
    "nobody": ("model,qa\n,.1\nb,.2\n", {}, "row 2, column 'model' is empty"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused_says_what_was_understood_and_the_way_out(tmp_path, kind):
    text, options, *told = REFUSED[kind]
    said = refusal(tmp_path, text, **options)
    assert [part for part in told if part not in said] == []


@pytest.mark.parametrize(
    "pack", [bz2.compress, lzma.compress, lambda text: b"PAR1" + text, lambda text: b"%PDF" + text]
)
def test_files_of_another_kind_are_called_what_they_are(tmp_path, pack):
    path = tmp_path / "own.csv"
    path.write_bytes(pack(b"model,x\na,1\n"))
    with pytest.raises(ValueError, match=r"own\.csv: this is (packed by (bzip2|xz)|a parquet file|a PDF), and no text"):
        read_scores(path)


def test_the_way_out_leads_out(tmp_path):
    one = read(tmp_path, "model,x,y\na,1,2\n")
    with pytest.raises(ValueError, match=r"1 of 1 have .*\. Take a table with more\.$"):
        consistency(one, policy="complete")
    with pytest.raises(ValueError, match=r"Give a table with more models\.$"):
        integrate(one, scheme="mean", policy="complete", over="metrics")
    holes = read(tmp_path, "model,x,y,z,w\na,1,2,1,\nb,2,3,,\nc,3,1,,\n")
    assert holes.origin.left_out() == "metrics without any score: 1 (w)"
    with pytest.raises(ValueError, match=r"fewest have z: 1\)\. Take the policy pairwise, or fewer metrics\.$"):
        consistency(holes, policy="complete")


@pytest.mark.parametrize("where", ["metric", "entry", "model"])
def test_a_key_given_twice_in_the_snapshot_is_refused(tmp_path, where):
    model, entry = '"model": {"id": 1, "name": "a"}', '"value": ".5"'
    twice = {
        "metric": f'[{{{model}, "x_v1": {{{entry}}}, "x_v1": {{"value": ".9"}}}}]',
        "entry": f'[{{{model}, "x_v1": {{{entry}, "value": ".9"}}}}]',
        "model": f'[{{{model}, {model}, "x_v1": {{{entry}}}}}]',
    }[where]
    assert json.loads(twice)  # which keeps the last
    key = {"metric": "'x_v1'", "entry": "'value'", "model": "'model'"}[where]
    assert f"the key {key} stands twice in one object" in refusal(tmp_path, twice)


def test_an_empty_cell_is_no_evaluation_that_failed(tmp_path):
    wide = read(tmp_path, "model,x,y\na,,.2\nb,X,.3\nc,NA,\n")
    assert coverage(wide)["n_failed"].to_dict() == {"x": 1, "y": 0}
    long = read(tmp_path, "model,metric,score\na,x,\na,y,.2\nb,x,X\nb,y,.3\n")
    assert coverage(long)["n_failed"].to_dict() == {"x": 1, "y": 0}


class TestDirectionAndScale:
    TEXT = "model,qa,loss\na,.9,3\nb,.5,1\nc,.1,2\n"

    def test_lower_is_better_where_it_is_said(self, tmp_path):
        read(tmp_path, self.TEXT)
        table = open_scores(tmp_path / "own.csv", lower_better=["loss"])
        assert table.values["loss"].tolist() == [-3, -1, -2]
        assert table.metrics["reversed"].to_dict() == {"qa": False, "loss": True}
        # ranks of qa 3, 2, 1 and of minus the loss 1, 3, 2; each less a half, of 3
        ranking = integrate(table, scheme="rank", policy="complete", over="metrics")
        expected = {"1": (1.5 + 2.5) / 6, "0": (2.5 + 0.5) / 6, "2": (0.5 + 1.5) / 6}
        assert ranking["score"].to_dict() == pytest.approx(expected)
        plain = consistency(open_scores(tmp_path / "own.csv"), policy="complete").corr.at["qa", "loss"]
        assert plain == pytest.approx(0.5)
        assert consistency(table, policy="complete").corr.at["qa", "loss"] == pytest.approx(-0.5)

    def test_the_catalogue_may_say_it(self, tmp_path):
        read(tmp_path, self.TEXT)
        catalogue = tmp_path / "areas.csv"
        catalogue.write_text("metric,area,better\nqa,behaviour,higher\nloss,,lower\n")
        table = open_scores(tmp_path / "own.csv", catalogue=catalogue)
        assert table.values["loss"].tolist() == [-3, -1, -2]
        assert table.metrics["area"].to_dict() == {"qa": "behaviour", "loss": None}
        catalogue.write_text("metric,area,better\nqa,behaviour,up\n")
        with pytest.raises(ValueError, match=r"areas\.csv, row 2: 'up' is neither higher nor lower"):
            open_scores(tmp_path / "own.csv", catalogue=catalogue)

    def test_the_catalogue_may_say_it_of_brain_scores_metrics_by_any_of_their_names(self, tmp_path):
        read(tmp_path, f"model,{IT},qa\na,.9,3\nb,.5,1\n")
        catalogue = tmp_path / "areas.csv"
        catalogue.write_text(f"metric,area,better\ndicarlo.{IT}_v3,IT,lower\n")
        assert open_scores(tmp_path / "own.csv", catalogue=catalogue).values[IT].tolist() == [-0.9, -0.5]

    def test_the_catalogue_says_lower_of_no_metric_that_is_not_there(self, tmp_path):
        read(tmp_path, self.TEXT)
        catalogue = tmp_path / "areas.csv"
        catalogue.write_text("metric,area,better\nqa,behaviour,\nlos,,lower\n")
        told = r"^areas\.csv, row 3: lower is better under 'los', and own\.csv has no such metric\. Perhaps loss;"
        with pytest.raises(ValueError, match=told):
            open_scores(tmp_path / "own.csv", catalogue=catalogue)

    def test_other_rows_of_the_catalogue_are_counted_where_the_table_lacks_their_metric(self, tmp_path):
        read(tmp_path, self.TEXT)
        catalogue = tmp_path / "areas.csv"
        catalogue.write_text("metric,area,better\nqq,behaviour,\nloss,,lower\nz,V1,higher\n")
        table = open_scores(tmp_path / "own.csv", catalogue=catalogue)
        assert table.origin.left_out() == "rows of the catalogue without a metric here: 2 (qq, z)"
        # what is in the file and was not asked for is no mistake of the catalogue's
        part = open_scores(tmp_path / "own.csv", catalogue=catalogue, metrics=["qa"])
        assert part.values.to_dict("list") == {"qa": [0.9, 0.5, 0.1]}
        assert part.origin.left_out() == "rows of the catalogue without a metric here: 2 (qq, z)"
        catalogue.write_text("metric,area,better\nlos,,lower\n")
        with pytest.raises(ValueError, match=r"areas\.csv, row 2: lower is better under 'los'"):
            open_scores(tmp_path / "own.csv", catalogue=catalogue, metrics=["qa"])

    def test_a_hole_is_not_the_best_score(self, tmp_path):
        read(tmp_path, self.TEXT + "d,.5,\n")
        table = open_scores(tmp_path / "own.csv", lower_better=["loss"])
        with pytest.raises(ValueError, match=r"under 'loss' lower is better.*counted as 0 would be the best"):
            integrate(table, scheme="mean", policy="zero", over="metrics")

    def test_a_hole_is_not_the_best_score_of_a_node_or_a_dimension(self, tmp_path):
        read(tmp_path, f"model,{I2N},loss,other\na,.9,3,.8\nb,.5,1,.6\nc,.1,2,.1\nd,.5,,.4\n")
        table = open_scores(tmp_path / "own.csv", lower_better=["loss"])
        told = r"^own\.csv: under 'loss' lower is better, so that a missing score counted as 0 would be the best of all"
        for refused in (
            lambda: table.areas(policy="zero"),
            lambda: table.node("behavior_vision", policy="zero"),
            lambda: structure.fill_holes(table, "zero"),
            lambda: structure.explained_by_holes(table),
            lambda: structure.by_policy({"zero": table}, seed=1, n=5, policies=["zero"]),
        ):
            with pytest.raises(ValueError, match=told):
                refused()
        # what may be done is done as with the frame, and under the other policies all the same
        kept = structure.by_policy(dict.fromkeys(["complete", "pairwise", "zero"], table), seed=1, n=5)
        of_frame = dict.fromkeys(["complete", "pairwise"], table.values)
        plain = structure.by_policy(of_frame, seed=1, n=5, policies=["complete", "pairwise"])
        for ours, expected in zip(kept, plain, strict=True):
            pd.testing.assert_frame_equal(ours, expected)
        assert table.node("behavior_vision", policy="available").tolist() == [0.9, 0.5, 0.1, 0.5]
        upright = open_scores(tmp_path / "own.csv")
        assert structure.fill_holes(upright, "zero").equals(upright.values.fillna(0))

    def test_scales_of_another_order_are_warned_of_and_named(self, tmp_path):
        table = read(tmp_path, f"model,{IT},{I2N}\na,.9,10\nb,.1,12\nc,.5,11\n")
        with pytest.warns(UserWarning, match=rf"{I2N} \(11\), beside {IT} \(0\.5; medians\)"):
            integrate(table, scheme="mean", policy="complete")
        for scheme in ("z", "rank"):  # a domain has one metric here, whose scale then does not matter
            integrate(table, scheme=scheme, policy="complete")
            integrate(table, scheme=scheme, policy="complete", over="metrics")
        wider = read(tmp_path, f"model,{IT},{V4},{I2N}\na,.9,90,.1\nb,.1,95,.2\nc,.5,91,.3\n")
        with pytest.warns(UserWarning, match=rf"{V4} \(91\), beside {IT}"):  # both make the neural score
            integrate(wider, scheme="z", policy="complete")


def test_a_ranking_over_metrics_needs_no_areas(tmp_path):
    table = read(tmp_path, "model,x,y,z\na,.1,.2,.3\nb,.4,,.6\nc,,,.9\n")
    ranking = integrate(table, scheme="mean", policy="available", over="metrics")
    assert list(ranking.columns)[:3] == ["model_name", "score", "rank"]
    assert ranking.attrs["left_out"] == {"2": "has 33% of the metrics"}
    assert ranking["score"].to_dict() == pytest.approx({"1": 0.5, "0": 0.2})  # c has a third of the metrics
    with pytest.raises(ValueError, match=r"no neural or behavioural metrics.*rank over metrics"):
        integrate(table, scheme="mean", policy="available")
