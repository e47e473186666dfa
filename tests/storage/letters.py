"""Collections that the tests back up and restore: letters with a unique address, and stamps."""

from pymongo import IndexModel

from app.storage.mongo import Database

INDEXES = {"letters": [IndexModel([("to", 1)], name="to", unique=True)], "stamps": []}
OTHER = "parley process 123456"


async def unmarked(_: Database, __: str) -> None:
    """Nothing to change in the loaded collections."""


async def write(database: Database, *numbers: int) -> None:
    letters = [{"_id": n, "to": f"ben {n}", "text": "ü" * n} for n in numbers]
    await database.collection("letters").insert_many(letters)


async def letters(database: Database) -> list[int]:
    return [d["_id"] async for d in database.collection("letters").find().sort("_id")]
