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
# the leaderboards; the paper's own copy is not public
scores = "brainscore-2024-01"
scores_late = "brainscore-2025-05"
# hold a choice at one value; "" takes all of its values
table = ""
until = ""
public_only = ""
nonzero = ""
deduplicate = ""
imagenet_floor = ""
nesting = ""
policy = ""
metrics = ""
method = ""
over = ""
# specifications with intervals for each number, and resamples of models
n_intervals = 12
n_resamples = 200
seed = 6

# %% tags=["remove-cell"]
from yardsticks import open_scores, style
from yardsticks.claims import CLOSE
from yardsticks.scores.curve import (
    bootstrap_curve,
    grid,
    specification_curve,
)
from yardsticks.scores.curve_analysis import (
    describe,
    distances,
    explained_by_choice,
    nearest,
    printed_lines,
    set_beside_printed,
)
from yardsticks.scores.curve_figures import plot_curve, plot_explained

style.use()

# %%
early = open_scores(scores)
early.origin

# %%
late = open_scores(scores_late)
late.origin

# %% [markdown]
# ## The curves

# %%
tables = {early.origin.name: early, late.origin.name: late}
chosen = {
    "table": table,
    "until": until,
    "public_only": public_only,
    "nonzero": nonzero,
    "deduplicate": deduplicate,
    "imagenet_floor": imagenet_floor,
    "nesting": nesting,
    "policy": policy,
    "metrics": metrics,
    "method": method,
    "over": over,
}
points = grid(tables, only=chosen)
curve = specification_curve(tables, points)
style.save_table(curve, "specification_curve")
real = early.origin.kind == late.origin.kind == "real"
beside = set_beside_printed(curve, real=real)
style.save_table(beside, "specification_ranges")
style.show(beside)

# %% [markdown]
# {glue:text}`n_points:,d` specifications, which leave {glue:text}`fewest_models:d` to {glue:text}`most_models:d` models.
# Each row is a printed number: of the mean correlation there is one for each set of metrics, and of the explained
# variances one in the paper and one in its workshop version. `share_below` is the share of specifications that give
# less than is printed, so that 0 or 1 says that none of them reaches it; `n_close` counts those that come within
# {glue:text}`close:.2f`.
#
# The choices and their values are these; why each may be defended is said in `yardsticks.scores.curve.grid`.
#
# - **Leaderboard**: the states of 2024-01 and 2025-05.
# - **Scores given**: at any time, or before September 2023. Only the earlier state has dates.
# - **Models**: all, or those that were probably public at that time.
# - **A score of .000**: a score, or missing. It only matters to what is complete.
# - **Rows**: all, or one for each name. **ImageNet top-1**: any, or from 1.9 %.
# - **Nesting**: the site's tree, or all leaves of an area alike.
# - **Missing scores**: only models that are complete, or all models with holes counted as 0 or left out.
# - **Metric set**: nine groups, 50 leaves (51 where models need not be complete), or these with the engineering metrics.
#   Complete models have to have all of them.
# - **Coefficient**: Spearman, Kendall or Pearson, between metrics as well as between rankings.
# - **z and rank over**: the two domains, the five areas, or the leaves.
#
# In the figures a dot below the curve says which value the specifications above it have; it is the darker the more of
# them do, as there are more specifications than columns. Blue lines are 95 % intervals from {glue:text}`n_resamples:d`
# bootstrap resamples of the models, for at most {glue:text}`n_intervals:d` specifications of the earlier leaderboard, evenly
# spaced along the curve, and for the one that is nearest to all printed numbers. They hold the choices fixed.

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
    also=[best] if real else [],
)
style.save_table(intervals, "specification_intervals")
marks = {"intervals": intervals, "nearest": best}
models_by = ["table", "until", "public_only", "nonzero", "deduplicate"]
areas_by = [*models_by, "imagenet_floor", "policy", "metrics", "nesting"]
style.glue_figure(
    "curve_mean_rho",
    plot_curve(
        curve,
        number="mean_rho",
        choices=[*areas_by, "method"],
        printed=printed_lines(beside, "mean_rho"),
        **marks,
    ),
)
style.glue_figure(
    "curve_r2_neural",
    plot_curve(
        curve,
        number="r2_neural",
        choices=areas_by,
        printed=printed_lines(beside, "r2_neural"),
        **marks,
    ),
)
style.glue_figure(
    "curve_r2_behaviour",
    plot_curve(
        curve,
        number="r2_behaviour",
        choices=areas_by,
        printed=printed_lines(beside, "r2_behaviour"),
        **marks,
    ),
)
style.glue_figure(
    "curve_rho_mean_z",
    plot_curve(
        curve,
        number="rho_mean_z",
        choices=[*areas_by, "method", "over"],
        printed=printed_lines(beside, "rho_mean_z"),
        **marks,
    ),
)
style.glue_figure(
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
style.save_table(shares, "specification_shares")
style.glue_figure("explained", plot_explained(shares))
