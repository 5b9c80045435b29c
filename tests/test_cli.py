"""The command line: what it passes on, what it says, and its exit codes."""

import contextlib
import os
import sys

import pytest

from yardsticks import book, cli, datasets, notebooks


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command line as a user does; give the exit code and both streams."""

    def call(*arguments: str):
        monkeypatch.setattr(sys, "argv", ["yardsticks", *arguments])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        captured = capsys.readouterr()
        return stopped.value.code, captured.out, captured.err

    return call


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """Record what would be built."""
    made = []
    monkeypatch.setattr(book, "build_book", lambda *arguments: made.append(arguments) or tmp_path / "html/index.html")
    return made


def test_help_lists_the_commands(run):
    code, out, _ = run("--help")
    assert code == 0
    assert "book" in out
    code, out, _ = run("book", "--help")
    assert "build" in out
    assert "pairs" in out


def test_build_defaults(run, calls, tmp_path):
    code, out, _ = run("book", "build")
    assert code == 0
    assert calls == [(datasets.ROOT, datasets.ROOT / "_build", {}, None)]
    assert out.strip().endswith("html/index.html")


def test_build_own_scores(run, calls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "own.csv"
    own.write_text("x")
    run("book", "build", "--scores", str(own), "--workers", "2")
    run("book", "build", "--scores", str(own), "--out", "there")
    assert [call[1:] for call in calls] == [
        (datasets.ROOT / "_build/own", {"scores": own}, 2),
        (tmp_path / "there", {"scores": own}, None),
    ]


def test_build_refuses_what_it_cannot_use(run, calls, tmp_path):
    code, _, err = run("book", "build", "--scores", str(tmp_path / "absent.csv"))
    assert code == 2
    assert "does not exist" in err
    (tmp_path / "html").mkdir()
    code, _, err = run("book", "build", "--out", str(tmp_path))
    assert code == 2
    assert err.startswith("yardsticks: --out")
    assert calls == []


def test_errors_are_told_without_a_traceback(run, monkeypatch):
    def refuse(*arguments):
        raise FileNotFoundError("YARDSTICKS_DATA is set to 'x', and there is no such folder.")

    monkeypatch.setattr(datasets, "settled", lambda: contextlib.nullcontext(""))
    monkeypatch.setattr(book, "build_book", refuse)
    assert run("book", "build") == (2, "", "yardsticks: YARDSTICKS_DATA is set to 'x', and there is no such folder.\n")


def test_failures_exit_with_one(run, monkeypatch):
    def fail(*arguments):
        raise notebooks.BuildFailed("1 of 6 notebooks failed.")

    monkeypatch.setattr(book, "build_book", fail)
    monkeypatch.setattr(notebooks, "write_pairs", fail)
    code, _, err = run("book", "build")
    assert (code, "No book was built" in err) == (1, True)
    code, _, err = run("book", "pairs")
    assert (code, "No stored notebook was changed" in err) == (1, True)


def test_pairs_names_what_it_rewrote(run, monkeypatch):
    pair = datasets.ROOT / "notebooks/x.ipynb"
    monkeypatch.chdir(datasets.ROOT)
    monkeypatch.setattr(notebooks, "write_pairs", lambda root, workers: [pair])
    assert run("book", "pairs")[:2] == (0, "rewritten: notebooks/x.ipynb\n")
    monkeypatch.setattr(notebooks, "write_pairs", lambda root, workers: [])
    assert "up to date" in run("book", "pairs")[1]


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A machine without any data."""
    monkeypatch.delenv("YARDSTICKS_DATA", raising=False)
    monkeypatch.setenv("YARDSTICKS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def put(empty, monkeypatch):
    """Place a data set, with the right content or a wrong one."""

    def place(name, right=True):
        path = empty / datasets.registered()[name].path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"abc" if right else b"abd")
        if name in datasets.REGISTRY:
            monkeypatch.setitem(datasets.REGISTRY[name].sha256, "test", datasets.hashlib.sha256(b"abc").hexdigest())
        return path

    return place


def test_data_list(run, put):
    right, wrong, placed = put("brainscore-2024-01"), put("attention-map", right=False), put("things-triplets")
    code, out, err = run("data", "list")
    assert (code, err) == (0, "")
    table, _, below = out.partition("\n\n")
    lines = [line.split("\t") for line in table.splitlines()]
    assert lines[0] == ["name", "title", "here", "size", "licence"]
    assert [line[0] for line in lines[1:]] == list(datasets.registered())
    assert {line[0]: line[2] for line in lines[1:]} == {
        "brainscore-2024-01": f"real: {right}",
        "brainscore-2025-05": "missing",
        "attention-map": f"wrong hash: {wrong}",
        "things-triplets": f"real: {placed}",
        "recovery-archive": "missing",
    }
    assert lines[1][3:] == ["3,528,658 B", "none stated upstream"]
    assert below.startswith("recovery-archive: ")
    assert datasets.registered()["recovery-archive"].path in below
    assert "things-triplets" not in below


def test_data_list_on_a_terminal_shows_names_and_paths_whole(run, put, monkeypatch):
    path = put("brainscore-2024-01")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.setenv("TERM", "dumb")  # no codes for colours
    code, out, _ = run("data", "list")
    assert code == 0
    lines = out.partition("\nrecovery-archive: ")[0].splitlines()
    assert all(f" {name} " in out for name in datasets.registered())
    heading = next(line for line in lines if "here" in line)
    column = slice(heading.index("here"), heading.index("size"))
    assert str(path) in "".join(line[column].strip() for line in lines)


def test_data_path(run, put):
    path = put("brainscore-2025-05")
    assert run("data", "path", "brainscore-2025-05") == (0, f"{path}\n", "")
    for name, told in {
        "brainscore-2024-01": "yardsticks data pull brainscore-2024-01",
        "things-triplets": "https://osf.io/f5rn6",
        "nothing": "Registered: brainscore-2024-01",
    }.items():
        code, out, err = run("data", "path", name)
        assert (code, out) == (2, "")
        assert err.startswith("yardsticks: ")
        assert told in err
    put("attention-map", right=False)
    code, out, err = run("data", "path", "attention-map")
    assert (code, out) == (2, "")
    assert "is not the registered attention-map" in err


def test_data_pull(run, put, monkeypatch):
    path = put("brainscore-2025-05")
    assert run("data", "pull", "brainscore-2025-05") == (0, f"brainscore-2025-05\t{path}\n", "")
    code, out, err = run("data", "pull")
    assert (code, out) == (1, "")
    assert err.splitlines()[0] == "not downloaded:"
    assert [line.split(":")[0] for line in err.splitlines()[1:]] == ["brainscore-2024-01", "attention-map"]
    assert "YARDSTICKS_OFFLINE" in err
    code, _, err = run("data", "pull", "nothing")
    assert (code, "Registered: brainscore-2024-01" in err) == (2, True)


def test_data_verify(run, put):
    assert run("data", "verify") == (0, "name\thash\tfile\n", "")
    right, placed = put("brainscore-2024-01"), put("things-triplets")
    code, out, err = run("data", "verify")
    assert (code, err) == (0, "")
    expected = [f"brainscore-2024-01\tcorrect\t{right}", f"things-triplets\tno hash is known\t{placed}"]
    assert out.splitlines()[1:] == expected
    wrong = put("attention-map", right=False)
    code, out, err = run("data", "verify")
    assert code == 1
    assert f"attention-map\tWRONG\t{wrong}" in out.splitlines()
    assert f"{wrong} is not the registered attention-map" in err
    assert str(right) not in err


def test_a_build_settles_its_data_before_it_starts(run, empty, monkeypatch):
    events = []

    def locate(name):
        events.append(name)
        return None, None

    def build(*arguments):
        events.append(f"build, offline {os.environ['YARDSTICKS_OFFLINE']}")
        return empty / "index.html"

    monkeypatch.setenv("YARDSTICKS_OFFLINE", "0")
    monkeypatch.setattr(datasets, "locate", locate)
    monkeypatch.setattr(book, "build_book", build)
    monkeypatch.setattr(notebooks, "write_pairs", lambda *arguments: build() and [])
    for command in ("build", "pairs"):
        code, _, err = run("book", command)
        assert code == 0
        assert events == [*datasets.REGISTRY, "build, offline 1"]
        assert err.startswith("not downloaded:\nbrainscore-2024-01")
        assert os.environ["YARDSTICKS_OFFLINE"] == "0"
        events.clear()
