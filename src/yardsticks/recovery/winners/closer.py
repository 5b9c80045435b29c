"""The chart to turn of chapter 16: recovery by transform, penalty and score, and whom a generator is taken for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from yardsticks.charts import chart, choice, told
from yardsticks.recovery.probes.options import PENALTY_NAMES, TRANSFORM_NAMES
from yardsticks.recovery.studies.tables import Results
from yardsticks.recovery.winners.credit import confusion
from yardsticks.recovery.winners.figures import LINES, SCORE_NAMES
from yardsticks.style import QUIET


def confusions_by_study(
    studies: Mapping[str, Results], *, models: Sequence[str], scores: Sequence[str]
) -> pd.DataFrame:
    """List who wins, in every study, by every score and at every size.

    Parameters
    ----------
    studies : mapping of str to Results
    models : sequence of str
        Generators and candidates; all others are left out.
    scores : sequence of str

    Returns
    -------
    DataFrame
        Columns study, score, n_triplets, generator, winner, share (of the generator's jobs); none of 0.
    """
    found = []
    for study, (rows, *_) in studies.items():
        for score in scores:
            for size in sorted(rows["n_triplets"].unique()):
                shares = confusion(rows, n_triplets=size, score=score, models=models).stack()
                part = shares[shares > 0].rename("share").rename_axis(["generator", "winner"]).reset_index()
                found.append(part.assign(study=study, score=score, n_triplets=int(size)))
    return pd.concat(found, ignore_index=True)[["study", "score", "n_triplets", "generator", "winner", "share"]]


def chart_recovery(curves: pd.DataFrame, confused: pd.DataFrame, *, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return recovery curves with a choice of transform, penalty and score, and the confusions of what is pointed at.

    Parameters
    ----------
    curves : DataFrame
        As from `failure.recovery_by_study`.
    confused : DataFrame
        As from `confusions_by_study`, of the same studies.
    labels : mapping of model to str
    """
    columns = ["study", "transform", "penalty", "score", "n_triplets", "recovery", "low", "high", "chance", "n_jobs"]
    points = curves[columns].replace({"score": SCORE_NAMES, "transform": TRANSFORM_NAMES, "penalty": PENALTY_NAMES})
    cells = confused.replace({"score": SCORE_NAMES})
    names = [str(labels[model]) for model in dict.fromkeys(confused["generator"])]
    cells = cells.assign(generator=cells["generator"].map(labels), winner=cells["winner"].map(labels))
    transforms = [word for word in reversed(TRANSFORM_NAMES.values()) if word in set(points["transform"])]
    penalties = [word for word in PENALTY_NAMES.values() if word in set(points["penalty"])]
    scores = list(dict.fromkeys(points["score"]))
    at, first = points.iloc[0], points["n_triplets"].min()
    # without a transform nothing is penalised
    chosen = "datum.transform == transform && (datum.penalty == penalty || transform == 'none')"
    x = {
        "field": "n_triplets",
        "type": "quantitative",
        "scale": {"type": "log"},
        "title": "training triplets in each fold",
        "axis": {"values": sorted(map(int, points["n_triplets"].unique())), "grid": False},
    }
    y = {
        "field": "recovery",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "title": "recovery accuracy",
        "axis": {"format": "%"},
    }
    shown = {"filter": "datum.score == score"}
    said = told(
        transform="transform",
        penalty="penalty",
        n_triplets="triplets",
        recovery="recovery",
        interval="95 % interval",
        chance="chance",
        n_jobs="jobs",
    )
    lines = {
        "data": {"name": "points"},
        "width": 290,
        "height": 270,
        "transform": [
            shown,
            {"calculate": "format(datum.low, '.0%') + ' to ' + format(datum.high, '.0%')", "as": "interval"},
        ],
        "layer": [
            {
                "mark": {"type": "line", "color": QUIET, "opacity": 0.6, "strokeWidth": 1, "aria": False},
                "encoding": {"x": x, "y": y, "detail": {"field": "study"}},
            },
            {
                "transform": [{"filter": chosen}],
                "mark": {"type": "line", "color": LINES[0][0], "strokeWidth": 2.5, "aria": False},
                "encoding": {"x": x, "y": y},
            },
            {
                "transform": [{"filter": chosen}],
                "mark": {"type": "rule", "color": LINES[0][0], "aria": False},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "params": [
                    {
                        "name": "at",
                        "select": {
                            "type": "point",
                            "fields": ["study", "n_triplets"],
                            "on": "pointerover",
                            "clear": False,
                            "toggle": False,
                        },
                        "value": [{"study": at["study"], "n_triplets": int(first)}],
                    }
                ],
                "mark": {"type": "point", "filled": True, "size": 90, "aria": False},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": {"condition": {"test": chosen, "value": LINES[0][0]}, "value": QUIET},
                    "stroke": {"condition": {"param": "at", "empty": False, "value": LINES[1][0]}, "value": None},
                    "strokeWidth": {"value": 3},
                    "tooltip": said,
                },
            },
        ],
    }
    model = {"type": "nominal", "scale": {"domain": names}, "axis": {"labelFontSize": 9, "labelLimit": 120}}
    matrix = {
        "data": {"name": "cells"},
        "width": 250,
        "height": 270,
        "title": {
            "text": {
                "expr": "'Who wins: ' + (at.n_triplets ? format(at.n_triplets[0], ',') + ' triplets, ' : '') + score"
            },
            "fontSize": 11,
        },
        "transform": [shown, {"filter": {"param": "at", "empty": False}}],
        "mark": {"type": "rect", "aria": False},
        "encoding": {
            "x": {"field": "winner", "title": "winner", **model},
            "y": {"field": "generator", "title": "generator", **model},
            "color": {
                "field": "share",
                "type": "quantitative",
                "scale": {"scheme": "blues", "domain": [0, 1]},
                "legend": {"title": "share of jobs", "format": "%", "orient": "top"},
            },
            "tooltip": told(generator="generator", winner="winner", share="share of its jobs"),
        },
    }
    spec = {
        "params": [
            choice("transform", "Transform", transforms),
            choice("penalty", "penalty", penalties),
            choice("score", "score", scores),
        ],
        "hconcat": [lines, matrix],
    }
    about = "Recovery accuracy against the number of training triplets for each transform, and who wins at one of them."
    return chart(about, spec, points=points, cells=cells)
