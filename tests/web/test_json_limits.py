"""JSON that would take long to decode is refused before it is; what people send is not."""

import gc
import time
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from app.errors import Invalid
from app.realtime.socketio.engineio_packets import Json
from app.web import decoding
from app.web.json_limits import (
    CONTAINERS_AT_MOST,
    EXPONENTS_AT_MOST,
    VALUES_AT_MOST,
    must_be_light,
)

WITHIN_S = 0.25


class Anything(msgspec.Struct):
    """A request with any value as `data`."""

    data: Any


def listed(value: str, count: int) -> bytes:
    return b'{"data":[%b]}' % ",".join([value] * count).encode()


HEAVY = {
    "lists": listed("[]", CONTAINERS_AT_MOST + 1),
    "objects": listed('{"a":1}', CONTAINERS_AT_MOST + 1),
    "deep ones": listed("[" * 60 + "]" * 60, CONTAINERS_AT_MOST // 50),
    "numbers": listed("1", VALUES_AT_MOST + 2),
    "exponents": listed("1e300", EXPONENTS_AT_MOST + 1),
    "large exponents": listed("1E300", EXPONENTS_AT_MOST + 1),
}


LIGHT = {
    "lists": listed("[]", CONTAINERS_AT_MOST - 2),
    "objects": listed('{"a":1}', CONTAINERS_AT_MOST // 2),
    "numbers": listed("1", VALUES_AT_MOST // 2),
    "exponents": listed("1e300", EXPONENTS_AT_MOST),
    "words": listed("true", 50_000),
    "a text": b'{"data":"' + b'\\"' * 500_000,
}


@pytest.mark.parametrize("name", HEAVY)
def test_what_takes_long_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="too many"):
        decoding.from_json(HEAVY[name], Anything)


@pytest.mark.parametrize(
    "text",
    ["e," * 200_000, "[{" * 100_000, '\\"[' * 100_000, "\\\\" * 100_000, "true false " * 20_000],
)
def test_what_stands_in_a_text_makes_no_work(text: str) -> None:
    decoding.from_json(b'{"data":"%b"}' % text.encode(), Anything)


@pytest.mark.parametrize(
    "raw", [*LIGHT.values(), b'{"data":' + b"[" * 1_000_000], ids=[*LIGHT, "endless lists"]
)
def test_what_is_not_refused_so_takes_little_time(raw: bytes) -> None:
    gc.freeze()  # The collector would look through all that the other tests have left.
    began = time.process_time()
    with suppress(Invalid):
        decoding.from_json(raw, Anything)
    with suppress(ValueError, Invalid):
        decoding.from_value(Json.loads(raw), Anything)
    took_s = time.process_time() - began
    gc.unfreeze()
    assert took_s < 2 * WITHIN_S


@pytest.mark.parametrize("name", LIGHT)
def test_what_is_light_passes(name: str) -> None:
    must_be_light(LIGHT[name])
