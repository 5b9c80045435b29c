"""One run at a time in a folder: on file systems with and without locks, and what is said of who is there."""

import errno
import json
import os
import re
import subprocess
import sys
import time

import pytest

from yardsticks import alone
from yardsticks.alone import Occupied, alone_in, occupant

HOLD = "import sys; from yardsticks.alone import alone_in; from pathlib import Path\n"
HOLD += "with alone_in(Path(sys.argv[1])): print('in', flush=True); sys.stdin.read()"


@pytest.fixture(params=["locks", "no locks"])
def folder(request, tmp_path, monkeypatch):
    """A folder, on a file system as it mostly is, and on one that knows no locks."""
    if request.param == "no locks":

        def unknown(handle, operation):
            raise OSError(errno.ENOSYS, "Function not implemented")

        monkeypatch.setattr(alone.fcntl, "flock", unknown)
    return tmp_path


@pytest.fixture
def other(tmp_path):
    """Another process that works in the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "in\n"
    yield process
    process.kill()
    process.communicate()


def test_one_after_the_other(folder):
    for _ in range(2):
        with alone_in(folder):
            assert f"Process {os.getpid()} on " in occupant(folder)
        assert occupant(folder) == ""
        assert sorted(path.name for path in folder.iterdir()) == [".lock"]


def test_a_second_one_is_told_who_is_there(folder, other):
    with pytest.raises(Occupied, match=rf"another run works in {folder}.*Process {other.pid} on .* since 2"):
        alone_in(folder).__enter__()  # not left by an error of the test
    assert other.poll() is None
    other.communicate("")  # it ends by itself
    with alone_in(folder):
        pass


def test_one_that_was_killed_is_in_nobodys_way(folder, other):
    other.kill()
    other.wait()
    assert (folder / ".run").exists()
    with alone_in(folder):
        assert f"Process {os.getpid()} on " in occupant(folder)


def test_an_error_ends_it(folder):
    with pytest.raises(KeyError), alone_in(folder):
        raise KeyError("x")
    with alone_in(folder):
        pass


def test_another_machines_is_left_to_a_person_where_there_are_no_locks(folder, request):
    note = folder / ".run"
    note.write_text(json.dumps({"process": 1, "host": "elsewhere", "since": "2026-01-02 03:04:05", "began": 0}))
    os.utime(note, (time.time() - 5000,) * 2)
    if "no locks" not in request.node.name:  # then the lock says that nobody is there
        with alone_in(folder):
            return
    said = r"Process 1 on elsewhere works there since 2026-01-02 03:04:05, last heard of 5,0\d\d sec.*delete .*run"
    with pytest.raises(Occupied, match=said), alone_in(folder):
        pass
    note.unlink()
    with alone_in(folder):
        pass


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b'{"process": "x", "host": 1, "since": 2}'])
def test_a_damaged_note(folder, request, content):
    (folder / ".run").write_bytes(content)
    if "no locks" not in request.node.name:
        with alone_in(folder):
            return
    with pytest.raises(Occupied, match="delete"), alone_in(folder):
        pass


def test_it_says_since_when_nothing_was_finished(folder, other):
    def idle() -> int:
        said = occupant(folder)
        assert re.search(r"last heard of \d seconds ago", said), "it lives"
        return int(re.search(r"nothing was finished for ([\d,]+) seconds\.", said)[1].replace(",", ""))

    assert idle() < 60
    note = json.loads((folder / ".run").read_text())
    (folder / ".run").write_text(json.dumps(note | {"began": time.time() - 5000}))
    assert 5000 <= idle() < 5060
    for name, ago, expected in ((".certificates", 10, 5000), ("shards", 6000, 5000), ("generators", 700, 700)):
        (folder / name).mkdir()
        os.utime(folder / name, (time.time() - ago,) * 2)
        assert expected <= idle() < expected + 60
    (folder / "shards" / "x.parquet").touch()
    assert idle() < 60
    with pytest.raises(Occupied, match=r"another run works in .* nothing was finished for \d+ seconds\."):
        alone_in(folder).__enter__()


def test_it_shows_that_it_is_alive(folder, monkeypatch):
    monkeypatch.setattr(alone, "_BEAT", 0.05)
    with alone_in(folder):
        os.utime(folder / ".run", (0, 0))
        deadline = time.monotonic() + 30
        while (folder / ".run").stat().st_mtime < 1 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert time.time() - (folder / ".run").stat().st_mtime < 60
