"""The prose of a book on a user's own table: which pages it has, and what they say instead of the leaderboard's."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd

from yardsticks.book.own_sections import tidy_sections
from yardsticks.literal import in_markdown, in_title
from yardsticks.scores.table import ScoreTable

PAGES = ("data", "methods", "glossary", "status")  # of book/, those that speak of no result
# what a sentence says of the paper, of its leaderboard, or of numbers of theirs
_PAPERS = re.compile(
    r"`(printed_\w+|close:|(?:overall|neural|all_neural)_ranks|(?:n_moved_)?sample_?\w*|n_sample|errors_\w+)"
    r"|\b([Pp]apers?|Ahlert|ahlert2024|09_claims|workshop|appendix|Kar2019|Brain-Score|public_only|printed|A test|"
    r"(?:earlier|later) (?:state|table|leaderboard))\b|\b[Tt]he (leaderboard|site)\b|\b1\.9 %|50 leaves|2024-01"
    r"|September 2023"
)
_OURS = re.compile(r"\bthe\s+paper's\s+metrics(\s+but\s+Kar2019-ost)?")
_ASIDE = re.compile(r" \([^()]*(?:[Pp]aper|Brain-Score)[^()]*\)")
# it may be said of what an earlier sentence names
_POINTS_BACK = re.compile(
    r"(It|Its|This|They|Their|Them|These|Those|That|The (two|others?|former|latter)|So|Therefore|Another|But|And|"
    r"Of (its|these|those|them)|On (it|these)|As near|Before that|Then)\b"
)
_CAPTION = re.compile(r"Ahlert Figure \d+, on the whole table[.:] ?")
_NOT_DRAWN = re.compile(r"\b(nine|eleven) (?=groups)|, (a )?dashed lines? at the [^,\n]*printed[^,\n]*")
_HEADINGS = {
    "What the paper found$": "In numbers",
    " of January 2026": "",
    "^### On all models of today": "## With odd-one-out choices and attention maps",
    "the leaderboard": "the table",
}
_OF_SAMPLE = re.compile(r"```\{glue:figure\} sample-.*?\n```\n*", re.DOTALL)
_REMARKS_KEPT = ("How it is done", "What it does not show")
_ABOUT_A_TABLE = ("## What a score is", "## How a file is read")  # of the page on data
_JUDGED = re.compile(r"Ahlert|Kar2019|printed|verdict")  # of the page on methods: rows about the claims
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


def take_out_bare(notebooks: Path) -> dict[str, str]:
    """Take chapters without any figure out of what is staged; return their titles, by the name of the notebook."""
    bare = {}
    for chapter in sorted(notebooks.glob("*.ipynb")):
        cells = json.loads(chapter.read_text(encoding="utf-8"))["cells"]
        prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        if not any("```{glue:figure}" in _OF_SAMPLE.sub("", text) for text in prose):
            bare[chapter.stem] = prose[0].partition("\n")[0].lstrip("# ")
            chapter.unlink()
    return bare


def unlink(text: str, chapters: set[str]) -> str:
    """Make links to pages that this book does not have into their names."""
    names = {chapter.rpartition("/")[2] for chapter in chapters}

    def plain(link: re.Match) -> str:
        page = link[1].rpartition("/")[2]
        return link[0] if page in names else f"*{page}* (a page of the project's book)"

    return _LINK.sub(plain, text)


def neutral(text: str) -> str:
    """Leave of a cell's prose what holds of any table: what has a number of this table, and what explains.

    Parameters
    ----------
    text : str
        Markdown of one cell.

    Returns
    -------
    str
        Without the paper, its leaderboard, and sentences that point back to one that is left out. Where the text says
        "the paper's metrics", it is the metrics that the book is about.
    """
    text = _OURS.sub("the metrics", _OF_SAMPLE.sub("", text))
    blocks, explains, fence = [], False, ""
    for block in text.split("\n\n"):
        opened = re.match(r"```\S*|:::\S*|\|", block)
        fence = fence or (opened[0] if opened else "")
        if block.startswith("#"):
            explains = block.lstrip("# ") in _REMARKS_KEPT
            for ours, theirs in _HEADINGS.items():
                block = re.sub(ours, theirs, block)
            blocks.append(block)
        elif fence:
            blocks.append(_caption(block) if fence == "```{glue:figure}" else block)
            fence = "" if block.endswith(fence[:3]) or fence == "|" else fence
        elif block.startswith("- "):
            items = [(item, _sentences(item, explains=True)) for item in re.split(r"(?m)^- ", block)[1:]]
            kept = [left for item, left in items if left and left[:5] == item[:5]]  # not without its beginning
            blocks.append("\n".join(f"- {item}" for item in kept))
        else:
            blocks.append(_sentences(block, explains=explains or "{glue:" not in block))
    return "\n\n".join(filter(None, blocks))


def _caption(block: str) -> str:
    """Leave of a figure's description what stands before its semicolon, and of its caption what is not the paper's."""
    if not block.endswith("```"):
        block = re.sub(r"(?m)^(:alt: [^;\n]*);.*$", r"\1.", block)
        return re.sub(r"(?m)^:alt: .*$", lambda found: _NOT_DRAWN.sub("", found[0]), block)
    said, links = re.fullmatch(r"(.*?)( \[[^]]*\]\(.*|)", _CAPTION.sub("", " ".join(block.split()[:-1]))).groups()
    clauses = said.split("; ")
    kept = [clause for clause in clauses if not _PAPERS.search(clause)]
    said = "; ".join(kept) + ("." if kept[-1:] != clauses[-1:] else "")
    return f"{said[:1].upper()}{said[1:]}{links}\n```"


def _sentences(block: str, *, explains: bool) -> str:
    """Leave out what is about the paper, what has no number where nothing is explained, and what points back to it."""
    kept, lost = [], False
    for sentence in _SENTENCE.split(" ".join(block.split())):
        said = _say(sentence, explains=explains)
        if said and not (lost and _POINTS_BACK.match(said)):
            kept.append(said)
        lost = not said or (lost and _POINTS_BACK.match(said) is not None)
    return " ".join(kept)


def _say(sentence: str, *, explains: bool) -> str:
    """Keep a sentence without a verdict before its colon, and without what it says of the paper in brackets."""
    sentence = _ASIDE.sub("", sentence)
    glued = "{glue:" in sentence
    if glued:
        sentence = re.sub(r"\bthe leaderboard\b", "the table", sentence)
        verdict, colon, rest = sentence.partition(": ")
        if colon and "{" not in verdict and not (rest.startswith("{") or explains):
            sentence = rest[0].upper() + rest[1:]
    return "" if _PAPERS.search(sentence) or not (glued or explains) else sentence


def leave_out(cells: list[dict[str, Any]]) -> None:
    """Leave out the parts of a chapter that are about the paper alone; what is computed there is kept, unseen."""
    out = False
    for cell in cells:
        if cell["cell_type"] == "markdown":
            kept = []
            for block in "".join(cell["source"]).split("\n\n"):
                out = is_papers(block) if block.startswith("#") else out
                kept += [] if out else [block]
            cell["source"] = "\n\n".join(kept)
        elif out:
            cell["metadata"]["tags"] = ["remove-cell"]


def say_parameters(table: str) -> str:
    """Leave out the parameters that are about the paper alone, and what the others have to do with it."""
    lines = []
    for line in table.split("\n"):
        cells = line.split(" | ")
        if line.startswith("| `") and len(cells) == 4:
            kept = [clause for clause in re.split(r"\\?[;,] (?=as in )|\\?; ", cells[2]) if not _PAPERS.search(clause)]
            lines += [" | ".join([*cells[:2], "; ".join(kept), cells[3]])] if kept else []
        else:
            lines.append(line)
    return "\n".join(lines)


def about_scores(page: str, text: str) -> str:
    """Leave of a page of reference what a table of scores needs: no other data, no second wing, no claims."""
    opening, *sections = re.split(r"(?m)^(?=## )", text)
    if page == "data":
        kept = [section for section in sections if section.startswith(_ABOUT_A_TABLE)]
        return "\n".join([opening, *kept])
    if page == "methods":
        kept = opening + "".join(section.partition("\n")[2] for section in sections if section.startswith("## Wing A"))
        return "\n".join(line for line in kept.split("\n") if not (line[:1] == "|" and _JUDGED.search(line)))
    if page == "glossary":
        return re.sub(r"(?m)^(paper proxy|verdict)\n(  .*\n)+\n", "", text)
    return text


def is_papers(heading: str) -> bool:
    """Tell whether a heading is over what the paper printed, or over its models."""
    return "printed numbers" in heading or heading.endswith("With odd-one-out choices and attention maps")


def adapt(chapter: Path, table: ScoreTable, parameters: dict[str, Any], chapters: set[str]) -> None:
    """Say below a chapter's title what it is made from, and cut links to pages that this book does not have."""
    notebook = json.loads(chapter.read_text(encoding="utf-8"))
    leave_out(notebook["cells"])
    prose = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    for cell in prose:
        cell["source"] = unlink(neutral(cell["source"]), chapters)
        if cell.get("id") == "run-again":
            cell["source"] = say_parameters(cell["source"])
    tidy_sections(notebook["cells"])
    title, _, rest = prose[0]["source"].partition("\n")
    chosen = any(re.search(r"^metrics\b.* = ", "".join(cell["source"]), re.MULTILINE) for cell in notebook["cells"])
    prose[0]["source"] = f"{title}\n\n{_note(table, parameters if chosen else None)}\n{rest}"
    chapter.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")


def _note(table: ScoreTable, parameters: dict[str, Any] | None) -> str:
    chosen = f" {_choices(parameters)}" if parameters else ""
    return f":::{{note}}\nAll numbers and figures of this page are of {in_markdown(table.origin.name)}.{chosen}\n:::\n"


def _choices(parameters: dict[str, Any]) -> str:
    metrics = "the paper's that the table has" if parameters["metrics"] == "paper" else "all that the table has"
    models = (
        "have every one of these metrics"
        if parameters["policy"] == "complete"
        else "are all of them, also where scores are missing: pairs of metrics rest on the models that have both, "
        "averages on what there is"
    )
    return f"The metrics are {metrics}; the models {models}, unless the text says otherwise."


def say_missing(missing: pd.DataFrame, bare: dict[str, str]) -> str:
    """Return what a book does not show, as Markdown: each reason once, with what it takes.

    Parameters
    ----------
    missing : DataFrame
        As from `own.list_missing`.
    bare : dict of str to str
        As from `take_out_bare`.
    """
    if missing.empty:
        return "Every figure and every number of the chapters is shown."
    lines, before = ["| why | chapter | part |", "|---|---|---|"], ""
    for why, rows in missing.groupby("why", sort=False):
        for row in rows.itertuples():
            chapter, part = f"{{doc}}`../notebooks/{row.chapter}`", f"{in_markdown(row.part)} ({row.what})"
            if row.chapter in bare:
                if "figure" not in row.what:  # the chapter is left out for another reason
                    continue
                chapter, part = f"*{in_markdown(bare[row.chapter])}*", "all of it: the chapter is not in this book"
            lines.append(f"| {'' if why == before else in_markdown(why)} | {chapter} | {part} |")
            before = why
    return "\n".join(lines)


def intro(
    table: ScoreTable, parameters: dict[str, Any], left_out_models: dict[str, list[str]], cannot_be_shown: str
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
    lines += ["## What cannot be shown", "", cannot_be_shown, ""]
    return "\n".join([*lines, "## References", "", "```{bibliography}", "```", ""])
