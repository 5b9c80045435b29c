"""Features of models: read without pickles, in a known order, what is missing in plain sight; and their treatment.

Longer than 300 lines, as all formats end in the same checks.
"""

from __future__ import annotations

import os
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from yardsticks.datasets import Origin, catalogue, hash_file, locate
from yardsticks.datasets.arrays import check_unpacked, load_array
from yardsticks.recovery.data.things import (
    N_THINGS,
    locate_things,
    read_arrays,
    things_rows,
    to_things_order,
    toy_things,
)

_HOLE = 7  # the toy object that some toy models miss, counted from the last, where THINGS has yo-yo
_NAMES = ("names", "unique_id")


@dataclass(frozen=True, eq=False)
class Features:
    """Features of one model.

    Parameters
    ----------
    values : (n_objects, n_features) float32 array
        One row for each object; all NaN where the model has none.
    present : (n_objects,) bool array
        Which objects have features. Triplets with others are left out by `Triplets.within(present)`.
    name, label : str
        For programs and for people.
    origin : Origin
        Of kind ``synthetic`` for a toy model.

    Raises
    ------
    ValueError
        A value that is not finite in a row that is not missing as a whole, or no row at all.

    Examples
    --------
    >>> from yardsticks.datasets import Origin
    >>> values = np.array([[1.0, 2.0], [np.nan, np.nan], [0.5, 0.0]], dtype=np.float32)  # the second object is missing
    >>> origin = Origin(name="my_net", kind="real", sha256="", title="My network")
    >>> features = Features(values, np.array([True, False, True]), "my_net", "My network", origin)
    >>> np.asarray(features).shape  # wherever an array of features is taken, so are these
    (3, 2)
    """

    values: np.ndarray
    present: np.ndarray
    name: str
    label: str
    origin: Origin

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        """Let numpy, and every function that takes an array of features, read the values."""
        return np.array(self.values, dtype=dtype, copy=copy)

    def __post_init__(self):
        if self.values.ndim != 2 or self.present.shape != (len(self.values),):
            raise ValueError(f"values {self.values.shape} and present {self.present.shape} do not fit together.")
        if not self.present.any() or not self.values.shape[1]:
            raise ValueError("no object has features.")
        finite = np.isfinite(self.values)
        wrong = np.where(self.present, ~finite.all(axis=1), ~np.isnan(self.values).all(axis=1))
        if wrong.any():
            row = int(np.argmax(wrong))
            column = int(np.argmin(finite[row]))
            raise ValueError(
                f"row {row} (from 0), column {column}: {self.values[row, column]}, beside numbers in that row. Correct "
                "it, or make the whole row NaN to say that the object is missing."
            )


def list_features() -> tuple[pd.DataFrame, Origin]:
    """List the models whose features `open_features` opens by name.

    Returns
    -------
    models : DataFrame
        Index ``model``; columns ``label``, ``family`` (models with common weights or a common design), ``objective``
        (``supervised``, ``image-text``, ``hand-made`` or ``text``), ``architecture``, ``training_data``, ``stimuli``
        (photographs shown), ``n_features``, ``n_params`` (in millions, of the image network as its authors count them;
        NaN where unknown or meaningless), ``missing`` (concepts without features) and ``source``.
    origin : Origin
        Of kind ``synthetic`` when toy models stand in; they are then called toy models in the labels.

    Warns
    -----
    SyntheticDataWarning
        Something of THINGS is not on this machine, so that the toy world stands in.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):  # invented data stand in where THINGS is not at hand
    ...     models, origin = list_features()
    >>> sorted(models["objective"].unique())
    ['hand-made', 'image-text', 'supervised', 'text']
    """
    path, origin = locate_things("things-features")
    models = _catalogue()
    if path is None:
        models["label"] = [_toy_label(number) for number in range(len(models))]
        models["n_features"] = [toy_things().models[name].shape[1] for name in models.index]
        models["missing"] = models["missing"].where(
            models["missing"] == "", f"toy-{len(toy_things().dimensions) - _HOLE}"
        )
    return models, origin


def open_features(
    model: str | os.PathLike, *, order: str | None = None, names: Sequence[str] | None = None
) -> Features:
    """Open the features of a model.

    Parameters
    ----------
    model : str or path
        A name of `list_features`, or a file of your own: a ``.npy`` array, an ``.npz`` archive with one array of two
        dimensions, or a ``.pt`` file with one tensor; objects in rows. Pickled objects are refused, as reading them
        would run whatever code they hold.
    order : {"things", "sorted", "own"}, optional
        Which objects the rows of your file are, where no names say so: rows of THINGS; sorted by image file name; or
        objects of your own.
    names : sequence of str, optional
        The concept of each row of your file, as for `to_things_order`. An archive may hold them itself, as the array
        ``names`` or ``unique_id``.

    Returns
    -------
    Features
        In THINGS order unless the objects are your own.

    Raises
    ------
    ValueError
        Neither names nor order say which objects the rows are; rows or values that cannot be; pickled content.
    OSError
        There is no such file, or it may not be read.
    ImportError
        A ``.pt`` file, and torch is not installed.

    Warns
    -----
    SyntheticDataWarning
        A name was asked for, and the toy world stands in for THINGS.

    Examples
    --------
    A name of the catalogue is enough, ``open_features("NAME")``; a file of your own wants its order said:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.save(f"{folder}/my_net.npy", np.arange(12.0).reshape(4, 3))
    ...     features = open_features(f"{folder}/my_net.npy", order="own")
    >>> features.name, features.values.shape
    ('my_net', (4, 3))
    """
    models = _catalogue()
    if str(model) in models.index:
        if order is not None or names is not None:
            raise ValueError(f"{model} is a name of the catalogue, whose order is known: leave out order and names.")
        path, origin = locate_things("things-features")
        if path is None:
            return _toy_features(models, str(model), origin)
        path = path / f"{model}.npy"
        if not path.is_file():
            raise FileNotFoundError(f"{path} is not there; the folder holds only a part of the features.")
        values, label = _float32(_load(path)), models.at[model, "label"]
        origin = Origin(str(model), "real", hash_file(path), f"Features of {label}")
        return Features(values, ~np.isnan(values).all(axis=1), str(model), label, origin)
    path = Path(model)
    if not path.exists():
        raise FileNotFoundError(f"{str(model)!r} is neither a file nor one of {', '.join(models.index)}.")
    try:
        values, own_names = _read(path)
        values = _ordered(values, names if names is not None else own_names, order)
        return Features(values, ~np.isnan(values).all(axis=1), path.stem, path.stem, locate(path)[1])
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def _catalogue() -> pd.DataFrame:
    return catalogue("features").fillna({"missing": ""}).set_index("model")


def _toy_label(number: int) -> str:
    return f"Toy model {number + 1}"


def _toy_features(models: pd.DataFrame, model: str, origin: Origin) -> Features:
    values = toy_things().models[model].copy()
    if models.at[model, "missing"]:
        values[-_HOLE] = np.nan
    label = _toy_label(models.index.get_loc(model))
    return Features(values, ~np.isnan(values).all(axis=1), model, label, origin)


def _read(path: Path) -> tuple[np.ndarray, Sequence[str] | None]:
    """Return the one array of a file, and the names of its rows where it holds them."""
    with open(path, "rb") as handle:
        start = handle.read(6)
    if start == b"\x93NUMPY":
        return _float32(_load(path)), None
    if start.startswith(b"PK") and not _is_torch(path):
        return _read_archive(path)
    return _float32(_read_tensor(path)), None


def _load(path: Path) -> np.ndarray:
    try:
        return load_array(path)
    except ValueError as error:
        raise ValueError(f"{error}. Save a plain array of numbers with numpy.save.") from error


def _is_torch(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as file:
            check_unpacked(file.infolist())
            return any(name.endswith("/data.pkl") for name in file.namelist())
    except zipfile.BadZipFile as error:
        raise ValueError(f"the file is damaged ({error}).") from error


def _read_archive(path: Path) -> tuple[np.ndarray, Sequence[str] | None]:
    arrays = read_arrays(path)
    names = next((arrays[name].tolist() for name in _NAMES if name in arrays), None)
    tables = [name for name, array in arrays.items() if array.ndim == 2 and name not in _NAMES]
    if len(tables) != 1:
        raise ValueError(
            f"one array of two dimensions is expected, and there are {len(tables)} in {', '.join(arrays)}. Save the "
            "features alone, or with the concepts as `names`."
        )
    return _float32(arrays[tables[0]]), names


def _read_tensor(path: Path) -> np.ndarray:
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            f"{path.name}: torch reads such files; install it with `pip install yardsticks[recovery]`."
        ) from error
    refusal = "Save the tensor alone with torch.save(tensor), or as .npy"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about pickles of other kinds, which are refused below
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # what is no tensor fails in any way
        what = (str(error).splitlines() or [type(error).__name__])[0]
        raise ValueError(
            f"this is no .npy, .npz or .pt file that can be read without running code in it ({what}). {refusal}."
        ) from error
    if not isinstance(content, torch.Tensor):
        raise ValueError(f"the file holds a {type(content).__name__}, not a tensor. {refusal}.")
    if content.layout is not torch.strided or content.is_nested or content.is_meta or content.is_quantized:
        kind = "meta" if content.is_meta else "quantized" if content.is_quantized else "nested or sparse"
        raise ValueError(f"a {kind} tensor does not hold all of its numbers. Save a dense one.")
    if content.dtype == torch.bool or content.is_complex():
        raise ValueError(f"a tensor of {content.dtype}; real numbers are expected.")
    return content.detach().to(torch.float32).numpy()


def _float32(values: np.ndarray) -> np.ndarray:
    if values.ndim != 2 or values.dtype.kind not in "fiu":
        raise ValueError(
            f"an array of {values.dtype} of the shape {values.shape}; numbers of the shape (n_objects, n_features) are "
            "expected."
        )
    with np.errstate(over="ignore"):  # what becomes infinite is refused with its place
        return values.astype(np.float32)


def _ordered(values: np.ndarray, names: Sequence[str] | None, order: str | None) -> np.ndarray:
    if names is not None:
        if order is not None:
            raise ValueError(f"the rows have names, and order={order!r} says the same again: leave one of them out.")
        return to_things_order(values, names)
    rows = things_rows(order)
    if order == "own":
        return values
    if len(values) != N_THINGS:
        raise ValueError(
            f"there are {len(values):,} rows, and THINGS has {N_THINGS:,} concepts. Give names=, with a row of NaN for "
            "each concept that is missing; or say order='own'."
        )
    if rows is None:
        return values
    ordered = np.empty_like(values)
    ordered[rows] = values
    return ordered
