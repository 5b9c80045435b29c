"""Weights of metrics for a mean that trusts the reliable ones more."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from yardsticks.scores.reliability.attenuation import reliability
from yardsticks.scores.reliability.noise import BY, SOURCES, Noise


def reliability_weights(values: pd.DataFrame, sources: Mapping[str, Noise]) -> pd.Series:
    """Return weights of metrics for a mean that trusts the reliable ones more.

    Parameters
    ----------
    values : DataFrame, (n_models, n_columns)
    sources : mapping of str to Noise
        As from `noise_sources`. The surest that there is tells: same accuracies, the catalogue, names, errors.

    Returns
    -------
    Series, (n_columns,)
        Reliabilities, in [0, 1]; of metrics of which nothing is known, the median of the others. ``attrs["n_known"]``
        counts those that are known.

    Raises
    ------
    ValueError
        No source says anything.

    Examples
    --------
    >>> from yardsticks.scores.reliability import SOURCES, noise_again
    >>> values = pd.DataFrame({"x": [0.1, 0.3, 0.5, 0.7], "y": [1, 2, None, 3]}, index=list("abcd"))
    >>> noise = noise_again(values[["x"]], pd.Series({"a": "a", "b": "a"}))
    >>> reliability_weights(values, {SOURCES["accuracies"]: noise}).round(2).to_dict()
    {'x': 0.7, 'y': 0.7}
    """
    surest = next((sources[SOURCES[key]] for key in (*BY, "published") if SOURCES[key] in sources), None)
    known = pd.Series(dtype=float) if surest is None else reliability(values, surest).clip(0, 1).dropna()
    if known.empty:
        raise ValueError("nothing tells how reliable these metrics are: no network is in the table twice.")
    weights = known.reindex(values.columns).fillna(known.median())
    weights.attrs["n_known"] = len(known)
    return weights
