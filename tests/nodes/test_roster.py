"""Leases: who is alive, by the database's clock."""

from datetime import timedelta

import pytest
from pymongo.errors import AutoReconnect

from app.nodes.models import NodeReport, PresenceVersion
from app.nodes.presence_exchange import PresenceExchange
from app.nodes.roster import Roster
from app.nodes.store import FORGOTTEN_AFTER_S, LEASE_S, NodeStore
from app.storage.mongo import Database
from app.times import now
from tests.nodes.reports import report


class Node:
    """A node whose clock is turned by hand."""

    def __init__(self, name: str, database: Database) -> None:
        self.report: NodeReport = report(name, PresenceVersion())
        self.store = NodeStore(database)
        self.seconds = 0.0
        self.was_asked: list[bool] = []
        self.people = PresenceExchange(name, self.store, lambda _: None, lambda: None, self._time)
        self.reports_made = 0
        self.beating: set[str] = set()
        self.roster = Roster(
            name,
            self.store,
            self.people,
            self._make_report,
            self._drain,
            self._time,
            lambda node: node in self.beating,
        )
        self.told: list[set[str]] = []
        self.roster.seen.listen(lambda ids: self.told.append(set(ids)))

    def _make_report(self) -> NodeReport:
        self.reports_made += 1
        return self.report

    def _time(self) -> float:
        return self.seconds

    def _drain(self, drains: bool) -> None:
        self.was_asked.append(drains)

    async def looks(self, after_s: float = 0.0) -> set[str]:
        """The ids of those that are alive."""
        self.seconds += after_s
        await self.roster.begin()
        return set(self.roster.ids)


async def ages(database: Database, name: str, seconds: float) -> None:
    """The node's lease was renewed so long ago."""
    past = now() - timedelta(seconds=seconds)
    await database.collection("nodes").update_one({"_id": name}, {"$set": {"renewed": past}})


async def test_nodes_know_each_other(database: Database) -> None:
    one, two = Node("one", database), Node("two", database)
    assert await one.looks() == {"one"}
    assert await two.looks() == {"one", "two"}
    assert await one.looks() == {"one", "two"}


async def test_a_node_makes_its_report_only_where_it_renews(database: Database) -> None:
    node = Node("one", database)
    for _ in range(3):
        await node.looks(after_s=0.5)
    assert node.reports_made == 1


async def test_a_lease_that_is_not_renewed_ends(database: Database) -> None:
    one, two = Node("one", database), Node("two", database)
    await one.looks()
    await two.looks()
    await ages(database, "one", LEASE_S - 1)
    assert await two.looks() == {"one", "two"}
    await ages(database, "one", LEASE_S + 0.1)
    assert await two.looks() == {"two"}
    assert [node.name for node in await two.roster.nodes()] == ["two"]
    assert await one.looks(after_s=2.1) == {"one", "two"}


async def test_one_that_lost_only_the_database_lives_by_its_beats_for_a_while(
    database: Database,
) -> None:
    one, two = Node("one", database), Node("two", database)
    await one.store.write_people("one", 1, {"ana": "online"})
    one.report.people = PresenceVersion(rev=1)
    await one.looks()
    await two.looks()
    two.beating = {"one"}
    await ages(database, "one", LEASE_S + 0.1)
    assert await two.looks() == {"one", "two"}
    assert two.people.others.of("ana") == ("online",)
    assert await two.looks(after_s=FORGOTTEN_AFTER_S - 1) == {"one", "two"}
    assert await two.looks(after_s=1) == {"two"}
    assert two.people.others.of("ana") == ()
    assert await one.looks(after_s=2.1) == {"one", "two"}
    await two.looks()
    await ages(database, "one", LEASE_S + 0.1)
    assert await two.looks() == {"one", "two"}


async def test_one_whose_beats_end_with_its_lease_is_dead(database: Database) -> None:
    one, two = Node("one", database), Node("two", database)
    await one.looks()
    two.beating = {"one"}
    await two.looks()
    await ages(database, "one", LEASE_S + 0.1)
    assert await two.looks() == {"one", "two"}
    two.beating = set()
    assert await two.looks() == {"two"}


async def test_after_an_outage_the_others_get_the_time_to_renew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = Node("one", database), Node("two", database)
    await one.looks()
    await two.looks()

    async def fails(*_: object) -> None:
        raise AutoReconnect("away")

    with monkeypatch.context() as patched:
        patched.setattr(two.store, "renew", fails)
        two.seconds += 2.1
        assert await two.roster.tries() is False
    await ages(database, "one", LEASE_S + 3)
    two.told.clear()
    assert await two.looks(after_s=1) == {"one", "two"}
    assert two.told == []
    assert await two.looks(after_s=LEASE_S) == {"two"}
    assert two.told == [{"two"}]


async def test_a_dead_node_is_deleted_with_its_people(database: Database) -> None:
    one, two = Node("one", database), Node("two", database)
    await one.looks()
    await one.store.write_people("one", 1, {"ana": "online"})
    await ages(database, "one", FORGOTTEN_AFTER_S - 5)
    await two.looks()
    assert await one.store.people("one") == {"ana": "online"}
    await ages(database, "one", FORGOTTEN_AFTER_S + 1)
    await two.looks(after_s=31)
    assert await one.store.people("one") == {}
    assert await database.collection("nodes").count_documents({"_id": "one"}) == 0


async def test_one_that_was_deleted_writes_its_people_anew(database: Database) -> None:
    one = Node("one", database)
    await one.looks()
    one.people.note("ana", "online")
    place = one.people.version
    await database.collection("nodes").delete_many({})
    await one.looks(after_s=2.1)
    one.people.set_has_peers(has_peers=True)
    await one.people.flush()
    assert one.people.version.epoch == place.epoch + 1
    assert await one.store.people("one") == {"ana": "online"}


async def test_a_node_that_is_asked_to_drain_reads_it_with_its_renewal(database: Database) -> None:
    one = Node("one", database)
    await one.looks()
    assert await one.store.ask_to_drain(["one", "dead"], drains=True)
    assert not await one.store.ask_to_drain(["another"], drains=True)
    await one.looks()
    assert one.was_asked == []
    await one.looks(after_s=2.1)
    assert one.was_asked == [True]


async def test_each_request_to_drain_or_to_stop_it_is_read_once(database: Database) -> None:
    one = Node("one", database)
    await one.looks()
    for drains in (True, False, False):
        assert await one.store.ask_to_drain(["one"], drains=drains)
        await one.looks(after_s=2.1)
        # Drained by a signal meanwhile, it would be put back without anybody's asking.
        await one.looks(after_s=2.1)
    assert one.was_asked == [True, False, False]


async def test_a_request_of_the_version_before_is_read(database: Database) -> None:
    one = Node("one", database)
    await one.looks()
    await database.collection("nodes").update_one({"_id": "one"}, {"$set": {"drain": True}})
    await one.looks(after_s=2.1)
    assert one.was_asked == [True]


async def test_a_worker_sees_that_the_others_of_its_server_drain(database: Database) -> None:
    one, two, other = (Node(name, database) for name in ("one", "two", "other"))
    one.report.server = two.report.server = "s"
    other.report.state = "draining"
    await other.looks()
    await one.looks()
    assert not one.roster.server_drains
    one.report.state = "draining"
    await one.looks(after_s=2.1)
    await two.looks()
    assert two.roster.server_drains


async def test_a_report_comes_back_as_it_was_written(database: Database) -> None:
    one = Node("one", database)
    one.report.connections = {"websocket": 3}
    one.report.name = "$name"
    await one.looks()
    (read,) = await one.store.living()
    assert read == one.report
