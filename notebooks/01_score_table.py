# %% [markdown]
# # 1 · What is in the score table?

# %% tags=["parameters", "hide-input"]
# "" for the default leaderboard, a registered name, or the path of a file
scores = ""
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""

# %% tags=["hide-input"]
import yardsticks.scores as ys
from yardsticks import style
from yardsticks.claims import printed_numbers
from yardsticks.notebooks import glue

style.use()
table = ys.open_scores(scores, catalogue=catalogue)
table.origin

# %% tags=["hide-input", "remove-output"]
glue.numbers(**ys.summaries.describe_table(table))
glue.figure("presence", ys.plot_presence(table.values, table.metrics["area"]))

# %% [markdown]
# The table holds {glue:text}`n_models:,d` models and {glue:text}`n_metrics:d` metrics:
# {glue:text}`n_scores:,d` of its cells hold a score and {glue:text}`missing_share:.0%` are empty. The empty cells
# come in blocks: a model mostly lacks all metrics of a study at once.
#
# ```{glue:figure} presence
# :name: figure-presence
# :alt: The table as a picture, models from top to bottom by their number of scores, metrics from left to right by area; scores are coloured and missing ones white, and the white lies in blocks as wide as a study.
# :figclass: key
#
# Which scores there are. A row is a model, a column a metric; white is missing. [Counts for each metric
# (CSV)](tables/coverage.csv)
# ```
#
# Everything in this wing starts from one table: models in rows, metrics in columns. Under a neural or behavioural
# metric, a cell says how well the model's responses agree with those of brains or of people. Under an engineering
# metric, it says how well the model does a task. {cite:t}`schrimpf2018` collect such scores on a public leaderboard.
# {cite:t}`ahlert2024` ask whether its metrics agree with one another. Before that question comes a look at the table
# itself: what is measured, for how many models, and how precisely.
#
# ## What the paper found
#
# The paper took {glue:text}`printed_n_models_figure7:.0f` models and {glue:text}`printed_n_metrics:.0f` metrics from
# its authors' own copy of this leaderboard, whose date it does not state; {glue:text}`printed_n_complete:.0f` of its
# models had all of the scores. Of its metrics {glue:text}`n_paper:d` are in this table. {doc}`09_claims` sets the
# counts beside each other.

# %% tags=["hide-input"]
glue.row("printed", printed_numbers("ahlert2024")["value"])
per_metric = ys.coverage(table)
said = {"n_negative": "negative scores", "n_failed": "failed evaluations"}
glue.table(ys.summaries.describe_areas(per_metric).rename(columns=said))

# %% [markdown]
# In this table `V1` to `IT` are areas of the visual system, in the order in which a signal passes
# through them. The medians are over the metrics of an area; `unknown` is for metrics whose area is not known. A
# failed evaluation is one that ended without a number.
#
# ## Who has been scored on what?

# %% tags=["hide-input", "remove-output"]
glue.numbers(
    n_failed=per_metric["n_failed"].sum(),
    rarest=per_metric["n_models"].idxmin(),
    n_rarest=per_metric["n_models"].min(),
)
glue.save(per_metric, "coverage")
glue.figure("coverage", ys.plot_coverage(per_metric))

# %% [markdown]
# A model that was submitted before a study was added was often never run on it. So coverage is uneven, and the holes
# are not random; {doc}`04_missing_scores` shows what this does. The metric with the fewest scores is
# {glue:text}`rarest` with {glue:text}`n_rarest:d`; {glue:text}`n_failed:d` evaluations ended without a number.
#
# ```{glue:figure} coverage
# :name: figure-coverage
# :alt: Horizontal bars, one per metric in the order V1, V2, V4, IT, behaviour, engineering, showing the number of models with a score; coverage differs strongly between studies.
# :width: 100%
#
# Models with a score under each metric. [The table behind it (CSV)](tables/coverage.csv)
# ```
#
# ## How are scores distributed?

# %% tags=["hide-input", "remove-output"]
with_ceiling = per_metric[per_metric["area"] != "engineering"]
glue.figure("score-ranges", ys.plot_score_ranges(with_ceiling))
glue.row("errors", ys.summaries.describe_errors(table))

# %% [markdown]
# A score is a similarity divided by its ceiling, the similarity that the noise in the data allows. For the metrics
# that fit a regression from a model's units to neurons it is the square of that. This was meant as the share of
# the variance that can be explained, and is somewhat more ({doc}`10_reliability`). A score can therefore exceed 1, and it can be negative; such scores are real results and stay. In this
# table {glue:text}`n_above_one:d` scores are above 1 and {glue:text}`n_negative:d` below 0. Engineering metrics such as ImageNet top-1 have no
# ceiling: their score is the plain result.
#
# ```{glue:figure} score-ranges
# :name: figure-ranges
# :alt: For each neural and behavioural metric a dot at the median score with a bar from the first to the third quartile, and beside it the median published error; V1 tuning metrics reach high scores, behavioural ones spread widely.
# :width: 100%
#
# Left: median and quartiles of the scores over models. Right: the median error that is published with the scores.
# [The table behind it (CSV)](tables/coverage.csv)
# ```
#
# Each metric defines its own published error. The error need not say how well a model's score is known. For
# {glue:text}`errors_n_large:d` of {glue:text}`errors_n_metrics:d` metrics with errors the mean of the squared errors is
# larger than the variance of the scores between models ({glue:text}`errors_large`). If these errors were noise of the
# scores, nothing of the differences between models would be left, and no two of these metrics could agree. But the
# highest correlation among them is {glue:text}`errors_highest_rho`. So these errors are no independent noise of each
# score. They may be shared by all models, such as the sampling of the people that models are compared with, or they may
# measure something else. A shared error makes every score uncertain, but hardly changes the difference between two
# models. {doc}`10_reliability` finds more such metrics by a stricter test.
#
# ## How it is done
#
# The file is read by what it holds, not by its name ({doc}`../book/data`). Averages that the leaderboard computes are
# dropped and computed again where they are needed. Names are not keys: the models have {glue:text}`n_names:,d` different names,
# so every row is known by its `model_id`.
#
# ## What it does not show
#
# Metrics live on very different scales, so a score of one cannot be set beside a score of another. The next chapter
# therefore compares metrics by how they rank the models.
