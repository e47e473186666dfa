"""The sockets that this process may open: the system's limit is often far below the pool's.

Without it the pool would never be full: accepting would fail first, and no client would know why.
"""

import resource
from typing import NamedTuple

import structlog

# For what must go on however many clients come: connections to the database (100 at most) and to
# receivers of webhooks and push, files, a new mongod.
RESERVE = 200
# Connections that are not of the pool: pages and calls, and a poller's second one.
BESIDE_AT_LEAST = 256

log = structlog.get_logger(__name__)


class SocketBudget(NamedTuple):
    """How many connections of the pool there may be, and how many of clients in all."""

    pool: int
    sockets: int


def wanted_sockets(pool: int) -> SocketBudget:
    """The sockets that a pool wants, pages and calls included."""
    return SocketBudget(pool, pool + max(BESIDE_AT_LEAST, pool // 4))


def allowed_sockets(pool: int) -> SocketBudget:
    """Ask the system for so many descriptors, and return the sockets that it allows."""
    wanted = wanted_sockets(pool)
    allowed = _allowed(wanted.sockets + RESERVE)
    if allowed >= wanted.sockets + RESERVE:
        return wanted
    log.warning("few open files are allowed", allowed=allowed, wanted=wanted.sockets + RESERVE)
    sockets = max(2, allowed - min(RESERVE, allowed // 2))
    return SocketBudget(min(pool, max(1, sockets * 4 // 5)), sockets)


def _allowed(wanted: int) -> int:
    """The limit on open files, raised to `wanted` as far as the system lets a process do that."""
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY or limit >= wanted:
        return wanted
    limit = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))
    return limit
