"""The authors' simulation databases: what is read, in which units, what is left out, what is refused."""

import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd
import pytest

from yardsticks.recovery.data.authors import open_published_recovery
from yardsticks.recovery.data.rows import COLUMNS
from yardsticks.recovery.studies.store import SCHEMA
from yardsticks.recovery.winners.credit import confusion, rank_shares, winners
from yardsticks.recovery.winners.curves import recovery_curve
from yardsticks.recovery.winners.fits import describe_fits

MODELS = ("Clip_RN50", "ResNet50", "VGG19")
SETTINGS = {
    "constraint_type": "None",
    "dim_reduction_method": "None",
    "data_generating_model_regularization": "eye_distance",
    "candidate_model_regularization": "eye_distance",
}
JOBS = ["id", "n_train_triplets", "simulation_idx", "data_generating_model", *SETTINGS, "status", "start_time"]
MEASURES = [f"{part}_{what}" for what in ("accuracy", "nll") for part in ("test", "train", "validation")]
RESULTS = ["job_id", "simulation_idx", "data_generating_model", "n_train_triplets", "reference_model", *SETTINGS]
RESULTS += [*MEASURES, "chosen_reg_con"]


@pytest.fixture
def database(tmp_path):
    """Write a database from tables of jobs and results; columns may be missing."""

    def write(jobs, results, name="full_W.db"):
        path = tmp_path / name
        with closing(sqlite3.connect(path)) as connection:
            jobs.to_sql("jobs", connection, index=False)
            results.to_sql("reference_model_results", connection, index=False)
        return path

    return write


def folds(right, n):
    """The mean over three folds of the fraction right, each in single precision, as the authors' code stores it."""
    return float(np.mean([np.float32(k) / np.float32(n) for k in right]))


def tables(rng, sizes=(50, 400), n_seeds=2, **settings):
    """Finished jobs of three models at some sizes, and the whole numbers of right answers they rest on."""
    jobs, results, right = [], [], []
    for n in sizes:
        few = round(n / 8)
        for seed in range(n_seeds):
            for generator in MODELS:
                job = len(jobs) + 1
                jobs.append((job, n, seed, generator, *(SETTINGS | settings).values(), "done", "04-01 13:47"))
                for candidate in MODELS:
                    counts = rng.integers(few // 3, few + 1, 3)
                    losses = rng.uniform(0.5, 1.5, 3)  # nats per trial of each fold
                    row = dict.fromkeys(RESULTS) | {"job_id": job, "reference_model": candidate}
                    row |= {"test_accuracy": folds(counts, few), "validation_accuracy": folds(counts[::-1], few)}
                    row |= {"test_nll": np.mean(losses * few), "validation_nll": np.mean(losses * few) + few}
                    results.append(row | {"chosen_reg_con": 0.1})
                    right.append((n, seed, generator, candidate, counts.sum(), losses.mean()))
    names = ["n_triplets", "seed", "generator", "candidate", "right", "loss"]
    return pd.DataFrame(jobs, columns=JOBS), pd.DataFrame(results), pd.DataFrame(right, columns=names)


def test_rows_have_our_columns_and_units(database, rng):
    jobs, results, right = tables(rng)
    rows, origin = open_published_recovery(database(jobs, results))
    assert [name for name in COLUMNS if name in rows] == list(rows.columns)
    assert set(COLUMNS) - set(rows.columns) == {"at_grid_end", "converged", "n_evaluations"}
    types = {field.name: field.type.to_pandas_dtype() for field in SCHEMA if field.type != "string"}
    assert all(rows[name].dtype == types[name] for name in rows if name in types)
    expected = right.sort_values(["n_triplets", "seed", "generator", "candidate"], ignore_index=True)
    pd.testing.assert_frame_equal(rows.iloc[:, :4], expected.iloc[:, :4], check_dtype=False)
    n_test = expected["n_triplets"].map({50: 18, 400: 150})
    assert (rows["n_test"] == n_test).all()
    assert (rows["test_accuracy"] == expected["right"] / n_test).all()  # exact, so that ties are ties
    np.testing.assert_allclose(rows["nll"], expected["loss"], rtol=1e-12)
    np.testing.assert_allclose(rows["validation_nll"], expected["loss"] + 1, rtol=1e-12)
    assert (rows["strength"] == 0.1).all()
    assert (rows["error"] == "").all()
    assert rows[["noise_free_accuracy", "noise_free_nll", "gap"]].isna().all(axis=None)
    assert origin.kind == "real"
    assert "full_W.db" in origin.title
    assert sum(origin.notes.values()) == 0


def test_analysis_takes_the_rows(database, rng):
    jobs, results, right = tables(rng, sizes=(50,), n_seeds=20)
    rows, _ = open_published_recovery(database(jobs, results))
    curve = recovery_curve(rows, scores=["test_accuracy", "noise_free_accuracy"], seed=0, n_bootstrap=10)
    best = right.groupby(["seed", "generator"])["right"].transform("max") == right["right"]
    n_best = best.groupby([right["seed"], right["generator"]]).transform("sum")
    own = right["generator"] == right["candidate"]
    assert n_best.max() > 1, "this test wants ties"
    assert curve.at[0, "recovery"] == pytest.approx((own * best / n_best).sum() / 60)
    assert curve.at[0, "n_jobs"] == 60
    assert curve.at[1, "n_left_out"] == 60  # nobody has a noise-free score
    shares = confusion(rows, n_triplets=50, score="test_accuracy")
    assert shares.loc["VGG19", "ResNet50"] == pytest.approx(
        (best / n_best)[(right["generator"] == "VGG19") & (right["candidate"] == "ResNet50")].sum() / 20
    )
    assert rank_shares(winners(rows, score="nll")).sum(axis=1).item() == pytest.approx(1)
    same = right.groupby(["seed", "generator", "right"])["candidate"].transform("size")
    assert rows["n_ties"].sum() == (same - 1).sum()
    with pytest.raises(KeyError):  # rather than numbers about fits of which nothing is known
        describe_fits(rows, [0.1])


def test_equal_numbers_of_right_answers_are_ties_whatever_the_folds(database, rng):
    jobs, results, _ = tables(rng, sizes=(400,), n_seeds=1)
    spread = [folds((17, 23, 31), 50), folds((23, 24, 24), 50), folds((10, 20, 30), 50)]
    assert spread[0] != spread[1]
    results.loc[:2, "test_accuracy"] = spread
    rows, _ = open_published_recovery(database(jobs, results))
    assert rows.loc[:2, "test_accuracy"].tolist() == [71 / 150, 71 / 150, 60 / 150]
    assert rows.loc[:2, "n_ties"].tolist() == [1, 1, 0]
    assert winners(rows, score="test_accuracy").loc[0, ["winner", "credit"]].tolist() == ["tie", 0.5]


def test_millions_of_triplets_keep_their_right_answers(database, rng):
    jobs, results, right = tables(rng, sizes=(4_200_000,))
    rows, origin = open_published_recovery(database(jobs, results))
    expected = right.sort_values(["seed", "generator", "candidate"])["right"].to_numpy()
    assert (rows["test_accuracy"] * rows["n_test"]).round(6).tolist() == expected.tolist()
    assert rows["n_test"].unique() == [3 * 525_000]
    assert sum(origin.notes.values()) == 0


def test_accuracies_of_other_numbers_of_answers_are_kept_and_counted(database, rng):
    jobs, results, _ = tables(rng)
    results.loc[4, "test_accuracy"] = 0.512345
    rows, origin = open_published_recovery(database(jobs, results))
    assert (rows["test_accuracy"] == 0.512345).sum() == 1
    assert origin.notes["accuracies that are no fraction of the test answers (kept)"] == 1


def test_incomplete_jobs_are_left_out_and_counted(database, rng):
    jobs, results, _ = tables(rng)
    jobs.loc[[0, 1], "status"] = "running"
    jobs.loc[2, "status"] = "pending"
    results = results[(results["job_id"] != 4) & ~((results["job_id"] == 5) & (results["reference_model"] == "VGG19"))]
    rows, origin = open_published_recovery(database(jobs, results))
    assert len(rows) == 3 * (len(jobs) - 5)
    assert {what: n for what, n in origin.notes.items() if n} == {
        "jobs that are running": 2,
        "jobs that are pending": 1,
        "jobs that are done, without a row for each candidate": 2,
    }


def test_first_of_two_rows_and_of_two_jobs_counts(database, rng):
    jobs, results, _ = tables(rng, sizes=(400,))
    whole, _ = open_published_recovery(database(jobs, results))
    again = results[results["job_id"] == 2].assign(test_accuracy=folds((1, 1, 1), 50))
    other = jobs[jobs["id"] == 3].assign(id=99)
    rows = [results, again, results[results["job_id"] == 1].assign(job_id=99, test_accuracy=folds((2, 2, 2), 50))]
    path = database(pd.concat([other, jobs]), pd.concat(rows), "twice.db")
    twice, origin = open_published_recovery(path)
    pd.testing.assert_frame_equal(twice, whole)
    assert {what: n for what, n in origin.notes.items() if n} == {
        "jobs with the settings of another": 1,
        "rows of a job and candidate that has one already": 3,
    }


def test_two_names_of_one_model_are_one(database, rng):
    jobs, results, _ = tables(rng)
    jobs["data_generating_model"] = jobs["data_generating_model"].replace("VGG19", "Google_ViT_Large_224")
    results["reference_model"] = results["reference_model"].replace("VGG19", "Google_ViT_Large")
    rows, _ = open_published_recovery(database(jobs, results))
    assert set(rows["generator"]) == set(rows["candidate"]) == {"Clip_RN50", "ResNet50", "Google_ViT_Large"}


def test_a_missing_score_does_not_compete(database, rng):
    jobs, results, _ = tables(rng)
    results.loc[0, ["test_accuracy", "test_nll"]] = None
    rows, _ = open_published_recovery(database(jobs, results))
    assert rows.loc[0, ["error", "n_ties"]].tolist() == ["no accuracy is stored", 0]
    assert winners(rows, score="test_accuracy").loc[0, "n_candidates"] == 2


class TestStudies:
    @pytest.fixture
    def several(self, database, rng):
        parts = [
            tables(rng),
            tables(rng, constraint_type="diagonal"),
            tables(rng, constraint_type="diagonal", candidate_model_regularization="L2"),
        ]
        jobs = pd.concat([part[0].assign(id=part[0]["id"] + 100 * i) for i, part in enumerate(parts)])
        results = pd.concat([part[1].assign(job_id=part[1]["job_id"] + 100 * i) for i, part in enumerate(parts)])
        results["test_nll"] = results["job_id"] // 100
        return database(jobs.replace({"constraint_type": {"None": None}}), results)

    def test_must_be_told_apart(self, several):
        message = (
            r"full_W\.db: there are 3 studies: constraint_type='None', candidate_model_regularization='eye_distance'; "
            r"constraint_type='diagonal', .*'L2'\. Choose one with only="
        )
        with pytest.raises(ValueError, match=message):
            open_published_recovery(several)
        with pytest.raises(ValueError, match="2 studies: candidate_model_regularization='eye_distance'; candidate"):
            open_published_recovery(several, only={"constraint_type": "diagonal"})

    @pytest.mark.parametrize(
        ("only", "number"),
        [
            ({"constraint_type": "None"}, 0),
            ({"constraint_type": "diagonal", "candidate_model_regularization": "eye_distance"}, 1),
            ({"candidate_model_regularization": "L2"}, 2),
        ],
    )
    def test_can_be_chosen(self, several, only, number):
        rows, _ = open_published_recovery(several, only=only)
        assert len(rows) == 36
        assert (rows["nll"] * (rows["n_test"] / 3)).round(9).eq(number).all()

    def test_unknown_choices_are_refused_with_the_valid_ones(self, several):
        with pytest.raises(ValueError, match=r"no job has constraint_type='full'\. There are: 'None', 'diagonal'"):
            open_published_recovery(several, only={"constraint_type": "full"})
        with pytest.raises(ValueError, match="'transform' in only is none of constraint_type, dim_reduction_method, "):
            open_published_recovery(several, only={"transform": "full"})

    def test_older_databases_name_no_regularisation(self, database, rng):
        jobs, results, _ = tables(rng)
        names = [name for name in SETTINGS if name.endswith("regularization")]
        both = open_published_recovery(database(jobs, results))[0]
        older = database(jobs.drop(columns=names), results.drop(columns=names), "older.db")
        pd.testing.assert_frame_equal(open_published_recovery(older)[0], both)
        with pytest.raises(ValueError, match="is none of constraint_type, dim_reduction_method"):
            open_published_recovery(older, only={"candidate_model_regularization": "L1"})


class TestRefusals:
    def test_no_file(self, tmp_path):
        for path in (tmp_path / "none.db", tmp_path):
            with pytest.raises(FileNotFoundError, match="is no file"):
                open_published_recovery(path)
        assert list(tmp_path.iterdir()) == []  # opening it has not made it

    @pytest.mark.parametrize("content", [b"n_train_triplets,status\n50,done\n" * 50, b"SQLite format 3\0" + b"x" * 999])
    def test_no_database(self, tmp_path, content):
        path = tmp_path / "full #1?.db"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"^full #1\?\.db: this is no SQLite database that can be read"):
            open_published_recovery(path)

    def test_damaged_database(self, database, rng):
        path = database(*tables(rng, n_seeds=20)[:2])
        path.write_bytes(path.read_bytes()[:20_000])
        with pytest.raises(ValueError, match=r"^full_W\.db: this is no SQLite database that can be read"):
            open_published_recovery(path)

    def test_missing_table(self, tmp_path):
        path = tmp_path / "empty.db"
        path.touch()
        with pytest.raises(ValueError, match=r"empty\.db: there is no table 'jobs'; there are: none"):
            open_published_recovery(path)
        with closing(sqlite3.connect(path)) as connection:
            pd.DataFrame(columns=JOBS).to_sql("jobs", connection, index=False)
            pd.DataFrame({"x": [1]}).to_sql("other", connection, index=False)
        with pytest.raises(ValueError, match=r"no table 'reference_model_results'; there are: jobs, other\."):
            open_published_recovery(path)

    def test_missing_column(self, database, rng):
        jobs, results, _ = tables(rng)
        with pytest.raises(ValueError, match=r"a\.db: the table 'jobs' has no column simulation_idx, status; it has: "):
            open_published_recovery(database(jobs.drop(columns=["status", "simulation_idx"]), results, "a.db"))
        with pytest.raises(ValueError, match=r"'reference_model_results' has no column test_nll; it has: job_id, "):
            open_published_recovery(database(jobs, results.drop(columns="test_nll"), "b.db"))

    def test_nothing_complete(self, database, rng):
        jobs, results, _ = tables(rng)
        with pytest.raises(ValueError, match=r"full_W\.db: no job is complete \(jobs that are pending: 12\)"):
            open_published_recovery(database(jobs.assign(status="pending"), results))
        with pytest.raises(ValueError, match=r"no job is complete \(there are none\)"):
            open_published_recovery(database(jobs[:0], results, "b.db"))

    @pytest.mark.parametrize(
        ("table", "column", "value", "message"),
        [
            ("results", "test_accuracy", 51.2, "job 2, candidate Clip_RN50: the test_accuracy 51.2 cannot be"),
            ("results", "test_accuracy", "high", "job 2, candidate Clip_RN50: the test_accuracy high cannot be"),
            ("results", "validation_nll", -1.0, "job 2, candidate Clip_RN50: the validation_nll -1.0 cannot be"),
            ("results", "test_nll", np.inf, "job 2, candidate Clip_RN50: the nll inf cannot be"),
            ("jobs", "n_train_triplets", 4, "job 4, candidate Clip_RN50: the n_triplets 4.0 cannot be"),
            ("jobs", "simulation_idx", None, "job 4, candidate Clip_RN50: the seed nan cannot be"),
        ],
    )
    def test_values_that_cannot_be(self, database, rng, table, column, value, message):
        jobs, results, _ = tables(rng)
        wrong = jobs if table == "jobs" else results
        wrong[column] = wrong[column].astype(object)
        wrong.loc[3, column] = value
        with pytest.raises(ValueError, match=message.replace(".", r"\.")):
            open_published_recovery(database(jobs, results))


def test_the_file_is_left_as_it_is(database, rng, tmp_path):
    path = database(*tables(rng)[:2])
    path.chmod(0o444)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    open_published_recovery(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(tmp_path.iterdir()) == [path]
