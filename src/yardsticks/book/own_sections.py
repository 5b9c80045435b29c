"""Sections of a chapter on a user's own table: each says only once what it cannot show, and none is empty."""

from __future__ import annotations

import html
import re
from typing import Any

from yardsticks.literal import in_markdown

_BOX = re.compile(r":::\{admonition\} \w+ not shown\n:class: lacking\n(.*)\n:::", re.DOTALL)
_OUTPUT = re.compile(r'<div class="lacking"><strong>Not shown\.</strong> (.*)</div>', re.DOTALL)
_UNSEEN = {"remove-output", "remove-cell"}


def tidy_sections(cells: list[dict[str, Any]]) -> None:
    """Leave out boxes that say what the one before says, and headings with nothing below, in place."""
    _say_once(cells)
    _drop_empty(cells)


def _say_once(cells: list[dict[str, Any]]) -> None:
    """Keep of boxes in a row that give the same reason the first one."""
    last = ""
    for cell in cells:
        if cell["cell_type"] == "markdown":
            kept = []
            for block in filter(None, cell["source"].split("\n\n")):
                box = _BOX.fullmatch(block)
                kept += [] if box and box[1] == last else [block]
                last = box[1] if box else ""
            cell["source"] = "\n\n".join(kept)
        elif not _UNSEEN & set(cell["metadata"].get("tags", [])):
            kept = []
            for output in cell["outputs"]:
                box = _OUTPUT.fullmatch("".join(output.get("data", {}).get("text/html", "")))
                why = in_markdown(html.unescape(box[1])) if box else ""
                kept += [] if why and why == last else [output]
                last = why
            cell["outputs"] = kept


def _drop_empty(cells: list[dict[str, Any]]) -> None:
    """Leave out headings below which there is neither text, figure nor output before the next one."""
    filled, below = False, 0
    for cell in reversed(cells):
        if cell["cell_type"] != "markdown":
            filled |= bool(cell["outputs"]) and not _UNSEEN & set(cell["metadata"].get("tags", []))
            continue
        kept = []
        for block in reversed(cell["source"].split("\n\n")):
            level = len(block) - len(block.lstrip("#"))
            if level > 1 and not filled and below <= level:
                continue
            kept.append(block)
            filled, below = (False, level) if level else (filled or bool(block.strip()), below)
        cell["source"] = "\n\n".join(reversed(kept))
