"""Names, tables and numbers as they leave a notebook."""

import io
import json
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import PIL.Image
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from yardsticks import style
from yardsticks.notebooks import glue
from yardsticks.scores.metrics import leaf_order

SVG = "{http://www.w3.org/2000/svg}"


def test_short_names_tell_all_metrics_of_the_catalogue_apart():
    names = [style.short_name(metric) for metric in leaf_order()]
    assert len(set(names)) == len(names)


def test_table_is_written_whole_or_not_at_all(tmp_path):
    class Broken:
        def __str__(self):
            raise RuntimeError("cannot be written")

    good = pd.DataFrame({"x": [1 / 3]})
    glue.save(good, "t", folder=tmp_path)
    path = tmp_path / "t.csv"
    assert pd.read_csv(path)["x"].item() == pytest.approx(1 / 3, abs=1e-6)
    before = path.read_bytes()
    with pytest.raises(RuntimeError):
        glue.save(pd.DataFrame({"x": [Broken()]}), "t", folder=tmp_path)
    assert path.read_bytes() == before


def test_index_is_kept_when_it_has_a_name(tmp_path):
    frame = pd.DataFrame({"x": [1]}, index=pd.Index(["m"], name="model_id"))
    glue.save(frame, "t", folder=tmp_path)
    glue.save(frame.reset_index(drop=True), "u", folder=tmp_path)
    assert list(pd.read_csv(tmp_path / "t.csv")) == ["model_id", "x"]
    assert list(pd.read_csv(tmp_path / "u.csv")) == ["x"]


def test_show_is_the_same_in_every_run():
    frame = pd.DataFrame({"what": ["a"], "x": [1 / 3]})
    assert glue.table(frame).data == glue.table(frame).data
    assert repr(glue.table(frame)) == repr(glue.table(frame))


def test_show_rounds_floats_and_leaves_the_unknown_blank():
    html = glue.table(pd.DataFrame({"what": ["a", "b"], "x": [1 / 3, float("nan")], "n": [12345, 2]})).data
    assert "0.333<" in html
    assert "nan" not in html
    assert "12,345" in html


def test_a_table_speaks_in_words():
    frame = pd.DataFrame({"p_adjusted": [0.0321, 2e-9, None], "n_models": [3, 4, 5], "sure": [True, False, True]})
    html = glue.table(frame).data
    for text in (">.032<", ">&lt;\u00a0.001<", ">models<", ">p, adjusted<", ">yes<", ">no<", ">sure<"):
        assert text in html


def test_a_table_s_name_hangs_on_what_is_read_alone():
    a, last_digit, other = (glue.table(pd.DataFrame({"rho": [x]})).data for x in (0.5, 0.5 + 1e-15, 0.6))
    names = [set(re.findall(r"T_(\w+)", html)) for html in (a, last_digit, other)]
    assert a == last_digit
    assert [len(found) for found in names] == [1, 1, 1]
    assert names[0] != names[2]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.0007574, -0.04276, 0.3], ["0.0008", "-0.0428", "0.3000"]),
        ([0.306, 0.7853, 1.0], ["0.306", "0.785", "1.000"]),
        ([0.03, 1e-6, -1e-6, 0.0], ["0.0300", "< 0.0001", "> -0.0001", "0.0000"]),
        ([243.5, 1196.4, float("inf")], ["244", "1,196", "inf"]),
        ([12345.0, 0.0, float("nan")], ["12,345", "0", ""]),
        ([137.0, 0.36963, 57.983], ["137", "0.3696", "57.98"]),  # each a quantity of its own
    ],
)
def test_a_column_of_numbers_has_one_number_of_decimals_and_stands_on_the_right(values, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    html = glue.table(pd.DataFrame({"what": "a", "x": values}), "t").data
    cells = re.findall(r"<td[^>]*>(.*?)</td>", html)[1::2]
    assert [cell.replace("&lt;", "<").replace("&gt;", ">").replace("\u00a0", " ") for cell in cells] == said
    assert re.findall(r"nth-child\((\d)\) {\n  text-align: right", html) == ["2"]
    assert pd.read_csv("tables/t.csv")["x"].to_numpy() == pytest.approx(values, nan_ok=True)


def test_settings_have_names_in_words_and_other_texts_stay(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame({"score": ["test_accuracy", "nll"], "term": ["scale × strength_rule", "credit where due"]})
    shown = glue.table(frame, "t").data
    for text in (">sampled answers<", ">nll<", ">scale × strength rule<", ">credit where due<"):
        assert text in shown
    pd.testing.assert_frame_equal(pd.read_csv("tables/t.csv"), frame)


def test_the_registry_s_models_have_labels_and_others_keep_their_names():
    own = glue.table(pd.DataFrame({"winner": ["clip_vit_b32", ""], "what": "clip_vit_b32"})).data
    assert own.count(">CLIP ViT-B/32<") == 1
    assert own.count(">clip_vit_b32<") == 2
    assert ">clip_vit_b32<" in glue.table(pd.DataFrame({"model": ["clip_vit_b32", "mine"]})).data


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [("a sentence that is longer than any name is", "b", "statements"), ("a", "b" * 41, "mixed"), ("a", 0.5, "short")],
)
def test_a_table_s_kind_says_where_its_sentences_are(first, second, kind):
    assert f'class="{kind}"' in glue.table(pd.DataFrame({"what": [first], "x": [second]})).data


def test_a_long_table_is_folded_and_a_name_is_kept_as_it_is():
    frame = pd.DataFrame({"model": ["<b>a</b>"] * 16})
    html = glue.table(frame).data
    assert html.startswith("<details><summary>Table of 16 rows: model</summary>")
    assert "&lt;b&gt;a&lt;/b&gt;" in html
    assert "<details>" not in glue.table(frame[:15]).data
    assert glue.table(frame[:2], folded=True).data.startswith("<details><summary>Table of 2 rows: model</summary>")
    assert glue.table(frame[:0], folded=True).data == "<p>There is no row to show.</p>"


def test_an_index_with_a_name_is_a_column_and_the_table_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame({"x": [0.5]}, index=pd.Index(["m"], name="model_id"))
    assert ">model<" in glue.table(frame, "kept").data
    assert (tmp_path / "tables" / "kept.csv").read_text() == "model_id,x\nm,0.5\n"


def test_a_row_is_glued_under_a_prefix_and_a_table_row_by_row(monkeypatch):
    glued = {}
    monkeypatch.setattr(glue, "numbers", lambda **values: glued.update(values))
    glue.row("first", pd.Series({"rho": 0.5, "n": 3}))
    glue.row("by", pd.DataFrame({"x": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", 10), ("b", 20)])))
    assert glued == {"first_rho": 0.5, "first_n": 3, "by_a_10_x": 1, "by_b_20_x": 2}


def test_colours_of_a_figure_are_kept(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    shown = []
    monkeypatch.setattr("myst_nb.glue", lambda name, image, **options: shown.append(image))
    figure = Figure(figsize=(4, 4))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(np.random.default_rng(0).uniform(0.5, 1, (300, 300)), cmap="RdBu_r", vmin=0, vmax=1, aspect="auto")
    axes.add_patch(Rectangle((0, 0), 6, 6, color="#053061"))  # the blue end, of which nothing else is near
    glue.figure("f", figure)
    figure.savefig(tmp_path / "all.png", dpi=style.DPI, bbox_inches="tight")
    kept, drawn = (
        np.asarray(PIL.Image.open(image).convert("RGB")).astype(int)
        for image in (io.BytesIO(shown[0].data), tmp_path / "all.png")
    )
    assert np.abs(kept - drawn).max() <= 3
    assert len(shown[0].data) < (tmp_path / "all.png").stat().st_size


def test_what_can_be_turned_is_a_script_that_hands_it_over_and_nothing_else(tmp_path):
    content = {
        "kind": "chart",
        "names": ["</script>", '"', "é", "\u2028"],
        "n": np.int64(3),
        "x": np.float64(0.5),
        "no": None,
    }
    glue.interactive("a<b>", content, folder=tmp_path)
    script = (tmp_path / "a<b>.js").read_text(encoding="ascii")
    assert "<" not in script
    given = re.fullmatch(r"lookCloser\.take\((.*)\);\n", script)[1]
    assert json.loads(f"[{given}]") == ["a<b>", content]


def test_a_figure_is_kept_as_a_drawing_whose_words_can_be_found(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("myst_nb.glue", lambda name, image, **options: None)
    figure = Figure()
    figure.subplots().set_title("a title & more")
    glue.figure("f", figure)
    once = (tmp_path / "figures/f.svg").read_bytes()
    assert "a title & more" in [text.text for text in ElementTree.fromstring(once).iter(f"{SVG}text")]
    glue.figure("f", figure)
    assert (tmp_path / "figures/f.svg").read_bytes() == once
