"""Axioms of integration, each as a search for a change after which two models swap that may not.

A rule is a function of scores (n_models, n_metrics; higher is better; NaN is missing) to one score for each model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

Rule = Callable[[pd.DataFrame], pd.Series]
_NEAR = 1e-7  # scores nearer than this are tied
_LARGER = 100.0


@dataclass(frozen=True, eq=False)
class Violation:
    """A change, and two models whose order should not have come of it.

    Parameters
    ----------
    before, after : DataFrame, (n_models, n_metrics)
        The scores, and the changed ones.
    change : str
        What was done, with the names in the table.
    first, second : str
        The rule puts the first ahead of the second before the change, and not, or behind, after it.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    change: str
    first: object
    second: object


@dataclass(frozen=True)
class Axiom:
    """What one may ask of a rule.

    Parameters
    ----------
    name : str
    asks : str
        In one sentence.
    find : function of (Rule, DataFrame) to Violation or None
        Tries every change of its kind on one table, in order; None where none does harm.
    holed : bool
        Whether it is about missing scores.
    """

    name: str
    asks: str
    find: Callable[[Rule, pd.DataFrame], Violation | None]
    holed: bool = False


def _ahead(score: pd.Series) -> np.ndarray:
    """Return 1 where the row's model is ahead of the column's, -1 where it is behind, 0 where neither can be said."""
    values = score.to_numpy(float)
    lead = values[:, None] - values[None, :]
    return np.where(np.abs(lead) > _NEAR, np.sign(np.nan_to_num(lead)), 0.0)


def _reversed(before: pd.Series, after: pd.Series) -> tuple[object, object] | None:
    """Return two models, of those in both, the first of which was ahead and is behind."""
    kept = before[before.index.isin(after.index)]
    swapped = np.argwhere((_ahead(kept) > 0) & (_ahead(after.reindex(kept.index)) < 0))
    return tuple(kept.index[swapped[0]]) if len(swapped) else None


def _first_reversal(rule: Rule, scores: pd.DataFrame, changes: Iterator[tuple[str, pd.DataFrame]]) -> Violation | None:
    before = rule(scores)
    for change, changed in changes:
        if pair := _reversed(before, rule(changed)):
            return Violation(scores, changed, change, *pair)
    return None


def _rescaled(scores: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for metric in scores:
        for factor in (_LARGER, 1 / _LARGER):
            yield (
                f"{metric} is given in another unit, times {factor:g}",
                scores.assign(**{metric: scores[metric] * factor}),
            )


def _without_a_model(scores: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for model in scores.index if len(scores) > 2 else ():
        yield f"{model} leaves the board", scores.drop(index=model)


def _with_a_clone(scores: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for metric in scores:
        clones = {f"{metric} (copy {copy})": scores[metric] for copy in (1, 2)}
        yield f"{metric} is entered twice more", scores.assign(**clones)


def _reordered(scores: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "the models are listed from the last to the first", scores[::-1]
    yield "the metrics are listed from the last to the first", scores[scores.columns[::-1]]


def _ahead_after_a_rise(rule: Rule, scores: pd.DataFrame) -> Violation | None:
    """Raise one score of one model above all others of the metric."""
    before = _ahead(rule(scores))
    for metric in scores:
        top = scores[metric].max() + (scores[metric].max() - scores[metric].min() or 1.0)
        for place, model in enumerate(scores.index):
            changed = scores.copy()
            changed.loc[model, metric] = top
            overtaken = (before[place] > 0) & (_ahead(rule(changed))[place] < 0)
            if overtaken.any():
                other = scores.index[overtaken.argmax()]
                return Violation(scores, changed, f"{model} rises to the top of {metric}", model, other)
    return None


def _not_ahead_though_better(rule: Rule, scores: pd.DataFrame) -> Violation | None:
    """Find a model that is at least as good under each metric, better under one, and not ahead."""
    gains = scores.to_numpy()[:, None] - scores.to_numpy()[None]  # (n_models, n_models, n_metrics)
    wrong = np.argwhere((gains >= 0).all(axis=2) & (gains > 0).any(axis=2) & (_ahead(rule(scores)) <= 0))
    if not len(wrong):
        return None
    model, other = scores.index[wrong[0]]
    return Violation(scores, scores, f"{model} is nowhere worse than {other}", model, other)


def _one_metric_decides(rule: Rule, scores: pd.DataFrame) -> Violation | None:
    """Spread one metric far: does the order become that of this metric, against all the others together?"""
    before = rule(scores)
    for metric in scores if scores.shape[1] > 2 else ():
        centre = scores[metric].mean()
        changed = scores.assign(**{metric: centre + _LARGER * (scores[metric] - centre)})
        after = rule(changed)
        if (_ahead(after) == _ahead(scores[metric])).all() and (pair := _reversed(before, after)):
            return Violation(scores, changed, f"{metric} spreads a hundred times as far, and decides alone", *pair)
    return None


def _gains_by_a_hole(rule: Rule, scores: pd.DataFrame) -> Violation | None:
    """Take away one score of one model: does it overtake somebody?"""
    before = _ahead(rule(scores))
    for metric in scores if scores.shape[1] > 1 else ():
        for place, model in enumerate(scores.index):
            changed = scores.copy()
            changed.loc[model, metric] = np.nan
            overtaken = (before[place] < 0) & (_ahead(rule(changed))[place] > 0)
            if overtaken.any():
                return Violation(
                    scores, changed, f"{model} is not scored on {metric}", scores.index[overtaken.argmax()], model
                )
    return None


def _reversal(changes: Callable[[pd.DataFrame], Iterator]) -> Callable[[Rule, pd.DataFrame], Violation | None]:
    return lambda rule, scores: _first_reversal(rule, scores, changes(scores))


AXIOMS = {
    axiom.name: axiom
    for axiom in (
        Axiom("anonymity", "The order of the rows and columns of the table does not matter.", _reversal(_reordered)),
        Axiom("monotonicity", "A model that does better on a metric falls behind nobody.", _ahead_after_a_rise),
        Axiom(
            "Pareto",
            "A model that is nowhere worse than another, and somewhere better, is ahead of it.",
            _not_ahead_though_better,
        ),
        Axiom("scale invariance", "The unit of a metric does not matter.", _reversal(_rescaled)),
        Axiom(
            "no ruling variance",
            "A metric on which models differ more does not decide alone.",
            _one_metric_decides,
        ),
        Axiom(
            "independence of irrelevant models",
            "Which of two models is ahead does not depend on a third one's presence.",
            _reversal(_without_a_model),
        ),
        Axiom("clone-proofness", "A metric that is entered several times counts no more.", _reversal(_with_a_clone)),
        Axiom(
            "honesty with holes",
            "No model overtakes another by not being scored.",
            _gains_by_a_hole,
            holed=True,
        ),
    )
}

_OF_ORDERS = {"anonymity", "monotonicity", "scale invariance", "no ruling variance"}
# what a scheme keeps however the scores fall: orders know no units, a mean no third model; without holes Bradley and
# Terry order as Borda does (Buehlmann and Huber 1963)
ALWAYS = {
    "mean": {"anonymity", "monotonicity", "Pareto", "independence of irrelevant models"},
    "z": {"anonymity", "Pareto", "scale invariance", "no ruling variance"},
    "rank": _OF_ORDERS | {"Pareto"},
    "median": _OF_ORDERS,
    "borda": _OF_ORDERS | {"Pareto"},
    "copeland": _OF_ORDERS | {"Pareto"},
    "kemeny": {"scale invariance", "no ruling variance"},
    "bradley_terry": _OF_ORDERS | {"Pareto"},
}
