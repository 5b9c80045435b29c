"""The notebook that a page offers: what stands in place of the book's markup."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def readable(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book/_ext")
    yield __import__("readable")
    sys.modules.pop("readable")


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
