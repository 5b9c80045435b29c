"""The project's own notebooks: in sync with their sources, and fit to be stored."""

import ast
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest

from yardsticks.notebooks.pairs import pair_problems

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


def test_a_stored_notebook_reproduces_by_itself():
    """The twin's, whose data are the same everywhere; `make check` holds the others against the book's build."""
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "-p", "no:cacheprovider", "notebooks/00_twin.ipynb"]
    command += ["--nbval-sanitize-with", "tests/nbval_sanitize.cfg"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-1000:]
