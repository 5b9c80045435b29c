"""How figures look and how results leave a notebook: palettes, widths, tables, numbers for the prose."""

from __future__ import annotations

import hashlib
import io
import os
import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import PIL.Image
from matplotlib.figure import Figure
from pandas.io.formats.style import Styler

from yardsticks.files import write_whole

# Okabe and Ito's palette, told apart with every common colour-vision deficiency
AREA_COLOURS = {
    "V1": "#0072B2",
    "V2": "#56B4E9",
    "V4": "#009E73",
    "IT": "#E69F00",
    "behaviour": "#D55E00",
    "engineering": "#666666",
    None: "#999999",
}
EMPHASIS = "#D55E00"
QUIET = "#9AA0A6"
DIVERGING = "RdBu_r"
SEQUENTIAL = "viridis"
WIDE = 9.0  # inches: a figure as wide as the page
NARROW = 6.0


def use() -> None:
    """Set the book's matplotlib style for this session."""
    mpl.rcParams.update(
        {
            "figure.dpi": 110,
            "savefig.dpi": 160,
            "savefig.bbox": "tight",
            "font.size": 10,
            "axes.titlesize": 11,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": False,
            "legend.frameon": False,
            "figure.constrained_layout.use": True,
        }
    )


def short_name(metric: str) -> str:
    """Return a metric's name without what its neighbours on an axis share, e.g. ``Geirhos colour`` for its metric."""
    name = re.sub(r"^Geirhos2021(.+)-error_consistency$", r"Geirhos \1", metric)
    name = re.sub(r"^Geirhos2021(.+)-top1$", r"Geirhos \1 top-1", name)
    name = re.sub(r"^Marques2020_(\w+?)(\d{4})-", lambda found: f"{found[1]} ", name)
    name = re.sub(r"-pls$", "", name)
    return name.replace("FreemanZiemba2013.", "FreemanZiemba ").replace("_", " ")


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
