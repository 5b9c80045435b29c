# %% [markdown]
# # 4 · What do missing scores do to the ranking?

# %% tags=["parameters", "hide-input"]
from typing import Literal

# "" for the default leaderboard, a registered name, or the path of a file
scores = ""
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""
metrics: Literal["paper", "all"] = "paper"  # all: that the table has
# the paper's sample, of the default leaderboard alone: scores before this date
# ("" for all), of models public in 2023 (inferred)
until = "2023-09-01"
public_only = True
seed = 4  # of the resamples of models

# %% tags=["hide-input"]
from functools import partial

import yardsticks.scores as ys
from yardsticks import style
from yardsticks.claims import printed_numbers
from yardsticks.notebooks import glue
from yardsticks.stats import mean_correlation

style.use()
table = ys.open_scores(scores, catalogue=catalogue)
table.origin

# %% tags=["hide-input", "remove-output"]
frame = ys.missing_scores(table, metrics=metrics)
glue.save(frame, "missing_scores")
counted = frame[["n_nonzero", "overall"]]
spearman = partial(mean_correlation, policy="complete")
glue.numbers(rho_count=spearman(counted))
glue.row("rho_count", ys.intervals.bootstrap(counted, spearman, seed=seed))
scored = ys.rank_where_scored(table, metrics=metrics)
glue.numbers(rho_scored=spearman(scored))
glue.row("rho_scored", ys.intervals.bootstrap(scored, spearman, seed=seed))
glue.numbers(**ys.summaries.describe_missing(table, frame, metrics=metrics))
glue.figure("missing", ys.plot_missing(frame))

# %% [markdown]
# Where missing scores count as 0, the ranking goes with how many scores a model has. With missing scores as 0, the number of a
# model's non-zero scores correlates with its overall score at {glue:text}`rho_count:.2f` (Spearman; 95 % interval {glue:text}`rho_count_low:.2f` to
# {glue:text}`rho_count_high:.2f`, {glue:text}`n_models:,d` models, also those that are not ranked below).
#
# ```{glue:figure} missing
# :name: figure-missing
# :alt: Scatter plot of neural against behavioural averages of all models with missing scores counted as 0; models form clusters by the number of non-zero scores, each cluster named by the studies its models lack.
# :figclass: key
#
# Ahlert Figure 7, on the whole table: dark is many scores; open circles are the medians of the groups; each group is named
# by its number of non-zero scores and the studies that most of its models lack. [The table behind it (CSV)](tables/missing_scores.csv)
# ```
#
# Is that the zeros' doing alone? Among the {glue:text}`rho_scored_n:d` models that have all of the most common metrics (five,
# where there are as many), the number of scores correlates with the mean rank on these, where nothing is missing, at
# {glue:text}`rho_scored:.2f` ({glue:text}`rho_scored_low:.2f` to {glue:text}`rho_scored_high:.2f`).
#
# Most models on the leaderboard lack some scores. To rank all of them, the site counts what is missing as 0.
#
# ## What the paper found

# %% tags=["hide-input", "remove-output"]
every_row = {"imagenet_floor": 0, "one_per_name": False, "policy": "zero"}
of_2023 = {"until": until, "public_only": public_only}
sample = ys.paper_models(
    table, metrics=metrics, **every_row, **({} if scores else of_2023)
)
then = ys.missing_scores(sample, metrics=metrics)
glue.save(then, "missing_scores_sample")
glue.numbers(sample_n=len(then))
glue.row("printed", printed_numbers("ahlert2024")["value"])
glue.figure("sample-missing", ys.plot_missing(then))

# %% [markdown]
# Ahlert Figure 7 shows that the ranking then partly measures who was evaluated on what {cite:p}`ahlert2024`. Here,
# of {glue:text}`n_models:,d` models {glue:text}`n_complete:d` have all the paper's metrics but Kar2019-ost. Of the
# others {glue:text}`n_clustered:d` stand in {glue:text}`n_groups:d` groups of at least {glue:text}`smallest_group:d`
# models with the same number of non-zero scores, and {glue:text}`n_other:d` in none. With missing scores as 0 these
# groups are clusters. The paper has {glue:text}`printed_n_models_figure7:.0f` models. On its sample, as near as that is
# known, there are {glue:text}`sample_n:,d`.
#
# ```{glue:figure} sample-missing
# :name: figure-sample-missing
# :alt: The same figure on the paper's sample; models form clusters by the number of non-zero scores, each cluster named by the studies its models lack.
# :width: 100%
#
# Ahlert Figure 7, on the paper's sample as near as it is known ({glue:text}`sample_n:,d` models): open circles are the
# medians of the groups.
# [The table behind it (CSV)](tables/missing_scores_sample.csv)
# ```
#
# The groups of the whole table, with the medians of their scores:

# %% tags=["hide-input"]
groups = frame.groupby("group").agg(
    n_models=("overall", "size"),
    neural=("neural", "median"),
    behaviour=("behaviour", "median"),
)
glue.table(groups.sort_values("n_models", ascending=False))

# %% [markdown]
# ## Who can be ranked at all?

# %% tags=["hide-input"]
part = table.select(metrics=ys.choose_metrics(table, metrics))
ranking = ys.integrate(part, scheme="mean", policy="available", seed=seed)
everybody = ys.integrate(
    part, scheme="mean", policy="available", min_coverage=0, seed=seed
)
left_out = ys.integration.list_left_out(part, ranking)
glue.row("out", ys.integration.describe_left_out(ranking, everybody))
glue.save(ranking, "ranking_available")
glue.save(left_out, "left_out")
glue.table(left_out.head(10).reset_index(drop=True))

# %% [markdown]
# Averaging what is there lets a model win by what it was not scored on. Of the first ten models by the mean of what is there
# {glue:text}`out_n_of_ten:d` have less than half of the neural or of the behavioural metrics. Where
# missing scores are left out of the average, a model is ranked in this book only if it has half of each.
# {glue:text}`out_n:d` of {glue:text}`n_models:,d` models have less than half of the metrics of a domain and are left out.
# The table names the first ten of them, with the share of the metrics that they have
# ([all of them (CSV)](tables/left_out.csv)). Of the {glue:text}`out_n_ranked:d` that are ranked the first is
# {glue:text}`out_first`, whose rank lies between {glue:text}`out_first_low:.0f` and {glue:text}`out_first_high:.0f` in 95 %
# of the resamples of metrics ([the ranking (CSV)](tables/ranking_available.csv)).
#
# ## Which domain decides?

# %% tags=["hide-input"]
variance = ys.variance_by_policy(table, metrics=metrics, seed=seed)
everyone = variance[variance["group"] == "all models"].set_index("policy")
glue.row("printed", printed_numbers("ahlert2024workshop")["value"])
glue.row("r2", everyone.drop(columns="group"))
glue.table(variance, "variance_by_policy")

# %% [markdown]
# The table says how much of the overall score's variance over models each domain explains (squared Pearson
# correlation). The answer depends on the policy for missing scores, and on the group of models. `complete` keeps models
# without holes, `zero` counts a hole as 0 (Brain-Score's rule), and `available` averages what is there.
#
# Over the {glue:text}`r2_complete_n:d` complete models, those of repeated names and of low ImageNet accuracy among them, the
# neural score explains
# {glue:text}`r2_complete_neural:.0%` ({glue:text}`r2_complete_neural_low:.0%` to {glue:text}`r2_complete_neural_high:.0%`)
# of the overall score and the behavioural score
# {glue:text}`r2_complete_behaviour:.0%` ({glue:text}`r2_complete_behaviour_low:.0%` to {glue:text}`r2_complete_behaviour_high:.0%`).
# {doc}`05_integration` leaves out repeated names and models of low accuracy. Over all {glue:text}`r2_zero_n:d` models with zeros for holes it is
# {glue:text}`r2_zero_neural:.0%` ({glue:text}`r2_zero_neural_low:.0%` to {glue:text}`r2_zero_neural_high:.0%`) and
# {glue:text}`r2_zero_behaviour:.0%` ({glue:text}`r2_zero_behaviour_low:.0%` to {glue:text}`r2_zero_behaviour_high:.0%`).
# Averaging what is available, over {glue:text}`r2_available_n:d` models, it is
# {glue:text}`r2_available_neural:.0%` ({glue:text}`r2_available_neural_low:.0%` to {glue:text}`r2_available_neural_high:.0%`)
# and
# {glue:text}`r2_available_behaviour:.0%` ({glue:text}`r2_available_behaviour_low:.0%` to {glue:text}`r2_available_behaviour_high:.0%`).
# In brackets stand 95 % intervals over models. The paper's workshop version prints
# {glue:text}`printed_workshop_r2_neural:.1%` and {glue:text}`printed_workshop_r2_behaviour:.1%`; we read it to be about
# all models, with zeros.
#
# ## How it is done
#
# A model lacks a study if it has less than half of the study's scores; a score of exactly 0 counts as lacking, and the
# name of the group says so. Models with the same number of non-zero scores make a group, named by what most of them
# lack. Kar2019-ost counts among the scores, but not among what a complete model needs, since nearly no model has it.
#
# Intervals of correlations and shares come from drawing the models anew, with replacement; those of ranks from drawing
# the metrics anew, as in {doc}`05_integration`.
#
# ## What it does not show
#
# Models with few scores may also be worse models: old ones, or ones that could not be run. The correlation above cannot
# say whether a rule punishes holes or these models deserve their place. Under the policy `available` no hole is
# punished, but then models are compared on different metrics.
