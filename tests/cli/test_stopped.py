"""Commands of studies that are told to end: what is finished is written, and the same command goes on from there.

The signal is a real one; the only worker is this process. `tests/recovery/studies/test_cluster.py` has real ones.
"""

from contextlib import contextmanager
from types import SimpleNamespace

import pandas as pd
import pytest

from yardsticks import workers
from yardsticks.recovery.studies import cluster, jobs, store
from yardsticks.recovery.studies.finished import collect
from yardsticks.recovery.studies.store import open_study, read_ledger
from yardsticks.recovery.studies.tables import read_table

SMALL = 'base = "smoke"\nname = "tiny"\nmodels = ["toy-a1", "toy-a2"]\nsizes = [40]\nn_seeds = [2]\nn_noise_free = 50\n'
STUDY = f"{SMALL}strengths = [1.0]\n"
DESIGN = f"""{SMALL}
[factors.components]
4 = {{ components = 4 }}
8 = {{ components = 8 }}

[factors.strengths]
low = {{ strengths = [1.0] }}
high = {{ strengths = [0.1] }}
"""
SAID = "Interrupted. What was finished is written; run the same command again to go on.\n"


class Here:
    """A client whose only worker is this process; before the job with this number, from 0, something happens."""

    status = "running"
    dashboard_link = "http://here"

    def __init__(self):
        self.begun, self.before = 0, {}

    def submit(self, function, *arguments, **options):
        if function is cluster._do:
            self.before.pop(self.begun, lambda: None)()
            self.begun += 1
        result, error = None, None
        try:
            result = function(*arguments)
        except Exception as raised:
            error = raised
        told = {"done": True, "result": result, "exception": error}
        asked = {name: lambda value=value: value for name, value in told.items()}
        return SimpleTask(status="error" if error else "finished", **asked)


class SimpleTask(SimpleNamespace):
    __hash__ = object.__hash__


@pytest.fixture
def client(monkeypatch):
    made = Here()

    @contextmanager
    def open_client(**options):
        yield made

    monkeypatch.setattr(workers, "open_client", open_client)
    monkeypatch.setattr(workers, "_AHEAD", 1)
    return made


@pytest.fixture
def asked(tmp_path):
    for name, text in {"study.toml": STUDY, "design.toml": DESIGN}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_run(run, asked, client, end):
    command = ("recovery", "run", asked / "study.toml", "--out", asked / "study")
    client.before = {2: end}
    code, out, err = run(*command)
    assert (code, out) == (1, ""), err
    assert err.endswith(SAID), err
    study = open_study(asked / "study")
    assert len(read_ledger(study).seconds) == 2
    assert not (study.folder / ".run").exists()
    assert run(*command)[:2] == (0, "tiny: 4 done, 0 failed, 0 open\n")
    assert client.begun == 4, "what was done is not done again"


def test_while_a_shard_is_written(run, asked, client, end, monkeypatch):
    write = store.write_whole

    def told(path, content):
        monkeypatch.setattr(store, "write_whole", write)
        end()
        write(path, content)

    client.before = {3: lambda: monkeypatch.setattr(store, "write_whole", told)}
    monkeypatch.setattr(store, "_FLUSH", 0.0)
    assert run("recovery", "run", asked / "study.toml", "--out", asked / "study")[0] == 1
    assert len(read_ledger(open_study(asked / "study")).seconds) == 4


def test_factorial(run, asked, client, end):
    table = asked / "table.parquet"
    command = ("recovery", "factorial", asked / "design.toml", "--out", asked / "cells", "--table", table)
    client.before = {5: end}  # the second job of the second cell
    code, out, err = run(*command)
    assert (code, out) == (1, ""), err
    assert err.endswith(SAID), err
    done = [len(read_ledger(open_study(folder)).seconds) for folder in sorted((asked / "cells").iterdir())]
    assert sorted(done) == [1, 4]
    assert not table.exists()
    assert run(*command)[0] == 0
    assert client.begun == 8
    assert read_table(table)[0]["cell"].value_counts().tolist() == [8, 8]


@pytest.mark.parametrize("command", ["run", "run-job", "factorial"])
def test_other_code_is_told_in_words(run, asked, client, monkeypatch, command):
    of_command = {"run": (), "run-job": ("--index", 0), "factorial": ("--table", asked / "table.parquet")}
    settings = asked / ("design.toml" if command == "factorial" else "study.toml")
    line = ("recovery", command, settings, "--out", asked / "study", *of_command[command])
    assert run(*line)[0] == 0
    monkeypatch.setattr(store, "CODE", store.CODE | {"torch": "0.1"})
    code, out, err = run(*line)
    assert (code, out) == (1, "")
    assert "computed by other code (torch " in err
    assert "Traceback" not in err


# what ends a job from outside may come between the opening and the closing of a file
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_time_limit_of_a_factorial(run, asked, client):
    command = ("recovery", "factorial", asked / "design.toml", "--out", asked / "cells", "--table", asked / "t.parquet")
    assert run(*command, "--timeout", 0.0001)[0] == 1
    assert read_table(asked / "t.parquet")[0]["error"].str.startswith("TimeoutError: took longer than").all()


class TestRunJob:
    @pytest.fixture
    def command(self, asked):
        return ("recovery", "run-job", asked / "study.toml", "--out", asked / "study", "--index", 0)

    def test_in_the_job(self, run, asked, command, end, monkeypatch):
        monkeypatch.setattr(jobs, "run_job", lambda *arguments, **options: end())
        assert run(*command) == (1, "", f"\n{SAID}")
        assert not list((asked / "study").rglob("*.partial")) + list((asked / "study").glob("shards/*"))
        monkeypatch.undo()
        assert run(*command)[0] == 0

    def test_while_its_rows_are_written(self, run, asked, command, end, monkeypatch):
        write = store.write_whole

        def told(path, content):
            if path.parent.name == "shards":
                monkeypatch.setattr(store, "write_whole", write)
                end()
            write(path, content)

        monkeypatch.setattr(store, "write_whole", told)
        assert run(*command) == (1, "", f"\n{SAID}")
        study = open_study(asked / "study")
        assert len(read_ledger(study).seconds) == 1
        undisturbed = jobs.run_here(study.experiment, asked / "here")
        pd.testing.assert_frame_equal(collect(study), undisturbed.iloc[:2], check_exact=True)
