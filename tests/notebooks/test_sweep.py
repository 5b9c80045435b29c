"""Sweeps: a folder that can be gone on with whatever happens to it, and the tables that come of it."""

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from types import SimpleNamespace

import jupytext
import nbformat
import numpy as np
import pandas as pd
import pytest
from distributed import KilledWorker

from yardsticks import datasets, workers
from yardsticks.alone import alone_in
from yardsticks.datasets.files import DiskFull, making_room
from yardsticks.notebooks import keys, sweep, sweep_runs, sweep_tables
from yardsticks.notebooks import run as run_module
from yardsticks.notebooks.boxes import box_failures
from yardsticks.notebooks.grid import list_settings
from yardsticks.notebooks.sweep import begin_sweep, open_sweep, plan, read_ledger
from yardsticks.notebooks.sweep_figures import MOST, plot_sweep
from yardsticks.notebooks.sweep_tables import collect, constants, stack

TINY = """\
# %% tags=["parameters"]
from typing import Literal

n = 2
word = "a"
sizes = [1]
wait = 0.0
kind: Literal["a", "b"] = "a"

# %%
import os
import time

if "COUNT" in os.environ:
    with open(os.environ["COUNT"], "a") as handle:
        handle.write(f"{n} {word}\\n")
    with open(f"{os.environ['COUNT'].removesuffix('count')}by-{os.getpid()}", "w") as handle:
        handle.write(f"{os.getpid()} {os.getppid()}")
time.sleep(wait)
os.mkdir("tables")
with open("tables/t.csv", "w") as handle:
    handle.write(f"n,share\\n{n},0.10\\n{n},\\n")
record = "application/papermill.record/"
for name, value in {"twice": 2 * n, "n": n / 4, "said": word, "odd": n % 2 == 1}.items():
    about = {"scrapbook": {"name": name, "mime_prefix": record}}
    display({record + "text/plain": repr(value)}, raw=True, metadata=about)
print("hello")
if n == 3:
    raise KeyError("three")
"""


@pytest.fixture
def notebook(tmp_path):
    path = tmp_path / "tiny.py"
    path.write_text(TINY)
    return path


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "sweep"


class Ended(SimpleNamespace):
    """A future whose task has ended."""

    __hash__ = object.__hash__


class Here:
    """A client whose only worker is this process."""

    status = "running"
    dashboard_link = "http://here"

    def __init__(self):
        self.failing = {}

    def submit(self, function, planned, environment, timeout, **options):
        result, error = None, self.failing.get(planned.parameters.get("n"))
        try:
            result = None if error else function(planned, environment, timeout)
        except Exception as raised:
            error = raised
        status = "error" if error else "finished"
        return Ended(done=lambda: True, status=status, exception=lambda: error, result=lambda: result)


@pytest.fixture
def client(monkeypatch):
    """Have notebooks executed in this process, without a kernel; `performed` lists what was."""
    made = Here()
    made.performed = []

    def perform(run, folder, **options):
        made.performed.append(run.parameters)
        cells = [cell for cell in jupytext.read(run.source, fmt="py:percent").cells if cell.cell_type == "code"]
        names = {"print": lambda *words: None, "display": lambda data, raw, metadata: shown.append((data, metadata))}
        output, shown, failures = folder / run.output.name, [], {}
        before = os.getcwd()
        os.chdir(folder)
        try:
            for cell in cells:
                try:
                    exec(cell.source, names)
                except Exception as error:
                    if not run.boxes:
                        raise
                    told = nbformat.v4.new_output("error", ename=type(error).__name__, evalue=str(error), traceback=[])
                    failures[cell.id] = told
                names |= {name: str(v) if isinstance(v, os.PathLike) else v for name, v in run.parameters.items()}
        finally:
            os.chdir(before)
            cells[-1].outputs = [nbformat.v4.new_output("display_data", data, metadata=about) for data, about in shown]
            for cell in cells:
                cell.outputs += [failures[cell.id]] if cell.id in failures else []
            executed = nbformat.v4.new_notebook(cells=cells)
            executed.metadata["not_shown"] = box_failures(executed, folder) if run.boxes else []
            nbformat.write(executed, output)
        return output

    monkeypatch.setattr(run_module, "perform", perform)
    monkeypatch.setattr(run_module, "prepare_worker", lambda: None)
    for name in ("YARDSTICKS_DATA", "YARDSTICKS_CACHE", "YARDSTICKS_OFFLINE"):  # given back after the test
        if name in os.environ:
            monkeypatch.setenv(name, os.environ[name])
    return made


def begin(notebook, folder, *options):
    return begin_sweep(notebook, list_settings(sweep.parameters_of(notebook), options), folder)


def do(asked, client, **options):
    return sweep_runs.run_sweep(asked, client, **options)


def test_table_of_a_sweep(notebook, folder, client):
    asked = begin(notebook, folder, "word=b,a", "n=1,4", "sizes=[1,2]")
    ledger = do(asked, client)
    assert (len(ledger.done), ledger.failed, ledger.open, ledger.outdated) == (4, {}, [], {})
    expected = pd.DataFrame(
        {
            "word": ["b", "b", "a", "a"],
            "n": [1, 4, 1, 4],
            "twice": [2, 8, 2, 8],
            "glued_n": [0.25, 1.0, 0.25, 1.0],
            "odd": [True, False, True, False],
            "sizes": ["[1, 2]"] * 4,
            "status": "done",
            "synthetic": False,
            "not_shown": "",
            "error": "",
            "run": list(plan(asked)),
        }
    )
    pd.testing.assert_frame_equal(collect(asked), expected)
    assert (collect(open_sweep(folder), times=True)["seconds"] >= 0).all()
    rows = stack(asked, "t")
    assert list(rows.columns) == ["word", "n", "table_n", "share", "sizes", "synthetic", "run"]
    assert not rows["synthetic"].any()
    assert rows["share"].tolist() == ["0.10", ""] * 4
    assert rows["table_n"].tolist() == [str(n) for n in rows["n"]]
    typed = stack(asked, "t", numbers=True)
    assert typed["table_n"].tolist() == rows["n"].tolist()
    assert typed["share"].tolist() == rows["share"].tolist()  # 0.1 would be written otherwise
    with pytest.raises(ValueError, match=r"table 'other'\. There is: t"):
        stack(asked, "other")
    run = folder / "runs" / expected["run"][0]
    assert sorted(path.name for path in run.iterdir()) == ["log.txt", "run.json", "tables", "tiny.ipynb"]
    assert json.loads((run / "run.json").read_text())["parameters"] == {
        "n": 1, "word": "b", "sizes": [1, 2], "wait": 0.0, "kind": "a"
    }  # fmt: skip


def test_columns_keep_their_names_apart_and_none_is_lost(folder, client, tmp_path):
    path = tmp_path / "names.py"
    numbers = {"run": 1, "y": 2, "run_": 3, "glued_y": 4, "parameter_run": 5, "seconds": 6}
    path.write_text(
        '# %% tags=["parameters"]\nrun = 1\nstatus = "a"\nerror = 0.5\nsynthetic = 3\nseconds = 1\ncurrent = True\n'
        "parameter_status = 7\ny = 8\n\n# %%\nimport os\nos.mkdir('tables')\n"
        "from pathlib import Path\nPath('tables/t.csv').write_text('run,y,table_y,other\\n1,2,3,4\\n')\n"
        f"for name, value in {numbers}.items():\n"
        "    about = {'scrapbook': {'name': name, 'mime_prefix': ''}}\n"
        "    display({'text/plain': repr(value)}, raw=True, metadata=about)\n"
    )
    asked = begin(
        path, folder, "run=2,3", "status=b", "error=0.25", "synthetic=4", "seconds=9", "current=false",
        "parameter_status=70", "y=80",
    )  # fmt: skip
    do(asked, client)
    settings = {
        "parameter_run": [2, 3],
        "parameter_parameter_status": ["b"] * 2,
        "parameter_error": [0.25] * 2,
        "parameter_synthetic": [4] * 2,
        "parameter_seconds": [9] * 2,
        "parameter_current": [False] * 2,
        "parameter_status": [70] * 2,
        "y": [80] * 2,
    }
    for options in ({}, {"times": True, "outdated": True}):  # more columns take no name from others
        row = collect(asked, **options)
        assert row["status"].tolist() == ["done"] * 2
        assert row["run"].tolist() == list(plan(asked))
        glued = {"glued_run": 1, "glued_y": 4, "run_": 3, "glued_glued_y": 2, "glued_parameter_run": 5}
        assert {name: row[name].tolist() for name in settings} == settings
        assert row[[*glued, "glued_seconds"]].to_dict("records") == [glued | {"glued_seconds": 6}] * 2
        about = ["run", "status", "synthetic", "not_shown", "error", *["current", "seconds"][: 2 * len(options)]]
        assert sorted(row.columns) == sorted([*settings, *about, *glued, "glued_seconds"])
    rows = stack(asked, "t")
    assert {name: rows[name].tolist() for name in settings} == settings
    table = {"table_run": "1", "table_y": "3", "table_table_y": "2", "other": "4"}
    assert rows[list(table)].to_dict("records") == [table] * 2
    assert sorted(rows.columns) == sorted([*settings, "run", "synthetic", *table])


SUBJECTS = """\
# %% tags=["parameters"]
subject = "001"
flag = "x"
size = 1
limit = None

# %%
import os
os.mkdir("tables")
with open("tables/t.csv", "w") as handle:
    handle.write(f"id,flag,share,small,whole,long,much,empty\\n{subject},True,0.5,1e-05,7,{2**70},1e+06,\\n")
    handle.write(f"{subject},,1,0.123457,,{2**70},,\\n")
about = {"scrapbook": {"name": "n", "mime_prefix": ""}}
display({"text/plain": repr(size + 1)}, raw=True, metadata=about)
"""


def test_a_parquet_has_the_types_of_the_values(folder, client, tmp_path, started, run):
    path, out = tmp_path / "subjects.py", tmp_path / "t.parquet"
    path.write_text(SUBJECTS)
    large = 2**64 + 1
    asked = (f"size=1,{large}", "subject=001,1e3,7", "flag=True", "limit=null,5,word")
    options = [part for setting in asked for part in ("-p", setting)]
    assert run("sweep", path, *options, "--out", folder)[0] == 0
    assert run("sweep", "collect", folder, "--out", out)[0] == 0
    read = pd.read_parquet(out)
    assert read["subject"].tolist() == [name for name in ("001", "1e3", "7") for _ in range(3)] * 2
    assert read["flag"].tolist() == ["True"] * 18
    assert read["size"].tolist() == ["1"] * 9 + [str(large)] * 9  # more than 64 bits
    assert read["n"].tolist() == ["2"] * 9 + [str(large + 1)] * 9
    assert read["limit"].astype(object).where(read["limit"].notna(), None).tolist() == [None, "5", "word"] * 6
    assert run("sweep", "collect", folder, "--table", "t", "--out", out)[0] == 0
    read = pd.read_parquet(out)
    assert read["id"].tolist() == [name for name in read["subject"]]
    assert read["table_flag"].tolist() == ["True", ""] * 18
    assert read["share"].tolist() == [0.5, 1] * 18
    assert read["small"].tolist() == [1e-05, 0.123457] * 18
    assert read["whole"].dropna().tolist() == [7] * 18
    assert read["whole"].dtype == "Int64"
    assert read["long"].tolist() == [str(2**70)] * 36
    assert read["much"].dropna().tolist() == [1e6] * 18
    assert read["empty"].tolist() == [""] * 36
    run("sweep", "collect", folder, "--table", "t", "--out", tmp_path / "t.csv")
    text = pd.read_csv(tmp_path / "t.csv", dtype=str, keep_default_na=False)
    assert text["much"].tolist() == ["1e+06", ""] * 18  # as it was written
    assert text["subject"].tolist() == [str(name) for name in read["subject"]]


def test_numbers_of_a_table_lose_nothing(rng):
    """Text that is made of numbers is theirs, whoever wrote it; any other cell leaves the whole column as it is."""
    floats = rng.normal(size=50) * 10.0 ** rng.integers(-12, 12, 50)
    for written in ([repr(float(x)) for x in floats], [f"{x:.6g}" for x in floats], ["1", "-20", "0"], ["inf", "-1"]):
        column = pd.Series([*written, ""])
        numbers = sweep_tables._as_numbers(column)
        assert numbers[:-1].tolist() == [float(cell) for cell in written]
        assert numbers.isna().tolist() == [False] * len(written) + [True]
        for other in ("001", "1e3", "0.10", " 1", "+1", "1_000", "nan", "NA", "True", "x", str(2**70)):
            mixed = pd.Series([*written, other])
            assert sweep_tables._as_numbers(mixed) is mixed


def test_nothing_is_repeated_when_a_sweep_goes_on_or_grows(notebook, folder, client):
    do(begin(notebook, folder, "n=1,2"), client)
    assert client.performed == [{"n": 1}, {}]  # 2 is the notebook's own
    do(begin_sweep(notebook, [], folder), client)
    assert len(client.performed) == 2
    asked = begin(notebook, folder, "n=2,4", "word=a,b")
    do(asked, client)
    assert client.performed[2:] == [{"word": "b"}, {"n": 4}, {"n": 4, "word": "b"}]
    table = collect(asked)
    assert list(zip(table["n"], table["word"], strict=True)) == [(1, "a"), (2, "a"), (2, "b"), (4, "a"), (4, "b")]
    other = folder.with_name("other")
    do(begin(notebook, other, "n=1,2"), client)
    assert (other / "runs").is_dir()
    assert {path.name for path in (other / "runs").iterdir()} < {path.name for path in (folder / "runs").iterdir()}


def test_a_failure_is_kept_and_stops_no_other(notebook, folder, client):
    asked = begin(notebook, folder, "n=2:4")
    ledger = do(asked, client)
    assert (len(ledger.done), len(ledger.failed), ledger.open) == (2, 1, [])
    (name,) = ledger.failed
    assert "KeyError: 'three'" in (folder / "runs" / name / "log.txt").read_text()
    table = collect(asked)
    assert table["status"].tolist() == ["done", "failed", "done"]
    assert table["error"].tolist() == ["", "KeyError: 'three'", ""]
    assert table["twice"].tolist()[::2] == [4, 8]
    assert table["twice"].isna().tolist() == [False, True, False]
    assert stack(asked, "t")["n"].tolist() == [2, 2, 4, 4]
    do(asked, client)
    assert len(client.performed) == 3
    do(asked, client, again=True)
    assert client.performed[3:] == [{"n": 3}]
    notebook.write_text(TINY.replace("n == 3", "False"))
    assert not do(asked, client).failed


def test_other_state_of_notebook_package_or_data_is_told_apart(notebook, folder, client, monkeypatch):
    asked = begin(notebook, folder, "n=1,2")
    do(asked, client)
    first = collect(asked)
    for change, part in (
        (lambda: notebook.write_text(TINY + "\n# more\n"), "notebook"),
        (lambda: monkeypatch.setattr(keys, "project_hashes", lambda root: {"src/x.py": "0"}), "package"),
        (lambda: monkeypatch.setattr(datasets, "fingerprint", lambda: {"x": "synthetic"}), "data"),
    ):
        change()
        ledger = read_ledger(asked)
        assert (len(ledger.open), ledger.done) == (2, {})
        assert part in next(iter(ledger.outdated.values()))["changed"]
    assert ledger.outdated[first["run"][0]]["changed"] == ["notebook", "package", "data"]
    assert collect(asked).empty
    do(asked, client)
    assert len(collect(asked)) == 2
    both = collect(asked, outdated=True)
    assert both["current"].tolist() == [True, True, False, False]
    assert set(both["run"][2:]) == set(first["run"])
    assert stack(asked, "t", outdated=True)["current"].sum() == 4


def test_a_file_counts_by_its_content(notebook, folder, client, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.csv").write_text("1")
    (tmp_path / "plain").write_text("no suffix: a word")
    asked = begin(notebook, folder, "word=own.csv,plain,absent.csv")
    assert [setting["word"] for setting in asked.settings] == [str(tmp_path / "own.csv"), "plain", "absent.csv"]
    do(asked, client)
    (tmp_path / "own.csv").write_text("2")
    ledger = read_ledger(asked)
    assert (len(ledger.done), len(ledger.open)) == (2, 1)
    assert [record["changed"] for record in ledger.outdated.values()] == [["a file among its parameters"]]


def test_a_file_that_the_notebook_names_itself_counts_too(notebook, folder, client, tmp_path):
    own = tmp_path / "own.csv"
    own.write_text("1")
    notebook.write_text(TINY.replace('word = "a"', f'word = "{own}"'))
    asked = begin(notebook, folder, "n=1")
    do(asked, client)
    assert len(read_ledger(asked).done) == 1
    own.write_text("2")
    assert len(read_ledger(asked).open) == 1


def test_what_a_file_of_ones_own_cannot_show_is_no_failure(notebook, folder, client, tmp_path, monkeypatch, run):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.csv").write_text("1")
    lacking = "# %%\nif word != 'a':\n    raise ValueError('own.csv has no V1')\n"
    notebook.write_text(TINY + lacking)
    asked = begin(notebook, folder, "word=a,own.csv,b")
    ledger = do(asked, client)
    assert (len(ledger.done), len(ledger.failed)) == (2, 1)
    table = collect(asked)
    assert table["not_shown"].tolist() == ["", "(output): own.csv has no V1", ""]
    assert table["error"].tolist() == ["", "", "ValueError: own.csv has no V1"]
    assert table["twice"].tolist()[:2] == [4, 4]
    assert "with parts that your file cannot show: 1," in run("sweep", "status", folder)[1]
    notebook.write_text(TINY + lacking.replace("ValueError", "KeyError"))  # a fault of ours or of the notebook
    ledger = do(asked, client)
    assert (len(ledger.done), len(ledger.failed)) == (1, 2)
    assert "not foreseen, KeyError" in collect(asked)["error"][1]


def test_what_is_half_written_is_not_done(notebook, folder, client):
    asked = begin(notebook, folder, "n=1,2,4,5")
    do(asked, client)
    whole = collect(asked)
    names = list(plan(asked))
    (folder / "runs" / names[0] / "run.json").unlink()
    (folder / "runs" / names[1] / "run.json").write_text('{"parameters": {')
    os.rename(folder / "runs" / names[2], folder / "runs" / f".{names[2]}.1234")
    assert read_ledger(asked).open == names[:3]
    assert len(collect(asked)) == 1
    do(asked, client)
    assert len(client.performed) == 7
    pd.testing.assert_frame_equal(collect(asked), whole)
    assert sorted(path.name for path in (folder / "runs").iterdir()) == sorted(names)


def test_one_run_at_a_time(notebook, folder, client):
    asked = begin(notebook, folder, "n=1")
    with alone_in(folder), pytest.raises(RuntimeError, match="another run works in"):
        do(asked, client)
    with alone_in(folder), pytest.raises(RuntimeError, match="another run works in"):
        begin(notebook, folder, "n=4")
    assert open_sweep(folder).settings == [{"n": 1}]
    assert client.performed == []


def test_a_change_meanwhile_stops_the_sweep(notebook, folder, client, monkeypatch):
    asked = begin(notebook, folder, "n=1,2")
    really = run_module.perform

    def edit(run, *arguments, **options):
        notebook.write_text(TINY + "\n# edited\n")
        return really(run, *arguments, **options)

    monkeypatch.setattr(run_module, "perform", edit)
    with pytest.raises(sweep_runs.Changed, match=r"^notebook: changed since"):
        do(asked, client)
    assert len(client.performed) == 1
    ledger = read_ledger(asked)
    assert (ledger.done, ledger.outdated, len(ledger.open)) == ({}, {}, 2), "nobody knows which of both was run"


def test_a_file_of_ones_own_that_is_overwritten_meanwhile_is_not_taken_for_the_old_one(
    notebook, folder, client, tmp_path, monkeypatch
):
    own, really = tmp_path / "own.csv", run_module.perform
    own.write_text("1")
    asked = begin(notebook, folder, f"word={own}")

    def overwrite(run, *arguments, **options):
        own.write_text("2")
        return really(run, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(run_module, "perform", overwrite)
        with pytest.raises(sweep_runs.Changed, match=r"^parameters: changed since"):
            do(asked, client)
    own.write_text("1")
    assert len(read_ledger(asked).open) == 1
    assert len(do(asked, client).done) == 1


@pytest.mark.parametrize("name", ["tiny.ipynb", "tables/t.csv", "log.txt", "run.json"])
def test_what_is_not_what_a_run_wrote_is_open(notebook, folder, client, name, rng):
    asked = begin(notebook, folder, "n=1,4")
    do(asked, client)
    whole, (first, second) = collect(asked), plan(asked)
    path = folder / "runs" / first / name
    content = path.read_bytes() or b"."
    for place in rng.integers(len(content), size=20):
        harmed = bytearray(content)
        harmed[place] ^= 1 << rng.integers(8)
        path.write_bytes(harmed)
        if read_ledger(asked).open:
            assert collect(asked)["run"].tolist() == [second]
        else:  # white space of JSON
            assert name == "run.json"
            pd.testing.assert_frame_equal(collect(asked), whole)
    path.unlink()
    assert read_ledger(asked).open == [first]
    do(asked, client)
    pd.testing.assert_frame_equal(collect(asked), whole)
    assert len(client.performed) == 3


def test_a_run_is_not_taken_for_another(notebook, folder, client):
    asked = begin(notebook, folder, "n=1,4")
    do(asked, client)
    first, second = plan(asked)
    shutil.rmtree(folder / "runs" / first)
    shutil.copytree(folder / "runs" / second, folder / "runs" / first)
    assert read_ledger(asked).open == [first]


def test_a_run_whose_workers_died_has_failed_and_other_errors_are_not_its_own(notebook, folder, client):
    asked = begin(notebook, folder, "n=1,2")
    client.failing = {1: KilledWorker("do_run", None, 3)}
    ledger = do(asked, client)
    assert [sweep_tables.last_line(record["error"])[:7] for record in ledger.failed.values()] == ["Killed:"]
    assert len(ledger.done) == 1
    client.failing = {1: OSError("no space left")}
    with pytest.raises(OSError, match="no space"):
        do(asked, client, again=True)


def test_a_full_disk_is_said_and_is_no_fault_of_the_run(notebook, folder, client, monkeypatch):
    asked = begin(notebook, folder, "n=1,2")
    really, left = run_module.perform, []

    def full(run, place, **options):
        output = really(run, place, **options)
        if left:
            return output
        left.append(output)
        output.write_text(output.read_text()[:100])
        with making_room(output):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(run_module, "perform", full)
    with pytest.raises(DiskFull, match=r"no room is left to write .*tiny\.ipynb.*run the same command again"):
        do(asked, client)
    assert len(read_ledger(asked).open) == 1
    ledger = do(asked, client)
    assert (len(ledger.done), ledger.failed) == (2, {})


def test_a_notebook_that_was_cut_off_is_no_other_error(notebook, folder, client, monkeypatch):
    """What is left of a notebook by whatever ended it does not hide why it ended."""
    asked = begin(notebook, folder, "n=1")

    def cut(run, place, **options):
        (place / run.output.name).write_text('{"cells": [')
        raise RuntimeError("the kernel died")

    monkeypatch.setattr(run_module, "perform", cut)
    ledger = do(asked, client)
    assert [sweep_tables.last_line(record["error"]) for record in ledger.failed.values()] == [
        "RuntimeError: the kernel died"
    ]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"notebook": 3, "runs": [1]}', '{"notebook": "x"}', '{"runs": 1}'])
def test_a_damaged_sweep_is_named(notebook, folder, content):
    begin(notebook, folder, "n=1")
    (folder / "sweep.json").write_text(content)
    with pytest.raises(ValueError, match=r"sweep\.json is damaged \(.*\)\. Run the sweep again with --out"):
        open_sweep(folder)


def test_what_was_asked_carries_a_hash(notebook, folder):
    asked = begin(notebook, folder, "n=1,4", "word=x")
    path = folder / "sweep.json"
    text = path.read_text()
    for changed in (
        text.replace('"n": 4', '"n": 5'),
        text.replace('"word"', '"wore"', 1),
        text.replace("sha256", "sha"),
    ):
        assert changed != text
        path.write_text(changed)
        for use in (lambda: open_sweep(folder), lambda: begin(notebook, folder)):
            with pytest.raises(ValueError, match=r"sweep\.json is damaged.* Run the sweep again with --out"):
                use()
    content = json.loads(text)
    path.write_text(json.dumps({name: content[name] for name in ("notebook", "runs")}))  # of an earlier version
    assert open_sweep(folder) == asked
    assert begin_sweep(notebook, [], folder) == asked
    assert path.read_text() == text


def test_synthetic_data_are_said_to_be(notebook, folder, client):
    label = 'display({"text/html": "<div id=\\"synthetic-data\\">"}, raw=True, metadata={})\n'
    notebook.write_text(TINY + label)
    asked = begin(notebook, folder, "n=1")
    do(asked, client)
    assert collect(asked)["synthetic"].tolist() == [True]


def test_folders_and_notebooks_that_are_refused(notebook, folder, tmp_path):
    begin(notebook, folder, "n=1")
    other = tmp_path / "other.py"
    other.write_text(TINY)
    with pytest.raises(ValueError, match=r"holds a sweep of .*tiny\.py"):
        begin(other, folder, "n=1")
    with pytest.raises(ValueError, match="holds other things"):
        begin(notebook, tmp_path, "n=1")
    with pytest.raises(ValueError, match="nothing to vary"):
        begin_sweep(notebook, [], tmp_path / "new")
    assert not (tmp_path / "new").exists()
    other.write_text("# %%\nn = 1\n")
    with pytest.raises(ValueError, match='no cell with the tag "parameters"'):
        sweep.parameters_of(other)
    broken = tmp_path / "broken.ipynb"
    for content in ("{", "[]", '{"cells": 3}', '{"nbformat": 99, "cells": []}'):
        broken.write_text(content)
        with pytest.raises(ValueError, match=r"broken\.ipynb is no notebook that can be read"):
            sweep.parameters_of(broken)
    other.write_text('# %% tags=["parameters"]\nn = = 1\n')
    with pytest.raises(ValueError, match=r"other\.py: a cell is no Python"):
        sweep.parameters_of(other)
    with pytest.raises(FileNotFoundError, match=r"'99_no' is neither .* 02_consistency"):
        sweep.find_notebook("99_no")
    assert sweep.find_notebook("02_consistency") == datasets.project_folder() / "notebooks/02_consistency.py"
    with pytest.raises(FileNotFoundError, match="holds no sweep"):
        open_sweep(tmp_path)
    notebook.write_text(TINY.replace("n = 2", "m = 2"))
    with pytest.raises(ValueError, match="no parameter 'n' any more"):
        begin_sweep(notebook, [], folder)
    notebook.unlink()
    with pytest.raises(FileNotFoundError, match="no such file any more"):
        open_sweep(folder)


def test_notebooks_of_older_formats_and_with_magics(tmp_path):
    code = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "outputs": []}
    third = code | {"input": "%matplotlib inline\nn = 1", "language": "python", "collapsed": False, "prompt_number": 1}
    fourth = code | {"source": "%matplotlib inline\nn = 1", "execution_count": None}
    for content in (
        {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "x"}, "worksheets": [{"cells": [third]}]},
        {"nbformat": 4, "nbformat_minor": 2, "metadata": {}, "cells": [fourth]},
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [fourth | {"id": "a"}]},
    ):
        path = tmp_path / "any.ipynb"
        path.write_text(json.dumps(content))
        assert {name: entry.default for name, entry in sweep.parameters_of(path).items()} == {"n": 1}


# --- the command line


@pytest.fixture
def started(client, monkeypatch):
    asked = []

    @contextmanager
    def open_client(**options):
        asked.append(options)
        yield client

    monkeypatch.setattr(workers, "open_client", open_client)
    return asked


def test_commands(run, notebook, folder, started, tmp_path):
    code, out, err = run("sweep", notebook, "-p", "n=2:4", "-p", "word=x", "--jobs", 3, "--out", folder)
    assert (code, out) == (1, "tiny: 2 done, 1 failed, 0 open\n")
    assert "3/3" in err
    assert "failed: n = 3, word = 'x': KeyError: 'three' (see " in err
    assert err.endswith("Run the same command again with --again to do those that failed again.\n")
    assert started == [{"workers": 3, "scheduler": None, "dashboard": "localhost:0", "certificates": None}]
    grid = tmp_path / "grid.yaml"
    grid.write_text("n: [5]\n")
    assert run("sweep", "run", notebook, "--grid", grid, "--scheduler", "tcp://a:1", "--out", folder)[0] == 1
    where = {"scheduler": "tcp://a:1", "dashboard": "localhost:0", "certificates": None}
    assert started[1:] == [{"workers": None} | where]
    assert run("sweep", notebook, "--out", folder)[0] == 1
    assert len(started) == 2, "no worker is started for nothing"
    assert run("sweep", notebook, "--again", "--out", folder)[0] == 1
    assert len(started) == 3
    code, out, err = run("sweep", "status", folder)
    assert (code, out) == (0, "tiny: 3 done, 1 failed, 0 open\n")
    assert err.count("failed: ") == 1
    for table in (tmp_path / "t.csv", tmp_path / "t.parquet"):
        assert run("sweep", "collect", folder, "--out", table)[:2] == (0, f"4 rows of 4 runs, written to {table}\n")
    read = pd.read_csv(tmp_path / "t.csv", keep_default_na=False)
    assert read["n"].tolist() == [2, 3, 4, 5]
    assert read["word"].tolist() == ["x", "x", "x", "a"]
    both = (pd.read_parquet(tmp_path / "t.parquet").replace("", None), pd.read_csv(tmp_path / "t.csv"))
    pd.testing.assert_frame_equal(*(frame.astype(object).where(frame.notna(), None) for frame in both))
    code, out, err = run("sweep", "collect", folder, "--table", "t", "--out", tmp_path / "rows.csv")
    assert (code, err) == (0, "not in the table: 1 run, failed\n")
    assert len(pd.read_csv(tmp_path / "rows.csv")) == 6


def test_a_number_against_parameters(rng):
    """By the artists: each line has the runs of one combination, in the order of the axis, with their intervals."""
    rows = pd.DataFrame(
        [(floor, policy, 0.5) for policy in ("complete", "zero") for floor in (0.2, 0.0, 0.1)],
        columns=["floor", "policy", "share"],
    )
    rows["rho"] = rng.normal(size=6)
    rows["rho_low"], rows["rho_high"] = rows["rho"] - 0.1, rows["rho"] + 0.2
    rows["run"] = [*"abcdef"]
    rows.loc[6] = [0.3, "zero", 0.5, np.nan, np.nan, np.nan, "g"]  # it failed
    names = ["floor", "policy", "share"]
    axes = plot_sweep(rows, "rho", parameters=names).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("floor", "rho")
    assert [line.get_label() for line in axes.lines] == ["policy = complete", "policy = zero"]
    for line, policy in zip(axes.lines, ("complete", "zero"), strict=True):
        expected = rows[rows["policy"] == policy].dropna().sort_values("floor")
        assert line.get_xdata().tolist() == [0.0, 0.1, 0.2]
        assert line.get_ydata().tolist() == expected["rho"].tolist()
    ends = [segment[:, 1].tolist() for segment in axes.collections[0].get_segments()]
    first = rows[rows["policy"] == "complete"].sort_values("floor")
    assert ends == first[["rho_low", "rho_high"]].to_numpy().tolist()
    axes = plot_sweep(rows, "rho", parameters=names, against="policy").axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["complete", "zero"]
    assert len(axes.lines) == 3
    assert constants(rows) == {"share": 0.5}
    assert constants(rows.head(1)) == {}
    for arguments, said in (
        (("r", names, ""), "no run has a number 'r'. There are: rho."),
        (("rho", names, "rho"), "'rho' is no parameter of this sweep. There are: floor, policy, share."),
        (("rho", ["share"], ""), "no parameter varies"),
    ):
        number, parameters, against = arguments
        with pytest.raises(ValueError, match=re.escape(said)):
            plot_sweep(rows.drop(columns=[] if len(parameters) > 1 else ["floor", "policy"]), number,
                       parameters=parameters, against=against)  # fmt: skip
    many = pd.DataFrame({"a": range(2 * MOST + 2), "b": [*range(MOST + 1)] * 2, "x": 0.0, "run": ""})
    with pytest.raises(ValueError, match=f"{MOST + 1} lines, one for each combination of b"):
        plot_sweep(many, "x", parameters=["a", "b"])


def test_the_screen_has_what_varies_and_a_figure_is_drawn(run, notebook, folder, started, tmp_path, monkeypatch):
    run("sweep", notebook, "-p", "n=1,2", "-p", "word=x", "--out", folder)
    code, out, err = run("sweep", "collect", folder)
    assert code == 0
    assert "the same in all: word = x, status = done, synthetic = False" in err
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    out = run("sweep", "collect", folder)[1]
    assert re.sub(r"\x1b\[\d*m", "", out.splitlines()[1]).split() == ["n", "twice", "glued_n", "odd"]
    monkeypatch.undo()
    figure = tmp_path / "twice.svg"
    code, out, err = run("sweep", "plot", folder, "twice", "--out", figure)
    assert (code, out) == (0, f"twice of 2 runs, drawn to {figure}\n")
    assert figure.read_text().startswith("<?xml")
    code, _, err = run("sweep", "plot", folder, "thrice", "--out", figure)
    assert (code, "There are: twice, glued_n" in err) == (2, True)
    code, _, err = run("sweep", "plot", folder, "twice", "--out", tmp_path / "t.csv")
    assert (code, ".csv is no format" in err) == (2, True)


def test_commands_say_what_is_outdated_and_open(run, notebook, folder, started, tmp_path):
    run("sweep", notebook, "-p", "n=1,2", "--out", folder)
    notebook.write_text(TINY + "\n# more\n")
    code, out, err = run("sweep", "status", folder)
    assert out == "tiny: 0 done, 0 failed, 2 open\noutdated, not counted: 2, as since then there changed: notebook\n"
    table = tmp_path / "t.csv"
    code, out, err = run("sweep", "collect", folder, "--out", table)
    assert (code, table.exists()) == (1, False)
    assert "nothing to collect" in err
    code, _, err = run("sweep", "collect", folder, "--outdated", "--out", table)
    assert (code, err) == (0, "not in the table: 2 runs, open\n")
    assert pd.read_csv(table)["current"].tolist() == [False, False]
    run("sweep", notebook, "--out", folder)
    code, _, err = run("sweep", "collect", folder, "--out", table)
    assert err == "not in the table: 2 runs, outdated, as since then there changed: notebook\n"
    assert len(pd.read_csv(table)) == 2
    run("sweep", notebook, "-p", "n=7", "--out", folder)
    (folder / "runs" / list(plan(open_sweep(folder)))[-1] / "run.json").unlink()
    assert re.search(
        r"2 done, 0 failed, 1 open\n.*\nabout \d+ seconds of one process left", run("sweep", "status", folder)[1]
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-p", "colour=1"), "no parameter 'colour'. It has:\n  n = 2\n  word = 'a'\n"),
        (("-p", "kind=c"), "kind = 'c' is none of 'a', 'b'."),
        (("-p", "n=a"), "n = 'a' (str): the notebook has n = 2 (int)"),
        ((), "nothing to vary: set parameters of tiny.py with -p"),
        (("-p", "n=1", "--jobs", 1, "--scheduler", "tcp://a:1"), "give one of them"),
    ],
)
def test_what_the_command_refuses(run, notebook, folder, started, arguments, said):
    code, out, err = run("sweep", notebook, *arguments, "--out", folder)
    assert (code, out) == (2, "")
    assert err.startswith("yardsticks: ")
    assert said in err
    assert not folder.exists()
    assert started == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04", "x.csv: the ZIP is cut off"),
        (b"", "x.csv: the file is empty"),
        (b"model,a\nx,lots\ny,.1\n", "x.csv: row 2, column 'a': 'lots'"),
        (None, "x.csv' is neither a file nor a registered table"),
    ],
)
def test_scores_that_cannot_be_read_are_refused_before_anything_runs(run, notebook, folder, started, content, said):
    code = TINY.replace("n = 2\n", 'n = 2\nscores = ""\n')
    notebook.write_text(code + "if scores:\n    ys.open_scores(scores)\n")
    file = notebook.with_name("x.csv")
    if content is not None:
        file.write_bytes(content)
    good = notebook.with_name("good.csv")
    good.write_text("model,a\nx,.2\ny,.1\n")
    asked = ("sweep", notebook, "-p", f"scores={good},{file}", "--out", folder)
    told = run(*asked)
    assert told[:2] == (2, "")
    assert said in told[2]
    assert told == run("consistency", file, "--policy", "complete")  # in the same words
    assert (folder.exists(), started) == (False, [])
    notebook.write_text(code)  # which reads its file in its own way
    assert begin(notebook, folder, f"scores={good},{file}").names == ["scores"]


def test_collect_refuses(run, notebook, folder, tmp_path):
    begin(notebook, folder, "n=1")
    for arguments, said in (
        (("--out", tmp_path / "t.xlsx"), ".xlsx is no format that this command writes"),
        (("--out", tmp_path / "t.csv", "--table", "t", "--times"), "give one of them"),
    ):
        code, _, err = run("sweep", "collect", folder, *arguments)
        assert (code, said in err) == (2, True)
    assert run("sweep", "--help")[0] == 0
    assert "status" in run("sweep", "--help")[1]


@pytest.mark.parametrize(
    ("error", "said"), [(KeyboardInterrupt(), "same command again"), (RuntimeError("gone"), "gone")]
)
def test_interruptions_are_told_in_words(run, notebook, folder, monkeypatch, error, said):
    def broken(**options):
        raise error

    monkeypatch.setattr(workers, "open_client", broken)
    code, out, err = run("sweep", notebook, "-p", "n=1", "--out", folder)
    assert (code, out) == (1, "")
    assert said in err


def test_told_to_end(run, notebook, folder, started, client, end, monkeypatch):
    monkeypatch.setattr(workers, "_AHEAD", 1)
    perform = run_module.perform

    def told(asked, folder, **options):
        if len(client.performed) == 2:
            end()
        return perform(asked, folder, **options)

    monkeypatch.setattr(run_module, "perform", told)
    code, out, err = run("sweep", notebook, "-p", "n=4:8", "--out", folder)
    assert (code, out) == (1, "")
    assert err.endswith("Interrupted. What was finished is written; run the same command again to go on.\n")
    assert run("sweep", "status", folder)[1].startswith("tiny: 2 done, 0 failed, 3 open\n")
    monkeypatch.setattr(run_module, "perform", perform)
    assert run("sweep", notebook, "--out", folder)[:2] == (0, "tiny: 5 done, 0 failed, 0 open\n")
    assert len(client.performed) == 5, "what was done is not done again"
    assert not list((folder / "runs").glob(".*"))


# --- with kernels and workers


def alive(process: str) -> bool:
    try:
        with open(f"/proc/{process}/stat") as handle:
            return handle.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_told_to_end_and_killed_half_way_and_resumed(notebook, folder, tmp_path, client):
    count, log = tmp_path / "count", tmp_path / "log"
    options = ["-p", "n=4:6", "-p", "word=a,b", "-p", "wait=0.3"]
    line = [sys.executable, "-c", "from yardsticks.cli import main; main()", "sweep", notebook, "--out", folder]
    environment = os.environ | {"COUNT": str(count)}

    def finished():
        return {path.parent.name: path.stat().st_mtime_ns for path in (folder / "runs").glob("[!.]*/run.json")}

    def counted():
        return count.read_text().splitlines() if count.exists() else []

    stop = time.monotonic() + 900
    for least, number in ((1, signal.SIGTERM), (3, signal.SIGKILL)):
        with open(log, "w") as handle:
            process = subprocess.Popen([*line, *options, "--jobs", "2"], stdout=handle, stderr=handle, env=environment)
        try:
            while len(finished()) < least:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < stop, log.read_text()
                time.sleep(0.02)
            process.send_signal(number)
            assert process.wait(60) == (1 if number == signal.SIGTERM else -number)
        finally:
            process.kill()
            process.wait()
        kernels_and_workers = set(" ".join(path.read_text() for path in tmp_path.glob("by-*")).split())
        while any(map(alive, kernels_and_workers)):
            assert time.monotonic() < stop, f"{number} left processes behind"
            time.sleep(0.05)
        assert ("run the same command again to go on" in log.read_text()) == (number == signal.SIGTERM)
    before = finished()
    asked = open_sweep(folder)
    planned = plan(asked)
    assert len(planned) == 6
    assert 3 <= len(before) < 6
    done = [f"{planned[name].parameters['n']} {planned[name].parameters['word']}" for name in before]
    resumed = subprocess.run([*line, "--jobs", "2"], capture_output=True, text=True, env=environment)
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout == "tiny: 6 done, 0 failed, 0 open\n"
    assert f"{len(before)}/6" in resumed.stderr
    assert {name: finished()[name] for name in before} == before
    lines = counted()
    assert all(lines.count(run) == 1 for run in done)
    assert len(set(lines)) == 6
    assert len(lines) <= 6 + 4, "only what was under way when the sweep was stopped"
    log = (folder / "runs" / next(iter(planned)) / "log.txt").read_text()
    assert "hello" in log
    undisturbed = begin(notebook, tmp_path / "undisturbed", *options[1::2])
    do(undisturbed, client)
    pd.testing.assert_frame_equal(collect(asked), collect(undisturbed), check_exact=True)
    pd.testing.assert_frame_equal(stack(asked, "t"), stack(undisturbed, "t"), check_exact=True)
