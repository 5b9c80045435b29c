"""How the command line says things: tables, files, paths, failures."""

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

# which extra brings the modules that the core does without; not all of them are named in pyproject.toml
EXTRAS = {
    "recovery": ("torch", "pyarrow"),
    "cluster": ("dask", "distributed", "dask_jobqueue", "bokeh"),
    "book": ("jupyter_book", "jupytext", "papermill", "ipykernel", "IPython", "nbformat", "myst_nb", "yaml"),
}

if TYPE_CHECKING:
    import pandas as pd


FORMATS = (".csv", ".tsv", ".parquet")
PACKED = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma"}  # text that is compressed, and the module that does it
FIGURES = (".png", ".svg", ".pdf")
SCREEN = Path("-")


def for_tables(*formats: str, option: str = "--out") -> Callable[[Path | None], Path | None]:
    """Return what checks an --out before anything is computed: its suffix says which format is written.

    Parameters
    ----------
    *formats : str
        Those that the command writes; by default all of `FORMATS`. Text may be compressed, and is CSV where there is no
        suffix: a pipe or a device mostly has none.
    option : str
        What the option is called.
    """
    formats = formats or FORMATS

    def check(out: Path | None) -> Path | None:
        if out is None or (out == SCREEN and ".csv" in formats):
            return out
        if not out.absolute().parent.is_dir():
            raise ValueError(f"{option} {out}: there is no folder {out.parent}. Create it, or name another.")
        kind, packed = _format(out)
        if kind not in formats or (packed and kind not in (".csv", ".tsv")):
            there = ", ".join(formats) + (f", and text with {', '.join(PACKED)} behind" if ".csv" in formats else "")
            suffix = "".join(out.suffixes[-2:] if packed else out.suffixes[-1:]) or "no suffix"
            raise ValueError(f"{option} {out}: {suffix} is no format that this command writes. It writes {there}.")
        if kind == ".parquet":
            needs("pyarrow")
        return out

    return check


def write(frame: "pd.DataFrame", out: Path | None, *, short: "pd.DataFrame | None" = None) -> None:
    """Write a table with every digit: to a file, in the format of its suffix, whole or not at all; to stdout as CSV.

    Without a file a terminal gets it laid out, with four digits; those rows and columns alone that are in `short`.
    """
    import sys
    from importlib import import_module

    from yardsticks.datasets.files import write_whole

    if out is None and sys.stdout.isatty():
        short = frame if short is None else short
        cells = [[_cell(value) for value in row] for row in short.itertuples(index=False)]
        print_table(tuple(map(str, short.columns)), cells)
        if len(short) < len(frame):
            typer.echo(f"{len(short)} of {len(frame):,} rows are shown; --out FILE writes all.", err=True)
        return
    if out is None or out == SCREEN:
        typer.echo(frame.to_csv(index=False), nl=False)
        return
    kind, packed = _format(out)
    if kind == ".parquet":
        content = frame.to_parquet(index=False)
    else:
        content = frame.to_csv(index=False, sep="\t" if kind == ".tsv" else ",").encode()
    if packed:
        options = {"mtime": 0} if packed == ".gz" else {}  # the same table gives the same bytes
        content = import_module(PACKED[packed]).compress(content, **options)
    write_whole(out, content)


def written(out: Path | None, plot: Path | None = None) -> str:
    """Say where a table and its figure were written; "" of what was shown or not asked for."""
    table = "" if out is None or out == SCREEN else f", written to {shown(out.absolute())}"
    return table + (f", drawn to {shown(plot.absolute())}" if plot else "")


def beside(out: Path | None) -> dict[str, bool]:
    """Return where what is said about a table goes, for `typer.echo`: to stderr where the table itself is on stdout."""
    return {"err": out is None or out == SCREEN}


def is_parquet(out: Path | None) -> bool:
    """Tell whether a table will have types, which text has not."""
    return out is not None and _format(out)[0] == ".parquet"


def _format(out: Path) -> tuple[str, str]:
    """Return the format of a table and how it is compressed, by the suffixes of its file, in small letters."""
    suffixes = [suffix.lower() for suffix in out.suffixes]
    packed = suffixes.pop() if suffixes and suffixes[-1] in PACKED else ""
    return (suffixes[-1] if suffixes else ".csv"), packed


def _cell(value: object) -> str:
    import pandas as pd

    return "" if pd.isna(value) else f"{value:.4g}" if isinstance(value, float) else str(value)


def print_table(header: tuple[str, ...], rows: Sequence[Sequence[str]]) -> None:
    """Write a table to stdout, separated by tabs when that is not a terminal."""
    import sys

    if not sys.stdout.isatty():
        typer.echo("\n".join("\t".join(row) for row in (header, *rows)))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    laid_out = Table(box=box.SIMPLE)
    for number, title in enumerate(header):
        laid_out.add_column(title, no_wrap=number == 0, overflow="fold")  # names and paths are shown whole
    for row in rows:
        laid_out.add_row(*row)
    Console(markup=False, highlight=False).print(laid_out)


def shown(path: Path) -> Path:
    """Shorten a path for people: from here, where it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def duration(seconds: float) -> str:
    """Say how long something takes, in the unit that people would take."""
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds:.0f} seconds"


def needs(*modules: str) -> None:
    """Raise what importing the modules would, without the time that this takes; `what_to_install` says what to do."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise ModuleNotFoundError(name=module)


def what_to_install(error: ModuleNotFoundError) -> str:
    """Say which extra brings a module that is missing; "" of one that is not ours to bring."""
    missing = (error.name or "").partition(".")[0]
    extra = next((extra for extra, modules in EXTRAS.items() if missing in modules), "")
    return extra and f"this takes {missing}, which is not installed: `pip install 'yardsticks[{extra}]'`."


def fail(message: str) -> NoReturn:
    """Say what went wrong and end with exit code 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)


@contextmanager
def may_be_stopped() -> Iterator[None]:
    """Tell whoever stops the work inside, by Ctrl-C or SIGTERM as queues do, that it can be gone on with."""
    import signal

    def stop(number, frame):
        signal.signal(number, signal.SIG_IGN)  # once: what is finished is being written
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        fail("\nInterrupted. What was finished is written; run the same command again to go on.")
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def in_words() -> Iterator[None]:
    """Say without a traceback why a run cannot begin or go on: its folder, its code, its workers."""
    try:
        yield
    except typer.Exit:  # a RuntimeError too
        raise
    except RuntimeError as error:
        fail(f"yardsticks: {error}")
