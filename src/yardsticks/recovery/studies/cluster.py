"""Running a study on many processes or machines, by dask.distributed.

Jobs are pure functions of their identity, so any scheduler will do. This process alone writes the results: workers only
read the study's folder, which all of them must see. A run may be killed at any point; the next one goes on from there.
"""

from __future__ import annotations

import logging
import platform
from functools import lru_cache
from pathlib import Path

import torch
from distributed import Client, Future, get_worker
from tqdm import tqdm

from yardsticks import source
from yardsticks.alone import alone_in
from yardsticks.datasets.files import Damaged
from yardsticks.devices import check_device
from yardsticks.limits import limited
from yardsticks.recovery.studies import store
from yardsticks.recovery.studies.experiment import Job
from yardsticks.recovery.studies.generator import Generator
from yardsticks.recovery.studies.jobs import do_job, fit_generator, keep_generator, missing_generators
from yardsticks.recovery.studies.store import (
    Ledger,
    Result,
    Study,
    keeping,
    open_study,
    read_ledger,
    set_aside,
    write_plan,
)
from yardsticks.workers import RETRIES, as_they_come


class JobFailed(Exception):
    """A job failed on a worker; the message is its traceback."""


def run(
    study: Study,
    client: Client,
    *,
    device: str = "cpu",
    again: bool = False,
    timeout: float | None = None,
    progress: bool = True,
) -> Ledger:
    """Do all open jobs of a study, writing results as they come; one that fails is tried again, `RETRIES` times.

    Parameters
    ----------
    study : Study
    client : distributed.Client
    device : {"cpu", "cuda"}
        With ``cuda`` only workers with the resource GPU take jobs.
    again : bool
        Also do jobs again whose failure is on record.
    timeout : float, optional
        Seconds that a job may take; one that takes longer fails, and is not tried again. By default there is no limit.
    progress : bool
        Show a bar: done, rate, time left, failed.

    Returns
    -------
    Ledger
        Of all jobs at the end.

    Raises
    ------
    Occupied
        Another run works in this folder.
    OtherCode
        The package or a package that computes is another one on a worker.
    Damaged
        The data that a worker sees in the folder are not those that were frozen.
    SchedulerLost
        The scheduler was lost.
    ValueError
        A card is asked for, and no worker has the resource GPU.
    OSError
        A shard could not be written, as the disk is full; what was written before is whole.
    """
    _check_resources(client, device)
    with alone_in(study.folder):
        write_plan(study)  # somebody else may have asked for another one since this was begun
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
            _make_generators(study, client, open_jobs, device, timeout)
            _do_jobs(study, client, open_jobs, device, timeout, bar)
        return read_ledger(study)


def _make_generators(
    study: Study, client: Client, open_jobs: dict[str, Job], device: str, timeout: float | None
) -> None:
    """Have workers fit the generators that are needed and missing; one that cannot be fitted fails its own jobs."""
    needed = {job.generator for job in open_jobs.values()}
    names = [model for model in missing_generators(study) if model in needed]
    tasks = {model: (_generate, str(study.folder), study.hash, model, device, timeout) for model in names}
    for _, future in as_they_come(client, tasks, resources=_resources(device)):
        if future.status == "finished":
            keep_generator(study, future.result())
        _check_worker(future)


def _do_jobs(
    study: Study, client: Client, open_jobs: dict[str, Job], device: str, timeout: float | None, bar: tqdm
) -> None:
    tasks = {key: (_do, str(study.folder), study.hash, job, device, timeout) for key, job in open_jobs.items()}
    n_failed = 0
    with keeping(study) as keep:
        for key, future in as_they_come(client, tasks, retries=RETRIES, resources=_resources(device)):
            if future.status == "finished":
                result = future.result()
            else:
                _check_worker(future)
                result = Result(key, open_jobs[key], None, str(future.exception()), 0.0)
            n_failed += result.rows is None
            bar.set_postfix(failed=n_failed, refresh=False)
            bar.update()
            keep(result)


def _check_worker(future: Future) -> None:
    """Raise what is wrong with a worker rather than with the job that it was given: no job can be done there."""
    if future.status == "error" and isinstance(error := future.exception(), (source.OtherCode, Damaged)):
        raise error


def _do(folder: str, study: str, job: Job, device: str, timeout: float | None) -> Result:
    """On a worker: do a job, or raise with the traceback of what went wrong."""
    result = do_job(worker_study(folder, study), job, device=_worker_device(device), timeout=timeout)
    if result.rows is None and not (timeout and result.seconds >= timeout):  # again it would take as long
        raise JobFailed(result.error)
    return result


def _generate(folder: str, study: str, model: str, device: str, timeout: float | None) -> Generator:
    """On a worker: fit a generator."""
    with limited(timeout):
        return fit_generator(worker_study(folder, study), model, device=_worker_device(device))


def _is_not_told(record: logging.LogRecord) -> bool:
    """Tell whether a worker alone knows of something; the run itself tells what has failed, at the end and once."""
    return not record.getMessage().startswith("Compute Failed")


@lru_cache(maxsize=1)
def worker_study(folder: str, study: str) -> Study:
    """Open the study, all hashes compared, once a worker process; its features are mapped into memory."""
    logging.getLogger("distributed.worker").addFilter(_is_not_told)
    opened, here = open_study(Path(folder)), platform.node()
    if opened.hash != study:
        raise source.OtherCode(f"{folder} on the worker on {here} holds another study than the one that is run.")
    if opened.code != store.CODE:
        differ = source.say_difference(opened.code, store.CODE)
        raise source.OtherCode(
            f"the worker on {here} has other code than the run ({differ}). Install the same there, and run the same "
            "command again; what was finished is kept."
        )
    return opened


def _check_resources(client: Client, device: str) -> None:
    """Raise a ValueError where tasks would wait for ever: there are workers, and none has what the device needs."""
    known = client.scheduler_info()["workers"].values() if _resources(device) else ()  # none at all may still come
    if known and not any("GPU" in worker["resources"] for worker in known):
        raise ValueError(
            f"device={device!r}: none of the {len(known)} workers has the resource GPU. Start those that have a card "
            "with --resources GPU=1, or say device='cpu'."
        )


def _resources(device: str) -> dict[str, int] | None:
    return {"GPU": 1} if device != "cpu" else None


def _worker_device(device: str) -> str:
    """Give each worker of a machine its own card, by the worker's number."""
    if device != "cuda":
        return device
    check_device(device)
    name = get_worker().name
    return f"cuda:{int(name) % torch.cuda.device_count()}" if str(name).isdigit() else "cuda"
