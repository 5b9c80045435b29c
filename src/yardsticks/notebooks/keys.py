"""A run of a notebook, and the key of everything that decides its result."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from yardsticks import datasets


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
        "parameters": [absolute_paths(run.parameters), _hashes(root, own.values())],
    }
    return {name: digest(part) for name, part in content.items()}


def run_key(root: Path, run: Run, data: dict[str, str]) -> str:
    """Hash all that decides a run's result, as 64 hexadecimal digits; see `run_parts`."""
    return digest(run_parts(root, run, data))


def _hashes(root: Path, files: Iterable[Path]) -> dict[str, str]:
    return {os.path.relpath(path, root): datasets.hash_file(path) for path in files}


def digest(content: Any) -> str:
    """Hash what can be written as JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def absolute_paths(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return parameters with each `Path` as an absolute one, in text: notebooks are run in other folders."""
    return {name: str(v.absolute()) if isinstance(v, Path) else v for name, v in parameters.items()}
