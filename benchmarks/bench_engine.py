"""The engine of recovery studies: jobs a second, overhead, memory, and what a large study would take.

The table is written to book/scale.md. Measured and calculated figures are kept apart.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from bench_solver import memory as resident
from bench_solver import start_peak

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "book" / "scale.md"
WRITTEN = "\n## Who may reach the workers\n"  # here begins what is not measured
N_JOBS = 100_000
MEMORY_SIZES = (1_000, 10_000, 100_000, 1_000_000)


def experiment(**changes):
    """Return a toy study whose jobs take about a second."""
    from yardsticks.recovery.studies.experiment import SMOKE

    base = replace(SMOKE, name="bench", sizes=(800,), n_seeds=(10,), strengths=tuple(10.0**-p for p in range(5)))
    return replace(base, **changes)


def throughput(workers: int) -> tuple[float, float]:
    """Return jobs a second, and the seconds of a worker that a job takes beyond its own."""
    from yardsticks.recovery.studies import cluster, store
    from yardsticks.recovery.studies.jobs import have_generator
    from yardsticks.workers import open_client

    asked = experiment()
    with tempfile.TemporaryDirectory() as folder, open_client(workers=workers) as client:
        study = store.begin_study(asked, Path(folder) / "study")
        for model in asked.models:
            have_generator(study, model)
        client.run(warm, str(study.folder), study.hash)
        started = time.perf_counter()
        ledger = cluster.run(study, client, progress=False)
        seconds = time.perf_counter() - started
    n_jobs, busy = len(ledger.seconds), sum(ledger.seconds.values())
    return n_jobs / seconds, (seconds * workers - busy) / n_jobs


def warm(folder: str, study: str) -> None:
    """On a worker: import and open everything, and do one job."""
    from yardsticks.recovery.studies import cluster
    from yardsticks.recovery.studies.jobs import do_job

    opened = cluster.worker_study(folder, study)
    do_job(opened, next(iter(opened.keys().values())))


def plain(processes: int) -> float:
    """Return jobs a second of so many processes side by side, each of them by itself and without an engine."""
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    started, ended = context.Barrier(processes + 1), context.Barrier(processes + 1)
    crowd = [context.Process(target=work, args=(started, ended)) for _ in range(processes)]
    for process in crowd:
        process.start()
    started.wait()
    before = time.perf_counter()
    ended.wait()
    seconds = time.perf_counter() - before
    for process in crowd:
        process.join()
    return processes * sum(experiment().n_seeds) * len(experiment().models) / seconds


def work(started, ended) -> None:
    """Do all jobs of the study in this process."""
    from yardsticks.recovery.studies.jobs import do_job
    from yardsticks.recovery.studies.store import begin_study

    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        study = begin_study(experiment(), Path(folder) / "study")
        jobs = list(study.keys().values())
        for job in jobs[: len(study.experiment.models)]:
            do_job(study, job)
        started.wait()
        for job in jobs:
            do_job(study, job)
        ended.wait()


def memory(n_triplets: int, answer) -> None:
    """Send back the peak memory of a process that does one job, in MB, above that before it."""
    from yardsticks.recovery.probes.fitting import fit_path
    from yardsticks.recovery.triplets.sampling import sample_triplets
    from yardsticks.recovery.triplets.triplets import Triplets

    rng = np.random.default_rng(0)
    features = rng.normal(size=(1854, 64)).astype(np.float32)
    few = Triplets([[0, 1, 2], [1, 2, 3]], [0, 1], 1854)
    fit_path(features, few, strengths=[1.0])
    base = start_peak()
    objects = sample_triplets(865, n_triplets, seed=rng, n_objects=1854).objects
    fit_path(features, Triplets(objects, rng.integers(3, size=n_triplets), 1854), strengths=[0.1])
    answer.send(resident("VmHWM") - base)


def memories() -> list[tuple[int, float]]:
    """Return for each size the memory that drawing and fitting take."""
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    found = []
    for n_triplets in MEMORY_SIZES:
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=memory, args=(n_triplets, there))
        process.start()
        there.close()
        found.append((n_triplets, here.recv()))
        process.join()
    return found


def many_jobs() -> tuple[float, float, float]:
    """Return seconds to list, and to collect, a study of `N_JOBS` jobs with simulated results, and its megabytes."""
    from yardsticks.recovery.studies import finished, store

    asked = experiment(n_seeds=(N_JOBS // 4,))
    rows = pd.DataFrame({name: np.zeros(4) for name in store.SCHEMA.names[5:]})
    rows = rows.assign(candidate=asked.models, error="", at_grid_end=False, converged=True)
    rows = rows.astype({"n_evaluations": int, "n_ties": int, "n_test": int})
    with tempfile.TemporaryDirectory() as folder:
        study = store.begin_study(asked, Path(folder) / "study")
        started = time.perf_counter()
        jobs = study.keys()
        planned = time.perf_counter() - started
        results = [
            store.Result(
                key, job, rows.assign(n_triplets=job.n_triplets, seed=job.seed, generator=job.generator), "", 1.0
            )
            for key, job in jobs.items()
        ]
        for start in range(0, len(results), 500):  # as the client writes them
            store.write_shard(study, results[start : start + 500])
        started = time.perf_counter()
        table = finished.collect(study)
        collected = time.perf_counter() - started
        if len(table) != 4 * len(jobs):
            raise SystemExit(f"{len(table)} rows of {4 * len(jobs)} were collected")
        size = sum(path.stat().st_size for path in (study.folder / "shards").iterdir()) / 1e6
    return planned, collected, size


def duration(hours: float) -> str:
    """Write a time for people, with two digits."""
    value, unit = (hours * 60, "min") if hours < 2 else (hours, "h") if hours < 48 else (hours / 24, "days")
    return f"{float(f'{value:.2g}'):,.0f} {unit}"


def outlook() -> list[str]:
    """Return the lines of the table of what studies would take, by the cost model."""
    from yardsticks.recovery.studies.costs import measure_speeds, predict
    from yardsticks.recovery.studies.experiment import PAPER, THINGS_OPEN

    speeds = measure_speeds()
    exact = replace(PAPER, name="PAPER, exact solver", solver="exact")
    tenfold = tuple(f"{name} {number}" for number in range(10) for name in PAPER.models)
    cases = [
        ("THINGS_OPEN", THINGS_OPEN),
        ("PAPER, published solver", PAPER),
        ("PAPER, exact solver", exact),
        ("the same, 64 components", replace(exact, components=64)),
        ("the same, 10 times the models", replace(exact, components=64, models=tenfold)),
        (
            "the same, 10 times the judgements",
            replace(exact, components=64, sizes=tuple(10 * size for size in exact.sizes)),
        ),
    ]
    lines = []
    for name, case in cases:
        table = predict(case, speeds, n_objects=1854, n_features=2048)
        hours, most = table["hours"].sum(), table.loc[table["hours"].idxmax()]
        lines.append(
            f"| {name} | {table['n_jobs'].sum():,} | {table['n_fits'].sum():,} | {duration(hours / 2)} | "
            f"{most['hours'] / hours:.0%} at {most['n_triplets']:,.0f} | {table['megabytes'].sum():,.0f} MB |"
        )
    print(speeds, flush=True)
    return lines


def main() -> None:
    """Measure, print and write the page."""
    rows = []
    for workers in (1, 2):
        bare, (speed, overhead) = plain(workers), throughput(workers)
        rows.append(f"| {workers} | {bare:.2f} | {speed:.2f} | {speed / bare:.2f} | {1000 * overhead:.0f} |")
        print(rows[-1], flush=True)
    peaks = memories()
    planned, collected, size = many_jobs()
    print(f"plan {planned:.1f} s, collect {collected:.1f} s, {size:.0f} MB; {peaks}", flush=True)
    write_page(rows, peaks, (planned, collected, size), outlook())


def write_page(rows: list[str], peaks, jobs, cases: list[str]) -> None:
    """Write the measured part of book/scale.md, whole or not at all; what follows it is written by hand."""
    planned, collected, size = jobs
    kept = " · ".join(f"{n:,}: {megabytes:.0f} MB" for n, megabytes in peaks)
    text = f"""# Scale

A recovery study like ours takes hours on two cores. One of the published size takes weeks with the exact solver and years with
the published one: the table under *Calculated* says how long. A study that is stopped goes on from where it was. A study is a
list of jobs. Each job depends on nothing but its own name, so that jobs may be done in any order by any number of workers;
only one process writes. The tables are written by `make bench`. What is under *Measured* comes from one run on a machine with
{os.cpu_count()} cores; what is under *Calculated* is arithmetic. The engine that hands out the jobs is dask.distributed.

## Measured

Jobs of a toy study, each of them 60 fits. The plain way is as many processes side by side, each doing all jobs by itself,
without an engine; what two of them gain over one is the machine's doing. Efficiency is the engine's speed over the plain
one; overhead is the time of a worker that is not spent in a job.

| workers | plain: jobs a second | engine: jobs a second | efficiency | overhead, ms a job |
|---|---|---|---|---|
{chr(10).join(rows)}

Memory of a worker above what it holds when idle, for drawing so many triplets and fitting 64 features to them: {kept}.

A study of {N_JOBS:,} jobs with simulated results is listed in {planned:.1f} s and collected from its shards, with every hash checked, in
{collected:.1f} s; it takes {size:.0f} MB.

## Calculated

These times come from the cost model of `yardsticks recovery plan` and the speeds of one core of this machine; they are right
within a factor of two or three. *Most of it* is the share of the time that the most expensive number of triplets takes.

| study | jobs | fits | {os.cpu_count()} cores | most of it | results |
|---|---|---|---|---|---|
{chr(10).join(cases)}

With n workers a study is nearly n times faster, as long as a job takes longer than the engine's overhead. The number of jobs
is the first limit, not the number of workers: a scheduler hands out some hundred tasks a second, and the one process
that writes needs all results in turn. Features are the next limit, as each worker maps those of all models: 20 models with
2,048 features of 1,854 objects are 304 MB, shared by the workers of a machine. No GPU was at hand, so none is in the tables.
"""
    kept = PAGE.read_text(encoding="utf-8").partition(WRITTEN)[2]
    partial = PAGE.with_suffix(".partial")
    partial.write_text(text + WRITTEN + kept, encoding="utf-8")
    os.replace(partial, PAGE)


if __name__ == "__main__":
    sys.exit(main())
