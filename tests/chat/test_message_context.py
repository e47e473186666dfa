"""The part of a room's history around one message, for a jump."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from app.chat import message_context
from app.times import rfc3339
from tests.chat.house import House, Member


async def talk(by: Member, count: int) -> list[dict[str, Any]]:
    """Send `count` messages, one after the other; returns their answers."""
    return [await by.sends(f"message {n}") for n in range(count)]


def texts(answer: dict[str, Any]) -> list[str]:
    return [item["text"] for item in answer["items"] if "system" not in item]


async def test_the_messages_on_both_sides_come_in_order(ana: Member, ben: Member) -> None:
    sent = await talk(ana, 20)
    there = {"room": "hallway", "limit": 6}
    answer = await ben.does("message:context", **there, id=sent[10]["id"])
    assert texts(answer) == [f"message {n}" for n in range(8, 14)]
    assert (answer["older"], answer["newer"]) == (True, True)
    assert answer["seq"] == sent[10]["seq"]
    assert (
        answer["items"]
        == (await ben.does("message:context", **there, seq=sent[10]["seq"]))["items"]
    )


async def test_the_ends_of_a_room_are_known(ana: Member) -> None:
    sent = await talk(ana, 3)
    answer = await ana.does("message:context", room="hallway", id=sent[2]["id"])
    assert texts(answer) == ["message 0", "message 1", "message 2"]
    assert (answer["older"], answer["newer"]) == (False, False)


async def test_a_seq_after_the_last_message_leads_to_the_end(ana: Member) -> None:
    sent = await talk(ana, 3)
    answer = await ana.does("message:context", room="hallway", seq=10_000)
    assert answer["seq"] == sent[-1]["seq"]
    assert texts(answer)[-1] == "message 2"


async def test_long_messages_are_cut_off_on_both_sides(ana: Member) -> None:
    sent = [await ana.sends(str(n) * 1_000) for n in range(9)]
    with patch.object(message_context, "PORTION_BYTES", 12_000):
        answer = await ana.does("message:context", room="hallway", id=sent[4]["id"])
    kept = "".join(text[0] for text in texts(answer))
    assert "4" in kept
    assert kept in "012345678"
    assert 2 < len(kept) < 9
    assert (kept[0] > "0", kept[-1] < "8") == (True, True)
    assert (answer["older"], answer["newer"]) == (True, True)


async def test_a_moment_leads_to_the_first_message_since(ana: Member) -> None:
    await talk(ana, 9)
    items = (await ana.does("room:history", room="hallway", before=10_000))["items"]
    for wanted in items:
        answer = await ana.does("message:context", room="hallway", at=wanted["at"])
        assert answer["seq"] == next(i["seq"] for i in items if i["at"] >= wanted["at"])
    long_ago = rfc3339(datetime(2020, 1, 1, tzinfo=UTC))
    tomorrow = rfc3339(datetime.now(UTC) + timedelta(days=1))
    first = await ana.does("message:context", room="hallway", at=long_ago)
    last = await ana.does("message:context", room="hallway", at=tomorrow)
    assert (first["seq"], last["seq"]) == (items[0]["seq"], items[-1]["seq"])


async def test_a_room_outside_and_a_missing_message_are_not_found(
    house: House, ana: Member, ben: Member
) -> None:
    private = await ana.does("room:create", name="secret", kind="private")
    sent = await ana.does("message:send", room=private["room"]["id"], text="x", client_id="1")
    secret = {"room": private["room"]["id"], "id": sent["id"]}
    assert await ben.fails("message:context", **secret) == "not_found"
    # An id alone leads nowhere: the message has to be one of the room that is named.
    elsewhere = {"room": "hallway", "id": sent["id"]}
    assert await ana.fails("message:context", **elsewhere) == "not_found"


@pytest.mark.parametrize("named", [{}, {"id": "x", "seq": 1}, {"at": "2026-01-01T00:00:00"}])
async def test_one_way_to_name_the_message_is_required(ana: Member, named: dict[str, Any]) -> None:
    assert await ana.fails("message:context", room="hallway", **named) == "invalid"
