"""A small made-up table of scores, to try the readers and an own book on."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd


def write_example(folder: str | os.PathLike, *, seed: int) -> tuple[Path, Path]:
    """Write an invented export and a catalogue of its metrics, as a user could have them; nothing in them is real.

    Returns
    -------
    export : Path
        ``my_export.csv``, wide: a metric of Brain-Score's, four of a lab's own, one of them the same for all models,
        and some holes. No ImageNet, no errors, no dates.
    catalogue : Path
        ``my_metrics.csv``: areas of the lab's metrics, but one.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export, catalogue = write_example(folder, seed=1)
    ...     shape = pd.read_csv(export).shape
    >>> shape
    (24, 6)
    """
    n_models = 24
    rng = np.random.default_rng(seed)
    quality = rng.normal(size=(n_models, 1))
    own = {"lab.V1-rsa": "V1", "lab.V4-rsa": "V4", "lab.sorting": "behaviour", "lab.constant": ""}
    scores = 0.4 + 0.1 * (quality + rng.normal(size=(n_models, 1 + len(own))))
    frame = pd.DataFrame(scores.round(3), columns=["MajajHong2015.IT-pls", *own])
    frame["lab.constant"] = 0.5
    frame.loc[rng.choice(n_models, 4, replace=False), "lab.V4-rsa"] = np.nan
    frame.insert(0, "model", [f"net-{number + 1}" for number in range(n_models)])
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    export, catalogue = folder / "my_export.csv", folder / "my_metrics.csv"
    frame.to_csv(export, index=False)
    areas = pd.DataFrame([(metric, area) for metric, area in own.items() if area], columns=["metric", "area"])
    areas.to_csv(catalogue, index=False)
    return export, catalogue
