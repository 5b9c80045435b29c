"""What people choose: how well an embedding of the objects predicts it, and for which objects people agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from yardsticks.recovery.people.counts import (
    count_types,
    leave_one_out,
    majority_share,
    mixing_distribution,
    response_counts,
)
from yardsticks.recovery.triplets.choices import remaining_pairs
from yardsticks.recovery.triplets.randomness import Seed, as_rng
from yardsticks.recovery.triplets.triplets import FEWEST, Triplets


def decidedness(triplets: Triplets, shares: np.ndarray) -> pd.DataFrame:
    """Tell how many triplets have a most frequent answer of at least a given share.

    Parameters
    ----------
    triplets : Triplets
        Answered and repeated.
    shares : array, (n,)
        Shares to ask about, from 1/3 to 1.

    Returns
    -------
    DataFrame
        Columns share, observed (fraction of triplets by the share among their answers) and corrected (by the
        probability of the most probable answer, under the estimated mixing distribution). Both fall from 1.
    """
    counts = repeated_triplets(triplets)[1]
    types, n_each = count_types(counts)
    points, mixing = mixing_distribution(types, n_each[None])
    least = np.asarray(shares)[:, None] - 1e-9  # a share that is met exactly is met
    observed = (majority_share(counts) >= least).mean(axis=1)
    corrected = (points[:, 0] >= least) @ mixing[0]
    return pd.DataFrame({"share": shares, "observed": observed, "corrected": corrected})


def concept_consistency(triplets: Triplets, names: Sequence[str]) -> pd.DataFrame:
    """Tell for each object how consistent people are about the triplets that show it.

    Parameters
    ----------
    triplets : Triplets
        Answered and repeated.
    names : sequence of str, (n_objects,)

    Returns
    -------
    DataFrame
        Index concept; columns n_triplets (0 for many), n_responses, leave_one_out (mean over its triplets of how often
        an answer is the majority of the others; NaN without triplets) and odd_share (how often it was the odd one).
    """
    objects, counts = repeated_triplets(triplets)
    flat, each = objects.ravel(), np.repeat(leave_one_out(counts), 3)
    n = triplets.n_objects
    n_triplets, n_responses, total, odd = (
        np.bincount(flat, weights, n) for weights in (None, np.repeat(counts.sum(axis=1), 3), each, counts.ravel())
    )
    with np.errstate(invalid="ignore"):  # 0 / 0 is what is not known
        frame = {"leave_one_out": total / n_triplets, "odd_share": odd / n_responses}
    frame = {"n_triplets": n_triplets, "n_responses": n_responses.astype(int), **frame}
    return pd.DataFrame(frame, index=pd.Index(names, name="concept"))


def category_consistency(
    triplets: Triplets, categories: pd.DataFrame, *, seed: Seed, n_bootstrap: int = 2000
) -> pd.DataFrame:
    """Tell for each category of objects how consistent people are about triplets that show one of them.

    Parameters
    ----------
    triplets : Triplets
        Answered and repeated.
    categories : DataFrame of bool, (n_objects, n_categories)
        An object may belong to several or to none.
    seed : int, SeedSequence or Generator
        For the intervals.
    n_bootstrap : int
        Resamples of triplets.

    Returns
    -------
    DataFrame
        One row a category that is shown at all, most consistent first: category, n_concepts, n_triplets, leave_one_out
        (mean over triplets) with its 95% bootstrap interval low and high (NaN below five triplets); n_no_pair and
        no_pair, the number and the mean of those triplets of which no two objects share any category. A triplet may
        count for several categories.
    """
    objects, counts = repeated_triplets(triplets)
    agreement = leave_one_out(counts)
    members = _members(categories, triplets)[objects]  # (n_triplets, 3, n_categories)
    unpaired = ~_sharing_pairs(members).any(axis=1)
    rng = as_rng(seed)
    rows = []
    for name, shown in zip(categories, members.any(axis=1).T, strict=True):
        if shown.any():
            row = {"category": name, "n_concepts": int(categories[name].sum())}
            row |= _mean(agreement[shown], rng, n_bootstrap)
            rest = agreement[shown & unpaired]
            rows.append(row | {"n_no_pair": len(rest), "no_pair": rest.mean() if len(rest) else np.nan})
    return pd.DataFrame(rows).sort_values("leave_one_out", ascending=False, ignore_index=True)


def shared_category_consistency(
    triplets: Triplets, categories: pd.DataFrame, *, seed: Seed, n_bootstrap: int = 2000
) -> pd.DataFrame:
    """Tell how consistency depends on whether objects of a triplet share a category.

    Parameters
    ----------
    triplets, categories, seed, n_bootstrap
        As in `category_consistency`.

    Returns
    -------
    DataFrame
        One row for each number of pairs that share a category: ``no pair``, ``one pair``, ``more pairs``. Columns
        sharing, n_triplets, leave_one_out with its 95% bootstrap interval low and high (NaN below five triplets), and
        third_odd: how often the third object is the odd one where one pair shares (1/3 by chance).
    """
    objects, counts = repeated_triplets(triplets)
    agreement = leave_one_out(counts)
    members = _members(categories, triplets)[objects]  # (n_triplets, 3, n_categories)
    pairs = _sharing_pairs(members)
    n_pairs = pairs.sum(axis=1)
    third = counts[pairs & (n_pairs == 1)[:, None]] / counts[n_pairs == 1].sum(axis=1)
    rng = as_rng(seed)
    rows = [
        {"sharing": name, **_mean(agreement[inside], rng, n_bootstrap)}
        for name, inside in {"no pair": n_pairs == 0, "one pair": n_pairs == 1, "more pairs": n_pairs > 1}.items()
    ]
    frame = pd.DataFrame(rows)
    frame["third_odd"] = [np.nan, third.mean() if len(third) else np.nan, np.nan]
    return frame


def repeated_triplets(triplets: Triplets) -> tuple[np.ndarray, np.ndarray]:
    """Return objects (n, 3) and counts of answers (n, 3) of the triplets that were answered twice or more."""
    objects, counts = response_counts(triplets)
    often = counts.sum(axis=1) >= 2
    return objects[often], counts[often]


def _members(categories: pd.DataFrame, triplets: Triplets) -> np.ndarray:
    if len(categories) != triplets.n_objects:
        raise ValueError(f"categories are of {len(categories)} objects, the triplets of {triplets.n_objects}")
    return categories.to_numpy(bool)


def _sharing_pairs(members: np.ndarray) -> np.ndarray:
    """Tell which pairs (n, 3) share one of (n, 3, n_categories); the k-th pair is left when object k is taken out."""
    first, second = remaining_pairs(members)
    return (first & second).any(axis=2)


def _mean(values: np.ndarray, rng: np.random.Generator, n_bootstrap: int) -> dict[str, float]:
    row = {"n_triplets": len(values), "leave_one_out": np.nan, "low": np.nan, "high": np.nan}
    if len(values):
        # drawn for few triplets as well: the intervals of what comes next do not depend on these
        means = rng.choice(values, size=(n_bootstrap, len(values))).mean(axis=1)
        row["leave_one_out"] = values.mean()
        if len(values) >= FEWEST:
            row["low"], row["high"] = np.quantile(means, [0.025, 0.975])
    return row
