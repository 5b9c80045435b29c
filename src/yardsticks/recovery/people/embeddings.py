"""How well embeddings of objects predict what people choose, also where people are unanimous."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from yardsticks.recovery.people.consistency import repeated_triplets
from yardsticks.recovery.people.counts import majority_share
from yardsticks.recovery.triplets.choices import choice_probabilities, choose, credits_of, embedding_logits
from yardsticks.recovery.triplets.triplets import FEWEST, Triplets
from yardsticks.stats import Z95

PEOPLE = "people"  # who answered, or was fitted to people's answers, beside names of models


def embedding_scores(sets: Mapping[str, Triplets], embeddings: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Score how well embeddings predict people's answers.

    Parameters
    ----------
    sets : mapping of str to Triplets
        Answered judgements by name.
    embeddings : mapping of str to array (n_objects, n_dimensions)

    Returns
    -------
    DataFrame
        One row for each embedding and set: embedding, n_dimensions, judgements (the set's name), n_judgements;
        accuracy in [0, 1], of the most probable answer, ties shared, with its 95% interval low and high; nll, the mean
        negative log-likelihood in nats, lower is better; max_p, the mean probability of the most probable answer, which
        is what the accuracy would be if the embedding were right. All at temperature 1.

    Notes
    -----
    Answers to the same three objects stand or fall together, so the intervals are those of whole triplets; of
    fewer than five distinct ones they are NaN.
    """
    rows = []
    for embedding, values in embeddings.items():
        for name, triplets in sets.items():
            logits = embedding_logits(values, triplets)
            p = choice_probabilities(logits, 1.0)
            answer = np.arange(len(triplets)), triplets.odd
            row = {"embedding": embedding, "n_dimensions": values.shape[1], "judgements": name}
            row |= _mean_over_triplets(credits_of(logits, triplets.odd), triplets)
            with np.errstate(divide="ignore"):  # an answer that the embedding rules out
                row |= {"nll": -np.log(p[answer]).mean(), "max_p": p.max(axis=1).mean()}
            rows.append(row)
    return pd.DataFrame(rows)


def choice_agreement(triplets: Triplets, embeddings: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Tell how often people and embeddings, or two embeddings, have the same odd one.

    Parameters
    ----------
    triplets : Triplets
        Answered by people.
    embeddings : mapping of str to array (n_objects, n_dimensions)

    Returns
    -------
    DataFrame
        One row a pair: a, b, agreement in [0, 1] (1/3 by chance) with its 95% interval low and high (NaN below five
        distinct triplets), n_judgements.
    """
    answers = {PEOPLE: np.eye(3)[triplets.odd]}
    answers |= {name: choose(embedding_logits(values, triplets)) for name, values in embeddings.items()}
    names = list(answers)
    rows = []
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            same = (answers[a] * answers[b]).sum(axis=1)
            rows.append({"a": a, "b": b, **_mean_over_triplets(same, triplets, "agreement")})
    return pd.DataFrame(rows)


def unanimity(triplets: Triplets, embeddings: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Tell how undecided people are where embeddings agree on the odd one, and where they do not.

    Parameters
    ----------
    triplets : Triplets
        Answered and repeated.
    embeddings : mapping of str to array (n_objects, n_dimensions)

    Returns
    -------
    DataFrame
        Index unanimous (True, False); columns n_triplets and majority_share, the mean share of people's most frequent
        answer; NaN without triplets.
    """
    objects, counts = repeated_triplets(triplets)
    once = Triplets(objects, None, triplets.n_objects)
    answers = np.stack([choose(embedding_logits(values, once)) for values in embeddings.values()])
    same = (answers == answers[0]).all(axis=(0, 2))  # (n_triplets,)
    groups = pd.Series(majority_share(counts)).groupby(same).agg(["size", "mean"]).reindex([True, False])
    frame = {"n_triplets": groups["size"].fillna(0).astype(int), "majority_share": groups["mean"]}
    return pd.DataFrame(frame).rename_axis("unanimous")


def _mean_over_triplets(values: np.ndarray, triplets: Triplets, name: str = "accuracy") -> dict[str, float]:
    """Return the mean over judgements, with the interval of whole triplets: answers to one are not independent."""
    distinct, which = np.unique(triplets.ranks(), return_inverse=True)
    mean, low, high = values.mean(), np.nan, np.nan
    if len(distinct) >= FEWEST:
        error = np.sqrt((np.bincount(which, values - mean) ** 2).sum()) / len(values)
        low, high = max(mean - Z95 * error, 0.0), min(mean + Z95 * error, 1.0)
    return {"n_judgements": len(values), name: mean, "low": low, "high": high}
