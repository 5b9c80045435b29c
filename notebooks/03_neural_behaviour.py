# %% [markdown]
# # 3 · Do neural and behavioural alignment go together?

# %% tags=["parameters", "hide-input"]
from typing import Literal

# "" for the default leaderboard, a registered name, or the path of a file
scores = ""
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""
metrics: Literal["paper", "all"] = "paper"  # all: that the table has
# complete: models that have every metric; available: what each model has
averages: Literal["complete", "available"] = "complete"
# website: average along Brain-Score's tree; flat: all leaves of an area at once
nesting: Literal["website", "flat"] = "website"
# models known to have a lower ImageNet top-1 (0 to 1) are left out, as in the
# paper
imagenet_floor = 0.019
one_per_name = True  # of models with the same name keep the first
# the paper's sample, of the default leaderboard alone: scores before this date
# ("" for all), of models public in 2023 (inferred), none that rounds to .000
until = "2023-09-01"
public_only = True
nonzero = True
# the paper's two best models, which it names for their neural rank
marked = ["1885", "646"]
seed = 3  # of the resamples of models

# %% tags=["hide-input"]
from functools import partial

import pandas as pd

import yardsticks.scores as ys
from yardsticks import correlate, style, words
from yardsticks.claims import printed_numbers
from yardsticks.notebooks import glue
from yardsticks.stats import density, mean_correlation

style.use()
table = ys.open_scores(scores, catalogue=catalogue)
table.origin

# %% tags=["hide-input", "remove-output"]
leaves = ys.choose_metrics(table, metrics)
filters = {
    "imagenet_floor": imagenet_floor,
    "one_per_name": one_per_name,
    "metrics": metrics,
    "policy": averages,
}
models = ys.paper_models(table, **filters).select(metrics=leaves)
of_2023 = {"until": until, "public_only": public_only, "nonzero": nonzero}
sample = ys.paper_models(
    table, **filters, **({} if scores else of_2023)
).select(metrics=leaves)
frame = ys.neural_behaviour(models, policy=averages, nesting=nesting)
domains = frame[["neural", "behaviour"]]
together = correlate(domains, policy="complete")
spearman = partial(mean_correlation, policy="complete")
glue.save(frame, "neural_behaviour")
glue.numbers(n_models=len(frame))
glue.numbers(rho=together.corr.iloc[0, 1])
glue.row("rho", ys.intervals.bootstrap(domains, spearman, seed=seed))
wide = ys.intervals.bootstrap(
    domains,
    spearman,
    seed=seed,
    unit="families",
    families=models.models["name"].map(ys.intervals.family),
)
ends = wide["low"], wide["high"]
glue.row("families", wide)
glue.numbers(families=words.say_interval(*ends), zero=words.say_zero(*ends))
glue.row("max", domains.max())
spread = ys.intervals.bootstrap(domains, pd.DataFrame.std, seed=seed)
glue.row("spread", domains.std())
glue.row("spread", spread)
say_ranks = ys.integration.say_ranks
glue.numbers(overall_ranks=say_ranks(frame, marked))
glue.figure("neural-behaviour", ys.plot_neural_behaviour(frame, marked=marked))
glue.interactive("neural-and-behaviour", ys.chart_neural_behaviour(frame))

# %% [markdown]
# Only a little. Over {glue:text}`n_models:d` models the neural and the behavioural score correlate at
# {glue:text}`rho:.2f` (Spearman). The 95 % interval is {glue:text}`rho_low:.2f` to {glue:text}`rho_high:.2f` if models are
# drawn one by one, and {glue:text}`families` if whole families of models are ({glue:text}`families_n:d` of them). Many
# models are variants of one another. The second interval, which allows for variants, {glue:text}`zero`. So which model is
# best depends on how the two are averaged.
#
# ```{glue:figure} neural-behaviour
# :name: figure-neural-behaviour
# :alt: Two scatter plots of neural against behavioural score, raw and z-transformed, coloured by overall rank; colour follows the behavioural axis, and the two ringed models lie in the middle of the neural axis.
# :figclass: key
#
# Ahlert Figure 2, on the whole table: colour is the overall rank; ringed are the paper's two best models, whose overall ranks
# here are {glue:text}`overall_ranks`, with 95 % intervals over metrics; models
# further than four standard deviations out on either axis are named. [The table behind it (CSV)](tables/neural_behaviour.csv)
# [Look closer](tables/neural-and-behaviour.js)
# ```
#
# A leaderboard's overall score averages a neural and a behavioural score. If the two went together it would not matter
# how. This chapter repeats Ahlert Figures 2 and 6 {cite:p}`ahlert2024`.
#
# ## What the paper found

# %% tags=["hide-input", "remove-output"]
glue.row("printed", printed_numbers("ahlert2024")["value"])
glue.numbers(neural_ranks=say_ranks(frame, marked, prefix="neural_"))
then = ys.neural_behaviour(sample, policy=averages, nesting=nesting)
domains = then[["neural", "behaviour"]]
glue.save(then, "neural_behaviour_sample")
glue.numbers(
    sample_rho=correlate(domains, policy="complete").corr.iloc[0, 1],
    sample_overall_ranks=say_ranks(then, marked),
    sample_neural_ranks=say_ranks(then, marked, prefix="neural_"),
)
glue.row("sample_rho", ys.intervals.bootstrap(domains, spearman, seed=seed))
figure = ys.plot_neural_behaviour(then, marked=marked)
glue.figure("sample-neural-behaviour", figure)
everyone = ys.domain_ranks(
    table.select(metrics=leaves), "neural", policy="zero", nesting=nesting
)
glue.numbers(
    n_all=len(everyone),
    all_neural_ranks=say_ranks(everyone, marked),
)

# %% [markdown]
# The best models overall are not the best models of the brain. The paper prints that its two best models overall have
# the neural ranks {glue:text}`printed_neural_rank_best:.0f` and {glue:text}`printed_neural_rank_second:.0f`. Here these
# two take the overall ranks {glue:text}`overall_ranks` and the neural ranks {glue:text}`neural_ranks` among the models
# compared above. The paper seems to rank all models, with missing scores as 0. Among all {glue:text}`n_all:d` models,
# ranked in that way, their neural ranks are {glue:text}`all_neural_ranks` ({doc}`09_claims`).
#
# On the paper's sample, as near as it is known, the two correlate at {glue:text}`sample_rho:.2f` (95 % interval
# {glue:text}`sample_rho_low:.2f` to {glue:text}`sample_rho_high:.2f`, {glue:text}`sample_rho_n:d` models).
#
# ```{glue:figure} sample-neural-behaviour
# :name: figure-sample-neural-behaviour
# :alt: Two scatter plots of neural against behavioural score on the paper's sample, raw and z-transformed, coloured by overall rank; the ringed two best models have high behavioural scores and neural scores in the middle.
# :width: 100%
#
# Ahlert Figure 2, on the paper's sample as near as it is known ({glue:text}`sample_rho_n:d` models): ringed are the
# paper's two best models, here with the overall ranks {glue:text}`sample_overall_ranks` and the neural ranks
# {glue:text}`sample_neural_ranks`. [The table behind it (CSV)](tables/neural_behaviour_sample.csv)
# ```
#
# Over the whole table, behavioural scores reach {glue:text}`max_behaviour:.2f`, with a standard deviation of
# {glue:text}`spread_behaviour:.3f` ({glue:text}`spread_behaviour_low:.3f` to {glue:text}`spread_behaviour_high:.3f`). Neural
# scores reach {glue:text}`max_neural:.2f`, with one of
# {glue:text}`spread_neural:.3f` ({glue:text}`spread_neural_low:.3f` to {glue:text}`spread_neural_high:.3f`). Averaged as they
# are, the wider one decides.
#
# ## Do areas share a scale?

# %% tags=["hide-input"]
areas = models.areas(policy=averages, nesting=nesting)
neural = areas[areas.columns.intersection(ys.NEURAL_AREAS, sort=False)]
densities = density(neural)
glue.save(densities, "densities")
widths = densities.groupby("name", sort=False)[["bandwidth", "n"]].first()
spread = neural.describe().T[["mean", "std", "min", "max"]]
called = {
    "n": "models",
    "std": "standard deviation",
    "min": "lowest",
    "max": "highest",
}
widths = widths.join(spread).rename_axis("area")
glue.table(widths.rename(columns=called))

# %% tags=["hide-input", "remove-output"]
glue.figure("densities", ys.plot_densities(densities, neural))
areas = sample.areas(policy=averages, nesting=nesting)
then = areas[areas.columns.intersection(ys.NEURAL_AREAS, sort=False)]
glue.save(density(then), "densities_sample")
glue.figure("sample-densities", ys.plot_densities(density(then), then))

# %% tags=["hide-input"]
by_area = neural.reindex(columns=ys.NEURAL_AREAS)
two = pd.DataFrame(
    {
        "v2": by_area["V2"],
        "others": by_area[["V1", "V4", "IT"]].mean(axis=1, skipna=False),
    }
)
of_area = models.metrics["area"].value_counts()
glue.numbers(
    n_v2=of_area.get("V2", 0),
    n_neural=of_area.reindex(ys.NEURAL_AREAS, fill_value=0).sum(),
)
glue.row("mean", two.mean())
glue.row("mean", ys.intervals.bootstrap(two, pd.DataFrame.mean, seed=seed))

# %% [markdown]
# Their scores do not lie alike. The mean score in V2 is {glue:text}`mean_v2:.2f` ({glue:text}`mean_v2_low:.2f` to {glue:text}`mean_v2_high:.2f`), against
# {glue:text}`mean_others:.2f` ({glue:text}`mean_others_low:.2f` to {glue:text}`mean_others_high:.2f`) in the other three areas. An
# average over areas treats these as the same unit. V2 has {glue:text}`n_v2:d` of the {glue:text}`n_neural:d` neural metrics.
# Where an area has a single metric it cannot be told whether models, the unit of the score or the study make the
# difference.
#
# ```{glue:figure} densities
# :name: figure-densities
# :alt: Kernel density estimates of the scores in V1, V2, V4 and IT; V2 lies clearly below the other three areas, which overlap.
# :width: 100%
#
# Ahlert Figure 6, on the whole table: Gaussian kernel density estimates with Scott's bandwidth; each tick is a model.
# [The table behind it (CSV)](tables/densities.csv)
# ```
#
# ```{glue:figure} sample-densities
# :name: figure-sample-densities
# :alt: Kernel density estimates of the scores in V1, V2, V4 and IT on the paper's sample; V2 lies clearly below the other three areas, which overlap.
# :width: 100%
#
# Ahlert Figure 6, on the paper's sample as near as it is known ({glue:text}`sample_rho_n:d` models).
# [The table behind it (CSV)](tables/densities_sample.csv)
# ```
#
# ## How it is done
#
# Metrics are averaged to areas along Brain-Score's tree. The neural score is the mean of V1, V2, V4 and IT, the
# behavioural score that of the area behaviour, and the overall score the mean of the two. The models are those of
# {doc}`02_consistency`: complete, one for each name, none under 1.9 % ImageNet top-1. They are taken from the whole table,
# and once more from what the paper is likely to have had: scores of its time, of public models, none at .000. In the
# right panel of the first figure each score is z-transformed over models, so that both axes have the same spread.
#
# Intervals of correlations, means and standard deviations come from drawing the models anew, with replacement. Those of
# ranks come from drawing the metrics anew, the neural and the behavioural ones apart: the models are the very ones that
# are ranked, and other metrics of the same kind would have ranked them otherwise.
#
# ## What it does not show
#
# The correlation is not corrected for noise in the two scores. Noise makes it lower than the correlation of what they
# measure; {doc}`10_reliability` estimates by how much. A correlation over models says nothing about any one of them. It
# also depends on which models are on the leaderboard, and on which families. All intervals over models but the one over
# families treat models as if they were independent, and are too narrow for variants of one another.
# Complete models are those that somebody cared to run on everything; other models may differ from them.
