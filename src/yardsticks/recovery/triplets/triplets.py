"""Triplets of objects and odd-one-out answers.

An object is a number from 0, its row in the features. With THINGS that is the order of `things.open_concepts`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Integral

import numpy as np

from yardsticks.recovery.triplets import combinations

FEWEST = 5  # distinct triplets that an interval or a standard error is told of, as clusters of `cluster_interval`
_ROUNDING = 1e-6  # that chances may be away from a sum of 1


@dataclass(frozen=True, eq=False)
class Triplets:
    """Triplets of objects and, where they are answered, which of the three is the odd one.

    Parameters
    ----------
    objects : (n, 3) array of int
        Three distinct objects a row, in the order they were shown; kept as int64.
    odd : (n,) array of int or None
        Position (0, 1, 2) of the odd one in its row; None when nobody has answered yet; kept as int8.
    n_objects : int
        Number of objects there are, whether or not they occur: the number of rows of the features.
    chances : (n, 3) array of float or None
        Instead of an answer, the probability that each position is the odd one: what infinitely many answers would be.
        Kept as float64.

    Raises
    ------
    ValueError
        A row repeats an object, an object or answer is out of range, or the shapes disagree; the message names the
        first such row (from 0) and its values. n_objects that is no whole number. Chances that are negative, do not
        sum to 1, or stand beside answers.

    Examples
    --------
    >>> triplets = Triplets(objects=[[4, 0, 2], [1, 2, 3]], odd=[0, 2], n_objects=5)
    >>> len(triplets), len(triplets.within([1, 2, 3]))
    (2, 1)
    >>> objects, odd = triplets.unordered()
    >>> objects.tolist(), odd.tolist()
    ([[0, 2, 4], [1, 2, 3]], [2, 2])
    """

    objects: np.ndarray
    odd: np.ndarray | None
    n_objects: int
    chances: np.ndarray | None = None

    def __post_init__(self):
        if not isinstance(self.n_objects, Integral):
            raise ValueError(f"n_objects={self.n_objects!r} must be a whole number.")
        objects = _integers("objects", self.objects).astype(np.int64, copy=False)
        if objects.ndim != 2 or objects.shape[1] != 3:
            raise ValueError(f"objects must have the shape (n, 3), not {objects.shape}.")
        odd = None if self.odd is None else _integers("odd", self.odd)
        if odd is not None and odd.shape != (len(objects),):
            raise ValueError(f"odd has the shape {odd.shape}, and there are {len(objects)} triplets: give one a row.")
        if fault := first_fault(objects, odd, self.n_objects):
            raise ValueError("row {}: {}".format(*fault))
        object.__setattr__(self, "objects", objects)
        object.__setattr__(self, "odd", None if odd is None else odd.astype(np.int8, copy=False))
        object.__setattr__(self, "n_objects", int(self.n_objects))
        if self.chances is not None:
            object.__setattr__(self, "chances", self._checked_chances())

    def _checked_chances(self) -> np.ndarray:
        if self.odd is not None:
            raise ValueError("triplets have answers or chances, not both.")
        chances = np.asarray(self.chances, dtype=np.float64)
        if chances.shape != self.objects.shape:
            raise ValueError(f"chances have the shape {chances.shape}, not {self.objects.shape}: give three a triplet.")
        right = (chances >= 0).all(axis=1) & (np.abs(chances.sum(axis=1) - 1) < _ROUNDING)  # False for NaN
        if not right.all():
            row = int(np.argmin(right))
            raise ValueError(f"row {row}: the chances {chances[row].tolist()} are not positive numbers that sum to 1.")
        return chances

    def __len__(self) -> int:
        return len(self.objects)

    def subset(self, index) -> Triplets:
        """Return some of the rows, by a boolean mask, an array of row numbers or a slice."""
        kept = {name: getattr(self, name) for name in ("objects", "odd", "chances")}
        return replace(self, **{name: None if values is None else values[index] for name, values in kept.items()})

    def within(self, objects) -> Triplets:
        """Return the rows whose three objects all lie in a set, given as object numbers or as a mask over objects."""
        objects = np.asarray(objects)
        if objects.dtype != bool:
            objects = _integers("objects", objects)
        if objects.dtype == bool and objects.shape != (self.n_objects,):
            raise ValueError(f"the mask has the shape {objects.shape}, and there are {self.n_objects} objects.")
        if objects.dtype != bool and objects.size and not 0 <= objects.min() <= objects.max() < self.n_objects:
            least, most = objects.min(), objects.max()
            raise ValueError(f"objects {least} to {most} were given; they are numbered 0 to {self.n_objects - 1}.")
        inside = np.zeros(self.n_objects, dtype=bool)
        inside[objects] = True
        return self.subset(inside[self.objects].all(axis=1))

    def answered(self, odd) -> Triplets:
        """Return the same triplets with given answers (n,), each 0, 1 or 2."""
        return replace(self, odd=odd, chances=None)

    def expecting(self, chances) -> Triplets:
        """Return the same triplets with chances (n, 3) in place of answers."""
        return replace(self, odd=None, chances=chances)

    def unordered(self) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the objects of each row in ascending order (n, 3), and the odd one's position among them (n,).

        The same three objects give the same row, in whatever order they were shown.
        """
        order = np.argsort(self.objects, axis=1)  # (n, 3)
        objects = np.take_along_axis(self.objects, order, axis=1)
        odd = None if self.odd is None else (order == self.odd[:, None]).argmax(axis=1).astype(np.int8)
        return objects, odd

    def distinct(self) -> Triplets:
        """Return each set of three objects once, in ascending order, without answers."""
        return replace(self, objects=np.unique(self.unordered()[0], axis=0), odd=None, chances=None)

    def ranks(self) -> np.ndarray:
        """Return one integer (n,) in 0 ... C(n_objects, 3) - 1 for each unordered triplet, the same for the same three.

        Notes
        -----
        The combinatorial number system: three objects a < b < c have the rank C(c, 3) + C(b, 2) + a.
        """
        combinations.capacity(self.n_objects)
        return combinations.rank(self.unordered()[0])


def first_fault(objects: np.ndarray, odd: np.ndarray | None, n_objects: int) -> tuple[int, str] | None:
    """Return the first row that cannot be a triplet, and what is wrong with it; None when all can be."""
    a, b, c = objects.T
    faults = {
        f"an object outside 0 ... {n_objects - 1}": ((objects < 0) | (objects >= n_objects)).any(axis=1),
        "an object twice": (a == b) | (a == c) | (b == c),
    }
    if odd is not None:
        faults["an answer that is none of 0, 1, 2"] = (odd < 0) | (odd > 2)
    rows = {text: int(np.argmax(wrong)) for text, wrong in faults.items() if wrong.any()}
    if not rows:
        return None
    text = min(rows, key=rows.get)
    row = rows[text]
    answer = "" if odd is None else f" with the answer {odd[row]}"
    return row, f"the triplet {tuple(objects[row].tolist())}{answer} has {text}."


def _integers(name: str, values) -> np.ndarray:
    values = np.asarray(values)
    if values.dtype.kind not in "iu" and values.size:
        raise ValueError(f"{name} must be whole numbers, not {values.dtype}.")
    return values if values.dtype.kind in "iu" else values.astype(np.int64)


def distinct_objects(objects) -> np.ndarray:
    """Return object numbers in ascending order; refuse one that comes twice."""
    objects = np.arange(objects) if np.ndim(objects) == 0 else _integers("objects", objects).astype(np.int64)
    if objects.ndim != 1:
        raise ValueError(
            f"objects must be a number of objects or a list of them, not an array of shape {objects.shape}."
        )
    found, count = np.unique(objects, return_counts=True)
    if (count > 1).any():
        raise ValueError(f"object {found[count > 1][0]} is given {count[count > 1][0]} times: give each once.")
    if len(found) and found[0] < 0:
        raise ValueError(f"object {found[0]}: objects are numbered from 0.")
    return found
