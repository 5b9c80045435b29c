"""The four descriptors: small images whose description is known, and plain ways to the same numbers."""

import numpy as np
import pytest
from PIL import Image

from yardsticks.recovery.data import descriptors
from yardsticks.recovery.data.descriptors import colour_histogram, gabor_energy, hog, pixels

SIDE = descriptors.SIDE
SIZES = {pixels: 3072, colour_histogram: 512, hog: 1568, gabor_energy: 1152}


def picture(values) -> Image.Image:
    return Image.fromarray(np.asarray(values, dtype=np.uint8))


def noise(rng, side=SIDE) -> Image.Image:
    return picture(rng.integers(0, 256, (side, side, 3)))


def grating(wavelength: float, degrees: float) -> Image.Image:
    """A wave that runs in this direction."""
    y, x = np.mgrid[:SIDE, :SIDE]
    angle = np.deg2rad(degrees)
    wave = np.cos(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / wavelength)
    return picture(np.repeat((127.5 + 100 * wave)[..., None], 3, axis=2))


@pytest.mark.parametrize("describe", SIZES, ids=lambda describe: describe.__name__)
class TestAll:
    def test_as_many_numbers_as_the_catalogue_says_whatever_the_image(self, describe, rng):
        for image in (noise(rng), noise(rng, 90), noise(rng).convert("L"), noise(rng).crop((0, 0, 200, 130))):
            values = describe(image)
            assert values.dtype == np.float32
            assert values.shape == (SIZES[describe],)
            assert np.isfinite(values).all()

    def test_what_is_beside_the_central_square_does_not_count(self, describe, rng):
        image = noise(rng)
        wide = Image.new("RGB", (SIDE + 40, SIDE), "red")
        wide.paste(image, (20, 0))
        assert np.array_equal(describe(wide), describe(image))

    def test_a_model_writes_them(self, describe, rng, tmp_path):
        pytest.importorskip("torch")
        from yardsticks.recovery.data.extract import extract_features, load_model

        images = [noise(rng, 40) for _ in range(3)]
        for number, image in enumerate(images):
            image.save(tmp_path / f"{number}.png")
        module, transform = load_model(f"yardsticks.recovery.data.descriptors:{describe.__name__}_model")
        out = tmp_path / "out.npy"
        extract_features(tmp_path, module, "same", out, order="own", pool="flatten", transform=transform, batch_size=2)
        assert np.array_equal(np.load(out), [describe(image) for image in images])


def test_pixels_are_the_colours_of_a_small_image(rng):
    values = rng.integers(0, 256, (32, 32, 3))
    assert np.array_equal(pixels(picture(values)), (values / 255).astype(np.float32).ravel())


@pytest.mark.parametrize(
    ("colour", "lab"),  # of sRGB, by the standard's formulas
    [((255, 0, 0), (53.24, 80.09, 67.20)), ((0, 0, 255), (32.30, 79.19, -107.86)), ((128, 128, 128), (53.59, 0, 0))],
)
def test_a_plain_colour_lies_in_one_box(colour, lab):
    shares = colour_histogram(Image.new("RGB", (50, 50), colour)).reshape(8, 8, 8)
    lightness, a, b = lab
    # grey lies on an edge between boxes, where rounding decides
    boxes = [
        (int(lightness // 12.5), int((a + s) // 32 + 4), int((b + t) // 32 + 4)) for s in (0, -0.01) for t in (0, -0.01)
    ]
    assert sum(shares[box] ** 2 for box in set(boxes)) == pytest.approx(1)


def test_half_of_two_colours():
    image = Image.new("RGB", (SIDE, SIDE), "red")
    image.paste("blue", (0, 0, SIDE // 2, SIDE))
    shares = colour_histogram(image)
    assert sorted(shares[shares > 0]) == pytest.approx([np.sqrt(0.5)] * 2)


def test_gradients_by_hand(rng):
    image = noise(rng)
    grey = np.asarray(image, dtype=float) / 255 @ [0.2125, 0.7154, 0.0721]
    vertical, horizontal = np.zeros_like(grey), np.zeros_like(grey)
    vertical[1:-1] = grey[2:] - grey[:-2]
    horizontal[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    length, angle = np.hypot(vertical, horizontal), np.rad2deg(np.arctan2(vertical, horizontal)) % 180
    found = hog(image).reshape(14, 14, 8)
    for row, column in ((0, 0), (3, 7), (13, 13)):
        cell = (slice(16 * row, 16 * row + 16), slice(16 * column, 16 * column + 16))
        histogram = [length[cell][(angle[cell] // 22.5).astype(int) == part].sum() / 256 for part in range(8)]
        histogram = np.array(histogram) / np.sqrt(np.sum(np.square(histogram)) + 1e-10)
        clipped = np.minimum(histogram, 0.2)
        assert found[row, column] == pytest.approx(clipped / np.linalg.norm(clipped), abs=1e-4)


def test_a_plain_image_has_no_gradient_and_no_energy():
    image = Image.new("RGB", (60, 60), (90, 120, 30))
    assert not hog(image).any()
    assert gabor_energy(image) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("orientation", range(descriptors.N_ORIENTATIONS))
@pytest.mark.parametrize("wavelength", descriptors.WAVELENGTHS)
def test_a_grating_answers_in_its_own_channel(wavelength, orientation):
    energies = gabor_energy(grating(wavelength, 30 * orientation)).reshape(3, 6, 8, 8)[:, :, 2:6, 2:6].mean(axis=(2, 3))
    assert np.unravel_index(energies.argmax(), energies.shape) == (
        descriptors.WAVELENGTHS.index(wavelength),
        orientation,
    )


def test_energy_stays_where_the_wave_is_and_whatever_its_phase():
    image = grating(8, 0)
    shifted = grating(8, 0).transform(image.size, Image.Transform.AFFINE, (1, 0, 2, 0, 1, 0))
    inside = (slice(None), slice(None), slice(2, 6), slice(2, 6))
    first, second = (gabor_energy(each).reshape(3, 6, 8, 8)[inside][1, 0] for each in (image, shifted))
    assert first == pytest.approx(second, rel=0.02)
    half = Image.new("RGB", image.size, (127, 127, 127))
    half.paste(image.crop((0, 0, SIDE // 2, SIDE)), (0, 0))
    energy = gabor_energy(half).reshape(3, 6, 8, 8)[1, 0]
    assert energy[2:6, 1:3].min() > 10 * energy[2:6, 5:7].max()
