"""The papers' numbers are kept once, and completely described."""

import pytest

from yardsticks.claims import published


def test_every_number_has_its_place_and_its_meaning():
    numbers = published("ahlert2024")
    assert numbers["value"].notna().all()
    assert numbers[["place", "what"]].map(lambda text: isinstance(text, str) and len(text) > 5).all(axis=None)


def test_an_unknown_paper_is_refused_with_the_known_ones():
    with pytest.raises(KeyError, match="ahlert2024"):
        published("nobody2020")
