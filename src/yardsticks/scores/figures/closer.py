"""Charts of models to turn, each in the place of a figure: what a mark stands for, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from yardsticks.charts import chart, choice, found, marked, search, told
from yardsticks.style import EMPHASIS, QUIET


def chart_neural_behaviour(frame: pd.DataFrame) -> dict[str, Any]:
    """Return a scatter of neural against behavioural score with names, and one of the two ranks beside it.

    Models in a rectangle drawn in either are marked in both.

    Parameters
    ----------
    frame : DataFrame
        As from `integration.neural_behaviour`.

    Examples
    --------
    >>> from yardsticks.scores import make_twin, neural_behaviour
    >>> made = chart_neural_behaviour(neural_behaviour(make_twin(), policy="zero"))
    >>> made["data"]["points"]["columns"][:3]
    ['name', 'neural', 'behaviour']
    """
    columns = ["model_name", "neural", "behaviour", "neural_z", "behaviour_z", "rank", "neural_rank"]
    points = frame[columns].rename(columns={"model_name": "name"})

    by_rank = {
        "field": "rank",
        "type": "quantitative",
        "scale": {"scheme": "viridis", "reverse": True},
        "legend": {"title": "overall rank", "orient": "top"},
    }

    def panel(x: dict[str, Any], y: dict[str, Any]) -> dict[str, Any]:
        return {
            "width": 310,
            "height": 310,
            "transform": [
                {"calculate": "kind == 'scores' ? datum.neural : datum.neural_z", "as": "x"},
                {"calculate": "kind == 'scores' ? datum.behaviour : datum.behaviour_z", "as": "y"},
            ],
            "mark": {"type": "point", "filled": True, "size": 45, "aria": False},
            "encoding": {
                "x": x,
                "y": y,
                "color": marked({"test": {"not": {"param": "drawn"}}, "value": QUIET}, **by_rank),
                "opacity": {"condition": {"test": f"search == '' || ({found()})", "value": 0.9}, "value": 0.25},
                "tooltip": told(
                    name="model",
                    rank="overall rank",
                    neural_rank="neural rank",
                    neural="neural score",
                    behaviour="behavioural score",
                ),
            },
        }

    def axis(field: str, title: str, **scale: Any) -> dict[str, Any]:
        return {"field": field, "type": "quantitative", "title": title, "scale": {"zero": False, **scale}}

    brush = {"params": [{"name": "drawn", "select": {"type": "interval", "resolve": "global"}}]}
    spec = {
        "data": {"name": "points"},
        "params": [choice("kind", "Shown as", ["scores", "z"], ["scores", "z-transformed scores"]), search()],
        "hconcat": [
            panel(axis("x", "neural"), axis("y", "behavioural")) | brush,
            panel(axis("neural_rank", "neural rank", reverse=True), axis("rank", "overall rank", reverse=True)) | brush,
        ],
    }
    about = "Two scatter plots of models: neural against behavioural score, and neural against overall rank."
    return chart(about, spec, points=points)


def chart_integrations(shifts: pd.DataFrame, *, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return a line for each model through its places under several schemes, which says whose it is.

    Parameters
    ----------
    shifts, labels
        As for `plot_integrations`.

    Examples
    --------
    >>> from yardsticks.scores import integrate, make_twin, rank_shifts
    >>> rankings = {scheme: integrate(make_twin(), scheme=scheme, policy="zero") for scheme in ("mean", "rank")}
    >>> made = chart_integrations(rank_shifts(rankings), labels={"mean": "mean", "rank": "mean rank"})
    >>> made["data"]["points"]["columns"]
    ['name', 'score', 'rank', 'low', 'high', 'model', 'scheme']
    """
    parts = []
    for scheme, label in labels.items():
        columns = {
            scheme: "score",
            f"rank_{scheme}": "rank",
            f"rank_{scheme}_low": "low",
            f"rank_{scheme}_high": "high",
        }
        part = shifts[["model_name", *columns]].rename(columns={"model_name": "name", **columns})
        parts.append(part.assign(model=shifts.index, scheme=label))
    points = pd.concat(parts)
    shared = {
        "x": {
            "field": "value",
            "type": "quantitative",
            "title": None,
            "scale": {"zero": False, "nice": False},
            "axis": {"labelExpr": "kind == 'rank' ? -datum.value : datum.label"},
        },
        "y": {"field": "scheme", "type": "nominal", "sort": list(labels.values()), "title": None},
        "tooltip": told(
            name="model", scheme="scheme", rank="rank", interval="95 % interval", score="score, normalised"
        ),
    }
    shown = f"search == '' || ({found()})"
    lit = {"param": "pointed", "empty": False}
    spec = {
        "data": {"name": "points"},
        "width": 600,
        "height": 300,
        "params": [
            choice("kind", "Along the axis", ["rank", "score"], ["rank (1 is right)", "score, min-max normalised"]),
            search(),
        ],
        "transform": [
            {"calculate": "kind == 'score' ? datum.score : -datum.rank", "as": "value"},
            {"calculate": "isValid(datum.low) ? datum.low + ' to ' + datum.high : ''", "as": "interval"},
        ],
        "layer": [
            {
                "mark": {"type": "line", "aria": False},
                "encoding": shared
                | {
                    "detail": {"field": "model"},
                    "order": {"field": "scheme", "sort": list(labels.values())},
                    "color": {
                        "condition": [lit | {"value": EMPHASIS}, {"test": found(), "value": EMPHASIS}],
                        "value": QUIET,
                    },
                    "opacity": {"condition": [lit | {"value": 1}, {"test": shown, "value": 0.55}], "value": 0.1},
                    "strokeWidth": {"condition": [lit | {"value": 3}, {"test": found(), "value": 2}], "value": 1},
                },
            },
            {
                "params": [
                    {
                        "name": "pointed",
                        "select": {
                            "type": "point",
                            "fields": ["model"],
                            "on": "pointerover",
                            "nearest": True,
                            "clear": "pointerout",
                        },
                    }
                ],
                "mark": {"type": "point", "filled": True, "size": 40, "aria": False},
                "encoding": shared
                | {
                    "color": {
                        "condition": [lit | {"value": EMPHASIS}, {"test": found(), "value": EMPHASIS}],
                        "value": "#0072B2",
                    },
                    "opacity": {"condition": [lit | {"value": 1}, {"test": shown, "value": 0.9}], "value": 0.1},
                },
            },
        ],
    }
    about = "A row for each scheme; each model is a point at its rank or score, joined from row to row."
    return chart(about, spec, points=points)
