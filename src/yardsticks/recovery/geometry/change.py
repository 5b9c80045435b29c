"""What the tables of `measure_geometry` say: who moves where, who is near whom, and who is mistaken for whom.

All functions are pure. Similarities are whitened Pearson correlations, higher is more alike; see `similarity`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from yardsticks.recovery.geometry.scaling import Scaling, scale
from yardsticks.recovery.people.embeddings import PEOPLE
from yardsticks.recovery.winners.credit import lost, winners
from yardsticks.stats import correlate, sign_test


def similarity_matrix(similarities: pd.DataFrame, keys: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Return the similarities among embeddings, over the objects that all models have.

    Parameters
    ----------
    similarities : DataFrame
        As from `measure_geometry`.
    keys : sequence of (model, state)

    Returns
    -------
    DataFrame, (n_keys, n_keys)
        Symmetric with ones on the diagonal, index and columns the keys in their order.

    Raises
    ------
    ValueError
        A pair that was not measured.
    """
    table = similarities[similarities["objects"] == "all"]
    sides = [pd.MultiIndex.from_frame(table[[name, f"{name}_state"]]) for name in "ab"]
    index = pd.MultiIndex.from_tuples(keys, names=["model", "state"])
    places = [index.get_indexer(side) for side in sides]
    known = (places[0] >= 0) & (places[1] >= 0)
    values = np.full((len(index), len(index)), np.nan)
    values[places[0][known], places[1][known]] = table["similarity"][known]
    values.T[places[0][known], places[1][known]] = table["similarity"][known]
    np.fill_diagonal(values, 1.0)
    if np.isnan(values).any():
        i, j = np.argwhere(np.isnan(values))[0]
        raise ValueError(f"there is no similarity of {' '.join(index[i])} and {' '.join(index[j])}.")
    return pd.DataFrame(values, index, index)


def state_matrix(
    similarities: pd.DataFrame, models: Sequence[str], state: str, *, people: Sequence[str] = ()
) -> pd.DataFrame:
    """Return `similarity_matrix` of models in one state, and of embeddings of people behind them, by their names."""
    keys = [(model, state) for model in models] + [(name, PEOPLE) for name in people]
    matrix = similarity_matrix(similarities, keys)
    names = pd.Index([*models, *people])
    return matrix.set_axis(names).set_axis(names, axis=1)


def similarity_to(similarities: pd.DataFrame, person: str, *, objects: str = "all") -> pd.DataFrame:
    """Return how alike models in each state are to an embedding of people.

    Parameters
    ----------
    similarities : DataFrame
        As from `measure_geometry`.
    person : str
        Name of an embedding of people.
    objects : {"all", "held-out"}

    Returns
    -------
    DataFrame
        Index model, one column for each state.

    Raises
    ------
    ValueError
        Nothing was measured of it.
    """
    rows = similarities["b"].eq(person) & similarities["b_state"].eq(PEOPLE) & similarities["a_state"].ne(PEOPLE)
    table = similarities[rows & (similarities["objects"] == objects)]
    if table.empty:
        raise ValueError(f"there are no similarities to {person!r} over {objects!r} objects.")
    wide = table.pivot(index="a", columns="a_state", values="similarity")
    return wide.loc[list(dict.fromkeys(table["a"]))].rename_axis(index="model", columns=None)


def changes(values: pd.DataFrame, families: Mapping[str, str]) -> pd.DataFrame:
    """Say how many models have a higher value than before, and how probable that is if up and down are alike.

    Parameters
    ----------
    values : DataFrame, (n_models, n_states)
        Index model, for example from `similarity_to`; the states are compared with ``raw``.
    families : mapping of model to family
        Models of a family are no independent witnesses; their mean change counts once.

    Returns
    -------
    DataFrame
        Index state: ``n_models``, ``n_up``, ``n_down``, ``p``, of the two-sided exact sign test without ties;
        ``n_families``, ``n_families_up``, ``p_families``, the same of families; ``median_before``, ``median_after``,
        ``median_change``, ``lowest_change``, ``highest_change``.
    """
    rows = {}
    for state in values.columns.drop("raw"):
        both = values[["raw", state]].dropna()
        change = both[state] - both["raw"]
        by_family = change.groupby(change.index.map(dict(families))).mean()
        (n_up, n_down), (families_up, families_down) = (
            (int((part > 0).sum()), int((part < 0).sum())) for part in (change, by_family)
        )
        rows[state] = {
            "n_models": len(change),
            "n_up": n_up,
            "n_down": n_down,
            "p": sign_test(n_up, n_down),
            "n_families": len(by_family),
            "n_families_up": families_up,
            "p_families": sign_test(families_up, families_down),
            "median_before": both["raw"].median(),
            "median_after": both[state].median(),
            "median_change": change.median(),
            "lowest_change": change.min(),
            "highest_change": change.max(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("state")


def nearest(matrix: pd.DataFrame, families: Mapping[str, str]) -> pd.DataFrame:
    """Return the model that is most alike to each.

    Parameters
    ----------
    matrix : DataFrame, (n_models, n_models)
        Similarities; index and columns are models.
    families : mapping of model to family

    Returns
    -------
    DataFrame
        Index model: ``nearest``, its ``similarity``, ``same_family``.
    """
    values = matrix.to_numpy(copy=True)
    np.fill_diagonal(values, -np.inf)
    other = matrix.columns[values.argmax(axis=1)]
    same = [families[a] == families[b] for a, b in zip(matrix.index, other, strict=True)]
    table = {"nearest": other, "similarity": values.max(axis=1), "same_family": same}
    return pd.DataFrame(table, index=pd.Index(matrix.index, name="model"))


def family_contrast(matrix: pd.DataFrame, families: Mapping[str, str]) -> pd.Series:
    """Return the mean similarity of pairs of models, ``within`` a family and ``between`` families."""
    upper = np.triu_indices(len(matrix), 1)
    family = np.array([families[name] for name in matrix.index])
    same = family[upper[0]] == family[upper[1]]
    values = pd.Series(matrix.to_numpy()[upper])
    return pd.Series({"within": values[same].mean(), "between": values[~same].mean()})


def place(
    similarities: pd.DataFrame, models: Sequence[str], states: Sequence[str], people: Sequence[str], *, seed: int
) -> tuple[pd.DataFrame, Scaling]:
    """Place models in each state and embeddings of people in a plane, by metric scaling of 1 less their similarity.

    Returns
    -------
    points : DataFrame
        model, state, x, y.
    scaling : Scaling
        With the stress of the map.
    """
    keys = [(model, state) for state in states for model in models] + [(name, PEOPLE) for name in people]
    found = scale(1 - similarity_matrix(similarities, keys).to_numpy(), seed=seed)
    return pd.DataFrame(keys, columns=["model", "state"]).assign(x=found.points[:, 0], y=found.points[:, 1]), found


def nearest_margins(
    rows: pd.DataFrame, neighbours: Mapping[str, pd.DataFrame], *, scores: Sequence[str]
) -> pd.DataFrame:
    """Set each generator's mean margin in a recovery study beside its nearest model's similarity.

    Parameters
    ----------
    rows : DataFrame
        As from `run_job`.
    neighbours : mapping of state to DataFrame
        As from `nearest`; only these models take part.
    scores : sequence of str
        As for `winners`, which defines the margin.

    Returns
    -------
    DataFrame
        n_triplets, score, state, generator, margin (mean over seeds), nearest, similarity, same_family.
    """
    found = []
    for state, table in neighbours.items():
        for score in scores:
            jobs = winners(rows, score=score, models=list(table.index)).dropna(subset="margin")
            mean = jobs.groupby(["n_triplets", "generator"])["margin"].mean().reset_index()
            found.append(mean.assign(score=score, state=state).join(table, on="generator"))
    return pd.concat(found, ignore_index=True)


def margin_correlations(table: pd.DataFrame) -> pd.DataFrame:
    """Return the Spearman correlation over generators in the table of `nearest_margins`, by size, score and state.

    Returns
    -------
    DataFrame
        n_triplets, score, state, rho in [-1, 1] (negative: the nearer the nearest model, the smaller the margin),
        its two-sided p value, n_generators.
    """
    rows = []
    for key, part in table.groupby(["n_triplets", "score", "state"], sort=True):
        found = correlate(part[["margin", "similarity"]], policy="complete")
        values = found.corr.iat[0, 1], found.p.iat[0, 1], found.n.iat[0, 1]
        rows.append((*key, *values))
    return pd.DataFrame(rows, columns=["n_triplets", "score", "state", "rho", "p", "n_generators"])


def wrong_winners(rows: pd.DataFrame, matrices: Mapping[str, pd.DataFrame], *, scores: Sequence[str]) -> pd.DataFrame:
    """Say how near to its generator the model is that wins in its place.

    Parameters
    ----------
    rows : DataFrame
        As from `run_job`.
    matrices : mapping of state to DataFrame, (n_models, n_models)
        Similarities among models; only these take part.
    scores : sequence of str

    Returns
    -------
    DataFrame
        n_triplets, score, state, n_wrong: jobs that a single other model wins; ``nearest`` and ``three_nearest``, in
        how many of them it is the model most alike to the generator, or one of three; ``rank``, the winner's mean rank
        of similarity, 1 is most alike; ``chance`` of each: ``chance_nearest``, ``chance_three``, ``chance_rank``.
    """
    found = []
    for state, matrix in matrices.items():
        names, n_others = list(matrix.index), len(matrix) - 1
        values = matrix.to_numpy(copy=True)
        np.fill_diagonal(values, np.inf)
        ranks = pd.DataFrame(values, names, names).rank(axis=1, ascending=False) - 1  # 0 is the model itself
        chance = {"chance_nearest": 1 / n_others, "chance_three": min(3, n_others) / n_others}
        for score in scores:
            jobs = winners(rows, score=score, models=names)
            wrong = jobs[lost(jobs)]
            rank = pd.Series([ranks.at[a, b] for a, b in zip(wrong["generator"], wrong["winner"], strict=True)])
            for n_triplets in sorted(jobs["n_triplets"].unique()):
                part = rank[(wrong["n_triplets"] == n_triplets).to_numpy()]
                found.append(
                    {"n_triplets": n_triplets, "score": score, "state": state, "n_wrong": len(part)}
                    | {"nearest": (part == 1).mean(), "three_nearest": (part <= 3).mean(), "rank": part.mean()}
                    | chance
                    | {"chance_rank": (n_others + 1) / 2}
                )
    return pd.DataFrame(found).sort_values(["n_triplets", "score", "state"], ignore_index=True)
