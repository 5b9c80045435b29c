"""Tables of finished studies that come with the project, made from real data and kept under data/results."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from yardsticks.datasets import ROOT, Origin
from yardsticks.recovery.store import read_table

FOLDER = ROOT / "data" / "results"


def open_results(name: str) -> tuple[pd.DataFrame, dict, Origin]:
    """Open the table of a finished study.

    Parameters
    ----------
    name : str
        For example ``things_open``.

    Returns
    -------
    rows : DataFrame
        Of a recovery study one for each job and candidate, see `simulation.run_job`; of `measure_geometry` as there.
    provenance : dict
        Settings of the experiment, hash and kind of its data, version of the package.
    origin : Origin
        Of the data that the study was run on.

    Raises
    ------
    FileNotFoundError
        There is no such table, with those that there are.
    """
    path = FOLDER / f"{name}.parquet"
    if not path.is_file():
        raise FileNotFoundError(
            f"no results {name!r}. There are: {', '.join(p.stem for p in sorted(FOLDER.glob('*.parquet')))}."
        )
    rows, provenance = read_table(path)
    people = ", people replaced by choices sampled from SPoSE-66" * (provenance["experiment"]["world"] == "surrogate")
    what = provenance.get("what", "Recovery study")
    title = f"{what} {provenance['experiment']['name']}, {len(rows):,} rows, run beforehand{people}"
    return rows, provenance, Origin(name, provenance["kind"], provenance["rows"], title)


def open_several(names: Sequence[str]) -> dict[str, tuple[pd.DataFrame, dict]]:
    """Return rows and provenance of several tables by name, see `open_results`."""
    return {name: open_results(name)[:2] for name in names}
