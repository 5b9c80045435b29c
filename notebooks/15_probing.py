# %% [markdown]
# # 15 · How well do probes predict people?
#
# Over {glue:text}`n_models:d` models, and with {glue:text}`penalty_said` as the penalty, mean accuracy {glue:text}`order`: from
# {glue:text}`mean_none:.1%` for models as they are to {glue:text}`mean_full:.1%` with a full linear {term}`probe`, where
# chance is one third. The best,
# {glue:text}`best_label`, gives people's answer in {glue:text}`best_accuracy:.1%` of cases (95% interval
# {glue:text}`best_low:.1%` to {glue:text}`best_high:.1%`, n = {glue:text}`n_test:,d` judgements); the ceiling is
# {glue:text}`ceiling:.1%`.

# %% tags=["parameters", "hide-input"]
from typing import Literal

# penalty of the probes that are compared; the other is compared with it below
penalty: Literal["scaled_identity", "frobenius"] = "scaled_identity"
# what the published comparison of the penalties called equivalent
epsilon = 0.05
# for the bootstrap over models
seed = 0

# %% tags=["hide-input", "remove-output"]
import tempfile
from pathlib import Path

from yardsticks import style, words
from yardsticks.datasets import catalogue
from yardsticks.notebooks import glue
from yardsticks.recovery import SMOKE, open_results, prediction

style.use()
results = open_results("probing")
scores, study = results.rows, results.provenance["experiment"]
ceiling = results.provenance["ceilings"]["corrected"]
# the catalogue is part of the project; features are not needed here
labels = catalogue("features").set_index("model")["label"]
pooled = prediction.pool(scores)
glue.save(pooled.drop(columns="rank"), "probing_models")
on_all = pooled[pooled["judgements"] == "all"]
shown = on_all[on_all["penalty"].isin(["none", penalty])]
mean = prediction.by_transform(shown).set_index("transform")["accuracy"]
steps = prediction.steps(pooled, penalty=penalty, judgements="all")
glue.save(steps, "probing_steps")
best = prediction.describe_best(shown, ceiling=ceiling)
glue.row("mean", mean)
glue.row("best", best)
glue.numbers(
    n_models=scores["model"].nunique(),
    n_test=shown["n_test"].max(),
    order=prediction.describe_order(steps),
    ceiling=ceiling,
    best_label=labels[best["name"]],
    worst_label=labels[best["worst"]],
)
drawn = prediction.plot_predictions(
    shown, {"corrected": ceiling}, labels=labels
)
glue.figure("predictions", drawn)

# %% [markdown]
# ```{glue:figure} predictions
# :name: figure-probing-predictions
# :alt: For each model a row with four points, one for each transform, on an axis of accuracy between the lines of chance and of the ceiling; models are ordered by the accuracy of the full transform.
# :width: 85%
#
# Avitan & Golan Figure 2, with our models: how often each gives people's answer about objects that its probe was not fitted to, with 95% intervals that
# allow for common objects. [The table, with other intervals (CSV)](tables/probing_models.csv),
# [the steps (CSV)](tables/probing_steps.csv)
# ```
#
# ## What the paper found
#
# A {term}`probe` lets a model say which object of a {term}`triplet` is the odd one: it re-weights the model's features
# linearly until their dot products predict people's choices. How freely it may re-weight them is a choice. There are four
# transforms: none at all (`none`), one weight for each feature (`diagonal`), a map to a few dimensions (`low_rank`), and any
# linear map (`full`). {cite:t}`avitan2025` report that predictions get better with each of these steps. Whether the model
# that predicts best is then the right one is the question of the [next chapter](16_recovery). This chapter asks how well
# the models whose features are open predict real people, and how sure it is that one does so better than another.
#
# The pattern to compare with the published one is the order of the transforms. The accuracies themselves are of other models,
# other numbers of components and other numbers of judgements: {doc}`21_claims` sets them beside the published ones, and a
# difference says nothing against either.
#
# ## How it is done

# %% tags=["hide-input"]
strengths = study["strengths"]
glue.numbers(
    n_components=study["components"],
    n_folds=study["n_folds"],
    n_strengths=len(strengths),
)
results.origin

# %% [markdown]
# The {glue:text}`n_models:d` models are those of the recovery study, with the same treatment: features are reduced to
# {glue:text}`n_components:d` components and scaled to unit root mean square. Objects, not triplets, are split into
# {glue:text}`n_folds:d` folds, so that no object that a probe is tested on was seen when it was fitted. All judgements
# about three objects of a test fold are tested, {glue:text}`n_test:,d` in all. Judgements that mix objects of
# the test and of the fit are not used. Triplets that were put to many people are left out, since they give the ceilings of
# [chapter 14](14_triplets).
#
# The {term}`strength` of the penalty is chosen from {glue:text}`n_strengths:d` in half decades, in each fold by itself.
# Probes are fitted to some of the objects that are not tested. The strength is the one that predicts judgements about the
# rest of these best. At that strength the probe is fitted once more to both. The test has no say in it. The published
# figures choose the strength on the test; what that adds is said {ref}`below <probing-published>`.
#
# ## More freedom, better predictions?

# %% tags=["hide-input"]
means = prediction.by_transform(pooled)
glue.save(means, "probing_means")
gains = steps.set_index("more")
glue.row("n_better", gains["n_better"])
glue.row("gain", 100 * gains["gain"])
glue.numbers(rank=prediction.RANK, penalty_said=words.say_value(penalty))
columns = ["transform", "penalty", "n_models", "accuracy", "sd", "flattery"]
shown_means = means.loc[means["judgements"] == "all", columns]
glue.table(shown_means)

# %% [markdown]
# With {glue:text}`penalty_said` as the penalty, mean accuracy over the models is {glue:text}`mean_none:.3f` without a probe,
# {glue:text}`mean_diagonal:.3f` with a diagonal, {glue:text}`mean_low_rank:.3f` with rank {glue:text}`rank:d` and
# {glue:text}`mean_full:.3f` with a full matrix. Of {glue:text}`n_models:d` models, the diagonal predicts better than no probe for {glue:text}`n_better_diagonal:d`. Rank
# {glue:text}`rank:d` predicts better than the diagonal for {glue:text}`n_better_low_rank:d`, and a full matrix better than rank
# {glue:text}`rank:d` for {glue:text}`n_better_full:d`. The mean gain of this last step is {glue:text}`gain_full:+.2f`
# percentage points. The table has the other penalty as well. In it, flattery is what choosing the strength on the test adds,
# see {ref}`below <probing-published>`. [The means (CSV)](tables/probing_means.csv)
#
# The best model, {glue:text}`best_label`, is {glue:text}`best_below:.3f` short of the {term}`noise ceiling`. Last is
# {glue:text}`worst_label` with {glue:text}`best_worst_accuracy:.3f`.
#
# Judgements about the same objects are not independent: an object that a model misplaces spoils every triplet it is
# in. The usual binomial interval knows nothing of that. For {glue:text}`best_label` it is ±{glue:text}`best_naive:.4f`. An
# interval that allows any two judgements with a common object to go together is ±{glue:text}`best_clustered:.4f`,
# {glue:text}`best_wide:.1f` times as wide. Both say nothing about other people or other photographs.
#
# ## Does it hold for people drawn at random?

# %% tags=["hide-input"]
glue.row("random", prediction.compare_random(pooled, penalty=penalty))

# %% [markdown]
# As far as can be told: the order of the probes is nearly the same, at a rank correlation of
# {glue:text}`random_correlation:.3f` (1 is the same order). The two are not independent, as the sample is part of all
# judgements.
#
# Most open judgements come from a few hundred frequent participants. Of those tested, {glue:text}`random_n:,d` belong to a
# sample that was drawn at random from all. Both are scored by the same probes. The sample is the estimate for people in
# general, and all judgements are the more precise one.
#
# On the random sample the mean accuracy of full probes is {glue:text}`random_full:.3f`. Over all probes, accuracy on the
# sample differs from that on all judgements by {glue:text}`random_difference:+.2f` percentage points. All probes are tested on
# the same judgements, so the mean of many is hardly surer than one: in the median, the interval of one accuracy on the random
# sample reaches {glue:text}`random_half:.1f` points to either side.
#
# (probing-published)=
# ## What is choosing on the test worth?

# %% tags=["hide-input"]
flattery = prediction.describe_flattery(on_all, penalty=penalty)
glue.row("flattery", flattery)
glue.numbers(flattery_label=labels[flattery["name"]])

# %% [markdown]
# The published comparison fits at every strength, and shows for each model the one with the best mean accuracy *on the
# test*. That flatters by expectation: the strength has seen the answers it is judged by. How much depends on how many
# strengths there are and how many judgements they are tested on.
#
# Here it is {glue:text}`flattery_mean:+.2f` percentage points in the mean of {glue:text}`flattery_n:d` probes of all kinds,
# and at most {glue:text}`flattery_highest:+.2f` ({glue:text}`flattery_label`). For {glue:text}`flattery_n_worse:d` probes it
# is below zero (down to {glue:text}`flattery_lowest:+.2f`), because the published choice is one strength for all folds, and
# one for each fold can be better. Among full probes the published choice changes the rank of
# {glue:text}`flattery_n_swapped:d` of {glue:text}`n_models:d` models. With so many judgements the flattery is small; in
# simulations with few it would not be.
#
# ## Who predicts people better than whom?

# %% tags=["hide-input"]
pairs = open_results("probing_pairs").rows
main = pairs[
    pairs["penalty"].isin(["none", penalty]) & (pairs["judgements"] == "all")
]
by_sign = prediction.dominance(main, test="sign", correction="bonferroni")
by_objects = prediction.dominance(
    main, test="objects", correction="bonferroni"
)
glue.save(by_sign, "probing_pairs")
corrections = ["bonferroni", "holm", "fdr_bh"]
counts = prediction.count_decided(main, corrections=corrections)
glue.save(counts, "probing_decided")
decided = counts.pivot(
    index=["transform", "test", "n_pairs"],
    columns="correction",
    values="n_decided",
).reset_index()
counted = decided.pivot(index="transform", columns="test", values="bonferroni")
glue.row("decided", counted)
glue.numbers(n_pairs=counts["n_pairs"].max())
glue.table(decided)

# %% [markdown]
# All models are tested on the same judgements, so that two of them can be compared on those where only one is right.
# The published test asks whether each is right equally often there (exact sign test, two-sided, corrected for the
# number of pairs by Bonferroni). It takes judgements for independent. The second test allows for common objects, as the
# intervals above do. (Where several answers tie for a model's first place, the model has its share of the credit.)
#
# Of {glue:text}`n_pairs:d` pairs of models the sign test tells {glue:text}`decided_none_sign:d` apart as they are, and
# {glue:text}`decided_full_sign:d` with full probes. With allowance for common objects
# {glue:text}`decided_full_objects:d` of the latter remain. The other corrections, in the table, are less strict.

# %% tags=["hide-input", "remove-output"]
decisions = {
    "the sign test alone": by_sign,
    "a test that allows for common objects": by_objects,
}
drawn = prediction.plot_dominance(shown, decisions, labels=labels)
glue.figure("dominance", drawn)

# %% [markdown]
# ```{glue:figure} dominance
# :name: figure-probing-dominance
# :alt: Four square matrices, one for each transform, with models in rows and columns from the most to the least accurate; a cell above the diagonal is shaded where the row's model predicts people significantly better than the column's, darker where this holds with allowance for common objects.
# :figclass: dense
# :width: 100%
#
# Which model predicts people significantly better (5%, corrected by Bonferroni) than which other. Models are in the order
# of their accuracy under each transform, columns in the same order as rows.
# [The pairs (CSV)](tables/probing_pairs.csv), [counts with other corrections (CSV)](tables/probing_decided.csv)
# ```
#
# ## Does the penalty matter?

# %% tags=["hide-input"]
same = prediction.equivalence(
    pooled, seed=seed, judgements="all", epsilon=epsilon
)
largest = same[["smallest", "largest"]].abs().max(axis=None)
glue.row("penalty", 100 * same.set_index("transform")["difference"])
glue.numbers(
    epsilon=epsilon,
    n_tested=len(same),
    n_equivalent=same["equivalent_t"].sum(),
    n_equivalent_bootstrap=same["equivalent_bootstrap"].sum(),
    penalty_largest=100 * largest,
)
glue.save(same, "probing_penalties")
columns = ["transform", "difference", "low", "high", "p_t", "p_bootstrap"]
columns += ["equivalent_t", "equivalent_bootstrap"]
glue.table(same[columns])

# %% [markdown]
# The penalty draws the transform towards a multiple of the identity ({term}`shrinkage`) or towards zero (Frobenius).
# The supplement of {cite:t}`avitan2025` finds their predictions equivalent, by two one-sided tests over models. One test
# refutes that shrinkage is worse by {glue:text}`epsilon:g` or more, the other that it is better by as much.
#
# By t tests the penalties are equivalent for {glue:text}`n_equivalent:d` of {glue:text}`n_tested:d` transforms, by the
# bootstrap over models for {glue:text}`n_equivalent_bootstrap:d`. But {glue:text}`epsilon:g` is a wide margin, beside which
# these differences are small. In percentage points, shrinkage less Frobenius is {glue:text}`penalty_diagonal:+.2f` with a
# diagonal, {glue:text}`penalty_low_rank:+.2f` at low rank and {glue:text}`penalty_full:+.2f` with a full matrix. For no model do the two differ by
# more than {glue:text}`penalty_largest:.1f`. Models of a family are alike, which these tests over models do not know.

# %% tags=["hide-input", "remove-output"]
drawn = prediction.plot_penalties(on_all, same, epsilon=epsilon)
glue.figure("penalties", drawn)

# %% [markdown]
# ```{glue:figure} penalties
# :name: figure-probing-penalties
# :alt: Three panels, diagonal, low rank and full, in each a thin line for every model that joins its accuracy under shrinkage and under the Frobenius penalty, and a thick one for the mean.
# :width: 100%
#
# Accuracy under the two penalties: each model (grey) and the mean (thick). Above, the mean difference and the verdict.
# [The tests (CSV)](tables/probing_penalties.csv)
# ```
#
# ## How did the fits go?

# %% tags=["hide-input"]
glue.row("fits", prediction.describe_fits(scores))
glue.numbers(strongest=max(strengths), weakest=min(strengths))

# %% [markdown]
# The chosen strength is an end of the grid ({glue:text}`strongest:g` to {glue:text}`weakest:g`) in
# {glue:text}`fits_end_scaled_identity:.1%` of choices with shrinkage and in
# {glue:text}`fits_end_frobenius:.1%` with Frobenius. There, another grid might have served better. Fits that did not meet
# their stopping rule: {glue:text}`fits_n_not_converged:d`. How far the objective of a full probe lies above its optimum is
# bounded: in the median by {glue:text}`fits_median_gap:.1g` nats per trial, and at most by {glue:text}`fits_max_gap:.1g`.
# Such bounds can be far from tight. Answers tied for the first place: at most {glue:text}`fits_ties:.2%` of a fold.
#
# ### The same, small and live
#
# The results above were computed beforehand (`yardsticks recovery probe`). So that the path from judgements to them is run
# whenever this page is made, here are two invented models of the {term}`toy world` on invented judgements. It shows
# that the machinery runs, and nothing about real models.

# %% tags=["hide-input"]
with tempfile.TemporaryDirectory() as folder:
    two = SMOKE.models[:2]
    toy, _ = prediction.probe_models(SMOKE, Path(folder) / "toy", models=two)
columns = ["transform", "penalty", "n_models", "accuracy", "flattery"]
means = prediction.by_transform(prediction.pool(toy))
glue.table(means[columns])

# %% [markdown]
# ## What this does not show
#
# That a model predicts people best does not make it the right model of people; {doc}`16_recovery` asks how often it would
# be. The intervals are of these judgements about these photographs, and the tests over models take relatives for
# independent. A difference from a published accuracy is one of models and data as well.
