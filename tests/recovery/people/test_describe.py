"""Numbers for the text about people, against loops over a small toy world."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from yardsticks.recovery.data.toy import make_world
from yardsticks.recovery.people import decidedness, describe


@pytest.fixture(scope="module")
def world():
    return make_world(seed=7, n_objects=30, n_judgements=600, n_repeated=80, n_answers=8)


def test_judgements_and_triplets_are_counted(world):
    table = describe.count_judgements(once=world.people, often=world.repeated)
    for name, triplets in {"once": world.people, "often": world.repeated}.items():
        different = {frozenset(row) for row in triplets.objects.tolist()}
        assert table.loc[name].tolist() == [len(triplets), len(different)]


def test_answers_to_repeated_triplets_are_counted(world):
    part = world.repeated.subset(slice(3, None))  # the first is left with fewer
    workers = np.arange(len(part)) % 5
    found = describe.describe_repeated(part, workers)
    answers = Counter(frozenset(row) for row in part.objects.tolist())
    assert [found["fewest"], found["most"], found["n_workers"]] == [min(answers.values()), max(answers.values()), 5]
    for k, place in enumerate(("left", "middle", "right")):
        assert found[place] == pytest.approx(np.mean([odd == k for odd in part.odd]))


def test_share_decided_is_read_at_the_first_share_that_is_large_enough(world):
    decided = decidedness(world.repeated, np.array([1 / 3, 0.5, 0.7, 1.0]))
    assert describe.share_decided(decided, 0.6) == decided["corrected"][2]
    assert describe.share_decided(decided, 0.5) == decided["corrected"][1]


def test_embedding_is_made_as_decided_as_asked(world):
    found = describe.calibrate_embedding(world.dimensions, world.repeated, target=0.6)
    first = {frozenset(row): row for row in world.repeated.objects.tolist()}
    reached = []
    for a, b, c in first.values():
        left, middle, right = world.dimensions[[a, b, c]]
        logits = np.array([middle @ right, left @ right, left @ middle]) / found.temperature
        reached.append((np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()).max())
    assert np.mean(reached) == pytest.approx(0.6, abs=1e-5)


def test_categories_that_differ_are_counted():
    table = pd.DataFrame(
        {"leave_one_out": [0.9, 0.6, 0.3], "low": [0.8, 0.5, 0.2], "high": [0.95, 0.7, 0.4], "no_pair": [0.7, 0.6, 0.2]}
    )
    assert describe.describe_categories(table, 0.6).to_dict() == {"n": 3, "n_differ": 2, "n_lower": 2}
    table.loc[[0, 2], ["low", "high"]] = np.nan  # of too few triplets, which tell no difference
    assert describe.describe_categories(table, 0.6).to_dict() == {"n": 3, "n_differ": 0, "n_lower": 2}
