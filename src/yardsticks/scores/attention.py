"""Two behavioural yardsticks from outside Brain-Score's 2024 table: odd-one-out choices and attention maps."""

from __future__ import annotations

import warnings

import pandas as pd

from yardsticks.datasets import catalogue, how_to_get, locate
from yardsticks.scores.consistency import ATTENTION_MAP, ODD_ONE_OUT, group_scores
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import check_option

# from the surest to the least sure; asking for one takes those before it too
MATCHES = ("same_checkpoint", "likely_same_checkpoint", "same_architecture_other_weights")


def attention_map(table: ScoreTable, *, match: str) -> pd.Series:
    """Return how similar each model's saliency is to human attention maps.

    Parameters
    ----------
    table : ScoreTable
        A leaderboard; models are known by Brain-Score's id and name together, as a table of one's own may count its
        models by the same numbers. A twin brings its own values.
    match : {"same_checkpoint", "likely_same_checkpoint", "same_architecture_other_weights"}
        How sure the match of a Brain-Score model to a timm model has to be.

    Returns
    -------
    Series, (n_models,)
        Spearman correlation in [-1, 1], higher is more aligned; NaN for models without a match.

    Warns
    -----
    UserWarning
        The table is not on this machine and cannot be downloaded: every value is NaN.

    References
    ----------
    Fel et al. 2022; the values are those of a later table of 367 timm models (see the data page).
    """
    check_option("match", match, MATCHES)
    if ATTENTION_MAP in table.values:
        return table.values[ATTENTION_MAP]
    crosswalk = catalogue("attention_map_crosswalk")
    crosswalk = crosswalk[crosswalk["match"].isin(MATCHES[: MATCHES.index(match) + 1])]
    crosswalk = crosswalk[crosswalk["model_id"].map(table.models["name"]) == crosswalk["brain_score_name"]]
    if crosswalk.empty:
        return pd.Series(float("nan"), table.values.index)
    by_model = crosswalk.drop_duplicates("model_id").set_index("model_id")["timm_name"]
    return by_model.map(attention_table()).reindex(table.values.index)


def attention_table() -> pd.Series:
    """Return the similarity of saliency to human attention maps by timm's name of a model.

    Returns
    -------
    Series, (n_models,)
        Spearman correlation in [-1, 1]; empty where the table is not to be had.

    Warns
    -----
    UserWarning
        The table is not on this machine and cannot be downloaded.
    """
    path, _ = locate(ATTENTION_MAP)
    if path is None:
        warnings.warn(
            f"{ATTENTION_MAP} is not on this machine: its group is empty. {how_to_get(ATTENTION_MAP)}", stacklevel=3
        )
        return pd.Series(dtype=float)
    return pd.read_csv(path).drop_duplicates("model").set_index("model")["spearman"]


def extended_groups(table: ScoreTable, *, policy: str, match: str, metrics: str = "paper") -> pd.DataFrame:
    """Return the eleven groups of Figure 1: Brain-Score's nine, odd-one-out and attention map.

    Parameters
    ----------
    policy : {"complete", "zero", "available"}
        What a missing leaf does to the average of a Brain-Score group.
    match : str
        As for `attention_map`.
    metrics : {"paper", "all"}
        As for `group_scores`.

    Returns
    -------
    DataFrame, (n_models, 11)
        Groups that the table cannot give are missing throughout.

    Raises
    ------
    ValueError
        The table gives neither of the two groups from outside, or none of Brain-Score's.

    References
    ----------
    Ahlert et al. 2024, Figure 1. Odd-one-out there is the zero-shot accuracy of Muttenthaler et al. 2023, whose
    table by model is not public; here it is Brain-Score's metric on the same THINGS task, where accuracy is
    1/3 + score (0.6767 - 1/3).

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> groups = extended_groups(make_twin(), policy="available", match="same_checkpoint")
    >>> list(groups)[-2:]
    ['Odd-one-out', 'Attention map']
    """
    groups = group_scores(table, policy=policy, metrics=metrics)
    groups["Odd-one-out"] = table.values.get(ODD_ONE_OUT, pd.Series(float("nan"), table.values.index))
    groups["Attention map"] = attention_map(table, match=match)
    if groups[["Odd-one-out", "Attention map"]].isna().all(axis=None):
        raise ValueError(
            f"{table.origin.name} has no scores under {ODD_ONE_OUT}, and no model whose attention map is known."
        )
    return groups
