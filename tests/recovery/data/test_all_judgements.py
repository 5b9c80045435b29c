"""All judgements of THINGS-data: a table of that shape, its sets and ceilings, and who takes them where they are."""

import hashlib
import os
from dataclasses import replace
from math import comb
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from yardsticks import datasets
from yardsticks.recovery.data import all_judgements, judgements
from yardsticks.recovery.data.all_judgements import NAME, SETS, open_all_judgements, read_sets
from yardsticks.recovery.data.judgements import open_human_triplets, read_triplets
from yardsticks.recovery.people.ceiling import noise_ceiling
from yardsticks.recovery.prediction.measure import split_people
from yardsticks.recovery.studies.experiment import PAPER, THINGS_OPEN
from yardsticks.recovery.studies.simulation import say_exclusion

N = 1854


@pytest.fixture
def table(rng) -> pd.DataFrame:
    """A table with the columns of the real one: 600 ordinary judgements, and 30 triplets in each repeated set."""

    def draw(n):
        return np.array([rng.choice(N, 3, replace=False) + 1 for _ in range(n)])

    rows = [np.c_[draw(600), rng.integers(1, 4, 600), np.zeros(600, int)]]
    for value in (1, 2, 3):
        for triplet in draw(30):
            n = rng.integers(2, 9)
            shown = np.array([rng.permutation(triplet) for _ in range(n)])
            usual = rng.random(n) < 0.6
            odd = np.where(usual, (shown == triplet[0]).argmax(axis=1), rng.integers(0, 3, n)) + 1
            rows.append(np.c_[shown, odd, np.full(n, value)])
    rows = rng.permutation(np.concatenate(rows))
    frame = pd.DataFrame(rows, columns=["image1", "image2", "image3", "choice", "noise_ceiling"])
    frame.insert(4, "RT", rng.integers(300, 9000, len(frame)))
    frame["subject_id"] = [f"s{i}" for i in rng.integers(0, 50, len(frame))]
    frame[["HIT_nr", "trial_nr"]] = 7
    frame["age"] = np.where(rng.random(len(frame)) < 0.5, "31", "")
    frame[["gender", "dataset", "date", "time"]] = ["f", "d", "2020-01-01", "10:00"]
    return frame


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.delenv("YARDSTICKS_DATA", raising=False)
    monkeypatch.setenv("YARDSTICKS_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def here(table, cache, monkeypatch):
    """Put the table in its place, as the registered one."""
    entry = datasets.OTHER[NAME]
    path = cache / entry.path
    path.parent.mkdir(parents=True)
    table.to_csv(path, sep="\t", index=False)
    monkeypatch.setitem(entry.sha256, "test", hashlib.sha256(path.read_bytes()).hexdigest())
    return path


def leave_one_out(frame: pd.DataFrame) -> float:
    """The ceiling as the authors' code has it, response by response."""
    answers: dict[tuple, list[int]] = {}
    for row in frame.itertuples():
        shown = (row.image1, row.image2, row.image3)
        answers.setdefault(tuple(sorted(shown)), []).append(shown[row.choice - 1])
    means = []
    for given in answers.values():
        if len(given) < 2:
            continue
        hits = []
        for i, mine in enumerate(given):
            others = given[:i] + given[i + 1 :]
            counts = {answer: others.count(answer) for answer in set(others)}
            best = [answer for answer, n in counts.items() if n == max(counts.values())]
            hits.append((mine in best) / len(best))
        means.append(np.mean(hits))
    return float(np.mean(means))


def test_the_sets(here, table):
    sets, origin = open_all_judgements()
    assert (origin.kind, origin.name) == ("real", NAME)
    assert list(sets) == list(SETS)
    for name, value in SETS.items():
        rows = table[table["noise_ceiling"] == value]
        assert sets[name].objects.tolist() == (rows[["image1", "image2", "image3"]] - 1).to_numpy().tolist()
        assert sets[name].odd.tolist() == (rows["choice"] - 1).tolist()
        alone = read_triplets(here, order="things", part=value)
        assert np.array_equal(sets[name].objects, alone.objects)
        assert np.array_equal(sets[name].odd, alone.odd)


@pytest.mark.parametrize("name", ["test set 1", "test set 2", "test set 3"])
def test_the_ceiling_of_a_set_is_that_of_the_authors_code(here, table, name):
    found = noise_ceiling(open_all_judgements()[0][name], method="leave_one_out", seed=0, n_bootstrap=0)
    rows = table[table["noise_ceiling"] == SETS[name]]
    assert found.value == pytest.approx(leave_one_out(rows), abs=1e-12)
    assert (found.n_triplets, found.n_responses) == (30, len(rows))


def test_published_folds_leave_the_fractions_that_are_expected_of_them(here):
    """Fitted are triplets of which all three objects are of the 988, or all of the 248; tested are those of the 618."""
    people = open_all_judgements()[0]["ordinary"]
    assert len(people) == 600
    inputs = SimpleNamespace(people=people, objects=np.arange(N))
    for split in split_people(replace(THINGS_OPEN, people_folds="published"), inputs):
        for n, expected in (
            (len(split.both), (comb(988, 3) + comb(248, 3)) / comb(N, 3)),  # 15.4 %
            (len(split.test), comb(618, 3) / comb(N, 3)),  # 3.7 %
        ):
            assert binomtest(n, len(people), expected).pvalue > 1e-4


def test_missing_is_told_with_what_to_do(cache):
    assert not all_judgements.are_here()
    with pytest.raises(FileNotFoundError, match=r"yardsticks data pull things-triplets.*https://osf\.io/f5rn6"):
        open_all_judgements()


def test_a_study_says_where_triplets_that_people_judged_may_be_simulated(cache, monkeypatch):
    assert "`yardsticks data pull things-triplets` brings all" in say_exclusion(PAPER)
    for changes in ({"exclude": "none"}, {"world": "surrogate", "n_judgements": 100}):
        assert say_exclusion(replace(PAPER, **changes)) == ""
    monkeypatch.setattr(all_judgements, "find", lambda name: cache)
    assert say_exclusion(PAPER) == ""


def test_another_file_is_refused(here):
    here.write_text("anything")
    with pytest.raises(ValueError, match="is not the registered things-triplets"):
        open_all_judgements()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="choice"), "choice"),
        (lambda t: t.assign(choice=4), "read_triplets"),
        (lambda t: t.assign(image2=t["image1"]), "read_triplets"),
        (lambda t: t.assign(noise_ceiling=4), "noise_ceiling holds 4"),
        (lambda t: t.assign(image1=t["image1"].astype(object).where(t.index != 5, "x")), "read_triplets"),
        (lambda t: t.assign(image1=t["image1"].where(t.index != 5)), "read_triplets"),
    ],
)
def test_a_table_that_cannot_be_is_refused(table, tmp_path, change, message):
    change(table).to_csv(tmp_path / "table.csv", sep="\t", index=False)
    with pytest.raises(ValueError, match=rf"table\.csv: .*{message}"):
        read_sets(tmp_path / "table.csv")


class TestInTheirPlace:
    """Wherever the 376,082 are used, all are taken when they are there."""

    @pytest.fixture
    def small(self, cache, monkeypatch, rng):
        def draw(n):
            return np.array([rng.choice(N, 3, replace=False) for _ in range(n)])

        np.savez(cache / "human.npz", random50k=draw(20), extra=draw(30))
        np.savez(cache / "repeated.npz", triplet=draw(5), choice=np.zeros(5, int), worker=np.arange(5))
        origin = datasets.Origin("things-human", "real", "00", "the small files")
        monkeypatch.setattr(judgements, "locate_things", lambda name: (cache / "human.npz", origin))
        monkeypatch.setattr(judgements, "locate", lambda name: (cache / "repeated.npz", origin))
        return cache

    def test_without_them_the_small_files(self, small):
        triplets, origin = open_human_triplets()
        assert (len(triplets), origin.title) == (50, "the small files")

    def test_with_them_all(self, small, here, table):
        found = {part: open_human_triplets(part) for part in judgements.PARTS}
        n_ordinary = int((table["noise_ceiling"] == 0).sum())
        assert {part: len(triplets) for part, (triplets, _) in found.items()} == {
            "all": len(table),
            "random50k": n_ordinary,
            "extra": len(table) - n_ordinary,
        }
        assert all("all 4.70 million" in origin.title for _, origin in found.values())
        # as for the small files, the random ones come first
        assert np.array_equal(found["all"][0].objects[:n_ordinary], found["random50k"][0].objects)

    def test_what_is_fitted_holds_nothing_of_the_repeated(self, small, here, table):
        triplets, origin = open_human_triplets(without_repeated=True)
        ordinary = table[table["noise_ceiling"] == 0]
        assert np.array_equal(triplets.objects, ordinary[["image1", "image2", "image3"]].to_numpy() - 1)
        assert origin.notes["judgements of the repeated triplets"] == 0
        assert len(open_human_triplets("extra", without_repeated=True)[0]) == 0

    def test_runs_of_notebooks_know_of_them(self, here, table):
        state = datasets.fingerprint()[NAME]
        assert state == hashlib.sha256(here.read_bytes()).hexdigest()
        here.unlink()
        assert NAME not in datasets.fingerprint()

    def test_a_changed_table_is_read_anew(self, here, table, monkeypatch):
        before = len(open_all_judgements()[0]["ordinary"])
        table.iloc[:-100].to_csv(here, sep="\t", index=False)
        os.utime(here, ns=(1, 1))
        monkeypatch.setitem(datasets.OTHER[NAME].sha256, "test", hashlib.sha256(here.read_bytes()).hexdigest())
        assert len(open_all_judgements()[0]["ordinary"]) < before
