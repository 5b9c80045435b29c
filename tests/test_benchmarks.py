"""Benchmarks that write pages: sections leave each other alone, and nothing is written that no card measured."""

import importlib
import sys
from pathlib import Path

import pytest
import torch
from oracles.card import Card

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
PAGE = "# Performance\n\nIntroduction.\n\n## On a card\n\nof before\n\n## Scores\n\n| 1 | 2 |\n"


@pytest.fixture(scope="module")
def pages():
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(FOLDER)
        yield importlib.import_module("pages")
    for name in ("pages", "bench_solver", "bench_card"):
        sys.modules.pop(name, None)


@pytest.fixture
def bench(pages, monkeypatch):
    """The benchmark of cards, with fewer kinds of fits."""
    bench = importlib.import_module("bench_card")
    monkeypatch.setattr(bench, "KINDS", {name: bench.KINDS[name] for name in ("full", "diagonal")})
    return bench


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(PAGE)
    return path


def test_a_section_takes_the_place_of_the_one_before_and_leaves_the_others(pages, page):
    pages.write_section(page, "## On a card\n\nof now\n")
    assert page.read_text() == PAGE.replace("of before", "of now")
    pages.write_section(page, "# Performance\n\nNew words.\n")
    assert page.read_text() == PAGE.replace("of before", "of now").replace("Introduction.", "New words.")
    pages.write_section(page, "## Last\n\nmore")
    assert page.read_text().endswith("| 1 | 2 |\n\n## Last\n\nmore\n")
    assert [path.name for path in page.parent.iterdir()] == ["page.md"]


def test_without_a_card_a_small_size_runs_and_nothing_is_written(bench, page, capsys, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert bench.main(page) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "torch finds no card here: a small size runs on the processor instead, and nothing is written."
    )
    assert out.count("0.0e+00 | 0.0e+00 |") == 3  # two kinds of fits and a job, on the processor twice
    assert page.read_text() == PAGE


class TestWithACard:
    @pytest.fixture
    def found(self, bench, monkeypatch):
        """A card whose name is known, what it computes is not."""
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "CARD 9000")
        monkeypatch.setattr(bench, "compare", lambda device, sizes: [("full", 1e-5, 2e-4), ("low rank", 0.3, 0.1)])
        monkeypatch.setattr(bench, "compare_jobs", lambda device, n: ("a job", 1e-6, 0.0))
        monkeypatch.setattr(bench, "measure", lambda device, case: (float(case.n_problems), 12.5, 345.0))

    def test_section_holds_what_was_measured(self, bench, found, page):
        assert bench.main(page) == 0
        text = page.read_text()
        assert text.startswith(PAGE.partition("of before")[0])
        assert text.endswith(PAGE.partition("of before")[2])
        assert "on CARD 9000, torch" in text
        assert "| full | 1.0e-05 | 2.0e-04 |" in text
        assert "| 2048, 100,000 | 64 | TF32 | 64.0 | 12.5 | 345 |" in text
        assert sum("| 12.5 | 345 |" in line for line in text.splitlines()) == len(bench.LARGE.timed)
        assert "no time" not in text

    def test_what_there_was_no_time_for_is_left_out_and_said(self, bench, found, page):
        assert bench.main(page, minutes=-1) == 0
        assert "12.5" not in page.read_text()
        assert "There was no time for 64 problems of 2048 features and 100,000 triplets; " in page.read_text()

    def test_results_that_are_not_the_processors_are_not_written(self, bench, found, page, monkeypatch, capsys):
        monkeypatch.setattr(bench, "compare", lambda device, sizes: [("full", float("nan"), 0.0)])
        assert bench.main(page) == 1
        assert "The losses of full differ by more than 0.00014 nats: nothing is written." in capsys.readouterr().out
        assert page.read_text() == PAGE

    def test_a_batch_is_timed_on_the_card(self, bench, monkeypatch):
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
        monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda: None)
        monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: 3 * 2**20)
        monkeypatch.setattr(bench, "PATH", (1.0, 0.1))
        with Card() as card:
            speed, evaluations, peak = bench.measure("cuda", bench.Case(4, 100, 2))
        assert card.uploads
        assert speed > 0
        assert evaluations > 0
        assert peak == 3
