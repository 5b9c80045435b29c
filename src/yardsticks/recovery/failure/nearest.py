"""Recovery where the candidates hold a model that is like the generator, or none that is the generator."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter
from scipy.special import comb

from yardsticks.literal import in_figure
from yardsticks.recovery.data.rows import JOB, sign_of
from yardsticks.recovery.failure.candidates import count_rivals, rivals, set_credit
from yardsticks.recovery.failure.properties import pair_similarity
from yardsticks.recovery.winners.credit import CLOSE, competes
from yardsticks.recovery.winners.figures import LINES, SCORE_NAMES
from yardsticks.stats import cluster_interval
from yardsticks.style import QUIET, WIDE

RIGHT, FALSE, NOBODY = "the generator", "another model", "nobody is the generator"


def recovery_by_nearest(
    rows: pd.DataFrame, similarity: pd.DataFrame, edges: Sequence[float], *, score: str, seed: int
) -> pd.DataFrame:
    """Return the recovery for every number of candidates, by how like the generator its nearest rival is.

    Parameters
    ----------
    rows : DataFrame
        As from `run_job`.
    similarity : DataFrame, (n_models, n_models)
        Of the models, in [-1, 1].
    edges : sequence of float
        Ascending; they divide the similarity of the nearest rival into classes, each of which holds its upper edge.
    score : str
        One of `SCORES`.
    seed : int
        For the intervals.

    Returns
    -------
    DataFrame
        For each size, class and number of candidates: ``n_triplets``; ``nearest``, the class in words;
        ``n_candidates``; ``recovery``, the mean over jobs of the credit over all sets of so many that hold the
        generator and whose member nearest to it is of that class; ``low`` and ``high``, a 95% interval from
        resampling generators (NaN below five); ``chance``; ``n_jobs`` and ``n_generators``.

    Raises
    ------
    ValueError
        A pair of models without a similarity, or edges that do not ascend.

    Notes
    -----
    Sets are counted, none is drawn. Those whose nearest member is of a class are those without a rival above the
    class, less those without a rival in it or above. Only generators that have a rival in every class count, and
    only numbers of candidates that each of them has sets of, so that all points are means over the same jobs.

    Examples
    --------
    Four models; b is like a, and takes one job of it. With b among the candidates a wins nothing.

    >>> job = {"n_triplets": 100, "seed": 0, "generator": "a", "error": ""}
    >>> accuracy = {"a": 0.6, "b": 0.7, "c": 0.5, "d": 0.4}
    >>> rows = pd.DataFrame([job | {"candidate": c, "test_accuracy": x} for c, x in accuracy.items()])
    >>> alike = pd.DataFrame(0.1, list("abcd"), list("abcd"))
    >>> alike.loc["a", "b"] = alike.loc["b", "a"] = 0.9
    >>> found = recovery_by_nearest(rows, alike, [0.5], score="test_accuracy", seed=0)
    >>> found.pivot(index="n_candidates", columns="nearest", values="recovery").loc[2].to_dict()
    {'0.5 or less': 1.0, 'above 0.5': 0.0}
    """
    if list(edges) != sorted(set(edges)):
        raise ValueError(f"edges {list(edges)} do not ascend.")
    jobs, others = rivals(rows, score)
    pairs = others[["generator", "candidate"]].drop_duplicates()
    pairs["similarity"] = pair_similarity(pairs, similarity)
    if (unknown := pairs["similarity"].isna()).any():
        first = pairs[unknown].iloc[0]
        raise ValueError(f"no similarity is known of {first['generator']} and {first['candidate']}.")
    others = others.merge(pairs, on=["generator", "candidate"])
    others["place"] = np.searchsorted(edges, others["similarity"])  # class 0 is up to the first edge
    names, classes = _say_classes(edges), range(len(edges) + 1)
    has = others.groupby("generator")["place"].nunique() == len(names)
    jobs = jobs[jobs["generator"].isin(has.index[has])].reset_index(drop=True)
    upto = [count_rivals(jobs, others[others["place"] <= place]) for place in classes]
    rng_of, table = np.random.default_rng, []
    for n_triplets, part in jobs.groupby("n_triplets"):
        most = int(upto[-1].loc[part.index, "n_models"].max())
        for n_candidates in range(2, most + 1):
            sums = [_sum_credit(counts.loc[part.index], n_candidates) for counts in upto]
            before = (np.zeros(len(part)), np.zeros(len(part)))
            for name, (credit, n_sets) in zip(names, sums, strict=True):
                new = n_sets - before[1]
                if (new > 0).all():
                    known = part.assign(credit=(credit - before[0]) / new)
                    low, high = cluster_interval(known, "credit", "generator", rng_of(seed))
                    table.append(
                        {"n_triplets": n_triplets, "nearest": name, "n_candidates": n_candidates}
                        | {"recovery": known["credit"].mean(), "low": low, "high": high, "chance": 1 / n_candidates}
                        | {"n_jobs": len(known), "n_generators": known["generator"].nunique()}
                    )
                before = (credit, n_sets)
    columns = ["n_triplets", "nearest", "n_candidates", "recovery", "low", "high", "chance", "n_jobs", "n_generators"]
    return pd.DataFrame(table, columns=columns)


def first_leads(rows: pd.DataFrame, *, score: str, models: Sequence[str] | None = None) -> pd.DataFrame:
    """Return by how much the first candidate of each job leads the second, whether or not it is the generator.

    Parameters
    ----------
    rows : DataFrame
        As from `run_job`; a generator need not be a candidate.
    score : str
        One of `SCORES`.
    models : sequence of str, optional
        Leave out all other candidates, and the answers that they give as generators.

    Returns
    -------
    DataFrame
        One row for each job with at least two scores: the columns of `JOB`; ``winner`` (of several that share the best
        score the first by name); ``second``; ``lead``, in the score's unit, not negative; ``who``: `RIGHT` where the
        generator is first alone, `FALSE` where another is or shares it, `NOBODY` where the generator has no score.
    """
    if models is not None:
        competing = rows["candidate"].isin(models)
        rows = rows[competing & ~rows["generator"].isin(set(rows["candidate"]) - set(models))]
    entries = rows[competes(rows) & rows[score].notna()].assign(value=lambda x: x[score] * sign_of(score))
    entries = entries.sort_values([*JOB, "value", "candidate"], ascending=[True] * len(JOB) + [False, True])
    jobs = entries.groupby(JOB)
    top = entries[jobs["value"].transform("size") > 1].groupby(JOB)
    first, second = (top.nth(place).set_index(JOB)[["candidate", "value"]] for place in (0, 1))
    table = first[["candidate"]].rename(columns={"candidate": "winner"})
    table["second"], table["lead"] = second["candidate"], first["value"] - second["value"]
    itself = (entries["candidate"] == entries["generator"]).groupby([entries[name] for name in JOB]).any()
    right = (table["winner"] == table.index.get_level_values("generator")) & (table["lead"] > CLOSE)
    table["who"] = np.where(~itself.reindex(table.index), NOBODY, np.where(right, RIGHT, FALSE))
    return table.reset_index()


def describe_first_leads(leads: pd.DataFrame, *, by: Sequence[str]) -> pd.DataFrame:
    """Return how the first leads where nobody is the generator, beside right and false winners.

    Parameters
    ----------
    leads : DataFrame
        As from `first_leads`.
    by : sequence of str
        Columns, of which each combination makes a row.

    Returns
    -------
    DataFrame
        Index *by*. Mean leads ``nobody``, ``right`` and ``false``, of ``n_nobody``, ``n_right`` and ``n_false`` jobs;
        ``largest``, the largest lead where nobody is the generator, and ``as_small``, the share of right winners that
        lead by no more; NaN where one of the two has no job.
    """
    table = leads.pivot_table(index=list(by), columns="who", values="lead", aggfunc=["mean", "size"])
    whose = {"nobody": NOBODY, "right": RIGHT, "false": FALSE}
    found = pd.DataFrame({name: table["mean"].get(who) for name, who in whose.items()}, table.index)
    for name, who in whose.items():
        counts = table["size"].get(who, pd.Series(0, table.index))
        found[f"n_{name}"] = counts.fillna(0).astype(int)
    largest = leads[leads["who"] == NOBODY].groupby(list(by))["lead"].max().rename("largest")
    right = leads[leads["who"] == RIGHT].join(largest, on=list(by)).dropna(subset="largest")
    as_small = (right["lead"] <= right["largest"]).groupby([right[name] for name in by]).mean()
    return found.join(largest).join(as_small.rename("as_small"))


def plot_nearest(curves: pd.DataFrame) -> Figure:
    """Draw recovery against the number of candidates: a line for each class of the nearest rival.

    Parameters
    ----------
    curves : DataFrame
        As from `recovery_by_nearest`, with the column ``score``: a row of panels for each, a column for each size.
    """
    scores, sizes = list(dict.fromkeys(curves["score"])), sorted(curves["n_triplets"].unique())
    names = list(dict.fromkeys(curves["nearest"]))
    figure = Figure(figsize=(WIDE, 1.2 + 2.2 * len(scores)), layout="constrained")
    panels = figure.subplots(len(scores), len(sizes), sharex=True, sharey=True, squeeze=False)
    for (i, score), (j, n_triplets) in itertools.product(enumerate(scores), enumerate(sizes)):
        axes, part = panels[i, j], curves[(curves["score"] == score) & (curves["n_triplets"] == n_triplets)]
        chance = part.drop_duplicates("n_candidates").sort_values("n_candidates")
        axes.plot(chance["n_candidates"], chance["chance"], color=QUIET, lw=1.2, ls=":", label="chance")
        for name, (colour, marker) in zip(names, LINES, strict=False):
            line = part[part["nearest"] == name].sort_values("n_candidates")
            axes.fill_between(line["n_candidates"], line["low"], line["high"], color=colour, alpha=0.15, lw=0)
            axes.plot(line["n_candidates"], line["recovery"], color=colour, marker=marker, ms=4, lw=1.4, markevery=4,
                      label=name)  # fmt: skip
        if i == 0:
            axes.set_title(f"{n_triplets:,} triplets")
        if j == 0:
            axes.set_ylabel(SCORE_NAMES.get(score, score))
    panels[0, 0].set_ylim(0, 1.03)
    panels[0, 0].set_xticks(sorted({2, *range(10, int(curves["n_candidates"].max()) + 1, 10)}))
    panels[0, 0].yaxis.set_major_formatter(PercentFormatter(1))
    figure.supxlabel("number of candidates, the generator among them", fontsize=10)
    figure.supylabel("recovery accuracy", fontsize=10)
    chance, *handles = panels[0, 0].get_legend_handles_labels()[0]
    title = "similarity of the nearest rival to the generator"
    figure.legend(handles=[*handles, chance], loc="outside upper left", ncols=4, title=title, alignment="left")
    return in_figure(figure)


def plot_first_leads(leads: pd.DataFrame, *, panel: str) -> Figure:
    """Draw by how much the first leads the second at each size: right and false winners, and those of nobody.

    Parameters
    ----------
    leads : DataFrame
        As from `first_leads`, with the column *panel*.
    panel : str
        Column, of which each value has a panel.
    """
    sizes, panels = sorted(leads["n_triplets"].unique()), list(dict.fromkeys(leads[panel]))
    figure = Figure(figsize=(WIDE, 3.6), layout="constrained")
    jitter = np.random.default_rng(0)  # of places alone
    looks = {RIGHT: (*LINES[0], 12, 0.45), FALSE: (*LINES[1], 22, 0.8), NOBODY: ("black", "D", 32, 1)}
    all_axes = np.atleast_1d(figure.subplots(1, len(panels), sharey=True))
    for axes, value in zip(all_axes, panels, strict=True):
        for (who, (colour, marker, size, alpha)), shift in zip(looks.items(), (-0.18, 0, 0.18), strict=True):
            part = leads[(leads["who"] == who) & (leads[panel] == value)]
            x = part["n_triplets"].map(sizes.index) + shift + jitter.uniform(-0.05, 0.05, len(part))
            axes.scatter(x, part["lead"], s=size, color=colour, marker=marker, alpha=alpha, lw=0)
        for place in range(1, len(sizes)):
            axes.axvline(place - 0.5, color=QUIET, lw=0.5, alpha=0.5)
        axes.set_xticks(range(len(sizes)), [f"{size:,}" for size in sizes])
        axes.set(title=value, ylim=(0, None), xlim=(-0.5, len(sizes) - 0.5))
    figure.supxlabel("training triplets", fontsize=10)
    all_axes[0].set_ylabel("lead of the first over the second")
    handles = [
        Line2D([], [], ls="", color=colour, marker=marker, ms=6, label=f"first: {who}" if who != NOBODY else who)
        for who, (colour, marker, *_) in looks.items()
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=3)
    return in_figure(figure)


def _say_classes(edges: Sequence[float]) -> list[str]:
    middle = [f"above {low:g}, to {high:g}" for low, high in itertools.pairwise(edges)]
    return [f"{edges[0]:g} or less", *middle, f"above {edges[-1]:g}"]


def _sum_credit(counts: pd.DataFrame, n_candidates: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the summed credit over all sets of the counted models, and how many sets there are."""
    n_models = counts["n_models"].to_numpy().clip(1)  # without a rival it stands alone
    n_sets = comb(n_models - 1, n_candidates - 1)
    credit = set_credit(counts["n_ahead"], counts["n_beside"], n_models, n_candidates)
    return np.nan_to_num(credit) * n_sets, n_sets
