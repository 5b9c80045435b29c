# %% [markdown]
# # The score table
#
# Everything in this wing starts from one table: models in rows, alignment metrics in columns, and in each cell how well
# the model's responses agree with those of brains or of people. {cite:t}`schrimpf2018` collect such scores on a public
# leaderboard. {cite:t}`ahlert2024` ask whether its metrics agree with one another. Before that question comes a look at
# the table itself: what is measured, for how many models, and how precisely.

# %% tags=["parameters"]
# "" for the default leaderboard, a registered name, or the path of a file
scores = ""
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""

# %% tags=["remove-cell"]
from yardsticks import open_scores, style
from yardsticks.notebooks import glue
from yardsticks.scores.figures import plot_coverage, plot_score_ranges
from yardsticks.scores.missing import coverage

style.use()

# %%
table = open_scores(scores, catalogue=catalogue)
table.origin

# %%
per_metric = coverage(table)
glue.save(per_metric, "coverage")
by_area = per_metric.fillna({"area": "unknown"}).groupby("area", sort=False)
areas = by_area.agg(
    n_metrics=("n_models", "size"),
    median_n_models=("n_models", "median"),
    median_score=("median", "median"),
    n_negative=("n_negative", "sum"),
    n_failed=("n_failed", "sum"),
)
areas

# %% tags=["remove-cell"]
glue.numbers(
    n_models=len(table.values),
    n_metrics=table.values.shape[1],
    n_scores=table.values.count().sum(),
    missing_share=table.values.isna().to_numpy().mean(),
    n_names=table.models["name"].nunique(),
    n_paper=table.metrics["in_paper_51"].sum(),
    n_negative=per_metric["n_negative"].sum(),
    n_above_one=(table.values > 1).sum().sum(),
    n_failed=per_metric["n_failed"].sum(),
    rarest=per_metric["n_models"].idxmin(),
    n_rarest=per_metric["n_models"].min(),
)
glue.figure("coverage", plot_coverage(per_metric))

# %% tags=["remove-cell"]
glue.figure(
    "ranges",
    plot_score_ranges(per_metric[per_metric["area"] != "engineering"]),
)

# %% [markdown]
# The table has {glue:text}`n_models:,d` models and {glue:text}`n_metrics:d` metrics, {glue:text}`n_paper:d` of them among
# the 51 that the paper uses; {glue:text}`n_scores:,d` cells hold a score and {glue:text}`missing_share:.0%` are empty.
# Names are not keys: the models share {glue:text}`n_names:,d` names, so every row is known by its `model_id`.
#
# ## Who has been scored on what
#
# Coverage is uneven, and the holes are not random: whole studies are missing together, because a model that was
# submitted before a study was added was often never run on it. {doc}`04_missing_scores` shows what this does.
# The metric with the fewest scores is {glue:text}`rarest` with {glue:text}`n_rarest:d`;
# {glue:text}`n_failed:d` evaluations ended without a number.
#
# ```{glue:figure} coverage
# :name: figure-coverage
# :alt: Horizontal bars, one per metric in the order V1, V2, V4, IT, behaviour, engineering, showing the number of models with a score; coverage differs strongly between studies.
# :width: 100%
#
# Models with a score under each metric. [The table behind it (CSV)](tables/coverage.csv)
# ```
#
# ## How scores are distributed
#
# A score is a similarity divided by its ceiling, the similarity that the noise in the data allows; for the metrics
# that fit a regression from a model's units to neurons, the square of that, a share of the variance that can be explained.
# It can therefore exceed 1 ({glue:text}`n_above_one:d` scores do) and it can be negative ({glue:text}`n_negative:d` are); both are real
# results and stay. Engineering metrics such as ImageNet top-1 have no ceiling: their score is the plain result.
# Metrics live on very different scales, which is why the next chapter compares them by rank.
#
# ```{glue:figure} ranges
# :name: figure-ranges
# :alt: For each neural and behavioural metric a dot at the median score with a bar from the first to the third quartile, and beside it the median published error; V1 tuning metrics reach high scores, behavioural ones spread widely.
# :width: 100%
#
# Left: median and quartiles of the scores over models. Right: the median error that is published with the scores.
# [The table behind it (CSV)](tables/coverage.csv)
# ```
