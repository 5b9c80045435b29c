# %% [markdown]
# # Many ways to one ranking
#
# To name the most human-like model, many scores have to become one. The paper's Figure 3 compares three ways: the plain
# mean, the mean of z-transformed scores, and the mean rank {cite:p}`ahlert2024`.

# %% tags=["parameters"]
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

# %% tags=["remove-cell"]
from yardsticks import integrate, open_scores, style
from yardsticks.claims import published
from yardsticks.notebooks import glue
from yardsticks.scores.consistency import choose_metrics, paper_models
from yardsticks.scores.figures import plot_integrations
from yardsticks.scores.integration import (
    domain_scores,
    rank_shifts,
    variance_explained,
)
from yardsticks.stats import correlate

style.use()

# %%
table = open_scores(scores, catalogue=catalogue)
table.origin

# %%
models = paper_models(
    table, imagenet_floor=imagenet_floor, metrics=metrics, policy=averages
).select(metrics=choose_metrics(table, metrics))
options = {"policy": averages, "over": over, "nesting": nesting}
shifts = rank_shifts(
    {
        "mean": integrate(models, scheme="mean", **options),
        "z": integrate(models, scheme="z", **options),
        "rank": integrate(models, scheme="rank", **options),
    }
)
glue.save(shifts, "integration")
agreement = correlate(shifts[["mean", "z", "rank"]], policy="complete")
agreement.corr.round(3)

# %%
variance = variance_explained(
    domain_scores(models, policy=averages, nesting=nesting)
)
variance.round(4).to_frame("share of the overall score's variance")

# %% tags=["remove-cell"]
printed = published("ahlert2024")["value"]
glue.numbers(
    n_models=len(shifts),
    printed_z=printed["rho_mean_z"],
    printed_rank=printed["rho_mean_rank"],
    rho_z=agreement.corr.at["mean", "z"],
    rho_rank=agreement.corr.at["mean", "rank"],
    n_moved=(shifts["largest_shift"] > 10).sum(),
    largest_shift=int(shifts["largest_shift"].max()),
    same_winner="the same"
    if shifts[["rank_mean", "rank_z", "rank_rank"]].eq(1).all(axis=1).any()
    else "not the same",
)
labels = {"mean": "mean", "z": "mean of z scores", "rank": "mean rank"}
glue.figure("integration", plot_integrations(shifts, labels=labels))

# %% tags=["remove-cell"]
glue.numbers(
    printed_r2_behaviour=printed["r2_behaviour"],
    printed_r2_neural=printed["r2_neural"],
    r2_neural=variance["neural"],
    r2_behaviour=variance["behaviour"],
)

# %% [markdown]
# ## The scheme decides
#
# Over {glue:text}`n_models:d` models the ranking by the mean correlates with that by z-transformed scores at
# {glue:text}`rho_z:.2f` and with that by mean rank at {glue:text}`rho_rank:.2f` (Spearman; the paper prints
# {glue:text}`printed_z:.2f` and {glue:text}`printed_rank:.2f`).
# {glue:text}`n_moved:d` models end more than ten ranks from where the mean puts them, one of them
# {glue:text}`largest_shift:d` ranks; the winner is {glue:text}`same_winner` under all three.
#
# ```{glue:figure} integration
# :name: figure-integration
# :alt: Each model is a line through its min-max normalised score under the mean, the mean of z scores and the mean rank; many lines cross, and those that move more than ten ranks between neighbouring schemes are drawn in colour.
# :width: 100%
#
# Figure 3 of the paper on this table. [The table behind it (CSV)](tables/integration.csv)
# ```
#
# ## The plain mean is a behavioural ranking
#
# The behavioural score explains {glue:text}`r2_behaviour:.1%` of the variance of the overall score, the neural score
# {glue:text}`r2_neural:.1%` (the paper prints {glue:text}`printed_r2_behaviour:.2%` and
# {glue:text}`printed_r2_neural:.2%`). Two scores enter with equal weight; the one that
# spreads wider decides.
