"""Make of a staged notebook one that any Jupyter shows: numbers, captions and names in place of the book's markup."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from myst_nb.core.variables import format_plain_text
from sphinx.application import Sphinx

from yardsticks.literal import in_markdown

FIGURE = re.compile(r"```\{glue:figure\} *(\S+)\n((?::[^\n]*\n)*)\n?(.*?)\n?```", re.DOTALL)
ROLE = re.compile(r"\{([a-z:]+)\}`([^`]*)`")
ADMONITION = re.compile(r"^:::\{admonition\} *([^\n]*)\n((?::[^\n]*\n)*)(.*?)^:::$", re.DOTALL | re.MULTILINE)
NOTE = re.compile(r"^:::\{note\}\n(.*?)^:::$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"\[([^\]]*)\]\((tables/[^)]*|[\w-]+\.py)\)")
TARGET = re.compile(r"^\([\w-]+\)=\n+", re.MULTILINE)
LINK = re.compile(r"<a [^>]*>([^<]*)</a>")
EXPLICIT = re.compile(r"(.*?)\s*<([^>]*)>$", re.DOTALL)


@dataclass
class Book:
    """What a notebook's markup points at, by name.

    Attributes
    ----------
    values : dict of str to dict of str to str
        What each notebook glued.
    titles : dict of str to str
        Of pages.
    labels, figures : dict of str to str
        Titles of sections, and figures with their numbers ("Figure 3"), by their labels.
    references : dict of str to tuple of str
        Authors, year and the whole reference, by key.
    """

    values: dict[str, dict[str, str]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    references: dict[str, tuple[str, str, str]] = field(default_factory=dict)


def glued(notebook: dict) -> dict[str, str]:
    """Return what an executed notebook glued, by name, as the text that it was kept as."""
    found = {}
    for output in [output for cell in notebook["cells"] for output in cell.get("outputs", [])]:
        name = output.get("metadata", {}).get("scrapbook", {}).get("name")
        texts = [text for kind, text in output.get("data", {}).items() if kind.endswith("text/plain")]
        if name and texts:
            found[name] = "".join(texts[0])
    return found


def make_readable(notebook: dict, name: str, book: Book) -> None:
    """Put what the markup of a notebook's prose stands for in its place, and list what is cited at the end."""
    cited: dict[str, str] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = read_aloud("".join(cell["source"]), name, book, cited)
    if cited:
        lines = ["## References", "", *(f"- {reference}" for _, reference in sorted(cited.items()))]
        last = {"id": "references", "cell_type": "markdown", "metadata": {}, "source": "\n".join(lines)}
        notebook["cells"].append(last)


def describe_figures(notebook: dict) -> dict[str, str]:
    """Return the description of each figure of a notebook, by the name under which it was glued."""
    text = "\n\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    found = {}
    for key, options, _ in FIGURE.findall(text):
        if said := re.search(r"^:alt: (.*)$", options, re.MULTILINE):
            found[key] = said[1]
    return found


def read_aloud(text: str, name: str, book: Book, cited: dict[str, str]) -> str:
    """Return the Markdown of a cell without markup of the book's own; `cited` receives the references."""

    def caption(found: re.Match) -> str:
        label = re.search(r"^:name: *(\S+)", found[2], re.MULTILINE)
        number = book.figures.get(label[1] if label else "", "Figure")
        return f"**{number}.** {found[3]}"

    def quoted(title: str, body: str) -> str:
        return f"---\n\n**{title}**\n\n{body.strip()}"

    text = TARGET.sub("", FIGURE.sub(caption, text))
    text = ADMONITION.sub(lambda found: quoted(found[1], found[3]), text)
    text = NOTE.sub(lambda found: quoted("Note", found[1]), text)
    text = LINK.sub(r"\1", FILE.sub(r"\1 (`\2`)", text))
    return ROLE.sub(lambda found: _say(found[1], found[2], name, book, cited) or found[0], text)


def _say(role: str, content: str, name: str, book: Book, cited: dict[str, str]) -> str:
    if role == "glue:text":
        return _number(content, name, book)
    if role in ("cite:t", "cite:p"):
        keys = [key.strip() for key in content.split(",")]
        cited.update({key: book.references[key][2] for key in keys})
        who = [book.references[key][:2] for key in keys]
        if role == "cite:t":
            return "; ".join(f"{authors} ({year})" for authors, year in who)
        return f"({'; '.join(f'{authors}, {year}' for authors, year in who)})"
    if role == "math":
        return f"${content}$"
    explicit = EXPLICIT.match(content)
    words, target = explicit.groups() if explicit else ("", content)
    if role == "doc":
        return words or f"*{in_markdown(book.titles[Path(target).name])}*"
    if role == "numref":
        return book.figures[target]
    if role == "ref":
        return words or f"*{in_markdown(book.labels[target])}*"
    return words or target if role == "term" else ""


def _number(content: str, name: str, book: Book) -> str:
    where, there, key = content.rpartition("::")
    key, _, form = key.partition(":")
    text = book.values[Path(where).stem if there else name][key]
    said = format_plain_text(text, form)  # as on the page
    return said if re.fullmatch(r"[-+.,%e\d]+", said) else in_markdown(said)


def gather(app: Sphinx, notebooks: dict[str, dict]) -> Book:
    """Collect from a built book, and its notebooks by name, what their markup points at."""
    standard, cite = app.env.get_domain("std"), app.env.get_domain("cite")
    book = Book(values={name: glued(notebook) for name, notebook in notebooks.items()})
    book.titles = {Path(page).name: title.astext() for page, title in app.env.titles.items()}
    for label, (page, anchor, *title) in {**standard.anonlabels, **standard.labels}.items():
        book.labels[label] = title[0] if title else label
        number = app.env.toc_fignumbers.get(page, {}).get("figure", {}).get(anchor)
        if number:
            book.figures[label] = f"Figure {'.'.join(map(str, number))}"
    for key, entry in cite.bibdata.data.entries.items():
        people = [" ".join(person.last_names) for person in entry.persons.get("author", [])]
        authors = people[0] if len(people) == 1 else " and ".join(people) if len(people) == 2 else f"{people[0]} et al."
        fields = {name: value.replace("{", "").replace("}", "") for name, value in entry.fields.items()}
        where = fields.get("journal") or fields.get("booktitle") or fields.get("publisher") or ""
        link = f"https://doi.org/{fields['doi']}" if "doi" in fields else ""
        link = link or (f"https://arxiv.org/abs/{fields['eprint']}" if "eprint" in fields else fields.get("url", ""))
        parts = [f"{', '.join(people)} ({fields['year']})", fields["title"], where, link]
        book.references[key] = (authors, fields["year"], ". ".join(part for part in parts if part))
    return book
