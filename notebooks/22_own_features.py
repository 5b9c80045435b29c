# %% [markdown]
# # 22 · How do I study my own models and people?
#
# Put two things into one folder: the features of your models, which are the numbers that a model computes from each
# object, and people's judgements. Four commands, or a few lines of Python, then say how well each model predicts
# these people, and whether the model that fits best would be the right one. In the example below there are
# {glue:text}`n_models:d` {glue:text}`whose` models of {glue:text}`n_objects:d` objects. The right model wins
# {glue:text}`last_recovery:.0%` of {glue:text}`last_n_jobs:.0f` simulations with {glue:text}`largest:,d` triplets
# (95% interval {glue:text}`last_low:.0%` to {glue:text}`last_high:.0%`).
#
# ```{glue:figure} own-recovery
# :name: figure-own-recovery
# :alt: Recovery accuracy against the number of training triplets, one panel for each of two scores, with wide intervals and a dotted line at chance.
# :width: 100%
#
# Recovery of the {glue:text}`whose` models of the folder, by sampled answers and without sampling noise, with exact 95%
# intervals. [The table behind it (CSV)](tables/own_recovery.csv)
# ```
#
# ## How it is done
#
# The second wing of this book is about THINGS, the people who judged it, and models whose features are open. All of
# its methods work with other objects, models and people too. This chapter shows every step on a small example. It
# starts from a folder of files, fits probes to people's judgements, and ends with a recovery study. The example's
# files are made here, so that you can try it anywhere. Replace the folder by yours.

# %% tags=["parameters", "hide-input"]
from typing import Literal

# "" for an example that is made here, or the path of a folder of your own
folder = ""
# of judgements of your own: the number of the first object, and where the odd
# one stands; None: from 0, the odd one last
triplets_base: Literal[0, 1] | None = None
triplets_odd: Literal["last", "first", "choice"] | None = None
# principal components of the features, at most as many as the smallest
# model has features
components = 8
# training triplets in each fold, and how often each study is repeated
sizes = [50, 200, 800]
n_seeds = 2
seed = 18  # of the example

# %% tags=["hide-input"]
import tempfile
from pathlib import Path

from yardsticks import Origin, noise_ceiling, style, words
from yardsticks.notebooks import glue
from yardsticks.recovery import Experiment, data, prediction, studies, winners

style.use()
mine = folder or "tables/my_study"
title = f"Your folder {mine}"
if not folder:
    data.write_example_folder(mine, seed=seed)
    title = "Two invented models, judged by invented people"
Origin(mine, "real" if folder else "synthetic", sha256="", title=title)

# %% [markdown]
# ## Which files are needed?
#
# | file | content |
# | --- | --- |
# | `features/NAME.npy` | one row for each object, one column for each feature; also `.npz` with one table, or `.pt` with one tensor. Hidden files do not count. The file's name is the model's. |
# | `triplets.csv` | people's judgements: three objects a line, the odd one last. Objects are numbered by the rows of the features, from 0. Also text with blanks or tabs, or a numpy array or archive. A study's settings `triplets_base = 1` and `triplets_odd` (`first`, or `choice` for a fourth column) say otherwise. |
# | `repeated.npz` | triplets that several people judged, in any of these formats. They tell how far people agree, and simulated answers are made to agree as far. |
#
# All models describe the same objects in the same order. A row of NaN says that a model has none of that
# object. One command computes a network's features of a folder of images. It writes its rows in the order of
# the images' names, and names each file that is no image. Images are shown as people see them: turned as the
# camera says, on white where they are transparent.
#
# ```
# yardsticks recovery extract --images photos --model mine:resnet50 --layer avgpool \
#     --order own --out my_study/features/resnet50.npy
# ```
#
# The folder of the example holds this:

# %% tags=["hide-input"]
models = list(data.list_own_models(mine))
n_objects = len(data.open_own_features(mine, models[0]).values)
people, repeated = data.open_own_people(
    mine, n_objects, base=triplets_base, odd=triplets_odd
)
ceiling = noise_ceiling(repeated, method="corrected", seed=seed)
glue.numbers(n_objects=n_objects, n_models=len(models))
glue.numbers(whose="own" if folder else "invented")
glue.numbers(n_people=len(people), n_repeated=len(repeated))
glue.numbers(ceiling=ceiling.value)
ends = words.say_interval(ceiling.low, ceiling.high, ".0%")
glue.numbers(ceiling_ends=ends)
glue.table(data.describe_folder(mine, base=triplets_base, odd=triplets_odd))

# %% [markdown]
# There are {glue:text}`n_models:d` models of {glue:text}`n_objects:d` objects, {glue:text}`n_people:,d`
# judgements, and {glue:text}`n_repeated:,d` judgements of repeated triplets. No predictor could agree with
# these people more often than in {glue:text}`ceiling:.0%` of their answers (95% interval
# {glue:text}`ceiling_ends`).
#
# ## What is a study?
#
# In Python a study of your own is an `Experiment` with `world="own"` and the name of your folder. Every setting that
# the other chapters use can be changed here. `strengths` lists the weights of the penalty that are tried for each
# probe; the best one is kept.

# %%
experiment = Experiment(
    name="mine",
    world="own",
    folder=mine,
    triplets_base=triplets_base,
    triplets_odd=triplets_odd,
    models=tuple(models),
    sizes=tuple(sizes),
    n_seeds=(n_seeds,) * len(sizes),
    strengths=(1.0, 0.1, 0.01),
    components=components,
    n_noise_free=500,
)

# %% [markdown]
# On the command line it is a file, say `mine.toml`:
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
# Four commands run it. The Python lines of this page do the same.
#
# ```
# yardsticks recovery plan mine.toml
# yardsticks recovery probe mine.toml --folder probed --out probing.parquet
# yardsticks recovery run mine.toml --out recovered
# yardsticks recovery collect recovered --out recovery.parquet
# ```
#
# ## How well do the models predict these people?
#
# Every kind of {term}`probe` is fitted to the judgements. Each probe is tested on judgements about objects that were
# not used to fit it. Guessing would be right in a third of them. The loss is the mean negative logarithm of the
# probability that the probe gave to the person's answer; lower is better.

# %%
with tempfile.TemporaryDirectory() as kept:
    scores, _ = prediction.probe_models(experiment, Path(kept) / "probed")
pooled = prediction.pool(scores)

# %% tags=["hide-input"]
glue.save(pooled.drop(columns="rank"), "own_probing")
best = pooled.loc[pooled["accuracy"].idxmax()]
glue.row("best", best[["model", "transform", "accuracy", "low", "high"]])
told = pooled[["model", "transform", "penalty", "accuracy", "nll"]]
glue.table(told.sort_values("accuracy", ascending=False))

# %% [markdown]
# The best of them is {glue:text}`best_model` with the transform {glue:text}`best_transform`. It predicts
# {glue:text}`best_accuracy:.0%` of the answers (95% interval {glue:text}`best_low:.0%` to
# {glue:text}`best_high:.0%`). [The table (CSV)](tables/own_probing.csv)
#
# ## Would the best-fitting model be the right one?
#
# Each model in turn answers in people's place, and all are fitted to its answers.

# %%
with tempfile.TemporaryDirectory() as kept:
    rows = studies.run_here(experiment, Path(kept) / "recovered")
scored = ["test_accuracy", "noise_free_accuracy"]
curve = winners.recovery_curve(rows, scores=scored, seed=seed)
drawn = winners.plot_recovery_and_lead(curve)

# %% tags=["hide-input"]
smallest, largest = min(sizes), max(sizes)
ends = curve[curve["score"] == "test_accuracy"].set_index("n_triplets")
glue.numbers(smallest=smallest, largest=largest)
glue.row("first", ends.loc[smallest])
glue.row("last", ends.loc[largest])
told = ["n_triplets", "score", "recovery", "low", "high", "chance", "n_jobs"]
glue.save(curve, "own_recovery")
glue.table(curve[told])

# %% tags=["remove-cell"]
glue.figure("own-recovery", drawn)

# %% [markdown]
# By the sampled score the model that answered wins {glue:text}`first_recovery:.0%` of simulations with
# {glue:text}`smallest:,d` triplets, and {glue:text}`last_recovery:.0%` with {glue:text}`largest:,d`
# ({numref}`figure-own-recovery`).
#
# ## How do I set a model of mine beside those of THINGS?
#
# Features in the order of THINGS (`yardsticks recovery extract --order things`, the default) are opened by
# `open_features(path, order="things")`. They are probed like those of the catalogue. For a study beside the
# models of this book, save their features (`open_features(name).values`, by `numpy.save`) and yours in one
# folder, with the judgements in the numbers of THINGS.
#
# ## What this does not show
#
# {glue:text}`last_n_jobs:.0f` simulations at each size are enough to see that everything runs, and too few to learn
# anything. Take more seeds and more models: with these {glue:text}`n_models:d`, a guess is right in
# {glue:text}`last_chance:.0%` of cases.
