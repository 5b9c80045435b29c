"""The authors' own simulation results, from their SQLite databases to the table that the analysis takes."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from yardsticks.datasets import Origin, locate
from yardsticks.recovery.data.rows import COLUMNS, JOB

N_FOLDS = 3
_SETTINGS = (
    "constraint_type",
    "dim_reduction_method",
    "data_generating_model_regularization",
    "candidate_model_regularization",
)
_OLDER_WITHOUT = _SETTINGS[2:]  # the authors' code still writes to databases that lack these
_JOBS = {
    "id": "job",
    "n_train_triplets": "n_triplets",
    "simulation_idx": "seed",
    "data_generating_model": "generator",
    "status": "status",
}
_RESULTS = {
    "job_id": "job",
    "reference_model": "candidate",
    "test_accuracy": "test_accuracy",
    "validation_accuracy": "validation_accuracy",
    "test_nll": "nll",
    "validation_nll": "validation_nll",
    "chosen_reg_con": "strength",
}
_ACCURACIES = ("test_accuracy", "validation_accuracy")
_NLLS = ("nll", "validation_nll")
_UNKNOWN = ("noise_free_accuracy", "noise_free_nll", "gap")
_ORDER = [name for name in COLUMNS if name not in ("at_grid_end", "converged", "n_evaluations")]
# two names of one model in the authors' files, which their own analysis makes one as well
_ALIASES = {"Google_ViT_Large_224": "Google_ViT_Large"}


def open_published_recovery(
    path: str | os.PathLike, *, only: Mapping[str, str] | None = None
) -> tuple[pd.DataFrame, Origin]:
    """Open a simulation database of Avitan & Golan (2025) as rows that `analysis` takes.

    So the paper's own recovery curve, confusions and ranks come from the functions that made ours: `recovery_curve`,
    `confusion` and `rank_shares`, with ``score="test_accuracy"`` as in the paper. Nothing is written to the file.

    Parameters
    ----------
    path : path
        A database, for example ``full_W.db``. The archive is Figshare item 30542690.
    only : mapping of str to str, optional
        Take one study of several in a database: values, as the database spells them, of ``constraint_type``,
        ``dim_reduction_method``, ``data_generating_model_regularization`` and ``candidate_model_regularization``, as
        many as are needed to tell it from the others. Where there is no value it is called ``None``; a full transform
        is the constraint ``None``.

    Returns
    -------
    rows : DataFrame
        One row for each complete job and candidate, with the columns of `simulation.run_job` that can be had.
        Accuracies are fractions, higher is better, means over the three folds; nll is in nats per trial; `n_test`
        counts the test answers of all folds. What the database does not hold: noise-free scores and `gap` are NaN;
        `at_grid_end`, `converged` and `n_evaluations` are absent, so that `describe_fits` cannot be used.
    origin : Origin
        Its notes count what was left out.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        It is no SQLite database; a table or column is missing; several studies, and `only` does not choose one; no
        job is complete; a value that cannot be.

    Notes
    -----
    The layout is known from the authors' public code (repository ``brainsandmachines/oddoneout_model_recovery``), and
    **was never tried on their files**. By that code, with N training triplets in each of three folds:

    - Test and validation triplets are round(N / 8) each in every fold, and answered once.
    - A stored accuracy is the mean over the folds, from single precision. It is rounded here to a whole number of
      right answers, since equal numbers are ties to `winners` and would be told apart by rounding errors. Where
      accuracies are no such fractions they stay as they are and are counted in the notes: the number of test triplets
      is then another one, and so are nll and `n_test`.
    - A stored nll is the mean over folds of the *sum* over a fold's triplets, and is divided by round(N / 8).
    - A job is complete that is marked ``done`` and has a row for each candidate of the study. Others are left out:
      among fewer candidates a generator would win more easily.
    - Nothing forbids a job to be done and written twice, with other simulated answers. The first row of each candidate
      counts, as in the authors' analysis; of two jobs with the same settings, the first complete one.

    The published curve gives a tie to the candidate that stands first, `winners` shares it. With few test triplets the
    two differ: N = 50 has 18.

    References
    ----------
    Avitan & Golan (2025), Model-Behavior Alignment under Flexible Evaluation, Figures 1 and 3.

    Examples
    --------
    A database of one job with two candidates, as the authors' code lays it out:

    >>> import tempfile
    >>> layout = '''
    ... CREATE TABLE jobs AS SELECT 1 id, 80 n_train_triplets, 0 simulation_idx, 'a' data_generating_model,
    ...     'done' status, 'None' constraint_type, 'None' dim_reduction_method;
    ... CREATE TABLE reference_model_results AS SELECT 1 job_id, 'a' reference_model, 0.7 test_accuracy,
    ...     0.6 validation_accuracy, 8.0 test_nll, 9.0 validation_nll, 0.1 chosen_reg_con
    ...     UNION SELECT 1, 'b', 0.6, 0.6, 9.0, 9.0, 0.1;
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with closing(sqlite3.connect(f"{folder}/full_W.db")) as connection:
    ...         _ = connection.executescript(layout)
    ...     rows, origin = open_published_recovery(f"{folder}/full_W.db")
    >>> rows[["generator", "candidate", "test_accuracy", "nll"]].to_numpy().tolist()
    [['a', 'a', 0.7, 0.8], ['a', 'b', 0.6, 0.9]]
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is no file. The authors' databases are in Figshare item 30542690.")
    try:
        jobs, results = _read(path)
        jobs = _one_study(jobs, only or {})
        rows, notes = _complete(jobs, results)
        rows, n_odd = _convert(rows)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    notes["accuracies that are no fraction of the test answers (kept)"] = n_odd
    title = f"Simulations of Avitan & Golan (2025), {path.name}, {len(rows):,} rows"
    return rows, replace(locate(path)[1], title=title, notes=notes)


def _read(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            jobs = _table(connection, "jobs", [*_JOBS, *_SETTINGS], optional=_OLDER_WITHOUT)
            results = _table(connection, "reference_model_results", list(_RESULTS))
    except (sqlite3.Error, pd.errors.DatabaseError) as error:
        what = str(error).splitlines()[0]
        raise ValueError(f"this is no SQLite database that can be read ({what}). Download it again.") from error
    jobs = jobs.rename(columns=_JOBS).replace({"generator": _ALIASES})
    settings = [name for name in _SETTINGS if name in jobs]
    jobs[settings] = jobs[settings].fillna("None").astype(str)
    return jobs, results.rename(columns=_RESULTS).replace({"candidate": _ALIASES})


def _table(
    connection: sqlite3.Connection, table: str, columns: list[str], optional: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Return columns of a table, in the order in which the rows were written."""
    found = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if table not in found:
        raise ValueError(
            f"there is no table {table!r}; there are: {', '.join(sorted(found)) or 'none'}. A simulation database has "
            "'jobs' and 'reference_model_results'."
        )
    there = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    if missing := [name for name in columns if name not in there and name not in optional]:
        raise ValueError(f"the table {table!r} has no column {', '.join(missing)}; it has: {', '.join(there)}.")
    wanted = [name for name in columns if name in there]
    return pd.read_sql_query(f"SELECT {', '.join(wanted)} FROM {table} ORDER BY rowid", connection)


def _one_study(jobs: pd.DataFrame, only: Mapping[str, str]) -> pd.DataFrame:
    settings = [name for name in _SETTINGS if name in jobs]
    for name, value in only.items():
        if name not in settings:
            raise ValueError(f"{name!r} in only is none of {', '.join(settings)}.")
        chosen = jobs[jobs[name] == str(value)]
        if chosen.empty:
            raise ValueError(f"no job has {name}={value!r}. There are: {', '.join(map(repr, jobs[name].unique()))}.")
        jobs = chosen
    studies = jobs[settings].drop_duplicates()
    if len(studies) > 1:
        different = studies.loc[:, studies.nunique() > 1]
        listed = "; ".join(
            ", ".join(f"{name}={value!r}" for name, value in zip(different, row, strict=True))
            for row in different.itertuples(index=False)
        )
        raise ValueError(f"there are {len(studies)} studies: {listed}. Choose one with only={{...}}.")
    return jobs


def _complete(jobs: pd.DataFrame, results: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the rows of complete jobs, and how much was left out."""
    notes = {f"jobs that are {status}": n for status, n in jobs["status"].value_counts().items() if status != "done"}
    rows = results.merge(jobs.loc[jobs["status"] == "done", ["job", *JOB]], on="job")
    repeated = rows.duplicated(["job", "candidate"])
    rows = rows[~repeated]
    counts = rows["job"].value_counts()
    whole = counts.index[counts == rows["candidate"].nunique()]
    n_done = int((jobs["status"] == "done").sum())
    notes["jobs that are done, without a row for each candidate"] = n_done - len(whole)
    rows = rows[rows["job"].isin(whole)]
    first = rows.sort_values("job", kind="stable").drop_duplicates(JOB)["job"]
    notes["jobs with the settings of another"] = len(whole) - len(first)
    notes["rows of a job and candidate that has one already"] = int(repeated.sum())
    rows = rows[rows["job"].isin(first)]
    if rows.empty:
        told = "; ".join(f"{what}: {n:,}" for what, n in notes.items() if n)
        raise ValueError(f"no job is complete ({told or 'there are none'}).")
    return rows, notes


def _convert(rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return rows in our columns and units, and how many accuracies are no fraction of the test answers."""
    rows = rows.copy()
    for name in (*_ACCURACIES, *_NLLS, "strength", "n_triplets", "seed"):
        rows[name] = _numbers(rows, name)
    for name in ("n_triplets", "seed", "generator", "candidate"):
        _refuse(rows, name, rows[name].isna())
    _refuse(rows, "n_triplets", rows["n_triplets"] < 5)  # there would be no test triplet
    few = np.array([round(n / 8) for n in rows["n_triplets"]])  # answers of a fold, to test and to validate each
    n_odd = 0
    for name in _ACCURACIES:
        _refuse(rows, name, (rows[name] < 0) | (rows[name] > 1))
        right = rows[name] * N_FOLDS * few
        odd = (right - right.round()).abs() > 0.1  # single precision is off by less, up to a million answers a fold
        n_odd += int(odd.sum())
        rows[name] = rows[name].where(odd, right.round() / (N_FOLDS * few))
    for name in _NLLS:
        _refuse(rows, name, rows[name] < 0)
        rows[name] /= few
    rows["n_test"] = N_FOLDS * few
    same = rows.groupby([*JOB, rows["test_accuracy"].round(9)])["candidate"].transform("size")
    rows["n_ties"] = same.fillna(1) - 1
    rows["error"] = np.where(rows["test_accuracy"].isna(), "no accuracy is stored", "")
    rows[list(_UNKNOWN)] = np.nan
    integers = ["n_triplets", "seed", "n_test", "n_ties"]
    rows[integers] = rows[integers].astype(np.int64)
    return rows[_ORDER].sort_values([*JOB, "candidate"], ignore_index=True), n_odd


def _numbers(rows: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as floats; SQLite lets any value stand in any column."""
    numbers = pd.to_numeric(rows[name], errors="coerce").astype(float)
    _refuse(rows, name, (numbers.isna() & rows[name].notna()) | np.isinf(numbers))
    return numbers


def _refuse(rows: pd.DataFrame, name: str, wrong: pd.Series | np.ndarray) -> None:
    if np.any(wrong):
        row = rows.iloc[int(np.argmax(np.asarray(wrong)))]
        raise ValueError(f"job {row['job']}, candidate {row['candidate']}: the {name} {row[name]} cannot be.")
