# %% [markdown]
# # Why does recovery plateau in the paper and not here?
#
# {cite:t}`avitan2025` find that {term}`recovery accuracy` stays below {glue:text}`bound:.0%` even with millions of
# triplets. In the study of {doc}`13_recovery`, the models of this chapter reach {glue:text}`open_last:.0%` with
# {glue:text}`open_largest:,d`. The two studies differ in nearly everything: models, number of components, number of
# judgements that {term}`generators <generator>` are fitted to, the rule that chooses their {term}`strength`, the
# solver, the sampler of triplets. This chapter takes these apart as far as the open data allow.
#
# Real judgements are too few for that: those that are open cannot align all components of a model as strongly as the
# 4.5 million of the published study. So people are replaced. The *simulated people* of this chapter are choices sampled
# from SPoSE-66 {cite:p}`hebart2023`, an embedding that was itself fitted to people's judgements and is as decided here
# as people are. There are as many such choices as one likes, and none of them is a person's. Whatever is said about
# simulated people is said about this stand-in, and an embedding is of the very form that {term}`probes <probe>` have:
# simulated people can be easier to fit than real ones.

# %% tags=["parameters"]
# numbers of triplets whose confusions are shown
sizes_shown = [1600, 6400, 102400]
# the one whose ranks are shown
size_ranks = 6400
# for the intervals from resampling
seed = 0
# standard deviation, over triplets, of a lead without sampling noise: not
# stored, and from .21 to .33 between four models of the open study
sd_lead = 0.33

# %% tags=["remove-cell"]
import pandas as pd

from yardsticks import style
from yardsticks.claims import published
from yardsticks.datasets import catalogue
from yardsticks.notebooks import glue
from yardsticks.recovery.failure.figures import plot_ranks_by_role
from yardsticks.recovery.failure.flexibility import (
    recovery_by_study,
    shared_models,
)
from yardsticks.recovery.failure.rivals import OTHERS, ranks_by_role
from yardsticks.recovery.plateau.cells import (
    cell_jobs,
    compare_cells,
    describe_jobs,
    fits_by_cell,
)
from yardsticks.recovery.plateau.contrasts import (
    aliases,
    code_cells,
    cross,
    effects,
    resolution,
)
from yardsticks.recovery.plateau.figures import (
    plot_cells,
    plot_effects,
    plot_regimes,
)
from yardsticks.recovery.plateau.settings import departures, lay_out
from yardsticks.recovery.plateau.words import (
    say_bound,
    say_effects,
    say_largest,
    say_lost,
)
from yardsticks.recovery.studies.tables import open_results
from yardsticks.recovery.winners.credit import confusions, lost
from yardsticks.recovery.winners.curves import (
    describe_end,
    model_sets,
    one_per_family,
    recovery_by_set,
)
from yardsticks.recovery.winners.figures import plot_confusions
from yardsticks.recovery.winners.fits import describe_fits, generators_at_end

style.use()

# %%
surrogate, of_surrogate, origin = open_results("things_surrogate")
open_rows, of_open = open_results("things_open")[:2]
cell_rows, design = open_results("plateau")[:2]
# the catalogue is part of the project; features are not needed here
described = catalogue("features").set_index("model")
origin

# %% tags=["remove-cell"]
sampled, exact = "test_accuracy", "noise_free_accuracy"
families, labels = described["family"], described["label"]
people, stand_in = "open judgements", "simulated people"
studies = {people: (open_rows, of_open), stand_in: (surrogate, of_surrogate)}
order = of_surrogate["experiment"]["models"]
models = [name for name in order if name in shared_models(studies)]
bound = published("avitan2025").at["recovery_plateau", "value"]

# %% [markdown]
# ## Two regimes
#
# The study of {doc}`13_recovery` and a study with simulated people have {glue:text}`n_models:d` models in common. Among
# these, the two are set side by side. They differ in the settings below, in the grids of strengths
# ({glue:text}`n_strengths_open:d` from {glue:text}`weakest_open:g` to {glue:text}`strongest_open:g` in the open study,
# {glue:text}`n_strengths:d` from {glue:text}`weakest_simulated:g` to {glue:text}`strongest_simulated:g` with simulated
# people), and in number of seeds. A seed splits the objects alike in both.

# %%
regimes, _ = lay_out(
    {people: of_open["experiment"], stand_in: of_surrogate["experiment"]}
)
glue.table(regimes.T.rename_axis("setting").reset_index())

# %%
curves = recovery_by_study(
    studies, scores=[sampled, exact], seed=seed, models=models
)
glue.save(curves, "plateau_curves")
glue.table(
    curves.loc[
        curves["study"] == stand_in,
        ["score", "n_triplets", "recovery", "low", "high", "chance", "n_jobs"],
    ]
)

# %% tags=["remove-cell"]
both = pd.concat(
    {people: open_rows, stand_in: surrogate}, names=["cell"]
).reset_index("cell")
n_noise_free = of_surrogate["experiment"]["n_noise_free"]
narrow = 2 * sd_lead / n_noise_free**0.5  # two standard errors
regime_jobs = cell_jobs(
    both, scores=[exact, sampled], sets={"the same models": models}
)
of_regimes = describe_jobs(regime_jobs, ["cell", "score", "n_triplets"])
glue.save(of_regimes, "plateau_regimes")
compared = compare_cells(
    regime_jobs,
    pd.DataFrame({"reference": [people], "cell": [stand_in]}),
    responses=["credit", "margin", "own"],
    seed=seed,
    by=["score", "n_triplets"],
)
glue.save(compared, "plateau_regimes_compared")
reference_set = model_sets(described, models)["reference photographs"]
by_set = recovery_by_set(
    surrogate,
    {"reference photographs": reference_set},
    scores=[exact],
    seed=seed,
)
glue.save(by_set, "plateau_reference_photographs")
sizes = sorted(surrogate["n_triplets"].unique())
at = of_regimes.set_index(["cell", "score", "n_triplets"])
small = at.loc[(stand_in, exact, sizes[0])]
large = at.loc[(stand_in, exact, sizes[-1])]
open_sizes = at.loc[(people, sampled)].index
false = regime_jobs[
    (regime_jobs["cell"] == stand_in)
    & (regime_jobs["score"] == exact)
    & lost(regime_jobs)
]
grids = {name: studies[name][1]["experiment"]["strengths"] for name in studies}
of_exact = curves[(curves["study"] == stand_in) & (curves["score"] == exact)]
of_sampled = curves[
    (curves["study"] == stand_in) & (curves["score"] == sampled)
]
paired = compared[compared["score"] == exact].set_index(
    ["response", "n_triplets"]
)
common = paired.index.get_level_values("n_triplets")
target = pd.DataFrame(of_surrogate["generators"])["target"].iloc[0]
glue.numbers(
    n_models=len(models),
    n_simulated=of_surrogate["experiment"]["n_judgements"],
    n_strengths=len(grids[stand_in]),
    weakest_simulated=min(grids[stand_in]),
    strongest_simulated=max(grids[stand_in]),
    n_strengths_open=len(grids[people]),
    weakest_open=min(grids[people]),
    strongest_open=max(grids[people]),
    open_largest=int(open_sizes.max()),
    open_last=at.loc[(people, sampled, open_sizes.max()), "recovery"],
    n_seeds=int(surrogate["seed"].nunique()),
    n_seeds_open=int(
        open_rows.loc[open_rows["n_triplets"] == sizes[0], "seed"].nunique()
    ),
    chance=1 / len(models),
    bound=bound,
    smallest=int(sizes[0]),
    largest=int(sizes[-1]),
    course=describe_end(of_exact),
    course_sampled=describe_end(of_sampled),
    first=small["recovery"],
    last=large["recovery"],
    last_low=large["low"],
    last_high=large["high"],
    side=say_bound(large["low"], large["high"], bound),
    open_first=at.loc[(people, exact, sizes[0]), "recovery"],
    n_noise_free=n_noise_free,
    narrow=narrow,
    sd_lead=sd_lead,
    n_lost=len(false),
    n_narrow=int((false["margin"] > -narrow).sum()),
    lost_first=say_lost(small, labels),
    lost_last=say_lost(large, labels),
    common_first=int(common.min()),
    margin_open=paired.at[("margin", common.min()), "of_reference"],
    margin_simulated=paired.at[("margin", common.min()), "of_cell"],
    margin_low=paired.at[("margin", common.min()), "low"],
    margin_high=paired.at[("margin", common.min()), "high"],
    own_open=paired.at[("own", common.min()), "of_reference"],
    own_simulated=paired.at[("own", common.min()), "of_cell"],
    own_simulated_last=large["own"],
    target=target,
    reference_first=by_set["recovery"].iloc[0],
    reference_last=by_set["recovery"].iloc[-1],
    n_reference=len(reference_set),
)
glue.figure("regimes", plot_regimes(curves, line="study", bound=float(bound)))

# %% [markdown]
# With simulated people ({glue:text}`n_simulated:,d` choices) and scored without sampling noise, recovery
# {glue:text}`course`: from {glue:text}`first:.0%` at {glue:text}`smallest:,d` triplets, where the open study has
# {glue:text}`open_first:.0%`, to {glue:text}`last:.0%` at {glue:text}`largest:,d` (chance is {glue:text}`chance:.0%`).
# By sampled answers it {glue:text}`course_sampled`. A job that is lost without sampling noise is not lost to the luck
# of sampled test answers: the wrong model, as it was fitted, predicts better the probabilities that the generator gives.
# That is still a mean over {glue:text}`n_noise_free:,d` triplets, so that leads of up to about {glue:text}`narrow:.3f`
# lie within its error (two standard errors, taking {glue:text}`sd_lead:.2f` for the standard deviation of a lead over
# triplets, which was not stored). By so little {glue:text}`n_narrow:d` of the {glue:text}`n_lost:d` lost jobs are lost. Training
# answers are sampled for both scores.
#
# ```{glue:figure} regimes
# :name: figure-plateau-regimes
# :alt: Two panels of recovery accuracy against the number of training triplets on a logarithmic axis, by sampled answers and without sampling noise; one curve for generators fitted to open judgements and one for generators fitted to simulated people, with intervals, dotted lines of chance, and a dashed line at the bound that the published study states for millions of triplets.
# :width: 100%
#
# The same {glue:text}`n_models:d` models in two regimes, with exact 95% intervals. The dashed line is what the
# published study says of other models, real people and millions of triplets.
# [The curves (CSV)](tables/plateau_curves.csv), [leads and false winners (CSV)](tables/plateau_regimes.csv)
# ```
#
# Each point of the simulated curve rests on one job for each model and seed ({glue:text}`n_seeds:d` here,
# {glue:text}`n_seeds_open:d` in the open study), so that its intervals are wide. They also take jobs for independent,
# which those of a seed are not. The one at {glue:text}`largest:,d` triplets, {glue:text}`last_low:.0%` to
# {glue:text}`last_high:.0%`, lies {glue:text}`side` the published bound of {glue:text}`bound:.0%`.
#
# How near these jobs are to being lost or won is told by the generator's lead: its own noise-free score less the best
# other's. At {glue:text}`common_first:,d` triplets, over the jobs that both have, it is {glue:text}`margin_open:.3f`
# with the open judgements and {glue:text}`margin_simulated:.3f` with simulated people (95% interval of the difference
# over generators {glue:text}`margin_low:+.3f` to {glue:text}`margin_high:+.3f`). A generator has to be learned again,
# from its answers about other objects, before it can win. Its own score is then {glue:text}`own_open:.3f` and
# {glue:text}`own_simulated:.3f`, where one who knew its probabilities would reach about {glue:text}`target:.3f`; with
# simulated people it has come to {glue:text}`own_simulated_last:.3f` at {glue:text}`largest:,d` triplets. What remains
# to that ceiling is room for a rival. [The comparison at each size (CSV)](tables/plateau_regimes_compared.csv)
#
# One of the models, BLIP, saw other photographs of the same concepts. Among the {glue:text}`n_reference:d` that saw
# those people judged, recovery without sampling noise goes from {glue:text}`reference_first:.0%` to
# {glue:text}`reference_last:.0%`. [The table (CSV)](tables/plateau_reference_photographs.csv)
#
# ## Who wins instead, with simulated people

# %% tags=["remove-cell"]
matrices = confusions(surrogate, sizes_shown, score=exact, models=models)
glue.save(
    pd.concat(matrices, names=["n_triplets"])
    .reset_index("n_triplets")
    .rename_axis(index="generator"),
    "plateau_confusions",
)
ranks = {
    exact: ranks_by_role(
        surrogate, n_triplets=size_ranks, score=exact, models=models, seed=seed
    ),
    sampled: ranks_by_role(
        surrogate,
        n_triplets=size_ranks,
        score=sampled,
        models=models,
        seed=seed,
    ),
}
ranked = pd.concat(ranks, names=["score"]).reset_index("score")
glue.save(ranked, "plateau_ranks")
rivals = ranked[(ranked["score"] == exact) & (ranked["role"] == OTHERS)]
rivals = rivals.sort_values("rank")
glue.numbers(
    size_ranks=size_ranks,
    best_rival=labels[rivals["model"].iloc[0]],
    best_rival_rank=rivals["rank"].iloc[0],
    best_rival_wins=rivals["wins"].iloc[0],
    blind_rank=rivals["blind"].mean(),
    n_never=int((rivals["wins"] == 0).sum()),
)
glue.figure(
    "plateau_confusions",
    plot_confusions(matrices, labels=labels, families=families),
)
glue.figure("plateau_ranks", plot_ranks_by_role(ranks, labels=labels))

# %% [markdown]
# Without sampling noise, {glue:text}`lost_first` at {glue:text}`smallest:,d` triplets, and {glue:text}`lost_last` at
# {glue:text}`largest:,d`.
#
# ```{glue:figure} plateau_confusions
# :name: figure-plateau-confusions
# :alt: Square matrices of generators by winners at several numbers of triplets, shaded by the share of a generator's jobs, for simulated people and without sampling noise; shares on the diagonal are recoveries.
# :width: 100%
#
# Simulated people: who wins without sampling noise. [The matrices (CSV)](tables/plateau_confusions.csv)
# ```
#
# On the answers of others, {glue:text}`best_rival` comes nearest the first rank at {glue:text}`size_ranks:,d` triplets
# (mean rank {glue:text}`best_rival_rank:.1f`, a blind judgement would give {glue:text}`blind_rank:.1f`), and is first
# on {glue:text}`best_rival_wins:.0%` of them. {glue:text}`n_never:d` models never win falsely.
#
# ```{glue:figure} plateau_ranks
# :name: figure-plateau-ranks
# :alt: For each model its mean rank among the candidates on its own answers and on the answers of others, without sampling noise and by sampled answers, with a dotted line at the blind rank.
# :width: 100%
#
# Simulated people: mean rank on a model's own answers and on others', at {glue:text}`size_ranks:,d` triplets. Lines are
# 95% intervals from resampling generators; {glue:text}`n_seeds:d` seeds are too few for those of a model's own answers.
# [The ranks (CSV)](tables/plateau_ranks.csv)
# ```
#
# ## One thing at a time, and all of them together
#
# The two regimes differ in several settings at once. To tell these apart, {glue:text}`n_cells:d` smaller studies,
# called cells, were run with {glue:text}`n_six:d` of the models. {glue:text}`n_fraction:d` of them are a half fraction
# of all combinations of {glue:text}`n_factors:d` factors at two levels {cite:p}`box2005`, low first:

# %%
six = design["experiment"]["models"]
codes = code_cells(design["fraction"], design["factors"])
# one more cell comes from the study above
sizes_cells = cell_rows["n_triplets"].unique()
settings = design["cells"] | {
    "all-components": of_surrogate["experiment"],
}
cells = pd.concat(
    [
        cell_rows,
        surrogate[
            surrogate["n_triplets"].isin(sizes_cells)
            & surrogate["generator"].isin(six)
            & surrogate["candidate"].isin(six)
        ].assign(cell="all-components"),
    ]
)
layout, levels = lay_out(settings, codes)
factors = pd.DataFrame(levels, index=["low", "high"])[list(codes)].T
glue.table(factors.rename_axis("factor").reset_index())

# %% [markdown]
# *components* are those of the features that a probe gets. *strength_rule* says how a generator's strength is chosen:
# tested on objects outside the fit, or on other triplets of the same objects, which is near the published rule and
# favours weaker penalties. *scale* is that of the features; the grid of strengths is longer for raw ones, and
# as scaling all features by one number is the same as dividing the strength by its square, an exact solver should find
# next to no effect beyond that of the grid. *sampler* is uniform, or as in the published code, which over-samples some
# objects. *judgements* are the open ones of people, or those of simulated people.
#
# In each cell every model is generator and candidate, in one fold (seeds: {glue:text}`n_seeds_cells:d`), at
# {glue:text}`first_size:,d` and {glue:text}`last_size:,d` triplets. The design has resolution
# {glue:text}`resolution:d`: no main effect and no interaction of two factors has the same contrast as another of these.
# What each is confounded with are interactions of three and more factors, which have to be taken for negligible:

# %%
glue.table(aliases(codes).drop(columns="n_factors"))

# %%
sets = {"all": six, "one per family": list(one_per_family(families, six))}
jobs = cell_jobs(cells, scores=[exact, sampled], sets=sets)
among_all = jobs[jobs["candidates"] == "all"]
of_cells = describe_jobs(among_all, ["cell", "score"])
glue.save(
    describe_jobs(jobs, ["cell", "candidates", "score", "n_triplets"]),
    "plateau_cells",
)
glue.save(layout, "plateau_layout")
glue.save(jobs, "plateau_jobs")
glue.table(
    of_cells[of_cells["score"] == exact]
    .drop(columns=["score", "chance", "low", "high"])
    .sort_values(["recovery", "margin"], ascending=False)
)

# %% tags=["remove-cell"]
cell = of_cells.set_index(["score", "cell"])
fraction = [name for name in design["fraction"] if name in settings]
spread = cell.loc[exact].loc[fraction, "recovery"]
not_won = (
    1
    - among_all[
        among_all["cell"].isin(fraction) & (among_all["score"] == exact)
    ]
    .groupby("generator")["credit"]
    .mean()
)
all_lost = describe_jobs(
    among_all[among_all["cell"].isin(fraction)], ["score"]
).set_index("score")
glue.numbers(
    n_cells=len(settings),
    n_six=len(six),
    n_fraction=len(design["fraction"]),
    n_factors=len(design["factors"]),
    n_seeds_cells=int(cell_rows["seed"].nunique()),
    first_size=int(min(sizes_cells)),
    last_size=int(max(sizes_cells)),
    resolution=int(resolution(codes)),
    lowest_cell=spread.min(),
    highest_cell=spread.max(),
    lost_cells=say_lost(all_lost.loc[exact], labels),
    n_unlike=int((not_won > 0).sum()),
)
glue.figure(
    "plateau_cells",
    plot_cells(layout, of_cells, levels=levels, fraction=design["fraction"]),
)

# %% [markdown]
# Without sampling noise, recovery in the cells of the fraction goes from {glue:text}`lowest_cell:.0%` to
# {glue:text}`highest_cell:.0%`, and {glue:text}`lost_cells`. All differences in recovery between these cells come from
# {glue:text}`n_unlike:d` of {glue:text}`n_six:d` generators; the others win everywhere.
#
# ```{glue:figure} plateau_cells
# :name: figure-plateau-cells
# :alt: A row of dots for each cell, open where a setting is low and filled where it is high, other values written out, and beside it the cell's recovery accuracy by both scores; rows are ordered by recovery without sampling noise.
# :width: 100%
#
# The cells and their recovery. Judgements other than the open ones are of simulated people.
# [The cells by size and set of candidates (CSV)](tables/plateau_cells.csv),
# [their settings (CSV)](tables/plateau_layout.csv), [all jobs (CSV)](tables/plateau_jobs.csv)
# ```
#
# ## Which factor moves recovery?
#
# An effect is the mean at the high level less that at the low one, over the cells of the fraction; an interaction is
# half of what one factor adds to the effect of the other. The same generators answer about the same objects in all
# cells (and the same triplets, where sampler and judgements are the same), so the effect is computed within each job
# first. What can then still vary is the choice of models: intervals and p values are those of Student's t over the
# {glue:text}`n_generators:d` generators' own effects. (The table has intervals from resampling generators beside them,
# which are too narrow for so few; and the effects in single seeds.) p is corrected after Holm for the
# {glue:text}`n_effects:d` effects of a score and a response.

# %%
responses = ["credit", "margin", "own"]
found = effects(among_all, codes, responses=responses, seed=seed)
glue.save(found, "plateau_effects")
by_size = effects(
    among_all,
    codes,
    responses=responses,
    seed=seed,
    by=["score", "n_triplets"],
)
glue.save(by_size, "plateau_effects_by_size")
main = found[(found["score"] == exact) & (found["n_factors"] == 1)]
glue.table(
    main[["response", "term", "effect", "low", "high", "p_corrected", "share"]]
)

# %% tags=["remove-cell"]
of_response = found.set_index(["score", "response"])
recovered = of_response.loc[(exact, "credit")]
lead = of_response.loc[(exact, "margin")]
glue.numbers(
    n_generators=int(recovered["n_generators"].iloc[0]),
    n_effects=len(recovered),
    what_recovery=say_effects(recovered, unit="points"),
    what_sampled=say_effects(
        of_response.loc[(sampled, "credit")], unit="points"
    ),
    what_lead=say_effects(lead, unit="accuracy"),
    what_own=say_effects(of_response.loc[(exact, "own")], unit="accuracy"),
    largest_recovery=say_largest(recovered, unit="points"),
    largest_lead=say_largest(lead, unit="accuracy"),
    width=((recovered["high"] - recovered["low"]) / 2).median() * 100,
    even_share=1 / len(recovered),
)
glue.figure("plateau_effects", plot_effects(found, levels=levels))

# %% [markdown]
# ```{glue:figure} plateau_effects
# :name: figure-plateau-effects
# :alt: Points with intervals for five main effects and ten interactions, in three panels for recovery, the generator's lead over the best other candidate, and the generator's own score, by two scores; points are filled where the corrected p is below 0.05.
# :width: 100%
#
# Effects on recovery, on the generator's lead and on its own score, with 95% intervals over generators, which are not
# corrected for their number. [The effects (CSV)](tables/plateau_effects.csv),
# [at each size (CSV)](tables/plateau_effects_by_size.csv)
# ```
#
# On recovery without sampling noise, {glue:text}`what_recovery`; by sampled answers, {glue:text}`what_sampled`. Without
# sampling noise, {glue:text}`largest_recovery`. An even share would be {glue:text}`even_share:.0%`. Half the width of a
# typical interval is {glue:text}`width:.0f` points: effects much smaller than that cannot be seen with so few models,
# and not to see an effect does not show that there is none.
#
# Recovery only counts who is first. The lead says more: on it, {glue:text}`what_lead`; {glue:text}`largest_lead`. A
# lead shrinks when the generator is learned less well or a rival better. On the generator's own score,
# {glue:text}`what_own`; what an effect on the lead has beyond that on the own score, is the rivals'.
#
# ### Candidates
#
# How many candidates there are, and how alike, is no setting of a run but a choice of the analysis: the same jobs are
# looked at among all {glue:text}`n_six:d` models, and among {glue:text}`n_one_each:d` of different families. This makes
# a sixth factor, crossed with all cells; only generators that are in both sets count.

# %%
crossed = cross(codes, "candidates", ("all", "one per family"))
with_candidates = effects(jobs, crossed, responses=responses, seed=seed)
glue.save(with_candidates, "plateau_candidates")
concerned = with_candidates["term"].str.contains("candidates")
glue.table(
    with_candidates.loc[
        concerned
        & (with_candidates["score"] == exact)
        & (with_candidates["response"] == "credit"),
        ["term", "effect", "low", "high", "p_corrected", "share"],
    ]
)

# %% tags=["remove-cell"]
of_candidates = with_candidates.set_index(["score", "response", "term"])
fewer = of_candidates.loc[(exact, "credit", "candidates")]
outcomes = jobs[(jobs["score"] == exact) & jobs["cell"].isin(fraction)].pivot(
    index=["cell", "generator", "seed", "n_triplets"],
    columns="candidates",
    values="credit",
)
outcomes = outcomes.dropna()
glue.numbers(
    n_outcomes=len(outcomes),
    n_changed=int((outcomes["all"] != outcomes["one per family"]).sum()),
    n_one_each=len(sets["one per family"]),
    fewer=fewer["effect"] * 100,
    fewer_low=fewer["low"] * 100,
    fewer_high=fewer["high"] * 100,
)

# %% [markdown]
# Without sampling noise, to leave one model of a family changes recovery by {glue:text}`fewer:+.0f` points
# ({glue:text}`fewer_low:+.0f` to {glue:text}`fewer_high:+.0f`): the outcome of {glue:text}`n_changed:d` of
# {glue:text}`n_outcomes:d` jobs of the fraction changes. A set without a candidate cannot be harder for the generators
# that stay, so the sign is no finding. Where no outcome changes, nobody was beaten by the models left out, which says
# nothing of sets with other relatives.
# [All effects with the candidates among the factors (CSV)](tables/plateau_candidates.csv)
#
# ### Other solvers, components and numbers of judgements
#
# Cells outside the fraction depart in one setting from another cell, and are compared with it job by job. `from` and
# `to` are the values of that setting. The grid of strengths does not count as one: it follows from the scale of the
# features, and `all-components`, which is taken from the study above, has its finer grid. The published solver stops early, and the cells with all components or with fewer
# simulated judgements show whether what the fraction found goes on beyond its levels.

# %%
pairs = departures(settings, design["fraction"])
departed = compare_cells(among_all, pairs, responses=responses, seed=seed)
glue.save(departed, "plateau_departures")
glue.table(
    departed.loc[
        (departed["score"] == exact) & (departed["response"] != "own"),
        [
            "reference",
            "departs",
            "from",
            "to",
            "response",
            "of_reference",
            "of_cell",
            "effect",
            "low",
            "high",
            "p_corrected",
            "n_jobs",
        ],
    ].sort_values("response", kind="stable")
)

# %% tags=["remove-cell"]
of_lead = departed[
    (departed["score"] == exact) & (departed["response"] == "credit")
]
glue.numbers(
    n_departures=len(of_lead),
    n_sure_departures=int((of_lead["p_corrected"] < 0.05).sum()),
    largest_departure=of_lead["effect"].abs().max() * 100,
)

# %% [markdown]
# Of {glue:text}`n_departures:d` such comparisons of recovery without sampling noise, {glue:text}`n_sure_departures:d`
# can be told from zero, corrected for their number; the largest difference is {glue:text}`largest_departure:.0f`
# points. Where all generators agree exactly there is no p, and where both cells recover everything nothing can differ:
# the lead is then the better guide. [All comparisons (CSV)](tables/plateau_departures.csv)
#
# ## How the fits went

# %%
fits = fits_by_cell(cells, settings)
glue.save(fits, "plateau_fits")
glue.table(
    fits[
        [
            "cell",
            "n_triplets",
            "n_jobs",
            "weakest",
            "strongest",
            "itself_at_end",
            "not_converged",
            "loose_gap",
        ]
    ]
)

# %% tags=["remove-cell"]
of_study = describe_fits(surrogate, of_surrogate["experiment"]["strengths"])
glue.save(of_study, "plateau_fits_surrogate")
made = design["generators"] | {"all-components": of_surrogate["generators"]}
at_ends = pd.DataFrame(
    {
        cell: generators_at_end(made[cell], setting["strengths"])
        for cell, setting in settings.items()
    }
).T.rename_axis("cell")
glue.save(at_ends, "plateau_grid_ends")
at_weakest = at_ends["weakest"].reindex(codes.index)
glue.numbers(
    weakest=of_study["weakest"].mean(),
    strongest=of_study["strongest"].mean(),
    most_at_end=fits["itself_at_end"].max(),
    most_at_end_cell=fits.at[fits["itself_at_end"].idxmax(), "cell"],
    n_ended_cells=int((at_weakest > len(six) / 2).sum()),
    n_cells_scaled=int((codes["scale"] == -1).sum()),
    n_ended_scaled=int(
        ((at_weakest > len(six) / 2) & (codes["scale"] == -1)).sum()
    ),
    n_ended_study=int(at_ends.at["all-components", "weakest"]),
    n_made_study=int(at_ends.at["all-components", "n"]),
    n_not_converged=int(fits["not_converged"].sum()),
    n_not_converged_study=int(of_study["not_converged"].sum()),
    n_errors=int((fits["n_errors"]).sum() + of_study["n_errors"].sum()),
)

# %% [markdown]
# Generators were fitted to people, or simulated people, at the best strength of the same grids. In
# {glue:text}`n_ended_cells:d` cells of the fraction most generators chose the weakest; {glue:text}`n_ended_scaled:d` of
# these are among the {glue:text}`n_cells_scaled:d` with features of unit RMS, whose grid is shorter than that of raw ones.
# Of the {glue:text}`n_made_study:d` generators of the study with simulated people {glue:text}`n_ended_study:d` did.
# Weaker penalties than those of the grid would have aligned these more strongly, and what the rule, the judgements and
# the scale might do there is cut off. [Generators at an end of their grid (CSV)](tables/plateau_grid_ends.csv)
#
# Where the strength of a fit to a generator's answers is an end of its grid, a wider grid might have served that candidate
# better. That holds for the generator's own model in up to {glue:text}`most_at_end:.0%` of a cell's jobs of one size
# ({glue:text}`most_at_end_cell`, or a cell with as many); in the study with simulated people, {glue:text}`weakest:.1%`
# of rows have the weakest strength and {glue:text}`strongest:.1%` the strongest. Rows that did not meet their solver's
# stopping rule: {glue:text}`n_not_converged:d` in the cells, {glue:text}`n_not_converged_study:d` in that study; with
# an error: {glue:text}`n_errors:d`. The grids of the cells run for this have whole decades, coarser than those of the two studies.
# [The cells (CSV)](tables/plateau_fits.csv), [the study with simulated people (CSV)](tables/plateau_fits_surrogate.csv)
#
# ## What may be said about the published plateau, and what not
#
# What may be said:
#
# - With open models, all their components, and as many judgements of simulated people as the published generators had
#   of real ones, recovery without sampling noise {glue:text}`course`. At {glue:text}`smallest:,d` triplets
#   {glue:text}`lost_first`; at {glue:text}`largest:,d`, {glue:text}`lost_last`. Of the
#   {glue:text}`n_lost:d` jobs that are lost without sampling noise at any size, {glue:text}`n_narrow:d` are lost so
#   narrowly that other triplets might have decided otherwise; the rest are lost to no luck of the test.
# - At that largest size the interval of recovery, {glue:text}`last_low:.0%` to {glue:text}`last_high:.0%`, lies
#   {glue:text}`side` the published bound.
# - Of the settings examined here, on recovery {glue:text}`what_recovery`; on the lead, {glue:text}`what_lead`.
#
# What may not be said:
#
# - That the plateau is reproduced, or refuted. None of the published models takes part, {glue:text}`n_models:d`
#   candidates are fewer than the published ones, and nothing here has millions of triplets. How recovery goes on from
#   {glue:text}`largest:,d` is open.
# - That people would do the same. Those aligned to are simulated. The embedding that simulates them has the form of a
#   probe and few dimensions, and what it leaves out of people, its choices leave out too.
# - That a factor without a visible effect has none: {glue:text}`n_generators:d` generators,
#   one fold and so few seeds ({glue:text}`n_seeds_cells:d`) leave intervals wide. Nor that a factor with an effect is *the*
#   cause: effects hold over the levels chosen, among these models, at up to {glue:text}`last_size:,d` triplets.
#   Interactions of three and more factors are taken for negligible and were not tested. Nor what penalties weaker than
#   the grids would do, which is where the published generators may lie.
# - Anything about what all cells share: the full transform, the penalty, these models and photographs.
