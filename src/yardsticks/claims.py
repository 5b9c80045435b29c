"""The numbers that the papers print, each kept once in ``data/published.toml``."""

from __future__ import annotations

import tomllib

import pandas as pd

from yardsticks.datasets import PUBLISHED


def published(paper: str) -> pd.DataFrame:
    """Return the numbers printed in a paper.

    Parameters
    ----------
    paper : {"ahlert2024"}
        The paper's key, as in the bibliography.

    Returns
    -------
    DataFrame
        Index: the number's key; columns value, place, what.

    Raises
    ------
    KeyError
        A paper without an entry.
    """
    papers = tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))
    if paper not in papers:
        raise KeyError(f"{PUBLISHED} has no paper {paper!r}; it has {', '.join(papers)}.")
    numbers = {key: entry for key, entry in papers[paper].items() if isinstance(entry, dict)}
    return pd.DataFrame.from_dict(numbers, orient="index")
