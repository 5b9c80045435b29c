"""What stands below a chapter to run it again, and the notebook that any Jupyter shows."""

import json
import shlex
import sys
from pathlib import Path

import pytest

from yardsticks.book import again
from yardsticks.notebooks.grid import list_settings, read_parameters
from yardsticks.notebooks.keys import Run
from yardsticks.notebooks.sweep import parameters_of

ROOT = Path(__file__).resolve().parents[2]
CELL = """\
from typing import Literal

n = 2  # of | models
policy: Literal["complete", "zero"] = "complete"  # what is `missing`
limit: int | None = 5  # at most
"""


@pytest.fixture
def readable(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book/_ext")
    yield __import__("readable")
    sys.modules.pop("readable")


def run_of(tmp_path, **parameters) -> Run:
    source = tmp_path / "notebooks/x.py"
    source.parent.mkdir(exist_ok=True)
    source.write_text(f'# %% [markdown]\n# # X\n\n# %% tags=["parameters"]\n{CELL}')
    return Run(source, tmp_path / "runs/x", parameters)


def test_a_chapter_says_how_it_is_run_again(tmp_path):
    run = run_of(tmp_path)
    stage = tmp_path / "stage"
    stage.mkdir()
    (stage / "x.ipynb").write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    again.add_ways(run, stage)
    (cell,) = json.loads((stage / "x.ipynb").read_text())["cells"]
    assert (stage / "x.py").read_bytes() == run.source.read_bytes()
    assert "yardsticks sweep x -p policy=zero --out again" in cell["source"].splitlines()
    assert r"| `n` | 2 | of \| models | a whole number |" in cell["source"]
    assert r"| `policy` | \'complete\' | what is \`missing\` | \'complete\', \'zero\' |" in cell["source"]
    assert "| `limit` | 5 | at most | a whole number, or None |" in cell["source"]
    own = again.say_ways(run_of(tmp_path, policy="zero", n=3))
    assert "yardsticks sweep x -p policy=zero -p n=3 --out again" in own
    assert "| `n` | 3 |" in own


@pytest.mark.parametrize("source", sorted((ROOT / "notebooks").glob("*.py")), ids=lambda path: path.stem)
def test_each_chapter_s_command_is_one_that_runs(source):
    known = parameters_of(source)
    words = shlex.split(again.command(source.stem, known, {}))
    assert words[:3] == ["yardsticks", "sweep", source.stem]
    (setting,) = list_settings(known, words[words.index("-p") + 1 : -2])
    assert set(setting) <= set(known)


def test_markup_gives_way_to_what_it_stands_for(readable):
    book = readable.Book(
        values={"x": {"n": "7", "share": "0.256", "name": "'a*b'"}, "y": {"n": "1234"}},
        titles={"y": "2 · Why?", "x": "1 · X"},
        labels={"here": "A part"},
        figures={"figure-a": "Figure 3"},
        references={
            "a2024": ("Ahlert et al.", "2024", "Ahlert (2024). T"),
            "b1951": ("Arrow", "1951", "Arrow (1951). S"),
        },
    )
    source = (
        "(here)=\n# {glue:text}`n:d` of {glue:text}`y.ipynb::n:,d`, {glue:text}`share:.1%`, {glue:text}`name`\n\n"
        "```{glue:figure} a\n:name: figure-a\n:alt: An image; with more.\n\nThe {glue:text}`n:d`. "
        "[Table (CSV)](tables/t.csv)\n```\n\n"
        "See {doc}`y`, {doc}`this <../notebooks/y>`, {term}`probes <probe>`, {math}`r^2`, {numref}`figure-a`, "
        "{ref}`here`, {ref}`below <here>`, {cite:t}`a2024`, {cite:p}`a2024,b1951`.\n\n"
        ":::{admonition} Again\n:class: dropdown\n\n<a href=\"u\" download>A page</a>, [source](x.py)\n:::\n"
    )  # fmt: skip
    notebook = {"cells": [{"cell_type": "markdown", "metadata": {}, "source": source}]}
    assert readable.describe_figures(notebook) == {"a": "An image; with more."}
    readable.make_readable(notebook, "x", book)
    text, references = (cell["source"] for cell in notebook["cells"])
    assert text == (
        "# 7 of 1,234, 25.6%, a\\*b\n\n**Figure 3.** The 7. Table (CSV) (`tables/t.csv`)\n\n"
        "See *2 · Why\\?*, this, probes, $r^2$, Figure 3, *A part*, below, Ahlert et al. (2024), "
        "(Ahlert et al., 2024; Arrow, 1951).\n\n---\n\n**Again**\n\nA page, source (`x.py`)\n"
    )
    assert references == "## References\n\n- Ahlert (2024). T\n- Arrow (1951). S"


def test_a_parameter_without_a_comment_has_no_meaning():
    assert [entry.meaning for entry in read_parameters(CELL).values()] == [
        "of | models",
        "what is `missing`",
        "at most",
    ]
