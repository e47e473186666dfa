"""Makes up requests and events, some right, most wrong. The same seed makes up the same ones."""

import json
import random
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from msgspec import Struct

from tests.growth.hostile import Hostile, kinds
from tests.growth.places import Place, as_form, encoded, many, texts, with_text

LONGEST = 60_000
# Values that are no text, or a text that is none.
ODD: Sequence[Any] = (
    *(None, True, False, 0, -1, 1.5, 1e308, -0.0, 2**53, 2**63, 2**64, -(2**63), 10**400),
    *([], {}, [[]], {"$ne": None}, {"$gt": ""}, {"a.b": 1}, {"$where": "1"}, {"a\0b": 1}, {"": ""}),
    *(
        "",
        " ",
        "\0",
        "null",
        "NaN",
        "-1",
        "9" * 30,
        "1e999",
        "../../etc/passwd",
        "<script>",
        "$set.x",
    ),
    *(
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-02-30T25:61:61Z",
        "2026-01-01",
    ),
    *("\u202e", "\ufeff", "\U0010ffff", "a" * 24, "0" * 24, "%00", "{{7*7}}", "';--", "\r\nX: y"),
)
# JSON that no encoder of ours would write.
BROKEN = (
    *(
        b"",
        b"{",
        b"[",
        b'"',
        b"\xff\xfe",
        b"\x00",
        b"nul",
        b"{}}",
        b'{"a":1,}',
        b"NaN",
        b"1" * 5_000,
    ),
    *(b'"\\ud800"', b'{"text":"\\ud800"}', b'{"text":"\\u0000"}', b"[" * 5_000, b'{"a":' * 5_000),
    *(b"[" * 63 + b"]" * 63, b"[" * 5_000 + b"]" * 5_000, b'{"a":1e999}', b"\xef\xbb\xbf{}", b"-"),
)


class Request(Struct, frozen=True):
    """One request, as it goes over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    def __str__(self) -> str:
        return f"{self.method} {self.target[:200]} {self.headers} {self.body[:300]!r}"


class Fuzz:
    """Endless requests and events over these places."""

    def __init__(self, seed: int, places: Sequence[Place], events: Sequence[tuple[str, Any]]):
        self._dice = random.Random(seed)
        self._places = places
        self._events = events
        self._hostile = kinds(in_full=True)

    def requests(self) -> Iterator[Request]:
        """Requests, one after the other."""
        while True:
            place = self._dice.choice(self._places)
            yield Request(place.method, self._target(place), *self._content(place))

    def frames(self) -> Iterator[tuple[str, str]]:
        """Events with their payload as JSON text."""
        while True:
            name, kind = self._dice.choice(self._events)
            found = texts(kind)
            payload = with_text(kind, self._dice.choice(found)[0], self._value()) if found else {}
            text = json.dumps(payload)
            if self._dice.random() < 0.1:
                text = self._dice.choice(BROKEN).decode("utf-8", "replace")
            yield name, text

    def _value(self) -> Any:
        if self._dice.random() < 0.6:
            return self._dice.choice(ODD)
        kind: Hostile = self._dice.choice(self._hostile)
        return kind.text(int(LONGEST ** self._dice.random()))

    def _target(self, place: Place) -> str:
        path = place.path
        for name in ("room", "topic", "hook", "user", "id", "code", "path"):
            usual = {"room": "hallway", "topic": "news"}.get(name, "x")
            mine = place.where == "path" and place.name == name
            part = quote(str(self._value())[:800], "", errors="replace") if mine else usual
            path = path.replace(f"{{{name}}}", part)
        if place.where == "query":
            fields = [
                (place.name, str(self._value())[:500]) for _ in range(self._dice.randint(1, 2))
            ]
            path += "?" + urlencode(fields, errors="replace")
        return path

    def _content(self, place: Place) -> tuple[dict[str, str], bytes]:
        as_json = {"Content-Type": "application/json"}
        as_posted = {"Content-Type": "application/x-www-form-urlencoded"}
        if place.where == "form":
            fields = as_form(with_text(place.kind, place.name, self._value()))
            return as_posted, self._damaged(urlencode(fields, errors="replace").encode())
        if place.where == "json":
            whole = with_text(many(place.kind), place.name, self._value())
            return as_json, self._damaged(self._encoded(whole))
        if place.where == "body":
            return self._dice.choice((as_json, as_posted)), self._dice.choice(BROKEN)
        return {}, b""

    def _encoded(self, whole: Any) -> bytes:
        try:
            return encoded(whole)
        except (OverflowError, ValueError, TypeError):
            return json.dumps(whole).encode()

    def _damaged(self, body: bytes) -> bytes:
        """Now and then with a few bytes changed."""
        if not body or self._dice.random() < 0.8:
            return body
        changed = bytearray(body)
        for _ in range(self._dice.randint(1, 4)):
            changed[self._dice.randrange(len(changed))] = self._dice.randrange(256)
        return bytes(changed)
