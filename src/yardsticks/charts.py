"""What charts to turn share: Vega-Lite specifications, the grammar of the page's script, with their data in columns.

A chart stands in a page for a figure that a reader looks at closer; the figure is what is there without it. The
functions that make one return what `glue.interactive` writes.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from yardsticks.style import EMPHASIS, QUIET

DIGITS = 4


def chart(description: str, parts: dict[str, Any], **frames: pd.DataFrame) -> dict[str, Any]:
    """Return a chart of Vega-Lite with its data.

    Parameters
    ----------
    description : str
        What is seen, for a reader who cannot see it.
    parts : dict
        The specification but for its data; it names the `frames`.
    **frames : DataFrame
        Numbers are kept to four significant digits.

    Examples
    --------
    >>> found = chart("Nothing.", {"mark": "point"}, points=pd.DataFrame({"x": [1 / 3, None]}))
    >>> found["data"]
    {'points': {'columns': ['x'], 'rows': [[0.3333], [None]]}}
    """
    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "description": description, **parts}
    data = {name: {"columns": [*frame], "rows": _rows(frame)} for name, frame in frames.items()}
    return {"kind": "chart", "spec": spec, "data": data}


def choice(name: str, label: str, options: list, labels: list[str] | None = None) -> dict[str, Any]:
    """Return a parameter of a chart that is chosen from a list; the first is taken before."""
    bind = {"input": "select", "name": f"{label} ", "options": options} | ({"labels": labels} if labels else {})
    return {"name": name, "value": options[0], "bind": bind}


def search(label: str = "Find a model ") -> dict[str, Any]:
    """Return a parameter of a chart that is typed, by the name of ``search``."""
    return {"name": "search", "value": "", "bind": {"input": "search", "name": label, "placeholder": "part of a name"}}


def found() -> str:
    """Return the expression that tells whether a row's name holds what is searched for."""
    return "search != '' && indexof(lower(datum.name), lower(search)) >= 0"


def marked(*conditions: dict[str, Any], **otherwise: Any) -> dict[str, Any]:
    """Return a colour: the book's emphasis where a name is found, grey elsewhere while one is searched, or another."""
    searched = [{"test": found(), "value": EMPHASIS}, {"test": "search != ''", "value": QUIET}]
    return {"condition": [*searched, *conditions], **otherwise}


def told(**titles: str) -> list[dict[str, str]]:
    """Return what is said of a mark that is pointed at, from ``field="title"``; numbers as they are kept."""
    return [{"field": field, "title": title} for field, title in titles.items()]


def _rows(frame: pd.DataFrame) -> list[list]:
    objects = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    return [[float(f"{v:.{DIGITS}g}") if isinstance(v, float) else v for v in row] for row in objects]
