"""Chat, put together: every service of it once, in the order in which they need each other."""

import time
from collections.abc import Callable

from app.accounts.models import User
from app.accounts.users import Users
from app.chat.access import Access
from app.chat.altered import Altered
from app.chat.attendance import Attendance
from app.chat.audience import Audience
from app.chat.changes import Changes
from app.chat.event_source import RoomSources
from app.chat.events import ChatEvents
from app.chat.lobby import Lobby
from app.chat.markup.renderers import Renderers
from app.chat.messages import Messages
from app.chat.naming import Naming
from app.chat.pages import Pages
from app.chat.presence import Presence
from app.chat.present import Presenter
from app.chat.quotas import Quotas
from app.chat.reader import Readers
from app.chat.roll import Rolls
from app.chat.rooms import Rooms
from app.chat.routes import ChatRoutes
from app.chat.store import ChatStore
from app.chat.telling import Teller
from app.chat.timeline import Timeline
from app.chat.typing import Typing
from app.chat.views import Views
from app.ids import new_id
from app.storage.mongo import Database
from app.streams.committer import Committer
from app.streams.hub import Hub
from app.streams.log import Log
from app.times import now


class Chat:
    """`run` ticks for ever; `close` ends the processes that render."""

    def __init__(
        self,
        database: Database,
        reads: Log,
        committer: Committer,
        hub: Hub,
        users: Users,
        teller: Teller,
        allow: Callable[[User], None],
        allow_creating: Callable[[User], None],
        allow_inviting: Callable[[User, int], None],
        check: Callable[[str, str], None],
    ) -> None:
        store = ChatStore(database)
        self.changes = changes = Changes(new_id, now)
        self.presenter = presenter = Presenter(users)
        presence, typing, named = Presence(), Typing(time.monotonic), Altered()
        users.altered.listen(named.note)
        readers = Readers(presenter)
        self._renderers = Renderers()
        self._audience = Audience(hub, readers, presence, typing)
        users.renamed.listen(self._audience.renamed)
        self.views = Views(store, reads, hub, self._audience)
        self.access = Access(self.views)
        self.rooms = Rooms(
            store,
            users,
            self.views,
            self.access,
            committer,
            hub,
            changes,
            teller,
            new_id,
            Naming(store, check),
            Quotas(store, allow_creating, allow_inviting),
        )
        self.lobby = Lobby(
            store, self.views, users, self.rooms, presenter, presence, self._audience
        )
        self.messages = Messages(
            self.access,
            users,
            reads,
            committer,
            changes,
            teller,
            readers,
            self._renderers,
            allow,
            check,
        )
        self.timeline = Timeline(
            self.access,
            self.rooms,
            self.lobby,
            reads,
            hub,
            Pages(reads, presenter, named),
            Rolls(users, presenter, presence, named),
            presenter,
            self._audience,
            store,
            teller,
        )
        self.attendance = Attendance(
            self.lobby, readers, presence, typing, self._audience, self.views, hub
        )
        self.events = ChatEvents(
            access=self.access,
            rooms=self.rooms,
            lobby=self.lobby,
            timeline=self.timeline,
            messages=self.messages,
            readers=readers,
            presence=presence,
            typing=typing,
            audience=self._audience,
            attendance=self.attendance,
            hub=hub,
        )
        self.sources = RoomSources(self.access, self.timeline, hub, presenter)
        self.http = ChatRoutes(
            self.access, self.rooms, self.lobby, self.timeline, self.messages, presenter
        )
        users.created.append(self.rooms.welcome)

    async def run(self) -> None:
        """Tell people what is not a message, for ever."""
        await self._audience.run(self.views, self.lobby.entry)

    async def close(self) -> None:
        """End the processes that render."""
        await self._renderers.close()
