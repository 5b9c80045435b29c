"""Numbers for the text about a recovery study: its design, its generators, who was lost, how fits ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from yardsticks.recovery.winners.compare import compare_studies
from yardsticks.recovery.winners.credit import RANKS, competes, lost, rank_shares
from yardsticks.recovery.winners.fits import LOOSE, generators_at_end


def describe_design(study: Mapping, catalogue: pd.DataFrame) -> pd.Series:
    """Return what a study consists of.

    Parameters
    ----------
    study : mapping
        Settings of an experiment, as under ``experiment`` in a study's provenance.
    catalogue : DataFrame
        Index model; column ``objective``, ``hand-made`` for descriptors of images.

    Returns
    -------
    Series of numbers
        ``n_models``, ``n_descriptors`` of these, ``n_components``, ``n_folds``, ``n_noise_free`` triplets;
        ``n_strengths``, ``weakest``, ``strongest``.
    """
    strengths, models = study["strengths"], list(study["models"])
    return pd.Series(
        {"n_models": len(models), "n_descriptors": int((catalogue.loc[models, "objective"] == "hand-made").sum())}
        | {"n_components": study["components"], "n_folds": study["n_folds"], "n_noise_free": study["n_noise_free"]}
        | {"n_strengths": len(strengths), "weakest": min(strengths), "strongest": max(strengths)},
        dtype=object,
    )


def describe_generators(generators: pd.DataFrame, strengths: Sequence[float]) -> pd.Series:
    """Return how well generators predict people, how decided they are, and which is made most and least so.

    Parameters
    ----------
    generators : DataFrame
        Index model; columns strength, accuracy, at_one, temperature and target.
    strengths : sequence of float
        The grid.

    Returns
    -------
    Series
        ``target``; ``least`` and ``most`` accuracy; ``least_at_one``, ``most_at_one``; ``coldest`` and ``hottest``
        temperature with their models, ``coldest_model``, ``hottest_model``; ``n_at_weakest`` strength of the grid.
    """
    ends = generators_at_end(generators.to_dict("records"), strengths)
    accuracy, at_one, hot = generators["accuracy"], generators["at_one"], generators["temperature"]
    return pd.Series(
        {"target": generators["target"].iloc[0], "least": accuracy.min(), "most": accuracy.max()}
        | {"least_at_one": at_one.min(), "most_at_one": at_one.max(), "coldest": hot.min(), "hottest": hot.max()}
        | {"coldest_model": hot.idxmin(), "hottest_model": hot.idxmax(), "n_at_weakest": int(ends["weakest"])},
        dtype=object,
    )


def describe_lost(jobs: pd.DataFrame) -> pd.Series:
    """Describe the jobs of the smallest size that another model wins.

    Parameters
    ----------
    jobs : DataFrame
        As from `winners`, of one score.

    Returns
    -------
    Series of numbers
        ``n`` such jobs; the generator's median ``rank`` and by how much it trails in the median (``behind``). Of all
        jobs of that size: ``top``, the share of generators among the first three or tied for first; ``tied``.
    """
    first = jobs[jobs["n_triplets"] == jobs["n_triplets"].min()]
    wrong, shares = first[lost(first)], rank_shares(first).iloc[0]
    return pd.Series(
        {"n": len(wrong), "rank": wrong["rank"].median(), "behind": -wrong["margin"].median()}
        | {"top": shares[list(RANKS[:3])].sum(), "tied": shares["first, tied"]},
        dtype=object,
    )


def hardest_and_easiest(curves: pd.DataFrame) -> pd.Series:
    """Name the generators that are recovered least and most often in the mean over sizes.

    Parameters
    ----------
    curves : DataFrame
        As from `recovery_curve` by n_triplets and generator, of one score.

    Returns
    -------
    Series
        ``hardest``, ``easiest``, and their mean recovery, ``hardest_value`` and ``easiest_value``.
    """
    mean = curves.groupby("generator")["recovery"].mean().sort_values()
    names = {"hardest": mean.index[0], "easiest": mean.index[-1]}
    return pd.Series(names | {"hardest_value": mean.iloc[0], "easiest_value": mean.iloc[-1]})


def describe_ends(rows: pd.DataFrame, fits: pd.DataFrame) -> pd.Series:
    """Say of all rows of a study together how their fits ended.

    Parameters
    ----------
    rows : DataFrame
    fits : DataFrame
        As from `describe_fits`.

    Returns
    -------
    Series of numbers
        ``n`` rows with a score, ``n_errors``, ``n_not_converged``; shares of rows whose strength is an end of the grid
        (``ends``), the ``weakest`` or the ``strongest`` (at the smallest size ``strongest_first``); ``median_gap`` and
        ``max_gap`` in nats per trial; the share of gaps above `LOOSE` (``loose``) and that of generators' own fits
        (``loose_own``).
    """
    n = fits["n_rows"]
    own = rows[rows["candidate"] == rows["generator"]]
    return pd.Series(
        {"n": int(n.sum()), "n_errors": int(fits["n_errors"].sum())}
        | {"n_not_converged": int(fits["not_converged"].sum())}
        | {"ends": rows.loc[competes(rows), "at_grid_end"].astype(bool).mean()}
        | {end: (fits[end] * n).sum() / n.sum() for end in ("weakest", "strongest")}
        | {"strongest_first": fits["strongest"].iloc[0]}
        | {"median_gap": rows["gap"].median(), "max_gap": fits["max_gap"].max()}
        | {"loose": (fits["loose_gap"] * n).sum() / n.sum(), "loose_own": (own["gap"] > LOOSE).mean()},
        dtype=object,
    )


def compare_several(
    rows: pd.DataFrame, others: Mapping[str, pd.DataFrame], *, scores: Sequence[str], seed: int
) -> pd.DataFrame:
    """Return `compare_studies` with each of several studies by name, in the column ``study``."""
    tables = {name: compare_studies(rows, other, scores=scores, seed=seed) for name, other in others.items()}
    return pd.concat(tables, names=["study"]).reset_index("study")


def describe_compared(compared: pd.DataFrame) -> pd.DataFrame:
    """Sum up the table of `compare_several` over sizes.

    Returns
    -------
    DataFrame
        Index (study, score): ``change`` of recovery and of candidates' scores (``accuracy``), in percentage points;
        ``n_models``, ``n_sizes`` and ``n_jobs``.
    """
    groups = compared.groupby(["study", "score"])
    table = groups.agg(
        change=("difference", "mean"),
        accuracy=("score_difference", "mean"),
        n_models=("n_models", "max"),
        n_sizes=("n_triplets", "size"),
        n_jobs=("n_jobs", "sum"),
    )
    return table.assign(change=100 * table["change"], accuracy=100 * table["accuracy"])
