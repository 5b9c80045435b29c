"""What a card does: its results beside the processor's, fits a second, and memory; within ten minutes on a lent one.

Where torch finds no card the same is run at a small size on the processor, to show that it runs, and nothing is written.
Else the section "On a card" of book/performance.md is written from what was measured; what there was no time for is left
out, and said. Start it alone: ``python benchmarks/bench_card.py``.
"""

from __future__ import annotations

import math
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from bench_solver import PATH, make_problem, memory, start_peak
from pages import PERFORMANCE, write_section

MINUTES = 8.0  # after which no further case is begun: the last one may take a while
CLOSE = 1.4e-4  # nats: two fits within the solver's tolerance of the same optimum
KINDS = {  # all but the last in float32
    "full": {},
    "full, to zero": {"penalty": "frobenius"},
    "diagonal": {"transform": "diagonal"},
    "low rank": {"transform": "low_rank", "rank": 10, "start": "features"},
    "published solver": {"solver": "published"},
    "full, products in TF32": {},
}
BOUND = ("full", "full, to zero", "diagonal", "full, products in TF32")  # convex: there is one best loss


@dataclass(frozen=True)
class Case:
    """A batch to be timed: features, triplets, problems side by side, and products in float32 or TF32."""

    n_features: int
    n_triplets: int
    n_problems: int
    precision: str = "highest"


@dataclass(frozen=True)
class Sizes:
    """How much is run: features and triplets of fits that are compared, triplets of a job, cases that are timed.

    The cases are in the order of their worth.
    """

    compared: tuple[int, int]
    job: int
    timed: tuple[Case, ...]


LARGE = Sizes(
    (128, 20_000),
    800,
    (
        Case(2048, 100_000, 64),
        Case(2048, 100_000, 64, "high"),
        Case(2048, 100_000, 16),
        Case(512, 100_000, 64),
        Case(2048, 1_638_400, 24),
        Case(2048, 100_000, 256),
    ),
)
SMALL = Sizes((8, 400), 40, (Case(8, 400, 2), Case(8, 400, 4, "high")))


def compare(device: str, sizes: Sizes) -> list[tuple[str, float, float]]:
    """Fit and score on both; return for each kind the largest differences of the loss (nats) and of accuracies."""
    from yardsticks.recovery.probes.fitting import fit_path

    features, triplets = make_problem(*sizes.compared)
    found = []
    for name, kind in KINDS.items():
        strengths = [0.1] if "solver" in kind else [1.0, 0.1, 0.01]
        if kind.get("rank", 0) > sizes.compared[0]:
            kind = kind | {"rank": 2}
        here = fit_path(features, triplets, strengths=strengths, **kind)
        with products_in("high" if "TF32" in name else "highest"):
            there = fit_path(features, triplets, strengths=strengths, device=device, **kind)
        losses = [abs(a.record.objective - b.record.objective) for a, b in zip(here, there, strict=True)]
        scores = [
            abs(a.score(features, triplets).accuracy - b.score(features, triplets, device=device).accuracy)
            for a, b in zip(here, there, strict=True)
        ]
        found.append((name, max(losses), max(scores)))
    return found


@contextmanager
def products_in(precision: str) -> Iterator[None]:
    """Multiply matrices of float32 as they are (highest) or in TF32 (high), where the device has it."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def compare_jobs(device: str, n_triplets: int) -> tuple[str, float, float]:
    """Run a job of a toy study on both, generator and all; return the differences as `compare` does."""
    from yardsticks.recovery.studies.experiment import SMOKE, Job
    from yardsticks.recovery.studies.generator import make_generator
    from yardsticks.recovery.studies.inputs import freeze_inputs
    from yardsticks.recovery.studies.simulation import run_job

    asked = replace(SMOKE, models=SMOKE.models[:3], strengths=(0.1,), strength_rule="triplet_holdout")
    with tempfile.TemporaryDirectory() as folder:
        inputs = freeze_inputs(asked, Path(folder))
        generator = make_generator(asked, inputs, "toy-a1")
        there = make_generator(asked, inputs, "toy-a1", device=device)
        rows, others = (
            run_job(asked, Job(n_triplets, 0, "toy-a1"), inputs, generator, device=on) for on in ("cpu", device)
        )
    losses = [abs(generator.nll - there.nll), *abs(rows["noise_free_nll"] - others["noise_free_nll"])]
    return "a job", max(losses), float(abs(rows["noise_free_accuracy"] - others["noise_free_accuracy"]).max())


def measure(device: str, case: Case) -> tuple[float, float, float]:
    """Return fits a second, evaluations of the whole batch a second, and peak memory in MB.

    Each problem is a path of strengths; all have the same features and triplets, and answers of which some differ.
    Features are reduced before, as in a study, where that is once for all generators.
    """
    from yardsticks.recovery.probes.fitting import fit_batch

    features, triplets = make_problem(case.n_features, case.n_triplets)
    rng = np.random.default_rng(0)
    problems = []
    for _ in range(case.n_problems):
        other = np.where(rng.random(len(triplets)) < 0.05, rng.integers(3, size=len(triplets)), triplets.odd)
        problems.append((features, triplets.answered(other)))
    with products_in(case.precision):
        fit_batch(problems[:1], strengths=PATH[:1], device=device)  # reduces, and loads what is used first
        if device != "cpu":
            torch.cuda.reset_peak_memory_stats()
        base = start_peak() if device == "cpu" else 0.0
        started = time.perf_counter()
        paths = fit_batch(problems, strengths=PATH, device=device)
        seconds = time.perf_counter() - started  # what is returned is in the host's memory: nothing is under way
    n_evaluations = max(sum(probe.record.n_evaluations for probe in path) for path in paths)
    peak = torch.cuda.max_memory_allocated() / 2**20 if device != "cpu" else memory("VmHWM") - base
    return case.n_problems * len(PATH) / seconds, n_evaluations / seconds, peak


def main(page: Path = PERFORMANCE, minutes: float = MINUTES) -> int:
    """Compare, time, print, and write what a card did; return 1 where a card's results are not the processor's."""
    has_card = torch.cuda.is_available()
    device, sizes = ("cuda", LARGE) if has_card else ("cpu", SMALL)
    name = torch.cuda.get_device_name() if has_card else platform.machine()
    if not has_card:
        print("torch finds no card here: a small size runs on the processor instead, and nothing is written.")
    started = time.monotonic()
    compared = [
        "| what | largest difference of the loss, nats | of the accuracy |",
        "|---|---|---|",
    ]
    print("\n".join(compared), flush=True)
    fits = compare(device, sizes)
    for what, loss, accuracy in [*fits, compare_jobs(device, sizes.job)]:
        compared.append(f"| {what} | {loss:.1e} | {accuracy:.1e} |")
        print(compared[-1], flush=True)
    if wrong := [what for what, loss, _ in fits if what in BOUND and not loss <= CLOSE]:
        print(f"The losses of {', '.join(wrong)} differ by more than {CLOSE:g} nats: nothing is written.")
        return 1
    timed = [
        "| features, triplets | problems side by side | products in | fits a second | evaluations of the batch a second | MB |",
        "|---|---|---|---|---|---|",
    ]
    print("\n".join(timed), flush=True)
    left_out = []
    for case in sizes.timed:
        about = f"{case.n_features}, {case.n_triplets:,} | {case.n_problems} | {'TF32' if case.precision == 'high' else 'float32'}"
        if time.monotonic() - started > 60 * minutes:
            left_out.append(
                f"{case.n_problems} problems of {case.n_features} features and {case.n_triplets:,} triplets"
            )
            continue
        speed, evaluations, peak = measure(device, case)
        timed.append(f"| {about} | {speed:.1f} | {evaluations:.1f} | {peak:,.0f} |")
        print(timed[-1], flush=True)
    spent = math.ceil((time.monotonic() - started) / 60)
    said = f" There was no time for {'; '.join(left_out)}." if left_out else ""
    print(f"{spent} min on {name}.{said}")
    if has_card:
        write_section(page, section(name, compared, timed, said))
    return 0


def section(name: str, compared: list[str], timed: list[str], left_out: str) -> str:
    """Return the text of the section."""
    return f"""## On a card

By `python benchmarks/bench_card.py` on {name}, torch {torch.__version__}, with {os.cpu_count()} cores beside it. What the card gives
beside the processor, in the same run; losses of full and diagonal fits may differ by {CLOSE:g} nats, as both
end so near the one optimum that there is; low-rank and published fits end wherever they end.

{chr(10).join(compared)}

Paths of {len(PATH)} strengths from {PATH[0]:g} to {PATH[-1]:g}, of problems that are fitted side by side, features reduced before.
Memory is the card's, at its peak.{left_out}

{chr(10).join(timed)}
"""


if __name__ == "__main__":
    sys.exit(main())
