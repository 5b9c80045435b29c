"""Objects, models and people of one's own: a folder is read as it is, and studied as the toy world is."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from yardsticks.recovery.data.judgements import read_triplets
from yardsticks.recovery.data.own import (
    describe_folder,
    list_own_models,
    open_own_features,
    open_own_people,
    write_example_folder,
)
from yardsticks.recovery.data.toy import make_world
from yardsticks.recovery.studies import inputs
from yardsticks.recovery.studies.experiment import SMOKE
from yardsticks.recovery.studies.inputs import freeze_inputs, toy_world
from yardsticks.recovery.studies.jobs import run_here

TOY = replace(SMOKE, models=SMOKE.models[:2], sizes=(50,), n_seeds=(1,), n_noise_free=100)


def own(folder, **changes):
    return replace(TOY, world="own", folder=str(folder), **changes)


@pytest.fixture
def example(tmp_path):
    """The toy world of `TOY`, in files as a user would write them."""
    world = toy_world(TOY)
    folder = tmp_path / "mine"
    (folder / "features").mkdir(parents=True)
    for name, values in world.models.items():
        np.save(folder / "features" / f"{name}.npy", values)
    np.savez(folder / "triplets.npz", triplet=world.people.objects, choice=world.people.odd)
    np.savez(folder / "repeated.npz", triplet=world.repeated.objects, choice=world.repeated.odd)
    return folder


def test_the_same_data_from_files_give_the_same_rows(example, tmp_path):
    toy, mine = freeze_inputs(TOY, tmp_path / "a"), freeze_inputs(own(example), tmp_path / "b")
    assert (toy.kind, mine.kind) == ("synthetic", "real")
    for name in ("people", "repeated", "seen"):
        np.testing.assert_array_equal(getattr(toy, name).objects, getattr(mine, name).objects)
    pd.testing.assert_frame_equal(run_here(TOY, tmp_path / "toy"), run_here(own(example), tmp_path / "own"))


def test_a_folder_that_moved_is_the_same_study_and_changed_data_are_refused(example, tmp_path):
    first = run_here(own(example), tmp_path / "study")
    moved = shutil.move(example, tmp_path / "elsewhere")
    pd.testing.assert_frame_equal(run_here(own(moved), tmp_path / "study"), first)
    np.save(moved / "features" / "toy-a1.npy", toy_world(TOY).models["toy-a1"] + np.float32(1))
    with pytest.raises(ValueError, match="began with other data"):
        run_here(own(moved), tmp_path / "study")


def test_a_model_that_cannot_be_used_is_said(example, tmp_path):
    np.save(example / "features" / "short.npy", toy_world(TOY).models["toy-a1"][:-1])
    asked = own(example, models=(*TOY.models, "short", "absent"))
    unusable = freeze_inputs(asked, tmp_path / "a").unusable
    assert unusable["short"] == "89 rows, and toy-a1 has 90."
    assert "There are: short, toy-a1, toy-a2." in unusable["absent"]


def test_an_object_without_features_takes_no_part(example, tmp_path):
    values = toy_world(TOY).models["toy-a1"].copy()
    values[5] = np.nan
    np.save(example / "features" / "toy-a1.npy", values)
    frozen = freeze_inputs(own(example), tmp_path / "a")
    assert 5 not in frozen.objects
    assert 5 not in frozen.people.objects
    assert describe_folder(example).set_index("file").at["features/toy-a1.npy", "n_missing"] == 1


def test_judgements_that_count_from_one_with_the_odd_one_first(example, tmp_path):
    world = toy_world(TOY)
    expected = freeze_inputs(own(example), tmp_path / "a")
    rows = [
        [row[odd], *(thing for place, thing in enumerate(row) if place != odd)]
        for row, odd in zip(world.people.objects.tolist(), world.people.odd.tolist(), strict=True)
    ]
    (example / "triplets.npz").unlink()
    np.savetxt(example / "triplets.txt", np.array(rows) + 1, fmt="%d")
    np.savez(example / "repeated.npz", triplet=world.repeated.objects + 1, choice=world.repeated.odd + 1)
    with pytest.raises(ValueError, match=r"triplets_base in the settings"):
        freeze_inputs(own(example), tmp_path / "b")
    found = freeze_inputs(own(example, triplets_base=1, triplets_odd="first"), tmp_path / "c")
    np.testing.assert_array_equal(found.people.ranks(), expected.people.ranks())
    np.testing.assert_array_equal(
        found.people.objects[np.arange(len(found.people)), found.people.odd],
        expected.people.objects[np.arange(len(found.people)), expected.people.odd],
    )
    np.testing.assert_array_equal(found.repeated.objects, expected.repeated.objects)
    np.testing.assert_array_equal(found.repeated.odd, expected.repeated.odd)
    asked = describe_folder(example, base=1, odd="first")
    assert asked["n_rows"].tolist()[-2:] == [len(world.people), len(world.repeated)]
    for options in ({"triplets_base": 2}, {"triplets_base": True}, {"triplets_odd": "middle"}):
        with pytest.raises(ValueError, match="must be"):
            own(example, **options)
    with pytest.raises(ValueError, match="are of the world 'own'"):
        replace(TOY, triplets_base=1)


def test_hidden_files_are_no_models(example, tmp_path):
    before = describe_folder(example)
    for name in ("features/._toy-a1.npy", "features/.hidden.pt", "._triplets.npz", "._repeated.npz"):
        (example / name).write_bytes(b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        ")
    assert list(list_own_models(example)) == ["toy-a1", "toy-a2"]
    pd.testing.assert_frame_equal(describe_folder(example), before)


def test_what_is_missing_is_named(example, tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no features"):
        list_own_models(tmp_path)
    (example / "repeated.npz").rename(example / "again.npz")
    with pytest.raises(FileNotFoundError, match=r"no files repeated\.\*, the judgements that tell how far"):
        open_own_people(example, 90)
    np.savetxt(example / "repeated.csv", [[0, 1, 90]], fmt="%d", delimiter=",")
    with pytest.raises(ValueError, match=r"repeated\.csv: row 1: "):
        open_own_people(example, 90)
    shutil.copy(example / "triplets.npz", example / "triplets.txt")
    with pytest.raises(FileNotFoundError, match=r"2 files triplets\.\*"):
        open_own_people(example, 90)
    with pytest.raises(ValueError, match="more than the 32,767"):
        open_own_people(example, 40_000)
    np.savez(example / "features" / "toy-a1.npz", np.ones((90, 2)))
    with pytest.raises(ValueError, match="of the same model"):
        list_own_models(example)


def test_the_example_is_read_back_as_it_was_made(tmp_path):
    files = write_example_folder(tmp_path, seed=4)
    assert [path.as_posix() for path in files] == [
        "features/my_net.npy",
        "features/other_net.npy",
        "repeated.npz",
        "triplets.csv",
    ]
    world = make_world(seed=4, n_objects=90, families={"my_net": "mine", "other_net": "other"})
    people, repeated = open_own_people(tmp_path, 90)
    assert len(people) == len(world.people)
    odd = np.take_along_axis(world.people.objects, world.people.odd[:, None], axis=1)
    np.testing.assert_array_equal(people.objects[:, 2:], odd)
    np.testing.assert_array_equal(people.ranks(), world.people.ranks())
    np.testing.assert_array_equal(repeated.odd, world.repeated.odd)
    np.testing.assert_array_equal(open_own_features(tmp_path, "my_net").values, world.models["my_net"])
    assert describe_folder(tmp_path)["n_rows"].tolist() == [90, 90, 4000, 2000]
    assert read_triplets(tmp_path / "triplets.csv", order="own", n_objects=90).odd.tolist() == [2] * 4000


def test_the_command_line_takes_it(example, tmp_path, run):
    settings = tmp_path / "mine.toml"
    settings.write_text(
        f'name = "mine"\nworld = "own"\nfolder = "{example}"\nmodels = ["toy-a1", "toy-a2"]\nsizes = [50]\n'
        "n_seeds = [1]\nstrengths = [1.0, 0.1, 0.01]\ncomponents = 8\nn_noise_free = 100\n"
    )
    code, out, _ = run("recovery", "run-job", settings, "--index", 1, "--out", tmp_path / "study")
    assert code == 0
    assert "toy-a2" in out
    assert inputs.open_inputs(tmp_path / "study/inputs").kind == "real"
