"""The page that the server names at its start."""

from app.storage.mongo import Database
from tests.chat.house import PASSWORD, settings_of
from tests.harness.services import open_services


async def test_it_is_set_up_until_there_is_somebody(database: Database) -> None:
    async with open_services(settings_of({}), database) as services:
        accounts = services.accounts
        path, _, code = (await accounts.first_page()).partition("?code=")
        assert path == "/setup"
        await accounts.setup.use(code, "ana", PASSWORD)
        assert await accounts.first_page() == "/"
