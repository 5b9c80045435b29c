# %% [markdown]
# # What of the published recovery study holds here
#
# What {cite:t}`avitan2025` say, set beside what this book has found so far. Their models are mostly larger than ours, their
# features have more components, and their generators are fitted to more judgements. A number that differs is
# therefore to be expected and does not refute theirs; what may be compared are above all the patterns.
#
# Not everything is known with the same certainty. The column `source` says how:
#
# - *abstract*: read in the paper's abstract,
# - *public code*: in the code or the documents that its authors publish,
# - *machine summary*: in a summary by a third party, made by machine; what it reads off figures is approximate,
# - *unconfirmed*: ascribed to the paper, and found in none of the sources at hand.
#
# The body of the paper was not at hand: whoever has it should check all but the first two.
#
# As in {doc}`13_recovery`, the *main set* are the models that were shown the photographs people judged, and the *sampled
# score* is the published one: the share of the generator's sampled answers that a candidate predicts.

# %% tags=["parameters"]
# the study that is set beside the published one
study = "things_open"
# numbers of triplets at which transforms are compared, and that of the
# regression
sizes_traded = [100, 400, 1600, 6400]
size_regressed = 6400
# for the intervals
seed = 0
n_bootstrap = 10_000

# %% tags=["remove-cell"]
from yardsticks import style
from yardsticks.claims import (
    CLOSE,
    NOT_EXAMINED,
    UNDECIDED,
    published,
    verdict_table,
)
from yardsticks.datasets import catalogue
from yardsticks.notebooks import glue
from yardsticks.recovery.failure.flexibility import (
    compare_constraints,
    pool_folds,
    trade_off,
)
from yardsticks.recovery.failure.properties import model_geometry
from yardsticks.recovery.failure.regression import regress_each
from yardsticks.recovery.geometry.change import similarity_to
from yardsticks.recovery.studies.tables import open_results, open_several
from yardsticks.recovery.winners.claims import (
    SCORE,
    false_winners,
    geometry_numbers,
    regression_numbers,
    study_numbers,
    trade_off_numbers,
)
from yardsticks.recovery.winners.credit import winners
from yardsticks.recovery.winners.curves import model_sets

style.use()

# %%
rows, provenance, origin = open_results(study)
origin

# %%
described = catalogue("features").set_index("model")
models = model_sets(described, provenance["experiment"]["models"])[
    "reference photographs"
]
printed = published("avitan2025")
of_study = study_numbers(
    rows,
    models=models,
    families=described["family"],
    plateau=printed.at["recovery_plateau", "value"],
)
# chapters 12, 14 and 15: transforms, geometry, and the regression of margins
transforms = open_several(
    [
        "things_open_none",
        "things_open_diagonal",
        "things_open_low_rank",
        "things_open",
    ]
)
probing, of_probing = open_results("probing")[:2]
prediction = pool_folds(probing)
options = {"scores": [SCORE], "models": models, "seed": seed}
points = trade_off(transforms, prediction, **options)
from_none, from_full = (
    compare_constraints(transforms, prediction, baseline=baseline, **options)
    for baseline in ("things_open_none", "things_open")
)
measured = open_results("geometry")[0]
alike = open_results("geometry_similarities")[0]
regression = regress_each(
    rows,
    described[["n_features"]].join(model_geometry(measured)),
    {"all": ["n_features", "shift", "ed_raw", "ed_aligned"]},
    sizes=[size_regressed],
    scores=[SCORE],
    among=models,
    seed=seed,
    n_bootstrap=n_bootstrap,
)
claims = verdict_table(
    printed,
    of_study
    | trade_off_numbers(
        points[points["n_triplets"].isin(sizes_traded)],
        from_none[from_none["n_triplets"].isin(sizes_traded)],
        from_full[from_full["n_triplets"].isin(sizes_traded)],
    )
    | geometry_numbers(similarity_to(alike, "vice42").loc[list(models)])
    | regression_numbers(regression.coefficients)
    | {"noise_ceiling": of_probing["ceilings"]["leave_one_out"]},
)

# %% tags=["remove-cell"]
glue.save(claims.rename_axis("key"), "recovery_claims")
examined = claims[claims["verdict"] != NOT_EXAMINED]
counts = claims["verdict"].value_counts()
jobs = winners(rows, score=SCORE, models=models).dropna(subset="credit")
kin = {"models": models, "families": described["family"]}
relatives = false_winners(jobs, **kin)
by_size = jobs.groupby("n_triplets")[jobs.columns].apply(false_winners, **kin)
by_size = by_size.reset_index().astype({"n_lost": int})
glue.save(by_size, "recovery_relatives")
glue.numbers(
    n_claims=len(claims),
    n_examined=len(examined),
    n_reproduced=int(counts.get("reproduced", 0)),
    n_close=int(counts.get("close", 0)),
    n_differs=int(counts.get("differs", 0)),
    n_undecided=int(counts.get(UNDECIDED, 0)),
    n_open=int(counts.get(NOT_EXAMINED, 0)),
    n_sure=int(claims["source"].isin(["abstract", "public code"]).sum()),
    verdict_rises=claims.at["recovery_rises", "verdict"],
    verdict_plateau=claims.at["recovery_plateau", "verdict"],
    verdict_relatives=claims.at["relatives_confused", "verdict"],
    largest=int(rows["n_triplets"].max()),
    n_lost=int(relatives["n_lost"]),
    within=relatives["within"],
    within_chance=relatives["chance"],
    excess=relatives["excess"] * 100,
    excess_low=relatives["low"] * 100,
    excess_high=relatives["high"] * 100,
    close_share=CLOSE["share"],
    close_reading=CLOSE["reading"],
    close_count=CLOSE["count"],
)

# %% [markdown]
# Of {glue:text}`n_claims:d` claims, {glue:text}`n_sure:d` of which are known from the abstract or the code,
# {glue:text}`n_examined:d` can be examined with what the book has (reproduced {glue:text}`n_reproduced:d`,
# close {glue:text}`n_close:d`, differs {glue:text}`n_differs:d`, undecided {glue:text}`n_undecided:d`). Close
# is within {glue:text}`close_share:.2f` for a share, {glue:text}`close_reading:.2f` for a value read off a figure and
# {glue:text}`close_count:d` for a count. [All claims (CSV)](tables/recovery_claims.csv)
#
# ## Patterns
#
# A pattern is *reproduced* when it shows here beyond chance, *undecided* when intervals leave it open.

# %%
pattern = examined["kind"] == "statement"
glue.table(
    examined.loc[pattern, ["what", "place", "source", "verdict", "here"]]
)

# %% [markdown]
# Whether recovery rises with the number of triplets: {glue:text}`verdict_rises`. Whether relatives are taken for one
# another: {glue:text}`verdict_relatives`. Of {glue:text}`n_lost:d` jobs that one other model won, a relative won
# {glue:text}`within:.0%`, where a blind choice would give {glue:text}`within_chance:.0%`: {glue:text}`excess:.0f` points
# more (95% interval over families {glue:text}`excess_low:.0f` to {glue:text}`excess_high:.0f`). The lost
# jobs are of several sizes:

# %%
glue.table(by_size[by_size["n_lost"] > 0])

# %% [markdown]
# [Lost jobs at all sizes (CSV)](tables/recovery_relatives.csv)
#
# ## Numbers
#
# The largest size of our study is {glue:text}`largest:,d` triplets. What is printed for millions of triplets, and for
# about 1,000, are bounds that recovery stays below. The verdict on the first of them, the plateau:
# {glue:text}`verdict_plateau`.

# %%
glue.table(
    examined.loc[
        ~pattern, ["what", "place", "source", "printed", "ours", "verdict"]
    ]
)

# %% [markdown]
# What is set beside each, and why ours differs as far as that is known:

# %%
unlike = examined[examined["why"] != ""]
glue.table(unlike[["what", "here", "why"]])

# %% [markdown]
# ## Not yet examined
#
# {glue:text}`n_open:d` claims wait. They are neither reproduced nor refuted.

# %%
waiting = claims[claims["verdict"] == NOT_EXAMINED]
glue.table(waiting[["what", "place", "source", "printed", "here"]])
