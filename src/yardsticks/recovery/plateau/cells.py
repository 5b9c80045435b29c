"""What separates a study whose recovery plateaus from others: jobs of many cells, and cells set beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from yardsticks.recovery.data.rows import JOB
from yardsticks.recovery.plateau.contrasts import generator_intervals
from yardsticks.recovery.winners.credit import competes, lost, winners
from yardsticks.recovery.winners.fits import describe_fits
from yardsticks.stats import correct, exact_interval


def cell_jobs(rows: pd.DataFrame, *, scores: Sequence[str], sets: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Say of each job of each cell whether its generator won, among each of several sets of candidates.

    Parameters
    ----------
    rows : DataFrame
        As from `run_job`, with a column ``cell``.
    scores : sequence of str
        Each is one of `SCORES`.
    sets : mapping of str to sequence of str
        Models by the name of the set; generators outside it are left out.

    Returns
    -------
    DataFrame
        The columns of `winners`, of which ``credit`` is recovery and ``margin`` is the generator's score less
        the best other candidate's; ``own``, the generator's own score; ``cell``, ``candidates`` (the set) and
        ``score``. Jobs whose generator has no score are left out.
    """
    tables = []
    for cell, part in rows.groupby("cell", sort=False):
        itself = part[competes(part) & (part["candidate"] == part["generator"])]
        for score in scores:
            own = itself[[*JOB, score]].rename(columns={score: "own"})
            for name, models in sets.items():
                jobs = winners(part, score=score, models=models).dropna(subset="credit")
                tables.append(jobs.merge(own, on=JOB).assign(cell=cell, candidates=name, score=score))
    return pd.concat(tables, ignore_index=True)


def describe_jobs(jobs: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return recovery, lead and the most frequent false winner of groups of jobs.

    Parameters
    ----------
    jobs : DataFrame
        As from `cell_jobs`.
    by : sequence of str
        Columns that make a group.

    Returns
    -------
    DataFrame
        The columns `by`; ``n_jobs``; ``recovery``, the mean credit, with ``low`` and ``high``, its exact 95% interval,
        which takes jobs for independent; ``margin`` and ``own``, means; ``chance``; ``n_lost``, jobs that one other
        model won (a tie is not lost); ``false_winner``, the one that won most of them (first by name among equals; ""
        without any), and ``false_wins``, how many.
    """
    table = []
    for group, part in jobs.groupby(list(by), sort=False):
        low, high = exact_interval(part["credit"].sum(), len(part))
        false = part.loc[lost(part), "winner"]
        counts = false.value_counts().sort_index().sort_values(ascending=False, kind="stable")
        means = part[["credit", "margin", "own", "chance"]].mean()
        table.append(
            dict(zip(by, group, strict=True))
            | {"n_jobs": len(part), "recovery": means["credit"], "low": low, "high": high}
            | means.drop("credit").to_dict()
            | {"n_lost": len(false), "false_winner": counts.index[0] if len(false) else ""}
            | {"false_wins": int(counts.iloc[0]) if len(false) else 0}
        )
    return pd.DataFrame(table)


def compare_cells(
    jobs: pd.DataFrame,
    pairs: pd.DataFrame,
    *,
    responses: Sequence[str],
    seed: int,
    by: Sequence[str] = ("score",),
) -> pd.DataFrame:
    """Compare cells two by two, over the jobs that both have: the same generator, seed and size.

    Parameters
    ----------
    jobs : DataFrame
        As from `cell_jobs`, of one set of candidates.
    pairs : DataFrame
        ``reference`` and ``cell``, as from `departures`; other columns are kept.
    responses : sequence of str
        Columns of `jobs`.
    seed : int
        For the bootstrap.
    by : sequence of str
        Columns of `jobs`: cells are compared within each group.

    Returns
    -------
    DataFrame
        The columns of `pairs` and `by`; ``response``; its means ``of_reference`` and ``of_cell`` over the common jobs;
        what `generator_intervals` says of the difference (``effect``, cell less reference); ``p_corrected``
        for the number of pairs, within a group and response (Holm); ``n_jobs``, ``n_seeds``. No row for a pair without
        common jobs.
    """
    table = []
    for group, part in jobs.groupby(list(by), sort=False):
        of_cells = {name: rows for name, rows in part.groupby("cell")}
        for _, pair in pairs.iterrows():
            sides = [of_cells.get(pair[role], part.iloc[:0])[[*JOB, *responses]] for role in ("reference", "cell")]
            both = sides[0].merge(sides[1], on=JOB, suffixes=("_reference", "_cell"))
            if both.empty:
                continue
            for response in responses:
                both["effect"] = both[f"{response}_cell"] - both[f"{response}_reference"]
                found = generator_intervals(both.groupby("generator")[["effect"]].mean(), seed=seed).loc["effect"]
                means = {f"of_{side}": both[f"{response}_{side}"].mean() for side in ("reference", "cell")}
                about = pair.to_dict() | dict(zip(by, group, strict=True)) | {"response": response}
                counts = {"n_jobs": len(both), "n_seeds": both["seed"].nunique()}
                table.append(about | means | found.to_dict() | counts)
    compared = pd.DataFrame(table)
    if compared.empty:
        return compared
    tests = compared.groupby([*by, "response"])["p"]
    compared["p_corrected"] = tests.transform(lambda p: correct(p.to_numpy(), "holm"))
    return compared.astype({"n_generators": int})


def compare_causes(
    causes: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]], *, responses: Sequence[str], seed: int
) -> pd.DataFrame:
    """Compare jobs without and with each of several causes of failure, over the generators and seeds that both have.

    Parameters
    ----------
    causes : mapping of str to (DataFrame, DataFrame)
        By the name of the cause, jobs without it and with it, as from `cell_jobs`: each of one cell, one score and one
        number of triplets. The two may differ in any of these.
    responses, seed
        As for `compare_cells`.

    Returns
    -------
    DataFrame
        As from `compare_cells`, without ``reference``, ``cell`` and ``score``: ``cause``, ``response``,
        ``of_reference`` (without it), ``of_cell`` (with it), ``effect`` (with it less without) and so on, with p values
        corrected for the number of causes.
    """
    jobs, pairs = [], []
    for cause, sides in causes.items():
        names = [f"{cause} {side}" for side in ("without", "with")]
        jobs += [side.assign(cell=name, n_triplets=0, score="") for name, side in zip(names, sides, strict=True)]
        pairs.append((cause, *names))
    pairs = pd.DataFrame(pairs, columns=["cause", "reference", "cell"])
    found = compare_cells(pd.concat(jobs), pairs, responses=responses, seed=seed)
    return found.drop(columns=["reference", "cell", "score"])


def fits_by_cell(rows: pd.DataFrame, cells: Mapping[str, Mapping]) -> pd.DataFrame:
    """Return `describe_fits` of each cell and size; columns cell and n_triplets in front."""
    tables = {cell: describe_fits(part, cells[cell]["strengths"]) for cell, part in rows.groupby("cell", sort=False)}
    return pd.concat(tables, names=["cell"]).reset_index()
