# %% [markdown]
# # 2 · Do metrics agree?

# %% tags=["parameters", "hide-input"]
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
# the table for Figure 1 when `scores` is "": it has odd-one-out scores
scores_figure1 = "brainscore-2025-05"
# how sure a Brain-Score model's match to the attention-map table has to be
match = "likely_same_checkpoint"
seed = 2  # of the resamples of models

# %% tags=["hide-input"]
import yardsticks.scores as ys
from yardsticks import style
from yardsticks.claims import printed_numbers
from yardsticks.notebooks import glue

style.use()
table = ys.open_scores(scores, catalogue=catalogue)
table.origin

# %% tags=["hide-input", "remove-output"]
options = {"policy": policy, "method": method}
leaves = ys.choose_metrics(table, metrics)
models = ys.paper_models(
    table, imagenet_floor=imagenet_floor, metrics=metrics, policy=policy
)
areas, values = models.metrics["area"], models.values[leaves]
pairs = ys.pair_table(ys.consistency(values, **options), correction=correction)
glue.save(pairs, "consistency_metrics")
glue.numbers(
    policy=policy,
    n_complete=len(table.complete(metrics=leaves).values),
    n_models=len(models.values),
    n_metrics=len(leaves),
    mean_rho=pairs["rho"].mean(),
)
interval = ys.summaries.bootstrap(
    values,
    lambda part: ys.summaries.mean_correlation(part, **options),
    seed=seed,
)
glue.row("mean_rho", interval)
glue.row("metrics", ys.summaries.describe_pairs(pairs))
glue.row("rho", ys.summaries.mean_by_kind(pairs, areas))
glue.figure(
    "pairs", ys.plot_pairs(pairs, ys.summaries.pair_kinds(pairs, areas))
)

# %% [markdown]
# Hardly. Over {glue:text}`metrics_n_pairs:,d` pairs of {glue:text}`n_metrics:d` metrics the mean correlation is
# {glue:text}`mean_rho:.2f` (95 % interval {glue:text}`mean_rho_low:.2f` to {glue:text}`mean_rho_high:.2f`,
# {glue:text}`n_models:d` models), and {glue:text}`metrics_share_negative:.0%` of the pairs correlate negatively.
#
# ```{glue:figure} pairs
# :name: figure-pairs
# :alt: Histogram of the correlations of all pairs of metrics, stacked by kind of pair; pairs of neural metrics and mixed pairs lie around zero, pairs of behavioural metrics far to the right.
# :figclass: key
#
# The correlations of all pairs of metrics. [The table behind it (CSV)](tables/consistency_metrics.csv)
# ```
#
# If two metrics measured the same thing, human-likeness, they would order models alike. {cite:t}`ahlert2024` therefore
# correlate every pair of metrics over models, by Spearman's rank correlation.
#
# ## What the paper found

# %% tags=["hide-input", "remove-output"]
glue.row("printed", printed_numbers("ahlert2024")["value"])
groups = ys.group_scores(models, policy="complete", metrics=metrics)
group_pairs = ys.pair_table(
    ys.consistency(groups, **options), correction=correction
)
glue.save(group_pairs, "consistency_groups")
glue.numbers(n_group_models=len(groups.dropna()))
glue.row("groups", ys.summaries.describe_pairs(group_pairs))
glue.figure("consistency-groups", ys.plot_consistency(group_pairs))

# %% [markdown]
# The paper averages metrics into nine groups and correlates these (its Figure 5). It prints a mean correlation of
# {glue:text}`printed_mean_rho_figure5:.2f` over {glue:text}`printed_n_models_figure5:.0f` models. Here
# {glue:text}`n_group_models:d` of the models have all groups. The mean of the {glue:text}`groups_n_pairs:d` pairs is
# {glue:text}`groups_mean:.2f`, and {glue:text}`groups_n_significant:d` pairs differ from zero after correction. The
# paper's leaderboard was an earlier state of this one; {doc}`09_claims` judges how near the two are.
#
# ```{glue:figure} consistency-groups
# :name: figure-consistency-groups
# :alt: Heat map of the correlations between nine groups of metrics; ImageNet and Geirhos2021 top-1 agree with behaviour, V1 and V2 agree with each other and hardly with the rest.
# :width: 100%
#
# Figure 5 of the paper on this table, bold where a correlation differs from zero after correction.
# [The table behind it (CSV)](tables/consistency_groups.csv)
# ```
#
# The pairs of groups that agree most:

# %% tags=["hide-input"]
glue.table(group_pairs.nlargest(8, "rho"))

# %% [markdown]
# ## Which metrics agree?

# %% tags=["hide-input"]
by_area = ys.mean_by_areas(pairs, areas.dropna().to_dict())
glue.table(by_area.reset_index(), "consistency_areas")

# %% [markdown]
# Two behavioural metrics correlate at {glue:text}`rho_within_behaviour:.2f` on average, two neural ones at
# {glue:text}`rho_within_neural:.2f`, and a neural with a behavioural one at {glue:text}`rho_between:.2f`.
#
# Among the neural ones it depends on the area. The mean is {glue:text}`rho_V1_V1:.2f` inside V1,
# {glue:text}`rho_V4_V4:.2f` inside V4, {glue:text}`rho_IT_IT:.2f` inside IT, and {glue:text}`rho_V4_IT:.2f` between V4
# and IT. With behaviour it is {glue:text}`rho_V1_behaviour:.2f` for V1, {glue:text}`rho_V4_behaviour:.2f` for V4 and
# {glue:text}`rho_IT_behaviour:.2f` for IT.
#
# {glue:text}`metrics_share_significant:.0%` of all pairs differ from zero after correction. The heat map has every
# pair.

# %% tags=["hide-input", "remove-output"]
glue.figure("consistency-metrics", ys.plot_consistency(pairs, areas=areas))

# %% [markdown]
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
# ## How it is done
#
# The paper uses the models that have all of its 51 metrics. Of models with the same name it keeps one, and it leaves
# out a model at chance on ImageNet. Nearly no model has Kar2019-ost, so complete means the other metrics here:
# {glue:text}`n_complete:d` models are complete. Under the policy *{glue:text}`policy`* and with the filters above
# {glue:text}`n_models:d` are compared.
#
# The interval comes from drawing the models anew, with replacement, many times: it says how far the mean would move with
# other models of the same kind. Significance is corrected for the number of pairs. The paper does not list its nine
# groups; those used here are inferred from its counts ({doc}`../book/differences`).
#
# ## With odd-one-out choices and attention maps

# %% tags=["hide-input", "remove-output"]
wider = ys.open_scores(scores or scores_figure1, catalogue=catalogue)
eleven = ys.extended_groups(
    wider, policy="complete", match=match, metrics=metrics
)
paired = ys.consistency(eleven, policy="pairwise", method=method)
paired_pairs = ys.pair_table(paired, correction=correction)
attention = (paired_pairs[["metric_a", "metric_b"]] == "Attention map").any(
    axis=1
)
glue.save(paired_pairs, "consistency_figure1_pairwise")
glue.numbers(
    table_figure1=wider.origin.title,
    n_odd=eleven["Odd-one-out"].count(),
    n_attention=eleven["Attention map"].count(),
)
glue.row("paired", ys.summaries.describe_pairs(paired_pairs))
glue.row("attention", ys.summaries.describe_pairs(paired_pairs[attention]))
glue.row("odd", paired.corr["Odd-one-out"])
glue.figure("figure1-pairwise", ys.plot_consistency(paired_pairs))

# %% [markdown]
# The paper's Figure 1 adds two behavioural yardsticks from outside Brain-Score. Its tables of them by model are not
# public. Odd-one-out here is `Hebart2023-match`, Brain-Score's metric on the same THINGS task
# {cite:p}`hebart2023,muttenthaler2023`. Attention map is the similarity of a model's saliency to human ClickMe maps
# {cite:p}`fel2022`, from a later table. Its models were matched to Brain-Score's by hand, and those matches are used
# that are at least as sure as the parameter `match` asks.
#
# The table is: {glue:text}`table_figure1`. Of its models {glue:text}`n_odd:d` have an odd-one-out score and
# {glue:text}`n_attention:d` an attention-map score. Each pair of groups is correlated over the models that have both,
# {glue:text}`paired_n_min:d` to {glue:text}`paired_n_max:d` of them. The mean correlation is
# {glue:text}`paired_mean:.2f`, and the attention map differs from zero with {glue:text}`attention_n_significant:d`
# groups.
#
# Odd-one-out correlates with V1 at {glue:text}`odd_V1:.2f`, with IT at {glue:text}`odd_IT:.2f` and with
# Rajalingham2018 at {glue:text}`odd_Rajalingham2018:.2f`. {doc}`09_claims` sets both beside what the paper says.
#
# ```{glue:figure} figure1-pairwise
# :name: figure-eleven-pairwise
# :alt: Heat map of the correlations between eleven groups of metrics, each pair over all models that have both; more pairs differ from zero than over complete models.
# :width: 100%
#
# Figure 1 of the paper on this table, each pair on all models that have both.
# [The table behind it (CSV)](tables/consistency_figure1_pairwise.csv)
# ```
#
# The paper itself uses the models that have all eleven groups.

# %% tags=["hide-input", "remove-output"]
shared = ys.consistency(eleven, policy="complete", method=method)
shared_pairs = ys.pair_table(shared, correction=correction)
glue.save(shared_pairs, "consistency_figure1_complete")
glue.row("eleven", ys.summaries.describe_pairs(shared_pairs))
glue.figure("figure1-complete", ys.plot_consistency(shared_pairs))

# %% [markdown]
# All eleven groups are known for only {glue:text}`eleven_n_min:d` models here, where the paper had
# {glue:text}`printed_n_models_figure1:.0f`. Over these the mean correlation is {glue:text}`eleven_mean:.2f`; the paper
# prints {glue:text}`printed_mean_rho_figure1:.2f`. So few models decide little.
#
# ```{glue:figure} figure1-complete
# :name: figure-eleven-complete
# :alt: Heat map of the correlations between eleven groups of metrics over the few models that have them all; ImageNet and Geirhos2021 top-1 agree, most other pairs do not differ from zero.
# :width: 100%
#
# The same groups, models that have all eleven of them.
# [The table behind it (CSV)](tables/consistency_figure1_complete.csv)
# ```
#
# ## What it does not show
#
# A low correlation has two readings. The two metrics may measure different things, or each may be too noisy to order
# models that are much alike. This chapter does not tell them apart. Nor are the models a sample of anything: many are
# variants of one another, and the interval treats them as drawn one by one.
