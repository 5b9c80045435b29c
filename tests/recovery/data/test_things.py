"""The order of the THINGS objects, what is known of them, and the toy world in their place."""

import numpy as np
import pandas as pd
import pytest

from yardsticks import datasets
from yardsticks.recovery.data import things

needs_real_data = pytest.mark.skipif(
    any(datasets.find(name) is None for name in things.DATA), reason="the real data are not on this machine"
)


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A machine without any data."""
    monkeypatch.delenv("YARDSTICKS_DATA", raising=False)
    monkeypatch.setenv("YARDSTICKS_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def concepts():
    names = ["ant", "bat1", "bat2", "cat"]
    frame = {"reference_image": ["ant_01b.jpg", "bat1_01b.jpg", "bat_01b.jpg", "cat_01b.jpg"], "sorted_index": range(4)}
    return pd.DataFrame(frame, index=pd.Index(names, name="unique_id"))


class TestOrder:
    def test_rows_are_found_by_name(self, concepts):
        values = np.array([[3, 30], [1, 10], [0, 0], [2, 20]])
        for names in (["cat", "bat1", "ant", "bat2"], ["cat_01b.jpg", "bat1", "ant_01b.jpg", "bat_01b.jpg"]):
            ordered = things.to_things_order(values, names, concepts=concepts)
            assert ordered.tolist() == [[0, 0], [1, 10], [2, 20], [3, 30]]
        assert things.to_things_order([5, 6, 7, 8], np.array(concepts.index), concepts=concepts).tolist() == [
            5,
            6,
            7,
            8,
        ]

    @pytest.mark.parametrize(
        ("names", "message"),
        [
            (["ant", "bat1", "bat2", "dog"], "^dog is no concept"),
            (["ant", "bat1", "bat2"], "3 names for 4 rows"),
            (["ant", "bat1", "bat1_01b.jpg", "cat"], r"rows 1 and 2 \(from 0\) are both bat1"),
            (["Ant", "bat1", "bat2", "cat"], "^Ant is no concept"),
        ],
    )
    def test_a_wrong_name_is_refused(self, concepts, names, message):
        with pytest.raises(ValueError, match=message):
            things.to_things_order(np.zeros((4, 2)), names, concepts=concepts)

    def test_a_missing_concept_is_refused(self, concepts):
        with pytest.raises(ValueError, match=r"no row for bat2\. Add a row of NaN"):
            things.to_things_order(np.zeros((3, 2)), ["cat", "ant", "bat1"], concepts=concepts)

    def test_names_need_the_real_concepts(self, empty):
        for call in (lambda: things.to_things_order([1], ["ant"]), lambda: things.things_rows("sorted")):
            with pytest.raises(FileNotFoundError, match="things-concepts is not on this machine"):
                call()

    def test_an_order_must_be_said(self):
        for order in (None, "", "image"):
            with pytest.raises(ValueError, match=r"'things'.*'sorted'.*'own'"):
                things.things_rows(order)
        assert things.things_rows("things") is things.things_rows("own") is None

    @needs_real_data
    def test_the_other_order_is_that_of_the_image_files(self):
        table, origin = things.open_concepts()
        assert (len(table), table.index.is_unique, origin.kind) == (1854, True, "real")
        rows = things.things_rows("sorted")
        assert table["reference_image"].iloc[rows].tolist() == sorted(table["reference_image"])
        assert (rows != np.arange(1854)).sum() == 21
        moved = {name.rstrip("0123456789") for name in table.index[rows != np.arange(1854)]}
        assert {"camera", "chicken", "crystal"} < moved

    @needs_real_data
    def test_names_and_order_agree_on_a_sorted_file(self):
        table = things.open_concepts()[0]
        rows = things.things_rows("sorted")
        by_name = things.to_things_order(np.arange(1854), sorted(table["reference_image"]))
        assert by_name[rows].tolist() == list(range(1854))


@needs_real_data
def test_the_real_files():
    categories, origin = things.open_categories()
    assert (categories.shape, origin.kind) == ((1854, 27), "real")
    table = things.open_concepts()[0]
    animals = table.index[categories["animal"]]
    assert {"aardvark", "ant"} <= set(animals)
    assert "abacus" not in animals
    for name, n_dimensions in {"spose49": 49, "spose66": 66, "vice42": 42}.items():
        embedding, labels, origin = things.open_embedding(name)
        assert embedding.shape == (1854, len(labels)) == (1854, n_dimensions)
        assert origin.kind == "real"
    food = things.open_embedding("spose66")[1].index("food-related")
    best = table.index[things.open_embedding("spose66")[0][:, food].argmax()]
    assert categories["food"].iloc[table.index.get_loc(best)]


class TestToyWorld:
    def test_one_world_stands_in(self, empty):
        with pytest.warns(datasets.SyntheticDataWarning, match=r"things-concepts.*YARDSTICKS_DATA") as caught:
            concepts, origin = things.open_concepts()
        assert [warning.filename for warning in caught] == [__file__]
        origins = [origin]
        with pytest.warns(datasets.SyntheticDataWarning):
            categories, origin = things.open_categories()
        origins.append(origin)
        embeddings = {}
        for name in things.EMBEDDINGS:
            with pytest.warns(datasets.SyntheticDataWarning):
                embeddings[name], labels, origin = things.open_embedding(name)
            origins.append(origin)
            assert embeddings[name].shape == (len(concepts), len(labels))
            assert all(label.startswith("toy") for label in labels)
        assert len(categories) == len(concepts)
        assert (categories.sum(axis=1) == 1).all()
        assert all(name.startswith("toy") for name in [*concepts.index, *categories])
        assert {origin.kind for origin in origins} == {"synthetic"}
        assert all("Toy world" in origin.title for origin in origins)
        assert not np.array_equal(embeddings["spose49"], embeddings["spose66"])

    def test_it_stands_in_for_all_when_one_is_missing(self, empty):
        folder = empty / "things"
        folder.mkdir()
        (folder / "concepts.csv").write_text("not looked at")
        with pytest.warns(datasets.SyntheticDataWarning, match="^things-categories, ") as caught:
            _, origin = things.open_concepts()
        assert origin.kind == "synthetic"
        assert "things-concepts" not in str(caught[0].message)

    def test_an_unknown_embedding(self):
        with pytest.raises(ValueError, match=r"'spose'.*spose49, spose66, vice42"):
            things.open_embedding("spose")

    def test_every_name_is_registered_as_having_a_stand_in(self):
        assert set(things.DATA) == set(datasets.TOY)
