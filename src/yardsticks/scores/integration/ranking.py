"""From many metrics to one ranking, with how sure each rank is, and how far it depends on the way."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from yardsticks.scores.integration.resampled import rank_intervals, resampled_areas, resampled_ranks
from yardsticks.scores.integration.schemes import (
    LEVELS,
    MIN_COVERAGE,
    SCHEMES,
    combine,
    domain_coverage,
    domain_scores,
    ranked_by,
    score_parts,
    warn_of_scales,
)
from yardsticks.scores.integration.votes import VOTES, vote
from yardsticks.scores.reading.rules import read_frame
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import check_option


def integrate(
    scores: ScoreTable | pd.DataFrame,
    *,
    scheme: str,
    policy: str,
    over: str = "domains",
    nesting: str = "website",
    min_coverage: float = MIN_COVERAGE,
    weights: pd.Series | None = None,
    n: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Combine a model's scores into one, rank the models by it, and say how sure each rank is.

    Parameters
    ----------
    scores : ScoreTable or DataFrame
        A leaderboard; or a frame, as `open_scores` takes it.
    scheme : {"mean", "z", "rank", "median", "borda", "copeland", "kemeny", "bradley_terry", "pca"}
        Average the scores; the scores z-transformed over models; or the models' mean ranks, in (0, 1): (rank - 1/2) / n
        of the n models that have the score, the lowest ranking first and ties sharing their rank. Where no score is
        missing this orders as the plain mean of ranks does; where some are, a rank among few models and one among many
        count alike. The others are votes of the metrics, see `vote`. Under every scheme higher is more aligned.
    policy : {"complete", "zero", "available"}
        What a missing score does, see `ScoreTable.areas`.
    over : {"domains", "areas", "metrics"}
        What is averaged: the neural and the behavioural score, the five areas, or the leaves, which need no area.
    nesting : {"website", "flat"}
        How leaves make areas.
    min_coverage : float
        Share of the metrics of each domain, in [0, 1], that a model has to have. With fewer it is not ranked: it could
        win by what it was not scored on, or lose by it. 0 ranks every model, as Brain-Score's site does.
    weights : Series, optional
        How much each metric counts, at least 0, over metrics alone; by default all the same. With the metrics'
        reliabilities, as from `scores.reliability.reliability`, it is a reliability-weighted mean.
    n, seed : int
        Resamples of the metrics, 0 for none, and of their random numbers.

    Returns
    -------
    DataFrame, (n_ranked, 8)
        Index model_id, best first; columns model_name, neural and behaviour (where the table has them), score, rank (1
        is best, ties share the better rank, but for those that ``kemeny`` breaks, see `vote`), rank_low and rank_high
        (95 % interval) and p_first (how often the model ranks first, in [0, 1], ties sharing). ``attrs["left_out"]``
        says of each model that is not ranked why.

    Raises
    ------
    ValueError
        An unknown option; a table without both neural and behavioural metrics, unless over metrics; fewer than 2 models
        with a score; or missing scores counted as 0 where lower is better.

    Warns
    -----
    UserWarning
        Scores are averaged whose sizes differ by an order of magnitude, such as percentages and shares.

    Notes
    -----
    Intervals are over metrics, see `resampled_areas`: the metrics are a sample of what could be measured of alignment,
    while the models are the very ones that are to be ranked. They say how the ranking would come out with other metrics
    of the same kind; not with other scores of the same metrics. There are none below 5 metrics, nor of ``kemeny``,
    whose order takes seconds to prove.

    References
    ----------
    Ahlert et al. 2024, Figure 3. Goldstein and Spiegelhalter 1996, on intervals of ranks.

    Examples
    --------
    >>> scores = {"MajajHong2015.IT-pls": [0.3, 0.5], "Rajalingham2018-i2n": [0.2, 0.6]}
    >>> ranking = integrate(pd.DataFrame(scores, index=["x", "y"]), scheme="mean", policy="complete")
    >>> ranking["score"].to_dict()
    {'y': 0.55, 'x': 0.25}
    """
    table = read_frame(scores) if isinstance(scores, pd.DataFrame) else scores
    check_option("scheme", scheme, (*SCHEMES, *VOTES))
    check_option("over", over, LEVELS)
    if scheme in VOTES and over != "metrics":
        raise ValueError(f"the scheme {scheme} is a vote of the metrics: ask for over='metrics', not {over!r}.")
    if weights is not None:
        _check_weights(weights, table, over)
    if not 0 <= min_coverage <= 1:
        raise ValueError(f"min_coverage is a share of metrics, from 0 to 1, not {min_coverage}.")
    find = ScoreTable.areas if over == "metrics" else domain_scores
    areas = find(table, policy=policy, nesting=nesting)
    parts = score_parts(table, areas, policy=policy, over=over)
    warn_of_scales(table, scheme=scheme, over=over)
    coverage = domain_coverage(table)
    parts = parts[(coverage >= min_coverage).all(axis=1)]
    used = parts.dropna() if policy == "complete" else parts
    score = (vote if scheme in VOTES else combine)(used, scheme=scheme, weights=weights).dropna()
    if len(score) < 2:
        counts = table.values.loc[:, ranked_by(table)].count()
        flat = list(used.columns[used.nunique() < 2])
        named = ", ".join(flat[:3]) + (f" and {len(flat) - 3} more" if flat[3:] else "")
        way_out = (
            f"No two models differ in {named}: take the scheme mean or rank."
            if scheme == "z" and len(used.dropna(how="all")) > 1
            else f"Fewest have {counts.idxmin()} ({counts.min()}): take the policy available, which ranks by what is "
            "there, or fewer metrics."
            if policy == "complete" and len(table.values) > 1
            else "Give a table with more models, or ask for a lower min_coverage."
            if len(parts) < len(table.values)
            else "Give a table with more models."
        )
        raise ValueError(
            f"{table.origin.name}: a ranking needs 2 models, and under the policy {policy} {len(score)} of "
            f"{len(table.values)} have a score by {scheme} over {over}. {way_out}"
        )
    options = {"scheme": scheme, "policy": policy, "over": over, "nesting": nesting, "weights": weights}
    draws = resampled_ranks(table, score.index, **options, n=n, seed=seed)
    frame = pd.DataFrame(
        {
            "model_name": table.models["name"],
            **{domain: areas[domain] for domain in ("neural", "behaviour") if domain in areas},
            "score": score,
            "rank": score.rank(ascending=False, method="min"),
        }
    ).loc[score.index]
    frame = frame.astype({"rank": int}).join(rank_intervals(draws)).sort_values("rank", kind="stable")
    frame.attrs["left_out"] = {
        model: _reason(coverage.loc[model], min_coverage) for model in table.values.index.difference(score.index, False)
    }
    return frame


def _check_weights(weights: pd.Series, table: ScoreTable, over: str) -> None:
    if over != "metrics":
        raise ValueError(f"weights are of metrics: ask for over='metrics', not {over!r}.")
    needed = weights.reindex(table.values.columns[ranked_by(table)])
    if (wrong := needed[~(needed >= 0) | np.isinf(needed)]).size or not needed.sum() > 0:
        named = f"{wrong.index[0]} has {wrong.iloc[0]}" if wrong.size else "all are 0"
        raise ValueError(f"every metric needs a weight of at least 0, and one more than that: {named}.")


def _reason(coverage: pd.Series, min_coverage: float) -> str:
    """Say why a model is not ranked, by its share of each domain's metrics."""
    least = coverage.idxmin()
    few = f"has {coverage[least]:.0%} of the {least} metrics".replace("unknown ", "")
    return few if coverage[least] < min_coverage else "lacks a score"


def domain_ranks(
    table: ScoreTable, domain: str, *, policy: str, nesting: str = "website", n: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """Rank the models by one domain or area, with 95 % intervals over resampled metrics.

    Parameters
    ----------
    table : ScoreTable
        All its models are ranked that have this score.
    domain : str
        A column of `ScoreTable.areas`, such as ``neural``.
    policy, nesting, n, seed
        As for `integrate`.

    Returns
    -------
    DataFrame, (n_models, 4)
        Columns rank (1 is best, ties share the better rank), rank_low, rank_high, p_first, as from `integrate`.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> list(domain_ranks(make_twin(), "neural", policy="zero", n=10))
    ['rank', 'rank_low', 'rank_high', 'p_first']
    """
    score = table.areas(policy=policy, nesting=nesting)[domain].dropna()
    draws = resampled_areas(table, score.index, policy=policy, nesting=nesting, n=n, seed=seed)[domain]
    rank = score.rank(ascending=False, method="min").astype(int)
    return rank.to_frame("rank").join(rank_intervals(draws.rank(ascending=False, method="min")))


def rank_shifts(rankings: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Set rankings of the same models side by side.

    Parameters
    ----------
    rankings : mapping of scheme to DataFrame
        As from `integrate`, all of the same models; ``mean`` is among them, and shifts are counted from it.

    Returns
    -------
    DataFrame, (n_models, 4 n_schemes + 2)
        Index model_id, in the order of ``mean``; model_name; per scheme ``<scheme>`` (score, min-max normalised
        to [0, 1]), ``rank_<scheme>`` and its interval, ``_low`` and ``_high``; ``largest_shift``, the largest
        distance in ranks from ``mean``.

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
        for end in ("low", "high"):
            frame[f"rank_{scheme}_{end}"] = ranking[f"rank_{end}"]
    ranks = frame[[f"rank_{scheme}" for scheme in rankings]]
    frame["largest_shift"] = ranks.sub(frame["rank_mean"], axis=0).abs().max(axis=1)
    return frame


def neural_behaviour(table: ScoreTable, *, policy: str, nesting: str = "website") -> pd.DataFrame:
    """Return each model's neural and behavioural score, raw and z-transformed, with its ranks.

    Returns
    -------
    DataFrame, (n_models, 12)
        Index model_id, best overall first; columns model_name, neural, behaviour, neural_z, behaviour_z, overall,
        rank (by overall) and neural_rank; 1 is best. Of both ranks also the 95 % interval over resampled metrics, low
        and high, as from `integrate`.

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
    [7, 1]
    """
    frame = integrate(table, scheme="mean", policy=policy, nesting=nesting).rename(columns={"score": "overall"})
    for domain in ("neural", "behaviour"):
        column = frame[domain]
        if column.nunique() < 2:
            raise ValueError(f"{table.origin.name}: no two of {len(frame)} models differ in their {domain} score.")
        frame[f"{domain}_z"] = (column - column.mean()) / column.std(ddof=0)
    among = table.select(models=frame.index)
    neural = domain_ranks(among, "neural", policy=policy, nesting=nesting).add_prefix("neural_")
    order = ["model_name", "neural", "behaviour", "neural_z", "behaviour_z", "overall"]
    ranks = ["rank", "rank_low", "rank_high"]
    return frame[order + ranks].join(neural[[f"neural_{column}" for column in ranks]])
