"""What is finished of a study: counts and tables against those of all jobs at once, and the memory that they take."""

import json
import tracemalloc
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from yardsticks.recovery.studies import finished, store, tables
from yardsticks.recovery.studies.experiment import SMOKE, Job, list_jobs
from yardsticks.recovery.studies.finished import Places, collect, collect_parts, measure_progress

PAIR = replace(SMOKE, name="pair", models=("toy-a2", "toy-a1"), sizes=(160, 40), n_seeds=(3, 5))
ERROR = "Traceback\nKeyError: 'no such luck'"


@pytest.fixture
def study(tmp_path):
    return store.begin_study(PAIR, tmp_path / "study")


def write(study, jobs, *, failed=False, seconds=1.0):
    """Write a shard as `write_shard` does, of many jobs at once; a job's rows depend on it alone."""
    frame = pd.DataFrame(jobs, columns=["n_triplets", "seed", "generator"])
    frame["job"] = [job.key(study.hash) for job in jobs]
    frame["error"] = ERROR if failed else ""
    frame = pd.concat([frame.assign(candidate=name) for name in ([""] if failed else study.experiment.models)])
    for name in store.SCHEMA.names:
        if name not in frame:
            frame[name] = frame["n_triplets"] + frame["seed"] if name == "nll" else 0
    about = {key: {"seconds": seconds, "failed": failed} for key in frame["job"]}
    table = pa.Table.from_pandas(frame[store.SCHEMA.names], schema=store.SCHEMA, safe=False, preserve_index=False)
    said = {"study": study.hash, "jobs": json.dumps(about), "code": study.code_hash, "taken_from": ""}
    table = table.replace_schema_metadata(said | {"rows": store.hash_rows(table, *said.values())})
    (study.folder / "shards").mkdir(exist_ok=True, parents=True)
    pq.write_table(table, study.folder / "shards" / f"{len(list(study.folder.glob('shards/*')))}.parquet")


def test_places_are_those_of_the_table():
    places, jobs = Places(PAIR), sorted(list_jobs(PAIR), key=lambda job: (job.n_triplets, job.seed, job.generator))
    assert len(places) == len(jobs)
    assert places.of(pd.DataFrame(jobs)).tolist() == list(range(len(jobs)))
    others = [Job(41, 0, "toy-a1"), Job(200, 0, "toy-a1"), Job(160, 3, "toy-a1"), Job(40, 0, "toy-z1")]
    assert places.of(pd.DataFrame(others)).tolist() == [-1] * 4


def test_progress_as_counted_one_by_one(study, rng):
    longer = replace(study, experiment=replace(PAIR, sizes=(160, 40, 80), n_seeds=(4, 6, 1)))
    jobs = list(list_jobs(longer.experiment))
    for number in range(12):
        some = [jobs[place] for place in rng.choice(len(jobs), 3, replace=False)]
        write(study, some, failed=bool(number % 3), seconds=float(some[0].n_triplets))
    write(study, [Job(40, 0, "toy-a1")], seconds=40.0)
    ledger, asked = store.read_ledger(study), study.keys()
    found = measure_progress(study)
    assert found.n_done == len(asked.keys() & ledger.seconds.keys()) > 0
    assert found.n_failed == len(asked.keys() & ledger.failed.keys()) > 0
    assert found.n_open == len(asked) - found.n_done - found.n_failed > 0
    assert found.n_beyond == len(ledger.seconds.keys() - asked.keys()) > 0
    expected = [(job, ERROR) for job in asked.values() if job.key(study.hash) in ledger.failed]
    assert found.failed == sorted(expected, key=lambda pair: (pair[0].n_triplets, pair[0].seed, pair[0].generator))[:3]
    assert found.damaged == []


def test_time_left_is_that_of_jobs_of_the_same_size(study):
    assert np.isnan(measure_progress(study).seconds_left)
    jobs = list(list_jobs(PAIR))
    write(study, [job for job in jobs if job.n_triplets == 40][:4], seconds=2.0)
    write(study, [job for job in jobs if job.n_triplets == 40][3:6], seconds=2.0)
    found = measure_progress(study)
    assert (found.n_done, found.seconds_left, found.all_sizes) == (6, 2.0 * 10, False)
    write(study, [job for job in jobs if job.n_triplets == 160][:1], seconds=30.0)
    found = measure_progress(study)
    assert (found.n_done, found.seconds_left, found.all_sizes) == (7, 2.0 * 4 + 30.0 * 5, True)
    assert (
        measure_progress(replace(study, experiment=replace(PAIR, sizes=(40, 999), n_seeds=(3, 1)))).all_sizes is False
    )


def test_jobs_that_were_taken_over_say_nothing_of_the_time_left(study):
    jobs = list(list_jobs(PAIR))
    write(study, [job for job in jobs if job.n_triplets == 40][:4], seconds=0.0)
    assert np.isnan(measure_progress(study).seconds_left)
    write(study, [job for job in jobs if job.n_triplets == 40][4:5], seconds=2.0)
    found = measure_progress(study)
    assert (found.n_done, found.seconds_left) == (5, 2.0 * found.n_open)


def test_parts_are_the_table(study, monkeypatch, rng):
    jobs = list(list_jobs(PAIR))
    for _ in range(8):
        write(study, [jobs[place] for place in rng.choice(len(jobs), 3, replace=False)])
    write(study, jobs[:4], failed=True)
    whole = collect(study)
    assert not whole.duplicated(["n_triplets", "seed", "generator", "candidate"]).any()
    monkeypatch.setattr(finished, "_ROWS", 7)
    with collect_parts(study) as parts:
        for _ in range(2):
            found = list(parts)
            assert max(map(len, found)) < len(whole) / 2
            pd.testing.assert_frame_equal(pd.concat(found, ignore_index=True), whole)
        folder = parts.files[0].parent
    assert not folder.exists()


@pytest.fixture
def peak(monkeypatch):
    """Measure the most memory that a call takes, in bytes: of Python, numpy and arrow."""
    monkeypatch.setattr(finished, "_ROWS", 2000)
    before = pa.default_memory_pool()

    def measure(function, *arguments):
        pool = pa.proxy_memory_pool(before)
        pa.set_memory_pool(pool)
        tracemalloc.start()
        try:
            function(*arguments)
            return tracemalloc.get_traced_memory()[1] + pool.max_memory()
        finally:
            tracemalloc.stop()
            pa.set_memory_pool(before)

    return measure


def test_memory_does_not_grow_with_the_jobs(study, tmp_path, peak):
    def write_out(large):
        with collect_parts(large) as parts:
            assert tables.write_table(large, parts, tmp_path / "table.parquet") == 2 * len(Places(large.experiment))

    taken = {}
    for n_seeds in (400, 2000):
        asked = replace(PAIR, n_seeds=(n_seeds, n_seeds))
        large = replace(study, experiment=asked, folder=tmp_path / str(n_seeds))
        jobs = list(list_jobs(asked))
        for start in range(0, len(jobs), store.MOST):
            write(large, jobs[start : start + store.MOST])
        taken[n_seeds] = peak(measure_progress, large), peak(write_out, large)
        assert measure_progress(large)[:3] == (4 * n_seeds, 0, 0)
    assert all(more < 1.5 * few for few, more in zip(taken[400], taken[2000], strict=True)), taken
