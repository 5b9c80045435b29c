"""Commands of recovery studies, on this machine or on many.

Longer than 300 lines, most of them options and their help.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from yardsticks.alone import occupant
from yardsticks.cli.options import (
    LOOPBACK,
    WEEK,
    Authority,
    Certificate,
    Dashboard,
    JobTimeout,
    Key,
    Scheduler,
    certificates,
)
from yardsticks.cli.output import duration, fail, for_tables, in_words, may_be_stopped, print_table, shown
from yardsticks.devices import check_device

if TYPE_CHECKING:
    from yardsticks.recovery.studies.experiment import Experiment
    from yardsticks.recovery.studies.finished import Progress
    from yardsticks.recovery.studies.inputs import Inputs
    from yardsticks.recovery.studies.store import Study

app = typer.Typer(
    help="Recovery studies: would the model that fits best be the one that made the choices?", no_args_is_help=True
)

Asked = Annotated[
    str,
    typer.Argument(
        metavar="EXPERIMENT",
        show_default=False,
        help="smoke (a toy world, seconds), things-open, paper; or a TOML file with settings of your own, which may "
        "begin with base = 'things-open' and change some of them.",
    ),
]
Folder = Annotated[Path, typer.Option("--out", metavar="DIR", file_okay=False, help="Folder of the study.")]
Begun = Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Folder of a study.")]
Table = typer.Option(  # parquet alone keeps the settings and data that its rows come from
    metavar="FILE.parquet", dir_okay=False, callback=for_tables(".parquet"), help="Table to write."
)
Device = Annotated[Literal["cpu", "cuda"], typer.Option(help="What fits the probes.")]


@app.command("plan")
def plan(
    experiment: Asked,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes.", show_default="one a core")] = None,
):
    """Say how many jobs and fits a study has, what it will take here, and how much it will write. Nothing is started.

    The speed of one core is measured, the rest is arithmetic: right within a factor of two or three.
    """
    import os

    asked = read_experiment(experiment)
    from yardsticks.recovery.studies.costs import measure_speeds, predict
    from yardsticks.recovery.studies.inputs import extent, gather_inputs
    from yardsticks.recovery.studies.simulation import check_inputs, check_sizes, say_exclusion

    if lacking := say_exclusion(asked):
        typer.echo(lacking, err=True)
    if asked.world == "own":
        inputs = gather_inputs(asked)
        _say_unusable(asked, inputs)
        check_inputs(asked, inputs)
        n_objects, n_features = len(inputs.objects), next(iter(inputs.features.values())).shape[1]
    else:
        n_objects, n_features = extent(asked)
        check_sizes(asked, n_objects)
    table = predict(asked, measure_speeds(), n_objects=n_objects, n_features=n_features)
    workers = workers or os.cpu_count()
    print_table(
        ("triplets", "jobs", "fits", "seconds a job", "core hours", "MB"),
        [
            (
                f"{row.n_triplets:,}",
                f"{row.n_jobs:,}",
                f"{row.n_fits:,}",
                f"{row.seconds_a_job:,.2f}",
                f"{row.hours:,.2f}",
                f"{row.megabytes:,.2f}",
            )
            for row in table.itertuples()
        ],
    )
    typer.echo(
        f"{asked.name}: {table['n_jobs'].sum():,} jobs, {table['n_fits'].sum():,} fits, about "
        f"{duration(3600 * table['hours'].sum() / workers)} with {workers} processes here, "
        f"{table['megabytes'].sum():,.1f} MB of results."
    )


@app.command("run")
def run(
    experiment: Asked,
    out: Folder,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes, or jobs of a queue.", show_default="one a core")
    ] = None,
    scheduler: Scheduler = None,
    ca_file: Authority = None,
    cert: Certificate = None,
    key: Key = None,
    cluster: Annotated[
        Literal["slurm", "pbs", "lsf", "sge"] | None, typer.Option(help="Have workers started by a queueing system.")
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="For the queueing system, as dask-jobqueue calls it; may be repeated."),
    ] = None,
    dashboard: Dashboard = LOOPBACK,
    device: Device = "cpu",
    again: Annotated[bool, typer.Option("--again", help="Do jobs again whose failure is on record.")] = False,
    timeout: JobTimeout = WEEK,
    begin: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE.parquet",
            exists=True,
            dir_okay=False,
            help="A table collected from the same study, whose jobs are then not done again.",
        ),
    ] = None,
):
    """Run a study, or go on with one: jobs that are done are not done again, whenever and however it was stopped.

    Example: `yardsticks recovery run smoke --out study`

    Example: `yardsticks recovery run things-open --out study --cluster slurm --option queue=long --workers 40`

    Example: `yardsticks recovery run things-open --out study --from data/results/things_open.parquet`

    Whoever reaches a scheduler can have its workers run any code. With --cluster they speak TLS, with certificates made
    for this run; one that runs elsewhere should too (--tls-ca-file, --tls-cert, --tls-key).

    A folder takes one run at a time, and one study. All workers must see the folder under the same path. A job that
    fails is tried again, then kept as a row with its traceback.
    """
    from yardsticks import workers as pool
    from yardsticks.recovery.studies import cluster as engine
    from yardsticks.recovery.studies.finished import measure_progress
    from yardsticks.recovery.studies.simulation import say_exclusion
    from yardsticks.recovery.studies.store import begin_study
    from yardsticks.recovery.studies.tables import import_table

    if scheduler and cluster:
        raise ValueError("--scheduler is of workers that run, and --cluster starts some: give one of them.")
    options = dict(_pair(text) for text in option or [])
    if options and not cluster:
        raise ValueError("--option is for a queueing system: name it with --cluster.")
    if cluster:
        pool.check_queue(cluster)
    if not (scheduler or cluster):
        check_device(device)
    with may_be_stopped(), in_words():
        study = begin_study(read_experiment(experiment), out.absolute())
        if lacking := say_exclusion(study.experiment):
            typer.echo(lacking, err=True)
        _say_unusable(study.experiment, study.inputs)
        _say_beyond(measure_progress(study).n_beyond)
        if begin:
            typer.echo(f"{import_table(study, begin):,} jobs taken over from {shown(begin)}", err=True)
        asked = {"workers": workers, "scheduler": scheduler, "queue": cluster, "options": options, "device": device}
        asked |= {"certificates": certificates(ca_file, cert, key), "folder": study.folder, "dashboard": dashboard}
        with pool.open_client(**asked) as client:
            typer.echo(f"dashboard: {client.dashboard_link}", err=True)
            ledger = engine.run(study, client, device=device, again=again, timeout=timeout or None)
    _tell(study)
    if ledger.failed:
        raise typer.Exit(1)


@app.command("factorial")
def factorial(
    design: Annotated[Path, typer.Argument(metavar="FILE.toml", exists=True, dir_okay=False, help="The design.")],
    out: Folder,
    table: Annotated[Path, Table],
    workers: Annotated[int | None, typer.Option(min=1, help="Processes.", show_default="one a core")] = None,
    cell: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this cell; may be repeated.", show_default="all")
    ] = None,
    device: Device = "cpu",
    timeout: JobTimeout = WEEK,
    begin: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE.parquet",
            exists=True,
            dir_okay=False,
            help="A table written by this command of the same cells, whose jobs are then not done again.",
        ),
    ] = None,
):
    """Run a recovery study for each cell of a factorial design, and write one table of all cells begun so far.

    Example: `yardsticks recovery factorial data/designs/plateau.toml --out cells --table plateau.parquet`

    Example: `yardsticks recovery factorial limit.toml --out cells --from limit.parquet --table limit.parquet`

    Jobs that are done are not done again.
    """
    from yardsticks import workers as pool
    from yardsticks.recovery.studies import cluster as engine
    from yardsticks.recovery.studies.design import import_cells, read_design, write_cells
    from yardsticks.recovery.studies.store import begin_study, open_study

    asked, out = read_design(design), out.absolute()
    if unknown := sorted(set(cell or []) - set(asked.cells)):
        raise ValueError(f"{shown(design)} has no cell {', '.join(unknown)}. It has: {', '.join(asked.cells)}.")
    failed = False
    with may_be_stopped(), in_words(), pool.open_client(workers=workers, device=device) as client:
        if begin:
            n_jobs = sum(import_cells(asked, begin, out).values())
            typer.echo(f"{n_jobs:,} jobs taken over from {shown(begin)}", err=True)
        for name in cell or asked.cells:
            typer.echo(f"cell {name}", err=True)
            study = begin_study(asked.cells[name], out / name)
            _say_unusable(study.experiment, study.inputs)
            failed |= bool(engine.run(study, client, device=device, timeout=timeout or None).failed)
    begun = {name: open_study(out / name) for name in asked.cells if (out / name).exists()}
    rows = write_cells(asked, begun, table, taken_from=begin)
    typer.echo(f"{len(rows):,} rows of {len(begun)} of {len(asked.cells)} cells written to {shown(table)}")
    if failed:
        raise typer.Exit(1)


@app.command("run-job")
def run_job(
    experiment: Asked,
    index: Annotated[int, typer.Option(min=0, help="Which job of the plan, from 0.")],
    out: Folder,
    device: Device = "cpu",
    timeout: JobTimeout = WEEK,
):
    """Do one job of a study in this process, under any job array; a job that is done is left alone.

    Example: `yardsticks recovery run-job things-open --index $SLURM_ARRAY_TASK_ID --out study`
    """
    from yardsticks.recovery.studies.jobs import do_job
    from yardsticks.recovery.studies.store import begin_study, keeping, read_ledger

    check_device(device)
    with may_be_stopped(), in_words():
        study = begin_study(read_experiment(experiment), out.absolute(), check=False)
        jobs = list(study.keys().items())
        if index >= len(jobs):
            raise ValueError(f"--index {index}: {study.experiment.name} has {len(jobs):,} jobs, 0 to {len(jobs) - 1}.")
        key, job = jobs[index]
        done = read_ledger(study).seconds.keys()
        _say_beyond(len(done - set(study.keys())))
        if key in done:
            typer.echo(f"{job}: was done before")
            return
        with keeping(study) as keep:
            keep(result := do_job(study, job, device=device, timeout=timeout or None))
    if result.rows is None:
        fail(result.error)
    typer.echo(f"{job}: {result.seconds:.1f} s")


@app.command("status")
def status(folder: Begun):
    """Say how many jobs of a study are done, failed and open, and how long the open ones will take a core."""
    from yardsticks.recovery.studies.finished import measure_progress
    from yardsticks.recovery.studies.store import open_study

    study = open_study(folder)
    _tell(study)
    _say_beyond(measure_progress(study).n_beyond)


@app.command("collect")
def collect(
    folder: Begun,
    out: Annotated[Path, Table],
):
    """Write the rows of all finished jobs to one parquet table, with the settings and data that they come from.

    One row for each job and candidate; a job that failed is a row with its traceback. The same jobs give the same
    table, whatever the order and the number of workers.
    """
    from yardsticks.recovery.studies.finished import collect_parts, measure_progress
    from yardsticks.recovery.studies.jobs import list_generators
    from yardsticks.recovery.studies.store import open_study
    from yardsticks.recovery.studies.tables import write_table

    study = open_study(folder)
    with collect_parts(study, out.absolute().parent) as parts:
        n_rows = write_table(study, parts, out, about={"generators": list_generators(study).to_dict("records")})
    typer.echo(f"{n_rows:,} rows written to {shown(out)}")
    if (now := measure_progress(study)).n_failed or now.n_open:
        typer.echo(_counts(study, now), err=True)
    _say_beyond(now.n_beyond)


def say_left_out(inputs: "Inputs") -> None:
    """Say on stderr which models cannot be used, and why."""
    for name, why in inputs.unusable.items():
        typer.echo(f"left out: {name}: {why}", err=True)


def _say_unusable(experiment: "Experiment", inputs: "Inputs") -> None:
    say_left_out(inputs)
    if n := len(inputs.unusable):
        n_jobs = n * sum(experiment.n_seeds)
        typer.echo(f"{n_jobs:,} jobs fail, in which what is left out would answer; the others do without it.", err=True)


def read_experiment(text: str) -> "Experiment":
    """Return an experiment by its name or from a file."""
    import tomllib

    from yardsticks.recovery.studies.experiment import EXPERIMENTS, from_settings
    from yardsticks.stats import check_option

    if text in EXPERIMENTS:
        return EXPERIMENTS[text]
    path = Path(text)
    if not path.is_file():
        raise FileNotFoundError(f"{text!r} is neither a file nor one of {', '.join(EXPERIMENTS)}.")
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
        base = settings.pop("base", None)
        if base is not None:
            check_option("base", base, EXPERIMENTS)
        return from_settings(EXPERIMENTS[base].settings() | settings if base else settings)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from error


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise ValueError(f"--option {text!r}: write NAME=VALUE.")
    return name, value


def _counts(study: "Study", now: "Progress") -> str:
    return f"{study.experiment.name}: {now.n_done:,} done, {now.n_failed:,} failed, {now.n_open:,} open"


def _say_beyond(n_jobs: int) -> None:
    if n_jobs:
        typer.echo(
            f"{n_jobs:,} finished jobs are beyond the plan, which asked for more before. They stay in the folder, and "
            "come back when the plan asks for them again.",
            err=True,
        )


def _tell(study: "Study") -> None:
    from yardsticks.recovery.studies.finished import measure_progress

    now = measure_progress(study)
    typer.echo(_counts(study, now))
    if now.n_done and now.n_open:
        more = "" if now.all_sizes else ", or more: some sizes were not run yet"
        typer.echo(f"about {duration(now.seconds_left)} of one core left{more}")
    for why in now.damaged:
        typer.echo(f"damaged, its jobs are open: {why}", err=True)
    for job, error in now.failed:
        typer.echo(f"failed: {job}: {error.strip().splitlines()[-1]}", err=True)
    if now.n_failed:
        typer.echo(
            "`yardsticks recovery run` with --again does those that failed again. If the data are at fault, mend the "
            "files and name a new folder: this one keeps the data that it began with.",
            err=True,
        )
    if working := occupant(study.folder):
        typer.echo(working)
