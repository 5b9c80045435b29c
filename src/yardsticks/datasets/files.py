"""Files that are there as a whole or not at all."""

import errno
import os
import shutil
import uuid
from pathlib import Path


def write_whole(path: Path, content) -> None:
    """Write a file that is there as a whole or not at all, even if the power fails.

    What another file stands for is not replaced by a plain file: a link is followed, a pipe or a device written to, and
    a file that there is keeps its permissions.
    """
    if path.exists() and not path.is_file():
        with open(path, "wb") as handle:  # a folder is refused here
            handle.write(content)
        return
    path = Path(os.path.realpath(path))
    if path.is_symlink():  # links that lead in a circle
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    # folders are shared by machines, on which processes have the same numbers
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}.partial")
    try:
        with open(partial, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        if path.exists():
            shutil.copymode(path, partial)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
