"""A page that needs no other file, no script and no network, and the pieces that it is made of.

Everything that is said passes `in_html` here.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

import yardsticks
from yardsticks.literal import in_html
from yardsticks.style import draw

CSS = """
:root { color-scheme: light dark; --text: #1c1c1c; --page: #fff; --line: #c9cdd2; --quiet: #555b63; --band: #f3f5f7; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e8e8e8; --page: #16181b; --line: #464b52; --quiet: #b3b9c1; --band: #212429; }
}
* { box-sizing: border-box; }
body { margin: 0; color: var(--text); background: var(--page); font: 16px/1.55 system-ui, sans-serif; }
main, footer { max-width: 66rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; }
h2 { font-size: 1.25rem; margin-top: 2.2rem; border-bottom: 1px solid var(--line); }
h1, p, li { overflow-wrap: anywhere; }
p, ul { max-width: 48rem; }
ul { padding-left: 1.2rem; }
li { margin: .35rem 0; }
figure, .wide { margin: 1rem 0; overflow-x: auto; }
img { display: block; width: 100%; min-width: 34rem; max-width: 56rem; background: #fff; border-radius: 4px; }
.wide { max-height: 34rem; overflow: auto; border: 1px solid var(--line); }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; width: 100%; }
caption { text-align: left; padding: .4rem .6rem; font-weight: 600; }
th, td { padding: .25rem .6rem; text-align: right; vertical-align: top; }
.name { text-align: left; }
thead th { position: sticky; top: 0; background: var(--page); border-bottom: 2px solid var(--line); min-width: 5.2rem; }
td { white-space: nowrap; }
tbody tr { background: var(--page); }
tbody th:first-child { position: sticky; left: 0; background: inherit; }
tbody th { font-weight: 500; min-width: 9rem; max-width: 20rem; overflow-wrap: anywhere; }
tbody tr:nth-child(even) { background: var(--band); }
.label { padding: .6rem 1rem; border-left: 4px solid #d55e00; background: var(--band); }
footer { color: var(--quiet); font-size: .85rem; }
@media (max-width: 40rem) {
  tbody th { min-width: 7rem; max-width: 10rem; }
  th, td { padding: .2rem .4rem; }
}
@media print {
  :root { --text: #000; --page: #fff; --line: #999; --quiet: #333; --band: #f3f5f7; }
  .wide, figure { overflow: visible; max-height: none; border: 0; }
  img { min-width: 0; }
  table { font-size: .6rem; }
  tbody th, thead th { position: static; min-width: 0; }
  th, td { padding: .1rem .25rem; }
  tbody th { min-width: 6rem; }
  tr, figure { break-inside: avoid; }
}
"""


def page(title: str, sections: Iterable[tuple[str, str]], *, label: str = "") -> str:
    """Return a whole page of sections, each a heading and the HTML below it; the browser is told to load nothing."""
    title = in_html(title)
    label = f'<p class="label"><strong>{in_html(label)}</strong></p>' if label else ""
    body = "".join(f"<section><h2>{in_html(heading)}</h2>{content}</section>" for heading, content in sections)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        'style-src \'unsafe-inline\'"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{CSS}</style></head><body><main><h1>{title}</h1>{label}{body}</main>"
        f"<footer><p>Made by yardsticks {yardsticks.__version__}.</p></footer></body></html>\n"
    )


def say_number(value: float | None) -> str:
    """Say a number with three digits; of one over a thousand all before the point."""
    return "none" if pd.isna(value) else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:#.3g}".rstrip(".")


def say_p(value: float) -> str:
    """Say a p value."""
    return "none" if pd.isna(value) else "below 0.001" if value < 0.001 else f"{value:.3f}"


def say_correlation(value: float) -> str:
    """Say a correlation with two decimals."""
    return "none" if pd.isna(value) else f"{value:.2f}".replace("-0.00", "0.00")


def say_interval(low: float, high: float) -> str:
    """Say from where to where the interval of a correlation reaches."""
    return "none" if pd.isna(low) else f"{say_correlation(low)} to {say_correlation(high)}"


def say_rank(row: pd.Series) -> str:
    """Say a rank of `integrate` with its interval, if it has one."""
    interval = "" if pd.isna(row["rank_low"]) else f" ({row['rank_low']} to {row['rank_high']})"
    return f"{row['rank']}{interval}"


def picture(make: Callable[[], Figure], alt: str) -> str:
    """Return a figure, within the page itself, with its description."""
    data = base64.b64encode(draw(make, "png")).decode()
    return f'<figure tabindex="0"><img alt="{in_html(alt)}" src="data:image/png;base64,{data}"></figure>'


def paragraph(text: str) -> str:
    """Return a paragraph of one text."""
    return f"<p>{in_html(text)}</p>"


def in_list(texts: Iterable[str]) -> str:
    """Return a list with a bullet for each text."""
    return f"<ul>{''.join(f'<li>{in_html(text)}</li>' for text in texts)}</ul>"


def in_table(caption: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *, n_names: int = 1) -> str:
    """Return a table that scrolls by itself where it is wider than the page; its first columns name the rows."""
    names = [' class="name"' if number < n_names else "" for number in range(len(header))]
    head = "".join(f'<th scope="col"{name}>{in_html(text)}</th>' for text, name in zip(header, names, strict=True))
    lines = "".join(
        "<tr>"
        + "".join(f'<th scope="row" class="name">{in_html(cell)}</th>' for cell in row[:n_names])
        + "".join(f"<td>{in_html(cell)}</td>" for cell in row[n_names:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{in_html(caption)}"><table><caption>'
        f"{in_html(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"
    )
