"""Tables as users may bring them, none like the leaderboard, and a chapter run on one without a kernel."""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from yardsticks.book.trial import try_chapter
from yardsticks.scores.twin.draw import make_twin


@pytest.fixture(scope="session")
def exports(tmp_path_factory) -> dict[str, Path]:
    """Never-seen exports, as paths by kind; small, and different from one another in every way."""
    folder = tmp_path_factory.mktemp("exports")
    rng = np.random.default_rng(3)
    names = [f"net {number}" for number in range(14)]

    def noise(columns: list[str], n: int = 14) -> pd.DataFrame:
        return pd.DataFrame(rng.normal(0.3, 0.1, (n, len(columns))).round(3), columns=columns)

    unknown = noise([f"lab.task{number}" for number in range(6)]) * 100  # percentages
    unknown.insert(0, "model", names)
    unknown.to_csv(folder / "unknown.csv", index=False)

    neural = noise(["MajajHong2015.IT-pls", "MajajHong2015.V4-pls", "flat", "below"])
    neural["flat"], neural["below"] = 0.5, -neural["below"].abs()
    neural.loc[1:5, "below"] = np.nan
    neural.insert(0, "model_id", range(14))
    neural.to_csv(folder / "neural.csv", sep=";", index=False)

    behaviour = noise(["Rajalingham2018-i2n", "Geirhos2021sketch-top1"]).assign(model=names)
    behaviour.melt("model", var_name="benchmark", value_name="value").to_csv(
        folder / "behaviour.tsv", sep="\t", index=False
    )

    odd = noise(["MajajHong2015.IT-pls", "Sanghavi2020.IT-pls", "Rajalingham2018-i2n", "Hebart2023-match"])
    odd.assign(model=names).to_csv(folder / "odd.csv", index=False)  # odd-one-out scores, and no V1

    few = [
        {
            "model": {"id": number, "name": name},
            "ImageNet-top1_v1": {"value": 0.5},
            "odd": {"value": number},
        }
        for number, name in enumerate(names[:2])
    ]
    (folder / "few.json.gz").write_bytes(gzip.compress(json.dumps(few).encode()))

    twin = make_twin()
    part = twin.values[twin.metrics.index[twin.metrics["in_paper_51"]]].iloc[:60]
    part.reset_index(drop=True).set_axis([f"m{number}" for number in range(60)]).rename_axis("model").to_csv(
        folder / "like_the_paper.csv"
    )
    return {path.name.split(".")[0]: path for path in folder.iterdir()}


@pytest.fixture
def catalogue(tmp_path) -> Path:
    """Areas for the metrics of the export `unknown`."""
    path = tmp_path / "areas.csv"
    areas = ["V1", "V2", "V4", "IT", "behaviour", "behaviour"]
    rows = [f"lab.task{number},{area}" for number, area in enumerate(areas)]
    path.write_text("\n".join(["metric,area", *rows]) + "\n")
    return path


@pytest.fixture
def run_chapter(tmp_path):
    """Run a chapter's cells in this process: see `try_chapter`."""
    return lambda source, parameters: try_chapter(source, parameters, tmp_path)
