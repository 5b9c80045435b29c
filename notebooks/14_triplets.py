# %% [markdown]
# # 14 · How far do people agree?
#
# Asked which of three objects is the odd one out, two people name the same one in {glue:text}`few_leave_one_out:.0%` of
# cases. Even the best possible predictor would give a person's answer in only {glue:text}`ceiling_corrected_value:.1%` (95%
# interval {glue:text}`ceiling_corrected_low:.1%` to {glue:text}`ceiling_corrected_high:.1%`, n =
# {glue:text}`ceiling_corrected_n_triplets:,d` triplets that many people answered), or in
# {glue:text}`ceiling_maximum_likelihood_value:.1%` ({glue:text}`ceiling_maximum_likelihood_low:.1%` to
# {glue:text}`ceiling_maximum_likelihood_high:.1%`) by another way to estimate it, maximum likelihood. No model that is
# tested on such answers can be expected to do better.

# %% tags=["parameters", "hide-input"]
# for the bootstrap intervals
seed = 0
n_bootstrap = 1000
# numbers of answers to a triplet at which the ceilings are compared
n_raters_max = 14
# answers to a triplet of invented people, as many as most real ones have
n_answers_invented = 20

# %% tags=["hide-input", "remove-output"]
import numpy as np

from yardsticks import recovery, style
from yardsticks.notebooks import glue
from yardsticks.recovery import data, people

style.use()
repeated, workers, _ = recovery.open_repeated_triplets()
ceiling = people.ceilings(repeated, seed=seed, n_bootstrap=n_bootstrap)
raters = range(2, n_raters_max + 1)
by_raters = people.ceilings_by_raters(repeated, raters)
glue.save(by_raters, "triplets_ceilings_by_raters")
glue.row("ceiling", ceiling)
glue.row("few", by_raters.iloc[0])
gaps = by_raters["majority"] - by_raters["leave_one_out"]
value = ceiling["value"]
glue.numbers(
    gap_few=gaps.iloc[0], gap=value["majority"] - value["leave_one_out"]
)
glue.figure("ceilings", people.plot_ceilings(by_raters, ceiling))

# %% [markdown]
# ```{glue:figure} ceilings
# :name: figure-ceilings
# :alt: Four curves against the number of answers to a triplet; the majority estimate falls from far above, the leave-one-out estimate rises from far below, the corrected one is nearly level between them, and the one whose search is run to its end is low with few answers, then rises above it, and ends a little below; to the right the four estimates from all answers with their intervals.
# :width: 85%
#
# Four estimates of the ceiling if fewer answers had been given to each triplet (curves), and from all of them
# (right, with 95% intervals over triplets). [The curves (CSV)](tables/triplets_ceilings_by_raters.csv),
# [the estimates (CSV)](tables/triplets_ceilings.csv)
# ```
#
# ## What the paper found
#
# Wing A took scores as they are. This wing looks at one way to make them: show three objects, ask which is the odd one
# out, and see whether a model would have said the same. {cite:t}`hebart2023` collected 4.70 million such judgements of
# pictures of 1,854 concepts. {cite:t}`avitan2025` ask whether the model that fits them best would be the right one.
# They make simulated answers as noisy as people's, and for that they need the ceiling of people. This chapter looks at
# the people before any model is fitted: how far they agree, on what, and how well the embeddings do that were made from
# their judgements.
#
# ## How it is done

# %% tags=["hide-input"]
random, origin = recovery.open_human_triplets("random50k")
extra, _ = recovery.open_human_triplets("extra")
judgements = {"random": random, "extra": extra, "repeated": repeated}
sizes = people.count_judgements(**judgements)
both = np.unique(np.r_[random.ranks(), extra.ranks()])
glue.save(sizes, "triplets_judgements")
glue.row("sizes", sizes)
glue.row("answers", people.describe_repeated(repeated, workers))
glue.numbers(n_distinct=len(both), sources=data.describe_sources())
origin

# %% [markdown]
# ### The judgements
#
# {glue:text}`sources` The first set has {glue:text}`sizes_random_n_judgements:,d` judgements, the second
# {glue:text}`sizes_extra_n_judgements:,d`. Together they are about {glue:text}`n_distinct:,d` different triplets.
#
# Only the {glue:text}`sizes_repeated_n_triplets:,d` *repeated* triplets were put to many people:
# {glue:text}`answers_fewest:d` to {glue:text}`answers_most:d` times each, by {glue:text}`answers_n_workers:,d` people in all,
# with the objects in changing order. Of the answers, {glue:text}`answers_left:.1%` chose the left object,
# {glue:text}`answers_middle:.1%` the middle one and {glue:text}`answers_right:.1%` the right one. For the other judgements
# this position is given in the full table only, and so are response times for all of them.
#
# ### Four estimates of the ceiling
#
# Because people differ, no model can be right about every answer. What the best one could reach, the ceiling, is estimated
# from the repeated triplets. Two are usual, and both are biased:
#
# - The *majority* share takes the most frequent of a few answers for the most probable one. Part of its lead is luck, so
#   the estimate is too high.
# - *Leave one out* predicts each answer from the others. Their majority misses the most probable answer now and then, so
#   the estimate is too low.
#
# With ever more answers both would arrive at the same value: the mean probability of the most probable answer, E[max p].
# The *corrected* ceiling estimates that value. It asks which distribution of answer probabilities over triplets makes the
# observed counts most likely, without assuming its shape, and reports the mean of the largest probability.

# %% tags=["hide-input"]
glue.table(ceiling, "triplets_ceilings")

# %% [markdown]
# The search for this distribution starts from a uniform one and is stopped early, which keeps the distribution smooth. Run to its
# end (maximum likelihood in the table) it gathers in a few points that follow the sample. Which of the two is nearer to
# the truth can be told where the truth is known. So people were invented, as many triplets and answers as the real ones, of
# three kinds, from undecided to decided ones. The table has the mean error (bias) and the root mean squared error (rmse) of
# each estimate.

# %% tags=["hide-input"]
errors = people.ceiling_errors(
    n_answers_invented, n_triplets=1000, n_sets=5, seed=seed
)
of_early, of_end = errors["corrected_rmse"], errors["maximum_likelihood_rmse"]
glue.numbers(
    n_kinds=len(errors),
    n_early_nearer=(of_early < of_end).sum(),
    rmse_early=of_early.mean(),
    rmse_end=of_end.mean(),
    moved=value["corrected"] - value["maximum_likelihood"],
)
columns = errors.columns[errors.columns.str.contains("corrected|maximum")]
glue.save(errors, "triplets_ceiling_errors")
glue.table(errors[["people", "truth", *columns]])

# %% [markdown]
# The early end is nearer to the truth for {glue:text}`n_early_nearer:d` of {glue:text}`n_kinds:d` kinds. Its error is
# {glue:text}`rmse_early:.4f` on average over the kinds, that of the search run to its end {glue:text}`rmse_end:.4f`. This
# book therefore takes the early end as its *corrected* ceiling, and shows the other beside it.
#
# The choice is worth {glue:text}`moved:.3f` of accuracy. With the other one, each model would be that much nearer to the
# ceiling, and simulated answers would be that much noisier, as the models that give them, the {term}`generators <generator>`, are
# calibrated to this ceiling. The published
# study takes a higher one ({doc}`../book/differences`). [All estimates on invented people
# (CSV)](tables/triplets_ceiling_errors.csv)
#
# From all answers the majority share is {glue:text}`ceiling_majority_value:.3f`, the corrected ceiling
# {glue:text}`ceiling_corrected_value:.3f` and leave one out {glue:text}`ceiling_leave_one_out_value:.3f`. How far the two
# usual estimates lie apart depends on the number of answers: by {glue:text}`gap_few:.2f` with two answers to a triplet, by
# {glue:text}`gap:.3f` with all of them. The corrected ceiling moves only from {glue:text}`few_corrected:.3f` to
# {glue:text}`ceiling_corrected_value:.3f`; run to its end, the search tells little from few answers. A ceiling from one study can be compared with a model's accuracy in another only
# if both say which estimate it is, and from how many answers.
#
# ## How different are triplets?

# %% tags=["hide-input", "remove-output"]
decided = people.decidedness(repeated, np.linspace(1 / 3, 1, 81))
glue.save(decided, "triplets_decidedness")
glue.numbers(
    share_clear=people.share_decided(decided, 0.9),
    share_open=1 - people.share_decided(decided, 0.5),
)
glue.figure("decidedness", people.plot_decidedness(decided))

# %% [markdown]
# The mean hides how different triplets are. For {glue:text}`share_clear:.0%` of them one answer has a probability of at
# least 0.9. For {glue:text}`share_open:.0%` no answer reaches one half.
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
# ## How well do embeddings of the judgements do?
#
# SPoSE and VICE describe each concept by a few dozen numbers, chosen so that the dot product of two concepts predicts the
# judgements. **They were fitted to most of the judgements used here, so their accuracy is not held out.** It shows what a
# description of the objects can reach, not what a model that never saw people would.

# %% tags=["hide-input"]
embeddings = {
    "SPoSE-49": recovery.open_embedding("spose49")[0],
    "SPoSE-66": recovery.open_embedding("spose66")[0],
    "VICE-42": recovery.open_embedding("vice42")[0],
}
scores = people.embedding_scores(judgements, embeddings)
accuracy = scores.pivot(
    index="judgements", columns="embedding", values="accuracy"
)
best = accuracy.loc["repeated"].max()
glue.row("on", accuracy)
glue.numbers(
    repeated_worst=accuracy.loc["repeated"].min(),
    repeated_best=best,
    below=value["corrected"] - best,
)
glue.save(scores, "triplets_embeddings")
columns = ["judgements", "n_judgements", "accuracy", "low", "high", "nll"]
glue.table(scores.set_index("embedding")[columns])

# %% [markdown]
# On the random judgements SPoSE with 49 dimensions gives people's answer in {glue:text}`on_random_SPoSE-49:.4f` of cases,
# SPoSE with 66 in {glue:text}`on_random_SPoSE-66:.4f`, VICE with 42 in {glue:text}`on_random_VICE-42:.4f`. By chance it would
# be one third. On the repeated triplets, the only ones for which the ceiling is known, they reach
# {glue:text}`repeated_worst:.3f` to {glue:text}`repeated_best:.3f`: the best is {glue:text}`below:.3f` short of the corrected
# ceiling.

# %% tags=["hide-input", "remove-output"]
glue.figure("accuracies", people.plot_accuracies(scores, value.to_dict()))

# %% [markdown]
# ```{glue:figure} accuracies
# :name: figure-embedding-accuracies
# :alt: For each of three embeddings the accuracy on random, further and repeated judgements with intervals; all lie close together, below or among the ceiling lines.
# :width: 100%
#
# Accuracy of the embeddings, not held out, with 95% intervals over triplets. The ceilings are those of the repeated
# triplets. Chance, a third, is far to the left of the axis. [The table behind it (CSV)](tables/triplets_embeddings.csv)
# ```

# %% tags=["hide-input", "remove-output"]
agreement = people.choice_agreement(random, embeddings)
glue.save(agreement, "triplets_agreement")
among = agreement.loc[agreement["a"] != "people", "agreement"]
disputed = people.unanimity(repeated, embeddings)
glue.row("unanimous", disputed)
glue.numbers(among_low=among.min(), among_high=among.max())
glue.figure("agreement", people.plot_agreement(agreement))

# %% [markdown]
# Any two of the embeddings give the same answer to {glue:text}`among_low:.3f` to {glue:text}`among_high:.3f` of the random
# judgements. That is far more often than an embedding agrees with a single person, or two people with each other
# ({glue:text}`few_leave_one_out:.3f`, from the repeated triplets): the embeddings describe what people have in common. Where
# the embeddings differ, people do too. On {glue:text}`unanimous_False_n_triplets:d` repeated triplets the three embeddings
# are not of one mind; there people's most frequent answer has a share of
# {glue:text}`unanimous_False_majority_share:.2f`, elsewhere {glue:text}`unanimous_True_majority_share:.2f`.
#
# ```{glue:figure} agreement
# :name: figure-embedding-agreement
# :alt: Heat map of how often people and three embeddings have the same odd one; embeddings agree with each other in nearly nine of ten triplets and with people in fewer than two of three.
# :width: 75%
#
# How often two have the same odd one on the random judgements. [The table behind it (CSV)](tables/triplets_agreement.csv)
# ```

# %% tags=["hide-input"]
stand_in = people.calibrate_embedding(
    embeddings["SPoSE-66"], repeated, target=value["corrected"]
)
glue.row("stand_in", stand_in._asdict())

# %% [markdown]
# An embedding can also stand in for people: draw the answer instead of taking the most probable one. At temperature 1
# the mean probability of SPoSE-66's most probable answer on the repeated triplets is {glue:text}`stand_in_at_one:.3f`. A
# temperature of {glue:text}`stand_in_temperature:.2f` makes it the corrected ceiling. Such answers are simulated and are
# called so.
#
# ## On what do people agree?

# %% tags=["hide-input"]
concepts, categories = (
    recovery.open_concepts()[0],
    recovery.open_categories()[0],
)
by_concept = people.concept_consistency(repeated, concepts.index)
glue.save(by_concept, "triplets_concepts")
n_triplets = by_concept["n_triplets"]
glue.numbers(
    n_concepts=len(n_triplets),
    n_shown=(n_triplets > 0).sum(),
    median_triplets=n_triplets.median(),
)

# %% [markdown]
# The repeated triplets are few for this question. {glue:text}`n_shown:,d` of {glue:text}`n_concepts:,d` concepts occur in
# them at all; the median number of triplets of a concept is {glue:text}`median_triplets:.0f`. A ranking of single concepts would be a
# ranking of luck, so the [table of concepts (CSV)](tables/triplets_concepts.csv) gives the number of triplets beside
# every value. What follows looks at {glue:text}`category_n:d` higher-level categories instead. An object may be in several or
# in none.

# %% tags=["hide-input"]
by_category = people.category_consistency(repeated, categories, seed=seed)
sharing = people.shared_category_consistency(repeated, categories, seed=seed)
glue.save(by_category, "triplets_categories")
shared = sharing.set_index(sharing["sharing"].str.replace(" ", "_"))
loo = value["leave_one_out"]
glue.row("category", people.describe_categories(by_category, loo))
glue.row("most", by_category.iloc[0])
glue.row("least", by_category.iloc[-1])
glue.row("sharing", shared)
glue.table(sharing, "triplets_sharing")

# %% [markdown]
# It counts for much whether two of the objects go together. In {glue:text}`sharing_one_pair_n_triplets:d` triplets exactly one pair
# shares a category. People name the third object in {glue:text}`sharing_one_pair_third_odd:.0%` of answers, and an answer is what most
# others said in {glue:text}`sharing_one_pair_leave_one_out:.2f` of cases. In the {glue:text}`sharing_no_pair_n_triplets:d` triplets where no pair
# shares a category this is {glue:text}`sharing_no_pair_leave_one_out:.2f`. Triplets are drawn from all objects at random, so most are of
# the second kind: most of what a model is tested on are choices about which people themselves are of two minds.
#
# Categories range from {glue:text}`most_leave_one_out:.2f` ({glue:text}`most_category`) down to
# {glue:text}`least_leave_one_out:.2f` ({glue:text}`least_category`). The intervals of
# {glue:text}`category_n_differ:d` of {glue:text}`category_n:d` exclude the value of all triplets; by chance one in twenty
# would, but categories share triplets, so that this is no exact test. Part of
# the difference between categories is the effect of pairs: objects of a large or close category meet their like more often. In
# triplets without a pair the first category's value is {glue:text}`most_no_pair:.2f`, and
# {glue:text}`category_n_lower:d` of {glue:text}`category_n:d` categories are lower than before.

# %% tags=["hide-input", "remove-output"]
drawn = people.plot_categories(by_category, sharing, overall=loo)
glue.figure("categories", drawn)

# %% [markdown]
# ```{glue:figure} categories
# :name: figure-category-consistency
# :alt: Above, consistency of answers by how many pairs of the triplet share a category, highest for one pair; below, one dot with an interval for each category in falling order, most intervals crossing the line of all triplets.
# :width: 85%
#
# How often an answer is what most others said, with 95% intervals over triplets; the line is the mean over all. Numbers
# of triplets in brackets. [By category (CSV)](tables/triplets_categories.csv),
# [by sharing (CSV)](tables/triplets_sharing.csv)
# ```
#
# ## What this does not show
#
# The ceiling is that of the repeated triplets and of the people who answered them. Other triplets, other photographs and
# other people may have another. The intervals come from drawing triplets anew, not people. The embeddings' accuracy is not
# held out, so it is no benchmark for a model that has not seen these judgements.
