"""The examples in docstrings run and print what they say; what the front doors of the scores export has one each."""

import doctest
import importlib
import inspect
from pathlib import Path

import pytest

import yardsticks
import yardsticks.recovery
import yardsticks.scores

SRC = Path(__file__).resolve().parents[1] / "src"


def module_name(path: Path) -> str:
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


WITH_EXAMPLES = [module_name(path) for path in sorted(SRC.rglob("*.py")) if ">>>" in path.read_text(encoding="utf-8")]
PUBLIC = [
    pytest.param(value, id=f"{door.__name__}.{name}")
    for door in (yardsticks, yardsticks.scores)
    for name in sorted(set(door.__all__) - set(yardsticks.recovery.__all__))
    if inspect.isroutine(value := getattr(door, name)) or inspect.isclass(value)
]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_print_what_they_say(name):
    told = []
    runner = doctest.DocTestRunner(verbose=False)
    for example in doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(name)):
        runner.run(example, out=told.append)
    assert runner.summarize(verbose=False).attempted
    assert "".join(told) == ""


@pytest.mark.parametrize("thing", PUBLIC)
def test_what_is_exported_has_an_example(thing):
    assert ">>>" in (thing.__doc__ or "")
