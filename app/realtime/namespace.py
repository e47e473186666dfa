"""A namespace: what a feature answers and tells clients, whatever transport they are on."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec import Struct, field

from app.realtime.connections import Connection, Connections
from app.realtime.dispatch import ClientEvents, Dispatcher

Step = Callable[[Connection], Awaitable[None]]


class MessageType(Struct, frozen=True):
    """A server event on `/ws`, where all namespaces share one connection: the `name` that it has
    there, and what it `adds` to the payload."""

    name: str
    adds: Mapping[str, Any] = {}


async def nothing_to_do(_: Connection) -> None:
    """Do nothing when a connection comes or goes."""


class Namespace(Struct, kw_only=True):
    """The events of one feature, and what it does as clients come and go.

    `name` has no slash: Socket.IO puts one before it, `/ws` shows no name at all. A token needs the
    `scope`; None lets every token in. `connections` are those who are connected on this node.
    `message_types` are those of server events that have another name on `/ws`.
    """

    name: str
    scope: str | None
    events: ClientEvents
    arrive: Step = nothing_to_do
    depart: Step = nothing_to_do
    connections: Connections = field(default_factory=Connections)
    message_types: Mapping[str, MessageType] = {}


class ServedNamespace(Struct):
    """A namespace with the dispatcher that answers its events."""

    name: str
    dispatcher: Dispatcher
    connections: Connections
    arrive: Step
    depart: Step
    message_types: Mapping[str, MessageType] = {}
