"""What a recovery study says: how often the generator wins, for whom it is taken otherwise, how two studies differ.

All functions are pure and take the rows of `simulation.run_job`. What a candidate scores does not depend on who else
competes, so a question about fewer models is answered by leaving the others out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import special

CLOSE = 1e-9  # scores that differ by no more are tied: sampled ones are fractions of a few answers
SCORES = ("test_accuracy", "noise_free_accuracy", "validation_accuracy", "nll", "noise_free_nll", "validation_nll")
LOOSE = 0.01  # nats per trial: with a bound above, a fit may have ended far from its optimum
RANKS = ("first alone", "first, tied", "rank to 3", "rank to 10", "rank above 10")
_JOB = ["n_triplets", "seed", "generator"]
_FEWEST = 5  # units: resamples of two or three are hardly more than these themselves


def winners(
    rows: pd.DataFrame, *, score: str, models: Sequence[str] | None = None, families: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Say of each job whether its generator won.

    Parameters
    ----------
    rows : DataFrame
        As from `simulation.run_job`, of any number of jobs; a failed job is one row without a candidate. Rows with an
        error or without a score do not compete.
    score : str
        One of `SCORES`; the highest accuracy wins, or the lowest nll. Scores that differ by less than `CLOSE` are ties.
    models : sequence of str, optional
        Leave out all other generators and candidates.
    families : mapping of model to family, optional
        Give the generator credit for every winner of its family, not for itself alone.

    Returns
    -------
    DataFrame
        One row for each job, with n_triplets, seed, generator and: ``credit``, in [0, 1], 1 where the generator alone
        has the best score, 1/m where it is one of m that have; ``rank``, 1 is best, the mean rank among ties;
        ``margin``, by how much it is better than the best other (negative where it is worse), in the score's unit;
        ``winner``, a candidate or ``tie``; ``n_candidates`` that competed; ``chance``, the credit that a blind choice
        would earn. Where the generator has no score, or nobody else has, all of these are NaN (winner empty, see
        n_left_out of `recovery_curve`) but for n_candidates.

    Raises
    ------
    ValueError
        An unknown score, a job with two rows for a candidate, or a model without a family.
    """
    grid, own, best = _best(rows, score, models)
    values, counted = grid.to_numpy(), best.any(axis=1)
    n_best = np.where(counted, best.sum(axis=1), 1)
    names, generators = grid.columns.to_numpy(str), grid.index.get_level_values("generator").to_numpy(str)
    itself = names == generators[:, None]  # (n_jobs, n_candidates)
    same = itself
    if families is not None:
        families = dict(families)  # a Series would do as well
        if unknown := sorted({*names, *generators} - set(families)):
            raise ValueError(f"no family is given for {', '.join(unknown)}.")
        same = np.array([families[n] for n in names]) == np.array([families[g] for g in generators])[:, None]
    competing = ~np.isnan(values)
    others = np.fmax.reduce(np.where(itself, np.nan, values), axis=1, initial=-np.inf)
    equal = np.abs(values - own[:, None]) <= CLOSE
    found = {
        "credit": (best & same).sum(axis=1) / n_best,
        "rank": (values > own[:, None] + CLOSE).sum(axis=1) + (equal.sum(axis=1) + 1) / 2,
        "margin": own - others,
        "chance": (competing & same).sum(axis=1) / np.maximum(competing.sum(axis=1), 1),
    }
    table = pd.DataFrame({name: np.where(counted, value, np.nan) for name, value in found.items()}, grid.index)
    table["winner"] = np.where(counted, np.where(n_best > 1, "tie", names[best.argmax(axis=1)]), "")
    table["n_candidates"] = competing.sum(axis=1)
    return table.reset_index()


def lost(jobs: pd.DataFrame) -> pd.Series:
    """Tell which jobs, as from `winners`, one other model won; a tie between others is neither won nor lost."""
    return (jobs["credit"] == 0) & (jobs["winner"] != "tie")


def confusion(rows: pd.DataFrame, *, n_triplets: int, score: str, models: Sequence[str] | None = None) -> pd.DataFrame:
    """Return how often each candidate wins when each model is the generator.

    Returns
    -------
    DataFrame, (n_models, n_models)
        Generators in rows, winners in columns, both in the order of `models` (else by name): fractions of a generator's
        jobs of that size, the credit shared in a tie. Each row sums to 1; it is NaN where the generator has no job.
    """
    grid, _, best = _best(rows[rows["n_triplets"] == n_triplets], score, models)
    counted = best.any(axis=1)
    shares = pd.DataFrame(best[counted] / best[counted].sum(axis=1, keepdims=True), grid.index[counted], grid.columns)
    names = list(models) if models is not None else sorted(set(rows["generator"]) | set(grid.columns))
    table = shares.groupby(level="generator").mean().reindex(index=names, columns=names)
    table.loc[table.notna().any(axis=1)] = table.fillna(0.0)  # candidates that never competed never won
    return table.rename_axis(index="generator")


def confusions(
    rows: pd.DataFrame, sizes: Sequence[int], *, score: str, models: Sequence[str] | None = None
) -> dict[int, pd.DataFrame]:
    """Return `confusion` at several sizes; one larger than all that there are stands for the largest."""
    shown = sorted({min(int(size), int(rows["n_triplets"].max())) for size in sizes})
    return {size: confusion(rows, n_triplets=size, score=score, models=models) for size in shown}


def recovery_curve(
    rows: pd.DataFrame,
    *,
    scores: Sequence[str],
    seed: int,
    models: Sequence[str] | None = None,
    families: Mapping[str, str] | None = None,
    by: Sequence[str] = ("n_triplets",),
    n_bootstrap: int = 2000,
) -> pd.DataFrame:
    """Return the recovery accuracy: how often the generator wins.

    Parameters
    ----------
    rows, models, families
        As for `winners`.
    scores : sequence of str
        Each is one of `SCORES`.
    seed : int
        For the intervals from resampling.
    by : sequence of str
        Columns of `winners` by which jobs are grouped.

    Returns
    -------
    DataFrame
        For each group and score: ``recovery``, the mean credit; ``low`` and ``high``, its exact (Clopper-Pearson) 95%
        interval, which takes jobs for independent; ``seed_low`` and ``seed_high``, from resampling seeds, as jobs of a
        seed share their triplets, and ``generator_low`` and ``generator_high``, from resampling generators, as some are
        easier to recover than others and other models are what one would like to speak of (see `cluster_interval`);
        ``chance``; ``n_jobs``, ``n_seeds``, and ``n_left_out``, jobs whose generator has no score.
    """
    rng, table = np.random.default_rng(seed), []
    for score in scores:
        jobs = winners(rows, score=score, models=models, families=families)
        for group, part in jobs.groupby(list(by)):
            known = part.dropna(subset="credit")
            low, high = exact_interval(known["credit"].sum(), len(known))
            limits = {}
            for unit in ("seed", "generator"):
                ends = cluster_interval(known, "credit", unit, rng, n_bootstrap)
                limits[f"{unit}_low"], limits[f"{unit}_high"] = ends
            table.append(
                dict(zip(by, group, strict=True))
                | {"score": score, "recovery": known["credit"].mean(), "low": low, "high": high}
                | limits
                | {"chance": known["chance"].mean()}
                | {"n_jobs": len(known), "n_seeds": known["seed"].nunique(), "n_left_out": len(part) - len(known)}
            )
    return pd.DataFrame(table)


def recovery_by_set(
    rows: pd.DataFrame, sets: Mapping[str, Sequence[str]], *, scores: Sequence[str], seed: int
) -> pd.DataFrame:
    """Return `recovery_curve` within each set of models: ``models`` is its name and ``n_models`` its size."""
    curves = [
        recovery_curve(rows, scores=scores, models=models, seed=seed).assign(models=name, n_models=len(models))
        for name, models in sets.items()
    ]
    return pd.concat(curves, ignore_index=True)


def recovery_by_family(
    rows: pd.DataFrame, families: Mapping[str, str], models: Sequence[str], *, scores: Sequence[str], seed: int
) -> pd.DataFrame:
    """Return `recovery_curve` three times, told apart by the column ``question``.

    Does the generator itself win; does a model of its family win; does it win where each family has but one model, the
    first of `models`? Chance differs between the three and is given for each.
    """
    asked = {
        "the model itself": {"models": models},
        "a model of its family": {"models": models, "families": families},
        "the model, one per family": {"models": one_per_family(families, models)},
    }
    curves = [
        recovery_curve(rows, scores=scores, seed=seed, **options).assign(question=question)
        for question, options in asked.items()
    ]
    return pd.concat(curves, ignore_index=True)


def one_per_family(families: Mapping[str, str], models: Sequence[str]) -> tuple[str, ...]:
    """Return the first model of each family, in the order of `models`: a choice that looks at no result."""
    first: dict[str, str] = {}
    for model in models:
        first.setdefault(families[model], model)
    return tuple(first.values())


def model_sets(catalogue: pd.DataFrame, models: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Sort models by the photographs that they were shown, and by whether they are networks.

    Parameters
    ----------
    catalogue : DataFrame
        Index model; columns ``stimuli`` and ``objective``, as from `features.list_features`.
    models : sequence of str

    Returns
    -------
    dict of str to tuple of str
        ``reference photographs``: shown the photographs that people judged. Among them, another one could only win by
        its network. ``networks among them``: without hand-made descriptors. ``other photographs``: the stimulus
        control. ``all``.
    """
    known = catalogue.loc[list(models)]
    reference = (known["stimuli"] == "reference").to_numpy()
    network = (known["objective"] != "hand-made").to_numpy()
    chosen = {
        "reference photographs": reference,
        "networks among them": reference & network,
        "other photographs": ~reference,
        "all": np.ones(len(known), bool),
    }
    return {name: tuple(known.index[mask]) for name, mask in chosen.items()}


def taken_for(rows: pd.DataFrame, *, pair: tuple[str, str], scores: Sequence[str]) -> pd.DataFrame:
    """Return how often each of two models is taken for the other, among all candidates and between the two alone.

    Returns
    -------
    DataFrame
        n_triplets, score, generator, n_jobs; fractions of the generator's jobs, summing to 1: ``itself``, ``the_other``
        and ``anyone_else`` wins (credit shared in ties); ``alone``: it wins when only the two compete.
    """
    table = []
    for score in scores:
        for n_triplets, part in rows.groupby("n_triplets"):
            counts = winners(part, score=score).dropna(subset="credit")["generator"].value_counts()
            won = confusion(part, n_triplets=n_triplets, score=score)
            two = confusion(part, n_triplets=n_triplets, score=score, models=pair)
            for model, other in (pair, pair[::-1]):
                if model in counts:
                    shares = won.loc[model]
                    others = shares.drop([model, other]).sum()
                    found = shares[model], shares[other], others, two.at[model, model]
                    table.append((n_triplets, score, model, counts[model], *found))
    names = ["n_triplets", "score", "generator", "n_jobs", "itself", "the_other", "anyone_else", "alone"]
    return pd.DataFrame(table, columns=names)


def rank_shares(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return how the generator's ranks are spread at each size.

    Parameters
    ----------
    jobs : DataFrame
        As from `winners`.

    Returns
    -------
    DataFrame
        Index n_triplets, columns `RANKS`: fractions of jobs, which sum to 1.
    """
    known = jobs.dropna(subset="credit")
    tied = (known["credit"] > 0) & (known["credit"] < 1)
    edges = np.select([known["credit"] == 1, tied, known["rank"] <= 3, known["rank"] <= 10], RANKS[:4], RANKS[4])
    table = pd.crosstab(known["n_triplets"], edges, normalize="index").reindex(columns=list(RANKS), fill_value=0.0)
    return table.rename_axis(columns=None)


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
            "n_jobs": len(part[_JOB].drop_duplicates()),
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


def compare_studies(
    first: pd.DataFrame, second: pd.DataFrame, *, scores: Sequence[str], seed: int, n_bootstrap: int = 2000
) -> pd.DataFrame:
    """Compare two studies job by job, over the jobs and the models that both have.

    Parameters
    ----------
    first, second : DataFrame
        Rows of the two. Models that are not generators and candidates in both are left out of both.
    scores : sequence of str
    seed : int
        For the intervals.

    Returns
    -------
    DataFrame
        For each size and score: ``n_jobs``, ``n_seeds``, ``n_models``; ``first`` and ``second``, their recovery;
        ``difference`` (second less first) with ``low`` and ``high``, a 95% interval from resampling generators (see
        `cluster_interval`); ``only_first`` and ``only_second``, credit that only one of them gives;
        ``score_difference``, mean over jobs and candidates, and ``own_difference``, of the generators' own scores;
        ``same_winner``, fraction of jobs.
    """
    present = [set(part[column]) for part in (first, second) for column in ("generator", "candidate")]
    models = sorted(set.intersection(*present) - {""})
    rng, table = np.random.default_rng(seed), []
    for score in scores:
        jobs = [winners(rows, score=score, models=models).dropna(subset="credit") for rows in (first, second)]
        both = jobs[0].merge(jobs[1], on=_JOB, suffixes=("_first", "_second"))
        both["change"] = both["credit_second"] - both["credit_first"]
        grids = [_best(rows, score, models)[0] for rows in (first, second)]
        sign = -1 if score.endswith("nll") else 1
        shift = (sign * (grids[1] - grids[0])).reindex(pd.MultiIndex.from_frame(both[_JOB]))
        both["shift"] = shift.mean(axis=1).to_numpy()
        both["own"] = [
            row.get(name, np.nan) for name, (_, row) in zip(both["generator"], shift.iterrows(), strict=True)
        ]
        both["same"] = both["winner_first"] == both["winner_second"]
        for n_triplets, part in both.groupby("n_triplets"):
            low, high = cluster_interval(part, "change", "generator", rng, n_bootstrap)
            table.append(
                {"n_triplets": n_triplets, "score": score, "n_jobs": len(part), "n_seeds": part["seed"].nunique()}
                | {"n_models": len(models), "first": part["credit_first"].mean()}
                | {"second": part["credit_second"].mean(), "difference": part["change"].mean(), "low": low}
                | {"high": high, "only_first": (-part["change"]).clip(lower=0).sum()}
                | {"only_second": part["change"].clip(lower=0).sum(), "score_difference": part["shift"].mean()}
                | {"own_difference": part["own"].mean(), "same_winner": part["same"].mean()}
            )
    return pd.DataFrame(table)


def exact_interval(successes: float, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the Clopper-Pearson interval of a proportion; credit shared in ties makes fractions of successes.

    Returns
    -------
    low, high : float
        For whole successes scipy's ``binomtest(...).proportion_ci()``; (nan, nan) for n = 0.
    """
    if not n:
        return np.nan, np.nan
    tail = (1 - level) / 2
    low = special.betaincinv(successes, n - successes + 1, tail) if successes > 0 else 0.0
    high = special.betaincinv(successes + 1, n - successes, 1 - tail) if successes < n else 1.0
    return float(low), float(high)


def cluster_interval(
    jobs: pd.DataFrame, column: str, unit: str, rng: np.random.Generator, n_bootstrap: int
) -> tuple[float, float]:
    """Return a 95% percentile interval of a column's mean over jobs, from resampling units with all their jobs.

    Parameters
    ----------
    jobs : DataFrame
        With the columns `column`, without missing values, and `unit`, such as ``seed`` or ``generator``.
    column, unit : str
    rng : Generator
    n_bootstrap : int

    Returns
    -------
    low, high : float
        (nan, nan) with fewer than five units. No width where all units have the same mean.
    """
    units = jobs.groupby(unit)[column]
    sums, counts = units.sum().to_numpy(), units.size().to_numpy()
    if len(counts) < _FEWEST:
        return np.nan, np.nan
    weights = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=n_bootstrap)
    low, high = np.quantile((weights @ sums) / (weights @ counts), (0.025, 0.975))
    return float(low), float(high)


def describe_end(curve: pd.DataFrame) -> str:
    """Say in words how a recovery curve ends: a clause for the text that is right whatever came out.

    Parameters
    ----------
    curve : DataFrame
        As from `recovery_curve`, of one score.
    """
    ends = curve.sort_values("n_triplets")["recovery"].iloc[[0, -1]]
    if (ends == 1).all():
        return "loses no job at the smallest size nor at the largest"
    course = "rises with size" if ends.iloc[1] > ends.iloc[0] else "does not rise with size"
    # no job lost is a count, not a certainty: the interval says what it leaves open
    outcome = "loses no job at the largest" if ends.iloc[1] == 1 else "stays short of certainty at the largest"
    return f"{course} and {outcome}"


def competes(rows: pd.DataFrame) -> pd.Series:
    """Tell which rows are of a candidate that was fitted without an error."""
    return (rows["error"].fillna("") == "") & (rows["candidate"] != "")


def _best(rows: pd.DataFrame, score: str, models: Sequence[str] | None) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return scores (n_jobs, n_candidates), higher is better; the generators' own; and who shares the best.

    Nobody is best in a job whose generator has no score, or no competitor.
    """
    if score not in SCORES:
        raise ValueError(f"score={score!r} is none of {', '.join(SCORES)}.")
    if models is not None:
        rows = rows[rows["generator"].isin(models)]
    entries = rows[competes(rows) & (rows["candidate"].isin(models) if models is not None else True)]
    jobs = pd.MultiIndex.from_frame(rows[_JOB].drop_duplicates()).sort_values()
    grid = entries.pivot(index=_JOB, columns="candidate", values=score).reindex(jobs).astype(float)
    grid = -grid if score.endswith("nll") else grid
    values = grid.to_numpy()
    place = grid.columns.get_indexer(jobs.get_level_values("generator"))
    own = np.full(len(grid), np.nan)
    own[place >= 0] = values[np.flatnonzero(place >= 0), place[place >= 0]]
    top = np.fmax.reduce(values, axis=1, initial=-np.inf)
    counted = ~np.isnan(own) & ((~np.isnan(values)).sum(axis=1) > 1)
    return grid, own, (values >= top[:, None] - CLOSE) & counted[:, None]
