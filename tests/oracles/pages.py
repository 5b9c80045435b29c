"""What `make check` asks of a built page. Each check returns the problems it finds, as text."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

LABEL = "synthetic-data"
ASSETS = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "embed": "src",
    "object": "data",
}
STYLE_ADDRESS = re.compile(r"""(?:@import\s+|url\(\s*)["']?\s*((?:https?:)?//[^"')\s]+)""")
SCRIPT_ADDRESS = re.compile(r"""["']((?:https?:)?//[^"'\s]+\.(?:m?js|css|woff2?)[^"'\s]*)["']""")
# a directive or role that was not understood, a glued number that was not found, numpy's repr in prose
# what a cell's last value looks like where nobody meant it to be shown
OBJECT = re.compile(r"\w*Path\('[^']*'\)|<[\w.]+[^<>]* at 0x\w+>|<Figure size [^>]*>")
LEFTOVER = re.compile(
    r"\{(?:glue|numref|ref|eq|doc|download|cite|term|figure|math|table|note|admonition)[^}\n]*\}"
    r"|```|:::+\s*\{|np\.(?:float|int)\d+\(|\bNo key '|%s\b"
)


def load_pages(html: Path) -> dict[Path, BeautifulSoup]:
    """Parse all pages of a built book except the theme's own files."""
    paths = sorted(path for path in html.rglob("*.html") if "_static" not in path.relative_to(html).parts)
    return {path.resolve(): BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for path in paths}


def is_remote(address: str) -> bool:
    """Tell whether a browser would fetch this from the network."""
    return address.startswith("//") or urlsplit(address).scheme in ("http", "https")


def remote_assets(page: BeautifulSoup) -> list[str]:
    """Scripts, styles, images, frames and fonts that are not part of the book; ordinary links are no assets."""
    addresses = [tag.get(attribute, "") for name, attribute in ASSETS.items() for tag in page.find_all(name)]
    for tag in page.find_all(srcset=True):
        addresses += [candidate.split()[0] for candidate in tag["srcset"].split(",") if candidate.strip()]
    loading = {"stylesheet", "preload", "modulepreload", "prefetch", "icon", "preconnect", "dns-prefetch", "manifest"}
    for tag in page.find_all("link", href=True):
        if loading & set(tag.get("rel", [])):
            addresses.append(tag["href"])
    for tag in page.find_all("style"):
        addresses += remote_in_style(tag.get_text())
    for tag in page.find_all(style=True):
        addresses += remote_in_style(tag["style"])
    for tag in page.find_all("script", src=False):
        addresses += SCRIPT_ADDRESS.findall(tag.get_text())
    return [address for address in addresses if is_remote(address)]


def remote_in_style(css: str) -> list[str]:
    """Addresses that a style sheet fetches from the network."""
    return STYLE_ADDRESS.findall(css)


def broken_links(path: Path, pages: dict[Path, BeautifulSoup]) -> list[str]:
    """Links, images and assets of a page whose file or anchor does not exist; external links are not followed."""
    problems = []
    tags = [(tag, "href") for tag in pages[path].find_all(("a", "link"), href=True)]
    tags += [
        (tag, attribute) for name, attribute in ASSETS.items() for tag in pages[path].find_all(name, {attribute: True})
    ]
    for tag, attribute in tags:
        address = urlsplit(tag[attribute])
        if address.scheme or address.netloc:
            continue
        target = (path.parent / unquote(address.path)).resolve() if address.path else path
        if not target.is_file():
            problems.append(f"no file: {tag[attribute]}")
        elif address.fragment and target in pages and not has_anchor(pages[target], unquote(address.fragment)):
            problems.append(f"no anchor: {tag[attribute]}")
    return problems


def has_anchor(page: BeautifulSoup, name: str) -> bool:
    """Tell whether a page has an element that a fragment can point to."""
    return page.find(id=name) is not None or page.find("a", attrs={"name": name}) is not None


def images_without_alt(page: BeautifulSoup) -> list[str]:
    """Images of the content without a description; Sphinx fills in the file's name where none is given."""
    images = content(page).find_all("img")
    return [
        image.get("src", "?")[-60:]
        for image in images
        if not image.get("alt", "").strip() or image["alt"] == image.get("src") or "_images/" in image["alt"]
    ]


def leftovers(page: BeautifulSoup) -> list[str]:
    """Markup that reached the reader: directives and roles that were not understood, numbers that were not found."""
    copy = BeautifulSoup(str(content(page)), "html.parser")
    marked = [tag.get_text(" ", strip=True)[:80] for tag in copy.find_all(class_=("problematic", "system-message"))]
    marked += OBJECT.findall(" ".join(tag.get_text() for tag in copy.find_all(class_="output")))
    for tag in copy.find_all(("pre", "code", "script", "style", "table")):
        tag.decompose()
    return marked + LEFTOVER.findall(copy.get_text(" "))


def count_labels(page: BeautifulSoup) -> int:
    """How often the page says that its data are synthetic."""
    return len(page.find_all(id=LABEL))


def content(page: BeautifulSoup):
    """The part of a page that we wrote."""
    return page.find("article") or page
