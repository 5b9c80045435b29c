"""The toy world: invented objects, models and people whose truth is known, for tests, examples and pages without data.

Nothing in it describes a real object, model or person. Objects have a few latent dimensions. People judge them by these
alone: the odd one of three is drawn from the softmax of the three similarities. Models see the dimensions through a
mixture and a nonlinearity that a family shares, beside things that have nothing to do with people's dimensions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_lowercase

import numpy as np

from yardsticks.recovery.triplets import combinations
from yardsticks.recovery.triplets.choices import embedding_logits
from yardsticks.recovery.triplets.randomness import Seed, as_sequence
from yardsticks.recovery.triplets.sampling import PERMUTATIONS, sample_triplets
from yardsticks.recovery.triplets.triplets import Triplets

DECIDEDNESS = 2.0  # standard deviation of the similarities: E[max p] is then about what it is for people, 0.66
NONLINEARITIES = {
    "rectified": lambda x: np.maximum(x, 0),
    "saturating": np.tanh,
    "squared": lambda x: x * np.abs(x),
    "linear": lambda x: x,
}


@dataclass(frozen=True, eq=False)
class ToyWorld:
    """A toy world; every number in it is invented.

    Parameters
    ----------
    dimensions : (n_objects, n_dimensions) array
        What people see, >= 0; similarity is the dot product, and a choice has the temperature 1.
    models : dict of str to (n_objects, n_features) float32 array
        Features of the toy models.
    families : dict of str to str
        Family of each toy model.
    people : Triplets
        Answers of simulated people to random triplets, one each.
    repeated : Triplets
        Answers of several simulated people to the same triplets, shown in changing order.
    workers : (len(repeated),) array of int
        Which simulated person gave the answer; nobody sees a triplet twice.
    """

    dimensions: np.ndarray
    models: dict[str, np.ndarray]
    families: dict[str, str]
    people: Triplets
    repeated: Triplets
    workers: np.ndarray

    def logits(self, triplets: Triplets) -> np.ndarray:
        """Return the similarity (n, 3) of the two objects that stay when the first, second or third is the odd one."""
        return embedding_logits(self.dimensions, triplets)


def make_world(
    *,
    seed: Seed,
    n_objects: int = 120,
    n_dimensions: int = 6,
    n_models: int = 4,
    families: Mapping[str, str] | None = None,
    n_features: int = 24,
    n_judgements: int = 4000,
    n_repeated: int = 100,
    n_answers: int = 20,
) -> ToyWorld:
    """Make a toy world of invented objects, models and people.

    Parameters
    ----------
    seed : int, SeedSequence or Generator
        Same seed, same world; of a Generator one number is drawn. Objects depend on it, *n_objects* and *n_dimensions*
        alone, and a toy model on these, *n_features* and its place in the list.
    n_objects, n_dimensions, n_models, n_features : int
        Sizes. Without *families* the toy models are called ``toy-a1``, ``toy-a2``, ``toy-b1`` ..., two a family.
    families : mapping of str to str, optional
        Names of toy models and their families, in place of *n_models*.
    n_judgements : int
        Answered random triplets of `ToyWorld.people`; as with people, some may come twice.
    n_repeated, n_answers : int
        Triplets of `ToyWorld.repeated`, at most as many as there are, and answers to each.

    Returns
    -------
    ToyWorld

    Raises
    ------
    ValueError
        Fewer than three objects; more than 26 families without *families*.

    Examples
    --------
    >>> world = make_world(seed=1)
    >>> {name: features.shape for name, features in world.models.items()}
    {'toy-a1': (120, 24), 'toy-a2': (120, 24), 'toy-b1': (120, 24), 'toy-b2': (120, 24)}
    >>> len(world.people), len(world.repeated)
    (4000, 2000)
    """
    if n_objects < 3:
        raise ValueError(f"n_objects is {n_objects}: a triplet needs three.")
    if families is None:
        if n_models > 2 * len(ascii_lowercase):
            raise ValueError(f"n_models is {n_models}: name them and their families with families=.")
        families = {f"toy-{ascii_lowercase[i // 2]}{i % 2 + 1}": ascii_lowercase[i // 2] for i in range(n_models)}
    seed = as_sequence(seed)
    dimensions = _draw_dimensions(n_objects, n_dimensions, _stream(seed, "objects"))
    order = {family: number for number, family in enumerate(dict.fromkeys(families.values()))}
    seen = {family: _see(dimensions, number, _stream(seed, "family", number)) for family, number in order.items()}
    models = {
        name: _read_out(seen[family], n_features, _stream(seed, "model", number))
        for number, (name, family) in enumerate(families.items())
    }
    rng = _stream(seed, "people")
    ranks = rng.integers(combinations.capacity(n_objects), size=n_judgements)
    people = _ask(_show(combinations.unrank(ranks, n_objects), rng), dimensions, rng)
    rng = _stream(seed, "repeated")
    n_repeated = min(n_repeated, combinations.capacity(n_objects))
    triplets = sample_triplets(n_objects, n_repeated, seed=rng).objects
    repeated = _ask(_show(np.repeat(triplets, n_answers, axis=0), rng), dimensions, rng)
    crowd = np.tile(np.arange(1, 2 * n_answers + 1), (n_repeated, 1))
    workers = rng.permuted(crowd, axis=1)[:, :n_answers].ravel()
    return ToyWorld(dimensions, models, dict(families), people, repeated, workers)


def _stream(seed: np.random.SeedSequence, purpose: str, number: int = 0) -> np.random.Generator:
    """Return random numbers that are independent for each purpose, so that one more model changes nothing else."""
    key = (("objects", "family", "model", "people", "repeated").index(purpose), number)
    return np.random.default_rng(np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, *key)))


def _draw_dimensions(n_objects: int, n_dimensions: int, rng: np.random.Generator) -> np.ndarray:
    """Draw dimensions >= 0 of which an object has few, as people's are, at the scale that makes choices decided."""
    dimensions = rng.gamma(0.6, size=(n_objects, n_dimensions)) + 0.05
    similarity = (dimensions @ dimensions.T)[np.triu_indices(n_objects, 1)]
    return dimensions * np.sqrt(DECIDEDNESS / similarity.std())


def _see(dimensions: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Return what a family sees (n_objects, n_units): mixed and bent dimensions, and as many things of its own."""
    n_objects, n_dimensions = dimensions.shape
    n_units = 4 * n_dimensions
    bend = list(NONLINEARITIES.values())[number % len(NONLINEARITIES)]
    gains = rng.uniform(0.2, 1.5, size=n_dimensions)  # it attends to other dimensions than people do
    mixture = rng.standard_normal((n_dimensions, n_units)) * gains[:, None]
    standard = (dimensions - dimensions.mean(axis=0)) / dimensions.std(axis=0)
    bent = bend(standard @ mixture / np.sqrt(n_dimensions) + 0.5 * rng.standard_normal(n_units))
    return np.hstack([bent, rng.standard_normal((n_objects, n_units // 2))])


def _read_out(seen: np.ndarray, n_features: int, rng: np.random.Generator) -> np.ndarray:
    """Return a model's features: a mixture of what its family sees, rectified, with noise of its own."""
    mixture = rng.standard_normal((seen.shape[1], n_features)) / np.sqrt(seen.shape[1])
    features = seen @ mixture + 0.3 * rng.standard_normal((len(seen), n_features)) + 0.5
    return np.maximum(features, 0.1 * features).astype(np.float32)


def _show(objects: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the triplets (n, 3) with the objects of each row in random order."""
    return np.take_along_axis(objects, PERMUTATIONS[rng.integers(len(PERMUTATIONS), size=len(objects))], axis=1)


def _ask(objects: np.ndarray, dimensions: np.ndarray, rng: np.random.Generator) -> Triplets:
    """Let one simulated person a row choose the odd one."""
    # the largest of logits with Gumbel noise is a draw from their softmax
    asked = Triplets(objects, None, len(dimensions))
    noisy = embedding_logits(dimensions, asked) + rng.gumbel(size=objects.shape)
    return asked.answered(noisy.argmax(axis=1))
