"""The page of the package's names: what a front door offers, in tables by question, and each name's docstring below.

``.. front-door:: yardsticks.scores`` lists what ``__all__`` has, grouped by the folder or module where it is at home,
and documents it, unless another front door does: then the table links there.
"""

import importlib
import inspect
import re

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

# where a name that several front doors offer is documented
DOORS = ("yardsticks.scores", "yardsticks.recovery", "yardsticks")


def first_line(thing) -> str:
    """Return what a docstring says in its first line."""
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def home(door: str, thing) -> str:
    """Return the module or folder just below a front door that a name comes from."""
    below = thing.__module__.removeprefix(f"{door}.").partition(".")[0]
    return f"{door}.{below}"


def documented(name: str) -> str:
    """Return under which front door's name something is documented."""
    return next(f"{door}.{name}" for door in DOORS if name in importlib.import_module(door).__all__)


class FrontDoor(SphinxDirective):
    """List and document the names of a front door."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Write reStructuredText of what the front door offers, and have it parsed."""
        door = self.arguments[0]
        module = importlib.import_module(door)
        groups: dict[str, list[str]] = {}
        values = []
        for name in sorted(module.__all__, key=str.lower):
            thing = getattr(module, name)
            if inspect.isclass(thing) or inspect.isroutine(thing):
                groups.setdefault(home(door, thing), []).append(name)
            else:
                values.append(name)
        lines = []
        order = sorted(groups, key=lambda group: (DOORS.index(group) if group in DOORS else len(DOORS), group))
        for group in order:
            lines += [f".. rubric:: {first_line(importlib.import_module(group))}", ""]
            lines += [".. list-table::", "   :widths: 30 70", ""]
            for name in groups[group]:
                lines += [f"   * - :py:obj:`~{documented(name)}`", f"     - {first_line(getattr(module, name))}"]
            lines += [""]
        if values:
            lines += [f"Values: {', '.join(f'``{name}``' for name in values)}.", ""]
        for name in [name for group in order for name in groups[group]]:
            if documented(name) == f"{door}.{name}":
                kind = "class" if inspect.isclass(getattr(module, name)) else "function"
                lines += [f".. auto{kind}:: {door}.{name}", "   :members:" if kind == "class" else "", ""]
        return self.parse(lines)

    def parse(self, lines: list[str]) -> list[nodes.Node]:
        """Return the nodes of lines of reStructuredText."""
        container = nodes.container()
        self.state.nested_parse(StringList(lines, source=self.arguments[0]), self.content_offset, container)
        return container.children


class Folders(FrontDoor):
    """List folders, and what each exports."""

    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Write a definition list, and have it parsed."""
        lines = []
        for name in self.arguments[0].split():
            module = importlib.import_module(name)
            names = ", ".join(f"``{entry}``" for entry in sorted(module.__all__, key=str.lower))
            lines += [f"``{name}``", f"   {first_line(module)} {names}", ""]
        return self.parse(lines)


def plain_references(app: Sphinx, what: str, name: str, thing, options, lines: list[str]) -> None:
    """Make a docstring's references a numbered list: as footnotes, the [1] of two of them would be one."""
    listed = [re.sub(r"^\.\. \[(\d+)\]", r"\1.", line) for line in lines]
    lines[:] = [re.sub(r"\[(\d+)\]_", r"[\1]", line) for line in listed]


def no_aliases(app: Sphinx, what: str, name: str, thing, skipped: bool, options) -> bool | None:
    """Leave out the fields of a named tuple, which its docstring says more of than Python's does."""
    return True if (inspect.getdoc(thing) or "").startswith("Alias for field number") else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Register both directives, what happens to references before napoleon reads a docstring, and what is left out."""
    app.connect("autodoc-process-docstring", plain_references, priority=400)
    app.connect("autodoc-skip-member", no_aliases)
    app.add_directive("front-door", FrontDoor)
    app.add_directive("folders", Folders)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
