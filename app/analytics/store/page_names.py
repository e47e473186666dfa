"""The queries on the paths that are counted as pages of their own."""

from collections.abc import Sequence

from app.analytics.store import NAMES, ROLLUPS
from app.analytics.store.figures import INDEX, beginning
from app.analytics.time_buckets import EPOCH
from app.storage.mongo import Database

KIND = "page"
PREFIX = f"{KIND}:"


class PageNameStore:
    """Reads and deletes them in the roll-ups and among the admitted names."""

    def __init__(self, database: Database) -> None:
        self._rollups = database.collection(ROLLUPS)
        self._names = database.collection(NAMES)

    async def counted(self) -> list[str]:
        """All paths that were ever counted as themselves."""
        wanted = {"series": beginning(PREFIX), "step": "all", "at": EPOCH}
        found = self._rollups.find(wanted, {"_id": 0, "series": 1}, hint=INDEX)
        return [document["series"].removeprefix(PREFIX) async for document in found]

    async def forget(self, paths: Sequence[str]) -> None:
        """Delete these paths with all their counts."""
        gone = {"$in": list(paths)}
        # Version 0.1 stored names without days.
        for field, wanted in (
            ("used", {"name": gone}),
            ("strangers", {"name": gone}),
            ("names", gone),
        ):
            await self._names.update_one(
                {"_id": KIND, field: {"$exists": True}}, {"$pull": {field: wanted}}
            )
        # The counts of all time last: they say what is left to do after a crash.
        series = [f"{PREFIX}{path}" for path in paths]
        await self._rollups.delete_many({"series": {"$in": series}, "step": {"$ne": "all"}})
        await self._rollups.delete_many({"series": {"$in": series}})
