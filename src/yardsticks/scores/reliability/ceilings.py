"""The ceiling correction of January 2026: r squared by the reliability, instead of r by the reliability, squared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from yardsticks.claims import judge, printed_numbers
from yardsticks.scores.consistency import choose_metrics
from yardsticks.scores.integration import domain_scores
from yardsticks.scores.intervals import bootstrap
from yardsticks.scores.metrics import find_ceiling
from yardsticks.scores.samples import figure1_groups
from yardsticks.scores.specifications.choices import PAPER_PROXY, PLAIN
from yardsticks.scores.specifications.evidence import Estimates, claim_numbers, estimates
from yardsticks.scores.table import POLICIES, ScoreTable

_FEWEST = 5  # models, to find a ceiling from
_MISFIT = 0.01  # in score units: scores are published with three decimals, and cut after them
CORRECTED, NOT_SQUARED, NO_CEILING, UNKNOWN = (
    "corrected",
    "not squared",
    "no ceiling",
    "too few models, or another rule",
)
_FAR = 10  # ranks


def leaf_ceilings(table: ScoreTable) -> pd.DataFrame:
    """Find from raw and ceiled scores how each metric is related to its ceiling, and whether the correction is for it.

    Parameters
    ----------
    table : ScoreTable
        With raw scores in its cells.

    Returns
    -------
    DataFrame, (n_metrics, 7)
        Index metric; columns area; n_models (with a positive score and raw score); ceiling and exponent e of
        score = (raw / ceiling) ** e; misfit, the largest difference to that in score units; outcome, ``corrected``
        (squared: the ceiling is the data's reliability, in (0, 1]), ``not squared``, ``no ceiling`` (the score is the
        raw score) or ``too few models, or another rule``; and factor, by which a corrected score is the published one.

    Raises
    ------
    ValueError
        The table has no raw scores.

    Notes
    -----
    The ceiling of a squared metric is the split-half correlation of the recordings, raised to their full length by
    Spearman and Brown: their reliability, the share of their variance that is not noise. A model that gives the
    noiseless responses correlates with the recordings at the root of the reliability, not at the reliability. So the
    variance that it explains, r squared, has the reliability for its ceiling, and the score is r squared by the
    reliability. Published was r squared by the reliability squared, which is larger, the more so the noisier the data
    are: the correction multiplies the published score by the reliability. Metrics that are not squared (distances of
    distributions, consistency of errors) are no explained variance, and it says nothing of them.

    References
    ----------
    brain-score/vision, pull requests 2169 and 2244.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> found = leaf_ceilings(make_twin())
    >>> found.loc[["MajajHong2015.IT-pls", "Rajalingham2018-i2n", "ImageNet-top1"], "outcome"].tolist()
    ['corrected', 'not squared', 'no ceiling']
    """
    if table.cells is None or table.cells["score_raw"].isna().all():
        raise ValueError(f"{table.origin.name} has no raw scores, from which the ceilings could be found.")
    by_metric = dict(list(table.cells.dropna(subset=["score", "score_raw"]).groupby("metric")))
    rows = {}
    for metric in table.values:
        cells = by_metric.get(metric, table.cells[:0])
        positive = cells[(cells["score"] > 0) & (cells["score_raw"] > 0)]
        row = {"area": table.metrics.at[metric, "area"], "n_models": len(positive), "outcome": UNKNOWN, "factor": 1.0}
        if len(cells) and (cells["score"] == cells["score_raw"]).all():
            row["outcome"] = NO_CEILING
        elif len(positive) >= _FEWEST:
            ceiling, exponent = find_ceiling(positive)
            misfit = ((positive["score_raw"] / ceiling) ** exponent - positive["score"]).abs().max()
            row |= {"ceiling": ceiling, "exponent": exponent, "misfit": misfit}
            if misfit <= _MISFIT:
                row["outcome"] = CORRECTED if exponent == 2 and ceiling <= 1 else NOT_SQUARED
                row["factor"] = ceiling if row["outcome"] == CORRECTED else 1.0
        rows[metric] = row
    columns = ["area", "n_models", "ceiling", "exponent", "misfit", "outcome", "factor"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("metric")


def count_outcomes(ceilings: pd.DataFrame) -> dict[str, float | str]:
    """Count and name the metrics by what the correction makes of them.

    Parameters
    ----------
    ceilings : DataFrame
        As from `leaf_ceilings`, of the metrics meant.

    Returns
    -------
    dict
        n_corrected, n_not_squared, n_no_ceiling and n_unknown; corrected and unknown, their names; lowest and highest
        reliability of a corrected one.
    """
    keys = {CORRECTED: "corrected", NOT_SQUARED: "not_squared", NO_CEILING: "no_ceiling", UNKNOWN: "unknown"}
    of = {key: ceilings.index[ceilings["outcome"] == outcome] for outcome, key in keys.items()}
    factors = ceilings.loc[of["corrected"], "factor"]
    return {
        **{f"n_{key}": len(metrics) for key, metrics in of.items()},
        **{key: ", ".join(of[key]) or "none" for key in ("corrected", "unknown")},
        "lowest": factors.min(),
        "highest": factors.max(),
    }


def correct_ceilings(table: ScoreTable) -> ScoreTable:
    """Return the table with the scores that the correction of January 2026 is for recomputed; the others stay.

    Raises
    ------
    ValueError
        As `leaf_ceilings`.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> twin = make_twin()
    >>> ratio = correct_ceilings(twin).values / twin.values
    >>> ratio[["MajajHong2015.IT-pls", "Rajalingham2018-i2n"]].median().round(2).to_dict()
    {'MajajHong2015.IT-pls': 0.82, 'Rajalingham2018-i2n': 1.0}
    """
    factor = leaf_ceilings(table)["factor"]
    cells = table.cells.assign(score=table.cells["score"] * table.cells["metric"].map(factor))
    return replace(table, values=table.values * factor, cells=cells)


def rank_moves(table: ScoreTable, corrected: ScoreTable, *, metrics: str = "paper") -> pd.DataFrame:
    """Say how far models move in the ranking when the ceilings are corrected.

    Parameters
    ----------
    table, corrected : ScoreTable
        Before and after.
    metrics : {"paper", "all"}
        What is averaged, see `consistency.choose_metrics`.

    Returns
    -------
    DataFrame
        One row for each policy for missing scores and each of the neural and the overall score; columns policy, score,
        n_models, n_moved (by more than 10 ranks), largest (ranks), model (the name of the one that moves most),
        rank_before and rank_after. Under ``available`` every model with any score is ranked.

    Raises
    ------
    ValueError
        The table lacks neural or behavioural metrics.
    """
    rows = []
    for policy in POLICIES:
        # Kar2019-ost is a hole of nearly every model: it would leave none complete
        leaves = choose_metrics(table, metrics, ost=policy != "complete")
        before, after = (domain_scores(part.select(metrics=leaves), policy=policy) for part in (table, corrected))
        for score in ("neural", "overall"):
            first, second = (part[score].dropna().rank(ascending=False, method="min") for part in (before, after))
            moved = (second - first).abs()
            if moved.empty:
                continue
            model = moved.idxmax()
            rows.append(
                {
                    "policy": policy,
                    "score": score,
                    "n_models": len(moved),
                    "n_moved": int((moved > _FAR).sum()),
                    "largest": int(moved.max()),
                    "model": table.models.at[model, "name"],
                    "rank_before": int(first[model]),
                    "rank_after": int(second[model]),
                }
            )
    return pd.DataFrame(rows)


def recompute_printed(
    table: ScoreTable, later: ScoreTable, *, printed: bool, seed: int, n_resamples: int = 200
) -> pd.DataFrame:
    """Recompute everything that is set beside the paper's printed numbers with the ceilings corrected.

    Parameters
    ----------
    table : ScoreTable
        The leaderboard that the paper is about, with raw scores.
    later : ScoreTable
        The one with odd-one-out scores, see `samples.figure1_groups`.
    printed : bool
        Whether the table is one that the paper speaks of.
    seed, n_resamples : int
        Of the models, for the interval of a change.

    Returns
    -------
    DataFrame
        Index the number's key in ``data/published.toml``; columns what, printed (NaN of a statement), before and after
        (under the paper proxy; of a statement a margin, positive as the paper says), low and high (95 % interval of
        after - before over models; 0 where nothing changes, NaN where nothing is estimated), verdict_before,
        verdict_after (``not judged: synthetic`` of a twin), plain_before and plain_after (on the whole table).

    Raises
    ------
    ValueError
        Not of the paper's table; or the table lacks raw scores, or the paper's metrics.
    """
    if not printed:
        raise ValueError("what the paper prints is about Brain-Score's leaderboard, and not about this table.")
    numbers = pd.concat([printed_numbers("ahlert2024"), printed_numbers("ahlert2024workshop")])
    both = {"before": table, "after": correct_ceilings(table)}
    figure1 = {when: figure1_groups(part, later) for when, part in both.items()}
    found = {when: claim_numbers(part, PAPER_PROXY, figure1[when]) for when, part in both.items()}
    plain = {when: claim_numbers(part, PLAIN, figure1[when]) for when, part in both.items()}
    estimated = {when: estimates(part, PAPER_PROXY, figure1[when]) for when, part in both.items()}
    frame = pd.DataFrame(
        {
            "what": numbers["what"],
            "printed": numbers["value"].mask(numbers["kind"] == "statement"),
            **{when: pd.Series(values, dtype=float).reindex(numbers.index) for when, values in found.items()},
            "low": np.nan,
            "high": np.nan,
            **{f"verdict_{when}": judge(numbers, values) for when, values in found.items()},
            **{
                f"plain_{when}": pd.Series(values, dtype=float).reindex(numbers.index) for when, values in plain.items()
            },
        }
    )
    if table.origin.kind != "real":
        frame[["verdict_before", "verdict_after"]] = "not judged: synthetic"
    for first, second in zip(estimated["before"], estimated["after"], strict=True):
        keys = [*first.statistic(first.rows)]
        same = frame.loc[keys, "before"] == frame.loc[keys, "after"]
        frame.loc[keys, ["low", "high"]] = 0.0
        if not same.all():
            change = _interval_of_change(first, second, seed=seed, n_resamples=n_resamples)
            frame.loc[same.index[~same], ["low", "high"]] = change[["low", "high"]]
    return frame.rename_axis("number")


def _interval_of_change(first: Estimates, second: Estimates, *, seed: int, n_resamples: int) -> pd.DataFrame:
    """Bootstrap the differences of estimates over the models that both rest on."""
    shared = first.rows.index.intersection(second.rows.index, sort=False)
    before, after = first.rows.loc[shared], second.rows.loc[shared]

    def change(drawn: pd.DataFrame) -> pd.Series:
        rows = drawn["row"].to_numpy()
        return pd.Series(second.statistic(after.iloc[rows])) - pd.Series(first.statistic(before.iloc[rows]))

    return bootstrap(pd.DataFrame({"row": range(len(shared))}), change, seed=seed, n=n_resamples)
