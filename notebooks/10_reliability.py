# %% [markdown]
# # 10 · How much of the disagreement is noise?

# %% tags=["parameters", "hide-input"]
from typing import Literal

# "" for the default leaderboard, a registered name, or the path of a file
scores = ""
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""
# a later state, where more networks were registered again; or the same file
scores_late = "brainscore-2025-05"
metrics: Literal["paper", "all"] = "paper"  # all: that the table has
# complete: models that have every metric; pairwise: for each pair those that
# have both
policy: Literal["complete", "pairwise"] = "complete"
# what a missing score does to an average: there is none, or of what is there
averages: Literal["complete", "available"] = "complete"
# models known to have a lower ImageNet top-1 (0 to 1) are left out, as in the
# paper
imagenet_floor = 0.019
one_per_name = True  # of models with the same name keep the first
# whether to set real data beside what the paper prints
printed = True
n_resamples = 200  # of models, and of families of models
seed = 10  # of the resamples

# %% tags=["hide-input"]
import pandas as pd

import yardsticks.scores as ys
import yardsticks.scores.reliability as rel
from yardsticks import style
from yardsticks.claims import printed_numbers
from yardsticks.notebooks import glue
from yardsticks.words import say_zero

style.use()
# columns of the tables below
ends = {"low": "95 % from", "high": "95 % to"}
differences = {
    "change": "difference",
    "change_low": "difference, 95 % from",
    "change_high": "difference, 95 % to",
}
table = ys.open_scores(scores, catalogue=catalogue)
later = ys.open_scores(scores_late, catalogue=catalogue)
table.origin if later.origin.kind == "real" else later.origin

# %% tags=["hide-input", "remove-output"]
leaves = ys.choose_metrics(table, metrics)
models = ys.paper_models(
    table,
    imagenet_floor=imagenet_floor,
    one_per_name=one_per_name,
    metrics=metrics,
    policy=policy,
)
values, areas = models.values[leaves], models.metrics["area"]
families = rel.families_of(table, later)
resamples = {"seed": seed, "n_resamples": n_resamples}
sources = rel.noise_sources(table, values, later, later.values)
corrected = rel.correct_for_noise(values, areas, sources, **resamples)
glue.save(corrected, "reliability_corrected")
glue.row("noise", rel.key_noise(corrected))
shares = rel.noise_shares(values, sources, **resamples)
shares = rel.key_noise(shares)
glue.row("share", shares)
ways = shares["share"].reindex(["accuracies", "catalogue", "name"]).dropna()
glue.numbers(share_least=ways.min(), share_most=ways.max())
glue.numbers(n_models=len(values), n_metrics=len(leaves))
glue.numbers(n_resamples=n_resamples)
glue.figure("noise", rel.plot_noise(corrected))

# %% [markdown]
# Some of it. Judged by networks that are on the leaderboard twice, noise makes up {glue:text}`share_least:.0%` to
# {glue:text}`share_most:.0%` of the disagreement, depending on how these are matched (estimates, whose intervals are below);
# the least sure match may take other weights for noise. By the surest match, two metrics would
# correlate at {glue:text}`noise_all_accuracies_rho:.2f` without this noise (95 % interval
# {glue:text}`noise_all_accuracies_low:.2f` to {glue:text}`noise_all_accuracies_high:.2f`), instead of
# {glue:text}`noise_all_measured_rho:.2f`. Other noise, such as that of the recordings, is not measured here.
#
# ```{glue:figure} noise
# :name: figure-noise
# :alt: For all pairs of metrics and for each kind of pair the mean correlation as measured, and without noise by four ways to know the noise, each with its interval; most estimates for pairs of all kinds stay below one half, far from the line at one.
# :figclass: key
#
# Mean correlation of two metrics as measured and without noise, by what the noise is known from, with 95 % intervals;
# black ticks are the same pairs as measured (published errors are known for some pairs only). At the dashed line all disagreement would be noise. [The table behind it (CSV)](tables/reliability_corrected.csv)
# ```
#
# The disagreement is what is missing to full agreement of two metrics, which correlate at
# {glue:text}`noise_all_measured_rho:.2f` on average ({glue:text}`n_models:d` models). By rows with the same accuracies, the
# surest match, {glue:text}`share_accuracies_share:.0%` of it is noise of registering a network again (95 % interval
# {glue:text}`share_accuracies_low:.0%` to {glue:text}`share_accuracies_high:.0%`;
# {glue:text}`noise_all_accuracies_n_networks:d` networks in several rows).
#
# By the networks that our catalogue lists as registered again it is {glue:text}`share_catalogue_share:.0%`
# ({glue:text}`share_catalogue_low:.0%` to {glue:text}`share_catalogue_high:.0%`;
# {glue:text}`noise_all_catalogue_n_networks:d` networks).
#
# By names that are alike, whose weights may differ, it is {glue:text}`share_name_share:.0%`
# ({glue:text}`share_name_low:.0%` to {glue:text}`share_name_high:.0%`; {glue:text}`noise_all_name_n_networks:d` networks).
#
# Noise limits a correlation: two noisy metrics of the same thing correlate at most at the geometric mean of their
# reliabilities, which is less than 1. So before a low
# correlation says that they measure different things, one has to know how far a score would move if the same network
# were measured again.
#
# ## What the paper found

# %% tags=["hide-input", "remove-output"]
glue.row("printed", printed_numbers("ahlert2024")["value"])
by_family = rel.correct_for_noise(
    values,
    areas,
    sources,
    families=families,
    kinds=("all pairs",),
    **resamples,
)
glue.row("families", rel.key_noise(by_family))

# %% [markdown]
# {cite:t}`ahlert2024` print a mean correlation of {glue:text}`printed_mean_rho_69:.3f`, as measured, over more metrics than
# here, those of engineering among them, and conclude that
# alignment has many dimensions. The two readings of a low correlation lead to opposite advice: metrics that measure
# different things should all be kept, and metrics that are noisy should be measured better.
#
# ## How far does a score move when a network is measured again?
#
# The leaderboard was not made to tell, but some networks are on it several times. There are three ways to find such
# networks, the surest first. Each of them gives a reliability, and so do the errors that are published. Reliability is the
# share of the variance over models that is not noise; the table has its median over the metrics of an area. It is negative
# where the rows of one network differ more than models do, which counts as no reliability.

# %% tags=["hide-input"]
by_area = rel.reliability_by_area(values, areas, sources)
_, refuted = rel.published_noise(table, values)
glue.numbers(n_refuted=len(refuted))
by_accuracies = rel.SOURCES["accuracies"]
surest = by_area.reindex(columns=[by_accuracies])[by_accuracies].dropna()
least = [f"{area}, {found:.2f}" for area, found in surest.nsmallest(1).items()]
glue.numbers(least_reliable="".join(least) or "unknown")
glue.save(pd.DataFrame({"metric": refuted}), "reliability_refuted")
glue.table(by_area, "reliability_by_area")

# %% [markdown]
# - **Same accuracies.** Rows with the same ten or more accuracies, to three decimals, are one network. What differs
#   between them is how it was registered, such as which layer is read out for an area, or how images are brought to size.
# - **Registered again, by the catalogue.** Networks that we found twice for Ahlert Figure 1. Their accuracies can
#   differ, so that the weights or the preprocessing may be others.
# - **Registered again, by name.** Rows of one name, but for its spelling. Some may well be of other weights, so this can
#   be more than noise.
# - **Published errors.** For {glue:text}`noise_all_published_n_pairs:,d` pairs both metrics have an error that can be the
#   standard error of a score. For {glue:text}`n_refuted:d` metrics the error is so large that they could not correlate with
#   others as they do: it must mean something else, such as how much people differ
#   ([the list (CSV)](tables/reliability_refuted.csv)).
#
# By networks with the same accuracies, the least reliable area is this: {glue:text}`least_reliable`. The lower this is, the
# more a score there depends on how the network was registered.
#
# These are the networks known by their accuracies, with the metric under which their rows differ most:

# %% tags=["hide-input"]
domain = later.metrics["domain"]
judged = later.metrics.index[domain.isin(["neural", "behaviour"])]
odd = rel.list_networks(later, ["Hebart2023-match"]).reindex([0]).iloc[0]
glue.row("odd", odd[["models", "lowest", "highest"]])
networks = rel.list_networks(later, judged)
glue.table(networks, "reliability_networks", folded=True)

# %% [markdown]
# On the odd-one-out task the rows of one network ({glue:text}`odd_models`) score {glue:text}`odd_lowest:.3f` and
# {glue:text}`odd_highest:.3f`, with the same accuracies.
#
# Another question is whether the metrics of an area measure one thing. Cronbach's alpha asks how reliable their average
# is if all that they do not share counts as noise:

# %% tags=["hide-input"]
inner = rel.inner_consistency(values, areas, **resamples)
glue.row("alpha", inner)
glue.save(inner, "reliability_inner")
words = {"n_leaves": "metrics", "one_leaf": "alpha of one metric"}
glue.table(inner.rename(columns=words | ends))

# %% [markdown]
# By this the average of the behavioural metrics is reliable at {glue:text}`alpha_behaviour_alpha:.2f`
# ({glue:text}`alpha_behaviour_low:.2f` to {glue:text}`alpha_behaviour_high:.2f`), and that of V1 at
# {glue:text}`alpha_V1_alpha:.2f` ({glue:text}`alpha_V1_low:.2f` to {glue:text}`alpha_V1_high:.2f`). For a single metric
# of V1 it is {glue:text}`alpha_V1_one_leaf:.2f`.
#
# ### By kind of pair
#
# Between a neural and a behavioural metric the mean correlation goes from {glue:text}`noise_between_measured_rho:.2f` to
# {glue:text}`noise_between_accuracies_rho:.2f` ({glue:text}`noise_between_accuracies_low:.2f` to
# {glue:text}`noise_between_accuracies_high:.2f`), and by the catalogue's networks to
# {glue:text}`noise_between_catalogue_rho:.2f` ({glue:text}`noise_between_catalogue_low:.2f` to
# {glue:text}`noise_between_catalogue_high:.2f`). If families of models are drawn instead of models, the correlation of all
# pairs without noise has an interval of {glue:text}`families_all_accuracies_low:.2f` to
# {glue:text}`families_all_accuracies_high:.2f`, and by the catalogue's networks of
# {glue:text}`families_all_catalogue_low:.2f` to {glue:text}`families_all_catalogue_high:.2f`. By networks matched by name
# alone, whose weights may differ, the correlation of all pairs would be {glue:text}`noise_all_name_rho:.2f`
# ({glue:text}`noise_all_name_low:.2f` to {glue:text}`noise_all_name_high:.2f`).
#
# ### The neural against the behavioural score

# %% tags=["hide-input"]
part = models.select(metrics=leaves)
domains = ys.domain_scores(part, policy=averages)
if_again = later.select(metrics=ys.choose_metrics(later, metrics))
again = ys.domain_scores(if_again, policy=averages)
two = domains[["neural", "behaviour"]].dropna()
without = rel.domains_without_noise(
    two,
    rel.domain_parts(part, domains.loc[two.index], policy=averages),
    rel.noise_sources(table, two, later, again),
    **resamples,
)
glue.row("domains", rel.key_noise(without))
glue.save(without, "reliability_domains")
words = {
    "neural": "reliability, neural",
    "behaviour": "reliability, behaviour",
    "rho": "correlation",
}
glue.table(without.rename(columns=words | ends))

# %% [markdown]
# Where an interval ends above 1, it is because a correlation that is corrected for noise can exceed 1.
#
# Averages are more reliable than single metrics. As measured the two scores correlate at
# {glue:text}`domains_measured_rho:.2f` ({glue:text}`domains_measured_low:.2f` to {glue:text}`domains_measured_high:.2f`),
# and without the noise of registering again at {glue:text}`domains_accuracies_rho:.2f`
# ({glue:text}`domains_accuracies_low:.2f` to {glue:text}`domains_accuracies_high:.2f`). Even if all that the areas do not share with
# one another counts as noise, and all that the behavioural studies do not share, it is {glue:text}`domains_alpha_rho:.2f`
# ({glue:text}`domains_alpha_low:.2f` to {glue:text}`domains_alpha_high:.2f`).
#
# ### Does it matter for the ranking?

# %% tags=["hide-input"]
weights = rel.reliability_weights(values, sources)
asked = {"scheme": "z", "policy": averages, "over": "metrics"}
equal = ys.integrate(part, **asked)
weighted = ys.integrate(part, **asked, weights=weights)
moved = ys.rank_shifts({"mean": equal, "weighted": weighted})
glue.numbers(
    weighted_first=weighted["model_name"].iloc[0],
    equal_first=equal["model_name"].iloc[0],
    weighted_p_first=weighted["p_first"].iloc[0],
    weighted_rho=equal["score"].corr(weighted["score"], method="spearman"),
    weighted_largest=int(moved["largest_shift"].max()),
    weighted_far=int((moved["largest_shift"] > 10).sum()),
    weighted_n=len(moved),
    n_weighed=weights.attrs["n_known"],
)
glue.save(weighted, "weighted")
first_ten = weighted.head(10).reset_index(drop=True)
words = {
    "rank_low": "rank from",
    "rank_high": "rank to",
    "p_first": "share of resamples first",
}
first_ten = first_ten.drop(columns=["neural", "behaviour"], errors="ignore")
glue.table(first_ten.rename(columns=words), folded=True)

# %% [markdown]
# Little for most models. Here each metric's z scores are weighted by its reliability, between 0 and 1, as far as rows with
# the same accuracies tell it ({glue:text}`n_weighed:d` metrics; the others get the median). The ranking goes with that of equal
# weights at {glue:text}`weighted_rho:.2f`. Of {glue:text}`weighted_n:d` models {glue:text}`weighted_far:d` move by more than
# ten places, none by more than {glue:text}`weighted_largest:d`. First is
# {glue:text}`weighted_first` (in {glue:text}`weighted_p_first:.0%` of the resamples of the metrics), and with equal weights
# {glue:text}`equal_first`. [The ranking (CSV)](tables/weighted.csv)
#
# ## What does the ceiling correction of January 2026 change?

# %% tags=["hide-input"]
ceilings = rel.leaf_ceilings(table)
in_average = ys.choose_metrics(table, metrics, ost=True)
glue.save(ceilings, "reliability_ceilings")
glue.row("ceilings", rel.count_outcomes(ceilings.loc[in_average]))
fixed = rel.correct_ceilings(table)
moves = rel.rank_moves(table, fixed, metrics=metrics)
glue.save(moves, "reliability_moves")
glue.row("moves", moves.set_index(["policy", "score"]))
glue.table(moves.rename(columns={"n_moved": "moved by more than 10"}))

# %% [markdown]
# A model is scored against recordings that are noisy themselves. Their reliability $c$ is the share of their variance
# that is not noise, so that a perfect model correlates with them at $\sqrt{c}$. The variance that a model explains is
# $r^2$, and what it could explain is $c$: the score should be $r^2 / c$. Until January 2026 Brain-Score published
# $(r / c)^2$, which is too large by $1 / c$, most so where the recordings are noisiest
# ([pull request 2169](https://github.com/brain-score/vision/pull/2169), and
# [2244](https://github.com/brain-score/vision/pull/2244) with the metrics that it changes).
#
# A metric's ceiling follows from its raw and its published scores. Of the metrics that are averaged
# {glue:text}`ceilings_n_corrected:d` are squares and can be corrected, with reliabilities of
# {glue:text}`ceilings_lowest:.2f` to {glue:text}`ceilings_highest:.2f`: {glue:text}`ceilings_corrected`. Another
# {glue:text}`ceilings_n_not_squared:d` are not squared (distances of distributions and consistency of choices), so the
# correction says nothing of them; of {glue:text}`ceilings_n_unknown:d` the rule cannot be found
# ({glue:text}`ceilings_unknown`). [Every metric's ceiling (CSV)](tables/reliability_ceilings.csv)
#
# Within a metric no order changes, nor does any correlation between two metrics. Averages change: the neural metrics
# lose, each by another factor. With holes counted as 0 a model moves by up to {glue:text}`moves_zero_overall_largest:d`
# places in the overall ranking and {glue:text}`moves_zero_neural_largest:d` in the neural one. Averaging what is
# available, where a few metrics decide, it is {glue:text}`moves_available_overall_largest:d` and
# {glue:text}`moves_available_neural_largest:d`.
#
# ### All printed numbers before and after

# %% tags=["hide-input"]
recomputed = rel.recompute_printed(
    table, later, printed=printed, seed=seed, n_resamples=n_resamples
)
shares = ["r2_neural", "r2_behaviour"]
glue.row("claim", recomputed.loc[shares, ["before", "after", "low", "high"]])
whole = ["workshop_r2_neural", "workshop_r2_behaviour"]
glue.row("claim", recomputed.loc[whole, ["plain_before", "plain_after"]])
other = recomputed["verdict_before"] != recomputed["verdict_after"]
changed = "; ".join(recomputed.loc[other, "what"]) or "none"
glue.numbers(n_verdicts=other.sum(), changed=changed)
glue.save(recomputed, "reliability_printed")
words = {
    "low": differences["change_low"],
    "high": differences["change_high"],
    "plain_before": "whole table, before",
    "plain_after": "whole table, after",
}
said = recomputed["printed"].map("{:.4g}".format)
said = recomputed.assign(printed=said.replace("nan", "a statement"))
glue.table(said.reset_index(drop=True).rename(columns=words))

# %% [markdown]
# The table has everything that {doc}`09_claims` sets beside the paper, under the same paper proxy, and on the whole
# table ("plain"), with the 95 % interval of the change over models. The verdict to the digits changes on
# {glue:text}`n_verdicts:d` of them: {glue:text}`changed`.
#
# The share of
# variance that the neural score explains goes from {glue:text}`claim_r2_neural_before:.1%` to
# {glue:text}`claim_r2_neural_after:.1%` (change {glue:text}`claim_r2_neural_low:+.1%` to
# {glue:text}`claim_r2_neural_high:+.1%` of the variance) and the behavioural one from {glue:text}`claim_r2_behaviour_before:.1%` to
# {glue:text}`claim_r2_behaviour_after:.1%` ({glue:text}`claim_r2_behaviour_low:+.1%` to
# {glue:text}`claim_r2_behaviour_high:+.1%`). Over the whole table, with holes as 0, they are
# {glue:text}`claim_workshop_r2_neural_plain_before:.3f` and {glue:text}`claim_workshop_r2_behaviour_plain_before:.3f`
# before, {glue:text}`claim_workshop_r2_neural_plain_after:.3f` and
# {glue:text}`claim_workshop_r2_behaviour_plain_after:.3f` after: the average is a little more of a behavioural ranking
# than it was.
#
# ## Is it something else that makes scores agree, or not?
#
# Better networks may be better at everything, later ones may be tuned to the leaderboard, and those with many scores
# were looked at more. Given accuracy, date and number of scores, and within families of models, the neural and the behavioural score
# correlate as follows:

# %% tags=["hide-input"]
about = rel.confounders(table)
partial = rel.interval_of_partial(
    domains, about, families, over="models", **resamples
)
widely = rel.interval_of_partial(
    domains, about, families, over="families", **resamples
)
short = {"ImageNet top-1": "imagenet", "number of scores": "count"}
glue.row("given", partial.rename(index=short))
glue.row("widely", widely.rename(index=short)[["low", "high"]])
glue.save(partial, "reliability_confounds")
inside = partial.loc["families", ["change_low", "change_high"]]
away = (partial["change_low"] > 0) | (partial["change_high"] < 0)
glue.numbers(
    given_families_zero=say_zero(*inside),
    given_sure=", ".join(partial.index[away]) or "none",
)
columns = {
    "n": "models",
    "rho": "correlation",
    "adjusted": "correlation given it",
}
glue.table(partial.rename(columns=columns | ends | differences))

# %% [markdown]
# Given ImageNet accuracy the correlation goes from {glue:text}`given_imagenet_rho:.2f` to
# {glue:text}`given_imagenet_adjusted:.2f` ({glue:text}`given_imagenet_low:.2f` to {glue:text}`given_imagenet_high:.2f`;
# {glue:text}`given_imagenet_n:d` models whose accuracy is known; change {glue:text}`given_imagenet_change_low:.2f` to
# {glue:text}`given_imagenet_change_high:.2f`). If families are drawn instead of models, it is between
# {glue:text}`widely_imagenet_low:.2f` and {glue:text}`widely_imagenet_high:.2f`.
#
# The date changes the correlation by {glue:text}`given_date_change:.2f`
# ({glue:text}`given_date_change_low:.2f` to {glue:text}`given_date_change_high:.2f`), the number of scores by
# {glue:text}`given_count_change:.2f` ({glue:text}`given_count_change_low:.2f` to {glue:text}`given_count_change_high:.2f`).
# Within families it is {glue:text}`given_families_adjusted:.2f` ({glue:text}`given_families_low:.2f` to
# {glue:text}`given_families_high:.2f`) instead of {glue:text}`given_families_rho:.2f`: a change of
# {glue:text}`given_families_change:.2f` ({glue:text}`given_families_change_low:.3f` to
# {glue:text}`given_families_change_high:.3f`). This interval {glue:text}`given_families_zero`. A change below zero says that
# part of the correlation is a difference between families, and is not found among models of one family. The conditions
# whose change can be told from zero are: {glue:text}`given_sure`.
#
# ### Where a correlation turns round

# %% tags=["hide-input"]
averaged = domains.drop(columns="overall")
turned = rel.reversals(rel.adjust_pairs(averaged, about, families))
between = rel.adjust_pairs(values, about, families)
of_leaves = rel.reversals(between)
glue.save(of_leaves, "reliability_reversals_metrics")
glue.numbers(
    n_turned=len(turned),
    n_turned_sure=turned["sure"].sum(),
    n_leaf_tests=len(between),
    n_leaf_turned=len(of_leaves),
    n_leaf_sure=of_leaves["sure"].sum(),
)
glue.save(turned, "reliability_reversals")
words = {
    "a": "first",
    "b": "second",
    "p_rho": "p",
    "p_adjusted": "p_given_it",
    "sure": "both differ from zero",
}
glue.table(turned.rename(columns=words | columns))

# %% [markdown]
# Each pair is looked at under each condition. In {glue:text}`n_turned:d` such cases a correlation of two averages changes its
# sign; in {glue:text}`n_turned_sure:d` of them both correlations can be told from zero (p below .05, uncorrected). *Families*
# is within all families, *family* inside one of ten models or more. Of {glue:text}`n_leaf_tests:,d` cases of single metrics
# {glue:text}`n_leaf_turned:,d` change the sign. In {glue:text}`n_leaf_sure:d` of these both correlations differ from zero at
# p below .05, uncorrected; among so many tests some do by chance: [the list (CSV)](tables/reliability_reversals_metrics.csv).
#
# ## How it is done
#
# The noise variance of a metric is the mean over networks of the variance between a network's rows, in squared score
# units; of published errors it is the mean of their squares. One minus that, over the variance of the models compared, is
# the reliability {math}`r`. Spearman's correction divides a correlation by {math}`\sqrt{r_a r_b}`. For many pairs the mean
# correlation is divided by the mean of these roots: single reliabilities near 0 would make single ratios huge. The noise
# comes from all rows of the later table, the models from the sample of the other chapters. Each resample draws models and
# networks together, so the interval holds for both. There are {glue:text}`n_resamples:d` resamples here and more in
# {doc}`03_neural_behaviour`, so that the ends of the same interval can differ a little.
#
# A partial correlation is that of the residuals of ranks, after least squares on the ranks of what is given. Within
# families it is that of ranks less the family's mean rank. A family is read off a model's name.
#
# ## What it does not show
#
# - The networks in several rows are few, and no random draw. Their noise need not be that of others, and one network
#   can decide how reliable a metric looks.
# - What the rows of one network have in common is not seen: the recordings, the images, the metric's own rule. Another
#   set of neurons or people could order the models otherwise.
# - Registering a network otherwise is no error of measurement alone. Which layer stands for V4 is a choice that a user of
#   the leaderboard makes, and that nobody says is right.
# - The correction supposes noise that does not depend on the score, nor goes with that of another metric. Rows that
#   were registered by other code differ under all metrics together, so part of their noise is shared, and the
#   correction by these is too large.
# - Holding ImageNet accuracy fixed is no experiment. What drives both scores may drive accuracy too.
