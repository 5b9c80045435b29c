"""Fetch a file over HTTP: its hash is checked, no half of it is ever seen, and no failure is waited for twice.

Nothing here knows a data set: `arrivals` says what is fetched, from where and to where.
"""

from __future__ import annotations

import os
import time
import warnings
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from tqdm import TqdmWarning, tqdm

TIMEOUT = (15.0, 30.0)  # seconds to connect, and between two pieces of the answer
SLOWEST = 1000, 60.0  # bytes a second on average, after so many seconds
_CHUNK = 1 << 16  # bytes
_TRIES = 2  # of a transfer that breaks off, or that the server itself calls its failure
# Reason by address, or by host when nothing there answers: a notebook opens several tables of one host, several times.
_failures: dict[str, str] = {}


class DownloadFailed(OSError):
    """A file could not be had; the message says why."""


class _Limited:
    """A file to write to that ends a transfer of more bytes than the file has, or of hardly any."""

    def __init__(self, handle: BinaryIO, most: float):
        self.handle, self.most, self.begun, self.flush = handle, most, time.monotonic(), handle.flush

    def write(self, piece: bytes) -> None:
        self.handle.write(piece)
        n, lasted = self.handle.tell(), time.monotonic() - self.begun
        if n > self.most:
            raise DownloadFailed("the file that is sent is longer than the registered one")
        if lasted > SLOWEST[1] and n < SLOWEST[0] * lasted:
            raise DownloadFailed(f"fewer than {SLOWEST[0]:,} bytes a second come")


def address(url: str) -> str:
    """Return where a file is asked for: at its address, or below ``$YARDSTICKS_MIRROR`` at HOST/PATH of it."""
    mirror = os.environ.get("YARDSTICKS_MIRROR", "").rstrip("/")
    return f"{mirror}/{url.partition('://')[2]}" if mirror else url


def forbidden() -> str:
    """Say that ``$YARDSTICKS_OFFLINE`` forbids downloads (anything but empty, 0, false, no), or return ""."""
    off = os.environ.get("YARDSTICKS_OFFLINE", "").strip().lower() not in ("", "0", "false", "no")
    return "downloads are switched off, YARDSTICKS_OFFLINE is set" if off else ""


def forget() -> None:
    """Forget what failed, so that it is tried again."""
    _failures.clear()


def fetch(url: str, path: Path, known: str, label: str, size: int | None = None) -> None:
    """Download a file, with a progress bar on stderr.

    Parameters
    ----------
    url : str
        Address, http or https.
    path : Path
        Where the file lands, at once and whole, for its owner alone; its folder is made.
    known : str
        The hash it must have, after its kind and a colon (``sha256:``, ``md5:``); "" where none is known.
    label : str
        Name at the progress bar.
    size : int, optional
        Bytes of the file, where known; the transfer of more is ended.

    Raises
    ------
    DownloadFailed
        Downloads are forbidden, the host does not answer, the answer is an error, breaks off, is a web page or has
        another hash, or the file cannot be written; or that happened before in this process. Nothing is left at *path*.
    """
    url = address(url)
    host = urlsplit(url).netloc
    if reason := forbidden() or _failures.get(url) or _failures.get(host):
        raise DownloadFailed(reason)
    for tries_left in reversed(range(_TRIES)):
        place, reason, again = _try(url, host, path, known, label, size)
        if not reason:
            return
        if not (again and tries_left):
            _failures[place] = reason
            raise DownloadFailed(reason)


def _try(url: str, host: str, path: Path, known: str, label: str, size: int | None) -> tuple[str, str, bool]:
    """Try once; return what failed (an address or a host), why ("" if all went well), and if it may go well later."""
    with warnings.catch_warnings():  # a notebook without widgets is told so; this bar needs none
        warnings.filterwarnings("ignore", message="IProgress not found", category=TqdmWarning)
        import pooch
    from requests import exceptions

    pooch.get_logger().setLevel("WARNING")  # it would announce every file beside the bar
    try:
        # pooch takes a bar without a total for no bar
        with tqdm(desc=label, total=size or 1, unit="B", unit_scale=True, leave=False) as bar:
            # without compression on the way, the bar's total is the file's size
            download = pooch.HTTPDownloader(
                progressbar=bar, chunk_size=_CHUNK, timeout=TIMEOUT, headers={"Accept-Encoding": "identity"}
            )

            def download_data(url: str, file: str, pooch: object) -> None:
                with open(file, "w+b") as handle:
                    download(url, _Limited(handle, size or float("inf")), pooch)
                    handle.seek(0)
                    if handle.read(200).lstrip()[:1] == b"<":
                        raise DownloadFailed("a web page came in place of the file; does this network ask for a login?")

            # into a temporary file beside it, moved in place when the hash is right, removed in any other case
            pooch.retrieve(url, known or None, fname=path.name, path=path.parent, downloader=download_data)
    except exceptions.SSLError as error:
        return host, f"the connection to {host} is not safe: {error}", False
    except (exceptions.ConnectionError, exceptions.Timeout) as error:
        return host, f"{host} could not be reached, or did not answer in time ({type(error).__name__})", False
    except exceptions.HTTPError as error:
        code = error.response.status_code
        return url, f"{host} answered {code} {error.response.reason} for {url}", code >= 500
    except exceptions.TooManyRedirects:
        return url, f"{url} leads from one address to another without end", False
    except exceptions.RequestException:
        return url, f"the transfer of {url} broke off", True
    except DownloadFailed as error:
        return url, f"{url}: {error}", False
    except ValueError:  # before pooch moves anything
        return url, f"what {host} sent is not the registered file (wrong hash), and was not kept", False
    except OSError as error:
        if not error.errno:  # requests has one for a file of certificates that is not there
            return host, str(error), False
        return url, f"{path.parent} cannot be written: {error.strerror}", False
    return "", "", False
