"""What is said where a file cannot be written or read."""

import errno
import os
import resource

import pytest

from yardsticks.datasets.files import Damaged, DiskFull, read_json, reading, write_whole, writing_whole


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_full_disk(tmp_path, monkeypatch, number):
    path = tmp_path / "x"
    write_whole(path, b"before")

    def full(handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match=rf"no room is left to write {path} .*make room and run the same command again"):
        write_whole(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_no_room_for_real(tmp_path):
    """The system's own refusal, by a limit on the size of files."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(DiskFull, match="no room is left"):
            write_whole(tmp_path / "x", bytes(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_other_errors_are_left_as_they_are(tmp_path):
    with pytest.raises(KeyError), writing_whole(tmp_path / "x"):
        raise KeyError
    with pytest.raises(FileNotFoundError, match="other"), writing_whole(tmp_path / "x"):
        open(tmp_path / "other", "rb")


@pytest.mark.parametrize("kind", [FileNotFoundError, PermissionError])
def test_what_cannot_be_written_is_called_as_it_was_asked_for(tmp_path, monkeypatch, kind):
    path = tmp_path / "no folder" / "x"
    if kind is PermissionError:
        (tmp_path / "no folder").mkdir()

        def refuse(first, second):
            raise PermissionError(errno.EPERM, "Operation not permitted", str(first), None, str(second))

        monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(kind, match=rf"^{path} cannot be written \([^)]+\)\. Name another place") as told:
        write_whole(path, b"")
    assert "partial" not in str(told.value)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"3", b"null", b"\xff", b'{"a": 1}', b'{"b": NaN', b"[" * 100_000]
)
def test_json_that_is_not_as_written(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(Damaged, match=rf"{path} is damaged \(.+\)\. Do something\."):
        read_json(path, "a", "b", way_out="Do something.")


def test_json_as_written(tmp_path):
    path = tmp_path / "x.json"
    path.write_text('{"a": 1, "b": [2]}')
    assert read_json(path, "a", "b", way_out="") == {"a": 1, "b": [2]}
    with pytest.raises(Damaged, match=r"is not there\. Do something\."):
        read_json(tmp_path / "y.json", way_out="Do something.")


def test_what_is_said_once_is_not_wrapped_again(tmp_path):
    with pytest.raises(Damaged, match=r"^inner$"), reading(tmp_path / "outer", "Way out."):
        raise Damaged("inner")
