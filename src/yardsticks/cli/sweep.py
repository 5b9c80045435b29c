"""Commands of sweeps: a notebook run with many settings of its parameters."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from yardsticks.alone import occupant
from yardsticks.cli.options import (
    HOURS,
    LOOPBACK,
    Authority,
    CellTimeout,
    Certificate,
    Dashboard,
    Key,
    Scheduler,
    certificates,
)
from yardsticks.cli.output import (
    FIGURES,
    beside,
    duration,
    fail,
    for_tables,
    in_words,
    is_parquet,
    may_be_stopped,
    needs,
    shown,
    write,
    written,
)

if TYPE_CHECKING:
    from yardsticks.notebooks.sweep import Ledger, Sweep


class RunUnlessNamed(TyperGroup):
    """`yardsticks sweep NOTEBOOK` is `yardsticks sweep run NOTEBOOK`."""

    def parse_args(self, ctx, args):  # noqa: D102
        named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, ["run", *args] if args and not named else args)


app = typer.Typer(
    cls=RunUnlessNamed,
    no_args_is_help=True,
    help="""Run a notebook with many settings of its parameters: `yardsticks sweep NOTEBOOK -p NAME=V1,V2`.

    `yardsticks sweep status DIR`, `yardsticks sweep collect DIR --out FILE` and `yardsticks sweep plot DIR NUMBER --out
    FILE` see what came of it.
    """,
)

Begun = Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Folder of a sweep.")]
Outdated = Annotated[
    bool, typer.Option("--outdated", help="Also runs of an earlier state of notebook, package or data, so marked.")
]


@app.command("run")
def run(
    notebook: Annotated[
        str,
        typer.Argument(
            metavar="NOTEBOOK",
            help="Its path, or the short name of one of the project's: 02_consistency.",
            show_default=False,
        ),
    ],
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "-p",
            "--parameter",
            metavar="NAME=VALUES",
            help="v1,v2 or start:stop:step, the stop included; may be repeated, and all combinations are run. Quotes "
            "keep a comma, brackets make a list.",
        ),
    ] = None,
    grid: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.yaml",
            exists=True,
            dir_okay=False,
            help="A mapping of names to lists of values, all combinations of which are run, or a list of such "
            "mappings, one a run.",
        ),
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Runs at the same time.", show_default="one a core")] = None,
    scheduler: Scheduler = None,
    ca_file: Authority = None,
    cert: Certificate = None,
    key: Key = None,
    dashboard: Dashboard = LOOPBACK,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", file_okay=False, help="Folder of the sweep.", show_default="_build/sweeps/NOTEBOOK"
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Do runs that failed again.")] = False,
    timeout: CellTimeout = HOURS,
):
    """Run a notebook with every combination of the values, or go on with a sweep: `sweep NOTEBOOK ...` does the same.

    Example: `yardsticks sweep 02_consistency -p policy=complete,pairwise -p imagenet_floor=0:0.1:0.05 --out sweep`

    Runs that are done are not done again, however the sweep was stopped; other values in the same folder extend it, and
    without any it is gone on with. A run that fails is kept with its traceback and stops no other (exit code 1). What
    was run with another state of notebook, package or data is kept apart and run anew. With --scheduler all workers
    must see the folder, the data and this package under the same paths.
    """
    from yardsticks import datasets
    from yardsticks.notebooks import sweep
    from yardsticks.notebooks.grid import list_settings

    path = sweep.find_notebook(notebook)
    needs("papermill", "distributed")
    from yardsticks import workers
    from yardsticks.notebooks import sweep_runs

    settings = list_settings(sweep.parameters_of(path), parameter or (), grid) if parameter or grid else []
    if scheduler and jobs:
        raise ValueError("--scheduler is of workers that run, and --jobs starts some: give one of them.")
    whose = {"workers": jobs, "scheduler": scheduler, "dashboard": dashboard}
    whose |= {"certificates": certificates(ca_file, cert, key)}
    folder = out or datasets.project_folder() / "_build" / "sweeps" / path.stem
    with may_be_stopped(), in_words():
        asked = sweep.begin_sweep(path, settings, folder)
        with datasets.settled() as missing:
            if missing:
                typer.echo(f"{missing}\nSynthetic data stand in where they are used.", err=True)
            ledger = sweep.read_ledger(asked)
            if ledger.open or (again and ledger.failed):
                with workers.open_client(**whose) as client:
                    typer.echo(f"dashboard: {client.dashboard_link}", err=True)
                    ledger = sweep_runs.run_sweep(asked, client, again=again, timeout=timeout or None)
    _tell(asked, ledger)
    if ledger.failed:
        raise typer.Exit(1)


@app.command("status")
def status(folder: Begun):
    """Say which runs of a sweep are done, failed and open, and how long the rest will take. Nothing is changed."""
    from yardsticks.notebooks import sweep

    opened = sweep.open_sweep(folder)
    _tell(opened, sweep.read_ledger(opened))


@app.command("collect")
def collect(
    folder: Begun,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            callback=for_tables(),
            show_default="the screen",
            help="Table to write: .csv, .tsv or .parquet by its suffix, .csv.gz is compressed; - is CSV on stdout.",
        ),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The rows of this table of the runs' own (tables/NAME.csv), below one another."
        ),
    ] = None,
    outdated: Outdated = False,
    times: Annotated[bool, typer.Option("--times", help="Also the seconds that each run took.")] = False,
):
    """Write one table of a sweep: a row a run with its parameters, its outcome, and the numbers the notebook glued.

    Example: `yardsticks sweep collect sweep --out sweep.csv`

    Example: `yardsticks sweep collect sweep --table consistency_groups --out groups.parquet`

    What varies stands first, the folder of the run last; on the screen what is the same in all runs is said below the
    table. The same settings give the same table, in whatever order and however often interrupted they were run.
    """
    from yardsticks.notebooks import sweep, sweep_tables

    if table and times:
        raise ValueError("--times is of runs, and --table writes their rows: give one of them.")
    opened = sweep.open_sweep(folder)
    ledger = sweep.read_ledger(opened)
    if not (ledger.done or ledger.failed or (outdated and ledger.outdated)):
        _tell(opened, ledger)
        fail("There is nothing to collect yet.")
    rows = (
        sweep_tables.stack(opened, table, outdated=outdated, numbers=is_parquet(out))
        if table
        else sweep_tables.collect(opened, outdated=outdated, times=times)
    )
    fixed = sweep_tables.constants(rows)
    write(rows, out, short=rows.drop(columns=[*fixed, "run"]))
    if out is None and fixed:
        typer.echo(f"the same in all: {say_constants(fixed)}", err=True)
    n_left = len(ledger.failed) if table else 0
    for n, what in (
        (len(ledger.open), "open"),
        (n_left, "failed"),
        (0 if outdated else len(ledger.outdated), f"outdated{_changed(ledger)}"),
    ):
        if n:
            typer.echo(f"not in the table: {n:,} {'run' if n == 1 else 'runs'}, {what}", err=True)
    label = "SYNTHETIC DATA, about no real model: " if rows["synthetic"].any() else ""
    typer.echo(f"{label}{len(rows):,} rows of {rows['run'].nunique():,} runs{written(out)}", **beside(out))


@app.command("plot")
def plot(
    folder: Begun,
    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help="One that the notebook glues; `collect` shows their names.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE", dir_okay=False, callback=for_tables(*FIGURES), help="Figure to write: .png, .svg or .pdf."
        ),
    ],
    against: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="The parameter along the axis; each combination of the others has a line.",
            show_default="the one with the most values",
        ),
    ] = "",
):
    """Draw a number of a sweep against its parameters, with its interval where the notebook has one.

    Example: `yardsticks sweep plot sweep metrics_mean --against imagenet_floor --out mean.svg`
    """
    from yardsticks.datasets.files import write_whole
    from yardsticks.notebooks import sweep, sweep_figures, sweep_tables
    from yardsticks.style import draw

    opened = sweep.open_sweep(folder)
    ledger = sweep.read_ledger(opened)
    if not ledger.done:
        _tell(opened, ledger)
        fail("There is nothing to draw yet.")
    rows = sweep_tables.collect(opened)
    parameters = sweep_tables.parameter_columns(opened)
    kind = out.suffix.lower().removeprefix(".")
    content = draw(lambda: sweep_figures.plot_sweep(rows, number, parameters=parameters, against=against), kind)
    write_whole(out, content)
    n_left = len(ledger.open) + len(ledger.failed)
    left = f"; {n_left:,} open or failed are not in it" if n_left else ""
    label = "SYNTHETIC DATA, about no real model: " if rows["synthetic"].any() else ""
    typer.echo(f"{label}{number} of {len(ledger.done):,} runs, drawn to {shown(out.absolute())}{left}")


def say_constants(fixed: dict) -> str:
    """Say in words what is the same in all runs; nothing of what is empty."""
    said = {name: f"{value:.4g}" if isinstance(value, float) else str(value) for name, value in fixed.items()}
    return ", ".join(f"{name} = {value}" for name, value in said.items() if value not in ("", "None"))


def _tell(sweep: "Sweep", ledger: "Ledger") -> None:
    from yardsticks.notebooks.sweep_tables import last_line

    n = {"done": len(ledger.done), "failed": len(ledger.failed), "open": len(ledger.open)}
    typer.echo(f"{sweep.notebook.stem}: " + ", ".join(f"{count:,} {what}" for what, count in n.items()))
    if ledger.outdated:
        typer.echo(f"outdated, not counted: {len(ledger.outdated):,}{_changed(ledger)}")
    times = [record["seconds"] for record in ledger.done.values()]
    if times and ledger.open:
        typer.echo(f"about {duration(sum(times) / len(times) * len(ledger.open))} of one process left")
    if lacking := sum(bool(record.get("not_shown")) for record in ledger.done.values()):
        typer.echo(f"with parts that your file cannot show: {lacking:,}, see the column not_shown")
    for name, record in ledger.failed.items():
        values = ", ".join(f"{key} = {record['parameters'].get(key)!r}" for key in sweep.names)
        typer.echo(
            f"failed: {values}: {last_line(record['error'])} (see {shown(sweep.folder / 'runs' / name)})", err=True
        )
    if ledger.failed:
        typer.echo("Run the same command again with --again to do those that failed again.", err=True)
    if working := occupant(sweep.folder):
        typer.echo(working)


def _changed(ledger: "Ledger") -> str:
    parts = sorted({part for record in ledger.outdated.values() for part in record["changed"]})
    return f", as since then there changed: {', '.join(parts)}"
