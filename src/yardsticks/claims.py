"""The numbers that the papers print, each kept once in ``data/published.toml``, and how near ours come to them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from yardsticks.datasets import PUBLISHED

# How far from the printed value a number still counts as close: stated beforehand, the same for all of a kind
CLOSE = {"count": 2, "rank": 5, "correlation": 0.02, "share": 0.02, "level": 0.0, "statement": 0.0}
VERDICTS = ("reproduced", "close", "differs")


def published(paper: str) -> pd.DataFrame:
    """Return the numbers printed in a paper.

    Parameters
    ----------
    paper : {"ahlert2024"}
        The paper's key, as in the bibliography.

    Returns
    -------
    DataFrame
        Index: the number's key; columns value, half_unit (half a unit of the last printed digit), kind (a key of
        `CLOSE`), place, models (the set that we read it to rest on), what, and if_different (our explanation where
        our number differs; "" where there is none).

    Raises
    ------
    KeyError
        A paper without an entry.
    """
    # decimals keep the digits as printed, which say how far rounding may have moved the number
    papers = tomllib.loads(PUBLISHED.read_text(encoding="utf-8"), parse_float=Decimal)
    if paper not in papers:
        raise KeyError(f"{PUBLISHED} has no paper {paper!r}; it has {', '.join(papers)}.")
    numbers = {key: entry for key, entry in papers[paper].items() if isinstance(entry, dict)}
    frame = pd.DataFrame.from_dict(numbers, orient="index")
    decimals = frame["value"].map(lambda value: -Decimal(value).as_tuple().exponent)
    frame["half_unit"] = 0.5 * 10.0 ** -decimals.astype(float)
    frame["value"] = frame["value"].astype(float)
    return frame.reindex(columns=["value", "half_unit", "kind", "place", "models", "what", "if_different"]).fillna(
        {"if_different": ""}
    )


def judge(printed: pd.DataFrame, ours: Mapping[str, float]) -> pd.Series:
    """Give a verdict on each printed number.

    Parameters
    ----------
    printed : DataFrame
        As from `published`.
    ours : mapping of key to float
        Our numbers; a number that is missing or NaN differs.

    Returns
    -------
    Series of str
        ``reproduced``: ours is the printed number when rounded as it is; ``close``: within `CLOSE` of it;
        ``differs``.
    """
    distance = (printed["value"] - pd.Series(ours, dtype=float).reindex(printed.index)).abs()
    verdict = pd.Series("differs", printed.index)
    verdict[distance <= printed["kind"].map(CLOSE)] = "close"
    # a distance of exactly half a unit is still the printed number; 1e-12 is for its representation in binary
    exact = printed["half_unit"].where(~printed["kind"].isin(["count", "rank", "statement"]), 0.0)
    verdict[distance <= exact + 1e-12] = "reproduced"
    return verdict


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
        As from `published`.
    described : mapping of key to float
        Ours under the specification that the paper describes, as far as it can be told.
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
            "why": printed["if_different"].where(verdict.isin(["close", "differs"]), ""),
        }
    )
