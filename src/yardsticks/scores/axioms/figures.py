"""The table of schemes and axioms as a figure."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from yardsticks.literal import in_figure
from yardsticks.scores.axioms.definitions import AXIOMS
from yardsticks.scores.axioms.search import WORDS
from yardsticks.style import WIDE

_HELD, _BROKEN = "#cfe3f2", "#f4c9a8"  # told apart in grey and by the colour-blind


def plot_axioms(table: pd.DataFrame) -> Figure:
    """Draw which scheme keeps which axiom.

    Parameters
    ----------
    table : DataFrame
        As from `axiom_table`.

    Returns
    -------
    Figure
        A row for each scheme. Blue: the axiom always holds, by a theorem, or no counterexample was found. An orange
        cell has the size of the smallest one, models x metrics.
    """
    schemes, axioms = list(dict.fromkeys(table["scheme"])), list(AXIOMS)
    figure = Figure(figsize=(WIDE, 0.4 * len(schemes) + 1.2))
    axes = figure.subplots()
    for row in table.itertuples():
        x, y = axioms.index(row.axiom), schemes.index(row.scheme)
        axes.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, color=_HELD if row.holds else _BROKEN, linewidth=0))
        text = "always" if row.always else "none found" if row.holds else f"{row.n_models} x {row.n_metrics}"
        axes.text(x, y, text, ha="center", va="center", color="black")
    axes.set_xlim(-0.5, len(axioms) - 0.5)
    axes.set_ylim(len(schemes) - 0.5, -0.5)
    axes.set_xticks(range(len(axioms)), [name.replace(" ", "\n") for name in axioms], fontsize=9)
    axes.set_yticks(range(len(schemes)), [WORDS[scheme] for scheme in schemes])
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)
    return in_figure(figure)
