"""The numbers that the papers print, each kept once in ``data/published.toml``, and how near ours come to them.

What came out at a release is kept in ``data/claims/RELEASE``, so that a later state can say what has changed since.
Longer than 300 lines, as a verdict is given, counted and held against an earlier one in the same words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from decimal import Decimal

import pandas as pd

from yardsticks.datasets import FROZEN, PUBLISHED

# How far from the printed value a number still counts as close, the same for all of a kind. Chosen by us, for the first
# paper together with the specification that is set beside it
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
OUTSIDE = "outside the published regime"
COMPATIBLE, NOT_COMPATIBLE, CANNOT_BE_TOLD = "compatible", "not compatible", "cannot be told"
# what a verdict is worth: what is "given" went into our analysis or had to come out, what is "fitted" chose its models
# or how the paper is read; "free" could have differed
TALLIES = ("free", "fitted", "given")
KEPT = ("what", "printed", "ours", "low", "high", "verdict", "compatible")  # of a claim, at a release
_NOT_JUDGED = "not judged: synthetic"


def printed_numbers(paper: str) -> pd.DataFrame:
    """Return the numbers printed in a paper.

    Parameters
    ----------
    paper : {"ahlert2024", "ahlert2024workshop", "avitan2025"}
        The paper's key, as in the bibliography.

    Returns
    -------
    DataFrame
        Index: the number's key; columns value, half_unit (half a unit of the last printed digit), kind (a key of
        `CLOSE`), place, models (the set that we read it to rest on), what, if_different (our explanation where our
        number differs; "" where there is none), source (how we know it, one of `SOURCES`), here (what of ours is
        set beside it, or what it would take; "" where there is nothing to say), and tally (of `TALLIES`).

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
    absent = {"if_different": "", "source": SOURCES[0], "here": "", "tally": TALLIES[0]}
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
        Our numbers; one that is missing or NaN, since our data do not decide, has the verdict `UNDECIDED`. Of a
        statement a margin, or 1 and 0: it is reproduced where this is above zero.

    Returns
    -------
    Series of str
        ``reproduced``: ours is the printed number when rounded as it is, or stays below the printed bound; ``close``:
        within `CLOSE` of it; ``differs``; or ``undecided``.
    """
    own = pd.Series(ours, dtype=float).reindex(printed.index)
    distance = (printed["value"] - own).abs()
    verdict = pd.Series("differs", printed.index)
    # a distance of exactly that, or of half a unit, is still within it; 1e-12 is for its representation in binary
    verdict[distance <= printed["kind"].map(CLOSE) + 1e-12] = "close"
    exact = printed["half_unit"].where(~printed["kind"].isin(["count", "rank"]), 0.0)
    verdict[distance <= exact + 1e-12] = "reproduced"
    bound = printed["kind"] == "bound"
    verdict[bound] = (own < printed["value"])[bound].map({True: "reproduced", False: "differs"})
    stated = printed["kind"] == "statement"
    verdict[stated] = (own > 0)[stated].map({True: "reproduced", False: "differs"})
    verdict[own.isna()] = UNDECIDED
    return verdict


def compare(printed: pd.DataFrame, weighed: pd.DataFrame) -> pd.Series:
    """Say whether what is printed is compatible with ours, given how sure ours is.

    Parameters
    ----------
    printed : DataFrame
        As from `printed_numbers`.
    weighed : DataFrame
        By key; columns low and high, the interval of ours over models, and family_low and family_high, that over
        families of models, where there is one.

    Returns
    -------
    Series of str
        ``compatible``: both intervals hold the printed number, to its last digit, are above zero for a statement, or
        below the printed bound; ``not compatible``: neither does, both are below zero, or nowhere below the bound;
        ``cannot be told``: they disagree, hold zero or the bound, or there is no interval. Empty for counts and levels,
        which are not estimated.
    """
    ours = weighed.reindex(printed.index)
    found = []
    for low, high in (("low", "high"), ("family_low", "family_high")):
        low, high = ours[low].fillna(ours["low"]).astype(float), ours[high].fillna(ours["high"]).astype(float)
        value, half = printed["value"], printed["half_unit"] + 1e-12
        holds = (low <= value + half) & (value - half <= high)
        stated, bound = printed["kind"] == "statement", printed["kind"] == "bound"
        yes, no = holds.mask(stated, low > 0), (~holds).mask(stated, high <= 0)
        yes, no = yes.mask(bound, high < value), no.mask(bound, low >= value)
        found.append(yes.astype(int) - (no & low.notna()).astype(int))
    both = (found[0] + found[1]).map({2: COMPATIBLE, -2: NOT_COMPATIBLE}).fillna(CANNOT_BE_TOLD)
    return both.mask(printed["kind"].isin(["count", "level"]), "")


def verdict_table(
    printed: pd.DataFrame,
    ours: Mapping[str, float],
    *,
    intervals: pd.DataFrame | None = None,
    outside: Collection[str] = (),
) -> pd.DataFrame:
    """Set the numbers of a paper beside those of ours that there are.

    Parameters
    ----------
    printed : DataFrame
        As from `printed_numbers`.
    ours : mapping of key to float
        Numbers of any part of the book. NaN says that our data do not decide; a number that is absent was not examined.
    intervals : DataFrame, optional
        By key, of numbers of ours that have one: columns low and high. One that holds the printed number, to its last
        digit, does not show that ours differs: the verdict is then `UNDECIDED`.
    outside : collection of str
        Keys of numbers of which ours cannot speak, as they were printed for other circumstances.

    Returns
    -------
    DataFrame
        Index key; columns what, kind, place, source, tally, printed, ours, low, high, verdict (as from `judge`, or
        `UNDECIDED`, `OUTSIDE` or `NOT_EXAMINED`), here, and why (our explanation, where ours is not the printed one).

    Raises
    ------
    ValueError
        A number of ours that is not printed.
    """
    if unknown := sorted(set(ours) - set(printed.index)):
        raise ValueError(f"{', '.join(unknown)}: no such number is printed. There are: {', '.join(printed.index)}.")
    verdict = judge(printed, ours)
    ends = pd.DataFrame(columns=["low", "high"], dtype=float) if intervals is None else intervals
    ends, half = ends.reindex(printed.index), printed["half_unit"] + 1e-12
    holds = (ends["low"] <= printed["value"] + half) & (printed["value"] - half <= ends["high"])
    verdict[holds & (verdict == "differs")] = UNDECIDED
    verdict[~printed.index.isin(list(ours))] = NOT_EXAMINED
    verdict[printed.index.isin(list(outside))] = OUTSIDE
    table = printed[["what", "kind", "place", "source", "tally"]].assign(
        printed=printed["value"], ours=pd.Series(ours, dtype=float), low=ends["low"], high=ends["high"], verdict=verdict
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
        ``n_claims``; ``n_examined``; of these ``n_reproduced``, ``n_close``, ``n_differs``, ``n_undecided``, and in
        none of these ``n_unconfirmed``, as it is not sure that they were claimed, and ``n_given``, which could not have
        come out otherwise; ``n_outside`` the published regime; ``n_open``, not yet examined; ``n_sure``, known from the
        abstract or the public code.
    """
    unconfirmed, given = table["source"] == "unconfirmed", table["tally"] == "given"
    of_all, counts = table["verdict"].value_counts(), table.loc[~unconfirmed & ~given, "verdict"].value_counts()
    examined = ~table["verdict"].isin([NOT_EXAMINED, OUTSIDE])
    return {
        "n_claims": len(table),
        "n_examined": int(examined.sum()),
        **{f"n_{verdict}": int(counts.get(verdict, 0)) for verdict in (*VERDICTS, UNDECIDED)},
        "n_outside": int(of_all.get(OUTSIDE, 0)),
        "n_unconfirmed": int((unconfirmed & examined).sum()),
        "n_given": int((given & ~unconfirmed & examined).sum()),
        "n_open": int(of_all.get(NOT_EXAMINED, 0)),
        "n_sure": int(table["source"].isin(["abstract", "public code"]).sum()),
    }


def _why(printed: pd.DataFrame, verdict: pd.Series) -> pd.Series:
    return printed["if_different"].where(verdict.isin(["close", "differs", UNDECIDED, OUTSIDE]), "")


def claim_table(
    printed: pd.DataFrame, weighed: pd.DataFrame, plain: Mapping[str, float], others: pd.DataFrame, *, real: bool
) -> pd.DataFrame:
    """Set printed numbers beside ours.

    Parameters
    ----------
    printed : DataFrame
        As from `printed_numbers`.
    weighed : DataFrame
        Ours under the specification that is set beside the printed numbers: column ours, those that `compare` takes,
        and n.
    plain : mapping of key to float
        Ours with the same filters on the whole table.
    others : DataFrame
        Ours under every other defensible specification, one a row; numbers that do not vary may be absent.
    real : bool
        Whether ours come from real data; if not, no verdict is given.

    Returns
    -------
    DataFrame
        Index key; columns what, place, models, tally, printed (NaN for a statement), here (what ours is a margin of,
        for a statement), ours, low, high, family_low, family_high, n, verdict (to the digits), compatible (within the
        intervals), plain, verdict_plain, lowest, highest, close_within and why (our explanation, where ours is not the
        printed number).
    """
    weighed = weighed.reindex(printed.index)
    ours, whole = weighed["ours"].astype(float), pd.Series(plain, dtype=float)
    verdict, verdict_plain = judge(printed, ours), judge(printed, whole)
    compatible = compare(printed, weighed)
    if not real:
        verdict[:] = verdict_plain[:] = compatible[:] = _NOT_JUDGED
    varied = others.reindex(columns=printed.index).astype(float)
    return pd.DataFrame(
        {
            "what": printed["what"],
            "place": printed["place"],
            "models": printed["models"],
            "tally": printed["tally"],
            "printed": printed["value"].mask(printed["kind"] == "statement"),
            "here": printed["here"],
            "ours": ours,
            "low": weighed["low"],
            "high": weighed["high"],
            "family_low": weighed["family_low"],
            "family_high": weighed["family_high"],
            "n": weighed["n"],
            "verdict": verdict,
            "compatible": compatible,
            "plain": whole.reindex(printed.index),
            "verdict_plain": verdict_plain,
            "lowest": varied.min(),
            "highest": varied.max(),
            "close_within": printed["kind"].map(CLOSE),
            "why": _why(printed, verdict),
        }
    )


def to_keep(table: pd.DataFrame) -> pd.DataFrame:
    """Return of a table of claims what a release keeps; a file of it is ``data/claims/RELEASE/PAPER.csv``.

    Parameters
    ----------
    table : DataFrame
        As from `claim_table` or `verdict_table`.

    Returns
    -------
    DataFrame
        Index key; the columns `KEPT`: no scores, and nothing that they could be made from.
    """
    return table.reindex(columns=list(KEPT)).rename_axis("key")


def last_release() -> str:
    """Return the last release of which the claims are kept, such as "0.1.0"."""
    return max((path.name for path in FROZEN.iterdir() if path.is_dir()), key=lambda name: [*map(int, name.split("."))])


def kept_claims(paper: str, release: str = "") -> pd.DataFrame:
    """Return the claims of a paper as they came out at a release.

    Parameters
    ----------
    paper : {"ahlert2024", "ahlert2024workshop", "avitan2025"}
    release : str
        By default the last one.

    Returns
    -------
    DataFrame
        As from `to_keep`, numbers to six digits.

    Raises
    ------
    FileNotFoundError
        Nothing is kept of this paper or release.

    Examples
    --------
    >>> kept_claims("ahlert2024", "0.1.0").at["n_metrics", "verdict"]
    'reproduced'
    """
    texts = {"what": str, "verdict": str, "compatible": str}
    kept = pd.read_csv(FROZEN / (release or last_release()) / f"{paper}.csv", index_col="key", dtype=texts)
    return kept.fillna(dict.fromkeys(texts, ""))


def changes(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """List the claims that come out otherwise than at a release.

    Parameters
    ----------
    now, before : DataFrame
        As from `to_keep` and `kept_claims`.

    Returns
    -------
    DataFrame
        Index key; columns what, ours_before, ours (NaN where there is none), verdict_before and verdict, with what is
        compatible; "absent" of a claim that one of the two has not. Numbers that differ by less than 1e-4 of their
        size are the same. Empty where nothing was judged, on synthetic data.
    """
    if (now["verdict"] == _NOT_JUDGED).any():
        now = before
    both = now.index.union(before.index, sort=False)
    now, before = now.reindex(both), before.reindex(both)
    verdicts = [(side["verdict"] + ", " + side["compatible"].fillna("")).str.strip(", ") for side in (before, now)]
    frame = pd.DataFrame(
        {
            "what": now["what"].fillna(before["what"]),
            "ours_before": before["ours"].astype(float),
            "ours": now["ours"].astype(float),
            "verdict_before": verdicts[0].fillna("absent"),
            "verdict": verdicts[1].fillna("absent"),
        }
    )
    size = frame[["ours_before", "ours"]].abs().max(axis="columns")
    moved = (frame["ours"] - frame["ours_before"]).abs() > 1e-4 * size
    appeared = frame["ours"].isna() != frame["ours_before"].isna()
    return frame[moved | appeared | (frame["verdict"] != frame["verdict_before"])]


def say_changes(now: pd.DataFrame, paper: str, release: str = "") -> str:
    """Say in words which claims of a paper come out otherwise than at a release; see `changes`."""
    release = release or last_release()
    if (now["verdict"] == _NOT_JUDGED).any():
        return "Synthetic data are not held against a release."
    changed = changes(now, kept_claims(paper, release))
    if changed.empty:
        return f"Since release {release} no claim comes out otherwise."
    said = [
        f"{row.what}: {_say(row.ours_before, row.verdict_before)}, now {_say(row.ours, row.verdict)}"
        for row in changed.itertuples()
    ]
    return f"Since release {release} these come out otherwise: {'; '.join(said)}."


def _say(ours: float, verdict: str) -> str:
    return verdict if pd.isna(ours) else f"{ours:.4g} ({verdict})"
