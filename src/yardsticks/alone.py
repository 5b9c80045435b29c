"""One run at a time in a folder, on whatever file system, and whose it is.

The system's lock on the file ``.lock`` ends with the process that holds it, however that ends. Where a file system has
no such locks, the file ``.run``, which says who works there, is the lock; a process that is killed may leave it behind.

That a process lives does not mean that it gets on. What it finishes is put into a folder below (``shards``, ``runs``),
whose time of change the file system keeps: nobody has to write it down, and one that hangs cannot.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_BEAT = 10.0  # seconds between signs of life
_NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)
_NOTE = ".run"


class Occupied(RuntimeError):
    """Another run works in a folder, or seems to; the message says whose, since when, and the way out."""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder as long as this one works in it.

    Raises
    ------
    Occupied
        Another run works in this folder.
    """
    note = folder / _NOTE
    with open(folder / ".lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            note.unlink(missing_ok=True)  # of a run that was killed
        except BlockingIOError:
            raise Occupied(f"another run works in {folder}: wait for it, or stop it. {occupant(folder)}") from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            _give_way(folder)
        stop = threading.Event()
        _write(note)
        beat = threading.Thread(target=_beat, args=(note, stop), daemon=True)
        beat.start()
        try:
            yield
        finally:
            stop.set()
            beat.join()
            note.unlink(missing_ok=True)


def occupant(folder: Path) -> str:
    """Say who works in a folder, since when, when it was last heard of, and since when nothing was finished there.

    Returns
    -------
    str
        "" where nobody says so.
    """
    try:
        note = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
        heard = time.time() - (folder / _NOTE).stat().st_mtime
        who = f"Process {note['process']} on {note['host']} works there since {note['since']}"
        idle = time.time() - max(float(note.get("began", 0)), _last_change(folder))
    except (OSError, ValueError, LookupError, TypeError):
        return ""
    done = f"nothing was finished for {max(idle, 0):,.0f} seconds"
    return f"{who}, last heard of {max(heard, 0):,.0f} seconds ago; {done}."


def _last_change(folder: Path) -> float:
    """Return when something was last put into one of the folders below, or taken from it."""
    with os.scandir(folder) as entries:
        return max((entry.stat().st_mtime for entry in entries if entry.is_dir() and entry.name[0] != "."), default=0.0)


def _give_way(folder: Path) -> None:
    """Where the file system has no locks: refuse to work beside a run that may be alive."""
    note = folder / _NOTE
    if not note.exists() or _is_over(note):
        note.unlink(missing_ok=True)
        return
    raise Occupied(
        f"another run works in {folder}, or was killed there without a trace, as this file system has no locks. "
        f"{occupant(folder)} It is heard of every {_BEAT:.0f} seconds: where that is long ago, make sure that it is "
        f"over, and delete {note}."
    )


def _is_over(note: Path) -> bool:
    """Tell whether the process that left a note was one of this machine, and is no more."""
    with suppress(OSError, ValueError, LookupError, TypeError):
        about = json.loads(note.read_text(encoding="utf-8"))
        if about["host"] == platform.node():
            try:
                os.kill(int(about["process"]), 0)
            except ProcessLookupError:
                return True
    return False


def _write(note: Path) -> None:
    about = {"process": os.getpid(), "host": platform.node(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
    about["began"] = time.time()
    try:
        with open(note, "x", encoding="utf-8") as handle:
            json.dump(about, handle)
    except FileExistsError:
        raise Occupied(f"another run has just begun to work in {note.parent}: wait for it, or stop it.") from None


def _beat(note: Path, stop: threading.Event) -> None:
    while not stop.wait(_BEAT):
        with suppress(OSError):
            os.utime(note)
