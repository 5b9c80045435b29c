"""What the chapters say about rankings in one line each: the leader, ranks, shifts from scheme to scheme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from yardsticks.scores.integration.groups import group_letters, told_apart
from yardsticks.scores.integration.ranking import integrate
from yardsticks.scores.integration.resampled import resampled_ranks
from yardsticks.scores.integration.schemes import SCHEMES, average, rescale
from yardsticks.scores.integration.variance import variance_shares
from yardsticks.scores.intervals import with_ends
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import coefficients

_MOST_FIRST = 3  # models that are named where several share the first place
FAR = 10  # ranks that a model moves, as in the paper's Figure 3


def say_ranks(frame: pd.DataFrame, models: Sequence[str], *, prefix: str = "") -> str:
    """Name the ranks of some models with their intervals; say so where the table has none of them.

    Parameters
    ----------
    frame : DataFrame, (n_models, ...)
        Columns rank, rank_low and rank_high, each after `prefix`.
    models : sequence of str
    prefix : str

    Examples
    --------
    >>> frame = pd.DataFrame({"rank": [1, 5], "rank_low": [1, 3], "rank_high": [4, 9]}, ["x", "y"])
    >>> say_ranks(frame, ["y", "x"])
    '5 (3 to 9) and 1 (1 to 4)'
    """
    columns = [f"{prefix}{column}" for column in ("rank", "rank_low", "rank_high")]
    found = frame[columns].reindex(list(models)).dropna(subset=columns[0])
    said = [
        f"{rank:.0f}" if pd.isna(low) else f"{rank:.0f} ({low:.0f} to {high:.0f})"
        for rank, low, high in found.itertuples(index=False)
    ]
    return " and ".join(said) or "unknown: they are not on this table"


def say_first(ranking: pd.DataFrame) -> str:
    """Name the first model of a ranking, or up to three of those that share the first place, and how many more do.

    Parameters
    ----------
    ranking : DataFrame, (n_models, ...)
        Columns model_name and rank, as from `integrate`.

    Examples
    --------
    >>> say_first(pd.DataFrame({"model_name": ["x", "y", "z"], "rank": [1, 1, 3]}))
    'x and y'
    """
    names = ranking.loc[ranking["rank"] == ranking["rank"].min(), "model_name"].tolist()
    shown, n_more = names[:_MOST_FIRST], len(names) - _MOST_FIRST
    last = f"{n_more:,} more" if n_more > 0 else shown.pop()
    return f"{', '.join(shown)} and {last}" if shown else last


def leading_models(ranking: pd.DataFrame, apart: pd.DataFrame, n_models: int) -> pd.DataFrame:
    """List the first models of a ranking with how sure their ranks are.

    Parameters
    ----------
    ranking : DataFrame
        As from `integrate`.
    apart : DataFrame of bool, (n_ranked, n_ranked)
        As from `told_apart`.
    n_models : int

    Returns
    -------
    DataFrame, (n_models, 7)
        Columns model_name, score, rank, rank_low, rank_high, p_first and group: those listed that share a letter cannot
        be told apart.
    """
    first = ranking.head(n_models)
    listed = first[["model_name", "score", "rank", "rank_low", "rank_high", "p_first"]]
    return listed.assign(group=group_letters(apart.loc[first.index, first.index]))


def first_by_scheme(rankings: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Say who is first under each scheme, how surely, and how near the whole ranking is to that of the mean.

    Parameters
    ----------
    rankings : mapping of scheme to DataFrame
        As from `rankings`, all of the same models; ``mean`` is among them.

    Returns
    -------
    DataFrame
        Index scheme; columns model_name, of those that are first, as from `say_first`; rank_low, rank_high and p_first,
        of the first listed of them; and rho, the Spearman correlation of the scores with those of the mean.

    Examples
    --------
    >>> scores = pd.DataFrame({"a": [1.0, 2.0, 9.0], "b": [3.0, 2.0, 1.0], "c": [3.0, 2.0, 1.0]}, index=["x", "y", "z"])
    >>> asked = {"policy": "complete", "over": "metrics"}
    >>> first_by_scheme(rankings(scores, ["mean", "borda"], **asked))["model_name"].to_dict()
    {'mean': 'z', 'borda': 'x'}
    """
    mean = rankings["mean"]["score"]
    rows = {
        scheme: {
            "model_name": say_first(ranking),
            **ranking.iloc[0][["rank_low", "rank_high", "p_first"]],
            "rho": ranking["score"].corr(mean.loc[ranking.index], method="spearman"),
        }
        for scheme, ranking in rankings.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("scheme")


def describe_leader(ranking: pd.DataFrame, apart: pd.DataFrame) -> dict[str, float | str]:
    """Say how sure a ranking is of its first model, and of ranks at all.

    Parameters
    ----------
    ranking, apart
        As for `leading_models`.

    Returns
    -------
    dict
        name, of those that are first, as from `say_first`; p_first, rank_low and rank_high of the first listed of them;
        n_with, the others that cannot be told apart from it; median_width, the median over models of the ranks that an
        interval spans; share_apart, of all pairs of models, those that can be told apart.
    """
    first, pairs = ranking.iloc[0], np.triu_indices(len(apart), 1)
    sure = ranking[["rank_low", "rank_high", "p_first"]].astype(float)
    return {
        "name": say_first(ranking),
        **sure.iloc[0],
        "n_with": int((~apart.loc[first.name]).sum()) - 1,
        "median_width": float((sure["rank_high"] - sure["rank_low"]).median()),
        "share_apart": float(apart.to_numpy()[pairs].mean()),
    }


def compare_leaders(table: ScoreTable, rankings: Mapping[str, pd.DataFrame], **options: str | int) -> pd.DataFrame:
    """Return `describe_leader` of each scheme's ranking, index scheme; `options` are those of `integrate`."""
    rows = {}
    for scheme, ranking in rankings.items():
        draws = resampled_ranks(table, ranking.index, scheme=scheme, **options)
        rows[scheme] = describe_leader(ranking, told_apart(draws))
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("scheme")


def list_left_out(table: ScoreTable, ranking: pd.DataFrame) -> pd.DataFrame:
    """Name the models that a ranking of `integrate` leaves out, index model_id, columns model_name and why."""
    why = pd.Series(ranking.attrs["left_out"], dtype=str).rename_axis("model_id")
    return pd.DataFrame({"model_name": table.models["name"].reindex(why.index), "why": why})


def describe_left_out(ranking: pd.DataFrame, everybody: pd.DataFrame) -> dict[str, float | str]:
    """Count the models that a ranking leaves out, and those of the first ten of a ranking that leaves out nobody.

    Parameters
    ----------
    ranking, everybody : DataFrame
        As from `integrate`, the second with a `min_coverage` of 0.

    Returns
    -------
    dict
        n, left out; n_ranked; n_of_ten, left out of the first ten of everybody; first, first_low and first_high, the
        first model of the ranking and the interval of its rank.
    """
    first = ranking.iloc[0]
    return {
        "n": len(ranking.attrs["left_out"]),
        "n_ranked": len(ranking),
        "n_of_ten": int((~everybody.head(10).index.isin(ranking.index)).sum()),
        "first": first["model_name"],
        "first_low": np.nan if pd.isna(first["rank_low"]) else float(first["rank_low"]),
        "first_high": np.nan if pd.isna(first["rank_high"]) else float(first["rank_high"]),
    }


def describe_shifts(
    table: ScoreTable, shifts: pd.DataFrame, schemes: Iterable[str], *, seed: int, **options: str
) -> dict[str, float]:
    """Count the models that move far from scheme to scheme, with 95 % intervals over resampled metrics.

    Parameters
    ----------
    table : ScoreTable
    shifts : DataFrame
        As from `rank_shifts`, of this table's rankings by `schemes`, ``mean`` among them.
    schemes : iterable of str
    seed : int
        All schemes rank by the same resampled metrics.
    **options : str
        Those of `integrate`.

    Returns
    -------
    dict of str to float
        n_models; n_moved, more than `FAR` ranks; largest, in ranks; the last two also with ``_low`` and ``_high``; and
        same_winner, in what share of the resamples one model is first under all schemes.
    """
    draws = {
        scheme: resampled_ranks(table, shifts.index, scheme=scheme, seed=seed, **options).to_numpy()
        for scheme in schemes
    }
    moved = np.max([np.abs(ranks - draws["mean"]) for ranks in draws.values()], axis=0)
    first = np.all([ranks == 1 for ranks in draws.values()], axis=0)
    counted = pd.DataFrame([(moved > FAR).sum(axis=0), moved.max(axis=0)], ["n_moved", "largest"])
    return {
        "n_models": len(shifts),
        "n_moved": int((shifts["largest_shift"] > FAR).sum()),
        "largest": int(shifts["largest_shift"].max()),
        **with_ends(counted),
        "same_winner": float(first.any(axis=0).mean()),
    }


def divided_variance(domains: pd.DataFrame) -> pd.Series:
    """Return `variance_shares` in one row, such as ``covariance_neural``."""
    shares = variance_shares(domains)
    names = [f"{way}_{domain}" for domain in shares.index for way in shares]
    return pd.Series(shares.to_numpy().ravel(), names)


def rankings(table: ScoreTable | pd.DataFrame, schemes: Iterable[str], **options: str) -> dict[str, pd.DataFrame]:
    """Rank a table's models by each scheme; `options` are those of `integrate`."""
    return {scheme: integrate(table, scheme=scheme, **options) for scheme in schemes}


def agreement_with_mean(parts: pd.DataFrame) -> pd.Series:
    """Correlate the mean of parts over models with their mean as z scores and as ranks.

    Parameters
    ----------
    parts : DataFrame, (n_models, n_parts)
        As from `score_parts`.

    Returns
    -------
    Series
        Spearman correlations in [-1, 1]; index z and rank.
    """
    values = parts.to_numpy(float)
    scores = np.column_stack([average(rescale(values, scheme=scheme), axis=1) for scheme in SCHEMES])
    return pd.Series(coefficients(pd.DataFrame(scores), method="spearman").to_numpy()[0, 1:], SCHEMES[1:])
