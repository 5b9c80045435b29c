"""The files around the package agree with one another: environment, lock, Makefile, citation, assets."""

import importlib
import json
import re
import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml
from packaging.requirements import Requirement

import yardsticks
from yardsticks import claims, datasets, recovery

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def read_yaml(name: str) -> dict:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_environment_installs_the_lock():
    dependencies = read_yaml("environment.yml")["dependencies"]
    pip = next(entry["pip"] for entry in dependencies if isinstance(entry, dict))
    assert pip == ["-r requirements.txt", "-e ."]  # no extra, which would have pip look beyond the lock
    python = next(entry for entry in dependencies if str(entry).startswith("python="))
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(python.removeprefix("python="))
    everything = {extra for line in EXTRAS["all"] for extra in Requirement(line).extras}
    assert everything | {"all"} == set(EXTRAS), "the lock is resolved from [all]"


def test_lock_satisfies_every_requirement():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    assert all(re.fullmatch(r"[\w.]+", version) for version in pins.values()), "exact versions, no local ones"
    wanted = [Requirement(line) for group in (PROJECT["dependencies"], *EXTRAS.values()) for line in group]
    unmet = [
        str(requirement)
        for requirement in wanted
        if requirement.name != "yardsticks"
        and not (requirement.name in pins and requirement.specifier.contains(pins[requirement.name]))
    ]
    assert unmet == []


def test_makefile_is_short_and_help_lists_each_target():
    text = (ROOT / "Makefile").read_text()
    assert len(text.splitlines()) < 60
    phony = set(re.search(r"^\.PHONY: (.*)$", text, re.M)[1].split())
    assert phony == {"help", "setup", "book", "test", "check", "pairs", "lint", "bench", "clean"}
    for arguments in ([], ["help"]):
        shown = subprocess.run(["make", "--no-print-directory", *arguments], cwd=ROOT, capture_output=True, text=True)
        assert {line.split()[1] for line in shown.stdout.splitlines()} == phony


def test_citation_names_the_book_and_both_papers():
    citation = read_yaml("CITATION.cff")
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["title"] == read_yaml("_config.yml")["title"]
    assert citation["version"] == PROJECT["version"] == yardsticks.__version__
    identifiers = {entry["value"] for paper in citation["references"] for entry in paper["identifiers"]}
    assert identifiers == {"arXiv:2407.07530", "arXiv:2510.23321"}
    bibliography = (ROOT / "book/references.bib").read_text()
    assert all(paper["title"] in bibliography for paper in citation["references"])


def test_the_citation_is_valid():
    """By the format's own schema, citation-file-format.github.io, whose authors give it under CC BY 4.0."""
    import jsonschema

    schema = json.loads((ROOT / "tests/oracles/citation-file-format-1.2.0.json").read_text(encoding="utf-8"))
    # dates as the text that they are: yaml makes objects of them
    citation = yaml.load((ROOT / "CITATION.cff").read_text(encoding="utf-8"), yaml.BaseLoader)
    jsonschema.validate(citation, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(citation | {"autors": []}, schema)


def test_a_release_is_the_same_everywhere():
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (\d+\.\d+\.\d+) \((\d{4}-\d{2}-\d{2})\)$", log, re.MULTILINE)
    assert len(sections) == len(re.findall("^## (?!Unreleased$)", log, re.MULTILINE)), (
        "a section has no version or date"
    )
    version, date = sections[0]
    assert version == PROJECT["version"]
    assert str(read_yaml("CITATION.cff")["date-released"]) == date
    assert claims.last_release() == version, "a release keeps its claims: see CONTRIBUTING.md"
    assert {path.stem for path in (datasets.FROZEN / version).iterdir()} == {
        "ahlert2024",
        "ahlert2024workshop",
        "avitan2025",
    }


def test_formulas_are_rendered_by_a_local_script():
    settings = read_yaml("_config.yml")["sphinx"]["config"]
    (static,) = settings["html_static_path"]
    script = ROOT / static / settings["mathjax_path"]  # Sphinx does not warn when it is absent
    assert script.stat().st_size > 1_000_000
    assert "Apache License" in (script.parent / "LICENSE").read_text()


def test_every_chapter_exists():
    toc = read_yaml("_toc.yml")
    chapters = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    missing = [name for name in chapters if not any((ROOT / f"{name}{suffix}").is_file() for suffix in (".md", ".py"))]
    assert missing == []
    pages = {f"book/{path.stem}" for path in (ROOT / "book").glob("*.md")}
    pages |= {f"notebooks/{path.stem}" for path in (ROOT / "notebooks").glob("*.py")}
    assert pages == set(chapters), "a page or notebook is not in _toc.yml"


def test_every_data_set_has_a_card():
    text = (ROOT / "book/data.md").read_text(encoding="utf-8")
    cards = text.partition("## Data cards\n")[2].partition("\n## ")[0].split("\n### ")[1:]
    described = []
    for card in cards:
        parts = re.split(r"\n([A-Z][a-z, ]+)\n: ", card)
        assert parts[1::2] == ["What", "Whose, licence", "How many", "Traps", "Cite"], parts[0]
        described += [name for name in re.findall(r"`([^`]+)`:", parts[2])]
    assert sorted(described) == sorted(datasets.registered())


def test_no_large_file_would_be_committed():
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git repository")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    assert [str(path) for path in paths if path.is_file() and path.stat().st_size > 3_000_000] == []


def test_the_readme_s_python_runs(tmp_path, monkeypatch, rng):
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    columns = ["Rajalingham2018-i2n", "MajajHong2015.IT-pls", "mine"]
    scores = pd.DataFrame(rng.random((12, 3)), columns=columns).rename_axis("model")
    scores.to_csv(tmp_path / "my_scores.csv")
    small = replace(recovery.SMOKE, models=("toy-a1", "toy-a2"), sizes=(50,), n_seeds=(1,), strengths=(0.1,))
    monkeypatch.setattr(recovery, "SMOKE", small)
    monkeypatch.chdir(tmp_path)
    made = {}
    exec(compile(example, "README.md", "exec"), made)
    assert (tmp_path / "consistency.png").stat().st_size > 1_000
    oracle = scores.corr(method="spearman").loc[columns[0], columns[2]]
    pairs = made["pairs"].set_index(["metric_a", "metric_b"])
    assert pairs.loc[(columns[0], columns[2]), "rho"] == pytest.approx(oracle)
    assert len(made["ranking"]) == 12
    assert set(made["rows"]["generator"]) == set(small.models)


def test_functions_that_pages_name_are_where_they_say():
    text = "".join(path.read_text(encoding="utf-8") for path in [*ROOT.glob("*.md"), *ROOT.glob("book/*.md")])
    named = set(re.findall(r"`(?:yardsticks\.)?((?:scores|recovery|stats|claims|datasets|notebooks)\.[\w.]+)`", text))
    assert len(named) > 20
    absent = []
    for name in named:
        module, _, attribute = f"yardsticks.{name}".rpartition(".")
        try:
            if not hasattr(importlib.import_module(module), attribute):
                importlib.import_module(f"{module}.{attribute}")
        except ImportError:
            absent.append(name)
    assert sorted(absent) == []
