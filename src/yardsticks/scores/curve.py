"""The specification curve: the headline numbers under every defensible specification, and what decides them."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import NamedTuple

import numpy as np
import pandas as pd

from yardsticks.claims import CLOSE, published
from yardsticks.scores.integration import LEVELS
from yardsticks.scores.specification import (
    CHOICES,
    HEADLINES,
    METRIC_SETS,
    Analysis,
    Inputs,
    Specification,
    apply,
    prepare,
)
from yardsticks.scores.table import POLICIES, ScoreTable, check_option
from yardsticks.stats import METHODS

# From the leaderboard to models. Kar2019-ost follows from the policy, and of two cut dates one month apart one stands for
# both: neither moves a number by much, and the claims page has both.
MODEL_CHOICES = CHOICES | {"until": (None, "2023-09-01"), "ost_as_zero": (False,)}
# From models to numbers
ANALYSES = {"policy": POLICIES, "metrics": METRIC_SETS, "method": METHODS, "over": LEVELS}
NAMES = ("table", *MODEL_CHOICES, *ANALYSES)
# What each number is compared with, keys of data/published.toml. Of the mean correlation the paper prints one value for
# each set of metrics, that over the leaves in the workshop version.
MEAN_RHO = {
    "groups": "mean_rho_figure5",
    "leaves": "workshop_mean_rho",
    "leaves and engineering": "mean_rho_69",
}
VERSIONS = {
    "paper": {name: name for name in HEADLINES if name != "mean_rho"},
    "workshop": {"r2_behaviour": "workshop_r2_behaviour", "r2_neural": "workshop_r2_neural"},
}


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
        An unknown choice, or a value that it does not have.

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
    - ``policy``: only complete models are comparable; or Brain-Score's rule, which is how the site ranks; or use all
      that is known.
    - ``method``: ranks do not depend on the scale of scores, tau-b treats ties best, Pearson uses the distances.
    - ``metrics``: the paper's groups, so that a study with many metrics does not outvote others; or its 50 leaves; or
      these and the engineering metrics, as in its text.
    - ``over``: z scores and ranks averaged over the two domains, over the five areas, or over the leaves: the paper
      does not say.

    Combinations that mean nothing are left out: a table without timestamps cannot be cut, and has later models than
    those that ``public_only`` is about; ``nonzero`` is a reading of what is complete.
    """
    options = {"table": tuple(tables)} | MODEL_CHOICES | ANALYSES
    wanted = {name: word(value) for name, value in (only or {}).items() if value != ""}
    for name, value in wanted.items():
        check_option("choice", name, options)
        check_option(name, value, map(word, options[name]))
    kept = {name: [v for v in values if wanted.get(name, word(v)) == word(v)] for name, values in options.items()}
    points = []
    for values in itertools.product(*kept.values()):
        chosen = dict(zip(kept, values, strict=True))
        choices = Specification(**{name: chosen[name] for name in MODEL_CHOICES})
        analysis = Analysis(**{name: chosen[name] for name in ANALYSES})
        cells = tables[chosen["table"]].cells
        undated = cells is None or cells["timestamp"].isna().all()
        if undated and (choices.until or choices.public_only) or choices.nonzero and analysis.policy != "complete":
            continue
        points.append(Point(chosen["table"], choices, analysis))
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
        In the order of `points`: the choices in words; n_models; and the numbers of `specification.HEADLINES`, NaN
        where they are not defined.
    """
    sample, rows, known = None, [], {}
    for point in points:
        if point[:2] != sample:  # neighbours in the grid share their models
            sample = point[:2]
            sets, prepared = apply(tables[point.table], point.choices), {}
        key = (point.analysis.policy, point.analysis.metrics)
        if key not in prepared:
            inputs = prepare(sets, point.choices, policy=key[0], metrics=key[1])
            prepared[key] = inputs, _digest(inputs.metrics), _digest(inputs.areas, *inputs.parts.values())
        inputs, metrics, areas = prepared[key]
        row = point.words() | {"n_models": int(inputs.areas["overall"].notna().sum())}
        for name, compute in HEADLINES.items():
            # many specifications leave the same scores to compute from
            same = (metrics, point.analysis.method) if name == "mean_rho" else (areas, point.analysis)
            if (name, *same) not in known:
                known[name, *same] = compute(inputs, point.analysis)
            row[name] = known[name, *same]
        rows.append(row)
    return pd.DataFrame(rows)


def _digest(*frames: pd.DataFrame) -> bytes:
    """Tell scores apart; the names of models and metrics do not matter to the headline numbers."""
    digest = hashlib.sha256()
    for frame in frames:
        digest.update(repr(frame.shape).encode() + np.ascontiguousarray(frame.to_numpy(float)).tobytes())
    return digest.digest()
