"""After a restore incoming webhooks wait: their addresses may have been withdrawn since.

Called while the collections are loaded but not yet in place, as `prefix + name`.
"""

from app.hooks.store import INCOMING
from app.storage.mongo import Database


async def switch_off(database: Database, prefix: str) -> None:
    """Turn incoming webhooks off until somebody who decides on them turns them on."""
    await database.collection(prefix + INCOMING).update_many({}, {"$set": {"off": True}})
