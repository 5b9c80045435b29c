# %% [markdown]
# # 11 · How many dimensions has alignment?

# %% tags=["parameters", "hide-input"]
from typing import Literal

# "" for the default leaderboard, a registered name, or the path of a file
scores = ""
# "" or a file with the areas of metrics that the catalogue does not know
catalogue = ""
metrics: Literal["paper", "all"] = "paper"  # all: that the table has
# complete: models that have every metric; pairwise: for each pair those that
# have both
policy: Literal["complete", "pairwise"] = "complete"
# models known to have a lower ImageNet top-1 (0 to 1) are left out, as in the
# paper
imagenet_floor = 0.019
one_per_name = True  # of models with the same name keep the first
most = 20  # metrics to choose, at most
seed = 20  # of the resamples of models

# %% tags=["hide-input"]
import yardsticks.scores as ys
from yardsticks import style
from yardsticks.claims import printed_numbers
from yardsticks.notebooks import glue
from yardsticks.scores import structure

style.use()
table = ys.open_scores(scores, catalogue=catalogue)
table.origin

# %% tags=["hide-input", "remove-output"]
leaves = ys.choose_metrics(table, metrics)
filters = {"imagenet_floor": imagenet_floor, "one_per_name": one_per_name}
models = ys.paper_models(table, metrics=metrics, policy=policy, **filters)
everyone = ys.paper_models(table, metrics=metrics, policy="zero", **filters)
values, areas = models.values[leaves], models.metrics["area"]
complete = models if policy == "complete" else everyone
whole = complete.select(metrics=leaves).complete()
tables = {
    "complete": whole.values,
    "pairwise": everyone.values[leaves],
    "zero": everyone.select(metrics=leaves),
}
analyses, counts = structure.by_policy(tables, seed=seed)
glue.save(analyses, "dimensions")
glue.numbers(n_metrics=len(leaves), policy=policy)
glue.row("dimensions", counts)
glue.row("own", counts.astype(object).loc[policy])
glue.figure("dimensions", structure.plot_dimensions(analyses, counts))

# %% [markdown]
# More than one. Here {glue:text}`n_metrics:d` metrics have {glue:text}`own_n:d` dimensions that are larger than by
# chance (95 % interval {glue:text}`own_low:d` to {glue:text}`own_high:d`, {glue:text}`own_n_models:d` models), and the first
# has {glue:text}`own_first:.0%` of their variance ({glue:text}`own_first_low:.0%` to {glue:text}`own_first_high:.0%`). Many
# models are variants of one another: with one model of each of {glue:text}`few_n_families:d` families
# {glue:text}`few_single:.1f` dimensions are left, and with as many models of any family {glue:text}`few_anyone:.1f`.
#
# For a ranking by the mean {glue:text}`needed_n:d` of the metrics will do (95 % interval {glue:text}`needed_low:.0f` to
# {glue:text}`needed_high:.0f`, {glue:text}`n_ranked:d` models). They keep 95 % of the models, which had no part in the
# choice, within the intervals of their ranks.
#
# ```{glue:figure} dimensions
# :name: figure-dimensions
# :alt: Three panels, one for each way of treating missing scores; in each the largest eigenvalues of the correlations between metrics fall from left to right, and cross a dashed line that says how large they are by chance.
# :figclass: key
#
# Eigenvalues of the correlations between metrics, with 95 % intervals over models, under three policies for missing
# scores. [The table behind it (CSV)](tables/dimensions.csv)
# ```
#
# A single number for alignment, such as a leaderboard's average, suggests that all metrics measure one thing. If they
# measure several, two models with the same average can be alike in one and far apart in another.
#
# ## What the paper found

# %% tags=["hide-input"]
holes = structure.explained_by_holes(tables["zero"])
interval = ys.intervals.bootstrap(
    tables["zero"], structure.explained_by_holes, seed=seed, n=300
)
glue.numbers(holes=holes)
glue.row("holes", interval)
glue.row("printed", printed_numbers("ahlert2024")["value"])
words = {"n": "dimensions", "first": "share of the first"}
shown = counts.drop(columns=["first_low", "first_high"])
glue.table(shown.rename(columns=words))

# %% [markdown]
# The paper prints a mean correlation of {glue:text}`printed_mean_rho_69:.2f` in its abstract {cite:p}`ahlert2024`, over more
# metrics than here, those of engineering among them. It concludes that alignment has many dimensions, and does not count
# them.
#
# How many dimensions there are depends on what is done about missing scores. On complete models there are {glue:text}`dimensions_complete_n:d` ({glue:text}`dimensions_complete_low:d` to {glue:text}`dimensions_complete_high:d`,
# {glue:text}`dimensions_complete_n_models:d` models). With each pair of metrics on the models that have both, there are {glue:text}`dimensions_pairwise_n:d` ({glue:text}`dimensions_pairwise_low:d` to
# {glue:text}`dimensions_pairwise_high:d`, {glue:text}`dimensions_pairwise_n_models:d` models). With missing scores
# counted as 0, there are {glue:text}`dimensions_zero_n:d` ({glue:text}`dimensions_zero_low:d` to
# {glue:text}`dimensions_zero_high:d`). Then the pattern of holes explains {glue:text}`holes:.0%` of the
# models' places on the first two dimensions (95 % interval {glue:text}`holes_low:.0%` to {glue:text}`holes_high:.0%`).
# These two are about who was scored on what.
#
# ## Do variants of one network make the dimensions?

# %% tags=["hide-input", "remove-output"]
families = models.models["name"].map(ys.intervals.family)
few = structure.one_of_each(values, families, policy=policy, seed=seed)
glue.row("few", few)
glue.numbers(few_own=counts.at[policy, "n"])

# %% [markdown]
# Many models are variants of one another, and what sets one family apart from others may look like a dimension. With a
# single model of each of {glue:text}`few_n_families:d` families {glue:text}`few_single:.1f` dimensions are left on
# average, not {glue:text}`few_own:d`. But with as many models drawn without regard to family it is
# {glue:text}`few_anyone:.1f`. With so few models no more dimensions can be told from chance, and how many there are apart
# from families is not known.
#
# ## What are they?

# %% tags=["hide-input"]
n_dimensions = int(counts.at[policy, "n"])
loadings = structure.loadings(values, n_dimensions, policy=policy)
described = structure.describe_loadings(loadings, areas)
glue.save(loadings.reset_index(), "loadings")
glue.row("first", described.iloc[0])
glue.table(described)

# %% [markdown]
# Each dimension is named by the metrics that correlate with it most, after a rotation that gives each as few as possible
# (varimax). The largest dimension has {glue:text}`first_n_metrics:d` metrics with a loading of at least .5:
# {glue:text}`first_areas`. [All loadings (CSV)](tables/loadings.csv)
#
# ## Which metrics go together?

# %% tags=["hide-input", "remove-output"]
tree = structure.merges(values, policy=policy)
clusters = structure.cluster_metrics(
    values, n_dimensions, policy=policy, seed=seed
)
grouped = structure.describe_clusters(clusters, areas)
glue.save(clusters.reset_index(), "clusters")
glue.row("largest", grouped.loc[grouped["n_metrics"].idxmax()])
glue.row("loosest", grouped.loc[grouped["together"].fillna(1).idxmin()])
corr = structure.correlations(values)
glue.figure("clusters", structure.plot_clusters(corr, tree, clusters, areas))

# %% [markdown]
# A tree joins the metrics that agree most, and is cut into as many clusters as there are dimensions. The largest
# cluster has {glue:text}`largest_n_metrics:d` metrics ({glue:text}`largest_areas`): in resamples of the models a metric
# of it is in one cluster with another of it {glue:text}`largest_together:.0%` of the time, and with one outside
# {glue:text}`largest_apart:.0%` of the time. The loosest cluster ({glue:text}`loosest_areas`) stays together
# {glue:text}`loosest_together:.0%` of the time. That is hardly a cluster.
#
# ```{glue:figure} clusters
# :name: figure-clusters
# :alt: Heat map of the correlations between metrics in the order of a tree that is drawn above it; frames along the diagonal are clusters.
# :figclass: dense
# :width: 100%
#
# Correlations between metrics in the order of their tree. A frame is a cluster; beside it stands how often two of its
# metrics are in one cluster over resamples of the models. [The table behind it (CSV)](tables/clusters.csv)
# ```

# %% tags=["hide-input"]
glue.table(grouped)

# %% [markdown]
# ## Which metrics does the ranking need?

# %% tags=["hide-input", "remove-output"]
found = structure.held_out(whole, most=most, seed=seed)
needed = structure.needed(found)
fewest = needed["n"]
chosen = structure.choose_greedily(whole, most=fewest)
ranking = ys.integrate(whole, scheme="mean", policy="complete")
glue.save(found, "fewest_metrics")
glue.row("needed", needed)
glue.row("fewest", found.loc[fewest])
glue.numbers(
    n_ranked=len(whole.values),
    median_width=(ranking["rank_high"] - ranking["rank_low"]).median(),
)
glue.row("saved", structure.describe_savings(whole, chosen))
glue.figure("fewest", structure.plot_fewest(found, fewest))

# %% [markdown]
# The ranking by the mean of neural and behavioural score is not sure: over resamples of the metrics the interval of a
# model's rank spans {glue:text}`median_width:.0f` ranks (median, {glue:text}`n_ranked:d` models). A ranking by fewer metrics
# that stays within these intervals cannot be told from it by this yardstick. A ranking by
# {glue:text}`needed_n:d` metrics stays within these intervals for {glue:text}`fewest_within:.0%` of the models that had no part in the choice (95 % interval {glue:text}`fewest_low:.0%` to
# {glue:text}`fewest_high:.0%`), and correlates with the ranking by all at
# {glue:text}`fewest_rho:.2f`. One by as many metrics drawn at random stays within them for {glue:text}`fewest_by_chance:.0%`.
#
# ```{glue:figure} fewest
# :name: figure-fewest
# :alt: The share of models within their interval against the number of metrics; for metrics chosen one by one it rises steeply to nearly all models, for as many drawn at random slowly.
# :width: 80%
#
# How many of the models left out stay within the interval of their rank, with 95 % intervals over models.
# [The table behind it (CSV)](tables/fewest_metrics.csv)
# ```

# %% tags=["hide-input"]
about = whole.metrics.loc[chosen, ["area"]].rename_axis(
    "metric, in the order of choice"
)
of_area = about["area"].fillna("unknown area").value_counts()
skipped = whole.metrics["area"].dropna().drop_duplicates()
skipped = skipped[~skipped.isin(of_area.index)]
glue.numbers(
    chosen_areas=", ".join(f"{n} of {area}" for area, n in of_area.items()),
    skipped_areas=", ".join(skipped) or "none",
)
glue.table(about)

# %% [markdown]
# The metrics in the table, chosen on all models, are by area: {glue:text}`chosen_areas`. Areas of which none was chosen:
# {glue:text}`skipped_areas`. So what they keep is this ranking, and not what all areas say. They need data of {glue:text}`saved_n_studies_chosen:d` of
# {glue:text}`saved_n_studies:d` studies. The other {glue:text}`saved_n_skipped:d` metrics could have been
# left out, and with them {glue:text}`saved_skipped:.0%` of the scores of these models, {glue:text}`saved_n_scores:,d` in all.
#
# ## How it is done
#
# The models are those of {doc}`02_consistency`; where missing scores are treated otherwise, also those that lack some.
#
# *Dimensions.* The eigenvalues of the Spearman correlations say how much variance each dimension has; they add up to the
# number of metrics. They spread also where metrics have nothing in common, the more so the fewer the models. Parallel
# analysis {cite:p}`horn1965` says how far: the scores of each metric are dealt to its models at random, 200 times, and a
# dimension counts if it is larger than in 95 % of these tables, and so are all before it. The intervals come from drawing
# the models anew, with replacement. That spreads eigenvalues too, so the draws are moved together until their mean is
# the eigenvalue of the table.
#
# *Clusters.* Average linkage of 1 - correlation. The two branches of each join are ordered so that neighbours are as
# alike as the tree allows.
#
# *Fewest metrics.* The first two are the best of all pairs of one neural and one behavioural metric. Then, each time, the
# metric comes in with which the ranking is nearest to that by all (Spearman). This is done on four fifths of the models, and
# the other fifth is ranked, five times. The choice is greedy: trying all sets is out of reach, and a smaller one may do.
#
# ## What it does not show
#
# A dimension is what metrics share, not what it means: names of metrics stand in for a meaning. That metrics share
# little may come from noise in each of them. With so few models, real dimensions may also be missed.
#
# That a metric is not needed for this ranking does not make it worthless. The ranking by the mean hardly
# depends on it, and a ranking by other weights might. What is kept is an order with wide intervals: the fewer metrics
# there are, the less is known of how wide they are. How long a metric takes to compute is not published, so
# what is saved is counted in scores, not in hours.
