"""The folder of a study: what was asked, what is done, and nothing that is half written.

A study's finished jobs lie in parquet shards, and these are the only ledger: open are those jobs of the plan that no
shard holds. A shard is written under another name, flushed to the disk and renamed, so that it is there as a whole or
not at all; it carries the hash of its rows, the name of its study and the hash of the code that computed it.

A folder takes rows of one state of the code (`yardsticks.source`). Where the code has changed and the results are known
to be the same, rows are taken over from a collected table (`import_table`), and the next table says so.

Longer than 300 lines, as everything that writes in the folder has to be seen together.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import yardsticks
from yardsticks import source
from yardsticks.alone import alone_in
from yardsticks.datasets.files import Damaged, read_json, reading, seal, unseal, write_whole
from yardsticks.recovery.data.rows import COLUMNS
from yardsticks.recovery.studies.experiment import Experiment, Job, from_settings, list_jobs, study_hash
from yardsticks.recovery.studies.inputs import Inputs, freeze_inputs, open_inputs
from yardsticks.recovery.studies.simulation import check_inputs, check_sizes
from yardsticks.recovery.triplets.randomness import hash_of

_PLAN = "study.json"
_PARTS = ("generators", "inputs", "probes", "shards")  # of a study's folder; each says whose it is
CODE = source.study_code()  # as it is when it is loaded: files may be edited later
_TYPES = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), str: pa.string()}
MOST = 500  # results that one shard is to hold
_FLUSH = 5.0  # seconds between shards; jobs that take longer are written one by one
SCHEMA = pa.schema({"job": pa.string()} | {name: _TYPES[kind] for name, kind in COLUMNS.items()})


@dataclass(frozen=True)
class Study:
    """A study in its folder.

    Parameters
    ----------
    folder : Path
    experiment : Experiment
    inputs : Inputs
    hash : str
        Name of its jobs' settings and data, see `study_hash`.
    code : dict of str to str
        Of `source.study_code`: what its folder's rows are computed by. Empty where an earlier version did not say.
    """

    folder: Path
    experiment: Experiment
    inputs: Inputs
    hash: str
    code: dict[str, str]

    @property
    def code_hash(self) -> str:
        """Name of the code; "" where it is not known."""
        return hash_of(json.dumps(self.code, sort_keys=True)) if self.code else ""

    def keys(self) -> dict[str, Job]:
        """Return all jobs of the plan, by key, in the order in which they are to be run."""
        return {job.key(self.hash): job for job in list_jobs(self.experiment)}


@dataclass(frozen=True)
class Result:
    """What became of a job.

    Parameters
    ----------
    key : str
    job : Job
    rows : DataFrame or None
        None where the job failed.
    error : str
        Its traceback then.
    seconds : float
        Time that the job took.
    """

    key: str
    job: Job
    rows: pd.DataFrame | None
    error: str
    seconds: float


@dataclass(frozen=True)
class Ledger:
    """Which jobs are done.

    Parameters
    ----------
    seconds : dict of str to float
        Time that each finished job took, by key.
    failed : dict of str to str
        Tracebacks of jobs that failed and were not done since, by key.
    damaged : list of (Path, str)
        Shards that are not what was written, and why; their jobs are open.
    """

    seconds: dict[str, float]
    failed: dict[str, str]
    damaged: list[tuple[Path, str]]


def begin_study(experiment: Experiment, folder: Path, *, check: bool = True) -> Study:
    """Open a folder for a study, a new one or one that was begun with the same settings and data.

    Sizes and seeds may differ from those before: a study can be extended. Its tables are of the plan that it has then.

    Parameters
    ----------
    experiment : Experiment
    folder : Path
    check : bool
        Make sure that its data are still those that were frozen there, see `freeze_inputs`.

    Raises
    ------
    ValueError
        The folder holds another study, or its data have changed; its objects are too few for what is asked for;
        its judgements are too few, or tell no agreement among people.
    OtherCode
        What is in the folder was computed by other code.
    RuntimeError
        A run works in this folder, by another plan.
    """
    path, named = folder / _PLAN, ""
    if path.exists():
        named = _check_plan(path, experiment)
    elif folder.exists() and any(x.name not in _PARTS and x.name[0] != "." for x in folder.iterdir()):
        raise ValueError(f"{folder} holds other things than a study. Name a new folder.")
    accept = partial(check_inputs, experiment)
    inputs = _as_named(freeze_inputs(experiment, folder / "inputs", check=check, accept=accept), named)
    check_sizes(experiment, len(inputs.objects))
    study = Study(folder, experiment, inputs, study_hash(experiment, inputs.hash), CODE)
    if path.exists() and path.read_bytes() != _plan_of(study):
        if inputs.hash != _check_plan(path, experiment):
            raise ValueError(f"{path}: the study here began with other data. Go on with those, or name a new folder.")
        with alone_in(folder):
            write_plan(study)
    else:
        write_plan(study)
    return study


def write_plan(study: Study) -> None:
    """Write down what is asked for in a study's folder. Where a run works, it alone does."""
    if not ((path := study.folder / _PLAN).exists() and path.read_bytes() == _plan_of(study)):
        write_whole(path, _plan_of(study))


def open_study(folder: Path) -> Study:
    """Open the study that a folder holds.

    Raises
    ------
    FileNotFoundError
        It holds none.
    """
    path = folder / _PLAN
    if not path.is_file():
        raise FileNotFoundError(f"{folder} holds no study: there is no {_PLAN}. `yardsticks recovery run` begins one.")
    experiment, plan = _read_plan(path)
    inputs = _as_named(open_inputs(folder / "inputs"), plan["inputs"])
    return Study(folder, experiment, inputs, study_hash(experiment, inputs.hash), plan["code"])


def _as_named(inputs: Inputs, name: str) -> Inputs:
    """Return the data under the name that a plan has for them: one of an earlier version has the hash of the arrays."""
    return replace(inputs, hash=inputs.treated) if name == inputs.treated else inputs


def _plan_of(study: Study) -> bytes:
    about = {"inputs": study.inputs.hash, "code": study.code, "yardsticks": yardsticks.__version__}
    return seal({"experiment": study.experiment.settings()} | about)


def _read_plan(path: Path) -> tuple[Experiment, dict]:
    """Read a plan; one of an earlier version has no hash, and says nothing of the code."""
    way_out = "Remove it, and begin the same study again in this folder: what is done is found again."
    plan = read_json(path, "experiment", "inputs", way_out=way_out)
    plan = unseal(path, way_out=way_out) if "code" in plan else plan | {"code": {}}
    with reading(path, way_out):
        return from_settings(plan["experiment"]), plan


def _check_plan(path: Path, experiment: Experiment) -> str:
    """Raise if a folder's plan is of another study or of other code; return the hash of its data."""
    folder, (before, plan) = path.parent, _read_plan(path)
    if before.identity() != experiment.identity():
        old, new = before.settings(), experiment.settings()
        differ = ", ".join(f"{name} {old[name]!r} / {new[name]!r}" for name in new if old[name] != new[name])
        raise ValueError(f"{folder} holds the study {before.name!r} with other settings ({differ}). Name a new folder.")
    if plan["code"] != CODE:
        differ = source.say_difference(plan["code"], CODE)
        raise source.OtherCode(
            f"{folder}: what is done here was computed by other code ({differ}). Rows "
            "of both must not stand in one table. Go on with that code, or name a new folder. If you know that the "
            "results are the same, take over there what is done here: `yardsticks recovery collect "
            f"{folder} --out FILE.parquet`, then `yardsticks recovery run ... --from FILE.parquet`."
        )
    return plan["inputs"]


def write_shard(study: Study, results: Sequence[Result], *, taken_from: str = "") -> Path:
    """Append finished jobs to a study as one shard, named after its content.

    Parameters
    ----------
    study : Study
    results : sequence of Result
    taken_from : str
        Hash of the table that they are taken over from; "" where they were computed here.
    """
    frames = [_rows(result) for result in results]
    table = pa.Table.from_pandas(pd.concat(frames, ignore_index=True), schema=SCHEMA, preserve_index=False)
    jobs = {result.key: {"seconds": round(result.seconds, 4), "failed": result.rows is None} for result in results}
    about = {"study": study.hash, "jobs": json.dumps(jobs), "code": study.code_hash, "taken_from": taken_from}
    table = table.replace_schema_metadata(about | {"rows": hash_rows(table, *about.values())})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    content = sink.getvalue()
    path = study.folder / "shards" / f"{hashlib.sha256(content).hexdigest()[:24]}.parquet"
    path.parent.mkdir(exist_ok=True)
    write_whole(path, content)
    return path


@contextmanager
def keeping(study: Study) -> Iterator[Callable[[Result], None]]:
    """Give a function that keeps results: shards are written every few seconds and in the end, also if interrupted."""
    results: list[Result] = []
    written = time.monotonic()

    def write() -> None:
        nonlocal results, written
        kept, results = results, []  # a disk that is full must not be asked again in the end
        try:
            write_shard(study, kept)
        except KeyboardInterrupt:
            write_shard(study, kept)  # it is named after its content: written twice, it is one
            raise
        written = time.monotonic()

    def keep(result: Result) -> None:
        results.append(result)
        if len(results) >= MOST or time.monotonic() - written > _FLUSH:
            write()

    try:
        yield keep
    finally:
        if results:
            write()


def read_shard(study: Study, path: Path) -> tuple[pa.Table, dict[str, dict]]:
    """Read a shard's rows, and what it says of each of its jobs.

    Raises
    ------
    Damaged
        It is not what was written.
    ValueError
        It belongs to another study.
    OtherCode
        It was computed by other code.
    """
    try:
        with open(path, "rb") as handle:
            table = pq.ParquetFile(pa.BufferReader(handle.read())).read()
        metadata = {name.decode(): value.decode() for name, value in (table.schema.metadata or {}).items()}
        owner, jobs = metadata["study"], json.loads(metadata["jobs"])
        table = table.replace_schema_metadata(None).cast(SCHEMA)
        about = [metadata[name] for name in ("study", "jobs", "code", "taken_from") if name in metadata]
        intact = metadata["rows"] == hash_rows(table, *about)
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise Damaged(
            f"{path.name}: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        ) from error
    if not intact:
        raise Damaged(f"{path.name}: its rows are not those whose hash it carries")
    if owner != study.hash:
        raise ValueError(
            f"{path} belongs to another study ({owner[:12]}; this one is {study.hash[:12]}). Move it out of the folder."
        )
    if metadata.get("code", "") != study.code_hash:
        raise source.OtherCode(
            f"{path} was computed by other code than the rest of the study. Move it out of the folder: its jobs are "
            "open."
        )
    return table, jobs


def taken_over(study: Study) -> dict[str, int]:
    """Return how many jobs of a study were taken over from tables, by the tables' hashes."""
    found: dict[str, int] = {}
    for path in list_shards(study):
        about = pq.read_schema(path).metadata
        if table := about.get(b"taken_from", b"").decode():
            found[table] = found.get(table, 0) + len(json.loads(about[b"jobs"]))
    return dict(sorted(found.items()))


def read_ledger(study: Study) -> Ledger:
    """Return which jobs of a study are done, from its shards."""
    ledger = Ledger({}, {}, [])
    for path in list_shards(study):
        try:
            table, jobs = read_shard(study, path)
        except Damaged as damage:
            ledger.damaged.append((path, str(damage)))
            continue
        failed = [key for key, job in jobs.items() if job["failed"]]
        ledger.seconds.update({key: job["seconds"] for key, job in jobs.items() if not job["failed"]})
        if failed:
            errors = dict(zip(table["job"].to_pylist(), table["error"].to_pylist(), strict=True))
            ledger.failed.update({key: errors[key] for key in failed})
    for key in ledger.seconds:
        ledger.failed.pop(key, None)
    return ledger


def set_aside(damaged: Iterable[tuple[Path, str]]) -> None:
    """Rename damaged shards, so that their jobs are run again and nobody reads them."""
    for path, _ in damaged:
        os.replace(path, path.with_suffix(".damaged"))


def list_shards(study: Study) -> Iterator[Path]:
    """Yield the shards of a study, in no order: there may be millions."""
    with suppress(FileNotFoundError), os.scandir(study.folder / "shards") as entries:
        for entry in entries:
            if entry.name.endswith(".parquet") and entry.name[0] != ".":
                yield Path(entry.path)


def _rows(result: Result) -> pd.DataFrame:
    if result.rows is not None:
        return result.rows.assign(job=result.key)
    job = result.job
    row = {"job": result.key, "n_triplets": job.n_triplets, "seed": job.seed, "generator": job.generator}
    row |= {"candidate": "", "error": result.error, "at_grid_end": False, "converged": False}
    row |= {"n_evaluations": 0, "n_ties": 0, "n_test": 0}
    return pd.DataFrame([row]).reindex(columns=SCHEMA.names)


def hash_rows(table: pa.Table, *about: str) -> str:
    """Return the SHA-256 of a table's values, column by column, and of what is said about it."""
    digest = hashlib.sha256("|".join(about).encode())
    for name in table.column_names:
        values = table[name].to_pandas()
        digest.update(pd.util.hash_pandas_object(values, index=False).to_numpy().tobytes())
    return digest.hexdigest()
