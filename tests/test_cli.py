"""The command line: what it passes on, what it says, and its exit codes."""

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
