"""How registered data come to this machine: their terms, their downloads, and what is made of these.

What is downloaded lies below ``sources/`` of the cache, for its owner alone, until all that is made of it is there. So
a pull that was stopped or failed goes on where it was. One process at a time works there; what a killed one left behind
goes at the next call.

Longer than 300 lines, as everything that writes in the cache has to be seen together.
"""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from yardsticks.datasets import builds, downloads
from yardsticks.datasets.downloads import DownloadFailed
from yardsticks.datasets.files import write_whole
from yardsticks.datasets.origin import OWN, Origin, SyntheticDataWarning
from yardsticks.datasets.places import cache_folder, check, data_folder, find, hash_file, twin_hash
from yardsticks.datasets.registry import OTHER, REGISTRY, TOY, Dataset, Made, Source, Terms, registered

WAIT = 600.0  # seconds for which another pull into the same cache is waited for
_ACCEPTED = "accepted.txt"
# why a data set could not be had, so that nothing is waited for twice
_failures: dict[str, str] = {}


def forget() -> None:
    """Forget what failed, so that it is tried again."""
    downloads.forget()
    _failures.clear()


def terms(names: Iterable[str] = ()) -> dict[Terms, list[str]]:
    """Return the terms of what would be downloaded, and for which data sets; none where downloads are forbidden.

    Parameters
    ----------
    names : iterable of str
        Registered names; by default all that come without being named.

    Raises
    ------
    ValueError
        An unknown name.
    """
    needed: dict[Terms, list[str]] = {}
    for name in names or _all():
        find(name)  # an unknown name is told
        for source in [] if downloads.forbidden() else _missing_sources(registered()[name]):
            if name not in needed.setdefault(source.terms, []):
                needed[source.terms].append(name)
    return needed


def is_accepted(terms: Terms) -> bool:
    """Tell whether terms are accepted: none is asked for, ``$YARDSTICKS_ACCEPT`` says so, or `accept` was called."""
    if not terms.ask or os.environ.get("YARDSTICKS_ACCEPT", "").strip().lower() not in ("", "0", "false", "no"):
        return True
    path = cache_folder() / _ACCEPTED
    return path.is_file() and _line(terms) in path.read_text(encoding="utf-8").splitlines()


def accept(accepted: Iterable[Terms]) -> None:
    """Note in the cache that terms are accepted."""
    path = cache_folder() / _ACCEPTED
    before = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [*before, *(_line(terms) for terms in accepted)]
    write_whole(path, "".join(f"{line}\n" for line in dict.fromkeys(lines)).encode())


def bring(name: str) -> Path | None:
    """Return where a registered data set lies, downloading it where it is missing; None where it cannot be had.

    What failed in this process is not tried again before `pull` or `forget`.
    """
    path, entry = find(name), registered()[name]
    if path is None and entry.files and not _why_not(entry):
        try:
            with _alone():
                _complete(entry)
        except DownloadFailed as failure:
            _failures[name] = str(failure)
        path = find(name)
    return path


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
        Neither a registered name nor a file; or a data set in whose place nothing is given here, with what to do.
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
        return path, Origin(name=path.name, kind="real", sha256=sha256, title=f"{OWN} {path.name}")
    entry = registered()[str(source)]
    path = bring(entry.name) if entry.stand_in else find(entry.name)
    if path is not None:
        return path, Origin(name=entry.name, kind="real", sha256=check(entry.name, path), title=entry.title)
    if entry.stand_in != "twin":
        raise FileNotFoundError(f"{entry.name} is not on this machine. {how_to_get(entry.name)}")
    return None, Origin(
        name=entry.name, kind="synthetic", sha256=twin_hash(), title=f"Synthetic twin of: {entry.title}"
    )


def how_to_get(name: str) -> str:
    """Say in a sentence or two what brings a registered data set, or what is missing of it, to this machine."""
    entry = registered()[name]
    comes = f"`yardsticks data pull {name}` downloads it." if _missing_sources(entry) else ""
    return f"{comes}{_by_hand(entry)}".strip()


def say_terms(terms: Terms, needed_by: Iterable[str]) -> str:
    """Say whose terms those of a place are, for which data sets, and what they ask."""
    about = f"{terms.origin}, for {', '.join(needed_by)}: {terms.licence}. {terms.citation}"
    return f"{about}\n    {terms.text}" if terms.text else about


def pull(names: Iterable[str] = ()) -> tuple[dict[str, Path], dict[str, str]]:
    """Download what is missing, with a new attempt at whatever failed before.

    Parameters
    ----------
    names : iterable of str
        Registered names; by default all that come without being named.

    Returns
    -------
    found : dict of str to Path
        Where each of those lies that are here, whole and with the registered hash.
    failed : dict of str to str
        Why each of the others is not; the failure of one does not stop the others.

    Raises
    ------
    ValueError
        An unknown name; nothing is downloaded.
    """
    forget()
    names = list(names) or _all()
    for name in names:
        find(name)  # an unknown name is told before anything is downloaded
    found, failed = {}, {}
    for name in names:
        entry = registered()[name]
        try:
            if _missing_sources(entry):
                if reason := _why_not(entry):
                    raise DownloadFailed(reason)
                with _alone():
                    _complete(entry)
            found[name] = find(name)
            check(name, found[name])
        except (DownloadFailed, ValueError) as failure:
            found.pop(name, None)
            failed[name] = str(failure)
    _failures.update(failed)
    return found, failed


def say_failed(failed: dict[str, str]) -> str:
    """Say what could not be had, why, and where terms are not accepted how to accept them; "" where all is there."""
    if not failed:
        return ""
    lines = ["not downloaded:"]
    for name, reason in failed.items():
        lines.append(f"{name}: {reason}.{_by_hand(OTHER[name]) if name in OTHER else ''}")
    unaccepted = [terms_ for terms_ in terms(failed) if not is_accepted(terms_)]
    if unaccepted:
        lines += [f"{_line(terms_)}. {terms_.text}" for terms_ in unaccepted]
        lines += ["`yardsticks data pull` asks whether you accept these terms; YARDSTICKS_ACCEPT=1 says that you do."]
    return "\n".join(lines)


@contextmanager
def settled() -> Iterator[str]:
    """Download what notebooks use, once, and forbid downloads inside the block: in all processes started there too.

    What data a build uses is thereby decided before it starts, and no notebook waits for a host that does not answer.
    Nobody is asked anything: what has terms that were not accepted does not come.

    Yields
    ------
    str
        What could not be downloaded and why; "" when all is there.
    """
    missing = say_failed(pull(REGISTRY | TOY)[1])
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
    reason = _why_not(entry) or "no download was tried"
    warnings.warn(
        f"{origin.name} is not on this machine ({reason}): its synthetic twin is used. Run `yardsticks data pull`, or "
        f"set YARDSTICKS_DATA to the folder that holds {' or '.join(entry.paths)}.",
        SyntheticDataWarning,
        stacklevel=3,
    )


def _by_hand(entry: Dataset) -> str:
    """Say what a person can do."""
    place = (data_folder() or cache_folder()) / entry.path
    return f" {entry.instructions} Its place is {place}." if entry.instructions else ""


def _all() -> list[str]:
    return [name for name, entry in registered().items() if not entry.by_name]


def _line(terms: Terms) -> str:
    return f"{terms.origin}: {terms.licence}"


def _why_not(entry: Dataset) -> str:
    """Say why a download would not even be tried, or return "" when it would."""
    unaccepted = [source.terms for source in _missing_sources(entry) if not is_accepted(source.terms)]
    terms = f"its terms are not accepted ({'; '.join(dict.fromkeys(map(_line, unaccepted)))})" if unaccepted else ""
    return downloads.forbidden() or terms or _failures.get(entry.name, "")


def _is_there(entry: Dataset, made: Made) -> bool:
    """Tell whether a file is on this machine: this one, or another that will do."""
    if any(made.place == path for path in entry.paths):
        return find(entry.name) is not None
    return any((folder / made.place).is_file() for folder in (data_folder(), cache_folder()) if folder)


def _missing(entry: Dataset) -> list[Made]:
    return [made for made in entry.files if not _is_there(entry, made)]


def _missing_sources(entry: Dataset) -> list[Source]:
    """Return what has to be downloaded: of an entry that only a list names, that list, whatever is here."""
    missing = [source for made in _missing(entry) for source in made.sources.values()]
    return [*missing, *([entry.article] if entry.article else [])]


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other processes out of the cache's downloads, and leave behind what is needed to go on, no more."""
    cache = cache_folder()
    try:
        (cache / "sources").mkdir(mode=0o700, parents=True, exist_ok=True)
        with filelock.FileLock(cache / ".lock", timeout=WAIT):
            _tidy(cache)
            try:
                yield
            finally:
                _tidy(cache)
    except filelock.Timeout:
        raise DownloadFailed(f"another download into {cache} is under way; wait for it, or stop it") from None
    except DownloadFailed:
        raise
    except OSError as error:
        raise DownloadFailed(f"{cache} cannot be written: {error.strerror or error}") from error


def _tidy(cache: Path) -> None:
    """Remove sources of what is there, and what killed processes left."""
    for entry in registered().values():
        if entry.raw and (cache / entry.raw).is_file():  # kept here by earlier versions, as it came
            (source,) = entry.sources
            place = cache / source.place
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(cache / entry.raw, place)
            place.chmod(0o600)
    missing = [made for entry in registered().values() for made in _missing(entry)]
    needed = {cache / source.place for made in missing for source in made.sources.values()}
    for path in sorted((cache / "sources").rglob("*"), reverse=True):  # what is in a folder before the folder
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
        elif path.is_file() and path not in needed:
            path.unlink()
    for place in (cache / made.place for entry in registered().values() for made in entry.files):
        for path in place.parent.glob(f".{place.name}.*.partial"):
            path.unlink()


def _complete(entry: Dataset) -> None:
    """Download and make what is missing of a data set; all is tried before the first failure is told."""
    failures = []
    for made in _missing(entry):
        try:
            _make(entry, made)
        except DownloadFailed as failure:
            failures.append(str(failure))
    if entry.article:
        failures += _complete_listed(entry)
    if failures:
        raise DownloadFailed("; ".join(dict.fromkeys(failures)))


def _make(entry: Dataset, made: Made) -> None:
    sources = {parameter: _fetch(entry, source) for parameter, source in made.sources.items()}
    target = cache_folder() / made.place
    target.parent.mkdir(parents=True, exist_ok=True)
    if not made.by:
        _keep(*sources.values(), target)
        return
    content = getattr(builds, made.by)(**sources)
    forms = [builds.pack(content), builds.pack(content, packed=False)] if isinstance(content, dict) else [content]
    hashes = [hashlib.sha256(form).hexdigest() for form in forms]
    if made.recorded:
        record = {"sha256": hashes[0], "sources": {key: source.sha256 for key, source in made.sources.items()}}
        write_whole(target.with_name(f"{target.name}.json"), json.dumps(record).encode())
        accepted = hashes
    else:
        accepted = [entry.sha256[target.name]] if target.name in entry.sha256 else list(entry.sha256.values())
    for form, sha256 in zip(forms, hashes, strict=True):
        if sha256 in accepted:
            write_whole(target, form)
            return
    raise DownloadFailed(
        f"{target.name} was made of the right sources and is not the registered file (its sha256 begins with "
        f"{hashes[0][:12]}); please report this, with the version of numpy"
    )


def _keep(source: Path, target: Path) -> None:
    source.chmod(0o644)  # what is downloaded is its owner's alone, and a cache may be shared
    os.replace(source, target)


def _fetch(entry: Dataset, source: Source) -> Path:
    path = cache_folder() / source.place
    if not (path.is_file() and source.sha256 and hash_file(path) == source.sha256):
        known = f"sha256:{source.sha256}" if source.sha256 else ""
        path.unlink(missing_ok=True)
        downloads.fetch(source.url, path, known, f"{entry.name}, {source.name}", source.size)
    return path


def _complete_listed(entry: Dataset) -> list[str]:
    """Download the files that an article of Figshare lists; return what failed."""
    try:
        listing = _fetch(entry, entry.article)
        files = [_listed(file) for file in json.loads(listing.read_bytes())["files"]]
    except DownloadFailed as failure:
        return [str(failure)]
    except (ValueError, KeyError, TypeError) as error:
        return [f"{entry.article.url} is not the list of files that it was ({type(error).__name__}: {error})"]
    folder, failures = cache_folder() / entry.path, []
    folder.mkdir(parents=True, exist_ok=True)
    for name, size, md5, url in files:
        if (folder / name).is_file() and (folder / name).stat().st_size == size:
            continue
        source = Source(name, url, entry.article.terms, size=size)
        path = cache_folder() / source.place
        try:
            downloads.fetch(url, path, f"md5:{md5}", f"{entry.name}, {name}", size)
            _keep(path, folder / name)
        except DownloadFailed as failure:
            failures.append(str(failure))
    return failures


def _listed(file: dict) -> tuple[str, int, str, str]:
    name, md5 = str(file["name"]), str(file.get("computed_md5") or file["supplied_md5"])
    if name != Path(name).name or name.startswith("."):
        raise ValueError(f"{name!r} is no name of a file")
    return name, int(file["size"]), md5, f"https://api.figshare.com/v2/file/download/{int(file['id'])}"
