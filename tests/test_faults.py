"""Damaged files of every format: refused in words that name the file, or read as they were; see bench_faults."""

import importlib.util
import resource
from pathlib import Path

import pytest

pytest.importorskip("torch")

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "bench_faults.py"
SPEC = importlib.util.spec_from_file_location("bench_faults", SCRIPT)
bench_faults = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(bench_faults)
TRIES = 100


@pytest.mark.parametrize("name", bench_faults.FORMATS)
def test_damaged(name, tmp_path):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results, faults = bench_faults.attack(name, TRIES, tmp_path)
    assert faults == []
    assert results.total() == TRIES
    assert results["refused"] > TRIES / 4
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_000_000  # kB: none takes what it promises


def test_damage_is_damage(rng):
    content = b"a,b\n1,2\n" * 20
    changed = [bench_faults.damage(content, rng) for _ in range(300)]
    assert sum(other != content for other in changed) > 250
    assert len(set(changed)) > 200


def test_what_is_equal():
    import numpy as np
    import pandas as pd

    frame, values = pd.DataFrame({"x": [1.0, np.nan]}), np.array([1.0, np.nan])
    assert bench_faults.same({"a": (frame, [values, 1])}, {"a": (frame.copy(), [values.copy(), 1])})
    assert not bench_faults.same(frame, frame.fillna(0))
    assert not bench_faults.same(values, values[:1])
    assert not bench_faults.same({"a": 1}, {"b": 1})
    assert not bench_faults.same((1, 2), (1,))
