"""All features on the web: pages, calls, sockets and streams, put together on the services."""

import time
from collections.abc import Iterator

from aiohttp import web

from app.accounts import pages as account_pages
from app.accounts import routes as account_routes
from app.accounts.models import Caller
from app.admin.connection_list import ConnectionList
from app.admin.pages import AdminPages
from app.analytics.anonymous_limits import AnonymousLimits
from app.analytics.events import EVENTS as ANALYTICS_EVENTS
from app.analytics.events import SCOPE as METRICS
from app.analytics.name_budget import NameBudget
from app.analytics.reading import Reading
from app.audit.pages import AuditPages
from app.audit.requests import Trail
from app.audit.store import AuditStore
from app.chat.events import EVENTS as CHAT_EVENTS
from app.ids import new_id
from app.notifications.announcements.pages import AnnouncementPages
from app.notifications.announcements.service import Announcements
from app.notifications.announcements.store import AnnouncementStore
from app.notifications.events import EVENTS as NOTIFICATION_EVENTS
from app.notifications.events import SCOPE as READS_INBOX
from app.notifications.pages import NotificationPages
from app.realtime.admission import Admission
from app.realtime.connections import Connections
from app.realtime.dispatch import Answered, Dispatcher, bound
from app.realtime.namespace import Namespace, ServedNamespace
from app.realtime.socketio.namespace import FeatureNamespace
from app.realtime.socketio.server import make_server
from app.realtime.sweep import interval_s, sweep
from app.realtime.websocket.gateway import Gateway
from app.security.origins import Origins
from app.security.rate_limiter import RateLimiter
from app.security.request_limits import RequestLimits
from app.server import openapi
from app.server.audited import AUDITED
from app.server.event_streams import event_streams
from app.server.services import COMMIT_WITHIN_S, Services
from app.storage.errors import as_parley_error
from app.telemetry import routes as telemetry_routes
from app.telemetry.metrics import Metrics
from app.telemetry.signals import Signal
from app.times import now
from app.topics.events import EVENTS as TOPIC_EVENTS
from app.web import request_info
from app.web.http import MAX_BODY_BYTES, caller
from app.web.middleware import install
from app.web.request_info import route


class Site:
    """The web application and what has to be told when it stops."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.answered: Signal[Answered] = Signal("answered")
        self.places: dict[str, Connections] = {}
        self.origins = Origins(services.settings)
        self.sockets = make_server(
            heartbeat_interval=services.settings.heartbeat_interval,
            connection_timeout=services.settings.connection_timeout,
            tasks=services.tasks,
            writes_straight=services.settings.direct_writes,
        )
        self.request_limits = RequestLimits(RateLimiter(), services.settings)
        self.admission = Admission(
            self.sockets, self.origins, services.accounts.limiter, services.settings
        )
        self.gateway = Gateway(
            self.admission, services.sessions, services.tokens, services.tasks, services.settings
        )
        self.application = web.Application(client_max_size=MAX_BODY_BYTES)
        self.metrics = Metrics()
        self.reading = reading(services)
        self.listeners = Connections()
        self.event_streams = event_streams(services, self.admission, self.reading, self.listeners)
        services.instrumentation.of_sockets(self.sockets, self.gateway)
        services.instrumentation.of_events(self.answered)
        self._measure()
        self._install()
        services.push.start()
        services.hooks.start()
        self.reading.start()

    def _measure(self) -> None:
        self.metrics.gauge(
            "connections",
            "Open Socket.IO transports.",
            lambda: len(self.sockets.eio.sockets),
        )
        self.metrics.gauge("plain_connections", "Open plain WebSockets.", lambda: len(self.gateway))
        self.metrics.gauge(
            "unsigned_connections",
            "Open connections that nobody has signed in over.",
            lambda: self.admission.pool.unsigned,
        )
        self.metrics.gauge(
            "chat_connections", "Signed-in chat connections.", lambda: len(self.places["chat"])
        )
        self.metrics.gauge(
            "commits_waiting",
            "Changes that wait for a commit.",
            lambda: self.services.committer.waiting,
        )
        self.metrics.gauge(
            "notification_connections",
            "Signed-in connections of inboxes.",
            lambda: len(self.places["notifications"]),
        )
        self.metrics.gauge("event_streams", "Open event streams.", lambda: len(self.event_streams))
        self.metrics.gauge(
            "analytics_calls_refused",
            "Calls with events without a session that were beyond a budget.",
            lambda: self.reading.anonymous.refused,
        )

    def _install(self) -> None:
        services = self.services
        assets = install(
            self.application,
            settings=services.settings,
            sessions=services.sessions,
            tokens=services.tokens,
            origins=self.origins,
            translate=as_parley_error,
            failed=services.instrumentation.failed,
            count=self._count,
        )
        self.application.add_routes(account_pages.routes(services.accounts))
        self.application.add_routes(account_routes.routes(services.accounts))
        self.application.add_routes(services.chat.http.routes())
        self.application.add_routes(services.notifications.http.routes())
        self.application.add_routes(services.push.http.routes(assets))
        self.application.add_routes(notification_pages(services))
        self.application.add_routes(services.topics.http.routes())
        self.application.add_routes(services.topics.pages.routes())
        self.application.add_routes(services.hooks.http.routes())
        self.application.add_routes(services.hooks.pages.routes())
        self.application.add_routes(self.reading.http.routes())
        self.application.add_routes(self.reading.pages.routes())
        lines = ConnectionList(self.places, services.chat.lifecycle.opened, services.audit)
        self.application.add_routes(AdminPages(lines).routes())
        audit = AuditStore(services.database)
        self.application.middlewares.append(Trail(audit, new_id, now).watch())
        self.application.add_routes(AuditPages(audit, services.users, AUDITED).routes())
        self.application.add_routes(
            telemetry_routes.routes(services.readiness, self.metrics, may_read_metrics)
        )
        self.application.add_routes(openapi.routes())
        self.application.add_routes(self.admission.routes())
        self.application.add_routes(self.event_streams.routes())
        self._keep("events", self.listeners)
        self.application.add_routes(self.gateway.routes())
        for namespace in namespaces(services, self.reading):
            self._serve(namespace)

    def _count(self, request: web.Request, who: Caller | None) -> None:
        address, user_id = request_info.address(request), who.user.id if who else None
        self.request_limits.count_request(user_id, address, request.method, route(request))

    def _serve(self, namespace: Namespace) -> None:
        """One feature on its namespace; what is revoked or runs out closes its connections."""
        services = self.services
        dispatcher = Dispatcher(
            namespace.scope,
            namespace.events,
            services.users.get,
            self.request_limits.count_event,
            self.answered,
        )
        self.sockets.register_namespace(
            FeatureNamespace(
                f"/{namespace.name}",
                server=self.sockets,
                dispatcher=dispatcher,
                connections=namespace.connections,
                sessions=services.sessions,
                tokens=services.tokens,
                arrive=namespace.arrive,
                depart=namespace.depart,
            )
        )
        self.gateway.serve(
            ServedNamespace(
                name=namespace.name,
                dispatcher=dispatcher,
                connections=namespace.connections,
                arrive=namespace.arrive,
                depart=namespace.depart,
            )
        )
        self._keep(namespace.name, namespace.connections)

    def _keep(self, name: str, connections: Connections) -> None:
        """Show connections to admins, and end those whose session or token ends."""
        services = self.services
        self.places[name] = connections
        services.revocations.listen(connections.revoke)
        every_s = interval_s(services.settings.session_idle_s)
        services.tasks.spawn(
            sweep(services.sessions, services.tokens, connections, every_s), f"sweep {name}"
        )

    async def stop(self) -> None:
        """Take nothing new, then tell every socket to come back."""
        self.admission.is_stopping = True
        self.services.readiness.is_stopping = True
        await self.services.committer.finish(COMMIT_WITHIN_S)
        await self.sockets.send_away()
        await self.gateway.send_away()
        # The last: who comes back while the door is still there would be told to stay away.
        await self.event_streams.stop()


def namespaces(services: Services, reading: Reading) -> Iterator[Namespace]:
    """The events of all features."""
    chat, notifications = services.chat, services.notifications.events
    yield Namespace(
        name="chat",
        scope="chat",
        events=bound(CHAT_EVENTS, chat.events),
        arrive=chat.lifecycle.arrive,
        depart=chat.lifecycle.depart,
    )
    yield Namespace(
        name="notifications",
        scope=READS_INBOX,
        events=bound(NOTIFICATION_EVENTS, notifications),
        arrive=notifications.arrive,
        depart=notifications.depart,
    )
    # Everyone may track; what is read asks for its right by itself.
    yield Namespace(
        name="analytics",
        scope=None,
        events=bound(ANALYTICS_EVENTS, reading.events),
        arrive=reading.events.arrive,
        depart=reading.events.depart,
    )
    # Reading and publishing are different rights of a token; each event asks for its own.
    topics = services.topics.events
    yield Namespace(
        name="topics",
        scope=None,
        events=bound(TOPIC_EVENTS, topics),
        arrive=topics.arrive,
        depart=topics.depart,
    )


def reading(services: Services) -> Reading:
    """The figures of this server, for its admins."""
    limit = services.settings.analytics_calls_per_minute

    def allow(address: str) -> None:
        services.accounts.limiter.hit("track", address, limit)

    return Reading(
        services.database,
        services.users,
        services.tasks,
        services.analytics.intake,
        services.analytics.active.count,
        allow,
        AnonymousLimits(services.settings, time.monotonic),
        NameBudget(services.analytics.names.knows, time.monotonic),
        now,
    )


def notification_pages(services: Services) -> list[web.RouteDef]:
    """The pages of notifications, which show rooms too."""
    notifications = services.notifications
    store = AnnouncementStore(services.database)
    announcements = Announcements(
        notifications.authorized_sender, services.users, store, new_id, services.audit
    )
    pages = NotificationPages(
        notifications.inbox,
        notifications.book,
        services.chat.room_list.listed,
        now,
    )
    return [*pages.routes(), *AnnouncementPages(announcements).routes()]


async def may_read_metrics(request: web.Request) -> bool:
    """A program on this machine, an admin, or a bot that was given just this right."""
    if request_info.is_this_machine(request):
        return True
    reader = caller(request)
    if reader.user.is_bot:
        return reader.holds(METRICS)
    return reader.user.is_admin and reader.may(METRICS)
