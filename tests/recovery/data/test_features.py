"""Features: files read without pickles and in a known order, what is missing, and the treatment's definition."""

import os
import pickle
import warnings

import numpy as np
import pytest

from yardsticks import datasets
from yardsticks.recovery.data.features import Features, list_features, open_features
from yardsticks.recovery.data.judgements import open_human_triplets
from yardsticks.recovery.data.things import DATA, open_concepts
from yardsticks.recovery.data.treatment import treat

needs_real_data = pytest.mark.skipif(
    any(datasets.find(name) is None for name in DATA), reason="the real data are not on this machine"
)
ORIGIN = datasets.Origin("x", "real", "00")


class Trap:
    """An object whose unpickling runs code."""

    def __reduce__(self):
        return os.mkdir, ("trapped",)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def empty(here, monkeypatch):
    """A machine without any data."""
    monkeypatch.delenv("YARDSTICKS_DATA", raising=False)
    monkeypatch.setenv("YARDSTICKS_CACHE", str(here / "cache"))


class TestFiles:
    def test_own_objects(self, here, rng):
        torch = pytest.importorskip("torch")
        values = rng.standard_normal((7, 3)).astype(np.float32)
        np.save("a.npy", values.astype(np.float64))
        np.savez("b.npz", features=values, layer="avgpool")
        torch.save(torch.tensor(values, requires_grad=True), "c.pt")
        torch.save(torch.tensor(values), "d.pth", _use_new_zipfile_serialization=False)
        for path in ("a.npy", "b.npz", here / "c.pt", "d.pth"):
            read = open_features(path, order="own")
            np.testing.assert_array_equal(read.values, values)
            assert read.values.dtype == np.float32
            assert read.present.all()
            assert (read.name, read.origin.kind) == (os.path.splitext(os.path.basename(path))[0], "real")
        for dtype in (torch.float16, torch.bfloat16, torch.int32):
            torch.save(torch.tensor(values).to(dtype), "e.pt")
            expected = torch.tensor(values).to(dtype).to(torch.float32).numpy()
            np.testing.assert_array_equal(open_features("e.pt", order="own").values, expected)

    def test_tensors_that_are_no_plain_numbers_are_refused(self, here):
        torch = pytest.importorskip("torch")
        dense = torch.eye(4)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch calls some of these kinds a beta or outdated
            kinds = {
                "nested or sparse": [dense.to_sparse(), dense.to_sparse_csr(), dense.to_sparse_csc()],
                "meta": [dense.to("meta")],
                "torch.bool": [dense.bool()],
                "torch.complex64": [dense * 1j],
            }
            for said, tensors in kinds.items():
                for tensor in tensors:
                    torch.save(tensor, "x.pt")
                    with pytest.raises(ValueError, match=rf"x\.pt: a .*{said}"):
                        open_features("x.pt", order="own")
        for array in (np.eye(4) == 1, np.eye(4) * 1j):
            np.save("x.npy", array)
            with pytest.raises(ValueError, match=r"x\.npy: an array of (bool|complex128)"):
                open_features("x.npy", order="own")

    def test_an_order_must_be_said(self, here):
        np.save("a.npy", np.ones((1854, 2)))
        with pytest.raises(ValueError, match=r"a\.npy: numbers do not tell"):
            open_features("a.npy")
        assert open_features("a.npy", order="things").values.shape == (1854, 2)
        np.save("b.npy", np.ones((1853, 2)))
        with pytest.raises(ValueError, match=r"b\.npy: there are 1,853 rows.*1,854 concepts.*NaN"):
            open_features("b.npy", order="things")

    @needs_real_data
    def test_rows_come_into_things_order(self, here):
        concepts = open_concepts()[0]
        number = np.arange(1854.0)[:, None]
        images = sorted(concepts["reference_image"])
        in_things = {image: i for i, image in enumerate(concepts["reference_image"])}
        by_image = np.array([[in_things[image]] for image in images])
        np.save("a.npy", by_image)
        np.testing.assert_array_equal(open_features("a.npy", order="sorted").values, number)
        np.testing.assert_array_equal(open_features("a.npy", names=images).values, number)
        np.savez("b.npz", features=by_image, names=images)
        np.testing.assert_array_equal(open_features("b.npz").values, number)
        assert (open_features("a.npy", order="things").values != number).sum() == 21
        with pytest.raises(ValueError, match=r"b\.npz: the rows have names.*leave one"):
            open_features("b.npz", order="things")
        with pytest.raises(ValueError, match=r"a\.npy: nothing\.jpg is no concept"):
            open_features("a.npy", names=["nothing.jpg", *images[1:]])

    def test_what_is_missing_is_said(self, here):
        np.save("a.npy", [[1, 2], [np.nan, np.nan], [3, 4]])
        read = open_features("a.npy", order="own")
        assert read.present.tolist() == [True, False, True]

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ([[1, 2], [np.nan, 4]], r"row 1 \(from 0\), column 0: nan"),
            ([[1, np.inf], [3, 4]], r"row 0 \(from 0\), column 1: inf"),
            ([[1, 1e39], [3, 4]], r"row 0 \(from 0\), column 1: inf"),
            ([[np.nan, np.nan]], "no object has features"),
            (np.empty((3, 0)), "no object has features"),
            ([1, 2, 3], r"shape \(3,\)"),
            (np.ones((2, 3, 1)), r"shape \(2, 3, 1\)"),
            ([[1j, 2]], "complex128"),
            ([["a", "b"]], "an array of <U1"),
        ],
    )
    def test_what_are_no_features_is_refused(self, here, values, message):
        np.save("a.npy", values)
        with pytest.raises(ValueError, match=rf"a\.npy: .*{message}"):
            open_features("a.npy", order="own")

    def test_pickles_are_refused_and_not_run(self, here):
        torch = pytest.importorskip("torch")
        np.save("a.npy", np.array([[Trap()]]), allow_pickle=True)
        np.savez("b.npz", x=np.array([[Trap()]]))
        torch.save(Trap(), "c.pt")
        (here / "d.pkl").write_bytes(pickle.dumps(Trap()))
        torch.save({"layer": torch.ones(2, 2)}, "e.pt")
        torch.save(torch.nn.Linear(2, 2), "f.pt")
        (here / "g.pt").write_bytes(b"")
        (here / "h.npz").write_bytes(b"PK\x03\x04 cut off")
        (here / "i.csv").write_text("1,2\n3,4\n")
        reasons = {
            "a.npy": "plain array",
            "b.npz": "pickled objects",
            "c.pt": "without running code",
            "d.pkl": "without running code",
            "e.pt": "holds a dict, not a tensor",
            "f.pt": "without running code",
            "g.pt": "without running code",
            "h.npz": "damaged",
            "i.csv": "without running code",
        }
        for name, reason in reasons.items():
            with pytest.raises(ValueError, match=f"{name}: .*{reason}"):
                open_features(name, order="own")
        assert not (here / "trapped").exists()
        pickle.loads((here / "d.pkl").read_bytes())  # the trap works
        assert (here / "trapped").exists()

    def test_an_archive_holds_one_table(self, here):
        np.savez("a.npz", x=np.ones((2, 2)), y=np.ones((2, 3)))
        np.savez("b.npz", x=np.ones(3))
        for name, message in {"a.npz": "there are 2 in x, y", "b.npz": "there are 0 in x"}.items():
            with pytest.raises(ValueError, match=f"{name}: .*{message}"):
                open_features(name, order="own")

    def test_a_name_or_a_file(self, here):
        with pytest.raises(FileNotFoundError, match=r"'resnet50'.*clip_vit_b32, "):
            open_features("resnet50")
        with pytest.raises(ValueError, match="leave out order and names"):
            open_features("clip_vit_b32", order="things")

    def test_content_is_checked_wherever_it_comes_from(self):
        values = np.ones((3, 2), np.float32)
        with pytest.raises(ValueError, match="fit together"):
            Features(values, np.ones(2, bool), "x", "X", ORIGIN)
        with pytest.raises(ValueError, match="row 1 "):
            Features(values, np.array([True, False, True]), "x", "X", ORIGIN)

    def test_is_an_array_to_numpy(self):
        values = np.array([[1, 2], [np.nan, np.nan]], np.float32)
        features = Features(values, np.array([True, False]), "x", "X", ORIGIN)
        assert np.asarray(features) is values
        assert np.asarray(features, float).dtype == float
        copied = np.array(features)
        copied[:] = 0
        np.testing.assert_array_equal(features, values)


class TestCatalogue:
    def test_is_complete(self):
        models = datasets.catalogue("features").set_index("model")
        assert models.index.is_unique
        assert models["label"].is_unique
        assert models.drop(columns=["n_params", "missing"]).notna().all(axis=None)
        assert set(models["objective"]) == {"supervised", "image-text", "hand-made", "text"}
        assert (models["n_params"].dropna() > 0).all()
        assert set(models["missing"].dropna()) == {"yo-yo"}

    @needs_real_data
    def test_agrees_with_the_files(self):
        models, origin = list_features()
        assert origin.kind == "real"
        yoyo = open_concepts()[0].index.get_loc("yo-yo")
        without = 0
        for name, model in models.iterrows():
            features = open_features(name)
            assert features.values.shape == (1854, model["n_features"])
            assert features.values.dtype == np.float32
            assert (features.name, features.label, features.origin.kind) == (name, model["label"], "real")
            missing = np.flatnonzero(~features.present).tolist()
            assert missing == ([yoyo] if model["missing"] == "yo-yo" else [])
            without += bool(missing)
        assert (len(models), without) == (21, 16)
        folder = datasets.find("things-features")
        assert {path.stem for path in folder.glob("*.npy")} == set(models.index)

    @needs_real_data
    def test_rows_are_those_of_the_judgements(self):
        # the zero-shot cosine accuracy of CLIP as the files' description gives it; in another order it would be lower
        features = open_features("clip_vit_b32").values.astype(np.float64)
        features /= np.linalg.norm(features, axis=1, keepdims=True)
        triplets = open_human_triplets("random50k")[0]
        i, j, k = features[triplets.objects.T]
        right = np.stack([(j * k).sum(1), (i * k).sum(1), (i * j).sum(1)]).argmax(axis=0) == triplets.odd
        assert right.mean() == pytest.approx(0.486, abs=0.0005)

    def test_toy_models_stand_in(self, empty):
        with pytest.warns(datasets.SyntheticDataWarning, match="things-features") as caught:
            models, origin = list_features()
        assert [warning.filename for warning in caught] == [__file__]
        assert origin.kind == "synthetic"
        assert models["label"].str.startswith("Toy model").all()
        assert models["label"].is_unique
        for name in ("clip_vit_b32", "pixels"):
            with pytest.warns(datasets.SyntheticDataWarning) as caught:
                features = open_features(name)
            assert [warning.filename for warning in caught] == [__file__]
            assert (features.origin.kind, features.label) == ("synthetic", models.at[name, "label"])
            assert "Toy world" in features.origin.title
            assert features.values.shape[1] == models.at[name, "n_features"]
            with pytest.warns(datasets.SyntheticDataWarning):
                names = open_concepts()[0].index
            assert ", ".join(names[~features.present]) == models.at[name, "missing"]
            assert treat(features).shape == (len(names), 64)  # the default must be possible


class TestTreat:
    @pytest.fixture
    def x(self, rng):
        return rng.standard_normal((30, 12)) @ rng.standard_normal((12, 12)) + 3 * rng.standard_normal(12)

    @pytest.mark.parametrize("shape", [(30, 12), (12, 30), (12, 12)])
    @pytest.mark.parametrize("centre", [False, True])
    def test_components_are_singular_vectors(self, rng, shape, centre):
        x = rng.standard_normal(shape) + 2 * rng.standard_normal(shape[1])
        treated = treat(x, components=5, centre=centre, scale="raw")
        left, values, _ = np.linalg.svd(x - x.mean(axis=0) if centre else x)
        expected = left[:, :5] * values[:5]
        expected *= np.sign(expected[np.abs(expected).argmax(axis=0), range(5)])
        np.testing.assert_allclose(treated, expected, rtol=1e-4, atol=1e-5)
        assert treated.dtype == np.float32

    def test_unit_root_mean_square(self, x):
        for options in ({"components": None}, {"components": 4}, {"components": 4, "centre": True, "constant": True}):
            treated = treat(x, **options).astype(np.float64)
            raw = treat(x, **options, scale="raw").astype(np.float64)
            assert np.mean(treated**2) == pytest.approx(1, abs=1e-6)
            np.testing.assert_allclose(treated, raw / np.sqrt(np.mean(raw**2)), rtol=1e-5)

    def test_all_components_keep_all_dot_products(self, x):
        treated = treat(x, components=12, scale="raw").astype(np.float64)
        np.testing.assert_allclose(treated @ treated.T, x @ x.T, atol=1e-3)

    def test_no_components_leave_the_features(self, x):
        np.testing.assert_array_equal(treat(x, components=None, scale="raw"), x.astype(np.float32))
        centred = treat(x, components=None, centre=True, scale="raw")
        np.testing.assert_allclose(centred, x - x.mean(axis=0), atol=1e-5)

    def test_the_constant_is_one_column_of_ones(self, x):
        raw = treat(x, components=3, centre=True, constant=True, scale="raw")
        assert raw.shape == (30, 4)
        assert (raw[:, 3] == 1).all()
        scaled = treat(x, components=3, centre=True, constant=True)
        assert np.ptp(scaled[:, 3]) == 0
        assert scaled[0, 3] == pytest.approx(1 / np.sqrt(np.mean(raw.astype(float) ** 2)), rel=1e-5)

    def test_rotating_or_reordering_features_changes_nothing(self, x, rng):
        rotation = np.linalg.qr(rng.standard_normal((12, 12)))[0]
        for other in (x @ rotation, x[:, rng.permutation(12)], -x, 1000 * x):
            np.testing.assert_allclose(treat(other, components=6), treat(x, components=6), atol=1e-5)

    def test_reordering_objects_reorders_rows(self, x, rng):
        order = rng.permutation(30)
        np.testing.assert_allclose(treat(x[order], components=6), treat(x, components=6)[order], atol=1e-4)

    def test_missing_objects_stay_missing_and_count_for_nothing(self, x):
        holes = np.insert(x, [0, 17], np.nan, axis=0)
        for options in ({}, {"centre": True, "constant": True}):
            treated = treat(holes, components=5, **options)
            assert np.isnan(treated[[0, 18]]).all()
            np.testing.assert_array_equal(np.delete(treated, [0, 18], axis=0), treat(x, components=5, **options))
        values = holes.astype(np.float32)
        features = Features(values, ~np.isnan(values).all(axis=1), "x", "X", ORIGIN)
        np.testing.assert_array_equal(treat(features, components=5), treat(values, components=5))

    @pytest.mark.parametrize(
        ("change", "options", "message"),
        [
            (lambda x: np.zeros_like(x), {"components": None}, "all features are zero"),
            (lambda x: np.full_like(x, np.nan), {"components": 1}, "no object has features"),
            (lambda x: np.where(x == x[2, 3], np.nan, x), {}, r"row 2 \(from 0\), column 3: nan"),
            (lambda x: np.where(x == x[2, 3], np.inf, x), {}, r"row 2 \(from 0\), column 3: inf"),
            (lambda x: x, {"components": 13}, "components=13.*30 objects with 12 features"),
            (lambda x: x[:4], {"components": 5}, "4 objects"),
            (lambda x: x, {"components": 0}, "components=0"),
            (lambda x: x[:, :3] @ np.ones((3, 12)), {"components": 2}, "only 1 independent"),
            (lambda x: x[:, :3] @ np.ones((3, 12)), {"components": 2, "centre": True}, "only 1 independent"),
            (lambda x: x - x.mean(axis=0), {"components": 30}, "30 objects with 12 features"),
            (lambda x: np.tile(x[0], (30, 1)), {"components": None, "centre": True}, "the same features"),
            (lambda x: x[0], {"components": None}, r"\(12,\)"),
            (lambda x: x.astype(str), {"components": None}, "must be numbers"),
            (lambda x: x, {"scale": "unit"}, "'unit' is none of unit_rms, raw"),
        ],
    )
    def test_what_cannot_be_treated_is_refused(self, x, change, options, message):
        with pytest.raises(ValueError, match=message):
            treat(change(x), **{"components": 5, **options})

    @needs_real_data
    def test_against_a_full_decomposition_of_real_features(self):
        features = open_features("mobilenet_v1_0.25_128")
        treated = treat(features).astype(np.float64)
        x = features.values[features.present].astype(np.float64)
        left, values, _ = np.linalg.svd(x, full_matrices=False)
        expected = left[:, :64] * values[:64]
        expected *= np.sign(expected[np.abs(expected).argmax(axis=0), range(64)])
        expected /= np.sqrt(np.mean(expected**2))
        np.testing.assert_allclose(treated[features.present], expected, atol=1e-4)
        assert np.isnan(treated[~features.present]).all()
