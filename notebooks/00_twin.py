# %% [markdown]
# # The synthetic twin beside the real table
#
# Where the real leaderboard is not at hand, the book runs on a synthetic twin, so that everything can be tried and
# tested anywhere. The twin is drawn from aggregate statistics alone: quantiles and rank correlations of the metrics,
# counts of missingness patterns, dates. Its models have invented names, and no real row is in it. This page sets it
# beside the real table on every headline statistic. No claim of the papers is judged on the twin.

# %% tags=["parameters"]
seed = 2024  # of the twin; the book uses this one

# %% tags=["remove-cell"]
from yardsticks import style
from yardsticks.notebooks import glue
from yardsticks.scores.figures import plot_twin
from yardsticks.scores.twin.compare import compare_with_real
from yardsticks.scores.twin.draw import make_twin

style.use()

# %%
twin = make_twin(seed=seed)
twin.origin

# %%
comparison = compare_with_real(twin)
glue.save(comparison, "twin")
comparison.round(3)

# %% tags=["remove-cell"]
glue.figure("twin", plot_twin(comparison))

# %% [markdown]
# ```{glue:figure} twin
# :name: figure-twin
# :alt: Dot plot of headline statistics that lie between minus one and one, for the real table and for the synthetic twin; most pairs of dots lie close together.
# :width: 100%
#
# Headline statistics of the real table and of its twin. [The table behind it (CSV)](tables/twin.csv)
# ```
#
# What the twin keeps is what it is drawn from: how each metric is distributed, how metrics go together, who lacks what.
# What it loses is everything else: families of models, outliers that only one model has, dependence beyond ranks.
