"""The web application over all features: HTTP, Socket.IO, plain WebSockets and event streams."""

from aiohttp import web

from app.accounts.feature import Accounts
from app.accounts.models import Caller
from app.bus.shared_rates import SharedRates
from app.realtime.admission import Admission
from app.realtime.connections import Connections
from app.realtime.dispatch import Dispatcher
from app.realtime.ended_session_sweep import interval_s, sweep
from app.realtime.namespace import Namespace, ServedNamespace
from app.realtime.socketio.namespace import FeatureNamespace
from app.realtime.socketio.routes import SocketIORoutes
from app.realtime.socketio.server import make_server
from app.realtime.sse.event_sources import EventSources, LiveView, OpenSource
from app.realtime.sse.periodic_events import Figures, no_figures
from app.realtime.sse.routes import EventStreams
from app.realtime.websocket.gateway import Gateway
from app.security.origins import Origins
from app.security.request_limits import RequestLimits
from app.server.feature import Features
from app.server.features import COMMIT_WITHIN_S
from app.server.openapi import openapi_route
from app.server.process_context import SINGLE_PROCESS, ProcessContext
from app.storage.errors import as_parley_error
from app.web import connection_check, request_info
from app.web.about import AboutPages
from app.web.middleware import install
from app.web.request_info import route
from app.web.route_helpers import MAX_BODY_BYTES
from app.web.routing import Route
from app.web.server_title import ServerTitle, software


class Application:
    """`web` is the aiohttp application. Call `start` before it is served and `stop` at the end."""

    def __init__(self, features: Features, context: ProcessContext = SINGLE_PROCESS) -> None:
        self.web = web.Application(client_max_size=MAX_BODY_BYTES)
        self._features = features
        self._core = core = features.core
        self._accounts = accounts = features[Accounts]
        self._origins = Origins(core.settings)
        self.sockets = make_server(
            heartbeat_interval=core.settings.heartbeat_interval,
            connection_timeout=core.settings.connection_timeout,
            tasks=core.tasks,
            writes_straight=core.settings.direct_writes,
            sid_prefix=context.sid_prefix,
        )
        self._context = context
        self.admission = Admission(self._origins, core.limits, core.settings, core.draining)
        self.gateway = Gateway(
            self.admission, accounts.sessions, accounts.tokens, core.tasks, core.settings
        )
        self.event_streams = self._make_event_streams()
        for transport in (self.sockets, self.gateway):
            transport.opened.listen(core.signals.opened.tell)
            core.signals.transports.append(transport.transports)
        for leaving in (self.sockets, self.gateway, self.event_streams):
            core.draining.serve(leaving)
        self.routes = self._all_routes()
        self._limits = RequestLimits(SharedRates(core.bus, "calls"), core.settings, self.routes)
        self._install()
        for namespace in (each for feature in features for each in feature.namespaces()):
            self._serve(namespace)
        for part in (core, self.sockets, self.admission, self.gateway, self.event_streams):
            core.metrics.add(part.gauges())
        for feature in features:
            core.metrics.add(feature.gauges())

    def _make_event_streams(self) -> EventStreams:
        readers = Connections()
        self._watch("events", readers)
        sources: dict[str, OpenSource] = {}
        views: dict[str, LiveView] = {}
        figures: Figures = no_figures
        for feature in self._features:
            sources.update(feature.event_sources())
            views.update(feature.live_views())
            figures = feature.heartbeat_figures() or figures
        return EventStreams(
            EventSources(sources, views),
            self.admission,
            self._accounts.sessions,
            self._accounts.tokens,
            self._core.settings,
            readers,
            figures,
            [kind for feature in self._features for kind in feature.supported_events],
        )

    def _all_routes(self) -> list[Route]:
        socketio = SocketIORoutes(self.sockets, self.admission, self._context.pass_on)
        transports = (socketio, self.gateway, self.event_streams)
        routes = [each for part in (*self._features, *transports) for each in part.routes()]
        routes += [*connection_check.routes(), *AboutPages().routes()]
        return [*routes, openapi_route(routes)]

    def _install(self) -> None:
        install(
            self.web,
            settings=self._core.settings,
            sessions=self._accounts.sessions,
            tokens=self._accounts.tokens,
            origins=self._origins,
            translate=as_parley_error,
            failed=self._core.signals.failed.tell,
            count=self._count,
            template_values={
                name: value
                for feature in self._features
                for name, value in feature.template_values().items()
            },
            preferences=self._accounts.preferences,
            title=self._server_title(),
            routes=self.routes,
        )

    def _server_title(self) -> ServerTitle:
        told = (feature.server_title() for feature in self._features)
        return next((title for title in told if title is not None), software)

    def _count(self, request: web.Request, who: Caller | None) -> None:
        address, user_id = request_info.address(request), who.user.id if who else None
        self._limits.count_request(user_id, address, request.method, route(request))

    def _serve(self, namespace: Namespace) -> None:
        """Answer the events of a namespace over Socket.IO and `/ws`."""
        dispatcher = Dispatcher(
            namespace.scope,
            namespace.events,
            self._accounts.users.get,
            self._limits.count_event,
            self._core.signals.answered,
        )
        served = ServedNamespace(
            name=namespace.name,
            dispatcher=dispatcher,
            connections=namespace.connections,
            arrive=namespace.arrive,
            depart=namespace.depart,
            message_types=namespace.message_types,
        )
        accounts = self._accounts
        self.sockets.register_namespace(
            FeatureNamespace(served, self.sockets, accounts.sessions, accounts.tokens)
        )
        self.gateway.serve(served)
        self._watch(namespace.name, namespace.connections)

    def _watch(self, name: str, connections: Connections) -> None:
        """End the connections whose session or token is revoked."""
        self._core.signals.connections[name] = connections
        self._accounts.revocations.listen(connections.revoke)

    async def start(self) -> None:
        """Begin what runs beside requests."""
        core, accounts = self._core, self._accounts
        every_s = interval_s(core.settings.session_idle_s)
        for name, connections in core.signals.connections.items():
            work = sweep(accounts.sessions, accounts.tokens, connections, every_s)
            core.tasks.spawn(work, f"sweep {name}")
        for feature in self._features:
            await feature.serve()

    async def stop(self) -> None:
        """Refuse new clients, commit what is queued, then tell every client to come back."""
        self.admission.is_stopping = True
        for feature in self._features:
            feature.drain()
        await self._core.committer.finish(COMMIT_WITHIN_S)
        await self.sockets.send_away()
        await self.gateway.send_away()
        # Last: an event stream that ended earlier would come back, be refused and give up.
        await self.event_streams.stop()
