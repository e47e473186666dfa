"""Decides which refused attempts share one entry, so that nobody can fill the trail. No I/O.

Each kind has one entry an hour for each person, and for each network without a session.
"""

from datetime import datetime

from app.security.client_address import site_of

# Only so many networks an hour have entries of their own; the rest share one.
NETWORKS_AN_HOUR = 1_000
ELSEWHERE = "elsewhere"


class Refusals:
    """Names the shared entry of an attempt. Bounded: it remembers the networks of one hour."""

    def __init__(self, networks_an_hour: int = NETWORKS_AN_HOUR) -> None:
        self._most = networks_an_hour
        self._hour = 0
        self._networks: set[str] = set()

    def key(self, kind: str, user_id: str | None, address: str, at: datetime) -> str:
        """The key of the entry that counts this attempt."""
        hour = int(at.timestamp()) // 3600
        by = f"user {user_id}" if user_id else f"from {self._network(site_of(address), hour)}"
        return f"{hour} {kind} {by}"

    def _network(self, network: str, hour: int) -> str:
        if hour != self._hour:
            self._hour, self._networks = hour, set()
        if network not in self._networks:
            if len(self._networks) >= self._most:
                return ELSEWHERE
            self._networks.add(network)
        return network
