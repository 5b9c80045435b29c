"""What a reader can turn, in a browser and without a book: tables and charts of the twin, whatever its names hold."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import yardsticks.scores as ys
from yardsticks import style
from yardsticks.literal import in_html
from yardsticks.notebooks import glue
from yardsticks.recovery import failure, open_results, winners

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if CHROMIUM is None:
    pytest.skip("no Chromium here to look at the pages with", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api")

from axe_playwright_python.base import AXE_SCRIPT  # noqa: E402

STATIC = Path(__file__).resolve().parents[2] / "book" / "_static"
PAGE = """<!DOCTYPE html><html lang="en" data-theme="light"><title>A page</title><meta charset="utf-8">
<link rel="stylesheet" href="_static/book.css"><script src="_static/closer.js"></script>
<style>:root {{ --pst-color-link: #0f5bc4; --pst-color-text-base: #222; --pst-color-border: #ccc;
--pst-color-text-muted: #555; --pst-color-background: #fff; --pst-color-surface: #eee }}</style>
<main class="bd-article"><h1>A page</h1><figure class="{kind}"><img alt="The picture" width="200" height="100"
src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"><figcaption>What it shows.
<a class="reference download internal" download="" href="tables/{name}.js">Look closer</a></figcaption></figure>
</main>"""
AXE = """async () => (await axe.run(document, { preload: false, resultTypes: ["violations"] })).violations
    .flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)}`))"""
NASTY = "<img src=x onerror=\"document.title='taken'\"> $x$ {{ 7*7 }} </script>"


@pytest.fixture(scope="module")
def page():
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(10_000)
        page.said = []
        page.on("console", lambda message: message.type in ("error", "warning") and page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        yield page
        browser.close()


@pytest.fixture
def show(tmp_path, page):
    """Open a page with something to turn, which hands itself over beside it; at the end nobody may have complained."""

    def opened(content: dict, *, kind: str = "") -> str:
        shutil.copytree(STATIC, tmp_path / "_static", ignore=shutil.ignore_patterns("mathjax"), dirs_exist_ok=True)
        glue.interactive("turned", content, folder=tmp_path / "tables")
        address = tmp_path / "page.html"
        address.write_text(PAGE.format(kind=kind, name="turned"), encoding="utf-8")
        page.said.clear()
        page.goto(address.as_uri())
        return address.as_uri()

    yield opened
    assert page.said == []
    assert page.title() == "A page"


@pytest.fixture(scope="module")
def twin() -> ys.ScoreTable:
    """Forty models of the twin, half of them with holes, one of them of a name that a page could fall for."""
    table = ys.make_twin()
    table = table.select(metrics=ys.paper_leaves(table))
    share = table.values.notna().mean(axis=1)
    some = share.index[(share > 0.6) & (share < 1)][:20]
    table = table.select(models=[*share.index[share == 1][:20], *some])
    names = table.models["name"].copy()
    names[share.index[share == 1][2]] = NASTY
    return replace(table, models=table.models.assign(name=names))


@pytest.fixture(scope="module")
def board(twin) -> tuple[pd.DataFrame, dict]:
    schemes, policies = {"mean": "mean", "z": "z scores"}, {"available": "left out", "complete": "all scores only"}
    ranks = ys.integration.rank_every_way(twin, schemes=schemes, policies=policies, seed=1, n=10)
    return ranks, ys.integration.turnable(twin, ranks, schemes=schemes, policies=policies)


def column(page, number: int) -> list[str]:
    return page.locator(f"table.leaderboard > tbody > tr > td:nth-child({number})").all_inner_texts()


def comes(page, holds) -> bool:
    """Tell whether something holds before long: the table sorts and searches a moment after it was asked to."""
    for _ in range(100):
        if holds():
            return True
        page.wait_for_timeout(50)
    return False


def order(ranks: pd.DataFrame, twin, **way: str) -> list[str]:
    found = ranks[(ranks[[*way]] == pd.Series(way)).all(axis=1)].sort_values("rank", kind="stable")
    return [
        f"{rank} {twin.models.at[model, 'name']}" for model, rank in zip(found["model_id"], found["rank"], strict=True)
    ]


def test_the_leaderboard_is_ranked_sorted_searched_and_filtered(show, page, board, twin):
    ranks, content = board
    show(content, kind="open")
    page.wait_for_selector("table.leaderboard td")
    page.select_option(".dt-length select", "-1")

    def shown() -> set[str]:
        return {f"{rank} {name}" for rank, name in zip(column(page, 1), column(page, 3), strict=True) if rank}

    assert shown() == set(order(ranks, twin, by="overall", scheme="mean", policy="available"))
    assert column(page, 1)[:5] == sorted(column(page, 1)[:5], key=int)
    page.select_option("#board-scheme", "z")
    assert shown() == set(order(ranks, twin, by="overall", scheme="z", policy="available"))
    page.select_option("#board-by", "V4")
    assert page.locator("#board-scheme").is_disabled()
    page.select_option("#board-policy", "complete")
    assert shown() == set(order(ranks, twin, by="V4", policy="complete"))
    page.select_option("#board-by", "overall")

    page.click("table.leaderboard thead th:nth-child(4)")  # by score, the other way round
    page.click("table.leaderboard thead th:nth-child(4)")

    def ascend() -> bool:
        scores = [float(score) for score in column(page, 4) if score]
        return scores == sorted(scores)

    assert comes(page, ascend)

    about = ys.integration.describe_models(twin)
    kin = about["family"].value_counts().idxmax()
    page.select_option("#board-family", kin)
    assert comes(page, lambda: sorted(column(page, 3)) == sorted(about.loc[about["family"] == kin, "name"]))
    page.select_option("#board-family", "")
    in_area = twin.metrics.index[twin.metrics["area"] == "behaviour"]
    scored = twin.values[in_area].notna().all(axis=1)
    assert 0 < scored.sum() < len(scored)
    page.select_option("#board-area", "behaviour")
    assert comes(page, lambda: len(column(page, 3)) == min(25, scored.sum()))
    assert not set(column(page, 3)) & set(twin.models.loc[~scored, "name"])
    page.select_option("#board-area", "")
    page.fill(".dt-search input", "onerror")
    assert comes(page, lambda: column(page, 3) == [NASTY])


def test_a_row_opens_to_all_that_is_known_of_its_model(show, page, board, twin):
    content = board[1]
    holed = twin.values.index[twin.values.isna().any(axis=1)][0]
    show(content, kind="open")
    page.fill(".dt-search input", twin.models.at[holed, "name"])
    page.click(f'.closer-model[data-model="{holed}"]')
    detail = page.locator(".closer-detail")
    values = twin.values.loc[holed]
    assert f"Missing ({values.isna().sum()} of {len(values)})" in detail.inner_text()
    for metric in values.index[values.isna()]:
        assert metric in detail.locator("p").inner_text()
    rows = detail.locator("table:nth-of-type(2) tbody tr").all_inner_texts()
    scores = {cells[1]: cells[2] for cells in (row.split("\t") for row in rows)}
    assert scores == {metric: f"{value:.3f}" for metric, value in values.dropna().round(4).items()}
    page.click(f'.closer-model[data-model="{holed}"]')
    assert detail.count() == 0


def test_an_address_keeps_what_was_chosen(show, page, board, twin):
    ranks, content = board
    second = order(ranks, twin, by="neural", policy="available")[1].partition(" ")[2]
    model = twin.models.index[twin.models["name"] == second][0]
    address = show(content, kind="open")
    page.select_option("#board-by", "neural")
    page.fill(".dt-search input", second)
    page.click(f'.closer-model[data-model="{model}"]')
    kept = page.url
    assert kept != address
    page.goto("about:blank")
    page.goto(kept)
    page.wait_for_selector(".closer-detail")
    assert page.input_value("#board-by") == "neural"
    assert page.input_value(".dt-search input") == second
    assert column(page, 1)[0] == "2"
    page.goto("about:blank")
    page.goto(f"{address}#by=nonsense&order=99-asc&model=none")
    page.wait_for_selector("table.leaderboard td")
    assert page.input_value("#board-by") == "overall"


def test_the_keyboard_opens_a_picture_and_screen_readers_take_what_comes(show, page, board):
    show(board[1])
    assert page.locator("img").is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("table.leaderboard td")
    assert not page.locator("img").is_visible()
    page.locator(".closer-model").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".closer-detail")
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate(AXE) == []
    page.emulate_media(media="print")
    assert page.locator("img").is_visible()
    assert not page.locator("table.leaderboard").is_visible()
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1400, "height": 1000})
    page.click("text=Back to the picture")
    assert page.locator("img").is_visible()


def draw(show, page, content: dict) -> None:
    show(content)
    page.click(".closer-button")
    page.wait_for_selector(".closer-chart svg")
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate(AXE) == []


def marks(page, kind: str):
    return page.locator(f".closer-chart .mark-{kind}.role-mark path")


def look_for(page, name: str) -> None:
    page.fill(".vega-bindings input", name)
    page.wait_for_selector(f".closer-chart path[fill='{style.EMPHASIS}']", state="attached")


def told(page) -> str:
    page.wait_for_selector("#vg-tooltip-element.visible")
    return page.inner_text("#vg-tooltip-element")


def test_a_cell_of_the_heat_map_says_its_numbers_and_opens_its_scatter(show, page, twin):
    values = twin.values.iloc[:, [0, 3, 20, 30]].dropna()
    draws = ys.intervals.resample(values, "spearman", seed=1, n=20)
    pairs = ys.pair_table(ys.consistency(values, policy="complete"), draws=draws)
    content = ys.chart_consistency(
        pairs,
        values,
        names=twin.models["name"],
        areas=twin.metrics["area"],
        clustered=ys.structure.cluster_order(pairs),
    )
    draw(show, page, content)
    cells = marks(page, "rect")
    assert cells.count() == 12
    cells.first.hover()
    said = told(page)
    one = pairs.iloc[0]
    assert one["metric_a"] in said
    assert f"{one['n']}" in said
    assert "95 % interval" in said
    selects = page.locator(".vega-bindings select")
    chosen = {selects.nth(n).input_value() for n in range(3)} - {"areas"}
    strongest = pairs.loc[pairs["rho"].abs().idxmax()]
    assert chosen == {strongest["metric_a"], strongest["metric_b"]}
    cells.first.click()
    assert {selects.nth(n).input_value() for n in range(3)} - {"areas"} == {one["metric_a"], one["metric_b"]}
    assert marks(page, "symbol").count() == len(values)
    page.select_option(".vega-bindings select:has(option[value=clusters])", "clusters")
    assert cells.count() == 12
    before = cells.first.bounding_box()
    for label, times in (("Larger", 1.5), ("Larger", 2.25), ("Smaller", 1.5), ("Smaller", 1), ("Smaller", 1)):
        page.get_by_role("button", name=label, exact=True).click()
        assert cells.first.bounding_box()["width"] == pytest.approx(times * before["width"], rel=0.1)
        assert cells.first.bounding_box()["height"] == pytest.approx(times * before["height"], rel=0.1)
    name = twin.models.at[values.index[0], "name"]
    look_for(page, name)
    filled = [mark.get_attribute("fill") for mark in marks(page, "symbol").all()]
    assert 0 < filled.count(style.EMPHASIS) < len(values)


def test_points_and_lines_are_told_and_found_by_name(show, page, twin):
    frame = ys.neural_behaviour(twin, policy="available")
    draw(show, page, ys.chart_neural_behaviour(frame))
    assert marks(page, "symbol").count() == 2 * len(frame)
    look_for(page, "ONERROR")
    found = [mark for mark in marks(page, "symbol").all() if mark.get_attribute("fill") == style.EMPHASIS]
    assert len(found) == 2
    found[0].hover(force=True)
    assert "{{ 7*7 }}" in told(page)
    page.select_option(".vega-bindings select", "z")
    assert marks(page, "symbol").count() == 2 * len(frame)


def test_a_line_of_the_schemes_is_found_by_name(show, page, twin):
    labels = {"mean": "mean", "rank": "mean rank"}
    shifts = ys.rank_shifts(ys.integration.rankings(twin, labels, policy="available", seed=1, n=5))
    draw(show, page, ys.chart_integrations(shifts, labels=labels))
    assert marks(page, "line").count() == len(shifts)
    look_for(page, "onerror")
    wide = [mark.get_attribute("stroke-width") for mark in marks(page, "line").all()]
    assert wide.count("2") == 1
    page.select_option(".vega-bindings select", "score")
    assert marks(page, "symbol").count() == 2 * len(shifts)


def test_recovery_is_switched_and_says_who_wins_at_a_point(show, page):
    studies = {}
    for name in ("things_open", "things_open_none"):
        study = open_results(name)
        studies[name] = study._replace(
            rows=study.rows[study.rows["n_triplets"].isin([100, 400]) & (study.rows["seed"] < 2)]
        )
    asked = {"models": failure.shared_models(studies)[:4], "scores": ["test_accuracy", "noise_free_accuracy"]}
    curves = failure.recovery_by_study(studies, seed=1, **asked)
    labels = {model: f"Model {model}" for model in asked["models"]}
    confused = winners.confusions_by_study(studies, **asked)
    draw(show, page, winners.chart_recovery(curves, confused, labels=labels))
    assert marks(page, "symbol").count() == 4

    def cells(study: str, size: int, score: str) -> int:
        return len(confused.query("study == @study and n_triplets == @size and score == @score"))

    assert marks(page, "rect").count() == cells("things_open", 100, "test_accuracy")
    page.select_option(".vega-bindings select:has(option[value=none])", "none")
    marks(page, "symbol").last.hover()
    assert "triplets" in told(page)
    page.wait_for_function("document.querySelector('.closer-chart').textContent.includes('400 triplets')")
    page.select_option(".vega-bindings select:has(option[value='without sampling noise'])", "without sampling noise")
    assert marks(page, "symbol").count() == 4


def test_a_chart_is_legible_in_the_dark(show, page):
    frame = pd.DataFrame({"model_name": ["a", "b", "c"], "neural": [0.1, 0.2, 0.3], "behaviour": [0.3, 0.1, 0.2]})
    frame = frame.assign(neural_z=[-1.0, 0.0, 1.0], behaviour_z=[1.0, -1.0, 0.0], rank=[1, 3, 2], neural_rank=[3, 2, 1])
    draw(show, page, ys.chart_neural_behaviour(frame))
    page.evaluate("document.documentElement.style.setProperty('--pst-color-text-base', '#eeeeee')")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function("document.querySelector('.closer-chart text')?.getAttribute('fill') === '#eeeeee'")
    assert np.array([in_html(text) for text in page.locator(".closer-chart text").all_inner_texts()]).size > 4
