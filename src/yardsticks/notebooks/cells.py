"""Reading notebooks: their cells, their parameters, what a failed cell says."""

from __future__ import annotations

import ast
import json
import re
import traceback
from pathlib import Path

ANSI = re.compile(r"\x1b\[[0-9;]*m")
SYNTHETIC = 'id="synthetic-data"'
# magics that run the rest of their cell as it stands
_AROUND = re.compile(r"\s*%%(?:time|capture|prun)\b.*\n")


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
    """Return a notebook as nbformat's object of version 4, from a text source or an ``.ipynb`` of any version.

    Raises
    ------
    ValueError
        It cannot be read as a notebook.
    """
    import jupytext
    import nbformat

    try:
        if source.suffix == ".ipynb":
            return nbformat.read(source, as_version=4)
        return jupytext.read(source, fmt="py:percent" if source.suffix == ".py" else None)
    except (ValueError, LookupError, TypeError, AttributeError, nbformat.ValidationError) as error:
        raise ValueError(f"{source.name} is no notebook that can be read ({' '.join(str(error).split())}).") from error


def parse_cell(code: str) -> ast.Module:
    """Parse the code of a cell as a notebook runs it: with magics, shell lines and questions.

    Raises
    ------
    ValueError
        It is no Python even then.
    """
    try:
        return ast.parse(code)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

    while found := _AROUND.match(code):
        code = code[found.end() :]
    try:
        return ast.parse(TransformerManager().transform_cell(code))
    except SyntaxError as error:
        raise ValueError(f"a cell is no Python: {error.msg} in {(error.text or code).strip()!r}.") from None


def names_made(code: str) -> set[str]:
    """Return the names that a cell gives values to."""
    names = [node for node in ast.walk(parse_cell(code)) if isinstance(node, ast.Name)]
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}


def declared_parameters(source: Path) -> set[str]:
    """Return the names that a notebook's ``parameters`` cell assigns."""
    return names_made(parameters_cell(source))
