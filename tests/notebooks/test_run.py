"""The runner of notebooks, on a tiny project."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import papermill
import pytest

from yardsticks import datasets, source
from yardsticks.alone import alone_in
from yardsticks.notebooks import run as run_module
from yardsticks.notebooks.keys import Run, is_current, run_key
from yardsticks.notebooks.pairs import pair_problems, write_pairs
from yardsticks.notebooks.run import BuildFailed, execute, run_all

FIRST = """\
# %% [markdown]
# # First

# %% tags=["parameters"]
scores = ""
n = 2

# %%
from pathlib import Path

Path("tables").mkdir()
Path("tables/first.csv").write_text(f"n,{n}")
print(scores, n)
"""
SECOND = FIRST.replace("irst", "econd")
REAL = {datasets.DEFAULT_SCORES: "0" * 64}


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A project of two notebooks, one module and one table, whose data are said to be real."""
    for name, text in {
        "notebooks/a.py": FIRST,
        "notebooks/b.py": SECOND,
        "src/package/module.py": "x = 1\n",
        "data/catalogue.csv": "metric\n",
        "requirements.txt": "numpy==1\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(datasets, "fingerprint", lambda: dict(REAL))
    monkeypatch.setattr(datasets, "is_synthetic", lambda name: False)
    return tmp_path


def plan(project: Path, **parameters) -> list[Run]:
    return [Run(project / f"notebooks/{n}.py", project / f"_build/runs/{n}", parameters) for n in "ab"]


def texts(path: Path) -> list[str]:
    """What the notebook printed, cell by cell."""
    cells = nbformat.read(path, as_version=4).cells
    return [output.text for cell in cells for output in cell.get("outputs", []) if "text" in output]


def test_key_changes_with_each_of_its_parts(project, monkeypatch):
    own = project / "own.csv"
    own.write_text("1")
    run = plan(project, scores=own)[0]
    keys = [run_key(project, run, REAL)]
    assert run_key(project, run, dict(REAL)) == keys[0]
    keys.append(run_key(project, run, {datasets.DEFAULT_SCORES: "synthetic"}))
    keys.append(run_key(project, run._replace(parameters={"scores": own, "n": 3}), REAL))
    keys.append(run_key(project, run._replace(parameters={}), REAL))
    for path in (run.source, project / "src/package/module.py", project / "data/catalogue.csv", own):
        path.write_text(path.read_text() + "# changed\n")
        keys.append(run_key(project, run, REAL))
    (project / "requirements.txt").write_text("numpy==2\n")
    keys.append(run_key(project, run, REAL))
    monkeypatch.setattr(source.metadata, "version", lambda name: "99")
    keys.append(run_key(project, run, REAL))
    assert len(set(keys)) == len(keys)


def test_key_names_a_missing_file(project):
    with pytest.raises(FileNotFoundError, match=r"scores = .*nowhere\.csv"):
        run_key(project, plan(project, scores=project / "nowhere.csv")[0], REAL)


def test_execution_is_tidy_and_byte_identical(project):
    run = plan(project)[0]
    first = execute(run).read_bytes()
    (run.folder / "stale.txt").write_text("of an earlier version of the notebook")
    assert execute(run).read_bytes() == first
    assert sorted(path.name for path in run.folder.rglob("*")) == ["a.ipynb", "first.csv", "tables"]
    notebook = json.loads(first)
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert [cell["metadata"] for cell in notebook["cells"]] == [{}, {"tags": ["parameters"]}, {}]
    assert str(project).encode() not in first


def test_a_kernel_that_does_not_start_is_started_once_more(project, monkeypatch):
    executing, deaths = papermill.execute_notebook, []

    def execute_or_die(*arguments, **options):
        if deaths:
            raise RuntimeError(deaths.pop())
        return executing(*arguments, **options)

    monkeypatch.setattr(papermill, "execute_notebook", execute_or_die)
    run, early = plan(project)[0], "Kernel died before replying to kernel_info"
    deaths += [early]
    assert texts(execute(run)) == [" 2\n"]
    assert deaths == []
    deaths += [early, early]
    with pytest.raises(RuntimeError, match="before replying"):
        execute(run)
    deaths += ["Kernel died"]  # while a cell ran: that would happen again
    with pytest.raises(RuntimeError, match=r"Kernel died$"):
        execute(run)


def test_relative_path_is_made_absolute_and_text_is_left_alone(project, monkeypatch):
    monkeypatch.chdir(project)
    Path("own.csv").write_text("1")
    run = plan(project, scores=Path("own.csv"), n="own.csv")[0]
    assert texts(execute(run)) == [f"{project / 'own.csv'} own.csv\n"]


def test_resume_repeats_nothing_and_a_failure_stops_no_other(project, capsys):
    source = project / "notebooks/a.py"
    source.write_text(FIRST + "\n# %%\nraise RuntimeError('no such luck')\n")
    failures = run_all(project, plan(project), workers=2)
    assert list(failures) == ["a"]
    assert failures["a"].endswith("RuntimeError: no such luck")
    assert "\x1b" not in failures["a"]
    assert "2/2" in capsys.readouterr().err
    a, b = plan(project)
    assert not a.output.exists()
    made = b.output.stat().st_mtime_ns
    source.write_text(FIRST)
    assert run_all(project, plan(project), workers=1) == {}
    assert a.output.exists()
    assert b.output.stat().st_mtime_ns == made
    capsys.readouterr()
    assert run_all(project, plan(project)) == {}
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("changed", ["own.csv", "src/package/module.py", "data/catalogue.csv", "notebooks/a.py"])
def test_what_changes_while_it_is_read_does_not_count(project, changed):
    """As a table that is overwritten while the book is built; the result is stored under neither content."""
    (project / "own.csv").write_text("1")
    path = project / changed
    before = path.read_text()
    append = f"\nwith open({str(path)!r}, 'a') as handle:\n    handle.write('# more\\n')\n"
    (project / "notebooks/a.py").write_text(before + append if changed.startswith("notebooks") else FIRST + append)
    runs = plan(project, scores=project / "own.csv")[:1]
    failures = run_all(project, runs, workers=1)
    assert "changed while it ran" in failures["a"]
    assert {"own.csv": "parameters", "notebooks/a.py": "notebook"}.get(changed, "package") in failures["a"]
    path.write_text(before)
    (project / "notebooks/a.py").write_text(FIRST)
    assert not is_current(runs[0], run_key(project, runs[0], REAL))


def test_what_is_not_what_a_run_wrote_is_run_again(project):
    run = plan(project)[0]
    assert run_all(project, [run], workers=1) == {}
    key, whole = run_key(project, run, REAL), run.output.read_bytes()
    shutil.copytree(run.folder, project / "whole")
    harms = {
        "digit": lambda: run.output.write_bytes(whole.replace(b" 2\\n", b" 3\\n")),
        "table": lambda: (run.folder / "tables/first.csv").write_text("n,3"),
        "stamp": lambda: (run.folder / ".key").write_text(key),  # as earlier versions did
        "gone": run.output.unlink,
        "more": lambda: (run.folder / "tables/other.csv").write_text("n,3"),
    }
    for harm, do in harms.items():
        shutil.rmtree(run.folder)
        shutil.copytree(project / "whole", run.folder)
        assert is_current(run, key)
        do()
        assert not is_current(run, key), harm
    assert run_all(project, [run], workers=1) == {}
    assert is_current(run, key)
    assert run.output.read_bytes() == whole
    assert not (run.folder / "tables/other.csv").exists()


def test_a_killed_worker_is_a_failure(project):
    (project / "notebooks/a.py").write_text("# %%\nimport os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n")
    failures = run_all(project, plan(project)[:1], workers=1)
    assert list(failures) == ["a"]
    assert "killed" in failures["a"]


def test_a_cell_that_takes_too_long_is_a_failure(project):
    (project / "notebooks/a.py").write_text("# %%\nimport time\ntime.sleep(600)\n")
    failures = run_all(project, plan(project)[:1], workers=1, timeout=1)
    assert "timed out while it was being executed, after 1 seconds" in failures["a"]


LEFT = """\
# %%
import os, pathlib, time
pathlib.Path("{folder}", f"begun-{{os.getpid()}}-{{os.getppid()}}").touch()
time.sleep(600)
"""


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_build_that_is_stopped_leaves_no_process_and_the_next_one_works(project, tmp_path, number):
    for name in "ab":
        (project / f"notebooks/{name}.py").write_text(LEFT.format(folder=tmp_path))
    code = f"""if True:
        import sys
        from pathlib import Path
        from yardsticks import cli, datasets
        if __name__ == "__main__":
            datasets.fingerprint, datasets.project_folder = dict, lambda: Path("{project}")
            sys.argv = ["yardsticks", "book", "build", "--workers", "2"]
            cli.main()
    """
    script = tmp_path / "build.py"
    script.write_text(code)
    build = subprocess.Popen([sys.executable, script], cwd=project, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while len(begun := list(tmp_path.glob("begun-*"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    processes = [int(number) for path in begun for number in path.name.split("-")[1:]]
    assert len(processes) == 4  # kernels and what runs them
    assert all(alive(process) for process in processes)
    build.send_signal(number)
    said = build.communicate(timeout=60)[1]
    assert build.returncode == (-number if number == signal.SIGKILL else 1)
    assert said.endswith("run the same command again to go on.\n") == (number != signal.SIGKILL)
    while any(alive(process) for process in processes) and time.monotonic() < deadline + 30:
        time.sleep(0.1)
    assert [process for process in processes if alive(process)] == []
    left = [path.name for path in (project / "_build/runs").iterdir()]
    assert sorted(left) == ["a.partial", "b.partial"], "nothing that could be taken for a result"
    if number != signal.SIGTERM:  # one time is enough
        return
    (project / "notebooks/a.py").write_text(FIRST)
    (project / "notebooks/b.py").write_text(SECOND)
    with alone_in(project / "_build"):
        assert run_all(project, plan(project)) == {}
    assert sorted(path.name for path in (project / "_build/runs").iterdir()) == ["a", "b"]


def test_run_notebooks_names_what_is_wrong(project):
    with pytest.raises(ValueError, match="parameter colour; they have: n, scores"):
        run_module.run_notebooks(project, project / "_build", {"colour": 1}, 1)
    with pytest.raises(FileNotFoundError, match="holds no notebooks"):
        run_module.run_notebooks(project / "src", project / "_build", {}, 1)
    (project / "notebooks/a.py").write_text("# %%\n1 / 0\n")
    (project / "notebooks/b.py").unlink()
    with pytest.raises(BuildFailed, match=r"(?s)1 of 1 notebooks failed.*ZeroDivisionError"):
        run_module.run_notebooks(project, project / "_build", {}, 1)


def test_worker_environment_is_fit_for_another_folder(project, monkeypatch):
    monkeypatch.chdir(project)
    monkeypatch.setenv("YARDSTICKS_DATA", "data")
    monkeypatch.delenv("YARDSTICKS_CACHE", raising=False)
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    run_module.prepare_worker()
    assert os.environ["YARDSTICKS_DATA"] == str(project / "data")
    assert "YARDSTICKS_CACHE" not in os.environ
    assert "inline" in os.environ["MPLBACKEND"]
    assert os.environ["OMP_NUM_THREADS"] == "1"


def test_pairs_are_written_once_and_all_or_none(project):
    pairs = [project / "notebooks/a.ipynb", project / "notebooks/b.ipynb"]
    assert write_pairs(project, workers=2) == pairs
    assert [pair_problems(pair) for pair in pairs] == [[], []]
    assert write_pairs(project) == []
    before = pairs[0].read_bytes()
    (project / "notebooks/a.py").write_text(FIRST.replace("n = 2", "n = 3"))
    (project / "notebooks/b.py").write_text(SECOND + "import sys\nprint('careful', file=sys.stderr)\n")
    with pytest.raises(ValueError, match=r"b\.py: cell 3 wrote to stderr: careful"):
        write_pairs(project, workers=2)
    assert pairs[0].read_bytes() == before


def test_a_pair_that_differs_in_last_digits_alone_stays(project):
    (project / "notebooks/a.py").write_text(FIRST + "print(0.12345678901234)\n")
    pair, _ = write_pairs(project, workers=2)
    shown = pair.read_bytes()
    for digits, changed in [(b"0.12345678901239", []), (b"0.12345677901234", [pair])]:
        assert shown.count(b'0.12345678901234\\n"') == 1
        other = shown.replace(b'0.12345678901234\\n"', digits + b'\\n"')
        pair.write_bytes(other)
        assert write_pairs(project) == changed
        assert (pair.read_bytes() == shown) is bool(changed)


def test_pairs_are_refused_on_synthetic_data(project, monkeypatch):
    monkeypatch.setattr(datasets, "is_synthetic", lambda name: True)
    with pytest.raises(ValueError, match=rf"{datasets.DEFAULT_SCORES} would be synthetic.*YARDSTICKS_DATA"):
        write_pairs(project)
    assert not list(project.rglob("*.ipynb"))


def test_pair_problems_finds_each_kind(tmp_path):
    code = nbformat.v4.new_code_cell
    error = nbformat.v4.new_output("error", ename="KeyError", evalue="'x'", traceback=[])
    cells = [
        code("1"),
        code("2", execution_count=1, outputs=[error]),
        code("3", execution_count=2, outputs=[nbformat.v4.new_output("stream", name="stderr", text="oh")]),
        code("4", execution_count=3, outputs=[nbformat.v4.new_output("stream", text="x" * 2_000_000)]),
        code("", execution_count=None),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "bad.ipynb")
    found = " | ".join(pair_problems(tmp_path / "bad.ipynb"))
    for expected in (
        "cell 1 was never run",
        "cell 2 raised KeyError",
        "cell 3 wrote to stderr",
        "more than 2,000,000",
    ):
        assert expected in found
    assert "cell 5" not in found
