"""A study's folder: shards, the ledger that they are, and files that are there as a whole or not at all."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import yardsticks
from yardsticks import alone, source
from yardsticks.datasets import hash_file
from yardsticks.recovery.data.rows import COLUMNS
from yardsticks.recovery.studies import inputs, store, tables
from yardsticks.recovery.studies.experiment import SMOKE, list_jobs, study_hash
from yardsticks.recovery.studies.finished import collect
from yardsticks.recovery.studies.store import (
    Damaged,
    Result,
    begin_study,
    open_study,
    read_ledger,
    write_shard,
)

TOY = replace(SMOKE, name="toy", sizes=(40, 160), n_seeds=(2, 1), models=SMOKE.models[:3])
TRACEBACK = "Traceback (most recent call last):\nValueError: no such luck"


@pytest.fixture
def study(tmp_path):
    return begin_study(TOY, tmp_path / "study")


def done(study, job, seconds=1.0):
    """What a job may give; nothing is fitted, and the same job gives the same rows."""
    rng = np.random.default_rng([job.n_triplets, job.seed, TOY.models.index(job.generator)])
    rows = pd.DataFrame(rng.random((len(TOY.models), len(COLUMNS))), columns=list(COLUMNS))
    rows["n_triplets"], rows["seed"], rows["generator"] = job.n_triplets, job.seed, job.generator
    rows["candidate"], rows["error"] = TOY.models, ""
    rows["at_grid_end"], rows["converged"] = [True, False, True], True
    rows["n_evaluations"], rows["n_ties"], rows["n_test"] = [70, 80, 90], 0, 15
    rows.loc[1, "gap"] = np.nan
    return Result(job.key(study.hash), job, rows, "", seconds)


def failed(study, job, error=TRACEBACK):
    return Result(job.key(study.hash), job, None, error, 2.0)


def expected(results):
    """The collected table, by hand."""
    frame = pd.concat([result.rows for result in results])
    return frame.sort_values(["n_triplets", "seed", "generator", "candidate"], ignore_index=True)[list(COLUMNS)]


class TestShards:
    def test_what_is_written_is_collected_in_order(self, study):
        jobs = list(list_jobs(TOY))
        whole = [done(study, job, seconds=number + 0.123456) for number, job in enumerate(jobs)]
        for part in (whole[5:], whole[2:5], whole[:2]):
            write_shard(study, part[::-1])
        pd.testing.assert_frame_equal(collect(study), expected(whole), check_exact=True)
        ledger = read_ledger(study)
        assert ledger.seconds == {job.key(study.hash): number + 0.1235 for number, job in enumerate(jobs)}
        assert (ledger.failed, ledger.damaged) == ({}, [])
        assert list(study.keys().values()) == jobs
        assert set(study.keys()) == set(ledger.seconds)

    def test_reading_one_gives_its_rows_and_jobs(self, study):
        job = next(list_jobs(TOY))
        path = write_shard(study, [done(study, job)])
        table, jobs = store.read_shard(study, path)
        assert jobs == {job.key(study.hash): {"seconds": 1.0, "failed": False}}
        assert set(table["job"].to_pylist()) == {job.key(study.hash)}
        pd.testing.assert_frame_equal(table.to_pandas().drop(columns="job"), expected([done(study, job)]))

    def test_study_without_shards_is_an_empty_table(self, study):
        table = collect(study)
        assert (len(table), list(table.columns)) == (0, list(COLUMNS))
        assert read_ledger(study) == store.Ledger({}, {}, [])

    def test_job_in_two_shards_counts_once(self, study):
        first, second, third = (done(study, job) for job in list(list_jobs(TOY))[:3])
        paths = {write_shard(study, [first, second]), write_shard(study, [second, third])}
        assert len(paths) == 2
        pd.testing.assert_frame_equal(collect(study), expected([first, second, third]), check_exact=True)
        assert len(read_ledger(study).seconds) == 3

    def test_same_shard_twice_is_one_file(self, study):
        result = done(study, next(list_jobs(TOY)))
        assert write_shard(study, [result]) == write_shard(study, [result])
        assert len(list((study.folder / "shards").iterdir())) == 1

    def test_failed_job_is_a_row_with_its_traceback(self, study):
        first, second = list(list_jobs(TOY))[:2]
        write_shard(study, [failed(study, first), done(study, second)])
        ledger = read_ledger(study)
        assert ledger.failed == {first.key(study.hash): TRACEBACK}
        assert set(ledger.seconds) == {second.key(study.hash)}
        table = collect(study)
        assert len(table) == 1 + len(TOY.models)
        (row,) = table[table["candidate"] == ""].to_dict("records")
        assert (row["n_triplets"], row["seed"], row["generator"]) == (first.n_triplets, first.seed, first.generator)
        assert row["error"] == TRACEBACK
        assert (row["converged"], row["at_grid_end"]) == (False, False)
        assert (row["n_evaluations"], row["n_ties"], row["n_test"]) == (0, 0, 0)
        assert np.isnan([row[name] for name in COLUMNS if table[name].dtype == float]).all()

    @pytest.mark.parametrize("together", [True, False])
    def test_failed_job_that_is_done_later_is_done(self, study, together):
        job, other = list(list_jobs(TOY))[:2]
        write_shard(study, [failed(study, job), failed(study, other)])
        write_shard(study, [done(study, job), done(study, other)] if together else [done(study, job)])
        ledger, table = read_ledger(study), collect(study)
        left = set() if together else {other.key(study.hash)}
        assert set(ledger.failed) == left
        assert job.key(study.hash) in ledger.seconds
        assert (table["error"] != "").sum() == len(left)
        kept = table[table["candidate"] != ""].reset_index(drop=True)
        pd.testing.assert_frame_equal(kept, expected([done(study, job), done(study, other)][: 1 + together]))

    def test_job_that_failed_twice_is_one_row(self, study):
        job, other = list(list_jobs(TOY))[:2]
        write_shard(study, [failed(study, job)])
        write_shard(study, [failed(study, job, "another reason"), done(study, other)])
        assert (collect(study)["candidate"] == "").sum() == 1
        assert set(read_ledger(study).failed) == {job.key(study.hash)}

    def test_shard_of_another_study_is_refused_by_name(self, study, tmp_path):
        other = begin_study(replace(TOY, n_folds=4), tmp_path / "other")
        path = write_shard(other, [done(other, next(list_jobs(TOY)))])
        (study.folder / "shards").mkdir()
        moved = study.folder / "shards" / path.name
        shutil.copy(path, moved)
        for read in (collect, read_ledger):
            with pytest.raises(ValueError, match=f"{moved} belongs to another study.*Move it out") as refused:
                read(study)
            assert not isinstance(refused.value, Damaged)

    def test_shard_with_another_owner_written_over_is_damaged(self, study):
        path = write_shard(study, [done(study, next(list_jobs(TOY)))])
        for name, value in (("study", "0" * 64), ("jobs", "{}")):
            table = pq.read_table(path)
            pq.write_table(table.replace_schema_metadata(table.schema.metadata | {name.encode(): value}), path)
            with pytest.raises(Damaged, match="not those whose hash"):
                store.read_shard(study, path)

    def test_other_files_are_left_alone(self, study):
        write_shard(study, [done(study, next(list_jobs(TOY)))])
        for name in (".abc.parquet.17.partial", ".hidden.parquet", "abc.damaged", "notes.txt"):
            (study.folder / "shards" / name).write_text("x")
        assert len(collect(study)) == len(TOY.models)
        assert read_ledger(study).damaged == []

    def test_damaged_shard_is_set_aside(self, study):
        first, second = (done(study, job) for job in list(list_jobs(TOY))[:2])
        write_shard(study, [second])
        path = write_shard(study, [first])
        path.write_bytes(path.read_bytes()[:-5])
        with pytest.raises(Damaged, match=path.name):
            collect(study)
        ledger = read_ledger(study)
        assert [found for found, _ in ledger.damaged] == [path]
        assert set(ledger.seconds) == {second.key}
        store.set_aside(ledger.damaged)
        pd.testing.assert_frame_equal(collect(study), expected([second]))
        assert path.with_suffix(".damaged").exists()

    def test_no_flipped_byte_is_overlooked(self, study):
        path = write_shard(study, [done(study, job) for job in list_jobs(TOY)])
        content, whole = path.read_bytes(), collect(study)
        places = range(0, len(content), 97)
        messages = []
        for place in places:
            harmed = bytearray(content)
            harmed[place] ^= 0xFF
            path.write_bytes(harmed)
            try:
                pd.testing.assert_frame_equal(collect(study), whole, check_exact=True)
            except Damaged as damage:
                messages.append(str(damage))
        assert len(messages) > len(places) / 2
        assert all(message.startswith(path.name) for message in messages)

    @pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
    def test_no_missing_end_is_overlooked(self, study, share):
        path = write_shard(study, [done(study, job) for job in list_jobs(TOY)])
        path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
        with pytest.raises(Damaged, match=path.name):
            collect(study)


class TestBegin:
    def test_new_folder_holds_the_plan(self, study):
        assert study.experiment == TOY
        assert study.hash == study_hash(TOY, study.inputs.hash)
        plan = json.loads((study.folder / "study.json").read_text())
        assert plan.pop("sha256")
        assert plan == {
            "experiment": TOY.settings(),
            "inputs": study.inputs.hash,
            "code": source.study_code(),
            "yardsticks": yardsticks.__version__,
        }
        again = open_study(study.folder)
        assert (again.experiment, again.hash, again.folder) == (TOY, study.hash, study.folder)

    def test_folder_without_a_study_cannot_be_opened(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"holds no study: there is no study\.json"):
            open_study(tmp_path)

    def test_other_settings_are_refused_by_name(self, study):
        other = replace(TOY, solver="published", n_folds=4, sizes=(80, 160))
        with pytest.raises(ValueError, match="Name a new folder") as refused:
            begin_study(other, study.folder)
        text = str(refused.value)
        assert text.startswith(f"{study.folder} holds the study 'toy' with other settings (")
        assert "solver 'exact' / 'published'" in text
        assert "n_folds 3 / 4" in text
        assert "transform" not in text
        assert open_study(study.folder).experiment == TOY

    def test_folder_with_other_things_is_refused(self, tmp_path):
        (tmp_path / "thesis.txt").write_text("years of work")
        with pytest.raises(ValueError, match="holds other things than a study"):
            begin_study(TOY, tmp_path)
        assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]

    def test_empty_folder_and_hidden_files_are_no_matter(self, tmp_path):
        (tmp_path / ".lock").touch()
        assert begin_study(TOY, tmp_path).folder == tmp_path

    def test_beginning_that_was_interrupted_is_taken_up(self, tmp_path):
        inputs.freeze_inputs(TOY, tmp_path / "inputs")  # and then the power failed: there is no plan
        assert begin_study(TOY, tmp_path).experiment == TOY

    def test_extension_keeps_what_is_done(self, study):
        finished = [done(study, job) for job in list_jobs(TOY)]
        write_shard(study, finished)
        more = replace(TOY, name="more", sizes=(20, 40, 160), n_seeds=(1, 3, 2))
        longer = begin_study(more, study.folder)
        assert longer.hash == study.hash
        assert open_study(study.folder).experiment == more
        open_jobs = set(longer.keys()) - set(read_ledger(longer).seconds)
        assert len(open_jobs) == (1 + 3 + 2) * 3 - len(finished)
        pd.testing.assert_frame_equal(collect(longer), expected(finished), check_exact=True)

    def test_other_data_are_refused_with_their_file(self, study, monkeypatch):
        before = (study.folder / "study.json").read_bytes()
        monkeypatch.setitem(inputs._TOY, "seed", 8)
        path = study.folder / "inputs" / "inputs.json"
        with pytest.raises(ValueError, match=f"{path}: the run here began with other data") as refused:
            begin_study(TOY, study.folder)
        assert study.inputs.hash[:12] in str(refused.value)
        assert (study.folder / "study.json").read_bytes() == before


class TestCode:
    """A table must not hold rows of two states of the code without saying so."""

    @pytest.fixture
    def changed(self, monkeypatch):
        monkeypatch.setattr(store, "CODE", store.CODE | {"package": "1" * 64, "torch": "0.1"})

    def test_study_does_not_go_on_with_other_code(self, study, request):
        write_shard(study, [done(study, next(list_jobs(TOY)))])
        plan = (study.folder / "study.json").read_bytes()
        request.getfixturevalue("changed")
        with pytest.raises(source.OtherCode) as refused:
            begin_study(TOY, study.folder)
        text = str(refused.value)
        assert text.startswith(f"{study.folder}: what is done here was computed by other code (package ")
        assert "torch" in text
        assert "numpy" not in text
        assert "recovery collect" in text
        assert "--from" in text
        assert "\n" not in text
        assert (study.folder / "study.json").read_bytes() == plan
        assert len(collect(open_study(study.folder))) == len(TOY.models), "what is done can be collected all the same"

    def test_folder_of_an_earlier_version_says_what_to_do(self, study):
        about = {"experiment": TOY.settings(), "inputs": study.inputs.hash, "yardsticks": "0.0.9"}
        (study.folder / "study.json").write_text(json.dumps(about))
        old = open_study(study.folder)
        write_shard(old, [done(old, next(list_jobs(TOY)))])
        assert len(collect(open_study(study.folder))) == len(TOY.models)
        with pytest.raises(source.OtherCode, match=r"of an earlier version of the package.*--from FILE"):
            begin_study(TOY, study.folder)

    def test_shard_of_other_code_is_refused(self, study, tmp_path, request):
        write_shard(study, [done(study, next(list_jobs(TOY)))])
        request.getfixturevalue("changed")
        other = begin_study(TOY, tmp_path / "other")
        path = write_shard(other, [done(other, list(list_jobs(TOY))[1])])
        shutil.copy(path, study.folder / "shards" / path.name)
        for read in (collect, read_ledger):
            with pytest.raises(source.OtherCode, match=f"{path.name} was computed by other code.*Move it out"):
                read(study)

    def test_every_changed_line_is_other_code(self, tmp_path):
        package = tmp_path / "yardsticks"
        here = Path(yardsticks.__file__).parent
        shutil.copytree(here, package, ignore=shutil.ignore_patterns("data", "__pycache__"))
        shutil.copytree(here / "recovery/data", package / "recovery/data")
        parts = source.OF_STUDIES
        assert source.hash_source(parts, package) == source.study_code()["package"]
        for name in ("recovery/probes/objective.py", "stats/__init__.py", "devices.py"):
            text = (package / name).read_text()
            (package / name).write_text(f"{text}# a line\n")
            assert source.hash_source(parts, package) != source.study_code()["package"], name
            (package / name).write_text(text)
        (package / "cli/models.py").write_text("")
        assert source.hash_source(parts, package) == source.study_code()["package"], "no job imports it"

    def test_all_that_a_job_imports_counts(self, tmp_path):
        code = """if True:
            import sys
            from dataclasses import replace
            from pathlib import Path
            from yardsticks.recovery.studies import SMOKE, run_here
            run_here(replace(SMOKE, sizes=(20,), n_seeds=(1,), strengths=(0.1,)), Path(sys.argv[1]))
            print(*sorted(m.__file__ for n, m in sys.modules.items() if n.startswith("yardsticks.")))
        """
        line = [sys.executable, "-c", code, tmp_path / "study"]
        printed = subprocess.run(line, check=True, capture_output=True, text=True).stdout
        package = Path(yardsticks.__file__).parent
        imported = {Path(file).relative_to(package).parts[0] for file in printed.split()}
        assert {"recovery", "stats"} <= imported <= {*source.OF_STUDIES, "alone.py", "limits.py", "source.py"}


class TestPlan:
    LONGER = replace(TOY, name="longer", sizes=(40, 160, 320), n_seeds=(3, 2, 1))

    def test_client_that_is_refused_has_not_replaced_the_plan(self, study):
        before = (study.folder / "study.json").read_bytes()
        with alone.alone_in(study.folder):
            with pytest.raises(alone.Occupied, match="another run works in"):
                begin_study(self.LONGER, study.folder)
            assert (study.folder / "study.json").read_bytes() == before
            assert begin_study(TOY, study.folder).experiment == TOY, "as one job of many does, by the same plan"
        assert begin_study(self.LONGER, study.folder).experiment == self.LONGER

    def test_shorter_plan_does_not_mix_tables(self, tmp_path):
        longer = begin_study(self.LONGER, tmp_path / "study")
        write_shard(longer, [done(longer, job) for job in list_jobs(self.LONGER)])
        shorter = begin_study(TOY, tmp_path / "study")
        pd.testing.assert_frame_equal(collect(shorter), expected([done(shorter, job) for job in list_jobs(TOY)]))
        assert len(collect(begin_study(self.LONGER, tmp_path / "study"))) == len(longer.keys()) * len(TOY.models)

    def test_no_flipped_bit_of_a_plan_is_overlooked(self, study, rng):
        path = study.folder / "study.json"
        content, said = path.read_bytes(), []
        for place in rng.integers(len(content), size=100):
            harmed = bytearray(content)
            harmed[place] ^= 1 << rng.integers(8)
            path.write_bytes(harmed)
            try:
                opened = open_study(study.folder)
            except Damaged as damage:
                said.append(str(damage))
            else:
                assert (opened.experiment, opened.hash) == (TOY, study.hash)
                assert opened.code in (study.code, {})
        assert len(said) > 80
        assert all(text.startswith(str(path)) for text in said)

    def test_plan_that_was_lost_is_made_again(self, study):
        finished = [done(study, job) for job in list_jobs(TOY)]
        write_shard(study, finished)
        (study.folder / "study.json").unlink()
        pd.testing.assert_frame_equal(collect(begin_study(TOY, study.folder)), expected(finished))

    def test_study_that_is_named_after_its_arrays_goes_on(self, study, monkeypatch):
        """As earlier versions named it; also where its data were deleted and are frozen again."""
        named = replace(study.inputs, hash=study.inputs.treated)
        earlier = replace(study, inputs=named, hash=study_hash(TOY, named.hash))
        (study.folder / "study.json").write_bytes(store._plan_of(earlier))
        finished = [done(earlier, job) for job in list_jobs(TOY)]
        write_shard(earlier, finished[:5])
        assert begin_study(TOY, study.folder).hash == open_study(study.folder).hash == earlier.hash
        shutil.rmtree(study.folder / "inputs")
        again = begin_study(TOY, study.folder)
        write_shard(again, finished[5:])
        pd.testing.assert_frame_equal(collect(open_study(study.folder)), expected(finished))


class TestWhole:
    def test_writes_and_replaces(self, tmp_path):
        path = tmp_path / "a.txt"
        for content in (b"old", b"new"):
            store.write_whole(path, content)
            assert path.read_bytes() == content
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.parametrize("fails", ["fsync", "replace"])
    def test_old_file_stays_when_writing_fails(self, tmp_path, monkeypatch, fails):
        path = tmp_path / "a.txt"
        path.write_bytes(b"old")

        def full(*arguments):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, fails, full)
        with pytest.raises(OSError, match="No space left"):
            store.write_whole(path, b"new")
        with pytest.raises(OSError, match="No space left"):
            store.write_whole(tmp_path / "b.txt", b"new")
        monkeypatch.undo()
        assert path.read_bytes() == b"old"
        assert list(tmp_path.iterdir()) == [path]

    def test_two_writers_of_a_name_do_not_share_a_file_in_the_making(self, tmp_path, monkeypatch):
        """As with two machines that share a folder, and whose processes have the same number."""
        monkeypatch.setattr(os, "getpid", lambda: 1)
        made = []

        def replace(partial, path, original=os.replace):
            made.append(partial)
            if len(made) == 1:
                store.write_whole(path, b"second")
            original(partial, path)

        monkeypatch.setattr(os, "replace", replace)
        store.write_whole(tmp_path / "a.txt", b"first")
        assert len(set(made)) == 2
        assert (tmp_path / "a.txt").read_bytes() == b"first"
        assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]

    def test_shard_that_cannot_be_written_leaves_nothing(self, study, monkeypatch):
        def full(*arguments):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            write_shard(study, [done(study, next(list_jobs(TOY)))])
        assert list((study.folder / "shards").iterdir()) == []
        assert len(collect(study)) == 0


MADE = {"generators": [{"model": "toy-a1", "strength": 0.5}]}


class TestTables:
    @pytest.fixture
    def path(self, study, tmp_path):
        first, second, third = list(list_jobs(TOY))[:3]
        write_shard(study, [done(study, first), failed(study, second), done(study, third)])
        tables.write_table(study, collect(study), tmp_path / "toy.parquet", about=MADE)
        return tmp_path / "toy.parquet"

    def test_table_comes_back_with_its_provenance(self, study, path):
        table, provenance = tables.read_table(path)
        pd.testing.assert_frame_equal(table, collect(study), check_exact=True)
        assert provenance.pop("rows")
        assert provenance == {
            "what": "Recovery study",
            "experiment": TOY.settings(),
            "code": source.study_code(),
            "inputs": study.inputs.hash,
            "kind": "synthetic",
            "types": [[name, str(store.SCHEMA.field(name).type)] for name in COLUMNS],
            "yardsticks": yardsticks.__version__,
            "generators": [{"model": "toy-a1", "strength": 0.5}],
        }

    def test_same_rows_are_the_same_file(self, study, path, tmp_path):
        tables.write_table(study, collect(study), tmp_path / "again.parquet", about=MADE)
        assert (tmp_path / "again.parquet").read_bytes() == path.read_bytes()

    def test_finished_jobs_are_taken_over_from_a_table(self, study, path, tmp_path):
        first, _, third, fourth = list(list_jobs(TOY))[:4]
        more = begin_study(replace(TOY, name="more", sizes=(40, 160), n_seeds=(3, 1)), tmp_path / "more")
        write_shard(more, [done(more, third), done(more, fourth)])
        assert tables.import_table(more, path) == 1  # the second failed, the third is there
        assert set(read_ledger(more).seconds) == {job.key(study.hash) for job in (first, third, fourth)}
        pd.testing.assert_frame_equal(
            collect(more), expected([done(study, job) for job in (first, third, fourth)]), check_exact=True
        )
        assert tables.import_table(more, path) == 0

    @pytest.mark.parametrize("other", ["settings", "data"])
    def test_jobs_of_another_study_are_not_taken_over(self, path, tmp_path, monkeypatch, other):
        if other == "data":
            monkeypatch.setitem(inputs._TOY, "seed", 8)
        begun = begin_study(replace(TOY, n_folds=4) if other == "settings" else TOY, tmp_path / "other")
        with pytest.raises(ValueError, match=f"{path} is of another study"):
            tables.import_table(begun, path)
        assert len(collect(begun)) == 0

    def test_changed_rows_are_refused(self, path):
        table = pq.read_table(path)
        frame = table.to_pandas()
        frame.loc[0, "test_accuracy"] += 1e-12
        changed = table.from_pandas(frame, schema=table.schema, preserve_index=False)
        pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)
        with pytest.raises(ValueError, match=r"toy\.parquet: its rows, columns or provenance are not those"):
            tables.read_table(path)

    def test_removed_rows_are_refused(self, path):
        table = pq.read_table(path)
        pq.write_table(table.slice(1), path)
        with pytest.raises(ValueError, match="its rows, columns or provenance are not those"):
            tables.read_table(path)

    @pytest.mark.parametrize("change", ["settings", "kind", "code", "types", "column", "order"])
    def test_changed_names_and_provenance_are_refused(self, path, change):
        table = pq.read_table(path)
        about = json.loads(table.schema.metadata[b"provenance"])
        if change == "settings":
            about["experiment"]["penalty"] = "frobenius"
        elif change == "kind":
            about["kind"] = "real"
        elif change == "code":
            del about["code"]  # as if it were of an earlier version, whose hash was of the values alone
        elif change == "types":
            del about["types"]  # as well
        elif change == "column":
            names = ["nll" if name == "test_nll" else name for name in table.column_names]
            table = table.rename_columns([f"{name}_" if name == "seed" else name for name in names])
        else:
            table = table.select(["seed", "n_triplets", *table.column_names[2:]])
        pq.write_table(table.replace_schema_metadata({"provenance": json.dumps(about)}), path)
        with pytest.raises(ValueError, match="its rows, columns or provenance are not those"):
            tables.read_table(path)

    @pytest.mark.parametrize(("column", "kind"), [("seed", pa.int32()), ("error", pa.large_string())])
    def test_changed_types_are_refused(self, path, column, kind):
        """The values are the same, and so is what pandas makes of them."""
        table = pq.read_table(path)
        place = table.column_names.index(column)
        changed = table.set_column(place, column, table[column].cast(kind))
        pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)
        with pytest.raises(ValueError, match="its rows, columns or provenance are not those"):
            tables.read_table(path)

    def test_table_in_parts_is_the_same_table(self, study, path, tmp_path):
        frame = collect(study)
        parts = [frame[:2], frame[2:2], frame[2:]]
        assert tables.write_table(study, parts, tmp_path / "parts.parquet", about=MADE) == len(frame)
        assert pq.ParquetFile(tmp_path / "parts.parquet").num_row_groups == 3
        (rows, about), (whole, said) = map(tables.read_table, (tmp_path / "parts.parquet", path))
        pd.testing.assert_frame_equal(rows, whole)
        assert about == said

    @pytest.mark.parametrize("told", ["code", ""])
    def test_tables_of_earlier_versions_can_be_read_and_gone_on_from(self, study, path, tmp_path, told):
        """Their hash is not of types, or of values alone; those that come with the project are such."""
        table = pq.read_table(path)
        about = json.loads(table.schema.metadata[b"provenance"])
        del about["types"], about["rows"]
        hashed = json.dumps([table.column_names, about], sort_keys=True)
        if not told:
            del about["code"]
        about["rows"] = store.hash_rows(table.replace_schema_metadata(None), *([hashed] if told else []))
        old = tmp_path / "old.parquet"
        pq.write_table(table.replace_schema_metadata({"provenance": json.dumps(about)}), old)
        pd.testing.assert_frame_equal(tables.read_table(old)[0], tables.read_table(path)[0])
        assert tables.import_table(begin_study(TOY, tmp_path / "new"), old) == 2

    def test_table_of_a_study_that_is_named_after_its_arrays_is_gone_on_from(self, study, path, tmp_path):
        earlier = replace(study, inputs=replace(study.inputs, hash=study.inputs.treated))
        tables.write_table(earlier, collect(study), tmp_path / "earlier.parquet")
        new = begin_study(TOY, tmp_path / "new")
        assert tables.import_table(new, tmp_path / "earlier.parquet") == 2
        pd.testing.assert_frame_equal(
            collect(new), collect(study)[collect(study)["candidate"] != ""].reset_index(drop=True)
        )

    def test_table_of_the_same_data_treated_elsewhere_is_gone_on_from_if_it_is_a_known_one(
        self, study, path, tmp_path, monkeypatch
    ):
        """With other threads the treatment has other last bits, and so had its hash, after which data were named."""
        elsewhere = replace(study, inputs=replace(study.inputs, hash="e" * 64))
        tables.write_table(elsewhere, collect(study), tmp_path / "elsewhere.parquet")
        new = begin_study(TOY, tmp_path / "new")
        with pytest.raises(ValueError, match=r"elsewhere\.parquet is of another study"):
            tables.import_table(new, tmp_path / "elsewhere.parquet")
        monkeypatch.setattr(tables, "FOLDER", tmp_path)
        (tmp_path / "inputs.toml").write_text(f'{new.inputs.hash} = ["{"d" * 64}", "{"e" * 64}"]')
        assert tables.import_table(new, tmp_path / "elsewhere.parquet") == 2

    def test_rows_of_other_code_are_taken_over_on_purpose_and_said_to_be(self, path, tmp_path, monkeypatch):
        """The version in the settings is raised by hand: as long as it is the same, so are the rows of other code."""
        monkeypatch.setattr(store, "CODE", store.CODE | {"package": "1" * 64})
        new = begin_study(TOY, tmp_path / "new")
        assert tables.import_table(new, path) == 2
        mine = list(new.keys().values())[3]
        write_shard(new, [done(new, mine)])
        tables.write_table(new, collect(new), tmp_path / "new.parquet")
        about = tables.read_table(tmp_path / "new.parquet")[1]
        assert about["code"] == store.CODE
        assert about["taken_over"] == {tables.read_table(path)[1]["rows"]: 2}
        other = begin_study(replace(TOY, version=TOY.version + 1), tmp_path / "other")
        with pytest.raises(ValueError, match="is of another study"):
            tables.import_table(other, path)

    def test_other_files_are_refused(self, tmp_path):
        path = tmp_path / "other.parquet"
        pd.DataFrame({"a": [1]}).to_parquet(path)
        with pytest.raises(ValueError, match=r"other\.parquet is no table of `yardsticks recovery collect`"):
            tables.read_table(path)
        pq.write_table(pq.read_table(path).replace_schema_metadata(None), path)
        with pytest.raises(ValueError, match="is no table"):
            tables.read_table(path)
        path.write_text("n_triplets,seed\n")
        with pytest.raises(ValueError, match="is no table"):
            tables.read_table(path)

    def test_results_are_opened_by_name(self, study, path, monkeypatch):
        monkeypatch.setattr(tables, "FOLDER", path.parent)
        rows, provenance, origin = tables.open_results("toy")
        pd.testing.assert_frame_equal(rows, collect(study), check_exact=True)
        assert provenance["experiment"] == TOY.settings()
        assert (origin.name, origin.kind, origin.sha256) == ("toy", "synthetic", provenance["rows"])
        assert f"toy, {len(rows)} rows" in origin.title

    def test_committed_tables_are_those_of_the_list(self):
        sums = (tables.FOLDER / "SHA256SUMS").read_text().split()
        known = dict(zip(sums[1::2], sums[::2], strict=True))
        assert known == {path.name: hash_file(path) for path in tables.FOLDER.glob("*.parquet")}

    def test_table_that_is_not_that_of_the_list_is_refused(self, path, monkeypatch):
        """As with a committed table of an earlier version, whose own hash is not of its provenance."""
        monkeypatch.setattr(tables, "FOLDER", path.parent)
        (path.parent / "SHA256SUMS").write_text(f"{hash_file(path)}  {path.name}\n")
        assert len(tables.open_results("toy").rows)
        (path.parent / "SHA256SUMS").write_text(f"{'0' * 64}  {path.name}\n")
        with pytest.raises(ValueError, match=r"toy\.parquet is not the table whose hash SHA256SUMS has"):
            tables.open_results("toy")

    def test_results_that_there_are_none_of_are_told_with_those_there_are(self, path, monkeypatch):
        shutil.copy(path, path.with_name("also.parquet"))
        monkeypatch.setattr(tables, "FOLDER", path.parent)
        with pytest.raises(FileNotFoundError, match=r"no results 'paper'\. There are: also, toy\."):
            tables.open_results("paper")

    def test_several_results_are_opened_by_name(self, path, monkeypatch):
        shutil.copy(path, path.with_name("also.parquet"))
        monkeypatch.setattr(tables, "FOLDER", path.parent)
        found = tables.open_several(["toy", "also"])
        assert list(found) == ["toy", "also"]
        rows, provenance, origin = tables.open_results("toy")
        assert found["toy"].origin == origin
        for table, about, _ in found.values():
            pd.testing.assert_frame_equal(table, rows)
            assert about == provenance
