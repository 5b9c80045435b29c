"""How data sets come: terms, sources that stay until all is made, what a killed or a second pull does, what is kept."""

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import filelock
import numpy as np
import pandas as pd
import pytest
from oracles.mirror import make_mirror

from yardsticks import datasets
from yardsticks.datasets import arrivals, builds, downloads
from yardsticks.datasets.registry import Dataset, Made, Source, Terms
from yardsticks.scores.reading.rules import read_scores

DATA = os.environ.get("YARDSTICKS_DATA")  # before a test takes it away
FREE = Terms("somebody", "CC0-1.0", "Somebody (2020).")
BOUND = Terms("somebody-else", "GPL-3.0", "Else (2021).", "Pass it on under the same licence.", ask=True)
IDS, IMAGES = b"apple\nbat1\nbat2\n", b"image_name\nbat2_02s.jpg\napple_01b.jpg\nbat1_11n.jpg\n"
# sorted by file name: apple, bat1, bat2
CONCEPTS = (
    b"things_index,unique_id,reference_image,sorted_index\r\n0,apple,apple_01b.jpg,0\r\n1,bat1,bat1_11n.jpg,1\r\n"
    b"2,bat2,bat2_02s.jpg,2\r\n"
)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Answer with `server.pages`, by path; 404 for others; a number stands for an error, an event is waited for."""

    def do_GET(self):
        self.server.asked.append(self.path)
        page = self.server.pages.get(self.path, 404)
        if isinstance(page, int):
            self.send_error(page)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        half = len(page) // 2
        self.wfile.write(page[:half])
        self.wfile.flush()
        self.server.released.wait(20)
        self.wfile.write(page[half:])

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    def __init__(self, handler=Handler):
        self.asked, self.pages, self.released = [], {}, threading.Event()
        self.released.set()
        super().__init__(("127.0.0.1", 0), handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        pass  # a client that went away


def serving(handler=Handler):
    with Server(handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def server():
    yield from serving()


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """A machine with an empty cache, on which downloads are allowed and nothing is accepted."""
    for name in ("YARDSTICKS_OFFLINE", "YARDSTICKS_DATA", "YARDSTICKS_ACCEPT", "YARDSTICKS_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("YARDSTICKS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    arrivals.forget()
    yield tmp_path
    arrivals.forget()


@pytest.fixture
def register():
    """Let the registry hold the given entries alone."""
    homes = {"twin": datasets.REGISTRY, "toy": datasets.TOY, "": datasets.OTHER}
    before = {kind: dict(home) for kind, home in homes.items()}

    def put(*entries):
        for kind, home in homes.items():
            home.clear()
            home.update({entry.name: entry for entry in entries if entry.stand_in == kind})

    yield put
    for kind, home in homes.items():
        home.clear()
        home.update(before[kind])  # in their order


def source(server, name, content, terms=FREE) -> Source:
    """A source that the server has."""
    server.pages[f"/{name}"] = content
    return Source(name, f"{server.url}/{name}", terms, sha256(content), len(content))


def entry(name, path, files, hashes=None, **changes) -> Dataset:
    return Dataset(name, f"The {name}", path, "none", "Nobody.", ["x"], files=files, sha256=hashes or {}, **changes)


@pytest.fixture
def things(server, register):
    """Stand-ins of two sources and what is made of them."""
    ids, images = source(server, "ids", IDS), source(server, "images", IMAGES)
    concepts = Made("things/concepts.csv", {"ids": ids, "images": images}, "concepts")
    names = Made("things/ids.txt", {"file": ids})
    put = (
        entry("concepts", "things/concepts.csv", [concepts], {"things": sha256(CONCEPTS)}),
        entry("names", "things/ids.txt", [names], {"upstream": sha256(IDS)}),
    )
    register(*put)
    return put


def files(folder) -> list[str]:
    there = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())
    return [path for path in there if path != "cache/.lock"]


class TestMaking:
    def test_what_is_made_of_two_sources(self, machine, things):
        found, failed = datasets.pull(["concepts"])
        assert failed == {}
        assert found["concepts"].read_bytes() == CONCEPTS
        ids = f"cache/{source_of(things, 'ids').place}"  # the other data set needs it too
        assert files(machine) == [ids, "cache/things/concepts.csv"]

    def test_sources_go_when_all_is_made_of_them(self, machine, server, things):
        found, failed = datasets.pull()
        assert (list(found), failed) == (["concepts", "names"], {})
        assert files(machine) == ["cache/things/concepts.csv", "cache/things/ids.txt"]
        assert sorted(server.asked) == ["/ids", "/images"]
        assert [path.stat().st_mode & 0o777 for path in found.values()] == [0o644] * 2

    def test_what_was_verified_stays_and_is_not_asked_for_again(self, machine, server, things):
        page = server.pages.pop("/images")
        found, failed = datasets.pull(["concepts"])
        assert found == {}
        assert "answered 404" in failed["concepts"]
        assert not datasets.present("concepts")
        kept = machine / "cache" / source_of(things, "ids").place
        assert files(machine) == [str(kept.relative_to(machine))]
        assert kept.stat().st_mode & 0o777 == 0o600
        assert (machine / "cache/sources").stat().st_mode & 0o777 == 0o700
        server.pages["/images"] = page
        assert datasets.pull(["concepts"])[1] == {}
        assert server.asked == ["/ids", "/images", "/images"]

    def test_a_source_that_changed_meanwhile_is_asked_for_again(self, machine, server, things):
        page = server.pages.pop("/images")
        datasets.pull(["concepts"])
        (machine / "cache" / source_of(things, "ids").place).write_bytes(b"damaged")
        server.pages["/images"] = page
        assert datasets.pull(["concepts"])[1] == {}
        assert server.asked.count("/ids") == 2

    def test_where_the_network_says_no_a_paragraph_says_what_a_person_can_do(self, machine, server, register, things):
        concepts, names = things
        register(replace(concepts, instructions="Open https://osf.io and download it."), names)
        del server.pages["/images"]
        told = datasets.say_failed(datasets.pull()[1])
        (line,) = told.splitlines()[1:]
        assert line.startswith("concepts: 127.0.0.1")
        assert line.endswith(f"Open https://osf.io and download it. Its place is {machine}/cache/things/concepts.csv.")

    def test_one_failure_does_not_stop_the_others(self, server, things):
        server.pages["/images"] = 500
        found, failed = datasets.pull()
        assert (list(found), list(failed)) == (["names"], ["concepts"])

    def test_another_result_than_the_registered_is_not_kept(self, machine, register, things):
        concepts, names = things
        register(replace(concepts, sha256={"things": "0" * 64}), names)
        found, failed = datasets.pull()
        assert list(found) == ["names"]
        assert "is not the registered file" in failed["concepts"]
        assert "cache/things/concepts.csv" not in files(machine)

    def test_no_space_for_what_is_made(self, machine, things, monkeypatch):
        def full(path, content):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(arrivals, "write_whole", full)
        found, failed = datasets.pull()
        assert "No space left on device" in failed["concepts"]
        assert list(found) == ["names"]
        assert "cache/things/concepts.csv" not in files(machine)

    def test_an_archive_that_zlib_packs_otherwise_is_kept_unpacked(self, machine, server, register, monkeypatch):
        matrix = source(server, "matrix", b"animal\tfood\n1\t0\n0\t1\n")
        arrays = builds.categories(write(machine / "matrix.tsv", b"animal\tfood\n1\t0\n0\t1\n"))
        hashes = {"things": sha256(builds.pack(arrays)), "unpacked": sha256(builds.pack(arrays, packed=False))}
        register(entry("categories", "c.npz", [Made("c.npz", {"matrix": matrix}, "categories")], hashes))
        pack = builds.pack
        monkeypatch.setattr(builds, "pack", lambda a, packed=True: b"otherwise" if packed else pack(a, packed))
        found, failed = datasets.pull()
        assert failed == {}
        assert sha256(found["categories"].read_bytes()) == hashes["unpacked"]
        with np.load(found["categories"]) as file:
            assert file["matrix"].tolist() == [[1, 0], [0, 1]]

    def test_of_a_folder_what_is_missing_comes(self, machine, server, register):
        one, two = source(server, "one", b"1"), source(server, "two", b"2")
        made = [Made("f/one.npy", {"file": one}), Made("f/two.npy", {"file": two})]
        hashes = {"one.npy": sha256(b"1"), "two.npy": sha256(b"2"), "by-hand.npy": "0" * 64}
        register(entry("features", "f", made, hashes))
        del server.pages["/two"]
        assert list(datasets.pull()[1]) == ["features"]
        assert files(machine) == ["cache/f/one.npy"]
        server.pages["/two"] = b"2"
        assert datasets.pull()[1] == {}
        assert files(machine) == ["cache/f/one.npy", "cache/f/two.npy"]
        assert server.asked == ["/one", "/two", "/two"]

    def test_what_lies_in_the_folder_of_data_is_not_made_again(self, machine, server, things, monkeypatch):
        monkeypatch.setenv("YARDSTICKS_DATA", str(machine / "data"))
        write(machine / "data/things/concepts.csv", CONCEPTS)
        found, failed = datasets.pull(["concepts"])
        assert found == {"concepts": machine / "data/things/concepts.csv"}
        assert (failed, server.asked) == ({}, [])


def source_of(things, name) -> Source:
    return next(source for source in things[0].sources if source.name == name)


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


class TestTerms:
    @pytest.fixture
    def bound(self, server, register):
        free, mine = source(server, "free", b"free"), source(server, "bound", b"bound", BOUND)
        register(
            entry(
                "free", "free.txt", [Made("free.txt", {"file": free})], {"upstream": sha256(b"free")}, stand_in="toy"
            ),
            entry("bound", "b.txt", [Made("b.txt", {"file": mine})], {"upstream": sha256(b"bound")}, stand_in="toy"),
        )

    def test_all_are_shown_and_none_once_it_is_here(self, bound):
        assert datasets.terms() == {FREE: ["free"], BOUND: ["bound"]}
        datasets.pull()
        assert datasets.terms() == {BOUND: ["bound"]}

    def test_an_unknown_name_is_told(self, bound):
        with pytest.raises(ValueError, match=r"no data set 'nothing'. Registered: free, bound"):
            datasets.terms(["nothing"])

    def test_what_is_not_accepted_is_not_asked_for(self, server, bound):
        found, failed = datasets.pull()
        assert list(found) == ["free"]
        assert failed == {"bound": "its terms are not accepted (somebody-else: GPL-3.0)"}
        assert server.asked == ["/free"]
        assert datasets.bring("bound") is None
        told = datasets.say_failed(failed)
        assert "somebody-else: GPL-3.0. Pass it on under the same licence." in told
        assert "`yardsticks data pull` asks" in told
        assert "YARDSTICKS_ACCEPT=1" in told

    def test_acceptance_lasts(self, machine, bound):
        datasets.accept([BOUND])
        assert datasets.is_accepted(BOUND)
        assert datasets.pull()[1] == {}
        child = "import sys; from yardsticks.datasets.registry import Terms; from yardsticks import datasets; "
        child += "print([datasets.is_accepted(Terms(*a, '', '', True)) for a in (sys.argv[1:3], sys.argv[3:])])"
        asked = ["somebody-else", "GPL-3.0", "somebody-else", "another licence"]
        assert subprocess.check_output([sys.executable, "-c", child, *asked], text=True) == "[True, False]\n"

    @pytest.mark.parametrize(("value", "comes"), [("1", True), ("yes", True), ("0", False), ("", False)])
    def test_a_script_accepts_by_a_variable(self, machine, bound, monkeypatch, value, comes):
        monkeypatch.setenv("YARDSTICKS_ACCEPT", value)
        assert ("bound" in datasets.pull()[0]) == comes
        assert not (machine / "cache/accepted.txt").exists()

    def test_a_build_goes_on_without_asking_and_says_so(self, bound, monkeypatch):
        monkeypatch.setattr("builtins.input", None)
        monkeypatch.setattr(sys, "stdin", None)
        with datasets.settled() as missing:
            assert missing.startswith("not downloaded:\nbound: its terms are not accepted")
            assert "YARDSTICKS_ACCEPT=1 says that you do" in missing
            assert datasets.find("free")

    def test_offline_nothing_is_said_of_terms(self, server, bound, monkeypatch):
        monkeypatch.setenv("YARDSTICKS_OFFLINE", "1")
        told = datasets.say_failed(datasets.pull()[1])
        assert told.count("switched off") == 2
        assert "accept" not in told
        assert server.asked == []


PULL = "from yardsticks import datasets; from yardsticks.datasets import registry as r; import json, sys; "
PULL += "a = json.loads(sys.argv[1]); s = {n: r.Source(n, u, r.Terms('x', 'y', 'z'), h) for n, u, h in a}; "
PULL += "m = [r.Made(f'f/{n}', {'file': x}) for n, x in s.items()]; [d.clear() for d in (r.REGISTRY, r.TOY, r.OTHER)]; "
PULL += "r.OTHER['f'] = r.Dataset('f', 't', 'f', 'l', 'c', [], files=m, sha256={n: x.sha256 for n, x in s.items()}); "
PULL += "print(json.dumps(datasets.pull()[1]))"


class TestOtherProcesses:
    def start(self, server, names="ab"):
        for name in names:
            server.pages[f"/{name}"] = name.encode() * 1000
        asked = [(name, f"{server.url}/{name}", sha256(name.encode() * 1000)) for name in names]
        command = [sys.executable, "-c", PULL, json.dumps(asked)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_two_pulls_at_once_ask_for_each_file_once(self, machine, server):
        server.released.clear()
        pulls = [self.start(server) for _ in range(2)]
        wait_until(lambda: server.asked)
        time.sleep(0.5)
        server.released.set()
        assert [process.communicate()[0] for process in pulls] == ["{}\n"] * 2
        assert sorted(server.asked) == ["/a", "/b"]
        assert files(machine) == ["cache/f/a", "cache/f/b"]

    def test_what_a_killed_pull_left_goes_at_the_next(self, machine, server):
        server.released.clear()
        killed = self.start(server)
        wait_until(lambda: [path for path in files(machine) if "sources" in path])
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        (left,) = files(machine)
        assert "/tmp" in left
        assert (machine / left).stat().st_mode & 0o777 == 0o600
        server.released.set()
        assert self.start(server).communicate()[0] == "{}\n"
        assert files(machine) == ["cache/f/a", "cache/f/b"]

    def test_a_pull_that_does_not_end_is_not_waited_for_without_end(self, machine, things, monkeypatch):
        monkeypatch.setattr(arrivals, "WAIT", 0.1)
        (machine / "cache").mkdir()
        with filelock.FileLock(machine / "cache/.lock"):
            failed = datasets.pull()[1]
        assert "another download into" in failed["names"]


def wait_until(met, seconds=20):
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


SNAPSHOT = [
    {
        "id": 1,
        "rank": 1,
        "model": {"id": 7, "name": "seven", "submitter": "Ada Secret"},
        "public": True,
        "metadata": {"by": "Ada Secret"},
        "Kar2019-ost_v2": {"value": ".467", "raw": 0.4, "error": None, "version": 2, "timestamp": None, "color": "red"},
        "MajajHong2015.V4-pls_v3": {"value": "X", "raw": None, "error": None, "version": 3, "timestamp": None},
    },
    *(
        {"id": 2 + i, "rank": 2, "model": {"id": 90 + i, "name": name, "submitter": "Bob Hidden"}, "Kar2019-ost_v2": c}
        for i, (name, c) in enumerate(
            [("Model 123", {"value": ".31"}), (None, {"value": ".32"}), ("", {"value": ".3"})]
        )
    ),
]


class TestPublicRows:
    @pytest.fixture
    def leaderboard(self, server, register):
        content = gzip.compress(json.dumps(SNAPSHOT).encode(), mtime=0)
        made = Made("b/public.json", {"snapshot": source(server, "snapshot.gz", content)}, "public_rows", True)
        hashes = {"upstream": sha256(content), "tidy": "0" * 64}
        register(entry("board", "b/long.csv", [made], hashes, stand_in="twin", raw="b/snapshot.gz"))
        return content

    def everything(self, folder) -> bytes:
        return b"".join((folder / path).read_bytes() for path in files(folder))

    def test_nothing_of_the_others_is_kept(self, machine, leaderboard):
        path, origin = datasets.locate("board")
        assert files(machine) == ["cache/b/public.json", "cache/b/public.json.json"]
        kept = self.everything(machine)
        assert b"seven" in kept
        for private in (b"Secret", b"Hidden", b"Model 123", b".31", b".32", b"submitter", b'"rank"', b"metadata"):
            assert private not in kept
        assert sha256(leaderboard).encode() in kept
        assert origin.sha256 == sha256(path.read_bytes())

    def test_it_is_read_as_the_whole_is(self, machine, leaderboard):
        whole = read_scores(write(machine / "whole.gz", leaderboard))
        table = read_scores(datasets.locate("board")[0])
        pd.testing.assert_frame_equal(table.values, whole.values)
        pd.testing.assert_frame_equal(table.models, whole.models)
        assert whole.origin.notes.pop("models without a public name") == 3
        assert table.origin.notes.pop("models without a public name") == 0
        assert table.origin.notes == whole.origin.notes

    def test_until_it_is_read_it_is_its_owners_alone(self, machine, leaderboard, monkeypatch):
        seen = []

        def read(snapshot):
            seen.append((snapshot.stat().st_mode & 0o777, snapshot.read_bytes() == leaderboard))
            raise downloads.DownloadFailed("stopped here")

        monkeypatch.setattr(builds, "public_rows", read)
        assert datasets.locate("board")[0] is None
        assert seen == [(0o600, True)]

    def test_what_an_earlier_version_kept_goes(self, machine, server, leaderboard):
        write(machine / "cache/b/snapshot.gz", leaderboard)
        assert datasets.find("board") is None
        assert datasets.pull()[1] == {}
        assert server.asked == []
        assert b"Hidden" not in self.everything(machine)

    def test_a_users_own_copy_is_taken_and_left_alone(self, machine, server, leaderboard, monkeypatch):
        monkeypatch.setenv("YARDSTICKS_DATA", str(machine / "data"))
        path = write(machine / "data/b/snapshot.gz", leaderboard)
        assert datasets.locate("board")[0] == path
        assert server.asked == []

    @pytest.mark.parametrize("change", ["content", "record", "no record", "other sources"])
    def test_an_altered_file_is_refused(self, leaderboard, change):
        path = datasets.locate("board")[0]
        record = path.with_name(f"{path.name}.json")
        if change == "content":
            path.write_bytes(path.read_bytes().replace(b".467", b".567"))
        elif change == "record":
            record.write_text("[]")
        elif change == "no record":
            record.unlink()
        else:
            record.write_text(record.read_text().replace(sha256(leaderboard), "0" * 64))
        with pytest.raises(ValueError, match=r"public\.json is not the registered board.*Remove it"):
            datasets.locate("board")


class TestArticle:
    @pytest.fixture
    def archive(self, server, register, monkeypatch):
        monkeypatch.setenv("YARDSTICKS_MIRROR", server.url)
        article = Source("article", "https://api.figshare.com/v2/articles/1/versions/1", FREE)
        register(entry("archive", "things/archive", [], article=article, by_name=True))
        contents = {"full_W.db": b"a database", "read me.txt": b"text"}

        def publish(**changes):
            listed = []
            for number, (name, content) in enumerate(contents.items()):
                server.pages[f"/api.figshare.com/v2/file/download/{number}"] = content
                md5 = hashlib.md5(content).hexdigest()
                listed.append({"id": number, "name": name, "size": len(content), "computed_md5": md5})
            listed[0] |= changes
            server.pages["/api.figshare.com/v2/articles/1/versions/1"] = json.dumps({"files": listed}).encode()

        return publish

    def test_it_comes_when_it_is_named(self, machine, server, archive):
        archive()
        assert datasets.pull() == ({}, {})
        assert server.asked == []
        found, failed = datasets.pull(["archive"])
        assert failed == {}
        assert files(machine) == ["cache/things/archive/full_W.db", "cache/things/archive/read me.txt"]
        assert (found["archive"] / "full_W.db").read_bytes() == b"a database"
        assert datasets.locate("archive")[0] == found["archive"]

    def test_what_is_there_is_not_asked_for_again(self, machine, server, archive):
        archive(computed_md5="0" * 32)
        assert "wrong hash" in datasets.pull(["archive"])[1]["archive"]
        assert files(machine) == ["cache/things/archive/read me.txt"]
        archive()
        assert datasets.pull(["archive"])[1] == {}
        assert server.asked.count("/api.figshare.com/v2/file/download/1") == 1

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"name": "../../passwd"}, r"is not the list of files that it was \(ValueError: '../../passwd' is no name"),
            ({"name": ".hidden"}, r"'.hidden' is no name of a file"),
            ({"id": "../1"}, r"is not the list of files that it was"),
            ({"computed_md5": None}, r"is not the list of files that it was \(KeyError: 'supplied_md5'\)"),
        ],
    )
    def test_a_list_that_is_another(self, machine, archive, change, message):
        archive(**change)
        with pytest.raises(AssertionError, match=message):
            raise AssertionError(datasets.pull(["archive"])[1]["archive"])
        assert files(machine) == []

    @pytest.mark.parametrize("page", [b"{}", b"[]", b"{", 403])
    def test_no_list(self, machine, server, archive, page):
        server.pages["/api.figshare.com/v2/articles/1/versions/1"] = page
        failed = datasets.pull(["archive"])[1]
        assert "api.figshare.com/v2/articles/1/versions/1" in failed["archive"]
        assert files(machine) == []


class TestReal:
    @pytest.fixture
    def hosts(self, tmp_path):
        data = Path(DATA or "nowhere")
        if not (data / "upstream").is_dir():
            pytest.skip("the files of the sources are not on this machine")
        folder = make_mirror(data, tmp_path / "hosts")

        class Files(SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=str(folder))

            def log_message(self, *arguments):
                pass

        for server in serving(Files):
            yield data, server

    def test_an_empty_cache_is_filled_byte_for_byte(self, hosts, machine, monkeypatch):
        data, server = hosts
        monkeypatch.setenv("YARDSTICKS_MIRROR", server.url)
        monkeypatch.setenv("YARDSTICKS_ACCEPT", "1")
        names = [name for name in datasets.registered() if name not in ("brainscore-2024-01", "things-triplets")]
        names.remove("recovery-archive")
        found, failed = datasets.pull(names)
        assert failed == {}
        assert list(found) == names
        made = [made for name in datasets.registered() for made in datasets.registered()[name].files if made.by]
        made = [made for made in made if not made.recorded]
        assert len(made) == 11
        for one in made:
            assert (machine / "cache" / one.place).read_bytes() == (data / one.place).read_bytes()
