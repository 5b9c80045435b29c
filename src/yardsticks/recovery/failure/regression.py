"""What makes a model be taken for another: a regression of margins on what is known of the two models.

A margin belongs to a job and a candidate that is not its generator: the generator's own score as a candidate, less the
other's. It is positive where the generator is ahead, so a *positive* coefficient of the generator's property says that
generators with more of it are told apart more clearly, and one of the candidate's property that candidates with more of
it fall further behind, and are mistaken for the generator less. Misidentification grows with *negative* ones.

Margins and predictors are standardised over the rows of a regression: a coefficient is the change of the margin, in
standard deviations, for one standard deviation of the predictor, the others held. Few models make many rows, and all
rows of a model stand or fall together, so intervals come from resampling models, as in Table S3 of the published study.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from yardsticks.recovery.failure.properties import DIMENSIONALITIES, ROLES, SIMILARITY, add_models, add_pairs
from yardsticks.recovery.failure.rivals import margins
from yardsticks.stats import correct

# those of Table S3, for each of the two models: two of the catalogue of features, three of `model_geometry`
PREDICTORS = ("n_features", "shift", "ed_raw", "ed_aligned", "n_params")
_SINGULAR = 1e-10  # of the largest eigenvalue of the normal equations; smaller ones are rounding


class Regression(NamedTuple):
    """A regression of margins.

    Parameters
    ----------
    coefficients : DataFrame
        One row each, the intercept first: ``role`` (generator, candidate, or pair for what belongs to both),
        ``predictor``, ``coefficient`` (standardised), ``low`` and ``high`` (95% percentile interval), ``p`` (two-sided,
        at least 2 / (n_bootstrap + 1)), ``p_corrected`` (Bonferroni, for all coefficients with the intercept), and
        ``vif``, the variance inflation factor, from 1: by how much the other predictors enlarge the variance of this
        coefficient (NaN for the intercept).
    left_out : DataFrame
        ``what`` (predictor, model or rows), ``name``, ``why``.
    fit : dict
        n_rows, n_pairs, n_models; ``r_squared``; ``margin_sd``, the unit of the margins; n_bootstrap, and
        ``n_degenerate`` of them, whose models are too few or too alike for a solution, and which count for nothing.
    """

    coefficients: pd.DataFrame
    left_out: pd.DataFrame
    fit: dict


def regress(
    table: pd.DataFrame,
    predictors: Sequence[str],
    *,
    seed: int,
    n_bootstrap: int = 10_000,
) -> Regression:
    """Regress margins on predictors by ordinary least squares, with intervals from resampling models.

    Parameters
    ----------
    table : DataFrame
        As from `margins`, with a column for each predictor.
    predictors : sequence of str
        Columns. Those without any value, or with the same value in all rows, are left out and named; so are, for the
        others, rows with a missing value.
    seed : int
        For the resamples.
    n_bootstrap : int
        Each draws as many models as there are, with replacement; a row counts as often as its generator was drawn,
        times as often as its candidate was. The standardisation stays that of all rows.

    Returns
    -------
    Regression
        With no predictor left, of the intercept alone.

    Raises
    ------
    ValueError
        No row is left, all margins are the same, or the predictors are not independent over these models.

    Notes
    -----
    As in Table S3 of the published study, p = 2 min((#[b <= 0] + 1) / (B + 1), (#[b >= 0] + 1) / (B + 1)). Rows of a
    pair of models enter by their sums of squares and products alone, so a resample costs no more for many seeds.
    """
    kept, predictors, left_out = _usable(table, list(predictors))
    if kept.empty or np.ptp(kept["margin"]) == 0:
        raise ValueError(f"{len(kept)} rows with all predictors, {kept['margin'].nunique()} different margins: no fit.")
    y, x = _standardise(kept["margin"].to_numpy()), _standardise(kept[predictors].to_numpy(float))
    x = np.column_stack([np.ones(len(y)), x])  # (n_rows, n_terms)
    names = sorted({*kept["generator"], *kept["candidate"]})
    generator, candidate = (pd.Categorical(kept[role], names).codes.astype(int) for role in ROLES)
    pairs, place = np.unique(generator * len(names) + candidate, return_inverse=True)
    squares = np.zeros((len(pairs), x.shape[1], x.shape[1]))
    products = np.zeros((len(pairs), x.shape[1]))
    np.add.at(squares, place, x[:, :, None] * x[:, None, :])
    np.add.at(products, place, x * y[:, None])
    normal = squares.sum(axis=0)
    _check_independent(normal, predictors, len(names))
    found = np.linalg.solve(normal, products.sum(axis=0))
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=n_bootstrap)
    weights = (drawn[:, pairs // len(names)] * drawn[:, pairs % len(names)]).astype(float)  # (n_bootstrap, n_pairs)
    resampled = _solve_each(np.tensordot(weights, squares, 1), weights @ products)
    low, high = np.quantile(resampled, (0.025, 0.975), axis=0) if len(resampled) else np.full((2, x.shape[1]), np.nan)
    below, above = (resampled <= 0).sum(axis=0), (resampled >= 0).sum(axis=0)
    p = np.minimum(2 * (np.minimum(below, above) + 1) / (len(resampled) + 1), 1)
    inflation = np.diag(np.linalg.inv(normal[1:, 1:] / len(y)))  # of the predictors' correlations
    terms = [_role(name) for name in predictors]
    coefficients = pd.DataFrame(
        {
            "role": ["", *(role for role, _ in terms)],
            "predictor": ["intercept", *(name for _, name in terms)],
            "coefficient": found.round(12) + 0.0,  # that of the intercept is 0 but for rounding
            "low": low,
            "high": high,
            "p": p,
            "p_corrected": correct(p, "bonferroni"),
            "vif": [np.nan, *inflation],
        }
    )
    fit = {"n_rows": len(y), "n_pairs": len(pairs), "n_models": len(names)}
    fit |= {"r_squared": 1 - float(((y - x @ found) ** 2).mean()), "margin_sd": float(kept["margin"].std(ddof=0))}
    fit |= {"n_bootstrap": n_bootstrap, "n_degenerate": n_bootstrap - len(resampled)}
    return Regression(coefficients, left_out, fit)


def regress_each(
    rows: pd.DataFrame,
    models: pd.DataFrame,
    sets: Mapping[str, Sequence[str]],
    *,
    sizes: Sequence[int],
    scores: Sequence[str],
    seed: int,
    similarity: pd.DataFrame | None = None,
    among: Sequence[str] | None = None,
    n_bootstrap: int = 10_000,
) -> Regression:
    """Make a regression for each size, score and set of predictors.

    Parameters
    ----------
    rows : DataFrame
        As from `run_job`.
    models : DataFrame
        Index model, columns as for `add_models` and `add_pairs`.
    sets : mapping of str to sequence of str
        Names of predictors: of `PREDICTORS`, which stand for two each, the generator's and the candidate's; or of what
        `add_pairs` adds.
    sizes, scores
        For `margins`.
    similarity : DataFrame, optional
        For `add_pairs`.
    among : sequence of str, optional
        Leave out all other models.

    Returns
    -------
    Regression
        The tables of all, with the columns ``n_triplets``, ``score`` and ``predictors`` (the set's name) in front;
        ``fit`` is a table, too.
    """
    similarity = pd.DataFrame() if similarity is None else similarity
    pairwise = {SIMILARITY, *(f"{name}_difference" for name in DIMENSIONALITIES)}
    tables: tuple[list, list, list] = ([], [], [])
    for n_triplets in sizes:
        for score in scores:
            table = margins(rows, n_triplets=n_triplets, score=score, models=among)
            table = add_pairs(table, models, similarity)
            for name, predictors in sets.items():
                own = [predictor for predictor in predictors if predictor not in pairwise]
                columns = [f"{role}_{predictor}" for role in ROLES for predictor in own]
                columns += [predictor for predictor in predictors if predictor in pairwise]
                found = regress(add_models(table, models, own), columns, seed=seed, n_bootstrap=n_bootstrap)
                key = {"n_triplets": n_triplets, "score": score, "predictors": name}
                for part, into in zip((*found[:2], pd.DataFrame([found.fit])), tables, strict=True):
                    into.append(pd.DataFrame(key, part.index).join(part))
    return Regression(*(pd.concat(parts, ignore_index=True) for parts in tables))


def say_coefficient(coefficients: pd.DataFrame, *, role: str, predictor: str) -> str:
    """Say in words what became of a coefficient: a clause that is right whatever came out.

    Parameters
    ----------
    coefficients : DataFrame
        Of one regression.
    role, predictor : str
    """
    found = coefficients[(coefficients["role"] == role) & (coefficients["predictor"] == predictor)]
    if found.empty:
        return "is not known yet"
    row = found.squeeze()
    if row["p_corrected"] >= 0.05:
        return "cannot be told from zero"
    return "is positive" if row["coefficient"] > 0 else "is negative"


def _usable(table: pd.DataFrame, predictors: list[str]) -> tuple[pd.DataFrame, list[str], pd.DataFrame]:
    """Return the rows that have all predictors that have any value, the predictors that vary, and what is left out."""
    left_out = []
    for name in [name for name in predictors if table[name].isna().all()]:
        predictors.remove(name)
        left_out.append(("predictor", name, "it has no value"))
    kept = table.dropna(subset=predictors)
    gone = sorted({*table["generator"], *table["candidate"]} - {*kept["generator"], *kept["candidate"]})
    for model in gone:
        rows = table[(table["generator"] == model) | (table["candidate"] == model)]
        lacking = dict.fromkeys(_role(name)[1] for name in predictors if rows[name].isna().any())
        left_out.append(("model", model, f"it lacks a value: {', '.join(lacking)}"))
    others = (~table["generator"].isin(gone) & ~table["candidate"].isin(gone)).sum() - len(kept)
    if others:
        left_out.append(("rows", f"{others}", "their pair of models lacks a value"))
    for name in [name for name in predictors if np.ptp(kept[name]) <= 1e-12 * kept[name].abs().max()]:
        predictors.remove(name)
        left_out.append(("predictor", name, f"it is {kept[name].iloc[0]:g} in all rows"))
    return kept, predictors, pd.DataFrame(left_out, columns=["what", "name", "why"])


def _standardise(values: np.ndarray) -> np.ndarray:
    return (values - values.mean(axis=0)) / values.std(axis=0)


def _check_independent(normal: np.ndarray, predictors: Sequence[str], n_models: int) -> None:
    """Raise a ValueError that names the predictors which can be made of others."""
    rank = np.linalg.matrix_rank(normal, tol=_SINGULAR * np.trace(normal), hermitian=True)
    if rank == len(normal):
        return
    without = [np.delete(np.delete(normal, i, 0), i, 1) for i in range(1, len(normal))]
    tied = [
        name
        for name, rest in zip(predictors, without, strict=True)
        if np.linalg.matrix_rank(rest, tol=_SINGULAR * np.trace(normal), hermitian=True) == rank
    ]
    raise ValueError(
        f"over these {n_models} models {', '.join(tied)} can each be made of the other predictors, so that their "
        "coefficients have no one solution. Leave some out."
    )


def _solve_each(normal: np.ndarray, products: np.ndarray) -> np.ndarray:
    """Return the solutions (n_solved, n_terms) of those resamples that have one."""
    values = np.linalg.eigvalsh(normal)  # ascending
    good = values[:, 0] > _SINGULAR * values[:, -1]
    return np.linalg.solve(normal[good], products[good][..., None])[..., 0]


def _role(term: str) -> tuple[str, str]:
    role, _, name = term.partition("_")
    return (role, name) if role in ROLES else ("pair", term)
