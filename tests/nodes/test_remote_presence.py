"""The people of other nodes, as these have told them."""

import pytest

from app.nodes.remote_presence import Before, RemotePresence


@pytest.fixture
def people() -> RemotePresence:
    return RemotePresence()


def heard(people: RemotePresence) -> list[Before]:
    told: list[Before] = []
    people.changed.listen(told.append)
    return told


def test_a_person_has_a_value_for_each_node_that_they_are_on(people: RemotePresence) -> None:
    people.update("one", {"ana": "online", "ben": "idle"})
    people.update("two", {"ana": "away"})
    assert people.of("ana") == ("online", "away")
    assert people.of("ben") == ("idle",)
    assert people.of("cleo") == ()
    assert people.among({"ana", "cleo"}) == {"ana"}
    assert len(people) == 3


def test_only_those_whose_values_have_changed_are_told(people: RemotePresence) -> None:
    people.update("one", {"ana": "online", "ben": "idle"})
    told = heard(people)
    people.update("one", {"ana": "online", "ben": None, "cleo": None})
    assert told == [{"ben": ("idle",)}]
    assert people.of("ben") == ()


def test_a_replaced_node_loses_those_who_are_not_named(people: RemotePresence) -> None:
    people.update("one", {"ana": "online", "ben": "idle"})
    told = heard(people)
    people.replace("one", {"ana": "away"})
    assert told == [{"ana": ("online",), "ben": ("idle",)}]
    assert (people.of("ana"), people.of("ben")) == (("away",), ())


def test_people_of_a_dead_node_go_in_one_change(people: RemotePresence) -> None:
    people.update("one", {"ana": "online", "ben": "online"})
    people.update("two", {"ana": "online"})
    told = heard(people)
    people.keep_only({"two"})
    assert told == [{"ana": ("online", "online"), "ben": ("online",)}]
    assert people.of("ana") == ("online",)
    assert people.of("ben") == ()
    people.keep_only({"two"})
    assert len(told) == 1
