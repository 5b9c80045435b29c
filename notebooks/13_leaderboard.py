# %% [markdown]
# # 13 · Where does each model stand?

# %% tags=["parameters", "hide-input"]
from typing import Literal

# "" for the default leaderboard, a registered name, or the path of a file
scores = ""
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""
# the paper's that the table has, or all of the table
metrics: Literal["paper", "all"] = "paper"
# models known to have a lower ImageNet top-1 are left out, as in the paper
imagenet_floor = 0.019
one_per_name = True  # of models with the same name keep the first
seed = 22  # of the resamples of metrics

# %% tags=["hide-input"]
import yardsticks.scores as ys
from yardsticks import style
from yardsticks.notebooks import glue
from yardsticks.scores.figures.ranks import MOST

style.use()
table = ys.open_scores(scores, catalogue=catalogue)
table.origin

# %% tags=["hide-input", "remove-output"]
filters = {
    "imagenet_floor": imagenet_floor,
    "one_per_name": one_per_name,
    "metrics": metrics,
}
models = ys.paper_models(table, policy="available", **filters)
board = models.select(metrics=ys.choose_metrics(table, metrics))
schemes = {"mean": "mean", "z": "mean of z scores", "rank": "mean rank"}
policies = {
    "available": "left out of the average",
    "complete": "models with all scores only",
    "zero": "counted as 0 (Brain-Score)",
}
ranks = ys.integration.rank_every_way(
    board, schemes=schemes, policies=policies, seed=seed
)
glue.save(ranks, "leaderboard")
glue.numbers(n_models=len(board.values))
glue.row("ways", ys.integration.describe_ways(ranks, board.models["name"]))
turnable = ys.integration.turnable(
    board, ranks, schemes=schemes, policies=policies
)
glue.interactive("leaderboard", turnable)
ranking = ys.integrate(board, scheme="mean", policy="available", seed=seed)
told = ["model_name", "rank_low", "rank_high"]
glue.row("first", ranking.iloc[0][told])
glue.numbers(n_shown=len(ranking.head(MOST)), n_ranked=len(ranking))
glue.figure("leaderboard", ys.plot_ranking(ranking))

# %% [markdown]
# A model's place depends on the way to rank. The averages and the treatments of missing scores make
# {glue:text}`ways_n_ways:d` ways. The number of different orders in which they put the {glue:text}`ways_n_always:d` models
# that all of them rank is {glue:text}`ways_n_orders:d`, and that of models that come first is {glue:text}`ways_n_first:d`.
# The median one of those {glue:text}`ways_n_always:d` moves by {glue:text}`ways_span:.0f` ranks among them between its
# best and its worst place. By the plain mean {glue:text}`first_model_name` is first (95 % interval
# of its rank {glue:text}`first_rank_low:d` to {glue:text}`first_rank_high:d`). To find a model, choose a way, sort or
# search, and open its row.
#
# ```{glue:figure} leaderboard
# :name: figure-leaderboard
# :alt: The rank of the first models by the mean of their scores, the best on top, with its 95 % interval; most intervals overlap with those of many others.
# :figclass: key open
#
# The figure has the first {glue:text}`n_shown:d` of the {glue:text}`n_ranked:d` models that the plain mean of what is
# available ranks, the table that takes its place all {glue:text}`n_models:d` models. There a row opens to a model's ranks in
# every way, its scores with their errors, and what is missing; the address keeps what was chosen. [Look closer](tables/leaderboard.js) ·
# [All ranks (CSV)](tables/leaderboard.csv)
# ```
#
# A leaderboard with a single order hides the choices behind it. Here the choices of {doc}`05_integration` and
# {doc}`04_missing_scores` stand above the table. The models that are first in some way are
# {glue:text}`ways_firsts`. The model that moves most among those that every way ranks is {glue:text}`ways_furthest`, by
# {glue:text}`ways_largest:d` ranks.
#
# ## What the paper found
#
# {cite:t}`ahlert2024` show how models move between three ways to average (Ahlert Figure 3), without naming the
# models. Their point is the same: which model is first depends on the way.
#
# ## How it is done
#
# *Overall* is the mean of the neural and the behavioural score, taken as they are (*mean*), each brought to mean 0
# and standard deviation 1 over models (*mean of z scores*), or as ranks (*mean rank*). The models can also be ranked
# by one domain or one area alone; the three ways then give the same order. There are three ways to treat a missing
# score. It leaves its model out (*models with all scores only*), it is left out of the model's average, or it counts
# as 0 (as on Brain-Score's site). When it counts as 0, every model is ranked. When it is left out of the average, a
# model needs half of the metrics of each domain to be ranked overall. Intervals of ranks come from drawing the
# metrics anew, a thousand times. The error of a score is the one that is published with it ({doc}`01_score_table`
# says what it holds). A model's *family* is read off its name, and the year is that of its first score.
#
# ## What it does not show
#
# The page does not say which way is right. A model's family is a guess from its name. An interval shows how a rank
# would vary with other metrics of the same kind; it does not include noise in the scores.
