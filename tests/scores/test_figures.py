"""Figures of wing A, by the artists they hold."""

import io
import itertools
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex, to_rgb

from yardsticks.scores import figures
from yardsticks.scores.consistency import consistency, pair_table, paper_leaves
from yardsticks.scores.integration import SCHEMES, integrate, neural_behaviour, rank_shifts
from yardsticks.scores.metrics import NEURAL_AREAS
from yardsticks.scores.missing import coverage, missing_scores
from yardsticks.scores.summaries import KINDS
from yardsticks.scores.twin.draw import make_twin
from yardsticks.stats import density
from yardsticks.style import AREA_COLOURS, EMPHASIS, draw, short_name


@pytest.fixture(scope="module")
def twin():
    return make_twin()


@pytest.fixture(scope="module")
def complete(twin):
    return twin.select(metrics=paper_leaves(twin)).complete().select(deduplicate="name")


def cell_texts(axes):
    return [text for text in axes.texts if text.get_text() and text.get_fontsize() < 10]


def test_coverage_has_a_bar_per_metric_in_its_areas_colour(twin):
    frame = coverage(twin)
    axes = figures.plot_coverage(frame).axes[0]
    assert [bar.get_width() for bar in axes.patches] == frame["n_models"].tolist()
    assert to_hex(axes.patches[0].get_facecolor()).upper() == AREA_COLOURS["V1"]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert len(set(labels)) == len(labels), "two metrics cannot be told apart"


def test_presence_is_coloured_exactly_where_there_is_a_score(twin):
    areas = twin.metrics["area"]
    axes = figures.plot_presence(twin.values, areas).axes[0]
    picture = axes.images[0].get_array()  # (n_models, n_metrics, 3)
    coloured = (picture < 1).any(axis=2)
    counts = coloured.sum(axis=1)
    assert (np.diff(counts) <= 0).all(), "models with the most scores come first"
    assert coloured.sum(axis=0).tolist() == twin.values.count().tolist()
    for column, area in ((0, areas.iloc[0]), (-1, areas.iloc[-1])):
        first = picture[:, column][coloured[:, column]][0]
        assert to_hex(first).upper() == AREA_COLOURS[area]


def test_pairs_are_stacked_in_their_bins_with_the_mean_of_all(rng):
    pairs = pd.DataFrame({"rho": [*rng.uniform(-1, 1, 50), np.nan]})
    kinds = pd.Categorical(["one of each"] * 20 + ["others"] * 31, KINDS, ordered=True)
    axes = figures.plot_pairs(pairs, kinds).axes[0]
    known = pairs["rho"].dropna()
    assert sum(bar.get_height() for bar in axes.patches) == len(known)
    first = [bar.get_height() for bar in axes.patches[:40]]
    assert first == np.histogram(pairs["rho"][:20], np.linspace(-1, 1, 41))[0].tolist()
    assert axes.lines[1].get_xdata()[0] == pytest.approx(known.mean())
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert "one of each (20)" in labels
    assert not any(label.startswith("two") for label in labels)
    with pytest.raises(ValueError, match="none can be correlated"):
        figures.plot_pairs(pairs[-1:], kinds[-1:])


def test_score_ranges_show_medians_and_errors(twin):
    frame = coverage(twin)
    left, right = figures.plot_score_ranges(frame).axes
    np.testing.assert_allclose(left.collections[1].get_offsets()[:, 0], frame["median"])
    drawn = np.ma.filled(right.collections[0].get_offsets()[:, 0], np.nan)
    np.testing.assert_allclose(drawn, frame["error"])


def test_consistency_is_bold_exactly_where_significant(rng):
    values = pd.DataFrame(rng.normal(size=(40, 5)), columns=list("abcde"))
    values["b"] = values["a"] + 0.1 * values["b"]
    pairs = pair_table(consistency(values, policy="complete"))
    axes = figures.plot_consistency(pairs).axes[0]
    texts = cell_texts(axes)
    assert len(texts) == 2 * len(pairs)
    bold = {text.get_position() for text in texts if text.get_fontweight() == "bold"}
    position = {name: i + 0.5 for i, name in enumerate("abcde")}  # the middle of a cell
    hits = pairs[pairs["p_adjusted"] < 0.05]
    assert len(hits)
    expected = {(position[a], position[b]) for a, b in zip(hits["metric_a"], hits["metric_b"], strict=True)}
    assert bold == expected | {(b, a) for a, b in expected}


def test_a_consistency_is_drawn_as_its_pairs(rng):
    result = consistency(pd.DataFrame(rng.normal(size=(40, 4)), columns=list("abcd")), policy="complete")
    axes, expected = (figures.plot_consistency(given).axes[0] for given in (result, pair_table(result)))
    np.testing.assert_array_equal(axes.collections[0].get_array(), expected.collections[0].get_array())
    looks = [[(text.get_text(), text.get_fontweight()) for text in cell_texts(each)] for each in (axes, expected)]
    assert looks[0] == looks[1]
    assert looks[0]


def test_dollar_signs_in_names_are_drawn_as_they_are(rng):
    names = ["price tier ($$)", "$\\nosuch{$", "a $b$ c", "\\$5"]
    values = pd.DataFrame(rng.normal(size=(12, 4)), columns=names)
    areas = dict.fromkeys(names, "$$area$")
    figure = figures.plot_consistency(consistency(values, policy="complete"), areas=areas)
    with matplotlib.rc_context({"svg.fonttype": "none"}), io.BytesIO() as file:  # texts as texts
        figure.savefig(file, format="svg")
        drawn = ["".join(tag.itertext()) for tag in ElementTree.fromstring(file.getvalue()).iterfind(".//{*}text")]
    for text in (*names, "$$area$"):
        assert text in drawn


def test_consistency_matrix_is_symmetric_with_the_pairs_in_place(complete):
    pairs = pair_table(consistency(complete, policy="complete"))
    figure = figures.plot_consistency(pairs, areas=complete.metrics["area"])
    drawn = np.asarray(figure.axes[0].collections[0].get_array())
    np.testing.assert_array_equal(drawn, drawn.T)
    names = list(complete.values)
    row = pairs.iloc[7]
    assert drawn[names.index(row["metric_a"]), names.index(row["metric_b"])] == row["rho"]
    assert {"V1", "V2", "V4", "IT", "behaviour"} <= {text.get_text() for text in figure.axes[0].texts}


def test_neural_behaviour_marks_and_names(complete):
    frame = neural_behaviour(complete, policy="complete")
    best = frame.index[0]
    figure = figures.plot_neural_behaviour(frame, marked=[best, "not-there"])
    raw, z = figure.axes[:2]
    np.testing.assert_allclose(raw.collections[0].get_offsets(), frame[["neural", "behaviour"]])
    np.testing.assert_allclose(z.collections[0].get_offsets(), frame[["neural_z", "behaviour_z"]])
    far = frame[(frame[["neural_z", "behaviour_z"]].abs() > 4).any(axis=1)]
    assert len(far)
    labels = [text.get_text() for text in raw.texts]
    assert labels == [*far["model_name"], f"neural rank {frame.at[best, 'neural_rank']:.0f}"]


def test_densities_integrate_to_one_and_state_their_bandwidth(complete):
    areas = complete.areas(policy="complete")[NEURAL_AREAS]
    frame = density(areas)
    for _, curve in frame.groupby("name"):
        assert np.trapezoid(curve["density"], curve["x"]) == pytest.approx(1, abs=0.01)
    axes = figures.plot_densities(frame, areas).axes[0]
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    expected = areas["V1"].std(ddof=1) * len(areas) ** (-1 / 5)
    assert labels[0] == f"V1 (bandwidth {expected:.3f})"


def test_missing_names_each_large_group(twin):
    frame = missing_scores(twin)
    axes = figures.plot_missing(frame).axes[0]
    sizes = frame["group"].value_counts().drop("other counts", errors="ignore")
    texts = " ".join(text.get_text() for text in axes.texts)
    assert len(sizes)
    for group, size in sizes.items():
        assert f"{group}\n({size} models)" in texts


def test_models_with_many_scores_are_dark_and_those_with_few_yellow(twin):
    frame = missing_scores(twin)
    points = figures.plot_missing(frame).axes[0].collections[0]
    np.testing.assert_array_equal(points.get_array(), frame["n_nonzero"])
    few, many = (points.to_rgba(count)[:3] for count in (frame["n_nonzero"].min(), frame["n_nonzero"].max()))
    assert min(few[:2]) > 0.8 > 0.3 > few[2]  # red and green without blue
    assert max(many) < 0.4


def test_numbers_stand_out_from_their_cells(rng):
    """Each number's contrast with its cell, significant or not, is what WCAG 2.1 asks for large text."""

    def luminance(colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        return np.dot([0.2126, 0.7152, 0.0722], linear)

    names = [f"m{i}" for i in range(15)]
    pairs = pd.DataFrame(itertools.combinations(names, 2), columns=["metric_a", "metric_b"])
    pairs = pairs.assign(n=10, rho=np.linspace(-1, 1, len(pairs)), p_adjusted=rng.choice([0.01, 0.9], len(pairs)))
    axes = figures.plot_consistency(pairs).axes[0]
    cells = axes.collections[0]
    colours = cells.get_facecolors().reshape(15, 15, 4)
    for text in cell_texts(axes):
        x, y = text.get_position()
        light, dark = sorted((luminance(text.get_color()), luminance(colours[int(y), int(x), :3])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) > 3, text


def test_frames_stand_around_subgroups_of_several_metrics(rng):
    names = [f"m{i}" for i in range(7)]
    areas = dict(zip(names, ["V1"] * 5 + ["IT"] * 2, strict=True))
    subgroups = dict(zip(names, ["V1-size"] * 2 + ["V1-one"] + ["V1-texture_modulation"] * 2 + ["IT"] * 2, strict=True))
    values = pd.DataFrame(rng.normal(size=(30, 7)), columns=names)
    axes = figures.plot_consistency(
        consistency(values, policy="complete"), areas=areas, subgroups=subgroups
    ).axes[0]  # fmt: skip
    assert [(*patch.get_xy(), patch.get_width(), patch.get_height()) for patch in axes.patches] == [
        (0, 0, 2, 2),
        (3, 3, 2, 2),
    ]
    assert {"size", "texture modulation"} <= {text.get_text() for text in axes.texts}


def test_integrations_colour_exactly_the_far_movers(complete):
    shifts = rank_shifts({scheme: integrate(complete, scheme=scheme, policy="complete") for scheme in SCHEMES})
    axes = figures.plot_integrations(shifts, labels={"mean": "mean", "z": "z", "rank": "rank"}).axes[0]
    coloured = sum(line.get_color() == EMPHASIS for line in axes.lines)
    moves = [(shifts["rank_mean"] - shifts[f"rank_{scheme}"]).abs() > 10 for scheme in ("z", "rank")]
    assert coloured == sum(move.sum() for move in moves) > 0
    for row in axes.collections:
        np.testing.assert_array_equal(row.get_array(), shifts["rank_mean"])
    assert len(axes.lines) == 2 * len(shifts)


def test_twin_figure_holds_the_statistics_between_minus_one_and_one():
    comparison = pd.DataFrame({"real": [0.2, 280.0, -0.5], "twin": [0.3, 280.0, -0.4]}, index=["a", "n", "b"])
    axes = figures.plot_twin(comparison).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]
    np.testing.assert_allclose(axes.collections[1].get_offsets()[:, 0], [0.2, -0.5])
    np.testing.assert_allclose(axes.collections[2].get_offsets()[:, 0], [0.3, -0.4])


def test_claims_figure_marks_printed_ours_and_range():
    claims = pd.DataFrame(
        {
            "what": ["a share", "a count", "a level"], "printed": [0.5, 88, 0.001], "ours": [0.6, 88, 0.001],
            "plain": [0.4, 80, 0.001], "lowest": [0.3, 70, 0.001], "highest": [0.7, 90, 0.001],
            "low": [0.55, np.nan, np.nan], "high": [0.65, np.nan, np.nan],
        }
    )  # fmt: skip
    axes = figures.plot_claims(claims).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a share"]
    lines = [c.get_segments()[0][:, 0].tolist() for c in axes.collections if isinstance(c, LineCollection)]
    dots = [float(c.get_offsets()[0][0]) for c in axes.collections if not isinstance(c, LineCollection)]
    assert lines == [[0.3, 0.7], [0.55, 0.65]]
    assert dots == [0.4, 0.6, 0.5]


def test_the_models_behind_each_pair_stand_in_its_cell_where_they_differ(rng):
    values = pd.DataFrame(rng.normal(size=(30, 3)), columns=list("abc"))
    alike = figures.plot_consistency(pair_table(consistency(values, policy="pairwise"))).axes[0]
    assert not any("\n" in text.get_text() for text in alike.texts)
    values.loc[:9, "c"] = np.nan
    drawn = figures.plot_consistency(pair_table(consistency(values, policy="pairwise"))).axes[0]
    written = [text.get_text() for text in drawn.texts if text.get_text()]
    assert sorted(text.split("\n")[1] for text in written) == ["20"] * 4 + ["30"] * 2


def test_ranks_stand_within_their_intervals(twin):
    ranking = integrate(twin, scheme="mean", policy="available", n=50)
    axes = figures.plot_ranking(ranking).axes[0]
    lines, points = axes.collections
    assert [segment[:, 0].tolist() for segment in lines.get_segments()] == [
        [row.rank_low, row.rank_high] for row in ranking.head(40).itertuples()
    ]
    assert points.get_offsets()[:, 0].tolist() == ranking["rank"].head(40).tolist()
    assert [label.get_text() for label in axes.get_yticklabels()] == list(ranking["model_name"].head(40))
    assert axes.get_xlabel().endswith(f"the first 40 of {len(ranking)} models")
    few = figures.plot_ranking(integrate(twin, scheme="mean", policy="available", n=0).head(2)).axes[0]
    assert few.get_xlabel() == "rank: 2 models"


def test_long_names_leave_room_for_the_figure():
    names = [f"{'long ' * 30}{n}" for n in range(2)]
    scores = pd.DataFrame({name: [0.1, 0.3, 0.2] for name in names}, list("xyz"))
    figure = figures.plot_consistency(consistency(scores, policy="complete"))
    figure.draw_without_rendering()  # warns where nothing of the axes is left
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert [len(label) for label in labels] == [60, 60]
    assert len(set(labels)) == 2
    assert short_name("a\nb") == "a b"


@pytest.mark.parametrize(("kind", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_same_figure_is_the_same_file(kind, begins):
    ranking = integrate(pd.DataFrame({"A": [0.1, 0.3]}, ["<x>", "$y"]), scheme="mean", policy="zero", over="metrics")
    first, again = (draw(lambda: figures.plot_ranking(ranking), kind) for _ in range(2))
    assert first == again
    assert first.startswith(begins)
