"""The numbers that the papers print, each kept once in ``data/published.toml``, and how near ours come to them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from yardsticks.datasets import PUBLISHED

# How far from the printed value a number still counts as close: stated beforehand, the same for all of a kind
CLOSE = {
    "count": 2,
    "rank": 5,
    "correlation": 0.02,
    "share": 0.02,
    "reading": 0.05,  # a share read off a figure
    "coefficient": 0.05,
    "level": 0.0,
    "statement": 0.0,
    "bound": 0.0,
}
VERDICTS = ("reproduced", "close", "differs")
SOURCES = ("paper", "abstract", "public code", "machine summary", "unconfirmed")
UNDECIDED, NOT_EXAMINED = "undecided", "not yet examined"


def printed_numbers(paper: str) -> pd.DataFrame:
    """Return the numbers printed in a paper.

    Parameters
    ----------
    paper : {"ahlert2024", "avitan2025"}
        The paper's key, as in the bibliography.

    Returns
    -------
    DataFrame
        Index: the number's key; columns value, half_unit (half a unit of the last printed digit), kind (a key of
        `CLOSE`), place, models (the set that we read it to rest on), what, if_different (our explanation where our
        number differs; "" where there is none), source (how we know it, one of `SOURCES`), and here (what of ours is
        set beside it, or what it would take; "" where there is nothing to say).

    Raises
    ------
    KeyError
        A paper without an entry.

    Examples
    --------
    >>> printed_numbers("ahlert2024").at["n_metrics", "value"].item()
    51.0
    """
    # decimals keep the digits as printed, which say how far rounding may have moved the number
    papers = tomllib.loads(PUBLISHED.read_text(encoding="utf-8"), parse_float=Decimal)
    if paper not in papers:
        raise KeyError(f"{PUBLISHED} has no paper {paper!r}; it has {', '.join(papers)}.")
    absent = {"if_different": "", "source": SOURCES[0], "here": ""}
    numbers = {key: absent | entry for key, entry in papers[paper].items() if isinstance(entry, dict)}
    frame = pd.DataFrame.from_dict(numbers, orient="index")
    decimals = frame["value"].map(lambda value: -Decimal(value).as_tuple().exponent)
    frame["half_unit"] = 0.5 * 10.0 ** -decimals.astype(float)
    frame["value"] = frame["value"].astype(float)
    return frame[["value", "half_unit", "kind", "place", "models", "what", *absent]]


def judge(printed: pd.DataFrame, ours: Mapping[str, float]) -> pd.Series:
    """Give a verdict on each printed number.

    Parameters
    ----------
    printed : DataFrame
        As from `printed_numbers`.
    ours : mapping of key to float
        Our numbers; one that is missing or NaN, since our data do not decide, has the verdict `UNDECIDED`.

    Returns
    -------
    Series of str
        ``reproduced``: ours is the printed number when rounded as it is, or stays below the printed bound; ``close``:
        within `CLOSE` of it; ``differs``; or ``undecided``.
    """
    own = pd.Series(ours, dtype=float).reindex(printed.index)
    distance = (printed["value"] - own).abs()
    verdict = pd.Series("differs", printed.index)
    verdict[distance <= printed["kind"].map(CLOSE)] = "close"
    # a distance of exactly half a unit is still the printed number; 1e-12 is for its representation in binary
    exact = printed["half_unit"].where(~printed["kind"].isin(["count", "rank", "statement"]), 0.0)
    verdict[distance <= exact + 1e-12] = "reproduced"
    bound = printed["kind"] == "bound"
    verdict[bound] = (own < printed["value"])[bound].map({True: "reproduced", False: "differs"})
    verdict[own.isna()] = UNDECIDED
    return verdict


def verdict_table(printed: pd.DataFrame, ours: Mapping[str, float]) -> pd.DataFrame:
    """Set the numbers of a paper beside those of ours that there are.

    Parameters
    ----------
    printed : DataFrame
        As from `printed_numbers`.
    ours : mapping of key to float
        Numbers of any part of the book. NaN says that our data do not decide; a number that is absent was not examined.

    Returns
    -------
    DataFrame
        Index key; columns what, kind, place, source, printed, ours, verdict (as from `judge`, or `UNDECIDED`,
        or `NOT_EXAMINED`), here, and why (our explanation, where ours is not the printed number).

    Raises
    ------
    ValueError
        A number of ours that is not printed.
    """
    if unknown := sorted(set(ours) - set(printed.index)):
        raise ValueError(f"{', '.join(unknown)}: no such number is printed. There are: {', '.join(printed.index)}.")
    verdict = judge(printed, ours)
    verdict[~printed.index.isin(list(ours))] = NOT_EXAMINED
    table = printed[["what", "kind", "place", "source"]].assign(
        printed=printed["value"], ours=pd.Series(ours, dtype=float), verdict=verdict
    )
    return table.assign(here=printed["here"], why=_why(printed, verdict))


def count_verdicts(table: pd.DataFrame) -> dict[str, int]:
    """Count the claims of a table by verdict.

    Parameters
    ----------
    table : DataFrame
        As from `verdict_table`.

    Returns
    -------
    dict of str to int
        ``n_claims``; ``n_examined``; ``n_reproduced``, ``n_close``, ``n_differs``, ``n_undecided``; ``n_open``, not yet
        examined; ``n_sure``, known from the abstract or the public code.
    """
    counts = table["verdict"].value_counts()
    n_open = int(counts.get(NOT_EXAMINED, 0))
    return {
        "n_claims": len(table),
        "n_examined": len(table) - n_open,
        **{f"n_{verdict}": int(counts.get(verdict, 0)) for verdict in (*VERDICTS, UNDECIDED)},
        "n_open": n_open,
        "n_sure": int(table["source"].isin(["abstract", "public code"]).sum()),
    }


def _why(printed: pd.DataFrame, verdict: pd.Series) -> pd.Series:
    return printed["if_different"].where(verdict.isin(["close", "differs", UNDECIDED]), "")


def claim_table(
    printed: pd.DataFrame,
    described: Mapping[str, float],
    plain: Mapping[str, float],
    others: pd.DataFrame,
    *,
    real: bool,
) -> pd.DataFrame:
    """Set printed numbers beside ours.

    Parameters
    ----------
    printed : DataFrame
        As from `printed_numbers`.
    described : mapping of key to float
        Ours under the specification that is set beside the printed numbers.
    plain : mapping of key to float
        Ours with the same filters on the whole table.
    others : DataFrame
        Ours under every other defensible specification, one a row; numbers that do not vary may be absent.
    real : bool
        Whether ours come from real data; if not, no verdict is given.

    Returns
    -------
    DataFrame
        Index key; columns what, place, models, printed, ours, verdict, plain, verdict_plain, lowest, highest,
        close_within and why (our explanation, where ours is not the printed number).
    """
    ours, whole = pd.Series(described, dtype=float), pd.Series(plain, dtype=float)
    verdict, verdict_plain = judge(printed, ours), judge(printed, whole)
    if not real:
        verdict[:] = verdict_plain[:] = "not judged: synthetic"
    varied = others.reindex(columns=printed.index).astype(float)
    return pd.DataFrame(
        {
            "what": printed["what"],
            "place": printed["place"],
            "models": printed["models"],
            "printed": printed["value"],
            "ours": ours.reindex(printed.index),
            "verdict": verdict,
            "plain": whole.reindex(printed.index),
            "verdict_plain": verdict_plain,
            "lowest": varied.min(),
            "highest": varied.max(),
            "close_within": printed["kind"].map(CLOSE),
            "why": _why(printed, verdict),
        }
    )
