# %% [markdown]
# # 20 · Which setting of a study moves recovery?
#
# On recovery without sampling noise, {glue:text}`what_recovery`; by sampled answers, {glue:text}`what_sampled`. But recovery
# hardly could show one: in the {glue:text}`n_fraction:d` small studies that are compared, of {glue:text}`n_generators:d` models, it lies between
# {glue:text}`lowest_cell:.0%` and {glue:text}`highest_cell:.0%` without sampling noise. The generator's lead over the best other
# model is the finer measure. On it, {glue:text}`what_lead`. × is an interaction of two settings. By sampled answers,
# {glue:text}`what_lead_sampled`.
#
# Leads may be smaller still where probes get all components and the generators were aligned under a weak penalty. This design does not combine
# the two: {doc}`chapter 19 <19_regimes>` does.
#
# With a full matrix and by sampled answers, {term}`shrinkage`, a penalty towards a multiple of the identity, changes how often the generator wins by
# {glue:text}`gain_difference:+.1f` points, compared with the Frobenius penalty, towards zero (95% interval
# {glue:text}`gain_low:+.1f` to {glue:text}`gain_high:+.1f`). Where generators choose among weaker strengths as well, it is
# {glue:text}`gain_longer_difference:+.1f` points ({glue:text}`gain_longer_low:+.1f` to {glue:text}`gain_longer_high:+.1f`;
# {ref}`below <plateau-penalty>`).
#
# ```{glue:figure} plateau_effects
# :name: figure-plateau-effects
# :alt: Points with intervals for five main effects and ten interactions, in three panels for recovery, the generator's lead over the best other candidate, and the generator's own score, by two scores; points are filled where the corrected p is below 0.05.
# :width: 100%
#
# Effects on recovery, on the generator's lead and on its own score, with 95% intervals over generators, which
# are not corrected for their number. Filled: corrected p below 0.05. [The effects
# (CSV)](tables/plateau_effects.csv), [at each size (CSV)](tables/plateau_effects_by_size.csv)
# ```
#
# ## What the paper found
#
# {cite:t}`avitan2025` find that recovery stays below {glue:text}`bound:.0%` even with millions of triplets. In
# {doc}`chapter 16 <16_recovery>` it is higher than that with far fewer. With simulated people it is lower than there
# ({doc}`chapter 19 <19_regimes>`). These studies differ in many settings at once.
#
# ## How it is done
#
# To tell the settings apart, {glue:text}`n_cells:d` smaller studies, called *cells*, are compared among
# {glue:text}`n_six:d` models. One of them is part of the study of chapter 19. {glue:text}`n_fraction:d` of the cells are a half fraction of all combinations of
# {glue:text}`n_factors:d` factors at two levels {cite:p}`box2005`. In each cell that was run for this chapter every model is
# generator and candidate, in one fold, at {glue:text}`first_size:,d` and {glue:text}`last_size:,d` triplets. The number of
# seeds is {glue:text}`n_seeds_cells:d`.

# %% tags=["parameters", "hide-input"]
# numbers of triplets at which transforms are compared, and numbers of components
sizes_traded = [100, 400, 1600]
sizes_components = [400, 1600]
# for the intervals from resampling
seed = 0

# %% tags=["hide-input"]
import pandas as pd

from yardsticks import style, words
from yardsticks.claims import printed_numbers
from yardsticks.datasets import catalogue
from yardsticks.notebooks import glue
from yardsticks.recovery import (
    failure,
    open_results,
    plateau,
    prediction,
    winners,
)
from yardsticks.recovery.studies import open_several

style.use()
sampled, exact = "test_accuracy", "noise_free_accuracy"
rows, design, origin = open_results("plateau")
surrogate, study, _ = open_results("things_surrogate")
described = catalogue("features").set_index("model")
six, fraction = design["experiment"]["models"], design["fraction"]
sizes = rows["n_triplets"].unique()
# one more cell comes from the study with simulated people
more = surrogate[
    surrogate["n_triplets"].isin(sizes)
    & surrogate["generator"].isin(six)
    & surrogate["candidate"].isin(six)
]
cells = pd.concat([rows, more.assign(cell="all-components")])
settings = design["cells"] | {"all-components": study["experiment"]}
origin

# %% tags=["hide-input"]
codes = plateau.code_cells(fraction, design["factors"])
layout, levels = plateau.lay_out(settings, codes)
glue.save(layout, "plateau_layout")
glue.numbers(n_cells=len(settings), n_six=len(six), n_fraction=len(fraction))
glue.numbers(n_seeds_cells=rows["seed"].nunique(), n_factors=len(codes.T))
glue.numbers(first_size=min(sizes), last_size=max(sizes))
glue.numbers(resolution=int(plateau.resolution(codes)))
components = pd.DataFrame(settings).loc["components", fraction]
glue.numbers(most_components=components.max())
factors = pd.DataFrame(levels, index=["low level", "high level"])
glue.table(factors[list(codes)].T.rename_axis("factor"))

# %% [markdown]
# The factors are these:
#
# - *components*: how many principal components of the features a probe gets.
# - *strength rule*: how a generator's strength is chosen. It is tested on objects outside the fit, or on other
#   triplets of the same objects. The second is near the published rule and favours weaker penalties.
# - *scale*: that of the features. To scale all features by one number is the same as to divide the strength by
#   its square. An exact solver should therefore find next to no effect beyond that of the grid of strengths,
#   which is longer for raw features.
# - *sampler*: of triplets, uniform or as in the published code, which samples some objects more often. Triplets of the
#   score without sampling noise are uniform with either.
# - *judgements*: the open ones of people, or those of simulated people.
#
# The design has resolution {glue:text}`resolution:d`. That means that no main effect and no interaction of two
# factors has the same contrast as another of these. Each of them is confounded with an interaction of three or
# more factors, which has to be taken for negligible:

# %% tags=["hide-input"]
glue.table(plateau.aliases(codes).drop(columns="n_factors"))

# %% [markdown]
# ## How much is recovered in each cell?

# %% tags=["hide-input"]
one_each = list(winners.one_per_family(described["family"], six))
sets = {"all": six, "one per family": one_each}
jobs = plateau.cell_jobs(cells, scores=[exact, sampled], sets=sets)
glue.save(jobs.drop(columns="chance"), "plateau_jobs")
by = ["cell", "candidates", "score", "n_triplets"]
glue.save(plateau.describe_jobs(jobs, by), "plateau_cells")
among_all = jobs[jobs["candidates"] == "all"]
of_cells = plateau.describe_jobs(among_all, ["cell", "score"])
glue.table(of_cells)

# %% tags=["hide-input", "remove-output"]
of_fraction = among_all[among_all["cell"].isin(fraction)]
lost = plateau.describe_jobs(of_fraction, ["score"]).set_index("score")
printed = printed_numbers("avitan2025")
glue.numbers(bound=printed.at["recovery_plateau", "value"])
of_exact = of_fraction[of_fraction["score"] == exact]
spread = of_exact.groupby("cell")["credit"].mean()
glue.numbers(lowest_cell=spread.min(), highest_cell=spread.max())
by_sampled = of_cells.query("score == @sampled and cell in @fraction")
glue.row("lowest_sampled", by_sampled.loc[by_sampled["recovery"].idxmin()])
glue.numbers(highest_sampled=by_sampled["recovery"].max())
glue.numbers(lost_cells=plateau.say_lost(lost.loc[exact], described["label"]))
unlike = of_exact.groupby("generator")["credit"].mean() < 1
glue.numbers(n_unlike=unlike.sum())
shown = {"levels": levels, "fraction": fraction}
glue.figure("plateau_cells", plateau.plot_cells(layout, of_cells, **shown))

# %% [markdown]
# Without sampling noise, recovery in the cells of the fraction goes from {glue:text}`lowest_cell:.0%` to
# {glue:text}`highest_cell:.0%`. Over all these cells together, {glue:text}`lost_cells`. All differences in
# recovery between these cells come from {glue:text}`n_unlike:d` of {glue:text}`n_six:d` generators. The others
# win in every cell.
#
# ```{glue:figure} plateau_cells
# :name: figure-plateau-cells
# :alt: A row of dots for each cell, open where a setting is low and filled where it is high, other values written out, and beside it the cell's recovery accuracy by both scores; rows are ordered by recovery without sampling noise.
# :width: 100%
#
# The cells and their recovery. Each rests on few jobs: the lowest by sampled answers, {glue:text}`lowest_sampled_recovery:.0%`
# of {glue:text}`lowest_sampled_n_jobs:d` jobs, has an exact 95% interval of {glue:text}`lowest_sampled_low:.0%` to
# {glue:text}`lowest_sampled_high:.0%`. Judgements other than the open ones are of simulated people. [The cells by size
# and set of candidates (CSV)](tables/plateau_cells.csv), [their settings (CSV)](tables/plateau_layout.csv),
# [all jobs (CSV)](tables/plateau_jobs.csv)
# ```
#
# ## Which factor moves recovery?
#
# An effect is the mean at the high level less the mean at the low one, over the cells of the fraction. An
# interaction is half of what one factor adds to the effect of the other. In all cells the same generators
# answer about the same objects. Where sampler and judgements are the same, they answer about the same triplets.
# So the effect is computed within each job first. What can then still vary is the choice of models. Intervals
# and p values are those of Student's t over the {glue:text}`n_generators:d` generators' own effects.
#
# The table also has intervals from resampling generators, which are too narrow for so few. The p values are corrected after Holm for the {glue:text}`n_effects:d` effects of a score and a
# response.

# %% tags=["hide-input"]
measures = {"responses": ["credit", "margin", "own"], "seed": seed}
found = plateau.effects(among_all, codes, **measures)
by = ["score", "n_triplets"]
by_size = plateau.effects(among_all, codes, by=by, **measures)
glue.save(by_size, "plateau_effects_by_size")
glue.table(found, "plateau_effects")

# %% tags=["hide-input", "remove-output"]
of_effects = {"exact": exact, "sampled": sampled, "levels": levels}
glue.numbers(**plateau.effect_numbers(found, **of_effects))
glue.figure("plateau_effects", plateau.plot_effects(found, levels=levels))

# %% [markdown]
# On recovery without sampling noise, {glue:text}`what_recovery`. By sampled answers, {glue:text}`what_sampled`.
# Without sampling noise, {glue:text}`largest_recovery`. If all effects had the same share, it would be
# {glue:text}`even_share:.0%`.
#
# Half the width of a typical interval is {glue:text}`width:.0f` points. But the number of generators that ever lose without
# sampling noise is {glue:text}`n_unlike:d` of {glue:text}`n_generators:d`, so that these intervals say little. Where no effect is seen, there may still be
# one.
#
# Recovery only counts who is first. The lead says more. On the lead, {glue:text}`what_lead`. Here
# {glue:text}`largest_lead`. A lead shrinks where the generator is learned less well, or where a rival is
# learned better. On the generator's own score, {glue:text}`what_own`. The rest of an effect on the lead is the
# rivals'.
#
# ### Do the candidates matter?
#
# Which candidates compete is no setting of a run but a choice of the analysis. The same jobs are looked at
# twice: among all {glue:text}`n_six:d` models, and among {glue:text}`n_one_each:d` of different families. This
# makes a sixth factor, which is crossed with all cells. Only generators that are in both sets count.

# %% tags=["hide-input"]
crossed = plateau.cross(codes, "candidates", ("all", "one per family"))
with_candidates = plateau.effects(jobs, crossed, **measures)
glue.save(with_candidates, "plateau_candidates")
credit = with_candidates.query("score == @exact and response == 'credit'")
both = jobs[(jobs["score"] == exact) & jobs["cell"].isin(fraction)]
glue.numbers(**plateau.count_changed(both, "all", "one per family"))
glue.numbers(n_one_each=len(one_each))
told = ["term", "effect", "low", "high", "p_corrected", "share"]
glue.table(credit.loc[credit["term"].str.contains("candidates"), told])

# %% [markdown]
# With one model of each family, the outcome without sampling noise changes in {glue:text}`n_changed:d` of
# {glue:text}`n_outcomes:d` jobs of the fraction. A set with fewer candidates cannot
# be harder for the generators that stay, so the sign is no finding. Where no outcome changes, the models left
# out had beaten nobody. That says nothing of sets with other relatives. [All effects with the candidates among
# the factors (CSV)](tables/plateau_candidates.csv)
#
# ### Do the solver, the components and the number of judgements matter?
#
# Cells outside the fraction depart in one setting from another cell. They are compared with it job by job. The
# table gives the value of that setting in both. The published solver stops early. The cells with all components
# or with fewer simulated judgements show whether what the fraction found goes on beyond its levels.
#
# The grid of strengths does not count as a setting, because it follows from the scale of the features. The cell
# all-components is taken from {doc}`chapter 19 <19_regimes>` and has the finer grid of that study.

# %% tags=["hide-input"]
pairs = plateau.departures(settings, fraction)
departed = plateau.compare_cells(among_all, pairs, **measures)
of_credit = departed.query("score == @exact and response == 'credit'")
glue.numbers(n_departures=len(of_credit))
glue.numbers(n_sure_departures=(of_credit["p_corrected"] < 0.05).sum())
largest = of_credit.loc[of_credit["effect"].abs().idxmax()]
said = largest[["cell", "reference", "p_corrected"]].map(words.say_value)
glue.row("largest", said)
glue.numbers(largest_departure=largest["effect"] * 100)
glue.save(departed, "plateau_departures")
values = {"from": "value_of_reference", "to": "value_of_cell"}
told = ["reference", "cell", "departs", *values.values(), "response"]
told += ["of_reference", "of_cell", "effect", "low", "high", "p_corrected"]
exactly = departed.query("score == @exact and response != 'own'")
glue.table(exactly.rename(columns=values)[told])

# %% [markdown]
# There are {glue:text}`n_departures:d` such comparisons of recovery without sampling noise. The number of them that differ
# from zero after correction for their number is {glue:text}`n_sure_departures:d`. The largest difference is
# {glue:text}`largest_departure:+.0f` points (corrected p {glue:text}`largest_p_corrected:.2f`), from the cell
# *{glue:text}`largest_reference`* to *{glue:text}`largest_cell`*. Where no generator changes, p is 1; where all change by the same amount, there is no
# p. Where both cells recover everything, recovery cannot differ, and the lead is the better guide. [All
# comparisons (CSV)](tables/plateau_departures.csv)
#
# ## How did the fits go?

# %% tags=["hide-input"]
fits = plateau.fits_by_cell(cells, settings)
most = fits.loc[fits["itself_at_end"].idxmax()]
glue.numbers(most_at_end=most["itself_at_end"])
glue.numbers(most_at_end_cell=words.say_value(most["cell"]))
glue.row("fits", fits[["not_converged", "n_errors"]].sum())
made = design["generators"] | {"all-components": study["generators"]}
about = {
    cell: {"generators": made[cell], "experiment": setting}
    for cell, setting in settings.items()
}
ends = winners.generators_at_ends(about).rename_axis("cell")
glue.save(ends, "plateau_grid_ends")
glue.numbers(**plateau.count_ended(ends, codes, factor="scale"))
glue.row("study", ends.loc["all-components"])
glue.table(fits, "plateau_fits")

# %% [markdown]
# Generators were fitted to people, or to simulated people, at the best strength of the same grids. In
# {glue:text}`n_ended_cells:d` cells of the fraction most generators chose the weakest.
# {glue:text}`n_ended_low:d` of these cells are among the {glue:text}`n_cells_low:d` with features of unit RMS,
# whose grid is shorter than that of raw ones. In the study with simulated people {glue:text}`study_weakest:d`
# of {glue:text}`study_n:d` generators did. Weaker penalties than those of the grid would have aligned these
# generators more strongly. What the rule, the judgements and the scale might do there is cut off. [Generators
# at an end of their grid (CSV)](tables/plateau_grid_ends.csv)
#
# The fits to a generator's answers can end at an end of their grid as well, and a wider grid might then have
# served that candidate better. For the generator's own model this is so in up to {glue:text}`most_at_end:.0%`
# of a cell's jobs of one size ({glue:text}`most_at_end_cell`, or a cell with as many). Fits that did not meet
# their solver's stopping rule: {glue:text}`fits_not_converged:d`. Fits with an error:
# {glue:text}`fits_n_errors:d`. The cells run for this chapter have grids of whole decades, which are coarser
# than those of the two studies. [The cells (CSV)](tables/plateau_fits.csv)
#
# ## What does flexibility buy, and what does it cost?
#
# A probe may leave features as they are (*none*) or weigh them one by one (*diagonal*). It may also multiply
# them by a matrix, of low rank or *full*. A penalty draws the probe to a multiple of the identity ({term}`shrinkage`)
# or, where *Frobenius* is said, to zero. More freedom should predict people better, and should make models
# harder to tell apart. For each transform, a study says how often the generator is recovered, and people's own
# judgements say how well the models predict them.

# %% tags=["hide-input"]
transforms = failure.open_transforms()
of_open = transforms["things_open"].provenance["experiment"]["models"]
main = winners.model_sets(described, of_open)["reference photographs"]
asked = {"scores": [sampled, exact], "seed": seed}
both = asked | {"models": main}
probing = open_results("probing").rows
pooled = prediction.pool(probing[probing["judgements"] == "all"])
points = failure.trade_off(transforms, pooled, **both)
points = points[points["n_triplets"].isin(sizes_traded)]
glue.save(points, "plateau_trade_off")
both |= {"baseline": "things_open"}
changes = failure.compare_constraints(transforms, pooled, **both)
changes = changes[changes["n_triplets"].isin(sizes_traded)]
judged = changes[changes["score"] == sampled]
# each transform once: with shrinkage, as the full matrix it is held against
judged = judged[~judged["constraint"].str.endswith("Frobenius")]
glue.numbers(**failure.count_exchanges(judged))
short = {"rank 30": "low_rank"}
freed = judged.replace({"constraint": short}).set_index("constraint")
predicted = ["prediction_change", "prediction_low", "prediction_high"]
changed = ["recovery_change", "low", "high"]
of_smallest = freed[freed["n_triplets"] == min(sizes_traded)]
glue.row("freed", of_smallest[[*predicted, *changed]] * 100)
rank_30 = of_smallest.loc["low_rank"]
low_rank_zero = words.say_zero(*rank_30[changed[1:]])
low_rank_prediction_zero = words.say_zero(*rank_30[predicted[1:]])
glue.numbers(low_rank_zero=low_rank_zero)
glue.numbers(low_rank_prediction_zero=low_rank_prediction_zero)
glue.numbers(smallest_traded=min(sizes_traded))
glue.numbers(n_shared=int(points["n_models"].iloc[0]))
glue.table(changes, "plateau_trade_off_changes", folded=True)

# %% tags=["hide-input", "remove-output"]
glue.figure("trade_off", failure.plot_trade_off(points))

# %% [markdown]
# From no transform to a diagonal to a full matrix, freedom buys prediction, and costs recovery where triplets are few. For a
# matrix of rank 30 instead of a full one, at {glue:text}`smallest_traded:,d` triplets, the interval of the change in
# prediction {glue:text}`low_rank_prediction_zero`, and that of the change in recovery {glue:text}`low_rank_zero`. Compared
# with the full matrix, by sampled answers and at {glue:text}`smallest_traded:,d` triplets, among the {glue:text}`n_shared:d` models that saw the photographs people judged and that all these studies have:
#
# | transform | prediction of people, in points | recovery, in points |
# | --- | --- | --- |
# | none | {glue:text}`freed_none_prediction_change:+.1f` ({glue:text}`freed_none_prediction_low:+.1f` to {glue:text}`freed_none_prediction_high:+.1f`) | {glue:text}`freed_none_recovery_change:+.0f` ({glue:text}`freed_none_low:+.0f` to {glue:text}`freed_none_high:+.0f`) |
# | diagonal | {glue:text}`freed_diagonal_prediction_change:+.1f` ({glue:text}`freed_diagonal_prediction_low:+.1f` to {glue:text}`freed_diagonal_prediction_high:+.1f`) | {glue:text}`freed_diagonal_recovery_change:+.0f` ({glue:text}`freed_diagonal_low:+.0f` to {glue:text}`freed_diagonal_high:+.0f`) |
# | rank 30 | {glue:text}`freed_low_rank_prediction_change:+.1f` ({glue:text}`freed_low_rank_prediction_low:+.1f` to {glue:text}`freed_low_rank_prediction_high:+.1f`) | {glue:text}`freed_low_rank_recovery_change:+.0f` ({glue:text}`freed_low_rank_low:+.0f` to {glue:text}`freed_low_rank_high:+.0f`) |
#
# Over all numbers of triplets there are {glue:text}`n_comparisons:d` such pairs of changes. In {glue:text}`n_traded:d` of them
# one is gained and the other lost; in {glue:text}`n_traded_sure:d` of these the 95% intervals of both exclude zero. In
# {glue:text}`n_together:d` both go the same way, and in {glue:text}`n_together_sure:d` of these both intervals exclude zero.
# In {glue:text}`n_even:d` recovery does not change. The intervals are not corrected for their number.
#
# ```{glue:figure} trade_off
# :name: figure-plateau-trade-off
# :alt: Two panels with the prediction of people on the vertical and recovery accuracy on the horizontal axis: a point for each transform and number of triplets, dashed lines that join points of one number of triplets, and horizontal intervals.
# :width: 100%
#
# Avitan & Golan Figure 5, with our models: prediction of people (mean over models, all their judgements) against recovery, with exact 95% intervals of
# recovery. A line joins the transforms at one number of simulated triplets. [The points, with intervals of both
# (CSV)](tables/plateau_trade_off.csv), [changes against the full matrix
# (CSV)](tables/plateau_trade_off_changes.csv)
# ```
#
# Each generator answers with its own transform. So the models do not imitate the same person under two
# transforms, though the level of noise is the same. Both axes change with the transform, as in the published
# figure. There, people's judgements are cut to the number of simulated triplets. Here all of them are fitted,
# which is why a transform has one height.
#
# (plateau-penalty)=
# ### Does shrinkage help?
#
# The published study brings in shrinkage because models are then recovered more often, and predict people as well.
# Each job here is run with both penalties, on the same objects and triplets.

# %% tags=["hide-input", "remove-output"]
penalties = failure.compare_penalties(transforms, pooled, **asked)
glue.save(penalties, "plateau_penalties")
of_full = penalties.query("transform == 'full' and score == @sampled")
glue.numbers(**failure.penalty_numbers(of_full.set_index("n_triplets")))
gains = failure.mean_gains(transforms, score=sampled, seed=seed)
points_of = ["difference", "low", "high"]
gains[points_of] *= 100
glue.save(gains, "plateau_penalty_means")
gain = gains.loc["full"]
glue.row("gain", gain)
glue.numbers(gain_zero=words.say_zero(gain["low"], gain["high"]))
others = penalties.query("transform != 'full'")
glue.numbers(what_penalties=failure.say_penalties(others, score=sampled))
glue.figure("penalty_gains", failure.plot_penalties(penalties))

# %% [markdown]
# With a full matrix and by sampled answers, shrinkage changes recovery by {glue:text}`gain_difference:+.1f` points as a mean over all numbers of
# triplets ({glue:text}`gain_low:+.1f` to {glue:text}`gain_high:+.1f`; the interval {glue:text}`gain_zero`;
# [all transforms (CSV)](tables/plateau_penalty_means.csv)). The change is most in favour of shrinkage at
# {glue:text}`penalty_size:,d` triplets: the generator wins {glue:text}`penalty_shrinkage:.0%` of jobs, and
# {glue:text}`penalty_frobenius:.0%` with Frobenius, {glue:text}`penalty_gain:+.0f` points (95% interval
# {glue:text}`penalty_low:+.0f` to {glue:text}`penalty_high:+.0f`, {glue:text}`penalty_n_jobs:.0f` jobs). The interval, not
# corrected for the number of sizes, lies above zero at {glue:text}`penalty_n_clear:d` of {glue:text}`penalty_n_sizes:d` numbers of triplets. At
# {glue:text}`penalty_largest:,d` it is {glue:text}`penalty_last_gain:+.0f` points
# ({glue:text}`penalty_last_low:+.0f` to {glue:text}`penalty_last_high:+.0f`). People are predicted alike: shrinkage less
# Frobenius is {glue:text}`penalty_prediction:+.2f` points ({glue:text}`penalty_prediction_low:+.2f` to
# {glue:text}`penalty_prediction_high:+.2f`, {glue:text}`penalty_n_predicted:.0f` models), so that neither is ahead by
# more than {glue:text}`penalty_bound:.2f`. {glue:text}`what_penalties`
#
# ```{glue:figure} penalty_gains
# :name: figure-plateau-penalties
# :alt: Three panels of shrinkage less Frobenius: recovery by sampled answers and without sampling noise at each number of triplets, and prediction of people, with a point and an interval for each transform and a line at zero.
# :figclass: folded
# :width: 100%
#
# What shrinkage gains over the Frobenius penalty, with 95% intervals from resampling generators (of prediction:
# models). [The differences, and the bounds that their intervals leave (CSV)](tables/plateau_penalties.csv)
# ```
#

# %% tags=["hide-input", "remove-output"]
few = ["things_open_k16", "things_open", "things_open_k256"]
components = open_several(few)
several = (transforms | components).items()
ends = {name: study.provenance for name, study in several}
ends = winners.generators_at_ends(ends)
ends = ends.rename_axis("study")
glue.row("full", ends.loc["things_open"])
glue.row("zero", ends.loc["full-frobenius"])
longer = failure.open_transforms(longer=True)
of_longer = {name: study.provenance for name, study in longer.items()}
ends_longer = winners.generators_at_ends(of_longer).rename_axis("study")
glue.row("longer", ends_longer.sum())
grids = [
    study["experiment"]["generator_strengths"] for study in of_longer.values()
]
glue.numbers(longest=min(map(min, grids)))
glue.save(pd.concat([ends, ends_longer]), "plateau_transform_ends")
by_penalty = failure.compare_penalties(longer, pooled, **asked)
glue.save(by_penalty, "plateau_penalties_longer")
glue.numbers(what_longer=failure.say_penalties(by_penalty, score=sampled))
gains = failure.mean_gains(longer, score=sampled, seed=seed)
gains[points_of] *= 100
weaker = gains.loc["full"]
glue.row("gain_longer", weaker)
glue.numbers(longer_zero=words.say_zero(weaker["low"], weaker["high"]))
inside = weaker["low"] <= gain["difference"] <= weaker["high"]
glue.numbers(longer_side="within" if inside else "outside")

# %% [markdown]
# All these studies let generators choose no weaker strength than the candidates. With a full matrix
# {glue:text}`full_weakest:d` of {glue:text}`full_n:d` generators chose the weakest, and with the Frobenius penalty
# {glue:text}`zero_weakest:d` of {glue:text}`zero_n:d`. Two more studies with a full matrix let generators of either
# penalty choose down to {glue:text}`longest:g`; of {glue:text}`longer_n:d` generators {glue:text}`longer_weakest:d`
# chose that end. {glue:text}`what_longer` As a mean over its numbers of triplets, shrinkage changes recovery by
# {glue:text}`gain_longer_difference:+.1f` points there ({glue:text}`gain_longer_low:+.1f` to {glue:text}`gain_longer_high:+.1f`,
# {glue:text}`gain_longer_n_jobs:d` jobs with each). This interval {glue:text}`longer_zero`, and the gain with the shorter grid
# lies {glue:text}`longer_side` it. Where an interval holds both zero and that gain, it does not say whether the gain remains.
# [All studies: generators at an end of their grid
# (CSV)](tables/plateau_transform_ends.csv), [the penalties with the longer grid
# (CSV)](tables/plateau_penalties_longer.csv)
#
# ### Do components matter?
#
# A full matrix is the more flexible, the more components it acts on. A few models were also studied with fewer
# components and with more. The table compares these models only.

# %% tags=["hide-input"]
found = failure.recovery_by_study(components, **asked)
found = found[found["n_triplets"].isin(sizes_components)]
found = found.sort_values(["score", "n_triplets", "components"])
glue.save(found, "plateau_components")
ranges = found.groupby("score")["recovery"].agg(["min", "max"])
glue.row("exact_components", ranges.loc[exact])
glue.row("sampled_components", ranges.loc[sampled])
told = ["score", "n_triplets", "components", "recovery", "low", "high"]
glue.table(found[[*told, "chance", "n_jobs", "n_seeds"]], folded=True)

# %% [markdown]
# No difference shows in these jobs, but they are few. Without sampling noise recovery lies between {glue:text}`exact_components_min:.0%` and
# {glue:text}`exact_components_max:.0%`, and by sampled answers between {glue:text}`sampled_components_min:.0%` and
# {glue:text}`sampled_components_max:.0%`. The intervals of the table are wide, so that there may be a difference. [The table
# (CSV)](tables/plateau_components.csv)
#
# ## What this does not show
#
# - It does not show that a factor without a visible effect has none. {glue:text}`n_generators:d` generators,
#   one fold and few seeds (their number is {glue:text}`n_seeds_cells:d`) leave the intervals wide.
# - It does not show that a factor with an effect is *the* cause of the published plateau. Effects hold over the
#   levels chosen, among these models, at up to {glue:text}`last_size:,d` triplets. Interactions of three and
#   more factors were not tested.
# - It does not show what penalties weaker than the grids would do. The published generators may lie there.
# - It says nothing about what all cells share: the full transform, the penalty, these models and photographs.
#   The studies of flexibility vary transform and penalty, but in the open study alone.
# - Those are other models than the published ones, with fewer components, and their generators are fitted to
#   fewer judgements. What holds here need not hold there.
