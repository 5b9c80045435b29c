"""Wing A on a user's table of scores, as a book of its own: nothing of the project's book is touched.

It holds the chapters that take the parameter ``scores``, but those of whose figures the table can show none. What else
it cannot show is said where it would stand (see `notebooks.boxes`). The first page lists all of it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from yardsticks import datasets
from yardsticks.alone import alone_in
from yardsticks.book.own_pages import (
    PAGES,
    about_scores,
    adapt,
    intro,
    is_papers,
    neutral,
    say_missing,
    take_out_bare,
    unlink,
    write_contents,
)
from yardsticks.book.stage import claim_folder, complete_status, find_synthetic_pages, render, stage_book, write_config
from yardsticks.book.trial import try_chapter
from yardsticks.literal import in_title
from yardsticks.notebooks.boxes import read_boxes
from yardsticks.notebooks.cells import declared_parameters
from yardsticks.notebooks.run import run_notebooks
from yardsticks.scores.consistency import METRICS, choose_metrics, paper_leaves
from yardsticks.scores.integration import has_enough
from yardsticks.scores.opening import open_scores
from yardsticks.scores.reading.columns import LONG, field_of
from yardsticks.scores.table import ScoreTable, check_option

ENOUGH = 10  # complete models, to look at these alone
MOST_LEFT_OUT = 1 / 3  # of the models, by looking at complete ones alone
_N_PAPER = 51
# what a chapter can show does not depend on how many resamples, or parts of the table, it looks at
_QUICK = {"n_resamples": 20, "tries": 1}


def build_own_book(
    root: Path,
    build: Path,
    scores: Path,
    *,
    catalogue: Path | None = None,
    metrics: str | None = None,
    model_column: str = "",
    transpose: bool = False,
    workers: int | None = None,
    timeout: int | None = None,
) -> tuple[Path, pd.DataFrame]:
    """Build the book of wing A on a user's table.

    Parameters
    ----------
    root : Path
        The project's folder.
    build : Path
        Receives ``runs/``, ``stage/`` and ``html/``.
    scores : Path
        A file of any format that `read_scores` takes.
    catalogue : Path, optional
        Areas of metrics that the catalogue does not know, see `areas.read_areas`.
    metrics : {"paper", "all"}, optional
        As for `choose_parameters`.
    model_column, transpose
        As for `read_scores`. The chapters then read the table as it was understood, which is kept in the folder.
    workers : int, optional
        Number of processes; default one for each core.
    timeout : int, optional
        Seconds that a cell of a notebook may take; by default there is no limit.

    Returns
    -------
    index : Path
        ``html/index.html``.
    missing : DataFrame
        As from `list_missing`.

    Raises
    ------
    ValueError, OSError
        The table or the catalogue cannot be read, or the folder holds the book of another; nothing was run then.
    BuildFailed
        The pages could not be rendered; those of an earlier build are left as they were.
    Occupied
        Another build works in this folder.
    """
    reading = {"model_column": model_column, "transpose": transpose}
    table = open_scores(scores, catalogue=catalogue or "", **reading)
    parameters = choose_parameters(table, scores, catalogue=catalogue, metrics=metrics)
    claim_folder(build, scores)
    with alone_in(build):
        if any(reading.values()):
            read = build / "read" / scores.name.removesuffix(".gz")
            # without the catalogue, which changes signs: the chapters are given it
            write_long(open_scores(scores, **reading), read)
            parameters |= {"scores": read, "scores_late": read}
        runs = run_notebooks(root, build / "runs", parameters, workers, taking="scores", timeout=timeout)
        missing = list_missing({run.source.stem: read_boxes(run.output) for run in runs})
        stage = stage_book(root, build / "stage", runs)
        bare = take_out_bare(stage / "notebooks")
        chapters = write_contents(root / "_toc.yml", stage)
        for page in (stage / "book").glob("*.md"):
            if page.stem not in PAGES:
                page.unlink()
        opening = intro(table, parameters, left_out_models(table, parameters), say_missing(missing, bare))
        (stage / "book" / "intro.md").write_text(opening, encoding="utf-8")
        for page in (stage / "book").glob("*.md"):
            text = about_scores(page.stem, page.read_text(encoding="utf-8"))
            page.write_text(unlink(text, chapters), encoding="utf-8")
        for chapter in (stage / "notebooks").glob("*.ipynb"):
            adapt(chapter, table, parameters, chapters)
        files = [path for path in (scores, catalogue) if path]
        complete_status(
            stage / "book" / "status.md", [(f"your file {p.name}", f"`{datasets.hash_file(p)}`") for p in files]
        )
        write_config(
            root / "_config.yml", stage, find_synthetic_pages(stage), title=f"Yardsticks on {in_title(scores.name)}"
        )
        return render(stage, build / "html"), missing


def write_long(table: ScoreTable, path: Path) -> None:
    """Write a table as a CSV that `read_scores` reads as the same, with a row for each model and metric."""
    about = table.models[[column for column in table.models if field_of(column) not in (*LONG, "name")]]
    path.parent.mkdir(exist_ok=True)
    table.cells.merge(about, left_on="model_id", right_index=True).to_csv(path, index=False)


def choose_parameters(
    table: ScoreTable, scores: Path, *, catalogue: Path | None = None, metrics: str | None = None
) -> dict[str, Any]:
    """Choose what the chapters are run with, so that a table of any kind shows as much as it can.

    Parameters
    ----------
    table : ScoreTable
        The user's.
    scores : Path
        Where it was read from.
    catalogue : Path, optional
        As in `build_own_book`.
    metrics : {"paper", "all"}, optional
        By default the paper's where the table has at least half of them, and otherwise all of the table.

    Returns
    -------
    dict
        Of notebooks' parameters. Where fewer than 10 models (or not all of fewer) have every metric, or more than a
        third of the models have not, correlations rest on the models that have both, and averages on what each model
        has.
    """
    if metrics is None:
        metrics = "paper" if 2 * len(paper_leaves(table, ost=True)) >= _N_PAPER else "all"
    check_option("metrics", metrics, METRICS)
    n_complete = len(table.complete(metrics=choose_metrics(table, metrics)).values)
    n_models = len(table.values)
    complete = n_complete >= min(ENOUGH, n_models) and n_complete >= (1 - MOST_LEFT_OUT) * n_models
    return {
        "scores": scores,
        "scores_late": scores,  # a user's table has one state
        "printed": False,  # what the paper says is about another table
        "only_public_only": "no",  # as for `marked`: by numbers of models
        "metrics": metrics,
        "policy": "complete" if complete else "pairwise",
        "averages": "complete" if complete else "available",
        "imagenet_floor": 0.0,  # whom the paper leaves out is no rule for others
        "marked": [],  # numbers of models are the user's own, and may be those of the paper's models by chance
        **({"catalogue": catalogue} if catalogue else {}),
    }


def left_out_models(table: ScoreTable, parameters: dict[str, Any]) -> dict[str, list[str]]:
    """Name the models that the chapters on correlations and rankings leave out, by the reason."""
    leaves = choose_metrics(table, parameters["metrics"])
    names = table.models["name"]
    kept = table.complete(metrics=leaves) if parameters["policy"] == "complete" else table
    single = kept.select(deduplicate="name").values.index
    lacking = pd.Series(False, names.index)
    if parameters["policy"] != "complete":
        lacking = ~has_enough(table.select(metrics=leaves))
    return {
        f"They lack one of the {len(leaves)} metrics": list(names[~names.index.isin(kept.values.index)]),
        "Another model has the same name": list(names[kept.values.index.difference(single, sort=False)]),
        "They have less than half of the metrics of a domain, and are in no ranking": list(names[lacking]),
    }


def list_missing(boxes: dict[str, list[dict[str, str]]]) -> pd.DataFrame:
    """List what chapters do not show, and why.

    Parameters
    ----------
    boxes : dict of str to list of dict
        Of each chapter, by the name of its notebook, as from `read_boxes`.

    Returns
    -------
    DataFrame
        One row for each chapter and reason: chapter, part (headings), what (output, text, figure) and why.
    """
    rows = [{"chapter": name, **box} for name, found in boxes.items() for box in found if not is_papers(box["part"])]
    frame = pd.DataFrame(rows, columns=["chapter", "part", "what", "why"])
    frame["part"] = frame["part"].map(lambda part: neutral(f"### {part}").lstrip("# "))
    by_reason = frame.groupby(["chapter", "why"], sort=False)
    joined = by_reason.agg(lambda texts: "; ".join(dict.fromkeys(texts)))
    return joined.reset_index()[["chapter", "part", "what", "why"]]


def try_chapters(scores: Path, *, catalogue: Path | None = None, metrics: str | None = None) -> pd.DataFrame:
    """Run the chapters on a table as `build_own_book` does, without kernels and pages; return `list_missing`."""
    table = open_scores(scores, catalogue=catalogue or "")
    parameters = choose_parameters(table, Path(scores), catalogue=catalogue, metrics=metrics) | _QUICK
    sources = sorted((datasets.project_folder() / "notebooks").glob("*.py"))
    taking = [source for source in sources if "scores" in declared_parameters(source)]
    with tempfile.TemporaryDirectory() as folder:
        return list_missing({source.stem: try_chapter(source, parameters, Path(folder))[1] for source in taking})
