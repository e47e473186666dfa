"""Messages in the form in which they go to clients."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from app.accounts.models import User
from app.accounts.users import Users
from app.chat.presence import Presence
from app.chat.room_views import RoomViews
from app.chat.serializer import Serializer
from app.streams.models import Item

ANA = User(id="ana", username="ana", name="Ana")
ROBOT = User(id="robot", username="robot", name="Robot", is_bot=True)


class Known:
    """The cache of accounts, and rooms without owners."""

    def __init__(self, *users: User) -> None:
        self.users = {user.id: user for user in users}

    def known(self, user_id: str) -> User | None:
        return self.users.get(user_id)

    def owner(self, _: str) -> str | None:
        return None


def shown(
    body: Mapping[str, Any], sender: str = "ana", *known: User, deleted: bool = False
) -> dict[str, Any]:
    """A message as clients get it where the accounts of `known` are in the cache."""
    cache = Known(*known)
    serializer = Serializer(cast(Users, cache), cast(RoomViews, cache), Presence())
    item = Item(
        id="m1",
        stream="room:r1",
        seq=1,
        rev=2,
        sender=sender,
        client_id="c",
        at=datetime(2026, 1, 2, tzinfo=UTC),
        body={"text": "hi", "html": "<p>hi</p>", "name": "Name of then"} | dict(body),
        deleted=deleted,
    )
    return cast(dict[str, Any], serializer.message(item))


def test_author_has_the_name_of_now_or_the_one_that_is_kept() -> None:
    assert shown({}, "ana", ANA)["by"] == {"id": "ana", "name": "Ana"}
    assert shown({}, "ana")["by"] == {"id": "ana", "name": "Name of then"}


def test_programs_are_marked_with_an_account_and_without() -> None:
    assert shown({}, "robot", ROBOT)["by"]["bot"] is True
    assert shown({"bot": True}, "hook")["by"] == {"id": "hook", "name": "Name of then", "bot": True}


def test_deleted_message_has_no_content() -> None:
    gone = shown({"mentions": ["ana"], "edited_at": "x"}, deleted=True)
    assert sorted(gone) == ["at", "by", "client_id", "deleted", "id", "rev", "room", "seq"]


def test_optional_fields_are_there_where_they_say_something() -> None:
    assert not {"reply_to", "edited_at", "system", "deleted"} & shown({}).keys()
    full = shown({"reply_to": "m0", "edited_at": "2026-01-02T00:00:00.000Z"})
    assert (full["reply_to"], full["edited_at"]) == ("m0", "2026-01-02T00:00:00.000Z")


def test_mentions_show_the_name_of_now() -> None:
    html = '<p><span class="mention" data-user="ana">@Old</span></p>'
    found = shown({"html": html, "mentions": ["ana"]}, "ben", ANA)
    assert found["html"] == html.replace("@Old", "@Ana")
