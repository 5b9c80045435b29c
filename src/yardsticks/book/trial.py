"""A trial of a chapter: what it can show of a table, without a kernel, a drawing or a page."""

from __future__ import annotations

import io
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from yardsticks.notebooks.boxes import box_failures
from yardsticks.notebooks.cells import read_notebook
from yardsticks.notebooks.keys import absolute_paths

_NOT_SHOWN = "application/papermill.record/"  # how myst-nb marks what is glued and not displayed


def try_chapter(source: Path, parameters: dict[str, Any], folder: Path) -> tuple[Any, list[dict[str, str]], dict]:
    """Run a chapter's cells in this process, to the end whatever fails, and put the boxes in.

    A kernel takes longer to start than most chapters on a table of one's own to run.

    Parameters
    ----------
    source : Path
        The text notebook.
    parameters : dict
        Values for its ``parameters`` cell; those that it does not declare are left out.
    folder : Path
        Where the chapter writes its tables.

    Returns
    -------
    notebook : nbformat.NotebookNode
        As one that was executed; of its outputs it has what was glued, as text.
    boxes : list of dict
        As from `box_failures`.
    glued : dict
        Numbers, words and figures by name.
    """
    import nbformat

    from yardsticks.notebooks import glue  # lays tables out, which only notebooks need

    node = nbformat.NotebookNode
    notebook, space, glued = read_notebook(source), {}, {}
    parameters = absolute_paths(parameters)
    with chdir(folder), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        for cell in [cell for cell in notebook.cells if cell.cell_type == "code"]:
            failed = []
            with glue.aside() as kept:
                try:
                    exec(compile(cell.source, source.name, "exec"), space)
                except Exception as error:
                    failed = [node(output_type="error", ename=type(error).__name__, evalue=str(error), traceback=[])]
            if "parameters" in cell.metadata.get("tags", []):
                space |= {name: value for name, value in parameters.items() if name in space}
            glued |= kept
            cell.outputs = [
                node(
                    output_type="display_data",
                    metadata=node(scrapbook=node(name=name)),
                    data=node({f"{_NOT_SHOWN}text/plain": repr(value)}),
                )
                for name, value in kept.items()
            ] + failed
    return notebook, box_failures(notebook, folder), glued
