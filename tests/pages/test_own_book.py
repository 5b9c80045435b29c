"""A book on a table of one's own, built by one command: its chapters, links and boxes, and what it leaves alone.

And one chapter alone: the commands as page 7 prints them, and chapter 6 with one specification.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from oracles import pages as checks

from yardsticks import datasets, open_scores
from yardsticks.book import own_pages
from yardsticks.book.stage import claim_folder
from yardsticks.notebooks.keys import Run
from yardsticks.notebooks.run import execute
from yardsticks.notebooks.sweep_runs import glued_numbers
from yardsticks.scores.specifications.curve import grid, specification_curve
from yardsticks.scores.specifications.headline import HEADLINES

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "notebooks").glob("*.py"))
CHAPTERS = [source for source in SOURCES if re.search('^scores = "', source.read_text(encoding="utf-8"), re.MULTILINE)]
# without behaviour, times, errors and the paper's metrics, and with few metrics, these have no figure
BARE = [
    "04_missing_scores",
    "05_integration",
    "06_specifications",
    "10_reliability",
    "11_dimensions",
    "12_time",
    "13_leaderboard",
]


@pytest.fixture
def neural(tmp_path) -> Path:
    """A table without behavioural metrics, one of whose metrics is flat, and one below zero with holes."""
    columns = ["MajajHong2015.IT-pls", "MajajHong2015.V4-pls", "flat", "below"]
    values = pd.DataFrame(np.random.default_rng(3).normal(0.3, 0.1, (14, 4)).round(3), columns=columns)
    values["flat"], values["below"] = 0.5, -values["below"].abs()
    values.loc[1:5, "below"] = np.nan
    values.insert(0, "model_id", range(14))
    path = tmp_path / "exports" / "neural.csv"
    path.parent.mkdir()
    values.to_csv(path, sep=";", index=False)
    return path


def test_one_command_builds_a_book_and_touches_nothing_else(neural, tmp_path, run):
    def status() -> str:
        command = ["git", "status", "--porcelain", "--ignored"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout

    before = status()
    code, out, err = run("book", "build", "--scores", neural, "--out", tmp_path / "own", "--workers", 2)
    assert code == 0, err
    namesake = tmp_path / neural.name  # another file
    namesake.write_text("model,A,B\na,1,2\n")
    code, _, err = run("book", "build", "--scores", namesake, "--out", tmp_path / "own")
    assert code == 2
    assert f"holds the book of {neural}" in err
    # its own book may be built again, however its file is named
    claim_folder(tmp_path / "own", neural.parent / "x" / ".." / neural.name)
    assert status() == before
    (line,) = [line for line in out.splitlines() if line.startswith("not shown: 05_integration")]
    assert "In numbers; Who decides the plain mean?" in line
    assert "(output; text; figure): neural.csv has no behavioural metrics" in line
    html = tmp_path / "own/html"
    pages = checks.load_pages(html)
    names = {str(path.relative_to(html)) for path in pages if path.parent != html}
    chapters = {f"notebooks/{source.stem}.html" for source in CHAPTERS}
    bare = {f"notebooks/{name}.html" for name in BARE}
    assert names == (chapters - bare) | {f"book/{page}.html" for page in ("intro", *own_pages.PAGES)}
    for path, page in pages.items():
        assert checks.broken_links(path, pages) == []
        assert checks.images_without_alt(page) == []
        assert checks.leftovers(page) == []
        assert checks.count_labels(page) == 0
        text = checks.content(page).get_text(" ", strip=True)
        assert "Traceback" not in text
        assert "not foreseen" not in text
        if path.parent.name == "notebooks":
            assert "of neural.csv" in text
    intro = checks.content(pages[(html / "book/intro.html").resolve()]).get_text(" ", strip=True)
    assert "14 models, 4 metrics" in intro
    assert datasets.hash_file(neural) in intro
    assert "flat" in intro
    for page in pages.values():
        numbers = [tag.get_text(strip=True) for tag in page.find_all(class_=("pasted-text", "pasted-inline"))]
        assert not {"nan", "None", "inf", ""} & set(numbers)
    assert "4 · What do missing scores do to the ranking?" in intro


# --- one chapter alone


def printed(chapter: str) -> list[str]:
    """Return the commands that a chapter prints and that run in a while."""
    text = (ROOT / f"notebooks/{chapter}.py").read_text(encoding="utf-8").replace("\n# ", "\n")
    return re.findall(r"^(?:yardsticks sweep|jupytext|papermill) (?:.*\\\n)*.*$", text, re.MULTILINE)


PRINTED = printed("07_own_scores")


OWN = "model,MajajHong2015.IT-pls,Rajalingham2018-i2n\na,.1,.2\nb,.2,.4\nc,.9,.3\nd,.3,.6\n"


def test_the_printed_commands_run_as_they_are_printed(tmp_path):
    assert [line.split()[0] for line in PRINTED] == ["yardsticks", "jupytext", "papermill"]
    shutil.copy(ROOT / "notebooks/05_integration.py", tmp_path)
    (tmp_path / "my_export.csv").write_text(OWN)
    here = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for command in PRINTED:
        done = subprocess.run(command, shell=True, cwd=tmp_path, env=here, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
    records = [json.loads(path.read_text()) for path in (tmp_path / "mine/runs").glob("*/run.json")]
    assert {record["parameters"]["averages"] for record in records} == {"available", "zero"}
    # by the means a, b, d, c; by the mean ranks (1, 2.5, 3, 3.5) a, b, c, d
    assert glued_numbers(tmp_path / "mine.ipynb")["rho_rank"] == pytest.approx(0.8)


def test_a_sweep_answers_as_chapter_6_prints_it(tmp_path):
    commands = printed("06_specifications")
    assert [line.split()[1:3] for line in commands] == [
        ["sweep", "03_neural_behaviour"], ["sweep", "collect"], ["sweep", "plot"]
    ]  # fmt: skip
    here = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for command in commands:
        done = subprocess.run(command, shell=True, cwd=tmp_path, env=here, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        if "collect" in command:
            assert done.stdout.startswith("averages,nesting,")
    assert (tmp_path / "choices.svg").stat().st_size > 5_000


SINGLE = {
    "deduplicate": "none", "imagenet_floor": "0", "nesting": "flat", "policy": "available",
    "metrics": "leaves", "method": "kendall", "over": "areas",
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::yardsticks.datasets.SyntheticDataWarning")
def test_papermill_and_the_process_agree(tmp_path):
    chosen = {"table": "brainscore-2024-01", "until": "2023-09-01", "public_only": "no", "nonzero": "no"} | SINGLE
    tables = {"brainscore-2024-01": open_scores("brainscore-2024-01")}
    points = grid(tables, only=chosen)
    assert len(points) == 1
    here = specification_curve(tables, points)
    parameters = {f"only_{name}": value for name, value in chosen.items()} | {"n_intervals": 1, "n_resamples": 5}
    run = Run(ROOT / "notebooks/06_specifications.py", tmp_path / "run", parameters)
    execute(run)
    there = pd.read_csv(run.folder / "tables/specification_curve.csv", keep_default_na=False)
    assert len(there) == 1
    assert {name: str(there.at[0, name]) for name in chosen} == chosen
    np.testing.assert_allclose(there[list(HEADLINES)], here[list(HEADLINES)], rtol=1e-5)  # written with six digits
    assert there.at[0, "n_models"] == here.at[0, "n_models"]
