"""Correlation of leaderboards beside pandas and scipy: seconds of each, and their ratio, in one run.

Pairwise correlations of a table with holes: ours have a p value for each pair, pandas' have none. Resamples of a complete
table: the plain way draws the rows and correlates them anew each time, timed on some of the resamples.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"

import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from yardsticks.scores.intervals import interval, resample
from yardsticks.stats import METHODS, correlate

HOLED = (300, 300)  # models, metrics; 30 % of the scores are missing
COMPLETE = (137, 50)
RESAMPLES = 10_000
# of the plain ways, and times that they may take at least; seconds that ours may take
TIMED, SCIPY, PANDAS, MOST = 100, 30, 15, 2.0


def seconds(compute: Callable[[], object]) -> float:
    """Take the best of five times."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        compute()
        times.append(time.perf_counter() - start)
    return min(times)


def pairs() -> bool:
    """Print a row for each method; tell whether ours was as fast as pandas under all."""
    rng = np.random.default_rng(0)
    values = rng.random(HOLED).round(3)
    values[rng.random(values.shape) < 0.3] = np.nan
    frame, fast = pd.DataFrame(values), True
    print(f"All pairs of {HOLED[1]} metrics of {HOLED[0]} models, 30 % missing\n")
    print("| method | pandas, s | ours, with p, s | pandas / ours |\n|---|---|---|---|")
    for method in METHODS:
        theirs = seconds(lambda method=method: frame.corr(method, min_periods=3))
        ours = seconds(lambda method=method: correlate(frame, policy="pairwise", method=method))
        fast &= ours <= theirs
        print(f"| {method} | {theirs:.3f} | {ours:.3f} | {theirs / ours:.1f} |")
    return fast


def resamples() -> bool:
    """Print a row for each way to resample; tell whether ours was as fast as it should be."""
    rng = np.random.default_rng(0)
    values = rng.random(COMPLETE).round(3)
    frame = pd.DataFrame(values)
    drawn = rng.integers(len(frame), size=(TIMED, len(frame)))
    ours = seconds(lambda: resample(frame, "spearman", seed=1, n=RESAMPLES))
    intervals = seconds(lambda: interval(resample(frame, "spearman", seed=1, n=RESAMPLES)))
    scipy, pandas = (
        seconds(compute) * RESAMPLES / TIMED
        for compute in (
            lambda: [stats.spearmanr(values[rows]).statistic for rows in drawn],
            lambda: [frame.iloc[rows].corr("spearman") for rows in drawn],
        )
    )
    size = f"{COMPLETE[1]} x {COMPLETE[1]} Spearman correlations of {COMPLETE[0]} models"
    print(f"\n{RESAMPLES:,} resamples of {size}\n")
    print("| way | s | beside ours |\n|---|---|---|")
    print(f"| ours | {ours:.2f} | 1 |\n| ours, with intervals | {intervals:.2f} | {intervals / ours:.1f} |")
    print(
        f"| scipy, one by one | {scipy:.1f} | {scipy / ours:.0f} |\n| pandas, one by one | {pandas:.1f} | {pandas / ours:.0f} |"
    )
    return ours <= MOST and scipy >= SCIPY * ours and pandas >= PANDAS * ours


def main() -> int:
    """Return 1 where ours was slower than it should be."""
    return int(not all([pairs(), resamples()]))


if __name__ == "__main__":
    sys.exit(main())
