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

LONG = 15  # rows: a longer table is folded
SENTENCE = 40  # signs: longer texts are broken into lines, and get room in the first column
WORDS = {  # of columns; of others the name itself is in words, without n_
    "n_real": "n, real",
    "n_twin": "n, twin",
    "n_train_objects": "training objects",
    "n_wrong": "jobs lost",
    "n_lost": "jobs lost",
    "n_test": "test answers",
    "n_judgements": "answers",
    "n_responses": "answers",
    "n_missing": "missing values",
    "n_bootstrap": "resamples",
    "n_degenerate": "resamples without a solution",
    "n_folds_run": "folds run",
    "p_t": "p (t)",
    "p_bootstrap": "p (bootstrap)",
    "p_first": "share of resamples first",
    "equivalent_t": "equivalent (t)",
    "equivalent_bootstrap": "equivalent (bootstrap)",
    "model_id": "model",
    "model_name": "model",
    "low": "from",
    "high": "to",
    "boot_low": "from (generators resampled)",
    "boot_high": "to (generators resampled)",
    "seed_low": "lowest of a seed",
    "seed_high": "highest of a seed",
    "nll": "loss (nats)",
    "r2": "R²",
    "r_squared": "R²",
    "vif": "variance inflation",
    "sd": "SD",
    "std": "SD",
    "margin": "lead",
    "margin_sd": "SD of leads",
    "own": "own score",
    "false_wins": "its wins",
    "at_one": "accuracy at temperature 1",
    "fdr_bh": "Benjamini-Hochberg",
    "weakest": "at the weakest strength",
    "strongest": "at the strongest strength",
    "itself_at_end": "own fits at either",
    "max_gap": "largest gap",
    "loose_gap": "share of large gaps",
}
VALUES = {  # of cells, and within their texts; what has no entry stays
    "test_accuracy": "sampled answers",
    "noise_free_accuracy": "without sampling noise",
    "credit": "recovery",
    "margin": "lead",
    "own": "own score",
    "frobenius": "Frobenius",
    "n_judgements": "judgements",
    "object_cv": "by objects",
    "triplet_cv": "by other triplets, in folds",
    "triplet_holdout": "by other triplets",
    "unit_rms": "unit RMS",
    "vice42": "People (VICE-42)",
    "spose66": "People (SPoSE-66)",
}
_SPACED = ["low_rank", "scaled_identity", "leave_one_out", "maximum_likelihood", "strength_rule", "fewer_answers"]
_SPACED += ["weaker_penalty", "all_components", "sampled_test"]
VALUES |= {name: name.replace("_", " ") for name in _SPACED}
OF_MODELS = ["model", "generator", "candidate", "winner", "false_winner"]  # columns
DECIMALS = 4  # at most


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
    # pandas names each laid-out table at random, and its object prints its address: every run would differ
    uuid = hashlib.sha256(shown.to_csv().encode()).hexdigest()[:8]
    formats = {column: _format(column, shown[column]) for column in shown}
    styler = Styler(shown, uuid=uuid, cell_ids=False)
    long = [shown[column].astype(str).str.len().max() > SENTENCE for column in shown]
    styler.set_table_attributes(f'class="{"statements" if long[0] else "mixed" if any(long) else "short"}"')
    plain = shown.select_dtypes("number").columns
    right = [n for n, column in enumerate(shown, 1) if column in plain]
    styler.set_table_styles([{"selector": f"tr > :nth-child({n})", "props": "text-align: right"} for n in right])
    styler.format(formats, na_rep="").format_index(say_column, axis="columns")
    laid_out = re.sub(r' row\d+ col\d+"', '"', styler.hide(axis="index").to_html())  # nothing asks for a cell's place
    if folded or len(shown) > LONG:
        said = f"Table of {len(shown):,} rows: {', '.join(map(say_column, shown))}"
        laid_out = f"<details><summary>{said}</summary>{laid_out}</details>"
    return HTML(laid_out)


def say_column(name: Any) -> str:
    """Return the name of a column in words, as HTML."""
    text = re.sub("^p_", "p, ", re.sub("_low$", " from", re.sub("_high$", " to", str(name))))
    return in_html(WORDS.get(str(name)) or text.removeprefix("n_").replace("_", " "))


def say_value(value: Any) -> Any:
    """Return what a cell says in words, where it is a text with names of settings.

    Examples
    --------
    >>> say_value("credit"), say_value("components × strength_rule"), say_value("a credit card"), say_value(3)
    ('recovery', 'components × strength rule', 'a credit card', 3)
    """
    if not isinstance(value, str):
        return value
    return VALUES.get(value) or re.sub(r"\w+_\w+", lambda name: VALUES.get(name[0], name[0]), value)


def say_p(p: float) -> str:
    """Return a p value in three decimals, ``< .001`` below that.

    Examples
    --------
    >>> say_p(0.0321), say_p(2e-9)
    ('.032', '< .001')
    """
    if pd.isna(p):
        return ""
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def say_test(p: float) -> str:
    """Return the p value of a test for the prose, with its letter.

    Examples
    --------
    >>> say_test(0.0321), say_test(2e-9)
    ('p = .032', 'p < .001')
    """
    said = say_p(p)
    return f"p {said}" if said.startswith("<") else f"p = {said or 'unknown'}"


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
