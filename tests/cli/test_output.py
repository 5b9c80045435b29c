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
