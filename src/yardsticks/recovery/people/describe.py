"""Numbers for the text about people's judgements: how many there are, how decided, how categories differ."""

from __future__ import annotations

import numpy as np
import pandas as pd

from yardsticks.recovery.people.calibration import Calibration, calibrate
from yardsticks.recovery.triplets.choices import embedding_logits
from yardsticks.recovery.triplets.triplets import Triplets


def count_judgements(**sets: Triplets) -> pd.DataFrame:
    """Count the judgements of each set, and the different triplets that they are about.

    Returns
    -------
    DataFrame
        Index judgements (the set's name); columns n_judgements and n_triplets.
    """
    table = {name: (len(triplets), len(np.unique(triplets.ranks()))) for name, triplets in sets.items()}
    names = ["n_judgements", "n_triplets"]
    return pd.DataFrame.from_dict(table, orient="index", columns=names).rename_axis("judgements")


def describe_repeated(triplets: Triplets, workers: np.ndarray) -> pd.Series:
    """Say how often repeated triplets were answered, by how many people, and at which place.

    Parameters
    ----------
    triplets : Triplets
        Answered and repeated.
    workers : array, (n_judgements,)
        Who answered.

    Returns
    -------
    Series
        ``fewest`` and ``most`` answers to a triplet, ``n_workers``; ``left``, ``middle`` and ``right``, the share of
        answers that chose the object at this place.
    """
    answers = np.unique(triplets.ranks(), return_counts=True)[1]
    places = np.bincount(triplets.odd, minlength=3) / len(triplets)
    counts = {"fewest": answers.min(), "most": answers.max(), "n_workers": len(np.unique(workers))}
    return pd.Series(counts | dict(zip(("left", "middle", "right"), places, strict=True)), dtype=object)


def share_decided(decided: pd.DataFrame, share: float) -> float:
    """Return the corrected fraction of triplets whose most probable answer has at least this probability.

    Parameters
    ----------
    decided : DataFrame
        As from `decidedness`: the first of its shares that is large enough counts.
    share : float
    """
    return float(decided.loc[decided["share"] >= share, "corrected"].iloc[0])


def calibrate_embedding(embedding: np.ndarray, triplets: Triplets, *, target: float) -> Calibration:
    """Find the temperature at which an embedding's most probable answer is as probable as people's ceiling.

    Parameters
    ----------
    embedding : array, (n_objects, n_dimensions)
    triplets : Triplets
        Repeated; each counts once.
    target : float
        Mean probability of the most probable answer, in (1/3, 1).
    """
    return calibrate(embedding_logits(embedding, triplets.distinct()), match="max_p", target=target)


def describe_categories(categories: pd.DataFrame, overall: float) -> pd.Series:
    """Count the categories that differ from all triplets, and those lower where no two objects share a category.

    Parameters
    ----------
    categories : DataFrame
        As from `category_consistency`.
    overall : float
        The consistency over all triplets.

    Returns
    -------
    Series of int
        ``n`` categories, ``n_differ`` whose interval excludes `overall`, ``n_lower`` whose ``no_pair`` is below their
        own value.
    """
    outside = (categories["low"] > overall) | (categories["high"] < overall)
    lower = categories["no_pair"] < categories["leave_one_out"]
    return pd.Series({"n": len(categories), "n_differ": outside.sum(), "n_lower": lower.sum()}).astype(int)
