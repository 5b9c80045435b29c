"""The glossary: what a page's words are linked to, and that the words of the project are in it."""

import importlib.util
import re
from pathlib import Path

import pytest
from docutils import nodes

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = (ROOT / "book/glossary.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ext():
    spec = importlib.util.spec_from_file_location("terms_of_the_book", ROOT / "book/_ext/terms.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def page(*parts) -> nodes.document:
    from docutils.utils import new_document

    document = new_document("page")
    document += nodes.section("", nodes.title("", "A metric"), *parts)
    return document


def marked(document) -> list[tuple[str, str]]:
    links = [node.astext() for node in document.findall(nodes.raw)]
    return [re.search(r'glossary\.html#([\w-]+)".*>(.*)</a>', link).groups() for link in links]


def test_the_first_use_in_prose_is_marked_and_no_other(ext):
    terms = [
        ext.Term(("score",), "term-score", "A <number>."),
        ext.Term(("raw score",), "term-raw", "Before."),
        ext.Term(("policy",), "term-policy", "A rule."),
        ext.Term(("VICE",), "term-VICE", "An embedding."),
        ext.Term(("leaf",), "term-leaf", "An end."),
    ]
    table = nodes.table("", nodes.tgroup("", nodes.tbody("", nodes.row("", nodes.entry("", paragraph("a leaf"))))))
    known = nodes.reference("", "Policies", refuri="../book/glossary.html#term-policy")
    document = page(
        table,
        nodes.figure("", nodes.caption("", "a leaf")),
        nodes.paragraph("", "", nodes.literal("", "leaf"), nodes.Text(" scoreboard, vice, a raw-score or underscores")),
        paragraph("Raw scores and a score. Scores again; VICE's."),
        nodes.paragraph("", "", nodes.Text("See "), known, nodes.Text(" and a policy")),
        nodes.bullet_list("", nodes.list_item("", paragraph("the score"))),
    )
    before = document.astext()
    ext.mark(document, terms, ext.pattern_of(terms), "../book/glossary.html")
    assert marked(document) == [
        ("term-raw", "Raw scores"),
        ("term-score", "score"),
        ("term-VICE", "VICE"),
        ("term-policy", "Policies"),
    ]
    assert 'data-definition="A &lt;number&gt;."' in document.astext()
    assert re.sub(r"<[^>]*>", "", document.astext()) == before


def paragraph(text: str) -> nodes.paragraph:
    return nodes.paragraph("", "", nodes.Text(text))


WORDS = "wing job fold margin SPoSE VICE THINGS cell generator candidate ceiling policy scheme strength seed twin"


@pytest.mark.parametrize("word", WORDS.split())
def test_a_word_of_the_project_is_in_the_glossary(word):
    entries = re.findall(r"^(\w.*)$", GLOSSARY.partition("```{glossary}")[2], re.MULTILINE)
    assert any(word in entry.split() for entry in entries)
