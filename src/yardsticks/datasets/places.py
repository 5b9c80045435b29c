"""What data exist and where they are: the only module that knows a path or an address.

A data set is looked for in this order: an explicit path; the folder named by ``$YARDSTICKS_DATA``; the user's
cache; its authors' copy, which is downloaded into the cache. What is found must carry a hash that the registry knows.
What cannot be had is replaced by the synthetic twin, never silently: a `SyntheticDataWarning` says why, and the
`Origin` says so on every page made from it.
"""

from __future__ import annotations

import hashlib
import os
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path

import pandas as pd
import platformdirs

from yardsticks.datasets import downloads
from yardsticks.datasets.downloads import DownloadFailed
from yardsticks.datasets.origin import Origin, SyntheticDataWarning
from yardsticks.datasets.registry import OURS, REGISTRY, TOY, Dataset, registered

CATALOGUE = OURS / "catalogue"
TWIN = OURS / "twin"
PUBLISHED = OURS / "published.toml"
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
    folders = [folder for folder in (data_folder(), cache_folder()) if folder is not None]
    places = [folder / path for folder in folders for path in entry.paths]
    return [p for p in places if p.is_file() or (not entry.url and p.is_dir() and any(p.iterdir()))]


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
    sha256 = registered()[name].sha256
    if path.is_file():
        return _checked(name, path, list(sha256.values()))
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


def locate(source: str | os.PathLike) -> tuple[Path | None, Origin]:
    """Find a data set by registry name, downloading it where it is missing, or a file by its path.

    Parameters
    ----------
    source : str or path
        A registered name, or a file.

    Returns
    -------
    path : Path or None
        Absolute path; None when only synthetic data can be given.
    origin : Origin
        For a file of the user: its name, hash, and kind ``"real"``.

    Raises
    ------
    FileNotFoundError
        Neither a registered name nor a file; or a data set that a person has to fetch, with the instructions.
    ValueError
        A registered file whose bytes are not the ones the registry knows.
    """
    if str(source) not in registered():
        path = Path(source).absolute()
        if not path.exists():
            raise FileNotFoundError(
                f"{str(source)!r} is neither a file nor a registered data set. Registered: {', '.join(registered())}."
            )
        sha256 = hash_file(path) if path.is_file() else ""
        return path, Origin(name=path.name, kind="real", sha256=sha256, title=f"User's file {path.name}")
    entry = registered()[str(source)]
    path = find(entry.name) or (_download(entry) if entry.url else None)
    if path is not None:
        return path, Origin(name=entry.name, kind="real", sha256=check(entry.name, path), title=entry.title)
    if not entry.url:
        raise FileNotFoundError(f"{entry.name} is not on this machine. {how_to_get(entry.name)}")
    return None, Origin(
        name=entry.name, kind="synthetic", sha256=twin_hash(), title=f"Synthetic twin of: {entry.title}"
    )


def how_to_get(name: str) -> str:
    """Say in a sentence or two what brings a registered data set to this machine."""
    entry = registered()[name]
    if entry.url:
        return f"`yardsticks data pull {name}` downloads it."
    return f"{entry.instructions} Its place is {(data_folder() or cache_folder()) / entry.path}"


def pull(names: Iterable[str] = ()) -> dict[str, Path]:
    """Download what is missing, with a new attempt at whatever failed before.

    Parameters
    ----------
    names : iterable of str
        Registered names; by default all that can be downloaded.

    Returns
    -------
    dict of str to Path
        Where each of them lies.

    Raises
    ------
    DownloadFailed
        Some could not be had; all were tried, and the message names each with the reason.
    FileNotFoundError
        One of them has to be fetched by a person.
    ValueError
        An unknown name, or a file that is there and not the registered one.
    """
    downloads.forget()
    names = list(names) or list(REGISTRY)
    for name in names:
        find(name)  # an unknown name is told before anything is downloaded
    found = {name: locate(name)[0] for name in names}
    failures = [f"{name}: {downloads.why_not(REGISTRY[name].url)}." for name in names if found[name] is None]
    if failures:
        raise DownloadFailed("\n".join(["not downloaded:", *failures]))
    return found


@contextmanager
def settled() -> Iterator[str]:
    """Download what is missing, once, and forbid downloads inside the block: in all processes started there too.

    What data a build uses is thereby decided before it starts, and no notebook waits for a host that does not answer.

    Yields
    ------
    str
        What could not be downloaded and why; "" when all is there.
    """
    try:
        pull()
        missing = ""
    except DownloadFailed as failure:
        missing = str(failure)
    before = os.environ.get("YARDSTICKS_OFFLINE")
    os.environ["YARDSTICKS_OFFLINE"] = "1"
    try:
        yield missing
    finally:
        del os.environ["YARDSTICKS_OFFLINE"]
        if before is not None:
            os.environ["YARDSTICKS_OFFLINE"] = before


def warn_synthetic(origin: Origin) -> None:
    """Say once, at the place of the caller's caller, that synthetic data stand in for real ones, and why."""
    entry = REGISTRY[origin.name]
    reason = downloads.why_not(entry.url) or "no download was tried"
    warnings.warn(
        f"{origin.name} is not on this machine ({reason}): its synthetic twin is used. Run `yardsticks data pull`, or "
        f"set YARDSTICKS_DATA to the folder that holds {' or '.join(entry.paths)}.",
        SyntheticDataWarning,
        stacklevel=3,
    )


def is_synthetic(name: str) -> bool:
    """Tell whether a registered data set is given as its synthetic twin here, unless it can be downloaded."""
    return find(name) is None


def fingerprint() -> dict[str, str]:
    """Return the state of each data set the notebooks use: its hash, or ``"synthetic"``; part of a run's key."""
    paths = {name: find(name) for name in REGISTRY | TOY}
    return {name: "synthetic" if path is None else _hash_as_it_is(name, path) for name, path in paths.items()}


def _download(entry: Dataset) -> Path | None:
    path = cache_folder() / entry.paths[-1]
    try:
        downloads.fetch(entry.url, path, entry.sha256["upstream"], entry.name, entry.size)
    except DownloadFailed:  # `downloads.why_not` remembers the reason
        return None
    return path


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
