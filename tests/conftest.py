"""What all tests share: a backend without a display, and random numbers that depend on the test's name alone."""

import gc
import hashlib
import os
import signal
import sys

os.environ["OMP_NUM_THREADS"] = "1"  # a thread a process, before anything that computes is imported

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")  # not by environment variable: kernels started by tests would inherit that and show no figure
os.environ["YARDSTICKS_OFFLINE"] = "1"  # here kernels shall inherit: a test's data do not depend on the network


def pytest_collection_modifyitems(items):
    """Begin with the longest files, so that of several processes none ends long after the others."""
    longest = (
        "test_cluster",
        "test_own",
        "test_run",
        "test_sweep",
        "test_verdicts",
        "test_examples",
        "test_card",
        "test_wheel",
        "test_stage",
        "test_solver",
        "test_simulation",
        "test_design",
        "test_curve",
        "test_pairs",
    )
    items.sort(key=lambda item: longest.index(item.path.stem) if item.path.stem in longest else len(longest))


def pytest_collection_finish():
    """Keep the garbage collector from what was imported: statsmodels has it look through everything at each call."""
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def own_style():
    """Leave matplotlib's settings as they were: a file that sets the book's style changes no figure of another."""
    with matplotlib.rc_context():
        yield


@pytest.fixture
def rng(request) -> np.random.Generator:
    """Random numbers seeded from the test's name: adding or moving a test changes no other."""
    digest = hashlib.sha256(request.node.name.encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8]))


@pytest.fixture(scope="session")
def toy_world():
    """A toy world: 120 objects, four toy models of two families, simulated people. Not to be changed by a test."""
    from yardsticks.recovery.data.toy import make_world

    return make_world(seed=7)


@pytest.fixture
def end():
    """Tell this process to end, as a queue does; where nobody listens, this test fails instead of all tests ending."""

    def deaf(number, frame):
        pytest.fail("nobody listens to SIGTERM")

    before = signal.signal(signal.SIGTERM, deaf)
    yield lambda: os.kill(os.getpid(), signal.SIGTERM)
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command line as a user does; give the exit code and both streams."""
    from yardsticks import cli

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["yardsticks", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        captured = capsys.readouterr()
        return stopped.value.code, captured.out, captured.err

    return call
