"""What charts to turn are made of."""

import numpy as np
import pandas as pd

from yardsticks.charts import chart, choice


def test_data_keep_four_digits_and_their_holes():
    frame = pd.DataFrame({"x": [123456.789, np.nan, 1e-9 / 3], "n": [1234567, 2, 3], "who": ["a", None, "<b>"]})
    data = chart("What is seen.", {"mark": "point"}, rows=frame)["data"]["rows"]
    assert data["columns"] == ["x", "n", "who"]
    assert data["rows"] == [[123500.0, 1234567, "a"], [None, 2, None], [3.333e-10, 3, "<b>"]]


def test_a_choice_begins_with_its_first_option():
    made = choice("kind", "Shown as", ["a", "b"], ["an A", "a B"])
    assert (made["value"], made["bind"]["options"], made["bind"]["labels"]) == ("a", ["a", "b"], ["an A", "a B"])
