"""How a notification changes: read, archived, withdrawn. Pure; what is so already stays as it is.

`read_at` is what retention goes by: only what has it may ever be deleted.
"""

from datetime import datetime

from msgspec.structs import replace

from app.streams.models import Amendment, Item


def mark_read(at: datetime) -> Amendment:
    """Mark as read."""

    def amend(item: Item) -> Item:
        if not item.body["unread"]:
            return item
        return replace(item, body=item.body | {"unread": False, "read_at": at})

    return amend


def mark_archived(at: datetime) -> Amendment:
    """Put away; what is put away counts as read."""

    def amend(item: Item) -> Item:
        if item.deleted or item.body["archived"]:
            return item
        read_at = item.body.get("read_at", at)
        return replace(item, body=item.body | _read(read_at) | {"archived": True})

    return amend


def mark_withdrawn(at: datetime) -> Amendment:
    """Leave a tombstone: what it told of is gone."""

    def amend(item: Item) -> Item:
        if item.deleted:
            return item
        return replace(item, body=_read(item.body.get("read_at", at)), deleted=True)

    return amend


def _read(at: datetime) -> dict[str, object]:
    return {"unread": False, "read_at": at}
