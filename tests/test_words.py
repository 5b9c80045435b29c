"""What the prose says where a number may be missing."""

import numpy as np
import pytest

from yardsticks.words import say_interval, say_zero


@pytest.mark.parametrize("form", [".2f", ".0%", "+.3f"])
def test_an_interval_is_said_by_its_ends(rng, form):
    for _ in range(20):
        low, high = np.sort(rng.normal(size=2))
        ends = say_interval(low, high, form).split(" to ")
        assert ends == [("{:" + form + "}").format(end) for end in (low, high)]
        sides = {np.sign(low), np.sign(high)}
        assert say_zero(low, high) == {(1,): "lies above zero", (-1,): "lies below zero"}.get(
            tuple(sides), "includes zero"
        )
    assert say_zero(0.0, 1.0) == say_zero(-1.0, 0.0) == "includes zero"


@pytest.mark.parametrize("ends", [(np.nan, 1.0), (0.0, np.nan), (np.nan, np.nan), (None, None)])
def test_no_interval_is_said_to_be_unknown(ends):
    assert say_interval(*ends) == "unknown"
    assert say_zero(*ends) == "is unknown"
