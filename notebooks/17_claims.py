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
from yardsticks.recovery.analysis import model_sets, winners
from yardsticks.recovery.headline import SCORE, false_winners, study_numbers
from yardsticks.recovery.results import open_results

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
# what other chapters find about transforms, geometry and regression joins
# here, under the keys of data/published.toml
claims = verdict_table(printed, of_study)

# %% tags=["remove-cell"]
style.save_table(claims.rename_axis("key"), "recovery_claims")
examined = claims[claims["verdict"] != NOT_EXAMINED]
counts = claims["verdict"].value_counts()
relatives = false_winners(
    winners(rows, score=SCORE, models=models).dropna(subset="credit"),
    models=models,
    families=described["family"],
)
style.glue_numbers(
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
    within_low=relatives["low"],
    within_high=relatives["high"],
    within_chance=relatives["chance"],
    close_share=CLOSE["share"],
    close_reading=CLOSE["reading"],
    close_count=CLOSE["count"],
)

# %% [markdown]
# Of {glue:text}`n_claims:d` claims, {glue:text}`n_sure:d` of which are known from the abstract or the code,
# {glue:text}`n_examined:d` can be examined with what the book has: {glue:text}`n_reproduced:d` are reproduced,
# {glue:text}`n_close:d` are close, {glue:text}`n_differs:d` differ and {glue:text}`n_undecided:d` are undecided. Close
# is within {glue:text}`close_share:.2f` for a share, {glue:text}`close_reading:.2f` for a value read off a figure and
# {glue:text}`close_count:d` for a count. [All claims (CSV)](tables/recovery_claims.csv)
#
# ## Patterns
#
# A pattern is *reproduced* when it shows here beyond chance, *undecided* when intervals leave it open.

# %%
pattern = examined["kind"] == "statement"
style.show(
    examined.loc[pattern, ["what", "place", "source", "verdict", "here"]]
)

# %% [markdown]
# Whether recovery rises with the number of triplets: {glue:text}`verdict_rises`. Whether relatives are taken for one
# another: {glue:text}`verdict_relatives`. Of {glue:text}`n_lost:d` jobs that one other model won, a relative won
# {glue:text}`within:.0%` (95% interval {glue:text}`within_low:.0%` to {glue:text}`within_high:.0%`, which takes jobs
# for independent), where a blind choice would give {glue:text}`within_chance:.0%`.
#
# ## Numbers
#
# The largest size of our study is {glue:text}`largest:,d` triplets. What is printed for millions of triplets, and for
# about 1,000, are bounds that recovery stays below. The verdict on the first of them, the plateau:
# {glue:text}`verdict_plateau`.

# %%
style.show(
    examined.loc[
        ~pattern, ["what", "place", "source", "printed", "ours", "verdict"]
    ]
)

# %% [markdown]
# What is set beside each, and why ours differs as far as that is known:

# %%
unlike = examined[examined["why"] != ""]
style.show(unlike[["what", "here", "why"]])

# %% [markdown]
# ## Not yet examined
#
# {glue:text}`n_open:d` claims wait. They are neither reproduced nor refuted.

# %%
waiting = claims[claims["verdict"] == NOT_EXAMINED]
style.show(waiting[["what", "place", "source", "printed", "here"]])
