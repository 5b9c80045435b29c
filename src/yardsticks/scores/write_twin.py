"""For maintainers: write the statistics behind the twin from the real leaderboard.

Run as ``python -m yardsticks.scores.write_twin``, on the real data.
"""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from yardsticks import datasets
from yardsticks.scores.consistency import ATTENTION_MAP, ODD_ONE_OUT
from yardsticks.scores.opening import open_scores
from yardsticks.scores.twin.compare import EXTRA
from yardsticks.scores.twin.statistics import summarise


def read_extra() -> pd.DataFrame:
    """Read odd-one-out and attention-map similarity of the leaderboard's models: a column each, by model id.

    Attention maps carry timm's names; data/catalogue/attention_map_crosswalk.csv says which Brain-Score model is
    which, and all its qualities of match are used.

    Raises
    ------
    FileNotFoundError
        The real data are not on this machine.
    """
    path, _ = datasets.locate(ATTENTION_MAP)
    if path is None or datasets.is_synthetic("brainscore-2025-05"):
        raise FileNotFoundError("The twin's statistics come from the real data: set YARDSTICKS_DATA to their folder.")
    similarity = pd.read_csv(path).set_index("model")["spearman"]
    names = datasets.catalogue("attention_map_crosswalk").set_index("model_id")["timm_name"]
    odd_one_out = open_scores("brainscore-2025-05").values[ODD_ONE_OUT]
    return pd.concat([odd_one_out, names.map(similarity)], axis=1, keys=EXTRA)


def write_statistics(folder: str | os.PathLike) -> None:
    """Write `summarise` of the real data to ``<name>.csv``, each file as a whole or not at all.

    Raises
    ------
    FileNotFoundError
        The real data are not on this machine.
    """
    extra = read_extra()
    for name, frame in summarise(open_scores(), extra).items():
        path = Path(folder) / f"{name}.csv"
        unfinished = path.with_suffix(".part")
        frame.to_csv(unfinished, index=False, lineterminator="\n")
        os.replace(unfinished, path)


if __name__ == "__main__":
    write_statistics(datasets.TWIN)
