"""Options that several commands share: how a table lies; whose workers are used, and how these are reached."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from yardsticks.workers import Certificates

ModelColumn = Annotated[str, typer.Option(metavar="NAME", help="The column that names the models.")]
Transpose = Annotated[bool, typer.Option("--transpose", help="The table has metrics in rows, models in columns.")]

Scheduler = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="A dask scheduler that is running, tls://host:8786 say.")
]
_FILE = {"metavar": "FILE.pem", "exists": True, "dir_okay": False}
Authority = Annotated[
    Path | None, typer.Option("--tls-ca-file", help="With --scheduler tls://...: who signs its certificates.", **_FILE)
]
Certificate = Annotated[Path | None, typer.Option("--tls-cert", help="The certificate to show there.", **_FILE)]
Key = Annotated[Path | None, typer.Option("--tls-key", help="The key of that certificate.", **_FILE)]
Dashboard = Annotated[
    str,
    typer.Option(
        metavar="[HOST]:PORT",
        help="Where dask's dashboard listens, for workers started here; :8787 lets everybody on the network look.",
    ),
]
LOOPBACK = "localhost:0"  # a free port, for this machine alone

WEEK, HOURS = 7 * 86_400, 3 * 3_600  # seconds: a job of the largest study takes a day, a cell of a chapter minutes
JobTimeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        min=0,
        metavar="SECONDS",
        help="What a job may take; one that takes longer fails. 0 sets no limit.",
        show_default="604800, a week",
    ),
]
CellTimeout = Annotated[
    int,
    typer.Option(
        "--timeout",
        min=0,
        metavar="SECONDS",
        help="What a cell of a notebook may take; one that takes longer fails. 0 sets no limit.",
        show_default="10800, three hours",
    ),
]


def certificates(ca_file: Path | None, cert: Path | None, key: Path | None) -> "Certificates | None":
    """Return the three files together, or None where none is named."""
    from yardsticks.workers import Certificates

    files = (ca_file, cert, key)
    if not any(files):
        return None
    if not all(files):
        raise ValueError("--tls-ca-file, --tls-cert and --tls-key belong together: give all three.")
    return Certificates(*files)
