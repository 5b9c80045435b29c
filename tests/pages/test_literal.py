"""What a table's names may hold: whatever it is, a page shows it as text, and nothing of it is executed."""

import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
import yaml
from bs4 import BeautifulSoup

from yardsticks import datasets
from yardsticks.book import own
from yardsticks.notebooks import sweep
from yardsticks.notebooks.run import execute

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to look at the pages with")

MARK = "Theirs"  # in every attribute, script and file that is not ours
CODE = f"document.documentElement.id='{MARK}';alert(1)"
COMMAND = "{{ cycler.__init__.__globals__.os.popen('touch %s.%s').read() }}"
NAMES = [
    "{{ 7*7 }}",
    f"`` {COMMAND % (MARK, 1)} ``",
    f"a` {COMMAND % (MARK, 2)} `b",
    f"<script>{CODE}</script>",
    f'"><img src="{MARK}" onerror="{CODE}">',
    f"<svg onload={CODE}><iframe src='{MARK}'>",
    f"[link](javascript:{CODE})",
    f"<javascript:{CODE}> <https://{MARK}.org>",
    f"| pipes | ![image]({MARK}.png) |",
    f"# heading\n\n```{{include}} {MARK}\n```\n:::{{raw}} html",
    f"{{include}}`{MARK}` {{cite:t}}`{MARK}` {{download}}`{MARK}`",
    "$$ \\frac{1} $$ and $\\nosuch$ and \\(x\\)",
    "\\begin{align} x \\end{align}",
    "quotes \" ' ``` and *stars* __lines__ ~~waves~~",
    "line\nbreak\r\n\r\n    indented\ttab",
    "(target)= % no comment +++ &amp; &lt;b&gt; [^1] [ref][ref] :doc:`x` -- ...",
]
FILE = f"{COMMAND % (MARK, 3)}`$$|{{include}}`x`<img src={MARK} onerror={CODE}>\"'&lt;.csv"
SWEPT = f"`{COMMAND % (MARK, 4)}`<script>{CODE}</script>\n\n```{{include}} {MARK}\n```"

CHAPTER = """\
# %% [markdown]
# # A chapter

# %% tags=["parameters"]
scores = ""
catalogue = ""
policy = "complete"

# %%
import pandas as pd
import yardsticks.scores as ys
from yardsticks.notebooks import glue

table = ys.open_scores(scores, catalogue=catalogue)
table.origin

# %%
wide = table.values.T.rename_axis("metric").reset_index()
glue.table(wide)

# %%
glue.table(table.models[["name"]])

# %%
pd.DataFrame({name: [name] for name in wide["metric"]})

# %% tags=["remove-output"]
from matplotlib.figure import Figure

drawn = Figure(figsize=(2, 1))
drawn.subplots().plot([1, 2])
glue.figure("drawn", drawn)

# %% [markdown]
# ```{glue:figure} drawn
# :name: figure-drawn
# :alt: A line
#
# A chapter without a figure would be left out.
# ```

# %%
print(policy)
glue.numbers(policy=policy, **{f"name_{n}": name for n, name in enumerate(wide["metric"])})

# %% [markdown]
# The policy is {glue:text}`policy`, and *{glue:text}`policy`*.
NAMES
#
# The mean is {glue:text}`mean`.
#
# Below is how it is computed.

# %%
glue.numbers(mean=ys.consistency(table, policy=policy).corr.mean())
"""


def flat(text: str) -> str:
    return " ".join(text.split())


def look_at(address: str) -> BeautifulSoup:
    """Return a page as it is after its scripts have run in a browser, which waits in vain where a dialog opens."""
    command = [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--dump-dom"]
    done = subprocess.run([*command, address], capture_output=True, encoding="utf-8", timeout=60, check=True)
    return BeautifulSoup(done.stdout.replace("<wbr>", ""), "html.parser")


def theirs(page: BeautifulSoup) -> list[str]:
    """Elements of a page that carry the mark elsewhere than in a text or in the description of one."""
    found = []
    for tag in page.find_all(True):
        values = [str(value) for name, value in tag.attrs.items() if name not in ("alt", "content", "title")]
        inside = tag.get_text() if tag.name in ("script", "style") else ""
        if MARK in " ".join([*values, inside]):
            found.append(str(tag)[:200])
    return found


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A project of one chapter of ours, and room for one that a sweep has run."""
    root = tmp_path / "project"
    shutil.copytree(ROOT / "book", root / "book")
    (root / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks/01_score_table.py", root / "notebooks")
    # the parameters of the chapters that are left out
    rest = ("averages", "imagenet_floor", "marked", "metrics", "only_public_only", "policy", "printed", "scores_late")
    (root / "notebooks/rest.py").write_text('# %% tags=["parameters"]\n' + "\n".join(f"{name} = 0" for name in rest))
    shutil.copy(ROOT / "_config.yml", root)
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    contents["parts"][0]["chapters"].append({"file": "notebooks/swept"})
    (root / "_toc.yml").write_text(yaml.safe_dump(contents))
    monkeypatch.setattr(datasets, "project_folder", lambda: root)
    monkeypatch.chdir(tmp_path)
    return root


@needs_chromium
def test_whatever_a_name_holds_a_page_shows_it_as_text(project, tmp_path, monkeypatch, rng, run):
    scores, catalogue, chapter = tmp_path / FILE, tmp_path / "areas.csv", tmp_path / "swept.py"
    values = rng.normal(size=(len(NAMES), len(NAMES) + 1)).round(3)
    pd.DataFrame(values, index=NAMES, columns=[*NAMES, "MajajHong2015.IT-pls"]).rename_axis("model").to_csv(scores)
    pd.DataFrame({"metric": NAMES[-3:], "area": ["V1", "IT", "behaviour"]}).to_csv(catalogue, index=False)
    lines = [f"# {{glue:text}}`name_{number}`" for number in range(len(NAMES) + 1)]
    chapter.write_text(CHAPTER.replace("NAMES", "\n".join(lines)), encoding="utf-8")
    setting = {"scores": str(scores), "catalogue": str(catalogue), "policy": SWEPT}
    (planned,) = sweep.plan(sweep.begin_sweep(chapter, [setting], tmp_path / "sweep {scores}")).values()
    execute(planned.run)
    run_notebooks = own.run_notebooks
    monkeypatch.setattr(own, "run_notebooks", lambda *a, **k: [*run_notebooks(*a, **k), planned.run])

    code, _, err = run("book", "build", "--scores", scores, "--catalogue", catalogue, "--workers", 2)
    assert code == 0, err
    assert [*tmp_path.rglob(f"{MARK}.[0-9]")] == []  # what a command would have made
    (html,) = (project / "_build/own").glob("*/html")
    names = ("notebooks/01_score_table", "notebooks/swept", "book/intro", "book/status")
    addresses = [(html / f"{name}.html").as_uri() for name in names]
    addresses.append((html / "search.html").as_uri() + "?q=yardsticks")
    with ThreadPoolExecutor(2) as pool:
        pages = dict(zip((*names, "search"), pool.map(look_at, addresses), strict=True))
    assert {name: found for name, page in pages.items() if (found := theirs(page))} == {}
    chapter, swept, intro, status, search = (flat(page.get_text(" ")) for page in pages.values())
    assert "finished" in search  # with at least one page, whose title it shows
    assert "Yardsticks on ｛｛ cycler" in pages["book/intro"].title.get_text()
    assert f"your file {flat(FILE)}" in status
    for page in (chapter, swept, intro):
        assert flat(FILE) in page
    for name in NAMES[:-3]:  # the others have an area
        assert f"“{flat(name)}”" in intro
    for name in NAMES:
        assert swept.count(flat(name)) >= 3 - ("\n" in name)  # two tables of ours; a head of pandas' says \\n
    glued = [flat(tag.get_text()) for tag in pages["notebooks/swept"].find_all(class_="pasted-text")]
    assert {*map(flat, NAMES)} <= {*glued}
    assert swept.count(flat(SWEPT)) >= 3  # printed, and twice in prose
    assert swept.count(f"policy={flat(repr(SWEPT))} is none of") == 2  # an error, in place of an output and of prose
    assert pages["notebooks/01_score_table"].find("img", alt=re.compile("number of models with a score"))
    for page in pages.values():
        assert not page.find_all("mjx-container")


@needs_chromium
def test_whatever_a_name_holds_a_report_shows_it_as_text(tmp_path, monkeypatch, rng, run):
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame(rng.random((len(NAMES), len(NAMES))).round(3), NAMES, NAMES).assign(**{f"avg of {FILE}": 1.5})
    frame.rename_axis("model").to_csv(FILE)
    code, _, err = run("report", FILE)
    assert (code, "aggregate columns: 1" in err) == (0, True)
    (report,) = tmp_path.glob("*-report.html")
    page = look_at(report.as_uri())
    assert theirs(page) == []
    shown = flat(page.get_text(" "))
    for name in [*NAMES, FILE, f"avg of {FILE}"]:
        assert flat(name) in shown


@needs_chromium
def test_what_is_not_literal_is_seen(tmp_path):
    page = tmp_path / "page.html"
    for name in NAMES[3:6]:
        page.write_text(f"<body><p>{name.replace('alert(1)', '0')}</p>", encoding="utf-8")
        assert theirs(look_at(page.as_uri()))
