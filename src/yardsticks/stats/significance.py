"""Tests: corrections for many of them, and the sign test."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from yardsticks.stats.options import check_option

CORRECTIONS = ("bonferroni", "holm", "fdr_bh", "none")


def correct(p: pd.DataFrame | np.ndarray, method: str) -> pd.DataFrame | np.ndarray:
    """Adjust p values for the number of tests made.

    Parameters
    ----------
    p : array, (n_tests,) or symmetric DataFrame, (n, n)
        NaN is no test. Of a DataFrame each pair counts once and the diagonal not at all.
    method : {"bonferroni", "holm", "fdr_bh", "none"}
        Bonferroni and Holm bound the chance of any false discovery, Benjamini-Hochberg their expected share.

    Returns
    -------
    array or DataFrame
        As `p`, adjusted, at most 1; compare with alpha itself.

    Raises
    ------
    ValueError
        An unknown method; a DataFrame that is not square and symmetric.

    Examples
    --------
    >>> correct(np.array([0.01, 0.02, 0.5]), "holm").tolist()
    [0.03, 0.04, 0.5]
    """
    check_option("correction", method, CORRECTIONS)
    if isinstance(p, pd.DataFrame):
        if not (p.index.equals(p.columns) and np.array_equal(p, p.T, equal_nan=True)):
            raise ValueError(
                f"p values of pairs must be symmetric, with the same names on both sides; these are {p.shape[0]} x "
                f"{p.shape[1]}. Pass a list of p values as an array."
            )
        upper = np.triu_indices(len(p), 1)
        adjusted = np.full(p.shape, np.nan)
        adjusted[upper] = correct(p.to_numpy()[upper], method)
        adjusted.T[upper] = adjusted[upper]
        return pd.DataFrame(adjusted, p.index, p.columns)
    p = np.asarray(p, float)
    tested = ~np.isnan(p)
    values = p[tested]
    order = np.argsort(values, kind="stable")
    m = len(values)
    ranked = values[order]
    if method == "bonferroni":
        ranked = ranked * m
    elif method == "holm":
        ranked = np.maximum.accumulate(ranked * (m - np.arange(m)))
    elif method == "fdr_bh":
        ranked = np.minimum.accumulate((ranked * m / np.arange(1, m + 1))[::-1])[::-1]
    adjusted = np.full(p.shape, np.nan)
    restored = np.empty(m)
    restored[order] = np.minimum(ranked, 1.0)
    adjusted[tested] = restored
    return adjusted


def sign_test(n_first: int, n_second: int) -> float:
    """Return the two-sided p value of the exact sign test: scipy's ``binomtest(n_first, n_first + n_second)``."""
    few, n = min(n_first, n_second), n_first + n_second
    # twice the smaller tail, in which the middle would be counted twice
    return float(min(1.0, 2 * special.bdtr(few, n, 0.5))) if n else 1.0
