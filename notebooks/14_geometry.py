# %% [markdown]
# # Where alignment moves models
#
# A {term}`probe` re-weighs a model's features until they predict people's choices, and thereby changes which objects
# the model holds for alike. {cite:t}`avitan2025` ask what becomes of the models' geometry, and report that all of theirs move
# towards people's. This chapter asks it of the models of {doc}`13_recovery`: do they move towards people, also where the
# probe has seen no answer; how far; into how many dimensions; whom do they come to resemble; and is it those who
# resemble each other that are mistaken for one another?

# %% tags=["parameters"]
# numbers of triplets at which margins are shown
sizes_shown = [100, 1600, 25600]
# for the random starts of the map
seed = 0

# %% tags=["remove-cell"]
import tempfile
from pathlib import Path

import pandas as pd

from yardsticks import style
from yardsticks.datasets import catalogue
from yardsticks.notebooks import glue
from yardsticks.recovery.geometry.change import (
    changes,
    family_contrast,
    margin_correlations,
    nearest,
    nearest_margins,
    place,
    similarity_to,
    state_matrix,
    wrong_winners,
)
from yardsticks.recovery.geometry.figures import (
    plot_dimensionality,
    plot_map,
    plot_margins_by_similarity,
    plot_shifts,
    plot_similarities,
)
from yardsticks.recovery.geometry.measure import measure_geometry
from yardsticks.recovery.studies.experiment import SMOKE
from yardsticks.recovery.studies.tables import open_results
from yardsticks.stats import correlate

style.use()

# %%
measured, provenance, origin = open_results("geometry")
similarities = open_results("geometry_similarities")[0]
rows = open_results("things_open")[0]
study = provenance["experiment"]
# the catalogue is part of the project; features are not needed here
described = catalogue("features").set_index("model")
origin

# %%
models = study["models"]
families = described["family"]
labels = described["label"].to_dict() | {"vice42": "People (VICE-42)"}
states = ["raw", "diagonal", "full"]
person = "vice42"  # the embedding of people that models are compared with
sampled, exact = "test_accuracy", "noise_free_accuracy"
glue.save(measured, "geometry_models")
glue.save(similarities, "geometry_similarities")
glue.table(measured[measured["state"].isin([*states, "people"])])

# %% [markdown]
# ## How geometries are compared
#
# Each of the {glue:text}`n_models:d` models is aligned as the {term}`generators <generator>` of {doc}`13_recovery` are: a
# probe on {glue:text}`n_components:d` components of its features is fitted to all open judgements but those of the repeated
# triplets, with the {term}`strength` that best predicts judgements about objects outside the fit. A model
# thus has three states: `raw`, before alignment; after a *diagonal* probe, which can only stretch the components; and
# after a *full* one, which can also mix them.
#
# The geometry of a state is the set of squared distances between all objects, the
# {term}`RDM`. Two geometries are compared by the whitened Pearson correlation of their RDMs {cite:p}`diedrichsen2021`, which
# allows for the fact that distances that share an object vary together: 1 is the same geometry up to scale, and
# about 0 are two unrelated ones. People are represented by {glue:text}`person`, an embedding that was made from people's
# judgements. Objects without features in some model are left out for all.
#
# Of the {glue:text}`n_models:d` full probes, {glue:text}`n_weakest:d` have the weakest strength of the grid and
# {glue:text}`n_strongest:d` the strongest. With a wider grid the former might have moved further, the latter less.
#
# ## Do models move towards people?

# %%
to_people = similarity_to(similarities, person)
held_out = similarity_to(similarities, person, objects="held-out")
to_other = similarity_to(similarities, "spose66")
toward = pd.concat(
    {
        "VICE-42, all objects": changes(to_people[states], families),
        "VICE-42, held-out": changes(held_out[states], families),
        "SPoSE-66, all objects": changes(to_other[states], families),
    },
    names=["similarity to"],
).reset_index()
glue.save(toward, "geometry_toward_people")
glue.table(toward)

# %% tags=["remove-cell"]
points, scaling = place(
    similarities, models, ["raw", "full"], [person], seed=seed
)
glue.save(points, "geometry_map")
of_full = toward[toward["state"] == "full"].set_index("similarity to")
everywhere = of_full.loc["VICE-42, all objects"]
outside = of_full.loc["VICE-42, held-out"]
of_diagonal = toward[toward["state"] == "diagonal"].set_index("similarity to")
full = measured[measured["state"] == "full"].set_index("model")
strengths = study["strengths"]
embeddings = state_matrix(
    similarities, [], "people", people=["vice42", "spose66"]
)
glue.numbers(
    n_models=len(models),
    n_components=study["components"],
    person="VICE-42",
    n_weakest=int((full["strength"] <= min(strengths) * 1.001).sum()),
    n_strongest=int((full["strength"] >= max(strengths) * 0.999).sum()),
    n_up=int(everywhere["n_up"]),
    p_up=everywhere["p"],
    n_families=int(everywhere["n_families"]),
    n_families_up=int(everywhere["n_families_up"]),
    p_families=everywhere["p_families"],
    before=everywhere["median_before"],
    after=everywhere["median_after"],
    lowest=everywhere["lowest_change"],
    highest=everywhere["highest_change"],
    n_up_outside=int(outside["n_up"]),
    before_outside=outside["median_before"],
    after_outside=outside["median_after"],
    kept=outside["median_change"] / everywhere["median_change"],
    n_up_diagonal=int(of_diagonal.at["VICE-42, held-out", "n_up"]),
    diagonal_change=of_diagonal.at["VICE-42, all objects", "median_change"],
    full_change=everywhere["median_change"],
    two_embeddings=embeddings.iat[0, 1],
    stress=scaling.stress,
)
glue.figure("map", plot_map(points, labels=labels, families=families))

# %% [markdown]
# After alignment by a full probe, {glue:text}`n_up:d` of {glue:text}`n_models:d` models are more alike to
# {glue:text}`person` than before (sign test: p = {glue:text}`p_up:.1g`). The median similarity goes from
# {glue:text}`before:.2f` to {glue:text}`after:.2f`; single models change by {glue:text}`lowest:+.2f` to
# {glue:text}`highest:+.2f`. Relatives are no independent witnesses, so the same is asked of families:
# {glue:text}`n_families_up:d` of {glue:text}`n_families:d` come nearer on average (p = {glue:text}`p_families:.1g`). Diagonal
# probes change the similarity by {glue:text}`diagonal_change:+.2f` in the median, full ones by
# {glue:text}`full_change:+.2f`.
#
# That much was to be expected, as the embeddings of people were made from judgements that the probes are fitted to as
# well. The stricter question is about objects of which the probe has seen no judgement. For this, each probe is fitted
# again at the same strength on two thirds of the objects and looked at on the others. There {glue:text}`n_up_outside:d`
# models come nearer (with diagonal probes {glue:text}`n_up_diagonal:d`), in the median from
# {glue:text}`before_outside:.2f` to {glue:text}`after_outside:.2f`: the median change is {glue:text}`kept:.0%` of that over
# all objects. The choice of the strength did use judgements of these objects. The two embeddings of people have a
# similarity of {glue:text}`two_embeddings:.2f`, so little depends on which of them is taken.
#
# ```{glue:figure} map
# :name: figure-geometry-map
# :alt: A plane with a star for people and an arrow for each model from where it is before alignment to where it is after; models of a family share colour and marker and lie side by side.
# :width: 100%
#
# Models before (open) and after alignment by a full probe (filled), placed so that distances come near 1 less the
# similarity. The stress is {glue:text}`stress:.2f`: distances in the plane are off by about that share, so that the map
# is an illustration and the table the result. [The points (CSV)](tables/geometry_map.csv),
# [the changes (CSV)](tables/geometry_toward_people.csv)
# ```
#
# ## How far do they move?

# %%
shifts = measured[measured["state"].isin(["diagonal", "full", "unreduced"])]
wide = shifts.pivot(index="model", columns="state", values="shift")
per_family = (
    wide.groupby(families.reindex(wide.index))
    .mean()
    .assign(n_models=families.reindex(wide.index).value_counts())
    .sort_values("full")
    .rename_axis(index="family", columns=None)
    .reset_index()
)
glue.save(per_family, "geometry_shifts")
glue.table(per_family)

# %% tags=["remove-cell"]
spread = wide["full"].groupby(families.reindex(wide.index))
compared = pd.DataFrame(
    {
        "shift": wide["full"],
        "raw similarity": to_people["raw"],
        "aligned similarity": to_people["full"],
        "accuracy": full["accuracy"],
    }
)
ties = correlate(compared, policy="complete")
glue.numbers(
    shift_median=wide["full"].median(),
    shift_diagonal=wide["diagonal"].median(),
    shift_reduction=wide["unreduced"].median(),
    shift_reduction_max=wide["unreduced"].max(),
    least=labels[wide["full"].idxmin()],
    least_value=wide["full"].min(),
    most=labels[wide["full"].idxmax()],
    most_value=wide["full"].max(),
    shift_between=per_family["full"].std(),
    shift_within=spread.std().mean(),
    rho_raw=ties.corr.at["shift", "raw similarity"],
    p_raw=ties.p.at["shift", "raw similarity"],
    rho_accuracy=ties.corr.at["accuracy", "aligned similarity"],
    rho_accuracy_raw=ties.corr.at["accuracy", "raw similarity"],
)
glue.figure("shifts", plot_shifts(measured, labels=labels, families=families))

# %% [markdown]
# The {term}`alignment-induced shift` of a model is 1 less the similarity of its geometry before and after. Its median is
# {glue:text}`shift_median:.2f` for full probes and {glue:text}`shift_diagonal:.2f` for diagonal ones. For comparison, the
# reduction to {glue:text}`n_components:d` components, which is done before any probe, shifts geometries by
# {glue:text}`shift_reduction:.3f` in the median and {glue:text}`shift_reduction_max:.3f` at most. Least moved is
# {glue:text}`least` ({glue:text}`least_value:.2f`), most {glue:text}`most` ({glue:text}`most_value:.2f`).
#
# ```{glue:figure} shifts
# :name: figure-geometry-shifts
# :alt: Horizontal bars of the shift of each model by a full probe, with a diamond for the diagonal one; models are ordered and coloured by family.
# :width: 100%
#
# How far alignment moves each model; thin lines part the families. [Means of families (CSV)](tables/geometry_shifts.csv),
# [every model (CSV)](tables/geometry_models.csv)
# ```
#
# Between the means of families the standard deviation of the shift is {glue:text}`shift_between:.2f`, within families of
# several models {glue:text}`shift_within:.2f` on average. The shift's rank correlation with the similarity to people
# before alignment is {glue:text}`rho_raw:+.2f` (p = {glue:text}`p_raw:.1g`, models taken as independent): negative where those that
# start farther from people are moved farther. How well aligned models predict judgements outside the fit has a rank
# correlation of {glue:text}`rho_accuracy:+.2f` with their similarity to people after alignment, and of
# {glue:text}`rho_accuracy_raw:+.2f` with that before.
#
# ## Into how many dimensions?

# %%
width = measured.pivot(
    index="model", columns="state", values="effective_dimensionality"
)
narrowing = changes(width.loc[models, states], families).reset_index()
glue.save(narrowing, "geometry_dimensionality")
glue.table(narrowing)

# %% tags=["remove-cell"]
narrowed = narrowing.set_index("state").loc["full"]
glue.numbers(
    n_down=int(narrowed["n_down"]),
    p_down=narrowed["p"],
    width_before=narrowed["median_before"],
    width_after=narrowed["median_after"],
    width_lowest=narrowed["lowest_change"],
    width_highest=narrowed["highest_change"],
    range_before=width.loc[models, "raw"].max()
    - width.loc[models, "raw"].min(),
    range_after=width.loc[models, "full"].max()
    - width.loc[models, "full"].min(),
    width_people=width.at[person, "people"],
    width_unreduced=width.loc[models, "unreduced"].median(),
)
glue.figure(
    "dimensionality",
    plot_dimensionality(
        measured[measured["model"].isin([*models, person])],
        labels=labels,
        families=families,
    ),
)

# %% [markdown]
# The {term}`effective dimensionality` is 1 if all objects lie on a line, and the number of dimensions if they spread as
# widely in all of them. Full probes lower it in {glue:text}`n_down:d` of {glue:text}`n_models:d` models (sign test: p =
# {glue:text}`p_down:.1g`), in the median from {glue:text}`width_before:.1f` to {glue:text}`width_after:.1f`, with changes from
# {glue:text}`width_lowest:+.1f` to {glue:text}`width_highest:+.1f`. The embedding of people has
# {glue:text}`width_people:.1f`. Between the widest and the narrowest model lie {glue:text}`range_before:.1f` dimensions
# before and {glue:text}`range_after:.1f` after alignment. All of this is of {glue:text}`n_components:d` components;
# features as they come have an effective dimensionality of {glue:text}`width_unreduced:.0f` in the median.
#
# ```{glue:figure} dimensionality
# :name: figure-geometry-dimensionality
# :alt: A line for each model over three places, before alignment, after a diagonal and after a full probe, of its effective dimensionality, with the model's name at both ends and a dashed line for people.
# :width: 100%
#
# Effective dimensionality before and after alignment. [The changes (CSV)](tables/geometry_dimensionality.csv)
# ```
#
# ## Who is near whom?

# %%
matrices = {
    "raw": state_matrix(similarities, models, "raw", people=[person]),
    "full": state_matrix(similarities, models, "full", people=[person]),
}
among = {
    "raw": matrices["raw"].loc[models, models],
    "full": matrices["full"].loc[models, models],
}
neighbours = {
    "raw": nearest(among["raw"], families),
    "full": nearest(among["full"], families),
}
both = pd.concat(neighbours, names=["state"]).reset_index()
glue.save(both, "geometry_nearest")
glue.table(both[both["state"] == "full"].drop(columns="state"))

# %% tags=["remove-cell"]
contrast = pd.DataFrame(
    {
        "raw": family_contrast(among["raw"], families),
        "full": family_contrast(among["full"], families),
    }
)
related = families.reindex(models).duplicated(keep=False).to_numpy()
closest = neighbours["full"]["similarity"].idxmax()
glue.numbers(
    n_related=int(related.sum()),
    n_same_raw=int(neighbours["raw"]["same_family"].sum()),
    n_same=int(neighbours["full"]["same_family"].sum()),
    within_raw=contrast.at["within", "raw"],
    within=contrast.at["within", "full"],
    between_raw=contrast.at["between", "raw"],
    between=contrast.at["between", "full"],
    closest=labels[closest],
    closest_to=labels[neighbours["full"].at[closest, "nearest"]],
    closest_value=neighbours["full"]["similarity"].max(),
)
glue.figure(
    "similarities",
    plot_similarities(matrices, labels=labels, families=families),
)

# %% [markdown]
# {glue:text}`n_related:d` models have relatives among the others. For {glue:text}`n_same_raw:d` the most similar model is
# of their family before alignment, for {glue:text}`n_same:d` after it. Similarity within families is
# {glue:text}`within_raw:.2f` on average before and {glue:text}`within:.2f` after, between families
# {glue:text}`between_raw:.2f` and {glue:text}`between:.2f`. Where both grow, fitting all models to the same people makes
# them resemble people and each other. The most similar two after alignment are {glue:text}`closest` and
# {glue:text}`closest_to` ({glue:text}`closest_value:.2f`).
#
# ```{glue:figure} similarities
# :name: figure-geometry-similarities
# :alt: Two square heat maps of the similarity of all pairs of models and people, before and after alignment by a full probe, ordered by family, with bright blocks of families on the diagonal.
# :width: 100%
#
# Similarity of all pairs before and after alignment, ordered by family, people last. [All pairs (CSV)](tables/geometry_similarities.csv),
# [the most similar of each (CSV)](tables/geometry_nearest.csv)
# ```
#
# ## Are those who resemble each other mistaken for each other?
#
# In the recovery study a generator's margin is its own score less that of the best other model. If models are mistaken
# because they are alike, a generator with a near neighbour has a small margin or a negative one.

# %%
by_generator = nearest_margins(rows, neighbours, scores=[sampled, exact])
tied = margin_correlations(by_generator)
glue.save(by_generator, "geometry_margins")
glue.save(tied, "geometry_margin_correlations")
glue.table(tied)

# %%
mistaken = wrong_winners(rows, among, scores=[sampled, exact])
glue.save(mistaken, "geometry_wrong_winners")
glue.table(mistaken[mistaken["n_wrong"] > 0])

# %% tags=["remove-cell"]
rho = tied.set_index(["n_triplets", "score", "state"])["rho"]
wrong = mistaken.set_index(["n_triplets", "score", "state"])
sizes = sorted(rows["n_triplets"].unique())
at_first = wrong.loc[(sizes[0], sampled, "full")]
glue.numbers(
    smallest=sizes[0],
    largest=sizes[-1],
    rho_first=rho[sizes[0], sampled, "full"],
    rho_last=rho[sizes[-1], sampled, "full"],
    rho_first_exact=rho[sizes[0], exact, "full"],
    rho_last_exact=rho[sizes[-1], exact, "full"],
    rho_last_raw=rho[sizes[-1], sampled, "raw"],
    n_generators=int(tied["n_generators"].max()),
    n_wrong=int(at_first["n_wrong"]),
    wrong_nearest=at_first["nearest"],
    wrong_three=at_first["three_nearest"],
    chance_nearest=at_first["chance_nearest"],
    chance_three=at_first["chance_three"],
    wrong_rank=at_first["rank"],
    chance_rank=at_first["chance_rank"],
)
glue.figure(
    "margins_by_similarity",
    plot_margins_by_similarity(
        by_generator[by_generator["state"] == "full"],
        labels=labels,
        families=families,
        sizes=sizes_shown,
        score=sampled,
    ),
)

# %% [markdown]
# Over the {glue:text}`n_generators:d` generators, the rank correlation of the mean margin with the similarity to the
# nearest model after alignment is {glue:text}`rho_first:+.2f` at {glue:text}`smallest:,d` triplets and
# {glue:text}`rho_last:+.2f` at {glue:text}`largest:,d` (without sampling noise {glue:text}`rho_first_exact:+.2f` and
# {glue:text}`rho_last_exact:+.2f`). With the geometry before alignment it is {glue:text}`rho_last_raw:+.2f` at the largest
# size. What the sampled score shows less clearly than the other is blurred by the luck of a few test answers. A margin
# is not a mistake: it tells how much luck would be needed for one.
#
# ```{glue:figure} margins_by_similarity
# :name: figure-geometry-margins
# :alt: Points, one for each generator, of its mean margin against its similarity to the nearest other model, in a panel for each of three numbers of triplets, in the colours and markers of the families.
# :width: 100%
#
# A generator's mean margin, by sampled answers, against its similarity to the nearest other model after alignment.
# [Every generator (CSV)](tables/geometry_margins.csv), [the correlations (CSV)](tables/geometry_margin_correlations.csv)
# ```
#
# At {glue:text}`smallest:,d` triplets, {glue:text}`n_wrong:d` jobs have another single winner than the generator. Ordered by
# similarity to the generator after alignment, that winner has a mean rank of {glue:text}`wrong_rank:.1f` (by chance
# {glue:text}`chance_rank:.1f`). In {glue:text}`wrong_nearest:.0%` of these jobs it is the nearest model (by chance
# {glue:text}`chance_nearest:.0%`), in {glue:text}`wrong_three:.0%` one of the three nearest (by chance
# {glue:text}`chance_three:.0%`). Similarity need not be the only reason: with
# few answers to test on, anyone may win by luck. [All sizes (CSV)](tables/geometry_wrong_winners.csv)
#
# ## The same, small and live
#
# The tables above were made beforehand. So that the way from judgements to geometry is run whenever this page is made,
# here are the models of a {term}`toy world`, aligned with its invented people. It shows that the machinery runs, and
# nothing about real models.

# %%
with tempfile.TemporaryDirectory() as folder:
    toy, toy_similarities, _ = measure_geometry(SMOKE, Path(folder))
toy_near = similarity_to(toy_similarities, "toy people", objects="held-out")
glue.table(
    toy[toy["state"] == "full"]
    .set_index("model")[["effective_dimensionality", "shift", "accuracy"]]
    .join(toy_near.add_prefix("held-out similarity to people, "))
    .reset_index()
)
