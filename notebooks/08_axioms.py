# %% [markdown]
# # 8 · What should a ranking not depend on?

# %% tags=["parameters", "hide-input"]
from typing import Literal

# "" for the default leaderboard, a registered name, or the path of a file
scores = ""
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""
metrics: Literal["paper", "all"] = "paper"  # all: that the table has
# models known to have a lower ImageNet top-1 (0 to 1) are left out, as in the
# paper
imagenet_floor = 0.019
one_per_name = True  # of models with the same name keep the first
# parts of the table, of each size, in which a counterexample is sought
tries = 40
n_resamples = 200  # of the metrics
seed = 8  # of these parts and resamples

# %% tags=["hide-input"]
import yardsticks.scores as ys
from yardsticks import style
from yardsticks.notebooks import glue

style.use()
table = ys.open_scores(scores, catalogue=catalogue)
table.origin

# %% tags=["hide-input", "remove-output"]
models = ys.paper_models(
    table,
    imagenet_floor=imagenet_floor,
    one_per_name=one_per_name,
    metrics=metrics,
).select(metrics=ys.choose_metrics(table, metrics))
complete = ys.axioms.complete_scores(models)
found = ys.axioms.axiom_table(complete, seed=seed, tries=tries)
kept = ys.axioms.count_axioms(found)
glue.save(found.drop(columns="violation"), "axioms")
n_all = (kept == len(ys.axioms.AXIOMS)).sum()
glue.numbers(
    n_models=len(complete),
    n_metrics=complete.shape[1],
    n_axioms=len(ys.axioms.AXIOMS),
    n_schemes=len(kept),
    most=ys.axioms.WORDS[kept.index[0]],
    n_most=kept.iloc[0],
    n_all=n_all,
    said_all=f"{n_all} {'keeps' if n_all == 1 else 'keep'}"
    if n_all
    else "none keeps",
)
glue.row("kept", kept)
glue.figure("axioms", ys.axioms.plot_axioms(found))

# %% [markdown]
# Of the {glue:text}`n_schemes:d` ways to average metrics that are examined here, {glue:text}`said_all` all
# {glue:text}`n_axioms:d` axioms, tests that one would like a ranking to pass. The plain mean keeps {glue:text}`kept_mean:d` of
# them, the mean rank {glue:text}`kept_rank:d`. What each way gives up is a choice, and it can be made knowingly.
#
# ```{glue:figure} axioms
# :name: figure-axioms
# :alt: A table of ways to integrate metrics against axioms; blue cells say that an axiom is kept, orange cells give the size of the smallest part of the leaderboard on which it breaks.
# :figclass: key
#
# Which way of integrating metrics keeps which axiom. Blue, *always*: by a theorem; *none found*: no counterexample among
# random parts of the table, which proves nothing. Orange: the smallest part, models x metrics, on which the axiom
# breaks.
# [The table behind it (CSV)](tables/axioms.csv)
# ```
#
# An axiom is a requirement on a ranking. Most say what should not change it. The unit of a metric should not; nor the presence of a
# third model; nor a score that somebody did not submit. The theory of voting has studied such requirements since the
# eighteenth century. Arrow proved that no rule on ranks keeps even Pareto and independence together, unless one metric
# decides alone {cite:p}`arrow1951`.
#
# ## What the paper found
#
# The paper compares three ways, the mean, the mean of z scores and the mean rank, and finds that they rank models
# differently ({doc}`05_integration`). Its discussion asks which properties such a way should have, and does not test them.
#
# ## The axioms
#
# - **Anonymity.** The order of rows and columns in the table does not matter.
# - **Monotonicity.** A model that does better on a metric falls behind nobody.
# - **Pareto.** A model that is nowhere worse than another, and somewhere better, is ahead of it.
# - **Scale invariance.** The unit of a metric does not matter. Here one metric is given times 100, or divided by 100.
# - **No ruling variance.** A metric on which models differ more does not decide alone. Here one metric's scores are
#   spread a hundred times as far.
# - **Independence of irrelevant models.** Which of two models is ahead does not depend on whether a third is there.
# - **Clone-proofness.** A metric that is entered three times counts no more than once.
# - **Honesty with holes.** No model overtakes another by not being scored. A missing score is left out of the average.
#
# The ways are averages (of scores, of z scores, of ranks, and the median rank), rules from voting and contests (Borda,
# Copeland, Kemeny-Young, Bradley-Terry), and the first principal component of the scores.
#
# ## Who breaks what, with names

# %% tags=["hide-input"]
glue.table(ys.axioms.describe_counterexamples(found), "counterexamples")

# %% [markdown]
# Each row is the smallest part of the table that the search found, and every step can be checked by hand. In small parts
# Kemeny-Young often has several best orders and has to take one of them, and the first component has no direction where
# two metrics contradict each other. Both then depend on how the table is listed.
#
# ## Who is first under each?

# %% tags=["hide-input"]
whole = models.complete()
asked = {
    "policy": "complete",
    "over": "metrics",
    "seed": seed,
    "n": n_resamples,
}
rankings = ys.integration.rankings(whole, ys.axioms.WORDS, **asked)
firsts = ys.integration.first_by_scheme(rankings)
ahead = [frame.index[frame["rank"] == 1] for frame in rankings.values()]
glue.numbers(
    n_firsts=len(set().union(*ahead)),
    least_rho=firsts["rho"].min(),
    surest=firsts["p_first"].max(),
)
columns = {
    "model_name": "first",
    "rank_low": "rank from",
    "rank_high": "rank to",
    "p_first": "share of resamples first",
    "rho": "correlation with the mean",
}
glue.table(
    firsts.rename(index=ys.axioms.WORDS, columns=columns).reset_index(),
    "first_by_scheme",
)

# %% [markdown]
# Each metric counts once here, without areas. The number of models that some of the
# {glue:text}`n_schemes:d` ways put first is {glue:text}`n_firsts:d`. The surest first place holds in
# {glue:text}`surest:.0%` of the resamples of the metrics. The
# rankings correlate with that of the mean at {glue:text}`least_rho:.2f` or more. The interval of a rank is over resamples of
# the metrics; Kemeny-Young has none, as each of its orders takes seconds to prove.
#
# ## How far do ranks move?

# %% tags=["hide-input"]
moves = ys.axioms.stability(complete)
glue.row("moved", moves.drop(columns="worst_metric"))
glue.table(
    moves.rename(index=ys.axioms.WORDS)
    .assign(worst_metric=moves["worst_metric"].map(style.short_name).to_list())
    .rename(
        columns={
            "by_metric": "places, without one metric",
            "by_model": "places, without one model",
            "worst_metric": "moved furthest without",
        }
    )
    .reset_index(),
    "stability",
)

# %% [markdown]
# A broken axiom may matter little in a large table. Among {glue:text}`n_models:d` models and {glue:text}`n_metrics:d`
# metrics, when one metric is left out, the model that moves most moves by {glue:text}`moved_mean_by_metric:.1f` places
# under the plain mean, and by {glue:text}`moved_rank_by_metric:.1f` under the mean rank (average over the metrics). When one
# model is left out, nobody moves under the mean, and the model that moves most by
# {glue:text}`moved_rank_by_model:.1f` places under the mean rank (average over the models).
#
# ## How it is done
#
# The models have every score. From the table, random parts are drawn of growing size, from two models and two metrics to
# six models and seven metrics, {glue:text}`n_tries:d` of each size. On each part every change of the axiom's kind is made,
# and the ranking before and after is compared. The first part on which two models swap that may not is the
# counterexample. The checkers are tested on rules of which theorems say what they keep.
#
# ## What it does not show
#
# "None found" means that the search found nothing. It looks at small parts, so a rule that breaks an axiom only among many
# models would pass. Which axiom matters more is not a question of statistics.

# %% tags=["remove-cell"]
glue.numbers(n_tries=tries)
