"""How results leave a notebook: tables beside it and on the page, figures, numbers for the prose."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import PIL.Image
from matplotlib.figure import Figure
from pandas.io.formats.style import Styler

from yardsticks.datasets.files import write_whole


def save_table(frame: pd.DataFrame, name: str, *, folder: str | os.PathLike = "tables") -> Path:
    """Write the table behind a figure to ``<folder>/<name>.csv``, whole or not at all.

    Floats are written with six significant digits.
    """
    path = Path(folder) / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, frame.to_csv(float_format="%.6g", index=frame.index.name is not None).encode())
    return path


def show(frame: pd.DataFrame) -> Any:
    """Lay a table out for a notebook: four significant digits, nothing where nothing is known, no index."""
    from IPython.display import HTML

    floats = frame.select_dtypes("float").columns
    # pandas names each laid-out table at random, and its object prints its address: every run would differ
    name = hashlib.sha256("\n".join(map(str, frame.columns)).encode()).hexdigest()[:8]
    styler = Styler(frame, uuid=name, cell_ids=False)
    if frame.columns[0] in frame.select_dtypes(["str", "object"]):
        styler.set_table_attributes('class="statements"')  # its first column gets room for a sentence
    return HTML(styler.format("{:.4g}", subset=list(floats), na_rep="").hide(axis="index").to_html())


def glue_figure(name: str, figure: Figure) -> None:
    """Show a figure, and keep it under a name for the page's figure directive.

    The image is drawn here and not by the notebook's backend, so that it is the same wherever it runs.
    """
    from IPython.display import Image
    from myst_nb import glue

    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png")
    # 256 colours are enough for a figure, and a heat map with its numbers takes a third of the room; they are spread
    # over the colours that occur, since by area the rare ones, such as an end of a colour bar, would lose theirs
    image = PIL.Image.open(drawn).convert("RGB").quantize(256, method=PIL.Image.Quantize.MAXCOVERAGE)
    image.save(small, format="png", optimize=True)
    shown = round(figure.get_size_inches()[0] * 80)
    glue(name, Image(small.getvalue(), format="png", width=shown), display=True)


def glue_numbers(**numbers: Any) -> None:
    """Keep numbers and words for the prose; numpy's scalars become Python's, which the prose can format."""
    from myst_nb import glue

    for name, number in numbers.items():
        glue(name, number.item() if isinstance(number, np.generic) else number, display=False)
