"""What a feature brings to the transports that clients talk on: its namespace."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from app.realtime.connections import Connection, Connections
from app.realtime.dispatch import Dispatcher

Step = Callable[[Connection], Awaitable[None]]


class Namespace(Struct):
    """The events of one feature, who is connected, and what it does as they come and go.

    `name` has no slash: Socket.IO calls it `/chat`, `/ws` shows no name at all.
    """

    name: str
    dispatcher: Dispatcher
    connections: Connections
    arrive: Step
    depart: Step
