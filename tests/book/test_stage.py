"""A tiny book built from nothing: labels, glued numbers, downloads, status, what stays when a build fails."""

import json
import shutil
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from oracles import pages as checks
from PIL import Image

from yardsticks import datasets
from yardsticks.book import stage
from yardsticks.notebooks.run import BuildFailed

ROOT = Path(__file__).resolve().parents[2]
LAUNCH = "a[href*=mybinder]"
REAL = """\
# %% [markdown]
# # A chapter on real data
#
# The slope is {glue:text}`slope:.2f`; see {numref}`scatter`. [The table](tables/real.csv).

# %% tags=["parameters"]
scores = ""

# %% tags=["remove-cell"]
from pathlib import Path
import matplotlib.pyplot as plt
from myst_nb import glue

Path("tables").mkdir()
Path("tables/real.csv").write_text("x")
figure, axes = plt.subplots(figsize=(1, 1))
plt.close(figure)
glue("scatter-figure", figure, display=True)
glue("slope", 2.25, display=False)

# %% [markdown]
# ```{glue:figure} scatter-figure
# :name: scatter
# :alt: An empty plot
#
# A caption with {glue:text}`slope:.1f`.
# ```
"""
TWIN = """\
# %% [markdown]
# # A chapter on the twin

# %%
from IPython.display import HTML
from myst_nb import glue

glue("n", 12, display=False)
HTML('<p id="synthetic-data">invented</p>')
"""
FILES = {
    "notebooks/real.py": REAL,
    "notebooks/twin.py": TWIN,
    "book/intro.md": "# Introduction\n\nSlope {glue:text}`../notebooks/real.ipynb::slope:.2f`, $x^2$.\n\n"
    "```{figure} ../notebooks/glued/real/scatter-figure.png\n:alt: The same\n```\n",
    "book/numbers.md": "# Numbers\n\nThere are {glue:text}`../notebooks/twin.ipynb::n:d` models.\n",
    "book/references.bib": "",
    "book/status.md": "# Status\n",
    "_toc.yml": "format: jb-book\nroot: book/intro\nparts:\n  - caption: A\n    chapters:\n"
    + "".join(f"      - file: {n}\n" for n in ("notebooks/real", "notebooks/twin", "book/numbers", "book/status")),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("project")
    for name, text in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    for part in ("_ext", "_static"):
        shutil.copytree(ROOT / "book" / part, root / "book" / part)
    shutil.copy(ROOT / "_config.yml", root)
    return root


@pytest.fixture
def data(monkeypatch):
    """Say whether the main table is real; the default here is yes."""

    def set_to(state: str) -> None:
        monkeypatch.setattr(datasets, "fingerprint", lambda: {datasets.DEFAULT_SCORES: state})
        monkeypatch.setattr(datasets, "is_synthetic", lambda name: state == "synthetic")

    set_to("0" * 64)
    return set_to


def labels(html: Path) -> dict[str, int]:
    pages = checks.load_pages(html)
    return {path.stem: checks.count_labels(page) for path, page in pages.items() if path.parent.name != html.name}


def test_a_book_from_nothing(project, data):
    index = stage.build_book(project, project / "_build", workers=2)
    html = index.parent
    assert labels(html) == {"intro": 0, "real": 0, "twin": 1, "numbers": 1, "status": 0}
    pages = checks.load_pages(html)
    for path, page in pages.items():
        assert checks.remote_assets(page) == []
        assert checks.broken_links(path, pages) == []
        assert checks.images_without_alt(page) == []
        assert checks.leftovers(page) == []
        assert page.select(LAUNCH) == []  # no public copy is known
    text = {path.stem: checks.content(page).get_text(" ", strip=True) for path, page in pages.items()}
    assert "Slope 2.25" in text["intro"]
    chapter = json.loads((project / "_build/runs/real/real.ipynb").read_text())
    (image,) = [
        o["data"]["image/png"] for c in chapter["cells"] for o in c.get("outputs", []) if "image/png" in o["data"]
    ]
    shown = pages[(html / "book/intro.html").resolve()].find("img", alt="The same")["src"]
    with Image.open(html / "book" / shown) as copied, Image.open(BytesIO(b64decode(image))) as drawn:
        assert copied.convert("RGB").tobytes() == drawn.convert("RGB").tobytes()
    assert "There are 12 models" in text["numbers"]
    assert text["numbers"].startswith("Synthetic data")
    assert "A caption with 2.2" in text["real"]
    assert "Figure 1" in text["real"]
    assert "0" * 64 in text["status"]
    assert "pandas" in text["status"]
    assert "tables/real.csv" not in str(list(html.rglob("*.csv")))
    assert [path.read_text() for path in html.rglob("real.csv")] == ["x"]
    assert not list((project / "notebooks").glob("*.ipynb"))
    assert (project / "book/status.md").read_text() == "# Status\n"


def test_a_failed_build_leaves_the_earlier_pages(project, data):
    index = project / "_build/html/index.html"
    index.parent.mkdir(parents=True, exist_ok=True)
    index.write_text("earlier")
    page = project / "book/numbers.md"
    page.write_text("# Numbers\n\n{glue:text}`../notebooks/twin.ipynb::absent:d`\n")
    with pytest.raises(BuildFailed, match=r"(?s)could not be rendered.*absent"):
        stage.build_book(project, project / "_build", workers=2)
    page.write_text(FILES["book/numbers.md"])
    source = project / "notebooks/twin.py"
    source.write_text(TWIN + "\n# %%\nnowhere\n")
    with pytest.raises(BuildFailed, match=r"(?s)1 of 2 notebooks failed.*NameError: name 'nowhere'"):
        stage.build_book(project, project / "_build", workers=2)
    source.write_text(TWIN)
    assert index.read_text() == "earlier"


def test_without_the_real_table_every_page_is_labelled_and_nothing_stale_survives(project, data):
    data("synthetic")
    for name in ("stage/notebooks/gone.ipynb", "stage/book/gone.md", "html/book/gone.html"):  # of pages that were
        (project / "_build" / name).parent.mkdir(parents=True, exist_ok=True)
        (project / "_build" / name).write_text("# Gone\n")
    html = stage.build_book(project, project / "_build", workers=2).parent
    assert labels(html) == dict.fromkeys(("intro", "real", "twin", "numbers", "status"), 1)
    assert not [*(project / "_build/stage").rglob("gone*"), *html.rglob("gone*")]


def test_a_picture_that_no_chapter_has_is_an_error(tmp_path):
    for name, text in {"book/intro.md": "../notebooks/glued/a/gone.png", "notebooks/a.ipynb": '{"cells": []}'}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=r"intro\.md shows a figure 'gone' of a"):
        stage.copy_pictures(tmp_path)


def test_a_public_copy_can_be_launched(project, data, tmp_path):
    root = tmp_path / "public"
    shutil.copytree(project, root, ignore=shutil.ignore_patterns("_build"))
    with open(root / "_config.yml", "a") as config:
        config.write("repository: {url: https://github.com/someone/yardsticks, branch: main}\n")
    pages = checks.load_pages(stage.build_book(root, root / "_build", workers=2).parent)
    links = {path.stem: [link["href"] for link in page.select(LAUNCH)] for path, page in pages.items()}
    (link,) = links.pop("real")
    where = urlsplit(link)
    assert (where.scheme, where.netloc, where.path) == ("https", "mybinder.org", "/v2/gh/someone/yardsticks/main")
    assert parse_qs(where.query) == {"urlpath": ["lab/tree/notebooks/real.ipynb"]}
    assert [page for page, found in links.items() if found] == ["twin"]


def test_two_notebooks_may_not_write_one_file(tmp_path):
    for name in "ab":
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        (folder / "same.csv").write_text(name)
    run = stage.Run(Path("a.py"), tmp_path / "runs/a", {})
    stage._copy_results(run, tmp_path / "stage")
    with pytest.raises(ValueError, match=r"b\.py writes same\.csv, as another notebook does"):
        stage._copy_results(run._replace(source=Path("b.py"), folder=tmp_path / "runs/b"), tmp_path / "stage")


def test_config_keeps_everything_else(tmp_path):
    stage.write_config(ROOT / "_config.yml", tmp_path, ["*"])
    before = yaml.safe_load((ROOT / "_config.yml").read_text())
    after = yaml.safe_load((tmp_path / "_config.yml").read_text())
    assert after["sphinx"]["config"].pop("synthetic_pages") == ["*"]
    before["sphinx"]["config"].pop("synthetic_pages")
    before.pop("launch_buttons")  # no public copy is known
    assert after == before


def test_a_book_on_other_data_launches_nothing(tmp_path):
    config = tmp_path / "_config.yml"
    shutil.copy(ROOT / config.name, config)
    with open(config, "a") as handle:
        handle.write("repository: {url: https://github.com/someone/yardsticks}\n")
    staged, written = tmp_path / "staged", {}
    staged.mkdir()
    for title in ("", "Mine"):
        stage.write_config(config, staged, [], title=title)
        written[title] = yaml.safe_load((staged / config.name).read_text())
    assert written["Mine"]["title"] == "Mine"
    assert "launch_buttons" in written[""]
    assert "launch_buttons" not in written["Mine"]
