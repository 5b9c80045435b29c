"""Figures that set numbers beside others: the twin's beside the real ones, ours beside the printed ones."""

from __future__ import annotations

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from yardsticks.literal import in_figure
from yardsticks.style import EMPHASIS, QUIET, WIDE


def plot_twin(comparison: pd.DataFrame) -> Figure:
    """Draw the statistics of the real table and of its twin, those that lie between -1 and 1.

    Parameters
    ----------
    comparison : DataFrame
        Index statistic; columns real and twin.

    Examples
    --------
    >>> from yardsticks.scores import compare_with_real, make_twin
    >>> figure = plot_twin(compare_with_real(make_twin()))
    >>> figure.axes[0].get_xlabel()
    'value of the statistic'
    """
    shown = comparison[(comparison[["real", "twin"]].abs() <= 1).all(axis=1)]
    figure = Figure(figsize=(WIDE, 0.27 * len(shown) + 1), layout="constrained")
    axes = figure.subplots()
    y = np.arange(len(shown))
    axes.hlines(y, shown["real"], shown["twin"], color=QUIET, lw=1.5)
    axes.scatter(shown["real"], y, color="black", s=40, label="real", zorder=3)
    axes.scatter(shown["twin"], y, facecolor="white", edgecolor=EMPHASIS, lw=1.8, s=40, label="twin", zorder=4)
    axes.set_yticks(y, [name.replace("R2 of", "R² of") for name in shown.index], fontsize=8)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.axvline(0, color=QUIET, lw=0.8)
    axes.set_xlabel("value of the statistic")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)
    return in_figure(figure)


def plot_claims(claims: pd.DataFrame) -> Figure:
    """Draw printed numbers against ours and their range, those that lie between 0 and 1.

    Parameters
    ----------
    claims : DataFrame
        As from `claims.claim_table`: what, printed, ours, low, high, plain, lowest, highest.

    Examples
    --------
    >>> numbers = {"printed": [0.5], "ours": [0.6], "low": [0.5], "high": [0.8], "plain": [0.4]}
    >>> numbers |= {"lowest": [0.3], "highest": [0.7]}
    >>> figure = plot_claims(pd.DataFrame({"what": ["a share"]} | numbers))
    >>> figure.axes[0].get_xlabel()
    'value'
    """
    shown = claims[claims["printed"].between(0, 1, inclusive="neither") & claims["lowest"].notna()]
    shown = shown[shown["printed"] > 0.01]  # significance levels are the same under every specification
    figure = Figure(figsize=(WIDE, 0.42 * len(shown) + 1), layout="constrained")
    axes = figure.subplots()
    y = np.arange(len(shown))
    axes.hlines(y, shown["lowest"], shown["highest"], color=QUIET, lw=6, alpha=0.5, label="all specifications")
    axes.scatter(shown["plain"], y, s=44, facecolor="white", edgecolor="black", zorder=3, label="plain")
    axes.hlines(y, shown["low"], shown["high"], color="black", lw=1, zorder=3)
    axes.scatter(shown["ours"], y, s=44, color="black", zorder=4, label="paper proxy, 95 % interval")
    axes.scatter(shown["printed"], y, s=60, marker="x", color=EMPHASIS, lw=2.2, zorder=5, label="printed")
    labels = [fill(what, 52) for what in shown["what"]]
    axes.set_yticks(y, labels, fontsize=8)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set(xlabel="value", xlim=(0, 1))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4)
    return in_figure(figure)
