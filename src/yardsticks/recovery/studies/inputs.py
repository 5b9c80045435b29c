"""What the jobs of a study read: treated features and people's judgements, frozen in the study's folder.

A study is named after what goes in: features as they are stored, judgements, and what is done to them. What comes out
differs in its last bits by the machine's linear algebra, and is guarded by the hash of each file.

Workers open the features memory-mapped, so that many processes of one machine share them; they need no other data.

A little over 300 lines: freezing, opening and checking belong together.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from yardsticks.datasets import hash_file
from yardsticks.datasets.arrays import load_array
from yardsticks.datasets.files import Damaged, read_json, reading, seal, unseal, write_whole
from yardsticks.recovery.data.features import Features, open_features
from yardsticks.recovery.data.judgements import open_human_triplets, open_repeated_triplets
from yardsticks.recovery.data.own import open_own_features, open_own_people
from yardsticks.recovery.data.things import N_THINGS, open_embedding
from yardsticks.recovery.data.toy import ToyWorld, make_world
from yardsticks.recovery.data.treatment import half_of, treat
from yardsticks.recovery.people.ceiling import noise_ceiling
from yardsticks.recovery.people.simulated import EMBEDDING, surrogate_people
from yardsticks.recovery.studies.experiment import Experiment
from yardsticks.recovery.triplets.randomness import random_stream
from yardsticks.recovery.triplets.triplets import Triplets

_TOY = {"seed": 7, "n_objects": 90, "n_features": 24, "n_judgements": 3000, "n_repeated": 100}
_WIDEST = 2048  # features of a model of THINGS, about the most
_MANIFEST = "inputs.json"
_AGAIN = "Delete the folder inputs: the next run freezes the same data again, as long as they are the same."
_TRIPLETS = ("_people", "_repeated", "_seen")
_TREATMENT = ("components", "centre", "constant", "scale")
_MADE_BY = ("models", "world", "n_judgements", *_TREATMENT)  # the settings that decide what is made of the sources


@dataclass(frozen=True, eq=False)
class Inputs:
    """Data of a study.

    Parameters
    ----------
    features : dict of str to (n_objects, k) float32 array
        Treated; of the models that can be used.
    unusable : dict of str to str
        Models whose features cannot be used, and why.
    objects : (m,) array of int
        Objects of which all usable models have features.
    people, repeated : Triplets
        Judgements that generators are fitted to, of `objects` alone; repeated ones that calibrate them.
    seen : Triplets
        All triplets that people judged, as far as their judgements are at hand; see `Experiment.exclude`.
    kind : {"real", "synthetic"}
        Of the features; people are those of the experiment's world.
    hash : str
        SHA-256 of what all of the above is made of.
    treated : str
        SHA-256 over the arrays themselves, after which studies of earlier versions are named.
    """

    features: dict[str, np.ndarray]
    unusable: dict[str, str]
    objects: np.ndarray
    people: Triplets
    repeated: Triplets
    seen: Triplets
    kind: str
    hash: str
    treated: str


class _Gathered(NamedTuple):
    """What is frozen: arrays by name, models that cannot be used, kind, and hash of the sources."""

    arrays: dict[str, np.ndarray]
    unusable: dict[str, str]
    kind: str
    hash: str


def gather_inputs(experiment: Experiment) -> Inputs:
    """Return the data of a study as `freeze_inputs` would write them; raises what that does. Nothing is written."""
    found = _gather(experiment)
    return _inputs_of(found, _hash(found.arrays, found.unusable, found.kind))


def freeze_inputs(
    experiment: Experiment, folder: Path, *, check: bool = True, accept: Callable[[Inputs], None] | None = None
) -> Inputs:
    """Write the data of a study to a folder, or check those that are there, and open them.

    Parameters
    ----------
    experiment : Experiment
    folder : Path
    check : bool
        Compare data that are frozen already with those that would be now, for which all have to be read and treated.
        False takes what is there, as one job of many does.
    accept : callable, optional
        Raises a ValueError where nothing can be done with the data, before anything is written.

    Raises
    ------
    FileNotFoundError
        The study is of THINGS, which is not on this machine.
    ValueError
        The folder holds other data than those that would be written now; fewer than two models can be used.
    """
    path = folder / _MANIFEST
    if path.exists() and not check:
        return open_inputs(folder)
    found = _gather(experiment)
    treated = _hash(found.arrays, found.unusable, found.kind)
    if path.exists():
        before = _read_manifest(folder)
        now = treated if _is_earlier(before) else found.hash
        if before["hash"] != now:
            raise ValueError(
                f"{path}: the run here began with other data ({before['hash'][:12]}, now {now[:12]}). Go on with those "
                "data, or name a new folder."
            )
    else:
        if accept:
            accept(_inputs_of(found, treated))
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in found.arrays.items():
            content = io.BytesIO()
            np.save(content, array)
            write_whole(folder / f"{name}.npy", content.getbuffer())
        about = {"hash": found.hash, "treated": treated, "kind": found.kind, "unusable": found.unusable}
        files = {name: hash_file(folder / f"{name}.npy") for name in sorted(found.arrays)}
        write_whole(path, seal(about | {"files": files}))  # last: its presence says that all is there
    return open_inputs(folder)


def open_inputs(folder: Path) -> Inputs:
    """Open what `freeze_inputs` wrote, every byte compared with its hash; features are mapped into memory.

    Raises
    ------
    Damaged
        A file is not what was frozen.
    """
    manifest, arrays = _read_manifest(folder), {}
    with reading(folder / _MANIFEST, _AGAIN):
        names = list(manifest["arrays"] if _is_earlier(manifest) else manifest["files"])
    for name in names:
        with reading(folder / f"{name}.npy", _AGAIN):
            arrays[name] = load_array(folder / f"{name}.npy", mapped=True)
    _check_arrays(folder, manifest, arrays)
    with reading(folder / _MANIFEST, _AGAIN):
        loaded = {name: np.array(arrays.pop(name)) for name in _TRIPLETS}
        n_objects = len(next(iter(arrays.values())))
    triplets = {}
    for name, table in loaded.items():
        with reading(folder / f"{name}.npy", _AGAIN):
            triplets[name] = Triplets(table[:, :3], table[:, 3], n_objects)
    about = {name: manifest[name] for name in ("unusable", "kind", "hash")}
    return _of_present(arrays, triplets, treated=manifest.get("treated", manifest["hash"]), **about)


def _inputs_of(found: _Gathered, treated: str) -> Inputs:
    """Return what was gathered as `open_inputs` does once it is written."""
    features = {name: values for name, values in found.arrays.items() if name not in _TRIPLETS}
    n_objects = len(next(iter(features.values())))
    triplets = {name: Triplets(found.arrays[name][:, :3], found.arrays[name][:, 3], n_objects) for name in _TRIPLETS}
    return _of_present(features, triplets, unusable=found.unusable, kind=found.kind, hash=found.hash, treated=treated)


def _of_present(features: dict[str, np.ndarray], triplets: Mapping[str, Triplets], **about) -> Inputs:
    """Return the data of a study, with judgements of those objects alone of which all models have features."""
    present = np.logical_and.reduce([~np.isnan(values[:, 0]) for values in features.values()])
    people, repeated = (triplets[name].within(present) for name in ("_people", "_repeated"))
    return Inputs(
        features, objects=np.flatnonzero(present), people=people, repeated=repeated, seen=triplets["_seen"], **about
    )


def _read_manifest(folder: Path) -> dict:
    """Read what is said of a folder; one of an earlier version carries no hash of its own."""
    manifest = read_json(folder / _MANIFEST, "hash", "kind", "unusable", way_out=_AGAIN)
    return manifest if _is_earlier(manifest) else unseal(folder / _MANIFEST, "treated", "files", way_out=_AGAIN)


def _is_earlier(manifest: dict) -> bool:
    """Tell whether a folder is of an earlier version, in which the hash is of the arrays and names the study."""
    return "treated" not in manifest


def _check_arrays(folder: Path, manifest: dict, arrays: dict[str, np.ndarray]) -> None:
    """Raise if what a folder holds is not what was frozen, with the file that is to blame."""
    files = manifest.get("files", {})  # the earliest folders lack them
    wrong = [f"{name}.npy" for name in arrays if name in files and hash_file(folder / f"{name}.npy") != files[name]]
    if _is_earlier(manifest) and _hash(arrays, manifest["unusable"], manifest["kind"]) != manifest["hash"]:
        wrong.append(_MANIFEST)
    if wrong:
        raise Damaged(
            f"{folder / wrong[0]} is not what was frozen when the study began: its hash is another one. {_AGAIN}"
        )


def _hash(arrays: dict[str, np.ndarray], unusable: dict[str, str], kind: str) -> str:
    """Return the hash after which earlier versions named data: of what the treatment gave."""
    digest = hashlib.sha256(json.dumps([unusable, kind], sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        _add(digest, name, array)
    return digest.hexdigest()


def _add(digest, name: str, array: np.ndarray) -> None:
    digest.update(f"{name}{array.dtype}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array))


def extent(experiment: Experiment) -> tuple[int, int]:
    """Return the number of objects, and of features of a model, of THINGS or of the toy world."""
    return (_TOY["n_objects"], _TOY["n_features"]) if experiment.world == "toy" else (N_THINGS, _WIDEST)


def agreement_of(experiment: Experiment, repeated: Triplets) -> float:
    """Return the agreement to which generators are calibrated: the number that was given, or people's own."""
    if not isinstance(experiment.ceiling, str):
        return experiment.ceiling
    try:
        return noise_ceiling(repeated, method=experiment.ceiling, seed=0, n_bootstrap=0).value
    except ValueError as error:
        raise ValueError(
            f"the repeated judgements: {error}. Give triplets there that several people answered, or set ceiling to a "
            "number between 1/3 and 1."
        ) from error


def toy_world(experiment: Experiment) -> ToyWorld:
    """Return the toy world of a study of one."""
    return make_world(n_models=len(experiment.models), **_TOY)


def open_unreduced(experiment: Experiment, model: str) -> Features:
    """Open a model's features as they are, in the objects' order; of THINGS, or of a folder of one's own.

    Of ``MODEL~half`` a random half of the model's features, the same at each call.
    """
    name, part = _name_and_part(model)
    found = open_own_features(experiment.folder, name) if experiment.world == "own" else open_features(name)
    return replace(found, values=half_of(found.values, name)) if part else found


def _toy_features(toy: ToyWorld, model: str) -> np.ndarray:
    """Return a toy model's features, or of ``MODEL~half`` the half that `open_unreduced` would take."""
    name, part = _name_and_part(model)
    if name not in toy.models:
        raise ValueError(f"there is no toy model {name}; there are {', '.join(toy.models)}.")
    return half_of(toy.models[name], name) if part else toy.models[name]


def _name_and_part(model: str) -> tuple[str, str]:
    name, _, part = model.partition("~")
    if part not in ("", "half"):
        raise ValueError(f"{model!r}: behind ~ there can only be 'half'.")
    return name, part


def _gather(experiment: Experiment) -> _Gathered:
    toy = toy_world(experiment) if experiment.world == "toy" else None
    people, repeated, seen = _people(experiment, toy)
    source = hashlib.sha256(json.dumps([getattr(experiment, name) for name in _MADE_BY]).encode())
    if toy:  # what it is made of; itself it comes of linear algebra too
        source.update(json.dumps(_TOY).encode())
    else:
        simulated = experiment.world == "surrogate"
        judged = {"repeated": repeated} if simulated else {"people": people, "repeated": repeated, "seen": seen}
        for name, part in judged.items():
            _add(source, name, _table(part))
        if simulated:
            _add(source, experiment.ceiling, open_embedding(EMBEDDING)[0])
    if experiment.n_judgements is not None:
        if experiment.n_judgements > len(people):
            raise ValueError(f"n_judgements={experiment.n_judgements:,}: there are {len(people):,}.")
        rng = random_stream("judgements", experiment.n_judgements)
        people = people.subset(np.sort(rng.permutation(len(people))[: experiment.n_judgements]))
    arrays, unusable = {}, {}
    for model in experiment.models:
        try:
            values = _toy_features(toy, model) if toy else open_unreduced(experiment, model).values
            if not toy:
                _add(source, model, values)
            if len(values) != people.n_objects:
                raise ValueError(f"{len(values):,} rows, and {experiment.models[0]} has {people.n_objects:,}.")
            asked = {name: getattr(experiment, name) for name in _TREATMENT}
            if asked["components"] is not None:
                asked["components"] = min(asked["components"], values.shape[1])
            arrays[model] = treat(values, **asked)
        except (ValueError, KeyError) as error:
            unusable[model] = str(error)
    if len(arrays) < 2:
        raise ValueError(f"fewer than two models can be used: {'; '.join(f'{k}: {v}' for k, v in unusable.items())}")
    seen = Triplets(
        np.concatenate([seen.objects, repeated.objects]), np.concatenate([seen.odd, repeated.odd]), seen.n_objects
    )
    arrays |= {name: _table(part) for name, part in zip(_TRIPLETS, (people, repeated, seen), strict=True)}
    return _Gathered(arrays, unusable, "synthetic" if toy else "real", source.hexdigest())


def _table(triplets: Triplets) -> np.ndarray:
    return np.column_stack([triplets.objects, triplets.odd]).astype(np.int16)


def _people(experiment: Experiment, toy: ToyWorld | None) -> tuple[Triplets, Triplets, Triplets]:
    """Return the judgements that generators are fitted to, the repeated ones, and all that were judged."""
    if toy:
        return _without_repeated(toy.people, toy.repeated)
    if experiment.world == "own":
        n_objects = len(open_own_features(experiment.folder, experiment.models[0]).values)
        asked = {"base": experiment.triplets_base, "odd": experiment.triplets_odd}
        return _without_repeated(*open_own_people(experiment.folder, n_objects, **asked))
    repeated, _, origin = open_repeated_triplets()
    if origin.kind != "real":
        raise FileNotFoundError(
            f"{experiment.name} is a study of THINGS, which is not on this machine. Set YARDSTICKS_DATA to the "
            "folder that holds things/, or run `smoke`, which is of a toy world."
        )
    if experiment.world == "surrogate":
        people = surrogate_people(experiment.n_judgements, repeated, agreement_of(experiment, repeated))
        return people, repeated, people
    return open_human_triplets("all", without_repeated=True)[0], repeated, open_human_triplets("all")[0]


def _without_repeated(people: Triplets, repeated: Triplets) -> tuple[Triplets, Triplets, Triplets]:
    return people.subset(~np.isin(people.ranks(), repeated.ranks())), repeated, people
