# %% [markdown]
# # 21 · What of the published recovery study holds here?
#
# Of {glue:text}`n_claims:d` claims {glue:text}`n_examined:d` are examined here. The verdict is *reproduced* for
# {glue:text}`n_reproduced:d`, *close* for {glue:text}`n_close:d`, *differs* for {glue:text}`n_differs:d`, and *undecided*
# for {glue:text}`n_undecided:d`. Counted in none of these are claims that no source at hand confirms
# ({glue:text}`n_unconfirmed:d`) and those that could not have come out otherwise ({glue:text}`n_given:d`: the number of
# models is our own choice, and more candidates cannot raise recovery). Another {glue:text}`n_outside:d` are about more triplets than our main study has, so that it cannot speak of them.
#
# A different number is to be expected, since our models are mostly smaller than the published ones. What may be compared
# above all are the patterns.
#
# ```{glue:figure} printed
# :name: figure-claims-recovery
# :alt: A row for each printed share, with a cross for the printed value, a circle for ours and a diamond for ours with simulated people; open marks where ours has fewer triplets than the printed number, and arrows to the left at bounds.
# :width: 100%
#
# Printed shares of Avitan & Golan, and ours. An arrow marks a bound that recovery is said to stay below. [All claims
# (CSV)](tables/recovery_claims.csv)
# ```

# %% tags=["parameters", "hide-input"]
# the study that is set beside the published one
study = "things_open"
# numbers of triplets at which transforms are compared, and that of the
# regression
sizes_traded = [100, 400, 1600]
size_regressed = 6400
# cells with simulated people: of chapter 18, and all components and about 500
# in chapter 19
twins_cell = "components-64"
sampled_cells = ["sampled-all-865", "sampled-512-865"]
# a standardised coefficient within this from zero explains nothing of note
negligible = 0.1
# for the intervals
seed = 0
n_bootstrap = 10_000

# %% tags=["hide-input"]
import pandas as pd

from yardsticks import claims, style
from yardsticks.datasets import catalogue
from yardsticks.notebooks import glue
from yardsticks.recovery import (
    failure,
    geometry,
    open_results,
    prediction,
    winners,
)
from yardsticks.recovery.studies import split_cells

style.use()
rows, provenance, origin = open_results(study)
described = catalogue("features").set_index("model")
models = provenance["experiment"]["models"]
main = "reference photographs"
models = winners.model_sets(described, models)[main]
origin

# %% tags=["hide-input"]
kin = {"models": models, "families": described["family"]}
one = {"models": models, "seed": seed}
printed = claims.printed_numbers("avitan2025")
ours = winners.study_numbers(rows, **kin)
outside = winners.outside_regime(rows)
# chapters 20 and 18: transforms, and the regression of margins
transforms = failure.open_transforms()
probing, of_probing, _ = open_results("probing")
pooled = prediction.pool(probing[probing["judgements"] == "all"])
chosen = one | {"sizes": sizes_traded}
chosen |= {"none": "things_open_none", "full": "things_open"}
ours |= failure.trade_off_claims(transforms, pooled, **chosen)
measured = failure.model_geometry(open_results("geometry").rows)
known = described[["n_features"]].join(measured)
chosen = one | {"size": size_regressed, "n_bootstrap": n_bootstrap}
of_margins, ends = failure.regression_claims(rows, known, **chosen)
ours |= of_margins
# chapters 20 and 18: the penalty, more candidates, unlike dimensionality
grids = [transforms, failure.open_transforms(longer=True)]
ours |= failure.shrinkage_claims(grids, pooled, seed=seed)
score = [winners.SCORE]
counted = {"scores": score, "resample": "generator"} | one
by_number = failure.recovery_by_candidates(rows, **counted)
ours |= winners.candidate_numbers(by_number)
alike = open_results("geometry_similarities").rows
chosen |= {"similarity": geometry.state_matrix(alike, models, "full")}
chosen |= {"negligible": negligible}
ours |= failure.difference_claims(rows, known, **chosen)
# chapters 18 and 19, simulated people: 30 models, and fewer components
twins = split_cells(open_results("twins"))[twins_cell]
among = {"models": twins.provenance["experiment"]["models"], "seed": seed}
of_twins = winners.recovery_curve(twins.rows, scores=score, **among)
at_largest = of_twins.set_index("n_triplets")["recovery"].sort_index()
ours["recovery_30_models"] = at_largest.iloc[-1]
limit = split_cells(open_results("limit"))
components = [limit[name].rows for name in sampled_cells]
compared = winners.compare_studies(*components, scores=score, seed=seed)
ours |= winners.component_numbers(compared)
# chapter 17: geometry
to_people = geometry.similarity_to(alike, "vice42").loc[list(models)]
ours |= winners.geometry_numbers(to_people)
# chapter 14: the ceiling
ours["noise_ceiling"] = of_probing["ceilings"]["leave_one_out"]
beside = {"intervals": ends, "outside": outside}
table = claims.verdict_table(printed, ours, **beside)
# chapter 19: simulated people, among fewer models
simulated, of_simulated, _ = open_results("things_surrogate")
simulated = pd.concat([simulated, open_results("curve").rows])
their_models = of_simulated["experiment"]["models"]
their_models = winners.model_sets(described, their_models)[main]
their_kin = kin | {"models": their_models}
theirs = winners.study_numbers(simulated, **their_kin)
outside = winners.outside_regime(simulated)
among_simulated = claims.verdict_table(printed, theirs, outside=outside)
table["simulated"] = among_simulated["ours"]
table["verdict_simulated"] = among_simulated["verdict"]
glue.save(table.rename_axis("key"), "recovery_claims")
glue.numbers(**claims.count_verdicts(table))
examined = table[table["verdict"] != claims.NOT_EXAMINED]
pattern = examined["kind"] == "statement"
glue.table(examined.loc[pattern, ["what", "source", "verdict"]])

# %% tags=["hide-input", "remove-output"]
glue.figure("printed", winners.plot_printed(table))

# %% [markdown]
# ## What the paper found
#
# The claims are those of {cite:t}`avitan2025`. Their models are mostly larger than ours, their features have
# more components, and their generators are fitted to more judgements. So a number that differs does not refute
# theirs.
#
# Not every claim is known with the same certainty. The column `source` says how each is known:
#
# - *abstract*: read in the paper's abstract,
# - *public code*: in the code or the documents that its authors publish,
# - *machine summary*: in a summary by a third party, made by machine; what it reads off figures is approximate,
# - *unconfirmed*: ascribed to the paper, and found in none of the sources at hand.
#
# The body of the paper was not at hand. {glue:text}`n_sure:d` claims are known from the abstract or the code.
# Whoever has the paper should check all others.
#
# ## How it is done
#
# A pattern is *reproduced* when it shows here beyond chance, and *undecided* when intervals leave it open. A
# number is *reproduced* when ours is the printed one after rounding. It is *close* within
# {glue:text}`close_share:.2f` for a share, {glue:text}`close_reading:.2f` for a value read off a figure,
# {glue:text}`close_coefficient:.2f` for a coefficient of a regression, and {glue:text}`close_count:d` for a count. Otherwise it
# *differs*. A coefficient whose 95% interval holds the printed one is not said to differ: it is *undecided*. What is printed for more triplets than a study of ours has is *outside the published
# regime*.
#
# As in {doc}`chapter 16 <16_recovery>`, the main set are the models that were shown the photographs people
# judged. The sampled score is the published one: the share of the generator's sampled answers that a candidate
# predicts. This is what is set beside each pattern:

# %% tags=["hide-input"]
glue.row("close", claims.CLOSE)
glue.table(examined.loc[pattern, ["what", "place", "here", "verdict"]])

# %% [markdown]
# [All claims (CSV)](tables/recovery_claims.csv)
#
# ## Are relatives taken for one another?
#
# Relatives are models of one family, with common weights or a common design.

# %% tags=["hide-input"]
jobs = winners.winners(rows, score=winners.SCORE, models=models)
jobs = jobs.dropna(subset="credit")
relatives = winners.false_winners(jobs, **kin)
glue.row("relatives", relatives)
glue.row("excess", relatives[["excess", "low", "high"]] * 100)
sizes = jobs.groupby("n_triplets")[jobs.columns]
by_size = sizes.apply(winners.false_winners, **kin).reset_index()
glue.numbers(verdict_relatives=table.at["relatives_confused", "verdict"])
glue.table(by_size.astype({"n_lost": int}), "recovery_relatives")

# %% [markdown]
# The verdict on this pattern: {glue:text}`verdict_relatives`. In {glue:text}`relatives_n_lost:.0f` jobs a
# single model other than the generator won. This winner was a relative of the generator in
# {glue:text}`relatives_within:.0%` of them, where a blind choice would give {glue:text}`relatives_chance:.0%`.
# That is {glue:text}`excess_excess:.0f` points more (95% interval over families {glue:text}`excess_low:.0f` to
# {glue:text}`excess_high:.0f`). The table has the lost jobs of each size. [Lost jobs at all sizes
# (CSV)](tables/recovery_relatives.csv)
#
# ## Which numbers come out?
#
# The largest size of our main study is {glue:text}`largest_here:,d` triplets. It reduces all features to few components, and
# fits its generators to fewer judgements than the published study. The study with simulated people
# ({doc}`chapter 19 <19_regimes>`) is nearer to the published one in both, and goes to
# {glue:text}`largest_simulated:,d` triplets, but has {glue:text}`n_models_simulated:d` models: those of that
# chapter which saw the photographs people judged. Its numbers stand in a column of their own. Some of the printed numbers
# ({glue:text}`n_bounds:d`) are bounds that recovery stays below. On whether recovery rises with the number
# of triplets, the verdict is {glue:text}`verdict_rises` by our main study and {glue:text}`verdict_rises_simulated` by the one
# with simulated people.

# %% tags=["hide-input"]
glue.numbers(largest_here=rows["n_triplets"].max())
glue.numbers(largest_simulated=simulated["n_triplets"].max())
glue.numbers(n_models_simulated=len(their_models))
glue.numbers(n_bounds=(examined["kind"] == "bound").sum())
of_rise = table.loc["recovery_rises"]
glue.numbers(verdict_rises=of_rise["verdict"])
glue.numbers(verdict_rises_simulated=of_rise["verdict_simulated"])
examined = table[table["verdict"] != claims.NOT_EXAMINED]
columns = ["what", "place", "source", "printed", "ours", "verdict"]
columns += ["simulated", "verdict_simulated"]
of_numbers = examined.loc[~pattern, columns]
glue.table(of_numbers.replace(claims.NOT_EXAMINED, ""))

# %% [markdown]
# The coefficients of the regression of leads, with the 95% intervals of ours over models:

# %% tags=["hide-input"]
columns = ["what", "printed", "ours", "low", "high", "verdict"]
called = {"low": "95% from", "high": "95% to"}
glue.table(table.loc[ends.index, columns].rename(columns=called))

# %% [markdown]
# This is set beside each, and this is why ours differs, as far as that is known:

# %% tags=["hide-input"]
glue.table(examined.loc[examined["why"] != "", ["what", "here", "why"]])

# %% [markdown]
# ## What has changed since the last release?

# %% tags=["hide-input", "remove-output"]
kept = claims.to_keep(table)
glue.save(kept, "avitan2025")
glue.numbers(changed=claims.say_changes(kept, "avitan2025"))

# %% [markdown]
# Each release keeps what came out then: the printed value, ours, and the verdict (`data/claims`).
# {glue:text}`changed` ([this page's claims (CSV)](tables/avitan2025.csv))
#
# ## What this does not show
#
# {glue:text}`n_open:d` claims are not examined; the table below says what each would take. Another
# {glue:text}`n_outside:d` are out of our main study's reach. All these are neither reproduced nor refuted. A claim that differs is not
# refuted either, as long as models, components and judgements differ as well.

# %% tags=["hide-input"]
waiting = table[table["verdict"] == claims.NOT_EXAMINED]
numbers = waiting["printed"].where(waiting["kind"] != "statement")
waiting = waiting.assign(printed=numbers)
glue.table(waiting[["what", "place", "source", "printed", "here"]])
