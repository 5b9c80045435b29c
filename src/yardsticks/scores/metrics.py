"""What is known about metrics: areas, Brain-Score's tree, the order of the paper's figures, and the ceiling."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd

from yardsticks.datasets import catalogue

NEURAL_AREAS = ["V1", "V2", "V4", "IT"]
AREA_ORDER = [*NEURAL_AREAS, "behaviour", "engineering"]


@cache
def tree() -> dict[str, list[str]]:
    """Brain-Score's tree: the nodes directly below each node, in the site's order."""
    return catalogue("hierarchy").groupby("parent", sort=False)["child"].apply(list).to_dict()


def leaf_order() -> list[str]:
    """Return the catalogue's leaves in the order of the paper's figures: V1, V2, V4, IT, behaviour, engineering.

    Inside an area the order is that of Brain-Score's tree; leaves outside the tree come last in their area.
    """
    metrics = catalogue("metrics").set_index("metric")
    children = tree()

    def descend(node: str) -> list[str]:
        return [leaf for child in children[node] for leaf in descend(child)] if node in children else [node]

    in_tree = [leaf for top in ("average_vision", "engineering_vision") for leaf in descend(top)]
    rank = {area: position for position, area in enumerate(AREA_ORDER)}
    leaves = in_tree + [metric for metric in metrics.index if metric not in in_tree]
    return sorted(leaves, key=lambda leaf: rank.get(metrics.at[leaf, "area"], len(rank)))


def describe_metrics(names: Iterable[str]) -> pd.DataFrame:
    """Return what the catalogue knows about the metrics, unknown ones with missing area, in the paper's order.

    Returns
    -------
    DataFrame
        Index metric; columns domain, area, parent (str or None) and in_paper_51 (bool).
    """
    names = list(names)
    order = {metric: position for position, metric in enumerate(leaf_order())}
    names.sort(key=lambda name: order.get(name, len(order)))  # stable: unknown metrics keep the file's order
    known = catalogue("metrics").set_index("metric")[["domain", "area", "parent", "in_paper_51"]]
    frame = known.reindex(names)
    frame["in_paper_51"] = frame["in_paper_51"].eq(True)
    return frame.astype(object).where(frame.notna(), None).astype({"in_paper_51": bool})


def find_ceiling(cells: pd.DataFrame) -> tuple[float, int]:
    """Find c and e of score = (raw / c) ** e: e is 1 or 2, whichever makes the ceilings of the models more alike.

    Parameters
    ----------
    cells : DataFrame
        One metric's, with columns score and score_raw; scores and raw scores up to zero say nothing of a ceiling.
    """
    cells = cells[(cells["score"] > 0) & (cells["score_raw"] > 0)]
    ceilings = {e: cells["score_raw"] / cells["score"] ** (1 / e) for e in (1, 2)}
    exponent = min(ceilings, key=lambda e: np.subtract(*ceilings[e].quantile([0.75, 0.25])) / ceilings[e].median())
    return ceilings[exponent].median(), exponent
