"""The fit as the published study makes it: the same loss, optimiser and stopping rule, for comparison and replication.

All objects enter the matrix of scores, whether they occur or not, and the gradient comes from automatic
differentiation. The stopping rule ends a fit while the loss still falls, the more so the smaller the strength. Of a
card the host reads what the optimiser itself asks for, six or seven numbers an evaluation, and no more.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

from yardsticks.recovery.probes.options import Options
from yardsticks.recovery.probes.solver import Solution
from yardsticks.recovery.triplets.choices import remaining_pairs

_LBFGS = {
    "lr": 1,
    "max_iter": 150,
    "max_eval": 450,
    "tolerance_grad": 1e-7,
    "tolerance_change": 1e-4,
    "history_size": 50,
    "line_search_fn": "strong_wolfe",
}
_EPOCHS = 100
_RELATIVE_CHANGE = 1e-7


class _OutOfTimeError(Exception):
    pass


def solve_published(
    features: np.ndarray,
    objects: np.ndarray,
    odd: np.ndarray,
    strengths: Sequence[float],
    asked: Options,
) -> list[Solution]:
    """Fit one transform the published way at each strength, from the identity or its first rows.

    Parameters
    ----------
    features : (n_objects, n_features) array
        Taken as they are, in float32.
    objects : (n, 3) array of int
    odd : (n,) array of int, or (n, 3) array
        Answers, or their chances.
    strengths : sequence of float
    asked : Options
        After its time_limit a fit is cut, and returns the best weights it has seen.

    Returns
    -------
    list of Solution
        With weights in the features' own coordinates, and the status "converged", "max_steps" or "cut".
    """
    x = torch.as_tensor(np.asarray(features, dtype=np.float32), device=asked.device)
    pairs = remaining_pairs(torch.as_tensor(objects, device=x.device))  # two of (n, 3)
    answer = torch.as_tensor(np.asarray(odd, dtype=np.int64 if odd.ndim == 1 else np.float32), device=x.device)
    return [_solve_one(x, pairs, answer, strength, asked) for strength in strengths]


def _solve_one(x: torch.Tensor, pairs: tuple, answer: torch.Tensor, strength: float, asked: Options) -> Solution:
    p = x.shape[1]
    w = torch.ones(p, device=x.device) if asked.transform == "diagonal" else torch.eye(p, device=x.device)
    w = (w[: asked.rank] if asked.transform == "low_rank" else w).clone().requires_grad_()
    optimiser = torch.optim.LBFGS([w], **_LBFGS)
    began = time.perf_counter()
    best, n_evaluations = None, 0

    def closure():
        nonlocal best, n_evaluations
        spent = time.perf_counter() - began
        if asked.time_limit is not None and best is not None and spent > asked.time_limit:
            raise _OutOfTimeError
        optimiser.zero_grad()
        z = x * w if asked.transform == "diagonal" else x @ w.T
        scores = z @ z.T  # (n_objects, n_objects)
        nll = functional.cross_entropy(scores[pairs], answer)
        loss = nll + strength * _penalty(w, asked)
        loss.backward()
        n_evaluations += 1
        now = torch.stack([loss, nll, w.grad.norm()]).detach(), w.detach().clone()
        if best is None:
            best = now
        else:  # where they are: the host need not know which is the better one
            better = now[0][0] < best[0][0]
            best = tuple(torch.where(better, *parts) for parts in zip(now, best, strict=True))
        return loss

    status, last = "max_steps", math.inf
    try:
        for epoch in range(_EPOCHS):
            loss = optimiser.step(closure).item()  # the loss at the start of the step
            if epoch > 1 and abs(loss - last) < _RELATIVE_CHANGE * abs(last):
                status = "converged"
                break
            last = loss
    except _OutOfTimeError:
        status = "cut"
    return Solution(best[1], *best[0].tolist(), math.nan, n_evaluations, status)


def _penalty(w: torch.Tensor, asked: Options) -> torch.Tensor:
    """Un-normalised penalty of weights in the features' own coordinates."""
    if asked.penalty == "frobenius":
        return w.square().sum()
    if asked.transform == "diagonal":
        return (w - w.mean()).square().sum()
    if asked.transform == "low_rank":
        w = w @ w.T if asked.low_rank_penalty == "output" else w.T @ w
    return (w - w.trace() / len(w) * torch.eye(len(w), device=w.device)).square().sum()
