"""Workers of many processes or machines, by dask.distributed: for recovery studies and for sweeps of a notebook."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import dask
from distributed import Client, Future, KilledWorker, LocalCluster
from distributed.security import Security

from yardsticks.devices import check_device

QUEUES = {"slurm": "SLURMCluster", "pbs": "PBSCluster", "lsf": "LSFCluster", "sge": "SGECluster"}
RETRIES = 2
_POLL = 0.05  # seconds
_GRACE = 10.0  # seconds for which the scheduler may be out of reach
_AHEAD = 100  # tasks that the scheduler knows of at a time, beyond those that run
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
# dask has workers give memory back at once; a fit asks for the same again at its next step, and takes twice as long
_MALLOC = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")
_KEPT = 1 << 28  # bytes
_ROLES = ("scheduler", "worker", "client")
LOOPBACK = "localhost:0"  # a free port, for this machine alone
_LOST = "the scheduler cannot be reached. What was finished is written; run the same command again to go on."


class Certificates(NamedTuple):
    """Files, in PEM format, for a scheduler that speaks TLS, as dask calls them.

    Parameters
    ----------
    ca_file, cert, key : Path
    """

    ca_file: Path
    cert: Path
    key: Path


class SchedulerLost(RuntimeError):
    """The scheduler cannot be reached any more; what was finished is written."""


@contextmanager
def open_client(
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    queue: str | None = None,
    options: dict[str, str] | None = None,
    folder: Path | None = None,
    certificates: Certificates | None = None,
    dashboard: str = LOOPBACK,
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
    folder : Path, optional
        With a queue: a folder that all machines see, for certificates made for this run alone, readable by the user.
    certificates : Certificates, optional
        For a scheduler that asks for them, at an address tls://...
    dashboard : str
        Where the dashboard of workers started here listens; by default to this machine alone.
    device : {"cpu", "cuda"}

    Raises
    ------
    OSError
        Nobody answers at the scheduler's address.
    ValueError
        A scheduler at tls://... without certificates, or certificates for one that does not encrypt; cards of this
        machine, which has none; a queueing system that this machine cannot reach.

    Notes
    -----
    Whoever reaches a scheduler's port can have its workers run any code. What is started here listens to this machine
    alone or, with a queue, speaks TLS and takes none but those who hold the certificates of this run.
    """
    with ExitStack() as stack:
        if scheduler:
            security = _security(scheduler, certificates)
            yield stack.enter_context(Client(scheduler, timeout=_GRACE, security=security))
            return
        if queue:
            check_queue(queue)
            security = stack.enter_context(own_certificates(folder or Path.cwd()))
            made = make_queue(queue, options or {}, device, security=security, dashboard=dashboard)
            cluster = stack.enter_context(made)
            cluster.scale(jobs=workers or 1)
        else:
            cluster = stack.enter_context(_local(workers, device, dashboard))
        yield stack.enter_context(Client(cluster))


def check_queue(queue: str) -> None:
    """Raise a ValueError where this machine lacks the command that submits jobs to a queueing system."""
    import dask_jobqueue

    command = getattr(dask_jobqueue, QUEUES[queue]).job_cls.submit_command.split()[0]
    if shutil.which(command) is None:
        raise ValueError(
            f"--cluster {queue}: there is no command {command} on this machine, which submits jobs there. Run this "
            "where it is, or leave --cluster out."
        )


def make_queue(
    queue: str, options: dict[str, str], device: str = "cpu", *, security: Security, dashboard: str = LOOPBACK
):
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
    secured = {
        "security": security,
        "protocol": "tls://",
        "scheduler_options": {"dashboard_address": dashboard},
    }
    settings = (
        secured
        | {"cores": 1, "processes": 1, "memory": "4GB", "job_script_prologue": keep}
        | {name.replace("-", "_"): int(value) if value.isdigit() else value for name, value in options.items()}
    )
    settings["worker_extra_args"] = ["--no-dashboard", *(["--resources", "GPU=1"] if device != "cpu" else [])]
    return getattr(dask_jobqueue, QUEUES[queue])(**settings)


def as_they_come(
    client: Client, tasks: dict[str, tuple], *, retries: int = 0, resources: dict[str, int] | None = None
) -> Iterator[tuple[str, Future]]:
    """Have workers do tasks, and yield the name and the future of each when it has ended, well or not.

    Parameters
    ----------
    client : distributed.Client
    tasks : dict of str to tuple
        A function and its arguments, by a name.
    retries : int
        How often a task that failed is tried again.
    resources : dict, optional
        What a worker must have.

    Raises
    ------
    SchedulerLost
        The scheduler was lost.
    """
    waiting, running, reached = deque(tasks.items()), {}, time.monotonic()
    while waiting or running:
        if client.status == "running":
            reached = time.monotonic()
        elif client.status == "closed" or time.monotonic() - reached > _GRACE:
            raise SchedulerLost(_LOST)
        while waiting and len(running) < _AHEAD:
            name, (function, *arguments) = waiting.popleft()
            future = client.submit(function, *arguments, pure=False, retries=retries, resources=resources)
            running[future] = name
        ended = [future for future in running if future.done()]
        for future in ended:
            name = running.pop(future)
            if future.status not in ("finished", "error"):  # cancelled, as the scheduler forgot it
                raise SchedulerLost(_LOST)
            yield name, future
        if not ended:
            time.sleep(_POLL)


def killed(error: BaseException | None) -> bool:
    """Tell whether a task failed because the workers that did it died, one after the other."""
    return isinstance(error, KilledWorker)


@contextmanager
def own_certificates(folder: Path) -> Iterator[Security]:
    """Make certificates for one run, in a folder that the user alone may read and that goes with the run."""
    made = Security.temporary()
    names = ["tls_ca_file", *(f"tls_{role}_{part}" for role in _ROLES for part in ("cert", "key"))]
    with tempfile.TemporaryDirectory(prefix=".certificates-", dir=folder) as own:
        for name in names:
            Path(own, name).write_text(getattr(made, name))
        yield Security(**{name: str(Path(own, name)) for name in names}, require_encryption=True)


def _security(scheduler: str, certificates: Certificates | None) -> Security | None:
    if not certificates:
        if scheduler.startswith("tls://"):
            raise ValueError(f"{scheduler} asks for certificates: give --tls-ca-file, --tls-cert and --tls-key.")
        return None
    if not scheduler.startswith("tls://"):
        raise ValueError(f"certificates are for a scheduler at tls://..., and {scheduler} does not encrypt.")
    for path in certificates:
        if not path.is_file():
            raise ValueError(f"{path}: there is no such file of a certificate or key.")
    ca_file, cert, key = map(str, certificates)
    return Security(tls_ca_file=ca_file, tls_client_cert=cert, tls_client_key=key, require_encryption=True)


def _local(workers: int | None, device: str, dashboard: str) -> LocalCluster:
    if device == "cpu":
        resources, count = None, os.cpu_count()
    else:
        import torch  # sweeps do without

        check_device(device)
        resources, count = {"GPU": 1}, torch.cuda.device_count()
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
        dashboard_address=dashboard,
        resources=resources,
    )
