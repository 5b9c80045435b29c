"""Who may import whom: imports run down only, read from the source with `ast`.

The floors name every folder and module that there is, so a new one has to be given its place; what stands on one floor
knows nothing of its neighbours.
"""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[1] / "src"
MODULES = sorted((SRC / "yardsticks").rglob("*.py"))
FLOORS = {  # from the ground up
    "yardsticks": [
        ("literal", "devices"),
        ("alone", "datasets", "limits", "source", "stats", "style", "words", "workers"),
        ("charts", "claims"),
        ("scores", "recovery"),
        ("notebooks",),
        ("book",),
        ("cli",),
    ],
    "yardsticks.recovery": [
        ("triplets",),
        ("data", "probes"),
        ("people",),
        ("studies",),
        ("winners", "prediction"),
        ("geometry", "failure", "plateau"),
    ],
    "yardsticks.scores": [
        ("metrics",),
        ("table",),
        ("reading", "intervals"),
        ("consistency", "integration"),
        ("missing", "attention", "axioms", "figures", "twin"),
        ("samples", "summaries", "opening", "structure"),
        ("specifications", "write_twin"),
        ("reliability",),
    ],
}
# who alone may import what is not ours
ALONE = {
    ("torch",): (
        "yardsticks.devices",
        "yardsticks.workers",
        "yardsticks.recovery.data",
        "yardsticks.recovery.probes",
        "yardsticks.recovery.studies",
    ),
    ("dask", "distributed", "dask_jobqueue"): (
        "yardsticks.workers",
        "yardsticks.notebooks.sweep_runs",
        "yardsticks.recovery.studies.cluster",
    ),
    ("jupytext", "papermill", "nbformat", "jupyter_book", "sphinx", "myst_nb"): (
        "yardsticks.notebooks",
        "yardsticks.book",
    ),
    ("pooch", "requests", "urllib", "http", "socket"): ("yardsticks.datasets.downloads",),
    ("typer",): ("yardsticks.cli",),
    ("html",): ("yardsticks.literal",),
    ("yardsticks.datasets.downloads", "yardsticks.datasets.registry"): ("yardsticks.datasets",),
}


def module_name(path: Path, src: Path) -> str:
    parts = path.relative_to(src).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, src: Path = SRC) -> set[str]:
    """Everything a module imports, wherever in it, by absolute name; ``from a import b`` counts as a and a.b."""
    package = path.relative_to(src).parent.parts
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def within(name: str, *packages: str) -> bool:
    return any(f"{name}.".startswith(f"{package}.") for package in packages)


def crossings(name: str, imported: set[str]) -> list[str]:
    """The imports that a module of this name may not have."""
    bad = set()
    for package, floors in FLOORS.items():
        level = {f"{package}.{entry}": floor for floor, entries in enumerate(floors) for entry in entries}
        own = next((entry for entry in level if within(name, entry)), None)
        if own is not None:
            bad |= {
                i
                for i in imported
                for entry, floor in level.items()
                if within(i, entry) and entry != own and floor >= level[own]
            }
    for packages, friends in ALONE.items():
        if not within(name, *friends):
            bad |= {i for i in imported if within(i, *packages)}
    if "figures" in name.split("."):
        bad |= {
            i
            for i in imported
            if within(i, "scipy", "statsmodels", "pathlib", "os", "yardsticks.datasets", "yardsticks.stats")
        }
    return sorted(bad)


def find_circle(graph: dict[str, set[str]]) -> list[str]:
    """Return modules that import each other in a circle; none where there is no circle."""
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: module_name(path, SRC))
def test_imports_run_down(path):
    assert crossings(module_name(path, SRC), imports(path)) == []


@pytest.mark.parametrize("package", FLOORS)
def test_every_folder_and_module_has_its_floor(package):
    folder = SRC.joinpath(*package.split("."))
    there = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert sorted(entry for floor in FLOORS[package] for entry in floor) == sorted(there - {"__init__"})


def test_no_module_imports_itself_in_a_circle():
    names = {module_name(path, SRC): path for path in MODULES if path.name != "__init__.py"}
    assert find_circle({name: imports(path) & (set(names) - {name}) for name, path in names.items()}) == []


@pytest.mark.parametrize(
    "path", [path for path in MODULES if "figures" in path.relative_to(SRC).with_suffix("").parts], ids=str
)
def test_a_figure_takes_no_name_for_a_formula(path):
    drawing = [
        node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("plot_")
    ]
    returns = [node for plot in drawing for node in ast.walk(plot) if isinstance(node, ast.Return)]
    assert [node.lineno for node in returns if not ast.unparse(node.value).startswith("in_figure(")] == []
    assert len(returns) >= len(drawing)


def test_a_circle_is_found():
    assert set(find_circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}


def test_long_modules_say_why():
    texts = {str(path.relative_to(SRC)): path.read_text(encoding="utf-8") for path in MODULES}
    long = {name: text for name, text in texts.items() if len(text.splitlines()) > 300}
    assert [name for name, text in long.items() if "300 lines" not in (ast.get_docstring(ast.parse(text)) or "")] == []


def test_folders_are_small():
    sizes = {folder: len([*folder.glob("*.py")]) - 1 for folder in {path.parent for path in MODULES}}  # less __init__
    assert {str(folder.relative_to(SRC)): n for folder, n in sizes.items() if n > 11} == {}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: module_name(path, SRC))
def test_module_does_not_print(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert [node.lineno for node in calls if getattr(node.func, "id", None) == "print"] == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("stats", "from yardsticks import datasets"),
        ("stats", "from .scores.table import ScoreTable"),
        ("datasets/registry", "import pooch"),
        ("scores/reading/rules", "from yardsticks.datasets.downloads import fetch"),
        ("cli/data", "from yardsticks.datasets import registry"),
        ("datasets/places", "import urllib.request"),
        ("scores/figures/agreement", "from ...stats import correlate"),
        ("recovery/people/figures", "import scipy.stats"),
        ("scores/table", "from yardsticks.recovery import probes"),
        ("scores/table", "from yardsticks.scores.consistency import consistency"),
        ("recovery/probes/probe", "import yardsticks.scores.table"),
        ("recovery/triplets/choices", "from yardsticks.recovery.people.ceiling import noise_ceiling"),
        ("recovery/plateau/cells", "from yardsticks.recovery.failure.rivals import OTHERS"),
        ("recovery/winners/curves", "import torch"),
        ("scores/table", "def f():\n    import torch"),
        ("recovery/studies/experiment", "import dask"),
        ("scores/table", "from yardsticks.cli import app"),
        ("claims", "from yardsticks.recovery import probes"),
        ("notebooks/run", "from yardsticks.book import stage"),
        ("notebooks/glue", "import html"),
        ("literal", "from yardsticks.datasets import Origin"),
    ],
)
def test_a_crossing_is_found(tmp_path, name, line):
    path = tmp_path / "yardsticks" / f"{name}.py"
    path.parent.mkdir(parents=True)
    path.write_text(line)
    assert crossings(module_name(path, tmp_path), imports(path, tmp_path))


@pytest.mark.parametrize(
    "module", ["yardsticks", "yardsticks.scores", "yardsticks.recovery", "yardsticks.cli", "yardsticks.workers"]
)
def test_importing_never_imports_torch(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
