"""Triplets of a batch of problems, cut into blocks that hold all problems side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from yardsticks.recovery.probes.reduction import index_type


class Block(NamedTuple):
    """Some triplets of every problem, and what was answered.

    Parameters
    ----------
    index : Tensor of int32 or int64, (b * 3 * m,)
        Where the pair of each option lies in the scores of all problems.
    counts : Tensor (b, 1, m), or None
        One for a triplet, zero for padding; None where there is no padding.
    targets : Tensor (b, 3, m), or None
        The chance of each option; None where there are answers, which then are the first option.
    """

    index: torch.Tensor
    counts: torch.Tensor | None
    targets: torch.Tensor | None

    def answered(self, values: torch.Tensor) -> torch.Tensor:
        """Return of values (b, 3, m) that of the answer, or their mean over the chances; zero for padding (b, m)."""
        found = values[:, 0] if self.targets is None else (values * self.targets).sum(dim=1)
        return found if self.counts is None else found * self.counts[:, 0]

    def take_off(self, chances: torch.Tensor) -> None:
        """Subtract, in place, what was answered from predicted chances (b, 3, m); padding becomes zero."""
        if self.targets is None:
            chances[:, 0] -= 1
        else:
            chances -= self.targets
        if self.counts is not None:
            chances *= self.counts

    def some(self, which: torch.Tensor, moved: torch.Tensor, n_before: int) -> Block:
        """Return the block of some of its problems, whose scores lie elsewhere by *moved* (b, 1)."""
        index = (self.index.view(n_before, -1)[which] + moved.to(self.index.dtype)).view(-1)
        return Block(index, *(None if part is None else part[which] for part in (self.counts, self.targets)))


def cut(
    pairs: Sequence[torch.Tensor], targets: Sequence[torch.Tensor] | None, *, table: int, step: int, like: torch.Tensor
) -> list[Block]:
    """Cut the triplets of all problems into blocks.

    Parameters
    ----------
    pairs : list of Tensor (3, n)
        Of each problem, where the pairs lie in its own table of scores.
    targets : list of Tensor (3, n), optional
        Chances of the options.
    table : int
        Entries of a problem's table.
    step : int
        Triplets of a problem in a block.
    like : Tensor
        Type and device of counts and targets.
    """
    batch, longest = len(pairs), max(flat.shape[1] for flat in pairs)
    ragged = any(flat.shape[1] != longest for flat in pairs)
    blocks = []
    for start in range(0, longest, step):
        stop = min(start + step, longest)
        index = torch.zeros(batch, 3, stop - start, dtype=index_type(batch * table), device=like.device)
        counts = like.new_zeros(batch, 1, stop - start) if ragged else None
        chances = None if targets is None else like.new_zeros(batch, 3, stop - start)
        for b, flat in enumerate(pairs):
            part = flat[:, start:stop]
            index[b] = b * table  # where it is padded too, so that `some` may move it
            index[b, :, : part.shape[1]] += part
            if ragged:
                counts[b, :, : part.shape[1]] = 1
            if targets is not None:
                chances[b, :, : part.shape[1]] = targets[b][:, start:stop]
        blocks.append(Block(index.view(-1), counts, chances))
    return blocks
