"""Averages along a tree of metrics, one model and one node at a time, in plain Python."""

from math import nan


def average(scores: list[float], policy: str) -> float:
    """Average a list with NaN for missing under a named policy."""
    total, count = 0.0, 0
    for score in scores:
        missing = score != score
        if missing and policy == "complete":
            return nan
        if missing and policy == "available":
            continue
        total += 0.0 if missing else score
        count += 1
    return total / count if count else nan


def descend(scores: dict[str, float], edges: list[tuple[str, str]], node: str, policy: str) -> float | None:
    """Average one model's scores below a node, level by level; None where no metric of the table lies below."""
    if node in scores:
        return average([scores[node]], policy)
    below = []
    for child, parent in edges:
        if parent == node:
            score = descend(scores, edges, child, policy)
            if score is not None:
                below.append(score)
    return average(below, policy) if below else None


def areas(scores: dict[str, float], edges: list[tuple[str, str]], policy: str) -> dict[str, float]:
    """Average one model's scores to areas, then areas to neural, then neural and behaviour to overall."""
    result = {}
    for area in ("V1", "V2", "V4", "IT"):
        score = descend(scores, edges, area, policy)
        if score is not None:
            result[area] = score
    neural = list(result.values())
    behaviour = descend(scores, edges, "behavior_vision", policy)
    if behaviour is not None:
        result["behaviour"] = behaviour
    if neural:
        result["neural"] = average(neural, policy)
    if neural and behaviour is not None:
        result["overall"] = average([result["neural"], behaviour], policy)
    return result
