"""Files that are there as a whole or not at all; and what is said where one of them cannot be written or read."""

import errno
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_UNSEALED = "its content is not that whose hash it carries"


class Damaged(ValueError):
    """A file of ours that is not what was written."""


class DiskFull(OSError):
    """There is no room to write; what was written before is whole."""


def write_whole(path: Path, content) -> None:
    """Write a file that is there as a whole or not at all, as `writing_whole` does."""
    with writing_whole(path) as handle:
        handle.write(content)


@contextmanager
def writing_whole(path: Path) -> Iterator[IO[bytes]]:
    """Give a handle to write a file that is there as a whole or not at all, even if the power fails.

    What another file stands for is not replaced by a plain file: a link is followed, a pipe or a device written to, and
    a file that there is keeps its permissions.

    Raises
    ------
    DiskFull
        There is no room for it.
    OSError
        It cannot be written for another reason, such as its folder's permissions.
    """
    asked = path
    if path.exists() and not path.is_file():
        with open(path, "wb") as handle:  # a folder is refused here
            yield handle
        return
    path = Path(os.path.realpath(path))
    if path.is_symlink():  # links that lead in a circle
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    # folders are shared by machines, on which processes have the same numbers
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}.partial")
    try:
        with making_room(path), open(partial, "wb") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        if path.exists():
            shutil.copymode(path, partial)
        os.replace(partial, path)
    except OSError as error:
        if error.filename is None or os.fspath(error.filename) != str(partial):
            raise
        way_out = "Name another place, or see to the permissions of its folder."
        raise type(error)(f"{asked} cannot be written ({error.strerror}). {way_out}") from error
    finally:
        partial.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def making_room(path: Path) -> Iterator[None]:
    """Say which file had no room, and what to do, where the disk or the user's share of it is full."""
    try:
        yield
    except DiskFull:
        raise
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise DiskFull(
            f"no room is left to write {path} ({error.strerror}). What was finished before is whole: make room and run "
            "the same command again to go on."
        ) from error


@contextmanager
def reading(path: Path, way_out: str) -> Iterator[None]:
    """Say of one of our own files that cannot be read which it is, what is wrong with it, and the way out.

    Raises
    ------
    Damaged
        What is read inside is not what it should be.
    """
    try:
        yield
    except FileNotFoundError:
        raise Damaged(f"{path} is not there. {way_out}") from None
    except Damaged:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else (str(error).splitlines() or ["empty"])[0]
        raise Damaged(f"{path} is damaged ({what}). {way_out}") from error


def read_json(path: Path, *needed: str, way_out: str) -> dict:
    """Read a mapping from a JSON file of ours.

    Raises
    ------
    Damaged
        It holds something else, or lacks one of the entries that are needed.
    """
    with reading(path, way_out):
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError(f"a mapping is expected, and there is a {type(content).__name__}")
        for name in needed:
            content[name]
        return content


def write_sealed(path: Path, content: bytes) -> None:
    """Write a file as `write_whole` does, with the hash of its content behind it; archives open all the same."""
    write_whole(path, content + hashlib.sha256(content).digest())


def read_sealed(path: Path, way_out: str) -> bytes:
    """Return the content of a file of `write_sealed`.

    Raises
    ------
    Damaged
        It is not what was written, with what to do about it.
    """
    with reading(path, way_out):
        content, found = (sealed := path.read_bytes())[:-32], sealed[-32:]
        if found != hashlib.sha256(content).digest():
            raise ValueError(_UNSEALED)
        return content


def seal(content: dict) -> bytes:
    """Return JSON that carries its own hash, as ``sha256``."""
    content = json.loads(json.dumps(content))  # as it is read again
    return json.dumps(content | {"sha256": _hash(content)}, indent=1).encode()


def unseal(path: Path, *needed: str, way_out: str) -> dict:
    """Read a mapping as `read_json` does, from a file of what `seal` makes.

    Raises
    ------
    Damaged
        It is not what was written, with what to do about it.
    """
    content = read_json(path, *needed, "sha256", way_out=way_out)
    with reading(path, way_out):
        if content.pop("sha256") != _hash(content):
            raise ValueError(_UNSEALED)
        return content


def _hash(content: dict) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
