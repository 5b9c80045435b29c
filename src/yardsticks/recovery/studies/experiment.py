"""What a recovery study is: its settings, its jobs, and the random numbers that belong to each of them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields

from yardsticks.recovery.data.treatment import SCALES
from yardsticks.recovery.people.ceiling import METHODS
from yardsticks.recovery.probes.options import PENALTIES, SOLVERS, TRANSFORMS
from yardsticks.recovery.triplets.randomness import hash_of
from yardsticks.recovery.triplets.sampling import SAMPLERS

SELECTIONS = ("accuracy", "nll")
STRENGTH_RULES = ("object_cv", "triplet_cv", "triplet_holdout")
WORLDS = ("things", "surrogate", "toy", "own")
VERSION = 2  # of the rows: raise it when the same job would give other ones
# how far a study goes and where its data lie, as against what one of its jobs is
_EXTENT = ("name", "sizes", "n_seeds", "folder")
_LATER = {"n_folds_run": None}  # settings that older studies do not have, and what these did: their names stay


@dataclass(frozen=True)
class Experiment:
    """A recovery study: every generator answers triplets, every candidate is fitted to the answers, one of them wins.

    Parameters
    ----------
    name : str
    models : tuple of str
        Generators and candidates alike: names of `list_features`, of the toy world, or of your own files of features.
    sizes : tuple of int
        Numbers of training triplets in each fold.
    n_seeds : tuple of int
        Repetitions at each size.
    strengths : tuple of float
        Grid from which each candidate's strength is chosen.
    world : {"things", "surrogate", "toy", "own"}
        Where objects, features and people come from; ``surrogate`` is THINGS with people replaced by choices sampled
        from their SPoSE-66 embedding, see `surrogate_people`; ``own`` is a folder of yours, see `own`.
    folder : str, optional
        Of the world ``own``, which needs it.
    n_judgements : int, optional
        People's judgements that generators are fitted to, drawn at random; all of them by default. A surrogate has any
        number, and needs it.
    components, centre, constant, scale
        Treatment of the features, see `treat`.
    transform, rank, penalty, solver
        Of generators and candidates, see `fit_batch`.
    sampler : {"uniform", "published"}
        Of the simulated triplets, see `sample_triplets`.
    selection : {"accuracy", "nll"}
        What chooses a strength on validation triplets; equal accuracies are told apart by nll.
    strength_rule : {"object_cv", "triplet_cv", "triplet_holdout"}
        How a generator's strength is chosen on people's judgements: tested on objects that the fit never saw, or (as
        published) on other triplets of the same objects in five folds, which favours strengths that are too small;
        `triplet_holdout` is the first of these folds alone, for judgements in millions.
    ceiling : {"corrected", "majority", "leave_one_out"}
        Agreement among people to which generators are calibrated, see `noise_ceiling`.
    n_folds : int
        Splits of the objects, see `object_folds`.
    n_folds_run : int, optional
        How many of these splits a job runs, the first ones; all by default.
    n_noise_free : int
        Fresh test triplets in each fold on which candidates are scored by the generator's own probabilities.

    Raises
    ------
    ValueError
        A setting that is none of those allowed, with the list of these.
    """

    name: str
    models: tuple[str, ...]
    sizes: tuple[int, ...]
    n_seeds: tuple[int, ...]
    strengths: tuple[float, ...]
    world: str = "things"
    n_judgements: int | None = None
    components: int | None = 64
    centre: bool = False
    constant: bool = False
    scale: str = "unit_rms"
    transform: str = "full"
    rank: int | None = None
    penalty: str = "scaled_identity"
    solver: str = "exact"
    sampler: str = "uniform"
    selection: str = "accuracy"
    strength_rule: str = "object_cv"
    ceiling: str = "corrected"
    n_folds: int = 3
    n_noise_free: int = 10_000
    n_folds_run: int | None = None
    folder: str | None = None
    version: int = field(default=VERSION)

    def __post_init__(self):
        allowed = {
            "world": WORLDS,
            "scale": SCALES,
            "transform": TRANSFORMS,
            "penalty": PENALTIES,
            "solver": SOLVERS,
            "sampler": tuple(SAMPLERS),
            "selection": SELECTIONS,
            "strength_rule": STRENGTH_RULES,
            "ceiling": METHODS,
        }
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                raise ValueError(f"{name}={getattr(self, name)!r} is none of {', '.join(values)}.")
        for name in ("models", "sizes", "n_seeds", "strengths"):
            if not (isinstance(getattr(self, name), tuple) and getattr(self, name)):
                raise ValueError(f"{name}={getattr(self, name)!r} must be a list that is not empty.")
        for name, texts in (("name", (self.name,)), ("models", self.models)):
            if not all(isinstance(text, str) and text for text in texts):
                raise ValueError(f"{name}={getattr(self, name)!r} must be text that is not empty.")
        for name in ("centre", "constant"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name}={getattr(self, name)!r} must be true or false, without quotation marks.")
        if len(self.sizes) != len(self.n_seeds):
            raise ValueError(f"{len(self.sizes)} sizes and {len(self.n_seeds)} n_seeds: give one for each size.")
        for name in ("models", "sizes", "strengths"):
            values = getattr(self, name)
            if len(set(values)) != len(values):
                raise ValueError(f"{name}={values} names something twice.")
        if len(self.models) < 2:
            raise ValueError("at least two models are needed.")
        for name, least in (("sizes", 5), ("n_seeds", 1), ("n_noise_free", 1), ("n_folds", 2)):  # n / 8 are to test on
            values = getattr(self, name)
            if not all(_is_whole(value, least) for value in (values if isinstance(values, tuple) else (values,))):
                raise ValueError(f"{name}={values!r} must be whole numbers of at least {least}.")
        for name, other in (("n_judgements", ""), ("components", ", or all"), ("rank", "")):
            value = getattr(self, name)
            if value is not None and not _is_whole(value, 1):
                raise ValueError(f"{name}={value!r} must be a positive whole number{other}.")
        if self.n_folds_run is not None and not (_is_whole(self.n_folds_run, 1) and self.n_folds_run <= self.n_folds):
            raise ValueError(
                f"n_folds_run={self.n_folds_run!r} must be a whole number from 1 to n_folds={self.n_folds}."
            )
        if self.world == "surrogate" and self.n_judgements is None:
            raise ValueError("world='surrogate' needs n_judgements: how many choices are sampled.")
        if (self.world == "own") != (self.folder is not None):
            raise ValueError(f"world={self.world!r} with folder={self.folder!r}: 'own' needs one, others take none.")
        if not all(
            isinstance(value, int | float) and value is not True and 0 < value < math.inf for value in self.strengths
        ):
            raise ValueError(f"strengths={self.strengths} must be positive and finite numbers.")
        if (self.transform == "low_rank") != (self.rank is not None):
            raise ValueError(
                f"transform={self.transform!r} with rank={self.rank}: a low rank needs one, others take none."
            )

    def settings(self) -> dict:
        """Return all settings, as JSON would hold them."""
        return json.loads(json.dumps(asdict(self)))

    def identity(self) -> str:
        """Return what a job's rows depend on besides job and data: the settings without the study's extent."""
        kept = {
            name: value
            for name, value in self.settings().items()
            if name not in _EXTENT and not (name in _LATER and value == _LATER[name])
        }
        return json.dumps(kept, sort_keys=True)


def _is_whole(value: object, least: int) -> bool:
    """Tell whether a value is a whole number of at least `least`; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def from_settings(settings: dict) -> Experiment:
    """Return the experiment that `Experiment.settings` describes; a ValueError names those that are unknown.

    ``components = "all"`` stands for None, which TOML does not have.
    """
    known = {entry.name for entry in fields(Experiment)}
    if unknown := sorted(set(settings) - known):
        raise ValueError(f"an experiment has no {', '.join(unknown)}. It has: {', '.join(sorted(known))}.")
    if settings.get("components") == "all":
        settings = settings | {"components": None}
    return Experiment(**{key: tuple(value) if isinstance(value, list) else value for key, value in settings.items()})


@dataclass(frozen=True)
class Job:
    """One generator against all candidates, on one draw of triplets.

    Parameters
    ----------
    n_triplets : int
        Training triplets in each fold.
    seed : int
        Objects are split by it alone; triplets depend on it and `n_triplets`, so that all generators share them.
    generator : str
    """

    n_triplets: int
    seed: int
    generator: str

    def key(self, study: str) -> str:
        """Return the job's name within a study (`study_hash`)."""
        return hash_of(f"{study}|{self.n_triplets}|{self.seed}|{self.generator}")[:24]


def study_hash(experiment: Experiment, inputs: str) -> str:
    """Return the name of all jobs with the same settings and inputs, whatever their sizes and seeds."""
    return hash_of(f"{experiment.identity()}|{inputs}")


def list_jobs(experiment: Experiment) -> Iterator[Job]:
    """Yield the jobs of a study, seed by seed and small sizes first, so that a part of it is of use."""
    for seed in range(max(experiment.n_seeds)):
        for n_triplets, n_seeds in sorted(zip(experiment.sizes, experiment.n_seeds, strict=True)):
            if seed < n_seeds:
                for generator in experiment.models:
                    yield Job(n_triplets, seed, generator)


IMAGE_MODELS = (
    "clip_vit_b32",
    "clip_vit_b32_cc0",
    "blip_base_cc0",
    "cvcl_cc0",
    "efficientnet_lite0",
    "efficientnet_lite1",
    "efficientnet_lite2",
    "inception_v3_mixed5",
    "mobilenet_v1_0.25_128",
    "mobilenet_v1_0.5_160",
    "mobilenet_v1_0.75_192",
    "mobilenet_v1_1.0_224",
    "mobilenet_v2_1.0_224",
    "mobilenet_v2_1.0_224_tf2",
    "mobilenet_v2_1.0_224_inat_bird",
    "mobilenet_v2_1.0_224_inat_insect",
    "pixels",
    "colour_histogram",
    "hog",
    "gabor_energy",
)
HALF_DECADES = tuple(10.0 ** (power / 2) for power in range(2, -5, -1))  # 10 ... 0.01
SMOKE = Experiment(
    name="smoke",
    models=("toy-a1", "toy-a2", "toy-b1", "toy-b2"),
    sizes=(50, 200, 800),
    n_seeds=(2, 2, 2),
    strengths=(1.0, 0.1, 0.01),
    world="toy",
    components=8,
    n_noise_free=500,
)
THINGS_OPEN = Experiment(
    name="things-open",
    models=IMAGE_MODELS,
    sizes=(100, 200, 400, 800, 1600, 6400, 25600),
    n_seeds=(20, 20, 20, 5, 5, 5, 5),
    strengths=HALF_DECADES,
)
PAPER = Experiment(
    name="paper",
    models=IMAGE_MODELS,
    sizes=(*(50 * 2**power for power in range(17)), 4_200_000),
    n_seeds=(30,) * 18,
    strengths=tuple(10.0**power for power in range(4, -7, -1)),
    components=None,
    scale="raw",
    solver="published",
    strength_rule="triplet_cv",
    ceiling="leave_one_out",
)
EXPERIMENTS = {experiment.name: experiment for experiment in (SMOKE, THINGS_OPEN, PAPER)}
