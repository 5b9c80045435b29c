"""One job of a recovery study: a generator answers triplets, all candidates are fitted to its answers and scored.

`run_job` is pure: the same arguments give the same numbers, in any order and any process of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from yardsticks.recovery.data import all_judgements
from yardsticks.recovery.data.rows import COLUMNS
from yardsticks.recovery.probes.fitting import fit_batch, measure_gap
from yardsticks.recovery.probes.probe import Probe, score_path
from yardsticks.recovery.studies.experiment import Experiment, Job
from yardsticks.recovery.studies.generator import Generator, best_strength, check_people, fit_options, usable_strengths
from yardsticks.recovery.studies.inputs import Inputs
from yardsticks.recovery.triplets import combinations
from yardsticks.recovery.triplets.choices import choice_probabilities, simulate
from yardsticks.recovery.triplets.folds import Fold, object_folds, with_training
from yardsticks.recovery.triplets.randomness import random_stream
from yardsticks.recovery.triplets.sampling import sample_triplets
from yardsticks.recovery.triplets.triplets import Triplets

_BATCH = 5  # candidates fitted side by side, where that is quicker than one by one on a processor
_BATCH_BELOW = 3_000, 128  # triplets, features: five of 64 features take a quarter less, five of 860 half as much again


def run_job(
    experiment: Experiment, job: Job, inputs: Inputs, generator: Generator, *, device: str = "cpu"
) -> pd.DataFrame:
    """Simulate a generator's answers, fit every candidate to them, and score each on objects that it never saw.

    Returns
    -------
    DataFrame
        One row for each candidate, `COLUMNS`: accuracies are fractions, higher is better; test and validation are of
        answers, sampled or expected as the experiment has it, pooled over the folds; noise-free ones are the mean
        probability that the generator gives to the candidate's prediction, on fresh triplets. nll is in nats per trial.
        `strength` maximises the validation accuracy (or minimises its nll), and is NaN for the transform "none";
        `at_grid_end` says that it is the smallest or largest of the grid.
        `converged` and `gap` (largest) are of the fits at that strength in all folds. `n_ties` counts the other
        candidates with the same test accuracy. A candidate whose features cannot be used has its `error` and NaN.
    """
    folds = [
        _draw(experiment, job, inputs, generator, number, fold)
        for number, fold in enumerate(_folds(experiment, job, inputs))
    ]
    models = [model for model in experiment.models if model in inputs.features]
    width = max((inputs.features[model].shape[1] for model in models), default=0)
    small = job.n_triplets < _BATCH_BELOW[0] and width <= _BATCH_BELOW[1]
    size = len(models) if device != "cpu" else _BATCH if small else 1
    rows = []
    for start in range(0, len(models), size):
        rows += _run_candidates(experiment, models[start : start + size], inputs, folds, device)
    for model, why in inputs.unusable.items():
        rows.append({"candidate": model, "error": why, "n_evaluations": 0, "converged": False, "at_grid_end": False})
    table = pd.DataFrame(rows)
    table["n_triplets"], table["seed"], table["generator"] = job.n_triplets, job.seed, job.generator
    table["n_test"] = sum(len(fold.test) for fold in folds)
    same = table["test_accuracy"].round(9)
    table["n_ties"] = same.map(same.value_counts()).fillna(1).astype(int) - 1
    return table.reindex(columns=list(COLUMNS)).sort_values("candidate", ignore_index=True)


def check_sizes(experiment: Experiment, n_objects: int) -> None:
    """Raise a ValueError where a fold has too few objects for what a study asks for, or a rank exceeds `components`."""
    if experiment.components is not None:
        _check_rank(experiment, experiment.components + experiment.constant, "the models have at most")
    folds = object_folds(n_objects, seed=0, n_folds=experiment.n_folds)[: experiment.n_folds_run]
    if experiment.n_train_objects is not None:  # more objects to train on leave fewer to test on
        try:
            folds = [with_training(fold, experiment.n_train_objects, seed=0) for fold in folds]
        except ValueError as error:
            raise ValueError(
                f"n_train_objects={experiment.n_train_objects} of {n_objects} objects in {experiment.n_folds} folds: "
                f"{error} Ask for smaller n_train_objects, or give more objects."
            ) from error
    most = max(experiment.sizes)
    asked = {"train": (most, "sizes"), "validation": (round(most / 8), "sizes")}
    asked["test"] = (round(most / 8) + experiment.n_noise_free, "sizes or n_noise_free")
    for part, (n, setting) in asked.items():
        few = min(len(getattr(fold, part)) for fold in folds)
        if n > combinations.capacity(few):
            raise ValueError(
                f"{n:,} triplets of the {few} {part} objects that {n_objects} objects leave in {experiment.n_folds} "
                f"folds: there are {combinations.capacity(few):,}. Ask for smaller {setting}, or give more objects."
            )


def check_inputs(experiment: Experiment, inputs: Inputs) -> None:
    """Raise a ValueError where no job of a study can be done: too few objects, features or judgements."""
    check_sizes(experiment, len(inputs.objects))
    widths = {model: values.shape[1] for model, values in inputs.features.items()}
    narrow = min(widths, key=widths.get)  # it is a candidate of every job
    _check_rank(experiment, widths[narrow], f"{narrow} has")
    check_people(experiment, inputs)


def _check_rank(experiment: Experiment, width: int, whose: str) -> None:
    if experiment.rank is not None and experiment.rank > width:
        raise ValueError(
            f"rank={experiment.rank}: {whose} {width} columns once they are treated. Ask for a lower rank."
        )


def say_exclusion(experiment: Experiment) -> str:
    """Say in a sentence what is missing for no triplet that people judged to be simulated; empty where nothing is."""
    if (experiment.world, experiment.exclude) != ("things", "judged") or all_judgements.are_here():
        return ""
    return (
        "Of the 4.70 million judgements some are not on this machine, and triplets that these are of may be simulated, "
        f"which the published study leaves out: `yardsticks data pull {all_judgements.NAME}` brings all."
    )


@dataclass(frozen=True, eq=False)
class _Draw:
    """Triplets of one fold, answered by the generator; the fresh ones have its probabilities."""

    train: Triplets
    validation: Triplets
    test: Triplets
    fresh: Triplets


def _folds(experiment: Experiment, job: Job, inputs: Inputs) -> list[Fold]:
    folds = object_folds(inputs.objects, seed=random_stream("folds", job.seed), n_folds=experiment.n_folds)
    folds = folds[: experiment.n_folds_run]
    if (n := experiment.n_train_objects) is None:
        return folds
    return [
        with_training(fold, n, seed=random_stream("training objects", job.seed, number))
        for number, fold in enumerate(folds)
    ]


def _draw(experiment: Experiment, job: Job, inputs: Inputs, generator: Generator, number: int, fold: Fold) -> _Draw:
    identity = (job.seed, job.n_triplets, number)
    judged = inputs.seen if experiment.exclude == "judged" else inputs.seen.subset(slice(0))

    def sample(part: str, objects: np.ndarray, n: int) -> Triplets:
        rng = random_stream(f"triplets {part}", *identity)
        return sample_triplets(objects, n, seed=rng, exclude=judged, sampler=experiment.sampler)

    def expect(triplets: Triplets) -> Triplets:
        return triplets.expecting(choice_probabilities(generator.logits(triplets), 1.0))

    def answer(part: str, triplets: Triplets) -> Triplets:
        if experiment.choices == "expected":
            return expect(triplets)
        rng = random_stream(f"answers {part}", *identity, job.generator)
        return triplets.answered(simulate(generator.logits(triplets), temperature=1.0, seed=rng))

    n_few = round(job.n_triplets / 8)
    test = sample("test", fold.test, n_few)
    taken = Triplets(np.concatenate([judged.objects, test.objects]), None, judged.n_objects)
    rng = random_stream("triplets fresh", *identity)
    fresh = sample_triplets(fold.test, experiment.n_noise_free, seed=rng, exclude=taken)
    return _Draw(
        train=answer("train", sample("train", fold.train, job.n_triplets)),
        validation=answer("validation", sample("validation", fold.validation, n_few)),
        test=answer("test", test),
        fresh=expect(fresh),
    )


def _run_candidates(
    experiment: Experiment, models: list[str], inputs: Inputs, folds: list[_Draw], device: str
) -> list[dict]:
    """Return the rows of some candidates, fitted side by side in each fold."""
    strengths = usable_strengths(experiment, experiment.strengths)
    options = {"strengths": strengths, **fit_options(experiment, device)}
    problems = [[(inputs.features[model], fold.train) for model in models] for fold in folds]
    if device == "cpu":
        fitted = [path for batch in problems for path in fit_batch(batch, **options)]
    else:  # a card has room for all folds
        fitted = fit_batch([problem for batch in problems for problem in batch], **options)
    asked = {"device": device, "ties": experiment.ties}
    rows = []
    for place, model in enumerate(models):
        x = inputs.features[model]
        paths = fitted[place :: len(models)]  # one for each fold
        validation = [score_path(path, x, fold.validation, **asked) for path, fold in zip(paths, folds, strict=True)]
        mean = np.mean(validation, axis=0)  # (n_strengths, 2): accuracy, nll
        best = best_strength(*mean.T, strengths, selection=experiment.selection)
        chosen = [path[best] for path in paths]
        test = np.mean([probe.score(x, fold.test, **asked) for probe, fold in zip(chosen, folds, strict=True)], axis=0)
        free = np.mean([probe.score(x, fold.fresh, **asked) for probe, fold in zip(chosen, folds, strict=True)], axis=0)
        rows.append(
            {
                "candidate": model,
                "error": "",
                "test_accuracy": test[0],
                "noise_free_accuracy": free[0],
                "validation_accuracy": mean[best, 0],
                "nll": test[1],
                "noise_free_nll": free[1],
                "validation_nll": mean[best, 1],
                "strength": strengths[best],
                # a tuple would find NaN in itself, which equals nothing
                "at_grid_end": strengths[best] == min(strengths) or strengths[best] == max(strengths),
                "converged": all(probe.record.converged for probe in chosen),
                "gap": max(_gap(probe, x, fold.train, device) for probe, fold in zip(chosen, folds, strict=True)),
                "n_evaluations": sum(probe.record.n_evaluations for path in paths for probe in path),
            }
        )
    return rows


def _gap(probe: Probe, features: np.ndarray, triplets: Triplets, device: str) -> float:
    bounded = probe.transform in ("full", "diagonal")
    return measure_gap(probe, features, triplets, device=device) if bounded else np.nan
