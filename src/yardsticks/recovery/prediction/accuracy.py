"""What the scores of probes say: intervals, who predicts people better, whether two penalties do as well.

All functions are pure; those on frames take the tables of `probe_models`.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from yardsticks.recovery.probes.options import TRANSFORMS
from yardsticks.stats import Z95, exact_interval

_PROBE = ["model", "transform", "rank", "penalty", "judgements"]


def pool(scores: pd.DataFrame) -> pd.DataFrame:
    """Put the folds of each probe together.

    Parameters
    ----------
    scores : DataFrame
        As from `probe_models`.

    Returns
    -------
    DataFrame
        One row for each model, transform, rank (NaN where it is not low), penalty and set of judgements, in the order
        of the table: n_test; accuracy over all test judgements, with 95% intervals ``low`` and ``high``
        (Clopper-Pearson, from the number of judgements, which takes them for independent), ``low_triplets`` ... and
        ``low_objects`` ... (which do not, see `clustered_errors`); nll; n_ties; accuracy_published, and ``flattery``,
        what it is above the accuracy: below zero where one strength for all folds is worse than one for each. strength
        (the folds' geometric mean),
        strength_published, n_at_end (folds whose strength is an end of the grid), n_folds, converged (all), gap
        (largest, in nats per trial).
    """
    table = []
    for key, part in scores.groupby(_PROBE, sort=False, dropna=False):
        n, weights = part["n_test"].sum(), part["n_test"] / part["n_test"].sum()
        means = {name: (weights * part[name]).sum() for name in ("accuracy", "nll", "accuracy_published")}
        accuracy = means["accuracy"]
        row = dict(zip(_PROBE, key, strict=True)) | {"n_test": int(n)} | means
        row["low"], row["high"] = exact_interval(accuracy * n, n)
        for kind in ("triplets", "objects"):
            error = np.sqrt(((weights * part[f"error_{kind}"]) ** 2).sum())
            row[f"low_{kind}"] = max(accuracy - Z95 * error, 0.0)
            row[f"high_{kind}"] = min(accuracy + Z95 * error, 1.0)
        row |= {
            "flattery": means["accuracy_published"] - accuracy,
            "n_ties": int(part["n_ties"].sum()),
            "strength": np.exp(np.log(part["strength"]).mean()),
            "strength_published": part["strength_published"].iloc[0],
            "n_at_end": int(part["at_grid_end"].sum()),
            "n_folds": len(part),
            "converged": bool(part["converged"].all()),
            "gap": part["gap"].max(),
        }
        table.append(row)
    return pd.DataFrame(table)


def by_transform(pooled: pd.DataFrame) -> pd.DataFrame:
    """Return the mean over models of each transform and penalty.

    Returns
    -------
    DataFrame
        transform (in the order of `TRANSFORMS`), penalty, judgements, n_models; mean accuracy, sd over models (ddof
        1), best model and its accuracy; mean nll; mean accuracy_published and flattery, and largest flattery; n_at_end
        of n_choices, a choice for each model and fold.
    """
    table = []
    for key, part in pooled.groupby(["transform", "penalty", "judgements"], sort=False):
        best = part.loc[part["accuracy"].idxmax()]
        table.append(
            dict(zip(("transform", "penalty", "judgements"), key, strict=True))
            | {"n_models": len(part), "accuracy": part["accuracy"].mean(), "sd": part["accuracy"].std()}
            | {"best_model": best["model"], "best_accuracy": best["accuracy"], "nll": part["nll"].mean()}
            | {"accuracy_published": part["accuracy_published"].mean(), "flattery": part["flattery"].mean()}
            | {"max_flattery": part["flattery"].max(), "n_at_end": part["n_at_end"].sum()}
            | {"n_choices": part["n_folds"].sum()}
        )
    frame = pd.DataFrame(table)
    return frame.sort_values("transform", key=lambda names: names.map(TRANSFORMS.index), kind="stable").reset_index(
        drop=True
    )


def steps(pooled: pd.DataFrame, *, penalty: str, judgements: str) -> pd.DataFrame:
    """Tell what each more flexible transform gains over the one before, over models.

    Parameters
    ----------
    pooled : DataFrame
        As from `pool`.
    penalty : {"scaled_identity", "frobenius"}
        Of the transforms that have one.
    judgements : str

    Returns
    -------
    DataFrame
        less, more (transforms), n_models, gain (mean difference in accuracy), smallest, largest, n_better models for
        which the more flexible one predicts better.
    """
    part = pooled[(pooled["judgements"] == judgements) & pooled["penalty"].isin(["none", penalty])]
    grid = part.pivot(index="model", columns="transform", values="accuracy")
    rows = []
    for less, more in pairwise(TRANSFORMS):
        gain = (grid[more] - grid[less]).dropna()
        rows.append(
            {"less": less, "more": more, "n_models": len(gain), "gain": gain.mean(), "smallest": gain.min()}
            | {"largest": gain.max(), "n_better": int((gain > 0).sum())}
        )
    return pd.DataFrame(rows)


def describe_order(gains: pd.DataFrame) -> str:
    """Say in words whether mean accuracy rises with flexibility: a clause that is right whatever came out.

    Parameters
    ----------
    gains : DataFrame
        As from `steps`.
    """
    wrong = gains[gains["gain"] <= 0]
    if wrong.empty:
        return "rises with every step of flexibility"
    names = " nor ".join(f"from {row.less} to {row.more}".replace("low_rank", "low rank") for row in wrong.itertuples())
    return f"does not rise {names}"
