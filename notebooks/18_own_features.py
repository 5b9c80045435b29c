# %% [markdown]
# # Own features and own triplets
#
# The second wing is about THINGS, its people, and models whose features are open. All of it takes other objects, other
# models and other people too. This chapter walks the way on a small example: from a folder of files to probes of people's
# judgements, and to a study that asks whether the model that fits best would be the right one. The files are made
# here, so that the way can be tried anywhere; replace the folder by yours.

# %% tags=["parameters"]
# "" for an example that is made here, or the path of a folder of your own
folder = ""
# principal components of the features, at most as many as the smallest
# model has features
components = 8
# training triplets in each fold, and how often each study is repeated
sizes = [50, 200, 800]
n_seeds = 2
seed = 18

# %% tags=["remove-cell"]
import tempfile
from pathlib import Path

from yardsticks import Origin, noise_ceiling, style
from yardsticks.notebooks import glue
from yardsticks.recovery.data.own import (
    describe_folder,
    list_own_models,
    open_own_features,
    open_own_people,
    write_example,
)
from yardsticks.recovery.prediction.accuracy import pool
from yardsticks.recovery.prediction.measure import probe_models
from yardsticks.recovery.studies.experiment import Experiment
from yardsticks.recovery.studies.jobs import run_here
from yardsticks.recovery.winners.curves import recovery_curve
from yardsticks.recovery.winners.figures import plot_recovery

style.use()

# %%
data = folder or "tables/my_study"
folder or write_example(data, seed=seed)
Origin(
    name=data,
    kind="real" if folder else "synthetic",
    sha256="",
    title=f"Your folder {data}"
    if folder
    else "Two invented models, judged by invented people",
)

# %% [markdown]
# ## The files
#
# | file | content |
# | --- | --- |
# | `features/NAME.npy` | one row for each object, one column for each feature; also `.npz` with one table, or `.pt` with one tensor. The file's name is the model's. |
# | `triplets.csv` | people's judgements: three objects a line, the odd one last. Objects are numbered by the rows of the features, from 0. Also text with blanks or tabs, a numpy archive, or a table as of THINGS. |
# | `repeated.npz` | triplets that several people judged, in any of these formats: from them comes how far people agree, which simulated people are to match. |
#
# All models describe the same objects in the same order; a row of NaN says that a model has none of that object. Features
# of a network come from a folder of images by one command, which writes its rows in the order of the images' names:
#
# ```
# yardsticks recovery extract --images photos --model mine:resnet50 --layer avgpool --order own --out my_study/features/resnet50.npy
# ```
#
# What is in the folder:

# %%
glue.table(describe_folder(data))

# %%
models = list(list_own_models(data))
features = open_own_features(data, models[0])
people, repeated = open_own_people(data, len(features.values))
ceiling = noise_ceiling(repeated, method="corrected", seed=seed)
glue.numbers(
    n_objects=len(features.values),
    n_models=len(models),
    n_people=len(people),
    n_repeated=len(repeated),
    ceiling=ceiling.value,
    ceiling_low=ceiling.low,
    ceiling_high=ceiling.high,
)
ceiling

# %% [markdown]
# There are {glue:text}`n_models:d` models of {glue:text}`n_objects:d` objects, {glue:text}`n_people:,d` judgements, and
# {glue:text}`n_repeated:,d` of repeated triplets. No predictor could agree with these people more often than in
# {glue:text}`ceiling:.0%` of their answers (95% interval {glue:text}`ceiling_low:.0%` to {glue:text}`ceiling_high:.0%`).
#
# ## One set of settings
#
# A study of your own is an `Experiment` of the world `own`, which names the folder. Every setting of the other chapters can be
# changed here; `strengths` is the grid of penalties from which each probe's is chosen.

# %%
experiment = Experiment(
    name="mine",
    world="own",
    folder=data,
    models=tuple(models),
    sizes=tuple(sizes),
    n_seeds=(n_seeds,) * len(sizes),
    strengths=(1.0, 0.1, 0.01),
    components=components,
    n_noise_free=500,
)

# %% [markdown]
# On the command line it is a file, `mine.toml` say:
#
# ```
# name = "mine"
# world = "own"
# folder = "my_study"
# models = ["my_net", "other_net"]
# sizes = [50, 200, 800]
# n_seeds = [2, 2, 2]
# strengths = [1.0, 0.1, 0.01]
# components = 8
# n_noise_free = 500
# ```
#
# ```
# yardsticks recovery plan mine.toml
# yardsticks recovery probe mine.toml --folder probed --out probing.parquet
# yardsticks recovery run mine.toml --out recovered
# yardsticks recovery collect recovered --out recovery.parquet
# ```
#
# The cells below do the same from Python.
#
# ## How well do the models predict these people?
#
# Every kind of {term}`probe` is fitted to the judgements and tested on those about objects that it never saw.

# %%
with tempfile.TemporaryDirectory() as kept:
    scores, _ = probe_models(experiment, Path(kept) / "probed")
pooled = pool(scores)
glue.save(pooled, "own_probing")
best = pooled.loc[pooled["accuracy"].idxmax()]
glue.numbers(
    best_model=best["model"],
    best_transform=best["transform"],
    best_accuracy=best["accuracy"],
)
glue.table(
    pooled[["model", "transform", "penalty", "accuracy", "nll"]].sort_values(
        "accuracy", ascending=False
    )
)

# %% [markdown]
# The best of them is {glue:text}`best_model` with the transform {glue:text}`best_transform`: it predicts
# {glue:text}`best_accuracy:.0%` of the answers. [The table (CSV)](tables/own_probing.csv)
#
# ## Would the best-fitting model be the right one?
#
# Each model in turn answers in people's place, and all are fitted to its answers.

# %%
with tempfile.TemporaryDirectory() as kept:
    rows = run_here(experiment, Path(kept) / "recovered")
curve = recovery_curve(
    rows, scores=["test_accuracy", "noise_free_accuracy"], seed=seed
)
glue.save(curve, "own_recovery")
glue.table(
    curve[
        ["n_triplets", "score", "recovery", "low", "high", "chance", "n_jobs"]
    ]
)

# %% tags=["remove-cell"]
ends = curve[curve["score"] == "test_accuracy"].set_index("n_triplets")
glue.numbers(
    smallest=min(sizes),
    largest=max(sizes),
    first=ends.at[min(sizes), "recovery"],
    last=ends.at[max(sizes), "recovery"],
    n_jobs=ends.at[max(sizes), "n_jobs"],
)
glue.figure(
    "own-recovery", plot_recovery(curve.assign(models="own"), line="models")
)

# %% [markdown]
# By the sampled score the model that answered wins {glue:text}`first:.0%` of studies with {glue:text}`smallest:,d` triplets and
# {glue:text}`last:.0%` with {glue:text}`largest:,d`. These are {glue:text}`n_jobs:d` studies at each size, which is enough to
# see that all of it runs; take more seeds to learn something.
#
# ```{glue:figure} own-recovery
# :name: figure-own-recovery
# :alt: Recovery accuracy against the number of training triplets, one panel for each of two scores, with wide intervals and a dotted line at chance.
# :width: 100%
#
# Recovery of the models of the folder. [The table behind it (CSV)](tables/own_recovery.csv)
# ```
#
# ## An own model among those of THINGS
#
# Features in the order of THINGS (`yardsticks recovery extract --order things`, the default) are opened by
# `open_features(path, order="things")`, and are probed like those of the catalogue. For a study beside the models of
# this book, save their features (`open_features(name).values`, by `numpy.save`) and yours in one folder, with the
# judgements in the numbers of THINGS.
