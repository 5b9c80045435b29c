# %% [markdown]
# # 5 · Does the ranking depend on how scores are averaged?

# %% tags=["parameters", "hide-input"]
from typing import Literal

# "" for the default leaderboard, a registered name, or the path of a file
scores = ""
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""
metrics: Literal["paper", "all"] = "paper"  # all: that the table has
# complete: models that have every metric; zero (Brain-Score's rule) and
# available: those with missing scores too
averages: Literal["complete", "zero", "available"] = "complete"
# what is averaged: the neural and the behavioural score, areas, or metrics
over: Literal["domains", "areas", "metrics"] = "domains"
# website: average along Brain-Score's tree; flat: all leaves of an area at once
nesting: Literal["website", "flat"] = "website"
# models known to have a lower ImageNet top-1 (0 to 1) are left out, as in the
# paper
imagenet_floor = 0.019
one_per_name = True  # of models with the same name keep the first
# the paper's sample, of the default leaderboard alone: scores before this date
# ("" for all), of models public in 2023 (inferred), none that rounds to .000
until = "2023-09-01"
public_only = True
nonzero = True
seed = 5  # of the resamples of models and of metrics

# %% tags=["hide-input"]
from functools import partial

import yardsticks.scores as ys
from yardsticks import correlate, style
from yardsticks.book import posters
from yardsticks.claims import printed_numbers
from yardsticks.notebooks import glue
from yardsticks.stats import mean_correlation
from yardsticks.words import say_interval

style.use()
table = ys.open_scores(scores, catalogue=catalogue)
table.origin

# %% tags=["hide-input", "remove-output"]
leaves = ys.choose_metrics(table, metrics)
filters = {
    "imagenet_floor": imagenet_floor,
    "one_per_name": one_per_name,
    "metrics": metrics,
    "policy": averages,
}
models = ys.paper_models(table, **filters).select(metrics=leaves)
of_2023 = {"until": until, "public_only": public_only, "nonzero": nonzero}
sample = ys.paper_models(
    table, **filters, **({} if scores else of_2023)
).select(metrics=leaves)
options = {"policy": averages, "over": over, "nesting": nesting}
labels = {"mean": "mean", "z": "mean of z scores", "rank": "mean rank"}
again = options | {"seed": seed}
rankings = ys.integration.rankings(models, labels, **again)
shifts = ys.rank_shifts(rankings)
glue.save(shifts, "integration")
agreement = correlate(shifts[[*labels]], policy="complete").corr
domains = ys.domain_scores(models, policy=averages, nesting=nesting)
parts = ys.score_parts(models, domains, policy=averages, over=over)
agree = partial(
    ys.intervals.bootstrap,
    statistic=ys.integration.agreement_with_mean,
    seed=seed,
)
ranked = parts.loc[shifts.index]
glue.row("rho", agreement.loc["mean"])
glue.row("rho", agree(ranked))
moved = ys.integration.describe_shifts(models, shifts, labels, **again)
glue.row("shift", moved)
case = ys.integration.describe_case(rankings)
glue.row("case", case)
glue.numbers(
    **{
        f"case_{scheme}_ends": say_interval(
            case[f"{scheme}_low"], case[f"{scheme}_high"], ".0f"
        )
        for scheme in labels
    }
)
ranking = rankings["mean"]
draws = ys.resampled_ranks(models, ranking.index, scheme="mean", **again)
apart = ys.told_apart(draws)
leaders = ys.integration.compare_leaders(models, rankings, **again)
glue.row("leader", leaders)
glue.figure("integration", ys.plot_integrations(shifts, labels=labels))
glue.figure("poster-places", posters.plot_places(shifts, labels=labels))
glue.interactive("schemes", ys.chart_integrations(shifts, labels=labels))

# %% [markdown]
# Yes. {glue:text}`case_name` is number {glue:text}`case_mean:d` by the plain mean (95 % interval over metrics
# {glue:text}`case_mean_ends`), {glue:text}`case_z:d` by the mean of z scores ({glue:text}`case_z_ends`) and
# {glue:text}`case_rank:d` by the mean rank ({glue:text}`case_rank_ends`). Under one or both of the others,
# {glue:text}`shift_n_moved:d` of {glue:text}`shift_n_models:d` models end more than ten ranks from where the plain mean puts them
# ({glue:text}`shift_n_moved_low:.0f` to {glue:text}`shift_n_moved_high:.0f`). Nor is any scheme sure of its first model: the first of
# the plain mean is so in {glue:text}`leader_mean_p_first:.0%` of the resamples, and {glue:text}`leader_mean_n_with:d` others
# cannot be told apart from it.
#
# ```{glue:figure} integration
# :name: figure-integration
# :alt: A row for each of the mean, the mean of z scores and the mean rank; each model is a point at its min-max normalised score, coloured by its rank under the mean, and a line from row to row; those more than ten ranks from where the mean puts them are drawn in colour, most of them towards the mean rank.
# :figclass: key
#
# Ahlert Figure 3, on the whole table: each line is a model, and those that move far are in colour. [The table behind it (CSV)](tables/integration.csv) [Look closer](tables/schemes.js)
# ```
#
# To name the most human-like model, many scores have to become one. There are several ways, and none is right by itself.
#
# ## How sure is a rank?

# %% tags=["hide-input"]
leading = ys.integration.leading_models(ranking, apart, n_models=12)
words = {
    "rank_low": "rank from",
    "rank_high": "rank to",
    "p_first": "share of resamples first",
}
glue.save(ranking, "ranking_mean")
glue.table(leading.rename(columns=words).reset_index(drop=True))

# %% [markdown]
# Not very. The table has the first models of the ranking by the plain mean. The first by the plain mean is
# {glue:text}`leader_mean_name`.
# Its rank lies between {glue:text}`leader_mean_rank_low:.0f` and {glue:text}`leader_mean_rank_high:.0f` in 95 % of the resamples. Over all models
# such an interval spans {glue:text}`leader_mean_median_width:.0f` ranks in the median, and {glue:text}`leader_mean_share_apart:.0%` of all
# pairs of models can be told apart: one is ahead of the other in at least 97.5 % of the resamples. Models that share a
# letter in the last column cannot be told apart. {doc}`13_leaderboard` has every model under every scheme, to sort and search.
# [All ranks (CSV)](tables/ranking_mean.csv)
#
# A resample draws the metrics anew, as many neural and as many behavioural ones as there are, with replacement, and ranks
# the same models by them. The models are the very ones that are to be ranked. The metrics are a sample of those that
# could have been made to measure the same thing. One that is drawn twice counts twice; a study of which nothing is drawn
# is missing.
#
# The first of each scheme, and how sure it is:

# %% tags=["hide-input"]
words = {
    "name": "first",
    "p_first": "share of resamples first",
    "n_with": "others not told apart",
    "median_width": "ranks that an interval spans, median",
    "share_apart": "share of pairs told apart",
    "rank_low": "rank from",
    "rank_high": "rank to",
}
glue.table(leaders.rename(index=labels, columns=words), "leaders")

# %% [markdown]
# ## What the paper found

# %% tags=["hide-input"]
glue.row("printed", printed_numbers("ahlert2024")["value"])
agreement = agreement.rename(index=labels, columns=labels)
glue.table(agreement.rename_axis("Spearman correlation of rankings"))

# %% tags=["hide-input", "remove-output"]
then = ys.rank_shifts(ys.integration.rankings(sample, labels, **again))
glue.save(then, "integration_sample")
areas = ys.domain_scores(sample, policy=averages, nesting=nesting)
those = ys.score_parts(sample, areas, policy=averages, over=over)
glue.row("sample", correlate(then[[*labels]], policy="complete").corr["mean"])
glue.row("sample", agree(those.loc[then.index]))
moved = ys.integration.describe_shifts(sample, then, labels, **again)
glue.row("sample_shift", moved)
figure = ys.plot_integrations(then, labels=labels)
glue.figure("sample-integration", figure)

# %% [markdown]
# Ahlert Figure 3 compares three ways: the plain mean, the mean of z-transformed scores, and the mean rank
# {cite:p}`ahlert2024`. The ranking by the mean correlates with that by z scores at
# {glue:text}`rho_z:.2f` ({glue:text}`rho_z_low:.2f` to {glue:text}`rho_z_high:.2f`) here and
# {glue:text}`printed_rho_mean_z:.2f` in the paper. With that by mean rank it correlates at
# {glue:text}`rho_rank:.2f` ({glue:text}`rho_rank_low:.2f` to {glue:text}`rho_rank_high:.2f`) here
# and {glue:text}`printed_rho_mean_rank:.2f` in the paper. In brackets stand 95 % intervals over models. The paper's text
# says that it averages over every metric; {doc}`09_claims` has both numbers under each reading. The model
# that moves furthest from where the mean puts it moves {glue:text}`shift_largest:d` ranks
# ({glue:text}`shift_largest_low:.0f` to {glue:text}`shift_largest_high:.0f` over metrics).
#
# On the paper's sample, as near as it is known, the two correlations are
# {glue:text}`sample_z:.2f` ({glue:text}`sample_z_low:.2f` to {glue:text}`sample_z_high:.2f`) and
# {glue:text}`sample_rank:.2f` ({glue:text}`sample_rank_low:.2f` to {glue:text}`sample_rank_high:.2f`).
# {glue:text}`sample_shift_n_moved:d` of its {glue:text}`sample_shift_n_models:d` models move more than ten ranks
# ({glue:text}`sample_shift_n_moved_low:.0f` to {glue:text}`sample_shift_n_moved_high:.0f` over metrics).
#
# ```{glue:figure} sample-integration
# :name: figure-sample-integration
# :alt: The same figure on the paper's sample; a row for each of the mean, the mean of z scores and the mean rank, with lines from row to row for each model.
# :width: 100%
#
# Ahlert Figure 3, on the paper's sample as near as it is known. [The table behind it (CSV)](tables/integration_sample.csv)
# ```
#
# ## Who decides the plain mean?

# %% tags=["hide-input"]
variance = ys.variance_explained(domains)
over_models = partial(ys.intervals.bootstrap, domains, seed=seed)
explained = over_models(ys.variance_explained)
divided = over_models(ys.integration.divided_variance)
glue.row("r2", variance)
glue.row("r2", explained)
shares = ys.variance_shares(domains)
glue.row("share", shares.T)
glue.row("share", divided)
both = domains[["behaviour", "overall"]]
spearman = partial(mean_correlation, policy="complete")
glue.numbers(order=spearman(both))
order = ys.intervals.bootstrap(both, "spearman", seed=seed)
glue.row("order", order.iloc[0])
alone = variance.rename("explained alone (R²)").to_frame()
words = {
    "covariance": "share by covariance",
    "shapley": "share by Shapley",
    "spread": "share by spread alone",
}
glue.table(alone.join(shares).rename(columns=words).rename_axis("domain"))

# %% [markdown]
# Behaviour does. The behavioural score explains {glue:text}`r2_behaviour:.1%` of the variance of the overall score (95 %
# interval {glue:text}`r2_behaviour_low:.1%` to {glue:text}`r2_behaviour_high:.1%`), the neural score
# {glue:text}`r2_neural:.1%`
# ({glue:text}`r2_neural_low:.1%` to {glue:text}`r2_neural_high:.1%`). The paper prints {glue:text}`printed_r2_behaviour:.2%` and
# {glue:text}`printed_r2_neural:.2%`. Two scores enter with equal weight, and the one that spreads wider decides. So the
# ranking is nearly that by behaviour: overall and behavioural score correlate at {glue:text}`order:.3f` (Spearman; 95 % interval
# {glue:text}`order_low:.3f` to {glue:text}`order_high:.3f`, {glue:text}`order_n:d` models).
#
# These two shares add to more than 100 %, as both domains explain what they have in common. Two ways to divide the variance
# without remainder stand beside them in the table. By covariance with the sum behaviour has
# {glue:text}`share_covariance_behaviour:.1%` ({glue:text}`share_covariance_behaviour_low:.1%` to {glue:text}`share_covariance_behaviour_high:.1%`);
# Shapley's average over both orders is
# {glue:text}`share_shapley_behaviour:.1%` ({glue:text}`share_shapley_behaviour_low:.1%` to {glue:text}`share_shapley_behaviour_high:.1%`).
# The spreads alone would give
# {glue:text}`share_spread_behaviour:.1%` ({glue:text}`share_spread_behaviour_low:.1%` to {glue:text}`share_spread_behaviour_high:.1%`).
# What is left to 100 % is the neural score's.
#
# ## How it is done
#
# The models are those of {doc}`02_consistency`, from the whole table and from the paper's sample. Each scheme makes one score of a model's neural and behavioural score.
# The *mean* takes them as they are. The *mean of z scores* first brings each to mean 0 and standard deviation 1 over
# models. The *mean rank* first replaces each by the model's rank among all. For the figure the result of each scheme is
# stretched to run from 0 to 1. Intervals of correlations and shares come from drawing the models anew, with replacement,
# a thousand times, those of ranks and of how far models move from drawing the metrics anew. Each time z scores and ranks
# are computed again, and all schemes are given the same metrics.
#
# ## What it does not show
#
# That rankings differ does not say which one is right. For that one would need to know what human-likeness is apart
# from the metrics. The intervals of ranks say what other metrics of the same kind would change, not what other scores of
# the same metrics would: a network that is scored again does not score the same. Each pair of models is looked at alone,
# so that among many pairs some are told apart by chance.
