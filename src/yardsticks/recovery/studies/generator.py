"""The answering model: a probe fitted to people's judgements, calibrated to their ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from yardsticks.recovery.data.things import open_embedding
from yardsticks.recovery.people.calibration import calibrate
from yardsticks.recovery.people.simulated import EMBEDDING
from yardsticks.recovery.probes.fitting import fit_path, fit_probe
from yardsticks.recovery.probes.probe import score_path
from yardsticks.recovery.studies.experiment import Experiment
from yardsticks.recovery.studies.inputs import Inputs, agreement_of
from yardsticks.recovery.triplets.choices import embedding_logits
from yardsticks.recovery.triplets.folds import object_folds
from yardsticks.recovery.triplets.randomness import random_stream
from yardsticks.recovery.triplets.triplets import Triplets


@dataclass(frozen=True, eq=False)
class Generator:
    """A model aligned with people, and calibrated to agree with itself as people agree with each other.

    Parameters
    ----------
    model : str
    embedding : (n_objects, k) float32 array
        Logits of a triplet are dot products of the rows of the two objects that stay.
    strength : float
        NaN for the transform "none".
    temperature, at_one, target : float
        The embedding is divided by the root of the temperature; E[max p] of the fit itself, at temperature 1, and the
        ceiling that it is calibrated to.
    accuracy, nll : float
        On people's judgements of objects (or, by the rules of triplets, triplets) outside the fit, at that strength.
    """

    model: str
    embedding: np.ndarray
    strength: float
    temperature: float
    at_one: float
    target: float
    accuracy: float
    nll: float

    def logits(self, triplets: Triplets) -> np.ndarray:
        """Logits (n, 3), float64, at the calibrated temperature."""
        return embedding_logits(self.embedding, triplets)


def make_generator(experiment: Experiment, inputs: Inputs, model: str, *, device: str = "cpu") -> Generator:
    """Fit a model to people's judgements and calibrate it to their agreement.

    Raises
    ------
    ValueError
        The model's features cannot be used, or no temperature reaches the ceiling.
    """
    if experiment.stand_in and model == EMBEDDING:
        embedding = open_embedding(EMBEDDING)[0].astype(np.float32)
        return _calibrated(experiment, inputs, Generator(model, embedding, np.nan, 1.0, 0.0, 0.0, np.nan, np.nan))
    features = usable(inputs, model)
    options = fit_options(experiment, device)
    strengths = usable_strengths(experiment, experiment.generator_strengths or experiment.strengths)
    scores = []
    for train, validation in _people_folds(experiment, inputs):
        path = fit_path(features, train, strengths=strengths, **options)
        scores.append(score_path(path, features, validation, device=device, ties=experiment.ties))
    mean = np.mean(scores, axis=0)  # (n_strengths, 2): accuracy, nll
    best = best_strength(*mean.T, strengths, selection=experiment.selection)
    strength = strengths[best]
    embedding = align(experiment, features, inputs.people, strength=strength, device=device)
    fitted = Generator(model, embedding, strength, 1.0, 0.0, 0.0, float(mean[best, 0]), float(mean[best, 1]))
    return _calibrated(experiment, inputs, fitted)


def _calibrated(experiment: Experiment, inputs: Inputs, fitted: Generator) -> Generator:
    """Return a generator at the temperature at which it agrees with itself as people do."""
    ceiling = agreement_of(experiment, inputs.repeated)
    calibration = calibrate(fitted.logits(inputs.repeated.distinct()), target=ceiling)
    return replace(
        fitted,
        embedding=fitted.embedding / np.float32(calibration.temperature**0.5),
        temperature=calibration.temperature,
        at_one=calibration.at_one,
        target=ceiling,
    )


def align(
    experiment: Experiment, features: np.ndarray, people: Triplets, *, strength: float, device: str = "cpu"
) -> np.ndarray:
    """Fit a probe of the experiment to people's judgements and transform all features with it.

    Returns
    -------
    (n_objects, k) float32 array
        At temperature 1; missing objects stay NaN.
    """
    weights = fit_probe(features, people, strength=strength, **fit_options(experiment, device)).weights
    present = ~np.isnan(features).any(axis=1)
    embedding = np.full((len(features), weights.shape[0]), np.nan, np.float32)
    embedding[present] = features[present] * weights if weights.ndim == 1 else features[present] @ weights.T
    return embedding


def usable(inputs: Inputs, model: str) -> np.ndarray:
    """Return the features of a model, or say in a ValueError why there are none."""
    if model in inputs.unusable:
        raise ValueError(f"{model}: {inputs.unusable[model]}")
    return inputs.features[model]


def best_strength(
    accuracies: np.ndarray, nlls: np.ndarray, strengths: Sequence[float], *, selection: str = "accuracy"
) -> int:
    """Return the place of the best strength; see `Experiment` for what tells equal accuracies apart."""
    if selection == "nll":
        return int(np.argmin(nlls))
    top = accuracies >= accuracies.max() - 1e-12
    return int(np.argmin(np.where(top, strengths if selection == "published" else nlls, np.inf)))


def _people_folds(experiment: Experiment, inputs: Inputs) -> list[tuple[Triplets, Triplets]]:
    """Return people's judgements to fit and to test on, by the rule that chooses a generator's strength."""
    rng = random_stream("people", experiment.strength_rule)
    people = inputs.people
    if experiment.strength_rule == "object_cv":
        objects = object_folds(inputs.objects, seed=rng, n_folds=experiment.n_folds)
        folds = [(people.within(np.union1d(fold.train, fold.validation)), people.within(fold.test)) for fold in objects]
    else:
        number = rng.integers(5, size=len(people))
        n_tested = 1 if experiment.strength_rule == "triplet_holdout" else 5
        folds = [(people.subset(number != fold), people.subset(number == fold)) for fold in range(n_tested)]
    for number, (train, validation) in enumerate(folds):
        check_parts(number, people, len(train), len(validation))
    return folds


def check_parts(number: int, people: Triplets, *sizes: int) -> None:
    """Raise a ValueError where a part of a fold (to fit, choose and test by) is empty: nothing can be chosen there."""
    if not all(sizes):
        uses = zip(sizes, ("to fit", "to choose by", "to test on"), strict=False)
        said = ", ".join(f"{n:,} {use}" for n, use in uses)
        raise ValueError(
            f"fold {number} of people's {len(people):,} judgements has {said}: of objects that are kept apart only "
            "judgements of three of these count. Give more judgements, or ask for fewer folds (n_folds)."
        )


def check_people(experiment: Experiment, inputs: Inputs) -> None:
    """Raise the ValueError that each generator would: no ceiling can be told, or a fold has no judgements."""
    agreement_of(experiment, inputs.repeated)
    _people_folds(experiment, inputs)


def usable_strengths(experiment: Experiment, grid: tuple[float, ...]) -> tuple[float, ...]:
    """Return a grid; without a transform nothing is fitted, and there is no strength to choose."""
    return (np.nan,) if experiment.transform == "none" else grid


def fit_options(experiment: Experiment, device: str) -> dict:
    """Return the options of `fit_probe` that an experiment sets."""
    return {
        "transform": experiment.transform,
        "rank": experiment.rank,
        "penalty": experiment.penalty,
        "low_rank_penalty": experiment.low_rank_penalty,
        "start": experiment.start,
        "solver": experiment.solver,
        "device": device,
    }
