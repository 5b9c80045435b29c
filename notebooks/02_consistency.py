# %% [markdown]
# # Do metrics agree?
#
# If two metrics measured the same thing, human-likeness, they would order models alike. {cite:t}`ahlert2024` therefore
# correlate every pair of metrics over models, by Spearman's rank correlation. This chapter repeats their Figures 1, 4
# and 5.

# %% tags=["parameters"]
# "" for the default leaderboard, a registered name, or the path of a file
scores = ""
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""
metrics = "paper"  # the paper's that the table has; or "all" of the table
# models that have every metric; "pairwise": for each pair those that have both
policy = "complete"
method = "spearman"  # or "kendall", "pearson"
correction = "bonferroni"  # or "holm", "fdr_bh", "none"
# models known to have a lower ImageNet top-1 are left out, as in the paper
imagenet_floor = 0.019

# what is computed beside metric by metric; a table of your own may lack what they need
parts = ["groups", "figure1"]
# the table for Figure 1 when `scores` is "": it has odd-one-out scores
scores_figure1 = "brainscore-2025-05"
# how sure a Brain-Score model's match to the attention-map table has to be
match = "likely_same_checkpoint"

# %% tags=["remove-cell"]
from IPython.display import display

from yardsticks import open_scores, style
from yardsticks.claims import published
from yardsticks.notebooks import glue
from yardsticks.scores.attention import extended_groups
from yardsticks.scores.consistency import (
    choose_metrics,
    consistency,
    group_scores,
    mean_by_areas,
    pair_table,
    paper_models,
)
from yardsticks.scores.figures import plot_consistency
from yardsticks.scores.table import NEURAL_AREAS

style.use()

# %%
table = open_scores(scores, catalogue=catalogue)
table.origin

# %% [markdown]
# ## Which models
#
# The paper uses the models that have all of its 51 metrics, less duplicates of a name and one model at chance on
# ImageNet. Nearly no model has Kar2019-ost, so complete means the other leaves.

# %%
leaves = choose_metrics(table, metrics)
models = paper_models(
    table, imagenet_floor=imagenet_floor, metrics=metrics, policy=policy
)
result = consistency(
    models.select(metrics=leaves), policy=policy, method=method
)
pairs = pair_table(result, correction=correction)
glue.save(pairs, "consistency_metrics")
by_area = mean_by_areas(pairs, models.metrics["area"].dropna().to_dict())
glue.save(by_area.reset_index(), "consistency_areas")
by_area.round(3)

# %%
if "groups" in parts:
    groups = group_scores(models, policy="complete", metrics=metrics)
    group_pairs = pair_table(
        consistency(groups, policy=policy, method=method),
        correction=correction,
    )
    glue.save(group_pairs, "consistency_groups")
    display(group_pairs.nlargest(8, "rho").round(4))

# %%
if "figure1" in parts:
    wider = open_scores(scores or scores_figure1, catalogue=catalogue)
    eleven = extended_groups(
        wider, policy="complete", match=match, metrics=metrics
    )
    shared = consistency(eleven, policy="complete", method=method)
    paired = consistency(eleven, policy="pairwise", method=method)
    shared_pairs = pair_table(shared, correction=correction)
    paired_pairs = pair_table(paired, correction=correction)
    glue.save(shared_pairs, "consistency_figure1_complete")
    glue.save(paired_pairs, "consistency_figure1_pairwise")
    display(eleven.count().to_frame("models with a score"))

# %% tags=["remove-cell"]
if "figure1" in parts:
    of_attention = paired_pairs[["metric_a", "metric_b"]].eq("Attention map")
    odd = paired.corr["Odd-one-out"].reindex(["V1", "IT", "Rajalingham2018"])
    glue.numbers(
        table_figure1=wider.origin.title,
        n_eleven=shared_pairs["n"].min(),
        n_attention=eleven["Attention map"].count(),
        n_odd=eleven["Odd-one-out"].count(),
        rho_eleven=shared_pairs["rho"].mean(),
        rho_eleven_pairwise=paired_pairs["rho"].mean(),
        n_pairwise_min=paired_pairs["n"].min(),
        n_pairwise_max=paired_pairs["n"].max(),
        n_attention_significant=(
            of_attention.any(axis=1) & (paired_pairs["p_adjusted"] < 0.05)
        ).sum(),
        odd_v1=odd["V1"],
        odd_it=odd["IT"],
        odd_behaviour=odd["Rajalingham2018"],
        printed_rho1=published("ahlert2024").at["mean_rho_figure1", "value"],
        printed_n1=published("ahlert2024").at["n_models_figure1", "value"],
    )

# %% tags=["remove-cell"]
if "figure1" in parts:
    glue.figure("figure1-complete", plot_consistency(shared_pairs))

# %% tags=["remove-cell"]
if "figure1" in parts:
    glue.figure("figure1-pairwise", plot_consistency(paired_pairs))

# %% tags=["remove-cell"]
areas = models.metrics["area"]
area_a, area_b = pairs["metric_a"].map(areas), pairs["metric_b"].map(areas)
neural_a, neural_b = area_a.isin(NEURAL_AREAS), area_b.isin(NEURAL_AREAS)
behaviour_a, behaviour_b = area_a == "behaviour", area_b == "behaviour"
between = (neural_a & behaviour_b) | (behaviour_a & neural_b)
glue.numbers(
    policy=policy,
    n_complete=len(table.complete(metrics=leaves).values),
    n_models=len(models.values),
    n_metrics=len(leaves),
    n_pairs=len(pairs),
    mean_rho=pairs["rho"].mean(),
    share_negative=(pairs["rho"] < 0).mean(),
    share_significant=(pairs["p_adjusted"] < 0.05).mean(),
    rho_within_neural=pairs.loc[neural_a & neural_b, "rho"].mean(),
    rho_within_behaviour=pairs.loc[behaviour_a & behaviour_b, "rho"].mean(),
    rho_between=pairs.loc[between, "rho"].mean(),
    **{
        f"rho_{a}_{b}": by_area["mean_rho"].get((a, b), float("nan"))
        for a, b in [
            ("V1", "V1"),
            ("V4", "V4"),
            ("V4", "IT"),
            ("IT", "IT"),
            ("V4", "behaviour"),
            ("IT", "behaviour"),
            ("V1", "behaviour"),
        ]
    },
)
glue.figure("consistency-metrics", plot_consistency(pairs, areas=areas))

# %% tags=["remove-cell"]
if "groups" in parts:
    printed = published("ahlert2024")["value"]
    glue.numbers(
        printed_rho=printed["mean_rho_figure5"],
        printed_n=printed["n_models_figure5"],
        n_group_models=len(groups.dropna()),
        mean_group_rho=group_pairs["rho"].mean(),
        n_group_pairs=len(group_pairs),
        n_group_significant=(group_pairs["p_adjusted"] < 0.05).sum(),
    )
    glue.figure("consistency-groups", plot_consistency(group_pairs))

# %% [markdown]
# ## Metric by metric
#
# {glue:text}`n_complete:d` models are complete. Under the policy *{glue:text}`policy`* and with the filters above
# {glue:text}`n_models:d` are compared. Over the {glue:text}`n_pairs:,d` pairs of {glue:text}`n_metrics:d` metrics the
# mean correlation is {glue:text}`mean_rho:.3f`; {glue:text}`share_negative:.0%` of the pairs correlate negatively, and
# {glue:text}`share_significant:.0%` differ from zero after correction.
#
# The mean is {glue:text}`rho_within_neural:.2f` among neural metrics, {glue:text}`rho_within_behaviour:.2f` among
# behavioural ones, and {glue:text}`rho_between:.2f` between the two.
#
# By area, it is {glue:text}`rho_V1_V1:.2f` inside V1, {glue:text}`rho_V4_V4:.2f` inside V4 and
# {glue:text}`rho_IT_IT:.2f` inside IT; {glue:text}`rho_V4_IT:.2f` between V4 and IT; and with behaviour
# {glue:text}`rho_V1_behaviour:.2f` for V1, {glue:text}`rho_V4_behaviour:.2f` for V4 and
# {glue:text}`rho_IT_behaviour:.2f` for IT.
#
# ```{glue:figure} consistency-metrics
# :name: figure-consistency-metrics
# :alt: Heat map of the correlations between the leaf metrics, ordered V1, V2, V4, IT, behaviour; the means by area stand in the text above.
# :width: 100%
#
# Figure 4 of the paper on this table: correlation between every pair of metrics, bold where it differs from zero after
# correction. n and p stand in [the table behind it (CSV)](tables/consistency_metrics.csv), means in that
# [by area (CSV)](tables/consistency_areas.csv)
# ```
#
# ## Group by group
#
# The paper's Figure 5 averages metrics into nine groups. It does not list the groups; those used here are inferred
# from its counts. {glue:text}`n_group_models:d` of the models have all of them. The mean correlation of the
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
#
# ## With odd-one-out choices and attention maps
#
# The paper's Figure 1 adds two behavioural yardsticks from outside Brain-Score. Its tables of them by model are not
# public. Odd-one-out here is `Hebart2023-match`, Brain-Score's metric on the same THINGS task
# {cite:p}`hebart2023,muttenthaler2023`; attention map is the similarity of saliency to human ClickMe maps
# {cite:p}`fel2022` from a later table, joined by a hand-made crosswalk of model names with matches at least
# as sure as the parameter `match` asks.
#
# The table is: {glue:text}`table_figure1`. Of its models {glue:text}`n_odd:d` have an odd-one-out score and
# {glue:text}`n_attention:d` an attention-map score; all eleven groups are known for only {glue:text}`n_eleven:d`, where
# the paper had {glue:text}`printed_n1:.0f`. Over these the mean correlation is {glue:text}`rho_eleven:.2f` (the paper
# prints {glue:text}`printed_rho1:.2f`). So few models decide little, which is why the pairwise version stands
# beside it: there the mean is {glue:text}`rho_eleven_pairwise:.2f`, each pair resting on
# {glue:text}`n_pairwise_min:d` to {glue:text}`n_pairwise_max:d` models.
#
# In the pairwise version odd-one-out correlates with V1 at {glue:text}`odd_v1:.2f`, with IT at {glue:text}`odd_it:.2f` and
# with Rajalingham2018 at {glue:text}`odd_behaviour:.2f`; the attention map differs from zero with
# {glue:text}`n_attention_significant:d` groups. {doc}`09_claims` sets both beside what the paper says.
#
# ```{glue:figure} figure1-complete
# :name: figure-eleven-complete
# :alt: Heat map of the correlations between eleven groups of metrics over the few models that have them all; ImageNet and Geirhos2021 top-1 agree, most other pairs do not differ from zero.
# :width: 100%
#
# Figure 1 of the paper on this table, models that have all eleven groups.
# [The table behind it (CSV)](tables/consistency_figure1_complete.csv)
# ```
#
# ```{glue:figure} figure1-pairwise
# :name: figure-eleven-pairwise
# :alt: Heat map of the correlations between eleven groups of metrics, each pair over all models that have both; more pairs differ from zero than over complete models.
# :width: 100%
#
# The same groups, each pair on all models that have both.
# [The table behind it (CSV)](tables/consistency_figure1_pairwise.csv)
# ```
