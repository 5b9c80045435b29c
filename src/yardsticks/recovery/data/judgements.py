"""Read triplets as people hold them: the OSF table of THINGS, plain text splits, numpy archives.

The format is recognised by content. None of them names its objects, so the order their numbers follow must be said.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from yardsticks.datasets import Origin, locate
from yardsticks.recovery.data import all_judgements
from yardsticks.recovery.data.things import N_THINGS, locate_things, read_arrays, things_rows, toy_things
from yardsticks.recovery.triplets.triplets import Triplets, first_fault

PARTS = ("all", "random50k", "extra")
_OBJECTS = ["image1", "image2", "image3"]
_TABLE = [*_OBJECTS, "choice", "noise_ceiling"]
_N_TOY_RANDOM = 8000  # as in reality, a part of the judgements is given as a random sample of all


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
) -> Triplets:
    """Read answered triplets from a file.

    Parameters
    ----------
    path : path
        - The OSF table of THINGS-data: tab-separated, columns ``image1``, ``image2``, ``image3`` (concepts from 1),
          ``choice`` (1, 2, 3: position of the odd one) and ``noise_ceiling``, others ignored.
        - Text with three numbers a line (from 0; blanks, tabs or commas between), the odd one last.
        - A numpy archive (``.npz``, objects from 0) with the arrays ``triplet`` (n, 3) and ``choice`` (n, position
          from 0), or with arrays whose first three columns are triplets with the odd one last.
    order : {"things", "sorted", "own"}
        Which objects the numbers mean: rows of THINGS; rows sorted by image file name, which are converted; or objects
        of your own. Numbers cannot tell, so it must be said.
    part : str or int
        Of the OSF table: ``"all"``, or the value in ``noise_ceiling`` (0 ordinary judgements, 1 to 3 repeated sets).
        Of an archive: the array's name. May be left out when there is only one.
    n_objects : int, optional
        How many objects there are; only with ``order="own"``, and needed there.
    concepts : DataFrame, optional
        As `open_concepts` returns it, for ``order="sorted"``; read from the registered file by default.

    Returns
    -------
    Triplets
        In THINGS order unless the objects are your own.

    Raises
    ------
    ValueError
        The order or the part is not said or not there, or something in the file is no triplet; the message names the
        file, the row (the file's first is 1; an array's first is 0), the value, and the way out.
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
        n_objects = N_THINGS if n_objects is None else n_objects
        with open(path, "rb") as handle:
            start = handle.read(4096)
        if start.startswith(b"PK"):
            objects, odd = _read_archive(path, part, n_objects)
        elif b"image1" in start.split(b"\n")[0]:
            objects, odd = _read_table(path, part, n_objects)
        else:
            objects, odd = _read_text(path, part, n_objects, b"," if b"," in start.split(b"\n")[0] else b"")
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    return Triplets(objects if rows is None else rows[objects], odd, n_objects)


def _read_table(path: Path, part: str | int | None, n_objects: int) -> tuple[np.ndarray, np.ndarray]:
    try:
        frame = pd.read_csv(path, sep="\t", usecols=_TABLE, skip_blank_lines=False, low_memory=False)[_TABLE]
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


def _read_text(path: Path, part: str | int | None, n_objects: int, comma: bytes) -> tuple[np.ndarray, np.ndarray]:
    if part is not None:
        raise ValueError(f"part is {part!r}, and text has no parts: leave it out.")
    try:
        frame = pd.read_csv(path, sep="," if comma else r"\s+", header=None, skip_blank_lines=False, low_memory=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ValueError(
            f"this is neither text with three numbers a line nor another known format ({error})."
        ) from error
    if frame.shape[1] != 3:
        raise ValueError(f"there are {frame.shape[1]} columns; three numbers a line are expected, the odd one last.")
    frame.index += 1
    frame = _whole(frame.dropna(how="all"))
    objects = frame.to_numpy()
    if fault := first_fault(objects, None, n_objects):
        raise ValueError(
            f"row {frame.index[fault[0]]}: {fault[1]} Objects are three different numbers from 0; the OSF table, which "
            "counts from 1, is recognised by its header. Correct or remove the row."
        )
    return objects, np.full(len(objects), 2)


def _read_archive(path: Path, part: str | int | None, n_objects: int) -> tuple[np.ndarray, np.ndarray]:
    arrays = read_arrays(path)
    if part is None and {"triplet", "choice"} <= set(arrays):
        part = "triplet"
    if part is None and len(arrays) == 1:
        (part,) = arrays
    if part not in arrays:
        raise ValueError(f"part is {part!r}; say which array holds the triplets: {', '.join(arrays)}.")
    objects = arrays[part]
    if objects.ndim != 2 or objects.shape[1] < 3 or objects.dtype.kind not in "iu":
        raise ValueError(
            f"{part} is an array of {objects.dtype} of shape {objects.shape}, not of whole numbers with three columns."
        )
    objects = objects[:, :3].astype(np.int64)
    odd = arrays["choice"].astype(np.int64) if part == "triplet" and "choice" in arrays else np.full(len(objects), 2)
    if odd.shape != (len(objects),):
        raise ValueError(f"choice has the shape {odd.shape}, and there are {len(objects)} triplets.")
    if fault := first_fault(objects, odd, n_objects):
        raise ValueError(f"{part}, row {fault[0]} (from 0): {fault[1]} Correct or remove the row.")
    return objects, odd


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
