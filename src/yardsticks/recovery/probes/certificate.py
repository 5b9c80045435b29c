"""How far a fit may be from its optimum, and the way out where its weights vanish."""

from __future__ import annotations

import math

import torch

from yardsticks.recovery.probes.objective import Objective

_SIZES = tuple(2.0**power for power in range(-6, 4))  # of weights that leave a saddle; scores differ by about one
_AWAY = 0.05  # of all directions that are put beside those, so that none is lost
_WORTH = 1e-5  # nats


def certificate(objective: Objective, w: torch.Tensor, strength: torch.Tensor, which: list[int]) -> list[float]:
    """Duality gap of some of the problems: the objective less a lower bound on the best one; at least 0, in nats.

    For chances q = e + theta (p - e) between the answer e (one, or the chances that stand for it) and the prediction
    p, the mean entropy of q bounds the optimum from below if the penalty outweighs theta times the pull of the data in
    every direction; the largest such theta in [0, 1] is used. NaN for a low rank, whose problem is not convex.
    """
    if objective.transform == "low_rank":
        return [math.nan] * len(which)
    nll, pulls, logits = _pull_of_metric(objective, w)
    value = objective.penalise(w)[0] * strength + nll
    gaps = []
    for b in which:
        pull = pulls[b]
        values = torch.linalg.eigvalsh(pull) if w.ndim == 3 else pull.diagonal()
        theta = _largest_theta((values / strength[b]).cpu(), objective.penalty)
        entropy = 0.0
        for block, part in logits:
            chances = theta * torch.softmax(part[b], dim=0)  # (3, n_block)
            if block.targets is None:
                chances[0] += 1 - theta
            else:
                chances += (1 - theta) * block.targets[b]
            each = torch.special.entr(chances).sum(dim=0)
            entropy += float((each if block.counts is None else each * block.counts[b, 0]).sum())
        gaps.append(float(value[b]) - entropy / float(objective.n_triplets[b]))
    return gaps


def escape(objective: Objective, w: torch.Tensor, strength: torch.Tensor, b: int) -> torch.Tensor | None:
    """Find better weights for a problem whose weights have vanished; None where vanishing is best.

    The gradient is zero at W = 0, best or not. In the metric A = W'W the loss is convex and, to first order, so is what
    the penalty costs; for weights w along the axes of the loss's derivative by A, both together are a quadratic form in
    w. Where it has a negative value the weights of its lowest one leave the saddle; they have no sign to choose.
    """
    alone = objective.some(torch.tensor([b], device=w.device))
    w, strength = w[b : b + 1], strength[b : b + 1]
    pull = _pull_of_metric(alone, w)[1][0]
    values, vectors = (pull.diagonal(), None) if w.ndim == 2 else torch.linalg.eigh(pull)
    form = torch.diag(values)
    if objective.transform != "low_rank" or objective.penalty == "frobenius":
        form += strength * torch.eye(len(values), dtype=form.dtype, device=form.device)
        if objective.penalty == "scaled_identity":
            form -= strength / len(values)
    lowest, ways = torch.linalg.eigh(form)
    if lowest[0] >= 0:
        return None
    k = w.shape[1]
    root = ways[:, 0].abs() / ways[:, 0].abs().max() + _AWAY
    if vectors is None:
        way = root
    elif k == w.shape[2]:
        way = (vectors * root) @ vectors.mT
    else:
        way = (root[:, None] * vectors.mT)[:k]  # the strongest come first
    best = alone.nll(w)[0] + strength * alone.penalise(w)[0]
    found = None
    for size in _SIZES:
        trial = torch.zeros_like(w)
        trial[0][tuple(slice(length) for length in way.shape)] = (size * way).to(w.dtype)
        value = alone.nll(trial)[0] + strength * alone.penalise(trial)[0]
        if value < best - _WORTH:
            best, found = value, trial[0]
    return found


def _pull_of_metric(objective: Objective, w: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor], list]:
    """Mean cross-entropy (b,), its derivatives by A = W'W in the features that exist, and blocks with their logits.

    All in float64, whatever the problem's own precision.
    """
    rows = objective.rows.double()
    scored, raw = objective.scoring(objective.embed(w)), objective.scoring(rows)
    nll = torch.zeros_like(objective.n_triplets)
    logits = []
    for block in objective.blocks:
        part = scored.logits(block.index)[0].double()
        logs = torch.log_softmax(part, dim=1)
        nll -= block.answered(logs).sum(dim=1) / objective.n_triplets
        push = logs.exp_()
        block.take_off(push)
        raw.pull(raw.logits(block.index)[1], push)
        logits.append((block, part))
    pulled = raw.gradient() / (2 * objective.n_triplets[:, None, None])  # (b, n, r)
    alive = [inside > 0 for inside in objective.inside]
    pulls = [rows[b][:, kept].mT @ pulled[b][:, kept] for b, kept in enumerate(alive)]
    return nll, pulls, logits


def _largest_theta(values: torch.Tensor, penalty: str) -> float:
    """Largest theta in [0, 1] with 1 + theta v > 0 and, for `scaled_identity`, a mean of 1 / (1 + theta v) <= 1."""
    low = float(values.min())
    top = 1.0 if low >= -1 else -1 / low
    if penalty == "frobenius":
        return top

    def feasible(theta: float) -> bool:
        inverse = 1 + theta * values
        return bool((inverse > 0).all()) and float((1 / inverse).mean()) <= 1

    if feasible(top):
        return top
    lower, upper = 0.0, top
    for _ in range(60):
        middle = (lower + upper) / 2
        lower, upper = (middle, upper) if feasible(middle) else (lower, middle)
    return lower
