"""The sockets of one port, one for each worker: the kernel spreads new connections over them."""

import asyncio
import errno
import socket
import sys
from collections.abc import Iterable

import structlog

from app.settings_loader import SettingsError

# The workers of a supervisor that was killed stop by themselves, and have the port till then.
FREE_WITHIN_S = 12.0
POLL_S = 0.1

log = structlog.get_logger("workers")

Address = tuple[socket.AddressFamily, tuple[str, int]]
Group = list[socket.socket]


async def bound(host: str, port: int, workers: int) -> list[Group]:
    """For each worker a socket for each address of `host`, bound and not listening yet.

    Raises OSError where the port is taken, SettingsError where the system spreads no connections.
    """
    if sys.platform != "linux":
        raise SettingsError("Several workers need Linux. Start one server without --workers.")
    addresses = _addresses(host, port)
    await _free(addresses)
    made: list[Group] = []
    try:
        for _ in range(workers):
            made.append([])
            for family, (name, number) in addresses:
                one = _socket(family, is_shared=True)
                made[-1].append(one)
                one.bind((name, number or _port_of(made)))
    except BaseException:
        close(made)
        raise
    return made


def close(sockets: Iterable[Group]) -> None:
    """Close them all; a worker that listens on one has its own copy."""
    for group in sockets:
        for each in group:
            each.close()


def _addresses(host: str, port: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return [(family, (str(where[0]), int(where[1]))) for family, _, _, _, where in found]


def _socket(family: socket.AddressFamily, *, is_shared: bool) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if is_shared:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    return made


def _port_of(made: list[Group]) -> int:
    """The port that the first socket was given; 0 for that one itself."""
    port: int = made[0][0].getsockname()[1]
    return port


async def _free(addresses: list[Address]) -> None:
    """Return once nobody else listens there: beside another server's socket a shared one would be
    bound without an error, and get a part of its connections. Raises OSError."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + FREE_WITHIN_S
    is_told = False
    for family, where in addresses:
        while where[1] and (problem := _problem(family, where)):
            if problem.errno != errno.EADDRINUSE or loop.time() > deadline:
                raise OSError(problem.errno, f"{problem.strerror}: {where[0]}, port {where[1]}")
            if not is_told:
                log.warning("port_is_taken_and_tried_again", port=where[1])
                is_told = True
            await asyncio.sleep(POLL_S)


def _problem(family: socket.AddressFamily, where: tuple[str, int]) -> OSError | None:
    """The reason why nobody could bind a socket of their own there; None where it is free."""
    with _socket(family, is_shared=False) as probe:
        try:
            probe.bind(where)
        except OSError as error:
            return error
    return None
