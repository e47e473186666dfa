"""Signals and counts of all transports, for features that show or count them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from app.realtime.connections import Connection, Connections
from app.realtime.dispatch import Answered
from app.signals import Signal


@dataclass(frozen=True)
class ConnectionSignals:
    """Signals and connection counts; all stay empty in a process that runs one command.

    `connections` holds the connections of each namespace by its name, and those of event streams as
    `events`. Each of `transports` returns its open transports by kind, such as `{"websocket": 2}`.
    """

    connections: dict[str, Connections] = field(default_factory=dict)
    transports: list[Callable[[], Counter[str]]] = field(default_factory=list)
    # A client was recognised on a transport that has just opened.
    opened: Signal[Connection] = field(default_factory=lambda: Signal("opened"))
    # An event of a client was answered.
    answered: Signal[Answered] = field(default_factory=lambda: Signal("answered"))
    # Somebody was told of an error over HTTP, by its code.
    failed: Signal[str] = field(default_factory=lambda: Signal("failed"))
