"""Connections end with the time of their session, also when nobody does anything."""

from app.accounts.models import Caller
from app.realtime.connections import Connection, Connections
from app.realtime.events import Event
from app.realtime.sweep import close_ended
from app.storage.mongo import Database
from tests.accounts.world import Clock, build, sign_in


class Recorded(Connection):
    """A connection that notes whether it was closed."""

    is_closed = False
    transport, buffered_bytes = "none", 0

    def send(self, event: Event) -> None: ...

    def drop(self, topic: str) -> None: ...

    def close(self) -> None:
        self.is_closed = True

    def revoke(self, topic: str) -> None: ...


async def test_a_session_that_ran_out_closes_its_connections_and_no_others(
    database: Database,
) -> None:
    clock = Clock()
    accounts = build(database, clock, session_idle_s=3600.0)
    ana = await accounts.users.create("ana", "correct horse battery")
    callers = [await signed_in(accounts, ana) for _ in range(2)]
    old, used = (Recorded(c, address="", since=clock()) for c in callers)
    connections = Connections()
    connections.add(used, connections.moment)
    clock.turn(minutes=40)
    await close_ended(accounts.sessions, connections)  # What is connected is in use.
    connections.add(old, connections.moment)
    clock.turn(minutes=40)
    await close_ended(accounts.sessions, connections)
    assert (old.is_closed, used.is_closed) == (True, False)


async def signed_in(accounts, user) -> Caller:
    signed = await sign_in(accounts, user)
    caller = await accounts.sessions.resolve(signed.cookie)
    assert caller is not None
    return caller
