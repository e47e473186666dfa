"""Reads of the durable log: heads, pages of items, and what a cursor has missed.

Every read has read concern majority: what is not safe yet is not shown to anyone.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING

from app.storage.mongo import Database
from app.streams.models import ITEM, Committed, Item, Page, committed_from, item_from
from app.streams.store import ENTRIES, STREAMS

Key = tuple[str, str, str]
STREAMS_A_QUERY = 1_000
ENTRIES_A_MERGE = 500


class Log:
    """The streams as they stand on disk."""

    def __init__(self, database: Database) -> None:
        self._entries = database.collection(ENTRIES)
        self._streams = database.collection(STREAMS)

    async def head(self, stream: str, session: Any = None) -> int:
        """The highest rev of `stream`, 0 without entries; with `session` within its transaction."""
        newest = await self._entries.find_one(
            {"stream": stream},
            {"rev": 1},
            sort=[("rev", DESCENDING)],
            hint="claims",
            session=session,
        )
        return newest["rev"] if newest else 0

    async def heads(self, streams: Iterable[str], session: Any = None) -> dict[str, int]:
        """The head of each of `streams`, 0 where it has no entry."""
        names = list(streams)
        if len(names) == 1:
            return {names[0]: await self.head(names[0], session)}
        heads = dict.fromkeys(names, 0)
        for start in range(0, len(names), STREAMS_A_QUERY):
            heads |= await self._heads(names[start : start + STREAMS_A_QUERY], session)
        return heads

    async def _heads(self, streams: list[str], session: Any) -> dict[str, int]:
        """One seek in the index for each of `streams`, no document is read."""
        newest: list[dict[str, Any]] = [
            {"$match": {"stream": {"$in": streams}}},
            {"$sort": {"stream": DESCENDING, "rev": DESCENDING}},
            {"$group": {"_id": "$stream", "head": {"$first": "$rev"}}},
        ]
        found = await self._entries.aggregate(newest, hint="claims", session=session).to_list(None)
        return {group["_id"]: group["head"] for group in found}

    async def moved(self, positions: Mapping[str, int]) -> dict[str, int]:
        """The heads of those streams that have an entry beyond their position."""
        heads = await self.heads(positions)
        return {stream: head for stream, head in heads.items() if head > positions[stream]}

    async def floor(self, stream: str) -> int:
        """The cursor below which retention, or a restore, can no longer answer."""
        stored = await self._streams.find_one({"_id": stream}, {"floor": 1})
        return stored.get("floor", 0) if stored else 0

    async def since(self, stream: str, cursor: int, limit: int) -> Page:
        """The items that the next `limit` entries after `cursor` touch, as they are now.

        An item that changed again beyond the page is left to the page that holds its latest entry,
        so every item of an answer has a rev within it.
        """
        entries = await self._entries.find(
            {"stream": stream, "rev": {"$gt": cursor}},
            sort=[("rev", ASCENDING)],
            limit=limit + 1,
            hint="claims",
        ).to_list(None)
        more, entries = len(entries) > limit, entries[:limit]
        rev = entries[-1]["rev"] if entries else cursor
        items = [i for i in await self._items_of(entries) if i.rev <= rev]
        return Page(rev=rev, items=sorted(items, key=lambda i: i.rev), more=more)

    async def _items_of(self, entries: Sequence[Mapping[str, Any]]) -> list[Item]:
        whole = {e["_id"]: item_from(e) for e in entries if e["kind"] == ITEM}
        amended = {e["of"] for e in entries if "of" in e}
        if amended:
            found = await self._entries.find({"_id": {"$in": list(amended)}}).to_list(None)
            whole |= {e["_id"]: item_from(e) for e in found}
        return list(whole.values())

    async def newest(self, stream: str, limit: int) -> Page:
        """The `limit` items with the highest seq, and the rev from which live batches continue."""
        rev = await self.head(stream)
        items, older = await self.page(stream, limit, before=rev + 1)
        while any(item.rev > rev for item in items):
            # An item changed while the page was read: merge in all changes after `rev`.
            news = await self.since(stream, rev, ENTRIES_A_MERGE)
            if news.rev == rev:
                break  # A damaged log must not make a reader spin.
            merged = {item.id: item for item in items} | {item.id: item for item in news.items}
            first = items[0].seq
            within = sorted((i for i in merged.values() if i.seq >= first), key=lambda i: i.seq)
            older, items = older or len(within) > limit, within[-limit:]
            rev = news.rev
        return Page(rev=rev, items=sorted(items, key=lambda i: i.rev), older=older)

    async def sync(self, stream: str, cursor: int | None, limit: int, snapshot: int) -> Page:
        """The page after `cursor`, or the newest `snapshot` items where that cannot be served."""
        if cursor is None:
            return await self.newest(stream, snapshot)
        page = await self.since(stream, cursor, limit)
        # The floor is read after the items: retention raises it before it deletes.
        if cursor < await self.floor(stream) or (
            not page.items and page.rev == cursor and cursor > await self.head(stream)
        ):
            newest = await self.newest(stream, snapshot)
            return Page(rev=newest.rev, items=newest.items, older=newest.older, reset=True)
        return page

    async def page(
        self, stream: str, limit: int, *, before: int | None = None, after: int | None = None
    ) -> tuple[list[Item], bool]:
        """Up to `limit` items between two exclusive seqs, in seq order; whether there are more.

        The first ones behind `after`; without it the last ones.
        """
        query: dict[str, Any] = {"stream": stream, "kind": ITEM, **between(before, after)}
        direction = DESCENDING if after is None else ASCENDING
        found = await self._entries.find(
            query, sort=[("rev", direction)], limit=limit + 1, hint="items"
        ).to_list(None)
        items = sorted(map(item_from, found[:limit]), key=lambda i: i.seq)
        return items, len(found) > limit

    async def item(self, stream: str, item_id: str) -> Item | None:
        """One item of this stream, or None."""
        found = await self._entries.find_one({"_id": item_id, "stream": stream, "kind": ITEM})
        return item_from(found) if found else None

    async def items(self, ids: Sequence[str]) -> list[Item]:
        """The items with these ids, of whatever streams, in no order."""
        if not ids:
            return []
        query = {"_id": {"$in": list(ids)}, "kind": ITEM}
        return [item_from(entry) for entry in await self._entries.find(query).to_list(None)]

    async def repeats(
        self, keys: Sequence[Key], session: Any = None
    ) -> dict[Key, tuple[Committed, bytes]]:
        """The first results of those `(stream, sender, client_id)` that are safe on disk."""
        by_sender: dict[tuple[str, str], list[str]] = {}
        for stream, sender, client_id in keys:
            by_sender.setdefault((stream, sender), []).append(client_id)
        either = [
            {"stream": stream, "sender": sender, "client_id": {"$in": client_ids}}
            for (stream, sender), client_ids in by_sender.items()
        ]
        found = await self._entries.find(
            {"$or": either}, {"body": 0}, hint="repeats", session=session
        ).to_list(None)
        return {key_from(e): (committed_from(e), e["fingerprint"]) for e in found}

    async def key_of(self, entry_id: str) -> Key | None:
        """The `(stream, sender, client_id)` of the entry with this id; None where none is safe."""
        found = await self._entries.find_one({"_id": entry_id}, {"body": 0})
        return key_from(found) if found else None

    async def tail(
        self, stream: str, after: int, limit: int, fields: Sequence[str]
    ) -> list[Mapping[str, Any]]:
        """The newest `limit` items after seq `after`, newest first, with only these `fields`."""
        return await self._entries.find(
            {"stream": stream, "kind": ITEM, "rev": {"$gt": after}},
            dict.fromkeys(("rev", "sender", "deleted", *fields), 1),
            sort=[("rev", DESCENDING)],
            limit=limit,
            hint="items",
        ).to_list(None)

    async def tails(
        self, streams: Sequence[str], limit: int, fields: Sequence[str]
    ) -> dict[str, Sequence[Mapping[str, Any]]]:
        """The newest `limit` items of each of `streams`, as `tail` returns them, in one query."""
        shown = dict.fromkeys(("rev", "sender", "deleted", *fields), 1)
        tail: list[dict[str, Any]] = [
            {"$match": {"$expr": {"$eq": ["$stream", "$$stream"]}, "kind": ITEM}},
            {"$sort": {"rev": DESCENDING}},
            {"$limit": limit},
            {"$project": shown},
        ]
        each: list[dict[str, Any]] = [
            {"$match": {"stream": {"$in": list(streams)}}},
            {"$sort": {"stream": DESCENDING, "rev": DESCENDING}},
            # One seek for each stream: its entries are read by `$lookup` alone.
            {"$group": {"_id": "$stream"}},
            {
                "$lookup": {
                    "from": ENTRIES,
                    "let": {"stream": "$_id"},
                    "pipeline": tail,
                    "as": "tail",
                }
            },
        ]
        found = await self._entries.aggregate(each, hint="claims").to_list(None)
        return {document["_id"]: document["tail"] for document in found}


def between(before: int | None, after: int | None) -> Mapping[str, Any]:
    """The part of a query that holds for items between two exclusive seqs."""
    bounds = {name: seq for name, seq in (("$lt", before), ("$gt", after)) if seq is not None}
    return {"rev": bounds} if bounds else {}


def key_from(entry: Mapping[str, Any]) -> Key:
    return (entry["stream"], entry["sender"], entry["client_id"])
