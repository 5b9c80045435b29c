"""The authors' curves: drawn where their databases are, and told where they are not or cannot be read."""

import sqlite3
from contextlib import closing

import pytest

from yardsticks.recovery.winners import authors

LAYOUT = """
CREATE TABLE jobs (id, n_train_triplets, simulation_idx, data_generating_model, status, constraint_type,
    dim_reduction_method);
CREATE TABLE reference_model_results (job_id, reference_model, test_accuracy, validation_accuracy, test_nll,
    validation_nll, chosen_reg_con);
"""


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """A database of four jobs: at 80 triplets a wins and b loses, at 800 both win."""
    monkeypatch.setattr(authors, "find", lambda name: tmp_path)
    with closing(sqlite3.connect(tmp_path / "full_W.db")) as connection:
        connection.executescript(LAYOUT)
        for job, (n, generator, a, b) in enumerate(
            [(80, "a", 0.7, 0.6), (80, "b", 0.7, 0.6), (800, "a", 0.8, 0.5), (800, "b", 0.5, 0.8)]
        ):
            connection.execute("INSERT INTO jobs VALUES (?, ?, 0, ?, 'done', 'None', 'None')", (job, n, generator))
            for model, accuracy in (("a", a), ("b", b)):
                values = (job, model, accuracy, accuracy, 8.0, 8.0, 0.1)
                connection.execute("INSERT INTO reference_model_results VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        connection.commit()
    return tmp_path


def test_a_curve_for_each_database(archive):
    (curve,), said = authors.authors_curves(seed=0)
    assert curve.set_index("n_triplets")["recovery"].to_dict() == {80: 0.5, 800: 1.0}
    assert set(curve["study"]) == {"authors: full_W"}
    assert said == "are drawn beside ours: full_W.db"


def test_what_cannot_be_read_is_told(archive):
    (archive / "torn.db").write_bytes(b"no database")
    curves, said = authors.authors_curves(seed=0)
    assert len(curves) == 1
    assert "; left out is torn.db: " in said


@pytest.mark.parametrize("packed", [False, True])
def test_without_databases_it_is_said_how_they_come(tmp_path, monkeypatch, packed):
    monkeypatch.setattr(authors, "find", lambda name: tmp_path if packed else None)
    (tmp_path / "databases.zip").write_bytes(b"PK")
    curves, said = authors.authors_curves(seed=0)
    assert curves == []
    assert ("unpack what is packed there" in said) == packed
    assert ("“yardsticks data pull recovery-archive”" in said) != packed
