"""Numbers and words for the text, from the tables of this folder."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from yardsticks.recovery.failure.regression import say_coefficient
from yardsticks.recovery.failure.rivals import ANSWERS, OTHERS


def rank_numbers(ranks: pd.DataFrame, labels: Mapping[str, str]) -> dict[str, float | int | str]:
    """Return what the ranks of one score say about recovery and about rivals.

    Parameters
    ----------
    ranks : DataFrame
        As from `ranks_by_role`, of one score.
    labels : mapping of model to str

    Returns
    -------
    dict
        ``own_rank``, the mean rank on own answers; ``blind_rank``, that of a blind judgement; ``n_below_two``, models
        whose mean rank on their own answers is worse than 2. On others' answers: ``false_winner``, the model that wins
        most often, and ``false_wins``, its share of the jobs; ``best_rival``, the model of the best mean rank, with
        ``best_rival_rank`` and ``best_rival_wins``; ``n_never``, models that never win.
    """
    own, others = (ranks[ranks["role"] == role].set_index("model") for role in (ANSWERS, OTHERS))
    winner, rival = others["wins"].idxmax(), others["rank"].idxmin()
    return {
        "own_rank": own["rank"].mean(),
        "blind_rank": own["blind"].mean(),
        "n_below_two": int((own["rank"] > 2).sum()),
        "false_winner": labels[winner],
        "false_wins": others.at[winner, "wins"],
        "best_rival": labels[rival],
        "best_rival_rank": others.at[rival, "rank"],
        "best_rival_wins": others.at[rival, "wins"],
        "n_never": int((others["wins"] == 0).sum()),
    }


def count_exchanges(changes: pd.DataFrame) -> dict[str, int]:
    """Count how often prediction is gained where recovery is lost.

    Parameters
    ----------
    changes : DataFrame
        As from `compare_constraints`, of one score.

    Returns
    -------
    dict of str to int
        ``n_comparisons`` with both changes; of these ``n_traded``, where one is gained and the other lost,
        ``n_together``, where both go the same way, and ``n_even``, where one of them does not change.
    """
    product = (changes["recovery_change"] * changes["prediction_change"]).dropna()
    return {
        "n_comparisons": len(product),
        "n_traded": int((product < 0).sum()),
        "n_together": int((product > 0).sum()),
        "n_even": int((product == 0).sum()),
    }


def say_each(coefficients: pd.DataFrame, names: Sequence[str]) -> dict[str, str]:
    """Say in words what became of each coefficient, see `say_coefficient`.

    Parameters
    ----------
    coefficients : DataFrame
        As from `regress_each`, of one size and score.
    names : sequence of str
        Columns. Their values, joined by underscores, name a coefficient; other characters than letters and digits
        become underscores.

    Returns
    -------
    dict of str to str
        Without the intercepts.
    """
    found = {}
    for _, row in coefficients[coefficients["role"] != ""].iterrows():
        name = re.sub(r"\W+", "_", "_".join(row[list(names)]))
        found[name] = say_coefficient(row.to_frame().T, role=row["role"], predictor=row["predictor"])
    return found
