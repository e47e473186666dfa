"""Event streams that are refused, that end, and readers that can't keep up."""

import asyncio

import aiohttp
import pytest

from tests.chat.house import House, Member, open_house
from tests.harness.listener import Listener
from tests.harness.waiting import eventually
from tests.realtime.sse.test_event_streams import listener, refusal


@pytest.mark.parametrize(
    "streams", ["nonsense", "chat", "chat:", "notifications:x", "analytics:x", "topic:a b"]
)
async def test_what_is_no_stream_is_refused_by_name(
    house: House, ana: Member, streams: str
) -> None:
    token = await house.services.tokens.create(ana.id)
    status, error = await refusal(house, f"?streams={streams}", token=token)
    assert status in (400, 404)
    assert error["code"] == {400: "invalid", 404: "not_found"}[status]
    assert len(house.connections("events")) == 0


async def test_private_room_does_not_exist_for_others(
    house: House, ana: Member, ben: Member
) -> None:
    secret = (await ben.does("room:create", name="secret", kind="private"))["room"]
    token = await house.services.tokens.create(ana.id)
    for room in (secret["slug"], secret["id"], "no-such-room"):
        status, error = await refusal(house, f"?streams=chat:{room}", token=token)
        assert (status, error["code"]) == (404, "not_found")


async def test_reading_an_open_room_makes_nobody_a_member(
    house: House, ana: Member, ben: Member
) -> None:
    await ana.does("room:create", name="workshop")
    async with await listener(house, ben, "chat:workshop") as reader:
        await reader.opens()
        await ana.sends("for everyone", "workshop")
        await reader.sees("for everyone")
    rooms = (await ben.does("rooms:list"))["rooms"]
    assert "workshop" not in [room["slug"] for room in rooms]


async def test_member_removed_gets_nothing_more(house: House, ana: Member, ben: Member) -> None:
    room = (await ana.does("room:create", name="club", kind="private", members=["ben"]))["room"]
    club = room["slug"]
    async with await listener(house, ben, f"chat:{club},chat:hallway") as reader:
        await reader.opens()
        await ana.sends("with ben", club)
        await reader.sees("with ben")
        await ana.does("room:remove", room=club, user="ben")
        await ana.sends("without ben", club)
        await ana.sends("for all", "hallway")
        await reader.sees("with ben", "for all")
        assert (await reader.hears("room:removed")).data == {"room": room["id"]}
        await reader.leaves()
        reader.begins()
        await eventually(lambda: reader.status == 404, "the room is not there any more")


async def test_member_removed_from_an_open_room_has_to_open_it_again(
    house: House, ana: Member, ben: Member
) -> None:
    room = (await ana.does("room:create", name="garden", members=["ben"]))["room"]
    async with await listener(house, ben, "chat:garden,chat:hallway") as reader:
        await reader.opens()
        await ana.sends("with ben", "garden")
        await reader.sees("with ben")
        await ana.does("room:remove", room=room["id"], user="ben")
        await ana.sends("without ben", "garden")
        await ana.sends("for all", "hallway")
        await reader.sees("with ben", "for all")
        assert (await reader.hears("room:removed")).data == {"room": room["id"]}
        await reader.leaves()
        # As to anybody, the room is open to ben; he is a member no more.
        await reader.opens()
        await ana.sends("to readers", "garden")
        await eventually(lambda: "to readers" in reader.texts(), "ben reads it again")
    rooms = (await ben.does("rooms:list"))["rooms"]
    assert "garden" not in [each["slug"] for each in rooms]


async def test_member_removed_while_away_is_told_nothing_of_it(
    house: House, ana: Member, ben: Member
) -> None:
    made = await ana.does("room:create", name="club", kind="private", members=["ben"])
    club = made["room"]["slug"]
    async with await listener(house, ben, f"chat:{club}") as reader:
        await reader.opens()
        await reader.leaves()
        await ana.sends("still with ben", club)
        await ana.does("room:remove", room=club, user="ben")
        reader.begins()
        await eventually(lambda: reader.status == 404, "it is refused")
        assert reader.texts() == []


async def test_tokens_need_the_scope_and_no_place_in_the_address(house: House, ana: Member) -> None:
    token = await house.services.tokens.create(ana.id, ["metrics:read"])
    for streams in ("chat:hallway", "notifications", "topic:lamps"):
        status, error = await refusal(house, f"?streams={streams}", token=token)
        assert (status, error["code"]) == (403, "forbidden"), streams
    status, error = await refusal(house, f"?token={token}")
    assert (status, error["field"]) == (400, "token")
    assert (await refusal(house, token="parley_nonsense"))[0] == 401


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1.evil"])
async def test_other_origins_are_refused(house: House, origin: str) -> None:
    status, error = await refusal(house, Origin=origin)
    assert (status, error["code"]) == (403, "forbidden")


async def test_too_many_readers_a_minute_are_refused(database: object) -> None:
    async with (
        open_house(database, connections_per_minute=1) as house,
        Listener(house.address) as reader,
    ):
        await reader.opens()
        status, error = await refusal(house)
        assert (status, error["code"]) == (429, "rate_limited")


async def test_head_does_not_begin_a_stream(house: House) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.head(f"{house.address}/api/events") as response,
    ):
        assert response.status == 405


async def test_disabled_person_is_told_nothing_more(house: House, ana: Member) -> None:
    ben = await house.invites("ben")
    async with Listener(
        house.address, await house.services.tokens.create(ben.id), "chat:hallway"
    ) as reader:
        await reader.opens()
        await house.services.accounts.disabling.disable(ben.id)
        await ana.sends("without ben")
        await reader.is_ended()
        assert reader.texts() == []
        await reader.leaves()
        reader.begins()
        await eventually(lambda: reader.status == 401, "there is no coming back")
    assert len(house.connections("events")) == 0
    assert len(house.site.event_streams) == 0


async def test_session_that_ends_takes_only_its_own_stream(house: House, ana: Member) -> None:
    sessions, tokens = house.services.sessions, house.services.tokens
    laptop, _ = await sessions.begin(ana.user, address="", agent="laptop")
    async with (
        Listener(house.address, await tokens.for_session(laptop), "notifications") as ended,
        await listener(house, ana, "notifications") as kept,
    ):
        await ended.opens()
        await kept.opens()
        await sessions.end(laptop.id)
        await ended.is_ended()
        assert len(house.connections("events")) == 1


async def test_stop_ends_streams_in_order(house: House, ana: Member) -> None:
    async with await listener(house, ana, "chat:hallway") as reader:
        await reader.opens()
        await ana.sends("the last word")
        await house.site.stop()
        await reader.is_ended()
        assert reader._task is not None
        assert reader._task.exception() is None
        assert reader.texts() == ["the last word"]


async def test_reader_that_left_leaves_nothing_behind(
    house: House, ana: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.realtime.sse.periodic_events.PERIODIC_S", 0.1)
    async with await listener(house, ana, "chat:hallway,notifications,analytics") as reader:
        await reader.opens()
    await eventually(lambda: len(house.site.event_streams) == 0, "it is gone")
    assert len(house.connections("events")) == 0
    assert len(house.services.notifications.open_inboxes) == len(
        {c.user_id for c in house.connections("notifications")}
    )


async def test_stalled_reader_is_cut_off_and_resumes_without_a_hole(database: object) -> None:
    async with open_house(database, sse_buffer_size=10) as house:
        ana = await house.welcomes("ana", role="admin")
        await ana.joins()
        async with await listener(house, ana, "chat:hallway") as reader:
            await reader.opens()
            stall(reader)
            sent: list[str] = []
            while len(house.site.event_streams):
                sent.append(f"{len(sent):04} " + "x" * 60_000)
                await ana.sends(sent[-1])
                assert len(sent) < 500
            await eventually(lambda: len(ana.texts()) == len(sent), "ana has all of them")
            resume(reader)
            await reader.is_ended()
            await reader.leaves()
            reader.begins(again=True)
            await eventually(lambda: len(reader.texts()) >= len(sent), "all came", 20)
            assert reader.texts() == sent


@pytest.mark.parametrize("direct_writes", [True, False])
async def test_reader_that_pauses_hears_all_in_one_order(
    database: object, direct_writes: bool
) -> None:
    """Straight, through the transport's buffer, from the queue, and straight again."""
    async with open_house(database, sse_buffer_size=200, direct_writes=direct_writes) as house:
        ana = await house.welcomes("ana", role="admin")
        await ana.joins()
        sent: list[str] = []

        async def sends(size: int) -> None:
            sent.append(f"{len(sent):04} " + "x" * size)
            await ana.sends(sent[-1])

        async with await listener(house, ana, "chat:hallway") as reader:
            await reader.opens()
            (reading,) = house.site.event_streams._responses
            for _ in range(2):
                await sends(10)
                stall(reader)
                while len(reading.line.outbox) < 5:
                    await sends(40_000)
                    await sends(10)
                    assert len(sent) < 1_000
                resume(reader)
                await sends(10)
                await eventually(lambda: len(reader.texts()) >= len(sent), "all came", 20)
            assert reader.texts() == sent
            assert len(reader.told("connection")) == 1


async def test_long_absence_does_not_overflow_a_small_buffer(database: object) -> None:
    async with open_house(database, sse_buffer_size=2) as house:
        ana = await house.welcomes("ana", role="admin")
        async with await listener(house, ana, "chat:hallway") as reader:
            await reader.opens()
            await reader.leaves()
            sent = [f"{n:04} " + "x" * 20_000 for n in range(120)]
            for text in sent:
                await ana.sends(text)
            await reader.opens()
            await eventually(lambda: len(reader.texts()) >= len(sent), "all came", 20)
            assert reader.texts() == sent
            assert len(reader.told("connection")) == 2


async def test_nothing_falls_between_reading_and_following(house: House, ana: Member) -> None:
    """Opened again and again while somebody writes without a pause."""
    sent: list[str] = []

    async def write() -> None:
        for n in range(150):
            sent.append(f"no. {n}")
            await ana.sends(sent[-1])

    async with await listener(house, ana, "chat:hallway") as reader:
        await reader.opens()
        writing = asyncio.create_task(write())
        while not writing.done():
            await reader.leaves()
            await reader.opens()
        await writing
        await eventually(lambda: len(reader.texts()) >= len(sent), "all came")
        assert reader.texts() == sent


def stall(reader: Listener) -> None:
    """Read nothing any more, as if the network had stopped."""
    _transport(reader).pause_reading()


def resume(reader: Listener) -> None:
    _transport(reader).resume_reading()


def _transport(reader: Listener) -> asyncio.Transport:
    assert reader.response is not None
    connection = reader.response.connection
    assert connection is not None
    assert isinstance(connection.transport, asyncio.Transport)
    return connection.transport
