"""The order in which events reach one connection."""

from typing import Any, cast

from app.chat.subscribers import Subscribers
from app.realtime.events import Event
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
