# %% [markdown]
# # Why recovery fails
#
# Where the best-fitting model is not the one that made the choices, one would like to know why. {cite:t}`avitan2025`
# link misidentification to what alignment does to models: how far it shifts their geometry, and how many dimensions
# that has. A {term}`probe` that is flexible enough can turn one model's features into something like another's. This
# chapter looks at four sides of that with the models whose features are open: who is taken for whom, how much more
# {term}`candidates <candidate>` cost, what properties of two models go with a narrow lead, and what flexibility buys and
# costs.

# %% tags=["parameters"]
# numbers of triplets: few, where some generators still lose, and many, where
# leads are measured well
size_few = 400
size_many = 6400
# those at which the regression is made
sizes_regressed = [400, 1600, 6400]
# those at which transforms are compared, and numbers of components
sizes_traded = [100, 400, 1600, 6400]
sizes_components = [400, 1600]
# for the intervals
seed = 0
n_bootstrap = 10_000

# %% tags=["remove-cell"]
import pandas as pd

from yardsticks import style
from yardsticks.datasets import catalogue
from yardsticks.notebooks import glue
from yardsticks.recovery.failure.candidates import (
    add_candidate,
    recovery_by_candidates,
)
from yardsticks.recovery.failure.figures import (
    plot_candidates,
    plot_coefficients,
    plot_ranks_by_role,
    plot_similarity,
    plot_trade_off,
)
from yardsticks.recovery.failure.flexibility import (
    compare_constraints,
    pool_folds,
    recovery_by_study,
    trade_off,
)
from yardsticks.recovery.failure.properties import model_geometry
from yardsticks.recovery.failure.regression import (
    PREDICTORS,
    regress_each,
    say_coefficient,
)
from yardsticks.recovery.failure.rivals import (
    ANSWERS,
    OTHERS,
    pair_margins,
    ranks_by_role,
)
from yardsticks.recovery.geometry.change import state_matrix
from yardsticks.recovery.studies.tables import open_results, open_several
from yardsticks.recovery.winners.credit import winners
from yardsticks.recovery.winners.curves import model_sets
from yardsticks.recovery.winners.fits import generators_at_end

style.use()

# %%
rows, provenance, origin = open_results("things_open")
# studies of other transforms, least flexible first, and of other candidates
transforms = open_several(
    [
        "things_open_none",
        "things_open_diagonal",
        "things_open_low_rank",
        "things_open",
        "things_open_frobenius",
    ]
)
components = open_several(
    ["things_open_k16", "things_open", "things_open_k256"]
)
text_rows = open_results("things_open_text")[0]
# what alignment with people does to models, and how well it predicts people
geometry = open_results("geometry")[0]
alike = open_results("geometry_similarities")[0]
probing = open_results("probing")[0]
origin

# %% tags=["remove-cell"]
sampled, exact = "test_accuracy", "noise_free_accuracy"
study = provenance["experiment"]
models = study["models"]
described = catalogue("features").set_index("model")
main = model_sets(described, models)["reference photographs"]
known = described.loc[models, ["n_features", "n_params"]].join(
    model_geometry(geometry)
)
similarity = state_matrix(alike, models, "full")
prediction = pool_folds(probing)
glue.numbers(
    n_main=len(main),
    size_few=size_few,
    size_many=size_many,
)

# %% [markdown]
# All numbers come from tables that were computed beforehand; those of the study itself are explained in
# {doc}`13_recovery`. The main set are again the {glue:text}`n_main:d` models that saw the photographs people judged.
#
# ## Who is taken for whom
#
# Each model is ranked among the candidates twice: when it made the answers itself, and when others did. On its own
# answers a recovered model is first. On others' answers a model that comes near the first rank is a rival of everyone,
# and a *false winner* where it is first.

# %%
ranks = {
    sampled: ranks_by_role(
        rows, n_triplets=size_few, score=sampled, models=main, seed=seed
    ),
    exact: ranks_by_role(
        rows, n_triplets=size_few, score=exact, models=main, seed=seed
    ),
}
ranked = pd.concat(ranks, names=["score"]).reset_index("score")
glue.save(ranked, "failure_ranks")
glue.table(
    ranked[(ranked["score"] == sampled) & (ranked["role"] == OTHERS)]
    .sort_values("rank")
    .drop(columns=["score", "role"])
    .head(5)
)

# %% tags=["remove-cell"]
of_few = ranks[sampled].set_index("role")
rivals = of_few.loc[OTHERS].sort_values("wins")
own = of_few.loc[ANSWERS]
glue.numbers(
    own_rank=own["rank"].mean(),
    blind_rank=own["blind"].mean(),
    n_below_two=int((own["rank"] > 2).sum()),
    false_winner=described.at[rivals["model"].iloc[-1], "label"],
    false_wins=rivals["wins"].iloc[-1],
    n_never=int((rivals["wins"] == 0).sum()),
)
glue.figure(
    "ranks_by_role", plot_ranks_by_role(ranks, labels=described["label"])
)

# %% [markdown]
# At {glue:text}`size_few:,d` triplets a fold and by sampled answers, the mean rank on its own answers is
# {glue:text}`own_rank:.1f` (a blind judgement would give {glue:text}`blind_rank:.1f`); for {glue:text}`n_below_two:d` models
# it is worse than 2. The model that wins most often on the answers of others is {glue:text}`false_winner`, with
# {glue:text}`false_wins:.1%` of their jobs; {glue:text}`n_never:d` of {glue:text}`n_main:d` never do.
#
# ```{glue:figure} ranks_by_role
# :name: figure-failure-ranks
# :alt: Two panels with one row for each model: a point for its mean rank on its own answers, near 1, and one with an interval for its mean rank on others' answers, with a dotted line at the rank that a blind judgement would give.
# :width: 100%
#
# Mean rank of each model on its own answers and on those of others. Intervals (95%) resample seeds for a model's own
# answers, where there are several, and generators for others'. The order is that of others' answers on the left.
# [The ranks (CSV)](tables/failure_ranks.csv)
# ```
#
# ## More candidates
#
# Among more candidates there are more to lose against. What a candidate scores does not depend on who else
# competes, so the mean recovery over all smaller sets of candidates can be counted exactly from one study, for any
# number of them.

# %%
by_number = recovery_by_candidates(
    rows,
    scores=[sampled, exact],
    models=main,
    resample="generator",
    seed=seed,
)
glue.save(by_number, "failure_candidates")
glue.table(
    by_number[
        (by_number["score"] == sampled)
        & by_number["n_candidates"].isin([2, 5, 10, len(main)])
        & by_number["n_triplets"].isin([rows["n_triplets"].min(), size_few])
    ]
)

# %% tags=["remove-cell"]
smallest = rows["n_triplets"].min()
counted = by_number.set_index(["score", "n_triplets", "n_candidates"])
glue.numbers(
    smallest=smallest,
    of_two=counted.at[(sampled, smallest, 2), "recovery"],
    of_ten=counted.at[(sampled, smallest, 10), "recovery"],
    of_all=counted.at[(sampled, smallest, len(main)), "recovery"],
    of_two_exact=counted.at[(exact, smallest, 2), "recovery"],
    of_all_exact=counted.at[(exact, smallest, len(main)), "recovery"],
)
glue.figure("candidates", plot_candidates(by_number))

# %% [markdown]
# At {glue:text}`smallest:,d` triplets and by sampled answers, a generator wins against one rival in {glue:text}`of_two:.0%` of
# cases, among ten candidates in {glue:text}`of_ten:.0%`, and among all {glue:text}`n_main:d` in {glue:text}`of_all:.0%`.
# Without sampling noise it is {glue:text}`of_two_exact:.0%` against one and {glue:text}`of_all_exact:.0%` among all. A
# recovery accuracy without the number of candidates says little, and one found for a collection of models is not that
# of a larger one: how it would go on beyond the models at hand, counting cannot say.
#
# ```{glue:figure} candidates
# :name: figure-failure-candidates
# :alt: Two panels of recovery accuracy against the number of candidates from two to all, one falling line with a shaded interval for each number of triplets, and a dotted line of chance that falls below all of them.
# :width: 100%
#
# Recovery as the mean over all sets of so many candidates that hold the generator. Shaded: 95% intervals from
# resampling generators. [The curves (CSV)](tables/failure_candidates.csv)
# ```
#
# A candidate need not be a model of vision. Vectors of the objects' *names* (word2vec), which see no image at all,
# compete in a study of their own. The table gives the others' recovery without them and together with them, how many
# jobs they take, and how often they are recovered themselves.

# %%
text = add_candidate(
    text_rows, "word2vec_text", scores=[sampled, exact], seed=seed
)
glue.save(text, "failure_text")
glue.table(text)

# %% [markdown]
# [The table (CSV)](tables/failure_text.csv)
#
# ## Models that are alike
#
# The lead of a generator over another candidate is its *margin*: its own score as a candidate, less the other's. How much
# of it is left where two models are alike, by descent or once both are aligned with people?

# %%
pairs = {
    sampled: pair_margins(
        rows,
        similarity,
        described["family"],
        n_triplets=size_many,
        score=sampled,
        models=main,
    ),
    exact: pair_margins(
        rows,
        similarity,
        described["family"],
        n_triplets=size_many,
        score=exact,
        models=main,
    ),
}
paired = pd.concat(pairs, names=["score"]).reset_index("score")
glue.save(paired, "failure_pairs")
between = paired.groupby(["score", "same_family"])["margin"]
glue.table(between.describe()[["count", "mean", "min", "max"]].reset_index())

# %% tags=["remove-cell"]
middle = between.mean()
glue.numbers(
    margin_family=middle[exact, True],
    margin_others=middle[exact, False],
)
glue.figure("similarity", plot_similarity(pairs))

# %% [markdown]
# At {glue:text}`size_many:,d` triplets and without sampling noise, a generator leads a model of its own family by
# {glue:text}`margin_family:.3f` in accuracy on average, and one of another family by {glue:text}`margin_others:.3f`.
#
# ```{glue:figure} similarity
# :name: figure-failure-similarity
# :alt: Two panels of points, one for each ordered pair of models, of the generator's lead against the similarity of the two models after alignment, with pairs of one family in another colour and shape, and a line at zero.
# :width: 100%
#
# Margin (mean over seeds) and similarity of generator and candidate, after both were aligned with people.
# [The pairs (CSV)](tables/failure_pairs.csv)
# ```
#
# ## A regression
#
# {cite:t}`avitan2025` regress the margin, in each job and for each candidate that is not its generator, on properties of
# both models: number of features, how far alignment moves the geometry of features (1 less the similarity of before and
# after), and the effective dimensionality before and after. Margin and properties are standardised. A
# *positive* coefficient says that the generator leads by more: for a property of the generator, that models with more
# of it are told apart more clearly; for one of the candidate, that models with more of it fall further behind and are
# mistaken less. A *negative* one speaks of misidentification.
#
# There are many rows and few models, and every row of a model shares its properties. Intervals and p values therefore come
# from {glue:text}`n_bootstrap:,d` resamples of models, each of which stands for the model in both roles; p is corrected
# by Bonferroni for all coefficients of a regression, the intercept included.

# %%
kinds = {
    "without parameters": ["n_features", "shift", "ed_raw", "ed_aligned"],
    "with parameters": list(PREDICTORS),
}
regression = regress_each(
    rows,
    known,
    kinds,
    sizes=sizes_regressed,
    scores=[sampled, exact],
    among=main,
    seed=seed,
    n_bootstrap=n_bootstrap,
)
glue.save(regression.coefficients, "failure_regression")
glue.save(regression.fit, "failure_regression_fit")
glue.save(regression.left_out, "failure_regression_left_out")
of_all = regression.coefficients[
    (regression.coefficients["predictors"] == "without parameters")
    & (regression.coefficients["n_triplets"] == size_many)
]
glue.table(of_all.drop(columns=["n_triplets", "predictors"]))

# %%
glue.table(
    regression.fit[regression.fit["n_triplets"] == size_many].drop(
        columns="n_triplets"
    )
)

# %% tags=["remove-cell"]
first = of_all[of_all["score"] == exact]
fit = regression.fit.set_index(["predictors", "score", "n_triplets"])
jobs = winners(rows, score=sampled, models=main)
jobs = jobs[jobs["n_triplets"] == size_many]
few_models = fit.loc[("with parameters", exact, size_many)]
left_out = regression.left_out[
    (regression.left_out["predictors"] == "without parameters")
    & (regression.left_out["n_triplets"] == size_many)
]["name"].drop_duplicates()
glue.numbers(
    n_bootstrap=n_bootstrap,
    n_jobs_many=len(jobs),
    n_lost=int((jobs["credit"] == 0).sum()),
    explained=fit.at[("without parameters", exact, size_many), "r_squared"],
    largest_vif=first["vif"].max(),
    left_out=", ".join(left_out) or "none",
    generator_shift=say_coefficient(
        first, role="generator", predictor="shift"
    ),
    candidate_shift=say_coefficient(
        first, role="candidate", predictor="shift"
    ),
    generator_width=say_coefficient(
        first, role="generator", predictor="ed_aligned"
    ),
    candidate_width=say_coefficient(
        first, role="candidate", predictor="ed_aligned"
    ),
    n_with_params=int(few_models["n_models"]),
    n_degenerate=int(few_models["n_degenerate"]),
    most_params=described.loc[list(main), "n_params"].max(),
    median_params=described.loc[list(main), "n_params"].median(),
)
glue.figure("coefficients", plot_coefficients(of_all))

# %% [markdown]
# At {glue:text}`size_many:,d` triplets and without sampling noise, the coefficient of the generator's shift
# {glue:text}`generator_shift`, and that of the candidate's {glue:text}`candidate_shift`; the coefficient of the generator's
# dimensionality after alignment {glue:text}`generator_width`, and that of the candidate's
# {glue:text}`candidate_width`. Together the properties explain {glue:text}`explained:.0%` of the margins' variance. The
# largest variance inflation factor is {glue:text}`largest_vif:.1f` (1: a predictor has nothing in common with the
# others). Left out, since no value is known or all are the same: {glue:text}`left_out`. The table has further sizes.
#
# ```{glue:figure} coefficients
# :name: figure-failure-coefficients
# :alt: Two panels, of the generator's and of the candidate's properties: a row for each property with points and intervals of its coefficient for sampled answers and without sampling noise, filled where the corrected p is below 0.05, and a line at zero.
# :width: 100%
#
# Standardised coefficients with 95% intervals from resampling models. Filled: corrected p below 0.05.
# [The coefficients at all sizes (CSV)](tables/failure_regression.csv), [fits (CSV)](tables/failure_regression_fit.csv),
# [left out (CSV)](tables/failure_regression_left_out.csv)
# ```
#
# The published regression has the number of parameters, too. Here it is known for {glue:text}`n_with_params:d` models of the
# main set, one of which has {glue:text}`most_params:.1f` million and the median {glue:text}`median_params:.1f`: its
# coefficient would mostly tell that one from the rest. In {glue:text}`n_degenerate:,d` of the resamples so few models
# remain that there is no solution at all. That regression is in the table for completeness, and nothing is read from
# it.
#
# The regression heeds how clearly a generator wins, and not only whether: of {glue:text}`n_jobs_many:d` jobs at
# {glue:text}`size_many:,d` triplets, {glue:text}`n_lost:d` are lost by sampled answers. Few models with many properties are
# a weak basis: a property that the models of one family share cannot be told from the family.
#
# ### Differences in dimensionality
#
# A question apart is whether it matters how *different* two models are in dimensionality, whichever has more. The
# absolute difference is a predictor by itself, before and after alignment, and again beside the similarity of the two
# models after alignment: models that are alike in everything are alike in dimensionality as well.

# %%
apart = {
    "similarity": ["similarity"],
    "before": ["ed_raw_difference"],
    "after": ["ed_aligned_difference"],
    "before, beside similarity": ["ed_raw_difference", "similarity"],
    "after, beside similarity": ["ed_aligned_difference", "similarity"],
}
difference = regress_each(
    rows,
    known,
    apart,
    sizes=[size_many],
    scores=[sampled, exact],
    similarity=similarity,
    among=main,
    seed=seed,
    n_bootstrap=n_bootstrap,
)
glue.save(difference.coefficients, "failure_differences")
glue.table(
    difference.coefficients[difference.coefficients["role"] == "pair"].drop(
        columns=["n_triplets", "role"]
    )
)

# %% tags=["remove-cell"]
of_pairs = difference.coefficients[
    difference.coefficients["score"] == exact
].set_index("predictors")
glue.numbers(
    similarity_alone=say_coefficient(
        of_pairs.loc[["similarity"]], role="pair", predictor="similarity"
    ),
    before=say_coefficient(
        of_pairs.loc[["before"]],
        role="pair",
        predictor="ed_raw_difference",
    ),
    after=say_coefficient(
        of_pairs.loc[["after"]],
        role="pair",
        predictor="ed_aligned_difference",
    ),
    before_beside=say_coefficient(
        of_pairs.loc[["before, beside similarity"]],
        role="pair",
        predictor="ed_raw_difference",
    ),
    after_beside=say_coefficient(
        of_pairs.loc[["after, beside similarity"]],
        role="pair",
        predictor="ed_aligned_difference",
    ),
)

# %% [markdown]
# Without sampling noise, the coefficient of the difference before alignment {glue:text}`before` when it stands alone, and
# {glue:text}`before_beside` beside similarity; that of the difference after alignment {glue:text}`after` alone, and
# {glue:text}`after_beside` beside similarity. The coefficient of similarity alone {glue:text}`similarity_alone`. A
# coefficient that stands alone is a correlation; one that cannot be told from zero is no proof that it is zero, with so
# few models. [The coefficients (CSV)](tables/failure_differences.csv)
#
# ## What flexibility buys and costs
#
# A probe may leave features as they are (*none*), weigh them one by one (*diagonal*), multiply them by a matrix of low
# rank or by a full one. Its penalty draws it to a multiple of the identity or, where *to zero* is said, to zero. More
# freedom should predict people better, and make models harder to tell apart: with the same transform, one study after
# the other asks how often the generator is recovered, and people's own judgements say how well it predicts them.

# %%
points = trade_off(
    transforms, prediction, scores=[sampled, exact], models=main, seed=seed
)
points = points[points["n_triplets"].isin(sizes_traded)]
glue.save(points, "failure_trade_off")
changes = compare_constraints(
    transforms,
    prediction,
    baseline="things_open",
    scores=[sampled, exact],
    models=main,
    seed=seed,
)
glue.save(changes, "failure_trade_off_changes")
glue.table(changes[changes["score"] == sampled].drop(columns="score"))

# %% tags=["remove-cell"]
judged = changes[changes["score"] == sampled].dropna(
    subset=["recovery_change", "prediction_change"]
)
product = judged["recovery_change"] * judged["prediction_change"]
glue.numbers(
    n_shared=int(points["n_models"].iloc[0]),
    n_comparisons=len(judged),
    n_traded=int((product < 0).sum()),
    n_together=int((product > 0).sum()),
    n_even=int((product == 0).sum()),
)
ends = pd.DataFrame(
    {
        name: generators_at_end(
            of_study["generators"], of_study["experiment"]["strengths"]
        )
        for name, (_, of_study) in (transforms | components).items()
        if of_study["experiment"]["transform"] != "none"
    }
).T.rename_axis("study")
glue.save(ends, "failure_grid_ends")
most_ended = (ends["weakest"] / ends["n"]).idxmax()
glue.numbers(
    most_ended=most_ended.replace("things_open_", "").replace("_", " "),
    n_ended=int(ends.at[most_ended, "weakest"]),
    n_of_ended=int(ends.at[most_ended, "n"]),
    n_ended_full=int(ends.at["things_open", "weakest"]),
    n_full=int(ends.at["things_open", "n"]),
)
glue.figure("trade_off", plot_trade_off(points))

# %% [markdown]
# All that follows is of the {glue:text}`n_shared:d` models of the main set that every one of these studies has. Compared
# with the full matrix, size by size and by sampled answers, there are {glue:text}`n_comparisons:d` pairs of changes in
# prediction and in recovery. In {glue:text}`n_traded:d` of them one is gained and the other lost, in
# {glue:text}`n_together:d` both go the same way, and in {glue:text}`n_even:d` recovery stays what it was.
#
# ```{glue:figure} trade_off
# :name: figure-failure-trade-off
# :alt: Two panels with the prediction of people on the vertical and recovery accuracy on the horizontal axis: a point for each transform and number of triplets, dashed lines that join points of one number of triplets, and horizontal intervals.
# :width: 100%
#
# Prediction of people (mean over models, all their judgements) against recovery, with exact 95% intervals of the latter. A
# line joins the transforms at one number of simulated triplets. [The points, with intervals of both
# (CSV)](tables/failure_trade_off.csv), [changes against the full matrix (CSV)](tables/failure_trade_off_changes.csv)
# ```
#
# The comparison is of one generator with itself under two transforms, and each generator answers by its own: a
# generator without a transform is another person to imitate than one with a full matrix, at the same level of noise.
# Both axes change with the transform, as in the published figure. There, people's judgements are cut to the
# number of simulated triplets; here all of them are fitted, which is why a transform has one height.
#
# The two axes do not have the same grid of strengths, and that of the simulation ends earlier. Of its generators,
# {glue:text}`n_ended_full:d` of {glue:text}`n_full:d` with a full matrix and {glue:text}`n_ended:d` of
# {glue:text}`n_of_ended:d` in the study called {glue:text}`most_ended` chose its weakest strength: with a longer grid they
# might have been aligned more strongly, and been harder or easier to recover.
# [Generators at an end of their grid (CSV)](tables/failure_grid_ends.csv)
#
# ### Fewer components, and more
#
# A full matrix is the more flexible, the more components it acts on. A few models were studied with fewer and with more
# of them; the first study is restricted to these models here.

# %%
by_components = recovery_by_study(
    components, scores=[sampled, exact], seed=seed
)
by_components = by_components[
    by_components["n_triplets"].isin(sizes_components)
].sort_values(["score", "n_triplets", "components"])
glue.save(by_components, "failure_components")
glue.table(
    by_components.drop(
        columns=["study", "constraint", "transform", "rank", "penalty"]
    )
)

# %% [markdown]
# [The table (CSV)](tables/failure_components.csv)
#
# ## What may be said
#
# These are other models than the published ones, with fewer components and fewer judgements behind their
# generators. What holds here need not hold there, and a regression over so few models finds little with certainty. It
# says which properties go with a narrow lead, not that changing one of them would widen it.
