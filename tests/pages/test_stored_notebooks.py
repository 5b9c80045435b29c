"""What the stored notebooks show is what the book's build, which executes all of them, has found anew."""

import configparser
import re
from pathlib import Path

import nbformat
import pytest

from yardsticks import datasets

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "_build" / "stage" / "notebooks"
# they show the same on every machine; of the others, the stored ones show the real data
ANYWHERE = ("00_twin", "07_own_scores", "22_own_features")
STORED = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="session")
def rules() -> list[tuple[str, str]]:
    """What is no difference, as for nbval: pairs of a pattern and what stands for it."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "tests" / "nbval_sanitize.cfg")
    return [(part["regex"], part["replace"]) for name, part in parser.items() if name != parser.default_section]


def shown(path: Path, rules) -> list[list[tuple[str, str]]]:
    """The outputs of each cell, as kind and text; of an image that there is one."""

    def texts(output):
        kinds = {output["name"]: output["text"]} if output["output_type"] == "stream" else output["data"]
        for kind, text in sorted(kinds.items()):
            text = "" if kind.startswith("image/") else text if isinstance(text, str) else repr(text)
            for pattern, replacement in rules:
                text = re.sub(pattern, replacement, text)
            yield kind, text

    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return [[text for output in cell.outputs for text in texts(output)] for cell in cells]


@pytest.mark.parametrize("stored", STORED, ids=lambda path: path.stem)
def test_a_stored_notebook_reproduces(stored, rules):
    if stored.stem not in ANYWHERE and any(datasets.is_synthetic(name) for name in datasets.fingerprint()):
        pytest.skip("not all of the real data are on this machine")
    before, now = shown(stored, rules), shown(BUILT / stored.name, rules)
    assert any(before)
    assert now == before, "run make pairs"


def test_a_difference_is_seen(tmp_path, rules):
    path = tmp_path / "other.ipynb"
    text = STORED[1].read_text(encoding="utf-8")
    outputs = [o for cell in nbformat.reads(text, as_version=4).cells for o in cell.get("outputs", [])]
    number = next(n for o in outputs for n in re.findall(r"\d\.\d{3}", str(o.get("data", {}).get("text/html", ""))))
    path.write_text(text.replace(number, number[::-1]), encoding="utf-8")
    assert shown(path, rules) != shown(STORED[1], rules)
