"""Parts of the optimiser: what it remembers of the curvature, and rotations to the symmetric root, in batches."""

from __future__ import annotations

import torch

_MEMORY = 5  # steps


class History:
    """Last accepted steps and changes of the gradient of each problem.

    A problem without an accepted step at some place holds zeros there, which count for nothing.
    """

    def __init__(self, like: torch.Tensor):
        batch, d = like.flatten(1).shape
        self.s, self.y = like.new_zeros(2, batch, _MEMORY, d)
        self.sy = torch.zeros(batch, _MEMORY, _MEMORY, dtype=torch.float64, device=like.device)
        self.newest = -1

    def push(self, s: torch.Tensor, y: torch.Tensor, accepted: torch.Tensor) -> None:
        """Remember the steps (as the parameters) and changes of the problems whose step was accepted."""
        s, y = s.flatten(1), y.flatten(1)
        bend = (s * y).sum(dim=1)
        good = accepted & (bend > 1e-10 * s.norm(dim=1) * y.norm(dim=1))
        place = self.newest = (self.newest + 1) % _MEMORY
        self.s[:, place], self.y[:, place] = s * good[:, None], y * good[:, None]
        self.sy[:, place] = 0
        self.sy[:, :, place] = torch.bmm(self.s, self.y[:, place, :, None])[:, :, 0].double()

    def forget(self, which: torch.Tensor) -> None:
        """Start afresh with some of the problems, given by a mask."""
        self.s[which], self.y[which], self.sy[which] = 0, 0, 0

    def keep(self, which: torch.Tensor) -> None:
        """Go on with some of the problems, given by their places."""
        self.s, self.y, self.sy = self.s[which], self.y[which], self.sy[which]

    def change(self, rotate) -> None:
        """Apply a rotation, given as a function of vectors (b, m, d); their products stay."""
        self.s, self.y = rotate(self.s), rotate(self.y)

    def descend(self, g: torch.Tensor, inverse: torch.Tensor, lift: torch.Tensor | None) -> torch.Tensor:
        """-H g, with H the inverse Hessian that history and preconditioner imply (in compact form)."""
        flat = g.flatten(1)[:, None]  # (b, 1, d)
        inverse = inverse.flatten(1)[:, None]
        scaled, scaled_y = flat * inverse, self.y * inverse  # (b, 1, d), (b, m, d)
        if lift is not None:
            stride = 1 if g.ndim == 2 else g.shape[2] + 1  # of the diagonal in a flattened square
            for vectors, result in ((flat, scaled), (self.y, scaled_y)):
                result[:, :, ::stride] += (vectors[:, :, ::stride] @ lift[:, :, None]) * lift[:, None]
        yhy = torch.bmm(self.y, scaled_y.mT).double()  # (b, m, m)
        diagonal, bent = self.sy.diagonal(dim1=1, dim2=2), yhy.diagonal(dim1=1, dim2=2)
        filled = diagonal > 0
        # the preconditioner gives the shape; its size is that of the curvature met on the way
        ratios = torch.where(filled, diagonal / bent.clamp_min(1e-300), 0)
        size = torch.where(filled.any(dim=1), ratios.sum(dim=1) / filled.sum(dim=1).clamp_min(1), 1)[:, None, None]
        scaled, scaled_y, yhy = size.to(g.dtype) * scaled, size.to(g.dtype) * scaled_y, size * yhy

        order = torch.arange(self.newest + 1, self.newest + 1 + _MEMORY, device=g.device) % _MEMORY  # oldest first
        sg = torch.bmm(self.s, flat.mT).double()[:, order]  # (b, m, 1)
        yhg = torch.bmm(self.y, scaled.mT).double()[:, order]
        yhy, sy, diagonal = yhy[:, order][:, :, order], self.sy[:, order][:, :, order], diagonal[:, order]
        upper = sy.triu() + torch.diag_embed((diagonal == 0).double())
        u = torch.linalg.solve_triangular(upper, sg, upper=True)
        v = torch.linalg.solve_triangular(upper.mT, diagonal[:, :, None] * u + yhy @ u - yhg, upper=False)
        place = torch.argsort(order)
        u, v = (part[:, place].mT.to(g.dtype) for part in (u, v))  # (b, 1, m)
        return (torch.bmm(u, scaled_y) - torch.bmm(v, self.s) - scaled).view_as(g)


def polar_rotation(w: torch.Tensor, *, decompose: bool) -> torch.Tensor:
    """Rotations O (b, r, r) that make O W symmetric and positive: the transposed polar factor of W.

    With `decompose` by singular values; otherwise by products alone (a scaled Newton-Schulz iteration). Where those do
    not reach an orthogonal matrix, as W is nearly singular, the identity is returned.
    """
    if decompose:
        u, _, vh = torch.linalg.svd(w)
        return (u @ vh).mT
    identity = torch.eye(w.shape[1], dtype=w.dtype, device=w.device)
    square = torch.bmm(w.mT, w)
    bound = torch.bmm(square, square).flatten(1).norm(dim=1).sqrt().sqrt()  # at least the largest singular value
    empty = (square.diagonal(dim1=1, dim2=2) == 0).to(w.dtype)  # padding: a one there leaves the rest alone
    x = w / bound.clamp_min(1e-30)[:, None, None] + torch.diag_embed(empty)
    least = 1e-4  # of the singular values, assumed; smaller ones take a few more rounds
    for _ in range(24):
        stretch = (3 / (1 + least + least**2)) ** 0.5
        x = 1.5 * stretch * x - 0.5 * stretch**3 * torch.bmm(x, torch.bmm(x.mT, x))
        least = min(1.0, 0.5 * stretch * least * (3 - stretch**2 * least**2))
        if 1 - least < 1e-3:
            off = (torch.bmm(x.mT, x) - identity).abs().amax(dim=(1, 2))
            if (off < 100 * torch.finfo(w.dtype).eps).all():
                break
    off = (torch.bmm(x.mT, x) - identity).abs().amax(dim=(1, 2))
    return torch.where(wide(off < 1e3 * torch.finfo(w.dtype).eps, x), x.mT, identity)


def wide(values: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Shape one number or truth value a problem to go with `like`."""
    values = values if values.dtype == torch.bool else values.to(like.dtype)
    return values.view(-1, *[1] * (like.ndim - 1))
