"""The table that wing A works on: models x metrics, with missing scores as NaN and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from yardsticks.datasets import Origin, catalogue
from yardsticks.scores.metrics import NEURAL_AREAS, describe_metrics, tree
from yardsticks.stats import check_option

POLICIES = ("complete", "zero", "available")
NESTINGS = ("website", "flat")


@dataclass(frozen=True)
class ScoreTable:
    """Scores of models under alignment metrics.

    Parameters
    ----------
    values : DataFrame, (n_models, n_metrics)
        Index ``model_id`` (str, unique), columns leaf metrics; ceiled scores, higher is more aligned. NaN is missing.
        Zero, negative values and values above 1 are real scores.
    metrics : DataFrame, (n_metrics, ...)
        Index as the columns of `values`; columns domain, area, parent, in_paper_51, and perhaps reversed (lower was
        better, and `values` holds minus the score).
    models : DataFrame, (n_models, ...)
        Index as that of `values`; column name (not unique).
    cells : DataFrame or None
        One row per model and metric: score_raw, error, version, timestamp, status.
    origin : Origin
        Where the numbers come from, and whether they are real.

    Raises
    ------
    ValueError
        Repeated model ids or metrics, a node of Brain-Score's tree beside its metrics, infinite values, indices
        that disagree.

    Examples
    --------
    >>> from yardsticks.scores import make_twin
    >>> table = make_twin()
    >>> part = table.select(metrics=["MajajHong2015.IT-pls", "Rajalingham2018-i2n"])
    >>> part.complete().areas(policy="complete").round(2).iloc[0].to_dict()
    {'IT': 0.16, 'behaviour': -0.03, 'neural': 0.16, 'overall': 0.07}
    """

    values: pd.DataFrame
    metrics: pd.DataFrame
    models: pd.DataFrame
    cells: pd.DataFrame | None
    origin: Origin

    def __post_init__(self):
        for what, index in (("model_id", self.values.index), ("metric", self.values.columns)):
            if not index.is_unique:
                raise ValueError(f"{self.origin.name}: {what} {index[index.duplicated()][0]!r} occurs twice.")
        if pd.api.types.infer_dtype(self.values.index, skipna=False) not in ("string", "empty"):
            raise ValueError(f"{self.origin.name}: every model_id must be text.")
        if not (self.values.index.equals(self.models.index) and self.values.columns.equals(self.metrics.index)):
            raise ValueError(f"{self.origin.name}: values, models and metrics do not name the same rows and columns.")
        parents = set(catalogue("hierarchy")["parent"]) & set(self.values.columns)
        if parents and self.metrics["area"].notna().any():  # else it is somebody else's, of metrics called V1 or IT
            raise ValueError(
                f"{self.origin.name}: {sorted(parents)[0]!r} is an aggregate of other metrics, not a metric. "
                "Drop it: aggregates are recomputed from the leaves under a policy that you name."
            )
        infinite = np.argwhere(np.isinf(self.values.to_numpy(float)))
        if len(infinite):
            row, column = infinite[0]
            raise ValueError(
                f"{self.origin.name}: the score of model {self.values.index[row]!r} under "
                f"{self.values.columns[column]!r} is infinite. Give a number, or leave the cell empty if missing."
            )

    def select(
        self,
        *,
        models: Iterable[str | int] | None = None,
        metrics: Iterable[str] | None = None,
        until: str | None = None,
        deduplicate: str | None = None,
        at_least: Mapping[str, float] | None = None,
    ) -> ScoreTable:
        """Return the part of the table that is asked for.

        Parameters
        ----------
        models : iterable of str or int, optional
            Models to keep, by id or, where no id is so, by name; in the table's order.
        metrics : iterable of str, optional
            Metrics to keep, in the order given.
        until : str, optional
            Keep only scores with a timestamp before this date (UTC); models left without any score are dropped.
        deduplicate : {"name"}, optional
            Keep one row per model name, the one with the lowest id.
        at_least : mapping of metric to float, optional
            Drop models scored below the threshold; a model without that score stays.

        Raises
        ------
        KeyError
            A model or metric that the table does not have.
        ValueError
            A name that several models have; `until` on a table without timestamps; an unknown `deduplicate`.
        """
        check_option("deduplicate", deduplicate, (None, "name"))
        scores, cells = self.values, self.cells
        if until is not None:
            if cells is None or cells["timestamp"].isna().all():
                raise ValueError(f"{self.origin.name} has no timestamps: until={until!r} cannot be applied.")
            cells = cells[cells["timestamp"] < pd.Timestamp(until, tz="UTC")]
            given = np.zeros(scores.shape, bool)
            given[scores.index.get_indexer(cells["model_id"]), scores.columns.get_indexer(cells["metric"])] = True
            scores = scores.where(given)
        values = scores
        if models is not None:
            values = values[values.index.isin(self._ids(models))]
        if metrics is not None:
            wanted = list(dict.fromkeys(metrics))
            self._must_have(wanted, values.columns, "metric")
            values = values[wanted]
        if until is not None:
            values = values.dropna(how="all")
        if deduplicate == "name":
            names = self.models.loc[sorted(values.index, key=_natural), "name"]
            values = values[values.index.isin(names.drop_duplicates().index)]
        for metric, threshold in (at_least or {}).items():
            self._must_have([metric], self.values.columns, "metric")
            values = values[~(scores.loc[values.index, metric] < threshold)]
        if cells is not None:
            cells = cells[cells["model_id"].isin(values.index) & cells["metric"].isin(values.columns)]
        return replace(
            self,
            values=values,
            metrics=_rows(self.metrics, values.columns),
            models=_rows(self.models, values.index),
            cells=cells,
        )

    def known_areas(self) -> pd.Series | None:
        """Return the area of each metric, None for one of none; or None alone where no metric has any."""
        areas = self.metrics["area"]
        return areas if areas.notna().any() else None

    def complete(self, *, metrics: Iterable[str] | None = None) -> ScoreTable:
        """Return the models that have every one of `metrics` (by default every metric of the table).

        All columns are kept. Models with holes elsewhere therefore stay.
        """
        metrics = list(self.values.columns if metrics is None else metrics)
        self._must_have(metrics, self.values.columns, "metric")
        present = self.values[metrics].notna().all(axis=1)
        return self.select(models=self.values.index[present])

    def areas(self, *, policy: str, nesting: str = "website") -> pd.DataFrame:
        """Average the leaves up to areas and domains.

        Parameters
        ----------
        policy : {"complete", "zero", "available"}
            What a missing leaf does: makes every average above it missing; counts as 0 (Brain-Score's rule); is left
            out of the average.
        nesting : {"website", "flat"}
            Average along Brain-Score's tree (a V1 property group weighs as much as another), or all leaves of an
            area at once.

        Returns
        -------
        DataFrame, (n_models, n_areas + 2)
            Columns V1, V2, V4, IT and behaviour as far as the table has metrics of them, then ``neural`` (mean of
            the four areas) and ``overall`` (mean of neural and behaviour), in score units, higher is more aligned.
            Averages are rounded to 10 decimals, so that models that tie do so whatever the order of summation.

        Notes
        -----
        Leaves outside the tree (no parent in the catalogue) and engineering metrics are not part of any average.
        """
        check_option("nesting", nesting, NESTINGS)
        data = self.values.to_numpy(float)
        node = self._averager(policy)
        table = {}
        for area in [*NEURAL_AREAS, "behaviour"]:
            if nesting == "website":
                score = node("behavior_vision" if area == "behaviour" else area)
            else:
                inside = (self.metrics["area"] == area) & self.metrics["parent"].notna()
                score = _average(data[:, inside], policy) if inside.any() else None
            if score is not None:
                table[area] = score
        neural = [table[area] for area in NEURAL_AREAS if area in table]
        if neural:
            table["neural"] = _average(np.column_stack(neural), policy)
        if neural and "behaviour" in table:
            table["overall"] = _average(np.column_stack([table["neural"], table["behaviour"]]), policy)
        return pd.DataFrame(table, self.values.index).round(10)

    def node(self, name: str, *, policy: str) -> pd.Series | None:
        """Average the leaves below one node of Brain-Score's tree, such as ``Marques2020``, level by level.

        Returns
        -------
        Series, (n_models,) or None
            None when the table has no leaf below that node.
        """
        score = self._averager(policy)(name)
        return None if score is None else pd.Series(score, self.values.index)

    def children(self) -> dict[str, dict[str, None]]:
        """Return what stands directly below each node: of Brain-Score's tree, and the table's own metrics."""
        children = {node: dict.fromkeys(names) for node, names in tree().items()}
        for metric, parent in self.metrics["parent"].items():  # of the user's catalogue, see `areas.assign_areas`
            children.setdefault(parent, {})[metric] = None
        return children

    def refuse_zero(self, policy: str) -> None:
        """Raise a ValueError where the policy is ``zero`` and lower is better under some metric."""
        if policy == "zero" and "reversed" in self.metrics and self.metrics["reversed"].any():
            metric = self.metrics.index[self.metrics["reversed"]][0]
            raise ValueError(
                f"{self.origin.name}: under {metric!r} lower is better, so that a missing score counted as 0 would be "
                "the best of all. Take another policy."
            )

    def _averager(self, policy: str) -> Callable[[str], np.ndarray | None]:
        """Return what averages the leaves below a node, by its name; in numpy, as a table has some sixty nodes."""
        check_option("policy", policy, POLICIES)
        self.refuse_zero(policy)
        data = self.values.to_numpy(float)
        columns = {metric: number for number, metric in enumerate(self.metrics.index)}
        children = self.children()

        def descend(node: str) -> np.ndarray | None:
            if node in columns:
                return np.nan_to_num(data[:, columns[node]]) if policy == "zero" else data[:, columns[node]]
            below = [score for child in children.get(node, ()) if (score := descend(child)) is not None]
            return _average(np.column_stack(below), policy) if below else None

        return descend

    def _ids(self, models: Iterable[str | int]) -> set[str]:
        """Return the ids of models that are given by id or by name."""
        wanted = dict.fromkeys(map(str, models))
        names = [name for name in wanted if name not in self.values.index]
        known = set(self.models["name"])
        self._must_have([name for name in names if name not in known], self.values.index, "model")
        for name in names:
            named = self.models.index[self.models["name"] == name]
            if len(named) > 1:
                raise ValueError(
                    f"{self.origin.name} has {len(named)} models of the name {name!r}. Name those meant by their ids: "
                    f"{', '.join(map(repr, named))}."
                )
            wanted |= dict.fromkeys(named)
        return set(wanted) - set(names)

    def _must_have(self, wanted: Iterable[str], existing: pd.Index, what: str) -> None:
        absent = [name for name in wanted if name not in existing]
        if absent:
            raise KeyError(
                f"{self.origin.name} has no {what} {absent[0]!r}"
                + (f" (and {len(absent) - 1} more that were asked for)" if len(absent) > 1 else "")
                + f"; it has {len(existing)}, from {existing[0]!r} on."
                if len(existing)
                else f"{self.origin.name} has no {what}s left."
            )


def _rows(frame: pd.DataFrame, index: pd.Index) -> pd.DataFrame:
    """Take rows of text by their names, which takes long, unless it is all of them."""
    return frame if frame.index.equals(index) else frame.loc[index]


def _average(scores: np.ndarray, policy: str) -> np.ndarray:
    """Average (n_models, n_parts) over parts."""
    if policy != "available":
        return (np.nan_to_num(scores) if policy == "zero" else scores).mean(axis=1)
    present = ~np.isnan(scores)
    with np.errstate(invalid="ignore"):  # no part is there
        return np.where(present, scores, 0.0).sum(axis=1) / present.sum(axis=1)


def _natural(model_id: str) -> tuple[int, str]:
    """Sort key under which id 646 comes before id 1885, and text after numbers."""
    return (int(model_id), "") if model_id.isdigit() else (2**63, model_id)


def table_from_cells(cells: pd.DataFrame, origin: Origin) -> ScoreTable:
    """Build the table from one row per model and metric (columns as in `LONG`), models in order of appearance."""
    models = cells.drop_duplicates("model_id").set_index("model_id")[["model_name"]]
    models.columns = ["name"]
    metrics = describe_metrics(dict.fromkeys(cells["metric"]))
    values = cells.pivot(index="model_id", columns="metric", values="score")
    values = values.reindex(index=models.index, columns=metrics.index)
    return ScoreTable(values, metrics, models, cells.reset_index(drop=True), origin)
