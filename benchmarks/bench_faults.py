"""Files of every format that is read, damaged at random: what is said of them. The table is written to book/scale.md.

A damaged file may be read as before, where nothing that counts was hit, or be refused in one paragraph that names it.
What carries a hash or a checksum is never read as something else. The tests run the same, with fewer tries.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import sqlite3
import sys
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

PAGE = Path(__file__).resolve().parents[1] / "book" / "scale.md"
TRIES = 500
_BEGIN, _END = "## Damaged files\n", "\n## "
_TOKENS = (
    b'"', b"'", b"\0", b"\n", b"\r", b",", b"[", b"{", b"}", b"]", b":", b"-", b"e999999", b"nan", b"null", b"\xef\xbb\xbf",
    b"\xff", b"&a", b"*a", b"<<", b"!!python/object:os.system", b"99999999999999999999", b"[" * 3000, b"\xed\xa0\x80",
)  # fmt: skip


class Format(NamedTuple):
    """A format of files.

    Parameters
    ----------
    make : function
        Of an empty folder: writes files, and returns the one to be damaged.
    read : function
        Of that file; what it returns can be compared by `same`.
    sealed : bool
        Whether what is read carries a hash or checksum, so that it may not be read as something else.
    """

    make: Callable[[Path], Path]
    read: Callable[[Path], Any]
    sealed: bool = False


def damage(content: bytes, rng: np.random.Generator) -> bytes:
    """Return other content: bits flipped, parts cut, doubled, moved or overwritten, numbers made large, odd text added."""
    changed = bytearray(content)
    place, length = int(rng.integers(len(content) + 1)), int(rng.integers(1, 40))
    if place < len(content) // 2 and rng.random() < 0.5:
        place = int(rng.integers(min(200, len(content)) + 1))  # headers are short, and matter most
    kind = rng.choice(("bits", "bytes", "cut", "end", "double", "zeros", "number", "token", "swap", "empty", "more"))
    if kind == "bits":
        for at in rng.integers(len(changed), size=rng.integers(1, 4)):
            changed[at] ^= 1 << int(rng.integers(8))
    elif kind == "bytes":
        changed[place : place + length] = rng.bytes(length)
    elif kind == "cut":
        del changed[place : place + length]
    elif kind == "end":
        del changed[place:]
    elif kind == "double":
        changed[place:place] = changed[place : place + 5 * length]
    elif kind == "zeros":
        changed[place : place + length] = bytes(length)
    elif kind == "number" and (found := list(re.finditer(rb"\d+", content))):
        match = found[int(rng.integers(len(found)))]
        changed[match.start() : match.end()] = b"9" * int(rng.integers(1, 25))
    elif kind == "swap":
        other = int(rng.integers(len(content) + 1))
        changed[place : place + length], changed[other : other + length] = (
            content[other : other + length],
            content[place : place + length],
        )
    elif kind == "empty":
        changed = changed[:0]
    elif kind == "more":
        changed += rng.bytes(length)
    else:
        token = _TOKENS[int(rng.integers(len(_TOKENS)))]
        changed[place:place] = token
    return bytes(changed)


def attack(name: str, tries: int, folder: Path) -> tuple[Counter, list[str]]:
    """Damage a file of a format again and again; return how often which result came, and what may not be.

    Returns
    -------
    results : Counter
        ``as it was``, ``refused``, ``read otherwise``; and what may not be: ``foreign`` (an exception of another kind
        than ValueError and OSError, or one that does not name the file) and ``silent`` (sealed, and read otherwise).
    faults : list of str
        One line for each of the latter.
    """
    format = FORMATS[name]
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]))
    path = format.make(folder)
    content, whole = path.read_bytes(), format.read(path)
    results, faults = Counter(), []
    for number in range(tries):
        path.write_bytes(damage(content, rng))
        result, said = "as it was", ""
        try:
            with warnings.catch_warnings(action="ignore"):
                found = format.read(path)
            if not same(found, whole):
                result = "silent" if format.sealed else "read otherwise"
        except (ValueError, OSError) as error:
            said = f"{type(error).__name__}: {error}"
            named = path.name in str(error) or str(path.parent) in str(error)  # or its folder, whose files disagree
            result = "refused" if named else "foreign"
        except Exception as error:
            result, said = "foreign", f"{type(error).__name__}: {error}"
        results[result] += 1
        if result in ("foreign", "silent"):
            faults.append(f"{name}, try {number}: {result}: {said[:300]}")
    path.write_bytes(content)
    return results, faults


def same(one: Any, other: Any) -> bool:
    """Tell whether two things that were read are equal; numbers that are missing are equal too."""
    if isinstance(one, pd.DataFrame | pd.Series):
        return type(one) is type(other) and one.equals(other)
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def _scores(folder: Path) -> Path:
    from yardsticks.scores.reading import write_example

    return write_example(folder, seed=1)[0]


def _areas(folder: Path) -> Path:
    from yardsticks.scores.reading import write_example

    return write_example(folder, seed=1)[1]


def _packed(folder: Path) -> Path:
    path = folder / "scores.csv.gz"
    path.write_bytes(gzip.compress(_scores(folder).read_bytes(), mtime=0))
    return path


def _zipped(folder: Path) -> Path:
    path = folder / "site.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("leaderboard.csv", _scores(folder).read_text())
    return path


def _read_scores(path: Path):
    from yardsticks.scores.reading import read_scores

    table = read_scores(path)
    return table.values, table.metrics


def _read_areas(path: Path):
    from yardsticks.scores.reading import read_areas

    return read_areas(path)


def _features(suffix: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        values, path = np.random.default_rng(1).normal(size=(30, 12)).astype(np.float32), folder / f"net{suffix}"
        if suffix == ".npy":
            np.save(path, values)
        elif suffix == ".npz":
            np.savez_compressed(path, features=values)
        else:
            import torch

            torch.save(torch.from_numpy(values), path)
        return path

    return make


def _read_features(path: Path):
    from yardsticks.recovery.data.features import open_features

    return open_features(path, order="own").values


def _triplets(suffix: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        from yardsticks.recovery.data.own import write_example_folder

        write_example_folder(folder, seed=1)
        text, path = folder / "triplets.csv", folder / f"some{suffix}"
        rows = np.loadtxt(text, delimiter=",", dtype=int)[:300]
        if suffix == ".npz":
            np.savez(path, rows)
        else:
            np.savetxt(path, rows, fmt="%d", delimiter=",")
        return path

    return make


def _read_triplets(path: Path):
    from yardsticks.recovery.data.judgements import read_triplets

    triplets = read_triplets(path, order="own", n_objects=90)
    return triplets.objects, triplets.odd


def _study(folder: Path):
    from yardsticks.recovery.studies.experiment import SMOKE
    from yardsticks.recovery.studies.store import begin_study, open_study

    if (folder / "study" / "study.json").exists():
        return open_study(folder / "study")
    small = replace(SMOKE, sizes=(40,), n_seeds=(1,), models=SMOKE.models[:2], strengths=(0.1,), n_noise_free=50)
    return begin_study(small, folder / "study")


def _plan(folder: Path) -> Path:
    return _study(folder).folder / "study.json"


def _inputs(file: str) -> Callable[[Path], Path]:
    return lambda folder: _study(folder).folder / "inputs" / file


def _read_study(path: Path):
    from yardsticks.recovery.studies.store import open_study

    study = open_study(path.parent if path.name == "study.json" else path.parents[1])
    features = {name: np.array(values) for name, values in study.inputs.features.items()}  # no view of the file
    return study.experiment, features, study.inputs.people.objects, study.inputs.people.odd


def _generator(folder: Path) -> Path:
    from yardsticks.recovery.studies.jobs import have_generator

    study = _study(folder)
    have_generator(study, study.experiment.models[0])
    return study.folder / "generators" / f"{study.experiment.models[0]}.npz"


def _read_generator(path: Path):
    from yardsticks.recovery.studies.jobs import have_generator

    return vars(have_generator(_study(path.parents[2]), path.stem))


def _shard(folder: Path) -> Path:
    from yardsticks.recovery.studies.jobs import do_job
    from yardsticks.recovery.studies.store import write_shard

    study = _study(folder)
    return write_shard(study, [do_job(study, job) for job in study.keys().values()])


def _read_shard(path: Path):
    from yardsticks.recovery.studies.store import read_shard

    table, jobs = read_shard(_study(path.parents[2]), path)
    return table.to_pandas(), jobs


def _table(folder: Path) -> Path:
    from yardsticks.recovery.studies.finished import collect
    from yardsticks.recovery.studies.tables import write_table

    _shard(folder)
    study = _study(folder)
    write_table(study, collect(study), folder / "table.parquet")
    return folder / "table.parquet"


def _read_table(path: Path):
    from yardsticks.recovery.studies.tables import read_table

    return read_table(path)[0]


def _sweep(file: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        from yardsticks.datasets.files import seal
        from yardsticks.notebooks import keys

        source = folder / "tiny.py"
        source.write_text('# %% tags=["parameters"]\nn = 2\n')
        asked = {"notebook": str(source), "runs": [{"n": n} for n in range(5)]}
        (folder / "sweep.json").write_bytes(seal(asked))
        record = {"parameters": {"n": 1}, "seconds": 1.5, "error": "", "synthetic": False, "not_shown": []}
        record |= {"numbers": {"share": 0.25}, "parts": {name: "0" * 64 for name in ("notebook", "package", "data")}}
        run = folder / "runs" / keys.digest(record["parts"])[:24]
        run.mkdir(parents=True)
        glued = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "0.25"}}
        cell = {"cell_type": "code", "source": ["n = 1\n"], "metadata": {}, "outputs": [glued]}
        notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (run / "tiny.ipynb").write_text(json.dumps(notebook, indent=1))
        (run / "run.json").write_bytes(seal(record | {"files": keys.hash_contents(run, "run.json")}))
        return run / file if file != "sweep.json" else folder / file

    return make


def _read_sweep(path: Path):
    from yardsticks.notebooks.sweep import open_sweep

    sweep = open_sweep(path.parent)
    return sweep.notebook, sweep.settings


def _read_run(path: Path):
    from yardsticks.notebooks.sweep import read_record

    return read_record(path)


def _extraction(folder: Path) -> Path:
    from yardsticks.recovery.data import extract

    values, path = np.random.default_rng(1).normal(size=(10, 6)).astype(np.float32), folder / "net.partial"
    extract._write_empty(path, *values.shape)
    extract._write_rows(path, np.arange(8), values[:8])
    noted = {"n_done": 4, "sha256": hashlib.sha256(values[:8]).hexdigest()}
    (folder / "net.journal").write_text(json.dumps(noted))
    return path


def _read_extraction(path: Path):
    from yardsticks.recovery.data import extract

    batches = [np.arange(start, start + 2) for start in range(0, 10, 2)]
    n_done, digest = extract._resume(path, path.with_suffix(".journal"), batches)
    if not n_done:
        raise ValueError(f"{path.name} is made anew")
    return n_done, digest.hexdigest()


def _grid(folder: Path) -> Path:
    path = folder / "grid.yaml"
    path.write_text("floor: [0, 1e-3]\nn: 1:10:3\nnames: [['a'], ['b', 'c,d']]\nword: ['x', \"y z\"]\n")
    return path


def _read_grid(path: Path):
    from yardsticks.notebooks.grid import list_settings, read_parameters

    known = read_parameters("floor = 0.1\nn = 2\nnames = ['a']\nword = 'x'\n")
    return list_settings(known, (), path)


def _settings(folder: Path) -> Path:
    path = folder / "mine.toml"
    path.write_text("base = 'smoke'\nname = 'mine'\nsizes = [40, 80]\nn_seeds = [2, 2]\nstrengths = [1.0, 0.1]\n")
    return path


def _read_settings(path: Path):
    from yardsticks.cli.studies import read_experiment

    return read_experiment(str(path))


def _design(folder: Path) -> Path:
    from yardsticks.datasets import OURS

    path = folder / "design.toml"
    path.write_bytes((OURS / "designs" / "plateau.toml").read_bytes())
    return path


def _read_design(path: Path):
    from yardsticks.recovery.studies.design import read_design

    return read_design(path)


def _authors(folder: Path) -> Path:
    path = folder / "full_W.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(
            """
            CREATE TABLE jobs AS SELECT 1 id, 80 n_train_triplets, 0 simulation_idx, 'a' data_generating_model,
                'done' status, 'None' constraint_type, 'None' dim_reduction_method;
            CREATE TABLE reference_model_results AS SELECT 1 job_id, 'a' reference_model, 0.7 test_accuracy,
                0.6 validation_accuracy, 8.0 test_nll, 9.0 validation_nll, 0.1 chosen_reg_con
                UNION SELECT 1, 'b', 0.6, 0.6, 9.0, 9.0, 0.1;
            """
        )
    connection.close()
    return path


def _read_authors(path: Path):
    from yardsticks.recovery.data.authors import open_published_recovery

    return open_published_recovery(path)[0]


FORMATS = {
    "scores, CSV": Format(_scores, _read_scores),
    "scores, gzip": Format(_packed, _read_scores, sealed=True),
    "scores, ZIP of the site": Format(_zipped, _read_scores, sealed=True),
    "areas, CSV": Format(_areas, _read_areas),
    "features, .npy": Format(_features(".npy"), _read_features),
    "features, .npz": Format(_features(".npz"), _read_features, sealed=True),
    "features, .pt": Format(_features(".pt"), _read_features),
    "judgements, text": Format(_triplets(".csv"), _read_triplets),
    "judgements, .npz": Format(_triplets(".npz"), _read_triplets, sealed=True),
    "authors' database, SQLite": Format(_authors, _read_authors),
    "settings of a study, TOML": Format(_settings, _read_settings),
    "design, TOML": Format(_design, _read_design),
    "grid of a sweep, YAML": Format(_grid, _read_grid),
    "study.json": Format(_plan, _read_study, sealed=True),
    "inputs.json": Format(_inputs("inputs.json"), _read_study, sealed=True),
    "frozen features, .npy": Format(_inputs("toy-a1.npy"), _read_study, sealed=True),
    "frozen judgements, .npy": Format(_inputs("_people.npy"), _read_study, sealed=True),
    "generator, .npz": Format(_generator, _read_generator, sealed=True),
    "shard, parquet": Format(_shard, _read_shard, sealed=True),
    "collected table, parquet": Format(_table, _read_table, sealed=True),
    "sweep.json": Format(_sweep("sweep.json"), _read_sweep, sealed=True),
    "run.json": Format(_sweep("run.json"), _read_run, sealed=True),
    "notebook of a run": Format(_sweep("tiny.ipynb"), lambda path: _read_run(path.with_name("run.json")), sealed=True),
    "extraction that goes on, .npy": Format(_extraction, _read_extraction, sealed=True),
}


def main() -> None:
    """Damage files of all formats, and write the table."""
    rows, faults = [], []
    for name, format in FORMATS.items():
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            results, found = attack(name, TRIES, Path(folder))
        faults += found
        told = [results[what] for what in ("refused", "as it was", "read otherwise")]
        other = "never" if format.sealed and not told[2] else f"{told[2]:,}"
        wrong = results["foreign"] + results["silent"]
        rows.append(f"| {name} | {TRIES:,} | {told[0]:,} | {told[1]:,} | {other} | {wrong} |")
        print(rows[-1], f"{time.perf_counter() - began:.1f} s", flush=True)
    print("\n".join(faults), file=sys.stderr)
    write_section(rows)


def write_section(rows: list[str]) -> None:
    """Put the table into book/scale.md in place of the one before, whole or not at all."""
    text = f"""{_BEGIN}
Files of each format, damaged at random ({TRIES:,} times each, from a fixed seed): bits flipped, parts cut, doubled, moved or
overwritten, numbers made large, odd text added. A file is refused in one paragraph that says which it is, what is wrong
with it and the way out; or it is read as before, where nothing that counts was hit. What carries a hash or a checksum is
never read as something else; a user's own file may be, as no one but the user knows what should stand in it. The last
column counts faults of ours: an exception without such words, or other values where there is a hash.

| file | tries | refused | read as before | read as something else | wrong |
|---|---|---|---|---|---|
{chr(10).join(rows)}
"""
    page = PAGE.read_text(encoding="utf-8")
    before, found, after = page.partition(_BEGIN)
    rest = after.partition(_END)[2] if found else ""
    page = before.rstrip() + "\n\n" + text + (_END + rest if rest else "")
    partial = PAGE.with_suffix(".partial")
    partial.write_text(page, encoding="utf-8")
    os.replace(partial, PAGE)


if __name__ == "__main__":
    sys.exit(main())
