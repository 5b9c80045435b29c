"""A report: its numbers are those of the analyses, every name is text, and the page asks for nothing."""

import base64
import io
import time

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from yardsticks.book.report import make_report
from yardsticks.scores import consistency, integrate, open_scores, pair_table
from yardsticks.scores.intervals import resample
from yardsticks.scores.summaries import extreme_pairs
from yardsticks.scores.twin.draw import make_twin

NASTY = ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "$\\frac{1}$ & &amp;", "a\nb {{ 7*7 }} " * 9]


def flat(text):
    return " ".join(text.split())


def see(table, **options):
    return BeautifulSoup(make_report(table, **options), "html.parser")


def rows_of(page, caption):
    """Return a table of the page as a frame of texts, by the beginning of its caption."""
    (table,) = [tag for tag in page.find_all("table") if tag.caption.get_text().startswith(caption)]
    cells = [[flat(cell.get_text()) for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]
    return pd.DataFrame(cells[1:], columns=cells[0])


@pytest.fixture(scope="module")
def values():
    """Thirty models and seven tasks of a lab's own, with holes and one model that has nearly no score."""
    rng = np.random.default_rng(25)
    scores = 0.5 + 0.1 * (rng.normal(size=(30, 1)) + rng.normal(size=(30, 7)))
    frame = pd.DataFrame(scores.round(3), [f"net {n}" for n in range(30)], [f"task {n}" for n in range(7)])
    frame.iloc[[2, 5, 8], [0, 3, 6]] = np.nan
    frame.iloc[4, :5] = np.nan
    return frame


@pytest.fixture
def file(values, tmp_path):
    path = tmp_path / "own.csv"
    values.assign(family="vit", avg=values.mean(axis=1)).rename_axis("model").to_csv(path)
    return path


def test_ranks_are_those_of_integrate(values):
    table = open_scores(values)
    shown = rows_of(see(table), "Every model").set_index("model")
    words = {"mean": "mean of scores", "z": "mean of z scores", "rank": "mean of ranks"}
    policies = {"complete": "complete models only", "zero": "missing as 0", "available": "over what there is"}
    for policy, said in policies.items():
        for scheme, name in words.items():
            ranking = integrate(values, scheme=scheme, policy=policy, over="metrics")
            column = shown[f"{name}, {said}"]
            expected = {
                row.model_name: f"{row.rank} ({row.rank_low} to {row.rank_high})" for row in ranking.itertuples()
            }
            assert column[column != "not ranked"].to_dict() == expected
    lead = integrate(values, scheme="mean", policy="complete", over="metrics").set_index("model_name")
    assert list(shown.index[: len(lead)]) == list(lead.index)
    assert shown.loc[lead.index, "score"].astype(float).tolist() == pytest.approx(lead["score"].tolist(), rel=0.005)
    assert shown.loc[lead.index, "first in"].tolist() == [f"{share:.0%}" for share in lead["p_first"]]
    assert shown["scores"].to_dict() == {model: f"{n} of 7" for model, n in values.count(axis=1).items()}


def test_correlations_are_those_of_consistency(values):
    pairs = pair_table(
        consistency(values, policy="complete"), draws=resample(values.dropna(), "spearman", seed=3, n=200)
    )
    page = see(open_scores(values), seed=3)
    shown, expected = rows_of(page, "The pairs that agree"), extreme_pairs(pairs)
    assert list(shown["metric"]) == list(expected["metric_a"])
    assert list(shown["and"]) == list(expected["metric_b"])
    assert shown["models"].astype(int).tolist() == expected["n"].tolist()
    for column, of in (("correlation", "rho"), ("p, corrected", "p_adjusted")):
        said = shown[column].str.replace("below 0.001", "0").astype(float)
        assert said.tolist() == pytest.approx(expected[of].tolist(), abs=0.0051)
    ends = shown["95 % interval"].str.split(" to ", expand=True).astype(float)
    assert ends.to_numpy() == pytest.approx(expected[["low", "high"]].to_numpy(), abs=0.0051)
    assert f"a correlation of {pairs['rho'].mean():.2f} on average" in flat(page.get_text())


def test_pairs_without_a_correlation_are_counted_apart(values):
    said, more = (flat(see(open_scores(frame)).get_text()) for frame in (values, values.assign(constant=0.5)))
    assert "of 21 pairs differ from 0" in said
    assert "more have no correlation" not in said
    assert "of 21 pairs differ from 0" in more
    assert "of all are below 0; 7 more have no correlation." in more


def test_all_who_share_the_first_place_are_named():
    frame = pd.DataFrame({"x": [2, 2, 1, 0], "y": [2, 2, 0, 1]}, list("ABCD"))
    page = flat(see(open_scores(frame)).get_text())
    assert "A and B share the first place by the" in page
    assert "Of 9 ways to rank, who is first: A and B in 9." in page


def test_a_report_of_one_model_says_what_a_report_needs():
    told = r"^the frame: a report needs 2 models to rank, or 3 models and 2 metrics to correlate, .* 1 of 1 have a"
    with pytest.raises(ValueError, match=told):
        make_report(open_scores(pd.DataFrame({"x": [2], "y": [2]}, ["A"])))


def test_scores_lie_as_they_are(values):
    shown = rows_of(see(open_scores(values)), "Every metric").set_index("metric")
    for metric, column in values.items():
        row = shown.loc[metric]
        assert (row["area"], row["better"], row["models"]) == ("none", "higher", f"{column.count()} of 30")
        expected = np.nanquantile(column, [0, 0.25, 0.5, 0.75, 1])
        assert row.iloc[3:].astype(float).tolist() == pytest.approx(expected, rel=0.006)


def test_what_is_dropped_is_named(file):
    page = see(open_scores(file, lower_better=["task 6"]))
    text = flat(page.get_text(" "))
    assert "aggregate columns: 1 (avg)" in text
    assert "columns about the models, which hold no scores: 1 (family)" in text
    assert "has 29% of the metrics: net 4." in text
    assert "Not ranked (complete models only), lacks a score: net 2, net 5, net 8." in text
    assert "Lower is better under task 6: the sign of these scores is changed." in text
    assert rows_of(page, "Every metric").set_index("metric").at["task 6", "better"] == "lower, sign changed"
    # a missing score as 0 would be the best of all
    assert "No ranking of missing as 0 by 3 of the three schemes" in text
    assert "missing as 0" not in " ".join(rows_of(page, "Every model"))


def test_areas_are_optional(file, tmp_path):
    areas = tmp_path / "areas.csv"
    areas.write_text("metric,area\n" + "".join(f"task {n},{'IT' if n < 3 else 'behaviour'}\n" for n in range(6)))
    table = open_scores(file, catalogue=areas)
    page = see(table)
    text = flat(page.get_text(" "))
    assert "Ranked over domains" in text
    assert "outside Brain-Score's tree or of no area: task 6." in text
    shown = rows_of(page, "Every model").set_index("model")
    ranking = integrate(table, scheme="z", policy="complete").set_index("model_name")
    assert shown.at[ranking.index[0], "mean of z scores, complete models only"].startswith("1 (")
    assert set(shown["scores"]) == {"6 of 6", "4 of 6", "1 of 6"}


def test_scales_are_told_and_do_not_lead(values):
    page = see(open_scores(values.assign(percent=values["task 0"] * 1000)))
    assert "scores of very different sizes are averaged as they are" in flat(page.get_text(" "))
    assert rows_of(page, "Every model").columns[3] == "mean of z scores, complete models only"


def test_names_are_text_and_the_page_asks_for_nothing(rng):
    values = pd.DataFrame(rng.random((8, 4)).round(3), [*NASTY, *"wxyz"], NASTY)
    page = see(open_scores(values))
    assert [tag.name for tag in page.find_all(["script", "link", "iframe", "object", "a", "svg"])] == []
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'; img-src data:;")
    pictures = page.find_all("img")
    assert len(pictures) == 3
    for picture in pictures:
        kind, _, data = picture["src"].partition(",")
        assert kind == "data:image/png;base64"
        assert Image.open(io.BytesIO(base64.b64decode(data))).size > (300, 100)
        assert picture["alt"].endswith(".")
    attributes = {name for tag in page.find_all(True) for name in tag.attrs}
    assert not {name for name in attributes if name.startswith("on")} | attributes & {"href", "srcset", "action"}
    assert "url(" not in page.style.get_text()
    assert "@import" not in page.style.get_text()
    for caption, column in (("Every metric", "metric"), ("All pairs", "metric"), ("Every model", "model")):
        assert set(rows_of(page, caption)[column]) >= {
            flat(name) for name in NASTY[: 3 if caption == "All pairs" else 4]
        }


def test_part_of_a_report_is_one_too():
    alone = see(open_scores(pd.DataFrame({"A": [0.1, 0.2, 0.3]}, list("xyz"))))
    assert "This cannot be shown: the frame: a pair needs 2 metrics" in flat(alone.get_text())
    assert rows_of(alone, "Every model").iloc[0, :4].tolist() == ["z", "1 of 1", "0.300", "1"]
    flats = see(open_scores(pd.DataFrame({"A": [0.1, 0.1], "B": [0.2, 0.2]}, list("xy"))))
    assert "a correlation needs 3 models" in flats.get_text()
    with pytest.raises(ValueError, match="a report needs 2 models to rank, or 3 models"):
        make_report(open_scores(pd.DataFrame({"A": [0.1], "B": [0.2]}, ["x"])))


def test_synthetic_scores_are_called_so_and_the_page_is_small_and_quick():
    twin = make_twin()
    start = time.perf_counter()
    text = make_report(twin.select(models=twin.values.index[:200], metrics=twin.values.columns[:50]))
    print(f"{time.perf_counter() - start:.1f} s, {len(text) / 1e6:.1f} MB")
    page = BeautifulSoup(text, "html.parser")
    assert "Synthetic data" in page.main.find("p").get_text()
    assert "Synthetic" not in see(open_scores(pd.DataFrame({"A": [0.1, 0.2], "B": [0.2, 0.1]}, list("xy")))).get_text()
