"""Sections of a chapter on a user's own table: each reason why something is not shown once, and no section is empty."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, NamedTuple

_BOX = re.compile(r":::\{admonition\} \w+ not shown\n:class: lacking\n(.*)\n:::", re.DOTALL)
_OUTPUT = re.compile(r'<div class="lacking"><strong>Not shown\.</strong> (.*)</div>', re.DOTALL)
_ESCAPED = re.compile(r"&#?\w+;|\W")  # what HTML and Markdown write in two ways
_UNSEEN = {"remove-output", "remove-cell"}


class Piece(NamedTuple):
    """A block of text or an output: its cell and its place there, and what it is.

    Attributes
    ----------
    level : int
        Of a heading, else 0.
    why : str
        The letters of a box's reason, else "".
    """

    cell: int
    place: int
    level: int
    why: str


def tidy_sections(cells: list[dict[str, Any]]) -> None:
    """Leave out, in place, boxes that repeat the one before them, and sections that say nothing new.

    Such a section has no text, figure or output, and its boxes, if any, give reasons that stand further up.
    """
    gone = set()
    sections: list[list[Piece]] = [[]]
    for piece in _pieces(cells):
        if piece.level:
            sections.append([])
        sections[-1].append(piece)
    said: set[str] = set()
    for section in sections:
        shown = [piece for piece in section if not piece.level]
        reasons = {piece.why for piece in shown}
        if section and section[0].level > 1 and reasons <= said and shown:
            gone |= {(piece.cell, piece.place) for piece in section}
        gone |= {(now.cell, now.place) for before, now in pairwise(shown) if now.why and now.why == before.why}
        said |= reasons - {""}
    left = [piece for piece in _pieces(cells) if (piece.cell, piece.place) not in gone]
    below = 0  # the level of the next heading that stays, once nothing stands between
    for piece in reversed(left):
        if piece.level > 1 and 0 <= below <= piece.level:
            gone.add((piece.cell, piece.place))
        else:
            below = piece.level or -1
    _keep(cells, gone)


def _pieces(cells: list[dict[str, Any]]) -> list[Piece]:
    found = []
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "markdown":
            for place, block in enumerate(cell["source"].split("\n\n")):
                box = _BOX.fullmatch(block)
                if block.strip():
                    level = len(block) - len(block.lstrip("#"))
                    found.append(Piece(number, place, level, _ESCAPED.sub("", box[1]) if box else ""))
        elif not _UNSEEN & set(cell["metadata"].get("tags", [])):
            for place, output in enumerate(cell["outputs"]):
                box = _OUTPUT.fullmatch("".join(output.get("data", {}).get("text/html", "")))
                if not output.get("metadata", {}).get("scrapbook"):  # what is glued is shown elsewhere
                    found.append(Piece(number, place, 0, _ESCAPED.sub("", box[1]) if box else ""))
    return found


def _keep(cells: list[dict[str, Any]], gone: set[tuple[int, int]]) -> None:
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "markdown":
            blocks = cell["source"].split("\n\n")
            cell["source"] = "\n\n".join(block for place, block in enumerate(blocks) if (number, place) not in gone)
        else:
            outputs = cell["outputs"]
            cell["outputs"] = [shown for place, shown in enumerate(outputs) if (number, place) not in gone]
