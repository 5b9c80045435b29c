"""What else could make scores go together: accuracy, date, how many scores a model has, and families of models."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special, stats

from yardsticks.scores.intervals import bootstrap
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import Consistency, check_option

IMAGENET, DATE, N_SCORES = "ImageNet top-1", "date", "number of scores"
WITHIN = "families"
_LARGE = 10  # models, from which a family is looked at alone
_LEVEL = 0.05


def confounders(table: ScoreTable) -> pd.DataFrame:
    """Return of each model what its scores may go with: accuracy, date, and number of scores.

    Returns
    -------
    DataFrame, (n_models, 1 to 3)
        Columns, as far as the table knows them: ``ImageNet top-1`` in [0, 1]; ``date``, the median of the timestamps of
        its scores in days since 1970; ``number of scores``.
    """
    values = table.values
    found = {}
    if "ImageNet-top1" in values:
        found[IMAGENET] = values["ImageNet-top1"]
    if table.cells is not None and table.cells["timestamp"].notna().any():
        days = (table.cells["timestamp"] - pd.Timestamp("1970-01-01", tz="UTC")) / pd.Timedelta(days=1)
        found[DATE] = days.groupby(table.cells["model_id"]).median().reindex(values.index)
    return pd.DataFrame(found | {N_SCORES: values.count(axis=1).astype(float)}, values.index)


def partial_correlations(scores: pd.DataFrame, given: pd.DataFrame) -> Consistency:
    """Return the partial Spearman correlation of every two columns given others.

    Parameters
    ----------
    scores : DataFrame, (n_models, n_scores)
        Models without one of the columns, or of those of `given`, are left out.
    given : DataFrame, (n_models, n_given)
        What is held fixed. With no column these are Spearman's correlations; with a column of 0 and 1 for each family
        of models they are those within families.

    Returns
    -------
    Consistency
        The correlation in [-1, 1] of what least squares leave of the ranks of two columns after those of `given`, NaN
        where they leave nothing; the number of models; and two-sided p values by Student's t, whose degrees of freedom
        are less by those that `given` takes.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [2, 1, 4, 3, 5], "c": [2, 1, 3, 5, 4]})
    >>> round(float(partial_correlations(frame[["a", "b"]], frame[["c"]]).corr.at["a", "b"]), 3)
    0.56
    """
    rows = np.column_stack([scores.to_numpy(float), given.loc[scores.index].to_numpy(float)])
    rows = rows[~np.isnan(rows).any(axis=1)]
    corr, df = _partial(rows, scores.shape[1])
    t = np.abs(corr) * np.sqrt(max(df, 0) / np.maximum(1 - corr**2, 1e-12))
    p = np.where(np.isnan(corr), np.nan, 2 * special.stdtr(max(df, 1), -t))
    np.fill_diagonal(p, np.nan)
    names = scores.columns
    return Consistency(*(pd.DataFrame(x, names, names) for x in (corr, np.full(corr.shape, len(rows)), p)))


def _partial(rows: np.ndarray, k: int) -> tuple[np.ndarray, int]:
    """Correlate the first k of some columns (n, k + n_given) given the others; with the degrees of freedom."""
    ranks = stats.rankdata(rows, axis=0)
    ranks = ranks - ranks.mean(axis=0) if len(ranks) else ranks
    left, held = ranks[:, :k], ranks[:, k:]
    taken = 0
    if held.size:
        lengths = np.linalg.norm(left, axis=0)
        fit, _, taken, _ = np.linalg.lstsq(held, left, rcond=None)
        left = left - held @ fit
        left[:, np.linalg.norm(left, axis=0) <= 1e-8 * lengths] = 0.0
    df = len(rows) - 2 - int(taken)
    lengths = np.linalg.norm(left, axis=0)
    corr = left.T @ left / np.outer(lengths, lengths).clip(np.finfo(float).tiny)
    told = np.outer(lengths, lengths) > 0 if df > 0 else np.zeros(corr.shape, bool)
    return np.where(told, np.clip(corr, -1, 1), np.nan), df


def adjust_pairs(scores: pd.DataFrame, about: pd.DataFrame, families: pd.Series) -> pd.DataFrame:
    """Correlate every two scores as they are, given each confounder and all of them, within and inside families.

    Parameters
    ----------
    scores : DataFrame, (n_models, n_scores)
        Such as the areas and domains of a leaderboard. Models without one of them are left out.
    about : DataFrame, (n_models, n_confounders)
        As from `confounders`.
    families : Series
        Of each model.

    Returns
    -------
    DataFrame
        One row for each pair and condition: a, b; given, the confounder, ``all 3`` or however many there are,
        ``families`` (within all of them that have two models or more), or ``family NAME`` (inside one of ten models or
        more); n, the models; rho, Spearman's correlation of the pair over the same models, or over all for a family;
        adjusted, that under the condition; p_rho and p_adjusted, two-sided and uncorrected.

    Raises
    ------
    ValueError
        Fewer than two scores, or than three models that have them all.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> twin = make_twin()
    >>> scores = twin.areas(policy="available")[["neural", "behaviour"]]
    >>> found = adjust_pairs(scores, confounders(twin), twin.models["name"])
    >>> found["given"].tolist()
    ['ImageNet top-1', 'date', 'number of scores', 'all 3', 'families']
    """
    scores = scores.dropna()
    if scores.shape[1] < 2 or len(scores) < 3:
        raise ValueError(
            f"a correlation needs 2 scores and 3 models that have them, and there are {scores.shape[1]} scores and "
            f"{len(scores)} models."
        )
    about, of = about.loc[scores.index], families.loc[scores.index]
    sizes = of.value_counts()
    nothing = about[[]]
    conditions = {name: (scores, about[[name]]) for name in about}
    if len(conditions) > 1:
        conditions[f"all {len(conditions)}"] = (scores, about)
    inside = of.map(sizes) > 1
    conditions[WITHIN] = (scores[inside], pd.get_dummies(of[inside]).astype(float))
    plain = {
        words: partial_correlations(part[given.notna().all(axis=1)], nothing)
        for words, (part, given) in conditions.items()
    }
    for name in sizes.index[sizes >= _LARGE]:
        conditions[f"family {name}"] = (scores[of == name], nothing[of == name])
        plain[f"family {name}"] = partial_correlations(scores, nothing)
    first, second = np.triu_indices(scores.shape[1], 1)
    names = scores.columns.to_numpy()
    found = []
    for words, (part, given) in conditions.items():
        adjusted = partial_correlations(part, given)
        columns = {
            "n": adjusted.n,
            "rho": plain[words].corr,
            "adjusted": adjusted.corr,
            "p_rho": plain[words].p,
            "p_adjusted": adjusted.p,
        }
        values = {name: matrix.to_numpy()[first, second] for name, matrix in columns.items()}
        found.append(pd.DataFrame({"a": names[first], "b": names[second], "given": words, **values}))
    return pd.concat(found, ignore_index=True)


def reversals(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `adjust_pairs` where a correlation turns round.

    Returns
    -------
    DataFrame
        Those with another sign, the largest change first, with the column sure: whether both correlations differ from
        zero, at a p value below 0.05, uncorrected.

    Examples
    --------
    >>> found = pd.DataFrame({"rho": [0.3, 0.3], "adjusted": [-0.4, 0.2], "p_rho": [0.01, 0.01]})
    >>> reversals(found.assign(p_adjusted=0.01))["sure"].tolist()
    [True]
    """
    found = pairs[pairs["rho"] * pairs["adjusted"] < 0]
    found = found.assign(sure=(found[["p_rho", "p_adjusted"]] < _LEVEL).all(axis=1))
    return found.iloc[np.argsort(-(found["rho"] - found["adjusted"]).abs(), kind="stable")]


def interval_of_partial(
    scores: pd.DataFrame,
    about: pd.DataFrame,
    families: pd.Series,
    *,
    over: str,
    seed: int,
    n_resamples: int = 200,
) -> pd.DataFrame:
    """Correlate the neural and the behavioural score given each confounder and within families, with intervals.

    Parameters
    ----------
    scores : DataFrame, (n_models, ...)
        With columns neural and behaviour.
    about, families
        As for `adjust_pairs`.
    over : {"models", "families"}
        What is drawn anew.
    seed, n_resamples : int

    Returns
    -------
    DataFrame
        Index given, as in `adjust_pairs`; columns n, the models; rho, over the same models with nothing given;
        adjusted, with low and high, its 95 % interval; and change, adjusted - rho, with change_low and change_high.

    Raises
    ------
    ValueError
        Another `over`.
    """
    check_option("over", over, ("models", "families"))
    both = scores[["neural", "behaviour"]].dropna()
    about, of = about.loc[both.index], families.loc[both.index]
    conditions = {name: about[[name]] for name in about}
    if len(conditions) > 1:
        conditions[f"all {len(conditions)}"] = about
    conditions[WITHIN] = pd.get_dummies(of[of.map(of.value_counts()) > 1]).astype(float)
    options = {"seed": seed, "n": n_resamples, "unit": over, "families": of if over == "families" else None}
    rows = {}
    for name, given in conditions.items():
        part = pd.concat([both, given], axis=1).dropna()
        rho, adjusted = _pair(part.iloc[:, :2]), _pair(part)
        interval = bootstrap(part, _pair, **options)
        change = bootstrap(part, lambda drawn: _pair(drawn) - _pair(drawn.iloc[:, :2]), **options)
        rows[name] = {
            "n": len(part),
            "rho": rho,
            "adjusted": adjusted,
            "low": interval["low"],
            "high": interval["high"],
            "change": adjusted - rho,
            "change_low": change["low"],
            "change_high": change["high"],
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("given").astype({"n": int})


def _pair(part: pd.DataFrame) -> float:
    """Correlate the first two columns given the others."""
    return float(_partial(part.to_numpy(float), 2)[0][0, 1])
