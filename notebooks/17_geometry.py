# %% [markdown]
# # 17 · Do models move towards people?
#
# {glue:text}`toward_n_up:d` of {glue:text}`n_models:d` models are more alike to people's embedding after alignment than
# before. In the median their similarity goes from {glue:text}`toward_median_before:.2f` to
# {glue:text}`toward_median_after:.2f` (single models change by {glue:text}`toward_lowest_change:+.2f` to
# {glue:text}`toward_highest_change:+.2f`), and over objects of which the {term}`probe` has seen no judgement from
# {glue:text}`outside_median_before:.2f` to {glue:text}`outside_median_after:.2f`.

# %% tags=["parameters", "hide-input"]
# numbers of triplets at which margins are shown
sizes_shown = [100, 1600, 25600]
# for the random starts of the map
seed = 0

# %% tags=["hide-input", "remove-output"]
import tempfile
from pathlib import Path

import pandas as pd

from yardsticks import style, words
from yardsticks.datasets import catalogue
from yardsticks.notebooks import glue
from yardsticks.recovery import SMOKE, geometry, open_results

style.use()
results = open_results("geometry")
measured, study = results.rows, results.provenance["experiment"]
models = study["models"]
similarities = open_results("geometry_similarities").rows
# the catalogue is part of the project; features are not needed here
described = catalogue("features").set_index("model")
families = described["family"]
labels = described["label"].to_dict() | {"vice42": "People (VICE-42)"}
person = "vice42"  # the embedding of people that models are compared with
states = ["raw", "diagonal", "full"]
toward = geometry.changes_toward(similarities, families, states=states)
found = toward.astype(object).set_index(["similarity to", "state"])
everywhere = found.loc["VICE-42, all objects", "full"]
outside = found.loc["VICE-42, held-out", "full"]
glue.row("toward", everywhere)
glue.numbers(
    toward_test=words.say_test(everywhere["p"]),
    toward_test_families=words.say_test(everywhere["p_families"]),
)
glue.row("outside", outside)
points, scaling = geometry.place(
    similarities, models, ["raw", "full"], [person], seed=seed
)
glue.save(points, "geometry_map")
glue.numbers(n_models=len(models), stress=scaling.stress)
drawn = geometry.plot_map(points, labels=labels, families=families)
glue.figure("map", drawn)

# %% [markdown]
# ```{glue:figure} map
# :name: figure-geometry-map
# :alt: A plane with a star for people and an arrow for each model from where it is before alignment to where it is after; models of a family share colour and marker and lie side by side.
# :width: 85%
#
# Avitan & Golan Figure 4, with our models: each before (open) and after alignment by a full probe (filled), placed so that distances come near 1 minus the
# similarity. The stress is {glue:text}`stress:.2f`: distances in the plane are off by about that share, so that the map
# is an illustration and the table the result. [The points (CSV)](tables/geometry_map.csv),
# [the changes (CSV)](tables/geometry_toward_people.csv)
# ```
#
# ## What the paper found
#
# A {term}`probe` re-weighs a model's features until they predict people's choices, and thereby changes which objects
# the model holds for alike. {cite:t}`avitan2025` ask what becomes of the models' geometry, and report that all of theirs
# move towards people's. This chapter asks it of the models of {doc}`16_recovery`. Do they move towards people, also where the
# probe has seen no answer? How far, and into how many dimensions? Whom do they come to resemble? And is it those who
# resemble each other that are mistaken for one another?
#
# ## How it is done

# %% tags=["hide-input"]
full = measured.loc[measured["state"] == "full", "strength"]
strengths = study["strengths"]
glue.numbers(
    n_components=study["components"],
    person="VICE-42",
    n_weakest=(full <= min(strengths) * 1.001).sum(),
    n_strongest=(full >= max(strengths) * 0.999).sum(),
)
results.origin

# %% [markdown]
# Each of the {glue:text}`n_models:d` models is aligned as the {term}`generators <generator>` of {doc}`16_recovery` are: a
# probe on {glue:text}`n_components:d` components of its features is fitted to all open judgements but those of the repeated
# triplets, with the {term}`strength` that best predicts judgements about objects outside the fit. A model thus has three
# states:
#
# - *raw*, before alignment;
# - after a *diagonal* probe, which can only stretch the components;
# - after a *full* probe, which can also mix them.
#
# The geometry of a state is the set of squared distances between all objects, the {term}`RDM`. Two geometries are compared
# by the whitened Pearson correlation of their RDMs {cite:p}`diedrichsen2021`, which allows for the fact that distances that
# share an object vary together: 1 is the same geometry up to scale, and about 0 are two unrelated ones. People are
# represented by {glue:text}`person`, an embedding that was made from people's judgements. Objects without features in some
# model are left out for all.
#
# Of the {glue:text}`n_models:d` full probes, {glue:text}`n_weakest:d` have the weakest strength of the grid and
# {glue:text}`n_strongest:d` the strongest. With a wider grid the first might have moved further, and the second less.

# %% tags=["hide-input"]
glue.save(similarities, "geometry_similarities")
glue.save(measured, "geometry_models")
glue.table(measured[measured["state"].isin([*states, "people"])])

# %% [markdown]
# ## Do they move towards people where the probe saw no judgement?

# %% tags=["hide-input"]
diagonal = found.xs("diagonal", level="state")
glue.row("diagonal", diagonal.loc["VICE-42, all objects"])
glue.row("diagonal_outside", diagonal.loc["VICE-42, held-out"])
glue.numbers(
    kept=outside["median_change"] / everywhere["median_change"],
    two_embeddings=geometry.people_alike(similarities, person, "spose66"),
)
glue.save(toward, "geometry_toward_people")
columns = ["state", "n_up", "p", "n_families_up", "p_families"]
columns += ["median_before", "median_after", "median_change"]
glue.table(toward.set_index("similarity to")[columns])

# %% [markdown]
# After alignment by a full probe, {glue:text}`toward_n_up:d` of {glue:text}`n_models:d` models are more alike to
# {glue:text}`person` than before (sign test: {glue:text}`toward_test`). Relatives are no independent witnesses, so the
# same is asked of families: {glue:text}`toward_n_families_up:d` of {glue:text}`toward_n_families:d` come nearer on average
# ({glue:text}`toward_test_families`). Diagonal probes change the similarity by
# {glue:text}`diagonal_median_change:+.2f` in the median, full ones by {glue:text}`toward_median_change:+.2f`.
#
# That much was to be expected, as the embeddings of people were made from judgements that the probes are fitted to as
# well. The stricter question is about objects of which the probe has seen no judgement. For this, each probe is fitted
# again at the same strength on two thirds of the objects and looked at on the others. There {glue:text}`outside_n_up:d`
# models come nearer (with diagonal probes {glue:text}`diagonal_outside_n_up:d`). The median change is
# {glue:text}`kept:.0%` of that over all objects. The choice of the strength did use judgements of these objects.
#
# The two embeddings of people have a similarity of {glue:text}`two_embeddings:.2f`, so little depends on which of them is
# taken.
#
# ## How far do they move?

# %% tags=["hide-input"]
shifts = geometry.describe_shifts(measured, families)
glue.row("shift", shifts.replace(labels))
ties = geometry.shift_correlations(measured, similarities, person)
glue.row("rho", ties)
glue.numbers(rho_test=words.say_test(ties["p"]))
by_family = geometry.shifts_by_family(measured, families)
glue.table(by_family, "geometry_shifts", folded=True)

# %% [markdown]
# The {term}`alignment-induced shift` of a model is 1 minus the similarity of its geometry before and after. Its median is
# {glue:text}`shift_full:.2f` for full probes and {glue:text}`shift_diagonal:.2f` for diagonal ones. For comparison, the
# reduction to {glue:text}`n_components:d` components, which is done before any probe, shifts geometries by
# {glue:text}`shift_reduction:.3f` in the median and {glue:text}`shift_reduction_max:.3f` at most. Least moved is
# {glue:text}`shift_least` ({glue:text}`shift_least_value:.2f`), most {glue:text}`shift_most`
# ({glue:text}`shift_most_value:.2f`).

# %% tags=["hide-input", "remove-output"]
drawn = geometry.plot_shifts(measured, labels=labels, families=families)
glue.figure("shifts", drawn)

# %% [markdown]
# ```{glue:figure} shifts
# :name: figure-geometry-shifts
# :alt: Horizontal bars of the shift of each model by a full probe, with a diamond for the diagonal one; models are ordered by family.
# :width: 100%
#
# How far alignment moves each model; thin lines part the families. [Means of families (CSV)](tables/geometry_shifts.csv),
# [every model (CSV)](tables/geometry_models.csv)
# ```
#
# Between the means of families the standard deviation of the shift is {glue:text}`shift_between:.2f`. Within families of
# several models it is {glue:text}`shift_within:.2f` on average.
#
# The shift's rank correlation with the similarity to people before alignment is {glue:text}`rho_raw:+.2f`
# ({glue:text}`rho_test`, models taken as independent). A negative value says that models farther from people are moved
# farther. How well aligned models predict judgements outside the fit has a rank correlation of
# {glue:text}`rho_accuracy:+.2f` with their similarity to people after alignment, and of {glue:text}`rho_accuracy_raw:+.2f`
# with that before.
#
# ## Into how many dimensions?

# %% tags=["hide-input"]
width, spread = geometry.dimensionalities(measured)
narrowing = geometry.changes(width.loc[models, states], families)
glue.row("width", narrowing.astype(object).loc["full"])
glue.numbers(width_test=words.say_test(narrowing.loc["full", "p"]))
glue.row("range", spread)
of_people = measured.set_index(["model", "state"]).loc[person, "people"]
glue.numbers(width_people=of_people["effective_dimensionality"])
glue.save(narrowing.reset_index(), "geometry_dimensionality")
columns = ["n_up", "n_down", "p", "median_before", "median_after"]
glue.table(narrowing[columns])

# %% [markdown]
# The {term}`effective dimensionality` is 1 if all objects lie on a line, and the number of dimensions if they spread as
# widely in all of them. Full probes lower it in {glue:text}`width_n_down:d` of {glue:text}`n_models:d` models (sign test:
# {glue:text}`width_test`), in the median from {glue:text}`width_median_before:.1f` to
# {glue:text}`width_median_after:.1f`, with changes from {glue:text}`width_lowest_change:+.1f` to
# {glue:text}`width_highest_change:+.1f`. The embedding of people has {glue:text}`width_people:.1f`.
#
# Between the widest and the narrowest model lie {glue:text}`range_before:.1f` dimensions before and
# {glue:text}`range_after:.1f` after alignment. All of this is of {glue:text}`n_components:d` components; features as they come
# have an effective dimensionality of {glue:text}`range_unreduced:.0f` in the median.

# %% tags=["hide-input", "remove-output"]
drawn = geometry.plot_dimensionality(
    measured[measured["model"].isin([*models, person])],
    labels=labels,
    families=families,
)
glue.figure("dimensionality", drawn)

# %% [markdown]
# ```{glue:figure} dimensionality
# :name: figure-geometry-dimensionality
# :alt: A line for each model over three places, before alignment, after a diagonal and after a full probe, of its effective dimensionality, with the model's name at both ends and a dashed line for people.
# :width: 100%
#
# Effective dimensionality before and after alignment. [The changes (CSV)](tables/geometry_dimensionality.csv)
# ```
#
# ## Who is near whom?

# %% tags=["hide-input"]
people = [person]
raw = geometry.state_matrix(similarities, models, "raw", people=people)
full = geometry.state_matrix(similarities, models, "full", people=people)
among = {"raw": raw.loc[models, models], "full": full.loc[models, models]}
neighbours = {
    "raw": geometry.nearest(among["raw"], families),
    "full": geometry.nearest(among["full"], families),
}
near = geometry.describe_neighbours(neighbours, among, families)
glue.row("near", near.replace(labels))
both = pd.concat(neighbours, names=["state"]).reset_index()
glue.save(both, "geometry_nearest")
after = neighbours["full"].rename(index=labels).rename_axis("model")
glue.table(after.replace({"nearest": labels}))

# %% [markdown]
# {glue:text}`near_full_n_related:d` models have relatives among the others. The most similar model is of their family for
# {glue:text}`near_raw_n_same:d` of them before alignment and for {glue:text}`near_full_n_same:d` after it. Similarity within
# families is {glue:text}`near_raw_within:.2f` on average before and {glue:text}`near_full_within:.2f` after, between families
# {glue:text}`near_raw_between:.2f` and {glue:text}`near_full_between:.2f`. Where both grow, fitting all models to the same
# people makes them resemble people and each other. The most similar two after alignment are
# {glue:text}`near_full_closest` and {glue:text}`near_full_closest_to` ({glue:text}`near_full_closest_value:.2f`).

# %% tags=["hide-input", "remove-output"]
drawn = geometry.plot_similarities(
    {"raw": raw, "full": full}, labels=labels, families=families
)
glue.figure("similarities", drawn)

# %% [markdown]
# ```{glue:figure} similarities
# :name: figure-geometry-similarities
# :alt: Two square heat maps of the similarity of all pairs of models and people, before and after alignment by a full probe, ordered by family, with bright blocks of families on the diagonal.
# :figclass: dense
# :width: 100%
#
# Similarity of all pairs before and after alignment, ordered by family, people last. [All pairs (CSV)](tables/geometry_similarities.csv),
# [the most similar of each (CSV)](tables/geometry_nearest.csv)
# ```
#
# ## Are those who resemble each other mistaken for each other?

# %% tags=["hide-input"]
rows = open_results("things_open").rows
sampled, exact = "test_accuracy", "noise_free_accuracy"
scores = [sampled, exact]
margins = geometry.nearest_margins(rows, neighbours, scores=scores)
tied = geometry.margin_correlations(margins)
glue.save(margins, "geometry_margins")
smallest, largest = rows["n_triplets"].min(), rows["n_triplets"].max()
rho = tied.set_index(["n_triplets", "state", "score"])["rho"].unstack()
glue.row("rho_first", rho.loc[smallest, "full"])
glue.row("rho_last", rho.loc[largest, "full"])
glue.row("rho_last_raw", rho.loc[largest, "raw"])
glue.numbers(
    smallest=smallest,
    largest=largest,
    n_generators=tied["n_generators"].max(),
)
glue.save(tied, "geometry_margin_correlations")
glue.table(tied)

# %% [markdown]
# In the recovery study a generator's margin is its own score less that of the best other model. If models are mistaken
# because they are alike, a generator with a near neighbour has a small margin or a negative one.
#
# Over the {glue:text}`n_generators:d` generators, the rank correlation of the mean margin with the similarity to the
# nearest model after alignment is {glue:text}`rho_first_test_accuracy:+.2f` at {glue:text}`smallest:,d` triplets and
# {glue:text}`rho_last_test_accuracy:+.2f` at {glue:text}`largest:,d`. Without sampling noise it is
# {glue:text}`rho_first_noise_free_accuracy:+.2f` and {glue:text}`rho_last_noise_free_accuracy:+.2f`. With the geometry before
# alignment it is {glue:text}`rho_last_raw_test_accuracy:+.2f` at the largest size, by the sampled score. Where the sampled score
# shows less than the other, the luck of a few test answers blurs it. A margin is not a mistake: it tells how much luck
# would be needed for one.

# %% tags=["hide-input", "remove-output"]
drawn = geometry.plot_margins_by_similarity(
    margins[margins["state"] == "full"],
    labels=labels,
    families=families,
    sizes=sizes_shown,
    score=sampled,
)
glue.figure("margins_by_similarity", drawn)

# %% [markdown]
# ```{glue:figure} margins_by_similarity
# :name: figure-geometry-margins
# :alt: Points, one for each generator, of its mean margin against its similarity to the nearest other model, in a panel for each of three numbers of triplets, in the colours and markers of the families.
# :width: 100%
#
# A generator's mean margin, by sampled answers, against its similarity to the nearest other model after alignment.
# [Every generator (CSV)](tables/geometry_margins.csv), [the correlations (CSV)](tables/geometry_margin_correlations.csv)
# ```

# %% tags=["hide-input"]
mistaken = geometry.wrong_winners(rows, among, scores=scores)
glue.save(mistaken, "geometry_wrong_winners")
wrong = mistaken.set_index(["n_triplets", "score", "state"]).astype(object)
glue.row("mistaken", wrong.loc[smallest, sampled, "full"])
mistaken = mistaken[mistaken["n_wrong"] > 0]
glue.table(mistaken, folded=True)

# %% [markdown]
# At {glue:text}`smallest:,d` triplets and by the sampled score, another single model than the generator wins
# {glue:text}`mistaken_n_wrong:d` jobs. Ordered by similarity to the generator after alignment, that winner has a mean rank of
# {glue:text}`mistaken_rank:.1f` (by chance {glue:text}`mistaken_chance_rank:.1f`). In {glue:text}`mistaken_nearest:.0%` of these jobs it
# is the nearest model (by chance {glue:text}`mistaken_chance_nearest:.0%`), in {glue:text}`mistaken_three_nearest:.0%` one of the
# three nearest (by chance {glue:text}`mistaken_chance_three:.0%`). Similarity need not be the only reason: with few answers to
# test on, anyone may win by luck. [All sizes (CSV)](tables/geometry_wrong_winners.csv)
#
# ## The same, small and live
#
# The tables above were made beforehand. So that the way from judgements to geometry is run whenever this page is made,
# here are the models of a {term}`toy world`, aligned with its invented people. It shows that the machinery runs, and
# nothing about real models.

# %% tags=["hide-input"]
with tempfile.TemporaryDirectory() as folder:
    toy, toy_similarities, _ = geometry.measure_geometry(SMOKE, Path(folder))
toy = toy[toy["state"] == "full"].set_index("model")
toy_people = geometry.similarity_to(
    toy_similarities, "toy people", objects="held-out"
).add_prefix("held-out similarity to people, ")
columns = ["effective_dimensionality", "shift", "accuracy"]
glue.table(toy[columns].join(toy_people), folded=True)

# %% [markdown]
# ## What this does not show
#
# People stand here as embeddings that were made from judgements the probes are fitted to as well; the held-out objects are
# in these embeddings too. That two geometries are alike says nothing about why. The correlations are over a few models,
# many of them relatives, and what goes together need not cause one another. Which models are hard to tell apart is the
# question of {doc}`chapter 18 <18_failure>`.
