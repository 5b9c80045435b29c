"""What a regression of leads says about the printed one of Avitan & Golan (2025)."""

from __future__ import annotations

import numpy as np
import pandas as pd

_COEFFICIENTS = {  # that are printed, by role and predictor
    "beta_shift_candidate": ("candidate", "shift"),
    "beta_shift_generator": ("generator", "shift"),
    "beta_dimensionality_generator": ("generator", "ed_aligned"),
}
_LEVEL = 0.05


def difference_numbers(coefficients: pd.DataFrame, *, negligible: float) -> dict[str, float]:
    """Say whether it matters how different two models are in dimensionality.

    Parameters
    ----------
    coefficients : DataFrame
        Of one regression, as from `regress`, with the predictor ``ed_aligned_difference``.
    negligible : float
        A standardised coefficient whose 95% interval lies within this from zero explains nothing of note.

    Returns
    -------
    dict of str to float
        ``difference_explains_not``: 1 where it is negligible; 0 where its corrected p is below .05 and its interval
        leaves out all that is negligible; NaN otherwise.
    """
    row = coefficients.set_index("predictor").loc["ed_aligned_difference"]
    nearest = max(row["low"], -row["high"], 0.0)
    told = row["p_corrected"] < _LEVEL and nearest > negligible
    return {"difference_explains_not": 1.0 if max(-row["low"], row["high"]) <= negligible else 0.0 if told else np.nan}


def regression_numbers(coefficients: pd.DataFrame) -> dict[str, float]:
    """Compute what the regression of margins can say about the published one.

    Parameters
    ----------
    coefficients : DataFrame
        Of one regression, as from `regress`.

    Returns
    -------
    dict of str to float
        Keys as in ``data/published.toml``. A statement is 1 where a coefficient that is published as significant is so
        here, with the same sign and after correction; 0 where one is significant with the other sign and none with the
        same; NaN where none is significant.
    """
    terms = coefficients.set_index(["role", "predictor"])
    found = {key: terms.at[term, "coefficient"] for key, term in _COEFFICIENTS.items()}
    expected = {  # terms with the signs of the published study
        "shift_misleads": {("candidate", "shift"): 1, ("generator", "shift"): -1},
        "dimensionality_misleads": {("generator", "ed_aligned"): -1},
    }
    for statement, signs in expected.items():
        told = [
            sign * np.sign(terms.at[term, "coefficient"])
            for term, sign in signs.items()
            if terms.at[term, "p_corrected"] < _LEVEL
        ]
        found[statement] = float(max(told) > 0) if told else np.nan
    return found


def coefficient_intervals(coefficients: pd.DataFrame) -> pd.DataFrame:
    """Return the 95% interval of each coefficient that is printed: its key, ``low`` and ``high``.

    Parameters
    ----------
    coefficients : DataFrame
        As for `regression_numbers`.
    """
    terms = coefficients.set_index(["role", "predictor"])[["low", "high"]]
    return terms.loc[list(_COEFFICIENTS.values())].set_axis(list(_COEFFICIENTS))
