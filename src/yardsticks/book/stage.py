"""Stage the book under ``_build/`` and render it; no tracked file is ever changed.

The staged tree is made new from the finished runs each time, so nothing in it can be left over from a page that
no longer exists, and the rendered pages replace the earlier ones only after everything went well.
"""

from __future__ import annotations

import base64
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from yardsticks import datasets
from yardsticks.alone import alone_in
from yardsticks.book.again import add_ways
from yardsticks.datasets.files import write_whole
from yardsticks.literal import in_markdown
from yardsticks.notebooks.cells import ANSI, read_cells, shows_synthetic
from yardsticks.notebooks.keys import Run
from yardsticks.notebooks.run import BuildFailed, run_notebooks

_PICTURE = re.compile(r"\.\./notebooks/glued/([\w-]+)/([\w-]+)\.png")
_GLUED_FROM = re.compile(r"([\w-]+)\.ipynb::|:doc:[ \t]*\S*?([\w-]+)\.ipynb")


def build_book(root: Path, build: Path, workers: int | None = None, *, timeout: int | None = None) -> Path:
    """Run every notebook, stage the book and render it.

    Parameters
    ----------
    root : Path
        The project's folder, with ``notebooks/``, ``book/``, ``_config.yml`` and ``_toc.yml``.
    build : Path
        Receives ``runs/``, ``stage/`` and ``html/``.
    workers : int, optional
        Number of processes; default one for each core.
    timeout : int, optional
        Seconds that a cell of a notebook may take; by default there is no limit.

    Returns
    -------
    Path
        ``html/index.html``.

    Raises
    ------
    ValueError
        Another folder than the project's ``_build`` holds other things.
    BuildFailed
        A notebook failed, or the rendering gave a warning. Pages of an earlier build are left as they were.
    Occupied
        Another build works in this folder.
    """
    if build.resolve() != (root / "_build").resolve():
        claim_folder(build, root)
    build.mkdir(exist_ok=True)
    with alone_in(build):
        runs = run_notebooks(root, build / "runs", {}, workers, timeout=timeout)
        stage = stage_book(root, build / "stage", runs)
        copy_pictures(stage)
        shutil.copy(root / "_toc.yml", stage)
        fingerprint = datasets.fingerprint()
        data = [(name, value if value == "synthetic" else f"`{value}`") for name, value in fingerprint.items()]
        complete_status(stage / "book" / "status.md", data)
        everything = datasets.is_synthetic(datasets.DEFAULT_SCORES)
        write_config(root / "_config.yml", stage, ["*"] if everything else find_synthetic_pages(stage))
        return render(stage, build / "html")


def claim_folder(build: Path, source: Path) -> None:
    """Note in a folder of what a book is built there, and refuse a folder that holds anything else.

    Raises
    ------
    ValueError
        It holds the book of another source, or other things, and building would replace folders in it.
    """
    marker, source = build / ".book-of", source.resolve()
    if build.exists() and any(build.iterdir()):
        held = f"the book of {marker.read_text(encoding='utf-8')}" if marker.is_file() else "other things"
        if held != f"the book of {source}":
            raise ValueError(
                f"{build} holds {held}, and folders in it would be replaced. Name another with --out, or delete it."
            )
    build.mkdir(parents=True, exist_ok=True)
    write_whole(marker, str(source).encode())


def stage_book(root: Path, stage: Path, runs: list[Run]) -> Path:
    """Copy the pages of the project and the results of runs to a new *stage*."""
    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(root / "book", stage / "book", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for run in runs:
        _copy_results(run, stage / "notebooks")
        add_ways(run, stage / "notebooks")
    return stage


def copy_pictures(stage: Path) -> None:
    """Write the glued figures that pages of a staged book show as ``../notebooks/glued/CHAPTER/KEY.png``.

    MyST can glue another page's numbers, and its figures only without a description.

    Raises
    ------
    ValueError
        A chapter that the page names has no such figure.
    """
    for page in sorted((stage / "book").glob("*.md")):
        for chapter, key in _PICTURE.findall(page.read_text(encoding="utf-8")):
            cells = read_cells(stage / "notebooks" / f"{chapter}.ipynb")
            outputs = [output for cell in cells for output in cell.get("outputs", [])]
            images = [
                output["data"]["image/png"]
                for output in outputs
                if output.get("metadata", {}).get("scrapbook", {}).get("name") == key and "image/png" in output["data"]
            ]
            if not images:
                raise ValueError(f"{page.name} shows a figure {key!r} of {chapter}, which has none of that name.")
            picture = stage / "notebooks" / "glued" / chapter / f"{key}.png"
            picture.parent.mkdir(parents=True, exist_ok=True)
            picture.write_bytes(base64.b64decode("".join(images[0])))


def find_synthetic_pages(stage: Path) -> list[str]:
    """Return the pages of a staged book that show synthetic data.

    They are the notebooks with an output that says so, and the pages that glue numbers from such a notebook.
    """
    executed = sorted((stage / "notebooks").glob("*.ipynb"))
    synthetic = {path.stem for path in executed if shows_synthetic(path)}
    texts = {f"book/{path.stem}": path.read_text(encoding="utf-8") for path in (stage / "book").glob("*.md")}
    for path in executed:
        prose = ["".join(cell["source"]) for cell in read_cells(path) if cell["cell_type"] == "markdown"]
        texts[f"notebooks/{path.stem}"] = "\n".join(prose)
    glued_from = {page: {a or b for a, b in _GLUED_FROM.findall(text)} for page, text in texts.items()}
    glued = {page for page, names in glued_from.items() if names & synthetic}
    return sorted(glued | {f"notebooks/{name}" for name in synthetic})


def _copy_results(run: Run, target: Path) -> None:
    """Copy a run's notebook and what it wrote; two notebooks may not write the same file."""
    for path in run.folder.rglob("*"):
        copy = target / path.relative_to(run.folder)
        if path.is_dir() or path.name.startswith("."):
            continue
        if copy.exists():
            raise ValueError(f"{run.source.name} writes {path.relative_to(run.folder)}, as another notebook does")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)


def write_config(source: Path, stage: Path, synthetic_pages: list[str], title: str = "") -> None:
    """Write the project's configuration to a staged book, with its synthetic pages.

    A public copy can launch the project's own chapters. A book with another title is on other data, and without an
    address the theme would take its own project's.
    """
    import yaml  # of the extra [book], as all that renders

    config = yaml.safe_load(source.read_text(encoding="utf-8"))
    config["title"] = title or config["title"]
    if title or "repository" not in config:
        del config["launch_buttons"]
    config["sphinx"]["config"]["synthetic_pages"] = synthetic_pages
    (stage / source.name).write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")


def complete_status(page: Path, data: list[tuple[str, str]]) -> None:
    """Append to the staged status page which data (name and hash) and which packages this build used."""
    packages = [("Python", platform.python_version())]
    required = {re.match(r"[\w.-]+", line)[0] for line in importlib.metadata.requires("yardsticks") or []}
    for name in sorted(required - {"yardsticks"}):
        try:
            packages.append((name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            packages.append((name, "not installed"))
    with open(page, "a", encoding="utf-8") as handle:
        handle.write(_section("Data", ("data set", "SHA-256"), data))
        handle.write(_section("Packages", ("package", "version"), packages))


def _section(title: str, header: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    cells = [header, ("---", "---"), *((in_markdown(name), value) for name, value in rows)]
    lines = [f"| {left} | {right} |" for left, right in cells]
    return "\n".join(["", f"## {title}", "", *lines, ""])


def render(stage: Path, html: Path) -> Path:
    """Render the staged book to *html*; a warning is an error."""
    # --all: an incremental build keeps old glued numbers in prose pages
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(stage)]
    command += ["--all", "-W", "-n", "--keep-going", "-q"]
    finished = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
    pages = stage / "_build" / "html"
    if finished.returncode or not (pages / "index.html").is_file():
        raise BuildFailed(f"The pages could not be rendered.\n\n{ANSI.sub('', finished.stdout).strip()}")
    shutil.rmtree(html, ignore_errors=True)
    os.replace(pages, html)
    return html / "index.html"
