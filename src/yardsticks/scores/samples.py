"""The samples of the paper: the models that it analyses, and those that it lists for its Figure 1."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from yardsticks.datasets import catalogue
from yardsticks.scores.attention import attention_map, attention_table
from yardsticks.scores.consistency import (
    GROUPS,
    ODD_ONE_OUT,
    choose_metrics,
    consistency,
    group_scores,
)
from yardsticks.scores.metrics import find_ceiling
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import coefficients, correct

LEVEL = 0.05  # that adjusted p values are held against
# of odd-one-out, which the paper finds closer to V1 than to these
_RIVALS = ("IT", "Rajalingham2018", "Geirhos2021 error consistency")


def paper_models(
    table: ScoreTable,
    *,
    imagenet_floor: float,
    one_per_name: bool = True,
    until: str = "",
    public_only: bool = False,
    nonzero: bool = False,
    metrics: str = "paper",
    policy: str = "complete",
) -> ScoreTable:
    """Return the models that the paper analyses: complete, one for each name, and above an ImageNet floor.

    Its sample is not listed. The defaults keep every model of the table that fits this description; `until`,
    `public_only` and `nonzero` come nearer to the sample of 2023.

    Parameters
    ----------
    table : ScoreTable
        A leaderboard.
    imagenet_floor : float
        Models known to have a lower ImageNet top-1, in [0, 1], are left out; a model without that score stays.
    one_per_name : bool
        Of models with the same name keep the first.
    until : str
        Keep scores given before this date; "" for all.
    public_only : bool
        Leave out the models that were probably not public in 2023 (inferred), by Brain-Score's id and name.
    nonzero : bool
        Count a score that rounds to .000 as missing: the paper speaks of non-zero scores.
    metrics : {"paper", "all"}
        Which metrics a complete model has, see `choose_metrics`.
    policy : str
        Under any other than ``complete`` models with missing scores stay too, and what is computed from them has to
        say what a missing score does.

    Returns
    -------
    ScoreTable
        With all its columns.

    Raises
    ------
    ValueError
        Fewer than 3 models are left, which no statistic over models can rest on; or the table has no dates.

    References
    ----------
    Ahlert et al. 2024, Figure 4: 95 complete models, 88 of them used.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> paper_models(make_twin(), imagenet_floor=0.019).values.shape
    (134, 83)
    """
    leaves = choose_metrics(table, metrics)
    then = known_then(table, until=until, public_only=public_only)
    counted = count_zeros_as_missing(then, leaves) if nonzero else then
    floors = {"ImageNet-top1": imagenet_floor} if "ImageNet-top1" in table.values else None
    part = counted.complete(metrics=leaves) if policy == "complete" else counted
    part = part.select(deduplicate="name" if one_per_name else None, at_least=floors)
    if len(part.values) < 3:
        counts = counted.values[leaves].count()
        raise ValueError(
            f"{table.origin.name} has {len(part.values)} models with scores under all {len(leaves)} metrics, and 3 are "
            f"needed (fewest models have {counts.idxmin()}: {counts.min()})."
        )
    return part


def known_then(table: ScoreTable, *, until: str, public_only: bool) -> ScoreTable:
    """Keep scores given before a date, and of models that were public in 2023, as far as these are asked for.

    Those that were not are known by Brain-Score's id and name together: ids of another table mean other models.
    """
    if public_only:
        hidden = set(_found(table, catalogue("not_public_in_2023"))["model_id"])
        table = table.select(models=[model for model in table.values.index if model not in hidden])
    return table.select(until=until) if until else table


def _found(table: ScoreTable, models: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a catalogue of models that the table has, under the same id and name."""
    return models[models["model_id"].map(table.models["name"].str.strip()) == models["model_name"]]


def count_zeros_as_missing(table: ScoreTable, metrics: list[str]) -> ScoreTable:
    """Count the scores of some metrics that round to .000 as missing.

    The snapshot cuts ceiled scores after three decimals, so a .000 there may be a score that rounds to .001. It is
    restored from the raw score by the metric's ceiling and exponent, as `metrics.find_ceiling` finds them.
    """
    values = table.values[metrics]
    restored = values
    if table.cells is not None:
        raw = table.cells.pivot(index="model_id", columns="metric", values="score_raw").reindex_like(values)
        found = {metric: find_ceiling(cells) for metric, cells in table.cells.groupby("metric")}
        ceilings = pd.DataFrame(found, ["ceiling", "exponent"]).reindex(columns=values.columns)
        exact = (raw / ceilings.loc["ceiling"]) ** ceilings.loc["exponent"]
        restored = values.where(values != 0, exact).fillna(values)
    return replace(table, values=table.values.assign(**values.where(restored.abs() >= 0.0005)))


def listed_models(table: ScoreTable) -> pd.DataFrame:
    """Return the models that the paper's appendix A.2 lists, as far as the table has them.

    Parameters
    ----------
    table : ScoreTable
        A leaderboard; models are known by Brain-Score's id and name together.

    Returns
    -------
    DataFrame, (n_listed, ...)
        Index model_id; the columns of ``data/catalogue/paper_models.csv``, among them odd_one_out_id, under which the
        later leaderboard has the model's odd-one-out score, and timm_name, under which its attention map is known.

    Raises
    ------
    ValueError
        The table has none of them.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> listed_models(make_twin())  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ValueError: the twin has none of them
    """
    listed = _found(table, catalogue("paper_models"))
    if listed.empty:
        raise ValueError(f"{table.origin.name} has none of the models that the paper's appendix lists for Figure 1.")
    return listed.set_index("model_id")


def figure1_groups(table: ScoreTable, later: ScoreTable) -> pd.DataFrame:
    """Return the eleven groups of Figure 1 over the models that the paper lists for it.

    Parameters
    ----------
    table : ScoreTable
        The leaderboard with Brain-Score's nine groups.
    later : ScoreTable
        The one with odd-one-out scores, where some of the models were registered again under another id.

    Returns
    -------
    DataFrame, (n_models, 11)
        Models with all nine groups of Brain-Score. Odd-one-out and attention map are missing where they are not known:
        each correlation with them is over those models that have them.

    Raises
    ------
    ValueError
        The table has none of the listed models.

    Notes
    -----
    A synthetic twin has no listed models; those of its own that have the nine groups stand in.

    References
    ----------
    Ahlert et al. 2024, Figure 1 and appendix A.2.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> figure1_groups(make_twin(), make_twin()).shape[1]
    11
    """
    groups = group_scores(table, policy="complete")
    if table.origin.kind == "synthetic":
        groups["Odd-one-out"] = table.values[ODD_ONE_OUT]
        groups["Attention map"] = attention_map(table, match="same_checkpoint")
    else:
        listed = listed_models(table)
        groups = groups.loc[listed.index]
        odd = later.values[ODD_ONE_OUT] if ODD_ONE_OUT in later.values else pd.Series(dtype=float)
        groups["Odd-one-out"] = listed["odd_one_out_id"].map(odd)
        groups["Attention map"] = listed["timm_name"].map(attention_table())
    return groups.dropna(subset=list(brain_score_groups(groups)))


def brain_score_groups(groups: pd.DataFrame) -> pd.DataFrame:
    """Keep Brain-Score's nine of the eleven groups.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> brain_score_groups(figure1_groups(make_twin(), make_twin())).shape[1]
    9
    """
    return groups[[name for name in groups if name in GROUPS]]


def odd_one_out_margin(groups: pd.DataFrame) -> float:
    """Say how much better odd-one-out agrees with V1 than with the nearest of IT and the behavioural groups.

    Returns
    -------
    float
        Difference of Spearman correlations, each over the models that have both groups; positive as the paper says.
        NaN where one of them is not known.

    References
    ----------
    Ahlert et al. 2024, Figure 1.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> -2 <= odd_one_out_margin(figure1_groups(make_twin(), make_twin())) <= 2
    True
    """
    corr = coefficients(groups[["Odd-one-out", "V1", *_RIVALS]], method="spearman").to_numpy()
    return float(corr[0, 1] - corr[0, 2:].max())


def attention_map_margin(groups: pd.DataFrame) -> float:
    """Return the least corrected p value of the attention map with another group, less the level of 0.05.

    Positive where it agrees with none significantly, as the paper says of its Figure 1; corrected for all pairs.
    """
    p = correct(consistency(groups, policy="pairwise").p, "bonferroni")["Attention map"]
    return float(p.min()) - LEVEL


def insignificance_margin(groups: pd.DataFrame) -> float:
    """Return the share of pairs of Brain-Score's groups that do not differ from zero after Bonferroni, less a half.

    Positive where most pairs are not significant, as the paper's appendix A.1 says. Of the pairs that have a
    correlation; NaN where none has one.
    """
    p = consistency(brain_score_groups(groups), policy="complete").p.to_numpy()
    adjusted = correct(p[np.triu_indices(len(p), 1)], "bonferroni")
    known = adjusted[~np.isnan(adjusted)]
    return float((known >= LEVEL).mean()) - 0.5 if known.size else np.nan
