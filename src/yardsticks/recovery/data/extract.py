"""Features of a network's layer from a folder of images, in a file that `open_features` opens.

Rows are written to their place in a file beside the result as batches are done, and a journal says how many are and
what the hash of their rows is. The names of both hold a hash of all that the features depend on, so that a run which
was killed goes on where it was, and a run with other images, weights or settings, or whose rows are not those that were
written, begins anew. The result gets its name when it is whole.

Longer than 300 lines, as what is written and what makes it valid have to be seen together.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
import mimetypes
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from PIL import ExifTags, Image
from tqdm import tqdm

from yardsticks.datasets import hash_file
from yardsticks.datasets.arrays import load_array
from yardsticks.datasets.files import making_room, read_json, write_whole
from yardsticks.devices import check_device
from yardsticks.recovery.data.things import real_concepts, to_things_order
from yardsticks.source import installed
from yardsticks.stats import check_option

POOLS = ("mean", "flatten", "cls")
SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")  # others go by their content
_FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "TIFF", "WEBP")
_TURNS = {  # what brings an image upright, by the value of its EXIF tag
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# statistics of ImageNet, by which most networks' inputs are scaled
_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
_SD = np.array([0.229, 0.224, 0.225], dtype=np.float32)
_RESIZED, _CROPPED = 256, 224
Transform = Callable[[Image.Image], torch.Tensor]


class Extracted(NamedTuple):
    """What there are no features of.

    Parameters
    ----------
    missing : list of str
        Concepts without an image; empty for one's own objects.
    left_out : list of str
        Files in the folder of the images that are no images.
    """

    missing: list[str]
    left_out: list[str]


def load_model(text: str) -> tuple[torch.nn.Module, Transform | None]:
    """Make a network by a function of one's own.

    Parameters
    ----------
    text : str
        ``MODULE:FACTORY``. MODULE is imported and FACTORY called without arguments. It returns the network, its weights
        loaded, or a pair of the network and the transform of its images: a function of an RGB image of Pillow that
        returns a tensor (3, height, width), of the same shape for all images.

    Returns
    -------
    module : torch.nn.Module
    transform : function or None
        None where there was only a network.

    Raises
    ------
    ValueError
        There is no such module or function, or it returns something else.

    Examples
    --------
    A file ``mine.py``, for ``mine:resnet50``::

        import torchvision

        def resnet50():
            weights = torchvision.models.ResNet50_Weights.DEFAULT
            return torchvision.models.resnet50(weights=weights), weights.transforms()
    """
    name, _, factory = text.partition(":")
    if not (name and factory):
        raise ValueError(f"{text!r}: write MODULE:FACTORY, mine:resnet50 say for the function resnet50 in mine.py.")
    try:
        home = importlib.import_module(name)
    except ImportError as error:
        raise ValueError(f"{text!r}: {name} cannot be imported ({error}).") from error
    make = getattr(home, factory, None)
    if not callable(make):
        there = ", ".join(key for key, value in vars(home).items() if callable(value) and key[0] != "_")
        raise ValueError(f"{text!r}: {name} has no function {factory!r}. It has: {there or 'none'}.")
    made = make()
    module, transform = made if isinstance(made, tuple) and len(made) == 2 else (made, None)
    if not isinstance(module, torch.nn.Module) or not (transform is None or callable(transform)):
        raise ValueError(
            f"{text!r} returns a {type(made).__name__}, neither a torch.nn.Module nor a pair of one and a transform."
        )
    return module, transform


def extract_features(
    images: str | os.PathLike,
    module: torch.nn.Module,
    layer: str,
    out: str | os.PathLike,
    *,
    order: str = "things",
    pool: str = "mean",
    transform: Transform | None = None,
    batch_size: int = 32,
    device: str = "cpu",
    concepts: pd.DataFrame | None = None,
) -> Extracted:
    """Show images to a network and write what one of its layers makes of them.

    Parameters
    ----------
    images : path
        Folder of the images, see `read_image`. What is no image, by its content where its suffix is none of `SUFFIXES`,
        is left out and named; folders and hidden files are left alone.
    module : torch.nn.Module
        Is put into evaluation mode.
    layer : str
        Name of the layer, one of ``module.named_modules()``. Its output is a single tensor (batch, ...).
    out : path
        File to write, ``.npy``: (n_objects, n_features) float32.
    order : {"things", "own"}
        ``things``: one row for each concept of THINGS, in THINGS order; images are named by the concept's unique_id
        (``camera1.jpg``) or as its reference image (``camera1_01b.jpg``), and a concept without an image is a row of
        NaN. ``own``: one row for each image, sorted by file name. Say the same to `open_features`.
    pool : {"mean", "flatten", "cls"}
        What is made of an output with more than two dimensions. ``mean``: the mean over all positions of a map
        (batch, channels, height, width), or over all tokens (batch, tokens, channels). ``flatten``: all values.
        ``cls``: the first token.
    transform : function, optional
        As from `load_model`. By default the short side is resized to 256 pixels (bilinear), the central 224 x 224 are
        cut out, values are scaled to [0, 1] and then by ImageNet's mean and standard deviation.
    batch_size : int
    device : {"cpu", "cuda"}
    concepts : DataFrame, optional
        As `open_concepts` returns it, for ``order="things"``; read from the registered file by default.

    Returns
    -------
    Extracted
        Concepts without an image, and files that are no image.

    Raises
    ------
    ValueError
        An unknown option or layer, with those that there are; a file name that is no concept's, or two of one concept;
        a file that is no image; an output that cannot be pooled as asked or is not finite.
    FileNotFoundError
        No image is in the folder; the names of the concepts are not on this machine; there is no folder to write to.

    Notes
    -----
    A killed run goes on where it was if it is asked for the same again, and then writes the same bytes, on the same
    kind of machine. Whether it is the same is decided by the images' names and bytes; the network's structure and
    weights; the files in which its modules and the transform are defined, but not what these import; the transform's
    settings as its repr tells them; the other options; and the versions of torch, numpy and Pillow. A network whose
    weights are drawn anew each time begins anew.

    Examples
    --------
    >>> import tempfile
    >>> network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, kernel_size=3), torch.nn.ReLU())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for colour in ("blue", "red"):
    ...         Image.new("RGB", (64, 64), colour).save(f"{folder}/{colour}.png")
    ...     missing, left_out = extract_features(folder, network, "1", f"{folder}/my_net.npy", order="own")
    ...     np.load(f"{folder}/my_net.npy").shape  # two images, four channels
    (2, 4)
    """
    images, out = Path(images), Path(out)
    check_option("order", order, ("things", "own"))
    check_option("pool", pool, POOLS)
    if batch_size < 1:
        raise ValueError(f"batch_size={batch_size}: at least one image is shown at a time.")
    check_device(device)
    if out.suffix != ".npy":
        raise ValueError(f"{out}: an array is written; give the file a name that ends in .npy.")
    if not out.parent.is_dir():
        raise FileNotFoundError(f"{out.parent} is no folder: make it before.")
    layers = {name: part for name, part in module.named_modules() if name}
    if layer not in layers:
        raise ValueError(f"there is no layer {layer!r}. There are: {', '.join(layers) or 'none'}.")
    paths, left_out = _list_images(images)
    rows, n_rows, missing = _place(paths, order, concepts)
    module = module.eval().to(device)
    key = _hash(paths, module, [rows.tolist(), n_rows, layer, pool, batch_size, device, _describe(transform)])
    partial, journal = (out.with_name(f".{out.stem}.{key[:16]}.{kind}") for kind in ("partial", "journal"))
    batches = [slice(start, start + batch_size) for start in range(0, len(paths), batch_size)]
    n_done, digest = _resume(partial, journal, [rows[batch] for batch in batches])
    captured: list = []
    hook = layers[layer].register_forward_hook(lambda part, given, output: captured.append(output))
    try:
        for batch in tqdm(batches[n_done:], desc="batches", initial=n_done, total=len(batches), disable=None):
            captured.clear()
            with torch.inference_mode():
                module(_read_batch(paths[batch], transform or prepare).to(device))
            values = _pool(captured, layer, pool, len(paths[batch]))
            finite = np.isfinite(values).all(axis=1)
            if not finite.all():
                raise ValueError(f"{paths[batch][int(np.argmin(finite))].name}: the output of {layer} is not finite.")
            with making_room(out):
                if n_done == 0:
                    _write_empty(partial, n_rows, values.shape[1])
                _write_rows(partial, rows[batch], values)
            digest.update(np.ascontiguousarray(values, np.float32))
            n_done += 1
            write_whole(journal, json.dumps({"n_done": n_done, "sha256": digest.hexdigest()}).encode())
    finally:
        hook.remove()
    os.replace(partial, out)
    journal.unlink()
    return Extracted(missing, left_out)


def prepare(image: Image.Image) -> torch.Tensor:
    """Return an image (3, 224, 224) as most networks want it; see `extract_features`."""
    width, height = image.size
    short = min(width, height)
    width, height = (int(_RESIZED * side / short) for side in (width, height))
    left, top = (round((side - _CROPPED) / 2) for side in (width, height))
    image = image.resize((width, height), Image.Resampling.BILINEAR)
    image = image.crop((left, top, left + _CROPPED, top + _CROPPED))
    values = (np.asarray(image, dtype=np.float32) / 255 - _MEAN) / _SD  # (height, width, 3)
    return torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)))


def read_image(path: Path) -> Image.Image:
    """Return an image as people see it, in RGB of 8 bits.

    It is turned as its EXIF says, and what is transparent shows white. Grey of 16 bits and of floats from 0 to 1 is
    scaled to 8 bits.

    Raises
    ------
    ValueError
        It cannot be read, or has grey values whose white is unknown: other floats, whole numbers of 32 bits.
    """
    try:
        with Image.open(path) as image:
            image.load()
            turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
        if image.mode == "F" or image.mode.startswith("I"):
            image = _in_8_bits(image)
        if image.has_transparency_data:
            shown = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown)
        image = image.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path} cannot be read as an image ({error}). Replace or remove it.") from error
    return image if turn is None else image.transpose(turn)


def _in_8_bits(image: Image.Image) -> Image.Image:
    """Return a grey image of more bits in 8."""
    values = np.asarray(image).astype(np.float64)
    white = 1 if image.mode == "F" else 65_535
    if (image.mode == "I" and image.format != "PPM") or not ((values >= 0) & (values <= white)).all():
        raise ValueError(
            f"its grey values are {np.asarray(image).dtype} from {values.min():g} to {values.max():g}, and which of "
            "them is white is not known: save it with 8 or 16 bits"
        )
    if image.format == "TIFF" and image.tag_v2.get(ExifTags.Base.PhotometricInterpretation) == 0:
        values = white - values  # 0 is white, which Pillow heeds at 8 bits only
    values[values == image.info.get("transparency")] = white
    return Image.fromarray(np.round(values * (255 / white)).astype(np.uint8))


def _list_images(folder: Path) -> tuple[list[Path], list[str]]:
    """Return the images of a folder, by name, and the names of its other files."""
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is no folder.")
    files = sorted(
        (path for path in folder.iterdir() if path.name[0] != "." and not path.is_dir()), key=lambda p: p.name
    )
    paths = [path for path in files if path.suffix.lower() in SUFFIXES or _is_image(path)]
    left_out = [path.name for path in files if path not in set(paths)]
    if not paths:
        raise FileNotFoundError(f"{folder} holds no image: no file ends in {', '.join(SUFFIXES)}, or is one.")
    for name in left_out:
        if (mimetypes.guess_type(name, strict=False)[0] or "").startswith("image/"):
            raise ValueError(f"{folder / name} is an image of a kind that cannot be read. Convert or remove it.")
    return paths, left_out


def _is_image(path: Path) -> bool:
    if not path.is_file():
        return False
    Image.init()
    try:
        with Image.open(path, formats=[name for name in _FORMATS if name in Image.OPEN]):
            return True
    except Image.DecompressionBombError:
        return True  # and is refused when it is read
    except (OSError, SyntaxError, ValueError):
        return False


def _place(paths: list[Path], order: str, concepts: pd.DataFrame | None) -> tuple[np.ndarray, int, list[str]]:
    """Return the row of each image, the number of rows, and the concepts that have no image."""
    if order == "own":
        return np.arange(len(paths)), len(paths), []
    concepts = real_concepts() if concepts is None else concepts
    image_of = dict(zip(concepts["reference_image"], concepts.index, strict=True))
    names = [image_of.get(path.name, path.stem) for path in paths]
    missing = [name for name in concepts.index if name not in set(names)]
    everything = names + missing
    try:
        image = to_things_order(np.arange(len(everything)), everything, concepts=concepts)
    except ValueError as error:
        raise ValueError(f"{paths[0].parent}: {error} Or say order='own', for other objects.") from error
    return np.argsort(image)[: len(paths)], len(concepts), missing


def _hash(paths: list[Path], module: torch.nn.Module, settings: list) -> str:
    versions = installed(("numpy", "pillow", "torch"))
    digest = hashlib.sha256(json.dumps([settings, str(module), versions, hash_file(Path(__file__))]).encode())
    for path in paths:
        digest.update(f"{path.name} {hash_file(path)}".encode())
    for kind in {type(part): None for part in module.modules()}:  # the same weights can be used in another way
        digest.update(_source(kind).encode())
    for name, value in module.state_dict().items():
        if isinstance(value, torch.Tensor):
            digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
            digest.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
        else:
            digest.update(f"{name} {value!r}".encode())
    return digest.hexdigest()


def _source(thing: type | Callable) -> str:
    """Return a hash of the file that a class or function comes from, so that what it calls there counts as well."""
    with suppress(OSError, TypeError):
        return hash_file(Path(inspect.getsourcefile(thing)))
    with suppress(OSError, TypeError):
        return inspect.getsource(thing)
    codes = [getattr(part, "__code__", None) for part in (thing, *vars(thing).values())]  # made where there is no file
    return repr(
        [(code.co_code, [str(c) for c in code.co_consts if not hasattr(c, "co_code")]) for code in codes if code]
    )


def _describe(transform: Transform | None) -> str:
    """Say what a transform is: its settings as far as it tells them, and the source of it."""
    if transform is None:
        return ""
    named = getattr(transform, "func", transform)  # of functools.partial
    source = _source(named if hasattr(named, "__code__") else type(named))
    return re.sub(r" at 0x[0-9a-f]+", "", repr(transform)) + source


def _resume(partial: Path, journal: Path, rows: list[np.ndarray]):
    """Return how many batches are done, and the running SHA-256 of their values; none where these were changed."""
    digest = hashlib.sha256()
    if not (partial.exists() and journal.exists()):
        return 0, digest
    try:
        noted = read_json(journal, "n_done", "sha256", way_out="")
        features = load_array(partial, mapped=True)
        for batch in rows[: noted["n_done"]]:
            digest.update(np.ascontiguousarray(features[batch], np.float32))
        if not np.isnan(np.delete(features, np.concatenate(rows), axis=0)).all():  # of concepts without an image
            return 0, hashlib.sha256()
    except (ValueError, TypeError, IndexError):
        return 0, hashlib.sha256()
    return (noted["n_done"], digest) if digest.hexdigest() == noted["sha256"] else (0, hashlib.sha256())


def _write_empty(path: Path, n_rows: int, n_features: int) -> None:
    """Write an array of NaN, of single precision; written and not mapped, as a full disk would end the process then."""
    header = {"descr": "<f4", "fortran_order": False, "shape": (n_rows, n_features)}
    with open(path, "wb") as handle:
        np.lib.format.write_array_header_1_0(handle, header)
        for _ in range(n_rows):
            handle.write(np.full(n_features, np.nan, "<f4"))


def _write_rows(path: Path, rows: np.ndarray, values: np.ndarray) -> None:
    """Write rows of such an array, to the disk before the journal counts them."""
    with open(path, "r+b") as handle:
        np.lib.format.read_magic(handle)
        np.lib.format.read_array_header_1_0(handle)
        start = handle.tell()
        for row, value in zip(rows, values.astype("<f4"), strict=True):
            handle.seek(start + int(row) * value.nbytes)
            handle.write(value)
        handle.flush()
        os.fsync(handle.fileno())


def _read_batch(paths: list[Path], transform: Transform) -> torch.Tensor:
    """Return images (batch, 3, height, width)."""
    inputs = []
    for path in paths:
        inputs.append(transform(read_image(path)))
        if not isinstance(inputs[-1], torch.Tensor) or inputs[-1].shape != inputs[0].shape:
            raise ValueError(f"{path.name}: the transform must return tensors, of the same shape for all images.")
    return torch.stack(inputs)


def _pool(captured: list, layer: str, pool: str, n: int) -> np.ndarray:
    """Return the features (n, n_features) that a layer's output gives."""
    if len(captured) != 1 or not isinstance(captured[0], torch.Tensor):
        what = f"ran {len(captured)} times" if len(captured) != 1 else f"returns a {type(captured[0]).__name__}"
        raise ValueError(f"the layer {layer!r} {what}; one is needed that runs once and returns a tensor.")
    output = captured[0].float()
    if output.ndim < 2 or len(output) != n:
        raise ValueError(f"the layer {layer!r} returns the shape {tuple(output.shape)} for {n} images.")
    if pool == "cls":
        if output.ndim != 3:
            raise ValueError(
                f"pool='cls' takes the first of several tokens, and {layer!r} returns the shape {tuple(output.shape)}."
            )
        output = output[:, 0]
    elif pool == "mean" and output.ndim == 3:
        output = output.mean(dim=1)
    elif pool == "mean" and output.ndim > 3:
        output = output.mean(dim=tuple(range(2, output.ndim)))
    return output.flatten(start_dim=1).cpu().numpy()
