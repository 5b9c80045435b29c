# %% [markdown]
# # 2 · Do metrics agree?

# %% tags=["parameters", "hide-input"]
from typing import Literal

# "" for the default leaderboard, a registered name, or the path of a file
scores = ""
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""
metrics: Literal["paper", "all"] = "paper"  # all: that the table has
# complete: models that have every metric; pairwise: for each pair those that
# have both
policy: Literal["complete", "pairwise"] = "complete"
# correlation between metrics
method: Literal["spearman", "kendall", "pearson"] = "spearman"
# for the number of tests
correction: Literal["bonferroni", "holm", "fdr_bh", "none"] = "bonferroni"
# models known to have a lower ImageNet top-1 (0 to 1) are left out, as in the
# paper
imagenet_floor = 0.019
one_per_name = True  # of models with the same name keep the first
# the paper's sample, of the default leaderboard alone: scores before this date
# ("" for all), of models public in 2023 (inferred), none that rounds to .000
until = "2023-09-01"
public_only = True
nonzero = True
# the table of odd-one-out scores when `scores` is ""
scores_figure1 = "brainscore-2025-05"
# how sure a match to the attention-map table has to be, on all models
match: Literal[
    "same_checkpoint",
    "likely_same_checkpoint",
    "same_architecture_other_weights",
] = "likely_same_checkpoint"
seed = 2  # of the resamples of models, and of random orders

# %% tags=["hide-input"]
from functools import partial

import yardsticks.scores as ys
from yardsticks import style, words
from yardsticks.book import posters
from yardsticks.claims import printed_numbers
from yardsticks.notebooks import glue

style.use()
table = ys.open_scores(scores, catalogue=catalogue)
table.origin

# %% tags=["hide-input", "remove-output"]
consistency = partial(ys.consistency, method=method, seed=seed)
correlate = partial(consistency, policy=policy)
pairwise = partial(consistency, policy="pairwise")
resample = partial(ys.intervals.resample, statistic=method, seed=seed)
leaves = ys.choose_metrics(table, metrics)
filters = {
    "imagenet_floor": imagenet_floor,
    "one_per_name": one_per_name,
    "metrics": metrics,
    "policy": policy,
}
models = ys.paper_models(table, **filters)
of_2023 = {"until": until, "public_only": public_only, "nonzero": nonzero}
sample = ys.paper_models(table, **filters, **({} if scores else of_2023))
areas, values = models.metrics["area"], models.values[leaves]
draws = resample(values)
pairs = ys.pair_table(correlate(values), correction=correction, draws=draws)
glue.save(pairs, "consistency_metrics")
glue.numbers(
    policy=policy,
    n_complete=len(table.complete(metrics=leaves).values),
    n_models=len(models.values),
    n_metrics=len(leaves),
)
glue.row("metrics", ys.summaries.describe_pairs(pairs, draws=draws))
glue.row("rho", ys.summaries.mean_by_kind(pairs, areas, draws=draws))
behavioural = areas.index[areas.index.isin(leaves) & (areas == "behaviour")]
study = behavioural.str.replace(r"(\d{4}).*", r"\1", regex=True)
counts = study.value_counts()
glue.numbers(n_behavioural=len(behavioural), n_studies=len(counts))
glue.numbers(n_same_study=counts.iloc[:1].sum())
found = dict(zip(behavioural, study, strict=True))
sides = pairs[["metric_a", "metric_b"]].map(found.get)
both, same = sides.notna().all(axis=1), sides["metric_a"] == sides["metric_b"]
kinds = {"one_study": both & same, "two_studies": both & ~same}
told = {
    kind: ys.summaries.describe_pairs(pairs[of], draws=draws[of.to_numpy()])
    for kind, of in kinds.items()
}
ends = ["mean_low", "mean_high"]
glue.numbers(
    **{
        kind: f"{row['mean']:.2f} ({words.say_interval(*row[ends])}, "
        f"{row['n_pairs']:,} pairs)"
        if row["n_pairs"]
        else "unknown (there are no such pairs)"
        for kind, row in told.items()
    }
)
negative = pairs[pairs["rho"] < 0]
glue.row("negative", ys.summaries.describe_pairs(negative))
families = models.models["name"].map(ys.intervals.family)
by_family = resample(values, unit="families", families=families)
glue.numbers(n_families=families.nunique())
glue.row("families", ys.summaries.describe_pairs(pairs, draws=by_family))
glue.figure(
    "pairs", ys.plot_pairs(pairs, ys.summaries.pair_kinds(pairs, areas))
)

# %% [markdown]
# Hardly. Over {glue:text}`metrics_n_pairs:,d` pairs of {glue:text}`n_metrics:d` metrics the mean correlation is
# {glue:text}`metrics_mean:.2f` (95 % interval {glue:text}`metrics_mean_low:.2f` to {glue:text}`metrics_mean_high:.2f`,
# {glue:text}`n_models:d` models), and {glue:text}`metrics_share_negative:.0%` ({glue:text}`metrics_share_negative_low:.0%` to {glue:text}`metrics_share_negative_high:.0%`) of the pairs
# correlate negatively (after correction, {glue:text}`negative_n_significant:,d` of these {glue:text}`negative_n_pairs:,d` can be
# told from zero).
#
# Two behavioural metrics correlate at {glue:text}`rho_within_behaviour:.2f` on average
# ({glue:text}`rho_within_behaviour_low:.2f` to {glue:text}`rho_within_behaviour_high:.2f`), two neural ones at
# {glue:text}`rho_within_neural:.2f`. But of the {glue:text}`n_behavioural:d` behavioural metrics
# {glue:text}`n_same_study:d` are of a single study. Two of the same study correlate at {glue:text}`one_study`, two of different studies at
# {glue:text}`two_studies`. In brackets stand 95 % intervals over models, here and below.
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
then = ys.group_scores(sample, policy="complete", metrics=metrics)
if policy == "complete":
    groups, then = groups.dropna(), then.dropna()
now, before = resample(groups), resample(then)
group_pairs = ys.pair_table(
    correlate(groups), correction=correction, draws=now
)
then_pairs = ys.pair_table(
    correlate(then), correction=correction, draws=before
)
glue.row("groups", ys.summaries.describe_pairs(group_pairs, draws=now))
glue.row("sample", ys.summaries.describe_pairs(then_pairs, draws=before))
glue.save(group_pairs, "consistency_groups")
glue.save(then_pairs, "consistency_groups_sample")
glue.figure("consistency-groups", ys.plot_consistency(group_pairs))
glue.figure("poster-agreement", posters.plot_agreement(group_pairs))
glue.figure("sample-groups", ys.plot_consistency(then_pairs))

# %% [markdown]
# The paper averages metrics into nine groups and correlates these (Ahlert Figure 5). It prints a mean correlation of
# {glue:text}`printed_mean_rho_figure5:.2f` over {glue:text}`printed_n_models_figure5:.0f` models. On its sample, as near
# as that is known, the mean is {glue:text}`sample_mean:.2f` here (95 % interval
# {glue:text}`sample_mean_low:.2f` to {glue:text}`sample_mean_high:.2f`, {glue:text}`sample_n_max:d` models),
# and {glue:text}`sample_n_significant:d` of {glue:text}`sample_n_pairs:d` pairs differ from zero after correction. On the
# whole table the mean is {glue:text}`groups_mean:.2f` ({glue:text}`groups_mean_low:.2f` to
# {glue:text}`groups_mean_high:.2f`, {glue:text}`groups_n_max:d` models: those of the first paragraph that have a score
# in every group; some groups hold metrics that are not among those above), and
# {glue:text}`groups_n_significant:d` pairs of groups differ from zero after correction. {doc}`09_claims` says what of the sample is inferred.
#
# ```{glue:figure} sample-groups
# :name: figure-sample-groups
# :alt: Heat map of the correlations between nine groups of metrics on the paper's sample; ImageNet and Geirhos2021 top-1 agree with each other, most other pairs correlate weakly.
# :figclass: folded
# :width: 100%
#
# Ahlert Figure 5, on the paper's sample as near as it is known: bold where a correlation differs from zero after
# correction. [The table behind it (CSV)](tables/consistency_groups_sample.csv)
# ```
#
# ```{glue:figure} consistency-groups
# :name: figure-consistency-groups
# :alt: Heat map of the correlations between nine groups of metrics; ImageNet and Geirhos2021 top-1 agree with behaviour, V1 and V2 agree with each other and hardly with the rest.
# :width: 100%
#
# Ahlert Figure 5, on the whole table: bold where a correlation differs from zero after correction.
# [The table behind it (CSV)](tables/consistency_groups.csv)
# ```
#
# The pairs of groups that agree most, on the whole table:

# %% tags=["hide-input"]
glue.table(group_pairs.nlargest(8, "rho"))

# %% [markdown]
# ## Which metrics agree?

# %% tags=["hide-input"]
by_area = ys.mean_by_areas(pairs, areas.dropna().to_dict(), draws=draws)
glue.table(by_area.reset_index(), "consistency_areas", folded=True)

# %% [markdown]
# Two behavioural metrics correlate at {glue:text}`rho_within_behaviour:.2f` on average, two of different studies at
# {glue:text}`two_studies`. Two neural ones do at
# {glue:text}`rho_within_neural:.2f` ({glue:text}`rho_within_neural_low:.2f` to {glue:text}`rho_within_neural_high:.2f`), and
# a neural with a behavioural one at
# {glue:text}`rho_between:.2f` ({glue:text}`rho_between_low:.2f` to {glue:text}`rho_between_high:.2f`).
#
# Among the neural ones it depends on the area. The mean is
# {glue:text}`rho_V1_V1:.2f` ({glue:text}`rho_V1_V1_low:.2f` to {glue:text}`rho_V1_V1_high:.2f`) inside V1,
# {glue:text}`rho_V4_V4:.2f` ({glue:text}`rho_V4_V4_low:.2f` to {glue:text}`rho_V4_V4_high:.2f`) inside V4,
# {glue:text}`rho_IT_IT:.2f` ({glue:text}`rho_IT_IT_low:.2f` to {glue:text}`rho_IT_IT_high:.2f`) inside IT, and
# {glue:text}`rho_V4_IT:.2f` ({glue:text}`rho_V4_IT_low:.2f` to {glue:text}`rho_V4_IT_high:.2f`) between V4 and IT. With behaviour it is
# {glue:text}`rho_V1_behaviour:.2f` ({glue:text}`rho_V1_behaviour_low:.2f` to {glue:text}`rho_V1_behaviour_high:.2f`) for V1,
# {glue:text}`rho_V4_behaviour:.2f` ({glue:text}`rho_V4_behaviour_low:.2f` to {glue:text}`rho_V4_behaviour_high:.2f`) for V4 and
# {glue:text}`rho_IT_behaviour:.2f` ({glue:text}`rho_IT_behaviour_low:.2f` to {glue:text}`rho_IT_behaviour_high:.2f`) for IT.
#
# {glue:text}`metrics_share_significant:.0%` of all pairs differ from zero after correction. The heat map has every
# pair.

# %% tags=["hide-input", "remove-output"]
draws = resample(sample.values[leaves])
sample_pairs = ys.pair_table(
    correlate(sample.values[leaves]), correction=correction, draws=draws
)
glue.save(sample_pairs, "consistency_metrics_sample")
glue.row("leaves", ys.summaries.describe_pairs(sample_pairs, draws=draws))
marks = {"areas": areas, "subgroups": models.metrics["parent"]}
glue.figure("consistency-metrics", ys.plot_consistency(pairs, **marks))
turned = {
    "names": models.models["name"],
    "areas": areas,
    "clustered": ys.structure.cluster_order(pairs),
}
glue.interactive("metrics", ys.chart_consistency(pairs, values, **turned))
glue.figure("sample-metrics", ys.plot_consistency(sample_pairs, **marks))

# %% [markdown]
# ```{glue:figure} consistency-metrics
# :name: figure-consistency-metrics
# :alt: Heat map of the correlations between the leaf metrics, ordered V1, V2, V4, IT, behaviour; the means by area stand in the text above.
# :figclass: dense
# :width: 100%
#
# Ahlert Figure 4, on the whole table: correlation between every pair of metrics, with a dot where it differs from zero
# after correction; frames are subgroups of V1 and of behaviour. n and p stand in [the table behind it (CSV)](tables/consistency_metrics.csv), means in that
# [by area (CSV)](tables/consistency_areas.csv). [Look closer](tables/metrics.js)
# ```
#
# ```{glue:figure} sample-metrics
# :name: figure-sample-metrics
# :alt: Heat map of the correlations between the leaf metrics on the paper's sample, in the same order as above; the behavioural metrics form the only large block of high correlations.
# :figclass: folded dense
# :width: 100%
#
# Ahlert Figure 4, on the paper's sample as near as it is known ({glue:text}`leaves_n_max:d` models). The mean
# correlation is {glue:text}`leaves_mean:.2f` (95 % interval {glue:text}`leaves_mean_low:.2f` to
# {glue:text}`leaves_mean_high:.2f`). [The table behind it (CSV)](tables/consistency_metrics_sample.csv)
# ```
#
# ## How it is done
#
# The paper uses the models that have all of its 51 metrics. Of models with the same name it keeps one, and it leaves
# out a model under 1.9 % ImageNet top-1 (that is far from chance, which is 0.1 %). Nearly no model has Kar2019-ost, so complete means the other metrics here:
# {glue:text}`n_complete:d` models are complete. Under the policy *{glue:text}`policy`*, and with the filters among this
# chapter's parameters, {glue:text}`n_models:d` models are compared: the *whole table*. The *paper's sample* is what we find nearest to the models that
# the paper had in 2023: the same, with the scores of that time, of models that were public, and none at .000. The
# parameters `until`, `public_only` and `nonzero` choose it.
#
# The intervals come from drawing the models anew, with replacement, a thousand times: they say how far a number would
# move with other models of the same kind. Models of one family are variants of one another. If whole families are drawn
# ({glue:text}`n_families:d` of them), the mean over all pairs has an interval of {glue:text}`families_mean_low:.2f` to
# {glue:text}`families_mean_high:.2f`. Significance is corrected for the number of pairs. Where a pair rests on at most 20
# models, or most of them tie, its p value is the share of random orders of the models that correlate as strongly. The
# paper does not list its nine groups; those used here are inferred from its counts ({doc}`../book/differences`).
#
# ## With odd-one-out choices and attention maps

# %% tags=["hide-input", "remove-output"]
later = ys.open_scores(scores or scores_figure1, catalogue=catalogue)
listed = ys.figure1_groups(table, later)
nine = ys.brain_score_groups(listed)
draws, nine_draws = resample(listed), resample(nine)
listed_pairs = ys.pair_table(
    pairwise(listed), correction=correction, draws=draws
)
nine_pairs = ys.pair_table(correlate(nine), correction=correction)
outside = (
    listed_pairs[["metric_a", "metric_b"]].eq("Attention map").any(axis=1)
)
glue.save(listed_pairs, "consistency_figure1")
glue.numbers(
    n_listed=len(listed),
    n_listed_odd=listed["Odd-one-out"].count(),
    n_listed_attention=listed["Attention map"].count(),
    odd_margin=ys.odd_one_out_margin(listed),
)
interval = ys.intervals.bootstrap(listed, ys.odd_one_out_margin, seed=seed)
glue.row("odd_margin", interval)
glue.row("listed", ys.summaries.describe_pairs(nine_pairs, draws=nine_draws))
glue.row("eleven", ys.summaries.describe_pairs(listed_pairs, draws=draws))
glue.row("alone", ys.summaries.describe_pairs(listed_pairs[outside]))
glue.numbers(alone_p=words.say_p(listed_pairs.loc[outside, "p"].min()))
glue.row("listed_odd", ys.summaries.pairs_with(listed_pairs, "Odd-one-out"))
glue.figure("figure1", ys.plot_consistency(listed_pairs))

# %% [markdown]
# Ahlert Figure 1 adds two behavioural yardsticks from outside Brain-Score, on the
# {glue:text}`printed_n_models_figure1:.0f` models that its appendix A.2 lists. All {glue:text}`n_listed:d` that were found
# have Brain-Score's nine groups here. Over the {glue:text}`listed_n_pairs:d` pairs of these nine groups the mean
# correlation is {glue:text}`listed_mean:.2f` (95 % interval {glue:text}`listed_mean_low:.2f` to
# {glue:text}`listed_mean_high:.2f`). The paper prints {glue:text}`printed_mean_rho_figure1:.2f` over the
# {glue:text}`eleven_n_pairs:d` pairs of eleven groups. With the stand-ins below for the other two it is
# {glue:text}`eleven_mean:.2f` here ({glue:text}`eleven_mean_low:.2f` to {glue:text}`eleven_mean_high:.2f`, each pair over the
# {glue:text}`eleven_n_min:d` to {glue:text}`eleven_n_max:d` models that have both). Of the pairs of nine groups
# {glue:text}`listed_n_significant:d` differ from zero after correction.
#
# The paper's scores of single models under these two are not public. Other tables stand in.
#
# - Odd-one-out here is `Hebart2023-match`, Brain-Score's metric on the same THINGS task
#   {cite:p}`hebart2023,muttenthaler2023`. {glue:text}`n_listed_odd:d` of the models have it, some of them registered again
#   under another id. It correlates with V1 at
#   {glue:text}`listed_odd_V1:.2f` ({glue:text}`listed_odd_V1_low:.2f` to {glue:text}`listed_odd_V1_high:.2f`), with IT at
#   {glue:text}`listed_odd_IT:.2f` ({glue:text}`listed_odd_IT_low:.2f` to {glue:text}`listed_odd_IT_high:.2f`), with Rajalingham2018 at
#   {glue:text}`listed_odd_Rajalingham2018:.2f` ({glue:text}`listed_odd_Rajalingham2018_low:.2f` to {glue:text}`listed_odd_Rajalingham2018_high:.2f`). The paper says
#   that odd-one-out agrees better with V1 than with IT or behaviour. Here the correlation with V1 exceeds the highest of
#   these by {glue:text}`odd_margin:.2f`, but the interval of this difference is {glue:text}`odd_margin_low:.2f` to
#   {glue:text}`odd_margin_high:.2f`, so it decides nothing.
# - Attention map is the similarity of a model's saliency to human ClickMe maps {cite:p}`fel2022`, from a later table of
#   timm models. {glue:text}`n_listed_attention:d` of the models have a counterpart there, most of them with other weights.
#   The number of groups with which its correlation differs from zero is {glue:text}`alone_n_significant:d` (smallest p,
#   uncorrected: {glue:text}`alone_p`). That is what the paper says, but so few models could hardly show anything else.
#
# ```{glue:figure} figure1
# :name: figure-eleven
# :alt: Heat map of the correlations between eleven groups of metrics over the models that the paper lists, with the number of models below each; top-1 accuracies, Geirhos2021 error consistency and V4 agree, most other pairs do not differ from zero.
# :width: 100%
#
# Ahlert Figure 1, on the models that the paper lists: below each correlation its number of models, bold where it differs
# from zero after correction. [The table behind it (CSV)](tables/consistency_figure1.csv)
# ```
#
# ### On all models of the later table

# %% tags=["hide-input", "remove-output"]
eleven = ys.extended_groups(
    later, policy="complete", match=match, metrics=metrics
)
draws = resample(eleven)
paired_pairs = ys.pair_table(
    pairwise(eleven), correction=correction, draws=draws
)
attention = (paired_pairs[["metric_a", "metric_b"]] == "Attention map").any(
    axis=1
)
glue.save(paired_pairs, "consistency_figure1_wider")
glue.numbers(
    table_figure1=later.origin.title,
    n_odd=eleven["Odd-one-out"].count(),
    n_attention=eleven["Attention map"].count(),
)
glue.row("paired", ys.summaries.describe_pairs(paired_pairs, draws=draws))
of_attention = paired_pairs[attention].sort_values("rho")
sure = of_attention[of_attention["p_adjusted"] < 0.05]
glue.row("attention", ys.summaries.describe_pairs(of_attention))
glue.numbers(
    attention_n_negative=(sure["rho"] < 0).sum(),
    attention_n_positive=(sure["rho"] > 0).sum(),
)
lowest = of_attention.iloc[0]
glue.row("lowest", lowest[["rho", "low", "high", "n"]])
others = {lowest["metric_a"], lowest["metric_b"]} - {"Attention map"}
glue.numbers(lowest_with=others.pop())
glue.row("odd", ys.summaries.pairs_with(paired_pairs, "Odd-one-out"))
glue.figure("figure1-wider", ys.plot_consistency(paired_pairs))

# %% [markdown]
# The table is: {glue:text}`table_figure1`. Of its models {glue:text}`n_odd:d` have an odd-one-out score and
# {glue:text}`n_attention:d` an attention-map score, by matches at least as sure as the parameter `match` asks. Each pair
# of groups is correlated over the models that have both, {glue:text}`paired_n_min:d` to {glue:text}`paired_n_max:d` of
# them. The mean correlation is {glue:text}`paired_mean:.2f` ({glue:text}`paired_mean_low:.2f` to {glue:text}`paired_mean_high:.2f`), and
# the number of groups with which the attention map's correlation differs from zero is
# {glue:text}`attention_n_significant:d`: {glue:text}`attention_n_negative:d` of these correlations are negative and
# {glue:text}`attention_n_positive:d` positive. Over all groups its correlations rest on
# {glue:text}`attention_n_min:d` to {glue:text}`attention_n_max:d` models. The lowest is that with
# {glue:text}`lowest_with`, {glue:text}`lowest_rho:.2f` ({glue:text}`lowest_low:.2f` to {glue:text}`lowest_high:.2f`,
# {glue:text}`lowest_n:d` models).
#
# Odd-one-out correlates with V1 at {glue:text}`odd_V1:.2f` ({glue:text}`odd_V1_low:.2f` to {glue:text}`odd_V1_high:.2f`), with IT at
# {glue:text}`odd_IT:.2f` ({glue:text}`odd_IT_low:.2f` to {glue:text}`odd_IT_high:.2f`) and with Rajalingham2018 at
# {glue:text}`odd_Rajalingham2018:.2f` ({glue:text}`odd_Rajalingham2018_low:.2f` to {glue:text}`odd_Rajalingham2018_high:.2f`). These models are not the paper's: later and larger ones
# such as CLIP, ConvNeXt and Swin are among them. So this neither confirms nor contradicts Ahlert Figure 1.
#
# ```{glue:figure} figure1-wider
# :name: figure-eleven-wider
# :alt: Heat map of the correlations between eleven groups of metrics, each pair over all models that have both, with their number below; more pairs differ from zero than over the paper's models.
# :width: 100%
#
# The same groups, each pair on all models that have both; the lower number is how many these are.
# [The table behind it (CSV)](tables/consistency_figure1_wider.csv)
# ```
#
# ## What it does not show
#
# A low correlation has two readings. The two metrics may measure different things, or each may be too noisy to order
# models that are much alike. This chapter does not tell them apart. Nor are the models a sample of anything: many are
# variants of one another, and all intervals but the one over families treat them as drawn one by one.
