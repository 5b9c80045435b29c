"""A table of scores in one page to mail: what it says about its metrics and models, and what was left out of it.

The page needs no other file, no script and no network, and forbids them to whoever shows it.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd

from yardsticks.book.own import choose_parameters
from yardsticks.book.report_page import (
    in_list,
    in_table,
    page,
    paragraph,
    picture,
    say_correlation,
    say_interval,
    say_number,
    say_p,
    say_rank,
)
from yardsticks.book.report_rankings import (
    N_RANKS,
    POLICY_WORDS,
    Rankings,
    choose_lead,
    in_words,
    rank_in_every_way,
    ranking_metrics,
    say_moves,
)
from yardsticks.scores.consistency import consistency, pair_table
from yardsticks.scores.figures import plot_consistency, plot_presence, plot_ranking
from yardsticks.scores.integration import list_left_out, say_first
from yardsticks.scores.intervals import resample
from yardsticks.scores.missing import coverage
from yardsticks.scores.summaries import describe_pairs, describe_table, extreme_pairs
from yardsticks.scores.table import ScoreTable

N_PAIRS = 200  # resamples of the models for correlations: those of pairs with holes take their time


def make_report(table: ScoreTable, *, seed: int = 0) -> str:
    """Write what a table of scores says as one HTML page.

    Parameters
    ----------
    table : ScoreTable
        Any, with or without areas.
    seed : int
        Of the resamples: 200 of the models for correlations, 1,000 of the metrics for ranks.

    Returns
    -------
    str
        A page that asks for nothing: a summary in words, the metrics' agreement, the ranking under three schemes and
        three policies for missing scores with intervals, what is missing, and what was left out, by name.

    Raises
    ------
    ValueError
        The table's metrics can neither be correlated nor its models be ranked.

    Notes
    -----
    Correlations are over the models that have every metric where these are most, and otherwise for each pair over
    those that have both. Models are ranked over domains where at least half of the metrics belong to one and both are
    there, else over metrics.
    """
    policies = choose_parameters(table, Path(table.origin.name), metrics="all")
    rankings = rank_in_every_way(table, seed=seed)
    lead = choose_lead(rankings, policies["averages"])
    try:
        pairs, draws = _correlate(table, policies["policy"], seed)
        agreement = _agreement(table, policies["policy"], pairs)
    except ValueError as error:
        if lead is None:
            name = table.origin.name
            why = next(iter(rankings.refused.values())).removeprefix(f"{name}: ")
            raise ValueError(
                f"{name}: a report needs 2 models to rank, or 3 models and 2 metrics to correlate, and it has "
                f"neither: {why}"
            ) from error
        pairs = draws = None
        agreement = paragraph(f"This cannot be shown: {error}")
    parts = [
        ("In short", in_list(_summary(table, rankings, lead, pairs, draws))),
        ("Do the metrics agree?", agreement),
        ("Which models are first?", _ranking(table, rankings, lead)),
        ("What is missing, and how the scores lie", _scores(table)),
        ("What was read, and what was left out", in_list(_reading(table, rankings))),
    ]
    label = "Synthetic data: no number on this page describes a real model." if table.origin.kind == "synthetic" else ""
    return page(f"What {table.origin.name} says about its models and metrics", parts, label=label)


def _summary(
    table: ScoreTable,
    rankings: Rankings,
    lead: tuple[str, str] | None,
    pairs: pd.DataFrame | None,
    draws: pd.DataFrame | None,
) -> list[str]:
    """Say in a few sentences what a reader takes home."""
    about = describe_table(table)
    said = [
        f"{table.origin.name} has {about['n_models']:,} models, {about['n_metrics']:,} metrics and "
        f"{about['n_scores']:,} scores: {about['missing_share']:.1%} are missing, and "
        f"{len(table.complete().values):,} models have every one."
    ]
    if pairs is not None:
        told = describe_pairs(pairs, draws=draws)
        said.append(
            f"Two metrics agree about the order of models with a correlation of {say_correlation(told['mean'])} on "
            f"average (95 % interval: {say_interval(told['mean_low'], told['mean_high'])}; 1 is the same order, 0 "
            f"none, -1 the opposite). {told['n_significant']:,} of {told['n_pairs']:,} pairs differ from 0 beyond "
            f"chance (p below 0.05, corrected for their number), and {told['share_negative']:.0%} of all are below 0"
            + (f"; {told['n_undefined']:,} more have no correlation." if told["n_undefined"] else ".")
        )
    if lead is not None:
        ranking = rankings.found[lead]
        first = ranking.iloc[0]
        name, shared = say_first(ranking), (ranking["rank"] == 1).sum() > 1
        sure = f", and is so in {first['p_first']:.0%} of {N_RANKS:,} resamples of the metrics; its rank is between "
        sure += f"{first['rank_low']} and {first['rank_high']} in 95 % of them"
        sure = "" if shared or pd.isna(first["rank_low"]) else sure
        said.append(f"{name} {'share the first place' if shared else 'is first'} by the {in_words(lead)}{sure}.")
        leaders = pd.Series([say_first(found) for found in rankings.found.values()]).value_counts()
        several = "; ".join(f"{name} in {n}" for name, n in leaders.items())
        said.append(f"Of {len(rankings.found)} ways to rank, who is first: {several}.")
        said += say_moves(rankings, lead[0])
        if left_out := len(ranking.attrs["left_out"]):
            said.append(f"{left_out:,} models are not in that ranking for lack of scores; they are named at the end.")
    if turned := _reversed(table):
        said.append(f"Lower is better under {', '.join(turned)}: the sign of these scores is changed.")
    said += dict.fromkeys(warning for warned in rankings.warned.values() for warning in warned)
    if left_out := table.origin.left_out(0):
        said.append(f"Left out on reading (named at the end): {left_out.replace(' ( ...)', '')}.")
    return said


def _correlate(table: ScoreTable, policy: str, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the pairs of metrics with intervals, and the resamples behind these."""
    result = consistency(table, policy=policy)
    values = table.values.dropna(how="any" if policy == "complete" else "all")
    draws = resample(values, "spearman", seed=seed, n=N_PAIRS)
    return pair_table(result, draws=draws), draws


def _agreement(table: ScoreTable, policy: str, pairs: pd.DataFrame) -> str:
    shown = extreme_pairs(pairs)
    rows = [
        (
            row.metric_a,
            row.metric_b,
            row.n,
            say_correlation(row.rho),
            say_interval(row.low, row.high),
            say_p(row.p_adjusted),
        )
        for row in shown.itertuples()
    ]
    models = (
        "those models that have every metric" if policy == "complete" else "for each pair the models that have both"
    )
    return (
        paragraph(
            f"Spearman correlations over models: {models}. A dot or bold print marks p below 0.05 after Bonferroni's "
            f"correction for {len(pairs):,} pairs; intervals are of {N_PAIRS} resamples of the models."
        )
        + picture(
            partial(plot_consistency, pairs, areas=table.known_areas()),
            "Heat map of the correlations of all pairs of metrics; the table below has the highest and the lowest.",
        )
        + in_table(
            "All pairs of metrics" if len(shown) == len(pairs) else "The pairs that agree most and least",
            ("metric", "and", "models", "correlation", "95 % interval", "p, corrected"),
            rows,
            n_names=2,
        )
    )


def _ranking(table: ScoreTable, rankings: Rankings, lead: tuple[str, str] | None) -> str:
    why = []
    for policy, words in POLICY_WORDS.items():
        texts = [text for (of, _), text in rankings.refused.items() if of == policy]
        why += [f"No ranking of {words} by {len(texts)} of the three schemes: {texts[0]}"] if texts else []
    if lead is None:
        return in_list(why)
    ways = sorted(rankings.found, key=lambda way: (way != lead, way[0] != lead[0]))  # those of its policy beside it
    ranking, by = rankings.found[lead], ranking_metrics(table, rankings.over)
    counts = table.values[by].count(axis=1)
    rows = []
    for model in [*ranking.index, *table.values.index.difference(ranking.index, sort=False)]:
        own = ranking.loc[model] if model in ranking.index else pd.Series({"score": None, "p_first": None})
        ranks = [rankings.found[way] for way in ways]
        ranks = [say_rank(found.loc[model]) if model in found.index else "not ranked" for found in ranks]
        sure = "none" if pd.isna(own["p_first"]) else f"{own['p_first']:.0%}"
        scores = f"{counts[model]} of {len(by)}"
        rows.append((table.models.at[model, "name"], scores, say_number(own["score"]), ranks[0], sure, *ranks[1:]))
    what = "the neural and the behavioural score" if rankings.over == "domains" else "all metrics alike"
    by_lead, *by_others = map(in_words, ways)
    return (
        paragraph(
            f"Ranked over {rankings.over}, {what}; 1 is best and higher scores are better. Behind a rank stand the "
            f"ranks between which it lies in 95 % of {N_RANKS:,} resamples of the metrics: how it would come out with "
            "other metrics of the same kind. There are none below 5 metrics. A model without half of the metrics (of "
            "each domain) is not ranked."
        )
        + picture(
            partial(plot_ranking, ranking), f"Ranks of the first models by the {in_words(lead)}; see the table below."
        )
        + in_table(
            "Every model, and its rank with its interval under each scheme and policy for missing scores",
            ("model", "scores", "score", by_lead, "first in", *by_others),
            rows,
        )
        + (in_list(why) if why else "")
    )


def _scores(table: ScoreTable) -> str:
    frame, turned = coverage(table), _reversed(table)
    lowest, highest = table.values.min(), table.values.max()
    rows = [
        (
            metric,
            row["area"] or "none",
            "lower, sign changed" if metric in turned else "higher",
            f"{row['n_models']:,} of {len(table.values):,}",
            *map(say_number, (lowest[metric], row["q25"], row["median"], row["q75"], highest[metric])),
        )
        for metric, row in frame.iterrows()
    ]
    return picture(
        partial(plot_presence, table.values, table.metrics["area"]),
        "Which scores there are: a row for each model, a column for each metric; the table below has the counts.",
    ) + in_table(
        "Every metric, with the scale of its scores",
        ("metric", "area", "better", "models", "lowest", "lower quartile", "median", "upper quartile", "highest"),
        rows,
    )


def _reading(table: ScoreTable, rankings: Rankings) -> list[str]:
    origin = table.origin
    said = [f"{origin.title or origin.name} (sha256 {origin.sha256})."]
    said += [f"It was {origin.layout}."] if origin.layout else []
    said += [f"It was read by the rules for {origin.rules}."] if origin.rules else []
    for what, count in origin.notes.items():
        names = ", ".join(origin.names.get(what, ()))
        said += [f"Left out on reading, {what}: {count:,}{f' ({names})' if names else ''}."] if count else []
    if not any(origin.notes.values()):
        said.append("Nothing was left out on reading.")
    if unused := table.values.columns.difference(ranking_metrics(table, rankings.over), sort=False).tolist():
        said.append(f"In no ranking, as of engineering, outside Brain-Score's tree or of no area: {', '.join(unused)}.")
    unranked: dict[tuple[str, str], list[str]] = {}
    for policy, words in POLICY_WORDS.items():
        found = [ranking for (of, _), ranking in rankings.found.items() if of == policy]
        for why, models in list_left_out(table, found[0]).groupby("why") if found else ():
            unranked.setdefault((why, ", ".join(models["model_name"])), []).append(words)
    said += [f"Not ranked ({'; '.join(words)}), {why}: {names}." for (why, names), words in unranked.items()]
    return said


def _reversed(table: ScoreTable) -> list[str]:
    return list(table.metrics.index[table.metrics["reversed"]]) if "reversed" in table.metrics else []
