# %% [markdown]
# # 7 · Can I run this book on my own data?

# %% tags=["parameters", "hide-input"]
# of the example; there is no other data on this page
seed = 7

# %% tags=["hide-input"]
import yardsticks.scores as ys
from yardsticks import Origin, style
from yardsticks.book.own import try_chapters
from yardsticks.notebooks import glue
from yardsticks.scores.reading import write_example

style.use()
export, catalogue = write_example("tables", seed=seed)
table = ys.open_scores(export)
Origin(
    name=export.name,
    kind="synthetic",
    sha256=table.origin.sha256,
    title="An invented export, as yours could be",
)

# %% tags=["remove-output"]
pairs = ys.pair_table(ys.consistency(table, policy="pairwise"))
glue.figure("own", ys.plot_consistency(pairs))

# %% [markdown]
# Yes: the chapters on scores run on any table, and one command makes a book of them,
# `yardsticks book build --scores my_export.csv`. In Python the two lines above give the figure below, of
# {glue:text}`n_models:d` models and {glue:text}`n_metrics:d` metrics that the chapters have never seen.
#
# ```{glue:figure} own
# :name: figure-own-consistency
# :alt: Heat map of the correlations between the metrics of an invented table.
# :figclass: key
#
# How far the metrics of an invented table agree: the correlation of each two, and below it the number of models that have
# both. Hatched: no correlation is defined. [The table (CSV)](tables/my_export.csv)
# ```
#
# The book lands in `_build/own/my_export/html/index.html` (`--out DIR` names another folder). This book, and every
# file of the project, stays as it is. The table may be another leaderboard, a selection of models, or metrics of your
# own. This chapter says what a table needs, and runs the other chapters on the invented table of the figure.
#
# ## What does a table need?
#
# A row for each model and a column for each metric is enough. {doc}`../book/data` lists all formats that are read
# (long tables, the leaderboard's ZIP and JSON), and the names that columns may have. In a spreadsheet, save the table
# as CSV; in pandas, call `frame.to_csv("my_export.csv")`. A higher score is taken to mean more aligned. If lower is
# better under a metric, write `lower` in the column `better` of the catalogue described below.
#
# | chapter | needs | without it |
# | --- | --- | --- |
# | {doc}`01_score_table` | models and metrics | |
# | | errors (long table) | the panel of errors says that there are none |
# | {doc}`02_consistency` | two metrics with three models in common, whose scores differ | nothing is shown |
# | | metrics with an area | no table of areas |
# | | metrics of Brain-Score's groups | no heat map of groups |
# | | `Hebart2023-match`, or Brain-Score's models by id and name | no Ahlert Figure 1 |
# | {doc}`03_neural_behaviour` | a neural and a behavioural metric with a place in the tree | densities of areas alone |
# | | metrics of V1, V2, V4 and IT | the comparison of V2 with the others is left out |
# | {doc}`04_missing_scores` | a neural and a behavioural metric | nothing is shown |
# | {doc}`05_integration` | the same, with three models that have both | nothing is shown |
# | {doc}`06_specifications` | neural and behavioural metrics of the paper's | nothing is shown |
# | {doc}`10_reliability` | errors (long table), or networks in several rows under one name | agreement within areas, and confounds alone |
# | | raw scores (long table) | nothing on ceilings |
# | | `ImageNet-top1` | no correlation given accuracy |
# | {doc}`11_dimensions` | two metrics with a place in a catalogue, for the ranking | dimensions and clusters alone |
# | {doc}`12_time` | times of scores (long table) | nothing over time |
# | {doc}`13_leaderboard` | a neural and a behavioural metric | nothing is shown |
#
# The catalogue is our list of Brain-Score's metrics, with the area of each and its place in Brain-Score's tree of
# averages. A metric that has one of these names is placed by it. Other metrics are counted and correlated, but enter
# no average. A file with the columns `metric` and `area` gives them a place:
#
# ```
# yardsticks book build --scores my_export.csv --catalogue my_metrics.csv
# ```
#
# If a table has at least half of the paper's metrics, the book uses only the paper's metrics; otherwise it uses all
# metrics of the table. `--metrics` overrides this. If at least ten models, and at least two thirds of all models,
# have every metric in use, the book uses only these models. Otherwise the correlation of two metrics rests on the
# models that have both. A model's average then rests on the scores that it has, provided these cover half of the
# metrics of each domain. The book's first page says which rule applied, and names the models that are left out.
#
# ## What do the chapters make of a table that they have never seen?
#
# This is the beginning of the invented table. [The whole table (CSV)](tables/my_export.csv) and
# [the areas of its metrics (CSV)](tables/my_metrics.csv) can be downloaded.

# %% tags=["hide-input"]
glue.table(table.values.head(6).reset_index())

# %% [markdown]
# The chapters are now run on it as the command does. Nothing stops where something is missing: in the place of a
# figure or a paragraph that the table cannot give stands a box with the reason, and the command lists them:

# %%
missing = try_chapters(export)
glue.table(missing, "own_scores_missing")

# %% tags=["hide-input"]
glue.numbers(
    **ys.summaries.describe_table(table),
    n_known=table.metrics["area"].notna().sum(),
    n_missing=len(missing),
)

# %% [markdown]
# The catalogue knows {glue:text}`n_known:d` of the table's {glue:text}`n_metrics:d` metrics;
# {glue:text}`n_missing:d` parts cannot be shown. Once a file gives the areas of the other metrics, averages can be
# shown too:

# %%
placed = ys.open_scores(export, catalogue=catalogue)
averages = placed.areas(policy="available").describe()
glue.table(averages.loc[["count", "mean"]].rename_axis("over models"))

# %% [markdown]
# ## How do I run one chapter alone?
#
# Each chapter is a notebook with a cell of parameters. One command runs a chapter with other parameter values, once
# or with every combination of several values ({doc}`../book/sweeps`):
#
# ```
# yardsticks sweep 05_integration -p scores=my_export.csv -p metrics=all \
#     -p averages=available,zero --out mine
# ```
#
# By papermill itself, from the folder `notebooks`:
#
# ```
# jupytext --to ipynb 05_integration.py --output template.ipynb
# papermill template.ipynb mine.ipynb -k python3 -l python \
#     -p scores my_export.csv -p metrics all -p averages available
# ```
#
# A chapter that is run alone stops where it needs something that the table lacks. Only `yardsticks book build` goes
# on, and puts a box there. For metrics that belong to no area
# `yardsticks consistency my_export.csv --policy pairwise --out pairs.csv` gives the correlations of
# {doc}`02_consistency`, and
# `yardsticks integrate my_export.csv --over metrics --scheme rank --policy available --out ranking.csv` a ranking.
#
# | parameter | chapters | meaning |
# | --- | --- | --- |
# | `scores` | 1 to 6, 8, 10 to 13 | the file |
# | `catalogue` | 1 to 6, 8, 10 to 13 | areas of metrics that the catalogue does not know |
# | `metrics` | 2 to 5, 8, 10 to 13 | `paper` or `all` |
# | `policy` | 2, 10, 11 | `complete`: models that have every metric; `pairwise`: for each pair those that have both |
# | `averages` | 3, 5, 10 | `complete`, `available`, and in 5 `zero`: what a missing score does to an average |
# | `method`, `correction` | 2 | measure of agreement, correction for many tests |
# | `imagenet_floor` | 2, 3, 5, 8, 10 to 13 | models known to have a lower ImageNet top-1 are left out |
# | `one_per_name` | 2, 3, 5, 8, 10 to 13 | of models with the same name the first is kept |
# | `until`, `public_only` | 2 to 5 | the paper's sample, on the default leaderboard alone |
# | `nonzero` | 2, 3, 5 | whether a score of .000 counts as missing |
# | `nesting` | 3, 5 | how metrics make areas |
# | `over` | 5 | what is averaged |
# | `seed` | 2 to 6, 8, 10 to 13 | of the models or metrics that are drawn anew for the intervals |
# | `scores_late` | 6, 10 | a later state of the file, or the same file |
# | `printed` | 6, 10 | `False`: the paper's numbers are not set beside the table's |
# | `only_policy` and others | 6 | hold a choice at one value |
#
# ## What it does not show
#
# What {cite:t}`ahlert2024` say is about their leaderboard. {doc}`09_claims` is therefore not part of a book on your data,
# and what the other chapters say of that leaderboard is left out of their text.
