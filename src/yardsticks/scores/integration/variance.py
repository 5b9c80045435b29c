"""How much of the overall score's variance each domain has."""

from __future__ import annotations

import numpy as np
import pandas as pd

from yardsticks.stats import explained_variance


def variance_explained(areas: pd.DataFrame) -> pd.Series:
    """Return how much of the overall score's variance over models each domain explains (squared Pearson, in [0, 1]).

    Parameters
    ----------
    areas : DataFrame, (n_models, ...)
        With columns neural, behaviour and overall, as from `domain_scores`.

    References
    ----------
    Ahlert et al. 2024, section on integration: 95.25 % behaviour, 33.33 % neural.

    Examples
    --------
    >>> from yardsticks.scores import domain_scores, make_twin
    >>> variance_explained(domain_scores(make_twin(), policy="zero")).round(2).to_dict()
    {'neural': 0.7, 'behaviour': 0.78}
    """
    overall = areas["overall"].to_numpy(float)
    domains = ("neural", "behaviour")
    return pd.Series({domain: explained_variance(areas[domain].to_numpy(float), overall) for domain in domains})


def variance_shares(areas: pd.DataFrame) -> pd.DataFrame:
    """Divide the overall score's variance over models between its two domains, in ways that add up to 1.

    The shares of `variance_explained` do not: two parts of a sum that correlate both explain what they have in common.

    Parameters
    ----------
    areas : DataFrame, (n_models, ...)
        With columns neural and behaviour; models without one of them are left out.

    Returns
    -------
    DataFrame, (2, 3)
        Index neural, behaviour; columns ``covariance`` (the domain's covariance with the sum, over the sum's variance),
        ``shapley`` (what it adds to the explained variance, averaged over both orders) and ``spread`` (its own variance
        over the sum of the two, as if they did not correlate). NaN where the sum does not vary.

    Examples
    --------
    >>> scores = pd.DataFrame({"neural": [0.1, 0.2, 0.3], "behaviour": [0.1, 0.3, 0.5]})
    >>> variance_shares(scores).round(2).to_dict()["covariance"]
    {'neural': 0.33, 'behaviour': 0.67}
    """
    domains = areas[["neural", "behaviour"]].dropna()
    if len(domains) < 3:
        return pd.DataFrame(np.nan, domains.columns, ["covariance", "shapley", "spread"])
    cov = np.cov(domains.to_numpy(float).T)
    own, total = np.diag(cov), cov.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        alone = cov.sum(axis=1) ** 2 / (own * total)  # what each explains of the sum
        shares = {"covariance": cov.sum(axis=1) / total, "shapley": (alone + 1 - alone[::-1]) / 2}
        shares["spread"] = own / own.sum()
    return pd.DataFrame(shares, domains.columns) * (1.0 if total > 0 else np.nan)
