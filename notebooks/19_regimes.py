# %% [markdown]
# # 19 · What makes recovery fail?
#
# With simulated people, three things shrink the lead of the right model, the one that gives the answers: few answers, a
# weak penalty when that model was fitted to people, and, where that penalty was weak, few objects for models with many
# features. Without sampling noise and with
# {glue:text}`smallest:,d` triplets it wins {glue:text}`first_recovery:.0%` of {glue:text}`first_n_jobs:d` jobs (95% interval
# {glue:text}`first_low:.0%` to {glue:text}`first_high:.0%`), with {glue:text}`largest:,d` {glue:text}`last_recovery:.0%` of
# {glue:text}`last_n_jobs:d` ({glue:text}`last_low:.0%` to {glue:text}`last_high:.0%`). With {glue:text}`size_causes:,d`
# triplets it leads the best other model by {glue:text}`cause_weaker_penalty_margin_of_reference:.3f` in accuracy where that
# penalty was {glue:text}`strong_strength:g`, and by {glue:text}`cause_weaker_penalty_margin_of_cell:.3f` where it was
# {glue:text}`weak_strength:g` (difference {glue:text}`cause_weaker_penalty_margin_low:+.3f` to
# {glue:text}`cause_weaker_penalty_margin_high:+.3f`, {glue:text}`n_models:d` models). The
# {glue:text}`limit_wide_n_generators:d` models with {glue:text}`most_features:,d` features, of {glue:text}`n_wide_families:d`
# families, lead by {glue:text}`limit_wide_of_reference:.3f` with {glue:text}`most_n:,d` training objects, and by
# {glue:text}`limit_wide_of_cell:.3f` with {glue:text}`least_n:,d` ({glue:text}`limit_wide_low:+.3f` to
# {glue:text}`limit_wide_high:+.3f`), although these are fitted to the probabilities of answers, as if each triplet had
# infinitely many. In that study {glue:text}`limit_lost`.
#
# ```{glue:figure} causes
# :name: figure-plateau-causes
# :alt: A row for each cause of failure; on the left recovery without the cause and with it, then its change with a 95% interval, and the same for the generator's lead over the best other model.
# :width: 100%
#
# Simulated people: what each cause takes from recovery and from the lead. Intervals are over generators and not corrected for
# the number of causes; filled diamonds: corrected p below 0.05. {glue:text}`n_models:d` models; where a cause
# changes the candidates or the components, those that both sides have. [The causes (CSV)](tables/plateau_causes.csv)
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
#
# Recovery counts who is first. The generator's *lead*, its own score less the best other model's, says by how much. With
# {glue:text}`n_models:d` generators the lead shows what recovery is too coarse to show.

# %% tags=["parameters", "hide-input"]
# numbers of triplets whose confusions are shown
sizes_shown = [1600, 6400, 102400, 409600]
# the one at which causes other than few answers are compared
size_causes = 6400
# a generator's strength of which recovery is compared
strong_strength = 0.3
weak_strength = 0.01
# the cell of chapter 20 that has fewer components, and nothing else
fewer_components = "256-triplet_holdout-unit_rms-uniform-4500k"
# for the intervals from resampling
seed = 0
# standard deviation, over triplets, of a lead without sampling noise: not
# stored, and from .21 to .33 between four models of the open study
sd_lead = 0.33

# %% tags=["hide-input"]
import pandas as pd

from yardsticks import style, words
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
first_part, study, origin = studies[stand_in]
# the same models and seeds, with more triplets; generators are fitted again in
# the same way
last_part = open_results("curve").rows
surrogate = pd.concat([first_part, last_part], ignore_index=True)
studies[stand_in] = studies[stand_in]._replace(rows=surrogate)
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
late = open_results("curve").provenance["experiment"]["strengths"]
glue.row(
    "late", {"n": len(late), "weakest": min(late), "strongest": max(late)}
)
glue.numbers(open_strongest=max(open_strengths))
regimes, _ = plateau.lay_out({people: open_settings, stand_in: settings})
regimes = regimes.rename(columns=words.say_column)
glue.table(regimes.T.rename_axis("setting"))

# %% [markdown]
# The study of {doc}`chapter 16 <16_recovery>` and the study with {glue:text}`n_simulated:,d` simulated choices
# have {glue:text}`n_models:d` models in common. The two are compared among these models. They differ in the
# settings of the table and in the number of seeds. The rule for a generator's {term}`strength` tests it on
# objects outside the fit or on other triplets of the same objects. The
# studies also differ in the grid of strengths: {glue:text}`open_n:d` from {glue:text}`open_weakest:g` to
# {glue:text}`open_strongest:g` with the open judgements, {glue:text}`simulated_n:d` from
# {glue:text}`simulated_weakest:g` to {glue:text}`simulated_strongest:g` with simulated people (candidates of the two
# largest sizes: {glue:text}`late_n:d` from {glue:text}`late_weakest:.2g` to {glue:text}`late_strongest:g`). A seed splits
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
open_smallest = int(at.loc[people, sampled].index.min())
glue.numbers(open_smallest=open_smallest)
glue.row("few_sampled", at.loc[people, sampled, open_smallest])
glue.row("few_exact", at.loc[people, exact, open_smallest])
glue.table(of_regimes, "plateau_regimes")

# %% tags=["hide-input", "remove-output"]
printed = printed_numbers("avitan2025")
bound = printed.at["recovery_plateau", "value"]
published = winners.published_curve(printed)
last = at.loc[stand_in, exact, largest]
glue.numbers(bound=bound, chance=1 / len(models))
glue.numbers(side=plateau.say_bound(last["low"], last["high"], bound))
of_first = open_rows[open_rows["n_triplets"] == smallest]
glue.numbers(n_seeds_open=of_first["seed"].nunique())
glue.numbers(n_seeds=surrogate["seed"].nunique())
authors = winners.authors_curves(seed=seed)
glue.numbers(authors=authors.said)
drawn = pd.concat([curves, *authors.curves])
glue.figure(
    "regimes",
    plateau.plot_regimes(
        drawn, line="study", bound=bound, published=published
    ),
)

# %% [markdown]
# With simulated people and without sampling noise, recovery goes from {glue:text}`first_recovery:.0%` at
# {glue:text}`smallest:,d` triplets to {glue:text}`last_recovery:.0%` at {glue:text}`largest:,d`. By sampled
# answers it goes from {glue:text}`sampled_first_recovery:.0%` to {glue:text}`sampled_last_recovery:.0%`. Chance
# is {glue:text}`chance:.1%`. The interval at {glue:text}`largest:,d` triplets, {glue:text}`last_low:.0%` to
# {glue:text}`last_high:.0%`, lies {glue:text}`side` the published bound of {glue:text}`bound:.0%`.
#
# ```{glue:figure} regimes
# :name: figure-plateau-regimes
# :alt: Two panels of recovery accuracy against the number of training triplets on a logarithmic axis, by sampled answers and without sampling noise; one curve for generators fitted to open judgements and one for generators fitted to simulated people, with intervals, dotted lines of chance, and a dashed line at the bound that the published study states for millions of triplets.
# :width: 100%
#
# The same {glue:text}`n_models:d` models in two regimes, with exact 95% intervals. The dashed line is what the
# published study says of other models, real people and millions of triplets; crosses are read off its figure. [The curves
# (CSV)](tables/plateau_curves.csv), [leads and false winners (CSV)](tables/plateau_regimes.csv)
# ```
#
# Each point of the simulated curve rests on one job for each model and seed. There are {glue:text}`n_seeds:d`
# seeds, and {glue:text}`n_seeds_open:d` in the open study at {glue:text}`smallest:,d` triplets, so the intervals are wide. They also take jobs for
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
# ## How much does each cause take?
#
# One setting is changed at a time, among the same models. Two of these changes also make another generator of each model,
# and two come with another grid of strengths:
#
# - *Fewer answers*: {glue:text}`smallest:,d` triplets instead of {glue:text}`largest:,d`. The generators are the same. The
#   candidates' grid of strengths is wider with the few, as said above.
# - *A weak penalty of the generator*: when it was aligned with simulated people, strength
#   {glue:text}`weak_strength:g` instead of {glue:text}`strong_strength:g`. This makes another generator.
# - *All components* of the features instead of {glue:text}`n_fewer:d`. This makes another generator as well, and the grid with
#   all components is finer.
# - *A sampled test*: at {glue:text}`smallest:,d` triplets, a sampled answer to each of {glue:text}`n_tested:,d` test
#   triplets instead of the generator's probabilities.
# - *Relatives*: all {glue:text}`n_models:d` models compete instead of one for each family.
#
# Where nothing else is said, it is at {glue:text}`size_causes:,d` triplets.

# %% tags=["hide-input", "remove-output"]
cells, strength = open_results("plateau"), open_results("strength")
six = cells.provenance["experiment"]["models"]
sets = {"all": models, "six": six}
sets["few"] = winners.one_per_family(described["family"], models)
asked = {"scores": [exact, sampled], "sets": sets}
every = plateau.cell_jobs(surrogate.assign(cell=stand_in), **asked)
of = dict(list(every.groupby(["candidates", "score", "n_triplets"])))
few = cells.rows.query("cell == @fewer_components")
few = plateau.cell_jobs(few, **asked)
few = few.query("n_triplets == @size_causes and candidates == 'six'")
asked = ["generator_strengths", "n_judgements", "strength_rule"]
leads = plateau.cell_leads(strength, settings=asked, score=exact)
simulated = leads[leads["n_judgements"] != "open"]
at_size = simulated[simulated["n_triplets"] == size_causes]
of_strength = dict(list(at_size.groupby("generator_strengths")))
all_at_size = of["all", exact, size_causes]
causes = {
    "fewer_answers": (of["all", exact, largest], of["all", exact, smallest]),
    "weaker_penalty": (
        of_strength[strong_strength],
        of_strength[weak_strength],
    ),
    "all_components": (
        few[few["score"] == exact],
        of["six", exact, size_causes],
    ),
    "sampled_test": (of["all", exact, smallest], of["all", sampled, smallest]),
    "relatives": (of["few", exact, size_causes], all_at_size),
}
asked_causes = {"responses": ["credit", "margin"], "seed": seed}
compared = plateau.compare_causes(causes, **asked_causes)
of_cause = compared.set_index(["cause", "response"])
glue.row("cause", of_cause)
changed = of_cause.loc[("weaker_penalty", "credit"), ["low", "high"]]
glue.numbers(penalty_zero=words.say_zero(*changed))
terms = compared.rename(columns={"cause": "term"}).groupby("response")
of_lead, of_recovery = terms.get_group("margin"), terms.get_group("credit")
glue.numbers(what_lead=plateau.say_effects(of_lead, unit="accuracy"))
glue.numbers(what_recovery=plateau.say_effects(of_recovery, unit="points"))
tested = surrogate.loc[surrogate["n_triplets"] == smallest, "n_test"]
fewer = cells.provenance["cells"][fewer_components]["components"]
glue.numbers(n_tested=tested.iloc[0], n_fewer=fewer)
glue.numbers(weak_strength=weak_strength, strong_strength=strong_strength)
glue.numbers(size_causes=size_causes)
shown = {
    "fewer_answers": f"fewer answers:\n{smallest:,}, not {largest:,}",
    "weaker_penalty": f"weaker penalty of the\ngenerator: {weak_strength:g}, not {strong_strength:g}",
    "all_components": f"all components,\nnot {fewer}",
    "sampled_test": f"a sampled test,\nat {smallest:,} triplets",
    "relatives": "relatives compete",
}
glue.figure("causes", plateau.plot_causes(compared, labels=shown))

# %% tags=["hide-input"]
told = [
    "cause",
    "response",
    "of_reference",
    "of_cell",
    "effect",
    "low",
    "high",
]
told += ["p_corrected", "n_generators", "n_jobs"]
glue.save(compared, "plateau_causes")
sides = {"of_reference": "without", "of_cell": "with it"}
glue.table(compared[told].rename(columns=sides), folded=True)

# %% [markdown]
# On the lead, {glue:text}`what_lead`. On recovery, {glue:text}`what_recovery` after correction for the number of causes (Holm).
# By itself, the change of recovery with fewer answers has the interval {glue:text}`cause_fewer_answers_credit_low:+.2f` to
# {glue:text}`cause_fewer_answers_credit_high:+.2f`. Recovery counts whole jobs of few generators, so that its intervals are
# wide: it may well be moved by what moves the lead. Intervals are over generators.
#
# (plateau-strength)=
# ## Does the penalty of the generator matter?
#
# A {term}`generator` is a model that was aligned with people. How strongly its penalty held it back there decides what it is
# like. In this study all {glue:text}`n_models:d` models have all components, and only that strength changes.

# %% tags=["hide-input", "remove-output"]
by = ["n_judgements", "n_triplets", "generator_strengths"]
fixed = leads[leads["generator_strengths"] != "several"]
of_strengths = plateau.describe_jobs(fixed, by)
glue.save(of_strengths, "plateau_strengths")
picks = plateau.rule_picks(strength)
glue.save(picks, "plateau_picks")
n_simulated = settings["n_judgements"]
triplets_left, objects_left = "triplet_holdout", "object_cv"
picked = picks.groupby(["n_judgements", "strength_rule"])
picked = picked.apply(plateau.say_picks)
glue.numbers(
    by_triplets=picked[n_simulated, triplets_left],
    by_objects=picked[n_simulated, objects_left],
    open_by_triplets=picked["open", triplets_left],
    open_by_objects=picked["open", objects_left],
)
chosen = leads[leads["generator_strengths"] == "several"]
of_chosen = plateau.describe_jobs(chosen, ["n_judgements", "strength_rule"])
of_chosen = of_chosen.set_index(["n_judgements", "strength_rule"])
lost = of_chosen.agg(plateau.say_lost, axis=1, labels=labels)
glue.numbers(
    lost_by_triplets=lost[n_simulated, triplets_left],
    lost_by_objects=lost[n_simulated, objects_left],
    lost_open_by_triplets=lost["open", triplets_left],
    lost_open_by_objects=lost["open", objects_left],
)
glue.numbers(size_chosen=chosen["n_triplets"].max())
most = picks.sort_values(["n_generators", "strength"])
most = most.drop_duplicates("cell", keep="last")
left = {triplets_left: "triplets", objects_left: "objects"}
most["said"] = (
    "most picked by " + most["strength_rule"].map(left) + " left out"
)
most = most.sort_values("said", ascending=False).set_index("said")
marks = most.groupby("n_judgements")["strength"].agg(pd.Series.to_dict)
told = {
    "x": "generator_strengths",
    "axis": "strength of the generator's penalty",
    "labels": labels,
    "marked": marks[n_simulated],
}
drawn = fixed[fixed["n_judgements"] != "open"].sort_values("n_triplets")
drawn["panel"] = drawn["n_triplets"].map("{:,} triplets".format)
at_strength = plateau.describe_jobs(at_size, ["generator_strengths"])
at_strength = at_strength.set_index("generator_strengths")
strong, weak = at_strength.loc[strong_strength], at_strength.loc[weak_strength]
glue.numbers(lost_strong=plateau.say_lost(strong, labels))
glue.numbers(lost_weak=plateau.say_lost(weak, labels))
glue.numbers(own_strong=strong["own"], own_weak=weak["own"])
held = at_strength["margin"].sort_index(ascending=False)
held = [f"{lead:.3f} at {strength:g}" for strength, lead in held.items()]
glue.numbers(lead_by_strength=", ".join(held))
glue.figure("strength", plateau.plot_leads(drawn, panel="panel", **told))
of_people = fixed[fixed["n_judgements"] == "open"].sort_values("n_triplets")
of_people["panel"] = of_people["n_triplets"].map("{:,} triplets".format)
told["marked"] = marks["open"]
drawn = plateau.plot_leads(of_people, panel="panel", **told)
glue.figure("strength_open", drawn)
of_people = of_people[of_people["n_triplets"] == size_causes]
of_people = plateau.describe_jobs(of_people, ["generator_strengths"])
of_people = of_people.set_index("generator_strengths")
glue.numbers(
    lost_open=plateau.say_lost(of_people.loc[strong_strength], labels)
)
glue.numbers(
    lost_open_weak=plateau.say_lost(of_people.loc[weak_strength], labels)
)
held = of_people["margin"].sort_index(ascending=False)
held = [f"{lead:.3f} at {strength:g}" for strength, lead in held.items()]
glue.numbers(open_by_strength=", ".join(held))

# %% [markdown]
# At {glue:text}`size_causes:,d` triplets and strength {glue:text}`strong_strength:g`, {glue:text}`lost_strong`. At strength
# {glue:text}`weak_strength:g`, {glue:text}`lost_weak`. The mean lead is {glue:text}`lead_by_strength`. A generator that was hardly held back is also harder to learn again
# from its answers: its own score is {glue:text}`own_weak:.3f` on average, and {glue:text}`own_strong:.3f` with the stronger
# penalty. Then rivals come near.
#
# Which strength a study gives its generators hangs on the rule. Where triplets are left out to choose it, which is near the
# published rule, it is {glue:text}`by_triplets` of the {glue:text}`n_models:d` generators. Where objects are left out, it is
# {glue:text}`by_objects`. With the first rule and {glue:text}`size_chosen:,d` triplets, {glue:text}`lost_by_triplets`; with the
# second, {glue:text}`lost_by_objects`. That is too few jobs to tell the rules apart by recovery. But the rule sets the
# strength, and with the strength goes the lead.
#
# ```{glue:figure} strength
# :name: figure-plateau-strength
# :alt: The lead of each generator over the best other model against the strength of the penalty that it was aligned with, in panels by the number of triplets; points are open where another model leads, and two vertical lines mark the strengths that leaving out triplets and leaving out objects pick most often.
# :width: 100%
#
# Simulated people: how far each generator leads, by the strength of its own penalty. Open points: another model leads. [All
# cells (CSV)](tables/plateau_strengths.csv), [what each rule picks (CSV)](tables/plateau_picks.csv)
# ```
#
# With generators that were fitted to the open judgements, the mean lead at {glue:text}`size_causes:,d` triplets is
# {glue:text}`open_by_strength`. At strength {glue:text}`strong_strength:g`, {glue:text}`lost_open`; at
# {glue:text}`weak_strength:g`, {glue:text}`lost_open_weak`. All settings but the judgements are those of the simulated people.
# Here the rules pick stronger penalties. Where triplets are left out, it is {glue:text}`open_by_triplets` of the
# {glue:text}`n_models:d` generators; where objects are left out, it is {glue:text}`open_by_objects`. With the first rule and
# {glue:text}`size_chosen:,d` triplets, {glue:text}`lost_open_by_triplets`; with the second, {glue:text}`lost_open_by_objects`.
#
# ```{glue:figure} strength_open
# :name: figure-plateau-strength-open
# :alt: As the figure before, for generators that were aligned with the open judgements of people; two vertical lines again mark the strengths that each rule picks most often.
# :figclass: folded
# :width: 100%
#
# Open judgements: how far each generator leads, by the strength of its own penalty. Open points: another model leads.
# [All cells (CSV)](tables/plateau_strengths.csv)
# ```
#
# (plateau-limit)=
# ## What is lost without any sampling?
#
# A model that is fitted to sampled answers suffers from their luck. In one more study models are fitted to the
# generator's probabilities themselves. That is the limit of infinitely many answers to each triplet. What a generator
# loses there it loses to the models, the objects and the penalties, and more answers would not bring it back. All generators
# here were aligned with strength {glue:text}`limit_strength:g`, the weak penalty of above. In {glue:text}`n_limit_weakest:d` of
# {glue:text}`n_limit_own:d` jobs the generator's own fit took the weakest strength of the grid: a still weaker one might have
# given it a larger lead, so part of what is lost may be lost to the grid.

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
glue.numbers(n_limit_cells=expected["cell"].nunique())
glue.numbers(n_limit_seeds=expected["seed"].nunique())
(limit_strength,) = set(leads["generator_strengths"])
own_fits = limit.rows[limit.rows["generator"] == limit.rows["candidate"]]
own_fits = own_fits[own_fits["cell"].isin(set(expected["cell"]))]
weakest = min(limit.provenance["experiment"]["strengths"])
n_weakest = (own_fits["strength"] < 1.01 * weakest).sum()
glue.numbers(limit_strength=limit_strength, n_limit_weakest=n_weakest)
glue.numbers(n_limit_own=len(own_fits))
glue.save(of_limit, "plateau_limit")
sampled_cells = leads[leads["choices"] == "sampled"].assign(all="all")
lost_sampled = plateau.describe_jobs(sampled_cells, ["all"]).iloc[0]
glue.numbers(lost_sampled=plateau.say_lost(lost_sampled, labels))
least = expected.loc[expected["margin"].idxmin()]
glue.numbers(least_components=least["components"])
glue.numbers(least_objects=least["n_train_objects"])
glue.numbers(least_generator=labels[least["generator"]])
n_objects = sampled_cells["n_train_objects"].mode().iloc[0]
least_n, most_n = leads["n_train_objects"].agg(["min", "max"])
fewer, *_, most_below = sorted(set(leads["components"]) - {"all"})
glue.numbers(n_objects=n_objects, least_n=least_n, most_n=most_n)
glue.numbers(limit_fewer=fewer, limit_most_below=most_below)
n_features = leads["generator"].map(described["n_features"])
of_width = dict(list(leads.groupby(n_features)))
widest, narrowest = of_width[n_features.max()], of_width[n_features.min()]
glue.numbers(most_features=int(n_features.max()))
glue.numbers(fewest_features=int(n_features.min()))
glue.numbers(
    n_wide_families=described.loc[
        widest["generator"].unique(), "family"
    ].nunique()
)
cell = by[:3]
of_all = dict(list(leads.groupby(cell, sort=False)))
of_widest = dict(list(widest.groupby(cell, sort=False)))
of_narrowest = dict(list(narrowest.groupby(cell, sort=False)))
fewest, most = ("expected", least_n), ("expected", most_n)
limit_causes = {
    "fewer objects, most features": (
        of_widest[*most, "all"],
        of_widest[*fewest, "all"],
    ),
    "fewer objects, fewest features": (
        of_narrowest[*most, "all"],
        of_narrowest[*fewest, "all"],
    ),
    "fewer objects, most features, fewer components": (
        of_widest[*most, fewer],
        of_widest[*fewest, fewer],
    ),
    "all components, most features": (
        of_widest["expected", n_objects, most_below],
        of_widest["expected", n_objects, "all"],
    ),
    "sampled answers": (
        of_all["expected", n_objects, "all"],
        of_all["sampled", n_objects, "all"],
    ),
    "sampled answers, fewer objects": (
        of_all[*fewest, "all"],
        of_all["sampled", least_n, "all"],
    ),
    "sampled answers, more objects": (
        of_all[*most, "all"],
        of_all["sampled", most_n, "all"],
    ),
    "sampled answers, fewer components": (
        of_all["expected", n_objects, fewer],
        of_all["sampled", n_objects, fewer],
    ),
}
of_causes = plateau.compare_causes(limit_causes, **asked_causes)
glue.save(of_causes, "plateau_limit_causes")
of_causes = of_causes[of_causes["response"] == "margin"]
short = ["wide", "narrow", "reduced", "beyond"]
short += ["sampling", "sampling_few", "sampling_many", "sampling_reduced"]
of_short = of_causes.assign(short=short).set_index("short")
glue.row("limit", of_short)
few_features = of_short.loc["narrow", ["low", "high"]]
glue.numbers(narrow_zero=words.say_zero(*few_features))
drawn = expected.sort_values("n_train_objects")
drawn["panel"] = drawn["n_train_objects"].map("{:,} training objects".format)
told = {"x": "components", "axis": "components", "labels": labels}
glue.figure("limit", plateau.plot_leads(drawn, panel="panel", **told))

# %% tags=["hide-input"]
told = ["cause", "of_reference", "of_cell", "effect", "low", "high"]
told += ["p_corrected", "n_generators"]
sides = {"of_reference": "lead without", "of_cell": "lead with it"}
glue.table(of_causes[told].rename(columns=sides), folded=True)

# %% tags=["hide-input"]
told = [*by, "n_jobs", "recovery", "low", "high", "margin", "n_lost"]
glue.table(of_limit[told], folded=True)

# %% [markdown]
# ```{glue:figure} limit
# :name: figure-plateau-limit
# :alt: The lead of each generator over the best other model, against the number of components, in panels by the number of training objects, where models are fitted to probabilities; points are open where another model leads, and a line marks zero.
# :width: 100%
#
# Simulated people: how far each generator leads where models are fitted to its probabilities on
# {glue:text}`n_limit_triplets:,d` triplets. Open points: another model leads. [The cells (CSV)](tables/plateau_limit.csv)
# ```
#
# In all {glue:text}`n_limit_cells:d` combinations of components and training objects together, {glue:text}`limit_lost`
# ({glue:text}`n_models:d` models; seeds: {glue:text}`n_limit_seeds:d`). But
# leads differ, and a small lead is easily lost to sampling. The smallest, {glue:text}`smallest_lead:+.3f`, is that of
# {glue:text}`least_generator` with {glue:text}`least_objects:,d` training objects and {glue:text}`least_components`
# components. Leads below {glue:text}`narrow:.3f` may be luck of the test triplets ({ref}`below <plateau-narrow>`).
#
# - *Few objects, many features.* The {glue:text}`limit_wide_n_generators:d` models with
#   {glue:text}`most_features:,d` features lead by {glue:text}`limit_wide_of_reference:.3f` on average with
#   {glue:text}`most_n:,d` training objects and by {glue:text}`limit_wide_of_cell:.3f` with {glue:text}`least_n:,d` (95%
#   interval of the difference {glue:text}`limit_wide_low:+.3f` to {glue:text}`limit_wide_high:+.3f`).
# - *Few objects, few features.* The {glue:text}`limit_narrow_n_generators:d` models with {glue:text}`fewest_features:,d`
#   features lead by {glue:text}`limit_narrow_of_reference:.3f` with {glue:text}`most_n:,d` objects and by
#   {glue:text}`limit_narrow_of_cell:.3f` with {glue:text}`least_n:,d` ({glue:text}`limit_narrow_low:+.3f` to
#   {glue:text}`limit_narrow_high:+.3f`). This interval {glue:text}`narrow_zero`, although {glue:text}`fewest_features:,d` is
#   more than {glue:text}`least_n:,d`, too.
# - *Fewer components.* Cut to {glue:text}`limit_fewer:d` components, the models with the most features lead by
#   {glue:text}`limit_reduced_of_reference:.3f` with {glue:text}`most_n:,d` objects and by
#   {glue:text}`limit_reduced_of_cell:.3f` with {glue:text}`least_n:,d` ({glue:text}`limit_reduced_low:+.3f` to
#   {glue:text}`limit_reduced_high:+.3f`). With {glue:text}`n_objects:,d` objects,
#   they lead by {glue:text}`limit_beyond_of_reference:.3f` with {glue:text}`limit_most_below:d` components and by
#   {glue:text}`limit_beyond_of_cell:.3f` with all ({glue:text}`limit_beyond_low:+.3f` to
#   {glue:text}`limit_beyond_high:+.3f`).
# - *Sampling.* One sampled answer to each of the {glue:text}`n_limit_triplets:,d` triplets, instead of its probabilities,
#   changes the mean lead of all models, with all components, by {glue:text}`limit_sampling_many_effect:+.3f`
#   ({glue:text}`limit_sampling_many_low:+.3f` to {glue:text}`limit_sampling_many_high:+.3f`) with
#   {glue:text}`most_n:,d` training objects, by {glue:text}`limit_sampling_effect:+.3f`
#   ({glue:text}`limit_sampling_low:+.3f` to {glue:text}`limit_sampling_high:+.3f`) with {glue:text}`n_objects:,d`, and by
#   {glue:text}`limit_sampling_few_effect:+.3f` ({glue:text}`limit_sampling_few_low:+.3f` to
#   {glue:text}`limit_sampling_few_high:+.3f`) with {glue:text}`least_n:,d`. With {glue:text}`limit_fewer:d` components and
#   {glue:text}`n_objects:,d` objects it is {glue:text}`limit_sampling_reduced_effect:+.3f`
#   ({glue:text}`limit_sampling_reduced_low:+.3f` to {glue:text}`limit_sampling_reduced_high:+.3f`). Where answers are
#   sampled, {glue:text}`lost_sampled`.
#
# Intervals are over generators, and not corrected for the number of changes; the table has corrected p values.
# [The changes, also of recovery (CSV)](tables/plateau_limit_causes.csv)
#
# (plateau-narrow)=
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
glue.save(compared, "plateau_regimes_compared")

# %% [markdown]
# The generator's *lead* says how near a job is to being lost or won. It is the generator's own score less the
# best other model's. At {glue:text}`common_first:,d` triplets, over the jobs that both studies have, the mean
# lead is {glue:text}`paired_margin_of_reference:.3f` with the open judgements and
# {glue:text}`paired_margin_of_cell:.3f` with simulated people. The 95% interval of the difference, over
# generators, is {glue:text}`paired_margin_low:+.3f` to {glue:text}`paired_margin_high:+.3f`. Recovery itself
# differs by {glue:text}`paired_credit_effect:+.2f` ({glue:text}`paired_credit_low:+.2f` to
# {glue:text}`paired_credit_high:+.2f`; these are single comparisons, not corrected for their number).
#
# Before a generator can win, it has to be learned again, from its answers about other objects. Its own score is
# then {glue:text}`paired_own_of_reference:.3f` with the open judgements and {glue:text}`paired_own_of_cell:.3f`
# with simulated people. One who knew its probabilities would reach about {glue:text}`target:.3f`. With
# simulated people it reaches {glue:text}`last_own:.3f` at {glue:text}`largest:,d` triplets. The gap to that
# target leaves room for a rival. [The comparison at each size (CSV)](tables/plateau_regimes_compared.csv)
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
# :figclass: folded
# :width: 100%
#
# Simulated people: who wins without sampling noise. [The matrices (CSV)](tables/plateau_confusions.csv)
# ```

# %% tags=["hide-input", "remove-output"]
options = {"n_triplets": size_causes, "models": models, "seed": seed}
ranks = failure.ranks_by_role(surrogate, score=exact, **options)
glue.save(ranks, "plateau_ranks")
glue.numbers(**failure.rank_numbers(ranks, labels))
glue.numbers(**failure.nearest_rival(ranks, labels))

# %% [markdown]
# Each model is also ranked on the answers of the others. At {glue:text}`size_causes:,d` triplets
# {glue:text}`best_rival` comes nearest the first rank: its mean rank is {glue:text}`best_rival_rank:.1f`, where
# a blind judgement would give {glue:text}`blind_rank:.1f`. It is first on {glue:text}`best_rival_wins:.0%` of
# these answers. {glue:text}`n_never:d` of the {glue:text}`n_models:d` models never win falsely. [The ranks
# (CSV)](tables/plateau_ranks.csv)
#
# ## How did the fits go?

# %% tags=["hide-input"]
fits = winners.describe_fits(first_part, strengths)
glue.numbers(largest_first=int(first_part["n_triplets"].max()))
glue.row("grid", fits[["weakest", "strongest"]].mean())
glue.row("fits", fits[["not_converged", "n_errors"]].sum())
glue.table(fits, "plateau_fits_surrogate", folded=True)
of_strength = strength.rows[
    strength.rows["generator"] == strength.rows["candidate"]
]
glue.numbers(n_strength_ends=of_strength["at_grid_end"].astype(bool).sum())
glue.numbers(n_strength_own=len(of_strength))

# %% [markdown]
# Where the strength of a fit is an end of its grid, a wider grid might have served that candidate better. With
# simulated people and up to {glue:text}`largest_first:,d` triplets {glue:text}`grid_weakest:.1%` of the fits have the weakest strength and
# {glue:text}`grid_strongest:.1%` the strongest. {glue:text}`fits_not_converged:d` did not meet their solver's
# stopping rule, and {glue:text}`fits_n_errors:d` ended with an error. Where the generator's strength is varied, its own fit
# took an end of the grid in {glue:text}`n_strength_ends:d` of {glue:text}`n_strength_own:d` jobs. How many generators took the weakest
# strength is told in {doc}`chapter 20 <20_factors>`. [The fits (CSV)](tables/plateau_fits_surrogate.csv)
#
# ## What follows for an experiment?
#
# - *Collect many judgements.* With simulated people the right model wins {glue:text}`first_recovery:.0%` of jobs at
#   {glue:text}`smallest:,d` triplets and {glue:text}`last_recovery:.0%` at {glue:text}`largest:,d`, without sampling noise.
# - *Say which penalty and how many components the generators of a simulation have.* Their leads depend on the penalty, and may depend on the components (next point). With
#   simulated people and {glue:text}`size_causes:,d` triplets the mean lead is
#   {glue:text}`cause_weaker_penalty_margin_of_reference:.3f` at strength {glue:text}`strong_strength:g`, and
#   {glue:text}`cause_weaker_penalty_margin_of_cell:.3f` at {glue:text}`weak_strength:g`. The interval of the change in recovery
#   {glue:text}`penalty_zero`. A larger lead means that the simulated task is easier. Whether people are more like the one generator or the other is not known, so
#   simulate both.
# - *Try fewer components* in the simulation, where answers are few. This, too, makes another generator. With simulated people and
#   {glue:text}`n_fewer:d` the mean lead at {glue:text}`size_causes:,d` triplets is {glue:text}`cause_all_components_margin_of_reference:.3f`, with all
#   it is {glue:text}`cause_all_components_margin_of_cell:.3f` (difference
#   {glue:text}`cause_all_components_margin_low:+.3f` to {glue:text}`cause_all_components_margin_high:+.3f`, so that it may
#   be none). With {glue:text}`n_limit_triplets:,d` triplets, sampling changes the lead by
#   {glue:text}`limit_sampling_effect:+.3f` with all components and by {glue:text}`limit_sampling_reduced_effect:+.3f` with
#   {glue:text}`limit_fewer:d`.
# - *Have answers about many objects, or give probes fewer components.* Without sampling, and with generators of the weak
#   penalty, models with
#   {glue:text}`most_features:,d` features lead by {glue:text}`limit_wide_of_cell:.3f` with {glue:text}`least_n:,d` training
#   objects and all components, by {glue:text}`limit_reduced_of_cell:.3f` with {glue:text}`limit_fewer:d` components, and
#   by {glue:text}`limit_wide_of_reference:.3f` with {glue:text}`most_n:,d` objects and all components.
# - *Test on many answers* about objects that were left out. With the open judgements and {glue:text}`open_smallest:,d`
#   triplets, the right model wins {glue:text}`few_sampled_recovery:.0%` of jobs by the few sampled answers of its test, and
#   {glue:text}`few_exact_recovery:.0%` without sampling noise.
# - *Say who competes.* The more candidates, and the more they are alike, the less a win is worth
#   ({doc}`chapter 18 <18_failure>`).
# - *Report the lead, not the winner alone*, with an interval that heeds that test triplets share objects
#   ({doc}`chapter 15 <15_probing>`). In these simulations, without sampling noise, a lead within
#   {glue:text}`narrow:.3f`, two standard errors over {glue:text}`n_noise_free:,d` test triplets, may be luck of the test.
#   With people's answers it has to be larger.
#
# ## What this does not show
#
# - It does not show that the published plateau is reproduced, or refuted. None of the published models takes part.
#   {glue:text}`n_models:d` candidates are fewer than the published ones. How recovery goes on from
#   {glue:text}`largest:,d` triplets is open.
# - It does not show that people would do the same. The people that models are aligned to are simulated. The
#   embedding that simulates them has the form of a probe and few dimensions. What it leaves out of people, its
#   choices leave out too.
# - Of the strengths, and of the limit with sampled answers, not every combination was looked at. The tables say which were.
#   The limit rests on one seed, and on few models of each number of features, some of them relatives.
# - The causes are taken one at a time. Whether two together take more than their sum is open, and so is what a cause
#   would do to other models.
