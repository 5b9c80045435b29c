"""Schemes from social choice and scaling: every metric ranks the models that it has scores of, as a voter would."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from yardsticks.scores.integration.kemeny import kemeny_order

_SHRINK = 1e-3  # one over the variance of a prior: what holds a Bradley-Terry strength back that nothing else would
_STEPS, _ENOUGH = 100, 1e-10
_NO_SENSE = 1e-9


class Ballots:
    """Who is ahead of whom under each metric; for any weights of the metrics without comparing again.

    Parameters
    ----------
    parts : DataFrame, (n_models, n_metrics)
        Scores, higher is better; a missing score takes no part.
    """

    def __init__(self, parts: pd.DataFrame):
        values = parts.to_numpy(float)
        self.values, known = values, ~np.isnan(values)
        with np.errstate(invalid="ignore"):
            ahead = values.T[:, :, None] > values.T[:, None, :]  # (n_metrics, n_models, n_models)
            behind = values.T[:, :, None] < values.T[:, None, :]
        self.both = (known.T[:, :, None] & known.T[:, None, :]).astype(np.float32)
        self.both[:, np.arange(len(values)), np.arange(len(values))] = 0
        self.wins = ((ahead.astype(np.float32) - behind) / 2 + 0.5) * self.both
        others = self.both.sum(axis=2).T  # (n_models, n_metrics)
        with np.errstate(invalid="ignore", divide="ignore"):
            self.beaten = np.where(known & (others > 0), self.wins.sum(axis=2).T / others, np.nan)
        self._start: np.ndarray | None = None

    def against(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weights of the metrics under which the row's model is ahead of the column's (ties half), and of all."""
        wins, both = (np.tensordot(weights, part, axes=1).astype(float) for part in (self.wins, self.both))
        return wins, both

    def borda(self, weights: np.ndarray) -> np.ndarray:
        """Mean share of the other models that a model is ahead of, over the metrics that have it."""
        return _weighted_mean(self.beaten, weights)

    def median_rank(self, weights: np.ndarray) -> np.ndarray:
        """Median of the same shares: the middle one, or the mean of the two in the middle."""
        order = np.argsort(self.beaten, axis=1)  # missing ones last
        ordered = np.take_along_axis(self.beaten, order, axis=1)
        weight = np.where(np.isnan(ordered), 0.0, weights[order])
        reached, half = weight.cumsum(axis=1), weight.sum(axis=1, keepdims=True) / 2
        rows = np.arange(len(ordered))
        low, high = (reached >= half - 1e-9).argmax(axis=1), (reached > half + 1e-9).argmax(axis=1)
        return np.where(half[:, 0] > 0, (ordered[rows, low] + ordered[rows, high]) / 2, np.nan)

    def copeland(self, weights: np.ndarray) -> np.ndarray:
        """Share of the other models that more metrics put behind than ahead; as many on both sides is half a win."""
        wins, both = self.against(weights)
        lead = np.sign(np.round(2 * wins - both, 9))
        met = (both > 0).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(met > 0, ((lead + 1) / 2 * (both > 0)).sum(axis=1) / met, np.nan)

    def kemeny(self, weights: np.ndarray) -> np.ndarray:
        """How many models come behind in the order that contradicts the metrics least, see `kemeny_order`.

        Models with the same scores share the better place; other ties are broken by row.
        """
        wins, both = self.against(weights)
        order = kemeny_order(wins).order
        place = np.empty(len(order))
        place[order] = np.arange(len(order))[::-1]
        scores = self.values[:, weights > 0]
        # NaN is not itself, and rows with the same holes are to be the same
        same = np.unique(np.where(np.isnan(scores), -np.inf, scores), axis=0, return_inverse=True)[1].ravel()
        place = pd.Series(place).groupby(same).transform("max").to_numpy()
        return np.where(both.sum(axis=1) > 0, place, np.nan)

    def bradley_terry(self, weights: np.ndarray) -> np.ndarray:
        """Strengths that make the comparisons most likely, with mean 0; missing scores are comparisons not made."""
        wins, both = self.against(weights)
        n = len(wins)
        strength = np.zeros(n) if self._start is None else self._start
        for _ in range(_STEPS):
            chance = 1 / (1 + np.exp(strength[None, :] - strength[:, None]))
            slope = (wins - both * chance).sum(axis=1) - _SHRINK * strength
            curve = both * chance * (1 - chance)
            hessian = np.diag(curve.sum(axis=1) + _SHRINK) - curve
            step = np.linalg.solve(hessian, slope)
            step *= min(1.0, 2.0 / max(np.abs(step).max(), 1e-12))
            strength = strength + step
            if np.abs(step).max() < _ENOUGH:
                break
        self._start = strength
        return np.where(both.sum(axis=1) > 0, strength - strength.mean(), np.nan)

    def first_component(self, weights: np.ndarray) -> np.ndarray:
        """Score on the direction in which the metrics' z scores vary most, turned so that it goes with their mean."""
        drawn = (weights > 0) & ~np.isnan(self.values).all(axis=0)
        values, weights = self.values[:, drawn], weights[drawn]
        deviations = values - np.nanmean(values, axis=0)
        spread = np.sqrt(np.nanmean(deviations**2, axis=0))
        varies = spread > 0
        if not varies.any():
            return np.where(np.isnan(values).all(axis=1), np.nan, 0.0)
        z, weights = deviations[:, varies] / spread[varies], weights[varies]
        there = ~np.isnan(z)
        filled = np.where(there, z, 0.0)
        products, counts = filled.T @ filled, there.T.astype(float) @ there
        corr = np.divide(products, counts, out=np.zeros_like(products), where=counts > 0)
        root = np.sqrt(weights)
        loadings = np.linalg.eigh(root[:, None] * corr * root)[1][:, -1] / root
        sense = loadings @ weights
        # two metrics against each other have no sense in common: that of the first, for want of a better one
        loadings *= np.sign(sense if abs(sense) > _NO_SENSE else loadings[0])
        share = np.abs(loadings) * weights
        with np.errstate(invalid="ignore", divide="ignore"):
            return (filled @ (loadings * weights)) / (there @ share)


VOTES: dict[str, Callable[[Ballots, np.ndarray], np.ndarray]] = {
    "median": Ballots.median_rank,
    "borda": Ballots.borda,
    "copeland": Ballots.copeland,
    "kemeny": Ballots.kemeny,
    "bradley_terry": Ballots.bradley_terry,
    "pca": Ballots.first_component,
}


def vote(parts: pd.DataFrame, *, scheme: str, weights: pd.Series | None = None) -> pd.Series:
    """Make one score of many by a vote of the metrics, or by what they have most in common.

    Parameters
    ----------
    parts : DataFrame, (n_models, n_metrics)
        Higher is better; a missing score takes no part.
    scheme : {"median", "borda", "copeland", "kemeny", "bradley_terry", "pca"}
        See the notes.
    weights : Series, optional
        How often each metric counts, >= 0; by default once.

    Returns
    -------
    Series, (n_models,)
        Higher is better; rounded to 9 decimals, so that ties stay ties (under ``kemeny`` those of models with the same
        scores alone, others are broken by row); NaN for a model that no metric compares.

    Notes
    -----
    A metric puts a model ahead of a share of the other models that it has scores of, ties half. ``borda`` is the mean
    of these shares over the metrics that have the model, and ``median`` their median. ``copeland`` is the share of the
    other models over which a majority of the metrics that have both prefer it. ``kemeny`` orders the models so that
    the metrics contradict as few pairs as possible, see `kemeny_order`. ``bradley_terry`` is the strength of a model
    such that the chance of being ahead is logistic in the difference of two strengths, at its most likely (with a
    normal prior of variance 1000, so that it is finite where a model wins everywhere). ``pca`` is
    the score on the first principal component of the z scores.

    References
    ----------
    de Borda 1781; Copeland 1951; Kemeny 1959; Bradley and Terry 1952; Pearson 1901. On holes: Dwork et al. 2001.

    Examples
    --------
    >>> parts = pd.DataFrame({"a": [3, 2, 1], "b": [3, 1, 2], "c": [1, 2, 3]}, index=["x", "y", "z"])
    >>> vote(parts, scheme="borda").round(2).to_dict()
    {'x': 0.67, 'y': 0.33, 'z': 0.5}
    """
    given = np.ones(parts.shape[1]) if weights is None else weights.reindex(parts.columns).to_numpy(float)
    return pd.Series(VOTES[scheme](Ballots(parts), given).round(9), parts.index)


def vote_many(parts: pd.DataFrame, counts: np.ndarray, *, scheme: str) -> pd.DataFrame:
    """Do as `vote` for many weights of the metrics, (n, n_metrics); return (n_models, n)."""
    ballots = Ballots(parts)
    scores = [VOTES[scheme](ballots, np.asarray(row, float)).round(9) for row in counts]
    return pd.DataFrame(np.stack(scores, axis=1) if scores else np.empty((len(parts), 0)), parts.index)


def _weighted_mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    there = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (np.where(there, values, 0.0) @ weights) / (there @ weights)
