"""What is done to a built book at the end: mend what the theme writes, and leave out what no reader needs.

The theme's own templates stay as they are: a page's few faults are mended in its text, and the browser's test sees any
that comes back.
"""

import base64
import functools
import gzip
import hashlib
import html
import io
import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image
from readable import describe_figures, gather, make_readable
from sphinx.application import Sphinx

MENDS = [
    # a list's items have to be items
    (re.compile(r'role="doc-biblioentry"'), 'role="listitem"'),
    # the book's name and the search button stand outside of every landmark
    (re.compile(r'<div class="bd-sidebar-primary bd-sidebar"'), r'\g<0> role="navigation" aria-label="Book"'),
    # no browser takes these from a folder, and says so on its console
    (re.compile(r'<link rel="preload" as="font"[^>]*>\s*'), ""),
    # a model's long name in a table may be broken where its words end
    (re.compile(r'(?<=<td class="data)[^<]*_[^<]*'), lambda found: found[0].replace("_", "_<wbr>")),
    # draws the icons that the style sheet beside it draws as well: a megabyte for each page
    (re.compile(r'<script src="[^"]*/fontawesome/[^"]*/js/[^"]*"></script>\s*'), ""),
]
SEARCH = ' id="search-input"'  # on the search page twice
UNSEEN = "application/papermill.record/"  # how a number or a word is kept for the prose
# a figure of the class "folded" stands behind its number and its caption's first sentence
FOLDED = re.compile(r'<figure class="[^"]*\bfolded\b[^"]*".*?</figure>', re.DOTALL)
CAPTION = re.compile(r'<span class="caption-number">(.*?)</span><span class="caption-text">(.*?)\.\s', re.DOTALL)
# of the theme's own making, translations of its build, a format beside a smaller one that every browser takes, and
# icons other than the solid ones, which alone stand on pages
UNUSED = (
    *("**/*.map", "locales", "vendor/fontawesome/*/js", "vendor/fontawesome/*/webfonts/*.ttf"),
    *(f"vendor/fontawesome/*/webfonts/fa-{icons}*.woff2" for icons in ("brands", "regular", "v4compatibility")),
)


def mend(page: str) -> str:
    """Return a page's text without what readers, screen readers or browsers stumble on."""
    for pattern, better in MENDS:
        page = pattern.sub(better, page)
    page = FOLDED.sub(fold, page)
    return page.replace(SEARCH, "", 1) if page.count(SEARCH) > 1 else page


def fold(figure: re.Match) -> str:
    """Put a figure behind a line that says which it is; `book.js` opens it in print."""
    number, said = CAPTION.search(figure[0]).groups()
    said = re.sub(r"<[^>]*>", "", f"{number.strip()} · {said}")
    return f'<details class="folded"><summary>{said}</summary>{figure[0]}</details>'


@functools.cache  # an image stands on a page and in a notebook
def smaller(png: bytes) -> bytes:
    """Return the same pixels as WebP without loss, in less than half of the room."""
    packed = io.BytesIO()
    Image.open(io.BytesIO(png)).save(packed, "webp", lossless=True)
    return packed.getvalue()


def unseen(output: dict) -> bool:
    """Tell whether an output is there for the prose alone, in which its number or word stands."""
    data = output.get("data", {})
    return bool(data) and all(kind.startswith(UNSEEN) for kind in data)


def lighten(notebook: dict) -> None:
    """Make an executed notebook, offered for download, smaller: images of less room, without what no viewer shows."""
    described = describe_figures(notebook)
    for cell in [cell for cell in notebook["cells"] if "outputs" in cell]:
        cell["outputs"] = [output for output in cell["outputs"] if not unseen(output)]
    for output in [output for cell in notebook["cells"] for output in cell.get("outputs", [])]:
        data = output.get("data", {})
        if "image/png" in data:
            packed = base64.b64encode(smaller(base64.b64decode(data.pop("image/png")))).decode()
            about = output["metadata"]
            name = about.get("scrapbook", {}).get("name", "figure")
            name = html.escape(described.get(name, name))
            width = about.pop("image/png", {}).get("width")
            size = f' width="{int(width)}"' if width else ""
            data["text/html"] = f'<img src="data:image/webp;base64,{packed}" alt="{name}"{size}>'


def pack(drawing: bytes) -> str:
    """Return an SVG for a page's script: places in hundredths of a point, compressed, in Base64."""
    rounded = re.sub(rb"<[^>]*>", lambda tag: re.sub(rb"(?<![\d.])([1-9]\d*\.\d\d)\d+", rb"\1", tag[0]), drawing)
    return base64.b64encode(gzip.compress(rounded, mtime=0)).decode()


def drawings(notebook: dict, folder: Path) -> dict[str, str]:
    """Return what the image of each glued figure gets for a script, by the name that its file has on pages.

    That script offers the figure as a file: a page that is opened from a folder may not read its own images.
    """
    found = {}
    for output in [output for cell in notebook["cells"] for output in cell.get("outputs", [])]:
        name = output.get("metadata", {}).get("scrapbook", {}).get("name")
        drawing = folder / "figures" / f"{name}.svg"
        if "image/png" in output.get("data", {}) and drawing.is_file():
            image = hashlib.sha256(base64.b64decode(output["data"]["image/png"])).hexdigest()
            found[image] = f'data-name="{html.escape(name)}" data-drawing="{pack(drawing.read_bytes())}"'
    return found


def finish(app: Sphinx) -> None:
    """Mend the pages of a built book, make it smaller, offer its figures as files; have its notebooks read anywhere."""
    out, source = Path(app.outdir), Path(app.srcdir)
    static = out / "_static"
    for path in [path for pattern in UNUSED for path in static.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    drawn = {path: path.read_bytes() for path in sorted((out / "_images").glob("*.png"))}
    renamed = {}
    with ThreadPoolExecutor() as pool:  # Pillow packs several at the same time
        packed = list(pool.map(smaller, drawn.values()))
    for (path, content), small in zip(drawn.items(), packed, strict=True):
        # glued figures are called by their hash; a copy of one, for another page, is the same image
        kept = (out / "_images" / hashlib.sha256(content).hexdigest()).with_suffix(".webp")
        kept = kept if kept.with_suffix(".png") in drawn else path.with_suffix(".webp")
        kept.write_bytes(small)
        renamed[path.name] = kept.name
    for path in drawn:
        path.unlink()
    offers: dict[str, str] = {}
    notebooks = {path: json.loads(path.read_text(encoding="utf-8")) for path in (out / "_sources").rglob("*.ipynb")}
    book = gather(app, {path.stem: notebook for path, notebook in notebooks.items()})
    for path, notebook in notebooks.items():
        offers |= drawings(notebook, source / path.relative_to(out / "_sources").parent)
        lighten(notebook)
        make_readable(notebook, path.stem, book)
        path.write_text(json.dumps(notebook, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    for path in out.rglob("*.html"):
        page = mend(path.read_text(encoding="utf-8"))
        page = re.sub(r'(?<=_images/)([^"/]+)(?=")', lambda found: renamed.get(found[0], found[0]), page)
        page = re.sub(
            r'<img (?=[^>]*_images/(\w+)\.webp")', lambda found: f"{found[0]}{offers.get(found[1], '')} ", page
        )
        path.write_text(page, encoding="utf-8")


def _finish(app: Sphinx, failed: Exception | None) -> None:
    if failed is None and app.builder.name == "html":
        finish(app)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register for the end of the build, after the theme has copied its files."""
    app.connect("build-finished", _finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
