"""What alignment with people does to the geometry of models: embeddings before and after, compared in tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from yardsticks.recovery.data.things import open_embedding
from yardsticks.recovery.geometry.dissimilarity import effective_dimensionality, shift, similarities, similarity
from yardsticks.recovery.people.embeddings import PEOPLE
from yardsticks.recovery.studies.experiment import Experiment, study_hash
from yardsticks.recovery.studies.generator import Generator, align
from yardsticks.recovery.studies.inputs import freeze_inputs, open_unreduced, toy_world
from yardsticks.recovery.studies.jobs import have_generator, one_thread
from yardsticks.recovery.studies.store import CODE, Study
from yardsticks.recovery.triplets.folds import object_folds
from yardsticks.recovery.triplets.randomness import random_stream

STATES = {"raw": "none", "diagonal": "diagonal", "full": "full"}  # of each state a probe leaves a model in
UNREDUCED = "unreduced"  # the state of features before their treatment
HUMAN = ("vice42", "spose66")  # the published reference first


def measure_geometry(
    experiment: Experiment, folder: Path, *, progress: Callable[[Iterable], Iterable] = iter
) -> tuple[pd.DataFrame, pd.DataFrame, Study]:
    """Align every model of an experiment with people, and measure what that does to its geometry.

    Parameters
    ----------
    experiment : Experiment
        Its transform is replaced by each of `STATES`; sizes and seeds play no part.
    folder : Path
        Where the data and the aligned embeddings are kept, these in a folder for each transform: a run that was stopped
        goes on.
    progress : callable
        Wraps the iteration over models and transforms, for example in a progress bar.

    Returns
    -------
    models : DataFrame
        One row for each model and state, in the order of the experiment: ``model``; ``state``, one of the keys of
        `STATES`, ``unreduced`` for features before their treatment, or ``people``; ``effective_dimensionality``;
        ``shift``, 1 less the similarity to the model's raw state; and of the probe that was fitted to people
        ``strength``, ``at_grid_end``, ``accuracy`` (a fraction) and ``nll`` (nats per trial), the latter two on
        judgements outside the fit.
    similarities : DataFrame
        One row for each pair: ``a``, ``a_state``, ``b``, ``b_state``, ``objects``, ``similarity`` as
        `similarity` has it. ``all``: over the objects of which all models have features, by probes fitted to
        all judgements of these. ``held-out``: with embeddings of people alone, over objects whose judgements the
        probe never saw, mean of the folds.
    study : Study
        That of the full transform: settings and data for the tables' provenance.

    Notes
    -----
    The embeddings of people were made from judgements that the probes are fitted to as well. That an aligned model
    comes near them on all objects therefore is partly a matter of having seen the same answers; on held-out objects
    its transform has not, and only the embedding has. One number is shared: the strength, chosen on all objects.
    """
    inputs, studies = freeze_inputs(experiment, folder / "inputs"), {}
    for state, transform in STATES.items():
        asked = replace(experiment, transform=transform, rank=None)
        studies[state] = Study(folder / transform, asked, inputs, study_hash(asked, inputs.hash), CODE)
    objects, names = inputs.objects, [model for model in experiment.models if model in inputs.features]
    people = _people(experiment)
    embeddings, rows, pairs = {}, [], []
    with one_thread():
        for model, (state, study) in progress([(model, entry) for model in names for entry in studies.items()]):
            generator = have_generator(study, model)
            embeddings[model, state] = generator.embedding[objects]
            rows.append(_describe(study.experiment, generator, state, embeddings))
            values = _held_out(study, generator, people)
            pairs += [(model, state, name, PEOPLE, "held-out", value) for name, value in values.items()]
        for model in names:
            whole = _unreduced(experiment, model)[objects]
            near = {(model, "raw"): embeddings[model, "raw"]}
            near |= {(name, PEOPLE): values[objects] for name, values in people.items()}
            values = {other: similarity(whole, value) for other, value in near.items()}
            pairs += [(model, UNREDUCED, *other, "all", value) for other, value in values.items()]
            rows.append(_size(model, UNREDUCED, whole) | {"shift": 1 - values[model, "raw"]})
    for name, values in people.items():
        embeddings[name, PEOPLE] = values[objects]
        rows.append(_size(name, PEOPLE, values[objects]))
    table = similarities(embeddings)
    upper = np.triu_indices(len(table), 1)
    keys = list(embeddings)
    pairs += [(*keys[i], *keys[j], "all", table.iat[i, j]) for i, j in zip(*upper, strict=True)]
    names = ["a", "a_state", "b", "b_state", "objects", "similarity"]
    return pd.DataFrame(rows), pd.DataFrame(pairs, columns=names), studies["full"]


def _size(model: str, state: str, embedding: np.ndarray) -> dict:
    width = effective_dimensionality(embedding)
    return {"model": model, "state": state, "effective_dimensionality": width, "at_grid_end": False}


def _describe(
    experiment: Experiment, generator: Generator, state: str, embeddings: Mapping[tuple[str, str], np.ndarray]
) -> dict:
    values, fitted = embeddings[generator.model, state], state != "raw"
    grid = experiment.generator_strengths or experiment.strengths
    return _size(generator.model, state, values) | {
        "shift": shift(embeddings[generator.model, "raw"], values) if fitted else 0.0,
        "strength": generator.strength if fitted else np.nan,
        "at_grid_end": fitted and generator.strength in (min(grid), max(grid)),
        "accuracy": generator.accuracy,
        "nll": generator.nll,
    }


def _held_out(study: Study, generator: Generator, people: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return the similarity to people's embeddings over objects outside the fit, mean of the folds."""
    experiment, inputs = study.experiment, study.inputs
    features = inputs.features[generator.model]
    found = []
    for fold in object_folds(inputs.objects, seed=random_stream("geometry"), n_folds=experiment.n_folds):
        seen = inputs.people.within(np.union1d(fold.train, fold.validation))
        aligned = align(experiment, features, seen, strength=generator.strength)[fold.test]
        found.append([similarity(aligned, values[fold.test]) for values in people.values()])
    return dict(zip(people, np.mean(found, axis=0).tolist(), strict=True))


def _people(experiment: Experiment) -> dict[str, np.ndarray]:
    """Return the embeddings of people by name; of toy people the dimensions that they see."""
    if experiment.world == "toy":
        return {"toy people": toy_world(experiment).dimensions}
    return {name: open_embedding(name)[0] for name in HUMAN}


def _unreduced(experiment: Experiment, model: str) -> np.ndarray:
    toy = experiment.world == "toy"
    return toy_world(experiment).models[model] if toy else open_unreduced(experiment, model).values
