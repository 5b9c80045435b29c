"""Stored pairs: ``notebooks/NAME.ipynb``, executed on the real data, beside ``NAME.py``."""

from __future__ import annotations

import os
import re
from pathlib import Path

from yardsticks import datasets
from yardsticks.notebooks.cells import read_cells
from yardsticks.notebooks.run import run_notebooks

MAX_PAIR_BYTES = 2_000_000
# digits beyond the tenth differ between processors; `tests/nbval_sanitize.cfg` has the same rule
_DIGITS = re.compile(rb"(\d\.\d{9})\d+")


def write_pairs(root: Path, workers: int | None = None, *, timeout: int | None = None) -> list[Path]:
    """Rewrite ``notebooks/*.ipynb`` from runs on the real data with default parameters; all of them or none.

    A cell may take *timeout* seconds.

    Returns
    -------
    list of Path
        The pairs whose content changed by more than digits beyond the tenth; the others stay as they are.

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
    runs = run_notebooks(root, root / "_build" / "runs", {}, workers, timeout=timeout)
    unfit = [f"{run.source.name}: {'; '.join(found)}" for run in runs if (found := pair_problems(run.output))]
    if unfit:
        raise ValueError("\n".join(["no stored notebook was changed, mend these first:", *unfit]))
    changed = []
    for run in runs:
        pair, result = run.source.with_suffix(".ipynb"), run.output.read_bytes()
        if not pair.exists() or _DIGITS.sub(rb"\1", pair.read_bytes()) != _DIGITS.sub(rb"\1", result):
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
