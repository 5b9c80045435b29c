"""What the jobs of a study read: frozen once, the same for ever, and only what may be used."""

import json
import tomllib
from dataclasses import replace

import numpy as np
import pytest

from yardsticks import datasets
from yardsticks.datasets import SyntheticDataWarning
from yardsticks.datasets.files import Damaged
from yardsticks.recovery.data import all_judgements
from yardsticks.recovery.data.own import write_example_folder
from yardsticks.recovery.data.things import DATA, N_THINGS
from yardsticks.recovery.data.toy import make_world
from yardsticks.recovery.data.treatment import treat
from yardsticks.recovery.studies import inputs, tables
from yardsticks.recovery.studies.experiment import SMOKE, THINGS_OPEN, from_settings
from yardsticks.recovery.studies.inputs import freeze_inputs, open_inputs
from yardsticks.recovery.triplets.triplets import Triplets

TOY = replace(SMOKE, models=SMOKE.models[:3])


@pytest.fixture(scope="module")
def world():
    return make_world(n_models=3, **inputs._TOY)


@pytest.fixture
def spoil(monkeypatch):
    """Change the toy world that is frozen."""
    make = inputs.make_world

    def use(change):
        def spoilt(**options):
            world = make(**options)
            change(world.models)
            return world

        monkeypatch.setattr(inputs, "make_world", spoilt)

    return use


def assert_same(one, other):
    assert (one.hash, one.kind, one.unusable) == (other.hash, other.kind, other.unusable)
    assert list(one.features) == list(other.features)
    for name, values in one.features.items():
        np.testing.assert_array_equal(values, other.features[name])
    np.testing.assert_array_equal(one.objects, other.objects)
    for name in ("people", "repeated", "seen"):
        np.testing.assert_array_equal(getattr(one, name).objects, getattr(other, name).objects)
        np.testing.assert_array_equal(getattr(one, name).odd, getattr(other, name).odd)


def test_frozen_twice_is_the_same(tmp_path):
    first = freeze_inputs(TOY, tmp_path / "a")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "a").iterdir()}
    assert_same(freeze_inputs(TOY, tmp_path / "a"), first)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "a").iterdir()} == times
    assert_same(freeze_inputs(TOY, tmp_path / "b"), first)
    assert_same(open_inputs(tmp_path / "b"), first)


def test_features_are_treated_and_mapped(tmp_path, world):
    frozen = freeze_inputs(TOY, tmp_path)
    assert tuple(frozen.features) == TOY.models
    for model, values in frozen.features.items():
        np.testing.assert_array_equal(values, treat(world.models[model], components=8))
        assert values.dtype == np.float32
        assert isinstance(values, np.memmap)
        assert not values.flags.writeable
    assert frozen.kind == "synthetic"
    assert frozen.unusable == {}
    assert frozen.objects.tolist() == list(range(90))


@pytest.mark.parametrize(
    "changes", [{"components": 9}, {"centre": True}, {"constant": True}, {"scale": "raw"}, {"models": SMOKE.models[:2]}]
)
def test_other_treatment_is_other_data(tmp_path, changes):
    before = freeze_inputs(TOY, tmp_path / "a")
    assert freeze_inputs(replace(TOY, **changes), tmp_path / "b").hash != before.hash
    with pytest.raises(ValueError, match=r"inputs\.json: the run here began with other data"):
        freeze_inputs(replace(TOY, **changes), tmp_path / "a")
    assert_same(open_inputs(tmp_path / "a"), before)


def test_settings_of_the_fit_are_no_matter(tmp_path):
    before = freeze_inputs(TOY, tmp_path / "a")
    other = replace(TOY, sizes=(20,), n_seeds=(1,), solver="published", strengths=(1.0,), sampler="published")
    assert_same(freeze_inputs(other, tmp_path / "a"), before)


@pytest.mark.parametrize("present", [(), ("toy-a1.npy",), ("toy-a1.npy", "toy-b1.npy", "_people.npy")])
def test_interrupted_write_is_done_again(tmp_path, present):
    before = freeze_inputs(TOY, tmp_path / "a")
    (tmp_path / "b").mkdir()
    for name in present:
        (tmp_path / "b" / name).write_bytes(b"of an earlier attempt")
    assert_same(freeze_inputs(TOY, tmp_path / "b"), before)
    assert not list((tmp_path / "b").glob("*.partial"))


def test_manifest_is_written_last(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="No space left"):
        freeze_inputs(TOY, tmp_path / "a")
    assert not (tmp_path / "a" / "inputs.json").exists()
    monkeypatch.undo()
    assert_same(freeze_inputs(TOY, tmp_path / "a"), freeze_inputs(TOY, tmp_path / "b"))


def test_people_never_contain_repeated_triplets(tmp_path, world):
    frozen = freeze_inputs(TOY, tmp_path)
    repeated = {tuple(sorted(row)) for row in world.repeated.objects.tolist()}
    kept = [
        (tuple(row), odd)
        for row, odd in zip(world.people.objects.tolist(), world.people.odd.tolist(), strict=True)
        if tuple(sorted(row)) not in repeated
    ]
    assert list(zip(map(tuple, frozen.people.objects.tolist()), frozen.people.odd.tolist(), strict=True)) == kept
    np.testing.assert_array_equal(frozen.repeated.objects, world.repeated.objects)
    np.testing.assert_array_equal(frozen.repeated.odd, world.repeated.odd)


def test_repeated_triplets_are_left_out_where_people_judged_them(tmp_path, monkeypatch):
    make = inputs.make_world

    def crossed(**options):
        made = make(**options)
        both = replace(made.people, objects=made.people.objects.copy())
        both.objects[:40] = made.repeated.objects[::20][:40, ::-1]  # in another order
        return replace(made, people=both)

    monkeypatch.setattr(inputs, "make_world", crossed)
    frozen = freeze_inputs(TOY, tmp_path)
    assert not set(frozen.people.ranks()) & set(frozen.repeated.ranks())
    assert len(frozen.people) <= 3000 - 40
    assert len(frozen.seen) == 3000 + len(frozen.repeated)


def test_seen_is_all_that_anybody_judged(tmp_path, world):
    seen = freeze_inputs(TOY, tmp_path).seen
    assert set(seen.ranks()) == set(world.people.ranks()) | set(world.repeated.ranks())


def test_unusable_model_is_recorded(tmp_path, spoil):
    whole = freeze_inputs(TOY, tmp_path / "whole")

    def hole(models):
        models["toy-a2"][3, 4] = np.nan

    spoil(hole)
    frozen = freeze_inputs(TOY, tmp_path / "a")
    assert tuple(frozen.features) == ("toy-a1", "toy-b1")
    assert set(frozen.unusable) == {"toy-a2"}
    assert "row 3 (from 0), column 4" in frozen.unusable["toy-a2"]
    assert open_inputs(tmp_path / "a").unusable == frozen.unusable
    assert frozen.treated != whole.treated
    np.testing.assert_array_equal(frozen.features["toy-b1"], whole.features["toy-b1"])


def test_model_that_there_is_none_of_is_recorded(tmp_path):
    frozen = freeze_inputs(replace(TOY, models=("toy-a1", "toy-a2", "toy-z9")), tmp_path)
    assert set(frozen.unusable) == {"toy-z9"}
    assert frozen.unusable["toy-z9"] == "there is no toy model toy-z9; there are toy-a1, toy-a2, toy-b1."


def test_a_toy_model_has_a_pseudo_twin_too(tmp_path):
    frozen = freeze_inputs(replace(TOY, models=("toy-a1", "toy-a2", "toy-a1~half"), components=None), tmp_path)
    assert not frozen.unusable
    whole, half = frozen.features["toy-a1"], frozen.features["toy-a1~half"]
    assert half.shape == (len(whole), whole.shape[1] // 2)
    for column in half.T:  # each is one of the whole, but for the common scale
        cosines = column @ whole / (np.linalg.norm(column) * np.linalg.norm(whole, axis=0))
        assert cosines.max() == pytest.approx(1, abs=1e-5)
    frozen = freeze_inputs(replace(TOY, models=("toy-a1", "toy-a2", "toy-a1~third")), tmp_path / "third")
    assert "behind ~ there can only be 'half'" in frozen.unusable["toy-a1~third"]


def test_one_usable_model_is_too_few(tmp_path, spoil):
    def zero(models):
        models["toy-a2"][:] = 0
        models["toy-b1"][0, 0] = np.inf

    spoil(zero)
    with pytest.raises(ValueError, match=r"fewer than two models.*toy-a2: all features are zero.*toy-b1: row 0"):
        freeze_inputs(TOY, tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_objects_that_a_model_misses_are_left_out(tmp_path, spoil):
    def miss(models):
        models["toy-a2"][5] = np.nan
        models["toy-b1"][[5, 70]] = np.nan

    spoil(miss)
    frozen = freeze_inputs(TOY, tmp_path)
    assert frozen.unusable == {}
    assert frozen.objects.tolist() == [number for number in range(90) if number not in (5, 70)]
    assert not np.isin(frozen.people.objects, [5, 70]).any()
    assert not np.isin(frozen.repeated.objects, [5, 70]).any()
    assert np.isin(frozen.seen.objects, [5, 70]).any()
    assert np.flatnonzero(np.isnan(frozen.features["toy-a2"]).all(axis=1)).tolist() == [5]
    assert 0 < len(frozen.repeated) < 2000


def test_study_of_things_needs_things(tmp_path, monkeypatch):
    monkeypatch.delenv("YARDSTICKS_DATA", raising=False)
    monkeypatch.setenv("YARDSTICKS_CACHE", str(tmp_path / "cache"))
    with (
        pytest.warns(SyntheticDataWarning),
        pytest.raises(FileNotFoundError, match=r"things-open is a study of THINGS.*YARDSTICKS_DATA.*`smoke`"),
    ):
        freeze_inputs(THINGS_OPEN, tmp_path / "inputs")
    assert not (tmp_path / "inputs").exists()


def test_manifest_says_what_there_is(tmp_path):
    frozen = freeze_inputs(TOY, tmp_path)
    manifest = json.loads((tmp_path / "inputs.json").read_text())
    assert manifest["hash"] == frozen.hash
    assert manifest["kind"] == "synthetic"
    assert {f"{name}.npy" for name in manifest["files"]} | {"inputs.json"} == {path.name for path in tmp_path.iterdir()}


def test_no_flipped_bit_is_overlooked(tmp_path, rng):
    """One alone gave other rows in the finished table, and no job failed."""
    frozen = freeze_inputs(TOY, tmp_path)
    paths = sorted(tmp_path.iterdir())
    refused = 0
    for path in paths:
        content = path.read_bytes()
        for place in rng.integers(len(content), size=24):
            harmed = bytearray(content)
            harmed[place] ^= 1 << rng.integers(8)
            path.write_bytes(harmed)
            try:
                assert_same(open_inputs(tmp_path), frozen)
            except Damaged as damage:
                refused += 1
                text = str(damage)
                assert text.startswith(str(path)) or path.name == "inputs.json"
                assert "Delete the folder inputs" in text
                assert "\n" not in text
        path.write_bytes(content)
    assert refused > 0.8 * 24 * len(paths)  # others are white space in a header


def test_another_models_features_are_no_matter_of_names(tmp_path):
    freeze_inputs(TOY, tmp_path)
    (tmp_path / "toy-a1.npy").write_bytes((tmp_path / "toy-a2.npy").read_bytes())
    with pytest.raises(Damaged, match=r"toy-a1\.npy is not what was frozen"):
        open_inputs(tmp_path)


@pytest.fixture
def earlier(tmp_path):
    """A folder as earlier versions wrote it: named after its arrays, and without a hash of what is said of it."""
    frozen = freeze_inputs(TOY, tmp_path)
    path = tmp_path / "inputs.json"
    said = json.loads(path.read_text())
    about = {"hash": said["treated"], "kind": said["kind"], "unusable": said["unusable"]}
    path.write_text(json.dumps(about | {"arrays": sorted(said["files"])}))
    return frozen


def test_folder_of_an_earlier_version_is_checked_as_well(tmp_path, earlier, monkeypatch):
    named = replace(earlier, hash=earlier.treated)
    assert_same(open_inputs(tmp_path), named)
    assert_same(freeze_inputs(TOY, tmp_path), named)
    monkeypatch.setattr(inputs, "treat", next_float(treat))
    with pytest.raises(ValueError, match=r"inputs\.json: the run here began with other data"):
        freeze_inputs(TOY, tmp_path)
    content = bytearray((tmp_path / "toy-a1.npy").read_bytes())
    content[-1] ^= 1
    (tmp_path / "toy-a1.npy").write_bytes(content)
    with pytest.raises(Damaged, match=r"inputs\.json is not what was frozen"):
        open_inputs(tmp_path)


def next_float(treat):
    """A treatment as another machine's linear algebra has it: the last bit of one value is another one."""

    def other(*arguments, **options):
        values = treat(*arguments, **options)
        values[0, 0] = np.nextafter(values[0, 0], np.float32(9))
        return values

    return other


@pytest.fixture
def own(tmp_path):
    """A study of a folder of one's own."""
    write_example_folder(tmp_path / "own", seed=4)
    return replace(TOY, world="own", folder=str(tmp_path / "own"), models=("my_net", "other_net"))


@pytest.mark.parametrize("world", ["toy", "own"])
def test_last_bits_of_the_treatment_are_no_matter(tmp_path, request, monkeypatch, world):
    asked = TOY if world == "toy" else request.getfixturevalue("own")
    before = freeze_inputs(asked, tmp_path / "a")
    monkeypatch.setattr(inputs, "treat", next_float(treat))
    assert_same(freeze_inputs(asked, tmp_path / "a"), before)
    other = freeze_inputs(asked, tmp_path / "b")
    assert other.hash == before.hash
    assert other.treated != before.treated


@pytest.mark.parametrize("changed", ["features", "triplets", "repeated", "toy", "n_judgements"])
def test_other_sources_are_other_data(tmp_path, own, monkeypatch, changed):
    asked = TOY if changed == "toy" else own
    before, folder = freeze_inputs(asked, tmp_path / "a"), tmp_path / "own"
    if changed == "features":
        values = np.load(folder / "features/my_net.npy")
        values[3, 4] = np.nextafter(values[3, 4], np.float32(9))
        np.save(folder / "features/my_net.npy", values)
    elif changed == "triplets":
        first, *rest = (folder / "triplets.csv").read_text().splitlines()
        (folder / "triplets.csv").write_text("\n".join([",".join(first.split(",")[::-1]), *rest]))
    elif changed == "repeated":
        judged = dict(np.load(folder / "repeated.npz"))
        np.savez(folder / "repeated.npz", triplet=judged["triplet"][1:], choice=judged["choice"][1:])
    elif changed == "toy":
        monkeypatch.setitem(inputs._TOY, "n_judgements", 2999)
    else:
        asked = replace(own, n_judgements=1000)
    assert freeze_inputs(asked, tmp_path / "b").hash != before.hash
    with pytest.raises(ValueError, match=r"inputs\.json: the run here began with other data"):
        freeze_inputs(asked, tmp_path / "a")


def test_some_of_the_judgements_are_drawn_from_all(tmp_path):
    every = freeze_inputs(TOY, tmp_path / "all").people
    some = freeze_inputs(replace(TOY, n_judgements=100), tmp_path / "some").people
    rows = {(*triplet, odd) for triplet, odd in zip(every.objects.tolist(), every.odd.tolist(), strict=True)}
    drawn = [(*triplet, odd) for triplet, odd in zip(some.objects.tolist(), some.odd.tolist(), strict=True)]
    assert len(drawn) == 100
    assert set(drawn) <= rows
    with pytest.raises(ValueError, match=f"n_judgements=9,999: there are {len(every):,}"):
        freeze_inputs(replace(TOY, n_judgements=9999), tmp_path / "more")


def test_a_pseudo_twin_is_half_of_a_model_s_features(tmp_path):
    write_example_folder(tmp_path / "mine", seed=0)
    name = "my_net"
    own = replace(THINGS_OPEN, world="own", folder=str(tmp_path / "mine"))
    whole, half, again = (inputs.open_unreduced(own, model).values for model in (name, f"{name}~half", f"{name}~half"))
    np.testing.assert_array_equal(half, again)
    assert half.shape == (len(whole), whole.shape[1] // 2)
    places = [np.flatnonzero((whole == column[:, None]).all(axis=0)).tolist() for column in half.T]
    assert places == sorted(places)  # each is one of the model's, in their order
    assert len({tuple(place) for place in places}) == half.shape[1]
    with pytest.raises(ValueError, match=f"'{name}~third': behind ~ there can only be 'half'"):
        inputs.open_unreduced(own, f"{name}~third")


def first_triplet(n):
    """The same answer many times."""
    return Triplets(np.tile([0, 1, 2], (n, 1)), np.zeros(n, dtype=int), N_THINGS)


@pytest.mark.skipif(any(datasets.find(name) is None for name in DATA), reason="the real data are not on this machine")
def test_stored_tables_are_of_the_data_that_would_be_frozen_now(monkeypatch):
    """Whatever the linear algebra: so that each can be gone on from."""
    monkeypatch.setattr(all_judgements, "are_here", lambda: False)
    # what takes long and does not count
    monkeypatch.setattr(inputs, "treat", lambda values, **_: np.zeros((len(values), 2), dtype=np.float32))
    monkeypatch.setattr(inputs, "surrogate_people", lambda n, *_: first_triplet(n))
    known = tomllib.loads((tables.FOLDER / "inputs.toml").read_text())
    names, used = {}, set()
    for path in sorted(tables.FOLDER.glob("things_*.parquet")):
        about = tables.read_table(path)[1]
        settings = about["experiment"]
        made_by = json.dumps([settings[name] for name in inputs._MADE_BY])
        names[made_by] = names.get(made_by) or inputs._gather(from_settings(settings)).hash
        if about["inputs"] != names[made_by]:  # as an earlier version named it
            assert about["inputs"] in known[names[made_by]], path.name
            used.add(about["inputs"])
    assert used == {name for earlier in known.values() for name in earlier}
