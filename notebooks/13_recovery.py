# %% [markdown]
# # Would the best-fitting model be the right one?
#
# Nobody knows which model people are, so nobody can say whether the model that fits them best is the right one. In a
# simulation it is known. One model, the {term}`generator`, is first fitted to people's judgements and then answers new
# {term}`triplets <triplet>` in their place. All models, the {term}`candidates <candidate>`, are fitted to its answers and
# predict those about objects that they have not seen. If the best of them is the generator, it has been *recovered*.
# {cite:t}`avitan2025` found that the {term}`recovery accuracy` of flexible {term}`probes <probe>` rises with the number
# of triplets and stays short of certainty even for millions. This chapter asks the same of the models whose features
# are open. They are other models than the published ones, with fewer components, so what follows neither reproduces
# nor refutes that result.

# %% tags=["parameters"]
# numbers of triplets whose confusions are shown; larger ones than there are
# stand for the largest
sizes_shown = [100, 400, 25600]
# for the intervals from resampling
seed = 0

# %% tags=["remove-cell"]
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from yardsticks import style
from yardsticks.datasets import catalogue
from yardsticks.notebooks import glue
from yardsticks.recovery.studies.experiment import SMOKE
from yardsticks.recovery.studies.jobs import run_here
from yardsticks.recovery.studies.tables import open_results
from yardsticks.recovery.winners.compare import compare_studies
from yardsticks.recovery.winners.credit import (
    confusions,
    lost,
    rank_shares,
    winners,
)
from yardsticks.recovery.winners.curves import (
    describe_end,
    model_sets,
    one_per_family,
    recovery_by_family,
    recovery_by_set,
    recovery_curve,
    taken_for,
)
from yardsticks.recovery.winners.figures import (
    plot_confusions,
    plot_margins,
    plot_ranks,
    plot_recovery,
)
from yardsticks.recovery.winners.fits import (
    LOOSE,
    describe_fits,
    generators_at_end,
)

style.use()

# %%
rows, provenance, origin = open_results("things_open")
published = open_results("things_open_published")[0]
prefix = open_results("things_open_sampler")[0]
study = provenance["experiment"]
# the catalogue is part of the project; features are not needed here
described = catalogue("features").set_index("model")
origin

# %%
models = study["models"]
families = described["family"]
sampled, exact = "test_accuracy", "noise_free_accuracy"
sets = model_sets(described, models)
main = sets["reference photographs"]
listed = described.loc[models, ["label", "family", "stimuli"]]
glue.save(listed, "recovery_models")
glue.table(listed)

# %% [markdown]
# ## The study
#
# {glue:text}`n_models:d` models take part, each as generator and as candidate; the last {glue:text}`n_descriptors:d` of
# the table are no networks but hand-made descriptors of images. Features are reduced to
# {glue:text}`n_components:d` components, and a probe multiplies them by a full matrix, drawn towards a multiple of the
# identity by a penalty. Its {term}`strength` is the one of {glue:text}`n_strengths:d` between
# {glue:text}`weakest_strength:g` and {glue:text}`strongest_strength:g` that does best on validation triplets. Objects
# are split into {glue:text}`n_folds:d` folds, and training, validation and test triplets share no object. Generators
# answer at random with the probabilities of their own probe, at a temperature at which they agree with themselves as
# people agree with each other: simulated answers are on average as noisy as people's, whatever the model.
#
# Two scores decide who wins. The *sampled* score is the published one: the share of the generator's answers to test
# triplets that a candidate predicts. There is one test triplet for eight of training, so at
# {glue:text}`smallest:,d` training triplets a fold all folds together hold {glue:text}`n_test_smallest:d` test
# answers, and chance has a say in who is best. The score *without sampling noise* takes the mean probability that the
# generator gives to the candidate's predictions, on {glue:text}`n_noise_free:,d` fresh triplets a fold. Only a
# simulation can have it, since nobody knows these probabilities of people. Training answers are sampled for both.
#
# The main set are the {glue:text}`n_main:d` models that were shown the photographs people judged. The other
# {glue:text}`n_control:d` saw other photographs of the same concepts, and are looked at
# {ref}`below <recovery-photographs>`.
#
# ### The generators
#
# A generator is a model's probe, fitted to all open judgements at the strength that predicts judgements about unseen
# objects best (`accuracy` and `nll` are on these). How decided it is, is the mean probability of its most probable
# answer on the repeated triplets: `at_one` as fitted, at temperature 1. Dividing its logits by `temperature` brings
# that to people's {term}`noise ceiling`, {glue:text}`target:.3f`.

# %%
generators = pd.DataFrame(provenance["generators"]).set_index("model")
made = generators[["strength", "accuracy", "nll", "at_one", "temperature"]]
glue.save(made, "recovery_generators_made")
glue.table(made.join(described["label"]).set_index("label").reset_index())

# %% tags=["remove-cell"]
decided = made["temperature"].sort_values()
ends = generators_at_end(provenance["generators"], study["strengths"])
glue.numbers(
    n_at_weakest=int(ends["weakest"]),
    target=generators["target"].iloc[0],
    least_at_one=made["at_one"].min(),
    most_at_one=made["at_one"].max(),
    hottest=decided.iloc[-1],
    coldest=decided.iloc[0],
    hottest_model=described.at[decided.index[-1], "label"],
    coldest_model=described.at[decided.index[0], "label"],
    range_accuracy_low=made["accuracy"].min(),
    range_accuracy_high=made["accuracy"].max(),
)

# %% [markdown]
# On unseen objects the generators predict between {glue:text}`range_accuracy_low:.3f` and
# {glue:text}`range_accuracy_high:.3f` of people's answers (chance is a third), and as fitted their most probable answer
# has a mean probability between {glue:text}`least_at_one:.2f` and {glue:text}`most_at_one:.2f`. Temperatures range from
# {glue:text}`coldest:.2f` ({glue:text}`coldest_model`) to {glue:text}`hottest:.2f` ({glue:text}`hottest_model`); one
# below 1 makes a generator more decided than its fit, and a poor predictor of people becomes as sure of its answers as a
# good one. For {glue:text}`n_at_weakest:d` of them the best strength is the weakest of the grid. A weaker one might have
# predicted people better: how strongly these are aligned is decided by the grid, and not by the judgements alone.
# [The generators (CSV)](tables/recovery_generators_made.csv)
#
# ## How often the generator wins

# %%
scores = [sampled, exact, "nll", "noise_free_nll"]
by_set = recovery_by_set(rows, sets, scores=scores, seed=seed)
glue.save(by_set, "recovery_curves")
curve = by_set[by_set["models"] == "reference photographs"]
shown = curve[curve["score"].isin([sampled, exact])]
other_intervals = ["seed_low", "seed_high", "generator_low", "generator_high"]
glue.table(shown.drop(columns=["models", "n_models", *other_intervals]))

# %% tags=["remove-cell"]
at = curve.set_index(["score", "n_triplets"])
sizes = np.sort(rows["n_triplets"].unique())
fits = describe_fits(rows, study["strengths"])
first, last = at.loc[(sampled, sizes[0])], at.loc[(sampled, sizes[-1])]
glue.numbers(
    n_models=len(models),
    n_descriptors=len(models)
    - (described.loc[models, "objective"] != "hand-made").sum(),
    n_components=study["components"],
    n_strengths=len(study["strengths"]),
    weakest_strength=min(study["strengths"]),
    strongest_strength=max(study["strengths"]),
    n_folds=study["n_folds"],
    n_noise_free=study["n_noise_free"],
    smallest=sizes[0],
    largest=sizes[-1],
    n_test_smallest=fits.at[sizes[0], "n_test"].astype(int),
    n_test_largest=fits.at[sizes[-1], "n_test"].astype(int),
    n_main=len(main),
    n_control=len(sets["other photographs"]),
    chance=first["chance"],
    first=first["recovery"],
    last=last["recovery"],
    last_low=last["low"],
    last_high=last["high"],
    n_jobs_last=int(last["n_jobs"]),
    n_seeds_last=int(last["n_seeds"]),
    first_low=first["low"],
    first_high=first["high"],
    first_seed_low=first["seed_low"],
    first_seed_high=first["seed_high"],
    first_generator_low=first["generator_low"],
    first_generator_high=first["generator_high"],
    first_exact=at.loc[(exact, sizes[0]), "recovery"],
    last_exact=at.loc[(exact, sizes[-1]), "recovery"],
    first_nll=at.loc[("nll", sizes[0]), "recovery"],
    n_left_out=int(by_set["n_left_out"].sum()),
    course=describe_end(curve[curve["score"] == sampled]),
    course_exact=describe_end(curve[curve["score"] == exact]),
)
glue.figure(
    "recovery",
    plot_recovery(
        by_set[
            by_set["score"].isin([sampled, exact])
            & (by_set["models"] != "other photographs")
        ],
        line="models",
    ),
)

# %% [markdown]
# By the sampled score, recovery {glue:text}`course` (from {glue:text}`first:.0%` at {glue:text}`smallest:,d` triplets, where
# chance is {glue:text}`chance:.0%`, to {glue:text}`last:.1%` of {glue:text}`n_jobs_last:d` jobs at
# {glue:text}`largest:,d`, 95% interval {glue:text}`last_low:.1%` to {glue:text}`last_high:.1%`). Without sampling noise it
# {glue:text}`course_exact`, from {glue:text}`first_exact:.0%` to {glue:text}`last_exact:.1%`. What lies between the
# two curves is the luck of the test: the same fits are scored, on a few sampled answers or on the probabilities of many
# fresh triplets. The mean loss (nll) on the same few answers, which heeds how sure a prediction is, recovers
# {glue:text}`first_nll:.0%` at the smallest size; the table behind the figure has it at all sizes.
#
# ```{glue:figure} recovery
# :name: figure-recovery
# :alt: Two panels of curves of recovery accuracy against the number of training triplets on a logarithmic axis, scored by sampled answers on the left and without sampling noise on the right, with intervals and dotted lines of chance near the bottom, for the models shown the reference photographs, the networks among them, and all.
# :width: 100%
#
# How often the generator wins, with exact 95% intervals. Points lie side by side so that intervals can be told apart.
# [The curves, with further scores (CSV)](tables/recovery_curves.csv)
# ```
#
# The intervals in the figure are exact for independent jobs. These jobs are not: all generators of a seed are tested on
# the same objects and triplets, and some generators are recovered more easily than others, whatever the seed. So the
# figure speaks of *these* models. The table has intervals from resampling seeds as a whole (`seed_low`, `seed_high`), and
# from resampling generators (`generator_low`, `generator_high`), which say what other models of the kind might have
# given. At {glue:text}`smallest:,d` triplets and by the sampled score the three go from {glue:text}`first_low:.0%` to
# {glue:text}`first_high:.0%`, from {glue:text}`first_seed_low:.0%` to {glue:text}`first_seed_high:.0%`, and from
# {glue:text}`first_generator_low:.0%` to {glue:text}`first_generator_high:.0%`. Those from
# {glue:text}`n_seeds_last:d` seeds at the largest size are rough; none has a width where all seeds, or generators, agree. In a tie the generator gets its share of the credit. Jobs left out because their
# generator has no score: {glue:text}`n_left_out:d`.
#
# ## Who wins instead

# %% tags=["remove-cell"]
matrices = confusions(rows, sizes_shown, score=sampled, models=models)
glue.save(
    pd.concat(matrices, names=["n_triplets"])
    .reset_index("n_triplets")
    .rename_axis(index="generator"),
    "recovery_confusions",
)
by_score = {
    sampled: winners(rows, score=sampled, models=main),
    exact: winners(rows, score=exact, models=main),
}
ranks = {
    sampled: rank_shares(by_score[sampled]),
    exact: rank_shares(by_score[exact]),
}
glue.save(
    pd.concat(ranks, names=["score"])
    .reset_index("score")
    .rename_axis(index="n_triplets"),
    "recovery_ranks",
)
glue.save(
    pd.concat(by_score, names=["score"])
    .reset_index("score")
    .reset_index(drop=True),
    "recovery_jobs",
)
wrong = by_score[sampled][lost(by_score[sampled])]
wrong_first = wrong[wrong["n_triplets"] == sizes[0]]
glue.numbers(
    n_wrong=len(wrong_first),
    wrong_rank=wrong_first["rank"].median(),
    wrong_margin=-wrong_first["margin"].median(),
    top_three=ranks[sampled]
    .iloc[0][["first alone", "first, tied", "rank to 3"]]
    .sum(),
    share_tied=ranks[sampled]["first, tied"].iloc[0],
)
glue.figure(
    "confusions",
    plot_confusions(matrices, labels=described["label"], families=families),
)
glue.figure("margins", plot_margins(by_score))
glue.figure("ranks", plot_ranks(ranks))

# %% [markdown]
# Each row of a matrix is a generator, each column a winner, so what lies off the diagonal was mistaken for something else.
#
# ```{glue:figure} confusions
# :name: figure-recovery-confusions
# :alt: Square matrices of generators by winners at several numbers of triplets, shaded by the share of a generator's jobs; shares on the diagonal are recoveries; thin lines part the families.
# :width: 100%
#
# Who wins by the sampled score, among all models; a grey row has no job yet. Thin lines part the families.
# [The matrices (CSV)](tables/recovery_confusions.csv)
# ```
#
# A generator that does not win may have missed it narrowly. At {glue:text}`smallest:,d` triplets, in
# {glue:text}`n_wrong:d` jobs of the main set another model wins; half of these generators trail it by
# {glue:text}`wrong_margin:.3f` in accuracy or more, and their median rank is {glue:text}`wrong_rank:.1f` of
# {glue:text}`n_main:d`. Among the first three (or first and tied) are {glue:text}`top_three:.0%` of generators;
# {glue:text}`share_tied:.0%` share the first place, which few test answers make likely.
#
# ```{glue:figure} margins
# :name: figure-recovery-margins
# :alt: Points, one for each job, of the generator's accuracy less the best other candidate's, at each number of triplets; widely scattered around zero for sampled answers of few triplets, and in a narrow band without sampling noise.
# :width: 100%
#
# By how much the generator leads the best other model, or trails it: one point for each job of the main set, spread
# sideways. [The jobs (CSV)](tables/recovery_jobs.csv)
# ```
#
# ```{glue:figure} ranks
# :name: figure-recovery-ranks
# :alt: Stacked bars of the share of jobs in which the generator is first alone, tied for first, up to rank three, up to ten, or lower, at each number of triplets, for sampled answers and without sampling noise.
# :width: 100%
#
# The generator's rank among the models of the main set. [The shares (CSV)](tables/recovery_ranks.csv)
# ```
#
# ## Families
#
# Some models are close relatives: one architecture at several widths, or trained twice. To name the family may be
# enough, and a set with one model of each family asks only for that. Chance is higher for both and is drawn with
# them. The one of a family is its first in the table above, a choice that looks at no result.

# %%
by_family = recovery_by_family(
    rows, families, main, scores=[sampled, exact], seed=seed
)
glue.save(by_family, "recovery_families")
per_generator = recovery_curve(
    rows,
    scores=[sampled, exact],
    models=main,
    seed=seed,
    by=["n_triplets", "generator"],
)
glue.save(per_generator, "recovery_generators")
glue.table(
    by_family[by_family["n_triplets"].isin(list(matrices))]
    .drop(columns=[*other_intervals, "n_left_out"])
    .set_index("question")
    .reset_index()
)

# %% tags=["remove-cell"]
asked = by_family[
    (by_family["score"] == sampled) & (by_family["n_triplets"] == sizes[0])
].set_index("question")
hardest = (
    per_generator[per_generator["score"] == sampled]
    .groupby("generator")["recovery"]
    .mean()
    .sort_values()
)
glue.numbers(
    n_families=len(one_per_family(families, main)),
    itself=asked.at["the model itself", "recovery"],
    family=asked.at["a model of its family", "recovery"],
    family_chance=asked.at["a model of its family", "chance"],
    one_each=asked.at["the model, one per family", "recovery"],
    one_each_chance=asked.at["the model, one per family", "chance"],
    hardest=described.at[hardest.index[0], "label"],
    hardest_value=hardest.iloc[0],
    easiest=described.at[hardest.index[-1], "label"],
    easiest_value=hardest.iloc[-1],
)
glue.figure("families", plot_recovery(by_family, line="question"))

# %% [markdown]
# At {glue:text}`smallest:,d` triplets and by sampled answers the model itself is recovered in {glue:text}`itself:.0%` of
# jobs, some model of its family in {glue:text}`family:.0%` (chance {glue:text}`family_chance:.0%`), and where each of the
# {glue:text}`n_families:d` families has one model, that one in {glue:text}`one_each:.0%` (chance
# {glue:text}`one_each_chance:.0%`). Generators differ: over all sizes, {glue:text}`hardest` is recovered least
# often (mean of the sizes {glue:text}`hardest_value:.0%`) and {glue:text}`easiest` most often
# ({glue:text}`easiest_value:.0%`).
#
# ```{glue:figure} families
# :name: figure-recovery-families
# :alt: Two panels of curves of recovery against the number of triplets for three questions, the model itself, any model of its family, and one model per family, with intervals and a dotted line of chance for each.
# :width: 100%
#
# Recovery of the model, of its family, and among one model of each family. [The curves (CSV)](tables/recovery_families.csv),
# [each generator's (CSV)](tables/recovery_generators.csv)
# ```
#
# (recovery-photographs)=
# ## Other photographs
#
# {glue:text}`n_control:d` sets of features were computed from other photographs of the concepts, with a free licence.
# Against the main set they differ in what was seen, besides the network. `CLIP ViT-B/32` and `CLIP ViT-B/32 (CC0
# photos)` are one network with two sets of photographs. Telling these apart is a matter of stimuli and not model
# recovery; it is a control: how much of what a probe recovers is the pictures?

# %%
control = by_set[by_set["models"] == "other photographs"]
glue.table(
    control[control["score"].isin([sampled, exact])].drop(
        columns=["models", "n_models", *other_intervals, "n_left_out"]
    )
)

# %%
pair = ("clip_vit_b32", "clip_vit_b32_cc0")
mistaken = taken_for(rows, pair=pair, scores=[sampled, exact])
glue.save(mistaken, "recovery_photographs")
glue.table(mistaken)

# %% tags=["remove-cell"]
of_pair = mistaken[mistaken["n_triplets"] == sizes[0]].set_index("score")
glue.numbers(
    pair_alone=of_pair.loc[sampled, "alone"].mean(),
    pair_taken=of_pair.loc[sampled, "the_other"].mean(),
    pair_alone_exact=of_pair.loc[exact, "alone"].mean(),
    trio=control.set_index(["score", "n_triplets"]).at[
        (sampled, sizes[0]), "recovery"
    ],
    trio_chance=control["chance"].iloc[0],
)

# %% [markdown]
# The models of other photographs, among themselves, are recovered in {glue:text}`trio:.0%` of jobs at
# {glue:text}`smallest:,d` triplets by sampled answers (chance {glue:text}`trio_chance:.0%`). Of the two CLIPs,
# among all candidates, one is taken for the other in {glue:text}`pair_taken:.0%` of their jobs at that size; between the
# two alone (chance 50%), the photographs are told apart in {glue:text}`pair_alone:.0%`, and in
# {glue:text}`pair_alone_exact:.0%` without sampling noise. In the tables, `itself`, `the_other` and `anyone_else` are
# shares of jobs by winner among all models, and `alone` is of the two only.
# [The table (CSV)](tables/recovery_photographs.csv)
#
# ## How the fits went

# %%
glue.save(fits, "recovery_fits")
glue.table(fits.reset_index())

# %% tags=["remove-cell"]
total = fits["n_rows"].sum()
own = rows[rows["candidate"] == rows["generator"]]
ends = ((fits["weakest"] + fits["strongest"]) * fits["n_rows"]).sum()
glue.numbers(
    n_fits=int(total),
    share_ends=ends / total,
    share_weakest=(fits["weakest"] * fits["n_rows"]).sum() / total,
    share_strongest=(fits["strongest"] * fits["n_rows"]).sum() / total,
    strongest_first=fits["strongest"].iloc[0],
    n_not_converged=int(fits["not_converged"].sum()),
    n_errors=int(fits["n_errors"].sum()),
    median_gap=rows["gap"].median(),
    max_gap=fits["max_gap"].max(),
    share_loose=(fits["loose_gap"] * fits["n_rows"]).sum() / total,
    share_loose_own=(own["gap"] > LOOSE).mean(),
)

# %% [markdown]
# Each of the {glue:text}`n_fits:,d` rows of the study is a candidate, fitted in all folds at all strengths. In
# {glue:text}`share_ends:.0%` of rows the chosen strength is an end of the grid: the weakest in
# {glue:text}`share_weakest:.1%`, the strongest in {glue:text}`share_strongest:.1%`
# ({glue:text}`strongest_first:.0%` at {glue:text}`smallest:,d` triplets). There a wider grid might have served the
# candidate better, and its score is to be read with that in mind. At the strongest, little is left of the probe's
# freedom. Where few validation answers choose among strengths, the choice is partly luck.
#
# Fits whose solver did not meet its own stopping rule: {glue:text}`n_not_converged:d`; rows with an error:
# {glue:text}`n_errors:d`. What an objective lies above its optimum is bounded, in the median by
# {glue:text}`median_gap:.1g` nats per trial and at most by {glue:text}`max_gap:.2g`. In
# {glue:text}`share_loose:.1%` of rows the bound exceeds 0.01. Such a fit may have ended well above its optimum although
# it met its stopping rule, and its candidate then scores too low and loses too often. The generator itself is
# concerned in {glue:text}`share_loose_own:.1%` of jobs, so that recovery is more likely overstated than understated
# where the first share is the larger one.
# [The table (CSV)](tables/recovery_fits.csv)
#
# ## Does the solver matter, or the sampler?
#
# The published code stops its fits early, and draws its triplets from the head of a sorted list. Two smaller studies
# take over one of these each and leave all else as it is; both generators and candidates are fitted that way. The
# same jobs, restricted to the models that both studies have, are compared one by one. With the other sampler the
# triplets of a job are other ones, so that luck does not cancel as it does for the solver. (`first` is the study
# above, `second` the smaller one; `only_first` and `only_second` count jobs, in parts where credit is shared, that only
# one of them recovers.)

# %%
pairs = {
    "published solver": compare_studies(
        rows, published, scores=[sampled, exact], seed=seed
    ),
    "published sampler": compare_studies(
        rows, prefix, scores=[sampled, exact], seed=seed
    ),
}
compared = pd.concat(pairs, names=["study"]).reset_index("study")
glue.save(compared, "recovery_compared")
glue.table(compared)

# %% tags=["remove-cell"]
change = compared.groupby(["study", "score"])["difference"].mean()
accuracy = compared.groupby(["study", "score"])["score_difference"].mean()
extent = compared[compared["score"] == exact].groupby("study")
extent = extent.agg(
    models=("n_models", "max"),
    sizes=("n_triplets", "size"),
    jobs=("n_jobs", "sum"),
)
glue.numbers(
    solver_models=int(extent.at["published solver", "models"]),
    solver_sizes=int(extent.at["published solver", "sizes"]),
    solver_jobs=int(extent.at["published solver", "jobs"]),
    sampler_models=int(extent.at["published sampler", "models"]),
    sampler_sizes=int(extent.at["published sampler", "sizes"]),
    sampler_jobs=int(extent.at["published sampler", "jobs"]),
    solver_change=change["published solver", sampled] * 100,
    solver_change_exact=change["published solver", exact] * 100,
    solver_accuracy=accuracy["published solver", exact] * 100,
    sampler_change=change["published sampler", sampled] * 100,
    sampler_change_exact=change["published sampler", exact] * 100,
    sampler_accuracy=accuracy["published sampler", exact] * 100,
)

# %% [markdown]
# In percentage points, the published solver changes recovery by {glue:text}`solver_change:+.1f` (sampled answers) and
# {glue:text}`solver_change_exact:+.1f` (without sampling noise), and the candidates' mean accuracy without sampling noise
# by {glue:text}`solver_accuracy:+.2f`; that is over few jobs only ({glue:text}`solver_jobs:d`;
# models: {glue:text}`solver_models:d`, sizes: {glue:text}`solver_sizes:d`). The published sampler changes
# them by {glue:text}`sampler_change:+.1f`, {glue:text}`sampler_change_exact:+.1f` and {glue:text}`sampler_accuracy:+.2f`
# (jobs: {glue:text}`sampler_jobs:d`, models: {glue:text}`sampler_models:d`, sizes:
# {glue:text}`sampler_sizes:d`). Intervals, from resampling generators, are in the table. They have no width where no job changes, which is
# no proof that none would.
# [The table (CSV)](tables/recovery_compared.csv)
#
# ## The same, small and live
#
# The study above was run beforehand. So that the whole path from judgements to recovery is run whenever this page is
# made, here is a small study of the {term}`toy world`: invented models, invented people, {glue:text}`n_toy:d`
# candidates. It shows that the machinery runs, and nothing about real models.

# %%
with tempfile.TemporaryDirectory() as folder:
    toy_rows = run_here(SMOKE, Path(folder) / "smoke")
toy = recovery_curve(toy_rows, scores=[sampled, exact], seed=seed)
glue.table(toy.drop(columns=[*other_intervals, "n_left_out"]))

# %% tags=["remove-cell"]
glue.numbers(n_toy=len(SMOKE.models))
