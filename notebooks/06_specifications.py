# %% [markdown]
# # Every defensible specification
#
# Between a leaderboard and a number lie choices: which models, which metrics, which coefficient, what to do about missing
# scores. The paper makes one of each {cite:p}`ahlert2024`, and others could be defended as well. Here they are all
# crossed, and each headline number is computed under every combination: the mean correlation between metrics, the
# variance of the overall score that each domain explains, and the agreement of the arithmetic mean with two other
# integrations. How wide do the numbers spread, which choices move them, and is there a specification under which all
# the printed ones come out at once?

# %% tags=["parameters"]
# an early and a late leaderboard; the paper's own copy is not public
scores = "brainscore-2024-01"
scores_late = "brainscore-2025-05"
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""
# whether to set real data beside what the paper prints
printed = True
# hold a choice at one value; "" takes all of its values
only_table = ""
only_until = ""
only_public_only = ""
only_nonzero = ""
only_deduplicate = ""
only_imagenet_floor = ""
only_nesting = ""
only_policy = ""
only_metrics = ""
only_method = ""
only_over = ""
# specifications with intervals for each number, and resamples of models
n_intervals = 8
n_resamples = 200
seed = 6

# %% tags=["remove-cell"]
from yardsticks import open_scores, style
from yardsticks.claims import CLOSE
from yardsticks.notebooks import glue
from yardsticks.scores.specifications.curve import (
    bootstrap_curve,
    grid,
    specification_curve,
)
from yardsticks.scores.specifications.figures import plot_curve, plot_explained
from yardsticks.scores.specifications.spread import (
    describe,
    explained_by_choice,
    most_important,
    nearest,
    printed_lines,
    say_close,
    set_beside_printed,
)

style.use()

# %%
early = open_scores(scores, catalogue=catalogue)
late = open_scores(scores_late, catalogue=catalogue)
early.origin if late.origin.kind == "real" else late.origin

# %% [markdown]
# The earlier table is {glue:text}`early_title`, the later one {glue:text}`late_title`.
#
# ## The curves

# %%
tables = {early.origin.name: early, late.origin.name: late}
chosen = {
    "table": only_table,
    "until": only_until,
    "public_only": only_public_only,
    "nonzero": only_nonzero,
    "deduplicate": only_deduplicate,
    "imagenet_floor": only_imagenet_floor,
    "nesting": only_nesting,
    "policy": only_policy,
    "metrics": only_metrics,
    "method": only_method,
    "over": only_over,
}
points = grid(tables, only=chosen)
curve = specification_curve(tables, points)
glue.save(curve, "specification_curve")
real = printed and early.origin.kind == late.origin.kind == "real"
beside = set_beside_printed(curve, real=real)
glue.save(beside, "specification_ranges")
glue.table(beside)

# %% [markdown]
# {glue:text}`n_points:,d` specifications, which leave {glue:text}`fewest_models:d` to {glue:text}`most_models:d` models.
# Each row is a printed number: of the mean correlation there is one for each set of metrics, and of the explained
# variances one in the paper and one in its workshop version. `share_below` is the share of specifications that give
# less than is printed, so that 0 or 1 says that none of them reaches it; `n_close` counts those that come within
# {glue:text}`close:.2f`.
#
# The choices, each with its column's name in the tables, and their values; why each may be defended is said in
# `yardsticks.scores.specifications.curve.grid`.
#
# - **Leaderboard** (`table`): the states of 2024-01 and 2025-05.
# - **Scores given** (`until`): at any time, or before September 2023. Only the earlier state has dates.
# - **Models** (`public_only`): all, or those that were probably public at that time.
# - **A score of .000** (`nonzero`): a score, or missing. It only matters to what is complete.
# - **Rows** (`deduplicate`): all, or one for each name.
# - **ImageNet top-1** (`imagenet_floor`): any, or from 1.9 %.
# - **Nesting** (`nesting`): the site's tree, or all leaves of an area alike.
# - **Missing scores** (`policy`): only models that are complete, or all models with holes counted as 0 or left out.
# - **Metric set** (`metrics`): nine groups, 50 leaves (51 where models need not be complete), or these with the
#   engineering metrics. Complete models have to have all of them.
# - **Coefficient** (`method`): Spearman, Kendall or Pearson, between metrics as well as between rankings.
# - **z and rank over** (`over`): the two domains, the five areas, or the leaves.
#
# In the figures a dot below the curve says which value the specifications above it have; it is the darker the more of
# them do, as there are more specifications than columns. Blue lines are 95 % intervals from {glue:text}`n_resamples:d`
# bootstrap resamples of the models, for at most {glue:text}`n_intervals:d` specifications of the earlier leaderboard, evenly
# spaced along the curve, and for the two nearest to the printed numbers (see below). They hold the choices fixed.

# %% tags=["remove-cell"]
best = nearest(curve, real=real)
best_but_rank = nearest(curve, real=real, without=["rho_mean_rank"])
best_workshop = nearest(curve, real=real, version="workshop")
intervals = bootstrap_curve(
    tables,
    points,
    curve,
    n_specifications=n_intervals,
    n_resamples=n_resamples,
    seed=seed,
    also=[] if best is None else [best, best_but_rank],
)
glue.save(intervals, "specification_intervals")
marks = {
    "intervals": intervals,
    "marked": {
        "nearest to all five": best,
        "without mean rank": best_but_rank,
    },
}
models_by = ["table", "until", "public_only", "nonzero", "deduplicate"]
areas_by = [*models_by, "imagenet_floor", "policy", "metrics", "nesting"]
glue.figure(
    "curve_mean_rho",
    plot_curve(
        curve,
        number="mean_rho",
        choices=[*areas_by, "method"],
        printed=printed_lines(beside, "mean_rho"),
        **marks,
    ),
)
glue.figure(
    "curve_r2_neural",
    plot_curve(
        curve,
        number="r2_neural",
        choices=areas_by,
        printed=printed_lines(beside, "r2_neural"),
        **marks,
    ),
)
glue.figure(
    "curve_r2_behaviour",
    plot_curve(
        curve,
        number="r2_behaviour",
        choices=areas_by,
        printed=printed_lines(beside, "r2_behaviour"),
        **marks,
    ),
)
glue.figure(
    "curve_rho_mean_z",
    plot_curve(
        curve,
        number="rho_mean_z",
        choices=[*areas_by, "method", "over"],
        printed=printed_lines(beside, "rho_mean_z"),
        **marks,
    ),
)
glue.figure(
    "curve_rho_mean_rank",
    plot_curve(
        curve,
        number="rho_mean_rank",
        choices=[*areas_by, "method", "over"],
        printed=printed_lines(beside, "rho_mean_rank"),
        **marks,
    ),
)
shares = explained_by_choice(curve)
glue.save(shares, "specification_shares")
glue.figure("explained", plot_explained(shares))

# %% [markdown]
# ### Mean correlation between metrics
#
# ```{glue:figure} curve_mean_rho
# :name: figure-curve-mean-rho
# :alt: The mean correlation between metrics under every specification in ascending order, with bootstrap intervals for some, dashed lines at the three printed values, and below it a matrix of dots that shows which choices each part of the curve makes.
# :width: 100%
#
# Mean pairwise correlation between metrics under every specification; dashed: as printed, for each metric set.
# [Every specification (CSV)](tables/specification_curve.csv),
# [the intervals (CSV)](tables/specification_intervals.csv)
# ```
#
# ### Variance explained by the neural score
#
# ```{glue:figure} curve_r2_neural
# :name: figure-curve-r2-neural
# :alt: The share of the overall score's variance that the neural score explains under every specification in ascending order, with bootstrap intervals for some, dashed lines at the values printed in the paper and its workshop version, and below it the matrix of choices.
# :width: 100%
#
# Squared Pearson correlation of the neural with the overall score. Coefficient and integration have no part in it.
# [Every specification (CSV)](tables/specification_curve.csv),
# [the intervals (CSV)](tables/specification_intervals.csv)
# ```
#
# ### Variance explained by the behavioural score
#
# ```{glue:figure} curve_r2_behaviour
# :name: figure-curve-r2-behaviour
# :alt: The share of the overall score's variance that the behavioural score explains under every specification in ascending order, with bootstrap intervals for some, dashed lines at the values printed in the paper and its workshop version, and below it the matrix of choices.
# :width: 100%
#
# Squared Pearson correlation of the behavioural with the overall score.
# [Every specification (CSV)](tables/specification_curve.csv),
# [the intervals (CSV)](tables/specification_intervals.csv)
# ```
#
# ### The mean and the z-transformed mean
#
# ```{glue:figure} curve_rho_mean_z
# :name: figure-curve-rho-mean-z
# :alt: The correlation of the arithmetic mean with the mean of z-transformed scores under every specification in ascending order, with bootstrap intervals for some, a dashed line at the printed value, and below it the matrix of choices.
# :width: 100%
#
# Correlation over models of the arithmetic mean with the mean of z-transformed scores.
# [Every specification (CSV)](tables/specification_curve.csv),
# [the intervals (CSV)](tables/specification_intervals.csv)
# ```
#
# ### The mean and the mean rank
#
# ```{glue:figure} curve_rho_mean_rank
# :name: figure-curve-rho-mean-rank
# :alt: The correlation of the arithmetic mean with the mean rank under every specification in ascending order, with bootstrap intervals for some, a dashed line at the printed value, and below it the matrix of choices.
# :width: 100%
#
# Correlation over models of the arithmetic mean with the mean rank.
# [Every specification (CSV)](tables/specification_curve.csv),
# [the intervals (CSV)](tables/specification_intervals.csv)
# ```
#
# ## What each choice explains
#
# ```{glue:figure} explained
# :name: figure-explained
# :alt: Heat map of the percentage of each headline number's variance over specifications that each choice explains, with what choices share and what is left to their interactions in the last rows.
# :width: 80%
#
# Share of the variance over specifications, in percent. [The table behind it (CSV)](tables/specification_shares.csv)
# ```
#
# A choice's own part is what a fit of all main effects loses without it (an analysis of variance of type II). Not every
# combination of choices means something: the later leaderboard has no dates, and scores of .000 matter to completeness
# alone. So some of what main effects explain cannot be told apart and is *shared by choices*; a negative share
# says that two choices explain more together than the sum of what each explains alone. The rest is left to interactions.
# Shares depend on which values are in the grid: they describe it, and are no estimate of anything beyond.
#
# The choice that explains most is {glue:text}`first_mean_rho` for the mean correlation, {glue:text}`first_r2_behaviour`
# and {glue:text}`first_r2_neural` for the variances explained by behavioural and neural scores,
# {glue:text}`first_rho_mean_z` for the agreement with z scores and {glue:text}`first_rho_mean_rank` for that with the
# mean rank.
#
# ## The specification nearest to all printed numbers
#
# The distance of a specification is the root mean square of its five differences from the paper, each in units of what
# counts as close ({glue:text}`close:.2f`). The mean correlation is compared with what is printed for the same metric set
# (over leaves only the workshop version prints one). Beside it are the nearest one when the mean rank is left out,
# and the one nearest to the workshop version's three numbers.

# %%
side_by_side = describe(
    curve,
    {
        "all five": best,
        "without mean rank": best_but_rank,
        "workshop": best_workshop,
    },
)
glue.save(side_by_side, "specification_nearest")
glue.table(side_by_side)

# %% tags=["remove-cell"]
medians = curve[list(shares)].median()
glue.numbers(
    early_title=early.origin.title,
    late_title=late.origin.title,
    n_points=len(curve),
    fewest_models=curve["n_models"].min(),
    most_models=curve["n_models"].max(),
    n_resamples=n_resamples,
    n_intervals=n_intervals,
    close=CLOSE["correlation"],
    close_to_printed=say_close(curve, real=real),
    lowest_rank=curve["rho_mean_rank"].min(),
    highest_rank=curve["rho_mean_rank"].max(),
    median_mean_rho=medians["mean_rho"],
    median_r2_behaviour=medians["r2_behaviour"],
    median_r2_neural=medians["r2_neural"],
    median_rho_mean_z=medians["rho_mean_z"],
    median_rho_mean_rank=medians["rho_mean_rank"],
    first_mean_rho=most_important(shares, "mean_rho"),
    first_r2_behaviour=most_important(shares, "r2_behaviour"),
    first_r2_neural=most_important(shares, "r2_neural"),
    first_rho_mean_z=most_important(shares, "rho_mean_z"),
    first_rho_mean_rank=most_important(shares, "rho_mean_rank"),
)

# %% [markdown]
# {glue:text}`close_to_printed`
#
# Over all specifications the correlation with the mean rank runs from {glue:text}`lowest_rank:.2f` to
# {glue:text}`highest_rank:.2f`. As we read the workshop version, its mean correlation was over complete models and its
# explained variances over all models, which is no one specification.
#
# ## One specification at a time
#
# Each choice can be held at a value by a parameter of this chapter's notebook, `only_method` and so on, so that it runs
# for some specifications alone; in Python, `grid(tables, only={"method": "kendall"})` gives them. A test runs the notebook so for a few specifications and
# compares the numbers with those of the table above.
