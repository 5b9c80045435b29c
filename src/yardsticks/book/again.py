"""How a chapter is run again: what stands below it on its page, with its files, a command and its parameters."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

from yardsticks.literal import in_markdown
from yardsticks.notebooks.cells import parameters_cell
from yardsticks.notebooks.grid import Parameter, read_parameters
from yardsticks.notebooks.keys import Run

_TYPES = {bool: "`True` or `False`", int: "a whole number", float: "a number", list: "a list", str: "a text"}


def add_ways(run: Run, target: Path) -> None:
    """Put a notebook's source beside its staged copy, and below that copy what can be done with both.

    Parameters
    ----------
    run : Run
        The notebook, and what it was run with.
    target : Path
        The folder of the staged notebooks, with a copy of the executed one.
    """
    shutil.copy(run.source, target)
    copy = target / run.output.name
    notebook = json.loads(copy.read_text(encoding="utf-8"))
    cell = {"id": "run-again", "cell_type": "markdown", "metadata": {}, "source": say_ways(run)}
    notebook["cells"].append(cell)
    copy.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")


def say_ways(run: Run) -> str:
    """Return the files, a command and the parameters of a notebook, as Markdown."""
    name, parameters = run.source.stem, read_parameters(parameters_cell(run.source))
    lines = [
        ":::{admonition} Run this chapter again",
        ":class: dropdown run-again",
        "",
        f'<a href="../_sources/notebooks/{name}.ipynb" download>This page as a notebook</a> has its text, numbers and '
        f"figures, and any Jupyter shows it. [Its source]({name}.py) is what to edit.",
        "",
    ]
    if parameters:
        lines += [
            "In a clone of the project, after `make setup`, this runs it with other values of its parameters; a comma "
            "stands between several:",
            "",
            "```",
            command(name, parameters, run.parameters),
            "```",
            "",
            "| parameter | here | what it is | what it may be |",
            "| --- | --- | --- | --- |",
        ]
        for entry in parameters.values():
            value = run.parameters.get(entry.name, entry.default)
            cells = (f"`{entry.name}`", _code(value), in_markdown(entry.meaning), _range(entry))
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ":::"])


def command(name: str, parameters: dict[str, Parameter], values: dict[str, Any]) -> str:
    """Return a command that runs a notebook: with the values that it was given, or with another of its choices."""
    given = {key: value for key, value in values.items() if value != "" and not isinstance(value, list)}
    chosen = next((entry for entry in parameters.values() if entry.choices), None)
    if not given and chosen:
        given = {chosen.name: next(choice for choice in chosen.choices if choice != chosen.default)}
    elif not given:
        first = next(iter(parameters.values()))
        given = {first.name: first.default or "my_scores.csv"}
        given = {"seed": parameters["seed"].default + 1} if "seed" in parameters else given
    parts = [f"{key}={value.name if isinstance(value, Path) else value}" for key, value in given.items()]
    quoted = " ".join(f"-p {shlex.quote(' '.join(part.split()))}" for part in parts)  # in one line, whatever is in it
    return f"yardsticks sweep {name} {quoted} --out again"


def _code(value: Any) -> str:
    shown = value.name if isinstance(value, Path) else "" if value is ... else repr(value)
    return in_markdown(shown)


def _range(entry: Parameter) -> str:
    if entry.choices:
        said = ", ".join(in_markdown(repr(choice)) for choice in entry.choices)
    else:
        said = _TYPES.get(type(entry.default), "anything")
    return f"{said}, or None" if entry.optional else said
