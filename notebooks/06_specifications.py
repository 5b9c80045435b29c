# %% [markdown]
# # 6 · How far do the numbers depend on our choices?

# %% tags=["parameters", "hide-input"]
from typing import Literal

# an early and a late leaderboard; the paper's own copy is not public
scores = "brainscore-2024-01"
scores_late = "brainscore-2025-05"
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""
# whether to set real data beside what the paper prints
printed = True
# hold a choice at one value; "" takes all of its values
only_table = ""
only_until: Literal["", "none", "2023-09-01"] = ""
only_public_only: Literal["", "no", "yes"] = ""
only_nonzero: Literal["", "no", "yes"] = ""
only_deduplicate: Literal["", "none", "name"] = ""
only_imagenet_floor: Literal["", "0", "0.019"] = ""
only_nesting: Literal["", "website", "flat"] = ""
only_policy: Literal["", "complete", "zero", "available"] = ""
only_metrics: Literal["", "groups", "leaves", "leaves and engineering"] = ""
only_method: Literal["", "spearman", "kendall", "pearson"] = ""
only_over: Literal["", "domains", "areas", "metrics"] = ""
n_intervals = 8  # specifications with an interval, for each number
n_resamples = 200  # of models
seed = 6  # of the resamples

# %% tags=["hide-input"]
import yardsticks.scores as ys
import yardsticks.scores.specifications as spec
from yardsticks import style
from yardsticks.claims import CLOSE
from yardsticks.notebooks import glue

style.use()
early = ys.open_scores(scores, catalogue=catalogue)
late = ys.open_scores(scores_late, catalogue=catalogue)
early.origin if late.origin.kind == "real" else late.origin

# %% tags=["hide-input", "remove-output"]
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
points = spec.grid(tables, only=chosen)
curve = spec.specification_curve(tables, points)
glue.save(curve, "specification_curve")
shares = spec.explained_by_choice(curve)
real = printed and early.origin.kind == late.origin.kind == "real"
beside = spec.set_beside_printed(curve, real=real)
glue.numbers(
    early_title=early.origin.title,
    late_title=late.origin.title,
    n_points=len(curve),
    close=CLOSE["correlation"],
    n_resamples=n_resamples,
    n_intervals=n_intervals,
)
glue.row("distinct", spec.count_distinct(curve))
glue.row("fewest", curve[["n_models"]].min())
glue.row("most", curve[["n_models"]].max())
glue.row("lowest", curve[[*shares]].min())
glue.row("median", curve[[*shares]].median())
glue.row("highest", curve[[*shares]].max())
by_ranks = curve[curve["method"] == "spearman"].reset_index(drop=True)
glue.row("ranks_lowest", by_ranks[[*shares]].min())
glue.row("ranks_highest", by_ranks[[*shares]].max())
glue.figure("ranges", spec.plot_ranges(beside))

# %% [markdown]
# Far. Over {glue:text}`n_points:,d` defensible specifications the mean correlation between two metrics runs from
# {glue:text}`lowest_mean_rho:.2f` to {glue:text}`highest_mean_rho:.2f`, and the correlation of the plain mean with the
# mean rank from {glue:text}`lowest_rho_mean_rank:.2f` to {glue:text}`highest_rho_mean_rank:.2f`. Part of this is a change of
# scale, as Kendall's coefficient is smaller than Spearman's for the same scores. With Spearman's alone the first runs from
# {glue:text}`ranks_lowest_mean_rho:.2f` to {glue:text}`ranks_highest_mean_rho:.2f` and the second from
# {glue:text}`ranks_lowest_rho_mean_rank:.2f` to {glue:text}`ranks_highest_rho_mean_rank:.2f`.
#
# ```{glue:figure} ranges
# :name: figure-ranges-of-specifications
# :alt: For each headline number a horizontal line from the lowest to the highest value over all specifications, with a dot at their median; crosses are what is printed.
# :figclass: key
#
# The range of each number over all specifications that it can be compared with.
# [The table behind it (CSV)](tables/specification_ranges.csv)
# ```
#
# Between a leaderboard and a number lie choices: which models, which metrics, which coefficient, what to do about missing
# scores. The paper makes one of each {cite:p}`ahlert2024`, and others could be defended as well. Here they are all
# crossed, and each headline number is computed under every combination. The headline numbers are the mean correlation
# between metrics, the variance of the overall score that each domain explains, and the agreement of the arithmetic mean
# with two other integrations. Many combinations leave a number as it is: the {glue:text}`n_points:,d` specifications hold
# {glue:text}`distinct_mean_rho:,d` different mean correlations and {glue:text}`distinct_r2_neural:,d` different shares
# explained by the neural score.
#
# ## What the paper found

# %% tags=["hide-input"]
glue.save(beside, "specification_ranges")
said = {"of": "metric set or version", "n": "specifications"}
said |= {"n_close": "close ones"}
glue.table(beside.replace({"number": spec.NUMBERS}).rename(columns=said))

# %% [markdown]
# Each row is a number that the paper or its workshop version prints. Of the mean correlation there is one for each set of
# metrics, that for single metrics in the workshop version alone; of the explained variances there are one in the paper and
# one in its workshop version. The *share below* is the share of specifications
# that give less than is printed: 0 or 1 says that the printed number lies at or beyond an end of their range. A specification is close when it comes within
# {glue:text}`close:.2f`.
#
# ### Does one specification give all the printed numbers at once?

# %% tags=["hide-input"]
best = spec.nearest(curve, real=real)
best_but_rank = spec.nearest(curve, real=real, without=["rho_mean_rank"])
best_workshop = spec.nearest(curve, real=real, version="workshop")
glue.numbers(close_to_printed=spec.say_close(curve, real=real))
side_by_side = spec.describe(
    curve,
    {
        "all five": best,
        "without mean rank": best_but_rank,
        "workshop": best_workshop,
    },
)
glue.table(side_by_side, "specification_nearest")

# %% [markdown]
# {glue:text}`close_to_printed`
#
# The table shows the specification nearest to all five numbers, the nearest when the mean rank is left out, and the one
# nearest to the workshop version's three numbers. The table leaves out what the paper excludes, other coefficients than
# Spearman's and the later leaderboard; the counts above do not. The distance of a specification is the root mean square of its
# differences from the numbers that are compared, each in units of what counts as close. The mean correlation is compared with what is
# printed for the same metric set; for single metrics (leaves) only the workshop version prints one. As we read that version, its mean
# correlation was over complete models and its explained variances over all models, which is no one specification.
#
# ## Which choices move the numbers?

# %% tags=["hide-input", "remove-output"]
glue.save(shares, "specification_shares")
glue.row("leads", spec.leading_choices(shares).replace(spec.CHOICES))
glue.figure("explained", spec.plot_explained(shares))
ranks_alone = spec.explained_by_choice(by_ranks)
glue.save(ranks_alone, "specification_shares_spearman")
glue.row(
    "ranks_leads", spec.leading_choices(ranks_alone).replace(spec.CHOICES)
)
own = ["method", "metrics", "policy"]
glue.row("share", shares["mean_rho"].reindex(own))
glue.row("ranks_share", ranks_alone["mean_rho"].reindex(own))
rows = ["interactions of two", "interactions of more"]
glue.numbers(
    left=shares.loc[rows, "mean_rho"].sum(),
    ranks_left=ranks_alone.loc[rows, "mean_rho"].sum(),
)

# %% [markdown]
# The mean correlation is moved most by the choice *{glue:text}`leads_mean_rho`*, the share explained by behaviour by
# *{glue:text}`leads_r2_behaviour`*, and the share explained by neural scores by *{glue:text}`leads_r2_neural`*. The
# agreement with z scores is moved most by *{glue:text}`leads_rho_mean_z`*, and that with the mean rank by
# *{glue:text}`leads_rho_mean_rank`*. The choices are explained under *How it is done*.
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
# alone. So some of what main effects explain cannot be told apart and is *shared by choices*. A negative share says that
# two choices explain more together than the sum of what each explains alone. The rest is left to interactions.
#
# Part of this is a matter of scale: for the same scores Kendall's coefficient is smaller than Spearman's, which moves the
# mean correlation without any change in what agrees. Of its variance the coefficient explains
# {glue:text}`share_method:.0%`, the metric set {glue:text}`share_metrics:.0%` and missing scores
# {glue:text}`share_policy:.0%`, and {glue:text}`left:.0%` are left to interactions. Among the specifications with
# Spearman's alone the metric set explains {glue:text}`ranks_share_metrics:.0%` and missing scores
# {glue:text}`ranks_share_policy:.0%`, with {glue:text}`ranks_left:.0%` left, and what explains most is
# *{glue:text}`ranks_leads_mean_rho`* ([all shares with Spearman's (CSV)](tables/specification_shares_spearman.csv)).
#
# ## The curves
#
# A curve shows one number under every specification, in ascending order. The dots below the curve say which values the
# specifications above them have. There are more specifications than columns, so a dot is the darker the more of them have its value.
# Blue lines are 95 % intervals from {glue:text}`n_resamples:d` bootstrap resamples of the models. At most
# {glue:text}`n_intervals:d` specifications of the earlier leaderboard have one, evenly spaced along the curve, and so do the two nearest to the printed numbers. The intervals hold the choices fixed. Four of the five curves
# are folded: a click on the line shows one.

# %% tags=["hide-input"]
intervals = spec.bootstrap_curve(
    tables,
    points,
    curve,
    n_specifications=n_intervals,
    n_resamples=n_resamples,
    seed=seed,
    also=[] if best is None else [best, best_but_rank],
)
glue.save(intervals, "specification_intervals")
marked = {"nearest to all five": best, "without mean rank": best_but_rank}
marks = {"intervals": intervals, "marked": marked}

# %% [markdown]
# ### Mean correlation between metrics

# %% tags=["hide-input", "remove-output"]
lines = spec.printed_lines(beside, "mean_rho")
figure = spec.plot_curve(curve, number="mean_rho", printed=lines, **marks)
glue.figure("curve_mean_rho", figure)

# %% [markdown]
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
# ### The other four numbers

# %% tags=["hide-input", "remove-output"]
lines = spec.printed_lines(beside, "r2_neural")
figure = spec.plot_curve(curve, number="r2_neural", printed=lines, **marks)
glue.figure("curve_r2_neural", figure)

# %% [markdown]
# ```{glue:figure} curve_r2_neural
# :name: figure-curve-r2-neural
# :alt: The share of the overall score's variance that the neural score explains under every specification in ascending order, with bootstrap intervals for some, dashed lines at the values printed in the paper and its workshop version, and below it the matrix of choices.
# :figclass: folded
# :width: 100%
#
# Squared Pearson correlation of the neural with the overall score. Coefficient and integration have no part in it.
# [Every specification (CSV)](tables/specification_curve.csv),
# [the intervals (CSV)](tables/specification_intervals.csv)
# ```

# %% tags=["hide-input", "remove-output"]
lines = spec.printed_lines(beside, "r2_behaviour")
figure = spec.plot_curve(curve, number="r2_behaviour", printed=lines, **marks)
glue.figure("curve_r2_behaviour", figure)

# %% [markdown]
# ```{glue:figure} curve_r2_behaviour
# :name: figure-curve-r2-behaviour
# :alt: The share of the overall score's variance that the behavioural score explains under every specification in ascending order, with bootstrap intervals for some, dashed lines at the values printed in the paper and its workshop version, and below it the matrix of choices.
# :figclass: folded
# :width: 100%
#
# Squared Pearson correlation of the behavioural with the overall score.
# [Every specification (CSV)](tables/specification_curve.csv),
# [the intervals (CSV)](tables/specification_intervals.csv)
# ```

# %% tags=["hide-input", "remove-output"]
lines = spec.printed_lines(beside, "rho_mean_z")
figure = spec.plot_curve(curve, number="rho_mean_z", printed=lines, **marks)
glue.figure("curve_rho_mean_z", figure)

# %% [markdown]
# ```{glue:figure} curve_rho_mean_z
# :name: figure-curve-rho-mean-z
# :alt: The correlation of the arithmetic mean with the mean of z-transformed scores under every specification in ascending order, with bootstrap intervals for some, a dashed line at the printed value, and below it the matrix of choices.
# :figclass: folded
# :width: 100%
#
# Correlation over models of the arithmetic mean with the mean of z-transformed scores.
# [Every specification (CSV)](tables/specification_curve.csv),
# [the intervals (CSV)](tables/specification_intervals.csv)
# ```

# %% tags=["hide-input", "remove-output"]
lines = spec.printed_lines(beside, "rho_mean_rank")
figure = spec.plot_curve(curve, number="rho_mean_rank", printed=lines, **marks)
glue.figure("curve_rho_mean_rank", figure)

# %% [markdown]
# ```{glue:figure} curve_rho_mean_rank
# :name: figure-curve-rho-mean-rank
# :alt: The correlation of the arithmetic mean with the mean rank under every specification in ascending order, with bootstrap intervals for some, a dashed line at the printed value, and below it the matrix of choices.
# :figclass: folded
# :width: 100%
#
# Correlation over models of the arithmetic mean with the mean rank.
# [Every specification (CSV)](tables/specification_curve.csv),
# [the intervals (CSV)](tables/specification_intervals.csv)
# ```
#
# ## How it is done
#
# The earlier table is {glue:text}`early_title`, the later one {glue:text}`late_title`. The specifications leave
# {glue:text}`fewest_n_models:d` to {glue:text}`most_n_models:d` models. These are the choices, each with its column's
# name in the tables, and their values. The function `yardsticks.scores.specifications.grid` says why each may be
# defended.
#
# - **Leaderboard** (`table`): the states of 2024-01 and 2025-05.
# - **Scores given** (`until`): at any time, or before September 2023. Only the earlier state has dates.
# - **Models** (`public_only`): all, or those that were probably public at that time.
# - **A score of .000** (`nonzero`): a score, or missing. It only matters to what is complete.
# - **Rows** (`deduplicate`): all, or one for each name.
# - **ImageNet top-1** (`imagenet_floor`): any, or from 1.9 %.
# - **Nesting** (`nesting`): the site's tree, or all leaves of an area alike.
# - **Missing scores** (`policy`): only models that are complete, or all models with holes counted as 0 or left out. They
#   count as 0 in averages only, which is Brain-Score's rule. A correlation between two metrics is always over the models
#   that have both.
# - **Metric set** (`metrics`): nine groups, 50 leaves (51 where models need not be complete), or these with the
#   engineering metrics. Complete models have to have all of them.
# - **Coefficient** (`method`): Spearman, Kendall or Pearson, between metrics as well as between rankings.
# - **z and rank over** (`over`): the two domains, the five areas, or the leaves.
#
# Each choice can be held at a value by a parameter of this chapter's notebook, `only_method` and so on, so that it runs
# for some specifications alone; in Python, `grid(tables, only={"method": "kendall"})` gives them. A test runs the
# notebook so for a few specifications and compares the numbers with those of the table above.
#
# ## How do I ask this of a number of my own?
#
# The curve is about five numbers. Any number of any chapter can be asked the same: a sweep runs the chapter with each
# combination of the values that are named, and draws the number against them ({doc}`../book/sweeps`). Two choices of
# {doc}`03_neural_behaviour`, for its correlation of neural and behavioural score:
#
# ```
# yardsticks sweep 03_neural_behaviour -p averages=complete,available \
#     -p nesting=website,flat --out choices
# yardsticks sweep collect choices
# yardsticks sweep plot choices rho --out choices.svg
# ```
#
# A value that the chapter does not know is refused before anything runs, with those that it does.
#
# ## What it does not show
#
# Shares depend on which values are in the grid: they describe it, and are no estimate of anything beyond. The
# specifications are not equally plausible either, so how many of them give a number is no measure of how likely it is.
