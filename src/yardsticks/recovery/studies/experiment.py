"""What a recovery study is: its settings, its jobs, and the random numbers that belong to each of them.

Longer than 300 lines, most of them the documentation of settings.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import MISSING, asdict, dataclass, field, fields

from yardsticks.recovery.data.judgements import BASES, ODD
from yardsticks.recovery.data.treatment import SCALES
from yardsticks.recovery.people.ceiling import METHODS
from yardsticks.recovery.people.simulated import EMBEDDING
from yardsticks.recovery.probes.options import LOW_RANK_PENALTIES, PENALTIES, SOLVERS, STARTS, TRANSFORMS
from yardsticks.recovery.triplets.choices import TIES
from yardsticks.recovery.triplets.randomness import hash_of
from yardsticks.recovery.triplets.sampling import SAMPLERS
from yardsticks.stats import check_option

VERSION = 2  # of the rows: raise it when the same job would give other ones
# how far a study goes and where its data lie, as against what one of its jobs is
_EXTENT = ("name", "sizes", "n_seeds", "folder", "triplets_base", "triplets_odd", "stand_in")
# settings that older studies do not have, and what these did: their names stay
LATER = {
    "n_folds_run": None,
    "folder": None,
    "triplets_base": None,
    "triplets_odd": None,
    "generator_strengths": None,
    "choices": "sampled",
    "n_train_objects": None,
    "low_rank_penalty": "output",
    "start": "principal",
    "people_folds": "drawn",
    "ties": "shared",
    "exclude": "judged",
    "stand_in": False,
}


def _is_positive(value: object) -> bool:
    """Tell whether a value is a positive and finite number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf


def _whole(least: int, *, or_none: bool = False) -> Callable[[object], bool]:
    """Return what tells whether a value is a whole number of at least so much."""
    return lambda value: (
        (or_none and value is None) or (isinstance(value, int) and not isinstance(value, bool) and value >= least)
    )


def is_name(value: object) -> bool:
    """Tell whether a text can be the name of a file in a study's folder, and nothing but a name."""
    return (
        isinstance(value, str)
        and 0 < len(value.encode(errors="replace")) <= 200
        and value[0] not in "._-"  # hidden; the study's own; an option
        and value.isprintable()
        and not set(value) & set("/\\:")
    )


OPTIONS = {
    "world": ("things", "surrogate", "toy", "own"),
    "scale": SCALES,
    "transform": TRANSFORMS,
    "penalty": PENALTIES,
    "low_rank_penalty": LOW_RANK_PENALTIES,
    "start": STARTS,
    "solver": SOLVERS,
    "sampler": tuple(SAMPLERS),
    "exclude": ("judged", "none"),
    "choices": ("sampled", "expected"),
    "selection": ("accuracy", "nll", "published"),
    "people_folds": ("drawn", "published"),
    "ties": TIES,
    "strength_rule": ("object_cv", "triplet_cv", "triplet_holdout"),
    "ceiling": METHODS,
}
_LISTS = ("models", "sizes", "n_seeds", "strengths")
_TEXT = (lambda value: isinstance(value, str) and value != "", "text that is not empty")
NAME = "a name, not a path: no / \\ or :, and not beginning with . _ or -"
_FLAG = (lambda value: isinstance(value, bool), "true or false, without quotation marks")
_VALUES = {  # what each value of a setting must be
    "name": _TEXT,
    "models": (is_name, NAME),
    "sizes": (_whole(5), "whole numbers of at least 5"),  # an eighth of them are to test on
    "n_seeds": (_whole(1), "whole numbers of at least 1"),
    "strengths": (_is_positive, "positive and finite numbers"),
    "generator_strengths": (lambda value: value is None or _is_positive(value), "positive and finite numbers"),
    "centre": _FLAG,
    "stand_in": _FLAG,
    "constant": _FLAG,
    "n_noise_free": (_whole(1), "a whole number of at least 1"),
    "n_folds": (_whole(2), "a whole number of at least 2"),
    "n_judgements": (_whole(1, or_none=True), "a positive whole number"),
    "components": (_whole(1, or_none=True), "a positive whole number, or all"),
    "rank": (_whole(1, or_none=True), "a positive whole number"),
    "triplets_base": (lambda value: value is None or (type(value) is int and value in BASES), "0 or 1"),
    "triplets_odd": (lambda value: value is None or value in ODD, f"one of {', '.join(ODD)}"),
    "n_train_objects": (_whole(3, or_none=True), "a whole number of at least 3"),
    "n_folds_run": (_whole(1, or_none=True), "a whole number from 1 to n_folds"),
}


@dataclass(frozen=True)
class Experiment:
    """A recovery study: every generator answers triplets, every candidate is fitted to the answers, one of them wins.

    Parameters
    ----------
    name : str
    models : tuple of str
        Generators and candidates alike: names of `list_features`, of the toy world, or of your own files of features.
        With ``~half`` behind its name, a random half of a model's features: a pseudo-twin of it.
    sizes : tuple of int
        Numbers of training triplets in each fold.
    n_seeds : tuple of int
        Repetitions at each size.
    strengths : tuple of float
        Grid from which each candidate's strength is chosen.
    generator_strengths : tuple of float, optional
        Grid from which each generator's is; by default the same.
    world : {"things", "surrogate", "toy", "own"}
        Where objects, features and people come from; ``surrogate`` is THINGS with people replaced by choices sampled
        from their SPoSE-66 embedding, see `surrogate_people`; ``own`` is a folder of yours, see `own`.
    stand_in : bool
        Whether that embedding answers as well, as a generator that no candidate equals. It is never a candidate.
    folder : str, optional
        Of the world ``own``, which needs it.
    triplets_base, triplets_odd : optional
        How its files have the judgements: `base` and `odd` of `read_triplets`.
    n_judgements : int, optional
        People's judgements that generators are fitted to, drawn at random; all of them by default. A surrogate has any
        number, and needs it.
    components, centre, constant, scale
        Treatment of the features, see `treat`; a model with fewer features than components keeps as many as it has.
    transform, rank, penalty, low_rank_penalty, start, solver
        Of generators and candidates, see `Options`. The published study also has a penalty on the sum of magnitudes
        (L1), which is not here.
    sampler : {"uniform", "published"}
        Of the simulated triplets, see `sample_triplets`. The fresh ones (`n_noise_free`) are uniform in any case.
    exclude : {"judged", "none"}
        Whether triplets that people judged may be simulated. As published none of these is; of THINGS that is so where
        all 4.70 million judgements are at hand (``yardsticks data pull things-triplets``), else it is so of those that
        are, which is no error, and ``yardsticks recovery plan`` and `run` say so.
    selection : {"accuracy", "nll", "published"}
        What chooses a strength on validation triplets: the highest accuracy, equal ones told apart by nll; the lowest
        nll; or the highest accuracy, and of equal ones the smallest strength.
    ties : {"shared", "first"}
        Who is right where the pairs of a triplet are equally similar: each of the tied odd ones has its share, or (as
        published) the first in the row is the answer. Candidates that are equal in the end share the win or, with
        first, it goes to the first of `models`: tables hold scores, and `winners`, `recovery_curve` and
        `confusion` take this rule and this list; other analyses share.
    strength_rule : {"object_cv", "triplet_cv", "triplet_holdout"}
        How a generator's strength is chosen on people's judgements: tested on objects that the fit never saw, or (as
        published) on other triplets of the same objects in five folds, which favours strengths that are too small;
        `triplet_holdout` is the first of these folds alone, for judgements in millions.
    people_folds : {"drawn", "published"}
        Folds of objects in which `probe_models` fits and tests models on people's judgements: `object_folds`, or
        `published_folds`, where judgements that mix objects to fit with objects to validate are not used.
    ceiling : {"corrected", "maximum_likelihood", "majority", "leave_one_out"} or float
        Agreement among people to which generators are calibrated, see `noise_ceiling`; or a number between 1/3 and 1.
    n_folds : int
        Splits of the objects, see `object_folds`.
    n_folds_run : int, optional
        How many of these splits a job runs, the first ones; all by default.
    n_train_objects : int, optional
        How many objects candidates are fitted to, see `with_training`; by default those that are neither to validate
        nor to test on, 7/15 of all with three folds.
    choices : {"sampled", "expected"}
        Whether the generator answers each triplet once, or candidates are fitted to, chosen by and tested on its
        probabilities: the limit of infinitely many answers to each triplet. What is lost there is not lost to chance.
    n_noise_free : int
        Fresh test triplets in each fold on which candidates are scored by the generator's own probabilities.

    Raises
    ------
    ValueError
        A setting that is none of those allowed, with the list of these.

    Examples
    --------
    >>> from dataclasses import replace
    >>> quick = replace(SMOKE, name="quick", sizes=(40, 400), n_seeds=(5, 5))
    >>> len(list(list_jobs(quick)))  # four generators, each answers five times at each size
    40
    >>> replace(quick, solver="fastest")
    Traceback (most recent call last):
    ValueError: solver='fastest' is none of exact, published.
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
    ceiling: str | float = "corrected"
    n_folds: int = 3
    n_noise_free: int = 10_000
    n_folds_run: int | None = None
    folder: str | None = None
    triplets_base: int | None = None
    triplets_odd: str | None = None
    generator_strengths: tuple[float, ...] | None = None
    choices: str = "sampled"
    n_train_objects: int | None = None
    low_rank_penalty: str = "output"
    start: str = "principal"
    people_folds: str = "drawn"
    ties: str = "shared"
    exclude: str = "judged"
    stand_in: bool = False
    version: int = field(default=VERSION)

    def __post_init__(self):
        for name, options in OPTIONS.items():
            if not (name == "ceiling" and _is_positive(self.ceiling)):
                check_option(name, getattr(self, name), options)
        lists = [*_LISTS, *(["generator_strengths"] if self.generator_strengths is not None else [])]
        for name in lists:
            if not (isinstance(getattr(self, name), tuple) and getattr(self, name)):
                raise ValueError(f"{name}={getattr(self, name)!r} must be a list that is not empty.")
        for name, (is_right, what) in _VALUES.items():
            value = getattr(self, name)
            if not all(map(is_right, value if name in lists else (value,))):
                raise ValueError(f"{name}={value!r} must be {what}.")
        for name in lists:
            if name != "n_seeds" and len(set(getattr(self, name))) != len(getattr(self, name)):
                raise ValueError(f"{name}={getattr(self, name)} names something twice.")
        self._check_together()

    def _check_together(self) -> None:
        """Raise a ValueError where settings that are right by themselves do not fit each other."""
        if len(self.sizes) != len(self.n_seeds):
            raise ValueError(f"{len(self.sizes)} sizes and {len(self.n_seeds)} n_seeds: give one for each size.")
        if not isinstance(self.ceiling, str) and not 1 / 3 < self.ceiling < 1:
            raise ValueError(f"ceiling={self.ceiling} must lie between 1/3 and 1, or name an estimate.")
        if len(self.models) < 2:
            raise ValueError("at least two models are needed.")
        if self.n_folds_run is not None and self.n_folds_run > self.n_folds:
            raise ValueError(f"n_folds_run={self.n_folds_run} must be a whole number from 1 to n_folds={self.n_folds}.")
        if self.stand_in and self.world != "surrogate":
            raise ValueError(f"stand_in=true needs world='surrogate', not {self.world!r}: nobody is replaced there.")
        if self.world == "surrogate" and self.n_judgements is None:
            raise ValueError("world='surrogate' needs n_judgements: how many choices are sampled.")
        if (self.world == "own") != (self.folder is not None):
            raise ValueError(f"world={self.world!r} with folder={self.folder!r}: 'own' needs one, others take none.")
        if (self.triplets_base, self.triplets_odd) != (None, None) and self.world != "own":
            raise ValueError(f"triplets_base and triplets_odd are of the world 'own', not of {self.world!r}.")
        if (self.transform == "low_rank") != (self.rank is not None):
            raise ValueError(
                f"transform={self.transform!r} with rank={self.rank}: a low rank needs one, others take none."
            )

    @property
    def generators(self) -> tuple[str, ...]:
        """Who answers: the models, and the embedding that stands in for people where that was asked for."""
        return (*self.models, EMBEDDING) if self.stand_in else self.models

    def settings(self) -> dict:
        """Return all settings, as JSON would hold them."""
        return json.loads(json.dumps(asdict(self)))

    def identity(self) -> str:
        """Return what a job's rows depend on besides job and data: the settings without the study's extent."""
        kept = {
            name: value
            for name, value in self.settings().items()
            if name not in _EXTENT and not (name in LATER and value == LATER[name])
        }
        return json.dumps(kept, sort_keys=True)


def from_settings(settings: dict) -> Experiment:
    """Return the experiment that `Experiment.settings` describes; a ValueError names those that are unknown or missing.

    ``components = "all"`` stands for None, which TOML does not have.
    """
    known = {entry.name for entry in fields(Experiment)}
    if unknown := sorted(set(settings) - known):
        raise ValueError(f"an experiment has no {', '.join(unknown)}. It has: {', '.join(sorted(known))}.")
    needed = [entry.name for entry in fields(Experiment) if entry.default is MISSING]
    if missing := [name for name in needed if name not in settings]:
        raise ValueError(
            f"{', '.join(missing)} {'are' if missing[1:] else 'is'} missing: an experiment needs {', '.join(needed)}; "
            "a file may begin with base = 'things-open' instead, and change some of its settings."
        )
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
                for generator in experiment.generators:
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
PAPER = Experiment(  # as published, but for the models
    name="paper",
    models=IMAGE_MODELS,
    sizes=(*(50 * 2**power for power in range(17)), 4_200_000),
    n_seeds=(30,) * 18,
    strengths=tuple(10.0**power for power in range(4, -7, -1)),
    generator_strengths=tuple(10.0**power for power in range(2, -7, -1)),
    components=None,
    scale="raw",
    low_rank_penalty="published",
    start="features",
    solver="published",
    sampler="published",
    exclude="judged",
    selection="published",
    people_folds="published",
    ties="first",
    strength_rule="triplet_cv",
    ceiling=0.678,  # avitan2025.noise_ceiling of published.toml; of the answers that are open: leave_one_out
)
EXPERIMENTS = {experiment.name: experiment for experiment in (SMOKE, THINGS_OPEN, PAPER)}
