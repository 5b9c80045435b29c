"""The command line: each command calls one function of the package and says what came of it.

Imports stand inside the commands, so that ``--help`` answers at once and a command needs only its own extra.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

if TYPE_CHECKING:
    import pandas as pd

    from yardsticks.scores.table import ScoreTable

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

    Without --scores the leaderboard is looked for in $YARDSTICKS_DATA, then in the user's cache, and downloaded if
    it is in neither. Where that fails the synthetic twin stands in, and every page says so. No tracked file is changed.
    """
    from yardsticks import datasets
    from yardsticks.book import build_book
    from yardsticks.notebooks import BuildFailed

    if out and out.exists() and any(out.iterdir()) and not (out / "runs").is_dir():
        raise ValueError(f"--out {out} holds other things, and folders in it would be replaced. Name a new one.")
    default = datasets.ROOT / "_build"
    try:
        with datasets.settled() as missing:
            if missing:
                typer.echo(f"{missing}\nSynthetic data stand in where they are used.", err=True)
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
        with datasets.settled() as missing:
            if missing:
                typer.echo(missing, err=True)
            changed = write_pairs(datasets.ROOT, workers)
    except BuildFailed as failure:
        _fail(f"{failure}\n\nNo stored notebook was changed.")
    typer.echo("\n".join(f"rewritten: {_shown(path)}" for path in changed) or "all stored notebooks were up to date")


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
    _table(("name", "title", "here", "size", "licence"), rows)
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
        _fail(str(failure))
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
    _table(("name", "hash", "file"), rows)
    if wrong:
        _fail("\n".join(wrong))


Scores = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        show_default=False,
        help="A table of scores, its format recognised by content: the leaderboard site's ZIP, CSV or snapshot JSON, "
        "or any wide or long table. Or the name of a registered one, see `yardsticks data list`.",
    ),
]
Metrics = Annotated[
    str,
    typer.Option(
        metavar="paper|all|NAME,...",
        help="The paper's metrics that the file has (without Kar2019-ost), all of the file, or those named.",
    ),
]
Out = Annotated[Path, typer.Option(metavar="CSV", dir_okay=False, help="File to write, whole or not at all.")]


@app.command("consistency")
def consistency(
    file: Scores,
    policy: Annotated[
        Literal["complete", "pairwise"],
        typer.Option(help="Use the models that have every metric, or for each pair those that have both."),
    ],
    out: Out,
    metrics: Metrics = "all",
    method: Annotated[
        Literal["spearman", "kendall", "pearson"],
        typer.Option(metavar="METHOD", help="Measure of agreement: spearman, kendall (tau-b) or pearson."),
    ] = "spearman",
    correction: Annotated[
        Literal["bonferroni", "holm", "fdr_bh", "none"],
        typer.Option(
            metavar="METHOD",
            help="How p values are adjusted for the number of pairs: bonferroni, holm, fdr_bh (Benjamini-Hochberg) or "
            "none.",
        ),
    ] = "bonferroni",
):
    """Correlate every pair of metrics over models: do they agree about which model is the better one?

    Example: `yardsticks consistency leaderboard.csv --policy pairwise --out corr.csv`

    The CSV has a row for each pair: metric_a and metric_b; n, the models that the coefficient rests on; rho, the
    coefficient in [-1, 1], whatever the method (1: both order all models alike); p, two-sided; p_adjusted, after the
    correction, to be compared with alpha itself. rho and p are empty where fewer than 3 models have both metrics or
    all of them score the same.

    What is left out on reading, such as the site's averages, is said on stderr.
    """
    from yardsticks.scores.consistency import consistency, pair_table

    table = _open(file, metrics, out)
    if table.values.shape[1] < 2:
        raise ValueError(
            f"{table.origin.name}: a pair needs 2 metrics, and --metrics {metrics} leaves {table.values.shape[1]}. Use "
            "--metrics all, or a file with more metrics."
        )
    n_models = len(table.values.dropna(how="any" if policy == "complete" else "all"))
    if n_models < 3:
        counts = table.values.count()
        raise ValueError(
            f"{table.origin.name}: a correlation needs 3 models, and {n_models} of {len(table.values)} have "
            f"{'every one of' if policy == 'complete' else 'scores under'} the {len(counts)} metrics (fewest have "
            f"{counts.idxmin()}: {counts.min()}). Use --policy pairwise, or name fewer metrics with --metrics."
        )
    pairs = pair_table(consistency(table, policy=policy, method=method), correction=correction)
    _write(pairs, out)
    without = pairs["rho"].isna().sum()
    _report(
        table,
        f"{n_models} models, {len(pairs)} pairs of {len(table.metrics)} metrics, mean rho "
        f"{pairs['rho'].mean():.3f}{f' ({without} pairs have none)' if without else ''}, written to {_shown(out)}",
    )


@app.command("integrate")
def integrate(
    file: Scores,
    scheme: Annotated[
        Literal["mean", "z", "rank"],
        typer.Option(help="Average the scores, the scores z-transformed over models, or the models' ranks."),
    ],
    policy: Annotated[
        Literal["complete", "zero", "available"],
        typer.Option(
            help="What a missing score does: its model is not ranked, it counts as 0 (Brain-Score's rule), or it is "
            "left out of the average."
        ),
    ],
    out: Out,
    over: Annotated[
        Literal["domains", "areas", "metrics"],
        typer.Option(help="What is averaged: the neural and the behavioural score, the five areas, or the metrics."),
    ] = "domains",
    metrics: Metrics = "all",
):
    """Rank the models by all their scores together.

    Example: `yardsticks integrate leaderboard.csv --scheme rank --policy complete --out ranking.csv`

    The CSV has a row for each model, the best first: model_id and model_name; neural, the mean of V1, V2, V4 and IT,
    and behaviour, both averaged along Brain-Score's tree; score, what the scheme makes of them (higher is more
    aligned under every scheme); rank (1 is best, ties share the better rank).

    Metrics that are not in Brain-Score's tree belong to no area and are not ranked by. What is left out on reading is
    said on stderr.
    """
    from yardsticks.scores.integration import integrate

    table = _open(file, metrics, out)
    ranking = integrate(table, scheme=scheme, policy=policy, over=over).reset_index()
    if ranking.empty:
        raise ValueError(
            f"{table.origin.name}: under --policy {policy} none of the {len(table.values)} models has a score by "
            f"{scheme} over {over}. Use --policy available, which ranks by what is there, or name fewer metrics with "
            "--metrics."
        )
    _write(ranking, out)
    _report(
        table,
        f"{len(ranking)} of {len(table.values)} models ranked by {scheme} over {over}, first "
        f"{ranking.at[0, 'model_name']}, written to {_shown(out)}",
    )


def _open(source: str, metrics: str, out: Path) -> "ScoreTable":
    """Open a table of scores; say on stderr what was left out, and whether synthetic data stand in."""
    import warnings

    from yardsticks.datasets import SyntheticDataWarning
    from yardsticks.scores.readers import open_scores

    if out.exists() and Path(source).exists() and out.samefile(source):
        raise ValueError(f"--out {out} is the table of scores itself. Name another file.")
    if not out.absolute().parent.is_dir():
        raise ValueError(f"--out {out}: there is no folder {out.parent}. Create it, or name another.")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SyntheticDataWarning)
        table = open_scores(source)
    for warning in caught:
        typer.echo(f"yardsticks: {warning.message}", err=True)
    left_out = "; ".join(f"{what}: {count}" for what, count in table.origin.notes.items() if count)
    if left_out:
        typer.echo(f"left out on reading {table.origin.name}: {left_out}", err=True)
    return table.select(metrics=_metrics(table, metrics))


def _metrics(table: "ScoreTable", wanted: str) -> list[str]:
    """Return the metrics of a table that --metrics asks for."""
    from difflib import get_close_matches

    from yardsticks.scores.consistency import paper_leaves

    names = list(table.values.columns)
    if wanted == "paper":
        names = paper_leaves(table)
    elif wanted != "all":
        named = [name.strip() for name in wanted.split(",") if name.strip()]
        absent = [name for name in named if name not in names]
        if absent:
            close = get_close_matches(absent[0], names, 3, 0.4) or names[:3]
            raise ValueError(
                f"--metrics: {table.origin.name} has no metric {absent[0]!r}. Perhaps {' or '.join(close)}; it has "
                f"{len(names)}. Otherwise write paper or all."
            )
        names = list(dict.fromkeys(named))
    return names


def _write(frame: "pd.DataFrame", out: Path) -> None:
    """Write a CSV with every digit, whole or not at all."""
    import os

    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        frame.to_csv(partial, index=False)
        os.replace(partial, out)
    finally:
        partial.unlink(missing_ok=True)


def _report(table: "ScoreTable", text: str) -> None:
    typer.echo(f"{'SYNTHETIC DATA, about no real model: ' if table.origin.kind == 'synthetic' else ''}{text}")


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


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Write a table to stdout, separated by tabs when that is not a terminal."""
    import sys

    if not sys.stdout.isatty():
        typer.echo("\n".join("\t".join(row) for row in (header, *rows)))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE)
    for number, title in enumerate(header):
        table.add_column(title, no_wrap=number == 0, overflow="fold")  # names and paths are shown whole
    for row in rows:
        table.add_row(*row)
    Console(markup=False, highlight=False).print(table)


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
