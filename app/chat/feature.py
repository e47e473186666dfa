"""The face of chat: builds its services from the core, accounts and notifications."""

from collections.abc import Mapping
from typing import ClassVar

from app.accounts.feature import Accounts
from app.chat.access import Access
from app.chat.audience import Audience
from app.chat.client_events import EVENTS, MESSAGE_TYPES, ChatEvents
from app.chat.connection_lifecycle import ConnectionLifecycle
from app.chat.directory.client_events import EVENTS as DIRECTORY_EVENTS
from app.chat.directory.client_events import DirectoryEvents
from app.chat.directory.directory import Directory
from app.chat.directory.routes import DirectoryRoutes
from app.chat.drafts import service as drafts
from app.chat.drafts.store import INDEXES as DRAFT_INDEXES
from app.chat.drafts.store import DraftStore
from app.chat.ephemeral_events import EphemeralEvents
from app.chat.event_source import RoomSources
from app.chat.large_rooms import Pauses
from app.chat.live_batches import LiveBatches
from app.chat.markup.renderers import Renderers
from app.chat.member_lists import MemberLists
from app.chat.members.client_events import EVENTS as MEMBER_EVENTS
from app.chat.members.client_events import MemberEvents
from app.chat.members.member_pages import MemberPages
from app.chat.members.routes import MemberRoutes
from app.chat.memberships import Memberships
from app.chat.message_body import MessageBodies
from app.chat.message_context import MessageContext
from app.chat.message_pages import MessagePages
from app.chat.messages import Messages
from app.chat.migrations import NAME_KEYS, ROOM_SEARCH
from app.chat.opening_snapshot import OpeningSnapshot
from app.chat.own_devices import OwnDevices
from app.chat.pages import ChatPages
from app.chat.pins import service as pins
from app.chat.pins.pinned_ids import PinnedIds
from app.chat.pins.store import INDEXES as PIN_INDEXES
from app.chat.pins.store import PinStore
from app.chat.presence import Presence
from app.chat.presence_events import PresenceEvents
from app.chat.profile_changes import ProfileChanges
from app.chat.remote_hints import RemoteHints
from app.chat.remote_joins import RemoteJoins
from app.chat.room_list import RoomList
from app.chat.room_names import RoomNames
from app.chat.room_paths import RoomPaths
from app.chat.room_quotas import RoomQuotas
from app.chat.room_views import RoomViews
from app.chat.rooms import Rooms
from app.chat.routes import ChatRoutes
from app.chat.saved import service as saved
from app.chat.saved.store import INDEXES as SAVED_INDEXES
from app.chat.saved.store import SavedStore
from app.chat.serializer import Serializer
from app.chat.store import INDEXES, ChatStore
from app.chat.stream_changes import RestrictedChanges, StreamChanges
from app.chat.subscribers import Subscribers
from app.chat.timeline import Timeline
from app.chat.typing import Typing
from app.chat.typing_events import TypingEvents
from app.nodes.feature import Nodes
from app.notifications.feature import Notifications
from app.realtime.dispatch import bound
from app.realtime.namespace import Namespace
from app.realtime.sse.event_sources import OpenSource
from app.server.core import Core
from app.server.feature import Feature, Features
from app.telemetry.metrics import Gauge
from app.web.routing import Route


class Chat(Feature):
    """The services of chat that other features use."""

    name = "chat"
    indexes = INDEXES | DRAFT_INDEXES | PIN_INDEXES | SAVED_INDEXES
    migrations = (NAME_KEYS, ROOM_SEARCH)
    audited: ClassVar[Mapping[str, str]] = {
        "message_edited": "Edited a message of somebody else",
        "message_deleted": "Deleted a message of somebody else",
        "room_managed": "Changed a room of somebody else",
        "room_made": "Made a room",
        "member_added": "Put somebody into a room",
    }
    supported_events = ("chat",)
    setting_names = ("messages_per_minute", "rooms_per_minute", "invitations_per_minute")

    def __init__(self, core: Core, features: Features) -> None:
        users, notifications = features[Accounts].users, features[Notifications]
        log, committer, hub = core.log, core.committer, core.hub
        notifier = notifications.mention_notifier
        self._tasks = core.tasks

        store = ChatStore(core.database)
        self.changes = changes = StreamChanges(committer, hub, core.ids, core.clock)
        nodes = features[Nodes]
        presence, typing = Presence(nodes.people.others), Typing(core.monotonic)
        profile_changes = ProfileChanges()
        users.profile_changed.listen(profile_changes.note)
        self.views = RoomViews(store, log, hub)
        self.serializer = serializer = Serializer(users, self.views, presence)
        live = LiveBatches(self.views, hub, serializer, Pauses(core.monotonic))
        subscribers = Subscribers(live.events, nodes.people.others)
        self._renderers = Renderers()
        audience = Audience(hub, subscribers)
        member_lists = MemberLists(users, serializer, presence, profile_changes)
        presence_events = PresenceEvents(
            self.views, audience, presence, serializer, member_lists, Pauses(core.monotonic)
        )
        users.renamed.listen(presence_events.renamed)
        self._ephemeral = EphemeralEvents(
            self.views,
            hub,
            subscribers,
            audience,
            presence_events,
            TypingEvents(self.views, audience, typing, serializer, Pauses(core.monotonic)),
        )
        self._ephemeral.ticking.append(live.tell)
        RemoteHints(core.bus, self.views, typing, self._ephemeral)
        devices = OwnDevices(core.bus, subscribers)
        RemoteJoins(core.bus, self.views, subscribers, self._ephemeral, core.tasks)
        self.access = Access(self.views)
        self.paths = RoomPaths(store, self.access, users)
        quotas = RoomQuotas(store, core.limits, core.settings)
        restricted = RestrictedChanges(self.access, changes, core.audit)
        self.memberships = Memberships(
            self.access, restricted, users, changes, notifier, quotas, core.audit
        )
        self.rooms = Rooms(
            store,
            users,
            self.views,
            self.memberships,
            restricted,
            changes,
            notifier,
            RoomNames(store, core.check_content),
            quotas,
            core.audit,
        )
        self.room_list = RoomList(
            store, self.views, users, self.rooms, serializer, presence, self._ephemeral
        )
        self.messages = Messages(
            self.access,
            MessageBodies(users, profile_changes, subscribers, self._renderers, core.check_content),
            log,
            committer,
            changes,
            notifier,
            subscribers,
            typing,
            core.audit,
            core.limits,
            core.settings.messages_per_minute,
        )
        pin_store = PinStore(core.database)
        self.timeline = Timeline(
            self.access,
            self.memberships,
            self.room_list,
            log,
            hub,
            MessagePages(log, serializer, profile_changes),
            core.page_reads,
            member_lists,
            serializer,
            self._ephemeral,
            store,
            PinnedIds(pin_store, log),
            notifier,
        )
        self.lifecycle = ConnectionLifecycle(
            self.room_list,
            subscribers,
            presence,
            typing,
            self._ephemeral,
            self.views,
            hub,
            nodes,
            core.draining,
            core.tasks,
        )
        context = MessageContext(self.access, log, serializer, core.page_reads)
        self._events = ChatEvents(
            access=self.access,
            rooms=self.rooms,
            memberships=self.memberships,
            room_list=self.room_list,
            timeline=self.timeline,
            context=context,
            messages=self.messages,
            subscribers=subscribers,
            typing=typing,
            lifecycle=self.lifecycle,
            hub=hub,
        )
        kept = drafts.Drafts(
            DraftStore(core.database), self.access, devices, core.clock, core.page_reads
        )
        self._pins = pins.Pins(pin_store, self.access, changes, log, serializer, core.page_reads)
        self._saved = saved.SavedMessages(
            SavedStore(core.database),
            self.access,
            log,
            serializer,
            devices,
            core.clock,
            core.page_reads,
        )
        self._sources = RoomSources(self.access, self.timeline, hub, live)
        self._routes = ChatRoutes(
            self.access, self.rooms, self.room_list, self.timeline, self.messages, serializer
        )
        pages = MemberPages(self.access, users, serializer)
        self._member_routes = MemberRoutes(pages)
        member_events = MemberEvents(pages, self.access, subscribers, presence_events)
        self.directory = Directory(users, store, self.views, self.access, presence)
        self._pages = ChatPages(
            self.room_list,
            OpeningSnapshot(self.timeline, context, features[Accounts].preferences.opens_at_unread),
        )
        users.created.append(self.rooms.welcome)
        users.deleted.append(kept.forget)
        notifications.list_rooms = self.room_list.listed
        self._namespace = Namespace(
            name="chat",
            scope="chat",
            events={
                **bound(EVENTS, self._events),
                **bound(MEMBER_EVENTS, member_events),
                **bound(DIRECTORY_EVENTS, DirectoryEvents(self.directory)),
                **bound(drafts.EVENTS, kept),
                **bound(pins.EVENTS, self._pins),
                **bound(saved.EVENTS, self._saved),
            },
            message_types=MESSAGE_TYPES,
            arrive=self.lifecycle.arrive,
            depart=self.lifecycle.depart,
        )

    def namespaces(self) -> list[Namespace]:
        return [self._namespace]

    def routes(self) -> list[Route]:
        found = DirectoryRoutes(self.directory)
        members = self._member_routes.routes()
        return [*self._routes.routes(), *members, *found.routes(), *self._pages.routes()]

    def event_sources(self) -> dict[str, OpenSource]:
        return {"chat": self._sources.open}

    def gauges(self) -> list[Gauge]:
        connections = self._namespace.connections
        help_text = "Signed-in chat connections."
        return [Gauge("chat_connections", help_text, lambda: len(connections))]

    async def start(self) -> None:
        self._tasks.spawn(self._ephemeral.run(self.room_list.entry), "ephemeral events")

    async def stop(self) -> None:
        await self._renderers.close()
