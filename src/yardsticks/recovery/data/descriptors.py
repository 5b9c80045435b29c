r"""Four descriptors of an image that no network computes: what the simplest candidates know of it.

Each is a function of an image of Pillow, and has a factory of the same name with ``_model`` for `extract_features`, by
which the command writes them like the features of a network::

    yardsticks recovery extract --images photos --out hog.npy --pool flatten --layer same \
        --model yardsticks.recovery.data.descriptors:hog_model

They are what data/catalogue/features.csv says of the registered files. Those were computed from the THINGS photographs,
which may not be given away; sizes that are not recorded there (of the image before HOG and Gabor, wavelengths) are
chosen here, so that the registered files are not met to the bit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

SIDE = 224  # pixels to which an image is resized before all but `pixels`
WAVELENGTHS = (4, 8, 16)  # pixels
N_ORIENTATIONS = 6
_LAB = ((0, 100), (-128, 128), (-128, 128))  # ranges of L, a and b


def pixels(image: Image.Image) -> np.ndarray:
    """Return the colours (3072,) of the image at 32 x 32 pixels, in [0, 1]; rows, columns, then red, green, blue."""
    return (np.asarray(_square(image, 32), dtype=np.float32) / 255).ravel()


def colour_histogram(image: Image.Image) -> np.ndarray:
    """Return the square roots (512,) of the shares of pixels in 8 x 8 x 8 boxes of CIELAB; their squares sum to 1."""
    from skimage.color import rgb2lab

    lab = rgb2lab(np.asarray(_square(image, SIDE))).reshape(-1, 3)
    counts = np.histogramdd(lab, bins=8, range=_LAB)[0]
    return np.sqrt(counts / len(lab)).ravel().astype(np.float32)


def hog(image: Image.Image) -> np.ndarray:
    """Return histograms (1568,) of 8 orientations of the gradient in 14 x 14 cells of 16 pixels, each normalised."""
    from skimage.feature import hog as oriented_gradients

    return oriented_gradients(
        _grey(image), orientations=8, pixels_per_cell=(16, 16), cells_per_block=(1, 1), block_norm="L2-Hys"
    ).astype(np.float32)


def gabor_energy(image: Image.Image) -> np.ndarray:
    """Return the energies (1152,) of Gabor filters, by wavelength, the wave's direction (from horizontal) and place.

    The energy is the length of the answers of a filter and of that a quarter of a wave aside, and its mean is taken in
    8 x 8 places. The image's mean is taken away before, and the rest is 0 beyond its edge.
    """
    from scipy.signal import fftconvolve
    from skimage.filters import gabor_kernel

    grey = _grey(image)
    grey = grey - grey.mean()
    energies = []
    for wavelength in WAVELENGTHS:
        for orientation in range(N_ORIENTATIONS):
            kernel = gabor_kernel(1 / wavelength, theta=np.pi * orientation / N_ORIENTATIONS)
            energy = np.abs(fftconvolve(grey, kernel, mode="same"))
            energies.append(energy.reshape(8, SIDE // 8, 8, SIDE // 8).mean(axis=(1, 3)))
    return np.array(energies, dtype=np.float32).ravel()


def pixels_model():
    """Return `pixels` as `extract_features` takes it."""
    return _model(pixels)


def colour_histogram_model():
    """Return `colour_histogram` as `extract_features` takes it."""
    return _model(colour_histogram)


def hog_model():
    """Return `hog` as `extract_features` takes it."""
    return _model(hog)


def gabor_energy_model():
    """Return `gabor_energy` as `extract_features` takes it."""
    return _model(gabor_energy)


def _model(describe: Callable[[Image.Image], np.ndarray]):
    """Return a network with one layer, ``same``, which leaves its input as it is, and a descriptor as its transform."""
    import torch

    layers = torch.nn.Sequential()
    layers.add_module("same", torch.nn.Identity())
    return layers, lambda image: torch.from_numpy(describe(image))


def _square(image: Image.Image, side: int) -> Image.Image:
    """Return the central square in RGB, resized (bicubic)."""
    short = min(image.size)
    left, top = ((length - short) // 2 for length in image.size)
    square = image.convert("RGB").crop((left, top, left + short, top + short))
    return square.resize((side, side), Image.Resampling.BICUBIC)


def _grey(image: Image.Image) -> np.ndarray:
    from skimage.color import rgb2gray

    return rgb2gray(np.asarray(_square(image, SIDE)))
