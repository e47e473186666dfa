"""Chat, put together: every service of it once, in the order in which they need each other."""

import time
from collections.abc import Callable

from app.accounts.models import User
from app.accounts.users import Users
from app.audit.trail import AuditTrail
from app.chat.access import Access
from app.chat.connection_lifecycle import ConnectionLifecycle
from app.chat.ephemeral_events import EphemeralEvents
from app.chat.event_source import RoomSources
from app.chat.events import ChatEvents
from app.chat.markup.renderers import Renderers
from app.chat.member_lists import MemberLists
from app.chat.memberships import Memberships
from app.chat.message_body import MessageBodies
from app.chat.message_notifier import MessageNotifier
from app.chat.message_pages import MessagePages
from app.chat.messages import Messages
from app.chat.presence import Presence
from app.chat.profile_changes import ProfileChanges
from app.chat.room_changes import RoomChanges
from app.chat.room_list import RoomList
from app.chat.room_management import RoomManagement
from app.chat.room_names import RoomNames
from app.chat.room_quotas import RoomQuotas
from app.chat.room_views import RoomViews
from app.chat.rooms import Rooms
from app.chat.routes import ChatRoutes
from app.chat.serializer import Serializer
from app.chat.store import ChatStore
from app.chat.subscribers import Subscribers
from app.chat.timeline import Timeline
from app.chat.typing import Typing
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
        log: Log,
        committer: Committer,
        hub: Hub,
        users: Users,
        notifier: MessageNotifier,
        allow: Callable[[User], None],
        allow_creating: Callable[[User], None],
        allow_inviting: Callable[[User, int], None],
        check: Callable[[str, str], None],
        audit: AuditTrail,
    ) -> None:
        store = ChatStore(database)
        self.changes = changes = RoomChanges(committer, hub, new_id, now)
        presence, typing, profile_changes = Presence(), Typing(time.monotonic), ProfileChanges()
        users.profile_changed.listen(profile_changes.note)
        self.views = RoomViews(store, log, hub)
        self.serializer = serializer = Serializer(users, self.views, presence)
        subscribers = Subscribers(serializer)
        self._renderers = Renderers()
        self._ephemeral = EphemeralEvents(self.views, hub, subscribers, presence, typing)
        users.renamed.listen(self._ephemeral.renamed)
        self.access = Access(self.views)
        quotas = RoomQuotas(store, allow_creating, allow_inviting)
        management = RoomManagement(self.access, changes, audit)
        self.memberships = Memberships(self.access, management, users, changes, notifier, quotas)
        self.rooms = Rooms(
            store,
            users,
            self.views,
            self.memberships,
            management,
            changes,
            notifier,
            RoomNames(store, check),
            quotas,
        )
        self.room_list = RoomList(
            store, self.views, users, self.rooms, serializer, presence, self._ephemeral
        )
        self.messages = Messages(
            self.access,
            MessageBodies(users, subscribers, self._renderers, check),
            log,
            committer,
            changes,
            notifier,
            subscribers,
            typing,
            allow,
            audit,
        )
        self.timeline = Timeline(
            self.access,
            self.memberships,
            self.room_list,
            log,
            hub,
            MessagePages(log, serializer, profile_changes),
            MemberLists(users, serializer, (presence.changes, profile_changes)),
            serializer,
            self._ephemeral,
            store,
            notifier,
        )
        self.lifecycle = ConnectionLifecycle(
            self.room_list, subscribers, presence, typing, self._ephemeral, self.views, hub
        )
        self.events = ChatEvents(
            access=self.access,
            rooms=self.rooms,
            memberships=self.memberships,
            room_list=self.room_list,
            timeline=self.timeline,
            messages=self.messages,
            subscribers=subscribers,
            presence=presence,
            typing=typing,
            lifecycle=self.lifecycle,
            hub=hub,
        )
        self.sources = RoomSources(self.access, self.timeline, hub, serializer)
        self.http = ChatRoutes(
            self.access, self.rooms, self.room_list, self.timeline, self.messages, serializer
        )
        users.created.append(self.rooms.welcome)

    async def run(self) -> None:
        """Tell people what is not a message, for ever."""
        await self._ephemeral.run(self.room_list.entry)

    async def close(self) -> None:
        """End the processes that render."""
        await self._renderers.close()
