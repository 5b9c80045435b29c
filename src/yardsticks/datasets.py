"""What data exist and where they are: the only module that knows a path or an address.

A data set is looked for in this order: an explicit path; the folder named by ``$YARDSTICKS_DATA``; the user's
cache. What is found must carry a hash that the registry knows. What is not found is replaced by the synthetic
twin, never silently: a `SyntheticDataWarning` is given and the `Origin` says so on every page made from it.
"""

from __future__ import annotations

import hashlib
import html
import os
import warnings
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd
import platformdirs

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "data" / "catalogue"
TWIN = ROOT / "data" / "twin"
PUBLISHED = ROOT / "data" / "published.toml"


class SyntheticDataWarning(UserWarning):
    """Real data were asked for and synthetic data are given."""


@dataclass(frozen=True)
class Origin:
    """Where a table comes from.

    Parameters
    ----------
    name : str
        Name in the registry, or the file's name.
    kind : {"real", "synthetic"}
        Synthetic data are labelled wherever they are shown.
    sha256 : str
        Hash of the file's bytes; of the generating statistics for synthetic data.
    title : str
        One line for people.
    notes : dict of str to int
        What the reader left out, and how much of it.
    """

    name: str
    kind: str
    sha256: str
    title: str = ""
    notes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self):
        if self.kind not in ("real", "synthetic"):
            raise ValueError(f"kind {self.kind!r} of the data's origin must be 'real' or 'synthetic'")

    def _repr_html_(self) -> str:
        notes = "; ".join(f"{key}: {count:,}" for key, count in self.notes.items() if count)
        notes = f"<br>Left out on reading: {html.escape(notes)}." if notes else ""
        title = html.escape(self.title or self.name)
        if self.kind == "synthetic":
            return (
                f'<div class="origin synthetic" id="synthetic-data"><strong>Synthetic data.</strong> {title}. '
                f"No number on this page describes a real model.</div>"
            )
        return (
            f'<div class="origin real"><strong>Real data.</strong> {title} (sha256 {self.sha256[:12]}…).{notes}</div>'
        )


@dataclass(frozen=True)
class Dataset:
    """A named data set of the registry.

    Parameters
    ----------
    name, title : str
        Key and description.
    path : str
        Place below ``$YARDSTICKS_DATA``.
    sha256 : dict of str to str
        Accepted hashes: ``upstream`` (the file its authors publish) and ``tidy`` (our long table of it).
    """

    name: str
    title: str
    path: str
    sha256: dict[str, str]


REGISTRY = {
    entry.name: entry
    for entry in (
        Dataset(
            name="brainscore-2024-01",
            title="Brain-Score vision leaderboard, snapshot of 2024-01-01",
            path="brainscore/leaderboard_2024-01-01_long.csv",
            sha256={
                "upstream": "757dd145a4bba2ec231ff2b68d5e95584fcd320784e519b85ede4dcb527e16c5",
                "tidy": "f7fd7db1785a75894e7b548f444a6fac08d114a2daa05bbfffbb40daf64dba91",
            },
        ),
        Dataset(
            name="brainscore-2025-05",
            title="Brain-Score vision leaderboard, the site's own export of May 2025",
            path="brainscore/leaderboard_2025-05_export.csv",
            sha256={"upstream": "9140f6aec6b5007b38f4c506bdaa572a334a30df794d25020d9803221c033116"},
        ),
        Dataset(
            name="attention-map",
            title="Similarity of model saliency to human ClickMe maps, 367 timm models",
            path="brainscore/attention_map_similarity.csv",
            sha256={
                "upstream": "591590dc060c94b1b3ed5b997de6cccf382cc0ab940e3e989a0894a199523ef4",
                "tidy": "db9e07c5379a60dfd651ec7d46bab3c0c27e4e1ce0bb85e24c6c89ec462c62e2",
            },
        ),
    )
}
DEFAULT_SCORES = "brainscore-2024-01"


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


def find(name: str) -> Path | None:
    """Return where a registered data set lies on this machine, or None; see `locate` for the whole rule."""
    entry = REGISTRY[name]
    for folder in (data_folder(), cache_folder()):
        if folder is not None and (folder / entry.path).is_file():
            return folder / entry.path
    return None


def locate(source: str | os.PathLike) -> tuple[Path | None, Origin]:
    """Find a data set by registry name, or a file by its path.

    Parameters
    ----------
    source : str or path
        A name in `REGISTRY`, or a file.

    Returns
    -------
    path : Path or None
        Absolute path; None when only synthetic data can be given.
    origin : Origin
        For a file of the user: its name, hash, and kind ``"real"``.

    Raises
    ------
    FileNotFoundError
        Neither a registered name nor a file.
    ValueError
        A registered file whose bytes are not the ones the registry knows.
    """
    if str(source) not in REGISTRY:
        path = Path(source).absolute()
        if not path.exists():
            raise FileNotFoundError(
                f"{str(source)!r} is neither a file nor a registered data set. Registered: {', '.join(REGISTRY)}."
            )
        sha256 = hash_file(path) if path.is_file() else ""
        return path, Origin(name=path.name, kind="real", sha256=sha256, title=f"User's file {path.name}")
    entry = REGISTRY[str(source)]
    path = find(entry.name)
    if path is None:
        return None, Origin(
            name=entry.name, kind="synthetic", sha256=_twin_hash(), title=f"Synthetic twin of: {entry.title}"
        )
    sha256 = hash_file(path)
    if sha256 not in entry.sha256.values():
        raise ValueError(
            f"{path} is not the registered {entry.name} (its sha256 begins with {sha256[:12]}, expected "
            f"{' or '.join(digest[:12] for digest in entry.sha256.values())}). Remove it, or pass it by its path "
            "if you mean to use your own file."
        )
    return path, Origin(name=entry.name, kind="real", sha256=sha256, title=entry.title)


def warn_synthetic(origin: Origin) -> None:
    """Say once, at the place of the caller's caller, that synthetic data stand in for real ones."""
    warnings.warn(
        f"{origin.name} is not on this machine: its synthetic twin is used. Set YARDSTICKS_DATA to the folder "
        f"that holds {REGISTRY[origin.name].path}.",
        SyntheticDataWarning,
        stacklevel=3,
    )


def is_synthetic(name: str) -> bool:
    """Tell whether a registered data set can only be given as its synthetic twin here."""
    return find(name) is None


def fingerprint() -> dict[str, str]:
    """Return the state of every registered data set: its hash, or ``"synthetic"``; part of a run's key."""
    paths = {name: find(name) for name in REGISTRY}
    return {name: "synthetic" if path is None else hash_file(path) for name, path in paths.items()}


def _twin_hash() -> str:
    digest = hashlib.sha256()
    for path in sorted(TWIN.glob("*.csv")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def _read_catalogue(name: str) -> pd.DataFrame:
    return pd.read_csv(CATALOGUE / f"{name}.csv", dtype={"model_id": str})


def catalogue(name: str) -> pd.DataFrame:
    """Return a fresh copy of one of our own tables: metrics, hierarchy, attention_map_crosswalk, not_public_in_2023."""
    return _read_catalogue(name).copy()
