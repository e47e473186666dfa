"""The content of a push message, and the headers for the push service."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.notifications.models import Notice, body_of
from app.notifications.push.encryption import NO_CONTACT, contact_of
from app.notifications.push.payload import PAYLOAD_BYTES, PushMessage, push_message, topic_of
from app.streams.models import Item

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def message(**notice: Any) -> PushMessage:
    item = Item(
        id="n1",
        stream="inbox:u1",
        seq=1,
        rev=1,
        sender="s",
        client_id="c",
        at=NOW,
        body=body_of(Notice(**{"title": "t", **notice})),
    )
    return push_message(item, NOW, NOW + timedelta(hours=1))


def content(made: PushMessage) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(made.payload)
    return told


def test_a_short_one_is_whole() -> None:
    told = content(message(title="Ana replied", body="yes", link="/rooms/hall", group="g"))
    assert told == {
        "id": "n1",
        "title": "Ana replied",
        "body": "yes",
        "link": "/rooms/hall",
        "tag": "g",
    }


def test_without_link_and_group_it_leads_to_the_list_and_stands_for_itself() -> None:
    told = content(message())
    assert (told["link"], told["tag"]) == ("/notifications", "n1")


def test_a_long_body_is_its_beginning_in_one_line() -> None:
    told = content(message(body="word\n " * 400))
    assert len(told["body"]) <= 240
    assert told["body"].startswith("word word word")
    assert told["body"].endswith("…")


@pytest.mark.parametrize("character", ["a", "é", "語", "👍", "\x01", '"', "\\"])
def test_the_longest_is_small_enough_for_every_push_service(character: str) -> None:
    long = message(
        title=character * 200,
        body=character * 4_000,
        link="https://example.org/" + "語" * 1_900,
        group=character * 200,
    )
    assert len(long.payload) <= PAYLOAD_BYTES
    assert content(long)["title"].startswith(character)
    assert len(long.topic) <= 32


def test_it_is_kept_only_while_it_is_news() -> None:
    assert message().ttl_s == 3_600


def test_topics_are_the_same_for_the_same_group_alone() -> None:
    assert message(group="g", title="one").topic == message(group="g", title="two").topic
    assert message(group="g").topic != message(group="h").topic
    assert all(c.isalnum() or c in "-_" for c in topic_of("any group: ü"))


@pytest.mark.parametrize(
    ("category", "urgency"),
    [("direct", "high"), ("mention", "high"), ("reaction", "low"), ("builds", "normal")],
)
def test_urgency_is_by_category(category: str, urgency: str) -> None:
    assert message(category=category).urgency == urgency


def test_push_services_are_told_of_a_site_that_they_can_reach() -> None:
    assert contact_of("https://chat.example.org:8443") == "https://chat.example.org:8443"
    assert contact_of("http://localhost:8000") == NO_CONTACT
