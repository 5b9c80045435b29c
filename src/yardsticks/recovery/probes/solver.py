"""Exact fits: preconditioned L-BFGS with gauge steps, for one problem or a batch, along a path of strengths.

With A = W'W the loss is convex in A, and so are both penalties at the best W for a given A (for `scaled_identity` the
symmetric positive root of A). The full and the diagonal transform therefore have one best loss, whatever the start.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from yardsticks.recovery.probes.certificate import certificate, escape
from yardsticks.recovery.probes.history import History, polar_rotation, wide
from yardsticks.recovery.probes.objective import Objective, start_scale
from yardsticks.recovery.probes.reduction import Reduced

_REFRESH = 5  # steps between estimates of the curvature
_GAUGE = 15  # steps between rotations to the symmetric root
_ASYMMETRY = 1e-2  # relative; below it a rotation is not worth its price
_ARMIJO = 1e-4
_MAX_CUTS = 20
_CHANCE = math.log(3)
_NEAR = 0.02  # nats below chance: weights that explain no more have perhaps vanished
_MAX_ESCAPES = 3  # for one strength


@dataclass(frozen=True, eq=False)
class Solution:
    """A fitted transform in the basis of its `Reduced` problem, and how the fit went.

    Parameters
    ----------
    weights : Tensor, (r, r), (k, r) or (p,)
        On the features as given: the problem's scale is already divided out.
    objective, nll : float
        Mean cross-entropy in nats per trial, with and without strength times penalty.
    gradient_norm : float
        Of the objective with respect to `weights`.
    decrement : float
        Half g'Hg at the end: the gain that the model of the curvature still promises, in nats. The distance to the
        optimum is larger, by ten times as a rule and by a hundred where the answers are nearly separable.
    n_evaluations : int
        Evaluations of loss and gradient made for this strength.
    status : {"converged", "max_steps", "line_search", "cut"}
    gap : float
        Upper bound on the distance to the best objective, in nats; NaN unless asked for.
    """

    weights: torch.Tensor
    objective: float
    nll: float
    gradient_norm: float
    decrement: float
    n_evaluations: int
    status: str
    gap: float = math.nan


@torch.no_grad()
def solve(
    problems: list[tuple[Reduced, np.ndarray]],
    *,
    strengths: list[float],
    transform: str = "full",
    penalty: str = "scaled_identity",
    start: list[torch.Tensor] | int | None = None,
    low_rank_penalty: str = "output",
    tolerance: float = 1e-5,
    max_steps: int = 400,
    certify: bool = False,
) -> list[list[Solution]]:
    """Fit every problem at every strength; all problems advance together, one evaluation of each at a time.

    Parameters
    ----------
    problems : list of (Reduced, odd)
        Triplets with their answers (n,), or with the chances of these (n, 3); all of one dtype and device.
    strengths : list of float
        Solved from the largest down, `scaled_identity` each from the one before; `frobenius` starts each afresh, as its
        optimum can collapse to W = 0, where the gradient vanishes. A low rank whose outputs are shrunk is solved from
        the smallest up: under a strong penalty it creeps along the curved valley W W' = c I, and stops far too early.
    start : list of Tensor (k, r), or int, optional
        Of a low-rank transform: the first weights, in the basis of each problem, or k for the best multiple of the
        first k axes of the basis.
    tolerance : float
        In nats: a fit ends when its decrement has been below it twice running.

    Returns
    -------
    list of list of Solution
        For each problem, the strengths in the order given.
    """
    objective = Objective(problems, transform, penalty, low_rank_penalty)
    run = _Run(objective, strengths, start, tolerance=tolerance, max_steps=max_steps, certify=certify)
    del objective  # the run alone holds it, and lets go of problems that are done
    while len(run.who):
        run.advance()
    return run.solutions


class _Run:
    """Where each problem of a batch stands on its way along the strengths."""

    def __init__(self, objective: Objective, strengths: list[float], start, *, tolerance, max_steps, certify):
        self.objective, self.tolerance, self.max_steps, self.certify = objective, tolerance, max_steps, certify
        batch, width, device = len(objective.rows), objective.rows.shape[2], objective.rows.device
        self.warm = objective.penalty == "scaled_identity"
        down = not objective.in_valley
        self.order = sorted(range(len(strengths)), key=lambda place: strengths[place], reverse=down)
        self.strengths = torch.tensor(sorted(strengths, reverse=down), dtype=torch.float64, device=device)
        self.solutions: list[list[Solution | None]] = [[None] * len(strengths) for _ in range(batch)]
        self.who = torch.arange(batch, device=device)  # the problem in each place
        self.level = torch.zeros_like(self.who)  # the place of its strength
        self.gauged = self.warm and objective.transform != "low_rank"
        scale = start_scale(objective)[:, None] * objective.inside  # (b, r)
        if objective.transform == "diagonal":
            self.origin = scale
        elif isinstance(start, list):
            self.origin = torch.zeros(batch, len(start[0]), width, dtype=scale.dtype, device=device)
            for b, weights in enumerate(start):
                self.origin[b, :, : weights.shape[1]] = weights.to(scale) * objective.scale[b]
        else:
            self.origin = torch.zeros(batch, start or width, width, dtype=scale.dtype, device=device)
            self.origin.diagonal(dim1=1, dim2=2).copy_(scale[:, :start])
        self.w = self.origin.clone()
        self.history = History(self.w)
        self.data, self.slope, self.spread = objective.nll(self.w)  # (b,), as w, (b,)
        self.evaluations = torch.ones_like(self.who)
        self.steps, self.streak, self.cuts, self.escapes = torch.zeros(4, batch, dtype=torch.long, device=device)
        self.fresh = torch.ones_like(self.who, dtype=torch.bool)

    def advance(self) -> None:
        """Step until some problem is done with its strength; record it and move it on."""
        self.f, self.g = self._penalised(self.w, self.data, self.slope)
        self._refresh()
        self._aim(torch.ones_like(self.fresh), self.fresh, every=True)
        eps = torch.finfo(self.w.dtype).eps
        while True:
            done = (self.streak >= 2) | (self.steps >= self.max_steps) | (self.cuts > _MAX_CUTS)
            if done.any():  # the host reads here, whom to accept and which way is uphill: three times an evaluation
                return self._record(done)
            trial = self.w + wide(self.t, self.w) * self.direction
            data, slope, self.spread = self.objective.nll(trial)
            self.evaluations += 1
            f, g = self._penalised(trial, data, slope)
            noise = eps * self.f.abs().clamp_min(1e-3)
            accepted = f <= self.f + _ARMIJO * self.t * self.expected + noise  # False for NaN
            steps = self.steps + accepted
            every, some, step = torch.stack([accepted.all(), accepted.any(), steps.max()]).tolist()
            if not every:
                shorter = -0.5 * self.t * self.expected / (f - self.f - self.t * self.expected)
                shorter = torch.nan_to_num(shorter, nan=0.1).clamp(0.1, 0.5)
                self.t = torch.where(accepted, self.t, self.t * shorter)
                self.cuts += ~accepted
            if some:
                self.steps = steps
                self._accept(accepted, trial, (data, slope, f, g), every=every)
                self._tend(step)
                self._aim(accepted, accepted, every=every)

    def _penalised(self, w, data, slope):
        """Objective (b,) and gradient, as w."""
        value, gradient = self.objective.penalise(w)
        strength = self._strength()
        return data + strength * value, slope + wide(strength, w) * gradient

    def _strength(self) -> torch.Tensor:
        return self.strengths[self.level] * self.objective.unit

    def _refresh(self):
        self.inverse, self.lift = self.objective.precondition(self.w, self._strength(), self.spread)

    def _aim(self, which, counted, *, every):
        """Set new directions and full steps for some of the problems."""
        direction = self.history.descend(self.g, self.inverse, self.lift)
        expected = (direction * self.g).flatten(1).sum(dim=1, dtype=torch.float64)
        uphill = ~(expected < 0)
        if uphill.any():
            self.history.forget(uphill & which)
            plain = -self.inverse * self.g
            direction = torch.where(wide(uphill, plain), plain, direction)
            expected = (direction * self.g).flatten(1).sum(dim=1, dtype=torch.float64)
        if every:
            self.direction, self.expected, self.t = direction, expected, torch.ones_like(expected)
        else:
            self.direction = torch.where(wide(which, direction), direction, self.direction)
            self.expected = torch.where(which, expected, self.expected)
            self.t = torch.where(which, 1.0, self.t)
        self.cuts[which] = 0
        small = -0.5 * self.expected < self.tolerance
        self.streak = torch.where(counted, torch.where(small, self.streak + 1, 0), self.streak)

    def _accept(self, accepted, trial, found, *, every):
        data, slope, f, g = found
        self.history.push(trial - self.w, g - self.g, accepted)
        if every:
            self.w, self.data, self.slope, self.f, self.g = trial, data, slope, f, g
        else:
            each = wide(accepted, trial)
            self.w, self.slope = torch.where(each, trial, self.w), torch.where(each, slope, self.slope)
            self.f, self.g = torch.where(accepted, f, self.f), torch.where(each, g, self.g)
            self.data = torch.where(accepted, data, self.data)

    def _tend(self, step: int):
        """Do what is due every so many steps."""
        if self.gauged and step % _GAUGE == 0:
            self._gauge()
        if step % _REFRESH == 0:
            self._refresh()

    def _gauge(self, always: bool = False):
        """Go to the symmetric, positive root of the same W'W: the same loss, the least penalty."""
        if self.w.ndim == 2:
            turn = torch.where(self.w < 0, -1.0, 1.0).to(self.w.dtype)
            self.w, self.slope = turn * self.w, turn * self.slope
            self.history.change(lambda part: turn[:, None] * part)
        else:
            apart = (self.w - self.w.mT).flatten(1).norm(dim=1) > _ASYMMETRY * self.w.flatten(1).norm(dim=1)
            if not (always or apart.any()):
                return
            # a decomposition is quickest for one problem on a processor, products alone for many on a card
            turn = polar_rotation(self.w, decompose=len(self.w) == 1 and self.w.device.type == "cpu")
            self.w, self.slope = torch.bmm(turn, self.w), torch.bmm(turn, self.slope)
            square = (*self.history.s.shape[:2], *self.w.shape[1:])
            self.history.change(lambda part: (turn[:, None] @ part.view(square)).view_as(part))
        self.f, self.g = self._penalised(self.w, self.data, self.slope)

    def _escape(self, done: torch.Tensor) -> torch.Tensor:
        """Move problems that only seem done, as their weights have vanished, to better ones; return which (a mask)."""
        escaped = torch.zeros_like(done)
        suspect = done & (self.data > _CHANCE - _NEAR) & (self.escapes < _MAX_ESCAPES)
        found = {
            b: better
            for b, suspected in enumerate(suspect.tolist())
            if suspected and (better := escape(self.objective, self.w, self._strength(), b)) is not None
        }
        if found:
            self.w = self.w.clone()
            for b, better in found.items():
                self.w[b], escaped[b] = better, True
            self.data, self.slope, self.spread = self.objective.nll(self.w)
            self.evaluations += escaped
            self.escapes += escaped
            self.history.forget(escaped)
            self.streak[escaped] = 0
            self.cuts[escaped] = 0
            self.fresh = escaped  # those that are done as well are added by the caller
        return escaped

    def _record(self, done):
        """Write down the problems that are done; move them to their next strength or out of the batch."""
        escaped = self._escape(done)
        done = done & ~escaped
        ended = [b for b, ends in enumerate(done.tolist()) if ends]
        if not ended:
            return
        if self.gauged:
            self._gauge(always=self.w.dtype == torch.float64)
        bounds = (
            certificate(self.objective, self.w, self._strength(), ended) if self.certify else [math.nan] * len(ended)
        )
        objective = self.objective
        norms, widths = self.g.flatten(1).norm(dim=1) * objective.scale, objective.inside.sum(dim=1)
        places = torch.stack(
            [self.who, self.level, self.streak, self.steps, self.evaluations, widths.long()]
        ).mT.tolist()
        values = torch.stack([self.f, self.data, norms, -0.5 * self.expected]).mT.tolist()
        for b, gap in zip(ended, bounds, strict=True):
            who, level, streak, steps, evaluations, width = places[b]
            weights = (self.w[b, ..., :width] / objective.scale[b])[: width if objective.transform == "full" else None]
            status = "converged" if streak >= 2 else "max_steps" if steps >= self.max_steps else "line_search"
            self.solutions[who][self.order[level]] = Solution(weights.clone(), *values[b], evaluations, status, gap)
        self.level = self.level + done
        for counter in (self.evaluations, self.steps, self.streak, self.cuts, self.escapes):
            counter[done] = 0
        self.history.forget(done)
        self.fresh = done | escaped
        last = len(self.strengths) - 1
        going = [b for b, (_, level, *_) in enumerate(places) if level < last or b not in ended]
        going = torch.tensor(going, dtype=torch.long, device=done.device)
        if len(going) < len(done):
            self._keep(going)
        if len(self.w) and not self.warm:
            again = self.fresh & ~escaped[going]
            self.w = torch.where(wide(again, self.w), self.origin, self.w)
            self.data, self.slope, self.spread = self.objective.nll(self.w)
            self.evaluations += again

    def _keep(self, going: torch.Tensor) -> None:
        """Go on with some of the problems, given by their places."""
        self.objective = self.objective.some(going)
        self.history.keep(going)
        self.who, self.level, self.fresh = self.who[going], self.level[going], self.fresh[going]
        self.w, self.origin = self.w[going], self.origin[going]
        self.data, self.slope, self.spread = self.data[going], self.slope[going], self.spread[going]
        self.steps, self.evaluations = self.steps[going], self.evaluations[going]
        self.streak, self.cuts, self.escapes = self.streak[going], self.cuts[going], self.escapes[going]
