"""How results leave a notebook: tables beside it and on the page, figures, numbers for the prose.

Used as ``glue.table``, ``glue.figure``, ``glue.numbers``, ``glue.row`` and ``glue.interactive``.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import PIL.Image
from matplotlib.figure import Figure
from pandas.io.formats.style import Styler

from yardsticks import style
from yardsticks.datasets import catalogue
from yardsticks.datasets.files import write_whole
from yardsticks.literal import in_html, in_script
from yardsticks.words import VALUES, say_column, say_p, say_value

LONG = 15  # rows: a longer table is folded
SENTENCE = 40  # signs: longer texts are broken into lines, and get room in the first column
OF_MODELS = ["model", "generator", "candidate", "winner", "false_winner"]  # columns
DECIMALS = 4  # at most
_UNNAMED = "not-yet-named"


_aside: dict[str, Any] | None = None


@contextmanager
def aside() -> Iterator[dict[str, Any]]:
    """Keep what is glued in a dictionary, by name, and have no figure drawn: for a trial without a kernel."""
    global _aside
    _aside = {}
    try:
        yield _aside
    finally:
        _aside = None


def save(frame: pd.DataFrame, name: str, *, folder: str | os.PathLike = "tables") -> None:
    """Write the table behind a figure to ``<folder>/<name>.csv``, whole or not at all.

    Floats are written with six significant digits.
    """
    path = Path(folder) / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, frame.to_csv(float_format="%.6g", index=frame.index.name is not None).encode())


def interactive(name: str, content: Mapping[str, Any], *, folder: str | os.PathLike = "tables") -> None:
    """Write what a reader can turn to ``<folder>/<name>.js``, whole or not at all, for the page's script.

    It stands beside the tables, as it holds data: a page links to it in the caption of the figure that it replaces, and
    no stored notebook has it.

    Parameters
    ----------
    name : str
    content : mapping
        With a ``kind`` that ``book/_static/closer.js`` knows, of lists, mappings, text and numbers.
    """
    path = Path(folder) / f"{name}.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, f"lookCloser.take({in_script(name)}, {in_script(content)});\n".encode())


def table(frame: pd.DataFrame, name: str = "", *, folded: bool = False) -> Any:
    """Lay a table out for the page, and write it to ``tables/<name>.csv`` where it has a name.

    Parameters
    ----------
    frame : DataFrame
        Names of columns, settings and models become words. A column of numbers stands on the right, with as many
        decimals as its typical value needs; p values have three. Truth is yes or no, and nothing stands where nothing
        is known. The index is shown where it has a name. Tables of more than `LONG` rows are folded.
    name : str
        Of the CSV file, as for `save`.
    folded : bool
        Whether to fold a shorter one as well, whose numbers stand in the text.

    Returns
    -------
    IPython.display.HTML
    """
    from IPython.display import HTML

    if name:
        save(frame, name)
    shown = frame.reset_index() if any(frame.index.names) else frame.reset_index(drop=True)
    if shown.empty:
        return HTML("<p>There is no row to show.</p>")
    shown = shown.infer_objects()
    for column in shown.columns.intersection(OF_MODELS):
        shown[column] = _label_models(shown[column])
    shown = shown.map(say_value)
    formats = {column: _format(column, shown[column]) for column in shown}
    styler = Styler(shown, uuid=_UNNAMED, cell_ids=False)
    long = [shown[column].astype(str).str.len().max() > SENTENCE for column in shown]
    styler.set_table_attributes(f'class="{"statements" if long[0] else "mixed" if any(long) else "short"}"')
    plain = shown.select_dtypes("number").columns
    right = [n for n, column in enumerate(shown, 1) if column in plain]
    styler.set_table_styles([{"selector": f"tr > :nth-child({n})", "props": "text-align: right"} for n in right])
    styler.format(formats, na_rep="").format_index(say_column, axis="columns")
    laid_out = re.sub(r' row\d+ col\d+"', '"', styler.hide(axis="index").to_html())  # nothing asks for a cell's place
    # a name from what is read: pandas' own is random, and the last digits of a number differ between processors
    laid_out = laid_out.replace(_UNNAMED, hashlib.sha256(laid_out.encode()).hexdigest()[:8])
    if folded or len(shown) > LONG:
        said = f"Table of {len(shown):,} rows: {', '.join(map(say_column, shown))}"
        laid_out = f"<details><summary>{said}</summary>{laid_out}</details>"
    return HTML(laid_out)


def _label_models(names: pd.Series) -> pd.Series:
    """Give the registry's models their labels; names of which it does not know all are not its own."""
    labels = catalogue("features").set_index("model")["label"].to_dict() | VALUES
    return names.replace(labels) if names.isin([*labels, "", None]).all() else names


def _format(column: Any, values: pd.Series) -> Any:
    if pd.api.types.is_bool_dtype(values):
        return lambda truth: "yes" if truth else "no"
    if not pd.api.types.is_float_dtype(values):
        return lambda value: in_html(f"{value:,}" if isinstance(value, int | np.integer) else str(value))
    if str(column) == "p" or (str(column).startswith("p_") and column != "p_first"):
        return lambda p: in_html(say_p(p)).replace(" ", "\u00a0")
    size = values[np.isfinite(values) & (values != 0)].abs()
    whole = size == size.round()
    if (whole & (size > 1)).any() and (size < 1).any():  # counts beside shares: each row is a quantity of its own
        return lambda value: f"{value:,.0f}" if value == np.round(value) else f"{value:,.4g}"
    decimals = 0 if whole.all() else int(np.clip(3 - np.ceil(np.log10(size.median())), 0, DECIMALS))
    return lambda value: _say_number(value, decimals)


def _say_number(value: float, decimals: int) -> str:
    """Return a number in so many decimals, or which side of nought it is on where they would not show it."""
    if value == 0 or abs(value) >= 0.5 * 10**-decimals:
        return f"{value:,.{decimals}f}"
    side = "<\u00a0" if value > 0 else ">\u00a0-"
    return in_html(f"{side}{10**-decimals:.{decimals}f}")


def figure(name: str, drawn: Figure) -> None:
    """Show a figure, and keep it under a name for the page's figure directive; write ``figures/<name>.svg`` as well.

    The image is drawn here and not by the notebook's backend, so that it is the same wherever it runs.
    """
    from IPython.display import Image
    from myst_nb import glue

    # laid out and measured once for the image and the drawing, which takes as long as to draw it
    drawn.set_dpi(style.DPI)
    drawn.draw_without_rendering()
    if _aside is not None:
        _aside[name] = drawn
        return
    drawn.set_layout_engine("none")
    whole = drawn.get_tightbbox().padded(style.MARGIN)
    large, small = io.BytesIO(), io.BytesIO()
    drawn.savefig(large, format="png", dpi=style.DPI, bbox_inches=whole, pil_kwargs={"compress_level": 1})
    # without the last two bits of each channel, which nobody sees, a figure takes a third less room; a palette would
    # take less still, but it bands colour bars and paints colours that are not in the map
    image = PIL.Image.open(large).convert("RGB").point(lambda level: level | 3 if level >= 128 else level & 252)
    image.save(small, format="png", optimize=True)
    width = round(drawn.get_size_inches()[0] * 80)
    glue(name, Image(small.getvalue(), format="png", width=width), display=True)
    path = Path("figures") / f"{name}.svg"
    path.parent.mkdir(exist_ok=True)
    write_whole(path, style.as_file(drawn, "svg", bbox_inches=whole))


def numbers(**values: Any) -> None:
    """Keep numbers and words for the prose; numpy's scalars become Python's, which the prose can format."""
    from myst_nb import glue

    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in values.items()}
    if _aside is not None:
        _aside.update(plain)
        return
    for name, value in plain.items():
        glue(name, value, display=False)


def row(prefix: str, values: Mapping[str, Any] | pd.Series | pd.DataFrame) -> None:
    """Keep a whole row for the prose, each value as ``<prefix>_<column>``; of a table each row, with its index between.

    Parameters
    ----------
    prefix : str
    values : Series, mapping or DataFrame
        A frame's index has to be text or numbers: ``row("recovery", frame)`` keeps ``recovery_<index>_<column>``.
    """
    if isinstance(values, pd.DataFrame):
        for name, column in values.items():  # by column, as a row of several types would turn counts into fractions
            for label, value in column.items():
                between = "_".join(map(str, label)) if isinstance(label, tuple) else label
                numbers(**{f"{prefix}_{between}_{name}": value})
        return
    numbers(**{f"{prefix}_{name}": value for name, value in values.items()})
