"""Files that are there as a whole or not at all, and that tell when they are not what was written."""

import hashlib
import json
import os
import uuid
from pathlib import Path


class Damaged(ValueError):
    """A file that is not what was written."""


def write_whole(path: Path, content) -> None:
    """Write a file that is there as a whole or not at all, even if the power fails."""
    # folders are shared by machines, on which processes have the same numbers
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}.partial")
    try:
        with open(partial, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


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
    content, seal = (sealed := path.read_bytes())[:-32], sealed[-32:]
    if seal != hashlib.sha256(content).digest():
        raise Damaged(
            f"{path} is damaged, or of an earlier version: it does not carry the hash of its content. {way_out}"
        )
    return content


def seal(content: dict) -> bytes:
    """Return JSON that carries its own hash, as ``sha256``."""
    return json.dumps(content | {"sha256": _hash(content)}, indent=1).encode()


def unseal(path: Path, way_out: str) -> dict:
    """Return what a file of JSON from `seal` holds.

    Raises
    ------
    Damaged
        It is not what was written, with what to do about it.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        intact = content.pop("sha256") == _hash(content)
    except (ValueError, KeyError, TypeError, AttributeError):
        intact = False
    if not intact:
        raise Damaged(
            f"{path} is damaged, or of an earlier version: it does not carry the hash of its content. {way_out}"
        )
    return content


def _hash(content: dict) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
