"""Running a study on many processes or machines, by dask.distributed.

Jobs are pure functions of their identity, so any scheduler will do. This process alone writes the results: workers only
read the study's folder, which all of them must see. A run may be killed at any point; the next one goes on from there.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path

import dask
import filelock
import torch
from distributed import Client, Future, LocalCluster, get_worker
from tqdm import tqdm

from yardsticks.recovery.experiment import Job
from yardsticks.recovery.simulation import Generator
from yardsticks.recovery.store import Ledger, Result, Study, open_study, read_ledger, set_aside, write_shard
from yardsticks.recovery.units import do_unit, fit_generator, keep_generator, missing_generators

QUEUES = {"slurm": "SLURMCluster", "pbs": "PBSCluster", "lsf": "LSFCluster", "sge": "SGECluster"}
RETRIES = 2
_POLL = 0.05  # seconds
_FLUSH = 5.0  # seconds between shards; jobs that take longer are written one by one
_MOST = 500  # results a shard
_GRACE = 10.0  # seconds for which the scheduler may be out of reach
_AHEAD = 100  # jobs that the scheduler knows of at a time, beyond those that run
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
# dask has workers give memory back at once; a fit asks for the same again at its next step, and takes twice as long
_MALLOC = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")
_KEPT = 1 << 28  # bytes
_LOST = "the scheduler cannot be reached. What was finished is written; run the same command again to go on."


class JobFailed(Exception):
    """A job failed on a worker; the message is its traceback."""


class SchedulerLost(RuntimeError):
    """The scheduler cannot be reached any more; what was finished is written."""


@contextmanager
def open_client(
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    queue: str | None = None,
    options: dict[str, str] | None = None,
    device: str = "cpu",
) -> Iterator[Client]:
    """Connect to workers, and start them where that is asked for.

    Parameters
    ----------
    workers : int, optional
        How many: by default one a core of this machine, or one a card.
    scheduler : str, optional
        Address of a dask scheduler that is running.
    queue : {"slurm", "pbs", "lsf", "sge"}, optional
        Workers are jobs of this queueing system.
    options : dict, optional
        Passed on to dask-jobqueue: queue, walltime, memory ...
    device : {"cpu", "cuda"}

    Raises
    ------
    OSError
        Nobody answers at the scheduler's address.
    """
    with ExitStack() as stack:
        if scheduler:
            yield stack.enter_context(Client(scheduler, timeout=_GRACE))
            return
        if queue:
            cluster = stack.enter_context(make_queue(queue, options or {}, device))
            cluster.scale(jobs=workers or 1)
        else:
            cluster = stack.enter_context(_local(workers, device))
        yield stack.enter_context(Client(cluster))


def make_queue(queue: str, options: dict[str, str], device: str = "cpu"):
    """Return a dask-jobqueue cluster without workers; its ``job_script()`` is what would be submitted.

    Raises
    ------
    ValueError
        An unknown queueing system, or options that it does not take.
    """
    import dask_jobqueue

    if queue not in QUEUES:
        raise ValueError(f"--cluster {queue!r} is none of {', '.join(QUEUES)}.")
    known = sorted(dask.config.get(f"jobqueue.{queue}"))
    names = [name.replace("_", "-") for name in options]
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"--option {unknown[0]}: for {queue} there are {', '.join(known)}.")
    keep = [f"export {name}={_KEPT}" for name in _MALLOC]
    settings = {"cores": 1, "processes": 1, "memory": "4GB", "job_script_prologue": keep} | {
        name.replace("-", "_"): int(value) if value.isdigit() else value for name, value in options.items()
    }
    if device != "cpu":
        settings["worker_extra_args"] = ["--resources", "GPU=1"]
    return getattr(dask_jobqueue, QUEUES[queue])(**settings)


def run(
    study: Study,
    client: Client,
    *,
    device: str = "cpu",
    retries: int = RETRIES,
    again: bool = False,
    progress: bool = True,
) -> Ledger:
    """Do all open jobs of a study, writing results as they come.

    Parameters
    ----------
    study : Study
    client : distributed.Client
    device : {"cpu", "cuda"}
        With ``cuda`` only workers with the resource GPU take jobs.
    retries : int
        How often a job that failed is tried again before its traceback is written.
    again : bool
        Also do jobs again whose failure is on record.
    progress : bool
        Show a bar: done, rate, time left, failed.

    Returns
    -------
    Ledger
        Of all jobs at the end.

    Raises
    ------
    RuntimeError
        Another run works in this folder.
    SchedulerLost
        The scheduler was lost.
    OSError
        A shard could not be written, as the disk is full; what was written before is whole.
    """
    lock = filelock.FileLock(study.folder / ".lock")
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        raise RuntimeError(f"another run works in {study.folder}: wait for it, or stop it.") from None
    try:
        ledger = read_ledger(study)
        set_aside(ledger.damaged)
        jobs = study.keys()
        settled = set(ledger.seconds) | (set() if again else set(ledger.failed))
        open_jobs = {key: job for key, job in jobs.items() if key not in settled}
        with tqdm(
            total=len(jobs),
            initial=len(jobs) - len(open_jobs),
            unit="job",
            desc=study.experiment.name,
            disable=not progress,
        ) as bar:
            _make_generators(study, client, open_jobs, device)
            _do_jobs(study, client, open_jobs, device, retries, bar)
        return read_ledger(study)
    finally:
        lock.release()


def _local(workers: int | None, device: str) -> LocalCluster:
    if device == "cpu":
        resources, count = None, os.cpu_count()
    else:
        resources, count = {"GPU": 1}, torch.cuda.device_count()
        if not count:
            raise ValueError(f"device={device!r}: torch finds no card on this machine.")
    settings = {
        # a worker that dies is replaced; its job goes to another, and to no more than a few
        "distributed.scheduler.allowed-failures": RETRIES,
        "distributed.nanny.pre-spawn-environ": dict.fromkeys(_THREADS, 1) | dict.fromkeys(_MALLOC, _KEPT),
    }
    dask.config.set(settings)
    return LocalCluster(
        n_workers=workers or count,
        threads_per_worker=1,
        processes=True,
        memory_limit=0,  # a worker that needs more is for the system to stop: dask would restart it for ever
        dashboard_address="localhost:0",
        resources=resources,
    )


def _make_generators(study: Study, client: Client, open_jobs: dict[str, Job], device: str) -> None:
    """Have workers fit the generators that are needed and missing; one that cannot be fitted fails its own jobs."""
    needed = {job.generator for job in open_jobs.values()}
    tasks = {model: (_generate, model) for model in missing_generators(study) if model in needed}
    for _, future in _as_they_come(study, client, tasks, device, retries=0):
        if future.status == "finished":
            keep_generator(study, future.result())


def _do_jobs(study: Study, client: Client, open_jobs: dict[str, Job], device: str, retries: int, bar: tqdm) -> None:
    tasks = {key: (_do, job) for key, job in open_jobs.items()}
    results: list[Result] = []
    n_failed, flushed = 0, time.monotonic()
    try:
        for key, future in _as_they_come(study, client, tasks, device, retries):
            if future.status == "finished":
                results.append(future.result())
            else:
                results.append(Result(key, open_jobs[key], None, str(future.exception()), 0.0))
                n_failed += 1
            bar.set_postfix(failed=n_failed, refresh=False)
            bar.update()
            if len(results) >= _MOST or time.monotonic() - flushed > _FLUSH:
                written, results = results, []  # a disk that is full must not be asked again below
                write_shard(study, written)
                flushed = time.monotonic()
    finally:  # also when the user interrupts
        if results:
            write_shard(study, results)


def _as_they_come(
    study: Study, client: Client, tasks: dict[str, tuple], device: str, retries: int
) -> Iterator[tuple[str, Future]]:
    """Yield the name and the future of each task when it has ended, well or not."""
    resources = {"GPU": 1} if device != "cpu" else None
    waiting, running, reached = deque(tasks.items()), {}, time.monotonic()
    while waiting or running:
        if client.status == "running":
            reached = time.monotonic()
        elif client.status == "closed" or time.monotonic() - reached > _GRACE:
            raise SchedulerLost(_LOST)
        while waiting and len(running) < _AHEAD:
            name, (function, argument) = waiting.popleft()
            future = client.submit(
                function,
                str(study.folder),
                study.hash,
                argument,
                device,
                pure=False,
                retries=retries,
                resources=resources,
            )
            running[future] = name
        ended = [future for future in running if future.done()]
        for future in ended:
            name = running.pop(future)
            if future.status not in ("finished", "error"):  # cancelled, as the scheduler forgot it
                raise SchedulerLost(_LOST)
            yield name, future
        if not ended:
            time.sleep(_POLL)


def _do(folder: str, study: str, job: Job, device: str) -> Result:
    """On a worker: do a job, or raise with the traceback of what went wrong."""
    result = do_unit(worker_study(folder, study), job, device=_worker_device(device))
    if result.rows is None:
        raise JobFailed(result.error)
    return result


def _generate(folder: str, study: str, model: str, device: str) -> Generator:
    """On a worker: fit a generator."""
    return fit_generator(worker_study(folder, study), model, device=_worker_device(device))


@lru_cache(maxsize=1)
def worker_study(folder: str, study: str) -> Study:
    """Open the study once a worker process; its features stay on the disk and are mapped into memory."""
    opened = open_study(Path(folder))
    if opened.hash != study:
        raise RuntimeError(f"{folder} on this worker holds another study than the one that is run.")
    return opened


def _worker_device(device: str) -> str:
    """Give each worker of a machine its own card, by the worker's number."""
    if device != "cuda":
        return device
    name = get_worker().name
    return f"cuda:{int(name) % torch.cuda.device_count()}" if str(name).isdigit() else "cuda"
