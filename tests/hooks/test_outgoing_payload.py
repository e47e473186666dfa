"""The id and size of a delivery, and the documented check of its signature."""

import re
import time
from pathlib import Path
from typing import Any

import msgspec

from app.hooks.models import OutgoingHook, Place
from app.hooks.outgoing_payload import PAYLOAD_BYTES, Payload, headers_of, payload_of
from app.times import now

PAGE = Path(__file__).parents[2] / "docs" / "HOOKS.md"
HOOK = OutgoingHook(
    id="a" * 24,
    name="Copy",
    place=Place(kind="topic", id="news"),
    by="b" * 24,
    created=now(),
    url="https://example.org/in",
    secret="s",
    cursor=5,
)


def items(count: int, size: int = 10) -> list[dict[str, Any]]:
    return [{"rev": 6 + n, "data": "x" * size} for n in range(count)]


def content(payload: Payload) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(payload.body)
    return found


def test_the_same_revs_are_the_same_delivery() -> None:
    first, again = (payload_of(HOOK, 8, items(3, size)) for size in (10, 20))
    assert (first.id, first.rev) == (again.id, again.rev)
    assert payload_of(HOOK, 9, items(4)).id != first.id


def test_what_does_not_fit_is_left_to_the_next_one() -> None:
    payload = payload_of(HOOK, 25, items(20, PAYLOAD_BYTES // 4))
    assert [item["rev"] for item in content(payload)["items"]] == [6, 7, 8]
    assert (content(payload)["prev"], content(payload)["rev"], payload.rev) == (5, 8, 8)
    alone = payload_of(HOOK, 7, items(2, 2 * PAYLOAD_BYTES))
    assert (len(content(alone)["items"]), alone.rev) == (1, 6)


def test_after_a_reset_the_newest_that_fit_are_told_and_the_cursor_is_at_the_end() -> None:
    payload = payload_of(HOOK, 30, items(20, PAYLOAD_BYTES // 4), is_reset=True)
    told = content(payload)
    assert [item["rev"] for item in told["items"]] == [23, 24, 25]
    assert (told["prev"], told["rev"], told["reset"]) == (0, 30, True)


def test_the_check_in_the_documentation_takes_what_is_ours_and_nothing_else() -> None:
    [code] = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    known: dict[str, Any] = {}
    exec(code, known)
    is_from_parley = known["is_from_parley"]
    payload = payload_of(HOOK, 6, items(1))
    headers = headers_of(HOOK.secret, payload, int(time.time()))
    assert is_from_parley("s", headers, payload.body)
    assert not is_from_parley("t", headers, payload.body)
    assert not is_from_parley("s", headers, payload.body + b" ")
    old = headers_of(HOOK.secret, payload, int(time.time()) - 301)
    assert not is_from_parley("s", old, payload.body)
    assert not is_from_parley("s", {**old, "Parley-Timestamp": str(int(time.time()))}, payload.body)
