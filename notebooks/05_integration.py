# %% [markdown]
# # 5 · Does the ranking depend on how scores are averaged?

# %% tags=["parameters", "hide-input"]
# "" for the default leaderboard, a registered name, or the path of a file
scores = ""
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""
metrics = "paper"  # the paper's that the table has; or "all" of the table
# models that have every metric; "zero" (Brain-Score's rule) and "available"
# take those with missing scores too
averages = "complete"
# average the neural and the behavioural score; or "areas", "metrics"
over = "domains"
# average along Brain-Score's tree; "flat": all leaves of an area at once
nesting = "website"
# models known to have a lower ImageNet top-1 are left out, as in the paper
imagenet_floor = 0.019
one_per_name = True  # of models with the same name keep the first
# the paper's sample, of the default leaderboard alone: scores before this date
# ("" for all), of models public in 2023 (inferred), none that rounds to .000
until = "2023-09-01"
public_only = True
nonzero = True
seed = 5  # of the resamples of models

# %% tags=["hide-input"]
from functools import partial

import yardsticks.scores as ys
from yardsticks import correlate, style
from yardsticks.claims import printed_numbers
from yardsticks.notebooks import glue

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
shifts = ys.rank_shifts(ys.summaries.rankings(models, labels, **options))
glue.save(shifts, "integration")
agreement = correlate(shifts[[*labels]], policy="complete").corr
domains = ys.domain_scores(models, policy=averages, nesting=nesting)
parts = ys.score_parts(models, domains, policy=averages, over=over)
interval = ys.intervals.bootstrap(
    parts.dropna() if averages == "complete" else parts,
    partial(ys.summaries.scheme_agreement, first="mean", second="rank"),
    seed=seed,
)
first = shifts[["rank_mean", "rank_z", "rank_rank"]].eq(1).all(axis=1).any()
glue.row("rho", agreement.loc["mean"])
glue.row("rho_rank", interval)
glue.numbers(
    n_models=len(shifts),
    n_moved=(shifts["largest_shift"] > 10).sum(),
    largest_shift=int(shifts["largest_shift"].max()),
    same_winner="the same" if first else "not the same",
)
glue.figure("integration", ys.plot_integrations(shifts, labels=labels))

# %% [markdown]
# Yes. Of {glue:text}`n_models:d` models {glue:text}`n_moved:d` end more than ten ranks from where the plain mean puts
# them, and the winner is {glue:text}`same_winner` under all three schemes. The ranking by mean rank correlates with
# that by the mean at {glue:text}`rho_rank:.2f` (95 % interval {glue:text}`rho_rank_low:.2f` to
# {glue:text}`rho_rank_high:.2f`).
#
# ```{glue:figure} integration
# :name: figure-integration
# :alt: A row for each of the mean, the mean of z scores and the mean rank; each model is a point at its min-max normalised score, coloured by its rank under the mean, and a line from row to row; those more than ten ranks from where the mean puts them are drawn in colour, most of them towards the mean rank.
# :figclass: key
#
# Ahlert Figure 3, on the whole table. [The table behind it (CSV)](tables/integration.csv)
# ```
#
# To name the most human-like model, many scores have to become one. There are several ways, and none is right by itself.
#
# ## What the paper found

# %% tags=["hide-input"]
glue.row("printed", printed_numbers("ahlert2024")["value"])
glue.table(agreement.rename_axis("Spearman correlation of rankings"))

# %% tags=["hide-input", "remove-output"]
then = ys.rank_shifts(ys.summaries.rankings(sample, labels, **options))
glue.save(then, "integration_sample")
glue.row("sample", correlate(then[[*labels]], policy="complete").corr["mean"])
glue.numbers(
    n_sample=len(then),
    n_moved_sample=(then["largest_shift"] > 10).sum(),
)
figure = ys.plot_integrations(then, labels=labels)
glue.figure("sample-integration", figure)

# %% [markdown]
# The paper's Figure 3 compares three ways: the plain mean, the mean of z-transformed scores, and the mean rank
# {cite:p}`ahlert2024`. The ranking by the mean correlates with that by z scores at {glue:text}`rho_z:.2f` here and
# {glue:text}`printed_rho_mean_z:.2f` in the paper. With that by mean rank it correlates at {glue:text}`rho_rank:.2f` here
# and {glue:text}`printed_rho_mean_rank:.2f` in the paper. Its text averages over every metric, and
# {doc}`09_claims` has both numbers under each reading. The model
# that moves furthest from where the mean puts it moves {glue:text}`largest_shift:d` ranks.
#
# On the paper's sample, as near as it is known, the two correlations are {glue:text}`sample_z:.2f` and
# {glue:text}`sample_rank:.2f`. {glue:text}`n_moved_sample:d` of its {glue:text}`n_sample:d` models move more than ten ranks.
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
interval = ys.intervals.bootstrap(
    domains, partial(ys.summaries.explained_by, domain="behaviour"), seed=seed
)
glue.row("r2", variance)
glue.row("r2_behaviour", interval)
shares = ys.variance_shares(domains)
glue.row("share", shares.T)
both = domains[["behaviour", "overall"]]
spearman = partial(ys.summaries.mean_correlation, policy="complete")
glue.numbers(order=spearman(both))
glue.row("order", ys.intervals.bootstrap(both, spearman, seed=seed))
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
# {glue:text}`r2_neural:.1%`. The paper prints {glue:text}`printed_r2_behaviour:.2%` and
# {glue:text}`printed_r2_neural:.2%`. Two scores enter with equal weight, and the one that spreads wider decides. So the
# ranking is nearly that by behaviour: the two correlate at {glue:text}`order:.3f` (Spearman; 95 % interval
# {glue:text}`order_low:.3f` to {glue:text}`order_high:.3f`, {glue:text}`order_n:d` models).
#
# These two shares add to more than 1, as both domains explain what they have in common. Two ways to divide the variance
# without remainder stand beside them in the table. By covariance with the sum behaviour has
# {glue:text}`share_covariance_behaviour:.1%` and the brain {glue:text}`share_covariance_neural:.1%`; Shapley's average
# over both orders is {glue:text}`share_shapley_behaviour:.1%` and {glue:text}`share_shapley_neural:.1%`. The spreads
# alone would give {glue:text}`share_spread_behaviour:.1%` and {glue:text}`share_spread_neural:.1%`.
#
# ## How it is done
#
# The models are those of {doc}`02_consistency`, from the whole table and from the paper's sample. Each scheme makes one score of a model's neural and behavioural score.
# The *mean* takes them as they are. The *mean of z scores* first brings each to mean 0 and standard deviation 1 over
# models. The *mean rank* first replaces each by the model's rank among all. For the figure the result of each scheme is
# stretched to run from 0 to 1. The intervals come from drawing the models anew, with replacement, many times, and each
# time z scores and ranks are computed again.
#
# ## What it does not show
#
# That rankings differ does not say which one is right. For that one would need to know what human-likeness is apart
# from the metrics. Nor is moving ten ranks much where models score nearly the same: how sure a single rank is, is not
# part of this chapter.
