"""The neural and the behavioural score without noise, and short names for all that is without it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from yardsticks.scores.intervals import bootstrap
from yardsticks.scores.metrics import NEURAL_AREAS, tree
from yardsticks.scores.reliability.attenuation import ALL, AS_MEASURED, disattenuate, reliability, stack, without_noise
from yardsticks.scores.reliability.inner import cronbach_alpha
from yardsticks.scores.reliability.noise import SOURCES, Noise
from yardsticks.scores.summaries import KINDS
from yardsticks.scores.table import ScoreTable
from yardsticks.stats import coefficients, mean_correlation

BY_ALPHA = "agreement of their parts (alpha)"


def domain_parts(table: ScoreTable, areas: pd.DataFrame, *, policy: str) -> dict[str, pd.DataFrame]:
    """Return what the neural and the behavioural score are the average of.

    Parameters
    ----------
    table : ScoreTable
    areas : DataFrame, (n_models, ...)
        Its areas, as from `ScoreTable.areas`.
    policy : {"complete", "zero", "available"}
        As there.

    Returns
    -------
    dict of str to DataFrame, (n_models, n_parts)
        ``neural``: the areas V1 to IT; ``behaviour``: the studies that Brain-Score's tree has directly below it.
    """
    top = "behavior_vision"
    nodes = dict.fromkeys([*tree()[top], *table.metrics.index[table.metrics["parent"] == top]])
    below = {node: score for node in nodes if (score := table.node(node, policy=policy)) is not None}
    behaviour = pd.DataFrame(below, table.values.index).loc[areas.index]
    return {"neural": areas[[area for area in NEURAL_AREAS if area in areas]], "behaviour": behaviour}


def domains_without_noise(
    domains: pd.DataFrame,
    parts: Mapping[str, pd.DataFrame],
    sources: Mapping[str, Noise],
    *,
    seed: int,
    n_resamples: int = 200,
    families: pd.Series | None = None,
) -> pd.DataFrame:
    """Correlate the neural and the behavioural score as measured, and without noise.

    Parameters
    ----------
    domains : DataFrame, (n_models, 2)
        Columns neural and behaviour, without missing values.
    parts : mapping of str to DataFrame
        What each of the two is the average of, over the same models: Cronbach's alpha of these is taken for the
        reliability too.
    sources : mapping of str to Noise
        Of the two scores.
    seed, n_resamples, families
        As for `correct_for_noise`.

    Returns
    -------
    DataFrame
        Index what the noise is known from; columns neural and behaviour (their reliabilities), rho (Spearman 1904), low
        and high (95 % interval). NaN where a reliability is not above 0.

    Examples
    --------
    >>> scores = pd.DataFrame({"neural": [0.1, 0.2, 0.4, 0.3, 0.5], "behaviour": [0.2, 0.1, 0.4, 0.5, 0.6]})
    >>> parts = {domain: pd.DataFrame({"a": scores[domain], "b": scores[domain]}) for domain in scores}
    >>> found = domains_without_noise(scores, parts, {}, seed=1, n_resamples=5)
    >>> found["rho"].round(2).tolist()
    [0.8, 0.8]
    """
    domains = domains[["neural", "behaviour"]]
    over = {"seed": seed, "n": n_resamples}
    drawn = over if families is None else over | {"unit": "families", "families": families.loc[domains.index]}
    rho = mean_correlation(domains, policy="complete")
    measured = bootstrap(domains, lambda part: mean_correlation(part, policy="complete"), **drawn)
    rows = {AS_MEASURED: {"neural": 1.0, "behaviour": 1.0, "rho": rho, **measured[["low", "high"]]}}
    for source, noise in sources.items():
        stacked, clusters = stack(domains, noise, families)
        rows[source] = {
            **reliability(domains, noise),
            "rho": without_noise(stacked, 2, np.ones((2, 2), bool)),
            **bootstrap(stacked, _corrected_pair, unit="families", families=clusters, **over)[["low", "high"]],
        }
    together = pd.concat({"score": domains, **parts}, axis=1)
    rows[BY_ALPHA] = {
        **{domain: cronbach_alpha(parts[domain]) for domain in domains},
        "rho": _corrected_by_alpha(together),
        **bootstrap(together, _corrected_by_alpha, **drawn)[["low", "high"]],
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("noise known from").astype(float)


def _corrected_pair(rows: pd.DataFrame) -> float:
    return without_noise(rows, 2, np.ones((2, 2), bool))


def _corrected_by_alpha(together: pd.DataFrame) -> float:
    alphas = pd.Series([cronbach_alpha(together[domain]) for domain in ("neural", "behaviour")])
    return disattenuate(coefficients(together["score"], method="spearman"), alphas)


def key_noise(corrected: pd.DataFrame) -> pd.DataFrame:
    """Give what `correct_for_noise` or `domains_without_noise` returns short names, for the prose.

    Returns
    -------
    DataFrame
        Index the source's key (``measured``, those of `noise.SOURCES`, ``alpha``), after that of the kind of pair
        (``all``, ``neural``, ``behaviour``, ``between``) if there are kinds; the columns that are not in the index.
    """
    short = {words: key for key, words in (SOURCES | {"measured": AS_MEASURED, "alpha": BY_ALPHA}).items()}
    if "kind" not in corrected:
        return corrected.rename(index=short)
    kinds = dict(zip((ALL, *KINDS), ("all", "neural", "behaviour", "between", "others"), strict=True))
    keyed = corrected.assign(kind=corrected["kind"].map(kinds), source=corrected["source"].map(short))
    return keyed.set_index(["kind", "source"])
