"""What is set beside each printed number and statement: an estimate, how sure it is, and how much one model weighs.

Longer than 300 lines: one short function for each statement of the paper.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import comb
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats as sps

from yardsticks.scores.integration import agreement_with_mean, combine, variance_explained
from yardsticks.scores.intervals import bootstrap, family, influence
from yardsticks.scores.metrics import NEURAL_AREAS
from yardsticks.scores.missing import SMALLEST_GROUP, missing_scores, variance_by_policy
from yardsticks.scores.samples import (
    LEVEL,
    attention_map_margin,
    insignificance_margin,
    odd_one_out_margin,
)
from yardsticks.scores.specifications.choices import Specification, apply
from yardsticks.scores.specifications.headline import BEST_MODELS, headline_numbers, prepare
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import coefficients, exact_interval, mean_correlation

# a correlation below this counts as low, and a model in this share of the lowest as among the worst: the paper has no
# numbers for the two words
LOW, WORST = 0.3, 0.1
NONZERO_COUNTS = (50, 33, 30, 5)  # of the groups of Figure 7
# subgroups of V1 whose metrics agree within more than with others
SUBGROUPS = {"v1_texture": "V1-texture_modulation", "v1_receptive_field": "V1-receptive_field_size"}
LIKE_AREAS = (("V1", "V4"), ("V1", "IT"), ("V4", "IT"))  # that the paper finds spread alike
# statements of what a test finds. A p value estimates nothing: in resamples, which repeat models, it lies elsewhere,
# and the least of many is nearly always below the level
OF_TESTS = ("attention_map_alone", "most_pairs_insignificant", "areas_alike", "neural_behaviour_negative")
# no resample has a better model than the table, so that ours would be the upper end of its own interval
OF_BEST = ("best_behaviour", "best_neural")


class Estimates(NamedTuple):
    """Numbers as a function of the models that they all rest on, so that these can be resampled.

    Parameters
    ----------
    rows : DataFrame, (n_models, ...)
        What they are computed from.
    statistic : function of DataFrame to dict of str to float
        Keys as in ``data/published.toml``. Of a statement it is a margin, which is positive as the paper says.
    """

    rows: pd.DataFrame
    statistic: Callable[[pd.DataFrame], dict[str, float]]


def estimates(table: ScoreTable, choices: Specification, figure1: pd.DataFrame) -> list[Estimates]:
    """Return what is computed from models for each printed number and statement, counts aside.

    Parameters
    ----------
    table : ScoreTable
        The leaderboard.
    choices : Specification
        Of its models.
    figure1 : DataFrame
        As from `samples.figure1_groups`.

    References
    ----------
    Ahlert et al. 2024.
    """
    models = apply(table, choices)
    analysed = prepare(models, choices, policy="complete", metrics="leaves")
    groups, engineering = (
        prepare(models, choices, policy="complete", metrics=metrics).metrics
        for metrics in ("groups", "leaves and engineering")
    )
    neural_ranks = models["all"].select(metrics=list(analysed.metrics)).areas(policy="zero", nesting=choices.nesting)
    best = {key: neural_ranks["neural"].get(model, np.nan) for key, model in BEST_MODELS.items()}
    # the workshop version took every complete model, or every model at all
    everyone = replace(choices, deduplicate=None, imagenet_floor=0.0)
    complete = prepare(
        {**models, "analysed": models["complete"]}, everyone, policy="complete", metrics="leaves"
    ).metrics
    zeros = prepare(models, everyone, policy="zero", metrics="leaves").areas
    return [
        Estimates(figure1, _of_figure1),
        Estimates(
            figure1.dropna(subset="Odd-one-out"), lambda part: {"odd_one_out_closer_to_v1": odd_one_out_margin(part)}
        ),
        Estimates(
            figure1.dropna(subset="Attention map"), lambda part: {"attention_map_alone": attention_map_margin(part)}
        ),
        Estimates(groups, _of_groups),
        Estimates(engineering, lambda part: {"mean_rho_69": mean_correlation(part, policy="complete")}),
        Estimates(analysed.areas, _of_areas),
        _of_leaves(table, analysed.metrics),
        Estimates(
            neural_ranks[["neural"]],
            lambda part: {key: _rank_of(score, part["neural"]) for key, score in best.items()},
        ),
        Estimates(complete, lambda part: {"workshop_mean_rho": mean_correlation(part, policy="complete")}),
        Estimates(zeros, lambda part: {f"workshop_r2_{domain}": r2 for domain, r2 in variance_explained(part).items()}),
    ]


def _of_figure1(part: pd.DataFrame) -> dict[str, float]:
    # printed over all eleven groups, so that nine of them cannot stand for it
    whole = part.notna().all(axis=None)
    return {
        "mean_rho_figure1": mean_correlation(part, policy="complete") if whole else float("nan"),
        "most_pairs_insignificant": insignificance_margin(part),
    }


def _of_groups(part: pd.DataFrame) -> dict[str, float]:
    return {
        "mean_rho_figure5": mean_correlation(part, policy="complete"),
        "imagenet_not_it": LOW - mean_correlation(part[["ImageNet top-1", "IT"]], policy="complete"),
    }


def _of_areas(part: pd.DataFrame) -> dict[str, float]:
    scores = dict(zip(part, part.to_numpy().T, strict=True))
    means = {area: scores[area].mean() for area in NEURAL_AREAS}
    return {
        **{f"r2_{domain}": r2 for domain, r2 in variance_explained(part).items()},
        **{f"rho_mean_{scheme}": rho for scheme, rho in agreement_with_mean(part[["neural", "behaviour"]]).items()},
        **{f"best_{domain}": scores[domain].max() for domain in ("behaviour", "neural")},
        "neural_outliers": _lead_of_outliers(scores["neural"], scores["behaviour"]),
        "v2_lower": min(means[area] for area in NEURAL_AREAS if area != "V2") - means["V2"],
        "areas_alike": _p_alike(scores, *LIKE_AREAS) - LEVEL,
    }


def _of_leaves(table: ScoreTable, leaves: pd.DataFrame) -> Estimates:
    """Return what rests on the leaves and their correlations (Figure 4)."""
    neural, behaviour = _domains(table, leaves)
    subgroups = _subgroups(table, leaves)

    def statistic(part: pd.DataFrame) -> dict[str, float]:
        corr = coefficients(part, method="spearman").to_numpy()
        lowest = _block(corr, neural, behaviour).min()
        # the correction of the figure itself, which marks its pairs after Bonferroni over all of them
        p = min(1.0, _p_below(lowest, len(part)) * comb(part.shape[1], 2))
        return {
            "behaviour_agrees_more": _mean_rho(corr, behaviour, behaviour) - _mean_rho(corr, neural, neural),
            "neural_behaviour_low": LOW - _mean_rho(corr, neural, behaviour),
            "neural_behaviour_negative": LEVEL - p if lowest < 0 else -1.0,
            **{key: _mean_rho(corr, own, own) - _mean_rho(corr, own, rest) for key, (own, rest) in subgroups.items()},
            "best_and_worst": _share_of_fallen(part),
        }

    return Estimates(leaves, statistic)


def _domains(table: ScoreTable, leaves: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Tell which of the leaves are neural, and which behavioural."""
    domain = table.metrics.loc[leaves.columns, "domain"].to_numpy()
    return domain == "neural", domain == "behaviour"


def behind_margins(table: ScoreTable, choices: Specification) -> pd.Series:
    """Return what the margins of statements on V1's subgroups and on the areas' scores are made of.

    Returns
    -------
    Series of float
        v1_texture_within and v1_texture_outside, mean Spearman correlations in [-1, 1] of the subgroup's metrics with
        one another and with the other metrics of V1, and so for v1_receptive_field; p_V1_V4, p_V1_IT and p_V4_IT, of
        Kolmogorov and Smirnov's test between the models' scores in two areas; and n, the models.

    References
    ----------
    Ahlert et al. 2024, Figures 4 and 6.
    """
    analysed = prepare(apply(table, choices), choices, policy="complete", metrics="leaves")
    corr = coefficients(analysed.metrics, method="spearman").to_numpy()
    subgroups = {
        f"{key}_{place}": _mean_rho(corr, own, others)
        for key, (own, rest) in _subgroups(table, analysed.metrics).items()
        for place, others in (("within", own), ("outside", rest))
    }
    tests = {f"p_{a}_{b}": _p_alike(analysed.areas, (a, b)) for a, b in LIKE_AREAS}
    return pd.Series(subgroups | tests | {"n": len(analysed.metrics)}, dtype=float)


def lowest_between(table: ScoreTable, choices: Specification) -> pd.Series:
    """Return the lowest correlation of a neural with a behavioural metric, and its p value under two corrections.

    Returns
    -------
    Series
        rho; n, the models; p, of zero against any other correlation; n_all and p_all, Bonferroni's over all pairs of
        metrics; n_between and p_between, Bonferroni's over the pairs of a neural with a behavioural metric.

    References
    ----------
    Ahlert et al. 2024, Figure 4 and abstract.
    """
    leaves = prepare(apply(table, choices), choices, policy="complete", metrics="leaves").metrics
    found = _block(coefficients(leaves, method="spearman").to_numpy(), *_domains(table, leaves))
    p, n_all = _p_below(found.min(), len(leaves)), comb(leaves.shape[1], 2)
    return pd.Series(
        {
            "rho": found.min(),
            "n": len(leaves),
            "p": p,
            "n_all": n_all,
            "p_all": min(1.0, p * n_all),
            "n_between": found.size,
            "p_between": min(1.0, p * found.size),
        },
        dtype=object,
    )


def _p_below(rho: float, n: int) -> float:
    """Return the two-sided p value of a negative Spearman correlation over n models, by Student's t."""
    return float(2 * sps.t.cdf(rho * np.sqrt((n - 2) / max(1 - rho**2, 1e-12)), n - 2))


def claim_numbers(table: ScoreTable, choices: Specification, figure1: pd.DataFrame) -> dict[str, float]:
    """Compute everything that is set beside the paper and its workshop version, under one specification.

    Parameters
    ----------
    table, choices, figure1
        As for `estimates`.

    Returns
    -------
    dict of str to float
        Keys as in ``data/published.toml``; NaN where the data cannot say. Of a statement the margin.
    """
    numbers = {}
    for values, statistic in estimates(table, choices, figure1):
        numbers |= statistic(values)
    numbers |= headline_numbers(table, choices) | _of_figure7(table, choices) | _of_list(figure1)
    return numbers | {"n_metrics_50": numbers["n_metrics"] - 1}


def weigh_claims(
    table: ScoreTable, choices: Specification, figure1: pd.DataFrame, *, seed: int, n_resamples: int = 200
) -> pd.DataFrame:
    """Give everything that is set beside the paper its intervals and the weight of single models.

    Parameters
    ----------
    table, choices, figure1
        As for `estimates`.
    seed, n_resamples : int
        Of models and of families.

    Returns
    -------
    DataFrame
        Index key; columns ours; low and high, the 95 % interval over models; family_low and family_high, over families
        of models; lowest, highest, model and without, as from `intervals.influence`; and n, the models that it rests
        on. No interval where nothing is estimated, as of a count of models or a statement `OF_TESTS`, nor `OF_BEST`.
    """
    ours = claim_numbers(table, choices, figure1)
    families = table.models["name"].map(family)
    found = []
    for values, statistic in estimates(table, choices, figure1):
        over_models, over_families = (
            bootstrap(values, statistic, seed=seed, unit=unit, n=n_resamples, families=families)
            for unit in ("models", "families")
        )
        ends = over_models[["low", "high"]].join(over_families[["low", "high"]].add_prefix("family_"))
        found.append(ends.join(influence(values, statistic)).assign(n=len(values)))
    leading, n_groups = _leading_groups(table, choices)
    low, high = exact_interval(leading, n_groups)
    of_groups = {"low": low - 0.5, "high": high - 0.5, "n": n_groups}
    found.append(pd.DataFrame(of_groups, index=["behaviour_leads_in_groups"]))
    columns = ["low", "high", "family_low", "family_high", "lowest", "highest", "model", "without", "n"]
    frame = pd.concat(found).reindex([*ours], columns=columns)
    frame.insert(0, "ours", pd.Series(ours, dtype=float))
    frame.loc[frame.index.isin(OF_TESTS + OF_BEST), ["low", "high", "family_low", "family_high"]] = np.nan
    return frame.astype({name: float for name in columns if name != "model"})


def readings(table: ScoreTable, choices: Specification) -> pd.DataFrame:
    """Correlate the arithmetic mean with that of z scores and of ranks, by what these are averaged over.

    Returns
    -------
    DataFrame, (5, 2)
        Index reading in words; columns z and rank, Spearman's correlation in [-1, 1].

    References
    ----------
    Ahlert et al. 2024, Figure 3, which prints 0.92 and 0.47, and whose text speaks of the rank order for every metric.
    """
    prepared = prepare(apply(table, choices), choices, policy="complete", metrics="leaves")
    domain = table.metrics.loc[prepared.metrics.columns, "domain"]
    parts = {
        "every metric, as the text says": prepared.parts["metrics"],
        "five areas": prepared.parts["areas"],
        "neural and behavioural score": prepared.parts["domains"],
        "the four neural areas alone": prepared.areas[NEURAL_AREAS],
        "the neural metrics alone": prepared.metrics.loc[:, domain == "neural"],
    }
    overall = prepared.areas["overall"]
    return pd.DataFrame(
        {
            scheme: {
                words: overall.corr(combine(part, scheme=scheme), method="spearman") for words, part in parts.items()
            }
            for scheme in ("z", "rank")
        }
    )


def _of_list(figure1: pd.DataFrame) -> dict[str, float]:
    """Count the models of Figure 1: those listed that have Brain-Score's groups, and those that have all eleven."""
    return {"n_models_listed": len(figure1), "n_models_figure1": len(figure1.dropna())}


def _of_figure7(table: ScoreTable, choices: Specification) -> dict[str, float]:
    sizes = missing_scores(apply(table, choices)["all"])["n_nonzero"].value_counts()
    leading, n = _leading_groups(table, choices)
    return {
        "n_groups_figure7": sum(sizes.get(count, 0) >= SMALLEST_GROUP for count in NONZERO_COUNTS),
        "behaviour_leads_in_groups": leading / n - 0.5 if n else float("nan"),
    }


def _leading_groups(table: ScoreTable, choices: Specification) -> tuple[int, int]:
    """Count the groups in which behaviour explains more of the overall score, and all groups (Figure 7)."""
    shares = variance_by_policy(apply(table, choices)["all"])
    shares = shares[(shares["policy"] == "zero") & ~shares["group"].isin(["all models", "other counts"])]
    return int((shares["behaviour"] > shares["neural"]).sum()), len(shares)


def _rank_of(score: float, scores: pd.Series) -> float:
    """Return the rank that a score takes among models: 1 is best, ties share the better rank."""
    return float("nan") if np.isnan(score) else 1.0 + float((scores > score).sum())


def _lead_of_outliers(neural: np.ndarray, behaviour: np.ndarray) -> float:
    """Return how many standard deviations further out the most extreme neural score is than the behavioural one."""
    with np.errstate(invalid="ignore"):  # all are the same
        furthest = [np.abs((scores - scores.mean()) / scores.std()).max() for scores in (neural, behaviour)]
    return float(furthest[0] - furthest[1])


def _p_alike(areas: Mapping[str, np.ndarray], *pairs: tuple[str, str]) -> float:
    """Return the least p value of Kolmogorov and Smirnov's test between two areas over the same models.

    That of scipy's ks_2samp, asymptotic, without its checks: thousands of resamples ask for it.
    """
    furthest = 0
    for pair in pairs:
        scores = [np.sort(areas[area]) for area in pair]
        first, second = (np.searchsorted(part, np.concatenate(scores), side="right") for part in scores)
        furthest = max(furthest, np.abs(first - second).max())
    n = len(scores[0])
    return float(sps.kstwo.sf(furthest / n, np.round(n / 2)))


def _subgroups(table: ScoreTable, leaves: pd.DataFrame) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Tell for each subgroup of V1 which of the leaves belong to it, and which others are of V1."""
    parents, areas = (table.metrics.loc[leaves.columns, column].to_numpy() for column in ("parent", "area"))
    return {key: (parents == node, (areas == "V1") & (parents != node)) for key, node in SUBGROUPS.items()}


def _share_of_fallen(leaves: pd.DataFrame) -> float:
    """Return the share of metrics whose best model is among the worst under another."""
    share = leaves.rank(pct=True).to_numpy()
    best = leaves.to_numpy().argmax(axis=0)
    return float((share[best].min(axis=1) <= WORST).mean())


def _block(corr: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the correlations between two sets of metrics, each pair once."""
    if (a == b).all():
        return corr[np.ix_(a, a)][np.triu_indices(a.sum(), 1)]
    return corr[np.ix_(a, b)].ravel()


def _mean_rho(corr: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    found = _block(corr, a, b)
    return float(np.nanmean(found)) if np.isfinite(found).any() else float("nan")
