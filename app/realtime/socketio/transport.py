"""One transport of the Socket.IO server: its lease, its time to sign in, its events under way."""

import asyncio
from functools import partial
from typing import Protocol

from aiohttp import web

from app.realtime.pool import Lease
from app.realtime.security_log import log_slow_handshake
from app.web import request_info

EVENTS_AT_ONCE = 500
SIGN_IN_WITHIN_S = 20.0
# The lease of a handshake that is admitted; its transport takes it from there.
LEASE: web.RequestKey[Lease] = web.RequestKey("lease", Lease)


class Owner(Protocol):
    """The part of the server that a transport needs."""

    def cut_off(self, eio_sid: str) -> None:
        """End this transport without a word."""

    def is_open_to_all(self, eio_sid: str) -> bool:
        """Whether it is connected to a namespace that needs no sign-in."""


class Transport:
    """From its handshake, whose lease it takes over, to its end.

    `slots` bound how many of its events may be answered at once. One that nobody signs in over
    within SIGN_IN_WITHIN_S is cut off: it takes a lease that others need.
    """

    __slots__ = (
        "_address",
        "_deadline",
        "_eio_sid",
        "_is_opened",
        "_lease",
        "_owner",
        "_signed_in",
        "slots",
    )

    def __init__(self, owner: Owner, eio_sid: str, request: web.Request) -> None:
        self.slots = asyncio.Semaphore(EVENTS_AT_ONCE)
        self._owner = owner
        self._eio_sid = eio_sid
        self._address = request_info.address(request)
        self._signed_in = 0  # In how many namespaces.
        self._is_opened = False
        self._lease = request.pop(LEASE, None)
        if self._lease is not None:
            self._lease.give_way = partial(owner.cut_off, eio_sid)
        self._deadline: asyncio.TimerHandle | None = self._wait()

    def sign_in(self, user: str) -> bool:
        """Note a sign-in to a namespace. Returns whether it was the first on this transport.

        Raises RateLimited where they have too many, Unavailable where it has just given way.
        """
        if self._lease is not None:
            self._lease.sign_in(user)
        self._signed_in += 1
        self._stop_waiting()
        is_first, self._is_opened = not self._is_opened, True
        return is_first

    def sign_out(self) -> None:
        """Note that the person has left a namespace; after the last, await a sign-in again."""
        self._signed_in -= 1
        if self._signed_in == 0:
            if self._lease is not None:
                self._lease.sign_out(partial(self._owner.cut_off, self._eio_sid))
            self._deadline = self._wait()

    def end(self) -> None:
        """The transport has ended."""
        self._stop_waiting()
        if self._lease is not None:
            self._lease.end()

    def _wait(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(SIGN_IN_WITHIN_S, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if not self._owner.is_open_to_all(self._eio_sid):
            log_slow_handshake(self._address, "/socket.io/")
            self._owner.cut_off(self._eio_sid)
