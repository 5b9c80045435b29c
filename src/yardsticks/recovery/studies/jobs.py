"""Doing the jobs of a study, one at a time, in whatever process."""

from __future__ import annotations

import io
import json
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from yardsticks.datasets.files import read_sealed, reading, write_sealed
from yardsticks.limits import limited
from yardsticks.recovery.studies.experiment import Experiment, Job
from yardsticks.recovery.studies.finished import collect
from yardsticks.recovery.studies.generator import Generator, make_generator
from yardsticks.recovery.studies.simulation import run_job
from yardsticks.recovery.studies.store import Result, Study, begin_study, keeping, read_ledger


def do_job(study: Study, job: Job, *, device: str = "cpu", timeout: float | None = None) -> Result:
    """Do one job; what goes wrong in it, or takes longer than *timeout* seconds, is part of the result."""
    started = time.perf_counter()
    try:
        with limited(timeout):
            rows, error = _attempt(study, job, device)
    except TimeoutError as late:
        rows, error = None, f"TimeoutError: {late}"
    return Result(job.key(study.hash), job, rows, error, time.perf_counter() - started)


def _attempt(study: Study, job: Job, device: str) -> tuple[pd.DataFrame | None, str]:
    """Return a job's rows, or None and the traceback of what went wrong."""
    try:
        with one_thread():
            generator = have_generator(study, job.generator, device=device)
            return run_job(study.experiment, job, study.inputs, generator, device=device), ""
    except Exception:
        return None, traceback.format_exc()


def run_here(experiment: Experiment, folder: Path) -> pd.DataFrame:
    """Run a small study in this process, and return its table; what is done in its folder is not done again.

    It may be interrupted, and goes on where it was.

    Parameters
    ----------
    experiment : Experiment
    folder : Path
        Of the study: it holds the data, the generators and what is done.

    Returns
    -------
    DataFrame
        One row for each job and candidate, see `run_job`.

    Raises
    ------
    ValueError
        The folder holds another study, or its data have changed.

    Examples
    --------
    >>> import tempfile
    >>> from dataclasses import replace
    >>> from yardsticks.recovery import SMOKE
    >>> quick = replace(SMOKE, sizes=(20,), n_seeds=(1,), strengths=(0.1,), n_noise_free=100)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows = run_here(quick, Path(folder))
    >>> len(rows), rows["generator"].nunique()  # four generators, each answers and is guessed among four
    (16, 4)
    """
    study = begin_study(experiment, folder)
    done = read_ledger(study).seconds
    with keeping(study) as keep:
        for job in [job for key, job in study.keys().items() if key not in done]:
            keep(do_job(study, job))
    return collect(study)


def have_generator(study: Study, model: str, *, device: str = "cpu") -> Generator:
    """Return a generator from the study's folder; where it is not there yet, make it and write it.

    Raises
    ------
    ValueError
        The file there is damaged, or belongs to another study, model or code.
    """
    path = _generator_path(study, model)
    if not path.exists():
        keep_generator(study, fit_generator(study, model, device=device))
    way_out = "Delete it: the next job that needs it makes it again."
    content = read_sealed(path, way_out)
    with reading(path, way_out), np.load(io.BytesIO(content), allow_pickle=False) as file:
        about = json.loads(str(file["about"]))
        owner = about.pop("study"), about.pop("code"), about["model"]
        generator = Generator(embedding=file["embedding"], **about)
    if owner != (study.hash, study.code_hash, model):
        raise ValueError(f"{path} belongs to another study, model or state of the code. Move it out of the folder.")
    return generator


def fit_generator(study: Study, model: str, *, device: str = "cpu") -> Generator:
    """Make a generator of a study; see `make_generator`."""
    with one_thread():
        return make_generator(study.experiment, study.inputs, model, device=device)


def keep_generator(study: Study, generator: Generator) -> None:
    """Write a generator into the study's folder."""
    about = {name: value for name, value in asdict(generator).items() if name != "embedding"}
    content = io.BytesIO()
    about |= {"study": study.hash, "code": study.code_hash}
    np.savez(content, embedding=generator.embedding, about=json.dumps(about))
    path = _generator_path(study, generator.model)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_sealed(path, content.getvalue())


def missing_generators(study: Study) -> list[str]:
    """Return the usable models of a study that have no generator in its folder yet."""
    return [model for model in _usable_generators(study) if not _generator_path(study, model).exists()]


def list_generators(study: Study) -> pd.DataFrame:
    """Return strength, temperature and accuracy on people's judgements of the generators made so far."""
    made = [model for model in _usable_generators(study) if _generator_path(study, model).exists()]
    rows = [asdict(have_generator(study, model)) for model in made]
    return pd.DataFrame(rows).drop(columns="embedding", errors="ignore")


def _usable_generators(study: Study) -> list[str]:
    return [model for model in study.experiment.generators if model not in study.inputs.unusable]


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread: sums in another order would differ in their last bits, and cores are for other jobs."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _generator_path(study: Study, model: str) -> Path:
    return study.folder / "generators" / f"{model}.npz"
