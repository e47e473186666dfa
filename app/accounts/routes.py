"""The session over JSON, for programs and for the pages' own scripts."""

from aiohttp import web
from msgspec import Struct

from app.accounts.account_services import AccountServices
from app.accounts.pages.forms import client_of
from app.lengths import Medium, Short
from app.web import request_info, session_cookie
from app.web.route_helpers import caller, decode, reply
from app.web.routing import Route

RECONNECT_ATTEMPTS = 5
RECONNECT_DELAY_MS = 1000


class Credentials(Struct):
    """`POST /api/session`."""

    username: Short
    password: Medium


class SessionApi:
    """JSON routes: sign in and out, the caller's account, and how to connect a WebSocket."""

    def __init__(self, accounts: AccountServices) -> None:
        self._accounts = accounts

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/api/session", self.begin, "Sign in", body=Credentials, is_public=True),
            Route("DELETE", "/api/session", self.end, "Sign out"),
            Route("GET", "/api/me", self.me, "Get the caller's account"),
            Route("GET", "/api/config/websocket", self.websocket, "How to connect a WebSocket"),
        ]

    async def begin(self, request: web.Request) -> web.Response:
        self._accounts.sign_in.limits.must_be_free(client_of(request))
        given = await decode(request, Credentials)
        signed_in = await self._accounts.sign_in.attempt(
            given.username, given.password, client_of(request)
        )
        token = await self._accounts.tokens.for_session(signed_in.session)
        response = reply({"token": token, "user": signed_in.user.profile})
        session_cookie.put(request, response, signed_in.cookie)
        return response

    async def end(self, request: web.Request) -> web.Response:
        await self._accounts.own.sign_out(caller(request))
        response = reply({"ok": True})
        session_cookie.remove(request, response)
        return response

    async def me(self, request: web.Request) -> web.Response:
        return reply(caller(request).user.profile)

    async def websocket(self, request: web.Request) -> web.Response:
        present = caller(request)
        sockets = "wss" if request_info.scheme(request) == "https" else "ws"
        return reply(
            {
                "websocket_url": f"{sockets}://{request.host}/ws",
                "socketio_path": "/socket.io/",
                "heartbeat_interval": round(self._accounts.settings.heartbeat_interval * 1000),
                "reconnect_attempts": RECONNECT_ATTEMPTS,
                "reconnect_delay": RECONNECT_DELAY_MS,
                "token": self._accounts.tokens.ticket(present),
            }
        )
