"""The built book as a reader gets it: `make check`."""

import base64
import gzip
import importlib
import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
import yaml
from oracles import pages as checks
from PIL import Image

from yardsticks import datasets
from yardsticks.notebooks.sweep import parameters_of

BUILD = Path(__file__).resolve().parents[2] / "_build"
DOORS = ("yardsticks", "yardsticks.scores", "yardsticks.recovery")
HTML, STAGE = BUILD / "html", BUILD / "stage"


@pytest.fixture(scope="session")
def pages():
    assert (HTML / "index.html").is_file(), "there is no book at _build/html: run make book"
    return checks.load_pages(HTML)


@pytest.fixture(scope="session")
def chapters() -> list[str]:
    toc = yaml.safe_load((STAGE / "_toc.yml").read_text())
    listed = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    return [toc["root"], *listed]


def gather(pages, check) -> list[str]:
    """Run a check on every page; say which page each problem is on."""
    return [f"{path.relative_to(HTML.resolve())}: {problem}" for path, page in pages.items() for problem in check(page)]


def test_every_chapter_has_a_page_with_a_heading_and_text(pages, chapters):
    for chapter in chapters:
        page = pages[(HTML / f"{chapter}.html").resolve()]
        assert page.find("article").find("h1") is not None, chapter
        assert len(checks.content(page).get_text(" ", strip=True)) > 200, chapter


def test_the_front_page_leads_to_the_introduction(pages, chapters):
    text = str(pages[(HTML / "index.html").resolve()])
    assert chapters[0] in text


def test_no_remote_asset(pages):
    assert gather(pages, checks.remote_assets) == []
    styles = {path.name: checks.remote_in_style(path.read_text(encoding="utf-8")) for path in HTML.rglob("*.css")}
    assert {name: found for name, found in styles.items() if found} == {}


def test_formulas_need_no_network():
    assert (HTML / "_static/mathjax/tex-svg.js").stat().st_size > 1_000_000


def test_no_broken_link_or_anchor(pages):
    problems = {path.relative_to(HTML.resolve()): checks.broken_links(path, pages) for path in pages}
    assert {str(path): found for path, found in problems.items() if found} == {}


def test_icons_are_of_the_one_font_that_the_book_has(pages):
    others = re.compile(r'class="[^"]*\b(?:fab|far|fa-brands|fa-regular)\b')
    assert [str(path) for path in pages if others.search(path.read_text(encoding="utf-8"))] == []
    assert [path.name for path in HTML.glob("_static/**/*.woff2") if path.name.startswith("fa-")] == [
        "fa-solid-900.woff2"
    ]


def test_the_book_is_small():
    assert sum(path.stat().st_size for path in HTML.rglob("*") if path.is_file()) < 20e6


def pixels(image: bytes) -> tuple[tuple[int, int], bytes]:
    opened = Image.open(io.BytesIO(image)).convert("RGB")
    return opened.size, opened.tobytes()


def seen(outputs: list) -> list:
    """Leave out what a notebook keeps for its prose, in which the offered one has it."""
    return [one for one in outputs if not one.get("data") or {*one.data} - {"application/papermill.record/text/plain"}]


def test_no_pixel_and_no_output_of_a_notebook_is_lost(pages):
    shown = {pixels(path.read_bytes()) for path in (HTML / "_images").iterdir()}
    for path in (STAGE / "notebooks").glob("*.ipynb"):
        before = nbformat.read(path, as_version=4)
        offered = HTML / "_sources/notebooks" / path.name
        after = nbformat.read(offered, as_version=4)
        nbformat.validate(after)
        assert len(before.cells) <= len(after.cells) <= len(before.cells) + 1  # references
        for cell, copy in zip(before.cells, after.cells, strict=False):
            assert copy.source == cell.source or cell.cell_type == "markdown"
            for one, other in zip(seen(cell.get("outputs", [])), copy.get("outputs", []), strict=True):
                if png := one.get("data", {}).get("image/png"):
                    packed = re.search('base64,([^"]+)', other.data["text/html"])[1]
                    assert pixels(base64.b64decode(packed)) == pixels(base64.b64decode(png))
                    assert pixels(base64.b64decode(png)) in shown
                else:
                    assert other == one


def test_an_offered_notebook_reads_without_the_book(pages):
    """It has no markup that a plain Jupyter cannot read, each number of its page, and the page offers it."""
    for path in (HTML / "_sources/notebooks").glob("*.ipynb"):
        text = "\n\n".join(cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "markdown")
        assert re.findall(r"\{[a-z:]+\}`|^```\{|^:::|^:\w+:|\]\(tables/", text, re.MULTILINE) == []
        page = pages[(HTML / f"notebooks/{path.stem}.html").resolve()]
        numbers = [tag.get_text() for tag in page.find("article").find_all(class_="pasted-text")]
        plain = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)
        assert [number for number in numbers if " ".join(number.split()) not in " ".join(plain.split())] == []
        offered = page.find(class_="run-again")
        links = {Path(link["href"]).suffix for link in offered.find_all("a", download=True)}
        assert links == {".ipynb", ".py"}
        assert "yardsticks sweep" in offered.get_text()
        declared = parameters_of(STAGE / f"notebooks/{path.stem}.py")
        rows = [[cell.get_text() for cell in row.find_all("td")] for row in offered.find("tbody").find_all("tr")]
        assert [row[0] for row in rows] == list(declared)
        assert all(cell for row in rows for cell in row)


def test_every_figure_of_a_chapter_is_offered_as_a_drawing(pages):
    images = [image for path, page in pages.items() if path.parent.name == "notebooks" for image in page("img")]
    assert images
    for image in [image for image in images if image.find_parent("figure")]:
        drawing = gzip.decompress(base64.b64decode(image["data-drawing"]))
        assert ElementTree.fromstring(drawing).tag == "{http://www.w3.org/2000/svg}svg", image["alt"]
        assert re.fullmatch(r"[\w-]+", image["data-name"])


def test_words_of_the_glossary_are_marked_once_a_page(pages):
    glossary = pages[(HTML / "book/glossary.html").resolve()]
    anchors = {tag["id"] for tag in glossary.find_all("dt", id=True)}
    used = []
    for path, page in pages.items():
        marks = page.find_all("a", class_="term")
        found = [mark["href"].partition("#")[2] for mark in marks]
        assert len(found) == len(set(found)), path
        assert all(mark["data-definition"].endswith(".") for mark in marks)
        assert not [mark for mark in marks if mark.find_parent(["table", "figure", "pre", "code", "h1", "h2", "h3"])]
        used += found
    assert set(used) <= anchors
    assert len(set(used)) > 30
    assert not glossary.find_all("a", class_="term")


def test_every_image_is_described(pages):
    assert gather(pages, checks.images_without_alt) == []


def test_no_markup_is_left(pages):
    assert gather(pages, checks.leftovers) == []


@pytest.mark.parametrize("door", DOORS)
def test_every_public_name_is_documented_once_and_listed(pages, door):
    page = pages[(HTML / "book/api.html").resolve()]
    module = importlib.import_module(door)
    names = [name for name in module.__all__ if callable(getattr(module, name))]
    documented = [tag["id"] for tag in page.find_all("dt", id=True)]
    linked = {tag["href"].removeprefix("#") for tag in page.find("article").find_all("a", href=True)}
    for name in names:
        (where,) = [entry for entry in documented if entry in {f"{folder}.{name}" for folder in DOORS}]
        assert where in linked


def says_synthetic(chapter: str) -> bool:
    """Tell from the staged source whether a chapter's numbers are synthetic."""
    notebook = STAGE / f"{chapter}.ipynb"
    if notebook.is_file():
        executed = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        if checks.LABEL in json.dumps([cell.get("outputs", []) for cell in executed]):
            return True
        text = json.dumps([cell["source"] for cell in executed if cell["cell_type"] == "markdown"])
    else:
        text = (STAGE / f"{chapter}.md").read_text(encoding="utf-8")
    glued_from = set(re.findall(r"(\w+)\.ipynb::", text)) - {notebook.stem}
    return any(says_synthetic(f"notebooks/{name}") for name in glued_from)


def says_real(chapter: str) -> bool:
    """Tell from the staged source whether a chapter shows real data, which some do wherever they are built."""
    notebook = STAGE / f"{chapter}.ipynb"
    return notebook.is_file() and 'class=\\"origin real\\"' in notebook.read_text(encoding="utf-8")


def test_synthetic_data_are_labelled_exactly_where_they_are(pages, chapters):
    everywhere = datasets.is_synthetic(datasets.DEFAULT_SCORES)
    expected = {
        chapter: int(says_synthetic(chapter) or (everywhere and not says_real(chapter))) for chapter in chapters
    }
    found = {chapter: checks.count_labels(pages[(HTML / f"{chapter}.html").resolve()]) for chapter in chapters}
    assert found == expected
    listed = {(HTML / f"{chapter}.html").resolve() for chapter in chapters}
    assert all(checks.count_labels(page) == 0 for path, page in pages.items() if path not in listed)
