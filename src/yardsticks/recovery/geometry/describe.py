"""Numbers for the text about geometry: who moves towards people, how far, how narrow, and near whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from yardsticks.recovery.geometry.change import changes, family_contrast, similarity_to, state_matrix
from yardsticks.stats import correlate

COMPARED_WITH = {  # embeddings of people that models are compared with, and over which objects
    "VICE-42, all objects": ("vice42", "all"),
    "VICE-42, held-out": ("vice42", "held-out"),
    "SPoSE-66, all objects": ("spose66", "all"),
}


def changes_toward(similarities: pd.DataFrame, families: Mapping[str, str], *, states: Sequence[str]) -> pd.DataFrame:
    """Return `changes` of the similarity to people, for each line of `COMPARED_WITH`.

    Parameters
    ----------
    similarities : DataFrame
        As from `measure_geometry`.
    families : mapping of model to family
    states : sequence of str
        ``raw`` and those that are compared with it.

    Returns
    -------
    DataFrame
        Columns ``similarity to`` (the name in `COMPARED_WITH`), state, and those of `changes`.
    """
    tables = {
        name: changes(similarity_to(similarities, person, objects=objects)[list(states)], families)
        for name, (person, objects) in COMPARED_WITH.items()
    }
    return pd.concat(tables, names=["similarity to"]).reset_index()


def shifts_by_family(measured: pd.DataFrame, families: pd.Series) -> pd.DataFrame:
    """Return the mean shift of each family, the least by a full probe first.

    Parameters
    ----------
    measured : DataFrame
        As from `measure_geometry`.
    families : Series
        Index model.

    Returns
    -------
    DataFrame
        family; the mean shift by a ``diagonal`` and by a ``full`` probe, and of features before their reduction
        (``unreduced``), in [0, 2]; n_models.
    """
    wide = _shifts(measured)
    of = families.reindex(wide.index)
    table = wide.groupby(of).mean().assign(n_models=of.value_counts()).sort_values("full")
    return table.rename_axis(index="family", columns=None).reset_index()


def describe_shifts(measured: pd.DataFrame, families: pd.Series) -> pd.Series:
    """Return how far alignment moves models.

    Returns
    -------
    Series
        Medians of the shift: ``full``, ``diagonal``, ``reduction`` (its largest is ``reduction_max``); the ``least``
        and the ``most`` moved model by a full probe with ``least_value`` and ``most_value``; standard deviations of the
        full shift ``between`` the means of families, and ``within`` families of several models (their mean).
    """
    wide, full = _shifts(measured), _shifts(measured)["full"]
    within = full.groupby(families.reindex(wide.index)).std().mean()
    return pd.Series(
        {"full": full.median(), "diagonal": wide["diagonal"].median(), "reduction": wide["unreduced"].median()}
        | {"reduction_max": wide["unreduced"].max(), "least": full.idxmin(), "least_value": full.min()}
        | {"most": full.idxmax(), "most_value": full.max()}
        | {"between": shifts_by_family(measured, families)["full"].std(), "within": within}
    )


def shift_correlations(measured: pd.DataFrame, similarities: pd.DataFrame, person: str) -> pd.Series:
    """Correlate models' shifts, similarities to people and accuracies, by Spearman's rank correlation over models.

    Returns
    -------
    Series
        ``raw``, of the shift with the similarity to people before alignment, and its two-sided ``p`` (models taken for
        independent); of accuracy with the similarity after alignment, ``accuracy``, and before, ``accuracy_raw``.
    """
    full = measured[measured["state"] == "full"].set_index("model")
    near = similarity_to(similarities, person)
    columns = {"shift": full["shift"], "raw": near["raw"], "aligned": near["full"], "accuracy": full["accuracy"]}
    found = correlate(pd.DataFrame(columns), policy="complete")
    return pd.Series(
        {"raw": found.corr.at["shift", "raw"], "p": found.p.at["shift", "raw"]}
        | {"accuracy": found.corr.at["accuracy", "aligned"], "accuracy_raw": found.corr.at["accuracy", "raw"]}
    )


def dimensionalities(measured: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Return the effective dimensionality of models, and how far they lie apart.

    Returns
    -------
    values : DataFrame
        Index model, a column for each state.
    spread : Series
        ``before`` and ``after``, between the widest and the narrowest model; ``unreduced``, the median of features as
        they come.
    """
    of_models = measured[measured["state"] != "people"]
    values = of_models.pivot(index="model", columns="state", values="effective_dimensionality")
    ends = values.max() - values.min()
    spread = {"before": ends["raw"], "after": ends["full"], "unreduced": values["unreduced"].median()}
    return values, pd.Series(spread)


def describe_neighbours(
    neighbours: Mapping[str, pd.DataFrame], matrices: Mapping[str, pd.DataFrame], families: pd.Series
) -> pd.DataFrame:
    """Say in each state how many models have a relative as the nearest, and how alike families are.

    Parameters
    ----------
    neighbours : mapping of state to DataFrame
        As from `nearest`.
    matrices : mapping of state to DataFrame, (n_models, n_models)
    families : Series
        Index model.

    Returns
    -------
    DataFrame
        Index state: ``n_related`` models with relatives among the others; ``n_same``, whose nearest is of their family;
        mean similarity ``within`` and ``between`` families; ``closest``, ``closest_to`` and ``closest_value``, of the
        two most alike.
    """
    rows = {}
    for state, table in neighbours.items():
        first = table["similarity"].idxmax()
        rows[state] = {
            "n_related": int(families.reindex(table.index).duplicated(keep=False).sum()),
            "n_same": int(table["same_family"].sum()),
            **family_contrast(matrices[state], families),
            "closest": first,
            "closest_to": table.at[first, "nearest"],
            "closest_value": table["similarity"].max(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("state")


def people_alike(similarities: pd.DataFrame, first: str, second: str) -> float:
    """Return how alike two embeddings of people are."""
    return state_matrix(similarities, [], "people", people=[first, second]).iat[0, 1]


def _shifts(measured: pd.DataFrame) -> pd.DataFrame:
    shifts = measured[measured["state"].isin(["diagonal", "full", "unreduced"])]
    return shifts.pivot(index="model", columns="state", values="shift")
