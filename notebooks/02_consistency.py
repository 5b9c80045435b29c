# %% [markdown]
# # Do metrics agree?
#
# If two metrics measured the same thing, human-likeness, they would order models alike. {cite:t}`ahlert2024` therefore
# correlate every pair of metrics over models, by Spearman's rank correlation. This chapter repeats their Figures 4 and 5.

# %% tags=["parameters"]
# "" for the default leaderboard, a registered name, or the path of a file
scores = ""
# models that have every metric; "pairwise": for each pair those that have both
policy = "complete"
method = "spearman"  # or "kendall", "pearson"
correction = "bonferroni"  # or "holm", "fdr_bh", "none"
# models known to have a lower ImageNet top-1 are left out, as in the paper
imagenet_floor = 0.019

# %% tags=["remove-cell"]
from yardsticks import open_scores, style
from yardsticks.claims import published
from yardsticks.scores.consistency import (
    consistency,
    group_scores,
    pair_table,
    paper_leaves,
    paper_models,
)
from yardsticks.scores.figures import plot_consistency

style.use()

# %%
table = open_scores(scores)
table.origin

# %% [markdown]
# ## Which models
#
# The paper uses the models that have all of its 51 metrics, less duplicates of a name and one model at chance on
# ImageNet. Nearly no model has Kar2019-ost, so complete means the other leaves.

# %%
leaves = paper_leaves(table)
models = paper_models(table, imagenet_floor=imagenet_floor)
result = consistency(
    models.select(metrics=leaves), policy=policy, method=method
)
pairs = pair_table(result, correction=correction)
style.save_table(pairs, "consistency_metrics")
pairs[["n", "rho", "p_adjusted"]].describe().round(3)

# %%
groups = group_scores(models, policy="complete")
group_pairs = pair_table(
    consistency(groups, policy=policy, method=method), correction=correction
)
style.save_table(group_pairs, "consistency_groups")
group_pairs.nlargest(8, "rho").round(4)

# %% tags=["remove-cell"]
printed = published("ahlert2024")["value"]
areas = models.metrics["area"]
area_a, area_b = pairs["metric_a"].map(areas), pairs["metric_b"].map(areas)
neural_neural = (area_a != "behaviour") & (area_b != "behaviour")
behaviour_behaviour = (area_a == "behaviour") & (area_b == "behaviour")
style.glue_numbers(
    n_complete=len(table.complete(metrics=leaves).values),
    n_models=len(models.values),
    n_metrics=len(leaves),
    n_pairs=len(pairs),
    mean_rho=pairs["rho"].mean(),
    share_negative=(pairs["rho"] < 0).mean(),
    share_significant=(pairs["p_adjusted"] < 0.05).mean(),
    rho_within_neural=pairs.loc[neural_neural, "rho"].mean(),
    rho_within_behaviour=pairs.loc[behaviour_behaviour, "rho"].mean(),
    rho_between=pairs.loc[~neural_neural & ~behaviour_behaviour, "rho"].mean(),
    printed_rho=printed["mean_rho_figure5"],
    printed_n=printed["n_models_figure5"],
    n_group_models=group_pairs["n"].min(),
    mean_group_rho=group_pairs["rho"].mean(),
    n_group_pairs=len(group_pairs),
    n_group_significant=(group_pairs["p_adjusted"] < 0.05).sum(),
)
style.glue_figure("consistency-metrics", plot_consistency(pairs, areas=areas))
style.glue_figure("consistency-groups", plot_consistency(group_pairs))

# %% [markdown]
# ## Metric by metric
#
# {glue:text}`n_complete:d` models are complete; {glue:text}`n_models:d` remain. Over the {glue:text}`n_pairs:,d` pairs of
# {glue:text}`n_metrics:d` metrics the mean correlation is {glue:text}`mean_rho:.3f`; {glue:text}`share_negative:.0%` of the
# pairs correlate negatively, and {glue:text}`share_significant:.0%` differ from zero after correction. Agreement lives
# inside areas: among neural metrics the mean is {glue:text}`rho_within_neural:.2f`, among behavioural ones
# {glue:text}`rho_within_behaviour:.2f`, and between the two {glue:text}`rho_between:.2f`.
#
# ```{glue:figure} consistency-metrics
# :name: figure-consistency-metrics
# :alt: Heat map of the correlations between the paper's leaf metrics, ordered V1, V2, V4, IT, behaviour; a red block of agreement inside V4 and IT and inside behaviour, and near-zero correlations elsewhere.
# :width: 100%
#
# Figure 4 of the paper on this table: correlation between every pair of metrics, bold where it differs from zero after
# correction. n and p stand in [the table behind it (CSV)](tables/consistency_metrics.csv)
# ```
#
# ## Group by group
#
# The paper's Figure 5 averages metrics into nine groups. It does not list the groups; those used here are inferred
# from its counts. {glue:text}`n_group_models:d` of the models have all nine. The mean correlation of the
# {glue:text}`n_group_pairs:d` pairs is {glue:text}`mean_group_rho:.2f`; {glue:text}`n_group_significant:d` pairs differ
# from zero after correction. The paper prints {glue:text}`printed_rho:.2f` over {glue:text}`printed_n:.0f` models; its
# leaderboard was an earlier state of this one.
#
# ```{glue:figure} consistency-groups
# :name: figure-consistency-groups
# :alt: Heat map of the correlations between nine groups of metrics; ImageNet and Geirhos2021 top-1 agree with behaviour, V1 and V2 agree with each other and hardly with the rest.
# :width: 100%
#
# Figure 5 of the paper on this table. [The table behind it (CSV)](tables/consistency_groups.csv)
# ```
