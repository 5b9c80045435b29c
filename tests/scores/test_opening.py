"""Opening a frame: the same table as the file of it, whatever its layout."""

import numpy as np
import pandas as pd
import pytest

from yardsticks.datasets import SyntheticDataWarning
from yardsticks.scores.opening import open_scores
from yardsticks.scores.twin.draw import make_twin

V4, I2N = "MajajHong2015.V4-pls", "Rajalingham2018-i2n"


@pytest.fixture
def frame(rng):
    """Scores of 17 digits, a hole, numbers as ids."""
    values = pd.DataFrame(rng.normal(0.4, 0.3, (6, 3)), [646, 1885, 7, 8, 9, 10], [I2N, V4, "mine"])
    values.iloc[2, 1] = np.nan
    return values


def test_a_frame_keeps_its_scores_to_the_last_digit(frame):
    table = open_scores(frame)
    expected = frame[[V4, I2N, "mine"]].set_axis(frame.index.astype(str))  # in the catalogue's order
    assert (table.values.to_numpy() == expected.to_numpy()).sum() == 17
    pd.testing.assert_frame_equal(table.values, expected, check_names=False, check_index_type=False, check_exact=True)
    assert list(table.metrics["area"]) == ["V4", "behaviour", None]
    assert (table.origin.name, table.origin.kind, len(table.origin.sha256)) == ("the frame", "real", 64)


def test_the_layouts_of_a_frame_and_its_file_are_one(frame, tmp_path):
    by_column = frame.reset_index(names="model_id")
    long = by_column.melt("model_id", var_name="metric", value_name="score")
    by_column.to_csv(tmp_path / "x.csv", index=False)
    expected = open_scores(tmp_path / "x.csv").values
    for given in (frame, by_column, long, frame.rename_axis("net")):
        pd.testing.assert_frame_equal(open_scores(given).values, expected)


def test_names_may_repeat_in_a_column_and_not_in_the_index(frame):
    names = ["alexnet", "alexnet", "a", "b", "c", "d"]
    assert list(open_scores(frame.assign(model=names)).models["name"]) == names
    with pytest.raises(ValueError, match="the frame: row 3, column 'model_id': 'alexnet' stands in row 2 already"):
        open_scores(frame.set_axis(names))


def test_a_frame_without_names_counts_its_models():
    table = open_scores(pd.DataFrame({V4: [0.1, 0.2], I2N: [0.3, 0.4]}))
    assert list(table.values.index) == ["0", "1"]


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (pd.DataFrame(), "there is no score in it"),
        (pd.DataFrame({V4: [0.1, "lots"]}, ["x", "y"]), f"the frame: row 3, column '{V4}': 'lots'.* is no number"),
        (pd.DataFrame({V4: [0.1, np.inf]}, ["x", "y"]), "'inf'.* is infinite"),
        (pd.DataFrame({(V4, "a"): [0.1]}), "several levels"),
    ],
)
def test_what_no_table_can_be_made_of(frame, told):
    with pytest.raises(ValueError, match=told):
        open_scores(frame)


def test_a_catalogue_gives_the_metrics_of_a_frame_their_areas(frame, tmp_path):
    areas = tmp_path / "areas.csv"
    areas.write_text("metric,area\nmine,IT\n")
    assert open_scores(frame, catalogue=areas).metrics.at["mine", "area"] == "IT"


def test_of_a_frame_some_metrics_are_read(frame):
    part = open_scores(frame.assign(words="many"), metrics=[f"mine,{V4}"])
    pd.testing.assert_frame_equal(part.values, open_scores(frame).values[["mine", V4]])
    with pytest.raises(ValueError, match=r"the frame: it has no metric 'main'.*Perhaps mine"):
        open_scores(frame, metrics=["main"])


def test_any_column_of_a_frame_may_name_its_models(frame):
    named = frame.assign(Method=[*"abcdef"])
    assert list(open_scores(named, model_column="Method").models["name"]) == [*"abcdef"]
    with pytest.raises(ValueError, match=r"the frame: .*'Net'"):
        open_scores(named, model_column="Net")


def test_options_that_do_not_apply_are_refused(frame):
    with pytest.raises(ValueError, match=r"transpose=True is for a file\. Give frame\.T"):
        open_scores(frame, transpose=True)
    with pytest.raises(TypeError, match="nonsense"):
        open_scores(frame, nonsense=1)
    for option in ({"transpose": True}, {"model_column": "Method"}):
        with pytest.raises(ValueError, match=r"^brainscore-2024-01 is registered.*Leave them out"):
            open_scores("brainscore-2024-01", **option)


def test_of_the_twin_some_metrics_are_given(monkeypatch, tmp_path):
    """Where the registered scores cannot be had, the twin has the metrics that were asked for, and no others."""
    monkeypatch.delenv("YARDSTICKS_DATA", raising=False)
    monkeypatch.setenv("YARDSTICKS_CACHE", str(tmp_path))
    with pytest.warns(SyntheticDataWarning):
        table = open_scores(metrics=[I2N, V4])
    assert (list(table.values), table.origin.kind) == ([I2N, V4], "synthetic")
    pd.testing.assert_frame_equal(table.values, make_twin().values[[I2N, V4]])
    with (
        pytest.warns(SyntheticDataWarning),
        pytest.raises(ValueError, match="brainscore-2024-01: it has no metric 'mine'"),
    ):
        open_scores(metrics=["mine"])
