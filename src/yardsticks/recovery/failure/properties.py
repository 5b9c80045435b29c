"""Properties of models and of pairs of models that may explain why recovery fails."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

ROLES = ("generator", "candidate")
DIMENSIONALITIES = ("ed_raw", "ed_aligned")
SIMILARITY = "similarity"


def model_geometry(table: pd.DataFrame) -> pd.DataFrame:
    """Return what is known of each model's geometry, as predictors.

    Parameters
    ----------
    table : DataFrame
        As from `measure_geometry`: ``model``, ``state``, of which ``raw`` is before alignment with people and ``full``
        after it, ``effective_dimensionality``, ``shift``.

    Returns
    -------
    DataFrame
        Index model; ``ed_raw`` and ``ed_aligned``, the effective dimensionality before and after alignment; ``shift``,
        how far alignment moves the geometry: 1 less the similarity of before and after.
    """
    wide = table[table["state"].isin(["raw", "full"])].pivot(index="model", columns="state")
    wide = wide.reindex(columns=pd.MultiIndex.from_product([["effective_dimensionality", "shift"], ["raw", "full"]]))
    width = wide["effective_dimensionality"]
    found = {"shift": wide["shift", "full"], "ed_raw": width["raw"], "ed_aligned": width["full"]}
    return pd.DataFrame(found).astype(float)


def add_models(table: pd.DataFrame, models: pd.DataFrame, predictors: Sequence[str]) -> pd.DataFrame:
    """Add what is known of the generator and of the candidate, as ``generator_shift``, ``candidate_shift`` and so on.

    Parameters
    ----------
    table : DataFrame
        With the columns ``generator`` and ``candidate``, as from `margins`.
    models : DataFrame
        Index model; a column for each predictor. One that is not there is all missing, so that `regress` says so.
    predictors : sequence of str
        Columns of `models`.
    """
    known = models.reindex(columns=list(predictors)).astype(float)
    added = [known.reindex(table[role]).set_axis(table.index).add_prefix(f"{role}_") for role in ROLES]
    return pd.concat([table, *added], axis=1)


def add_pairs(table: pd.DataFrame, models: pd.DataFrame, similarity: pd.DataFrame) -> pd.DataFrame:
    """Add what belongs to a pair of models: ``ed_raw_difference``, ``ed_aligned_difference`` and ``similarity``.

    Parameters
    ----------
    table, models
        As for `add_models`; differences are absolute ones of `DIMENSIONALITIES`.
    similarity : DataFrame, (n_models, n_models)
        Of the models' geometries after alignment; models in index and columns, those not there are missing.
    """
    found = add_models(table[list(ROLES)], models, DIMENSIONALITIES)
    for name in DIMENSIONALITIES:
        table = table.assign(**{f"{name}_difference": (found[f"generator_{name}"] - found[f"candidate_{name}"]).abs()})
    return table.assign(**{SIMILARITY: pair_similarity(table, similarity)})


def pair_similarity(table: pd.DataFrame, similarity: pd.DataFrame) -> np.ndarray:
    """Return the similarity of each row's generator and candidate; NaN where it is not known."""
    names = sorted({*table["generator"], *table["candidate"]})
    generator, candidate = (pd.Categorical(table[role], names).codes for role in ROLES)
    return similarity.reindex(index=names, columns=names).to_numpy(float)[generator, candidate]
