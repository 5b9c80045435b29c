"""A run of a notebook, and the key of everything that decides its result."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from yardsticks import datasets, source
from yardsticks.datasets.files import Damaged, seal, unseal, write_whole

_STAMP = ".key"


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
        Whether cells may fail, and a box says what is not shown and why, see `boxes`.
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
    """Return what every run of the project depends on: hashes of source, our tables and lock, versions of packages."""
    files = [
        *(root / "src").rglob("*.py"),
        *(path for path in (root / "data").rglob("*") if path.is_file()),
        *root.glob("requirements.txt"),
    ]
    return _hashes(root, files) | source.installed(source.COMPUTING + source.DRAWING)


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
        Of ``notebook``, ``package`` (with our tables, the lock and the versions of installed packages), ``data`` and
        ``parameters``: 64 hexadecimal digits.

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
        "parameters": [absolute_paths(run.parameters), _hashes(root, own.values())],
    }
    return {name: digest(part) for name, part in content.items()}


def run_key(root: Path, run: Run, data: dict[str, str]) -> str:
    """Hash all that decides a run's result, as 64 hexadecimal digits; see `run_parts`."""
    return digest(run_parts(root, run, data))


def changed_parts(root: Path, run: Run, parts: dict[str, str]) -> list[str]:
    """Return which of a run's parts are other ones now: asked before and after it, or they may not be what it read."""
    try:
        now = run_parts(root, run, datasets.fingerprint())
    except FileNotFoundError:
        return ["a file among its parameters"]
    return [name for name in parts if parts[name] != now[name]]


def hash_contents(folder: Path, but: str) -> dict[str, str]:
    """Return the hashes of all files in a folder but one, by their paths in it."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / but)
    return {path.relative_to(folder).as_posix(): datasets.hash_file(path) for path in files}


def stamp(run: Run, key: str) -> None:
    """Write into a run's folder what decided its result, and the hash of each file that it left."""
    write_whole(run.folder / _STAMP, seal({"key": key, "files": hash_contents(run.folder, _STAMP)}))


def is_current(run: Run, key: str) -> bool:
    """Tell whether a run's folder holds what this key gives, and nothing in it has been changed since."""
    try:
        found = unseal(run.folder / _STAMP, "key", "files", way_out="It is run again.")
    except Damaged:
        return False
    return found["key"] == key and run.output.is_file() and found["files"] == hash_contents(run.folder, _STAMP)


def _hashes(root: Path, files: Iterable[Path]) -> dict[str, str]:
    return {os.path.relpath(path, root): datasets.hash_file(path) for path in files}


def digest(content: Any) -> str:
    """Hash what can be written as JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def absolute_paths(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return parameters with each `Path` as an absolute one, in text: notebooks are run in other folders."""
    return {name: str(v.absolute()) if isinstance(v, Path) else v for name, v in parameters.items()}
