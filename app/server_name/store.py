"""Stores the name of the server: one document, so that all nodes have the same."""

from pymongo import IndexModel

from app.storage.mongo import Database

SERVER = "server"
INDEXES: dict[str, list[IndexModel]] = {SERVER: []}
NAME = "name"


class ServerNameStore:
    """Queries on the collection of what holds for the whole server."""

    def __init__(self, database: Database) -> None:
        self._server = database.collection(SERVER)

    async def name(self) -> str | None:
        """The chosen name, or None."""
        found = await self._server.find_one({"_id": NAME})
        return found["value"] if found else None

    async def rename(self, name: str) -> None:
        await self._server.update_one({"_id": NAME}, {"$set": {"value": name}}, upsert=True)
