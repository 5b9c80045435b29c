"""What stands below a chapter to run it again."""

import json
import shlex
from pathlib import Path

import pytest

from yardsticks.book import again
from yardsticks.notebooks.grid import list_settings
from yardsticks.notebooks.keys import Run
from yardsticks.notebooks.sweep import parameters_of

ROOT = Path(__file__).resolve().parents[2]
CELL = """\
from typing import Literal

n = 2  # of | models
policy: Literal["complete", "zero"] = "complete"  # what is `missing`
limit: int | None = 5  # at most
"""


def run_of(tmp_path, **parameters) -> Run:
    source = tmp_path / "notebooks/x.py"
    source.parent.mkdir(exist_ok=True)
    source.write_text(f'# %% [markdown]\n# # X\n\n# %% tags=["parameters"]\n{CELL}')
    return Run(source, tmp_path / "runs/x", parameters)


def test_a_chapter_says_how_it_is_run_again(tmp_path):
    run = run_of(tmp_path)
    stage = tmp_path / "stage"
    stage.mkdir()
    (stage / "x.ipynb").write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    again.add_ways(run, stage)
    (cell,) = json.loads((stage / "x.ipynb").read_text())["cells"]
    assert (stage / "x.py").read_bytes() == run.source.read_bytes()
    assert "yardsticks sweep x -p policy=zero --out again" in cell["source"].splitlines()
    assert r"| `n` | 2 | of \| models | a whole number |" in cell["source"]
    assert r"| `policy` | \'complete\' | what is \`missing\` | \'complete\', \'zero\' |" in cell["source"]
    assert "| `limit` | 5 | at most | a whole number, or None |" in cell["source"]
    own = again.say_ways(run_of(tmp_path, policy="zero", n=3))
    assert "yardsticks sweep x -p policy=zero -p n=3 --out again" in own
    assert "| `n` | 3 |" in own


@pytest.mark.parametrize("name", ["00_twin", "01_score_table", "06_specifications", "18_failure", "22_own_features"])
def test_a_chapter_s_command_is_one_that_runs(name):
    source = ROOT / f"notebooks/{name}.py"
    known = parameters_of(source)
    words = shlex.split(again.command(source.stem, known, {}))
    assert words[:3] == ["yardsticks", "sweep", source.stem]
    (setting,) = list_settings(known, words[words.index("-p") + 1 : -2])
    assert set(setting) <= set(known)
