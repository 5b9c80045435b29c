"""How sure a statistic over models is: intervals over models and over families, and the weight of single models."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

_FEWEST = 5  # models or families: resamples of fewer are hardly more than these themselves
# architectures that names speak of; the first found is the family, else the name's first letters are
_ARCHITECTURES = (
    "mobilenet", "efficientnet", "resnext", "resnet", "densenet", "alexnet", "inception", "squeezenet", "cornet",
    "nasnet", "grcnn", "vgg", "deit", "vit",
)  # fmt: skip


def family(name: str) -> str:
    """Return the family that a model's name speaks of: models of one are variants of one another.

    Examples
    --------
    >>> [family(name) for name in ("mobilenet_v2_1.4_224", "AdvProp_efficientnet-b0", "effnetb1", "BiT-S-R50x1")]
    ['mobilenet', 'efficientnet', 'efficientnet', 'bit']
    """
    lower = name.strip().lower().replace("effnet", "efficientnet")
    for architecture in _ARCHITECTURES:
        if architecture in lower:
            return architecture
    letters = re.match(r"[a-z]+", lower)
    return letters.group() if letters else lower


def bootstrap(
    values: pd.DataFrame,
    statistic: Callable[[pd.DataFrame], float],
    *,
    seed: int,
    n_resamples: int = 400,
    families: pd.Series | None = None,
) -> pd.Series:
    """Give a statistic over models an interval, by resampling the models with replacement.

    Parameters
    ----------
    values : DataFrame, (n_models, n_columns)
        One row for each model.
    statistic : function of DataFrame to float
        Computed from the rows drawn each time.
    seed : int
        Of the random numbers.
    n_resamples : int
    families : Series, optional
        Of each model, by the index of `values`. Families are then drawn, each with all of its models, as models of one
        family are hardly independent.

    Returns
    -------
    Series
        Index low and high, the 2.5 and 97.5 percentiles of the statistic where it is defined, and n, the models or
        families. No interval, NaN, below five of them, or where most resamples do not have the statistic.

    Examples
    --------
    >>> values = pd.DataFrame({"score": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]})
    >>> bootstrap(values, lambda part: part["score"].mean(), seed=1)["n"]
    6
    """
    if families is None:
        members = [np.array([row]) for row in range(len(values))]
    else:
        members = list(pd.Series(range(len(values))).groupby(families.loc[values.index].to_numpy()).indices.values())
    n, rng = len(members), np.random.default_rng(seed)
    low = high = np.nan
    if n >= _FEWEST:
        drawn = [
            statistic(values.iloc[np.concatenate([members[member] for member in drawing])])
            for drawing in rng.integers(n, size=(n_resamples, n))
        ]
        defined = np.array(drawn)[~np.isnan(drawn)]
        if 2 * len(defined) > n_resamples:
            low, high = np.quantile(defined, (0.025, 0.975))
    return pd.Series({"low": low, "high": high, "n": n}, dtype=object)


def influence(values: pd.DataFrame, statistic: Callable[[pd.DataFrame], float]) -> pd.Series:
    """Say how far leaving one model out moves a statistic.

    Parameters
    ----------
    values, statistic
        As for `bootstrap`.

    Returns
    -------
    Series
        Index lowest and highest, the least and the largest value without one model; model, the index of the one whose
        absence moves it furthest, and without, the value without it. NaN and None where it is never defined.

    Examples
    --------
    >>> values = pd.DataFrame({"score": [0.0, 0.0, 0.0, 4.0]}, index=["a", "b", "c", "d"])
    >>> influence(values, lambda part: part["score"].mean()).to_dict()["model"]
    'd'
    """
    kept = ~np.eye(len(values), dtype=bool)
    without = pd.Series([statistic(values[keep]) for keep in kept], values.index, dtype=float)
    moved = (without - statistic(values)).abs()
    model = moved.idxmax() if moved.notna().any() else None
    found = {"lowest": without.min(), "highest": without.max(), "model": model, "without": without.get(model, np.nan)}
    return pd.Series(found, dtype=object)
