"""What is made of files as their authors publish them: small files that the test writes, and plain ways to the same."""

import gzip
import io
import json
from collections import Counter

import numpy as np
import pytest
from scipy.io import savemat

from yardsticks.datasets import builds

IDS = ["ant", "bat1", "bat2", "camera1", "hot_dog"]


@pytest.fixture
def write(tmp_path):
    def put(name, content):
        path = tmp_path / name
        if isinstance(content, np.ndarray):
            np.save(path, content) if name.endswith(".npy") else np.savetxt(path, content, fmt="%d")
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return put


@pytest.fixture
def orders(write):
    """Names in an order that is not that of the image files: ["b", "a", "c"] for images a, b, c."""
    return {
        "ids": write("ids", "b\na\nc\n"),
        "images": write("images", "image_name\na_01b.jpg\nb_02s.jpg\nc_10n.jpg\n"),
    }


def load(content: bytes) -> np.ndarray:
    return np.load(io.BytesIO(content), allow_pickle=False)


def test_concepts(orders):
    assert builds.concepts(**orders).decode().split("\r\n") == [
        "things_index,unique_id,reference_image,sorted_index",
        "0,b,b_02s.jpg,1",
        "1,a,a_01b.jpg,0",
        "2,c,c_10n.jpg,2",
        "",
    ]


def test_features_by_image_are_brought_into_order(write, orders):
    values = np.array([[1.0, 2], [3, 4], [5, 6]], dtype=np.float32)  # of a, b, c
    made = load(builds.features_by_image(values=write("v.npy", values), **orders))
    assert made.dtype == np.float16
    assert made.tolist() == [[3, 4], [1, 2], [5, 6]]


def test_features_in_order_stay_as_they_are(write):
    made = load(builds.features(write("v.npy", np.array([[1.5, 2], [3, 4]]))))
    assert made.dtype == np.float16
    assert made.tolist() == [[1.5, 2], [3, 4]]


def test_repeated_answers(write, orders):
    made = builds.repeated(answers=write("answers", "1\t2\t3\t1\t7\n3\t1\t2\t3\t9\n"), **orders)
    # from 1 and by image: a, b, c are the rows 1, 0, 2
    assert made["triplet"].tolist() == [[1, 0, 2], [2, 1, 0]]
    assert made["choice"].tolist() == [0, 2]
    assert made["worker"].tolist() == [7, 9]
    assert [made[name].dtype for name in ("triplet", "choice", "worker")] == [np.uint16, np.uint8, np.uint16]


def test_embeddings(write, orders):
    made = builds.embeddings(
        spose49=write("49", "0.5 1\n2 3\n4 5\n"),
        spose66=write("66", "1\n2\n3\n"),
        vice42=write("v.npy", np.array([[1.0], [2], [3]], dtype=np.float32)),
        labels66=write("labels", " red\nmade of metal \n"),
        **orders,
    )
    assert made["spose49"].tolist() == [[0.5, 1], [2, 3], [4, 5]]
    assert made["vice42"].tolist() == [[2], [1], [3]]
    assert made["labels66"].tolist() == ["red", "made of metal"]


def test_categories(write):
    made = builds.categories(write("c.tsv", "animal\tpart of car\n1\t0\n0\t1\n0\t0\n"))
    assert made["names"].tolist() == ["animal", "part of car"]
    assert made["matrix"].tolist() == [[1, 0], [0, 1], [0, 0]]


def test_dissimilarities_of_48(write, tmp_path):
    rdm = np.array([[0, 0.25], [0.25, 0]])
    savemat(tmp_path / "rdm.mat", {"RDM48_triplet": rdm})
    words = np.empty((2, 1), dtype=object)
    words[:, 0] = ["camera", "hot dog"]
    savemat(tmp_path / "words.mat", {"words48": words})
    made = builds.rdm48(
        tmp_path / "rdm.mat",
        tmp_path / "words.mat",
        write("i.npy", np.array([3, 4])),
        write("ids", "\n".join(IDS)),
    )
    assert made["rdm48"].tolist() == rdm.tolist()
    assert made["words48"].tolist() == ["camera", "hot dog"]
    assert made["index_from_words"].tolist() == [3, 4]
    assert made["triplet48_index"].tolist() == [3, 4]


def test_judgements_beyond_the_random_ones(write, rng):
    random = rng.integers(0, 4, (40, 3))
    parts = [rng.integers(0, 4, (n, 3)) for n in (30, 50, 50, 20)]
    with_people = np.c_[rng.integers(0, 4, (60, 3)), rng.integers(0, 9, 60)]
    others = [with_people, *(np.c_[part, np.zeros(len(part), int)] for part in parts)]
    names = ("ids", "older", "shuffled", "reshuffled", "small")
    paths = {name: write(name, table) for name, table in zip(names, others, strict=True)}
    made = builds.judgements(random=write("random", random), **paths)

    def count(table):
        return Counter((min(a, b), max(a, b), odd) for a, b, odd in table[:, :3].tolist())

    expected = Counter()
    for table in others:
        expected |= count(table)  # the larger count of each
    expected -= count(random)
    assert sorted(map(tuple, made["extra"].tolist())) == sorted(expected.elements())
    assert made["random50k"].tolist() == random.tolist()
    assert made["id264"].tolist() == with_people.tolist()
    assert made["extra"].tolist() != sorted(made["extra"].tolist())
    again = builds.judgements(random=write("random", random), **paths)
    assert again["extra"].tolist() == made["extra"].tolist()


@pytest.mark.parametrize("packed", [True, False])
def test_an_archive_holds_the_arrays_and_is_the_same_again(packed, rng):
    arrays = {"a": rng.normal(size=(50, 3)), "names": np.array(["x", "yy"])}
    content = builds.pack(arrays, packed)
    assert content == builds.pack(arrays, packed)
    with load(content) as file:
        assert file.files == ["a", "names"]
        assert all(np.array_equal(file[name], array) for name, array in arrays.items())


def test_public_rows_are_those_with_a_name(write):
    cell = {"value": ".5", "raw": 0.4, "error": 0.1, "version": 1, "timestamp": "t", "complete": 1}
    models = [
        {"rank": n, "model": {"id": n, "name": name, "submitter": "someone"}, "x_v1": cell}
        for n, name in enumerate(["one", "Model 5", " ", None, "Model five", "Model 5 large"])
    ]
    kept = json.loads(builds.public_rows(write("s.gz", gzip.compress(json.dumps(models).encode()))))
    assert [model["model"] for model in kept] == [
        {"id": 0, "name": "one"},
        {"id": 4, "name": "Model five"},
        {"id": 5, "name": "Model 5 large"},
    ]
    assert all(set(model) == {"model", "x_v1"} for model in kept)
    assert kept[0]["x_v1"] == {key: value for key, value in cell.items() if key != "complete"}
