"""One table of client events for all transports: decode the typed struct, call the service, answer.

The one place that maps exceptions to the error codes of the protocol.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import msgspec
import structlog
from msgspec.structs import replace

from app.accounts.models import Caller, User
from app.errors import (
    Forbidden,
    Invalid,
    NotFound,
    ParleyError,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from app.realtime.connections import Connection
from app.signals import Signal
from app.storage.errors import as_parley_error
from app.times import now
from app.web import decoding

log = structlog.get_logger("dispatch")
security = structlog.get_logger("security")

# Errors that refuse a request: not allowed, not visible (private things are not found), too often,
# too large, or not well formed.
REFUSALS = (Forbidden, Invalid, NotFound, RateLimited, TooLarge, Unauthenticated)


class Answer(msgspec.Struct, frozen=True):
    """A handler's result; `then` runs once the answer is on its way, before anything later is.

    `stream` names what it tells of, so that it can be taken back while it waits to be written; then
    the client is answered `revoked`.
    """

    payload: Mapping[str, Any]
    then: Callable[[], None] | None = None
    stream: str | None = None
    revoked: Callable[[], ParleyError] | None = None


class Answered(msgspec.Struct, frozen=True):
    """How one event went: how long it took, and the code of the error where one was told."""

    name: str
    ms: float
    error: str | None = None


Result = Mapping[str, Any] | Answer | None
FindUser = Callable[[str], Awaitable[User]]
Count = Callable[[str], None]


class ClientEvent(msgspec.Struct, frozen=True):
    """One event that clients may send: `handler(connection, decoded request)` answers it.

    An event that `has_own_limit` doesn't count as one of a person's calls a minute.
    """

    request: type[msgspec.Struct]
    handler: Callable[..., Awaitable[Result]]
    has_own_limit: bool = False


ClientEvents = Mapping[str, ClientEvent]


def bound(events: ClientEvents, owner: object) -> ClientEvents:
    """A table of methods as one of `owner`'s methods."""
    return {
        name: replace(event, handler=partial(event.handler, owner))
        for name, event in events.items()
    }


class Dispatcher:
    """Answers `events`, by name. `find_user` returns the person as they are now: roles and names
    change while people are connected. `count(user id)` is called for each event without a limit of
    its own, and raises RateLimited. `answered` is told how each went. With a `scope` of None every
    token may be used. Rights are checked at each event: the proof of a connection may have ended.
    """

    def __init__(
        self,
        scope: str | None,
        events: ClientEvents,
        find_user: FindUser,
        count: Count,
        answered: Signal[Answered],
    ) -> None:
        self._scope = scope
        self._events = events
        self._find_user = find_user
        self._count = count
        self._answered = answered

    @property
    def names(self) -> frozenset[str]:
        """The events that it answers."""
        return frozenset(self._events)

    def knows(self, name: str) -> bool:
        """Whether it answers events called `name`."""
        return name in self._events

    def must_admit(self, caller: Caller) -> None:
        """Raises Forbidden for a token without the right to any of this."""
        if self._scope is not None and not caller.may(self._scope):
            raise Forbidden(f"This token may not use {self._scope}.")

    async def call(self, connection: Connection, name: str, payload: object) -> Answer:
        """The answer to one event: `{ok: true, …}` or `{ok: false, error}`; never raises."""
        began, code = time.perf_counter(), None
        try:
            return await self._call(connection, name, payload)
        except Exception as error:  # noqa: BLE001  # logged in as_expected
            expected = as_expected(error, name)
            code = expected.code
            if isinstance(expected, REFUSALS):
                _note_refusal(connection, name, code)
            return Answer(expected.as_result())
        finally:
            self._answered.tell(Answered(name, (time.perf_counter() - began) * 1000, code))

    async def _call(self, connection: Connection, name: str, payload: object) -> Answer:
        event = self._events.get(name)
        if event is None or not event.has_own_limit:
            self._count(connection.user_id)
        if connection.is_ending or connection.caller.has_ended(now()):
            raise Unauthenticated("This session has ended; please sign in again.")
        if event is None:
            raise Invalid(f"There is no event called {name[:64]!r}.", field="event")
        self.must_admit(connection.caller)
        asked = decoding.from_value(payload, event.request)
        await self._recognise(connection)
        result = await event.handler(connection, asked)
        answer = result if isinstance(result, Answer) else Answer(result or {})
        return replace(answer, payload={"ok": True, **answer.payload})

    async def _recognise(self, connection: Connection) -> None:
        user = await self._find_user(connection.user_id)
        if not user.is_open:
            raise Unauthenticated("This account is closed.")
        if user is not connection.caller.user:
            connection.caller = replace(connection.caller, user=user)


def _note_refusal(connection: Connection, name: str, code: str) -> None:
    security.info(
        "refused",
        place=name[:64],
        error=code,
        user=connection.user_id,
        address=connection.address,
    )


def log_refused_connection(address: str, place: str, error: ParleyError) -> None:
    """Log a refused connection; there is no request whose line would show it."""
    security.warning("connection_refused", place=place, error=error.code, address=address)


def as_expected(error: Exception, name: str) -> ParleyError:
    """The error of the protocol that stands for `error`. An unexpected one is logged here."""
    if isinstance(error, ParleyError):
        return error
    known = as_parley_error(error)
    if known is None:
        log.error("unexpected failure", request=name, exc_info=error)
        return Unavailable("Something went wrong here; please try again.", retry_after=5)
    return known
