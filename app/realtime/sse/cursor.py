"""The opaque cursor over several streams that event readers hand back. No I/O.

Streams are named by a hash, so that it stays short enough for a header however many they are.
"""

import struct
from base64 import b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b

VERSION = b"\x01"
# Ahead of every log: whoever asks from there gets a snapshot that says `reset`.
UNREADABLE = 2**53 - 1
LONGEST = 4_096
REMEMBERED = 1_000

_PLACE = struct.Struct(">8sQ")


@lru_cache(maxsize=REMEMBERED)
def mark(key: str) -> bytes:
    """The eight bytes that stand for the stream `key` in a cursor."""
    return blake2b(key.encode(), digest_size=8).digest()


def written(revs: Mapping[bytes, int]) -> str:
    """The cursor of these revs by the mark of their stream."""
    return _written(tuple(revs.items()))


# Many readers follow the same, and are told of it in the same moment.
@lru_cache(maxsize=REMEMBERED)
def _written(revs: tuple[tuple[bytes, int], ...]) -> str:
    places = (_PLACE.pack(name, rev) for name, rev in revs)
    return urlsafe_b64encode(VERSION + b"".join(places)).rstrip(b"=").decode()


class Position:
    """Where a reader was when they left; `Position(None)` is one who comes for the first time."""

    def __init__(self, cursor: str | None) -> None:
        self._revs: dict[bytes, int] | None = {}
        if cursor:
            self._revs = _read(cursor)

    def of(self, key: str) -> int | None:
        """The rev to go on from; None where the reader did not have this stream yet.

        UNREADABLE for a cursor that can't be decoded: a hole must never go unnoticed.
        """
        return UNREADABLE if self._revs is None else self._revs.get(mark(key))


def _read(cursor: str) -> dict[bytes, int] | None:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        raw = b64decode(padded, altchars=b"-_", validate=True)
        places = {name: min(rev, UNREADABLE) for name, rev in _PLACE.iter_unpack(raw[1:])}
    except (Error, ValueError, struct.error):
        return None
    return places if raw.startswith(VERSION) and len(cursor) <= LONGEST else None
