"""Changes of stored users that came with later versions of Parley."""

from app.accounts.store.users import USERS
from app.name_keys import name_keys
from app.storage.documents import set_fields
from app.storage.migrations import Migration
from app.storage.mongo import Database


async def index_names(database: Database) -> None:
    """Give each user the keys by which any part of their name is found."""
    users = database.collection(USERS)
    found = users.find({"deleted": False}, {"username": 1, "name": 1})
    await set_fields(
        users, ((user["_id"], name_keys(user["username"], user["name"])) async for user in found)
    )


USER_SEARCH = Migration(number=2, name="search keys of users", run=index_names)
