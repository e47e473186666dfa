"""Parley refuses other versions of the libraries that it overrides parts of."""

import re
from importlib.util import find_spec, module_from_spec
from pathlib import Path

import pytest

from app.realtime import pinned

ROOT = Path(__file__).parents[2]
OVERRIDES = [
    "app.realtime.http_connections",
    "app.realtime.line.aiohttp_websocket",
    "app.realtime.socketio.engineio_server",
    "app.realtime.socketio.engineio_socket",
    "app.realtime.socketio.server",
    "app.realtime.socketio.socketio_manager",
]


def test_the_versions_are_those_of_the_requirements() -> None:
    text = (ROOT / "requirements.in").read_text(encoding="utf-8")
    named = dict(re.findall(r"^([\w-]+)==([\w.]+)", text, flags=re.MULTILINE))
    assert {name: named.get(name) for name in pinned.PINNED} == pinned.PINNED


@pytest.mark.parametrize("module", OVERRIDES)
def test_another_version_is_refused_at_import(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinned, "version", lambda _: "99.0")
    spec = find_spec(module)
    assert spec is not None
    assert spec.loader is not None
    with pytest.raises(ImportError, match=r"not public, but 99\.0 is installed"):
        spec.loader.exec_module(module_from_spec(spec))
