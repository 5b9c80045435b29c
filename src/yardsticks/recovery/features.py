"""Features of models: read without pickles, in a known order, what is missing in plain sight; and their treatment."""

from __future__ import annotations

import os
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import linalg

from yardsticks.datasets import Origin, catalogue, hash_file, locate
from yardsticks.recovery.things import N_THINGS, locate_things, read_arrays, things_rows, to_things_order, toy_things

SCALES = ("unit_rms", "raw")
RANK_CUT = 1e-6  # of the largest singular value; smaller ones are rounding
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
    """

    values: np.ndarray
    present: np.ndarray
    name: str
    label: str
    origin: Origin

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
        values, label = _float32(np.load(path, allow_pickle=False)), models.at[model, "label"]
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


def treat(
    features: Features | np.ndarray,
    *,
    components: int | None = 64,
    centre: bool = False,
    constant: bool = False,
    scale: str = "unit_rms",
) -> np.ndarray:
    """Bring features to a common size and scale before a probe is fitted.

    Parameters
    ----------
    features : Features or (n_objects, n_features) array
        Rows that are NaN as a whole are missing objects.
    components : int or None
        Number of components to keep; None keeps the features as they are.
    centre : bool
        Subtract from each feature its mean over the objects.
    constant : bool
        Append a column of ones.
    scale : {"unit_rms", "raw"}
        Divide all by one number, so that the root mean square of all entries is 1; or leave the scale.

    Returns
    -------
    (n_objects, n_columns) float32 array
        *components* columns, or all; one more with *constant*. Missing objects stay NaN.

    Raises
    ------
    ValueError
        Values that are not finite, all equal to zero; fewer objects, features or independent components than
        *components*; an unknown scale.

    Notes
    -----
    In this order, with X the rows of the objects that are present, in float64:

    1. ``centre``: X <- X - 1 m', m the column means.
    2. ``components=k``: X <- X V, V the k leading right singular vectors of X. Without ``centre`` these are not the
       principal components: the first is close to the mean. The sign of each column makes its entry of largest
       magnitude positive. Dot products of rows are those of the best approximation of X of rank k.
    3. ``constant``: X <- [X, 1].
    4. ``scale="unit_rms"``: X <- X / sqrt(mean(X * X)), the mean over all entries.

    All of X is used, and no answer of anybody. The default is the study's: the direction that all objects share lets a
    full probe weigh each object by itself, which centring takes away; the two differ by about a percentage point of
    accuracy. That published probes are fitted to ``components=None, scale="raw"`` [1]_ makes the same strength mean
    something else for each model.

    References
    ----------
    .. [1] Avitan & Golan (2025), Model recovery for flexible alignment.

    Examples
    --------
    >>> from yardsticks.recovery.toy import make_world
    >>> treated = treat(make_world(seed=1).models["toy-a1"], components=8)
    >>> treated.shape, round(float((treated**2).mean()), 4)
    ((120, 8), 1.0)
    """
    if scale not in SCALES:
        raise ValueError(f"scale {scale!r} is none of {', '.join(SCALES)}.")
    values = features.values if isinstance(features, Features) else np.asarray(features)
    if values.ndim != 2 or values.dtype.kind not in "fiu":
        raise ValueError(f"features must be numbers of the shape (n_objects, n_features), not {values.shape}.")
    present = ~np.isnan(values).all(axis=1)
    x = values[present].astype(np.float64)
    if not np.isfinite(x).all():
        row, column = (int(at[0]) for at in np.nonzero(~np.isfinite(values) & present[:, None]))
        raise ValueError(f"row {row} (from 0), column {column}: {values[row, column]}, beside numbers in that row.")
    if not x.any():
        raise ValueError("all features are zero." if x.size else "no object has features.")
    if centre:
        size = np.abs(x).max()
        x -= x.mean(axis=0)
        if np.abs(x).max() <= RANK_CUT * size:
            raise ValueError("all objects have the same features, and nothing is left when these are centred.")
    if components is not None:
        x = _components(x, components)
    if constant:
        x = np.hstack([x, np.ones((len(x), 1))])
    if scale == "unit_rms":
        x /= np.sqrt(np.mean(x * x))
    treated = np.full((len(values), x.shape[1]), np.nan, dtype=np.float32)
    treated[present] = x
    return treated


def _components(x: np.ndarray, k: int) -> np.ndarray:
    """Return the k leading left singular vectors of x (n, p) times their singular values: (n, k)."""
    n, p = x.shape
    if not 1 <= k <= min(n, p):
        raise ValueError(f"components={k}, and there are {n} objects with {p} features. Ask for fewer, or for None.")
    gram = x.T @ x if p <= n else x @ x.T  # the smaller one
    values, vectors = linalg.eigh(gram, subset_by_index=(len(gram) - k, len(gram) - 1))
    values, vectors = values[::-1], vectors[:, ::-1]  # falling
    independent = int((values > RANK_CUT**2 * values[0]).sum())
    if independent < k:
        raise ValueError(f"components={k}, and the features have only {independent} independent ones. Ask for fewer.")
    scores = x @ vectors if p <= n else vectors * np.sqrt(values)
    largest = np.take_along_axis(scores, np.abs(scores).argmax(axis=0)[None], axis=0)
    return scores * np.sign(largest)


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
        try:
            return _float32(np.load(path, allow_pickle=False)), None
        except ValueError as error:
            raise ValueError(f"{error} Save a plain array of numbers.") from error
    if start.startswith(b"PK") and not _is_torch(path):
        return _read_archive(path)
    return _float32(_read_tensor(path)), None


def _is_torch(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as file:
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
