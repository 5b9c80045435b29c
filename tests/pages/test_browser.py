"""The built book in a browser, from the folder: what scripts, styles and screen readers make of its pages."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if CHROMIUM is None:
    pytest.skip("no Chromium here to look at the pages with", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api")

from axe_playwright_python.base import AXE_SCRIPT  # noqa: E402

HTML = Path(__file__).resolve().parents[2] / "_build" / "html"
WIDE, NARROW, PAPER = (1400, 900), (390, 844), (718, 1000)  # paper: A4 less its margins

# opens all that is folded; the rows of a long table are like its first
UNFOLD = """() => {
    document.querySelectorAll("details").forEach((folded) => { folded.open = true; });
    const style = document.createElement("style");
    style.textContent = "tbody > tr:nth-child(n+7) { display: none } * { animation: none !important }";
    document.head.append(style);
}"""
AXE = """async (rules) => {
    const settings = { preload: false, resultTypes: ["violations"] };
    const found = await axe.run(document, rules.length ? { ...settings, runOnly: rules } : settings);
    return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id} (${rule.impact}): ${node.html}`));
}"""
DARK = """() => {
    document.documentElement.dataset.theme = "dark";
    const ground = (box) => getComputedStyle(box).backgroundColor;
    const white = (image) => getComputedStyle(image).filter === "none" && ground(image) === "rgb(255, 255, 255)";
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
})"""


@dataclass
class Visit:
    """What was seen on a page."""

    said: list[str] = field(default_factory=list)  # errors on the console
    asked: list[str] = field(default_factory=list)  # requests to elsewhere
    light: list[str] = field(default_factory=list)
    dark: list[str] = field(default_factory=list)
    greyed: list[str] = field(default_factory=list)
    narrow: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def page():
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page(reduced_motion="reduce", color_scheme="light")
        browser.close()


def resize(page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def look_at(page, path: Path, folder: Path = HTML) -> Visit:
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
    page.evaluate(UNFOLD)
    page.evaluate(AXE_SCRIPT)
    visit.light = page.evaluate(AXE, [])
    visit.greyed = page.evaluate(DARK)
    visit.dark = page.evaluate(AXE, ["color-contrast", "link-in-text-block"])  # the others see no colours
    resize(page, NARROW)
    visit.narrow = page.evaluate(AXE, ["button-name", "link-name", "target-size"])
    if page.evaluate(SCROLLS) > 0:
        visit.narrow += page.evaluate(CUT) or ["the page scrolls sideways"]
    page.emulate_media(media="print")
    resize(page, PAPER)
    visit.printed = page.evaluate(CUT)
    page.emulate_media(media="screen")
    visit.ids, visit.links = page.evaluate(NAMES).values()
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    return visit


@pytest.fixture(scope="module")
def visits(page) -> dict[str, Visit]:
    assert (HTML / "index.html").is_file(), "there is no book at _build/html: run make book"
    paths = sorted(path for path in HTML.rglob("*.html") if "_static" not in path.relative_to(HTML).parts)
    # the front page sends its reader on to the introduction at once
    return {str(path.relative_to(HTML)): look_at(page, path) for path in paths if path != HTML / "index.html"}


@pytest.mark.parametrize("what", ["said", "asked", "light", "dark", "greyed", "narrow", "printed"])
def test_no_page_has_a_fault(visits, what):
    assert {name: found for name, visit in visits.items() if (found := getattr(visit, what))} == {}


def test_an_id_is_one_element_s(visits):
    twice = {name: {i for i in visit.ids if visit.ids.count(i) > 1} for name, visit in visits.items()}
    assert {name: found for name, found in twice.items() if found} == {}


def test_each_link_that_scripts_leave_leads_somewhere(visits):
    broken = []
    for name, visit in visits.items():
        for link in {link for link in visit.links if link.startswith("file:")}:
            address, _, anchor = link.partition("#")
            target = Path(unquote(address.partition("?")[0].removeprefix("file://")))
            there = visits.get(str(target.relative_to(HTML))) if target.is_relative_to(HTML) else None
            if not target.is_file() or (anchor and there and unquote(anchor) not in there.ids):
                broken.append(f"{name}: {link}")
    assert broken == []


def test_the_front_page_leads_on(page):
    page.goto((HTML / "index.html").as_uri())
    page.wait_for_url("**/intro.html")


def test_a_word_is_found(page):
    page.goto((HTML / "search.html").as_uri() + "?q=generator")
    page.locator("#search-results li a").first.click()
    page.wait_for_url(lambda address: "search.html" not in address)
    assert "generator" in page.locator("article").inner_text().lower()


@pytest.mark.parametrize(
    ("html", "what"),
    [
        ("<script>console.error('x')</script>", "said"),
        ("<script>nosuch()</script>", "said"),
        ("<img alt='x' src='file:///nowhere.png'>", "asked"),
        ("<button></button>", "light"),
        ("<p style='color: #888; background: #999'>text</p>", "dark"),
        ("<figure><img alt='x' src='x' style='filter: brightness(.8)'></figure>", "greyed"),
        ("<div class='cell_output'><div class='output text_html' style='background: #ccc'>x</div></div>", "greyed"),
        ("<p style='width: 500px'>text</p>", "narrow"),
        ("<table style='width: 900px'><tr><td>text</td></tr></table>", "printed"),
    ],
)
def test_a_fault_is_seen(page, tmp_path, html, what):
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html><html lang=en><title>x</title><main class=bd-article><h1>x</h1>{html}</main>")
    assert getattr(look_at(page, path, tmp_path), what)
