"""The leaderboard under every way to rank at once, and a model's place on it, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from yardsticks.scores.integration.ranking import integrate
from yardsticks.scores.integration.resampled import rank_intervals, resampled_areas
from yardsticks.scores.integration.schemes import MIN_COVERAGE, SCHEMES, ranked_by
from yardsticks.scores.intervals import family
from yardsticks.scores.metrics import NEURAL_AREAS
from yardsticks.scores.table import POLICIES, ScoreTable
from yardsticks.stats import check_option

PARTS = ("neural", *NEURAL_AREAS, "behaviour")


def rank_every_way(
    table: ScoreTable, *, schemes: Iterable[str], policies: Iterable[str], seed: int, n: int = 1000
) -> pd.DataFrame:
    """Rank the models overall by each scheme, and by each domain and area alone, under each policy.

    Parameters
    ----------
    table : ScoreTable
        With neural and behavioural metrics.
    schemes, policies : iterable of str
        As for `integrate` over domains: ``mean``, ``z`` or ``rank``. Under ``zero`` every model is ranked overall, as
        on Brain-Score's site; under the others those with half of each domain's metrics. By a domain or an area alone
        each model is ranked that has its score.
    seed, n : int
        Of the resamples of the metrics; 0 for none.

    Returns
    -------
    DataFrame
        Columns by (overall, neural, behaviour or an area), scheme ("" but for overall: one score needs none), policy,
        model_id, score, rank (1 is best, ties share the better rank), rank_low and rank_high, as from `integrate`.
        Models without a score are not in it. A scheme and policy that rank fewer than 2 models overall have no rows by
        overall.

    Raises
    ------
    ValueError
        An unknown scheme or policy; or as `integrate`, where no policy ranks 2 models overall.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> ranks = rank_every_way(make_twin(), schemes=["mean", "z"], policies=["zero"], seed=1, n=5)
    >>> list(dict.fromkeys(ranks["by"]))
    ['overall', 'neural', 'V1', 'V2', 'V4', 'IT', 'behaviour']
    """
    schemes, policies = list(schemes), list(policies)
    for name, asked, options in (("scheme", schemes, SCHEMES), ("policy", policies, POLICIES)):
        for value in asked:
            check_option(name, value, options)
    found, refused, ranked = [], None, False
    for policy in policies:
        try:
            scores = table.areas(policy=policy)
        except ValueError as error:  # no missing score counts as 0 where lower is better
            refused = error
            continue
        enough = 0.0 if policy == "zero" else MIN_COVERAGE
        for scheme in schemes:
            try:
                ranking = integrate(table, scheme=scheme, policy=policy, min_coverage=enough, n=n, seed=seed)
            except ValueError as error:  # of too few models: another policy may rank more, and so may an area
                refused = error
                continue
            ranked = True
            found.append(_tidy(ranking, "overall", scheme, policy))
        drawn = resampled_areas(table, table.values.index, policy=policy, n=n, seed=seed)
        for part in (part for part in PARTS if part in scores):
            score = scores[part].dropna().sort_values(ascending=False)
            if score.empty:
                continue
            ranks = score.rank(ascending=False, method="min").astype(int)
            sure = rank_intervals(drawn[part].loc[score.index].rank(ascending=False, method="min"))
            found.append(_tidy(pd.DataFrame({"score": score, "rank": ranks}).join(sure), part, "", policy))
    if not ranked:
        raise refused
    return pd.concat(found, ignore_index=True)


def _tidy(ranking: pd.DataFrame, by: str, scheme: str, policy: str) -> pd.DataFrame:
    frame = ranking[["score", "rank", "rank_low", "rank_high"]].rename_axis("model_id").reset_index()
    for place, (name, value) in enumerate({"by": by, "scheme": scheme, "policy": policy}.items()):
        frame.insert(place, name, value)
    return frame


def describe_models(table: ScoreTable) -> pd.DataFrame:
    """Say of each model what a leaderboard is filtered by.

    Returns
    -------
    DataFrame, (n_models, 4)
        Index model_id; columns name, family (of which models are variants of one another), year (of its first score,
        missing in tables without timestamps) and n_scores (of the metrics that a ranking goes by).

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> list(describe_models(make_twin()))
    ['name', 'family', 'year', 'n_scores']
    """
    first = pd.Series(dtype="datetime64[us, UTC]")
    if table.cells is not None:
        first = table.cells.groupby("model_id")["timestamp"].min()
    frame = table.models[["name"]].assign(family=table.models["name"].map(family))
    frame["year"] = first.reindex(frame.index).dt.year.astype("Int64")
    return frame.assign(n_scores=table.values.loc[:, ranked_by(table)].count(axis=1))


def turnable(
    table: ScoreTable, ranks: pd.DataFrame, *, schemes: Mapping[str, str], policies: Mapping[str, str]
) -> dict[str, Any]:
    """Return the leaderboard as its page's script takes it: to sort, search and filter, and to open a model's row.

    Parameters
    ----------
    table : ScoreTable
    ranks : DataFrame
        As from `rank_every_way`.
    schemes, policies : mapping of str to str
        Their names for a reader, in the order of the page.

    Returns
    -------
    dict
        kind (``leaderboard``), schemes, policies, parts (what else is ranked by), ways to rank, as
        ``<by>|<scheme>|<policy>``, metrics (name and area), and models: of each id, name, family, year, scores and
        errors (in the order of metrics) and ranks (in that of ways: the rank, both ends of its interval, and the
        score); None where missing.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> ranks = rank_every_way(make_twin(), schemes=["mean"], policies=["zero"], seed=1, n=5)
    >>> board = turnable(make_twin(), ranks, schemes={"mean": "mean"}, policies={"zero": "counted as 0"})
    >>> len(board["models"])
    280
    """
    used = table.metrics[ranked_by(table)]
    scores = table.values[used.index].round(4)
    errors = pd.DataFrame(index=scores.index, columns=scores.columns, dtype=float)
    if table.cells is not None and "error" in table.cells:
        wide = table.cells.pivot_table(index="model_id", columns="metric", values="error")
        errors = wide.reindex(index=scores.index, columns=scores.columns).round(4)
    known = _nones(ranks.assign(score=ranks["score"].round(4)))
    way = known["by"] + "|" + known["scheme"] + "|" + known["policy"]
    number = {name: place for place, name in enumerate(dict.fromkeys(way))}
    places: dict[str, list] = {model: [None] * len(number) for model in scores.index}
    for name, row in zip(way, known.itertuples(), strict=True):
        places[row.model_id][number[name]] = [row.rank, row.rank_low, row.rank_high, row.score]
    about = _nones(describe_models(table))
    return {
        "kind": "leaderboard",
        "schemes": dict(schemes),
        "policies": {policy: name for policy, name in policies.items() if policy in set(ranks["policy"])},
        "parts": [part for part in PARTS if part in set(ranks["by"])],
        "ways": [*number],
        "metrics": [[metric, area] for metric, area in _nones(used[["area"]]).itertuples()],
        "models": [
            {"id": row.Index, "name": row.name, "family": row.family, "year": row.year}
            | {"scores": their, "errors": errs, "ranks": places[row.Index]}
            for row, their, errs in zip(
                about.itertuples(), _nones(scores).to_numpy().tolist(), _nones(errors).to_numpy().tolist(), strict=True
            )
        ],
    }


def _nones(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of Python's own values, with None for what is missing."""
    return frame.astype(object).where(frame.notna(), None)


def describe_case(rankings: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Say by name where the first model of the mean stands under each scheme.

    Parameters
    ----------
    rankings : mapping of scheme to DataFrame
        As from `rankings`, all of the same models; ``mean`` is among them.

    Returns
    -------
    dict
        name, and of each scheme ``<scheme>``, the rank, ``<scheme>_low`` and ``<scheme>_high``.

    Examples
    --------
    >>> scores = pd.DataFrame({"a": [1.0, 2.0, 9.0], "b": [3.0, 2.0, 1.0], "c": [3.0, 2.0, 1.0]}, index=["x", "y", "z"])
    >>> asked = {"policy": "complete", "over": "metrics"}
    >>> rank = {scheme: integrate(scores, scheme=scheme, **asked) for scheme in ("mean", "borda")}
    >>> case = describe_case(rank)
    >>> case["name"], case["mean"], case["borda"]
    ('z', 1, 3)
    """
    first = rankings["mean"].index[0]
    said: dict[str, Any] = {"name": rankings["mean"].at[first, "model_name"]}
    for scheme, ranking in rankings.items():
        said[scheme] = int(ranking.at[first, "rank"])
        ends = ranking[["rank_low", "rank_high"]].astype(float).loc[first]
        said |= {f"{scheme}_{end}": ends[f"rank_{end}"] for end in ("low", "high")}
    return said


def describe_ways(ranks: pd.DataFrame, names: pd.Series) -> dict[str, Any]:
    """Say how far the place of a model overall depends on the way to rank.

    Parameters
    ----------
    ranks : DataFrame
        As from `rank_every_way`.
    names : Series
        Of the models, by id.

    Returns
    -------
    dict
        n_ways (of a scheme and a policy), n_orders (of these, how many differ in the order of the models that all of
        them rank); n_first, models that are first in some of them, and firsts, their names; n_always, models that all
        of them rank; span, the median over these of the ranks, among these, between the best and the worst place of a
        model; largest, the most of them, and furthest, the name of that model.

    Examples
    --------
    >>> ranks = pd.DataFrame({"by": "overall", "scheme": ["mean", "mean", "z", "z"], "policy": "zero",
    ...                       "model_id": ["x", "y", "x", "y"], "rank": [1, 2, 2, 1]})
    >>> describe_ways(ranks, pd.Series({"x": "the x", "y": "the y"}))["firsts"]
    'the x and the y'
    """
    overall = ranks[ranks["by"] == "overall"]
    places = overall.pivot(index="model_id", columns=["scheme", "policy"], values="rank")
    always = places.dropna().rank(method="min")  # ways rank different numbers of models
    spans = always.max(axis=1) - always.min(axis=1)
    firsts = [str(names[model]) for model in places.index[(places == 1).any(axis=1)]]
    return {
        "n_ways": places.shape[1],
        "n_orders": always.T.drop_duplicates().shape[0],
        "n_first": len(firsts),
        "firsts": " and ".join(filter(None, [", ".join(firsts[:-1]), firsts[-1]])),
        "n_always": len(always),
        "span": float(spans.median()),
        "largest": int(spans.max()),
        "furthest": str(names[spans.idxmax()]),
    }
