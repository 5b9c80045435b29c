"""Commands of wing A, on any table of scores."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from yardsticks.cli.options import ModelColumn, Transpose
from yardsticks.cli.output import FIGURES, beside, for_tables, write, written

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from yardsticks.scores.table import ScoreTable

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
    list[str],
    typer.Option(
        metavar="paper|all|NAME,...",
        help="The paper's metrics that the file has (without Kar2019-ost), all of the file, or those named; may be "
        "repeated. A metric with a comma in its name is named by an option of its own.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        dir_okay=False,
        callback=for_tables(),
        show_default="the screen",
        help="File to write, whole or not at all: .csv, .tsv or .parquet by its suffix, .csv.gz is compressed; - is "
        "CSV on stdout.",
    ),
]
Plot = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        dir_okay=False,
        callback=for_tables(*FIGURES, option="--plot"),
        help="Figure to write, whole or not at all: .png, .svg or .pdf by its suffix.",
    ),
]
Catalogue = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        metavar="CSV",
        help="The areas (V1, V2, V4, IT, behaviour, engineering) of metrics that are not Brain-Score's, in the columns "
        "metric and area; in a column better, lower or higher.",
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Of the resamples.")]
LowerBetter = Annotated[
    list[str],
    typer.Option(metavar="NAME", help="A metric under which lower is better: its scores change sign. May be repeated."),
]


def consistency(
    file: Scores,
    policy: Annotated[
        Literal["complete", "pairwise"],
        typer.Option(help="Use the models that have every metric, or for each pair those that have both."),
    ],
    out: Out = None,
    metrics: Metrics = ("all",),
    catalogue: Catalogue = None,
    lower_better: LowerBetter = (),
    model_column: ModelColumn = "",
    transpose: Transpose = False,
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
    plot: Plot = None,
    resamples: Annotated[
        int, typer.Option(min=0, help="How often models are drawn anew, for intervals; 1000 will do, 0 for none.")
    ] = 0,
    seed: Seed = 0,
):
    """Correlate every pair of metrics over models: do they agree about which model is the better one?

    Example: `yardsticks consistency leaderboard.csv --policy pairwise --out corr.csv`

    The table has a row for each pair: metric_a and metric_b; n, the models that the coefficient rests on; rho, the
    coefficient in [-1, 1], whatever the method (1: both order all models alike); p, two-sided; p_adjusted, after the
    correction, to be compared with alpha itself. rho and p are empty where fewer than 3 models have both metrics or
    all of them score the same. p is exact with up to 8 models, and doubtful with 9 to 20 or where most have one score:
    there `consistency` in Python finds it by random orders, with a seed. With --resamples also low and high, the 95 %
    interval of rho over models.

    Without --out a terminal shows the 20 pairs that agree most and least. --plot draws the heat map of all pairs. What
    is left out on reading, such as the site's averages, is said on stderr.
    """
    from yardsticks.scores.consistency import consistency, pair_table
    from yardsticks.scores.figures import plot_consistency
    from yardsticks.scores.intervals import resample
    from yardsticks.scores.summaries import extreme_pairs

    reading = {"catalogue": catalogue or "", "lower_better": lower_better, "model_column": model_column}
    table = _open(file, metrics, reading | {"transpose": transpose}, out=out, plot=plot)
    values = table.values.dropna(how="any" if policy == "complete" else "all")
    result = consistency(table, policy=policy, method=method)
    draws = resample(values, method, seed=seed, n=resamples) if resamples else None
    pairs = pair_table(result, correction=correction, draws=draws)
    _draw(lambda: plot_consistency(pairs, areas=table.known_areas()), plot)
    write(pairs, out, short=extreme_pairs(pairs))
    without = pairs["rho"].isna().sum()
    mean = f"mean rho {pairs['rho'].mean():.3f}{f' ({without} pairs have none)' if without else ''}"
    if without == len(pairs):
        mean = "none can be correlated: no two metrics have 3 models in common that differ under both"
    said = f"{len(values)} models, {len(pairs)} pairs of {len(table.metrics)} metrics"
    _report(table, f"{said}, {mean}{written(out, plot)}", out)


def integrate(
    file: Scores,
    scheme: Annotated[
        Literal["mean", "z", "rank", "median", "borda", "copeland", "kemeny", "bradley_terry", "pca"],
        typer.Option(
            help="Average the scores, the scores z-transformed over models, or the models' ranks; or have the metrics "
            "vote, --over metrics: by median rank, Borda, Copeland, Kemeny-Young or Bradley-Terry, or by the first "
            "principal component."
        ),
    ],
    policy: Annotated[
        Literal["complete", "zero", "available"],
        typer.Option(
            help="What a missing score does: its model is not ranked, it counts as 0 (Brain-Score's rule), or it is "
            "left out of the average."
        ),
    ],
    out: Out = None,
    plot: Plot = None,
    over: Annotated[
        Literal["domains", "areas", "metrics"],
        typer.Option(help="What is averaged: the neural and the behavioural score, the five areas, or the metrics."),
    ] = "domains",
    min_coverage: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            min=0,
            max=1,
            help="The share of the neural and of the behavioural metrics that a model must have to be ranked. 0 ranks "
            "every model.",
        ),
    ] = 0.5,
    resamples: Annotated[int, typer.Option(min=0, help="How often metrics are drawn anew, for the intervals.")] = 1000,
    seed: Seed = 0,
    metrics: Metrics = ("all",),
    catalogue: Catalogue = None,
    lower_better: LowerBetter = (),
    model_column: ModelColumn = "",
    transpose: Transpose = False,
):
    """Rank the models by all their scores together.

    Example: `yardsticks integrate leaderboard.csv --metrics paper --scheme rank --policy complete --out ranking.csv`

    The table has a row for each model, the best first: model_id and model_name; neural, the mean of V1, V2, V4 and IT,
    and behaviour, both averaged along Brain-Score's tree; score, what the scheme makes of them (higher is more
    aligned under every scheme); rank (1 is best, ties share the better rank); and, from 5 metrics on, rank_low and
    rank_high, between which it lies in 95 % of resamples of the metrics, and p_first, how often it is first in them.

    Metrics that are not in Brain-Score's tree belong to no area: give them one by --catalogue, or rank --over metrics,
    which needs no areas. Without --out a terminal shows the first 20 models; --plot draws the ranks of the first 40.
    What is left out on reading, and who is not ranked and why, is said on stderr.
    """
    from yardsticks.scores.figures import plot_ranking
    from yardsticks.scores.integration import integrate, say_first
    from yardsticks.scores.integration.schemes import ranked_by
    from yardsticks.scores.intervals import FEWEST

    reading = {"catalogue": catalogue or "", "lower_better": lower_better, "model_column": model_column}
    table = _open(file, metrics, reading | {"transpose": transpose}, out=out, plot=plot)
    with _warnings_said():
        options = {"over": over, "min_coverage": min_coverage, "n": resamples, "seed": seed}
        ranking = integrate(table, scheme=scheme, policy=policy, **options).reset_index()
    _draw(lambda: plot_ranking(ranking), plot)
    write(ranking, out, short=ranking.head(20))
    if resamples and (n_metrics := ranked_by(table).sum()) < FEWEST:
        typer.echo(f"no intervals of ranks: they need {FEWEST} metrics, and there are {n_metrics}", err=True)
    if left_out := ranking.attrs["left_out"]:
        said = ", ".join(f"{table.models.at[model, 'name']} ({reason})" for model, reason in left_out.items())
        typer.echo(f"{len(left_out)} not ranked, for lack of scores: {said}", err=True)
    _report(
        table,
        f"{len(ranking)} of {len(table.values)} models ranked by {scheme} over {over}, first {say_first(ranking)}"
        f"{written(out, plot)}",
        out,
    )


def report(
    file: Scores,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html",
            dir_okay=False,
            callback=for_tables(".html"),
            show_default="FILE-report.html, in this folder",
            help="Page to write, whole or not at all.",
        ),
    ] = None,
    metrics: Metrics = ("all",),
    catalogue: Catalogue = None,
    lower_better: LowerBetter = (),
    model_column: ModelColumn = "",
    transpose: Transpose = False,
    seed: Seed = 0,
):
    """Write one page to mail about a table of scores: do its metrics agree, who is first, what is missing or left out?

    Example: `yardsticks report my_scores.csv --catalogue areas.csv --out report.html`

    The page has its figures in it, and needs no other file and no network. It begins with a summary in words, and ranks
    the models under three schemes (means of scores, of z scores, of ranks) and three policies for missing scores, with
    intervals. Its numbers are those of `consistency` and `integrate`.
    """
    from yardsticks.book.report import make_report
    from yardsticks.datasets.files import write_whole
    from yardsticks.literal import in_path

    out = out or Path(f"{in_path(Path(file).stem)}-report.html")
    reading = {"catalogue": catalogue or "", "lower_better": lower_better, "model_column": model_column}
    table = _open(file, metrics, reading | {"transpose": transpose}, out=out)
    with _warnings_said():
        page = make_report(table, seed=seed)
    write_whole(out, page.encode())
    _report(table, f"{len(table.values)} models, {len(table.metrics)} metrics{written(out)}", out)


def _draw(make: "Callable[[], Figure]", plot: Path | None) -> None:
    """Draw a figure to the file that --plot names, if any."""
    from yardsticks.datasets.files import write_whole
    from yardsticks.style import draw

    if plot is not None:
        with _warnings_said():  # of signs that the font has not
            content = draw(make, plot.suffix.lower().removeprefix("."))
        write_whole(plot, content)


def _open(source: str, metrics: list[str], reading: dict, **written: Path | None) -> "ScoreTable":
    """Open a table of scores; say on stderr what was left out, and whether synthetic data stand in."""
    from yardsticks.scores.consistency import choose_metrics
    from yardsticks.scores.opening import open_scores

    for option, path in written.items():
        if path is not None and path.exists() and Path(source).exists() and path.samefile(source):
            raise ValueError(f"--{option} {path} is the table of scores itself. Name another file.")
    chosen = None if metrics[0] in ("all", "paper") and len(metrics) == 1 else metrics
    with _warnings_said():
        table = open_scores(source, metrics=chosen, **reading)
    if left_out := table.origin.left_out():
        typer.echo(f"left out on reading {table.origin.name}: {left_out}", err=True)
    if "reversed" in table.metrics:
        turned = ", ".join(table.metrics.index[table.metrics["reversed"]])
        typer.echo(f"lower is better, so the sign is changed: {turned}", err=True)
    return table.select(metrics=choose_metrics(table, "paper")) if [*metrics] == ["paper"] else table


@contextmanager
def _warnings_said() -> Iterator[None]:
    """Say on stderr what is warned of inside."""
    import warnings

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    for warning in caught:
        typer.echo(f"yardsticks: {warning.message}", err=True)


def _report(table: "ScoreTable", text: str, out: Path | None) -> None:
    label = "SYNTHETIC DATA, about no real model: " if table.origin.kind == "synthetic" else ""
    typer.echo(f"{label}{text}", **beside(out))
