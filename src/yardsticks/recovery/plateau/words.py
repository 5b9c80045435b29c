"""Effects and losses of the factorial study in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from yardsticks.stats import check_option
from yardsticks.words import say_value

_UNITS = {"points": lambda x: f"{100 * x:+.0f} points", "accuracy": lambda x: f"{x:+.3f}"}
_EVEN = 1e-9  # shares that differ by less are the same


def say_effects(found: pd.DataFrame, *, unit: str, levels: Mapping[str, Sequence[str]] | None = None) -> str:
    """Say in words which effects can be told from zero: a clause that is right whatever came out.

    Parameters
    ----------
    found : DataFrame
        As from `effects`, of one group and response.
    unit : {"points", "accuracy"}
        Percentage points, or a fraction with three decimals.
    levels : mapping of term to (low, high), optional
        Of main effects, as from `lay_out`: these are named as well.

    Raises
    ------
    ValueError
        An unknown unit.
    """
    check_option("unit", unit, _UNITS)
    sure = found[found["p_corrected"] < 0.05].sort_values("p_corrected", kind="stable")
    if sure.empty:
        return f"none of the {len(found)} effects can be told from zero"
    named = ", ".join(
        f"{_name(term, levels or {})} ({_UNITS[unit](x)})" for term, x in zip(sure["term"], sure["effect"], strict=True)
    )
    return f"{len(sure)} of the {len(found)} effects can be told from zero: {named}"


def _name(term: str, levels: Mapping[str, Sequence[str]]) -> str:
    name = term.replace("_", " ")
    if term not in levels:
        return name
    low, high = (say_value(level) for level in levels[term])
    return f"{name} {high} instead of {low}"


def say_largest(found: pd.DataFrame, *, unit: str) -> str:
    """Say in words which effect explains most of the variance between cells; see `say_effects`."""
    check_option("unit", unit, _UNITS)
    if found["share"].isna().all():
        return "the cells do not differ"
    shares = found["share"].fillna(-1)
    first = found[shares > shares.max() - _EVEN]
    if len(first) > 1:
        terms = ", ".join(first["term"].str.replace("_", " "))
        return f"the largest share of the variance between cells, {shares.max():.0%}, goes with each of {terms}"
    row = first.iloc[0]
    values = [_UNITS[unit](row[name]) for name in ("effect", "low", "high")]
    p = "no p, as all generators agree" if pd.isna(row["p_corrected"]) else f"corrected p {row['p_corrected']:.2g}"
    return (
        f"the largest share of the variance between cells, {row['share']:.0%}, goes with "
        f"{row['term'].replace('_', ' ')}: {values[0]} (95% interval {values[1]} to {values[2]}, {p})"
    )


def say_lost(group: pd.Series, labels: Mapping[str, str]) -> str:
    """Say in words who wins falsely.

    Parameters
    ----------
    group : Series
        A row of `describe_jobs`.
    labels : mapping of model to str
    """
    if not group["n_lost"]:
        return f"none of {group['n_jobs']} jobs is lost"
    n_lost, taken = group["n_lost"], group["false_wins"]
    part = f"{taken} of them " if taken < n_lost else "all " if n_lost > 1 else ""
    verb = "is" if n_lost == 1 else "are"
    return f"{n_lost} of {group['n_jobs']} jobs {verb} lost, {part}to {labels[group['false_winner']]}"


def say_picks(picks: pd.DataFrame) -> str:
    """Say in words which strengths generators took.

    Parameters
    ----------
    picks : DataFrame
        Rows of `rule_picks`, of one cell.
    """
    told = [f"{x:g} for {number}" for x, number in zip(picks["strength"], picks["n_generators"], strict=True)]
    return " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)


def say_bound(low: float, high: float, bound: float) -> str:
    """Say in words where an interval lies: ``below``, ``above`` or ``on both sides of`` a bound."""
    return "below" if high < bound else "above" if low > bound else "on both sides of"
