"""Names, tables and numbers as they leave a notebook."""

import pandas as pd
import pytest

from yardsticks import style
from yardsticks.scores.table import leaf_order


def test_short_names_tell_all_metrics_of_the_catalogue_apart():
    names = [style.short_name(metric) for metric in leaf_order()]
    assert len(set(names)) == len(names)


def test_table_is_written_whole_or_not_at_all(tmp_path):
    class Broken:
        def __str__(self):
            raise RuntimeError("cannot be written")

    good = pd.DataFrame({"x": [1 / 3]})
    path = style.save_table(good, "t", folder=tmp_path)
    assert pd.read_csv(path)["x"].item() == pytest.approx(1 / 3, abs=1e-6)
    before = path.read_bytes()
    with pytest.raises(RuntimeError):
        style.save_table(pd.DataFrame({"x": [Broken()]}), "t", folder=tmp_path)
    assert path.read_bytes() == before


def test_index_is_kept_when_it_has_a_name(tmp_path):
    frame = pd.DataFrame({"x": [1]}, index=pd.Index(["m"], name="model_id"))
    assert list(pd.read_csv(style.save_table(frame, "t", folder=tmp_path))) == ["model_id", "x"]
    assert list(pd.read_csv(style.save_table(frame.reset_index(drop=True), "u", folder=tmp_path))) == ["x"]


def test_show_is_the_same_in_every_run():
    frame = pd.DataFrame({"what": ["a"], "x": [1 / 3]})
    assert style.show(frame).data == style.show(frame).data
    assert repr(style.show(frame)) == repr(style.show(frame))


def test_show_rounds_floats_and_leaves_the_unknown_blank():
    html = style.show(pd.DataFrame({"what": ["a", "b"], "x": [1 / 3, float("nan")], "n": [12345, 2]})).data
    assert "0.3333" in html
    assert "nan" not in html
    assert "12345" in html
