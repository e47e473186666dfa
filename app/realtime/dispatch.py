"""One table of client events for all transports: decode the typed struct, call the service, answer.

The one place that maps exceptions to the error codes of the protocol.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
import structlog

from app.errors import Forbidden, Invalid, ParleyError, Unavailable
from app.realtime.connections import Connection
from app.storage.mongo import as_parley_error

log = structlog.get_logger("dispatch")
FIELD = re.compile(r"at `\$\.([\w.\[\]]+)`|field `(\w+)`")


class Answer(msgspec.Struct, frozen=True):
    """A handler's result; `then` runs once the answer is on its way, before anything later is."""

    payload: Mapping[str, Any]
    then: Callable[[], None] | None = None


Result = Mapping[str, Any] | Answer | None
Handler = Callable[[Connection, Any], Awaitable[Result]]


class Dispatcher:
    """Client events by name."""

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self._events: dict[str, tuple[type, Handler]] = {}

    def add(self, name: str, request: type, handler: Handler) -> None:
        """`handler(connection, decoded request)` answers events called `name`."""
        self._events[name] = (request, handler)

    async def call(self, connection: Connection, name: str, payload: object) -> Answer:
        """The answer to one event: `{ok: true, …}` or `{ok: false, error}`; never raises."""
        try:
            return await self._call(connection, name, payload)
        except Exception as error:  # noqa: BLE001  # logged in as_expected
            return Answer(as_expected(error, name).as_result())

    async def _call(self, connection: Connection, name: str, payload: object) -> Answer:
        if name not in self._events:
            raise Invalid(f"There is no event called {name[:64]!r}.", field="event")
        if not connection.caller.may(self._scope):
            raise Forbidden(f"This token may not use {self._scope}.")
        request, handler = self._events[name]
        result = await handler(connection, msgspec.convert(payload, request))
        answer = result if isinstance(result, Answer) else Answer(result or {})
        return Answer({"ok": True, **answer.payload}, answer.then)


def as_expected(error: Exception, name: str) -> ParleyError:
    """The error of the protocol that stands for `error`; what nobody foresaw is logged once."""
    if isinstance(error, ParleyError):
        return error
    if isinstance(error, msgspec.ValidationError):
        return as_invalid(error)
    known = as_parley_error(error)
    if known is None:
        log.error("unexpected failure", request=name, exc_info=error)
        return Unavailable("Something went wrong here; please try again.", retry_after=5)
    return known


def as_invalid(error: msgspec.ValidationError) -> Invalid:
    """`invalid` with the field that msgspec names."""
    text = str(error)
    found = FIELD.search(text)
    field = (found[1] or found[2]) if found else None
    return Invalid(text.split(" - at ")[0] + ".", field=field)
