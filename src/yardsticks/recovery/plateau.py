"""What separates a study whose recovery plateaus from others: jobs of many cells, and cells set beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from yardsticks.recovery.analysis import competes, describe_fits, exact_interval, lost, winners
from yardsticks.recovery.contrasts import generator_intervals
from yardsticks.stats import correct

# settings that are no part of what distinguishes two cells: how far a study goes, and what follows from others (the
# grid of strengths from the scale of the features; the world is told with the number of judgements)
_ASIDE = {"name", "models", "sizes", "n_seeds", "strengths", "world", "version"}
_JOB = ["n_triplets", "seed", "generator"]
_NAMES = {("components", "None"): "all", ("n_judgements", "None"): "open", ("n_folds_run", "None"): "all"}
_UNITS = {"points": lambda x: f"{100 * x:+.0f} points", "accuracy": lambda x: f"{x:+.3f}"}
_EVEN = 1e-9  # shares that differ by less are the same
_LATER = {"n_folds_run": None, "folder": None}  # settings that older studies do not have, and what these did


def cell_jobs(rows: pd.DataFrame, *, scores: Sequence[str], sets: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Say of each job of each cell whether its generator won, among each of several sets of candidates.

    Parameters
    ----------
    rows : DataFrame
        As from `simulation.run_job`, with a column ``cell``.
    scores : sequence of str
        Each is one of `analysis.SCORES`.
    sets : mapping of str to sequence of str
        Models by the name of the set; generators outside it are left out.

    Returns
    -------
    DataFrame
        The columns of `analysis.winners`, of which ``credit`` is recovery and ``margin`` is the generator's score less
        the best other candidate's; ``own``, the generator's own score; ``cell``, ``candidates`` (the set) and
        ``score``. Jobs whose generator has no score are left out.
    """
    tables = []
    for cell, part in rows.groupby("cell", sort=False):
        itself = part[competes(part) & (part["candidate"] == part["generator"])]
        for score in scores:
            own = itself[[*_JOB, score]].rename(columns={score: "own"})
            for name, models in sets.items():
                jobs = winners(part, score=score, models=models).dropna(subset="credit")
                tables.append(jobs.merge(own, on=_JOB).assign(cell=cell, candidates=name, score=score))
    return pd.concat(tables, ignore_index=True)


def describe_jobs(jobs: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return recovery, lead and the most frequent false winner of groups of jobs.

    Parameters
    ----------
    jobs : DataFrame
        As from `cell_jobs`.
    by : sequence of str
        Columns that make a group.

    Returns
    -------
    DataFrame
        The columns `by`; ``n_jobs``; ``recovery``, the mean credit, with ``low`` and ``high``, its exact 95% interval,
        which takes jobs for independent; ``margin`` and ``own``, means; ``chance``; ``n_lost``, jobs that one other
        model won (a tie is not lost); ``false_winner``, the one that won most of them (first by name among equals; ""
        without any), and ``false_wins``, how many.
    """
    table = []
    for group, part in jobs.groupby(list(by), sort=False):
        low, high = exact_interval(part["credit"].sum(), len(part))
        false = part.loc[lost(part), "winner"]
        counts = false.value_counts().sort_index().sort_values(ascending=False, kind="stable")
        means = part[["credit", "margin", "own", "chance"]].mean()
        table.append(
            dict(zip(by, group, strict=True))
            | {"n_jobs": len(part), "recovery": means["credit"], "low": low, "high": high}
            | means.drop("credit").to_dict()
            | {"n_lost": len(false), "false_winner": counts.index[0] if len(false) else ""}
            | {"false_wins": int(counts.iloc[0]) if len(false) else 0}
        )
    return pd.DataFrame(table)


def lay_out(
    cells: Mapping[str, Mapping], codes: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, dict[str, tuple[str, str]]]:
    """Return in which settings cells differ.

    Parameters
    ----------
    cells : mapping of str to mapping
        Settings by cell, as from `Experiment.settings`.
    codes : DataFrame, optional
        As from `contrasts.code_cells`, of some of the cells.

    Returns
    -------
    layout : DataFrame of str, (n_cells, n_settings)
        Index cell: a column for each factor of `codes`, then one for each other setting that differs.
    levels : dict of str to (str, str)
        What is low and what is high in each column. Of a setting that is no factor, low is what the coded cells have
        (without codes, the first cell), and high the first other value.
    """
    settings = {name: _settings(cell) for name, cell in cells.items()}
    table = pd.DataFrame.from_dict(settings, orient="index").rename_axis("cell")
    columns, levels = {}, {}
    for factor, signs in ({} if codes is None else codes.reindex(table.index).dropna()).items():
        for name in table:
            low, high = (set(table.loc[signs.index[signs == sign], name]) for sign in (-1, 1))
            if len(low) == len(high) == 1 and low != high:
                columns[factor], levels[factor] = name, (*low, *high)
                break
    for name in table:
        others = list(dict.fromkeys(table[name]))
        if len(others) > 1 and name not in columns.values():
            coded = [] if codes is None else table.loc[table.index.isin(codes.index), name].tolist()
            low = (coded or others)[0]
            columns[name], levels[name] = name, (low, next(other for other in others if other != low))
    return table[list(columns.values())].set_axis(list(columns), axis=1), levels


def departures(cells: Mapping[str, Mapping], fraction: Sequence[str]) -> pd.DataFrame:
    """Return the pairs of cells that differ in one setting alone, and of which one at least is not of the fraction.

    Parameters
    ----------
    cells : mapping of str to mapping
        Settings by cell, as from `Experiment.settings`.
    fraction : sequence of str

    Returns
    -------
    DataFrame
        ``reference`` and ``cell``, the setting that ``departs``, and its values there, ``from`` and ``to``. The
        reference is the cell whose settings all occur in the fraction; of two such the one outside it, so that one
        reads what each factor does there; else the first of the two.
    """
    settings, pairs = {name: _settings(cell) for name, cell in cells.items()}, []
    names = list(settings)
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            one, two = settings[first], settings[second]
            differ = [key for key in one if one[key] != two[key]]
            if len(differ) != 1 or (first in fraction and second in fraction):
                continue
            key = differ[0]
            known = {settings[name][key] for name in fraction if name in settings}
            swap = (two[key] in known, second not in fraction) > (one[key] in known, first not in fraction)
            pair = (second, first) if swap else (first, second)
            pairs.append((*pair, key, *(settings[name][key] for name in pair)))
    return pd.DataFrame(pairs, columns=["reference", "cell", "departs", "from", "to"])


def compare_cells(
    jobs: pd.DataFrame,
    pairs: pd.DataFrame,
    *,
    responses: Sequence[str],
    seed: int,
    by: Sequence[str] = ("score",),
    correction: str = "holm",
) -> pd.DataFrame:
    """Compare cells two by two, over the jobs that both have: the same generator, seed and size.

    Parameters
    ----------
    jobs : DataFrame
        As from `cell_jobs`, of one set of candidates.
    pairs : DataFrame
        ``reference`` and ``cell``, as from `departures`; other columns are kept.
    responses : sequence of str
        Columns of `jobs`.
    seed : int
        For the bootstrap.
    by : sequence of str
        Columns of `jobs`: cells are compared within each group.
    correction : str
        Of p for the number of pairs, within a group and response; see `stats.correct`.

    Returns
    -------
    DataFrame
        The columns of `pairs` and `by`; ``response``; its means ``of_reference`` and ``of_cell`` over the common jobs;
        what `contrasts.generator_intervals` says of the difference (``effect``, cell less reference); ``p_corrected``;
        ``n_jobs``, ``n_seeds``. No row for a pair without common jobs.
    """
    table = []
    for group, part in jobs.groupby(list(by), sort=False):
        of_cells = {name: rows for name, rows in part.groupby("cell")}
        for _, pair in pairs.iterrows():
            sides = [of_cells.get(pair[role], part.iloc[:0])[[*_JOB, *responses]] for role in ("reference", "cell")]
            both = sides[0].merge(sides[1], on=_JOB, suffixes=("_reference", "_cell"))
            if both.empty:
                continue
            for response in responses:
                both["effect"] = both[f"{response}_cell"] - both[f"{response}_reference"]
                found = generator_intervals(both.groupby("generator")[["effect"]].mean(), seed=seed).loc["effect"]
                means = {f"of_{side}": both[f"{response}_{side}"].mean() for side in ("reference", "cell")}
                about = pair.to_dict() | dict(zip(by, group, strict=True)) | {"response": response}
                counts = {"n_jobs": len(both), "n_seeds": both["seed"].nunique()}
                table.append(about | means | found.to_dict() | counts)
    compared = pd.DataFrame(table)
    if compared.empty:
        return compared
    tests = compared.groupby([*by, "response"])["p"]
    compared["p_corrected"] = tests.transform(lambda p: correct(p.to_numpy(), correction))
    return compared.astype({"n_generators": int})


def fits_by_cell(rows: pd.DataFrame, cells: Mapping[str, Mapping]) -> pd.DataFrame:
    """Return `analysis.describe_fits` of each cell and size; columns cell and n_triplets in front."""
    tables = {cell: describe_fits(part, cells[cell]["strengths"]) for cell, part in rows.groupby("cell", sort=False)}
    return pd.concat(tables, names=["cell"]).reset_index()


def say_effects(found: pd.DataFrame, *, unit: str) -> str:
    """Say in words which effects can be told from zero: a clause that is right whatever came out.

    Parameters
    ----------
    found : DataFrame
        As from `contrasts.effects`, of one group and response.
    unit : {"points", "accuracy"}
        Percentage points, or a fraction with three decimals.

    Raises
    ------
    ValueError
        An unknown unit.
    """
    if unit not in _UNITS:
        raise ValueError(f"unit={unit!r} is none of {', '.join(_UNITS)}.")
    sure = found[found["p_corrected"] < 0.05].sort_values("p_corrected", kind="stable")
    if sure.empty:
        return f"none of the {len(found)} effects can be told from zero"
    terms = sure["term"].str.replace("_", " ")
    named = ", ".join(f"{term} ({_UNITS[unit](x)})" for term, x in zip(terms, sure["effect"], strict=True))
    return f"{len(sure)} of the {len(found)} effects can be told from zero: {named}"


def say_largest(found: pd.DataFrame, *, unit: str) -> str:
    """Say in words which effect explains most of the variance between cells; see `say_effects`."""
    if unit not in _UNITS:
        raise ValueError(f"unit={unit!r} is none of {', '.join(_UNITS)}.")
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
    taken = f"{group['false_wins']} of them to {labels[group['false_winner']]}"
    verb = "is" if group["n_lost"] == 1 else "are"
    return f"{group['n_lost']} of {group['n_jobs']} jobs {verb} lost, {taken}"


def say_bound(low: float, high: float, bound: float) -> str:
    """Say in words where an interval lies: ``below``, ``above`` or ``on both sides of`` a bound."""
    return "below" if high < bound else "above" if low > bound else "on both sides of"


def _settings(cell: Mapping) -> dict:
    """Return what distinguishes a cell, by setting, as it is shown."""
    cell = dict(cell) | {key: value for key, value in _LATER.items() if key not in cell}
    shown = {key: _NAMES.get((key, str(value)), str(value)) for key, value in cell.items() if key not in _ASIDE}
    if (n := cell["n_judgements"]) is not None:
        shown["n_judgements"] = f"{n / 1e6:g} M " + ("simulated" if cell["world"] == "surrogate" else "of the open")
    return shown
