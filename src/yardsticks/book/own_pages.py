"""The prose of a book on a user's own table: which pages it has, and what they say instead of the leaderboard's."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd

from yardsticks.literal import in_markdown, in_title
from yardsticks.scores.table import ScoreTable

PAGES = ("data", "methods", "glossary", "status")  # of book/, those that speak of no result
_LINK = re.compile(r"\{doc\}`([^`]*)`")


def write_contents(source: Path, stage: Path) -> set[str]:
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


def unlink(text: str, chapters: set[str]) -> str:
    """Make links to pages that this book does not have into their names."""
    names = {chapter.rpartition("/")[2] for chapter in chapters}

    def plain(link: re.Match) -> str:
        page = link[1].rpartition("/")[2]
        return link[0] if page in names else f"*{page}* (a page of the project's book)"

    return _LINK.sub(plain, text)


def adapt(chapter: Path, table: ScoreTable, parameters: dict[str, Any], chapters: set[str]) -> None:
    """Say below a chapter's title what it is made from, and cut links to pages that this book does not have."""
    notebook = json.loads(chapter.read_text(encoding="utf-8"))
    prose = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    for cell in prose:
        cell["source"] = unlink("".join(cell["source"]), chapters)
    title, _, rest = prose[0]["source"].partition("\n")
    chosen = any(re.search(r"^metrics = ", "".join(cell["source"]), re.MULTILINE) for cell in notebook["cells"])
    prose[0]["source"] = f"{title}\n\n{_note(table, parameters if chosen else None)}\n{rest}"
    chapter.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")


def _note(table: ScoreTable, parameters: dict[str, Any] | None) -> str:
    chosen = f" {_choices(parameters)}" if parameters else ""
    return (
        f":::{{note}}\nThe numbers and figures of this page are of {in_markdown(table.origin.name)}. The text was "
        f"written about Brain-Score's leaderboard: its headings and remarks may not hold here.{chosen}\n:::\n"
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


def intro(table: ScoreTable, parameters: dict[str, Any], missing: pd.DataFrame) -> str:
    """Return the introduction of a book on a user's table, in Markdown."""
    name, (n_models, n_metrics) = table.origin.name, table.values.shape
    left_out = "; ".join(f"{in_markdown(what)}: {count:,}" for what, count in table.origin.notes.items() if count)
    unknown = table.metrics.index[table.metrics["area"].isna()]
    lines = [
        f"# Yardsticks on {in_markdown(in_title(name))}",
        "",
        f"This book is made from the file {in_markdown(name)} (sha256 `{table.origin.sha256}`): {n_models:,} models, "
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
        some = ", ".join(f"“{in_markdown(metric)}”" for metric in unknown[:20]) + (" ..." if len(unknown) > 20 else "")
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
            cells = (f"{{doc}}`../notebooks/{row.chapter}`", in_markdown(row.part), row.what, in_markdown(row.why))
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    return "\n".join([*lines, "## References", "", "```{bibliography}", "```", ""])
