"""Notifications over HTTP: the caller's inbox and preferences, and sending."""

from aiohttp import web

from app.accounts.models import User
from app.errors import Forbidden
from app.notifications.authorized_sender import AuthorizedSender, SendNotification, stored_key
from app.notifications.client_events import SCOPE
from app.notifications.inbox import Inbox
from app.notifications.models import ListInbox, MarkRead, Preferences
from app.notifications.preferences import PreferenceBook, to_wire
from app.web import idempotency
from app.web.route_helpers import caller, decode, query, reply
from app.web.routing import Route


class NotificationRoutes:
    """Handlers; each calls one service method."""

    def __init__(
        self,
        inbox: Inbox,
        book: PreferenceBook,
        authorized_sender: AuthorizedSender,
    ) -> None:
        self._inbox = inbox
        self._book = book
        self._authorized_sender = authorized_sender

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/api/notifications", self.list, "A page of my inbox", query=ListInbox),
            Route(
                "POST",
                "/api/notifications",
                self.post,
                "Notify one, many or all",
                body=SendNotification,
                status=201,
            ),
            Route("POST", "/api/notifications/read-all", self.read_all, "Mark all of mine as read"),
            Route(
                "GET",
                "/api/notifications/preferences",
                self.get_preferences,
                "My notification preferences",
            ),
            Route(
                "PUT",
                "/api/notifications/preferences",
                self.set_preferences,
                "Choose what to hear of",
                body=Preferences,
            ),
            Route("POST", "/api/notifications/{id}/read", self.read, "Mark one as read"),
            Route("POST", "/api/notifications/{id}/archive", self.archive, "Put one away"),
        ]

    async def list(self, request: web.Request) -> web.Response:
        return reply(await self._inbox.list(reader(request).id, query(request, ListInbox)))

    async def post(self, request: web.Request) -> web.Response:
        present, asked = caller(request), await decode(request, SendNotification)
        key = idempotency.key_of(request)
        if key is not None:
            asked.idempotency_key = stored_key(key)
        sent = await self._authorized_sender.post(present, asked)
        return reply({"ids": sent.ids}, status=200 if sent.is_repeat else 201)

    async def read(self, request: web.Request) -> web.Response:
        asked = MarkRead(ids=[request.match_info["id"]])
        return reply(await self._inbox.read(reader(request).id, asked))

    async def read_all(self, request: web.Request) -> web.Response:
        return reply(await self._inbox.read_all(reader(request).id))

    async def archive(self, request: web.Request) -> web.Response:
        return reply(await self._inbox.archive(reader(request).id, [request.match_info["id"]]))

    async def get_preferences(self, request: web.Request) -> web.Response:
        return reply(to_wire(await self._book.of(reader(request).id)))

    async def set_preferences(self, request: web.Request) -> web.Response:
        user = reader(request)
        asked = await decode(request, Preferences)
        return reply(await self._book.set(user.id, asked))


def reader(request: web.Request) -> User:
    """The caller, if they may read their notifications. Raises Unauthenticated, Forbidden."""
    found = caller(request)
    if not found.may(SCOPE):
        raise Forbidden("This token may not read notifications.")
    return found.user
