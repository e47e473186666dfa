"""Lists of members as JSON: each member is encoded once, and again after a change."""

from collections.abc import Callable, Iterable
from typing import Any, cast

import msgspec
import pytest

from app.accounts.models import User
from app.accounts.users import Users
from app.chat import member_lists, profile_changes
from app.chat.member_lists import MemberLists
from app.chat.models import Membership, Room
from app.chat.presence import Presence
from app.chat.profile_changes import ProfileChanges
from app.chat.room_view import RoomObserver, RoomView
from app.chat.room_views import RoomViews
from app.chat.serializer import Serializer
from tests.chat.quiet import Quiet


class People:
    """Accounts that are all in the cache, but for those in `uncached`."""

    def __init__(self, *names: str) -> None:
        self.users = {name: User(id=name, username=name, name=name.title()) for name in names}
        self.uncached: set[str] = set()
        self.asked: list[str] = []
        self.meanwhile: list[Callable[[], None]] = []

    def known(self, user_id: str) -> User | None:
        return None if user_id in self.uncached else self.users.get(user_id)

    async def many(self, ids: Iterable[str]) -> dict[str, User]:
        """As they are now; then does what is to happen while the database answers."""
        self.asked += ids
        found = {user_id: self.users[user_id] for user_id in ids if user_id in self.users}
        while self.meanwhile:
            self.meanwhile.pop()()
        return found


class OneRoom:
    """One room with its lists."""

    def __init__(self, *names: str) -> None:
        self.people = People(*names)
        self.presence, self.renamed = Presence(), ProfileChanges()
        self.view = RoomView(RoomObserver())
        self.view.room = Room(id="hall", slug="hall", name="Hall", kind="open", owner=names[0])
        self.view.members = {name: Membership(user=name) for name in names}
        views = cast(RoomViews, self)
        users = cast(Users, self.people)
        serializer = Serializer(users, views, self.presence)
        self.lists = MemberLists(users, serializer, self.presence, self.renamed)

    def owner(self, _: str) -> str:
        return self.view.room.owner

    def has_members(self, *names: str) -> None:
        """Take these over as the members, as when the room is read anew."""
        self.view.reset(self.view.room, [Membership(user=name) for name in names], [], 0)

    async def members(self) -> list[dict[str, Any]]:
        found = msgspec.json.decode((await self.lists.of(self.view).shown()).members)
        return cast(list[dict[str, Any]], found)

    async def encoded(self) -> list[str]:
        """The names of those who are encoded for the next answer."""
        self.people.asked.clear()
        await self.members()
        return self.people.asked


async def test_members_are_encoded_once_and_again_after_a_change() -> None:
    room = OneRoom("ana", "ben", "cleo")
    assert [m["role"] for m in await room.members()] == ["owner", "member", "member"]
    assert await room.encoded() == []
    room.presence.set(Quiet(room.people.users["ben"]), "online")
    assert await room.encoded() == ["ben"]
    assert [m["state"] for m in await room.members()] == ["offline", "online", "offline"]
    room.people.users["cleo"] = User(id="cleo", username="cleo", name="Cleopatra")
    room.renamed.note("cleo")
    assert await room.encoded() == ["cleo"]
    assert [m["name"] for m in await room.members()] == ["Ana", "Ben", "Cleopatra"]


async def test_after_more_changes_than_are_remembered_all_are_encoded() -> None:
    room = OneRoom("ana", "ben")
    await room.members()
    for number in range(profile_changes.REMEMBERED + 1):
        room.renamed.note(f"somebody-{number}")
    assert await room.encoded() == ["ana", "ben"]


async def test_a_list_is_put_together_once_between_two_changes() -> None:
    room = OneRoom("ana", "ben")
    members = room.lists.of(room.view)
    assert await members.shown() is await members.shown()
    assert members.reads() is members.reads()
    assert room.view.mark_read("ben", 7)
    assert msgspec.json.decode(members.reads()) == {"ana": 0, "ben": 7}
    room.has_members("ben")
    assert msgspec.json.decode(members.reads()) == {"ben": 0}


async def test_those_who_left_and_those_without_an_account_are_left_out() -> None:
    room = OneRoom("ana", "ben")
    await room.members()
    room.has_members("ana", "gone")
    assert [m["id"] for m in await room.members()] == ["ana"]
    room.has_members("ana")
    assert [m["id"] for m in await room.members()] == ["ana"]
    assert list(room.lists.of(room.view)._encoded) == ["ana"]


async def test_members_who_are_not_cached_have_the_names_of_their_accounts() -> None:
    room = OneRoom("ana", "ben")
    room.people.uncached = {"ben"}
    assert [m["name"] for m in await room.members()] == ["Ana", "Ben"]


async def test_what_changes_while_the_accounts_are_read_is_in_the_answer() -> None:
    room = OneRoom("ana", "ben")
    room.people.uncached = {"ana", "ben", "cleo"}
    room.people.users["cleo"] = User(id="cleo", username="cleo", name="Cleo")

    def changes() -> None:
        room.people.users["ben"] = User(id="ben", username="ben", name="Benjamin")
        room.renamed.note("ben")
        room.has_members("ana", "ben", "cleo")

    room.people.meanwhile = [changes]
    assert [m["name"] for m in await room.members()] == ["Ana", "Benjamin", "Cleo"]


async def test_lists_are_bounded_as_they_are_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_lists, "CACHED_MEMBERS", 3)
    room = OneRoom("ana", "ben")
    other = RoomView(RoomObserver())
    other.room = Room(id="attic", slug="attic", name="Attic", kind="open", owner="ana")
    other.members = {"ana": Membership(user="ana")}
    attic, hall = room.lists.of(other), room.lists.of(room.view)
    assert room.lists.of(other) is attic
    assert room.lists.of(room.view) is hall
    other.members["ben"] = Membership(user="ben")
    assert room.lists.of(other) is attic
    assert room.lists.of(room.view) is not hall


async def test_of_a_large_room_a_part_is_shown_those_who_are_connected_first() -> None:
    room = OneRoom(*(f"p{number:03}" for number in range(300)))
    users = room.people.users
    for number in (250, 7, 290):
        room.presence.set(Quiet(users[f"p{number:03}"]), "online")
    members = room.lists.of(room.view)
    shown = await members.shown()
    first = [m["id"] for m in await room.members()][:4]
    assert (first, len(shown.ids), members.online) == (["p007", "p250", "p290", "p000"], 200, 3)
    # Somebody goes, somebody comes: the others stay where they are.
    away = Quiet(users["p299"])
    room.presence.set(away, "away")
    assert [m["id"] for m in await room.members()][3] == "p299"
    assert await room.encoded() == []
    room.presence.leave(away)
    assert [m["id"] for m in await room.members()][3] == "p000"
    assert members.online == 3


async def test_those_who_are_not_shown_cost_the_list_nothing() -> None:
    room = OneRoom(*(f"p{number:03}" for number in range(600)))
    users = room.people.users
    for number in range(300):
        room.presence.set(Quiet(users[f"p{number:03}"]), "online")
    members = room.lists.of(room.view)
    shown = await members.shown()
    late = Quiet(users["p599"])
    room.presence.set(late, "online")
    room.renamed.note("p420")
    assert await members.shown() is shown
    assert members.online == 301
    room.presence.leave(late)
    assert await members.shown() is shown
    assert room.lists.of(room.view).online == 300
    room.renamed.note("p100")
    assert await room.encoded() == ["p100"]


async def test_a_large_rooms_rev_stands_for_the_set_of_its_members() -> None:
    names = [f"p{number:03}" for number in range(150)]
    room, other = OneRoom(*names), OneRoom(*reversed(names))
    rev = (await room.lists.of(room.view).shown()).rev
    assert (await other.lists.of(other.view).shown()).rev == rev
    room.presence.set(Quiet(room.people.users["p003"]), "online")
    assert (await room.lists.of(room.view).shown()).rev == rev
    room.has_members(*names[1:])
    assert (await room.lists.of(room.view).shown()).rev != rev
    room.has_members(*names)
    assert (await room.lists.of(room.view).shown()).rev == rev
