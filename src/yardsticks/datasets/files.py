"""Files that are there as a whole or not at all."""

import os
import uuid
from pathlib import Path


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
