"""Reading notebooks: their cells, their parameters, what a failed cell says."""

from __future__ import annotations

import ast
import json
import re
import traceback
from pathlib import Path

ANSI = re.compile(r"\x1b\[[0-9;]*m")
SYNTHETIC = 'id="synthetic-data"'


def read_cells(path: Path) -> list[dict]:
    """Return the cells of an ``.ipynb`` file as plain dictionaries; nbformat is slow to import."""
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def shows_synthetic(path: Path) -> bool:
    """Tell whether an executed notebook has an output that says that its data are synthetic."""
    outputs = [output for cell in read_cells(path) for output in cell.get("outputs", [])]
    return any(SYNTHETIC in "".join(output.get("data", {}).get("text/html", "")) for output in outputs)


def parameters_cell(source: Path) -> str:
    """Return the code of a notebook's cells with the tag ``parameters``; "" without any."""
    cells = read_notebook(source).cells
    return "\n".join(cell.source for cell in cells if "parameters" in cell.metadata.get("tags", []))


def say_failure(error: Exception) -> str:
    """Return what an exception says, without a terminal's colours; of a cell that failed this is its traceback."""
    return ANSI.sub("", "".join(traceback.format_exception_only(error))).strip()


def read_notebook(source: Path):
    """Return a notebook as nbformat's object, from a text source or an ``.ipynb``."""
    import jupytext

    return jupytext.read(source, fmt="py:percent" if source.suffix == ".py" else None)


def declared_parameters(source: Path) -> set[str]:
    """Return the names that a notebook's ``parameters`` cell assigns."""
    names = [node for node in ast.walk(ast.parse(parameters_cell(source))) if isinstance(node, ast.Name)]
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}
