"""Commands of recovery studies, and of features for them: what they say, write and refuse; no cluster is started."""

import re
import subprocess
import sys
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from yardsticks.alone import alone_in
from yardsticks.cli.studies import read_experiment
from yardsticks.datasets import OURS, catalogue
from yardsticks.recovery.data.all_judgements import are_here
from yardsticks.recovery.data.features import open_features
from yardsticks.recovery.data.own import write_example_folder
from yardsticks.recovery.studies import costs, inputs, jobs, store
from yardsticks.recovery.studies import tables as tables_module
from yardsticks.recovery.studies.design import read_design
from yardsticks.recovery.studies.experiment import SMOKE, from_settings, list_jobs
from yardsticks.recovery.studies.jobs import run_here
from yardsticks.recovery.studies.tables import read_table


@pytest.fixture
def run(run):
    return partial(run, "recovery")


@pytest.fixture
def speeds(monkeypatch):
    """A machine whose speed is known."""
    monkeypatch.setattr(costs, "measure_speeds", lambda: costs.Speeds(100.0, 1e-8, 1e-3))


@pytest.fixture
def toml(tmp_path):
    """Write a file with settings."""

    def write(text):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def own_study(toml, tmp_path):
    """Write a folder of one's own, and settings of a study of some models in it."""

    def write(models):
        write_example_folder(tmp_path / "own", seed=4)
        return toml(
            f'name = "mine"\nworld = "own"\nfolder = "{tmp_path / "own"}"\nmodels = {models}\nsizes = [50]\n'
            "n_seeds = [3]\nstrengths = [1.0]\ncomponents = 8\nn_noise_free = 50\n"
        )

    return write


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "study"


def test_help_lists_the_commands(run):
    code, out, _ = run("--help")
    assert code == 0
    assert all(command in out for command in ("plan", "run-job", "status", "collect", "extract", "geometry", "probe"))


STUDIES = sorted((OURS / "studies").glob("*.toml"))


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_studies_of_the_project_can_be_planned(run, speeds, path):
    code, out, _ = run("plan", path)
    assert code == 0
    assert out.splitlines()[-1].startswith(f"{path.stem.replace('_', '-')}: ")
    experiment = read_experiment(str(path))
    assert {name.partition("~")[0] for name in experiment.models} <= set(catalogue("features")["model"])


class TestPlan:
    def test_says_what_smoke_takes(self, run, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        code, out, err = run("plan", "smoke", "--workers", "2")
        assert (code, err) == (0, "")
        lines = out.splitlines()
        assert lines[0].split("\t") == ["triplets", "jobs", "fits", "seconds a job", "core hours", "MB"]
        assert [line.split("\t")[:3] for line in lines[1:4]] == [
            ["50", "8", "288"],
            ["200", "8", "288"],
            ["800", "8", "288"],
        ]
        assert lines[4].startswith("smoke: 24 jobs, 864 fits, about ")
        assert "with 2 processes here" in lines[4]
        assert list(tmp_path.iterdir()) == []  # nothing is started

    def test_without_torch_says_what_to_install(self):
        code = """if True:
            import sys
            from yardsticks.cli import main

            class NoTorch:
                def find_spec(self, name, *rest):
                    if name == "torch":
                        raise ModuleNotFoundError("No module named 'torch'", name="torch")

            sys.meta_path.insert(0, NoTorch())
            main()
        """
        asked = subprocess.run(
            [sys.executable, "-c", code, "recovery", "plan", "smoke"], capture_output=True, text=True, check=False
        )
        assert asked.returncode == 2
        assert "`pip install 'yardsticks[recovery]'`" in asked.stderr
        assert "Traceback" not in asked.stderr

    def test_time_is_shared_by_the_processes(self, run, speeds):
        def seconds(workers):
            out = run("plan", "smoke", "--workers", workers)[1]
            return int(re.search(r"about (\d+) seconds", out)[1])

        # 24 jobs of 36 fits of 20 evaluations of a millisecond, and 0.2 s; a tenth more
        assert seconds(1) == pytest.approx(1.1 * 24 * (36 * 20 * 1e-3 + 0.2), abs=1)
        assert seconds(4) == pytest.approx(seconds(1) / 4, abs=1)

    def test_of_the_big_ones(self, run, speeds):
        out = run("plan", "things-open", "--workers", "1")[1]
        assert out.splitlines()[-1].startswith("things-open: 1,600 jobs, 672,000 fits, about ")
        _, out, err = run("plan", "paper", "--workers", "1")
        assert err.startswith("Of the 4.70 million judgements some are not on this machine") or are_here()
        assert out.splitlines()[-1].startswith("paper: 10,800 jobs, 7,128,000 fits, about ")
        assert "days with 1 processes" in out

    @pytest.mark.parametrize("lacking", ["features", "repeated.npz", "triplets.csv"])
    def test_refuses_a_folder_of_ones_own_in_the_words_of_a_job(
        self, run, own_study, speeds, folder, tmp_path, lacking
    ):
        path, own = own_study('["my_net", "other_net"]'), tmp_path / "own"
        assert run("plan", path)[0] == 0
        (own / lacking).rename(own / "elsewhere")
        code, out, err = run("plan", path)
        assert (code, out) == (2, "")
        assert lacking.split(".")[0] in err
        assert run("run-job", path, "--index", 0, "--out", folder) == (code, out, err)
        assert not folder.exists()

    def test_tells_which_models_of_ones_own_cannot_be_used(self, run, own_study, speeds, monkeypatch):
        path = own_study('["my_net", "other_net", "none", "holed"]')
        holed = np.load(path.parent / "own/features/my_net.npy")
        holed[3, 2] = np.nan
        np.save(path.parent / "own/features/holed.npy", holed)
        code, out, err = run("plan", path)
        assert (code, out.splitlines()[-1].split(",")[0]) == (0, "mine: 12 jobs")
        none, hole, jobs = err.splitlines()
        assert none.startswith("left out: none: there is no model 'none' in ")
        assert hole.startswith("left out: holed: holed.npy: row 3 (from 0), column 2: nan")
        assert jobs == "6 jobs fail, in which what is left out would answer; the others do without it."

    @pytest.mark.parametrize("fault", ["objects", "repeated"])
    def test_refuses_data_of_ones_own_with_which_nothing_can_be_done(self, run, own_study, speeds, folder, fault):
        path = own_study('["my_net", "other_net"]')
        own = path.parent / "own"
        with np.load(own / "repeated.npz") as file:
            triplets, choices = file["triplet"], file["choice"]
        if fault == "objects":
            for name in ("my_net", "other_net"):
                np.save(own / f"features/{name}.npy", np.load(own / f"features/{name}.npy")[:9])
            few = (triplets < 9).all(axis=1)
            triplets, choices = triplets[few], choices[few]
            rows = np.loadtxt(own / "triplets.csv", int, delimiter=",")
            np.savetxt(own / "triplets.csv", rows[(rows < 9).all(axis=1)], fmt="%d", delimiter=",")
        else:
            once = np.unique(np.sort(triplets), axis=0, return_index=True)[1]
            triplets, choices = triplets[once], choices[once]
        np.savez(own / "repeated.npz", triplet=triplets, choice=choices)
        said = {
            "objects": "9 objects in 3 folds leave 4 + 2 + 3",
            "repeated": "the repeated judgements: no triplet was answered twice or more: agreement among people cannot "
            "be told from these. Give triplets there that several people answered, or set ceiling to a number",
        }
        code, out, err = run("plan", path)
        assert (code, out) == (2, "")
        assert err.startswith(f"yardsticks: {said[fault]}")
        for command in (("run",), ("run-job", "--index", 0)):
            assert run(command[0], path, *command[1:], "--out", folder) == (code, out, err)
            assert not folder.exists()  # so that the same name can be given once the files are mended

    def test_refuses_models_of_ones_own_of_which_too_few_can_be_used(self, run, toml, speeds, folder, tmp_path):
        write_example_folder(tmp_path / "own", seed=4)
        np.save(tmp_path / "own/features/other_net.npy", np.ones((7, 3)))
        path = toml(
            f'name = "mine"\nworld = "own"\nfolder = "{tmp_path / "own"}"\nmodels = ["my_net", "other_net"]\n'
            "sizes = [50]\nn_seeds = [1]\nstrengths = [1.0]\ncomponents = 8\n"
        )
        code, out, err = run("plan", path)
        assert (code, out) == (2, "")
        assert "fewer than two models can be used: other_net: 7 rows, and my_net has 90." in err
        assert run("run-job", path, "--index", 0, "--out", folder) == (code, out, err)


class TestExperiments:
    def test_unknown_name(self, run):
        code, out, err = run("plan", "smok")
        assert (code, out) == (2, "")
        assert err == "yardsticks: 'smok' is neither a file nor one of smoke, things-open, paper.\n"

    def test_file_changes_some_settings_of_another(self, run, toml, speeds):
        path = toml('base = "smoke"\nname = "mine"\nn_seeds = [1, 1, 1]\nstrengths = [1.0]\n')
        out = run("plan", path)[1]
        assert out.splitlines()[-1].startswith("mine: 12 jobs, 144 fits")

    def test_file_may_hold_all_settings(self, run, toml, speeds):
        lines = ['name = "whole"', 'models = ["toy-a1", "toy-a2"]', "sizes = [50]", "n_seeds = [3]"]
        lines += ["strengths = [1.0]", 'world = "toy"', "n_noise_free = 50"]
        out = run("plan", toml("\n".join(lines)))[1]
        assert out.splitlines()[-1].startswith("whole: 6 jobs, 36 fits")

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('base = "smoke"\ncolour = "red"\n', "an experiment has no colour. It has: ceiling, "),
            ('base = "smokes"\n', "base='smokes' is none of smoke, things-open, paper."),
            ("base = 5\n", "base=5 is none of smoke, things-open, paper."),
            ('base = "smoke"\nsolver = "quick"\n', "solver='quick' is none of exact, published."),
            ('base = "smoke"\nsizes = [50]\n', "1 sizes and 3 n_seeds"),
            ('base = "smoke"\nsizes = 50\n', ""),
            ('base = "smoke"\nsizes = ["a", "b", "c"]\n', ""),
            ('base = "smoke"\nstrengths = []\n', "strengths=() must be a list that is not empty."),
            (
                'name = "mine"\n',
                "models, sizes, n_seeds, strengths are missing: an experiment needs name, models, sizes, n_seeds, ",
            ),
            (
                'name = "mine"\nsizes = [50]\nn_seeds = [1]\nstrengths = [1.0]\n',
                "models is missing: an experiment needs name, models, ",
            ),
            ("base = smoke\n", "Invalid value (at line 1, column 8)"),
        ],
    )
    @pytest.mark.parametrize("command", ["plan", "run-job"])
    def test_file_that_is_wrong_is_named(self, run, toml, folder, command, text, message):
        path = toml(text)
        code, out, err = run(command, path, *(("--index", 0, "--out", folder) if command == "run-job" else ()))
        assert (code, out) == (2, "")
        assert err.startswith(f"yardsticks: {path}: ")
        assert message in err
        assert "Traceback" not in err
        assert not folder.exists()

    def test_file_that_is_no_text(self, run, tmp_path):
        path = tmp_path / "binary.toml"
        path.write_bytes(b"\xff\xfe\x00")
        code, _, err = run("plan", path)
        assert code == 2
        assert err.startswith(f"yardsticks: {path}: ")


class TestJobs:
    def test_one_job_then_status_then_table(self, run, folder, tmp_path):
        code, out, err = run("run-job", "smoke", "--index", 5, "--out", folder)
        assert (code, err) == (0, "")
        job = list(list_jobs(SMOKE))[5]
        assert re.fullmatch(rf"{re.escape(str(job))}: \d+\.\d s\n", out)

        shards = sorted((folder / "shards").iterdir())
        code, out, err = run("run-job", "smoke", "--index", 5, "--out", folder)
        assert (code, out, err) == (0, f"{job}: was done before\n", "")
        assert sorted((folder / "shards").iterdir()) == shards

        code, out, err = run("status", folder)
        assert (code, err) == (0, "")
        first, second = out.splitlines()
        assert first == "smoke: 1 done, 0 failed, 23 open"
        assert re.fullmatch(r"about \d+ \w+ of one core left, or more: some sizes were not run yet", second)
        with alone_in(folder):
            said = run("status", folder)[1].splitlines()[2]
        assert re.fullmatch(r"Process \d+ on .* works there since .*; nothing was finished for \d seconds\.", said)

        code, out, err = run("collect", folder, "--out", tmp_path / "table.parquet")
        assert (code, err) == (0, "smoke: 1 done, 0 failed, 23 open\n")
        assert out == f"4 rows written to {tmp_path / 'table.parquet'}\n"
        table, provenance = tables_module.read_table(tmp_path / "table.parquet")
        assert provenance["experiment"] == SMOKE.settings()
        assert provenance["kind"] == "synthetic"
        (generator,) = provenance["generators"]
        assert generator["model"] == job.generator
        assert {"strength", "temperature", "at_one", "target", "accuracy", "nll"} < set(generator)
        whole = run_here(replace(SMOKE, sizes=(job.n_triplets,), n_seeds=(job.seed + 1,)), tmp_path / "here")
        alone = whole[(whole["seed"] == job.seed) & (whole["generator"] == job.generator)]
        assert len(whole) == (job.seed + 1) * 16
        pd.testing.assert_frame_equal(table, alone.reset_index(drop=True), check_exact=True)

    def test_data_are_gathered_by_the_first_job_alone(self, run, folder, monkeypatch):
        arguments = ("run-job", "smoke", "--out", folder, "--index")
        assert run(*arguments, 0)[0] == 0

        def never(*arguments, **options):
            raise AssertionError("gathered again")

        monkeypatch.setattr(inputs, "treat", never)
        assert run(*arguments, 1)[0] == 0
        assert run("status", folder)[1].startswith("smoke: 2 done, 0 failed, 22 open\n")

    def test_own_settings(self, run, toml, folder):
        path = toml('base = "smoke"\nname = "mine"\nsizes = [20, 40]\nn_seeds = [1, 1]\nn_noise_free = 50\n')
        assert run("run-job", path, "--index", 7, "--out", folder)[0] == 0
        study = store.open_study(folder)
        assert (study.experiment.name, study.experiment.n_noise_free) == ("mine", 50)
        assert list(study.keys()).index(*store.read_ledger(study).seconds) == 7
        assert run("status", folder)[1].startswith("mine: 1 done, 0 failed, 7 open\n")

    def test_finished_jobs_beyond_a_smaller_plan_are_told(self, run, toml, folder, tmp_path):
        def plan(n_seeds):
            return toml(f'base = "smoke"\nsizes = [20]\nn_seeds = [{n_seeds}]\nstrengths = [1.0]\nn_noise_free = 50\n')

        run_here(read_experiment(str(plan(3))), folder)
        table = tmp_path / "table.parquet"
        assert run("collect", folder, "--out", table) == (0, f"48 rows written to {table}\n", "")
        said = (
            "8 finished jobs are beyond the plan, which asked for more before. They stay in the folder, and come back "
            "when the plan asks for them again.\n"
        )
        job = run("run-job", plan(1), "--index", 0, "--out", folder)
        assert (job[0], job[2]) == (0, said)
        assert run("status", folder) == (0, "smoke: 4 done, 0 failed, 0 open\n", said)
        assert run("collect", folder, "--out", table) == (0, f"16 rows written to {table}\n", said)
        assert run("run-job", plan(3), "--index", 0, "--out", folder)[2] == ""
        assert run("collect", folder, "--out", table) == (0, f"48 rows written to {table}\n", "")

    def test_index_out_of_range(self, run, folder):
        code, _, err = run("run-job", "smoke", "--index", 24, "--out", folder)
        assert (code, err) == (2, "yardsticks: --index 24: smoke has 24 jobs, 0 to 23.\n")
        code, _, err = run("run-job", "smoke", "--index", -1, "--out", folder)
        assert code == 2
        assert "greater than or equal to 0" in err

    def test_other_study_in_the_folder(self, run, toml, folder):
        store.begin_study(SMOKE, folder)
        path = toml('base = "smoke"\nsolver = "published"\n')
        code, _, err = run("run-job", path, "--index", 0, "--out", folder)
        assert code == 2
        assert "holds the study 'smoke' with other settings (solver 'exact' / 'published')" in err

    def test_failed_job_is_told_kept_and_done_again(self, run, folder, tmp_path, monkeypatch):
        def fail(*arguments, **options):
            raise RuntimeError("no such luck")

        monkeypatch.setattr(jobs, "run_job", fail)
        code, out, err = run("run-job", "smoke", "--index", 0, "--out", folder)
        assert (code, out) == (1, "")
        assert "Traceback" in err
        assert err.rstrip().endswith("RuntimeError: no such luck")
        code, out, err = run("status", folder)
        assert (code, out) == (0, "smoke: 0 done, 1 failed, 23 open\n")
        failed, again = err.splitlines()
        assert failed == f"failed: {next(list_jobs(SMOKE))}: RuntimeError: no such luck"
        assert "--again" in again
        assert "mend the files and name a new folder" in again
        code, _, err = run("collect", folder, "--out", tmp_path / "table.parquet")
        assert (code, err) == (0, "smoke: 0 done, 1 failed, 23 open\n")
        (row,) = tables_module.read_table(tmp_path / "table.parquet")[0].to_dict("records")
        assert "no such luck" in row["error"]
        monkeypatch.undo()
        study = store.open_study(folder)
        store.write_shard(study, [jobs.do_job(study, next(list_jobs(SMOKE)))])
        assert store.read_ledger(study).failed == {}

    def test_job_that_takes_too_long_is_told_and_kept(self, run, folder, monkeypatch):
        def endless(*arguments, **options):
            while True:
                pass

        monkeypatch.setattr(jobs, "run_job", endless)
        said = "TimeoutError: took longer than 0.3 seconds, and was stopped\n"
        assert run("run-job", "smoke", "--index", 0, "--out", folder, "--timeout", 0.3) == (1, "", said)
        assert said in run("status", folder)[2]
        monkeypatch.undo()
        assert run("run-job", "smoke", "--index", 0, "--out", folder)[0] == 0
        assert run("status", folder)[1].startswith("smoke: 1 done, 0 failed")

    def test_damaged_shard_is_told_and_not_collected(self, run, folder, tmp_path):
        study = store.begin_study(SMOKE, folder)
        (folder / "shards").mkdir()
        (folder / "shards" / "abc.parquet").write_bytes(b"PAR1")
        code, out, err = run("status", study.folder)
        assert (code, out) == (0, "smoke: 0 done, 0 failed, 24 open\n")
        assert err.startswith("damaged, its jobs are open: abc.parquet: ")
        code, out, err = run("collect", folder, "--out", tmp_path / "table.parquet")
        assert (code, out) == (2, "")
        assert err.startswith("yardsticks: abc.parquet: ")
        assert not (tmp_path / "table.parquet").exists()

    @pytest.mark.parametrize("command", [("status",), ("collect", "--out", "table.parquet")])
    def test_folder_without_a_study(self, run, tmp_path, monkeypatch, command):
        monkeypatch.chdir(tmp_path)
        code, _, err = run(command[0], tmp_path, *command[1:])
        assert code == 2
        assert err.startswith(f"yardsticks: {tmp_path} holds no study")
        code, _, err = run(command[0], tmp_path / "nowhere", *command[1:])
        assert code == 2
        assert "does not exist" in re.sub(r"[\s│]+", " ", err)  # a message of typer stands in a box
        assert list(tmp_path.iterdir()) == []

    def test_study_on_changed_data_is_refused(self, run, folder, monkeypatch):
        store.begin_study(SMOKE, folder)
        monkeypatch.setitem(inputs._TOY, "seed", 8)
        code, _, err = run("run", "smoke", "--out", folder)
        assert code == 2
        assert "inputs.json: the run here began with other data" in err


class TestGeometry:
    def test_two_tables_with_their_provenance(self, run, folder, tmp_path):
        arguments = ("geometry", "smoke", "--out", tmp_path / "g.parquet", "--keep", folder)
        code, out, err = run(*arguments)
        assert code == 0
        paths = [tmp_path / "g.parquet", tmp_path / "g_similarities.parquet"]
        tables = [tables_module.read_table(path) for path in paths]
        lines = [f"{len(table):,} rows written to {path}" for path, (table, _) in zip(paths, tables, strict=True)]
        assert out.splitlines() == lines
        assert "12/12" in err
        assert [about["what"] for _, about in tables] == ["Geometry of the models of", "Similarity of models of"]
        assert all(about["experiment"] == SMOKE.settings() and about["kind"] == "synthetic" for _, about in tables)
        before = [path.read_bytes() for path in paths]
        assert len(list(folder.glob("*/generators/*.npz"))) == 12
        assert run(*arguments)[0] == 0
        assert [path.read_bytes() for path in paths] == before

    def test_models_that_cannot_be_used_are_told(self, run, tmp_path, monkeypatch):
        from yardsticks.recovery.geometry import measure

        def freeze(*arguments, **options):
            return replace(inputs.freeze_inputs(*arguments, **options), unusable={"toy-z1": "row 3: nan"})

        monkeypatch.setattr(measure, "freeze_inputs", freeze)
        code, _, err = run("geometry", "smoke", "--out", tmp_path / "g.parquet")
        assert code == 0
        assert err.splitlines()[-1] == "left out: toy-z1: row 3: nan"

    def test_unknown_experiment(self, run, tmp_path):
        code, _, err = run("geometry", "none-such", "--out", tmp_path / "g.parquet")
        assert code == 2
        assert "'none-such' is neither a file nor one of smoke" in err
        assert list(tmp_path.iterdir()) == []


class TestRun:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (
                ("--scheduler", "tcp://there:8786", "--cluster", "slurm"),
                "--scheduler is of workers that run, and --cluster starts some: give one of them.",
            ),
            (("--option", "queue=long"), "--option is for a queueing system: name it with --cluster."),
            (
                ("--scheduler", "tcp://there:8786", "--option", "queue=long"),
                "--option is for a queueing system: name it with --cluster.",
            ),
            (("--cluster", "slurm", "--option", "long"), "--option 'long': write NAME=VALUE."),
            (("--cluster", "slurm", "--option", "=long"), "--option '=long': write NAME=VALUE."),
        ],
    )
    def test_options_that_do_not_fit_are_refused(self, run, folder, options, message):
        assert run("run", "smoke", "--out", folder, *options) == (2, "", f"yardsticks: {message}\n")
        assert not folder.exists()

    @pytest.mark.parametrize(("queue", "command"), [("slurm", "sbatch"), ("pbs", "qsub"), ("lsf", "bsub")])
    def test_queueing_system_that_is_not_there_is_one_sentence(self, run, folder, monkeypatch, queue, command):
        monkeypatch.setenv("PATH", "")
        code, out, err = run("run", "smoke", "--out", folder, "--cluster", queue)
        assert (code, out) == (2, "")
        assert err.startswith(f"yardsticks: --cluster {queue}: there is no command {command} on this machine")
        assert err.count("\n") == 1
        assert not folder.exists()

    def test_unknown_queueing_system(self, run, folder, monkeypatch):
        code, _, err = run("run", "smoke", "--out", folder, "--cluster", "condor")
        assert code == 2
        assert "slurm" in err
        assert not folder.exists()

    def test_what_is_passed_on(self, run, folder, monkeypatch):
        from contextlib import contextmanager
        from types import SimpleNamespace

        from yardsticks import workers
        from yardsticks.recovery.studies import cluster

        asked = []

        @contextmanager
        def client(**options):
            asked.append(options)
            yield SimpleNamespace(dashboard_link="http://there")

        def engine(study, client, *, device, again, timeout):
            asked.append({"timeout": timeout, "study": study.experiment.name, "device": device, "again": again})
            return store.Ledger({}, {"0": "x"} if again else {}, [])

        monkeypatch.setattr(workers, "check_queue", lambda queue: None)
        monkeypatch.setattr(workers, "open_client", client)
        monkeypatch.setattr(cluster, "run", engine)
        options = ("--workers", 3, "--cluster", "slurm", "--option", "queue=long", "--option", "extra=a=b")
        code, out, err = run("run", "smoke", "--out", folder, *options)
        assert (code, out, err) == (0, "smoke: 0 done, 0 failed, 24 open\n", "dashboard: http://there\n")
        queue = {"queue": "slurm", "options": {"queue": "long", "extra": "a=b"}}
        reach = {"certificates": None, "folder": folder, "dashboard": "localhost:0"}
        assert asked == [
            {"workers": 3, "scheduler": None, "device": "cpu", **queue, **reach},
            {"timeout": 604800, "study": "smoke", "device": "cpu", "again": False},
        ]
        asked.clear()
        options = ("--scheduler", "tcp://a:1", "--again", "--device", "cuda", "--timeout", 0)
        assert run("run", "smoke", "--out", folder, *options)[0] == 1
        assert asked == [
            {"workers": None, "scheduler": "tcp://a:1", "queue": None, "options": {}, "device": "cuda", **reach},
            {"timeout": None, "study": "smoke", "device": "cuda", "again": True},
        ]

    @pytest.mark.skipif(torch.cuda.is_available(), reason="a machine without a card")
    @pytest.mark.parametrize("command", [("run",), ("run-job", "--index", 0)])
    def test_card_that_is_not_there_is_one_sentence(self, run, folder, command):
        code, out, err = run(command[0], "smoke", *command[1:], "--out", folder, "--device", "cuda")
        assert (code, out) == (2, "")
        assert err == "yardsticks: device='cuda', and torch finds no such GPU. Say device='cpu'.\n"
        assert not folder.exists()

    @pytest.mark.parametrize(
        ("error", "message"), [(KeyboardInterrupt(), "run the same command again"), (RuntimeError("gone"), "gone")]
    )
    def test_interruption_and_lost_workers_are_told_in_words(self, run, folder, monkeypatch, error, message):
        from yardsticks import workers

        def broken(**options):
            raise error

        monkeypatch.setattr(workers, "open_client", broken)
        code, out, err = run("run", "smoke", "--out", folder)
        assert (code, out) == (1, "")
        assert message in err
        assert "Traceback" not in err


class TestExtract:
    @pytest.fixture(autouse=True)
    def mine(self, tmp_path, monkeypatch, rng):
        """A folder with four images and a network of one's own, in which the command is run."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "path", list(sys.path))  # to which the command adds the folder
        (tmp_path / "photos").mkdir()
        for name in ("cat.png", "ant.png", "bat1.png", "bat2.png"):
            values = rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)
            Image.fromarray(values).save(tmp_path / "photos" / name)
        (tmp_path / "mine_cli.py").write_text(
            "import torch\n\n\ndef net():\n    torch.manual_seed(0)\n"
            "    return torch.nn.Sequential(torch.nn.Conv2d(3, 5, 16, stride=16), torch.nn.ReLU())\n"
        )
        yield
        sys.modules.pop("mine_cli", None)

    OPTIONS = ("--images", "photos", "--model", "mine_cli:net", "--layer", "1", "--out", "features.npy")

    def test_own_images(self, run, tmp_path):
        code, out, err = run("extract", *self.OPTIONS, "--order", "own", "--batch-size", 3)
        assert (code, err) == (0, "")
        assert out == "4 images, 5 features: open_features('features.npy', order='own')\n"
        features = open_features("features.npy", order="own")
        assert features.values.shape == (4, 5)
        assert sorted(path.name for path in tmp_path.iterdir() if path.name != "__pycache__") == [
            "features.npy",
            "mine_cli.py",
            "photos",
        ]
        code, out, _ = run("extract", *self.OPTIONS, "--order", "own", "--pool", "flatten")
        assert (code, out.split(":")[0]) == (0, "4 images, 980 features")
        flat = open_features("features.npy", order="own").values.reshape(4, 5, 196)
        np.testing.assert_allclose(flat.mean(axis=2), features.values, rtol=1e-4)

    def test_things(self, run, monkeypatch):
        from yardsticks.recovery.data import extract

        names = ["cat", "zebra", "bat2", "bat1", "ant"]
        frame = {"reference_image": [f"{name}_01b.jpg" for name in names], "sorted_index": [3, 4, 2, 1, 0]}
        concepts = pd.DataFrame(frame, index=pd.Index(names, name="unique_id"))
        monkeypatch.setattr(extract, "real_concepts", lambda: concepts)
        code, out, err = run("extract", *self.OPTIONS)
        assert (code, out) == (0, "4 images, 5 features: open_features('features.npy', order='things')\n")
        assert err == "no image of 1 of 5 concepts, whose rows are NaN: zebra\n"
        values = np.load("features.npy")
        assert np.isnan(values).all(axis=1).tolist() == [False, True, False, False, False]
        assert run("extract", *self.OPTIONS, "--order", "own")[0] == 0
        np.testing.assert_array_equal(values[[4, 3, 2, 0]], np.load("features.npy"))  # sorted by name

    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            (("--layer", "fc"), "yardsticks: there is no layer 'fc'. There are: 0, 1."),
            (
                ("--model", "mine_cli:nets"),
                "yardsticks: 'mine_cli:nets': mine_cli has no function 'nets'. It has: net.",
            ),
            (("--model", "mine"), "yardsticks: 'mine': write MODULE:FACTORY, mine:resnet50 say for "),
            (("--out", "features.npz"), "yardsticks: features.npz: an array is written; "),
            (("--images", "mine_cli.py"), "'mine_cli.py' is a file"),
            (("--pool", "max"), "'max' is not one of 'mean', 'flatten', 'cls'"),
            (("--order", "sorted"), "'sorted' is not one of 'things', 'own'"),
            (("--batch-size", 0), "Input should be greater than or equal to 1"),
        ],
    )
    def test_what_is_wrong_is_told_in_words(self, run, tmp_path, changed, message):
        code, out, err = run("extract", *self.OPTIONS, "--order", "own", *changed)
        assert (code, out) == (2, "")
        assert message in re.sub(r"[\s│]+", " ", err)  # a message of typer stands in a box
        assert "Traceback" not in err
        assert not list(tmp_path.glob("*.np*")) + list(tmp_path.glob(".features*"))


class TestProbe:
    @pytest.fixture(autouse=True)
    def few(self, monkeypatch):
        from yardsticks.recovery.prediction import measure

        monkeypatch.setattr(measure, "PROBES", (("none", "none"), ("diagonal", "scaled_identity")))

    def test_goes_on_and_writes_what_is_done(self, run, folder, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        command = ("probe", "smoke", "--folder", folder, "--out", "probing.parquet")
        code, out, err = run(*command, "--model", "toy-b1", "--model", "toy-a1")
        assert (code, out) == (0, "2 of 4 models written to probing.parquet and probing_pairs.parquet\n")
        assert "2/2" in err
        assert run(*command, "--model", "toy-b1")[1].startswith("2 of 4 models")
        code, out, err = run(*command)
        assert out.startswith("4 of 4 models")
        assert "2/2" in err, "the other two"
        scores, provenance = tables_module.read_table(tmp_path / "probing.parquet")
        assert scores["model"].unique().tolist() == list(SMOKE.models)
        assert provenance["experiment"]["name"] == "smoke"
        assert len(tables_module.read_table(tmp_path / "probing_pairs.parquet")[0]) == 2 * 6

    def test_unknown_model(self, run, folder, tmp_path):
        out = tmp_path / "probing.parquet"
        code, _, err = run("probe", "smoke", "--folder", folder, "--out", out, "--model", "toy-z1")
        assert code == 2
        assert "smoke has no model toy-z1" in err
        assert not out.exists()

    def test_interruption_is_told_in_words(self, run, folder, tmp_path, monkeypatch):
        from yardsticks.recovery.prediction import measure

        def stop(*args):
            raise KeyboardInterrupt

        monkeypatch.setattr(measure, "probe_model", stop)
        code, out, err = run("probe", "smoke", "--folder", folder, "--out", tmp_path / "probing.parquet")
        assert (code, out) == (1, "")
        assert "run the same command again to go on" in err
        assert "Traceback" not in err


STUDIES = sorted((OURS / "studies").glob("*.toml"))


@pytest.mark.parametrize("path", [path for path in STUDIES if "probing" not in path.stem], ids=lambda path: path.stem)
def test_a_stored_table_is_of_the_study_that_is_described_beside_it(path):
    _, provenance = read_table(OURS / "results" / f"{path.stem}.parquet")
    assert from_settings(provenance["experiment"]) == read_experiment(str(path))


def test_the_stored_factorial_table_is_of_its_design():
    _, provenance = read_table(OURS / "results/plateau.parquet")
    design = read_design(OURS / "designs/plateau.toml")
    assert {name: from_settings(cell) for name, cell in provenance["cells"].items()} == design.cells
    assert from_settings(provenance["experiment"]) == next(iter(design.cells.values()))
