"""The face of the server's name."""

from collections.abc import Mapping
from typing import ClassVar

from app.server.core import Core
from app.server.feature import Feature, Features
from app.server_name.routes import ServerNameRoutes
from app.server_name.server_name import ServerName
from app.server_name.store import INDEXES
from app.storage.background import every
from app.web.routing import Route
from app.web.server_title import ServerTitle

# Other nodes show a changed name after so long, where no hint of the bus reaches them.
REFRESH_S = 2.0


class ServerNaming(Feature):
    """`server_name` has the present name of the server, and changes it."""

    name = "server_name"
    indexes = INDEXES
    audited: ClassVar[Mapping[str, str]] = {"server_renamed": "Named the server"}

    def __init__(self, core: Core, _: Features) -> None:
        self._tasks = core.tasks
        self.server_name = ServerName(core.database, core.audit, core.check_content, core.bus)

    def routes(self) -> list[Route]:
        return ServerNameRoutes(self.server_name).routes()

    def server_title(self) -> ServerTitle:
        return lambda: self.server_name.current

    async def prepare(self) -> None:
        await self.server_name.refresh()

    async def serve(self) -> None:
        self._tasks.spawn(every(REFRESH_S, self.server_name.refresh, "server name"), "server name")
