"""The exact solver beside the published one: seconds, memory and final loss, in one run, on one thread.

Each fit runs in a process of its own, so that its peak memory is its own. A published fit that is not done after
`CUT` seconds is stopped, and its ratio is then a lower bound. ``FULL=1`` lets it run out. The table is written to book/performance.md.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import platform
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pages import PERFORMANCE, write_section

FULL = os.environ.get("FULL") == "1"
CUT = None if FULL else 60.0  # seconds
N_OBJECTS, N_TRAIN = 1854, 865
STRENGTH = 1e-2
PATH = tuple(10.0**power for power in range(1, -7, -1))  # eight strengths, decades
CASES = [(64, 10_000), (64, 100_000), (512, 10_000), (512, 100_000), (512, 1_000_000), (2048, 100_000)]
BARS = {(64, 10_000): 6, (512, 100_000): 15, (512, 1_000_000): 25}  # ratios to reach


class Measurement(NamedTuple):
    """What a fit took.

    Parameters
    ----------
    seconds : float
        Wall time.
    n_evaluations : int
        Evaluations of objective and gradient, over all strengths.
    objective : float
        Mean cross-entropy (nats) plus penalty at the last strength.
    memory : float
        Peak memory above that before the fit, in MB.
    cut : bool
        The fit was stopped before it was done.
    """

    seconds: float
    n_evaluations: int
    objective: float
    memory: float
    cut: bool


def make_problem(n_features: int, n_triplets: int):
    """Draw features with a decaying spectrum, and choices of a generator that is right about two times in three."""
    from yardsticks.recovery.people.calibration import calibrate
    from yardsticks.recovery.triplets.choices import simulate
    from yardsticks.recovery.triplets.sampling import sample_triplets
    from yardsticks.recovery.triplets.triplets import Triplets

    rng = np.random.default_rng([n_features, n_triplets])
    spectrum = np.arange(1, n_features + 1) ** -0.5
    features = rng.normal(size=(N_OBJECTS, n_features)) * spectrum
    features = (features / np.sqrt(np.mean(features**2))).astype(np.float32)
    train = rng.permutation(N_OBJECTS)[:N_TRAIN]
    objects = sample_triplets(np.sort(train), n_triplets, seed=rng, n_objects=N_OBJECTS).objects
    mixed = features @ (np.eye(n_features) + rng.normal(size=(n_features, n_features)) / n_features**0.5)
    similarity = mixed @ mixed.T
    i, j, k = objects.T
    logits = np.stack([similarity[j, k], similarity[i, k], similarity[i, j]], axis=1)
    temperature = calibrate(logits, match="max_p", target=0.678).temperature
    odd = simulate(logits, temperature=temperature, seed=rng)
    return features, Triplets(objects, odd, N_OBJECTS)


def measure(solver: str, features, triplets, strengths: tuple[float, ...], answer) -> None:
    """Fit in this process, and send the measurement back."""
    import torch

    from yardsticks.recovery.probes.fitting import fit_path

    torch.set_num_threads(1)
    options = {"time_limit": CUT} if solver == "published" else {}
    few = triplets.subset(np.arange(6_000))  # enough for the code of many triplets to be loaded as well
    fit_path(features[:, :8].copy(), few, strengths=[1.0], solver=solver)  # what torch imports and sets up on first use
    base = start_peak()
    started = time.perf_counter()
    probes = fit_path(features, triplets, strengths=strengths, solver=solver, **options)
    seconds = time.perf_counter() - started
    answer.send(
        Measurement(
            seconds=seconds,
            n_evaluations=sum(probe.record.n_evaluations for probe in probes),
            objective=probes[-1].record.objective,
            memory=memory("VmHWM") - base,
            cut=any(probe.record.status == "cut" for probe in probes),
        )
    )


def start_peak() -> float:
    """Start the peak of this process's memory anew, and return what it holds now, in MB."""
    ctypes.CDLL(None).malloc_trim(0)  # free memory that the process still held would hide what comes
    Path("/proc/self/clear_refs").write_text("5")
    return memory("VmRSS")


def memory(field: str) -> float:
    """Return this process's resident memory (VmRSS) or its peak (VmHWM), in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def in_own_process(solver: str, n_features: int, n_triplets: int, strengths: tuple[float, ...]) -> Measurement:
    """Run `measure` in a fresh process.

    The problem is made here: memory that was needed to make it, and is free again, would hide what the fit takes.
    """
    problem = make_problem(n_features, n_triplets)
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=measure, args=(solver, *problem, strengths, there))
    process.start()
    there.close()
    try:
        return here.recv()
    except EOFError:
        raise SystemExit(f"{solver}, {n_features} features, {n_triplets:,} triplets: no answer came.") from None
    finally:
        process.join()


def row(name: str, ours: Measurement, plain: Measurement, n_fits: int, bar: float | None) -> str:
    """One line of the table; times are for each fit, ratios of a cut fit are lower bounds."""
    at_least = "≥ " if plain.cut else ""
    cells = [
        name,
        f"{ours.seconds / n_fits:.2f} ({ours.n_evaluations / n_fits:.0f})",
        f"{'> ' if plain.cut else ''}{plain.seconds:.2f} ({plain.n_evaluations})",
        f"**{at_least}{plain.seconds / (ours.seconds / n_fits):.1f}**",
        f"{bar:g}" if bar else "",
        f"{ours.objective:.5f}" if n_fits == 1 else "",
        f"{plain.objective:.5f}" if n_fits == 1 else "",
        f"{ours.memory:.0f}",
        f"{plain.memory:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Measure every case, print the table as it grows, and write the page."""
    head = [
        "| features, triplets | exact: s a fit (evaluations) | published: s (evaluations) | ratio | bar | exact: loss | "
        "published: loss | exact: MB | published: MB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    print("\n".join(head), flush=True)
    lines, worst, heavy = [], -np.inf, []
    published = {}
    for n_features, n_triplets in CASES:
        ours = in_own_process("exact", n_features, n_triplets, (STRENGTH,))
        plain = published[n_features, n_triplets] = in_own_process("published", n_features, n_triplets, (STRENGTH,))
        worst = max(worst, ours.objective - plain.objective)
        if 3 * ours.memory > plain.memory:
            heavy.append(f"{n_features} features and {n_triplets:,} triplets")
        bar = BARS.get((n_features, n_triplets))
        lines.append(row(f"{n_features}, {n_triplets:,}, cold", ours, plain, 1, bar))
        print(lines[-1], flush=True)
    for n_features in (512, 2048):
        ours = in_own_process("exact", n_features, 100_000, PATH)
        bar = 20 if n_features == 512 else None
        lines.append(row(f"{n_features}, 100,000, path of 8", ours, published[n_features, 100_000], len(PATH), bar))
        print(lines[-1], flush=True)
    write_page([*head, *lines], worst, heavy)


def write_page(table: list[str], worst: float, heavy: list[str]) -> None:
    """Write the first part of book/performance.md, whole or not at all."""
    import torch

    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    machine = models[0] if models else platform.machine()
    cut = (
        "Published fits ran to their end."
        if CUT is None
        else f"Published fits are cut after {CUT:.0f} s, and their ratio is then a lower bound (≥)."
    )
    but = f", but for {' and '.join(heavy)}" if heavy else " in every case"
    lower = (
        f"The exact solver's loss is lower than the published one's in every case of this table, by at least {-worst:.1e} nats."
        if worst < 0
        else f"The exact solver's loss exceeds the published one's by at most {worst:.1e} nats in this table."
    )
    text = f"""# Performance

The exact solver of wing B is faster than the published one, by the ratio in the table. `make bench` measures both side by
side and writes this page. The published solver is the reference's optimiser and stopping rule {{cite:p}}`avitan2025`, with
scores over all objects in each step. Each fit ran in its own process on one thread ({machine}, torch
{torch.__version__}). {cut}

{N_OBJECTS:,} objects, {N_TRAIN} of them in the training triplets; strength {STRENGTH:g} for single fits, and eight strengths from
{PATH[0]:g} to {PATH[-1]:g} for a path. Seconds are for one fit; the published solver has no path, so a path is compared with its
single fit. *Cold* is a fit from scratch, and *bar* the ratio that we set ourselves to reach. Loss is mean cross-entropy (nats)
plus penalty; lower is better. Memory is the peak above that before the fit.

{chr(10).join(table)}

{lower} Its memory is at most a third of the published one's{but}.
"""
    write_section(PERFORMANCE, text)


if __name__ == "__main__":
    sys.exit(main())
