"""What the dimensions of a table are made of: loadings of its metrics."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from yardsticks.scores.structure.dimensions import correlations, fill_holes
from yardsticks.style import short_name

LARGE = 0.5  # a loading from which on a dimension is named by the metric


def loadings(values: pd.DataFrame, n_dimensions: int, *, policy: str) -> pd.DataFrame:
    """Correlate each metric with the leading dimensions, turned so that each dimension has few metrics.

    Parameters
    ----------
    values, policy
        As for `analyse_dimensions`.
    n_dimensions : int
        Such as from `count_dimensions`.

    Returns
    -------
    DataFrame, (n_metrics, n_dimensions)
        Columns 1, 2, ... by the variance that they have; in [-1, 1]; a dimension points to where most of its metrics
        grow.

    Raises
    ------
    ValueError
        Two metrics cannot be correlated, or no dimension is asked for.

    Notes
    -----
    Principal components of the Spearman correlations, rotated by varimax.

    References
    ----------
    Kaiser 1958, The varimax criterion for analytic rotation in factor analysis, Psychometrika 23.

    Examples
    --------
    >>> values = pd.DataFrame({"A": [1.0, 2, 3, 4], "B": [1.0, 2, 3, 4], "C": [2.0, 1, 1, 2]})
    >>> loadings(values, 2, policy="complete").round(2).to_numpy().tolist()
    [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    """
    if n_dimensions < 1:
        raise ValueError(
            f"no dimension of {values.shape[1]} metrics is larger than by chance, so there is none to name."
        )
    corr = correlations(fill_holes(values, policy))
    size, vectors = np.linalg.eigh(corr.to_numpy())
    size, vectors = size[::-1][:n_dimensions], vectors[:, ::-1][:, :n_dimensions]
    found = vectors * np.sqrt(np.maximum(size, 0.0))
    found = turn(found)
    found = found * np.where(found.sum(axis=0) < 0, -1.0, 1.0)
    found = found[:, np.argsort(-(found**2).sum(axis=0), kind="stable")]
    frame = pd.DataFrame(found + 0.0, corr.index, range(1, n_dimensions + 1))
    return frame.rename_axis(index="metric", columns="dimension")


def turn(found: np.ndarray) -> np.ndarray:
    """Rotate loadings (n_metrics, n_dimensions) so that their squares vary most within dimensions (varimax)."""
    rotation, before = np.eye(found.shape[1]), 0.0
    for _ in range(1000):
        turned = found @ rotation
        left, sizes, right = np.linalg.svd(found.T @ (turned**3 - turned * (turned**2).mean(axis=0)))
        rotation = left @ right
        if sizes.sum() <= before * (1 + 1e-12):
            break
        before = sizes.sum()
    return found @ rotation


def describe_loadings(found: pd.DataFrame, areas: Mapping[str, str | None], *, n_named: int = 4) -> pd.DataFrame:
    """Say of each dimension how much it has of the variance, and which metrics it is made of.

    Parameters
    ----------
    found : DataFrame
        As from `loadings`.
    areas : mapping of metric to area
    n_named : int
        Metrics to name, those with the largest loadings, of at least 0.5.

    Returns
    -------
    DataFrame, (n_dimensions, 4)
        Index dimension; columns share (of the variance of all metrics), n_metrics (with a loading of at least 0.5),
        areas (of these, with how many each has) and made_of (the largest, with their loadings).

    Examples
    --------
    >>> found = pd.DataFrame({1: [0.9, 0.8, 0.1]}, ["A", "B", "C"])
    >>> describe_loadings(found, {"A": "IT", "B": "IT", "C": "V1"}).loc[1, ["areas", "made_of"]].tolist()
    ['IT 2', 'A 0.90, B 0.80']
    """
    rows = {}
    for dimension, loading in found.items():
        large = loading[loading.abs() >= LARGE].sort_values(key=abs, ascending=False, kind="stable")
        of = pd.Series([areas[metric] or "unknown" for metric in large.index], dtype=object).value_counts(sort=True)
        rows[dimension] = {
            "share": float((loading**2).sum() / len(loading)),
            "n_metrics": len(large),
            "areas": ", ".join(f"{area} {count}" for area, count in of.items()),
            "made_of": ", ".join(f"{short_name(metric)} {value:.2f}" for metric, value in large.head(n_named).items()),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("dimension")
