"""Run the text notebooks with papermill, for the book and for sweeps, and write their stored pairs.

A run is a folder: the executed notebook, whatever the notebook wrote beside itself (``tables/NAME.csv``,
``figures/NAME.svg``), and the key of everything that decided the result, with the hashes of these files. A run is not
repeated as long as neither has changed.

Longer than 300 lines, as what makes a run valid has to be seen beside what makes it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from tqdm import tqdm

from yardsticks import datasets
from yardsticks.datasets.files import making_room, reading, write_whole
from yardsticks.literal import in_template
from yardsticks.notebooks.boxes import box_failures
from yardsticks.notebooks.cells import declared_parameters, read_notebook, say_failure
from yardsticks.notebooks.keys import (
    Run,
    absolute_paths,
    changed_parts,
    digest,
    is_current,
    project_hashes,
    run_parts,
    stamp,
)

KERNEL = {"name": "python3", "language": "python", "display_name": "Python 3"}
_ONE_AT_A_TIME = threading.Lock()  # papermill changes the folder of the whole process
_SLOW = 120  # seconds that the last output of a cell may take to arrive; on a busy machine the usual 4 are too few


class BuildFailed(Exception):
    """A notebook or the book could not be built; the message says which and why."""


def tidy(notebook, name: str):
    """Drop what changes from run to run (times, paths, random cell ids); keep sources, tags and outputs.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Executed notebook, changed in place.
    name : str
        Cell ids derive from it and from the cell's position.

    Returns
    -------
    nbformat.NotebookNode
        The same notebook.
    """
    import nbformat

    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    for index, cell in enumerate(notebook.cells):
        cell.id = hashlib.sha256(f"{name}:{index}".encode()).hexdigest()[:8]
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
    return notebook


def _is_news(record: logging.LogRecord) -> bool:
    """Tell papermill's other messages from one that is wrong: it knows no parameter whose choices are in quotes."""
    return not record.getMessage().startswith("Passed unknown parameter")


def perform(run: Run, folder: Path, **options: Any) -> Path:
    """Execute a notebook in a folder that exists; it stays there, and what it writes beside itself.

    Parameters
    ----------
    run : Run
        Its own folder is not touched.
    folder : Path
        Where the notebook is executed and written, however far it comes.
    **options
        Passed on to papermill.

    Returns
    -------
    Path
        The executed notebook; byte-identical whenever the same is run again.

    Raises
    ------
    papermill.PapermillExecutionError
        One of its cells failed; the notebook holds what was done until then.
    """
    import nbformat  # these imports take a second, and only the workers need them
    import papermill

    logging.getLogger("papermill").addFilter(_is_news)  # names that are not declared were refused before
    output = folder / run.output.name
    notebook = read_notebook(run.source)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL})  # papermill finds no language without it
    try:
        with _ONE_AT_A_TIME, making_room(output):
            asked = dict(
                parameters=absolute_paths(run.parameters),
                cwd=str(folder),
                kernel_name=KERNEL["name"],
                progress_bar=False,
                record_timing=False,
                allow_errors=run.boxes,
                shutdown_kernel="immediate",  # the graceful way waits for seconds
                iopub_timeout=_SLOW,
                extra_arguments=["--log-level=ERROR"],  # ipykernel warns about its transport in every notebook
                **options,
            )
            try:
                papermill.execute_notebook(notebook, in_template(output), **asked)
            except RuntimeError as died:  # another process took one of its ports before it had them
                if "before replying" not in str(died):
                    raise
                papermill.execute_notebook(notebook, in_template(output), **asked)
    except papermill.PapermillExecutionError:
        if not run.boxes:
            raise
    with reading(output, "It was not written as a whole: run the same command again."):
        executed = nbformat.read(output, as_version=4)
    boxes = box_failures(executed, folder) if run.boxes else []
    executed = tidy(executed, run.source.stem)
    if boxes:
        executed.metadata["not_shown"] = nbformat.from_dict(boxes)
    write_whole(output, nbformat.writes(executed).encode())
    return output


def execute(run: Run, **options: Any) -> Path:
    """Execute a notebook and put its folder in place as a whole.

    A run that fails leaves the earlier folder as it was, and what it had done so far in ``<folder>.partial``. The
    notebook's metadata lists its boxes, where it may have some.

    Returns
    -------
    Path
        The executed notebook, see `perform`.
    """
    with put_in_place(run.folder, f"{run.folder.name}.partial") as partial:
        perform(run, partial, **options)
    return run.output


@contextmanager
def put_in_place(folder: Path, name: str) -> Iterator[Path]:
    """Give a new folder of this name to work in, which then takes the place of another as a whole.

    Where the work fails, it stays as it is, and the other one too.
    """
    partial = folder.with_name(name)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(partial, folder)


def run_all(
    root: Path,
    runs: list[Run],
    workers: int | None = None,
    *,
    progress: bool = True,
    timeout: int | None = None,
) -> dict[str, str]:
    """Execute those runs that are not up to date, several at a time, with a progress bar on stderr.

    Parameters
    ----------
    root : Path
        The project's folder.
    runs : list of Run
        Their folders must be distinct.
    workers : int, optional
        Number of processes; default one for each core.
    progress : bool
        Whether the bar is shown.
    timeout : int, optional
        Seconds that a cell may take; a notebook with one that takes longer fails. By default there is no limit.

    Returns
    -------
    dict of str to str
        Name of each failed run's folder and the last lines of its traceback; empty when all went well.
    """
    data = datasets.fingerprint()
    project = project_hashes(root)
    parts = [(run, run_parts(root, run, data, project)) for run in runs]
    todo = [(run, found) for run, found in parts if not is_current(run, digest(found))]
    failures: dict[str, str] = {}
    if not todo:
        return failures
    pool = ProcessPoolExecutor(
        min(workers or os.cpu_count() or 1, len(todo)), get_context("spawn"), initializer=_begin_worker
    )
    bar = tqdm(total=len(runs), initial=len(runs) - len(todo), desc="notebooks", unit="nb", disable=not progress)
    with pool, bar:
        futures = {pool.submit(_attempt, run, timeout): (run, found) for run, found in todo}
        try:
            for future in as_completed(futures):
                run, found = futures[future]
                name = run.folder.name
                try:
                    problem = future.result() or _settle(root, run, found)
                except BrokenProcessPool:
                    problem = "its process or one beside it was killed (out of memory?): try fewer workers"
                if problem:
                    failures[name] = problem
                bar.set_postfix_str(name, refresh=False)
                bar.update()
        except KeyboardInterrupt:  # leaving the pool would wait for all notebooks that have not begun
            pool.shutdown(wait=False, cancel_futures=True)
            for process in active_children():
                process.terminate()
            raise
    return failures


def run_notebooks(
    root: Path,
    folder: Path,
    parameters: dict[str, Any],
    workers: int | None = None,
    *,
    taking: str = "",
    progress: bool = True,
    timeout: int | None = None,
) -> list[Run]:
    """Bring every notebook of the project up to date below *folder*, each with the parameters it declares.

    With *taking* only those that declare this parameter, a file of the user's, which may lack what some cells need.

    Raises
    ------
    BuildFailed
        A notebook failed; the others were run all the same.
    ValueError
        No notebook declares one of the parameters.
    """
    sources = sorted((root / "notebooks").glob("*.py"))
    if not sources:
        raise FileNotFoundError(f"{root / 'notebooks'} holds no notebooks: build from a clone of the project.")
    declared = {source: declared_parameters(source) if parameters else set() for source in sources}
    if unknown := set(parameters).difference(*declared.values()):
        known = ", ".join(sorted(set().union(*declared.values())))
        raise ValueError(f"no notebook has the parameter {', '.join(sorted(unknown))}; they have: {known}.")
    runs = [
        Run(
            source,
            folder / source.stem,
            {k: v for k, v in parameters.items() if k in declared[source]},
            boxes=bool(taking),
        )
        for source in sources
        if not taking or taking in declared[source]
    ]
    if failures := run_all(root, runs, workers, progress=progress, timeout=timeout):
        details = [f"\n{name}\n{problem}" for name, problem in sorted(failures.items())]
        raise BuildFailed("\n".join([f"{len(failures)} of {len(runs)} notebooks failed.", *details]))
    return runs


def data_folders() -> dict[str, str]:
    """Return the variables that say where data lie, with absolute paths: a notebook starts in another folder."""
    names = ("YARDSTICKS_DATA", "YARDSTICKS_CACHE")
    return {name: os.path.abspath(os.environ[name]) for name in names if os.environ.get(name)}


def prepare_worker() -> None:
    """Set what every kernel of this process inherits."""
    os.environ["OMP_NUM_THREADS"] = "1"  # there is one process a core already
    # a backend chosen by the user for scripts would leave the notebooks without figures
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    os.environ.update(data_folders())


def _begin_worker() -> None:
    """Prepare a process of the pool, and have it end with the one that started it, however that ends."""
    prepare_worker()

    def follow() -> None:
        wait([parent_process().sentinel])
        os._exit(1)  # kernels look after themselves

    threading.Thread(target=follow, daemon=True).start()


def _settle(root: Path, run: Run, parts: dict[str, str]) -> str | None:
    """Have a run count, or say why it does not: what it read may have been neither of two states."""
    if changed := changed_parts(root, run, parts):
        return f"{', '.join(changed)}: changed while it ran, so what came of it does not count. Build again."
    stamp(run, digest(parts))
    return None


def _attempt(run: Run, timeout: int | None = None) -> str | None:
    """Execute a run; return the end of its traceback if it fails, as not every exception can be pickled."""
    try:
        execute(run, execution_timeout=timeout)
    except Exception as error:
        return "\n".join(say_failure(error).splitlines()[-15:])
    return None
