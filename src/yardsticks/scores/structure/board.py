"""Does the order of two models depend on who else is on the board?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from yardsticks.scores.integration import SCHEMES, combine
from yardsticks.scores.intervals import ENDS


def share_turned(parts: pd.DataFrame, kept: pd.Index, *, scheme: str) -> float:
    """Return how many pairs of models change their order when others leave the board.

    Parameters
    ----------
    parts : DataFrame, (n_models, n_parts)
        As from `integration.score_parts`.
    kept : Index
        The models that stay.
    scheme : {"mean", "z", "rank"}
        As in `integrate`.

    Returns
    -------
    float
        Of the pairs that stay, the share whose order is the other way round, in [0, 1]; a tie that is broken or comes
        about does not count.

    Examples
    --------
    >>> parts = pd.DataFrame({"A": [1, 0, 2, 3], "B": [0, 3, 2, 1]}, list("wxyz"))
    >>> share_turned(parts, pd.Index(["w", "x"]), scheme="mean")
    0.0
    """
    turned = _order(combine(parts, scheme=scheme)[kept]) * _order(combine(parts.loc[kept], scheme=scheme)) < 0
    return float(turned.sum() / max(len(kept) * (len(kept) - 1), 1))


def without_one(parts: pd.DataFrame, *, scheme: str) -> pd.DataFrame:
    """List the pairs of models whose order changes when a single third one leaves.

    Parameters
    ----------
    parts, scheme
        As for `share_turned`.

    Returns
    -------
    DataFrame
        Columns before (who is ahead while all are there), after (who is ahead without the third), third, and rank (of
        the one ahead, among all); by rank.

    Examples
    --------
    >>> parts = pd.DataFrame({"A": [5, 4, 0], "B": [0, 2, 1]}, list("xyz"))
    >>> without_one(parts, scheme="mean").empty
    True
    """
    score = combine(parts, scheme=scheme)
    rank = score.rank(ascending=False, method="min").astype(int)
    whole, rows = _order(score), []
    for number, third in enumerate(parts.index):
        rest = np.arange(len(parts)) != number
        turned = (whole[np.ix_(rest, rest)] > 0) & (_order(combine(parts[rest], scheme=scheme)) < 0)
        names = parts.index[rest]
        rows += [(names[a], names[b], third, rank[names[a]]) for a, b in np.argwhere(turned)]
    frame = pd.DataFrame(rows, columns=["before", "after", "third", "rank"])
    return frame.sort_values("rank", kind="stable", ignore_index=True)


def dependence(parts: pd.DataFrame, *, seed: int, n: int = 200, schemes: Iterable[str] = SCHEMES) -> pd.DataFrame:
    """Say for each scheme how far the order of two models depends on the others.

    Parameters
    ----------
    parts : DataFrame, (n_models, n_parts)
        As for `share_turned`.
    seed, n : int
        Of the random halves, and how many.
    schemes : iterable of str

    Returns
    -------
    DataFrame, (n_schemes, 6)
        Index scheme; columns n_models, n_pairs, by_one (share of the pairs that some single model turns by leaving),
        by_half (share turned when a random half leaves, mean over the halves), low and high (between which 95 % of the
        halves lie).

    Raises
    ------
    ValueError
        Fewer than 4 models.

    Examples
    --------
    >>> parts = pd.DataFrame(np.random.default_rng(1).random((12, 2)))
    >>> dependence(parts, seed=1, n=5).loc["mean", ["by_one", "by_half"]].tolist()
    [0.0, 0.0]
    """
    n_models = len(parts)
    if n_models < 4:
        raise ValueError(f"{n_models} models are too few to leave half of them out: give 4 or more.")
    n_pairs, rows = n_models * (n_models - 1) // 2, {}
    for scheme in schemes:
        rng = np.random.default_rng(seed)  # the same halves for all
        halves = [parts.index[np.sort(rng.permutation(n_models)[: (n_models + 1) // 2])] for _ in range(n)]
        shares = [share_turned(parts, half, scheme=scheme) for half in halves]
        single = without_one(parts, scheme=scheme)[["before", "after"]].drop_duplicates()
        low, high = np.quantile(shares, ENDS)
        rows[scheme] = {
            "n_models": n_models,
            "n_pairs": n_pairs,
            "by_one": len(single) / n_pairs,
            "by_half": float(np.mean(shares)),
            "low": low,
            "high": high,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("scheme").astype({"n_models": int, "n_pairs": int})


def say_turned(turned: pd.DataFrame, names: pd.Series) -> str:
    """Name the highest-ranked pair that a third model turns; say so where there is none.

    Parameters
    ----------
    turned : DataFrame
        As from `without_one`.
    names : Series
        Of the models, by id.

    Examples
    --------
    >>> turned = pd.DataFrame({"before": ["1"], "after": ["2"], "third": ["3"], "rank": [4]})
    >>> say_turned(turned, pd.Series({"1": "x", "2": "y", "3": "z"}))
    'x (rank 4) is ahead of y, and behind it once z leaves'
    """
    if turned.empty:
        return "there is no such pair"
    first = turned.iloc[0]
    ahead, other, third = (names[first[role]] for role in ("before", "after", "third"))
    return f"{ahead} (rank {first['rank']}) is ahead of {other}, and behind it once {third} leaves"


def _order(score: pd.Series) -> np.ndarray:
    """Return 1 where the row's model is ahead of the column's, -1 where it is behind."""
    values = score.to_numpy()
    return np.sign(values[:, None] - values)
