"""The authors' own recovery curves, where their databases are on this machine, to stand beside ours."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from yardsticks.datasets import find
from yardsticks.recovery.data.authors import open_published_recovery
from yardsticks.recovery.winners.curves import recovery_curve

ARCHIVE = "recovery-archive"


class AuthorsCurves(NamedTuple):
    """What there is of the authors' simulations.

    Parameters
    ----------
    curves : list of DataFrame
        One for each database, as from `recovery_curve` by sampled answers, with ``study`` that names it; none where no
        database is on this machine.
    said : str
        In words: which are drawn, and which could not be read, with the reason.
    """

    curves: list[pd.DataFrame]
    said: str


def authors_curves(*, seed: int) -> AuthorsCurves:
    """Return the recovery curves of the authors' databases, of each that is on this machine.

    Parameters
    ----------
    seed : int
        For the intervals from resampling, see `recovery_curve`.

    References
    ----------
    Avitan & Golan (2025), Model-Behavior Alignment under Flexible Evaluation, Figure 1.
    """
    folder = find(ARCHIVE)
    drawn, curves, left_out = [], [], []
    for path in sorted(folder.rglob("*.db")) if folder else []:
        try:
            rows = open_published_recovery(path)[0]
        except ValueError as error:
            left_out.append(str(error).rstrip("."))
            continue
        drawn.append(path.name)
        curve = recovery_curve(rows, scores=["test_accuracy"], seed=seed)
        curves.append(curve.assign(study=f"authors: {path.stem}"))
    if folder and not (drawn or left_out):
        said = "are on this machine without a database (`.db`): unpack what is packed there, and they are drawn here"
    elif not folder:
        said = f"are not on this machine (“yardsticks data pull {ARCHIVE}” brings them), so their curves are not drawn"
    else:
        said = f"are drawn beside ours: {', '.join(drawn)}" if drawn else "could not be read"
        said += "".join(f"; left out is {why}" for why in left_out)
    return AuthorsCurves(curves, said)
