"""The data sets that are not ours: names, terms, addresses and hashes, as data/registry.toml lists them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Terms:
    """The terms of a place that publishes files.

    Parameters
    ----------
    origin, licence, citation : str
        The place's name, its licence as far as it is known, and whom to name.
    text : str
        What a person is told before the first download.
    ask : bool
        Whether they have to be accepted for that.
    """

    origin: str
    licence: str
    citation: str
    text: str = ""
    ask: bool = False


@dataclass(frozen=True)
class Source:
    """A file that somebody publishes.

    Parameters
    ----------
    name, url : str
        Key and address, at a pinned version.
    terms : Terms
    sha256 : str
        The hash that it must have; "" of a list of files, which is read and not kept.
    size : int or None
        Bytes, where known.
    """

    name: str
    url: str
    terms: Terms
    sha256: str = ""
    size: int | None = None

    @property
    def place(self) -> str:
        """Place below the cache until it has become what is made of it."""
        return f"sources/{self.url.partition('://')[2]}"


@dataclass(frozen=True)
class Made:
    """A file that is downloaded, or made of what is downloaded.

    Parameters
    ----------
    place : str
        Place below ``$YARDSTICKS_DATA`` or the cache.
    sources : dict of str to Source
        By the parameter of the function that makes it.
    by : str
        That function of `builds`; "" where the only source is kept as it is.
    recorded : bool
        Whether its hash is noted when it is made, as the registry does not know it.
    """

    place: str
    sources: dict[str, Source]
    by: str = ""
    recorded: bool = False


@dataclass(frozen=True)
class Dataset:
    """A named data set, as data/registry.toml describes it.

    Parameters
    ----------
    name, title : str
        Key and description.
    path : str
        Place below ``$YARDSTICKS_DATA`` or the cache: a file, or a folder of files.
    licence, citation : str
        The terms as far as they are known, and whom to name.
    cite : list of str
        Keys in book/references.bib.
    reader : str
        Full name of the function that opens it; "" where there is none yet.
    files : list of Made
        What can be downloaded of it; of a file, the one that will do in its place.
    article : Source or None
        The list of its files, where those are not known before.
    by_name : bool
        Whether it is downloaded only when it is named.
    raw : str
        Place of the upstream file of which only a part is kept, below ``$YARDSTICKS_DATA``; "" where there is none.
    sha256 : dict of str to str
        Accepted hashes, each under a word that says of what; of a folder, that of each file by its name.
    instructions : str
        What a person has to do for what cannot be downloaded.
    stand_in : {"twin", "toy", ""}
        What notebooks use where it is missing; "" where none needs it.
    """

    name: str
    title: str
    path: str
    licence: str
    citation: str
    cite: list[str]
    reader: str = ""
    files: list[Made] = field(default_factory=list)
    article: Source | None = None
    by_name: bool = False
    raw: str = ""
    sha256: dict[str, str] = field(default_factory=dict)
    instructions: str = ""
    stand_in: str = ""

    @property
    def paths(self) -> list[str]:
        """Every place below a folder of data where it may lie: ours, and what is downloaded in its place."""
        beside = [made.place for made in self.files if not made.place.startswith(self.path)]
        return [self.path, *beside]

    @property
    def sources(self) -> list[Source]:
        """What is downloaded for it, each file once."""
        found = {source.url: source for made in self.files for source in made.sources.values()}
        return [*found.values(), *([self.article] if self.article else [])]

    @property
    def size(self) -> int | None:
        """Bytes of what is downloaded for it, None where a part is not known."""
        sizes = [source.size for source in self.sources]
        return sum(sizes) if sizes and None not in sizes else None


def _read_sources(origins: dict) -> dict[str, Source]:
    sources = {}
    for origin, entry in origins.items():
        terms = Terms(origin, entry["licence"], entry["citation"], entry.get("terms", ""), entry.get("ask", False))
        for name, file in entry["files"].items():
            url = entry["at"] + file["path"]
            sources[name] = Source(name, url, terms, file.get("sha256", ""), file.get("size"))
    return sources


def _read_entry(name: str, entry: dict, sources: dict[str, Source]) -> Dataset:
    files = []
    for place, made in entry.pop("files", {}).items():
        made_of = {parameter: sources[source] for parameter, source in made.pop("from").items()}
        files.append(Made(place, made_of, **made))
    article = entry.pop("article", None)
    return Dataset(name=name, files=files, article=sources[article] if article else None, **entry)


OURS = Path(__file__).resolve().parents[1] / "data"  # catalogues, printed numbers, twin, finished studies
with open(OURS / "registry.toml", "rb") as _handle:
    _TABLES = tomllib.load(_handle)
SOURCES = _read_sources(_TABLES.pop("origins"))
_ENTRIES = [_read_entry(name, entry, SOURCES) for name, entry in _TABLES.items()]
# what the notebooks of the first wing use: the twin can stand in for it
REGISTRY = {entry.name: entry for entry in _ENTRIES if entry.stand_in == "twin"}
# what the notebooks of the second wing use: the toy world can stand in for it
TOY = {entry.name: entry for entry in _ENTRIES if entry.stand_in == "toy"}
# what no notebook needs: nothing stands in for it
OTHER = {entry.name: entry for entry in _ENTRIES if not entry.stand_in}


def registered() -> dict[str, Dataset]:
    """Return every data set that has a name: what the notebooks use, then the others."""
    return REGISTRY | TOY | OTHER
