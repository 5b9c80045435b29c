"""Where data are on this machine, and whether they are the registered ones.

A data set is looked for in this order: an explicit path; the folder named by ``$YARDSTICKS_DATA``; the user's
cache; its authors' copy, which is downloaded into the cache (`arrivals`). What is found must carry a hash that the
registry knows. What cannot be had is replaced by the synthetic twin, never silently: a `SyntheticDataWarning` says why,
and the `Origin` says so on every page made from it.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from functools import cache, lru_cache
from pathlib import Path

import pandas as pd
import platformdirs

from yardsticks.datasets.registry import OTHER, OURS, REGISTRY, TOY, Dataset, registered

CATALOGUE = OURS / "catalogue"
TWIN = OURS / "twin"
PUBLISHED = OURS / "published.toml"
FROZEN = OURS / "claims"
DEFAULT_SCORES = "brainscore-2024-01"


def project_folder() -> Path:
    """Return the clone of the project that this package runs from, which has the notebooks and the pages of the book.

    Raises
    ------
    FileNotFoundError
        The package was installed without them.
    """
    root = Path(__file__).resolve().parents[3]
    if not (root / "_toc.yml").is_file():
        raise FileNotFoundError(
            "this takes the notebooks and pages of the project, which an installed package does not have: run "
            "`make setup` in a clone of the project, and there .venv/bin/yardsticks."
        )
    return root


def data_folder() -> Path | None:
    """Return the folder named by ``$YARDSTICKS_DATA``, or None when it is not set.

    Raises
    ------
    FileNotFoundError
        The variable names a folder that does not exist.
    """
    value = os.environ.get("YARDSTICKS_DATA")
    if not value:
        return None
    folder = Path(value).absolute()
    if not folder.is_dir():
        raise FileNotFoundError(
            f"YARDSTICKS_DATA is set to {value!r}, and there is no such folder. Correct the path, or unset the "
            "variable to use the cache (or, where that is empty, the synthetic twin)."
        )
    return folder


def cache_folder() -> Path:
    """Return the user's cache folder, ``$YARDSTICKS_CACHE`` or the system's usual place."""
    return Path(os.environ.get("YARDSTICKS_CACHE") or platformdirs.user_cache_dir("yardsticks")).absolute()


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def present(name: str) -> list[Path]:
    """Return every copy of a registered data set on this machine, the one that is used first; none is downloaded.

    Raises
    ------
    ValueError
        No data set has this name.
    """
    if name not in registered():
        raise ValueError(f"there is no data set {name!r}. Registered: {', '.join(registered())}.")
    entry = registered()[name]
    places = [cache_folder() / path for path in entry.paths]
    if (folder := data_folder()) is not None:
        places = [folder / path for path in (*entry.paths, entry.raw) if path] + places
    return [p for p in places if p.is_file() or (_is_folder(entry) and p.is_dir() and any(p.iterdir()))]


def find(name: str) -> Path | None:
    """Return where a registered data set lies on this machine, or None; see `locate` for the whole rule."""
    return next(iter(present(name)), None)


def check(name: str, path: Path) -> str:
    """Return the hash of a copy of a registered data set; of a folder, that of its registered files, "" without any.

    Raises
    ------
    ValueError
        Its bytes are not the ones the registry knows; where it knows none, anything is accepted. A folder may hold only
        some of its files, and others.
    """
    entry = registered()[name]
    sha256 = entry.sha256
    if path.is_file():
        recorded = any(made.recorded and path.name == Path(made.place).name for made in entry.files)
        return _checked(name, path, _recorded(entry, path) if recorded else list(sha256.values()))
    known = {file: _checked(name, path / file, [sha256[file]]) for file in sorted(sha256) if (path / file).is_file()}
    return _hash_of_hashes(known)


def _checked(name: str, path: Path, accepted: list[str]) -> str:
    sha256 = _hash_unless_unchanged(path)
    if accepted and sha256 not in accepted:
        raise ValueError(
            f"{path} is not the registered {name} (its sha256 begins with {sha256[:12]}, expected "
            f"{' or '.join(digest[:12] for digest in accepted)}). Remove it, or pass it by its path "
            "if you mean to use your own file."
        )
    return sha256


def is_synthetic(name: str) -> bool:
    """Tell whether a registered data set is given as its synthetic twin here, unless it can be downloaded."""
    return find(name) is None


def fingerprint() -> dict[str, str]:
    """Return the state of each data set the notebooks use: its hash, or ``"synthetic"``; part of a run's key.

    Of data sets that nothing stands in for, those are there that are on this machine: notebooks may use them.
    """
    paths = {name: find(name) for name in REGISTRY | TOY}
    paths |= {name: path for name, entry in OTHER.items() if entry.sha256 and (path := find(name)) is not None}
    return {name: "synthetic" if path is None else _hash_as_it_is(name, path) for name, path in paths.items()}


def _is_folder(entry: Dataset) -> bool:
    return not Path(entry.path).suffix


def _recorded(entry: Dataset, path: Path) -> list[str]:
    """Return the hash that was noted when a file was made, if it was made of the registered sources."""
    try:
        record = json.loads(path.with_name(f"{path.name}.json").read_bytes())
        made_of = [{key: source.sha256 for key, source in made.sources.items()} for made in entry.files]
        return [record["sha256"]] if record["sources"] in made_of else ["none"]
    except (OSError, ValueError, KeyError, TypeError):
        return ["none"]  # which no file has


def _hash_as_it_is(name: str, path: Path) -> str:
    """Return what `check` returns, whether or not the registry knows it."""
    if path.is_file():
        return _hash_unless_unchanged(path)
    files = [file for file in sorted(registered()[name].sha256) if (path / file).is_file()]
    return _hash_of_hashes({file: _hash_unless_unchanged(path / file) for file in files})


def _hash_of_hashes(hashes: dict[str, str]) -> str:
    lines = "".join(f"{sha256}  {file}\n" for file, sha256 in hashes.items())
    return hashlib.sha256(lines.encode()).hexdigest() if hashes else ""


def _hash_unless_unchanged(path: Path) -> str:
    stat = path.stat()
    if time.time() - max(stat.st_mtime, stat.st_ctime) < 2:  # seconds; a clock's tick may hide a second change
        return hash_file(path)
    return _remembered_hash(path, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)


@lru_cache(maxsize=64)
def _remembered_hash(path: Path, *state: int) -> str:
    return hash_file(path)


def twin_hash() -> str:
    """Return the hash of the statistics behind the twin."""
    digest = hashlib.sha256()
    for path in sorted(TWIN.glob("*.csv")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def _read_catalogue(name: str) -> pd.DataFrame:
    return pd.read_csv(CATALOGUE / f"{name}.csv", dtype={"model_id": str, "odd_one_out_id": str})


def catalogue(name: str) -> pd.DataFrame:
    """Return a fresh copy of one of our own tables in data/catalogue: metrics, hierarchy, features ..."""
    return _read_catalogue(name).copy()
