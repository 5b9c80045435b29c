"""People replaced by an embedding that was fitted to them: any number of judgements, all of them simulated."""

from __future__ import annotations

import numpy as np

from yardsticks.recovery.data.things import open_embedding
from yardsticks.recovery.people.calibration import calibrate
from yardsticks.recovery.triplets.choices import embedding_logits, simulate
from yardsticks.recovery.triplets.randomness import random_stream
from yardsticks.recovery.triplets.sampling import sample_triplets
from yardsticks.recovery.triplets.triplets import Triplets

EMBEDDING = "spose66"


def surrogate_people(n: int, repeated: Triplets, ceiling: float) -> Triplets:
    """Sample choices from the SPoSE-66 embedding, as decided as people are.

    Parameters
    ----------
    n : int
        Distinct triplets of all objects, drawn uniformly; each is answered once.
    repeated : Triplets
        Triplets on which the embedding is calibrated to the ceiling; none of them is drawn.
    ceiling : float
        The mean probability of the most probable answer, in (1/3, 1).

    Returns
    -------
    Triplets
        Answered.

    Notes
    -----
    The embedding was itself fitted to people's judgements, and predicts new ones at about the level of their ceiling;
    what it leaves out of people, its choices leave out too.
    """
    embedding = open_embedding(EMBEDDING)[0]
    unordered = repeated.distinct()
    temperature = calibrate(embedding_logits(embedding, unordered), target=ceiling).temperature
    drawn = sample_triplets(len(embedding), n, seed=random_stream("surrogate triplets", n), exclude=unordered)
    rng = random_stream("surrogate answers", n)
    odd = [  # in blocks: logits of millions at once would fill the memory
        simulate(embedding_logits(embedding, block), temperature=temperature, seed=rng)
        for block in (drawn.subset(part) for part in np.array_split(np.arange(n), 1 + n // 200_000))
    ]
    return drawn.answered(np.concatenate(odd))
