"""The checks of `make check` on tiny pages: each finds what is broken, and is silent on what is right."""

from html import escape

import pytest
from bs4 import BeautifulSoup
from oracles import pages as checks


def parse(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://cdn.example.org/x.js"></script>',
        '<script src="//cdn.example.org/x.js"></script>',
        '<script>const A = "https://unpkg.example.org/a@1/lib/index.js"</script>',
        '<link rel="stylesheet" href="https://example.org/x.css">',
        '<link rel="preconnect" href="https://example.org">',
        '<img src="https://example.org/x.png" alt="x">',
        '<img srcset="x.png 1x, https://example.org/x2.png 2x" alt="x">',
        '<iframe src="http://example.org"></iframe>',
        "<style>@import 'https://example.org/x.css';</style>",
        "<style>@font-face { src: url(https://example.org/x.woff2) }</style>",
        '<p style="background: url(//example.org/x.png)">x</p>',
    ],
)
def test_remote_asset_is_found(html):
    assert len(checks.remote_assets(parse(html))) == 1


def test_links_and_local_files_are_no_remote_assets():
    page = parse(
        '<a href="https://example.org">x</a><link rel="canonical" href="https://example.org/">'
        '<script src="../_static/x.js"></script><style>a { background: url(x.png) }</style>'
        '<script>let title = "see https://example.org/a"</script><img src="data:image/png;base64,AA" alt="x">'
    )
    assert checks.remote_assets(page) == []


def test_broken_links_are_found(tmp_path):
    (tmp_path / "other.html").write_text('<h1 id="here">Other</h1><a name="old">x</a>')
    (tmp_path / "a file.csv").write_text("x")
    right = [
        "other.html",
        "other.html#here",
        "other.html#old",
        "#top",
        "a%20file.csv",
        "https://example.org/x#y",
        "mailto:x@y",
    ]
    wrong = ["absent.html", "other.html#there", "#bottom", "absent.csv"]
    links = "".join(f'<a href="{address}">x</a>' for address in right + wrong)
    (tmp_path / "page.html").write_text(f'<p id="top"></p>{links}<img src="absent.png" alt="x">')
    found = checks.broken_links((tmp_path / "page.html").resolve(), checks.load_pages(tmp_path))
    assert [problem.split(": ")[1] for problem in found] == [*wrong, "absent.png"]


@pytest.mark.parametrize("alt", ["", ' alt=""', ' alt="  "', ' alt="../_images/x.png"', ' alt="x.png"'])
def test_image_without_description_is_found(alt):
    assert checks.images_without_alt(parse(f'<article><img src="x.png"{alt}></article>')) == ["x.png"]


def test_described_image_and_the_theme_s_own_are_fine():
    assert checks.images_without_alt(parse('<img src="l.png"><article><img src="x.png" alt="A plot"></article>')) == []


@pytest.mark.parametrize(
    "text",
    [
        "The slope is {glue:text}`slope:.2f`.",
        "See {numref}`figure-4`",
        "```{figure} x.png",
        "::: {note}",
        "rho = np.float64(0.2)",
        '<span class="problematic">x</span>',
    ],
)
def test_leftover_markup_is_found(text):
    assert checks.leftovers(parse(f"<article><p>{text}</p></article>"))


@pytest.mark.parametrize("shown", ["PosixPath('tables/a.csv')", "<Axes at 0x7f>", "<Figure size 640x480 with 1 Axes>"])
def test_a_value_that_nobody_meant_to_show_is_a_leftover(shown):
    page = '<article><div class="output">{}<pre>{}</pre></div><p>{}</p></article>'
    assert checks.leftovers(parse(page.format("", escape(shown), "ours"))) == [shown]
    assert checks.leftovers(parse(page.format("ours", "Path", "PosixPath is a class"))) == []


def test_code_and_braces_are_no_leftovers():
    page = parse("<article><p>the set {1, 2}, 100 %</p><pre>{glue:text}`x` ```</pre><code>{doc}`x`</code></article>")
    assert checks.leftovers(page) == []


def test_labels_are_counted():
    assert checks.count_labels(parse('<p id="synthetic-data"></p><div id="synthetic-data"></div>')) == 2
    assert checks.count_labels(parse("<p>synthetic-data</p>")) == 0
