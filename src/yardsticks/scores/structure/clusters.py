"""Which metrics go together: a tree of metrics, cut into clusters, and how often resamples of the models find them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from yardsticks.scores.structure.dimensions import correlations, fill_holes, resampled_matrices
from yardsticks.style import short_name


def _tree(corr: np.ndarray) -> np.ndarray:
    """Join metrics by average linkage of 1 - rho, as scipy writes it."""
    return hierarchy.linkage(squareform(np.maximum(1.0 - corr, 0.0), checks=False), "average")


def leaf_order(tree: np.ndarray, distance: np.ndarray) -> list[int]:
    """Find the order of a tree's leaves in which the distances between neighbours add up to the least.

    Parameters
    ----------
    tree : array, (n_leaves - 1, 4)
        As from `scipy.cluster.hierarchy.linkage`.
    distance : array, (n_leaves, n_leaves)

    Returns
    -------
    list of int
        One that the tree can be drawn in: only the two branches of a join change places. Of the two directions the
        one that begins with the earlier leaf.

    Notes
    -----
    Of each branch the least sum is kept for every leaf that it may begin and end with. The function that scipy has for
    this often misses the best order (scipy issue 11227).

    References
    ----------
    Bar-Joseph, Gifford and Jaakkola 2001, Fast optimal leaf ordering for hierarchical clustering, Bioinformatics 17.

    Examples
    --------
    >>> distance = np.abs(np.subtract.outer([0.0, 9.0, 1.0], [0.0, 9.0, 1.0]))
    >>> leaf_order(hierarchy.linkage(squareform(distance), "average"), distance)
    [0, 2, 1]
    """
    n = len(distance)
    leaves, least = [[leaf] for leaf in range(n)], [np.zeros((1, 1)) for _ in range(n)]
    pairs = [(int(row[0]), int(row[1])) for row in tree]
    for one, other in pairs:  # a branch begins with a leaf of one part and ends with one of the other
        between = distance[np.ix_(leaves[one], leaves[other])]
        to_other = np.array([(row[:, None] + between).min(axis=0) for row in least[one]])
        across = np.array([(row[:, None] + least[other]).min(axis=0) for row in to_other])
        both = np.full((len(leaves[one]) + len(leaves[other]),) * 2, np.inf)
        both[: len(across), len(across) :], both[len(across) :, : len(across)] = across, across.T
        leaves.append(leaves[one] + leaves[other])
        least.append(both)

    def unfold(branch: int, begin: int, end: int) -> list[int]:
        if branch < n:
            return [branch]
        one, other = pairs[branch - n]
        size = len(leaves[one])
        if begin >= size:  # it begins with the other part
            return unfold(branch, end, begin)[::-1]
        between = distance[np.ix_(leaves[one], leaves[other])]
        total = least[one][begin][:, None] + between + least[other][:, end - size]
        last, first = np.unravel_index(np.argmin(total), total.shape)
        return unfold(one, begin, int(last)) + unfold(other, int(first), end - size)

    begin, end = np.unravel_index(np.argmin(least[-1]), least[-1].shape)
    order = unfold(len(leaves) - 1, int(begin), int(end))
    return order if order[0] < order[-1] else order[::-1]


def merges(values: pd.DataFrame, *, policy: str) -> pd.DataFrame:
    """Join the metrics step by step, those that agree most first.

    Parameters
    ----------
    values : DataFrame, (n_models, n_metrics)
        NaN is missing.
    policy : {"complete", "pairwise", "zero"}
        See `dimensions.fill_holes`.

    Returns
    -------
    DataFrame, (n_metrics - 1, 7)
        One row for each two branches that are joined, closest first, to be drawn as a bracket: left, right (places of
        the branches, metrics standing at 0, 1, ... in their order), left_height, right_height, height (1 - mean
        correlation between the branches, in [0, 2]), first and last (places of the joined metrics).
        ``attrs["order"]`` has the metrics in their order, which `leaf_order` finds.

    Examples
    --------
    >>> values = pd.DataFrame({"A": [1.0, 2, 3, 4], "B": [2.0, 1, 4, 3], "C": [1.0, 2, 4, 3]})
    >>> merges(values, policy="complete")["height"].round(2).tolist()
    [0.2, 0.3]
    """
    corr = correlations(fill_holes(values, policy))
    tree = _tree(corr.to_numpy())
    order = leaf_order(tree, 1.0 - corr.to_numpy())
    place = dict(zip(order, range(len(order)), strict=True))
    branches = {number: (float(place[number]), 0.0, place[number], place[number]) for number in place}
    rows = []
    for number, (one, other, height, _) in enumerate(tree, start=len(order)):
        left, right = sorted((branches[int(one)], branches[int(other)]))
        rows.append((left[0], right[0], left[1], right[1], height, min(left[2], right[2]), max(left[3], right[3])))
        branches[number] = ((left[0] + right[0]) / 2, height, rows[-1][5], rows[-1][6])
    frame = pd.DataFrame(rows, columns=["left", "right", "left_height", "right_height", "height", "first", "last"])
    frame.attrs["order"] = [corr.index[number] for number in order]
    return frame


def cluster_metrics(values: pd.DataFrame, n_clusters: int, *, policy: str, seed: int, n: int = 1000) -> pd.DataFrame:
    """Cut the tree of metrics into clusters, and say how often resamples of the models put a metric with its own.

    Parameters
    ----------
    values, policy
        As for `merges`.
    n_clusters : int
    seed, n : int
        Of the random numbers, and resamples.

    Returns
    -------
    DataFrame, (n_metrics, 3)
        Index metric, in the order of `merges`; columns cluster (1, 2, ... in this order), together (how often,
        over the resamples, the metric is in one cluster with another of its own, on average over these; NaN for one
        alone) and apart (the same with the metrics of the other clusters); both in [0, 1].

    Raises
    ------
    ValueError
        Two metrics cannot be correlated, or no cluster is asked for.

    Notes
    -----
    Of each resample the tree is cut so that it has at most as many clusters. Resamples in which two metrics cannot be
    correlated are left out.

    References
    ----------
    Hennig 2007, Cluster-wise assessment of cluster stability, Computational Statistics & Data Analysis 52.

    Examples
    --------
    >>> part = np.random.default_rng(1).normal(size=(40, 2))
    >>> values = pd.DataFrame(part[:, [0, 0, 1, 1]] + np.random.default_rng(2).normal(size=(40, 4)) / 9)
    >>> cluster_metrics(values, 2, policy="complete", seed=1, n=20)["together"].tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    if n_clusters < 1:
        raise ValueError(f"{values.shape[1]} metrics cannot be cut into {n_clusters} clusters.")
    filled = fill_holes(values, policy)
    corr = correlations(filled)
    tree = _tree(corr.to_numpy())
    order = leaf_order(tree, 1.0 - corr.to_numpy())
    cluster = hierarchy.fcluster(tree, n_clusters, "maxclust")
    number = {old: new for new, old in enumerate(dict.fromkeys(cluster[order].tolist()), start=1)}
    cluster = np.array([number[old] for old in cluster])
    together = co_clustering(filled, n_clusters, seed=seed, n=n)
    own = (cluster[:, None] == cluster) & ~np.eye(len(cluster), dtype=bool)
    other = cluster[:, None] != cluster
    shares = [np.where(of, together, 0.0).sum(axis=1) for of in (own, other)]
    with np.errstate(invalid="ignore"):
        columns = {"together": shares[0] / own.sum(axis=1), "apart": shares[1] / other.sum(axis=1)}
    frame = pd.DataFrame({"cluster": cluster, **columns}, corr.index.rename("metric"))
    return frame.iloc[order]


def co_clustering(filled: pd.DataFrame, n_clusters: int, *, seed: int, n: int) -> np.ndarray:
    """Return in what share of the resamples of the models two metrics are in one cluster, (n_metrics, n_metrics)."""
    drawn = resampled_matrices(filled, n=n, rng=np.random.default_rng(seed))
    drawn = drawn[~np.isnan(drawn).any(axis=(1, 2))]
    total = np.zeros(drawn.shape[1:])
    for matrix in drawn:
        found = hierarchy.fcluster(_tree(matrix), n_clusters, "maxclust")
        total += found[:, None] == found
    return total / len(drawn) if len(drawn) else total * np.nan


def describe_clusters(clusters: pd.DataFrame, areas: Mapping[str, str | None], *, n_named: int = 4) -> pd.DataFrame:
    """Say of each cluster which metrics it has, and how stable it is.

    Parameters
    ----------
    clusters : DataFrame
        As from `cluster_metrics`.
    areas : mapping of metric to area
    n_named : int
        Metrics to name.

    Returns
    -------
    DataFrame, (n_clusters, 5)
        Index cluster; columns n_metrics, areas (with how many metrics each has), members (the first of them), together
        and apart (means over its metrics).

    Examples
    --------
    >>> clusters = pd.DataFrame({"cluster": [1, 1], "together": [0.9, 0.9], "apart": [0.1, 0.3]}, ["A", "B"])
    >>> describe_clusters(clusters, {"A": "IT", "B": "V1"}).loc[1, "areas"]
    'IT 1, V1 1'
    """
    rows = {}
    for cluster, of in clusters.groupby("cluster"):
        counts = pd.Series([areas[metric] or "unknown" for metric in of.index]).value_counts()
        more = f" and {len(of) - n_named} more" if len(of) > n_named else ""
        rows[cluster] = {
            "n_metrics": len(of),
            "areas": ", ".join(f"{area} {count}" for area, count in counts.items()),
            "members": ", ".join(map(short_name, of.index[:n_named])) + more,
            **of[["together", "apart"]].mean(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("cluster")


def cluster_order(pairs: pd.DataFrame) -> list[str]:
    """Order metrics so that those which agree stand together.

    Parameters
    ----------
    pairs : DataFrame
        As from `pair_table`; two metrics without a correlation count as uncorrelated.

    Returns
    -------
    list of str
        Leaves of the tree by average linkage of ``1 - rho`` in the order that `leaf_order` finds; the same whatever the
        order of the pairs.

    Examples
    --------
    >>> pairs = pd.DataFrame({"metric_a": ["A", "A", "B"], "metric_b": ["B", "C", "C"], "rho": [0.1, 0.9, 0.2]})
    >>> cluster_order(pairs)
    ['A', 'C', 'B']
    """
    metrics = sorted({*pairs["metric_a"], *pairs["metric_b"]})
    if len(metrics) < 3:
        return metrics
    corr = np.eye(len(metrics))
    one, other = (pd.Index(metrics).get_indexer(pairs[column]) for column in ("metric_a", "metric_b"))
    corr[one, other] = corr[other, one] = pairs["rho"].fillna(0.0)
    return [metrics[leaf] for leaf in leaf_order(_tree(corr), 1.0 - corr)]
