"""What a specification chooses: models, missing scores, correlation, metrics; and the table that it leaves."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from yardsticks.scores.consistency import group_scores, paper_leaves
from yardsticks.scores.samples import count_zeros_as_missing, known_then
from yardsticks.scores.table import ScoreTable


@dataclass(frozen=True)
class Specification:
    """One defensible way from the leaderboard to the paper's numbers.

    Parameters
    ----------
    until : str or None
        Keep scores given before this date.
    public_only : bool
        Leave out the catalogue's models that were probably not public when the paper's data were taken (inferred).
    nonzero : bool
        Count a score that rounds to .000 as missing: the paper speaks of non-zero scores.
    deduplicate : {"name"} or None
        One row per model name.
    imagenet_floor : float
        Models known to have a lower ImageNet top-1 are left out; 0 keeps all.
    nesting : {"website", "flat"}
        How leaves make areas.
    ost_as_zero : bool
        Count a missing Kar2019-ost as 0 in the IT average, instead of leaving that metric out.
    """

    until: str | None = None
    public_only: bool = False
    nonzero: bool = False
    deduplicate: str | None = "name"
    imagenet_floor: float = 0.019
    nesting: str = "website"
    ost_as_zero: bool = False

    def usable(self, table: ScoreTable) -> ScoreTable:
        """Leave out models that are there twice, or below the floor, as far as these choices ask for it."""
        floor = {"ImageNet-top1": self.imagenet_floor} if self.imagenet_floor else None
        return table.select(deduplicate=self.deduplicate, at_least=floor)

    def describe(self) -> str:
        """Say the specification in words."""
        return "; ".join(
            [
                f"scores before {self.until}" if self.until else "all scores",
                "models probably public in 2023" if self.public_only else "all models",
                "complete and none at .000" if self.nonzero else "complete",
                "one row a name" if self.deduplicate else "every row",
                f"ImageNet top-1 at least {self.imagenet_floor:.1%}" if self.imagenet_floor else "no ImageNet floor",
                f"{self.nesting} nesting",
                "Kar2019-ost at 0 where missing" if self.ost_as_zero else "without Kar2019-ost",
            ]
        )


PLAIN = Specification()
# Comes nearest to the printed numbers; what in it is inferred is said in the catalogue and on the claims page.
PAPER_PROXY = Specification(until="2023-09-01", public_only=True, nonzero=True)
CHOICES = {
    "until": (None, "2023-09-01", "2023-08-01"),
    "public_only": (False, True),
    "nonzero": (False, True),
    "deduplicate": (None, "name"),
    "imagenet_floor": (0.0, 0.019),
    "nesting": ("website", "flat"),
    "ost_as_zero": (False, True),
}


def specifications() -> Iterator[Specification]:
    """Cross every choice with every other."""
    for values in itertools.product(*CHOICES.values()):
        yield Specification(**dict(zip(CHOICES, values, strict=True)))


def apply(table: ScoreTable, choices: Specification) -> dict[str, ScoreTable]:
    """Cut a leaderboard down to the sets of models that the paper's analyses use.

    Returns
    -------
    dict of str to ScoreTable
        ``all`` models (Figure 7), ``complete`` (every leaf but Kar2019-ost), ``analysed`` (less duplicates and models
        below the floor; Figures 2, 3, 4 and 6) and ``grouped`` (those that have all nine groups; Figure 5). Without
        `ScoreTable.cells`, which take long to select from.
    """
    table = known_then(table, until=choices.until or "", public_only=choices.public_only)
    leaves = paper_leaves(table)
    complete = (count_zeros_as_missing(table, leaves) if choices.nonzero else table).complete(metrics=leaves)
    table, complete = (replace(part, cells=None) for part in (table, complete))
    analysed = choices.usable(complete)
    groups = group_scores(analysed, policy="complete").dropna()
    return {"all": table, "complete": complete, "analysed": analysed, "grouped": analysed.select(models=groups.index)}
