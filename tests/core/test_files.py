"""A file is whole or absent."""

import errno
import os
import socket

import pytest

from pathfa.core.errors import OutputError
from pathfa.core.files import whole, write_text


def test_written_whole(tmp_path):
    path = tmp_path / "new" / "a.txt"
    write_text(path, "one")
    write_text(path, "two")
    assert path.read_text() == "two"
    assert [item.name for item in path.parent.iterdir()] == ["a.txt"]


def test_an_error_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(TypeError), whole(path) as part:
        part.write_text("half") + "not a number"
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


def test_what_the_dead_left_is_swept(tmp_path):
    dead = 2**22 + 1  # above the largest process id of Linux
    left = tmp_path / f".a.{socket.gethostname()}-{dead}.part.txt"
    mine = tmp_path / f".a.{socket.gethostname()}-{os.getppid()}.part.txt"
    left.write_text("half")
    mine.write_text("half")
    write_text(tmp_path / "a.txt", "x")
    assert not left.exists()
    assert mine.exists()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.EROFS, "Read-only file system"), "the file system is read-only"),
        (OSError("Can't write data (errno = 28, error message = 'No space left on device')"), "the disk is full"),
    ],
)
def test_why_it_cannot_be_written(tmp_path, error, said):
    with pytest.raises(OutputError, match=said), whole(tmp_path / "a.h5"):
        raise error
    assert list(tmp_path.iterdir()) == []


def test_other_errors_are_not_renamed(tmp_path):
    with pytest.raises(OSError, match="odd") as caught, whole(tmp_path / "a.h5"):
        raise OSError("odd")
    assert not isinstance(caught.value, OutputError)


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(OutputError, match="choose another"):
        write_text(tmp_path / "a" / "b.txt", "x")


@pytest.mark.parametrize(("number", "told"), [(errno.ENOSPC, True), (errno.EISDIR, False)])
def test_free_space_is_told_where_it_is_the_reason(tmp_path, number, told):
    with pytest.raises(OutputError) as raised, whole(tmp_path / "a.txt"):
        raise OSError(number, "no")
    assert ("MB free" in str(raised.value)) is told
