"""What a specification curve says: where the printed numbers lie on it, and which choices move it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from yardsticks.claims import CLOSE, printed_numbers
from yardsticks.scores.specifications.curve import NAMES
from yardsticks.scores.specifications.headline import HEADLINES
from yardsticks.stats import check_option

# What each number is compared with, keys of data/published.toml. Of the mean correlation the paper prints one value for
# each set of metrics, that over the leaves in the workshop version.
MEAN_RHO = {
    "groups": "mean_rho_figure5",
    "leaves": "workshop_mean_rho",
    "leaves and engineering": "mean_rho_69",
}
VERSIONS = {
    "paper": {name: name for name in HEADLINES if name != "mean_rho"},
    "workshop": {"r2_behaviour": "workshop_r2_behaviour", "r2_neural": "workshop_r2_neural"},
}


def set_beside_printed(frame: pd.DataFrame, *, real: bool) -> pd.DataFrame:
    """Set the range of each headline number beside what is printed.

    Parameters
    ----------
    frame : DataFrame
        As from `curve.specification_curve`.
    real : bool
        Whether it comes from real data; if not, nothing printed is set beside it.

    Returns
    -------
    DataFrame
        One row for each printed number; columns number, of (the metric set, or the version that prints it), n (the
        specifications that it is compared with), lowest, median, highest, printed, share_below (of the
        specifications) and n_close (those at most `claims.CLOSE` off).
    """
    printed = _printed()
    rows = [("mean_rho", metrics, key, frame["metrics"] == metrics) for metrics, key in MEAN_RHO.items()]
    rows += [(n, version, key, frame[n].notna()) for version, keys in VERSIONS.items() for n, key in keys.items()]
    table = []
    for number, of, key, chosen in rows:
        values = frame.loc[chosen, number].dropna()
        if values.empty:
            continue
        value = printed.at[key, "value"] if real else np.nan
        near = (values - value).abs() <= CLOSE[printed.at[key, "kind"]] + 1e-12
        table.append(
            {
                "number": number,
                "of": of,
                "n": len(values),
                "lowest": values.min(),
                "median": values.median(),
                "highest": values.max(),
                "printed": value,
                "share_below": (values < value).mean() if real else np.nan,
                "n_close": int(near.sum()),
            }
        )
    order = pd.Categorical([row["number"] for row in table], list(HEADLINES), ordered=True)
    return pd.DataFrame(table).iloc[np.argsort(order.codes, kind="stable")].reset_index(drop=True)


def printed_lines(beside: pd.DataFrame, number: str) -> dict[str, float]:
    """Label the printed values of one headline number, for a figure; none on synthetic data."""
    rows = beside[(beside["number"] == number) & beside["printed"].notna()]
    return {f"{of}: {value:g}": value for of, value in zip(rows["of"], rows["printed"], strict=True)}


def nearest(frame: pd.DataFrame, *, real: bool, version: str = "paper", without: Sequence[str] = ()) -> int | None:
    """Return the position of the specification with the least distance to the printed numbers.

    Only of those that the paper does not exclude: it says that it uses Spearman's correlation, and it is older than any
    but the first of the leaderboards. The first of several; None on synthetic data, or where no specification has all
    of the numbers.
    """
    allowed = (frame["method"] == "spearman") & (frame["table"] == frame["table"].iloc[0])
    distance = distances(frame, version=version, without=without)["distance"].where(allowed).to_numpy()
    return int(np.nanargmin(distance)) if real and np.isfinite(distance).any() else None


def count_distinct(frame: pd.DataFrame) -> pd.Series:
    """Count the values of each headline number that differ: many specifications do not touch it.

    Parameters
    ----------
    frame : DataFrame
        As from `curve.specification_curve`.

    Returns
    -------
    Series of int
        Of values rounded to 10 decimals.
    """
    return frame[list(HEADLINES)].round(10).nunique()


def describe(frame: pd.DataFrame, rows: Mapping[str, int | None]) -> pd.DataFrame:
    """Lay some specifications out side by side.

    Parameters
    ----------
    frame : DataFrame
        As from `curve.specification_curve`.
    rows : mapping of label to position
        A position of None is left out.

    Returns
    -------
    DataFrame, (n_choices + 6, 1 + n_rows)
        Column ``what``: the choices, then the numbers; and a column of text for each specification.
    """
    columns = {label: frame.iloc[row] for label, row in rows.items() if row is not None}
    text = {
        label: [f"{v:.3f}" if isinstance(v, float) else str(v) for v in column] for label, column in columns.items()
    }
    return pd.DataFrame({"what": list(frame.columns)} | text)


def distances(frame: pd.DataFrame, *, version: str = "paper", without: Sequence[str] = ()) -> pd.DataFrame:
    """Measure how far each specification is from all printed headline numbers at once.

    Parameters
    ----------
    frame : DataFrame
        As from `specification_curve`.
    version : {"paper", "workshop"}
        Whose numbers: five of the paper, or the three of its workshop version.
    without : sequence of str
        Numbers to leave out.

    Returns
    -------
    DataFrame, (n_points, n_numbers + 2)
        Ours less the printed value, in units of `claims.CLOSE`, for each number; ``distance``, their root mean square
        (NaN where a number is not defined or has no printed counterpart); and ``n_close``, how many are at most one
        unit off.
    """
    check_option("version", version, VERSIONS)
    printed = _printed()
    unit = printed["kind"].map(CLOSE)
    keys = {name: pd.Series(key, frame.index) for name, key in VERSIONS[version].items()}
    rho = frame["metrics"].map(MEAN_RHO)
    keys = {"mean_rho": rho if version == "paper" else rho.where(rho == "workshop_mean_rho")} | keys
    keys = {name: key for name, key in keys.items() if name not in without}
    off = pd.DataFrame({n: (frame[n] - key.map(printed["value"])) / key.map(unit) for n, key in keys.items()})
    close = (off.abs() <= 1 + 1e-9).sum(axis=1)
    return off.assign(distance=np.sqrt((off**2).mean(axis=1, skipna=False)), n_close=close)


def explained_by_choice(frame: pd.DataFrame) -> pd.DataFrame:
    """Divide the variance of each headline number over specifications among the choices.

    Parameters
    ----------
    frame : DataFrame
        As from `specification_curve`.

    Returns
    -------
    DataFrame, (n_choices + 3, n_numbers)
        Shares of the sum of squares, which add up to 1 in each column. For each choice with more than one value its
        own part: what the fit of all main effects loses without it (type II of an analysis of variance). Then
        ``shared by choices`` (of the main effects; only where choices are not fully crossed, and it may be negative),
        ``interactions of two`` and ``interactions of more``. NaN where a number does not vary.
    """
    names = [name for name in frame if name in NAMES and frame[name].nunique() > 1]
    columns = {}
    for number in HEADLINES:
        known = frame[frame[number].notna()]
        y = known[number].to_numpy() - known[number].mean()
        total = y @ y
        if not total > 1e-20 * max(1, len(y)):
            columns[number] = {}
            continue
        codes = {name: _contrasts(known[name]) for name in names}
        products = [
            (codes[a][:, :, None] * codes[b][:, None, :]).reshape(len(known), -1) for a, b in combinations(names, 2)
        ]
        main = _residual(codes.values(), y)
        two = _residual([*codes.values(), *products], y)
        own = {name: _residual([c for n, c in codes.items() if n != name], y) - main for name in names}
        rest = {
            "shared by choices": total - main - sum(own.values()),
            "interactions of two": main - two,
            "interactions of more": two,
        }
        columns[number] = {name: part / total for name, part in (own | rest).items()}
    rows = [*names, "shared by choices", "interactions of two", "interactions of more"]
    return pd.DataFrame(columns, index=pd.Index(rows, name="choice"), columns=list(HEADLINES), dtype=float)


def say_close(frame: pd.DataFrame, *, real: bool) -> str:
    """Say in words how many specifications come close to the printed numbers, and what those share that do.

    Parameters
    ----------
    frame : DataFrame
        As from `curve.specification_curve`.
    real : bool
        Whether it is compared with what is printed.
    """
    if not real:
        return "These data are not compared with what is printed."
    five, four = distances(frame), distances(frame, without=["rho_mean_rank"])
    workshop = distances(frame, version="workshop")
    as_rank = frame[five["rho_mean_rank"].abs() <= 1 + 1e-9]
    said = [
        f"Of {len(frame):,} specifications {(five['n_close'] == 5).sum()} come close to all five numbers at once; the "
        f"most that any comes close to is {five['n_close'].max()}.",
        f"{(four['n_close'] == 4).sum()} come close to the four other numbers, without the mean rank.",
        f"{len(as_rank)} come close to the printed correlation with the mean rank.",
    ]
    if len(as_rank):
        low, high = as_rank["rho_mean_z"].min(), as_rank["rho_mean_z"].max()
        said.append(
            f"What they share: {shared_values(as_rank)}. The correlation with z scores, taken in the same way, is "
            f"{low:.2f} to {high:.2f} in them."
        )
    said.append(f"{(workshop['n_close'] == 3).sum()} come close to the three numbers of the workshop version.")
    return " ".join(said)


def shared_values(frame: pd.DataFrame) -> str:
    """Name the values that all specifications of a frame share; ``nothing`` if there is none.

    Parameters
    ----------
    frame : DataFrame
        Some rows of `curve.specification_curve`.
    """
    shared = [f"{name} = {frame[name].iloc[0]}" for name in frame if name in NAMES and frame[name].nunique() == 1]
    return ", ".join(shared) or "nothing"


def most_important(shares: pd.DataFrame, number: str) -> str:
    """Name the choice that explains most of a headline number, from `explained_by_choice`; ``none`` if none does."""
    own = shares.loc[shares.index.isin(NAMES), number].dropna()
    return own.idxmax() if (own > 0).any() else "none"


def leading_choices(shares: pd.DataFrame) -> pd.Series:
    """Name the choice that explains most of each headline number, as `most_important` does."""
    return pd.Series({number: most_important(shares, number) for number in shares})


def _printed() -> pd.DataFrame:
    """Return what the paper and its workshop version print."""
    return pd.concat([printed_numbers("ahlert2024"), printed_numbers("ahlert2024workshop")])


def _contrasts(values: pd.Series) -> np.ndarray:
    return pd.get_dummies(values, drop_first=True, dtype=float).to_numpy()


def _residual(blocks: Iterable[np.ndarray], y: np.ndarray) -> float:
    """Sum of squares that a linear fit leaves over; columns that follow from others do no harm."""
    design = np.column_stack([np.ones(len(y)), *blocks])
    # the products of undefined combinations are empty, hence normal equations with a tolerant rank
    fit = np.linalg.lstsq(design.T @ design, design.T @ y, rcond=1e-10)[0]
    left = y - design @ fit
    return float(left @ left)
