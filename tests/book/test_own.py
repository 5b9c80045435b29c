"""Books on tables that nobody has seen: what is shown, what gives way to a box, what is left alone."""

import json
import re
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import pandas as pd
import pytest

from yardsticks.book import own as own_module
from yardsticks.book import own_pages
from yardsticks.book.own import choose_parameters, left_out_models, list_missing, write_long
from yardsticks.book.own_sections import tidy_sections
from yardsticks.notebooks.boxes import box_failures, read_boxes
from yardsticks.notebooks.keys import Run
from yardsticks.notebooks.run import execute
from yardsticks.scores import intervals
from yardsticks.scores.integration import resampled
from yardsticks.scores.opening import open_scores
from yardsticks.scores.reading.areas import assign_areas, read_areas
from yardsticks.scores.specifications.headline import HEADLINES
from yardsticks.scores.structure import dimensions

ROOT = Path(__file__).resolve().parents[2]
USED = re.compile(r"\{glue:(text|figure)\}[ `]*([\w-]+)")
SOURCES = sorted((ROOT / "notebooks").glob("*.py"))
CHAPTERS = [source for source in SOURCES if re.search('^scores = "', source.read_text(encoding="utf-8"), re.MULTILINE)]
CHAPTER = {source.name[:2]: source for source in CHAPTERS}


@pytest.fixture
def show(run_chapter, monkeypatch):
    """Run a chapter on a table, with what a book on it would choose, and few resamples."""

    def few(drawing):
        return lambda *arguments, n=20, **options: drawing(*arguments, n=min(n, 20), **options)

    monkeypatch.setattr(intervals, "resample", few(intervals.resample))
    monkeypatch.setattr(resampled, "draw_counts", few(resampled.draw_counts))
    monkeypatch.setattr(dimensions, "DEALT", 20)

    def call(path: Path, number: str, **more):
        parameters = choose_parameters(open_scores(path, catalogue=more.get("catalogue", "")), path, **more)
        if number == "06":  # a few of its hundreds of specifications
            parameters |= {"only_method": "kendall", "only_over": "areas", "only_policy": "zero", "n_resamples": 5}
        if number == "08":
            parameters |= {"tries": 1}
        if number == "10":
            parameters |= {"n_resamples": 3}
        return run_chapter(CHAPTER[number], parameters)

    return call


def check_page(notebook, boxes, glued) -> None:
    """Nothing unforeseen, no traceback, and every number and figure that is left in the prose is there."""
    assert not [box for box in boxes if "not foreseen" in box["why"]], boxes
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert "error" not in [output.output_type for output in outputs]
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for _, key in USED.findall(prose):
        assert key in glued
        assert repr(glued[key]) not in ("nan", "np.float64(nan)"), key
    assert prose.count("not shown\n:class: lacking") == sum(box["what"] != "output" for box in boxes)


def figures_of(prose: str) -> list[str]:
    """The figures of a chapter but those on the paper's sample, which an own book does not have."""
    return [key for kind, key in USED.findall(prose) if kind == "figure" and not key.startswith("sample-")]


def shown_figures(notebook) -> set[str]:
    return set(figures_of("\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")))


CURVES = [f"curve_{number}" for number in HEADLINES]
# what each export shows of the chapters' figures
SHOWN = {
    ("unknown", "02"): {"pairs", "consistency-metrics"},
    ("unknown", "03"): set(),
    ("unknown", "06"): set(),
    ("neural", "01"): {"presence", "coverage", "score-ranges"},
    ("neural", "03"): {"densities"},
    ("neural", "04"): set(),
    ("neural", "06"): set(),
    ("behaviour", "01"): {"presence", "coverage", "score-ranges"},
    ("behaviour", "02"): {"pairs", "consistency-metrics", "consistency-groups"},
    ("behaviour", "05"): set(),
    ("odd", "02"): {"pairs", "consistency-metrics", "consistency-groups", "figure1-wider"},
    ("few", "01"): {"presence", "coverage", "score-ranges"},
    ("few", "02"): set(),
    ("few", "04"): set(),
    ("few", "05"): set(),
    ("few", "06"): set(),
    ("like_the_paper", "03"): {"neural-behaviour", "densities"},
    ("like_the_paper", "04"): {"missing"},
    ("like_the_paper", "05"): {"integration"},
    ("unknown", "11"): {"dimensions"},
    ("few", "11"): set(),
    ("unknown", "08"): {"axioms"},
    ("few", "08"): set(),
    ("few", "12"): set(),
    ("behaviour", "12"): set(),
    ("like_the_paper", "11"): {"dimensions", "clusters", "fewest"},
    ("like_the_paper", "12"): set(),
    ("like_the_paper", "06"): {"ranges", *CURVES, "explained"},
    ("like_the_paper", "10"): set(),
    ("few", "10"): set(),
}


@pytest.mark.parametrize(("kind", "number"), SHOWN, ids=lambda value: value)
def test_a_page_shows_what_it_can_and_says_what_it_cannot(exports, show, kind, number):
    notebook, boxes, glued = show(exports[kind], number)
    check_page(notebook, boxes, glued)
    assert shown_figures(notebook) == SHOWN[kind, number]
    complete = "figure" not in {box["what"] for box in boxes}
    assert complete == (len(SHOWN[kind, number]) == len(figures_of(CHAPTER[number].read_text())))


@pytest.mark.parametrize("number", ["02", "03", "04", "05"])
def test_a_catalogue_of_ones_own_brings_back_what_areas_are_needed_for(exports, show, number, catalogue):
    notebook, boxes, glued = show(exports["unknown"], number, catalogue=catalogue)
    check_page(notebook, boxes, glued)
    lacking = {"figure1", "figure1-wider"} if number == "02" else set()
    assert shown_figures(notebook) == set(figures_of(CHAPTER[number].read_text())) - lacking


def test_reasons_name_what_is_missing(exports, show):
    for kind, number, words in (
        ("neural", "05", "neural.csv has no behavioural metrics"),
        ("behaviour", "05", "behaviour.tsv has no neural metrics"),
        ("unknown", "04", "unknown.csv has no neural or behavioural metrics"),
        ("few", "05", "few.json.gz has 2 models with scores under all 2 metrics, and 3 are needed"),
    ):
        assert words in " ".join(box["why"] for box in show(exports[kind], number)[1])


def test_errors_and_names_that_stand_there_twice_are_all_that_noise_needs(tmp_path, show, rng):
    """And ceilings are found in raw scores, families in names; the accuracy of ImageNet is not needed."""
    names = [f"{family}-{number}{end}" for family in ("resnet", "vgg") for number in range(9) for end in ("", "-tf")]
    level = np.repeat(rng.normal(0.4, 0.1, (18, 1)), 2, axis=0) + rng.normal(0, 0.03, (36, 3))
    columns = ["MajajHong2015.IT-pls", "MajajHong2015.V4-pls", "Rajalingham2018-i2n"]
    raw = pd.DataFrame(level, columns=columns).assign(model=names).melt("model", var_name="metric", value_name="raw")
    squared = raw["metric"].str.endswith("pls")
    raw["score"] = ((raw["raw"] / 0.8) ** squared.map({True: 2, False: 1})).round(3)
    path = tmp_path / "errors.csv"
    raw.assign(error=0.03).to_csv(path, index=False)
    notebook, boxes, glued = show(path, "10")
    check_page(notebook, boxes, glued)
    assert shown_figures(notebook) == {"noise"}
    assert glued["noise_all_name_n_networks"] == 18
    assert (glued["ceilings_n_corrected"], glued["ceilings_n_not_squared"]) == (2, 1)
    why = {box["why"] for box in boxes}
    assert "what the paper prints is about Brain-Score's leaderboard, and not about this table." in why
    assert "the table does not have what this takes: given imagenet rho." in why
    assert len(why) < 12


# --- choices


def test_the_papers_metrics_are_taken_where_half_of_them_are_there(exports):
    chosen = {kind: choose_parameters(open_scores(path), path) for kind, path in exports.items()}
    assert {kind: choice["metrics"] for kind, choice in chosen.items()} == {
        "unknown": "all",
        "neural": "all",
        "behaviour": "all",
        "odd": "all",
        "few": "all",
        "like_the_paper": "paper",
    }
    assert chosen["neural"]["policy"] == "pairwise"  # 9 models are complete
    assert chosen["neural"]["averages"] == "available"
    assert chosen["unknown"]["policy"] == chosen["few"]["averages"] == "complete"
    table, path = open_scores(exports["like_the_paper"]), exports["like_the_paper"]
    assert choose_parameters(table, path, metrics="all")["metrics"] == "all"
    with pytest.raises(ValueError, match="paper, all"):
        choose_parameters(table, path, metrics="most")
    with pytest.raises(ValueError, match="none of the paper's metrics"):
        choose_parameters(open_scores(exports["unknown"]), path, metrics="paper")


def test_areas_of_ones_own_metrics_make_averages(exports, catalogue):
    table = open_scores(exports["unknown"])
    assert table.areas(policy="complete").empty
    own = open_scores(exports["unknown"], catalogue=catalogue)
    for nesting in ("website", "flat"):
        areas = own.areas(policy="complete", nesting=nesting)
        expected = table.values[["lab.task4", "lab.task5"]].mean(axis=1)
        assert areas["behaviour"].to_numpy() == pytest.approx(expected.to_numpy())
        assert areas["neural"].to_numpy() == pytest.approx(table.values.iloc[:, :4].mean(axis=1).to_numpy())
    reverse = assign_areas(table, {"lab.task5": "V1", "lab.task0": "engineering", "not in the table": "IT"})
    assert [*reverse.values][:2] == ["lab.task5", "lab.task0"]
    assert reverse.metrics.at["lab.task0", "domain"] == "engineering"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("metric;area\na;V1\n", "Name the columns metric and area"),
        ("", "Name the columns metric and area"),
        ("metric,area\na,V1\nb,V3\n", "row 3: 'V3' is no area. There are: V1, V2"),
        ("metric,area\na,V1\na,V2\n", "row 3: 'a' stands there a second time"),
        ("metric,area\na\n", "row 2: '' is no area"),
        ("metric,area\na,V1\n,V2\n", "areas.csv, row 3: its metric is empty"),
        ('metric,area\n"a"b,V1\n', "areas.csv, row 2: this is no CSV"),
    ],
)
def test_a_catalogue_that_cannot_be_read_says_where(tmp_path, text, message):
    path = tmp_path / "areas.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_areas(path)


def test_a_catalogue_may_not_move_a_known_metric(exports):
    table = open_scores(exports["behaviour"])
    with pytest.raises(
        ValueError, match=r"m\.csv: 'Rajalingham2018-i2n' is Brain-Score's, of the area behaviour, not IT"
    ):
        assign_areas(table, {"Rajalingham2018-i2n": "IT"}, source="m.csv")


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ('what;a;b\ny;"0,10";"0,2"\nx;"-3,5";\n', {"transpose": True}),
        ("Method,family,x,y\na,vit,-3.5,0.10\nb,cnn,,0.2\n", {"model_column": "Method"}),
        (
            "Method,metric,score,error,version\na,x,9,,1.9\na,x,-3.5,.2,1.10\nb,x,,,\na,y,.1,,\nb,y,.2,,\n",
            {"model_column": "Method"},
        ),
    ],
)
def test_a_table_that_lies_otherwise_is_kept_as_it_was_understood(tmp_path, text, options):
    path, kept = tmp_path / "mine.csv", tmp_path / "read/mine.csv"
    path.write_text(text)
    write_long(open_scores(path, **options), kept)
    read = open_scores(kept)
    shown = read.values[["x", "y"]].set_axis(read.models["name"])
    assert shown.T.fillna(0).to_dict("list") == {"a": [-3.5, 0.1], "b": [0, 0.2]}
    assert shown.isna().to_numpy().tolist() == [[False, False], [True, False]]
    if "family" in text:
        assert [*read.models["family"]] == ["vit", "cnn"]
    if "error" in text:
        assert read.cells.dropna(subset="error")[["metric", "error"]].to_numpy().tolist() == [["x", 0.2]]


def test_a_book_of_a_table_that_lies_otherwise(exports, tmp_path, monkeypatch):
    ran = []

    def run(root, folder, parameters, *rest, **options):
        ran.append(parameters)
        raise KeyboardInterrupt

    monkeypatch.setattr(own_module, "run_notebooks", run)
    table = open_scores(exports["neural"])
    path = tmp_path / "turned.csv"
    table.values.set_axis(table.models["name"]).T.to_csv(path)
    with pytest.raises(KeyboardInterrupt):
        own_module.build_own_book(ROOT, tmp_path / "own", path, transpose=True)
    (parameters,) = ran
    assert parameters["scores"] == parameters["scores_late"] == tmp_path / "own/read/turned.csv"
    pd.testing.assert_frame_equal(
        open_scores(parameters["scores"]).values.set_axis(table.models["name"]),
        table.values.set_axis(table.models["name"]),
        check_names=False,
        check_like=True,
    )


def test_who_is_left_out_is_named(tmp_path):
    rng = np.random.default_rng(12)
    scores = pd.DataFrame(rng.random((40, 12)).round(3), columns=[f"task {n}" for n in range(12)])
    scores.insert(0, "model", [f"net {n}" for n in range(40)])
    path = tmp_path / "own.csv"
    for n_holed, policy in ((13, "complete"), (14, "pairwise")):  # a third of 40, and more
        holed = scores.copy()
        for n in range(n_holed):
            holed.iloc[n, 1 + n % 12] = np.nan
        holed.iloc[0, 1:8] = np.nan  # 5 of 12 metrics are left
        holed.loc[39, "model"] = "net 38"
        holed.to_csv(path, index=False)
        table = open_scores(path)
        parameters = choose_parameters(table, path)
        assert parameters["policy"] == policy
        left_out = {reason.split()[1]: names for reason, names in left_out_models(table, parameters).items() if names}
        lacking = [f"net {n}" for n in range(n_holed)]
        expected = {"lack": lacking} if policy == "complete" else {"have": ["net 0"]}
        assert left_out == expected | {"model": ["net 38"]}
        page = own_pages.intro(table, parameters, left_out_models(table, parameters), "")
        for names in left_out.values():
            assert f"({len(names)} of 40): {', '.join(names)}." in page


def test_what_is_missing_is_listed_by_its_reason():
    columns = ["chapter", "part", "what", "why"]
    assert own_pages.say_missing(pd.DataFrame(columns=columns), {}).startswith("Every figure")
    rows = [
        ("02", "A", "text", "no | area"),
        ("03", "C", "output; figure", "no | area"),
        ("03", "D", "text", "no year"),
        ("04", "E", "output", "no | area"),
        ("04", "F", "text", "no year"),
    ]
    missing = pd.DataFrame(rows, columns=columns)
    assert own_pages.say_missing(missing, {"03": "3 · Why"}).splitlines()[2:] == [
        r"| no \| area | {doc}`../notebooks/02` | A (text) |",
        "|  | *3 · Why* | all of it: the chapter is not in this book |",
        "|  | {doc}`../notebooks/04` | E (output) |",
        "| no year | {doc}`../notebooks/04` | F (text) |",
    ]


def test_a_chapter_without_a_figure_is_taken_out(tmp_path):
    figure = "```{glue:figure} x\n:name: y\n```"
    ours = "```{glue:figure} sample-x\n:name: y\n```\n"
    for name, texts in {"a": ["# 1 · A\n\ntext", figure], "b": ["# 2 · B", "box", ours], "c": ["# 3 · C"]}.items():
        cells = [{"cell_type": "markdown", "source": [text]} for text in texts]
        cells.append({"cell_type": "code", "source": [figure]})
        (tmp_path / f"{name}.ipynb").write_text(json.dumps({"cells": cells}))
    assert own_pages.take_out_bare(tmp_path) == {"b": "2 · B", "c": "3 · C"}
    assert [path.name for path in tmp_path.iterdir()] == ["a.ipynb"]


def test_the_prose_of_an_own_book_says_nothing_that_was_found_on_another_table():
    found = (
        "Yes.",
        "Hardly.",
        "Little of it",
        "Only a little.",
        "Behaviour does.",
        "So which model is best",
        "follows them closely",
        "come in blocks",
        "printed_",
        "are clusters",
        "ringed",
        "lie in the middle",
        "What the paper found",
        "paper",
        "Ahlert",
        "Brain-Score",
        "the leaderboard",
        "Kar2019",
        "as printed",
        "printed numbers",
        "nine groups",
        "2024-01",
    )
    for source in CHAPTERS:
        cells = [cell.source for cell in jupytext.read(source).cells if cell.cell_type == "markdown"]
        parts = [{"cell_type": "markdown", "source": cell} for cell in cells]
        own_pages.leave_out(parts)
        prose = "\n\n".join(own_pages.neutral(part["source"]) for part in parts)
        assert [words for words in found if words in prose] == []
        assert [key for kind, key in USED.findall(prose) if kind == "figure"] == [
            figure
            for figure in figures_of("\n\n".join(cells))
            if figure != "figure1"  # on the paper's models
        ]
        assert prose.count("```") == "\n\n".join(cells).count("```") - 2 * len(
            re.findall(r"\} (sample-|figure1$)", "\n\n".join(cells), re.M)
        )
        assert "sample-" not in prose
        assert "{glue:text}`" in prose
    text = "It is big (as in the paper). Ahlert has 51. These agree. Others do not.\n\n- **a** (`b`): the site's.\n- c"
    assert own_pages.neutral(text) == "It is big. Others do not.\n\n- c"
    numbers = "Over {glue:text}`n:d` models: {glue:text}`r:.2f`."
    text = f"## What the paper found\n\nSo it is. {numbers}\n\nIt holds: of {{glue:text}}`n`."
    assert own_pages.neutral(text) == (f"## In numbers\n\n{numbers}\n\nOf {{glue:text}}`n`.")


def markdown(*blocks: str) -> dict:
    return {"cell_type": "markdown", "source": "\n\n".join(blocks), "metadata": {}}


def output(html: str, *tags: str, glued: str = "") -> dict:
    about = {"scrapbook": {"name": glued}} if glued else {}
    shown = [{"output_type": "display_data", "data": {"text/html": html}, "metadata": about}]
    return {"cell_type": "code", "source": "", "outputs": shown, "metadata": {"tags": list(tags)}}


def test_a_section_says_once_what_it_cannot_show_and_none_is_empty():
    box = ":::{admonition} Text not shown\n:class: lacking\nno \\<V1\\>\n:::"
    figure, other = box.replace("Text", "Figure"), box.replace("V1", "V2")
    same = '<div class="lacking"><strong>Not shown.</strong> no &lt;V1&gt;</div>'
    cells = [
        markdown("# Title", box, figure, other),
        output("<p>a table nobody sees</p>", "remove-output"),
        markdown("## Empty", "### Also empty"),
        output("<p>unseen</p>", "remove-cell"),
        output("<p>glued</p>", glued="x"),
        markdown("## Filled by an output"),
        output("<table></table>"),
        markdown("## Filled below", "### Filled", "text", "## Said before"),
        output(same),
        markdown(other, "## With text", "The table:"),
        output(same),
        markdown(figure, "text", box),
        output(same),
        markdown("## Empty at the end"),
    ]
    tidy_sections(cells)
    assert [cell["source"] for cell in cells if cell["cell_type"] == "markdown"] == [
        f"# Title\n\n{box}\n\n{other}",
        "",
        "## Filled by an output",
        "## Filled below\n\n### Filled\n\ntext",
        "## With text\n\nThe table:",
        f"text\n\n{box}",
        "",
    ]
    assert [len(cell["outputs"]) for cell in cells if cell["cell_type"] == "code"] == [1, 1, 1, 1, 0, 1, 0]


def test_what_a_cell_prints_fills_a_section():
    printed = {"output_type": "stream", "name": "stdout", "text": "printed"}  # has neither data nor metadata
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# Title\n\ntext\n\n## Filled"},
        {"cell_type": "code", "metadata": {}, "outputs": [printed]},
    ]
    tidy_sections(cells)
    assert cells[0]["source"] == "# Title\n\ntext\n\n## Filled"
    assert cells[1]["outputs"] == [printed]


def test_parameters_and_pages_of_reference_say_nothing_of_the_paper():
    rows = [
        r"| `floor` | `0.0` | models with less are left out\, as in the paper | a number |",
        "| `until` | `''` | the paper's sample: scores before this date | a text |",
        "| `seed` | `2` | of the resamples | a whole number |",
    ]
    said = own_pages.say_parameters("\n".join(rows))
    assert said.split("\n") == [rows[0].replace(r"\, as in the paper", ""), rows[2]]
    found = {name: (ROOT / f"book/{name}.md").read_text(encoding="utf-8") for name in own_pages.PAGES}
    left = {name: own_pages.about_scores(name, text) for name, text in found.items()}
    for name in ("data", "methods", "glossary"):
        assert left[name].startswith(found[name].splitlines()[0])
        assert len(left[name]) < len(found[name])
        assert not re.search(r"Ahlert|[Pp]aper's|printed|THINGS dat|Kar2019|Avitan", left[name].partition("```{g")[0])
        assert left[name].count("```") % 2 == 0
    assert "paper proxy" not in left["glossary"]
    assert "\nrecovery study\n" in left["glossary"]
    assert "| `model_id` |" in left["data"]
    assert "explained variance" in left["methods"]
    assert left["status"] == found["status"]


# --- boxes


def code(source: str, *outputs, tags=()):
    return nbformat.v4.new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def failed(name: str, text: str):
    return nbformat.v4.new_output("error", ename=name, evalue=text, traceback=["..."])


def glued(name: str, text: str):
    data = {"application/papermill.record/text/plain": text}
    return nbformat.v4.new_output("display_data", data, metadata={"scrapbook": {"name": name}})


def test_boxes_stand_where_something_is_missing_and_nowhere_else(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/there.csv").write_text("x")
    text = """# Title

Known {glue:text}`known:d`, [table](tables/there.csv).

Lost {glue:text}`lost:.2f`.

- also {glue:text}`lost`

```{glue:figure} drawn
:name: figure-drawn

Of {glue:text}`lost`
```

## Next *part*

```{glue:figure} missing

A caption
```

Undefined {glue:text}`undefined:.2f`. [The table](tables/gone.csv)

The end."""
    cells = [
        code("frame = f()", failed("ValueError", "no <V1>\nat all")),
        code("x = frame + 1; glue.numbers(lost=x)", failed("NameError", "name 'frame' is not defined")),
        code("glue.numbers(known=1)", glued("known", "1"), glued("undefined", "nan"), tags=["remove-cell"]),
        code('glue.figure("drawn", x)', glued("drawn", "figure")),
        code('glue.save(z, "gone"); glue.figure("missing", y)', failed("KeyError", "'V2'"), tags=["remove-cell"]),
        code("g(nowhere)", failed("NameError", "name 'nowhere' is not defined")),
        nbformat.v4.new_markdown_cell(text),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    boxes = box_failures(notebook, tmp_path)
    unforeseen = "an error that was not foreseen, KeyError: 'V2'"
    assert [(box["part"], box["what"], box["why"]) for box in boxes] == [
        ("", "output", "no <V1> at all"),
        ("", "output", "no <V1> at all"),
        ("", "output", "an error that was not foreseen, NameError: name 'nowhere' is not defined"),
        ("Title", "text", "no <V1> at all"),
        ("Title", "figure", "no <V1> at all"),
        ("Next *part*", "figure", unforeseen),
        ("Next *part*", "text", "the table has too few scores for a number of this text, or none that differ."),
    ]
    prose = notebook.cells[-1].source
    assert "Known {glue:text}`known:d`" in prose
    assert "lost" not in prose
    assert r"no \<V1\> at all" in prose
    assert prose.endswith("The end.")
    assert "no &lt;V1&gt; at all" in notebook.cells[0].outputs[0].data["text/html"]
    assert [output.output_type for output in notebook.cells[4].outputs] == []
    assert box_failures(nbformat.v4.new_notebook(cells=cells[2:3]), tmp_path) == []


FAILING = """\
# %% [markdown]
# # A chapter

# %% tags=["parameters"]
scores = ""

# %%
raise ValueError("the table is too small")

# %% [markdown]
# It has {glue:text}`n:d` models; see {doc}`09_claims`, {doc}`a` and {cite:t}`ahlert2024`.
"""


def test_a_cell_may_fail_where_boxes_are_asked_for_and_nowhere_else(tmp_path):
    source, own = tmp_path / "a.py", tmp_path / "own.csv"
    source.write_text(FAILING)
    own.write_text("1")
    with pytest.raises(Exception, match="the table is too small"):
        execute(Run(source, tmp_path / "runs/a", {}))
    with pytest.raises(Exception, match="the table is too small"):
        execute(Run(source, tmp_path / "runs/a", {"scores": own}))
    done = Run(source, tmp_path / "runs/a", {"scores": own}, boxes=True)
    first = execute(done).read_bytes()
    assert b"Traceback" not in first
    assert b"papermill" not in first
    missing = list_missing({"a": read_boxes(done.output)})
    assert missing.to_dict("records") == [
        {"chapter": "a", "part": "A chapter", "what": "output", "why": "the table is too small"},
        {"chapter": "a", "part": "A chapter", "what": "text", "why": "the table does not have what this takes: n."},
    ]


# --- the command


def test_a_table_that_cannot_be_read_stops_the_command_at_once(tmp_path, run):
    path = tmp_path / "prose.csv"
    path.write_text("a,b\n1,2\n")
    code, _, err = run("book", "build", "--scores", path, "--out", tmp_path / "own")
    assert code == 2
    assert "neither model_id nor model_name" in err
    assert not (tmp_path / "own").exists()
    code, _, err = run("book", "build", "--metrics", "all")
    assert code == 2
    assert "name it with --scores" in err
