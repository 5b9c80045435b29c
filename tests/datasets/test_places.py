"""Where data are looked for, what is refused, and how their origin is shown."""

import csv
import dataclasses
import hashlib
import importlib
import inspect
import os
import re
import subprocess
import sys
import types

import numpy as np
import pandas as pd
import pytest
from oracles.mirror import attention_map

import yardsticks
from yardsticks import datasets
from yardsticks.datasets import OTHER, TOY, Origin, SyntheticDataWarning, arrivals, builds, places
from yardsticks.datasets.registry import SOURCES
from yardsticks.scores.opening import open_scores
from yardsticks.scores.table import ScoreTable, describe_metrics

NAME = datasets.DEFAULT_SCORES
TEXT = "model_id,model_name,metric,score,score_raw,error,version,timestamp,status\n7,seven,Kar2019-ost,.5,,,1,,\n"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine without any data: a cache and a data folder of its own, the variable for the latter not set."""
    monkeypatch.delenv("YARDSTICKS_DATA", raising=False)
    monkeypatch.setenv("YARDSTICKS_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(folder, text=TEXT, name=NAME):
    """Write a file where a registered data set is looked for, and return its path and hash."""
    path = folder / datasets.REGISTRY[name].path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path, hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def accept(monkeypatch):
    """Let the registry know the hash of a text that the test wrote."""

    def register(text=TEXT, name=NAME):
        digest = hashlib.sha256(text.encode()).hexdigest()
        monkeypatch.setitem(datasets.REGISTRY[name].sha256, "test", digest)

    return register


def stand_in_twin():
    """A table as the twin's module returns it."""
    values = pd.DataFrame({"Kar2019-ost": [0.1, 0.2]}, index=["twin-001", "twin-002"])
    models = pd.DataFrame({"name": values.index}, index=values.index)
    origin = Origin(name="twin", kind="synthetic", sha256="0" * 64)
    return ScoreTable(values, describe_metrics(values.columns), models, None, origin)


class TestResolution:
    def test_nothing_found(self, machine):
        assert datasets.data_folder() is None
        assert datasets.find(NAME) is None
        assert datasets.is_synthetic(NAME)
        path, origin = datasets.locate(NAME)
        assert path is None
        assert (origin.name, origin.kind) == (NAME, "synthetic")

    def test_variable_before_cache(self, machine, monkeypatch, accept):
        accept()
        cached, digest = put(machine / "cache")
        assert datasets.find(NAME) == cached
        held, _ = put(machine / "data")
        assert datasets.find(NAME) == cached
        monkeypatch.setenv("YARDSTICKS_DATA", str(machine / "data"))
        assert datasets.find(NAME) == held
        path, origin = datasets.locate(NAME)
        assert path == held
        assert origin == Origin(NAME, "real", digest, datasets.REGISTRY[NAME].title)
        assert not datasets.is_synthetic(NAME)

    def test_cache_where_the_folder_lacks_the_file(self, machine, monkeypatch, accept):
        accept()
        cached, _ = put(machine / "cache")
        (machine / "data").mkdir()
        monkeypatch.setenv("YARDSTICKS_DATA", str(machine / "data"))
        assert datasets.locate(NAME)[0] == cached

    def test_explicit_path_before_all(self, machine, monkeypatch, accept):
        accept()
        put(machine / "data")
        monkeypatch.setenv("YARDSTICKS_DATA", str(machine / "data"))
        (machine / "mine.csv").write_text(TEXT.replace("seven", "mine"))
        table = open_scores("mine.csv")
        assert list(table.models["name"]) == ["mine"]
        assert table.origin.name == "mine.csv"
        assert table.origin.kind == "real"
        assert table.origin.sha256 == hashlib.sha256((machine / "mine.csv").read_bytes()).hexdigest()
        assert list(open_scores().models["name"]) == ["seven"]
        assert list(open_scores(NAME).models["name"]) == ["seven"]

    def test_a_folder_that_is_set_and_missing_is_an_error(self, machine, monkeypatch):
        put(machine / "cache")
        monkeypatch.setenv("YARDSTICKS_DATA", str(machine / "nowhere"))
        for call in (datasets.data_folder, open_scores, datasets.fingerprint, lambda: datasets.locate(NAME)):
            with pytest.raises(FileNotFoundError, match=r"YARDSTICKS_DATA.*nowhere"):
                call()

    def test_a_file_is_not_a_folder(self, machine, monkeypatch):
        (machine / "file").touch()
        monkeypatch.setenv("YARDSTICKS_DATA", str(machine / "file"))
        with pytest.raises(FileNotFoundError, match="YARDSTICKS_DATA"):
            datasets.data_folder()

    @pytest.mark.parametrize("variable", ["YARDSTICKS_DATA", "YARDSTICKS_CACHE"])
    def test_empty_is_unset(self, machine, monkeypatch, variable):
        monkeypatch.delenv(variable, raising=False)
        unset = datasets.data_folder(), datasets.cache_folder()
        monkeypatch.setenv(variable, "")
        assert (datasets.data_folder(), datasets.cache_folder()) == unset

    def test_paths_are_absolute_before_the_working_folder_changes(self, machine, monkeypatch, accept):
        accept()
        held, _ = put(machine / "data")
        monkeypatch.setenv("YARDSTICKS_DATA", "data")
        monkeypatch.setenv("YARDSTICKS_CACHE", "cache")
        assert datasets.data_folder() == machine / "data"
        assert datasets.cache_folder() == machine / "cache"
        assert datasets.find(NAME) == held
        (machine / "mine.csv").write_text(TEXT)
        assert datasets.locate("mine.csv")[0] == machine / "mine.csv"

    def test_a_source_that_is_nothing(self, machine):
        with pytest.raises(FileNotFoundError, match=f"absent.csv.*{NAME}"):
            datasets.locate("absent.csv")
        with pytest.raises(FileNotFoundError, match=r"absent\.csv"):
            open_scores("absent.csv")

    @pytest.mark.parametrize("place", ["cache", "data"])
    def test_wrong_hash_is_refused(self, machine, monkeypatch, place):
        path, digest = put(machine / place)
        if place == "data":
            monkeypatch.setenv("YARDSTICKS_DATA", str(machine / "data"))
        with pytest.raises(ValueError, match=f"{path.name}.*{digest[:12]}"):
            open_scores()
        assert list(open_scores(path).models["name"]) == ["seven"]  # by its path it is the user's own file

    @pytest.mark.parametrize("name", datasets.REGISTRY)
    def test_either_file_will_do_and_ours_before_theirs(self, machine, monkeypatch, accept, name):
        accept(name=name)
        monkeypatch.setenv("YARDSTICKS_DATA", str(machine / "data"))
        entry = datasets.REGISTRY[name]
        monkeypatch.setattr(arrivals, "check", lambda name, path: "")
        held, cached = [*entry.paths, *([entry.raw] if entry.raw else [])], entry.paths
        places = [machine / "data" / path for path in held] + [machine / "cache" / path for path in cached]
        (machine / "data").mkdir()
        for number, place in reversed(list(enumerate(places))):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(TEXT)
            assert datasets.present(name) == places[number:]
            assert datasets.locate(name)[0] == place

    def test_an_unknown_name_is_told_the_known_ones(self, machine):
        for call in (datasets.find, datasets.present):
            with pytest.raises(ValueError, match=rf"'nothing'.*{NAME}.*things-triplets"):
                call("nothing")


class TestBesides:
    def test_missing_is_told_with_what_to_do(self, machine):
        for name in TOY | OTHER:
            assert datasets.find(name) is None
            with pytest.raises(FileNotFoundError, match=rf"{name} is not.*`yardsticks data pull {name}` downloads it"):
                datasets.locate(name)

    def test_what_a_person_may_have_to_do_is_told_with_the_place(self, machine):
        entry = OTHER["things-triplets"]
        with pytest.raises(FileNotFoundError, match=rf"https://osf\.io/f5rn6.*{machine / 'cache' / entry.path}"):
            datasets.locate(entry.name)

    @pytest.mark.parametrize("place", ["cache", "data"])
    def test_a_file_is_real_once_placed(self, machine, monkeypatch, place):
        if place == "data":
            (machine / "data").mkdir()
            monkeypatch.setenv("YARDSTICKS_DATA", str(machine / "data"))
        entry = OTHER["things-triplets"]
        path = machine / place / entry.path
        path.parent.mkdir(parents=True)
        path.write_bytes(b"abc")
        with pytest.raises(ValueError, match="is not the registered things-triplets"):
            datasets.locate(entry.name)
        monkeypatch.setitem(entry.sha256, "test", hashlib.sha256(b"abc").hexdigest())
        found, origin = datasets.locate(entry.name)
        assert found == path
        assert (origin.kind, origin.title) == ("real", entry.title)
        assert origin.sha256 == hashlib.sha256(b"abc").hexdigest()

    def test_a_folder_is_there_once_something_is_in_it(self, machine):
        path = machine / "cache" / OTHER["recovery-archive"].path
        path.mkdir(parents=True)
        assert datasets.find("recovery-archive") is None
        (path / "features.npz").touch()
        assert datasets.locate("recovery-archive") == (
            path,
            Origin("recovery-archive", "real", "", OTHER["recovery-archive"].title),
        )

    def test_the_files_of_a_folder_are_checked_one_by_one(self, machine, monkeypatch):
        entry = TOY["things-features"]
        path = machine / "cache" / entry.path
        path.mkdir(parents=True)
        hashes = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("a.npy", "b.npy")}
        monkeypatch.setitem(TOY, entry.name, entry := dataclasses.replace(entry, sha256=hashes))
        states = []
        for name in ("notes.txt", "a.npy", "b.npy"):
            (path / name).write_text(name)
            states.append((datasets.check(entry.name, path), datasets.fingerprint()[entry.name]))
        assert states[0] == ("", "")  # files of other names are not looked at
        assert all(checked == as_it_is for checked, as_it_is in states)
        assert len(set(states)) == 3
        (path / "a.npy").write_text("b.npy")
        assert datasets.fingerprint()[entry.name] not in dict(states)
        with pytest.raises(ValueError, match=r"a\.npy is not the registered things-features"):
            datasets.locate(entry.name)

    def test_a_folder_is_no_downloaded_file(self, machine):
        path = machine / "cache" / datasets.REGISTRY[NAME].path
        (path / "inside").mkdir(parents=True)
        assert datasets.find(NAME) is None

    def test_the_notebooks_data_do_not_depend_on_them(self, machine):
        assert set(datasets.fingerprint()) == set(datasets.REGISTRY) | set(TOY)
        assert not (set(datasets.REGISTRY) | set(TOY)) & set(OTHER)


class TestRegistry:
    @pytest.mark.parametrize("entry", datasets.registered().values(), ids=lambda entry: entry.name)
    def test_an_entry_is_complete(self, entry):
        assert entry.title
        assert entry.licence
        assert entry.citation
        bibliography = (datasets.project_folder() / "book/references.bib").read_text(encoding="utf-8")
        assert entry.cite
        assert all(re.search(rf"@\w+{{{key},", bibliography) for key in entry.cite)
        if entry.reader:
            module, _, function = entry.reader.rpartition(".")
            assert callable(getattr(importlib.import_module(module), function))

    @pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.name)
    def test_what_is_downloaded_is_pinned_and_checked(self, source):
        pinned = (
            r"https://raw\.githubusercontent\.com/[\w.-]+/[\w.-]+/[0-9a-f]{40}/[\w./-]+",
            r"https://osf\.io/\w{5}/download",
            r"https://api\.figshare\.com/v2/articles/\d+/versions/\d+",
        )
        assert any(re.fullmatch(pattern, source.url) for pattern in pinned)
        assert re.fullmatch("[0-9a-f]{64}", source.sha256) or source.name == "archive_article"
        assert source.terms.licence
        assert source.terms.citation
        assert bool(source.terms.text) == source.terms.ask

    def test_every_source_is_of_use(self):
        used = {source.name for entry in datasets.registered().values() for source in entry.sources}
        assert used == set(SOURCES)

    @pytest.mark.parametrize("entry", datasets.registered().values(), ids=lambda entry: entry.name)
    def test_what_is_made_has_its_maker_and_its_hash(self, entry):
        assert entry.files or entry.article
        for made in entry.files:
            assert made.place in entry.paths or made.place.startswith(f"{entry.path}/")
            hashes = set(entry.sha256.values())
            if not made.by:
                assert [source.sha256 for source in made.sources.values()] == [entry.sha256["upstream"]]
            elif not made.recorded:
                assert hashes
                wanted = inspect.signature(getattr(builds, made.by)).parameters
                assert set(made.sources) == set(wanted)

    def test_places_are_distinct(self):
        paths = [path for entry in datasets.registered().values() for path in (*entry.paths, entry.raw) if path]
        assert len(set(paths)) == len(paths)

    @pytest.mark.parametrize("entry", datasets.registered().values(), ids=lambda entry: entry.name)
    def test_hashes_are_hashes(self, entry):
        assert entry.sha256 or entry.article
        assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in entry.sha256.values())

    @pytest.mark.parametrize("name", [*datasets.REGISTRY, *TOY])
    def test_the_real_files(self, name):
        path = datasets.find(name)
        if path is None:
            pytest.skip("the real data are not on this machine")
        if path.is_file():
            assert datasets.check(name, path) == hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            assert {file.name for file in path.iterdir()} == set(TOY[name].sha256)
            assert datasets.check(name, path) == datasets.fingerprint()[name]

    def test_our_copy_of_the_attention_maps_is_theirs(self):
        entry = datasets.REGISTRY["attention-map"]
        path = datasets.find(entry.name)
        if path is None or path.name != entry.paths[0].rpartition("/")[2]:
            pytest.skip("our copy is not on this machine")
        theirs = attention_map(path)
        assert len(theirs) == entry.size
        assert hashlib.sha256(theirs).hexdigest() == entry.sha256["upstream"]


class TestSynthetic:
    def test_the_twin_stands_in_with_a_warning(self, machine, monkeypatch):
        module = types.ModuleType("yardsticks.scores.twin.draw")
        module.make_twin = stand_in_twin
        monkeypatch.setitem(sys.modules, "yardsticks.scores.twin.draw", module)
        with pytest.warns(SyntheticDataWarning, match=rf"{NAME}.*synthetic.*YARDSTICKS_DATA") as caught:
            table = open_scores()
        assert [warning.filename for warning in caught] == [__file__]
        assert table.origin.kind == "synthetic"
        assert table.origin.name == NAME
        assert list(table.values.index) == ["twin-001", "twin-002"]

    def test_the_real_twin(self, machine):
        pytest.importorskip("yardsticks.scores.twin.draw")
        if not list(datasets.TWIN.glob("*.csv")):
            pytest.skip("the twin's statistics are not there yet")
        with pytest.warns(SyntheticDataWarning):
            table = open_scores()
        assert 'id="synthetic-data"' in table.origin._repr_html_()
        assert table.values.index.str.startswith("twin-").all()
        assert table.models["name"].str.startswith("twin-").all()

    def test_real_data_give_no_warning(self, machine, monkeypatch, accept, recwarn):
        accept()
        put(machine / "cache")
        assert open_scores().origin.kind == "real"
        assert not recwarn.list


class TestFingerprint:
    def test_follows_the_state(self, machine, monkeypatch):
        states = [datasets.fingerprint()]
        assert states[0] == dict.fromkeys([*datasets.REGISTRY, *TOY], "synthetic")
        _, digest = put(machine / "cache")
        states.append(datasets.fingerprint())
        assert states[1] == states[0] | {NAME: digest}
        put(machine / "cache", TEXT + " ")
        states.append(datasets.fingerprint())
        monkeypatch.setenv("YARDSTICKS_DATA", str(machine))
        put(machine, TEXT + "  ")
        states.append(datasets.fingerprint())
        put(machine, TEXT, "brainscore-2025-05")
        states.append(datasets.fingerprint())
        assert all(a != b for i, a in enumerate(states) for b in states[:i])

    def test_an_unchanged_file_is_hashed_once_and_a_changed_one_again(self, machine, monkeypatch):
        path, digest = put(machine / "cache")
        reads = []
        hash_file = datasets.hash_file
        monkeypatch.setattr(places, "hash_file", lambda path: reads.append(path) or hash_file(path))
        now = path.stat().st_ctime
        monkeypatch.setattr(places.time, "time", lambda: now + 60)
        assert [datasets.fingerprint()[NAME] for _ in range(3)] == [digest] * 3
        assert reads == [path]
        before = path.stat()
        path.write_text(TEXT.replace("seven", "eight"))  # as long as the first
        os.utime(path, ns=(before.st_mtime_ns, before.st_mtime_ns + 10**9))
        changed = hashlib.sha256(path.read_bytes()).hexdigest()
        assert datasets.fingerprint()[NAME] == changed != digest
        assert reads == [path] * 2

    def test_a_file_just_written_is_always_read(self, machine):
        # within one tick of the clock nothing but the content may differ
        for text in (TEXT, TEXT.replace("seven", "eight")) * 20:
            _, digest = put(machine / "cache", text)
            assert datasets.fingerprint()[NAME] == digest

    def test_hash_of_a_file(self, tmp_path):
        (tmp_path / "abc").write_bytes(b"abc")
        # the example of FIPS 180-2
        expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        assert datasets.hash_file(tmp_path / "abc") == expected

    def test_synthetic_hash_follows_the_statistics(self, machine, monkeypatch):
        monkeypatch.setattr(places, "TWIN", machine)
        empty = datasets.locate(NAME)[1].sha256
        (machine / "quantiles.csv").write_text("a")
        first = datasets.locate(NAME)[1].sha256
        (machine / "quantiles.csv").write_text("b")
        assert len({empty, first, datasets.locate(NAME)[1].sha256}) == 3


class TestOrigin:
    def test_only_synthetic_data_carry_the_label(self):
        real, synthetic = (Origin("scores.csv", kind, "ab" * 32, "A title") for kind in ("real", "synthetic"))
        assert 'id="synthetic-data"' in synthetic._repr_html_()
        assert "synthetic" not in real._repr_html_().lower()
        assert "abababababab" in real._repr_html_()
        assert "A title" in real._repr_html_()
        assert "A title" in synthetic._repr_html_()

    @pytest.mark.parametrize("kind", ["real", "synthetic"])
    @pytest.mark.parametrize("field", ["name", "title", "notes"])
    def test_escapes_html(self, kind, field):
        evil = '<script>"&'
        fields = {"name": "x", "title": "", "notes": {}} | {field: {evil: 1} if field == "notes" else evil}
        assert "<script>" not in Origin(kind=kind, sha256="00", **fields)._repr_html_()

    def test_notes_are_shown_unless_zero(self):
        shown = Origin("x", "real", "00", notes={"aggregate columns": 1234, "language metrics": 0})._repr_html_()
        assert "aggregate columns: 1,234" in shown
        assert "language" not in shown

    def test_kind_is_checked(self):
        with pytest.raises(ValueError, match=r"'made up'.*'real'.*'synthetic'"):
            Origin("x", "made up", "00")


class TestCatalogue:
    @pytest.mark.parametrize(
        "name", ["metrics", "hierarchy", "attention_map_crosswalk", "not_public_in_2023", "features"]
    )
    def test_a_fresh_copy_of_every_row(self, name):
        with open(datasets.CATALOGUE / f"{name}.csv", newline="") as handle:
            rows = list(csv.DictReader(handle))
        frame = datasets.catalogue(name)
        assert len(frame) == len(rows)
        if "model_id" in frame:
            assert list(frame["model_id"]) == [row["model_id"] for row in rows]  # text, as everywhere
        frame.iloc[:, 0] = np.nan
        assert datasets.catalogue(name).iloc[:, 0].notna().all()

    def test_the_papers_metrics(self):
        metrics = datasets.catalogue("metrics")
        counts = metrics[metrics["in_paper_51"]].groupby("area").size().to_dict()
        assert counts == {"V1": 23, "V2": 1, "V4": 4, "IT": 5, "behaviour": 18}  # the paper's own counts

    def test_tree_and_metrics_agree(self):
        tree, metrics = datasets.catalogue("hierarchy"), datasets.catalogue("metrics")
        assert tree["child"].is_unique
        leaves = set(tree["child"]) - set(tree["parent"])
        parents = tree.set_index("child")["parent"]
        inside = metrics[metrics["parent"].notna()].set_index("metric")["parent"]
        assert set(inside.index) == leaves
        assert (inside == parents[inside.index]).all()


class TestPackage:
    def run(self, code):
        """Run in a fresh interpreter and return what it prints."""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def test_import_is_cheap(self):
        heavy = "torch", "pandas", "scipy", "matplotlib", "pooch"
        code = f"import sys, yardsticks; print([name for name in {heavy} if name in sys.modules])"
        assert self.run(code) == "[]"

    def test_public_names_load_when_asked_for(self):
        code = (
            "import sys, yardsticks; before = 'yardsticks.stats' in sys.modules; "
            "from yardsticks import correct; print(before, 'yardsticks.stats' in sys.modules, 'torch' in sys.modules)"
        )
        assert self.run(code) == "False True False"

    @pytest.mark.parametrize("name", yardsticks.__all__)
    def test_every_public_name_is_there(self, name):
        assert getattr(yardsticks, name).__name__ == name
        assert name in dir(yardsticks)

    def test_another_name_is_an_attribute_error(self):
        with pytest.raises(AttributeError, match="no_such_name"):
            _ = yardsticks.no_such_name
