"""How the command line says things: tables, files, paths, failures."""

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    import pandas as pd


def write(frame: "pd.DataFrame", out: Path) -> None:
    """Write a CSV with every digit, whole or not at all."""
    import os

    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        frame.to_csv(partial, index=False)
        os.replace(partial, out)
    finally:
        partial.unlink(missing_ok=True)


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


def fail(message: str) -> NoReturn:
    """Say what went wrong and end with exit code 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)
