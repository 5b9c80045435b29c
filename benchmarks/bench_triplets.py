"""Scores of triplets: those of all pairs of objects once, beside the rows of all triplets gathered, in one run.

The plain way is that of earlier versions: it holds three rows of float64 for each triplet. Each way runs in a process of
its own, so that its peak memory is its own. The table is written to book/performance.md.
"""

from __future__ import annotations

import multiprocessing
import os

os.environ["OMP_NUM_THREADS"] = "1"

import sys
import time
from typing import NamedTuple

import numpy as np
from bench_solver import N_OBJECTS, N_TRAIN, memory, start_peak
from pages import PERFORMANCE, write_section

CASES = [(64, 10_000), (512, 40_000), (1280, 40_000)]  # features, triplets
CLOSE = 1e-12  # relative difference that sums in another order make


class Scored(NamedTuple):
    """Seconds of a core (the best of three), peak memory above that before in MB, and the logits (n, 3)."""

    seconds: float
    memory: float
    logits: np.ndarray


def gathered(embedding: np.ndarray, triplets) -> np.ndarray:
    """Return what `embedding_logits` does, from the rows of all triplets."""
    i, j, k = embedding[triplets.objects.T].astype(np.float64)  # each (n, p)
    return np.stack([np.einsum("ij,ij->i", *pair) for pair in ((j, k), (i, k), (i, j))], axis=1)


def tabled(embedding: np.ndarray, triplets) -> np.ndarray:
    """Return the logits as the package computes them."""
    from yardsticks.recovery.triplets.choices import embedding_logits

    return embedding_logits(embedding, triplets)


def measure(way: str, n_features: int, n_triplets: int, answer) -> None:
    """Score in this process, and send back what it took."""
    from yardsticks.recovery.triplets.sampling import sample_triplets

    rng = np.random.default_rng([n_features, n_triplets])
    embedding = rng.normal(size=(N_OBJECTS, n_features)).astype(np.float32)
    triplets = sample_triplets(N_TRAIN, n_triplets, seed=rng, n_objects=N_OBJECTS)
    score, times = {"gathered": gathered, "tabled": tabled}[way], []
    score(embedding, triplets.subset(slice(100)))
    base = start_peak()
    for _ in range(3):
        started = time.process_time()  # of the one thread, whatever else the machine does
        logits = score(embedding, triplets)
        times.append(time.process_time() - started)
    answer.send(Scored(min(times), memory("VmHWM") - base, logits))


def in_own_process(way: str, n_features: int, n_triplets: int) -> Scored:
    """Run `measure` in a fresh process."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=measure, args=(way, n_features, n_triplets, there))
    process.start()
    there.close()
    try:
        return here.recv()
    except EOFError:
        raise SystemExit(f"{way}, {n_features} features, {n_triplets:,} triplets: no answer came.") from None
    finally:
        process.join()


def main() -> None:
    """Measure every case, print the table as it grows, and write it."""
    lines = [
        "| features, triplets | here: s | rows gathered: s | ratio | here: MB | rows gathered: MB | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    print("\n".join(lines), flush=True)
    largest = 0.0
    for n_features, n_triplets in CASES:
        ours, plain = (in_own_process(way, n_features, n_triplets) for way in ("tabled", "gathered"))
        away = float(np.abs(ours.logits - plain.logits).max() / np.abs(plain.logits).max())
        largest = max(largest, away)
        if away > CLOSE:
            raise SystemExit(f"{n_features} features, {n_triplets:,} triplets: the ways differ by {away:.1e}.")
        lines.append(
            f"| {n_features}, {n_triplets:,} | {ours.seconds:.4f} | {plain.seconds:.4f} | "
            f"**{plain.seconds / ours.seconds:.1f}** | {ours.memory:.0f} | {plain.memory:.0f} | "
            f"{plain.memory / ours.memory:.1f} |"
        )
        print(lines[-1], flush=True)
    table = "\n".join(lines)
    text = f"""## Scores of triplets

Each job of a study needs its generator's similarities of the pairs in each triplet. The table says what they take for triplets
of {N_TRAIN} objects, on one thread (`make bench`). Our way computes the similarity of every pair of objects once and looks it up for
each triplet; with too few triplets for that to pay, it gathers their rows block by block. The plain way gathers the rows of all triplets. Seconds are of a core, memory
is the peak above that before. Both give the same numbers: relative to the largest they differ by {largest:.0e} at the most.

{table}
"""
    write_section(PERFORMANCE, text)


if __name__ == "__main__":
    sys.exit(main())
