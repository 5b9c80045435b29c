"""What each factor of a two-level design does: its effect and interactions, and what the design cannot tell apart.

Levels are coded -1 (low) and 1 (high). An effect is the mean of a response at high less that at low; an interaction of
two factors is the mean where their codes have one sign less that where they have two, which is half of what the second
factor adds to the effect of the first.

Cells are chosen, not drawn, and each has the same jobs: the same models answer about the same objects in all of them.
So an effect is first computed within each job, which takes out whatever makes a generator or a split easy. What remains
to vary is whether another generator would have shown the same effect: its jobs share an embedding and stand or fall
together, and other models are what one would like to speak of. Intervals therefore come from the generators.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from yardsticks.recovery.data.rows import JOB
from yardsticks.stats import cluster_interval, correct

_SAME = 1e-12  # generators whose effects differ by less do not differ: rounding


def code_cells(fraction: Sequence[str], factors: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Return the codes of cells that are named by their levels.

    Parameters
    ----------
    fraction : sequence of str
        Names: a level of each factor in the order of `factors`, joined by hyphens.
    factors : mapping of str to (str, str)
        Low and high level.

    Returns
    -------
    DataFrame of int, (n_cells, n_factors)
        -1 and 1; index cell.

    Raises
    ------
    ValueError
        A name that is no combination of levels.
    """
    known = {
        "-".join(levels): signs
        for levels, signs in zip(
            itertools.product(*factors.values()), itertools.product((-1, 1), repeat=len(factors)), strict=True
        )
    }
    if unknown := [cell for cell in fraction if cell not in known]:
        raise ValueError(f"cell {unknown[0]!r} is no combination of levels such as {next(iter(known))!r}.")
    index = pd.Index(fraction, name="cell")
    return pd.DataFrame([known[cell] for cell in fraction], index, columns=list(factors))


def cross(codes: pd.DataFrame, factor: str, levels: tuple[str, str]) -> pd.DataFrame:
    """Return the codes of a design in which each cell is looked at on two levels of one more factor, low first.

    The level is a second level of the index, named after the factor.
    """
    both = {level: codes.assign(**{factor: sign}) for level, sign in zip(levels, (-1, 1), strict=True)}
    return pd.concat(both, names=[factor]).swaplevel()


def defining_words(codes: pd.DataFrame) -> dict[tuple[str, ...], float]:
    """Return the sets of factors whose codes have a product that is not balanced over the cells.

    Returns
    -------
    dict of tuple of str to float
        The mean of the product: -1 or 1 in a regular fraction, between these where effects are confounded in part.
        Empty for a full factorial.
    """
    found = {}
    for n in range(1, codes.shape[1] + 1):
        for word in itertools.combinations(codes.columns, n):
            if mean := float(codes[list(word)].prod(axis=1).mean()):
                found[word] = mean
    return found


def resolution(codes: pd.DataFrame) -> float:
    """Return the length of the shortest defining word; infinite for a full factorial.

    With 5, main effects and interactions of two factors are all clear of each other; with 4, main effects are clear of
    interactions of two, and these are not clear of each other; with 3, not even main effects are.
    """
    return min(map(len, defining_words(codes)), default=math.inf)


def aliases(codes: pd.DataFrame) -> pd.DataFrame:
    """Return for each effect of one or two factors what the design cannot tell it from.

    Returns
    -------
    DataFrame
        ``term``, ``n_factors`` and ``aliased_with``: the effects that have the same contrast, with their sign, or
        ``mean``; "" where there is none. Effects that are confounded in part are followed by the correlation.
    """
    words, table = defining_words(codes), []
    for term in list_terms(codes.columns):
        others = []
        for word, mean in words.items():
            other = [factor for factor in codes.columns if (factor in term) != (factor in word)]
            part = "" if abs(mean) == 1 else f" ({abs(mean):.2g})"
            others.append(("-" if mean < 0 else "") + (name_term(other) or "mean") + part)
        table.append((name_term(term), len(term), ", ".join(others)))
    return pd.DataFrame(table, columns=["term", "n_factors", "aliased_with"])


def list_terms(factors: Sequence[str]) -> list[tuple[str, ...]]:
    """Return main effects and interactions of two factors."""
    return [term for n in (1, 2) for term in itertools.combinations(factors, n)]


def name_term(term: Sequence[str]) -> str:
    """Return what an effect is called."""
    return " × ".join(term)


def effects(
    jobs: pd.DataFrame,
    codes: pd.DataFrame,
    *,
    responses: Sequence[str],
    seed: int,
    by: Sequence[str] = ("score",),
) -> pd.DataFrame:
    """Return main effects and interactions of two factors.

    Parameters
    ----------
    jobs : DataFrame
        One row for each job and cell, and each group of `by`: generator, seed, n_triplets, the names of the index of
        `codes`, and the responses. A job that lacks a cell, or a response in one, is left out of all.
    codes : DataFrame of int, (n_cells, n_factors)
        As from `code_cells` or `cross`.
    responses : sequence of str
        Columns of `jobs`.
    seed : int
        For the bootstrap.
    by : sequence of str
        Columns of `jobs`: effects are computed within each group.

    Returns
    -------
    DataFrame
        The columns `by`; ``response``, ``term``, ``n_factors``; ``effect``, high less low, in the response's unit, with
        what `generator_intervals` adds; ``p_corrected`` for the number of effects of a group and response (Holm);
        ``seed_low`` and ``seed_high``, the smallest and the largest of the effects in single seeds; ``share``, of the
        variance between the cells' means that it explains (NaN where they are all the same), ``n_jobs`` that are in all
        cells, and ``n_left_out``.

    Raises
    ------
    ValueError
        A cell without jobs, no job that is in all cells, or effects that the design cannot tell apart.

    Notes
    -----
    As all contrasts are orthogonal, an effect is also twice the coefficient of least squares on the codes, and the
    shares of all effects that the cells can tell apart sum to 1. Generators weigh alike, however many jobs they have.
    """
    terms = list_terms(codes.columns)
    x = np.column_stack([codes[list(term)].prod(axis=1) for term in terms])  # (n_cells, n_terms)
    _check_clear(x, terms)
    keys, tables = list(codes.index.names), []
    for group, part in jobs.groupby(list(by), sort=False):
        for response in responses:
            grid = part.pivot(index=JOB[::-1], columns=keys, values=response).reindex(columns=codes.index)
            if len(empty := codes.index[grid.isna().all()]):
                raise ValueError(f"there is no job of cell {empty[0]!r}: {len(empty)} of {len(codes)} have none.")
            whole = grid.dropna()
            if whole.empty:
                raise ValueError(f"no job is in all {len(codes)} cells of {', '.join(map(str, group))}.")
            each = pd.DataFrame(whole.to_numpy() @ x * (2 / len(x)), whole.index, list(map(name_term, terms)))
            of_seeds = each.groupby(["seed", "generator"]).mean().groupby("seed").mean()
            found = generator_intervals(each.groupby("generator").mean(), seed=seed)
            cells = whole.groupby("generator").mean().mean().to_numpy()
            between = ((cells - cells.mean()) ** 2).sum()
            found["p_corrected"] = correct(found["p"].to_numpy(), "holm")
            found["seed_low"], found["seed_high"] = of_seeds.min(), of_seeds.max()
            found["share"] = len(x) / 4 * found["effect"] ** 2 / between if between > _SAME else np.nan
            about = dict(zip(by, group, strict=True)) | {"response": response}
            about |= {"term": found.index, "n_factors": [len(term) for term in terms]}
            found = pd.DataFrame(about, found.index).join(found)
            tables.append(found.assign(n_jobs=len(whole), n_left_out=len(grid) - len(whole)))
    return pd.concat(tables, ignore_index=True)


def generator_intervals(values: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return the mean of each column over generators, and how far other generators might move it.

    Parameters
    ----------
    values : DataFrame, (n_generators, n_effects)
        Index generator, a column for each effect.
    seed : int
        For the bootstrap.

    Returns
    -------
    DataFrame
        Index effect: ``effect``, the mean; ``low`` and ``high``, its 95% interval, and ``p``, two-sided, from Student's
        t with n_generators - 1 degrees of freedom; ``boot_low`` and ``boot_high``, a 95% interval from resampling
        generators (NaN below five, see `cluster_interval`); ``n_generators``. NaN for one generator. Where all
        generators have the same effect the intervals have no width, and p is NaN, or 1 for an effect of 0.

    Notes
    -----
    The interval of t keeps its level if effects are about normal over generators; that from resampling six of them
    holds the truth in some 93% of cases where 95% are meant. Neither heeds that all generators of a seed share their
    triplets.
    """
    n, means, widths = len(values), values.mean(), values.std()
    same = widths <= _SAME
    errors = widths / math.sqrt(n)
    half = errors * stats.t.ppf(0.975, n - 1) if n > 1 else errors
    ratios = (means.abs() / errors.where(~same)).to_numpy(float)
    p = pd.Series(2 * stats.t.sf(ratios, max(n - 1, 1)), values.columns)
    p[same & (means.abs() <= _SAME)] = 1.0
    rng, table = np.random.default_rng(seed), values.rename_axis(index="generator").reset_index()
    boot = [cluster_interval(table, name, "generator", rng) for name in values]
    found = pd.DataFrame({"effect": means, "low": means - half, "high": means + half}, values.columns)
    found[["boot_low", "boot_high"]] = boot
    return found.assign(p=p, n_generators=n)


def _check_clear(x: np.ndarray, terms: Sequence[tuple[str, ...]]) -> None:
    """Raise for two effects, or an effect and the mean, whose contrasts are not orthogonal."""
    columns = np.column_stack([np.ones(len(x)), x])
    products = np.triu(columns.T @ columns, 1)
    if products.any():
        names = ["the mean", *(name_term(term) for term in terms)]
        first, second = np.argwhere(products)[0]
        raise ValueError(f"these {len(x)} cells cannot tell {names[second]} from {names[first]}.")
