# %% [markdown]
# # 12 · Does the leaderboard say the same over time?

# %% tags=["parameters", "hide-input"]
from typing import Literal

# "" for the default leaderboard, a registered name, or the path of a file
scores = ""
# the table of a later time when `scores` is "", and its month
scores_after = "brainscore-2025-05"
after = "2025-05"
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""
metrics: Literal["paper", "all"] = "paper"  # all: that the table has
# models known to have a lower ImageNet top-1 (0 to 1) are left out, as in the
# paper
imagenet_floor = 0.019
one_per_name = True  # of models with the same name keep the first
seed = 21  # of the resamples of models and of metrics

# %% tags=["hide-input"]
import yardsticks.scores as ys
from yardsticks import style
from yardsticks.claims import printed_numbers
from yardsticks.notebooks import glue
from yardsticks.scores import structure

style.use()
table = ys.open_scores(scores, catalogue=catalogue)
later = ys.open_scores(scores or scores_after, catalogue=catalogue)
table.origin

# %% tags=["hide-input", "remove-output"]
leaves = ys.choose_metrics(table, metrics)
filters = {
    "imagenet_floor": imagenet_floor,
    "one_per_name": one_per_name,
    "metrics": metrics,
}
now = ys.paper_models(table, policy="available", **filters)
then = ys.paper_models(later, policy="available", **filters)
among = {} if scores else {after: then.select(metrics=leaves)}
boards = structure.find_boards(now.select(metrics=leaves), among, seed=seed)
months = structure.through_time(boards, seed=seed)
# a file of one's own has no later table with more metrics
later_boards = {} if scores else {after: then}
wider = later_boards and structure.find_boards(None, later_boards, seed=seed)
today = structure.through_time(wider, seed=seed) if wider else months[:0]
glue.save(months.reset_index(), "months")
changes = structure.describe_months(months)
glue.row("month", changes)
falls = changes["first_mean_rho_low"] > changes["last_mean_rho_first_high"]
rises = changes["last_mean_rho_first_low"] > changes["first_mean_rho_high"]
shares = today["r2_behaviour"].map("{:.1%}".format).tolist()
glue.numbers(
    intervals="do not overlap" if falls or rises else "overlap",
    taken="the paper's metrics" if metrics == "paper" else "all metrics",
    share_today=", ".join(shares) or "unknown",
)
glue.figure("months", structure.plot_months(months))

# %% [markdown]
# The number of its metrics went from {glue:text}`month_first_n_metrics:d` in {glue:text}`month_first` to
# {glue:text}`month_n_metrics:d` in {glue:text}`month_last`. Over those of the first board alone, the mean correlation of two
# went from {glue:text}`month_first_mean_rho:.2f` (95 % interval
# {glue:text}`month_first_mean_rho_low:.2f` to {glue:text}`month_first_mean_rho_high:.2f`;
# {glue:text}`month_first_n_models:d` models) to {glue:text}`month_last_mean_rho_first:.2f`
# ({glue:text}`month_last_mean_rho_first_low:.2f` to {glue:text}`month_last_mean_rho_first_high:.2f`;
# {glue:text}`month_n_models:d` models), and these intervals {glue:text}`intervals`. Over all metrics of the last board it is
# {glue:text}`month_last_mean_rho:.2f` ({glue:text}`month_last_mean_rho_low:.2f` to {glue:text}`month_last_mean_rho_high:.2f`).
# On {glue:text}`top_n_boards:d` boards, the number of models that were first is {glue:text}`top_n_first:d`.
#
# ```{glue:figure} months
# :name: figure-months
# :alt: Three panels over months; above, the mean correlation of two metrics; in the middle, how much of the overall score's variance behaviour and brain explain; below, the numbers of models and metrics.
# :figclass: key
#
# Above, the mean correlation of two metrics; in the middle, how much of the overall score's variance behaviour and brain
# explain; below, the numbers of models and metrics. Bands are 95 % intervals over models. [The table behind it (CSV)](tables/months.csv)
# ```
#
# A finding about a leaderboard holds for the day on which it was made, because models come every month and metrics
# are added in batches. Two years earlier the same leaderboard may have measured other things.
#
# ## What the paper found

# %% tags=["hide-input"]
glue.row("heaviest", structure.heaviest(boards[changes["highest"]]))
glue.row("printed", printed_numbers("ahlert2024")["value"])
words = {
    "n_models": "models",
    "n_metrics": "metrics",
    "mean_rho": "mean correlation",
    "r2_neural": "R² of neural score",
    "r2_behaviour": "R² of behavioural score",
}
glue.table(months[[*words]].rename(columns=words))

# %% [markdown]
# The paper takes the leaderboard at one time and prints a mean correlation of
# {glue:text}`printed_mean_rho_69:.2f` {cite:p}`ahlert2024`, over more metrics than here, those of engineering
# among them. Here it fell most in {glue:text}`month_fall`, from {glue:text}`month_fall_before:.2f` to {glue:text}`month_fall_after:.2f`, when the board went from
# {glue:text}`month_fall_metrics_before:d` metrics to {glue:text}`month_fall_metrics:d` and from
# {glue:text}`month_fall_models_before:d` ranked models to {glue:text}`month_fall_models:d`. Over the metrics of the
# first board alone, the mean correlation of the board before {glue:text}`month_fall`, less that of {glue:text}`month_fall`, is
# {glue:text}`month_fall_first:.2f`. This part may come from the change of models, and cannot come from that of metrics.
#
# From one board to the next, the overall scores of the models that stand on both boards have a Spearman correlation
# of {glue:text}`month_least_rho:.2f` or more (lowest in {glue:text}`month_least`, 95 % interval
# {glue:text}`month_least_rho_low:.2f` to {glue:text}`month_least_rho_high:.2f`, {glue:text}`month_least_n:d` models).
#
# The share of the overall score's variance that the neural score explains was lowest in {glue:text}`month_lowest`,
# {glue:text}`month_lowest_r2_neural:.0%` (95 % interval
# {glue:text}`month_lowest_r2_neural_low:.0%` to {glue:text}`month_lowest_r2_neural_high:.0%`), and highest in
# {glue:text}`month_highest`, {glue:text}`month_highest_r2_neural:.0%` ({glue:text}`month_highest_r2_neural_low:.0%`
# to {glue:text}`month_highest_r2_neural_high:.0%`). Single models weigh much in this share: if only
# {glue:text}`heaviest_name` is left out, the highest value becomes {glue:text}`heaviest_without:.0%`. With
# {glue:text}`taken` the behavioural score explains {glue:text}`month_least_behaviour:.1%` or more of that variance in each
# of these months. With all metrics of the later table it explains {glue:text}`share_today`.
#
# ## Who was first?

# %% tags=["hide-input", "remove-output"]
top = structure.leaders(boards)
glue.save(top, "month_leaders")
glue.row("top", structure.describe_leaders(top))
glue.figure("leaders", structure.plot_leaders(top))

# %% [markdown]
# Over {glue:text}`top_n_boards:d` boards, the number of models that were first is {glue:text}`top_n_first:d`, and that of
# models among the first ten is {glue:text}`top_n_ever:d`. The first ten of {glue:text}`top_halfway` and the first ten of
# the last board have {glue:text}`top_n_stay:d` models in common. The first of the last board is
# {glue:text}`top_name`: over resamples of the metrics it is first in {glue:text}`top_p_first:.0%`, and the interval
# of its rank is {glue:text}`top_rank_low:d` to {glue:text}`top_rank_high:d`.
#
# ```{glue:figure} leaders
# :name: figure-leaders
# :alt: The first ten ranks by month; a line for each model that was ever among them, in colour for those that were ever first.
# :width: 100%
#
# The first ten of each month in which the board changed. A line ends where a model is not ranked any more: new metrics came,
# and it has too few of them. [The table behind it (CSV)](tables/month_leaders.csv)
# ```
#
# ## With the metrics of later times

# %% tags=["hide-input"]
wider = wider or structure.find_boards(None, later_boards, seed=seed)
glue.row("wider", structure.describe_months(today))
glue.table(today[[*words]].rename(columns=words))

# %% [markdown]
# By {glue:text}`wider_last` there are metrics that the paper does not have. On all {glue:text}`wider_n_metrics:d`, over
# {glue:text}`wider_n_models:d` models with enough scores, two metrics correlate at {glue:text}`wider_last_mean_rho:.2f` on
# average (95 % interval {glue:text}`wider_last_mean_rho_low:.2f` to {glue:text}`wider_last_mean_rho_high:.2f`). The
# neural score explains {glue:text}`wider_last_r2_neural:.0%` of the variance
# ({glue:text}`wider_last_r2_neural_low:.0%` to {glue:text}`wider_last_r2_neural_high:.0%`), the behavioural score
# {glue:text}`wider_last_r2_behaviour:.1%` ({glue:text}`wider_last_r2_behaviour_low:.1%` to
# {glue:text}`wider_last_r2_behaviour_high:.1%`).
#
# ## Does a rank depend on who else is on the board?

# %% tags=["hide-input"]
complete = ys.paper_models(table, **filters).select(metrics=leaves)
parts = ys.score_parts(
    complete,
    ys.domain_scores(complete, policy="complete"),
    policy="complete",
    over="domains",
)
depends = structure.dependence(parts, seed=seed)
names = complete.models["name"]
glue.row("depends", depends)
glue.numbers(
    turned_z=structure.say_turned(
        structure.without_one(parts, scheme="z"), names
    ),
    turned_rank=structure.say_turned(
        structure.without_one(parts, scheme="rank"), names
    ),
)
turns = {
    "by_one": "turned by a single model",
    "by_half": "turned when half leave",
}
schemes = {"z": "mean of z scores", "rank": "mean rank"}
glue.table(depends.rename(index=schemes, columns=turns))

# %% [markdown]
# Under the mean, the order of two models does not depend on the others: each model's score is its own. Under z scores
# and mean ranks the order can depend on the others, because both are computed over all models. We looked at
# {glue:text}`depends_z_n_pairs:,d` pairs of {glue:text}`depends_z_n_models:d` complete models. Taking out some single
# third model reverses the order of {glue:text}`depends_z_by_one:.1%` of the pairs under z scores, and of
# {glue:text}`depends_rank_by_one:.1%` under mean ranks. If a random half of the models leaves, the order is reversed
# in {glue:text}`depends_z_by_half:.1%` of the remaining pairs under z scores ({glue:text}`depends_z_low:.1%` to
# {glue:text}`depends_z_high:.1%` in 95 % of the halves) and in {glue:text}`depends_rank_by_half:.1%` under mean ranks
# ({glue:text}`depends_rank_low:.1%` to {glue:text}`depends_rank_high:.1%`).
#
# The highest-ranked pair that a single model reverses under z scores: {glue:text}`turned_z`. Under mean ranks:
# {glue:text}`turned_rank`.

# %% tags=["hide-input", "remove-output"]
full = ys.paper_models(later, **filters).select(metrics=leaves)
together, earlier = structure.later_part(complete, full)
glue.numbers(
    n_together=len(together),
    n_earlier=len(earlier),
    came_z=structure.share_turned(together, earlier, scheme="z"),
    came_rank=structure.share_turned(together, earlier, scheme="rank"),
)

# %% [markdown]
# Real boards do not grow at random. Of {glue:text}`n_together:d` complete models of the later table
# {glue:text}`n_earlier:d` were on the earlier one already. When the other models of the later table came, {glue:text}`came_z:.1%` of the pairs
# of the earlier models changed their order under z scores and {glue:text}`came_rank:.1%` under mean ranks, though
# none of their scores changed.
#
# ## How it is done
#
# A board is the table cut at the end of a month in which scores were given. Of the later table, which has no dates, the last
# board is the whole; of the months between there is none. A metric is on it once ten models have a score,
# and a model once it has half of the metrics of each domain, so that a batch of new metrics takes models off the board until
# they are scored again. Models rank by the mean of what is available of their neural and behavioural scores. Models and
# metrics are otherwise those of {doc}`02_consistency`. Each correlation rests on the ranked models that have both metrics.
#
# Intervals of correlations and of explained variance come from drawing the models of a board anew, with replacement;
# those of ranks from drawing its metrics.
#
# ## What it does not show
#
# The time of a score is that of its last computation. A score that was computed again counts only from the date of
# the new computation, and a model or metric that was taken down is not there at all. These are the scores of the last
# table as of a date, and not what the site showed then. Later changes of a score, such as a new ceiling, do not show
# here: the new value stands in for the old one.
#
# Boards are not independent: most of what stands on one was there the month before. So a level line is not the same
# finding confirmed every month.
