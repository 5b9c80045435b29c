"""Doing the jobs of a study, one at a time, in whatever process."""

from __future__ import annotations

import io
import json
import time
import traceback
from dataclasses import asdict

import numpy as np
import pandas as pd

from yardsticks.recovery.experiment import Job
from yardsticks.recovery.simulation import Generator, make_generator, run_job
from yardsticks.recovery.store import Result, Study, write_whole


def do_unit(study: Study, job: Job, *, device: str = "cpu") -> Result:
    """Do one job; what goes wrong in it is part of the result, not an exception."""
    started = time.perf_counter()
    try:
        generator = have_generator(study, job.generator, device=device)
        rows, error = run_job(study.experiment, job, study.inputs, generator, device=device), ""
    except Exception:
        rows, error = None, traceback.format_exc()
    return Result(job.key(study.hash), job, rows, error, time.perf_counter() - started)


def have_generator(study: Study, model: str, *, device: str = "cpu") -> Generator:
    """Return a generator from the study's folder; where it is not there yet, make it and write it."""
    path = study.folder / "generators" / f"{model}.npz"
    if not path.exists():
        made = make_generator(study.experiment, study.inputs, model, device=device)
        about = {name: value for name, value in asdict(made).items() if name != "embedding"}
        content = io.BytesIO()
        np.savez(content, embedding=made.embedding, about=json.dumps(about | {"study": study.hash}))
        path.parent.mkdir(exist_ok=True)
        write_whole(path, content.getvalue())
    with np.load(path, allow_pickle=False) as file:
        about = json.loads(str(file["about"]))
        if about.pop("study") != study.hash:
            raise ValueError(f"{path} belongs to another study. Move it out of the folder.")
        return Generator(embedding=file["embedding"], **about)


def list_generators(study: Study) -> pd.DataFrame:
    """Return strength, temperature and accuracy on people's judgements of the generators made so far."""
    made = [model for model in study.experiment.models if (study.folder / "generators" / f"{model}.npz").exists()]
    rows = [asdict(have_generator(study, model)) for model in made]
    return pd.DataFrame(rows).drop(columns="embedding", errors="ignore")
