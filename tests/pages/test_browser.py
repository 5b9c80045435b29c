"""The built book in a browser, from the folder: what scripts, styles and screen readers make of its pages."""

import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import nbformat
import pandas as pd
import pytest
import yaml
from PIL import Image

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if CHROMIUM is None:
    pytest.skip("no Chromium here to look at the pages with", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api")

from axe_playwright_python.base import AXE_SCRIPT  # noqa: E402

BUILD = Path(__file__).resolve().parents[2] / "_build"
HTML = BUILD / "html"
WIDE, NARROW, PAPER = (1400, 900), (390, 844), (718, 1000)  # paper: A4 less its margins
PATIENCE = 180_000  # milliseconds: this machine may be busy with more than a browser

# opens all that is folded; of what repeats itself the first ones are kept, as axe looks at each element for long
UNFOLD = """() => {
    document.querySelectorAll("details").forEach((folded) => { folded.open = true; });
    const seen = new Set();
    for (const word of document.querySelectorAll("pre span")) {
        const kind = word.closest("pre").parentElement.parentElement.className + word.className;
        if (seen.has(kind)) word.replaceWith(...word.childNodes);
        seen.add(kind);
    }
    const style = document.createElement("style");
    style.id = "few";
    style.textContent = `tbody > tr:nth-child(n+7), dl.py:nth-of-type(n+7), .bd-toc-nav li:nth-child(n+7),
        .bd-sidebar-primary li:nth-child(n+4) { display: none } * { animation: none !important }`;
    document.head.append(style);
}"""
ALL = "() => document.getElementById('few').remove()"
AXE = """async (rules) => {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const settings = { preload: false, resultTypes: ["violations"] };
    const found = await axe.run(document, rules.length ? { ...settings, runOnly: rules } : settings);
    return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id} (${rule.impact}): ${node.html}`));
}"""
# the figure that answers a chapter's question, where it does not stand whole on the first screen
LATE = """() => [...document.querySelectorAll("figure.key img")]
    .filter((image) => image.getBoundingClientRect().bottom > innerHeight).map((image) => image.alt)"""
DARK = """() => {
    document.documentElement.dataset.theme = "dark";
    const ground = (box) => getComputedStyle(box).backgroundColor;
    const dimmed = (image) => getComputedStyle(image).filter === "brightness(0.88)";  // by book.css, and no more
    const white = (image) => dimmed(image) && ground(image) === "rgb(255, 255, 255)";
    const greyed = [...document.querySelectorAll(".bd-article figure img")].filter((image) => !white(image));
    const tables = [...document.querySelectorAll(".cell_output .output.text_html")];
    const carded = tables.filter((box) => ground(box) !== "rgba(0, 0, 0, 0)");
    return [...greyed, ...carded].map((box) => box.outerHTML.slice(0, 200));
}"""
# what reaches over the right edge of the page, and cannot be scrolled into view in a box of its own
CUT = """() => {
    const edge = document.documentElement.clientWidth;
    const clipped = (box) => {
        for (let outer = box.parentElement; outer; outer = outer.parentElement)
            if (outer.tagName !== "HTML" && getComputedStyle(outer).overflowX !== "visible") return true;
        return false;
    };
    return [...document.querySelectorAll(".bd-article *")]
        .filter((box) => box.getBoundingClientRect().right > edge + 1 && !clipped(box))
        .map((box) => `${Math.round(box.getBoundingClientRect().right - edge)} px: ${box.outerHTML.slice(0, 200)}`);
}"""
SCROLLS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
NAMES = """() => ({
    ids: [...document.querySelectorAll("[id]")].map((tag) => tag.id),
    links: [...document.querySelectorAll("a[href]")].map((tag) => tag.href),
    marks: [...document.querySelectorAll("#synthetic-data")].filter((tag) => tag.checkVisibility()).length,
})"""


@dataclass
class Visit:
    """What was seen on a page."""

    said: list[str] = field(default_factory=list)  # errors on the console
    asked: list[str] = field(default_factory=list)  # requests to elsewhere
    late: list[str] = field(default_factory=list)
    light: list[str] = field(default_factory=list)
    dark: list[str] = field(default_factory=list)
    greyed: list[str] = field(default_factory=list)
    narrow: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    marks: int = 0


FAULTS = ("said", "asked", "late", "light", "dark", "greyed", "narrow", "printed")


@contextmanager
def a_browser():
    with playwright.sync_playwright() as started:
        options = {"executable_path": CHROMIUM, "timeout": PATIENCE}
        browser = started.chromium.launch(args=["--no-sandbox", "--disable-gpu"], **options)
        page = browser.new_page(reduced_motion="reduce", color_scheme="light")
        page.set_default_timeout(PATIENCE)
        resize(page, WIDE)
        yield page
        browser.close()


def resize(page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def look_at(page, path: Path, folder: Path) -> Visit:
    """Open a page once, and look at it wide, dark, narrow and as it is printed."""
    visit, ours = Visit(), (folder.as_uri(), "data:")
    listeners = {
        "console": lambda message: message.type == "error" and visit.said.append(message.text),
        "pageerror": lambda error: visit.said.append(str(error)),
        "request": lambda request: request.url.startswith(ours) or visit.asked.append(request.url),
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    resize(page, WIDE)
    page.goto(path.as_uri())
    visit.late = page.evaluate(LATE)
    visit.ids, visit.links, visit.marks = page.evaluate(NAMES).values()
    page.evaluate(UNFOLD)
    page.evaluate(AXE_SCRIPT)
    visit.light = page.evaluate(AXE, [])
    visit.greyed = page.evaluate(DARK)
    visit.dark = page.evaluate(AXE, ["color-contrast", "link-in-text-block"])  # the others see no colours
    resize(page, NARROW)
    visit.narrow = page.evaluate(AXE, ["button-name", "link-name", "scrollable-region-focusable", "target-size"])
    page.evaluate(ALL)
    if page.evaluate(SCROLLS) > 0:
        visit.narrow += page.evaluate(CUT) or ["the page scrolls sideways"]
    page.emulate_media(media="print")
    resize(page, PAPER)
    visit.printed = page.evaluate(CUT)
    page.emulate_media(media="screen")
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    return visit


def look_at_all(paths: list[Path], folder: Path) -> dict[str, Visit]:
    """Look at pages in two browsers, the largest pages first."""
    waiting = sorted(paths, key=lambda path: path.stat().st_size)
    seen = {}

    def look() -> None:
        with a_browser() as page:
            while waiting:
                path = waiting.pop()
                seen[path.relative_to(folder).as_posix()] = look_at(page, path, folder)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(look), pool.submit(look)]:
            done.result()
    return seen


@pytest.fixture(scope="module")
def visits() -> dict[str, Visit]:
    assert (HTML / "index.html").is_file(), "there is no book at _build/html: run make book"
    paths = [path for path in HTML.rglob("*.html") if "_static" not in path.relative_to(HTML).parts]
    # the front page sends its reader on to the introduction at once
    return look_at_all([path for path in paths if path != HTML / "index.html"], HTML)


@pytest.fixture(scope="module")
def page(visits):  # after the visits, as one thread has one browser
    with a_browser() as page:
        yield page


@pytest.mark.parametrize("what", FAULTS)
def test_no_page_has_a_fault(visits, what):
    assert {name: found for name, visit in visits.items() if (found := getattr(visit, what))} == {}


def test_an_id_is_one_element_s(visits):
    twice = {name: [i for i, n in Counter(visit.ids).items() if n > 1] for name, visit in visits.items()}
    assert {name: found for name, found in twice.items() if found} == {}


def test_the_synthetic_mark_is_seen_exactly_where_it_belongs(visits):
    contents = yaml.safe_load((BUILD / "stage/_toc.yml").read_text(encoding="utf-8"))
    chapters = [contents["root"], *(entry["file"] for part in contents["parts"] for entry in part["chapters"])]
    config = yaml.safe_load((BUILD / "stage/_config.yml").read_text(encoding="utf-8"))
    meant = config["sphinx"]["config"]["synthetic_pages"]
    if meant == ["*"]:
        texts = {chapter: (HTML / f"{chapter}.html").read_text(encoding="utf-8") for chapter in chapters}
        meant = [chapter for chapter, text in texts.items() if 'class="origin real"' not in text]
    assert {name: visit.marks for name, visit in visits.items() if visit.marks} == {f"{page}.html": 1 for page in meant}


def targets(visits) -> dict[str, set[tuple[Path, str]]]:
    """Return which files of the book, and which anchors in them, a page's links lead to once its scripts have run."""
    found = {}
    for name, visit in visits.items():
        links = [link.removeprefix("file://").partition("#") for link in visit.links if link.startswith("file:")]
        found[name] = {(Path(unquote(address.partition("?")[0])), unquote(anchor)) for address, _, anchor in links}
    return found


def test_each_link_that_scripts_leave_leads_somewhere(visits):
    ids = {HTML / name: visit.ids for name, visit in visits.items()}
    broken = []
    for name, links in targets(visits).items():
        for target, anchor in links:
            if not target.is_file() or (anchor and anchor not in ids.get(target, [anchor])):
                broken.append(f"{name}: {target}#{anchor}")
    assert broken == []


def test_what_is_offered_for_download_can_be_read(visits):
    read = {".csv": pd.read_csv, ".ipynb": lambda path: nbformat.validate(nbformat.read(path, as_version=4))}
    read[".py"] = lambda path: compile(path.read_text(encoding="utf-8"), path, "exec")
    offered = {target for links in targets(visits).values() for target, _ in links if target.suffix in read}
    assert {path.suffix for path in offered} >= {".csv", ".ipynb"}
    for path in offered:
        read[path.suffix](path)


@pytest.mark.parametrize("kind", ["SVG", "PNG"])
def test_a_figure_is_kept_at_a_click(page, kind):
    page.goto((HTML / "notebooks/02_consistency.html").as_uri())
    figure = page.locator("figure.key")
    with page.expect_download() as waiting:
        figure.get_by_role("button", name=kind).click()
    name = figure.locator("img").get_attribute("data-name")
    assert waiting.value.suggested_filename == f"{name}.{kind.lower()}"
    kept = waiting.value.path()
    if kind == "SVG":
        assert ElementTree.parse(kept).getroot().tag.endswith("svg")
        return
    shown = figure.locator("img").evaluate("(image) => [image.naturalWidth, image.naturalHeight]")
    painted = Image.open(kept).convert("RGB")
    assert painted.width / painted.height == pytest.approx(shown[0] / shown[1], rel=0.01)
    assert painted.width > shown[0]
    assert len(painted.getcolors(1 << 24)) > 20  # it is not empty


def test_the_front_page_leads_on(page):
    page.goto((HTML / "index.html").as_uri())
    page.wait_for_url("**/intro.html")


def test_a_word_is_found(page):
    page.goto((HTML / "book/intro.html").as_uri())
    page.keyboard.press("Control+k")
    page.keyboard.type("generator")
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.click()
    page.wait_for_url(lambda address: "search.html" not in address)
    assert "generator" in page.locator("article").inner_text().lower()


FAULTY = [
    ("<script>console.error('x')</script>", "said"),
    ("<script>nosuch()</script>", "said"),
    ("<img alt='x' src='file:///nowhere.png'>", "asked"),
    ("<figure class=key><img alt='x' style='display: block; height: 900px'></figure>", "late"),
    ("<button></button>", "light"),
    ("<details><summary>x</summary><pre style='background: #555'><span class=k>if</span></pre></details>", "light"),
    ("<p style='color: #888; background: #999'>text</p>", "dark"),
    ("<figure><img alt='x' src='x' style='filter: brightness(.8)'></figure>", "greyed"),
    ("<div class='cell_output'><div class='output text_html' style='background: #ccc'>x</div></div>", "greyed"),
    ("<p style='width: 500px'>text</p>", "narrow"),
    ("<table style='width: 900px'><tr><td>text</td></tr></table>", "printed"),
]


def test_faults_are_seen(tmp_path):
    paths = [tmp_path / f"{number}.html" for number in range(len(FAULTY))]
    for path, (html, _) in zip(paths, FAULTY, strict=True):
        main = f"<main class=bd-article><h1>x</h1>{html}</main>"
        path.write_text(f"<!doctype html><html lang=en><title>x</title>{main}")
    seen = look_at_all(paths, tmp_path)
    for path, (html, what) in zip(paths, FAULTY, strict=True):
        assert getattr(seen[path.name], what), html
