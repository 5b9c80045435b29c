"""Read triplets as people hold them: the OSF table of THINGS, plain text splits, numpy arrays.

The format is recognised by content. None of them names its objects, so the order their numbers follow must be said.

Longer than 300 lines, as all formats end in the same checks.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from yardsticks.datasets import Origin, locate
from yardsticks.recovery.data import all_judgements
from yardsticks.recovery.data.things import N_THINGS, locate_things, read_arrays, things_rows, toy_things
from yardsticks.recovery.triplets.triplets import Triplets, first_fault
from yardsticks.stats import check_option

PARTS = ("all", "random50k", "extra")
ODD = ("last", "first", "choice")
BASES = (0, 1)
_UNLIKELY = 0.01  # that an object is in none of the triplets by chance
_FOURTH = (
    "Say odd='choice' if a fourth column has the position of the odd one (triplets_odd in the settings of a study), or "
    "odd='last' or 'first' if it says something else."
)
_OBJECTS = ["image1", "image2", "image3"]
_TABLE = [*_OBJECTS, "choice", "noise_ceiling"]
_PACKED = {"gzip": (b"\x1f\x8b", gzip.open), "bz2": (b"BZh", bz2.open), "xz": (b"\xfd7zXZ", lzma.open)}  # of text
_N_TOY_RANDOM = 8000  # as in reality, a part of the judgements is given as a random sample of all

# numbers (n, 3 or more), choices (n,) where they stand beside them, and what names a row by its number from 0
_Numbers = tuple[np.ndarray, np.ndarray | None, Callable[[int], str]]


def open_human_triplets(part: str = "all", *, without_repeated: bool = False, objects=None) -> tuple[Triplets, Origin]:
    """Open people's odd-one-out judgements: all 4.70 million where they are, else those that are open in small files.

    Parameters
    ----------
    part : {"all", "random50k", "extra"}
        ``random50k``: 50,000 judgements drawn at random from all; the estimate for the population. ``extra``: 326,082
        of 264 frequent participants, no random sample. ``all``: both, the most precise. Where all judgements are on
        this machine, they are the ordinary ones, those of the repeated sets, and both (see `open_all_judgements`).
    without_repeated : bool
        Leave out judgements of the triplets of `open_repeated_triplets`, and of the repeated sets, as is right where
        these calibrate what is fitted here.
    objects : (m,) array of int or (n_objects,) mask, optional
        Leave out judgements with any other object, one without features say.

    Returns
    -------
    triplets : Triplets
        Answered; in the THINGS files the odd one comes last in each row.
    origin : Origin
        Says which judgements these are, and counts in its notes what was left out; of kind ``synthetic`` when the toy
        world stands in.

    Raises
    ------
    ValueError
        Another part.

    Warns
    -----
    SyntheticDataWarning
        Something of THINGS is not on this machine, so that the toy world stands in.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):  # invented data stand in where THINGS is not at hand
    ...     people, origin = open_human_triplets("random50k")
    >>> len(people) >= 8000, people.odd.shape == (len(people),)
    (True, True)
    """
    if part not in PARTS:
        raise ValueError(f"there is no part {part!r} of the judgements. There are: {', '.join(PARTS)}.")
    path, origin = locate_things("things-human")
    if path is None:
        parts = {"all": slice(None), "random50k": slice(_N_TOY_RANDOM), "extra": slice(_N_TOY_RANDOM, None)}
        triplets, repeated = toy_things().people.subset(parts[part]), toy_things().repeated
    else:
        repeated = read_triplets(locate("things-repeated")[0], order="things")
        names = [part] if part != "all" else PARTS[1:]
        if all_judgements.are_here():
            sets, origin = all_judgements.open_all_judgements()
            ordinary, *answers = sets.values()
            pieces = {"random50k": [ordinary], "extra": [] if without_repeated else answers}
            read = [ordinary.subset(slice(0)), *(piece for name in names for piece in pieces[name])]
        else:
            read = [read_triplets(path, order="things", part=name) for name in names]
        triplets = Triplets(
            np.concatenate([piece.objects for piece in read]), np.concatenate([piece.odd for piece in read]), N_THINGS
        )
    notes = {}
    if without_repeated:
        kept = triplets.subset(~np.isin(triplets.ranks(), repeated.ranks()))
        notes["judgements of the repeated triplets"] = len(triplets) - len(kept)
        triplets = kept
    if objects is not None:
        kept = triplets.within(objects)
        notes["judgements with an object that is left out"] = len(triplets) - len(kept)
        triplets = kept
    return triplets, replace(origin, notes=notes)


def open_repeated_triplets() -> tuple[Triplets, np.ndarray, Origin]:
    """Open the judgements of the repeated triplets: 1,000 triplets, 14 to 25 answers each, for ceilings.

    Returns
    -------
    triplets : Triplets
        Answered, one row an answer. The three objects are shown in changing order: compare `Triplets.unordered`.
    workers : (n,) array of int
        An anonymous number of the person who answered.
    origin : Origin
        Of kind ``synthetic`` when the toy world stands in.

    Warns
    -----
    SyntheticDataWarning
        As `open_human_triplets`.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):  # invented data stand in where THINGS is not at hand
    ...     repeated, workers, origin = open_repeated_triplets()
    >>> len(repeated) == len(workers), len(set(repeated.ranks())) < len(repeated)
    (True, True)
    """
    path, origin = locate_things("things-repeated")
    if path is None:
        return toy_things().repeated, toy_things().workers, origin
    return read_triplets(path, order="things"), read_arrays(path)["worker"].astype(np.int64), origin


def describe_sources() -> str:
    """Say in a sentence or two which judgements `open_human_triplets` gives here as ``random50k`` and as ``extra``.

    Examples
    --------
    >>> describe_sources().endswith(".")
    True
    """
    if all_judgements.are_here():
        return (
            "All 4.70 million judgements are on this machine. The first set are the ordinary ones, of triplets drawn "
            "at random. The second are the answers to the repeated sets, which are no random sample."
        )
    return (
        "Two sets of judgements are open in small files. The first were drawn at random from all. The second are of "
        "frequent participants, and no random sample."
    )


def read_triplets(
    path: str | os.PathLike,
    *,
    order: str | None = None,
    part: str | int | None = None,
    n_objects: int | None = None,
    concepts: pd.DataFrame | None = None,
    base: int | None = None,
    odd: str | None = None,
) -> Triplets:
    """Read answered triplets from a file.

    Parameters
    ----------
    path : path
        - The OSF table of THINGS-data: tab-separated, columns ``image1``, ``image2``, ``image3`` (concepts from 1),
          ``choice`` (1, 2, 3: position of the odd one) and ``noise_ceiling``, others ignored.
        - Text with three numbers a line (blanks, tabs or commas between), or with a fourth, see `odd`.
          It and the table may be compressed with gzip, bzip2 or xz.
        - A numpy array (``.npy``), or an archive (``.npz``) of arrays, whose first three columns are triplets; an
          array ``choice`` (n,) beside them has the positions of the odd ones.
    order : {"things", "sorted", "own"}
        Which objects the numbers mean: rows of THINGS; rows sorted by image file name, which are converted; or objects
        of your own. Numbers cannot tell, so it must be said.
    part : str or int
        Of the OSF table: ``"all"``, or the value in ``noise_ceiling`` (0 ordinary judgements, 1 to 3 repeated sets).
        Of an archive: the array's name. May be left out when there is only one with columns, or ``triplet``.
    n_objects : int, optional
        How many objects there are; only with ``order="own"``, and needed there.
    concepts : DataFrame, optional
        As `open_concepts` returns it, for ``order="sorted"``; read from the registered file by default.
    base : {0, 1}, optional
        Where objects, and positions of odd ones, are counted from, in other files than the OSF table (which counts from
        1). 0 by default, unless object 0 is missing where chance would hardly leave it out: then it must be said.
    odd : {"last", "first", "choice"}, optional
        Which of the three columns is the odd one, in files that have no choices beside them; ``choice``: a fourth
        column has its position. ``last`` by default, unless there is a fourth column that may be such: then it must be
        said, and of text with a fourth column always. Other columns are ignored.

    Returns
    -------
    Triplets
        In THINGS order unless the objects are your own.

    Raises
    ------
    ValueError
        The order or the part is not said or not there, `base` or `odd` must be said, or something in the file is no
        triplet; the message names the file, the row (the file's first is 1; an array's first is 0), the value, and the
        way out.
    OSError
        There is no such file, or it may not be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savetxt(f"{folder}/mine.csv", [[4, 0, 2], [1, 2, 3]], fmt="%d", delimiter=",")  # the odd one last
    ...     triplets = read_triplets(f"{folder}/mine.csv", order="own", n_objects=5)
    >>> triplets.objects.tolist(), triplets.odd.tolist()
    ([[4, 0, 2], [1, 2, 3]], [2, 2])
    """
    path = Path(path)
    try:
        rows = things_rows(order, concepts=concepts)
        if (order == "own") != (n_objects is not None):
            raise ValueError("n_objects goes with order='own', where it is needed, and with no other.")
        check_option("base", base, (None, *BASES))
        check_option("odd", odd, (None, *ODD))
        n_objects = N_THINGS if n_objects is None else n_objects
        packing = _packing(path)
        with _PACKED.get(packing, (b"", open))[1](path, "rb") as handle:
            start = handle.read(4096)
        arrays = start.startswith((b"PK", b"\x93NUMPY"))
        if not arrays and b"image1" in start.split(b"\n")[0]:
            if base == 0 or odd in ("last", "first"):
                raise ValueError("the table has choices, and counts from 1: leave out base and odd.")
            objects, answers = _read_table(path, part, n_objects, packing)
        else:
            if arrays:
                numbers, choice, where = _read_arrays(path, part)
            else:
                separator = "," if b"," in start.split(b"\n")[0] else r"\s+"
                numbers, choice, where = _read_text(path, part, odd, sep=separator, compression=packing)
            objects, answers = _answered(numbers, choice, odd, base or 0)
            if base is None:
                _check_start(objects, n_objects)
            if fault := first_fault(objects, answers, n_objects):
                raise ValueError(
                    f"{where(fault[0])}: {fault[1]} Objects are three different numbers from 0, or from 1 with base=1; "
                    "the OSF table, which counts from 1, is recognised by its header. Correct or remove the row."
                )
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    return Triplets(objects if rows is None else rows[objects], answers, n_objects)


def _packing(path: Path) -> str | None:
    """Return how a file is compressed, by its content."""
    with open(path, "rb") as handle:
        start = handle.read(8)
    return next((name for name, (magic, _) in _PACKED.items() if start.startswith(magic)), None)


def _read_table(
    path: Path, part: str | int | None, n_objects: int, packing: str | None
) -> tuple[np.ndarray, np.ndarray]:
    try:
        frame = pd.read_csv(
            path, sep="\t", usecols=_TABLE, skip_blank_lines=False, low_memory=False, compression=packing
        )[_TABLE]
    except ValueError as error:
        raise ValueError(
            f"a table of judgements needs the columns {', '.join(_TABLE)}, with tabs between ({error})."
        ) from error
    frame.index += 2  # the header is row 1
    frame = _whole(frame.dropna(how="all"))
    found = sorted(frame["noise_ceiling"].unique().tolist())
    if part is None or (part != "all" and part not in found):
        raise ValueError(
            f"part is {part!r}, and the table holds several kinds of judgements: say part='all', or a value of "
            f"noise_ceiling (here {', '.join(map(str, found))}; 0: ordinary judgements, 1 to 3: of repeated triplets)."
        )
    frame = frame if part == "all" else frame[frame["noise_ceiling"] == part]
    objects, odd = frame[_OBJECTS].to_numpy() - 1, frame["choice"].to_numpy() - 1
    if fault := first_fault(objects, odd, n_objects):
        row = frame.iloc[fault[0]]
        raise ValueError(
            f"row {row.name}: {row[_OBJECTS].tolist()} with the choice {row['choice']} is no answered triplet. Objects "
            f"are three different numbers from 1 to {n_objects}, the choice is 1, 2 or 3. Correct or remove the row."
        )
    return objects, odd


def _read_text(path: Path, part: str | int | None, odd: str | None, **options) -> _Numbers:
    if part is not None:
        raise ValueError(f"part is {part!r}, and text has no parts: leave it out.")
    try:
        frame = pd.read_csv(path, header=None, skip_blank_lines=False, low_memory=False, **options)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ValueError(
            f"this is neither text with three numbers a line nor another known format ({error})."
        ) from error
    if frame.shape[1] != 3 and (frame.shape[1] != 4 or odd is None):
        raise ValueError(
            f"there are {frame.shape[1]} columns; three numbers a line are expected, the odd one last. {_FOURTH}"
        )
    frame.index += 1
    frame = _whole(frame.dropna(how="all"))
    return frame.to_numpy(), None, lambda row: f"row {frame.index[row]}"


def _read_arrays(path: Path, part: str | int | None) -> _Numbers:
    with open(path, "rb") as handle:
        alone = handle.read(2) != b"PK"
    arrays = {"the array": np.load(path, allow_pickle=False)} if alone else read_arrays(path)
    tables = [name for name, array in arrays.items() if array.ndim == 2] if len(arrays) > 1 else list(arrays)
    if part is None and ("triplet" in arrays or len(tables) == 1):
        part = "triplet" if "triplet" in arrays else tables[0]
    if part not in arrays:
        raise ValueError(f"part is {part!r}; say which array holds the triplets: {', '.join(arrays)}.")
    numbers, choice = arrays[part], None if part == "choice" else arrays.get("choice")
    if numbers.ndim != 2 or numbers.shape[1] < 3 or numbers.dtype.kind not in "iu":
        raise ValueError(
            f"{part} is an array of {numbers.dtype} of shape {numbers.shape}, not of whole numbers with three columns."
        )
    if choice is not None and (choice.shape != (len(numbers),) or choice.dtype.kind not in "iu"):
        raise ValueError(
            f"choice is an array of {choice.dtype} of the shape {choice.shape}, and there are {len(numbers)} triplets: "
            "a whole number is expected for each."
        )
    return numbers, choice, lambda row: f"{part}, row {row} (from 0)"


def _answered(
    numbers: np.ndarray, choice: np.ndarray | None, odd: str | None, base: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return objects and positions of the odd ones, both from 0."""
    numbers = numbers.astype(np.int64)
    if choice is None and numbers.shape[1] > 3:
        fourth = numbers[:, 3]
        positions = len(fourth) and fourth.min() >= 0 and fourth.max() <= 3
        if odd is None and (positions or (fourth[:, None] == numbers[:, :3]).any(axis=1).all()):
            raise ValueError(f"there is a fourth column that may say which is the odd one. {_FOURTH}")
        choice = fourth if odd == "choice" else None
    elif choice is None and odd == "choice":
        raise ValueError("odd='choice', and there is neither a fourth column nor an array `choice`.")
    if choice is None:
        return numbers[:, :3] - base, np.full(len(numbers), 0 if odd == "first" else 2)
    return numbers[:, :3] - base, choice.astype(np.int64) - base


def _check_start(objects: np.ndarray, n_objects: int) -> None:
    """Raise where object 0 is missing as it would be if the first object were 1."""
    if not len(objects) or objects.min() < 1:
        return
    distinct = len(np.unique(np.sort(objects, axis=1), axis=0))
    if objects.max() == n_objects or (1 - min(3 / n_objects, 1)) ** distinct < _UNLIKELY:
        raise ValueError(
            f"object 0 is in none of {distinct:,} triplets, whose numbers go from {objects.min()} to {objects.max()}; "
            f"there are {n_objects:,} objects. Say base=1 if the first object is 1, or base=0 if it is 0 "
            "(triplets_base in the settings of a study)."
        )


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns as int64; name the first cell that is no whole number."""
    columns = {}
    for column in frame:
        numbers = pd.to_numeric(frame[column], errors="coerce")
        wrong = ~(numbers % 1 == 0)  # also where there is no number
        if wrong.any():
            row = wrong.idxmax()
            value = frame.at[row, column]
            what = "no value" if pd.isna(value) else f"the value {str(value)!r}"
            name = column if isinstance(column, str) else column + 1
            raise ValueError(f"row {row}, column {name}: {what} is no whole number. Correct or remove the row.")
        columns[column] = numbers.astype(np.int64)
    return pd.DataFrame(columns)
