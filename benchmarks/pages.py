"""Pages that several benchmarks write: each writes its section, and leaves what the others measured as it is."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PERFORMANCE = ROOT / "book" / "performance.md"


def write_section(page: Path, text: str) -> None:
    """Write a section, which begins with its heading, in place of the one of the same heading, or as the last one.

    A text that begins with the page's title is all before the first section.
    """
    heading = text.partition("\n")[0]
    parts = page.read_text(encoding="utf-8").split("\n## ") if page.exists() else [""]
    sections = [parts[0].strip("\n"), *(f"## {part}".strip("\n") for part in parts[1:])]
    places = [number for number, section in enumerate(sections) if section.partition("\n")[0] == heading]
    if heading.startswith("# "):
        places = [0]
    if places:
        sections[places[0]] = text.strip("\n")
    else:
        sections.append(text.strip("\n"))
    partial = page.with_suffix(".partial")
    partial.write_text("\n\n".join(section for section in sections if section) + "\n", encoding="utf-8")
    os.replace(partial, page)
