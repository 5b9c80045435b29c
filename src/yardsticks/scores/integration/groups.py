"""Models that cannot be told apart, as groups with a letter each."""

from __future__ import annotations

import string

import numpy as np
import pandas as pd

from yardsticks.scores.intervals import ENDS

_MOST = len(string.ascii_letters)


def told_apart(draws: pd.DataFrame) -> pd.DataFrame:
    """Tell which two models one ranks before the other whatever metrics are drawn.

    Parameters
    ----------
    draws : DataFrame, (n_models, n)
        Resampled ranks, as from `resampled_ranks`.

    Returns
    -------
    DataFrame of bool, (n_models, n_models)
        True where, of the draws that rank both, one is ahead of the other in more than 97.5 % (ties count half).
        False where no draw ranks both. Each pair is looked at alone: nothing is corrected for their number.

    Examples
    --------
    >>> draws = pd.DataFrame([[1.0, 1.0, 1.0], [2.0, 3.0, 2.0], [3.0, 2.0, 3.0]], list("xyz"))
    >>> told_apart(draws).loc["x"].tolist()
    [False, True, True]
    """
    ranks = draws.to_numpy(float)
    apart = np.zeros((len(ranks), len(ranks)), bool)
    for row, own in enumerate(ranks if ranks.size else []):
        both = (~np.isnan(own - ranks)).sum(axis=1)
        ahead = ((own < ranks) + (own == ranks) / 2).sum(axis=1) / np.maximum(both, 1)
        apart[row] = (both > 0) & ((ahead < ENDS[0]) | (ahead > ENDS[1]))
    np.fill_diagonal(apart, False)
    return pd.DataFrame(apart, draws.index, draws.index)


def group_letters(apart: pd.DataFrame) -> pd.Series:
    """Give each model letters, so that two models share one if and only if they cannot be told apart.

    Parameters
    ----------
    apart : DataFrame of bool, (n_models, n_models)
        As from `told_apart`; letters are given in its order, best first.

    Returns
    -------
    Series of str, (n_models,)
        Such as ``ab``; each letter stands for a largest group of models no two of which can be told apart.

    Raises
    ------
    ValueError
        More groups than there are letters, 52: take fewer models, such as the first of a ranking.

    References
    ----------
    Piepho 2004, An algorithm for a letter-based representation of all-pairwise comparisons, J. Comput. Graph. Stat. 13.

    Examples
    --------
    >>> apart = pd.DataFrame([[False, False, True], [False, False, False], [True, False, False]], list("xyz"))
    >>> group_letters(apart.set_axis(list("xyz"), axis=1)).to_dict()
    {'x': 'a', 'y': 'ab', 'z': 'b'}
    """
    groups = [frozenset(range(len(apart)))]
    for first, second in zip(*np.nonzero(np.triu(apart.to_numpy())), strict=True):
        split = {group - {one} for group in groups for one in (first, second) if {first, second} <= group}
        groups = [group for group in groups if not {first, second} <= group]
        both = {*groups, *split}
        groups = [group for group in both if not any(group < other for other in both)]
        if len(groups) > _MOST:
            raise ValueError(f"{len(apart)} models make more than {_MOST} groups. Take fewer.")
    for group in sorted(groups, key=sorted, reverse=True):  # one whose pairs all share another letter says nothing
        pairs = [{a, b} for a in group for b in group]
        others = [other for other in groups if other != group]
        if all(any(pair <= other for other in others) for pair in pairs):
            groups = others
    members = dict(zip(string.ascii_letters, sorted(groups, key=sorted), strict=False))
    return pd.Series(
        ["".join(letter for letter, group in members.items() if row in group) for row in range(len(apart))],
        apart.index,
        dtype=str,
    )
