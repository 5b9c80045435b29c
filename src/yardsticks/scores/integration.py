"""From many metrics to one ranking: ways to integrate, and how far the ranking depends on the way.

Longer than 300 lines, more than half of them documentation with examples.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import pandas as pd

from yardsticks.scores.metrics import NEURAL_AREAS
from yardsticks.scores.reading.rules import read_frame
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import check_option, explained_variance

SCHEMES = ("mean", "z", "rank")
LEVELS = ("domains", "areas", "metrics")
LEAST_SHARE = 0.5  # of a domain's metrics that a model has, to be ranked by what is there
_MAGNITUDE = 10  # times another metric's size, from which one metric alone decides a mean


def domain_scores(table: ScoreTable, *, policy: str, nesting: str = "website") -> pd.DataFrame:
    """Return `ScoreTable.areas` of a table that has both neural and behavioural metrics.

    Raises
    ------
    ValueError
        It lacks one of the two.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> list(domain_scores(make_twin(), policy="available"))
    ['V1', 'V2', 'V4', 'IT', 'behaviour', 'neural', 'overall']
    """
    areas = table.areas(policy=policy, nesting=nesting)
    if "overall" not in areas:
        lacks = "behavioural" if "neural" in areas else "neural" if "behaviour" in areas else "neural or behavioural"
        raise ValueError(
            f"{table.origin.name} has no {lacks} metrics in Brain-Score's tree, so there is nothing to integrate. Name "
            "the metrics as Brain-Score does, give a catalogue of your own that says their areas, or rank over "
            "metrics, which needs no areas."
        )
    return areas


def integrate(
    scores: ScoreTable | pd.DataFrame, *, scheme: str, policy: str, over: str = "domains", nesting: str = "website"
) -> pd.DataFrame:
    """Combine a model's scores into one, and rank the models by it.

    Parameters
    ----------
    scores : ScoreTable or DataFrame
        A leaderboard; or a frame, as `open_scores` takes it.
    scheme : {"mean", "z", "rank"}
        Average the scores; the scores z-transformed over models; or the models' mean ranks, in (0, 1): (rank - 1/2) / n
        of the n models that have the score, the lowest ranking first and ties sharing their rank. Where no score is
        missing this orders as the plain mean of ranks does; where some are, a rank among few models and one among many
        count alike. Under every scheme higher is more aligned.
    policy : {"complete", "zero", "available"}
        What a missing score does, see `ScoreTable.areas`. Under ``available`` a model is ranked that has at least half
        of the metrics of each domain: fewer would let it win by what it was not scored on.
    over : {"domains", "areas", "metrics"}
        What is averaged: the neural and the behavioural score, the five areas, or the leaves, which need no area.
    nesting : {"website", "flat"}
        How leaves make areas.

    Returns
    -------
    DataFrame, (n_ranked, 5)
        Index model_id, best first; columns model_name, neural and behaviour (where the table has them), score, rank (1
        is best, ties share the better rank). Models that the policy leaves without a score are not ranked.

    Raises
    ------
    ValueError
        An unknown option; a table without both neural and behavioural metrics, unless over metrics; fewer than 2 models
        with a score; or missing scores counted as 0 where lower is better.

    Warns
    -----
    UserWarning
        Scores are averaged whose sizes differ by an order of magnitude, such as percentages and shares.

    References
    ----------
    Ahlert et al. 2024, Figure 3.

    Examples
    --------
    >>> scores = {"MajajHong2015.IT-pls": [0.3, 0.5], "Rajalingham2018-i2n": [0.2, 0.6]}
    >>> ranking = integrate(pd.DataFrame(scores, index=["x", "y"]), scheme="mean", policy="complete")
    >>> ranking["score"].to_dict()
    {'y': 0.55, 'x': 0.25}
    """
    table = read_frame(scores) if isinstance(scores, pd.DataFrame) else scores
    check_option("scheme", scheme, SCHEMES)
    check_option("over", over, LEVELS)
    find = ScoreTable.areas if over == "metrics" else domain_scores
    areas = find(table, policy=policy, nesting=nesting)
    parts = score_parts(table, areas, policy=policy, over=over)
    _warn_of_scales(table, scheme=scheme, over=over)
    if policy == "available":
        parts = parts[has_enough(table)]
    score = combine(parts.dropna() if policy == "complete" else parts, scheme=scheme).dropna()
    if len(score) < 2:
        counts = table.values.loc[:, _ranked_by(table)].count()
        way_out = (
            f"Fewest have {counts.idxmin()} ({counts.min()}): take the policy available, which ranks by what is there, "
            "or fewer metrics."
            if policy == "complete" and len(table.values) > 1
            else "Give a table with more models."
        )
        raise ValueError(
            f"{table.origin.name}: a ranking needs 2 models, and under the policy {policy} {len(score)} of "
            f"{len(table.values)} have a score by {scheme} over {over}. {way_out}"
        )
    frame = pd.DataFrame(
        {
            "model_name": table.models["name"],
            **{domain: areas[domain] for domain in ("neural", "behaviour") if domain in areas},
            "score": score,
            "rank": score.rank(ascending=False, method="min"),
        }
    ).loc[score.index]
    return frame.astype({"rank": int}).sort_values("rank", kind="stable")


def _ranked_by(table: ScoreTable) -> pd.Series:
    """Tell which metrics a ranking goes by: those below Brain-Score's averages, and those that it does not know."""
    domain = table.metrics["domain"]
    return domain.isna() | (domain.isin(["neural", "behaviour"]) & table.metrics["parent"].notna())


def has_enough(table: ScoreTable) -> pd.Series:
    """Tell which models have `LEAST_SHARE` of the metrics of each domain."""
    ranked = _ranked_by(table)
    domains = table.metrics.loc[ranked, "domain"]
    if domains.notna().any():
        domains = domains.dropna()
    shares = table.values[domains.index].notna().T.groupby(domains.fillna("unknown")).mean().T
    return (shares >= LEAST_SHARE).all(axis=1)


def _warn_of_scales(table: ScoreTable, *, scheme: str, over: str) -> None:
    """Warn where scores of very different sizes are averaged as they are."""
    metrics = table.metrics[_ranked_by(table)]
    groups = pd.Series("all", metrics.index)
    if over != "metrics":
        metrics = metrics.dropna(subset="domain")
        groups = metrics["domain" if over == "domains" else "area"] if scheme != "mean" else groups[metrics.index]
    elif scheme != "mean":
        return
    sizes = table.values[metrics.index].abs().median()
    for _, size in sizes[sizes > 0].groupby(groups):
        large = size[(size > 1) & (size >= _MAGNITUDE * size.min())]
        if len(large):
            named = ", ".join(f"{metric} ({typical:.3g})" for metric, typical in large.items())
            warnings.warn(
                f"{table.origin.name}: scores of very different sizes are averaged as they are, so the larger decide: "
                f"{named}, beside {size.idxmin()} ({size.min():.3g}; medians). Bring them to one scale, or take the "
                "scheme z or rank over metrics.",
                stacklevel=3,
            )


def score_parts(table: ScoreTable, areas: pd.DataFrame, *, policy: str, over: str) -> pd.DataFrame:
    """Return the scores that an integration averages.

    Parameters
    ----------
    table : ScoreTable
        A leaderboard.
    areas : DataFrame
        Its areas and domains, as from `ScoreTable.areas`.
    policy : {"complete", "zero", "available"}
        Under ``zero`` a missing leaf counts as 0.
    over : {"domains", "areas", "metrics"}
        The neural and the behavioural score, the five areas, or the leaves.

    Returns
    -------
    DataFrame, (n_models, n_parts)

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> table = make_twin()
    >>> list(score_parts(table, table.areas(policy="zero"), policy="zero", over="areas"))
    ['V1', 'V2', 'V4', 'IT', 'behaviour']
    """
    check_option("over", over, LEVELS)
    if over == "domains":
        return areas[["neural", "behaviour"]]
    if over == "areas":
        return areas[[area for area in [*NEURAL_AREAS, "behaviour"] if area in areas]]
    parts = table.values.loc[:, _ranked_by(table)]
    return parts.fillna(0.0) if policy == "zero" else parts


def combine(parts: pd.DataFrame, *, scheme: str) -> pd.Series:
    """Average each model's parts to one score.

    Parameters
    ----------
    parts : DataFrame, (n_models, n_parts)
        As from `score_parts`; a missing part is left out of the average.
    scheme : {"mean", "z", "rank"}
        As in `integrate`.

    Returns
    -------
    Series, (n_models,)
        Rounded to 10 decimals, so that ties stay ties; NaN for a model without any part.
    """
    check_option("scheme", scheme, SCHEMES)
    if scheme == "z":
        parts = (parts - parts.mean()) / parts.std(ddof=0).where(lambda sd: sd > 0)
    elif scheme == "rank":
        parts = (parts.rank() - 0.5) / parts.count()
    return parts.mean(axis=1).round(10)


def rank_shifts(rankings: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Set rankings of the same models side by side.

    Parameters
    ----------
    rankings : mapping of scheme to DataFrame
        As from `integrate`, all of the same models; ``mean`` is among them, and shifts are counted from it.

    Returns
    -------
    DataFrame, (n_models, 2 n_schemes + 2)
        Index model_id, in the order of ``mean``; model_name; per scheme ``<scheme>`` (score, min-max normalised
        to [0, 1]) and ``rank_<scheme>``; ``largest_shift``, the largest distance in ranks from ``mean``.

    Raises
    ------
    ValueError
        The rankings are of different models; or of fewer than 2, or ones that all score the same.

    Examples
    --------
    >>> from yardsticks.scores import make_twin, paper_models
    >>> models = paper_models(make_twin(), imagenet_floor=0.019)
    >>> rankings = {scheme: integrate(models, scheme=scheme, policy="available") for scheme in ("mean", "rank")}
    >>> int(rank_shifts(rankings)["largest_shift"].max())
    52
    """
    frame = rankings["mean"][["model_name"]].copy()
    for scheme, ranking in rankings.items():
        if set(ranking.index) != set(frame.index):
            raise ValueError(f"the ranking {scheme!r} is not of the same models as 'mean'.")
        score = ranking["score"]
        if score.nunique() < 2:
            raise ValueError(f"{len(score)} models, all with the same score or none, have no order by {scheme!r}.")
        frame[scheme] = (score - score.min()) / (score.max() - score.min())
        frame[f"rank_{scheme}"] = ranking["rank"]
    ranks = frame[[f"rank_{scheme}" for scheme in rankings]]
    frame["largest_shift"] = ranks.sub(frame["rank_mean"], axis=0).abs().max(axis=1)
    return frame


def neural_behaviour(table: ScoreTable, *, policy: str, nesting: str = "website") -> pd.DataFrame:
    """Return each model's neural and behavioural score, raw and z-transformed, with its ranks.

    Returns
    -------
    DataFrame, (n_models, 8)
        Index model_id, best overall first; columns model_name, neural, behaviour, neural_z, behaviour_z, overall,
        rank (by overall) and neural_rank; 1 is best.

    Raises
    ------
    ValueError
        As `integrate`; or no two models differ in one of the domains.

    References
    ----------
    Ahlert et al. 2024, Figure 2.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> frame = neural_behaviour(make_twin(), policy="zero")
    >>> frame["neural_rank"].head(2).tolist()
    [8.0, 1.0]
    """
    frame = integrate(table, scheme="mean", policy=policy, nesting=nesting).rename(columns={"score": "overall"})
    for domain in ("neural", "behaviour"):
        column = frame[domain]
        if column.nunique() < 2:
            raise ValueError(f"{table.origin.name}: no two of {len(frame)} models differ in their {domain} score.")
        frame[f"{domain}_z"] = (column - column.mean()) / column.std(ddof=0)
    frame["neural_rank"] = frame["neural"].rank(ascending=False, method="min")
    order = ["model_name", "neural", "behaviour", "neural_z", "behaviour_z", "overall", "rank", "neural_rank"]
    return frame[order]


def variance_explained(areas: pd.DataFrame) -> pd.Series:
    """Return how much of the overall score's variance over models each domain explains (squared Pearson, in [0, 1]).

    Parameters
    ----------
    areas : DataFrame, (n_models, ...)
        With columns neural, behaviour and overall, as from `domain_scores`.

    References
    ----------
    Ahlert et al. 2024, section on integration: 95.25 % behaviour, 33.33 % neural.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> variance_explained(domain_scores(make_twin(), policy="zero")).round(2).to_dict()
    {'neural': 0.7, 'behaviour': 0.78}
    """
    return pd.Series(
        {domain: explained_variance(areas[domain], areas["overall"]) for domain in ("neural", "behaviour")}
    )


def variance_shares(areas: pd.DataFrame) -> pd.DataFrame:
    """Divide the overall score's variance over models between its two domains, in ways that add up to 1.

    The shares of `variance_explained` do not: two parts of a sum that correlate both explain what they have in common.

    Parameters
    ----------
    areas : DataFrame, (n_models, ...)
        With columns neural and behaviour; models without one of them are left out.

    Returns
    -------
    DataFrame, (2, 3)
        Index neural, behaviour; columns ``covariance`` (the domain's covariance with the sum, over the sum's variance),
        ``shapley`` (what it adds to the explained variance, averaged over both orders) and ``spread`` (its own variance
        over the sum of the two, as if they did not correlate). NaN where the sum does not vary.

    Examples
    --------
    >>> scores = pd.DataFrame({"neural": [0.1, 0.2, 0.3], "behaviour": [0.1, 0.3, 0.5]})
    >>> variance_shares(scores).round(2).to_dict()["covariance"]
    {'neural': 0.33, 'behaviour': 0.67}
    """
    domains = areas[["neural", "behaviour"]].dropna()
    cov = domains.cov()
    alone = pd.Series({domain: explained_variance(domains[domain], domains.sum(axis=1)) for domain in domains})
    shares = pd.DataFrame(
        {
            "covariance": cov.sum() / cov.to_numpy().sum(),
            "shapley": (alone + 1 - alone[::-1].to_numpy()) / 2,
            "spread": pd.Series({domain: cov.at[domain, domain] for domain in domains}),
        }
    )
    shares["spread"] /= shares["spread"].sum()
    return shares if cov.to_numpy().sum() > 0 else shares * float("nan")
