# %% [markdown]
# # How well do probed models predict people?
#
# A {term}`probe` lets a model say which object of a {term}`triplet` is the odd one: it re-weights the model's features
# linearly until their dot products predict people's choices. How freely it may re-weight them is a choice, from not at
# all (`none`) over one weight for each feature (`diagonal`) and a map to a few dimensions (`low_rank`) to any linear
# map (`full`). {cite:t}`avitan2025` report that predictions get better with each of these steps. Whether the model
# that predicts best is then the right one is the question of the [next chapter](13_recovery); this one asks how well
# the models whose features are open predict real people, and how sure it is that one does so better than another.

# %% tags=["parameters"]
# penalty of the probes that are compared; the other is compared with it below
penalty = "scaled_identity"
# what the published comparison of the penalties called equivalent
epsilon = 0.05
# for the bootstrap over models
seed = 0

# %% tags=["remove-cell"]
import tempfile
from dataclasses import replace
from pathlib import Path

from yardsticks import style
from yardsticks.datasets import catalogue
from yardsticks.notebooks import glue
from yardsticks.recovery.prediction.accuracy import (
    by_transform,
    describe_order,
    pool,
    steps,
)
from yardsticks.recovery.prediction.comparison import (
    count_decided,
    dominance,
    equivalence,
)
from yardsticks.recovery.prediction.figures import (
    plot_dominance,
    plot_penalties,
    plot_predictions,
)
from yardsticks.recovery.prediction.measure import RANK, probe_models
from yardsticks.recovery.studies.experiment import SMOKE
from yardsticks.recovery.studies.tables import open_results

style.use()

# %%
scores, provenance, origin = open_results("probing")
pairs = open_results("probing_pairs")[0]
study = provenance["experiment"]
# the catalogue is part of the project; features are not needed here
described = catalogue("features").set_index("model")
origin

# %%
pooled = pool(scores)
glue.save(pooled, "probing_models")
shown = pooled[
    pooled["penalty"].isin(["none", penalty]) & (pooled["judgements"] == "all")
]
means = by_transform(pooled)
glue.save(means, "probing_means")
glue.table(
    means.loc[
        means["judgements"] == "all",
        [
            "transform",
            "penalty",
            "n_models",
            "accuracy",
            "sd",
            "best_model",
            "best_accuracy",
            "accuracy_published",
            "flattery",
        ],
    ]
)

# %% [markdown]
# ## Other objects
#
# The {glue:text}`n_models:d` models are those of the recovery study, with the same treatment: features are reduced to
# {glue:text}`n_components:d` components and scaled to unit root mean square. Objects, not triplets, are split into
# {glue:text}`n_folds:d` folds, so that no object that a probe is tested on was seen when it was fitted. All judgements
# about three objects of a test fold are tested, {glue:text}`n_test:,d` in all; those that mix objects of both kinds are
# not used. Triplets that were put to many people are left out, since they give the ceilings.
#
# The {term}`strength` of the penalty is chosen from {glue:text}`n_strengths:d` in half decades, in each fold by itself:
# probes are fitted to some of the objects that are not tested, the strength is the one that predicts judgements about
# the rest of these best, and at that strength the probe is fitted once more to both. The test has no say in it. The
# published figures chose otherwise, and {ref}`below <probing-published>` is what that is worth.

# %% tags=["remove-cell"]
one = shown.set_index(["model", "transform"])["accuracy"].unstack()
gains = steps(pooled, penalty=penalty, judgements="all")
glue.save(gains, "probing_steps")
at = means[
    (means["judgements"] == "all") & means["penalty"].isin(["none", penalty])
].set_index("transform")
best = at.at["full", "best_model"]
row = shown.set_index(["model", "transform"]).loc[(best, "full")]
naive = row["high"] - row["low"]
clustered = row["high_objects"] - row["low_objects"]
gain = gains.set_index("more")
glue.numbers(
    n_models=scores["model"].nunique(),
    n_components=study["components"],
    n_folds=study["n_folds"],
    n_strengths=len(study["strengths"]),
    n_test=int(shown["n_test"].max()),
    rank=RANK,
    order=describe_order(gains),
    mean_none=at.at["none", "accuracy"],
    mean_diagonal=at.at["diagonal", "accuracy"],
    mean_low=at.at["low_rank", "accuracy"],
    mean_full=at.at["full", "accuracy"],
    n_better_diagonal=gain.at["diagonal", "n_better"],
    n_better_low=gain.at["low_rank", "n_better"],
    n_better_full=gain.at["full", "n_better"],
    gain_full=gain.at["full", "gain"] * 100,
    best=described.at[best, "label"],
    best_accuracy=row["accuracy"],
    best_low=row["low_objects"],
    best_high=row["high_objects"],
    naive=naive / 2,
    clustered=clustered / 2,
    wider=clustered / naive,
    ceiling=provenance["ceilings"]["corrected"],
    below=provenance["ceilings"]["corrected"] - row["accuracy"],
    worst_accuracy=one["full"].min(),
    worst=described.at[one["full"].idxmin(), "label"],
)
glue.figure(
    "predictions",
    plot_predictions(
        shown,
        {"corrected": provenance["ceilings"]["corrected"]},
        labels=described["label"],
    ),
)

# %% [markdown]
# ## More freedom, better predictions?
#
# Over the models, mean accuracy {glue:text}`order`: {glue:text}`mean_none:.3f` as they are,
# {glue:text}`mean_diagonal:.3f` with a diagonal, {glue:text}`mean_low:.3f` with rank {glue:text}`rank:d`,
# {glue:text}`mean_full:.3f` with a full matrix; chance is one third. Of {glue:text}`n_models:d` models the diagonal
# predicts better than none for {glue:text}`n_better_diagonal:d`, rank {glue:text}`rank:d` better than the diagonal for
# {glue:text}`n_better_low:d`, and full better than that for {glue:text}`n_better_full:d`, with a mean gain of
# {glue:text}`gain_full:+.2f` percentage points in this last step. The pattern to compare with the published one is
# the order of the transforms; the numbers are not comparable, since models, number of components and number of
# judgements are others.
#
# Best with a full matrix is {glue:text}`best`, which gives people's answer in {glue:text}`best_accuracy:.3f` of cases (95%
# interval {glue:text}`best_low:.3f` to {glue:text}`best_high:.3f`), {glue:text}`below:.3f` short of the corrected
# {term}`noise ceiling` of {glue:text}`ceiling:.3f`; last is {glue:text}`worst` with {glue:text}`worst_accuracy:.3f`. The
# ceiling is that of [chapter 11](11_triplets), from the repeated triplets.
#
# ```{glue:figure} predictions
# :name: figure-probing-predictions
# :alt: For each model a row with four points, one for each transform, on an axis of accuracy between the lines of chance and of the ceiling; models are ordered by the accuracy of the full transform.
# :width: 100%
#
# How often each model gives people's answer about objects that its probe was not fitted to, with 95% intervals that
# allow for common objects. [The table, with other intervals (CSV)](tables/probing_models.csv),
# [the steps (CSV)](tables/probing_steps.csv)
# ```
#
# Judgements about the same objects are not independent: an object that a model misplaces spoils every triplet it is
# in. The usual binomial interval knows nothing of that. For {glue:text}`best` it is ±{glue:text}`naive:.4f`; one that
# allows any two judgements with a common object to go together is ±{glue:text}`clustered:.4f`,
# {glue:text}`wider:.1f` times as wide. Both say nothing about other people or other photographs.
#
# ## People drawn at random
#
# Most open judgements come from a few hundred frequent participants; {glue:text}`n_random:,d` of those tested belong to a
# sample that was drawn at random from all. Both are scored by the same probes. The sample is the estimate for people in
# general, and all judgements are the more precise one.

# %% tags=["remove-cell"]
wide = pooled.pivot(
    index=["model", "transform", "penalty"],
    columns="judgements",
    values="accuracy",
)
lower = (wide["random50k"] - wide["all"]).rename("difference")
on_random = pooled[pooled["judgements"] == "random50k"]
ranks = wide.xs(("full", penalty), level=("transform", "penalty")).rank()
glue.numbers(
    n_random=int(on_random["n_test"].max()),
    random_full=wide.xs(("full", penalty), level=("transform", "penalty"))[
        "random50k"
    ].mean(),
    random_lower=lower.mean() * 100,
    random_half=(on_random["high_objects"] - on_random["low_objects"]).median()
    * 50,
    rank_correlation=ranks.corr().iloc[0, 1],
)

# %% [markdown]
# On the random sample the mean accuracy of full probes is {glue:text}`random_full:.3f`. Over all probes it differs from
# that on all judgements by {glue:text}`random_lower:+.2f` percentage points. All probes are tested on the same judgements,
# so that their number makes this no surer: the interval of one accuracy on the random sample alone reaches
# {glue:text}`random_half:.1f` points to either side in the median. The order of the models is nearly untouched if the rank correlation of the two, here
# {glue:text}`rank_correlation:.3f`, is near one.
#
# (probing-published)=
# ## What choosing on the test is worth
#
# The published comparison fits at every strength, and shows for each model the one with the best mean accuracy *on the
# test*. That flatters by expectation: the strength has seen the answers it is judged by. How much depends on how many
# strengths there are and how many judgements they are tested on.

# %% tags=["remove-cell"]
fitted = pooled[
    (pooled["judgements"] == "all") & (pooled["transform"] != "none")
]
full = fitted[
    (fitted["transform"] == "full") & (fitted["penalty"] == penalty)
].set_index("model")
glue.numbers(
    flattery=fitted["flattery"].mean() * 100,
    flattery_max=fitted["flattery"].max() * 100,
    flattery_min=fitted["flattery"].min() * 100,
    flattery_model=described.at[
        fitted.loc[fitted["flattery"].idxmax(), "model"], "label"
    ],
    n_worse=int((fitted["flattery"] < 0).sum()),
    n_fitted=len(fitted),
    n_swapped=int(
        (
            full["accuracy"].rank(ascending=False)
            != full["accuracy_published"].rank(ascending=False)
        ).sum()
    ),
)

# %% [markdown]
# Here it is {glue:text}`flattery:+.2f` percentage points in the mean of {glue:text}`n_fitted:d` probes of all kinds, at
# most {glue:text}`flattery_max:+.2f` ({glue:text}`flattery_model`), and below zero for {glue:text}`n_worse:d` (down to
# {glue:text}`flattery_min:+.2f`): the published choice is one strength for all folds, and one for each can be better.
# Among full probes it changes the rank of {glue:text}`n_swapped:d` of {glue:text}`n_models:d` models. With so many
# judgements the flattery is small; in simulations with few it would not be.
# [The table (CSV)](tables/probing_means.csv)
#
# ## Who predicts people better than whom?
#
# All models are tested on the same judgements, so that two of them can be compared on those where only one is right.
# The published test asks whether each is right equally often there (exact sign test, two-sided, corrected for the
# number of pairs by Bonferroni). It takes judgements for independent. The second test allows for common objects, as the
# intervals above do. (Whoever shares the first place among several answers gets its part of the credit.)

# %%
main = pairs[
    pairs["penalty"].isin(["none", penalty]) & (pairs["judgements"] == "all")
]
decided = {
    "the sign test alone": dominance(
        main, test="sign", correction="bonferroni"
    ),
    "a test that allows for common objects": dominance(
        main, test="objects", correction="bonferroni"
    ),
}
counts = count_decided(main, corrections=["bonferroni", "holm", "fdr_bh"])
glue.save(counts, "probing_decided")
glue.save(decided["the sign test alone"], "probing_pairs")
glue.table(
    counts.pivot(
        index=["transform", "test", "n_pairs"],
        columns="correction",
        values="n_decided",
    ).reset_index()
)

# %% tags=["remove-cell"]
count = counts[counts["correction"] == "bonferroni"].set_index(
    ["transform", "test"]
)["n_decided"]
glue.numbers(
    n_pairs=int(counts["n_pairs"].max()),
    decided_none=count["none", "sign"],
    decided_full=count["full", "sign"],
    decided_full_objects=count["full", "objects"],
)
glue.figure(
    "dominance",
    plot_dominance(shown, decided, labels=described["label"]),
)

# %% [markdown]
# Of {glue:text}`n_pairs:d` pairs the sign test tells {glue:text}`decided_none:d` apart as they are, and
# {glue:text}`decided_full:d` with full probes. With allowance for common objects {glue:text}`decided_full_objects:d` of the
# latter remain. The other corrections, in the table, are less strict.
#
# ```{glue:figure} dominance
# :name: figure-probing-dominance
# :alt: Four square matrices, one for each transform, with models in rows and columns from the most to the least accurate; a cell above the diagonal is shaded where the row's model predicts people significantly better than the column's, darker where this holds with allowance for common objects.
# :width: 100%
#
# Which model predicts people significantly better (5%, corrected by Bonferroni) than which other. Models are in the order
# of their accuracy under each transform, columns in the same order as rows.
# [The pairs (CSV)](tables/probing_pairs.csv), [counts with other corrections (CSV)](tables/probing_decided.csv)
# ```
#
# ## Does the penalty matter?
#
# The penalty draws the transform towards a multiple of the identity (`scaled_identity`) or towards zero (`frobenius`).
# The supplement of {cite:t}`avitan2025` finds their predictions equivalent, by two one-sided tests over models: both that
# one is worse by {glue:text}`epsilon:g`, and that it is better by as much, are refuted.

# %%
same = equivalence(pooled, seed=seed, judgements="all", epsilon=epsilon)
glue.save(same, "probing_penalties")
glue.table(same)

# %% tags=["remove-cell"]
by = same.set_index("transform")
glue.numbers(
    epsilon=epsilon,
    n_tested=len(same),
    n_equivalent=int(same["equivalent_t"].sum()),
    n_equivalent_bootstrap=int(same["equivalent_bootstrap"].sum()),
    penalty_full=by.at["full", "difference"] * 100,
    penalty_diagonal=by.at["diagonal", "difference"] * 100,
    penalty_low=by.at["low_rank", "difference"] * 100,
    penalty_largest=same[["smallest", "largest"]].abs().max(axis=None) * 100,
)
glue.figure(
    "penalties",
    plot_penalties(
        pooled[pooled["judgements"] == "all"], same, epsilon=epsilon
    ),
)

# %% [markdown]
# By t tests the penalties are equivalent for {glue:text}`n_equivalent:d` of {glue:text}`n_tested:d` transforms, by the
# bootstrap over models for {glue:text}`n_equivalent_bootstrap:d`. But {glue:text}`epsilon:g` is a wide margin where models
# differ by little more. In percentage points, `scaled_identity` is better than `frobenius` by
# {glue:text}`penalty_diagonal:+.2f` with a diagonal, {glue:text}`penalty_low:+.2f` at low rank and
# {glue:text}`penalty_full:+.2f` with a full matrix, and for no model do the two differ by more than
# {glue:text}`penalty_largest:.1f`. Models of a family are alike, which these tests over models do not know.
#
# ```{glue:figure} penalties
# :name: figure-probing-penalties
# :alt: Three panels, diagonal, low rank and full, in each a thin line for every model that joins its accuracy under the scaled identity and the frobenius penalty, and a thick one for the mean.
# :width: 100%
#
# Accuracy under the two penalties: each model (grey) and the mean (thick). Above, the mean difference and the verdict.
# [The tests (CSV)](tables/probing_penalties.csv)
# ```
#
# ## How the fits went

# %% tags=["remove-cell"]
free = scores[
    (scores["transform"] != "none") & (scores["judgements"] == "all")
]
ended = free.groupby("penalty")["at_grid_end"].mean()
glue.numbers(
    share_end=ended["scaled_identity"],
    share_end_frobenius=ended["frobenius"],
    n_not_converged=int((~free["converged"].astype(bool)).sum()),
    median_gap=free.loc[free["transform"] == "full", "gap"].median(),
    max_gap=free.loc[free["transform"] == "full", "gap"].max(),
    share_ties=(scores["n_ties"] / scores["n_test"]).max(),
    strongest=max(study["strengths"]),
    weakest=min(study["strengths"]),
)

# %% [markdown]
# The chosen strength is an end of the grid ({glue:text}`strongest:g` to {glue:text}`weakest:g`) in
# {glue:text}`share_end:.1%` of choices with the scaled identity and {glue:text}`share_end_frobenius:.1%` with frobenius;
# there, another grid might have served better. Fits that did not meet their stopping rule:
# {glue:text}`n_not_converged:d`. What the objective of a full probe lies above its optimum is bounded, in the median by
# {glue:text}`median_gap:.1g` nats per trial and at most by {glue:text}`max_gap:.1g`; such bounds can be far from tight.
# Answers tied for the first place: at most {glue:text}`share_ties:.2%` of a fold.
#
# ## The same, small and live
#
# The table above was computed beforehand (`yardsticks recovery probe`). So that the path from judgements to it is run
# whenever this page is made, here are two invented models of the {term}`toy world` on invented judgements. It shows
# that the machinery runs, and nothing about real models.

# %%
with tempfile.TemporaryDirectory() as folder:
    toy_scores, toy_pairs = probe_models(
        replace(SMOKE, models=SMOKE.models[:2]), Path(folder) / "toy"
    )
glue.table(
    by_transform(pool(toy_scores))[
        ["transform", "penalty", "n_models", "accuracy", "flattery"]
    ]
)
