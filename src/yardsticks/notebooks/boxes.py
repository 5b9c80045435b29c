"""What a table is too small to show: cells of an executed notebook that failed become boxes that say why.

A notebook computes and draws; what it needs is checked by the functions that it calls, whose errors say what is
missing. A notebook that is run on a file of the user's is executed to its end, and then read here: a cell that failed,
a cell that uses what it would have made, and the prose and figures that show a number of theirs give way to a box with
the reason. So the cell is the unit of what can be shown, and notebooks need no conditions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from yardsticks.literal import in_html, in_markdown
from yardsticks.notebooks.cells import names_made

UNDEFINED = ("nan", "inf", "-inf", "None", "<NA>")
UNFORESEEN = "an error that was not foreseen"
_BANNER = "papermill-error-cell-tag"  # of the cells that papermill adds about the first error
_FIGURE = re.compile(r"^```\{glue:figure\} *(\S+)")
_SHOWN = re.compile(r"\{glue:\w+\} *`?([\w.-]+)|\((tables/[\w.-]+)\)")
_UNDEFINED_NAME = re.compile(r"name '(\w+)' is not defined")


def box_failures(notebook, folder: Path) -> list[dict[str, str]]:
    """Put boxes in place of what an executed notebook could not compute.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Executed to its end whatever failed; changed in place.
    folder : Path
        Where it was run; tables that were not written there are not linked to.

    Returns
    -------
    list of dict
        One for each box, from the top: ``part`` (the heading above), ``what`` (``output``, ``figure`` or ``text``) and
        ``why``.

    Notes
    -----
    A ``ValueError`` is how our functions say that the data do not allow what is asked, and its message is the reason.
    Any other error was not foreseen, which the reason says.
    """
    notebook.cells = [cell for cell in notebook.cells if _BANNER not in cell.metadata.get("tags", [])]
    failed = _failed_cells(notebook.cells)
    glued = _glued(notebook.cells)
    boxes, part, before = [], "", ""
    for number, cell in enumerate(notebook.cells):
        hidden = "remove-cell" in cell.metadata.get("tags", [])
        if number in failed:
            why = failed[number]
            kept = [output for output in cell.outputs if output.output_type != "error"]
            cell.outputs = kept if hidden else [*kept, _output_box(why, type(cell))]
            if not hidden:
                boxes.append({"part": part, "what": "output", "why": why})
        elif cell.cell_type == "markdown":
            blocks = []
            for block in _blocks(cell.source):
                if block.startswith("#"):
                    part = block.lstrip("# ").splitlines()[0]
                why = _why_not(block, glued, failed, notebook.cells, folder)
                figure = _FIGURE.match(block)
                what = "figure" if figure else "text"
                if why and not (what == "text" and before == why):  # one box for paragraphs in a row
                    blocks.append(_markdown_box(what, why))
                    boxes.append({"part": part, "what": what, "why": why})
                elif not why:
                    blocks.append(block)
                before = why
            cell.source = "\n\n".join(blocks)
    return boxes


def read_boxes(path: Path) -> list[dict[str, str]]:
    """Return the boxes of an executed notebook, as `box_failures` does."""
    return json.loads(path.read_text(encoding="utf-8"))["metadata"].get("not_shown", [])


def _failed_cells(cells: list) -> dict[int, str]:
    """Return the reason of each cell that failed, or that uses a name which a failed one would have made."""
    failed: dict[int, str] = {}
    lost: dict[str, str] = {}
    for number, cell in enumerate(cells):
        errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        if not errors:
            continue
        name, text = errors[0].ename, " ".join(str(errors[0].evalue).split())
        undefined = _UNDEFINED_NAME.search(text) if name == "NameError" else None
        if undefined and undefined[1] in lost:
            failed[number] = lost[undefined[1]]
        else:
            failed[number] = text if name == "ValueError" else f"{UNFORESEEN}, {name}: {text}"
        with suppress(ValueError):  # what is no Python would have made nothing
            for made in names_made(cell.source):
                lost.setdefault(made, failed[number])
    return failed


def _glued(cells: list) -> dict[str, str]:
    """Return what was glued, as text, by its name."""
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    found = [(output.get("metadata", {}).get("scrapbook", {}).get("name"), output) for output in outputs]
    # the type of what is not displayed where it is glued has a prefix
    plain = {
        name: [text for kind, text in output.data.items() if kind.endswith("text/plain")]
        for name, output in found
        if name
    }
    return {name: "".join(texts) for name, texts in plain.items()}


def _why_not(block: str, glued: dict[str, str], failed: dict[int, str], cells: list, folder: Path) -> str:
    """Say why a block of prose cannot be shown; "" when it can."""
    for key, table in _SHOWN.findall(block):
        if key and glued.get(key, "nan") not in UNDEFINED:
            continue
        if table and (folder / table).is_file():
            continue
        maker = _maker(key or Path(table).stem)
        for number, why in failed.items():
            if maker.search(cells[number].source):
                return why
        if key in glued:
            return "the table has too few scores for a number of this text, or none that differ."
        return f"the table does not have what this takes: {(key or table).replace('_', ' ')}."
    return ""


def _maker(name: str) -> re.Pattern:
    """Return what is found in the code that glues a name: the name itself, or `glue.row` with the beginning of it."""
    parts = name.split("_")
    prefixes = "|".join(re.escape("_".join(parts[:n])) for n in range(1, len(parts)))
    whole = re.escape(name)
    of_a_row = rf"|\brow\(\s*[\"'](?:{prefixes})[\"']" if prefixes else ""
    return re.compile(rf"\b{whole} *=|[\"']{whole}[\"']{of_a_row}")


def _blocks(text: str) -> Iterator[str]:
    """Split Markdown at empty lines, directives whole."""
    block, fence = [], ""
    for line in text.splitlines():
        opened = re.match(r"(`{3,}|:{3,})", line)
        if opened and not fence:
            fence = opened[1]
        elif fence and line.strip() == fence:
            fence = ""
        if line.strip() or fence:
            block.append(line)
        elif block:
            yield "\n".join(block)
            block = []
    if block:
        yield "\n".join(block)


def _markdown_box(what: str, why: str) -> str:
    return f":::{{admonition}} {what.capitalize()} not shown\n:class: lacking\n{in_markdown(why)}\n:::"


def _output_box(why: str, node: type):
    box = f'<div class="lacking"><strong>Not shown.</strong> {in_html(why)}</div>'
    return node(output_type="display_data", metadata=node(), data=node({"text/html": box}))
