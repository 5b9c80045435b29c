"""Doing the runs of a sweep on dask's workers, each in a folder of its own; see `sweep` for what is in it."""

from __future__ import annotations

import ast
import logging
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from distributed import Client
from tqdm import tqdm

from yardsticks import datasets
from yardsticks.alone import alone_in
from yardsticks.datasets.files import DiskFull, making_room, seal, write_whole
from yardsticks.notebooks import boxes, cells, keys, run
from yardsticks.notebooks.sweep import LOG, RECORD, Ledger, Planned, Sweep, plan, read_ledger
from yardsticks.workers import as_they_come, killed

_KILLED = "Killed: the processes that did this run died, one after the other (out of memory?). Try fewer --jobs."


class Changed(RuntimeError):
    """The notebook, the package or the data are not those that the sweep's run was planned with."""


def run_sweep(sweep: Sweep, client: Client, *, again: bool = False, timeout: int | None = None) -> Ledger:
    """Do all open runs of a sweep, with a bar; each leaves its folder as soon as it has ended.

    Parameters
    ----------
    sweep : Sweep
    client : distributed.Client
        Of `workers.open_client`. Its workers must see the sweep's folder and the project under the same paths.
    again : bool
        Also do runs again that failed.
    timeout : int, optional
        Seconds that a cell of a notebook may take; one that takes longer fails. By default there is no limit.

    Returns
    -------
    Ledger
        Of all runs at the end.

    Raises
    ------
    Occupied
        Another run works in this folder.
    Changed
        The notebook, the package or the data were changed meanwhile, or are others on a worker.
    SchedulerLost
        The scheduler was lost.
    """
    with alone_in(sweep.folder):
        for left in (sweep.folder / "runs").glob(".*"):  # of a run that was killed
            shutil.rmtree(left, ignore_errors=True)
        planned = plan(sweep)
        ledger = read_ledger(sweep, planned)
        asked = [*ledger.open, *(ledger.failed if again else ())]
        environment = run.data_folders() | {"YARDSTICKS_OFFLINE": os.environ.get("YARDSTICKS_OFFLINE", "")}
        tasks = {name: (do_run, planned[name], environment, timeout) for name in asked}
        n_failed = 0 if again else len(ledger.failed)
        bar = tqdm(
            total=len(planned),
            initial=len(planned) - len(asked),
            unit="run",
            desc=sweep.notebook.stem,
        )
        with bar:
            for name, future in as_they_come(client, tasks):
                error = future.exception()
                if killed(error):
                    with _folder_of(planned[name]) as folder:
                        _settle(planned[name], folder, 0.0, _KILLED)
                elif error is not None:
                    raise error
                n_failed += error is not None or future.result()
                bar.set_postfix(failed=n_failed, refresh=False)
                bar.update()
        return read_ledger(sweep, planned)


def do_run(planned: Planned, environment: dict[str, str], timeout: int | None = None) -> bool:
    """On a worker: do a run and leave its folder. Tell whether it failed.

    Raises
    ------
    Changed
        This worker would not run what was planned.
    """
    os.environ.update(environment)
    run.prepare_worker()
    _check_parts(planned)
    error, began = "", time.monotonic()
    with _folder_of(planned) as folder:
        try:
            with _logged(folder / LOG):
                output = run.perform(planned.run, folder, log_output=True, execution_timeout=timeout)
            error = "\n".join(box["why"] for box in boxes.read_boxes(output) if boxes.UNFORESEEN in box["why"])
        except DiskFull:
            raise  # no fault of the run, which stays open
        except Exception as failure:
            error = cells.say_failure(failure)
        _check_parts(planned)  # what was read may have been another state
        _settle(planned, folder, time.monotonic() - began, error)
    return bool(error)


def _check_parts(planned: Planned) -> None:
    if changed := keys.changed_parts(datasets.project_folder(), planned.run, planned.parts):
        raise Changed(
            f"{', '.join(changed)}: changed since the sweep was started, or not the same on a worker. What was "
            "finished is kept; run the same command again to go on as it is now."
        )


def glued_numbers(notebook: Path) -> dict[str, float]:
    """Return the numbers, true and false among them, that an executed notebook glued, by name."""
    found = {}
    for cell in cells.read_cells(notebook):
        for output in cell.get("outputs", []):
            about = output.get("metadata", {}).get("scrapbook")
            text = "".join(output.get("data", {}).get(f"{(about or {}).get('mime_prefix', '')}text/plain", ""))
            if about and (number := _number(text)) is not None:
                found[about["name"]] = number
    return found


def _number(text: str) -> float | None:
    if text in ("nan", "inf", "-inf"):
        return float(text)
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, int | float) else None


def _folder_of(planned: Planned) -> AbstractContextManager[Path]:
    """Give a run a folder to work in; that of a run that failed, or of a worker thought lost, gives way to it."""
    name = planned.run.folder.name
    return run.put_in_place(planned.run.folder, f".{name}.{uuid.uuid4().hex[:8]}")


def _settle(planned: Planned, folder: Path, seconds: float, error: str) -> None:
    """Write what became of a run, as the last of its files."""
    notebook = folder / planned.run.output.name
    if error and not _is_whole(notebook):  # whatever ended the run, it did while the notebook was being written
        notebook.unlink(missing_ok=True)
    if error:
        with making_room(folder / LOG), open(folder / LOG, "a", encoding="utf-8") as handle:
            handle.write(f"{error}\n")
    record = {
        "parameters": planned.parameters,
        "seconds": round(seconds, 3),
        "error": error,
        "synthetic": notebook.is_file() and cells.shows_synthetic(notebook),
        "not_shown": boxes.read_boxes(notebook) if notebook.is_file() else [],
        "numbers": {} if error else glued_numbers(notebook),  # half of them would be taken for all
        "parts": planned.parts,
        "files": keys.hash_contents(folder, RECORD),
    }
    write_whole(folder / RECORD, seal(record))


def _is_whole(notebook: Path) -> bool:
    try:
        cells.read_cells(notebook)
    except (OSError, ValueError, LookupError, TypeError):
        return False
    return True


@contextmanager
def _logged(path: Path) -> Iterator[None]:
    """Have papermill write to a file which cell it is at, and what the notebook shows."""
    logger, handler = logging.getLogger("papermill"), logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    before = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()
        logger.level, logger.propagate = before
