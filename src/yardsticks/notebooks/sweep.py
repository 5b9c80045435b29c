"""A sweep: one notebook run with many settings of its parameters, in a folder that can be gone on with.

``sweep.json`` says what was asked. Each run is a folder ``runs/KEY``, named after all that decides its result: executed
notebook, ``tables/``, ``log.txt``, and ``run.json`` with parameters, outcome and the notebook's numbers. It is made
under another name, ``run.json`` last, and renamed: there as a whole or not at all. These folders are the only ledger; a
run whose files are not what it wrote (``run.json`` has their hashes) is open again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from yardsticks import datasets
from yardsticks.alone import alone_in
from yardsticks.datasets.files import Damaged, read_json, reading, seal, unseal, write_whole
from yardsticks.notebooks import cells, keys
from yardsticks.notebooks.grid import Parameter, check, read_parameters
from yardsticks.notebooks.keys import Run
from yardsticks.scores.opening import open_scores

_RECORDED = {
    "parameters": dict,
    "seconds": int | float,
    "error": str,
    "synthetic": bool,
    "numbers": dict,
    "parts": dict,
}
SWEEP, RECORD, LOG = "sweep.json", "run.json", "log.txt"


@dataclass(frozen=True)
class Sweep:
    """A sweep in its folder.

    Parameters
    ----------
    folder, notebook : Path
        Absolute.
    settings : list of dict
        What each run sets; all that was ever asked for in this folder.
    """

    folder: Path
    notebook: Path
    settings: list[dict[str, Any]]

    @property
    def names(self) -> list[str]:
        """The parameters that are set in some run, in the order in which they were first set."""
        return list(dict.fromkeys(name for setting in self.settings for name in setting))


class Planned(NamedTuple):
    """A run of a sweep as the notebook, the package and the data are now.

    Parameters
    ----------
    run : Run
        Its parameters are those that differ from the notebook's own, so that whoever asks for these again, with more
        names, asks for the same run.
    key : str
    parameters : dict
        All that the notebook has, with its defaults.
    parts : dict of str to str
        See `notebooks.run_parts`.
    """

    run: Run
    key: str
    parameters: dict[str, Any]
    parts: dict[str, str]


class Ledger(NamedTuple):
    """Which runs are done: what ``run.json`` says, by the name of the run's folder.

    Parameters
    ----------
    done, failed : dict of str to dict
    open : list of str
    outdated : dict of str to dict
        Runs of another state of the notebook, the package or the data; ``changed`` names which.
    """

    done: dict[str, dict]
    failed: dict[str, dict]
    open: list[str]
    outdated: dict[str, dict]


def find_notebook(name: str) -> Path:
    """Return a notebook by its path, or by its short name among the project's.

    Raises
    ------
    FileNotFoundError
        There is none.
    """
    if Path(name).is_file():
        return Path(name).absolute()
    folder = datasets.project_folder() / "notebooks"
    if (folder / f"{name}.py").is_file():
        return folder / f"{name}.py"
    known = ", ".join(sorted(path.stem for path in folder.glob("*.py")))
    raise FileNotFoundError(f"{name!r} is neither a file nor a notebook of the project. It has: {known}.")


def parameters_of(notebook: Path) -> dict[str, Parameter]:
    """Return what a notebook's ``parameters`` cell names.

    Raises
    ------
    ValueError
        It has no such cell, or one that names nothing; it is no notebook.
    """
    try:
        found = read_parameters(cells.parameters_cell(notebook))
    except ValueError as error:
        raise ValueError(f"{notebook}: {error}") from error
    if found:
        return found
    raise ValueError(f'{notebook} has no cell with the tag "parameters" that gives names values: nothing to vary.')


def begin_sweep(notebook: Path, settings: Sequence[dict[str, Any]], folder: Path) -> Sweep:
    """Open a folder for a sweep, a new one or one that was begun with the same notebook; settings are added to it.

    Parameters
    ----------
    notebook : Path
    settings : sequence of dict
        As from `grid.list_settings`; may be empty where the sweep was begun before. A text that is the path of a file
        (it has a suffix or a separator) is made absolute, and the file's content counts.
    folder : Path

    Raises
    ------
    ValueError
        The folder holds another sweep or other things, or there is nothing to run; or a table of scores that the
        notebook would open cannot be read.
    FileNotFoundError
        There is no such table.
    Occupied
        Another run works in this folder.
    """
    _check_scores(notebook, settings)
    folder, settings = (
        folder.absolute(),
        [{name: _absolute(value) for name, value in setting.items()} for setting in settings],
    )
    if (folder / SWEEP).exists():
        before = open_sweep(folder)
        if before.notebook != notebook:
            raise ValueError(f"{folder} holds a sweep of {before.notebook}. Name a new folder with --out.")
        settings = before.settings + settings
    elif folder.exists() and any(path.name[0] != "." for path in folder.iterdir()):
        raise ValueError(f"{folder} holds other things than a sweep. Name a new folder with --out.")
    settings = list({json.dumps(setting, sort_keys=True): setting for setting in settings}.values())
    if not any(settings):
        raise ValueError(f"nothing to vary: set parameters of {notebook.name} with -p NAME=V1,V2 or --grid FILE.yaml.")
    known = parameters_of(notebook)
    for name, value in [pair for setting in settings for pair in setting.items()]:
        if name not in known:  # it was, when the sweep began
            raise ValueError(f"{notebook.name} has no parameter {name!r} any more. Name a new folder with --out.")
        check(value, known[name])
    folder.mkdir(parents=True, exist_ok=True)
    content = {"notebook": str(notebook), "runs": settings}
    with alone_in(folder):  # or what was asked for and refused would be run by the next command
        write_whole(folder / SWEEP, seal(content))
    return Sweep(folder, notebook, settings)


def _check_scores(notebook: Path, settings: Sequence[dict[str, Any]]) -> None:
    """Open each table that a notebook of scores is to be run with, as each run would fail for the same reason."""
    if "open_scores(" not in notebook.read_text(encoding="utf-8"):
        return
    given = dict.fromkeys(setting.get("scores") for setting in settings if isinstance(setting.get("scores"), str))
    for source in given:
        if source and source not in datasets.registered():
            open_scores(source)


def open_sweep(folder: Path) -> Sweep:
    """Open the sweep that a folder holds.

    Raises
    ------
    FileNotFoundError
        It holds none, or the notebook is gone.
    """
    folder = folder.absolute()
    if not (folder / SWEEP).is_file():
        raise FileNotFoundError(f"{folder} holds no sweep: there is no {SWEEP}. `yardsticks sweep` begins one.")
    way_out = "Run the sweep again with --out and a new folder."
    with reading(folder / SWEEP, way_out):
        content = read_json(folder / SWEEP, "notebook", "runs", way_out=way_out)
        if set(content) != {"notebook", "runs"}:  # as earlier versions wrote it, without a hash
            content = unseal(folder / SWEEP, way_out=way_out)
        notebook, runs = Path(content["notebook"]), content["runs"]
        if not all(isinstance(setting, dict) for setting in runs) or not runs:
            raise ValueError("it lists no runs")
    if not os.path.isfile(notebook):  # also where it is no path at all
        raise FileNotFoundError(f"{folder} is a sweep of {notebook}, and there is no such file any more.")
    return Sweep(folder, notebook, runs)


def plan(sweep: Sweep) -> dict[str, Planned]:
    """Return a sweep's runs by the names of their folders, as the notebook, the package and the data are now."""
    root = datasets.project_folder()
    data, project = datasets.fingerprint(), keys.project_hashes(root)
    own = {name: entry.default for name, entry in parameters_of(sweep.notebook).items() if entry.default is not ...}
    planned = {}
    for setting in sweep.settings:
        changes = {
            name: value
            for name, value in (own | setting).items()
            if name not in own or not _same(value, own[name]) or _is_file(value)  # whose content counts
        }
        values = {name: Path(value) if _is_file(value) else value for name, value in changes.items()}
        parts = keys.run_parts(root, Run(sweep.notebook, sweep.folder, values), data, project)
        key = keys.digest(parts)
        own_file = any(isinstance(value, Path) for value in values.values())  # which may lack what some cells need
        run = Run(sweep.notebook, sweep.folder / "runs" / key[:24], values, boxes=own_file)
        planned[run.folder.name] = Planned(run, key, own | setting, parts)
    return planned


def read_ledger(sweep: Sweep, planned: dict[str, Planned] | None = None) -> Ledger:
    """Return which runs of a sweep are done, from their folders."""
    planned = plan(sweep) if planned is None else planned
    records = {}
    for path in sorted((sweep.folder / "runs").glob(f"[!.]*/{RECORD}")):
        try:
            records[path.parent.name] = read_record(path)
        except Damaged:  # the run is open
            continue
    ledger = Ledger({}, {}, [], {})
    for name in planned:
        if name not in records:
            ledger.open.append(name)
        else:
            (ledger.failed if records[name]["error"] else ledger.done)[name] = records[name]
    now = next(iter(planned.values())).parts
    for name, record in records.items():
        if name not in planned:
            changed = [part for part in ("notebook", "package", "data") if record["parts"][part] != now[part]]
            ledger.outdated[name] = record | {"changed": changed or ["a file among its parameters"]}
    return ledger


def read_record(path: Path) -> dict:
    """Read what a run left, `Damaged` where it is not what was written."""
    record = unseal(path, *_RECORDED, "files", way_out="")
    with reading(path, ""):
        for name, kind in _RECORDED.items():
            if not isinstance(record[name], kind):
                raise ValueError(f"{name} is a {type(record[name]).__name__}")
        for part in ("notebook", "package", "data"):
            record["parts"][part]
        if keys.digest(record["parts"])[:24] != path.parent.name:
            raise ValueError("it is of another run")
        for name, digest in record["files"].items():
            if not (path.parent / name).is_file() or datasets.hash_file(path.parent / name) != digest:
                raise ValueError(f"{name} is not what the run wrote")
    return record


def _same(value: Any, other: Any) -> bool:
    return type(value) is type(other) and value == other


def _is_file(value: Any) -> bool:
    return isinstance(value, str) and os.path.isabs(value) and os.path.isfile(value)


def _absolute(value: Any) -> Any:
    """Return the path of a file as an absolute one; a name of a data set, or one without a suffix, is no path."""
    if not isinstance(value, str) or value in datasets.registered() or not (os.sep in value or Path(value).suffix):
        return value
    return os.path.abspath(value) if os.path.isfile(value) else value
