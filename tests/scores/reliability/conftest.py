"""Small tables of one's own making."""

import pandas as pd
import pytest

from yardsticks.datasets import Origin
from yardsticks.scores.metrics import describe_metrics
from yardsticks.scores.table import ScoreTable
from yardsticks.scores.twin.draw import make_twin


@pytest.fixture(scope="session")
def twin():
    return make_twin()


@pytest.fixture
def make_table():
    """Make a real table of scores (models x metrics); names are the ids unless given."""

    def call(values: pd.DataFrame, names=None, cells=None) -> ScoreTable:
        metrics = describe_metrics(values.columns)
        models = pd.DataFrame({"name": list(values.index) if names is None else names}, values.index)
        return ScoreTable(values[metrics.index], metrics, models, cells, Origin("hand-made", "real", ""))

    return call
