"""The log answers cursors with pages, syncs and resets, and uses an index for each."""

import asyncio
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorCollection

from app.ids import new_id
from app.storage.mongo import Database
from app.streams.log import Log
from app.streams.models import MARK, Item
from tests.streams.world import NOON, Node, Page, Person, together


async def talk(ana: Person, count: int) -> list[str]:
    """`count` messages; their ids."""
    return [ack.id for ack in await together(*(ana.sends(f"{n}") for n in range(1, count + 1)))]


async def raise_floor(database: Database, stream: str, floor: int) -> None:
    await database.collection("streams").update_one(
        {"_id": stream}, {"$set": {"floor": floor}}, upsert=True
    )


def revs(items: list[Item]) -> list[int]:
    return [item.rev for item in items]


async def test_an_empty_stream_has_an_empty_answer(node: Node, hallway: str) -> None:
    assert await node.log.head(hallway) == 0
    for cursor in (None, 0):
        page = await node.log.sync(hallway, cursor, 10, 10)
        assert (page.rev, page.items, page.more, page.reset) == (0, [], False, False)


async def test_since_answers_in_pages_until_nothing_is_missed(node: Node, ana: Person) -> None:
    await talk(ana, 10)
    page = await node.log.since(ana.stream, 3, 4)
    assert (revs(page.items), page.rev, page.more) == ([4, 5, 6, 7], 7, True)
    page = await node.log.since(ana.stream, 7, 4)
    assert (revs(page.items), page.rev, page.more) == ([8, 9, 10], 10, False)


async def test_an_edit_is_missed_like_a_message(node: Node, ana: Person) -> None:
    ids = await talk(ana, 3)
    await ana.edits(ids[0], "edited")
    page = await node.log.since(ana.stream, 3, 10)
    assert [(i.id, i.seq, i.rev, i.body["text"]) for i in page.items] == [(ids[0], 1, 4, "edited")]


async def test_an_item_that_changed_again_beyond_the_page_waits_for_its_latest_entry(
    node: Node, ana: Person
) -> None:
    ids = await talk(ana, 3)
    await ana.edits(ids[0], "edited")
    first = await node.log.since(ana.stream, 0, 2)
    assert (revs(first.items), first.rev, first.more) == ([2], 2, True)
    rest = await node.log.since(ana.stream, 2, 2)
    assert (revs(rest.items), rest.rev, rest.more) == ([3, 4], 4, False)


async def test_a_page_may_be_full_of_changes_and_hold_no_item(node: Node, ana: Person) -> None:
    (sent,) = await talk(ana, 1)
    for n in range(5):
        await ana.edits(sent, f"{n}")
    page = await node.log.since(ana.stream, 0, 3)
    assert (page.items, page.rev, page.more) == ([], 3, True)
    answer = await node.log.sync(ana.stream, 0, 3, 10)
    assert (answer.items, answer.rev, answer.more, answer.reset) == ([], 3, True, False)


async def test_without_a_cursor_the_newest_are_answered(node: Node, ana: Person) -> None:
    await talk(ana, 8)
    page = await node.log.sync(ana.stream, None, 100, 3)
    assert (revs(page.items), page.rev, page.older, page.reset) == ([6, 7, 8], 8, True, False)
    whole = await node.log.newest(ana.stream, 8)
    assert (len(whole.items), whole.older) == (8, False)


async def test_the_newest_hold_nothing_beyond_their_rev_although_it_changes_meanwhile(
    node: Node, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit and a message are committed between the two reads of one answer."""
    ids = await talk(ana, 4)
    page = node.log.page

    async def meanwhile(*args: Any, **more: Any) -> Any:
        await ana.edits(ids[0], "old, edited")
        await ana.edits(ids[3], "edited")
        await ana.sends("5")
        return await page(*args, **more)

    monkeypatch.setattr(node.log, "page", meanwhile)
    answer = await node.log.newest(ana.stream, 2)
    assert answer.rev == 7
    assert [(i.seq, i.rev) for i in answer.items] == [(4, 6), (7, 7)]
    assert answer.older


async def test_a_cursor_ahead_of_the_log_is_reset(node: Node, ana: Person) -> None:
    await talk(ana, 3)
    answer = await node.log.sync(ana.stream, 4, 10, 2)
    assert (answer.reset, answer.rev, revs(answer.items), answer.older) == (True, 3, [2, 3], True)


@pytest.mark.parametrize(("cursor", "reset"), [(0, True), (3, True), (4, False), (6, False)])
async def test_a_cursor_below_the_floor_is_reset(
    database: Database, node: Node, ana: Person, cursor: int, reset: bool
) -> None:
    await talk(ana, 6)
    await raise_floor(database, ana.stream, 4)
    answer = await node.log.sync(ana.stream, cursor, 10, 1)
    assert (answer.reset, answer.rev) == (reset, 6)


async def test_the_floor_is_read_after_the_items(
    database: Database, node: Node, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Retention raises it, then deletes: what the items lack, the floor must tell."""
    await talk(ana, 6)
    since = node.log.since

    async def retention_first(*args: Any) -> Any:
        await raise_floor(database, ana.stream, 4)
        await database.collection("entries").delete_many({"stream": ana.stream, "rev": {"$lt": 4}})
        return await since(*args)

    monkeypatch.setattr(node.log, "since", retention_first)
    answer = await node.log.sync(ana.stream, 1, 10, 10)
    assert (answer.reset, revs(answer.items)) == (True, [4, 5, 6])


async def test_a_jump_after_a_restore_resets_cursors_and_new_messages_follow_it(
    database: Database, hallway: str
) -> None:
    jumped = 2**32 + 5
    await database.collection("entries").insert_one(
        {
            "_id": new_id(),
            "stream": hallway,
            "rev": jumped,
            "kind": MARK,
            "sender": "",
            "client_id": new_id(),
            "fingerprint": b"",
            "at": NOON,
        }
    )
    await raise_floor(database, hallway, jumped - 1)
    node = Node(database)
    node.start()
    assert (await Person(node, hallway, "ana").sends("hi")).rev == jumped + 1
    answer = await node.log.sync(hallway, 7, 10, 10)
    assert (answer.reset, revs(answer.items)) == (True, [jumped + 1])
    assert not (await node.log.sync(hallway, jumped, 10, 10)).reset
    await node.crash()


async def test_history_goes_both_ways_from_an_exclusive_seq(node: Node, ana: Person) -> None:
    ids = await talk(ana, 9)
    await ana.edits(ids[2], "edited")

    async def seqs(limit: int, **where: int) -> tuple[list[int], bool]:
        items, more = await node.log.page(ana.stream, limit, **where)
        return [item.seq for item in items], more

    assert await seqs(3, before=5) == ([2, 3, 4], True)
    assert await seqs(3, before=3) == ([1, 2], False)
    assert await seqs(3, after=5) == ([6, 7, 8], True)
    assert await seqs(3, after=7) == ([8, 9], False)
    assert await seqs(9, after=4, before=9) == ([5, 6, 7, 8], False)
    assert await seqs(3, after=4, before=9) == ([5, 6, 7], True)
    assert await seqs(3, after=0, before=3) == ([1, 2], False)
    assert await seqs(3, after=5, before=5) == ([], False)
    assert await seqs(3, after=7, before=3) == ([], False)
    assert await seqs(2) == ([8, 9], True)


async def test_an_item_is_found_in_its_own_stream_only(node: Node, ana: Person) -> None:
    (sent,) = await talk(ana, 1)
    edited = await ana.edits(sent, "edited")
    assert await node.log.item(ana.stream, sent) is not None
    assert await node.log.item(ana.stream + "2", sent) is None
    assert edited.rev == 2


async def test_the_tail_holds_the_newest_items_with_the_fields_asked_for(
    node: Node, ana: Person
) -> None:
    ids = await talk(ana, 5)
    await ana.deletes(ids[3])
    tail = await node.log.tail(ana.stream, 2, 2, ("body.text",))
    assert [(e["rev"], e["sender"], e["deleted"], e["body"]) for e in tail if "deleted" in e] == [
        (4, "ana", True, {})
    ]
    assert [e["rev"] for e in tail] == [5, 4]


async def test_heads_and_moved_tell_of_every_stream(node: Node, ana: Person) -> None:
    elsewhere = Person(node, ana.stream + "2", "ana")
    await talk(ana, 3)
    await talk(elsewhere, 2)
    unknown = ana.stream + "3"
    names = [ana.stream, elsewhere.stream, unknown]
    assert await node.log.heads(names) == dict(zip(names, (3, 2, 0), strict=True))
    assert await node.log.heads([]) == {}
    assert await node.log.moved({ana.stream: 3, elsewhere.stream: 1, unknown: 0}) == {
        elsewhere.stream: 2
    }


async def test_readers_beside_writers_agree_in_the_end(node: Node, ana: Person) -> None:
    """Every answer keeps its invariants while messages and edits go on; `Page` checks them."""
    pages = [Page() for _ in range(3)]
    done = asyncio.Event()

    async def reads(page: Page, limit: int) -> None:
        while not done.is_set():
            await page.sync(node.log, ana.stream, limit)

    readers = [asyncio.create_task(reads(page, 2 + n * 7)) for n, page in enumerate(pages)]
    newest = asyncio.create_task(newest_holds(node, ana.stream, done))
    for n in range(15):
        sent = await talk(ana, 3)
        await together(ana.edits(sent[0], f"e{n}"), ana.deletes(sent[1]), ana.sends("x"))
    done.set()
    await asyncio.gather(newest, *readers)
    for page in pages:
        await page.sync(node.log, ana.stream)
    final = {i.id: i for i in (await node.log.page(ana.stream, 1_000))[0]}
    assert [page.items for page in pages] == [final] * 3
    assert len(final) == 60


async def newest_holds(node: Node, stream: str, done: asyncio.Event) -> None:
    while not done.is_set():
        page = await node.log.newest(stream, 5)
        assert all(0 < item.rev <= page.rev for item in page.items)
        assert len(page.items) <= 5


class Explained:
    """Asks mongod how it answers each query that passes."""

    def __init__(self, database: Database) -> None:
        self._db = database.db
        self.plans: list[str] = []

    async def explain(self, command: dict[str, Any]) -> None:
        plan = await self._db.command("explain", command, verbosity="executionStats")
        self.plans.append(str(plan))
        stats = plan.get("executionStats") or plan["stages"][0]["$cursor"]["executionStats"]
        assert stats["totalKeysExamined"] <= 60, command
        assert stats["totalDocsExamined"] <= 60, command


@pytest.fixture
def explained(database: Database, monkeypatch: pytest.MonkeyPatch) -> Explained:
    """Each `find`, `find_one` and `aggregate` of the entries is explained before it runs."""
    explained = Explained(database)
    find, aggregate = AsyncIOMotorCollection.find, AsyncIOMotorCollection.aggregate
    waiting: list[asyncio.Task[None]] = []

    def looked_at(collection: Any, *args: Any, **more: Any) -> Any:
        shape = {"filter": args[0] if args else more.get("filter", {})}
        shape |= {key: more[key] for key in ("hint", "limit") if more.get(key)}
        if more.get("sort"):
            shape["sort"] = dict(more["sort"])
        return shape

    async def find_one(collection: Any, *args: Any, **more: Any) -> Any:
        return next(iter(await explaining(collection, *args, **more, limit=1).to_list(1)), None)

    def explaining(collection: Any, *args: Any, **more: Any) -> Any:
        command = {"find": collection.name, **looked_at(collection, *args, **more)}
        waiting.append(asyncio.ensure_future(explained.explain(command)))
        return find(collection, *args, **more)

    def explaining_pipeline(collection: Any, pipeline: Any, **more: Any) -> Any:
        # The session is the driver's matter, no field of the command.
        fields = {name: value for name, value in more.items() if name != "session"}
        command = {"aggregate": collection.name, "pipeline": pipeline, "cursor": {}, **fields}
        waiting.append(asyncio.ensure_future(explained.explain(command)))
        return aggregate(collection, pipeline, **more)

    async def settled() -> list[str]:
        await asyncio.gather(*waiting)
        return explained.plans

    explained.settled = settled  # type: ignore[attr-defined]
    monkeypatch.setattr(AsyncIOMotorCollection, "find", explaining)
    monkeypatch.setattr(AsyncIOMotorCollection, "find_one", find_one)
    monkeypatch.setattr(AsyncIOMotorCollection, "aggregate", explaining_pipeline)
    return explained


READS: dict[str, Any] = {
    "head": lambda log, s: log.head(s),
    "heads": lambda log, s: log.heads([s, s + "0", s + "1"]),
    "moved": lambda log, s: log.moved({s: 590, s + "0": 0}),
    "newest": lambda log, s: log.newest(s, 20),
    "history before": lambda log, s: log.page(s, 20, before=300),
    "history after": lambda log, s: log.page(s, 20, after=300),
    "sync": lambda log, s: log.sync(s, 300, 20, 20),
    "sync at the head": lambda log, s: log.sync(s, 600, 20, 20),
    "sync ahead": lambda log, s: log.sync(s, 900, 20, 20),
    "tail": lambda log, s: log.tail(s, 200, 20, ("body.mentions",)),
    "item": lambda log, s: log.item(s, f"{s}-7"),
    "id": lambda log, s: log.key_of(f"{s}-7"),
    "repeats": lambda log, s: log.repeats([(s, "ana", f"c{n}") for n in range(20)]),
}


@pytest.fixture
async def crowded(database: Database, hallway: str) -> str:
    """600 entries of which every second changes an older item."""
    entries = [
        {
            "_id": f"{hallway}-{rev}",
            "stream": hallway,
            "rev": rev,
            "kind": "change" if rev % 2 else "item",
            "sender": "ana",
            "client_id": f"c{rev}",
            "fingerprint": b"",
            "at": NOON,
            **({"of": f"{hallway}-2"} if rev % 2 else {"latest": rev, "body": {"text": "hi"}}),
        }
        for rev in range(1, 601)
    ]
    await database.collection("entries").insert_many(entries)
    return hallway


@pytest.mark.parametrize("read", READS)
async def test_an_index_answers(
    database: Database, crowded: str, explained: Any, read: str
) -> None:
    await READS[read](Log(database), crowded)
    plans = await explained.settled()
    assert plans
    for plan in plans:
        assert "COLLSCAN" not in plan
        assert "'SORT'" not in plan
        assert "IXSCAN" in plan or "IDHACK" in plan or "DISTINCT_SCAN" in plan or "EOF" in plan
