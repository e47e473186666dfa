"""What is in a push message, what an answer means, and how long a failing push service rests."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.notifications.models import Notice, body_of
from app.notifications.push.client import NOBODY, contact_of
from app.notifications.push.outcome import BACKOFF, outcome_of
from app.notifications.push.payload import PAYLOAD_BYTES, PushMessage, push_message, topic_of
from app.outbound.backoff import LONGEST_RETRY_AFTER_S
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


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, "taken"),
        (201, "taken"),
        (202, "taken"),
        (301, "later"),
        (400, "refused"),
        (401, "later"),
        (403, "later"),
        (404, "gone"),
        (410, "gone"),
        (413, "refused"),
        (429, "later"),
        (500, "later"),
        (503, "later"),
    ],
)
def test_what_a_status_means(status: int, kind: str) -> None:
    assert outcome_of(status, None, NOW).kind == kind


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Sun, 01 Mar 2026 09:05:00 GMT", 300),
        ("Sun, 01 Mar 2026 08:00:00 GMT", 0),
        ("999999999999999999999", LONGEST_RETRY_AFTER_S),
        ("Sun, 01 Mar 2099 09:05:00 GMT", LONGEST_RETRY_AFTER_S),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("Sun, 01 Mar 2026 09:05:00", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert outcome_of(429, header, NOW).retry_after_s == seconds


def test_pauses_double_up_to_an_hour() -> None:
    pauses = [BACKOFF.delay(n, None, 1.0).total_seconds() for n in range(1, 40)]
    assert pauses[:4] == [20, 40, 80, 160]
    assert pauses == sorted(pauses)
    assert pauses[-1] == BACKOFF.longest_s


def test_pauses_spread_and_never_vanish() -> None:
    assert BACKOFF.delay(1, None, 0.0).total_seconds() == 10
    assert BACKOFF.delay(5, 0, 0.5).total_seconds() == 1
    assert BACKOFF.delay(1, 600, 0.5).total_seconds() == 600


def test_push_services_are_told_of_a_site_that_they_can_reach() -> None:
    assert contact_of("https://chat.example.org:8443") == "https://chat.example.org:8443"
    assert contact_of("http://localhost:8000") == NOBODY
