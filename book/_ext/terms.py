"""Mark the first use of each glossary term on a page, so that its definition shows on hover and on focus.

A mark is a link to the glossary with the definition in it; `terms.js` shows that, and without scripts the link is left.
Only running text is marked: no headings, tables, captions, code or links.
"""

import html
import re
from functools import cache
from typing import NamedTuple

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

GLOSSARY = "book/glossary"
UNMARKED = ("book/api",)  # of docstrings
PROSE = (nodes.section, nodes.list_item, nodes.bullet_list, nodes.enumerated_list, nodes.definition, nodes.Admonition)
_ANCHOR = re.compile(r"glossary\.html#(term-[^\"]+)$")


class Term(NamedTuple):
    """A term of the glossary: its words (a form for each line of its entry), its anchor and its definition."""

    forms: tuple[str, ...]
    anchor: str
    definition: str


def read_terms(glossary: nodes.document) -> list[Term]:
    """Return the terms of a glossary's page; the definition is the first paragraph, as text."""
    found = []
    for item in glossary.findall(nodes.definition_list_item):
        terms = [child for child in item if isinstance(child, nodes.term)]
        for number, paragraph in enumerate(item.findall(nodes.paragraph)):
            if number == 0:
                said = paragraph.deepcopy()
                for cited in [node for node in said.findall(addnodes.pending_xref) if node["refdomain"] == "cite"]:
                    cited.parent.remove(cited)
                text = re.sub(r"\s+([.,;:])", r"\1", " ".join(said.astext().split()))
                found.append(Term(tuple(term.astext() for term in terms), terms[0]["ids"][0], text))
    return found


def pattern_of(terms: list[Term]) -> re.Pattern:
    """Return what finds a term in text, the longest first: in singular or plural, also at the start of a sentence."""

    def written(form: str) -> str:
        first = f"[{form[0].upper()}{form[0]}]" if form[0].islower() else re.escape(form[0])
        last = "(?:y|ies)" if form[-1] == "y" else f"{re.escape(form[-1])}(?:s|es)?"
        return first + re.escape(form[1:-1]) + last

    forms = [(form, number) for number, term in enumerate(terms) for form in term.forms]
    longest = sorted(forms, key=lambda entry: -len(entry[0]))
    return re.compile("|".join(rf"(?<![\w-])(?P<f{count}_{n}>{written(form)})(?![\w-])"
                               for count, (form, n) in enumerate(longest)))  # fmt: skip


def mark(page: nodes.document, terms: list[Term], pattern: re.Pattern, address: str) -> None:
    """Mark the first use of each term in a page's prose; `address` is that of the glossary, from this page."""
    numbers = {term.anchor: number for number, term in enumerate(terms)}
    seen: set[int] = set()

    def link(text: str, number: int) -> nodes.raw:
        term = terms[number]
        said = f'href="{html.escape(address)}#{term.anchor}" data-definition="{html.escape(term.definition)}"'
        return nodes.raw("", f'<a class="term" {said}>{html.escape(text)}</a>', format="html")

    for paragraph in list(page.findall(nodes.paragraph)):
        if not isinstance(paragraph.parent, PROSE) or _within_table(paragraph):
            continue
        for child in list(paragraph.children):
            if isinstance(child, nodes.reference):
                found = _ANCHOR.search(child.get("refuri", ""))
                number = numbers.get(found[1]) if found else None
                if number is not None and number not in seen:
                    seen.add(number)
                    paragraph.replace(child, link(child.astext(), number))
            elif isinstance(child, nodes.Text):
                parts, end, text = [], 0, str(child)
                for use in pattern.finditer(text):
                    number = int(use.lastgroup.partition("_")[2])
                    if number not in seen:
                        seen.add(number)
                        parts += [nodes.Text(text[end : use.start()]), link(use[0], number)]
                        end = use.end()
                if parts:
                    paragraph.replace(child, [part for part in [*parts, nodes.Text(text[end:])] if part.astext()])


def _within_table(node: nodes.Node) -> bool:
    while node := node.parent:
        if isinstance(node, nodes.table | nodes.figure | addnodes.desc | addnodes.glossary):
            return True
    return False


@cache
def _prepare(app: Sphinx) -> tuple[list[Term], re.Pattern]:
    terms = read_terms(app.env.get_doctree(GLOSSARY))
    return terms, pattern_of(terms)


def _mark(app: Sphinx, page: nodes.document, name: str) -> None:
    if app.builder.name != "html" or name in (GLOSSARY, *UNMARKED) or GLOSSARY not in app.env.found_docs:
        return
    mark(page, *_prepare(app), app.builder.get_relative_uri(name, GLOSSARY))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register for resolved pages, and bring the script and style of definitions."""
    app.connect("doctree-resolved", _mark, priority=900)
    app.add_js_file("terms.js", loading_method="defer")
    app.add_css_file("terms.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
