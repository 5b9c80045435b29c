"""The loss of a transform on answered triplets, its gradient and its curvature, for one problem or a batch of them.

Every array has the problems of the batch as its first axis. A problem with fewer objects, features or triplets than the
largest of its batch is padded with zeros, which stay zero: its rows, the transform's and its answers' weights.
"""

from __future__ import annotations

import copy

import numpy as np
import torch

from yardsticks.recovery.probes.blocks import cut
from yardsticks.recovery.probes.history import wide
from yardsticks.recovery.probes.reduction import Reduced

_STRIP = 256  # rows of the scores taken at a time
_BLOCK = 65_536  # triplets taken at a time: indices, scores and chances of a block stay in the processor's cache
_ROWS = 1 << 18  # numbers of the rows taken at a time where each pair is scored by itself
_FEW = 0.02  # pairs for each entry of the scores; below it, each pair is scored by itself


class Objective:
    """Mean cross-entropy and penalty of a batch of problems.

    Parameters
    ----------
    problems : list of (Reduced, odd)
        Triplets with answers (n,) in {0, 1, 2}, or with chances (n, 3) of these.
    transform : {"full", "diagonal", "low_rank"}
        The shape of a problem's parameters: (r, r), (p,) or (k, r).
    penalty : {"scaled_identity", "frobenius"}
    low_rank_penalty : {"output", "published"}
        Whether the scaled identity of a low-rank W is asked of W W' (k x k) or of W'W (p x p).

    Notes
    -----
    With Z = Y W' and S = Z Z', a triplet's logits are S at the three pairs of its other two objects. If G holds the
    derivatives of the loss with respect to the entries of S, that with respect to W is ((G + G') Z)' Y. The parameters
    for rows divided by a are W a, so the strength is divided by a squared (by its fourth power for a low rank).
    Chances in place of answers are the limit of ever more answers to each triplet; an answer is the chance 1.
    """

    def __init__(
        self, problems: list[tuple[Reduced, np.ndarray]], transform: str, penalty: str, low_rank_penalty="output"
    ):
        self.transform, self.penalty, self.low_rank_penalty = transform, penalty, low_rank_penalty
        reduced = [problem for problem, _ in problems]
        self.size = max(problem.rows.shape[0] for problem in reduced)
        width = max(problem.rows.shape[1] for problem in reduced)
        first = reduced[0].rows
        options = {"dtype": first.dtype, "device": first.device}
        self.rows = torch.zeros(len(problems), self.size, width, **options)  # (b, n, r)
        self.shares = torch.zeros(len(problems), self.size, **options)  # (b, n)
        self.inside = torch.zeros(len(problems), width, **options)  # (b, r), one where a feature exists
        pairs, n_triplets = [], torch.tensor([problem.pairs.shape[1] for problem in reduced])
        targets = [] if any(odd.ndim == 2 for _, odd in problems) else None
        for b, (problem, odd) in enumerate(problems):
            n, r = problem.rows.shape
            self.rows[b, :n, :r] = problem.rows
            self.shares[b, :n] = problem.weights
            self.inside[b, :r] = 1
            flat = problem.chosen_first(odd) if targets is None else problem.pairs  # (3, n_triplets)
            if n != self.size:
                flat = flat + torch.div(flat, n, rounding_mode="floor") * (self.size - n)
            pairs.append(flat)
            if targets is not None:
                targets.append(problem.chances(odd))
        self.n_triplets = n_triplets.to(first.device, torch.float64)
        # the penalty vanishes along a curved valley, of all W with W W' = c I
        self.in_valley = (transform, penalty, low_rank_penalty) == ("low_rank", "scaled_identity", "output")
        powers = 4 if transform == "low_rank" and penalty == "scaled_identity" else 2
        self.scale = torch.tensor([problem.scale for problem in reduced], dtype=torch.float64, device=first.device)
        self.unit = self.scale**-powers
        self.n_features = torch.tensor([float(problem.n_features) for problem in reduced], **options)  # (b,)
        self.scoring = _Listed if 3 * int(n_triplets.max()) < _FEW * self.size**2 else _Tabled
        step = _ROWS // width if self.scoring is _Listed else _BLOCK
        step = max(1024 if self.scoring is _Tabled else 64, step // len(problems))
        if first.device.type != "cpu":
            step *= 256  # a card's launches cost more than its memory
        self.blocks = cut(pairs, targets, table=self.size**2, step=step, like=self.rows)

    def some(self, which: torch.Tensor) -> Objective:
        """Return the objective of some of the problems, given by their places (b,)."""
        moved = (torch.arange(len(which), device=which.device) - which)[:, None] * self.size**2
        n_before = len(self.rows)
        chosen = copy.copy(self)
        chosen.blocks = [block.some(which, moved, n_before) for block in self.blocks]
        chosen.rows, chosen.shares, chosen.inside = self.rows[which], self.shares[which], self.inside[which]
        chosen.n_triplets, chosen.n_features = self.n_triplets[which], self.n_features[which]
        chosen.scale, chosen.unit = self.scale[which], self.unit[which]
        return chosen

    def embed(self, w: torch.Tensor) -> torch.Tensor:
        """Transform the features to Z, (b, n, k)."""
        return self.rows * w[:, None, :] if w.ndim == 2 else torch.bmm(self.rows, w.mT)

    def nll(self, w: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Mean cross-entropy (b,) in nats, float64, its gradient, as w, and the spread (b,) for `precondition`.

        The spread is the mean variance, over the first block, of an indicator under the predicted chances.
        """
        batch = len(w)
        scored = self.scoring(self.embed(w))
        total = torch.zeros(batch, dtype=torch.float64, device=w.device)
        for number, block in enumerate(self.blocks):
            logits, place = scored.logits(block.index)
            chances = torch.log_softmax(logits, dim=1)
            total -= block.answered(chances).sum(dim=1, dtype=torch.float64)
            chances.exp_()
            if number == 0:
                spread = 1 - chances.square().sum(dim=1).mean(dim=1, dtype=torch.float64)
            block.take_off(chances)
            scored.pull(place, chances)
        z_gradient = scored.gradient()
        if w.ndim == 2:
            gradient = (z_gradient * self.rows).sum(dim=1)
        else:
            gradient = torch.bmm(z_gradient.mT, self.rows)
        return total / self.n_triplets, gradient / wide(self.n_triplets, gradient), spread

    def penalise(self, w: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Un-normalised penalty (b,), float64, and its gradient, as w, in the scaled parameters."""
        if self.penalty == "frobenius":
            return _total(w.square()), 2 * w
        if self.transform == "low_rank" and self.low_rank_penalty == "output":
            away = torch.bmm(w, w.mT)  # (b, k, k)
            _shift_diagonal(away, torch.ones_like(away[:, 0]), away.shape[1])
            return _total(away.square()), 4 * torch.bmm(away, w)
        if self.transform == "low_rank":
            # ||W'W||^2 - tr(W'W)^2 / p, with p the features' own number: W'W is never formed
            square = torch.bmm(w, w.mT)
            trace = _total(w.square())
            value = _total(square.square()) - trace**2 / self.n_features
            return value, 4 * (torch.bmm(square, w) - wide(trace / self.n_features, w) * w)
        away = w.clone()
        if w.ndim == 2:
            away -= (w.sum(dim=1) / self.inside.sum(dim=1))[:, None] * self.inside
        else:
            _shift_diagonal(away, self.inside, self.inside.sum(dim=1))
        return _total(away.square()), 2 * away

    def precondition(
        self, w: torch.Tensor, strength: torch.Tensor, spread: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Invert an estimate of the Hessian: its inverse diagonal, as w, and for `scaled_identity` a vector (b, r).

        The diagonal is how much scores vary within triplets, plus the penalty's: for the entry (a, b) of W the variance
        of a product z_a(i) y_b(j) over random pairs of objects, times the spread that `nll` gives. `scaled_identity`
        does not bend along the identity; the inverse is then the inverse diagonal plus v v' on the diagonal of W
        (Sherman-Morrison).
        """
        share = self.shares[:, :, None]
        y_mean, y_square = (self.rows * share).sum(dim=1), (self.rows.square() * share).sum(dim=1)  # (b, r)
        y_var = y_square - y_mean.square()
        spread = wide(spread, w)
        if w.ndim == 2:
            data = 4 * spread * w.square() * (y_square.square() - y_mean.square().square())
        else:
            z = self.embed(w)
            z_mean, z_square = (z * share).sum(dim=1), (z.square() * share).sum(dim=1)  # (b, k)
            z_var = z_square - z_mean.square()
            data = 4 * spread * (z_var[:, :, None] * y_square[:, None] + z_square[:, :, None] * y_var[:, None])
        identity = self.transform != "low_rank" and self.penalty == "scaled_identity"
        if identity or self.penalty == "frobenius":
            bend = torch.full_like(w, 2)
        else:
            output = self.low_rank_penalty == "output"
            bend = 4 * (w.square().sum(dim=1 if output else 2, keepdim=True) + w.square())
        total = data + wide(strength, w) * bend
        floor = 1e-6 * total.flatten(1).amax(dim=1)  # padded and dead entries
        inverse = 1 / total.clamp_min(wide(floor, w).clamp_min(1e-30))
        if not identity:
            return inverse, None
        stride = 1 if w.ndim == 2 else w.shape[2] + 1
        inverse_diagonal = inverse.flatten(1)[:, ::stride]  # (b, r)
        free = (data.flatten(1)[:, ::stride] * inverse_diagonal).sum(dim=1)
        return inverse, inverse_diagonal * self.inside * (2 * strength.to(w.dtype) / free).sqrt()[:, None]


class _Tabled:
    """Scores of all pairs of objects in one table, from which those of the triplets are read."""

    def __init__(self, z: torch.Tensor):
        batch, n, _ = z.shape
        self.z = z
        self.scores = torch.empty(batch, n, n, dtype=z.dtype, device=z.device)
        for top in range(0, n, _STRIP):  # above the diagonal, where the pairs are
            self.scores[:, top : top + _STRIP, top:] = torch.bmm(z[:, top : top + _STRIP], z[:, top:].mT)
        self.pulls = torch.zeros_like(self.scores)  # dL/dS, above the diagonal

    def logits(self, index: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the logits (b, 3, m) of a block of triplets, and their place for `pull`."""
        return self.scores.view(-1).index_select(0, index).view(len(self.z), 3, -1), index

    def pull(self, place: torch.Tensor, change: torch.Tensor) -> None:
        """Add the derivatives of the loss by the logits of some place."""
        self.pulls.view(-1).index_add_(0, place, change.reshape(-1))  # takes int32, as scatter_add_ once did not

    def gradient(self) -> torch.Tensor:
        """Return the derivatives by z."""
        return torch.bmm(self.pulls + self.pulls.mT, self.z)


class _Listed:
    """Scores of the triplets' pairs alone, as `_Tabled` otherwise: less work where the triplets are few."""

    def __init__(self, z: torch.Tensor):
        self.shape = z.shape
        self.z = z.reshape(-1, z.shape[2])  # (b * n, k)
        self.pulls = torch.zeros_like(self.z)

    def logits(self, index: torch.Tensor) -> tuple[torch.Tensor, tuple]:
        batch, n, _ = self.shape
        left = torch.div(index, n, rounding_mode="floor")  # the row in z, as the problems follow one another
        ends = left, torch.div(left, n, rounding_mode="floor") * n + index - left * n
        rows = tuple(self.z.index_select(0, end) for end in ends)
        return torch.linalg.vecdot(*rows).view(batch, 3, -1), (ends, rows)

    def pull(self, place: tuple, change: torch.Tensor) -> None:
        change = change.reshape(-1, 1)
        ends, rows = place
        for end, other in zip(ends, reversed(rows), strict=True):
            self.pulls.index_add_(0, end, other * change)

    def gradient(self) -> torch.Tensor:
        return self.pulls.view(self.shape)


def _total(values: torch.Tensor) -> torch.Tensor:
    return values.flatten(1).sum(dim=1, dtype=torch.float64)


def _shift_diagonal(square: torch.Tensor, inside: torch.Tensor, size) -> None:
    """Take the mean of its diagonal off each square matrix, in place."""
    diagonal = square.diagonal(dim1=1, dim2=2)
    diagonal -= (diagonal.sum(dim=1) / size)[:, None] * inside


def start_scale(objective: Objective) -> torch.Tensor:
    """Best c (b,) for W = c I; small and positive where no multiple is better than zero.

    The loss is convex in c squared: Newton's method with a bounded step, on the first block and then on all triplets.
    Where every triplet is answered as the features say, it stops once the loss has all but vanished.
    """
    rows = objective.rows
    scored = objective.scoring(rows)
    square = torch.full((len(rows), 1, 1), 0.25, dtype=rows.dtype, device=rows.device)
    for blocks in (objective.blocks[:1], objective.blocks):
        for _ in range(50):
            slope, bend = torch.zeros(2, len(rows), dtype=torch.float64, device=rows.device)
            for block in blocks:
                part, _ = scored.logits(block.index)
                chances = torch.softmax(square * part, dim=1)
                mean = (chances * part).sum(dim=1)
                bent = (chances * part.square()).sum(dim=1) - mean.square()
                tilt = mean - block.answered(part)
                if block.counts is not None:
                    bent, tilt = bent * block.counts[:, 0], tilt * block.counts[:, 0]
                slope += tilt.sum(dim=1, dtype=torch.float64)
                bend += bent.sum(dim=1, dtype=torch.float64)
            if (slope.square() <= 1e-6 * bend.clamp_min(0) * objective.n_triplets).all():
                break
            step = (slope / bend.clamp_min(1e-300)).to(rows.dtype).view(-1, 1, 1)
            square = torch.clamp(square - step, square / 4, square * 4).clamp(1e-2, 1e4)
    return square.view(-1).sqrt()
