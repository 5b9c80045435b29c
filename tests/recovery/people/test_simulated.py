"""People replaced by an embedding: as decided as people, and never asked what calibrates them."""

import numpy as np
import pytest

from yardsticks.recovery.data.judgements import open_repeated_triplets
from yardsticks.recovery.data.things import open_embedding
from yardsticks.recovery.people.ceiling import noise_ceiling
from yardsticks.recovery.people.simulated import surrogate_people
from yardsticks.recovery.triplets.choices import choose, embedding_logits

pytestmark = pytest.mark.filterwarnings("ignore::yardsticks.datasets.SyntheticDataWarning")
CEILING = 0.6


@pytest.fixture(scope="module")
def repeated():
    return open_repeated_triplets()[0]


def test_choices_follow_the_embedding_as_often_as_the_ceiling_says(repeated):
    people = surrogate_people(40_000, repeated, CEILING)
    logits = embedding_logits(open_embedding("spose66")[0], people)
    share = choose(logits)[np.arange(len(people)), people.odd].mean()
    # the ceiling is met on the repeated triplets; on others the embedding is about as decided
    assert share == pytest.approx(CEILING, abs=0.03)
    assert np.bincount(people.odd).min() > 0.3 * len(people)


def test_triplets_are_distinct_and_new(repeated):
    people = surrogate_people(5000, repeated, CEILING)
    assert len(np.unique(people.ranks())) == len(people) == 5000
    assert not np.isin(people.ranks(), repeated.ranks()).any()


def test_same_people_every_time(repeated):
    one, other = (surrogate_people(500, repeated, CEILING) for _ in range(2))
    assert np.array_equal(one.objects, other.objects)
    assert np.array_equal(one.odd, other.odd)


def test_lower_ceiling_makes_choices_more_random(repeated):
    logits = embedding_logits(open_embedding("spose66")[0], surrogate_people(5000, repeated, CEILING))
    shares = []
    for ceiling in (0.4, noise_ceiling(repeated, method="corrected", seed=0, n_bootstrap=0).value):
        people = surrogate_people(5000, repeated, ceiling)
        shares.append(choose(logits)[np.arange(len(people)), people.odd].mean())
    assert shares[0] < shares[1] - 0.1
