"""Tables of studies: written with their provenance, read back, and those that come with the project."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import yardsticks
from yardsticks.datasets import OURS, Origin, hash_file
from yardsticks.datasets.files import writing_whole
from yardsticks.recovery.data.rows import JOB
from yardsticks.recovery.studies.experiment import LATER, Job, from_settings, study_hash
from yardsticks.recovery.studies.store import (
    MOST,
    SCHEMA,
    Result,
    Study,
    hash_rows,
    read_ledger,
    taken_over,
    write_shard,
)
from yardsticks.recovery.triplets.randomness import hash_of

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


def split_cells(results: Results) -> dict[str, Results]:
    """Return the cells of a design's table, each as a study of its own; a cell without a row is left out."""
    found = {}
    for name, settings in results.provenance["cells"].items():
        rows = results.rows[results.rows["cell"] == name].drop(columns="cell")
        if len(rows):
            about = results.provenance | {
                "experiment": LATER | settings,
                "generators": results.provenance["generators"][name],
                "inputs": results.provenance["inputs_of"][name],
            }
            found[name] = results._replace(rows=rows, provenance=about)
    return found


def write_table(
    study: Study,
    rows: pd.DataFrame | Iterable[pd.DataFrame],
    path: Path,
    *,
    schema: pa.Schema | None = TABLE,
    about: Mapping[str, object] | None = None,
) -> int:
    """Write a table with its provenance: the experiment, the hash and kind of its data, the code, the version.

    The hash that it carries, ``rows``, is of its values and of all of its provenance, which has the columns' names and
    types in their order (``types``). Jobs that were taken over from other tables, maybe of other code, are counted by
    the hashes of these (``taken_over``).

    Parameters
    ----------
    study : Study
    rows : DataFrame or iterable of DataFrame
        As from `collect` or `collect_parts`, or of another schema. Parts are gone through twice, and one at a time is
        in memory.
    path : Path
    schema : Schema, optional
        None takes the types of the first frame.
    about : mapping, optional
        More for the provenance; ``what`` says what the table is of (by default a recovery study).

    Returns
    -------
    int
        How many rows were written.
    """
    parts = [rows] if isinstance(rows, pd.DataFrame) else rows
    n_rows, columns = 0, {}
    for table in _tables(parts, schema):
        schema = table.schema
        _add_values(columns, table)
        n_rows += len(table)
    provenance = {
        "what": "Recovery study",
        "code": study.code,
        **({"taken_over": taken} if (taken := taken_over(study)) else {}),
        **(about or {}),
        "experiment": study.experiment.settings(),
        "inputs": study.inputs.hash,
        "kind": study.inputs.kind,
        "types": _types(schema),
        "yardsticks": yardsticks.__version__,
    }
    provenance["rows"] = _hash(columns, provenance)
    said = schema.with_metadata({"provenance": json.dumps(provenance)})
    with writing_whole(path) as handle, pq.ParquetWriter(handle, said, compression="zstd") as writer:
        for table in _tables(parts, schema):
            writer.write_table(table.cast(said), row_group_size=max(len(table), 1))
    return n_rows


def _tables(parts: Iterable[pd.DataFrame], schema: pa.Schema | None) -> Iterator[pa.Table]:
    """Yield tables of one schema, which is that of the first where there is none."""
    for frame in parts:
        table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(None)
        schema = table.schema
        yield table


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
    return take_over(study, *read_table(path), path)


def take_over(study: Study, frame: pd.DataFrame, provenance: Mapping, path: Path) -> int:
    """Take over the finished jobs of a table that was read; otherwise as `import_table`."""
    experiment, named = from_settings(provenance["experiment"]), provenance["inputs"]
    owner = study_hash(experiment, study.inputs.hash if named in _earlier_names(study) else named)
    if owner != study.hash:
        raise ValueError(f"{path} is of another study ({owner[:12]}; this one is {study.hash[:12]}).")
    have = read_ledger(study).seconds
    results = []
    for (n_triplets, seed, model), rows in frame[frame["candidate"] != ""].groupby(JOB):
        job = Job(int(n_triplets), int(seed), str(model))
        if job.key(study.hash) not in have:
            results.append(Result(job.key(study.hash), job, rows, "", 0.0))
    for start in range(0, len(results), MOST):
        write_shard(study, results[start : start + MOST], taken_from=provenance["rows"])
    return len(results)


def _earlier_names(study: Study) -> list[str]:
    """Return what earlier versions named a study's data: after treated features, which other threads make differ."""
    known = tomllib.loads((FOLDER / "inputs.toml").read_text(encoding="utf-8"))
    return [study.inputs.treated, *known.get(study.inputs.hash, [])]


def read_table(path: Path) -> tuple[pd.DataFrame, dict]:
    """Read a collected table and its provenance.

    Raises
    ------
    ValueError
        It is no such table, or its rows are not those that were written.
    """
    try:
        with pq.ParquetFile(path) as file:
            provenance = json.loads(file.schema_arrow.metadata[b"provenance"])
            parts = [file.read_row_group(number) for number in range(file.num_row_groups)]
            table = pa.concat_tables([file.schema_arrow.empty_table(), *parts])
        intact = provenance["rows"] in _hashes(table, parts, provenance)
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise ValueError(
            f"{path} is no table of `yardsticks recovery collect`, or it is damaged ({said}). Collect it again."
        ) from error
    if not intact:
        raise ValueError(
            f"{path}: its rows, columns or provenance are not those whose hash it carries. Collect it again."
        )
    return table.replace_schema_metadata(None).to_pandas(), provenance


def _types(schema: pa.Schema) -> list[list[str]]:
    return [[field.name, str(field.type)] for field in schema]


def _add_values(columns: dict, table: pa.Table) -> None:
    """Add the values of a part of a table to what is hashed of each column."""
    for name in table.column_names:
        values = pd.util.hash_pandas_object(table[name].to_pandas(), index=False)
        columns.setdefault(name, hashlib.sha256()).update(values.to_numpy().tobytes())


def _hash(columns: Mapping, provenance: Mapping[str, object]) -> str:
    """Return the hash that a table carries: of its columns' values, and of its provenance but for this hash."""
    values = {name: digest.hexdigest() for name, digest in columns.items()}
    return hash_of(json.dumps([values, _without_hash(provenance)], sort_keys=True))


def _hashes(table: pa.Table, parts: Sequence[pa.Table], provenance: dict) -> list[str]:
    """Return the hashes that a table may carry if it is what was written."""
    if "types" in provenance:
        columns: dict = {}
        for part in parts:
            _add_values(columns, part)
        return [_hash(columns, provenance)] if provenance["types"] == _types(table.schema) else []
    # of earlier versions: of names, values and provenance, or, where no code is told, of the values alone
    about = json.dumps([table.column_names, _without_hash(provenance)], sort_keys=True)
    return [hash_rows(table, about), *([] if "code" in provenance else [hash_rows(table)])]


def _without_hash(provenance: Mapping[str, object]) -> dict:
    return {name: value for name, value in provenance.items() if name != "rows"}
