"""Tables as users may bring them, none like the leaderboard, and a chapter run on one without a kernel."""

import gzip
import io
import json
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import pandas as pd
import pytest

from yardsticks.notebooks import glue
from yardsticks.notebooks.boxes import box_failures
from yardsticks.scores.twin.draw import make_twin

NOT_SHOWN = "application/papermill.record/"  # how myst-nb marks what is glued and not displayed


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
def run_chapter(tmp_path, monkeypatch):
    """Run a chapter's cells in this process, to the end whatever fails, and put the boxes in.

    Returns the notebook, its boxes, and what was glued by name.
    """
    node = nbformat.NotebookNode
    outputs, glued = [], {}

    def keep(name: str, value, text: str, prefix: str) -> None:
        glued[name] = value
        about = node(scrapbook=node(name=name))
        outputs.append(node(output_type="display_data", metadata=about, data=node({f"{prefix}text/plain": text})))

    def figure(name: str, figure) -> None:
        figure.savefig(io.BytesIO(), format="png", dpi=30)
        keep(name, figure, "figure", "")

    def numbers(**numbers) -> None:
        for name, number in numbers.items():
            keep(name, number, repr(number.item() if isinstance(number, np.generic) else number), NOT_SHOWN)

    def call(source: Path, parameters: dict):
        monkeypatch.setattr(glue, "figure", figure)
        monkeypatch.setattr(glue, "numbers", numbers)
        monkeypatch.chdir(tmp_path)
        notebook, space = jupytext.read(source, fmt="py:percent"), {}
        glued.clear()
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            try:
                exec(compile(cell.source, source.name, "exec"), space)
                if "parameters" in cell.metadata.get("tags", []):
                    space |= {name: value for name, value in parameters.items() if name in space}
            except Exception as error:
                outputs.append(node(output_type="error", ename=type(error).__name__, evalue=str(error), traceback=[]))
            cell.outputs = [*outputs]
            outputs.clear()
        return notebook, box_failures(notebook, tmp_path), {**glued}

    return call
