"""How the command line says things: tables, files, paths, failures."""

import importlib.util
from collections.abc import Iterator
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


def write(frame: "pd.DataFrame", out: Path) -> None:
    """Write a table with every digit, as parquet or else as CSV by the file's suffix; whole or not at all."""
    from yardsticks.datasets.files import write_whole

    parquet = out.suffix == ".parquet"
    write_whole(out, frame.to_parquet(index=False) if parquet else frame.to_csv(index=False).encode())


def print_table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
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
