"""Chat's rules without a database: unread, presence, typing, turns, texts."""

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.models import Caller, User
from app.chat.messages import checked_text
from app.chat.models import Membership
from app.chat.ordered_lock import OrderedLocks
from app.chat.presence import Presence
from app.chat.room_view import RoomView
from app.chat.subscribers import Subscribers
from app.chat.system_messages import text_and_html, text_of
from app.chat.typing import EXPIRES_S, Typing
from app.chat.unread import AT_MOST, WINDOW, CountableMessage, RecentMessages
from app.errors import Invalid, TooLarge
from app.realtime.connections import Connection
from app.realtime.events import Event
from app.web.templates import inert

ANA = User(id="ana", username="ana", name="Ana")


class Quiet(Connection):
    """A connection that nobody writes to."""

    transport, buffered_bytes = "none", 0

    def __init__(self, user: User = ANA) -> None:
        super().__init__(Caller(user=user), address="", since=datetime.now(UTC))

    def send(self, event: Event) -> None: ...

    def drop(self, topic: str) -> None: ...

    def revoke(self, topic: str) -> None: ...

    def close(self) -> None: ...


# Unread.


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["send", "delete", "again"]),
            st.integers(1, 30),
            st.sampled_from(["ana", "ben"]),
            st.booleans(),
        ),
        max_size=60,
    ),
    st.integers(0, 40),
)
def test_recent_counts_as_a_plain_list_does(
    steps: list[tuple[str, int, str, bool]], read_seq: int
) -> None:
    recent, plain = RecentMessages((), 0), cast(dict[int, CountableMessage], {})
    for step, seq, sender, is_mentioned in steps:
        if step == "delete":
            recent.remove(seq)
            plain.pop(seq, None)
        else:
            message = CountableMessage(
                seq=seq, sender=sender, mentions=("ana",) if is_mentioned else ()
            )
            recent.add(message)
            plain[seq] = message
    others = [m for m in plain.values() if m.seq > read_seq and m.sender != "ana"]
    mentions = sum("ana" in m.mentions for m in others)
    assert recent.unread("ana", read_seq) == (len(others), mentions)


def test_no_more_is_counted_than_anybody_wants_to_know() -> None:
    recent = RecentMessages(
        (CountableMessage(seq=n, sender="ben") for n in range(1, AT_MOST + 9)), 0
    )
    assert recent.unread("ana", 0) == (AT_MOST, 0)


def test_recent_knows_where_its_knowledge_begins() -> None:
    recent = RecentMessages((), 0)
    for seq in range(1, 2 * WINDOW + 2):
        recent.add(CountableMessage(seq=seq, sender="ben"))
    assert not recent.covers(WINDOW - 1)
    assert recent.covers(WINDOW)
    assert recent.unread("ana", WINDOW) == (WINDOW + 1, 0)
    recent.add(CountableMessage(seq=3, sender="ben"))
    assert recent.unread("ana", 0) == (WINDOW + 1, 0)


def test_reading_never_goes_backwards() -> None:
    view = RoomView(cast(Any, None))
    view.members["ana"] = Membership(user="ana", read_seq=5)
    assert view.mark_read("ana", 7) is True
    assert view.mark_read("ana", 6) is False
    assert view.mark_read("ben", 9) is False
    assert view.read_seq("ana") == 7


# Presence.


def test_person_is_as_present_as_their_most_present_connection() -> None:
    presence, laptop, phone = Presence(), Quiet(), Quiet()
    assert presence.of("ana") == "offline"
    assert presence.set(laptop, "away") is True
    assert presence.set(phone, "online") is True
    assert presence.set(laptop, "idle") is False
    assert presence.leave(phone) is True
    assert presence.of("ana") == "idle"
    assert presence.leave(laptop) is True
    assert presence.leave(laptop) is False
    assert presence.of("ana") == "offline"
    assert presence._states == presence._counts == {}


# Typing.


def test_typing_ends_by_itself_unless_it_goes_on() -> None:
    now = 0.0
    typing = Typing(lambda: now)
    assert typing.start("hallway", "ana") is True
    assert typing.start("hallway", "ana") is False
    typing.start("hallway", "ben")
    now = EXPIRES_S - 1
    typing.start("hallway", "ana")
    now = EXPIRES_S
    assert typing.expire() == ["hallway"]
    assert typing.among("hallway") == ["ana"]
    assert typing.expire() == []
    assert typing.stop("hallway", "ana") is True
    assert typing.stop("hallway", "ana") is False
    assert typing._until == {}


def test_whoever_leaves_stops_typing_everywhere() -> None:
    typing = Typing(lambda: 0.0)
    for room in ("hallway", "workshop"):
        typing.start(room, "ana")
    typing.start("workshop", "ben")
    assert sorted(typing.stop_all("ana")) == ["hallway", "workshop"]
    assert typing.among("workshop") == ["ben"]


# OrderedLocks.


async def test_those_who_came_first_go_first_though_others_are_ready_before() -> None:
    turns, done, ready = OrderedLocks(), cast(list[int], []), [asyncio.Event() for _ in range(3)]

    async def take_part(n: int) -> None:
        with turns.take("ana") as ticket:
            await ready[n].wait()
            await ticket.acquire()
            done.append(n)

    tasks = [asyncio.create_task(take_part(n)) for n in range(3)]
    for n in (2, 1, 0):
        await asyncio.sleep(0)
        assert done == []
        ready[n].set()
    await asyncio.gather(*tasks)
    assert done == [0, 1, 2]
    assert turns._line == {}


async def test_whoever_gives_up_does_not_let_others_overtake() -> None:
    turns, done = OrderedLocks(), cast(list[str], [])
    first = turns.take("ana").__enter__()
    waiting = asyncio.create_task(_joins(turns, done, "second"))
    last = asyncio.create_task(_joins(turns, done, "third"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert done == []
    done.append("first")
    first.__exit__(None, None, None)
    await last
    assert done == ["first", "third"]


async def _joins(turns: OrderedLocks, done: list[str], name: str) -> None:
    with turns.take("ana") as ticket:
        await ticket.acquire()
        done.append(name)


# What a room says itself.


@pytest.mark.parametrize(
    ("system", "sentence"),
    [
        ({"kind": "created"}, "Ana created the room"),
        ({"kind": "created", "direct": True}, "Conversation started"),
        ({"kind": "joined"}, "Ben joined"),
        ({"kind": "invited"}, "Ana added Ben"),
        ({"kind": "left"}, "Ben left"),
        ({"kind": "removed"}, "Ana removed Ben"),
        ({"kind": "renamed", "fields": {"name": "{by} & co"}}, "Ana renamed the room to {by} & co"),
        ({"kind": "topic", "fields": {"topic": "planes"}}, "Ana set the topic: planes"),
        ({"kind": "topic", "fields": {"topic": ""}}, "Ana removed the topic"),
        ({"kind": "archived", "fields": {"archived": True}}, "Ana archived the room"),
    ],
)
def test_room_says_what_happened(system: dict[str, Any], sentence: str) -> None:
    assert text_of(system, "Ana", "Ben") == sentence


def test_names_run_in_their_own_direction_in_what_the_room_says() -> None:
    renamed = {"kind": "renamed", "fields": {"name": "<b>{by}"}}
    assert text_and_html(renamed, "دانا", "Ben") == {
        "text": "دانا renamed the room to <b>{by}",
        "html": "<bdi>دانا</bdi> renamed the room to <bdi>&lt;b&gt;{by}</bdi>",
    }
    archived = {"kind": "archived", "fields": {"archived": True}}
    assert text_and_html(archived, "Ana", "Ana")["html"] == "<bdi>Ana</bdi> archived the room"


def test_nothing_is_pushed_before_the_welcome_nor_lost() -> None:
    heard: list[Event] = []
    connection = Quiet()
    connection.send = heard.append  # type: ignore[method-assign]
    subscriber = Subscribers(cast(Any, None)).add(connection)
    welcome, news, secret = Event("welcome", {}), Event("news", {}), Event("secret", {}, "room")
    subscriber.tell(news)
    subscriber.tell(secret)
    subscriber.lose("room")
    assert heard == []
    subscriber.welcome(welcome)
    assert [event.name for event in heard] == ["welcome", "news", "room:removed"]
    subscriber.tell(news)
    assert heard[-1] is news


# Texts.


def test_text_is_measured_in_bytes() -> None:
    assert checked_text("é" * 32_768)
    with pytest.raises(TooLarge):
        checked_text("é" * 32_768 + "x")
    for wrong in ("", " \n\t", "a\0", "\u200b", "\u2800\u3164 \u00ad", "\u0301" * 9, "\U000e0041"):
        with pytest.raises(Invalid):
            checked_text(wrong)


def test_snapshot_cannot_end_its_script_block() -> None:
    assert inert('{"a":"</script><!--&\u2028"}'.encode()) == (
        rb'{"a":"\u003c/script\u003e\u003c!--\u0026\u2028"}'
    )
