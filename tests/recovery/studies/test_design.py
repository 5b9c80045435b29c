"""Cells of a factorial study: the design by hand, its files, and a small study of a toy world through the engine."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from yardsticks.datasets import OURS, Origin, catalogue
from yardsticks.recovery.studies import finished
from yardsticks.recovery.studies.design import half_fraction, import_cells, read_design, write_cells
from yardsticks.recovery.studies.experiment import EXPERIMENTS, SMOKE, from_settings
from yardsticks.recovery.studies.jobs import run_here
from yardsticks.recovery.studies.store import open_study
from yardsticks.recovery.studies.tables import Results, read_table, split_cells, write_table

DESIGNS = sorted((OURS / "designs").glob("*.toml"))
DESIGN = """
base = "smoke"
name = "toy-cells"
models = ["toy-a1", "toy-a2"]
sizes = [50]
n_seeds = [2]
n_noise_free = 100

[factors.components]
4 = { components = 4 }
8 = { components = 8 }

[factors.scale]
unit = {}
raw = { scale = "raw", strengths = [1.0, 0.01] }

[cells.diagonal]
levels = ["4", "raw"]
components = 5
transform = "diagonal"
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "design.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


class TestHalfFraction:
    @pytest.mark.parametrize("n_factors", [3, 4, 5, 6])
    def test_main_effects_are_balanced_and_orthogonal(self, n_factors):
        runs = np.array(half_fraction(n_factors))
        assert runs.shape == (2 ** (n_factors - 1), n_factors)
        assert len(np.unique(runs, axis=0)) == len(runs)
        assert (runs.sum(axis=0) == 0).all()
        assert np.array_equal(runs.T @ runs, len(runs) * np.eye(n_factors))

    def test_five_factors_have_resolution_five(self):
        """No effect of one or two factors is any other of them; one of two is the product of the three others."""
        runs = np.array(half_fraction(5))
        effects = {
            chosen: tuple(runs[:, list(chosen)].prod(axis=1))
            for n in (1, 2)
            for chosen in itertools.combinations(range(5), n)
        }
        assert len(set(effects.values())) == len(effects) == 15
        for first, second in itertools.combinations(effects.values(), 2):
            assert np.dot(first, second) == 0
        assert effects[0, 1] == tuple(runs[:, [2, 3, 4]].prod(axis=1))

    def test_one_factor_has_no_half(self):
        with pytest.raises(ValueError, match="n_factors is 1: at least two"):
            half_fraction(1)


class TestReading:
    def test_cells_have_the_settings_of_their_levels(self, write):
        design = read_design(write(DESIGN))
        assert design.fraction == ("4-unit", "8-raw")
        assert list(design.cells) == ["4-unit", "8-raw", "diagonal"]
        assert design.factors == {"components": ("4", "8"), "scale": ("unit", "raw")}
        cell = design.cells["8-raw"]
        assert (cell.components, cell.scale, cell.strengths, cell.transform) == (8, "raw", (1.0, 0.01), "full")
        assert (cell.models, cell.sizes, cell.world) == (("toy-a1", "toy-a2"), (50,), "toy")
        own = design.cells["diagonal"]
        assert (own.components, own.scale, own.transform) == (5, "raw", "diagonal")
        assert own.n_noise_free == 100 != EXPERIMENTS["smoke"].n_noise_free

    def test_without_factors_each_cell_is_its_settings(self, write):
        head = DESIGN.partition("[factors")[0]
        cells = '[cells]\n"weak" = { generator_strengths = [0.01] }\n"strong" = { generator_strengths = [0.5, 1] }\n'
        design = read_design(write(head + cells))
        assert (design.factors, design.fraction) == ({}, ())
        assert [cell.generator_strengths for cell in design.cells.values()] == [(0.01,), (0.5, 1)]

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ('["4", "raw"]', '["4", "huge"]', "design.toml: cell diagonal: scale='huge' is none of unit, raw"),
            ('["4", "raw"]', '["4"]', "design.toml: cell diagonal has the levels .*one for each.*components, scale"),
            ('levels = ["4", "raw"]', "", "design.toml: cell diagonal has no levels: give a list with one for each"),
            ('levels = ["4", "raw"]', 'levels = "4"', "design.toml: cell diagonal has the levels '4': give a list"),
            ('name = "toy-cells"', "", "design.toml: name is missing"),
            ('base = "smoke"', 'base = "smoky"', "design.toml: base='smoky' is none of .*smoke"),
            ('base = "smoke"', 'base = ["smoke"]', r"design.toml: base=\['smoke'\] is none of .*smoke"),
            ("unit = {}", 'unit = "raw"', "design.toml: factors.scale.unit='raw' must be a table"),
            ("[cells.diagonal]", "[[cells]]", r"design.toml: cells=\[.* must be a table: write \[cells\]"),
            ("8 = { components = 8 }", "", "design.toml: factor components has the levels 4: there must be two"),
            ('base = "smoke"', "", "design.toml: base is missing"),
            ("components = 4 }", "components = 0 }", "design.toml: components=0 must be"),
            ("n_noise_free", "taste", "design.toml: an experiment has no taste"),
            ("[cells.diagonal]", '[cells."../up"]', "design.toml: a cell is called '../up': it must be a name"),
        ],
    )
    def test_design_that_cannot_be_read_says_why(self, write, old, new, message):
        assert old in DESIGN
        with pytest.raises(ValueError, match=message):
            read_design(write(DESIGN.replace(old, new)))

    def test_design_without_a_cell_is_refused(self, write):
        with pytest.raises(ValueError, match=r"design.toml: there is no cell: give \[factors.NAME\]"):
            read_design(write(DESIGN.partition("[factors")[0]))

    def test_factors_must_be_tables(self, write):
        head = DESIGN.partition("[factors")[0]
        with pytest.raises(ValueError, match=r"design.toml: factors.scale=\[2\] must be a table"):
            read_design(write(f"{head}[factors]\nscale = [2]\n"))

    def test_published_variants_can_be_said(self, write):
        settings = {"ties": "first", "exclude": "none", "selection": "published", "start": "features"}
        said = "".join(f'{name} = "{value}"\n' for name, value in settings.items())
        cell = read_design(write(f"{DESIGN.partition('[factors')[0]}[cells.published]\n{said}")).cells["published"]
        assert {name: getattr(cell, name) for name in settings} == settings

    @pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
    def test_designs_of_the_project_are_studies_of_its_models(self, path):
        design = read_design(path)
        assert design.name == path.stem
        assert len({cell.identity() for cell in design.cells.values()}) == len(design.cells)
        models = {model.removesuffix("~half") for cell in design.cells.values() for model in cell.models}
        assert models <= set(catalogue("features")["model"])

    def test_curve_goes_on_with_the_stored_study(self):
        """The same generators, as far as their grid goes, answer ever more triplets."""
        cell = read_design(OURS / "designs/curve.toml").cells["surrogate"]
        _, before = read_table(OURS / "results/things_surrogate.parquet")
        went_on = from_settings(before["experiment"])
        assert min(cell.sizes) > max(went_on.sizes)
        assert {made["strength"] for made in before["generators"]} == set(cell.generator_strengths)
        changed = {"name", "sizes", "n_seeds", "strengths", "generator_strengths"}
        assert {name for name, value in cell.settings().items() if value != went_on.settings()[name]} <= changed


def test_table_holds_all_cells_and_their_settings(write, tmp_path):
    design = read_design(write(DESIGN))
    tables = {name: run_here(cell, tmp_path / name) for name, cell in design.cells.items()}
    studies = {name: open_study(tmp_path / name) for name in design.cells}
    write_cells(design, studies, tmp_path / "table.parquet")
    rows, provenance = read_table(tmp_path / "table.parquet")
    assert rows["cell"].unique().tolist() == list(design.cells)
    for name, table in tables.items():
        part = rows[rows["cell"] == name].drop(columns="cell").reset_index(drop=True)
        assert part.equals(table.astype(part.dtypes.to_dict()))
        assert provenance["cells"][name] == design.cells[name].settings()
        assert {row["model"] for row in provenance["generators"][name]} == {"toy-a1", "toy-a2"}
    split = split_cells(Results(rows, provenance, Origin("cells", "synthetic", "", "cells")))
    assert list(split) == list(design.cells)
    for name, cell in split.items():
        assert cell.rows.reset_index(drop=True).equals(
            rows[rows["cell"] == name].drop(columns="cell").reset_index(drop=True)
        )
        assert from_settings(cell.provenance["experiment"]) == design.cells[name]
        assert cell.provenance["generators"] == provenance["generators"][name]
        assert cell.provenance["inputs"] == studies[name].inputs.hash
    some = Results(rows[rows["cell"] != "none"], provenance, Origin("cells", "synthetic", "", "cells"))
    assert "none" not in split_cells(some)  # not run yet
    assert provenance["experiment"] == design.cells["4-unit"].settings()
    assert provenance["fraction"] == ["4-unit", "8-raw"]
    assert provenance["factors"] == {"components": ["4", "8"], "scale": ["unit", "raw"]}


def test_command_runs_one_cell(write, tmp_path, run):
    table = tmp_path / "table.parquet"
    base = ("recovery", "factorial", str(write(DESIGN)), "--out", str(tmp_path / "cells"), "--table", str(table))
    code, _, error = run(*base, "--cell", "none")
    assert code != 0
    assert "has no cell none. It has: 4-unit, 8-raw, diagonal" in error
    code, out, error = run(*base, "--workers", "1", "--cell", "diagonal")
    assert code == 0, error
    assert "of 1 of 3 cells" in out
    assert read_table(table)[0]["cell"].unique().tolist() == ["diagonal"]


def test_command_names_the_models_that_are_left_out_of_a_cell(write, tmp_path, run):
    text = DESIGN.replace('"toy-a2"]', '"toy-a2", "none"]')
    out = ("--out", str(tmp_path / "cells"), "--table", str(tmp_path / "table.parquet"))
    code, _, error = run("recovery", "factorial", str(write(text)), *out, "--workers", "1", "--cell", "4-unit")
    lines = error.splitlines()
    cell = lines.index("cell 4-unit")
    assert lines[cell + 1].startswith("left out: none: ")
    assert lines[cell + 2].startswith("2 jobs fail, in which what is left out would answer")
    assert code == 1  # these jobs fail


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    folder = tmp_path_factory.mktemp("begun")
    (folder / "design.toml").write_text(DESIGN)
    design = read_design(folder / "design.toml")
    studies = {}
    for name in ("4-unit", "diagonal"):
        run_here(design.cells[name], folder / name)
        studies[name] = open_study(folder / name)
    rows = write_cells(design, studies, folder / "table.parquet")
    return design, folder / "table.parquet", rows


class TestTakingOver:
    """A table of some cells is committed, and goes on elsewhere."""

    def test_all_its_jobs_are_there_and_told(self, begun, tmp_path):
        design, path, rows = begun
        assert import_cells(design, path, tmp_path) == {"4-unit": 4, "diagonal": 4}
        assert import_cells(design, path, tmp_path) == {"4-unit": 0, "diagonal": 0}
        run_here(design.cells["8-raw"], tmp_path / "8-raw")
        studies = {name: open_study(tmp_path / name) for name in design.cells}
        write_cells(design, studies, tmp_path / "more.parquet", taken_from=path)
        more, provenance = read_table(tmp_path / "more.parquet")
        assert set(more["cell"]) == set(design.cells)
        for name in ("4-unit", "diagonal"):
            old, new = (frame[frame["cell"] == name].reset_index(drop=True) for frame in (rows, more))
            assert new.equals(old.astype(new.dtypes.to_dict()))
        earlier = read_table(path)[1]
        assert provenance["taken_over"] == {earlier["rows"]: 8}
        assert provenance["inputs_of"] == {name: study.inputs.hash for name, study in studies.items()}
        assert provenance["generators"] | earlier["generators"] == provenance["generators"]
        assert len(provenance["generators"]["8-raw"]) == 2

    def test_cells_of_other_settings_are_refused(self, begun, tmp_path, write):
        path = begun[1]
        other = read_design(write(DESIGN.replace('transform = "diagonal"', 'transform = "none"')))
        with pytest.raises(ValueError, match="is of another study"):
            import_cells(other, path, tmp_path / "other")
        fewer = read_design(write(DESIGN.partition("[cells")[0]))
        with pytest.raises(ValueError, match="has the cells diagonal, which the design does not have"):
            import_cells(fewer, path, tmp_path / "fewer")

    def test_table_that_does_not_say_its_data_is_refused(self, begun, tmp_path):
        design, path, _ = begun
        study = open_study(path.parent / "diagonal")
        write_table(study, finished.collect(study), tmp_path / "table.parquet")
        with pytest.raises(ValueError, match="does not say of each cell what data"):
            import_cells(design, tmp_path / "table.parquet", tmp_path)

    def test_command(self, begun, tmp_path, run, write):
        table = tmp_path / "table.parquet"
        base = ("recovery", "factorial", str(write(DESIGN)), "--out", str(tmp_path / "cells"), "--table", str(table))
        code, out, error = run(*base, "--workers", "1", "--cell", "diagonal", "--from", str(begun[1]))
        assert code == 0, error
        assert "8 jobs taken over from" in error
        assert "of 2 of 3 cells" in out
        assert len(read_table(table)[0]) == len(begun[2])


@pytest.mark.parametrize("path", sorted((OURS / "designs").glob("*.toml")), ids=lambda path: path.stem)
def test_designs_of_the_project_are_read(path):
    design = read_design(path)
    assert design.name == path.stem
    assert len({cell.identity() for cell in design.cells.values()}) == len(design.cells)


def test_limit_is_crossed_and_runs_in_a_toy_world(tmp_path):
    cells = read_design(OURS / "designs/limit.toml").cells
    expected = {(c.components, c.n_train_objects) for c in cells.values() if c.choices == "expected"}
    assert expected == set(itertools.product((256, 512, 800, None), (433, 865, 1236)))
    toy = {"world": "toy", "n_judgements": None, "models": SMOKE.models[:2], "sizes": (200,), "n_noise_free": 100}
    rows = run_here(replace(cells["expected-512-433"], n_train_objects=20, strengths=(1.0, 0.1), **toy), tmp_path)
    assert (rows["error"] == "").all()
    assert rows["converged"].all()
    assert (rows["gap"] < 0.01).all()
    assert len(rows) == 4
