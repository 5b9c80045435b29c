# %% [markdown]
# # What missing scores do
#
# Most models on the leaderboard lack some scores. To rank all of them, the site counts what is missing as 0. The paper's
# Figure 7 shows that the ranking then partly measures who was evaluated on what {cite:p}`ahlert2024`.

# %% tags=["parameters"]
# "" for the default leaderboard, a registered name, or the path of a file
scores = ""
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""
metrics = "paper"  # the paper's that the table has; or "all" of the table

# %% tags=["remove-cell"]
from yardsticks import open_scores, style
from yardsticks.notebooks import glue
from yardsticks.scores.consistency import choose_metrics
from yardsticks.scores.figures import plot_missing
from yardsticks.scores.missing import (
    SMALLEST_GROUP,
    missing_scores,
    variance_by_policy,
)
from yardsticks.stats import correlate

style.use()

# %%
table = open_scores(scores, catalogue=catalogue)
table.origin

# %%
frame = missing_scores(table, metrics=metrics)
glue.save(frame, "missing_scores")
groups = frame.groupby("group").agg(
    n_models=("overall", "size"),
    neural=("neural", "median"),
    behaviour=("behaviour", "median"),
)
groups.sort_values("n_models", ascending=False).round(3)

# %% [markdown]
# ## The same statistic under each policy
#
# How much of the overall score's variance over models does each domain explain (squared Pearson correlation)? The answer
# depends on the policy for missing scores, and on the group of models: `complete` keeps models without holes, `zero` is
# Brain-Score's rule, `available` averages what is there.

# %%
variance = variance_by_policy(table, metrics=metrics)
glue.save(variance, "variance_by_policy")
variance.round(3)

# %% tags=["remove-cell"]
leaves = choose_metrics(table, metrics)
incomplete = table.values[leaves].isna().any(axis=1)
clusters = frame.loc[incomplete, "group"].value_counts()
count_and_score = correlate(frame[["n_nonzero", "overall"]], policy="complete")
glue.numbers(
    n_models=len(frame),
    n_complete=(~incomplete).sum(),
    n_groups=(clusters.index != "other counts").sum(),
    n_clustered=clusters.drop("other counts", errors="ignore").sum(),
    n_other=clusters.get("other counts", 0),
    smallest_group=SMALLEST_GROUP,
    rho_count=count_and_score.corr.iloc[0, 1],
)
glue.figure("missing", plot_missing(frame))

# %% tags=["remove-cell"]
everyone = variance[variance["group"] == "all models"].set_index("policy")
glue.numbers(
    neural_complete=everyone.at["complete", "neural"],
    neural_zero=everyone.at["zero", "neural"],
    neural_available=everyone.at["available", "neural"],
    behaviour_complete=everyone.at["complete", "behaviour"],
    behaviour_zero=everyone.at["zero", "behaviour"],
    behaviour_available=everyone.at["available", "behaviour"],
)

# %% [markdown]
# ## Clusters made of holes
#
# Of {glue:text}`n_models:,d` models {glue:text}`n_complete:d` have all the paper's leaves but Kar2019-ost. Of the others
# {glue:text}`n_clustered:d` stand in {glue:text}`n_groups:d` groups of at least {glue:text}`smallest_group:d` models
# with the same number of non-zero scores, {glue:text}`n_other:d` in none. With missing scores as 0 these groups are
# clusters, and the number of non-zero scores alone correlates with the overall score at
# {glue:text}`rho_count:.2f` (Spearman).
#
# ```{glue:figure} missing
# :name: figure-missing
# :alt: Scatter plot of neural against behavioural averages of all models with missing scores counted as 0; models form clusters by the number of non-zero scores, each cluster named by the studies its models lack.
# :width: 100%
#
# Figure 7 of the paper on this table: each group is named by its number of non-zero scores and the studies that
# most of its models lack. [The table behind it (CSV)](tables/missing_scores.csv)
# ```
#
# Over complete models the neural score explains {glue:text}`neural_complete:.1%` of the overall score and the behavioural
# score {glue:text}`behaviour_complete:.1%`. Over all models with zeros for holes it is {glue:text}`neural_zero:.1%` and
# {glue:text}`behaviour_zero:.1%`; averaging what is available, {glue:text}`neural_available:.1%` and
# {glue:text}`behaviour_available:.1%`. [The table (CSV)](tables/variance_by_policy.csv) has every group.
