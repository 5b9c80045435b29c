# %% [markdown]
# # Does the synthetic twin behave like the real table?

# %% tags=["parameters", "hide-input"]
seed = 2024  # of the twin; the book uses this one

# %% tags=["hide-input"]
import yardsticks.scores as ys
from yardsticks import style
from yardsticks.notebooks import glue

style.use()
twin = ys.make_twin(seed=seed)
twin.origin

# %% tags=["hide-input", "remove-output"]
comparison = ys.compare_with_real(twin)
shares = comparison[(comparison[["real", "twin"]].abs() <= 1).all(axis=1)]
difference = (shares["twin"] - shares["real"]).abs()
glue.numbers(n_shares=len(shares), typical=difference.median())
glue.row("furthest", {"by": difference.max(), "what": difference.idxmax()})
glue.figure("twin", ys.plot_twin(comparison))

# %% [markdown]
# Mostly. We compare {glue:text}`n_shares:d` statistics that lie between -1 and 1, such as correlations.
# The synthetic twin, an invented leaderboard, differs from the real table by {glue:text}`typical:.2f` in the median.
# The largest difference is {glue:text}`furthest_by:.2f`, in this statistic: {glue:text}`furthest_what`.
#
# ```{glue:figure} twin
# :name: figure-twin
# :alt: Dot plot of headline statistics that lie between minus one and one, for the real table and for the synthetic twin; most pairs of dots lie close together.
# :figclass: key
#
# Headline statistics of the real table and of its twin. [The table behind it (CSV)](tables/twin.csv)
# ```
#
# ## What it is for
#
# Where the real leaderboard is not at hand, the book runs on a synthetic twin, so that everything can be tried and
# tested anywhere. Every page that is made from the twin says so at its top. No claim of the papers is judged on it.
#
# ## How it is done
#
# The twin is drawn from aggregate statistics alone: quantiles and rank correlations of the metrics, counts of
# missingness patterns, dates. Its models have invented names, and no real row is in it. The table below sets it beside
# the real table on every headline statistic, with the number of models that each rests on.

# %% tags=["hide-input"]
glue.table(comparison, "twin")

# %% [markdown]
# ## What it does not show
#
# The twin keeps what it is drawn from: how the scores of each metric are distributed, how metrics correlate, and
# which scores are missing together. It loses everything else: families of models, outliers of single models, and any
# dependence between metrics that rank correlations do not show.
