"""Opens the database for a command, whether a server runs on the data folder or not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.settings import Settings
from app.storage.embedded import EmbeddedMongod, running_url
from app.storage.errors import NoAnswer, StorageError
from app.storage.folder_lock import FolderInUse
from app.storage.mongo import Database

# A server's mongod that was killed is back within about a second.
ANSWER_WITHIN_S = 15.0
POLL_S = 0.2


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The database of the settings, of the running server, or one started for this command.

    Raises StorageError.
    """
    async with database_url(settings) as url:
        database = await _patiently(url)
        try:
            yield database
        finally:
            await database.close()


@asynccontextmanager
async def database_url(settings: Settings) -> AsyncIterator[str]:
    """The database's address, valid as long as the context lasts."""
    if settings.mongodb_url is not None:
        yield settings.mongodb_url
        return
    embedded = EmbeddedMongod(settings.data_dir, role="command")
    try:
        url = await embedded.start()
    except FolderInUse:
        yield await _url_of_server(settings)
        return
    try:
        yield url
    finally:
        await embedded.stop()


async def _url_of_server(settings: Settings) -> str:
    """The address from the running server's state file; waits for a server that is starting."""
    async with asyncio.timeout(ANSWER_WITHIN_S):
        while (url := running_url(settings.data_dir)) is None:  # noqa: ASYNC110
            await asyncio.sleep(POLL_S)
        return url


async def _patiently(url: str) -> Database:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            while True:
                try:
                    return await Database.open(url)
                except NoAnswer:
                    await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise StorageError("MongoDB does not answer. Start it, and try again.") from None
