"""Readers on small files written here: one content in three formats, and every rule on its own."""

import gzip
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yardsticks import datasets
from yardsticks.scores.opening import open_scores
from yardsticks.scores.reading.columns import LONG
from yardsticks.scores.reading.numbers import parse_score
from yardsticks.scores.reading.rules import read_scores
from yardsticks.scores.twin.draw import make_twin

V4, IT, I2N, TOP1 = "MajajHong2015.V4-pls", "MajajHong2015.IT-pls", "Rajalingham2018-i2n", "ImageNet-top1"
# text of each cell by model id and metric; an absent metric was never scored
MODELS = {"31": " alexnet", "7": "alexnet", "1002": "résnet, 50"}
TEXTS = {
    "31": {V4: ".467", IT: "1.1", I2N: "-.05", TOP1: ".570"},
    "7": {V4: ".-53", IT: "X", TOP1: "0.0"},
    "1002": {V4: ".000", I2N: ".251"},
}
SCORES = pd.DataFrame(
    {
        V4: [0.467, -0.053, 0.0],
        IT: [1.1, np.nan, np.nan],
        I2N: [-0.05, np.nan, 0.251],
        TOP1: [0.570, 0.0, np.nan],
    },
    index=["31", "7", "1002"],
)
TIME = "2023-06-29T15:53:56.645014+00:00"


def write(path, content):
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def csv_text(rows):
    """Text of a CSV, the keys of all rows as its columns, every cell as given."""
    return pd.DataFrame(rows).to_csv(index=False)


def wide_text():
    about = [{"model_name": MODELS[key], "model_id": key, "rank": 1, "layers": '{"IT": "a, b"}'} for key in MODELS]
    return csv_text(
        [row | {"V4": ".9", **TEXTS[row["model_id"]], "average_vision": "X"} for row in about]  # two aggregates
    )


def long_text(columns=LONG):
    rows = [
        {
            "model_id": key,
            "model_name": MODELS[key],
            "metric": metric,
            "score": text,
            "score_raw": "",
            "error": ".01",
        }
        | {"version": "1", "timestamp": TIME, "status": ""}
        for key, texts in TEXTS.items()
        for metric, text in texts.items()
    ]
    return pd.DataFrame(rows)[list(columns)].to_csv(index=False)


def entry(value=".5", raw=None, version=1, timestamp=TIME, **more):
    """One cell of the site's snapshot."""
    current = {"current_version": True, "color": "#fff", "complete": 1, "error": 0.01}
    return current | {"value": value, "raw": raw, "version": version, "timestamp": timestamp} | more


def snapshot_row(key, name, cells, submitter="Ada Secret"):
    """One model of the site's snapshot, its metrics with a version in their names."""
    model = {"id": int(key), "name": name, "submitter": submitter}
    return {
        "id": 90_000 + int(key),
        "rank": 1,
        "model": model,
        "public": True,
        "metadata": {"family": "x"},
    } | cells


def snapshot():
    never = {
        f"{I2N}_v2": entry(None, timestamp=None, version=None),
        "Pereira2018.243sentences-linear_v1": entry(),
    }
    return [
        snapshot_row(key, MODELS[key], never | {f"{metric}_v1": entry(text) for metric, text in texts.items()})
        for key, texts in TEXTS.items()
    ]


FORMATS = {
    "long": long_text,
    "wide": wide_text,
    "snapshot": lambda: json.dumps(snapshot(), ensure_ascii=False, indent=1),
    "snapshot in one line": lambda: json.dumps(snapshot()),
}


class TestFormats:
    @pytest.mark.parametrize("name", ["scores.csv", "scores.json", "scores.json.gz", "scores"])
    @pytest.mark.parametrize("packed", [False, True])
    @pytest.mark.parametrize("kind", FORMATS)
    def test_one_content_has_one_set_of_values(self, tmp_path, kind, packed, name):
        content = FORMATS[kind]().encode()
        table = read_scores(write(tmp_path / name, gzip.compress(content) if packed else content))
        pd.testing.assert_frame_equal(table.values, SCORES, check_names=False, rtol=0, atol=1e-15)
        assert table.models["name"].to_dict() == {"31": "alexnet", "7": "alexnet", "1002": "résnet, 50"}
        assert table.origin.kind == "real"
        assert table.origin.name == name

    @pytest.mark.parametrize("kind", FORMATS)
    def test_byte_order_mark(self, tmp_path, kind):
        table = read_scores(write(tmp_path / "x", b"\xef\xbb\xbf" + FORMATS[kind]().encode()))
        assert list(table.values.index) == list(SCORES.index)

    def test_long_cells_keep_everything(self, tmp_path):
        rows = [
            dict(zip(LONG, ("7", "seven", V4, ".5", ".61", ".02", "3", TIME, "score"), strict=True)),
            dict(zip(LONG, ("7", "seven", "Kar2019-ost", "", "", "", "1", TIME, "failed"), strict=True)),
        ]
        cells = read_scores(write(tmp_path / "x.csv", csv_text(rows))).cells.set_index("metric")
        assert cells.loc[V4, ["score", "score_raw", "error", "version"]].tolist() == [0.5, 0.61, 0.02, 3]
        assert cells.at[V4, "timestamp"] == pd.Timestamp(TIME)
        assert cells["status"].to_dict() == {V4: "score", "Kar2019-ost": "failed"}
        assert np.isnan(cells.at["Kar2019-ost", "score"])

    def test_written_and_read_again(self, tmp_path):
        table = read_scores(write(tmp_path / "x.json", json.dumps(snapshot())))
        again = read_scores(write(tmp_path / "x.csv", table.cells[LONG].to_csv(index=False)))
        pd.testing.assert_frame_equal(again.values, table.values)
        pd.testing.assert_frame_equal(again.cells, table.cells, check_dtype=False)

    @pytest.mark.parametrize("columns", [["model_name", "metric", "score"], ["metric", "score", "model_name", "error"]])
    def test_long_without_ids_is_keyed_by_name(self, tmp_path, columns):
        text = pd.DataFrame([("one", V4, ".1", ""), ("two", V4, "X", ""), ("one", IT, ".2", "")])
        text.columns = ["model_name", "metric", "score", "error"]
        table = read_scores(write(tmp_path / "x.csv", text[columns].to_csv(index=False)))
        assert table.values.loc["one"].to_dict() == {V4: 0.1, IT: 0.2}
        assert list(table.values.index) == list(table.models["name"]) == ["one", "two"]

    def test_long_without_names_is_named_by_id(self, tmp_path):
        table = read_scores(write(tmp_path / "x.csv", f"model_id,metric,score\n7,{V4},.1\n"))
        assert table.models["name"].to_dict() == {"7": "7"}

    def test_wide_without_ids_keeps_duplicate_names(self, tmp_path):
        table = read_scores(write(tmp_path / "x.csv", f"model_name,{V4}\nalexnet,.1\nalexnet,.2\n alexnet,.3\n"))
        assert table.values[V4].tolist() == [0.1, 0.2, 0.3]
        assert list(table.values.index) == ["0", "1", "2"]
        assert table.models["name"].tolist() == ["alexnet"] * 3
        assert table.origin.notes["scores superseded by a newer version"] == 0

    def test_unknown_metrics_are_kept(self, tmp_path):
        table = read_scores(write(tmp_path / "x.csv", f"model_name,Mine2030-x,{V4}\na,.1,.2\n"))
        assert list(table.values.columns) == [V4, "Mine2030-x"]  # what the catalogue knows comes first
        assert table.metrics.loc["Mine2030-x", ["domain", "area", "parent"]].isna().all()
        assert not table.metrics.at["Mine2030-x", "in_paper_51"]

    def test_origin_that_the_caller_knows(self, tmp_path):
        origin = datasets.Origin("mine", "synthetic", "00", "Title")
        table = read_scores(write(tmp_path / "x.csv", wide_text()), origin=origin)
        assert (table.origin.name, table.origin.kind, table.origin.title) == ("mine", "synthetic", "Title")


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "score"),
        [
            (".467", 0.467),
            ("1.1", 1.1),
            ("-.05", -0.05),
            (".-53", -0.053),
            (".-5", -0.005),
            (".-530", -0.53),
            ("0", 0.0),
            (".000", 0.0),
            (" .3 ", 0.3),
        ],
    )
    def test_as_the_site_writes_them(self, text, score):
        assert parse_score(text) == score

    @pytest.mark.parametrize("text", ["", "X", " ", " X "])
    def test_missing(self, text):
        assert np.isnan(parse_score(text))

    @settings(derandomize=True, deadline=None)
    @given(score=st.floats(allow_nan=False, allow_infinity=False))
    def test_any_float(self, score):
        assert parse_score(repr(score)) == score

    @pytest.mark.parametrize("text", ["abc", ".-", "0,5", "1.2.3", "XX"])
    def test_what_is_no_number(self, text):
        with pytest.raises(ValueError, match=r".+"):
            parse_score(text)


class TestRules:
    def test_an_engineering_leaf_has_its_raw_score(self, tmp_path):
        cells = {f"{TOP1}_v1": entry("X", 0.731), f"{V4}_v1": entry(".5", 0.6), f"{IT}_v1": entry("X", 0.4)}
        other = {f"{TOP1}_v1": entry(".640", 0.6395), f"{IT}_v1": entry(".5", 0.6)}
        rows = [snapshot_row("1", "one", cells), snapshot_row("2", "two", other)]
        table = read_scores(write(tmp_path / "x.json", json.dumps(rows)))
        assert table.values[TOP1].tolist() == [0.731, 0.6395]
        assert table.values.at["1", V4] == 0.5
        assert np.isnan(table.values.at["1", IT])  # a metric with a ceiling: its raw score is no substitute
        status = table.cells.set_index(["model_id", "metric"])["status"]
        assert status[[("1", TOP1), ("2", TOP1), ("1", V4), ("1", IT)]].tolist() == [
            "raw_only",
            "raw_only",
            "score",
            "failed",
        ]

    def test_no_ceiled_score_anywhere_means_no_ceiling(self, tmp_path):
        metric = "Igustibagus2024.IT_readout-accuracy"
        rows = [snapshot_row(str(key), f"m{key}", {f"{metric}_v0": entry("X", key / 10)}) for key in (1, 2)]
        assert read_scores(write(tmp_path / "x.json", json.dumps(rows))).values[metric].tolist() == [0.1, 0.2]

    @pytest.mark.parametrize(
        ("metric", "status", "score", "told"),
        [
            (V4, "", np.nan, "failed"),  # somebody's selection, and the scores of all in it failed
            (V4, "failed", np.nan, "failed"),
            (V4, "raw_only", 0.7, "raw_only"),
            (TOP1, "", 0.7, "raw_only"),
            ("Mine2030-x", "", 0.7, "raw_only"),
        ],
    )
    def test_a_raw_score_alone_in_a_long_table(self, tmp_path, metric, status, score, told):
        text = (
            f"model,metric,score,raw,status\none,{metric},,.7,{status}\ntwo,{metric},X,.8,{status}\none,{IT},.1,.2,\n"
        )
        table = read_scores(write(tmp_path / "x.csv", text))
        np.testing.assert_array_equal(table.values.at["one", metric], score)
        assert table.cells.set_index(["model_id", "metric"]).at[("one", metric), "status"] == told

    def test_one_ceiled_score_shows_that_an_unknown_metric_has_a_ceiling(self, tmp_path):
        table = read_scores(write(tmp_path / "x.csv", "model,metric,score,raw\none,Mine,,.7\ntwo,Mine,.5,.8\n"))
        np.testing.assert_array_equal(table.values["Mine"], [np.nan, 0.5])

    @pytest.mark.parametrize("name", [f"dicarlo.{V4}", f"{V4}_v3", f"dicarlo.{V4}_v1"])
    def test_names_are_the_catalogues(self, tmp_path, name):
        table = read_scores(write(tmp_path / "x.csv", f"model,{name},tong.Mine\none,.1,.2\n"))
        assert list(table.values.columns) == [V4, "tong.Mine"]

    def test_parents_and_language_metrics_are_dropped_and_counted(self, tmp_path):
        dropped = [
            "average_vision_v0",
            "V1_v0",
            "Marques2020_v0",
            "average_language_v0",
            "engineering_vision_v0",
        ]
        dropped += ["Pereira2018.243sentences-linear_v1", "Futrell2018-pearsonr_v1", "syntaxgym-2020_v1"]
        rows = [snapshot_row(str(key), f"m{key}", {name: entry() for name in [*dropped, f"{V4}_v3"]}) for key in (1, 2)]
        table = read_scores(write(tmp_path / "x.json", json.dumps(rows)))
        assert list(table.values.columns) == [V4]
        assert set(table.cells["metric"]) == {V4}
        assert table.origin.notes["aggregate columns"] + table.origin.notes["language metrics"] == len(dropped)
        assert table.origin.notes["aggregate columns"] == 4

    @pytest.mark.parametrize("newest_first", [True, False])
    def test_the_newest_version_stays(self, tmp_path, newest_first):
        # the suffix in the name is not the version of the score, and an old version may have been run once more
        keys = {
            f"{V4}_v1": entry(".3", version=3, timestamp="2022-01-01T00:00:00+00:00"),
            f"{V4}_v2": entry(".2", version=2),
            f"{IT}_v1": entry(".1"),
        }
        cells = dict(sorted(keys.items(), reverse=newest_first))
        table = read_scores(write(tmp_path / "x.json", json.dumps([snapshot_row("1", "one", cells)])))
        assert table.values.loc["1"].to_dict() == {V4: 0.3, IT: 0.1}
        assert table.origin.notes["scores superseded by a newer version"] == 1
        assert table.cells.set_index("metric")["version"].to_dict() == {V4: 3, IT: 1}

    @pytest.mark.parametrize("order", [1, -1])
    def test_of_one_version_the_latest_stays(self, tmp_path, order):
        cells = [(f"{V4}_v2", entry(".1", timestamp="2022-01-01T00:00:00+00:00")), (f"{V4}_v1", entry(".2"))]
        table = read_scores(write(tmp_path / "x.json", json.dumps([snapshot_row("1", "one", dict(cells[::order]))])))
        assert table.values.at["1", V4] == 0.2

    @pytest.mark.parametrize("columns", [f"{V4}_v1,{V4}_v2", f"{V4}_v2,{V4}_v1"])
    def test_without_versions_the_suffix_tells_the_newest(self, tmp_path, columns):
        cells = ",".join({"1": ".1", "2": ".2"}[column[-1]] for column in columns.split(","))
        table = read_scores(write(tmp_path / "x.csv", f"model_name,{columns}\none,{cells}\n"))
        assert table.values.at["0", V4] == 0.2

    def test_a_cell_that_was_never_scored_supersedes_nothing(self, tmp_path):
        table = read_scores(write(tmp_path / "x.csv", f"model_name,{V4}_v1,{V4}_v2\none,.1,\ntwo,,.2\n"))
        assert table.values[V4].tolist() == [0.1, 0.2]
        assert table.origin.notes["scores superseded by a newer version"] == 0

    def test_counts_nothing_where_nothing_was_dropped(self, tmp_path):
        notes = read_scores(write(tmp_path / "x.csv", long_text())).origin.notes
        assert set(notes.values()) == {0}


SECRET_NAME, SECRET_ID, SECRET_SCORE = "Model 73519", "73519", 0.123987


class TestPrivacy:
    """Nothing of a submitter or of a model without a public name is anywhere in the table."""

    def assert_nothing_left(self, table, *secrets):
        everything = pickle.dumps(table)
        for secret in ("Ada Secret", SECRET_NAME, SECRET_ID, *secrets):
            assert secret.encode() not in everything
        for numbers in (table.values, table.cells[["score", "score_raw", "error"]]):
            assert not np.isin(numbers.to_numpy(float), [SECRET_SCORE, float(SECRET_ID)]).any()
        assert "one" in table.models["name"].tolist()

    def test_snapshot(self, tmp_path):
        hidden = {f"{V4}_v1": entry(str(SECRET_SCORE), SECRET_SCORE), "Hidden2024-x_v1": entry(".9")}
        rows = [
            snapshot_row(SECRET_ID, SECRET_NAME, hidden),
            snapshot_row("1", "one", {f"{V4}_v1": entry(".5")}),
            snapshot_row("88", "Model 88", {f"{V4}_v1": entry(None, timestamp=None)}),
        ]
        table = read_scores(write(tmp_path / "x.json", json.dumps(rows)))
        self.assert_nothing_left(table, "Hidden2024", "Model 88")
        assert list(table.values.index) == ["1"]
        assert table.origin.notes["models without a public name"] == 2

    @pytest.mark.parametrize("name", ["Model 73519", " Model 73519 "])
    def test_wide(self, tmp_path, name):
        text = f"model_name,model_id,{V4}\n{name},{SECRET_ID},{SECRET_SCORE}\none,1,.5\n"
        table = read_scores(write(tmp_path / "x.csv", text))
        self.assert_nothing_left(table)
        assert table.origin.notes["models without a public name"] == 1

    @pytest.mark.parametrize("with_id", [True, False])
    def test_long(self, tmp_path, with_id):
        rows = [
            (SECRET_ID, SECRET_NAME, V4, str(SECRET_SCORE)),
            (SECRET_ID, SECRET_NAME, IT, ".3"),
            ("1", "one", V4, ".5"),
        ]
        frame = pd.DataFrame(rows, columns=["model_id", "model_name", "metric", "score"])
        frame = frame.assign(error="", submitter="Ada Secret").drop(columns=[] if with_id else ["model_id"])
        table = read_scores(write(tmp_path / "x.csv", frame.to_csv(index=False)))
        self.assert_nothing_left(table)
        assert table.origin.notes["models without a public name"] == 1

    @pytest.mark.parametrize("submitter", ["Ada Secret", SECRET_ID])
    def test_a_wide_tables_column_of_submitters(self, tmp_path, submitter):
        table = read_scores(write(tmp_path / "x.csv", f"model_name,model_id,submitter,{V4}\none,1,{submitter},.5\n"))
        self.assert_nothing_left(table)
        assert list(table.values.columns) == [V4]

    def test_a_snapshots_model_without_any_name(self, tmp_path):
        rows = [
            snapshot_row(SECRET_ID, None, {f"{V4}_v1": entry()}),
            snapshot_row("1", "one", {f"{V4}_v1": entry()}),
        ]
        table = read_scores(write(tmp_path / "x.json", json.dumps(rows)))
        self.assert_nothing_left(table)
        assert table.origin.notes["models without a public name"] == 1

    def test_names_that_only_begin_alike_are_public(self, tmp_path):
        names = ["Model 12b", "Modeling 12", "my Model 12", "model-12"]
        text = f"model_name,{V4}\n" + "".join(f"{name},.5\n" for name in names)
        table = read_scores(write(tmp_path / "x.csv", text))
        assert table.models["name"].tolist() == names
        assert table.origin.notes["models without a public name"] == 0


class TestErrors:
    @pytest.mark.parametrize(
        "text",
        [
            f"model_name,model_id,{V4},{IT}\none,1,.5,.2\ntwo,2,.4,lots\n",
            f"model_name,model_id,metric,score,error\none,1,{IT},.2,\ntwo,2,{IT},lots,\n",
            json.dumps(
                [
                    snapshot_row("1", "one", {f"{IT}_v1": entry()}),
                    snapshot_row("2", "two", {f"{IT}_v1": entry("lots")}),
                ]
            ),
        ],
        ids=["wide", "long", "snapshot"],
    )
    def test_a_cell_that_is_no_number_is_named(self, tmp_path, text):
        with pytest.raises(ValueError, match="lots") as caught:
            read_scores(write(tmp_path / "x.csv", text))
        assert IT in str(caught.value)
        assert "two" in str(caught.value) or "'2'" in str(caught.value)

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("", id="empty"),
            pytest.param("\n", id="newline"),
            pytest.param("hello world\n", id="prose"),
            pytest.param("metric,score\nA,.1\n", id="no model"),
            pytest.param("model_name,model_id\none,1\n", id="no metric"),
            pytest.param("model_name,model_id,A\n", id="no rows"),
            pytest.param('{"a": 1}', id="an object"),
            pytest.param("[1, 2]", id="numbers"),
            pytest.param('[{"id": 1', id="half a file"),
            pytest.param('[{"id": 1}]', id="no model in JSON"),
            pytest.param("[]", id="no rows in JSON"),
        ],
    )
    def test_a_file_that_holds_no_scores_is_named(self, tmp_path, text):
        with pytest.raises(ValueError, match=r"strange\.csv"):
            read_scores(write(tmp_path / "strange.csv", text))

    def test_infinite(self, tmp_path):
        with pytest.raises(ValueError, match=rf"x.csv.*'7'.*{V4}.*infinite"):
            read_scores(write(tmp_path / "x.csv", f"model_id,{V4}\n7,inf\n"))

    def test_an_id_of_two_rows_is_an_error(self, tmp_path):
        with pytest.raises(ValueError, match="'7'"):
            read_scores(write(tmp_path / "x.csv", f"model_id,model_name,{V4}\n7,one,.1\n7,two,.2\n"))

    def test_a_metric_of_two_columns_is_an_error(self, tmp_path):
        with pytest.raises(ValueError, match=V4):
            read_scores(write(tmp_path / "x.csv", f"model_id,{V4},{V4}\n7,.1,.2\n"))

    def test_a_time_that_is_none(self, tmp_path):
        text = csv_text([dict(zip(LONG, ("7", "seven", V4, ".5", "", "", "", "yesterday", ""), strict=True))])
        with pytest.raises(ValueError, match="yesterday"):
            read_scores(write(tmp_path / "x.csv", text))

    def test_no_such_file(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"absent\.csv"):
            read_scores(tmp_path / "absent.csv")


def display_text(score):
    """A score as the snapshot shows it: three decimals without the leading zero, negative ones as thousandths."""
    for text in (f"{score:.3f}".lstrip("0"), f".-{round(-score * 1000)}", str(score)):
        if text not in (".", "") and not text.startswith(".--") and parse_score(text) == score:
            return text
    raise AssertionError(f"no text shows {score}")


def as_snapshot(cells, rng):
    """The site's snapshot of the cells of a long table; with older versions, averages and models without a name."""
    rows, metrics = [], cells["metric"].drop_duplicates()
    for key, group in cells.groupby("model_id", sort=False):
        found = {
            "average_vision_v0": entry(".5"),
            "V1_v0": entry("X"),
            "Pereira2018.243sentences-linear_v1": entry(".9"),
        }
        for cell in group.to_dict("records"):
            value = display_text(cell["score"]) if cell["status"] == "score" else "X"
            own = {"raw": cell["score_raw"], "error": cell["error"], "version": cell["version"]}
            own = {name: None if np.isnan(number) else number for name, number in own.items()}
            own["timestamp"] = None if pd.isna(cell["timestamp"]) else cell["timestamp"]
            suffix = rng.integers(1, 9)
            found[f"{cell['metric']}_v{suffix}"] = entry(value) | own
            if rng.random() < 0.2 and own["version"] is not None:  # an older version under a newer name
                older = own | {"version": own["version"] - 1, "raw": 0.1}
                found[f"{cell['metric']}_v{suffix + 1}"] = entry("X" if value == "X" else ".111") | older
        for metric in set(metrics) - set(group["metric"]):
            found[f"{metric}_v1"] = entry(None, timestamp=None, version=None)
        rows.append(snapshot_row(key, f" {group['model_name'].iloc[0]}", found))
    hidden = {f"{metric}_v9": entry(".999", 0.999, version=9) for metric in metrics}
    rows += [snapshot_row(number, f"Model {number}", hidden) for number in (900_001, 900_002)]
    rows.append(snapshot_row(900_982, "a model more", {f"{V4}_v1": entry(".5")}))
    return [rows[i] for i in rng.permutation(len(rows))]


def test_the_snapshot_and_the_long_table_give_the_same_scores(tmp_path, rng):
    """On the real leaderboard where its long table is at hand, else on its twin."""
    path = datasets.find("brainscore-2024-01")
    if path is None or path.suffix != ".csv":
        cells = make_twin().cells
        cells["model_id"] = cells["model_id"].str.extract(r"(\d+)", expand=False).astype(int)
        path = write(tmp_path / "long.csv", cells.to_csv(index=False))
    plain, long = pd.read_csv(path), read_scores(path)
    assert (long.cells["status"] == "raw_only").any()
    snapshot = json.dumps(as_snapshot(plain, rng))
    snapshot = read_scores(write(tmp_path / "x.json.gz", gzip.compress(snapshot.encode(), 1)))
    assert set(snapshot.values.index) == {*long.values.index, "900982"}
    shared = snapshot.values.loc[long.values.index]
    pd.testing.assert_frame_equal(shared, long.values, check_names=False, rtol=0, atol=0)
    assert snapshot.models.loc[long.values.index, "name"].tolist() == long.models["name"].tolist()
    assert snapshot.origin.notes["models without a public name"] == 2
    assert snapshot.origin.notes["scores superseded by a newer version"] > 1000
    ours, theirs = (table.cells.set_index(["model_id", "metric"]) for table in (long, snapshot))
    columns = ["score", "score_raw", "error", "version", "timestamp"]
    theirs = theirs.loc[ours.index]
    pd.testing.assert_frame_equal(theirs[columns], ours[columns], check_dtype=False, rtol=0, atol=0)
    # the long table calls an engineering metric's score so even where the site shows it with a ceiling
    differ = ours.index[ours["status"] != theirs["status"]].get_level_values("metric").unique()
    assert set(long.metrics.loc[differ, "domain"]) <= {"engineering"}


def real(name):
    if datasets.find(name) is None:
        pytest.skip("the real leaderboard is not on this machine")
    return open_scores(name), datasets.find(name)


class TestRealData:
    def test_snapshot_loses_no_cell(self):
        table, path = real("brainscore-2024-01")
        plain = pd.read_csv(path, dtype={"model_id": str})
        assert table.values.shape == (280, 81) == (plain["model_id"].nunique(), plain["metric"].nunique())
        assert len(table.cells) == len(plain) == 14_559
        scored = plain[plain["score"].notna() | (plain["status"] == "raw_only")]
        assert (table.values.notna().sum() == scored.groupby("metric").size()[table.values.columns]).all()
        assert (table.values.notna().sum(axis=1) == scored.groupby("model_id").size()[table.values.index]).all()
        catalogue = pd.read_csv(datasets.CATALOGUE / "metrics.csv").set_index("metric")
        raw = (scored["metric"].map(catalogue["domain"]) == "engineering") | (scored["status"] == "raw_only")
        expected = scored["score_raw"].where(raw, scored["score"])
        for key, metric, score in zip(scored["model_id"], scored["metric"], expected, strict=True):
            assert table.values.at[key, metric] == score
        assert set(table.origin.notes.values()) == {0}

    def test_complete_models_of_the_snapshot(self):
        table, _ = real("brainscore-2024-01")
        paper = table.metrics.index[table.metrics["in_paper_51"]]
        assert len(paper) == 51
        assert len(table.complete(metrics=paper.drop("Kar2019-ost")).values) == 137

    def test_export_loses_no_cell(self):
        table, path = real("brainscore-2025-05")
        plain = pd.read_csv(path, dtype=str).set_index("model_id")
        assert list(table.values.index) == list(plain.index)
        assert len(plain) == 455
        parents = set(pd.read_csv(datasets.CATALOGUE / "hierarchy.csv")["parent"])
        leaves = [column for column in plain.columns[3:] if column not in parents]
        assert set(table.values.columns) == set(leaves)
        numbers = plain[leaves].apply(pd.to_numeric, errors="coerce")  # X becomes missing; no `.-53` in this file
        pd.testing.assert_frame_equal(table.values[leaves], numbers, check_names=False)
        assert table.origin.notes["aggregate columns"] == len(plain.columns[3:]) - len(leaves)
        assert (table.models["name"] == plain["model_name"].str.strip()).all()
