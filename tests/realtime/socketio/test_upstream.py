"""The patches of docs/upstream fit the installed libraries and do what they say.

The pins make us look again at every update: our subclasses stand on methods that are not public.
"""

import hashlib
import importlib.metadata
import inspect
import re
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import engineio.payload
import pytest
import socketio.base_manager
from socketio import AsyncManager, AsyncServer
from socketio.base_manager import BaseManager

from tests.realtime.lines_run import lines_run

PATCHES = Path(__file__).parents[3] / "docs" / "upstream"
ROOMS = "python-socketio-rooms-of-a-client.patch"
PAYLOADS = "python-engineio-count-before-splitting.patch"

# The first 16 digits of the SHA-256 of what
# app/realtime/socketio/socketio_manager.py and server.py stand on.
PINS = {
    BaseManager: "b393b4c05dbd88e2",
    AsyncManager: "93e3af0127f9a042",
    AsyncServer._handle_connect: "c97c480cf777de36",
    AsyncServer._handle_disconnect: "c0b32ada5b371230",
    AsyncServer._handle_eio_disconnect: "9344593148b66fd9",
}


@pytest.mark.parametrize("source", PINS, ids=lambda source: source.__qualname__)
def test_what_we_stand_on_is_as_it_was(source: Any) -> None:
    text = inspect.getsource(source)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == PINS[source]


def test_the_readme_names_the_installed_versions() -> None:
    readme = (PATCHES / "README.md").read_text(encoding="utf-8")
    named = dict(re.findall(r"\| (python-\w+) ([\d.]+) \|", readme))
    assert named == {name: importlib.metadata.version(name) for name in named}
    assert set(re.findall(r"\]\(([\w-]+\.patch)\)", readme)) == {
        p.name for p in PATCHES.glob("*.patch")
    }


def patched(module: ModuleType, patch: str) -> dict[str, Any]:
    """The names of `module` as they are with a patch of docs/upstream."""
    source = inspect.getsource(module)
    for hunk in re.split(r"^@@.*@@.*\n", (PATCHES / patch).read_text(), flags=re.MULTILINE)[1:]:
        lines = hunk.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        assert source.count(before) == 1, f"this part of {patch} does not fit:\n{before}"
        source = source.replace(before, after)
    names: dict[str, Any] = {"__name__": module.__name__, "__package__": module.__package__}
    exec(compile(source, patch, "exec"), names)
    return names


def leaving(kind: Callable[[], Any], crowd: int) -> int:
    """How many lines run while one of `crowd` leaves, when all are about to."""
    manager, numbers = kind(), count()
    eio = SimpleNamespace(generate_id=lambda: f"sid{next(numbers)}")
    manager.server = SimpleNamespace(eio=eio)
    sids = [manager.pre_connect(f"eio{n}", "/") for n in range(crowd)]
    for sid in sids:
        manager.connect(sid, "/")
        manager.basic_enter_room(sid, "/", "hallway")
    assert manager.get_rooms(sids[0], "/") == [sids[0], "hallway"]
    for sid in sids:
        manager.pre_disconnect(sid, "/")
    with lines_run() as lines:
        manager.basic_disconnect(sids[0], "/")
    for sid in sids[1:]:
        manager.basic_disconnect(sid, "/")
    assert manager.rooms == {}
    return lines.count


def test_with_the_patch_leaving_costs_the_same_in_any_crowd() -> None:
    kind = patched(socketio.base_manager, ROOMS)["BaseManager"]
    assert leaving(kind, 10) == leaving(kind, 300)
    # Else this test would show nothing.
    assert leaving(BaseManager, 10) < leaving(BaseManager, 300)


def test_with_the_patch_as_many_packets_are_taken_as_before() -> None:
    payload = patched(engineio.payload, PAYLOADS)["Payload"]
    payload.max_decode_packets = 3
    assert len(payload(encoded_payload="\x1e".join("444")).packets) == 3
    with pytest.raises(ValueError, match="Too many"):
        payload(encoded_payload="\x1e".join("4444"))
