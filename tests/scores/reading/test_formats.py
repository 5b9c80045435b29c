"""Files as people hold them: many shapes of one content, the site's ZIP, and everything that is no table of scores."""

import codecs
import gzip
import io
import json
import os
import re
import time
import tracemalloc
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from yardsticks import datasets
from yardsticks.scores.opening import open_scores
from yardsticks.scores.reading import files
from yardsticks.scores.reading.columns import ALIASES
from yardsticks.scores.reading.formats import MISSING
from yardsticks.scores.reading.rules import read_scores

V4, I2N, CORAL = "MajajHong2015.V4-pls", "Rajalingham2018-i2n", "tong.Coggan2024_fMRI.V1-rdm"
WIDE = pd.DataFrame(
    {
        "model_name": ["alexnet", "résnet, 50", "alexnet"],
        "model_id": ["31", "7", "1002"],
        V4: ["0.467", "-0.05", "0.000"],
        I2N: ["1.1", "", "0.251"],
    }
)
EXPECTED = pd.DataFrame({V4: [0.467, -0.05, 0.0], I2N: [1.1, np.nan, 0.251]}, ["31", "7", "1002"])
LONG = WIDE.melt(["model_name", "model_id"], var_name="metric", value_name="score")


def write(path, content):
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def assert_expected(table):
    pd.testing.assert_frame_equal(table.values, EXPECTED, check_names=False, rtol=0, atol=0)
    assert table.models["name"].tolist() == WIDE["model_name"].tolist()


def export(frame, **options):
    return frame.to_csv(index=False, **options)


def commas(frame):
    return frame.map(lambda text: text if "," in text else re.sub(r"^(-?[0-9]+)\.([0-9]+)$", r"\1,\2", text))


SHAPES = {
    "commas": export(WIDE),
    "semicolons": export(WIDE, sep=";"),
    "tabs": export(WIDE, sep="\t"),
    "every cell quoted": export(WIDE, quoting=1),
    "Windows line ends": export(WIDE, lineterminator="\r\n"),
    "old Macintosh line ends": export(WIDE, lineterminator="\r"),
    "byte order mark": codecs.BOM_UTF8 + export(WIDE).encode(),
    "Excel's Unicode text": export(WIDE, sep="\t").encode("utf-16"),
    "gzip": gzip.compress(export(WIDE).encode()),
    "long": export(LONG),
    "long with semicolons": export(LONG, sep=";"),
    "decimal comma": export(commas(WIDE), sep=";"),
    "decimal comma, quoted": export(commas(WIDE)),
    "decimal comma, long": export(commas(LONG), sep="\t"),
    "row numbers in front": WIDE.to_csv(),
    "twice written row numbers": WIDE.rename_axis("Unnamed: 0").reset_index().to_csv(),
    "rows that were filtered": WIDE.set_index(pd.Index([4, 9, 11])).to_csv(),
    "empty columns behind": WIDE.assign(**{"Unnamed: 4": "", "Unnamed: 5": ""}).to_csv(index=False),
    "nameless columns behind": re.sub("(?m)$", ",,,", export(WIDE).rstrip("\n")),
    "an empty column between": export(WIDE[["model_name", "model_id", V4]].assign(x="", y=WIDE[I2N])).replace(
        f"{V4},x,y", f"{V4},,{I2N}"
    ),
    "thousands of empty rows": export(WIDE) + ",,,\n" * 5000,
    "blank lines": export(WIDE).replace("\n", "\n\n"),
    "comments before it": "# Generated on 2025-08-21T10:00:00Z (EDT)\n# \"a, b\n\n" + export(WIDE),
    "headers in another case": export(WIDE.rename(columns={"model_name": " Model ", "model_id": "MODEL ID"})),
    "lab before the name": export(WIDE.rename(columns={V4: f"dicarlo.{V4}", I2N: f"dicarlo.{I2N}_v2"})),
    "columns about the model": export(WIDE.assign(rank="1", Layers="{}", version="x", Status="ok", date="?")),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_one_content_in_many_shapes(tmp_path, shape):
    assert_expected(read_scores(write(tmp_path / "x.csv", SHAPES[shape])))


def test_models_in_a_first_column_without_a_name(tmp_path):
    text = WIDE.drop(columns="model_id").set_index("model_name").rename_axis(None).to_csv()
    assert text.startswith(",")
    table = read_scores(write(tmp_path / "x.csv", text))
    assert table.models["name"].to_dict() == dict(zip("012", WIDE["model_name"], strict=True))
    np.testing.assert_array_equal(table.values.to_numpy(), EXPECTED.to_numpy())


@pytest.mark.parametrize(("field", "alias"), [(field, alias) for field in ALIASES for alias in ALIASES[field]])
def test_aliases(tmp_path, field, alias):
    row = {"model_id": "7", "model_name": "seven", "metric": V4, "score": "0.5", "score_raw": "0.6", "error": "0.01"}
    row |= {"version": "3", "timestamp": "2023-06-29", "status": "score"}
    for name in (alias, alias.upper(), alias.replace("_", " ").title()):
        columns = {name if key == field else key: [text] for key, text in row.items()}
        table = read_scores(write(tmp_path / "x.csv", export(pd.DataFrame(columns))))
        (cell,) = table.cells.to_dict("records")
        assert cell == row | {"score": 0.5, "score_raw": 0.6, "error": 0.01, "version": 3} | {
            "timestamp": pd.Timestamp("2023-06-29", tz="UTC")
        }


def test_the_book_lists_the_aliases():
    section = (datasets.project_folder() / "book" / "data.md").read_text().partition("## How a file is read")[2]
    rows = re.findall(r"(?m)^\| `(\w+)` \| (.+?) \|", section)
    assert {field: tuple(re.findall(r"`(.+?)`", names)) for field, names in rows} == ALIASES
    missing = next(line for line in section.splitlines() if "are missing" in line)
    assert set(re.findall(r"`(.+?)`", missing)) >= {*MISSING[1:], "X"}


@pytest.mark.parametrize(
    "name", ["text", "variable", "value", "metric", "score", "error", "raw", "row", "column", "level_0"]
)
def test_a_metric_may_have_any_name(tmp_path, name):
    table = read_scores(write(tmp_path / "x.csv", f"model,{name},{V4}\none,.1,.2\ntwo,.3,\n"))
    assert table.values[name].tolist() == [0.1, 0.3]
    assert table.values.at["0", V4] == 0.2


@pytest.mark.parametrize("text", [*MISSING, "X", " NA "])
def test_missing_texts(tmp_path, text):
    table = read_scores(write(tmp_path / "x.csv", f"model,A,B\none,{text},.1\ntwo,.2,{text}\n"))
    np.testing.assert_array_equal(table.values.to_numpy(), [[np.nan, 0.1], [0.2, np.nan]])


def test_one_model_can_be_read(tmp_path):
    assert read_scores(write(tmp_path / "x.csv", "model,A\none,.1\n")).values.shape == (1, 1)


class TestSiteZip:
    HEADER = (
        '"Rank","Model","Model ID","Filtered Score","average_vision","neural_vision","V4","Coggan2024_fMRI.V1-rdm",'
    )
    HEADER += '"MajajHong2015.V4-pls","Rajalingham2018-i2n","Papale2025-new"'
    ROWS = (
        '"1","alexnet","31","0.5","0.4","0.4","0.4","0.101","0.467","1.1","0.9"',
        '"2","a "quoted" name","7","","","","",,".-53",,',  # X is written empty, and quotation marks are not doubled
        '"X","","88","0.5","0.4","0.4","0.4","0.9","0.9","0.9","0.9"',  # a model without a public name
    )
    TEXT = "# Generated on 2025-08-21T10:00:00Z (EDT)\n# Date from 2020-08-27 to 2025-08-21\n" + "\n".join(
        [HEADER, *ROWS]
    )

    def pack(self, **contents):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in contents.items():
                archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), content)
        return packed.getvalue()

    @pytest.mark.parametrize("folder", ["", "leaderboard_export__"])
    def test_as_the_site_writes_it(self, tmp_path, folder):
        plugins = "plugin_name,plugin_type,model_id,metadata\nalexnet,model,31,{}\n"
        packed = self.pack(**{"plugin-info_csv": plugins, f"{folder}leaderboard_csv": self.TEXT})
        table = read_scores(write(tmp_path / "leaderboard_export_2025-08-21_10-00-00_EDT.zip", packed))
        assert list(table.values.index) == ["31", "7"]
        assert table.models.at["31", "name"] == "alexnet"
        assert "quoted" in table.models.at["7", "name"]
        assert set(table.values.columns) == {CORAL, V4, I2N, "Papale2025-new"}
        assert table.values.loc["31", [CORAL, V4, I2N, "Papale2025-new"]].tolist() == [0.101, 0.467, 1.1, 0.9]
        assert table.values.at["7", V4] == -0.053
        assert table.values.loc["7"].count() == 1
        assert table.metrics.at[CORAL, "area"] == "V1"
        assert table.metrics.loc["Papale2025-new", ["domain", "area"]].isna().all()
        assert table.origin.notes["aggregate columns"] == 4
        assert table.origin.notes["models without a public name"] == 1

    @pytest.mark.parametrize(
        ("contents", "told"),
        [
            ({}, "no files leaderboard.csv"),
            ({"other_csv": "a"}, "'other.csv'"),
            ({"leaderboard_csv": "a", "old__leaderboard_csv": "b"}, "2 files leaderboard.csv"),
            ({"xl__workbook.xml": "<workbook/>"}, "Excel workbook"),
            ({"leaderboard_csv": ""}, "empty"),
        ],
    )
    def test_another_zip(self, tmp_path, contents, told):
        with pytest.raises(ValueError, match=told):
            read_scores(write(tmp_path / "x.zip", self.pack(**contents)))

    @settings(derandomize=True, deadline=None, max_examples=200)
    @given(data=st.data())
    def test_a_damaged_one_is_refused_or_read(self, tmp_path_factory, data):
        packed = bytearray(self.pack(leaderboard_csv=self.TEXT))
        for _ in range(data.draw(st.integers(1, 4))):
            packed[data.draw(st.integers(4, len(packed) - 1))] = data.draw(st.integers(0, 255))
        refused_or_read(
            write(tmp_path_factory.getbasetemp() / "x.zip", bytes(packed[: data.draw(st.integers(4, 2000))]))
        )


def test_the_sites_older_table(tmp_path):
    text = f"model_name,{V4},{I2N},V4\nalexnet,.467,1.1,.5\nvgg,X,-.05,X\n"  # unversioned, without ids
    table = read_scores(write(tmp_path / "benchmark_scores.csv", text))
    assert table.values.to_numpy().tolist()[0] == [0.467, 1.1]
    assert table.values.at["1", I2N] == -0.05
    assert np.isnan(table.values.at["1", V4])


def refused(path, error=ValueError):
    """The one paragraph that a file is refused with."""
    with pytest.raises(error) as caught:
        read_scores(path)
    text = str(caught.value)
    assert path.name in text
    assert "\n" not in text
    assert 30 < len(text) < 700
    return text


def refused_or_read(path):
    told = path.name
    try:
        read_scores(path)
    except ValueError as error:
        told = str(error)
    assert path.name in told
    assert "\n" not in told


BAD = {  # content, and what the message has to name
    "empty": ("", "empty"),
    "blank": (" \n\r\n\t\n", "empty"),
    "only comments": ("# nothing\n# here\n", "row 3"),
    "HTML": ("\n<!DOCTYPE html>\n<html>404</html>", "'<!DOCTYPE html>'", "web page", "Raw"),
    "XML": ('<?xml version="1.0"?><Error/>', "web page"),
    "one number": ("0.5\n", "row 1", "'0.5'", "model_id"),
    "prose": ("Dear all,\nplease find it attached.", "row 1", "'Dear all'"),
    "Latin-1": ("model,A\nré,.1\n".encode("latin-1"), "row 2", "byte 10 ", "0xe9", "UTF-8"),
    "UTF-16 without a mark": ("model,A\n1,2\n".encode("utf-16-le"), "row 1", "byte 2 ", "NUL", "UTF-8"),
    "cut UTF-16": (codecs.BOM_UTF16_LE + b"m", "row 1", "byte 3 ", "0x6d", "UTF-16"),
    "cut gzip": (gzip.compress(export(WIDE).encode())[:-12], "gzip", "Download it again"),
    "damaged gzip": (b"\x1f\x8b" + bytes(range(200)), "gzip", "Download it again"),
    "cut ZIP": (b"PK\x03\x04" + bytes(50), "ZIP", "Download it again"),
    "no row": ("model,A\n", "no row", "'model, A'"),
    "no metric": ("model_id,model,rank\n7,one,1\n", "no column holds a metric", "'model_id, model, rank'"),
    "no model": ("metric,score\nA,.1\n", "row 1", "'metric, score'", "model_name"),
    "only row numbers for models": (",A\n0,.1\n1,.2\n", "no column names the models", "model_id"),
    "score without metric": ("model,score,error\none,.1,.01\n", "'score'", "'error'", "Add a column metric"),
    "no number": ("model,A,B\none,.1,.2\n\ntwo,.3,lots\n", "row 4", "'B'", "'lots'", "'two'", "0.453"),
    "no number, long": ("# c\nmodel,benchmark,Value\none,A,1_000\n", "row 3", "'Value'", "'1_000'", "'one'", "'A'"),
    "no number as error": ("model,metric,score,se\none,A,.1,±2\n", "row 2", "'se'", "'±2'"),
    "two lines in a cell": ('model,A\n"o\nne",.1\ntwo,"x\ny"\n', "row 3", "'A'", r"'x\ny'"),
    "per cent": ("model,A\none,45%\n", "row 2", "'A'", "'45%'"),
    "digits of another script": ("model,A\none,٣\n", "row 2", "'٣'"),
    "infinite": ("model,A,B\none,.1,.2\ntwo,.1,-inf\n", "row 3", "'B'", "'-inf'", "infinite"),
    "too large": ("model,A\none,1e999\n", "row 2", "'A'", "'1e999'", "infinite"),
    "infinite raw": ("model,metric,score,raw\none,A,.1,Infinity\n", "row 2", "'raw'", "'Infinity'", "infinite"),
    "ids twice": ("ID,A\n7,.1\n8,.2\n 7 ,.3\n", "row 4", "'ID'", "'7'", "row 2"),
    "score twice": ("id,metric,score\n7,A,.1\n7,B,.1\n7,A,.2\n", "row 4", "'score'", "'7'", "'A'", "row 2"),
    "one metric by two names": (f"id,{V4},dicarlo.{V4}\n7,.1,.2\n", "row 2", f"'dicarlo.{V4}'", f"'{V4}'"),
    "id with two names": ("id,name,metric,score\n7,a,A,1\n7,b,B,1\n", "row 3", "'name'", "'7'", "'b'", "'a'", "row 2"),
    "column twice": ("model,A,B, A\none,.1,.2,.3\n", "row 1", "'A'", "twice"),
    "two columns of one meaning": ("model,Name,A\none,uno,.1\n", "'model'", "'Name'", "model_name"),
    "id missing": ("id,A\n7,.1\n,.2\n", "row 3", "'id'", "is empty"),
    "metric missing": ("model,metric,score\none,,.1\n", "row 2", "'metric'", "is empty"),
    "short row": ("model,A,B\none,.1,.2\ntwo,.3\n", "row 3", "2 cells", "3 columns"),
    "long row": ("model,A\none,.1\ntwo,.3,.4\n", "row 3", "3 cells", "2 columns", "'.4'"),
    "open quotation mark": ('model,A\n"one,.1\ntwo,.3\n', "row 2", "1 cells", "quotation mark"),
    "nameless column": ("model,,A\none,x,.1\n", "column 2", "row 2", "'x'"),
    "no date": ("model,metric,score,Date\none,A,.1,29/06/2023\n", "row 2", "'Date'", "'29/06/2023'", "2023-06-29"),
    "thousands or decimals": ("model;A\none;1,234\n", "row 2", "'A'", "'1,234'", "1.234", "1234"),
    "points and commas": ("model;A;B\none;0,5;1\ntwo;1;0.7\n", "row 2", "'A'", "'0,5'", "row 3", "'B'", "'0.7'"),
    "only averages": ("model,V1,neural_vision\none,.1,.2\n", "left out", "aggregate columns: 2"),
    "only models without names": (f"model,{V4}\nModel 7,.1\n", "left out", "models without a public name: 1"),
    "too many columns": ("model" + "".join(f",{i}" for i in range(20_000)), "20,001 columns"),
    "long cell": ("model,A\none," + "1" * 200_000, "row 1", "field"),
    "many metrics": ("model,metric,score\n" + "".join(f"m{i},b{i},1\n" for i in range(2000)), "2,000 models"),
    "an object": ('{"a": 1}', "entry 1", "snapshot"),
    "other records": ('[{"model": "one", "A": 0.1}]', "entry 1", "snapshot"),
    "numbers": ("[1, 2]", "entry 1 is '1'"),
    "no entries": ("[]", "no score"),
    "no metrics": ('[{"model": {"id": 1, "name": "one"}}]', "no score"),
    "cut JSON": ('[{"id": 1,\n "mod', "line 2", "column 2", "Download it again"),
    "deep JSON": ("[" * 100_000, "JSON"),
    "number without end": ("[" + "1" * 5000 + "]", "JSON"),
    "score in a list": ('[{"model": {"id": 1, "name": "one"}, "A": {"value": [1]}}]', "model 1", "'A'", "'[1]'"),
    "infinite JSON": ('[{"model": {"id": 1, "name": "one"}, "A": {"value": Infinity}}]', "model 1", "'A'", "infinite"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_told_where_it_is_bad(tmp_path, kind):
    content, *told = BAD[kind]
    text = refused(write(tmp_path / "strange.csv", content))
    assert [part for part in told if part not in text] == []


def test_the_path_is_no_file(tmp_path):
    assert "folder" in refused(tmp_path, IsADirectoryError)
    assert "no such file" in refused(tmp_path / "absent.csv", FileNotFoundError)
    os.mkfifo(tmp_path / "pipe")
    assert "pipe" in refused(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path):
    path = write(tmp_path / "x.csv", export(WIDE))
    path.chmod(0)
    assert "chmod" in refused(path, PermissionError)


def test_no_permission_without_asking_the_system(tmp_path, monkeypatch):
    monkeypatch.setattr(files.os, "access", lambda path, mode: mode != os.R_OK)
    assert "chmod" in refused(write(tmp_path / "x.csv", export(WIDE)), PermissionError)


def test_names_of_registered_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"'brainscore-2024-01' is the name .* open_scores"):
        read_scores("brainscore-2024-01")
    with pytest.raises(
        ValueError, match=r"attention-map is no table of scores .*brainscore-2024-01 or brainscore-2025-05"
    ):
        open_scores("attention-map")
    with pytest.raises(FileNotFoundError, match=r"'nothing' is neither a file nor .*brainscore-2024-01"):
        open_scores("nothing")


class TestSize:
    @staticmethod
    def zipped(content):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("leaderboard.csv", content)
        return packed.getvalue()

    @pytest.mark.parametrize("row", ["model", "model,x\n1,2\n", 'model,x\n"1\n2"'])
    def test_a_row_of_millions_of_cells_is_refused_before_they_are_cut(self, tmp_path, row):
        path = write(tmp_path / "wide.csv", row + "," * 3_000_000)
        tracemalloc.start()
        try:
            with pytest.raises(ValueError, match=r"wide\.csv: at or after row \d: more than 100,000 columns"):
                read_scores(path)
            # text of 3 million characters, of four bytes each, in some copies; a list of cells would take more
            assert tracemalloc.get_traced_memory()[1] < 60_000_000
        finally:
            tracemalloc.stop()

    @pytest.mark.parametrize("cell", ['"\n"', '"a\nb"'])
    def test_a_row_of_many_lines(self, tmp_path, cell):
        path = write(tmp_path / "wide.csv", "model,x\n" + ",".join([cell] * 300_000))
        with pytest.raises(ValueError, match=r"wide\.csv: at or after row \d: more than 100,000 columns"):
            read_scores(path)

    @pytest.mark.parametrize("pack", [gzip.compress, zipped])
    def test_a_bomb_is_not_unpacked_to_its_end(self, tmp_path, monkeypatch, pack):
        monkeypatch.setattr(files, "LARGEST", 1_000_000)
        path = write(tmp_path / "bomb", pack(bytes(50_000_000)))
        assert path.stat().st_size < 100_000
        tracemalloc.start()
        try:
            assert "larger than 1 MB" in refused(path)
            assert tracemalloc.get_traced_memory()[1] < 10_000_000
        finally:
            tracemalloc.stop()

    def test_a_large_file(self, tmp_path):
        path = tmp_path / "large.csv"
        with open(path, "wb") as handle:
            handle.truncate(files.LARGEST + 1)  # takes no room on the disk
        assert "larger than 200 MB" in refused(path)

    @pytest.mark.parametrize(
        "junk",
        [
            np.random.default_rng(1).bytes(10_000_000),
            b"a" * 10_000_000,
            b"some prose, with commas\n" * 420_000,
            b'"' * 10_000_000,
            b"," * 10_000_000,
            b"[" + b"1," * 5_000_000 + b"1]",
        ],
        ids=["random", "one line", "prose", "quotation marks", "commas", "numbers"],
    )
    def test_junk_is_refused_fast(self, tmp_path, junk):
        path = write(tmp_path / "junk", junk)
        start = time.process_time()
        refused(path)
        assert time.process_time() - start < 2

    def test_a_table_of_junk(self, tmp_path):
        assert "more cells" in refused(write(tmp_path / "junk.csv", b"model,A\n" + b"x,y\n" * 1_100_000))


examples = settings(
    derandomize=True, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@examples
@given(content=st.binary(max_size=400))
@example(b"\x1f\x8b\x08\x00")
@example(b"PK\x05\x06")
@example(b"\xef\xbb\xbf[")
def test_random_bytes_are_refused_or_read(tmp_path, content):
    refused_or_read(write(tmp_path / "x", content))


HEADERS = ["model", "id", "metric", "score", "error", "version", "date", "Unnamed: 0", V4, "_v1", "V1"]
CELLS = ["Model 7", "7", ".5", "0,5", "1,234", "1e999", "NaN", "X", ".-5", "2023-01-01", "lots", "\ud7ff", " "]
tokens = st.sampled_from([*",,,;\t\n\n\n", "\r\n", '"', "#", *HEADERS, *CELLS])


@examples
@given(
    header=st.sampled_from(
        ["", "model,A\n", "id;name;A_v1;A_v2\n", "id,metric,score,raw,version,date,status\n", ",A\n"]
    ),
    parts=st.lists(tokens, max_size=40),
)
def test_random_tables_are_refused_or_read(tmp_path, header, parts):
    refused_or_read(write(tmp_path / "x", header + "".join(parts)))


texts = st.sampled_from([".5", "X", "2023-01-01", "\ud800"])
keys = st.sampled_from(["value", "id", "name", "x"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)
entry = st.dictionaries(st.sampled_from(["value", "raw", "error", "version", "timestamp"]), values)
model = st.dictionaries(st.sampled_from(["model", V4, f"{V4}_v1", "A_v2", "V1_v0", "_v1", ""]), values | entry).map(
    lambda row: {"model": {"id": 7, "name": "seven"}} | row
)


@examples
@given(content=st.lists(model, max_size=3) | values)
def test_random_snapshots_are_refused_or_read(tmp_path, content):
    refused_or_read(write(tmp_path / "x", json.dumps(content)))
