"""Tables of studies: written with their provenance, read back, and those that come with the project."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import yardsticks
from yardsticks.datasets import OURS, Origin, hash_file
from yardsticks.datasets.files import write_whole
from yardsticks.recovery.data.rows import JOB
from yardsticks.recovery.studies.experiment import Job, from_settings, study_hash
from yardsticks.recovery.studies.store import (
    SCHEMA,
    Result,
    Study,
    hash_rows,
    read_ledger,
    taken_over,
    write_shard,
)

TABLE = SCHEMA.remove(0)  # of a collected table
FOLDER = OURS / "results"


class Results(NamedTuple):
    """A finished study.

    Parameters
    ----------
    rows : DataFrame
        Of a recovery study one for each job and candidate, see `run_job`; of `measure_geometry` as there.
    provenance : dict
        Settings of the experiment, hash and kind of its data, the code that computed it, version of the package.
    origin : Origin
        Of the data that the study was run on.
    """

    rows: pd.DataFrame
    provenance: dict
    origin: Origin


def open_results(name: str) -> Results:
    """Open the table of a finished study.

    Parameters
    ----------
    name : str
        For example ``things_open``.

    Returns
    -------
    Results

    Raises
    ------
    FileNotFoundError
        There is no such table, with those that there are.
    ValueError
        The table is not what was written.

    Examples
    --------
    >>> results = open_results("things_open")
    >>> results.provenance["experiment"]["world"], results.origin.kind
    ('things', 'real')
    >>> sorted(set(results.rows["n_triplets"]))[-1]
    25600
    """
    path = FOLDER / f"{name}.parquet"
    if not path.is_file():
        raise FileNotFoundError(
            f"no results {name!r}. There are: {', '.join(p.stem for p in sorted(FOLDER.glob('*.parquet')))}."
        )
    sums = FOLDER / "SHA256SUMS"  # of tables of earlier versions, whose own hash is of their values alone
    known = dict(line.split()[::-1] for line in sums.read_text().splitlines()) if sums.is_file() else {}
    if known.get(path.name, digest := hash_file(path)) != digest:
        raise ValueError(f"{path} is not the table whose hash {sums.name} has beside it. Take another copy of it.")
    rows, provenance = read_table(path)
    people = ", people replaced by choices sampled from SPoSE-66" * (provenance["experiment"]["world"] == "surrogate")
    what = provenance.get("what", "Recovery study")
    title = f"{what} {provenance['experiment']['name']}, {len(rows):,} rows, run beforehand{people}"
    return Results(rows, provenance, Origin(name, provenance["kind"], provenance["rows"], title))


def open_several(names: Sequence[str]) -> dict[str, Results]:
    """Return several finished studies by name, see `open_results`."""
    return {name: open_results(name) for name in names}


def write_table(
    study: Study,
    frame: pd.DataFrame,
    path: Path,
    *,
    schema: pa.Schema | None = TABLE,
    about: Mapping[str, object] | None = None,
) -> None:
    """Write a table with its provenance: the experiment, the hash and kind of its data, the code, the version.

    The hash that it carries, ``rows``, is of its values, its columns' names and all of its provenance. Jobs that were
    taken over from other tables, maybe of other code, are counted by the hashes of these (``taken_over``).

    Parameters
    ----------
    study : Study
    frame : DataFrame
        As from `collect`, or of another schema.
    path : Path
    schema : Schema, optional
        None takes the types of the frame.
    about : mapping, optional
        More for the provenance; ``what`` says what the table is of (by default a recovery study).
    """
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    provenance = {
        "what": "Recovery study",
        "code": study.code,
        **(about or {}),
        "experiment": study.experiment.settings(),
        "inputs": study.inputs.hash,
        "kind": study.inputs.kind,
        "yardsticks": yardsticks.__version__,
        **({"taken_over": taken} if (taken := taken_over(study)) else {}),
    }
    provenance["rows"] = _hash(table, provenance)
    table = table.replace_schema_metadata({"provenance": json.dumps(provenance)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    write_whole(path, sink.getvalue())


def import_table(study: Study, path: Path) -> int:
    """Take over the finished jobs of a collected table of the same study, so that they are not done again.

    The table may come from other code: that the same `VERSION` of the settings gives the same rows is then taken on
    trust, and the tables of this study tell it.

    Returns
    -------
    int
        How many jobs were taken over: those that the study does not have yet.

    Raises
    ------
    ValueError
        The table is of another study: other settings, or other data.
    """
    frame, provenance = read_table(path)
    experiment, named = from_settings(provenance["experiment"]), provenance["inputs"]
    owner = study_hash(experiment, study.inputs.hash if named == study.inputs.treated else named)
    if owner != study.hash:
        raise ValueError(f"{path} is of another study ({owner[:12]}; this one is {study.hash[:12]}).")
    have = read_ledger(study).seconds
    results = []
    for (n_triplets, seed, model), rows in frame[frame["candidate"] != ""].groupby(JOB):
        job = Job(int(n_triplets), int(seed), str(model))
        if job.key(study.hash) not in have:
            results.append(Result(job.key(study.hash), job, rows, "", 0.0))
    if results:
        write_shard(study, results, taken_from=provenance["rows"])
    return len(results)


def read_table(path: Path) -> tuple[pd.DataFrame, dict]:
    """Read a collected table and its provenance.

    Raises
    ------
    ValueError
        It is no such table, or its rows are not those that were written.
    """
    try:
        table = pq.read_table(path)
        provenance = json.loads(table.schema.metadata[b"provenance"])
        rows, table = provenance["rows"], table.replace_schema_metadata(None)
        # tables of earlier versions tell no code, and their hash is of their values alone
        intact = rows == _hash(table, provenance) or ("code" not in provenance and rows == hash_rows(table))
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise ValueError(
            f"{path} is no table of `yardsticks recovery collect`, or it is damaged ({said}). Collect it again."
        ) from error
    if not intact:
        raise ValueError(
            f"{path}: its rows, names or provenance are not those whose hash it carries. Collect it again."
        )
    return table.to_pandas(), provenance


def _hash(table: pa.Table, provenance: Mapping[str, object]) -> str:
    """Hash values and names of a table, and its provenance but for this hash."""
    about = {name: value for name, value in provenance.items() if name != "rows"}
    return hash_rows(table, json.dumps([table.column_names, about], sort_keys=True))
