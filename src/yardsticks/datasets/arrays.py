"""Arrays in .npy and .npz files: what a header promises is held against the file before memory is taken for it."""

from __future__ import annotations

import math
import os
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import IO

import numpy as np

LARGEST = 2_000_000_000  # bytes that a packed archive may unpack to: features of THINGS are 15 million
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    OSError,
)
_NO_HEADER = (ValueError, KeyError, TypeError, SyntaxError, tokenize.TokenError, RecursionError, MemoryError, EOFError)


def load_array(path: Path, *, mapped: bool = False) -> np.ndarray:
    """Read a .npy file of plain values.

    Parameters
    ----------
    path : Path
    mapped : bool
        Leave the values on the disk, mapped into memory.

    Raises
    ------
    ValueError
        It is none, holds objects (reading them would run code), or is not as long as its header says.
    OSError
        There is no such file, or it may not be read.
    """
    with open(path, "rb") as handle:
        _check_header(handle, os.fstat(handle.fileno()).st_size)
    return np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)


def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read all arrays of a .npz file, by name.

    Raises
    ------
    ValueError
        It is none, is damaged, holds objects (reading them would run code), or would take more than `LARGEST` bytes.
    OSError
        There is no such file, or it may not be read.
    """
    with open(path, "rb") as handle:  # a file that cannot be opened is none that is damaged
        try:
            with zipfile.ZipFile(handle) as archive:
                entries = archive.infolist()
                check_unpacked(entries)
                for entry in entries:
                    with archive.open(entry) as stream:
                        _check_header(stream, entry.file_size)
            handle.seek(0)
            with np.load(handle, allow_pickle=False) as file:
                return {name: np.asarray(file[name]) for name in file.files}
        except _BROKEN as error:
            raise ValueError(f"this is no archive of plain numpy arrays, or it is damaged ({error})") from error


def check_unpacked(entries: list[zipfile.ZipInfo]) -> None:
    """Raise a ValueError where what a ZIP holds would take more than `LARGEST` bytes; no more is ever unpacked."""
    size = sum(entry.file_size for entry in entries)
    if size > LARGEST:
        raise ValueError(f"unpacked it would take {size / 1e9:,.1f} GB, more than {LARGEST / 1e9:.0f} GB")


def _check_header(stream: IO[bytes], size: int) -> None:
    """Compare the shape and type that an array's header names with the bytes that there are."""
    try:
        version = np.lib.format.read_magic(stream)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, _, dtype = read(stream)
    except _NO_HEADER as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise ValueError(f"this is no array of plain numbers as numpy writes it ({said})") from error
    if dtype.hasobject:
        raise ValueError("it holds pickled objects, and reading them would run whatever code they hold")
    promised = stream.tell() + math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or promised != size:
        raise ValueError(f"its header says {shape} of {dtype}, {promised:,} bytes with it, and there are {size:,}")
