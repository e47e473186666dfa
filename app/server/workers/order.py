"""The order by which the supervisor starts a worker: one line of JSON on its standard input.

Not in its arguments or its environment, which others on the machine may read.
"""

import os
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from app.settings import Settings

READY = "ready "


class WorkerOrder(Struct, frozen=True, kw_only=True):
    """Worker `number` of `count` serves with `settings` from the `listeners`, descriptors of bound
    sockets; it meets the others in `folder`."""

    number: int
    count: int
    listeners: tuple[int, ...]
    folder: Path
    settings: Settings


def line_of(order: WorkerOrder) -> bytes:
    """The order as a line."""
    return msgspec.json.encode(order, enc_hook=str) + b"\n"


def order_from(descriptor: int) -> WorkerOrder:
    """Read the order from a pipe, and nothing behind it. Raises EOFError, msgspec.DecodeError."""
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(descriptor, 65_536)
        if not piece:
            raise EOFError("There was no order.")
        line += piece
    return msgspec.json.decode(line, type=WorkerOrder, dec_hook=_path)


def _path(kind: type, raw: Any) -> Any:
    return Path(raw) if kind is Path else raw
