"""How sure a statistic is: intervals over models, families of models or metrics, and the weight of single models."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from yardsticks.scores.table import ScoreTable
from yardsticks.stats import check_option, draw_counts, resampled_correlations

Numbers = pd.Series | Mapping[str, float]  # by name
UNITS = ("models", "families", "metrics")
ENDS = (0.025, 0.975)  # of a 95 % interval
FEWEST = 5  # models, families or metrics that are resampled
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


def resample(
    table: ScoreTable | pd.DataFrame,
    statistic: str | Callable[[pd.DataFrame], float | Numbers],
    *,
    seed: int | Sequence[int],
    unit: str = "models",
    n: int = 1000,
    families: pd.Series | None = None,
) -> pd.DataFrame:
    """Compute a statistic on resamples of a table, drawn with replacement.

    Parameters
    ----------
    table : ScoreTable or DataFrame, (n_models, n_columns)
        One row for each model; NaN is missing.
    statistic : {"spearman", "kendall", "pearson"} or function of DataFrame
        The correlation of each pair of columns, over the models that have both; or what makes a number, or several by
        name, of the rows (under the unit ``metrics``: of the columns) drawn each time.
    seed : int, or sequence of them
        Of the random numbers.
    unit : {"models", "families", "metrics"}
        What is drawn, as many as there are: rows; families, each with all of its models, as models of one are hardly
        independent; or columns, the models staying the same.
    n : int
        Resamples.
    families : Series, optional
        Of each model, by the index of the table. By default a model's `family` by its name in a ScoreTable, or by the
        index of a frame.

    Returns
    -------
    DataFrame, (n_numbers, n)
        Index as the statistic's, of pairs (metric_a, metric_b) in the order of `consistency.pair_table`; of a single
        number 0. NaN where the statistic is not defined. Without columns where there are fewer than five models,
        families or metrics: resamples of these are hardly more than these themselves.

    Raises
    ------
    ValueError
        An unknown unit or method; a model without a family; or correlations of pairs over resampled metrics, which
        have no names to go by.

    Examples
    --------
    >>> values = pd.DataFrame({"A": [0.1, 0.2, 0.4, 0.5, 0.6], "B": [0.5, 0.6, 0.7, 0.6, 0.8]})
    >>> resample(values, "spearman", seed=1, n=3).round(2).loc[("A", "B")].tolist()
    [0.68, 1.0, 1.0]
    """
    values, clusters = _units(table, unit, families)
    n = n if len(np.unique(clusters)) >= FEWEST else 0
    counts = draw_counts(clusters, n=n, rng=np.random.default_rng(seed))
    if isinstance(statistic, str):
        if unit == "metrics":
            raise ValueError(f"resampled metrics have no pairs that go by name: give a function, not {statistic!r}.")
        names = values.columns.to_numpy()
        pairs = [names[side] for side in np.triu_indices(len(names), 1)]
        found = resampled_correlations(values.to_numpy(float), counts, method=statistic)
        return pd.DataFrame(found, pd.MultiIndex.from_arrays(pairs, names=["metric_a", "metric_b"]), copy=False)
    if not n:
        return pd.DataFrame(index=pd.Series(statistic(values)).index)
    drawn = [np.repeat(np.arange(len(times)), times) for times in counts]
    parts = (values.iloc[:, picks] if unit == "metrics" else values.iloc[picks] for picks in drawn)
    return _each(statistic, parts)


def _each(statistic: Callable[[pd.DataFrame], float | Numbers], parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Compute a statistic of each part, (n_numbers, n_parts)."""
    return pd.DataFrame({place: pd.Series(statistic(part)) for place, part in enumerate(parts)}, dtype=float)


def interval(draws: pd.DataFrame) -> pd.DataFrame:
    """Return the 95 % interval of each number over its resamples.

    Parameters
    ----------
    draws : DataFrame, (n_numbers, n)
        As from `resample`, or anything computed from that column by column.

    Returns
    -------
    DataFrame, (n_numbers, 2)
        Columns low and high, the 2.5 and 97.5 percentiles over the resamples where the number is defined; NaN where
        most have none.

    Examples
    --------
    >>> interval(pd.DataFrame([range(201)])).loc[0].tolist()
    [5.0, 195.0]
    """
    values = np.ascontiguousarray(draws.to_numpy(float))
    known = ~np.isnan(values)
    ends = np.full((2, len(values)), np.nan)
    whole = known.all(axis=1) & (values.shape[1] > 0)
    if whole.any():
        ends[:, whole] = np.quantile(values if whole.all() else values[whole], ENDS, axis=1)
    for row in np.flatnonzero(~whole & (2 * known.sum(axis=1) > values.shape[1])):
        ends[:, row] = np.quantile(values[row, known[row]], ENDS)
    return pd.DataFrame(ends.T, draws.index, ["low", "high"])


def with_ends(draws: pd.DataFrame) -> dict[str, float]:
    """Return the ends of each number's interval as ``<number>_low`` and ``<number>_high``."""
    ends = interval(draws)
    return {f"{name}_{end}": ends.at[name, end] for name in ends.index for end in ends}


def bootstrap(
    table: ScoreTable | pd.DataFrame,
    statistic: str | Callable[[pd.DataFrame], float | Numbers],
    *,
    seed: int | Sequence[int],
    unit: str = "models",
    n: int = 1000,
    families: pd.Series | None = None,
) -> pd.DataFrame | pd.Series:
    """Give a statistic an interval, by resampling models, families of models or metrics with replacement.

    Parameters
    ----------
    table, statistic, seed, unit, n, families
        As for `resample`.

    Returns
    -------
    DataFrame or, of a single number, Series
        Columns low and high, the 95 % percentile interval as from `interval`, and n, the models, families or metrics.
        NaN where there is no interval.

    References
    ----------
    Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13.

    Examples
    --------
    >>> values = pd.DataFrame({"score": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]})
    >>> bootstrap(values, lambda part: part["score"].mean(), seed=1)["n"]
    6
    """
    draws = resample(table, statistic, seed=seed, unit=unit, n=n, families=families)
    found = interval(draws).assign(n=len(np.unique(_units(table, unit, families)[1])))
    return found.astype(object).loc[0] if found.index.equals(pd.RangeIndex(1)) else found


def _units(table: ScoreTable | pd.DataFrame, unit: str, families: pd.Series | None) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the scores and, for each of their rows (columns, of metrics), the name of what is drawn with it."""
    check_option("unit", unit, UNITS)
    values = table.values if isinstance(table, ScoreTable) else table
    if unit != "families":
        return values, np.arange(values.shape[unit == "metrics"])
    if families is None:
        names = table.models["name"] if isinstance(table, ScoreTable) else values.index.to_series().astype(str)
        families = names.map(family)
    own = families.reindex(values.index)
    if own.isna().any():
        row = int(own.isna().argmax())
        raise ValueError(
            f"model {values.index[row]!r} (row {row} of the table, the first is 0) has no family. Name one in "
            "families, or leave the model out."
        )
    return values, own.to_numpy()


def influence(values: pd.DataFrame, statistic: Callable[[pd.DataFrame], float | Numbers]) -> pd.DataFrame | pd.Series:
    """Say how far leaving one model out moves a statistic.

    Parameters
    ----------
    values, statistic
        As for `bootstrap`.

    Returns
    -------
    DataFrame or, of a single number, Series
        Columns lowest and highest, the least and the largest value without one model; model, the index of the one whose
        absence moves it furthest, and without, the value without it. NaN and None where it is never defined.

    Examples
    --------
    >>> values = pd.DataFrame({"score": [0.0, 0.0, 0.0, 4.0]}, index=["a", "b", "c", "d"])
    >>> influence(values, lambda part: part["score"].mean()).to_dict()["model"]
    'd'
    """
    kept = ~np.eye(len(values), dtype=bool)
    without = _each(statistic, (values[keep] for keep in kept)).set_axis(values.index, axis=1)
    moved = without.sub(pd.Series(statistic(values)), axis=0).abs()
    rows = {}
    for number, each in without.iterrows():
        model = moved.loc[number].idxmax() if moved.loc[number].notna().any() else None
        ends = {"lowest": each.min(), "highest": each.max()}
        rows[number] = ends | {"model": model, "without": each.get(model, np.nan)}
    found = pd.DataFrame.from_dict(rows, orient="index", dtype=object)
    return found.loc[0] if found.index.equals(pd.RangeIndex(1)) else found
