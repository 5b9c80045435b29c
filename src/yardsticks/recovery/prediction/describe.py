"""Numbers for the text about predictions: the best probe, a random sample of people, choosing on the test."""

from __future__ import annotations

import pandas as pd


def describe_best(pooled: pd.DataFrame, *, ceiling: float) -> pd.Series:
    """Describe the model that predicts people best with a full probe, and name the one that does worst.

    Parameters
    ----------
    pooled : DataFrame
        As from `pool`, of one penalty and one set of judgements.
    ceiling : float

    Returns
    -------
    Series
        ``name``, ``accuracy`` with ``low`` and ``high`` (common objects allowed for); ``below`` the ceiling; half the
        width of this interval (``clustered``) and of the binomial one (``naive``), and how many times as ``wide`` it
        is; ``worst`` model and its ``worst_accuracy``.
    """
    full = pooled[pooled["transform"] == "full"].set_index("model")
    row, worst = full.loc[full["accuracy"].idxmax()], full["accuracy"].idxmin()
    naive, clustered = row["high"] - row["low"], row["high_objects"] - row["low_objects"]
    return pd.Series(
        {"name": row.name, "accuracy": row["accuracy"], "low": row["low_objects"], "high": row["high_objects"]}
        | {"below": ceiling - row["accuracy"], "naive": naive / 2, "clustered": clustered / 2}
        | {"wide": clustered / naive, "worst": worst, "worst_accuracy": full.at[worst, "accuracy"]}
    )


def compare_random(pooled: pd.DataFrame, *, penalty: str) -> pd.Series:
    """Compare accuracies on the judgements that were drawn at random from all with those on all that are open.

    Returns
    -------
    Series
        ``n`` random judgements; ``full``, the mean accuracy of full probes on them; over all probes the mean
        ``difference`` (random less all) and the median ``half`` width of an interval on them, in percentage points; the
        ``correlation`` of the ranks of full probes.
    """
    wide = pooled.pivot(index=["model", "transform", "penalty"], columns="judgements", values="accuracy")
    random = pooled[pooled["judgements"] == "random50k"]
    full = wide.xs(("full", penalty), level=("transform", "penalty"))
    return pd.Series(
        {"n": int(random["n_test"].max()), "full": full["random50k"].mean()}
        | {"difference": (wide["random50k"] - wide["all"]).mean() * 100}
        | {"half": (random["high_objects"] - random["low_objects"]).median() * 50}
        | {"correlation": full.rank().corr().iloc[0, 1]},
        dtype=object,
    )


def describe_flattery(pooled: pd.DataFrame, *, penalty: str) -> pd.Series:
    """Say what choosing the strength on the test adds to accuracies, over all probes that have a strength.

    Parameters
    ----------
    pooled : DataFrame
        As from `pool`, of one set of judgements.
    penalty : str
        Of the full probes that are ranked.

    Returns
    -------
    Series
        ``n`` probes; ``mean``, ``lowest`` and ``highest``, in percentage points; ``name`` of the highest; ``n_worse``
        below zero; ``n_swapped`` models whose rank among full probes it changes.
    """
    fitted = pooled[pooled["transform"] != "none"]
    gain = fitted["flattery"]
    full = fitted[(fitted["transform"] == "full") & (fitted["penalty"] == penalty)]
    ranks = full[["accuracy", "accuracy_published"]].rank(ascending=False)
    return pd.Series(
        {"n": len(gain), "mean": gain.mean() * 100, "lowest": gain.min() * 100, "highest": gain.max() * 100}
        | {"name": fitted.loc[gain.idxmax(), "model"], "n_worse": int((gain < 0).sum())}
        | {"n_swapped": int((ranks["accuracy"] != ranks["accuracy_published"]).sum())}
    )


def describe_fits(scores: pd.DataFrame) -> pd.Series:
    """Say how the fits of probes ended.

    Parameters
    ----------
    scores : DataFrame
        As from `probe_models`, one row for each fold.

    Returns
    -------
    Series
        ``end_scaled_identity`` and ``end_frobenius``, the fraction of choices at an end of the grid of strengths;
        ``n_not_converged``; ``median_gap`` and ``max_gap`` of full probes, in nats per trial; ``ties``, the largest
        fraction of a fold's answers that are tied.
    """
    free = scores[(scores["transform"] != "none") & (scores["judgements"] == "all")]
    gap = free.loc[free["transform"] == "full", "gap"]
    return pd.Series(
        free.groupby("penalty")["at_grid_end"].mean().add_prefix("end_").to_dict()
        | {"n_not_converged": int((~free["converged"].astype(bool)).sum())}
        | {"median_gap": gap.median(), "max_gap": gap.max(), "ties": (scores["n_ties"] / scores["n_test"]).max()},
        dtype=object,
    )
