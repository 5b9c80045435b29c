"""Wing A on a user's table of scores, as a book of its own: nothing of the project's book is touched.

It holds the chapters that take the parameter ``scores``. What the table cannot show is said where it would stand (see
`lacking`), and listed on the first page.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from yardsticks import datasets
from yardsticks.book import claim_folder, complete_status, find_synthetic_pages, render, stage_book, write_config
from yardsticks.notebooks import Run, run_notebooks
from yardsticks.scores.consistency import METRICS, choose_metrics, paper_leaves
from yardsticks.scores.readers import open_scores
from yardsticks.scores.table import ScoreTable, check_option

PAGES = ("data", "methods", "glossary", "status")  # of book/, those that speak of no result
ENOUGH = 10  # complete models, to look at these alone
_N_PAPER = 51
_LINK = re.compile(r"\{doc\}`([^`]*)`")


def build_own_book(
    root: Path,
    build: Path,
    scores: Path,
    *,
    catalogue: Path | None = None,
    metrics: str | None = None,
    workers: int | None = None,
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
    workers : int, optional
        Number of processes; default one for each core.

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
    """
    table = open_scores(scores, catalogue=catalogue or "")
    parameters = choose_parameters(table, scores, catalogue=catalogue, metrics=metrics)
    claim_folder(build, scores)
    runs = run_notebooks(root, build / "runs", parameters, workers, taking="scores")
    missing = list_missing(runs)
    stage = stage_book(root, build / "stage", runs)
    chapters = _write_contents(root / "_toc.yml", stage)
    for page in (stage / "book").glob("*.md"):
        if page.stem not in PAGES:
            page.unlink()
    (stage / "book" / "intro.md").write_text(_intro(table, parameters, missing), encoding="utf-8")
    for page in (stage / "book").glob("*.md"):
        page.write_text(_unlink(page.read_text(encoding="utf-8"), chapters), encoding="utf-8")
    for chapter in (stage / "notebooks").glob("*.ipynb"):
        _adapt(chapter, table, parameters, chapters)
    files = [path for path in (scores, catalogue) if path]
    complete_status(
        stage / "book" / "status.md", [(f"your file {p.name}", f"`{datasets.hash_file(p)}`") for p in files]
    )
    write_config(root / "_config.yml", stage, find_synthetic_pages(stage), title=f"Yardsticks on {scores.name}")
    return render(stage, build / "html"), missing


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
        Of notebooks' parameters. Where fewer than 10 models (or not all of fewer) have every metric, correlations rest
        on the models that have both, and averages on what each model has.
    """
    if metrics is None:
        metrics = "paper" if 2 * len(paper_leaves(table, ost=True)) >= _N_PAPER else "all"
    check_option("metrics", metrics, METRICS)
    n_complete = len(table.complete(metrics=choose_metrics(table, metrics)).values)
    complete = n_complete >= min(ENOUGH, len(table.values))
    return {
        "scores": scores,
        "scores_late": scores,  # a user's table has one state
        "printed": False,  # what the paper says is about another table
        "only_public_only": "no",  # as for `marked`: by numbers of models
        "metrics": metrics,
        "policy": "complete" if complete else "pairwise",
        "averages": "complete" if complete else "available",
        "marked": [],  # numbers of models are the user's own, and may be those of the paper's models by chance
        **({"catalogue": catalogue} if catalogue else {}),
    }


def list_missing(runs: list[Run]) -> pd.DataFrame:
    """List what chapters do not show, and why.

    Returns
    -------
    DataFrame
        One row for each chapter and reason: chapter, part (headings), what (output, text, figure) and why.
    """
    rows = []
    for run in runs:
        boxes = json.loads(run.output.read_text(encoding="utf-8"))["metadata"].get("not_shown", [])
        rows += [{"chapter": run.source.stem, **box} for box in boxes]
    frame = pd.DataFrame(rows, columns=["chapter", "part", "what", "why"])
    by_reason = frame.groupby(["chapter", "why"], sort=False)
    joined = by_reason.agg(lambda texts: "; ".join(dict.fromkeys(texts)))
    return joined.reset_index()[["chapter", "part", "what", "why"]]


def try_chapters(scores: Path, *, catalogue: Path | None = None, metrics: str | None = None) -> pd.DataFrame:
    """Run the chapters on a table as `build_own_book` does, without rendering pages; return `list_missing`."""
    table = open_scores(scores, catalogue=catalogue or "")
    parameters = choose_parameters(table, Path(scores), catalogue=catalogue, metrics=metrics)
    with tempfile.TemporaryDirectory() as folder:
        runs = run_notebooks(datasets.ROOT, Path(folder), parameters, 1, taking="scores", progress=False)
        return list_missing(runs)


def write_example(folder: str | os.PathLike, *, seed: int, n_models: int = 24) -> tuple[Path, Path]:
    """Write an invented export and a catalogue of its metrics, as a user could have them; nothing in them is real.

    Returns
    -------
    export : Path
        ``my_export.csv``, wide: a metric of Brain-Score's, four of a lab's own, one of them the same for all models,
        and some holes. No ImageNet, no errors, no dates.
    catalogue : Path
        ``my_metrics.csv``: areas of the lab's metrics, but one.
    """
    rng = np.random.default_rng(seed)
    quality = rng.normal(size=(n_models, 1))
    own = {"lab.V1-rsa": "V1", "lab.V4-rsa": "V4", "lab.sorting": "behaviour", "lab.constant": ""}
    scores = 0.4 + 0.1 * (quality + rng.normal(size=(n_models, 1 + len(own))))
    frame = pd.DataFrame(scores.round(3), columns=["MajajHong2015.IT-pls", *own])
    frame["lab.constant"] = 0.5
    frame.loc[rng.choice(n_models, 4, replace=False), "lab.V4-rsa"] = np.nan
    frame.insert(0, "model", [f"net-{number + 1}" for number in range(n_models)])
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    export, catalogue = folder / "my_export.csv", folder / "my_metrics.csv"
    frame.to_csv(export, index=False)
    areas = pd.DataFrame([(metric, area) for metric, area in own.items() if area], columns=["metric", "area"])
    areas.to_csv(catalogue, index=False)
    return export, catalogue


def _write_contents(source: Path, stage: Path) -> set[str]:
    """Write the table of contents of what is staged, in the project's order; return its pages."""
    import yaml  # of the extra [book], as all that renders

    contents = yaml.safe_load(source.read_text(encoding="utf-8"))
    listed = [chapter["file"] for part in contents["parts"] for chapter in part["chapters"]]
    chapters = [file for file in listed if (stage / f"{file}.ipynb").is_file()]
    pages = [file for file in listed if file in {f"book/{page}" for page in PAGES} and (stage / f"{file}.md").is_file()]
    parts = [("Do the metrics agree?", chapters), ("Reference", pages)]
    contents["parts"] = [
        {"caption": caption, "chapters": [{"file": file} for file in files]} for caption, files in parts if files
    ]
    (stage / source.name).write_text(yaml.safe_dump(contents, sort_keys=False), encoding="utf-8")
    return {contents["root"], *chapters, *pages}


def _unlink(text: str, chapters: set[str]) -> str:
    """Make links to pages that this book does not have into their names."""
    names = {chapter.rpartition("/")[2] for chapter in chapters}

    def plain(link: re.Match) -> str:
        page = link[1].rpartition("/")[2]
        return link[0] if page in names else f"*{page}* (a page of the project's book)"

    return _LINK.sub(plain, text)


def _adapt(chapter: Path, table: ScoreTable, parameters: dict[str, Any], chapters: set[str]) -> None:
    """Say below a chapter's title what it is made from, and cut links to pages that this book does not have."""
    notebook = json.loads(chapter.read_text(encoding="utf-8"))
    prose = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    for cell in prose:
        cell["source"] = _unlink("".join(cell["source"]), chapters)
    title, _, rest = prose[0]["source"].partition("\n")
    chosen = any(re.search(r"^metrics = ", "".join(cell["source"]), re.MULTILINE) for cell in notebook["cells"])
    prose[0]["source"] = f"{title}\n\n{_note(table, parameters if chosen else None)}\n{rest}"
    chapter.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")


def _note(table: ScoreTable, parameters: dict[str, Any] | None) -> str:
    chosen = f" {_choices(parameters)}" if parameters else ""
    return (
        f":::{{note}}\nThe numbers and figures of this page are of `{table.origin.name}`. The text was written about "
        f"Brain-Score's leaderboard: its headings and remarks may not hold here.{chosen}\n:::\n"
    )


def _choices(parameters: dict[str, Any]) -> str:
    metrics = (
        "the paper's metrics that the table has" if parameters["metrics"] == "paper" else "all metrics of the table"
    )
    models = (
        "the models that have every one of them"
        if parameters["policy"] == "complete"
        else "those with missing scores too: pairs of metrics on the models that have both, averages on what there is"
    )
    return f"Where the text speaks of the paper's metrics, read: {metrics}; where of complete models, read: {models}."


def _intro(table: ScoreTable, parameters: dict[str, Any], missing: pd.DataFrame) -> str:
    n_models, n_metrics = table.values.shape
    left_out = "; ".join(f"{what}: {count:,}" for what, count in table.origin.notes.items() if count)
    unknown = table.metrics.index[table.metrics["area"].isna()]
    lines = [
        f"# Yardsticks on {_plain(table.origin.name)}",
        "",
        f"This book is made from the file `{table.origin.name}` (sha256 `{table.origin.sha256}`): {n_models:,} models, "
        f"{n_metrics:,} metrics, {table.values.count().sum():,} scores."
        + (f" Left out on reading: {left_out}." if left_out else ""),
        "",
        _choices(parameters),
        "",
        "The chapters are those of the first wing of *Yardsticks*, which follow {cite:t}`ahlert2024`. What their paper "
        "says is not judged on another table than theirs, so the chapter on its claims is not in this book.",
        "",
    ]
    if len(unknown):
        some = ", ".join(f"`{metric}`" for metric in unknown[:20]) + (" ..." if len(unknown) > 20 else "")
        lines += [
            "## Metrics that the catalogue does not know",
            "",
            f"{len(unknown)} of {n_metrics} metrics are not in the catalogue and are part of no area: {some}. A file "
            "with the columns `metric` and `area`, given with `--catalogue`, says where they belong. "
            + (
                "They are counted and correlated."
                if parameters["metrics"] == "all"
                else "They are counted, and not correlated: that takes `--metrics all`."
            ),
            "",
        ]
    lines += ["## What cannot be shown", ""]
    if missing.empty:
        lines += ["Every figure and every number of the chapters is shown.", ""]
    else:
        lines += ["| chapter | part | what | why |", "|---|---|---|---|"]
        for row in missing.itertuples():
            cells = (f"{{doc}}`../notebooks/{row.chapter}`", _plain(row.part), row.what, _plain(row.why))
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    return "\n".join([*lines, "## References", "", "```{bibliography}", "```", ""])


def _plain(text: str) -> str:
    """Escape what Markdown would take for markup."""
    return re.sub(r"([\\`*_{}\[\]<>$|#~])", r"\\\1", text)
