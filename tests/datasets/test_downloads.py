"""Downloads from a server on this machine: what lands, what is refused, what is tried again and what is not."""

import contextlib
import gzip
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from yardsticks import datasets
from yardsticks.datasets import DownloadFailed, SyntheticDataWarning, arrivals, downloads
from yardsticks.datasets.registry import Made, Source, Terms
from yardsticks.scores.opening import open_scores

NAME = datasets.DEFAULT_SCORES
OTHER = "brainscore-2025-05"
TABLE = b"model_id,model_name,metric,score\n7,seven,Kar2019-ost,.5\n"
BODY = gzip.compress(TABLE, mtime=0)
SHA256 = hashlib.sha256(BODY).hexdigest()
KNOWN = f"sha256:{SHA256}"


ERRORS = {"absent": 404, "broken": 500}
MOVED = {"moved": "/good/elsewhere", "circle": "/circle/again"}


class Handler(BaseHTTPRequestHandler):
    """Answer by the first part of the path; requests are kept in `server.asked`."""

    def do_GET(self):
        self.server.asked.append(self.path)
        kind = self.path.split("/")[1]
        if kind in ERRORS:
            self.send_error(ERRORS[kind])
            return
        if kind in MOVED:
            self.send_response(302)
            self.send_header("Location", MOVED[kind])
            self.end_headers()
            return
        if kind == "page":
            self.answer(b"<!DOCTYPE html><title>Log in</title>")
            return
        if kind == "recovers" and self.server.asked.count(self.path) == 1:
            self.send_error(503)
            return
        if kind == "endless":
            self.send_response(200)
            self.end_headers()
            while not self.server.released.wait(0):
                self.wfile.write(bytes(1 << 16))
            return
        if kind == "slow":
            self.server.released.wait(10)
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        if kind == "stalled":
            self.wfile.write(BODY[:5])
            self.wfile.flush()
            self.server.released.wait(10)
        elif kind == "truncated":
            self.wfile.write(BODY[:-5])
        elif kind == "wrong":
            self.wfile.write(BODY[:-1] + bytes([BODY[-1] ^ 1]))
        elif kind in ("good", "recovers", "mirror"):
            self.wfile.write(BODY)

    def answer(self, body: bytes):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    def __init__(self):
        self.asked, self.released = [], threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)

    def url(self, kind: str, name: str = "2024-01-01.json.gz") -> str:
        return f"http://127.0.0.1:{self.server_port}/{kind}/{name}"

    def handle_error(self, request, client_address):
        pass  # a client that went away


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """A machine with an empty cache and no data folder, on which downloads are allowed and nothing failed yet."""
    for name in ("YARDSTICKS_OFFLINE", "YARDSTICKS_DATA", "YARDSTICKS_MIRROR", "YARDSTICKS_ACCEPT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("YARDSTICKS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(downloads, "TIMEOUT", (1.0, 1.0))
    arrivals.forget()
    yield tmp_path
    arrivals.forget()


@pytest.fixture
def registry(monkeypatch):
    """Let the names of the first wing stand for other addresses; the others are not registered."""
    others = {id(home): dict(home) for home in (datasets.TOY, datasets.OTHER)}
    datasets.TOY.clear()
    datasets.OTHER.clear()

    def point(**urls):
        for name, url in urls.items():
            name = name.replace("_", "-")
            source = Source("test", url, Terms("nobody", "none", "Nobody."), SHA256)
            made = Made(f"brainscore/{url.rpartition('/')[2]}", {"file": source})
            entry = replace(datasets.REGISTRY[name], files=[made], sha256={"upstream": SHA256}, raw="")
            monkeypatch.setitem(datasets.REGISTRY, name, entry)

    yield point
    for home in (datasets.TOY, datasets.OTHER):
        home.update(others[id(home)])


def point_all(registry, server, kind):
    registry(**{name: server.url(kind, f"{name}.csv") for name in datasets.REGISTRY})


def closed_port() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}/2024-01-01.json.gz"


def files(folder) -> list[str]:
    there = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())
    return [path for path in there if path != "cache/.lock"]


class TestFetch:
    def test_a_good_file_lands_whole(self, server, machine, capfd):
        path = machine / "new/folder/file.json.gz"
        downloads.fetch(server.url("good"), path, KNOWN, "the label")
        assert path.read_bytes() == BODY
        assert files(machine) == ["new/folder/file.json.gz"]
        assert path.stat().st_mode & 0o777 == 0o600  # until it is kept
        out, err = capfd.readouterr()
        assert out == ""
        assert "the label" in err

    @pytest.mark.parametrize(
        ("kind", "message"),
        [
            ("absent", r"127\.0\.0\.1:\d+ answered 404 Not Found for http.*/absent/"),
            ("circle", r"http.*/circle/2024-01-01.json.gz leads from one address to another without end"),
            ("page", r"http.*/page/.*: a web page came in place of the file"),
            ("wrong", r"not the registered file \(wrong hash\)"),
            ("slow", r"127\.0\.0\.1:\d+ could not be reached.*in time \(ReadTimeout\)"),
            ("stalled", r"127\.0\.0\.1:\d+ could not be reached.*in time"),
        ],
    )
    def test_what_goes_wrong_is_told_leaves_nothing_and_is_not_tried_again(self, server, machine, kind, message):
        path = machine / "cache/file"
        for _ in range(2):
            with pytest.raises(DownloadFailed, match=message):
                downloads.fetch(server.url(kind), path, KNOWN, "label")
            assert files(machine) == []
        assert server.asked.count(f"/{kind}/2024-01-01.json.gz") == 1
        downloads.forget()
        with pytest.raises(DownloadFailed, match=message):
            downloads.fetch(server.url(kind), path, KNOWN, "label")
        assert server.asked.count(f"/{kind}/2024-01-01.json.gz") == 2

    @pytest.mark.parametrize(
        ("kind", "message"),
        [
            ("broken", r"127\.0\.0\.1:\d+ answered 500 Internal Server Error for http.*/broken/"),
            ("truncated", r"the transfer of http.*/truncated/.* broke off"),
        ],
    )
    def test_what_may_go_well_the_next_time_is_tried_twice(self, server, machine, kind, message):
        for _ in range(2):
            with pytest.raises(DownloadFailed, match=message):
                downloads.fetch(server.url(kind), machine / "a", KNOWN, "label")
            assert files(machine) == []
        assert len(server.asked) == 2

    @pytest.mark.parametrize("kind", ["recovers", "moved"])
    def test_what_goes_well_in_the_end(self, server, machine, kind):
        downloads.fetch(server.url(kind), machine / "a", KNOWN, "label")
        assert (machine / "a").read_bytes() == BODY
        assert len(server.asked) == 2

    def test_a_file_that_is_too_long_is_not_waited_for(self, server, machine):
        with pytest.raises(DownloadFailed, match="longer than the registered one"):
            downloads.fetch(server.url("endless"), machine / "a", KNOWN, "label", len(BODY))
        assert files(machine) == []

    def test_a_file_that_hardly_comes_is_not_waited_for(self, server, machine, monkeypatch):
        monkeypatch.setattr(downloads, "SLOWEST", (10**12, 0.0))
        with pytest.raises(DownloadFailed, match="bytes a second come"):
            downloads.fetch(server.url("good"), machine / "a", KNOWN, "label")
        assert files(machine) == []

    def test_a_mirror_has_the_host_in_its_paths(self, server, machine, monkeypatch):
        monkeypatch.setenv("YARDSTICKS_MIRROR", server.url("mirror", ""))
        downloads.fetch("https://example.org/some/file.gz", machine / "a", KNOWN, "label")
        assert server.asked == ["/mirror/example.org/some/file.gz"]
        with pytest.raises(DownloadFailed, match="wrong hash"):
            downloads.fetch("https://example.org/other", machine / "b", f"sha256:{'0' * 64}", "label")

    def test_a_file_of_certificates_that_is_not_there(self, machine, monkeypatch):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(machine / "nowhere.pem"))
        with pytest.raises(DownloadFailed, match=r"certificate.*nowhere\.pem"):
            downloads.fetch("https://127.0.0.1:1/a", machine / "a", KNOWN, "label")

    def test_a_server_that_cannot_be_trusted(self, server, machine):
        with pytest.raises(DownloadFailed, match=r"the connection to 127\.0\.0\.1:\d+ is not safe"):
            downloads.fetch(server.url("good").replace("http:", "https:"), machine / "a", KNOWN, "label")

    def test_a_file_that_failed_does_not_stop_another_of_its_host(self, server, machine):
        with pytest.raises(DownloadFailed):
            downloads.fetch(server.url("absent"), machine / "a", KNOWN, "label")
        downloads.fetch(server.url("good"), machine / "b", KNOWN, "label")
        assert files(machine) == ["b"]

    def test_a_host_that_does_not_answer_is_waited_for_once(self, server, machine):
        for number in range(3):
            with pytest.raises(DownloadFailed, match="could not be reached"):
                downloads.fetch(server.url("slow", str(number)), machine / "a", KNOWN, "label")
        assert server.asked == ["/slow/0"]

    def test_nobody_listens(self, machine):
        url = closed_port()
        with pytest.raises(DownloadFailed, match="could not be reached"):
            downloads.fetch(url, machine / "a", KNOWN, "label")
        assert files(machine) == []

    def test_a_place_that_cannot_be_written(self, server, machine):
        (machine / "file").touch()
        with pytest.raises(DownloadFailed, match=f"{machine / 'file'} cannot be written"):
            downloads.fetch(server.url("good"), machine / "file" / "a", KNOWN, "label")

    def test_no_space(self, server, machine):
        code = (
            "import resource, signal; from pathlib import Path; from yardsticks.datasets import downloads\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
            f"try: downloads.fetch({server.url('good')!r}, Path({str(machine)!r}) / 'a', {KNOWN!r}, 'label')\n"
            "except downloads.DownloadFailed as failure: print(failure)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.stdout == f"{machine} cannot be written: File too large\n"
        assert files(machine) == []

    def test_nothing_is_seen_before_all_of_it_is_there(self, server, machine):
        path = machine / "cache/file"

        def fetch():
            with contextlib.suppress(DownloadFailed):
                downloads.fetch(server.url("stalled"), path, KNOWN, "label")

        thread = threading.Thread(target=fetch)
        thread.start()
        deadline = time.monotonic() + 5
        seen = set()
        while thread.is_alive() and time.monotonic() < deadline:
            seen |= set(files(machine))
        thread.join()
        assert seen, "the download was never under way"
        assert "cache/file" not in seen
        assert files(machine) == []

    def test_an_interrupt_leaves_nothing(self, server, machine, monkeypatch):
        def interrupt(*arguments):
            raise KeyboardInterrupt

        monkeypatch.setattr(downloads.tqdm, "update", interrupt)
        with pytest.raises(KeyboardInterrupt):
            downloads.fetch(server.url("good"), machine / "file", KNOWN, "label")
        assert files(machine) == []

    @pytest.mark.parametrize("value", ["1", "true", "yes", " 1 "])
    def test_offline_asks_nobody(self, server, machine, monkeypatch, value):
        monkeypatch.setenv("YARDSTICKS_OFFLINE", value)
        with pytest.raises(DownloadFailed, match="switched off, YARDSTICKS_OFFLINE"):
            downloads.fetch(server.url("good"), machine / "a", KNOWN, "label")
        assert server.asked == []

    @pytest.mark.parametrize("value", ["", "0", "false", "No"])
    def test_offline_may_be_denied(self, server, machine, monkeypatch, value):
        monkeypatch.setenv("YARDSTICKS_OFFLINE", value)
        downloads.fetch(server.url("good"), machine / "a", KNOWN, "label")
        assert files(machine) == ["a"]

    def test_a_notebook_without_widgets_is_not_told_so(self, tmp_path):
        notebook = (
            "import sys, types; ipython = types.ModuleType('IPython'); ipython.get_ipython = lambda: None; "
            "sys.modules |= {'IPython': ipython, 'ipykernel.zmqshell': ipython, 'ipywidgets': None}; "
        )
        fetch = (
            "from pathlib import Path; from yardsticks.datasets import downloads\n"
            f"try: downloads.fetch({closed_port()!r}, Path({str(tmp_path)!r}) / 'a', 'sha256:' + '0' * 64, 'label')\n"
            "except downloads.DownloadFailed: print('pooch' in sys.modules)"
        )

        def run(code):
            return subprocess.run([sys.executable, "-c", notebook + code], capture_output=True, text=True)

        assert "IProgress not found" in run("import pooch").stderr
        done = run(fetch)
        assert done.stdout == "True\n"
        assert "IProgress" not in done.stderr


class TestLocate:
    def test_a_missing_file_is_downloaded_under_its_own_name(self, server, machine, registry):
        registry(brainscore_2024_01=server.url("good"))
        table = open_scores()
        assert (table.origin.kind, table.origin.name, table.origin.sha256) == ("real", NAME, SHA256)
        assert list(table.models["name"]) == ["seven"]
        assert files(machine) == ["cache/brainscore/2024-01-01.json.gz"]
        open_scores()
        assert len(server.asked) == 1
        assert not datasets.is_synthetic(NAME)
        assert datasets.fingerprint()[NAME] == SHA256

    @pytest.mark.parametrize("kind", ["absent", "wrong", "slow"])
    def test_the_twin_stands_in_and_says_why(self, server, machine, registry, kind):
        registry(brainscore_2024_01=server.url(kind))
        reasons = {"absent": "404", "wrong": "wrong hash", "slow": "could not be reached"}
        for _ in range(2):
            with pytest.warns(SyntheticDataWarning, match=rf"{NAME}.*{reasons[kind]}.*synthetic.*data pull") as caught:
                table = open_scores()
            assert [warning.filename for warning in caught] == [__file__]
            assert table.origin.kind == "synthetic"
        assert len(server.asked) == 1
        assert files(machine) == []

    def test_offline_the_twin_says_so(self, server, registry, monkeypatch):
        registry(brainscore_2024_01=server.url("good"))
        monkeypatch.setenv("YARDSTICKS_OFFLINE", "1")
        with pytest.warns(SyntheticDataWarning, match="switched off, YARDSTICKS_OFFLINE is set"):
            open_scores()
        assert server.asked == []

    def test_looking_at_the_state_downloads_nothing(self, server, registry):
        point_all(registry, server, "good")
        assert datasets.is_synthetic(NAME)
        assert set(datasets.fingerprint().values()) == {"synthetic"}
        assert server.asked == []


class TestPull:
    def test_all_that_is_missing(self, server, machine, registry):
        point_all(registry, server, "good")
        found, failed = datasets.pull(datasets.REGISTRY)
        assert list(found) == list(datasets.REGISTRY)
        assert failed == {}
        assert files(machine) == sorted(f"cache/brainscore/{name}.csv" for name in datasets.REGISTRY)
        assert all(path.read_bytes() == BODY for path in found.values())
        assert {path.stat().st_mode & 0o777 for path in found.values()} == {0o644}
        assert datasets.pull(datasets.REGISTRY) == (found, {})
        assert len(server.asked) == len(found)

    def test_each_failure_is_named_and_the_others_land(self, server, machine, registry):
        registry(brainscore_2024_01=server.url("wrong"), brainscore_2025_05=server.url("good", "new.csv"))
        found, failed = datasets.pull([NAME, OTHER])
        assert list(found) == [OTHER]
        assert list(failed) == [NAME]
        assert "wrong hash" in failed[NAME]
        assert datasets.say_failed(failed).startswith(f"not downloaded:\n{NAME}: ")
        assert files(machine) == ["cache/brainscore/new.csv"]

    def test_a_new_attempt_is_made_at_what_failed(self, server, registry):
        registry(brainscore_2024_01=server.url("absent"))
        for _ in range(2):
            assert "404" in datasets.pull([NAME])[1][NAME]
        assert len(server.asked) == 2

    def test_an_unknown_name_before_anything_is_downloaded(self, server, registry):
        registry(brainscore_2024_01=server.url("good"))
        with pytest.raises(ValueError, match=rf"'nothing'.*{NAME}"):
            datasets.pull([NAME, "nothing"])
        assert server.asked == []

    def test_a_wrong_file_that_is_there_is_not_overwritten(self, server, machine, registry):
        registry(brainscore_2024_01=server.url("good"), brainscore_2025_05=server.url("good", "new.csv"))
        path = machine / "cache/brainscore/2024-01-01.json.gz"
        path.parent.mkdir(parents=True)
        path.write_text("mine")
        found, failed = datasets.pull([NAME, OTHER])
        assert "2024-01-01.json.gz is not the registered" in failed[NAME]
        assert "Remove it" in failed[NAME]
        assert path.read_text() == "mine"
        assert list(found) == [OTHER]

    def test_a_cache_that_cannot_be_written(self, server, machine, registry):
        registry(brainscore_2024_01=server.url("good"))
        (machine / "cache").write_text("a file")
        assert f"{machine / 'cache'} cannot be written" in datasets.pull([NAME])[1][NAME]


class TestSettled:
    def test_all_is_there_and_nothing_more_is_downloaded(self, server, registry):
        point_all(registry, server, "good")
        with datasets.settled() as missing:
            assert missing == ""
            assert downloads.forbidden()
            child = "from yardsticks.datasets import downloads; print(downloads.forbidden())"
            assert "switched off" in subprocess.check_output([sys.executable, "-c", child], text=True)
        assert downloads.forbidden() == ""
        assert "YARDSTICKS_OFFLINE" not in os.environ
        assert len(server.asked) == len(datasets.REGISTRY)

    def test_what_is_missing_is_asked_for_once(self, server, registry):
        point_all(registry, server, "slow")
        with datasets.settled() as missing:
            assert all(f"{name}: " in missing for name in datasets.REGISTRY)
            with pytest.warns(SyntheticDataWarning):
                open_scores()
        assert len(server.asked) == 1

    def test_the_users_own_choice_comes_back_also_after_an_error(self, server, registry, monkeypatch):
        point_all(registry, server, "good")
        monkeypatch.setenv("YARDSTICKS_OFFLINE", "yes")

        with contextlib.suppress(KeyError), datasets.settled() as missing:
            assert "YARDSTICKS_OFFLINE" in missing
            raise KeyError
        assert os.environ["YARDSTICKS_OFFLINE"] == "yes"
        assert server.asked == []


def test_importing_pooch_is_left_to_a_download():
    code = "import sys, yardsticks.datasets; print('pooch' in sys.modules, 'requests' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False False\n"


def test_the_servers_compression_is_not_asked_for(server, machine, monkeypatch):
    seen = []
    original = Handler.do_GET
    monkeypatch.setattr(Handler, "do_GET", lambda self: seen.append(self.headers["Accept-Encoding"]) or original(self))
    downloads.fetch(server.url("good"), machine / "a", KNOWN, "label")
    assert seen == ["identity"]
