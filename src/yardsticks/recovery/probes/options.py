"""What can be asked of a fit."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral

from yardsticks.devices import check_device
from yardsticks.stats import check_option

TRANSFORMS = ("none", "diagonal", "low_rank", "full")  # as flexible as the one before, or more
PENALTIES = ("scaled_identity", "frobenius")
TRANSFORM_NAMES = {name: name.replace("_", " ") for name in TRANSFORMS}  # as pages and figures call them
PENALTY_NAMES = {"scaled_identity": "shrinkage", "frobenius": "Frobenius"}
LOW_RANK_PENALTIES = ("output", "published")
SOLVERS = ("exact", "published")
STARTS = ("principal", "features")


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of `fit_probe`, `fit_path` and `fit_batch`.

    Parameters
    ----------
    transform : {"full", "diagonal", "low_rank", "none"}
        The shape of W: (p, p), diagonal, (rank, p), or the identity, which nothing is fitted in.
    penalty : {"scaled_identity", "frobenius"}
    solver : {"exact", "published"}
        `published` repeats the optimiser and the stopping rule of the published study, which ends above the optimum.
    rank : int
        Of a low-rank transform, at least 1; it has no default.
    low_rank_penalty : {"output", "published"}
        Whether `scaled_identity` asks W W' (rank x rank; the paper's text) or W'W (p x p; the published code) to be a
        multiple of the identity. The low-rank problem is not convex: the fit is a local optimum.
    start : {"principal", "features"}
        Where an exact low-rank fit starts: at the leading principal axes of the training objects' features, or at the
        first `rank` features, as published. Directions outside those of the training features and of the start, which
        the data do not tell apart, stay at zero.
    tolerance : float
        In nats; see `Record.decrement`. Below 1e-6 the fit is made in float64.
    certificate : bool
        Compute `Record.gap`.
    time_limit : float, optional
        Seconds after which a fit of the published solver is cut.
    device : str
        ``"cpu"`` or ``"cuda"``; ``"cuda:1"`` is a second card.

    Raises
    ------
    ValueError
        An unknown option, with those that there are; a tolerance that is not positive; a rank that is no whole number,
        or without a low-rank transform; a time limit of the exact solver; a card that is not there.

    Examples
    --------
    >>> Options(transform="low_rank", rank=8).penalty
    'scaled_identity'
    """

    transform: str = "full"
    penalty: str = "scaled_identity"
    solver: str = "exact"
    rank: int | None = None
    low_rank_penalty: str = "output"
    start: str = "principal"
    tolerance: float = 1e-5
    certificate: bool = False
    time_limit: float | None = None
    device: str = "cpu"

    def __post_init__(self):
        for name, value, known in (
            ("transform", self.transform, TRANSFORMS),
            ("penalty", self.penalty, PENALTIES),
            ("solver", self.solver, SOLVERS),
            ("low_rank_penalty", self.low_rank_penalty, LOW_RANK_PENALTIES),
            ("start", self.start, STARTS),
        ):
            check_option(name, value, known)
        if not self.tolerance > 0:
            raise ValueError(f"tolerance={self.tolerance} must be positive.")
        if self.transform != "low_rank" and self.rank is not None:
            raise ValueError(f"rank={self.rank} is for transform='low_rank', not {self.transform!r}.")
        if self.rank is not None and not (isinstance(self.rank, Integral) and self.rank >= 1):
            raise ValueError(f"rank={self.rank!r} must be a whole number of at least 1.")
        if self.time_limit is not None and self.solver != "published":
            raise ValueError(f"time_limit={self.time_limit} is for solver='published'; the exact one has none.")
        check_device(self.device)
