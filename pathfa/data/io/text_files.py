"""The bytes of text files: compression, encoding, and what is no text at all."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import zipfile
import zlib
from pathlib import Path

from pathfa.core.errors import InputError
from pathfa.core.files import HDF5, matching, require_file, top_of
from pathfa.core.text import count

SIGNATURES = {
    HDF5: "an HDF5 file (h5ad, h5mu)",
    b"PK\x03\x04": "an Excel workbook without its suffix .xlsx, or another document",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF document",
    b"RDX": "an R data file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x89PNG": "an image",
}
_NO_TEXT = "name the right file, or export it as TSV"


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a file, or of those of a folder or pattern in the order of their names."""
    path = require_file(path)
    if path.is_file():
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    digest, top = hashlib.sha256(), top_of(path)
    found = path.rglob("*") if path.is_dir() else matching(path)
    for file in sorted(entry for entry in found if entry.is_file()):
        digest.update(f"{file.relative_to(top)} {sha256_of(file)}\n".encode())
    return digest.hexdigest()


def read_text(path: str | Path, *, kind: type[InputError] = InputError) -> tuple[str, bytes]:
    """Read a text file, compressed or not.

    Parameters
    ----------
    path
        The file.
    kind
        The exception to raise when it cannot be read.

    Returns
    -------
    text, raw
        The text (UTF-16, else UTF-8), and the bytes of the file as they are.

    Raises
    ------
    MissingInputError
        When there is no such file.
    InputError
        Or ``kind``: cut short, an archive of several files, empty, binary or not UTF-8.
    """
    path = require_file(path)
    if not path.is_file():
        raise kind.of("not-a-file", "it is a folder", "a text file", place=path)
    raw = path.read_bytes()
    return decode(decompress(raw, path, kind), path, kind), raw


def decompress(raw: bytes, path: Path, kind: type[InputError]) -> bytes:
    """Return the bytes, decompressed when they are gzip, bzip2, xz or a zip archive of one file."""
    how = next(((name, unpack) for mark, (name, unpack) in _COMPRESSED.items() if raw.startswith(mark)), None)
    if how is None:
        if path.suffix.lower() in (".gz", ".bgz") and raw:
            found = "its name ends in .gz but it is not compressed with gzip"
            raise kind.of("not-gzip", found, fix="rename it", place=path)
        return raw
    name, unpack = how
    try:
        return unpack(raw)
    except _SeveralFilesError as several:
        found, fix = f"the archive has {count(len(several.args), 'file')}", "unpack it, and name one of them"
        raise kind.of("archive", found, "one file", fix, place=path, examples=several.args) from None
    except (EOFError, OSError, ValueError, RuntimeError, NotImplementedError, zlib.error, *_BROKEN) as reason:
        raise kind.of(
            f"truncated-{name}",
            f"the {name} file is damaged or cut short ({len(raw):,} bytes: {reason})",
            "a complete file",
            "copy or download it again",
            place=path,
        ) from None


class _SeveralFilesError(Exception):
    """An archive with other than one file; its arguments are their names."""


def _unzipped(raw: bytes) -> bytes:
    """Return the one file of a zip archive; a workbook, which is one of several, as it is."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = [each.filename for each in archive.infolist() if not each.is_dir()]
        names = [name for name in names if not name.startswith("__MACOSX/")]
        if "[Content_Types].xml" in names:
            return raw
        if len(names) != 1:
            raise _SeveralFilesError(*names)
        return archive.read(names[0])


_BROKEN = (lzma.LZMAError, zipfile.BadZipFile)
_COMPRESSED = {
    b"\x1f\x8b": ("gzip", gzip.decompress),
    b"BZh": ("bzip2", bz2.decompress),
    b"\xfd7zXZ": ("xz", lzma.decompress),
    b"PK\x03\x04": ("zip", _unzipped),
}


def decode(content: bytes, path: Path, kind: type[InputError]) -> str:
    """Return bytes as text; empty, binary and wrongly encoded content is an error."""
    if not content.strip():
        raise kind.of("empty-file", "the file is empty", "a table or list as text", "check the export", place=path)
    if what := next((what for signature, what in SIGNATURES.items() if content.startswith(signature)), ""):
        raise kind.of("binary-file", f"it is {what}", "text", _NO_TEXT, place=path)
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = "utf-16" if marked else "utf-16-le" if _every_other_is_null(content) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as reason:
        line = content[: reason.start].count(b"\n") + 1
        raise kind.of(
            "not-utf8",
            f"byte {reason.start} (line {line}) is not valid {encoding.removesuffix('-sig').upper()}",
            "text in UTF-8",
            "save it as UTF-8 text; a binary file is no table",
            place=path,
        ) from None
    if "\x00" in text:
        raise kind.of("binary-file", "it contains null bytes", "text", _NO_TEXT, place=path)
    return text


def _every_other_is_null(content: bytes) -> bool:
    """Whether bytes are UTF-16 without a mark: most letters of any table have a second byte of 0."""
    second = content[1:2000:2]
    return (
        len(content) > 3 and len(content) % 2 == 0 and 0 not in content[:2000:2] and second.count(0) > 0.9 * len(second)
    )
