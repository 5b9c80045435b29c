"""The package alone, without extras and outside a clone: what it does there, and how it says what it cannot."""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pandas as pd
import pytest
import typer

from yardsticks import cli, datasets

ROOT = Path(__file__).resolve().parents[1]
SCORES = "model,Rajalingham2018-i2n,MajajHong2015.IT-pls,mine\na,.1,.2,.3\nb,.4,.1,.2\nc,.3,.5,\nd,.2,.4,.1\n"
BUILD = """
import sys
from setuptools import build_meta
print(getattr(build_meta, sys.argv[1])(sys.argv[2]))
"""


def call(*command, cwd: Path) -> subprocess.CompletedProcess:
    """Run a program as somebody who never saw the project would."""
    ours = ("YARDSTICKS", "PYTHON", "VIRTUAL_ENV")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    env |= {"YARDSTICKS_CACHE": str(cwd / "cache"), "YARDSTICKS_OFFLINE": "1"}
    return subprocess.run([*map(str, command)], cwd=cwd, env=env, capture_output=True, text=True)


def build(what: str, source: Path, out: Path) -> Path:
    built = call(sys.executable, "-c", BUILD, f"build_{what}", out, cwd=source)
    assert built.returncode == 0, built.stderr[-2000:]
    return out / built.stdout.split()[-1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, made from the archive of sources, which is made from a copy: building leaves things in its folder."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (folder / "copy").mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / "copy")
    for name in ("src", "data"):
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / name, folder / "copy" / name, symlinks=True, ignore=ignored)
    with tarfile.open(build("sdist", folder / "copy", folder)) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.glob("yardsticks-*/")
    return build("wheel", source, folder)


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory) -> Path:
    """An environment with the wheel and what it requires, in the versions of the lock; its folder of programs."""
    folder = tmp_path_factory.mktemp("bare")
    made = call(sys.executable, "-m", "venv", "--without-pip", folder / "env", cwd=folder)
    assert made.returncode == 0, made.stderr
    programs = folder / "env" / "bin"
    python, uv = programs / "python", Path(sys.executable).with_name("uv")  # which make brings, and conda does not
    pip = [sys.executable, "-m", "pip", "--python", python, "install"]
    install = [uv, "pip", "install", "--python", python] if uv.exists() else pip
    done = call(*install, "-c", ROOT / "requirements.txt", wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    return programs


@pytest.fixture
def yardsticks(bare, tmp_path):
    """Run the command line in an empty folder."""
    (tmp_path / "empty").mkdir()
    return lambda *arguments: call(bare / "yardsticks", *arguments, cwd=tmp_path / "empty")


def commands(group: typer.core.TyperGroup, *before: str) -> list[tuple[str, ...]]:
    found = [before]
    for name, command in group.commands.items():
        found += commands(command, *before, name) if hasattr(command, "commands") else [(*before, name)]
    return found


def test_only_the_core_is_there(bare, tmp_path):
    absent = ["torch", "pyarrow", "dask", "distributed", "papermill", "jupytext", "jupyter_book", "IPython", "pytest"]
    code = f"import importlib.util as i; print([name for name in {absent} if i.find_spec(name)])"
    assert call(bare / "python", "-c", code, cwd=tmp_path).stdout == "[]\n"


def test_every_file_of_ours_is_there(bare):
    (installed,) = bare.parent.glob("lib/*/site-packages/yardsticks")
    ours = {path.relative_to(ROOT / "src/yardsticks") for path in (ROOT / "src/yardsticks").rglob("*.py")}
    ours |= {"data" / path.relative_to(datasets.OURS) for path in datasets.OURS.rglob("*") if path.is_file()}
    there = {path.relative_to(installed) for path in installed.rglob("*") if path.is_file()}
    assert {path for path in there if "__pycache__" not in path.parts} == ours


@pytest.mark.parametrize("words", commands(typer.main.get_command(cli.app)), ids=" ".join)
def test_every_command_has_help(yardsticks, words):
    shown = yardsticks(*words, "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "Usage" in shown.stdout


def test_scores_are_analysed_in_an_empty_folder(yardsticks, tmp_path):
    table = tmp_path / "empty/t.csv"
    table.write_text(SCORES)
    done = yardsticks("consistency", "t.csv", "--policy", "pairwise", "--out", "o.csv")
    assert (done.returncode, done.stderr) == (0, "")
    pairs = pd.read_csv(table.with_name("o.csv")).set_index(["metric_a", "metric_b"])
    assert pairs["n"].to_dict() == {
        ("MajajHong2015.IT-pls", "Rajalingham2018-i2n"): 4,
        ("Rajalingham2018-i2n", "mine"): 3,
        ("MajajHong2015.IT-pls", "mine"): 3,
    }
    done = yardsticks("integrate", "t.csv", "--policy", "zero", "--scheme", "mean", "--out", "r.csv")
    assert (done.returncode, done.stderr) == (0, "no intervals of ranks: they need 5 metrics, and there are 3\n")
    ranking = pd.read_csv(table.with_name("r.csv")).set_index("model_name")["score"]
    assert ranking.to_dict() == pytest.approx({"c": 0.4, "d": 0.3, "b": 0.25, "a": 0.15})


def test_data_are_listed(yardsticks):
    listed = yardsticks("data", "list")
    assert (listed.returncode, listed.stderr) == (0, "")
    lines = listed.stdout.splitlines()
    assert all(any(line.startswith(f"{name}\t") for line in lines) for name in datasets.registered())


def test_the_twin_and_the_printed_numbers_are_there(bare, tmp_path):
    code = (
        "import warnings; from yardsticks import make_twin; from yardsticks.claims import printed_numbers\n"
        "print(len(make_twin().values), len(printed_numbers('ahlert2024')) > 10)"
    )
    assert call(bare / "python", "-W", "error", "-c", code, cwd=tmp_path).stdout == "280 True\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["recovery", "plan", "smoke"], r"pip install 'yardsticks[recovery]'"),
        (["recovery", "run", "smoke", "--out", "study"], "pip install "),
        (["sweep", "02_consistency", "-p", "policy=complete"], "in a clone of the project"),
        (["book", "build"], "in a clone of the project"),
        (["book", "pairs"], "in a clone of the project"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_missing_is_told_in_a_sentence(yardsticks, tmp_path, words, told):
    tells(yardsticks(*words), told)
    assert [*(tmp_path / "empty").iterdir()] == []


@pytest.mark.parametrize("words", [["book", "build"], ["book", "pairs"], ["sweep", "02_consistency"]], ids=" ".join)
def test_a_clone_without_the_extra_of_the_book(bare, tmp_path, words):
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); from yardsticks.cli import main; main()"
    tells(call(bare / "python", "-c", code, *words, cwd=tmp_path), "pip install 'yardsticks[book]'")


def tells(done: subprocess.CompletedProcess, what: str) -> None:
    """Check that a command ended with one sentence, which says this."""
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.startswith("yardsticks: ")
    assert done.stderr.count("\n") == 1
    assert what in done.stderr
