"""Promises of every way of the bus, over a real Redis and over a real MongoDB."""

from app.bus.bus import EVERY_NODE, HINT_BYTES
from app.bus.gauges import bus_gauges
from tests.bus.conftest import Ear, MakeBus, Nodes
from tests.harness.waiting import eventually


async def test_a_hint_reaches_those_who_follow_its_topic(make_bus: MakeBus, nodes: Nodes) -> None:
    ana = await nodes.joins(make_bus)
    ben = await nodes.joins(make_bus, "room:1", "room:2")
    cleo = await nodes.joins(make_bus, "room:2")
    for text in "abc":
        ana.says("room:1", text)
    ana.says("room:2", "d")
    await eventually(lambda: len(ben.heard) == 4, "ben heard all")
    await eventually(lambda: cleo.heard == [("room:2", "d")], "cleo heard hers")
    assert ben.heard == [("room:1", "a"), ("room:1", "b"), ("room:1", "c"), ("room:2", "d")]
    assert ana.heard == []


async def test_all_nodes_hear_the_topic_of_every_node(make_bus: MakeBus, nodes: Nodes) -> None:
    ears = [await nodes.joins(make_bus) for _ in range(3)]
    ears[0].says(EVERY_NODE, "hi")
    await eventually(lambda: [e.texts for e in ears] == [[], ["hi"], ["hi"]], "both others heard")


async def test_nothing_is_heard_after_the_last_unfollow(make_bus: MakeBus, nodes: Nodes) -> None:
    ana, ben = await nodes.joins(make_bus), await nodes.joins(make_bus, "a", "b")
    ben.bus.follow("a")
    ben.bus.unfollow("a")
    ana.says("a", "still")
    await eventually(lambda: ben.texts == ["still"], "one follow is left")
    ben.bus.unfollow("a")
    ben.bus.unfollow("a")
    ana.says("a", "not this")
    ana.says("b", "but this")
    await eventually(lambda: "but this" in ben.texts, "the other topic is heard")
    assert ben.texts == ["still", "but this"]


async def test_a_topic_that_is_followed_later_is_heard(make_bus: MakeBus, nodes: Nodes) -> None:
    ana, ben = await nodes.joins(make_bus), await nodes.joins(make_bus)
    ben.bus.follow("late")
    await eventually(lambda: _said_and_heard(ana, ben), "it is heard")


def _said_and_heard(ana: Ear, ben: Ear) -> bool:
    ana.says("late", "hi")
    return bool(ben.heard)


async def test_a_topic_that_is_followed_later_is_looked_at(make_bus: MakeBus, nodes: Nodes) -> None:
    """Nothing here has heard of the commits before."""
    ben = await nodes.joins(make_bus)
    ben.bus.follow("late")
    await eventually(lambda: "late" in ben.looks, "ben looks")


async def test_what_a_hint_of_another_version_said_is_looked_up(
    make_bus: MakeBus, nodes: Nodes
) -> None:
    ana, ben = await nodes.joins(make_bus), await nodes.joins(make_bus, "a")
    ben.looks.clear()
    ana.bus.publish("a", "word", {"of": "a newer version"})
    await eventually(lambda: "a" in ben.looks, "ben looks at the truth")
    assert ben.heard == []


async def test_a_listener_that_fails_ends_nothing(make_bus: MakeBus, nodes: Nodes) -> None:
    ana, ben = await nodes.joins(make_bus), await nodes.joins(make_bus)
    ben.bus.listen("bad", int, lambda *_: 1 / 0)
    ana.bus.publish(EVERY_NODE, "bad", 1)
    ana.bus.publish(EVERY_NODE, "bad", "not a number")
    ana.bus.publish(EVERY_NODE, "unknown to ben", {"of": "a newer version"})
    ana.says(EVERY_NODE, "on")
    await eventually(lambda: ben.texts == ["on"], "ben goes on")


async def test_a_hint_that_is_too_long_is_not_sent(make_bus: MakeBus, nodes: Nodes) -> None:
    ana, ben = await nodes.joins(make_bus), await nodes.joins(make_bus)
    ana.says(EVERY_NODE, "x" * HINT_BYTES)
    ana.says(EVERY_NODE, "short")
    await eventually(lambda: ben.texts == ["short"], "the short one came")


async def test_nodes_know_of_each_other_and_of_a_goodbye(make_bus: MakeBus, nodes: Nodes) -> None:
    ana, ben = await nodes.joins(make_bus), await nodes.joins(make_bus)
    await eventually(lambda: (ana.bus.others, ben.bus.others) == (1, 1), "each knows the other")
    assert not ana.bus.is_alone
    await eventually(lambda: ana.bus.lag_s > 0, "its own beat came back")
    shown = {gauge.name: gauge.read() for gauge in bus_gauges(ana.bus)}
    assert shown["bus_way"] == {"change stream": 1, "redis": 2}[ana.bus.way]
    assert shown["bus_other_nodes"] == 1
    assert 0 < shown["bus_lag_seconds"] < 5
    await ben.bus.stop()
    await eventually(lambda: ana.bus.others == 0, "it left")
