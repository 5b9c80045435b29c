"""Triplets as people hold them: what is read from files that the tests write, what is refused, the real files."""

import bz2
import gzip
import lzma
import re

import numpy as np
import pandas as pd
import pytest

from yardsticks import datasets
from yardsticks.recovery.data.judgements import open_human_triplets, open_repeated_triplets, read_triplets
from yardsticks.recovery.data.things import DATA, open_concepts, open_embedding
from yardsticks.recovery.triplets.sampling import sample_triplets
from yardsticks.recovery.triplets.triplets import Triplets

needs_real_data = pytest.mark.skipif(
    any(datasets.find(name) is None for name in DATA), reason="the real data are not on this machine"
)
HEADER = "image1\timage2\timage3\tchoice\tRT\tnoise_ceiling\tsubject_id\n"
ROWS = "1\t2\t3\t1\t900\t0\ta\n1854\t7\t5\t3\t\t2\tb\n4\t2\t9\t2\t1\t0\tc\n"


@pytest.fixture
def write(tmp_path):
    def write(content, name="triplets.txt"):
        path = tmp_path / name
        if isinstance(content, dict):
            np.savez(path, **content)
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content)
        return path

    return write


@pytest.fixture
def concepts():
    """1,854 names of which the first three stand in another order when image files are sorted."""
    sorted_index = np.arange(1854)
    sorted_index[:3] = [2, 0, 1]
    names = [f"c{i}" for i in range(1854)]
    frame = {"reference_image": [f"{name}.jpg" for name in names], "sorted_index": sorted_index}
    return pd.DataFrame(frame, index=pd.Index(names, name="unique_id"))


class TestTable:
    @pytest.mark.parametrize(
        ("part", "objects", "odd"),
        [
            ("all", [[0, 1, 2], [1853, 6, 4], [3, 1, 8]], [0, 2, 1]),
            (0, [[0, 1, 2], [3, 1, 8]], [0, 1]),
            (2, [[1853, 6, 4]], [2]),
        ],
    )
    def test_concepts_and_choices_count_from_one(self, write, part, objects, odd):
        read = read_triplets(write(HEADER + ROWS), order="things", part=part)
        assert (read.objects.tolist(), read.odd.tolist(), read.n_objects) == (objects, odd, 1854)

    def test_columns_may_stand_anywhere(self, write):
        text = "HIT_nr\tchoice\timage3\timage1\timage2\tnoise_ceiling\n9\t1\t30\t10\t20\t0\n\n"
        read = read_triplets(write(text), order="things", part=0)
        assert (read.objects.tolist(), read.odd.tolist()) == ([[9, 19, 29]], [0])

    @pytest.mark.parametrize("part", [None, 1, "ordinary"])
    def test_which_judgements_must_be_said(self, write, part):
        with pytest.raises(ValueError, match=r"triplets.txt: part is .*here 0, 2"):
            read_triplets(write(HEADER + ROWS), order="things", part=part)

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            ("0\t2\t3\t1\t900\t0\ta", r"row 5: \[0, 2, 3\] with the choice 1.*1 to 1854"),
            ("1855\t2\t3\t1\t900\t0\ta", r"row 5: \[1855, 2, 3\]"),
            ("2\t2\t3\t1\t900\t0\ta", r"row 5: \[2, 2, 3\].*three different"),
            ("1\t2\t3\t0\t900\t0\ta", r"row 5: .*choice 0"),
            ("1\t2\t3\t4\t900\t0\ta", r"row 5: .*choice 4"),
            ("1\t2\t3\t\t900\t0\ta", r"row 5, column choice: no value"),
            ("1\ttwo\t3\t1\t900\t0\ta", r"row 5, column image2: the value 'two'"),
            ("1\t2.5\t3\t1\t900\t0\ta", r"row 5, column image2: the value '2.5'"),
        ],
    )
    @pytest.mark.parametrize("blank", ["", "\n"])
    def test_the_row_of_a_fault_is_that_of_the_file(self, write, row, message, blank):
        if blank:
            message = message.replace("row 5", "row 6")
        with pytest.raises(ValueError, match=f"triplets.txt: {message}.*"):
            read_triplets(write(HEADER + ROWS + blank + row + "\n"), order="things", part="all")

    def test_missing_columns_are_named(self, write):
        with pytest.raises(ValueError, match=r"noise_ceiling.*tabs"):
            read_triplets(write("image1\timage2\timage3\tchoice\n1\t2\t3\t1\n"), order="things", part=0)


class TestText:
    @pytest.mark.parametrize(
        "text",
        ["0 5 2\n3 1853 4\n", "0\t5\t2\n3\t1853\t4", "0,5,2\n3,1853,4\n\n", " 0.0e+00 5.0e+00 2.0 \n3 1853. 4\n"],
    )
    def test_the_odd_one_is_last(self, write, text):
        read = read_triplets(write(text), order="things")
        assert (read.objects.tolist(), read.odd.tolist()) == ([[0, 5, 2], [3, 1853, 4]], [2, 2])

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("0 1 2\n3 4 1854\n", r"row 2: the triplet \(3, 4, 1854\) .* has an object outside 0 \.\.\. 1853"),
            ("0 1 2\n3 3 4\n", r"row 2: .*twice"),
            ("0 1 2\n\n3 3 4\n", r"row 3: .*twice"),
            ("0 1 2\n-1 3 4\n", r"row 2: .*outside"),
            ("0 1 2\n1 3\n", "row 2, column 3: no value"),
            ("a b c\n1 3 2\n", "row 1, column 1: the value 'a'"),
            ("0 1 2\n1 3 nan\n", "row 2, column 3: no value"),
            ("0 1 2\n1 3 inf\n", "row 2, column 3: the value 'inf'"),
            ("0 1\n1 3\n", "there are 2 columns"),
            ("0 1 2\n1 3 4 5\n", "line 2, saw 4"),
            ("", "No columns"),
            (b"\xff\xfe\x00\x01\x80", "neither text"),
        ],
    )
    def test_what_is_no_triplet_is_refused(self, write, text, message):
        with pytest.raises(ValueError, match=f"triplets.txt: .*{message}"):
            read_triplets(write(text), order="things")

    def test_text_has_no_parts(self, write):
        with pytest.raises(ValueError, match="leave it out"):
            read_triplets(write("0 1 2\n"), order="things", part="all")


class TestArchive:
    def test_the_odd_one_is_last_unless_choices_are_there(self, write):
        triplet = np.array([[5, 1, 2], [3, 7, 4]], dtype=np.uint16)
        one = read_triplets(write({"x": triplet}, "a.npz"), order="things")
        assert (one.objects.tolist(), one.odd.tolist()) == ([[5, 1, 2], [3, 7, 4]], [2, 2])
        four = np.hstack([triplet, [[88], [99]]])
        several = write({"random50k": triplet[:1], "id264": four}, "b.npz")
        assert read_triplets(several, order="things", part="random50k").objects.tolist() == [[5, 1, 2]]
        assert read_triplets(several, order="things", part="id264").objects.tolist() == triplet.tolist()
        answered = write({"triplet": triplet, "choice": np.array([1, 0], np.uint8), "worker": [4, 4]}, "c.npz")
        assert read_triplets(answered, order="things").odd.tolist() == [1, 0]

    @pytest.mark.parametrize(
        ("content", "part", "message"),
        [
            ({"a": np.eye(3, dtype=int), "b": np.eye(3, dtype=int)}, None, "part is None.*: a, b"),
            ({"a": np.eye(3, dtype=int), "b": np.eye(3, dtype=int)}, "c", "part is 'c'.*: a, b"),
            ({"a": np.array([[0, 1, 2], [0, 1, 1]])}, None, r"a, row 1 \(from 0\): .*twice"),
            ({"a": np.array([[0, 1, 2000]])}, None, "row 0.*outside"),
            ({"a": np.array([[0.0, 1.0, 2.0]])}, None, "array of float64"),
            ({"a": np.arange(6)}, None, r"shape \(6,\)"),
            ({"triplet": np.array([[0, 1, 2]]), "choice": np.array([3])}, None, "answer 3"),
            ({"triplet": np.array([[0, 1, 2]]), "choice": np.array([1, 1])}, None, r"\(2,\), and there are 1"),
            ({"triplet": np.array([[0, 1, 2]]), "choice": np.array([0.9])}, None, "choice is an array of float64"),
            ({"x": np.array([[0, 1, 2]]), "choice": np.array([0.0])}, None, "choice is an array of float64"),
            ({"x": np.array([[0, 1, 2]]), "choice": np.array([True])}, "x", "choice is an array of bool"),
            ({"x": np.array([[0, 1, 2], [0, 3, 4]]), "choice": np.array([1])}, None, r"\(1,\), and there are 2"),
            ({"x": np.array([[0, 1, 2, 0], [3, 4, 5, 2]])}, None, "fourth column that may say.*odd='choice'"),
            ({"x": np.array([[0, 1, 2, 1], [3, 4, 5, 3]])}, None, "fourth column that may say"),
            ({"x": np.array([[0, 1, 9, 9], [3, 8, 5, 8]])}, None, "fourth column that may say"),
            ({"a": np.array([[object()] * 3])}, None, "pickled objects"),
            (b"PK\x03\x04 cut off", None, "no archive"),
        ],
    )
    def test_what_is_no_triplet_is_refused(self, write, content, part, message):
        with pytest.raises(ValueError, match=f"a.npz: .*{message}"):
            read_triplets(write(content, "a.npz"), order="things", part=part)


class TestWays:
    """The same judgements, written in every way that is in use, are read alike."""

    @pytest.fixture
    def judged(self, rng):
        drawn = sample_triplets(30, 200, seed=rng)
        return Triplets(drawn.objects, rng.integers(3, size=200), 30)

    @staticmethod
    def rows(judged, place):
        """The odd one in a column of its own, by a loop."""
        rows = []
        for objects, odd in zip(judged.objects.tolist(), judged.odd.tolist(), strict=True):
            others = [thing for position, thing in enumerate(objects) if position != odd]
            rows.append([objects[odd], *others] if place == "first" else [*others, objects[odd]])
        return np.array(rows)

    @pytest.mark.parametrize("base", [0, 1])
    @pytest.mark.parametrize("kind", ["txt", "csv", "npz", "npy"])
    @pytest.mark.parametrize("odd", ["last", "first", "choice"])
    def test_every_way(self, write, judged, kind, odd, base):
        rows = np.column_stack([judged.objects, judged.odd]) if odd == "choice" else self.rows(judged, odd)
        rows = rows + base
        path = write({"x": rows} if kind == "npz" else "", f"t.{kind}")
        if kind == "npy":
            np.save(path, rows)
        elif kind != "npz":
            np.savetxt(path, rows, fmt="%d", delimiter="," if kind == "csv" else " ")
        read = read_triplets(path, order="own", n_objects=30, base=base, odd=odd)
        seen = np.take_along_axis(read.objects, read.odd[:, None].astype(int), axis=1)[:, 0]
        np.testing.assert_array_equal(seen, judged.objects[np.arange(200), judged.odd])
        np.testing.assert_array_equal(read.ranks(), judged.ranks())
        if base == 1:
            with pytest.raises(ValueError, match=rf"t\.{kind}: object 0 is in none of .* 1 to 30; .*base=1"):
                read_triplets(path, order="own", n_objects=30, odd=odd)
            with pytest.raises(ValueError, match="outside 0"):
                read_triplets(path, order="own", n_objects=30, odd="last" if odd == "choice" else odd, base=0)
        if odd == "choice":
            with pytest.raises(ValueError, match=r"odd='choice' if a fourth column"):
                read_triplets(path, order="own", n_objects=30, base=base)

    @pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
    def test_text_that_is_compressed(self, write, pack):
        for name, text in (("a.csv.gz", "0,1,2\n3,4,0\n"), ("b.packed", "0 1 2\n3 4 0\n")):
            read = read_triplets(write(pack(text.encode()), name.replace(".gz", "")), order="things")
            assert (read.objects.tolist(), read.odd.tolist()) == ([[0, 1, 2], [3, 4, 0]], [2, 2])
        read = read_triplets(write(pack((HEADER + ROWS).encode()), "c.tsv"), order="things", part=2)
        assert (read.objects.tolist(), read.odd.tolist()) == ([[1853, 6, 4]], [2])

    @pytest.mark.parametrize("name", ["triplet", "objects"])
    @pytest.mark.parametrize("odd", [None, "first"])
    def test_choices_beside_an_array_of_any_name(self, write, judged, name, odd):
        path = write({name: judged.objects, "choice": judged.odd, "worker": np.arange(200)}, "t.npz")
        for part in (None, name):
            read = read_triplets(path, order="own", n_objects=30, part=part, odd=odd)
            assert read.objects.tolist() == judged.objects.tolist()
            assert read.odd.tolist() == judged.odd.tolist()

    def test_numbers_from_one_show_where_chance_would_not_leave_out_the_first(self, write, judged):
        rows = judged.objects[(judged.objects != 29).all(axis=1)]
        path = write("", "t.txt")
        np.savetxt(path, rows + 1, fmt="%d")  # up to 29: all of them are numbers from 0 as well
        with pytest.raises(ValueError, match="object 0 is in none"):
            read_triplets(path, order="own", n_objects=30)
        for base in (0, 1):
            read = read_triplets(path, order="own", n_objects=30, base=base)
            assert read.objects.tolist() == (rows + 1 - base).tolist()
        np.savetxt(path, rows[:20] + 1, fmt="%d")  # (1 - 3/30) ** 20 = 0.12
        assert read_triplets(path, order="own", n_objects=30).objects.tolist() == (rows[:20] + 1).tolist()
        again = np.tile(rows[:20] + 1, (50, 1))  # the same triplets again are no more evidence
        np.savetxt(path, again, fmt="%d")
        assert len(read_triplets(path, order="own", n_objects=30)) == 1000

    def test_what_cannot_be_asked_is_refused(self, write):
        table, text = write(HEADER + ROWS, "a.txt"), write("0 1 2\n", "b.txt")
        for options in ({"base": 0}, {"odd": "first"}, {"odd": "last"}):
            with pytest.raises(ValueError, match="has choices, and counts from 1"):
                read_triplets(table, order="things", part=0, **options)
        assert len(read_triplets(table, order="things", part=0, base=1, odd="choice")) == 2
        for options, said in (({"base": 2}, "base=2 is none"), ({"odd": "middle"}, "odd='middle' is none of")):
            with pytest.raises(ValueError, match=said):
                read_triplets(text, order="things", **options)
        with pytest.raises(ValueError, match="neither a fourth column nor"):
            read_triplets(text, order="things", odd="choice")


class TestOrder:
    def test_it_must_be_said(self, write):
        path = write("0 1 2\n")
        with pytest.raises(ValueError, match=r"triplets.txt: numbers do not tell.*'things'.*'sorted'.*'own'"):
            read_triplets(path)
        with pytest.raises(ValueError, match="no order 'alphabetical'"):
            read_triplets(path, order="alphabetical")

    def test_sorted_numbers_become_those_of_things(self, write, concepts):
        # row 0 of the sorted files is concept 1, row 1 concept 2, row 2 concept 0
        read = read_triplets(write("0 1 2\n2 5 0\n"), order="sorted", concepts=concepts)
        assert read.objects.tolist() == [[1, 2, 0], [0, 5, 1]]

    def test_objects_of_ones_own(self, write):
        path = write("0 1 2\n3 4 1\n")
        assert read_triplets(path, order="own", n_objects=5).n_objects == 5
        with pytest.raises(ValueError, match=r"row 2: .*outside 0 \.\.\. 3"):
            read_triplets(path, order="own", n_objects=4)
        for arguments in ({"order": "own"}, {"order": "things", "n_objects": 5}):
            with pytest.raises(ValueError, match="n_objects goes with order='own'"):
                read_triplets(path, **arguments)

    def test_a_missing_file(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"nothing\.txt"):
            read_triplets(tmp_path / "nothing.txt", order="things")


@needs_real_data
class TestRealData:
    """The facts of the files' own description."""

    def test_counts(self):
        assert {part: len(open_human_triplets(part)[0]) for part in ("random50k", "extra", "all")} == {
            "random50k": 50_000,
            "extra": 326_082,
            "all": 376_082,
        }
        repeated, workers, origin = open_repeated_triplets()
        assert (len(repeated), len(workers), origin.kind) == (20_000, 20_000, "real")
        _, counts = np.unique(repeated.ranks(), return_counts=True)
        assert (len(counts), counts.min(), counts.max()) == (1000, 14, 25)
        assert len(np.unique(repeated.objects, axis=0)) == 5822

    def test_judgements_on_the_repeated_triplets(self):
        every, repeated = open_human_triplets()[0], open_repeated_triplets()[0]
        known = {frozenset(row) for row in repeated.objects.tolist()}
        expected = [row for row in every.objects.tolist() if frozenset(row) not in known]
        kept, origin = open_human_triplets(without_repeated=True)
        assert kept.objects.tolist() == expected
        assert len(every) - len(expected) == 485
        assert origin.notes == {"judgements of the repeated triplets": 485}

    def test_judgements_with_a_concept_that_is_left_out(self):
        yoyo = open_concepts()[0].index.get_loc("yo-yo")
        every = open_human_triplets("random50k")[0].objects
        with_it = int((every == yoyo).any(axis=1).sum())
        kept, origin = open_human_triplets("random50k", objects=np.arange(1854) != yoyo)
        assert 0 < with_it == 50_000 - len(kept)
        assert f"left out: {with_it}" in origin._repr_html_()

    @pytest.mark.parametrize(("name", "accuracy"), [("spose49", ".6405"), ("spose66", ".6486"), ("vice42", ".639")])
    def test_dimensions_predict_as_described(self, name, accuracy):
        # a wrong order, a wrong position of the odd one or wrong pairs would all show here
        triplets = open_human_triplets("random50k")[0]
        i, j, k = open_embedding(name)[0][triplets.objects.T].astype(np.float64)
        similarity = np.stack([(j * k).sum(axis=1), (i * k).sum(axis=1), (i * j).sum(axis=1)])
        right = (similarity.argmax(axis=0) == triplets.odd).mean()
        digits = len(accuracy) - 1
        assert float(accuracy) == pytest.approx(right, abs=0.5000001 * 10**-digits)


class TestToyWorld:
    @pytest.fixture(autouse=True)
    def nothing_here(self, tmp_path, monkeypatch):
        monkeypatch.delenv("YARDSTICKS_DATA", raising=False)
        monkeypatch.setenv("YARDSTICKS_CACHE", str(tmp_path))

    def test_judgements(self):
        with pytest.warns(datasets.SyntheticDataWarning, match="things-human.*toy world") as caught:
            every, origin = open_human_triplets()
        assert [warning.filename for warning in caught] == [__file__]
        assert origin.kind == "synthetic"
        assert "Toy world" in origin._repr_html_()
        with pytest.warns(datasets.SyntheticDataWarning):
            parts = [open_human_triplets(part)[0] for part in ("random50k", "extra")]
        assert sum(map(len, parts)) == len(every)
        with pytest.warns(datasets.SyntheticDataWarning):
            repeated, workers, origin = open_repeated_triplets()
        assert (origin.kind, len(workers)) == ("synthetic", len(repeated))
        assert repeated.n_objects == every.n_objects
        with pytest.warns(datasets.SyntheticDataWarning):
            kept, origin = open_human_triplets(without_repeated=True)
        known = {frozenset(row) for row in repeated.objects.tolist()}
        assert not known & {frozenset(row) for row in kept.objects.tolist()}
        assert 0 < origin.notes["judgements of the repeated triplets"] == len(every) - len(kept)

    def test_part_is_checked(self):
        with pytest.raises(ValueError, match=re.escape("'random'") + ".*all, random50k, extra"):
            open_human_triplets("random")


def test_a_large_table_is_read(write, rng):
    drawn = sample_triplets(1854, 20_000, seed=rng)
    odd = rng.integers(3, size=20_000)
    frame = pd.DataFrame(drawn.objects + 1, columns=["image1", "image2", "image3"])
    path = write(frame.assign(choice=odd + 1, noise_ceiling=0).to_csv(sep="\t", index=False))
    read = read_triplets(path, order="things", part=0)
    assert isinstance(read, Triplets)
    np.testing.assert_array_equal(read.objects, drawn.objects)
    np.testing.assert_array_equal(read.odd, odd)
