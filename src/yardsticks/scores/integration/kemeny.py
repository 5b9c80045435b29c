"""The order of models that contradicts the metrics least: exact to a size, with its gap beyond."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse.csgraph import connected_components

_SECONDS = 60.0  # for a group of models that no majority separates: 127 models of the leaderboard take seven
_CUTS = 3_000  # cycles forbidden in a round
_NEAR = 1e-6


class Kemeny(NamedTuple):
    """An order of models.

    Parameters
    ----------
    order : (n_models,) array of int
        Places of the models, best first.
    cost : float
        Weight of the comparisons that the order contradicts.
    bound : float
        What every order contradicts at least; equal to the cost where the order is proved to be best.
    """

    order: np.ndarray
    cost: float
    bound: float


def kemeny_order(wins: np.ndarray) -> Kemeny:
    """Order models so that as few comparisons as possible are contradicted.

    Parameters
    ----------
    wins : (n_models, n_models) array
        Weight of the metrics under which the row's model is ahead of the column's, ties half to both.

    Returns
    -------
    Kemeny

    Notes
    -----
    Models fall into groups such that every model of a group is preferred to every model of a later one by a majority;
    the best order keeps the groups in this order [1]_. Within a group it is an integer program, one variable for each
    pair; that no three models may be in a cycle is asked where it is violated. Where it is not solved within a minute,
    the order is the best of those that come of moving one model at a time, and the bound tells how far off it may be.

    References
    ----------
    .. [1] Truchon 1998, An extension of the Condorcet criterion and Kemeny orders.

    Examples
    --------
    >>> kemeny_order(np.array([[0, 2, 2], [1, 0, 3], [1, 0, 0]])).order.tolist()
    [0, 1, 2]
    """
    wins = np.asarray(wins, float)
    lost = wins.T - np.minimum(wins, wins.T)  # what it costs to put the row's before the column's, beyond the least
    least = float(np.minimum(wins, wins.T)[np.triu_indices(len(wins), 1)].sum())
    order, cost, bound = [], least, least
    for group in _groups(wins):
        part = lost[np.ix_(group, group)]
        places, more, at_least = _order_group(part)
        order += [int(group[place]) for place in places]
        cost, bound = cost + more, bound + at_least
    return Kemeny(np.array(order, int), cost, bound)


def _groups(wins: np.ndarray) -> list[np.ndarray]:
    """Return the models that no majority separates, best first."""
    ahead = wins > wins.T + _NEAR
    # a tie binds nobody, but both orders must stay possible: it counts as an arrow each way
    arrows = ahead | (np.abs(wins - wins.T) <= _NEAR)
    np.fill_diagonal(arrows, False)
    count, label = connected_components(sparse.csr_array(arrows), directed=True, connection="strong")
    groups = [np.flatnonzero(label == k) for k in range(count)]
    # each model of a group is ahead of all in later groups, and of nobody in earlier ones
    later = [int(np.delete(ahead[group[0]], group).sum()) for group in groups]
    return [groups[k] for k in sorted(range(count), key=lambda k: -later[k])]


def _order_group(lost: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Order one group: places, what it costs, and what it costs at least."""
    n = len(lost)
    if n == 1:
        return np.array([0]), 0.0, 0.0
    order = _move_singly(lost, np.argsort(lost.sum(axis=1), kind="stable"))
    cost = _cost(lost, order)
    if cost <= _NEAR:
        return order, cost, cost
    solved, bound = _solve(lost, cost)
    if solved is not None and _cost(lost, solved) < cost - _NEAR:
        order, cost = solved, _cost(lost, solved)
    return order, cost, min(bound, cost)


def _cost(lost: np.ndarray, order: np.ndarray) -> float:
    return float(np.triu(lost[np.ix_(order, order)], 1).sum())


def _move_singly(lost: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Move one model at a time to its best place until none gains."""
    order, gained = list(order), True
    while gained:
        gained = False
        for model in range(len(order)):
            at = order.index(model)
            rest = np.array(order[:at] + order[at + 1 :])
            # behind the first k of the rest: these come before it, and it before the others
            cost = np.concatenate([[0], lost[rest, model].cumsum()]) + np.concatenate(
                [lost[model, rest][::-1].cumsum()[::-1], [0]]
            )
            best = int(cost.argmin())
            if cost[best] < cost[at] - _NEAR:
                order, gained = [*rest[:best].tolist(), model, *rest[best:].tolist()], True
    return np.array(order)


def _solve(lost: np.ndarray, known: float) -> tuple[np.ndarray | None, float]:
    """Return the best order and the bound that is proved, or None for the order where time ran out."""
    n, stop = len(lost), time.monotonic() + _SECONDS
    first, second = np.triu_indices(n, 1)
    index = np.zeros((n, n), int)
    index[first, second] = np.arange(len(first))
    weight, constant = lost[first, second] - lost[second, first], float(lost[second, first].sum())
    rows, lows, highs, seen, bound = [], [], [], set(), 0.0
    for whole in (False, True):  # first without asking for whole numbers, which gives most of the cuts
        while True:
            cuts = [LinearConstraint(sparse.vstack(rows), lows, highs)] if rows else []
            left = stop - time.monotonic()
            if left <= 0:
                return None, bound
            found = milp(
                weight,
                constraints=cuts,
                bounds=Bounds(0, 1),
                integrality=np.full(len(weight), int(whole)),
                options={"time_limit": left},
            )
            if found.x is None or found.status != 0:
                return None, bound
            bound = max(bound, found.fun + constant)
            before = np.zeros((n, n))
            before[first, second], before[second, first] = found.x, 1 - found.x
            violated = _violated(before, seen)
            for a, b, c in violated:  # before[a, b] + before[b, c] - before[a, c] within 0 and 1
                entry = sparse.csr_array(
                    ([1.0, 1.0, -1.0], ([0, 0, 0], [index[a, b], index[b, c], index[a, c]])), shape=(1, len(weight))
                )
                rows.append(entry)
                lows.append(0.0)
                highs.append(1.0)
            if not violated:
                break
        if np.abs(found.x - found.x.round()).max() < _NEAR:
            return np.argsort(-before.sum(axis=1), kind="stable"), min(bound, known)
    return None, bound


def _violated(before: np.ndarray, seen: set) -> list[tuple[int, int, int]]:
    """Return the triples a < b < c that are in a cycle, and are not yet forbidden to be."""
    n, found = len(before), []
    for a in range(n - 2):
        total = before[a, a + 1 :, None] + before[a + 1 :, a + 1 :] - before[a, None, a + 1 :]
        wrong = np.argwhere(np.triu((total > 1 + _NEAR) | (total < -_NEAR), 1))
        for b, c in wrong.tolist():
            triple = (a, a + 1 + b, a + 1 + c)
            if triple not in seen:
                seen.add(triple)
                found.append(triple)
                if len(found) >= _CUTS:
                    return found
    return found
