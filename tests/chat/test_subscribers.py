"""The order in which events reach one connection."""

from typing import Any, cast

from app.chat.subscribers import Subscribers
from app.realtime.server_event import Event
from tests.chat.quiet import Quiet


def test_nothing_is_pushed_before_the_welcome_nor_lost() -> None:
    heard: list[Event] = []
    connection = Quiet()
    connection.send = heard.append  # type: ignore[method-assign]
    subscriber = Subscribers(cast(Any, None)).add(connection)
    welcome, news, secret = Event("welcome", {}), Event("news", {}), Event("secret", {}, "room")
    subscriber.tell(news)
    subscriber.tell(secret)
    subscriber.lose("room")
    assert heard == []
    subscriber.welcome(welcome)
    assert [event.name for event in heard] == ["welcome", "news", "room:removed"]
    subscriber.tell(news)
    assert heard[-1] is news


def test_the_room_that_is_watched_is_forgotten_with_the_connection() -> None:
    subscribers, connection = Subscribers(cast(Any, None)), Quiet()
    subscriber = subscribers.add(connection)
    subscribers.watch(subscriber, "hallway")
    assert subscribers.watching("hallway") == {"ana"}
    subscribers.watch(subscriber, "workshop")
    assert subscribers.watching("hallway") == set()
    assert subscribers.remove(connection) is subscriber
    subscribers.watch(subscriber, "workshop")
    assert subscribers.watching("workshop") == set()
    assert subscribers._watched == subscribers._watching == {}
    assert subscribers.remove(connection) is None


def test_those_who_look_elsewhere_are_the_connections_without_the_room() -> None:
    subscribers = Subscribers(cast(Any, None))
    subscribers.add(Quiet()).rooms.add("hallway")
    assert subscribers.elsewhere(["ana", "ben"], "hallway") == []
    subscribers.add(Quiet())
    assert subscribers.elsewhere(["ana", "ben"], "hallway") == ["ana"]
    assert subscribers.elsewhere(["ben"], "hallway") == []
