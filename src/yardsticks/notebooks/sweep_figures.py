"""The figure of a sweep: a number of the notebook against the parameters that were varied."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from yardsticks.literal import in_figure
from yardsticks.notebooks.sweep_tables import constants
from yardsticks.style import NARROW, cut

MOST = 12  # lines: more could not be told apart


def plot_sweep(rows: pd.DataFrame, number: str, *, parameters: list[str], against: str = "") -> Figure:
    """Draw a number of the runs against a parameter, a line for each combination of the others.

    Parameters
    ----------
    rows : DataFrame
        As from `sweep_tables.collect`.
    number : str
        A column of it. Its interval is drawn where there are NUMBER_low and NUMBER_high.
    parameters : list of str
        The columns of parameters.
    against : str
        The parameter along the axis; by default of those that vary the one with the most values that are numbers, else
        with the most values.

    Raises
    ------
    ValueError
        There is no such number or parameter, none varies, or there are more than `MOST` lines; the message lists what
        there is.

    Examples
    --------
    >>> rows = pd.DataFrame({"floor": [0.0, 0.1], "rho": [0.2, 0.3], "run": ["a", "b"]})
    >>> plot_sweep(rows, "rho", parameters=["floor"]).axes[0].get_xlabel()
    'floor'
    """
    _check(rows, number, parameters, against)
    rows = rows[rows[number].notna()]
    vary = [name for name in parameters if name not in constants(rows)]
    if not vary or not len(rows):
        raise ValueError("no parameter varies between the runs that have this number.")
    # the first of those with the most values
    against = against or max(vary, key=lambda name: (pd.api.types.is_numeric_dtype(rows[name]), rows[name].nunique()))
    others = [name for name in vary if name != against]
    lines = [*rows.groupby(others, sort=False, dropna=False)] if others else [((), rows)]
    if len(lines) > MOST:
        raise ValueError(
            f"{len(lines)} lines, one for each combination of {', '.join(others)}, are more than {MOST}. Name another "
            f"parameter for the axis with --against: {', '.join(others)}."
        )
    figure = Figure(figsize=(NARROW + 1.5 * bool(others), 3.2), layout="constrained")
    axes = figure.subplots()
    numeric = pd.api.types.is_numeric_dtype(rows[against]) and not pd.api.types.is_bool_dtype(rows[against])
    places = {value: place for place, value in enumerate(dict.fromkeys(rows[against].astype(str)))}
    ends = [f"{number}_low", f"{number}_high"]
    for count, (values, line) in enumerate(lines):
        x = line[against].astype(float) if numeric else line[against].astype(str).map(places) + 0.04 * count
        line, x = line.iloc[np.argsort(x, kind="stable")], np.sort(x)
        label = ", ".join(f"{name} = {value}" for name, value in zip(others, values, strict=True))
        (drawn,) = axes.plot(x, line[number].astype(float), marker="o", ms=5, label=cut(label))
        if set(ends) <= {*rows}:
            axes.vlines(x, *(line[end].astype(float) for end in ends), color=drawn.get_color(), lw=1, alpha=0.6)
    if not numeric:
        axes.set_xticks(list(places.values()), [cut(name) for name in places])
    axes.set_xlabel(against)
    axes.set_ylabel(number.replace("_", " "))
    if others:
        figure.legend(loc="outside right upper", fontsize=8)
    if "synthetic" in rows and rows["synthetic"].any():
        axes.set_title("synthetic data", color="#B00020")
    return in_figure(figure)


def _check(rows: pd.DataFrame, number: str, parameters: list[str], against: str) -> None:
    numbers = [
        name
        for name in rows
        if name not in (*parameters, "run", "current", "synthetic")
        and pd.api.types.is_numeric_dtype(rows[name])
        and not name.endswith(("_low", "_high"))
    ]
    if number not in numbers:
        raise ValueError(f"no run has a number {number!r}. There are: {', '.join(numbers) or 'none'}.")
    if against and against not in parameters:
        raise ValueError(f"{against!r} is no parameter of this sweep. There are: {', '.join(parameters)}.")
