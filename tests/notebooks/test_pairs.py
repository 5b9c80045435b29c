"""The project's own notebooks: in sync with their sources, fit to be stored, reproducible."""

import ast
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest

from yardsticks import datasets
from yardsticks.notebooks.keys import Run
from yardsticks.notebooks.pairs import pair_problems
from yardsticks.notebooks.run import run_all

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "notebooks").glob("*.py"))


def cells(path: Path) -> list[tuple]:
    return [(c.cell_type, c.source.rstrip(), tuple(c.metadata.get("tags", []))) for c in jupytext.read(path).cells]


def test_every_pair_has_a_source():
    assert SOURCES
    assert sorted((ROOT / "notebooks").glob("*.ipynb")) == [source.with_suffix(".ipynb") for source in SOURCES]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_pair_is_in_sync(source):
    assert cells(source) == cells(source.with_suffix(".ipynb")), "run make pairs"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_pair_is_fit_to_be_stored(source):
    assert pair_problems(source.with_suffix(".ipynb")) == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_source_opens_computes_and_plots_only(source):
    assert sum("parameters" in tags for _, _, tags in cells(source)) == 1
    code = "\n".join(text for kind, text, _ in cells(source) if kind == "code")
    forbidden = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While)
    found = [
        f"line {node.lineno}: {type(node).__name__}"
        for node in ast.walk(ast.parse(code))
        if isinstance(node, forbidden)
    ]
    assert found == [], "what needs this belongs in src"


# the stored pairs were made from all of the data that the notebooks use
STAND_INS = [name for name in datasets.fingerprint() if datasets.is_synthetic(name)]
real = pytest.mark.skipif(bool(STAND_INS), reason=f"not at hand: {', '.join(STAND_INS)}")
twin = pytest.mark.skipif(not STAND_INS, reason="the real data are at hand")


@real
def test_pairs_reproduce():
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "-p", "no:cacheprovider", "notebooks"]
    command += ["--nbval-sanitize-with", "tests/nbval_sanitize.cfg"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-1000:]


@twin
def test_every_notebook_runs_on_what_is_at_hand(tmp_path):
    runs = [Run(source, tmp_path / source.stem, {}) for source in SOURCES]
    assert run_all(ROOT, runs) == {}
