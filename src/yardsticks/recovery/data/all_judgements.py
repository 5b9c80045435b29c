"""All 4.70 million judgements of THINGS-data, where they are on this machine: ordinary ones and repeated sets."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from yardsticks.datasets import Origin, find, locate
from yardsticks.recovery.data.things import N_THINGS
from yardsticks.recovery.triplets.triplets import Triplets

NAME = "things-triplets"
# by the value of the column noise_ceiling
SETS = {"ordinary": 0, "test set 1": 1, "test set 2": 2, "test set 3": 3}
_COLUMNS = {"image1": np.int16, "image2": np.int16, "image3": np.int16, "choice": np.int8, "noise_ceiling": np.int8}


def are_here() -> bool:
    """Tell whether all judgements are on this machine; they are not downloaded for that."""
    return find(NAME) is not None


def open_all_judgements() -> tuple[dict[str, Triplets], Origin]:
    """Open all judgements, in the sets into which their authors split them.

    Returns
    -------
    sets : dict of str to Triplets
        ``ordinary``: judgements of triplets that were drawn at random, to which models are fitted. ``test set 1``,
        ``test set 2`` and ``test set 3``: answers to repeated triplets, for ceilings (`noise_ceiling`); the second is
        the one by which Avitan & Golan calibrate their generators, leave one out about .678.
    origin : Origin

    Raises
    ------
    FileNotFoundError
        They are not on this machine, with what brings them here.
    ValueError
        The file is not the registered one.
    """
    path, origin = locate(NAME)
    stat = path.stat()
    return read_sets(path, (stat.st_mtime_ns, stat.st_size)), origin


@lru_cache(maxsize=1)
def read_sets(path: Path, state: tuple[int, ...] = ()) -> dict[str, Triplets]:
    """Return the sets of a table of judgements as OSF has it; read once as long as *state* is the same.

    Raises
    ------
    ValueError
        A column is missing, or a value cannot be; `read_triplets` names the row.
    """
    try:
        with np.errstate(invalid="ignore"):  # pandas refuses a missing value after it tried to take it
            frame = pd.read_csv(path, sep="\t", usecols=list(_COLUMNS), dtype=_COLUMNS)
        if unknown := set(frame["noise_ceiling"].unique()) - set(SETS.values()):
            raise ValueError(f"noise_ceiling holds {min(unknown)}, and 0, 1, 2 and 3 are known.")
        return {name: _triplets(frame[frame["noise_ceiling"] == value]) for name, value in SETS.items()}
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"{path.name}: {error} `read_triplets(path, order='things', part='all')` says where."
        ) from error


def _triplets(frame: pd.DataFrame) -> Triplets:
    objects = frame[["image1", "image2", "image3"]].to_numpy().astype(np.int64) - 1
    return Triplets(objects, frame["choice"].to_numpy().astype(np.int64) - 1, N_THINGS)
