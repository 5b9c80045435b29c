"""Fetch a file over HTTP: its hash is checked, no half of it is ever seen, and no failure is waited for twice.

Nothing here knows a data set: `datasets` says what is fetched, from where and to where.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from urllib.parse import urlsplit

from tqdm import TqdmWarning, tqdm

TIMEOUT = (15.0, 30.0)  # seconds to connect, and between two pieces of the answer
_CHUNK = 1 << 16  # bytes
# Reason by address, or by host when nothing there answers: a notebook opens several tables of one host, several times.
_failures: dict[str, str] = {}


class DownloadFailed(OSError):
    """A file could not be had; the message says why."""


def why_not(url: str) -> str:
    """Say why a download would not even be tried, or return "" when it would.

    Downloads are forbidden by ``$YARDSTICKS_OFFLINE`` (anything but empty, 0, false, no), and what failed in this
    process is not tried again before `forget`.
    """
    if os.environ.get("YARDSTICKS_OFFLINE", "").strip().lower() not in ("", "0", "false", "no"):
        return "downloads are switched off, YARDSTICKS_OFFLINE is set"
    return _failures.get(url) or _failures.get(urlsplit(url).netloc, "")


def forget() -> None:
    """Forget what failed, so that it is tried again."""
    _failures.clear()


def fetch(url: str, path: Path, sha256: str, label: str, size: int | None = None) -> None:
    """Download a file, with a progress bar on stderr.

    Parameters
    ----------
    url : str
        Address, http or https.
    path : Path
        Where the file lands, at once and whole; its folder is made.
    sha256 : str
        The hash it must have.
    label : str
        Name at the progress bar.
    size : int, optional
        Bytes expected, shown at the progress bar until the server says how many there are.

    Raises
    ------
    DownloadFailed
        Downloads are forbidden, the host does not answer, the answer is an error, breaks off or has another hash, or
        the file cannot be written. Nothing is left at *path*.
    """
    if reason := why_not(url):
        raise DownloadFailed(reason)
    with warnings.catch_warnings():  # a notebook without widgets is told so; this bar needs none
        warnings.filterwarnings("ignore", message="IProgress not found", category=TqdmWarning)
        import pooch
    from requests import exceptions

    pooch.get_logger().setLevel("WARNING")  # it would announce every file beside the bar
    host = urlsplit(url).netloc
    try:
        # pooch takes a bar without a total for no bar
        with tqdm(desc=label, total=size or 1, unit="B", unit_scale=True, leave=False) as bar:
            # without compression on the way, the bar's total is the file's size
            downloader = pooch.HTTPDownloader(
                progressbar=bar, chunk_size=_CHUNK, timeout=TIMEOUT, headers={"Accept-Encoding": "identity"}
            )
            # into a temporary file beside it, moved in place when the hash is right, removed in any other case
            pooch.retrieve(url, f"sha256:{sha256}", fname=path.name, path=path.parent, downloader=downloader)
        path.chmod(0o644)  # temporary files are their owner's alone, and a cache may be shared
    except (exceptions.ConnectionError, exceptions.Timeout) as error:
        _failures[host] = f"{host} could not be reached, or did not answer in time ({type(error).__name__})"
        raise DownloadFailed(_failures[host]) from error
    except exceptions.HTTPError as error:
        _failures[url] = f"{host} answered {error.response.status_code} {error.response.reason} for {url}"
        raise DownloadFailed(_failures[url]) from error
    except exceptions.RequestException as error:
        _failures[url] = f"the transfer of {url} broke off"
        raise DownloadFailed(_failures[url]) from error
    except ValueError as error:  # before pooch moves anything
        _failures[url] = f"what {host} sent is not the registered file (wrong hash), and was not kept"
        raise DownloadFailed(_failures[url]) from error
    except OSError as error:
        _failures[url] = f"{path.parent} cannot be written: {error.strerror or error}"
        raise DownloadFailed(_failures[url]) from error
