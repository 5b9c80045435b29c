"""The command line: each command calls one function of the package and says what came of it.

Imports stand inside the commands, so that ``--help`` answers at once and a command needs only its own extra.
"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from yardsticks.cli import recovery, scores, sweep
from yardsticks.cli.output import fail, print_table, shown

app = typer.Typer(
    help="Can we trust the yardsticks that say which AI model is most human-like?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # the default mode keeps the line breaks of a docstring's source
)
book = typer.Typer(help="Build the book, and the notebooks stored beside their sources.", no_args_is_help=True)
app.add_typer(book, name="book")
data = typer.Typer(help="See, download and check the data sets.", no_args_is_help=True)
app.add_typer(data, name="data")
app.command("consistency")(scores.consistency)
app.command("integrate")(scores.integrate)
app.add_typer(recovery.app, name="recovery")
app.add_typer(sweep.app, name="sweep")

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
    catalogue: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="CSV",
            help="With --scores: the areas (V1, V2, V4, IT, behaviour, engineering) of metrics that are not "
            "Brain-Score's, in the columns metric and area.",
        ),
    ] = None,
    metrics: Annotated[
        Literal["paper", "all"] | None,
        typer.Option(
            help="With --scores: the paper's metrics that the file has, or all of the file.",
            show_default="paper where the file has half of them",
        ),
    ] = None,
    workers: Workers = None,
    out: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            metavar="DIR",
            help="Folder for runs, staged sources and pages.",
            show_default="_build, with --scores _build/own/FILE",
        ),
    ] = None,
):
    """Run every notebook that is not up to date and build the book from the results.

    Without --scores the leaderboard is looked for in $YARDSTICKS_DATA, then in the user's cache, and downloaded if
    it is in neither. Where that fails the synthetic twin stands in, and every page says so. No tracked file is changed.

    With --scores the chapters of the first wing are built on your file, as a book of its own. What the file cannot show
    is listed here and on its first page, and each page says so in that place.

    Example: `yardsticks book build --scores my_export.csv`
    """
    from yardsticks import datasets
    from yardsticks.book import build_book
    from yardsticks.notebooks import BuildFailed
    from yardsticks.own_book import build_own_book

    if not scores and (catalogue or metrics):
        raise ValueError("--catalogue and --metrics are about a table of your own: name it with --scores.")
    default = datasets.ROOT / "_build"
    try:
        if scores:
            folder = (out or default / "own" / scores.stem).absolute()
            index, lacking = build_own_book(
                datasets.ROOT, folder, scores, catalogue=catalogue, metrics=metrics, workers=workers
            )
            for row in lacking.itertuples():
                typer.echo(f"not shown: {row.chapter}, {row.part} ({row.what}): {row.why}")
        else:
            with datasets.settled() as missing:
                if missing:
                    typer.echo(f"{missing}\nSynthetic data stand in where they are used.", err=True)
                index = build_book(datasets.ROOT, (out or default).absolute(), workers)
    except BuildFailed as failure:
        fail(f"{failure}\n\nNo book was built; pages of an earlier build are unchanged.")
    typer.echo(f"The book is at {shown(index)}")


@book.command("pairs")
def pairs(workers: Workers = None):
    """Rewrite notebooks/*.ipynb from their text sources, on the real data; for maintainers, before a commit."""
    from yardsticks import datasets
    from yardsticks.notebooks import BuildFailed, write_pairs

    try:
        with datasets.settled() as missing:
            if missing:
                typer.echo(missing, err=True)
            changed = write_pairs(datasets.ROOT, workers)
    except BuildFailed as failure:
        fail(f"{failure}\n\nNo stored notebook was changed.")
    typer.echo("\n".join(f"rewritten: {shown(path)}" for path in changed) or "all stored notebooks were up to date")


@data.command("list")
def list_data():
    """Show every data set: whether it is on this machine and where, its size and its licence.

    When the output is not a terminal, the columns are separated by tabs. Instructions follow below the table for
    what cannot be downloaded.
    """
    from yardsticks import datasets

    rows = []
    for entry in datasets.registered().values():
        size = f"{entry.size:,} B" if entry.size else "unknown"
        rows.append((entry.name, entry.title, _state(entry.name), size, entry.licence))
    print_table(("name", "title", "here", "size", "licence"), rows)
    for entry in datasets.registered().values():
        if entry.instructions and not datasets.present(entry.name):
            typer.echo(f"\n{entry.name}: {datasets.how_to_get(entry.name)}")


@data.command("path")
def path_of(name: Annotated[str, typer.Argument(help="Name of a data set, see `yardsticks data list`.")]):
    """Print where a data set lies on this machine; nothing is downloaded."""
    from yardsticks import datasets

    path = datasets.find(name)
    if path is None:
        raise FileNotFoundError(f"{name} is not on this machine. {datasets.how_to_get(name)}")
    datasets.check(name, path)
    typer.echo(path)


@data.command("pull")
def pull(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Data sets, by default all.", show_default=False)
    ] = None,
):
    """Download the data sets that are missing into the user's cache, and check their hashes.

    A file with another hash is refused and not kept. YARDSTICKS_CACHE names another folder than the system's usual
    one; YARDSTICKS_OFFLINE=1 forbids every download.
    """
    from yardsticks import datasets

    try:
        found = datasets.pull(names or ())
    except datasets.DownloadFailed as failure:
        fail(str(failure))
    for name, path in found.items():
        typer.echo(f"{name}\t{path}")


@data.command("verify")
def verify():
    """Compare the hash of every data set on this machine with the registered one; exit code 1 if one differs."""
    from yardsticks import datasets

    rows, wrong = [], []
    for name, entry in datasets.registered().items():
        for path in datasets.present(name):
            try:
                datasets.check(name, path)
                rows.append((name, "correct" if entry.sha256 else "no hash is known", str(path)))
            except ValueError as error:
                rows.append((name, "WRONG", str(path)))
                wrong.append(str(error))
    print_table(("name", "hash", "file"), rows)
    if wrong:
        fail("\n".join(wrong))


def _state(name: str) -> str:
    from yardsticks import datasets

    path = datasets.find(name)
    if path is None:
        return "missing"
    try:
        datasets.check(name, path)
    except ValueError:
        return f"wrong hash: {path}"
    return f"real: {path}"


def main() -> None:
    """Run the command line; what a user can mend is told in words, without a traceback."""
    try:
        app()
    except (ValueError, OSError) as error:
        typer.echo(f"yardsticks: {error}", err=True)
        raise SystemExit(2) from None
