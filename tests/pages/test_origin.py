"""Which pages of the built book are synthetic: where all of the data are real, only those that are meant to be."""

from pathlib import Path

import pytest
import yaml

from yardsticks import datasets

STAGE = Path(__file__).resolve().parents[2] / "_build" / "stage"
# the twin's own page, and the two that show how a user's own data are taken, on invented ones
MEANT = {"notebooks/00_twin", "notebooks/07_own_scores", "notebooks/22_own_features"}


def test_on_real_data_no_other_page_is_synthetic():
    if any(datasets.is_synthetic(name) for name in datasets.REGISTRY | datasets.TOY):
        pytest.skip("not all of the real data are on this machine")
    config = yaml.safe_load((STAGE / "_config.yml").read_text(encoding="utf-8"))
    assert set(config["sphinx"]["config"]["synthetic_pages"]) == MEANT
