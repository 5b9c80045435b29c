"""How far a score would move if it were measured again: from networks registered twice, and from published errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csgraph

from yardsticks.datasets import catalogue
from yardsticks.scores.intervals import family
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import check_option, coefficients

# what tells that two rows are one network, from the surest on
BY = ("accuracies", "catalogue", "name")
SOURCES = {
    "published": "published errors",
    "accuracies": "same accuracies: one network in two rows",
    "catalogue": "registered again, by the catalogue",
    "name": "registered again, by name",
}
_LEAST = 10  # accuracies that two rows share, to be told to be one network
_SAME = 5e-4  # accuracies are published with three decimals
_CHANCE = 0.2  # the best accuracy of a row: networks at chance are all alike
_PLACEHOLDERS = ("mymodel",)  # names that tutorials give


class Noise(NamedTuple):
    """What scores of the same thing differ by, kept by row, so that rows can be resampled.

    Parameters
    ----------
    squares : DataFrame, (n_rows, n_columns)
        What each row adds to the noise variance, in squared score units; 0 where a score was measured once.
    weights : DataFrame, (n_rows, n_columns)
        By which the sum of a column's squares is divided. The rows of a network weigh 1 together.
    networks : Series, (n_rows,)
        What is resampled together.
    """

    squares: pd.DataFrame
    weights: pd.DataFrame
    networks: pd.Series

    def variance(self) -> pd.Series:
        """Return each column's noise variance in squared score units; NaN where nothing was measured twice."""
        return self.squares.sum() / self.weights.sum().where(self.weights.sum() > 0)


def networks(table: ScoreTable, *, by: str) -> pd.Series:
    """Find the rows that are one network, registered more than once.

    Parameters
    ----------
    table : ScoreTable
        A leaderboard.
    by : {"accuracies", "catalogue", "name"}
        Rows that share at least 10 top-1 accuracies, all of them the same to three decimals, and are better than
        chance; rows that ``paper_models.csv`` lists as registered again; rows of one name, but for its spelling and
        the library (tf, keras, pytorch) that it ends with. The last two may be of other weights or preprocessing.

    Returns
    -------
    Series
        Of the rows of such networks alone: index model_id, the network as the id of its first row. Empty where the
        table has none.

    Raises
    ------
    ValueError
        Another `by`.

    Notes
    -----
    A synthetic twin has no network twice: its models of one name stand in, whatever is asked.
    """
    check_option("by", by, BY)
    ids = table.values.index
    if by == "catalogue" and table.origin.kind == "real":
        listed = catalogue("paper_models")
        listed = listed[(listed["odd_one_out_match"] == "registered_again") & listed["odd_one_out_id"].isin(ids)]
        listed = listed[listed["model_id"].map(table.models["name"].str.strip()) == listed["model_name"]]
        first = pd.Series(ids, ids)
        first[listed["odd_one_out_id"].to_numpy()] = listed["model_id"].to_numpy()
    elif by == "accuracies" and table.origin.kind == "real":
        first = _alike(table.values.loc[:, [metric.endswith("top1") for metric in table.values]])
    else:
        name = table.models["name"].map(_spelling)
        name = name.mask(name.isin(_PLACEHOLDERS) | (name == ""), "row " + ids)
        first = pd.Series(ids, ids).groupby(name).transform("first")
    return first[first.duplicated(keep=False)].rename("network")


def _spelling(name: str) -> str:
    """Return a model's name without spelling and library: ``resnet-50_v1-tf`` and ``ResNet_50_v1`` are the same.

    Of what stands between words only that between two digits is kept, as one sign: ``net_1.0`` is not ``net-10``.
    """
    name = re.sub(r"[-_](tf|keras|pytorch)$", "", name.strip().lower())
    if not any(sign.isalnum() for sign in name):
        return ""
    return re.sub(r"[-_./\s]+", "", re.sub(r"(?<=\d)[-_./\s]+(?=\d)", "\0", name))


def _alike(accuracies: pd.DataFrame) -> pd.Series:
    """Return the first of the rows that a row shares all its accuracies with."""
    able = accuracies[accuracies.max(axis=1) >= _CHANCE]
    data = able.to_numpy(float)
    present = ~np.isnan(data)
    near = np.zeros((len(data), len(data)), bool)
    for row in range(len(data)):
        shared = present & present[row]
        near[row] = (shared.sum(axis=1) >= _LEAST) & ~(shared & (np.abs(data - data[row]) > _SAME)).any(axis=1)
    label = pd.Series(csgraph.connected_components(near)[1], able.index)
    first = pd.Series(able.index, able.index).groupby(label).transform("first")
    return first.reindex(accuracies.index).fillna(pd.Series(accuracies.index, accuracies.index))


def noise_again(values: pd.DataFrame, networks: pd.Series) -> Noise:
    """Return what the scores of networks differ by that were registered more than once.

    The noise variance is the mean over networks of the variance between a network's rows.

    Parameters
    ----------
    values : DataFrame, (n_models, n_columns)
        Scores, or averages of them; NaN is missing.
    networks : Series
        As from `networks`; rows that `values` has not are left out.

    Examples
    --------
    >>> values = pd.DataFrame({"score": [0.1, 0.3, 0.5]}, index=["a", "b", "c"])
    >>> noise_again(values, pd.Series({"a": "a", "b": "a"})).variance().round(3).to_dict()
    {'score': 0.02}
    """
    networks = networks[networks.index.isin(values.index)]
    rows = values.loc[networks.index]
    by_network = rows.groupby(networks)
    counts = by_network.transform("count").where(rows.notna(), 0)
    counts = counts.where(counts > 1)
    squares = (rows - by_network.transform("mean")) ** 2 / (counts - 1)
    return Noise(squares.fillna(0.0), (1 / counts).fillna(0.0), networks)


def published_noise(table: ScoreTable, values: pd.DataFrame) -> tuple[Noise, list[str]]:
    """Read published errors as standard errors of the scores, where they can be that.

    Parameters
    ----------
    table : ScoreTable
        With the errors, in its cells.
    values : DataFrame, (n_models, n_metrics)
        Scores of some of its models under some of its metrics.

    Returns
    -------
    noise : Noise
        Metrics without errors, and those refuted, have none.
    refuted : list of str
        Metrics whose errors are no standard errors of a model's score: the metric would be less reliable than the
        square of its correlation with another one, and nothing correlates with more than the root of its reliability.
        They measure something else, such as how people differ from one another.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> twin = make_twin()
    >>> noise, refuted = published_noise(twin, twin.values[["MajajHong2015.IT-pls", "Rajalingham2018-i2n"]])
    >>> noise.variance().round(6).to_dict(), refuted
    ({'MajajHong2015.IT-pls': 1e-05, 'Rajalingham2018-i2n': 4.5e-05}, [])
    """
    errors = pd.DataFrame(np.nan, values.index, values.columns)
    if table.cells is not None:
        cells = table.cells[table.cells["metric"].isin(values.columns)]
        errors = cells.pivot(index="model_id", columns="metric", values="error").reindex_like(values).astype(float)
    known = errors.notna() & values.notna()
    noise = Noise((errors**2).where(known, 0.0), known.astype(float), pd.Series(values.index, values.index))
    implied = 1 - noise.variance() / values.var()
    rho = coefficients(values, method="spearman").to_numpy().copy()
    np.fill_diagonal(rho, np.nan)
    highest = pd.DataFrame(rho**2, values.columns, values.columns).max()
    refuted = list(implied.index[implied < highest.fillna(0)])
    noise.weights[refuted] = 0.0
    return noise, refuted


def noise_sources(table: ScoreTable, values: pd.DataFrame, later: ScoreTable, again: pd.DataFrame) -> dict[str, Noise]:
    """Collect what there is on how far the scores of a table would move if they were measured again.

    Parameters
    ----------
    table : ScoreTable
        A leaderboard, with published errors perhaps.
    values : DataFrame, (n_models, n_columns)
        What is compared: its scores, or averages of them.
    later : ScoreTable
        The same leaderboard at a later time, where more networks were registered again; or the same table.
    again : DataFrame, (n_later, ...)
        The same columns of that.

    Returns
    -------
    dict of str to Noise
        By the source in words, see `SOURCES`; those that say nothing of any column are left out.
    """
    found = {"published": published_noise(table, values)[0]}
    scores = again.reindex(columns=values.columns)
    found |= {by: noise_again(scores, networks(later, by=by)) for by in BY}
    return {SOURCES[key]: noise for key, noise in found.items() if noise.variance().notna().any()}


def families_of(*tables: ScoreTable) -> pd.Series:
    """Return the family of each model of some tables, by id; of an id in several as the first of them names it."""
    names = pd.concat([table.models["name"] for table in tables])
    return names[~names.index.duplicated()].map(family)


def list_networks(table: ScoreTable, metrics: Mapping[str, str] | list[str], *, by: str = "accuracies") -> pd.DataFrame:
    """List the networks that were registered more than once, with the metric under which their rows differ most.

    Parameters
    ----------
    table : ScoreTable
    metrics : list of str
        Of these metrics.
    by : str
        As for `networks`.

    Returns
    -------
    DataFrame
        One row for each network, those that differ most first: models (names of its rows), n_rows, n_metrics (that two
        of its rows have), metric, lowest and highest (its scores there, in score units).

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> list_networks(make_twin(), ["MajajHong2015.IT-pls"])[["n_rows", "metric"]].to_numpy().tolist()
    [[7, 'MajajHong2015.IT-pls']]
    """
    columns = ["models", "n_rows", "n_metrics", "metric", "lowest", "highest"]
    values, rows = table.values[[metric for metric in metrics if metric in table.values]], []
    found = networks(table, by=by)
    for _, members in found.groupby(found, sort=False):
        part = values.loc[members.index]
        part = part.loc[:, part.count() > 1]
        if part.shape[1]:
            metric = (part.max() - part.min()).idxmax()
            names = ", ".join(dict.fromkeys(table.models.loc[members.index, "name"].str.strip()))
            rows.append((names, len(part), part.shape[1], metric, part[metric].min(), part[metric].max()))
    frame = pd.DataFrame(rows, columns=columns)
    return frame.iloc[np.argsort(frame["lowest"] - frame["highest"], kind="stable")].reset_index(drop=True)
