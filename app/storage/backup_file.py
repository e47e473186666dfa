"""The file of a backup: gzip over frames of a tag and BSON, closed by a SHA-256 of all frames.

It is written to a temporary file and renamed when complete: a backup that exists is complete.
"""

import contextlib
import gzip
import hashlib
import os
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import bson
from bson.errors import InvalidBSON
from msgspec import Struct

from app.storage.errors import StorageError

FORMAT, VERSION = "parley-backup", 1
HEADER, COLLECTION, DOCUMENT, END = b"H", b"C", b"D", b"E"

# MongoDB's limit for a document, and its overhead.
LONGEST_BYTES = 16 * 1024 * 1024 + 16 * 1024

Frame = tuple[bytes, bytes]


class Summary(Struct, frozen=True, kw_only=True):
    """A verified backup; `migration` is the newest one of its database."""

    made_at: str
    parley: str
    migration: int
    documents: int


class ArchiveWriter:
    """Writes one backup, as a context manager; without `finish` it leaves no file behind."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._checksum = hashlib.sha256()
        self.documents = 0

    def __enter__(self) -> "ArchiveWriter":
        try:
            descriptor, name = tempfile.mkstemp(
                dir=self._path.parent, prefix=f".{self._path.name}-"
            )
        except OSError as error:
            raise StorageError(f"{self._path} can't be written: {error.strerror}.") from error
        self._draft = Path(name)
        self._file = os.fdopen(descriptor, "wb")
        self._packed = gzip.GzipFile(fileobj=self._file, mode="wb", compresslevel=5, mtime=0)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._packed.close()
            self._file.close()
        self._draft.unlink(missing_ok=True)

    def begin(self, header: Mapping[str, Any]) -> None:
        """Write the first frame: `made_at`, `parley` (the version) and `migration`."""
        self._write(HEADER, bson.encode({"format": FORMAT, "version": VERSION, **header}))

    def collection(
        self, name: str, indexes: Sequence[Mapping[str, Any]], options: Mapping[str, Any]
    ) -> None:
        """Begin a collection; the next documents belong to it. Only a time series has options."""
        self._write(COLLECTION, bson.encode({"name": name, "indexes": indexes, "options": options}))

    def document(self, raw: bytes) -> None:
        """Write one document, as BSON."""
        self._write(DOCUMENT, raw)
        self.documents += 1

    def finish(self) -> int:
        """Write the checksum, put the file in place, durably, and return its size in bytes."""
        checksum = self._checksum.digest()
        self._write(END, bson.encode({"documents": self.documents, "sha256": checksum}))
        self._packed.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        size = self._draft.stat().st_size
        self._draft.replace(self._path)
        _sync_folder(self._path.parent)
        return size

    def _write(self, tag: bytes, content: bytes) -> None:
        self._checksum.update(tag)
        self._checksum.update(content)
        self._packed.write(tag)
        self._packed.write(content)


def _sync_folder(folder: Path) -> None:
    # Without it the new name could be lost in a power failure.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def verify(path: Path) -> Summary:
    """Read the whole file and check it. Raises StorageError unless it is complete and undamaged."""
    checksum = hashlib.sha256()
    documents = 0
    header: Mapping[str, Any] = {}
    for tag, content in frames(path):
        if tag == END:
            return _closed(path, header, bson.decode(content), documents, checksum.digest())
        if tag == HEADER:
            header = _header(path, content)
        elif not header:
            raise _damaged(path)
        documents += tag == DOCUMENT
        checksum.update(tag)
        checksum.update(content)
    raise _damaged(path)


def _header(path: Path, content: bytes) -> Mapping[str, Any]:
    header = bson.decode(content)
    if header.get("format") != FORMAT:
        raise StorageError(f"{path} is not a backup of Parley.")
    if header.get("version", 0) > VERSION:
        raise StorageError(f"{path} was made by a newer Parley. Restore it with that version.")
    return header


def _closed(
    path: Path, header: Mapping[str, Any], end: Mapping[str, Any], documents: int, checksum: bytes
) -> Summary:
    if not header or end.get("sha256") != checksum or end.get("documents") != documents:
        raise _damaged(path)
    return Summary(
        made_at=str(header["made_at"]),
        parley=str(header["parley"]),
        migration=int(header["migration"]),
        documents=documents,
    )


def frames(path: Path) -> Iterator[Frame]:
    """The frames `(tag, BSON)` of a file. Raises StorageError where one can't be read."""
    try:
        with gzip.open(path, "rb") as file:
            yield from _frames(path, file)
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile):
            raise StorageError(f"{path} is not a backup of Parley, or it is damaged.") from error
        raise StorageError(f"{path} can't be read: {error.strerror}.") from error
    except (EOFError, zlib.error, InvalidBSON) as error:
        raise _damaged(path) from error


def _frames(path: Path, file: gzip.GzipFile) -> Iterator[Frame]:
    while tag := file.read(1):
        prefix = file.read(4)
        length = int.from_bytes(prefix, "little")
        if tag not in (HEADER, COLLECTION, DOCUMENT, END) or not 5 <= length <= LONGEST_BYTES:
            raise _damaged(path)
        content = prefix + file.read(length - 4)
        if len(content) != length:
            raise _damaged(path)
        yield tag, content


def _damaged(path: Path) -> StorageError:
    return StorageError(f"The backup {path} is damaged or incomplete. Nothing was changed.")
