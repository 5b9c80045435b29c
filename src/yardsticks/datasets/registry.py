"""The data sets that are not ours: names, terms, addresses and hashes, as data/registry.toml lists them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Dataset:
    """A named data set, as data/registry.toml describes it.

    Parameters
    ----------
    name, title : str
        Key and description.
    path : str
        Place below ``$YARDSTICKS_DATA`` or the cache: a file, or a folder of files a person puts there.
    licence, citation : str
        The terms as far as they are known, and whom to name.
    cite : list of str
        Keys in book/references.bib.
    reader : str
        Full name of the function that opens it; "" where there is none yet.
    url : str
        The file its authors publish, at a pinned commit; "" when a person has to fetch it.
    size : int or None
        Bytes of that file, where known.
    sha256 : dict of str to str
        Accepted hashes: ``upstream`` (the file its authors publish) and ``tidy`` (our long table of it); of a folder,
        that of each file by its name.
    instructions : str
        What a person has to do; "" when it can be downloaded.
    toy : bool
        Whether the toy world stands in where a person has not fetched it.
    """

    name: str
    title: str
    path: str
    licence: str
    citation: str
    cite: list[str]
    reader: str = ""
    url: str = ""
    size: int | None = None
    sha256: dict[str, str] = field(default_factory=dict)
    instructions: str = ""
    toy: bool = False

    @property
    def paths(self) -> list[str]:
        """Every place below a folder of data where it may lie; a downloaded file keeps its name, and is the last."""
        return [self.path, f"{self.path.rpartition('/')[0]}/{self.url.rpartition('/')[2]}"] if self.url else [self.path]


OURS = Path(__file__).resolve().parents[1] / "data"  # catalogues, printed numbers, twin, finished studies
with open(OURS / "registry.toml", "rb") as _handle:
    _ENTRIES = [Dataset(name=name, **entry) for name, entry in tomllib.load(_handle).items()]
# what the notebooks use: it can be downloaded, and the twin can stand in for it
REGISTRY = {entry.name: entry for entry in _ENTRIES if entry.url}
# what the notebooks use and a person has to fetch: the toy world can stand in for it
TOY = {entry.name: entry for entry in _ENTRIES if entry.toy}
# what a person has to fetch and no notebook uses: nothing stands in for it
BY_HAND = {entry.name: entry for entry in _ENTRIES if not entry.url and not entry.toy}


def registered() -> dict[str, Dataset]:
    """Return every data set that has a name: what the notebooks use, then what a person has to fetch."""
    return REGISTRY | TOY | BY_HAND
