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
# numbers about the paper's table, and about the sample that it took of it
_PAPERS = re.compile(r"`(printed_\w+|(?:overall|neural|all_neural)_ranks|(?:n_moved_)?sample_?\w*|n_sample|errors_\w+)")
_OF_SAMPLE = re.compile(r"```\{glue:figure\} sample-.*?\n```\n*", re.DOTALL)
_REMARKS_KEPT = ("How it is done", "What it does not show", "With odd-one-out choices and attention maps")
_SENTENCE = re.compile(r"(?<=[.?!]) (?=[A-Z*`{])")
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


def neutral(text: str, *, metrics: str) -> str:
    """Leave of a cell's prose what holds of any table: what has a number of this table, and what explains.

    Parameters
    ----------
    text : str
        Markdown of one cell.
    metrics : {"paper", "all"}
        Which metrics the book is about; of all of them none are called the paper's.
    """
    blocks, explains, fenced = [], False, False
    for block in _OF_SAMPLE.sub("", text).split("\n\n"):
        whole = fenced or block.startswith(("```", ":::", "|", "-"))
        fenced = (fenced or block.startswith("```")) and not block.endswith("```")
        if block.startswith("#"):
            explains = block.lstrip("# ") in _REMARKS_KEPT
            blocks.append(re.sub(r"^(#+) What the paper found$", r"\1 In numbers", block))
        elif "{glue:" not in block or whole or explains:
            # what a picture shows stands behind the semicolon of its description
            block = re.sub(r"(?m)^(:alt: [^;\n]*);.*$", r"\1.", block)
            blocks.append(re.sub(r"; ringed are\s+the\s+paper's\s+two\s+best\s+models", "", block))
        else:
            said = [_say(sentence) for sentence in _SENTENCE.split(" ".join(block.split()))]
            blocks.append(" ".join(filter(None, said)))
    joined = "\n\n".join(filter(None, blocks))
    return re.sub(r"\bthe paper's metrics( but Kar2019-ost)?", "the metrics", joined) if metrics == "all" else joined


def _say(sentence: str) -> str:
    """Keep a sentence that says a number of this table, without a verdict before its colon."""
    if "{glue:" not in sentence or _PAPERS.search(sentence):
        return ""
    verdict, colon, rest = sentence.partition(": ")
    if not colon or "{" in verdict or rest.startswith("{"):
        return sentence
    return rest[0].upper() + rest[1:]


def adapt(chapter: Path, table: ScoreTable, parameters: dict[str, Any], chapters: set[str]) -> None:
    """Say below a chapter's title what it is made from, and cut links to pages that this book does not have."""
    notebook = json.loads(chapter.read_text(encoding="utf-8"))
    prose = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    for cell in prose:
        cell["source"] = unlink(neutral("".join(cell["source"]), metrics=parameters["metrics"]), chapters)
    title, _, rest = prose[0]["source"].partition("\n")
    chosen = any(re.search(r"^metrics = ", "".join(cell["source"]), re.MULTILINE) for cell in notebook["cells"])
    prose[0]["source"] = f"{title}\n\n{_note(table, parameters if chosen else None)}\n{rest}"
    chapter.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")


def _note(table: ScoreTable, parameters: dict[str, Any] | None) -> str:
    chosen = f" {_choices(parameters)}" if parameters else ""
    return (
        f":::{{note}}\nThe numbers and figures of this page are of {in_markdown(table.origin.name)}. What the text "
        f"says beyond them explains the method; it was written about Brain-Score's leaderboard.{chosen}\n:::\n"
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


def intro(
    table: ScoreTable, parameters: dict[str, Any], missing: pd.DataFrame, left_out_models: dict[str, list[str]]
) -> str:
    """Return the introduction of a book on a user's table, in Markdown."""
    name, (n_models, n_metrics) = table.origin.name, table.values.shape
    left_out = in_markdown(table.origin.left_out())
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
    dropped = {reason: names for reason, names in left_out_models.items() if names}
    if dropped:
        lines += ["## Models that are left out of correlations and rankings", ""]
        for reason, names in dropped.items():
            lines += [f"{reason} ({len(names)} of {n_models}): {', '.join(map(in_markdown, names))}.", ""]
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
