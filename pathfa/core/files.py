"""Files that are there, and files that are written whole or not at all."""

from __future__ import annotations

import difflib
import errno
import glob
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pathfa.core.errors import MissingInputError, OutputError

HDF5 = b"\x89HDF"  # how such a file begins
_REASONS = {
    errno.ENOSPC: ("the disk is full", "free some space or choose another folder"),
    errno.EDQUOT: ("the disk quota is used up", "free some space or choose another folder"),
    errno.EROFS: ("the file system is read-only", "choose a folder that can be written"),
    errno.EACCES: ("permission denied", "choose a folder that can be written"),
    errno.EPERM: ("permission denied", "choose a folder that can be written"),
    errno.EEXIST: ("a part of the path is a file", "choose another folder"),
    errno.ENOTDIR: ("a part of the path is a file", "choose another folder"),
    errno.EISDIR: ("there is a folder of that name", "choose another name"),
}


def matching(path: str | Path) -> list[Path]:
    """Return what a path with ``*``, ``?``, ``[...]`` or ``**`` in it stands for, in the order of their names.

    A path without them, or that there is as it is written, stands for itself; what is hidden matches nothing.
    """
    if Path(path).exists() or not glob.has_magic(str(path)):
        return [Path(path)]
    return sorted(map(Path, glob.iglob(str(path), recursive=True)))


def top_of(path: Path) -> Path:
    """Return the folder above all that a path with ``*``, ``?`` or ``[...]`` in it can match; without them the path."""
    plain = path
    while glob.has_magic(str(plain)) and not plain.exists():
        plain = plain.parent
    return plain


def require_file(path: str | Path) -> Path:
    """Return the path if a file or folder is there, or files that it matches.

    Raises
    ------
    MissingInputError
        When nothing is there; the message names the files of the same beginning beside it.
    """
    path = Path(path)
    try:
        exists = any(file.exists() for file in matching(path))
    except (OSError, ValueError) as reason:  # too long, or with a null byte
        raise MissingInputError(f"{str(path)[:200]!r}: not a possible file name ({reason})") from None
    if exists:
        return path
    folder = path.parent
    if folder.is_dir():
        near = difflib.get_close_matches(path.name, [entry.name for entry in folder.iterdir()], n=3, cutoff=0.6)
        hint = f"; the folder contains {', '.join(near)}" if near else ""
    else:
        hint = "; its folder does not exist either"
    raise MissingInputError(f"{path}: there is no such file{hint}")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Explain the errors of a block that writes ``path``.

    Parameters
    ----------
    path
        What is written: a file or a folder.

    Raises
    ------
    pathfa.core.errors.OutputError
        If the disk is full, read-only or not ours.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:  # HDF5 raises either
        reason = _reason(error)
        if reason is None:
            raise
        said, fix = reason
        full = reason in (_REASONS[errno.ENOSPC], _REASONS[errno.EDQUOT]) and path.parent.is_dir()
        free = f" ({shutil.disk_usage(path.parent).free / 1e6:.0f} MB free)" if full else ""
        msg = f"{path}: cannot be written: {said}{free}; nothing was left behind. Fix: {fix}"
        raise OutputError(msg) from error


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path`` that takes its place when the block ends without an error.

    A process that dies in between leaves the old file, or none. What it leaves of the temporary file is removed by the
    next writer of the same file.

    Parameters
    ----------
    path
        The file to write. Its folder is made.

    Raises
    ------
    pathfa.core.errors.OutputError
        If it cannot be written.
    """
    part = path.with_name(f".{path.stem}.{socket.gethostname()}-{os.getpid()}.part{path.suffix}")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        try:
            yield part
            os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def write_text(path: Path, text: str) -> None:
    """Write text in UTF-8, whole or not at all.

    Raises
    ------
    pathfa.core.errors.OutputError
        If it cannot be written.
    """
    with whole(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def _reason(error: OSError | RuntimeError) -> tuple[str, str] | None:
    for number, reason in _REASONS.items():
        if getattr(error, "errno", None) == number or f"errno = {number}," in str(error):  # HDF5 has it in its text
            return reason
    return None


def _sweep(path: Path) -> None:
    """Remove what dead processes of this machine left of the temporary files of ``path``."""
    mine = f".{path.stem}.{socket.gethostname()}-"
    for left in path.parent.glob(f"{mine}*.part{path.suffix}"):
        pid = left.name.removeprefix(mine).removesuffix(f".part{path.suffix}")
        if pid.isdigit() and not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists():
            left.unlink(missing_ok=True)
