"""A room's past, written as the committer would have written it, many messages at once."""

from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database

from bench.rivals import FORMS

BATCH = 5_000
TEXT_BYTES = 85


def text(number: int, sender: int = 0, length: int = TEXT_BYTES) -> str:
    """A text that the load generator knows to the last byte; see `load/text.h`."""
    head = f"bench {sender:05} {number:08} {0:016x} "
    count = length - len(head)
    words = [
        " " if n % 8 == 7 and n + 1 < count else chr(97 + (sender * 7 + number * 13 + n) % 26)
        for n in range(count)
    ]
    return head + "".join(words)


def fill(database: Database[Any], room_id: str, sender: str, messages: int) -> int:
    """Write so many messages behind the room's head, before a server looks at it; the old head."""
    stream = f"room:{room_id}"
    head = database["entries"].find_one({"stream": stream}, sort=[("rev", -1)])
    assert head is not None
    first = head["rev"] + 1
    for start in range(0, messages, BATCH):
        numbers = range(start, min(start + BATCH, messages))
        entries = [entry(stream, first + n, sender, head["at"], text(n)) for n in numbers]
        database["entries"].insert_many(entries, ordered=False)
    return int(head["rev"])


def fill_rival(database: Database[Any], room_id: str, sender: str, messages: int) -> int:
    """The same for each form of `servers/rival.mjs`, in a room that they do not know yet."""
    by = {"id": sender, "name": "Ana"}
    at = datetime.now(UTC)
    for start in range(0, messages, BATCH):
        numbers = range(start, min(start + BATCH, messages))
        told = [_told(room_id, n + 1, by, at, text(n)) for n in numbers]
        for form in FORMS:
            database[form].insert_many(told)
    return 0


def _told(room_id: str, seq: int, by: dict[str, str], at: datetime, said: str) -> dict[str, Any]:
    name = f"{room_id[-12:]}{seq:012x}"
    body = {"text": said, "html": f"<p>{said}</p>\n"}
    return {"_id": name, "room": room_id, "seq": seq, "at": at, "by": by, **body}


def entry(stream: str, rev: int, sender: str, at: Any, said: str) -> dict[str, Any]:
    return {
        "_id": f"{stream[-12:]}{rev:012x}",
        "stream": stream,
        "rev": rev,
        "kind": "item",
        "sender": sender,
        "client_id": f"c{rev}",
        "fingerprint": b"0" * 16,
        "at": at,
        "latest": rev,
        "body": {"text": said, "html": f"<p>{said}</p>", "mentions": [], "name": "Ana"},
    }
