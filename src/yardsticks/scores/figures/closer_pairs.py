"""The heat map of correlations to turn: a cell says its numbers, and opens the scatter of its two metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from yardsticks.charts import chart, choice, marked, search, told
from yardsticks.style import UNKNOWN, short_name

SIDE = 560  # pixels of a heat map


def chart_consistency(
    pairs: pd.DataFrame,
    values: pd.DataFrame,
    *,
    names: Mapping[str, str],
    areas: Mapping[str, str | None],
    clustered: Sequence[str],
) -> dict[str, Any]:
    """Return a heat map of correlations whose cells say their numbers, and open the scatter of their two metrics.

    Parameters
    ----------
    pairs : DataFrame
        As from `pair_table`, with resamples: metric_a, metric_b, n, rho, p_adjusted, low, high.
    values : DataFrame, (n_models, n_metrics)
        The scores that were correlated.
    names : mapping of model_id to name
    areas : mapping of metric to area
    clustered : sequence of str
        The metrics so that those which agree stand together, as from `cluster_order`.

    Examples
    --------
    >>> from yardsticks.scores import consistency, pair_table
    >>> scores = pd.DataFrame({"A": [0.1, 0.2, 0.4], "B": [0.5, 0.6, 0.7]}, index=["x", "y", "z"])
    >>> pairs = pair_table(consistency(scores, policy="complete")).assign(low=0.9, high=1.0)
    >>> areas = {"A": "V1", "B": "IT"}
    >>> made = chart_consistency(pairs, scores, names={"x": "X"}, areas=areas, clustered=["B", "A"])
    >>> made["data"]["pairs"]["rows"][0][:3]
    [0, 1, 1.0]
    """
    metrics = list(dict.fromkeys([*pairs["metric_a"], *pairs["metric_b"]]))
    place = {metric: number for number, metric in enumerate(metrics)}
    labels = [short_name(metric) for metric in metrics]
    by_cluster = [place[metric] for metric in clustered]
    columns = {"rho": "rho", "low": "low", "high": "high", "n": "n", "p_adjusted": "p"}
    cells = pairs[[*columns]].rename(columns=columns)
    cells.insert(0, "a", pairs["metric_a"].map(place))
    cells.insert(1, "b", pairs["metric_b"].map(place))
    models = pd.DataFrame({"name": [str(names.get(model, model)) for model in values.index]})
    models["scores"] = values[metrics].round(4).astype(object).where(values[metrics].notna(), None).to_numpy().tolist()
    strongest = pairs["rho"].abs().idxmax()
    constants = {
        "metrics": metrics,
        "labels": labels,
        "areas": [areas[metric] or UNKNOWN for metric in metrics],
        "clustered": by_cluster,
    }
    axis = {
        "labelExpr": "labels[order == 'areas' ? datum.value : clustered[datum.value]]",
        "labelFontSize": 8,
        "labelLimit": 150,
        "labelOverlap": False,
        "ticks": False,
        "domain": False,
        "title": None,
    }
    side = min(SIDE, 40 * len(metrics))
    heat = {
        "data": {"name": "pairs"},
        "width": side,
        "height": side,
        "transform": [
            {"calculate": "[datum.a, datum.b]", "as": "one"},
            {"calculate": "[datum.b, datum.a]", "as": "other"},
            {"flatten": ["one", "other"]},
            {"calculate": "metrics[datum.one]", "as": "metric"},
            {"calculate": "metrics[datum.other]", "as": "with"},
            {"calculate": "areas[datum.one] + ' and ' + areas[datum.other]", "as": "between"},
            {"calculate": "order == 'areas' ? datum.one : indexof(clustered, datum.one)", "as": "x"},
            {"calculate": "order == 'areas' ? datum.other : indexof(clustered, datum.other)", "as": "y"},
            {"calculate": "format(datum.low, '.2f') + ' to ' + format(datum.high, '.2f')", "as": "interval"},
        ],
        "params": [
            {
                "name": "pair",
                "select": {
                    "type": "point",
                    "fields": ["metric", "with"],
                    "on": "click",
                    "clear": False,
                    "toggle": False,
                },
                "value": [{"metric": pairs.at[strongest, "metric_a"], "with": pairs.at[strongest, "metric_b"]}],
                "bind": {
                    # the page has them the other way round
                    "with": {"input": "select", "name": "against ", "options": metrics},
                    "metric": {"input": "select", "name": "Scatter of ", "options": metrics},
                },
            }
        ],
        "mark": {"type": "rect", "aria": False, "cursor": "pointer"},
        "encoding": {
            "x": {"field": "x", "type": "ordinal", "axis": {**axis, "labelAngle": -90}},
            "y": {"field": "y", "type": "ordinal", "axis": axis},
            "color": {
                "field": "rho",
                "type": "quantitative",
                "scale": {"scheme": "redblue", "reverse": True, "domain": [-1, 1]},
                "legend": {"title": "correlation", "orient": "top", "gradientLength": 200},
            },
            "stroke": {"condition": {"param": "pair", "empty": False, "value": "black"}, "value": None},
            "strokeWidth": {"value": 2},
            "tooltip": told(
                metric="metric",
                **{"with": "with"},
                between="areas",
                rho="rho",
                interval="95 % interval",
                n="models",
                p="p, adjusted",
            ),
        },
    }
    score = "datum.scores[indexof(metrics, pair.{0} ? pair.{0}[0] : '')]"
    scatter = {
        "data": {"name": "models"},
        "width": 320,
        "height": 320,
        "transform": [
            {"calculate": score.format("metric"), "as": "x"},
            {"calculate": score.format("with"), "as": "y"},
            {"filter": "isValid(datum.x) && isValid(datum.y)"},
        ],
        "mark": {"type": "point", "filled": True, "size": 40, "opacity": 0.8, "aria": False},
        "encoding": {
            "x": {
                "field": "x",
                "type": "quantitative",
                "scale": {"zero": False},
                "title": "score under the first metric",
            },
            "y": {"field": "y", "type": "quantitative", "scale": {"zero": False}, "title": "score under the second"},
            "color": marked(value="#0072B2"),
            "tooltip": told(name="model", x="first", y="second"),
        },
    }
    spec = {
        "params": [
            choice("order", "Sorted by", ["areas", "clusters"], ["area", "cluster"]),
            search(),
            *({"name": name, "value": value} for name, value in constants.items()),
        ],
        "vconcat": [heat, scatter],
    }
    about = "Heat map of the correlations of metrics, and a scatter plot of the models under two of them."
    # the names that Vega-Lite gives to the size of the heat map
    return chart(about, spec, pairs=cells, models=models) | {"zoom": ["concat_0_width", "concat_0_height"]}
