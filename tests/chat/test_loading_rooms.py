"""Rooms come into memory together, in few queries, and know what is unread in them."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.chat import store as chat_store
from app.chat.models import Room, RoomNotFound, stream_of
from app.chat.room_documents import ROOMS_A_QUERY
from app.chat.room_views import RoomViews
from app.chat.store import ChatStore
from app.chat.unread import AT_MOST, SHALLOW, WINDOW
from app.storage.mongo import Database
from app.streams.hub import Hub
from app.streams.log import Log
from app.streams.models import Batch, item_from
from app.streams.store import INDEXES
from app.telemetry.tasks import Tasks

BEGAN = datetime(2026, 1, 2, tzinfo=UTC)
JOINED = {"kind": "joined", "user": "ben", "read_seq": 0}


class CountedLog(Log):
    """A log that counts the queries that loading makes."""

    queries = 0

    async def heads(self, streams: Any, session: Any = None) -> dict[str, int]:
        self.queries += 1
        return await super().heads(streams, session)

    async def tails(self, streams: Sequence[str], *more: Any) -> Any:
        self.queries += 1
        return await super().tails(streams, *more)

    async def tail(self, *asked: Any) -> Any:
        self.queries += 1
        return await super().tail(*asked)


class Stage:
    """Rooms in the database, and what a node makes of them."""

    def __init__(self, database: Database, tasks: Tasks) -> None:
        self._rooms = database.collection(chat_store.ROOMS)
        self._memberships = database.collection(chat_store.MEMBERSHIPS)
        self._entries = database.collection("entries")
        self.log = CountedLog(database)
        self.hub = Hub(self.log, tasks)
        self.views = RoomViews(ChatStore(database), self.log, self.hub)

    async def room(self, room_id: str, messages: int, system: int = 0) -> None:
        """A room of ana and ben, with `messages` of ben and `system` messages behind them."""
        room = Room(id=room_id, slug=f"at-{room_id}", name=room_id, kind="open", owner="ana")
        await self._rooms.insert_one(
            {"_id": room_id, "slug": room.slug, "name": room_id, "kind": "open", "owner": "ana"}
        )
        await self._memberships.insert_many(
            {"_id": f"{room_id}:{who}", "room": room_id, "user": who, "is_in": True}
            for who in ("ana", "ben")
        )
        entries = [self.entry(room_id, rev) for rev in range(1, messages + 1)]
        later = range(messages + 1, messages + system + 1)
        entries += [self.entry(room_id, rev, system=JOINED) for rev in later]
        await self._entries.insert_many(entries)

    @staticmethod
    def entry(room_id: str, rev: int, **more: Any) -> dict[str, Any]:
        return {
            "_id": f"{room_id}-{rev}",
            "stream": stream_of(room_id),
            "rev": rev,
            "kind": "item",
            "sender": "ben",
            "client_id": f"c{rev}",
            "fingerprint": b"",
            "at": BEGAN + timedelta(seconds=rev),
            "latest": rev,
            "body": {"text": "hi", "html": "", "mentions": ["ana"] if rev == 1 else []} | more,
        }

    async def unread(self, room_id: str) -> tuple[int, int]:
        return await self.views.unread(await self.views.get(room_id), "ana")

    async def delete(self, room_id: str, seq: int, rev: int) -> None:
        """Delete a message in the database; the hub is not told."""
        gone = {"$set": {"deleted": True, "latest": rev, "body": {}}}
        await self._entries.update_one({"_id": f"{room_id}-{seq}"}, gone)
        await self._entries.insert_one(
            self.entry(room_id, rev) | {"kind": "change", "of": f"{room_id}-{seq}"}
        )

    async def item(self, room_id: str, seq: int) -> Any:
        found = await self._entries.find_one({"_id": f"{room_id}-{seq}"})
        assert found is not None
        return item_from(found)


@pytest.fixture
async def stage(database: Database) -> AsyncIterator[Stage]:
    await database.collection("entries").create_indexes(INDEXES["entries"])
    tasks = Tasks()
    yield Stage(database, tasks)
    await tasks.close()


async def test_many_rooms_take_no_more_queries_than_one(stage: Stage) -> None:
    names = [f"r{n}" for n in range(ROOMS_A_QUERY)]
    for name in names:
        await stage.room(name, messages=2)
    views = await stage.views.get_all(names)
    assert [view.room.id for view in views] == names
    assert {(len(view.members), view.rev) for view in views} == {(2, 2)}
    assert stage.log.queries == 2
    assert await stage.views.get_all(["r7"]) == [views[7]]
    assert await stage.views.get("at-r7") is views[7]


async def test_one_that_is_gone_is_refused_and_the_others_stay(stage: Stage) -> None:
    await stage.room("there", messages=1)
    with pytest.raises(RoomNotFound):
        await stage.views.get_all(["there", "gone"])
    assert not stage.hub.follows(stream_of("gone"))
    assert (await stage.views.get("there")).rev == 1


@pytest.mark.parametrize("messages", [SHALLOW - 1, SHALLOW, SHALLOW + 1, WINDOW, WINDOW + 1])
async def test_counts_reach_further_back_than_what_is_loaded(stage: Stage, messages: int) -> None:
    await stage.room("long", messages)
    assert await stage.unread("long") == (messages, 1)


async def test_reaching_back_is_done_once(stage: Stage) -> None:
    await stage.room("long", messages=WINDOW)
    assert await stage.unread("long") == (WINDOW, 1)
    queries = stage.log.queries
    assert await stage.unread("long") == (WINDOW, 1)
    assert stage.log.queries == queries


async def test_nothing_is_read_for_those_who_have_read_nearly_all(stage: Stage) -> None:
    await stage.room("long", messages=WINDOW)
    view = await stage.views.get("long")
    view.mark_read("ana", WINDOW - SHALLOW)
    queries = stage.log.queries
    assert await stage.views.unread(view, "ana") == (SHALLOW, 0)
    assert stage.log.queries == queries


async def test_message_deleted_while_it_reaches_back_is_not_counted(stage: Stage) -> None:
    await stage.room("long", messages=WINDOW)
    view = await stage.views.get("long")
    tails = stage.log.tails

    async def slow(streams: Sequence[str], *more: Any) -> Any:
        found = await tails(streams, *more)
        await stage.delete("long", seq=5, rev=WINDOW + 1)
        item = await stage.item("long", 5)
        stage.hub.publish(Batch(stream_of("long"), WINDOW, WINDOW + 1, [item]))
        return found

    stage.log.tails = slow  # type: ignore[method-assign]
    await stage.views.unread(view, "ana")
    stage.log.tails = tails  # type: ignore[method-assign]
    assert await stage.views.unread(view, "ana") == (WINDOW - 1, 1)


async def test_newest_message_is_dated_also_behind_many_who_joined(stage: Stage) -> None:
    await stage.room("lobby", messages=2, system=SHALLOW + 5)
    assert (await stage.views.get("lobby")).active_at == BEGAN + timedelta(seconds=2)


async def test_no_more_is_counted_of_a_long_past_than_before(stage: Stage) -> None:
    await stage.room("past", messages=AT_MOST + 5)
    unread, _ = await stage.unread("past")
    assert unread == AT_MOST
