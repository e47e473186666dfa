"""Ends connections whose session or token has ended, and keeps the sessions of others in use.

Connections close without this module when a person or a command ends their session or token, and
when it expires. The sweep finds ends that were not announced, as after a restore, and those that
have no timer yet.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from app.realtime.connections import Connections
from app.storage.background import every

EVERY_S = 60.0
# An open connection is use: it is noted several times before a session would go idle.
PARTS_OF_IDLE = 4
SHORTEST_S = 1.0
AT_ONCE = 500

Ended = Callable[[Iterable[str]], Awaitable[set[str]]]


class Proofs(Protocol):
    """The sessions, or the tokens."""

    async def ended(self, ids: Iterable[str]) -> set[str]:
        """Those of `ids` that are not good any more."""


def interval_s(session_idle_s: float) -> float:
    """How long to wait between two looks where sessions end after so long without use."""
    return max(SHORTEST_S, min(EVERY_S, session_idle_s / PARTS_OF_IDLE))


async def sweep(
    sessions: Proofs, tokens: Proofs, connections: Connections, every_s: float = EVERY_S
) -> None:
    """Look for ever, the first time after `every_s`."""
    await asyncio.sleep(every_s)
    await every(every_s, lambda: close_ended(sessions, tokens, connections), "sweep")


async def close_ended(sessions: Proofs, tokens: Proofs, connections: Connections) -> None:
    """Look once at what proved each connection; a session's token ends with the session."""
    connections.watch_ends()
    by_session = {c.caller.session for c in connections if c.caller.session is not None}
    by_token = {c.caller.token for c in connections if c.caller.session is None and c.caller.token}
    ended_sessions = await _ended(by_session, sessions.ended)
    ended_tokens = await _ended(by_token, tokens.ended)
    if ended_sessions or ended_tokens:
        connections.revoke_all(ended_sessions, ended_tokens)


async def _ended(ids: Iterable[str], ended: Ended) -> set[str]:
    asked, found = list(ids), set[str]()
    for start in range(0, len(asked), AT_ONCE):
        found |= await ended(asked[start : start + AT_ONCE])
    return found
