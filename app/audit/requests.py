"""What is kept of what was done: by whom, to whom, from where and whether it was allowed.

Which requests are kept is one table; no password, token, code or text is.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import structlog
from aiohttp import web

from app.accounts.models import Caller
from app.audit.refusals import Refusals
from app.audit.store import AuditStore, Fields
from app.errors import ParleyError, RateLimited
from app.storage.errors import DatabaseError
from app.web import request_info
from app.web.authentication import CALLER
from app.web.http import SENT

# By method and route.
KINDS: dict[tuple[str, str], str] = {
    ("POST", "/login"): "sign_in",
    ("POST", "/api/session"): "sign_in",
    ("POST", "/logout"): "sign_out",
    ("DELETE", "/api/session"): "sign_out",
    ("POST", "/setup"): "set_up",
    ("POST", "/join/{code}"): "account_made",
    ("POST", "/register"): "account_made",
    ("POST", "/reset/{code}"): "password_reset",
    ("POST", "/settings/password"): "password_changed",
    ("POST", "/settings/sessions/end"): "session_ended",
    ("POST", "/settings/tokens"): "token_made",
    ("POST", "/settings/tokens/revoke"): "token_revoked",
    ("POST", "/settings/delete"): "account_deleted",
    ("POST", "/admin/people/role"): "role_changed",
    ("POST", "/admin/people/disable"): "account_disabled",
    ("POST", "/admin/people/enable"): "account_enabled",
    ("POST", "/admin/people/reset"): "reset_link_made",
    ("POST", "/admin/bots"): "bot_made",
    ("POST", "/admin/bots/adopt"): "bot_adopted",
    ("POST", "/admin/bots/delete"): "account_deleted",
    ("POST", "/admin/people/{user}/tokens"): "token_made",
    ("POST", "/admin/people/{user}/tokens/revoke"): "token_revoked",
    ("POST", "/admin/people/{user}/sessions/end"): "session_ended",
    ("POST", "/admin/people/{user}/sessions/end-all"): "sessions_ended",
    ("POST", "/admin/invites"): "invite_made",
    ("POST", "/admin/invites/withdraw"): "invite_withdrawn",
}

# What of a form says whom or what it was about.
ABOUT = ("id", "username", "name", "topic")
IN_ADDRESS = ("user", "hook", "topic")
SIGN_OUT = "sign_out"
LONGEST = 64
ID = re.compile("[0-9a-f]{24}")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger("security")


class Trail:
    """`watch` is the middleware that writes it."""

    def __init__(
        self, store: AuditStore, new_id: Callable[[], str], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._new_id = new_id
        self._clock = clock
        self._refusals = Refusals()

    def watch(self) -> Any:
        """Keep what the table names, after it was done and before it is answered."""

        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            kind = kind_of(request)
            if kind is None:
                return await handler(request)
            try:
                response = await handler(request)
            except ParleyError as error:
                await self._keep(request, kind, error.status)
                raise
            await self._keep(request, kind, response.status)
            return response

        return middleware

    async def _keep(self, request: web.Request, kind: str, status: int) -> None:
        caller: Caller | None = request.get(CALLER)
        if status == RateLimited.status or (caller is None and kind == SIGN_OUT):
            # Throttled attempts are in the log; a sign-out without a session ends nothing.
            return
        entry_id, now, address = self._new_id(), self._clock(), request_info.address(request)
        user_id = caller.user.id if caller else None
        fields: Fields = {
            "kind": kind,
            "user": user_id,
            "name": caller.user.username if caller else None,
            "about": about(request),
            "address": address,
            "allowed": status < 400,
        }
        try:
            if status < 400:
                await self._store.add(entry_id, now, fields)
            else:
                key = self._refusals.key(kind, user_id, address, now)
                await self._store.count(key, entry_id, now, fields)
        except DatabaseError as error:
            # It was done all the same; the log has to remember it.
            log.error("audit entry lost", reason=type(error).__name__, **fields)  # noqa: TRY400


def kind_of(request: web.Request) -> str | None:
    """What the request does, where that is kept."""
    resource = request.match_info.route.resource
    return KINDS.get((request.method, resource.canonical)) if resource is not None else None


def about(request: web.Request) -> str | None:
    """Whom or what it was about: the id in its address or its form, or the name that was tried."""
    for part in IN_ADDRESS:
        if part in request.match_info:
            value = request.match_info[part]
            # A webhook's secret stands where its id does, and is kept nowhere.
            return value[:LONGEST] if part != "hook" or ID.fullmatch(value) else None
    # Only what the handler has decoded: a refused request is not read for this.
    sent = request.get(SENT)
    found = (getattr(sent, name, None) for name in ABOUT)
    return next((value[:LONGEST] for value in found if value and isinstance(value, str)), None)
