"""From files as their authors publish them to the files that the readers open: the functions that the registry names.

Each takes the places of its sources by name and returns the bytes of one file; the registry knows their hash. What is
made of the same sources has the same bytes everywhere, but for packed archives: their bytes depend on the zlib that
packs them, so that the registry knows the unpacked form as well (`pack`).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from pathlib import Path

import numpy as np

# words for the 48 objects whose name in THINGS has a number
_NUMBERED = {"camera": "camera1", "file": "file1"}
_UNNAMED = re.compile(r"(?:Model [0-9]+)?")
_OF_A_SCORE = ("value", "raw", "error", "version", "timestamp")


def pack(arrays: dict[str, np.ndarray], packed: bool = True) -> bytes:
    """Return a numpy archive of the arrays: packed, or in the form whose bytes depend on nothing else."""
    archive = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(archive, **arrays)
    return archive.getvalue()


def concepts(ids: Path, images: Path) -> bytes:
    """Return the table of the THINGS concepts in their own order, and their rank by the name of the image file."""
    names = _lines(ids)
    files = _lines(images)[1:]
    image = {re.sub(r"_[0-9]+[a-z]*\.jpg$", "", file): file for file in files}
    rank = {file: i for i, file in enumerate(sorted(files))}
    text = io.StringIO(newline="")
    table = csv.writer(text)  # with CRLF
    table.writerow(["things_index", "unique_id", "reference_image", "sorted_index"])
    table.writerows([i, name, image[name], rank[image[name]]] for i, name in enumerate(names))
    return text.getvalue().encode()


def judgements(random: Path, ids: Path, older: Path, shuffled: Path, reshuffled: Path, small: Path) -> dict:
    """Return the judgements that are published in small files.

    ``random50k`` is one of them as it is, ``id264`` another. ``extra`` is what they hold beyond the former: the union
    as multisets (of a judgement that several files hold, as often as the one that holds it most) less the former. Its
    rows are the two objects judged similar, ascending, and the odd one; their order is random and fixed.
    """
    parts = [_numbers(path)[:, :3] for path in (random, ids, older, shuffled, reshuffled, small)]
    pairs_ascending = [np.c_[np.sort(part[:, :2], axis=1), part[:, 2]] for part in parts]
    rows, which = np.unique(np.concatenate(pairs_ascending), axis=0, return_inverse=True)
    of_part = np.split(which, np.cumsum([len(part) for part in parts])[:-1])
    in_random, *in_others = (np.bincount(places, minlength=len(rows)) for places in of_part)
    often = np.maximum(np.max(in_others, axis=0) - in_random, 0)
    extra = np.random.default_rng(0).permutation(np.repeat(rows, often, axis=0))
    arrays = {"random50k": parts[0], "extra": extra, "id264": _numbers(ids)}
    return {name: array.astype(np.uint16) for name, array in arrays.items()}


def repeated(answers: Path, ids: Path, images: Path) -> dict:
    """Return the answers to the repeated triplets, in THINGS order."""
    table = np.loadtxt(answers, delimiter="\t", dtype=np.int64)
    objects, choice, worker = np.split(table, [3, 4], axis=1)
    return {
        "triplet": np.argsort(_sorted_index(ids, images))[objects - 1].astype(np.uint16),
        "choice": (choice.ravel() - 1).astype(np.uint8),
        "worker": worker.ravel().astype(np.uint16),
    }


def embeddings(spose49: Path, spose66: Path, vice42: Path, labels66: Path, ids: Path, images: Path) -> dict:
    """Return dimensions that were fitted to people, in THINGS order."""
    return {
        "spose49": np.loadtxt(spose49).astype(np.float32),
        "spose66": np.loadtxt(spose66).astype(np.float32),
        "vice42": np.load(vice42, allow_pickle=False)[_sorted_index(ids, images)],
        "labels66": np.array([line.strip() for line in _lines(labels66)]),
    }


def categories(matrix: Path) -> dict:
    """Return which concept is in which category."""
    names, *rows = (line.split("\t") for line in _lines(matrix))
    return {"matrix": np.array(rows, dtype=np.int64).astype(np.uint8), "names": np.array(names)}


def rdm48(rdm: Path, words: Path, index: Path, ids: Path) -> dict:
    """Return people's dissimilarities of 48 objects, and which concepts they are."""
    from scipy.io import loadmat

    row = {name: i for i, name in enumerate(_lines(ids))}
    names = [str(np.squeeze(cell)) for cell in loadmat(words)["words48"].ravel()]
    return {
        "rdm48": loadmat(rdm)["RDM48_triplet"].astype(np.float32),
        "words48": np.array(names),
        "index_from_words": np.array([row[_NUMBERED.get(name, name).replace(" ", "_")] for name in names]),
        "triplet48_index": np.load(index, allow_pickle=False),
    }


def features(values: Path) -> bytes:
    """Return features that are in THINGS order."""
    return _array(np.load(values, allow_pickle=False))


def features_by_image(values: Path, ids: Path, images: Path) -> bytes:
    """Return in THINGS order features that are sorted by the names of the image files."""
    return _array(np.load(values, allow_pickle=False)[_sorted_index(ids, images)])


def public_rows(snapshot: Path) -> bytes:
    """Return what a leaderboard's snapshot says of models with a public name: their names and scores.

    The file that its authors publish holds unnamed submissions too, and who made them. Neither is kept.
    """
    with gzip.open(snapshot, "rt", encoding="utf-8") as handle:
        models = json.load(handle)
    kept = []
    for model in models:
        about = {key: model["model"].get(key) for key in ("id", "name")}
        if _UNNAMED.fullmatch(str(about["name"] or "").strip()):
            continue
        scores = {key: cell for key, cell in model.items() if isinstance(cell, dict) and "value" in cell}
        kept.append({"model": about} | {key: {k: cell.get(k) for k in _OF_A_SCORE} for key, cell in scores.items()})
    return json.dumps(kept, ensure_ascii=False).encode()


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _numbers(path: Path) -> np.ndarray:
    return np.loadtxt(path, dtype=np.int64)


def _array(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(values.astype(np.float16)))
    return file.getvalue()


def _sorted_index(ids: Path, images: Path) -> np.ndarray:
    """Return the row of each concept where rows are sorted by image file."""
    table = csv.DictReader(io.StringIO(concepts(ids, images).decode(), newline=""))
    return np.array([int(row["sorted_index"]) for row in table])
