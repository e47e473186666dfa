"""What a delivery is called, how large it is, and that the documented check of it works."""

import re
import time
from pathlib import Path
from typing import Any

import msgspec

from app.hooks.letter import LETTER_BYTES, Letter, headers_of, letter_of
from app.hooks.models import OutgoingHook, Place
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


def content(letter: Letter) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(letter.body)
    return found


def test_the_same_revs_are_the_same_delivery() -> None:
    first, again = (letter_of(HOOK, 5, 8, items(3, size)) for size in (10, 20))
    assert (first.id, first.rev) == (again.id, again.rev)
    assert letter_of(HOOK, 5, 9, items(4)).id != first.id


def test_what_does_not_fit_is_left_to_the_next_one() -> None:
    letter = letter_of(HOOK, 5, 25, items(20, LETTER_BYTES // 4))
    assert [item["rev"] for item in content(letter)["items"]] == [6, 7, 8]
    assert (content(letter)["prev"], content(letter)["rev"], letter.rev) == (5, 8, 8)
    alone = letter_of(HOOK, 5, 7, items(2, 2 * LETTER_BYTES))
    assert (len(content(alone)["items"]), alone.rev) == (1, 6)


def test_after_a_reset_the_newest_that_fit_are_told_and_the_cursor_is_at_the_end() -> None:
    letter = letter_of(HOOK, 0, 30, items(20, LETTER_BYTES // 4), is_reset=True)
    told = content(letter)
    assert [item["rev"] for item in told["items"]] == [23, 24, 25]
    assert (told["prev"], told["rev"], told["reset"]) == (0, 30, True)


def test_the_check_in_the_documentation_takes_what_is_ours_and_nothing_else() -> None:
    [code] = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    known: dict[str, Any] = {}
    exec(code, known)
    is_from_parley = known["is_from_parley"]
    letter = letter_of(HOOK, 5, 6, items(1))
    headers = headers_of(HOOK.secret, letter, int(time.time()))
    assert is_from_parley("s", headers, letter.body)
    assert not is_from_parley("t", headers, letter.body)
    assert not is_from_parley("s", headers, letter.body + b" ")
    old = headers_of(HOOK.secret, letter, int(time.time()) - 301)
    assert not is_from_parley("s", old, letter.body)
    assert not is_from_parley("s", {**old, "Parley-Timestamp": str(int(time.time()))}, letter.body)
