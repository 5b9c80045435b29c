# %% [markdown]
# # 9 · Do the printed numbers come out?

# %% tags=["parameters", "hide-input"]
# the registered leaderboard that the paper is about; no other is judged
leaderboard = "brainscore-2024-01"
# the table of odd-one-out scores
scores_figure1 = "brainscore-2025-05"
n_resamples = 200  # of models, and of families of models
seed = 9  # of the resamples

# %% tags=["hide-input"]
import pandas as pd

import yardsticks.scores as ys
import yardsticks.scores.specifications as spec
from yardsticks import style, words
from yardsticks.claims import (
    CLOSE,
    claim_table,
    printed_numbers,
    say_changes,
    to_keep,
)
from yardsticks.notebooks import glue

style.use()
table = ys.open_scores(leaderboard)
table.origin

# %% tags=["hide-input", "remove-output"]
figure1 = ys.figure1_groups(table, ys.open_scores(scores_figure1))
resamples = {"seed": seed, "n_resamples": n_resamples}
weighed = spec.weigh_claims(table, spec.PAPER_PROXY, figure1, **resamples)
whole = spec.claim_numbers(table, spec.PLAIN, figure1)
everything = spec.all_headline_numbers(table)
real = table.origin.kind == "real"
beside = {"plain": whole, "others": everything, "real": real}
claims = claim_table(printed_numbers("ahlert2024"), weighed, **beside)
workshop = claim_table(
    printed_numbers("ahlert2024workshop"), weighed, **beside
)
glue.save(claims, "claims")
glue.save(weighed.rename_axis("number"), "claims_weighed")
glue.save(everything, "specifications")
glue.numbers(
    n_resamples=n_resamples,
    **ys.summaries.count_claims_by_tally(claims),
    n_specifications=len(everything),
    proxy=spec.PAPER_PROXY.describe(),
    plain=spec.PLAIN.describe(),
)
glue.row("workshop", ys.summaries.count_claims_by_tally(workshop))
earlier = workshop.assign(what="workshop: " + workshop["what"])
glue.figure("claims", ys.plot_claims(pd.concat([claims, earlier])))

# %% [markdown]
# The statements mostly do, the numbers less often. Of {glue:text}`n_numbers:d` numbers that could have come out otherwise
# {glue:text}`n_numbers_reproduced:d` come out to the printed digits, {glue:text}`n_numbers_close:d` are close,
# {glue:text}`n_numbers_differs:d` differ, and {glue:text}`n_numbers_undecided:d` cannot be decided with our data. Of
# {glue:text}`n_statements:d` statements {glue:text}`n_statements_reproduced:d` come out in the direction that the paper says,
# some of which we have not located in its text (the table says which). Within intervals, which makes it easy where they are wide, {glue:text}`n_compatible:d` of all {glue:text}`n_free:d` are
# compatible with ours and {glue:text}`n_not_compatible:d` not; for {glue:text}`n_cannot_be_told:d` it cannot be told, and
# {glue:text}`n_not_estimated:d` are counts, without an interval.
#
# ```{glue:figure} claims
# :name: figure-claims
# :alt: For each printed number that lies between zero and one a horizontal line spans its range over all specifications, with the printed value as a cross, the paper proxy as a filled dot with its interval and the plain specification as an open dot; the printed mean-rank correlation lies far outside its range.
# :figclass: key
#
# Printed numbers (crosses) against ours under the paper proxy (filled, with its 95 % interval), the plain specification
# (open) and all the others (grey); the last rows are of the workshop version. [The table behind it (CSV)](tables/claims.csv),
# [every specification (CSV)](tables/specifications.csv)
# ```
#
# These are the numbers and statements of {cite:t}`ahlert2024`, what comes out here, and how near the two are. The paper's
# own copy of the leaderboard is not public; ours is the leaderboard's snapshot of 2024-01-01. So each number is given
# under two specifications, and its range over all the other defensible ones.
#
# - **plain**: the whole table, with the filters that the paper describes: complete models, one for each name, none
#   under 1.9 % ImageNet top-1.
# - **paper proxy** ("ours" below): the same, on what is likely to have been public when the paper was written.
#
# ## What the paper found

# %% tags=["hide-input"]
columns = ["what", "place", "printed", "ours", "low", "high"]
columns += ["family_low", "family_high", "n", "verdict"]
unfit = claims.loc[claims["compatible"] == "not compatible", "what"]
glue.numbers(not_compatible="; ".join(unfit) or "none")
called = {
    "low": "95 % from",
    "high": "95 % to",
    "family_low": "families, 95 % from",
    "family_high": "families, 95 % to",
    "n": "models",
}
said = claims["printed"].map("{:.4g}".format).replace("nan", "a statement")
told = claims.assign(printed=said)
glue.table(told[[*columns, "compatible", "tally"]].rename(columns=called))

# %% [markdown]
# Not compatible: {glue:text}`not_compatible`.
#
# *Verdict* is to the digits as printed. *Compatible* asks whether the printed number lies within both intervals of ours,
# that over models and that over families of models. For a statement *ours* is a margin, positive in the direction that the
# paper says; [the table (CSV)](tables/claims.csv) says what it is a margin of. What a number is without any one model
# stands in [another (CSV)](tables/claims_weighed.csv).
#
# Not every verdict is worth the same, as *tally* says. {glue:text}`n_given:d` numbers were *given* by the paper and went
# into our analysis, so that they cannot differ: how many metrics and models, and the levels from which the nine groups
# were inferred. {glue:text}`n_fitted:d` were *fitted*: we chose our models, or how we read the paper, with these printed
# values in view. The proxy was chosen so that the counts of models come out. What z scores are averaged over is the
# reading that comes nearest to the number printed for them. The shares of variance are taken on the
# {glue:text}`n_models:d` models, though the abstract names {glue:text}`n_grouped:d`. Only the {glue:text}`n_free:d` *free*
# ones are counted above. On the whole table, where models were not chosen by these numbers,
# {glue:text}`n_reproduced_plain:d` of them come out to the digits or in the printed direction,
# {glue:text}`n_close_plain:d` are close and {glue:text}`n_differs_plain:d` differ.
#
# ### Where ours is not the printed number, and why

# %% tags=["hide-input"]
unlike = told[told["why"] != ""]
glue.table(unlike[["what", "printed", "ours", "verdict", "why"]])

# %% [markdown]
# ### The correlation with the mean rank

# %% tags=["hide-input"]
noted = claims.loc[["n_models_figure7", "rho_mean_rank"]]
glue.row("mean_rank", weighed.loc["rho_mean_rank"])
glue.row("claim", noted[["printed", "ours", "lowest", "highest"]])
readings = spec.readings(table, spec.PAPER_PROXY)
glue.row("all", readings.iloc[0])
glue.row("printed", printed_numbers("ahlert2024")["value"])
called = {"z": "mean of z scores", "rank": "mean rank"}
glue.table(
    readings.rename(columns=called).rename_axis(
        "averaged over (Spearman correlation with the arithmetic mean)"
    )
)

# %% [markdown]
# The paper prints a correlation of {glue:text}`claim_rho_mean_rank_printed:.2f` between the ranking by the arithmetic
# mean and that by mean rank. Here it is {glue:text}`claim_rho_mean_rank_ours:.2f` (95 % interval {glue:text}`mean_rank_low:.2f` to
# {glue:text}`mean_rank_high:.2f`, {glue:text}`mean_rank_n:.0f` models), and between
# {glue:text}`claim_rho_mean_rank_lowest:.2f` and {glue:text}`claim_rho_mean_rank_highest:.2f` over all specifications of
# this page. These take Spearman's coefficient, as the paper does, and average over the two domains, which is our reading.
# {doc}`Chapter 6 <06_specifications>` varies both; there some specifications come near the printed value, with Kendall's
# coefficient.
#
# The correlation depends on what the ranks are averaged over. The paper's text speaks of the rank order for every metric and
# of ranking all metrics individually, and of z scores likewise. Read so, the mean rank correlates with the arithmetic mean at
# {glue:text}`all_rank:.3f`. The mean of z scores correlates with it at {glue:text}`all_z:.3f`, where the paper prints
# {glue:text}`printed_rho_mean_z:.2f`. With Spearman's coefficient, under none of the readings that keep behaviour in does the printed mean rank
# come out. Averaged over neural metrics alone it nearly does, but that would not be a ranking of overall alignment, and z
# scores would then be as low.
#
# ### The number that hangs on one model

# %% tags=["hide-input", "remove-output"]
grouped = spec.apply(table, spec.PAPER_PROXY)["grouped"].select(
    metrics=ys.paper_leaves(table)
)
on_grouped = ys.domain_scores(grouped, policy="complete")
share = weighed.loc["r2_neural"]
glue.row("share", share)
glue.numbers(
    n_grouped=len(on_grouped),
    share_grouped=ys.variance_explained(on_grouped)["neural"],
    model=table.models["name"].get(share["model"], "none"),
    n_models=int(share["n"]),
)

# %% [markdown]
# The share of variance that the neural score explains is printed as {glue:text}`printed_r2_neural:.2%`. On the
# {glue:text}`n_models:d` models it is {glue:text}`share_ours:.2%` here. That it comes so near is an accident: the interval
# is {glue:text}`share_low:.0%` to {glue:text}`share_high:.0%`, and without one model, {glue:text}`model`, it is
# {glue:text}`share_without:.1%`. On the {glue:text}`n_grouped:d` models that have all nine groups, the only sample that the abstract names beside this number, it
# is {glue:text}`share_grouped:.1%`.
#
# ### The verdict that hangs on how one corrects

# %% tags=["hide-input", "remove-output"]
lowest = spec.lowest_between(table, spec.PAPER_PROXY)
glue.row("lowest", lowest)
glue.row(
    "lowest_test", lowest[["p", "p_all", "p_between"]].map(words.say_test)
)

# %% [markdown]
# The paper says that neural and behavioural metrics sometimes correlate negatively. The lowest correlation of the two
# kinds is {glue:text}`lowest_rho:.2f` here ({glue:text}`lowest_n:d` models, {glue:text}`lowest_test_p`). Whether that is
# significant depends on how many tests it is corrected for. It is
# {glue:text}`lowest_test_p_all` over all {glue:text}`lowest_n_all:,d` pairs, as in Ahlert Figure 4, and
# {glue:text}`lowest_test_p_between` over the {glue:text}`lowest_n_between:d` pairs of a neural with a behavioural metric. The verdict above takes the first, as it is the paper's own
# correction; the second came to our mind with the data in view.
#
# ### What some margins are made of

# %% tags=["hide-input", "remove-output"]
behind = spec.behind_margins(table, spec.PAPER_PROXY)
behind_all = spec.behind_margins(table, spec.PLAIN)
glue.row("behind", behind.drop(behind.filter(regex="^p_").index))
glue.row("behind", behind.filter(regex="^p_").map(words.say_test))
glue.row("whole", behind_all.drop(behind_all.filter(regex="^p_").index))
glue.row("whole", behind_all.filter(regex="^p_").map(words.say_test))

# %% [markdown]
# The metrics of two subgroups of V1 agree with one another more than with the rest of V1. The mean correlation for
# texture modulation is {glue:text}`behind_v1_texture_within:.2f` within and
# {glue:text}`behind_v1_texture_outside:.2f` outside, for receptive-field size
# {glue:text}`behind_v1_receptive_field_within:.2f` and {glue:text}`behind_v1_receptive_field_outside:.2f`
# ({glue:text}`behind_n:.0f` models; on the whole table {glue:text}`whole_v1_texture_within:.2f` and
# {glue:text}`whole_v1_texture_outside:.2f`, {glue:text}`whole_v1_receptive_field_within:.2f` and
# {glue:text}`whole_v1_receptive_field_outside:.2f`, {glue:text}`whole_n:.0f` models).
#
# The scores in V1, V4 and IT look alike, but Kolmogorov and Smirnov's test tells them apart:
# {glue:text}`behind_p_V1_V4` for V1 and V4, {glue:text}`behind_p_V1_IT` for V1 and IT and
# {glue:text}`behind_p_V4_IT` for V4 and IT (on the whole table {glue:text}`whole_p_V1_V4`,
# {glue:text}`whole_p_V1_IT` and {glue:text}`whole_p_V4_IT`). The paper has no test, and each model enters with
# its score in both areas, so that this is no more than our reading of *alike*.
#
# ### The same numbers under both specifications, and their range

# %% tags=["hide-input"]
ranged = ["printed", "ours", "plain", "verdict_plain", "lowest", "highest"]
glue.table(told[["what", *ranged]].reset_index(drop=True))

# %% [markdown]
# Crossing every choice gives {glue:text}`n_specifications:d` specifications: cut date, models probably public, scores at
# .000, de-duplication, ImageNet threshold, nesting, and Kar2019-ost.
#
# ### The workshop version

# %% tags=["hide-input"]
ends = {"low": "95 % from", "high": "95 % to", "n": "models"}
ends |= {"family_low": "families, 95 % from"}
ends |= {"family_high": "families, 95 % to"}
glue.table(workshop[[*columns, "compatible"]].rename(columns=ends))

# %% [markdown]
# An earlier version, shown at a workshop {cite:p}`ahlert2024workshop`, prints other values of three of these numbers, for
# other models. Of these {glue:text}`workshop_n_claims:d` numbers {glue:text}`workshop_n_reproduced:d` come out here to the digits
# and {glue:text}`workshop_n_close:d` are close. They are not counted above.
#
# ## What is ours
#
# These findings go beyond the paper. We know of nobody who printed them before, so there is nothing to judge them by; each is
# computed again by a test.
#
# | finding | ours | 95 % interval | over | page |
# | --- | --- | --- | --- | --- |
# | A part of the disagreement is noise of registering a network again: mean correlation of two metrics without it | {glue:text}`10_reliability.ipynb::noise_all_accuracies_rho:.2f` instead of {glue:text}`10_reliability.ipynb::noise_all_measured_rho:.2f` | {glue:text}`10_reliability.ipynb::noise_all_accuracies_low:.2f` to {glue:text}`10_reliability.ipynb::noise_all_accuracies_high:.2f` | {glue:text}`10_reliability.ipynb::n_models:d` models | {doc}`10_reliability` |
# | Neural with behavioural score, given ImageNet accuracy | {glue:text}`10_reliability.ipynb::given_imagenet_adjusted:.2f` instead of {glue:text}`10_reliability.ipynb::given_imagenet_rho:.2f` | {glue:text}`10_reliability.ipynb::given_imagenet_low:.2f` to {glue:text}`10_reliability.ipynb::given_imagenet_high:.2f` | {glue:text}`10_reliability.ipynb::given_imagenet_n:d` models | {doc}`10_reliability` |
# | The ceiling correction of 2026 makes the average more behavioural: share that the behavioural score explains, paper proxy | {glue:text}`10_reliability.ipynb::claim_r2_behaviour_after:.1%` instead of {glue:text}`10_reliability.ipynb::claim_r2_behaviour_before:.1%` | change {glue:text}`10_reliability.ipynb::claim_r2_behaviour_low:+.1%` to {glue:text}`10_reliability.ipynb::claim_r2_behaviour_high:+.1%` | {glue:text}`n_models:d` models | {doc}`10_reliability` |
# | Alignment has several dimensions: how many are larger than by chance | {glue:text}`11_dimensions.ipynb::own_n:d` | {glue:text}`11_dimensions.ipynb::own_low:d` to {glue:text}`11_dimensions.ipynb::own_high:d` | {glue:text}`11_dimensions.ipynb::own_n_models:d` models | {doc}`11_dimensions` |
# | Few metrics keep the ranking: how many are needed | {glue:text}`11_dimensions.ipynb::needed_n:d` of {glue:text}`11_dimensions.ipynb::n_metrics:d` | {glue:text}`11_dimensions.ipynb::needed_low:.0f` to {glue:text}`11_dimensions.ipynb::needed_high:.0f` | {glue:text}`11_dimensions.ipynb::n_ranked:d` models | {doc}`11_dimensions` |
# | Mean correlation of two metrics of the first board, on the last board, with other models than on the first | {glue:text}`12_time.ipynb::month_last_mean_rho_first:.2f` instead of {glue:text}`12_time.ipynb::month_first_mean_rho:.2f` | {glue:text}`12_time.ipynb::month_last_mean_rho_first_low:.2f` to {glue:text}`12_time.ipynb::month_last_mean_rho_first_high:.2f` | {glue:text}`12_time.ipynb::month_n_models:d` models | {doc}`12_time` |
# | The leader is not certain: first in this share of resamples of the metrics | {glue:text}`05_integration.ipynb::leader_mean_p_first:.0%` | ranks {glue:text}`05_integration.ipynb::leader_mean_rank_low:d` to {glue:text}`05_integration.ipynb::leader_mean_rank_high:d` | as on that page | {doc}`05_integration` |
# | Of the ways of averaging that were examined, those that keep all {glue:text}`08_axioms.ipynb::n_axioms:d` axioms | {glue:text}`08_axioms.ipynb::n_all:d` of {glue:text}`08_axioms.ipynb::n_schemes:d` | counterexamples | {glue:text}`08_axioms.ipynb::n_models:d` models | {doc}`08_axioms` |
#
# ## What has changed since the last release?

# %% tags=["hide-input", "remove-output"]
of_paper, of_workshop = to_keep(claims), to_keep(workshop)
glue.save(of_paper, "ahlert2024")
glue.save(of_workshop, "ahlert2024workshop")
changed = [
    say_changes(of_paper, "ahlert2024"),
    say_changes(of_workshop, "ahlert2024workshop"),
]  # said once where both are the same
changed = " Of the workshop version: ".join(dict.fromkeys(changed))
glue.numbers(changed=changed)

# %% [markdown]
# Each release keeps what came out then: the printed value, ours with its interval, and the verdict (`data/claims`).
# {glue:text}`changed` ([this page's claims
# (CSV)](tables/ahlert2024.csv), [the workshop's (CSV)](tables/ahlert2024workshop.csv))
#
# ## How it is done

# %% tags=["hide-input"]
glue.row("close", CLOSE)

# %% [markdown]
# A number is *reproduced* to the digits when ours, rounded to as many, is the printed one; a statement is when its margin
# is positive. A number is *close* within a distance for its kind: {glue:text}`close_correlation:.2f` for a correlation,
# {glue:text}`close_share:.2f` for a share of variance, {glue:text}`close_reading:.2f` for a value read off a figure,
# {glue:text}`close_count:d` for a count and {glue:text}`close_rank:d` for a rank. We chose these distances together with
# the proxy. A number is *undecided* where our data do not say. Otherwise it *differs*, and the table says why as far as
# that is known.
#
# Two intervals are drawn anew from {glue:text}`n_resamples:d` resamples: one of models, one of families of models, which
# a model's name tells (ResNets, MobileNets and so on). What is printed is *compatible* when it lies in both, and *not
# compatible* when it lies in neither; a statement is compatible when both are above zero, and not when both are below.
# Else it *cannot be told*. A wide interval is compatible with much: so the width matters as much as the word. Four
# statements say what a test finds significant, or not. These have no interval, because p values of resampled models
# do not estimate anything. Nor has a best score, because no resample has a better model than the table. Whether these are
# compatible cannot be told.
#
# - The paper proxy is: {glue:text}`proxy`.
# - The plain specification is: {glue:text}`plain`.
#
# ## What it does not show
#
# Part of the proxy is **inferred**, and could be wrong:
#
# - the date;
# - which models were public (`data/catalogue/not_public_in_2023.csv` gives the reason for each that is left out). The
#   paper's acknowledgements thank for *raw* Brain-Score data, so its authors may have had models that were not public,
#   which makes this inference weaker;
# - that a score which rounds to .000 was not counted, since the paper speaks of non-zero scores and lists fewer
#   MobileNets than are complete;
# - which models were left out to go from 95 to 88: repeated names and one model under an ImageNet threshold is our
#   reading;
# - the nine groups, which the paper does not list.
#
# Two statements we know only at second hand, and have not located in the text: they are marked so. Where the paper says
# *low*, *worst* or *alike* it gives no measure, and what we test is our reading; [the table (CSV)](tables/claims.csv) says
# which. The mean correlation of Ahlert Figure 1 is printed over eleven groups, and the scores of single models under two of
# them are not public: it is undecided ({doc}`02_consistency`). A number that comes out shows that the paper's arithmetic
# can be followed, not that what it says is true of models.
