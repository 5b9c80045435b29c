"""Studies on several processes: what may happen to a run, and that its table is the undisturbed one all the same."""

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from yardsticks import source, workers
from yardsticks.alone import alone_in
from yardsticks.datasets.files import Damaged
from yardsticks.recovery.studies import cluster, finished, inputs, store, tables
from yardsticks.recovery.studies import jobs as doing
from yardsticks.recovery.studies.experiment import SMOKE, list_jobs
from yardsticks.recovery.studies.jobs import do_job, run_here
from yardsticks.workers import open_client

SMALL = {"sizes": (40, 80), "n_seeds": (2, 2), "strengths": (1.0,), "n_noise_free": 100, "n_folds": 2}
TOY = replace(SMOKE, name="toy", models=SMOKE.models[:3], **SMALL)
N_JOBS = 12
# a shell that runs the tests in the background has them ignore SIGINT, and what they start inherits that
MAIN = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from yardsticks.cli import main; main()"
)
LONG = replace(TOY, n_seeds=(4, 4))  # it is not over before it is stopped, and has the jobs of TOY among its own


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return run_here(TOY, tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture
def study(tmp_path):
    return store.begin_study(TOY, tmp_path / "study")


@pytest.fixture
def long_study(tmp_path):
    return store.begin_study(LONG, tmp_path / "study")


@pytest.fixture(scope="module")
def client():
    with open_client(workers=2) as client:
        yield client


@pytest.fixture
def settings(tmp_path):
    """Write the settings of TOY or LONG to a file."""

    def write(experiment):
        changes = {"base": "smoke", "name": "toy", "models": TOY.models} | SMALL | {"n_seeds": experiment.n_seeds}
        values = {name: list(value) if isinstance(value, tuple) else value for name, value in changes.items()}
        path = tmp_path / "toy.toml"
        path.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
        return path

    return write


@pytest.fixture
def command(tmp_path, settings):
    """Start `yardsticks recovery run` on a study as a user does, with what it says in a file."""
    started = []

    def start(*arguments: str, experiment=TOY) -> subprocess.Popen:
        log = open(tmp_path / f"log{len(started)}", "w")
        line = [sys.executable, "-c", MAIN, "recovery", "run", str(settings(experiment))]
        started.append(subprocess.Popen([*line, "--out", str(tmp_path / "study"), *arguments], stderr=log, stdout=log))
        started[-1].log = tmp_path / f"log{len(started) - 1}"
        log.close()
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def wait_until(condition, seconds=60):
    stop = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < stop, "it did not happen in time"
        time.sleep(0.01)


def done(process) -> int:
    """How many jobs the bar of a run shows as done, those of earlier runs among them."""
    return max([int(n) for n in re.findall(r"(\d+)/\d+ \[", process.log.read_text())], default=0)


def assert_same(study, undisturbed):
    pd.testing.assert_frame_equal(finished.collect(study), undisturbed, check_exact=True)
    ledger = store.read_ledger(study)
    assert set(ledger.seconds) == set(study.keys())
    assert not ledger.failed


def finish(study, client, undisturbed):
    cluster.run(study, client, progress=False)
    assert_same(study, undisturbed)


def finish_long(study, client, undisturbed):
    """Go on with a study that was stopped half-way; its table has that of TOY in it."""
    assert len(store.read_ledger(study).seconds) < len(study.keys())
    cluster.run(study, client, progress=False)
    ledger = store.read_ledger(study)
    assert set(ledger.seconds) == set(study.keys())
    assert not ledger.failed
    table = finished.collect(study).query("seed < 2").reset_index(drop=True)
    pd.testing.assert_frame_equal(table, undisturbed, check_exact=True)


def test_order_does_not_matter(study, undisturbed):
    jobs = list(list_jobs(TOY))
    random.Random(1).shuffle(jobs)
    for start, stop in ((0, 5), (5, 9), (9, N_JOBS)):  # shards of several sizes
        store.write_shard(study, [do_job(study, job) for job in jobs[start:stop]])
    assert_same(study, undisturbed)


def test_finished_run_does_nothing(study, client, undisturbed, monkeypatch):
    finish(study, client, undisturbed)
    shards = sorted((study.folder / "shards").iterdir())
    monkeypatch.setattr(cluster, "_do", None)
    finish(study, client, undisturbed)
    assert sorted((study.folder / "shards").iterdir()) == shards


def test_killed_worker(study, undisturbed):
    with open_client(workers=2) as client:
        victims = list(client.run(os.getpid).values())

        def kill():
            wait_until(lambda: list((study.folder / "generators").glob("*.npz")))
            time.sleep(0.3)
            os.kill(victims[0], signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        finish(study, client, undisturbed)
        killer.join()
        assert victims[0] not in client.run(os.getpid).values()


def test_stopped_or_killed_client(long_study, command, client, undisturbed):
    """One that is asked to stop writes what is done and says how to go on; one that is killed loses what it was at.

    SIGTERM takes the same way as SIGINT: tests/cli/test_stopped.
    """
    for number in (signal.SIGINT, signal.SIGKILL):
        before = len(store.read_ledger(long_study).seconds)
        process = command("--workers", "1", experiment=LONG)
        wait_until(lambda process=process, before=before: done(process) > before)
        process.send_signal(number)
        code = process.wait(60)
        if number == signal.SIGKILL:
            assert code == -number
        else:
            assert code == 1
            assert "run the same command again" in process.log.read_text()
            assert len(store.read_ledger(long_study).seconds) > before
    finish_long(long_study, client, undisturbed)


def test_killed_scheduler(tmp_path, long_study, command, client, undisturbed):
    address = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"]
    scheduler = subprocess.Popen([*dask, "--scheduler-file", str(address)], stderr=subprocess.DEVNULL)
    dask = [sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-dashboard"]
    worker = subprocess.Popen(
        [*dask, "--no-nanny", "--death-timeout", "5", "--scheduler-file", str(address)], stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: address.exists() and address.read_text().strip())
        process = command("--scheduler", json.loads(address.read_text())["address"], experiment=LONG)
        wait_until(lambda: done(process))
        scheduler.kill()
        assert process.wait(90) == 1
        assert "run the same command again" in process.log.read_text()
        finish_long(long_study, client, undisturbed)
    finally:
        for part in (scheduler, worker):
            part.kill()
            part.wait()


def test_full_disk(study, client, undisturbed):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for job in study.inputs.features:
        cluster.keep_generator(study, cluster.fit_generator(study, job))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            cluster.run(study, client, progress=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert list((study.folder / "shards").iterdir()) == []
    finish(study, client, undisturbed)


@pytest.mark.parametrize("harm", ["truncated", "flipped", "emptied"])
def test_damaged_shard(study, client, undisturbed, harm):
    jobs = list(list_jobs(TOY))
    for part in (jobs[:6], jobs[6:]):
        path = store.write_shard(study, [do_job(study, job) for job in part])
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes({"truncated": content[:-200], "flipped": content, "emptied": b""}[harm])
    with pytest.raises(store.Damaged, match=path.name):
        finished.collect(study)
    assert [found for found, _ in store.read_ledger(study).damaged] == [path]
    finish(study, client, undisturbed)
    assert path.with_suffix(".damaged").exists()


def test_worker_with_other_code_refuses(study, client, undisturbed):
    """Its rows would stand beside those of the others."""

    def change(dask_worker):
        from yardsticks.recovery.studies import store

        store.CODE |= {"package": "1" * 64}

    with open_client(workers=1) as its_own:
        its_own.run(change)
        with pytest.raises(source.OtherCode, match=r"has other code than the run \(package .*same command again"):
            cluster.run(study, its_own, progress=False)
    assert not list(study.folder.glob("shards/*"))
    finish(study, client, undisturbed)


def test_flipped_bit_of_the_frozen_data_stops_the_run(study, client, undisturbed):
    path = study.folder / "inputs" / "toy-a2.npy"
    content = bytearray(path.read_bytes())
    content[-7] ^= 1
    path.write_bytes(content)
    with pytest.raises(Damaged, match=rf"{path} is not what was frozen.*Delete"):
        cluster.run(study, client, progress=False)
    assert not list(study.folder.glob("shards/*"))
    shutil.rmtree(study.folder / "inputs")
    finish(store.begin_study(TOY, study.folder), client, undisturbed)


def test_plan_of_a_client_that_came_between_does_not_stay(study, client, undisturbed):
    store.begin_study(LONG, study.folder)
    finish(study, client, undisturbed)
    assert store.open_study(study.folder).experiment == TOY


def test_a_job_that_takes_too_long_fails_once_and_is_kept(study, monkeypatch):
    job = next(iter(study.keys().values()))
    doing.have_generator(study, job.generator)
    began = []

    def endless(*arguments, **options):
        began.append(arguments)
        while True:
            pass

    monkeypatch.setattr(doing, "run_job", endless)
    result = cluster._do(str(study.folder), study.hash, job, "cpu", 0.2)
    assert result.rows is None
    assert result.error == "TimeoutError: took longer than 0.2 seconds, and was stopped"
    store.write_shard(study, [result])
    assert store.read_ledger(study).failed == {job.key(study.hash): result.error}
    assert len(began) == 1


def test_time_limit_of_a_run(study, client, undisturbed):
    ledger = cluster.run(study, client, timeout=0.001, progress=False)
    assert set(ledger.failed) == set(study.keys())
    assert all("took longer than 0.001 seconds" in error for error in ledger.failed.values())
    ledger = cluster.run(study, client, timeout=600, again=True, progress=False)
    assert ledger.failed == {}
    pd.testing.assert_frame_equal(finished.collect(study), undisturbed)


def test_second_run_refuses(study, client, settings, run, monkeypatch):
    monkeypatch.setattr(workers, "open_client", lambda **asked: nullcontext(client))
    with alone_in(study.folder):
        code, _, error = run("recovery", "run", settings(TOY), "--out", study.folder)
    assert code == 1
    assert "another run works in" in error


def test_model_whose_features_are_nan(tmp_path, client, monkeypatch):
    make = inputs.make_world

    def broken(**options):
        world = make(**options)
        world.models["toy-b1"][3, 4] = np.nan
        return world

    monkeypatch.setattr(inputs, "make_world", broken)
    study = store.begin_study(TOY, tmp_path / "broken")
    ledger = cluster.run(study, client, progress=False)
    jobs = study.keys()
    assert {jobs[key].generator for key in ledger.failed} == {"toy-b1"}
    assert len(ledger.failed) == N_JOBS / 3
    assert len(ledger.seconds) == N_JOBS - N_JOBS / 3
    table = finished.collect(study)
    assert (
        table["error"].str.contains("row 3") == table[["generator", "candidate"]].isin(["toy-b1", ""]).any(axis=1)
    ).all()
    monkeypatch.undo()
    others = run_here(replace(TOY, models=("toy-a1", "toy-a2")), tmp_path / "others")
    kept = table[table["generator"].isin(TOY.models[:2]) & table["candidate"].isin(TOY.models[:2])]
    pd.testing.assert_frame_equal(kept.reset_index(drop=True), others, check_exact=True)


def test_moved_clock(study, client, undisturbed):
    code = """if True:
        import sys, time
        from pathlib import Path
        from yardsticks.recovery.studies import jobs as doing
        from yardsticks.recovery.studies import store
        time.time = lambda: 10.0  # 1970
        study = store.open_study(Path(sys.argv[1]))
        jobs = list(study.keys().values())[:5]
        store.write_shard(study, [doing.do_job(study, job) for job in jobs])
    """
    subprocess.run([sys.executable, "-c", code, study.folder], check=True)
    (path,) = (study.folder / "shards").iterdir()
    os.utime(path, (4e9, 4e9))  # 2096
    os.utime(study.folder / "study.json", (1, 1))
    finish(study, client, undisturbed)


def test_failure_is_told_by_the_run_alone(study, command):
    path = study.folder / "generators" / "toy-a2.npz"
    path.parent.mkdir()
    path.write_bytes(b"no archive")
    run = command("--workers", "1")
    assert run.wait(timeout=240) == 1
    said = run.log.read_text()
    assert f"{N_JOBS - N_JOBS // 3} done, {N_JOBS // 3} failed, 0 open" in said
    assert "mend the files and name a new folder" in said
    assert "Compute Failed" not in said  # of dask, for each try
    assert "Traceback" not in said


def test_failure_is_tried_again_then_kept_then_done(study, client, undisturbed):
    path = study.folder / "generators" / "toy-a2.npz"
    path.parent.mkdir()
    path.write_bytes(b"no archive")
    ledger = cluster.run(study, client, progress=False)
    assert len(ledger.failed) == N_JOBS / 3
    assert all("Traceback" in error for error in ledger.failed.values())
    failed = finished.collect(study).query("candidate == ''")
    assert len(failed) == N_JOBS / 3
    assert set(failed["generator"]) == {"toy-a2"}
    path.unlink()
    assert len(cluster.run(study, client, progress=False).failed) == N_JOBS / 3
    cluster.run(study, client, progress=False, again=True)
    assert_same(study, undisturbed)


def test_run_goes_on_from_a_table(tmp_path, study, client, undisturbed, run, settings, monkeypatch):
    part = run_here(replace(TOY, n_seeds=(2, 1)), tmp_path / "part")
    tables.write_table(store.open_study(tmp_path / "part"), part, tmp_path / "part.parquet")
    monkeypatch.setattr(workers, "open_client", lambda **asked: nullcontext(client))
    code, out, error = run("recovery", "run", settings(TOY), "--out", study.folder, "--from", tmp_path / "part.parquet")
    assert code == 0, error
    assert "9 jobs taken over" in error
    assert f"{N_JOBS} done, 0 failed, 0 open" in out
    assert_same(study, undisturbed)


class TestCards:
    def test_workers_without_the_resource_are_an_error_at_once(self, study, client):
        started = time.monotonic()
        with pytest.raises(ValueError, match="device='cuda': none of the 2 workers has the resource GPU"):
            cluster.run(study, client, device="cuda", progress=False)
        assert time.monotonic() - started < 5
        assert not store.read_ledger(study).failed

    def test_worker_that_claims_a_card_and_has_none_says_so(self, monkeypatch):
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
        with pytest.raises(ValueError, match="torch finds no such GPU"):
            cluster._worker_device("cuda")
        assert cluster._worker_device("cpu") == "cpu"

    def test_each_worker_of_a_machine_has_its_own(self, monkeypatch):
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
        for name, device in {3: "cuda:1", "4": "cuda:0", "tcp://a": "cuda"}.items():
            monkeypatch.setattr(cluster, "get_worker", lambda name=name: SimpleNamespace(name=name))
            assert cluster._worker_device("cuda") == device
