"""How well probed models predict people: fitted to judgements of some objects, tested on those of others.

A probe's strength is chosen within the objects that it is fitted to, by judgements of objects that were set aside from
these; the published choice, the strength that does best on the test itself, is kept beside it. What is done is kept
model by model, so that the work can be stopped and gone on with at any time.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from tqdm import tqdm

from yardsticks.datasets.files import read_sealed, reading, write_sealed
from yardsticks.recovery.data.judgements import open_human_triplets
from yardsticks.recovery.people.ceiling import ceilings
from yardsticks.recovery.prediction.comparison import clustered_errors, compare_pairs
from yardsticks.recovery.probes.fitting import fit_path, measure_gap
from yardsticks.recovery.probes.probe import Probe
from yardsticks.recovery.studies.experiment import Experiment
from yardsticks.recovery.studies.generator import best_strength, check_parts, usable
from yardsticks.recovery.studies.inputs import Inputs
from yardsticks.recovery.studies.jobs import one_thread
from yardsticks.recovery.studies.store import Study, begin_study
from yardsticks.recovery.studies.tables import write_table
from yardsticks.recovery.triplets.choices import accuracy, choose, credits_of, nll
from yardsticks.recovery.triplets.folds import object_folds, published_folds
from yardsticks.recovery.triplets.randomness import random_stream
from yardsticks.recovery.triplets.triplets import Triplets

RANK = 30  # of low-rank probes, as published
PROBES = (
    ("none", "none"),
    ("diagonal", "scaled_identity"),
    ("diagonal", "frobenius"),
    ("low_rank", "scaled_identity"),
    ("low_rank", "frobenius"),
    ("full", "scaled_identity"),
    ("full", "frobenius"),
)
WHAT = "Probes fitted to people,"


class Split(NamedTuple):
    """People's judgements of one fold; only judgements of which all three objects are in one part are used.

    Parameters
    ----------
    train, validation : Triplets
        To fit at every strength, and to choose one.
    both : Triplets
        Of the objects of either, to fit once more; with the published folds those of one and those of the other,
        without judgements that mix them.
    test : (n,) array of int
        Rows of people's judgements about objects that none of the others have.
    """

    train: Triplets
    validation: Triplets
    both: Triplets
    test: np.ndarray


def split_people(experiment: Experiment, inputs: Inputs) -> list[Split]:
    """Split people's judgements by object: as published, or in the folds by which generators' strengths are chosen."""
    people, published, splits = inputs.people, experiment.people_folds == "published", []
    drawn = object_folds(inputs.objects, seed=random_stream("people", "object_cv"), n_folds=experiment.n_folds)
    folds = published_folds(inputs.objects, n_folds=experiment.n_folds) if published else drawn
    for number, fold in enumerate(folds):
        train, validation, test = (np.isin(people.objects, part).all(axis=1) for part in fold)
        check_parts(number, people, train.sum(), validation.sum(), test.sum())
        joined = np.isin(people.objects, np.union1d(fold.train, fold.validation)).all(axis=1)
        both = train | validation if published else joined
        splits.append(Split(*map(people.subset, (train, validation, both)), np.flatnonzero(test)))
    return splits


def judgement_sets(experiment: Experiment, inputs: Inputs) -> dict[str, np.ndarray]:
    """Return which of people's judgements are scored under which name, as masks.

    ``all`` is the most precise. With THINGS, ``random50k`` are those that were drawn at random: the estimate for the
    population, as the others are by frequent participants.

    Raises
    ------
    ValueError
        The judgements on this machine are other ones than those of the study.
    """
    masks = {"all": np.ones(len(inputs.people), bool)}
    if experiment.world == "things" and experiment.n_judgements is None:
        random = open_human_triplets("random50k", without_repeated=True, objects=inputs.objects)[0]
        first = inputs.people.subset(slice(len(random)))  # the judgements are these, then the others
        if not np.array_equal(first.objects, random.objects):
            raise ValueError("people's judgements on this machine are other ones than those of the study's folder.")
        masks["random50k"] = np.arange(len(inputs.people)) < len(random)
    return masks


def probe_model(experiment: Experiment, inputs: Inputs, model: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Fit every probe of `PROBES` to people's judgements, with a model's features, and test it on other objects.

    Parameters
    ----------
    experiment : Experiment
        Its strengths, selection, solver and n_folds; its transform, rank and penalty are those of `PROBES` instead.
    inputs : Inputs
    model : str

    Returns
    -------
    scores : DataFrame
        One row for each probe, fold and set of judgements: model, transform, penalty, rank (NaN where it is not low),
        fold, judgements; n_fitted and n_test judgements; accuracy (a fraction, ties shared, higher is better; chance is
        1/3), nll (nats per trial at temperature 1, lower is better) and n_ties on the test, with the standard errors
        of the accuracy ``error_triplets`` and ``error_objects`` (see `clustered_errors`), all at ``strength``, chosen
        on validation judgements in each fold; at_grid_end, converged, gap (see `Record`) and n_evaluations. And
        strength_published, the one with the highest mean test accuracy over folds, with accuracy_published and
        nll_published. Strengths are chosen by all judgements, whatever the set.
    credits : (n_probes, n_test) array
        Of all test judgements, fold by fold: 1 where the most probable answer is the person's, 1/m in ties of m.

    Raises
    ------
    ValueError
        The model's features cannot be used.
    """
    features = usable(inputs, model)
    splits, masks = split_people(experiment, inputs), judgement_sets(experiment, inputs)
    rows, credits = [], []
    for transform, penalty in PROBES:
        rank = min(RANK, features.shape[1]) if transform == "low_rank" else None
        options = {"transform": transform, "rank": rank, "solver": experiment.solver}
        options |= {"low_rank_penalty": experiment.low_rank_penalty, "start": experiment.start}
        options |= {"penalty": penalty, "strengths": experiment.strengths}
        if transform == "none":  # nothing is fitted: one strength is as good as another, and none is reported
            options |= {"penalty": experiment.penalty, "strengths": (1.0,)}
        chosen, paths, test_scores = [], [], []
        for split in splits:
            test = inputs.people.subset(split.test)
            validation = [p.score(features, split.validation) for p in fit_path(features, split.train, **options)]
            scores = np.transpose(validation)
            chosen.append(best_strength(*scores, options["strengths"], selection=experiment.selection))
            paths.append(fit_path(features, split.both, **options))
            test_scores.append([p.score(features, test) for p in paths[-1]])
        # chosen on the test, as published
        on_test = best_strength(*np.mean(test_scores, axis=0).T, options["strengths"])
        strength = options["strengths"][on_test] if transform != "none" else np.nan
        about = {"model": model, "transform": transform, "penalty": penalty, "rank": np.nan if rank is None else rank}
        about |= {"strength_published": strength}
        right = []
        for fold, (split, path, best) in enumerate(zip(splits, paths, chosen, strict=True)):
            fitted = {"fold": fold, "n_fitted": len(split.both)} | _describe(path, best, features, split.both)
            test = inputs.people.subset(split.test)
            logits, others = (path[place].logits(features, test) for place in (best, on_test))
            for name, mask in masks.items():
                inside = mask[split.test]
                scores = _score(logits[inside], others[inside], test.subset(inside))
                rows.append(about | {"judgements": name} | fitted | scores)
            right.append(credits_of(logits, test.odd))
        credits.append(np.concatenate(right))
    return pd.DataFrame(rows), np.array(credits)


def probe_models(
    experiment: Experiment, folder: Path, *, models: Sequence[str] | None = None, progress: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Probe models, or go on with it: a model that is done in the folder is not done again.

    Parameters
    ----------
    experiment : Experiment
        As for `probe_model`; its sizes and seeds play no part.
    folder : Path
        Of the study, with the data it is frozen on. It also comes to hold which judgements each probe gets right: it
        is not to be passed on.
    models : sequence of str, optional
        Only these of the experiment's; by default all that can be used.
    progress : bool
        Show a bar of models.

    Returns
    -------
    scores, pairs : DataFrame
        Of all models that are done, see `probe_model` and `compare_pairs`.

    Raises
    ------
    ValueError
        A model that is not the experiment's or cannot be used; the folder holds another study or other data.
    """
    study = begin_study(experiment, folder)
    if unknown := sorted(set(models or ()) - set(experiment.models)):
        raise ValueError(
            f"{experiment.name} has no model {', '.join(unknown)}. It has: {', '.join(experiment.models)}."
        )
    wanted = list(models or study.inputs.features)
    for model in wanted:
        usable(study.inputs, model)  # or says why it is not, before anything is fitted
    todo = [model for model in wanted if not _part(study, model).exists()]
    for model in tqdm(todo, unit="model", disable=not progress):
        with one_thread():
            scores, credits = probe_model(experiment, study.inputs, model)
        _keep(study, model, scores, credits)
    return collect_probes(study)


def collect_probes(study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return scores and pairs of all models that are done in a study's folder, as `probe_models`."""
    splits, masks = split_people(study.experiment, study.inputs), judgement_sets(study.experiment, study.inputs)
    order = np.concatenate([split.test for split in splits])
    people = study.inputs.people.subset(order)
    parts = {model: _take(study, model) for model in study.inputs.features if _part(study, model).exists()}
    pairs = []
    for number, (transform, penalty) in enumerate(PROBES):
        credits = {model: part[1][number] for model, part in parts.items()}
        for name, mask in masks.items():
            inside = mask[order]
            some = {model: values[inside] for model, values in credits.items()}
            about = pd.DataFrame({"transform": [transform], "penalty": penalty, "judgements": name})
            pairs.append(about.merge(compare_pairs(some, people.subset(inside)), how="cross"))
    scores = pd.concat([part[0] for part in parts.values()], ignore_index=True)
    return scores, pd.concat(pairs, ignore_index=True)


def write_probes(study: Study, path: Path) -> tuple[Path, Path]:
    """Write scores to a parquet file and pairs to another beside it, each with its provenance; return both paths.

    People's ceilings (see `ceilings`) are part of the provenance of the scores.
    """
    scores, pairs = collect_probes(study)
    ceiling = ceilings(study.inputs.repeated, seed=0, n_bootstrap=0)["value"].to_dict()
    beside = path.with_stem(f"{path.stem}_pairs")
    write_table(study, scores, path, schema=None, about={"what": WHAT, "ceilings": ceiling})
    write_table(study, pairs, beside, schema=None, about={"what": WHAT})
    return path, beside


def _score(logits: np.ndarray, others: np.ndarray, test: Triplets) -> dict:
    """Return scores on test judgements from the logits of the probe, and from those at the published strength."""
    credits = credits_of(logits, test.odd)
    return {
        "n_test": len(test),
        "accuracy": credits.mean(),
        "nll": nll(logits, test.odd),
        "n_ties": int(((choose(logits) > 0).sum(axis=1) > 1).sum()),
        **clustered_errors(credits, test)._asdict(),
        "accuracy_published": accuracy(others, test.odd),
        "nll_published": nll(others, test.odd),
    }


def _describe(path: Sequence[Probe], best: int, features: np.ndarray, fitted: Triplets) -> dict:
    """Return how the fits of one fold went, at the strength that was chosen."""
    probe = path[best]
    free, bounded = probe.transform != "none", probe.transform in ("full", "diagonal")
    return {
        "strength": probe.strength if free else np.nan,
        "at_grid_end": free and best in (0, len(path) - 1),
        "converged": probe.record.converged,
        "gap": measure_gap(probe, features, fitted) if bounded else np.nan,
        "n_evaluations": sum(p.record.n_evaluations for p in path),
    }


def _part(study: Study, model: str) -> Path:
    return study.folder / "probes" / f"{model}.npz"


def _keep(study: Study, model: str, scores: pd.DataFrame, credits: np.ndarray) -> None:
    about = {"study": study.hash, "code": study.code_hash, "model": model, "probes": PROBES, "rank": RANK}
    about |= {"scores": scores.to_dict("list")}
    content = io.BytesIO()
    sixths = np.rint(6 * credits).astype(np.uint8)  # of 1, 1/2, 1/3 and 0
    np.savez_compressed(content, about=json.dumps(about), sixths=sixths)
    path = _part(study, model)
    path.parent.mkdir(exist_ok=True)
    write_sealed(path, content.getvalue())


def _take(study: Study, model: str) -> tuple[pd.DataFrame, np.ndarray]:
    path = _part(study, model)
    wanted = {"study": study.hash, "code": study.code_hash, "model": model, "rank": RANK}
    wanted |= {"probes": [list(probe) for probe in PROBES]}
    way_out = "Delete it: the same command makes it again."
    content = read_sealed(path, way_out)
    with reading(path, way_out), np.load(io.BytesIO(content), allow_pickle=False) as file:
        about = json.loads(str(file["about"]))
        scores, credits = pd.DataFrame(about["scores"]), file["sixths"] / 6
    if {name: about.get(name) for name in wanted} != wanted:
        raise ValueError(
            f"{path} was made with other settings, data, probes or code, or is of another model. Move it out of the "
            "folder."
        )
    return scores, credits
