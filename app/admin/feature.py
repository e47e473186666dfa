"""The admins' way in, and who is connected."""

from collections.abc import Mapping
from typing import ClassVar

from app.accounts.feature import Accounts
from app.admin.connection_list import ConnectionList
from app.admin.first_steps import FirstStepList
from app.admin.pages import AdminPages
from app.admin.site_connections import SiteConnections
from app.analytics.feature import Analytics
from app.chat.feature import Chat
from app.nodes.feature import Nodes
from app.server.core import Core
from app.server.feature import Feature, Features
from app.server_name.feature import ServerNaming
from app.web.routing import Route


class Admin(Feature):
    """Pages that belong to no other feature."""

    name = "admin"
    audited: ClassVar[Mapping[str, str]] = {
        "connection_ended": "Disconnected somebody",
    }

    def __init__(self, core: Core, features: Features) -> None:
        features[Analytics].paths.knowledge = features[Chat].paths
        here = ConnectionList(core.signals.connections, features[Chat].lifecycle.opened)
        nodes = features[Nodes]
        accounts, server_name = features[Accounts], features[ServerNaming].server_name
        self._pages = AdminPages(
            SiteConnections(
                here, nodes.questions, lambda: nodes.report().name, core.audit, accounts.users
            ),
            FirstStepList(
                server_name, accounts.users, accounts.invites, features[Chat].room_list.listed
            ),
        )

    def routes(self) -> list[Route]:
        return self._pages.routes()
