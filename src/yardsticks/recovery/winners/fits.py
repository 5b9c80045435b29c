"""How well the fits of a study ended: convergence, bounds, strengths at the end of their grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from yardsticks.recovery.data.rows import JOB
from yardsticks.recovery.winners.credit import competes

LOOSE = 0.01  # nats per trial: with a bound above, a fit may have ended far from its optimum


def describe_fits(rows: pd.DataFrame, strengths: Sequence[float]) -> pd.DataFrame:
    """Return how the fits of a study went, at each size.

    Parameters
    ----------
    rows : DataFrame
    strengths : sequence of float
        The grid from which they were chosen.

    Returns
    -------
    DataFrame
        Index n_triplets: ``n_seeds``, ``n_jobs``, ``n_rows`` with a score, ``n_errors``; ``n_test``, sampled answers of
        a job; ``weakest`` and ``strongest``, fractions of rows whose strength is the smallest or the largest of the
        grid; ``itself_at_end``, fraction of the fits of the generator's own model to its answers at either (for the fit
        to people see `generators_at_end`); ``not_converged``, number of rows;
        ``median_gap`` and ``max_gap``, bounds on what the objective lies above its optimum, in nats per trial;
        ``loose_gap``, fraction of rows whose bound exceeds `LOOSE`.
    """
    table = {}
    for n_triplets, part in rows.groupby("n_triplets"):
        known = part[competes(part)]
        own = known[known["candidate"] == known["generator"]]
        table[n_triplets] = {
            "n_seeds": part["seed"].nunique(),
            "n_jobs": len(part[JOB].drop_duplicates()),
            "n_rows": len(known),
            "n_errors": len(part) - len(known),
            "n_test": int(known["n_test"].median()),
            # strengths went through a file, so that they may differ from the grid's by rounding
            "weakest": np.isclose(known["strength"], min(strengths)).mean(),
            "strongest": np.isclose(known["strength"], max(strengths)).mean(),
            "itself_at_end": own["at_grid_end"].astype(bool).mean(),
            "not_converged": int((~known["converged"].astype(bool)).sum()),
            "median_gap": known["gap"].median(),
            "max_gap": known["gap"].max(),
            "loose_gap": (known["gap"] > LOOSE).mean(),
        }
    return pd.DataFrame.from_dict(table, orient="index").rename_axis("n_triplets")


def generators_at_end(generators: Sequence[Mapping], strengths: Sequence[float]) -> pd.Series:
    """Count the generators whose fit to people chose an end of the grid of strengths.

    Parameters
    ----------
    generators : sequence of mapping
        With the key ``strength``, as under ``generators`` in a study's provenance.
    strengths : sequence of float
        The grid from which they were chosen.

    Returns
    -------
    Series of int
        ``weakest``, ``strongest``, and ``n`` generators. Beyond that end one might have predicted people better: how
        strongly it is aligned is then decided by the grid. `describe_fits` counts the fits to generators' answers.
    """
    chosen = np.array([made["strength"] for made in generators], float)
    ends = {"weakest": min(strengths), "strongest": max(strengths)}
    return pd.Series({end: int(np.isclose(chosen, value).sum()) for end, value in ends.items()} | {"n": len(chosen)})


def generators_at_ends(studies: Mapping[str, Mapping]) -> pd.DataFrame:
    """Return `generators_at_end` of several studies; those without a penalty are left out.

    Parameters
    ----------
    studies : mapping of str to mapping
        Provenance by name: ``generators``, and ``experiment`` with ``transform`` and ``strengths``, or the grid of the
        generators alone, ``generator_strengths``.

    Returns
    -------
    DataFrame of int, (n_studies, 3)
    """
    found = {
        name: generators_at_end(study["generators"], asked.get("generator_strengths") or asked["strengths"])
        for name, study in studies.items()
        if (asked := study["experiment"])["transform"] != "none"
    }
    return pd.DataFrame.from_dict(found, orient="index")
