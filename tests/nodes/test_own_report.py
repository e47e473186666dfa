"""The names of nodes, and the part of the replica set on their machine."""

import pytest

from app.nodes.own_report import database_report, node_name
from app.storage.topology import Topology
from tests.chat.house import settings_of

HERE = frozenset({"web1", "localhost", "127.0.0.1"})


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"port": 8000}, "web1:8000"),
        ({"port": 0}, "web1, process 7"),
        ({"port": 8000, "node_name": "blue"}, "blue"),
        ({"port": 8000, "node_name": "blue#2", "workers": 2}, "blue#2"),
    ],
)
def test_a_node_is_named_by_setting_or_place(settings: dict[str, object], name: str) -> None:
    assert node_name(settings_of(settings), "web1", 7) == name


def test_the_role_is_that_of_the_member_on_the_same_machine() -> None:
    members = {"web1:27017": "secondary", "web2:27017": "primary", "web3:27017": "other"}
    report = database_report(Topology("rs0", members), HERE)
    assert (report.role, report.primary, report.members) == ("secondary", "web2:27017", 3)


def test_a_node_without_a_member_and_a_set_without_a_primary() -> None:
    report = database_report(Topology("rs0", {"db1:27017": "secondary"}), HERE)
    assert (report.role, report.primary) == ("none", None)
    several = Topology("rs0", {"127.0.0.1:1": "secondary", "127.0.0.1:2": "primary"})
    assert database_report(several, HERE).role == "primary"
