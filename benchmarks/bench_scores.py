"""Pairwise correlation of a leaderboard with holes beside pandas: seconds of both, and their ratio, in one run.

Ours has a p value for each pair, pandas has none. The bar is pandas' time for the rank correlation.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"

import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from yardsticks.stats import correlate

CASES = [(40, 150), (40, 300), (280, 300)]  # models, metrics; 30 % of the scores are missing


def seconds(compute: Callable[[], object]) -> float:
    """Take the best of three times."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        compute()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> int:
    """Print a row for each case; return 1 where ours took longer than pandas."""
    slower = 0
    print("| models | metrics | pandas, s | ours, s | pandas / ours |\n|---|---|---|---|---|")
    for n_models, n_metrics in CASES:
        rng = np.random.default_rng(0)
        values = rng.random((n_models, n_metrics)).round(3)
        values[rng.random(values.shape) < 0.3] = np.nan
        frame = pd.DataFrame(values)
        theirs = seconds(lambda frame=frame: frame.corr("spearman", min_periods=3))
        ours = seconds(lambda frame=frame: correlate(frame, policy="pairwise"))
        slower += ours > theirs
        print(f"| {n_models} | {n_metrics} | {theirs:.2f} | {ours:.2f} | {theirs / ours:.1f} |")
    return int(slower > 0)


if __name__ == "__main__":
    sys.exit(main())
