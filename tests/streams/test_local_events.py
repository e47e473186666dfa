"""Topics within one process: pure."""

from datetime import UTC, datetime

from app.streams.local_events import LocalEvent, LocalEvents

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_subscribers_of_the_topic_are_told_in_turn() -> None:
    topics, heard = LocalEvents(lambda: NOW), []
    topics.subscribe("news", lambda event: heard.append(("first", event)))
    topics.subscribe("news", lambda event: heard.append(("second", event)))
    topics.subscribe("other", lambda event: heard.append(("other", event)))
    assert topics.publish("news", {"n": 1}, "ana") == 2
    event = LocalEvent(topic="news", data={"n": 1}, sender="ana", timestamp=NOW)
    assert heard == [("first", event), ("second", event)]


def test_who_left_is_told_nothing() -> None:
    topics, heard = LocalEvents(lambda: NOW), []
    leave = topics.subscribe("news", heard.append)
    leave()
    leave()
    assert topics.publish("news", {}, "ana") == 0
    assert not topics.has_subscribers("news")
    assert heard == []


def test_one_that_fails_does_not_keep_it_from_the_others() -> None:
    topics, heard = LocalEvents(lambda: NOW), []

    def fails(_: LocalEvent) -> None:
        raise RuntimeError("a defect")

    topics.subscribe("news", fails)
    topics.subscribe("news", heard.append)
    assert topics.publish("news", {}, "ana") == 2
    assert len(heard) == 1
