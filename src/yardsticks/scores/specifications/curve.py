"""The specification curve: the headline numbers under every defensible specification."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from yardsticks.scores.consistency import paper_leaves
from yardsticks.scores.integration import LEVELS
from yardsticks.scores.intervals import interval, resample
from yardsticks.scores.specifications.choices import CHOICES, Specification, apply
from yardsticks.scores.specifications.headline import (
    HEADLINES,
    METRIC_SETS,
    Analysis,
    Prepared,
    agreement_with_overall,
    beside_overall,
    prepare,
)
from yardsticks.scores.table import POLICIES, ScoreTable
from yardsticks.stats import METHODS, check_option

# From the leaderboard to models. What becomes of Kar2019-ost follows from the policy, and of two cut dates a month
# apart one stands for both: the claims page has both of each.
MODEL_CHOICES = CHOICES | {"until": (None, "2023-09-01"), "ost_as_zero": (False,)}
# From models to numbers
ANALYSES = {"policy": POLICIES, "metrics": METRIC_SETS, "method": METHODS, "over": LEVELS}
EXPLAINED = {"r2_behaviour": "behaviour", "r2_neural": "neural"}  # by domains of the overall score's variance
NAMES = ("table", *MODEL_CHOICES, *ANALYSES)


class Point(NamedTuple):
    """One specification: a leaderboard, the models taken from it, and what is computed from them."""

    table: str
    choices: Specification
    analysis: Analysis

    def words(self) -> dict[str, str]:
        """Name each choice's value, as in the columns of `specification_curve`."""
        values = {"table": self.table} | asdict(self.choices) | asdict(self.analysis)
        return {name: word(values[name]) for name in NAMES if name != "ost_as_zero"}


def word(value: object) -> str:
    """Write a choice's value: yes or no, ``none``, a number, or the text itself."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else "none" if value is None else str(value)


def grid(tables: Mapping[str, ScoreTable], *, only: Mapping[str, object] | None = None) -> list[Point]:
    """Cross every defensible choice with every other, as far as the combination means something.

    Parameters
    ----------
    tables : mapping of str to ScoreTable
        Leaderboards by name. The paper's own copy is not public, and any of the public ones may stand for it.
    only : mapping of choice to value, optional
        Keep the specifications with these values, given as such or in the words of `word`; "" keeps all.

    Returns
    -------
    list of Point

    Raises
    ------
    ValueError
        An unknown choice, or a value that it does not have; values that do not go together; or a table without any of
        the paper's metrics.

    Notes
    -----
    The choices, and why each of their values may be defended:

    - ``table``: an early state of the leaderboard is nearer to the paper's, a late one has more models.
    - ``until``: all scores; or those given before 2023-09-01, about when the paper's were taken.
    - ``public_only``: every model; or without those that were probably not public at that time.
    - ``nonzero``: a score of .000 is a score; or, as the paper speaks of non-zero scores, none.
    - ``deduplicate``: every row of the leaderboard was submitted as a model; or one row for each name.
    - ``imagenet_floor``: no model is left out for what it can do; or those under 1.9 %, as in the paper.
    - ``nesting``: the site's tree, in which a study weighs as much as another; or all leaves of an area alike.
    - ``policy``: only complete models are comparable; or Brain-Score's rule for averages, which is how the site ranks;
      or use all that is known.
    - ``method``: ranks do not depend on the scale of scores, tau-b treats ties best, Pearson uses the distances.
    - ``metrics``: the paper's groups, so that a study with many metrics does not outvote others; or its 50 leaves; or
      these and the engineering metrics, as in its text.
    - ``over``: z scores and ranks averaged over the leaves, as the paper's text says; or over the five areas or the two
      domains, which come nearer to one or the other of its numbers.

    Combinations that mean nothing are left out: a table without timestamps cannot be cut, nor one without ImageNet
    scores by them; ``public_only`` is about the models at the cut date; and ``nonzero`` is a reading of what is
    complete.
    """
    for name, table in tables.items():
        if not paper_leaves(table):
            raise ValueError(f"{name} has none of the metrics of Brain-Score that the specifications are about.")
    options = {"table": tuple(tables)} | MODEL_CHOICES | ANALYSES
    wanted = {name: word(value) for name, value in (only or {}).items() if value != ""}
    for name, value in wanted.items():
        check_option("choice", name, options)
        check_option(name, value, map(word, options[name]))
    kept = {name: [v for v in values if wanted.get(name, word(v)) == word(v)] for name, values in options.items()}
    without_floor = {name for name, t in tables.items() if "ImageNet-top1" not in t.values}
    undated = {name for name, t in tables.items() if t.cells is None or t.cells["timestamp"].isna().all()}
    points = []
    for values in itertools.product(*kept.values()):
        chosen = dict(zip(kept, values, strict=True))
        choices = Specification(**{name: chosen[name] for name in MODEL_CHOICES})
        analysis = Analysis(**{name: chosen[name] for name in ANALYSES})
        early = choices.public_only and not choices.until
        if (
            (chosen["table"] in undated and choices.until)
            or (chosen["table"] in without_floor and choices.imagenet_floor)
            or early
            or (choices.nonzero and analysis.policy != "complete")
        ):
            continue
        points.append(Point(chosen["table"], choices, analysis))
    if not points:
        named = ", ".join(f"{name} = {value}" for name, value in wanted.items())
        raise ValueError(f"no specification has {named}: see `curve.grid` on what goes together.")
    return points


def specification_curve(tables: Mapping[str, ScoreTable], points: Sequence[Point]) -> pd.DataFrame:
    """Compute the headline numbers under each specification.

    Parameters
    ----------
    tables : mapping of str to ScoreTable
        Leaderboards by name.
    points : sequence of Point
        As from `grid`.

    Returns
    -------
    DataFrame, (n_points, n_choices + 6)
        In the order of `points`: the choices in words; n_models; and the numbers of `headline.HEADLINES`, NaN
        where they are not defined.
    """
    left, sample, rows, known = None, None, [], {}
    for point in points:
        if point[:2] != sample:  # neighbours in the grid share their models
            sample, prepared = point[:2], {}
            same = point.table, replace(point.choices, nesting="website")  # which models are left
            if same != left:
                left, sets = same, apply(tables[point.table], point.choices)
        key = (point.analysis.policy, point.analysis.metrics)
        if key not in prepared:
            inputs = prepare(sets, point.choices, policy=key[0], metrics=key[1])
            prepared[key] = inputs, _digest(inputs.metrics), _digest(inputs.areas, *inputs.parts.values())
        inputs, metrics, areas = prepared[key]
        row = point.words() | {"n_models": int(inputs.areas["overall"].notna().sum())}
        method, over = point.analysis.method, point.analysis.over
        for name, compute in HEADLINES.items():
            # many specifications leave the same scores to compute a number from
            of = (metrics, method) if name == "mean_rho" else (areas,) if name in EXPLAINED else (areas, method, over)
            same = (name, *of)
            if same not in known:
                known[same] = compute(inputs, point.analysis)
            row[name] = known[same]
        rows.append(row)
    return pd.DataFrame(rows)


def _digest(*frames: pd.DataFrame) -> bytes:
    """Tell scores apart; the names of models and metrics do not matter to the headline numbers."""
    digest = hashlib.sha256()
    for frame in frames:
        digest.update(repr(frame.shape).encode() + np.ascontiguousarray(frame.to_numpy(float)).tobytes())
    return digest.digest()


def bootstrap_curve(
    tables: Mapping[str, ScoreTable],
    points: Sequence[Point],
    frame: pd.DataFrame,
    *,
    n_specifications: int,
    n_resamples: int,
    seed: int,
    also: Iterable[int] = (),
) -> pd.DataFrame:
    """Give some specifications an interval for each headline number, by resampling their models.

    Parameters
    ----------
    tables, points, frame
        As in `specification_curve`, and its result.
    n_specifications : int
        How many for each number: evenly spaced in its order, among those on the first of the leaderboards (correlations
        over models that a pair shares take too long on the larger one).
    n_resamples : int
        Resamples of the models, with replacement.
    seed : int
        Each specification has its own random numbers, from this and its values.
    also : iterable of int
        Positions in `points` of further specifications.

    Returns
    -------
    DataFrame
        One row for each number and specification; columns specification (the position in `points`), number, value,
        low and high (2.5 and 97.5 % of the resamples), n_models.
    """
    first = frame["table"] == frame["table"].iloc[0]
    rows = []
    for number in HEADLINES:
        for position in sorted({*spread_along(frame[number].where(first), n_specifications), *also}):
            table, choices, analysis = points[position]
            models = apply(tables[table], choices)
            inputs = prepare(models, choices, policy=analysis.policy, metrics=analysis.metrics)
            drawn = {
                "seed": [seed, *hashlib.sha256(repr(points[position].words()).encode()).digest()],
                "n": n_resamples,
            }
            ends = interval(_resample(number, inputs, analysis, **drawn).reset_index(drop=True)).loc[0]
            rows.append((position, number, frame[number].iloc[position], *ends, len(inputs.areas)))
    found = pd.DataFrame(rows, columns=["specification", "number", "value", "low", "high", "n_models"])
    return found.astype({"low": float, "high": float})


def spread_along(values: pd.Series, n: int) -> list[int]:
    """Return the positions of `n` values (of all, if there are fewer), evenly spaced in their order; never of NaN."""
    order = np.flatnonzero(values.notna())[np.argsort(values.dropna().to_numpy(), kind="stable")]
    return [int(order[i]) for i in np.unique(np.linspace(0, len(order) - 1, min(n, len(order))).round().astype(int))]


def _resample(number: str, inputs: Prepared, analysis: Analysis, **drawn: int | list[int]) -> pd.DataFrame:
    """Return a headline number on resamples of the models, (1, n)."""
    if number == "mean_rho":
        return resample(inputs.metrics, analysis.method, **drawn).mean().to_frame().T
    if number in EXPLAINED:
        return resample(inputs.areas[[EXPLAINED[number], "overall"]], "pearson", **drawn) ** 2
    scheme = number.removeprefix("rho_mean_")
    agreement = partial(agreement_with_overall, scheme=scheme, method=analysis.method)
    return resample(beside_overall(inputs, analysis), agreement, **drawn)
