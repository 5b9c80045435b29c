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


def test_the_build_marks_what_the_pages_say(ext, tmp_path):
    """By Sphinx itself, on the glossary and a page of two sentences."""
    from sphinx.application import Sphinx

    (tmp_path / "book/_static").mkdir(parents=True)
    (tmp_path / "book/glossary.md").write_text(re.sub(r" ?\{cite:p\}`[^`]*`", "", GLOSSARY))
    (tmp_path / "index.md").write_text(
        "# Metrics\n\nOf a recovery study each job has 3 folds, and `folds` are {term}`folds <fold>`.\n\n"
        "```{toctree}\nbook/glossary\n```\n"
    )
    settings = {"extensions": ["myst_parser", "terms_of_the_book"], "myst_enable_extensions": ["dollarmath"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(__import__("sys").modules, "terms_of_the_book", ext)
        app = Sphinx(tmp_path, None, tmp_path / "html", tmp_path / "trees", "html", confoverrides=settings, status=None)
        app.build()
    html = (tmp_path / "html/index.html").read_text()
    found = re.findall(r'class="term" href="book/glossary\.html#([\w-]+)" data-definition="([^"]*)">([^<]*)<', html)
    assert [(anchor, word) for anchor, _, word in found] == [
        ("term-recovery-study", "recovery study"),
        ("term-job", "job"),
        ("term-fold", "folds"),
    ]
    assert all(definition.endswith(".") for _, definition, _ in found)
    glossary = (tmp_path / "html/book/glossary.html").read_text()
    assert all(f'id="{anchor}"' in glossary for anchor, _, _ in found)
