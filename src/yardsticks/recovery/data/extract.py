"""Features of a network's layer from a folder of images, in a file that `open_features` opens.

Rows are written to their place in a file beside the result as batches are done, and a journal says how many are and
what the hash of their rows is. The names of both hold a hash of all that the features depend on, so that a run which
was killed goes on where it was, and a run with other images, weights or settings, or whose rows are not those that were
written, begins anew. The result gets its name when it is whole.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image
from tqdm import tqdm

from yardsticks.datasets import hash_file
from yardsticks.datasets.arrays import load_array
from yardsticks.datasets.files import making_room, read_json, write_whole
from yardsticks.devices import check_device
from yardsticks.recovery.data.things import real_concepts, to_things_order
from yardsticks.source import installed
from yardsticks.stats import check_option

POOLS = ("mean", "flatten", "cls")
SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
# statistics of ImageNet, by which most networks' inputs are scaled
_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
_SD = np.array([0.229, 0.224, 0.225], dtype=np.float32)
_RESIZED, _CROPPED = 256, 224
Transform = Callable[[Image.Image], torch.Tensor]


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
) -> list[str]:
    """Show images to a network and write what one of its layers makes of them.

    Parameters
    ----------
    images : path
        Folder of the images; files with another suffix than `SUFFIXES`, and folders in it, are left alone.
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
    list of str
        Concepts without an image; empty for one's own objects.

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
    ...     missing = extract_features(folder, network, "1", f"{folder}/my_net.npy", order="own")
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
    paths = _list_images(images)
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
    return missing


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


def _list_images(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is no folder.")
    paths = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.name[0] != "."]
    if not paths:
        raise FileNotFoundError(f"{folder} holds no image: no file ends in {', '.join(SUFFIXES)}.")
    return sorted(paths, key=lambda path: path.name)


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
        try:
            with Image.open(path) as opened:
                image = opened.convert("RGB")
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise ValueError(f"{path} cannot be read as an image ({error}). Replace or remove it.") from error
        inputs.append(transform(image))
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
