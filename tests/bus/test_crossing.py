"""Two whole nodes on one database, on each way of the bus: what happens on one, people on the other
see and lose at once."""

import asyncio

import pytest
from limits import RateLimitItemPerMinute

from app.accounts.secrets import fingerprint
from app.accounts.sign_in_limits import PER_NAME, Client
from app.bus.beating_bus import BeatingBus
from app.bus.pulse import Beat
from app.errors import RateLimited, Unauthenticated
from tests.bus.two_nodes import Site, no_polls, redis_url, site
from tests.chat.house import PASSWORD, House, Member
from tests.harness.waiting import eventually
from tests.topics.clients import TopicClients

__all__ = ["no_polls", "redis_url", "site"]


async def test_what_is_said_and_seen_on_one_node_shows_on_the_other(site: Site) -> None:
    """Messages, typing, read positions, marks of unread, drafts and names, of one meeting."""
    sent = await site.ana.sends("hi")
    await site.cleo.sees("hi")

    await site.ana.does("typing:start", room="hallway")
    typing = await site.cleo.hears("typing", lambda t: site.ana.id in t["users"])
    await site.ana.does("typing:stop", room="hallway")
    await site.cleo.hears("typing", lambda t: site.ana.id not in t["users"])

    await site.ben.does("room:read", room="hallway", seq=sent["seq"])
    await site.cleo.hears("room:reads", lambda r: r["reads"].get(site.ben.id) == sent["seq"])
    await site.ben.does("room:mark_unread", room="hallway", seq=sent["seq"])
    await site.ben_there.hears("room:updated", lambda u: u["room"]["last_read"] == sent["seq"] - 1)

    await site.ben.does("draft:set", room="hallway", text="not yet")
    draft = await site.ben_there.hears("draft")
    assert draft["text"] == "not yet"
    assert site.ben.told("draft") == site.cleo.told("draft") == []

    await site.here.services.users.change(site.ana.id, {"name": "Ana Maria"})
    await site.cleo.hears(
        "presence", lambda p: any(u.get("name") == "Ana Maria" for u in p["users"])
    )
    assert typing["room"] == sent_room(site.cleo)


def sent_room(member: Member) -> str:
    room: str = member.told("messages")[0]["room"]
    return room


async def test_a_node_that_was_killed_is_missed_no_longer(site: Site) -> None:
    bus = site.here.services.core.bus
    assert isinstance(bus, BeatingBus)
    bus._pulse.heard("killed", Beat(at=0.0))
    bus._pulse._others["killed"] -= bus._pulse.patience_s
    await eventually(lambda: bus.others == 1, "only the living one is waited for")


async def test_presence_on_one_node_shows_on_the_other(site: Site) -> None:
    dana = await site.there.enters(await site.here.invites("dana"))
    for state in ("online", "idle", "online"):
        await dana.does("presence:set", state=state)
        shown = {"id": dana.id, "state": state}
        await site.ana.hears("presence", lambda told, shown=shown: shown in told["users"])
        site.ana.forgets()


async def test_who_was_removed_here_gets_nothing_committed_later_there(site: Site) -> None:
    room = (await site.ana.does("room:create", name="secret", kind="private"))["room"]["id"]
    for member in (site.ben, site.cleo):
        await site.ana.does("room:invite", room=room, user=member.id)
    await site.cleo.hears("room:updated", lambda u: u["room"]["id"] == room)
    for member in (site.ben_there, site.cleo, site.ana):
        await member.joins(room)
    removing = asyncio.create_task(site.ana.does("room:remove", room=room, user=site.cleo.id))
    for n in range(20):
        await site.ana.sends(f"during {n}", room)
    removed = await removing
    for n in range(5):
        await site.ana.sends(f"after {n}", room)
    await site.cleo.hears("room:removed", lambda r: r["room"] == room)
    await site.ben_there.sees("after 4")
    assert not [text for text in site.cleo.texts() if text.startswith("after")]
    shown = [batch for batch in site.cleo.told("messages") if batch["room"] == room]
    assert all(batch["rev"] < removed["rev"] for batch in shown)


async def test_an_ended_session_ends_on_the_other_node_at_once(site: Site) -> None:
    await site.here.services.accounts.disabling.disable(site.cleo.id)
    await site.cleo.is_cut_off()


async def test_failed_sign_ins_are_counted_by_both_nodes_together(site: Site) -> None:
    doors = [house.services.accounts.sign_in for house in (site.here, site.there)]
    client = Client(address="192.0.2.7")
    for n in range(PER_NAME):
        with pytest.raises(Unauthenticated):
            await doors[n % 2].attempt("ben", "wrong password", client)
    await eventually(
        lambda: not any(tries_left(house) for house in (site.here, site.there)), "all are counted"
    )
    for door in doors:
        with pytest.raises(RateLimited):
            await door.attempt("ben", PASSWORD, client)


def tries_left(house: House) -> int:
    """How many more sign-ins of ben may fail on this node."""
    windows = house.services.accounts.limiter._windows
    item = RateLimitItemPerMinute(PER_NAME)
    return windows.get_window_stats(item, "sign-in name", fingerprint("ben")).remaining


async def test_topics_and_ephemeral_events_cross(site: Site) -> None:
    here, there = TopicClients(site.here), TopicClients(site.there)
    ana = await here.opens(site.ana.user)
    cleo = await there.opens(site.cleo.user)
    await here.http("POST", "/api/topics", site.ana.user, json={"topic": "s", "ephemeral": True})
    directory = site.there.services.topics.directory
    await eventually(lambda: directory.known("s") is not None, "the topic is known")
    await ana.publishes("s", 1)
    answer = await cleo.does("subscribe", topic="s")
    await eventually(lambda: bool(cleo.heard) or answer["items"], "the newest value is there")
    await ana.publishes("s", 2)
    await cleo.hears(lambda batch: batch["items"][0]["data"] == 2)
    late = await (await there.opens(site.ben.user)).does("subscribe", topic="s")
    assert [event["data"] for event in late["items"]] == [2]
    await ana.publishes("durable", {"n": 1})
    await cleo.subscribes("durable")
    await ana.publishes("durable", {"n": 2})
    await cleo.sees("durable", {"n": 2})
