"""How figures look: palettes, widths, short names of metrics, and files of them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

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
UNKNOWN = "unknown area"  # of metrics that the catalogue does not have
EMPHASIS = "#D55E00"
# families of models, by their names in the catalogue of features: what a reader sees, colour and marker; those that no
# network learned share a colour
FAMILY_LOOKS = {
    "clip": ("CLIP", "#0072B2", "o"),
    "blip": ("BLIP", "#56B4E9", "s"),
    "cvcl": ("CVCL", "#117733", "D"),
    "efficientnet-lite": ("EfficientNet-Lite", "#CC79A7", "^"),
    "inception": ("Inception-v3", "#882255", "v"),
    "mobilenet-v1": ("MobileNet-v1", "#E69F00", "P"),
    "mobilenet-v2": ("MobileNet-v2", "#D55E00", "X"),
    "mobilenet-v2-inat": ("MobileNet-v2 iNat", "#999933", "<"),
    "word2vec": ("word2vec", "#44AA99", ">"),
    "pixels": ("Pixels", "#444444", "p"),
    "colour": ("Colour histogram", "#444444", "d"),
    "gradients": ("Oriented gradients", "#444444", "h"),
    "gabor": ("Gabor energy", "#444444", "*"),
}
QUIET = "#9AA0A6"
DIVERGING = "RdBu_r"
SEQUENTIAL = "viridis"
WIDE = 9.0  # inches: a figure as wide as the page
NARROW = 6.0
DPI = 140  # of images: above one and a half times what a page shows, and the book stays below 20 MB
MARGIN = 0.1  # inches, around what is drawn
LONGEST = 60  # signs of a name; all of the catalogue's are shorter
# what would make two files of the same figure differ
_DATES = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


def use() -> None:
    """Set the book's matplotlib style for this session."""
    mpl.rcParams.update(
        {
            "figure.dpi": 110,
            "savefig.dpi": DPI,
            "savefig.bbox": "tight",
            "savefig.pad_inches": MARGIN,
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


def area_colour(area: str | None) -> str:
    """Return the colour of an area; of one that is not known, grey."""
    return AREA_COLOURS.get(area, AREA_COLOURS[None])


def family_looks(families: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    """Return the name, the colour and the marker of each family of models, the same in all figures.

    Families that the catalogue does not have take those looks in turn that are not taken.
    """
    present = list(dict.fromkeys(families))
    free = [look[1:] for family, look in FAMILY_LOOKS.items() if family not in present]
    others = [family for family in present if family not in FAMILY_LOOKS]
    taken = {family: (family, *free[number % len(free)]) for number, family in enumerate(others)}
    return {family: FAMILY_LOOKS.get(family) or taken[family] for family in present}


def short_name(metric: str) -> str:
    """Return a metric's name without what its neighbours on an axis share, e.g. ``Geirhos colour`` for its metric."""
    name = re.sub(r"^Geirhos2021(.+)-error_consistency$", r"Geirhos \1", metric)
    name = re.sub(r"^Geirhos2021(.+)-top1$", r"Geirhos \1 top-1", name)
    name = re.sub(r"^Marques2020_(\w+?)(\d{4})-", lambda found: f"{found[1]} ", name)
    name = re.sub(r"-pls$", "", name)
    return cut(name.replace("FreemanZiemba2013.", "FreemanZiemba ").replace("_", " "))


def cut(name: str) -> str:
    """Return a name in one line, without the middle of one that would take a figure's whole room."""
    line = " ".join(name.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST // 2]}…{line[1 - LONGEST // 2 :]}"


def spread(values: np.ndarray, least: float) -> np.ndarray:
    """Return places near the values, in their order, at least some distance apart: for labels that would overlap."""
    order = np.argsort(values, kind="stable")
    groups: list[list] = []  # of [places' middle, members]
    for index in order:
        groups.append([values[index], [index]])
        while len(groups) > 1:
            (low, below), (high, above) = groups[-2:]
            if high - low >= least * (len(below) + len(above)) / 2:
                break
            members = below + above
            groups[-2:] = [[(low * len(below) + high * len(above)) / len(members), members]]
    places = np.empty(len(values))
    for middle, members in groups:
        places[members] = middle + least * (np.arange(len(members)) - (len(members) - 1) / 2)
    return places


def draw(make: Callable[[], Figure], kind: str) -> bytes:
    """Draw a figure in the book's style, whatever the session's is, as a file of the kind png, svg or pdf."""
    with mpl.rc_context():
        use()
        return as_file(make(), kind)


def as_file(figure: Figure, kind: str, **options: Any) -> bytes:
    """Return a figure as a file of the kind png, svg or pdf: the same each time, with words that can be searched.

    Options are those of matplotlib's ``savefig``.
    """
    content = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "yardsticks", "svg.fonttype": "none"}):
        figure.savefig(content, format=kind, metadata=_DATES[kind], **options)
    return content.getvalue()
