"""Notifications, put together: every service of it once, in the order in which they are needed."""

from app.accounts.tokens import Tokens
from app.accounts.users import Users
from app.audit.trail import AuditTrail
from app.ids import new_id
from app.notifications.authorized_sender import AuthorizedSender, SendRights
from app.notifications.broadcast_worker import CHUNK, BroadcastWorker
from app.notifications.broadcasts import Broadcasts
from app.notifications.event_source import InboxSources
from app.notifications.events import NotificationEvents
from app.notifications.inbox import MARKED_AT_ONCE, Inbox
from app.notifications.inbox_changes import InboxChanges
from app.notifications.models import BROADCASTS
from app.notifications.open_inboxes import OpenInboxes
from app.notifications.preferences import PreferenceBook
from app.notifications.retention import Retention
from app.notifications.room_notices import RoomNotices
from app.notifications.routes import NotificationRoutes
from app.notifications.sender import NotificationSender
from app.notifications.serializer import Serializer
from app.notifications.store import CursorStore, InboxStore, PreferenceStore
from app.security.text_policy import text_check
from app.settings import Settings
from app.storage.mongo import Database
from app.streams.committer import Committer
from app.streams.floors import Floors
from app.streams.hub import Hub
from app.streams.log import Log
from app.telemetry.tasks import Tasks
from app.times import now


class Notifications:
    """`sender` is for other features; `start` begins what runs beside requests."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        log: Log,
        committer: Committer,
        hub: Hub,
        users: Users,
        tokens: Tokens,
        serializer: Serializer,
        tasks: Tasks,
        audit: AuditTrail,
    ) -> None:
        store = InboxStore(database)
        cursor = CursorStore(database, BROADCASTS)
        # A chunk must leave room in the queue for what people send meanwhile.
        half = max(1, settings.broadcast_channel_capacity // 2)
        self.book = PreferenceBook(PreferenceStore(database), users, now)
        changes = InboxChanges(self.book, store, users, new_id, now)
        self._tasks = tasks
        self.inbox = Inbox(
            store, log, committer, serializer, changes, now, min(MARKED_AT_ONCE, half)
        )
        self.open_inboxes = OpenInboxes(self.inbox, hub, serializer, tasks)
        send_rights = SendRights(users, tokens.caller_of)
        self.broadcast_worker = BroadcastWorker(
            log, hub, committer, cursor, changes, send_rights.may_send, min(CHUNK, half)
        )
        self.retention = Retention(
            store, cursor, Floors(database), log, now, settings.notification_retention_s
        )
        broadcasts = Broadcasts(log, committer, users, new_id, now)
        self.sender = NotificationSender(changes, broadcasts, committer, new_id)
        self.room_notices = RoomNotices(self.sender, self.book, self.inbox)
        self.book.changed += [
            self.open_inboxes.tell_preferences,
            self.room_notices.preferences_changed,
        ]
        self.authorized_sender = AuthorizedSender(
            self.sender, users, text_check(settings.content_policy), audit
        )
        self.events = NotificationEvents(self.inbox, self.open_inboxes, self.book)
        self.streams = InboxSources(self.inbox, self.open_inboxes)
        self.http = NotificationRoutes(self.inbox, self.book, self.authorized_sender)
        users.deleted += [self.book.forget, self.retention.forget]

    def start(self) -> None:
        """Work off broadcasts and let old notifications go, in tasks of their own."""
        self._tasks.spawn(self.broadcast_worker.run(), "broadcasts")
        self._tasks.spawn(self.retention.run(), "notification retention")
