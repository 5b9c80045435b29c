"""What is finished of a study: counted and collected shard by shard, in memory that does not grow with the jobs.

A study may have millions of jobs. Of each a byte is kept, which says whether it is done; rows are sorted in parts. Of
finished jobs that the plan does not ask for any more the names are kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from yardsticks.datasets.files import Damaged
from yardsticks.recovery.data.rows import COLUMNS, JOB
from yardsticks.recovery.studies.experiment import Experiment, Job
from yardsticks.recovery.studies.store import SCHEMA, Study, list_shards, read_shard

_OPEN, _FAILED, _DONE = 0, 1, 2
_ROWS = 200_000  # that are sorted at a time, about
_MOST_PARTS = 200  # that are sorted by themselves: files open at the same time
_EXAMPLES = 3  # of jobs that failed
_KEPT = 100  # of which these are taken: some may have been done since


class Progress(NamedTuple):
    """How far a study has come.

    Parameters
    ----------
    n_done, n_failed, n_open : int
        Numbers of its jobs.
    n_beyond : int
        Finished jobs of the folder that its plan does not ask for: those of an earlier plan with more seeds or sizes.
    seconds_left : float
        That the open jobs will take one core; NaN before any is done.
    all_sizes : bool
        Whether each size that is open was run before; else its jobs count as those of the slowest size that was.
    failed : list of (Job, str)
        A few of the jobs that failed, with their tracebacks.
    damaged : list of str
        What is wrong with shards that are not what was written; their jobs are open.
    """

    n_done: int
    n_failed: int
    n_open: int
    n_beyond: int
    seconds_left: float
    all_sizes: bool
    failed: list[tuple[Job, str]]
    damaged: list[str]


class Places:
    """The places of a study's jobs in its table, by arithmetic: in the order of size, seed and generator."""

    def __init__(self, experiment: Experiment):
        sizes, n_seeds = zip(*sorted(zip(experiment.sizes, experiment.n_seeds, strict=True)), strict=True)
        self.sizes, self.n_seeds = np.array(sizes), np.array(n_seeds)
        self.generators = pd.Index(sorted(experiment.generators))
        self.first = np.concatenate([[0], np.cumsum(self.n_seeds * len(self.generators))])  # of each size

    def __len__(self) -> int:
        return int(self.first[-1])

    def of(self, rows: pd.DataFrame) -> np.ndarray:
        """Return the place of each row's job; -1 where the plan has no such job."""
        size = np.searchsorted(self.sizes, rows["n_triplets"]).clip(max=len(self.sizes) - 1)
        generator = self.generators.get_indexer(rows["generator"])
        asked = (self.sizes[size] == rows["n_triplets"]) & (rows["seed"] < self.n_seeds[size]) & (generator >= 0)
        return np.where(asked, self.first[size] + rows["seed"] * len(self.generators) + generator, -1)


def measure_progress(study: Study) -> Progress:
    """Return how many jobs of a study's plan are done, failed and open, and how long those open will take."""
    places = Places(study.experiment)
    state = np.full(len(places), _OPEN, np.uint8)
    seconds, n_timed = np.zeros(len(places.sizes)), np.zeros(len(places.sizes))
    failed, damaged, beyond = {}, [], set()
    for path in list_shards(study):
        try:
            table, jobs = read_shard(study, path)
        except Damaged as damage:
            damaged.append(str(damage))
            continue
        rows = table.select(["job", *JOB, "error"]).to_pandas().drop_duplicates("job")
        rows["place"] = places.of(rows)
        beyond.update(key for key in rows.loc[rows["place"] < 0, "job"] if not jobs[key]["failed"])
        rows = rows[rows["place"] >= 0]
        has_failed = np.array([jobs[key]["failed"] for key in rows["job"]], bool)
        done = rows[~has_failed & (state[rows["place"]] != _DONE)]
        size = np.searchsorted(places.sizes, done["n_triplets"])
        taken = np.array([jobs[key]["seconds"] for key in done["job"]], float)
        np.add.at(seconds, size, taken)
        np.add.at(n_timed, size, taken > 0)  # jobs that were taken over from a table took no time
        state[done["place"]] = _DONE
        lost = rows[has_failed & (state[rows["place"]] != _DONE)]
        state[lost["place"]] = _FAILED
        for row in lost.head(_KEPT).itertuples():
            failed[row.place] = Job(row.n_triplets, row.seed, row.generator), row.error
        failed = {place: failed[place] for place in sorted(failed)[:_KEPT] if state[place] == _FAILED}
    n_open = np.array([(state[start:stop] == _OPEN).sum() for start, stop in pairwise(places.first)])
    known = n_timed > 0
    typical = np.divide(seconds, n_timed, out=np.full(len(seconds), np.nan), where=known)
    typical[~known] = typical[known].max() if known.any() else math.nan
    return Progress(
        n_done=int((state == _DONE).sum()),
        n_failed=int((state == _FAILED).sum()),
        n_open=int(n_open.sum()),
        n_beyond=len(beyond),
        seconds_left=float((n_open * typical).sum()),
        all_sizes=bool(known[n_open > 0].all()),
        failed=list(failed.values())[:_EXAMPLES],
        damaged=sorted(damaged),
    )


def collect(study: Study) -> pd.DataFrame:
    """Return the rows of the plan's finished jobs, each once, in the order of size, seed, generator and candidate.

    A job that failed is one row with its traceback as `error`, unless it was done later.

    Raises
    ------
    Damaged
        A shard is not what was written: `yardsticks recovery run` sets it aside and does its jobs again.
    """
    with collect_parts(study) as parts:
        return pd.concat(parts, ignore_index=True)


class Parts:
    """The rows of a study in parts, one below the other; each time that they are gone through, one is in memory."""

    def __init__(self, files: list[Path]):
        self.files = files

    def __iter__(self) -> Iterator[pd.DataFrame]:
        for file in self.files:
            with pa.ipc.open_stream(file) as part:
                yield _settle(part.read_pandas())


@contextmanager
def collect_parts(study: Study, room: Path | None = None) -> Iterator[Parts]:
    """Give the rows that `collect` returns in parts.

    Parameters
    ----------
    study : Study
    room : Path, optional
        A folder for files that go in the end, about as large as the shards; by default the system's.

    Raises
    ------
    Damaged
        As `collect`.
    """
    places = Places(study.experiment)
    n_parts = min(math.ceil(len(places) * len(study.experiment.models) / _ROWS), _MOST_PARTS)
    jobs_a_part = math.ceil(len(places) / n_parts)
    schema = SCHEMA.append(pa.field("place", pa.int64()))
    packed = pa.ipc.IpcWriteOptions(compression="zstd")
    with TemporaryDirectory(prefix=".collect-", dir=room) as folder:
        files = [Path(folder, str(number)) for number in range(n_parts)]
        parts = [pa.ipc.new_stream(file, schema, options=packed) for file in files]
        try:
            for path in list_shards(study):
                table, _ = read_shard(study, path)
                place = places.of(table.select(JOB).to_pandas())
                table = table.append_column("place", pa.array(place))
                for number in np.unique(place[place >= 0] // jobs_a_part):
                    parts[number].write_table(table.filter((place >= 0) & (place // jobs_a_part == number)))
        finally:
            for part in parts:
                part.close()
        yield Parts(files)


def _settle(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows in order, each once, without failures of jobs that were done."""
    failed = rows["candidate"] == ""
    rows = rows[~(failed & rows["place"].isin(rows.loc[~failed, "place"]))]
    which = ["place", "candidate"]
    if rows.duplicated(which).any():  # of several the same, whatever the order in which they were found
        rows = rows.sort_values([*which, *rows.columns.difference(which)]).drop_duplicates(which)
    return rows.sort_values(which, ignore_index=True)[list(COLUMNS)]
