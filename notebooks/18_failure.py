# %% [markdown]
# # 18 · Which models are hard to tell apart?
#
# Models that are alike. The more a rival is like the model that gave the answers, the generator, the less the generator leads
# it: one standard deviation of similarity after alignment with people goes with
# {glue:text}`similarity_similarity_coefficient:.2f` standard deviations of lead (95% interval
# {glue:text}`similarity_similarity_low:.2f` to {glue:text}`similarity_similarity_high:.2f`, {glue:text}`n_pairs:d` ordered
# pairs of {glue:text}`n_main:d` models). Similarity before alignment says nearly as much
# ({glue:text}`raw_similarity_coefficient:.2f`, {glue:text}`raw_similarity_low:.2f` to
# {glue:text}`raw_similarity_high:.2f`), so that it need not be alignment that makes models alike. In another
# study, with simulated people and {glue:text}`n_all:d` models, some of them made to be alike, without sampling noise and with
# {glue:text}`fewest:,d` triplets, the generator wins {glue:text}`twin_recovery:.0%` of cases ({glue:text}`twin_low:.0%` to {glue:text}`twin_high:.0%`) against one rival that is
# nearly its equal, and {glue:text}`unlike_recovery:.0%` against {glue:text}`n_rivals:d` that are unlike it
# ({numref}`figure-failure-nearest`). By few sampled answers the number of rivals counts as well. Of
# {glue:text}`n_coefficients:d` coefficients of properties of single models {glue:text}`n_sure_coefficients:d` differ from
# zero after correction with {glue:text}`size_many:,d` triplets, and {glue:text}`n_sure_few:d` with
# {glue:text}`size_few:,d`; their intervals are wide. What makes recovery fail altogether is the question of
# {doc}`chapter 19 <19_regimes>` and {doc}`chapter 20 <20_factors>`.
#
# ```{glue:figure} similarity
# :name: figure-failure-similarity
# :alt: Two panels of points, one for each ordered pair of models, of the generator's lead against the similarity of the two models after alignment, with pairs of one family in another colour and shape, and a line at zero.
# :width: 100%
#
# The generator's lead over one other model (mean over seeds), and how similar the two are after both were
# aligned with people, at {glue:text}`size_many:,d` triplets. The coefficients above are those without sampling
# noise. [The pairs (CSV)](tables/failure_pairs.csv)
# ```
#
# ## What the paper found
#
# A {term}`probe` changes a model's features until they fit people's judgements. A flexible one can turn the
# features of one model into something like those of another. {cite:t}`avitan2025` link misidentification to
# what this alignment does: how far it shifts a model's geometry, and how many dimensions the geometry then has.
#
# ## How it is done
#
# This chapter uses the studies of {doc}`chapter 16 <16_recovery>` with the models whose features are open. In
# each job one model, the generator, gives the answers. All models, the {term}`candidates <candidate>`, are
# fitted to its answers. The questions are three: who is taken for whom, what more candidates cost, and
# which properties of two models go with a narrow lead. What the flexibility of a probe buys and costs is a
# question of {doc}`chapter 20 <20_factors>`. One more study, with simulated people, is described where it is used.
#
# The main set are the {glue:text}`n_main:d` models that saw the photographs people judged. There are two
# scores. *Sampled answers* is the published score: the share of the generator's sampled answers that a
# candidate predicts. *Without sampling noise* it is replaced by its mean over many triplets, from the
# generator's own probabilities.

# %% tags=["parameters", "hide-input"]
# numbers of triplets: few, where some generators still lose, and many, where
# leads are measured well
size_few = 400
size_many = 6400
# those at which the regression is made
sizes_regressed = [400, 1600, 6400]
# classes of similarity to the nearest rival, and candidates that are compared
edges = [0.7, 0.9]
sizes_nearest = [400, 1600, 6400]
few_candidates, more_candidates = 2, 20
# cells of the study with pseudo-twins: the one that is drawn, and the same with
# more components
twins_cell, more_cell = "components-64", "components-256"
# for the intervals
seed = 0
n_bootstrap = 10_000

# %% tags=["hide-input"]
import pandas as pd

from yardsticks import style
from yardsticks.datasets import catalogue
from yardsticks.notebooks import glue
from yardsticks.recovery import failure, open_results, winners
from yardsticks.recovery.geometry import state_matrix
from yardsticks.recovery.studies import split_cells

style.use()
sampled, exact = "test_accuracy", "noise_free_accuracy"
rows, study, origin = open_results("things_open")
described = catalogue("features").set_index("model")
models = study["experiment"]["models"]
main = winners.model_sets(described, models)["reference photographs"]
scores, labels = [sampled, exact], described["label"]
one = {"models": main, "seed": seed}
both = one | {"scores": scores}
glue.numbers(n_main=len(main), size_few=size_few, size_many=size_many)
origin

# %% [markdown]
# ## Who is taken for whom?
#
# Each model is ranked among the candidates twice: when it gave the answers itself, and when another model gave
# them. On its own answers a recovered model is first. A model that comes near the first rank on the answers of
# others is a rival of all of them. Where it is first there, it is a *false winner*.

# %% tags=["hide-input"]
ranks = {
    score: failure.ranks_by_role(rows, n_triplets=size_few, score=score, **one)
    for score in scores
}
glue.numbers(**failure.rank_numbers(ranks[sampled], labels))
ranked = pd.concat(ranks, names=["score"]).reset_index("score")
glue.table(ranked, "failure_ranks")

# %% tags=["hide-input", "remove-output"]
drawn = failure.plot_ranks_by_role(ranks, labels=labels)
glue.figure("ranks_by_role", drawn)

# %% [markdown]
# At {glue:text}`size_few:,d` triplets in each fold, and by sampled answers, a model's mean rank on its own
# answers is {glue:text}`own_rank:.1f`. A blind judgement would give {glue:text}`blind_rank:.1f`. The rank is
# worse than 2 for {glue:text}`n_below_two:d` of {glue:text}`n_main:d` models. The most frequent false winner is
# {glue:text}`false_winner`, with {glue:text}`false_wins:.1%` of the jobs of others; {glue:text}`n_never:d`
# models never win falsely.
#
# ```{glue:figure} ranks_by_role
# :name: figure-failure-ranks
# :alt: Two panels with one row for each model: a point for its mean rank on its own answers, near 1, and one with an interval for its mean rank on others' answers, with a dotted line at the rank that a blind judgement would give.
# :figclass: folded
# :width: 100%
#
# Avitan & Golan Figure 3, with our models: the mean rank of each on its own answers and on those of others. The 95% intervals resample seeds for own
# answers, where there are several, and generators for others' answers. Models are in the order of others'
# answers on the left. [The ranks (CSV)](tables/failure_ranks.csv)
# ```
#
# ## What do more candidates cost?
#
# A candidate's score does not depend on who else competes. So one study gives the recovery for every smaller
# number of candidates: it is the mean over all sets of that size that hold the generator, and can be counted
# exactly.

# %% tags=["hide-input", "remove-output"]
by_number = failure.recovery_by_candidates(rows, resample="generator", **both)
glue.save(by_number, "failure_candidates")
smallest = rows["n_triplets"].min()
counted = by_number[by_number["n_triplets"] == smallest]
counted = counted.pivot(index="n_candidates", columns="score")["recovery"]
glue.numbers(smallest=smallest)
glue.row("of", counted.rename({len(main): "all"}))
glue.figure("candidates", failure.plot_candidates(by_number))

# %% [markdown]
# At {glue:text}`smallest:,d` triplets and by sampled answers, the generator wins against one rival in
# {glue:text}`of_2_test_accuracy:.0%` of cases. Among ten candidates it wins in
# {glue:text}`of_10_test_accuracy:.0%`, and among all {glue:text}`n_main:d` in
# {glue:text}`of_all_test_accuracy:.0%`. Without sampling noise it wins against one rival in
# {glue:text}`of_2_noise_free_accuracy:.0%`, and among all in {glue:text}`of_all_noise_free_accuracy:.0%`. So a
# recovery accuracy means little without the number of candidates. How it would go on with more models than
# these, counting cannot say.
#
# ```{glue:figure} candidates
# :name: figure-failure-candidates
# :alt: Two panels of recovery accuracy against the number of candidates from two to all, one falling line with a shaded interval for each number of triplets, and a dotted line of chance that falls below all of them.
# :figclass: folded
# :width: 100%
#
# Mean recovery over all sets of so many candidates that hold the generator. Shaded: 95% intervals from
# resampling generators. [The curves (CSV)](tables/failure_candidates.csv)
# ```
#
# A candidate need not be a model of vision. In a study of its own, word vectors of the objects' *names*
# (word2vec) compete, which see no image.

# %% tags=["hide-input"]
of_text = open_results("things_open_text").rows
asked = {"scores": scores, "seed": seed}
text = failure.add_candidate(of_text, "word2vec_text", **asked)
glue.numbers(n_jobs_text=text["n_jobs"].iloc[0])
of_words = of_text[of_text["generator"] == "word2vec_text"]
glue.numbers(n_text_own=of_words["seed"].nunique())
glue.numbers(most_taken=text["taken"].max(), text_itself=text["itself"].min())
glue.numbers(most_changed=text["change"].abs().max())
glue.table(text, "failure_text", folded=True)

# %% [markdown]
# At no number of triplets do they win more than {glue:text}`most_taken:.1%` of the {glue:text}`n_jobs_text:d` jobs (a shared
# win counts in part). The recovery of the other models changes by {glue:text}`most_changed:.2f` at most; with so few jobs a
# small change could not be seen. Where they answer themselves (jobs at each number of triplets: {glue:text}`n_text_own:d`)
# they win at least {glue:text}`text_itself:.0%` at every number. [The table (CSV)](tables/failure_text.csv)
#
# ### Is it their number, or one that is alike?
#
# The more candidates there are, the more often one of them is like the generator. To tell the two apart, another
# study has {glue:text}`n_whole:d` image models and {glue:text}`n_half:d` *pseudo-twins*, each of which has a random
# half of another model's features. Here all models are aligned with simulated people, which are choices sampled
# from the embedding SPoSE-66 ({doc}`chapter 19 <19_regimes>`). Each set of candidates is put into a class, by how
# like the generator its nearest member is once both are aligned with people.

# %% tags=["hide-input", "remove-output"]
cells = split_cells(open_results("twins"))
twins, more = cells[twins_cell], cells[more_cell]
all_models = twins.provenance["experiment"]["models"]
halves = [name for name in all_models if "~" in name]
alike = open_results("things_open_twins").rows
near = state_matrix(alike, all_models, "full")
to_whole = pd.Series([near.at[name, name.split("~")[0]] for name in halves])
glue.numbers(n_half=len(halves), n_whole=len(all_models) - len(halves))
glue.row("half", to_whole.agg(["min", "max"]))
of_cells = {
    (cell, score): failure.recovery_by_nearest(
        cells[cell].rows, near, edges, score=score, seed=seed
    )
    for cell in [twins_cell, more_cell]
    for score in scores
}
which = ["cell", "score"]
of_cells = pd.concat(of_cells, names=which).reset_index(which)
of_cells = of_cells[of_cells["n_triplets"].isin(sizes_nearest)]
glue.save(of_cells, "failure_nearest")
by_nearest = of_cells[of_cells["cell"] == twins_cell]
fewest, middle, most = min(sizes_nearest), sizes_nearest[1], max(sizes_nearest)
by = ["score", "n_triplets", "nearest", "n_candidates"]
at = by_nearest.set_index(by).sort_index()
at_more = of_cells[of_cells["cell"] == more_cell].set_index(by).sort_index()
unlike, _, twin = by_nearest["nearest"].unique()
glue.row("unlike", at.loc[exact, fewest, unlike, more_candidates])
glue.row("twin", at.loc[exact, fewest, twin, few_candidates])
glue.row("unlike_sampled", at.loc[sampled, middle, unlike, more_candidates])
glue.row("twin_sampled", at.loc[sampled, middle, twin, few_candidates])
glue.row("twin_all", at.loc[sampled, middle, twin, len(all_models)])
glue.row("twin_few", at.loc[sampled, fewest, twin, few_candidates])
glue.row("unlike_few", at.loc[sampled, fewest, unlike, more_candidates])
glue.row("twin_middle", at.loc[exact, middle, twin, few_candidates])
glue.row("twin_most", at.loc[exact, most, twin, few_candidates])
for_twin, for_unlike = (twin, few_candidates), (unlike, more_candidates)
glue.row("more_twin_few", at_more.loc[(sampled, fewest, *for_twin)])
glue.row("more_unlike_few", at_more.loc[(sampled, fewest, *for_unlike)])
glue.row("more_twin_middle", at_more.loc[(exact, middle, *for_twin)])
glue.row("more_twin_most", at_more.loc[(exact, most, *for_twin)])
glue.row("more_unlike_middle", at_more.loc[(exact, middle, *for_unlike)])
glue.row("more_unlike_most", at_more.loc[(exact, most, *for_unlike)])
numbers = twins.provenance["experiment"], more.provenance["experiment"]
glue.numbers(twins_components=numbers[0]["components"])
glue.numbers(more_components=numbers[1]["components"])
glue.numbers(n_rivals=more_candidates - 1)
glue.numbers(edge_low=min(edges), edge_high=max(edges), n_all=len(all_models))
glue.numbers(fewest=fewest, middle=middle, most=most)
glue.figure("nearest", failure.plot_nearest(by_nearest))

# %% [markdown]
# One that is alike. Without sampling noise and at {glue:text}`fewest:,d` triplets, the generator wins against a
# single rival whose similarity to it is above {glue:text}`edge_high:g` in {glue:text}`twin_recovery:.0%` of cases
# (95% interval {glue:text}`twin_low:.0%` to {glue:text}`twin_high:.0%`). Against {glue:text}`n_rivals:d`
# rivals whose similarity to it is {glue:text}`edge_low:g` or less, it wins in
# {glue:text}`unlike_recovery:.0%`. By sampled answers the same shows at {glue:text}`middle:,d` triplets:
# {glue:text}`twin_sampled_recovery:.0%` ({glue:text}`twin_sampled_low:.0%` to
# {glue:text}`twin_sampled_high:.0%`) against the single rival, {glue:text}`twin_all_recovery:.0%` with all
# {glue:text}`n_all:d` candidates, and {glue:text}`unlike_sampled_recovery:.0%` against
# {glue:text}`n_rivals:d` that are unlike. With fewer triplets and sampled answers the number counts as well: at
# {glue:text}`fewest:,d` it is {glue:text}`twin_few_recovery:.0%` against the single rival, and
# {glue:text}`unlike_few_recovery:.0%` against {glue:text}`n_rivals:d` that are unlike.
# The similarity of pseudo-twins to the model that they are a half of goes from {glue:text}`half_min:.2f` to
# {glue:text}`half_max:.2f`.
#
# All this is with {glue:text}`twins_components:d` components. The same was done with {glue:text}`more_components:d`.
# Without sampling noise the generator then wins against a single rival that is like it in
# {glue:text}`more_twin_middle_recovery:.0%` of cases at {glue:text}`middle:,d` triplets (95% interval
# {glue:text}`more_twin_middle_low:.0%` to {glue:text}`more_twin_middle_high:.0%`), and in
# {glue:text}`more_twin_most_recovery:.0%` at {glue:text}`most:,d` ({glue:text}`more_twin_most_low:.0%` to
# {glue:text}`more_twin_most_high:.0%`). With {glue:text}`twins_components:d` components it is
# {glue:text}`twin_middle_recovery:.0%` and {glue:text}`twin_most_recovery:.0%`. Against
# {glue:text}`n_rivals:d` rivals that are unlike it, it wins {glue:text}`more_unlike_middle_recovery:.0%` and
# {glue:text}`more_unlike_most_recovery:.0%` with {glue:text}`more_components:d` components. By sampled answers and at
# {glue:text}`fewest:,d` triplets it wins {glue:text}`more_twin_few_recovery:.0%`
# ({glue:text}`more_twin_few_low:.0%` to {glue:text}`more_twin_few_high:.0%`) against the single rival, and
# {glue:text}`more_unlike_few_recovery:.0%` ({glue:text}`more_unlike_few_low:.0%` to
# {glue:text}`more_unlike_few_high:.0%`) against those that are unlike: where the test is a few sampled answers, their
# number does harm by itself. The classes are the same for both numbers of components: they come from the similarity with
# {glue:text}`twins_components:d`.
#
# ```{glue:figure} nearest
# :name: figure-failure-nearest
# :alt: Two rows of panels, by sampled answers and without sampling noise, with one panel for each number of triplets: recovery accuracy against the number of candidates, a line with a shaded interval for each class of similarity of the nearest rival, and a dotted line of chance.
# :width: 100%
#
# Recovery over all sets of candidates that hold the generator. All points are means over the same
# {glue:text}`twin_n_generators:.0f` generators, those that have rivals of every class. A line ends where one of these
# has no larger set. Shaded: 95% intervals from resampling generators. [The curves, also with
# {glue:text}`more_components:d` components (CSV)](tables/failure_nearest.csv)
# ```
#
# ### Who wins when nobody is right?
#
# In an experiment it may be that none of the candidates is right. In the same study SPoSE-66 itself gives answers as
# well. It is no candidate, and no candidate equals it. Who is first, and by how much?

# %% tags=["hide-input", "remove-output"]
whole = [name for name in all_models if "~" not in name]
sets = {"all candidates": all_models}
sets["one of each family"] = winners.one_per_family(described["family"], whole)
first_leads = {
    (cell, name): failure.first_leads(
        cells[cell].rows, score=exact, models=some
    )
    for cell in [twins_cell, more_cell]
    for name, some in sets.items()
}
which = ["cell", "candidates"]
leads = pd.concat(first_leads, names=which).reset_index(which)
of_leads = failure.describe_first_leads(leads, by=[*which, "n_triplets"])
glue.save(of_leads.reset_index(), "failure_nobody")
glue.numbers(n_sets=len(of_leads))
glue.row("as_small", of_leads["as_small"].agg(["min", "max"]))
glue.row("nobody", of_leads["n_nobody"].agg(["min", "max"]))
of_more, of_leads = of_leads.loc[more_cell], of_leads.loc[twins_cell]
leads = leads[leads["cell"] == twins_cell].drop(columns="cell")
glue.save(leads, "failure_first_leads")
glue.row("leads", of_leads.loc["all candidates", fewest])
glue.row("leads_few", of_leads.loc["one of each family", fewest])
nobody = leads[leads["generator"] == "spose66"].set_index("candidates")
first = nobody.loc["all candidates", "winner"].str.split("~").str[0]
oftenest = first.mode().iloc[0]
kin = described["family"] == described.at[oftenest, "family"]
glue.numbers(n_nobody=len(first), first_or_kin=kin[first].sum())
glue.numbers(oftenest=labels[oftenest])
largest = int(leads["n_triplets"].max())
glue.row("leads_last", of_leads.loc["one of each family", largest])
glue.row("leads_more", of_more.loc["one of each family", fewest])
glue.numbers(n_few=len(sets["one of each family"]), largest=largest)
glue.figure("first_leads", failure.plot_first_leads(leads, panel="candidates"))

# %% [markdown]
# Somebody always wins. In {glue:text}`first_or_kin:d` of {glue:text}`n_nobody:d` jobs in which SPoSE-66
# gives the answers, {glue:text}`oftenest` or a relative of it is first. At {glue:text}`fewest:,d` triplets the first
# leads the second by {glue:text}`leads_nobody:.3f` in accuracy on average ({glue:text}`leads_n_nobody:.0f` jobs).
# Where the generator competes and is first, it leads by {glue:text}`leads_right:.3f` ({glue:text}`leads_n_right:.0f`
# jobs). Where it competes and another is first, that one leads by {glue:text}`leads_false:.3f`
# ({glue:text}`leads_n_false:.0f`).
#
# Relatives make leads small as well: the second is then a relative of the first. With one model of each family
# ({glue:text}`n_few:d` models) the first leads by {glue:text}`leads_few_nobody:.3f` where nobody is right, and by
# {glue:text}`leads_few_right:.3f` where it is the generator; {glue:text}`leads_few_as_small:.0%` of the latter leads
# are no larger than the largest of the former. At {glue:text}`largest:,d` triplets the lead is
# {glue:text}`leads_last_nobody:.3f` where nobody is right (jobs: {glue:text}`leads_last_n_nobody:.0f`) and
# {glue:text}`leads_last_right:.3f` where the generator wins; {glue:text}`leads_last_as_small:.0%` of the generator's leads
# are as small. With {glue:text}`more_components:d` components instead of {glue:text}`twins_components:d`, and
# {glue:text}`fewest:,d` triplets, the leads are {glue:text}`leads_more_nobody:.3f` (jobs:
# {glue:text}`leads_more_n_nobody:.0f`) and {glue:text}`leads_more_right:.3f`; {glue:text}`leads_more_as_small:.0%` of the
# generator's are as small.
#
# So the winner alone does not say whether it is right. Does its lead? Over all {glue:text}`n_sets:d` sets of the table, from
# {glue:text}`as_small_min:.0%` to {glue:text}`as_small_max:.0%` of the leads of right winners are no larger than the largest
# lead where nobody is right, and that is the largest of {glue:text}`nobody_min:d` to {glue:text}`nobody_max:d` jobs. So whether
# a lead of a given size can be trusted is left open. This is one stand-in for people, and few jobs of it.
#
# ```{glue:figure} first_leads
# :name: figure-failure-first-leads
# :alt: Two panels, with all candidates and with one of each family: points for each job of the lead of the first candidate over the second, at each number of triplets, in three colours and shapes, for the generator, another model, and nobody being the generator.
# :width: 100%
#
# The lead of the first candidate over the second, without sampling noise; a point for each job. [The leads
# (CSV)](tables/failure_first_leads.csv), [means (CSV)](tables/failure_nobody.csv)
# ```
#
# ## Are models taken for those like them?
#
# A generator's *lead* over another candidate, also called its margin, is its own score less the other's. Two
# models may be alike by descent: they are of one family. They may also be alike in what they do: their
# geometries are similar once both are aligned with people.

# %% tags=["hide-input", "remove-output"]
alike = open_results("geometry_similarities").rows
similarity = state_matrix(alike, models, "full")
data = rows, similarity, described["family"]
many = {"n_triplets": size_many, "models": main}
pairs = {s: failure.pair_margins(*data, score=s, **many) for s in scores}
paired = pd.concat(pairs, names=["score"]).reset_index("score")
glue.save(paired, "failure_pairs")
means = pairs[exact].groupby("same_family")["margin"].mean()
glue.numbers(margin_family=means[True], margin_others=means[False])
glue.numbers(n_pairs=len(pairs[exact]))
glue.figure("similarity", failure.plot_similarity(pairs))

# %% [markdown]
# At {glue:text}`size_many:,d` triplets and without sampling noise, a generator leads a model of its own family
# by {glue:text}`margin_family:.3f` in accuracy on average. It leads a model of another family by
# {glue:text}`margin_others:.3f`. {numref}`figure-failure-similarity` shows each pair.
#
# ## Which properties go with a narrow lead?
#
# {cite:t}`avitan2025` regress the margin on properties of both models, the generator and the candidate. They
# take the number of features; the *shift*, which is how far alignment moves the geometry (1 minus the similarity
# of before and after); and the effective dimensionality of the geometry before and after alignment. The margin
# and the properties are standardised.
#
# A *positive* coefficient says that the lead is larger where a model has more of the property. For a property
# of the generator: models with more of it are told apart more clearly. For a property of the candidate: models
# with more of it fall further behind. A *negative* coefficient speaks of misidentification.
#
# There are many rows and few models, and all rows of a model share its properties. Intervals and p values
# therefore come from {glue:text}`n_bootstrap:,d` resamples of models, and a model drawn counts in both roles.
# The p values are corrected after Bonferroni for all coefficients of a regression, the intercept included.

# %% tags=["hide-input", "remove-output"]
shapes = failure.model_geometry(open_results("geometry").rows)
known = described.loc[models, ["n_features", "n_params"]].join(shapes)
resampling = asked | {"among": main, "n_bootstrap": n_bootstrap}
plain, full = "without parameters", "with parameters"
kinds = {plain: ["n_features", "shift", "ed_raw", "ed_aligned"]}
kinds |= {full: list(failure.PREDICTORS)}
regression = failure.regress_each(
    rows, known, kinds, sizes=sizes_regressed, **resampling
)
glue.save(regression.left_out, "failure_regression_left_out")
glue.save(regression.coefficients, "failure_regression")
found = regression.coefficients.query("n_triplets == @size_many")
of_all = found[found["predictors"] == plain]
first = of_all[of_all["score"] == exact]
glue.numbers(**failure.say_each(first, ["role", "predictor"]))
of_models = first[first["role"] != ""]
sure = of_models["p_corrected"] < 0.05
glue.numbers(n_coefficients=len(sure), n_sure_coefficients=int(sure.sum()))
of_few = regression.coefficients.query(
    "n_triplets == @size_few and predictors == @plain and score == @exact"
)
sure_few = of_few[of_few["role"] != ""]["p_corrected"] < 0.05
glue.numbers(n_sure_few=int(sure_few.sum()), sure_few=failure.say_sure(of_few))
glue.row("coefficient", of_models.set_index(["role", "predictor"]))
fit = regression.fit.set_index(["predictors", "score", "n_triplets"])
glue.row("fit", fit.loc[plain, exact, size_many])
glue.row("few", fit.loc[full, exact, size_many])
glue.numbers(n_bootstrap=n_bootstrap, largest_vif=first["vif"].max())
glue.row("params", known.loc[list(main), "n_params"].agg(["max", "median"]))
jobs = winners.winners(rows, score=sampled, models=main)
jobs = jobs[jobs["n_triplets"] == size_many]
glue.numbers(n_jobs_many=len(jobs), n_lost=int((jobs["credit"] == 0).sum()))
glue.save(regression.fit, "failure_regression_fit")
glue.figure("coefficients", failure.plot_coefficients(of_all))

# %% [markdown]
# At {glue:text}`size_many:,d` triplets and without sampling noise, the properties together explain
# {glue:text}`fit_r_squared:.0%` of the variance of margins. The two that the paper names, and dimensionality before
# alignment, come out like this, each with its 95% interval, which is not corrected, and the verdict after correction:
#
# | property | of the generator | of the candidate |
# | --- | --- | --- |
# | shift | {glue:text}`coefficient_generator_shift_coefficient:.2f` ({glue:text}`coefficient_generator_shift_low:.2f` to {glue:text}`coefficient_generator_shift_high:.2f`), {glue:text}`generator_shift` | {glue:text}`coefficient_candidate_shift_coefficient:.2f` ({glue:text}`coefficient_candidate_shift_low:.2f` to {glue:text}`coefficient_candidate_shift_high:.2f`), {glue:text}`candidate_shift` |
# | dimensionality after alignment | {glue:text}`coefficient_generator_ed_aligned_coefficient:.2f` ({glue:text}`coefficient_generator_ed_aligned_low:.2f` to {glue:text}`coefficient_generator_ed_aligned_high:.2f`), {glue:text}`generator_ed_aligned` | {glue:text}`coefficient_candidate_ed_aligned_coefficient:.2f` ({glue:text}`coefficient_candidate_ed_aligned_low:.2f` to {glue:text}`coefficient_candidate_ed_aligned_high:.2f`), {glue:text}`candidate_ed_aligned` |
# | dimensionality before alignment | {glue:text}`coefficient_generator_ed_raw_coefficient:.2f` ({glue:text}`coefficient_generator_ed_raw_low:.2f` to {glue:text}`coefficient_generator_ed_raw_high:.2f`), {glue:text}`generator_ed_raw` | {glue:text}`coefficient_candidate_ed_raw_coefficient:.2f` ({glue:text}`coefficient_candidate_ed_raw_low:.2f` to {glue:text}`coefficient_candidate_ed_raw_high:.2f`), {glue:text}`candidate_ed_raw` |
#
# With {glue:text}`size_few:,d` triplets these differ from zero after correction: {glue:text}`sure_few`.
#
# The largest variance inflation factor is {glue:text}`largest_vif:.1f`. It would be 1 for a predictor that has
# nothing in common with the others.
#
# ```{glue:figure} coefficients
# :name: figure-failure-coefficients
# :alt: Two panels, of the generator's and of the candidate's properties: a row for each property with points and intervals of its coefficient for sampled answers and without sampling noise, filled where the corrected p is below 0.05, and a line at zero.
# :figclass: folded
# :width: 100%
#
# Avitan & Golan Table S3, with our models: standardised coefficients with 95% intervals from resampling models. Filled: corrected p below 0.05. [The
# coefficients at all sizes (CSV)](tables/failure_regression.csv), [fits
# (CSV)](tables/failure_regression_fit.csv), [left out (CSV)](tables/failure_regression_left_out.csv)
# ```
#
# The published regression also has the number of parameters. Here that is known for {glue:text}`few_n_models:d`
# models of the main set. One of them has {glue:text}`params_max:.1f` million parameters and the median is
# {glue:text}`params_median:.1f` million, so that the coefficient would mostly tell this one model from the
# rest. In {glue:text}`few_n_degenerate:,d` of the resamples too few models remain for any solution. This
# regression is in the table for completeness, and nothing is read from it.
#
# ### Does a difference in dimensionality help?
#
# Another question is whether it matters how *different* two models are in dimensionality, whichever has more.
# The absolute difference is taken as the only predictor, and then beside the similarity of the two models after
# alignment: models that are alike in everything are alike in dimensionality as well.

# %% tags=["hide-input", "remove-output"]
before, after = ["ed_raw_difference"], ["ed_aligned_difference"]
beside = ["similarity"]
apart = {
    "similarity": beside,
    "before": before,
    "after": after,
    "before, beside similarity": before + beside,
    "after, beside similarity": after + beside,
}
resampling |= {"sizes": [size_many], "similarity": similarity}
difference = failure.regress_each(rows, known, apart, **resampling)
of_pairs = difference.coefficients[difference.coefficients["score"] == exact]
glue.numbers(**failure.say_each(of_pairs, ["predictors", "predictor"]))
glue.row("similarity", of_pairs[:2].set_index("predictor").loc[beside])
resampling |= {"similarity": state_matrix(alike, models, "raw")}
alone = {"similarity before alignment": beside}
unaligned = failure.regress_each(rows, known, alone, **resampling).coefficients
of_raw = unaligned[unaligned["score"] == exact].set_index("predictor")
glue.row("raw", of_raw.loc[beside])
every = pd.concat([difference.coefficients, unaligned])
glue.save(every, "failure_differences")

# %% [markdown]
# Without sampling noise the coefficients come out like this:
#
# | predictor | alone | beside similarity |
# | --- | --- | --- |
# | difference before alignment | {glue:text}`before_ed_raw_difference` | {glue:text}`before_beside_similarity_ed_raw_difference` |
# | difference after alignment | {glue:text}`after_ed_aligned_difference` | {glue:text}`after_beside_similarity_ed_aligned_difference` |
# | similarity | {glue:text}`similarity_similarity` | |
#
# A coefficient that stands alone is a correlation. With so few models, a coefficient that cannot be told from
# zero is no proof that it is zero. [The coefficients (CSV)](tables/failure_differences.csv)
#
# ## What this does not show
#
# - These are other models than the published ones, with fewer components, and their generators are fitted to
#   fewer judgements. What holds here need not hold there.
# - A regression over so few models finds little with certainty. A property that the models of one family share
#   cannot be told from the family.
# - The regression says which properties go with a narrow lead. It does not say that changing one of them would
#   widen it.
# - The regression is about the size of leads. Of {glue:text}`n_jobs_many:d` jobs at {glue:text}`size_many:,d`
#   triplets, {glue:text}`n_lost:d` are lost by sampled answers.
