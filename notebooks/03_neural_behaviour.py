# %% [markdown]
# # Neural against behavioural alignment
#
# A leaderboard's overall score averages a neural and a behavioural score. If the two went together it would not matter
# how. This chapter repeats the paper's Figures 2 and 6 {cite:p}`ahlert2024`.

# %% tags=["parameters"]
# "" for the default leaderboard, a registered name, or the path of a file
scores = ""
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""
metrics = "paper"  # the paper's that the table has; or "all" of the table
# models that have every metric; "available" averages what each model has
averages = "complete"
# average along Brain-Score's tree; "flat": all leaves of an area at once
nesting = "website"
# models known to have a lower ImageNet top-1 are left out, as in the paper
imagenet_floor = 0.019
# the paper's two best models, which it names for their neural rank
marked = ["1885", "646"]

# %% tags=["remove-cell"]
from yardsticks import open_scores, style
from yardsticks.claims import published
from yardsticks.notebooks import glue
from yardsticks.scores.consistency import choose_metrics, paper_models
from yardsticks.scores.figures import plot_densities, plot_neural_behaviour
from yardsticks.scores.integration import neural_behaviour
from yardsticks.scores.table import NEURAL_AREAS
from yardsticks.stats import correlate, density

style.use()

# %%
table = open_scores(scores, catalogue=catalogue)
table.origin

# %%
models = paper_models(
    table, imagenet_floor=imagenet_floor, metrics=metrics, policy=averages
).select(metrics=choose_metrics(table, metrics))
areas = models.areas(policy=averages, nesting=nesting)
len(models.values)

# %%
frame = neural_behaviour(models, policy=averages, nesting=nesting)
glue.save(frame, "neural_behaviour")
frame.drop(columns="model_name").describe().round(3)

# %%
neural = areas[areas.columns.intersection(NEURAL_AREAS, sort=False)]
densities = density(neural)
glue.save(densities, "densities")
densities.groupby("name", sort=False)[["bandwidth", "n"]].first().join(
    neural.describe().T[["mean", "std", "min", "max"]]
)

# %% tags=["remove-cell"]
printed = published("ahlert2024")["value"]
domains = correlate(frame[["neural", "behaviour"]], policy="complete")
present = frame.reindex(marked).dropna(subset=["rank", "neural_rank"])
everyone = table.select(metrics=choose_metrics(table, metrics))
all_ranks = (
    everyone.areas(policy="zero", nesting=nesting)["neural"]
    .rank(ascending=False, method="min")
    .reindex(marked)
    .dropna()
)
glue.numbers(
    n_models=len(frame),
    rho=domains.corr.iloc[0, 1],
    p=domains.p.iloc[0, 1],
    printed_best=printed["neural_rank_best"],
    printed_second=printed["neural_rank_second"],
    max_neural=frame["neural"].max(),
    max_behaviour=frame["behaviour"].max(),
    range_neural=frame["neural"].max() - frame["neural"].min(),
    range_behaviour=frame["behaviour"].max() - frame["behaviour"].min(),
    n_all=len(everyone.values),
    all_neural_ranks=" and ".join(all_ranks.astype(int).astype(str))
    or "unknown: they are not on this table",
    neural_ranks=" and ".join(present["neural_rank"].astype(int).astype(str))
    or "unknown: they are not on this table",
    overall_ranks=" and ".join(present["rank"].astype(int).astype(str))
    or "unknown: they are not on this table",
)
glue.figure("neural-behaviour", plot_neural_behaviour(frame, marked=marked))

# %% tags=["remove-cell"]
glue.figure("densities", plot_densities(densities, neural))

# %% tags=["remove-cell"]
by_area = neural.mean().reindex(NEURAL_AREAS)
glue.numbers(
    mean_v2=by_area["V2"],
    mean_others=by_area[["V1", "V4", "IT"]].mean(skipna=False),
)

# %% [markdown]
# ## The best models overall are not the best models of the brain
#
# Over {glue:text}`n_models:d` complete models the neural and the behavioural score correlate at
# {glue:text}`rho:.2f` (Spearman, p = {glue:text}`p:.2g`). Behavioural scores reach {glue:text}`max_behaviour:.2f` and spread
# over {glue:text}`range_behaviour:.2f`; neural scores reach {glue:text}`max_neural:.2f` and spread over only
# {glue:text}`range_neural:.2f`. Averaged as they are, the wider one decides. The paper's two best models take the
# overall ranks {glue:text}`overall_ranks` and the neural ranks {glue:text}`neural_ranks` among these models. Among all
# {glue:text}`n_all:d` models with missing scores as 0, as the paper seems to rank them, their neural ranks
# are {glue:text}`all_neural_ranks` (the paper prints {glue:text}`printed_best:.0f`
# and {glue:text}`printed_second:.0f`; {doc}`09_claims`).
#
# ```{glue:figure} neural-behaviour
# :name: figure-neural-behaviour
# :alt: Two scatter plots of neural against behavioural score, raw and z-transformed, coloured by overall rank; colour follows the behavioural axis, and the two best models overall lie in the middle of the neural axis.
# :width: 100%
#
# Figure 2 of the paper on this table: colour is the overall rank; ringed are the paper's two best models; models
# further than four standard deviations out on either axis are named. [The table behind it (CSV)](tables/neural_behaviour.csv)
# ```
#
# ## Areas do not share a scale
#
# The mean score in V2 is {glue:text}`mean_v2:.2f`, against {glue:text}`mean_others:.2f` in the other three areas. An average
# over areas treats these as the same unit.
#
# ```{glue:figure} densities
# :name: figure-densities
# :alt: Kernel density estimates of the scores in V1, V2, V4 and IT; V2 lies clearly below the other three areas, which overlap.
# :width: 100%
#
# Figure 6 of the paper on this table: Gaussian kernel density estimates with Scott's bandwidth; each tick is a model.
# [The table behind it (CSV)](tables/densities.csv)
# ```
