"""From a file to its text: what may be opened, what is unpacked and how far, and in which encoding it is.

Whatever stands in the way is said with where it is and the way out.
"""

from __future__ import annotations

import gzip
import io
import lzma
import os
import struct
import zipfile
import zlib
from pathlib import Path

from yardsticks.scores.reading.names import clean

# how files begin that are no text, and what people call them
_OTHERS = {
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by Zstandard",
    b"7z\xbc\xaf": "packed by 7-Zip",
    b"Rar!": "packed by RAR",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls)",
    b"PAR1": "a parquet file",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "an array of numpy's",
    b"%PDF": "a PDF",
}
LARGEST = 200_000_000  # bytes, packed or unpacked: some fifty times the whole leaderboard
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, RuntimeError, ValueError)
_RE_SAVE = "Save it as CSV in UTF-8 (spreadsheets offer 'CSV UTF-8')."


def shown(value: object) -> str:
    """Quote a value from a file for an error message: on one line, and cut when long."""
    text = str(value)
    return repr(text if len(text) <= 60 else text[:57] + "...")


def read_text(path: Path) -> str:
    """Read a text file, packed by gzip or as the site's ZIP, or plain; what looks the same in it is made the same.

    Raises
    ------
    ValueError
        It is damaged, larger than `LARGEST`, or no text in UTF-8.
    OSError
        There is no such file, it is a folder, or it may not be read.
    """
    return clean(_decode(_unpack(_load(path))))


def _load(path: Path) -> bytes:
    """Read the bytes of a file; whatever stands in the way is said with the way out."""
    if not path.exists():
        raise FileNotFoundError(f"{str(path)!r}: there is no such file. Check the path.")
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder. Name the file in it that holds the scores.")
    if not path.is_file():
        raise ValueError("it is a device or a pipe. Save its content to a file first.")
    if not os.access(path, os.R_OK):
        raise PermissionError(f"{str(path)!r} may not be read by you. Change its permissions (chmod u+r), or copy it.")
    if path.stat().st_size > LARGEST:
        raise ValueError(f"it is larger than {_megabytes()}. No table of scores is: name the right file.")
    return path.read_bytes()


def _unpack(content: bytes) -> bytes:
    """Unpack gzip and the site's ZIP, never more than `LARGEST` bytes of it."""
    if content.startswith(b"\x1f\x8b"):
        try:
            with gzip.open(io.BytesIO(content)) as stream:
                content = stream.read(LARGEST + 1)
        except _DAMAGED as error:
            raise ValueError(f"the gzip is cut off or damaged ({error}). Download it again.") from error
    elif other := next((name for start, name in _OTHERS.items() if content.startswith(start)), ""):
        raise ValueError(
            f"this is {other}, and no text. "
            + ("Unpack it; only gzip and the site's ZIP are." if "packed" in other else _RE_SAVE)
        )
    elif content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        content = _from_zip(content)
    if len(content) > LARGEST:
        raise ValueError(f"unpacked it is larger than {_megabytes()}. No table of scores is: name the right file.")
    return content


def _from_zip(content: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            found = [name for name in names if name.lower().rsplit("/", 1)[-1] == "leaderboard.csv"]
            if len(found) == 1:
                with archive.open(found[0]) as stream:
                    return stream.read(LARGEST + 1)
    except _DAMAGED as error:
        raise ValueError(f"the ZIP is cut off, damaged or locked ({error}). Download it again.") from error
    if "xl/workbook.xml" in names:
        raise ValueError(f"this is an Excel workbook. {_RE_SAVE}")
    raise ValueError(
        f"the ZIP holds {len(found) or 'no'} files leaderboard.csv (the site's export has one) among its {len(names)}: "
        f"{', '.join(map(shown, names[:3]))}{' ...' if len(names) > 3 else ''}. Unpack it and name the file to read."
    )


def _megabytes() -> str:
    return f"{LARGEST / 1e6:.0f} MB"


def _decode(content: bytes) -> str:
    """Text of UTF-8, or of UTF-16 where a byte order mark says so (Excel's 'Unicode text')."""
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start
        raise ValueError(
            f"row {content.count(10, 0, at) + 1}, byte {at + 1} of the file: 0x{content[at]:02x} is no "
            f"{'UTF-16' if utf16 else 'UTF-8'} there. The file is in another encoding (such as Latin-1), or no text at "
            f"all. {_RE_SAVE}"
        ) from error
    at = text.find("\0")
    if at >= 0:
        raise ValueError(
            f"row {text.count(chr(10), 0, at) + 1}, byte {len(text[:at].encode()) + 1} of the file is NUL. The file is "
            f"in UTF-16 without a byte order mark, or no text at all. {_RE_SAVE}"
        )
    return text
