"""Room for sockets in this process: the system's limit on open files is often far below the pool's.

Without it the pool would never be full: accepting would fail first, and nobody would be told.
"""

import resource

import structlog

# For the database, files, and requests that come and go.
OTHERS = 300

log = structlog.get_logger(__name__)


def room_for(connections: int) -> int:
    """Ask the system for so many sockets, and return how many of them it allows."""
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + OTHERS
    if limit != resource.RLIM_INFINITY and limit < wanted:
        limit = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))
        if limit < wanted:
            log.warning("few open files are allowed", allowed=limit, wanted=wanted)
            return max(1, limit - OTHERS)
    return connections
