"""Connections end with their session or token, also when nobody was told of it."""

from app.accounts.models import Caller
from app.realtime.connections import Connection, Connections
from app.realtime.ended_session_sweep import close_ended, interval_s
from app.realtime.server_event import Event
from app.storage.mongo import Database
from app.times import now
from tests.accounts.world import Clock, build, sign_in
from tests.realtime.idle_line import idle_line


class Recorded(Connection):
    """A connection that notes whether it was closed."""

    is_closed = False
    transport = "none"

    def send(self, event: Event) -> None: ...

    def close(self) -> None:
        self.is_closed = True


async def test_a_session_that_ran_out_closes_its_connections_and_no_others(
    database: Database,
) -> None:
    clock = Clock()
    accounts = build(database, clock, session_idle_s=3600.0)
    ana = await accounts.users.create("ana", "correct horse battery")
    callers = [await signed_in(accounts, ana) for _ in range(2)]
    old, used = (Recorded(c, idle_line(), address="", since=clock()) for c in callers)
    connections = Connections()
    connections.add(used, connections.moment)
    clock.turn(minutes=40)
    # An open connection counts as use of its session.
    await close_ended(accounts.sessions, accounts.tokens, connections)
    connections.add(old, connections.moment)
    clock.turn(minutes=40)
    await close_ended(accounts.sessions, accounts.tokens, connections)
    assert (old.is_closed, used.is_closed) == (True, False)


async def test_a_token_that_is_gone_closes_its_connections_and_no_others(
    database: Database,
) -> None:
    accounts = build(database, Clock())
    ana = await accounts.users.create("ana", "correct horse battery")
    secrets = [await accounts.tokens.create(ana.id) for _ in range(2)]
    gone, kept = [
        Recorded(await accounts.tokens.resolve(s), idle_line(), address="", since=now())
        for s in secrets
    ]
    connections = Connections()
    for connection in (gone, kept):
        connections.add(connection, connections.moment)
    await database.collection("tokens").delete_one({"_id": gone.caller.token})
    await close_ended(accounts.sessions, accounts.tokens, connections)
    assert (gone.is_closed, kept.is_closed) == (True, False)


async def test_what_nobody_was_told_of_closes_connections_too(database: Database) -> None:
    """As after a process that was killed between its commit and the telling of it."""
    accounts, elsewhere = build(database, Clock()), build(database, Clock())
    ana = await accounts.users.create("ana", "correct horse battery", role="admin")
    dana = await accounts.users.create("dana", "correct horse battery", role="admin")
    bot, token = await accounts.bots.make("echo", by=dana)
    callers = [await accounts.tokens.resolve(token), await signed_in(accounts, dana)]
    connections = Connections()
    opened = [Recorded(caller, idle_line(), address="", since=now()) for caller in callers]
    for connection in opened:
        connections.add(connection, connections.moment)
    users = database.collection("users")
    await users.update_one({"_id": dana.id}, {"$set": {"disabled": True}, "$inc": {"rev": 1}})
    for process in (accounts, elsewhere):
        await process.users.load([ana.id, dana.id, bot.id])
    await close_ended(accounts.sessions, accounts.tokens, connections)
    assert [connection.is_closed for connection in opened] == [True, True]


def test_short_sessions_are_looked_at_more_often() -> None:
    assert interval_s(14 * 86_400) == 60
    assert interval_s(20) == 5
    assert interval_s(0.1) == 1


async def signed_in(accounts, user) -> Caller:
    signed = await sign_in(accounts, user)
    caller = await accounts.sessions.resolve(signed.cookie)
    assert caller is not None
    return caller
