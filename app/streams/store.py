"""The collections of the core and their indexes."""

from pymongo import ASCENDING, DESCENDING, IndexModel

from app.streams.models import ITEM

ENTRIES = "entries"
STREAMS = "streams"

INDEXES: dict[str, list[IndexModel]] = {
    ENTRIES: [
        IndexModel([("stream", ASCENDING), ("rev", ASCENDING)], unique=True, name="claims"),
        IndexModel(
            [("stream", ASCENDING), ("sender", ASCENDING), ("client_id", ASCENDING)],
            unique=True,
            name="repeats",
        ),
        # Paging through what people see must not wade through edits and reactions.
        IndexModel(
            [("stream", ASCENDING), ("rev", DESCENDING)],
            partialFilterExpression={"kind": ITEM},
            name="items",
        ),
    ]
}
