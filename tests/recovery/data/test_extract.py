"""Features from images: what a network is shown, what of a layer is kept, in which rows, and what a kill leaves."""

import errno
import importlib
import json
import shutil
import struct
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from yardsticks.datasets.files import DiskFull  # noqa: E402
from yardsticks.recovery.data import extract as module_under_test  # noqa: E402
from yardsticks.recovery.data.extract import extract_features, load_model, prepare, read_image  # noqa: E402
from yardsticks.recovery.data.features import open_features  # noqa: E402

SIZE = 6  # of the small images here


class Net(torch.nn.Module):
    """Maps, tokens and a vector, a hook for each; batch statistics and dropout, which evaluation mode turns off."""

    def __init__(self, seed=0):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.maps = torch.nn.Conv2d(3, 4, 3, bias=False)
        self.noise = torch.nn.Dropout(0.5)
        self.norm = torch.nn.BatchNorm2d(4)
        self.tokens = torch.nn.Identity()
        self.pair = Pair()
        self.unused = torch.nn.Identity()
        self.twice = torch.nn.Identity()
        self.total = Total()
        self.head = torch.nn.Linear(4, 5)
        for weights in self.parameters():
            torch.nn.init.normal_(weights, generator=generator)

    def forward(self, x):
        x = self.norm(self.noise(self.maps(x)))
        tokens = self.tokens(x.flatten(2).transpose(1, 2))
        self.total(self.twice(self.twice(self.pair(x)[0])))
        return self.head(tokens.mean(1))


class Pair(torch.nn.Module):
    def forward(self, x):
        return x, x


class Total(torch.nn.Module):
    def forward(self, x):
        return x.sum(dim=(1, 2, 3))


def transform(image):
    return torch.from_numpy(np.asarray(image, dtype=np.float32).transpose(2, 0, 1) / 255)


@pytest.fixture
def pixels(rng):
    """Pixels of eleven images by file name, and not in the order of the names."""
    names = [f"{letter}{n}.png" for n in (2, 1) for letter in "zayxw"] + ["B.png"]
    return {name: rng.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8) for name in names}


@pytest.fixture
def images(pixels, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for name, values in pixels.items():
        Image.fromarray(values).save(folder / name)
    (folder / "notes.txt").write_text("no image")
    (folder / ".hidden.png").write_text("no image")
    return folder


@pytest.fixture
def concepts():
    """Concepts in an order that is neither that of the names nor of the reference images."""
    ids = ["z1", "a2", "B", "y1", "x1", "w2", "a1", "y2", "gone", "x2", "z2", "w1", "lost"]
    references = [f"{name}_01b.jpg" for name in ids]
    frame = {"reference_image": references, "sorted_index": np.argsort(np.argsort(references))}
    return pd.DataFrame(frame, index=pd.Index(ids, name="unique_id"))


def by_hand(pixels, layer):
    """The output of a layer for the images sorted by name, one at a time, without hooks."""
    net = Net().eval()
    rows = []
    with torch.no_grad():
        for name in sorted(pixels):
            x = torch.from_numpy(pixels[name].astype(np.float32).transpose(2, 0, 1) / 255)[None]
            maps = net.norm(net.maps(x))
            rows.append({"norm": maps, "head": net.head(maps.mean(dim=(2, 3)))}[layer][0].numpy())
    return np.stack(rows)


def extract(images, layer, **options):
    out = images.parent / "features.npy"
    found = extract_features(images, Net(), layer, out, **{"order": "own", "transform": transform} | options)
    assert found.left_out == ["notes.txt"]
    return np.load(out), found.missing


class TestOutputs:
    def test_vector(self, images, pixels):
        values, missing = extract(images, "head")
        assert values.dtype == np.float32
        assert missing == []
        np.testing.assert_allclose(values, by_hand(pixels, "head"), rtol=1e-4, atol=1e-5)

    def test_maps(self, images, pixels):
        maps = by_hand(pixels, "norm")  # (11, 4, 4, 4)
        np.testing.assert_allclose(extract(images, "norm")[0], maps.mean(axis=(2, 3)), rtol=1e-4, atol=1e-5)
        flat = extract(images, "norm", pool="flatten")[0]
        np.testing.assert_allclose(flat, maps.reshape(11, -1), rtol=1e-4, atol=1e-5)

    def test_tokens(self, images, pixels):
        tokens = by_hand(pixels, "norm").reshape(11, 4, -1).transpose(0, 2, 1)  # (11, 16 tokens, 4 channels)
        np.testing.assert_allclose(extract(images, "tokens")[0], tokens.mean(axis=1), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(extract(images, "tokens", pool="cls")[0], tokens[:, 0], rtol=1e-4, atol=1e-5)
        flat = extract(images, "tokens", pool="flatten")[0]
        np.testing.assert_allclose(flat, tokens.reshape(11, -1), rtol=1e-4, atol=1e-5)

    @pytest.mark.parametrize("batch_size", [1, 4, 11, 50])
    def test_batches_do_not_matter(self, images, pixels, batch_size):
        values, _ = extract(images, "head", batch_size=batch_size)
        np.testing.assert_allclose(values, by_hand(pixels, "head"), rtol=1e-4, atol=1e-5)

    @pytest.mark.parametrize(
        ("layer", "options", "message"),
        [
            (
                "heads",
                {},
                r"no layer 'heads'\. There are: maps, noise, norm, tokens, pair, unused, twice, total, head\.$",
            ),
            ("", {}, "there is no layer ''"),
            ("pair", {}, "the layer 'pair' returns a tuple"),
            ("unused", {}, "the layer 'unused' ran 0 times"),
            ("twice", {}, "the layer 'twice' ran 2 times"),
            ("total", {}, r"the layer 'total' returns the shape \(11,\) for 11 images"),
            ("head", {"pool": "cls"}, r"pool='cls' takes the first of several tokens, .* shape \(11, 5\)"),
            ("norm", {"pool": "cls"}, r"shape \(11, 4, 4, 4\)"),
            ("head", {"pool": "max"}, "pool='max' is none of mean, flatten, cls"),
            ("head", {"order": "sorted"}, "order='sorted' is none of things, own"),
            ("head", {"device": "tpu"}, "device='tpu' is none of cpu, cuda"),
            ("head", {"batch_size": 0}, "batch_size=0"),
            ("head", {"transform": lambda image: np.zeros(3)}, r"B\.png: the transform must return tensors"),
            ("head", {"transform": lambda image: torch.full((3, 3, 3), np.nan)}, r"B\.png: the output of head is not"),
        ],
    )
    def test_what_cannot_be_is_refused(self, images, layer, options, message):
        with pytest.raises(ValueError, match=message):
            extract(images, layer, **options)
        assert sorted(path.name for path in images.parent.iterdir()) == ["images"]

    def test_hook_is_removed_even_after_an_error(self, images):
        net = Net()
        with pytest.raises(ValueError, match="tuple"):
            extract_features(images, net, "pair", images.parent / "x.npy", order="own", transform=transform)
        assert not net.pair._forward_hooks

    @pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
    def test_no_gpu(self, images):
        with pytest.raises(ValueError, match="device='cuda', and torch finds no such GPU"):
            extract(images, "head", device="cuda")

    @pytest.mark.gpu
    @pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
    def test_gpu(self, images, pixels):
        values, _ = extract(images, "head", device="cuda")
        np.testing.assert_allclose(values, by_hand(pixels, "head"), rtol=1e-2, atol=1e-2)


class TestOrder:
    def test_things(self, images, pixels, concepts):
        values, missing = extract(images, "head", order="things", concepts=concepts, batch_size=3)
        assert missing == ["gone", "lost"]
        assert np.isnan(values[[8, 12]]).all()
        rows = dict(zip(sorted(pixels), by_hand(pixels, "head"), strict=True))
        for i, name in enumerate(concepts.index):
            if name not in missing:
                np.testing.assert_allclose(values[i], rows[f"{name}.png"], rtol=1e-4, atol=1e-5)

    def test_names_of_reference_images(self, images, concepts):
        expected, _ = extract(images, "head", order="things", concepts=concepts, batch_size=1)
        concepts.loc["z1", "reference_image"] = "other_name.png"
        (images / "z1.png").rename(images / "other_name.png")
        values, missing = extract(images, "head", order="things", concepts=concepts, batch_size=1)
        assert missing == ["gone", "lost"]
        np.testing.assert_array_equal(values, expected)

    def test_other_names_are_refused_before_anything_runs(self, images, concepts, monkeypatch):
        monkeypatch.setattr(module_under_test, "_read_batch", None)
        with pytest.raises(ValueError, match=r"images: w1 is no concept of THINGS\..*order='own'"):
            extract(images, "head", order="things", concepts=concepts.drop("w1"))

    def test_two_images_of_a_concept(self, images, concepts):
        concepts.loc["a1", "reference_image"] = "a2.png"
        with pytest.raises(ValueError, match=r"are both a1: keep one"):
            extract(images, "head", order="things", concepts=concepts)

    def test_what_is_written_opens_as_features(self, images, pixels):
        values, _ = extract(images, "norm", pool="flatten")
        opened = open_features(images.parent / "features.npy", order="own")
        np.testing.assert_array_equal(opened.values, values)
        assert opened.present.all()


class TestFiles:
    def test_images_that_cannot_be_read_are_named(self, images):
        (images / "broken.jpg").write_bytes(b"\xff\xd8\xff" + b"x" * 99)
        with pytest.raises(ValueError, match=r"broken\.jpg cannot be read as an image .*Replace or remove it"):
            extract(images, "head")
        whole = (images / "a1.png").read_bytes()
        (images / "broken.jpg").unlink()
        (images / "a1.png").write_bytes(whole[:60])
        with pytest.raises(ValueError, match=r"a1\.png cannot be read as an image"):
            extract(images, "head")

    def test_no_images(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"holds no image: no file ends in \.bmp, "):
            extract_features(tmp_path, Net(), "head", tmp_path / "x.npy", order="own")
        with pytest.raises(FileNotFoundError, match="nowhere is no folder"):
            extract_features(tmp_path / "nowhere", Net(), "head", tmp_path / "x.npy", order="own")

    def test_places_to_write(self, images, tmp_path):
        with pytest.raises(ValueError, match=r"x\.npz: an array is written; .*ends in \.npy"):
            extract_features(images, Net(), "head", tmp_path / "x.npz", order="own")
        with pytest.raises(FileNotFoundError, match="nowhere is no folder: make it before"):
            extract_features(images, Net(), "head", tmp_path / "nowhere" / "x.npy", order="own")

    def test_other_kinds_of_images_are_shown_in_colour(self, images, pixels):
        values = Image.fromarray(pixels["a1.png"])
        values.convert("L").save(images / "a1.png")
        grey = extract(images, "maps", pool="flatten")[0][sorted(pixels).index("a1.png")]
        luminance = np.asarray(values.convert("L"))
        net, coloured = Net(), np.repeat(luminance[None], 3, axis=0)
        with torch.no_grad():
            x = torch.from_numpy(coloured.astype(np.float32) / 255)[None]
            np.testing.assert_allclose(grey, net.maps(x).flatten().numpy(), rtol=1e-4, atol=1e-5)


# where the first row and the first column of the file are seen, by the EXIF standard
SEEN = {
    1: lambda x: x,
    2: lambda x: x[:, ::-1],
    3: lambda x: x[::-1, ::-1],
    4: lambda x: x[::-1],
    5: lambda x: x.swapaxes(0, 1),
    6: lambda x: x.swapaxes(0, 1)[:, ::-1],
    7: lambda x: x.swapaxes(0, 1)[::-1, ::-1],
    8: lambda x: x.swapaxes(0, 1)[::-1],
}


class TestReading:
    """Images as people see them: another way to write the same image gives the same pixels."""

    @pytest.fixture
    def grey(self, rng):
        return rng.integers(0, 256, (5, 7), dtype=np.uint8)

    @staticmethod
    def read(path):
        image = read_image(path)
        assert image.mode == "RGB"
        return np.asarray(image)

    def check_grey(self, path, grey):
        np.testing.assert_array_equal(self.read(path), np.repeat(grey[..., None], 3, axis=2))

    @pytest.mark.parametrize("name", ["x.png", "x.tiff"])
    def test_grey_of_16_bits(self, tmp_path, grey, name):
        Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / name)
        self.check_grey(tmp_path / name, grey)
        dark = np.full((2, 2), 300, dtype=np.uint16)  # white if it were taken for 8 bits
        Image.fromarray(dark).save(tmp_path / name)
        self.check_grey(tmp_path / name, np.full((2, 2), 1, dtype=np.uint8))

    @pytest.mark.parametrize("scale", [np.uint8(1), np.uint16(257)])
    def test_a_tiff_in_which_zero_is_white(self, tmp_path, grey, scale):
        path = tmp_path / "x.tiff"
        Image.fromarray(grey * scale).save(path)
        content = bytearray(path.read_bytes())  # little-endian; Pillow itself writes no such file
        (start,) = struct.unpack_from("<I", content, 4)
        for entry in range(start + 2, start + 2 + 12 * struct.unpack_from("<H", content, start)[0], 12):
            if struct.unpack_from("<H", content, entry) == (262,):
                struct.pack_into("<H", content, entry + 8, 0)
        path.write_bytes(content)
        self.check_grey(path, 255 - grey)

    def test_grey_of_16_bits_with_a_transparent_value(self, tmp_path, grey):
        Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "x.png", transparency=int(grey[0, 0]) * 257)
        self.check_grey(tmp_path / "x.png", np.where(grey == grey[0, 0], 255, grey))

    def test_floats(self, tmp_path, grey):
        Image.fromarray(grey.astype(np.float32) / 255).save(tmp_path / "x.tiff")
        self.check_grey(tmp_path / "x.tiff", grey)

    @pytest.mark.parametrize("values", [[[0, 1.5]], [[-0.1, 1]], [[0, np.nan]], [[0, 255]]])
    def test_floats_of_unknown_scale_are_refused(self, tmp_path, values):
        Image.fromarray(np.array(values, dtype=np.float32)).save(tmp_path / "x.tiff")
        with pytest.raises(ValueError, match=r"x\.tiff cannot be read .*float32 from .*which of them is white"):
            read_image(tmp_path / "x.tiff")

    def test_whole_numbers_of_unknown_scale_are_refused(self, tmp_path, grey):
        Image.fromarray(grey.astype(np.int32)).save(tmp_path / "x.tiff")
        with pytest.raises(ValueError, match=r"int32 from .*which of them is white"):
            read_image(tmp_path / "x.tiff")

    @pytest.mark.parametrize("orientation", SEEN)
    @pytest.mark.parametrize(("name", "options"), [("x.png", {}), ("x.tiff", {}), ("x.webp", {"lossless": True})])
    def test_turned_as_exif_says(self, tmp_path, rng, name, options, orientation):
        pixels = rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.fromarray(pixels).save(tmp_path / name, exif=exif.tobytes(), **options)
        np.testing.assert_array_equal(self.read(tmp_path / name), SEEN[orientation](pixels))

    def test_a_photograph_held_upright(self, tmp_path):
        exif = Image.Exif()
        exif[0x0112] = 6
        wide = np.zeros((16, 32, 3), dtype=np.uint8)
        wide[:, :16] = 255  # the left half, seen on top
        Image.fromarray(wide).save(tmp_path / "x.jpg", exif=exif.tobytes(), quality=100)
        seen = self.read(tmp_path / "x.jpg")
        assert seen.shape == (32, 16, 3)
        assert seen[:12].min() > 250
        assert seen[20:].max() < 5

    def test_transparent_is_white(self, tmp_path, rng):
        pixels = rng.integers(0, 256, (5, 7, 4), dtype=np.uint8)
        pixels[0, :, 3], pixels[1, :, 3] = 0, 255
        Image.fromarray(pixels).save(tmp_path / "x.png")
        alpha = pixels[..., 3:] / 255
        np.testing.assert_allclose(self.read(tmp_path / "x.png"), pixels[..., :3] * alpha + 255 * (1 - alpha), atol=1)
        assert (self.read(tmp_path / "x.png")[0] == 255).all()
        np.testing.assert_array_equal(self.read(tmp_path / "x.png")[1], pixels[1, :, :3])

    def test_transparent_colour_and_palette(self, tmp_path):
        red_blue = np.array([[[255, 0, 0], [0, 0, 255]]], dtype=np.uint8)
        Image.fromarray(red_blue).save(tmp_path / "x.png", transparency=(255, 0, 0))
        seen = [[[255, 255, 255], [0, 0, 255]]]
        np.testing.assert_array_equal(self.read(tmp_path / "x.png"), seen)
        palette = Image.new("P", (2, 1))
        palette.putpalette([255, 0, 0, 0, 0, 255])
        palette.putdata([0, 1])
        palette.save(tmp_path / "p.png", transparency=0)
        np.testing.assert_array_equal(self.read(tmp_path / "p.png"), seen)
        Image.fromarray(np.array([[[9, 0], [7, 255]]], dtype=np.uint8)).save(tmp_path / "la.png")
        np.testing.assert_array_equal(self.read(tmp_path / "la.png"), [[[255] * 3, [7] * 3]])


class TestFolder:
    def test_an_image_is_known_by_its_content(self, images, pixels):
        for name, ending in (("a1.png", "jfif"), ("w2.png", "avif"), ("x1.png", "PNG~"), ("z1.png", "")):
            (images / name).rename((images / name).with_suffix(f".{ending}" if ending else ""))
        values, _ = extract(images, "head")
        np.testing.assert_allclose(values, by_hand(pixels, "head"), rtol=1e-4, atol=1e-5)

    def test_an_image_that_cannot_be_read_shifts_no_row(self, images):
        for name in ("photo.svg", "photo.heic"):
            (images / name).write_bytes(b"\x00\x00\x00\x18ftypheic")
            with pytest.raises(ValueError, match=rf"{name} is an image of a kind that cannot be read\. Convert or"):
                extract(images, "head")
            (images / name).unlink()


class TestResume:
    def stop_at(self, monkeypatch, n):
        """Kill the run when it reads its n-th batch, from 0."""
        read, calls = module_under_test._read_batch, []

        def stopping(paths, transform):
            if len(calls) == n:
                raise KeyboardInterrupt
            calls.append([path.name for path in paths])
            return read(paths, transform)

        monkeypatch.setattr(module_under_test, "_read_batch", stopping)
        return calls

    def contents(self, images):
        return sorted(path.name for path in images.parent.iterdir() if path != images)

    @pytest.mark.parametrize("n", [1, 2, 5])
    def test_goes_on_and_writes_the_same_bytes(self, images, concepts, monkeypatch, n):
        options = {"order": "things", "concepts": concepts, "batch_size": 2}
        extract(images, "head", **options)
        out = images.parent / "features.npy"
        whole = out.read_bytes()
        out.unlink()
        with monkeypatch.context() as patch:
            self.stop_at(patch, n)
            with pytest.raises(KeyboardInterrupt):
                extract(images, "head", **options)
        assert not out.exists()
        assert len(self.contents(images)) == 2
        calls = self.stop_at(monkeypatch, 99)
        extract(images, "head", **options)
        assert len(calls) == 6 - n  # of six batches
        assert out.read_bytes() == whole
        assert self.contents(images) == ["features.npy"]

    def test_done_but_for_its_name(self, images, monkeypatch):
        whole, _ = extract(images, "head", batch_size=4)
        with monkeypatch.context() as patch:
            patch.setattr(module_under_test.os, "replace", self.refuse_partial(module_under_test.os.replace))
            with pytest.raises(KeyboardInterrupt):
                extract(images, "head", batch_size=4)
        calls = self.stop_at(monkeypatch, 0)
        values, _ = extract(images, "head", batch_size=4)
        assert calls == []
        np.testing.assert_array_equal(values, whole)

    @staticmethod
    def refuse_partial(replace):
        def refusing(source, target):
            if str(target).endswith(".npy"):
                raise KeyboardInterrupt
            replace(source, target)

        return refusing

    def test_batch_that_the_journal_does_not_count_is_done_again(self, images, monkeypatch):
        whole, _ = extract(images, "head", batch_size=4)

        def stopped(path, content):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(module_under_test, "write_whole", stopped)
            with pytest.raises(KeyboardInterrupt):
                extract(images, "head", batch_size=4)
        calls = self.stop_at(monkeypatch, 99)
        np.testing.assert_array_equal(extract(images, "head", batch_size=4)[0], whole)
        assert len(calls) == 3

    @pytest.mark.parametrize("harm", ["flipped", "truncated", "longer", "journal", "journal of more", "none"])
    def test_rows_that_are_not_those_written_are_made_anew(self, images, monkeypatch, harm):
        whole, _ = extract(images, "head", batch_size=2)
        (images.parent / "features.npy").unlink()
        with monkeypatch.context() as patch:
            self.stop_at(patch, 3)
            with pytest.raises(KeyboardInterrupt):
                extract(images, "head", batch_size=2)
        (partial,), (journal,) = images.parent.glob(".*.partial"), images.parent.glob(".*.journal")
        content = bytearray(partial.read_bytes())
        if harm in ("journal", "journal of more", "none"):
            noted = json.loads(journal.read_text())
            changed = {"journal": "{", "journal of more": json.dumps(noted | {"n_done": 5}), "none": "[]"}
            journal.write_text(changed[harm])
        else:
            flipped = content.copy()
            flipped[140] ^= 1  # of the first image, which is done
            harmed = {"flipped": flipped, "truncated": content[:-40], "longer": content + b"x" * 20}
            partial.write_bytes(harmed[harm])
        calls = self.stop_at(monkeypatch, 99)
        np.testing.assert_array_equal(extract(images, "head", batch_size=2)[0], whole)
        assert len(calls) == 6

    def test_full_disk_is_said_and_can_be_gone_on_from(self, images, monkeypatch):
        whole, _ = extract(images, "head", batch_size=2)
        out = images.parent / "features.npy"
        out.unlink()
        write, calls = module_under_test._write_rows, []

        def full(*arguments):
            calls.append(arguments)
            if len(calls) == 3:
                raise OSError(errno.ENOSPC, "No space left on device")
            write(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(module_under_test, "_write_rows", full)
            with pytest.raises(DiskFull, match=r"no room is left to write .*features\.npy.*same command again"):
                extract(images, "head", batch_size=2)
        assert not out.exists()
        calls = self.stop_at(monkeypatch, 99)
        np.testing.assert_array_equal(extract(images, "head", batch_size=2)[0], whole)
        assert len(calls) == 4

    @pytest.mark.parametrize("part", ["forward", "helper", "transform", "of a module", "partial"])
    def test_other_source_begins_anew(self, images, tmp_path, monkeypatch, part):
        """Rows of an edited network are not put beside those of the one that it was."""
        text = (
            "import functools\nimport torch\n\ndef helper(x):\n    return x\n\nclass Part(torch.nn.Module):\n"
            "    def forward(self, x):\n        return x.flatten(1)[:, :5]\n\nclass Used(torch.nn.Module):\n"
            "    def __init__(self):\n        super().__init__()\n        self.part = Part()\n\n"
            "    def forward(self, x):\n        return helper(self.part(x) + 0)\n\n"
            "def transform(image, n=0):\n    return torch.full((3, 2, 2), image.width + 0.0)\n\n"
            "less = functools.partial(transform, n=1)\n"
        )
        edits = {
            "forward": ("self.part(x) + 0", "self.part(x) + 1"),
            "helper": ("return x\n", "return -x\n"),
            "transform": ("image.width + 0.0", "image.width + 1.0"),
            "of a module": ("[:, :5]", "[:, 5:10]"),
            "partial": ("n=1", "n=2"),
        }
        monkeypatch.syspath_prepend(tmp_path)
        options = {"order": "own", "batch_size": 2}
        for number, source in enumerate((text, text, text.replace(*edits[part]))):
            (tmp_path / "used.py").write_text(source)
            monkeypatch.delitem(sys.modules, "used", raising=False)
            importlib.invalidate_caches()
            shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)
            used = importlib.import_module("used")
            with monkeypatch.context() as patch:
                calls = self.stop_at(patch, 1)
                with pytest.raises(KeyboardInterrupt):
                    extract_features(
                        images, used.Used(), "part", images.parent / "o.npy", transform=used.less, **options
                    )
            assert len(calls) == 1
            assert len(list(images.parent.glob(".*.journal"))) == 1 + (number == 2)
        monkeypatch.delitem(sys.modules, "used")

    def test_rows_without_an_image_stay_empty(self, images, concepts, monkeypatch):
        options = {"order": "things", "concepts": concepts, "batch_size": 2}
        whole, missing = extract(images, "head", **options)
        assert missing
        (images.parent / "features.npy").unlink()
        with monkeypatch.context() as patch:
            self.stop_at(patch, 3)
            with pytest.raises(KeyboardInterrupt):
                extract(images, "head", **options)
        (partial,) = images.parent.glob(".*.partial")
        harmed = np.load(partial)
        harmed[np.isnan(whole).all(axis=1)] = 1
        np.save(partial.with_suffix(".npy"), harmed)
        partial.with_suffix(".npy").rename(partial)
        calls = self.stop_at(monkeypatch, 99)
        np.testing.assert_array_equal(extract(images, "head", **options)[0], whole)
        assert len(calls) == 6

    @pytest.mark.parametrize("change", ["image", "name", "weights", "layer", "pool", "transform", "concepts"])
    def test_anything_else_begins_anew(self, images, concepts, monkeypatch, rng, change):
        options = {"order": "things", "concepts": concepts, "batch_size": 2, "transform": transform}
        out = images.parent / "features.npy"
        with monkeypatch.context() as patch:
            self.stop_at(patch, 3)
            with pytest.raises(KeyboardInterrupt):
                extract_features(images, Net(), "norm", out, **options)
        net, layer = Net(1) if change == "weights" else Net(), "tokens" if change == "layer" else "norm"
        if change == "image":
            Image.fromarray(rng.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)).save(images / "w1.png")
        elif change == "name":
            (images / "w1.png").rename(images / "gone.png")
        elif change == "pool":
            options["pool"] = "flatten"
        elif change == "transform":
            options["transform"] = None
        elif change == "concepts":
            options["concepts"] = concepts[::-1]
        calls = self.stop_at(monkeypatch, 99)
        extract_features(images, net, layer, out, **options)
        assert len(calls) == 6
        fresh = images.parent / "fresh.npy"
        extract_features(images, net, layer, fresh, **options)
        assert out.read_bytes() == fresh.read_bytes()


class TestPrepare:
    def test_size_and_scale(self):
        mean, sd = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
        for size in ((500, 300), (300, 500), (224, 224), (20, 30)):
            x = prepare(Image.new("RGB", size, (255, 51, 0)))
            assert x.shape == (3, 224, 224)
            assert x.dtype == torch.float32
            expected = (np.array([1, 0.2, 0]) - mean) / sd
            np.testing.assert_allclose(x.amin(dim=(1, 2)), expected, rtol=1e-5)
            np.testing.assert_allclose(x.amax(dim=(1, 2)), expected, rtol=1e-5)

    def test_middle_is_cut_out(self, rng):
        values = rng.integers(0, 256, (256, 300, 3), dtype=np.uint8)
        x = prepare(Image.fromarray(values))
        cut = values[16:240, 38:262].astype(float) / 255
        expected = (cut - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
        np.testing.assert_allclose(x.numpy().transpose(1, 2, 0), expected, rtol=1e-4, atol=1e-5)

    def test_is_the_default(self, images, concepts):
        values, _ = extract(images, "maps", transform=None)
        again, _ = extract(images, "maps", transform=prepare)
        np.testing.assert_array_equal(values, again)


class TestLoadModel:
    @pytest.fixture(autouse=True)
    def mine(self, tmp_path, monkeypatch):
        (tmp_path / "my_networks.py").write_text(
            "import torch\n\n\nconstant = 5\n\n\ndef net():\n    return torch.nn.Linear(2, 3)\n\n\n"
            "def both():\n    return torch.nn.Linear(2, 3), abs\n\n\ndef wrong():\n    return {}\n\n\n"
            "def wrong_pair():\n    return torch.nn.Linear(2, 3), 5\n"
        )
        monkeypatch.syspath_prepend(tmp_path)
        yield
        sys.modules.pop("my_networks", None)

    def test_module_alone_or_with_a_transform(self):
        module, transform = load_model("my_networks:net")
        assert isinstance(module, torch.nn.Linear)
        assert transform is None
        assert load_model("my_networks:both")[1] is abs

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("my_networks", "'my_networks': write MODULE:FACTORY"),
            (":net", "write MODULE:FACTORY"),
            ("my_network:net", r"my_network cannot be imported \(No module named 'my_network'\)"),
            ("my_networks:nets", r"has no function 'nets'\. It has: net, both, wrong, wrong_pair\."),
            ("my_networks:constant", "has no function 'constant'"),
            ("my_networks:wrong", "returns a dict, neither a torch.nn.Module nor a pair"),
            ("my_networks:wrong_pair", "returns a tuple, neither"),
        ],
    )
    def test_what_is_no_model_is_refused(self, text, message):
        with pytest.raises(ValueError, match=message):
            load_model(text)
