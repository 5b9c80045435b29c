"""Where a table goes: the format that the suffix names, and what another file stands for is never replaced by it."""

import bz2
import gzip
import io
import lzma
import os
import stat
import subprocess
import sys
import threading

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from yardsticks.cli import output
from yardsticks.cli.output import FORMATS, for_tables, write
from yardsticks.datasets.files import write_whole

SCORES = "model,x,y\na,1,2\nb,2,1\nc,3,3\nd,4,7.5\n"


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scores.csv").write_text(SCORES)
    return "scores.csv"


@pytest.fixture
def analyse(run, table):
    """Correlate the two metrics of a small table."""
    return lambda *more: run("consistency", table, "--policy", "pairwise", *more)


def check_pair(pairs):
    """Compare what was read back with scipy."""
    expected = scipy_stats.spearmanr([1, 2, 3, 4], [2, 1, 3, 7.5])
    (pair,) = pairs.to_dict("records")
    assert (pair["metric_a"], pair["metric_b"], pair["n"]) == ("x", "y", 4)
    assert pair["rho"] == pytest.approx(expected.statistic, rel=1e-15)


READ = {
    "t.csv": lambda path: pd.read_csv(path),
    "t": lambda path: pd.read_csv(path),
    "t.2025.CSV": lambda path: pd.read_csv(path),
    "t.tsv": lambda path: pd.read_csv(path, sep="\t"),
    "t.csv.gz": lambda path: pd.read_csv(gzip.open(path)),
    "t.tsv.bz2": lambda path: pd.read_csv(bz2.open(path), sep="\t"),
    "t.csv.XZ": lambda path: pd.read_csv(lzma.open(path)),
    "t.PARQUET": lambda path: pd.read_parquet(path),
}


@pytest.mark.parametrize("name", READ)
def test_the_suffix_names_the_format(analyse, tmp_path, name):
    code, said, _ = analyse("--out", name)
    assert code == 0
    assert said.endswith(f", written to {name}\n")
    check_pair(READ[name](tmp_path / name))


def test_the_same_table_gives_the_same_bytes(tmp_path, monkeypatch):
    frame = pd.DataFrame({"x": [0.1, np.nan], "name": ["a,b", "c"]})
    monkeypatch.setattr("time.time", lambda: 2e9)
    write(frame, tmp_path / "b.csv.gz")
    monkeypatch.undo()
    write(frame, tmp_path / "a.csv.gz")
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


@pytest.mark.parametrize("name", ["t.xlsx", "t.json", "t.txt", "t.parquet.gz", "t.csv.zip", "t.v2"])
def test_other_suffixes_are_refused_before_anything_is_read(run, tmp_path, name):
    absent = tmp_path / "absent.csv"
    code, said, err = run("consistency", absent, "--policy", "pairwise", "--out", tmp_path / name)
    assert (code, said) == (2, "")
    assert f"{name}: {name.removeprefix('t').removeprefix('.csv')} is no format" in err
    assert ", ".join(FORMATS) in err
    assert err.count("\n") == 1
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "command",
    [
        ("collect", "."),
        ("geometry", "smoke"),
        ("probe", "smoke", "--folder", "f"),
    ],
)
def test_tables_of_studies_are_parquet(run, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    for name in ("x.csv", "x", "-"):
        code, _, err = run("recovery", *command, "--out", name)
        assert (code, f"--out {name}: " in err, "It writes .parquet." in err) == (2, True, True)
    assert not any(tmp_path.iterdir())


def test_without_a_file_the_table_is_shown_and_the_rest_said_beside_it(analyse):
    for more in ((), ("--out", "-")):
        code, said, err = analyse(*more)
        assert code == 0
        check_pair(pd.read_csv(io.StringIO(said)))
        assert err == "4 models, 1 pairs of 2 metrics, mean rho 0.800\n"


def test_on_a_terminal_the_table_is_laid_out(table, tmp_path):
    """A terminal of the test's own; nothing but its own end is written to."""
    ours, theirs = os.openpty()
    asked = [sys.executable, "-c", "from yardsticks.cli import main; main()"]
    asked += ["consistency", table, "--policy", "pairwise"]
    subprocess.run(asked, stdout=theirs, stderr=subprocess.PIPE, check=True, env=os.environ | {"TERM": "dumb"})
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    lines = [line.split() for line in shown.splitlines() if line.strip()]
    assert lines[0] == ["metric_a", "metric_b", "n", "rho", "p", "p_adjusted"]
    assert lines[-1][:4] == ["x", "y", "4", "0.8"]


def test_a_terminal_is_shown_the_ends_of_a_long_table(run, tmp_path, monkeypatch, rng):
    monkeypatch.chdir(tmp_path)
    values = pd.DataFrame(rng.random((30, 8)), [f"net {n}" for n in range(30)], list("abcdefgh"))
    values.rename_axis("model").to_csv("long.csv")
    tables = []
    monkeypatch.setattr(output, "print_table", lambda header, rows: tables.append(pd.DataFrame(rows, columns=header)))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    _, _, err = run("consistency", "long.csv", "--policy", "pairwise")
    assert "20 of 28 rows are shown; --out FILE writes all." in err
    rho = tables[0]["rho"].astype(float)
    every = np.sort(values.corr(method="spearman").to_numpy()[np.triu_indices(8, 1)])[::-1]
    assert rho.tolist() == pytest.approx([*every[:10], *every[-10:]], rel=1e-3)
    _, _, err = run("integrate", "long.csv", "--policy", "zero", "--scheme", "mean", "--over", "metrics")
    assert "20 of 30 rows are shown" in err
    best = values.mean(axis=1).sort_values(ascending=False).index[:20]
    assert tables[1]["model_name"].tolist() == list(best)


class TestFigures:
    """Where a figure goes: as a table does."""

    @pytest.fixture(params=["consistency", "integrate"])
    def draw(self, run, table, request):
        more = {"consistency": ("--policy", "pairwise")}
        more["integrate"] = ("--policy", "zero", "--scheme", "rank", "--over", "metrics")
        return lambda *asked: run(request.param, table, *more[request.param], *asked)

    @pytest.mark.parametrize(("name", "begins"), [("p.png", b"\x89PNG"), ("p.2.SVG", b"<?xml"), ("p.pdf", b"%PDF")])
    def test_the_suffix_names_the_format(self, draw, tmp_path, name, begins):
        code, said, _ = draw("--plot", name, "--out", "t.csv")
        assert (code, said.endswith(f", written to t.csv, drawn to {name}\n")) == (0, True)
        assert (tmp_path / name).read_bytes().startswith(begins)
        assert (tmp_path / "t.csv").exists()

    @pytest.mark.parametrize("name", ["p.jpg", "p", "p.svg.gz", "-", "no/p.png", "scores.csv"])
    def test_others_are_refused_in_a_sentence(self, draw, tmp_path, name):
        code, said, err = draw("--plot", name)
        assert (code, said, err.count("\n")) == (2, "", 1)
        assert f"--plot {name}: " in err
        assert [path.name for path in tmp_path.iterdir()] == ["scores.csv"]

    def test_a_link_is_followed_and_a_pipe_stays_one(self, draw, tmp_path):
        (tmp_path / "link.png").symlink_to("real.png")
        assert draw("--plot", "link.png")[0] == 0
        assert (tmp_path / "link.png").is_symlink()
        assert (tmp_path / "real.png").read_bytes().startswith(b"\x89PNG")
        os.mkfifo(tmp_path / "pipe.svg")
        received = []
        reader = threading.Thread(target=lambda: received.append((tmp_path / "pipe.svg").read_bytes()), daemon=True)
        reader.start()
        assert draw("--plot", "pipe.svg")[0] == 0
        reader.join(20)
        assert stat.S_ISFIFO(os.stat(tmp_path / "pipe.svg").st_mode)
        assert received[0].startswith(b"<?xml")

    def test_the_scores_are_not_drawn_over(self, draw, tmp_path):
        (tmp_path / "link.png").symlink_to("scores.csv")
        code, _, err = draw("--plot", "link.png")
        assert (code, "--plot link.png is the table of scores itself" in err) == (2, True)
        assert (tmp_path / "scores.csv").read_text() == SCORES

    def test_what_cannot_be_drawn_leaves_no_table(self, run, table, tmp_path):
        (tmp_path / table).write_text("model,x,y\na,1,\nb,1,2\nc,1,3\n")
        code, said, err = run("consistency", table, "--policy", "pairwise", "--out", "t.csv", "--plot", "p.png")
        assert (code, said, "none can be correlated" in err) == (2, "", True)
        assert [path.name for path in tmp_path.iterdir()] == [table]


class TestReport:
    def test_a_page_is_written_whole(self, run, table, tmp_path):
        code, said, err = run("report", table)
        assert (code, said, err) == (0, "4 models, 2 metrics, written to scores-report.html\n", "")
        page = (tmp_path / "scores-report.html").read_text(encoding="utf-8")
        assert page.startswith("<!doctype html>")
        assert page.endswith("</html>\n")
        (tmp_path / "link.html").symlink_to("there.html")
        assert run("report", table, "--out", "link.html")[0] == 0
        assert (tmp_path / "there.html").read_text(encoding="utf-8") == page
        assert (tmp_path / "link.html").is_symlink()

    @pytest.mark.parametrize(
        ("content", "asked", "told"),
        [
            (SCORES, ("--out", "r.pdf"), "--out r.pdf: .pdf is no format that this command writes. It writes .html."),
            (SCORES, ("--out", "no/r.html"), "there is no folder no"),
            (SCORES, ("--metrics", "z"), "scores.csv: it has no metric 'z'. Perhaps x or y; there are 2. Correct"),
            (SCORES, ("--metrics", ""), "scores.csv: metrics (--metrics) is empty. Name a metric, or leave"),
            (SCORES, ("--metrics", "all,x"), "scores.csv: metrics (--metrics): all stands alone. Write it without"),
            (SCORES, ("--metrics", "x", "--metrics", "paper"), "scores.csv: metrics (--metrics): paper stands alone."),
            (SCORES, ("--lower-better", "z"), "scores.csv: it has no metric 'z'. Perhaps x or y; there are 2. Correct"),
            (SCORES, ("--lower-better", ""), "scores.csv: lower_better (--lower-better) is empty."),
            (
                SCORES,
                ("--metrics", "x", "--lower-better", "y"),
                "scores.csv: lower_better (--lower-better) names 'y', which metrics (--metrics) leaves out. Name it",
            ),
            ("model,x,y\na,1,lots\nb,1,2\n", (), "scores.csv: row 2, column 'y': 'lots'"),
            ("model,x,y\na,1,2\n", (), "scores.csv: a report needs 2 models to rank, or 3 models and 2 metrics to"),
            ("", (), "empty"),
        ],
    )
    def test_what_cannot_be_reported(self, run, table, tmp_path, content, asked, told):
        (tmp_path / table).write_text(content)
        code, said, err = run("report", table, *asked)
        assert (code, said, err.count("\n")) == (2, "", 1)
        assert told in err
        assert [path.name for path in tmp_path.iterdir()] == [table]


class TestOtherFiles:
    def test_a_link_is_followed(self, analyse, tmp_path):
        (tmp_path / "there").mkdir()
        (tmp_path / "there" / "real.csv").write_text("old")
        for target in ("there/real.csv", "there/new.csv"):  # the second is not there yet
            link = tmp_path / "link.csv"
            link.symlink_to(target)
            assert analyse("--out", "link.csv")[0] == 0
            assert link.is_symlink()
            check_pair(pd.read_csv(tmp_path / target))
            link.unlink()
        assert sorted(path.name for path in (tmp_path / "there").iterdir()) == ["new.csv", "real.csv"]

    def test_a_link_to_the_scores_is_refused(self, analyse, tmp_path):
        (tmp_path / "link.csv").symlink_to("scores.csv")
        code, _, err = analyse("--out", "link.csv")
        assert (code, "is the table of scores itself" in err) == (2, True)
        assert (tmp_path / "scores.csv").read_text() == SCORES

    def test_links_in_a_circle_are_refused(self, analyse, tmp_path):
        (tmp_path / "a.csv").symlink_to("b.csv")
        (tmp_path / "b.csv").symlink_to("a.csv")
        code, _, err = analyse("--out", "a.csv")
        assert (code, err.startswith("yardsticks: ")) == (2, True)
        assert (tmp_path / "a.csv").is_symlink()

    @pytest.mark.parametrize("name", ["pipe", "pipe.csv.gz", "link"])
    def test_a_pipe_stays_one(self, analyse, tmp_path, name):
        pipe, received = tmp_path / name.replace("link", "behind"), []
        os.mkfifo(pipe)
        if name == "link":
            (tmp_path / "link").symlink_to("behind")
        reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()), daemon=True)
        reader.start()
        assert analyse("--out", name)[0] == 0
        reader.join(20)
        assert stat.S_ISFIFO(pipe.stat().st_mode)
        content = gzip.decompress(received[0]) if name.endswith(".gz") else received[0]
        check_pair(pd.read_csv(io.BytesIO(content)))

    def test_a_device_is_written_to(self, analyse):
        """A pseudo terminal of the test's own: no device of the machine."""
        ours, theirs = os.openpty()
        name = os.ttyname(theirs)
        assert analyse("--out", name)[0] == 0
        shown = os.read(ours, 65_536).decode()
        assert stat.S_ISCHR(os.stat(name).st_mode)
        os.close(theirs)
        os.close(ours)
        check_pair(pd.read_csv(io.StringIO(shown)))

    def test_features_take_a_plain_file(self, run, tmp_path, monkeypatch):
        pytest.importorskip("torch")
        monkeypatch.chdir(tmp_path)
        os.mkfifo("x.npy")
        asked = ("--images", ".", "--model", "mine:net", "--layer", "0", "--out", "x.npy")
        code, _, err = run("recovery", "extract", *asked)
        assert (code, "x.npy is no plain file" in err) == (2, True)
        assert stat.S_ISFIFO(os.stat("x.npy").st_mode)

    def test_permissions_are_kept(self, tmp_path):
        path = tmp_path / "private"
        path.write_text("old")
        path.chmod(0o600)
        write_whole(path, b"new")
        assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)

    def test_a_folder_is_refused(self, tmp_path):
        with pytest.raises(IsADirectoryError):
            write_whole(tmp_path, b"x")
        with pytest.raises(ValueError, match="there is no folder"):
            for_tables()(tmp_path / "nowhere" / "x.csv")
