"""Recognises visitors who sign in: the session that was anonymous and the user are one visitor.

In memory, for the sessions seen last by this node. No I/O.
"""

from cachetools import LRUCache
from msgspec.structs import replace

from app.analytics.models import Accepted, visitor_of

KNOWN = 50_000


class KnownSessions:
    """The user of each session, or None while it is anonymous."""

    def __init__(self, known: int = KNOWN) -> None:
        self._users: LRUCache[str, str | None] = LRUCache(known)

    def attributed(self, event: Accepted) -> Accepted:
        """The event with the right visitor; call it once for each event that has a session.

        An event without a user counts for the user who signed in with its session before. The
        first event of a user in a session that was anonymous has `is_first_signed_in`.
        """
        session_id, user_id = event.session_id or "", event.user_id
        if user_id is None:
            known = self._users.setdefault(session_id, None)
            return event if known is None else replace(event, visitor=visitor_of(known, None))
        is_first = self._users.get(session_id, user_id) is None
        self._users[session_id] = user_id
        return replace(event, is_first_signed_in=True) if is_first else event
