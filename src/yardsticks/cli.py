"""The command line: each command calls one function of the package and says what came of it.

Imports stand inside the commands, so that ``--help`` answers at once and a command needs only its own extra.
"""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

app = typer.Typer(
    help="Can we trust the yardsticks that say which AI model is most human-like?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # the default mode keeps the line breaks of a docstring's source
)
book = typer.Typer(help="Build the book, and the notebooks stored beside their sources.", no_args_is_help=True)
app.add_typer(book, name="book")

Workers = Annotated[int | None, typer.Option(min=1, help="Notebooks run at the same time.", show_default="one a core")]


@book.command("build")
def build(
    scores: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="FILE",
            help="Your own table of scores, in place of the leaderboard; its format is recognised by content.",
        ),
    ] = None,
    workers: Workers = None,
    out: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            metavar="DIR",
            help="Folder for runs, staged sources and pages.",
            show_default="_build, with --scores _build/own",
        ),
    ] = None,
):
    """Run every notebook that is not up to date and build the book from the results.

    Without --scores the leaderboard is looked for in $YARDSTICKS_DATA, then in the user's cache. Where it is not
    found the synthetic twin stands in, and every page says so. No tracked file is changed.
    """
    from yardsticks import datasets
    from yardsticks.book import build_book
    from yardsticks.notebooks import BuildFailed

    if out and out.exists() and any(out.iterdir()) and not (out / "runs").is_dir():
        raise ValueError(f"--out {out} holds other things, and folders in it would be replaced. Name a new one.")
    default = datasets.ROOT / "_build"
    try:
        index = build_book(
            datasets.ROOT,
            (out or (default / "own" if scores else default)).absolute(),
            {"scores": scores} if scores else {},
            workers,
        )
    except BuildFailed as failure:
        _fail(f"{failure}\n\nNo book was built; pages of an earlier build are unchanged.")
    typer.echo(f"The book is at {_shown(index)}")


@book.command("pairs")
def pairs(workers: Workers = None):
    """Rewrite notebooks/*.ipynb from their text sources, on the real data; for maintainers, before a commit."""
    from yardsticks import datasets
    from yardsticks.notebooks import BuildFailed, write_pairs

    try:
        changed = write_pairs(datasets.ROOT, workers)
    except BuildFailed as failure:
        _fail(f"{failure}\n\nNo stored notebook was changed.")
    typer.echo("\n".join(f"rewritten: {_shown(path)}" for path in changed) or "all stored notebooks were up to date")


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


def main() -> None:
    """Run the command line; what a user can mend is told in words, without a traceback."""
    try:
        app()
    except (ValueError, OSError) as error:
        typer.echo(f"yardsticks: {error}", err=True)
        raise SystemExit(2) from None
