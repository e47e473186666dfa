"""The face of notifications, with Web Push and announcements."""

from collections.abc import Mapping
from typing import ClassVar

from app.accounts.feature import Accounts
from app.accounts.models import User
from app.chat.payload_types import RoomEntry
from app.notifications.announcements.pages import AnnouncementPages
from app.notifications.announcements.service import Announcements
from app.notifications.announcements.store import AnnouncementStore
from app.notifications.authorized_sender import AuthorizedSender, SendRights
from app.notifications.broadcast_worker import CHUNK, BroadcastWorker
from app.notifications.broadcasts import Broadcasts
from app.notifications.client_events import EVENTS, MESSAGE_TYPES, SCOPE, NotificationEvents
from app.notifications.event_source import InboxSources
from app.notifications.inbox import MARKED_AT_ONCE, Inbox
from app.notifications.inbox_changes import InboxChanges
from app.notifications.local_publisher import LocalPublisher
from app.notifications.mention_notifier import MentionNotifier
from app.notifications.models import BROADCASTS
from app.notifications.open_inboxes import OpenInboxes
from app.notifications.pages import NotificationPages, RoomsOf
from app.notifications.preferences import PreferenceBook
from app.notifications.push.store import INDEXES as PUSH_INDEXES
from app.notifications.push.wiring import Push
from app.notifications.retention import Retention
from app.notifications.routes import NotificationRoutes
from app.notifications.sender import NotificationSender
from app.notifications.serializer import Serializer
from app.notifications.store import INDEXES, CursorStore, InboxStore, PreferenceStore
from app.realtime.dispatch import bound
from app.realtime.namespace import Namespace
from app.realtime.sse.event_sources import OpenSource
from app.server.core import Core
from app.server.feature import Feature, Features
from app.storage.migrations import Indexes
from app.streams.hub import OnBatch
from app.streams.retention_floors import Floors
from app.telemetry.metrics import Gauge
from app.web.routing import Route


class Notifications(Feature):
    """The services of notifications that other features use.

    Chat sets `list_rooms`, which lists a person's rooms for the page of preferences.
    """

    name = "notifications"
    indexes: ClassVar[Indexes] = {**INDEXES, **PUSH_INDEXES}
    audited: ClassVar[Mapping[str, str]] = {
        "announcement": "Wrote an announcement",
    }
    supported_events = ("notifications",)
    setting_names = ("notification_retention_s", "push_contact", "push_allow_private")

    def __init__(self, core: Core, features: Features) -> None:
        accounts, local_events = features[Accounts], core.local_events
        users, database, clock = accounts.users, core.database, core.clock
        self._tasks = core.tasks
        self.list_rooms: RoomsOf = no_rooms
        store = InboxStore(database)
        cursor = CursorStore(database, BROADCASTS)
        # A chunk must leave room in the queue for what people send meanwhile.
        half = max(1, core.settings.broadcast_channel_capacity // 2)
        self.book = PreferenceBook(PreferenceStore(database), users, clock)
        changes = InboxChanges(self.book, store, users, core.ids, clock)
        serializer = Serializer(users)
        self.inbox = Inbox(
            store,
            core.log,
            core.committer,
            serializer,
            changes,
            clock,
            min(MARKED_AT_ONCE, half),
        )
        self.open_inboxes = OpenInboxes(self.inbox, core.hub, serializer, core.tasks)
        send_rights = SendRights(users, accounts.tokens.caller_of)
        self._broadcast_worker = BroadcastWorker(
            core.log,
            core.hub,
            core.committer,
            cursor,
            changes,
            send_rights.may_send,
            min(CHUNK, half),
        )
        self._retention = Retention(
            store,
            cursor,
            Floors(database),
            core.log,
            clock,
            core.settings.notification_retention_s,
        )
        broadcasts = Broadcasts(core.log, core.committer, users, core.ids, clock)
        self.sender = NotificationSender(changes, broadcasts, core.committer, core.ids)
        self.mention_notifier = MentionNotifier(self.sender, self.book, self.inbox)
        self.book.changed += [
            self.open_inboxes.tell_preferences,
            self.mention_notifier.preferences_changed,
        ]
        accounts.preferences.changed.append(self.open_inboxes.tell_personal_preferences)
        authorized_sender = AuthorizedSender(self.sender, users, core.check_content, core.audit)
        self.push = Push(core, accounts)
        self._local_publisher = LocalPublisher(local_events, serializer)
        events = NotificationEvents(self.inbox, self.open_inboxes, self.book)
        self._namespace = Namespace(
            name="notifications",
            scope=SCOPE,
            events=bound(EVENTS, events),
            message_types=MESSAGE_TYPES,
            arrive=events.arrive,
            depart=events.depart,
        )
        self._sources = InboxSources(self.inbox, self.open_inboxes)
        self._routes = NotificationRoutes(self.inbox, self.book, authorized_sender)
        self._pages = NotificationPages(self.inbox, self.book, self._list_rooms, clock)
        self._announcement_pages = AnnouncementPages(
            Announcements(
                authorized_sender, users, AnnouncementStore(database), core.ids, core.audit
            )
        )
        users.deleted += [self.book.forget, self._retention.forget]

    async def _list_rooms(self, user: User) -> list[RoomEntry]:
        return await self.list_rooms(user)

    def namespaces(self) -> list[Namespace]:
        return [self._namespace]

    def routes(self) -> list[Route]:
        parts = (self._routes, self.push.http, self._pages, self._announcement_pages)
        return [route for part in parts for route in part.routes()]

    def event_sources(self) -> dict[str, OpenSource]:
        return {"notifications": self._sources.open}

    def batch_listeners(self) -> dict[str, OnBatch]:
        return {"inbox": self._local_publisher.publish}

    def gauges(self) -> list[Gauge]:
        connections = self._namespace.connections
        help_text = "Signed-in connections of inboxes."
        return [Gauge("notification_connections", help_text, lambda: len(connections))]

    async def start(self) -> None:
        """Deliver broadcasts and delete old notifications."""
        self._tasks.spawn(self._broadcast_worker.run(), "broadcasts")
        self._tasks.spawn(self._retention.run(), "notification retention")

    async def serve(self) -> None:
        self.push.start()


async def no_rooms(_: User) -> list[RoomEntry]:
    """List no rooms: the default without a feature that has any."""
    return []
