"""Run the text notebooks with papermill, for the book and for sweeps, and write their stored pairs.

A run is a folder: the executed notebook, whatever the notebook wrote beside itself (``tables/NAME.csv``), and
the key of everything that decided the result. A run whose key is unchanged is not repeated.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shutil
import threading
import traceback
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from yardsticks import datasets
from yardsticks.lacking import box_failures

KERNEL = {"name": "python3", "language": "python", "display_name": "Python 3"}
MAX_PAIR_BYTES = 1_000_000
ANSI = re.compile(r"\x1b\[[0-9;]*m")
SYNTHETIC = 'id="synthetic-data"'
_ONE_AT_A_TIME = threading.Lock()  # papermill changes the folder of the whole process


class BuildFailed(Exception):
    """A notebook or the book could not be built; the message says which and why."""


class Run(NamedTuple):
    """One execution of one notebook.

    Parameters
    ----------
    source : Path
        The text notebook (py:percent).
    folder : Path
        Where its results land; owned by this run alone, and the notebook's working directory.
    parameters : dict
        Values for its ``parameters`` cell. A `Path` is made absolute before the notebook starts in its own
        folder, and the file's content is part of the run's key.
    boxes : bool
        Whether cells may fail, and a box says what is not shown and why, see `lacking`.
    """

    source: Path
    folder: Path
    parameters: dict[str, Any]
    boxes: bool = False

    @property
    def output(self) -> Path:
        """The executed notebook."""
        return self.folder / f"{self.source.stem}.ipynb"


def project_hashes(root: Path) -> dict[str, str]:
    """Return the hashes of what every run of the project depends on: package source, our tables, lock."""
    files = [
        *(root / "src").rglob("*.py"),
        *(path for path in (root / "data").rglob("*") if path.is_file()),
        *root.glob("requirements.txt"),
    ]
    return _hashes(root, files)


def run_parts(root: Path, run: Run, data: dict[str, str], project: dict[str, str] | None = None) -> dict[str, str]:
    """Hash what decides a run's result, part by part, so that it can be said which of them has changed.

    Parameters
    ----------
    root : Path
        The project's folder.
    run : Run
        What would be executed.
    data : dict of str to str
        `datasets.fingerprint`, so that a run on synthetic data is never taken for one on real data.
    project : dict of str to str, optional
        `project_hashes`, where these are at hand.

    Returns
    -------
    dict of str to str
        Of ``notebook``, ``package`` (with our tables and the lock), ``data`` and ``parameters``: 64 hexadecimal digits.

    Raises
    ------
    FileNotFoundError
        A path among the parameters is no file.
    """
    own = {name: value for name, value in run.parameters.items() if isinstance(value, Path)}
    for name, path in own.items():
        if not path.is_file():
            raise FileNotFoundError(f"{name} = {path}: there is no such file. Give the path of an existing one.")
    content = {
        "notebook": _hashes(root, [run.source]),
        "package": project_hashes(root) if project is None else project,
        "data": data,
        "parameters": [_absolute(run.parameters), _hashes(root, own.values())],
    }
    return {name: digest(part) for name, part in content.items()}


def run_key(root: Path, run: Run, data: dict[str, str]) -> str:
    """Hash all that decides a run's result, as 64 hexadecimal digits; see `run_parts`."""
    return digest(run_parts(root, run, data))


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

    output = folder / run.output.name
    notebook = _read(run.source)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL})  # papermill finds no language without it
    try:
        with _ONE_AT_A_TIME:
            papermill.execute_notebook(
                notebook,
                str(output),
                parameters=_absolute(run.parameters),
                cwd=str(folder),
                kernel_name=KERNEL["name"],
                progress_bar=False,
                record_timing=False,
                allow_errors=run.boxes,
                shutdown_kernel="immediate",  # the graceful way waits for seconds
                extra_arguments=["--log-level=ERROR"],  # ipykernel warns about its transport in every notebook
                **options,
            )
    except papermill.PapermillExecutionError:
        if not run.boxes:
            raise
    executed = nbformat.read(output, as_version=4)
    boxes = box_failures(executed, folder) if run.boxes else []
    executed = tidy(executed, run.source.stem)
    if boxes:
        executed.metadata["not_shown"] = nbformat.from_dict(boxes)
    nbformat.write(executed, output)
    return output


def execute(run: Run) -> Path:
    """Execute a notebook and put its folder in place as a whole.

    A run that fails leaves the earlier folder as it was, and what it had done so far in ``<folder>.partial``. The
    notebook's metadata lists its boxes, where it may have some.

    Returns
    -------
    Path
        The executed notebook, see `perform`.
    """
    partial = run.folder.with_name(f"{run.folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    perform(run, partial)
    shutil.rmtree(run.folder, ignore_errors=True)
    os.replace(partial, run.folder)
    return run.output


def run_all(root: Path, runs: list[Run], workers: int | None = None, *, progress: bool = True) -> dict[str, str]:
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

    Returns
    -------
    dict of str to str
        Name of each failed run's folder and the last lines of its traceback; empty when all went well.
    """
    data = datasets.fingerprint()
    keyed = [(run, run_key(root, run, data)) for run in runs]
    todo = [(run, key) for run, key in keyed if not _is_current(run, key)]
    failures: dict[str, str] = {}
    if not todo:
        return failures
    pool = ProcessPoolExecutor(
        min(workers or os.cpu_count() or 1, len(todo)), get_context("spawn"), initializer=prepare_worker
    )
    bar = tqdm(total=len(runs), initial=len(runs) - len(todo), desc="notebooks", unit="nb", disable=not progress)
    with pool, bar:
        futures = {pool.submit(_attempt, run, key): run for run, key in todo}
        for future in as_completed(futures):
            name = futures[future].folder.name
            try:
                problem = future.result()
            except BrokenProcessPool:
                problem = "its process or one beside it was killed (out of memory?): try fewer workers"
            if problem:
                failures[name] = problem
            bar.set_postfix_str(name, refresh=False)
            bar.update()
    return failures


def run_notebooks(
    root: Path,
    folder: Path,
    parameters: dict[str, Any],
    workers: int | None = None,
    *,
    taking: str = "",
    progress: bool = True,
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
    declared = {source: _declared(source) if parameters else set() for source in sources}
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
    if failures := run_all(root, runs, workers, progress=progress):
        details = [f"\n{name}\n{problem}" for name, problem in sorted(failures.items())]
        raise BuildFailed("\n".join([f"{len(failures)} of {len(runs)} notebooks failed.", *details]))
    return runs


def write_pairs(root: Path, workers: int | None = None) -> list[Path]:
    """Rewrite ``notebooks/*.ipynb`` from runs on the real data with default parameters; all of them or none.

    Returns
    -------
    list of Path
        The pairs whose content changed.

    Raises
    ------
    ValueError
        A registered data set is synthetic here, or a result is not fit to be stored.
    BuildFailed
        A notebook failed.
    """
    if synthetic := [name for name in datasets.fingerprint() if datasets.is_synthetic(name)]:
        raise ValueError(
            f"the stored notebooks hold results on real data, and {', '.join(synthetic)} would be synthetic "
            "here. Run `yardsticks data pull`, or set YARDSTICKS_DATA to the folder that holds the real data."
        )
    runs = run_notebooks(root, root / "_build" / "runs", {}, workers)
    unfit = [f"{run.source.name}: {'; '.join(found)}" for run in runs if (found := pair_problems(run.output))]
    if unfit:
        raise ValueError("\n".join(["no stored notebook was changed, mend these first:", *unfit]))
    changed = []
    for run in runs:
        pair, result = run.source.with_suffix(".ipynb"), run.output.read_bytes()
        if not pair.exists() or pair.read_bytes() != result:
            unfinished = pair.with_suffix(".tmp")
            unfinished.write_bytes(result)
            os.replace(unfinished, pair)
            changed.append(pair)
    return changed


def pair_problems(path: Path) -> list[str]:
    """Say why an executed notebook is not fit to be stored: size, errors, warnings, cells not run."""
    problems = []
    if (size := path.stat().st_size) > MAX_PAIR_BYTES:
        problems.append(f"{size:,} bytes, more than {MAX_PAIR_BYTES:,}: show less, or smaller figures")
    for number, cell in enumerate(read_cells(path), start=1):
        if cell["cell_type"] == "code" and "".join(cell["source"]).strip() and not cell["execution_count"]:
            problems.append(f"cell {number} was never run")
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                problems.append(f"cell {number} raised {output['ename']}: {output['evalue']}")
            elif output.get("name") == "stderr":
                problems.append(f"cell {number} wrote to stderr: {''.join(output['text']).strip()[:200]}")
    return problems


def read_cells(path: Path) -> list[dict]:
    """Return the cells of an ``.ipynb`` file as plain dictionaries; nbformat is slow to import."""
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def shows_synthetic(path: Path) -> bool:
    """Tell whether an executed notebook has an output that says that its data are synthetic."""
    outputs = [output for cell in read_cells(path) for output in cell.get("outputs", [])]
    return any(SYNTHETIC in "".join(output.get("data", {}).get("text/html", "")) for output in outputs)


def parameters_cell(source: Path) -> str:
    """Return the code of a notebook's cells with the tag ``parameters``; "" without any."""
    cells = _read(source).cells
    return "\n".join(cell.source for cell in cells if "parameters" in cell.metadata.get("tags", []))


def say_failure(error: Exception) -> str:
    """Return what an exception says, without a terminal's colours; of a cell that failed this is its traceback."""
    return ANSI.sub("", "".join(traceback.format_exception_only(error))).strip()


def _read(source: Path):
    import jupytext

    return jupytext.read(source, fmt="py:percent" if source.suffix == ".py" else None)


def _hashes(root: Path, files: Iterable[Path]) -> dict[str, str]:
    return {os.path.relpath(path, root): datasets.hash_file(path) for path in files}


def digest(content: Any) -> str:
    """Hash what can be written as JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _absolute(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: str(v.absolute()) if isinstance(v, Path) else v for name, v in parameters.items()}


def _is_current(run: Run, key: str) -> bool:
    stamp = run.folder / ".key"
    return run.output.is_file() and stamp.is_file() and stamp.read_text() == key


def prepare_worker() -> None:
    """Set what every kernel of this process inherits."""
    os.environ["OMP_NUM_THREADS"] = "1"  # there is one process a core already
    # a backend chosen by the user for scripts would leave the notebooks without figures
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    for name in ("YARDSTICKS_DATA", "YARDSTICKS_CACHE"):
        if os.environ.get(name):  # a notebook starts in another folder
            os.environ[name] = os.path.abspath(os.environ[name])


def _attempt(run: Run, key: str) -> str | None:
    """Execute a run; return the end of its traceback if it fails, as not every exception can be pickled."""
    try:
        execute(run)
    except Exception as error:
        return "\n".join(say_failure(error).splitlines()[-15:])
    (run.folder / ".key").write_text(key)
    return None


def _declared(source: Path) -> set[str]:
    """Return the names that a notebook's ``parameters`` cell assigns."""
    names = [node for node in ast.walk(ast.parse(parameters_cell(source))) if isinstance(node, ast.Name)]
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}
