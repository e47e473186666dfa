"""A connection lives as long as what proved it: on every transport, to the moment."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import pytest

from app.accounts.models import Caller, Revoked, User
from app.errors import Unauthenticated
from app.realtime.connections import Connections
from app.realtime.dispatch import Dispatcher
from app.realtime.expiry import AHEAD, Expiry
from app.signals import Signal
from app.times import now
from tests.accounts.world import Clock
from tests.chat.house import House, Member, open_house
from tests.chat.quiet import Quiet
from tests.harness.listener import Listener
from tests.harness.waiting import eventually
from tests.realtime.plain import Plain

LIFETIME_S = 1.5
ANA = User(id="1" * 24, username="ana", name="Ana")


@dataclass(eq=False)
class Short:
    """A connection whose proof ends soon."""

    caller: Caller
    closed: int = 0

    def close(self) -> None:
        self.closed += 1


def short(clock: Clock, **ends_in: float) -> Short:
    return Short(Caller(user=ANA, token="t", ends=clock() + timedelta(**ends_in)))


async def test_one_that_has_ended_is_closed_at_once_and_others_are_not() -> None:
    clock = Clock()
    expiry = Expiry(clock)
    over, later = short(clock, seconds=-1), short(clock, seconds=60)
    lasting = Short(Caller(user=ANA, token="t"))
    for each in (over, later, lasting):
        expiry.watch(each)
    await eventually(lambda: over.closed == 1, "it is closed")
    assert (later.closed, lasting.closed) == (0, 0)
    expiry.forget(later)
    assert len(expiry) == 0


async def test_a_far_end_takes_no_timer_until_it_is_near() -> None:
    clock = Clock()
    expiry, far = Expiry(clock), short(clock, days=90)
    expiry.watch(far)
    assert len(expiry) == 0
    clock.turn(days=90, seconds=-AHEAD.total_seconds())
    expiry.watch(far)
    expiry.watch(far)
    assert len(expiry) == 1


async def test_a_clock_that_was_set_back_closes_nothing_early() -> None:
    clock = Clock()
    expiry, connection = Expiry(clock), short(clock, seconds=0.01)
    expiry.watch(connection)
    clock.turn(hours=-1)
    await eventually(lambda: len(expiry) == 0, "its timer has run out")
    assert connection.closed == 0


async def test_no_event_passes_once_the_proof_has_ended() -> None:
    """Also where the timer is late."""

    async def who_is(_: str) -> User:
        return ANA

    dispatcher = Dispatcher(None, {}, who_is, lambda _: None, Signal("answered"))
    quiet = Quiet(ANA)
    quiet.caller = Caller(user=ANA, token="t", ends=now())
    answer = await dispatcher.call(quiet, "rooms:list", {})
    assert answer.payload["error"]["code"] == Unauthenticated.code


async def test_a_token_that_ends_takes_its_connections_on_every_transport(
    house: House, ana: Member, ben: Member
) -> None:
    tokens = house.services.tokens
    token = await tokens.create(ben.id, lifetime_s=LIFETIME_S)
    before = len(house.connections("chat"))
    chat, polling = await asyncio.gather(
        house.enters_with(token, ben.user), house.enters_with(token, ben.user, polling=True)
    )
    ticket = tokens.ticket(await tokens.resolve(token))
    async with (
        Plain(house.address, token) as plain,
        Plain(house.address, ticket) as by_ticket,
        Listener(house.address, token, "chat:hallway,notifications") as reader,
    ):
        await reader.opens()
        await asyncio.gather(chat.is_cut_off(), polling.is_cut_off(), reader.is_ended())
        assert [await plain.closes(), await by_ticket.closes()] == [4403, 4403]
    await eventually(lambda: len(house.connections("chat")) == before, "only the others are left")
    assert ben.client.connected
    with pytest.raises(Unauthenticated):
        await tokens.resolve(token)


async def test_a_session_ends_its_connections_at_its_latest(database: object) -> None:
    """However it was proved: by the cookie, by a token of the session or by a ticket."""
    async with open_house(database, session_absolute_s=LIFETIME_S) as house:
        ben = await house.invites("ben", "admin")
        sessions, tokens = house.services.sessions, house.services.tokens
        session, cookie = await sessions.begin(ben, address="", agent="laptop")
        token = await tokens.for_session(session)
        caller = await sessions.resolve(cookie)
        assert caller is not None
        headers = {"Cookie": f"parley_session={cookie}", "Origin": house.address}
        member = await house.enters_with(token, ben)
        async with (
            Plain(house.address, **headers) as by_cookie,
            Plain(house.address, tokens.ticket(caller)) as by_ticket,
            aiohttp.ClientSession(headers=headers) as browser,
            browser.get(f"{house.address}/api/events?streams=notifications") as stream,
        ):
            assert stream.status == 200
            await member.is_cut_off()
            assert [await by_cookie.closes(), await by_ticket.closes()] == [4403, 4403]
            with pytest.raises(aiohttp.ClientError):
                await asyncio.wait_for(stream.read(), 5)


async def test_everyone_can_be_sent_away() -> None:
    """As after all sessions were ended on the command line."""
    connections = Connections()
    quiet = Quiet(ANA)
    closed: list[bool] = []
    quiet.close = lambda: closed.append(True)  # type: ignore[method-assign]
    connections.add(quiet, connections.moment)
    connections.revoke(Revoked(everyone=True))
    assert closed == [True]
