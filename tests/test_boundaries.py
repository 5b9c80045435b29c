"""Who may import whom: the direction of dependence, read from the source with `ast`."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[1] / "src"
MODULES = sorted((SRC / "yardsticks").rglob("*.py"))
# datasets alone knows where data are; it is made of two leaves that nothing else imports
DATA = {"yardsticks.downloads", "yardsticks.registry"}
LEAVES = {"yardsticks.datasets", "yardsticks.stats", "yardsticks.style", "yardsticks.files", *DATA}
TORCH = {"yardsticks.workers"} | {
    f"yardsticks.recovery.{name}"
    for name in (
        "features",
        "reduction",
        "objective",
        "lbfgs",
        "solver",
        "published",
        "probe",
        "fitting",
        "ceiling",
        "experiment",
        "units",
        "cluster",
        "costs",
        "extract",
    )
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


def crossings(name: str, imported: set[str]) -> list[str]:
    """The imports that a module of this name may not have."""

    def under(*packages: str) -> set[str]:
        return {i for i in imported if any(i == p or i.startswith(f"{p}.") for p in packages)}

    bad: set[str] = set()
    if name in LEAVES:
        bad |= under("yardsticks") - {"yardsticks", name}
    if name == "yardsticks.datasets":
        bad -= under(*DATA)
    elif name not in DATA:
        bad |= under(*DATA)
    if name == "yardsticks.style":
        bad -= under("yardsticks.files")  # its tables are written whole, as all that is written
    if name != "yardsticks.downloads":
        bad |= under("pooch", "requests", "urllib", "http", "socket")
    if name.startswith("yardsticks.scores"):
        bad |= under("yardsticks.recovery")
    if name.startswith("yardsticks.recovery"):
        bad |= under("yardsticks.scores")
    if name != "yardsticks.bridge" and under("yardsticks.scores") and under("yardsticks.recovery"):
        bad |= under("yardsticks.recovery")
    if name.endswith("figures"):
        bad |= under("scipy", "statsmodels", "pathlib", "os", "yardsticks.datasets", "yardsticks.stats")
    if name not in TORCH:
        bad |= under("torch")
    if name not in ("yardsticks.workers", "yardsticks.sweep_runs", "yardsticks.recovery.cluster"):
        bad |= under("dask", "distributed", "dask_jobqueue")
    if name not in ("yardsticks.notebooks", "yardsticks.book", "yardsticks.own_book"):
        bad |= under("jupytext", "papermill", "nbformat", "jupyter_book", "sphinx")
    if not f"{name}.".startswith("yardsticks.cli."):
        bad |= under("yardsticks.cli", "typer")
        if name not in (
            "yardsticks.book",
            "yardsticks.notebooks",
            "yardsticks.own_book",
            "yardsticks.sweep",
            "yardsticks.sweep_runs",
        ):
            bad |= under("yardsticks.book", "yardsticks.notebooks")
    return sorted(bad)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: module_name(path, SRC))
def test_module_keeps_to_its_side(path):
    assert crossings(module_name(path, SRC), imports(path)) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: module_name(path, SRC))
def test_module_does_not_print(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert [node.lineno for node in calls if getattr(node.func, "id", None) == "print"] == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("stats", "from yardsticks import datasets"),
        ("stats", "from .scores.table import ScoreTable"),
        ("downloads", "from yardsticks import datasets"),
        ("registry", "from yardsticks import downloads"),
        ("scores/readers", "from yardsticks.downloads import fetch"),
        ("cli", "from yardsticks import registry"),
        ("datasets", "import urllib.request"),
        ("scores/figures", "from ..stats import correlate"),
        ("scores/figures", "import scipy.stats"),
        ("scores/table", "from yardsticks.recovery import probe"),
        ("recovery/probe", "import yardsticks.scores.table"),
        ("scores/table", "def f():\n    import torch"),
        ("recovery/analysis", "import torch"),
        ("recovery/experiment", "import dask"),
        ("scores/table", "from yardsticks.cli import app"),
        ("claims", "from yardsticks.scores import table\nfrom yardsticks.recovery import probe"),
    ],
)
def test_a_crossing_is_found(tmp_path, name, line):
    path = tmp_path / "yardsticks" / f"{name}.py"
    path.parent.mkdir(parents=True)
    path.write_text(line)
    assert crossings(module_name(path, tmp_path), imports(path, tmp_path))


@pytest.mark.parametrize("module", ["yardsticks", "yardsticks.scores.readers", "yardsticks.cli", "yardsticks.workers"])
def test_importing_never_imports_torch(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
