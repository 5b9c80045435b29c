"""Arrays from files: whatever a header promises, no more memory is taken than the file is worth."""

import io
import tracemalloc
import zipfile

import numpy as np
import pytest

from yardsticks.datasets import arrays
from yardsticks.datasets.arrays import load_array, load_arrays


def npy(values, **header) -> bytes:
    """A .npy file whose header may say something else than what follows."""
    content = io.BytesIO()
    about = {"descr": values.dtype.str, "fortran_order": False, "shape": values.shape}
    np.lib.format.write_array_header_1_0(content, about | header)
    return content.getvalue() + values.tobytes()


@pytest.mark.parametrize("shape", [(3, 4), (12,), (), (0, 4)])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i2", "u1", "?", "U3"])
def test_what_numpy_writes_is_read(tmp_path, rng, shape, dtype):
    values = (rng.random(shape) * 10).astype(dtype) if shape else np.array(7, dtype)
    np.save(tmp_path / "a.npy", values)
    np.savez(tmp_path / "a.npz", one=values, two=values.reshape(1, -1))
    np.savez_compressed(tmp_path / "b.npz", values)
    np.testing.assert_array_equal(load_array(tmp_path / "a.npy"), values)
    np.testing.assert_array_equal(load_arrays(tmp_path / "a.npz")["two"], values.reshape(1, -1))
    np.testing.assert_array_equal(load_arrays(tmp_path / "b.npz")["arr_0"], values)
    if values.size:
        mapped = load_array(tmp_path / "a.npy", mapped=True)
        assert isinstance(mapped, np.memmap)
        np.testing.assert_array_equal(mapped, values)


def test_other_orders_and_versions(tmp_path, rng):
    values = np.asfortranarray(rng.random((3, 4)))
    np.save(tmp_path / "a.npy", values)
    np.testing.assert_array_equal(load_array(tmp_path / "a.npy"), values)
    with open(tmp_path / "b.npy", "wb") as handle:
        np.lib.format.write_array(handle, values, version=(2, 0))
    np.testing.assert_array_equal(load_array(tmp_path / "b.npy"), values)


@pytest.mark.parametrize("shape", [(200_000, 200_000), (3, 5), (2, 4), (10**30, 10**30), (-3, -4), (-1,)])
@pytest.mark.parametrize("packed", [False, True])
def test_a_header_that_promises_something_else(tmp_path, shape, packed):
    content, path = npy(np.zeros((3, 4)), shape=shape), tmp_path / "a.npz"
    if packed:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.npy", content)
    else:
        path.write_bytes(content)
    tracemalloc.start()
    with pytest.raises(ValueError, match="header says"):
        (load_arrays if packed else load_array)(path)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(arrays, "LARGEST", 10_000_000)
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, a=np.zeros(1_000_000), b=np.zeros(1_000_000))
    assert path.stat().st_size < 50_000
    tracemalloc.start()
    with pytest.raises(ValueError, match="unpacked it would take"):
        load_arrays(path)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_objects_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}], dtype=object))
    np.savez(tmp_path / "a.npz", np.array([{}], dtype=object))
    for read, name in ((load_array, "a.npy"), (load_arrays, "a.npz")):
        with pytest.raises(ValueError, match="pickled objects"):
            read(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path):
    for read in (load_array, load_arrays):
        with pytest.raises(FileNotFoundError):
            read(tmp_path / "gone.npz")
        with pytest.raises(IsADirectoryError):
            read(tmp_path)
