# %% [markdown]
# # 16 · Is the best fit the right model?
#
# In a simulation the right model is known: it made the choices. When each of {glue:text}`n_main:d` models in turn makes them,
# it fits them best in {glue:text}`first_recovery:.0%` of simulations with {glue:text}`smallest:,d` training triplets in each
# of {glue:text}`design_n_folds:d` folds (95% interval {glue:text}`first_low:.0%` to {glue:text}`first_high:.0%`, n =
# {glue:text}`first_n_jobs:d`) and in {glue:text}`last_recovery:.0%` with {glue:text}`largest:,d`
# ({glue:text}`last_low:.0%` to {glue:text}`last_high:.0%`, n = {glue:text}`last_n_jobs:d`). Scored without the luck of few test answers, it does so in
# {glue:text}`first_exact_recovery:.0%` and {glue:text}`last_exact_recovery:.0%`.

# %% tags=["parameters", "hide-input"]
# numbers of triplets whose confusions are shown; larger ones than there are
# stand for the largest
sizes_shown = [100, 400, 25600]
# for the intervals from resampling
seed = 0

# %% tags=["hide-input", "remove-output"]
import tempfile
from pathlib import Path

import pandas as pd

from yardsticks import recovery, style
from yardsticks.book import posters
from yardsticks.datasets import catalogue
from yardsticks.notebooks import glue
from yardsticks.recovery import failure, open_results, winners

style.use()
results = open_results("things_open")
rows, study = results.rows, results.provenance["experiment"]
# the catalogue is part of the project; features are not needed here
described = catalogue("features").set_index("model")
labels, families = described["label"], described["family"]
sets = winners.model_sets(described, study["models"])
main = sets["reference photographs"]
sampled, exact = "test_accuracy", "noise_free_accuracy"
scores = [sampled, exact, "nll", "noise_free_nll"]
by_set = winners.recovery_by_set(rows, sets, scores=scores, seed=seed)
glue.save(by_set, "recovery_curves")
curve = by_set[by_set["models"] == "reference photographs"]
at = curve.set_index(["score", "n_triplets"])
smallest, largest = rows["n_triplets"].min(), rows["n_triplets"].max()
glue.row("first", at.loc[sampled, smallest])
glue.row("last", at.loc[sampled, largest])
glue.row("first_exact", at.loc[exact, smallest])
glue.row("last_exact", at.loc[exact, largest])
glue.numbers(smallest=smallest, largest=largest, n_main=len(main))
two = curve[curve["score"].isin([sampled, exact])]
glue.figure("recovery", winners.plot_recovery_and_lead(two))
glue.figure("poster-recovery", posters.plot_recovery(two))
studies = failure.open_transforms()
shared = failure.shared_models(studies, main)
asked = {"models": shared, "scores": [sampled, exact]}
by_study = failure.recovery_by_study(studies, seed=seed, **asked)
confused = winners.confusions_by_study(studies, **asked)
turned = winners.chart_recovery(by_study, confused, labels=labels)
glue.interactive("recovery", turned)
glue.numbers(n_shared=len(shared))

# %% [markdown]
# ```{glue:figure} recovery
# :name: figure-recovery
# :alt: Two panels against the number of training triplets on a logarithmic axis. On the left recovery accuracy by sampled answers and without sampling noise, with intervals and a dotted line of chance near the bottom; on the right the generator's mean lead over the best other model by the same two scores, above a line at zero.
# :width: 100%
#
# Avitan & Golan Figure 1A, with our models. Left: how often the model that made the choices wins, with exact 95% intervals.
# Right: by how much accuracy it leads the best other model on average, with 95% intervals from resampling generators. Points
# lie side by side so that intervals can be told apart. [The curves, with further scores and sets of models
# (CSV)](tables/recovery_curves.csv). A closer look has other transforms and penalties, among {glue:text}`n_shared:d` models.
# [Look closer](tables/recovery.js)
# ```
#
# ## What the paper found
#
# Nobody knows which model people are, so nobody can say whether the model that fits them best is the right one. In a
# simulation it is known. One model, the {term}`generator`, is first fitted to people's judgements and then answers new
# {term}`triplets <triplet>` in their place. All models, the {term}`candidates <candidate>`, are fitted to its answers and
# predict those about objects that they have not seen. If the best of them is the generator, it has been *recovered*.
#
# {cite:t}`avitan2025` found that the {term}`recovery accuracy` of flexible {term}`probes <probe>` rises with the number
# of triplets and stays short of certainty even for millions. This chapter asks the same of the models whose features
# are open. They are other models than the published ones, with fewer components and fewer triplets, so what follows says
# nothing of what happens with millions. {doc}`21_claims` judges what can be judged.
#
# ## How it is done

# %% tags=["hide-input"]
design = winners.describe_design(study, described)
fits = winners.describe_fits(rows, study["strengths"])
glue.row("design", design)
glue.numbers(
    n_control=len(sets["other photographs"]),
    n_test_smallest=fits.at[smallest, "n_test"],
    n_test_largest=fits.at[largest, "n_test"],
)
results.origin

# %% tags=["hide-input"]
listed = described.loc[study["models"], ["label", "family", "stimuli"]]
glue.save(listed, "recovery_models")
glue.table(listed.drop(columns="label"))

# %% [markdown]
# ### The study
#
# {glue:text}`design_n_models:d` models take part, each as generator and as candidate. The last
# {glue:text}`design_n_descriptors:d` of the table are no networks but hand-made descriptors of images. Features are reduced
# to {glue:text}`design_n_components:d` components, and a probe multiplies them by a full matrix, drawn towards a multiple of
# the identity by a penalty. Its {term}`strength` is the one of {glue:text}`design_n_strengths:d` between
# {glue:text}`design_weakest:g` and {glue:text}`design_strongest:g` that does best on validation triplets. Objects are split
# into {glue:text}`design_n_folds:d` folds, and training, validation and test triplets share no object.
# Numbers of triplets are those of training in one fold, here and in the chapters that follow.
#
# Two scores decide who wins.
#
# - The *sampled* score is the published one: the share of the generator's answers to test triplets that a candidate
#   predicts. There is one test triplet for eight of training, so at {glue:text}`smallest:,d` training triplets all
#   folds together hold {glue:text}`n_test_smallest:d` test answers, and chance has a say in who is best.
# - The score *without sampling noise* takes the mean probability that the generator gives to the candidate's predictions,
#   on {glue:text}`design_n_noise_free:,d` fresh triplets a fold. Only a simulation can have it, since nobody knows these
#   probabilities of people. Training answers are sampled for both.
#
# The main set are the {glue:text}`n_main:d` models that were shown the photographs people judged. The other
# {glue:text}`n_control:d` saw other photographs of the same concepts, and are looked at
# {ref}`below <recovery-photographs>`.
#
# ### The generators

# %% tags=["hide-input"]
generators = pd.DataFrame(results.provenance["generators"])
generators = generators.set_index("model")
columns = ["strength", "accuracy", "nll", "at_one", "temperature"]
glue.save(generators[columns], "recovery_generators_made")
made = winners.describe_generators(generators, study["strengths"])
glue.row("made", made.replace(labels.to_dict()))
glue.table(generators[columns])

# %% [markdown]
# A generator is a model's probe, fitted to all open judgements at the strength that predicts judgements about unseen
# objects best (accuracy and loss are on these). How decided it is, is the mean probability of its most probable
# answer on the repeated triplets; in the table, "accuracy at temperature 1" is this value as fitted. Dividing the generator's
# logits by the temperature brings it to people's {term}`noise ceiling`, {glue:text}`made_target:.3f`. So simulated answers
# are on average as noisy as people's, whatever the model.
#
# On unseen objects the generators predict between {glue:text}`made_least:.3f` and {glue:text}`made_most:.3f` of people's
# answers (chance is a third). As fitted, their most probable answer has a mean probability between
# {glue:text}`made_least_at_one:.2f` and {glue:text}`made_most_at_one:.2f`. Temperatures range from
# {glue:text}`made_coldest:.2f` ({glue:text}`made_coldest_model`) to {glue:text}`made_hottest:.2f`
# ({glue:text}`made_hottest_model`). A temperature below 1 makes a generator more decided than its fit: a poor predictor of
# people becomes as sure of its answers as a good one.
#
# For {glue:text}`made_n_at_weakest:d` generators the best strength is the weakest of the grid. A weaker one might have
# predicted people better: how strongly these are aligned is decided by the grid, and not by the judgements alone.
# [The generators (CSV)](tables/recovery_generators_made.csv)
#
# ## How often does the generator win?

# %% tags=["hide-input"]
glue.numbers(
    first_nll=at.at[("nll", smallest), "recovery"],
    first_exact_nll=at.at[("noise_free_nll", smallest), "recovery"],
    n_left_out=by_set["n_left_out"].sum(),
    course=winners.describe_end(curve[curve["score"] == sampled]),
    course_exact=winners.describe_end(curve[curve["score"] == exact]),
)
columns = ["score", "recovery", "low", "high", "chance", "n_jobs", "n_seeds"]
shown = curve[curve["score"].isin([sampled, exact])]
shown = shown.set_index("n_triplets")[columns]
glue.table(shown, folded=True)

# %% [markdown]
# By the sampled score {glue:text}`course`. It wins {glue:text}`first_recovery:.0%` of jobs at
# {glue:text}`smallest:,d` triplets, where chance is {glue:text}`first_chance:.0%`, and {glue:text}`last_recovery:.1%` of
# {glue:text}`last_n_jobs:d` jobs at {glue:text}`largest:,d`. Without sampling noise {glue:text}`course_exact`:
# {glue:text}`first_exact_recovery:.0%` and {glue:text}`last_exact_recovery:.1%`. More or less often is said only where the
# exact intervals at the two sizes do not meet. What lies between the two curves is the luck
# of the test: the same fits are scored, on a few sampled answers or on the probabilities of many fresh triplets.
#
# All this is of accuracy. The mean loss, which heeds how sure a prediction is, recovers {glue:text}`first_nll:.0%` at the
# smallest size on the same few answers, and {glue:text}`first_exact_nll:.0%` without sampling noise. So which model is right
# about how sure one can be is not learned from so few answers. The table behind the figure has the loss at all sizes.
#
# The intervals in the figure are exact for independent jobs. These jobs are not: all generators of a seed are tested on
# the same objects and triplets, and some generators are recovered more easily than others, whatever the seed. So the
# figure speaks of *these* models. The table behind it has two further intervals. One is from resampling seeds as a whole. The
# other is from resampling generators, and says what other models of the kind might have given. At
# {glue:text}`smallest:,d` triplets and by the sampled score the three intervals are:
#
# - for independent jobs, {glue:text}`first_low:.0%` to {glue:text}`first_high:.0%`;
# - from resampling seeds, {glue:text}`first_seed_low:.0%` to {glue:text}`first_seed_high:.0%`;
# - from resampling generators, {glue:text}`first_generator_low:.0%` to {glue:text}`first_generator_high:.0%`.
#
# Intervals from the {glue:text}`last_n_seeds:d` seeds at the largest size are rough. An interval from resampling has no width
# where all seeds, or all generators, agree. In a tie the generator gets its share of the credit. Jobs left out because their
# generator has no score: {glue:text}`n_left_out:d`.
#
# ## Who wins instead?

# %% tags=["hide-input", "remove-output"]
matrices = winners.confusions(
    rows, sizes_shown, score=sampled, models=study["models"]
)
stacked = pd.concat(matrices, names=["n_triplets"]).reset_index("n_triplets")
glue.save(stacked.rename_axis("generator"), "recovery_confusions")
drawn = winners.plot_confusions(matrices, labels=labels, families=families)
glue.figure("confusions", drawn)

# %% [markdown]
# Each row of a matrix is a generator, each column a winner, so what lies off the diagonal was mistaken for something else.
#
# ```{glue:figure} confusions
# :name: figure-recovery-confusions
# :alt: Square matrices of generators by winners at several numbers of triplets, shaded by the share of a generator's jobs; shares on the diagonal are recoveries; thin lines part the families.
# :figclass: dense
# :width: 100%
#
# Avitan & Golan Figure 1B to D, with our models: who wins by the sampled score, among all of them. Thin lines part the families.
# [The matrices (CSV)](tables/recovery_confusions.csv)
# ```

# %% tags=["hide-input", "remove-output"]
jobs = {
    sampled: winners.winners(rows, score=sampled, models=main),
    exact: winners.winners(rows, score=exact, models=main),
}
tables = pd.concat(jobs, names=["score"]).reset_index("score")
glue.save(tables.drop(columns="chance"), "recovery_jobs")
glue.row("lost", winners.describe_lost(jobs[sampled]))
glue.figure("margins", winners.plot_margins(jobs))

# %% [markdown]
# A generator that does not win may have missed it narrowly. At {glue:text}`smallest:,d` triplets another model wins in
# {glue:text}`lost_n:d` jobs of the main set. Half of these generators trail it by {glue:text}`lost_behind:.3f` in accuracy
# or more, and their median rank is {glue:text}`lost_rank:.1f` of {glue:text}`n_main:d`. Of all generators,
# {glue:text}`lost_top:.0%` are among the first three (or first and tied). {glue:text}`lost_tied:.0%` share the first place,
# which few test answers make likely.
#
# ```{glue:figure} margins
# :name: figure-recovery-margins
# :alt: Points, one for each job, of the generator's accuracy less the best other candidate's, at each number of triplets; widely scattered around zero for sampled answers of few triplets, and in a narrow band without sampling noise.
# :width: 100%
#
# By how much the generator leads the best other model, or trails it: one point for each job of the main set, spread
# sideways. [The jobs (CSV)](tables/recovery_jobs.csv)
# ```

# %% tags=["hide-input", "remove-output"]
ranks = {
    sampled: winners.rank_shares(jobs[sampled]),
    exact: winners.rank_shares(jobs[exact]),
}
tables = pd.concat(ranks, names=["score"]).reset_index("score")
glue.save(tables.rename_axis("n_triplets"), "recovery_ranks")
glue.figure("ranks", winners.plot_ranks(ranks))

# %% [markdown]
# ```{glue:figure} ranks
# :name: figure-recovery-ranks
# :alt: Stacked bars of the share of jobs in which the generator is first alone, tied for first, up to rank three, up to ten, or lower, at each number of triplets, for sampled answers and without sampling noise.
# :figclass: folded
# :width: 100%
#
# As Avitan & Golan Figure 3, with our models: the generator's rank among those of the main set. [The shares (CSV)](tables/recovery_ranks.csv)
# ```
#
# ## Is the family recovered more often?

# %% tags=["hide-input"]
by_family = winners.recovery_by_family(
    rows, families, main, scores=[sampled, exact], seed=seed
)
glue.save(by_family, "recovery_families")
by_generator = winners.recovery_curve(
    rows,
    scores=[sampled, exact],
    models=main,
    seed=seed,
    by=["n_triplets", "generator"],
)
glue.save(by_generator, "recovery_generators")
extremes = winners.hardest_and_easiest(
    by_generator[by_generator["score"] == sampled]
)
asked = by_family.set_index(["score", "n_triplets", "question"])
of_three = asked.xs((sampled, smallest), level=[0, 1])
itself, family, one_each = of_three.itertuples()
glue.row("itself", itself._asdict())
glue.row("family", family._asdict())
glue.row("one_each", one_each._asdict())
glue.row("generator", extremes.replace(labels.to_dict()))
glue.numbers(n_families=len(winners.one_per_family(families, main)))
columns = ["n_triplets", "score", "recovery", "low", "high", "chance"]
few = by_family[by_family["n_triplets"].isin(list(matrices))]
glue.table(few.set_index("question")[columns])

# %% [markdown]
# Some models are close relatives: one architecture at several widths, or trained twice. To name the family may be
# enough, and a set with one model of each family asks only for that. For both questions chance is higher; the
# figure has it as well. The one of a family is its first in the table of models, a choice that looks at no result.
#
# At {glue:text}`smallest:,d` triplets and by sampled answers:
#
# - the model itself is recovered in {glue:text}`itself_recovery:.0%` of jobs;
# - some model of its family is recovered in {glue:text}`family_recovery:.0%` (chance {glue:text}`family_chance:.0%`);
# - where each of the {glue:text}`n_families:d` families has one model, that one is recovered in
#   {glue:text}`one_each_recovery:.0%` (chance {glue:text}`one_each_chance:.0%`).
#
# Generators differ. Over all sizes, {glue:text}`generator_hardest` is recovered least often (mean of the sizes
# {glue:text}`generator_hardest_value:.0%`) and {glue:text}`generator_easiest` most often
# ({glue:text}`generator_easiest_value:.0%`).

# %% tags=["hide-input", "remove-output"]
glue.figure("families", winners.plot_recovery(by_family, line="question"))

# %% [markdown]
# ```{glue:figure} families
# :name: figure-recovery-families
# :alt: Two panels of curves of recovery against the number of triplets for three questions, the model itself, any model of its family, and one model per family, with intervals and a dotted line of chance for each.
# :figclass: folded
# :width: 100%
#
# As Avitan & Golan Figure S5, with our models: recovery of the model, of its family, and among one model of each family. [The curves (CSV)](tables/recovery_families.csv),
# [each generator's (CSV)](tables/recovery_generators.csv)
# ```
#
# (recovery-photographs)=
# ## How much of what is recovered is the pictures?

# %% tags=["hide-input"]
pair = ("clip_vit_b32", "clip_vit_b32_cc0")
mistaken = winners.taken_for(rows, pair=pair, scores=[sampled, exact])
control = by_set[by_set["models"] == "other photographs"]
control = control.set_index(["score", "n_triplets"])
glue.row("trio", control.loc[sampled, smallest])
of_pair = mistaken[mistaken["n_triplets"] == smallest]
means = of_pair.groupby("score")[["the_other", "alone"]].mean()
glue.row("pair", means.loc[sampled])
glue.row("pair_exact", means.loc[exact])
glue.save(mistaken, "recovery_photographs")
glue.table(mistaken)

# %% [markdown]
# {glue:text}`n_control:d` sets of features were computed from other photographs of the concepts, with a free licence.
# They differ from the main set not only in the network, but also in what it saw. `CLIP ViT-B/32` and `CLIP ViT-B/32 (CC0
# photos)` are one network with two sets of photographs. To tell these two apart is to tell stimuli apart, not models. It is a
# control: how much of what a probe recovers is the pictures?
#
# The models of other photographs, among themselves, are recovered in {glue:text}`trio_recovery:.0%` of jobs at
# {glue:text}`smallest:,d` triplets by sampled answers (chance {glue:text}`trio_chance:.0%`). Of the two CLIPs, among all
# candidates, one is taken for the other in {glue:text}`pair_the_other:.0%` of their jobs at that size. When only the two
# compete (chance 50%), the photographs are told apart in {glue:text}`pair_alone:.0%` of jobs, and in
# {glue:text}`pair_exact_alone:.0%` without sampling noise. So where networks saw different photographs, a win may be due to
# the photographs; how much of it, one pair cannot say. In the table, "itself", "the other" and "anyone else" are shares
# of jobs by winner among all models; "alone" is the share in which the model wins when only the two compete.
# [The table (CSV)](tables/recovery_photographs.csv)
#
# ## How did the fits go?

# %% tags=["hide-input"]
glue.row("fits", winners.describe_ends(rows, fits))
glue.save(fits, "recovery_fits")
columns = ["n_rows", "n_errors", "not_converged", "weakest", "strongest"]
shown = fits[[*columns, "median_gap", "max_gap", "loose_gap"]]
glue.table(shown, folded=True)

# %% [markdown]
# Each of the {glue:text}`fits_n:,d` rows of the study is a candidate, fitted in all folds at all strengths. In
# {glue:text}`fits_ends:.0%` of rows the chosen strength is an end of the grid: the weakest in
# {glue:text}`fits_weakest:.1%`, the strongest in {glue:text}`fits_strongest:.1%`
# ({glue:text}`fits_strongest_first:.0%` at {glue:text}`smallest:,d` triplets). There a wider grid might have served the
# candidate better, and its score is to be read with that in mind. At the strongest, little is left of the probe's
# freedom. Where few validation answers choose among strengths, the choice is partly luck.
#
# Fits whose solver did not meet its own stopping rule: {glue:text}`fits_n_not_converged:d`. Rows with an error:
# {glue:text}`fits_n_errors:d`. How far an objective lies above its optimum is bounded: in the median by
# {glue:text}`fits_median_gap:.1g` nats per trial, and at most by {glue:text}`fits_max_gap:.2g`. In
# {glue:text}`fits_loose:.1%` of rows the bound exceeds 0.01. Such a fit may have ended well above its optimum although
# it met its stopping rule, and its candidate then scores too low. The generator's own row is among them in
# {glue:text}`fits_loose_own:.1%` of jobs. Where that share is smaller than the one of all rows, rivals are held back more
# often than generators, and recovery may come out slightly too high. [The table (CSV)](tables/recovery_fits.csv)
#
# ### Does the solver matter, or the sampler?

# %% tags=["hide-input"]
others = {
    "published_solver": open_results("things_open_published").rows,
    "published_sampler": open_results("things_open_sampler").rows,
}
compared = winners.compare_several(
    rows, others, scores=[sampled, exact], seed=seed
)
glue.row("by", winners.describe_compared(compared))
compared["study"] = compared["study"].str.replace("_", " ")
glue.save(compared, "recovery_compared")
columns = ["n_triplets", "score", "n_jobs", "first", "second", "difference"]
columns += ["low", "high", "only_first", "only_second"]
shown = compared.set_index("study")[columns]
glue.table(shown, folded=True)

# %% [markdown]
# The published code stops its fits early, and draws its triplets from the head of a sorted list. Two smaller studies
# take over one of these each and leave all else as it is; both generators and candidates are fitted that way. The
# same jobs, restricted to the models that both studies have, are compared one by one. With the other sampler the
# triplets of a job are other ones, so that luck does not cancel as it does for the solver. In the table, "first" is the
# study above and "second" the smaller one; "only first" and "only second" count jobs, in parts where credit is shared, that
# only one of them recovers.
#
# The published solver changes recovery by {glue:text}`by_published_solver_test_accuracy_change:+.1f` percentage points
# (sampled answers) and by {glue:text}`by_published_solver_noise_free_accuracy_change:+.1f` (without sampling noise). It
# changes the candidates' mean accuracy without sampling noise by
# {glue:text}`by_published_solver_noise_free_accuracy_accuracy:+.2f` points. That is over few jobs only
# ({glue:text}`by_published_solver_noise_free_accuracy_n_jobs:d`; models:
# {glue:text}`by_published_solver_noise_free_accuracy_n_models:d`, sizes:
# {glue:text}`by_published_solver_noise_free_accuracy_n_sizes:d`): too few to say whether recovery depends on the solver.
#
# The published sampler changes recovery by {glue:text}`by_published_sampler_test_accuracy_change:+.1f` and
# {glue:text}`by_published_sampler_noise_free_accuracy_change:+.1f` points, and mean accuracy by
# {glue:text}`by_published_sampler_noise_free_accuracy_accuracy:+.2f` points (jobs:
# {glue:text}`by_published_sampler_noise_free_accuracy_n_jobs:d`, models:
# {glue:text}`by_published_sampler_noise_free_accuracy_n_models:d`, sizes:
# {glue:text}`by_published_sampler_noise_free_accuracy_n_sizes:d`). Intervals, from resampling generators, are in the table.
# They have no width where no job changes, which is no proof that none would.
# The sampler draws the triplets of the sampled score. Those of the score without sampling noise are uniform in
# both studies, so that with the published sampler the two scores are also of different triplets.
# [The table (CSV)](tables/recovery_compared.csv)
#
# ### The same, small and live
#
# The study above was run beforehand. So that the whole path from judgements to recovery is run whenever this page is
# made, here is a small study of the {term}`toy world`: invented models, invented people, {glue:text}`n_toy:d`
# candidates. It shows that the machinery runs, and nothing about real models.

# %% tags=["hide-input"]
with tempfile.TemporaryDirectory() as folder:
    toy_rows = recovery.run_here(recovery.SMOKE, Path(folder) / "smoke")
toy = winners.recovery_curve(toy_rows, scores=[sampled, exact], seed=seed)
columns = ["score", "recovery", "low", "high", "chance", "n_jobs", "n_seeds"]
glue.numbers(n_toy=len(recovery.SMOKE.models))
shown = toy.set_index("n_triplets")[columns]
glue.table(shown, folded=True)

# %% [markdown]
#
# ## Rerun it yourself
#
# The features of most models above cannot be given away, but five sets come by themselves. A small study of these
# five needs two commands and a few minutes: `yardsticks data pull`, then
# `yardsticks recovery run data/studies/things_public.toml --out DIR`.

# %% tags=["hide-input"]
public = open_results("things_public")
asked = {"scores": [sampled, exact], "seed": seed}
public_curve = recovery.recovery_curve(public.rows, **asked)
by_score = public_curve.set_index(["score", "n_triplets"])
public_models = public.provenance["experiment"]["models"]
public_largest = public.rows["n_triplets"].max()
glue.row("public_last", by_score.loc[sampled, public_largest])
glue.row(
    "public_first", by_score.loc[sampled, public.rows["n_triplets"].min()]
)
glue.numbers(n_public=len(public_models), public_largest=public_largest)
columns = ["score", "n_triplets", "recovery", "low", "high", "n_jobs"]
glue.save(public_curve, "recovery_public")
glue.table(public_curve[columns], folded=True)

# %% [markdown]
# Of these {glue:text}`n_public:d` models, the one that answered wins {glue:text}`public_first_recovery:.0%` of
# {glue:text}`public_first_n_jobs:d` jobs by sampled answers with the fewest triplets (95% interval
# {glue:text}`public_first_low:.0%` to {glue:text}`public_first_high:.0%`), and {glue:text}`public_last_recovery:.0%` of
# {glue:text}`public_last_n_jobs:d` with {glue:text}`public_largest:,d` ({glue:text}`public_last_low:.0%` to
# {glue:text}`public_last_high:.0%`). Your table should show the same numbers. [The curve
# (CSV)](tables/recovery_public.csv)
#
# ## What this does not show
#
# Here one of the candidates did make the choices, with its own features and a probe of the same kind. People may be none of
# the candidates, and then there is no right one to recover. Where no job was lost at a size, losses remain possible; the
# interval says how many. Other models, closer relatives, more components or another penalty may give other
# curves. Why the right model loses where it does is the question of {doc}`chapter 18 <18_failure>` and
# {doc}`chapter 19 <19_regimes>`.
