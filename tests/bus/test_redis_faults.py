"""Redis dies, hangs, forgets and moves: a node hears again by itself, and knows what it missed."""

import time
from itertools import pairwise
from pathlib import Path

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from app.bus import redis_bus
from app.bus.bus import EVERY_NODE
from app.bus.redis_bus import RedisBus
from app.bus.redis_connection import site_on_redis, unopened
from app.bus.redis_layout import clustered
from app.storage.mongod import free_port
from tests.bus.conftest import MakeBus, Nodes
from tests.harness.redis_server import RedisServer
from tests.harness.waiting import eventually


@pytest.fixture
def quick_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_bus, "BEAT_EVERY_S", 0.2)
    monkeypatch.setattr(redis_bus, "RETRY_S", 0.05)


async def test_a_killed_redis_is_found_again_and_everything_looked_at(
    over_redis: MakeBus, nodes: Nodes, redis: RedisServer, quick_beats: None
) -> None:
    ana, ben = await nodes.joins(over_redis), await nodes.joins(over_redis, "a", "b")
    await eventually(lambda: ben.bus.is_hearing, "ben hears")
    redis.is_killed()
    await eventually(lambda: not ben.bus.is_hearing, "ben knows")
    ana.says("a", "lost")
    ben.looks.clear()
    await redis.starts()
    await eventually(lambda: {"a", "b", EVERY_NODE} <= set(ben.looks), "all is looked at")
    await eventually(lambda: ana.bus.is_hearing and ben.bus.is_hearing, "both hear")

    def hears_again() -> bool:
        # Until ana is back too, what she says may be dropped, or come later.
        ana.says("a", "again")
        return ben.texts[-1:] == ["again"]

    await eventually(hears_again, "ben hears ana")


async def test_a_message_of_another_form_ends_nothing(
    over_redis: MakeBus, nodes: Nodes, redis: RedisServer
) -> None:
    ana, ben = await nodes.joins(over_redis), await nodes.joins(over_redis, "a")
    ben.looks.clear()
    async with Redis.from_url(redis.url) as stranger:
        (channel,) = [c for c in await stranger.pubsub_channels() if c.endswith(b":a")]
        for message in (b"", b"rubbish", b"two words", b"\xff \xff {}"):
            await stranger.publish(channel, message)
    ana.says("a", "on")
    await eventually(lambda: ben.texts == ["on"], "ben goes on")
    assert ben.looks == []


async def test_an_outage_is_logged_at_its_begin_and_end(
    over_redis: MakeBus, nodes: Nodes, redis: RedisServer, quick_beats: None
) -> None:
    ben = await nodes.joins(over_redis)
    await eventually(lambda: ben.bus.is_hearing, "ben hears")
    assert isinstance(ben.bus, RedisBus)
    outage = ben.bus._outage
    with capture_logs() as logged:
        redis.is_killed()
        await eventually(lambda: outage._pause_s > 0.2, "it has tried several times")
        await redis.starts()
        await eventually(lambda: "bus is back" in [e["event"] for e in logged], "that is logged")
    warnings = [line["reason"] for line in logged if line["event"] == "bus is interrupted"]
    assert warnings
    assert all(one != other for one, other in pairwise(warnings))


async def test_a_redis_that_hangs_is_noticed(
    over_redis: MakeBus, nodes: Nodes, redis: RedisServer, quick_beats: None
) -> None:
    ben = await nodes.joins(over_redis, "a")
    await eventually(lambda: ben.bus.is_hearing, "ben hears")
    redis.freezes()
    try:
        await eventually(lambda: not ben.bus.is_hearing, "ben knows")
        ben.looks.clear()
    finally:
        redis.thaws()
    await eventually(lambda: "a" in ben.looks, "ben looks at what it may have missed")


async def test_a_connection_that_redis_ends_is_made_anew(
    over_redis: MakeBus, nodes: Nodes, redis: RedisServer, quick_beats: None
) -> None:
    ana, ben = await nodes.joins(over_redis), await nodes.joins(over_redis, "a")
    ben.looks.clear()
    async with Redis.from_url(redis.url) as client:
        await client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    await eventually(lambda: "a" in ben.looks, "it subscribed anew")
    ana.says("a", "hi")
    await eventually(lambda: "hi" in ben.texts, "it hears")


async def test_others_are_told_that_hints_were_dropped(
    over_redis: MakeBus, nodes: Nodes, redis: RedisServer, quick_beats: None
) -> None:
    """The other node has noticed nothing by itself: its own connections are fine."""
    ana, ben = await nodes.joins(over_redis), await nodes.joins(over_redis, "a")
    ben.looks.clear()
    assert isinstance(ana.bus, RedisBus)
    ana.bus._outgoing.drop()
    ana.says("b", "the next hint")
    await eventually(lambda: "a" in ben.looks, "ben looks")


async def test_sites_with_other_secrets_do_not_hear_each_other(
    nodes: Nodes, redis: RedisServer
) -> None:
    ana, ben, cleo = [
        await nodes.joins(lambda: RedisBus(redis.url, site_on_redis(secret), time.monotonic))  # noqa: B023
        for secret in ("one secret", "one secret", "another secret")
    ]
    ana.says(EVERY_NODE, "hi")
    await eventually(lambda: ben.texts == ["hi"], "ben is of the site")
    assert cleo.texts == []
    assert "secret" not in site_on_redis("one secret")


async def test_a_password_goes_into_the_address(nodes: Nodes, tmp_path: Path) -> None:
    server = RedisServer(tmp_path, requirepass="a password")
    await server.starts()
    wrong = RedisBus(server.url, "site", time.monotonic)
    await wrong.start()
    try:
        url = server.url.replace("redis://", "redis://:a%20password@")
        ben = await nodes.joins(lambda: RedisBus(url, "site", time.monotonic))
        await eventually(lambda: ben.bus.lag_s > 0, "ben hears")
        assert wrong.lag_s == 0
    finally:
        await ben.bus.stop()
        await wrong.stop()
        server.ends()


async def test_a_redis_that_is_away_at_the_start_is_found_later(
    nodes: Nodes, tmp_path: Path, quick_beats: None
) -> None:
    server = RedisServer(tmp_path)
    bus = RedisBus(server.url, "site", time.monotonic)
    await bus.start()
    try:
        assert not bus.is_hearing
        await server.starts()
        await eventually(lambda: bus.is_hearing, "it hears")
    finally:
        await bus.stop()
        server.ends()


async def test_a_listener_with_nothing_to_hear_is_not_ended(redis: RedisServer) -> None:
    """The library's own time-out of five seconds would."""
    assert unopened(redis.url).socket_timeout is None  # type: ignore[attr-defined]


async def test_a_cluster_shards_the_channels(nodes: Nodes, tmp_path: Path) -> None:
    # By default its second port is 10,000 higher, where the system gives out ports by itself.
    ports = {"cluster-port": str(free_port(None))}
    server = RedisServer(tmp_path, **{"cluster-enabled": "yes"}, **ports)
    await server.starts()
    try:
        async with Redis.from_url(server.url) as client:
            await client.execute_command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
            await eventually(lambda: _is_whole(client), "the cluster is whole")
            make = lambda: RedisBus(server.url, "site", time.monotonic)  # noqa: E731
            ana, ben = await nodes.joins(make), await nodes.joins(make, "a", "b")
            for topic in ("a", "b", EVERY_NODE):
                ana.says(topic, f"in {topic}")
            await eventually(lambda: len(ben.heard) == 3, "ben heard all")
            shards = await client.execute_command("PUBSUB", "SHARDCHANNELS")
            assert {channel.split(b":")[-1] for channel in shards} == {b"a", b"b", b"nodes"}
            await ben.bus.stop()
            await ana.bus.stop()
    finally:
        server.ends()


async def _is_whole(client: Redis) -> bool:
    return b"cluster_state:ok" in await client.execute_command("CLUSTER", "INFO")


def test_the_layout_of_a_cluster_has_a_server_for_each_channel() -> None:
    ranges = [
        [0, 8191, [b"10.0.0.1", 7000, b"id"], [b"10.0.0.9", 7000, b"a replica"]],
        [8192, 16382, [b"::1", 7001, b"id"]],
        [16383, 16383, [b"", 7002, b"id"]],
    ]
    found = clustered("rediss://me:secret@asked:6379/0", ranges)
    assert list(found.urls) == [
        "rediss://me:secret@10.0.0.1:7000",
        "rediss://me:secret@[::1]:7001",
        "rediss://me:secret@asked:7002",
    ]
    assert {found.server_of(f"channel {n}") for n in range(100)} == {0, 1}
