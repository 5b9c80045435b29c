# %% [markdown]
# # 19 · Is the right model harder to find with simulated people?
#
# At {glue:text}`smallest:,d` triplets the right model wins {glue:text}`first_recovery:.0%` of
# {glue:text}`first_n_jobs:d` jobs with simulated people (95% interval {glue:text}`first_low:.0%` to
# {glue:text}`first_high:.0%`), and {glue:text}`open_first_recovery:.0%` of {glue:text}`open_first_n_jobs:d`
# with people's own, open judgements ({glue:text}`open_first_low:.0%` to {glue:text}`open_first_high:.0%`), both
# scored without sampling noise. At {glue:text}`largest:,d` triplets it wins {glue:text}`last_recovery:.0%` of
# {glue:text}`last_n_jobs:d` ({glue:text}`last_low:.0%` to {glue:text}`last_high:.0%`) with simulated people.
#
# Are answers wanting there, or are the models too alike? With infinitely many answers, that is where models are fitted to
# the generator's probabilities, {glue:text}`limit_lost`, all components or not.
#
# ```{glue:figure} regimes
# :name: figure-plateau-regimes
# :alt: Two panels of recovery accuracy against the number of training triplets on a logarithmic axis, by sampled answers and without sampling noise; one curve for generators fitted to open judgements and one for generators fitted to simulated people, with intervals, dotted lines of chance, and a dashed line at the bound that the published study states for millions of triplets.
# :width: 100%
#
# The same {glue:text}`n_models:d` models in two regimes, with exact 95% intervals. The dashed line is what the
# published study says of other models, real people and millions of triplets. [The curves
# (CSV)](tables/plateau_curves.csv), [leads and false winners (CSV)](tables/plateau_regimes.csv)
# ```
#
# ## What the paper found
#
# {cite:t}`avitan2025` find that {term}`recovery accuracy` stays below {glue:text}`bound:.0%` even with millions
# of triplets. In the study of {doc}`chapter 16 <16_recovery>`, the models of this chapter reach
# {glue:text}`open_last_recovery:.0%` with {glue:text}`open_largest:,d`. The two studies differ in nearly
# everything: the models, the number of components, the number of judgements that {term}`generators <generator>`
# are fitted to, the rule that chooses their {term}`strength`, the solver, and the sampler of triplets.
#
# ## How it is done
#
# The open judgements are too few to align all components of a model as strongly as the 4.5 million of the
# published study do. So this chapter replaces the people. Its *simulated people* are choices sampled from
# SPoSE-66 {cite:p}`hebart2023`. That is an embedding which was itself fitted to people's judgements, and which
# is as decided here as people are. It gives as many choices as one likes. None of them is a person's.
#
# Whatever is said about simulated people is said about this stand-in. An embedding has the very form that
# {term}`probes <probe>` have, so simulated people can be easier to fit than real ones.

# %% tags=["parameters", "hide-input"]
# numbers of triplets whose confusions are shown
sizes_shown = [1600, 6400, 102400]
# the one whose ranks are shown
size_ranks = 6400
# for the intervals from resampling
seed = 0
# standard deviation, over triplets, of a lead without sampling noise: not
# stored, and from .21 to .33 between four models of the open study
sd_lead = 0.33

# %% tags=["hide-input"]
import pandas as pd

from yardsticks import style
from yardsticks.claims import printed_numbers
from yardsticks.datasets import catalogue
from yardsticks.notebooks import glue
from yardsticks.recovery import failure, open_results, plateau, winners

style.use()
sampled, exact = "test_accuracy", "noise_free_accuracy"
people, stand_in = "open judgements", "simulated people"
studies = {
    people: open_results("things_open"),
    stand_in: open_results("things_surrogate"),
}
open_rows, open_study, _ = studies[people]
surrogate, study, origin = studies[stand_in]
described = catalogue("features").set_index("model")
labels, settings = described["label"], study["experiment"]
common = failure.shared_models(studies)
models = [name for name in settings["models"] if name in common]
origin

# %% tags=["hide-input"]
open_settings = open_study["experiment"]
strengths, open_strengths = settings["strengths"], open_settings["strengths"]
glue.numbers(n_models=len(models), n_simulated=settings["n_judgements"])
glue.row("simulated", {"n": len(strengths), "weakest": min(strengths)})
glue.row("open", {"n": len(open_strengths), "weakest": min(open_strengths)})
glue.numbers(simulated_strongest=max(strengths))
glue.numbers(open_strongest=max(open_strengths))
regimes, _ = plateau.lay_out({people: open_settings, stand_in: settings})
regimes = regimes.rename(columns=glue.say_column)
glue.table(regimes.T.rename_axis("setting"))

# %% [markdown]
# The study of {doc}`chapter 16 <16_recovery>` and the study with {glue:text}`n_simulated:,d` simulated choices
# have {glue:text}`n_models:d` models in common. The two are compared among these models. They differ in the
# settings of the table and in the number of seeds. The rule for a generator's {term}`strength` tests it on
# objects outside the fit (`object_cv`) or on other triplets of the same objects (`triplet_holdout`). The
# studies also differ in the grid of strengths: {glue:text}`open_n:d` from {glue:text}`open_weakest:g` to
# {glue:text}`open_strongest:g` with the open judgements, {glue:text}`simulated_n:d` from
# {glue:text}`simulated_weakest:g` to {glue:text}`simulated_strongest:g` with simulated people. A seed splits
# the objects in the same way in both.
#
# ## How much is recovered?

# %% tags=["hide-input"]
asked = {"scores": [sampled, exact], "models": models}
curves = failure.recovery_by_study(studies, seed=seed, **asked)
glue.save(curves, "plateau_curves")
jobs = plateau.regime_jobs(studies, models=models, scores=[exact, sampled])
of_regimes = plateau.describe_jobs(jobs, ["cell", "score", "n_triplets"])
at = of_regimes.set_index(["cell", "score", "n_triplets"])
sizes = at.loc[stand_in, exact].index
smallest, largest = int(sizes.min()), int(sizes.max())
open_largest = int(at.loc[people, sampled].index.max())
glue.numbers(smallest=smallest, largest=largest, open_largest=open_largest)
glue.row("first", at.loc[stand_in, exact, smallest])
glue.row("last", at.loc[stand_in, exact, largest])
glue.row("sampled_first", at.loc[stand_in, sampled, smallest])
glue.row("sampled_last", at.loc[stand_in, sampled, largest])
glue.row("open_first", at.loc[people, exact, smallest])
glue.row("open_last", at.loc[people, sampled, open_largest])
glue.table(of_regimes, "plateau_regimes")

# %% tags=["hide-input", "remove-output"]
bound = printed_numbers("avitan2025").at["recovery_plateau", "value"]
last = at.loc[stand_in, exact, largest]
glue.numbers(bound=bound, chance=1 / len(models))
glue.numbers(side=plateau.say_bound(last["low"], last["high"], bound))
of_first = open_rows[open_rows["n_triplets"] == smallest]
glue.numbers(n_seeds_open=of_first["seed"].nunique())
glue.numbers(n_seeds=surrogate["seed"].nunique())
authors = winners.authors_curves(seed=seed)
glue.numbers(authors=authors.said)
drawn = pd.concat([curves, *authors.curves])
glue.figure("regimes", plateau.plot_regimes(drawn, line="study", bound=bound))

# %% [markdown]
# With simulated people and without sampling noise, recovery goes from {glue:text}`first_recovery:.0%` at
# {glue:text}`smallest:,d` triplets to {glue:text}`last_recovery:.0%` at {glue:text}`largest:,d`. By sampled
# answers it goes from {glue:text}`sampled_first_recovery:.0%` to {glue:text}`sampled_last_recovery:.0%`. Chance
# is {glue:text}`chance:.1%`. The interval at {glue:text}`largest:,d` triplets, {glue:text}`last_low:.0%` to
# {glue:text}`last_high:.0%`, lies {glue:text}`side` the published bound of {glue:text}`bound:.0%`.
#
# Each point of the simulated curve rests on one job for each model and seed. There are {glue:text}`n_seeds:d`
# seeds, and {glue:text}`n_seeds_open:d` in the open study, so the intervals are wide. They also take jobs for
# independent, which the jobs of one seed are not.
#
# The authors' own simulations {glue:text}`authors`.
#
# One of the models, BLIP, saw other photographs of the same concepts. The others saw those that people judged.

# %% tags=["hide-input"]
reference = winners.model_sets(described, models)["reference photographs"]
by_set = winners.recovery_by_set(
    surrogate, {"reference photographs": reference}, scores=[exact], seed=seed
)
glue.save(by_set, "plateau_reference_photographs")
glue.numbers(n_reference=len(reference))
glue.numbers(reference_first=by_set["recovery"].iloc[0])
glue.numbers(reference_last=by_set["recovery"].iloc[-1])

# %% [markdown]
# Among these {glue:text}`n_reference:d`, recovery without sampling noise goes from
# {glue:text}`reference_first:.0%` to {glue:text}`reference_last:.0%`. [The table
# (CSV)](tables/plateau_reference_photographs.csv)
#
# ## How narrowly are jobs lost?
#
# The score without sampling noise leaves out the luck of sampled test answers. Where a job is lost by this
# score, the wrong model, as it was fitted, predicts the generator's probabilities better. Two kinds of luck
# remain. Training answers are sampled. And the score is a mean over {glue:text}`n_noise_free:,d` triplets,
# which other triplets would change.

# %% tags=["hide-input"]
of_simulated = jobs[(jobs["cell"] == stand_in) & (jobs["score"] == exact)]
error = {"n_noise_free": settings["n_noise_free"], "sd_lead": sd_lead}
losses = plateau.narrow_losses(of_simulated, **error)
glue.numbers(**error, **losses)

# %% [markdown]
# Two standard errors of a lead are about {glue:text}`narrow:.3f`. This takes {glue:text}`sd_lead:.2f` for the
# standard deviation of a lead over triplets, which was not stored. Over all sizes {glue:text}`n_lost:d` jobs
# are lost. In {glue:text}`n_narrow:d` of them the deficit is smaller than that, so other test triplets might
# have decided otherwise.

# %% tags=["hide-input"]
pair = pd.DataFrame({"reference": [people], "cell": [stand_in]})
asked = {"responses": ["credit", "margin", "own"], "seed": seed}
by = ["score", "n_triplets"]
compared = plateau.compare_cells(jobs, pair, by=by, **asked)
paired = compared[compared["score"] == exact]
common_first = int(paired["n_triplets"].min())
at_first = paired[paired["n_triplets"] == common_first]
columns = ["response", "of_reference", "of_cell", "effect", "low", "high"]
glue.row("paired", at_first[columns].set_index("response"))
generators = pd.DataFrame(study["generators"])
glue.numbers(common_first=common_first, target=generators["target"].iloc[0])
glue.table(compared, "plateau_regimes_compared")

# %% [markdown]
# The generator's *lead* says how near a job is to being lost or won. It is the generator's own score less the
# best other model's. At {glue:text}`common_first:,d` triplets, over the jobs that both studies have, the mean
# lead is {glue:text}`paired_margin_of_reference:.3f` with the open judgements and
# {glue:text}`paired_margin_of_cell:.3f` with simulated people. The 95% interval of the difference, over
# generators, is {glue:text}`paired_margin_low:+.3f` to {glue:text}`paired_margin_high:+.3f`. Recovery itself
# differs by {glue:text}`paired_credit_effect:+.2f` ({glue:text}`paired_credit_low:+.2f` to
# {glue:text}`paired_credit_high:+.2f`).
#
# Before a generator can win, it has to be learned again, from its answers about other objects. Its own score is
# then {glue:text}`paired_own_of_reference:.3f` with the open judgements and {glue:text}`paired_own_of_cell:.3f`
# with simulated people. One who knew its probabilities would reach about {glue:text}`target:.3f`. With
# simulated people it reaches {glue:text}`last_own:.3f` at {glue:text}`largest:,d` triplets. The gap to that
# target leaves room for a rival. [The comparison at each size (CSV)](tables/plateau_regimes_compared.csv)
#
# (plateau-limit)=
# ## What is lost without any sampling?
#
# A model that is fitted to sampled answers suffers from their luck. In one more study models are fitted to the
# generator's probabilities themselves. That is the limit of infinitely many answers to each triplet. What a generator
# loses there it loses to the structure of the models, and more answers would not bring it back.

# %% tags=["hide-input", "remove-output"]
limit = open_results("limit")
asked = ["components", "n_train_objects", "choices", "generator_strengths"]
leads = plateau.cell_leads(limit, settings=asked, score=exact)
by = ["choices", "n_train_objects", "components", "generator_strengths"]
of_limit = plateau.describe_jobs(leads, by)
expected = leads[leads["choices"] == "expected"].assign(all="all")
lost_limit = plateau.describe_jobs(expected, ["all"]).iloc[0]
glue.numbers(limit_lost=plateau.say_lost(lost_limit, labels))
glue.numbers(n_limit_triplets=leads["n_triplets"].max())
glue.numbers(smallest_lead=expected["margin"].min())
glue.numbers(n_limit_cells=leads["cell"].nunique())
glue.save(of_limit, "plateau_limit")
objects = leads["n_train_objects"].map("{:,} training objects, ".format)
drawn = leads.assign(panel=objects + leads["choices"])
told = {"x": "components", "axis": "components", "labels": labels}
glue.figure("limit", plateau.plot_leads(drawn, panel="panel", **told))

# %% tags=["hide-input"]
told = [*by[:3], "n_jobs", "recovery", "low", "high", "margin", "n_lost"]
glue.table(of_limit[told])

# %% [markdown]
# ```{glue:figure} limit
# :name: figure-plateau-limit
# :alt: The lead of each generator over the best other model, against the number of components, in panels by the number of training objects and by whether models are fitted to probabilities or to sampled answers; points are open where another model leads, and a line marks zero.
# :width: 100%
#
# Simulated people: how far each generator leads where models are fitted to its probabilities on
# {glue:text}`n_limit_triplets:,d` triplets. Open points: another model leads. [The cells (CSV)](tables/plateau_limit.csv)
# ```
#
# {glue:text}`n_limit_cells:d` combinations of components and training objects are done so far. In those fitted to
# probabilities {glue:text}`limit_lost`. The smallest lead is {glue:text}`smallest_lead:+.3f`.
#
# ## Who wins instead, with simulated people?

# %% tags=["hide-input", "remove-output"]
asked = {"score": exact, "models": models}
matrices = winners.confusions(surrogate, sizes_shown, **asked)
confusions = pd.concat(matrices, names=["n_triplets", "generator"])
glue.save(confusions.reset_index("n_triplets"), "plateau_confusions")
lost_first = plateau.say_lost(at.loc[stand_in, exact, smallest], labels)
glue.numbers(lost_first=lost_first, lost_last=plateau.say_lost(last, labels))
named = {"labels": labels, "families": described["family"]}
glue.figure("plateau_confusions", winners.plot_confusions(matrices, **named))

# %% [markdown]
# Without sampling noise and at {glue:text}`smallest:,d` triplets, {glue:text}`lost_first`. At
# {glue:text}`largest:,d` triplets, {glue:text}`lost_last`.
#
# ```{glue:figure} plateau_confusions
# :name: figure-plateau-confusions
# :alt: Square matrices of generators by winners at several numbers of triplets, shaded by the share of a generator's jobs, for simulated people and without sampling noise; shares on the diagonal are recoveries.
# :width: 100%
#
# Simulated people: who wins without sampling noise. [The matrices (CSV)](tables/plateau_confusions.csv)
# ```

# %% tags=["hide-input", "remove-output"]
options = {"n_triplets": size_ranks, "models": models, "seed": seed}
ranks = {
    score: failure.ranks_by_role(surrogate, score=score, **options)
    for score in (exact, sampled)
}
ranked = pd.concat(ranks, names=["score"]).reset_index("score")
glue.save(ranked, "plateau_ranks")
glue.numbers(size_ranks=size_ranks)
glue.numbers(**failure.rank_numbers(ranks[exact], labels))
glue.numbers(**failure.nearest_rival(ranks[exact], labels))
glue.figure("plateau_ranks", failure.plot_ranks_by_role(ranks, labels=labels))

# %% [markdown]
# Each model is also ranked on the answers of the others. At {glue:text}`size_ranks:,d` triplets
# {glue:text}`best_rival` comes nearest the first rank: its mean rank is {glue:text}`best_rival_rank:.1f`, where
# a blind judgement would give {glue:text}`blind_rank:.1f`. It is first on {glue:text}`best_rival_wins:.0%` of
# these answers. {glue:text}`n_never:d` of the {glue:text}`n_models:d` models never win falsely.
#
# ```{glue:figure} plateau_ranks
# :name: figure-plateau-ranks
# :alt: For each model its mean rank among the candidates on its own answers and on the answers of others, without sampling noise and by sampled answers, with a dotted line at the blind rank.
# :width: 100%
#
# Simulated people: mean rank on a model's own answers and on others', at {glue:text}`size_ranks:,d` triplets.
# Lines are 95% intervals from resampling generators. For a model's own answers there are none, since
# {glue:text}`n_seeds:d` seeds are too few. [The ranks (CSV)](tables/plateau_ranks.csv)
# ```
#
# ## How did the fits go?

# %% tags=["hide-input"]
fits = winners.describe_fits(surrogate, strengths)
glue.row("grid", fits[["weakest", "strongest"]].mean())
glue.row("fits", fits[["not_converged", "n_errors"]].sum())
glue.table(fits, "plateau_fits_surrogate")

# %% [markdown]
# Where the strength of a fit is an end of its grid, a wider grid might have served that candidate better. With
# simulated people {glue:text}`grid_weakest:.1%` of the fits have the weakest strength and
# {glue:text}`grid_strongest:.1%` the strongest. {glue:text}`fits_not_converged:d` did not meet their solver's
# stopping rule, and {glue:text}`fits_n_errors:d` ended with an error. How many generators took the weakest
# strength is told in {doc}`chapter 20 <20_factors>`. [The fits (CSV)](tables/plateau_fits_surrogate.csv)
#
# ## What follows for an experiment?
#
# - *Collect many judgements.* With simulated people the right model wins {glue:text}`first_recovery:.0%` of jobs at
#   {glue:text}`smallest:,d` triplets and {glue:text}`last_recovery:.0%` at {glue:text}`largest:,d`, without sampling noise.
# - *Test on many answers.* By sampled answers, of which there is one for eight of training, it wins
#   {glue:text}`sampled_first_recovery:.0%` at {glue:text}`smallest:,d` triplets.
# - *Say who competes.* The more candidates, and the more they are alike, the less a win is worth
#   ({doc}`chapter 18 <18_failure>`).
# - *Report the lead, not the winner alone.* A lead within {glue:text}`narrow:.3f`, two standard errors over
#   {glue:text}`n_noise_free:,d` test triplets, may be luck of the test.
#
# ## What this does not show
#
# - It does not show that the plateau is reproduced, or refuted. None of the published models takes part.
#   {glue:text}`n_models:d` candidates are fewer than the published ones, and nothing here has millions of
#   triplets. How recovery goes on from {glue:text}`largest:,d` triplets is open.
# - It does not show that people would do the same. The people that models are aligned to are simulated. The
#   embedding that simulates them has the form of a probe and few dimensions. What it leaves out of people, its
#   choices leave out too.
# - The limit without sampling was looked at for some components and one strength of the generators only.
# - It does not show which difference between the two studies matters, since they differ in several settings at
#   once. {doc}`chapter 20 <20_factors>` takes these settings apart.
