"""Commands of the book: build it, from the leaderboard or from a user's table, and rewrite the stored notebooks."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from yardsticks.cli.options import HOURS, CellTimeout, ModelColumn, Transpose
from yardsticks.cli.output import fail, may_be_stopped, needs, shown

app = typer.Typer(help="Build the book, and the notebooks stored beside their sources.", no_args_is_help=True)

Workers = Annotated[int | None, typer.Option(min=1, help="Notebooks run at the same time.", show_default="one a core")]


@app.command("build")
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
            "Brain-Score's, in the columns metric and area; in a column better, lower or higher.",
        ),
    ] = None,
    metrics: Annotated[
        Literal["paper", "all"] | None,
        typer.Option(
            help="With --scores: the paper's metrics that the file has, or all of the file.",
            show_default="paper where the file has half of them",
        ),
    ] = None,
    model_column: ModelColumn = "",
    transpose: Transpose = False,
    workers: Workers = None,
    timeout: CellTimeout = HOURS,
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
    from yardsticks.book.own import build_own_book
    from yardsticks.book.stage import build_book
    from yardsticks.literal import in_path
    from yardsticks.notebooks.run import BuildFailed

    if not scores and (catalogue or metrics or model_column or transpose):
        raise ValueError(
            "--catalogue, --metrics, --model-column and --transpose are about a table of your own: name it with "
            "--scores."
        )
    root = datasets.project_folder()
    needs("jupyter_book", "papermill", "jupytext")
    try:
        if scores:
            folder = (out or root / "_build" / "own" / in_path(scores.stem)).absolute()
            asked = {"catalogue": catalogue, "metrics": metrics, "model_column": model_column, "transpose": transpose}
            asked |= {"workers": workers, "timeout": timeout or None}
            with may_be_stopped():
                index, lacking = build_own_book(root, folder, scores, **asked)
            for row in lacking.itertuples():
                typer.echo(f"not shown: {row.chapter}, {row.part} ({row.what}): {row.why}")
        else:
            _show_terms()
            with may_be_stopped(), datasets.settled() as missing:
                if missing:
                    typer.echo(f"{missing}\nSynthetic data stand in where they are used.", err=True)
                index = build_book(root, (out or root / "_build").absolute(), workers, timeout=timeout or None)
    except BuildFailed as failure:
        fail(f"{failure}\n\nNo book was built; pages of an earlier build are unchanged.")
    typer.echo(f"The book is at {shown(index)}")


@app.command("pairs")
def pairs(workers: Workers = None, timeout: CellTimeout = HOURS):
    """Rewrite notebooks/*.ipynb from their text sources, on the real data; for maintainers, before a commit."""
    from yardsticks import datasets
    from yardsticks.notebooks.pairs import write_pairs
    from yardsticks.notebooks.run import BuildFailed

    root = datasets.project_folder()
    needs("papermill", "jupytext")
    _show_terms()
    try:
        with datasets.settled() as missing:
            if missing:
                typer.echo(missing, err=True)
            changed = write_pairs(root, workers, timeout=timeout or None)
    except BuildFailed as failure:
        fail(f"{failure}\n\nNo stored notebook was changed.")
    typer.echo("\n".join(f"rewritten: {shown(path)}" for path in changed) or "all stored notebooks were up to date")


def _show_terms() -> None:
    """Show the accepted terms of what is about to be downloaded; the others are told with what does not come."""
    from yardsticks import datasets

    for terms, needed_by in datasets.terms(datasets.REGISTRY | datasets.TOY).items():
        if datasets.is_accepted(terms):
            typer.echo(datasets.say_terms(terms, needed_by), err=True)
