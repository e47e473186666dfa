"""The open transports of the Socket.IO server: each one's lease, and the time to sign in."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from aiohttp import web

from app.realtime.pool import Lease
from app.realtime.security_log import log_slow_handshake
from app.web import request_info

EVENTS_AT_ONCE = 500
SIGN_IN_WITHIN_S = 20.0
# The lease of a handshake that is admitted; its transport takes it from there.
LEASE: web.RequestKey[Lease] = web.RequestKey("lease", Lease)


@dataclass(slots=True)
class Transport:
    """One transport from its handshake to its end, and how many events of it may be answered."""

    deadline: asyncio.TimerHandle | None
    address: str
    lease: Lease | None
    # The number of namespaces in which the person is signed in.
    signed_in: int = 0
    is_opened: bool = False
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(EVENTS_AT_ONCE))

    def stop_waiting(self) -> None:
        """Stop waiting for a sign-in."""
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None


class Transports:
    """By Engine.IO id. `cut_off` ends one that has not signed in in time; `is_open_to_all` tells
    whether one is connected to a namespace that needs no sign-in."""

    def __init__(
        self, cut_off: Callable[[str], None], is_open_to_all: Callable[[str], bool]
    ) -> None:
        self._cut_off = cut_off
        self._is_open_to_all = is_open_to_all
        self._transports: dict[str, Transport] = {}

    def __len__(self) -> int:
        return len(self._transports)

    def __contains__(self, eio_sid: str) -> bool:
        return eio_sid in self._transports

    def __getitem__(self, eio_sid: str) -> Transport:
        return self._transports[eio_sid]

    def begin(self, eio_sid: str, request: web.Request) -> None:
        """Take over the lease of an admitted handshake, and wait for a sign-in."""
        lease = request.pop(LEASE, None)
        if lease is not None:
            lease.give_way = partial(self._cut_off, eio_sid)
        address = request_info.address(request)
        self._transports[eio_sid] = Transport(self._deadline(eio_sid), address, lease)

    def signed_in(self, eio_sid: str, user: str) -> bool:
        """Note a sign-in to a namespace. Returns whether it was the first on this transport.

        Raises RateLimited where they have too many, Unavailable where it has just given way.
        """
        transport = self._transports.get(eio_sid)
        if transport is None:
            return False
        if transport.lease is not None:
            transport.lease.sign_in(user)
        transport.signed_in += 1
        transport.stop_waiting()
        is_first, transport.is_opened = not transport.is_opened, True
        return is_first

    def signed_out(self, eio_sid: str) -> None:
        """Note that the person has left a namespace; after the last, await a sign-in again."""
        transport = self._transports.get(eio_sid)
        if transport is None:
            return
        transport.signed_in -= 1
        if transport.signed_in == 0:
            if transport.lease is not None:
                transport.lease.sign_out(partial(self._cut_off, eio_sid))
            transport.deadline = self._deadline(eio_sid)

    def end(self, eio_sid: str) -> None:
        """The transport has ended."""
        transport = self._transports.pop(eio_sid, None)
        if transport is not None:
            transport.stop_waiting()
            if transport.lease is not None:
                transport.lease.end()

    def _deadline(self, eio_sid: str) -> asyncio.TimerHandle:
        loop = asyncio.get_running_loop()
        return loop.call_later(SIGN_IN_WITHIN_S, self._end_unless_open_to_all, eio_sid)

    def _end_unless_open_to_all(self, eio_sid: str) -> None:
        """A transport that never signs in takes a lease that others need."""
        transport = self._transports.get(eio_sid)
        if transport is not None and not self._is_open_to_all(eio_sid):
            log_slow_handshake(transport.address, "/socket.io/")
            self._cut_off(eio_sid)
