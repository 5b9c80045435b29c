"""Objects, models and people of one's own: a folder that a study of world "own" is made from.

```
FOLDER/features/NAME.npy    features of a model (or .npz, .pt, .pth: see `open_features`), one row for each object
FOLDER/triplets.npz         people's judgements of these objects (or .npy, .csv, .txt: what `read_triplets` reads)
FOLDER/repeated.npz         judgements of triplets that several people answered, which say how far people agree
```

The rows of all models are the same objects in the same order, and the triplets' numbers are these rows, from 0
unless a study's settings say ``triplets_base = 1``; the odd one is last unless ``triplets_odd`` says otherwise.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from yardsticks.recovery.data.features import Features, open_features
from yardsticks.recovery.data.judgements import read_triplets
from yardsticks.recovery.data.toy import make_world
from yardsticks.recovery.triplets.randomness import Seed
from yardsticks.recovery.triplets.triplets import Triplets

MOST_OBJECTS = 32_767  # numbers of objects are kept in two bytes


def list_own_models(folder: str | os.PathLike) -> dict[str, Path]:
    """Return the files of features in a folder by the names of the models, which are the files' names.

    Raises
    ------
    FileNotFoundError
        There are none.
    ValueError
        Two files have the same name but for their ending.
    """
    there = sorted(Path(folder, "features").glob("[!.]*"))  # hidden files are notes of the system's about others
    files = [path for path in there if path.suffix.lower() in (".npy", ".npz", ".pt", ".pth")]
    if not files:
        raise FileNotFoundError(
            f"{Path(folder, 'features')} holds no features. `yardsticks recovery extract` writes NAME.npy there."
        )
    models = {path.stem: path for path in files}
    if len(models) < len(files):
        raise ValueError(f"two of {', '.join(path.name for path in files)} are of the same model. Remove one.")
    return models


def open_own_features(folder: str | os.PathLike, model: str) -> Features:
    """Open the features of a model in a folder of one's own.

    Raises
    ------
    ValueError
        There is no such model, or its file cannot be read.
    FileNotFoundError
        As `list_own_models`.
    """
    models = list_own_models(folder)
    if model not in models:
        raise ValueError(f"there is no model {model!r} in {Path(folder, 'features')}. There are: {', '.join(models)}.")
    return open_features(models[model], order="own")


def open_own_people(
    folder: str | os.PathLike, n_objects: int, *, base: int | None = None, odd: str | None = None
) -> tuple[Triplets, Triplets]:
    """Open people's judgements, and their judgements of repeated triplets; `base` and `odd` as for `read_triplets`.

    Raises
    ------
    FileNotFoundError
        One of the files is missing, with what it is for.
    ValueError
        A file cannot be read, or numbers an object that there is not.
    """
    if n_objects > MOST_OBJECTS:
        raise ValueError(f"{n_objects:,} objects are more than the {MOST_OBJECTS:,} that a study can have.")
    parts = []
    for name, use in (("triplets", "models are fitted to"), ("repeated", "tell how far people agree")):
        found = sorted(Path(folder).glob(f"{name}.*"))
        if len(found) != 1:
            raise FileNotFoundError(
                f"{folder} holds {len(found) or 'no'} files {name}.*, the judgements that {use}. One is needed."
            )
        parts.append(read_triplets(found[0], order="own", n_objects=n_objects, base=base, odd=odd))
    return parts[0], parts[1]


def write_example_folder(folder: str | os.PathLike, *, seed: Seed) -> list[Path]:
    """Write a folder as one's own could be: two invented models, invented people. Nothing in it is real.

    Returns
    -------
    list of Path
        The files, relative to the folder.
    """
    world = make_world(seed=seed, n_objects=90, families={"my_net": "mine", "other_net": "other"})
    folder = Path(folder)
    (folder / "features").mkdir(parents=True, exist_ok=True)
    for name, values in world.models.items():
        np.save(folder / "features" / f"{name}.npy", values)
    # text: three objects a line, the odd one last
    rows = np.column_stack([world.people.objects, world.people.odd])
    last = np.array([[1, 2, 0], [0, 2, 1], [0, 1, 2]])[rows[:, 3]]
    np.savetxt(folder / "triplets.csv", np.take_along_axis(rows[:, :3], last, axis=1), fmt="%d", delimiter=",")
    np.savez(folder / "repeated.npz", triplet=world.repeated.objects, choice=world.repeated.odd)
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def describe_folder(folder: str | os.PathLike, *, base: int | None = None, odd: str | None = None) -> pd.DataFrame:
    """Say what a folder of one's own holds; `base` and `odd` as for `read_triplets`.

    Returns
    -------
    DataFrame
        One row for each file: file, content, n_rows (objects or judgements), n_columns (features) and n_missing
        (objects without features).
    """
    opened = {path: open_own_features(folder, name) for name, path in list_own_models(folder).items()}
    rows = [
        (path, "features", *features.values.shape, int((~features.present).sum())) for path, features in opened.items()
    ]
    parts = open_own_people(folder, rows[0][2], base=base, odd=odd)
    for name, content, part in zip(("triplets", "repeated"), ("judgements", "repeated judgements"), parts, strict=True):
        (path,) = Path(folder).glob(f"{name}.*")
        rows.append((path, content, len(part), None, None))
    frame = pd.DataFrame(rows, columns=["file", "content", "n_rows", "n_columns", "n_missing"])
    frame["file"] = [path.relative_to(folder).as_posix() for path in frame["file"]]
    return frame.astype({"n_columns": "Int64", "n_missing": "Int64"})
