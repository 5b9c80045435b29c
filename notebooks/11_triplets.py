# %% [markdown]
# # What people choose
#
# Wing A took scores as they are. This wing looks at one way to make them: show three objects, ask which is the odd one
# out, and see whether a model would have said the same. {cite:t}`hebart2023` collected 4.70 million such judgements of
# pictures of 1,854 concepts; {cite:t}`avitan2025` ask whether the model that fits them best would be the right one.
# Before any model is fitted comes a look at the people: how far do they agree, on what, and how well do the
# embeddings do that were made from their judgements?

# %% tags=["parameters"]
# for the bootstrap intervals
seed = 0
n_bootstrap = 1000
# numbers of answers to a triplet at which the ceilings are compared
n_raters_max = 14

# %% tags=["remove-cell"]
import numpy as np
import pandas as pd

from yardsticks import style
from yardsticks.notebooks import glue
from yardsticks.recovery.data.judgements import (
    open_human_triplets,
    open_repeated_triplets,
)
from yardsticks.recovery.data.things import (
    open_categories,
    open_concepts,
    open_embedding,
)
from yardsticks.recovery.people.calibration import calibrate
from yardsticks.recovery.people.ceiling import ceilings, ceilings_by_raters
from yardsticks.recovery.people.consistency import (
    category_consistency,
    concept_consistency,
    decidedness,
    shared_category_consistency,
)
from yardsticks.recovery.people.counts import (
    count_types,
    mixing_distribution,
    response_counts,
)
from yardsticks.recovery.people.embeddings import (
    choice_agreement,
    embedding_scores,
    unanimity,
)
from yardsticks.recovery.people.figures import (
    plot_accuracies,
    plot_agreement,
    plot_categories,
    plot_ceilings,
    plot_decidedness,
)
from yardsticks.recovery.triplets.choices import embedding_logits

style.use()

# %%
random, origin = open_human_triplets("random50k")
extra = open_human_triplets("extra")[0]
repeated, workers, _ = open_repeated_triplets()
concepts = open_concepts()[0]
categories = open_categories()[0]
origin

# %%
judgements = {"random": random, "extra": extra, "repeated": repeated}
sizes = pd.DataFrame(
    {
        "n_judgements": pd.Series(judgements).map(len),
        "n_triplets": [
            len(np.unique(random.ranks())),
            len(np.unique(extra.ranks())),
            len(np.unique(repeated.ranks())),
        ],
    }
).rename_axis("judgements")
glue.save(sizes, "triplets_judgements")
sizes

# %% [markdown]
# ## The judgements
#
# Open in small files are {glue:text}`n_random:,d` judgements that were drawn at random from all, and
# {glue:text}`n_extra:,d` further ones of frequent participants, which are no random sample. They are about
# {glue:text}`n_distinct:,d` different triplets, so nearly every one is alone. Only the {glue:text}`n_repeated:,d`
# *repeated* triplets were put to many people, {glue:text}`n_answers_min:d` to {glue:text}`n_answers_max:d` times each,
# by {glue:text}`n_workers:,d` people in all, with the objects in changing order. Response times are in the full table
# alone, and so is the position of the chosen object, but for the repeated triplets: there the three positions take {glue:text}`left:.1%`, {glue:text}`middle:.1%` and {glue:text}`right:.1%` of the answers.
#
# ## How far people agree
#
# No model can be right more often than people agree. What the best one could reach, the ceiling, is estimated from the
# repeated triplets, and the two usual estimates are both biased. The *majority* share takes the most frequent of a few
# answers for the most probable one; part of its lead is luck, so it is too high. *Leave one out* predicts each answer
# from the others; their majority misses the most probable answer now and then, so it is too low. With ever more
# answers both would arrive at the same value: the mean probability of the most probable answer, E[max p].

# %%
ceiling = ceilings(repeated, seed=seed, n_bootstrap=n_bootstrap)
glue.save(ceiling, "triplets_ceilings")
ceiling.round(4)

# %%
by_raters = ceilings_by_raters(repeated, np.arange(2, n_raters_max + 1))
glue.save(by_raters, "triplets_ceilings_by_raters")
by_raters.round(4)

# %% tags=["remove-cell"]
decided = decidedness(repeated, np.linspace(1 / 3, 1, 81))
glue.save(decided, "triplets_decidedness")
answers = np.unique(repeated.ranks(), return_counts=True)[1]
types, n_each = count_types(response_counts(repeated)[1])
points, mixing = mixing_distribution(
    types, n_each[None], tolerance=1e-9, max_steps=20_000
)
positions = np.bincount(repeated.odd, minlength=3) / len(repeated)
few = by_raters.iloc[0]
glue.numbers(
    n_random=len(random),
    n_extra=len(extra),
    n_distinct=len(np.unique(np.r_[random.ranks(), extra.ranks()])),
    n_repeated=len(answers),
    n_answers_min=answers.min(),
    n_answers_max=answers.max(),
    n_workers=len(np.unique(workers)),
    left=positions[0],
    middle=positions[1],
    right=positions[2],
    majority=ceiling.at["majority", "value"],
    loo=ceiling.at["leave_one_out", "value"],
    corrected=ceiling.at["corrected", "value"],
    corrected_low=ceiling.at["corrected", "low"],
    corrected_high=ceiling.at["corrected", "high"],
    converged=mixing[0] @ points[:, 0],
    gap=ceiling.at["majority", "value"] - ceiling.at["leave_one_out", "value"],
    gap_few=few["majority"] - few["leave_one_out"],
    majority_few=few["majority"],
    two_people=few["leave_one_out"],
    corrected_few=few["corrected"],
    share_clear=decided.loc[decided["share"] >= 0.9, "corrected"].iloc[0],
    share_open=1 - decided.loc[decided["share"] >= 0.5, "corrected"].iloc[0],
)
glue.figure("ceilings", plot_ceilings(by_raters, ceiling))
glue.figure("decidedness", plot_decidedness(decided))

# %% [markdown]
# The *corrected* ceiling estimates that value. It asks which distribution of answer probabilities over triplets makes
# the observed counts most likely, without assuming its shape, and reports the mean of the largest probability. The
# search starts from a uniform distribution and ends early, which in simulations with a known truth came nearer to it;
# run to the end it would give {glue:text}`converged:.3f` here, which is inside the interval that follows. From all
# answers the three are {glue:text}`majority:.3f`, {glue:text}`corrected:.3f` (95% interval
# {glue:text}`corrected_low:.3f` to {glue:text}`corrected_high:.3f`) and {glue:text}`loo:.3f`. How far they lie apart
# depends on how many answers there are: with two a triplet, majority and leave one out differ by
# {glue:text}`gap_few:.2f`, and with all of them still by {glue:text}`gap:.3f`, while the corrected one moves from
# {glue:text}`corrected_few:.3f` to {glue:text}`corrected:.3f`. A ceiling from one study cannot be held against a model's
# accuracy in another unless one says which estimate it is, and from how many answers.
#
# ```{glue:figure} ceilings
# :name: figure-ceilings
# :alt: Three curves against the number of answers to a triplet; the majority estimate falls from far above, the leave-one-out estimate rises from far below, the corrected one is nearly level between them; to the right the three estimates from all answers with their intervals.
# :width: 100%
#
# The three estimates of the ceiling if fewer answers had been given to each triplet (curves), and from all of them
# (right, with 95% intervals over triplets). [The curves (CSV)](tables/triplets_ceilings_by_raters.csv),
# [the estimates (CSV)](tables/triplets_ceilings.csv)
# ```
#
# The mean hides how different triplets are. For {glue:text}`share_clear:.0%` of them one answer has a probability of at
# least 0.9; for {glue:text}`share_open:.0%` no answer reaches one half.
#
# ```{glue:figure} decidedness
# :name: figure-decidedness
# :alt: Two falling step curves of the fraction of triplets whose most frequent answer has at least a given share; observed and corrected curves nearly coincide, falling almost straight from one third to one.
# :width: 80%
#
# How many triplets have a most frequent answer of at least this share. Among few answers it looks more frequent than
# it is. [The table behind it (CSV)](tables/triplets_decidedness.csv)
# ```
#
# ## Embeddings that were made from the judgements
#
# SPoSE and VICE describe each concept by a few dozen numbers, chosen so that the dot product of two concepts predicts the
# judgements. **They were fitted to most of the judgements used here, so their accuracy is not held out.** It shows what a
# description of the objects can reach, not what a model that never saw people would.

# %%
embeddings = {
    "SPoSE-49": open_embedding("spose49")[0],
    "SPoSE-66": open_embedding("spose66")[0],
    "VICE-42": open_embedding("vice42")[0],
}
scores = embedding_scores(judgements, embeddings)
glue.save(scores, "triplets_embeddings")
scores.round(4)

# %%
agreement = choice_agreement(random, embeddings)
glue.save(agreement, "triplets_agreement")
agreement.round(4)

# %% tags=["remove-cell"]
on_random = scores[scores["judgements"] == "random"].set_index("embedding")
on_repeated = scores[scores["judgements"] == "repeated"].set_index("embedding")
among = agreement.loc[agreement["a"] != "people", "agreement"]
unanimous = unanimity(repeated, embeddings)
first = np.unique(repeated.ranks(), return_index=True)[1]
surrogate = calibrate(
    embedding_logits(embeddings["SPoSE-66"], repeated.subset(first)),
    match="max_p",
    target=ceiling.at["corrected", "value"],
)
glue.numbers(
    spose49=on_random.at["SPoSE-49", "accuracy"],
    spose66=on_random.at["SPoSE-66", "accuracy"],
    vice42=on_random.at["VICE-42", "accuracy"],
    repeated_worst=on_repeated["accuracy"].min(),
    repeated_best=on_repeated["accuracy"].max(),
    below=ceiling.at["corrected", "value"] - on_repeated["accuracy"].max(),
    among_low=among.min(),
    among_high=among.max(),
    n_disputed=unanimous.at[False, "n_triplets"],
    share_disputed=unanimous.at[False, "majority_share"],
    share_unanimous=unanimous.at[True, "majority_share"],
    temperature=surrogate.temperature,
    at_one=surrogate.at_one,
)
glue.figure("accuracies", plot_accuracies(scores, ceiling["value"].to_dict()))
glue.figure("agreement", plot_agreement(agreement))

# %% [markdown]
# On the random judgements SPoSE with 49 dimensions gives people's answer in {glue:text}`spose49:.4f` of cases, SPoSE with
# 66 in {glue:text}`spose66:.4f`, VICE with 42 in {glue:text}`vice42:.4f`; by chance it would be one third. On the
# repeated triplets, the only ones for which the ceiling is known, they reach {glue:text}`repeated_worst:.3f` to
# {glue:text}`repeated_best:.3f`: the best is {glue:text}`below:.3f` short of the corrected ceiling.
#
# ```{glue:figure} accuracies
# :name: figure-embedding-accuracies
# :alt: For each of three embeddings the accuracy on random, further and repeated judgements with intervals; all lie close together, far above chance and near or just below the three ceiling lines.
# :width: 100%
#
# Accuracy of the embeddings, not held out, with 95% intervals over triplets. The ceilings are those of the repeated
# triplets. [The table behind it (CSV)](tables/triplets_embeddings.csv)
# ```
#
# The embeddings agree far more with one another ({glue:text}`among_low:.3f` to {glue:text}`among_high:.3f` of
# judgements) than any does with a single person, or two people do ({glue:text}`two_people:.3f`, from the repeated
# triplets): they describe what people have in common. Where they differ, people do too: on the
# {glue:text}`n_disputed:d` repeated triplets on which the three are not of one mind, people's most frequent answer has a
# share of {glue:text}`share_disputed:.2f`, elsewhere {glue:text}`share_unanimous:.2f`.
#
# ```{glue:figure} agreement
# :name: figure-embedding-agreement
# :alt: Heat map of how often people and three embeddings have the same odd one; embeddings agree with each other in nearly nine of ten triplets and with people in fewer than two of three.
# :width: 75%
#
# How often two have the same odd one on the random judgements. [The table behind it (CSV)](tables/triplets_agreement.csv)
# ```
#
# An embedding can also stand in for people: draw the answer instead of taking the most probable one. At temperature 1
# the mean probability of SPoSE-66's most probable answer on the repeated triplets is {glue:text}`at_one:.3f`; a
# temperature of {glue:text}`temperature:.2f` makes it the corrected ceiling. Such answers are simulated and are called
# so.
#
# ## Which concepts people agree on
#
# The repeated triplets are few for this question: {glue:text}`n_shown:,d` of {glue:text}`n_concepts:,d` concepts occur in
# them at all, half of all in no more than {glue:text}`median_triplets:.0f`. A ranking of single concepts would be a
# ranking of luck, so the [table of concepts (CSV)](tables/triplets_concepts.csv) gives the number of triplets beside
# every value, and what follows looks at {glue:text}`n_categories:d` higher-level categories instead. An object may be
# in several or in none.

# %%
consistency = concept_consistency(repeated, concepts.index)
glue.save(consistency, "triplets_concepts")
by_category = category_consistency(repeated, categories, seed=seed)
glue.save(by_category, "triplets_categories")
by_category.round(4)

# %%
sharing = shared_category_consistency(repeated, categories, seed=seed)
glue.save(sharing, "triplets_sharing")
sharing.round(4)

# %% tags=["remove-cell"]
shared = sharing.set_index("sharing")
n_differ = (by_category["low"] > ceiling.at["leave_one_out", "value"]) | (
    by_category["high"] < ceiling.at["leave_one_out", "value"]
)
glue.numbers(
    n_concepts=len(consistency),
    n_shown=(consistency["n_triplets"] > 0).sum(),
    median_triplets=consistency["n_triplets"].median(),
    n_categories=len(by_category),
    n_differ=n_differ.sum(),
    most=by_category["category"].iloc[0],
    most_value=by_category["leave_one_out"].iloc[0],
    most_no_pair=by_category["no_pair"].iloc[0],
    n_lower=(by_category["no_pair"] < by_category["leave_one_out"]).sum(),
    least=by_category["category"].iloc[-1],
    least_value=by_category["leave_one_out"].iloc[-1],
    n_pair=shared.at["one pair", "n_triplets"],
    pair_value=shared.at["one pair", "leave_one_out"],
    n_none=shared.at["no pair", "n_triplets"],
    none_value=shared.at["no pair", "leave_one_out"],
    third_odd=shared.at["one pair", "third_odd"],
)
glue.figure(
    "categories",
    plot_categories(
        by_category, sharing, overall=ceiling.at["leave_one_out", "value"]
    ),
)

# %% [markdown]
# What counts most is whether two of the objects go together. In the {glue:text}`n_pair:d` triplets of which exactly one
# pair shares a category, people name the third in {glue:text}`third_odd:.0%` of answers, and an answer is what most
# others said in {glue:text}`pair_value:.2f` of cases, against {glue:text}`none_value:.2f` in the
# {glue:text}`n_none:d` where no pair does. Since triplets are drawn from all objects at random, the latter are most of
# them: most of what a model is tested on are choices about which people themselves are of two minds.
#
# Categories range from {glue:text}`most_value:.2f` ({glue:text}`most`) down to {glue:text}`least_value:.2f`
# ({glue:text}`least`), but the intervals of only {glue:text}`n_differ:d` of {glue:text}`n_categories:d` exclude the
# value of all triplets, where one in twenty would by chance. In part this is the same thing again, as objects of a
# large or close category meet their like more often: in triplets without a pair the first one's value is
# {glue:text}`most_no_pair:.2f`, and {glue:text}`n_lower:d` of {glue:text}`n_categories:d` are lower than before.
#
# ```{glue:figure} categories
# :name: figure-category-consistency
# :alt: Above, consistency of answers by how many pairs of the triplet share a category, highest for one pair; below, one dot with an interval for each category in falling order, most intervals crossing the line of all triplets.
# :width: 85%
#
# How often an answer is what most others said, with 95% intervals over triplets; the line is the mean over all. Numbers
# of triplets in brackets. [By category (CSV)](tables/triplets_categories.csv),
# [by sharing (CSV)](tables/triplets_sharing.csv)
# ```
