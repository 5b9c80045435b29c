"""The THINGS objects: their order, their names, what people are known to see in them; the toy world in their place.

Every array of THINGS has one row for each of the 1,854 concepts, in THINGS order: the order of `open_concepts`. A
second order is in circulation, sorted by the names of the image files. It differs at 21 rows only, so that a mistake
shows nowhere but in slightly wrong results. Nothing here guesses: rows come with names, or with the order they are in.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from yardsticks.datasets import Origin, SyntheticDataWarning, bring, catalogue, locate
from yardsticks.datasets.arrays import load_arrays
from yardsticks.recovery.data.toy import ToyWorld, make_world

N_THINGS = 1854
ORDERS = ("things", "sorted", "own")
EMBEDDINGS = ("spose49", "spose66", "vice42")
# what the notebooks read; the toy world is one world, and stands in for all of these or for none
DATA = (
    "things-concepts",
    "things-categories",
    "things-human",
    "things-repeated",
    "things-embeddings",
    "things-features",
)
TOY_SEED = 1854
N_TOY = 300


def open_concepts() -> tuple[pd.DataFrame, Origin]:
    """Open the names of the objects.

    Returns
    -------
    concepts : DataFrame
        One row for each object in THINGS order, index ``unique_id``; columns ``reference_image`` (the file's name) and
        ``sorted_index`` (the object's row where rows are sorted by image file).
    origin : Origin
        Of kind ``synthetic`` when the toy world stands in.

    Warns
    -----
    SyntheticDataWarning
        Something of THINGS is not on this machine, so that the toy world stands in.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):  # invented data stand in where THINGS is not at hand
    ...     concepts, origin = open_concepts()
    >>> concepts.index.name, list(concepts.columns)
    ('unique_id', ['reference_image', 'sorted_index'])
    """
    path, origin = locate_things("things-concepts")
    return (_toy_concepts() if path is None else _read_concepts(path)), origin


def open_categories() -> tuple[pd.DataFrame, Origin]:
    """Open the higher-level categories of the objects.

    Returns
    -------
    categories : DataFrame of bool
        One row for each object in THINGS order, one column for each category; an object may be in several or in none.
    origin : Origin
        Of kind ``synthetic`` when the toy world stands in: the category is then the strongest toy dimension.

    Warns
    -----
    SyntheticDataWarning
        As `open_concepts`.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):  # invented data stand in where THINGS is not at hand
    ...     categories, origin = open_categories()
    >>> bool(categories.to_numpy().any(axis=0).all())  # no category is empty
    True
    """
    path, origin = locate_things("things-categories")
    if path is None:
        strongest = toy_things().dimensions.argmax(axis=1)
        matrix, names = pd.get_dummies(strongest).to_numpy(), [f"toy category {i + 1}" for i in np.unique(strongest)]
    else:
        arrays = read_arrays(path)
        matrix, names = arrays["matrix"].astype(bool), arrays["names"]
    return pd.DataFrame(matrix, columns=pd.Index(names, name="category")), origin


def open_embedding(name: str) -> tuple[np.ndarray, list[str], Origin]:
    """Open dimensions that were fitted to people's odd-one-out judgements.

    Parameters
    ----------
    name : {"spose49", "spose66", "vice42"}
        The method and its number of dimensions. All were fitted to most of the judgements of `open_human_triplets`, so
        that their accuracy there is not held out.

    Returns
    -------
    embedding : (n_objects, n_dimensions) float32 array
        In THINGS order; the dot product of two rows is the similarity, its softmax over the three pairs of a triplet
        the probability that the third is the odd one.
    labels : list of str
        One for each dimension; only ``spose66`` has names for them.
    origin : Origin
        Of kind ``synthetic`` when the toy world stands in.

    Raises
    ------
    ValueError
        Another name.

    Warns
    -----
    SyntheticDataWarning
        As `open_concepts`.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):  # invented data stand in where THINGS is not at hand
    ...     embedding, labels, origin = open_embedding("spose49")
    >>> len(labels) == embedding.shape[1]
    True
    """
    if name not in EMBEDDINGS:
        raise ValueError(f"there is no embedding {name!r}. There are: {', '.join(EMBEDDINGS)}.")
    path, origin = locate_things("things-embeddings")
    if path is None:
        # what was fitted to people has seen their dimensions, with some error of its own
        rng = np.random.default_rng([TOY_SEED, EMBEDDINGS.index(name)])
        truth = toy_things().dimensions
        embedding = np.maximum(truth + 0.1 * rng.standard_normal(truth.shape), 0).astype(np.float32)
        return embedding, [f"toy dimension {i + 1}" for i in range(truth.shape[1])], origin
    arrays = read_arrays(path)
    embedding = arrays[name]
    labels = arrays["labels66"] if name == "spose66" else [f"dimension {i + 1}" for i in range(embedding.shape[1])]
    return embedding, list(map(str, labels)), origin


def to_things_order(values, names: Sequence[str], *, concepts: pd.DataFrame | None = None) -> np.ndarray:
    """Bring rows into THINGS order by the names of their concepts.

    Parameters
    ----------
    values : (1854, ...) array
        One row for each concept, in any order.
    names : sequence of str
        The concept of each row: its ``unique_id`` (``camera1``) or the name of its reference image
        (``camera1_01b.jpg``), without folders.
    concepts : DataFrame, optional
        As `open_concepts` returns it; read from the registered file by default.

    Returns
    -------
    (1854, ...) array
        The same rows, those of `open_concepts`.

    Raises
    ------
    ValueError
        A name that is no concept's, a concept that comes twice or not at all, or not one name a row.
    FileNotFoundError
        The concepts' names are not on this machine.

    Examples
    --------
    >>> names = ["cat", "axe", "bed"]
    >>> concepts = pd.DataFrame({"reference_image": [f"{name}_01b.jpg" for name in names]}, index=names)
    >>> to_things_order([1, 2, 3], ["axe", "bed_01b.jpg", "cat"], concepts=concepts).tolist()
    [3, 1, 2]
    """
    values = np.asarray(values)
    concepts = real_concepts() if concepts is None else concepts
    if len(values) != len(names):
        raise ValueError(f"there are {len(names)} names for {len(values)} rows: give one a row.")
    number = {name: i for i, name in enumerate(concepts.index)}
    number |= {image: i for i, image in enumerate(concepts["reference_image"])}
    unknown = [str(name) for name in names if name not in number]
    if unknown:
        raise ValueError(
            f"{_some(unknown)} is no concept of THINGS. Name rows by unique_id or image file as in concepts.csv, and "
            "remove rows of other things."
        )
    row = {}
    for i, name in enumerate(names):
        if (concept := number[name]) in row:
            raise ValueError(f"rows {row[concept]} and {i} (from 0) are both {concepts.index[concept]}: keep one.")
        row[concept] = i
    missing = [concepts.index[i] for i in range(len(concepts)) if i not in row]
    if missing:
        raise ValueError(f"there is no row for {_some(missing)}. Add a row of NaN for each concept that is missing.")
    return values[[row[i] for i in range(len(concepts))]]


def things_rows(order: str | None, *, concepts: pd.DataFrame | None = None) -> np.ndarray | None:
    """Return the THINGS row (1854,) of each row of an order in circulation, None where the rows stay as they are.

    Parameters
    ----------
    order : {"things", "sorted", "own"}
        ``sorted``: by the name of the image file. ``own``: other objects than those of THINGS.
    concepts : DataFrame, optional
        As for `to_things_order`; needed for ``sorted`` only.

    Raises
    ------
    ValueError
        No order is given, or an unknown one: numbers alone do not tell which it is.
    """
    if order not in ORDERS:
        given = (
            "numbers do not tell in which order the objects are" if order is None else f"there is no order {order!r}"
        )
        raise ValueError(
            f"{given}. Say order='things' (as in concepts.csv), order='sorted' (by image file name; it differs at 21 "
            "rows) or order='own' (your own objects)."
        )
    if order != "sorted":
        return None
    sorted_index = (real_concepts() if concepts is None else concepts)["sorted_index"].to_numpy()
    rows = np.empty_like(sorted_index)
    rows[sorted_index] = np.arange(len(rows))
    return rows


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read all of a user's numpy archive; see `load_arrays`."""
    try:
        return load_arrays(path)
    except ValueError as error:
        raise ValueError(f"{error}. Save plain arrays of numbers with numpy.savez.") from error


@cache
def toy_things() -> ToyWorld:
    """Return the toy world that stands in for THINGS: `N_TOY` objects, a toy model for each of the catalogue's."""
    families = catalogue("features").set_index("model")["family"].to_dict()
    return make_world(
        seed=TOY_SEED, n_objects=N_TOY, families=families, n_features=160, n_judgements=24_000, n_repeated=200
    )


def locate_things(name: str) -> tuple[Path | None, Origin]:
    """Find one of `DATA` for a function that opens it; None where the toy world stands in, with a warning.

    The toy world stands in as soon as one of `DATA` is missing, as its objects are other ones than those of THINGS.
    """
    missing = [data for data in DATA if bring(data) is None]
    if not missing:
        return locate(name)
    warnings.warn(
        f"{', '.join(missing)} not on this machine: the toy world stands in for all of THINGS. Run `yardsticks data "
        "pull`, which says what it cannot bring and why, or set YARDSTICKS_DATA to the folder that holds things/.",
        SyntheticDataWarning,
        stacklevel=3,
    )
    return None, Origin(name=name, kind="synthetic", sha256="", title=f"Toy world in place of {name}: all is invented")


def real_concepts() -> pd.DataFrame:
    """Return what `open_concepts` does of THINGS itself: a FileNotFoundError where that is not on this machine."""
    return _read_concepts(locate("things-concepts")[0])


def _read_concepts(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, keep_default_na=False).set_index("unique_id")[["reference_image", "sorted_index"]]


def _toy_concepts() -> pd.DataFrame:
    names = [f"toy-{i:03d}" for i in range(N_TOY)]
    frame = {"reference_image": [f"{name}.jpg" for name in names], "sorted_index": np.arange(N_TOY)}
    return pd.DataFrame(frame, index=pd.Index(names, name="unique_id"))


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
